"""Which places lie near: rows of the table by kind, round one point, and round many at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from gazetteer.places import KINDS, Listing, Place
from gazetteer.sphere import EARTH_KM, great_circle_km, unit_vectors
from gazetteer.tables import DEGREE

if TYPE_CHECKING:
    from gazetteer.archive import Array
    from gazetteer.tables import Tables


def rows_of_kinds(tables: Tables, kinds: Iterable[str] | None) -> Array:
    """Rows of the places of some kinds, or of all.

    Raises
    ------
    ValueError
        A kind is unknown.
    """
    if kinds is None:
        return np.arange(len(tables.kind))
    wanted = set(kinds)
    if not wanted <= set(KINDS):
        raise ValueError(f"unknown kind among {sorted(wanted)}; valid are {', '.join(KINDS)}")
    return np.flatnonzero(np.isin(tables.kind, [KINDS.index(kind) for kind in wanted]))


def rows_within(tables: Tables, rows: Array, lon: float, lat: float, km: float) -> Array:
    """Those of some rows that lie within a distance of a point, nearest first.

    Raises
    ------
    ValueError
        A coordinate is out of range.
    """
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise ValueError(f"({lon}, {lat}) is no longitude and latitude in degrees")
    north = km / EARTH_KM * 180 / math.pi
    rows = rows[np.abs(tables.lat[rows] / DEGREE - lat) <= north]
    away = great_circle_km(lon, lat, tables.lon[rows] / DEGREE, tables.lat[rows] / DEGREE)
    near = np.flatnonzero(away <= km)
    return np.asarray(rows[near[np.argsort(away[near], kind="stable")]])


def rows_around(
    tables: Tables, kinds: frozenset[str] | None, placed_km: float, points: Sequence[tuple[float, float, float]]
) -> Array:
    """Rows of some kinds, placed to so many kilometres, near any of many points (longitude, latitude, km), in order.

    Raises
    ------
    ValueError
        A kind is unknown.
    """
    rows, tree = _placed(tables, kinds, placed_km)
    if not len(rows) or not points:
        return rows[:0]
    lon, lat, km = np.array(points, dtype=float).T
    chords = 2 * np.sin(np.minimum(km / EARTH_KM, math.pi) / 2)
    found = tree.query_ball_point(unit_vectors(lon, lat), chords)
    return np.asarray(rows[np.unique(np.concatenate([np.array(at, dtype=int) for at in found]))])


@lru_cache(maxsize=4)
def _placed(tables: Tables, kinds: frozenset[str] | None, placed_km: float) -> tuple[Array, Any]:
    """Rows of some kinds that are placed to so many kilometres, and a tree of them: it takes long to make."""
    from scipy.spatial import KDTree

    rows = rows_of_kinds(tables, kinds)
    rows = rows[tables.uncertainty_km[rows] <= placed_km]
    return rows, KDTree(unit_vectors(tables.lon[rows] / DEGREE, tables.lat[rows] / DEGREE))


def listing(tables: Tables, rows: Array, make: Callable[[int], Place]) -> Listing:
    """List the places of some rows; `make` makes one of its row."""
    return Listing(
        np.array(KINDS)[tables.kind[rows]],
        tables.lon[rows] / DEGREE,
        tables.lat[rows] / DEGREE,
        np.round(tables.uncertainty_km[rows].astype(float), 2),
        tables.population[rows].astype(np.int64),
        lambda at: make(int(rows[at])),
    )
