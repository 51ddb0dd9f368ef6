"""A sighting: one place as a sign names it, and what that says at every position.

What a sign says is a mixture of kernels round the place that it names (`geoinfer.likelihoods`). Each is scaled so that
its mean over a reference area is one: then a wrong clue, which says nothing, is the constant one, and both can be
mixed. The scale depends on the sighting alone, not on the other clues, so what a clue says at a position is computed
once.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from geoinfer.area_rules import AREAS, sight_area
from geoinfer.geodesy import Floats
from geoinfer.kernels import Kernel, Mixture
from geoinfer.likelihoods import (
    at_edge,
    at_road_distance,
    at_station,
    by_straight_km,
    direction_range_km,
    edge_numbers,
    number_error_km,
    on_the_way,
    straight_numbers,
    town_radius_km,
    way_numbers,
)
from geoinfer.parameters import number
from geoinfer.positions import ROAD, Disc, Integers, Positions
from geoinfer.spread import Spread

if TYPE_CHECKING:
    from gazetteer.places import Place
    from geoinfer.world import World

AT_PLACE = ("settlement_begin", "settlement_end", "station")
ROAD_STRETCH_KM = 0.2
MOST_ROUTE_DETOUR = 1.05


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
    at_place
        How much, of one, is left of the share in which a sign of unknown kind stands at the place: little where it
        names other places too.
    """

    place: Place
    kind: str
    km: float | None
    km_other: float | None = None
    misread: float = 0.03
    at_place: float = 1.0


def search_disc(sighting: Sighting) -> Disc:
    """Bound where the camera can have stood if the sign is true, generously."""
    place, factor = sighting.place, number("search_area", "reach_factor")
    blur = 3 * place.uncertainty_km + 3 * town_radius_km(place.population)
    if sighting.kind in AT_PLACE and sighting.km is None:
        return Disc(place.lon, place.lat, 5 + blur)
    if sighting.km is not None:
        return Disc(place.lon, place.lat, max(sighting.km, sighting.km_other or 0.0) * 1.05 + 5 + blur)
    return Disc(place.lon, place.lat, factor * direction_range_km(place) + blur)


def sight(sighting: Sighting, positions: Positions, world: World, without_rules: Set[str] = frozenset()) -> Spread:
    """Give the likelihood of one sighting at every position, with a mean of one over the reference area."""
    if sighting.place.kind in AREAS:
        return sight_area(sighting.place, sighting.kind, positions, world, without_rules)
    return mixture(sighting, world, without_rules).tell(positions, world)


def mixture(sighting: Sighting, world: World, without_rules: Set[str] = frozenset()) -> Mixture:
    """Give what says that of any positions, where the place is no area."""
    return Mixture(*_kernels(sighting, world, without_rules))


def _kernels(sighting: Sighting, world: World, without_rules: Set[str]) -> tuple[list[tuple[float, Kernel]], float]:
    """Give the kernels of a sighting with the share of each, and the share of what says nothing."""
    place, kind, km = sighting.place, sighting.kind, sighting.km
    if kind in AT_PLACE and km is not None:
        # Settlement signs and stations bear no kilometres: the kind or the number was misread.
        trusted = number("settlement", "with_km")
        settled, none = _kernels(replace(sighting, km=None), world, without_rules)
        distant, neither = _kernels(replace(sighting, kind="distance"), world, without_rules)
        shares = [(trusted * share, kernel) for share, kernel in settled]
        shares += [((1 - trusted) * share, kernel) for share, kernel in distant]
        return shares, trusted * none + (1 - trusted) * neither
    if kind in AT_PLACE and "settlement_sign" not in without_rules:
        return [(1.0, _settled(place, kind))], 0.0
    led, unled = ([], 1.0) if "direction_sign" in without_rules else ([(1.0, _headed(place))], 0.0)
    if km is not None and "distance_sign" not in without_rules:
        numbers = [(1.0, km)]
        if sighting.km_other is not None:
            latin = number("distance", "other_script")
            numbers = [(1 - latin, km), (latin, sighting.km_other)]
        read = [((1 - sighting.misread) * share, _distant(place, one, world)) for share, one in numbers]
        return [*read, *((sighting.misread * share, kernel) for share, kernel in led)], sighting.misread * unled
    if kind != "unknown" or "settlement_sign" in without_rules:
        return led, unled
    settlement, direction, elsewhere = (number("unknown_kind", key) for key in ("settlement", "direction", "elsewhere"))
    stands = sighting.at_place * settlement
    points = direction + settlement - stands
    kernels = [(stands, _settled(place, kind)), *((points * share, kernel) for share, kernel in led)]
    return kernels, points * unled + elsewhere


def _settled(place: Place, kind: str) -> Kernel:
    disc = search_disc(Sighting(place, "settlement_begin", None))
    return Kernel(at_station if kind == "station" else at_edge, edge_numbers(place), disc)


def _headed(place: Place) -> Kernel:
    disc = search_disc(Sighting(place, "direction", None))
    return Kernel(on_the_way, way_numbers(place), disc, by_km_alone=True)


def sweeps(sighting: Sighting, world: World) -> list[tuple[float, float, float]]:
    """List the sweeps over the network that a sighting asks for, see `gazetteer.roads.Roads.sweep`."""
    place = sighting.place
    numbers = [km for km in (sighting.km, sighting.km_other) if km is not None and place.kind not in AREAS]
    return [(place.lon, place.lat, _most_km(place, km, world)) for km in numbers]


def _most_km(place: Place, km: float, world: World) -> float:
    """Give the kilometres beyond which a road is another one than a sign speaks of."""
    return km * MOST_ROUTE_DETOUR + 6 * number_error_km(place, km, world.network) + 1


def _distant(place: Place, km: float, world: World) -> Kernel:
    limit = _most_km(place, km, world)

    def on_roads(value: Floats, positions: Positions, at: Integers) -> None:
        road = positions.road[at]
        on = np.flatnonzero(road >= 0)
        if not (len(on) and world.roads.reaches(place.lon, place.lat, limit)):
            return
        routed, here = world.road_km(place.lon, place.lat, limit, road[on]), at[on]
        # Where a road point lies beside its true road changes no kilometre along the road: only its stretch counts.
        stretch = np.where(positions.kind[here] == ROAD, ROAD_STRETCH_KM, positions.extent_km[here] / 2)
        value[on] = at_road_distance(place, km, value[on], routed, stretch, world.network)

    disc = search_disc(Sighting(place, "distance", km))
    return Kernel(by_straight_km, straight_numbers(place, km), disc, on_roads=on_roads)
