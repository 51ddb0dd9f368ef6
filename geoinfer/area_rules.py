"""What a sign says that names an area or a border zone: a country, an oblast, a district, the border strip."""

from __future__ import annotations

from collections.abc import Set
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geoinfer.geodesy import Floats
from geoinfer.parameters import number, parameters
from geoinfer.positions import Disc, Integers, Positions
from geoinfer.spread import Spread, dot, reference_km2

if TYPE_CHECKING:
    from gazetteer.places import Place
    from geoinfer.world import World

AREAS = ("district", "oblast", "country")
STRIP_FRONTIERS = ("UA", "BY")
FRONTIER_REACH = 6.0
ROUND_REACH = 2.5
KM_PER_DEGREE = 110.0
LEAST_COSINE = 0.05


def area_code(place: Place, world: World) -> str:
    """Give the border code of the area that a place stands for, or an empty string where no outline of it is known."""
    code = place.country if place.kind == "country" else place.admin1 if place.kind == "oblast" else ""
    return code if code in world.borders.codes() else ""


def round_area(place: Place) -> Disc:
    """Bound an area whose outline is not known by a disc."""
    radius = number("area", "district_km" if place.kind == "district" else "oblast_km")
    return Disc(place.lon, place.lat, ROUND_REACH * radius)


def sight_area(
    place: Place, kind: str, positions: Positions, world: World, without_rules: Set[str] = frozenset()
) -> Spread:
    """Weigh a sign that names an area: it stands at its edge (a stele, a border sign) or anywhere in it.

    A settlement's plate, a stele among them, stands at the edge more often than other signs.
    """
    n, rule = len(positions), "country_sign" if place.kind == "country" else "area_sign"
    if rule in without_rules:
        return Spread.nothing(n)
    code = area_code(place, world)
    if not code:
        return _round(place, positions, world)
    shares = parameters()["country_sign" if place.kind == "country" else "area"]
    edge = float(shares["stele_at_edge" if kind in ("settlement_begin", "settlement_end") else "at_edge"])
    elsewhere = float(shares["elsewhere"])
    parts = [(1 - edge - elsewhere, within(code, positions, world)), (elsewhere, Spread.nothing(n))]
    parts.append((edge, beside_frontier(code, float(shares["edge_km"]), positions, world)))
    return Spread.mixed(n, parts)


def within(code: str, positions: Positions, world: World) -> Spread:
    """Weigh the inside of a country or division alike everywhere."""

    def whole() -> float:
        inside = world.inside(code, world.points)
        return world.area_km2(code) + float(world.points.area_km2[inside].sum())

    at = np.flatnonzero(world.inside(code, positions))
    value = reference_km2() / world.constant(("within", code), whole)
    return Spread(len(positions), at, np.full(len(at), value), 0.0)


def beside_frontier(code: str, decay_km: float, positions: Positions, world: World) -> Spread:
    """Weigh both sides of a frontier, falling off with the distance from it."""

    def values(some: Positions) -> tuple[Integers, Floats]:
        # Kilometres to a frontier on another continent are slow to work out, and nobody asks.
        around = np.flatnonzero(_about(world.borders.polygon(code).bounds, FRONTIER_REACH * decay_km, some))
        if not len(around):
            return around, np.empty(0)
        close = some.take(around)
        away = world.border_km(world.borders, code, close)
        at = np.flatnonzero(away <= FRONTIER_REACH * decay_km + 2 * close.extent_km)
        return around[at], fall_off(away[at], close.extent_km[at], decay_km)

    def whole() -> float:
        at, value = values(world.points)
        return 2 * decay_km * world.frontier_km(code) + dot(value, world.points.area_km2[at])

    at, value = values(positions)
    scale = reference_km2() / world.constant(("frontier", code, decay_km), whole)
    return Spread(len(positions), at, value * scale, 0.0)


def _about(bounds: tuple[float, float, float, float], km: float, positions: Positions) -> npt.NDArray[np.bool_]:
    """Tell which positions lie within some kilometres and their own size of a box: west, south, east, north."""
    west, south, east, north = bounds
    margin = (km + 2 * positions.extent_km) / KM_PER_DEGREE
    widened = margin / np.maximum(np.cos(np.radians(positions.lat)), LEAST_COSINE)
    along = (positions.lon >= west - widened) & (positions.lon <= east + widened)
    return np.asarray(along & (positions.lat >= south - margin) & (positions.lat <= north + margin))


def fall_off(away: Floats, extent_km: Floats, decay_km: float) -> Floats:
    """Weigh the distance to a line: exponential, averaged over positions that are larger than its decay.

    Examples
    --------
    >>> fall_off(np.array([0.0, 10.0]), np.array([0.1, 0.1]), 10.0).round(2).tolist()
    [1.0, 0.37]
    """
    gap = np.maximum(0.0, away - np.where(extent_km > decay_km, extent_km, 0.0))
    return np.asarray(np.exp(-gap / decay_km) * np.minimum(1.0, decay_km / np.maximum(extent_km, 1e-9)))


def in_border_strip(country: str, positions: Positions, world: World) -> Spread:
    """Weigh a sign of the border strip or of a controlled border district: it stands near a national frontier.

    Parameters
    ----------
    country
        ISO 3166-1 alpha-2 code of the country that the sign stands in, where it is known.
    positions
        Candidate positions.
    world
        Borders and roads.
    """
    # The frontiers of Ukraine and Belarus are also those of Russia with them.
    codes = [country] if country in STRIP_FRONTIERS else list(STRIP_FRONTIERS)
    decay = number("border_strip", "decay_km")
    parts = [(1 / len(codes), beside_frontier(code, decay, positions, world)) for code in codes]
    return Spread.mixed(len(positions), parts)


def _round(place: Place, positions: Positions, world: World) -> Spread:
    """Weigh an area whose outline is not known: a disc with a soft edge, and a remainder outside."""
    disc = round_area(place)
    radius = disc.radius_km / ROUND_REACH

    def values(some: Positions) -> tuple[Integers, Floats]:
        at = some.near(disc)
        return at, np.exp(-0.5 * (some.km_from(place.lon, place.lat, at) / radius) ** 2)

    def whole() -> float:
        at, value = values(world.points)
        return 2 * np.pi * radius**2 + dot(value, world.points.area_km2[at])

    at, value = values(positions)
    elsewhere = float(parameters()["area"]["elsewhere"])
    scale = (1 - elsewhere) * reference_km2() / world.constant(("round", place.id, place.kind), whole)
    return Spread(len(positions), at, value * scale + elsewhere, elsewhere)
