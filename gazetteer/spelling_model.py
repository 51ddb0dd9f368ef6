"""How usual a text is as a name: each letter after the three before it, as in the names of the gazetteer.

A text that looks like a name of the region, and is none that is listed, is likelier an unlisted name than a listed one
misread; a text that no name looks like is likelier misread. Counts of up to four letters are interpolated (the longer
the context, the more weight where it was seen often). One is taken off every count, so that a listed name gains nothing
by being its own example; what was seen once is then not worth keeping.
"""

from __future__ import annotations

import numpy as np

from gazetteer.archive import Array
from gazetteer.lexicon import SCRIPTS, Lexicon

ORDER = 4
WEIGHT = 6.0
"""How many times a shorter context's opinion counts against what was seen after the longer one."""

LETTERS, SIGNS = 40, 2000
"""Letters that a text in an alphabet, and in a script of many signs, may go on with."""

LEAST = 0.015
"""Least probability of a letter of an alphabet: it may have been misread."""

_PRIME = np.uint64(0x100000001B3)


def windows(framed: Array) -> list[Array]:
    """Hash all runs of one to `ORDER` neighbours, a list for each length; a run stands at its first letter's place."""
    hashed = np.full(len(framed) + 1, 0x9E3779B97F4A7C15, dtype=np.uint64)
    found = []
    for size in range(1, ORDER + 1):
        hashed = (hashed[:-1] ^ framed[size - 1 :]) * _PRIME
        hashed ^= hashed >> np.uint64(29)
        found.append(hashed)
    return found


def count_runs(lexicon: Lexicon) -> tuple[Array, Array]:
    """Count runs of one to four letters in the forms that are no romanisations by rule.

    Returns
    -------
    Sorted hashes of the runs that were seen more than once, and how often.
    """
    native = lexicon.form_script != SCRIPTS.index("romanised")
    lengths: Array = np.diff(lexicon.form_start.astype(np.int64))
    letters = lexicon.letters[np.repeat(native, lengths)].astype(np.uint64) + np.uint64(1)
    lengths = lengths[native]
    before = ORDER - 1
    framed = np.zeros(len(letters) + (before + 1) * len(lengths), dtype=np.uint64)
    framed[np.arange(len(letters)) + np.repeat((before + 1) * np.arange(len(lengths)) + before, lengths)] = letters
    owners = np.repeat(np.arange(len(lengths)), lengths + before + 1)
    hashes, counts = [], []
    for size, runs in enumerate(windows(framed), start=1):
        inside = owners[size - 1 :] == owners[: len(runs)]
        seen, times = np.unique(runs[inside], return_counts=True)
        hashes.append(seen[times > 1])
        counts.append(times[times > 1])
    everything = np.concatenate(hashes)
    order = np.argsort(everything)
    return everything[order], np.concatenate(counts)[order].astype(np.uint32)


class SpellingModel:
    """Gives the log-probability of texts as names.

    Parameters
    ----------
    alphabet
        Code points of the letters, in the order of their numbers in `count_runs`.
    hashes, counts
        What `count_runs` gave.
    """

    def __init__(self, alphabet: Array, hashes: Array, counts: Array) -> None:
        self._number = {chr(point): at for at, point in enumerate(alphabet.tolist(), start=1)}
        self._hashes, self._counts = hashes, counts

    def log_probability(self, text: str, *, signs: bool = False) -> float:
        """Give the log-probability of a text.

        Parameters
        ----------
        text
            In the form of `gazetteer.names.plain`.
        signs
            Whether its script is one of many signs.
        """
        before = ORDER - 1
        numbers = [self._number.get(char, 0xFFFF) for char in text]
        framed = np.array([0] * before + numbers + [0], dtype=np.uint64)
        likely = np.full(len(numbers) + 1, 1.0 / (SIGNS if signs else LETTERS))
        runs = windows(framed)
        times = np.split(self._seen(np.concatenate(runs)), np.cumsum(list(map(len, runs[:-1]))))
        for size in range(2, ORDER + 1):
            context, longer = times[size - 2][ORDER - size : -1], times[size - 1][ORDER - size :]
            likely = (longer + WEIGHT * likely) / (np.maximum(context, longer) + WEIGHT)
        return float(np.log(likely if signs else np.maximum(likely, LEAST)).sum())

    def _seen(self, hashes: Array) -> Array:
        """Give how often runs were seen beyond the once that may have been the text itself."""
        if not len(self._hashes):
            return np.zeros(len(hashes))
        at = np.minimum(np.searchsorted(self._hashes, hashes), len(self._hashes) - 1)
        found: Array = np.where(self._hashes[at] == hashes, self._counts[at] - 1.0, 0.0)
        return found
