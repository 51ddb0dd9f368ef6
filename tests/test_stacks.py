"""Letters one below another become a line."""

from __future__ import annotations

import numpy as np
import pytest
from painted_lines import painted

from geoinfer.stacks import side_by_side


def stack(word: str, step: int = 40, ink: tuple[int, int, int] = (180, 20, 30)) -> np.ndarray:
    letters = [(letter, 12, 34 + step * i, 24) for i, letter in enumerate(word)]
    return painted(letters, size=(50, 20 + step * len(word)), plate=(235, 235, 235), ink=ink)


@pytest.mark.parametrize("word", ["УАЗ", "ВОЛГА"])
def test_a_stack_lies_down_as_a_line(word: str) -> None:
    line = side_by_side(stack(word))
    assert line is not None
    assert line.shape[1] > line.shape[0] * 0.4 * len(word)
    dark = (line.mean(axis=2) < 160).any(axis=0)
    assert (np.diff(dark.astype(int)) == 1).sum() == len(word)


def test_light_letters_on_dark_too() -> None:
    dark = 255 - stack("УАЗ", ink=(0, 0, 0))
    assert side_by_side(dark) is not None


@pytest.mark.parametrize("picture", [stack("УА"), np.full((90, 30, 3), 128, np.uint8), np.zeros((1, 1, 3), np.uint8)])
def test_what_is_no_stack_of_three_letters_is_left(picture: np.ndarray) -> None:
    assert side_by_side(picture) is None


def test_pieces_of_very_different_height_are_no_letters() -> None:
    photo = painted([("І", 12, 150, 120), ("о", 12, 180, 12), ("о", 12, 210, 12)], size=(50, 230))
    assert side_by_side(photo) is None
