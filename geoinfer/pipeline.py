"""Photos in, signs out: reads many photos, keeps what is done, and lets no file stop the rest.

Readings are kept per photo in `OUT/.readings/`, named by the hash of the photo and of the engine, so that an
interrupted run goes on where it stopped.
"""

from __future__ import annotations

import base64
import json
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoinfer.errors import PhotoError
from geoinfer.photos import MAX_BYTES, PhotoRecord, find_photos, load_photo, printable
from geoinfer.readings import Reading, crop, read_photo
from geoinfer.signs import Entry, Sign, find_signs

if TYPE_CHECKING:
    from geoinfer.engines import Engine

CACHE = ".readings"
CACHE_FORMAT = 1
AHEAD = 4
MOST_CROPS = 60

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class PhotoSigns:
    """What one photo gave.

    Attributes
    ----------
    record
        The photo with its signs.
    crops
        Reading id to the PNG bytes of its crop.
    """

    record: PhotoRecord
    crops: Mapping[str, bytes]


@dataclass
class Harvest:
    """What many photos gave.

    Attributes
    ----------
    photos
        In the order of the files.
    problems
        ``{"file": ..., "error": ...}`` for every file that could not be used.
    interrupted
        True if reading was stopped before the last photo.
    engine
        Version of the engine that read, with its models.
    origins
        Where each photo was read, by its name in the report.
    """

    photos: list[PhotoSigns] = field(default_factory=list)
    problems: list[dict[str, str]] = field(default_factory=list)
    interrupted: bool = False
    engine: str = ""
    origins: dict[str, Path] = field(default_factory=dict)


def read_one(path: Path, name: str, engine: Engine) -> PhotoSigns:
    """Read one photo.

    Raises
    ------
    PhotoError
        If the file is not a readable photograph.
    """
    photo = load_photo(path, name=name)
    prefix = f"photo-{photo.sha256[:10]}"
    readings = read_photo(photo, engine, prefix)
    signs = find_signs(readings, photo.pixels, prefix)
    height, width = photo.pixels.shape[:2]
    crops = {r.id: crop(photo.pixels, r.polygon) for sign in signs for r in sign.readings[:MOST_CROPS]}
    return PhotoSigns(PhotoRecord(photo.file, photo.sha256, width, height, dict(photo.exif), signs), crops)


def read_photos(
    paths: Sequence[str | Path],
    engine: str = "signs",
    *,
    jobs: int = 1,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> Harvest:
    """Read all photos that files, folders and globs name.

    Parameters
    ----------
    paths
        Files, folders (searched through) and globs.
    engine
        Name of a reading engine, see `geoinfer.engines.open_engine`.
    jobs
        Processes that read at the same time.
    cache
        Folder to keep readings in, or None.
    progress
        Called with (done, total, file name) after every photo.

    Returns
    -------
    What was read. Ctrl-C ends the reading, not the harvest: `Harvest.interrupted` is then true.

    Raises
    ------
    EngineError
        If the engine cannot be opened.
    """
    files = [file for file in find_photos(paths) if not _of_a_case(file)]
    names = shown_names(files)
    reader = _Reader(engine, cache)
    harvest = Harvest(engine=reader.open().version)
    results: dict[int, PhotoSigns | str] = {}
    tell = progress or (lambda done, total, name: None)
    try:
        for done, (index, result) in enumerate(_read_all(files, names, reader, jobs), start=1):
            results[index] = result
            tell(done, len(files), names[index])
    except KeyboardInterrupt:
        harvest.interrupted = True
    seen: dict[str, str] = {}
    for index in range(len(files)):
        outcome = results.get(index)
        if outcome is None:
            harvest.problems.append({"file": names[index], "error": "not read: the run was interrupted"})
        elif isinstance(outcome, str):
            harvest.problems.append({"file": names[index], "error": outcome})
        elif outcome.record.sha256 in seen:
            same = seen[outcome.record.sha256]
            harvest.problems.append({"file": names[index], "error": f"same bytes as {same}: counted once"})
        else:
            seen[outcome.record.sha256] = names[index]
            harvest.photos.append(outcome)
            harvest.origins[outcome.record.file] = files[index].absolute()
    return harvest


def _of_a_case(file: Path) -> bool:
    """Tell whether a file is one that geoinfer wrote: the crops of a case are no photos of the next."""
    case = file.parent.parent
    return file.parent.name == "crops" and all((case / name).is_file() for name in ("ledger.jsonl", "report.json"))


def shown_names(files: Sequence[Path]) -> list[str]:
    """Name files relative to the folder that they share, so that no path of the user's machine is told.

    Examples
    --------
    >>> shown_names([Path("/home/me/case/a.jpg"), Path("/home/me/case/b/c.jpg")])
    ['a.jpg', 'b/c.jpg']
    """
    if not files:
        return []
    absolute = [file.absolute() for file in files]
    common = Path(os.path.commonpath([str(file.parent) for file in absolute]))
    return [file.relative_to(common).as_posix() for file in absolute]


def _read_all(
    files: Sequence[Path], names: Sequence[str], reader: _Reader, jobs: int
) -> Iterator[tuple[int, PhotoSigns | str]]:
    if jobs > 1 and len(files) > 1:
        yield from _in_processes(files, names, reader.name, min(jobs, len(files)), reader.cache)
        return
    for index, (file, name) in enumerate(zip(files, names, strict=True)):
        yield index, reader(file, name)


def _in_processes(
    files: Sequence[Path], names: Sequence[str], engine: str, jobs: int, cache: Path | None
) -> Iterator[tuple[int, PhotoSigns | str]]:
    import multiprocessing

    todo = list(enumerate(zip(files, names, strict=True)))
    crashed: set[int] = set()
    while todo:
        done: set[int] = set()
        pool = ProcessPoolExecutor(
            jobs,
            multiprocessing.get_context("spawn"),
            _start_worker,
            (engine, cache, max(1, (os.cpu_count() or 1) // jobs)),
        )
        try:
            yield from _drain(pool, todo, jobs, done)
            todo = []
        except BrokenProcessPool:
            # A file took its process down. What was in flight is tried alone, so that only the guilty one is lost.
            todo = [item for item in todo if item[0] not in done]
            suspect = todo[0][0]
            if jobs == 1 or suspect in crashed:
                yield (
                    suspect,
                    "its content made the reader crash; valid: JPEG, PNG, WebP, TIFF or HEIC as cameras write them",
                )
                todo = todo[1:]
            crashed.add(suspect)
            jobs = 1
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _drain(
    pool: ProcessPoolExecutor, todo: Sequence[tuple[int, tuple[Path, str]]], jobs: int, done: set[int]
) -> Iterator[tuple[int, PhotoSigns | str]]:
    waiting = iter(todo)
    flight: dict[Future[PhotoSigns | str], int] = {}
    while True:
        while len(flight) < jobs * AHEAD and (item := next(waiting, None)) is not None:
            flight[pool.submit(_work, *item[1])] = item[0]
        if not flight:
            return
        finished, _ = wait(flight, return_when=FIRST_COMPLETED)
        for future in finished:
            result = future.result()
            index = flight.pop(future)
            done.add(index)
            yield index, result


class _Reader:
    """Reads one photo after the other with one engine, through the cache."""

    def __init__(self, engine: str, cache: Path | None, threads: int = 0) -> None:
        self.name, self.cache, self._threads = engine, cache, threads
        self._engine: Engine | None = None

    def open(self) -> Engine:
        from geoinfer.engines import open_engine

        if self._engine is None:
            self._engine = open_engine(self.name, threads=self._threads)
        return self._engine

    def __call__(self, file: Path, name: str) -> PhotoSigns | str:
        try:
            engine = self.open()
            kept = self._kept(file, engine)
            if kept is not None and kept.is_file():
                try:
                    return from_json(json.loads(kept.read_text(encoding="utf-8")), name)
                except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                    kept.unlink()
            result = read_one(file, name, engine)
            if kept is not None:
                kept.parent.mkdir(parents=True, exist_ok=True)
                fresh = kept.with_suffix(f".{os.getpid()}")
                fresh.write_text(json.dumps(to_json(result), ensure_ascii=False), encoding="utf-8")
                fresh.replace(kept)
            return result
        except PhotoError as error:
            return str(error)
        except (OSError, MemoryError, ValueError, ArithmeticError) as error:
            return f"{type(error).__name__}: {error}"[:500]

    def _kept(self, file: Path, engine: Engine) -> Path | None:
        # What is no plain file, or too large for a photo, is left to the loader, which says so.
        if self.cache is None or not file.is_file() or file.stat().st_size > MAX_BYTES:
            return None
        digest = sha256(file.read_bytes()).hexdigest()
        key = sha256(f"{CACHE_FORMAT}|{digest}|{engine.name}|{engine.version}".encode()).hexdigest()
        return self.cache / CACHE / f"{key[:40]}.json"


_worker: _Reader | None = None


def _start_worker(engine: str, cache: Path | None, threads: int) -> None:
    global _worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _worker = _Reader(engine, cache, threads)


def _work(file: Path, name: str) -> PhotoSigns | str:
    assert _worker is not None
    return _worker(file, name)


def to_json(result: PhotoSigns) -> dict[str, Any]:
    """Give what a photo gave as plain values; `from_json` is the way back."""
    crops = {key: base64.b64encode(png).decode("ascii") for key, png in result.crops.items()}
    return {"record": asdict(result.record), "crops": crops}


def from_json(value: Mapping[str, Any], name: str) -> PhotoSigns:
    """Take back what `to_json` gave, under the file name of today.

    Raises
    ------
    KeyError, TypeError, ValueError
        If `value` is not such a value.
    """
    record = value["record"]
    signs = tuple(
        Sign(
            **{
                **sign,
                "polygon": _points(sign["polygon"]),
                "entries": tuple(Entry(**{**entry, "readings": tuple(entry["readings"])}) for entry in sign["entries"]),
                "routes": tuple(sign["routes"]),
                "readings": tuple(_reading(reading) for reading in sign["readings"]),
            }
        )
        for sign in record["signs"]
    )
    crops = {key: base64.b64decode(png, validate=True) for key, png in value["crops"].items()}
    return PhotoSigns(PhotoRecord(**{**record, "file": printable(name, 200), "signs": signs}), crops)


def _reading(value: Mapping[str, Any]) -> Reading:
    alternatives = tuple((str(text), float(p)) for text, p in value["alternatives"])
    return Reading(**{**value, "polygon": _points(value["polygon"]), "alternatives": alternatives})


def _points(value: Sequence[Sequence[float]]) -> tuple[tuple[float, float], ...]:
    return tuple((float(x), float(y)) for x, y in value)
