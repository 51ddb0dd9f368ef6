"""How probable a text is where it names no listed place: chance letters, an unlisted name, a word of shops."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from gazetteer import phrases
from gazetteer.channel import edit_costs
from gazetteer.names import one_script, plain, script
from gazetteer.spelling_model import SpellingModel

LETTER_NATS, WORD_NATS, WIDE_LETTER_NATS = 2.3, 4.0, 5.0
"""Surprise of a chance letter, of a chance word beside its letters, and of a letter of a script of many signs."""

NOVEL_NATS, MOST_NOVEL_NATS = 2.0, 22.0
"""Surprise of an unlisted name beside that of its letters: a street, a firm, a hamlet; and the most that it is, however
long the name and odd its letters."""

COMMON_WORD_NATS = 7.0
"""Surprise of one word of the table of common words."""

AS_LISTED, LISTED_LETTERS, LISTED_NATS = 1.0, 4, 4.0
"""A text that costs a listed name less than these nats, has so many letters and is no common word, is spelt as listed:
what is not listed is seldom spelt so by chance, and its likelihood sinks by so many nats. Fitted as the powers of
`gazetteer.posterior` are. Three letters are left out, a judgement: counted in, BOX, RED and ТОК would be places with
probabilities of 0.62 to 0.74, and so would many a torn piece of a line, of which the benchmark has none. It costs what
the benchmark calls "none at 1 % false alarms" on clean names, 0.4 % of which have three letters: 0.87 to 0.93 from draw
to draw, 0.96 on names of four letters and more. With a list of three-letter words instead of all three-letter texts it
would be 0.94."""

PREFIX_NATS = 2.5
"""How much less often a word for a kind of place (с., м., ст.) stands before something that is no place."""


def log_sum(values: Sequence[float]) -> float:
    """Give the logarithm of a sum of exponentials.

    Examples
    --------
    >>> round(log_sum([math.log(0.25), math.log(0.5)]), 6) == round(math.log(0.75), 6)
    True
    """
    top = max(values, default=-math.inf)
    return top if math.isinf(top) else top + math.log(sum(math.exp(value - top) for value in values))


class Noise:
    """Texts that name no listed place.

    Parameters
    ----------
    common_words
        Words that are no evidence of a place, with the reason for each.
    spelling
        How usual texts are as names.
    """

    def __init__(self, common_words: Mapping[str, str], spelling: SpellingModel) -> None:
        self._spelling = spelling
        self._reasons = {plain(word): reason for word, reason in common_words.items()}
        self._words = list(self._reasons)

    def reasons(self, text: str) -> list[str]:
        """Give why a text is no evidence of a place, where it is one of the common words."""
        return sorted({self._reasons[form] for form in one_script(plain(text)) if form in self._reasons})

    def log_likelihood(self, ways: Sequence[phrases.Phrase]) -> float:
        """Give the log-likelihood of a text over the ways to read it."""
        plainly = [way for way in ways if not way.exact and not way.abbreviated]
        return log_sum([self._word(way.text, prefixed=bool(way.hint)) - way.cost for way in plainly] or [0.0])

    def spelt_as_listed(self, text: str, best: float) -> float:
        """Give by how many nats the likelihood of a text sinks because a listed name is spelt so.

        Parameters
        ----------
        text
            What was read.
        best
            Log-likelihood of the text for the listed name that it fits best.
        """
        letters = sum(map(str.isalnum, text))
        return 0.0 if best <= -AS_LISTED or letters < LISTED_LETTERS or self.reasons(text) else LISTED_NATS

    def _word(self, folded: str, *, prefixed: bool) -> float:
        letters = sum(map(str.isalnum, folded))
        nats = WIDE_LETTER_NATS if script(folded) == "other" else LETTER_NATS
        ways = [-WORD_NATS - nats * letters]
        forms = one_script(folded)
        away = cdist(forms, self._words, scorer=Levenshtein.distance, score_cutoff=2, dtype=np.uint8)
        for form, row in zip(forms, away, strict=True):
            near = np.flatnonzero(row <= 2).tolist()
            if near:
                ways += (-COMMON_WORD_NATS - edit_costs(form, [self._words[at] for at in near])).tolist()
        no_place = log_sum(ways) - (PREFIX_NATS if prefixed else 0.0)
        # Names that are not listed may be places too, and carry such a word as often.
        return log_sum([no_place, self.unlisted(folded)])

    def unlisted(self, folded: str) -> float:
        """Give the log-likelihood of a text as a name that is not listed."""
        ways = [self._spelling.log_probability(form, signs=script(form) == "other") for form in one_script(folded)]
        return log_sum([max(ways, default=0.0) - NOVEL_NATS, -MOST_NOVEL_NATS])
