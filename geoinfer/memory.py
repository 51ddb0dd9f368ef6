"""What was worked out once and may be asked for again: bounded, and forgotten on request."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from itertools import count
from typing import Any, TypeVar

from geoinfer.facts import Column

Kept = TypeVar("Kept")

MOST_REMEMBERED = 256
MOST_HYPOTHESES = 20
MOST_COLUMNS = 200
"""Two for every clue: 1.2 MB with the shipped roads for one that most of them may stand on, else far less."""


class Memory:
    """Keeps what was asked for last.

    Examples
    --------
    >>> memory = Memory()
    >>> memory.remember("answer", lambda: 42), memory.remember("answer", lambda: 43)
    (42, 42)
    >>> memory.forget()
    >>> memory.remember("answer", lambda: 43)
    43
    """

    def __init__(self) -> None:
        self._numbers = count()
        self._constants: dict[Hashable, float] = {}
        self._remembered: OrderedDict[Hashable, Any] = OrderedDict()
        self._told: OrderedDict[Hashable, Column] = OrderedDict()
        self._weighed: OrderedDict[Hashable, Column] = OrderedDict()

    def forget(self) -> None:
        """Forget what clues said; what is known of positions stays, and how hypotheses weigh them."""
        self._remembered.clear()
        self._told.clear()
        self._constants.clear()

    def remember(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        """Give what was made for a key before, or make it and keep it. It must depend on nothing but the key."""
        if key in self._remembered:
            self._remembered.move_to_end(key)
        else:
            self._remembered[key] = make()
            while len(self._remembered) > MOST_REMEMBERED:
                self._remembered.popitem(last=False)
        kept: Kept = self._remembered[key]
        return kept

    def brief(self, key: Hashable) -> int:
        """Give a number that stands for a long key, which would take long to look up time and again."""
        return self.remember(("brief", key), lambda: next(self._numbers))

    def told(self, key: Hashable) -> Column:
        """Give the column of what a clue tells at rows of cells or fixed points; those asked for last are kept."""
        return _kept(self._told, key, MOST_COLUMNS)

    def weighed(self, key: Hashable) -> Column:
        """Give the column of how a hypothesis weighs rows of cells or fixed points; those asked for last are kept."""
        return _kept(self._weighed, key, MOST_HYPOTHESES)

    def constant(self, key: Hashable, make: Callable[[], float]) -> float:
        """Give the number that was made for a key before, or make it and keep it, as `remember` does."""
        if key not in self._constants:
            self._constants[key] = make()
        return self._constants[key]


def _kept(columns: OrderedDict[Hashable, Column], key: Hashable, most: int) -> Column:
    column = columns.pop(key, None) or Column()
    columns[key] = column
    while len(columns) > most:
        columns.popitem(last=False)
    return column
