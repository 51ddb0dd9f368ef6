"""Kernels: what one kind of sign says round the place that it names, scaled and added up."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from geoinfer.blocks import everywhere
from geoinfer.geodesy import Floats, in_pieces
from geoinfer.positions import Disc, Integers, Positions
from geoinfer.spread import NOWHERE, Spread, dot, reference_km2

if TYPE_CHECKING:
    from geoinfer.world import World

RADIAL_NODES = 400
NO_DISC = Disc(0.0, 0.0, -math.inf)


@dataclass(frozen=True)
class Kernel:
    """What one kind of sign says round the place that it names.

    Attributes
    ----------
    weigh
        Gives its value on open land from kilometres from the place, from half the size of what each position stands
        for unless `by_km_alone`, and from `numbers`, each of which may be an array.
    numbers
        All that it depends on beside those and where the place lies.
    disc
        Where it says anything.
    by_km_alone
        Whether the size of what a position stands for makes no difference.
    on_roads
        Turns its values on open land into those at some positions, in place; None where roads make no difference.
    """

    weigh: Callable[..., Floats]
    numbers: tuple[float, ...]
    disc: Disc
    by_km_alone: bool = False
    on_roads: Callable[[Floats, Positions, Integers], None] | None = None

    def radial(self, away: Floats) -> Floats:
        """Give its value at kilometres from the place, on open land."""
        return self.on_land(away, np.zeros(1), *self.numbers)

    def on_land(self, away: Floats, extent_km: Floats, *numbers: Any) -> Floats:
        """Give the value of this kernel or of others of its form, which differ by their numbers, on open land."""
        return self.weigh(away, *numbers) if self.by_km_alone else self.weigh(away, extent_km, *numbers)

    def all_over(self, positions: Positions) -> Floats | None:
        """Give its value at every position, None where few are touched or where more than kilometres count."""
        return positions.values_everywhere(self.disc, self.radial) if self.by_km_alone else None

    def beside(self, positions: Positions, at: Integers, away: Floats) -> Floats:
        """Give its value at some positions, which lie so many kilometres away."""
        if self.by_km_alone:
            return in_pieces(self.radial, away)
        value = self.on_land(away, positions.extent_km[at], *self.numbers)
        if self.on_roads is not None:
            self.on_roads(value, positions, at)
        return value

    def scale(self, positions: Positions, at: Integers, value: Floats, world: World) -> float:
        """Give what makes its mean over the reference area one; nought if there is nothing to scale.

        Its integral is that over open land plus that over the fixed points, which may be the positions: then its
        value at those of them that it touches is at hand.
        """

        def integral() -> float:
            points, said = (at, value) if positions is world.points else self._touched(world.points)
            area = world.light_areas
            return self._over_land(world) + dot(said, area if len(points) == len(area) else area[points])

        whole = world.constant((self.weigh, self.numbers, self.disc), integral)
        return reference_km2() / whole if whole > 0 and np.isfinite(whole) else 0.0

    def _over_land(self, world: World) -> float:
        """Give its integral over open land: the same for all villages of which as little is known."""
        return world.constant(self.land, lambda: _integrals([self])[0])

    @property
    def land(self) -> Hashable:
        """What its integral over open land depends on."""
        return self.weigh, self.numbers, self.disc.radius_km

    def _touched(self, positions: Positions) -> tuple[Integers, Floats]:
        values = self.all_over(positions)
        if values is not None:
            return everywhere(len(positions)), values
        at, away = positions.within(self.disc)
        return at, self.beside(positions, at, away)


Shares = Sequence[tuple[float, Kernel]]


def integrate(kernels: Iterable[Kernel], world: World) -> None:
    """Integrate kernels over open land, all at once, which takes a fraction of the time: for their scales."""
    forms: dict[object, dict[Hashable, Kernel]] = {}
    for kernel in kernels:
        forms.setdefault(kernel.weigh, {})[kernel.land] = kernel
    for alike in forms.values():
        for land, integral in zip(alike, _integrals(list(alike.values())), strict=True):
            world.constant(land, partial(float, integral))


def _integrals(kernels: Sequence[Kernel]) -> list[float]:
    """Integrate kernels of one form over open land."""
    step = np.array([kernel.disc.radius_km for kernel in kernels]) / RADIAL_NODES
    away = (np.arange(RADIAL_NODES) + 0.5) * step[:, None]
    numbers = np.repeat(np.array([kernel.numbers for kernel in kernels]), RADIAL_NODES, axis=0).T
    value = kernels[0].on_land(away.ravel(), np.zeros(1), *numbers).reshape(away.shape)
    integrals: list[float] = (2 * np.pi * step * np.einsum("ij,ij->i", value, away)).tolist()
    return integrals


@dataclass(frozen=True, eq=False)
class Mixture:
    """Kernels round one place with their shares.

    Attributes
    ----------
    kernels
        The kernels, each with its share.
    nothing
        The share of what says nothing.
    """

    kernels: Shares
    nothing: float

    @cached_property
    def disc(self) -> Disc:
        """The widest disc of any of them."""
        return max((kernel.disc for _, kernel in self.kernels), key=lambda disc: disc.radius_km, default=NO_DISC)

    def tell(self, positions: Positions, world: World) -> Spread:
        """Add them up; what cannot be scaled says nothing."""
        n, rest = len(positions), self.nothing
        wide: Floats | None = None
        near = []
        for share, kernel in self.kernels:
            values = kernel.all_over(positions)
            if values is None:
                near.append((share, kernel))
            elif scale := kernel.scale(positions, everywhere(n), values, world):
                values *= share * scale
                wide = values if wide is None else wide + values
            else:
                rest += share
        at, total, unscaled = _added_up(near, positions, world)
        rest += unscaled
        if wide is not None:
            wide[at] += total
            at, total = everywhere(n), wide
        return Spread(n, at, total + rest if rest else total, rest)


def _added_up(kernels: Shares, positions: Positions, world: World) -> tuple[Integers, Floats, float]:
    """Add up kernels that touch few positions: where, what they say there, and the share of those not to be scaled."""
    if not kernels:
        return NOWHERE, np.empty(0), 0.0
    widest = max((kernel.disc for _, kernel in kernels), key=lambda disc: disc.radius_km)
    at, away = positions.within(widest)
    total: npt.NDArray[Any] = np.zeros(len(at), dtype=np.float32)
    unscaled = 0.0
    for share, kernel in kernels:
        inside: Integers | slice = slice(None)
        if kernel.disc.radius_km < widest.radius_km:
            inside = np.flatnonzero(away <= kernel.disc.radius_km + 2 * positions.extent_km[at])
        value = kernel.beside(positions, at[inside], away[inside])
        scale = kernel.scale(positions, at[inside], value, world)
        value *= share * scale
        total[inside] += value
        unscaled += 0.0 if scale else share
    return at, total, unscaled
