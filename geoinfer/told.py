"""What clues, observations and the border hypothesis tell at positions, kept from one inference to the next.

Whatever one of them tells at a position depends on nothing else, so a correction of one clue works out that clue alone.
Cells and fixed points are never asked for together here: each have rows of their own, under which values are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from itertools import islice
from math import prod
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geoinfer.cell_terms import tell_names
from geoinfer.geodesy import Floats
from geoinfer.hypothesis import Hypothesis, weigh
from geoinfer.junctions import log_taken_back
from geoinfer.kernels import integrate
from geoinfer.parameters import number
from geoinfer.photo_terms import Photo, alone, excess, log_of_product, product, product_of_photos
from geoinfer.plate_terms import LEAST_ERROR, Plate, PlateTerms, content, sightings
from geoinfer.positions import Integers, Positions
from geoinfer.sighting import sweeps
from geoinfer.spread import Spread

if TYPE_CHECKING:
    from gazetteer.borders import Borders
    from geoinfer.belief import Observation
    from geoinfer.clues import Clue
    from geoinfer.facts import Column
    from geoinfer.world import World

Tell = Callable[[Positions], Floats]
Names = Sequence[tuple[float, Spread]]

TOGETHER = 5
"""Photos whose likelihoods are kept multiplied: many more might pass what a number can hold."""
FEW_CELLS = 8_000
"""Cells that all plates tell together, at most: with many, to begin with each plate takes little of the time."""
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
        self._clues = tuple(clues)
        self._made: dict[str, Callable[[], Plate]] = {}
        self._plates = {clue.id: self._plate(clue) for clue in clues}
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
        asked, rows = self._asked(points), self._world.cells.rows(cells.cell_ids)
        areas = self._areas(asked)
        whole, of_all_cells = float(areas.sum()), float(cells.area_km2.sum())
        self._prepare()
        at_points = [self._excess_at_points(shown, asked, areas, whole) for shown in self._shown.values()]
        self._learn_cells(cells, rows)
        photos = []
        for shown, of_points in zip(self._shown.values(), at_points, strict=True):
            of_cells = self._plates_at_cells(shown, cells, rows)
            beyond = self._of_plates_beyond(shown)
            usual = beyond + of_points + excess(of_cells, beyond, cells.area_km2, of_all_cells)
            photos.append(Photo(tuple(shown), usual, self._misleading))
        self.photos = alone(photos)

    def _prepare(self) -> None:
        """Work out for all plates that have told nothing yet what takes less time for all than for one by one."""
        new = [clue for clue in self._clues if self._world.told(("points", self._key(clue.id))).empty]
        plates = [self._made[clue.id]() for clue in new]
        integrate((kernel for plate in plates for kernel in plate.kernels()), self._world)
        sightings_of = (s for clue in new for mention in clue.mentions for _, s in sightings(mention, clue.kind))
        self._world.roads.sweep([sweep for sighting in sightings_of for sweep in sweeps(sighting, self._world)])

    def _learn_cells(self, cells: Positions, rows: Integers) -> None:
        """Have all plates that have not told all of these cells tell them together, unless they are many."""
        if len(cells) > FEW_CELLS:
            return
        age = self._world.cells.age
        columns = {plate: self._world.told(("cells", age, key)) for plate, (key, _) in self._plates.items()}
        new = [plate for plate, column in columns.items() if not column.holds(rows)]
        plates = [self._made[clue]() for clue in new]
        told = iter(tell_names([name for plate in plates for name in plate.names], cells, self._world))
        for clue, plate in zip(new, plates, strict=True):
            said = self._plates[clue][1](cells, list(islice(told, len(plate.names))))
            columns[clue].get(rows, said.__getitem__)

    def _areas(self, asked: Positions) -> npt.NDArray[np.float32]:
        """Give the base measure of fixed points as the rules have it, in single precision."""
        areas, shares = self._world.light_areas, self._world.base_shares(self._off)
        if shares is not None:
            areas = (areas * shares).astype(np.float32)
        return areas if asked is self._world.points else areas[asked.point]

    def _excess_at_points(
        self, shown: Sequence[str], asked: Positions, area_km2: npt.NDArray[np.float32], whole_km2: float
    ) -> float:
        """Give what fixed points make of the mean, kept where all are asked for."""

        def make() -> float:
            return excess(self._plates_at_points(shown, asked), self._of_plates_beyond(shown), area_km2, whole_km2)

        if asked is not self._world.points:
            return make()
        return self._world.constant(("excess", *map(self._key, shown)), make)

    def _plate(self, clue: Clue) -> tuple[Hashable, Callable[..., Floats]]:
        # What tells must not hold this: in a circle, all of it would lie in memory until Python looks for circles.
        world, off = self._world, self._off
        key = world.brief((content(clue), off))

        @cache
        def plate() -> Plate:
            return Plate(clue, world, off)

        self._made[clue.id] = plate

        def tell(positions: Positions, told: Names | None = None) -> Floats:
            terms = plate().terms(positions, told)
            world.constant(("wrong", key), lambda: terms.spread.rest)
            world.constant(("untrue", key), lambda: terms.wrong)
            # In single precision, which is more than is known of any sign: there are many positions to pass over.
            return terms.likelihood.astype(np.float32, copy=False)

        return key, tell

    def terms(self, clue: Clue, positions: Positions) -> PlateTerms:
        """Give what one plate tells at cells and the fixed points in them, out of what it told there before."""
        key, tell = self._plates[clue.id]
        count = len(positions.cell_ids)
        cells = self._at_cells((key, tell), positions, self._world.cells.rows(positions.cell_ids))
        column = self._world.told(("points", key))
        points = column.get(positions.point[count:], lambda at: tell(positions.take(count + at)))
        told = np.concatenate([cells, points])
        rest = self._world.constant(("wrong", key), _never)
        at = np.flatnonzero(told != np.float32(rest))
        spread = Spread(len(told), at, told[at].astype(float), rest)
        return PlateTerms(spread, self._world.constant(("untrue", key), _never))

    def log_of_cells(self, cells: Positions) -> Floats:
        """Give the natural logarithm of what all clues and observations tell at cells."""
        rows = self._world.cells.rows(cells.cell_ids)
        self._learn_cells(cells, rows)
        products = [
            product_of_photos(photos, [self._plates_at_cells(photo.plates, cells, rows) for photo in photos])
            for photos in self._groups()
        ]
        total = log_of_product(products, len(cells))
        for telling in self._observations:
            total += self._at_cells(telling, cells, rows)
        return total

    def at_points(self, points: Positions) -> tuple[Floats, Floats]:
        """Give the same at fixed points, and what of it is the weight of junctions taken back.

        See `geoinfer.junctions.log_taken_back`.
        """
        asked = self._asked(points)
        products = [self._at_points(self._together(photos), asked) for photos in self._groups()]
        total = log_of_product(products, len(asked))
        back = np.zeros(len(asked))
        times = self.junction_times(asked)
        beside = np.flatnonzero(times > 1)
        back[beside] = log_taken_back(total[beside], self.log_wrong(), times[beside])
        total += back
        for telling in self._observations:
            total += self._at_points(telling, asked)
        return self._those(total, points), self._those(back, points)

    def _groups(self) -> Sequence[Sequence[Photo]]:
        return [self.photos[start : start + TOGETHER] for start in range(0, len(self.photos), TOGETHER)]

    def _together(self, photos: Sequence[Photo]) -> tuple[Hashable, Tell]:
        """Tell what some photos say together: kept, so that after a correction only one such group is worked out."""
        key = tuple((photo.mean, photo.misleading, *map(self._key, photo.plates)) for photo in photos)

        def tell(asked: Positions) -> Floats:
            return product_of_photos(photos, [self._plates_at_points(photo.plates, asked) for photo in photos])

        return ("photos", key), tell

    def log_wrong(self) -> float:
        """Give the natural logarithm of what all clues say together where all of them are wrong, once they told."""
        return sum(photo.log_told(self._of_plates_beyond(photo.plates)) for photo in self.photos)

    def _of_plates_beyond(self, plates: Sequence[str]) -> float:
        return prod(self._world.constant(("wrong", self._key(one)), _never) for one in plates)

    def _key(self, plate: str) -> Hashable:
        """Give what a plate's values are kept under."""
        return self._plates[plate][0]

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
        return product(self._at_cells(self._plates[one], cells, rows) for one in plates)

    def _plates_at_points(self, plates: Sequence[str], asked: Positions) -> Floats:
        return product(self._at_points(self._plates[one], asked) for one in plates)

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
