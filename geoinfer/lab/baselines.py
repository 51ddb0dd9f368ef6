"""Baselines: what people do without a belief, given the same names and the same gazetteer.

- *nearest place*: the camera is where the first or nearest named place is;
- *median place*: the camera is at the median of the named places, within the smallest distance on the signs;
- *rings*: a ring around every named place, as wide as distances on signs allow; the camera is where they meet.

None of them weighs anything. Each gives a misfit in kilometres for every point: how far the point lies from what the
method says. A region "at the same coverage" is all points up to the misfit that covers the truth as often as the
belief's region does; it is found over all cases of a run, so that baselines get the best width that they could have.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoinfer.lab.ground import DETOUR, straight_km

Floats = NDArray[np.float64]
Mentions = Sequence[dict[str, Any]]

NAMES = ("nearest place", "median place", "rings, all", "rings, most")
REACH_KM = {"settlement_begin": 3.0, "settlement_end": 3.0, "station": 3.0, "direction": 60.0, "distance": 60.0}
OTHER_KM = 30.0
"""Radius of the disc around a place that is named without kilometres: judgements, as a researcher would make them."""

GRID = 240


def misfit_km(name: str, mentions: Mentions, lon: Floats, lat: Floats) -> Floats:
    """Kilometres by which points miss what a baseline says.

    Parameters
    ----------
    name
        One of `NAMES`.
    mentions
        Named places, see `geoinfer.lab.judge.named`; at least one.
    lon, lat
        Points.
    """
    if name == "nearest place":
        first = min(mentions, key=lambda m: m["km"] if m["km"] is not None else REACH_KM.get(m["kind"], OTHER_KM))
        return straight_km(first["lon"], first["lat"], lon, lat)
    if name == "median place":
        middle = np.median([(m["lon"], m["lat"]) for m in mentions], axis=0)
        radius = min((m["km"] for m in mentions if m["km"] is not None), default=OTHER_KM)
        return np.maximum(straight_km(float(middle[0]), float(middle[1]), lon, lat) - radius, 0.0)
    misses = []
    for mention in mentions:
        away = straight_km(mention["lon"], mention["lat"], lon, lat)
        inner, outer = ring_km(mention)
        misses.append(np.maximum(np.maximum(inner - away, away - outer), 0.0))
    if name == "rings, all":
        return np.asarray(np.max(misses, axis=0))
    # The lower median: half of the names may be wrong.
    return np.asarray(np.sort(misses, axis=0)[(len(misses) - 1) // 2])


def ring_km(mention: dict[str, Any]) -> tuple[float, float]:
    """Least and greatest straight kilometres to a named place.

    Examples
    --------
    >>> [round(km) for km in ring_km({"kind": "distance", "km": 68, "lon": 31.0, "lat": 51.0})]
    [50, 65]
    """
    if mention["km"] is None:
        return 0.0, REACH_KM.get(mention["kind"], OTHER_KM)
    return mention["km"] / DETOUR[1], mention["km"] / DETOUR[0]


def area_km2(name: str, mentions: Mentions, misfit: float) -> float:
    """Area of the points whose misfit is at most so many kilometres, counted on a grid around the named places."""
    reach = misfit + max(ring_km(mention)[1] for mention in mentions) + 1.0
    lons, lats = np.array([m["lon"] for m in mentions]), np.array([m["lat"] for m in mentions])
    if name == "nearest place":
        return float(np.pi * misfit**2)
    south, north = lats.min() - reach / 111.0, lats.max() + reach / 111.0
    south, north = max(south, -89.0), min(north, 89.0)
    squeeze = max(float(np.cos(np.radians(max(abs(south), abs(north))))), 0.05)
    west, east = lons.min() - reach / 111.0 / squeeze, lons.max() + reach / 111.0 / squeeze
    lon, lat = np.meshgrid(np.linspace(west, east, GRID), np.linspace(south, north, GRID))
    cell = np.cos(np.radians(lat)) * (east - west) * (north - south) / (GRID - 1) ** 2 * 111.195**2
    inside = misfit_km(name, mentions, lon.ravel(), lat.ravel()) <= misfit
    return float((inside * cell.ravel()).sum())
