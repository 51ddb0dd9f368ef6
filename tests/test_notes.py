from __future__ import annotations

import pytest
import shapely

from geoinfer.case import Case
from geoinfer.clue_rows import ClueRow
from geoinfer.inference import Result
from geoinfer.record import Record


def case_of(*clues: dict[str, object]) -> Case:
    case = Case()
    for clue in clues:
        case.add_clue(**clue)  # type: ignore[arg-type]
    return case


def note(result: Result, start: str) -> str:
    return next((one for one in result.notes if one.startswith(start)), "")


def test_the_gazetteer_s_own_coverage_is_told_where_one_name_carries_all() -> None:
    start = "Everything rests on one name"
    told = note(case_of({"name": "Чернігів", "kind": "settlement_begin"}).infer(near=[]), start)
    listed = Case().world.gazetteer.coverage("UA")
    settlements = sum(listed[kind] for kind in ("city", "town", "village"))
    assert f"{settlements:,} settlements of Ukraine" in told
    abroad = note(case_of({"name": "Krabi", "kind": "settlement_begin"}).infer(near=[]), start)
    assert "settlements of Thailand" in abroad
    assert "Ukraine" not in abroad


def test_contradicting_clues_are_named_with_how_likely_they_are() -> None:
    case = case_of(
        {"name": "Чернігів", "km": 39, "kind": "distance"},
        {"name": "Гомель", "km": 72, "kind": "distance"},
        {"name": "Ужгород", "kind": "settlement_begin"},
    )
    told = note(case.infer(near=[]), "Not explained by this answer")
    assert "clue-3 (“Ужгород”: true with 1 %)" in told


def test_different_kilometres_in_two_scripts_are_told() -> None:
    case = Case()
    case._record = Record(typed=[ClueRow("s1", "distance", "Чернігів", "Chernihiv", 39.0, km_other=93.0)])
    told = note(case.infer(near=[]), "The two scripts")
    assert "“Чернігів” 39 km and 93 km" in told
    assert "both are kept" in told


@pytest.mark.parametrize(
    ("clue", "reason"),
    [({"name": "Чернігів", "km": 39}, "says the same as clue-1"), ({"name": "Qqqqq"}, "no known place")],
)
def test_what_was_not_used_is_listed_with_the_reason(clue: dict[str, object], reason: str) -> None:
    result = case_of({"name": "Чернігів", "km": 39}, clue).infer(near=[])
    assert [(row["id"], row["reason"].startswith(reason)) for row in result.excluded] == [("clue-2", True)]
    assert note(result, "Clues that were not used: 1 (")


def test_corrections_are_told_and_listed() -> None:
    case = case_of({"name": "Чернiгiв", "km": 39}, {"name": "Мена"})
    case.set_kind("typed-1", "distance")
    case.clues = case.clues[case.clues["name"] != "Мена"]
    result = case.infer(near=[])
    assert "sign typed-1 is a distance, not unknown" in note(result, "Corrected by the researcher")
    assert [row["reason"] for row in result.excluded] == ["taken out by the researcher"]
    assert [one["what"] for one in result.findings.corrections] == ["add_clue", "add_clue", "kind", "drop_clue"]


def test_observations_are_owned_up_to() -> None:
    case = case_of({"name": "Чернігів"})
    case.add_search(shapely.box(31.0, 51.4, 31.6, 51.6), 0.9, note="the city on imagery of January")
    result = case.infer(near=[])
    assert "search-1 (the city on imagery of January)" in note(result, "The answer takes in")
    assert result.findings.observations[0]["detection"] == 0.9


def test_a_search_in_vain_moves_the_belief_but_rules_nothing_out() -> None:
    city = shapely.box(31.1, 51.4, 31.5, 51.6)

    def held(case: Case) -> float:
        belief = case.infer(near=[]).belief
        assert belief is not None
        at = shapely.contains_xy(city, belief.positions.lon, belief.positions.lat)
        return float(belief.posterior[at].sum())

    case = case_of({"name": "Чернігів", "kind": "settlement_begin"})
    before = held(case)
    case.add_search(city, 0.99)
    after = held(case)
    assert 0 < after < before
    odds = (after / (1 - after)) / (before / (1 - before))
    assert 0.01 <= odds < 0.05  # positions at the edge count in part, and 2 % is kept for clues that mislead


def test_an_area_alone_gives_a_region_and_says_what_it_rests_on() -> None:
    case = Case()
    case.add_area(shapely.box(31.0, 51.4, 31.6, 51.6), 50.0)
    verdict = case.infer(near=[]).verdict
    assert verdict.kind == "region"
    assert "only what the researcher added" in verdict.text
