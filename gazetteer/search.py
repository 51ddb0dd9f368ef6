"""Search: a text that was read somewhere -> a probability for every place it may name, and for none of them.

A noisy channel. A sign names a place with a probability that grows with the place's size; the name is read with the
errors that `gazetteer.channel` prices; and what is read may be no listed name at all. That last outcome has a
likelihood of its own (`gazetteer.noise`). So short strings, poor fits and shop words are left to "none of these", and
no threshold is needed. Candidates are scored together, as columns: nothing here runs once per name.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from gazetteer import phrases
from gazetteer.archive import Array
from gazetteer.channel import (
    CYRILLIZED,
    DERIVED_NATS,
    HOPELESS,
    KEY_ONLY,
    KEY_ONLY_OTHER,
    LONGER_SPELLING,
    ROMANIZED,
    Channel,
    edit_costs,
    name_cost,
    romanisations,
)
from gazetteer.filing import Filing, allowed_edits
from gazetteer.index import Index
from gazetteer.lexicon import MARKLESS, SCRIPTS, Lexicon, spans
from gazetteer.names import LATIN_TO_CYRILLIC, MAX_LENGTH, base, key, keys_of, one_script, plain, script
from gazetteer.noise import LETTER_NATS, Noise, log_sum
from gazetteer.places import KINDS
from gazetteer.posterior import NOWHERE, Hits, Posterior, mixed, mixture, posterior
from gazetteer.prior import Prior
from gazetteer.region import Region
from gazetteer.spelling_model import SpellingModel
from gazetteer.tables import DERIVED, MAIN, Tables

Score = Callable[[Sequence[str]], Array]
"""Gives the log-likelihoods of what a reader saw, one for each text that it may have been."""

PRIOR_NAME = 0.4
"""Probability that a line handed to the search names a place at all."""

LEAST_TAIL, TAIL_NATS = 7, 5.0
"""Letters that the last words of a longer name must have to be taken for it, and the cost of doing so."""

FOREIGN_SPELLING_NATS = 1.5
"""Cost of a Latin spelling other than the local one, in countries that write Latin letters: Esene for Essen."""

LEAST_ALIKE, SURE_NATS, LOST_NATS = 5, 5.9, 11.0
"""Letters from which on names that share groups of letters are looked at, unless one was found within these nats, fewer
than a name of the same sound costs (Fava for фиоово, where Фирово was misread: `channel.KEY_ONLY_OTHER`); and
how poor all that was found must be for every name of roughly these letters to be looked at."""

HINT_NATS = 2.0
"""Cost of a kind of place that the word in front of the name (с., м., ст.) does not stand for."""

_HINTED = {"village": ("village", "other"), "town": ("town", "village"), "city": ("city", "town"),
           "station": ("station", "city", "town", "village", "other")}  # fmt: skip

OTHER_AGREES, OTHER_GAIN = 0.85, 8.0
"""Trust in the second script of a sign, and the most nats that its agreement adds."""

IMPOSSIBLE = -1e6
"""Log-likelihood in place of minus infinity, which differences cannot bear."""

UNREAD_NATS = -18.0
"""Log-likelihood of a text for a place that only the sign's second script fits."""

SPELT_OTHERWISE_NATS, MOST_SCORED, MOST_GAIN = 2.0, 200, 2.0
"""Cost of a spelling that the reader did not see but people may have painted; how many texts a reader is asked about;
and how far one of them may surpass the text that was read."""

_LATIN, _CYRILLIC, _ROMANISED = (SCRIPTS.index(name) for name in ("latin", "cyrillic", "romanised"))


@dataclass(frozen=True, slots=True)
class Found:
    """Forms that fit a text read in one way, with what that costs in nats."""

    forms: Array
    costs: Array
    phrase: phrases.Phrase
    text: str
    note: str = ""


class Searcher:
    """Searches one gazetteer.

    Parameters
    ----------
    tables
        The gazetteer's columns.
    lexicon, filing
        Its index.
    common_words
        Words that signs and shops carry and that are no evidence of a place, with the reason for each.
    """

    def __init__(self, tables: Tables, lexicon: Lexicon, filing: Filing, common_words: Mapping[str, str]) -> None:
        self._tables = tables
        self._lexicon = lexicon
        self._prior = Prior(tables)
        self._index = Index(lexicon, filing, _key_weights(lexicon, self._prior.size))
        self._channel = Channel(lexicon.alphabet)
        self._noise = Noise(common_words, SpellingModel(lexicon.alphabet, filing.run, filing.run_times))

    def search(
        self,
        text: str,
        alternatives: Sequence[tuple[str, float]] = (),
        other: str = "",
        country: str = "",
        score: Score | None = None,
        region: Region | None = None,
    ) -> Posterior:
        """Give the distribution over places for a text; see `gazetteer.Gazetteer.search`."""
        text, other = text[: 2 * MAX_LENGTH], other[: 2 * MAX_LENGTH]
        readings = [(text, 1.0)] if score else mixture(text, alternatives)
        hits, noises = [], []
        for reading, weight in readings:
            ways = phrases.readings(reading)
            hits.append((math.log(weight), self._hits(list(self._found(ways)), reading, score)))
            noises.append(math.log(weight) + self._noise.log_likelihood(ways))
        merged = mixed(hits)
        best = float(merged.nats.max(initial=-HOPELESS))
        noise = log_sum(noises)
        if other.strip():
            merged = self._second_script(other, merged)
            noise = log_sum([noise, self._noise.unlisted(plain(text)) + self._novel_gain(text, other)])
        noise += math.log(1 - PRIOR_NAME) - self._noise.spelt_as_listed(text, best)
        reasons = self._noise.reasons(text)
        notes = {"common word": ", ".join(reasons)} if reasons else {}
        if not len(merged.places):
            nothing = np.empty(0, dtype=np.int64)
            return Posterior(nothing, nothing, np.empty(0), 1.0, MappingProxyType(notes))
        nats = merged.nats + self._prior.size[merged.places] + math.log(PRIOR_NAME)
        nats += self._prior.context(merged.places, text, country, region)
        return posterior(merged, nats, noise, notes)

    def costs_of_all(self, text: str) -> tuple[Array, Array]:
        """Score every form by brute force: what a search approximates by looking at candidates alone.

        Returns
        -------
        Places in ascending order, and the logarithms of likelihood times prior.
        """
        ways = [way for way in phrases.readings(text) if not way.exact and not way.abbreviated]
        everything = np.arange(len(self._lexicon.form_script))
        keys = np.searchsorted(self._lexicon.key_form, everything, side="right") - 1
        found = []
        for way in ways:
            for form in one_script(way.text):
                own = int(self._index.exact([key(form)])[0]) if len(self._index.exact([key(form)])) else -1
                away = np.where(keys == own, 0, 1)
                parts = np.array_split(everything, max(1, len(everything) // 20_000))
                found += [Found(part, self._costs(form, part, away[part]), way, form) for part in parts]
        hits = self._hits(found, text, None)
        return hits.places, hits.nats + self._prior.size[hits.places] + self._prior.context(hits.places, text, "", None)

    def _found(self, ways: Sequence[phrases.Phrase]) -> Iterator[Found]:
        """Look the ways to read a text up."""
        declined = [way for way in ways if way.exact]
        if declined:
            yield from self._declined(declined)
        for way in ways:
            if way.exact:
                continue
            for form in one_script(way.text):
                if way.abbreviated:
                    yield from self._abbreviated(way, form)
                    continue
                wanted = key(form)
                keys, away = self._index.near(wanted, allowed_edits(form))
                first, end = self._lexicon.key_form[keys], self._lexicon.key_form[keys + 1]
                forms = spans(first, end)
                costs = self._costs(form, forms, np.repeat(away, end - first))
                yield Found(forms, costs, way, form)
                if len(form) >= LEAST_ALIKE and costs.min(initial=HOPELESS) > SURE_NATS:
                    forms = self._index.alike(form, len(wanted))
                    likest = self._costs(form, forms, np.ones(len(forms)))
                    yield Found(forms, likest, way, form)
                    if min(costs.min(initial=HOPELESS), likest.min(initial=HOPELESS)) > LOST_NATS:
                        forms = self._lexicon.forms_of(self._index.rough(wanted))
                        yield Found(forms, self._costs(form, forms, np.ones(len(forms))), way, form)
                if not way.cost and len(form) >= LEAST_TAIL:
                    yield from self._tails(way, form)

    def _costs(self, text: str, forms: Array, away: Array) -> Array:
        """Give the costs of a text for forms, of which the keys are some edits away from its own."""
        costs = np.full(len(forms), HOPELESS, dtype=np.float32)
        if not len(forms):
            return costs
        scripts, written = self._lexicon.form_script[forms], script(text)
        if written == "latin":
            same = (scripts == _LATIN) | (scripts == _ROMANISED)
        else:
            same = scripts == SCRIPTS.index(written)
        own = forms[same]
        if len(own):
            letters, lengths = self._lexicon.letters_of(own)
            costs[same] = self._channel.costs(text, letters, lengths)
        sizes = self._lexicon.form_start[forms + 1] - self._lexicon.form_start[forms]
        # Two spellings of one sound, such as Czernihów: the keys agree where no single standard does.
        sound = (away == 0) & (np.maximum(sizes, len(text)) <= LONGER_SPELLING * np.minimum(sizes, len(text)))
        if written == "latin":
            costs[sound & same] = np.minimum(costs[sound & same], KEY_ONLY_OTHER)
            costs[sound & (scripts == _CYRILLIC)] = KEY_ONLY
        elif written == "cyrillic":
            # A Latin name is only taken for a Cyrillic text where the two sound alike.
            foreign = np.flatnonzero((scripts == _LATIN) & sound)
            spelt = romanisations(text) if len(foreign) else ()
            for at in foreign.tolist():
                costs[at] = CYRILLIZED if base(self._lexicon.form(int(forms[at]))) in spelt else KEY_ONLY_OTHER
        return costs

    def _declined(self, ways: Sequence[phrases.Phrase]) -> Iterator[Found]:
        """Look names up that an ending was taken off: only as they are, for guesses are not to be stretched further."""
        # Endings are Cyrillic, so what look-alikes there are before them are, too.
        texts = [way.text.translate(LATIN_TO_CYRILLIC) for way in ways]
        keys = self._index.exact(keys_of(texts))
        if not len(keys):
            return
        forms = self._lexicon.forms_of(np.unique(keys))
        spelt: dict[str, list[int]] = {}
        for row in forms.tolist():
            spelt.setdefault(base(self._lexicon.form(row)), []).append(row)
        for way, text in zip(ways, texts, strict=True):
            rows = spelt.get(base(text))
            if rows:
                yield Found(np.array(rows), np.zeros(len(rows), dtype=np.float32), way, text)

    def _abbreviated(self, way: phrases.Phrase, form: str) -> Iterator[Found]:
        """Look a name up whose first word is cut short."""
        heads = phrases.UNDOTTED_SHORT.get(way.abbreviated) or one_script(way.abbreviated)
        rows = self._index.ending(key(form))
        words = [self._lexicon.form(row).split(" ", 1) for row in rows.tolist()]
        fitting = [
            at
            for at, (first, rest) in enumerate(words)
            if first != way.abbreviated and first.startswith(tuple(heads)) and script(rest) == script(form)
        ]
        if fitting:
            yield Found(rows[fitting], edit_costs(form, [words[at][1] for at in fitting]), way, form)

    def _tails(self, way: phrases.Phrase, form: str) -> Iterator[Found]:
        """Look up names of several words that end with the text: signs and steles often set them on two lines."""
        rows = [row for row in self._index.ending(key(form)).tolist() if self._lexicon.form(row).endswith(" " + form)]
        if rows:
            costs = np.full(len(rows), TAIL_NATS, dtype=np.float32)
            yield Found(np.array(rows), costs, way, form, "the last words of a longer name")

    def _hits(self, found: Sequence[Found], text: str, score: Score | None) -> Hits:
        """Give the places that bear the forms found, each with its best."""
        if score is not None:
            found = self._scored(found, text, score)
        parts = [self._bearers(one) for one in found]
        parts = [part for part in parts if len(part[0])]
        if not parts:
            return NOWHERE
        places, costs, names = (np.concatenate(columns) for columns in zip(*(part[:3] for part in parts), strict=True))
        notes = np.array([part[3] for part in parts], dtype=object)
        origin = np.repeat(np.arange(len(parts)), [len(part[0]) for part in parts])
        order = np.argsort(costs, kind="stable")
        rows, first = np.unique(places[order], return_index=True)
        best = order[first]
        return Hits(rows, -costs[best].astype(float), names[best], notes[origin[best]])

    def _bearers(self, found: Found) -> tuple[Array, Array, Array, str]:
        """Give places, costs and names of the forms found, and the note on how they were read."""
        lexicon, phrase = self._lexicon, found.phrase
        good = found.costs < HOPELESS
        forms, costs = found.forms[good], found.costs[good] + phrase.cost
        first, end = lexicon.form_bearer[forms], lexicon.form_bearer[forms + 1]
        bearers = spans(first, end)
        costs, forms = np.repeat(costs, end - first), np.repeat(forms, end - first)
        flags, places = lexicon.bearer_flags[bearers], lexicon.bearer_place[bearers]
        costs = costs + DERIVED_NATS * (flags & DERIVED > 0) + ROMANIZED * (flags & MARKLESS > 0)
        local = (flags & (7 | MAIN) > 0) | self._prior.home[places] | (lexicon.form_script[forms] != _LATIN)
        costs += FOREIGN_SPELLING_NATS * ~local
        keep = np.ones(len(bearers), dtype=bool)
        if phrase.kinds:
            keep = np.isin(self._tables.kind[places], [KINDS.index(kind) for kind in phrase.kinds])
        if phrase.hint:
            meant = [KINDS.index(kind) for kind in _HINTED[phrase.hint]]
            costs += HINT_NATS * ~np.isin(self._tables.kind[places], meant)
        if script(found.text) != "latin":
            keep &= flags & MARKLESS == 0
        return places[keep], costs[keep], lexicon.bearer_name[bearers[keep]], found.note or phrase.note

    def _scored(self, found: Sequence[Found], text: str, score: Score) -> list[Found]:
        """Let what a reader saw, rather than the one text that it gave, say how well forms fit."""
        whole = plain(text)
        asked: dict[str, float] = {whole: 0.0}
        cheap = sorted(
            (cost, at, n)
            for at, one in enumerate(found)
            for n, cost in enumerate(one.costs.tolist())
            if cost < HOPELESS
        )
        names: dict[tuple[int, int], str] = {}
        for _, at, n in cheap[:MOST_SCORED]:
            one = found[at]
            form = self._lexicon.form(int(one.forms[n]))
            if script(form) == script(one.text) and not one.phrase.abbreviated and not one.phrase.exact:
                names[at, n] = whole.replace(one.text, form, 1) if one.text in whole else form
                asked[names[at, n]] = 0.0
        seen = np.asarray(score(list(asked)), dtype=float)
        if seen.shape != (len(asked),):
            raise ValueError(f"the reader's score gave {seen.size} numbers for {len(asked)} texts")
        seen = np.nan_to_num(seen, nan=IMPOSSIBLE, neginf=IMPOSSIBLE, posinf=0.0)
        gains = dict(zip(asked, np.clip(seen - seen[0], -HOPELESS, MOST_GAIN).tolist(), strict=True))
        costs = [one.costs.astype(float) for one in found]
        for (at, n), name in names.items():
            spelt = -costs[at][n] - SPELT_OTHERWISE_NATS
            costs[at][n] = -float(np.logaddexp(gains[name], spelt))
        return [Found(one.forms, cost, one.phrase, one.text, one.note) for one, cost in zip(found, costs, strict=True)]

    def _second_script(self, other: str, hits: Hits) -> Hits:
        """Weigh in the same name in the sign's other script: lifts a place that fits, costs others a little."""
        ways = phrases.readings(other)
        also = self._hits(list(self._found(ways)), other, None)
        surprise = min(-self._noise.log_likelihood(ways), OTHER_GAIN)
        agrees = np.full(len(hits.places), -math.inf)
        shared, here, there = np.intersect1d(hits.places, also.places, assume_unique=True, return_indices=True)
        agrees[here] = also.nats[there] + surprise
        nats = hits.nats + np.logaddexp(math.log(OTHER_AGREES) + agrees, math.log(1 - OTHER_AGREES))
        # The first script may be unreadable where the second is clear.
        alone = ~np.isin(also.places, shared) & (also.nats > -1.0)
        unread = UNREAD_NATS + OTHER_GAIN - LETTER_NATS
        places = np.concatenate([hits.places, also.places[alone]])
        order = np.argsort(places)
        return Hits(
            places[order],
            np.concatenate([nats, np.full(int(alone.sum()), unread)])[order],
            np.concatenate([hits.names, also.names[alone]])[order],
            np.concatenate([hits.notes, np.full(int(alone.sum()), "only the second script fits", dtype=object)])[order],
        )

    def _novel_gain(self, text: str, other: str) -> float:
        """Weigh in the second script for a place that is not listed: its two spellings agree as a listed one's do."""
        surprise = min(-self._noise.log_likelihood(phrases.readings(other)), OTHER_GAIN)
        return surprise - name_cost(plain(other), plain(text), derived=True)


def _key_weights(lexicon: Lexicon, log_prior: Array) -> Array:
    """Give the weight of the likeliest bearer of each key."""
    if not len(lexicon.bearer_place):
        return np.zeros(len(lexicon.key_form) - 1, dtype=np.float32)
    first_bearer = lexicon.form_bearer[lexicon.key_form[:-1]]
    weights: Array = np.maximum.reduceat(log_prior[lexicon.bearer_place].astype(np.float32), first_bearer)
    return weights
