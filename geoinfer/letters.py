"""Rows of letters found by their shape: marks of one colour, one height and one stroke, side by side.

The detector sees a line as a whole and misses what is no line to it: letters set far apart above a station, names among
the roads of a scheme, names that touch other lines. Single letters are easy to see instead, as they are darker or
lighter than what is round them (local thresholding, after Bradley and Roth 2007); what stands in a row makes a line
(after Neumann and Matas 2012, who group extremal regions likewise). Most rows found so in a photograph are leaves and
bricks: `Row.promise` says which to read first, and what they say must convince by itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from geoinfer.groups import Groups
from geoinfer.rectify import Pixels, Polygon, halved, shrunk, sides, step

Floats = NDArray[np.float64]

NEIGHBOURHOOD = 25
"""Side, in pixels, of the square that a pixel is compared with."""
CONTRAST, NOISE = 9, 0.75
"""A mark is lighter or darker than its neighbourhood by so much (of 255), and by this multiple of the usual difference
there."""
LEAST_HEIGHT, MOST_HEIGHT = 7, 42
"""Heights, in pixels, of the letters looked for in one size of the photo; larger ones are found in a smaller size."""
MOST_MARKS = 8000
"""A picture with more marks is foliage or gravel."""
OCTAVES = 3
LOOK_SIDE = 1600
"""Longest side, in pixels, of the largest size of the photo in which rows are looked for."""
LEAST_PROMISE = -3.0
"""Rows of less promise are left out. With -2.0 the name of a station in 73 photographs is lost for 3 % of the time, and
-3.5 finds nothing more."""
HOTTEST = float(1.5 * np.log(1.01))
"""What the detector's map adds to a promise at most."""
LEAST_LETTERS = 3
"""Rows of fewer letters are left out."""
MOST_SLOPE = 0.4
NEIGHBOURS = 14
WORD_GAP = 2.2
"""Words of letters that stand apart are one line where the gap between them is at most so many letters wide."""
WORD = 1.6
"""A gap so many times as wide as usual is one between words."""


@dataclass(frozen=True, slots=True)
class Row:
    """Marks side by side that may be a line of letters.

    Attributes
    ----------
    polygon
        Corners (x, y) in pixels of the photo, clockwise from the top left.
    spans
        Where each mark begins and ends along the row, as shares of its width.
    spaced
        Whether the letters stand so far apart that a reader of lines needs them moved together.
    promise
        How much it looks like text: log-odds, comparable within one photo.
    """

    polygon: Polygon
    spans: tuple[tuple[float, float], ...]
    spaced: bool
    promise: float


@dataclass(frozen=True)
class _Marks:
    """Marks of one polarity: boxes (left, top, width, height), slopes, and how they are painted."""

    boxes: Floats
    slopes: Floats
    fill: Floats
    stroke: Floats
    ink: Floats

    @cached_property
    def heights(self) -> Floats:
        """Heights across the slope: a slanting word is not as high as its box."""
        return np.maximum(self.boxes[:, 3] - np.abs(self.slopes) * self.boxes[:, 2], 5.0)


def find_rows(pixels: Pixels, heat: NDArray[np.float32], side: int = LOOK_SIDE) -> list[Row]:
    """Find rows of letters, the most promising first.

    Parameters
    ----------
    pixels
        Rows x columns x RGB.
    heat
        The detector's map of the same photo, at any scale: rows where it sees something are more promising.
    side
        The photo's longest side is scaled down to this many pixels first, then halved `OCTAVES` - 1 times.
    """
    import cv2

    rows: list[Row] = []
    scale = min(1.0, side / max(pixels.shape[:2]))
    height, width = (max(1, round(n * scale)) for n in pixels.shape[:2])
    seen = shrunk(pixels, width, height)
    for octave in range(OCTAVES):
        if octave:
            seen, scale = halved(seen), scale / 2
        height, width = seen.shape[:2]
        if min(height, width) < 2 * LEAST_HEIGHT:
            break
        lab = np.asarray(cv2.cvtColor(seen, cv2.COLOR_RGB2LAB), dtype=np.uint8)
        for mask in _masks(lab):
            marks = _find_marks(lab, mask)
            if marks is None:
                continue
            promising = list(_rows(marks, _chains(marks), heat, (width, height), scale))
            rows += promising + _joined([row for row in promising if row.spaced])
    return sorted(rows, key=lambda row: (-row.promise, row.polygon))


def _joined(spaced: Sequence[Row]) -> list[Row]:
    """Join words of letters that stand far apart: between two such words is more room than between most lines."""
    found = []
    for left in spaced:
        for right in spaced:
            (wide, high), (wide_too, high_too) = sides(left.polygon), sides(right.polygon)
            ahead, aside = step(left.polygon, right.polygon)
            pitch = (wide + wide_too) / (len(left.spans) + len(right.spans))
            level = max(high, high_too) < 1.4 * min(high, high_too) and aside < 0.35 * high
            if left is right or not level or not 0 < ahead < WORD_GAP * pitch:
                continue
            whole = wide + ahead + wide_too
            before = [(a * wide / whole, b * wide / whole) for a, b in left.spans]
            after = [
                ((wide + ahead + a * wide_too) / whole, (wide + ahead + b * wide_too) / whole) for a, b in right.spans
            ]
            corners = (left.polygon[0], right.polygon[1], right.polygon[2], left.polygon[3])
            found.append(Row(corners, (*before, *after), True, max(left.promise, right.promise)))
    return found


def closed_up(line: Pixels, row: Row) -> Pixels:
    """Move the letters of a rectified row together, as a reader of lines expects them.

    Parameters
    ----------
    line
        The row's polygon, cut out and laid level.
    row
        The row.
    """
    columns, height = line.shape[1], line.shape[0]
    usual = float(np.median([right[0] - left[1] for left, right in pairwise(row.spans)]))
    keep = np.zeros(columns, bool)
    for start, end in row.spans:
        keep[max(0, int(start * columns - 0.14 * height)) : int(end * columns + 0.14 * height) + 1] = True
    for left, right in pairwise(row.spans):
        if right[0] - left[1] > WORD * usual:
            middle = (left[1] + right[0]) / 2 * columns
            keep[int(middle - 0.25 * height) : int(middle + 0.25 * height)] = True
    return np.ascontiguousarray(line[:, keep])


def _masks(lab: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    """Mark the pixels that are lighter than their neighbourhood, then those that are darker."""
    import cv2

    light = np.ascontiguousarray(lab[..., 0])
    usual = cv2.blur(light, (NEIGHBOURHOOD, NEIGHBOURHOOD))
    above, below = cv2.subtract(light, usual), cv2.subtract(usual, light)
    noise = cv2.blur(cv2.add(above, below), (NEIGHBOURHOOD, NEIGHBOURHOOD))
    limit = np.maximum(cv2.convertScaleAbs(noise, alpha=NOISE), CONTRAST)
    for side in (above, below):
        yield (side > limit).astype(np.uint8)


def _find_marks(lab: NDArray[np.uint8], mask: NDArray[np.uint8]) -> _Marks | None:
    """Find the marks of a letter's or a word's proportions."""
    import cv2

    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4, ltype=cv2.CV_32S)
    _, _, width, height, area = stats.T
    fill = area / (width * height)
    letter = (height >= LEAST_HEIGHT) & (height <= MOST_HEIGHT) & (width <= 12 * height) & (width >= 0.12 * height)
    # Solid blocks are no letters, but for the І.
    letter &= (fill > 0.15) & ((fill < 0.96) | (width < 0.4 * height)) & (area >= 14)
    letter[0] = False
    chosen = np.flatnonzero(letter)
    if not 0 < len(chosen) <= MOST_MARKS:
        return None
    inside = np.flatnonzero(letter[labels])
    owner = labels.ravel()[inside]

    def mean(values: NDArray[np.generic]) -> Floats:
        summed = np.bincount(owner, weights=values.ravel()[inside], minlength=count)
        return np.asarray(summed[chosen] / area[chosen], dtype=np.float64)

    boxes = stats[chosen, :4].astype(np.float64)
    slopes = np.zeros(len(chosen))
    for i in np.flatnonzero(boxes[:, 2] > 2.5 * boxes[:, 3]):
        left, top, wide, high = stats[chosen[i], :4]
        slopes[i] = _slope(labels[top : top + high, left : left + wide] == chosen[i])
    # The mean distance of a stroke's pixels to its edge is a quarter of its thickness; the mask's grid adds a little.
    stroke = 2 * mean(cv2.distanceTransform(mask, cv2.DIST_L2, 3))
    return _Marks(boxes, slopes, fill[chosen], stroke, np.stack([mean(lab[..., k]) for k in range(3)], axis=1))


def _slope(mark: NDArray[np.bool_]) -> float:
    """How far a wide mark, a word of letters that touch, descends per column."""
    y, x = np.nonzero(mark)
    spread = float(((x - x.mean()) ** 2).sum())
    slope = float(((x - x.mean()) * (y - y.mean())).sum()) / spread if spread else 0.0
    return float(np.clip(slope, -MOST_SLOPE, MOST_SLOPE))


def _chains(marks: _Marks) -> list[NDArray[np.intp]]:
    """Link each mark to the one that continues its row best, and give the rows, in whole and cut at wide gaps."""
    links = _links(marks).tolist()
    letters = _letters(marks)
    chains = []
    for start in np.setdiff1d(np.arange(len(links)), links).tolist():
        chain = [start]
        while (following := links[chain[-1]]) >= 0:
            chain.append(following)
        chains.append(chain)
    if not chains:
        return []
    wholes = [np.array(chain) for chain in chains]
    spelt = Groups.of(wholes).sum(letters[np.concatenate(wholes)])
    wholes = [whole for whole, count in zip(wholes, spelt.tolist(), strict=True) if count >= LEAST_LETTERS]
    found = []
    for whole, gaps in zip(wholes, _wide_gaps(marks, wholes), strict=True):
        found.append(whole)
        if len(gaps):
            pieces = np.split(whole, gaps + 1)
            found += [piece for piece in pieces if letters[piece].sum() >= LEAST_LETTERS]
    return found


def _letters(marks: _Marks) -> Floats:
    """Guess how many letters each mark is: letters that touch are one mark, about as wide as so many letters."""
    return np.maximum(1, np.round(marks.boxes[:, 2] / (0.85 * marks.heights)))


def _links(marks: _Marks) -> NDArray[np.intp]:
    """For each mark the next one to its right in the same row, or -1; no mark is next to two."""
    from scipy.spatial import cKDTree

    x, y, width, height = marks.boxes.T
    tall, count = marks.heights, len(x)
    links = np.full(count, -1, np.intp)
    if count < 2:
        return links
    middle = y + height / 2
    starts = np.stack([x, middle - marks.slopes * width / 2], axis=1)
    ends = np.stack([x + width, middle + marks.slopes * width / 2], axis=1)
    _, near = cKDTree(starts).query(ends, k=min(NEIGHBOURS, count))
    one, two = np.repeat(np.arange(count), near.shape[1]), near.ravel()
    low, high = np.minimum(tall[one], tall[two]), np.maximum(tall[one], tall[two])
    gap, drop = (starts[two] - ends[one]).T
    paint = np.linalg.norm((marks.ink[one] - marks.ink[two]) * [0.6, 1, 1], axis=1)
    alike = high / low
    fits = (one != two) & (alike < 1.5) & (gap > -0.3 * low) & (gap < np.where(alike < 1.45, 2.4, 0.9) * low)
    fits &= (np.abs(drop) < 0.22 * low + 0.17 * np.maximum(gap + low, 0)) & (paint < 24)
    cost = gap + 2 * np.abs(drop) + 20 * (alike - 1) + 0.1 * paint
    taken = np.zeros(count, bool)
    pairs = np.flatnonzero(fits)
    for k in pairs[np.argsort(cost[pairs], kind="stable")]:
        if links[one[k]] < 0 and not taken[two[k]]:
            links[one[k]] = two[k]
            taken[two[k]] = True
    return links


def _wide_gaps(marks: _Marks, chains: Sequence[NDArray[np.intp]]) -> Iterator[NDArray[np.intp]]:
    """Places in each chain where the gap is far wider than usual in it."""
    if not len(chains):
        return
    groups, flat = Groups.of(chains), np.concatenate(chains)
    x, _, width, _ = marks.boxes[flat].T
    owner = groups.owner
    gaps = (x[1:] - x[:-1] - width[:-1])[owner[1:] == owner[:-1]]
    between, tall = Groups(groups.sizes - 1), groups.median(marks.heights[flat])
    limit = np.maximum(0.9 * tall, 2.2 * between.median(np.maximum(gaps, 0)) + 0.3 * tall)
    wide = gaps > limit[between.owner]
    for first, count in zip(between.first.tolist(), between.sizes.tolist(), strict=True):
        yield np.flatnonzero(wide[first : first + count])


def _rows(
    marks: _Marks, chains: Sequence[NDArray[np.intp]], heat: NDArray[np.float32], size: tuple[int, int], scale: float
) -> Iterator[Row]:
    """Measure chains of marks, and give those that may be a line and promise enough."""
    if not len(chains):
        return
    groups, flat = Groups.of(chains), np.concatenate(chains)
    x, y, width, height = marks.boxes[flat].T
    owner, first = groups.owner, groups.first
    last = first + groups.sizes - 1
    tall = groups.median(marks.heights[flat])
    left, right = x[first], (x + width)[last]
    slope = _slopes(marks, flat, groups)
    middle, centre = y + height / 2, x + width / 2
    centre_of, middle_of = groups.mean(centre), groups.mean(middle)
    off = middle - middle_of[owner] - slope[owner] * (centre - centre_of[owner])
    straight = (np.abs(slope) <= MOST_SLOPE) & (groups.median(np.abs(off)) <= 0.16 * tall)
    within = np.flatnonzero(owner[1:] == owner[:-1])
    between = Groups(groups.sizes - 1)
    gap = between.median((x[1:] - x[:-1] - width[:-1])[within]) / tall
    pitch = (x[1:] - x[:-1])[within]
    # Far-apart marks are letters only where they stand at even distances.
    even = (groups.sizes >= 4) & (between.std(pitch) <= 0.45 * between.mean(pitch))
    promise = _promises(marks, flat, groups, slope)
    likely = straight & (right - left >= 1.8 * tall) & ((gap <= 0.9) | even) & (promise + HOTTEST > LEAST_PROMISE)
    half = (height - np.abs(slope[owner]) * width) / 2
    top = np.maximum(groups.least(off - half), -0.95 * tall)
    bottom = np.minimum(groups.most(off + half), 0.95 * tall)
    for k in np.flatnonzero(likely):
        pad = 0.2 * tall[k]
        at = [middle_of[k] + slope[k] * (edge - centre_of[k]) for edge in (left[k], right[k])]
        corners = np.array(
            [(left[k] - pad, at[0] + top[k] - pad), (right[k] + pad, at[1] + top[k] - pad),
             (right[k] + pad, at[1] + bottom[k] + pad), (left[k] - pad, at[0] + bottom[k] + pad)]
        )  # fmt: skip
        sure = float(promise[k]) + _warmth(heat, corners / size)
        if sure > LEAST_PROMISE:
            inside = slice(first[k], last[k] + 1)
            shares = np.stack([x[inside], (x + width)[inside]], axis=1) - left[k] + pad
            polygon = tuple((float(a), float(b)) for a, b in corners / scale)
            spans = tuple((float(a), float(b)) for a, b in shares / (right[k] - left[k] + 2 * pad))
            yield Row(polygon, spans, bool(gap[k] > 0.55), sure)


def _slopes(marks: _Marks, flat: NDArray[np.intp], groups: Groups) -> Floats:
    """How far each row descends per column: that of its one mark, or that of the line through its marks."""
    x, y, width, height = marks.boxes[flat].T
    weight = np.minimum(width, 3 * marks.heights[flat])
    total = groups.sum(weight)
    x, y = (v - (groups.sum(weight * v) / total)[groups.owner] for v in (x + width / 2, y + height / 2))
    through = groups.sum(weight * x * y) / np.maximum(groups.sum(weight * x * x), 1.0)
    return np.where(groups.sizes == 1, marks.slopes[flat[groups.first]], through)


def _promises(marks: _Marks, flat: NDArray[np.intp], groups: Groups, slope: Floats) -> Floats:
    """How much the marks of each row look like letters, as log-odds.

    The weights, rounded, are those of a logistic regression of "the reader can read it" on 9,831 rows of 45
    photographs: letters are many, their strokes alike and about a sixth of their height.
    """
    tall, stroke = marks.heights[flat], marks.stroke[flat]
    usual = groups.median(tall)
    thickness = groups.median(stroke) / usual
    evenness = -6.4 * groups.std(stroke) / groups.mean(stroke) - groups.std(tall) / usual
    shape = 4.7 * groups.mean(marks.fill[flat]) - 7.0 * thickness - 3.3 * np.abs(thickness - 0.17)
    many = 0.2 * np.minimum(groups.sum(_letters(marks)[flat]), 12) + 0.75 * (groups.sizes > 1)
    return np.asarray(many + evenness + shape - 2.9 * np.abs(slope))


def _warmth(heat: NDArray[np.float32], corners: Floats) -> float:
    """Add to the promise what the detector's map shows at a row whose corners are given as shares of the photo."""
    rows, columns = heat.shape
    xs, ys = (corners * (columns, rows)).T.tolist()
    left, top = (min(max(math.floor(min(c)), 0), n - 1) for c, n in ((xs, columns), (ys, rows)))
    right, bottom = (min(max(math.ceil(max(c)), low + 1), n) for c, low, n in ((xs, left, columns), (ys, top, rows)))
    part = heat[top:bottom, left:right]
    return 0.5 * float(np.log(part.max() + 0.01)) + float(np.log(part.mean() + 0.01))
