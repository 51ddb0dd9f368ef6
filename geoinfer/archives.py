"""Archives: zip and tar, unpacked with limits into files whose names geoinfer chooses.

A member never decides where it is written: it gets a number, and its own name is only shown. Links, devices and
encrypted members are refused, and so is what would expand beyond the limits.
"""

from __future__ import annotations

import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import IO, Any

from geoinfer.photos import MAX_BYTES, printable
from geoinfer.telegram import EXPORT, posts

ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
MOST_MEMBERS = 200_000
MOST_RATIO = 200
"""Photos are compressed already: a member that shrank more than this is a bomb."""
MOST_EXPANDED = 50_000_000_000
CHUNK = 1 << 20


@dataclass(frozen=True)
class Unpacked:
    """The members of an archive: names in it with the files they were written to, and what was refused."""

    files: tuple[tuple[str, Path], ...]
    problems: tuple[dict[str, str], ...]

    @cached_property
    def _exports(self) -> dict[PurePosixPath, Mapping[str, Mapping[str, str | float]]]:
        return {
            PurePosixPath(name).parent: posts(path) for name, path in self.files if PurePosixPath(name).name == EXPORT
        }

    def posted(self, name: str) -> Mapping[str, str | float]:
        """Give what a channel export in the archive says about a member."""
        member = PurePosixPath(name)
        for folder, said in self._exports.items():
            if member.is_relative_to(folder) and (facts := said.get(member.relative_to(folder).as_posix())):
                return facts
        return {}


def unpack(archive: Path, shown: str, folder: Path, suffixes: tuple[str, ...]) -> Unpacked:
    """Unpack an archive.

    Parameters
    ----------
    archive
        The file.
    shown
        Its name for people.
    folder
        Where to put the members; made where it is missing.
    suffixes
        Lower-case suffixes of the members that are wanted; channel exports always are.

    Returns
    -------
    All that could be unpacked. A broken archive gives what came before the fault, and a problem.
    """
    files: list[tuple[str, Path]] = []
    problems: list[dict[str, str]] = []
    expanded = 0

    def refuse(name: str, why: str) -> None:
        problems.append({"file": printable(f"{shown}/{name}" if name else shown, 200), "error": why})

    try:
        folder.mkdir(parents=True, exist_ok=True)
        opened = _zip_members if archive.name.lower().endswith(".zip") else _tar_members
        for number, (name, size, packed, content) in enumerate(opened(archive, refuse)):
            if not name.lower().endswith((*suffixes, EXPORT)):
                continue
            if number >= MOST_MEMBERS:
                refuse("", f"more than {MOST_MEMBERS} members: the rest was left")
                break
            if size > MAX_BYTES:
                refuse(name, f"{size / 1e6:.0f} MB is more than the limit of {MAX_BYTES / 1e6:.0f} MB")
            elif packed and size > MOST_RATIO * packed and size > CHUNK:
                refuse(name, f"expands {size // packed} times; valid: at most {MOST_RATIO} times")
            elif expanded + size > MOST_EXPANDED:
                refuse("", f"expands beyond {MOST_EXPANDED / 1e9:.0f} GB: the rest was left")
                break
            else:
                target = folder / f"{number:06d}{PurePosixPath(name).suffix[:8].lower()}"
                written = _write(content, target, size)
                expanded += written
                files.append((name, target))
    except (OSError, EOFError, ValueError, RuntimeError, zipfile.BadZipFile, tarfile.TarError, zlib.error) as error:
        refuse(
            "", f"broken archive ({printable(str(error), 120)}); {len(files)} members were unpacked before the fault"
        )
    if not files and not problems:
        refuse("", "no photos or videos in it")
    return Unpacked(tuple(sorted(files)), tuple(problems))


Member = tuple[str, int, int, IO[bytes]]


def _zip_members(archive: Path, refuse: Any) -> Iterator[Member]:
    with zipfile.ZipFile(archive) as opened:
        for info in opened.infolist():
            if info.is_dir():
                continue
            if info.flag_bits & 1:
                refuse(info.filename, "encrypted: unpack the archive yourself and name the folder")
                continue
            try:
                with opened.open(info) as content:
                    yield _inside(info.filename), info.file_size, info.compress_size, content
            except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as error:
                refuse(info.filename, f"broken in the archive ({printable(str(error), 120)})")


def _tar_members(archive: Path, refuse: Any) -> Iterator[Member]:
    with tarfile.open(archive) as opened:
        for info in opened:
            if info.isdir():
                continue
            content = opened.extractfile(info) if info.isreg() else None
            if content is None:
                refuse(info.name, "a link or a device: not followed")
                continue
            yield _inside(info.name), info.size, 0, content


def _inside(name: str) -> str:
    """Keep a member's name inside its archive: it is shown, and compared with channel exports."""
    return "/".join(part for part in name.replace("\\", "/").split("/") if part not in ("", ".", ".."))


def _write(content: IO[bytes], target: Path, size: int) -> int:
    """Write no more than was announced, whatever the archive holds."""
    left = size
    with target.open("wb") as out:
        while left > 0 and (chunk := content.read(min(CHUNK, left))):
            out.write(chunk)
            left -= len(chunk)
    return size - left
