"""Candidates for a name: the search keys within a few edits of a given one, out of half a million, in about 0.1 ms.

What `gazetteer.filing` files under the same strings is weeded out, first by counts of letters, then by rapidfuzz.
Chosen by measurement: a scan of 64-bit signatures of all keys took 0.2 to 0.4 ms before any letter was compared; SQLite
FTS5 with trigrams and rapidfuzz over a list are measured anew by ``make bench-gazetteer``.
"""

from __future__ import annotations

import numpy as np
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from gazetteer.archive import Array
from gazetteer.filing import WHOLE, Filing, bits_of, codes_of, ends, exact_hash, variants
from gazetteer.lexicon import Lexicon, spans

NATS_PER_EDIT = 4.5
"""What an edit weighs against a key's weight, where there are too many keys: about what one costs in the channel."""


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
        self._block_shift = np.uint32(33 - len(filing.block_start).bit_length())

    def near(self, wanted: str, edits: int, most: int = 80) -> tuple[Array, Array]:
        """Find the keys within a number of edits of a key.

        Parameters
        ----------
        wanted
            A search key.
        edits
            Most letters inserted, deleted or replaced: up to 2 for up to 9 letters, up to 3 beyond.
        most
            Most keys returned, the nearest and most welcome ones.

        Returns
        -------
        Rows of keys and their edits.
        """
        if not wanted or edits == 0:
            exact = self.exact([wanted])
            return exact, np.zeros(len(exact), dtype=np.uint8)
        filing, codes = self._filing, codes_of(wanted)
        if edits <= 2 and len(wanted) <= WHOLE - 2:
            bucket = variants(codes, edits) >> self._whole_shift
            rows = filing.whole_key[spans(filing.whole_start[bucket], filing.whole_start[bucket + 1])]
        else:
            bucket = ends(codes) >> self._block_shift
            rows = filing.block_key[spans(filing.block_start[bucket], filing.block_start[bucket + 1])]
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
