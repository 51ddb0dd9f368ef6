"""What a road tells: route numbers, and kilometre posts along a numbered road."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from geoinfer.geodesy import Floats
from geoinfer.parameters import number, parameters
from geoinfer.positions import ROAD, Positions
from geoinfer.spread import Spread, dot, reference_km2, union

if TYPE_CHECKING:
    from geoinfer.world import World


def on_route(routes: Sequence[str], positions: Positions, world: World) -> Spread:
    """Weigh a route number: the sign stands on that road or near its junction.

    A number that the network does not carry says nothing. One that it carries may still be another road's, or no
    road's at all: M1 is a metro line too.
    """
    rule, n = parameters()["route"], len(positions)
    wanted = tuple(sorted(set(routes)))
    carrying = world.carrying(wanted)
    if not carrying.any():
        return Spread.nothing(n)
    near_km, beside_weight = float(rule["near_km"]), float(rule["beside"])

    def values(some: Positions) -> Spread:
        beside = world.beside_route(wanted, near_km, some)
        road = np.flatnonzero(some.kind == ROAD)
        on = road[carrying[some.road[road]]]
        at = union([beside, on], len(some))
        value = np.full(len(at), beside_weight)
        value[np.searchsorted(at, on)] = 1.0
        return Spread(len(some), at, value, 0.0)

    def whole() -> float:
        points = values(world.points)
        length = float(world.road_points.length_km[carrying].sum())
        return dot(points.value, world.points.area_km2[points.at]) + 2 * near_km * beside_weight * length

    here, other = values(positions), float(rule["elsewhere"])
    scale = (1 - other) * reference_km2() / world.constant(("on route", wanted), whole)
    return Spread(n, here.at, here.value * scale + other, other)


def at_post(km: float, routes: Sequence[str], positions: Positions, world: World) -> Spread:
    """Weigh a kilometre post on a numbered road whose beginning is known.

    Posts count from the beginning of a road, but roads were measured anew and renumbered, and posts stayed (2003,
    2018, 2021 in Ukraine): so the number is right to a kilometre, or off by some, or counts from elsewhere.
    """
    n = len(positions)
    known = [route for route in dict.fromkeys(routes) if chainage_km(route, world) is not None]
    if not known:
        return Spread.nothing(n)
    parts = [(1 / len(known), _on_one(km, route, positions, world)) for route in known]
    return Spread.mixed(n, parts)


def _on_one(km: float, route: str, positions: Positions, world: World) -> Spread:
    rule = parameters()["km_post"]
    chainage = chainage_km(route, world)
    assert chainage is not None

    def values(some: Positions) -> Spread:
        road = np.flatnonzero(some.road >= 0)
        at = road[np.isfinite(chainage[some.road[road]])]
        return Spread(len(some), at, post_weight(chainage[some.road[at]] - km), 0.0)

    def whole() -> float:
        points = values(world.points)
        return dot(points.value, world.points.area_km2[points.at])

    here, elsewhere = values(positions), float(rule["elsewhere"])
    total = world.constant(("post", route, km), whole)
    if total <= 0:
        return Spread.nothing(len(positions))
    scale = (1 - elsewhere) * reference_km2() / total
    return Spread(len(positions), here.at, here.value * scale + elsewhere, elsewhere)


def post_weight(off_km: Floats) -> Floats:
    """Weigh how far a post stands from where its number would be today: near it, or off by an old measure.

    Examples
    --------
    >>> near, off, far = post_weight(np.array([0.5, 8.0, 60.0]))
    >>> bool(near > 10 * off > 100 * far)
    True
    """
    exact, old, share = (number("km_post", key) for key in ("exact_km", "old_km", "old_share"))
    right = np.exp(-0.5 * (off_km / exact) ** 2) / exact
    trap = np.exp(-np.abs(off_km) / old) / old
    return np.asarray((1 - share) * right + share * trap)


def chainage_km(route: str, world: World) -> Floats | None:
    """Kilometres from the beginning of a route to the road points that carry it, infinite at all others.

    None where the beginning of the route is not in the table of routes.
    """
    start = _starts().get(route)
    if start is None:
        return None

    def count() -> Floats:
        return np.where(world.carrying([route]), world.road_km(*start), np.inf)

    return world.remember(("chainage", route), count)


@cache
def _starts() -> dict[str, tuple[float, float]]:
    import csv
    from importlib.resources import files

    text = files("gazetteer").joinpath("data/geo/routes.tsv").read_text(encoding="utf-8")
    starts = {}
    for row in csv.DictReader(text.splitlines(), delimiter="\t"):
        lon, _, lat = row["waypoints"].partition(";")[0].rpartition(":")[2].partition(",")
        starts[row["ref"]] = (float(lon), float(lat))
    return starts
