from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from painted import BLACK, BLUE, GREEN, RED, WHITE, Photo, column, reading

from geoinfer.signs import COLOURS, KINDS, Sign, convex_hull, find_signs


def only(photo: Photo) -> Sign:
    (sign,) = find_signs(photo.readings, photo.pixels(), "photo-1")
    return sign


def board(*rows: tuple[str, str], ground=BLUE, ink=WHITE) -> Photo:  # type: ignore[no-untyped-def]
    right = 640 if any(km for _, km in rows) else 420
    photo = Photo().plate((100, 60, right, 100 + 70 * len(rows)), ground, ink)
    for n, (name, km) in enumerate(rows):
        photo.text(name, (140, 90 + 70 * n), ink)
        if km:
            photo.text(km, (520, 90 + 70 * n), ink)
    return photo


def test_a_distance_sign() -> None:
    sign = only(board(("Чернігів", "38"), ("Київ", "177")))
    assert (sign.id, sign.kind, sign.colour) == ("photo-1/s1", "distance", "blue")
    assert [(e.name, e.km) for e in sign.entries] == [("Чернігів", 38), ("Київ", 177)]


def test_kinds_of_direction_signs() -> None:
    assert only(board(("Гомель", ""), ("Ріпки", ""))).kind == "direction"
    assert only(board(("Гомель", "74"), ("Ріпки", ""))).kind == "direction"
    assert only(board(("← Гомель", ""))).kind == "direction"


def test_a_blue_plate_with_one_name_may_be_two_things() -> None:
    assert only(board(("Чернігів", ""))).kind == "unknown"


def settlement(*lines: str, ink=BLACK) -> Photo:  # type: ignore[no-untyped-def]
    photo = Photo().plate((100, 100, 430, 130 + 65 * len(lines)), WHITE, ink)
    for n, line in enumerate(lines):
        photo.text(line, (180, 130 + 65 * n), ink)
    return photo


def test_a_settlements_plate() -> None:
    sign = only(settlement("РІПКИ", "RIPKY"))
    assert (sign.kind, sign.colour) == ("settlement_begin", "white")
    assert [(e.name, e.other) for e in sign.entries] == [("РІПКИ", "RIPKY")]


def test_a_struck_plate_ends_a_settlement() -> None:
    photo = settlement("РІПКИ")
    photo.pen.line((108, 188, 422, 107), RED, 12)
    assert only(photo).kind == "settlement_end"


@pytest.mark.parametrize("lines", [("с. Бички",), ("МАГАЗИН",), ("Valarta",), ("РІПКИ", "АПТЕКА")])
def test_other_white_plates_are_no_settlements(lines: tuple[str, ...]) -> None:
    photo = settlement(*lines)
    assert {sign.kind for sign in find_signs(photo.readings, photo.pixels(), "p")} == {"unknown"}


def test_a_name_on_a_wall_is_no_settlements_plate() -> None:
    photo = Photo()
    photo.pen.rectangle((0, 0, 1199, 799), (235, 232, 225))
    assert only(photo.text("КАЗАНЬ", (400, 300), BLACK)).kind == "unknown"


def test_route_plates() -> None:
    photo = Photo().plate((100, 100, 320, 190), RED, WHITE).text("М01", (150, 125), WHITE)
    photo.plate((340, 100, 560, 190), GREEN, WHITE).text("E95", (395, 125), WHITE)
    signs = find_signs(photo.readings, photo.pixels(), "p")
    assert [(s.kind, s.colour, s.routes) for s in signs] == [("route", "red", ("M01",)), ("route", "green", ("E95",))]


def test_kilometre_posts_are_blue_and_speed_limits_are_not() -> None:
    post = Photo().plate((100, 100, 210, 170), BLUE, WHITE).text("120", (122, 117), WHITE, 36)
    limit = Photo()
    limit.pen.ellipse((95, 75, 235, 215), WHITE, RED, 14)
    assert only(post).kind == "km_post"
    assert only(limit.text("90", (135, 125), BLACK)).kind == "unknown"


def test_a_stations_sign_and_one_with_a_distance() -> None:
    assert find_signs(column("Станція", "Сновськ"), None, "p")[0].kind == "station"
    assert find_signs([reading("ст. Сновськ 12", (0, 0, 300, 30))], None, "p")[0].kind == "distance"


def test_a_scheme_of_many_places_is_of_no_kind() -> None:
    names = [f"{start}ичі 5" for start in ("Аб", "Бв", "Вг", "Гд", "Де", "Еж", "Жз", "Зи", "Ик", "Кл")]
    assert find_signs(column(*names[:9]), None, "p")[0].kind == "distance"
    assert find_signs(column(*names), None, "p")[0].kind == "unknown"


def test_no_readings_no_signs() -> None:
    assert find_signs([], None, "p") == ()


@settings(deadline=None)
@given(st.lists(st.tuples(st.text(max_size=30), st.floats(0, 900), st.floats(0, 600)), max_size=8))
def test_every_reading_ends_in_one_sign(lines) -> None:  # type: ignore[no-untyped-def]
    readings = [reading(text, (x, y, x + 120, y + 30), f"r{n}") for n, (text, x, y) in enumerate(lines)]
    signs = find_signs(readings, None, "photo-9")
    assert sorted(r.id for s in signs for r in s.readings) == sorted(r.id for r in readings)
    assert [s.id for s in signs] == [f"photo-9/s{n + 1}" for n in range(len(signs))]
    assert all(s.kind in KINDS and s.colour in COLOURS for s in signs)
    ids = {r.id for r in readings}
    assert all(set(e.readings) <= ids and e.readings for s in signs for e in s.entries)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=3, max_size=20))
def test_a_hull_holds_its_points(points) -> None:  # type: ignore[no-untyped-def]
    from shapely.geometry import MultiPoint, Polygon

    hull = convex_hull([(float(x), float(y)) for x, y in points])
    if len(hull) > 2:
        assert Polygon(hull).equals(MultiPoint(points).convex_hull)


REAL = {
    "c1_kazan_dps": [("УФА", 572), ("ЕКАТЕРИНБУРГ", 1077), ("КАЗАНЬ", 30)],
    "c3_bg_vidin": [("Видин", 240), ("Варна", 445), ("Яна", 2)],
    "c1_russia_border": [("РОССИЯ", None)],
}


@pytest.mark.photos
@pytest.mark.parametrize("name", REAL)
def test_real_signs(name: str, shared: Path) -> None:
    from geoinfer.engines import open_engine
    from geoinfer.photos import load_photo
    from geoinfer.readings import read_photo

    photo = load_photo(shared / "photos" / f"{name}.jpg")
    signs = find_signs(read_photo(photo, open_engine("signs"), "p"), photo.pixels, "p")
    found = [(entry.name, entry.km) for sign in signs for entry in sign.entries]
    assert all(wanted in found for wanted in REAL[name])
    assert "settlement_begin" not in {sign.kind for sign in signs}
    panels = {next(s.id for s in signs for e in s.entries if e.name == n and e.km == km) for n, km in REAL[name]}
    assert len(panels) == {"c1_kazan_dps": 2, "c3_bg_vidin": 2, "c1_russia_border": 1}[name]
