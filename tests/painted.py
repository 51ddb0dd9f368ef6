"""Photos painted by the tests: plates on a landscape, with the readings that a perfect reader would make of them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from geoinfer.demo.boards import _font_bytes
from geoinfer.readings import Reading

BLUE, GREEN, WHITE, BLACK, RED = (20, 80, 165), (10, 110, 70), (240, 240, 236), (25, 25, 28), (190, 25, 35)


def reading(text: str, box: tuple[float, float, float, float], name: str = "r1") -> Reading:
    """Make the reading of a line in an upright box (left, top, right, bottom)."""
    left, top, right, bottom = box
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    return Reading(name, corners, text, "mixed", 0.9, ((text, 0.9),), "signs")


def column(*texts: str, height: float = 30, gap: float = 12, left: float = 0, top: float = 0) -> list[Reading]:
    """Stack lines of one height, each as wide as its letters."""
    return [
        reading(
            text,
            (left, top + n * (height + gap), left + 0.6 * height * len(text), top + n * (height + gap) + height),
            f"r{n + 1}",
        )
        for n, text in enumerate(texts)
    ]


@dataclass
class Photo:
    """A photo to paint on."""

    size: tuple[int, int] = (1200, 800)
    sky: tuple[int, int, int] = (150, 175, 205)
    readings: list[Reading] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.image = Image.new("RGB", self.size, self.sky)
        self.pen = ImageDraw.Draw(self.image)
        self.pen.rectangle((0, self.size[1] * 0.6, *self.size), (90, 105, 60))

    def plate(self, box: tuple[int, int, int, int], ground: tuple[int, int, int], ink: tuple[int, int, int]) -> Photo:
        """Paint a plate with a border line."""
        left, top, right, bottom = box
        self.pen.rectangle(box, ground)
        self.pen.rectangle((left + 5, top + 5, right - 5, bottom - 5), None, ink, 4)
        return self

    def text(self, text: str, at: tuple[int, int], ink: tuple[int, int, int], height: int = 40) -> Photo:
        """Write a line with its top left at a point, and keep its reading."""
        from io import BytesIO

        font = ImageFont.truetype(BytesIO(_font_bytes()), round(height / 0.71))
        self.pen.text(at, text, ink, font, anchor="lt")
        left, top, right, bottom = self.pen.textbbox(at, text, font, anchor="lt")
        loose = 0.12 * height
        self.readings.append(
            reading(text, (left - loose, top - loose, right + loose, bottom + loose), f"r{len(self.readings) + 1}")
        )
        return self

    def pixels(self, *, brightness: float = 1.0, noise: float = 4.0) -> np.ndarray:
        """Give the photo as a camera would: darker or brighter, with noise."""
        rng = np.random.default_rng(7)
        values = np.asarray(self.image, dtype=np.float64) * brightness
        return np.clip(values + rng.normal(0, noise, values.shape), 0, 255).astype(np.uint8)
