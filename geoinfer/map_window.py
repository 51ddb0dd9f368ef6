"""Which part of the world a map opens with, and how far its background reaches."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from geoinfer.geodesy import distance_km
from geoinfer.map_grounds import named_places

if TYPE_CHECKING:
    from geoinfer.base_layers import Bounds
    from geoinfer.result import Findings

View = list[list[float]]
"""South-west and north-east corner, each latitude then longitude, as Leaflet takes them."""

WORLD: View = [[-60.0, -170.0], [75.0, 170.0]]
LEAST_KM = 25.0
"""No view is narrower: a reader needs the name of a town to know where it is."""
MAX_SITES = 20
MOST_SITES, MOST_REGION = 0.8, 0.5
"""Share of the sites' probability, and of a region's area, that the first view frames: the rest are far tails."""
FAR_KM = 150.0
_KM_PER_DEGREE = 111.2


def view_of(findings: Findings) -> View:
    """Choose the window that a map opens with.

    It frames most of the innermost region, the first sites that hold most of the sites' probability, and the places
    that signs name within `FAR_KM` of them. Without sites and regions it frames the cells, or else the world.
    """
    sites = _leading(findings)
    boxes = [(site[0], site[1], site[0], site[1]) for site in sites]
    if findings.regions:
        boxes += _main_parts(findings)
    if not boxes and len(findings.cells):
        boxes = [tuple(findings.cells.total_bounds)]
    if not boxes:
        return WORLD
    for one in named_places(findings):
        spots = sites or [((box[0] + box[2]) / 2, (box[1] + box[3]) / 2) for box in boxes]
        lons, lats = zip(*spots, strict=True)
        if np.min(distance_km(one.place.lon, one.place.lat, lons, lats)) <= FAR_KM:
            boxes.append((one.place.lon, one.place.lat, one.place.lon, one.place.lat))
    return _view(_around_all(boxes))


def window_of(findings: Findings) -> Bounds:
    """Choose the window whose background is drawn: around the first view, and around every region."""
    wide = [region.geometry.bounds for region in findings.regions.values() if not region.geometry.is_empty]
    return _around_all([around(view_of(findings)), *(around(_view(box)) for box in wide)])


def around(view: View) -> Bounds:
    """Widen a view to the window whose background is drawn: as much again on every side, at least 1.2 degrees."""
    (south, west), (north, east) = view
    more = max(1.2, north - south, (east - west) / 2)
    wide = 1.6 * more
    return (max(-180.0, west - wide), max(-85.0, south - more), min(180.0, east + wide), min(85.0, north + more))


def _leading(findings: Findings) -> list[tuple[float, float]]:
    total = sum(site.probability for site in findings.sites)
    held = 0.0
    spots: list[tuple[float, float]] = []
    for site in findings.sites[:MAX_SITES]:
        if held >= MOST_SITES * total and spots:
            break
        held += site.probability
        spots.append((site.lon, site.lat))
    return spots


def _main_parts(findings: Findings) -> list[Bounds]:
    """Return the boxes of the innermost region's largest parts."""
    import shapely

    inner = findings.regions[min(findings.regions)].geometry
    parts = sorted(shapely.get_parts(inner), key=lambda part: -part.area)
    held = np.cumsum([part.area for part in parts])
    before = np.concatenate([[0.0], held[:-1]])
    return [part.bounds for part, area in zip(parts, before, strict=False) if area < MOST_REGION * inner.area]


def _around_all(boxes: list[Bounds]) -> Bounds:
    west, south = (min(box[side] for box in boxes) for side in (0, 1))
    east, north = (max(box[side] for box in boxes) for side in (2, 3))
    return (float(west), float(south), float(east), float(north))


def _view(box: Bounds) -> View:
    west, south, east, north = box
    high = LEAST_KM / _KM_PER_DEGREE
    wide = high / max(0.05, math.cos(math.radians((south + north) / 2)))
    margin = 0.06 * max(east - west, north - south)
    more_lat = max(margin, (high - (north - south)) / 2)
    more_lon = max(margin, (wide - (east - west)) / 2)
    return [[south - more_lat, west - more_lon], [north + more_lat, east + more_lon]]
