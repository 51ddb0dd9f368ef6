"""Candidate lines: parts that may belong together, and the choice between readings of the same spot.

A detector cuts widely spaced letters apart and may see a line twice. Which cut is right shows only when the pieces are
read, so all of them are, and the legible ones win.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from geoinfer.detector import Box
from geoinfer.recogniser import Spelling
from geoinfer.rectify import Polygon, sides, step

LEAST_LEGIBILITY = 0.6
"""Readings with a lower probability per character are left out. On 73 real photographs all readings similar to a line
that people see there lay above, and all that was made of lattices and ornaments below."""
LEAST_VALUE = 0.6
"""Readings worth less are left out."""
CLEAR = 0.65
"""Readings with a higher probability per character need not be pieces of a longer line."""
SAME = 0.8
"""Boxes that share so much of the larger one are of one line."""
OVERLAP = 0.5
"""Of two readings that share so much of the smaller one's area only one can be."""
GLUED = 0.85
"""Parts that are worth so much of the whole are believed where they lie apart."""
MISREAD = 1.15
"""Parts that are worth so much more than the whole are believed wherever they lie."""
COMPANY = 4.0
"""A short reading is believed beside a longer one within this many of its heights."""
SURE, UNSURE = 0.99, 0.9
"""A number surer than the first ends where it ends, if a longer one in the same spot is less sure than the second."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line and what it may say; `spaced` where its letters stand so far apart that its words do too."""

    polygon: Polygon
    spelling: Spelling
    spaced: bool = False

    @property
    def legibility(self) -> float:
        """Probability per character: the geometric mean over the most probable text."""
        return float(self.spelling.confidence ** (1 / max(len(self.spelling.text), 1)))

    @property
    def value(self) -> float:
        """What a reading is worth: its letters and digits, each counted by how much more legible than not it is."""
        return sum(c.isalnum() for c in self.spelling.text) * (2 * self.legibility - 1)


@dataclass(frozen=True, slots=True)
class Chain:
    """Pieces that may be one line, and the box round them."""

    box: Box
    pieces: tuple[Candidate, ...]

    def outdone_by(self, whole: Candidate) -> bool:
        """Whether the pieces read as one line are worth more than each for itself."""
        if any(lengthens(whole, piece) for piece in self.pieces):
            return False
        return whole.value > sum(max(piece.value, 0.0) for piece in self.pieces)


def chains(candidates: Sequence[Candidate]) -> list[Chain]:
    """Find pieces that may be one line: level, equally high, close, some of them no wider than a letter or two.

    Examples
    --------
    >>> corners = [((x, 0.0), (x + 10, 0.0), (x + 10, 12.0), (x, 12.0)) for x in (0.0, 24.0, 48.0)]
    >>> [chain] = chains([Candidate(c, Spelling(((letter, 0.9),))) for c, letter in zip(corners, "ОКО")])
    >>> chain.box.polygon
    ((0.0, 0.0), (58.0, 0.0), (58.0, 12.0), (0.0, 12.0))
    """
    found: list[list[Candidate]] = []
    for candidate in sorted(candidates, key=lambda c: (c.polygon[0][0], c.polygon[0][1])):
        fitting = [chain for chain in found if _continues(chain[-1].polygon, candidate.polygon)]
        if fitting:
            min(fitting, key=lambda chain: candidate.polygon[0][0] - chain[-1].polygon[1][0]).append(candidate)
        else:
            found.append([candidate])
    # Pieces that read well are lines of their own: a name and its distance, or two names side by side.
    doubtful = (chain for chain in found if any(len(c.spelling.text) <= 2 or c.legibility < CLEAR for c in chain))
    return [Chain(_hull(chain), tuple(chain)) for chain in doubtful if len(chain) > 1]


def _continues(left: Polygon, right: Polygon) -> bool:
    """Whether a box may be the next piece of the line that another box ends."""
    (w1, h1), (w2, h2) = sides(left), sides(right)
    low, high = min(h1, h2), max(h1, h2)
    if high > 1.6 * low:
        return False
    ahead, aside = step(left, right)
    spaced = min(w1, w2) < 1.8 * low
    return -0.4 * low < ahead < (2.0 if spaced else 0.6) * low and aside < 0.35 * low


def _hull(chain: Sequence[Candidate]) -> Box:
    """One box round a chain of pieces, from the first one's left side to the last one's right side."""
    first, last = chain[0].polygon, chain[-1].polygon
    return Box((first[0], last[1], last[2], first[3]), 1.0)


def strongest(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Choose between readings of the same spots, and drop what is worth too little; in reading order.

    Of readings of one line, however it was cut out, the most probable wins. Of a line and its parts the ones win that
    are worth more, and the parts where they do not belong together. Short readings (a road number, a distance, an
    arrow taken for a letter) count only beside longer ones.
    """
    texts = [c for c in candidates if c.legibility >= LEAST_LEGIBILITY and c.value > 0]
    texts = [c for c in texts if not any(lengthens(c, other) for other in texts)]
    legible = _likeliest([c for c in texts if not _is_pattern(c.spelling.text)])
    legible.sort(key=lambda c: (-c.value, c.polygon))
    kept: list[Candidate] = []
    for place, candidate in enumerate(legible):
        free = all(overlap(candidate.polygon, other.polygon) < OVERLAP for other in kept)
        if free and not _glued(candidate, legible[place + 1 :]):
            kept.append(candidate)
    long = [c for c in kept if c.value >= LEAST_VALUE and sum(x.isalnum() for x in c.spelling.text) > 2]
    short = [c for c in kept if c not in long and c.value >= LEAST_VALUE / 2 and len(c.spelling.text) <= 3]
    return reading_order([*long, *(c for c in short if any(_near(c.polygon, other.polygon) for other in long))])


def lengthens(one: Candidate, other: Candidate) -> bool:
    """Whether a doubtful number is a sure one in the same spot and something more, such as an arrow taken for a digit.

    Examples
    --------
    >>> wide, narrow = ((0, 0), (120, 0), (120, 60), (0, 60)), ((5, 0), (50, 0), (50, 60), (5, 60))
    >>> sure = Candidate(narrow, Spelling((("2", 0.999),)))
    >>> [lengthens(Candidate(wide, Spelling((("27", p),))), sure) for p in (0.8, 0.95)]
    [True, False]
    """
    number, start = one.spelling.text, other.spelling.text
    doubtful = one.spelling.confidence < UNSURE and other.spelling.confidence > SURE
    longer = number.isdecimal() and start.isdecimal() and number != start and number.startswith(start)
    return doubtful and longer and covered(other.polygon, one.polygon) > OVERLAP


def _is_pattern(text: str) -> bool:
    """Whether a long text is made of two or three letters: a fence, a lattice or tracks were read."""
    return len(text) > 7 and len(set(text.lower()) - {" "}) <= 3 and any(c.isalpha() for c in text)


def _likeliest(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Of readings of the same line keep the most probable: it says the same or less, but with more reason."""
    kept: list[Candidate] = []
    for candidate in sorted(candidates, key=lambda c: (-c.spelling.confidence, c.polygon)):
        if not any(same_line(candidate.polygon, other.polygon) for other in kept):
            kept.append(candidate)
    return kept


def _glued(whole: Candidate, others: Sequence[Candidate]) -> bool:
    """Whether a line is better read as parts: lines of their own that lie apart, or words of two scripts, say."""
    parts: list[Candidate] = []
    for other in others:
        if covered(other.polygon, whole.polygon) > 0.7 and all(overlap(other.polygon, p.polygon) < 0.3 for p in parts):
            parts.append(other)
    parts.sort(key=lambda c: c.polygon[0][0])
    worth = sum(part.value for part in parts)
    apart = not whole.spaced and any(_apart(a.polygon, b.polygon) for a, b in pairwise(parts))
    return len(parts) > 1 and worth >= (GLUED if apart else MISREAD) * whole.value


def _apart(left: Polygon, right: Polygon) -> bool:
    """Whether two pieces of a line stand further apart than words, or not on one line."""
    height = min(sides(left)[1], sides(right)[1])
    ahead, aside = step(left, right)
    return ahead > 0.8 * height or aside > 0.35 * height


def covered(one: Polygon, two: Polygon) -> float:
    """Share of one box's area that lies in another box.

    Examples
    --------
    >>> wide, narrow = ((0, 0), (40, 0), (40, 10), (0, 10)), ((0, 0), (10, 0), (10, 10), (0, 10))
    >>> covered(wide, narrow), covered(narrow, wide)
    (0.25, 1.0)
    """
    return _shared(one, two) / max(_area(one), 1.0)


def overlap(one: Polygon, two: Polygon) -> float:
    """Shared area as a share of the smaller of two boxes."""
    return _shared(one, two) / max(min(_area(one), _area(two)), 1.0)


def same_line(one: Polygon, two: Polygon) -> bool:
    """Whether two boxes were drawn round the same line."""
    return _shared(one, two) >= SAME * max(_area(one), _area(two), 1.0)


def _shared(one: Polygon, two: Polygon) -> float:
    import cv2

    for axis in (0, 1):
        if max(p[axis] for p in one) <= min(p[axis] for p in two) or max(p[axis] for p in two) <= min(
            p[axis] for p in one
        ):
            return 0.0
    return float(cv2.intersectConvexConvex(np.asarray(one, np.float32), np.asarray(two, np.float32))[0])


def _area(polygon: Polygon) -> float:
    import cv2

    return float(cv2.contourArea(np.asarray(polygon, np.float32)))


def _near(short: Polygon, other: Polygon) -> bool:
    a, b = np.asarray(short), np.asarray(other)
    gap = np.maximum(np.maximum(a.min(axis=0) - b.max(axis=0), b.min(axis=0) - a.max(axis=0)), 0)
    return bool(gap.max() < COMPANY * max(sides(short)[1], sides(other)[1]))


def reading_order(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Sort as people read: by rows of about the same height, each from left to right."""

    def middle(candidate: Candidate) -> tuple[float, float]:
        return sum(y for _, y in candidate.polygon) / 4, sum(x for x, _ in candidate.polygon) / 4

    rows: list[list[Candidate]] = []
    for candidate in sorted(candidates, key=middle):
        height = min(sides(candidate.polygon)[1], sides(rows[-1][0].polygon)[1]) if rows else 0.0
        if rows and middle(candidate)[0] - middle(rows[-1][0])[0] < 0.5 * height:
            rows[-1].append(candidate)
        else:
            rows.append([candidate])
    return [candidate for row in rows for candidate in sorted(row, key=lambda c: middle(c)[1])]
