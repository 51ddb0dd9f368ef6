"""Tasks: what a worker is asked, how it is done, and how a bounded number of them is kept in flight."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from geoinfer.errors import EngineError, PhotoError
from geoinfer.inputs import Source
from geoinfer.looks import Look, look_of
from geoinfer.photos import MAX_BYTES, PhotoRecord, decode_photo, glance, printable, read_bytes
from geoinfer.readings_cache import PhotoSigns

if TYPE_CHECKING:
    from geoinfer.engines import Engine

AHEAD = 4
"""Tasks in flight for every worker."""
MOST_CROPS = 60

Frames: TypeAlias = tuple[tuple[tuple[int, Path], ...], bool]
Answer: TypeAlias = "Look | PhotoSigns | Frames | str"


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker is asked: to ``look`` at a photo, to ``read`` it, or for the ``frames`` of a video."""

    what: str
    source: Source
    folder: Path | None = None


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
