"""Workers: what looks at photos and reads them, in this process, in several, or on a Dask cluster.

All three take tasks and give answers as they are ready, a few tasks ahead of what was taken, so that memory stays flat
whatever the number of photos. A photo that crashes its process, or takes too long, costs that photo alone.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from geoinfer.errors import EngineError, PhotoError
from geoinfer.inputs import Source
from geoinfer.looks import Look, look_of
from geoinfer.photos import MAX_BYTES, PhotoRecord, decode_photo, glance, printable, read_bytes
from geoinfer.readings_cache import PhotoSigns

if TYPE_CHECKING:
    from geoinfer.engines import Engine

AHEAD = 4
MOST_CROPS = 60
PHOTO_SECONDS = 60
"""A photo that takes longer is given up."""
VIDEO_SECONDS = 900
TASKS_PER_PROCESS = 2000
"""A process is renewed after so many photos: decoders of strangers' files may leak."""

Frames: TypeAlias = tuple[tuple[tuple[int, Path], ...], bool]
Answer: TypeAlias = "Look | PhotoSigns | Frames | str"


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker is asked: to ``look`` at a photo, to ``read`` it, or for the ``frames`` of a video."""

    what: str
    source: Source
    folder: Path | None = None


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


def perform(task: Task, engine: str, threads: int = 1) -> Answer:
    """Do one task. What is wrong with the file is the answer; only a missing engine is an error.

    Raises
    ------
    EngineError
        If the engine cannot be opened.
    """
    try:
        if task.what == "frames":
            from geoinfer.videos import extract_frames

            assert task.folder is not None
            return extract_frames(Path(task.source.place), task.folder)
        data = fetch(task.source)
        if task.what == "look":
            pixels, size = glance(data, printable(task.source.name, 200))
            return look_of(pixels, sha256(data).hexdigest(), size)
        return read_photo_file(data, task.source, _engine(engine, threads, threading.get_ident()))
    except PhotoError as error:
        return str(error)
    except EngineError:
        raise
    except (OSError, MemoryError, ValueError, ArithmeticError) as error:
        return f"{type(error).__name__}: {printable(str(error), 300)}"


def fetch(source: Source) -> bytes:
    """Read the bytes of a source, from a file or a URL.

    Raises
    ------
    PhotoError
        If they cannot be read.
    """
    if not source.is_remote:
        return read_bytes(Path(source.place), printable(source.name, 200))
    import fsspec

    try:
        with fsspec.open(source.place, "rb") as stream:
            data: bytes = stream.read(MAX_BYTES + 1)
    except Exception as error:  # every file system has errors of its own
        raise PhotoError(f"{source.name}: cannot be fetched ({printable(str(error), 120)})") from error
    if not data or len(data) > MAX_BYTES:
        raise PhotoError(f"{source.name}: valid are files of 1 byte to {MAX_BYTES / 1e6:.0f} MB")
    return data


def read_photo_file(data: bytes, source: Source, engine: Engine) -> PhotoSigns:
    """Read the bytes of one photo.

    Raises
    ------
    PhotoError
        If they are no readable photograph.
    """
    from geoinfer.readings import crop, number_lines
    from geoinfer.signs import find_signs

    photo = decode_photo(data, printable(source.name, 200), Path(source.name))
    prefix = f"photo-{photo.sha256[:10]}"
    lines = engine.read(photo.pixels)
    readings = number_lines(lines, engine.name, prefix)
    signs = find_signs(readings, photo.pixels, prefix)
    crops = {r.id: crop(photo.pixels, r.polygon) for sign in signs for r in sign.readings[:MOST_CROPS]}
    record = PhotoRecord(
        photo.file,
        photo.sha256,
        photo.width,
        photo.height,
        dict(photo.exif),
        signs,
        dict(source.origin),
        getattr(lines, "unread", 0),
    )
    return PhotoSigns(record, crops)


@lru_cache(maxsize=8)
def _engine(name: str, threads: int, thread: int) -> Engine:
    """Open an engine once for every thread of a worker."""
    from geoinfer.engines import open_engine

    del thread
    return open_engine(name, threads=threads)


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


def keep_asking(
    tasks: int, ahead: int, ask: Callable[[int], Any], answer: Callable[[Any, bool], Answer | None]
) -> Iterator[tuple[int, Answer]]:
    """Keep a bounded number of futures in flight.

    Parameters
    ----------
    tasks
        How many there are.
    ahead
        How many may be in flight.
    ask
        Index of a task to its future.
    answer
        Future that is done, and whether this was its second trial, to the answer; None to try once more.
    """
    from concurrent.futures import FIRST_COMPLETED, wait

    waiting = iter(range(tasks))
    flight: dict[Any, int] = {}
    second: set[int] = set()
    while True:
        for index in islice(waiting, ahead - len(flight)):
            flight[ask(index)] = index
        if not flight:
            return
        done, _ = wait(flight, return_when=FIRST_COMPLETED)
        for future in done:
            index = flight.pop(future)
            result = answer(future, index in second)
            if result is None:
                second.add(index)
                flight[ask(index)] = index
            else:
                yield index, result


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
