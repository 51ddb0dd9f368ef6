"""The command of the lab, from simulated cases to a summary."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from geoinfer.lab import report, run
from geoinfer.lab.__main__ import main


def lab(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result


def summary_in(folder: Path) -> dict[str, object]:
    (file,) = folder.glob("*.json")
    return dict(json.loads(file.read_text(encoding="utf-8")))


def test_a_sample_shows_cases_and_infers_nothing(tmp_path: Path) -> None:
    result = lab("--cases", 2, "--first", 4, "--sample", "--out", tmp_path / "out")
    cases = [json.loads(line) for line in result.output.splitlines()]
    assert [case["number"] for case in cases] == [4, 5]
    assert not (tmp_path / "out").exists()


def test_a_run_writes_its_cases_and_says_how_honest_the_belief_was(tmp_path: Path) -> None:
    result = lab("--cases", 2, "--out", tmp_path)
    summary = summary_in(tmp_path)
    assert summary["cases"] == 2
    assert "first site: stated probability" in result.output
    assert len((tmp_path / "case-seed7-misleading0.jsonl").read_text(encoding="utf-8").splitlines()) == 2


def test_rules_are_left_out_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "rules", lambda: ("main_roads",))
    result = lab("--cases", 1, "--task", "ablation", "--out", tmp_path)
    assert set(summary_in(tmp_path)["ablation"]) == {"all rules", "without main_roads"}  # type: ignore[call-overload]
    assert "without main_roads" in result.output


def test_a_trial_measures_the_way_to_the_top_road_point(tmp_path: Path) -> None:
    lab("--cases", 1, "--task", "two distances", "--exact", "--out", tmp_path)
    assert summary_in(tmp_path)["trial"]


def test_a_case_that_fails_is_counted_and_ends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise ValueError("no such ground")

    monkeypatch.setattr(run, "draw_case", refuse)
    result = lab("--cases", 1, "--out", tmp_path)
    assert summary_in(tmp_path)["failed"] == 1
    assert "1 cases, 1 failed" in result.output


def test_a_share_beyond_one_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["--misleading", "1.5", "--out", str(tmp_path)])
    assert result.exit_code == 2
    assert "between 0 and 1" in result.output


def test_every_result_that_ships_can_be_told() -> None:
    names = [file.name for file in files("geoinfer.lab").joinpath("results").iterdir() if file.name.endswith(".json")]
    assert "calibration.json" in names
    for name in names:
        assert len(report.text(report.load(name.removesuffix(".json"))).splitlines()) > 2
