"""Pictures of sign lines: flat, relief, outlined or letter-spaced, in every weather, cut out as the detector cuts them.

A line is drawn large on a plate (`letters`), given its look here (colours, shadow, border, neighbours), then cut out,
spoilt and scaled to the 48 rows that the recogniser takes (`spoil`).
"""

from __future__ import annotations

import numpy as np

from geoinfer.training.faces import CAP, Face
from geoinfer.training.letters import ROOM, Mask, draw_line
from geoinfer.training.spoil import Picture, Pixels, cut_out, noise, spoil

Colour = tuple[int, int, int]

PLATES: tuple[tuple[Colour, Colour], ...] = (
    ((20, 70, 160), (245, 245, 245)),  # blue: motorways in Belarus and Russia, all main roads in Ukraine
    ((0, 60, 130), (235, 235, 230)),
    ((10, 110, 70), (240, 240, 240)),  # green: motorways in Russia and Ukraine
    ((240, 240, 238), (20, 20, 20)),  # white: settlements, local roads
    ((250, 250, 250), (30, 60, 140)),
    ((240, 200, 40), (25, 25, 25)),  # yellow: temporary signs
    ((120, 70, 40), (245, 240, 235)),  # brown: sights
    ((180, 30, 35), (245, 245, 245)),
    ((40, 40, 42), (230, 225, 210)),
    ((200, 190, 170), (90, 60, 40)),
    ((150, 150, 150), (245, 245, 245)),
    ((170, 175, 180), (60, 60, 65)),
    ((235, 230, 215), (160, 30, 30)),
)
"""Plate and letter colours."""


def render_line(text: str, face: Face, rng: np.random.Generator, beside: str = "") -> Pixels:
    """Picture of a line as it comes out of the detector and the rectifier.

    Parameters
    ----------
    text
        One line.
    face
        The font to draw it in.
    rng
        Source of every choice; the same state gives the same picture.
    beside
        Text of another line, of which parts may show at the upper or lower edge.

    Returns
    -------
    ndarray
        `HEIGHT` rows, RGB.
    """
    mask = draw_line(text, face, rng)
    picture, front = _paint(mask, rng)
    _frame(picture, rng)
    _symbols(picture, mask, front, rng)
    if beside and rng.random() < 0.2:
        _next_line(picture, mask, draw_line(beside, face, rng), front, rng)
    return spoil(cut_out(picture, mask, rng), rng)


def _colours(rng: np.random.Generator) -> tuple[Picture, Picture]:
    if rng.random() < 0.6:
        plate, ink = PLATES[int(rng.integers(len(PLATES)))]
        back, front = np.array(plate, np.float32), np.array(ink, np.float32)
    else:
        back, front = rng.uniform(0, 255, 3).astype(np.float32), rng.uniform(0, 255, 3).astype(np.float32)
        if abs(float(back.mean() - front.mean())) < 45:
            front = 255 - back if abs(float(back.mean()) - 127) > 25 else np.full(3, rng.choice([15, 240]), np.float32)
    if rng.random() < 0.6:
        # Paint fades and haze greys.
        fade = float(rng.uniform(0.3, 1))
        back, front = (np.asarray(c.mean() + (c - c.mean()) * fade, np.float32) for c in (back, front))
    return back, front


def _background(shape: tuple[int, int], colour: Picture, rng: np.random.Generator) -> Picture:
    """Make a plate, a wall or a bush of about the colour."""
    h, w = shape
    picture = np.empty((h, w, 3), np.float32)
    picture[:] = colour
    if rng.random() < 0.6:
        picture += noise(shape, int(rng.choice([40, 90, 160])), rng)[..., None] * rng.uniform(4, 45)
    if rng.random() < 0.3:
        picture += noise(shape, int(rng.choice([3, 6, 12])), rng)[..., None] * rng.uniform(4, 28)
    busy = rng.random()
    if busy < 0.12:
        # Tiles, boards, lattices behind open letters.
        period, phase = int(rng.integers(12, 60)), int(rng.integers(60))
        axis = np.arange(w if rng.random() < 0.5 else h)
        stripes = (((axis + phase) % period) < max(2, period // int(rng.integers(3, 14)))).astype(np.float32)
        picture -= (stripes[None, :, None] if len(axis) == w else stripes[:, None, None]) * rng.uniform(10, 70)
    elif busy < 0.2:
        # Leaves, gravel, crowds: spots of many sizes and colours.
        for grain in (4, 10, 24):
            tint = rng.uniform(-1, 1, 3).astype(np.float32)
            picture += noise(shape, grain, rng)[..., None] * (rng.uniform(6, 30) + tint * 12)
    return picture


def _paint(mask: Mask, rng: np.random.Generator) -> tuple[Picture, Picture]:
    """Ink on a background, in one of the looks of letters on signs, walls and steles; and the ink's colour."""
    import cv2

    back, front = _colours(rng)
    picture = _background((mask.shape[0], mask.shape[1]), back, rng)
    ink = np.asarray(mask, np.float32) / np.float32(255)
    look = rng.random()
    if look < 0.12:
        front = _raise(picture, ink, back, front, rng)
    elif look < 0.19:
        # A rim round the letters, or the rim alone.
        rim = cv2.dilate(ink, np.ones((int(rng.integers(3, 8)),) * 2, np.uint8))
        tone = rng.uniform(0, 255, 3).astype(np.float32)
        picture += (tone - picture) * rim[..., None]
        if rng.random() < 0.4:
            front = back
    elif look < 0.26:
        shift = tuple(int(v) for v in rng.integers(-5, 6, 2))
        shadow = cv2.GaussianBlur(np.roll(ink, shift, (0, 1)), (0, 0), float(rng.uniform(0.5, 3)))
        picture *= 1 - shadow[..., None] * rng.uniform(0.3, 0.8)
    face = np.empty_like(picture)
    face[:] = front
    if rng.random() < 0.25:
        # Two-tone and unevenly lit letters; some tones come close to the background's.
        ramp = np.linspace(0, 1, mask.shape[0], dtype=np.float32)[:, None, None]
        face += rng.uniform(-60, 60, 3).astype(np.float32) * ramp
    if rng.random() < 0.15:
        worn = noise((mask.shape[0], mask.shape[1]), int(rng.integers(4, 14)), rng)
        ink = ink * np.clip(1.6 - np.maximum(worn, 0) * rng.uniform(0.8, 2.2), 0, 1)
    opacity = 1.0 if rng.random() < 0.7 else float(rng.uniform(0.35, 1))
    picture += (face - picture) * ink[..., None] * opacity
    return picture, front


def _raise(picture: Picture, ink: Picture, back: Picture, front: Picture, rng: np.random.Generator) -> Picture:
    """Give letters sides, as on a stele: the sides are the shadow of the face, pushed away from it."""
    deep = 8 if rng.random() < 0.6 else 14
    dx, dy = (int(v) for v in rng.integers(-deep, deep + 1, 2))
    side = ink
    steps = max(abs(dx), abs(dy), 1)
    for k in range(1, steps + 1):
        side = np.maximum(side, np.roll(ink, (round(dy * k / steps), round(dx * k / steps)), (0, 1)))
    tone = front * rng.uniform(0.2, 0.8) if rng.random() < 0.7 else np.full(3, rng.uniform(0, 90), np.float32)
    picture += (tone - picture) * side[..., None]
    return back + rng.uniform(-25, 25, 3).astype(np.float32) if rng.random() < 0.35 else front


def _frame(picture: Picture, rng: np.random.Generator) -> None:
    """Draw borders of the plate, as they show in a crop."""
    w = picture.shape[1]
    colour = rng.uniform(0, 255, 3).astype(np.float32)
    if rng.random() < 0.15:
        y, thick = int(rng.choice([1.45, 1.6, 3.4, 3.6]) * CAP), int(rng.integers(2, 8))
        picture[y : y + thick] = colour
    if rng.random() < 0.1:
        x, thick = int(rng.choice([1.4, 1.7]) * CAP), int(rng.integers(2, 10))
        picture[:, x : x + thick] = colour
        if rng.random() < 0.5:
            picture[:, w - x : w - x + thick] = colour
    if rng.random() < 0.06:
        # Where the plate ends the world begins.
        far = rng.uniform(0, 255, 3).astype(np.float32)
        edge = int(rng.uniform(1.2, 1.9) * CAP)
        part = picture[:, :edge] if rng.random() < 0.5 else picture[:, w - edge :]
        part[:] = far + noise((part.shape[0], part.shape[1]), 12, rng)[..., None] * 30


def _symbols(picture: Picture, mask: Mask, front: Picture, rng: np.random.Generator) -> None:
    """Put an arrow, a flag, an emblem or a dot beside the text: nothing to be read."""
    import cv2

    if rng.random() >= 0.1:
        return
    left = rng.random() < 0.6
    size, gap = int(rng.uniform(0.4, 1.1) * CAP), int(rng.uniform(0.1, 0.5) * CAP)
    x = ROOM - gap - size if left else mask.shape[1] - ROOM + gap
    y = ROOM + (CAP - size) // 2
    tone = tuple(float(v) for v in (front if rng.random() < 0.6 else rng.uniform(0, 255, 3)))
    thick, middle = max(2, size // 7), y + size // 2
    kind = rng.random()
    if kind < 0.45:
        tip, tail = ((x, middle), (x + size, middle)) if rng.random() < 0.5 else ((x + size, middle), (x, middle))
        turned = (y + size, y) if rng.random() < 0.5 else (y, y + size)
        ends = (tip, tail) if rng.random() < 0.6 else ((x + size // 2, turned[0]), (x + size // 2, turned[1]))
        cv2.arrowedLine(picture, ends[1], ends[0], tone, thick, cv2.LINE_AA, 0, float(rng.uniform(0.3, 0.6)))
    elif kind < 0.65:
        cv2.circle(picture, (x + size // 2, middle), size // 2, tone, thick if rng.random() < 0.5 else -1, cv2.LINE_AA)
    else:
        for band in range(int(rng.integers(1, 4))):
            part = tuple(float(v) for v in rng.uniform(0, 255, 3))
            cv2.rectangle(picture, (x, y + band * size // 3), (x + size, y + size), part, -1)


def _next_line(picture: Picture, mask: Mask, other: Mask, front: Picture, rng: np.random.Generator) -> None:
    """Set another line so close above or below that its letters may reach into the crop."""
    ys = np.nonzero(mask.max(axis=1) > 60)[0]
    top, bottom = (int(ys[0]), int(ys[-1])) if len(ys) else (ROOM, ROOM + CAP)
    gap = int(rng.uniform(0.12, 0.5) * CAP)
    shift = top - gap - (ROOM + CAP) if rng.random() < 0.5 else bottom + gap - ROOM
    ink = np.zeros(mask.shape, np.float32)
    columns = min(mask.shape[1], other.shape[1])
    source = other[max(0, -shift) : other.shape[0] - max(0, shift), :columns]
    ink[max(0, shift) : max(0, shift) + source.shape[0], :columns] = source.astype(np.float32) / 255
    picture += (front - picture) * ink[..., None]
