from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from geoinfer.demo.boards import BLUE, WHITE, Board, Row, draw_board
from geoinfer.demo.scenes import CASES, encode, make_demo, render
from geoinfer.signs import COLOURS, KINDS


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    make_demo(folder)
    return folder


def test_every_case_has_its_photos_and_its_truth(demo: Path) -> None:
    for case in CASES:
        truth = json.loads((demo / case.name / "truth.json").read_text(encoding="utf-8"))
        files = {path.name for path in (demo / case.name).iterdir()} - {"truth.json"}
        assert {photo["file"] for photo in truth["photos"]} == files
        assert truth["answer"] in ("site", "region")
        for sign in (sign for photo in truth["photos"] for sign in photo["signs"]):
            assert sign["kind"] in KINDS
            assert sign["colour"] in COLOURS


def test_photos_open_but_for_the_broken_one(demo: Path) -> None:
    from geoinfer.errors import PhotoError
    from geoinfer.photos import load_photo

    for case in CASES:
        for photo in json.loads((demo / case.name / "truth.json").read_text(encoding="utf-8"))["photos"]:
            if photo["readable"]:
                assert load_photo(demo / case.name / photo["file"]).pixels.shape == (1067, 1600, 3)
            else:
                with pytest.raises(PhotoError):
                    load_photo(demo / case.name / photo["file"])


def test_a_photo_says_in_its_exif_that_it_is_drawn(demo: Path) -> None:
    from geoinfer.photos import load_photo

    claims = load_photo(demo / "road-m01" / "01 distances south.jpg").exif
    assert "drawn" in str(claims)
    assert "2026" in str(claims["taken"])


def test_the_same_seed_makes_the_same_bytes(demo: Path) -> None:
    scene = CASES[1].scenes[0]
    written = next(path for path in (demo / CASES[1].name).iterdir() if "quotes" in path.name).read_bytes()
    assert written == encode(render(scene, np.random.default_rng([0, 1, 0])), scene)
    assert written != encode(render(scene, np.random.default_rng([1, 1, 0])), scene)


def test_boards_carry_their_colours() -> None:
    flat = draw_board(Board("distance", (Row("Чернігів", "Chernihiv", 38),), BLUE, WHITE))
    colours, counts = np.unique(flat[..., :3][flat[..., 3] > 0], axis=0, return_counts=True)
    assert tuple(colours[counts.argmax()]) == BLUE
    assert WHITE in {tuple(map(int, c)) for c in colours}


@pytest.mark.parametrize(("name", "lon", "lat"), [("Чернігів", 31.2947, 51.4939), ("Гомель", 30.9754, 52.4345)])
def test_kilometres_are_those_of_the_roads(world, name: str, lon: float, lat: float) -> None:  # type: ignore[no-untyped-def]
    case = CASES[0]
    boards = [placed.board for scene in case.scenes for placed in scene.placed if isinstance(placed.board, Board)]
    painted = {row.km for board in boards for row in board.rows if row.name == name and row.km is not None}
    (km,) = painted
    assert world.roads.between_km(case.lon, case.lat, lon, lat) == pytest.approx(km, abs=1.5)


@pytest.mark.parametrize("file", ["01 distances south.jpg", "05 snow.jpg"])
def test_the_signs_in_the_demonstration_are_found(demo: Path, file: str) -> None:
    from geoinfer.engines import open_engine
    from geoinfer.photos import load_photo
    from geoinfer.readings import read_photo
    from geoinfer.signs import find_signs

    photo = load_photo(demo / "road-m01" / file)
    truth = json.loads((demo / "road-m01" / "truth.json").read_text(encoding="utf-8"))
    wanted = next(entry for entry in truth["photos"] if entry["file"] == file)["signs"]
    signs = find_signs(read_photo(photo, open_engine("signs"), "p"), photo.pixels, "p")
    for sign in wanted:
        alike = [s for s in signs if s.kind == sign["kind"] and s.colour == sign["colour"]]
        assert any([e.km for e in s.entries] == [e["km"] for e in sign["entries"]] for s in alike)
        assert any(list(s.routes) == sign["routes"] for s in alike)


def test_a_broken_scene_is_shorter() -> None:
    scene = replace(CASES[1].scenes[1], broken=False)
    pixels = np.zeros((60, 90, 3), np.uint8)
    assert len(encode(pixels, replace(scene, broken=True))) < len(encode(pixels, scene)) / 2
