from __future__ import annotations

import pytest

import geoinfer as gi
from geoinfer.clue_rows import ClueRow
from geoinfer.clues import build_clues
from geoinfer.verdict import area_text, nothing
from geoinfer.world import World


def verdict_of(*clues: dict[str, object], near: list[str] | None = None) -> tuple[str, str]:
    case = gi.Case()
    for clue in clues:
        case.add_clue(**clue)  # type: ignore[arg-type]
    verdict = case.infer(near=near).verdict
    return verdict.kind, verdict.text


@pytest.mark.parametrize(
    ("km2", "text"), [(0.4, "0 km²"), (5.2, "5 km²"), (37, "37 km²"), (4321, "4,300 km²"), (289_000, "290,000 km²")]
)
def test_areas_have_two_digits(km2: float, text: str) -> None:
    assert area_text(km2) == text


def test_two_distances_give_a_site() -> None:
    kind, text = verdict_of(
        {"name": "Чернігів", "km": 39, "kind": "distance"}, {"name": "Гомель", "km": 72, "kind": "distance"}, near=[]
    )
    assert kind == "site"
    assert "M01" in text


def test_a_name_alone_gives_a_region() -> None:
    kind, text = verdict_of({"name": "Чернігів"})
    assert kind == "region"
    assert "Chernihiv Oblast" in text


def test_a_hypothesis_alone_names_no_site() -> None:
    """The border hypothesis prefers one of several roads; the sign does not."""
    plate: dict[str, object] = {"kind": "distance", "sign": "s1"}
    kind, text = verdict_of({"name": "Чернігів", "km": 39, **plate}, {"name": "Київ", "km": 179, **plate})
    assert kind == "region"
    assert "road points" in text


@pytest.mark.parametrize("name", ["STOP", "МАГАЗИН", "qqqxyzzy"])
def test_words_that_name_no_place_are_no_evidence(name: str) -> None:
    assert verdict_of({"name": name})[0] == "none"


def test_nothing_read_and_nothing_known_are_told_apart(world: World) -> None:
    assert "no place name was read" in nothing(()).text
    assert "qqqxyzzy" in nothing(build_clues([ClueRow("s1", name="qqqxyzzy")], world.gazetteer)).text


def test_contradicting_clues_are_called_so() -> None:
    case = gi.Case()
    case.add_clue("Чернігів", km=39, kind="distance")
    case.add_clue("Гомель", km=72, kind="distance")
    case.add_clue("Ужгород", kind="settlement_begin")
    assert any("contradicting" in note and "clue-3" in note for note in case.infer(near=[]).notes)
