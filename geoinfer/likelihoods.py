"""What a name on a sign says about where the camera stood: one small function per kind of sign.

Each function takes a place and positions and gives a value per position that is proportional to the probability of
seeing that sign there. `geoinfer.belief` scales it so that its mean over the search area is one: then a wrong clue,
which says nothing, is the constant one, and both can be mixed. Parameters and their sources are in `data/rules.toml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from geoinfer.geodesy import Floats
from geoinfer.parameters import number, parameters
from geoinfer.positions import ROAD, Disc, Positions

if TYPE_CHECKING:
    from gazetteer.places import Place

AREAS = ("district", "oblast", "country")
AT_PLACE = ("settlement_begin", "settlement_end", "station")
DETOUR_NODES = 40
DETOUR_GRID = 600
ROAD_STRETCH_KM = 0.3


class Ground(Protocol):
    """What the likelihoods ask of the world: road distances, countries and areas."""

    def road_km(self, lon: float, lat: float) -> Floats:
        """Routed kilometres from a place to every road point, infinite where the network does not reach."""

    def within(self, place: Place, positions: Positions) -> Floats:
        """Give 1 for positions inside the area that a place of kind `AREAS` stands for, else 0."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One place as a sign names it: the place, the kind of sign, and the kilometres beside the name."""

    place: Place
    kind: str
    km: float | None


def town_radius_km(population: int) -> float:
    """Radius of the built-up area of a place.

    Examples
    --------
    >>> round(town_radius_km(285_000), 1)
    4.8
    """
    thousands = max(population, 100) / 1000
    return float(number("town_radius", "km_at_1000") * thousands ** number("town_radius", "exponent"))


def direction_range_km(place: Place) -> float:
    """Spread of the direction signs for a place: at twice this distance a seventh is left, at three times a hundredth.

    Examples
    --------
    >>> from gazetteer import Gazetteer
    >>> round(direction_range_km(Gazetteer.open().search("Чернігів").matches[0].place))
    101
    """
    people = max(place.population, 100)
    if place.kind == "other":
        people = min(people, int(number("direction", "part_of_city")))
    return float(number("direction", "km_at_1000") * (people / 1000) ** number("direction", "exponent"))


def search_disc(sighting: Sighting) -> Disc:
    """Bound where the camera can have stood if the sign is true, generously."""
    place, factor = sighting.place, number("search_area", "reach_factor")
    blur = 3 * place.uncertainty_km + 3 * town_radius_km(place.population)
    if sighting.kind in AT_PLACE:
        return Disc(place.lon, place.lat, 5 + blur)
    if sighting.km is not None:
        return Disc(place.lon, place.lat, sighting.km * 1.05 + 5 + blur)
    return Disc(place.lon, place.lat, factor * direction_range_km(place) + blur)


def at_settlement(place: Place, positions: Positions) -> Floats:
    """Weigh a plate at the edge of the place itself, or its station."""
    away = positions.km_from(place.lon, place.lat)
    spread = np.hypot(
        np.hypot(town_radius_km(place.population), number("settlement", "edge_km")),
        np.hypot(place.uncertainty_km, positions.extent_km / 2),
    )
    return np.asarray(np.exp(-0.5 * (away / spread) ** 2) / spread**2)


def on_the_way(place: Place, positions: Positions) -> Floats:
    """Weigh a direction sign without kilometres: rarer with distance, none in the centre of the place."""
    away = positions.km_from(place.lon, place.lat)
    inner = np.hypot(town_radius_km(place.population), place.uncertainty_km)
    return np.asarray(np.exp(-0.5 * (away / direction_range_km(place)) ** 2) * -np.expm1(-((away / inner) ** 2)))


def at_road_distance(place: Place, km: float, positions: Positions, road_km: Floats) -> Floats:
    """Weigh a distance sign: road kilometres to the centre.

    Where the road network reaches, the routed distance; elsewhere the straight line times a detour of 1 + Gamma.

    Parameters
    ----------
    place
        The place named.
    km
        Kilometres on the sign.
    positions
        Candidate positions.
    road_km
        Routed kilometres from the place to every road point.

    Returns
    -------
    Probability density of the number on the sign, per kilometre.
    """
    rule = parameters()["distance"]
    centre = np.hypot(float(rule["centre_of_radius"]) * town_radius_km(place.population), place.uncertainty_km)
    error = float(np.hypot(np.hypot(float(rule["rounding_km"]), float(rule["road_relative"]) * km), centre))
    routed = np.full(len(positions), np.inf)
    on_road = positions.road >= 0
    routed[on_road] = road_km[positions.road[on_road]]
    known = np.isfinite(routed)
    # Where a road point lies beside its true road changes no kilometre along the road: only its stretch counts.
    stretch = np.where(positions.kind == ROAD, ROAD_STRETCH_KM, positions.extent_km / 2)[known]
    width = np.hypot(error, stretch)
    density = np.zeros(len(positions))
    density[known] = np.exp(-0.5 * ((routed[known] - km) / width) ** 2) / (width * np.sqrt(2 * np.pi))
    away = positions.km_from(place.lon, place.lat)
    step = np.round(2 * np.log2(np.hypot(error, positions.extent_km / 2)))
    for size in np.unique(step[~known]):
        at = ~known & (step == size)
        density[at] = _detour_density(km, float(2 ** (size / 2)), away[at])
    return density


def _detour_density(km: float, error: float, away: Floats) -> Floats:
    """Density of the kilometres on a sign at straight distances, for errors that are told apart in steps of 41 %."""
    grid, table = _detour_table(km, error)
    return np.interp(away, grid, table, right=0.0)


@lru_cache(maxsize=1024)
def _detour_table(km: float, error: float) -> tuple[Floats, Floats]:
    detours, slices = _detours()
    grid = np.linspace(0.0, km + 6 * error + 1, DETOUR_GRID)
    # A node stands for a slice of detours, so its width adds to the error of the number.
    width = np.hypot(error, slices[None, :] * grid[:, None])
    density = np.exp(-0.5 * ((km - grid[:, None] * detours[None, :]) / width) ** 2) / (width * np.sqrt(2 * np.pi))
    return grid, density.mean(axis=1)


@lru_cache(maxsize=1)
def _detours() -> tuple[Floats, Floats]:
    """Equally probable detours, and half the slice that each stands for."""
    from scipy.stats import gamma

    rule = parameters()["distance"]
    quantiles = (np.arange(DETOUR_NODES) + 0.5) / DETOUR_NODES
    detours = 1 + gamma.ppf(quantiles, float(rule["detour_shape"]), scale=float(rule["detour_scale"]))
    return np.asarray(detours), np.asarray(np.gradient(detours) / 2)


def in_area(place: Place, positions: Positions, ground: Ground) -> Floats:
    """Weigh a stele or the name of an area: it stands in that area or at its edge."""
    outside = number("area", "outside")
    return np.asarray(outside + (1 - outside) * ground.within(place, positions))


def sight(sighting: Sighting, positions: Positions, ground: Ground) -> Floats:
    """Likelihood of one sighting at every position, with a mean of one over the base measure."""
    place, kind, km = sighting.place, sighting.kind, sighting.km
    if place.kind in AREAS:
        return scale(in_area(place, positions, ground), positions)
    if km is not None and kind not in AT_PLACE:
        misread = number("sign_error", "km")
        way = on_the_way(place, positions) / number("sign_error", "km_span")
        at_km = at_road_distance(place, km, positions, ground.road_km(place.lon, place.lat))
        return scale((1 - misread) * at_km + misread * way, positions)
    # A village with fifty namesakes touches few of the positions: the rest need not be looked at.
    at = positions.near(search_disc(sighting))
    around = positions.take(at)
    value = np.zeros(len(positions))
    if kind in AT_PLACE:
        value[at] = at_settlement(place, around)
        return scale(value, positions)
    value[at] = on_the_way(place, around)
    if kind in ("direction", "distance"):
        return scale(value, positions)
    rule, plate = parameters()["unknown_kind"], np.zeros(len(positions))
    plate[at] = at_settlement(place, around)
    return np.asarray(
        float(rule["settlement"]) * scale(plate, positions)
        + float(rule["direction"]) * scale(value, positions)
        + float(rule["elsewhere"])
    )


def scale(values: Floats, positions: Positions) -> Floats:
    """Scale values so that their mean over the base measure is one; all zero becomes all one, which says nothing."""
    total = float(values @ positions.area_km2)
    if total <= 0 or not np.isfinite(total):
        return np.ones(len(values))
    return np.asarray(values * (positions.area_km2.sum() / total))


def on_route(carrying: npt.NDArray[np.bool_], positions: Positions, near: Floats) -> Floats:
    """Weigh a route number: the sign stands on that road or near its junction.

    Parameters
    ----------
    carrying
        Which road points carry the number.
    positions
        Candidate positions.
    near
        Kilometres from every position to the nearest such road point, infinite where there is none.
    """
    rule = parameters()["route"]
    value = np.where(near <= float(rule["near_km"]), float(rule["off_network"]), float(rule["off"]))
    road = np.flatnonzero(positions.kind == ROAD)
    value[road[carrying[positions.road[road]]]] = float(rule["on"])
    return np.asarray(value, dtype=float)


def romanised(text: str, place: Place, countries: npt.NDArray[np.str_]) -> Floats:
    """Weigh the country of a sign that writes a Ukrainian place as Cabinet resolution 55 romanises it.

    A spelling that other romanisations share, such as Mena, follows it as well.
    """
    follows = place.country == "UA" and text.isascii() and text.casefold() == place.names.get("en", "").casefold()
    return np.where(countries == "UA", 1.0, number("romanisation", "abroad")) if follows else np.ones(len(countries))


def spelling(text: str, countries: npt.NDArray[np.str_]) -> Floats:
    """Weigh the country that a sign stands in by the letters of a name on it.

    Examples
    --------
    >>> import numpy as np
    >>> spelling("Чернігів", np.array(["UA", "RU"])).tolist()
    [1.0, 0.05]
    >>> spelling("Гомель", np.array(["UA", "RU"])).tolist()
    [1.0, 1.0]
    """
    value = np.ones(len(countries))
    letters: Mapping[str, Mapping[str, float]] = parameters()["orthography"]["letters"]
    for group, weights in letters.items():
        if set(text.lower()) & set(group):
            names, index = np.unique(countries, return_inverse=True)
            value = np.minimum(value, np.array([float(weights.get(str(c), weights["other"])) for c in names])[index])
    return value
