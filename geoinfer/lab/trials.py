"""Trials: kinds of evidence taken by themselves, as the project's aims name them.

- *two distances*: two distance signs whose ways do not run through one another, read without error. Where along the
  road is the camera?
- *one behind the other*: a list such as Чернігів 39 / Київ 179, of which the farther name lies behind the nearer one:
  every road that fits has to be kept.

Both are run on the network's own kilometres and straight lines, by a belief that knows them for the roads' own (what
it can tell with a gazetteer that was built with an OpenStreetMap extract), and on the ground, where roads bend and
signs differ from the shipped network.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np

from geoinfer.lab.cases import Row
from geoinfer.lab.ground import Ground
from geoinfer.lab.plates import Ahead, destinations, is_announced, look_ahead, sign_language, true_name, whole_km
from geoinfer.lab.spots import Spot, draw_spot
from geoinfer.lab.tasks import TRIALS

DETOUR_ALLOWED_KM = 3.0
"""A place lies behind another where the way over it is at most this much longer."""


def draw_trial(ground: Ground, trial: str, seed: int, number: int, exact: bool) -> tuple[Spot, tuple[Row, ...]]:
    """Draw a spot on the network and the rows that its signs give.

    Parameters
    ----------
    ground
        The ground.
    trial
        One of `TRIALS`.
    seed, number
        The trial depends on nothing else.
    exact
        Signs give the network's own kilometres, rounded, and the camera stands on its straight lines.

    Raises
    ------
    ValueError
        If the trial is unknown.
    """
    if trial not in TRIALS:
        raise ValueError(f"unknown trial {trial!r}; valid: {', '.join(TRIALS)}")
    rng = np.random.default_rng([seed, number, TRIALS.index(trial)])
    for _ in range(500):
        spot = draw_spot(ground, "anywhere", rng)
        if spot.edge < 0 or spot.kind not in ("open", "junction"):
            continue
        if exact:
            spot = replace(spot, lon=spot.road_lon, lat=spot.road_lat)
        ahead = look_ahead(ground, spot, rng, exact=exact)
        signs = _two(ground, spot, ahead, rng) if trial == TRIALS[0] else _behind(ground, spot, ahead, rng)
        if signs:
            return spot, tuple(_rows(ground, spot, ahead, signs, exact, rng))
    raise RuntimeError(f"no spot for the trial {trial!r} was found in 500 draws")


def _two(ground: Ground, spot: Spot, ahead: Ahead, rng: np.random.Generator) -> list[list[int]]:
    """One name in each of two directions, of places that the gazetteer can place and name without doubt."""
    found = []
    for way in rng.permutation(np.unique(ahead.way)).tolist():
        named = [n for n in destinations(ground, ahead, way, rng) if _clear(ground, spot, ahead, n)]
        if named:
            found.append([named[0]])
    return found[:2] if len(found) >= 2 else []


def _behind(ground: Ground, spot: Spot, ahead: Ahead, rng: np.random.Generator) -> list[list[int]]:
    """Two names of one direction, the way to the farther of which leads over the nearer."""
    for way in rng.permutation(np.unique(ahead.way)).tolist():
        named = [n for n in destinations(ground, ahead, way, rng) if _clear(ground, spot, ahead, n)]
        for near, far in pairwise(named):
            first, second = (ground.lonlat[ahead.place[n]].tolist() for n in (near, far))
            onward = ground.roads.between_km(*first, *second)
            if ahead.km[near] + onward <= ahead.km[far] + DETOUR_ALLOWED_KM:
                return [[near, far]]
    return []


def _clear(ground: Ground, spot: Spot, ahead: Ahead, n: int) -> bool:
    place = int(ahead.place[n])
    known = ground.population[place] >= 5_000 and ground.uncertainty_km[place] <= 1.5
    return bool(known and is_announced(ground, spot, ahead, n))


def _rows(
    ground: Ground, spot: Spot, ahead: Ahead, signs: list[list[int]], exact: bool, rng: np.random.Generator
) -> Iterator[Row]:
    language, _ = sign_language(spot.country, rng)
    for number, sign in enumerate(signs, start=1):
        for n in sign:
            place, km = int(ahead.place[n]), float(ahead.km[n])
            shown = max(1, round(km)) if exact else whole_km(ground, place, km, rng)
            yield Row(f"s{number}", "distance", true_name(ground, place, language), km=shown)
