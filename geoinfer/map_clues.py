"""Where each clue leads, as marks on the map: rings and road points of distances, and the roads that signs number.

They show what a sign says by itself, before other signs and rules speak; the belief is in the cells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geoinfer.escape import visible
from geoinfer.map_grounds import likely_settlement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gazetteer.places import Place
    from geoinfer.base_layers import Bounds
    from geoinfer.clues import Clue, Mention
    from geoinfer.result import Findings

MAX_CLUES = 12
"""Clues with a switch of their own; further ones share the last."""
MAX_SPOTS = 400
MAX_RINGS = 24
SHORTEST = 1 / 1.36
"""Straight kilometres for one on the road: published road distances of the region are 1.05 to 1.36 times as long."""
MAX_KM = 700.0
"""A longer distance narrows nothing down that a map could show."""
_SPACING_KM = 1.0
_CORNERS = 90


def reach_data(findings: Findings, window: Bounds) -> list[dict[str, Any]]:
    """Draw where each clue leads.

    Parameters
    ----------
    findings
        What an inference found.
    window
        West, south, east, north in degrees of what the map covers.

    Returns
    -------
    list of dict
        For each clue that has a distance to a likely settlement, or a road number: ``title``, ``rings`` (for each
        name the ``band`` of possible straight distances, its outer ``edge`` and its ``text``), ``spots`` (latitude
        and longitude of the points of known roads that lie at that distance along roads) and ``routes``.
    """
    found = []
    rings_left = MAX_RINGS
    for clue in findings.clues:
        aims = [(one, place) for one in clue.mentions if (place := _aim(one)) is not None][:rings_left]
        rings_left -= len(aims)
        routes = _routes(clue)
        if aims or routes:
            rings = [_ring(place, float(one.km or 0)) for one, place in aims]
            spots = _thinned([spot for one, place in aims for spot in _road_spots(place, float(one.km or 0), window)])
            found.append({"title": _title(clue), "rings": rings, "spots": spots, "routes": routes})
    return _shared(found)


def _aim(mention: Mention) -> Place | None:
    match = likely_settlement(mention.matches.matches)
    return match.place if match and mention.km is not None and 0 < mention.km <= MAX_KM else None


def _routes(clue: Clue) -> list[str]:
    from gazetteer.roads import Roads, plain_ref

    known = set(Roads.open().refs())
    return [number for number in map(plain_ref, clue.routes) if number in known]


def _title(clue: Clue) -> str:
    """Name a clue by what it says.

    >>> from geoinfer.clues import Clue
    >>> _title(Clue("clue-3", "s1", "", "route", (), ("M01",)))
    'clue-3: M01'
    """
    said = [one.name if one.km is None else f"{one.name} {one.km:g}" for one in clue.mentions]
    return visible(f"{clue.id}: {', '.join((*clue.routes, *said))}", 60)


def _ring(place: Place, km: float) -> dict[str, Any]:
    """Draw the band of straight distances from a place that `km` along roads can be."""
    import shapely

    outer, inner = _circle(place, km + 0.5), _circle(place, max(0.0, km - 0.5) * SHORTEST)
    mapping = shapely.geometry.mapping
    return {
        "band": mapping(shapely.Polygon(outer, [inner])),
        "edge": mapping(shapely.LineString(outer)),
        "text": visible(f"{km:g} km from {place.name}", 60),
    }


def _circle(place: Place, km: float) -> list[tuple[float, float]]:
    """Return longitude and latitude of a geodesic circle, from its north on."""
    import numpy as np
    from pyproj import Geod

    bearing = np.linspace(0, 360, _CORNERS, endpoint=False)
    start = np.full(_CORNERS, place.lon), np.full(_CORNERS, place.lat)
    lon, lat, _ = Geod(ellps="WGS84").fwd(*start, bearing, np.full(_CORNERS, 1000 * km))
    around = list(zip(lon.round(4).tolist(), lat.round(4).tolist(), strict=True))
    return [*around, around[0]]


def _road_spots(place: Place, km: float, window: Bounds) -> list[list[float]]:
    """Return points of known roads that are `km` from a place along roads, to within half a kilometre."""
    import numpy as np

    from gazetteer.roads import Roads

    roads = Roads.open()
    points = roads.points(_SPACING_KM, window)
    if not len(points):
        return []
    near = np.flatnonzero(np.abs(roads.distances_km(place.lon, place.lat, points) - km) <= 0.5)
    return np.column_stack([points.lat[near], points.lon[near]]).round(5).tolist()  # type: ignore[no-any-return]


def _thinned(spots: list[list[float]]) -> list[list[float]]:
    """Keep at most `MAX_SPOTS`, evenly."""
    return spots[:: -(-len(spots) // MAX_SPOTS)] if spots else []


def _shared(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put what exceeds `MAX_CLUES` into one last switch."""
    own, rest = list(found[: MAX_CLUES - 1]), found[MAX_CLUES - 1 :]
    if len(rest) <= 1:
        return [*own, *rest]
    together = {key: [one for clue in rest for one in clue[key]] for key in ("rings", "spots", "routes")}
    return [*own, {"title": f"{len(rest)} more clues", **together}]
