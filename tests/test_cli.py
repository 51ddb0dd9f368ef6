from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from geoinfer.cli import main

CONTRACT = ("map.html", "report.json", "sites.csv", "sites.geojson", "sites.kml", "case.gpkg", "ledger.jsonl")


def geoinfer(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Hold the first case, typed in."""
    folder = tmp_path_factory.mktemp("case")
    clues = folder / "clues.csv"
    clues.write_text("sign_id,kind,name\ns1,unknown,Chernihiv\n", encoding="utf-8")
    result = geoinfer("infer", clues, "-o", folder / "out")
    assert result.exit_code == 0, result.output
    assert "A region, not a place" in result.output
    return folder / "out"


def test_help_is_instant_because_nothing_heavy_is_imported() -> None:
    heavy = ("numpy", "cv2", "geopandas", "folium", "onnxruntime")
    code = f"import sys, geoinfer.cli; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("command", ["run", "read", "infer", "lookup", "verify", "publish", "demo"])
def test_every_command_explains_itself(command: str) -> None:
    result = geoinfer(command, "--help")
    assert result.exit_code == 0
    assert len(result.output.splitlines()) > 5


def test_the_contract_s_files_are_written(out: Path) -> None:
    assert {path.name for path in out.iterdir()} >= {*CONTRACT, "crops"}


def test_the_report_keeps_the_contract(out: Path) -> None:
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert {"verdict", "regions", "sites", "photos", "problems", "settings", "sources"} <= set(report)
    assert set(report["verdict"]) >= {"kind", "text"}
    assert set(report["regions"]) == {"50", "90"}
    site = report["sites"][0]
    wanted = {"rank", "name", "names", "kind", "lon", "lat", "probability", "country", "admin1", "km_to", "reasons"}
    assert wanted <= set(site)
    assert set(site["km_to"]) == {"BY", "RU-BRY"}
    assert report["settings"]["near"] == ["BY", "RU-BRY"]


def test_the_ledger_is_verified(out: Path) -> None:
    assert geoinfer("verify", out).exit_code == 0


def test_a_changed_report_is_found(out: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(out, copy)
    report = copy / "report.json"
    report.write_text(report.read_text(encoding="utf-8").replace("region", "regiom", 1), encoding="utf-8")
    result = geoinfer("verify", copy)
    assert result.exit_code == 1
    assert "report.json" in result.output


def test_the_same_case_gives_the_same_bytes(out: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    assert geoinfer("infer", out.parent / "clues.csv", "-o", again, "--quiet").output == ""
    for name in CONTRACT:
        assert (again / name).read_bytes() == (out / name).read_bytes(), name


def test_evidence_and_corrections_are_kept_until_a_fresh_start(tmp_path: Path) -> None:
    """What a session adds is applied again by the next run into the same folder, and recorded; --afresh drops it."""
    (tmp_path / "river.geojson").write_text(
        '{"type": "LineString", "coordinates": [[30.5, 51.9], [30.6, 51.5], [30.8, 51.2]]}', encoding="utf-8"
    )
    evidence = tmp_path / "evidence.toml"
    evidence.write_text('[[area]]\nfile = "river.geojson"\nwithin_km = 3\nratio = 20\n', encoding="utf-8")
    clues, again = tmp_path / "clues.csv", tmp_path / "again"
    clues.write_text("name;km\nЧернігів;39\nГомель;72\n", encoding="utf-8")

    def run(*more: str | Path) -> tuple[dict[str, Any], str]:
        result = geoinfer("infer", clues, "-o", again, "--near", "none", *more)
        assert result.exit_code == 0, result.output
        assert geoinfer("verify", again).exit_code == 0
        return json.loads((again / "report.json").read_text(encoding="utf-8")), result.output

    first, told = run("--evidence", evidence)
    assert "evidence: area-1" in told
    assert first["observations"][0]["ratio"] == 20
    assert '"observation"' in (again / "ledger.jsonl").read_text(encoding="utf-8")
    second, told = run()
    assert "kept from an earlier session (--afresh drops it): observation area-1" in told
    assert second["sites"] == first["sites"]
    third, told = run("--afresh")
    assert "earlier session" not in told
    assert third["observations"] == []
    assert third["sites"] != first["sites"]
    assert not (again / "corrections.json").exists()


def test_corrections_of_another_case_are_not_taken(out: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("name\nЖитомир\n", encoding="utf-8")
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "corrections.json").write_text(
        '{"format": 1, "about": {"photos": [], "clues": "clues.csv"}, '
        '"corrections": [{"what": "drop_sign", "sign": "s1"}]}',
        encoding="utf-8",
    )
    result = geoinfer("infer", other, "-o", tmp_path / "x")
    assert result.exit_code == 2
    assert "--afresh" in result.output


def test_the_file_of_evidence_is_explained() -> None:
    result = geoinfer("evidence")
    assert all(f"[[{kind}]]" in result.output for kind in ("area", "search", "sun", "prior"))


def test_lookup(out: Path) -> None:
    result = geoinfer("lookup", "Чернiгов", "--json")  # Latin i on purpose
    found = json.loads(result.output)
    assert found["matches"][0]["place"]["names"]["en"] == "Chernihiv"
    assert found["none"] + sum(match["probability"] for match in found["matches"]) <= 1.0 + 1e-9


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("infer", "CLUES", "-o", "OUT", "--near", "ATLANTIS"), "ATLANTIS"),
        (("infer", "CLUES", "-o", "OUT", "--evidence", "CLUES"), "TOML"),
        (("run", "no-such-folder", "-o", "OUT"), "no-such-folder"),
        (("run", "EMPTY", "-o", "OUT"), "no photos found"),
        (("run", "CLUES", "-o", "OUT", "--engine", "oracle"), "signs"),
        (("verify", "no-such-folder"), "no-such-folder"),
        (("infer", "CLUES", "-o", "/proc/none"), "/proc/none"),
    ],
)
def test_wrong_usage_is_told_without_a_traceback(
    arguments: tuple[str, ...], told: str, out: Path, tmp_path: Path
) -> None:
    places = {"CLUES": str(out.parent / "clues.csv"), "OUT": str(tmp_path / "x"), "EMPTY": str(tmp_path)}
    result = geoinfer(*(places.get(argument, argument) for argument in arguments))
    assert result.exit_code in (1, 2)
    assert told in result.output
    assert "Traceback" not in result.output


def test_publishing_asks_four_questions(out: Path, tmp_path: Path) -> None:
    refused = geoinfer("publish", out, "-o", tmp_path / "public")
    assert refused.exit_code == 1
    answers = [f"--answer={key}=yes, we asked" for key in ("harm", "interest", "alternatives", "verification")]
    assert geoinfer("publish", out, "-o", tmp_path / "public", *answers).exit_code == 0
    assert (tmp_path / "public" / "map.html").is_file()
