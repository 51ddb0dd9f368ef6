"""Candidates for a name: the search keys near a given one, out of several hundred thousand, in milliseconds.

Every key has a signature of 64 bits, one per hashed pair of neighbouring letters. One edit touches at most two pairs
in each key, hence at most four bits, so keys whose signatures differ in more than four bits per allowed edit
cannot be near enough. What is left, a few hundred at most, is compared letter by letter.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from rapidfuzz.distance import Levenshtein

from gazetteer.tables import Array, Tables

_BITS_PER_EDIT = 4


def line_bounds(lines: bytes) -> tuple[Array, Array]:
    """Give where each line of a text begins and ends (without its line break), in bytes."""
    breaks = np.flatnonzero(np.frombuffer(lines, dtype=np.uint8) == ord("\n"))
    return np.concatenate(([0], breaks + 1)), np.concatenate((breaks, [len(lines)]))


def _signatures(lines: bytes, starts: Array) -> Array:
    """Give the 64-bit signature of each line; the line breaks serve as the pairs' outer letters."""
    framed = np.frombuffer(b"\n" + lines + b"\n", dtype=np.uint8)
    hashed = (framed[:-1] * np.uint8(29) + framed[1:] * np.uint8(7)) & np.uint8(63)
    bits = np.left_shift(np.uint64(1), hashed.astype(np.uint64))
    return np.bitwise_or.reduceat(bits, starts)


class Index:
    """The search keys of a gazetteer.

    Parameters
    ----------
    tables
        The gazetteer's columns; its keys are sorted by length, then by letters.
    """

    def __init__(self, tables: Tables) -> None:
        self._keys = tables.keys
        self._names = tables.names
        self._starts, self._ends = line_bounds(tables.keys)
        self._lengths = (self._ends - self._starts).astype(np.int32)
        self._first_name = np.concatenate(([0], np.cumsum(tables.key_names, dtype=np.int64)))

    @cached_property
    def _masks(self) -> Array:
        return _signatures(self._keys, self._starts)

    @cached_property
    def _name_bounds(self) -> tuple[Array, Array]:
        return line_bounds(self._names)

    def name(self, row: int) -> str:
        """Give a name by its row."""
        starts, ends = self._name_bounds
        return self._names[starts[row] : ends[row]].decode()

    def names_of(self, key_row: int) -> range:
        """Give the rows of the names that share a key."""
        return range(int(self._first_name[key_row]), int(self._first_name[key_row + 1]))

    def key(self, row: int) -> str:
        """Give a key by its row."""
        return self._keys[self._starts[row] : self._ends[row]].decode()

    def near(self, wanted: str, edits: int, most: int = 60) -> list[tuple[int, int]]:
        """Find the keys within a number of edits of a key.

        Parameters
        ----------
        wanted
            A search key.
        edits
            Most letters inserted, deleted or replaced.
        most
            Most keys returned.

        Returns
        -------
        Pairs of row and edits, nearest first.
        """
        coded = wanted.encode()
        if not coded:
            return []
        # A letter outside ASCII is up to four bytes, so the window is in bytes of the widest letter.
        slack = edits * max(len(char.encode()) for char in wanted)
        low = int(np.searchsorted(self._lengths, len(coded) - slack, side="left"))
        high = int(np.searchsorted(self._lengths, len(coded) + slack, side="right"))
        signature = _signatures(coded, np.array([0]))[0]
        differing = np.bitwise_count(self._masks[low:high] ^ signature)
        survivors = np.flatnonzero(differing <= _BITS_PER_EDIT * slack) + low
        found = []
        for row in survivors.tolist():
            distance = Levenshtein.distance(wanted, self.key(row), score_cutoff=edits)
            if distance <= edits:
                found.append((distance, row))
        found.sort()
        return [(row, distance) for distance, row in found[:most]]

    def ending(self, head: str, tail: str, most: int = 60) -> list[int]:
        """Find the keys that begin with one string and end with another, as abbreviated names do.

        Returns
        -------
        Rows of keys, shortest key first.
        """
        found: list[int] = []
        wanted = tail.encode() + b"\n"
        position = self._keys.find(wanted) if tail else -1
        while position >= 0 and len(found) < most:
            row = int(np.searchsorted(self._starts, position, side="right")) - 1
            start = int(self._starts[row])
            if position > start and self._keys.startswith(head.encode(), start):
                found.append(row)
            position = self._keys.find(wanted, position + 1)
        return found
