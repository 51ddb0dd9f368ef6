"""Frames: the boxes of lines and plates, each measured in the directions of its own text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoinfer.readings import Point

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Frame:
    """A line's box in its own directions.

    Attributes
    ----------
    x, y
        Centre in pixels.
    width, height
        Sides in pixels.
    angle
        Direction of the text in radians, clockwise from the x axis (y runs down).
    """

    x: float
    y: float
    width: float
    height: float
    angle: float

    def to_pixels(self, across: Floats, down: Floats) -> Floats:
        """Turn offsets from the centre along and below the line into pixel coordinates, last axis (x, y)."""
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        return np.stack([self.x + across * cos - down * sin, self.y + across * sin + down * cos], axis=-1)

    def offset(self, x: float, y: float) -> Point:
        """Turn a pixel position into an offset (along, below) from the centre."""
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        return (x - self.x) * cos + (y - self.y) * sin, -(x - self.x) * sin + (y - self.y) * cos


def frame_of(polygon: Sequence[Point]) -> Frame:
    """Measure the box of a line from its four corners, clockwise from the text's top left.

    Examples
    --------
    >>> frame_of([(0, 0), (40, 0), (40, 10), (0, 10)])
    Frame(x=20.0, y=5.0, width=40.0, height=10.0, angle=0.0)
    """
    points = np.asarray(polygon, dtype=np.float64).reshape(-1, 2)
    if len(points) != 4:
        low, high = points.min(axis=0), points.max(axis=0)
        points = np.array([low, (high[0], low[1]), high, (low[0], high[1])])
    along = (points[1] - points[0] + points[2] - points[3]) / 2
    down = (points[3] - points[0] + points[2] - points[1]) / 2
    centre = points.mean(axis=0)
    width, height = float(np.hypot(*along)), float(np.hypot(*down))
    angle = math.atan2(float(along[1]), float(along[0])) if width > 0 else 0.0
    return Frame(float(centre[0]), float(centre[1]), max(width, 1.0), max(height, 1.0), angle)


def enclosing_frame(polygons: Sequence[Sequence[Point]]) -> Frame:
    """Measure the box round several lines, turned like the longest of them."""
    frames = [frame_of(polygon) for polygon in polygons]
    lead = max(frames, key=lambda frame: frame.width)
    offsets = np.array([lead.offset(x, y) for polygon in polygons for x, y in polygon])
    low, high = offsets.min(axis=0), offsets.max(axis=0)
    middle = (low + high) / 2
    centre = lead.to_pixels(np.asarray(middle[0]), np.asarray(middle[1]))
    return Frame(float(centre[0]), float(centre[1]), float(high[0] - low[0]), float(high[1] - low[1]), lead.angle)
