"""H3 cells as arrays of integers: parents, children and descendants by arithmetic on the index, many at once.

An H3 index holds its resolution in bits 52 to 55, its base cell in bits 45 to 51, and below them one digit of three
bits for every resolution, 7 where it is not used (https://h3geo.org/docs/core-library/h3Indexing). So all descendants
of a cell at one resolution are one unbroken range of integers.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Cells = npt.NDArray[np.uint64]

FINEST = 15
RESOLUTION_AT, BASE_CELL_AT = np.uint64(52), np.uint64(45)
RESOLUTION_MASK, BASE_CELL_MASK = np.uint64(0xF), np.uint64(0x7F)
ARE_PENTAGONS = np.isin(np.arange(128), [4, 14, 24, 38, 49, 58, 63, 72, 83, 97, 107, 117])
"""Which base cells are pentagons."""
AREA_RESOLUTION = 5


def resolution(cells: Cells) -> npt.NDArray[np.int64]:
    """Give the resolution of every cell.

    Examples
    --------
    >>> import h3.api.basic_int as h3
    >>> resolution(np.array([h3.latlng_to_cell(51.5, 31.3, 7)], dtype=np.uint64)).tolist()
    [7]
    """
    return ((cells >> RESOLUTION_AT) & RESOLUTION_MASK).astype(np.int64)


def ancestors(cells: Cells, coarser: int) -> Cells:
    """Give the ancestor of every cell at a coarser resolution."""
    cleared = cells & ~(RESOLUTION_MASK << RESOLUTION_AT)
    return cleared | (np.uint64(coarser) << RESOLUTION_AT) | _digits(coarser, FINEST, 7)


def parents(cells: Cells) -> Cells:
    """Give the parent of every cell; resolutions may be mixed.

    Examples
    --------
    >>> import h3.api.basic_int as h3
    >>> cells = [h3.latlng_to_cell(51.5, 31.3, 4), h3.latlng_to_cell(51.5, 31.3, 7)]
    >>> parents(np.array(cells, dtype=np.uint64)).tolist() == [h3.cell_to_parent(cell) for cell in cells]
    True
    """
    level = resolution(cells).astype(np.uint64)
    digit = np.uint64(7) << (np.uint64(3) * (np.uint64(FINEST) - level))
    return (cells - (np.uint64(1) << RESOLUTION_AT)) | digit


def children(cells: Cells) -> Cells:
    """Give the children of cells of one resolution, six for a pentagon and seven for all others.

    Examples
    --------
    >>> import h3.api.basic_int as h3
    >>> cell = h3.latlng_to_cell(51.5, 31.3, 4)
    >>> sorted(children(np.array([cell], dtype=np.uint64)).tolist()) == sorted(h3.cell_to_children(cell))
    True
    """
    if not len(cells):
        return cells
    finer = int(resolution(cells[:1])[0]) + 1
    shift = np.uint64(3 * (FINEST - finer))
    bare = cells & ~((RESOLUTION_MASK << RESOLUTION_AT) | (np.uint64(7) << shift))
    found = (bare | (np.uint64(finer) << RESOLUTION_AT))[:, None] | (np.arange(7, dtype=np.uint64) << shift)
    kept = np.ones(found.shape, dtype=bool)
    kept[is_pentagon(cells), 1] = False
    return found[kept]


def is_pentagon(cells: Cells) -> npt.NDArray[np.bool_]:
    """Tell which cells are pentagons: those of twelve base cells that lie in their centres."""
    level = resolution(cells).astype(np.uint64)
    used = cells & ((np.uint64(1) << BASE_CELL_AT) - np.uint64(1))
    unused = (np.uint64(1) << (np.uint64(3) * (np.uint64(FINEST) - level))) - np.uint64(1)
    central = ARE_PENTAGONS[(cells >> BASE_CELL_AT) & BASE_CELL_MASK]
    return np.asarray(central & ((used & ~unused) == 0), dtype=np.bool_)


def ranges(cells: Cells, finer: int) -> tuple[Cells, Cells]:
    """Give the first and the last descendant of every cell at a finer resolution, or the cell itself at its own."""
    level = resolution(cells).astype(np.uint64)
    below = (np.uint64(1) << (np.uint64(3) * (np.uint64(FINEST) - level))) - np.uint64(1)
    bare = (cells & ~(RESOLUTION_MASK << RESOLUTION_AT) & ~below) | (np.uint64(finer) << RESOLUTION_AT)
    last = _digits(0, finer, 6) & below
    return bare | _digits(finer, FINEST, 7), bare | last | _digits(finer, FINEST, 7)


def _digits(after: int, upto: int, digit: int) -> np.uint64:
    """Set the digits of the resolutions after one and up to another."""
    return np.uint64(sum(digit << 3 * (FINEST - level) for level in range(after + 1, upto + 1)))


def centres(cells: Cells) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Give the longitudes and latitudes of the centres of cells, degrees, EPSG:4326."""
    from h3.api.basic_int import cell_to_latlng

    both = np.array([cell_to_latlng(cell) for cell in cells.tolist()], dtype=float).reshape(-1, 2)
    return both[:, 1], both[:, 0]


def areas_km2(cells: Cells) -> npt.NDArray[np.float64]:
    """Give the areas of cells in km2: exact down to resolution 5, then a seventh per resolution.

    Over a cell of resolution 5 the sizes of its descendants differ by less than 0.5 %.
    """
    from h3.api.basic_int import cell_area

    level = resolution(cells)
    whole = np.where(level > AREA_RESOLUTION, ancestors(cells, AREA_RESOLUTION), cells)
    named, index = np.unique(whole, return_inverse=True)
    exact = np.array([cell_area(cell, "km^2") for cell in named.tolist()], dtype=float)
    return np.asarray(exact[index] / 7.0 ** np.maximum(level - AREA_RESOLUTION, 0))


def names(cells: Cells) -> tuple[str, ...]:
    """Write cells as H3 does, in hexadecimal digits."""
    return tuple(format(cell, "x") for cell in cells.tolist())


def cells_of(lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64], level: int) -> Cells:
    """Give the cells of a resolution that points lie in."""
    from h3.api.basic_int import latlng_to_cell

    points = zip(lat.tolist(), lon.tolist(), strict=True)
    return np.array([latlng_to_cell(y, x, level) for y, x in points], dtype=np.uint64)


def locate(cells: Cells, finer: Cells, level: int) -> npt.NDArray[np.int64]:
    """Find which of some cells holds each of others.

    Parameters
    ----------
    cells
        Cells of mixed resolution that do not overlap.
    finer
        Cells of one resolution, finer than any of `cells` or as fine.
    level
        Their resolution.

    Returns
    -------
    Indices into `cells`, -1 where none holds it.
    """
    if not len(cells):
        return np.full(finer.shape, -1, dtype=np.int64)
    first, last = ranges(cells, level)
    order = np.argsort(first, kind="stable")
    before = np.maximum(np.searchsorted(first[order], finer, side="right") - 1, 0)
    held = order[before]
    return np.where((first[held] <= finer) & (finer <= last[held]), held, -1)
