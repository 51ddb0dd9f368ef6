from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from painted import BLACK, BLUE, GREEN, RED, WHITE, Photo, column, reading

from geoinfer.frames import enclosing_frame, frame_of
from geoinfer.plates import find_plates


def texts(photo: Photo, **light: float) -> list[list[str]]:
    return [[r.text for r in plate.readings] for plate in find_plates(photo.readings, photo.pixels(**light))]


def gantry() -> Photo:
    photo = Photo().plate((100, 100, 520, 260), BLUE, WHITE).plate((540, 100, 960, 260), BLUE, WHITE)
    photo.text("УФА", (130, 120), WHITE).text("572", (400, 120), WHITE).text("ПЕРМЬ", (130, 190), WHITE)
    return photo.text("КАЗАНЬ", (570, 120), WHITE).text("30", (860, 120), WHITE)


def test_two_panels_are_two_plates() -> None:
    assert texts(gantry()) == [["УФА", "572", "ПЕРМЬ"], ["КАЗАНЬ", "30"]]


def test_panels_that_touch_are_kept_apart_by_their_borders() -> None:
    photo = Photo().plate((100, 100, 520, 200), BLUE, WHITE).plate((100, 200, 520, 300), BLUE, WHITE)
    photo.text("ВАРНА", (130, 130), WHITE).text("ЯНА", (130, 230), WHITE)
    assert texts(photo) == [["ВАРНА"], ["ЯНА"]]


def test_a_shop_behind_a_road_sign_is_not_on_it() -> None:
    photo = Photo().plate((100, 100, 520, 260), BLUE, WHITE).plate((530, 90, 1000, 240), WHITE, BLACK)
    photo.text("КАЗАНЬ", (130, 150), WHITE).text("АПТЕКА", (580, 160), RED)
    assert texts(photo) == [["КАЗАНЬ"], ["АПТЕКА"]]


@pytest.mark.parametrize(
    ("ground", "ink", "name"),
    [(BLUE, WHITE, "blue"), (GREEN, WHITE, "green"), (WHITE, BLACK, "white"), (RED, WHITE, "red"),
     (BLACK, WHITE, "black"), ((245, 200, 30), BLACK, "yellow"), ((110, 65, 30), WHITE, "brown")],
)  # fmt: skip
@pytest.mark.parametrize("brightness", [1.0, 0.7, 0.45])
def test_colours_by_day_and_under_clouds(ground, ink, name: str, brightness: float) -> None:  # type: ignore[no-untyped-def]
    photo = Photo().plate((100, 100, 520, 220), ground, ink).text("ЧЕРНІГІВ", (140, 140), ink)
    (plate,) = find_plates(photo.readings, photo.pixels(brightness=brightness))
    assert plate.colour == name or (
        brightness < 0.5 and name in ("yellow", "brown", "white") and plate.colour != "blue"
    )
    assert plate.dark_text is (ink == BLACK)


def test_a_plate_ends_and_a_wall_does_not() -> None:
    photo = Photo().plate((100, 100, 420, 200), WHITE, BLACK).text("РІПКИ", (150, 130), BLACK)
    photo.pen.rectangle((0, 420, 1199, 799), WHITE)
    photo.text("МЕБЛІ", (500, 580), BLACK)
    plate, wall = find_plates(photo.readings, photo.pixels())
    assert plate.has_edges
    assert not wall.has_edges


def test_margins_are_in_letter_heights() -> None:
    photo = Photo()
    photo.pen.rectangle((100, 100, 500, 240), WHITE)
    photo.text("РІПКИ", (180, 150), BLACK, 40)
    (plate,) = find_plates(photo.readings, photo.pixels())
    frame = frame_of(photo.readings[0].polygon)
    left = (photo.readings[0].polygon[0][0] - 100) / frame.height
    assert plate.margins[0] == pytest.approx(left, abs=0.1)


def test_a_red_bar_strikes_a_plate() -> None:
    photo = Photo().plate((100, 100, 420, 200), WHITE, BLACK).text("РІПКИ", (165, 130), BLACK)
    before = find_plates(photo.readings, photo.pixels())[0]
    photo.pen.line((110, 192, 410, 108), RED, 12)
    assert (before.struck, find_plates(photo.readings, photo.pixels())[0].struck) == (False, True)


def test_without_pixels_only_geometry_speaks() -> None:
    lines = [*column("Чернігів", "Chernihiv"), reading("АПТЕКА", (900, 0, 1000, 30), "r9")]
    plates = find_plates(lines, None)
    assert [[r.text for r in plate.readings] for plate in plates] == [["Чернігів", "Chernihiv"], ["АПТЕКА"]]
    assert {plate.colour for plate in plates} == {"unknown"}


def test_lines_of_other_size_or_direction_are_not_joined() -> None:
    big = reading("МАГАЗИН", (0, 0, 400, 100))
    small = reading("Ріпки", (0, 110, 80, 130), "r2")
    assert len(find_plates([big, small], None)) == 2
    steep = reading("Київ", (0, 0, 1, 1), "r3")
    steep = type(steep)(
        "r3", ((0, 130), (40, 60), (60, 72), (20, 142)), "Київ", "cyrillic", 0.9, (("Київ", 0.9),), "signs"
    )
    assert len(find_plates([small, steep], None)) == 2


@settings(deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4)), min_size=4, max_size=4), min_size=0, max_size=6
    ),
    st.booleans(),
)
def test_every_reading_is_on_one_plate_whatever_its_polygon(polygons, seen: bool) -> None:  # type: ignore[no-untyped-def]
    lines = [
        type(reading("x", (0, 0, 1, 1)))(
            f"r{n}", tuple(map(tuple, polygon)), "Київ", "cyrillic", 0.5, (("Київ", 0.5),), "t"
        )
        for n, polygon in enumerate(polygons)
    ]
    pixels = np.zeros((40, 60, 3), np.uint8) if seen else None
    found = sorted(r.id for plate in find_plates(lines, pixels) for r in plate.readings)
    assert found == sorted(r.id for r in lines)


def test_frames_turn_with_the_text() -> None:
    frame = frame_of([(0, 0), (30, 30), (20, 40), (-10, 10)])
    assert frame.angle == pytest.approx(math.pi / 4)
    assert enclosing_frame([[(0, 0), (40, 0), (40, 10), (0, 10)], [(0, 20), (20, 20), (20, 30), (0, 30)]]).height == 30
