"""Where in a photo there is text: boxes round lines, from PP-OCRv6's detector in the ``rapidocr`` wheel.

The network gives every pixel a probability of lying in the core of a line. Connected cores become rotated rectangles,
which are grown back to the size of their line (differentiable binarisation, Liao et al. 2020, section 3.4: the core is
the line shrunk by area x ratio / perimeter).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoinfer.recogniser import open_session, wheel_model
from geoinfer.rectify import Pixels, Polygon, sides

CORE = 0.3
"""Pixels with a higher probability are the core of a line."""
BOX = 0.45
"""Boxes whose core has a lower mean probability are dropped."""
GROWTH = 1.6
"""How far a core is grown, as a share of its area over its perimeter."""
LOOK_SIDE = 1600
"""Longest side, in pixels, of the photo as a whole when the network looks at it."""
MAX_BOXES = 400


@dataclass(frozen=True, slots=True)
class Box:
    """A line of text that the detector sees.

    Attributes
    ----------
    polygon
        Four corners (x, y) in pixels of the photo, clockwise from the top left.
    score
        Mean probability of its core.
    """

    polygon: Polygon
    score: float


class Detector:
    """PP-OCRv6 small, the detector.

    Parameters
    ----------
    threads
        Threads of onnxruntime; 0 leaves it the choice.

    Raises
    ------
    EngineError
        Where the model is missing or not the one this release was made for.
    """

    def __init__(self, threads: int = 0):
        self._session = open_session(wheel_model("PP-OCRv6_det_small.onnx"), threads)

    def find(self, pixels: Pixels, side: int = LOOK_SIDE) -> list[Box]:
        """Find the lines of a photo, from top to bottom.

        Parameters
        ----------
        pixels
            Rows x columns x RGB.
        side
            The photo's longest side is scaled to this many pixels before the network looks, but never blown up more
            than twice.
        """
        scale = min(side / max(pixels.shape[:2]), 2.0)
        return ordered(self._look(pixels, scale))

    def _look(self, pixels: Pixels, scale: float) -> list[Box]:
        import cv2

        rows, columns = pixels.shape[:2]
        height, width = (max(32, round(n * scale / 32) * 32) for n in (rows, columns))
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        seen = cv2.resize(pixels, (width, height), interpolation=how)
        x = np.ascontiguousarray((seen[None, :, :, ::-1].astype(np.float32) / 127.5 - 1).transpose(0, 3, 1, 2))
        cores = self._session.run(None, {"x": x})[0][0, 0]
        return boxes_of(cores, columns / width, rows / height)


def boxes_of(cores: NDArray[np.float32], x_scale: float = 1.0, y_scale: float = 1.0) -> list[Box]:
    """Turn a map of core probabilities into boxes, scaled to the photo.

    Examples
    --------
    >>> cores = np.zeros((64, 128), np.float32)
    >>> cores[20:30, 20:100] = 0.9
    >>> [box] = boxes_of(cores)
    >>> [(round(x), round(y)) for x, y in box.polygon]
    [(13, 13), (107, 13), (107, 37), (13, 37)]
    """
    import cv2

    core = cv2.dilate((cores > CORE).astype(np.uint8), np.ones((2, 2), np.uint8))
    outlines, _ = cv2.findContours(core, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    outlines = sorted(outlines, key=cv2.contourArea, reverse=True)[:MAX_BOXES]
    boxes = []
    for outline in outlines:
        (cx, cy), (w, h), angle = cv2.minAreaRect(outline)
        if min(w, h) < 3:
            continue
        score = _mean_inside(cores, cv2.boxPoints(((cx, cy), (w, h), angle)))
        if score < BOX:
            continue
        grow = 2 * GROWTH * w * h / (2 * (w + h))
        corners = cv2.boxPoints(((cx, cy), (w + grow, h + grow), angle)) * np.array([x_scale, y_scale], np.float32)
        boxes.append(Box(clockwise(corners), score))
    return boxes


def _mean_inside(cores: NDArray[np.float32], corners: NDArray[np.float32]) -> float:
    import cv2

    top = np.array([cores.shape[1] - 1, cores.shape[0] - 1])
    low = np.clip(np.floor(corners.min(axis=0)), 0, top).astype(int)
    high = np.clip(np.ceil(corners.max(axis=0)), 0, top).astype(int)
    mask = np.zeros((high[1] - low[1] + 1, high[0] - low[0] + 1), np.uint8)
    cv2.fillPoly(mask, [np.round(corners - low).astype(np.int32)], 1)
    return float(cv2.mean(cores[low[1] : high[1] + 1, low[0] : high[0] + 1], mask)[0])


def clockwise(corners: NDArray[np.float32]) -> Polygon:
    """Order the corners of a rectangle clockwise, beginning where text would: top left, however the rectangle leans.

    Rectangles that stand (higher than wide) are not turned: their first corner is the top left one too.
    """
    centre = corners.mean(axis=0)
    angles = np.arctan2(corners[:, 1] - centre[1], corners[:, 0] - centre[0])
    ring = corners[np.argsort(angles)]  # clockwise on the screen, as y runs down
    # The top side is the one whose direction is closest to "rightwards".
    directions = np.roll(ring, -1, axis=0) - ring
    start = int(np.argmax(directions[:, 0] / np.maximum(np.linalg.norm(directions, axis=1), 1e-6)))
    return tuple((float(x), float(y)) for x, y in np.roll(ring, -start, axis=0))


def ordered(boxes: Sequence[Box]) -> list[Box]:
    """Sort boxes as people read: by rows of about the same height, each from left to right."""

    def middle(box: Box) -> tuple[float, float]:
        return sum(y for _, y in box.polygon) / 4, sum(x for x, _ in box.polygon) / 4

    rest, rows = sorted(boxes, key=middle), []
    for box in rest:
        y = middle(box)[0]
        if rows and y - middle(rows[-1][0])[0] < 0.5 * min(sides(box.polygon)[1], sides(rows[-1][0].polygon)[1]):
            rows[-1].append(box)
        else:
            rows.append([box])
    return [box for row in rows for box in sorted(row, key=lambda b: middle(b)[1])]
