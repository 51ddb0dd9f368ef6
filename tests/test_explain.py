from __future__ import annotations

import numpy as np
import pytest
import shapely

from geoinfer.case import Case
from geoinfer.catchment import Catchment
from geoinfer.explain import find_site
from geoinfer.inference import Result
from geoinfer.result import Site


@pytest.fixture(scope="module")
def result() -> Result:
    case = Case()
    case.add_clue("Чернігів", km=39, kind="distance")
    case.add_clue("Гомель", km=72, kind="distance")
    case.add_area(shapely.box(30.5, 51.6, 31.5, 52.2), 3.0, note="pine forest")
    return case.infer()


def site(rank: int, name: str, kind: str = "village", **names: str) -> Site:
    return Site(rank, name, names, kind, 31.0, 51.5, 0.5, 2.0, 0.1, "UA", "UA-74", {}, ())


SITES = (
    site(1, "Сеньківка – Веселовка", "crossing", en="Senkivka – Veselovka"),
    site(2, "Сеньківка", en="Senkivka"),
    site(3, "Коропʼє", en="Koropie"),
    site(4, "Мена", "town"),
    site(5, "Мена"),
)


@pytest.mark.parametrize(
    ("name", "rank"),
    [("Сеньківка", 2), ("senkivka", 2), ("Veselovka", 1), ("Сеньківка – Веселовка", 1), (3, 3), ("3", 3)],
)
def test_a_site_is_found_by_its_whole_name_a_crossing_s_half_or_its_rank(name: str | int, rank: int) -> None:
    found = find_site(name, SITES)
    assert found is not None
    assert found.rank == rank


@pytest.mark.parametrize("name", ["Короп", "Сеньк", "Senkivk", ""])
def test_a_part_of_a_name_picks_no_site(name: str) -> None:
    assert find_site(name, SITES) is None


def test_namesakes_are_listed_with_their_ranks() -> None:
    with pytest.raises(KeyError, match=r"4\. Мена \(town\), 5\. Мена \(village\); give the rank"):
        find_site("Мена", SITES)


def test_the_parts_of_an_explanation_are_all_there(result: Result) -> None:
    explanation = result.explain(1)
    assert explanation.probability == result.findings.sites[0].probability
    assert {part.id for part in explanation.parts} == {"clue-1", "clue-2", "area-1", "borders", "roads"}
    assert list(explanation.evidence.columns) == ["part", "kind", "says", "bits", "change"]
    assert "39 km by road" in str(explanation)
    assert "inside the area of pine forest" in str(explanation)


def test_change_is_how_much_more_probable_a_part_makes_the_site(result: Result) -> None:
    """Checked against the ratio of two beliefs that are inferred at the same positions."""
    belief, first = result.belief, result.findings.sites[0]
    assert belief is not None
    inside = Catchment(belief, first.lon, first.lat, first.radius_km).mostly()
    change = {part.id: part.change for part in result.explain(1).parts}
    left = belief.without("clue-2").posterior
    assert change["clue-2"] == pytest.approx(np.log2(belief.posterior[inside].sum() / left[inside].sum()))
    assert change["clue-1"] is not None
    assert change["clue-1"] > 1


def test_a_place_that_is_no_site_is_explained_by_its_id(result: Result) -> None:
    kyiv = next(m.place for m in result._world.gazetteer.search("Київ").matches if m.place.kind == "city")
    explanation = result.explain(kyiv.id)
    assert explanation.rank is None
    assert explanation.probability < 0.001
    assert "not among the ranked sites" in str(explanation)


def test_a_name_of_no_site_lists_what_may_be_meant(result: Result) -> None:
    with pytest.raises(KeyError, match=r"did you mean: 1\. M01"):
        result.explain("M01")
    with pytest.raises(KeyError, match=r"places of that name: .*Kyiv"):
        result.explain("Київ")


def test_the_largest_swing_is_told_first(result: Result) -> None:
    moved = [swing.moved for swing in result.swings]
    assert moved == sorted(moved, reverse=True)
    assert {swing.part for swing in result.swings} == {"clue-1", "clue-2", "area-1", "borders"}
    largest = result.largest_swing
    assert largest is not None
    assert largest.part in ("clue-1", "clue-2")
    assert any("Largest swing" in note for note in result.notes)


@pytest.mark.parametrize("part", ["clue-1", "area-1", "borders"])
def test_any_part_can_be_left_out(result: Result, part: str) -> None:
    left = result.without(part)
    assert part not in {p.id for p in left.explain(1).parts}


def test_a_rule_can_be_left_out_and_is_named(result: Result) -> None:
    left = result.without("main_roads")
    assert left.findings.settings["without_rules"] == ["main_roads"]
    assert any("without the rules main_roads" in note for note in left.notes)


def test_what_the_answer_would_be_without_each_rule(result: Result) -> None:
    table = result.rules().set_index("rule")
    assert {"", "distance_sign", "main_roads", "border_proximity"} <= set(table.index)
    assert table.loc["", "area_km2"] == pytest.approx(result.region(0.9).area_km2, rel=0.01)
    assert table.loc["distance_sign", "area_km2"] > 3 * table.loc["", "area_km2"]
    assert table.loc["distance_sign", "held"] < table.loc["", "held"]


def test_what_is_not_there_cannot_be_left_out(result: Result) -> None:
    with pytest.raises(KeyError, match="clue-1, clue-2, area-1, borders, border_proximity"):
        result.without("clue-9")


def test_names_of_any_length_are_cut_in_texts() -> None:
    case = Case()
    case.add_clue("Чернігів" + "і" * 10_000)
    case.add_clue("Гомель", km=72)
    result = case.infer(near=[])
    texts = [result.verdict.text, *result.notes, *(reason for site in result.findings.sites for reason in site.reasons)]
    assert max(map(len, texts)) < 2_000
