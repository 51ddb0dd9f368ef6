"""Readings of a photo, and the crops that prove them."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from painted_lines import painted
from PIL import Image

from geoinfer.desk import MOST_READS
from geoinfer.detector import Detector
from geoinfer.engines import Engine, Lines, PhotoEngine, RawReading, open_engine
from geoinfer.photos import load_photo
from geoinfer.readings import crop, number_lines, read_photo
from geoinfer.recogniser import Spelling


class Fixed:
    """An engine that reads the same two lines in every photo."""

    name = "fixed"
    version = "1"

    def read(self, pixels: np.ndarray) -> list[RawReading]:
        box = ((0.0, 0.0), (30.0, 0.0), (30.0, 10.0), (0.0, 10.0))
        return [RawReading(box, text, "cyrillic", 0.9, ((text, 0.9),)) for text in ("Ріпки", "Любеч")]


def test_readings_are_numbered_below_their_prefix_and_name_their_engine(tmp_path: Path) -> None:
    Image.new("RGB", (60, 40)).save(tmp_path / "a.png")
    readings = read_photo(load_photo(tmp_path / "a.png"), Fixed(), "photo-3")
    assert [(r.id, r.text, r.engine) for r in readings] == [
        ("photo-3/r1", "Ріпки", "fixed"),
        ("photo-3/r2", "Любеч", "fixed"),
    ]


def test_a_crop_is_a_small_level_png_of_the_line(tmp_path: Path) -> None:
    pixels = np.zeros((400, 600, 3), np.uint8)
    pixels[100:200, 100:500] = (200, 30, 40)
    box = ((100.0, 100.0), (500.0, 100.0), (500.0, 200.0), (100.0, 200.0))
    with Image.open(io.BytesIO(crop(pixels, box, 0.0))) as image:
        assert image.format == "PNG"
        assert image.size == (384, 96)
        assert image.getpixel((190, 48)) == (200, 30, 40)
    with Image.open(io.BytesIO(crop(pixels, box, 0.5))) as image:
        assert image.getpixel((5, 5)) == (0, 0, 0)


def test_a_crop_at_the_edge_of_the_photo_is_no_fault() -> None:
    pixels = np.full((20, 30, 3), 9, np.uint8)
    assert crop(pixels, ((25.0, -5.0), (60.0, -5.0), (60.0, 10.0), (25.0, 10.0))).startswith(b"\x89PNG")


def test_a_photo_is_read_from_file_to_reading(tmp_path: Path) -> None:
    Image.fromarray(painted([("ГОРОДНЯ", 40, 60, 30)], size=(260, 100))).save(tmp_path / "sign.jpg", quality=90)
    readings = read_photo(load_photo(tmp_path / "sign.jpg"), open_engine("signs", threads=1), "p")
    assert [(r.id, r.text, r.script) for r in readings] == [("p/r1", "ГОРОДНЯ", "cyrillic")]


@pytest.fixture(scope="module")
def signs() -> Engine:
    return open_engine("signs", threads=1)


@pytest.mark.photos
@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("c1_russia_border", {"РОССИЯ", "RUSSIA"}),
        ("c1_chornobyl_alley_ua", {"с. Бички", "Буда"}),
        ("c3_ro_braila", {"177"}),
    ],
)
def test_real_signs_are_read(shared: Path, signs: Engine, name: str, texts: set[str]) -> None:
    photo = load_photo(shared / "photos" / f"{name}.jpg")
    found = " ".join(r.text for r in read_photo(photo, signs, name))
    assert all(text in found for text in texts)


@pytest.mark.photos
@pytest.mark.parametrize("name", ["c4_flower", "c4_zaporizhzhia_trucks"])
def test_photos_without_text_give_no_readings(shared: Path, signs: Engine, name: str) -> None:
    photo = load_photo(shared / "photos" / f"{name}.jpg")
    assert read_photo(photo, signs, name) == ()


def test_lines_are_numbered_whoever_read_them() -> None:
    lines = Lines([RawReading(((0, 0), (9, 0), (9, 3), (0, 3)), "Ріпки", "cyrillic", 0.9, (("Ріпки", 0.9),))], unread=7)
    assert [r.id for r in number_lines(lines, "signs", "photo-9")] == ["photo-9/r1"]
    assert lines.unread == 7


def test_a_page_full_of_text_is_read_in_part_and_says_so() -> None:
    rows = [(f"{n:03d} слово {n * 7:04d}", 20 + 190 * (n % 8), 30 + 22 * (n // 8), 11) for n in range(8 * 48)]
    page = painted(rows, size=(1600, 1080), plate=(245, 245, 240), ink=(20, 20, 20))

    class Quick:
        name = version = "quick"
        calls = 0

        def read(self, line: np.ndarray) -> Spelling:
            self.calls += 1
            return Spelling((("слово", 0.99),))

    reader = Quick()
    lines = PhotoEngine("quick", "1", Detector(threads=1), reader).read(page)
    assert reader.calls <= MOST_READS
    assert lines.unread > 0
