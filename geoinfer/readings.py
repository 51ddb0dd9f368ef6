"""Readings: single lines of text found in a photo."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geoinfer.engines import Engine, RawReading
    from geoinfer.lattice import Lattice
    from geoinfer.photos import Photo
    from geoinfer.rectify import Pixels

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Reading:
    """One line of text in a photo.

    Attributes
    ----------
    id
        Unique in the case, such as ``photo-3/r2``.
    polygon
        Four corners (x, y) in pixels of the upright photo, clockwise from the text's top left.
    text
        The most probable text.
    script
        ``cyrillic``, ``latin``, ``digits``, ``mixed`` or ``other``.
    confidence
        Probability that `text` is right, in [0, 1].
    alternatives
        Texts with probabilities, most probable first; the first one is `text`.
    engine
        Name of the engine that read it.
    lattice
        What the engine saw step by step, which tells how likely the line is under any name; none of some engines.
    """

    id: str
    polygon: tuple[Point, ...]
    text: str
    script: str
    confidence: float
    alternatives: tuple[tuple[str, float], ...]
    engine: str
    lattice: Lattice | None = None


def read_photo(photo: Photo, engine: Engine, prefix: str) -> tuple[Reading, ...]:
    """Read all lines of a photo.

    Parameters
    ----------
    photo
        The photo.
    engine
        What reads it; see `geoinfer.engines.open_engine`.
    prefix
        The ids are ``{prefix}/r1``, ``{prefix}/r2`` and so on, in reading order.
    """
    return number_lines(engine.read(photo.pixels), engine.name, prefix)


def number_lines(lines: Iterable[RawReading], engine: str, prefix: str) -> tuple[Reading, ...]:
    """Make readings of what an engine read, with the ids that `read_photo` gives."""
    return tuple(
        Reading(
            f"{prefix}/r{i}",
            raw.polygon,
            raw.text,
            raw.script,
            raw.confidence,
            raw.alternatives,
            engine,
            raw.lattice,
        )
        for i, raw in enumerate(lines, start=1)
    )


def crop(pixels: Pixels, polygon: Sequence[Point], margin: float = 0.25, max_rows: int = 96) -> bytes:
    """Cut a line out of a photo and lay it level, as a small PNG to show for evidence.

    Parameters
    ----------
    pixels
        The photo, rows x columns x RGB.
    polygon
        Corners of the line (x, y) in pixels, clockwise from the text's top left.
    margin
        What to add on every side, as a share of the line's height.
    max_rows
        Larger crops are scaled down to this many rows.
    """
    import cv2
    import numpy as np

    from geoinfer.rectify import rectify, widen

    line = rectify(pixels, widen(polygon, margin))
    shrink = min(1.0, max_rows / line.shape[0], 8 * max_rows / line.shape[1])
    if shrink < 1:
        size = (max(1, round(line.shape[1] * shrink)), max(1, round(line.shape[0] * shrink)))
        line = np.asarray(cv2.resize(line, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    _, png = cv2.imencode(".png", line[:, :, ::-1])
    return bytes(png)
