"""The index of a gazetteer file: made once, kept in one file with the columns, and mapped into memory from then on.

``gazetteer build`` writes the index into the file it makes. Files without one, such as the small one that comes with
the package, and files whose index an other version of this package made, get a copy with an index in the user's cache
folder when they are first searched: that takes some seconds, once. Where that folder cannot be written to, the index
is made anew in memory by every process.
"""

from __future__ import annotations

import json
import os
import time
import zipfile
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib import resources
from pathlib import Path

from gazetteer.archive import Archive, Array
from gazetteer.errors import GazetteerError
from gazetteer.filing import Filing, compile_filing
from gazetteer.lexicon import Lexicon, compile_lexicon
from gazetteer.tables import Tables, read, write

DAYS_KEPT = 60
"""How long a copy in the cache folder is kept after it was last opened."""

_MAKERS = ("filing", "languages", "lexicon", "names", "spelling_model")
_LEXICON = {
    "key_text": "u1", "key_start": "<u4", "key_form": "<u4", "letters": "<u2", "form_start": "<u4", "form_script": "u1",
    "form_bearer": "<u4", "bearer_name": "<u4", "bearer_place": "<u4", "bearer_flags": "u1", "alphabet": "<u4",
}  # fmt: skip
_FILING = {
    "whole_start": "<u4", "whole_key": "<u4", "gram": "<u8", "gram_start": "<u4", "gram_form": "<u4",
    "letter_bits": "<u8", "pair_bits": "<u8", "exact_hash": "<u8", "exact_key": "<u4", "tail_hash": "<u8",
    "tail_form": "<u4", "run": "<u8", "run_times": "<u4",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Opened:
    """A gazetteer file that is open.

    Attributes
    ----------
    tables
        Its columns.
    index
        Lexicon and filing, or None where they are still to be made.
    """

    tables: Tables
    index: tuple[Lexicon, Filing] | None


@cache
def fingerprint() -> str:
    """Give a hash of the code that makes an index: one made by other code is made anew."""
    code = b"".join(resources.files("gazetteer").joinpath(f"{name}.py").read_bytes() for name in _MAKERS)
    return blake2b(code, digest_size=12).hexdigest()


def members(tables: Tables) -> dict[str, bytes | Array]:
    """Make the index of some columns, as members of a gazetteer file (`gazetteer.tables.write`)."""
    return _members(*_compile(tables))


def open_file(path: Path) -> Opened:
    """Open a gazetteer file, with the index in it or the one in the cache folder.

    Raises
    ------
    GazetteerError
        The file is absent, is no gazetteer file, or is damaged.
    """
    index = _index_in(path)
    if index is not None:
        return Opened(read(path), index)
    copy = copy_path(path)
    if copy is not None and copy.is_file() and (index := _index_in(copy)) is not None:
        try:
            return Opened(read(copy), index)
        except GazetteerError:
            pass  # a damaged copy is made anew
    return Opened(read(path), None)


def make_index(path: Path, tables: Tables) -> tuple[Lexicon, Filing]:
    """Make the index of a file and keep it in the cache folder, where that can be written to."""
    made = _compile(tables)
    copy = copy_path(path)
    if copy is not None:
        try:
            copy.parent.mkdir(parents=True, exist_ok=True)
            write(tables, copy, _members(*made))
            drop_old(copy.parent, "*.zip")
        except OSError:
            return made
        return _index_in(copy) or made
    return made


def drop_old(folder: Path, pattern: str) -> None:
    """Delete kept files that no one has opened for a long time: made of what is gone, or by older versions."""
    for copy in folder.glob(pattern):
        state = copy.stat()
        if time.time() - max(state.st_atime, state.st_mtime) > DAYS_KEPT * 86400:
            copy.unlink(missing_ok=True)


def copy_path(path: Path) -> Path | None:
    """Give where the copy of a file with an index is kept: a name made of the contents, not of the file's name.

    The folder is that of ``GAZETTEER_CACHE`` in the environment, or ``gazetteer`` in the user's cache folder.
    """
    from platformdirs import user_cache_path

    try:
        with Archive(path) as archive:
            contents = archive.contents()
    except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile):
        return None
    folder = Path(os.environ.get("GAZETTEER_CACHE") or user_cache_path("gazetteer", appauthor=False))
    name = blake2b(repr((contents, fingerprint())).encode(), digest_size=16).hexdigest()
    return folder / f"{name}.zip"


def _compile(tables: Tables) -> tuple[Lexicon, Filing]:
    lexicon = compile_lexicon(tables)
    return lexicon, compile_filing(lexicon)


def _members(lexicon: Lexicon, filing: Filing) -> dict[str, bytes | Array]:
    columns = {
        f"lexicon/{name}": column.astype(_LEXICON[name], copy=False) for name, column in lexicon.columns().items()
    }
    columns |= {f"filing/{name}": column.astype(_FILING[name], copy=False) for name, column in filing.columns().items()}
    return {"index.json": json.dumps({"made_by": fingerprint()}).encode(), **columns}


def _index_in(path: Path) -> tuple[Lexicon, Filing] | None:
    """Map the index in a file; None where it has none, an other version's, or one whose columns do not fit."""
    try:
        with Archive(path) as archive:
            if "index.json" not in archive or json.loads(archive.bytes("index.json")) != {"made_by": fingerprint()}:
                return None
            lexicon = Lexicon(**{name: archive.array(f"lexicon/{name}", kind) for name, kind in _LEXICON.items()})
            filing = Filing(**{name: archive.array(f"filing/{name}", kind) for name, kind in _FILING.items()})
    except (OSError, ValueError, KeyError, EOFError, NotImplementedError, RuntimeError, zipfile.BadZipFile):
        return None
    return (lexicon, filing) if _fits(lexicon, filing) else None


def _fits(lexicon: Lexicon, filing: Filing) -> bool:
    """Whether no column points beyond the end of another: a forged index could otherwise fill the memory."""
    keys, forms, bearers = len(lexicon.key_form) - 1, len(lexicon.form_start) - 1, len(lexicon.bearer_name)
    starts = (
        (lexicon.key_start, len(lexicon.key_text), keys),
        (lexicon.key_form, forms, keys),
        (lexicon.form_start, len(lexicon.letters), forms),
        (lexicon.form_bearer, bearers, forms),
        (filing.whole_start, len(filing.whole_key), None),
        (filing.gram_start, len(filing.gram_form), len(filing.gram)),
    )
    return (
        keys > 0
        and all(
            len(start) > 1
            and (count is None or len(start) == count + 1)
            and start[0] == 0
            and start[-1] == end
            and bool((start[1:] >= start[:-1]).all())
            for start, end, count in starts
        )
        and len(lexicon.form_script) == forms
        and len(filing.letter_bits) == len(filing.pair_bits) == keys
        and (len(lexicon.bearer_place) == len(lexicon.bearer_flags) == bearers)
        and len(filing.exact_hash) == len(filing.exact_key) > 0
        and len(filing.tail_hash) == len(filing.tail_form)
        and len(filing.run) == len(filing.run_times)
    )
