from __future__ import annotations

from dataclasses import replace

import pytest

from geoinfer.case import Case
from geoinfer.entries import Entry
from geoinfer.inference import Result
from geoinfer.photos import PhotoRecord
from geoinfer.record import Record
from geoinfer.report import build_report
from geoinfer.signs import Sign


def case_with(exif: dict[str, str | float]) -> Case:
    sign = Sign("photo-1/s1", "settlement_begin", "white", (), (Entry("Чернігів"),), (), ())
    case = Case()
    case._record = Record([PhotoRecord("a.jpg", "a" * 64, 800, 600, exif, (sign,))])
    return case


@pytest.fixture(scope="module")
def there() -> Result:
    return case_with({"gps_lon": 31.29, "gps_lat": 51.5}).infer(near=[])


def test_a_claim_that_fits(there: Result) -> None:
    (claim,) = there.claims
    assert claim["within_90"] is True
    assert claim["held"] > 0.1
    assert any("lies inside the 50 % region" in note and "was not used" in note for note in there.notes)


def test_a_claim_stands_in_the_report(there: Result) -> None:
    (claim,) = build_report(there.findings)["claims"]
    assert (claim["photo"], claim["lon"], claim["lat"], claim["within_90"]) == ("a.jpg", 31.29, 51.5, True)


def test_a_claim_that_does_not_fit() -> None:
    result = case_with({"gps_lon": 30.5, "gps_lat": 50.45}).infer(near=[])
    assert result.claims[0]["within_90"] is False
    assert result.claims[0]["km_to_first_site"] == pytest.approx(130, abs=15)
    assert any("outside the 90 % region" in note for note in result.notes)


def test_a_claim_is_never_an_input(there: Result) -> None:
    without = case_with({}).infer(near=[])
    assert without.claims == ()
    assert replace(without.findings.sites[0], reasons=()) == replace(there.findings.sites[0], reasons=())


def test_a_claim_without_an_answer_is_only_shown() -> None:
    case = case_with({"gps_lon": 30.5, "gps_lat": 50.45})
    case.clues = case.clues.assign(name="qqqxyzzy")
    result = case.infer(near=[])
    assert result.claims[0]["within_90"] is None
    assert any("no answer to compare" in note for note in result.notes)


@pytest.mark.parametrize("exif", [{"gps_lon": "31"}, {"gps_lon": 31.0}, {"gps_lat": "<script>", "gps_lon": 31.0}])
def test_half_a_position_is_no_claim(exif: dict[str, str | float]) -> None:
    assert case_with(exif).infer(near=[]).claims == ()
