"""What the readings cache of a case holds, as one hash a photo, so that a ledger can vouch for it.

The cache is a file that the next run goes on from: whoever can write to it could put words into photos. A run therefore
takes from it only what the ledger of the run before vouches for; see `geoinfer.readings_cache` for the file itself.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path

from geoinfer.errors import LedgerError
from geoinfer.escape import visible
from geoinfer.readings_cache import FILE_NAME

_ROWS = {
    # kind of entry: its rows, all values in one order, the first of them its key
    "reading": "SELECT key, record FROM readings ORDER BY key",
    "crop": "SELECT key, reading, png FROM crops ORDER BY key, reading",
    "look": "SELECT sha256, width, height, bits, thumbnail FROM looks ORDER BY sha256",
}
_TABLES = {"reading": ("readings", "key"), "crop": ("crops", "key"), "look": ("looks", "sha256")}


def kept_hashes(out: Path, *, settle: bool = False) -> dict[str, str]:
    """Hash each entry of a case's readings cache.

    Parameters
    ----------
    out
        Folder of a case.
    settle
        Take in what a killed run left in the file's journal, as the next run would. By default nothing in the folder is
        touched, and the journal is not looked at: it is no part of the cache yet.

    Returns
    -------
    dict
        ``reading:<key>``, ``crop:<key>`` or ``look:<key>`` to the SHA-256 of its rows; empty where there is no cache.

    Raises
    ------
    LedgerError
        If the file is no such cache.
    """
    if not (out / FILE_NAME).exists():
        return {}
    hashes: dict[str, str] = {}
    with _opened(out / FILE_NAME, write=settle) as cache:
        for kind, query in _ROWS.items():
            for key, digest in _digests(cache.execute(query)):
                hashes[f"{kind}:{key}"] = digest
    return hashes


def drop_kept(out: Path, entries: Iterable[str]) -> None:
    """Remove entries, named as `kept_hashes` does, from a case's readings cache.

    Raises
    ------
    LedgerError
        If the file is no such cache.
    """
    with _opened(out / FILE_NAME, write=True) as cache, cache:
        for entry in entries:
            kind, _, key = entry.partition(":")
            table, column = _TABLES[kind]
            cache.execute(f"DELETE FROM {table} WHERE {column} = ?", (key,))


def strange_entries(kept: Mapping[str, str], vouched: Mapping[str, str]) -> list[str]:
    """Name what a cache holds that is not what a ledger vouches for.

    >>> strange_entries({"reading:a": "1", "reading:b": "2", "crop:c": "3"}, {"reading:a": "1", "reading:b": "x"})
    ['crop:c', 'reading:b']
    """
    return sorted(entry for entry, digest in kept.items() if vouched.get(entry) != digest)


def _digests(rows: Iterable[tuple[object, ...]]) -> Iterator[tuple[str, str]]:
    """Hash rows with the same first value together."""
    current, digest = None, sha256()
    for row in rows:
        if row[0] != current:
            if current is not None:
                yield str(current), digest.hexdigest()
            current, digest = row[0], sha256()
        for value in row:
            content = value if isinstance(value, bytes) else repr(value).encode("utf-8", "surrogatepass")
            # With its length before it no value can run into the next.
            digest.update(f"{type(value).__name__} {len(content)}:".encode() + content)
    if current is not None:
        yield str(current), digest.hexdigest()


@contextmanager
def _opened(file: Path, write: bool) -> Iterator[sqlite3.Connection]:
    mode = "mode=rw" if write else "mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?{mode}", uri=True, timeout=30)) as cache:
            cache.execute("PRAGMA trusted_schema=OFF")  # nothing that a crafted file defines may run
            tables = {name for (name,) in cache.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            others = cache.execute("SELECT count(*) FROM sqlite_master WHERE type IN ('view', 'trigger')").fetchone()[0]
            if others or not {table for table, _ in _TABLES.values()} <= tables:
                raise LedgerError(f"{visible(file.name)}: is not a readings cache of this version of geoinfer")
            yield cache
    except sqlite3.Error as error:
        raise LedgerError(f"{visible(file.name)}: is not a readings cache ({visible(str(error))})") from error
