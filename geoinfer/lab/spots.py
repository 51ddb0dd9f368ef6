"""Spots: where a simulated camera stands, and what it stands beside.

Positions are drawn on the road network with `Ground.weights`. Signs do not stand anywhere, so the spot is then moved to
where they do: before a junction, to the edge of a settlement, to a boundary of an oblast, to a station, along the open
road, or onto a minor road that the network does not have. The shares are judgements.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from geoinfer.lab.ground import (
    PLACED_KM,
    RAYLEIGH_68,
    Anchors,
    Floats,
    Ground,
    Ints,
    built_radius_km,
    flat_km,
    moved,
    straight_km,
)

SHARES = {"junction": 0.40, "edge": 0.27, "open": 0.18, "minor": 0.08, "station": 0.04, "boundary": 0.03}
"""Judgement: what the camera stands beside."""

DRAWS = ("anywhere", "borderland")
BORDERS = ("BY", "RU-BRY")
BORDER_KM = 10.0
"""In the borderland the weight of a spot falls by a factor of e in this many kilometres from the frontier, on both
sides: handovers are reported at checkpoints and within some tens of kilometres of them. A judgement."""

STRAY = 0.1
"""Judgement: of handovers held to happen in the borderland, this many do not."""

JUNCTION_KM = 0.3
"""A sign before a junction stands 300 m from it outside settlements (DSTU 4100, rules of placing)."""

MOVED_KM = 8.0
"""A spot is moved no farther than this to what it is to stand beside, or the draw would not be what it says."""

VILLAGES_KM = 45.0
"""Villages that are only roughly placed are put down anew if they are listed within this distance of the spot."""


@dataclass(frozen=True)
class Villages:
    """Places near a spot with the coordinates that they have in this case.

    Attributes
    ----------
    place
        Index into `Ground.places`.
    lonlat
        True centres, shape (n, 2).
    """

    place: Ints
    lonlat: Floats


@dataclass(frozen=True)
class Spot:
    """Where a camera stands.

    Attributes
    ----------
    kind
        A key of `SHARES`.
    lon, lat
        The ground: degrees, EPSG:4326.
    road_lon, road_lat
        The same spot on the straight lines of the road network.
    edge, offset_km
        Where on the network; -1 on a minor road.
    node
        Junction ahead, or -1.
    place
        Settlement beside it, as an index into `Ground.places`, or -1.
    country, admin1
        ISO 3166 codes.
    beyond
        At a boundary the divisions on its two sides, elsewhere empty.
    villages
        Places around, where they truly are.
    """

    kind: str
    lon: float
    lat: float
    road_lon: float
    road_lat: float
    edge: int
    offset_km: float
    node: int
    place: int
    country: str
    admin1: str
    beyond: tuple[str, ...]
    villages: Villages


def draw_spot(ground: Ground, draw: str, rng: np.random.Generator) -> Spot:
    """Draw a spot.

    Parameters
    ----------
    ground
        The ground.
    draw
        One of `DRAWS`.
    rng
        Source of every choice.
    """
    if draw == "borderland" and rng.random() < STRAY:
        draw = "anywhere"
    for _ in range(200):
        point = _draw_point(ground, draw, rng)
        kind = str(rng.choice(list(SHARES), p=list(SHARES.values())))
        found = _at(ground, draw, kind, point, rng)
        if found is not None:
            return found
    raise RuntimeError("no spot was found in 200 draws: the road network or the gazetteer is empty")


def _draw_point(ground: Ground, draw: str, rng: np.random.Generator) -> int:
    return int(np.searchsorted(_cumulated(ground, draw), rng.random()))


@cache
def _cumulated(ground: Ground, draw: str) -> Floats:
    weight = ground.weights
    if draw == "borderland":
        weight = weight * np.exp(-ground.frontier_km(BORDERS) / BORDER_KM)
    return np.asarray(np.cumsum(weight) / weight.sum())


def _at(ground: Ground, draw: str, kind: str, point: int, rng: np.random.Generator) -> Spot | None:
    points = ground.points
    lon, lat = float(points.lon[point]), float(points.lat[point])
    edge, offset, node = int(points.edge[point]), float(points.offset_km[point]), -1
    beyond: tuple[str, ...] = ()
    if kind == "boundary":
        found = _boundary(ground, draw, rng)
        lon, lat, edge, offset, beyond = found
    villages = _villages(ground, lon, lat, rng)
    if kind == "open":
        offset += float(rng.uniform(-0.5, 0.5)) * float(points.length_km[point])
    elif kind == "junction":
        length = float(ground.roads.km[edge])
        ways = ((int(ground.roads.a[edge]), offset), (int(ground.roads.b[edge]), length - offset))
        ends = [n for n, km in ways if ground.degree[n] >= 3 and km < MOVED_KM]
        if not ends:
            return None
        node = int(rng.choice(ends))
        back = min(JUNCTION_KM, length / 2)
        offset = back if node == int(ground.roads.a[edge]) else length - back
    elif kind in ("edge", "station", "minor"):
        return _beside_place(ground, kind, lon, lat, villages, rng)
    road_lon, road_lat = _on_edge(ground, edge, offset)
    bend = float(rng.normal(0.0, _lateral_km(ground, edge, offset)))
    lon, lat = _sideways(ground, edge, road_lon, road_lat, bend)
    return _spot(ground, kind, (lon, lat), (road_lon, road_lat), edge, offset, villages, node=node, beyond=beyond)


def _beside_place(
    ground: Ground, kind: str, lon: float, lat: float, villages: Villages, rng: np.random.Generator
) -> Spot | None:
    """Move to a settlement nearby: to its edge on a main road, to its edge on a minor road, or to its station."""
    away = straight_km(lon, lat, villages.lonlat[:, 0], villages.lonlat[:, 1])
    weight = np.exp(-away / 2.0) * (away < MOVED_KM)
    if not (weight > 0).any():
        return None
    n = int(rng.choice(len(weight), p=weight / weight.sum()))
    place, (x, y) = int(villages.place[n]), villages.lonlat[n].tolist()
    radius = float(built_radius_km(float(ground.population[place])) * rng.lognormal(0.0, 0.3))
    if kind == "station" and ground.population[place] < 500:
        return None
    anchors = ground.anchor(np.array([place]), villages.lonlat[n : n + 1])
    on_road = bool(len(anchors.place))
    if kind == "minor" and on_road:
        return None
    if kind == "edge":
        if not on_road:
            return None
        # Blue plates stand at the administrative limit, which may be kilometres from the houses.
        radius += float(rng.exponential(1.0)) if rng.random() < 0.15 else 0.0
        fine, tree = ground.fine
        near = np.array(tree.query_ball_point(flat_km(np.array([x]), np.array([y]))[0], radius + 0.5), dtype=np.int64)
        gap = straight_km(x, y, fine.lon[near], fine.lat[near])
        near = near[np.abs(gap - radius) < 0.5]
        if not len(near):
            return None
        at = int(rng.choice(near))
        spot = (float(fine.lon[at]), float(fine.lat[at]))
        ground_spot = moved(*spot, *rng.normal(0.0, 0.2, 2).tolist())
        edge, offset = int(fine.edge[at]), float(fine.offset_km[at])
        return _spot(ground, kind, ground_spot, spot, edge, offset, villages, place=place)
    bearing, away_km = float(rng.uniform(0, 2 * np.pi)), radius
    if kind == "station":
        away_km = abs(float(rng.normal(0.0, radius)))
    spot = moved(x, y, away_km * float(np.sin(bearing)), away_km * float(np.cos(bearing)))
    if kind == "station":
        fine, tree = ground.fine
        at = int(tree.query(flat_km(np.array([x]), np.array([y]))[0])[1])
        edge, offset = int(fine.edge[at]), float(fine.offset_km[at])
        return _spot(ground, kind, spot, spot, edge, offset, villages, place=place)
    return _spot(ground, kind, spot, spot, -1, 0.0, villages, place=place)


def _spot(
    ground: Ground,
    kind: str,
    spot: tuple[float, float],
    on_road: tuple[float, float],
    edge: int,
    offset: float,
    villages: Villages,
    node: int = -1,
    place: int = -1,
    beyond: tuple[str, ...] = (),
) -> Spot | None:
    country = str(ground.borders.country([spot[0]], [spot[1]])[0])
    if country not in ("UA", "BY", "RU"):
        return None
    admin1 = str(ground.borders.admin1([spot[0]], [spot[1]])[0])
    return Spot(kind, *spot, *on_road, edge, offset, node, place, country, admin1, beyond, villages)


def _villages(ground: Ground, lon: float, lat: float, rng: np.random.Generator) -> Villages:
    """Put the places around a spot where they may truly be, as far as their coordinates leave that open."""
    near = np.flatnonzero(straight_km(lon, lat, ground.lonlat[:, 0], ground.lonlat[:, 1]) < VILLAGES_KM)
    sd = ground.uncertainty_km[near] / RAYLEIGH_68
    # Where the network passes a well-placed town, it and the town agree: only the rest of the error is drawn.
    sd = np.where(ground.uncertainty_km[near] <= PLACED_KM, 0.5 * sd, sd)
    shift = rng.normal(0.0, 1.0, (len(near), 2)) * sd[:, None]
    degrees = shift / 111.195 / np.c_[np.cos(np.radians(ground.lonlat[near, 1])), np.ones(len(near))]
    return Villages(near, ground.lonlat[near] + degrees)


def _boundary(ground: Ground, draw: str, rng: np.random.Generator) -> tuple[float, float, int, float, tuple[str, ...]]:
    points, at = ground.points, _boundary_points(ground)
    weight = np.diff(_cumulated(ground, draw), prepend=0.0)[at]
    n = int(at[int(rng.choice(len(at), p=weight / weight.sum()))])
    sides = (str(ground.admin1[n]), str(ground.admin1[n + 1]))
    offset = float(points.offset_km[n] + points.offset_km[n + 1]) / 2
    return float(points.lon[n]), float(points.lat[n]), int(points.edge[n]), offset, sides


@cache
def _boundary_points(ground: Ground) -> Ints:
    """Road points after which another division of the same country begins on the same edge."""
    code, edge, country = ground.admin1, ground.points.edge, ground.country
    change = (code[:-1] != code[1:]) & (code[:-1] != "") & (code[1:] != "")
    inside = (edge[:-1] == edge[1:]) & (country[:-1] == country[1:]) & (ground.weights[:-1] > 0)
    return np.flatnonzero(change & inside)


def _on_edge(ground: Ground, edge: int, offset: float) -> tuple[float, float]:
    roads = ground.roads
    a, b = int(roads.a[edge]), int(roads.b[edge])
    share = float(np.clip(offset / max(float(roads.km[edge]), 1e-6), 0.0, 1.0))
    lon = float(roads.lon[a] + share * (roads.lon[b] - roads.lon[a]))
    return lon, float(roads.lat[a] + share * (roads.lat[b] - roads.lat[a]))


def _lateral_km(ground: Ground, edge: int, offset: float) -> float:
    first, last = np.searchsorted(ground.points.edge, [edge, edge + 1])
    nearest = int(first + np.argmin(np.abs(ground.points.offset_km[first:last] - offset)))
    share = float(np.clip(offset / max(float(ground.roads.km[edge]), 1e-6), 0.0, 1.0))
    middle = float(ground.points.offset_km[nearest] / ground.roads.km[edge])
    shape = np.sqrt(share * (1 - share)) / np.sqrt(middle * (1 - middle))
    return float(ground.points.lateral_km[nearest] * shape)


def _sideways(ground: Ground, edge: int, lon: float, lat: float, km: float) -> tuple[float, float]:
    roads = ground.roads
    a, b = int(roads.a[edge]), int(roads.b[edge])
    east = float(roads.lon[b] - roads.lon[a]) * float(np.cos(np.radians(lat)))
    north = float(roads.lat[b] - roads.lat[a])
    length = float(np.hypot(east, north)) or 1.0
    return moved(lon, lat, -km * north / length, km * east / length)


def anchors_of(ground: Ground, spot: Spot) -> Anchors:
    """Places on the network as they are in this case: those far away as listed, those around where they truly are."""
    listed, own = ground.anchors, ground.anchor(spot.villages.place, spot.villages.lonlat)
    far = ~np.isin(listed.place, spot.villages.place)
    return Anchors(
        np.r_[listed.place[far], own.place],
        np.r_[listed.edge[far], own.edge],
        np.r_[listed.offset_km[far], own.offset_km],
        np.r_[listed.gap_km[far], own.gap_km],
    )
