"""Lines cut out of a photo and laid level."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Point = tuple[float, float]
Polygon = tuple[Point, ...]

MAX_ROWS, MAX_COLUMNS = 128, 6400
LARGE = 500
"""Of a picture with so many rows and columns nobody misses one that is left out."""
IN_NETWORK = np.arange(256, dtype=np.float32) / np.float32(127.5) - np.float32(1)
"""What a byte of a picture is to the networks: looking it up is far quicker than to reckon it anew for every pixel."""


def sides(polygon: Sequence[Point]) -> tuple[float, float]:
    """Width and height in pixels of a four-cornered polygon, clockwise from the text's top left.

    Examples
    --------
    >>> sides([(0, 0), (30, 0), (30, 10), (0, 10)])
    (30.0, 10.0)
    """
    p = np.asarray(polygon, dtype=np.float64)
    width = (np.linalg.norm(p[1] - p[0]) + np.linalg.norm(p[2] - p[3])) / 2
    height = (np.linalg.norm(p[3] - p[0]) + np.linalg.norm(p[2] - p[1])) / 2
    return float(width), float(height)


def step(left: Sequence[Point], right: Sequence[Point]) -> tuple[float, float]:
    """How far the right piece of a line begins ahead of the left one's end, and beside its direction, in pixels.

    Examples
    --------
    >>> step([(0, 0), (30, 0), (30, 10), (0, 10)], [(36, 2), (50, 2), (50, 12), (36, 12)])
    (6.0, 2.0)
    """
    one, two = np.asarray(left, dtype=np.float64), np.asarray(right, dtype=np.float64)
    gap = (two[0] + two[3]) / 2 - (one[1] + one[2]) / 2
    along = (one[1] - one[0]) / max(sides(left)[0], 1e-6)
    return float(gap @ along), float(abs(along[0] * gap[1] - along[1] * gap[0]))


def widen(polygon: Sequence[Point], margin: float) -> Polygon:
    """Move the sides of a four-cornered polygon outwards by `margin` times its height.

    Examples
    --------
    >>> widen([(0, 0), (30, 0), (30, 10), (0, 10)], 0.1)
    ((-1.0, -1.0), (31.0, -1.0), (31.0, 11.0), (-1.0, 11.0))
    """
    p = np.asarray(polygon, dtype=np.float64)
    width, height = sides(polygon)
    along = (p[1] - p[0] + p[2] - p[3]) / (2 * max(width, 1e-6))
    down = (p[3] - p[0] + p[2] - p[1]) / (2 * max(height, 1e-6))
    step = margin * height
    signs = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], dtype=np.float64)
    moved = p + step * (signs[:, :1] * along + signs[:, 1:] * down)
    return tuple((float(x), float(y)) for x, y in moved)


def turn(polygon: Sequence[Point], quarters: int) -> Polygon:
    """Name another corner the text's top left, for text that runs down (1) or up (3) the polygon's long side."""
    k = quarters % 4
    return (*polygon[k:], *polygon[:k])


def planes(pixels: Pixels) -> NDArray[np.float32]:
    """Lay an RGB picture out as the networks want it: one batch of BGR planes in [-1, 1].

    Examples
    --------
    >>> planes(np.array([[[255, 0, 0]]], np.uint8)).ravel()
    array([-1., -1.,  1.], dtype=float32)
    """
    import cv2

    laid = np.empty((1, 3, *pixels.shape[:2]), np.float32)
    for plane, channel in enumerate((2, 1, 0)):
        laid[0, plane] = cv2.LUT(cv2.extractChannel(pixels, channel), IN_NETWORK)
    return laid


def halved(pixels: Pixels) -> Pixels:
    """Average every four pixels; an odd last row or column is left out.

    Examples
    --------
    >>> halved(np.arange(15, dtype=np.uint8).reshape(3, 5)).tolist()
    [[3, 5]]
    """
    import cv2

    rows, columns = pixels.shape[0] // 2, pixels.shape[1] // 2
    even = pixels[: 2 * rows, : 2 * columns]
    return np.asarray(cv2.resize(even, (columns, rows), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def shrunk(pixels: Pixels, columns: int, rows: int) -> Pixels:
    """Scale a picture down, in halves as far as that goes: many times as fast as averaging in one step.

    Examples
    --------
    >>> shrunk(np.zeros((3000, 4000, 3), np.uint8), 1600, 1216).shape
    (1216, 1600, 3)
    """
    import cv2

    while pixels.shape[1] >= 2 * columns and pixels.shape[0] >= 2 * rows and min(pixels.shape[:2]) >= LARGE:
        pixels = halved(pixels)
    if pixels.shape[:2] == (rows, columns):
        return pixels
    little = min(columns / pixels.shape[1], rows / pixels.shape[0]) > 0.75  # then no pixel is passed over
    how = cv2.INTER_LINEAR if little else cv2.INTER_AREA
    return np.asarray(cv2.resize(pixels, (columns, rows), interpolation=how), dtype=np.uint8)


def rectify(pixels: Pixels, polygon: Sequence[Point]) -> Pixels:
    """Cut a four-cornered line out of a photo and lay it level.

    Parameters
    ----------
    pixels
        The photo, rows x columns x RGB.
    polygon
        Corners (x, y) in pixels, clockwise from the text's top left; parts outside of the photo repeat its edge.

    Returns
    -------
    ndarray
        The line in about the photo's own resolution, at most `MAX_ROWS` x `MAX_COLUMNS`.
    """
    import cv2

    width, height = sides(polygon)
    shrink = min(1.0, MAX_ROWS / max(height, 1), MAX_COLUMNS / max(width, 1))
    columns, rows = max(8, round(width * shrink)), max(8, round(height * shrink))
    corners = np.asarray(polygon, dtype=np.float32)
    low = np.floor(corners.min(axis=0)).astype(int) - 2
    high = np.ceil(corners.max(axis=0)).astype(int) + 3
    x0, y0 = int(np.clip(low[0], 0, pixels.shape[1] - 1)), int(np.clip(low[1], 0, pixels.shape[0] - 1))
    x1, y1 = int(np.clip(high[0], x0 + 1, pixels.shape[1])), int(np.clip(high[1], y0 + 1, pixels.shape[0]))
    window = pixels[y0:y1, x0:x1]
    corners -= np.array([x0, y0], dtype=np.float32)
    while shrink <= 0.25 and min(window.shape[:2]) > 1:
        # Smoothing a large window as it is takes long.
        window, corners, shrink = halved(window), corners * np.float32(0.5), 2 * shrink
    if shrink < 0.7:
        # Warping takes single pixels: what is shrunk much is smoothed first, or thin strokes break up.
        window = np.asarray(cv2.GaussianBlur(window, (0, 0), 0.4 / shrink), dtype=np.uint8)
    target = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(corners, target)
    line = cv2.warpPerspective(window, matrix, (columns, rows), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(line, dtype=np.uint8)
