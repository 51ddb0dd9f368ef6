"""How probable a text is, given the name that was meant: weighted edits, in nats, for many names at once.

Costs are negative log-probabilities relative to reading every letter right. What this project's reader confuses was
counted (``data/confusions.tsv``, made by `gazetteer.fit_channel`); what people write differently, letters that three
languages spell each in its way, stress, marks and doubled letters, are judgements and stand here. The cheaper of the
two counts.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cache, cached_property, lru_cache

import numpy as np

from gazetteer.archive import Array
from gazetteer.languages import romanize_folded
from gazetteer.names import base, key, script
from gazetteer.shipped import data_path

HOPELESS = 30.0
"""Costs beyond this are not told apart."""

ROMANIZED, CYRILLIZED = 0.7, 3.0
"""A Latin text for a Cyrillic name, as on every bilingual sign; and the rarer Cyrillic text for a Latin one."""

DERIVED_NATS = 0.7
"""A name that a rule made and no source has."""

KEY_ONLY, KEY_ONLY_OTHER = 3.0, 6.0
"""Spellings of one sound: a Latin text for a Cyrillic name that no romanisation gives, as Czernihów; and others."""

LONGER_SPELLING = 2.5
"""How many times as long a spelling may be in another language: Schtschors is Щорс."""

_MARK = 0.7
_LANGUAGE = 1.5
_LANGUAGE_PAIRS = "иі иы іы ії еє еэ эє єё гґ хг уў вў шщ цт зж"
_STRESSLESS = 4.0
_STRESSLESS_PAIRS = "оа еа яе еи ыэ ao eo"
_SPELT = 2.5
_SPELT_PAIRS = "ey iy ei gh kg hk kc zs wv jy ji cs cz qk uw"
_SHAPES = 3.5
_SHAPE_PAIRS = "il 1i 1l lt tf nm uv vy ce co eo ao gq bh hn kh mn 0о 0o 3з 6б 8в 5s 8b 1і 4ч 9я ѕs сg ae"
_UNMARKED_YO = 0.1
_VOWELS = frozenset("аеєэёиіїыоуюяaeiouyөүә")
_VOWEL = 4.5
_DOUBLED = 2.5
_LOST = {" ": 1.5, "ь": 1.5, "ъ": 1.5, "’": 0.2}
"""Letters and gaps that people and plates leave out."""


@cache
def confusions() -> dict[tuple[str, str], float]:
    """Read what the reader confuses: pairs of letter and what it was read as, ``*`` for any, empty for none."""
    with data_path("confusions.tsv").open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t")
        return {(row["name"], row["read"]): float(row["nats"]) for row in rows if row["nats"]}


@cache
def _written_differently() -> dict[tuple[str, str], float]:
    costs: dict[tuple[str, str], float] = {}
    for cost, pairs in (
        (_STRESSLESS, _STRESSLESS_PAIRS),
        (_SHAPES, _SHAPE_PAIRS),
        (_SPELT, _SPELT_PAIRS),
        (_LANGUAGE, _LANGUAGE_PAIRS),
    ):
        for pair in pairs.split():
            costs[pair[0], pair[1]] = costs[pair[1], pair[0]] = cost
    costs["е", "ё"] = costs["ё", "е"] = _UNMARKED_YO
    return costs


@lru_cache(maxsize=32768)
def substitution(letter: str, read: str) -> float:
    """Give the cost of one letter standing for another.

    Examples
    --------
    >>> substitution("л", "л"), substitution("ă", "a"), substitution("л", "п") < substitution("л", "щ")
    (0.0, 0.7, True)
    """
    if letter == read:
        return 0.0
    costs = [confusions()["*", "*"]]
    pair = letter, read
    if pair in confusions():
        costs.append(confusions()[pair])
    if pair in _written_differently():
        costs.append(_written_differently()[pair])
    if base(letter) == base(read):
        costs.append(_MARK)
    if letter in _VOWELS and read in _VOWELS:
        costs.append(_VOWEL)
    return min(costs)


@lru_cache(maxsize=4096)
def loss(letter: str) -> float:
    """Give the cost of a letter of the name that the text does not have."""
    return min(_LOST.get(letter, HOPELESS), confusions().get((letter, ""), confusions()["*", ""]))


@lru_cache(maxsize=4096)
def addition(read: str) -> float:
    """Give the cost of a letter of the text that the name does not have."""
    return min(_LOST.get(read, HOPELESS), confusions().get(("", read), confusions()["", "*"]))


class Channel:
    """Costs of a text for names whose letters are positions in one alphabet.

    Parameters
    ----------
    alphabet
        Unicode code points.
    """

    def __init__(self, alphabet: Array) -> None:
        self._letters = [chr(point) for point in alphabet.tolist()]
        self._costs: dict[str, Array] = {}

    @cached_property
    def _losses(self) -> Array:
        return np.array([loss(letter) for letter in self._letters], dtype=np.float32)

    @cached_property
    def _vowels(self) -> Array:
        return np.array([letter in _VOWELS for letter in self._letters])

    @cached_property
    def _bases(self) -> dict[str, list[int]]:
        """Letters by what they are without their marks."""
        found: dict[str, list[int]] = {}
        for at, letter in enumerate(self._letters):
            found.setdefault(base(letter), []).append(at)
        return found

    @cached_property
    def _place(self) -> dict[str, int]:
        return {letter: at for at, letter in enumerate(self._letters)}

    def _read_as(self, read: str) -> Array:
        """Give the cost of every letter of the alphabet for one that was read."""
        found = self._costs.get(read)
        if found is None:
            found = np.full(len(self._letters), confusions()["*", "*"], dtype=np.float32)
            if read in _VOWELS:
                found[self._vowels] = np.minimum(found[self._vowels], _VOWEL)
            special = {letter for letter, other in (*confusions(), *_written_differently()) if other == read}
            near = [self._place[letter] for letter in special if letter in self._place]
            for at in (*near, *self._bases.get(base(read), ())):
                found[at] = substitution(self._letters[at], read)
            self._costs[read] = found
        return found

    def costs(self, text: str, letters: Array, lengths: Array) -> Array:
        """Sum the cheapest edits that lead from each name to a text.

        The usual table of partial costs, a row per letter of the text, for all names together. What is kept of a
        row is what it costs beyond losing all letters of the name so far: so a loss costs nothing, and one running
        minimum along the name does for all of them.

        Parameters
        ----------
        text
            What was read, in the form of `gazetteer.names.plain`.
        letters
            One name a column, filled up to the longest.
        lengths
            Letters of each name.

        Returns
        -------
        Nats, at most `HOPELESS`.
        """
        letters = letters.astype(np.intp)
        losses = self._losses.take(letters)
        np.minimum(losses[1:], _DOUBLED, out=losses[1:], where=letters[1:] == letters[:-1])
        lost = np.zeros((len(letters) + 1, letters.shape[1]), dtype=np.float32)
        np.cumsum(losses, axis=0, out=lost[1:])
        beyond, step = np.zeros_like(lost), np.empty_like(losses)
        before = ""
        for read in text:
            self._read_as(read).take(letters, out=step, mode="clip")
            step -= losses
            step += beyond[:-1]
            beyond += min(addition(read), _DOUBLED) if read == before else addition(read)
            np.minimum(beyond[1:], step, out=beyond[1:])
            # More than three letters of a name lost in a row are hopeless, so two steps do for the running minimum.
            np.minimum(beyond[1:], beyond[:-1], out=beyond[1:])
            np.minimum(beyond[2:], beyond[:-2], out=beyond[2:])
            before = read
        columns = np.arange(letters.shape[1])
        result: Array = np.minimum(beyond[lengths, columns] + lost[lengths, columns], HOPELESS)
        return result


def edit_costs(text: str, names: Sequence[str]) -> Array:
    """Sum the cheapest edits that lead from each of some names to a text in the same script.

    Parameters
    ----------
    text, names
        In the form of `gazetteer.names.plain`.

    Returns
    -------
    Nats, at most `HOPELESS`.
    """
    if not names:
        return np.empty(0, dtype=np.float32)
    alphabet = sorted(set("".join(names))) or [" "]
    place = {letter: at for at, letter in enumerate(alphabet)}
    letters = np.zeros((max(map(len, names)), len(names)), dtype=np.intp)
    for column, name in enumerate(names):
        letters[: len(name), column] = [place[letter] for letter in name]
    points = np.array(list(map(ord, alphabet)))
    return Channel(points).costs(text, letters, np.array(list(map(len, names))))


def edit_cost(text: str, name: str) -> float:
    """Sum the cheapest edits that lead from a name to a text in the same script; see `edit_costs`.

    Examples
    --------
    >>> edit_cost("чернігів", "чернігів"), round(edit_cost("braila", "brăila"), 1), edit_cost("димер", "димерка") > 8
    (0.0, 0.7, True)
    """
    return float(edit_costs(text, [name])[0])


_CYRILLIC_TEXTS = ("uk", "ru", "be", "de", "pl", "scholarly")


@lru_cache(maxsize=4096)
def romanisations(text: str) -> tuple[str, ...]:
    """Give the Latin spellings of a Cyrillic text that are compared with Latin names, without marks."""
    return tuple(dict.fromkeys(base(romanize_folded(text, system)) for system in _CYRILLIC_TEXTS))


def name_cost(text: str, name: str, *, derived: bool = False) -> float:
    """Give the cost of reading a text where a name was meant, over scripts too.

    Parameters
    ----------
    text, name
        Strings in the form of `gazetteer.names.plain`, each in one script.
    derived
        Whether the name was made by rule and stands in no source.

    Returns
    -------
    Nats, at most `HOPELESS`.

    Examples
    --------
    >>> name_cost("tschernihiw", "чернігів") < 1 < name_cost("чернігів", "kernigov")
    True
    """
    text_script, name_script = script(text), script(name)
    if text_script == name_script:
        cost = edit_cost(text, name)
    elif (text_script, name_script) == ("latin", "cyrillic"):
        cost = min(edit_costs(base(text), romanisations(name))) + ROMANIZED
    elif (text_script, name_script) == ("cyrillic", "latin"):
        cost = CYRILLIZED if base(name) in romanisations(text) else HOPELESS
    else:
        return HOPELESS
    known = KEY_ONLY if text_script == "latin" and name_script == "cyrillic" else KEY_ONLY_OTHER
    alike = max(len(text), len(name)) <= LONGER_SPELLING * min(len(text), len(name))
    if cost > known and alike and "latin" in (text_script, name_script) and key(text) == key(name):
        # Two spellings of one sound, such as Czernihów: the keys agree where no single standard does.
        cost = known
    return min(HOPELESS, float(cost) + (DERIVED_NATS if derived else 0.0))
