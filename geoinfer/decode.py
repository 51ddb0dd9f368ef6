"""From scores per step to text: CTC decoding with a beam, and the script of a text.

CTC (Graves et al. 2006): the network gives, for every step along the line, a probability for every character and for
"nothing here" (blank, index 0). A text's probability is the sum over all ways to spell it; the beam keeps the best
prefixes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_NEVER = -1e30
UNLIKELY = float(np.log(2e-4))
"""Characters less probable than this at a step are not followed there."""

Ways = dict[tuple[int, ...], tuple[float, float]]

# Letters of one shape in two scripts. Lower case only where the shapes agree there too.
LATIN_OF = dict(zip("АВЕЅІЇЈКМНОРСТУХаеѕіїјорсухЁё", "ABESIÏJKMHOPCTYXaesiïjopcyxËë", strict=True))
"""Cyrillic letters and the Latin letters that look the same."""
CYRILLIC_OF = {latin: cyrillic for cyrillic, latin in LATIN_OF.items() if cyrillic not in "ЅѕЈј"}
"""Latin letters and the letters of Ukrainian, Russian and Belarusian that look the same."""


def ctc_beam(
    scores: NDArray[np.floating], alphabet: Sequence[str], beam: int = 8, keep: int = 5
) -> list[tuple[str, float]]:
    """Decode the most probable texts.

    Parameters
    ----------
    scores
        Log-probabilities, steps x (blank + characters).
    alphabet
        The characters, in the order of the columns after the blank.
    beam
        Prefixes that are followed.
    keep
        Texts given back, at most.

    Returns
    -------
    list of (str, float)
        Texts with their probabilities, most probable first. Texts outside of the beam are left out, so the sum is
        below one.

    Examples
    --------
    >>> p = np.log([[0.1, 0.9, 1e-9], [0.9, 0.05, 0.05], [0.1, 0.3, 0.6]])
    >>> [(text, round(p, 3)) for text, p in ctc_beam(p, "аб", keep=2)]
    [('аб', 0.547), ('аа', 0.243)]
    """
    # For every prefix: the log-probability of the ways that end in a blank, and of those that end in its last
    # character.
    prefixes: Ways = {(): (0.0, _NEVER)}
    for row in np.asarray(scores, dtype=np.float64):
        likely = np.argpartition(row, -beam)[-beam:] if len(row) > beam else np.arange(len(row))
        codes = [int(c) for c in likely if c and row[c] > UNLIKELY]
        grown: Ways = {}

        for prefix, (blank, char) in prefixes.items():
            both = _sum(blank, char)
            last = prefix[-1] if prefix else 0
            _add(grown, prefix, both + row[0], char + row[last] if last else _NEVER)
            for code in codes:
                _add(grown, (*prefix, code), _NEVER, (blank if code == last else both) + row[code])
        best = sorted(grown, key=lambda p: (-_sum(*grown[p]), p))[:beam]
        prefixes = {prefix: grown[prefix] for prefix in best}
    texts: dict[str, float] = {}
    for prefix, pair in prefixes.items():
        text = " ".join("".join(alphabet[c - 1] for c in prefix).split())
        texts[text] = texts.get(text, 0.0) + float(np.exp(min(_sum(*pair), 0.0)))
    return sorted(texts.items(), key=lambda item: (-item[1], item[0]))[:keep]


def _add(ways: Ways, prefix: tuple[int, ...], blank: float, char: float) -> None:
    old = ways.get(prefix, (_NEVER, _NEVER))
    ways[prefix] = (_sum(old[0], blank), _sum(old[1], char))


def _sum(a: float, b: float) -> float:
    """Logarithm of the sum of two probabilities given as logarithms."""
    high, low = (a, b) if a > b else (b, a)
    return high if low < high - 40 else high + float(np.log1p(np.exp(low - high)))


def script_of(text: str) -> str:
    """Script of a text: ``cyrillic``, ``latin``, ``digits``, ``mixed`` or ``other``.

    Text of letters alone that exist in both scripts takes the script it is written in.

    Examples
    --------
    >>> [script_of(t) for t in ("Чернігів 39", "Chernihiv", "39", "M01", "Київ Kyiv", "東京", "-")]
    ['cyrillic', 'latin', 'digits', 'latin', 'mixed', 'other', 'other']
    """
    cyrillic = latin = other = digits = 0
    for char in text:
        if char.isdigit():
            digits += 1
        elif char.isalpha():
            name = unicodedata.name(char, "")
            cyrillic += name.startswith("CYRILLIC")
            latin += name.startswith("LATIN")
            other += not name.startswith(("CYRILLIC", "LATIN"))
    if other:
        return "other"
    if cyrillic and latin:
        return "mixed"
    if cyrillic or latin:
        return "cyrillic" if cyrillic else "latin"
    return "digits" if digits else "other"


def one_script(text: str) -> str:
    """Write every word in one script, where look-alike letters allow it.

    Examples
    --------
    >>> one_script("ЧEPHIГIB"), one_script("Кyiv"), one_script("Київ Kyiv")
    ('ЧЕРНІГІВ', 'Kyiv', 'Київ Kyiv')
    """
    return " ".join(_one_script_word(word) for word in text.split(" "))


def _one_script_word(word: str) -> str:
    if script_of(word) != "mixed":
        return word
    in_cyrillic = "".join(CYRILLIC_OF.get(c, c) for c in word)
    if script_of(in_cyrillic) == "cyrillic":
        return in_cyrillic
    in_latin = "".join(LATIN_OF.get(c, c) for c in word)
    return in_latin if script_of(in_latin) == "latin" else word
