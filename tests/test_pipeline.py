from __future__ import annotations

import json
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from geoinfer import pipeline
from geoinfer.errors import EngineError
from geoinfer.pipeline import CACHE, from_json, read_photos, shown_names, to_json


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One plate, one grey wall, one broken file, one file twice."""
    folder = tmp_path_factory.mktemp("photos")
    plate = Image.new("RGB", (640, 360), (90, 110, 90))
    draw = ImageDraw.Draw(plate)
    draw.rectangle((80, 100, 560, 260), fill=(255, 255, 255), outline=(0, 0, 0), width=4)
    font = ImageFont.truetype(BytesIO(files("geoinfer").joinpath("demo/fonts/Roboto-Medium.ttf").read_bytes()), 72)
    draw.text((320, 180), "Чернігів", font=font, fill=(10, 10, 10), anchor="mm")
    plate.save(folder / "a plate.png")
    plate.save(folder / "b the same.png")
    Image.fromarray(np.full((200, 300, 3), 128, np.uint8)).save(folder / "c wall.jpg")
    (folder / "d broken.jpg").write_bytes((folder / "c wall.jpg").read_bytes()[:100])
    (folder / "e empty.jpg").touch()
    return folder


def test_every_file_ends_in_photos_or_problems(folder: Path) -> None:
    harvest = read_photos([folder])
    assert [photo.record.file for photo in harvest.photos] == ["a plate.png", "c wall.jpg"]
    assert [problem["file"] for problem in harvest.problems] == ["b the same.png", "d broken.jpg", "e empty.jpg"]
    assert "same bytes as a plate.png" in harvest.problems[0]["error"]
    names = [entry.name for sign in harvest.photos[0].record.signs for entry in sign.entries]
    assert any("ернігів" in name.lower() for name in names)
    assert harvest.photos[1].record.signs == ()
    assert all(png.startswith(b"\x89PNG") for png in harvest.photos[0].crops.values())


def test_a_second_run_reads_nothing_again(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = read_photos([folder], cache=tmp_path)
    assert len(list((tmp_path / CACHE).glob("*.json"))) == 2

    def refuse(*args: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr(pipeline, "read_one", lambda path, name, engine: refuse() if "plate" in name else None)
    second = read_photos([folder / "a plate.png"], cache=tmp_path)
    assert second.photos[0] == first.photos[0]


def test_a_damaged_cache_is_read_anew(folder: Path, tmp_path: Path) -> None:
    first = read_photos([folder / "a plate.png"], cache=tmp_path)
    (kept,) = (tmp_path / CACHE).glob("*.json")
    kept.write_text(kept.read_text()[:50])
    assert read_photos([folder / "a plate.png"], cache=tmp_path).photos == first.photos


def test_ctrl_c_keeps_what_is_done(folder: Path) -> None:
    def stop(done: int, total: int, name: str) -> None:
        if done == 1:
            raise KeyboardInterrupt

    harvest = read_photos([folder], progress=stop)
    assert harvest.interrupted
    assert [photo.record.file for photo in harvest.photos] == ["a plate.png"]
    assert all("interrupted" in problem["error"] for problem in harvest.problems)


def test_several_processes_give_what_one_gives(folder: Path) -> None:
    assert read_photos([folder], jobs=2) == read_photos([folder], jobs=1)


def test_an_unknown_engine_is_told(folder: Path) -> None:
    with pytest.raises(EngineError, match="signs"):
        read_photos([folder], "oracle")


def test_results_survive_json(folder: Path) -> None:
    (photo,) = read_photos([folder / "a plate.png"]).photos
    assert from_json(json.loads(json.dumps(to_json(photo))), "a plate.png") == photo


def test_names_tell_no_path() -> None:
    assert shown_names([Path("/secret/x/a.jpg")]) == ["a.jpg"]
    assert shown_names([]) == []


def test_crops_of_an_earlier_case_are_no_photos(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes((folder / "a plate.png").read_bytes())
    crops = tmp_path / "out" / "crops"
    crops.mkdir(parents=True)
    (crops / "r1.png").write_bytes((folder / "a plate.png").read_bytes())
    (tmp_path / "out" / "ledger.jsonl").touch()
    (tmp_path / "out" / "report.json").touch()
    harvest = read_photos([tmp_path])
    assert [photo.record.file for photo in harvest.photos] == ["a.png"]
    assert harvest.problems == []


def test_a_pipe_and_a_bad_name_stop_nothing(folder: Path, tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "a.jpg")
    (tmp_path / "b\u202e.png").write_bytes((folder / "a plate.png").read_bytes())
    first, again = (read_photos([tmp_path], cache=tmp_path / "cache") for _ in range(2))
    assert first == again
    assert "\u202e" not in first.photos[0].record.file
