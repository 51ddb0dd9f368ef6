"""Outlines: closed shapes with four straight sides, which may be the rims of plates.

A far plate shows its rim before its letters: the detector of lines may see nothing on it that a closer look would
show. Edges (Canny 1986) are followed to closed contours, and what has four corners and fills its own frame is kept.
A photograph of a street has a handful of such shapes, one of a forest none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geoinfer.rectify import Pixels

WEAK_EDGE, STRONG_EDGE = 40, 110
"""Differences of lightness (of 255, summed as Canny's method does) from which an edge goes on, and from which it
begins."""
LEAST_WIDTH, LEAST_HEIGHT = 20, 10
"""Size, in pixels, below which no letter on a plate could be read."""
LARGEST = 1 / 3
"""Share of the picture's width and height beyond which a shape needs no closer look."""
LEAST_ASPECT = 0.5
"""Width over height: narrower shapes are doors and windows."""
FULL = 0.82
"""Share of its own leaning frame that a shape must fill."""
STRAIGHT = 0.04
"""How far a side may bend, as a share of the way round."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A shape with four straight sides, as a level box in pixels of its picture."""

    left: int
    top: int
    width: int
    height: int


def find_outlines(pixels: Pixels) -> list[Outline]:
    """Find shapes that may be plates, the smallest first.

    Parameters
    ----------
    pixels
        Rows x columns x RGB.

    Examples
    --------
    >>> import cv2
    >>> photo = np.full((300, 400, 3), 90, np.uint8)
    >>> _ = cv2.rectangle(photo, (150, 100), (230, 140), (255, 255, 255), -1)
    >>> *_, outline = find_outlines(photo)
    >>> 75 < outline.width < 90 and 35 < outline.height < 50
    True
    """
    import cv2

    if min(pixels.shape[:2]) < LEAST_HEIGHT:
        return []
    light = cv2.GaussianBlur(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), (3, 3), 0)
    edges = cv2.dilate(cv2.Canny(light, WEAK_EDGE, STRONG_EDGE), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(edges, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found: set[tuple[int, int, int, int]] = set()
    for contour in contours:
        left, top, width, height = cv2.boundingRect(contour)
        if width < max(LEAST_WIDTH, LEAST_ASPECT * height) or height < LEAST_HEIGHT:
            continue
        if width > LARGEST * pixels.shape[1] or height > LARGEST * pixels.shape[0]:
            continue
        corners = cv2.approxPolyDP(contour, STRAIGHT * cv2.arcLength(contour, True), True)
        _, (wide, high), _ = cv2.minAreaRect(contour)
        if len(corners) == 4 and cv2.isContourConvex(corners) and cv2.contourArea(contour) > FULL * wide * high:
            found.add((left, top, width, height))
    return [Outline(*box) for box in sorted(found, key=lambda box: (box[2] * box[3], box))]
