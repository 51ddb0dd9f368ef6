from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from painted_lines import painted
from PIL import Image

from geoinfer.case import Case
from geoinfer.cli import main
from geoinfer.commands.options import ENGINES

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


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_explains_itself(command: str) -> None:
    result = geoinfer(command, "--help")
    assert result.exit_code == 0
    assert len(result.output.splitlines()) > 5
    if main.commands[command].params and command not in ("demo", "completion"):
        assert "Example" in result.output, command


def test_the_first_lines_of_commands_are_not_cut() -> None:
    listed = geoinfer("--help").output.split("Commands:")[1].strip().splitlines()
    assert len(listed) == len(main.commands)
    assert all(line.endswith(".") and not line.endswith("...") for line in listed)


def test_the_engines_that_help_names_are_those_there_are() -> None:
    from geoinfer.engines import NAMES

    assert ENGINES == NAMES


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


@pytest.fixture
def forged(out: Path, tmp_path: Path) -> Path:
    """Hold the first case with a letter of its report changed."""
    copy = tmp_path / "copy"
    shutil.copytree(out, copy)
    report = copy / "report.json"
    report.write_text(report.read_text(encoding="utf-8").replace("region", "regiom", 1), encoding="utf-8")
    return copy


def test_a_changed_report_is_found(forged: Path) -> None:
    result = geoinfer("verify", forged)
    assert result.exit_code == 1
    assert "report.json" in result.output


def test_scripts_get_json(out: Path, tmp_path: Path) -> None:
    told = json.loads(geoinfer("infer", out.parent / "clues.csv", "-o", tmp_path / "again", "--json").stdout)
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert {name: told[name] for name in ("verdict", "sites", "regions", "notes", "problems")} == {
        name: report[name] for name in ("verdict", "sites", "regions", "notes", "problems")
    }
    checked = json.loads(geoinfer("verify", told["out"], "--json").stdout)
    assert checked["head"] == told["head"]
    assert checked["photos"] == 0


def test_what_to_do_next_is_said(out: Path, tmp_path: Path) -> None:
    result = geoinfer("infer", out.parent / "clues.csv", "-o", tmp_path / "again")
    assert f"next: open {tmp_path / 'again' / 'map.html'}" in result.output
    (tmp_path / "clues.csv").write_text("name\nQqxwzk\n", encoding="utf-8")
    nothing = geoinfer("infer", tmp_path / "clues.csv", "-o", tmp_path / "none")
    assert nothing.exit_code == 0
    assert "next: see what was read" in nothing.output


def test_an_interrupt_at_any_moment_has_its_exit_code(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("geoinfer.commands.inferring.read_case", interrupted)
    (tmp_path / "photos").mkdir()
    told = CliRunner().invoke(main, ["run", str(tmp_path / "photos"), "-o", str(tmp_path / "out")])
    assert told.exit_code == 130 and "the same command goes on" in told.output


def test_quiet_leaves_the_exit_code_to_speak(out: Path, forged: Path) -> None:
    assert (geoinfer("verify", out, "-q").output, geoinfer("verify", out, "-q").exit_code) == ("", 0)
    assert geoinfer("verify", forged, "-q").exit_code == 1


@pytest.mark.parametrize(
    ("terminal", "no_color", "coloured"), [(True, "", True), (True, "1", False), (False, "", False)]
)
def test_colour_is_for_terminals_whose_owner_wants_it(out: Path, terminal: bool, no_color: str, coloured: bool) -> None:
    result = CliRunner(env={"NO_COLOR": no_color}).invoke(main, ["verify", str(out)], color=terminal)
    assert result.exit_code == 0
    assert ("\x1b[" in result.output) is coloured


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_learns_to_complete_both_programs(shell: str) -> None:
    result = geoinfer("completion", shell)
    assert result.exit_code == 0
    assert "_GEOINFER_COMPLETE" in result.output
    assert "_GAZETTEER_COMPLETE" in result.output


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("geoinfer ver", {"verify"}),
        ("geoinfer run --near RU-BR", {"RU-BRY"}),
        ("geoinfer read --engine t", {"tesseract"}),
    ],
)
def test_completion_knows_commands_borders_and_engines(
    typed: str, offered: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = typed.split()
    for name, value in (
        ("_GEOINFER_COMPLETE", "bash_complete"), ("COMP_WORDS", typed), ("COMP_CWORD", str(len(words) - 1)),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(main, prog_name="geoinfer")
    assert {line.partition(",")[2] for line in result.output.split()} == offered


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


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Hold a photo of a sign, and a file that is no photo."""
    folder = tmp_path_factory.mktemp("photos")
    pixels = painted([("Ріпки 5", 60, 150, 60), ("М01", 60, 300, 60)], (600, 400))
    Image.fromarray(pixels).save(folder / "sign.png")
    (folder / "broken.jpg").write_bytes(b"no photo")
    return folder


def test_reading_tells_signs_and_lines_and_keeps_pictures(photos: Path, tmp_path: Path) -> None:
    result = geoinfer("read", photos, "--jobs", 1, "-o", tmp_path / "lines")
    assert result.exit_code == 0, result.output
    assert "sign.png" in result.stdout
    assert "Ріпки" in result.stdout
    assert "problem: broken.jpg" in result.output
    pictures = sorted((tmp_path / "lines" / "crops").iterdir())
    assert pictures
    assert all(str(picture) in result.stdout for picture in pictures)


def test_what_was_read_is_there_for_scripts(photos: Path) -> None:
    told = json.loads(geoinfer("read", photos, "--jobs", 1, "--json").stdout)
    (photo,) = told["photos"]
    assert photo["file"] == "sign.png"
    assert any(entry["name"] == "Ріпки" for sign in photo["signs"] for entry in sign["entries"])
    assert told["problems"][0]["file"] == "broken.jpg"


def test_pictures_are_not_written_through_what_is_no_folder(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "crops").symlink_to(photos)
    result = geoinfer("read", photos, "--jobs", 1, "-o", tmp_path)
    assert result.exit_code == 2
    assert "is a link or a file" in result.output


def test_lookup(out: Path) -> None:
    result = geoinfer("lookup", "Чернiгов", "--json")  # Latin i on purpose
    found = json.loads(result.output)
    assert found["matches"][0]["place"]["names"]["en"] == "Chernihiv"
    assert found["none"] + found["further"] + sum(match["probability"] for match in found["matches"]) <= 1.0 + 1e-9


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
        (("infer", "EMPTY", "-o", "OUT"), "geoinfer run"),
    ],
)
def test_wrong_usage_is_told_without_a_traceback(
    arguments: tuple[str, ...], told: str, out: Path, tmp_path: Path
) -> None:
    places = {"CLUES": str(out.parent / "clues.csv"), "OUT": str(tmp_path / "x"), "EMPTY": str(tmp_path)}
    result = geoinfer(*(places.get(argument, argument) for argument in arguments))
    assert result.exit_code == 2
    assert told in result.output
    assert "Traceback" not in result.output


def test_publishing_asks_four_questions(out: Path, tmp_path: Path) -> None:
    refused = geoinfer("publish", out, "-o", tmp_path / "public")
    assert refused.exit_code == 1
    answers = [f"--answer={key}=yes, we asked" for key in ("harm", "interest", "alternatives", "verification")]
    assert geoinfer("publish", out, "-o", tmp_path / "public", *answers).exit_code == 0
    assert (tmp_path / "public" / "map.html").is_file()


def test_a_run_that_is_interrupted_before_its_first_photo_is_no_wrong_usage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = Case()
    case.interrupted = True
    monkeypatch.setattr(Case, "from_photos", lambda *paths, **options: case)
    result = geoinfer("run", tmp_path, "-o", tmp_path / "out")
    assert result.exit_code == 130, result.output
    assert "goes on from there" in result.output
