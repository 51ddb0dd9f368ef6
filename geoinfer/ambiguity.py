"""Ambiguity: which areas fit, and what one more reading would tell, by its expected information.

For every question (a distance to a city, a route number, the next settlement's name, the country) the answers that
each position would give are worked out over a sample of the belief. The mutual information of answer and position says
how much the question would tell; the expected share of the leading area afterwards says whether it would decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geoinfer.belief import Belief
from geoinfer.geodesy import Floats, distance_km, ecef_km
from geoinfer.parameters import number
from geoinfer.positions import Integers, Positions
from geoinfer.reasons import short
from geoinfer.regions import densest_cells
from geoinfer.shown import table, text

if TYPE_CHECKING:
    from gazetteer.places import Listing, Place
    from geoinfer.clues import Clue
    from geoinfer.result import Site
    from geoinfer.world import World

MOST_POSITIONS = 500
REGION = 0.9
GAP_KM = 8.0
"""Positions farther apart than this, with none between them, are different areas."""
LEAST_SHARE = 0.03
MOST_CITIES = 6
CITY_REACH_KM = 150.0
BIN_KM = 2.0
DETOUR, DETOUR_SPREAD = 1.2, 0.12
"""Road kilometres over straight ones where no road graph reaches, and their spread (rules.toml, distance)."""
ROUTE_KM = 2.0
DECIDES = 0.9
LEAST_BITS = 0.5

Labels = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Question:
    """Something that could be read or found out next.

    Attributes
    ----------
    what
        In words.
    bits
        Expected information on the camera's position.
    settles
        Expected probability of the leading area once the answer is known.
    """

    what: str
    bits: float
    settles: float


@dataclass(frozen=True)
class Ambiguity:
    """Areas that fit, and the questions that would tell most.

    Attributes
    ----------
    areas
        Name and probability of every separate area, the most probable first.
    questions
        The most telling first.
    """

    areas: tuple[tuple[str, float], ...]
    questions: tuple[Question, ...]

    def __str__(self) -> str:
        telling = [question for question in self.questions if question.bits >= LEAST_BITS][:3]
        if len(self.areas) > 1:
            listed = ", ".join(f"{name} ({share:.0%})" for name, share in self.areas[:6])
            return " ".join([f"{len(self.areas)} separate areas fit: {listed}.", *_deciding(telling)])
        if not telling:
            return ""
        listed = "; ".join(
            f"{one.what} ({one.bits:.1f} bits: an area {2**one.bits:.0f} times smaller)" for one in telling
        )
        return f"One area fits. What would narrow it most: {listed}."

    def _repr_html_(self) -> str:
        areas = table(("area that fits", "holds"), [[text(name), f"{share:.0%}"] for name, share in self.areas])
        asked = [[text(one.what), f"{one.bits:.1f}", f"{one.settles:.0%}"] for one in self.questions]
        heads = ("what to find out next", "bits it would tell", "right area would then hold")
        return areas + (table(heads, asked) if asked else "")


def _deciding(questions: Sequence[Question]) -> list[str]:
    best = sorted(questions, key=lambda one: -one.settles)
    if not best:
        return []
    said = "; ".join(f"{one.what} (the right area would then hold {one.settles:.0%} on average)" for one in best)
    verb = "would decide" if best[0].settles >= DECIDES else "would help most, but not decide"
    return [f"What {verb}: {said}."]


def find_ambiguity(
    belief: Belief, clues: Iterable[Clue], sites: Sequence[Site], settlements: Listing, world: World
) -> Ambiguity:
    """Find the areas that fit and the questions that would tell them apart.

    Parameters
    ----------
    belief
        The belief.
    clues
        What has been read: it is not asked for again.
    sites
        Ranked sites, which name the areas.
    settlements
        Settlements where the belief is.
    world
        Roads and cities.
    """
    at, mass = _drawn(belief.posterior)
    sample = belief.positions.take(at)
    cells = densest_cells(belief.cell_mass(belief.posterior), belief.positions.cell_areas_km2, REGION)
    inside = np.isin(sample.cell, cells)
    area = _areas(sample, inside)
    answers = dict(_answers(sample, mass, list(clues), settlements, world))
    questions = [
        Question(what, information_bits(given, mass), expected_best(given, mass, area))
        for what, given in answers.items()
    ]
    return Ambiguity(
        _named(sample, mass, area, sites),
        tuple(sorted(questions, key=lambda one: (-one.bits, one.what))),
    )


def information_bits(given: Floats, mass: Floats) -> float:
    """Mutual information of an answer and a position.

    Parameters
    ----------
    given
        Probability of every answer (columns) at every position (rows).
    mass
        Probability of every position.

    Examples
    --------
    >>> information_bits(np.eye(4), np.full(4, 0.25))
    2.0
    """

    def entropy(p: Floats) -> Floats:
        return np.asarray(-np.sum(np.where(p > 0, p * np.log2(np.maximum(p, 1e-300)), 0.0), axis=-1))

    return max(0.0, float(entropy(mass @ given) - mass @ entropy(given)))


def expected_best(given: Floats, mass: Floats, area: Labels) -> float:
    """Tell what the most probable area is expected to hold once the answer is known.

    Examples
    --------
    >>> expected_best(np.ones((2, 1)), np.array([0.75, 0.25]), np.array([0, 1]))
    0.75
    """
    joint = np.zeros((int(area.max()) + 1, given.shape[1]))
    np.add.at(joint, area, mass[:, None] * given)
    return float(joint.max(axis=0).sum())


def _drawn(posterior: Floats) -> tuple[Integers, Floats]:
    """Draw positions at even steps of the belief, the same every time, with the share of draws that fell on each."""
    steps = (np.arange(MOST_POSITIONS) + 0.5) / MOST_POSITIONS
    drawn = np.searchsorted(np.cumsum(posterior), steps * posterior.sum())
    at, counts = np.unique(np.minimum(drawn, len(posterior) - 1), return_counts=True)
    return at, counts / counts.sum()


def _areas(sample: Positions, inside: npt.NDArray[np.bool_]) -> Labels:
    """Tell apart the separate areas of a sample of positions; 0 is what lies outside the region."""
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    area = np.zeros(len(sample), dtype=np.int64)
    own = np.flatnonzero(inside)
    if len(own) < 2:
        area[own] = 1
        return area
    points = cKDTree(sample.earth[own])
    # Draws from a wide belief lie far apart: then so must areas.
    reach = GAP_KM + 3 * float(np.median(points.query(sample.earth[own], k=2)[0][:, 1]))
    area[own] = 1 + connected_components(points.sparse_distance_matrix(points, reach), directed=False)[1]
    return area


def _named(sample: Positions, mass: Floats, area: Labels, sites: Sequence[Site]) -> tuple[tuple[str, float], ...]:
    """Name every area that holds enough by the first site in it."""
    found = []
    for one in range(1, int(area.max()) + 1):
        own = np.flatnonzero(area == one)
        share = float(mass[own].sum())
        if share < LEAST_SHARE:
            continue
        near = (s for s in sites if float(sample.take(own).km_from(s.lon, s.lat).min()) <= max(s.radius_km, 3.0))
        first = next(near, None)
        heart = own[int(np.argmax(mass[own]))]
        name = short(first.name) if first else f"round {sample.lat[heart]:.2f}, {sample.lon[heart]:.2f}"
        found.append((name, share))
    return tuple(sorted(found, key=lambda one: -one[1]))


def _answers(
    sample: Positions, mass: Floats, clues: Sequence[Clue], settlements: Listing, world: World
) -> Iterable[tuple[str, Floats]]:
    """Give, for every question, the probability of each answer at each position."""
    mentions = [mention for clue in clues for mention in clue.mentions]
    with_km = {m.matches.matches[0].place.id for m in mentions if m.km is not None and m.matches.matches}
    named = {m.matches.matches[0].place.id for m in mentions if m.matches.matches}
    heart = int(np.argmax(mass))
    for city in _cities(float(sample.lon[heart]), float(sample.lat[heart]), world):
        if city.id not in with_km:
            another = "a second distance" if with_km else "a distance"
            yield f"{another} to {short(city.name)}", _kilometres(sample, city, world)
    if not any(clue.routes for clue in clues):
        yield "a route number", _routes(sample, world)
    if len(settlements) > len(named) or {place.id for place in settlements} - named:
        yield "the name of the next settlement", _nearest(sample, settlements)
    yield "the country, by letters or number plates", _columns(world.countries(sample))


def _cities(lon: float, lat: float, world: World) -> list[Place]:
    near = [
        city
        for city in world.cities.near(ecef_km(lon, lat), CITY_REACH_KM)
        if float(distance_km(lon, lat, city.lon, city.lat)) <= CITY_REACH_KM
    ]
    return sorted(near, key=lambda city: -city.population)[:MOST_CITIES]


def _kilometres(sample: Positions, city: Place, world: World) -> Floats:
    """Probability of the kilometres on a sign for a city, in bins."""
    away = sample.km_from(city.lon, city.lat)
    km, spread = DETOUR * away, DETOUR_SPREAD * away
    on_road = np.flatnonzero(sample.road >= 0)
    routed = world.road_km(city.lon, city.lat)[sample.road[on_road]]
    reached = np.isfinite(routed)
    km[on_road[reached]] = number(world.network, "per_km") * routed[reached]
    spread[on_road[reached]] = number(world.network, "relative") * routed[reached]
    error = np.hypot(np.hypot(spread, number("distance", "rounding_km")), sample.extent_km / 2)
    bins = np.arange(0.0, float((km + 3 * error).max()) + BIN_KM, BIN_KM)
    height = np.exp(-0.5 * ((bins[None, :] - km[:, None]) / np.maximum(error, BIN_KM / 2)[:, None]) ** 2)
    return np.asarray(height / height.sum(axis=1, keepdims=True))


def _routes(sample: Positions, world: World) -> Floats:
    """Probability of the route numbers near each position; none is an answer too."""
    from scipy.spatial import cKDTree

    points = world.road_points
    tree = world.remember("tree of road points", lambda: cKDTree(ecef_km(points.lon, points.lat)))
    near = tree.query_ball_point(sample.earth, np.maximum(ROUTE_KM, sample.extent_km))
    refs = [sorted({number for i in found for number in _numbers(str(points.ref[i]))}) for found in near]
    names = ["", *sorted({ref for found in refs for ref in found})]
    column = {name: i for i, name in enumerate(names)}
    given = np.zeros((len(sample), len(names)))
    for row, found in enumerate(refs):
        given[row, [column[ref] for ref in found] or [0]] = 1 / max(len(found), 1)
    return given


def _numbers(text: str) -> list[str]:
    return [part for part in text.split(";") if part]


def _nearest(sample: Positions, settlements: Listing) -> Floats:
    """Name of the nearest settlement at each position; namesakes are one answer."""
    from scipy.spatial import cKDTree

    nearest: Integers = cKDTree(ecef_km(settlements.lon, settlements.lat)).query(sample.earth)[1]
    return _columns(np.array([settlements[i].name.casefold() for i in nearest.tolist()]))


def _columns(answers: npt.NDArray[np.str_]) -> Floats:
    """Turn one certain answer per position into probabilities."""
    names, which = np.unique(answers, return_inverse=True)
    return np.eye(len(names))[which]
