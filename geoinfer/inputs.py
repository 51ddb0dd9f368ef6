"""Inputs: the photos, archives, videos and channel exports that a user names, as one list of sources.

Nothing is read here but names, archives and exports. What is refused (a link out of the folder, a member of an archive
that is too large) is a problem that the report lists, never a reason to stop.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from geoinfer.archives import ARCHIVES, Unpacked, unpack
from geoinfer.errors import PhotoError
from geoinfer.photos import SUFFIXES, printable
from geoinfer.telegram import EXPORT, posts
from geoinfer.videos import VIDEOS

Facts = Mapping[str, str | float]


@dataclass(frozen=True, slots=True)
class Source:
    """One file to look at: a photo or a video.

    Attributes
    ----------
    name
        The name to show. Untrusted text.
    place
        Path of the file, or its URL.
    origin
        Where it comes from, as far as it is known: ``archive``; ``video`` and ``second``; ``posted`` (ISO 8601) and
        ``message`` of a channel export. Untrusted.
    kept
        False where `place` goes away after the run, as what was unpacked does.
    """

    name: str
    place: str
    origin: Facts = field(default_factory=dict)
    kept: bool = True

    @property
    def is_video(self) -> bool:
        """Whether the file is a video, by its suffix."""
        return PurePosixPath(self.name).suffix.lower() in VIDEOS

    @property
    def is_remote(self) -> bool:
        """Whether `place` is a URL."""
        return "://" in self.place


@dataclass(frozen=True)
class Inputs:
    """What there is to look at, and what was refused."""

    sources: tuple[Source, ...]
    problems: tuple[dict[str, str], ...]


def find_inputs(paths: Sequence[str | Path], unpack_to: Path) -> Inputs:
    """List the photos and videos that folders, files, globs, archives and URLs stand for.

    Folders are searched to the bottom, hidden files left out. A folder or archive with the ``result.json`` of a
    Telegram export gives its photos the date and number of their message. A file named outright is always listed, so
    that reading it can say what is wrong with it.

    Parameters
    ----------
    paths
        What the user named.
    unpack_to
        Folder in which members of archives are put; it goes away after the run.

    Returns
    -------
    In the order named, each folder and archive sorted, no file twice.
    """
    problems: list[dict[str, str]] = []
    remote = [str(path) for path in paths if "://" in str(path)]
    found: dict[Path, Path] = {}
    for path in (Path(path) for path in paths if "://" not in str(path)):
        for file, real in _expand(path, problems):
            found.setdefault(real, file)
    files = [file for file in found.values() if not _of_a_case(file)]
    sources: list[Source] = []
    exports = _Exports()
    for file, name in zip(files, shown_names(files), strict=True):
        if file.name.lower().endswith(ARCHIVES):
            members = unpack(file, printable(name, 200), unpack_to / f"{len(sources):06d}", (*SUFFIXES, *VIDEOS))
            problems += members.problems
            sources += _members(members, name)
        else:
            sources.append(Source(name, str(file.absolute()), exports.said_of(file)))
    for url in remote:
        sources += _remote(url, problems)
    return Inputs(tuple(sources), tuple(problems))


def shown_names(files: Sequence[Path]) -> list[str]:
    """Name files relative to the folder that they share, so that no path of the user's machine is told.

    Examples
    --------
    >>> shown_names([Path("/home/me/case/a.jpg"), Path("/home/me/case/b/c.jpg")])
    ['a.jpg', 'b/c.jpg']
    """
    if not files:
        return []
    absolute = [str(file.absolute()) for file in files]
    common = os.path.commonpath({os.path.dirname(file) for file in absolute})  # noqa: PTH120 (texts: there may be very many)
    return [file[len(common) :].lstrip(os.sep).replace(os.sep, "/") for file in absolute]


def _expand(path: Path, problems: list[dict[str, str]]) -> Iterator[tuple[Path, Path]]:
    """Give the files that a path stands for, each with the file that it is once links are followed."""
    if path.is_dir():
        yield from _walk(path, problems)
    elif not path.exists() and glob.has_magic(str(path)):
        home = _resolved(Path(os.path.dirname(str(path)[: _first_magic(str(path))])))  # noqa: PTH120 (keeps a last slash)
        found = glob.glob(str(path), recursive=True)  # noqa: PTH207 (Path.glob takes no absolute pattern)
        matches = [Path(match) for match in sorted(found)]
        for match in matches or [path]:
            if matches and not _resolved(match).is_relative_to(home):
                problems.append(_link_out(match))
            elif match.is_dir():
                yield from _walk(match, problems)
            else:
                yield match, _resolved(match)
    else:
        yield path, _resolved(path)


def _first_magic(pattern: str) -> int:
    return min(pattern.index(sign) for sign in "*?[" if sign in pattern)


def _walk(folder: Path, problems: list[dict[str, str]]) -> Iterator[tuple[Path, Path]]:
    home = _resolved(folder)
    wanted = (*SUFFIXES, *VIDEOS, *ARCHIVES)

    def closed(error: OSError) -> None:
        problems.append(_closed(error))

    for parent, folders, files in os.walk(folder, onerror=closed, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        links = [Path(parent, name) for name in folders if Path(parent, name).is_symlink()]
        problems += [_link_out(link) for link in links if not _resolved(link).is_relative_to(home)]
        real_parent = _resolved(Path(parent))
        inside = real_parent.is_relative_to(home)
        for name in sorted(files):
            if name.startswith(".") or not name.lower().endswith(wanted):
                continue
            file = Path(parent, name)
            # To follow the whole way to every file takes long: all but links lie where their folder does.
            if inside and not file.is_symlink():
                yield file, real_parent / name
            elif (real := _resolved(file)).is_relative_to(home):
                yield file, real
            else:
                problems.append(_link_out(file))


def _link_out(path: Path) -> dict[str, str]:
    return {
        "file": printable(path.name, 200),
        "error": "a link out of the folder: not followed; name its target outright",
    }


def _closed(error: OSError) -> dict[str, str]:
    name = Path(os.fsdecode(error.filename)).name if error.filename else "?"
    return {"file": printable(name, 200), "error": f"the folder cannot be read ({error.strerror})"}


def _of_a_case(file: Path) -> bool:
    """Tell whether a file is one that geoinfer wrote: the crops of a case are no photos of the next."""
    folder = file.parent
    return folder.name == "crops" and all((folder.parent / one).is_file() for one in ("ledger.jsonl", "report.json"))


class _Exports:
    """What channel exports say of files; each is read once."""

    def __init__(self) -> None:
        self._exports: dict[Path, Mapping[Path, Facts]] = {}
        self._near: dict[Path, list[Mapping[Path, Facts]]] = {}

    def said_of(self, file: Path) -> Facts:
        """Find what an export in the file's folder, or up to three above it, says of the file."""
        file = file.absolute()
        if file.parent not in self._near:
            folders = [folder for folder in list(file.parents)[:4] if (folder / EXPORT).is_file()]
            self._near[file.parent] = [self._read(folder) for folder in folders]
        return next((said for facts in self._near[file.parent] if (said := facts.get(file))), {})

    def _read(self, folder: Path) -> Mapping[Path, Facts]:
        if folder not in self._exports:
            self._exports[folder] = {folder / name: facts for name, facts in posts(folder / EXPORT).items()}
        return self._exports[folder]


def _members(members: Unpacked, archive: str) -> Iterator[Source]:
    for name, path in members.files:
        wanted = PurePosixPath(name)
        if wanted.name == EXPORT or any(part.startswith(".") for part in wanted.parts):
            continue
        yield Source(f"{archive}/{name}", str(path), {"archive": archive, **members.posted(name)}, kept=False)


def _remote(url: str, problems: list[dict[str, str]]) -> Iterator[Source]:
    shown = printable(url.rsplit("@", 1)[-1], 200)
    try:
        import fsspec
    except ImportError as error:
        raise PhotoError(f"{shown}: URLs need the package fsspec: pip install 'geoinfer[cluster]'") from error
    try:
        filesystem, path = fsspec.core.url_to_fs(url)
        names = filesystem.glob(path) if glob.has_magic(path) else filesystem.find(path)
    except Exception as error:  # every file system has errors of its own
        problems.append({"file": shown, "error": f"cannot be opened ({printable(str(error), 120)})"})
        return
    for name in sorted(names):
        if name.lower().endswith((*SUFFIXES, *VIDEOS)) or name == path:
            yield Source(printable(PurePosixPath(name).name, 200), filesystem.unstrip_protocol(name))


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # a loop of links
        return path.absolute()
