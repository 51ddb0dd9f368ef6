"""Search: a text that was read somewhere -> a probability for every place it may name, and for none of them.

A noisy channel. A sign names a place with a probability that grows with the place's size; the name is read with the
errors that `gazetteer.channel` prices; and what is read may be no listed name at all. That last outcome has a
likelihood of its own: a string of that length by chance, a name that is not listed, or one of the words that signs and
shops carry, with the same errors. So short strings, poor fits and shop words are left to "none of these", and no
threshold is needed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from rapidfuzz.distance import Levenshtein

from gazetteer import phrases
from gazetteer.channel import HOPELESS, edit_cost, name_cost
from gazetteer.index import Index
from gazetteer.names import MAX_LENGTH, key, one_script, plain, script
from gazetteer.places import KINDS
from gazetteer.tables import DERIVED, Array, Tables

PRIOR_NAME = 0.4
"""Probability that a line handed to the search names a place at all."""

LETTER_NATS, WORD_NATS, WIDE_LETTER_NATS = 2.3, 4.0, 5.0
"""Surprise of a chance letter, of a chance word beside its letters, and of a letter of a script of many signs."""

NOVEL_NATS = 18.0
"""Surprise of one name or word that is in no table, however long: a street, a firm, a hamlet."""

COMMON_WORD_NATS = 7.0
"""Surprise of one word of the table of common words."""

FLOOR = 0.02
"""Least probability of none: a hotel, a dish, a street or a slogan may carry the best known name."""

OTHER_COUNTRY = 0.01
"""Weight of places outside the country that the researcher vouches for."""

FOREIGN_SCRIPT, SECOND_SCRIPT = 0.05, 0.5
"""Weight of a place whose country does not write signs in the text's script, or writes them in it beside its own."""

LEAST_TAIL, TAIL_NATS = 7, 5.0
"""Letters that the last words of a longer name must have to be taken for it, and the cost of doing so."""

FOREIGN_SPELLING_NATS = 1.5
"""Cost of a Latin spelling other than the local one, in countries that write Latin letters: Esene for Essen."""

HINT_NATS = 2.0
"""Cost of a kind of place that the word in front of the name (с., м., ст.) does not stand for."""

PREFIX_NATS = 2.5
"""How much less often such a word stands before something that is no place."""

_HINTED = {"village": ("village", "other"), "town": ("town", "village"), "city": ("city", "town"),
           "station": ("station", "city", "town", "village", "other")}  # fmt: skip

OTHER_AGREES, OTHER_GAIN = 0.85, 8.0
"""Trust in the second script of a sign, and the most nats that its agreement adds."""

CYRILLIC_COUNTRIES = frozenset([
    "UA", "BY", "RU", "BG", "RS", "MK", "ME", "BA", "XK", "KZ", "KG", "MN", "TJ", "UZ", "MD",
])  # fmt: skip

_EDITS = ((2, 0), (5, 1), (9, 2))
_LONG_EDITS = 3
_POPULATION_POWER = 0.7
_LEAST_POPULATION = {
    "village": 300, "town": 3000, "city": 50_000, "district": 50_000, "oblast": 1_000_000, "country": 5_000_000,
    "station": 150, "crossing": 300, "other": 150,
}  # fmt: skip
_MOST_POPULATION = 20_000_000
_OTHER_WEIGHT = 0.2
"""Parts of cities and abandoned settlements stand on fewer signs than their inhabitants suggest."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A place's row with the likelihood of the text given it."""

    log_likelihood: float
    name: str
    note: str


@dataclass(frozen=True, slots=True)
class Posterior:
    """Rows of places with their best names and probabilities, most probable first, and the probability of none."""

    rows: tuple[tuple[int, str, float], ...]
    none: float
    notes: Mapping[str, str]


def allowed_edits(wanted: str) -> int:
    """Give the edits within which the keys near a key are looked at."""
    return next((edits for length, edits in _EDITS if len(wanted) <= length), _LONG_EDITS)


def log_sum(values: Sequence[float]) -> float:
    """Give the logarithm of a sum of exponentials.

    Examples
    --------
    >>> round(log_sum([math.log(0.25), math.log(0.5)]), 6) == round(math.log(0.75), 6)
    True
    """
    top = max(values, default=-math.inf)
    return top if math.isinf(top) else top + math.log(sum(math.exp(value - top) for value in values))


class Searcher:
    """Searches one gazetteer.

    Parameters
    ----------
    tables
        The gazetteer's columns.
    common_words
        Words that signs and shops carry and that are no evidence of a place, with the reason for each.
    """

    def __init__(self, tables: Tables, common_words: Mapping[str, str]) -> None:
        self._tables = tables
        self.index = Index(tables)
        self._log_prior = _log_prior(tables)
        self._common = {plain(word): reason for word, reason in common_words.items()}
        self._cyrillic = np.array([code in CYRILLIC_COUNTRIES for code in tables.countries])

    def search(self, text: str, alternatives: Sequence[tuple[str, float]], other: str, country: str) -> Posterior:
        """Give the distribution over places for a text; see `gazetteer.Gazetteer.search`."""
        readings = _mixture(text, alternatives)
        fits = [(math.log(weight), self._fits(reading), self._noise(reading)) for reading, weight in readings]
        noise = log_sum([weight + noise for weight, _, noise in fits]) + math.log(1 - PRIOR_NAME)
        best: dict[int, Hit] = {}
        parts: dict[int, list[float]] = {}
        for weight, hits, _ in fits:
            for row, hit in hits.items():
                parts.setdefault(row, []).append(weight + hit.log_likelihood)
                if row not in best or weight + hit.log_likelihood > best[row].log_likelihood:
                    best[row] = Hit(weight + hit.log_likelihood, hit.name, hit.note)
        likelihood = {row: log_sum(values) for row, values in parts.items()}
        if other.strip():
            self._second_script(other[: 2 * MAX_LENGTH], likelihood, best)
            noise = log_sum([noise, math.log(1 - PRIOR_NAME) - NOVEL_NATS + self._novel_gain(text, other)])
        if not likelihood:
            return Posterior((), 1.0, MappingProxyType(self._word_note(text)))
        rows = np.fromiter(likelihood, dtype=np.int64)
        scores = np.fromiter(likelihood.values(), dtype=float) + math.log(PRIOR_NAME) + self._log_prior[rows]
        scores += self._context(rows, text, country)
        return self._posterior(rows, scores, noise, best, text)

    def _posterior(self, rows: Array, scores: Array, noise: float, best: Mapping[int, Hit], text: str) -> Posterior:
        top = max(float(scores.max()), noise)
        weights, none_weight = np.exp(scores - top), math.exp(noise - top)
        total = float(weights.sum())
        none = max(none_weight / (total + none_weight), FLOOR)
        # Bearers of one name come in a stable order: the larger first, then by row.
        order = sorted(range(len(rows)), key=lambda at: (-weights[at], rows[at]))
        share = (1 - none) / total if total > 0 else 0.0
        ranked = tuple((int(rows[at]), best[int(rows[at])].name, float(weights[at]) * share) for at in order)
        notes = self._word_note(text)
        if ranked and best[ranked[0][0]].note:
            notes["read as"] = best[ranked[0][0]].note
        return Posterior(ranked, none, MappingProxyType(notes))

    def _word_note(self, text: str) -> dict[str, str]:
        reasons = {self._common[form] for form in one_script(plain(text)) if form in self._common}
        return {"common word": ", ".join(sorted(reasons))} if reasons else {}

    def _fits(self, text: str) -> dict[int, Hit]:
        """Give the places near a text with the likelihood of the text for each."""
        hits: dict[int, Hit] = {}
        for phrase in phrases.readings(text):
            for form in one_script(phrase.text):
                if phrase.abbreviated:
                    self._add_abbreviated(hits, phrase, form)
                else:
                    edits = 0 if phrase.exact else allowed_edits(key(form))
                    self._add_near(hits, phrase, form, edits)
            if not phrase.cost:
                self._add_tails(hits, phrase)
        return hits

    def _add_near(self, hits: dict[int, Hit], phrase: phrases.Phrase, form: str, edits: int) -> None:
        costs: dict[tuple[str, bool], float] = {}
        for key_row, _ in self.index.near(key(form), edits):
            for name_row in self.index.names_of(key_row):
                name, derived = self.index.name(name_row), bool(self._tables.name_flags[name_row] & DERIVED)
                folded = plain(name)
                cost = costs.get((folded, derived))
                if cost is None:
                    cost = costs[folded, derived] = name_cost(form, folded, derived=derived)
                if cost < HOPELESS:
                    self._add(hits, name_row, Hit(-cost - phrase.cost, name, phrase.note), phrase)

    def _add_abbreviated(self, hits: dict[int, Hit], phrase: phrases.Phrase, form: str) -> None:
        heads = phrases.UNDOTTED_SHORT.get(phrase.abbreviated) or one_script(phrase.abbreviated)
        for head in heads:
            for key_row in self.index.ending(key(head)[:1], key(form)):
                for name_row in self.index.names_of(key_row):
                    name = self.index.name(name_row)
                    words = plain(name).split(" ", 1)
                    if len(words) == 2 and words[0].startswith(head) and words[0] != phrase.abbreviated:
                        cost = name_cost(form, words[1]) + phrase.cost
                        if cost < HOPELESS:
                            self._add(hits, name_row, Hit(-cost, name, phrase.note), phrase)

    def _add_tails(self, hits: dict[int, Hit], phrase: phrases.Phrase) -> None:
        """Add names of several words that end with the text: signs and steles often set them on two lines."""
        if len(phrase.text) < LEAST_TAIL:
            return
        for form in one_script(phrase.text):
            for key_row in self.index.ending("", key(form)):
                for name_row in self.index.names_of(key_row):
                    name = self.index.name(name_row)
                    if plain(name).endswith(" " + form):
                        self._add(hits, name_row, Hit(-TAIL_NATS, name, "the last words of a longer name"), phrase)

    def _add(self, hits: dict[int, Hit], name_row: int, hit: Hit, phrase: phrases.Phrase) -> None:
        row = int(self._tables.name_place[name_row])
        if self._foreign_spelling(name_row, row, hit.name):
            hit = replace(hit, log_likelihood=hit.log_likelihood - FOREIGN_SPELLING_NATS)
        kind = KINDS[self._tables.kind[row]]
        if phrase.kinds and kind not in phrase.kinds:
            return
        if phrase.hint and kind not in _HINTED[phrase.hint]:
            hit = replace(hit, log_likelihood=hit.log_likelihood - HINT_NATS)
        known = hits.get(row)
        if known is None or hit.log_likelihood > known.log_likelihood:
            hits[row] = hit

    def _foreign_spelling(self, name_row: int, row: int, name: str) -> bool:
        """Whether a spelling is one that the signs of its own, Latin-writing country do not carry."""
        local = bool(self._tables.name_flags[name_row]) or bool(self._cyrillic[self._tables.country[row]])
        return not local and script(name) == "latin"

    def _second_script(self, other: str, likelihood: dict[int, float], best: dict[int, Hit]) -> None:
        """Weigh in the same name in the sign's other script: lifts a place that fits, costs others a little."""
        fits, surprise = self._fits(other), min(-self._noise(other), OTHER_GAIN)
        for row in likelihood:
            agrees = fits[row].log_likelihood + surprise if row in fits else -math.inf
            likelihood[row] += log_sum([math.log(OTHER_AGREES) + agrees, math.log(1 - OTHER_AGREES)])
        unread = -HOPELESS - LETTER_NATS
        for row, hit in fits.items():
            # The first script may be unreadable where the second is clear.
            if row not in likelihood and hit.log_likelihood > -1.0:
                likelihood[row] = unread + OTHER_GAIN
                best[row] = Hit(unread, hit.name, "only the second script fits")

    def _novel_gain(self, text: str, other: str) -> float:
        """Weigh in the second script for a place that is not listed: its two spellings agree as a listed one's do."""
        first, second = plain(text[: 2 * MAX_LENGTH]), plain(other[: 2 * MAX_LENGTH])
        return min(-self._noise(other), OTHER_GAIN) - name_cost(second, first, derived=True)

    def _context(self, rows: Array, text: str, country: str) -> Array:
        """Give the log-weights of places by their country's script and by the country that is vouched for."""
        tables = self._tables
        weights = np.zeros(len(rows))
        home = self._cyrillic[tables.country[rows]]
        area = tables.kind[rows] == KINDS.index("country")
        if script(text) == "cyrillic":
            weights += np.where(home | area, 0.0, math.log(FOREIGN_SCRIPT))
        elif script(text) == "latin":
            weights += np.where(home, math.log(SECOND_SCRIPT), 0.0)
        if country:
            codes = np.array(tables.countries)[tables.country[rows]]
            weights += np.where(codes == country.upper(), 0.0, math.log(OTHER_COUNTRY))
        return weights

    def _noise(self, text: str) -> float:
        """Give the log-likelihood of a text where no listed place is named, over the ways to read it."""
        ways = [phrase for phrase in phrases.readings(text) if not phrase.exact and not phrase.abbreviated]
        return log_sum([self._word_noise(way.text, bool(way.hint)) - way.cost for way in ways] or [0.0])

    def _word_noise(self, folded: str, prefixed: bool) -> float:
        letters = sum(char.isalnum() for char in folded)
        nats = WIDE_LETTER_NATS if script(folded) == "other" else LETTER_NATS
        words = [
            -COMMON_WORD_NATS - edit_cost(form, word)
            for form in one_script(folded)
            for word in self._common
            if abs(len(word) - len(form)) <= 2 and Levenshtein.distance(form, word, score_cutoff=2) <= 2
        ]
        no_place = log_sum([-WORD_NATS - nats * letters, *words]) - (PREFIX_NATS if prefixed else 0.0)
        # Names that are not listed may be places too, and carry such a word as often.
        return log_sum([no_place, -NOVEL_NATS])


def _mixture(text: str, alternatives: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
    """Give the texts to look up with weights that sum to one; without alternatives the text alone."""
    weights: dict[str, float] = {}
    for reading, probability in alternatives:
        if math.isfinite(probability) and probability > 0 and reading.strip():
            spot = reading[: 2 * MAX_LENGTH]
            weights[spot] = weights.get(spot, 0.0) + probability
    text = text[: 2 * MAX_LENGTH]
    if text not in weights:
        # Alternatives that leave the text out share what the text itself leaves over.
        weights[text] = max(1.0 - sum(weights.values()), 0.5)
    total = sum(weights.values())
    ranked = sorted(((reading, weight / total) for reading, weight in weights.items()), key=lambda pair: -pair[1])
    return ranked[:8]


def _log_prior(tables: Tables) -> Array:
    least = np.array([_LEAST_POPULATION[kind] for kind in KINDS], dtype=float)[tables.kind]
    weight = np.clip(tables.population, least, _MOST_POPULATION) ** _POPULATION_POWER
    weight[tables.kind == KINDS.index("other")] *= _OTHER_WEIGHT
    result: Array = np.log(weight / weight.sum())
    return result
