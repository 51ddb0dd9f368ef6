"""Photos with a few lines painted on a plate, in the font that the demonstration ships."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageFont

Line = tuple[str, int, int, int]
"""Text, x and y of the start of its baseline, height of its capitals in pixels."""


def painted(
    lines: Sequence[Line],
    size: tuple[int, int] = (800, 400),
    plate: tuple[int, int, int] = (20, 70, 160),
    ink: tuple[int, int, int] = (240, 240, 240),
) -> np.ndarray:
    """Paint lines on a plate, with a little noise as cameras make it."""
    data = files("geoinfer").joinpath("demo/fonts/Roboto-Medium.ttf").read_bytes()
    image = Image.new("RGB", size, plate)
    for text, x, y, height in lines:
        # Capitals of Roboto are 0.711 of its size.
        font = ImageFont.truetype(BytesIO(data), round(height / 0.711))
        ImageDraw.Draw(image).text((x, y), text, ink, font, anchor="ls")
    noise = np.random.default_rng(5).normal(0, 3, (size[1], size[0], 3))
    return np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8)
