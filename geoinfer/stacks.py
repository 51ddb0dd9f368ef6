"""Stacks: letters one below another, laid side by side for a reader of lines."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from geoinfer.rectify import Pixels

LEAST_LETTERS = 3
MOST_UNEVEN = 1.8
"""Letters of one word are of about one height: the highest is at most so many times as high as the middle one."""


def side_by_side(stack: Pixels) -> Pixels | None:
    """Lay the letters of a stack side by side.

    Parameters
    ----------
    stack
        An upright RGB picture of letters one below another.

    Returns
    -------
    ndarray or None
        The letters as a line, or None where the picture does not fall into `LEAST_LETTERS` letters of about one height.
    """
    letters = [span for span in _spans(np.asarray(_ink(stack).any(axis=1))) if span[1] - span[0] >= 3]
    heights = [end - start for start, end in letters]
    if len(letters) < LEAST_LETTERS or max(heights) > MOST_UNEVEN * float(np.median(heights)):
        return None
    edges = [0, *((below[0] + above[1]) // 2 for above, below in pairwise(letters)), len(stack)]
    cells = [_framed(stack[top:bottom]) for top, bottom in pairwise(edges)]
    tall = max(len(cell) for cell in cells)
    return np.concatenate([_grown(cell, tall) for cell in cells], axis=1)


def _ink(picture: Pixels) -> NDArray[np.bool_]:
    """Tell letters from their ground: the ground is what the rim at both sides shows."""
    import cv2

    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    _, bright = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    light = bright.astype(bool)
    return np.asarray(~light if np.concatenate([light[:, 0], light[:, -1]]).mean() > 0.5 else light)


def _spans(rows: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Find the runs of rows that hold ink, as (first, one past the last)."""
    change = np.flatnonzero(np.diff(np.concatenate([[False], rows, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in change.reshape(-1, 2)]


def _framed(cell: Pixels) -> Pixels:
    """Cut the ground at the sides of a letter down to a little air."""
    columns = np.flatnonzero(_ink(cell).any(axis=0))
    if not len(columns):
        return cell
    air = max(1, round(0.08 * len(cell)))
    return cell[:, max(0, columns[0] - air) : columns[-1] + air + 1]


def _grown(cell: Pixels, rows: int) -> Pixels:
    import cv2

    missing = rows - len(cell)
    above = missing // 2
    return np.asarray(cv2.copyMakeBorder(cell, above, missing - above, 0, 0, cv2.BORDER_REPLICATE), dtype=np.uint8)
