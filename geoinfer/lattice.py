"""What a reader saw, step by step, kept small, to tell how likely a line is under any name.

A reading is one string; the reader's own scores say more. A `Lattice` keeps, for every step along the line, the few
likeliest letters, and answers ``log P(name | line)`` for many names at once by the forward algorithm of CTC (Graves et
al. 2006, section 4.1). Upper and lower case, and letters of one look in two scripts, are one class each; spaces,
dashes, apostrophes and other marks count as nothing, as signs write them or don't.
"""

from __future__ import annotations

import base64
import unicodedata
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from geoinfer.decode import LATIN_OF

Floats = NDArray[np.float64]

FLOOR = 2e-3
"""Least probability of any letter at any step: no reader is so sure that it may rule a letter out."""
MOST_BYTES = 200_000
"""Size of an unpacked lattice at most: 400 steps of all classes have 30,000."""
LEAST = -1000.0
"""What a name gets that has more letters than the line has steps."""
_UNIT = 16
"""Steps of a stored cost per nat."""
_EDGE = 0.995
"""Where nothing is written with a higher probability for several steps on end, one of them is kept."""


@cache
def class_of(char: str) -> str:
    """Name the class of a character: a capital, in Latin where Latin and Cyrillic look alike; empty for marks.

    Examples
    --------
    >>> [class_of(c) for c in "вВB-ёґă3"]
    ['B', 'B', 'B', '', 'E', 'Ґ', 'A', 'З']
    """
    upper = char.upper()
    if upper in _DIGIT_TWINS:
        return _DIGIT_TWINS[upper]
    latin = LATIN_OF.get(upper, upper)
    if latin in "ÏЇЙЎҐ":
        return latin
    base = unicodedata.normalize("NFKD", latin)[:1]
    return LATIN_OF.get(base, base) if base.isalnum() else ""


_DIGIT_TWINS = {"0": "O", "3": "З"}


class _Classes(dict[int, str]):
    """Classes of characters by code point, filled as they are met."""

    def __missing__(self, code: int) -> str:
        self[code] = class_of(chr(code))
        return self[code]


_CLASSES = _Classes()


def fold(text: str) -> str:
    """Write a text in classes.

    Examples
    --------
    >>> fold("Новгород-Сіверський") == fold("НОВГОРОД СIВЕРСЬКИЙ"), fold("Коропʼє") == fold("Короп")
    (True, False)
    """
    return text.translate(_CLASSES)


@dataclass(frozen=True, slots=True)
class Lattice:
    """Probabilities of the likeliest letters along a line.

    Attributes
    ----------
    packed
        All of it as printable ASCII, about a thousand characters; made by `of_scores`, stored and compared as it is.
    """

    packed: str

    @classmethod
    def unpacked(cls, packed: str) -> Lattice:
        """Take back a lattice from a file.

        Raises
        ------
        ValueError
            If `packed` was not made by `of_scores`.
        """
        _unpack(packed)
        return cls(packed)

    @classmethod
    def of_scores(cls, scores: NDArray[np.floating], alphabet: Sequence[str]) -> Lattice:
        """Keep what matters of a reader's scores.

        Parameters
        ----------
        scores
            Log-probabilities, steps x (blank + characters), that sum to one at every step.
        alphabet
            The characters, in the order of the columns after the blank.

        Examples
        --------
        >>> p = np.log([[0.1, 0.9, 1e-9], [0.9, 0.05, 0.05], [0.1, 0.3, 0.6]])
        >>> np.exp(Lattice.of_scores(p, "аб").log_likelihood(["АБ", "аа", "ба"])).round(2)
        array([0.53, 0.24, 0.  ])
        """
        shares = np.exp(np.asarray(scores, dtype=np.float64))
        classes, into = _columns(tuple(alphabet))
        summed = shares @ into
        summed = summed[_telling_steps(summed[:, 0])]
        used = np.flatnonzero((summed[:, 1:] > FLOOR).any(axis=0)) + 1
        costs = -np.log(np.maximum(summed[:, np.append(0, used)], FLOOR)) * _UNIT
        return cls(_pack("".join(classes[i - 1] for i in used), np.rint(np.minimum(costs, 255)).astype(np.uint8)))

    def __len__(self) -> int:
        """Count the steps."""
        return len(_unpack(self.packed)[1])

    def log_likelihood(self, names: Sequence[str]) -> Floats:
        """Give the logarithm of the probability that the line says each of some names, and nothing else.

        Parameters
        ----------
        names
            Names in any case and script.

        Returns
        -------
        ndarray
            One number per name, from `LEAST` to 0. All strings that a line could say share a probability of about
            one, so these numbers compare over lines too: a clear line gives its own name nearly 0, an illegible one
            gives nothing much.

        Raises
        ------
        ValueError
            If `packed` was not made by `of_scores`.
        """
        if not len(names):
            return np.zeros(0)
        place, shares = _unpack(self.packed)
        other = shares.shape[1] - 1
        coded = [[place.get(name, other) for name in fold(text)] for text in names]
        return _forward(shares, coded)

    def part(self, text: str, name: str) -> Lattice:
        """Cut out the steps that spell a part of the text, such as the name before a distance.

        Parameters
        ----------
        text
            The text as the line was read.
        name
            A part of it. Where it is none, or is all of it, the lattice is given back as it is.

        Examples
        --------
        >>> p = np.log(np.full((5, 4), 0.02) + 0.92 * np.eye(4)[[1, 0, 2, 0, 3]])
        >>> whole = Lattice.of_scores(p, "аб7")
        >>> (whole.log_likelihood(["аб"])[0] - whole.part("аб 7", "аб").log_likelihood(["аб"])[0]).round(1)
        np.float64(-3.9)
        """
        line, piece = fold(text), fold(name)
        start = line.find(piece)
        if start < 0 or not piece or piece == line:
            return self
        place, shares = _unpack(self.packed)
        spans = _spans(shares, [place.get(c, shares.shape[1] - 1) for c in line])
        if spans is None:
            return self
        end = start + len(piece)
        low = (spans[start - 1][1] + spans[start][0] + 1) // 2 if start else 0
        high = (spans[end - 1][1] + spans[end][0] + 1) // 2 if end < len(spans) else len(shares)
        classes = "".join(sorted(place, key=lambda c: place[c]))
        costs = np.rint(-np.log(shares[low:high, :-1]) * _UNIT).astype(np.uint8)
        return Lattice(_pack(classes, costs))


@lru_cache(maxsize=8)
def _columns(alphabet: tuple[str, ...]) -> tuple[tuple[str, ...], Floats]:
    """Give the classes of an alphabet in order, and the matrix that sums columns of scores (blank first) by class."""
    of_column = ["", *(class_of(char) for char in alphabet)]
    classes = tuple(sorted(set(of_column) - {""}))
    place = {name: i for i, name in enumerate(("", *classes))}
    return classes, np.eye(len(place))[[place[name] for name in of_column]]


def _telling_steps(blank: Floats) -> NDArray[np.intp]:
    """Leave out steps at which surely nothing is written, but for one between letters."""
    quiet = blank > _EDGE
    repeated = quiet & np.append(False, quiet[:-1])
    return np.flatnonzero(~repeated)


def _pack(classes: str, costs: NDArray[np.uint8]) -> str:
    head = f"{classes}\n".encode()
    return base64.b85encode(zlib.compress(head + costs.tobytes(), 9)).decode("ascii")


@lru_cache(maxsize=512)
def _unpack(packed: str) -> tuple[dict[str, int], Floats]:
    """Give the columns of the classes, and the probabilities: blank, classes, and last any other letter."""
    try:
        # Whoever can write the cache of readings could plant a kilobyte there that unpacks to gigabytes.
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(base64.b85decode(packed), MOST_BYTES)
        if not unpacker.eof:
            raise ValueError("cut off or too large")
        head, _, body = raw.partition(b"\n")
        classes = head.decode("utf-8")
        costs = np.frombuffer(body, np.uint8).reshape(-1, len(classes) + 1)
    except (ValueError, zlib.error) as error:
        raise ValueError(f"{packed[:20]!r}... is no lattice of a reading: read the photo again") from error
    shares = np.exp(-costs.astype(np.float64) / _UNIT)
    rest = np.full((len(shares), 1), FLOOR)
    return {name: i + 1 for i, name in enumerate(classes)}, np.hstack([shares, rest])


def _forward(shares: Floats, coded: Sequence[Sequence[int]]) -> Floats:
    """Sum the ways to spell each of some texts: the forward pass of CTC for all of them together.

    Probabilities are summed as they are and brought back to about one every few steps, which costs far less than sums
    of logarithms.
    """
    longest = max(1, *(len(codes) for codes in coded))
    labels = np.zeros((longest, len(coded)), np.intp)  # letters x names: the longer axis last, for speed
    for i, codes in enumerate(coded):
        labels[: len(codes), i] = codes
    skips = (labels[1:] != labels[:-1]).astype(np.float32)  # between equal letters there must be a blank
    gaps = np.zeros((longest + 1, len(coded)), np.float32)
    letters, skipped = np.zeros((2, *labels.shape), np.float32)
    gaps[0] = 1.0
    logs = np.zeros(len(coded))
    for t, row in enumerate(shares.astype(np.float32)):
        skipped[0] = 0
        np.multiply(letters[:-1], skips, out=skipped[1:])
        skipped += gaps[:-1]
        gaps[1:] += letters
        gaps *= row[0]
        letters += skipped
        letters *= row[labels]
        if t % 8 == 7:
            scale = np.maximum(gaps.max(axis=0), letters.max(axis=0))
            scale[scale <= 0] = 1.0
            gaps /= scale
            letters /= scale
            logs += np.log(scale)
    ends = np.array([len(codes) for codes in coded])
    columns = np.arange(len(coded))
    total = gaps[ends, columns] + np.where(ends > 0, letters[np.maximum(ends - 1, 0), columns], 0.0)
    with np.errstate(divide="ignore"):
        return np.asarray(np.clip(np.log(total) + logs, LEAST, 0.0), np.float64)


def _spans(shares: Floats, codes: Sequence[int]) -> list[tuple[int, int]] | None:
    """First and last step of every letter on the best way to spell a text; nothing where the steps are too few."""
    states = np.zeros(2 * len(codes) + 1, np.intp)
    states[1::2] = codes
    skips = np.zeros(len(states), bool)
    skips[3::2] = states[3::2] != states[1:-2:2]
    logs = np.log(shares)
    best = np.full(len(states), -np.inf)
    best[:2] = logs[0, states[:2]]
    came = np.zeros((len(shares), len(states)), np.intp)
    for t in range(1, len(shares)):
        one, two = np.append(-np.inf, best[:-1]), np.append([-np.inf, -np.inf], best[:-2])
        ways = np.stack([best, one, np.where(skips, two, -np.inf)])
        came[t] = ways.argmax(axis=0)
        best = ways.max(axis=0) + logs[t, states]
    state = int(len(states) - 1 if best[-1] >= best[-2] else len(states) - 2)
    if not np.isfinite(best[state]):
        return None
    path = [state]
    for t in range(len(shares) - 1, 0, -1):
        state -= int(came[t, state])
        path.append(state)
    steps = np.array(path[::-1])
    found = [np.flatnonzero(steps == 2 * i + 1) for i in range(len(codes))]
    return [(int(at[0]), int(at[-1])) for at in found]
