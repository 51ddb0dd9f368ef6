"""The lexicon: every spelling that a search compares a text with, in columns that can be mapped from a file.

Names are folded (`gazetteer.names.plain`); Cyrillic ones also stand in the Latin letters of every romanisation in use
for their language (`gazetteer.languages.SYSTEMS`). A *form* is one such string, a *key* what the forms of one sound
share, a *bearer* a name of a place that has a form. Keys are sorted by length, then by letters; a key's forms and a
form's bearers lie side by side, so three columns of first rows tie them together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import repeat

import numpy as np

from gazetteer.archive import Array
from gazetteer.languages import SYSTEMS, romanize_folded
from gazetteer.names import base, keys_of, plain, script
from gazetteer.tables import DERIVED, LANGUAGES, Tables

SCRIPTS = ("none", "latin", "cyrillic", "other", "romanised")
"""Scripts of forms; ``romanised`` for Latin ones that only a rule made of Cyrillic names."""

MARKLESS = 64
"""Flag of a bearer whose form is a romanisation by rule, beside the flags of its name."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Forms, keys and bearers of one gazetteer.

    Attributes
    ----------
    key_text, key_start
        Keys as UTF-8, a line each, and where each line begins, one more than there are keys.
    key_form
        First form of each key, one more than there are keys.
    letters, form_start
        Forms as positions in `alphabet`, and where each begins.
    form_script
        Index into `SCRIPTS`.
    form_bearer
        First bearer of each form.
    bearer_name
        Row of the name in the tables.
    bearer_place, bearer_flags
        Its place and the name's flags, with `MARKLESS` for romanisations.
    alphabet
        Unicode code points, sorted.
    """

    key_text: Array
    key_start: Array
    key_form: Array
    letters: Array
    form_start: Array
    form_script: Array
    form_bearer: Array
    bearer_name: Array
    bearer_place: Array
    bearer_flags: Array
    alphabet: Array

    def key(self, row: int) -> str:
        """Give a key by its row."""
        return bytes(self.key_text[self.key_start[row] : self.key_start[row + 1] - 1]).decode()

    def keys(self, rows: Array) -> list[str]:
        """Give keys by their rows."""
        lines: Array = self.key_text[spans(self.key_start[rows], self.key_start[rows + 1])]
        return lines.tobytes().decode().split("\n")[:-1]

    def form(self, row: int) -> str:
        """Give a form by its row."""
        codes = self.letters[self.form_start[row] : self.form_start[row + 1]]
        return self.alphabet[codes].tobytes().decode("utf-32-le")

    def forms_of(self, keys: Array) -> Array:
        """Give the rows of the forms of some keys."""
        return spans(self.key_form[keys], self.key_form[keys + 1])

    def letters_of(self, forms: Array) -> tuple[Array, Array]:
        """Give the letters of forms, one form a column filled up with zeros, and their lengths."""
        starts = self.form_start[forms]
        lengths = self.form_start[forms + 1] - starts
        places = np.arange(int(lengths.max(initial=0)))[:, None]
        return self.letters[starts + np.minimum(places, np.maximum(lengths - 1, 0))], lengths

    def columns(self) -> dict[str, Array]:
        """Give the columns by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def spans(starts: Array, ends: Array) -> Array:
    """Give all whole numbers of several half-open ranges, range by range.

    Examples
    --------
    >>> spans(np.array([3, 10, 7]), np.array([5, 10, 8])).tolist()
    [3, 4, 7]
    """
    counts = (ends - starts).astype(np.int64)
    total = int(counts.sum())
    offsets = starts.astype(np.int64) - (np.cumsum(counts) - counts)
    result: Array = np.arange(total) + np.repeat(offsets, counts)
    return result


def compile_lexicon(tables: Tables) -> Lexicon:
    """Make the lexicon of a gazetteer's names; takes some seconds for a million forms."""
    folded = list(map(plain, tables.names.decode().split("\n")))
    numbers: dict[str, int] = {}
    parts = [(_numbered(folded, numbers), np.arange(len(folded)), tables.name_flags)]
    given = len(numbers)
    for latin, rows in _romanised(folded, tables.name_flags):
        parts.append((_numbered(latin, numbers), rows, tables.name_flags[rows] | MARKLESS))
    forms, keys = list(numbers), [""] * len(numbers)
    del numbers
    for number, key in zip(parts[0][0].tolist(), _keys_of_names(tables), strict=True):
        keys[number] = key
    keys[given:] = keys_of(forms[given:]) if given < len(forms) else []
    # A form of signs alone has no key and is not looked for. What is sorted are strings, which is fast.
    ranked = sorted(
        f"{chr(len(key) + 32)}{key}\n{form}\n{number}"
        for number, (key, form) in enumerate(zip(keys, forms, strict=True))
        if key
    )
    order = np.fromiter((int(line.rpartition("\n")[2]) for line in ranked), dtype=np.int64, count=len(ranked))
    del ranked
    place_of = np.full(len(forms), -1)
    place_of[order] = np.arange(len(order))
    # One number per bearer, so that a plain sort brings them into order and shows doubles.
    numbered = [place_of[ids] << 40 | rows << 8 | flags for ids, rows, flags in parts]
    packed: Array = np.unique(np.concatenate([part[part >= 0] for part in numbered]))
    bearers = packed >> 40, packed >> 8 & 0xFFFFFFFF, packed & 0xFF
    forms, keys = [forms[number] for number in order.tolist()], [keys[number] for number in order.tolist()]
    first = np.array([row == 0 or keys[row] != keys[row - 1] for row in range(len(keys))], dtype=bool)
    distinct = [f"{keys[row]}\n".encode() for row in np.flatnonzero(first).tolist()]
    points = np.frombuffer("".join(forms).encode("utf-32-le"), dtype="<u4")
    alphabet = np.unique(points)
    return Lexicon(
        key_text=np.frombuffer(b"".join(distinct), dtype=np.uint8),
        key_start=_starts(map(len, distinct)),
        key_form=np.append(np.flatnonzero(first), len(forms)).astype(np.uint32),
        letters=np.searchsorted(alphabet, points).astype(np.uint16),
        form_start=_starts(map(len, forms)),
        form_script=_scripts(forms, order < given),
        form_bearer=np.searchsorted(bearers[0], np.arange(len(forms) + 1)).astype(np.uint32),
        bearer_name=bearers[1].astype(np.uint32),
        bearer_place=tables.name_place[bearers[1]].astype(np.uint32),
        bearer_flags=bearers[2].astype(np.uint8),
        alphabet=alphabet.astype("<u4"),
    )


def _scripts(forms: Sequence[str], given: Array) -> Array:
    romanised = SCRIPTS.index("romanised")
    found = (SCRIPTS.index(script(form)) if known else romanised for form, known in zip(forms, given, strict=True))
    return np.fromiter(found, dtype=np.uint8, count=len(forms))


def _numbered(forms: Iterable[str], numbers: dict[str, int]) -> Array:
    """Give each form's number, counting new ones on."""
    return np.fromiter((numbers.setdefault(form, len(numbers)) for form in forms), dtype=np.int64)


def _starts(lengths: Iterable[int]) -> Array:
    ends = np.cumsum(np.fromiter(lengths, dtype=np.int64))
    return np.concatenate(([0], ends)).astype(np.uint32)


def _keys_of_names(tables: Tables) -> Iterator[str]:
    """Give the key of each name, which the tables hold."""
    for key, count in zip(tables.keys.decode().split("\n"), tables.key_names.tolist(), strict=True):
        yield from repeat(key, count)


def _romanised(folded: Sequence[str], flags: Array) -> Iterator[tuple[list[str], Array]]:
    """Give the Latin spellings by rule of Cyrillic names, each with the row of its name, system by system.

    Of names that a rule made only the Russian ones are romanised, as old maps and the press carry them.
    """
    cyrillic = np.array([not form.isascii() and script(form) == "cyrillic" for form in folded], dtype=bool)
    for language in ("uk", "ru", "be"):
        spoken = np.isin(flags & 7, [0, LANGUAGES.index(language)])
        if language != "ru":
            spoken &= flags & DERIVED == 0
        rows = np.flatnonzero(cyrillic & spoken)
        text = "\n".join(folded[row] for row in rows.tolist())
        for system in SYSTEMS[language] if len(rows) else ():
            latin = base.__wrapped__(romanize_folded(text, system)).split("\n")
            # Letters that the system does not have stay as they are: such spellings are of no use.
            whole = [at for at, form in enumerate(latin) if form.isascii()]
            yield [latin[at] for at in whole], rows[whole]
