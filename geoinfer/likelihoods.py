"""What a name on a sign says about where the camera stood: one small function per kind of sign.

Each function gives a value per position that is proportional to the probability of seeing that sign there. `sight`
scales it so that its mean over a reference area is one: then a wrong clue, which says nothing, is the constant one, and
both can be mixed. The scale depends on the sighting alone, not on the other clues, so what a clue says at a position
is computed once. Parameters and their sources are in `data/rules.toml`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Set
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from geoinfer.area_rules import AREAS, sight_area
from geoinfer.detours import density_after_detour
from geoinfer.geodesy import Floats
from geoinfer.parameters import number, parameters
from geoinfer.positions import ROAD, Disc, Integers, Positions
from geoinfer.spread import Spread, dot, reference_km2

if TYPE_CHECKING:
    from gazetteer.places import Place
    from geoinfer.world import World

AT_PLACE = ("settlement_begin", "settlement_end", "station")
RADIAL_NODES = 400
ROAD_STRETCH_KM = 0.2
MOST_ROUTE_DETOUR = 1.05
RADIUS_OF_68 = 1.5096
PEAK_OF_T = 2 / (math.pi * math.sqrt(3))


@dataclass(frozen=True, slots=True)
class Sighting:
    """One place as a sign names it.

    Attributes
    ----------
    place
        The place.
    kind
        Kind of the sign.
    km
        Kilometres beside the name.
    km_other
        Kilometres that the line in the other script gives, where they differ.
    misread
        Probability that the kilometres are wrong.
    """

    place: Place
    kind: str
    km: float | None
    km_other: float | None = None
    misread: float = 0.03


@lru_cache(maxsize=100_000)
def town_radius_km(population: int) -> float:
    """Radius of the built-up area of a place.

    Examples
    --------
    >>> round(town_radius_km(285_000), 1)
    6.2
    """
    thousands = max(population, number("town_radius", "least_people")) / 1000
    return float(number("town_radius", "km_at_1000") * thousands ** number("town_radius", "exponent"))


def direction_range_km(place: Place) -> float:
    """Scale of the direction signs for a place: at twice this distance a sixth is left, at four times a hundredth.

    Examples
    --------
    >>> from gazetteer import Gazetteer
    >>> round(direction_range_km(Gazetteer.open().search("Чернігів").matches[0].place))
    76
    """
    people = max(place.population, 100)
    if place.kind == "other":
        people = min(people, int(number("direction", "part_of_city")))
    return float(number("direction", "km_at_1000") * (people / 1000) ** number("direction", "exponent"))


def deviation_km(place: Place) -> float:
    """Give the standard deviation of a coordinate along each axis; its uncertainty is the radius that holds 68 %."""
    return place.uncertainty_km / RADIUS_OF_68


def search_disc(sighting: Sighting) -> Disc:
    """Bound where the camera can have stood if the sign is true, generously."""
    place, factor = sighting.place, number("search_area", "reach_factor")
    blur = 3 * place.uncertainty_km + 3 * town_radius_km(place.population)
    if sighting.kind in AT_PLACE and sighting.km is None:
        return Disc(place.lon, place.lat, 5 + blur)
    if sighting.km is not None:
        return Disc(place.lon, place.lat, max(sighting.km, sighting.km_other or 0.0) * 1.05 + 5 + blur)
    return Disc(place.lon, place.lat, factor * direction_range_km(place) + blur)


def at_edge(place: Place, away: Floats, extent_km: Floats) -> Floats:
    """Weigh a plate at the edge of the place itself: on a ring, as blurred as its radius and its centre are uncertain.

    Mostly at the edge of what is built, sometimes at the administrative limit, which may lie kilometres farther out.

    Parameters
    ----------
    place
        The place named.
    away
        Straight kilometres from its centre.
    extent_km
        Half the size of what each position stands for.
    """
    radius, far = town_radius_km(place.population), number("settlement", "far_share")
    centre = np.hypot(deviation_km(place), extent_km / 2)
    near = np.hypot(centre, np.hypot(number("settlement", "edge_km"), number("settlement", "of_radius") * radius))
    out = np.hypot(centre, np.hypot(number("settlement", "far_km"), radius))
    return (1 - far) * ring(away, radius, near) + far * ring(away, radius, out)


def ring(away: Floats, radius_km: float, blur_km: Floats) -> Floats:
    """Give the density of a ring whose points are each moved by a normal deviate, per square kilometre.

    Examples
    --------
    >>> inside, on, beyond = ring(np.array([0.0, 5.0, 10.0]), 5.0, np.array([1.0]))
    >>> bool(on > 100 * inside and on > 100 * beyond)
    True
    """
    from scipy.special import i0e

    square = blur_km**2
    peak = np.exp(-0.5 * (away - radius_km) ** 2 / square) / (2 * np.pi * square)
    return np.asarray(peak * i0e(away * radius_km / square))


def at_station(place: Place, away: Floats, extent_km: Floats) -> Floats:
    """Weigh the name of a station: it stands in the place or near it."""
    spread = np.hypot(
        np.hypot(town_radius_km(place.population), number("settlement", "station_km")),
        np.hypot(deviation_km(place), extent_km / 2),
    )
    return np.asarray(np.exp(-0.5 * (away / spread) ** 2) / (2 * np.pi * spread**2))


def on_the_way(place: Place, away: Floats) -> Floats:
    """Weigh a direction sign without kilometres: rarer with distance, none in the centre of the place."""
    inner = float(np.hypot(town_radius_km(place.population), deviation_km(place)))
    weight = thinning(away / direction_range_km(place))
    # Farther out than this the centre takes nothing that a number could tell.
    near = np.flatnonzero(away < INNERMOST * inner)
    weight[near] *= -np.expm1(-((away[near] / inner) ** 2))
    return weight


INNERMOST = 6.1
"""exp(-6.1 ** 2) is less than the rounding of one."""
LAST_RANGE = 4.0
"""Ranges of a place beyond which no sign leads to it: a judgement, from 300 km for a regional capital."""
LAST_STEP, MOST_RANGES = 0.25, 20.0
"""How softly they end there, in ranges, and from where on 1e-33 is left: single precision holds no less."""


def thinning(ranges: Floats) -> Floats:
    """Weigh distances in ranges of a place: one at nought, with the shape of Student's t with five degrees of freedom.

    Beyond four ranges, 300 km for Chernihiv, it ends: no direction sign leads that far, and a tail over so much land
    would put Chernihiv's signs at Brest.

    Examples
    --------
    >>> thinning(np.array([0.0, 1.0, 2.0, 4.0, 6.0])).round(3).tolist()
    [1.0, 0.579, 0.171, 0.007, 0.0]
    """
    # In place: what is passed over time and again stays in the processor's cache.
    ranges = np.minimum(ranges, MOST_RANGES)
    near = ranges * ranges
    near *= 1 / 5
    near += 1
    cubed = near * near
    cubed *= near
    ranges -= LAST_RANGE
    ranges *= 1 / LAST_STEP
    np.exp(ranges, out=ranges)
    ranges += 1
    cubed *= ranges
    return np.asarray(np.divide(1, cubed, out=cubed))


def number_error_km(place: Place, km: float, network: str) -> float:
    """Spread of the number on a distance sign about the routed kilometres: rounding, road, and where the centre is."""
    rule = parameters()["distance"]
    centre = np.hypot(float(rule["centre_of_radius"]) * town_radius_km(place.population), deviation_km(place))
    return float(np.hypot(np.hypot(float(rule["rounding_km"]), number(network, "relative") * km), centre))


def by_routed_km(place: Place, km: float, routed: Floats, stretch_km: Floats, network: str) -> Floats:
    """Weigh a distance sign by routed kilometres to the centre: the density of its number, per kilometre.

    A network that cuts corners has fewer kilometres than the signs.
    """
    width = np.hypot(number_error_km(place, km, network), stretch_km)
    expected = routed * number(network, "per_km")
    off = (expected - km) / width
    # Student's t with three degrees of freedom: most numbers fit well, some are off by more than a Gaussian allows.
    return np.asarray(PEAK_OF_T / width / (1 + off**2 / 3) ** 2)


def by_straight_km(place: Place, km: float, away: Floats, extent_km: Floats) -> Floats:
    """Weigh a distance sign by the straight line, times a detour of 1 + Gamma, which is never shorter."""
    # No network is asked here: the wider of the two errors.
    return density_after_detour(km, number_error_km(place, km, "network_without_bends"), away, extent_km)


def at_road_distance(
    place: Place, km: float, away: Floats, extent_km: Floats, road_km: Floats, stretch_km: Floats, network: str
) -> Floats:
    """Weigh a distance sign where the road network reaches its place.

    On roads, mostly by the routed distance, as a shorter road may be missing from the network; elsewhere by the
    straight line times a detour.

    Parameters
    ----------
    place
        The place named.
    km
        Kilometres on the sign.
    away
        Straight kilometres from the place to each candidate position.
    extent_km
        Half the size of what each position stands for.
    road_km
        Routed kilometres from the place to each of them: NaN off the roads, infinite where they are more than a sign
        can mean.
    stretch_km
        Half the stretch of road that each stands for.
    network
        Name of the rule that says how signs differ from its kilometres, see `geoinfer.world.World.network`.

    Returns
    -------
    Probability density of the number on the sign, per kilometre.
    """
    density = by_straight_km(place, km, away, extent_km)
    share = number("distance", "other_road")
    density[~np.isnan(road_km)] *= share
    on = np.flatnonzero(np.isfinite(road_km))
    density[on] += (1 - share) * by_routed_km(place, km, road_km[on], stretch_km[on], network)
    return density


def sight(sighting: Sighting, positions: Positions, world: World, without_rules: Set[str] = frozenset()) -> Spread:
    """Give the likelihood of one sighting at every position, with a mean of one over the reference area."""
    place, kind = sighting.place, sighting.kind
    if place.kind in AREAS:
        return sight_area(place, kind, positions, world, without_rules)
    if kind in AT_PLACE and sighting.km is not None:
        # Settlement signs and stations bear no kilometres: the kind or the number was misread.
        trusted = number("settlement", "with_km")
        kinds = ((trusted, replace(sighting, km=None)), (1 - trusted, replace(sighting, kind="distance")))
        parts = [(share, sight(as_read, positions, world, without_rules)) for share, as_read in kinds]
        return Spread.mixed(len(positions), parts)
    at_place = kind in AT_PLACE and "settlement_sign" not in without_rules
    if at_place:
        return _settled(sighting, positions, world)
    if sighting.km is not None and "distance_sign" not in without_rules:
        near = _distant(sighting, sighting.km, positions, world)
        if sighting.km_other is not None:
            other = _distant(sighting, sighting.km_other, positions, world)
            latin = number("distance", "other_script")
            near = Spread.mixed(len(positions), [(1 - latin, near), (latin, other)])
        return Spread.mixed(
            len(positions),
            [(1 - sighting.misread, near), (sighting.misread, _headed(sighting, positions, world, without_rules))],
        )
    if kind != "unknown":
        return _headed(sighting, positions, world, without_rules)
    rule, parts = parameters()["unknown_kind"], [(1.0, _headed(sighting, positions, world, without_rules))]
    if "settlement_sign" not in without_rules:
        parts = [
            (float(rule["settlement"]), _settled(sighting, positions, world)),
            (float(rule["direction"]), parts[0][1]),
            (float(rule["elsewhere"]), Spread.nothing(len(positions))),
        ]
    return Spread.mixed(len(positions), parts)


def _settled(sighting: Sighting, positions: Positions, world: World) -> Spread:
    place = sighting.place
    disc = search_disc(Sighting(place, "settlement_begin", None))
    weigh = at_station if sighting.kind == "station" else at_edge

    def values(some: Positions) -> tuple[Integers, Floats]:
        at, away = some.within(disc)
        return at, weigh(place, away, some.extent_km[at])

    def radial(away: Floats) -> Floats:
        return weigh(place, away, np.zeros(1))

    return _scaled((weigh.__name__, *_key(place)), disc, values, radial, positions, world)


def _headed(sighting: Sighting, positions: Positions, world: World, without_rules: Set[str]) -> Spread:
    if "direction_sign" in without_rules:
        return Spread.nothing(len(positions))
    place = sighting.place
    disc = search_disc(Sighting(place, "direction", None))

    def radial(away: Floats) -> Floats:
        return on_the_way(place, away)

    def values(some: Positions) -> tuple[Integers, Floats]:
        return some.values_within(disc, radial)

    return _scaled(("direction", *_key(place)), disc, values, radial, positions, world)


def _distant(sighting: Sighting, km: float, positions: Positions, world: World) -> Spread:
    place = sighting.place
    disc = search_disc(Sighting(place, "distance", km))
    # A road that leads there with more kilometres than these is another one than the sign speaks of.
    limit = km * MOST_ROUTE_DETOUR + 6 * number_error_km(place, km, world.network) + 1

    def values(some: Positions) -> tuple[Integers, Floats]:
        at, away = some.within(disc)
        road, extent = some.road[at], some.extent_km[at]
        on = np.flatnonzero(road >= 0)
        if not (len(on) and world.roads.reaches(place.lon, place.lat, limit)):
            return at, by_straight_km(place, km, away, extent)
        routed = np.full(len(at), np.nan)
        routed[on] = world.road_km(place.lon, place.lat, limit, road[on])
        # Where a road point lies beside its true road changes no kilometre along the road: only its stretch counts.
        stretch = np.where(some.kind[at] == ROAD, ROAD_STRETCH_KM, extent / 2)
        return at, at_road_distance(place, km, away, extent, routed, stretch, world.network)

    def radial(away: Floats) -> Floats:
        return by_straight_km(place, km, away, np.zeros(len(away)))

    return _scaled(("distance", km, *_key(place)), disc, values, radial, positions, world)


def _key(place: Place) -> tuple[object, ...]:
    return place.id, place.kind, place.lon, place.lat, place.population, place.uncertainty_km


def _scaled(
    key: tuple[object, ...],
    disc: Disc,
    values: Callable[[Positions], tuple[Integers, Floats]],
    radial: Callable[[Floats], Floats],
    positions: Positions,
    world: World,
) -> Spread:
    """Scale values to a mean of one over the reference area.

    Their integral is that over the plane, where they depend on the distance alone, plus that over the fixed points.
    """

    def integral(at: Integers, value: Floats) -> float:
        away = (np.arange(RADIAL_NODES) + 0.5) * disc.radius_km / RADIAL_NODES
        plane = 2 * np.pi * float(radial(away) @ away) * disc.radius_km / RADIAL_NODES
        area = world.light_areas
        return plane + dot(value, area if len(at) == len(area) else area[at])

    at, value = values(positions)
    whole = world.constant(key, lambda: integral(*(at, value) if positions is world.points else values(world.points)))
    if not (whole > 0 and np.isfinite(whole)):
        return Spread.nothing(len(positions))
    value *= reference_km2() / whole
    return Spread(len(positions), at, value, 0.0)
