"""Occupying a folder: two runs never write into one at the same time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geoinfer.errors import OccupiedError

LOCK = ".geoinfer.lock"


@contextmanager
def occupy(folder: Path) -> Iterator[None]:
    """Keep other runs out of a folder; the operating system lets go of it if this process dies.

    Raises
    ------
    OccupiedError
        If another run is in it.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(folder / LOCK, timeout=0, is_singleton=True)
    try:
        lock.acquire()
    except Timeout as error:
        raise OccupiedError(
            f"{folder}: another run of geoinfer is writing there; wait until it ends, or choose another folder with -o"
        ) from error
    try:
        yield
    finally:
        lock.release()
