"""Sites: named candidates, each with the mass of the belief inside its own catchment, and the reasons for it."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geoinfer.belief import Belief, sightings
from geoinfer.geodesy import compass, distance_km, ecef_km
from geoinfer.hypothesis import Hypothesis
from geoinfer.likelihoods import AREAS, town_radius_km
from geoinfer.parameters import number
from geoinfer.positions import ROAD
from geoinfer.result import Site

if TYPE_CHECKING:
    from gazetteer.borders import Borders
    from gazetteer.places import Place
    from geoinfer.clues import Clue, Mention
    from geoinfer.world import World

PLACED_KM = 3.0
ROAD_POINT = "road point"
KIND_WORDS = {
    "direction": "direction sign",
    "distance": "distance sign",
    "settlement_begin": "sign where a settlement begins",
    "settlement_end": "sign where a settlement ends",
    "km_post": "kilometre post",
    "border_strip": "sign of the border strip",
    "route": "route plate",
    "station": "station",
    "unknown": "sign of unknown kind",
}
MOST_CANDIDATES = 600
SEARCHED_MASS = 0.98


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


def rank_sites(
    belief: Belief, clues: Sequence[Clue], hypothesis: Hypothesis, borders: Borders, world: World
) -> tuple[tuple[Site, ...], float]:
    """Rank the named candidates by the mass in their catchments.

    A position counts once: for the candidate that takes it first, the weightiest first.

    Returns
    -------
    Sites, and the mass that lies in nobody's catchment. Together they make one.
    """
    candidates = [
        *_settlements(belief, clues, world),
        *_crossings(hypothesis, world),
        *_road_points(belief, clues, world),
    ]
    taken = _share_out(belief, candidates)
    sites = []
    for rank, (candidate, mass, at) in enumerate(taken, start=1):
        name, names = candidate.name, candidate.names
        if candidate.kind == ROAD_POINT:
            name, names = _beside(candidate.name, candidate.lon, candidate.lat, world)
        lon, lat = np.array([candidate.lon]), np.array([candidate.lat])
        km_to = {code: round(float(borders.distance_km(code, lon, lat)[0]), 1) for code in hypothesis.codes}
        reasons = _reasons(belief, clues, candidate, at, km_to, world)
        sites.append(
            Site(
                rank,
                name,
                names,
                candidate.kind,
                candidate.lon,
                candidate.lat,
                candidate.uncertainty_km,
                candidate.radius_km,
                mass,
                candidate.country or str(borders.country(lon, lat)[0]),
                candidate.admin1 or str(borders.admin1(lon, lat)[0]),
                km_to,
                reasons,
            )
        )
    return tuple(sites), max(0.0, 1.0 - sum(site.probability for site in sites))


def _settlements(belief: Belief, clues: Sequence[Clue], world: World) -> list[Candidate]:
    """List settlements where the belief is; one that is only roughly placed must be named by a clue."""
    named = {s.place.id for clue in clues for mention in clue.mentions for _, s in sightings(mention, clue.kind)}
    found: dict[str, Place] = {}
    for lon, lat, reach in _where_the_mass_is(belief):
        for place in world.settlements(lon, lat, reach):
            if place.uncertainty_km <= PLACED_KM or place.id in named:
                found[place.id] = place
    return [
        Candidate(
            place.name,
            place.names,
            place.kind,
            place.lon,
            place.lat,
            place.uncertainty_km,
            _catchment_km(place),
            place.country,
            place.admin1,
        )
        for place in found.values()
    ]


def _catchment_km(place: Place) -> float:
    least = number("sites", "village_km" if place.kind == "village" else "town_km")
    return round(max(least, 1.5 * town_radius_km(place.population), place.uncertainty_km), 1)


def _where_the_mass_is(belief: Belief) -> list[tuple[float, float, float]]:
    """Discs (longitude, latitude, radius in km) that cover the cells that hold nearly all of the belief."""
    import h3

    mass = belief.cell_mass(belief.posterior)
    order = np.argsort(-mass, kind="stable")
    held = order[: int(np.searchsorted(np.cumsum(mass[order]), SEARCHED_MASS)) + 1]
    parents = sorted(
        {h3.cell_to_parent(c, min(3, h3.get_resolution(c))) for c in (belief.positions.cells[i] for i in held)}
    )
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


def _share_out(belief: Belief, candidates: Sequence[Candidate]) -> list[tuple[Candidate, float, npt.NDArray[np.int64]]]:
    """Give every candidate the mass in its catchment, the weightiest first, each position once."""
    from scipy.spatial import cKDTree

    if not candidates:
        return []
    positions = belief.positions
    tree = cKDTree(ecef_km(positions.lon, positions.lat))
    points = ecef_km([c.lon for c in candidates], [c.lat for c in candidates])
    inside = tree.query_ball_point(points, [c.radius_km for c in candidates])
    free = np.ones(len(positions), dtype=bool)
    heap = [(-float(belief.posterior[at].sum()), i) for i, at in enumerate(inside)]
    heapq.heapify(heap)
    taken: list[tuple[Candidate, float, npt.NDArray[np.int64]]] = []
    while heap and len(taken) < int(number("sites", "most")):
        _, i = heapq.heappop(heap)
        at = np.array([j for j in inside[i] if free[j]], dtype=np.int64)
        mass = float(belief.posterior[at].sum())
        if mass < number("sites", "least"):
            continue
        if heap and mass < -heap[0][0]:
            heapq.heappush(heap, (-mass, i))
            continue
        free[at] = False
        taken.append((candidates[i], mass, at))
    return taken


def _reasons(
    belief: Belief,
    clues: Sequence[Clue],
    candidate: Candidate,
    at: npt.NDArray[np.int64],
    km_to: Mapping[str, float],
    world: World,
) -> tuple[str, ...]:
    """Say what each clue and each rule adds for a site, in words and bits, the weightiest first."""
    share = belief.posterior[at] / belief.posterior[at].sum()
    reasons = []
    for clue in clues:
        if clue.id in belief.plates:
            bits = float(share @ np.log2(belief.plates[clue.id].likelihood[at]))
            reasons.append((bits, f"{clue.id}: {_what_it_says(clue, candidate, world)} ({bits:+.1f} bits)"))
    if km_to:
        weight = belief.weight / float(belief.weight @ belief.neutral)
        bits = float(share @ np.log2(weight[at]))
        code, away = min(km_to.items(), key=lambda item: item[1])
        reasons.append((bits, f"hypothesis: {away:.0f} km from the border of {code} ({bits:+.1f} bits)"))
    return tuple(text for _, text in sorted(reasons, key=lambda reason: -abs(reason[0])))


def _what_it_says(clue: Clue, candidate: Candidate, world: World) -> str:
    said = [_mention_says(mention, clue.kind, candidate, world) for mention in clue.mentions]
    if clue.routes:
        said.append(f"route number {', '.join(clue.routes)}")
    return "; ".join(said) or "names nothing that is known"


def _mention_says(mention: Mention, kind: str, candidate: Candidate, world: World) -> str:
    sign = f"“{mention.name}”" + (f" {mention.km:g} km" if mention.km is not None else "")
    known = [(p, s.place) for p, s in sightings(mention, kind) if s.place.kind not in AREAS]
    if not known:
        return f"{sign} on a {KIND_WORDS[kind]}"

    def unlikely(item: tuple[float, Place]) -> float:
        return float(distance_km(item[1].lon, item[1].lat, candidate.lon, candidate.lat)) / item[0]

    _, place = min(known, key=unlikely)
    away = float(distance_km(place.lon, place.lat, candidate.lon, candidate.lat))
    road = _road_km(place, candidate, world)
    by_road = f", {road:.0f} km by road" if road is not None else ""
    return f"{sign} on a {KIND_WORDS[kind]}; {place.name} is {away:.0f} km away in a straight line{by_road}"


def _road_km(place: Place, candidate: Candidate, world: World) -> float | None:
    """Routed kilometres between a place and a candidate on the network, None where the network does not reach."""
    points = world.road_points
    beside = distance_km(candidate.lon, candidate.lat, points.lon, points.lat)
    nearest = int(np.argmin(beside))
    road = float(world.road_km(place.lon, place.lat)[nearest])
    return road if beside[nearest] <= number("crossings", "reach_km") and np.isfinite(road) else None
