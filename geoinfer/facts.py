"""Facts about positions that no clue changes, such as the country or the kilometres to a frontier: computed once.

A fact is computed for the rows that are asked for and kept, so that the next inference looks it up. Nothing here
depends on the order of the questions but kilometres to far borders, which may be told roughly (`World.border_km`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from geoinfer import hexes
from geoinfer.blocks import everywhere
from geoinfer.geodesy import Floats
from geoinfer.hexes import Cells
from geoinfer.positions import Integers, Positions, cell_positions

MOST_CELLS = 1_500_000


class Column:
    """Values of rows, worked out where they are first asked for; rows may be added at any time.

    Examples
    --------
    >>> squares = Column()
    >>> rows = np.array([2, 3])
    >>> squares.get(rows, lambda at: rows[at] ** 2).tolist()
    [4, 9]
    """

    def __init__(self) -> None:
        self._values: npt.NDArray[Any] | None = None
        self._known = np.zeros(0, dtype=bool)
        self._unbroken = 0
        """All rows before this one are known."""

    def get(self, rows: Integers, compute: Callable[[Integers], npt.NDArray[Any]]) -> npt.NDArray[Any]:
        """Give the values of rows; `compute` makes those of some of them, by where they stand in `rows`, ascending."""
        after = int(rows.max(initial=-1)) + 1
        if self._values is None or after > self._unbroken:
            self._lengthen(after)
            missing = np.flatnonzero(~self._known[rows])
            self._fill(rows[missing], missing, compute)
        return np.asarray(self._held[rows])

    def all(self, count: int, compute: Callable[[Integers], npt.NDArray[Any]]) -> npt.NDArray[Any]:
        """Give the values of the first rows: `get` without looking every one of them up. They are not to be changed."""
        if self._values is None and not len(self._known):
            # Nothing is copied.
            self._values, self._known, self._unbroken = compute(everywhere(count)), np.ones(count, dtype=bool), count
        elif self._values is None or count > self._unbroken:
            self._lengthen(count)
            missing = np.flatnonzero(~self._known[:count])
            self._fill(missing, missing, compute)
        return self._held[:count]

    def holds(self, rows: Integers) -> bool:
        """Tell whether all of some rows are known."""
        after = int(rows.max(initial=-1)) + 1
        return after <= self._unbroken or (after <= len(self._known) and bool(self._known[rows].all()))

    @property
    def empty(self) -> bool:
        """Whether nothing was worked out yet."""
        return self._values is None

    @property
    def _held(self) -> npt.NDArray[Any]:
        assert self._values is not None
        return self._values

    def _lengthen(self, least: int) -> None:
        if least > len(self._known):
            self._known = _lengthened(self._known, least)

    def _fill(self, rows: Integers, at: Integers, compute: Callable[[Integers], npt.NDArray[Any]]) -> None:
        if self._values is not None and not len(rows):
            return
        found = compute(at)
        values = found[:0] if self._values is None else self._values
        if len(values) < len(self._known):
            values = _lengthened(values, len(self._known))
        values[rows], self._known[rows] = found, True
        self._values = values
        gap = int(np.argmin(self._known)) if len(self._known) else 0
        self._unbroken = gap if len(self._known) and not self._known[gap] else len(self._known)


def _lengthened(values: npt.NDArray[Any], least: int) -> npt.NDArray[Any]:
    longer = np.zeros(max(least, 2 * len(values)), dtype=values.dtype)
    longer[: len(values)] = values
    return longer


class Facts:
    """Columns over rows of coordinates, filled when first asked for.

    Parameters
    ----------
    lon, lat
        Degrees, EPSG:4326.

    Examples
    --------
    >>> facts = Facts(np.array([30.0, 31.0]), np.array([50.0, 51.0]))
    >>> facts.get("sum", np.array([1]), lambda lon, lat: lon + lat).tolist()
    [82.0]
    """

    def __init__(self, lon: Floats, lat: Floats) -> None:
        self.lon, self.lat = lon, lat
        self._columns: dict[str, Column] = {}

    def get(self, name: str, rows: Integers, compute: Callable[[Floats, Floats], npt.NDArray[Any]]) -> npt.NDArray[Any]:
        """Give a fact of some rows; `compute` makes it from longitudes and latitudes where it is not known yet."""

        def missing(at: Integers) -> npt.NDArray[Any]:
            return compute(self.lon[rows[at]], self.lat[rows[at]])

        return self._columns.setdefault(name, Column()).get(rows, missing)

    def all(self, name: str, compute: Callable[[Floats, Floats], npt.NDArray[Any]]) -> npt.NDArray[Any]:
        """Give a fact of all rows, which is not to be changed."""

        def missing(at: Integers) -> npt.NDArray[Any]:
            return compute(self.lon, self.lat) if len(at) == len(self.lon) else compute(self.lon[at], self.lat[at])

        return self._columns.setdefault(name, Column()).all(len(self.lon), missing)

    def extend(self, lon: Floats, lat: Floats) -> None:
        """Add rows."""
        self.lon, self.lat = np.append(self.lon, lon), np.append(self.lat, lat)


class CellFacts:
    """What is known of H3 cells: centres, areas, and further facts when first asked for.

    Examples
    --------
    >>> cells = CellFacts()
    >>> own = hexes.cells_of(np.array([31.3]), np.array([51.5]), 7)
    >>> cells.positions(own).area_km2.round(1).tolist()
    [4.7]
    """

    def __init__(self) -> None:
        self.age = 0
        """How many times all cells were forgotten: rows of an earlier age mean others now."""
        self._forget()

    def _forget(self) -> None:
        self.age += 1
        self._ids: Cells = np.empty(0, dtype=np.uint64)
        self._row: Integers = np.empty(0, dtype=np.int64)
        self._area: Floats = np.empty(0)
        self.facts = Facts(np.empty(0), np.empty(0))

    def rows(self, cells: Cells) -> Integers:
        """Give the rows of cells; those that are new are added."""
        at = np.searchsorted(self._ids, cells)
        inside = np.minimum(at, max(len(self._ids) - 1, 0))
        new = cells[self._ids[inside] != cells] if len(self._ids) else cells
        if len(new):
            if len(self._ids) + len(new) > MOST_CELLS:
                self._forget()
                new = cells
            self._add(np.unique(new))
            at = np.searchsorted(self._ids, cells)
        return np.asarray(self._row[at])

    def _add(self, cells: Cells) -> None:
        lon, lat = hexes.centres(cells)
        rows = np.arange(len(self._ids), len(self._ids) + len(cells))
        self.facts.extend(lon, lat)
        self._area = np.append(self._area, hexes.areas_km2(cells))
        ids, row = np.append(self._ids, cells), np.append(self._row, rows)
        order = np.argsort(ids)
        self._ids, self._row = ids[order], row[order]

    def positions(self, cells: Cells) -> Positions:
        """Make positions of cells."""
        rows = self.rows(cells)
        return cell_positions(cells, self.facts.lon[rows], self.facts.lat[rows], self._area[rows])
