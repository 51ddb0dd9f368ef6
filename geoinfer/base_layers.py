"""The drawn background of a map: borders, oblasts, roads, towns and border crossings, from the gazetteer alone.

A tile server would learn where a researcher looks, so the map brings its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gazetteer.places import Place

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees, EPSG:4326."""

MAX_BASE_BYTES = 1_500_000
MAX_TOWNS = 600
_TOWN_KINDS = ("city", "town", "village")


@dataclass(frozen=True, slots=True)
class Base:
    """What lies under the answer.

    Attributes
    ----------
    shapes
        Layer name (``countries``, ``frontiers``, ``admin1``, ``roads``) to a GeoJSON FeatureCollection.
    towns
        Places to label, the largest first.
    crossings
        Border crossings: ``name``, ``names``, ``lon``, ``lat``, ``note``.
    areas
        First-level divisions to label: ``name``, ``lon``, ``lat``.
    attribution
        Credit that the data's licences ask for.
    """

    shapes: Mapping[str, Any] = field(default_factory=dict)
    towns: tuple[Place, ...] = ()
    crossings: tuple[Mapping[str, Any], ...] = ()
    areas: tuple[Mapping[str, Any], ...] = ()
    attribution: str = ""


def open_base(bounds: Bounds, min_population: int = 0) -> Base:
    """Read the background for a window from the gazetteer's shipped tables.

    Parameters
    ----------
    bounds
        West, south, east, north of the window in degrees.
    min_population
        Inhabitants of the smallest town to label.

    Returns
    -------
    Base
        Everything in the window, simplified to fit into a map file.
    """
    from gazetteer.basemap import ATTRIBUTION, basemap

    shapes = basemap(bounds, MAX_BASE_BYTES)
    credit = f"{ATTRIBUTION}; GeoNames (CC BY 4.0); KATOTTG"
    return Base(shapes, _towns(bounds, min_population), _crossings(bounds), _areas(bounds), credit)


def _areas(bounds: Bounds) -> tuple[Mapping[str, Any], ...]:
    from shapely import box

    from gazetteer.borders import Borders

    window, borders = box(*bounds), Borders.open()
    labels = []
    for code, division in borders.divisions.items():
        part = division.intersection(window) if division.intersects(window) else None
        if part is not None and part.area > 0.02 * window.area:
            spot = part.representative_point()
            labels.append({"name": borders.name(code), "lon": round(spot.x, 2), "lat": round(spot.y, 2)})
    return tuple(labels)


def _towns(bounds: Bounds, min_population: int) -> tuple[Place, ...]:
    from gazetteer import Gazetteer

    west, south, east, north = bounds
    half_diagonal_km = 0.5 * ((north - south) ** 2 + (east - west) ** 2) ** 0.5 * 111.2
    # Villages get no label on a map of several countries; leaving them out spares seconds.
    kinds = _TOWN_KINDS[: 3 if half_diagonal_km < 250 else 2 if half_diagonal_km < 500 else 1]
    near = Gazetteer.open().places_within((west + east) / 2, (south + north) / 2, half_diagonal_km, kinds=kinds)
    # A place that is only known to lie somewhere in its community would be drawn where it is not.
    placed = [one for one in near if one.uncertainty_km <= 3 and one.population >= min_population]
    inside = [one for one in placed if west <= one.lon <= east and south <= one.lat <= north]
    inside.sort(key=lambda place: (-place.population, _TOWN_KINDS.index(place.kind), place.id))
    return tuple(_without_city_parts(inside)[:MAX_TOWNS])


def _without_city_parts(largest_first: list[Place]) -> list[Place]:
    """Drop what lies inside a large city: GeoNames lists city districts, with their inhabitants, as places.

    A city of P inhabitants is taken to reach 0.006 √P km from its centre: 3 km for Chernihiv, 10 km for Kyiv.
    """
    kept: list[Place] = []
    cities: list[Place] = []
    for place in largest_first:
        if all(_km_between(city, place) > 0.006 * city.population**0.5 for city in cities):
            kept.append(place)
            cities += [place] if place.population >= 100_000 else []
    return kept


def _km_between(one: Place, other: Place) -> float:
    east = (one.lon - other.lon) * math.cos(math.radians(one.lat))
    return 111.2 * math.hypot(east, one.lat - other.lat)


def _crossings(bounds: Bounds) -> tuple[Mapping[str, Any], ...]:
    from gazetteer.crossings import Crossings

    west, south, east, north = bounds
    return tuple(
        {
            "name": one.name,
            "names": dict(one.names),
            "lon": one.lon,
            "lat": one.lat,
            "note": f"{one.mode}, {one.status}",
        }
        for one in Crossings.open().table()
        if one.lon is not None and one.lat is not None and west <= one.lon <= east and south <= one.lat <= north
    )
