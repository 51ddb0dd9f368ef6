"""Where in a photo there is text: boxes round lines, from PP-OCRv6's detector in the ``rapidocr`` wheel.

The network gives every pixel a probability of lying in the core of a line. Connected cores become rotated rectangles,
which are grown back to the size of their line (differentiable binarisation, Liao et al. 2020, section 3.4: the core is
the line shrunk by area x ratio / perimeter).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geoinfer.outlines import Outline, find_outlines
from geoinfer.recogniser import open_session, wheel_model
from geoinfer.rectify import Pixels, Polygon, planes, shrunk

CORE = 0.3
"""Pixels with a higher probability are the core of a line."""
BOX = 0.45
"""Boxes whose core has a lower mean probability are dropped."""
FAINT_CORE, FAINT_BOX = 0.1, 0.12
"""The same for faint lines: far letters, letters among other things. Who reads them must judge."""
GROWTH = 1.6
"""How far a core is grown, as a share of its area over its perimeter."""
LOOK_SIDE = 1600
"""Longest side, in pixels, of the photo as a whole when the network looks at it; smaller photos are not enlarged to it,
but to an area."""
LOOK_AREA = 900_000
"""Pixels that smaller photos are enlarged to."""
MOST_UP = 2.0
"""Greatest enlargement of a photo as a whole."""
MAX_BOXES = 400

FAINT = 0.08
"""Pixels with a higher probability deserve a second, enlarged look."""
ZOOM_BUDGET = 1.0
"""Pixels of the second look, as a multiple of those of the first."""
DOUBTFUL_BUDGET = 0.35
"""The same where the first look finds no line, only faint signs of one."""
LINE_OF_CORE = 2.5
"""Height of a line as a multiple of its core's."""
REACH, MAX_REACH = 3.0, 150
"""How far round a line the second look looks, in line heights and at most in pixels of the first look."""
ZOOMED = 36
"""Height, in pixels, of the lines in the second look."""
LEAST_ZOOM = 1.3
"""Less enlargement shows nothing new."""
MAX_WINDOW = 2400
"""Longest side of an enlarged window, in pixels."""
LINE_OF_PLATE = 0.3
"""Height of a line as a share of its plate's, where nothing of the line is seen."""
PLATE_BUDGET = 0.25
"""Pixels of the looks at plates on which no line was found, as a multiple of those of the first look."""
PLATE_MARGIN = 0.15
"""What is looked at round such a plate, as a share of its height."""
FULL_LINE = 0.6
"""A line that takes up less of its plate's width may be the rest of a longer one."""


@dataclass(frozen=True, slots=True)
class Box:
    """A line of text that the detector sees, or may see.

    Attributes
    ----------
    polygon
        Four corners (x, y) in pixels of the photo, clockwise from the top left.
    score
        Mean probability of its core.
    """

    polygon: Polygon
    score: float


@dataclass(frozen=True, slots=True)
class Finding:
    """What the detector sees in a photo.

    Attributes
    ----------
    boxes
        Lines, clear ones first, then faint ones. A line may be there more than once, in whole and in parts.
    heat
        The first look's map: the probability that a pixel lies in the core of a line, at the scale of that look.
    """

    boxes: tuple[Box, ...]
    heat: NDArray[np.float32]


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

    def find(self, pixels: Pixels, zoom: bool = True) -> Finding:
        """Find the lines of a photo; where there may be small letters, look twice.

        The first look takes in the whole photo. The second takes the windows round what seemed to be text in the first
        one, faint signs of text too, and what has the outline of a plate, and looks at them enlarged.

        Parameters
        ----------
        pixels
            Rows x columns x RGB.
        zoom
            Whether to look twice.
        """
        scale = look_scale(*pixels.shape[:2])
        seen = _scaled(pixels, scale)
        heat = self._look(seen)
        rows, columns = pixels.shape[0] / heat.shape[0], pixels.shape[1] / heat.shape[1]
        boxes = boxes_of(heat, columns, rows)
        faint = boxes_of(heat, columns, rows, FAINT_CORE, FAINT_BOX)
        windows = (
            _affordable(hot_windows(heat), (ZOOM_BUDGET if boxes else DOUBTFUL_BUDGET) * heat.size) if zoom else []
        )
        if zoom:
            lines = [_middle_and_width(box.polygon, columns, rows) for box in boxes]
            outlines = find_outlines(seen)
            windows += _affordable(plate_windows(outlines, lines, windows), PLATE_BUDGET * heat.size)
        for window in windows:
            x0, x1 = (int(np.clip(x * columns, 0, pixels.shape[1])) for x in (window.left, window.right))
            y0, y1 = (int(np.clip(y * rows, 0, pixels.shape[0])) for y in (window.top, window.bottom))
            part = pixels[y0:y1, x0:x1]
            if min(part.shape[:2]) < 8:
                continue
            closer = self._look(_scaled(part, scale * window.zoom))
            grain = part.shape[1] / closer.shape[1], part.shape[0] / closer.shape[0]
            boxes += [moved(box, x0, y0) for box in boxes_of(closer, *grain)]
            faint += [moved(box, x0, y0) for box in boxes_of(closer, *grain, FAINT_CORE, FAINT_BOX)]
        return Finding((*boxes, *faint), heat)

    def _look(self, seen: Pixels) -> NDArray[np.float32]:
        """Map the probability that a pixel lies in the core of a line."""
        cores: NDArray[np.float32] = self._session.run(None, {"x": planes(seen)})[0][0, 0]
        return cores


def _scaled(pixels: Pixels, scale: float) -> Pixels:
    """Scale a picture about so much: the network takes whole steps of 32 pixels."""
    import cv2

    height, width = (max(32, round(n * scale / 32) * 32) for n in pixels.shape[:2])
    if scale < 1:
        return shrunk(pixels, width, height)
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def look_scale(rows: int, columns: int) -> float:
    """Give the scale at which a photo as a whole is looked at.

    Examples
    --------
    >>> look_scale(3000, 4000), look_scale(1067, 1600), round(look_scale(600, 800), 2), look_scale(100, 200)
    (0.4, 1.0, 1.37, 2.0)
    """
    fitting = min(1.0, LOOK_SIDE / max(rows, columns))
    return min(MOST_UP, max(fitting, math.sqrt(LOOK_AREA / max(rows * columns, 1))))


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the first look's map that deserves a second look, in pixels of that map, and how much to enlarge it."""

    left: int
    top: int
    right: int
    bottom: int
    zoom: float

    @property
    def area(self) -> int:
        """Pixels before it is enlarged."""
        return (self.right - self.left) * (self.bottom - self.top)


def hot_windows(cores: NDArray[np.float32]) -> list[Window]:
    """Windows round everything that may be small text, the hottest first.

    Examples
    --------
    >>> cores = np.zeros((320, 480), np.float32)
    >>> cores[100:104, 200:240] = 0.2
    >>> [window] = hot_windows(cores)
    >>> (window.left < 200, window.right > 240, window.zoom > 2)
    (True, True, True)
    """
    import cv2

    _, spots = _islands((cores > FAINT).astype(np.uint8))
    spots = spots[spots[:, 4] >= 2]
    areas = np.zeros(cores.shape, np.uint8)
    for left, top, width, height, _ in spots:
        # What stands on one plate belongs into one window: a spot counts for a few line heights round it.
        reach = int(np.clip(REACH * LINE_OF_CORE * min(width, height), 24, MAX_REACH))
        corner = (int(left + width + reach), int(top + height + reach // 2))
        cv2.rectangle(areas, (int(left - reach), int(top - reach // 2)), corner, 1, -1)
    owners, stats = _islands(areas)
    heights: list[list[int]] = [[] for _ in stats]
    for left, top, width, height, _ in spots:
        heights[owners[top, left] - 1].append(min(width, height))
    windows = []
    for (left, top, width, height), inside in zip(stats[:, :4], heights, strict=True):
        usual = LINE_OF_CORE * float(np.median(inside))
        zoom = min(ZOOMED / usual, 4.0, MAX_WINDOW / max(width, height))
        if zoom >= LEAST_ZOOM:
            heat = float(_hottest(cores[top : top + height, left : left + width], 60).mean())
            window = Window(int(left), int(top), int(left + width), int(top + height), round(zoom, 2))
            windows.append((heat, window))
    windows.sort(key=lambda pair: (-pair[0], pair[1].top, pair[1].left))
    return [window for _, window in windows]


def _islands(mask: NDArray[np.uint8]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Label what hangs together in a mask, and measure it: left, top, width, height, pixels; label 1 comes first."""
    import cv2

    labels = np.zeros(mask.shape, np.int32)
    left, top, width, height = cv2.boundingRect(mask)
    if not width:
        return labels, np.zeros((0, 5), np.int32)
    inside = slice(top, top + height), slice(left, left + width)  # most of a map is empty
    _, labels[inside], stats, _ = cv2.connectedComponentsWithStats(mask[inside])
    return labels, np.asarray(stats[1:] + np.array([left, top, 0, 0, 0]), np.int32)


def _hottest(cores: NDArray[np.float32], most: int) -> NDArray[np.float32]:
    """Give the so many highest numbers of a map, in rising order."""
    flat = cores.ravel()
    return np.sort(np.partition(flat, -most)[-most:] if most < flat.size else flat)


def plate_windows(
    outlines: Sequence[Outline], lines: Sequence[tuple[float, float, float]], others: Sequence[Window]
) -> list[Window]:
    """Windows round outlines of plates that no other window shows and no line (x, y of its middle, width) fills.

    Examples
    --------
    >>> plate = Outline(100, 100, 60, 40)
    >>> plate_windows([plate], [], [])
    [Window(left=94, top=94, right=166, bottom=146, zoom=3.0)]
    >>> plate_windows([plate], [(130, 110, 45)], [])
    []
    """
    windows: list[Window] = []
    for plate in outlines:
        right, bottom = plate.left + plate.width, plate.top + plate.height
        zoom = min(ZOOMED / (LINE_OF_PLATE * plate.height), 4.0, MAX_WINDOW / plate.width)
        read = any(
            plate.left < x < right and plate.top < y < bottom and width > FULL_LINE * plate.width
            for x, y, width in lines
        )
        seen = any(
            w.left <= plate.left and w.top <= plate.top and w.right >= right and w.bottom >= bottom
            for w in (*others, *windows)
        )
        if zoom >= LEAST_ZOOM and not read and not seen:
            pad = round(PLATE_MARGIN * plate.height)
            corner = max(0, plate.left - pad), max(0, plate.top - pad)
            windows.append(Window(*corner, right + pad, bottom + pad, round(zoom, 2)))
    return windows


def _affordable(windows: Sequence[Window], pixels: float) -> list[Window]:
    """Keep the windows, in order, that cost no more pixels than these; a large one that would is enlarged less."""
    kept = []
    for window in windows:
        zoom = min(window.zoom, (max(pixels, 0.0) / window.area) ** 0.5)
        if zoom >= LEAST_ZOOM:
            kept.append(replace(window, zoom=zoom))
            pixels -= window.area * zoom**2
    return kept


def _middle_and_width(polygon: Polygon, columns: float, rows: float) -> tuple[float, float, float]:
    """Give the middle of a polygon (x, y) and how far it reaches sideways, in pixels of the first look's map."""
    xs, ys = zip(*polygon, strict=True)
    return sum(xs) / len(xs) / columns, sum(ys) / len(ys) / rows, (max(xs) - min(xs)) / columns


def moved(box: Box, x: float, y: float) -> Box:
    """Shift a box, found in a part of the photo, to where that part lies."""
    return Box(tuple((px + x, py + y) for px, py in box.polygon), box.score)


def boxes_of(
    cores: NDArray[np.float32],
    x_scale: float = 1.0,
    y_scale: float = 1.0,
    least_core: float = CORE,
    least_box: float = BOX,
) -> list[Box]:
    """Turn a map of core probabilities into boxes, scaled to the photo, the largest first.

    Examples
    --------
    >>> cores = np.zeros((64, 128), np.float32)
    >>> cores[20:30, 20:100] = 0.9
    >>> [box] = boxes_of(cores)
    >>> [(round(x), round(y)) for x, y in box.polygon]
    [(13, 13), (107, 13), (107, 37), (13, 37)]
    """
    import cv2

    core = cv2.dilate((cores > least_core).astype(np.uint8), np.ones((2, 2), np.uint8))
    outlines, _ = cv2.findContours(core, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    outlines = sorted(outlines, key=cv2.contourArea, reverse=True)[:MAX_BOXES]
    boxes = []
    for outline in outlines:
        (cx, cy), (w, h), angle = cv2.minAreaRect(outline)
        if min(w, h) < 3:
            continue
        score = _mean_inside(cores, np.asarray(cv2.boxPoints(((cx, cy), (w, h), angle)), np.float32))
        if score < least_box:
            continue
        grow = 2 * GROWTH * w * h / (2 * (w + h))
        corners = cv2.boxPoints(((cx, cy), (w + grow, h + grow), angle)) * np.array([x_scale, y_scale], np.float32)
        boxes.append(Box(clockwise(np.asarray(corners, np.float32)), score))
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
