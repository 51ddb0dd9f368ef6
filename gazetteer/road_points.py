"""Points along a road network, and the spelling of the route numbers that they carry."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LOOK_ALIKE = str.maketrans("МНРЕТАВСК", "MHPETABCK", " -‐‑–—/.")
"""Cyrillic letters of route numbers to the Latin ones that look the same; separators go."""


@dataclass(frozen=True, eq=False)
class RoadPoints:
    """Points along the network, each in the middle of the piece of road that it stands for.

    Attributes
    ----------
    lon, lat
        Degrees, EPSG:4326, on the straight line between the junctions of the edge.
    length_km
        Kilometres of road that each point stands for.
    edge
        Index of the edge it lies on.
    offset_km
        Road kilometres from the first junction of that edge.
    ref
        Route numbers in Latin letters such as ``M01``, joined by ``;`` where routes share a road, empty where unknown.
    e_ref
        European route numbers such as ``E95``, likewise.
    lateral_km
        The true road passes within this many kilometres of the point with about 68 % probability: see
        `gazetteer.roads.BEND`.
    """

    lon: Floats
    lat: Floats
    length_km: Floats
    edge: Ints
    offset_km: Floats
    ref: NDArray[np.str_]
    e_ref: NDArray[np.str_]
    lateral_km: Floats
    _order: list[Ints] = field(default_factory=list, init=False, repr=False)

    def __len__(self) -> int:
        return len(self.lon)

    def on(self, edges: Ints) -> Ints:
        """Return which points lie on some edges of the network."""
        if not self._order:
            order = np.argsort(self.edge, kind="stable")
            self._order.extend((order, self.edge[order]))
        order, edge = self._order
        begin, end = np.searchsorted(edge, edges, "left"), np.searchsorted(edge, edges, "right")
        count = end - begin
        return np.asarray(order[np.arange(count.sum()) + np.repeat(begin - np.cumsum(count) + count, count)])

    def carry(self, ref: str) -> NDArray[np.bool_]:
        """Return which points lie on a route, however its number is written.

        Examples
        --------
        >>> from gazetteer.roads import Roads
        >>> points = Roads.open().points(5.0, (30.9, 51.4, 31.4, 51.7))
        >>> bool(points.carry("М-01").any()), bool(points.carry("M07").any())
        (True, False)
        """
        wanted = plain_ref(ref)
        labels = np.char.add(np.char.add(self.ref, ";"), self.e_ref)
        names, inverse = np.unique(labels, return_inverse=True)
        hits = np.array([wanted in name.split(";") for name in names.tolist()], dtype=bool)
        return hits[inverse] if wanted else np.zeros(len(self), dtype=bool)


def plain_ref(ref: str) -> str:
    """Return a route number as this package writes it: Latin capitals, no separators.

    Examples
    --------
    >>> plain_ref("м-01"), plain_ref("Е 95"), plain_ref("А-240")
    ('M01', 'E95', 'A240')
    """
    return "".join(ref.upper().translate(LOOK_ALIKE).split())
