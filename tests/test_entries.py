from __future__ import annotations

from dataclasses import replace

import pytest
from painted import column, reading

from geoinfer.entries import read_entries


def entries(*lines):  # type: ignore[no-untyped-def]
    return [(e.name, e.other, e.km) for e in read_entries(list(lines)).entries]


def test_a_name_in_two_scripts_is_one_entry() -> None:
    found = read_entries(column("Чернігів", "Chernihiv", "Київ", "Kyiv")).entries
    assert [(e.name, e.other) for e in found] == [("Чернігів", "Chernihiv"), ("Київ", "Kyiv")]
    assert found[0].readings == ("r1", "r2")


def test_latin_above_cyrillic_is_paired_too_and_cyrillic_leads() -> None:
    assert entries(*column("CHERNIHIV", "ЧЕРНІГІВ")) == [("ЧЕРНІГІВ", "CHERNIHIV", None)]


def test_different_names_in_two_scripts_stay_apart() -> None:
    assert [name for name, *_ in entries(*column("Чернігів", "Kyiv"))] == ["Чернігів", "Kyiv"]


def test_numbers_at_the_middle_of_two_scripts_belong_to_the_pair() -> None:
    lines = column("Видин", "Vidin", "Варна", "Varna")
    numbers = [reading("240", (200, 20, 255, 50), "r5"), reading("445", (200, 104, 255, 134), "r6")]
    assert entries(*lines, *numbers) == [("Видин", "Vidin", 240), ("Варна", "Varna", 445)]


def test_a_column_of_numbers_is_read_by_rows() -> None:
    lines = column("УФА", "ЕКАТЕРИНБУРГ", "КАЗАНЬ")
    numbers = column("572", "1077", "30", left=400)
    numbers = [reading(n.text, (*n.polygon[0], *n.polygon[2]), f"n{i}") for i, n in enumerate(numbers)]
    assert entries(*lines, *numbers) == [("УФА", "", 572), ("ЕКАТЕРИНБУРГ", "", 1077), ("КАЗАНЬ", "", 30)]


def test_kilometres_with_a_unit_may_stand_below() -> None:
    assert entries(*column("Seoul", "56Km")) == [("Seoul", "", 56)]


def test_a_number_left_of_a_name_is_a_road() -> None:
    contents = read_entries([reading("21", (0, 0, 40, 30)), reading("Рума", (70, 0, 150, 30), "r2")])
    assert contents.routes == ("21",)
    assert contents.entries[0].km is None


def test_scripts_that_disagree_on_kilometres_show_it() -> None:
    (entry,) = read_entries(column("Ужгород 12", "UZHHOROD 21")).entries
    assert (entry.km, entry.km_other) == (12, 21)


def test_scripts_that_agree_show_no_conflict() -> None:
    (entry,) = read_entries(column("Ужгород 12", "UZHHOROD 12")).entries
    assert (entry.km, entry.km_other) == (12, None)


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        (("НОВГОРОД-", "СІВЕРСЬКИЙ"), ["НОВГОРОД-СІВЕРСЬКИЙ"]),
        (("НОВІ", "ЯРИЛОВИЧІ"), ["НОВІ ЯРИЛОВИЧІ"]),
        (("КАЛУЖСКАЯ", "ОБЛАСТЬ"), ["КАЛУЖСКАЯ ОБЛАСТЬ"]),
        (("ЧЕРНІГІВ", "ГОМЕЛЬ"), ["ЧЕРНІГІВ", "ГОМЕЛЬ"]),
        (("ОБЛАСТЬ",), []),
    ],
)
def test_names_cut_in_two_lines(lines: tuple[str, ...], names: list[str]) -> None:
    assert [name for name, *_ in entries(*column(*lines))] == names


def test_words_side_by_side_are_one_name_and_columns_are_two() -> None:
    left = reading("ГЕРОЇВ", (0, 0, 110, 30))
    assert [n for n, *_ in entries(left, reading("ДНІПРА", (125, 0, 235, 30), "r2"))] == ["ГЕРОЇВ ДНІПРА"]
    assert [n for n, *_ in entries(left, reading("ДНІПРА", (300, 0, 410, 30), "r2"))] == ["ГЕРОЇВ", "ДНІПРА"]


def test_a_street_word_takes_its_row_with_it() -> None:
    assert entries(reading("ДОРОЖНАЯ", (0, 0, 150, 30)), reading("улица", (170, 0, 250, 30), "r2")) == []


def test_a_shop_takes_its_neighbours_with_it() -> None:
    assert entries(*column("Amherst", "Coffee")) == []


def test_a_road_announced_in_the_line_above() -> None:
    contents = read_entries(column("7-й км автодороги", "Тернопіль-Гусятин"))
    assert [(e.name, e.km) for e in contents.entries] == [("Тернопіль", 7), ("Гусятин", None)]
    assert contents.post_km == 7


def test_an_arrow_alone_belongs_to_the_names_beside_it() -> None:
    lines = column("Гомель", "Ріпки", left=80)
    arrow = reading("→", (0, 40, 40, 75), "r3")
    assert [e.arrow for e in read_entries([*lines, arrow]).entries] == [None, "right"]


def test_a_plate_may_be_empty() -> None:
    assert read_entries([]).entries == ()


def test_a_line_that_may_as_well_be_a_shops_names_nothing() -> None:
    line = reading("ГАЗЕПЬ", (0, 0, 150, 30))
    unsure = replace(line, confidence=0.2, alternatives=(("ГАЗЕПЬ", 0.2), ("ГАЗЕЛЬ", 0.15)))
    assert [name for name, *_ in entries(line)] == ["ГАЗЕПЬ"]
    assert entries(unsure) == []


def test_route_numbers_need_a_sure_reading() -> None:
    plate = reading("С22", (0, 0, 90, 30))
    assert read_entries([plate]).routes == ("C22",)
    assert read_entries([replace(plate, confidence=0.28)]).routes == ()
