"""What a list of names tells beyond its names one by one: their order, their kilometres, and who is not on it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geoinfer.geodesy import Floats, nearest_km
from geoinfer.parameters import number, parameters
from geoinfer.positions import Integers, Positions

if TYPE_CHECKING:
    from gazetteer.places import Place
    from geoinfer.clues import Clue
    from geoinfer.world import World

CITY_REACHES = 2.5


def misread_share(kms: Sequence[float | None], kind: str, read: bool = False) -> float:
    """Give the probability that one number of a list is wrong: more where the numbers do not grow downwards.

    Lists name the nearest place first (DSTU 4100), so a number out of order was misread or belongs to another line.
    Numbers that a reader read are wrong more often than those that a researcher typed.

    Examples
    --------
    >>> misread_share([39, 179], "distance") < misread_share([179, 39], "distance")
    True
    """
    usual = number("sign_error", "km_read" if read else "km")
    if "direction" in kind:
        # Names for other directions stand on the same board, each with its own kilometres.
        return usual
    given = [km for km in kms if km is not None]
    falls = any(later < earlier for earlier, later in itertools.pairwise(given))
    return usual + number("list_order", "misread") if falls else usual


def in_order(away: Sequence[Floats]) -> Floats:
    """Weigh the distances of places that a list names without kilometres: the nearest stands first.

    Parameters
    ----------
    away
        Kilometres to each place from every position, in the order of the list.

    Returns
    -------
    Weights between `floor` (a board may name several directions) and one.

    Examples
    --------
    >>> near, far = np.array([10.0]), np.array([80.0])
    >>> bool(in_order([near, far]) > 0.99), bool(in_order([far, near]) < 0.51)
    (True, True)
    """
    from scipy.special import expit

    rule = parameters()["list_order"]
    weight = np.ones(len(away[0]))
    for first, second in itertools.pairwise(away):
        blur = float(rule["blur_km"]) + float(rule["blur_share"]) * np.maximum(first, second)
        weight = weight * expit(2 * (second - first) / blur)
    return np.asarray(float(rule["floor"]) + (1 - float(rule["floor"])) * weight)


def unnamed_city(named: Sequence[Place], positions: Positions, at: Integers, world: World) -> npt.NDArray[np.float32]:
    """Weigh positions near a city that a distance list does not name, though it names smaller places: a little less.

    Roads lead two ways, and a list names one of them, so the rule is weak.

    Parameters
    ----------
    named
        Places on the list.
    positions, at
        Candidate positions, and which of them to weigh.
    world
        Cities.
    """
    rule = parameters()["absence"]
    if not named or not len(at):
        return np.ones(len(at), dtype=np.float32)
    # Several times as many people as live in the largest place on the list, so no place on it is such a city.
    least = max(float(rule["least_people"]), float(rule["times"]) * max(place.population for place in named))
    reach = float(rule["reach_km"])
    cities = world.cities.above(least)

    def compute(lon: Floats, lat: Floats) -> npt.NDArray[np.float32]:
        away = nearest_km(cities, lon, lat)
        felt = away <= CITY_REACHES * reach
        weight = np.where(felt, 1 - float(rule["weight"]) * np.exp(-0.5 * (away / reach) ** 2), 1.0)
        # In single precision, or all that it multiplies would be in double.
        return weight.astype(np.float32)

    # However many inhabitants are asked for, the cities are told apart by how many there are.
    return world.fact(f"beside the {len(cities)} largest cities", positions, compute, at)


def conflicting_km(clue: Clue) -> list[tuple[str, float, float]]:
    """List the names of a plate whose two scripts give different kilometres: name, leading and other kilometres."""
    return [
        (mention.name, mention.km, mention.km_other)
        for mention in clue.mentions
        if mention.km is not None and mention.km_other is not None and mention.km != mention.km_other
    ]
