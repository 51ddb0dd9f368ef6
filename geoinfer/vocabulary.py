"""Vocabulary: words on signs that are no names, and what they do to the line that holds them.

The table ``geoinfer/data/vocabulary.tsv`` is kept by hand. Words are compared by shape, so that a Latin letter read
for a Cyrillic one makes no difference, and those of eight or more letters forgive one misread letter before the last.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from operator import ne

EFFECTS = ("line", "shop", "street", "word", "station", "area", "first", "road", "km")
"""What a word does.

``line``: the line names no place. ``shop``: nor do the lines next to it. ``street``: neither the line nor what is on
its row does. ``word``: the word is dropped, the rest may be a name. ``station``: dropped, the sign names a station.
``area``: belongs to the name before it. ``first``: begins a name that may go on in the line below. ``road``: dropped,
and the names are the ends of a road. ``km``: unit of distance.
"""

_SHAPES = str.maketrans("АВЕКМНОРСТУХІЇЁЪЬ", "ABEKMHOPCTYXIIEЬЬ", "'’ʼ`´ʹ\"«»„“”().,:;!?*_…")

VOIDING = frozenset({"line", "shop", "street"})
"""Effects that leave no name in a line."""


@dataclass(frozen=True)
class Vocabulary:
    """Words by shape.

    Attributes
    ----------
    effects
        Shape of a word to its effect.
    """

    effects: Mapping[str, str]

    def effect(self, word: str) -> str:
        """Say what a word does, an empty string for a word that may be a name.

        Examples
        --------
        >>> [load_vocabulary().effect(word) for word in ("вул.", "CТАНЦІЯ", "ВНИМАНNЕ", "Чернігів")]
        ['street', 'station', 'line', '']
        """
        shape = fold_shape(word)
        if shape in self.effects:
            return self.effects[shape]
        if len(shape) < 8:
            return ""
        # Another length or last letter makes another word more often than it is a slip: Набережна is a street,
        # Набережне a village.
        near = (
            word
            for word in self.effects
            if len(word) == len(shape) and word[-1] == shape[-1] and sum(map(ne, word, shape)) == 1
        )
        return self.effects.get(next(near, ""), "")

    def is_cut(self, word: str) -> bool:
        """Whether a word of five or more letters is one of a shop or notice that lost its first one or two letters."""
        shape = fold_shape(word)
        return len(shape) >= 5 and any(
            effect in VOIDING and 1 <= len(whole) - len(shape) <= 2 and whole.endswith(shape)
            for whole, effect in self.effects.items()
        )

    def completes(self, fragment: str) -> bool:
        """Whether a fragment of four or more letters is the end or the beginning of a word that voids its line."""
        shape = fold_shape(fragment)
        return len(shape) >= 4 and any(
            len(word) > len(shape) + 1 and (word.endswith(shape) or word.startswith(shape))
            for word, effect in self.effects.items()
            if effect in VOIDING or effect == "word"
        )


def fold_shape(word: str) -> str:
    """Fold a word to capital letters by their shape, Cyrillic look-alikes as Latin, without accents and punctuation.

    Examples
    --------
    >>> fold_shape("Стоп!") == fold_shape("CTOП")
    True
    """
    # Only Latin letters lose their accents: Й and И make different words (Гай, ГАИ).
    bare = "".join(
        c if c > "\u02ff" else unicodedata.normalize("NFD", c)[0] for c in unicodedata.normalize("NFC", word)
    )
    return bare.upper().translate(_SHAPES).replace("ЬI", "Ы")


@lru_cache(maxsize=1)
def load_vocabulary() -> Vocabulary:
    """Read the table that the package ships.

    Raises
    ------
    ValueError
        A row has an effect that is none of `EFFECTS`.
    """
    effects: dict[str, str] = {}
    with files("geoinfer").joinpath("data/vocabulary.tsv").open(encoding="utf-8") as table:
        for row in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["effect"] not in EFFECTS:
                raise ValueError(
                    f"vocabulary.tsv: {row['word']!r} has the effect {row['effect']!r}, not one of {EFFECTS}"
                )
            effects.setdefault(fold_shape(row["word"]), row["effect"])
    return Vocabulary(effects)
