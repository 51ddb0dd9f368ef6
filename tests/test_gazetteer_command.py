"""The command ``gazetteer``: its help, its messages, its exit codes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gazetteer import download
from gazetteer.cli import main
from gazetteer.detect import KINDS


def gazetteer(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_help_shows_examples_and_imports_nothing_heavy() -> None:
    assert "Examples:" in gazetteer("--help").output
    assert "Exit codes:" in gazetteer("-h").output
    code = "import sys, gazetteer.cli; print([m for m in ('numpy', 'shapely', 'rapidfuzz') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def test_the_kinds_of_source_are_listed() -> None:
    told = " ".join(gazetteer("build", "--help").output.split())
    assert all(" ".join(kind.split()) in told for kind in KINDS.values())


def test_bad_rows_are_told_with_their_line_and_end_nothing(tmp_path: Path) -> None:
    (tmp_path / "towns.csv").write_text("name,lon,lat\nДальнє,30.1,51.2\nНіде,30.1,151\n", encoding="utf-8")
    result = gazetteer(
        "build", tmp_path / "towns.csv", "-o", tmp_path / "g.zip", "--only", "--licence", "towns.csv=CC0"
    )
    assert result.exit_code == 0
    assert "1 bad rows left out" in result.output
    assert "bad row: towns.csv, line 3" in result.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("build", "TOWNS", "-o", "OUT", "--licence", "towns.csv"), "towns.csv=CC0"),
        (("build", "-o", "OUT"), "no source given"),
        (("build", "TOWNS", "--download", "-o", "OUT"), "needs country codes"),
        (("lookup", "Київ", "--gazetteer", "TOWNS"), "gazetteer"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(arguments: tuple[str, ...], told: str, tmp_path: Path) -> None:
    places = {"TOWNS": tmp_path / "towns.csv", "OUT": tmp_path / "g.zip"}
    places["TOWNS"].write_text("name,lon,lat\nДальнє,30.1,51.2\n", encoding="utf-8")
    result = gazetteer(*(places.get(argument, argument) for argument in arguments))
    assert result.exit_code == 1
    assert told in result.output
    assert "Traceback" not in result.output


def test_dumps_are_fetched_by_their_codes_and_built_with_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def fetch(codes: list[str], *, progress: bool) -> list[Path]:
        del progress
        asked.extend(codes)
        (tmp_path / "XX.csv").write_text("name,lon,lat\nБлизьке,30.1,51.2\n", encoding="utf-8")
        return [tmp_path / "XX.csv"]

    monkeypatch.setattr(download, "fetch", fetch)
    (tmp_path / "own.csv").write_text("name,lon,lat\nДальнє,31.1,51.2\n", encoding="utf-8")
    result = gazetteer("build", "--download", "XX", tmp_path / "own.csv", "--only", "-o", tmp_path / "g.zip")
    assert result.exit_code == 0, result.output
    assert asked == ["XX"]
    assert "2 places" in result.output
