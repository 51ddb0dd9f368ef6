"""Numbers in groups: sums, means, spreads, medians and extremes of many short lists at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indexes = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Groups:
    """Which of the numbers in a row belong to which group; the groups lie one after another.

    Attributes
    ----------
    sizes
        How many numbers each group has; it may have none.
    """

    sizes: Indexes

    @classmethod
    def of(cls, lists: Sequence[NDArray[np.intp]]) -> Groups:
        """Make a group of each list."""
        return cls(np.array([len(members) for members in lists], dtype=np.intp))

    @property
    def owner(self) -> Indexes:
        """The group of each number."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    @property
    def first(self) -> Indexes:
        """Where each group begins."""
        return np.cumsum(self.sizes) - self.sizes

    def sum(self, values: Floats) -> Floats:
        """Add up each group.

        Examples
        --------
        >>> Groups(np.array([2, 0, 1])).sum(np.array([1.0, 2.0, 5.0]))
        array([3., 0., 5.])
        """
        return np.asarray(np.bincount(self.owner, weights=values, minlength=len(self.sizes)), dtype=np.float64)

    def mean(self, values: Floats) -> Floats:
        """Give the mean of each group; 0 for one without numbers."""
        return self.sum(values) / np.maximum(self.sizes, 1)

    def std(self, values: Floats) -> Floats:
        """Give the standard deviation within each group."""
        return np.sqrt(self.mean((values - self.mean(values)[self.owner]) ** 2))

    def median(self, values: Floats) -> Floats:
        """Give the median of each group; 0 for one without numbers.

        Examples
        --------
        >>> Groups(np.array([3, 0, 2])).median(np.array([9.0, 1.0, 4.0, 1.0, 2.0]))
        array([4. , 0. , 1.5])
        """
        ranked = np.append(values[np.lexsort((values, self.owner))], 0.0)
        low, high = self.first + (self.sizes - 1) // 2, self.first + self.sizes // 2
        return np.where(self.sizes > 0, (ranked[low] + ranked[high]) / 2, 0.0)

    def least(self, values: Floats) -> Floats:
        """Give the least number of each group, none of which may be empty."""
        return np.asarray(np.minimum.reduceat(values, self.first))

    def most(self, values: Floats) -> Floats:
        """Give the largest number of each group, none of which may be empty."""
        return np.asarray(np.maximum.reduceat(values, self.first))
