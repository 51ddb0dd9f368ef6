"""Clusters: whether the photos of a case show one place or several, by the evidence for each.

Photos of one case share a place unless their clues say otherwise. The evidence for a set of photos sharing a place is
Z = sum over positions of prior(x) * product of L(plate | x); the clues split where the product of the parts' evidence
is so many times that of the whole. A sign that is misread or moved costs a single place no more than its error rate,
so one odd sign splits nothing: a place of its own needs two names that speak for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from geoinfer.geodesy import Floats
from geoinfer.spread import reference_km2

if TYPE_CHECKING:
    from geoinfer.belief import Belief
    from geoinfer.clues import Clue

LEAST_BITS = 3.0
"""Evidence for two places over one, in bits, at which the clues split: 8 to 1. A judgement; two signs that contradict
each other reach 4 where each may be wrong with a probability of 3 %."""
DOUBTED = 0.5
"""A case is looked at again only if some clue is less likely to be true than this."""
NAMED = 0.5
"""A name counts for a place of its own if it is more likely a place than not."""
NEEDED = 2


def split_clues(belief: Belief, clues: Sequence[Clue]) -> tuple[tuple[str, ...], ...]:
    """Part the clues by the place that they speak for.

    Parameters
    ----------
    belief
        What follows if all were taken at one place.
    clues
        The clues.

    Returns
    -------
    Ids of the clues of each place, the best supported place first. One tuple if nothing splits them; clues that
    support no place of their own stay with the first.
    """
    used = [clue for clue in clues if clue.id in belief.plates]
    everything = (tuple(clue.id for clue in used),)
    if len(used) < 2 or all(belief.explained(clue.id) >= DOUBTED for clue in used):
        return everything
    units: dict[str, list[Clue]] = {}
    for clue in used:
        units.setdefault(clue.photo or f"sign {clue.sign}", []).append(clue)
    prior, said = _terms(belief, units)
    groups = _merged(_gathered(said, prior), said, prior)
    groups.sort(key=lambda group: (-_names(units, group), group))
    places = [group for group in groups if _names(units, group) >= NEEDED]
    if len(places) < 2:
        return everything
    rest = [group for group in groups if group not in places]
    places[0] = [*places[0], *(name for group in rest for name in group)]
    order = {clue.id: i for i, clue in enumerate(used)}
    ids = ([clue.id for name in place for clue in units[name]] for place in places)
    return tuple(tuple(sorted(place, key=order.__getitem__)) for place in ids)


def _terms(belief: Belief, units: Mapping[str, Sequence[Clue]]) -> tuple[Floats, dict[str, Floats]]:
    """Give the logarithms of the prior and of what every unit says, at every position.

    The last entry stands for all that lies beyond the search area: plates are scaled against `reference_km2`.
    """
    searched = float(belief.positions.area_km2.sum())
    beyond = max(reference_km2() - searched, 1e-9 * searched)
    prior = np.log(np.append(belief.positions.area_km2, beyond) / (searched + beyond))
    plates = {
        clue.id: np.log(np.append(belief.plates[clue.id].likelihood, belief.plates[clue.id].spread.rest))
        for unit in units.values()
        for clue in unit
    }
    return prior, {name: np.sum([plates[clue.id] for clue in unit], axis=0) for name, unit in units.items()}


def _names(units: Mapping[str, Sequence[Clue]], group: Sequence[str]) -> int:
    """Count what speaks for a place of its own: names that are places, each once, and route numbers."""
    clues = [clue for name in group for clue in units[name]]
    names = {
        mention.matches.matches[0].place.id
        for clue in clues
        for mention in clue.mentions
        if mention.matches.matches and 1 - mention.matches.none >= NAMED
    }
    return len(names) + len({route for clue in clues for route in clue.routes})


def _evidence(said: Sequence[Floats], prior: Floats) -> float:
    """Natural logarithm of Z for parts that share a place."""
    total = prior + np.sum(said, axis=0)
    top = float(total.max())
    return top + float(np.log(np.exp(total - top).sum()))


def _apart_bits(one: Sequence[Floats], other: Sequence[Floats], prior: Floats) -> float:
    """Bits by which two places explain two groups better than one does."""
    apart = _evidence(one, prior) + _evidence(other, prior)
    return (apart - _evidence([*one, *other], prior)) / float(np.log(2))


def _gathered(said: dict[str, Floats], prior: Floats) -> list[list[str]]:
    """Put every photo to the group that it agrees with best, the most telling photo first."""
    telling = sorted(said, key=lambda name: (-float(said[name].max()), name))
    groups: list[list[str]] = []
    for name in telling:
        apart = [_apart_bits([said[name]], [said[member] for member in group], prior) for group in groups]
        best = int(np.argmin(apart)) if apart else -1
        if apart and apart[best] < LEAST_BITS:
            groups[best].append(name)
        else:
            groups.append([name])
    return groups


def _merged(groups: list[list[str]], said: dict[str, Floats], prior: Floats) -> list[list[str]]:
    """Join groups that one place explains as well, the closest first."""
    while len(groups) > 1:
        pairs = [(i, j) for i in range(len(groups)) for j in range(i)]
        apart = [
            _apart_bits([said[name] for name in groups[i]], [said[name] for name in groups[j]], prior) for i, j in pairs
        ]
        closest = int(np.argmin(apart))
        if apart[closest] >= LEAST_BITS:
            break
        i, j = pairs[closest]
        groups[j] = [*groups[j], *groups[i]]
        del groups[i]
    return groups
