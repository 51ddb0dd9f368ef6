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
from geoinfer.entries import Entry
from geoinfer.lattice import Lattice
from geoinfer.looks import Look
from geoinfer.photos import PhotoRecord
from geoinfer.readings import Reading
from geoinfer.signs import Sign

FILE_NAME = ".readings.sqlite"
MEMORY = ":memory:"
FORMAT = 2
SCHEMA = """
CREATE TABLE IF NOT EXISTS looks (sha256 TEXT PRIMARY KEY, width INT, height INT, bits BLOB, thumbnail BLOB);
CREATE TABLE IF NOT EXISTS readings (key TEXT PRIMARY KEY, record BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS crops (key TEXT, reading TEXT, png BLOB NOT NULL, PRIMARY KEY (key, reading));
"""


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
        self._engine, self._file = engine, str(file)
        self.put_aside: Path | None = None
        try:
            self._open(self._file)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError) or self._file == MEMORY:
                raise OSError(f"{file}: {error}") from error
            self.put_aside = Path(file).with_suffix(".damaged")
            Path(file).replace(self.put_aside)
            for journal in ("-wal", "-shm"):
                Path(f"{file}{journal}").unlink(missing_ok=True)
            self._open(self._file)

    def _open(self, file: str) -> None:
        self._db = sqlite3.connect(file, isolation_level=None, timeout=30)
        self._db.execute("PRAGMA journal_mode=WAL")
        if self._db.execute("PRAGMA user_version").fetchone()[0] not in (0, FORMAT):
            for table in ("looks", "readings", "crops"):
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
        """Keep the look of a photo; some of the last ones may be lost where power fails."""
        values = (look.sha256, look.width, look.height, look.bits, look.thumbnail)
        with self._transaction("NORMAL"):
            self._db.execute("INSERT OR REPLACE INTO looks VALUES (?,?,?,?,?)", values)

    @contextlib.contextmanager
    def _transaction(self, synchronous: str) -> Iterator[None]:
        """Write all or nothing.

        Raises
        ------
        OSError
            If nothing can be written, as on a full disk.
        """
        try:
            self._db.execute(f"PRAGMA synchronous={synchronous}")
            with self._db:
                self._db.execute("BEGIN")
                yield
        except sqlite3.Error as error:
            raise OSError(f"{self._file}: {error}; what was kept before is safe") from error

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
        crops = [(key, reading, png) for reading, png in signs.crops.items()]
        with self._transaction("FULL"):
            self._db.execute("INSERT OR REPLACE INTO readings VALUES (?,?)", (key, record))
            self._db.executemany("INSERT OR REPLACE INTO crops VALUES (?,?,?)", crops)

    def crops(self, photos: Sequence[PhotoRecord]) -> Mapping[str, bytes]:
        """Give the crops of photos. Those in a file are fetched one by one, also after the cache was closed."""
        keys = {r.id: self._key(p.sha256) for p in photos for s in p.signs for r in s.readings}
        crops = Crops(self._file, keys, self._db)
        return dict(crops) if self._file == MEMORY else crops

    def _one(self, query: str, *values: str) -> tuple[Any, ...] | None:
        try:
            row: tuple[Any, ...] | None = self._db.execute(query, values).fetchone()
        except sqlite3.DatabaseError:  # a damaged page: what it held is read anew
            return None
        return row


class Crops(Mapping[str, bytes]):
    """Crops by reading, fetched from the file one by one."""

    def __init__(self, file: str, keys: Mapping[str, str], db: sqlite3.Connection | None = None) -> None:
        self._file, self._keys = file, keys
        self._db = db if file == MEMORY else None

    def __getitem__(self, reading: str) -> bytes:
        db = self._db or sqlite3.connect(self._file)
        try:
            asked = (self._keys[reading], reading)
            row = db.execute("SELECT png FROM crops WHERE key=? AND reading=?", asked).fetchone()
        except sqlite3.DatabaseError as error:  # the file went away or was damaged since
            raise KeyError(reading) from error
        finally:
            if db is not self._db:
                db.close()
        if row is None:
            raise KeyError(reading)
        return bytes(row[0])

    def __contains__(self, reading: object) -> bool:
        return isinstance(reading, str) and self.get(reading) is not None

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
    lattice = Lattice.unpacked(str(value["lattice"]["packed"])) if value.get("lattice") else None
    points = _points(value["polygon"])
    return Reading(**{**value, "polygon": points, "alternatives": alternatives, "lattice": lattice})


def _points(value: Sequence[Sequence[float]]) -> tuple[tuple[float, float], ...]:
    return tuple((float(x), float(y)) for x, y in value)
