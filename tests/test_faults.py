"""A small run of the fault bench: every damaged file ends in photos or problems."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from geoinfer.pipeline import read_photos

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
faults = pytest.importorskip("faults")


def test_damaged_files_of_every_kind_are_all_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "PICTURES", 3)
    names = faults.damage(tmp_path, 150, seed=11)
    harvest = read_photos([tmp_path], jobs=2)
    listed = [photo.file for photo in harvest.photos] + [problem["file"] for problem in harvest.problems]
    assert faults.unlisted(names, listed) == []
    assert not any("crash" in problem["error"] for problem in harvest.problems)
    assert harvest.photos and harvest.problems
