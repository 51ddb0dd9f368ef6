"""The detector finds lines where letters are, large and small, level and leaning."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from painted_lines import painted

from geoinfer.candidates import Candidate, chains, strongest
from geoinfer.detector import Detector, boxes_of, clockwise, hot_windows
from geoinfer.recogniser import Spelling
from geoinfer.rectify import rectify, sides, turn, widen


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector(threads=1)


def inside(polygon: tuple[tuple[float, float], ...], x: float, y: float) -> bool:
    xs, ys = [p[0] for p in polygon], [p[1] for p in polygon]
    return min(xs) <= x <= max(xs) and min(ys) <= y <= max(ys)


def test_each_line_of_a_sign_gets_a_box(detector: Detector) -> None:
    photo = painted([("ЧЕРНІГІВ", 60, 50, 20), ("KYIV", 60, 100, 20)], size=(400, 200))
    boxes = [box for box in detector.find(photo, zoom=False).boxes if box.score > 0.5]
    assert len(boxes) >= 2
    assert any(inside(b.polygon, 125, 40) for b in boxes)
    assert any(inside(b.polygon, 85, 90) for b in boxes)


def test_an_empty_wall_has_no_lines(detector: Detector) -> None:
    assert detector.find(np.full((150, 200, 3), 128, np.uint8)).boxes == ()


@pytest.mark.parametrize("shape", [(1, 1, 3), (5, 400, 3), (400, 5, 3)])
def test_pictures_too_small_for_letters_are_no_fault(detector: Detector, shape: tuple[int, int, int]) -> None:
    assert detector.find(np.zeros(shape, np.uint8)).boxes == ()


def test_the_second_look_finds_small_letters_again_and_larger(detector: Detector) -> None:
    photo = painted([("РІПКИ", 800, 500, 11)], size=(1600, 1000))
    once, twice = detector.find(photo, zoom=False).boxes, detector.find(photo).boxes
    assert len(twice) > len(once)
    assert all(780 < x < 880 and 470 < y < 520 for box in twice for x, y in box.polygon)


@given(st.floats(-40, 40), st.floats(30, 120), st.floats(8, 25), st.floats(200, 400), st.floats(200, 400))
def test_corners_run_clockwise_from_the_top_left(angle: float, w: float, h: float, cx: float, cy: float) -> None:
    a = np.radians(angle)
    turned = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
    flat = np.array([[-w, -h], [w, -h], [w, h], [-w, h]]) / 2
    expected = (flat @ turned.T + [cx, cy]).astype(np.float32)
    shuffled = expected[[2, 0, 3, 1]]
    assert np.allclose(clockwise(shuffled), expected, atol=1e-3)


def test_a_core_grows_back_to_its_line() -> None:
    cores = np.zeros((100, 300), np.float32)
    cores[40:50, 50:250] = 0.9
    [box] = boxes_of(cores)
    width, height = sides(box.polygon)
    # A line of 25 x 216 shrunk by 1.6 x area / perimeter leaves a core of 10 x 200.
    assert height == pytest.approx(10 + 2 * 1.6 * 10 * 200 / 420, abs=2.5)
    assert width == pytest.approx(200 + 2 * 1.6 * 10 * 200 / 420, abs=2.5)


def test_faint_or_tiny_spots_are_no_lines_but_worth_a_second_look() -> None:
    cores = np.zeros((320, 480), np.float32)
    cores[100:103, 200:230] = 0.2
    assert boxes_of(cores) == []
    assert len(hot_windows(cores)) == 1


def test_large_letters_need_no_second_look() -> None:
    cores = np.zeros((640, 960), np.float32)
    cores[200:260, 100:800] = 0.9
    assert hot_windows(cores) == []


def test_rectifying_lays_a_leaning_line_level() -> None:
    photo = np.zeros((200, 300, 3), np.uint8)
    polygon = ((50.0, 60.0), (200.0, 100.0), (194.0, 124.0), (44.0, 84.0))
    import cv2

    cv2.fillPoly(photo, [np.int32(polygon)], (255, 255, 255))
    line = rectify(photo, polygon)
    assert line.shape[:2] == (25, 155)
    assert line[3:-3, 3:-3].min() > 250


def test_what_lies_outside_of_the_photo_repeats_its_edge() -> None:
    photo = np.full((40, 40, 3), 77, np.uint8)
    assert rectify(photo, ((-20.0, -20.0), (60.0, -20.0), (60.0, 5.0), (-20.0, 5.0))).tolist() == [[[77] * 3] * 80] * 25


def test_turning_names_another_corner() -> None:
    polygon = ((0.0, 0.0), (10.0, 0.0), (10.0, 50.0), (0.0, 50.0))
    assert sides(turn(polygon, 1)) == (50, 10)
    assert turn(polygon, 4) == polygon


@given(st.floats(0, 2), st.floats(-0.5, 0.5))
def test_widening_adds_the_margin_on_every_side(margin: float, lean: float) -> None:
    polygon = ((0.0, 0.0), (100.0, 100 * lean), (100.0 - 20 * lean, 100 * lean + 20), (-20 * lean, 20.0))
    width, height = sides(polygon)
    wide, high = sides(widen(polygon, margin))
    assert wide == pytest.approx(width + 2 * margin * height, rel=1e-6)
    assert high == pytest.approx(height * (1 + 2 * margin), rel=1e-6)


def flat(x: float, y: float, w: float, h: float) -> tuple[tuple[float, float], ...]:
    return ((x, y), (x + w, y), (x + w, y + h), (x, y + h))


def says(text: str, confidence: float, x: float, w: float, y: float = 0) -> Candidate:
    return Candidate(flat(x, y, w, 20), Spelling(((text, confidence),)))


def test_spaced_letters_may_be_one_line_but_not_with_the_next_column() -> None:
    letters = [says(letter, 0.9, x, 18) for letter, x in zip("ОКОП", (0, 45, 90, 135), strict=True)]
    [chain] = chains([*letters, says("Ріпки", 0.9, 400, 90)])
    assert chain.box.polygon == flat(0, 0, 153, 20)
    assert chain.outdone_by(says("ОКОП", 0.9, 0, 153))
    assert not chain.outdone_by(says("ОЮП", 0.1, 0, 153))


def test_lines_that_read_well_side_by_side_or_lie_above_each_other_stay_two() -> None:
    assert chains([says("Ріпки", 0.9, 0, 90), says("Любеч", 0.9, 98, 90)]) == []
    assert chains([says("Р1пк", 0.1, 0, 90), says("Любеч", 0.1, 0, 90, y=25)]) == []


def test_a_legible_whole_beats_its_parts_and_legible_parts_beat_a_poor_whole() -> None:
    parts = [says("ВОК", 0.8, 0, 50), says("ЗАЛ", 0.8, 60, 50)]
    assert [c.spelling.text for c in strongest([*parts, says("ВОКЗАЛ", 0.7, 0, 110)])] == ["ВОКЗАЛ"]
    assert [c.spelling.text for c in strongest([*parts, says("ВСЖЗ1Л", 0.01, 0, 110)])] == ["ВОК", "ЗАЛ"]


def test_a_lone_character_is_left_out_but_a_distance_beside_a_name_stays() -> None:
    assert strongest([says("1", 0.95, 0, 10)]) == []
    beside = [says("Ріпки", 0.9, 0, 80), says("9", 0.95, 100, 10)]
    assert [c.spelling.text for c in strongest(beside)] == ["Ріпки", "9"]


def test_an_arrow_is_no_digit_of_the_number_beside_it() -> None:
    name, two, arrow, both = says("Яна", 0.9, -90, 60), says("2", 0.999, 0, 14), says("Я", 0.04, 40, 20), ("27", 0.78)
    [chain] = chains([two, arrow])
    assert not chain.outdone_by(says(*both, 0, 60))
    assert [c.spelling.text for c in strongest([name, two, says(*both, 0, 26)])] == ["Яна", "2"]
    # Where the longer number is as sure, the shorter one was cut off.
    assert [c.spelling.text for c in strongest([name, two, says("27", 0.97, 0, 26)])] == ["Яна", "27"]


def test_fences_and_tracks_are_no_text() -> None:
    assert strongest([says("CEECCECEECEL", 0.9, 0, 200)]) == []
    assert [c.spelling.text for c in strongest([says("ТАТАТАУ", 0.9, 0, 120)])] == ["ТАТАТАУ"]


def test_reading_order_is_by_rows_then_from_the_left() -> None:
    lines = [says("39", 0.9, 200, 30, 4), says("Ріпки", 0.9, 0, 90, 40), says("Чернігів", 0.9, 0, 150, 0)]
    assert [c.spelling.text for c in strongest(lines)] == ["Чернігів", "39", "Ріпки"]
