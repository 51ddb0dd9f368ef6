"""Clusters: whether the photos of a case show one place or several, by the evidence for each.

Photos of one case share a place unless their clues say otherwise. The evidence for a set of photos sharing a place is
Z = sum over positions of prior(x) * product of L(plate | x); the clues split where the product of the parts' evidence
is so many times that of the whole. A sign that is misread or moved costs a single place no more than its error rate,
so one odd sign splits nothing: a place of its own needs two names that speak for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import add
from typing import TYPE_CHECKING

import numpy as np

from geoinfer.geodesy import Floats
from geoinfer.photo_terms import mean

if TYPE_CHECKING:
    from geoinfer.belief import Belief
    from geoinfer.clues import Clue

LEAST_BITS = 3.0
"""Evidence for two places over one, in bits, at which the clues split: 8 to 1. A judgement; two signs that contradict
each other reach 4 where each may be wrong with a probability of 3 %."""
AGREE_BITS = 1.0
"""A photo with a single name goes with a place only if two places explain them no better than this."""
DOUBTED = 0.5
"""A case is looked at again only if some clue is less likely to be true than this."""
NAMED = 0.5
"""A name counts for a place of its own if it is more likely a place than not."""
NEEDED = 2
MOST_LOG = 600.0


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
    Ids of the clues of each place, the best supported place first. One tuple of all if nothing splits them; else
    clues that agree with no place are in none.
    """
    used = [clue for clue in clues if clue.id in belief.plates]
    everything = (tuple(clue.id for clue in used),)
    if len(used) < 2 or all(belief.explained(clue.id) >= DOUBTED for clue in used):
        return everything
    units: dict[str, list[Clue]] = {}
    for clue in used:
        units.setdefault(clue.photo or f"sign {clue.sign}", []).append(clue)
    area = belief.positions.area_km2
    said = {name: _said_by(belief, unit, area) for name, unit in units.items()}
    groups = [_agreeing(group, units, said) for group in _gathered(said)]
    places = [group for group in groups if _names(units, group) >= NEEDED]
    if len(places) < 2:
        return everything
    places.sort(key=lambda group: (-_names(units, group), group))
    order = {clue.id: i for i, clue in enumerate(used)}
    ids = ([clue.id for name in place for clue in units[name]] for place in places)
    return tuple(tuple(sorted(place, key=order.__getitem__)) for place in ids)


@dataclass(frozen=True, eq=False)
class _Said:
    """What some photos say together.

    Attributes
    ----------
    more
        Natural logarithm of how much likelier every position is than what lies beyond all of them.
    beyond
        Natural logarithm of what they say beyond.
    area
        Base measure of the positions.
    """

    more: Floats
    beyond: float
    area: Floats

    def __add__(self, other: _Said) -> _Said:
        return _Said(self.more + other.more, self.beyond + other.beyond, self.area)

    def __sub__(self, other: _Said) -> _Said:
        return _Said(self.more - other.more, self.beyond - other.beyond, self.area)

    @cached_property
    def evidence(self) -> float:
        """Natural logarithm of Z for photos that share a place; the prior is that which plates are scaled against."""
        likelier = np.flatnonzero(self.more > 0)
        times = np.exp(np.minimum(self.more[likelier], MOST_LOG))
        return self.beyond + float(np.log(mean(times, 1.0, self.area[likelier])))


def _said_by(belief: Belief, unit: Sequence[Clue], area: Floats) -> _Said:
    terms = [belief.plates[clue.id] for clue in unit]
    beyond = float(sum(np.log(term.spread.rest) for term in terms))
    return _Said(np.sum([term.log_likelihood for term in terms], axis=0) - beyond, beyond, area)


def _agreeing(group: Sequence[str], units: Mapping[str, Sequence[Clue]], said: Mapping[str, _Said]) -> list[str]:
    """Leave out photos with a single name that does not agree with the rest: no place is averaged with an odd sign."""
    kept, together = list(group), reduce(add, (said[name] for name in group))
    for name in group:
        if len(kept) > 1 and _names(units, [name]) < NEEDED:
            others = together - said[name]
            if _apart_bits(said[name], others) > AGREE_BITS:
                kept.remove(name)
                together = others
    return kept


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


def _apart_bits(one: _Said, other: _Said) -> float:
    """Bits by which two places explain two groups better than one does."""
    return (one.evidence + other.evidence - (one + other).evidence) / float(np.log(2))


def _gathered(said: Mapping[str, _Said]) -> list[list[str]]:
    """Put every photo to the group that it agrees with best, the most telling photo first."""
    telling = sorted(said, key=lambda name: (-float(said[name].more.max() + said[name].beyond), name))
    groups: list[list[str]] = []
    together: list[_Said] = []
    for name in telling:
        apart = [_apart_bits(said[name], group) for group in together]
        best = int(np.argmin(apart)) if apart else -1
        if apart and apart[best] < LEAST_BITS:
            groups[best].append(name)
            together[best] = together[best] + said[name]
        else:
            groups.append([name])
            together.append(said[name])
    return _merged(groups, together)


def _merged(groups: list[list[str]], together: list[_Said]) -> list[list[str]]:
    """Join groups that one place explains as well, the closest first."""
    while len(groups) > 1:
        pairs = [(i, j) for i in range(len(groups)) for j in range(i)]
        apart = [_apart_bits(together[i], together[j]) for i, j in pairs]
        closest = int(np.argmin(apart))
        if apart[closest] >= LEAST_BITS:
            break
        i, j = pairs[closest]
        groups[j], together[j] = [*groups[j], *groups[i]], together[j] + together[i]
        del groups[i], together[i]
    return groups
