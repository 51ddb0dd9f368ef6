"""The world as one inference sees it: gazetteer, borders, roads and crossings, opened once."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geoinfer.geodesy import Floats, distance_km
from geoinfer.parameters import number

if TYPE_CHECKING:
    from gazetteer import Gazetteer
    from gazetteer.borders import Borders
    from gazetteer.crossings import Crossing
    from gazetteer.places import Place
    from gazetteer.roads import RoadPoints, Roads
    from geoinfer.positions import Positions

ROAD_SPACING_KM = 1.0
SETTLEMENTS = ("city", "town", "village")


class World:
    """Gazetteer, borders, roads and crossings, opened when first asked for.

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
        self._path = gazetteer
        self._road_km: dict[tuple[float, float], Floats] = {}
        self._settlements: dict[tuple[float, float, float], list[Place]] = {}

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
        """The main road network."""
        from gazetteer.roads import Roads

        return Roads.open()

    @cached_property
    def road_points(self) -> RoadPoints:
        """Points along all main roads, one a kilometre."""
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

    def road_km(self, lon: float, lat: float) -> Floats:
        """Routed kilometres from a place to every road point, infinite where the network does not reach."""
        key = (lon, lat)
        if key not in self._road_km:
            self._road_km[key] = np.asarray(self.roads.distances_km(lon, lat, self.road_points), dtype=float)
        return self._road_km[key]

    def within(self, place: Place, positions: Positions) -> Floats:
        """Give 1 for positions inside the area that a place of kind district, oblast or country stands for, else 0."""
        if place.kind == "country":
            return np.asarray(self.borders.country(positions.lon, positions.lat) == place.country, dtype=float)
        radius = number("area", "district_km" if place.kind == "district" else "oblast_km")
        away = distance_km(place.lon, place.lat, positions.lon, positions.lat)
        return np.asarray(np.exp(-0.5 * (away / radius) ** 2))

    def carrying(self, refs: Iterable[str]) -> npt.NDArray[np.bool_]:
        """Tell which road points carry one of these route numbers."""
        points = self.road_points
        carry = [np.zeros(len(points.lon), dtype=bool), *(points.carry(ref) for ref in refs)]
        return np.asarray(np.any(carry, axis=0))

    def near_route(self, refs: frozenset[str], positions: Positions) -> Floats:
        """Kilometres from every position to the nearest road point that carries one of these numbers."""
        from scipy.spatial import cKDTree

        from geoinfer.geodesy import ecef_km

        points, carrying = self.road_points, self.carrying(refs)
        if not carrying.any():
            return np.full(len(positions), np.inf)
        tree = cKDTree(ecef_km(points.lon[carrying], points.lat[carrying]))
        return np.asarray(tree.query(ecef_km(positions.lon, positions.lat))[0], dtype=float)

    def countries(self, positions: Positions) -> npt.NDArray[np.str_]:
        """ISO 3166-1 alpha-2 code of every position, empty at sea; a crossing counts for its first side."""
        codes = np.asarray(self.borders.country(positions.lon, positions.lat))
        at = positions.crossing >= 0
        codes[at] = [self.crossings[i].country_a for i in positions.crossing[at]]
        return codes
