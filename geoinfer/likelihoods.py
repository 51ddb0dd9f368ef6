"""What a name on a sign says about where the camera stood: one small function per kind of sign.

Each function gives a value per position that is proportional to the probability of seeing that sign there;
`geoinfer.sighting` scales it. Parameters and their sources are in `data/rules.toml`.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from geoinfer.detours import density_after_detour
from geoinfer.geodesy import Floats
from geoinfer.parameters import number, parameters

if TYPE_CHECKING:
    from gazetteer.places import Place

RADIUS_OF_68 = 1.5096
PEAK_OF_T = 2 / (math.pi * math.sqrt(3))


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


def edge_numbers(place: Place) -> tuple[float, float]:
    """Give what `at_edge` and `at_station` have to know of a place: its radius, and how uncertain its centre is."""
    return town_radius_km(place.population), deviation_km(place)


def at_edge(away: Floats, extent_km: Floats, radius_km: Floats | float, deviation: Floats | float) -> Floats:
    """Weigh a plate at the edge of the place itself: on a ring, as blurred as its radius and its centre are uncertain.

    Mostly at the edge of what is built, sometimes at the administrative limit, which may lie kilometres farther out.

    Parameters
    ----------
    away
        Straight kilometres from the centre of the place.
    extent_km
        Half the size of what each position stands for.
    radius_km, deviation
        The place named (`edge_numbers`).
    """
    far = number("settlement", "far_share")
    centre = np.hypot(deviation, extent_km / 2)
    near = np.hypot(centre, np.hypot(number("settlement", "edge_km"), number("settlement", "of_radius") * radius_km))
    out = np.hypot(centre, np.hypot(number("settlement", "far_km"), radius_km))
    return (1 - far) * ring(away, radius_km, near) + far * ring(away, radius_km, out)


def ring(away: Floats, radius_km: Floats | float, blur_km: Floats) -> Floats:
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


def at_station(away: Floats, extent_km: Floats, radius_km: Floats | float, deviation: Floats | float) -> Floats:
    """Weigh the name of a station: it stands in the place or near it; parameters as in `at_edge`."""
    spread = np.hypot(np.hypot(radius_km, number("settlement", "station_km")), np.hypot(deviation, extent_km / 2))
    return np.asarray(np.exp(-0.5 * (away / spread) ** 2) / (2 * np.pi * spread**2))


def way_numbers(place: Place) -> tuple[float, float]:
    """Give what `on_the_way` has to know of a place: its range, and the kilometres within which there are no signs."""
    return direction_range_km(place), math.hypot(town_radius_km(place.population), deviation_km(place))


def on_the_way(away: Floats, range_km: Floats | float, inner_km: Floats | float) -> Floats:
    """Weigh a direction sign without kilometres: rarer with distance, none in the centre of the place.

    Parameters
    ----------
    away
        Straight kilometres from the centre of the place.
    range_km, inner_km
        The place named (`way_numbers`).
    """
    weight, radii = thinning(away / range_km), away / inner_km
    # Farther out than this the centre takes nothing that a number could tell.
    near = (radii < INNERMOST).nonzero()[0]
    weight[near] *= -np.expm1(-(radii[near] ** 2))
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
    centre = float(rule["centre_of_radius"]) * town_radius_km(place.population)
    return math.hypot(float(rule["rounding_km"]), number(network, "relative") * km, centre, deviation_km(place))


def by_routed_km(place: Place, km: float, routed: Floats, stretch_km: Floats, network: str) -> Floats:
    """Weigh a distance sign by routed kilometres to the centre: the density of its number, per kilometre.

    A network that cuts corners has fewer kilometres than the signs.
    """
    width = np.hypot(number_error_km(place, km, network), stretch_km)
    expected = routed * number(network, "per_km")
    off = (expected - km) / width
    # Student's t with three degrees of freedom: most numbers fit well, some are off by more than a Gaussian allows.
    return np.asarray(PEAK_OF_T / width / (1 + off**2 / 3) ** 2)


def straight_numbers(place: Place, km: float) -> tuple[float, float]:
    """Give what `by_straight_km` has to know of a place and the kilometres on a sign: these, and their error."""
    # No network is asked here: the wider of the two errors.
    return km, number_error_km(place, km, "network_without_bends")


def by_straight_km(away: Floats, extent_km: Floats, km: Floats | float, error_km: Floats | float) -> Floats:
    """Weigh a distance sign by the straight line, times a detour of 1 + Gamma, which is never shorter."""
    return density_after_detour(km, error_km, away, extent_km)


def at_road_distance(
    place: Place, km: float, by_straight: Floats, road_km: Floats, stretch_km: Floats, network: str
) -> Floats:
    """Weigh a distance sign on roads, where the network reaches its place.

    Mostly by the routed distance, as a shorter road may be missing from the network, else by the straight line.

    Parameters
    ----------
    place
        The place named.
    km
        Kilometres on the sign.
    by_straight
        What the straight line tells of each candidate position (`by_straight_km`).
    road_km
        Routed kilometres from the place to each of them, infinite where they are more than a sign can mean.
    stretch_km
        Half the stretch of road that each stands for.
    network
        Name of the rule that says how signs differ from its kilometres, see `geoinfer.world.World.network`.

    Returns
    -------
    Probability density of the number on the sign, per kilometre.
    """
    share = number("distance", "other_road")
    density = share * by_straight
    on = np.flatnonzero(np.isfinite(road_km))
    density[on] += (1 - share) * by_routed_km(place, km, road_km[on], stretch_km[on], network)
    return density
