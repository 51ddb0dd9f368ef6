"""Build the shipped tables of borders and roads: ``python -m gazetteer.compile_geo``.

Sources are files that anyone can fetch; nothing is downloaded here:

- country borders: the installed packages `timezonefinder` and `timezonefinder-data` (OpenStreetMap, ODbL) with
  the country of each time zone from `zone.tab` of the package `tzdata`;
- first-level divisions: ``world_map.gpkg`` of Debian's package ``qgis-common`` (Natural Earth 10m, public domain);
- roads: the wheel ``scgraph_data-2.0.0-py3-none-any.whl`` (OpenStreetMap), see `gazetteer.compile_roads`.

Country borders lead. Natural Earth only divides the inside of a country, and where it leaves a strip along the
border uncovered, the strip goes to the nearest division. So no inner line can move an international one.

Needs shapely 2.2 with GEOS 3.14 (`coverage_clean`); reading what it wrote does not.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gazetteer.archive import write_archive

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

WINDOW = (20.0, 43.0, 42.0, 57.0)
"""West, south, east, north: Ukraine, Belarus, western Russia. Full precision inside."""

FINE_DEG = 5e-5
"""Tolerance of the simplification inside `WINDOW`, degrees (5.6 m north-south)."""

COARSE_DEG = 0.01
"""Tolerance outside `WINDOW`, degrees (1.1 km north-south)."""

SCALE = 100_000
"""Stored coordinates are whole numbers of 1 / `SCALE` degree (1.1 m north-south)."""

OVERRIDES = {"Europe/Simferopol": "UA"}
"""Time zones whose country is stated here and not left to `zone.tab`: the internationally recognised borders."""

DATA = Path(__file__).parent / "data" / "geo"


def countries() -> dict[str, BaseGeometry]:
    """Country polygons with their territorial waters, as one coverage: no overlaps, shared edges identical.

    Where two time zones overlap (Abkhazia, the West Bank, Abyei) the country with the smaller area keeps the
    overlap; elsewhere overlaps are slivers.
    """
    import shapely
    from timezonefinder import TimezoneFinder

    country_of = _country_of_zone()
    parts: dict[str, list[BaseGeometry]] = defaultdict(list)
    finder = TimezoneFinder()
    for zone in finder.timezone_names:
        if zone.startswith("Etc/"):
            continue
        for rings in finder.get_geometry(tz_name=zone, coords_as_pairs=True):
            shell, *holes = (np.round(np.asarray(ring), 6) for ring in rings)
            parts[country_of[zone]].append(shapely.make_valid(shapely.Polygon(shell, holes)))
    codes = sorted(parts)
    merged = np.array([shapely.union_all(parts[code]) for code in codes], dtype=object)
    clean = shapely.coverage_clean(merged, gap_width=0.002, merge_strategy="min_area")
    return dict(zip(codes, clean, strict=True))


def _country_of_zone() -> dict[str, str]:
    table = (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return {row[2]: row[0] for row in rows} | OVERRIDES


def country_names(codes: Iterable[str]) -> list[str]:
    """English short names of countries, from ``iso3166.tab`` of the package `tzdata` (public domain)."""
    table = (resources.files("tzdata") / "zoneinfo" / "iso3166.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    names = {row[0]: row[1] for row in rows}
    return [names[code] for code in codes]


def shared_segments(polygons: Iterable[BaseGeometry]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the segments of a coverage and who owns them.

    Returns
    -------
    segments
        Rows of x1, y1, x2, y2 in units of 1e-6 degree, each segment once.
    owners
        Rows of two polygon indices, the smaller first; -1 where only one polygon has the segment.
    """
    import shapely

    rows, who = [], []
    for index, polygon in enumerate(polygons):
        for ring in shapely.get_rings(shapely.get_parts(polygon)):
            xy = np.round(shapely.get_coordinates(ring) * 1e6).astype(np.int64)
            rows.append(np.hstack([xy[:-1], xy[1:]]))
            who.append(np.full(len(xy) - 1, index))
    segments, owner = np.vstack(rows), np.concatenate(who)
    flip = (segments[:, 0] > segments[:, 2]) | ((segments[:, 0] == segments[:, 2]) & (segments[:, 1] > segments[:, 3]))
    segments[flip] = segments[flip][:, [2, 3, 0, 1]]
    order = np.lexsort((owner, *segments.T[::-1]))
    segments, owner = segments[order], owner[order]
    first = np.r_[True, (segments[1:] != segments[:-1]).any(axis=1)]
    begin = np.flatnonzero(first)
    twice = np.diff(np.r_[begin, len(segments)]) >= 2
    second = np.where(twice, owner[np.minimum(begin + 1, len(owner) - 1)], -1)
    pair = np.column_stack([owner[begin], second])
    return segments[begin], np.sort(pair, axis=1)


def arcs(segments: NDArray[np.int64], labels: NDArray[np.int64]) -> list[tuple[tuple[int, ...], BaseGeometry]]:
    """Join segments that carry the same label (a row of whole numbers) into lines."""
    import shapely

    unique, inverse = np.unique(labels, axis=0, return_inverse=True)
    lines = shapely.linestrings(segments.reshape(-1, 2, 2) / 1e6)
    found = []
    for index, label in enumerate(unique):
        merged = shapely.line_merge(shapely.multilinestrings(lines[inverse.ravel() == index]))
        key = tuple(int(value) for value in label)
        found += [(key, line) for line in shapely.get_parts(merged)]
    return found


def simplified(coverage: Mapping[str, BaseGeometry]) -> dict[str, BaseGeometry]:
    """Simplify a coverage: `FINE_DEG` inside the window, `COARSE_DEG` outside, neighbours still fitting each other."""
    import shapely

    codes, polygons = list(coverage), np.array(list(coverage.values()), dtype=object)
    window = shapely.box(*WINDOW)
    lines = []
    for _, line in arcs(*shared_segments(polygons)):
        lines.append(shapely.simplify(shapely.intersection(line, window), FINE_DEG))
        lines.append(shapely.simplify(shapely.difference(line, window), COARSE_DEG))
    network = shapely.union_all([line for line in lines if not line.is_empty], grid_size=1 / SCALE)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(network)))
    inner = shapely.point_on_surface(faces)
    owned: dict[str, list[BaseGeometry]] = defaultdict(list)
    x, y = shapely.get_x(inner), shapely.get_y(inner)
    for code, polygon in zip(codes, polygons, strict=True):
        shapely.prepare(polygon)
        owned[code] += list(faces[shapely.contains_xy(polygon, x, y)])
    return {code: shapely.union_all(own, grid_size=1 / SCALE) for code, own in owned.items() if own}


def divisions(source: Path, country: Mapping[str, BaseGeometry]) -> dict[str, BaseGeometry]:
    """First-level divisions of the countries in ``admin1_names.tsv``, cut to their country and filling it."""
    import pyogrio

    frame = pyogrio.read_dataframe(source, layer="states_provinces")
    shapes = {
        str(name): shape
        for name, iso, shape in zip(frame["name"], frame["iso_a2"], frame.geometry, strict=True)
        if iso in ("UA", "BY", "RU")
    }
    names: dict[str, dict[str, str]] = defaultdict(dict)
    with (DATA / "admin1_names.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            names[row["country"]][row["code"]] = row["natural_earth_name"]
    found = {}
    for code, own in names.items():
        found.update(_filling({key: shapes[name] for key, name in own.items()}, country[code]))
    return found


def _filling(shapes: Mapping[str, BaseGeometry], whole: BaseGeometry) -> dict[str, BaseGeometry]:
    """Cut shapes to the whole and give what they leave of it to the nearest of them."""
    import shapely

    grid = 1 / SCALE
    keys = list(shapes)
    cut = [shapely.intersection(shapely.make_valid(shapes[key]), whole, grid_size=grid) for key in keys]
    rest = shapely.difference(whole, shapely.union_all(cut, grid_size=grid), grid_size=grid)
    points, tags = [], []
    for tag, key in enumerate(keys):
        xy = np.unique(shapely.get_coordinates(shapely.segmentize(shapes[key].boundary, 0.03)).round(5), axis=0)
        points.append(xy)
        tags.append(np.full(len(xy), tag))
    xy, tag_of = np.vstack(points), np.concatenate(tags)
    # A point that two divisions share says nothing about which of them a strip outside is nearer to.
    unique, index, count = np.unique(xy, axis=0, return_index=True, return_counts=True)
    xy, tag_of = unique[count == 1], tag_of[index[count == 1]]
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(xy), extend_to=whole))
    point, cell = shapely.STRtree(cells).query(shapely.points(xy), predicate="intersects")
    near = [shapely.union_all(cells[cell[tag_of[point] == tag]]) for tag in range(len(keys))]
    strips = [shapely.intersection(area, rest, grid_size=grid) for area in near]
    return {
        key: _polygonal(shapely.union_all([body, strip], grid_size=grid))
        for key, body, strip in zip(keys, cut, strips, strict=True)
    }


def _polygonal(shape: BaseGeometry) -> BaseGeometry:
    import shapely

    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return shapely.multipolygons(parts)


def frontiers(
    country: Mapping[str, BaseGeometry], division: Mapping[str, BaseGeometry]
) -> list[tuple[tuple[str, str, str, str], BaseGeometry]]:
    """Lines that two countries share, split where the first-level division on either side changes.

    The key is country a, country b, division of a, division of b; a division is empty where none is known.
    """
    import shapely

    codes = list(country)
    segments, owners = shared_segments(country.values())
    land = owners[:, 0] >= 0
    segments, owners = segments[land], owners[land]
    middle = shapely.points((segments[:, :2] + segments[:, 2:]) / 2e6)
    names = ["", *division]
    sides = []
    for side in (0, 1):
        label = np.zeros(len(segments), dtype=np.int64)
        for index, code in enumerate(codes):
            own = [position for position, name in enumerate(names) if name.startswith(f"{code}-")]
            mine = np.flatnonzero(owners[:, side] == index)
            if own and len(mine):
                tree = shapely.STRtree([division[names[position]] for position in own])
                query, hit = tree.query_nearest(middle[mine], all_matches=False)
                label[mine[query]] = np.array(own)[hit]
        sides.append(label)
    found = arcs(segments, np.column_stack([owners, *sides]))
    return [((codes[a], codes[b], names[i], names[j]), line) for (a, b, i, j), line in found]


def pack(shapes: Iterable[BaseGeometry]) -> dict[str, NDArray[Any]]:
    """Return shapes as small arrays: differences of whole numbers, ring and part offsets."""
    import shapely

    kind, coordinates, offsets = shapely.to_ragged_array(list(shapes))
    whole = np.round(coordinates * SCALE).astype(np.int64)
    delta = np.diff(whole, axis=0, prepend=np.zeros((1, 2), dtype=np.int64)).astype(np.int32)
    packed: dict[str, NDArray[Any]] = {"kind": np.array(int(kind)), "x": delta[:, 0], "y": delta[:, 1]}
    return packed | {f"offsets{level}": np.asarray(o, dtype=np.int32) for level, o in enumerate(offsets)}


def build_borders(natural_earth: Path, target: Path) -> None:
    """Write ``borders.npz``."""
    import shapely

    country = simplified(countries())
    division = divisions(natural_earth, country)
    window = shapely.box(*WINDOW)
    # Far divisions serve no more than a map of the whole country does.
    division = {
        code: shape if shape.intersects(window) else _polygonal(shapely.simplify(shape, COARSE_DEG))
        for code, shape in division.items()
    }
    lines = frontiers(country, division)
    arrays: dict[str, NDArray[Any]] = {
        "countries": np.array(list(country)),
        "country_names": np.array(country_names(country)),
        "divisions": np.array(list(division)),
        "frontiers": np.array([key for key, _ in lines]),
    }
    many: Callable[[BaseGeometry], BaseGeometry] = _polygonal
    for name, shapes in (
        ("countries", [many(shape) for shape in country.values()]),
        ("divisions", [many(shape) for shape in division.values()]),
        ("frontiers", [line for _, line in lines]),
    ):
        arrays |= {f"{name}_{key}": value for key, value in pack(shapes).items()}
    write_archive(target, arrays)


def main(arguments: list[str] | None = None) -> None:
    """Build the tables whose sources are named."""
    import argparse

    from gazetteer.compile_roads import build_roads

    parser = argparse.ArgumentParser(prog="python -m gazetteer.compile_geo", description=main.__doc__)
    parser.add_argument("--natural-earth", type=Path, help="world_map.gpkg of qgis-common: builds borders.npz")
    parser.add_argument("--scgraph", type=Path, help="scgraph_data-2.0.0-py3-none-any.whl: builds roads.npz")
    options = parser.parse_args(arguments)
    if not options.natural_earth and not options.scgraph:
        parser.error("name at least one source")
    if options.natural_earth:
        build_borders(options.natural_earth, DATA / "borders.npz")
    if options.scgraph:
        build_roads(options.scgraph, DATA / "roads.npz")


if __name__ == "__main__":
    main()
