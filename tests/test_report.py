"""The report keeps its contract, whatever text it carries."""

import json
from dataclasses import replace

import pytest
from findings import HOSTILE, SHA, make_findings, make_hostile_findings

from geoinfer.report import build_report, report_bytes
from geoinfer.result import Findings


@pytest.fixture(scope="module")
def findings() -> Findings:
    return make_findings()


def test_contract(findings: Findings) -> None:
    report = build_report(findings)
    assert set(report["verdict"]) == {"kind", "text"}
    assert set(report["regions"]) == {"50", "90"}
    assert report["regions"]["50"]["area_km2"] < report["regions"]["90"]["area_km2"]
    site = report["sites"][0]
    contract = {"rank", "name", "names", "kind", "lon", "lat", "probability", "country", "admin1", "km_to", "reasons"}
    assert contract <= set(site)
    assert (site["rank"], site["name"], site["names"]["en"], site["km_to"]["BY"]) == (1, "Ріпки", "Ripky", 12.1)
    photo = report["photos"][0]
    assert (photo["file"], photo["sha256"]) == ("М01/IMG_0042.jpg", SHA)
    assert set(photo["signs"][0]["readings"][0]) >= {"text", "script", "confidence", "polygon"}
    assert report["problems"] == [{"file": "М01/broken.jpg", "error": findings.problems[0]["error"]}]
    assert report["settings"]["near"] == ["BY", "RU-BRY"]
    assert {"name", "version", "licence"} <= set(report["sources"][0])


def test_entries_carry_the_places_that_they_may_mean(findings: Findings) -> None:
    entries = build_report(findings)["photos"][0]["signs"][0]["entries"]
    assert [(one["name"], one["km"]) for one in entries] == [("Чернігів", 39.0), ("Гомель", 72.0)]
    assert [(one["name"], one["probability"]) for one in entries[0]["matches"]] == [
        ("Чернігів", 0.962), ("Чернігівка", 0.011),
    ]  # fmt: skip
    assert entries[0]["matches"][0]["id"] == "geonames:710735"
    assert entries[0]["none"] == 0.027


def test_a_clue_that_was_dropped_leaves_its_entry_without_matches(findings: Findings) -> None:
    entries = build_report(replace(findings, clues=()))["photos"][0]["signs"][0]["entries"]
    assert [one["matches"] for one in entries] == [[], []]


def test_probabilities_sum_to_one(findings: Findings) -> None:
    report = build_report(findings)
    assert sum(site["probability"] for site in report["sites"]) + report["elsewhere"] == pytest.approx(1)


def test_hostile_text_is_kept_as_read_and_stays_json() -> None:
    report = json.loads(report_bytes(build_report(make_hostile_findings())))
    assert report["photos"][0]["file"] == HOSTILE
    assert report["problems"][0]["file"].endswith("\\udcff")


def test_no_evidence_at_all() -> None:
    bare = make_findings()
    empty = Findings(replace(bare.verdict, kind="none"), (), 1.0, {}, bare.cells.iloc[:0], ())
    report = build_report(empty)
    assert (report["sites"], report["regions"], report["photos"]) == ([], {}, [])
