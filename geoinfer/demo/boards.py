"""Boards: road signs drawn flat, as the standards of Ukraine lay them out, before they are put up in a scene."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

BLUE, GREEN, RED = (12, 78, 162), (8, 112, 66), (190, 24, 32)
WHITE, BLACK, CREAM = (243, 244, 240), (22, 22, 24), (236, 226, 200)
LETTER = 92
"""Height of the leading letters in pixels of the flat board."""


@dataclass(frozen=True, slots=True)
class Row:
    """One name on a board.

    Attributes
    ----------
    name, other
        The name in Cyrillic, and in Latin letters below it.
    km
        Kilometres to the right of it.
    arrow
        ``left``, ``right`` or ``ahead``.
    """

    name: str
    other: str = ""
    km: int | None = None
    arrow: str | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """A sign to be drawn.

    Attributes
    ----------
    kind
        One of `geoinfer.signs.KINDS`.
    rows
        Its names from top to bottom.
    ground, ink
        Colours of the plate and the letters, RGB.
    """

    kind: str
    rows: tuple[Row, ...]
    ground: tuple[int, int, int]
    ink: tuple[int, int, int]

    @property
    def colour(self) -> str:
        """Name of the ground colour, one of `geoinfer.signs.COLOURS`."""
        return {BLUE: "blue", GREEN: "green", RED: "red", WHITE: "white"}.get(self.ground, "unknown")


@lru_cache(maxsize=1)
def _font_bytes() -> bytes:
    return files("geoinfer").joinpath("demo/fonts/Roboto-Medium.ttf").read_bytes()


def _font(size: int) -> FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(BytesIO(_font_bytes()), size)


def draw_board(board: Board) -> NDArray[np.uint8]:
    """Draw a board.

    Returns
    -------
    numpy.ndarray
        RGBA bytes; what lies outside the rounded corners is transparent.
    """
    from PIL import Image, ImageDraw

    lead, second, pad = _font(round(LETTER / 0.71)), _font(round(LETTER * 0.72 / 0.71)), round(LETTER * 0.75)
    names = max(max(lead.getlength(row.name), second.getlength(row.other)) for row in board.rows)
    kms = max((lead.getlength(str(row.km)) for row in board.rows if row.km is not None), default=0.0)
    arrows = LETTER * 1.5 if any(row.arrow for row in board.rows) else 0.0
    heights = [LETTER * (2.75 if row.other else 1.5) for row in board.rows]
    width = round(names + (kms + LETTER * 1.1 if kms else 0) + arrows + 2 * pad)
    height = round(sum(heights) + pad * 1.1)
    image = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((0, 0, width - 1, height - 1), LETTER * 0.3, (*board.ground, 255))
    edge = round(LETTER * 0.14)
    inside = (edge, edge, width - 1 - edge, height - 1 - edge)
    pen.rounded_rectangle(inside, LETTER * 0.22, None, board.ink, round(edge * 0.8))
    top = pad * 0.75
    for row, tall in zip(board.rows, heights, strict=True):
        _draw_row(pen, board, row, (pad + arrows, top, width - pad), tall, (lead, second))
        top += tall
    return np.asarray(image)


def _draw_row(
    pen: ImageDraw,
    board: Board,
    row: Row,
    span: tuple[float, float, float],
    tall: float,
    fonts: tuple[FreeTypeFont, FreeTypeFont],
) -> None:
    left, top, right = span
    lead, second = fonts
    single = len(board.rows) == 1 and row.km is None
    middle, base = (left + right) / 2, top + LETTER * 1.15
    at, anchor = (middle, "ms") if single else (left, "ls")
    pen.text((at, base), row.name, board.ink, lead, anchor=anchor)
    if row.other:
        pen.text((at, base + LETTER * 1.08), row.other, board.ink, second, anchor=anchor)
    if row.km is not None:
        pen.text((right, base + (LETTER * 0.5 if row.other else 0)), str(row.km), board.ink, lead, anchor="rs")
    if row.arrow:
        _draw_arrow(pen, left - LETTER * 0.95, top + tall / 2, LETTER * 0.55, row.arrow, board.ink)


def _draw_arrow(pen: ImageDraw, x: float, y: float, size: float, way: str, ink: tuple[int, int, int]) -> None:
    shaft, head = size * 0.2, size * 0.62
    flat = [(-size, -shaft), (size * 0.2, -shaft), (size * 0.2, -head), (size, 0), (size * 0.2, head)]
    flat += [(size * 0.2, shaft), (-size, shaft)]
    turned = {"right": flat, "left": [(-a, b) for a, b in flat], "ahead": [(b, -a) for a, b in flat]}[way]
    pen.polygon([(x + a, y + b) for a, b in turned], fill=ink)


def draw_fascia(text: str) -> NDArray[np.uint8]:
    """Draw the front of a village shop with a word above its door, RGBA bytes."""
    from PIL import Image, ImageDraw

    image = Image.new("RGBA", (1500, 900), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    pen.polygon([(0, 190), (750, 0), (1500, 190)], fill=(112, 74, 62, 255))
    pen.rectangle((50, 185, 1450, 899), fill=(*CREAM, 255))
    pen.rectangle((640, 480, 860, 899), fill=(92, 70, 54, 255))
    for x in (160, 1010):
        pen.rectangle((x, 500, x + 330, 740), fill=(240, 240, 236, 255))
        pen.rectangle((x + 14, 514, x + 158, 726), fill=(74, 92, 104, 255))
        pen.rectangle((x + 172, 514, x + 316, 726), fill=(74, 92, 104, 255))
    pen.text((750, 400), text, (150, 28, 30), _font(170), anchor="ms")
    return np.asarray(image)
