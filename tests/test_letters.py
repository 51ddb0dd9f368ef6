"""Rows of letters are found where no line is to the detector, and foliage is not read for them."""

from __future__ import annotations

import numpy as np
import pytest
from painted_lines import painted

from geoinfer.letters import LEAST_PROMISE, Row, closed_up, find_rows
from geoinfer.rectify import rectify

COLD = np.zeros((60, 100), np.float32)


def warm(photo: np.ndarray) -> np.ndarray:
    """A map on which the detector sees something everywhere."""
    return np.full((photo.shape[0] // 8, photo.shape[1] // 8), 0.3, np.float32)


def spread(word: str, step: int, height: int = 20) -> np.ndarray:
    """A word whose letters stand `step` pixels apart."""
    letters = [(letter, 30 + step * i, 70, height) for i, letter in enumerate(word)]
    return painted(letters, size=(60 + step * len(word), 120), plate=(150, 150, 145), ink=(40, 40, 45))


def covering(rows: list[Row], x0: float, x1: float) -> list[Row]:
    """Rows that reach from one column to another."""
    return [row for row in rows if row.polygon[0][0] <= x0 and row.polygon[1][0] >= x1]


def test_letters_far_apart_are_one_row_and_close_up_to_a_line() -> None:
    photo = spread("ГЕРОЇВ", 52)
    row = covering(find_rows(photo, warm(photo), 1600), 32, 300)[0]
    assert row.spaced
    assert len(row.spans) == 6
    line = rectify(photo, row.polygon)
    assert closed_up(line, row).shape[1] < 0.65 * line.shape[1]


def test_two_words_of_letters_far_apart_are_one_row_too() -> None:
    photo = spread("ГЕРОЇВ ДНІПРА", 44)
    row = covering(find_rows(photo, warm(photo), 1600), 32, 30 + 44 * 12)[0]
    assert len(row.spans) == 12
    line = rectify(photo, row.polygon)
    assert closed_up(line, row).shape[1] < 0.65 * line.shape[1]


def test_a_word_of_touching_letters_is_a_row_of_its_own() -> None:
    photo = painted([("КОБРИН", 40, 60, 8)], size=(140, 100))
    assert covering(find_rows(photo, warm(photo), 1600), 44, 78)


@pytest.mark.parametrize("ink", [(240, 240, 240), (0, 10, 40)])
def test_dark_letters_are_found_like_light_ones(ink: tuple[int, int, int]) -> None:
    photo = painted([("ЧЕРНІГІВ", 40, 60, 24)], size=(300, 100), plate=(110, 120, 130), ink=ink)
    assert covering(find_rows(photo, warm(photo), 1600), 44, 180)


def test_large_letters_are_found_in_a_smaller_size_of_the_photo() -> None:
    photo = painted([("СУМИ", 60, 260, 150)], size=(800, 400))
    assert covering(find_rows(photo, warm(photo), 800), 70, 500)


def test_rows_where_the_detector_sees_something_come_first() -> None:
    photo = painted([("ЛЮБЕЧ", 20, 60, 20), ("ЛЮБЕЧ", 320, 60, 20)], size=(500, 100))
    heat = np.zeros((100, 500), np.float32)
    heat[40:60, 320:420] = 0.6
    rows = find_rows(photo, heat, 1600)
    assert rows[0].polygon[0][0] > 300
    assert [row.promise for row in rows] == sorted((row.promise for row in rows), reverse=True)
    assert all(row.promise > LEAST_PROMISE for row in rows)


def test_foliage_promises_nothing() -> None:
    leaves = np.random.default_rng(4).normal(110, 40, (60, 90, 3)).clip(0, 255).astype(np.uint8)
    import cv2

    photo = cv2.resize(leaves, (900, 600), interpolation=cv2.INTER_CUBIC)
    assert find_rows(photo, COLD, 1600) == []


@pytest.mark.parametrize("shape", [(1, 1, 3), (5, 300, 3), (40, 40, 3)])
def test_an_even_or_tiny_picture_has_no_rows(shape: tuple[int, int, int]) -> None:
    assert find_rows(np.full(shape, 90, np.uint8), COLD, 1600) == []
