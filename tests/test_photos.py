"""Photos: what is found in folders, what is read from files, and what is refused with which words."""

from __future__ import annotations

import hashlib
import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from geoinfer.errors import PhotoError
from geoinfer.photos import glance, load_photo, printable


def picture(mode: str = "RGB", size: tuple[int, int] = (60, 40)) -> Image.Image:
    """Left half dark, right half light, in any mode."""
    grey = np.zeros((size[1], size[0]), np.uint8)
    grey[:, size[0] // 2 :] = 255
    return Image.fromarray(grey).convert(mode)


def halves(pixels: np.ndarray) -> tuple[float, float]:
    middle = pixels.shape[1] // 2
    return float(pixels[:, : middle - 4].mean()), float(pixels[:, middle + 4 :].mean())


@pytest.mark.parametrize(
    ("suffix", "mode", "options"),
    [
        ("jpg", "RGB", {}),
        ("jpg", "L", {}),
        ("jpg", "CMYK", {}),
        ("png", "RGB", {}),
        ("png", "P", {}),
        ("png", "RGBA", {}),
        ("png", "LA", {}),
        ("png", "1", {}),
        ("webp", "RGB", {"lossless": True}),
        ("tiff", "RGB", {}),
        ("tiff", "F", {}),
        ("heic", "RGB", {}),
        ("gif", "L", {}),
        ("bmp", "RGB", {}),
    ],
)
def test_every_format_and_mode_comes_out_as_upright_rgb(
    tmp_path: Path, suffix: str, mode: str, options: dict[str, object]
) -> None:
    import pillow_heif

    pillow_heif.register_heif_opener()
    path = tmp_path / f"photo.{suffix}"
    picture(mode).save(path, **options)
    photo = load_photo(path)
    assert photo.pixels.shape == (40, 60, 3)
    assert photo.pixels.dtype == np.uint8
    dark, light = halves(photo.pixels)
    assert dark < 10
    assert light > 245
    assert photo.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_glance_is_small_and_knows_the_size_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    picture(size=(1200, 800)).save(tmp_path / "a.jpg", exif=exif)
    pixels, size = glance((tmp_path / "a.jpg").read_bytes(), "a.jpg")
    assert size == (800, 1200)
    assert pixels.shape[0] > pixels.shape[1] and pixels.size < 3 * 60_000


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(PhotoError, match=r"gone\.jpg: cannot be read \(No such file"):
        load_photo(tmp_path / "gone.jpg")


def test_sixteen_bits_are_scaled_not_cut(tmp_path: Path) -> None:
    values = np.linspace(0, 65535, 64, dtype=np.uint16)[None, :].repeat(32, 0)
    Image.fromarray(values).save(tmp_path / "deep.png")
    row = load_photo(tmp_path / "deep.png").pixels[0, :, 0]
    assert row[0] == 0
    assert row[-1] == 255
    assert abs(int(row[32]) - 129) <= 1


def test_transparent_parts_become_white(tmp_path: Path) -> None:
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    assert load_photo(tmp_path / "clear.png").pixels.min() == 255


def test_of_an_animation_the_first_frame_is_taken(tmp_path: Path) -> None:
    frames = [Image.new("L", (16, 16), shade) for shade in (200, 0)]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    assert abs(int(load_photo(tmp_path / "moving.gif").pixels.mean()) - 200) < 3


def exif_with(orientation: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F], exif[0x0110] = "Canon\x07", "EOS\t70D\n"
    exif.get_ifd(0x8769)[0x9003] = "2026:01:29 10:11:12"
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", (51.0, 30.0, 18.0), "E", (31.0, 17.0, 6.0)
    return exif


@pytest.mark.parametrize(("orientation", "shape"), [(1, (40, 60)), (3, (40, 60)), (6, (60, 40)), (8, (60, 40))])
def test_orientation_is_applied_and_size_follows(tmp_path: Path, orientation: int, shape: tuple[int, int]) -> None:
    picture().save(tmp_path / "turned.jpg", exif=exif_with(orientation))
    photo = load_photo(tmp_path / "turned.jpg")
    assert photo.pixels.shape[:2] == shape
    pixels = np.rot90(photo.pixels, {1: 0, 3: 2, 6: 1, 8: 3}[orientation])
    assert halves(pixels)[0] < 10


def test_exif_claims_are_cleaned_text_and_signed_degrees(tmp_path: Path) -> None:
    picture().save(tmp_path / "claims.jpg", exif=exif_with())
    assert load_photo(tmp_path / "claims.jpg").exif == {
        "taken": "2026:01:29 10:11:12",
        "camera": "Canon EOS70D",
        "gps_lon": pytest.approx(31.285),
        "gps_lat": pytest.approx(51.505),
    }


def test_senseless_coordinates_are_left_out(tmp_path: Path) -> None:
    exif = Image.Exif()
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", (951.0, 0.0, 0.0), "E", (31.0, 0.0, 0.0)
    picture().save(tmp_path / "lost.jpg", exif=exif)
    assert load_photo(tmp_path / "lost.jpg").exif == {}


def png_bomb(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")


def half_a_jpeg() -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((200, 200), 60).convert("RGB").save(buffer, "JPEG")
    return buffer.getvalue()[: len(buffer.getvalue()) // 2]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the file is empty"),
        (b"<svg/>", "not a photo; valid are JPEG, PNG, WebP, TIFF, HEIC, GIF and BMP"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 50, "photo"),
        (half_a_jpeg(), "broken or not a photo"),
        (png_bomb(40_000, 40_000), "more than the limit of 170 million pixels"),
        (png_bomb(13_300, 13_000), "million pixels are more than the limit of 170 million"),
        (png_bomb(100_000, 2), "no shape of a photo"),
    ],
)
def test_what_is_no_photo_is_refused_with_its_name_and_the_reason(tmp_path: Path, data: bytes, words: str) -> None:
    (tmp_path / "odd.jpg").write_bytes(data)
    with pytest.raises(PhotoError, match=r"^odd\.jpg: ") as caught:
        load_photo(tmp_path / "odd.jpg")
    assert words in str(caught.value)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
def test_a_pipe_or_a_folder_does_not_hang_the_run(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    for name in ("pipe.jpg", "."):
        with pytest.raises(PhotoError, match="not a file"):
            load_photo(tmp_path / name)


def test_a_very_large_photo_is_scaled_down_not_refused(tmp_path: Path) -> None:
    picture(size=(3000, 2000)).save(tmp_path / "large.jpg")
    picture(size=(3000, 2000)).save(tmp_path / "large.png")
    for name in ("large.jpg", "large.png"):
        photo = load_photo(tmp_path / name, max_pixels=600_000)
        assert photo.pixels.shape == (632, 949, 3)
        assert halves(photo.pixels)[0] < 10


def test_the_name_shown_is_the_one_given_and_holds_no_control_characters(tmp_path: Path) -> None:
    picture().save(tmp_path / "a.jpg")
    assert load_photo(tmp_path / "a.jpg", name="trip/\u202egpj.exe\x1b[31m").file == "trip/gpj.exe[31m"


@given(st.text(max_size=300), st.integers(2, 60))
def test_printable_text_is_short_and_has_no_line_breaks(text: str, longest: int) -> None:
    clean = printable(text, longest)
    assert len(clean) <= longest
    assert not set(clean) & set("\n\r\t\x1b\u202e\u2028\u200f")


@pytest.mark.photos
def test_the_real_photographs_load(shared: Path) -> None:
    photos = {path.stem: load_photo(path) for path in sorted((shared / "photos").glob("c4_*.jpg"))}
    assert len(photos) == 23
    assert photos["c4_lund_street"].exif["gps_lat"] == pytest.approx(55.6983, abs=1e-4)
