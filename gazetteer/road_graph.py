"""A road graph out of the ways of OpenStreetMap: junctions, bends, and kilometres between them.

Bends stay where the straight line would be more than `BEND_KM` off. Every way can be gone in both directions: signs
give distances along roads, not what a navigator may do.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from gazetteer.road_points import Floats, plain_ref
from gazetteer.roads import BBox
from gazetteer.sphere import EARTH_KM

if TYPE_CHECKING:
    from numpy.typing import NDArray

BEND_KM = 0.1
"""How far a road may leave the straight line between two nodes of the graph."""

SCALE = 1_000_000
"""Stored coordinates are whole numbers of 1 / `SCALE` degree."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way of OpenStreetMap: the ids of its nodes, where they are, and the numbers of its routes."""

    nodes: tuple[int, ...]
    line: tuple[tuple[float, float], ...]
    ref: str = ""
    int_ref: str = ""


def refs_of(way: Way) -> tuple[str, str]:
    """Give national and European route numbers in the spelling of this package, each joined by ``;``.

    Examples
    --------
    >>> refs_of(Way((), (), "М-01;Р56", "E 95"))
    ('M01;P56', 'E95')
    """
    parts = {plain_ref(part) for part in f"{way.ref};{way.int_ref}".split(";")}
    parts = {part for part in parts if part and len(part) <= 12 and part.isalnum()}
    european = {part for part in parts if part[0] == "E" and part[1:].isdigit()}
    return ";".join(sorted(parts - european)), ";".join(sorted(european))


def packed_roads(ways: Sequence[Way], bounds: BBox | None = None) -> bytes:
    """Make the road graph of some ways, as the bytes of the npz file that `gazetteer.roads` reads."""
    uses = Counter(node for way in ways for node in way.nodes)
    for way in ways:
        uses.update((way.nodes[0], way.nodes[-1]))
    number: dict[int, int] = {}
    spots: list[tuple[float, float]] = []
    a: list[int] = []
    b: list[int] = []
    metres: list[int] = []
    refs: list[str] = []
    e_refs: list[str] = []
    for way in ways:
        line = np.array(way.line, dtype=np.float64)
        along = np.r_[0.0, np.cumsum(_steps_km(line))]
        stops = [at for at, node in enumerate(way.nodes) if uses[node] > 1]
        kept = [at for start, end in pairwise(stops) for at in _bends(line, start, end)] + stops[-1:]
        ref, e_ref = refs_of(way)
        for at in kept:
            if way.nodes[at] not in number:
                number[way.nodes[at]] = len(spots)
                spots.append(way.line[at])
        for start, end in pairwise(kept):
            if way.nodes[start] != way.nodes[end]:
                a.append(number[way.nodes[start]])
                b.append(number[way.nodes[end]])
                metres.append(max(1, round((along[end] - along[start]) * 1000)))
                refs.append(ref)
                e_refs.append(e_ref)
    lon, lat = np.array(spots, dtype=np.float64).reshape(-1, 2).T
    box = bounds or (lon.min(), lat.min(), lon.max(), lat.max())
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        allow_pickle=False,
        lon=np.round(lon * SCALE).astype(np.int32),
        lat=np.round(lat * SCALE).astype(np.int32),
        a=np.array(a, dtype=np.int32),
        b=np.array(b, dtype=np.int32),
        metres=np.array(metres, dtype=np.int32),
        ref=np.array(refs, dtype="<U40"),
        e_ref=np.array(e_refs, dtype="<U24"),
        scale=np.array(SCALE),
        bbox=np.array(box, dtype=np.float64),
        bend_km=np.array(BEND_KM),
    )
    return buffer.getvalue()


def _steps_km(line: Floats) -> Floats:
    """Return the length of every step of a line, on a sphere."""
    lon, lat = np.radians(line).T
    half = np.sin(np.diff(lat) / 2) ** 2 + np.cos(lat[:-1]) * np.cos(lat[1:]) * np.sin(np.diff(lon) / 2) ** 2
    return np.asarray(2 * EARTH_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0))))


def _bends(line: Floats, start: int, end: int) -> list[int]:
    """Give the positions in a line, from one to before another, that have to stay (Douglas and Peucker 1973)."""
    flat = line[start : end + 1] * (np.cos(np.radians(line[start, 1])), 1.0) * 111.195
    keep: NDArray[np.bool_] = np.zeros(len(flat), dtype=bool)
    keep[0] = True
    open_ = [(0, len(flat) - 1)]
    while open_:
        first, last = open_.pop()
        if last - first < 2:
            continue
        inner, chord = flat[first + 1 : last] - flat[first], flat[last] - flat[first]
        length = float(np.hypot(*chord))
        away = np.abs(inner[:, 0] * chord[1] - inner[:, 1] * chord[0]) / length if length else np.hypot(*inner.T)
        worst = int(np.argmax(away))
        if away[worst] > BEND_KM:
            keep[first + 1 + worst] = True
            open_ += [(first, first + 1 + worst), (first + 1 + worst, last)]
    return [start + int(at) for at in np.flatnonzero(keep)]
