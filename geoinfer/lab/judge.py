"""Judge an inference against the truth: the one place where the lab meets what it tests.

The truth is a point. It lies in a cell; the cells that are denser make its *depth*: the share of the belief that a
highest-density region holds before it takes the truth's cell. The region of level L covers the truth where the depth is
below L, which is the rule that `geoinfer.regions` draws regions by. Over many cases the depths of an honest belief are
spread evenly between 0 and 1.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from geoinfer.lab.cases import Row
from geoinfer.lab.ground import straight_km

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geoinfer.belief import Belief
    from geoinfer.clues import Clue
    from geoinfer.inference import Result
    from geoinfer.world import World

    Floats = NDArray[np.float64]

NEAR: Mapping[str, tuple[str, ...]] = {"anywhere": (), "borderland": ("BY", "RU-BRY")}
"""The border hypothesis that a case is inferred with: the one that its draw follows."""

FINEST = 12
"""Resolution of H3, 0.0003 km2: finer than any cell of a belief."""

LAND_KM2 = 1.5e8
OUTSIDE = 1e-3
"""A truth outside the search area scores as `OUTSIDE` of a belief spread over all land: a logarithm must end somewhere.
"""


@dataclass(frozen=True)
class Depth:
    """How a belief stands to one true point.

    Attributes
    ----------
    depth
        Mass of the denser cells, 1 where the truth lies outside the search area.
    own
        Mass of the truth's own cell.
    bits
        Binary logarithm of the density at the truth, per square kilometre.
    """

    depth: float
    own: float
    bits: float


def open_world(exact: bool = False) -> World:
    """Open what all cases of a process share.

    Parameters
    ----------
    exact
        The network is one that knows bends, as a gazetteer brings that was built with an OpenStreetMap extract.
    """
    from gazetteer.road_graph import BEND_KM
    from geoinfer.world import World

    world = World()
    if exact:
        world.roads = replace(world.roads, bend_km=BEND_KM, _cache={})
    return world


@dataclass(frozen=True)
class Inferred:
    """What was inferred from the rows of a case.

    Attributes
    ----------
    clues
        The clues that the rows make.
    belief
        The belief that all of them give together, None where they say nothing.
    near
        The border hypothesis.
    seconds
        Time that the belief took, without looking the names up.
    """

    clues: tuple[Clue, ...]
    belief: Belief | None
    near: tuple[str, ...]
    seconds: float


def infer(rows: Sequence[Row], near: Sequence[str], world: World, read: bool = True) -> Inferred:
    """Infer from rows.

    Parameters
    ----------
    rows
        Names with what stands beside them.
    near
        Borders of the hypothesis.
    world
        See `open_world`.
    read
        Whether the rows come from a reader, with its errors, or were typed in.
    """
    from geoinfer.clue_rows import ClueRow
    from geoinfer.clues import build_clues

    typed = [
        ClueRow(row.sign, row.kind, row.name, row.other, row.km, row.road,
                photo=row.sign.partition("/")[0] if read else "",
                readings=(f"{row.sign}/{number}",) if read else ())
        for number, row in enumerate(rows)
    ]  # fmt: skip
    clues = build_clues(typed, world.gazetteer)
    start = time.perf_counter()
    belief = _belief(clues, near, world, ())
    return Inferred(clues, belief, tuple(near), time.perf_counter() - start)


def infer_without(inferred: Inferred, world: World, rule: str) -> Belief | None:
    """Infer from the same clues again, without one rule."""
    return _belief(inferred.clues, inferred.near, world, (rule,))


def _belief(clues: Sequence[Clue], near: Sequence[str], world: World, without: tuple[str, ...]) -> Belief | None:
    from geoinfer.belief import infer_belief
    from geoinfer.hypothesis import Hypothesis

    return infer_belief(clues, Hypothesis(near=tuple(near)), world.borders, world, without_rules=without)


def answer(inferred: Inferred, world: World) -> Result:
    """Give the whole answer: verdict, sites, and clusters where the clues speak for several places."""
    from geoinfer.hypothesis import Hypothesis
    from geoinfer.inference import Result
    from geoinfer.result import Evidence

    return Result(world, inferred.clues, Hypothesis(near=inferred.near), Evidence())


def depth_of(belief: Belief, values: Floats, lon: float, lat: float) -> Depth:
    """Find how deep a point lies in a belief.

    Parameters
    ----------
    belief
        The belief.
    values
        Probability of every position: `belief.posterior` or `belief.neutral`.
    lon, lat
        The truth.
    """
    mass, area = belief.cell_mass(values), cell_areas(belief)
    at = cell_of(belief, lon, lat)
    if at < 0:
        return Depth(1.0, 0.0, math.log2(OUTSIDE / LAND_KM2))
    density = mass / area
    order = np.argsort(-density, kind="stable")
    before = order[: int(np.flatnonzero(order == at)[0])]
    floor = OUTSIDE / LAND_KM2
    return Depth(float(mass[before].sum()), float(mass[at]), math.log2(max(float(density[at]), floor)))


def cell_areas(belief: Belief) -> Floats:
    """Square kilometres of every cell: positions begin with the cells."""
    return np.asarray(belief.positions.area_km2[: len(belief.positions.cell_ids)], dtype=np.float64)


def cell_of(belief: Belief, lon: float, lat: float) -> int:
    """Index of the cell that holds a point, -1 if none does.

    A child is its parent's by number, not quite by outline: the number is what positions go by.
    """
    import h3.api.numpy_int as h3

    ids = belief.positions.cell_ids
    cell = h3.latlng_to_cell(lat, lon, FINEST)
    for resolution in range(FINEST, -1, -1):
        found = np.flatnonzero(ids == np.uint64(h3.cell_to_parent(cell, resolution)))
        if len(found):
            return int(found[0])
    return -1


def region_of(belief: Belief, values: Floats, level: float) -> tuple[float, float]:
    """Area of the smallest region that holds a share of the belief, and what it truly holds: cells are not cut."""
    mass, area = belief.cell_mass(values), cell_areas(belief)
    order = np.argsort(-(mass / area), kind="stable")
    held = np.cumsum(mass[order])
    last = int(np.searchsorted(held, min(level, held[-1]) - 1e-12))
    return float(area[order[: last + 1]].sum()), float(held[last])


def rules() -> tuple[str, ...]:
    """Names of the rules that can be left out."""
    from geoinfer.rules import RULES

    return tuple(RULES)


def judge(belief: Belief | None, truths: Mapping[str, tuple[float, float]]) -> dict[str, Any]:
    """Compare a belief with the truth.

    Parameters
    ----------
    belief
        What was inferred.
    truths
        Name to longitude and latitude: ``ground`` where the camera stands, ``road`` the same spot on the network.

    Returns
    -------
    Plain values: ``ground`` and ``road`` (see `Depth`; ``neutral`` without the hypothesis), ``area50``, ``held50`` of
    the 50 % region (see `region_of`), the same of the 90 % region, ``km`` from the densest cell to the truth. Nothing
    where there is no belief.
    """
    if belief is None:
        return {}
    lon, lat = truths["ground"]
    area50, held50 = region_of(belief, belief.posterior, 0.5)
    area90, held90 = region_of(belief, belief.posterior, 0.9)
    top = int(np.argmax(belief.cell_mass(belief.posterior) / cell_areas(belief)))
    where = belief.positions
    return {
        **{name: asdict(depth_of(belief, belief.posterior, *at)) for name, at in truths.items()},
        "neutral": asdict(depth_of(belief, belief.neutral, lon, lat)),
        "area50": area50,
        "area90": area90,
        "held50": round(held50, 4),
        "held90": round(held90, 4),
        "km": float(straight_km(lon, lat, where.lon[top], where.lat[top])),
        "positions": len(belief.posterior),
    }


def judge_road(belief: Belief | None, truths: Mapping[str, tuple[float, float]]) -> dict[str, Any]:
    """Say how far the most probable road point lies from the truth.

    Returns
    -------
    Per truth ``... km``; empty where there is no belief or no road point in it.
    """
    if belief is None:
        return {}
    positions = belief.positions
    road = np.flatnonzero(positions.road >= 0)
    if not len(road):
        return {}
    top = int(road[int(np.argmax(belief.posterior[road]))])
    at = np.array(positions.lon[top]), np.array(positions.lat[top])
    return {f"{name} km": float(straight_km(lon, lat, *at)) for name, (lon, lat) in truths.items()}


def judge_answer(result: Result, lon: float, lat: float) -> dict[str, Any]:
    """Compare the verdict and the ranking of sites with the truth.

    Returns
    -------
    ``verdict``; ``site``: what the first site says of itself and whether the truth lies in its catchment; ``rank`` of
    the first site whose catchment holds the truth, None if there is none; ``clusters``: places that the clues are
    said to speak for; ``told 90``: whether the 90 % region of the first of them, or of any, holds the truth.
    """
    sites = list(result.findings.sites)
    away = [float(straight_km(site.lon, site.lat, np.array(lon), np.array(lat))) for site in sites]
    hit = [km <= site.radius_km for km, site in zip(away, sites, strict=True)]
    first = None
    if sites:
        first = {"probability": sites[0].probability, "kind": sites[0].kind, "hit": hit[0], "km": away[0]}
    rank = hit.index(True) + 1 if True in hit else None
    beliefs = [cluster.belief for cluster in result.clusters] or [result.belief]
    held = [belief is not None and depth_of(belief, belief.posterior, lon, lat).depth < 0.9 for belief in beliefs]
    told = {"first": held[0], "any": any(held)}
    return {"verdict": result.verdict.kind, "site": first, "rank": rank, "clusters": len(beliefs), "told 90": told}


def named(clues: Sequence[Clue]) -> list[dict[str, Any]]:
    """Give what a baseline may know: for each name the likeliest place, the kilometres and the sign's kind."""
    found = []
    for clue in clues:
        for mention in clue.mentions:
            if mention.matches.matches and mention.matches.none < 0.5:
                place = mention.matches.matches[0].place
                found.append({"kind": clue.kind, "km": mention.km, "lon": place.lon, "lat": place.lat})
    return found
