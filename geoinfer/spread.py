"""Values over positions that differ from one constant at a few of them only: what a clue says, kept small."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from geoinfer.geodesy import Floats
from geoinfer.parameters import number
from geoinfer.positions import Integers

NOWHERE = np.empty(0, dtype=np.int64)


def reference_km2() -> float:
    """Give the base measure over which a clue has a mean of one: what the camera may have stood on before any clue."""
    return number("reference", "area_km2")


def dot(one: npt.NDArray[np.floating[Any]], other: npt.NDArray[np.floating[Any]]) -> float:
    """Add up products. BLAS would wake threads that cost more than they save, and its sum would depend on their number.

    Examples
    --------
    >>> dot(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    11.0
    """
    return float(np.einsum("i,i", one, other))


@dataclass(frozen=True, eq=False)
class Spread:
    """Values at some of n positions, and one value for the rest.

    Attributes
    ----------
    n
        Number of positions.
    at
        Indices of positions, ascending, each once.
    value
        The values there.
    rest
        The value everywhere else.

    Examples
    --------
    >>> Spread(4, np.array([1, 2]), np.array([5.0, 6.0]), 0.5).dense().tolist()
    [0.5, 5.0, 6.0, 0.5]
    """

    n: int
    at: Integers
    value: Floats
    rest: float

    @classmethod
    def nothing(cls, n: int) -> Spread:
        """Say nothing: one everywhere."""
        return cls(n, NOWHERE, np.empty(0), 1.0)

    @classmethod
    def mixed(cls, n: int, parts: Sequence[tuple[float, Spread]]) -> Spread:
        """Add up spreads with weights.

        Examples
        --------
        >>> one = Spread(3, np.array([0]), np.array([4.0]), 1.0)
        >>> Spread.mixed(3, [(0.5, one), (0.5, Spread.nothing(3))]).dense().tolist()
        [2.5, 1.0, 1.0]
        """
        if not parts:
            return cls(n, NOWHERE, np.empty(0), 0.0)
        rest = float(sum(weight * part.rest for weight, part in parts))
        if len(parts) == 1 and rest == 0:
            weight, part = parts[0]
            return cls(n, part.at, weight * part.value, rest)
        at = union([part.at for _, part in parts], n)
        first, *others = sorted(parts, key=lambda part: -len(part[1].at))
        if len(first[1].at) == len(at):
            value = first[0] * first[1].value
            if more := rest - first[0] * first[1].rest:
                value += more
            for weight, part in others:
                value[_where(at, part.at, n)] += weight * (part.value - part.rest)
            return cls(n, at, value, rest)
        # What stands elsewhere in this array is never looked at.
        value = np.empty(n)
        value[at] = rest
        for weight, part in parts:
            value[part.at] += weight * (part.value - part.rest)
        return cls(n, at, value[at], rest)

    def on(self, at: Integers) -> Floats:
        """Give the values at some positions among which all of `self.at` are."""
        if len(self.at) == len(at):
            return self.value
        value = np.full(len(at), self.rest, dtype=self.value.dtype)
        value[_where(at, self.at, self.n)] = self.value
        return value

    def dense(self) -> Floats:
        """Give the value at every position; not to be changed."""
        if len(self.at) == self.n:
            return self.value
        value = np.full(self.n, self.rest, dtype=self.value.dtype)
        value[self.at] = self.value
        return value


def union(parts: Sequence[Integers], n: int) -> Integers:
    """Give the indices out of n that are in any of the parts, ascending."""
    held = [part for part in parts if len(part)]
    for part in held:
        if len(part) == n:
            return part
    if len(held) < 2:
        return held[0] if held else NOWHERE
    if sum(len(part) for part in held) < n // 400:
        return np.unique(np.concatenate(held))
    marked = np.zeros(n, dtype=bool)
    for part in held:
        marked[part] = True
    return np.flatnonzero(marked)


def _where(at: Integers, some: Integers, n: int) -> Integers | slice:
    """Say where in indices out of n some of them stand."""
    if len(some) == len(at):
        return slice(None)
    return some if len(at) == n else np.searchsorted(at, some)
