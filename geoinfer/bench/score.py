"""Scores: readings of a photo against the lines that people see in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from geoinfer.candidates import covered
from geoinfer.decode import script_of
from geoinfer.rectify import Polygon
from geoinfer.training.evaluate import fold

SIMILAR = 80
LEAST_LETTERS = 3
MOST_PIECES = 3
NEAR = 2.5
"""Readings are neighbours within so many line heights."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line that a reader gives back.

    Attributes
    ----------
    polygon
        Corners (x, y) in pixels.
    text
        What it says.
    """

    polygon: Polygon
    text: str


@dataclass(frozen=True, slots=True)
class LineScore:
    """How well a labelled line was read.

    Attributes
    ----------
    label
        The line as seen by eye.
    script
        Its script.
    similarity
        Levenshtein ratio in percent of the most similar reading, or of neighbouring readings joined; case, look-alike
        letters, punctuation and numbers folded, spaces left out.
    cer
        Edits per letter of the label for that reading, at most 1.
    """

    label: str
    script: str
    similarity: float
    cer: float


def score_lines(labels: Sequence[str], lines: Sequence[Line]) -> list[LineScore]:
    """Score every labelled line of three or more letters.

    Examples
    --------
    >>> box = ((0, 0), (90, 0), (90, 20), (0, 20))
    >>> score_lines(["КОРОП"], [Line(box, "Кород")])
    [LineScore(label='КОРОП', script='cyrillic', similarity=80.0, cer=0.2)]
    """
    from rapidfuzz import fuzz
    from rapidfuzz.distance import Levenshtein

    read = {_solid(text) for text in joined(lines)}
    scores = []
    for label in labels:
        if sum(c.isalpha() for c in label) < LEAST_LETTERS:
            continue
        wanted = _solid(label)
        best = max(read, key=lambda text: (fuzz.ratio(wanted, text), text), default="")
        cer = min(1.0, Levenshtein.distance(wanted, best) / max(len(wanted), 1))
        scores.append(LineScore(label, script_of(label), round(float(fuzz.ratio(wanted, best)), 1), round(cer, 3)))
    return scores


def false_lines(labels: Sequence[str], lines: Sequence[Line]) -> list[str]:
    """List the readings of three or more letters that are similar to no part of a labelled line."""
    from rapidfuzz import fuzz

    wanted = [_solid(label) for label in labels]
    return [
        line.text
        for line in lines
        if sum(c.isalpha() for c in line.text) >= LEAST_LETTERS
        and max((fuzz.partial_ratio(_solid(line.text), w) for w in wanted), default=0) < 70
    ]


def joined(lines: Sequence[Line]) -> Iterator[str]:
    """Give every reading, and neighbouring readings joined: a label may be written in two rows, or read in pieces."""
    near = [[j for j in range(len(lines)) if j != i and _neighbours(one, lines[j])] for i, one in enumerate(lines)]
    chains: list[tuple[int, ...]] = [(i,) for i in range(len(lines))]
    for pieces in range(MOST_PIECES):
        yield from (" ".join(lines[i].text for i in chain) for chain in chains)
        if pieces + 1 < MOST_PIECES:
            chains = [(*chain, j) for chain in chains for j in near[chain[-1]] if j not in chain]


def found(polygon: Polygon, boxes: Sequence[Polygon]) -> bool:
    """Whether one of the boxes was drawn round a line: it holds most of it and not much else."""
    return any(covered(polygon, box) > 0.7 and covered(box, polygon) > 0.3 for box in boxes)


def _solid(text: str) -> str:
    return fold(text).replace(" ", "")


def _neighbours(one: Line, two: Line) -> bool:
    a, b = np.asarray(one.polygon), np.asarray(two.polygon)
    gap = np.maximum(np.maximum(a.min(axis=0) - b.max(axis=0), b.min(axis=0) - a.max(axis=0)), 0)
    height = max(float(np.ptp(p, axis=0).min()) for p in (a, b))
    return bool(gap.max() < NEAR * height)
