from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from findings import make_findings

from geoinfer.looks import look_of
from geoinfer.photos import PhotoRecord
from geoinfer.readings_cache import FILE_NAME, FORMAT, PhotoSigns, ReadingsCache


@pytest.fixture
def photo() -> PhotoRecord:
    return make_findings().photos[0]


def crops_of(photo: PhotoRecord) -> dict[str, bytes]:
    return {reading.id: reading.id.encode() for sign in photo.signs for reading in sign.readings}


def test_what_was_kept_comes_back_under_the_name_of_today(tmp_path: Path, photo: PhotoRecord) -> None:
    cache = ReadingsCache(tmp_path / FILE_NAME, "signs 1")
    cache.keep(photo.sha256, PhotoSigns(photo, crops_of(photo)))
    cache.close()
    again = ReadingsCache(tmp_path / FILE_NAME, "signs 1")
    origin = {"archive": "export.zip", "message": 7}
    assert again.record(photo.sha256, "moved.jpg", origin) == replace(photo, file="moved.jpg", origin=origin)
    crops = again.crops([photo])
    again.close()
    assert dict(crops) == crops_of(photo)
    assert "no-such-reading" not in crops


def test_another_engine_reads_anew(tmp_path: Path, photo: PhotoRecord) -> None:
    ReadingsCache(tmp_path / FILE_NAME, "signs 1").keep(photo.sha256, PhotoSigns(photo, {}))
    assert ReadingsCache(tmp_path / FILE_NAME, "signs 2").record(photo.sha256, "a.jpg", {}) is None


def test_looks_are_kept_bit_for_bit(tmp_path: Path) -> None:
    look = look_of(np.random.default_rng(1).integers(0, 255, (40, 60, 3), dtype=np.uint8), "ab")
    cache = ReadingsCache(tmp_path / FILE_NAME, "signs")
    cache.keep_look(look)
    assert cache.look("ab") == look
    assert cache.look("cd") is None


def test_a_file_of_another_format_is_begun_anew(tmp_path: Path, photo: PhotoRecord) -> None:
    cache = ReadingsCache(tmp_path / FILE_NAME, "signs")
    cache.keep(photo.sha256, PhotoSigns(photo, {}))
    cache.close()
    with sqlite3.connect(tmp_path / FILE_NAME) as db:
        db.execute(f"PRAGMA user_version={FORMAT + 1}")
    db.close()
    assert ReadingsCache(tmp_path / FILE_NAME, "signs").record(photo.sha256, "a.jpg", {}) is None


def test_a_full_disk_is_told_and_what_was_kept_stays(tmp_path: Path, photo: PhotoRecord) -> None:
    cache = ReadingsCache(tmp_path / FILE_NAME, "signs")
    cache.keep("first", PhotoSigns(photo, {}))
    cache._db.execute("PRAGMA max_page_count=1")  # SQLite then answers as on a full disk
    with pytest.raises(OSError, match=r"full; what was kept before is safe"):
        cache.keep("second", PhotoSigns(photo, {"a": bytes(100_000)}))
    assert cache.record("first", photo.file, photo.origin) == photo
    assert cache.record("second", photo.file, photo.origin) is None
