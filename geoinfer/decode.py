"""From scores per step to text: CTC decoding with a beam, and the script of a text.

CTC (Graves et al. 2006): the network gives, for every step along the line, a probability for every character and for
"nothing here" (blank, index 0). A text's probability is the sum over all ways to spell it; the beam keeps the best
prefixes.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

UNLIKELY = 2e-4
"""Characters less probable than this at a step are not followed there."""
HOPELESS = 1e-5
"""Prefixes so many times less probable than the best one are not followed."""

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
    shares = np.exp(np.asarray(scores, dtype=np.float64))
    widest = min(beam + 1, shares.shape[1])
    columns = np.argpartition(shares, -widest, axis=1)[:, -widest:]
    likely = (np.take_along_axis(shares, columns, axis=1) > UNLIKELY) & (columns > 0)
    # For every prefix: the probability of the ways that end in a blank, and of those that end in its last character.
    prefixes: Ways = {(): (1.0, 0.0)}
    scale = 0.0
    for row, at, follow in zip(shares.tolist(), columns, likely, strict=True):
        codes = at[follow].tolist()
        if not codes:
            # Nothing new here: only the ways of each prefix are shared out anew.
            prefixes = {p: ((b + c) * row[0], c * row[p[-1]] if p else 0.0) for p, (b, c) in prefixes.items()}
            continue
        grown = _grown(prefixes, row, codes, beam)
        ranked = sorted([(-blank - char, prefix) for prefix, (blank, char) in grown.items()])[:beam]
        best = -ranked[0][0]
        # Long lines would run out of floating point: the best prefix is brought back to one, the power kept apart.
        prefixes = {p: (grown[p][0] / best, grown[p][1] / best) for worse, p in ranked if worse <= -HOPELESS * best}
        scale += math.log(best)
    texts: dict[str, float] = {}
    for prefix, (blank, char) in prefixes.items():
        text = " ".join("".join(alphabet[c - 1] for c in prefix).split())
        texts[text] = texts.get(text, 0.0) + math.exp(min(math.log(blank + char) + scale, 0.0))
    return sorted(texts.items(), key=lambda item: (-item[1], item[0]))[:keep]


def best_path(shares: NDArray[np.floating], alphabet: Sequence[str]) -> tuple[str, float]:
    """Decode the text of the likeliest character at every step, and give the probability of that way alone.

    Parameters
    ----------
    shares
        Probabilities, steps x (blank + characters).
    alphabet
        The characters, in the order of the columns after the blank.

    Examples
    --------
    >>> text, probability = best_path(np.array([[0.1, 0.9, 0.0], [0.9, 0.1, 0.0], [0.1, 0.3, 0.6]]), "аб")
    >>> text, round(probability, 3)
    ('аб', 0.486)
    """
    best = shares.argmax(axis=1)
    peaks = shares[np.arange(len(best)), best]
    fresh = np.append(True, best[1:] != best[:-1]) & (best > 0)
    text = " ".join("".join(alphabet[code - 1] for code in best[fresh]).split())
    return text, float(np.prod(peaks))


def _grown(prefixes: Ways, row: Sequence[float], codes: Sequence[int], beam: int) -> Ways:
    """Go one step on: every prefix as it is, and longer by one character where that may come among the best.

    Most longer prefixes are far below the least of a full beam: they are not even made.
    """
    grown = {}
    for prefix, (blank, char) in prefixes.items():
        longer = char * row[prefix[-1]] if prefix else 0.0
        if prefix and prefix[-1] in codes and (shorter := prefixes.get(prefix[:-1])):
            alike = len(prefix) > 1 and prefix[-2] == prefix[-1]
            longer += (shorter[0] if alike else shorter[0] + shorter[1]) * row[prefix[-1]]
        grown[prefix] = (blank + char) * row[0], longer
    sums = [blank + char for blank, char in grown.values()]
    least = max(HOPELESS * max(sums), min(sums) if len(sums) >= beam else 0.0)
    for prefix, (blank, char) in prefixes.items():
        both, last = blank + char, prefix[-1] if prefix else 0
        for code in codes:
            share = (blank if code == last else both) * row[code]
            if share >= least and (longest := (*prefix, code)) not in prefixes:
                grown[longest] = 0.0, share
    return grown


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
