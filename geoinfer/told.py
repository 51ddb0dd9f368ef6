"""What clues, observations and the border hypothesis tell at positions, kept from one inference to the next.

Whatever one of them tells at a position depends on nothing else, so a correction of one clue works out that clue alone.
Cells and fixed points are never asked for together here: each have rows of their own, under which values are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

import numpy as np

from geoinfer.geodesy import Floats
from geoinfer.hypothesis import Hypothesis, weigh
from geoinfer.junctions import log_taken_back
from geoinfer.plate_terms import PlateTerms, content, plate_terms
from geoinfer.positions import Integers, Positions
from geoinfer.spread import Spread

if TYPE_CHECKING:
    from gazetteer.borders import Borders
    from geoinfer.belief import Observation
    from geoinfer.clues import Clue
    from geoinfer.facts import Column
    from geoinfer.world import World

Tell = Callable[[Positions], Floats]

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
        self._world, self._off = world, frozenset(off)
        self._plates = [self._plate(clue) for clue in clues]
        self._wrong = [("wrong", content(clue), self._off) for clue in clues]
        self._observations: list[tuple[Hashable, Tell]] = [
            (("observation", one.key), one.log_likelihood) for one in observations
        ]
        self._weighs_junctions = "junctions" not in off
        own = tuple(borders.extra[code].wkb for code in hypothesis.codes if code in borders.extra)
        self._weight: tuple[Hashable, Tell] = (
            ("weight", hypothesis, own, frozenset(off)),
            lambda positions: weigh(hypothesis, borders, world, positions, off),
        )

    def _plate(self, clue: Clue) -> tuple[Hashable, Tell]:
        key = content(clue), self._off

        def tell(positions: Positions) -> Floats:
            terms = plate_terms(clue, positions, self._world, self._off)
            self._world.constant(("wrong", *key), lambda: float(np.log(terms.spread.rest)))
            self._world.constant(("untrue", *key), lambda: terms.wrong)
            return terms.log_likelihood

        return ("plate", *key), tell

    def terms(self, clue: Clue, positions: Positions) -> PlateTerms:
        """Give what one plate tells at cells and the fixed points in them, out of what it told there before."""
        telling, count = self._plate(clue), len(positions.cell_ids)
        cells = self._at_cells(telling, positions, self._world.cells.rows(positions.cell_ids))
        column = self._world.told(("points", telling[0]))
        points = column.get(positions.point[count:], lambda at: telling[1](positions.take(count + at)))
        log, key = np.concatenate([cells, points]), (content(clue), self._off)
        log_rest = self._world.constant(("wrong", *key), _never)
        at = np.flatnonzero(log != log_rest)
        spread = Spread(len(log), at, np.exp(log[at]), float(np.exp(log_rest)))
        return PlateTerms(spread, self._world.constant(("untrue", *key), _never))

    def log_of_cells(self, cells: Positions) -> Floats:
        """Give the natural logarithm of what all clues and observations tell at cells."""
        total, rows = np.zeros(len(cells)), self._world.cells.rows(cells.cell_ids)
        for telling in (*self._plates, *self._observations):
            total += self._at_cells(telling, cells, rows)
        return total

    def at_points(self, points: Positions) -> tuple[Floats, Floats]:
        """Give the same at fixed points, and what of it is the weight of junctions taken back.

        See `geoinfer.junctions.log_taken_back`.
        """
        asked = self._asked(points)
        total, back = np.zeros(len(asked)), np.zeros(len(asked))
        for telling in self._plates:
            total += self._at_points(telling, asked)
        times = self.junction_times(asked)
        beside = np.flatnonzero(times > 1)
        back[beside] = log_taken_back(total[beside], self.log_wrong(), times[beside])
        total += back
        for telling in self._observations:
            total += self._at_points(telling, asked)
        return self._those(total, points), self._those(back, points)

    def log_wrong(self) -> float:
        """Give the natural logarithm of what all clues say together where all of them are wrong, once they told."""
        return float(sum(self._world.constant(key, _never) for key in self._wrong))

    def junction_times(self, positions: Positions) -> Floats:
        """Say how many times as much positions weigh for standing beside a junction."""
        return self._world.junction_times_at(positions) if self._weighs_junctions else np.ones(len(positions))

    def weight_of_cells(self, cells: Positions) -> Floats:
        """Give the weight of cells under the border hypothesis."""
        key, tell = self._weight
        column = self._world.weighed(("cells", self._world.cells.age, key))
        return column.get(self._world.cells.rows(cells.cell_ids), lambda at: tell(cells.take(at)))

    def weight_of_points(self, points: Positions) -> Floats:
        """Give the weight of fixed points under the border hypothesis."""
        key, tell = self._weight
        return self._those(self._in_column(self._world.weighed(("points", key)), self._asked(points), tell), points)

    def _at_cells(self, telling: tuple[Hashable, Tell], cells: Positions, rows: Integers) -> Floats:
        key, tell = telling
        column = self._world.told(("cells", self._world.cells.age, key))
        return column.get(rows, lambda at: tell(cells.take(at)))

    def _at_points(self, telling: tuple[Hashable, Tell], asked: Positions) -> Floats:
        key, tell = telling
        return self._in_column(self._world.told(("points", key)), asked, tell)

    def _in_column(self, column: Column, asked: Positions, tell: Tell) -> Floats:
        if asked is self._world.points:
            return column.all(len(asked), lambda at: tell(asked.take(at)))
        return column.get(asked.point, lambda at: tell(asked.take(at)))

    def _asked(self, points: Positions) -> Positions:
        """Give the points, or all there are where these are most of them."""
        every = self._world.points
        return every if len(points) > NEARLY_ALL * len(every) else points

    def _those(self, values: Floats, points: Positions) -> Floats:
        return values if len(values) == len(points) else values[points.point]


def _never() -> float:
    raise AssertionError("a plate that was told has said what it is worth where it is wrong")
