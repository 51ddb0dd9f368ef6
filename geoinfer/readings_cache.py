"""The readings cache: what photos gave, kept in one SQLite file, so that no photo is read twice.

A reading is kept under the hash of the photo's bytes and of all that decides what is read (engine, models, geoinfer's
own version). Every photo is one transaction that is on the disk before the next is begun: a killed run or a power cut
loses what was being read, and nothing else. A damaged file is put aside and begun anew.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from geoinfer import __version__
from geoinfer.lattice import Lattice
from geoinfer.looks import Look
from geoinfer.photos import PhotoRecord
from geoinfer.readings import Reading
from geoinfer.signs import Entry, Sign

FILE_NAME = ".readings.sqlite"
FORMAT = 2
SCHEMA = """
CREATE TABLE IF NOT EXISTS looks (sha256 TEXT PRIMARY KEY, width INT, height INT, bits BLOB, thumbnail BLOB);
CREATE TABLE IF NOT EXISTS readings (key TEXT PRIMARY KEY, record BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS crops (key TEXT, reading TEXT, png BLOB NOT NULL, PRIMARY KEY (key, reading));
CREATE TABLE IF NOT EXISTS videos (sha256 TEXT PRIMARY KEY, frames TEXT NOT NULL);
"""
Video = tuple[tuple[int, str], ...]


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


class ReadingsCache:
    """Readings of one engine, kept in a file.

    Parameters
    ----------
    file
        The SQLite file; ``:memory:`` keeps nothing.
    engine
        Name and version of the engine, with its models: readings of another one are not given.

    Attributes
    ----------
    put_aside
        Where a damaged file went, or None.
    """

    def __init__(self, file: Path | str, engine: str) -> None:
        self._engine = engine
        self.put_aside: Path | None = None
        try:
            self._open(str(file))
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError) or file == ":memory:":
                raise OSError(f"{file}: {error}") from error
            self.put_aside = Path(file).with_suffix(".damaged")
            Path(file).replace(self.put_aside)
            for journal in ("-wal", "-shm"):
                Path(f"{file}{journal}").unlink(missing_ok=True)
            self._open(str(file))

    def _open(self, file: str) -> None:
        self._db = sqlite3.connect(file, isolation_level=None, timeout=30)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        if self._db.execute("PRAGMA user_version").fetchone()[0] not in (0, FORMAT):
            for table in ("looks", "readings", "crops", "videos"):
                self._db.execute(f"DROP TABLE IF EXISTS {table}")
        self._db.executescript(SCHEMA)
        self._db.execute(f"PRAGMA user_version={FORMAT}")

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _key(self, photo: str) -> str:
        return sha256(f"{photo}|{self._engine}|{__version__}".encode()).hexdigest()[:40]

    def look(self, photo: str) -> Look | None:
        """Give the look of a photo, by its SHA-256."""
        row = self._one("SELECT sha256, width, height, bits, thumbnail FROM looks WHERE sha256=?", photo)
        return Look(*row) if row and len(row[3]) == 32 and len(row[4]) == 1024 else None

    def keep_look(self, look: Look) -> None:
        """Keep the look of a photo."""
        values = (look.sha256, look.width, look.height, look.bits, look.thumbnail)
        self._db.execute("INSERT OR REPLACE INTO looks VALUES (?,?,?,?,?)", values)

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Write what is kept inside as one transaction."""
        self._db.execute("BEGIN")
        try:
            yield
        finally:
            self._db.execute("COMMIT")

    def record(self, photo: str, name: str, origin: Mapping[str, str | float]) -> PhotoRecord | None:
        """Give what was read in a photo, under the name of today."""
        row = self._one("SELECT record FROM readings WHERE key=?", self._key(photo))
        if row is None:
            return None
        with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError, RecursionError, zlib.error):
            return record_from_json(json.loads(zlib.decompress(row[0])), name, origin)
        return None

    def keep(self, photo: str, signs: PhotoSigns) -> None:
        """Keep what a photo gave; it is on the disk when this returns."""
        key = self._key(photo)
        record = zlib.compress(json.dumps(asdict(signs.record), ensure_ascii=False).encode("utf-8", "surrogatepass"), 3)
        self._db.execute("BEGIN")
        self._db.execute("INSERT OR REPLACE INTO readings VALUES (?,?)", (key, record))
        self._db.executemany(
            "INSERT OR REPLACE INTO crops VALUES (?,?,?)", [(key, reading, png) for reading, png in signs.crops.items()]
        )
        self._db.execute("COMMIT")

    def crops(self, photos: Sequence[PhotoRecord]) -> Crops:
        """Give the crops of photos; each is fetched when it is asked for."""
        return Crops(self, {r.id: self._key(p.sha256) for p in photos for s in p.signs for r in s.readings})

    def crop(self, key: str, reading: str) -> bytes | None:
        """Give the crop of a reading."""
        row = self._one("SELECT png FROM crops WHERE key=? AND reading=?", key, reading)
        return bytes(row[0]) if row else None

    def video(self, sha: str) -> Video | None:
        """Give the seconds and hashes of the frames that a video has, by the video's SHA-256."""
        row = self._one("SELECT frames FROM videos WHERE sha256=?", sha)
        return tuple((int(second), str(frame)) for second, frame in json.loads(row[0])) if row else None

    def keep_video(self, sha: str, frames: Video) -> None:
        """Keep which frames a video has."""
        self._db.execute("INSERT OR REPLACE INTO videos VALUES (?,?)", (sha, json.dumps(frames)))

    def _one(self, query: str, *values: str) -> tuple[Any, ...] | None:
        try:
            row: tuple[Any, ...] | None = self._db.execute(query, values).fetchone()
        except sqlite3.DatabaseError:  # a damaged page: what it held is read anew
            return None
        return row


class Crops(Mapping[str, bytes]):
    """Crops by reading, fetched from the cache one by one."""

    def __init__(self, cache: ReadingsCache, keys: Mapping[str, str]) -> None:
        self._cache, self._keys = cache, keys

    def __getitem__(self, reading: str) -> bytes:
        png = self._cache.crop(self._keys[reading], reading)
        if png is None:
            raise KeyError(reading)
        return png

    def __contains__(self, reading: object) -> bool:
        return isinstance(reading, str) and reading in self._keys and self.get(reading) is not None

    def __iter__(self) -> Iterator[str]:
        return (reading for reading in self._keys if reading in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def record_from_json(value: Mapping[str, Any], name: str, origin: Mapping[str, str | float]) -> PhotoRecord:
    """Take back a record that was written as JSON, under the name of today.

    Raises
    ------
    KeyError, TypeError, ValueError
        If `value` is not such a record.
    """
    signs = tuple(
        Sign(
            **{
                **sign,
                "polygon": _points(sign["polygon"]),
                "entries": tuple(Entry(**{**entry, "readings": tuple(entry["readings"])}) for entry in sign["entries"]),
                "routes": tuple(sign["routes"]),
                "readings": tuple(reading_from_json(reading) for reading in sign["readings"]),
            }
        )
        for sign in value["signs"]
    )
    return PhotoRecord(**{**value, "file": name, "origin": dict(origin), "signs": signs})


def reading_from_json(value: Mapping[str, Any]) -> Reading:
    """Take back a reading that was written as JSON."""
    alternatives = tuple((str(text), float(p)) for text, p in value["alternatives"])
    lattice = Lattice(**value["lattice"]) if value.get("lattice") else None
    points = _points(value["polygon"])
    return Reading(**{**value, "polygon": points, "alternatives": alternatives, "lattice": lattice})


def _points(value: Sequence[Sequence[float]]) -> tuple[tuple[float, float], ...]:
    return tuple((float(x), float(y)) for x, y in value)
