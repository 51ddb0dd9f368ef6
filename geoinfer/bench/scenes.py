"""Rendered scenes with one name each: names and fonts that no reader of this project was trained on, by letter height.

The landscape is the demonstration's; boards, fonts and names are this module's own. Names are those that training holds
out (`geoinfer.training.corpus.held_out`), fonts those of the held-out families (`geoinfer.training.faces`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from geoinfer.rectify import Pixels, Polygon

if TYPE_CHECKING:
    from geoinfer.training.faces import Face

HEIGHTS = (6, 8, 10, 14, 18, 24, 36, 60)
"""Heights of capital letters in pixels of the scene."""
LARGE = 4
"""Boards are drawn so many times as large as they appear."""
PAINTS = (
    ((20, 70, 150), (243, 244, 240)),
    ((10, 105, 65), (240, 240, 236)),
    ((240, 240, 236), (24, 24, 26)),
    ((238, 198, 40), (24, 24, 26)),
)
"""Grounds and letters: motorways, main roads, settlements, detours."""


@dataclass(frozen=True, eq=False)
class Scene:
    """A rendered photograph and the name in it.

    Attributes
    ----------
    pixels
        Rows x columns x RGB.
    name
        The Cyrillic name, as it is written.
    polygon
        The box round its letters: corners (x, y) in pixels, clockwise from the top left.
    height
        Height of its capitals in pixels.
    """

    pixels: Pixels
    name: str
    polygon: Polygon
    height: int


def make_scenes(count: int, heights: Sequence[int] = HEIGHTS, seed: int = 11) -> Iterator[Scene]:
    """Render scenes of 1600 x 1067 pixels, `count` for each letter height.

    Raises
    ------
    FileNotFoundError
        Where none of the held-out font families is installed.
    """
    names, faces = held_out_names(), held_out_faces()
    for height in heights:
        for number in range(count):
            rng = np.random.default_rng([seed, height, number])
            name = names[int(rng.integers(len(names)))]
            family = faces[sorted(faces)[int(rng.integers(len(faces)))]]
            yield _scene(name, family[int(rng.integers(len(family)))], height, rng)


@cache
def held_out_names() -> tuple[str, ...]:
    """List the names of the shipped gazetteer that training never sees, four to sixteen letters long."""
    from gazetteer import Gazetteer
    from geoinfer.training.corpus import CYRILLIC, held_out

    letters = set(CYRILLIC + " -'’")
    names = set(Gazetteer.open().table()["name"])
    return tuple(sorted(n for n in names if 4 <= len(n) <= 16 and set(n) <= letters and held_out(n)))


@cache
def held_out_faces() -> dict[str, list[Face]]:
    """Give the installed faces of the held-out families, by family; no italics, which signs do not use.

    Raises
    ------
    FileNotFoundError
        Where there is none.
    """
    from geoinfer.training.faces import HELD_OUT_FAMILIES, find_faces, split_faces

    _, held = split_faces(find_faces())
    upright = {
        family: kept for family, faces in held.items() if (kept := [f for f in faces if "talic" not in f.path.stem])
    }
    if not upright:
        raise FileNotFoundError(
            f"none of the font families {', '.join(HELD_OUT_FAMILIES)} is installed: on Debian install fonts-play "
            "fonts-crosextra-carlito fonts-jura fonts-oldstandard fonts-open-sans"
        )
    return upright


def _scene(name: str, face: Face, height: int, rng: np.random.Generator) -> Scene:
    """Put a board with a name, and the name in Latin letters below it, into a landscape and photograph it."""
    import cv2

    from geoinfer.demo.landscape import OVERCAST, SNOW, SUNNY, make_landscape

    weather = (SUNNY, OVERCAST, SNOW)[int(rng.integers(3))]
    picture = make_landscape(rng, weather, bend=float(rng.uniform(-0.1, 0.1)))
    shown = name.upper() if rng.random() < 0.5 else name
    board, letters = _board(shown, face, height, PAINTS[int(rng.integers(len(PAINTS)))])
    rows, columns = picture.shape[:2]
    wide, high = board.shape[1] / LARGE, board.shape[0] / LARGE
    if wide > 0.9 * columns:
        shrink = 0.9 * columns / wide
        wide, high = wide * shrink, high * shrink
    left, top = rng.uniform(0, columns - wide), rng.uniform(0.15 * rows, 0.75 * rows - min(high, 0.5 * rows))
    lean, turn = rng.uniform(-0.04, 0.04) * wide, rng.uniform(-0.08, 0.08) * high
    corners = np.array(
        [(left, top), (left + wide, top + lean + turn), (left + wide, top + high + lean - turn), (left, top + high)],
        np.float32,
    )
    source = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32) * [board.shape[1], board.shape[0]]
    matrix = cv2.getPerspectiveTransform(source.astype(np.float32), corners)
    # Each pixel of the photo is the mean of what it covers: the board is smoothed before single points are taken.
    soft = cv2.GaussianBlur(board, (0, 0), 0.4 * LARGE)
    warped = cv2.warpPerspective(soft, matrix, (columns, rows), flags=cv2.INTER_LINEAR).astype(np.float32) / 255
    light = float(rng.uniform(0.6, 1.0))
    picture = np.asarray(picture * (1 - warped[..., 3:]) + warped[..., :3] * light, dtype=np.float32)
    blurred = np.asarray(cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.4, 0.8))), dtype=np.float32)
    blurred += np.float32(rng.uniform(0.005, 0.02)) * rng.standard_normal(picture.shape, dtype=np.float32)
    polygon = cv2.perspectiveTransform(np.array([letters], np.float32), matrix)[0]
    flat = np.clip(blurred * 255, 0, 255).astype(np.uint8)
    _, jpeg = cv2.imencode(".jpg", flat[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(70, 95))])
    pixels = np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), dtype=np.uint8)[:, :, ::-1].copy()
    return Scene(pixels, shown, tuple((float(x), float(y)) for x, y in polygon), height)


def _board(
    name: str, face: Face, height: int, paint: tuple[tuple[int, int, int], tuple[int, int, int]]
) -> tuple[Pixels, Polygon]:
    """Draw a board `LARGE` times as large as it appears, premultiplied RGBA, and the box of the name's letters."""
    from PIL import Image, ImageDraw, ImageFont

    from geoinfer.training.corpus import romanise

    tall = LARGE * height
    probe = ImageFont.truetype(face.path, 200)
    capital = -probe.getbbox("Н", anchor="ls")[1]
    size = round(200 * tall / capital)
    lead, second = ImageFont.truetype(face.path, size), ImageFont.truetype(face.path, round(0.72 * size))
    latin = romanise(name.title()).upper() if name.isupper() else romanise(name)
    width = round(max(lead.getlength(name), second.getlength(latin)) + 1.6 * tall)
    image = Image.new("RGBA", (width, round(3.9 * tall)), (*paint[0], 255))
    pen = ImageDraw.Draw(image)
    edge = max(2, round(0.1 * tall))
    pen.rectangle((edge, edge, width - 1 - edge, image.height - 1 - edge), outline=(*paint[1], 255), width=edge)
    at = (0.8 * tall, 1.75 * tall)
    pen.text(at, name, (*paint[1], 255), lead, anchor="ls")
    pen.text((at[0], 3.05 * tall), latin, (*paint[1], 255), second, anchor="ls")
    x0, y0, x1, y1 = pen.textbbox(at, name, lead, anchor="ls")
    return np.asarray(image), ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
