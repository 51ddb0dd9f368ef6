"""What the tests share: the shipped world, and visible skips where something outside the project is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import settings

from geoinfer.world import World

SHARED = Path(os.environ.get("GEOINFER_SHARED", Path(__file__).resolve().parents[2] / "shared"))


# What one change is tested with, the next one is: to search on, `pytest --hypothesis-profile=default`.
settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")


def _tesseract_languages() -> set[str]:
    if shutil.which("tesseract") is None:
        return set()
    listed = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, check=False)
    return set((listed.stdout + listed.stderr).split())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = {}
    if not (SHARED / "photos").is_dir():
        missing["photos"] = "the real photographs (shared/photos) are not here"
    if not (SHARED / "data").is_dir():
        missing["data"] = "the real data (shared/data) is not here"
    if not {"ukr", "rus", "bel"} <= _tesseract_languages():
        missing["tesseract"] = "Tesseract with ukr, rus and bel is not installed"
    if not any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        missing["browser"] = "Chromium is not installed"
    for item in items:
        for marker, reason in missing.items():
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def world() -> World:
    """Give the shipped gazetteer, borders, roads and crossings."""
    return World()


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of data and photographs that are not part of the project."""
    return SHARED
