"""Which of many positions a disc touches: positions that are neighbours in their order are looked at in blocks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from geoinfer.geodesy import PIECE, Floats, arc_km, ecef_km

Integers = npt.NDArray[np.int64]

BLOCK = 256
PIECE_BLOCKS = PIECE // BLOCK
"""Blocks that are looked at together: their numbers fit into a processor's cache."""
NOBODY = np.empty(0, dtype=np.int64), np.empty(0)


@dataclass(frozen=True, slots=True)
class Disc:
    """A disc that the camera may have stood in: centre in degrees, radius in kilometres."""

    lon: float
    lat: float
    radius_km: float


@lru_cache(maxsize=4096)
def earth_of(lon: float, lat: float) -> tuple[float, float, float]:
    """Earth-centred coordinates of a place, kilometres: places are asked for time and again."""
    x, y, z = ecef_km(lon, lat).tolist()
    return x, y, z


def squares(axes: Floats, earth: tuple[float, float, float]) -> Floats:
    """Squares of straight kilometres from positions, one row for each axis, to a place in Earth-centred coordinates."""
    # Axis by axis, so that no figure depends on which others are asked for with it.
    square = axes[0] - earth[0]
    square *= square
    for axis, centre in zip(axes[1:], earth[1:], strict=True):
        gap = axis - centre
        gap *= gap
        square += gap
    return np.asarray(square)


@dataclass(frozen=True, eq=False)
class Blocks:
    """Positions in blocks of neighbours; the last block is filled up with positions that lie nowhere.

    Attributes
    ----------
    axes
        Earth-centred coordinates in kilometres, shape (3, blocks, `BLOCK`).
    margin
        Kilometres outside of a disc at which each position is touched still, shape (blocks, `BLOCK`).
    middle, reach
        Centre of each block, and the kilometres within which it holds its own.
    full
        How many blocks hold positions alone.
    """

    axes: Floats
    margin: Floats
    middle: Floats
    reach: Floats
    full: int

    @classmethod
    def of(cls, earth: Floats, margin: Floats) -> Blocks:
        """Put positions into blocks: Earth-centred coordinates of shape (n, 3), and the margin of each."""
        count = -(-len(earth) // BLOCK)
        axes, margins = np.full((3, count * BLOCK), np.inf), np.zeros(count * BLOCK)
        axes[:, : len(earth)], margins[: len(earth)] = earth.T, margin
        starts = np.arange(0, len(earth), BLOCK)
        sizes = np.diff(np.append(starts, len(earth)))
        middle = np.add.reduceat(earth, starts) / sizes[:, None] if count else np.empty((0, 3))
        away = np.linalg.norm(earth - np.repeat(middle, sizes, axis=0), axis=1) + margin
        reach = np.maximum.reduceat(away, starts) if count else np.empty(0)
        return cls(axes.reshape(3, count, BLOCK), margins.reshape(count, BLOCK), middle, reach, len(earth) // BLOCK)

    def within(self, disc: Disc) -> tuple[Integers, Floats]:
        """List the positions that a disc touches, ascending, with their kilometres from its centre."""
        centre = earth_of(disc.lon, disc.lat)
        away = np.sqrt(squares(self.middle.T, centre))
        hit = np.flatnonzero(away <= disc.radius_km + self.reach)
        if not len(hit):
            return NOBODY
        whole = (arc_km(away[hit] + self.reach[hit]) <= disc.radius_km) & (hit < self.full)
        found = [
            self._touched(disc, hit[start : start + PIECE_BLOCKS], bool(whole[start : start + PIECE_BLOCKS].all()))
            for start in range(0, len(hit), PIECE_BLOCKS)
        ]
        if len(found) == 1:
            return found[0]
        return np.concatenate([at for at, _ in found]), np.concatenate([km for _, km in found])

    def _touched(self, disc: Disc, blocks: Integers, whole: bool) -> tuple[Integers, Floats]:
        """List the positions of some blocks that a disc touches; `whole` says that it holds all of them."""
        first, after = int(blocks[0]), int(blocks[-1]) + 1
        # A stretch of blocks is looked at where it stands; others are copied together.
        which = slice(first, after) if after - first == len(blocks) else blocks
        square = squares(self.axes[:, which], earth_of(disc.lon, disc.lat)).ravel()
        rows = (blocks[:, None] * BLOCK + np.arange(BLOCK)).ravel()
        if whole:
            return rows, arc_km(np.sqrt(square))
        most = disc.radius_km + self.margin[which].ravel()
        # A chord is no longer than its arc, and arcs are dear.
        near = square <= most * most
        if not near.all():
            rows, square, most = rows[near], square[near], most[near]
        away = arc_km(np.sqrt(square))
        touched = away <= most
        return (rows, away) if touched.all() else (rows[touched], away[touched])
