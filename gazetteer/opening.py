"""Opening the tables inside sources: a text file, or the one table in a zip archive.

Sources come from strangers: an archive that unpacks to far more than its size, and a line without an end, are refused
before they fill the memory.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gazetteer.errors import GazetteerError

MOST_BYTES = 4 << 30
"""Largest table that is read: all of GeoNames is 1.7 GB."""

BOMB_BYTES, BOMB_RATIO = 64 << 20, 100
"""An archive member larger than this, packed tighter than this, is no table of places: real ones pack 3 to 10 to 1."""

LONGEST_LINE = 400_000
"""Characters in the longest line that is read; the longest real one, Jerusalem's in GeoNames, has some 10,000."""


@dataclass(slots=True)
class Table:
    """A table that is open.

    Attributes
    ----------
    name
        The member of the archive, or the file.
    date
        ISO date of its data as far as the file tells, else empty.
    size
        Bytes.
    """

    stream: io.TextIOBase
    name: str
    date: str
    size: int
    _bar: Any = None

    def show_progress(self, wanted: bool) -> None:
        """Show a bar on standard error while lines are read."""
        from tqdm import tqdm

        self._bar = tqdm(total=self.size, unit="B", unit_scale=True, desc=self.name, disable=not wanted)

    def lines(self, longest: int = LONGEST_LINE) -> Iterator[tuple[int, str | None]]:
        """Give lines with their numbers from 1; None for a line that is too long."""
        number = 0
        while line := self.stream.readline(longest):
            number += 1
            if self._bar is not None:
                self._bar.update(len(line.encode()))
            if len(line) < longest or line.endswith("\n"):
                yield number, line
                continue
            while line and not line.endswith("\n"):
                line = self.stream.readline(longest)
            yield number, None
        if self._bar is not None:
            self._bar.close()


@contextmanager
def open_table(path: Path, valid: str) -> Iterator[Table]:
    """Open the table in a source.

    Parameters
    ----------
    path
        A text file, or a zip archive with one table in it.
    valid
        What would be a valid file, for the message of an error.

    Raises
    ------
    GazetteerError
        The file cannot be read, or the archive holds no table, several, or one that is too large.
    """
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                info = _member(path, archive, valid)
                year = info.date_time[0]
                date = "-".join(f"{part:02d}" for part in info.date_time[:3]) if year > 1980 else _changed(path)
                with archive.open(info) as raw:
                    stream = io.TextIOWrapper(raw, encoding="utf-8-sig", errors="replace", newline="\n")
                    yield Table(stream, info.filename, date, info.file_size)
        else:
            size = path.stat().st_size
            with path.open(encoding="utf-8-sig", errors="replace", newline="\n") as text:
                yield Table(text, path.name, _changed(path), size)
    except (OSError, zipfile.BadZipFile, EOFError, RuntimeError, NotImplementedError, zipfile.LargeZipFile) as error:
        reason = getattr(error, "strerror", None) or error
        raise GazetteerError(f"{path} cannot be read: {reason}; valid is {valid}") from error


def _member(path: Path, archive: zipfile.ZipFile, valid: str) -> zipfile.ZipInfo:
    tables = [info for info in archive.infolist() if _is_table(info.filename)]
    names = ", ".join(info.filename[:60] for info in archive.infolist()[:10]) or "nothing"
    if len(tables) != 1:
        raise GazetteerError(f"{path} holds {names}; valid is {valid}")
    (info,) = tables
    packed = max(info.compress_size, 1)
    if info.file_size > MOST_BYTES or (info.file_size > BOMB_BYTES and info.file_size / packed > BOMB_RATIO):
        raise GazetteerError(
            f"{path}: {info.filename[:60]} would unpack to {info.file_size:,} bytes from {packed:,}, which no table of "
            f"places does; valid is {valid}"
        )
    return info


def _is_table(name: str) -> bool:
    low = name.lower().rpartition("/")[2]
    return low.endswith((".txt", ".csv", ".tsv", ".geojson")) and not low.startswith(("readme", "iso-language", "._"))


def _changed(path: Path) -> str:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat()
