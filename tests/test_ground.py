from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest

from geoinfer.belief import infer_belief
from geoinfer.clue_rows import ClueRow
from geoinfer.clues import build_clues
from geoinfer.ground import Ground, cache_folder
from geoinfer.hypothesis import Hypothesis
from geoinfer.world import World

LON, LAT = np.array([30.0, 31.0]), np.array([50.0, 51.0])
VALUES = np.array([1.5, 2.5])


def made(folder: Path, name: str = "values", lon: np.ndarray = LON, kind: type = np.float64) -> bool:
    """Ask for a column; tell whether it was made anew."""
    times = []
    column = Ground(lon, LAT, folder).column(name, kind, lambda: times.append(1) or VALUES)
    assert column.tolist() == VALUES.astype(kind).tolist() and column.dtype == kind
    return bool(times)


def test_a_column_is_made_once(tmp_path: Path) -> None:
    assert made(tmp_path)
    assert not made(tmp_path)
    assert made(tmp_path, "others") and made(tmp_path, lon=LON + 1e-9) and made(tmp_path, "short", kind=np.float32)


@pytest.mark.parametrize("damage", [b"", b"short", b"\0" * 32, None], ids=["empty", "short", "forged", "flipped"])
def test_a_damaged_column_is_made_anew(tmp_path: Path, damage: bytes | None) -> None:
    made(tmp_path)
    (file,) = tmp_path.glob("*.column")
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(bytes(content) if damage is None else damage)
    assert made(tmp_path) and not made(tmp_path)


def test_no_folder_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert made(tmp_path / "file" / "cache") and made(tmp_path / "file" / "cache")


def test_what_a_killed_run_left_goes_after_some_time(tmp_path: Path) -> None:
    for name, age in (("old.7.part", 1000), ("fresh.8.part", 0), ("mine.txt", 1000)):
        (tmp_path / name).write_bytes(b"half")
        os.utime(tmp_path / name, (time.time() - age * 86400,) * 2)
    made(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} >= {"fresh.8.part", "mine.txt"}
    assert not (tmp_path / "old.7.part").exists()


def test_the_environment_names_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOINFER_CACHE", str(tmp_path / "here"))
    assert cache_folder() == tmp_path / "here"


def test_a_belief_is_the_same_to_the_bit_whether_its_ground_was_kept_or_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEOINFER_CACHE", str(tmp_path))
    beliefs = []
    for _ in range(2):
        world = World()
        # What cells were told earlier in this process is not the matter here.
        world.borders._samples.clear()
        clues = build_clues([ClueRow("a", "distance", "Ріпки", km=10.0)], world.gazetteer)
        belief = infer_belief(clues, Hypothesis(), world.borders, world)
        assert belief is not None
        beliefs.append(belief)
    assert len(list(tmp_path.glob("*.column"))) >= 3
    assert beliefs[0].posterior.tobytes() == beliefs[1].posterior.tobytes()


def test_polygons_of_a_case_are_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from shapely.geometry import box

    monkeypatch.setenv("GEOINFER_CACHE", str(tmp_path))
    world = World()
    borders = world.borders.with_territory("front", box(33.0, 47.0, 36.0, 49.0))
    world.countries(world.points)
    before = sorted(tmp_path.iterdir())
    assert np.isfinite(world.border_km(borders, "front", world.points, 50.0)).any()
    assert sorted(tmp_path.iterdir()) == before
