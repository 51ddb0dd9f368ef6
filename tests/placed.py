"""Positions for tests: the cells of a search area with the road points and crossings in them; and a city."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from gazetteer.crossings import Crossing
from gazetteer.places import Place
from gazetteer.roads import RoadPoints
from geoinfer.facts import CellFacts
from geoinfer.geodesy import Floats
from geoinfer.positions import Disc, Positions, fixed_points, together
from geoinfer.search_area import search_cells
from geoinfer.world import World

CHERNIHIV = Place(
    "test:1",
    "Чернігів",
    {"uk": "Чернігів", "en": "Chernihiv"},
    "city",
    31.2849,
    51.5055,
    0.3,
    285_000,
    "UA",
    "UA-74",
    "",
    "test",
)


def place_positions(cells: Iterable[int], roads: RoadPoints | None, crossings: Sequence[Crossing]) -> Positions:
    ids = np.unique(np.array(list(cells), dtype=np.uint64))
    return together(CellFacts().positions(ids), *fixed_points(roads, crossings))


def round_chernihiv(world: World) -> Positions:
    """Give the positions within 120 km of Chernihiv."""
    return place_positions(search_cells([Disc(CHERNIHIV.lon, CHERNIHIV.lat, 120.0)]), world.road_points, ())


def away(positions: Positions) -> Floats:
    """Give the kilometres from Chernihiv to each of some positions."""
    return positions.km_from(CHERNIHIV.lon, CHERNIHIV.lat)
