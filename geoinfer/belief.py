"""Belief: Bayes over candidate positions.

posterior(x) ~ base measure(x) * border weight(x) * product over plates of L(plate | x)

A plate may be wrong as a whole (moved, falsified, photographed elsewhere) and each of its names may be wrong (misread,
misspelt, not a place at all): both are mixtures with a part that says nothing. The bearers of a name are summed over,
never chosen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geoinfer.geodesy import Floats
from geoinfer.hypothesis import Hypothesis, proximity
from geoinfer.likelihoods import AREAS, Sighting, on_route, romanised, scale, search_disc, sight, spelling
from geoinfer.parameters import number
from geoinfer.positions import Disc, Positions, place_positions, search_cells, split

if TYPE_CHECKING:
    from gazetteer.borders import Borders
    from gazetteer.places import Match
    from geoinfer.clues import Clue, Mention
    from geoinfer.world import World

Names = npt.NDArray[np.str_]
Known = dict[str | int, tuple[float, str]]


@dataclass(frozen=True)
class PlateTerms:
    """What one plate says at every position.

    Attributes
    ----------
    likelihood
        L(plate | x), scaled so that a plate which says nothing is one everywhere.
    explained
        The part of it in which at least one of its names is a real place that the sign truly names.
    """

    likelihood: Floats
    explained: Floats


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
    """

    positions: Positions
    weight: Floats
    plates: Mapping[str, PlateTerms]
    posterior: Floats
    neutral: Floats

    def explained(self, clue: str) -> float:
        """Probability that a clue is true: the sign names a real place and stands where such signs stand."""
        terms = self.plates[clue]
        return float(self.posterior @ (terms.explained / terms.likelihood))

    def any_explained(self) -> float:
        """Probability that at least one clue is true, with the hypothesis or without it, whichever doubts more."""
        wrong = np.ones(len(self.posterior))
        for terms in self.plates.values():
            wrong = wrong * (1 - terms.explained / terms.likelihood)
        return min(float(self.posterior @ (1 - wrong)), float(self.neutral @ (1 - wrong)))

    def hypothesis_bits(self) -> float:
        """Bits that the border hypothesis adds: the divergence of the belief from the belief without it."""
        at = self.posterior > 0
        return float(np.sum(self.posterior[at] * np.log2(self.posterior[at] / self.neutral[at])))

    def cell_mass(self, values: Floats) -> Floats:
        """Sum values of positions over the cells that they lie in."""
        mass = np.bincount(self.positions.cell, weights=values, minlength=len(self.positions.cells))
        return np.asarray(mass, dtype=float)


def sightings(mention: Mention, kind: str) -> list[tuple[float, Sighting]]:
    """List the places that a mention may mean, with their probabilities, the most probable first."""
    return [(match.probability, Sighting(match.place, kind, mention.km)) for match in likely(mention)]


def likely(mention: Mention) -> list[Match]:
    """Keep the matches of a name that can change an answer."""
    matches = mention.matches.matches
    if not matches:
        return []
    least = max(number("bearers", "least"), number("bearers", "least_of_first") * matches[0].probability)
    return [match for match in matches[: int(number("bearers", "most"))] if match.probability >= least]


def usable(clues: Sequence[Clue]) -> list[Clue]:
    """Keep clues that name a possible place or road, each plate once.

    The same plate in two photos is one piece of evidence, not two. Where no name at all is more likely a place than
    not, nothing is kept: a border hypothesis must not make evidence out of misread words.
    """
    known = number("verdict", "explained")
    if not any(clue.routes or any(1 - m.matches.none >= known for m in clue.mentions) for clue in clues):
        return []
    seen: set[tuple[object, ...]] = set()
    kept = []
    for clue in clues:
        signature = (clue.kind, tuple((m.name.casefold(), m.km) for m in clue.mentions), clue.routes)
        informs = clue.routes or any(sightings(mention, clue.kind) for mention in clue.mentions)
        if informs and signature not in seen:
            seen.add(signature)
            kept.append(clue)
    return kept


def infer_belief(clues: Sequence[Clue], hypothesis: Hypothesis, borders: Borders, world: World) -> Belief | None:
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

    Returns
    -------
    The belief, or None if no clue names a possible place.
    """
    import h3

    clues = usable(clues)
    cells = _search_area(clues, borders, world)
    if not cells:
        return None
    crossings = [(i, world.crossings[i]) for i in world.crossings_on(hypothesis.near)]
    known: Known = {}
    last = int(number("search_area", "last_resolution"))
    passes = last - min(h3.get_resolution(cell) for cell in cells) + 1
    for _ in range(passes):
        positions = place_positions(cells, world.road_points, crossings)
        belief = _at(positions, clues, hypothesis, borders, world, known)
        finer = _refine(belief, last)
        if finer is None:
            break
        cells = finer
    return belief


def _search_area(clues: Sequence[Clue], borders: Borders, world: World) -> set[str]:
    discs: list[Disc] = []
    areas = []
    for clue in clues:
        for mention in clue.mentions:
            for _, sighting in sightings(mention, clue.kind):
                place = sighting.place
                if place.kind == "country":
                    areas.append(borders.polygon(place.country))
                elif place.kind in AREAS:
                    radius = number("area", "district_km" if place.kind == "district" else "oblast_km")
                    discs.append(Disc(place.lon, place.lat, 2.5 * radius))
                else:
                    discs.append(search_disc(sighting))
        points, carrying = world.road_points, world.carrying(clue.routes)
        discs.extend(
            Disc(float(x), float(y), 30.0)
            for x, y in zip(points.lon[carrying][::20], points.lat[carrying][::20], strict=True)
        )
    return search_cells(discs, areas) if discs or areas else set()


def _at(
    positions: Positions, clues: Sequence[Clue], hypothesis: Hypothesis, borders: Borders, world: World, known: Known
) -> Belief:
    fresh = np.array([i for i, key in enumerate(positions.keys) if key not in known], dtype=np.int64)
    some = positions.take(fresh)
    weights, codes = proximity(hypothesis, borders, some.lon, some.lat).tolist(), world.countries(some).tolist()
    known.update(zip((positions.keys[i] for i in fresh), zip(weights, codes, strict=True), strict=True))
    weight = np.array([known[key][0] for key in positions.keys])
    countries = np.array([known[key][1] for key in positions.keys], dtype=np.str_)
    plates = {clue.id: plate_terms(clue, positions, countries, world) for clue in clues}
    log = np.log(positions.area_km2)
    for terms in plates.values():
        log = log + np.log(terms.likelihood)
    prior = np.log(positions.area_km2)
    return Belief(
        positions,
        weight,
        plates,
        _mixed(_normalise(log + np.log(weight)), _normalise(prior + np.log(weight))),
        _mixed(_normalise(log), _normalise(prior)),
    )


def _mixed(posterior: Floats, prior: Floats) -> Floats:
    """Leave room for clues that mislead together."""
    share = number("case_error", "share")
    return (1 - share) * posterior + share * prior


def _normalise(log: Floats) -> Floats:
    value = np.exp(log - log.max())
    return np.asarray(value / value.sum())


def _refine(belief: Belief, last: int) -> set[str] | None:
    """Split the cells that hold the belief, with or without the hypothesis; None when all are fine enough."""
    import h3

    cells = belief.positions.cells
    mass = belief.cell_mass((belief.posterior + belief.neutral) / 2)
    order = np.argsort(-mass, kind="stable")
    held = int(np.searchsorted(np.cumsum(mass[order]), number("search_area", "keep"))) + 1
    coarse = [cells[i] for i in order[:held] if h3.get_resolution(cells[i]) < last]
    room = int((number("search_area", "max_cells") - len(cells)) // 6)
    coarse = coarse[: max(room, 0)]
    if not coarse:
        return None
    return (set(cells) - set(coarse)) | set(split(coarse))


def plate_terms(clue: Clue, positions: Positions, countries: Names, world: World) -> PlateTerms:
    """Say what one plate tells at every position: its names jointly, its route numbers, its letters, its country."""
    plate_error = number("sign_error", "plate")
    named = [mention for mention in clue.mentions if sightings(mention, clue.kind)]
    joint, unexplained = np.ones(len(positions)), np.ones(len(positions))
    if len(named) > number("scheme", "most_names"):
        parts = [_mention_terms(mention, clue, positions, countries, world) for mention in named]
        joint, unexplained = np.mean([part[0] for part in parts], axis=0), np.mean([part[1] for part in parts], axis=0)
    else:
        for mention in named:
            likelihood, nothing = _mention_terms(mention, clue, positions, countries, world)
            joint, unexplained = joint * likelihood, unexplained * nothing
    if clue.routes:
        refs = frozenset(clue.routes)
        near = world.near_route(refs, positions)
        if np.isfinite(near).any():
            other = number("route", "elsewhere")
            joint = joint * ((1 - other) * scale(on_route(world.carrying(refs), positions, near), positions) + other)
            unexplained = unexplained * other
    explained = (1 - plate_error) * np.maximum(joint - unexplained, 0.0)
    return PlateTerms((1 - plate_error) * joint + plate_error, explained)


def _mention_terms(
    mention: Mention, clue: Clue, positions: Positions, countries: Names, world: World
) -> tuple[Floats, float]:
    """Give the likelihood of one name, and the part of it in which it names no place."""
    error = number("sign_error", "entry")
    side = spelling(mention.name, countries) * _country_weight(clue.country, countries)
    true = np.zeros(len(positions))
    named = sightings(mention, clue.kind)
    for probability, sighting in named:
        latin = romanised(mention.name, sighting.place, countries)
        true = true + probability * latin * sight(sighting, positions, world)
    nothing = error + (1 - error) * (1 - sum(probability for probability, _ in named))
    return (1 - error) * true * side + nothing, nothing


def _country_weight(country: str, countries: Names) -> Floats:
    inside = countries == country
    return np.where(inside, 1.0, number("country", "outside")) if country else np.ones(len(inside))


def bearers(belief: Belief, clue: Clue, world: World) -> list[list[tuple[Match, float]]]:
    """Say, for each name on a plate, how probable each of its bearers is after all clues have spoken."""
    result = []
    for mention in clue.mentions:
        shares = []
        for match in likely(mention):
            sighting = Sighting(match.place, clue.kind, mention.km)
            fit = sight(sighting, belief.positions, world)
            shares.append((match, match.probability * float(belief.posterior @ fit)))
        # A name that is no place says nothing: its likelihood is one everywhere.
        rest = number("sign_error", "entry") + mention.matches.none
        total = sum(share for _, share in shares) + rest
        result.append([(match, share / total) for match, share in shares])
    return result
