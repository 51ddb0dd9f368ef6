"""Sites: named candidates, each with the mass of the belief inside its own catchment, and the reasons for it."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geoinfer import hexes
from geoinfer.belief import Belief, sightings
from geoinfer.geodesy import Floats, compass, distance_km, ecef_km
from geoinfer.hypothesis import Hypothesis
from geoinfer.lateral import Spots, spots_of
from geoinfer.likelihoods import town_radius_km
from geoinfer.parameters import number
from geoinfer.positions import ROAD, Integers
from geoinfer.reasons import Reasons
from geoinfer.result import Site
from geoinfer.world import SETTLEMENTS

if TYPE_CHECKING:
    from gazetteer.borders import Borders
    from gazetteer.places import Listing, Place
    from geoinfer.clues import Clue
    from geoinfer.observations import Observation
    from geoinfer.world import World

PLACED_KM = 3.0
ROAD_POINT = "road point"
MOST_CANDIDATES = 600
SEARCHED_MASS = 0.98
DISC_RESOLUTION = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that has a name, a point and a catchment."""

    name: str
    names: Mapping[str, str]
    kind: str
    lon: float
    lat: float
    uncertainty_km: float
    radius_km: float
    country: str
    admin1: str


@dataclass(frozen=True)
class Pool:
    """Candidates, of which few are ever made: position, radius of the catchment, and what makes one of them."""

    lon: Floats
    lat: Floats
    radius_km: Floats
    make: Callable[[int], Candidate]


def rank_sites(
    belief: Belief,
    clues: Sequence[Clue],
    hypothesis: Hypothesis,
    borders: Borders,
    world: World,
    observations: Iterable[Observation] = (),
) -> tuple[tuple[Site, ...], float]:
    """Rank the named candidates by the mass in their catchments.

    Mass counts once: for the candidate that takes it first, the weightiest first. That of a road point lies beside its
    line too, as far as the road may truly run (`geoinfer.lateral.spots_of`).

    Parameters
    ----------
    belief
        The belief.
    clues, observations
        What went into it.
    hypothesis, borders
        Borders that kilometres are told to.
    world
        Places, roads and crossings.

    Returns
    -------
    Sites, and the mass that lies in nobody's catchment. Together they make one.
    """
    taken = _share_out(belief, _candidates(belief, clues, hypothesis, world), int(number("sites", "most")))
    lon = np.array([candidate.lon for candidate, _, _ in taken])
    lat = np.array([candidate.lat for candidate, _, _ in taken])
    km_to = {code: borders.distance_km(code, lon, lat) for code in hypothesis.codes} if taken else {}
    countries, divisions = borders.country(lon, lat), borders.admin1(lon, lat)
    reasons = Reasons(belief, clues, observations, world)
    sites = []
    for i, (candidate, mass, inside) in enumerate(taken):
        name, names = _names_of(candidate, world)
        away = {code: round(float(km[i]), 1) for code, km in km_to.items()}
        sites.append(
            Site(
                i + 1,
                name,
                names,
                candidate.kind,
                candidate.lon,
                candidate.lat,
                candidate.uncertainty_km,
                candidate.radius_km,
                mass,
                candidate.country or str(countries[i]),
                candidate.admin1 or str(divisions[i]),
                away,
                tuple(str(part) for part in reasons.at(candidate.lon, candidate.lat, inside, away)),
            )
        )
    return tuple(sites), max(0.0, 1.0 - sum(site.probability for site in sites))


def leading_site(
    belief: Belief, clues: Sequence[Clue], hypothesis: Hypothesis, world: World
) -> tuple[str, float] | None:
    """Give name and mass of the first of `rank_sites`, without its reasons, which take longest; None without sites."""
    taken = _share_out(belief, _candidates(belief, clues, hypothesis, world), 1)
    return (_names_of(taken[0][0], world)[0], taken[0][1]) if taken else None


def _candidates(belief: Belief, clues: Sequence[Clue], hypothesis: Hypothesis, world: World) -> Pool:
    discs = _where_the_mass_is(belief)
    placed = world.placed_settlements(discs, PLACED_KM)
    reach = _catchments_km(placed.kind, placed.population, placed.uncertainty_km)
    others = [
        *_rough_settlements(clues, discs),
        *_crossings(hypothesis, world),
        *_road_points(belief, clues, world),
    ]
    return Pool(
        np.append(placed.lon, [one.lon for one in others]),
        np.append(placed.lat, [one.lat for one in others]),
        np.append(reach, [one.radius_km for one in others]),
        lambda i: _settlement(placed[i], float(reach[i])) if i < len(placed) else others[i - len(placed)],
    )


def _names_of(candidate: Candidate, world: World) -> tuple[str, Mapping[str, str]]:
    if candidate.kind == ROAD_POINT:
        return _beside(candidate.name, candidate.lon, candidate.lat, world)
    return candidate.name, candidate.names


def _rough_settlements(clues: Sequence[Clue], discs: Sequence[tuple[float, float, float]]) -> list[Candidate]:
    """List the settlements that are only roughly placed: such a one must be named by a clue."""
    named = {
        s.place.id: s.place for clue in clues for mention in clue.mentions for _, s in sightings(mention, clue.kind)
    }
    rough = [p for p in named.values() if p.kind in SETTLEMENTS and p.uncertainty_km > PLACED_KM and _within(p, discs)]
    reach = _catchments_km([p.kind for p in rough], [p.population for p in rough], [p.uncertainty_km for p in rough])
    return [_settlement(place, radius) for place, radius in zip(rough, reach.tolist(), strict=True)]


def _settlement(place: Place, radius_km: float) -> Candidate:
    return Candidate(
        place.name,
        place.names,
        place.kind,
        place.lon,
        place.lat,
        place.uncertainty_km,
        radius_km,
        place.country,
        place.admin1,
    )


def settlements_where_mass_is(belief: Belief, world: World) -> Listing:
    """List the settlements of known position in and around the cells that hold nearly all of the belief."""
    return world.placed_settlements(_where_the_mass_is(belief), PLACED_KM)


def _within(place: Place, discs: Sequence[tuple[float, float, float]]) -> bool:
    lon, lat, reach = np.array(discs).T
    return bool((distance_km(place.lon, place.lat, lon, lat) <= reach).any())


def _catchments_km(kind: npt.ArrayLike, population: npt.ArrayLike, uncertainty_km: npt.ArrayLike) -> Floats:
    least = np.where(np.asarray(kind) == "village", number("sites", "village_km"), number("sites", "town_km"))
    people, which = np.unique(population, return_inverse=True)
    towns = np.array([town_radius_km(one) for one in people.tolist()])[which]
    return np.asarray(np.round(np.maximum(np.maximum(least, 1.5 * towns), uncertainty_km), 1), dtype=float)


def _where_the_mass_is(belief: Belief) -> list[tuple[float, float, float]]:
    """Discs (longitude, latitude, radius in km) that cover the cells that hold nearly all of the belief."""
    import h3

    mass = belief.cell_mass(belief.posterior)
    order = np.argsort(-mass, kind="stable")
    held = order[: int(np.searchsorted(np.cumsum(mass[order]), SEARCHED_MASS)) + 1]
    cells = belief.positions.cell_ids[held]
    fine = hexes.resolution(cells) > DISC_RESOLUTION
    parents = hexes.names(np.unique(np.concatenate([cells[~fine], hexes.ancestors(cells[fine], DISC_RESOLUTION)])))
    discs = []
    for parent in parents:
        lat, lon = h3.cell_to_latlng(parent)
        edge = h3.average_hexagon_edge_length(h3.get_resolution(parent), unit="km")
        discs.append((lon, lat, 1.2 * edge))
    return discs


def _crossings(hypothesis: Hypothesis, world: World) -> list[Candidate]:
    numbers = world.crossings_on(hypothesis.near) if hypothesis.near else range(len(world.crossings))
    radius = number("sites", "crossing_km")
    return [
        Candidate(c.name, c.names, "crossing", c.lon, c.lat, c.uncertainty_km, radius, c.country_a, c.admin1[0])
        for c in (world.crossings[i] for i in numbers)
    ]


def _road_points(belief: Belief, clues: Sequence[Clue], world: World) -> list[Candidate]:
    """Points on main roads, when a clue speaks of roads: a distance or a route number."""
    if not any(clue.routes or any(m.km is not None for m in clue.mentions) for clue in clues):
        return []
    positions = belief.positions
    road = np.flatnonzero(positions.kind == ROAD)
    if not len(road):
        return []
    road = road[np.argsort(-belief.posterior[road], kind="stable")][:MOST_CANDIDATES]
    road = road[belief.posterior[road] > 0.01 * belief.posterior[road[0]]]
    candidates = []
    for i in road:
        lon, lat = float(positions.lon[i]), float(positions.lat[i])
        ref = str(world.road_points.ref[positions.road[i]]).partition(";")[0]
        radius = number("sites", "road_point_km")
        candidates.append(Candidate(ref, {}, ROAD_POINT, lon, lat, float(positions.extent_km[i]), radius, "", ""))
    return candidates


def _beside(ref: str, lon: float, lat: float, world: World) -> tuple[str, Mapping[str, str]]:
    """Name a road point by its road and the next place whose position is known."""
    road = ref or "main road"
    for reach in (15.0, 40.0, 120.0):
        around = world.settlements(lon, lat, reach)
        placed = [p for p in around if p.uncertainty_km <= PLACED_KM]
        if placed:
            place = min(
                placed, key=lambda p: float(distance_km(lon, lat, p.lon, p.lat)) - 2 * town_radius_km(p.population)
            )
            away = float(distance_km(place.lon, place.lat, lon, lat))
            where = "at" if away < 1 else f"{away:.0f} km {compass(place.lon, place.lat, lon, lat)} of"
            names = {language: f"{road}, {where} {name}" for language, name in place.names.items()}
            return f"{road}, {where} {place.name}", names
    return f"{road} at {lat:.3f}, {lon:.3f}", {}


def _share_out(belief: Belief, candidates: Pool, most: int) -> list[tuple[Candidate, float, npt.NDArray[np.int64]]]:
    """Give every candidate the mass in its catchment, the weightiest first, each spot once."""
    from scipy.spatial import cKDTree

    if not len(candidates.lon):
        return []
    spots = spots_of(belief.positions, belief.posterior, belief.lateral)
    # There are as few questions as candidates: a tree that is built fast is worth more than one that answers fast.
    tree = cKDTree(spots.earth, balanced_tree=False, compact_nodes=False)
    points = ecef_km(candidates.lon, candidates.lat)
    found = tree.query_ball_point(points, candidates.radius_km, return_sorted=False)
    owner = np.repeat(np.arange(len(found)), [len(at) for at in found])
    held = np.bincount(owner, spots.mass[np.concatenate(found).astype(np.int64)], len(found))
    least = number("sites", "least")
    enough = np.flatnonzero(held >= least).tolist()
    inside = {i: np.sort(np.array(found[i], dtype=np.int64)) for i in enough}
    free = np.ones(len(spots.mass), dtype=bool)
    heap = [(-float(held[i]), i) for i in enough]
    heapq.heapify(heap)
    taken: list[tuple[Candidate, float, npt.NDArray[np.int64]]] = []
    while heap and len(taken) < most:
        _, i = heapq.heappop(heap)
        at = inside[i][free[inside[i]]]
        mass = float(spots.mass[at].sum())
        if mass < least:
            continue
        # Sums differ in their last digits by the order of their terms: of two at one spot the first of the table leads.
        if heap and mass < -heap[0][0] * (1 - 1e-9):
            heapq.heappush(heap, (-mass, i))
            continue
        free[at] = False
        taken.append((candidates.make(i), mass, _mostly_inside(belief, spots, at)))
    return taken


def _mostly_inside(belief: Belief, spots: Spots, at: Integers) -> Integers:
    """List the positions of which most lies at some of the spots; where there is none, all that are touched."""
    touched, which = np.unique(spots.position[at], return_inverse=True)
    mostly = np.bincount(which, spots.mass[at]) > 0.5 * belief.posterior[touched]
    return touched[mostly] if mostly.any() else touched
