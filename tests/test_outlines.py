"""What has four straight sides may be a plate; what has not is none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from geoinfer.detector import Detector
from geoinfer.outlines import find_outlines
from geoinfer.rectify import Pixels


def wall() -> Pixels:
    return np.full((400, 600, 3), 120, np.uint8)


@pytest.mark.parametrize("corners", [
    [(200, 100), (300, 100), (300, 150), (200, 150)],
    [(200, 100), (300, 108), (300, 156), (200, 150)],  # seen from one side
    [(210, 95), (305, 115), (296, 160), (200, 140)],  # hung askew
])  # fmt: skip
def test_a_plate_is_an_outline(corners: list[tuple[int, int]]) -> None:
    photo = wall()
    cv2.fillPoly(photo, [np.array(corners, np.int32)], (20, 60, 160))
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    outlines = find_outlines(photo)
    assert outlines
    for outline in outlines:
        assert abs(outline.left - min(xs)) < 8 and abs(outline.left + outline.width - max(xs)) < 8
        assert abs(outline.top - min(ys)) < 8 and abs(outline.top + outline.height - max(ys)) < 8


@pytest.mark.parametrize("shape", ["nothing", "disc", "triangle", "pole", "house"])
def test_other_shapes_are_none(shape: str) -> None:
    photo = wall()
    if shape == "disc":
        cv2.circle(photo, (250, 150), 40, (200, 30, 30), -1)
    elif shape == "triangle":
        cv2.fillPoly(photo, [np.array([(250, 80), (300, 160), (200, 160)], np.int32)], (250, 250, 250))
    elif shape == "pole":
        cv2.rectangle(photo, (250, 50), (262, 350), (30, 30, 30), -1)
    elif shape == "house":
        cv2.rectangle(photo, (100, 50), (500, 350), (30, 30, 30), -1)
    assert find_outlines(photo) == []


@pytest.mark.parametrize("shape", [(0, 0, 3), (1, 1, 3), (9, 500, 3), (500, 9, 3), (10, 10, 3)])
def test_pictures_too_small_for_plates_are_no_fault(shape: tuple[int, int, int]) -> None:
    assert find_outlines(np.zeros(shape, np.uint8)) == []


def test_noise_has_next_to_no_outlines() -> None:
    noise = np.random.default_rng(5).integers(0, 256, (400, 600, 3), dtype=np.uint8)
    assert len(find_outlines(noise)) < 3


def test_a_plate_whose_letters_the_first_look_missed_gets_a_closer_look(monkeypatch: pytest.MonkeyPatch) -> None:
    photo = np.full((800, 1200, 3), 120, np.uint8)
    cv2.rectangle(photo, (500, 300), (570, 340), (250, 250, 250), -1)
    looks: list[tuple[int, ...]] = []

    def blind(self: Detector, seen: Pixels) -> NDArray[np.float32]:
        looks.append(seen.shape[:2])
        return np.zeros(seen.shape[:2], np.float32)

    monkeypatch.setattr(Detector, "_look", blind)
    Detector(threads=1).find(photo)
    whole, closer = looks
    assert whole == (800, 1216)
    # The plate of 70 x 40 pixels, with some room around it, three times as large.
    assert 120 < closer[0] < 200 and 200 < closer[1] < 300
