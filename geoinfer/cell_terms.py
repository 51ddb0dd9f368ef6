"""What names tell at cells: those of all plates together, as there are few cells, and to begin is what takes time.

Cells lie on no road, so kernels of one form (`geoinfer.kernels.Kernel`) differ by their numbers alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from geoinfer.blocks import everywhere
from geoinfer.geodesy import Floats
from geoinfer.kernels import Kernel
from geoinfer.positions import Disc, Integers, Positions
from geoinfer.spread import NOWHERE, Spread

if TYPE_CHECKING:
    from geoinfer.plate_terms import Name
    from geoinfer.world import World

Weighted = tuple[int, float, Kernel]
"""Which name a kernel is of, its weight there, and the kernel."""


def tell_names(names: Sequence[Name], cells: Positions, world: World) -> list[tuple[float, Spread]]:
    """Give what `geoinfer.plate_terms.Name.tell` gives of each name, at cells."""
    n, rests = len(cells), []
    weighted: list[Weighted] = []
    for row, name in enumerate(names):
        rest = 0.0
        for share, mixture in name.mixtures:
            rest += share * mixture.nothing
            for part, kernel in mixture.kernels:
                scale = kernel.scale(cells, NOWHERE, np.empty(0), world)
                weighted.append((row, share * part * scale, kernel))
                rest += 0.0 if scale else share * part
        rests.append(rest)
    said = _added_up(weighted, len(names), cells)
    return [
        name.of_parts([(1.0, Spread(n, everywhere(n), row + rest, rest))], cells, world)
        for name, row, rest in zip(names, said, rests, strict=True)
    ]


def _added_up(weighted: Sequence[Weighted], names: int, cells: Positions) -> Floats:
    """Add up the kernels of each of some names: one row a name, one column a cell."""
    n, total = len(cells), np.zeros(names * len(cells))
    widest: dict[tuple[float, float], float] = {}
    forms: dict[object, list[Weighted]] = {}
    for one in weighted:
        place, kernel = (one[2].disc.lon, one[2].disc.lat), one[2]
        widest[place] = max(widest.get(place, 0.0), kernel.disc.radius_km)
        forms.setdefault(kernel.weigh, []).append(one)
    if not widest:
        return total.reshape(names, n)
    places = {place: number for number, place in enumerate(widest)}
    place_of, at, away = cells.around([Disc(*place, radius) for place, radius in widest.items()])
    begins, reach = np.searchsorted(place_of, np.arange(len(places) + 1)), np.array(list(widest.values()))
    for alike in forms.values():
        row, weight = (np.array([one[column] for one in alike]) for column in (0, 1))
        kernels = [kernel for _, _, kernel in alike]
        radius = np.array([kernel.disc.radius_km for kernel in kernels])
        own = np.array([places[kernel.disc.lon, kernel.disc.lat] for kernel in kernels])
        which, pair = _stretches(begins[own], begins[own + 1])
        # All that is listed of a place is within the widest of its discs.
        inside = (radius == reach[own])[which] | (away[pair] <= radius[which] + 2 * cells.extent_km[at[pair]])
        which, pair = which[inside], pair[inside]
        numbers = np.array([kernel.numbers for kernel in kernels])[which].T
        value = kernels[0].on_land(away[pair], cells.extent_km[at[pair]], *numbers)
        total += np.bincount(row[which] * n + at[pair], value * weight[which], len(total))
    return total.reshape(names, n)


def _stretches(begins: Integers, ends: Integers) -> tuple[Integers, Integers]:
    """Join stretches of indices: which stretch each is of, and the index.

    Examples
    --------
    >>> which, index = _stretches(np.array([3, 7]), np.array([5, 8]))
    >>> which.tolist(), index.tolist()
    ([0, 0, 1], [3, 4, 7])
    """
    counts = ends - begins
    which = np.repeat(np.arange(len(counts)), counts)
    return which, np.arange(len(which)) + (begins - np.cumsum(counts) + counts)[which]
