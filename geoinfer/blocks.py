"""Which of many positions a disc touches: positions that are neighbours in their order are looked at in blocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from geoinfer.geodesy import PIECE, Floats, arc_km, ecef_km

Integers = npt.NDArray[np.int64]

SHIFT = 8
BLOCK = 1 << SHIFT
PIECE_BLOCKS = PIECE // BLOCK
"""Blocks that are looked at together: their numbers fit into a processor's cache."""
STEPS = 4_096
"""Distances in the table that values are looked up in where a disc touches many positions."""
FEW, MANY, MUCH = 8, 128, 0.2
"""Blocks that are not worth choosing from; blocks, and their share of all, that are many."""
LITTLE_KM = 0.01
"""More than single precision errs by: so much farther out a disc touches still."""
NOWHERE_KM = 1e5
"""A coordinate that lies outside of the earth and that single precision can square."""
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


def squares(axes: Floats, earth: tuple[Floats | float, Floats | float, Floats | float]) -> Floats:
    """Squares of straight kilometres from positions, one row for each axis, to a place in Earth-centred coordinates."""
    # Axis by axis, so that no figure depends on which others are asked for with it.
    square = axes[0] - earth[0]
    square *= square
    gap = np.empty_like(square)
    for axis, centre in zip(axes[1:], earth[1:], strict=True):
        np.subtract(axis, centre, out=gap)
        gap *= gap
        square += gap
    return np.asarray(square)


@lru_cache(maxsize=8)
def everywhere(count: int) -> Integers:
    """List all of so many positions; the same array each time, which is not to be changed."""
    return np.arange(count)


@dataclass(frozen=True, eq=False)
class Blocks:
    """Positions in blocks of neighbours; the last block is filled up with positions that lie nowhere.

    Attributes
    ----------
    axes
        Earth-centred coordinates in kilometres, shape (3, blocks, `BLOCK`).
    light
        The same in single precision, half a metre; what lies nowhere has finite coordinates.
    margin
        Kilometres outside of a disc at which each position is touched still, shape (blocks, `BLOCK`).
    middle, reach
        Centre of each block, and the kilometres within which it holds its own.
    widest
        The greatest margin.
    count
        How many positions there are.
    """

    axes: Floats
    light: npt.NDArray[Any]
    margin: npt.NDArray[Any]
    middle: Floats
    reach: Floats
    widest: float
    count: int

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
        shaped = axes.reshape(3, count, BLOCK)
        light, widest = np.minimum(shaped, NOWHERE_KM).astype(np.float32), float(margins.max(initial=0.0))
        shaped_margins = (margins.reshape(count, BLOCK) + LITTLE_KM).astype(np.float32)
        return cls(shaped, light, shaped_margins, middle, reach, widest, len(earth))

    def within(self, disc: Disc) -> tuple[Integers, Floats]:
        """List the positions that a disc touches, ascending, with their kilometres from its centre."""
        centre = earth_of(disc.lon, disc.lat)
        if len(self.margin) <= FEW:
            chord = np.sqrt(squares(self.axes, centre))
            at = (chord <= self.margin + disc.radius_km).ravel()[: self.count].nonzero()[0]
            return at, arc_km(chord.ravel()[at])
        away = np.sqrt(squares(self.middle.T, centre))
        hit = np.flatnonzero(away <= disc.radius_km + self.reach)
        if not len(hit):
            return NOBODY
        whole = (arc_km(away[hit] + self.reach[hit]) <= disc.radius_km) & (hit < self.count // BLOCK)
        each = [slice(start, start + PIECE_BLOCKS) for start in range(0, len(hit), PIECE_BLOCKS)]
        parts = [self._touched(disc, hit[piece], bool(whole[piece].all())) for piece in each]
        if len(parts) == 1:
            return parts[0]
        return np.concatenate([at for at, _ in parts]), np.concatenate([km for _, km in parts])

    def around(self, discs: Sequence[Disc]) -> tuple[Integers, Integers, Floats]:
        """List what `within` lists of some discs, one disc after another: which disc it is of, position, kilometres."""
        if len(self.margin) > FEW:
            found = [self.within(disc) for disc in discs]
            which = np.repeat(np.arange(len(discs)), [len(at) for at, _ in found])
            return which, np.concatenate([at for at, _ in found]), np.concatenate([km for _, km in found])
        x, y, z = np.array([earth_of(disc.lon, disc.lat) for disc in discs]).T[:, :, None]
        chord = np.sqrt(squares(self.axes.reshape(3, -1)[:, : self.count], (x, y, z)))
        radius = np.array([disc.radius_km for disc in discs], dtype=np.float32)[:, None]
        which, at = (chord <= self.margin.ravel()[: self.count] + radius).nonzero()
        return which, at, arc_km(chord[which, at])

    def values_everywhere(self, disc: Disc, make: Callable[[Floats], Floats]) -> Floats | None:
        """Give values made of the kilometres from the centre of a disc, nought outside; None where it touches little.

        Where a disc touches much, to say which positions it does would take longer. Values are looked up in a table of
        `STEPS` distances: a fortieth of a per cent of the radius is less than is known of any place.
        """
        centre = earth_of(disc.lon, disc.lat)
        if len(self.margin) < MANY:
            return None
        hit = np.sqrt(squares(self.middle.T, centre)) <= disc.radius_km + self.reach
        if np.count_nonzero(hit) < max(MUCH * len(hit), MANY):
            return None
        most = disc.radius_km + self.widest
        table = np.zeros(STEPS + 1, dtype=np.float32)
        table[:-1] = make(arc_km((np.arange(STEPS) + 0.5) * (most / STEPS)))
        values: npt.NDArray[Any] = np.empty((len(hit), BLOCK), dtype=np.float32)
        values[~hit] = 0.0
        touched = hit.nonzero()[0]
        for start in range(0, len(touched), PIECE_BLOCKS):
            blocks = touched[start : start + PIECE_BLOCKS]
            step = squares(_of_blocks(self.light, blocks), centre)
            np.sqrt(step, out=step)
            step *= STEPS / most
            values[blocks] = table.take(step.astype(np.intp), mode="clip")
        return values.ravel()[: self.count]

    def _touched(self, disc: Disc, blocks: Integers, whole: bool) -> tuple[Integers, Floats]:
        """List the positions of some blocks that a disc touches; `whole` says that it holds all of them."""
        if whole:
            at = np.arange(len(blocks) * BLOCK)
        else:
            chord = np.sqrt(squares(_of_blocks(self.light, blocks), earth_of(disc.lon, disc.lat)))
            at = (chord <= _of_blocks(self.margin, blocks) + np.float32(disc.radius_km)).ravel().nonzero()[0]
        at += ((blocks - np.arange(len(blocks))) * BLOCK)[at >> SHIFT]
        return at, self._km(disc, at)

    def _km(self, disc: Disc, at: Integers) -> Floats:
        some = self.axes.reshape(3, -1).take(at, axis=1)
        return arc_km(np.sqrt(squares(some, earth_of(disc.lon, disc.lat))))


def _of_blocks(values: npt.NDArray[Any], blocks: Integers) -> npt.NDArray[Any]:
    """Give values of blocks: a stretch of them is looked at where it stands, others are copied together."""
    first, after = int(blocks[0]), int(blocks[-1]) + 1
    return values[..., first:after, :] if after - first == len(blocks) else values.take(blocks, axis=-2)
