"""Positions for tests: the cells of a search area with the road points and crossings in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from gazetteer.crossings import Crossing
from gazetteer.roads import RoadPoints
from geoinfer.facts import CellFacts
from geoinfer.positions import Positions, fixed_points, together


def place_positions(cells: Iterable[int], roads: RoadPoints | None, crossings: Sequence[Crossing]) -> Positions:
    ids = np.unique(np.array(list(cells), dtype=np.uint64))
    return together(CellFacts().positions(ids), *fixed_points(roads, crossings))
