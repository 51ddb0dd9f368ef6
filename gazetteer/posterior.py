"""From the places that a text fits to probabilities: what may have been read is summed over, none of them included."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from gazetteer.archive import Array
from gazetteer.names import MAX_LENGTH

TEMPER, NONE_TEMPER = 0.8, 0.6
"""Powers that the weights of places beside each other, and of all of them beside none, are taken to: errors of one line
come together, so evidence counts for less than its product. Fitted to misread names that are kept for it
(``benchmarks/gazetteer_lookup.py --tuning``: of steps of a tenth, those with about the least calibration error); the
benchmark reports on others."""

FLOOR = 0.02
"""Least probability of none: a hotel, a dish, a street or a slogan may carry the best known name."""

MOST_DOUBT = 500.0
"""Log-odds beyond this are not told apart."""


@dataclass(frozen=True, slots=True)
class Hits:
    """Places that a text may name, each once: rows in ascending order, log-likelihoods, best names and notes."""

    places: Array
    nats: Array
    names: Array
    notes: Array


@dataclass(frozen=True, slots=True)
class Posterior:
    """Rows of places with the rows of their best names and their probabilities, most probable first.

    Attributes
    ----------
    none
        Probability of no listed place.
    """

    places: Array
    names: Array
    probabilities: Array
    none: float
    notes: Mapping[str, str]


NOWHERE = Hits(*(np.empty(0, dtype=kind) for kind in (np.int64, np.float64, np.int64, object)))


def posterior(hits: Hits, nats: Array, noise: float, notes: dict[str, str]) -> Posterior:
    """Give the distribution over places and none of them, from log-weights of each and of noise."""
    top = float(nats.max())
    weights = np.exp(TEMPER * (nats - top))
    total = float(weights.sum())
    together = top + math.log(float(np.exp(nats - top).sum()))
    doubt = min(max(NONE_TEMPER * (noise - together), -MOST_DOUBT), MOST_DOUBT)
    none = max(1.0 / (1.0 + math.exp(-doubt)), FLOOR)
    # Bearers of one name come in a stable order: the larger first, then by row.
    order = np.argsort(-weights, kind="stable")
    if hits.notes[order[0]]:
        notes["read as"] = hits.notes[order[0]]
    probabilities = weights[order] * ((1 - none) / total)
    return Posterior(hits.places[order], hits.names[order], probabilities, none, MappingProxyType(notes))


def mixed(hits: Sequence[tuple[float, Hits]]) -> Hits:
    """Sum the likelihoods over what may have been read; a place's name is the one that fits best."""
    if len(hits) == 1:
        return hits[0][1]
    places = np.concatenate([one.places for _, one in hits])
    if not len(places):
        return NOWHERE
    nats = np.concatenate([weight + one.nats for weight, one in hits])
    order = np.lexsort((-nats, places))
    places, nats = places[order], nats[order]
    first = np.flatnonzero(np.concatenate(([True], places[1:] != places[:-1])))
    return Hits(
        places[first],
        np.logaddexp.reduceat(nats, first),
        np.concatenate([one.names for _, one in hits])[order][first],
        np.concatenate([one.notes for _, one in hits])[order][first],
    )


def mixture(text: str, alternatives: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
    """Give the texts to look up with weights that sum to one; without alternatives the text alone."""
    weights: dict[str, float] = {}
    for reading, probability in alternatives:
        if math.isfinite(probability) and probability > 0 and reading.strip():
            spot = reading[: 2 * MAX_LENGTH]
            weights[spot] = weights.get(spot, 0.0) + probability
    if text not in weights:
        # Alternatives that leave the text out share what the text itself leaves over.
        weights[text] = max(1.0 - sum(weights.values()), 0.5)
    total = sum(weights.values())
    ranked = sorted(((reading, weight / total) for reading, weight in weights.items()), key=lambda pair: -pair[1])
    return ranked[:8]
