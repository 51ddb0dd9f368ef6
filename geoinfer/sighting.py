"""A sighting: one place as a sign names it, and what that says at every position.

What a sign says is a mixture of kernels round the place that it names (`geoinfer.likelihoods`). Each is scaled so that
its mean over a reference area is one: then a wrong clue, which says nothing, is the constant one, and both can be
mixed. The scale depends on the sighting alone, not on the other clues, so what a clue says at a position is computed
once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from geoinfer.area_rules import AREAS, sight_area
from geoinfer.blocks import everywhere
from geoinfer.geodesy import Floats, in_pieces
from geoinfer.likelihoods import (
    at_edge,
    at_road_distance,
    at_station,
    by_straight_km,
    direction_range_km,
    number_error_km,
    on_the_way,
    town_radius_km,
)
from geoinfer.parameters import number, parameters
from geoinfer.positions import ROAD, Disc, Integers, Positions
from geoinfer.spread import NOWHERE, Spread, dot, reference_km2

if TYPE_CHECKING:
    from gazetteer.places import Place
    from geoinfer.world import World

AT_PLACE = ("settlement_begin", "settlement_end", "station")
RADIAL_NODES = 400
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
    """

    place: Place
    kind: str
    km: float | None
    km_other: float | None = None
    misread: float = 0.03


def search_disc(sighting: Sighting) -> Disc:
    """Bound where the camera can have stood if the sign is true, generously."""
    place, factor = sighting.place, number("search_area", "reach_factor")
    blur = 3 * place.uncertainty_km + 3 * town_radius_km(place.population)
    if sighting.kind in AT_PLACE and sighting.km is None:
        return Disc(place.lon, place.lat, 5 + blur)
    if sighting.km is not None:
        return Disc(place.lon, place.lat, max(sighting.km, sighting.km_other or 0.0) * 1.05 + 5 + blur)
    return Disc(place.lon, place.lat, factor * direction_range_km(place) + blur)


@dataclass(frozen=True, eq=False)
class Kernel:
    """What one kind of sign says round the place that it names.

    Attributes
    ----------
    key
        What it depends on.
    disc
        Where it says anything.
    radial
        Its value at kilometres from the place, on open land.
    at
        Its value at some positions that are so many kilometres away; None where those are all that it depends on.
    """

    key: tuple[object, ...]
    disc: Disc
    radial: Callable[[Floats], Floats]
    at: Callable[[Positions, Integers, Floats], Floats] | None = None

    def all_over(self, positions: Positions) -> Floats | None:
        """Give its value at every position, None where few are touched or where more than kilometres count."""
        return None if self.at is not None else positions.values_everywhere(self.disc, self.radial)

    def beside(self, positions: Positions, at: Integers, away: Floats) -> Floats:
        """Give its value at some positions, which lie so many kilometres away."""
        return in_pieces(self.radial, away) if self.at is None else self.at(positions, at, away)

    def scale(self, positions: Positions, at: Integers, value: Floats, world: World) -> float:
        """Give what makes its mean over the reference area one; nought if there is nothing to scale.

        Its integral is that over open land plus that over the fixed points, which may be the positions: then its
        value at those of them that it touches is at hand.
        """

        def integral() -> float:
            away = (np.arange(RADIAL_NODES) + 0.5) * self.disc.radius_km / RADIAL_NODES
            plane = 2 * np.pi * float(self.radial(away) @ away) * self.disc.radius_km / RADIAL_NODES
            points, said = (at, value) if positions is world.points else self._touched(world.points)
            area = world.light_areas
            return plane + dot(said, area if len(points) == len(area) else area[points])

        whole = world.constant(self.key, integral)
        return reference_km2() / whole if whole > 0 and np.isfinite(whole) else 0.0

    def _touched(self, positions: Positions) -> tuple[Integers, Floats]:
        values = self.all_over(positions)
        if values is not None:
            return everywhere(len(positions)), values
        at, away = positions.within(self.disc)
        return at, self.beside(positions, at, away)


def sight(sighting: Sighting, positions: Positions, world: World, without_rules: Set[str] = frozenset()) -> Spread:
    """Give the likelihood of one sighting at every position, with a mean of one over the reference area."""
    return teller(sighting, world, without_rules)(positions)


def teller(sighting: Sighting, world: World, without_rules: Set[str] = frozenset()) -> Callable[[Positions], Spread]:
    """Give what says that of any positions."""
    if sighting.place.kind in AREAS:
        return lambda positions: sight_area(sighting.place, sighting.kind, positions, world, without_rules)
    kernels, nothing = _kernels(sighting, world, without_rules)
    return lambda positions: _mixed(kernels, nothing, positions, world)


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
    rule = parameters()["unknown_kind"]
    direction = float(rule["direction"])
    kernels = [(float(rule["settlement"]), _settled(place, kind)), *((direction * s, kernel) for s, kernel in led)]
    return kernels, direction * unled + float(rule["elsewhere"])


def _settled(place: Place, kind: str) -> Kernel:
    weigh = at_station if kind == "station" else at_edge
    return Kernel(
        (weigh.__name__, *_key(place)),
        search_disc(Sighting(place, "settlement_begin", None)),
        lambda away: weigh(place, away, np.zeros(1)),
        lambda positions, at, away: weigh(place, away, positions.extent_km[at]),
    )


def _headed(place: Place) -> Kernel:
    disc = search_disc(Sighting(place, "direction", None))
    return Kernel(("direction", *_key(place)), disc, lambda away: on_the_way(place, away))


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

    def values(positions: Positions, at: Integers, away: Floats) -> Floats:
        road, extent = positions.road[at], positions.extent_km[at]
        on = np.flatnonzero(road >= 0)
        if not (len(on) and world.roads.reaches(place.lon, place.lat, limit)):
            return by_straight_km(place, km, away, extent)
        routed = np.full(len(at), np.nan)
        routed[on] = world.road_km(place.lon, place.lat, limit, road[on])
        # Where a road point lies beside its true road changes no kilometre along the road: only its stretch counts.
        stretch = np.where(positions.kind[at] == ROAD, ROAD_STRETCH_KM, extent / 2)
        return at_road_distance(place, km, away, extent, routed, stretch, world.network)

    return Kernel(
        ("distance", km, *_key(place)),
        search_disc(Sighting(place, "distance", km)),
        lambda away: by_straight_km(place, km, away, np.zeros(len(away))),
        values,
    )


def _key(place: Place) -> tuple[object, ...]:
    return place.id, place.kind, place.lon, place.lat, place.population, place.uncertainty_km


def _mixed(kernels: Sequence[tuple[float, Kernel]], nothing: float, positions: Positions, world: World) -> Spread:
    """Add up kernels round one place with their shares; what cannot be scaled says nothing."""
    n, rest = len(positions), nothing
    wide: Floats | None = None
    near = []
    for share, kernel in kernels:
        values = kernel.all_over(positions)
        if values is None:
            near.append((share, kernel))
        elif scale := kernel.scale(positions, everywhere(n), values, world):
            values *= share * scale
            wide = values if wide is None else wide + values
        else:
            rest += share
    at, total, unscaled = _added_up(near, positions, world)
    rest += unscaled
    if wide is not None:
        wide[at] += total
        at, total = everywhere(n), wide
    return Spread(n, at, total + rest if rest else total, rest)


def _added_up(
    kernels: Sequence[tuple[float, Kernel]], positions: Positions, world: World
) -> tuple[Integers, Floats, float]:
    """Add up kernels that touch few positions: where, what they say there, and the share of those not to be scaled."""
    if not kernels:
        return NOWHERE, np.empty(0), 0.0
    widest = max((kernel.disc for _, kernel in kernels), key=lambda disc: disc.radius_km)
    at, away = positions.within(widest)
    total: npt.NDArray[Any] = np.zeros(len(at), dtype=np.float32)
    unscaled = 0.0
    for share, kernel in kernels:
        inside: Integers | slice = slice(None)
        if kernel.disc.radius_km < widest.radius_km:
            inside = np.flatnonzero(away <= kernel.disc.radius_km + 2 * positions.extent_km[at])
        value = kernel.beside(positions, at[inside], away[inside])
        scale = kernel.scale(positions, at[inside], value, world)
        value *= share * scale
        total[inside] += value
        unscaled += 0.0 if scale else share
    return at, total, unscaled
