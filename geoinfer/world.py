"""The world as one inference sees it: gazetteer, borders, roads and crossings, opened once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from geoinfer.cities import Cities
from geoinfer.facts import CellFacts, Facts
from geoinfer.geodesy import Floats, ecef_km
from geoinfer.ground import Ground
from geoinfer.hexes import cells_of
from geoinfer.junctions import beside_junction
from geoinfer.lateral import Lateral
from geoinfer.memory import Memory
from geoinfer.parameters import number
from geoinfer.positions import CELL, EVERY, ROAD, fixed_points

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from gazetteer import Gazetteer
    from gazetteer.borders import Borders
    from gazetteer.crossings import Crossing
    from gazetteer.places import Listing, Place
    from gazetteer.roads import RoadPoints, Roads
    from geoinfer.hexes import Cells
    from geoinfer.positions import Integers, Positions

ROAD_SPACING_KM = 0.4
OUTLINE_DEGREES = 0.05
SETTLEMENTS = ("city", "town", "village")
MOST_LISTINGS = 8
"""Listings of settlements that are kept: one for each belief of a case, with its borders and without."""


class World(Memory):
    """Gazetteer, borders, roads and crossings, opened when first asked for, and what was worked out about them.

    Parameters
    ----------
    gazetteer
        A file made by ``gazetteer build``, or None for the shipped default.

    Examples
    --------
    >>> World().gazetteer.search("Чернігів").matches[0].place.country
    'UA'
    """

    def __init__(self, gazetteer: str | Path | None = None) -> None:
        super().__init__()
        self._path = gazetteer
        self._settlements: dict[tuple[float, float, float], list[Place]] = {}
        self._strata_of_last: tuple[Positions, Integers] | None = None
        self._placed: dict[int, Listing] = {}

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """Names to places."""
        from gazetteer import Gazetteer

        return Gazetteer.open(self._path)

    def settlements(self, lon: float, lat: float, km: float) -> list[Place]:
        """Cities, towns and villages within some kilometres of a point."""
        key = (lon, lat, km)
        if key not in self._settlements:
            self._settlements[key] = self.gazetteer.places_within(lon, lat, km, kinds=SETTLEMENTS)
        return self._settlements[key]

    def placed_settlements(self, discs: Sequence[tuple[float, float, float]], placed_km: float) -> Listing:
        """Cities, towns and villages in any of some discs (longitude, latitude, kilometres) whose position is known."""
        key = hash((tuple(discs), placed_km))
        if key not in self._placed:
            self._placed[key] = self.gazetteer.places_around(discs, SETTLEMENTS, placed_km)
            while len(self._placed) > MOST_LISTINGS:
                del self._placed[next(iter(self._placed))]
        return self._placed[key]

    @cached_property
    def sources(self) -> tuple[dict[str, str], ...]:
        """Data sets that an inference rests on: name, version, licence, url."""
        import csv
        from importlib.resources import files

        text = files("gazetteer").joinpath("data/geo/sources.tsv").read_text(encoding="utf-8")
        rules = files("geoinfer").joinpath("data/rules.toml").read_bytes()
        return (
            *self.gazetteer.sources,
            *csv.DictReader(text.splitlines(), delimiter="\t"),
            {"name": "geoinfer, rules", "version": f"SHA-256 {sha256(rules).hexdigest()}", "licence": "MIT",
             "url": "geoinfer/data/rules.toml"},
        )  # fmt: skip

    @cached_property
    def borders(self) -> Borders:
        """Territories and their frontiers."""
        from gazetteer.borders import Borders

        return Borders.open()

    @cached_property
    def roads(self) -> Roads:
        """The road network: that of the gazetteer file if it was built with one, else the shipped main roads."""
        from gazetteer.roads import Roads

        return Roads.open() if self._path is None else Roads.from_gazetteer(self._path)

    @property
    def network(self) -> str:
        """Name of the rule that says how the kilometres on signs differ from those of the road network."""
        return "network_with_bends" if self.roads.knows_bends else "network_without_bends"

    @cached_property
    def road_points(self) -> RoadPoints:
        """Points along all main roads, one every few hundred metres."""
        return self.roads.points(spacing_km=ROAD_SPACING_KM)

    @cached_property
    def crossings(self) -> tuple[Crossing, ...]:
        """Border crossings whose position is known."""
        from gazetteer.crossings import Crossings

        return tuple(Crossings.open().table())

    def crossings_on(self, codes: Iterable[str]) -> tuple[int, ...]:
        """List the crossings on borders of these countries or divisions, as indices into `crossings`."""
        wanted = set(codes)
        return tuple(i for i, c in enumerate(self.crossings) if wanted & {c.country_a, c.country_b, *c.admin1})

    @cached_property
    def _fixed(self) -> tuple[Positions, Cells, Ground]:
        grounds: list[Ground] = []

        def find_cells(lon: Floats, lat: Floats, level: int) -> Cells:
            grounds.append(Ground(lon, lat))
            return grounds[0].column(f"H3 cells of resolution {level}", np.uint64, lambda: cells_of(lon, lat, level))

        points, ids = fixed_points(self.road_points, self.crossings, find_cells)
        return points.of_area(points.area_km2 * self._junction_times(points)), ids, grounds[0]

    @cached_property
    def junction_times(self) -> Floats:
        """How many times as much every fixed point weighs for standing just beside a junction."""
        return self._junction_times(self.points)

    def junction_times_at(self, positions: Positions, at: Integers | slice = EVERY) -> Floats:
        """How many times as much positions, or some of them, weigh for standing just beside a junction."""
        if positions is self.points:
            return self.junction_times[at]
        return self._times_of_points_and_cells[positions.point[at]]

    def by_stratum(self, table: Floats, positions: Positions, at: Integers) -> npt.NDArray[np.float32]:
        """Give what a table holds for the stratum of some positions; not to be changed.

        What a sign says of countries and junctions is the same throughout a stratum, whose number is twice that of the
        country (`country_numbers`), one more beside a junction.
        """
        light = table.astype(np.float32)
        if positions is not self.points:
            if self._strata_of_last is None or positions is not self._strata_of_last[0]:
                self._strata_of_last = positions, self._find_strata(positions)
            return light[self._strata_of_last[1][at]]
        if len(at) < len(positions):
            return light[self._strata_of_points[at]]
        # Many plates have the same table.
        return self.remember(("strata", light.tobytes()), lambda: light.take(self._strata_of_points, mode="clip"))

    @cached_property
    def _strata_of_points(self) -> Integers:
        return self._find_strata(self.points)

    def _find_strata(self, positions: Positions) -> Integers:
        return 2 * self.country_numbers(positions).astype(np.int64) + (self.junction_times_at(positions) > 1)

    @cached_property
    def _times_of_points_and_cells(self) -> Floats:
        # Cells have the index -1, which is the last.
        return np.append(self.junction_times, 1.0)

    def _junction_times(self, points: Positions) -> Floats:
        """Give how many times as much every fixed point weighs for standing just beside a junction."""
        beside = beside_junction(points.road, self.roads, self.road_points)
        return np.where(beside & (points.kind == ROAD), number("junctions", "times"), 1.0)

    def forget(self) -> None:
        """Forget what clues said, roads from the places that they name included."""
        super().forget()
        self.roads.forget()

    def base_shares(self, without_rules: Set[str]) -> Floats | None:
        """Give what of their base measure fixed points keep without the rules of the prior; None for all of it."""
        shares = np.ones(len(self.points))
        if "main_roads" in without_rules:
            # No more than a strip of a kilometre along each road.
            shares[self.points.kind == ROAD] /= number("main_roads", "area_km2_per_km")
        if "junctions" in without_rules:
            shares /= self.junction_times
        return shares if without_rules & {"main_roads", "junctions"} else None

    @property
    def points(self) -> Positions:
        """Road points and crossings as positions: the same for every case."""
        return self._fixed[0]

    @cached_property
    def light_areas(self) -> npt.NDArray[np.float32]:
        """Base measure of `points` in single precision, to be summed over time and again."""
        return self.points.area_km2.astype(np.float32)

    @property
    def point_ids(self) -> Cells:
        """H3 cells of `points`, ascending."""
        return self._fixed[1]

    @cached_property
    def lateral(self) -> Lateral:
        """Where roads may truly run beside the points on them."""
        return Lateral(self.points, self.road_points, self.roads)

    @cached_property
    def cells(self) -> CellFacts:
        """What is known of H3 cells."""
        return CellFacts()

    @cached_property
    def _point_facts(self) -> Facts:
        return Facts(self.points.lon, self.points.lat)

    def fact(
        self,
        name: str,
        positions: Positions,
        compute: Callable[[Floats, Floats], npt.NDArray[Any]],
        at: Integers | slice = EVERY,
        whole: bool = False,
        kept: npt.DTypeLike | None = None,
    ) -> npt.NDArray[Any]:
        """Give a fact of positions, or of some of them, that no clue changes; not to be changed.

        `compute` makes it from longitudes and latitudes, once: if `whole`, for all fixed points together. With a data
        type for it, it is kept for them from one run to the next (`geoinfer.ground`).
        """

        def of_all(lon: Floats, lat: Floats) -> npt.NDArray[Any]:
            return compute(lon, lat) if kept is None else self._fixed[2].column(name, kept, lambda: compute(lon, lat))

        def of_points(point: Integers) -> npt.NDArray[Any]:
            if whole:
                return self._point_facts.all(name, of_all)[point]
            return self._point_facts.get(name, point, compute)

        if positions is self.points and (isinstance(at, slice) or len(at) == len(positions)):
            return self._point_facts.all(name, of_all)
        if positions is self.points:
            return of_points(self.points.point[at])
        cell, point = positions.kind[at] == CELL, positions.point[at]
        if not cell.any():
            return of_points(point)
        rows = self.cells.rows(positions.cell_ids[positions.cell[at][cell]])
        of_cells = self.cells.facts.get(name, rows, compute)
        if cell.all():
            return of_cells
        values = np.empty(len(point), dtype=of_cells.dtype)
        values[cell], values[~cell] = of_cells, of_points(point[~cell])
        return values

    def border_km(self, borders: Borders, code: str, positions: Positions, most_km: float = np.inf) -> Floats:
        """Kilometres from positions to a frontier, far from it up to 5 % too long, infinite beyond `most_km`.

        Where a finite `most_km` is asked for, those of all fixed points are worked out, and at once.
        """
        own, whole = borders.extra.get(code), bool(np.isfinite(most_km))
        which = code if own is None else f"{code} {sha256(own.wkb).hexdigest()}"

        def compute(lon: Floats, lat: Floats) -> Floats:
            # What may be kept from an earlier run must leave no trace on what is told of cells.
            alone = whole and lon is self._point_facts.lon
            return borders.distance_km(code, lon, lat, rough=True, most_km=most_km, alone=alone)

        # Polygons of a case are nobody else's business.
        kept = np.float64 if whole and own is None else None
        name = f"kilometres to {which} within {most_km:g}"
        return np.asarray(self.fact(name, positions, compute, whole=whole, kept=kept), dtype=float)

    def road_km(self, lon: float, lat: float, limit_km: float = np.inf, at: Integers | None = None) -> Floats:
        """Routed kilometres from a place to road points, infinite where the network does not reach.

        Parameters
        ----------
        lon, lat
            The place, degrees, EPSG:4326.
        limit_km
            Kilometres beyond which nobody asks.
        at
            Indices of the road points that are asked for; without them, all.
        """
        return self.roads.distances_km(lon, lat, self.road_points, limit_km, at)

    def inside(self, code: str, positions: Positions) -> npt.NDArray[np.bool_]:
        """Tell which positions lie in a known country or division."""
        west, south, east, north = self.borders.polygon(code).bounds

        def compute(lon: Floats, lat: Floats) -> npt.NDArray[np.bool_]:
            found: npt.NDArray[np.bool_] = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
            found[found] = self.borders.inside(code, lon[found], lat[found])
            return found

        return np.asarray(self.fact(f"inside {code}", positions, compute), dtype=bool)

    def area_km2(self, code: str) -> float:
        """Area of a known country or division."""
        polygon = self.borders.polygon(code)
        return self.constant(("area", code), lambda: abs(_geod().geometry_area_perimeter(polygon)[0]) / 1e6)

    def frontier_km(self, code: str) -> float:
        """Length of a known frontier."""
        line = self.borders.frontier(code)
        return self.constant(("frontier", code), lambda: _geod().geometry_length(line) / 1000)

    def outline(self, code: str) -> BaseGeometry:
        """Give a rough outline of a country or division, widened by some kilometres: what a search must cover."""
        import shapely

        def draw() -> BaseGeometry:
            rough = self.borders.polygon(code).simplify(OUTLINE_DEGREES).buffer(2 * OUTLINE_DEGREES, quad_segs=2)
            return rough.intersection(shapely.box(-180, -90, 180, 90))

        return self.remember(("outline", code), draw)

    @cached_property
    def cities(self) -> Cities:
        """Cities and towns of many inhabitants."""
        return Cities(self.gazetteer.populous(int(number("absence", "least_people"))))

    def carrying(self, refs: Iterable[str]) -> npt.NDArray[np.bool_]:
        """Tell which road points carry one of these route numbers."""
        wanted = tuple(sorted(set(refs)))
        nothing = np.zeros(len(self.road_points.lon), dtype=bool)

        def find() -> npt.NDArray[np.bool_]:
            carried = [nothing, *(self.road_points.carry(ref) for ref in wanted)]
            return np.asarray(np.any(carried, axis=0), dtype=bool)

        return self.remember(("carrying", wanted), find)

    def beside_route(self, refs: Iterable[str], km: float, positions: Positions) -> Integers:
        """List the positions that lie within some kilometres of a road point that carries one of these numbers."""
        from scipy.spatial import cKDTree

        wanted = tuple(sorted(set(refs)))
        points, carrying = self.road_points, self.carrying(wanted)
        if not carrying.any():
            return np.empty(0, dtype=np.int64)
        tree = self.remember(("route", wanted), lambda: cKDTree(ecef_km(points.lon[carrying], points.lat[carrying])))
        away = tree.query(positions.earth, distance_upper_bound=km)[0]
        return np.flatnonzero(np.isfinite(away))

    @cached_property
    def country_codes(self) -> npt.NDArray[np.str_]:
        """ISO 3166-1 alpha-2 codes of all countries, ascending; the first is empty, for the sea."""
        return np.unique(["", *self.borders.countries])

    def country_numbers(self, positions: Positions, at: Integers | slice = EVERY) -> npt.NDArray[np.int16]:
        """Index into `country_codes` of positions or some of them; a crossing counts for its first side."""

        def compute(lon: Floats, lat: Floats) -> npt.NDArray[np.int16]:
            return np.searchsorted(self.country_codes, self.borders.country(lon, lat)).astype(np.int16)

        numbers = np.array(self.fact("country", positions, compute, at, whole=True, kept=np.int16))
        crossing = positions.crossing[at]
        at = np.flatnonzero(crossing >= 0)
        numbers[at] = np.searchsorted(self.country_codes, [self.crossings[i].country_a for i in crossing[at]])
        return numbers

    def countries(self, positions: Positions) -> npt.NDArray[np.str_]:
        """ISO 3166-1 alpha-2 code of every position, empty at sea; a crossing counts for its first side."""
        return self.country_codes[self.country_numbers(positions)]

    def divisions(self, positions: Positions) -> npt.NDArray[np.str_]:
        """ISO 3166-2 code of the first-level division of every position in Ukraine, Belarus and Russia, or empty."""
        return np.asarray(self.fact("admin1", positions, self.borders.admin1))


@cache
def _geod() -> Any:
    from pyproj import Geod

    return Geod(ellps="WGS84")
