"""Where forms are filed, so that those near a text are found without looking at others.

Short names by deletion neighbourhoods of their keys: two strings are within k edits only if deleting at most k letters
from each can make them equal. Keys of up to `WHOLE` letters are filed under every string that up to two deletions leave
of them, hashed to 22 bits or so; the search weeds out strangers that share a bucket. Longer names would be filed under
hundreds of strings each, and bear more than two errors: forms are filed under their groups of three letters as well, of
which several survive.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from hashlib import blake2b
from itertools import combinations, pairwise

import numpy as np

from gazetteer.archive import Array
from gazetteer.lexicon import Lexicon
from gazetteer.names import keys_of
from gazetteer.spelling_model import count_runs

WHOLE = 11
_EDITS = ((2, 0), (4, 1))
_LONG_EDITS = 2
_MIX = np.uint32(0x9E3779B1)
_POWERS = np.array([pow(0x01000193, place, 1 << 32) for place in range(64)], dtype=np.uint32)


def allowed_edits(wanted: str) -> int:
    """Give the edits within which the keys near a key are looked at."""
    return next((edits for length, edits in _EDITS if len(wanted) <= length), _LONG_EDITS)


@dataclass(frozen=True, slots=True)
class Filing:
    """Where keys are filed: columns that can be mapped from a file.

    Attributes
    ----------
    whole_start, whole_key
        First entry of each bucket of deletion neighbourhoods, one more than there are buckets; key of each entry.
    gram, gram_start, gram_form
        Groups of three letters, as positions in the alphabet counted from 1 and 16 bits each, 0 beyond the ends,
        sorted; where each one's forms begin; and the forms.
    letter_bits
        For each key which letters it has: 32 classes of letters, one bit for the first and one for the second.
    pair_bits
        For each key which pairs of neighbouring letters it has, its ends included.
    exact_hash, exact_key
        Sorted hashes of the keys, and their rows.
    tail_hash, tail_form
        Sorted hashes of the keys of the last words of forms of several words, and those forms.
    run, run_times
        Runs of letters and how often they were seen (`gazetteer.spelling_model`).
    """

    whole_start: Array
    whole_key: Array
    gram: Array
    gram_start: Array
    gram_form: Array
    letter_bits: Array
    pair_bits: Array
    exact_hash: Array
    exact_key: Array
    tail_hash: Array
    tail_form: Array
    run: Array
    run_times: Array

    def columns(self) -> dict[str, Array]:
        """Give the columns by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def codes_of(text: str) -> Array:
    """Give the code points of a text."""
    return np.frombuffer(text.encode("utf-32-le"), dtype="<u4")


def hash_rows(codes: Array, salt: int) -> Array:
    """Hash rows of letters to 32 bits; rows of other lengths have another salt."""
    return _stirred(codes @ _POWERS[: codes.shape[1]] + np.uint32(_salted(salt)))


def _salted(salt: int) -> int:
    return (salt * 0x85EBCA6B) & 0xFFFFFFFF


def _stirred(sums: Array) -> Array:
    result: Array = (sums ^ (sums >> np.uint32(15))) * _MIX
    return result


@lru_cache(maxsize=256)
def _kept(length: int, deletions: int) -> tuple[Array, ...]:
    """Give the positions that are left when exactly 0, 1, ... letters are deleted."""
    return tuple(
        np.array(list(combinations(range(length), length - gone)), dtype=np.intp).reshape(-1, length - gone)
        for gone in range(min(deletions, length - 1) + 1)
    )


@lru_cache(maxsize=256)
def _patterns(length: int, deletions: int, salt: int) -> tuple[Array, Array]:
    """Give what is kept of a string, filled up with the position behind its end, and what is added to the hashes."""
    kept = _kept(length, deletions)
    rows = [np.pad(part, ((0, 0), (0, length - part.shape[1])), constant_values=length) for part in kept]
    salts = [np.full(len(part), _salted(part.shape[1] + salt), dtype=np.uint32) for part in kept]
    return np.concatenate(rows), np.concatenate(salts)


def variants(codes: Array, deletions: int, salt: int = 0) -> Array:
    """Give the hashes of what is left of one string after up to so many deletions."""
    kept, salts = _patterns(len(codes), deletions, salt)
    return _stirred(np.append(codes, np.uint32(0))[kept] @ _POWERS[: len(codes)] + salts)


def letter_bits(codes: Array) -> Array:
    """Give the letter counts of rows of letters as 64 bits: one edit changes at most two of them."""
    classes = (codes % np.uint32(32)).astype(np.uint64)
    bits = np.zeros(len(codes), dtype=np.uint64)
    for column in range(codes.shape[1]):
        bit = np.left_shift(np.uint64(1), classes[:, column])
        again = (bits & bit) > 0
        bits |= np.where(again, np.left_shift(bit, np.uint64(32)), bit)
    return bits


def pair_bits(codes: Array) -> Array:
    """Give which pairs of neighbours rows of letters have, hashed to 64 bits: one edit changes at most four of them."""
    framed = np.pad(codes.astype(np.uint64), ((0, 0), (1, 1)))
    pairs = (framed[:, :-1] * np.uint64(29) + framed[:, 1:] * np.uint64(7)) % np.uint64(64)
    bits: Array = np.bitwise_or.reduce(np.left_shift(np.uint64(1), pairs), axis=1)
    return bits


def bits_of(key: str) -> tuple[np.uint64, np.uint64]:
    """Give the letters and the pairs of one key; see `letter_bits` and `pair_bits`.

    Examples
    --------
    >>> rows = codes_of("sernigiv")[None, :]
    >>> bits_of("sernigiv") == (letter_bits(rows)[0], pair_bits(rows)[0])
    True
    """
    letters = pairs = before = 0
    for char in key:
        code = ord(char)
        bit = 1 << (code & 31)
        letters |= bit << 32 if letters & bit else bit
        pairs |= 1 << ((before * 29 + code * 7) & 63)
        before = code
    return np.uint64(letters), np.uint64(pairs | 1 << ((before * 29) & 63))


def exact_hash(key: str) -> int:
    """Hash a whole key to 64 bits."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "little")


def _file(hashes: list[Array], keys: list[Array]) -> tuple[Array, Array]:
    """Sort entries into buckets, a half to a quarter as many as there are entries."""
    total = sum(map(len, hashes))
    shift = 32 - max(4, total.bit_length() - 2)
    packed = np.empty(total, dtype=np.uint64)
    at = 0
    for some, owners in zip(hashes, keys, strict=True):
        packed[at : at + len(some)] = (some >> np.uint32(shift)).astype(np.uint64) << np.uint64(32) | owners.astype(
            np.uint64
        )
        at += len(some)
    packed.sort()
    fresh = np.ones(total, dtype=bool)
    fresh[1:] = packed[1:] != packed[:-1]
    packed = packed[fresh]
    starts = np.zeros((1 << (32 - shift)) + 1, dtype=np.uint32)
    np.cumsum(np.bincount((packed >> np.uint64(32)).astype(np.int64), minlength=len(starts) - 1), out=starts[1:])
    return starts, packed.astype(np.uint32)


def compile_filing(lexicon: Lexicon) -> Filing:
    """File the keys of a lexicon."""
    keys = [lexicon.key(row) for row in range(len(lexicon.key_start) - 1)]
    lengths = np.fromiter(map(len, keys), dtype=np.int64, count=len(keys))
    letters, pairs = np.zeros(len(keys), dtype=np.uint64), np.zeros(len(keys), dtype=np.uint64)
    whole: tuple[list[Array], list[Array]] = ([], [])
    for length in np.unique(lengths).tolist():
        rows = np.flatnonzero(lengths == length)
        codes = codes_of("".join(keys[row] for row in rows.tolist())).reshape(-1, length)
        letters[rows], pairs[rows] = letter_bits(codes), pair_bits(codes)
        if length <= WHOLE:
            for kept in _kept(length, min(2, allowed_edits("x" * (length + 2)))):
                for places in kept:
                    whole[0].append(hash_rows(codes[:, places], len(places)))
                    whole[1].append(rows)
    exact = np.fromiter(map(exact_hash, keys), dtype=np.uint64, count=len(keys))
    order = np.argsort(exact)
    sorted_keys = exact[order], order.astype(np.uint32)
    return Filing(
        *_file(*whole), *_grams(lexicon), letters, pairs, *sorted_keys, *_tails(lexicon), *count_runs(lexicon)
    )


def _tails(lexicon: Lexicon) -> tuple[Array, Array]:
    text = lexicon.alphabet[lexicon.letters].tobytes().decode("utf-32-le")
    starts = lexicon.form_start.tolist()
    tails, owners = [], []
    for row, (start, end) in enumerate(pairwise(starts)):
        space = text.find(" ", start, end)
        while space >= 0:
            tails.append(text[space + 1 : end])
            owners.append(row)
            space = text.find(" ", space + 1, end)
    hashes = np.fromiter(map(exact_hash, keys_of(tails) if tails else ()), dtype=np.uint64)
    forms = np.array(owners, dtype=np.uint32)
    order = np.argsort(hashes, kind="stable")
    return hashes[order], forms[order]


def _grams(lexicon: Lexicon) -> tuple[Array, Array, Array]:
    """File the forms under their groups of three letters."""
    starts = lexicon.form_start.astype(np.int64)
    lengths = np.diff(starts)
    # Two empty places before every form, one behind it.
    places = np.arange(len(lexicon.letters)) + np.repeat(3 * np.arange(len(lengths)) + 2, lengths)
    framed = np.zeros(len(lexicon.letters) + 3 * len(lengths), dtype=np.uint64)
    framed[places] = lexicon.letters.astype(np.uint64) + np.uint64(1)
    owners = np.repeat(np.arange(len(lengths), dtype=np.uint64), lengths + 3)
    groups = gram_codes(framed)
    inside = owners[2:] == owners[:-2]
    groups, owners = groups[inside], owners[2:][inside]
    codes, numbers = np.unique(groups, return_inverse=True)
    packed = np.unique(numbers.astype(np.uint64) << np.uint64(32) | owners)
    counts = np.bincount((packed >> np.uint64(32)).astype(np.int64), minlength=len(codes))
    return codes, np.concatenate(([0], np.cumsum(counts))).astype(np.uint32), packed.astype(np.uint32)


def gram_codes(framed: Array) -> Array:
    """Give the groups of three neighbours of a row of letters as numbers."""
    codes: Array = framed[:-2] << np.uint64(32) | framed[1:-1] << np.uint64(16) | framed[2:]
    return codes
