"""Readings: single lines of text found in a photo."""

from __future__ import annotations

from dataclasses import dataclass

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
    """

    id: str
    polygon: tuple[Point, ...]
    text: str
    script: str
    confidence: float
    alternatives: tuple[tuple[str, float], ...]
    engine: str
