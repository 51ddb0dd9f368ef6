"""Sweeps: road kilometres from places beside a network to all its junctions, several places at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gazetteer.road_points import Floats, Ints

SHORTEST_KM = 1e-6
"""Edges of no length are this long: a sparse matrix takes a zero for no edge."""


@dataclass(frozen=True, eq=False)
class Exits:
    """Where a place joins a network.

    Attributes
    ----------
    edge
        Edges that it joins.
    along
        Kilometres along each, from its first end.
    connector
        Kilometres from the place to there.
    """

    edge: Ints
    along: Floats
    connector: Floats


class Network:
    """Kilometres between the junctions of a network, both ways.

    Parameters
    ----------
    a, b, km
        Edges: the junctions that each joins, and its length.
    count
        How many junctions there are.

    Examples
    --------
    A place at the middle of the first of two edges:

    >>> network = Network(np.array([0, 1]), np.array([1, 2]), np.array([10.0, 4.0]), 3)
    >>> network.sweep([Exits(np.array([0]), np.array([5.0]), np.array([1.0]))]).tolist()
    [[6.0, 6.0, 10.0]]
    """

    def __init__(self, a: Ints, b: Ints, km: Floats, count: int) -> None:
        self._a, self._b, self._km, self._count = a, b, km, count
        start, finish, both = np.concatenate([a, b]), np.concatenate([b, a]), np.concatenate([km, km])
        self._rows = _shortest(start, finish, both, count)

    def sweep(self, places: Sequence[Exits], limit_km: float = np.inf) -> Floats:
        """Give road kilometres from each place to every junction, infinite beyond a limit: one row for each place."""
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import dijkstra

        number = np.repeat(np.arange(len(places)), [2 * len(exits.edge) for exits in places])
        ends = np.concatenate([np.concatenate([self._a[e.edge], self._b[e.edge]]) for e in places])
        ways = [np.concatenate([e.connector + e.along, e.connector + self._km[e.edge] - e.along]) for e in places]
        # Places are more rows of the matrix; nothing leads back to them.
        rows = [self._rows, _shortest(number, ends, np.concatenate(ways), len(places))]
        size, begun = self._count + len(places), rows[0][2][-1]
        matrix = csr_array(
            (
                np.concatenate([row[0] for row in rows]),
                np.concatenate([row[1] for row in rows]),
                np.concatenate([rows[0][2], rows[1][2][1:] + begun]),
            ),
            shape=(size, size),
        )
        found = dijkstra(matrix, indices=np.arange(self._count, size), limit=limit_km)
        return np.asarray(found, dtype=np.float64)[:, : self._count]


def _shortest(start: Ints, finish: Ints, km: Floats, count: int) -> tuple[Floats, NDArray[np.int32], NDArray[np.int32]]:
    """Give the rows of a sparse matrix, which would add up several ways between two junctions: the shortest is kept."""
    order = np.lexsort((km, finish, start))
    start, finish, km = start[order], finish[order], km[order]
    first = np.append(True, (start[1:] != start[:-1]) | (finish[1:] != finish[:-1]))[: len(start)]
    begins = np.searchsorted(start[first], np.arange(count + 1))
    # As SciPy wants them: it would turn wider ones into these, each time.
    return np.maximum(km[first], SHORTEST_KM), finish[first].astype(np.int32), begins.astype(np.int32)
