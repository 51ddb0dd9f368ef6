from __future__ import annotations

import pytest
from shapely.geometry import Point

import geoinfer as gi
from geoinfer.case import Case
from geoinfer.errors import ClueError
from geoinfer.inference import Result


def case_of(*clues: dict[str, object]) -> Case:
    case = gi.Case()
    for clue in clues:
        case.add_clue(**clue)  # type: ignore[arg-type]
    return case


@pytest.fixture(scope="module")
def first_case() -> Result:
    """One photo, in the distance a sign: Chernihiv. 29 January 2026."""
    return case_of({"name": "Chernihiv", "sign": "s1"}).infer()


def test_the_first_case_is_a_region(first_case: Result) -> None:
    assert first_case.verdict.kind == "region"
    assert first_case.sites["probability"].max() < 1 / 3


@pytest.mark.parametrize("name", ["Novi Yarylovychi", "Senkivka", "Mykolaivka", "Hremiach"])
def test_the_crossings_of_chernihiv_oblast_are_among_the_top(first_case: Result, name: str) -> None:
    top = [site for site in first_case.findings.sites if site.rank <= 15]
    assert any(name in site.names.get("en", "") and site.kind == "crossing" for site in top)


def test_neither_chernihiv_nor_kyiv_leads(first_case: Result) -> None:
    top = [site.names.get("en", site.name) for site in first_case.findings.sites if site.rank <= 5]
    assert "Chernihiv" not in top
    assert "Kyiv" not in top


def test_the_region_covers_the_borderland(first_case: Result) -> None:
    region = first_case.region(0.9).geometry
    for lon, lat in [(30.97, 52.05), (31.78, 52.10), (32.64, 52.29), (33.29, 52.33)]:
        assert region.covers(Point(lon, lat))
    assert not region.covers(Point(30.52, 50.45))


def test_probabilities_are_the_mass_of_the_belief(first_case: Result) -> None:
    findings = first_case.findings
    assert sum(site.probability for site in findings.sites) + findings.elsewhere == pytest.approx(1.0)
    assert float(findings.cells["probability"].sum()) == pytest.approx(1.0, abs=0.01)


def test_the_hypothesis_is_owned_up_to(first_case: Result) -> None:
    assert any("not evidence" in note and "bits" in note for note in first_case.notes)


def test_two_distances_find_the_m01_at_ripky() -> None:
    result = case_of(
        {"name": "Чернігів", "km": 39, "kind": "distance"}, {"name": "Гомель", "km": 72, "kind": "distance"}
    ).infer()
    region = result.region(0.5)
    assert region.geometry.distance(Point(31.09, 51.82)) < 0.06  # within some 5 km of Ripky
    assert region.area_km2 < 60
    assert "M01" in result.findings.sites[0].name


def test_distances_that_run_through_each_other_keep_every_road() -> None:
    result = case_of(
        {"name": "Чернігів", "km": 39, "kind": "distance", "sign": "s1"},
        {"name": "Київ", "km": 179, "kind": "distance", "sign": "s1"},
    ).infer()
    points = [site for site in result.findings.sites if site.kind == "road point" and site.probability > 0.03]
    assert result.verdict.kind == "region"
    assert "kept apart" in result.verdict.text
    assert len(points) >= 3


def test_without_the_decisive_clue() -> None:
    result = case_of(
        {"name": "Чернігів", "km": 39, "kind": "distance"}, {"name": "Гомель", "km": 72, "kind": "distance"}
    ).infer()
    assert result.without("clue-2").region(0.9).area_km2 > 5 * result.region(0.9).area_km2
    with pytest.raises(KeyError, match="clue-1, clue-2"):
        result.without("clue-9")


def test_explain_traces_a_site_to_clues_and_rules(first_case: Result) -> None:
    explanation = first_case.explain("Senkivka")
    assert "clue-1" in str(explanation)
    assert "hypothesis" in str(explanation)
    with pytest.raises(KeyError, match="first sites"):
        first_case.explain("Atlantis")


def test_no_clue_is_no_evidence() -> None:
    result = gi.Case().infer()
    assert result.verdict.kind == "none"
    assert result.findings.sites == ()
    with pytest.raises(ValueError, match="no region"):
        result.region(0.9)


def test_a_typed_clue_with_a_fault_is_refused_at_once() -> None:
    with pytest.raises(ClueError, match="valid: direction"):
        gi.Case().add_clue("Мена", kind="billboard")
    with pytest.raises(ClueError, match="one is needed"):
        gi.Case().add_clue("")


def test_tables_can_be_corrected() -> None:
    case = case_of({"name": "Чернiгiв", "km": 39}, {"name": "Гомель", "km": 7})
    case.clues.loc[1, "km"] = 72.0
    case.clues = case.clues[case.clues["name"] != "nothing"]
    assert [row.km for row in case.rows()] == [39.0, 72.0]
    case.clues = case.clues.iloc[:1]
    assert len(case.infer(near=[]).clues) == 1


def test_objects_show_themselves_escaped(first_case: Result) -> None:
    assert "<b>" in first_case._repr_html_()
    case = case_of({"name": "<script>alert(1)</script>"})
    assert "<script>" not in case._repr_html_()
