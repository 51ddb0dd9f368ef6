from __future__ import annotations

import os
import sqlite3
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from geoinfer import pipeline, tasks
from geoinfer.errors import EngineError
from geoinfer.pipeline import Harvest, Step, read_photos
from geoinfer.readings_cache import FILE_NAME


def plate(name: str, size: tuple[int, int] = (640, 360)) -> Image.Image:
    image = Image.new("RGB", size, (90, 110, 90))
    draw = ImageDraw.Draw(image)
    draw.rectangle((80, 100, 560, 260), fill=(255, 255, 255), outline=(0, 0, 0), width=4)
    font = ImageFont.truetype(BytesIO(files("geoinfer").joinpath("demo/fonts/Roboto-Medium.ttf").read_bytes()), 72)
    draw.text((320, 180), name, font=font, fill=(10, 10, 10), anchor="mm")
    return image


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One plate, one grey wall, one broken file, one file twice, and a thumbnail."""
    folder = tmp_path_factory.mktemp("photos")
    plate("Чернігів").save(folder / "a plate.png")
    plate("Чернігів").save(folder / "b the same.png")
    Image.fromarray(np.full((200, 300, 3), 128, np.uint8)).save(folder / "c wall.jpg")
    (folder / "d broken.jpg").write_bytes((folder / "c wall.jpg").read_bytes()[:100])
    (folder / "e empty.jpg").touch()
    plate("Чернігів").resize((320, 180), Image.Resampling.LANCZOS).save(folder / "f thumbnail.jpg")
    return folder


def plain(harvest: Harvest) -> tuple[object, ...]:
    return harvest.photos, harvest.problems, dict(harvest.crops), harvest.interrupted, harvest.engine


def test_every_file_ends_in_photos_or_problems(folder: Path) -> None:
    harvest = read_photos([folder])
    assert [photo.file for photo in harvest.photos] == ["a plate.png", "c wall.jpg"]
    told = {problem["file"]: problem["error"] for problem in harvest.problems}
    assert list(told) == ["b the same.png", "d broken.jpg", "e empty.jpg", "f thumbnail.jpg"]
    assert "same bytes as a plate.png" in told["b the same.png"]
    assert "shows what a plate.png shows" in told["f thumbnail.jpg"]
    names = [entry.name for sign in harvest.photos[0].signs for entry in sign.entries]
    assert any("ернігів" in name.lower() for name in names)
    assert harvest.photos[1].signs == ()
    assert harvest.crops and all(png.startswith(b"\x89PNG") for png in harvest.crops.values())


def test_a_second_run_reads_nothing_again(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = plain(read_photos([folder], cache=tmp_path))

    def refuse(*args: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr(tasks, "read_photo_file", refuse)
    assert plain(read_photos([folder], cache=tmp_path)) == first


def test_one_more_photo_costs_one_photo(folder: Path, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "a.png").write_bytes((folder / "a plate.png").read_bytes())
    read_photos([photos], cache=tmp_path / "out")
    plate("Гомель").save(photos / "b.png")
    steps: list[Step] = []
    harvest = read_photos([photos], cache=tmp_path / "out", progress=steps.append)
    assert len(harvest.photos) == 2
    assert [(step.stage, step.done, step.total) for step in steps] == [
        ("looking", 1, 1),
        ("reading", 1, 2),
        ("reading", 2, 2),
    ]


def test_a_damaged_cache_is_put_aside_and_told(folder: Path, tmp_path: Path) -> None:
    photos = read_photos([folder / "a plate.png"], cache=tmp_path).photos
    (tmp_path / FILE_NAME).write_bytes(b"not a database at all" * 100)
    again = read_photos([folder / "a plate.png"], cache=tmp_path)
    assert again.photos == photos
    assert "put aside" in again.problems[0]["error"]


def test_a_record_that_is_no_record_is_read_anew(folder: Path, tmp_path: Path) -> None:
    first = read_photos([folder / "a plate.png"], cache=tmp_path)
    with sqlite3.connect(tmp_path / FILE_NAME) as db:
        db.execute("UPDATE readings SET record = x'00'")
    db.close()
    assert plain(read_photos([folder / "a plate.png"], cache=tmp_path)) == plain(first)


def test_ctrl_c_keeps_what_is_done(folder: Path) -> None:
    def stop(step: Step) -> None:
        if step.stage == "reading":
            raise KeyboardInterrupt

    harvest = read_photos([folder], progress=stop)
    assert harvest.interrupted
    assert [photo.file for photo in harvest.photos] == ["a plate.png"]
    assert {problem["file"] for problem in harvest.problems if "interrupted" in problem["error"]} == {"c wall.jpg"}


def test_several_processes_give_what_one_gives(folder: Path) -> None:
    assert plain(read_photos([folder], jobs=2)) == plain(read_photos([folder]))


def test_an_unknown_engine_is_told(folder: Path) -> None:
    with pytest.raises(EngineError, match="signs"):
        read_photos([folder], "oracle")


def test_a_pipe_and_a_bad_name_stop_nothing(folder: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.jpg")
    (tmp_path / "b\u202e.png").write_bytes((folder / "a plate.png").read_bytes())
    first, again = (plain(read_photos([tmp_path], cache=tmp_path / "cache")) for _ in range(2))
    assert first == again
    assert "\u202e" not in str(first)


def test_what_a_killed_run_unpacked_goes_away(folder: Path, tmp_path: Path) -> None:
    left = tmp_path / f"{pipeline.UNPACKED}of-a-killed-run"
    left.mkdir()
    (left / "private.jpg").write_bytes(b"x")
    read_photos([folder / "c wall.jpg"], cache=tmp_path)
    assert not left.exists()
