"""Candidates for a text: the keys and the forms near it, out of half a million, in about 0.1 ms.

What `gazetteer.filing` files under the same strings is weeded out by counts of letters and by rapidfuzz, or ranked by
the groups of three letters that it shares with the text, rare ones first. Where nothing near is found, all keys of
about the text's length are scanned for the same letters and pairs: names of which every group of three letters is
spoilt (one text in eight at a rate of errors of 10 %, 0.8 ms each). Names among the first ten: .960 without the scan,
.972 with it, .977 since names alike are looked for from five letters. Chosen by measurement: such a scan for every text
took 0.2 to 0.4 ms before any letter was compared; SQLite FTS5 with trigrams and rapidfuzz over a list are measured anew
by ``make bench-gazetteer``.
"""

from __future__ import annotations

import numpy as np
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from gazetteer.archive import Array
from gazetteer.filing import WHOLE, Filing, bits_of, codes_of, exact_hash, gram_codes, variants
from gazetteer.lexicon import Lexicon, spans

NATS_PER_EDIT = 4.5
"""What an edit weighs against a key's weight, where there are too many keys: about what one costs in the channel."""

MOST_FORMS, LENGTH_SLACK = 5_000, 4
"""Forms that are looked at, those of rare groups of letters first; and how much longer or shorter a key may be."""


ROUGH_SLACK = 3
"""How much longer or shorter than the text's a key may be that is only roughly like it."""


class Index:
    """Finds keys.

    Parameters
    ----------
    lexicon, filing
        Of one gazetteer.
    weights
        How welcome each key is, in nats, where many are equally near.
    """

    def __init__(self, lexicon: Lexicon, filing: Filing, weights: Array | None = None) -> None:
        self._lexicon = lexicon
        self._filing = filing
        self._weights = np.zeros(len(lexicon.key_form) - 1, dtype=np.float32) if weights is None else weights
        self._whole_shift = np.uint32(33 - len(filing.whole_start).bit_length())
        self._place = {chr(point): at for at, point in enumerate(lexicon.alphabet.tolist(), start=1)}
        sizes = np.diff(lexicon.key_start.astype(np.int64))
        # Keys, and with them forms, are sorted by their length in bytes.
        self._key_of_size = np.searchsorted(sizes, np.arange(int(sizes.max(initial=1)) + 2))
        self._first_of_size = lexicon.key_form[self._key_of_size]
        self._counts = np.diff(filing.gram_start.astype(np.int64))

    def near(self, wanted: str, edits: int, most: int = 400) -> tuple[Array, Array]:
        """Find the keys within a number of edits of a key.

        Parameters
        ----------
        wanted
            A search key.
        edits
            Most letters inserted, deleted or replaced: up to 2. Keys of more than 9 letters are for `alike`.
        most
            Most keys returned, the nearest and most welcome ones.

        Returns
        -------
        Rows of keys and their edits.
        """
        if not wanted or edits == 0:
            exact = self.exact([wanted])
            return exact, np.zeros(len(exact), dtype=np.uint8)
        if len(wanted) > WHOLE - edits:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.uint8)
        filing, codes = self._filing, codes_of(wanted)
        bucket = variants(codes, edits) >> self._whole_shift
        rows = filing.whole_key[spans(filing.whole_start[bucket], filing.whole_start[bucket + 1])]
        letters, pairs = bits_of(wanted)
        rows = rows[np.bitwise_count(filing.letter_bits[rows] ^ letters) <= 2 * edits]
        rows = rows[np.bitwise_count(filing.pair_bits[rows] ^ pairs) <= 4 * edits]
        rows.sort()
        rows = rows[np.append(True, rows[1:] != rows[:-1])[: len(rows)]]
        away = cdist(
            [wanted], self._lexicon.keys(rows), scorer=Levenshtein.distance, score_cutoff=edits, dtype=np.uint8
        )[0]
        near = np.flatnonzero(away <= edits)
        rows, away = rows[near], away[near]
        order = np.argsort(away * NATS_PER_EDIT - self._weights[rows])[:most]
        return rows[order].astype(np.int64), away[order]

    def grams(self, text: str) -> tuple[Array, Array]:
        """Give the groups of three letters of a text: their rows, and whether they stand there."""
        framed = np.array([0, 0, *(self._place.get(char, 0xFFFF) for char in text), 0], dtype=np.uint64)
        codes = gram_codes(framed)
        rows = np.minimum(np.searchsorted(self._filing.gram, codes), len(self._filing.gram) - 1)
        return rows, self._filing.gram[rows] == codes

    def alike(self, text: str, size: int, most: int = 100) -> Array:
        """Find the forms that share the most groups of letters with a text, rare groups before common ones.

        Parameters
        ----------
        text
            In the form of `gazetteer.names.plain`.
        size
            Length of its key.
        most
            Most forms returned.

        Returns
        -------
        Rows of forms, the likest first.
        """
        rows, there = self.grams(text)
        rows = np.unique(rows[there])
        filing = self._filing
        if not len(rows):
            return rows
        bounds = self._first_of_size[
            np.clip([size + 1 - LENGTH_SLACK, size + 2 + LENGTH_SLACK], 0, len(self._first_of_size) - 1)
        ]
        rows = rows[np.argsort(self._counts[rows])]
        total = 0
        owners: list[Array] = []
        weights: list[np.float32] = []
        for row in rows.tolist():
            forms = filing.gram_form[filing.gram_start[row] : filing.gram_start[row + 1]]
            low, high = np.searchsorted(forms, bounds).tolist()
            total += high - low
            if total > MOST_FORMS and len(owners) >= 3:
                break
            owners.append(forms[low:high])
            weights.append(np.float32(np.log(len(self._lexicon.form_script) / max(len(forms), 1))))
        numbers = np.repeat(np.arange(len(owners), dtype=np.uint64), [len(part) for part in owners])
        packed = np.concatenate(owners).astype(np.uint64) << np.uint64(16) | numbers
        packed.sort()
        forms = packed >> np.uint64(16)
        first = np.flatnonzero(np.append(True, forms[1:] != forms[:-1])[: len(forms)])
        if not len(first):
            return first
        shared = np.add.reduceat(np.array(weights)[(packed & np.uint64(0xFFFF)).astype(np.intp)], first)
        best = np.argpartition(-shared, 4 * most)[: 4 * most] if len(shared) > 4 * most else np.arange(len(shared))
        found = forms[first[best]].astype(np.int64)
        lengths = self._lexicon.form_start[found + 1] - self._lexicon.form_start[found]
        order = np.argsort(-shared[best] / (lengths + len(text) + 4))[:most]
        return found[order]

    def rough(self, wanted: str, most: int = 1500) -> Array:
        """Find the keys whose letters and pairs of letters are the most like those of a key, wherever they stand.

        A scan over all keys of about its length, in a millisecond: for texts so badly read that nothing was found.

        Returns
        -------
        Rows of keys, ascending.
        """
        size, sizes = len(wanted.encode()), len(self._key_of_size) - 1
        bounds = np.clip([size - ROUGH_SLACK, size + ROUGH_SLACK + 1], 0, sizes)
        low, high = self._key_of_size[bounds].tolist()
        letters, pairs = bits_of(wanted)
        away = np.bitwise_count(self._filing.letter_bits[low:high] ^ letters)
        away += np.bitwise_count(self._filing.pair_bits[low:high] ^ pairs)
        # The distances are small whole numbers: counting them finds the bound without sorting.
        bound = int(np.searchsorted(np.cumsum(np.bincount(away)), most))
        found: Array = low + np.flatnonzero(away <= bound)[: 2 * most]
        return found

    def exact(self, wanted: list[str]) -> Array:
        """Find keys; those that are not there are left out."""
        hashes = np.array([exact_hash(key) for key in wanted], dtype=np.uint64)
        at = np.minimum(np.searchsorted(self._filing.exact_hash, hashes), len(self._filing.exact_hash) - 1)
        found: Array = self._filing.exact_key[at[self._filing.exact_hash[at] == hashes]]
        return found.astype(np.int64)

    def ending(self, tail: str) -> Array:
        """Find the forms of several words whose last words have a key."""
        wanted = np.uint64(exact_hash(tail))
        low, high = np.searchsorted(self._filing.tail_hash, np.array([wanted, wanted + np.uint64(1)])).tolist()
        found: Array = self._filing.tail_form[low:high]
        return found.astype(np.int64)
