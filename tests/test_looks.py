from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from geoinfer.looks import Look, look_of, near_duplicates, same_picture

Pixels = NDArray[np.uint8]


def scene(seed: int, size: tuple[int, int] = (640, 480)) -> Pixels:
    random = np.random.default_rng(seed)
    image = Image.new("RGB", size, tuple(int(v) for v in random.integers(60, 200, 3)))
    draw = ImageDraw.Draw(image)
    for _ in range(25):
        x, y = (int(random.integers(0, side)) for side in size)
        w, h = (int(random.integers(20, 200)) for _ in "wh")
        draw.rectangle((x, y, x + w, y + h), fill=tuple(int(v) for v in random.integers(0, 255, 3)))
    return np.asarray(image)


def resized(pixels: Pixels, width: int) -> Pixels:
    image = Image.fromarray(pixels)
    return np.asarray(image.resize((width, round(width * image.height / image.width)), Image.Resampling.LANCZOS))


def looks(*pictures: Pixels) -> list[Look]:
    return [look_of(picture, str(i)) for i, picture in enumerate(pictures)]


@pytest.mark.parametrize("seed", range(8))
def test_a_smaller_or_recompressed_copy_is_the_same_picture(seed: int) -> None:
    from io import BytesIO

    picture = scene(seed)
    stream = BytesIO()
    Image.fromarray(picture).save(stream, "JPEG", quality=40)
    one, small, jpeg = looks(picture, resized(picture, 320), np.asarray(Image.open(stream)))
    assert same_picture(one, small) and same_picture(one, jpeg)


def test_other_pictures_are_not() -> None:
    every = looks(*(scene(seed) for seed in range(40)))
    assert near_duplicates(every) == {}


def test_the_largest_copy_stands_for_the_others() -> None:
    picture = scene(3)
    assert near_duplicates(looks(resized(picture, 320), picture, scene(4), resized(picture, 200))) == {0: 1, 3: 1}


def test_walls_and_nights_are_never_taken_for_one_another() -> None:
    dark = [np.full((90, 120, 3), value, np.uint8) for value in (3, 4, 5)]
    assert near_duplicates(looks(*dark)) == {}


def test_a_word_on_a_plate_in_the_middle_makes_another_picture() -> None:
    one, other = scene(5).copy(), scene(5).copy()
    one[200:280, 200:440], other[200:280, 200:440] = 255, 255
    one[220:260, 220:300] = 0
    other[220:260, 340:420] = 0
    assert near_duplicates(looks(one, other)) == {}
