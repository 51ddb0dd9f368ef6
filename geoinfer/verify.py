"""The check that a case's folder is what was written: ledger, every file, and the source photos.

A folder comes from anywhere: a crafted ledger can make this module read no file but those inside the folder and plain
files that it names as source photos, and of those it tells no more than whether a hash is right.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from geoinfer.errors import LedgerError
from geoinfer.escape import visible
from geoinfer.kept_readings import drop_kept, kept_hashes, strange_entries
from geoinfer.ledger import CACHE, LEDGER_NAME, OUTPUT, PHOTO, SEAL, Ledger, file_hash
from geoinfer.occupy import LOCK
from geoinfer.readings_cache import FILE_NAME

LEFT_BEHIND = (".DS_Store", ".directory", "Thumbs.db", "desktop.ini")
"""Files that desktops put into any folder that is looked at."""
MAX_NAME = 500
MAX_PHOTO_BYTES = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check found in order.

    Attributes
    ----------
    head
        The ledger's head: noted elsewhere when the case was saved, it shows that nobody has written a new chain.
    files
        Files of the case that are as they were written.
    photos
        Source photos that were found and are as they were read.
    photos_away
        Source photos that are no longer where they were read.
    """

    head: str
    files: int
    photos: int
    photos_away: int


def verify_case(out: Path, *, head: str | None = None, photos: Path | None = None) -> Verified:
    """Check a case's folder against its ledger: the chain, every file, and the source photos where they still are.

    Source photos are looked for where the run found them, seen from `out`, or by their names in `photos`; those that
    are not there are counted. Of the files that the ledger does not know only those that desktops leave behind pass.

    Parameters
    ----------
    out
        The folder that `geoinfer.save.save_case` wrote.
    head
        The ledger's head as it was noted; without it a whole new chain cannot be told from the old one.
    photos
        Folder that holds the source photos now.

    Returns
    -------
    Verified
        What was in order.

    Raises
    ------
    LedgerError
        At the first fault: a broken chain, another head, a file or folder changed, missing or not vouched for, a
        changed source photo.
    """
    out = Path(out)
    ledger = Ledger.from_file(out / LEDGER_NAME)
    vouched = vouched_files(ledger.records)
    seals = [one for one in ledger.records if one["step"] == SEAL]
    if not seals:
        raise LedgerError(f"{out / LEDGER_NAME}: no step '{SEAL}': the ledger was cut short or the run did not finish")
    if seals[-1]["facts"].get("files") != len(vouched):
        raise LedgerError(f"{out / LEDGER_NAME}: sealed for another number of files than it lists ({len(vouched)})")
    if head is not None and head.strip().lower() not in {one["hash"] for one in ledger.records}:
        raise LedgerError(f"{out / LEDGER_NAME}: is not, and does not continue, the ledger whose head was noted")
    _check_files(out, vouched)
    strange = strange_entries(kept_hashes(out), vouched_entries(ledger.records))
    if strange:
        raise LedgerError(f"{FILE_NAME}: {visible(strange[0])} in it was changed or added since the ledger was written")
    _check_nothing_else(out, set(vouched))
    found, away = _check_photos(ledger.records, out, photos)
    return Verified(ledger.head, len(vouched), found, away)


def vouched_files(records: tuple[dict[str, Any], ...]) -> dict[str, str]:
    """Give the files that records vouch for, with their hashes."""
    return {str(one["facts"].get("file")): str(one["facts"].get("sha256")) for one in records if one["step"] == OUTPUT}


def vouched_entries(records: tuple[dict[str, Any], ...]) -> dict[str, str]:
    """Give the entries of the readings cache that records vouch for, with their hashes."""
    entries = [one["facts"].get("entries") for one in records if one["step"] == CACHE]
    return {str(key): str(digest) for one in entries if isinstance(one, dict) for key, digest in one.items()}


def drop_unvouched(out: Path) -> int:
    """Remove kept readings that the ledger of a case does not vouch for, before a new run goes on from them.

    Where there is no ledger the run before did not come to its end; its readings are kept. A file that is no readings
    cache is left to the cache, which puts it aside.

    Returns
    -------
    int
        How many entries were removed.
    """
    if not (out / LEDGER_NAME).exists() or (out / FILE_NAME).is_symlink():
        return 0
    try:
        vouched = vouched_entries(Ledger.from_file(out / LEDGER_NAME).records)
    except LedgerError:
        vouched = {}
    try:
        strange = strange_entries(kept_hashes(out, settle=True), vouched)
        if strange:
            drop_kept(out, strange)
    except LedgerError:
        return 0
    return len(strange)


def intact(out: Path, vouched: Mapping[str, str]) -> bool:
    """Tell whether files of a case are as they were written, given their hashes."""
    try:
        _check_files(out, vouched)
    except (LedgerError, OSError):
        return False
    return True


def _check_files(out: Path, vouched: Mapping[str, str]) -> None:
    for name, sha256 in vouched.items():
        path = out / checked_name(out, name)
        if path.is_symlink() or not is_file(path):
            raise LedgerError(f"{visible(name)}: is missing from {out}")
        if file_hash(path) != sha256:
            raise LedgerError(f"{visible(name)}: was changed after it was written to {out}")


def checked_name(out: Path, name: str) -> PurePosixPath:
    """Take a file's name out of a ledger, if it stays inside the folder.

    Raises
    ------
    LedgerError
        If it does not, or is no name that a ledger writes.
    """
    inside = PurePosixPath(name)
    strange = str(inside) != name or "\\" in name or not name.isprintable() or len(name) > MAX_NAME
    if strange or inside.is_absolute() or ".." in inside.parts or not inside.parts:
        raise LedgerError(f"{visible(name)}: the ledger names a file outside {out}")
    return inside


def _check_nothing_else(out: Path, known: set[str]) -> None:
    """Look for files and folders that the ledger does not know; a run may leave ``crops`` empty."""
    folders = {parent.as_posix() for name in known for parent in PurePosixPath(name).parents} | {"crops"}
    # The index of an empty journal is read by nobody; both are there while another program has the cache open.
    own = {LEDGER_NAME, FILE_NAME, f"{FILE_NAME}-shm"}
    for path in sorted(out.rglob("*")):
        name = path.relative_to(out).as_posix()
        plain_folder = path.is_dir() and not path.is_symlink()
        if plain_folder and name not in folders:
            raise LedgerError(f"{visible(name)}: is a folder in {out} that the ledger does not vouch for")
        idle = name in (LOCK, f"{FILE_NAME}-wal") and is_file(path) and not path.stat().st_size
        if not (plain_folder or idle or name in known or name in own or path.name in LEFT_BEHIND):
            raise LedgerError(f"{visible(name)}: is in {out}, but the ledger does not vouch for it")


def _check_photos(records: tuple[dict[str, Any], ...], out: Path, photos: Path | None) -> tuple[int, int]:
    """Count the source photos that are as they were read, and those that are not where they were."""
    found = away = 0
    for record in records:
        if record["step"] != PHOTO:
            continue
        name, place = str(record["facts"].get("file")), record["facts"].get("found")
        path = photos / name if photos is not None else out / place if isinstance(place, str) else None
        if path is None or not is_file(path) or path.stat().st_size > MAX_PHOTO_BYTES:
            away += 1
        elif file_hash(path) != record["facts"].get("sha256"):
            raise LedgerError(f"{visible(name)}: the source photo {visible(str(path))} is not the one that was read")
        else:
            found += 1
    return found, away


def is_file(path: Path) -> bool:
    """Tell whether a path that somebody else wrote names a plain file; one that no system allows does not."""
    try:
        return path.is_file()
    except (OSError, ValueError):  # too long, or with a null byte
        return False
