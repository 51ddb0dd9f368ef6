"""From coarse to fine: the cells that hold the belief are split until they are small, and nothing is cut.

Cells of one resolution are weighed first, together with all road points and crossings in them, which are fixed. Then
the cells that together hold nearly all of the belief, with the border hypothesis or without it, are replaced by their
children, and only those are weighed anew.
"""

from __future__ import annotations

import numpy as np

from geoinfer import hexes
from geoinfer.geodesy import Floats
from geoinfer.hexes import Cells
from geoinfer.lateral import PointMass
from geoinfer.parameters import number
from geoinfer.positions import Integers, Positions, cells_of_points, points_inside, together
from geoinfer.told import Told
from geoinfer.world import World

FEW = 400
"""Cells that are taken to be as likely as their parents, at most, before they are told."""
UNFELT = 1e-12
"""Share of the mass of all fixed points below which one of them is left out of the search for cells to split."""
HEAVIER = 5.0
"""How many times as much a cell must hold for every step beyond the last resolution."""


class Grid:
    """Cells of mixed resolution and the fixed points in them, with what all evidence says at each.

    Parameters
    ----------
    cells
        H3 indexes of one resolution: the search area.
    world
        The fixed points, and what is known of cells.
    shares
        What all fixed points keep of their base measure; None for all of it.
    told
        What clues, observations and the border hypothesis tell.
    """

    def __init__(self, cells: Cells, world: World, shares: Floats | None, told: Told) -> None:
        self._world, self._shares, self._told = world, shares, told
        self._ids = cells
        own = world.cells.positions(cells)
        # Once for all of them: clues ask for the countries of a few at a time.
        world.countries(own)
        self._inside, self._cell = points_inside(cells, world.point_ids)
        self._points = self._rated(world.points.take(self._inside))
        # Points first: what clues are scaled by is a sum over all of them.
        self._point_weight = told.weight_of_points(self._points)
        told.compare(own, self._points)
        self._point_log, self._taken_back = told.at_points(self._points)
        self._weight, self._log, self._area = told.weight_of_cells(own), told.log_of_cells(own), own.area_km2
        self._guessed = np.zeros(len(cells), dtype=bool)
        self._top = max(self._log.max(), self._point_log.max(initial=-np.inf))
        neutral = self._point_log - self._top
        np.exp(neutral, out=neutral)
        neutral *= self._points.area_km2
        masses = neutral, neutral * self._point_weight
        # The others are too light to have a cell split.
        felt = np.flatnonzero(np.logical_or(*(mass > UNFELT * mass.sum() for mass in masses)))
        self._felt, self._cell = world.point_ids[self._inside[felt]], self._cell[felt]
        self._masses = tuple(PointMass(self._inside[felt], mass[felt], world.lateral) for mass in masses)

    def _rated(self, points: Positions) -> Positions:
        if self._shares is None:
            return points
        shares = np.where(points.point >= 0, self._shares[points.point], 1.0)
        return points.of_area(shares * points.area_km2)

    def refine(self) -> None:
        """Split cells until those that hold the belief are fine; those that hold much of it go one step further.

        A few cells are taken to be as likely as their parents at first, which spares passes over all clues: mostly it
        is the fixed points in them that hold the belief. All are told in the end.
        """
        last, finest = int(number("search_area", "last_resolution")), int(number("search_area", "heavy_resolution"))
        while True:
            chosen = self._to_split(last, finest)
            if len(chosen):
                self._split(chosen)
            if not len(chosen) or np.count_nonzero(self._guessed) > FEW:
                if not self._guessed.any():
                    return
                self._tell()

    def _to_split(self, last: int, finest: int) -> Integers:
        mass = self._mass()
        order = np.argsort(-mass, kind="stable")
        held = int(np.searchsorted(np.cumsum(mass[order]), number("search_area", "keep"))) + 1
        level = hexes.resolution(self._ids[order[:held]])
        least = number("search_area", "heavy") * HEAVIER ** np.maximum(level - last, 0)
        coarse = order[:held][(level < last) | ((mass[order[:held]] > least) & (level < finest))]
        room = int((number("search_area", "max_cells") - len(self._ids)) // 6)
        return np.sort(coarse[: max(room, 0)])

    def _mass(self) -> Floats:
        """Sum the belief over cells: the mean of that with the border hypothesis and that without it."""
        neutral = self._area * np.exp(self._log - self._top)
        total = np.zeros(len(self._ids))
        for points, of_cells in zip(self._masses, (neutral, neutral * self._weight), strict=True):
            mass = points.over(self._ids, of_cells, self._cell)
            total += mass / (2 * mass.sum())
        return total

    def _split(self, chosen: Integers) -> None:
        """Replace cells by their children."""
        level = hexes.resolution(self._ids[chosen])
        fresh = np.concatenate([hexes.children(self._ids[chosen[level == one]]) for one in np.unique(level)])
        parents = hexes.parents(fresh)
        order = np.argsort(self._ids, kind="stable")
        parent = order[np.searchsorted(self._ids, parents, sorter=order)]
        kept = np.ones(len(self._ids), dtype=bool)
        kept[chosen] = False
        ids = np.concatenate([self._ids[kept], fresh])
        order = np.argsort(ids, kind="stable")
        self._ids = ids[order]
        self._log = np.concatenate([self._log[kept], self._log[parent]])[order]
        self._weight = np.concatenate([self._weight[kept], self._weight[parent]])[order]
        self._area = np.concatenate([self._area[kept], hexes.areas_km2(fresh)])[order]
        self._guessed = np.concatenate([self._guessed[kept], np.ones(len(fresh), dtype=bool)])[order]
        self._cell = cells_of_points(self._ids, self._felt)

    def _tell(self) -> None:
        """Have what was guessed told."""
        at = np.flatnonzero(self._guessed)
        own = self._world.cells.positions(self._ids[at])
        self._world.countries(own)
        self._log[at], self._weight[at] = self._told.log_of_cells(own), self._told.weight_of_cells(own)
        self._guessed[:] = False

    def positions(self) -> Positions:
        """Give all positions: cells in ascending order, then the fixed points in theirs."""
        return self._rated(together(self._world.cells.positions(self._ids), self._world.points, self._world.point_ids))

    def log_total(self) -> Floats:
        """Natural logarithm of what all evidence says at `positions`, with `taken_back`."""
        return np.concatenate([self._log, self._point_log])

    def taken_back(self) -> Floats:
        """Give what of `log_total` is the weight of junctions taken back."""
        return np.concatenate([np.zeros(len(self._log)), self._taken_back])

    def times(self) -> Floats:
        """Give how many times as much `positions` weigh for standing beside a junction."""
        return np.concatenate([np.ones(len(self._log)), self._told.junction_times(self._points)])

    def weight(self) -> Floats:
        """Weight of `positions` under the border hypothesis."""
        return np.concatenate([self._weight, self._point_weight])
