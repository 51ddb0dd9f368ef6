from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from geoinfer.case import Case
from geoinfer.cli import main
from geoinfer.inference import Result

RIPKY = [
    {"sign": "ripky", "name": "Чернігів", "km": 39, "kind": "distance"},
    {"sign": "ripky", "name": "Гомель", "km": 72, "kind": "distance"},
]
ZOLOCHIV = [
    {"sign": "zolochiv", "name": "Львів", "km": 60, "kind": "distance"},
    {"sign": "zolochiv", "name": "Тернопіль", "km": 70, "kind": "distance"},
]


def result_of(*clues: dict[str, object]) -> Result:
    case = Case()
    for clue in clues:
        case.add_clue(**clue)  # type: ignore[arg-type]
    return case.infer(near=[])


@pytest.fixture(scope="module")
def two_places() -> Result:
    return result_of(*RIPKY, *ZOLOCHIV)


def test_two_signs_of_two_places_are_reported_apart(two_places: Result) -> None:
    first, second = two_places.clusters
    assert [clue.sign for clue in first.clues] == ["ripky"]
    assert [clue.sign for clue in second.clues] == ["zolochiv"]
    assert "Chernihiv Oblast" in first.verdict.text
    assert "Lviv Oblast" in second.verdict.text


def test_no_answer_is_averaged(two_places: Result) -> None:
    alone = result_of(*RIPKY)
    assert two_places.region(0.9).area_km2 == pytest.approx(alone.region(0.9).area_km2, rel=0.05)
    assert two_places.findings.sites[0].name == alone.findings.sites[0].name


def test_the_verdict_is_that_of_the_first_place_and_says_that_there_are_more(two_places: Result) -> None:
    text = two_places.verdict.text
    assert text.startswith("The clues speak for 2 places, not one")
    assert "Place 1 (clue-1" in text
    assert "Place 2" not in text


def test_the_terminal_tells_every_place_and_its_signs(tmp_path: Path) -> None:
    rows = ["sign_id,name,km,kind", *(",".join(map(str, row.values())) for row in (*RIPKY, *ZOLOCHIV))]
    (tmp_path / "clues.csv").write_text("\n".join(rows), encoding="utf-8")
    told = CliRunner().invoke(main, ["infer", str(tmp_path / "clues.csv"), "-o", str(tmp_path / "out")])
    lines = told.output.splitlines()
    assert "Place 1 (clue-1" in lines[0]
    assert lines[1].startswith("Place 2 (clue-2")
    assert "Lviv Oblast" in lines[1]


def test_the_report_holds_both(two_places: Result, tmp_path: Path) -> None:
    two_places.save(tmp_path)
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert [cluster["clues"] for cluster in report["clusters"]] == [["clue-1"], ["clue-2"]]
    assert all(cluster["sites"] and set(cluster["regions"]) == {"50", "90"} for cluster in report["clusters"])


def test_leaving_out_the_other_place_leaves_one(two_places: Result) -> None:
    assert two_places.without("clue-2").clusters == ()


@pytest.mark.parametrize(
    "clues",
    [
        # One odd sign is misread or moved, not a place of its own.
        [*RIPKY, {"name": "Ужгород", "kind": "settlement_begin"}],
        # Signs that agree.
        [*RIPKY, {"name": "Ріпки", "kind": "direction"}, {"name": "Чернігів", "kind": "direction"}],
        # A far city is signed from far away.
        [*RIPKY, {"name": "Київ", "kind": "direction"}],
        [{"name": "Чернігів"}],
    ],
    ids=["one odd sign", "agreeing signs", "a far city", "one sign"],
)
def test_photos_of_one_case_share_a_place_unless_the_clues_split_them(clues: list[dict[str, object]]) -> None:
    assert result_of(*clues).clusters == ()


def test_signs_that_agree_gather_round_their_place() -> None:
    result = result_of(*ZOLOCHIV, *RIPKY, {"name": "Ріпки", "kind": "settlement_begin"})
    assert [[clue.sign for clue in one.clues] for one in result.clusters] == [["ripky", "typed-1"], ["zolochiv"]]


def test_an_odd_sign_is_averaged_with_no_place() -> None:
    result = result_of(*RIPKY, *ZOLOCHIV, {"name": "Ужгород", "kind": "settlement_begin"})
    assert [[clue.sign for clue in one.clues] for one in result.clusters] == [["ripky"], ["zolochiv"]]
    assert [(row["id"], row["reason"]) for row in result.excluded] == [
        ("clue-3", "agrees with none of the places that the others speak for")
    ]
