"""Workers: what looks at photos and reads them, in this process, in several, or on a Dask cluster.

All three take tasks and give answers as they are ready, a few tasks ahead of what was taken, so that memory stays flat
whatever the number of photos. A photo that crashes its process, or takes too long, costs that photo alone.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from geoinfer.errors import EngineError
from geoinfer.tasks import AHEAD, Answer, Task, keep_asking, perform

PHOTO_SECONDS = 60
"""A photo that takes longer is given up."""
VIDEO_SECONDS = 900
TASKS_PER_PROCESS = 2000
"""A process is renewed after so many photos: decoders of strangers' files may leak."""


class Workers(Protocol):
    """Whoever does tasks."""

    def answers(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Answer]]:
        """Do tasks; give the index of each and its answer, which is a text where it could not be done."""

    def close(self) -> None:
        """Stop."""


def open_workers(engine: str, jobs: int = 0, dask: str | None = None) -> Workers:
    """Open workers.

    Parameters
    ----------
    engine
        Name of a reading engine, see `geoinfer.engines.open_engine`.
    jobs
        Processes, each with one thread. 0: this process, without limits of time.
    dask
        Address of a Dask scheduler such as ``tcp://10.0.0.1:8786``; `jobs` is then not used.

    Raises
    ------
    EngineError
        If the scheduler cannot be reached, or its workers have other models.
    """
    if dask:
        from geoinfer.cluster import Cluster

        return Cluster(dask, engine)
    return Processes(engine, jobs) if jobs > 0 else ThisProcess(engine)


class ThisProcess:
    """Workers that are none: every task is done here."""

    def __init__(self, engine: str) -> None:
        self._engine = engine

    def answers(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Answer]]:
        """Do tasks one after the other."""
        for index, task in enumerate(tasks):
            yield index, perform(task, self._engine, threads=os.cpu_count() or 1)

    def close(self) -> None:
        """Nothing to stop."""


class Processes:
    """Workers in processes of this machine."""

    def __init__(self, engine: str, jobs: int) -> None:
        import multiprocessing

        from pebble import ProcessPool

        self._engine, self._jobs = engine, jobs
        self._pool: Any = ProcessPool(
            max_workers=jobs,
            max_tasks=TASKS_PER_PROCESS,
            initializer=_ignore_interrupts,
            context=multiprocessing.get_context("spawn"),
        )

    def answers(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Answer]]:
        """Do tasks; one that took its process down is tried once more, since a neighbour may have been the cause."""

        def ask(index: int) -> Any:
            seconds = VIDEO_SECONDS if tasks[index].what == "frames" else PHOTO_SECONDS
            return self._pool.schedule(perform, args=(tasks[index], self._engine), timeout=seconds)

        yield from keep_asking(len(tasks), self._jobs * AHEAD, ask, _answer)

    def close(self) -> None:
        """Stop the processes, whatever they do."""
        self._pool.stop()
        self._pool.join()


def _answer(future: Any, again: bool) -> Answer | None:
    from concurrent.futures.process import BrokenProcessPool

    from pebble import ProcessExpired

    try:
        answer: Answer = future.result()
    except TimeoutError:
        return "took too long to decode or read and was given up; valid: photos as cameras and messengers write them"
    except ProcessExpired:
        if not again:
            return None
        return "its content made the reader crash; valid: JPEG, PNG, WebP, TIFF or HEIC as cameras write them"
    except BrokenProcessPool as error:
        raise EngineError(
            "no process could be started; a script needs `if __name__ == '__main__':` round its calls, or jobs=0"
        ) from error
    return answer


def _ignore_interrupts() -> None:
    # Ctrl-C reaches every process of a terminal; only the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(ImportError):
        import cv2

        cv2.setNumThreads(1)
