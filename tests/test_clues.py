from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoinfer.clue_rows import ClueRow, check_row, read_clue_file, route_number
from geoinfer.clues import Clue, build_clues
from geoinfer.errors import ClueError
from geoinfer.lattice import Lattice
from geoinfer.world import World


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "clues.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_the_first_case(tmp_path: Path) -> None:
    rows = read_clue_file(written(tmp_path, "sign_id,kind,name\ns1,unknown,Chernihiv\n"))
    assert rows == [ClueRow("s1", "unknown", "Chernihiv")]


def test_a_spreadsheet_with_byte_order_mark_and_decimal_comma(tmp_path: Path) -> None:
    (row,) = read_clue_file(written(tmp_path, '\ufeffname,km\nЧернігів,"39,5"\n'))
    assert (row.name, row.km, row.kind, row.sign_id) == ("Чернігів", 39.5, "unknown", "line-2")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "first line must name columns"),
        ("town,km\nX,1\n", "first line must name columns"),
        ("sign_id,kind,name\n", "no rows"),
        ("name,km\nA,far\n", "km must be a number"),
        ("name,km\nA,nan\n", "finite"),
        ("name,km\nA,-3\n", "between 0 and 5000"),
        ("name,kind\nA,billboard\n", "valid: direction, distance"),
        ("name,country\nA,Ukraine\n", "two-letter .* such as UA"),
        ("name,country\nA,XX\n", "unknown country 'XX'"),
        ("name,country\nA,UK\n", "such as UA"),
        ("name,road\n,\n", "both empty"),
        ("name,km\nA,39,5\n", "more cells than columns"),
    ],
)
def test_faults_are_named(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(ClueError, match=fault):
        read_clue_file(written(tmp_path, text))


@pytest.mark.parametrize(
    "text",
    [
        "Sign_ID;NAME;Km\ns1;Чернігів;39,5\n",
        "sign_id\tname\tkm\ns1\tЧернігів\t39.5\n",
        " name , KM,sign_id\nЧернігів,39.5,s1\n",
    ],
)
def test_headers_in_any_case_and_the_separators_of_any_spreadsheet(tmp_path: Path, text: str) -> None:
    assert read_clue_file(written(tmp_path, text)) == [ClueRow("s1", "unknown", "Чернігів", km=39.5)]


def test_a_name_pinned_to_a_place_means_that_place_alone(world: World) -> None:
    found = [m.place for m in world.gazetteer.search("Городня").matches]
    second = next(place for place in found if place.country == "RU")
    (clue,) = build_clues([ClueRow("s1", name="Городня", place=second.id)], world.gazetteer)
    assert [(m.place.id, m.probability) for m in clue.mentions[0].matches.matches] == [(second.id, 1.0)]
    with pytest.raises(ClueError, match="lookup NAME"):
        build_clues([ClueRow("s1", name="Городня", place="nowhere:1")], world.gazetteer)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ClueError, match=r"line 2: .*; line 3: ") as caught:
        read_clue_file(written(tmp_path, "name,km,kind\nA,-3,unknown\nB,2,billboard\n"))
    assert "clues.csv" in str(caught.value)


def test_another_encoding_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ClueError, match="UTF-8"):
        read_clue_file(written(tmp_path, "name\nЧернігів\n", "cp1251"))


def test_rows_of_one_plate_become_one_clue(world: World) -> None:
    rows = [
        ClueRow("s1", "distance", "Чернігів", km=39),
        ClueRow("s1", name="Київ", km=179),
        ClueRow("s2", road="М-01"),
    ]
    first, second = build_clues(rows, world.gazetteer)
    assert [mention.name for mention in first.mentions] == ["Чернігів", "Київ"]
    assert (first.id, first.kind, second.routes, second.mentions) == ("clue-1", "distance", ("M01",), ())


def test_the_same_sign_id_in_two_photos_is_two_plates(world: World) -> None:
    rows = [ClueRow("s1", name="Мена", photo="a.jpg"), ClueRow("s1", name="Мена", photo="b.jpg")]
    assert len(build_clues(rows, world.gazetteer)) == 2


@pytest.mark.parametrize(
    ("text", "number"),
    [("М01", "M01"), ("м-01", "M01"), ("E 95", "E95"), ("Е-95", "E95"), ("Н28", "H28"), ("P 124", "P124")],
)
def test_route_numbers(text: str, number: str) -> None:
    assert route_number(text) == number


@given(st.text(max_size=30), st.floats(allow_nan=False) | st.none(), st.text(max_size=5))
def test_any_row_is_either_good_or_told_why(name: str, km: float | None, country: str) -> None:
    assert all(isinstance(fault, str) and fault for fault in check_row(ClueRow("s", name=name, km=km, country=country)))


def test_what_the_reader_saw_decides_between_names(world: World) -> None:
    alphabet = "абцорш"
    sure = np.full((8, len(alphabet) + 1), 0.01)
    for step, letters in zip(range(0, 8, 2), ("о", "р", "цш", "а"), strict=True):
        sure[step, [alphabet.index(letter) + 1 for letter in letters]] = 0.9 / len(letters)
        sure[step + 1, 0] = 0.9
    lattice = Lattice.of_scores(np.log(sure / sure.sum(axis=1, keepdims=True)), alphabet)
    row = ClueRow("s1", "unknown", "ОРЦА", readings=("p/r1",))

    def share(clues: tuple[Clue, ...]) -> float:
        return sum(m.probability for m in clues[0].mentions[0].matches.matches if m.place.name == "Орша")

    by_text = share(build_clues([row], world.gazetteer))
    by_lattice = share(build_clues([row], world.gazetteer, None, {"p/r1": ("ОРЦА", lattice)}))
    assert by_lattice > by_text
    assert share(build_clues([row], world.gazetteer, None, {"p/r1": ("МИНСК", lattice)})) == by_text
