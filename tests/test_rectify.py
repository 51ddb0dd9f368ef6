"""Lines laid level, from photos of any size, and pictures made smaller."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoinfer.rectify import MAX_ROWS, Pixels, halved, rectify, shrunk, sides


def bar(rows: int, columns: int, top: int, bottom: int) -> Pixels:
    photo = np.zeros((rows, columns, 3), np.uint8)
    photo[top:bottom] = 255
    return photo


@pytest.mark.parametrize("scale", [1, 4, 9, 14])
def test_a_line_of_any_size_is_laid_level_where_it_is(scale: int) -> None:
    photo = bar(200 * scale, 300 * scale, 80 * scale, 120 * scale)
    corners = [
        (50 * scale, 60 * scale),
        (250 * scale, 60 * scale),
        (250 * scale, 140 * scale),
        (50 * scale, 140 * scale),
    ]
    line = rectify(photo, corners)
    assert line.shape[0] == min(MAX_ROWS, round(sides(corners)[1]))
    light = line[:, :, 0].mean(axis=1) / 255
    # The bar takes up the middle half of the line.
    assert light[: line.shape[0] // 5].max() < 0.05 and light[line.shape[0] // 3 : 2 * line.shape[0] // 3].min() > 0.95
    assert light.mean() == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize(
    "corners",
    [
        [(-900, -900), (-100, -900), (-100, -300), (-900, -300)],
        [(0, 0), (40_000, 0), (40_000, 3), (0, 3)],
        [(0, 0), (3, 0), (3, 40_000), (0, 40_000)],
    ],
)
def test_a_polygon_beside_the_photo_or_far_too_long_stops_nothing(corners: list[tuple[float, float]]) -> None:
    assert min(rectify(bar(40, 60, 10, 20), corners).shape[:2]) >= 8


@settings(deadline=None, max_examples=100)
@given(st.integers(2, 1500), st.integers(2, 1500), st.floats(0.05, 1.0))
def test_a_smaller_picture_has_the_size_asked_for_and_is_as_light(rows: int, columns: int, scale: float) -> None:
    photo = np.tile(np.linspace(20, 220, columns).astype(np.uint8)[None, :, None], (rows, 1, 3))
    wanted = max(1, round(columns * scale)), max(1, round(rows * scale))
    smaller = shrunk(photo, *wanted)
    assert smaller.shape == (wanted[1], wanted[0], 3)
    if min(wanted) > 8:
        assert float(smaller.mean()) == pytest.approx(float(photo.mean()), abs=5)


def test_halves_are_means_of_four() -> None:
    photo = np.random.default_rng(1).integers(0, 256, (11, 14, 3), dtype=np.uint8)
    means = photo[:10].astype(float).reshape(5, 2, 7, 2, 3).mean(axis=(1, 3))
    assert np.abs(halved(photo) - means).max() <= 0.51
