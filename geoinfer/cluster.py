"""A Dask cluster as workers: the same tasks on other machines, which see the same folder or URLs.

Dask's scheduler gives the tasks of a lost worker to another one. A photo that takes down several workers is given up.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from typing import Any

from geoinfer.engines import engine_version
from geoinfer.errors import EngineError
from geoinfer.tasks import AHEAD, Answer, Task, keep_asking, perform

PATIENCE_SECONDS = 20


class Cluster:
    """Workers of a Dask scheduler.

    Parameters
    ----------
    address
        Such as ``tcp://10.0.0.1:8786``.
    engine
        Name of the reading engine.

    Raises
    ------
    EngineError
        If the scheduler cannot be reached, has no workers, or they read with other models than this machine would.
    """

    def __init__(self, address: str, engine: str) -> None:
        try:
            import distributed
        except ImportError as error:
            raise EngineError("--dask needs the package distributed: pip install 'geoinfer[cluster]'") from error
        self._engine = engine
        try:
            client: Any = distributed.Client
            self._client = client(address, timeout=PATIENCE_SECONDS, set_as_default=False)
            self._client.wait_for_workers(1, timeout=PATIENCE_SECONDS)
        except (OSError, TimeoutError, ValueError) as error:
            raise EngineError(
                f"{address}: no Dask scheduler with workers answers there; start them with 'dask scheduler' and "
                "'dask worker ADDRESS'"
            ) from error
        here = engine_version(engine)
        others = {str(there) for there in self._client.run(engine_version, engine).values()} - {here}
        if others:
            self.close()
            raise EngineError(f"{address}: its workers read with {sorted(others)[0]}, this machine with {here}")

    def answers(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Answer]]:
        """Do tasks."""
        ahead = max(1, sum(self._client.nthreads().values())) * AHEAD

        with self._client.get_executor(pure=False) as executor:
            yield from keep_asking(
                len(tasks), ahead, lambda index: executor.submit(perform, tasks[index], self._engine), _answer
            )

    def close(self) -> None:
        """Leave the cluster; it goes on for others."""
        with contextlib.suppress(OSError, TimeoutError):
            self._client.close(timeout=5)


def _answer(future: Any, again: bool) -> Answer | None:
    from distributed import KilledWorker

    try:
        answer: Answer = future.result()
    except KilledWorker:
        return "took down every worker that tried it; valid: JPEG, PNG, WebP, TIFF or HEIC as cameras write them"
    except CancelledError:
        return None if not again else "was lost with its worker twice"
    return answer
