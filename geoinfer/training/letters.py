"""Letters: a line of text as a mask of ink, set as signs, steles and stations set it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from geoinfer.training.faces import CAP, Face, load_font, styles

Mask = NDArray[np.uint8]

ROOM = 2 * CAP
"""Empty columns on both sides of the text; above the capitals and below the baseline there are as many rows."""
MOST_COLUMNS = 6000


def draw_line(text: str, face: Face, rng: np.random.Generator) -> Mask:
    """Draw a text in one of the settings that signs have.

    Most lines are set plainly; some with letters far apart, mounted one by one, squeezed, in small capitals,
    cut by a stencil or made of lamps.

    Parameters
    ----------
    text
        One line.
    face
        The font.
    rng
        Source of every choice.

    Returns
    -------
    ndarray
        Rows x columns, 0 to 255: capitals `CAP` rows high with `ROOM` round them.
    """
    names = styles(face.path)
    style = names[int(rng.integers(len(names)))] if names else ""
    font = load_font(face.path, style)
    shown = text.replace("'", "’") if rng.random() < 0.5 else text
    stroke = int(rng.choice([0, 0, 0, 0, 1, 2]))
    setting = rng.random()
    if setting < 0.62:
        mask = _plain(shown, font, stroke)
    elif setting < 0.94:
        mask = _apart(shown, font, stroke, _spacing(rng), rng)
    else:
        mask = _small_capitals(shown, font, style, stroke) if shown.isupper() else _plain(shown, font, stroke)
    if rng.random() < 0.2:
        mask = _stretched(mask, float(rng.uniform(0.5, 1.5)))
    cut = rng.random()
    if cut < 0.02:
        mask = _stencilled(mask, rng)
    elif cut < 0.04:
        mask = _of_lamps(mask, rng)
    return mask[:, :MOST_COLUMNS]


def _spacing(rng: np.random.Generator) -> float:
    """Columns between letters: mostly a little more than usual, sometimes as much as letters on a roof."""
    kind = rng.random()
    wide = (-0.04, 0.15) if kind < 0.45 else (0.15, 0.8) if kind < 0.85 else (0.8, 1.8)
    return float(rng.uniform(*wide)) * CAP


def _plain(text: str, font: ImageFont.FreeTypeFont, stroke: int) -> Mask:
    canvas = Image.new("L", (int(font.getlength(text)) + 2 * ROOM, CAP + 2 * ROOM), 0)
    ImageDraw.Draw(canvas).text((ROOM, ROOM + CAP), text, 255, font, anchor="ls", stroke_width=stroke)
    return np.asarray(canvas)


def _apart(text: str, font: ImageFont.FreeTypeFont, stroke: int, spacing: float, rng: np.random.Generator) -> Mask:
    """Letters set one by one; some of them as people mount or paint them: not quite level, not quite upright."""
    advances = [font.getlength(c) + spacing for c in text]
    canvas = Image.new("L", (int(sum(advances)) + 2 * ROOM, CAP + 2 * ROOM), 0)
    draw, x = ImageDraw.Draw(canvas), float(ROOM)
    careless = rng.random() < 0.35
    for char, advance in zip(text, advances, strict=True):
        if careless and char.strip():
            stamp = Image.new("L", (int(advance - spacing) + CAP, 3 * CAP), 0)
            ImageDraw.Draw(stamp).text((CAP // 2, 2 * CAP), char, 255, font, anchor="ls", stroke_width=stroke)
            stamp = stamp.rotate(float(rng.normal(0, 3.5)), Image.Resampling.BILINEAR)
            where = (round(x) - CAP // 2, ROOM - CAP + round(float(rng.normal(0, 0.05)) * CAP))
            canvas.paste(255, where, stamp)
        else:
            draw.text((x, ROOM + CAP), char, 255, font, anchor="ls", stroke_width=stroke)
        x += advance
    return np.asarray(canvas)


def _small_capitals(text: str, font: ImageFont.FreeTypeFont, style: str, stroke: int) -> Mask:
    """Set capitals so that those that do not begin a word are smaller."""
    small = font.font_variant(size=round(font.size * 0.78))
    if style:
        small.set_variation_by_name(style)
    begins = [i == 0 or not text[i - 1].isalpha() for i in range(len(text))]
    fonts = [font if first else small for first in begins]
    advances = [used.getlength(char) for used, char in zip(fonts, text, strict=True)]
    canvas = Image.new("L", (int(sum(advances)) + 2 * ROOM, CAP + 2 * ROOM), 0)
    draw, x = ImageDraw.Draw(canvas), float(ROOM)
    for char, used, advance in zip(text, fonts, advances, strict=True):
        draw.text((x, ROOM + CAP), char, 255, used, anchor="ls", stroke_width=stroke)
        x += advance
    return np.asarray(canvas)


def _stretched(mask: Mask, factor: float) -> Mask:
    import cv2

    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    inner = mask[:, ROOM:-ROOM]
    columns = max(4, round(inner.shape[1] * factor))
    resized = cv2.resize(inner, (columns, mask.shape[0]), interpolation=how)
    return np.pad(np.asarray(resized, np.uint8), ((0, 0), (ROOM, ROOM)))


def _stencilled(mask: Mask, rng: np.random.Generator) -> Mask:
    """Bridges through the letters."""
    cut = mask.copy()
    period, width = int(rng.integers(22, 60)), int(rng.integers(2, 5))
    if rng.random() < 0.5:
        cut[:, np.arange(mask.shape[1]) % period < width] = 0
    else:
        y = ROOM + int(rng.uniform(0.3, 0.7) * CAP)
        cut[y : y + width] = 0
    return cut


def _of_lamps(mask: Mask, rng: np.random.Generator) -> Mask:
    """Letters of round lamps, as on buses and information boards."""
    import cv2

    period = int(rng.integers(4, 7))
    rows, columns = mask.shape
    coarse = cv2.resize(mask, (columns // period, rows // period), interpolation=cv2.INTER_AREA)
    fine = cv2.resize((coarse > 110).astype(np.uint8) * 255, (columns, rows), interpolation=cv2.INTER_NEAREST)
    yy, xx = np.mgrid[0:rows, 0:columns] % period - (period - 1) / 2
    return np.asarray(fine * (yy**2 + xx**2 < (0.5 * period) ** 2), np.uint8)
