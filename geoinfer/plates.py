"""Plates: readings that share one background, and what that background looks like.

Two lines share a plate when they run parallel, are of similar size and close, and when the gap between them is
painted in the colour that both stand on. A frame, a strip of sky or a divider across the gap keeps them apart, so
that a gantry with two panels is two plates and a shop sign behind a road sign is neither of them. Without pixels only
the geometry speaks, and it is given less reach.

Colours are compared in CIELAB, where equal distances look about equally different (CIE 15:2018), and named in HSV.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoinfer.frames import Floats, Frame, enclosing_frame, frame_of
from geoinfer.readings import Reading

Pixels = NDArray[np.uint8]

MAX_ANGLE = math.radians(12.0)
MAX_SIZE_RATIO = 2.3
STACK_GAP = 2.2
"""Largest gap between stacked lines of one plate, in letter heights, when the gap is seen to be plate."""
ROW_GAP = 12.0
"""Largest gap between a name and its distance on one row, in letter heights, when the gap is seen to be plate."""
BLIND_STACK_GAP, BLIND_ROW_GAP = 1.1, 4.0
"""The same where no pixels are at hand."""
MAX_INK_DISTANCE = 40.0
"""Largest colour difference between letters of one plate; what is sprayed on it is of another colour."""
MAX_MARGIN = 4.0
"""How far a plate may reach beyond its letters, in letter heights, to count as having an edge there."""


@dataclass(frozen=True, slots=True)
class Paint:
    """What a line is painted with, in CIELAB (L 0 to 100).

    Attributes
    ----------
    ground, ink
        Colours of background and letters.
    """

    ground: tuple[float, float, float]
    ink: tuple[float, float, float]

    @property
    def contrast(self) -> float:
        """Lightness of the ink over that of the ground; negative for dark letters."""
        return self.ink[0] - self.ground[0]


@dataclass(frozen=True, slots=True)
class Plate:
    """Readings that share a background.

    Attributes
    ----------
    readings
        From top to bottom, left to right.
    colour
        One of `geoinfer.signs.COLOURS`.
    dark_text
        Whether the letters are darker than the plate; None without pixels.
    margins
        Plate beyond the letters (left, top, right, bottom) in letter heights; ``inf`` where no edge was found. Empty
        without pixels.
    struck
        Whether a red bar crosses the plate from corner to corner.
    """

    readings: tuple[Reading, ...]
    colour: str
    dark_text: bool | None = None
    margins: tuple[float, ...] = ()
    struck: bool = False

    @property
    def has_edges(self) -> bool:
        """Whether the plate was seen to end on all four sides."""
        return bool(self.margins) and all(margin <= MAX_MARGIN for margin in self.margins)


def find_plates(readings: Sequence[Reading], pixels: Pixels | None) -> list[Plate]:
    """Group readings into plates.

    Parameters
    ----------
    readings
        Readings of one photo.
    pixels
        The upright photo, RGB, or None to group by geometry alone.

    Returns
    -------
    list of Plate
        From top to bottom of the photo; every reading is on exactly one of them.
    """
    frames = [frame_of(reading.polygon) for reading in readings]
    paints = [_paint(frame, pixels) if pixels is not None else None for frame in frames]
    owner = list(range(len(readings)))
    for i in range(len(readings)):
        for j in range(i + 1, len(readings)):
            if _share_plate(frames[i], frames[j], paints[i], paints[j], pixels):
                keep, drop = _root(owner, i), _root(owner, j)
                owner[max(keep, drop)] = min(keep, drop)
    groups: dict[int, list[int]] = {}
    for i in range(len(readings)):
        groups.setdefault(_root(owner, i), []).append(i)
    members = [_by_rows(group, frames) for group in groups.values()]
    first = {group[0]: group for group in members}
    members = [first[i] for i in _by_rows(list(first), frames)]
    return [_plate(group, readings, frames, paints, pixels) for group in members]


def _by_rows(group: Sequence[int], frames: Sequence[Frame]) -> list[int]:
    """Order lines from top to bottom, and from left to right where they share a row."""
    rows: list[list[int]] = []
    for i in sorted(group, key=lambda i: frames[i].y):
        if rows and frames[i].y - frames[rows[-1][0]].y < 0.5 * frames[i].height:
            rows[-1].append(i)
        else:
            rows.append([i])
    return [i for row in rows for i in sorted(row, key=lambda i: frames[i].x)]


def name_colour(ground: tuple[float, float, float], contrast: float) -> str:
    """Name a plate's colour.

    Parameters
    ----------
    ground
        Background in CIELAB.
    contrast
        Lightness of the letters minus that of the background. A grey plate is a white one in the shade when its
        letters are darker, and a black one in the light when they are much brighter.

    Examples
    --------
    >>> name_colour((38.0, 5.0, -45.0), 50.0), name_colour((62.0, 0.0, 1.0), -40.0), name_colour((50.0, 0.0, 0.0), 5.0)
    ('blue', 'white', 'unknown')
    """
    light, a, b = ground
    chroma, hue = math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360
    # Night and overcast take chroma away with the light, so the limit falls with lightness.
    if chroma < 7 + 0.09 * light:
        if light > 80 or (light > 35 and contrast < -15):
            return "white"
        return "black" if light < 30 or (light < 45 and contrast > 30) else "unknown"
    for low, high, name in ((230, 312, "blue"), (125, 205, "green"), (66, 110, "yellow")):
        if low <= hue < high:
            return "brown" if name == "yellow" and light < 40 else name
    if hue >= 345 or hue < 66:
        if hue < 42 or hue >= 345:
            return "red" if chroma > 28 else "unknown"
        return "yellow" if light > 60 and hue > 50 else "brown"
    # Between green and blue lie faded blue plates and the sea; only a cold green is told apart.
    return "blue" if hue >= 215 else "unknown"


def _root(owner: list[int], i: int) -> int:
    while owner[i] != i:
        i = owner[i]
    return i


def _sample(pixels: Pixels, points: Floats) -> Floats:
    """Read pixels at (x, y) points, nearest neighbour, clamped to the photo, as CIELAB."""
    height, width = pixels.shape[:2]
    x = np.clip(np.nan_to_num(points[..., 0]).round(), 0, width - 1).astype(np.intp)
    y = np.clip(np.nan_to_num(points[..., 1]).round(), 0, height - 1).astype(np.intp)
    return _to_lab(pixels[y, x])


def _to_lab(rgb: NDArray[Any]) -> Floats:
    """Convert sRGB bytes to CIELAB under D65 (IEC 61966-2-1, CIE 15:2018)."""
    value = rgb.astype(np.float64) / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    matrix = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = linear @ matrix.T / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1)


def _paint(frame: Frame, pixels: Pixels | None) -> Paint:
    """Separate ink from ground inside a line's box."""
    assert pixels is not None
    columns = int(np.clip(frame.width / frame.height * 16, 24, 160))
    across, down = np.meshgrid(np.linspace(-1, 1, columns), np.linspace(-1, 1, 16))
    lab = _sample(pixels, frame.to_pixels(across * frame.width / 2, down * frame.height / 2)).reshape(-1, 3)
    axis = lab - lab.mean(axis=0)
    # The direction in which ink and ground differ most is the first principal one.
    direction = np.linalg.eigh(axis.T @ axis)[1][:, -1]
    along = axis @ direction
    side = along > _otsu(along)
    ground_side = _ground_side(side.reshape(across.shape), down)
    ground, ink = lab[side == ground_side], lab[side != ground_side]
    ground_colour = np.median(ground, axis=0) if len(ground) else lab.mean(axis=0)
    ink_colour = np.median(ink, axis=0) if len(ink) else ground_colour
    return Paint(_triple(ground_colour), _triple(ink_colour))


def _ground_side(side: NDArray[np.bool_], down: Floats) -> bool:
    """Say which of two colours is the ground: that of the box's rim, unless the rim is a frame.

    Within a frame run whole rows of ground above and below the letters; letters never fill a row.
    """
    rim = bool(side[np.abs(down) > 0.85].mean() > 0.5)
    rows = (side != rim).mean(axis=1)
    above, below = rows[down[:, 0] < -0.3], rows[down[:, 0] > 0.3]
    return not rim if above.max() > 0.85 and below.max() > 0.85 else rim


def _triple(values: Floats) -> tuple[float, float, float]:
    return float(values[0]), float(values[1]), float(values[2])


def _otsu(values: Floats) -> float:
    """Find the cut that separates values into two groups of least spread (Otsu 1979)."""
    ordered = np.sort(values)
    n = np.arange(1, len(ordered))
    sums = np.cumsum(ordered)[:-1]
    low, high = sums / n, (ordered.sum() - sums) / (len(ordered) - n)
    best = int(np.argmax(n * (len(ordered) - n) * (high - low) ** 2))
    return float((ordered[best] + ordered[best + 1]) / 2)


def _distance(lab: Floats, colour: tuple[float, float, float]) -> Floats:
    """Colour difference that forgives lightness, which shade and gradients change along one plate."""
    delta = (lab - np.asarray(colour)) * np.array([0.7, 1.0, 1.0])
    return np.asarray(np.sqrt((delta**2).sum(axis=-1)))


def _tolerance(paint: Paint) -> float:
    """How far a pixel may be from the ground to count as ground: well under half way to the ink."""
    gap = float(_distance(np.asarray(paint.ink), paint.ground))
    return float(np.clip(0.4 * gap, 7.0, 20.0))


def _share_plate(a: Frame, b: Frame, paint_a: Paint | None, paint_b: Paint | None, pixels: Pixels | None) -> bool:
    turn = abs(math.remainder(a.angle - b.angle, 2 * math.pi))
    size = max(a.height, b.height) / min(a.height, b.height)
    if turn > MAX_ANGLE or size > MAX_SIZE_RATIO:
        return False
    across, down = a.offset(b.x, b.y)
    letter = (a.height + b.height) / 2
    row_gap = abs(across) - (a.width + b.width) / 2
    stack_gap = abs(down) - letter
    seen = pixels is not None
    on_row = abs(down) < 0.6 * letter and row_gap < letter * (ROW_GAP if seen else BLIND_ROW_GAP)
    stacked = row_gap < 0 and stack_gap < letter * (STACK_GAP if seen else BLIND_STACK_GAP)
    # A distance stands at the middle of a name given in two scripts, half a line below the first of them.
    beside = abs(down) < 1.3 * letter and 0 <= row_gap < letter * (3.0 if seen else 1.5)
    if not (on_row or stacked or beside):
        return False
    if pixels is None or paint_a is None or paint_b is None:
        return True
    if (paint_a.contrast > 0) != (paint_b.contrast > 0) and min(abs(paint_a.contrast), abs(paint_b.contrast)) > 12:
        return False
    if float(_distance(np.asarray(paint_a.ink), paint_b.ink)) > MAX_INK_DISTANCE:
        return False
    tolerance = max(_tolerance(paint_a), _tolerance(paint_b))
    if float(_distance(np.asarray(paint_a.ground), paint_b.ground)) > tolerance + 4:
        return False
    return _gap_is_plate(a, b, paint_a, paint_b, pixels, sideways=row_gap >= 0)


def _gap_is_plate(a: Frame, b: Frame, paint_a: Paint, paint_b: Paint, pixels: Pixels, *, sideways: bool) -> bool:
    """Whether most straight paths across the gap between two boxes stay on the ground colour."""
    across, down = a.offset(b.x, b.y)
    if sideways:
        low = max(-a.height / 2, down - b.height / 2)
        high = min(a.height / 2, down + b.height / 2)
        if high <= low:
            low, high = sorted((0.0, down))
        start, stop = math.copysign(a.width / 2, across), across - math.copysign(b.width / 2, across)
    else:
        low, high = max(-a.width / 2, across - b.width / 2), min(a.width / 2, across + b.width / 2)
        start, stop = math.copysign(a.height / 2, down), down - math.copysign(b.height / 2, down)
    if (stop - start) * (across if sideways else down) <= 0:
        return True  # The boxes touch or overlap: there is no gap to look at.
    lanes = np.linspace(low, high, 15)[1:-1]
    steps = np.linspace(start, stop, int(np.clip(abs(stop - start), 3, 200)))
    way, lane = np.meshgrid(steps, lanes)
    points = a.to_pixels(way, lane) if sideways else a.to_pixels(lane, way)
    lab = _sample(pixels, points)
    off = np.minimum(_distance(lab, paint_a.ground), _distance(lab, paint_b.ground)) > min(
        _tolerance(paint_a), _tolerance(paint_b)
    )
    return bool(off.any(axis=1).mean() < 0.6)


def _plate(
    group: list[int],
    readings: Sequence[Reading],
    frames: Sequence[Frame],
    paints: Sequence[Paint | None],
    pixels: Pixels | None,
) -> Plate:
    members = tuple(readings[i] for i in group)
    known = [paint for i in group if (paint := paints[i]) is not None]
    if pixels is None or not known:
        return Plate(members, "unknown")
    ground = _triple(np.median([paint.ground for paint in known], axis=0))
    ink = _triple(np.median([paint.ink for paint in known], axis=0))
    paint = Paint(ground, ink)
    box = enclosing_frame([readings[i].polygon for i in group])
    letter = float(np.median([frames[i].height for i in group]))
    margins = _margins(box, letter, paint, pixels)
    colour = name_colour(ground, paint.contrast)
    struck = colour in ("white", "blue") and _struck_in_red(box, letter, margins, pixels)
    return Plate(members, colour, paint.contrast < 0, margins, struck)


def _margins(box: Frame, letter: float, paint: Paint, pixels: Pixels) -> tuple[float, ...]:
    """How far the ground goes on beyond the letters to the left, top, right and bottom, in letter heights.

    Parallel paths run outwards from each side of the box. Where two thirds of them leave the ground colour, and the
    places where they do lie on a line, there is the edge: a border line and what is outside it both count as left.
    """
    reach = np.arange(0, MAX_MARGIN, max(0.02, 1 / letter))
    side = np.linspace(-0.8, 0.8, 15)
    tolerance = max(_tolerance(paint), 12.0)
    found = []
    for horizontal, sign in ((True, -1.0), (False, -1.0), (True, 1.0), (False, 1.0)):
        way, lane = np.meshgrid(reach * letter, side)
        if horizontal:
            points = box.to_pixels(sign * (box.width / 2 + way), lane * box.height / 2)
        else:
            points = box.to_pixels(lane * box.width / 2, sign * (box.height / 2 + way))
        inside = (points >= 0).all(axis=-1) & (points < [pixels.shape[1], pixels.shape[0]]).all(axis=-1)
        off = (_distance(_sample(pixels, points), paint.ground) > tolerance) & inside
        # One stray sample is noise, two are the thinnest border.
        left = off[:, :-1] & off[:, 1:]
        hit = left.any(axis=1)
        where = reach[left.argmax(axis=1)][hit]
        straight = len(where) >= 0.66 * len(side) and _spread_about_line(side[hit], where) < 0.25
        found.append(float(np.median(where)) if straight else math.inf)
    return tuple(found)


def _spread_about_line(x: Floats, y: Floats) -> float:
    """Median distance of points from the line through the medians of their halves, which a few strays do not turn."""
    middle = len(x) // 2
    first, last = slice(None, middle), slice(middle, None)
    run = float(np.median(x[last]) - np.median(x[first]))
    slope = float(np.median(y[last]) - np.median(y[first])) / run if run else 0.0
    rest = y - slope * x
    return float(np.median(np.abs(rest - np.median(rest))))


def _struck_in_red(box: Frame, letter: float, margins: tuple[float, ...], pixels: Pixels) -> bool:
    """Whether red pixels line up from the plate's bottom left corner to its top right, and hardly lie elsewhere.

    That bar is how Ukraine, Belarus and Russia mark the end of a settlement.
    """
    if not all(math.isfinite(margin) for margin in margins):
        return False
    left, top, right, bottom = (margin * letter for margin in margins)
    across, down = np.meshgrid(np.linspace(0, 1, 81), np.linspace(0, 1, 41))
    points = box.to_pixels(
        across * (box.width + left + right) - box.width / 2 - left,
        down * (box.height + top + bottom) - box.height / 2 - top,
    )
    lab = _sample(pixels, points)
    hue = np.degrees(np.arctan2(lab[..., 2], lab[..., 1]))
    red = (np.hypot(lab[..., 1], lab[..., 2]) > 28) & (np.abs(hue - 25) < 35)
    near = np.abs(across + down - 1) < 0.14
    middle = (across > 0.12) & (across < 0.88)
    bar = [bool(red[:, i][near[:, i]].any()) for i in range(81) if 0.12 < i / 80 < 0.88]
    elsewhere = red[~near & middle]
    return float(np.mean(bar)) > 0.8 and float(elsewhere.mean()) < 0.1
