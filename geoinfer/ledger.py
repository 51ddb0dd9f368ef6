"""The ledger: a hash-chained record of every step of a case.

``ledger.jsonl`` holds one JSON object a line: ``n`` (0, 1, 2, ...), ``step``, ``facts``, ``prev`` and ``hash``, and
``time`` only where the caller gives one: the same photos and settings give the same bytes. ``hash`` is the SHA-256 of
the record without it, written as canonical JSON (sorted keys, no spaces, UTF-8); ``prev`` is the hash of the line
before, so that no line can be changed, dropped or moved without breaking every later one.

What it can show: that the folder is what was written. What it cannot: a forger may write a whole new chain. Keep
`Ledger.head` (the last line's ``hash``, which a run prints at its end) somewhere else, or give it to someone, and hand
it to `geoinfer.verify.verify_case` to rule that out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from geoinfer.errors import LedgerError
from geoinfer.escape import plain, visible

LEDGER_NAME = "ledger.jsonl"
START = "0" * 64
"""What stands as ``prev`` in the first record."""
SEAL = "sealed"
"""The step that closes a run; it says how many files the ledger vouches for."""
OUTPUT = "output"
PHOTO = "photo"
CACHE = "kept"
"""The hashes of what the readings cache holds, from which the next run into the folder goes on."""
EARLIER = "earlier"
"""A record of an earlier run into the same folder that is not to be forgotten."""


_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


class Ledger:
    """A chain of records that grows at its end.

    Examples
    --------
    >>> ledger = Ledger()
    >>> ledger.append("settings", near=["BY"])
    >>> ledger.append("photo", file="a.jpg", sha256="00")
    >>> [record["step"] for record in ledger.records]
    ['settings', 'photo']
    >>> ledger.records[1]["prev"] == ledger.records[0]["hash"]
    True
    """

    def __init__(self) -> None:
        self._records: list[dict[str, Any]] = []
        self._lines: list[bytes] = []

    @property
    def records(self) -> tuple[dict[str, Any], ...]:
        """The records so far."""
        return tuple(self._records)

    @property
    def head(self) -> str:
        """The last record's hash: it stands for the whole chain."""
        return str(self._records[-1]["hash"]) if self._records else START

    def append(self, step: str, /, *, time: str | None = None, **facts: Any) -> None:
        """Record a step.

        Parameters
        ----------
        step
            What was done, such as ``photo`` or ``inference``.
        time
            When, in ISO 8601; left out by default, so that equal runs give equal bytes.
        **facts
            What is to be kept of it; anything JSON cannot hold is kept as text.
        """
        record: dict[str, Any] = {"n": len(self._records), "step": step, "facts": plain(facts), "prev": self.head}
        if time is not None:
            record["time"] = time
        record["hash"], line = _sealed(record)
        self._records.append(record)
        self._lines.append(line)

    def to_bytes(self) -> bytes:
        """Write the content of ``ledger.jsonl``."""
        return b"".join(line + b"\n" for line in self._lines)

    @classmethod
    def from_file(cls, path: Path) -> Ledger:
        """Read a ledger and check its chain.

        Raises
        ------
        LedgerError
            If the file is missing or a record is not what was written; the message names the line.
        """
        try:
            content = path.read_bytes()
        except OSError as error:
            raise LedgerError(f"{path}: cannot be read ({error.strerror}); a case holds a {LEDGER_NAME}") from error
        ledger = cls()
        ledger._records, ledger._lines = list(_checked_records(content, path)), content.split(b"\n")[:-1]
        return ledger


def canonical(value: Mapping[str, Any]) -> bytes:
    """Write JSON in one way only: keys sorted, no spaces, UTF-8, no NaN."""
    return _JSON.encode(value).encode("utf-8")


def record_hash(record: Mapping[str, Any]) -> str:
    """Hash a record without its own ``hash``."""
    return _sealed(record)[0]


def _sealed(record: Mapping[str, Any]) -> tuple[str, bytes]:
    """Hash a record without its own ``hash``, and write it with it."""
    bare = canonical({key: value for key, value in record.items() if key != "hash"})
    digest = hashlib.sha256(bare).hexdigest()
    # To write it once is enough: the hash goes before the last "n", quotes in texts being escaped.
    facts, number, rest = bare.rpartition(b',"n":')
    return digest, b"".join((facts, b',"hash":"', digest.encode(), b'"', number, rest))


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@lru_cache(maxsize=1)  # a run asks for the ledger before it at its start and at its end
def _checked_records(content: bytes, path: Path) -> tuple[dict[str, Any], ...]:
    lines = content.split(b"\n")
    if lines.pop() != b"":
        raise LedgerError(f"{path}: the last line is not complete")
    records, prev = [], START
    for n, line in enumerate(lines):
        where = f"{path}, line {n + 1}"
        try:
            record = json.loads(line)
            digest, written = _sealed(record) if isinstance(record, dict) else ("", b"")
        except (ValueError, RecursionError) as error:  # NaN and lone surrogates can be parsed, but not written
            raise LedgerError(f"{where}: is not JSON that a ledger can hold") from error
        if not isinstance(record, dict) or not isinstance(record.get("facts"), dict):
            raise LedgerError(f"{where}: is not a record with n, step, facts, prev and hash")
        if type(record.get("n")) is not int or record["n"] != n or record.get("prev") != prev:
            raise LedgerError(f"{where}: does not follow from the line before; a record was dropped, added or moved")
        if written != line or record.get("hash") != digest:
            raise LedgerError(f"{where}: was changed after it was written (step {visible(str(record.get('step')))})")
        prev = record["hash"]
        records.append(record)
    return tuple(records)
