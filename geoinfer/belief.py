"""Belief: Bayes over candidate positions.

posterior(x) ~ base measure(x) * border weight(x) * product over photos of L(photo | x) * product of observations

A photo may mislead as a whole (`geoinfer.photo_terms`), a plate may be wrong as a whole (moved, falsified) and each of
its names may be wrong (misread, misspelt, not a place at all): all are mixtures with a part that says nothing. The
bearers of a name are summed over, never chosen. What each part says is kept, so that a belief without one of them is a
sum with a term less.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Protocol

import numpy as np

from geoinfer.geodesy import Floats, pieces
from geoinfer.hypothesis import Hypothesis
from geoinfer.junctions import log_taken_back
from geoinfer.lateral import Lateral, PointMass
from geoinfer.parameters import number
from geoinfer.photo_terms import Photo, alone, mean, product
from geoinfer.plate_terms import PlateTerms, likely, reach, sightings, usable
from geoinfer.positions import Disc, Positions
from geoinfer.refinement import Grid
from geoinfer.rules import check_rules
from geoinfer.search_area import search_cells
from geoinfer.sighting import Sighting, sight
from geoinfer.spread import dot, reference_km2
from geoinfer.told import Told

if TYPE_CHECKING:
    from gazetteer.borders import Borders
    from gazetteer.places import Match
    from geoinfer.clues import Clue
    from geoinfer.world import World

__all__ = ["Belief", "Observation", "PlateTerms", "bearers", "infer_belief", "likely", "sightings", "usable"]

BORDERS = "borders"


class Observation(Protocol):
    """Something the researcher brings beside signs, such as the sun or a polygon with a likelihood ratio."""

    @property
    def key(self) -> str:
        """What identifies it, and all that its likelihood depends on."""

    def extent(self) -> list[Disc] | None:
        """Where it may add to the search area; None if it adds nothing."""

    def log_likelihood(self, positions: Positions) -> Floats:
        """Natural logarithm of its likelihood at every position, nought where it says nothing."""


class Plates(Mapping[str, PlateTerms]):
    """What every plate says at the positions of a belief, put together when first asked for."""

    def __init__(self, clues: Sequence[Clue], make: Callable[[Clue], PlateTerms]) -> None:
        self._clues = {clue.id: clue for clue in clues}
        self._make = make
        self._made: dict[str, PlateTerms] = {}

    def __getitem__(self, key: str) -> PlateTerms:
        if key not in self._made:
            self._made[key] = self._make(self._clues[key])
        return self._made[key]

    def __contains__(self, key: object) -> bool:
        # A mapping would look the value up, and so work it out.
        return key in self._clues

    def __iter__(self) -> Iterator[str]:
        return iter(self._clues)

    def __len__(self) -> int:
        return len(self._clues)


@dataclass(frozen=True)
class Belief:
    """A probability for every candidate position.

    Attributes
    ----------
    positions
        The candidates.
    weight
        Weight of every position under the border hypothesis.
    plates
        Clue id to what the plate says.
    posterior
        Probabilities that sum to one.
    neutral
        The same without the border hypothesis.
    observations
        Key of an observation to its log-likelihood at every position.
    log_total
        Natural logarithm of what all clues and observations together say at every position, and of `taken_back`.
    times
        How many times as much every position weighs for standing beside a junction.
    taken_back
        Natural logarithm of what is left of that weight, as it counts for signs that are true
        (`geoinfer.junctions.log_taken_back`).
    log_wrong
        Natural logarithm of what all clues say together where all of them are wrong: the same everywhere.
    case_error
        Share of the belief that is kept for clues that mislead together.
    lateral
        Where roads may truly run beside the points on them.
    photos
        The plates of each photo, which mislead together.
    """

    positions: Positions
    weight: Floats
    plates: Mapping[str, PlateTerms]
    posterior: Floats
    neutral: Floats
    observations: Mapping[str, Floats] = field(default_factory=dict)
    log_total: Floats = field(default_factory=lambda: np.empty(0))
    times: Floats = field(default_factory=lambda: np.ones(1))
    taken_back: Floats = field(default_factory=lambda: np.zeros(1))
    log_wrong: float = 0.0
    case_error: float = 0.0
    lateral: Lateral | None = None
    photos: tuple[Photo, ...] = ()

    def explained(self, clue: str) -> float:
        """Probability that a clue is true: the sign names a real place and stands where such signs stand."""
        terms, photo = self.plates[clue], self._photo_of(clue)
        shown = photo.true_share(self._of_plates(photo)[terms.spread.at])
        return dot(self.posterior[terms.spread.at], terms.true_share * shown)

    def any_explained(self) -> float:
        """Probability that at least one clue is true, with the hypothesis or without it, whichever doubts more."""
        wrong = np.ones(len(self.posterior))
        for photo in self.photos:
            untrue = np.ones(len(wrong))
            for terms in (self.plates[one] for one in photo.plates):
                untrue[terms.spread.at] *= 1 - terms.true_share
            wrong *= 1 - photo.true_share(self._of_plates(photo)) * (1 - untrue)
        return min(dot(self.posterior, 1 - wrong), dot(self.neutral, 1 - wrong))

    def hypothesis_bits(self) -> float:
        """Bits that the border hypothesis adds: the divergence of the belief from the belief without it."""
        at = self.posterior > 0
        return float(np.sum(self.posterior[at] * np.log2(self.posterior[at] / self.neutral[at])))

    def cell_mass(self, values: Floats) -> Floats:
        """Sum values of positions over cells; those of road points also over the cells that the road may run in."""
        where, count = self.positions, len(self.positions.cell_ids)
        points = PointMass(where.point[count:], values[count:], self.lateral)
        return points.over(where.cell_ids, values[:count], where.cell[count:])

    def contribution(self, key: str) -> Floats:
        """Give what one clue, one observation or the hypothesis says at every position.

        Parameters
        ----------
        key
            Id of a clue, key of an observation, or ``borders``.

        Returns
        -------
        Natural logarithm of its likelihood.

        Raises
        ------
        KeyError
            If there is no such part; the message lists those there are.
        """
        if key == BORDERS:
            return np.log(self.weight)
        if key in self.plates:
            photo = self._photo_of(key)
            told, fewer = photo.told(self._of_plates(photo)), self._fewer(photo, key)
            return np.log(told / fewer.told(self._of_plates(fewer)) if fewer.plates else told)
        if key in self.observations:
            return self.observations[key]
        raise KeyError(f"no part of this belief is called {key!r}; there are: {', '.join(self.parts())}")

    def parts(self) -> tuple[str, ...]:
        """List what contributes: clue ids, keys of observations, and ``borders``."""
        return (*self.plates, *self.observations, BORDERS)

    def contributions(self) -> dict[str, Floats]:
        """Give what each clue, each observation and the border hypothesis says at every position, in natural logs."""
        return {key: self.contribution(key) for key in self.parts()}

    @cached_property
    def posteriors_without(self) -> Mapping[str, Floats]:
        """The posterior without each of the parts: reasons and swings both ask for it."""
        return {key: self.without(key).posterior for key in self.parts()}

    def without(self, key: str) -> Belief:
        """Give the belief without one of its parts, at the same positions.

        Raises
        ------
        KeyError
            If there is no such part; the message lists those there are.
        """
        said = self.contribution(key)
        if key == BORDERS:
            return replace(self, weight=np.ones(len(said)), posterior=self.neutral)
        total, taken_back, wrong, photos = self.log_total - said, self.taken_back, self.log_wrong, self.photos
        left: dict[str, PlateTerms] | Mapping[str, PlateTerms] = self.plates
        if key in self.plates:
            left = {clue: self.plates[clue] for clue in self.plates if clue != key}
            several = tuple(fewer for photo in photos if (fewer := self._fewer(photo, key)).plates)
            photos = alone(several)
            for before, after in zip(several, photos, strict=True):
                if after is not before:
                    of_plates = self._of_plates(after)
                    total += np.log(after.told(of_plates) / before.told(of_plates))
            wrong = sum(photo.log_told(self._of_plates_beyond(photo)) for photo in photos)
            of_clues = total - self.taken_back - sum(self.observations.values())
            taken_back = np.zeros(len(total))
            beside = np.flatnonzero(self.times > 1)
            taken_back[beside] = log_taken_back(of_clues[beside], wrong, self.times[beside])
            total = total - self.taken_back + taken_back
        observed = {other: log for other, log in self.observations.items() if other != key}
        posterior, neutral = _posteriors(
            self.positions, self.weight, total, self.times, wrong + sum(observed.values()), self.case_error
        )
        return replace(
            self,
            plates=left,
            posterior=posterior,
            neutral=neutral,
            observations=observed,
            log_total=total,
            taken_back=taken_back,
            log_wrong=wrong,
            photos=photos,
        )

    def _photo_of(self, clue: str) -> Photo:
        return next(photo for photo in self.photos if clue in photo.plates)

    def _fewer(self, photo: Photo, clue: str) -> Photo:
        """Give a photo without one plate; it need not have shown it, and what is left may be none."""
        left = replace(photo, plates=tuple(one for one in photo.plates if one != clue))
        if left.plates in ((), photo.plates):
            return left
        usual = mean(self._of_plates(left), self._of_plates_beyond(left), self.positions.area_km2)
        return replace(left, mean=usual)

    def _of_plates(self, photo: Photo) -> Floats:
        """Give what the plates of a photo say together, at every position."""
        return product(self.plates[one].likelihood for one in photo.plates)

    def _of_plates_beyond(self, photo: Photo) -> float:
        """Give the same beyond all that they speak of."""
        return prod(self.plates[one].spread.rest for one in photo.plates)


def infer_belief(
    clues: Sequence[Clue],
    hypothesis: Hypothesis,
    borders: Borders,
    world: World,
    observations: Sequence[Observation] = (),
    without_rules: Collection[str] = frozenset(),
) -> Belief | None:
    """Turn clues into a belief over positions.

    Parameters
    ----------
    clues
        The plates, see `usable`.
    hypothesis
        Borders that the camera is held to stand near.
    borders
        Territories, with the hypothesis' own polygons (`geoinfer.hypothesis.territories`).
    world
        Gazetteer, roads and crossings.
    observations
        What the researcher brings beside signs.
    without_rules
        Names of `geoinfer.rules.RULES` that are switched off.

    Returns
    -------
    The belief, or None if neither a clue nor an observation says where to look.

    Raises
    ------
    ValueError
        If a rule to be left out does not exist.
    """
    off = check_rules(without_rules)
    clues = usable(clues)
    discs, codes = _search_area(clues, observations, world)
    if not discs and not codes:
        return None
    cells = search_cells(discs, [world.outline(code) for code in codes])

    told = Told(clues, observations, hypothesis, borders, world, off)
    grid = Grid(cells, world, world.base_shares(off), told)
    grid.refine()
    positions = grid.positions()
    log_total, weight = grid.log_total(), grid.weight()
    error = 0.0 if "case_error" in off else number("case_error", "share")
    times, taken_back = grid.times(), grid.taken_back()
    log_wrong = told.log_wrong()
    observed = {observation.key: observation.log_likelihood(positions) for observation in observations}
    posterior, neutral = _posteriors(positions, weight, log_total, times, log_wrong + sum(observed.values()), error)
    return Belief(
        positions,
        weight,
        Plates(clues, lambda clue: told.terms(clue, positions)),
        posterior,
        neutral,
        observed,
        log_total,
        times,
        taken_back,
        log_wrong,
        error,
        world.lateral,
        told.photos,
    )


def _search_area(
    clues: Sequence[Clue], observations: Sequence[Observation], world: World
) -> tuple[list[Disc], list[str]]:
    discs: list[Disc] = []
    codes: list[str] = []
    for clue in clues:
        more, others = reach(clue, world)
        discs.extend(more)
        codes.extend(others)
    for observation in observations:
        discs.extend(observation.extent() or [])
    return discs, list(dict.fromkeys(codes))


def _posteriors(
    positions: Positions, weight: Floats, log: Floats, times: Floats, log_wrong: Floats | float, case_error: float
) -> tuple[Floats, Floats]:
    """Give the belief with the border hypothesis and without it; both leave room for clues that mislead together.

    Where all clues are wrong the camera may have stood anywhere. A search area that is wider than the reference area
    must not make that more probable: it is as probable as the rules say.
    """
    # Piece by piece: passes over whole arrays take longer.
    top, area, each = log.max(), positions.area_km2, list(pieces(len(log)))
    before = area / times
    whole = float(before.sum())
    wrong = np.broadcast_to(max(1 - reference_km2() / whole, 0.0) * np.exp(np.subtract(log_wrong, top)), log.shape)
    neutral, posterior, sums = np.empty(len(log)), np.empty(len(log)), np.zeros(4)
    for piece in each:
        here = np.subtract(log[piece], top, out=neutral[piece])
        np.exp(here, out=here)
        here *= area[piece]
        here -= before[piece] * wrong[piece]
        np.maximum(here, 0.0, out=here)
        # Added up alike, so that a hypothesis that says nothing changes nothing.
        sums += [dot(values, of) for of in (np.ones(len(here)), weight[piece]) for values in (here, before[piece])]
    shares = np.array([1 - case_error, case_error] * 2) / sums
    for piece in each:
        here, there = neutral[piece], np.multiply(neutral[piece], shares[2], out=posterior[piece])
        there += before[piece] * shares[3]
        there *= weight[piece]
        here *= shares[0]
        here += before[piece] * shares[1]
    return posterior, neutral


def bearers(belief: Belief, clue: Clue, world: World) -> list[list[tuple[Match, float]]]:
    """Say, for each name on a plate, how probable each of its bearers is after all clues have spoken."""
    result = []
    for mention in clue.mentions:
        shares = []
        for match in likely(mention):
            fit = sight(Sighting(match.place, clue.kind, mention.km, mention.km_other), belief.positions, world)
            held = fit.rest + dot(belief.posterior[fit.at], fit.value - fit.rest)
            shares.append((match, match.probability * held))
        # A name that is no place, or of places that are not told apart, says nothing: its likelihood is one everywhere.
        rest = number("sign_error", "entry") + mention.matches.none + mention.matches.further
        total = sum(share for _, share in shares) + rest
        result.append([(match, share / total) for match, share in shares])
    return result
