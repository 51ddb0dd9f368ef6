"""What clues, observations and the border hypothesis tell at positions, kept from one inference to the next.

Whatever one of them tells at a position depends on nothing else, so a correction of one clue works out that clue alone.
Cells and fixed points are never asked for together here: each have rows of their own, under which values are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

import numpy as np

from geoinfer.geodesy import Floats
from geoinfer.hypothesis import Hypothesis, weigh
from geoinfer.junctions import log_taken_back
from geoinfer.plate_terms import content, plate_terms
from geoinfer.positions import Integers, Positions

if TYPE_CHECKING:
    from gazetteer.borders import Borders
    from geoinfer.belief import Observation
    from geoinfer.clues import Clue
    from geoinfer.world import World

Tell = Callable[[Positions], Floats]

NO_POSITIONS = np.empty(0, dtype=np.int64)
NEARLY_ALL = 0.5
"""Where more than this share of all fixed points is asked for, all are told: the next search area may want the rest."""


class Told:
    """What is told at cells and at fixed points.

    Parameters
    ----------
    clues, observations
        What tells.
    hypothesis, borders
        The border hypothesis, and territories with its own polygons.
    world
        Where all is kept.
    off
        Rules that are switched off.
    """

    def __init__(
        self,
        clues: Sequence[Clue],
        observations: Sequence[Observation],
        hypothesis: Hypothesis,
        borders: Borders,
        world: World,
        off: AbstractSet[str],
    ) -> None:
        self._world = world

        def plate(clue: Clue) -> Tell:
            return lambda positions: np.log(plate_terms(clue, positions, world, off).likelihood)

        def log_wrong(clue: Clue) -> float:
            def rest() -> float:
                return plate_terms(clue, world.points.take(NO_POSITIONS), world, off).spread.rest

            return float(np.log(world.constant(("wrong", content(clue), frozenset(off)), rest)))

        plates = {clue.id: (("plate", content(clue), frozenset(off)), plate(clue)) for clue in clues}
        self._plates = tuple(plates.values())
        self._log_wrong = sum(map(log_wrong, clues))
        self._times = np.ones(len(world.points)) if "junctions" in off else world.junction_times
        self._logs: Mapping[str, tuple[Hashable, Tell]] = {
            **plates,
            **{one.key: (("observation", one.key), one.log_likelihood) for one in observations},
        }
        own = tuple(borders.extra[code].wkb for code in hypothesis.codes if code in borders.extra)
        self._weight: tuple[Hashable, Tell] = (
            ("weight", hypothesis, own, frozenset(off)),
            lambda positions: weigh(hypothesis, borders, world, positions, off),
        )

    def log_of_cells(self, cells: Positions) -> Floats:
        """Give the natural logarithm of what all clues and observations tell at cells."""
        total, rows = np.zeros(len(cells)), self._world.cells.rows(cells.cell_ids)
        for log in self._logs.values():
            total += self._at_cells(log, cells, rows)
        return total

    def log_of_points(self, points: Positions) -> Floats:
        """Give the same at fixed points."""
        total = np.zeros(len(self._asked(points)))
        for log in self._logs.values():
            total += self._at_points(log, points)
        return self._those(total, points)

    def taken_back(self, points: Positions) -> Floats:
        """Give what the weight of junctions loses at fixed points: `geoinfer.junctions.log_taken_back`."""
        found, times = np.zeros(len(points)), self._times[points.point]
        at = np.flatnonzero(times > 1)
        whole = self._asked(points) is self._world.points
        of_clues = np.zeros(len(at))
        for plate in self._plates:
            of_clues += self._at_points(plate, points)[points.point[at] if whole else at]
        found[at] = log_taken_back(of_clues, self._log_wrong, times[at])
        return found

    def junction_times(self, positions: Positions) -> Floats:
        """Say how many times as much positions weigh for standing beside a junction."""
        times, at = np.ones(len(positions)), np.flatnonzero(positions.point >= 0)
        times[at] = self._times[positions.point[at]]
        return times

    def weight_of_cells(self, cells: Positions) -> Floats:
        """Give the weight of cells under the border hypothesis."""
        return self._at_cells(self._weight, cells, self._world.cells.rows(cells.cell_ids))

    def weight_of_points(self, points: Positions) -> Floats:
        """Give the weight of fixed points under the border hypothesis."""
        return self._those(self._at_points(self._weight, points), points)

    def _at_cells(self, telling: tuple[Hashable, Tell], cells: Positions, rows: Integers) -> Floats:
        key, tell = telling
        column = self._world.column(("cells", self._world.cells.age, key))
        return column.get(rows, lambda at: tell(cells.take(at)))

    def _at_points(self, telling: tuple[Hashable, Tell], points: Positions) -> Floats:
        key, tell = telling
        column, asked = self._world.column(("points", key)), self._asked(points)

        if asked is self._world.points:
            return column.all(len(asked), lambda at: tell(asked.take(at)))
        return column.get(asked.point, lambda at: tell(asked.take(at)))

    def _asked(self, points: Positions) -> Positions:
        """Give the points, or all there are where these are most of them."""
        every = self._world.points
        return every if len(points) > NEARLY_ALL * len(every) else points

    def _those(self, values: Floats, points: Positions) -> Floats:
        return values if len(values) == len(points) else values[points.point]
