"""Pictures of sign lines: flat, relief, outlined or letter-spaced, in every weather, cut out as the detector cuts them.

A line is drawn large on a plate, given its look (colours, shadow, border, neighbours), bent (perspective, slant, arc),
spoilt (low resolution, blur, noise, glare, dirt, JPEG) and scaled to the 48 rows that the recogniser takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from geoinfer.training.corpus import CYRILLIC, DIGITS, LATIN

Pixels = NDArray[np.uint8]
Colour = tuple[int, int, int]

HEIGHT = 48
"""Rows of a line, as the recogniser was made for."""
MAX_WIDTH = 640
_CAP = 40  # rows of a capital letter on the canvas, before anything is spoilt

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

HELD_OUT_FAMILIES = ("Play", "Carlito", "Jura", "Old Standard", "Open Sans", "osifont")
"""Families that training never sees, so that validation meets new letter shapes."""

_BOOKISH = (
    "Serif",
    "Mono",
    "Typewriter",
    "Libertine",
    "Code",
    "Smallcaps",
    "Tinos",
    "Garamond",
    "Classical",
    "Vollkorn",
    "Charis",
    "Concrete",
    "Cousine",
)


@dataclass(frozen=True)
class Face:
    """A font file that holds every letter and digit of the alphabet."""

    path: Path
    family: str


def find_faces(root: Path = Path("/usr/share/fonts")) -> tuple[Face, ...]:
    """All faces below a folder that hold the Cyrillic and Latin alphabets and the digits, sorted by path.

    Raises
    ------
    FileNotFoundError
        Where there is none; the README beside this module lists the font packages.
    """
    from fontTools.ttLib import TTFont, TTLibError

    needed = {ord(c) for c in CYRILLIC + LATIN + DIGITS}
    faces = []
    for path in sorted(p for p in root.rglob("*") if p.suffix.lower() in {".ttf", ".otf"}):
        try:
            with path.open("rb") as file, TTFont(file, lazy=True) as font:
                # Fonts made of bitmaps alone cannot be drawn at another size.
                drawable = ("glyf" in font or "CFF " in font) and "EBDT" not in font and "CBDT" not in font
                if drawable and not path.name.lower().startswith("unifont") and needed <= set(font.getBestCmap() or ()):
                    faces.append(Face(path, str(font["name"].getBestFamilyName())))
        except (TTLibError, OSError, KeyError, AssertionError):
            continue  # a broken or foreign font file is no reason to stop
    if not faces:
        raise FileNotFoundError(
            f"no font below {root} holds {CYRILLIC!r}: install the packages listed in training/README.md"
        )
    return tuple(faces)


def split_faces(faces: Sequence[Face]) -> tuple[dict[str, list[Face]], dict[str, list[Face]]]:
    """Faces by family: those to train on, and those held out."""
    training: dict[str, list[Face]] = {}
    held: dict[str, list[Face]] = {}
    for face in faces:
        side = held if face.family.startswith(HELD_OUT_FAMILIES) else training
        # Noto's width and weight variants count as one family, or they would be half of all lines.
        family = "Noto" if face.family.startswith("Noto") and "Condensed" not in face.path.stem else face.family
        side.setdefault(family, []).append(face)
    return training, held


@cache
def _font(path: Path) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(path, 100)
    _, top, _, bottom = font.getbbox("Н")
    size = 100 * _CAP / max(bottom - top, 20)
    return ImageFont.truetype(path, round(size))


def _noise(shape: tuple[int, int], grain: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Smooth noise in [-1, 1] whose spots are about `grain` pixels wide."""
    import cv2

    h, w = shape
    small = rng.uniform(-1, 1, (max(2, h // grain + 2), max(2, w // grain + 2))).astype(np.float32)
    return np.asarray(cv2.resize(small, (w, h), interpolation=cv2.INTER_CUBIC))


def _mask(text: str, face: Face, rng: np.random.Generator) -> Pixels:
    """Draw the text as a mask of ink, letter-spaced or squeezed, with 2 x cap height of room on every side."""
    font = _font(face.path)
    shown = text.replace("'", "’") if rng.random() < 0.5 else text
    spacing = 0.0
    if rng.random() < 0.3:
        spacing = float(rng.uniform(-0.03, 0.15) if rng.random() < 0.5 else rng.uniform(0.15, 0.9)) * _CAP
    stroke = int(rng.choice([0, 0, 0, 0, 1, 2]))
    room = 2 * _CAP
    if spacing == 0:
        width = int(font.getlength(shown)) + 2 * room
        canvas = Image.new("L", (width, 5 * _CAP), 0)
        ImageDraw.Draw(canvas).text((room, 3 * _CAP), shown, 255, font, anchor="ls", stroke_width=stroke)
        return np.asarray(canvas)
    advances = [font.getlength(c) + spacing for c in shown]
    canvas = Image.new("L", (int(sum(advances)) + 2 * room, 5 * _CAP), 0)
    draw, x = ImageDraw.Draw(canvas), float(room)
    for char, advance in zip(shown, advances, strict=True):
        draw.text((x, 3 * _CAP), char, 255, font, anchor="ls", stroke_width=stroke)
        x += advance
    return np.asarray(canvas)


def _colours(rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    if rng.random() < 0.6:
        plate, ink = PLATES[int(rng.integers(len(PLATES)))]
        back, front = np.array(plate, np.float32), np.array(ink, np.float32)
    else:
        back, front = rng.uniform(0, 255, 3).astype(np.float32), rng.uniform(0, 255, 3).astype(np.float32)
        if abs(float(back.mean() - front.mean())) < 45:
            front = 255 - back if abs(float(back.mean()) - 127) > 25 else np.full(3, rng.choice([15, 240]), np.float32)
    return back, front


def _background(shape: tuple[int, int], colour: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Make a plate, a wall or a bush of about the colour."""
    h, w = shape
    picture = np.empty((h, w, 3), np.float32)
    picture[:] = colour
    if rng.random() < 0.6:
        picture += _noise(shape, int(rng.choice([40, 90, 160])), rng)[..., None] * rng.uniform(4, 45)
    if rng.random() < 0.3:
        picture += _noise(shape, int(rng.choice([3, 6, 12])), rng)[..., None] * rng.uniform(4, 40)
    if rng.random() < 0.12:
        # Tiles, boards, lattices behind open letters.
        period, phase = int(rng.integers(12, 60)), int(rng.integers(60))
        axis = np.arange(w if rng.random() < 0.5 else h)
        stripes = (((axis + phase) % period) < max(2, period // int(rng.integers(3, 14)))).astype(np.float32)
        picture -= (stripes[None, :, None] if len(axis) == w else stripes[:, None, None]) * rng.uniform(10, 70)
    return picture


def _paint(mask: Pixels, rng: np.random.Generator) -> NDArray[np.float32]:
    """Ink on a background, in one of the looks of letters on signs, walls and steles."""
    import cv2

    back, front = _colours(rng)
    picture = _background((mask.shape[0], mask.shape[1]), back, rng)
    ink = mask.astype(np.float32) / 255
    look = rng.random()
    if look < 0.1:
        # Relief: the sides of raised letters are the shadow of the face, pushed away from it.
        dx, dy = (int(v) for v in rng.integers(-7, 8, 2))
        side = ink
        steps = max(abs(dx), abs(dy), 1)
        for k in range(1, steps + 1):
            moved = np.roll(ink, (round(dy * k / steps), round(dx * k / steps)), (0, 1))
            side = np.maximum(side, moved)
        tone = front * rng.uniform(0.2, 0.7) if rng.random() < 0.7 else np.full(3, rng.uniform(0, 90), np.float32)
        picture += (tone - picture) * side[..., None]
        if rng.random() < 0.4:
            front = back + rng.uniform(-25, 25, 3).astype(np.float32)
    elif look < 0.17:
        # A rim round the letters, or the rim alone.
        rim = cv2.dilate(ink, np.ones((int(rng.integers(3, 8)),) * 2, np.uint8))
        tone = rng.uniform(0, 255, 3).astype(np.float32)
        picture += (tone - picture) * rim[..., None]
        if rng.random() < 0.4:
            front = back
    elif look < 0.24:
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
        worn = _noise((mask.shape[0], mask.shape[1]), int(rng.integers(4, 14)), rng)
        ink = ink * np.clip(1.6 - np.maximum(worn, 0) * rng.uniform(0.8, 2.2), 0, 1)
    opacity = 1.0 if rng.random() < 0.7 else float(rng.uniform(0.35, 1))
    picture += (face - picture) * ink[..., None] * opacity
    return picture


def _neighbours(picture: NDArray[np.float32], rng: np.random.Generator) -> None:
    """Frames and other lines at the edge of the plate, as they show in a crop."""
    w = picture.shape[1]
    colour = rng.uniform(0, 255, 3).astype(np.float32)
    if rng.random() < 0.15:
        y, thick = int(rng.choice([1.45, 1.6, 3.4, 3.6]) * _CAP), int(rng.integers(2, 8))
        picture[y : y + thick] = colour
    if rng.random() < 0.1:
        x, thick = int(rng.choice([1.4, 1.7]) * _CAP), int(rng.integers(2, 10))
        picture[:, x : x + thick] = colour
        if rng.random() < 0.5:
            picture[:, w - x : w - x + thick] = colour


def _cut(picture: NDArray[np.float32], mask: Pixels, rng: np.random.Generator) -> NDArray[np.float32]:
    """Cut the line out as a detector would: not quite level, not quite tight, not quite a rectangle."""
    import cv2

    ys, xs = np.nonzero(mask.max(axis=1) > 60)[0], np.nonzero(mask.max(axis=0) > 60)[0]
    if not len(ys) or not len(xs):
        ys, xs = np.array([2 * _CAP, 3 * _CAP]), np.array([2 * _CAP, 3 * _CAP])
    # Detectors box the band from cap line to baseline with some air, whether or not there are descenders.
    top = min(float(ys[0]), 2.0 * _CAP + rng.uniform(0, 0.3) * _CAP) if rng.random() < 0.3 else float(ys[0])
    bottom, left, right = float(ys[-1]), float(xs[0]), float(xs[-1])
    tall = bottom - top + 1
    air = rng.uniform(-0.04, 0.4, 2) * tall if rng.random() < 0.85 else rng.uniform(0.3, 0.7, 2) * tall
    side = rng.uniform(-0.03, 0.5, 2) * tall
    corners = np.array(
        [
            [left - side[0], top - air[0]],
            [right + side[1], top - air[0]],
            [right + side[1], bottom + air[1]],
            [left - side[0], bottom + air[1]],
        ],
        np.float32,
    )
    shake = 0.07 * tall if rng.random() < 0.6 else 0.16 * tall
    corners += rng.uniform(-shake, shake, (4, 2)).astype(np.float32)
    if rng.random() < 0.25:
        slant = float(rng.uniform(-0.35, 0.35)) * tall
        corners[:2, 0] += slant
    height = float(corners[2:, 1].mean() - corners[:2, 1].mean())
    width = float(corners[[1, 2], 0].mean() - corners[[0, 3], 0].mean())
    squeeze = float(np.exp(rng.normal(0, 0.12))) if rng.random() < 0.7 else float(rng.uniform(0.5, 1.5))
    columns = int(np.clip(width / max(height, 1) * HEIGHT * squeeze, 16, MAX_WIDTH))
    target = np.array([[0, 0], [columns, 0], [columns, HEIGHT], [0, HEIGHT]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, target)
    line = cv2.warpPerspective(
        picture, matrix, (columns, HEIGHT), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
    )
    if rng.random() < 0.08:
        # Letters on an arc or on a sagging banner.
        bend = float(rng.uniform(-7, 7))
        xx, yy = np.meshgrid(np.arange(columns, dtype=np.float32), np.arange(HEIGHT, dtype=np.float32))
        line = cv2.remap(
            line, xx, yy + bend * ((2 * xx / columns - 1) ** 2 - 0.5), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
    return np.asarray(line)


def _spoil(line: NDArray[np.float32], rng: np.random.Generator) -> Pixels:
    """Do to a line what distance, lens, weather, sensor and file format do."""
    import cv2

    h, w = line.shape[:2]
    rows = h if rng.random() < 0.35 else int(np.exp(rng.uniform(np.log(9), np.log(h))))
    seen = cv2.resize(line, (max(4, round(w * rows / h)), rows), interpolation=cv2.INTER_AREA)
    if rng.random() < 0.35:
        seen = cv2.GaussianBlur(seen, (0, 0), float(rng.uniform(0.3, 0.045 * rows + 0.5)))
    if rng.random() < 0.12:
        length = int(rng.integers(2, max(3, rows // 6) + 1))
        kernel = np.zeros((length, length), np.float32)
        angle = rng.uniform(0, np.pi)
        for t in np.linspace(-0.5, 0.5, 4 * length):
            kernel[
                int(np.clip(length / 2 + t * length * np.sin(angle), 0, length - 1)),
                int(np.clip(length / 2 + t * length * np.cos(angle), 0, length - 1)),
            ] = 1
        seen = cv2.filter2D(seen, -1, kernel / kernel.sum())
    if rng.random() < 0.5:
        middle = float(seen.mean())
        seen = middle + (seen - middle) * rng.uniform(0.25, 1.25) + rng.uniform(-70, 70)
    if rng.random() < 0.12:
        seen = seen + np.clip(_noise((seen.shape[0], seen.shape[1]), max(4, rows), rng), 0, 1)[..., None] * rng.uniform(
            40, 160
        )
    if rng.random() < 0.1:
        # Dirt, leaves, snow.
        spots = _noise((seen.shape[0], seen.shape[1]), max(2, rows // 6), rng)
        seen = np.where((spots > rng.uniform(0.55, 0.8))[..., None], rng.uniform(0, 255, 3), seen)
    if rng.random() < 0.5:
        seen = seen + rng.normal(0, rng.uniform(1, 16), seen.shape)
    image = np.clip(seen, 0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        quality = int(rng.integers(25, 95))
        done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
        if done:
            image = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8)
    if rng.random() < 0.1:
        image = np.repeat(image.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8)
    how = cv2.INTER_CUBIC if rng.random() < 0.6 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, (w, h), interpolation=how))


def render_line(text: str, face: Face, rng: np.random.Generator) -> Pixels:
    """Picture of a line as it comes out of the detector and the rectifier.

    Parameters
    ----------
    text
        One line.
    face
        The font to draw it in.
    rng
        Source of every choice; the same state gives the same picture.

    Returns
    -------
    ndarray
        `HEIGHT` rows, RGB.
    """
    mask = _mask(text, face, rng)
    picture = _paint(mask, rng)
    _neighbours(picture, rng)
    return _spoil(_cut(picture, mask, rng), rng)


def pick_face(families: dict[str, list[Face]], rng: np.random.Generator) -> Face:
    """Draw a family, those without serifs three times as often as the others, then a face of it."""
    names = sorted(families)
    weights = np.array([1.0 if any(word in name for word in _BOOKISH) else 3.0 for name in names])
    family = names[int(rng.choice(len(names), p=weights / weights.sum()))]
    return families[family][int(rng.integers(len(families[family])))]
