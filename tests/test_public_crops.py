"""Published crops keep the letters and nothing else that could be recognised."""

import io

import numpy as np
import pytest
from findings import picture
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from geoinfer.public_crops import HEIGHT, MOST_WIDTH, is_like_a_plate, redraw


def opened(png: bytes | None) -> Image.Image:
    assert png is not None
    return Image.open(io.BytesIO(png))


def as_png(image: Image.Image, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", **options)
    return out.getvalue()


def test_a_crop_has_two_tones_and_the_height_of_its_letters() -> None:
    shown = opened(redraw(picture("Chernihiv", (440, 96))))
    assert (shown.mode, shown.size) == ("1", (round(440 * HEIGHT / 96), HEIGHT))


def test_letters_stay_where_they_are() -> None:
    drawn = picture("Chernihiv")
    before = np.asarray(Image.open(io.BytesIO(drawn)).convert("L").resize((round(220 * HEIGHT / 48), HEIGHT)), float)
    after = np.asarray(opened(redraw(drawn)).convert("L"), float)
    assert np.corrcoef(before.ravel(), after.ravel())[0, 1] > 0.8


def test_shades_are_lost() -> None:
    """A face is told by its shades: those of a smooth round shape leave one edge."""
    y, x = np.mgrid[-1:1:96j, -1:1:96j]
    shades = (255 * np.clip(1 - np.hypot(x, y), 0, 1)).astype(np.uint8)
    shown = np.asarray(opened(redraw(as_png(Image.fromarray(shades)))))
    assert len(np.unique(shades)) > 200 and len(np.unique(shown)) == 2
    changes = np.count_nonzero(shown[HEIGHT // 2, 1:] != shown[HEIGHT // 2, :-1])
    assert changes == 2


def test_metadata_of_the_private_file_does_not_pass() -> None:
    notes = PngInfo()
    notes.add_text("Artist", "the photographer")
    image = Image.new("RGB", (200, 40), "white")
    ImageDraw.Draw(image).text((5, 5), "Ripky", fill="black", font_size=24)
    exif = Image.Exif()
    exif[0x013B] = "the photographer"
    private = as_png(image, pnginfo=notes, exif=exif, icc_profile=b"the photographer's screen")
    assert private.count(b"photographer") >= 2
    shown = redraw(private)
    assert shown is not None and b"photographer" not in shown
    assert not opened(shown).info


@pytest.mark.parametrize("broken", [b"", b"\x89PNG\r\n\x1a\n", picture("x")[:60], as_png(Image.new("L", (1, 1)))])
def test_what_is_no_picture_is_left_out(broken: bytes) -> None:
    assert redraw(broken) is None


def test_a_very_long_strip_is_cut_to_size() -> None:
    assert opened(redraw(as_png(Image.new("L", (9000, 20), 255)))).size[0] == MOST_WIDTH


@pytest.mark.parametrize("text", ["AA 1234 BB", "а 123 вс 77", "1234 AB-7", "BC·1234·HX", "KA0123AB"])
def test_number_plates_are_told(text: str) -> None:
    assert is_like_a_plate(text)


@pytest.mark.parametrize("text", ["Чернігів", "Нові Яриловичі", "Київ 15", "1234", "P83", ""])
def test_names_are_no_number_plates(text: str) -> None:
    assert not is_like_a_plate(text)
