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
from geoinfer.parameters import number
from geoinfer.photo_terms import Photo, log_mean
from geoinfer.plate_terms import LEAST_ERROR, content, plate_terms
from geoinfer.positions import Integers, Positions

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
        self._world = world

        def plate(clue: Clue) -> Tell:
            def tell(positions: Positions) -> Floats:
                terms = plate_terms(clue, positions, world, off)
                world.constant(("wrong", content(clue), frozenset(off)), lambda: float(np.log(terms.spread.rest)))
                return terms.log_likelihood

            return tell

        self._plates: dict[str, tuple[Hashable, Tell]] = {
            clue.id: (("plate", content(clue), frozenset(off)), plate(clue)) for clue in clues
        }
        self._beyond: dict[str, Hashable] = {clue.id: ("wrong", content(clue), frozenset(off)) for clue in clues}
        self._shown: dict[str, list[str]] = {}
        for clue in clues:
            self._shown.setdefault(clue.photo or clue.id, []).append(clue.id)
        self._misleading = LEAST_ERROR if "photo_error" in off else number("photo_error", "share")
        self.photos: tuple[Photo, ...] = ()
        self._observations: list[tuple[Hashable, Tell]] = [
            (("observation", one.key), one.log_likelihood) for one in observations
        ]
        self._weighs_junctions = "junctions" not in off
        own = tuple(borders.extra[code].wkb for code in hypothesis.codes if code in borders.extra)
        self._weight: tuple[Hashable, Tell] = (
            ("weight", hypothesis, own, frozenset(off)),
            lambda positions: weigh(hypothesis, borders, world, positions, off),
        )

    def compare(self, cells: Positions, points: Positions) -> None:
        """Learn what the plates of each photo say on average (`photos`), from all cells and fixed points of a search.

        To be called before anything else is asked.
        """
        area, asked = np.concatenate([cells.area_km2, points.area_km2]), self._asked(points)
        rows = self._world.cells.rows(cells.cell_ids)
        photos = []
        for shown in self._shown.values():
            of_points = self._those(self._plates_at_points(shown, asked), points)
            of_cells = self._plates_at_cells(shown, cells, rows)
            mean = log_mean(np.concatenate([of_cells, of_points]), self._log_beyond(shown), area)
            photos.append(Photo(tuple(shown), mean, self._misleading))
        self.photos = tuple(photos)

    def log_of_cells(self, cells: Positions) -> Floats:
        """Give the natural logarithm of what all clues and observations tell at cells."""
        total, rows = np.zeros(len(cells)), self._world.cells.rows(cells.cell_ids)
        for photo in self.photos:
            total += photo.log_told(self._plates_at_cells(photo.plates, cells, rows))
        for telling in self._observations:
            total += self._at_cells(telling, cells, rows)
        return total

    def at_points(self, points: Positions) -> tuple[Floats, Floats]:
        """Give the same at fixed points, and what of it is the weight of junctions taken back.

        See `geoinfer.junctions.log_taken_back`.
        """
        asked = self._asked(points)
        total, back = np.zeros(len(asked)), np.zeros(len(asked))
        for photo in self.photos:
            total += photo.log_told(self._plates_at_points(photo.plates, asked))
        times = self.junction_times(asked)
        beside = np.flatnonzero(times > 1)
        back[beside] = log_taken_back(total[beside], self.log_wrong(), times[beside])
        total += back
        for telling in self._observations:
            total += self._at_points(telling, asked)
        return self._those(total, points), self._those(back, points)

    def log_wrong(self) -> float:
        """Give the natural logarithm of what all clues say together where all of them are wrong, once they told."""
        return float(sum(photo.log_told(self._log_beyond(photo.plates)) for photo in self.photos))

    def _log_beyond(self, plates: Sequence[str]) -> float:
        return float(sum(self._world.constant(self._beyond[one], _never) for one in plates))

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

    def _plates_at_cells(self, plates: Sequence[str], cells: Positions, rows: Integers) -> Floats:
        total = np.zeros(len(cells))
        for one in plates:
            total += self._at_cells(self._plates[one], cells, rows)
        return total

    def _plates_at_points(self, plates: Sequence[str], asked: Positions) -> Floats:
        total = np.zeros(len(asked))
        for one in plates:
            total += self._at_points(self._plates[one], asked)
        return total

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
