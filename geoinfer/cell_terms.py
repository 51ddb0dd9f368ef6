"""What names tell at cells: those of all plates together, as there are few cells, and to begin is what takes time.

Cells lie on no road, so kernels of one form (`geoinfer.kernels.Kernel`) differ by their numbers alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from geoinfer.geodesy import Floats
from geoinfer.kernels import Kernel, Mixture
from geoinfer.positions import Integers, Positions
from geoinfer.spread import NOWHERE, Spread

if TYPE_CHECKING:
    from geoinfer.plate_terms import Name
    from geoinfer.world import World

Weighted = tuple[int, float, Kernel]
"""Which mixture a kernel is of, its weight there, and the kernel."""


def tell_names(names: Sequence[Name], cells: Positions, world: World) -> list[tuple[float, Spread]]:
    """Give what `geoinfer.plate_terms.Name.tell` gives of each name, at cells."""
    told = iter(_tell([mixture for name in names for _, mixture in name.mixtures], cells, world))
    return [name.of_parts([(share, next(told)) for share, _ in name.mixtures], cells, world) for name in names]


def _tell(mixtures: Sequence[Mixture], cells: Positions, world: World) -> list[Spread]:
    """Give what each mixture tells."""
    forms: dict[str, list[Weighted]] = {}
    rests = []
    for number, mixture in enumerate(mixtures):
        rest = mixture.nothing
        for share, kernel in mixture.kernels:
            scale = kernel.scale(cells, NOWHERE, np.empty(0), world)
            forms.setdefault(kernel.weigh.__name__, []).append((number, share * scale, kernel))
            rest += 0.0 if scale else share
        rests.append(rest)
    if not forms:
        return [Spread(len(cells), NOWHERE, np.empty(0), rest) for rest in rests]
    which, at, away = cells.around([mixture.disc for mixture in mixtures])
    begins = np.searchsorted(which, np.arange(len(mixtures) + 1))
    total, ends = np.zeros(len(at)), begins.tolist()
    # In one order, whatever else is asked: so what is told of a name depends on nothing but the name.
    for _, alike in sorted(forms.items(), key=lambda form: form[0]):
        pair, value = _weighed(alike, mixtures, cells, begins, at, away)
        total += np.bincount(pair, value, len(at))
    # In single precision, as elsewhere.
    said: npt.NDArray[Any] = total.astype(np.float32)
    return [
        Spread(len(cells), at[begin:end], said[begin:end] + rest if rest else said[begin:end], rest)
        for begin, end, rest in zip(ends, ends[1:], rests, strict=False)
    ]


def _weighed(
    alike: Sequence[Weighted],
    mixtures: Sequence[Mixture],
    cells: Positions,
    begins: Integers,
    at: Integers,
    away: Floats,
) -> tuple[Integers, Floats]:
    """Give the values of kernels of one form, with their weights, and where in `at` each of them stands.

    `at` and `away` are cells round the places of the mixtures, one after another, which begin where `begins` says.
    """
    number, weight = np.array([one for one, _, _ in alike]), np.array([one for _, one, _ in alike])
    kernels = [kernel for _, _, kernel in alike]
    radius = np.array([kernel.disc.radius_km for kernel in kernels])
    widest = np.array([mixtures[one].disc.radius_km for one, _, _ in alike])
    which, pair = _stretches(begins[number], begins[number + 1])
    # All that is listed of a place is within the widest of its discs.
    inside = (radius == widest)[which] | (away[pair] <= radius[which] + 2 * cells.extent_km[at[pair]])
    which, pair = which[inside], pair[inside]
    numbers = np.array([kernel.numbers for kernel in kernels])[which].T
    return pair, kernels[0].on_land(away[pair], cells.extent_km[at[pair]], *numbers) * weight[which]


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
