"""Scenes: the photographs of the demonstration and the truth beside them.

Two cases, each a folder with photographs and ``truth.json``. The roads, places and kilometres are real: distances
were routed on OpenStreetMap's main roads and rounded as signs round them. The photographs are drawn, and say so in
their EXIF.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoinfer.demo.boards import BLACK, BLUE, GREEN, RED, WHITE, Board, Row, draw_board, draw_fascia
from geoinfer.demo.landscape import HEIGHT, NIGHT, OVERCAST, SNOW, SUNNY, WIDTH, Floats, Weather, make_landscape

Corners = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Placed:
    """A board put up in a scene.

    Attributes
    ----------
    board
        The sign, or the word on a shop.
    x, y
        Middle of its top edge as shares of the photo.
    width
        Its width as a share of the photo's.
    turn
        How far its right edge is shortened (positive: seen from the left), as a share of its height.
    posts
        Number of posts that it stands on.
    """

    board: Board | str
    x: float
    y: float
    width: float
    turn: float = 0.06
    posts: int = 2


@dataclass(frozen=True, slots=True)
class Scene:
    """One photograph.

    Attributes
    ----------
    file
        Its name.
    weather
        How it is lit.
    placed
        What stands in it.
    blur, motion
        Spread of the blur and length of the sideways shake, in pixels.
    noise
        Spread of the noise, as a share of full brightness.
    bend
        How far the road turns at the horizon.
    broken
        Whether the file ends before the picture does.
    """

    file: str
    weather: Weather
    placed: tuple[Placed, ...] = ()
    blur: float = 0.7
    motion: int = 0
    noise: float = 0.012
    bend: float = 0.05
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """Photographs taken at one place.

    Attributes
    ----------
    name
        Name of its folder.
    lon, lat
        Where the camera stood, degrees, EPSG:4326.
    about
        What the case shows, and what an honest answer to it is.
    answer
        ``site`` where the photographs are enough for one, else ``region``.
    scenes
        Its photographs.
    """

    name: str
    lon: float
    lat: float
    about: str
    answer: str
    scenes: tuple[Scene, ...]


def _distances(*rows: Row) -> Board:
    return Board("distance", rows, BLUE, WHITE)


_SOUTH = _distances(Row("Чернігів", "Chernihiv", 38), Row("Київ", "Kyiv", 177))
_NORTH = _distances(Row("Нові Яриловичі", "Novi Yarylovychi", 25), Row("Гомель", "Homiel", 74))
_TURN = Board("direction", (Row("Гомель", "Homiel", arrow="ahead"), Row("Ріпки", "Ripky", arrow="right")), BLUE, WHITE)
_BEGIN = Board("settlement_begin", (Row("Ріпки", "Ripky"),), WHITE, BLACK)
_M01 = Board("route", (Row("М01"),), RED, WHITE)
_E95 = Board("route", (Row("E95"),), GREEN, WHITE)
_FAR = Board("direction", (Row("Чернігів", "Chernihiv", arrow="ahead"),), BLUE, WHITE)

CASES = (
    Case(
        name="road-m01",
        lon=31.085,
        lat=51.812,
        about="The M01 at Ripky. Two kilometre signs and the settlement's own plate agree on one place.",
        answer="site",
        scenes=(
            Scene("01 distances south.jpg", SUNNY, (Placed(_SOUTH, 0.76, 0.24, 0.30),)),
            Scene("02 turn.jpg", OVERCAST, (Placed(_TURN, 0.77, 0.22, 0.27, turn=0.12),), bend=-0.04),
            Scene("03 village.jpg", SUNNY, (Placed(_BEGIN, 0.79, 0.40, 0.15, turn=0.05),), noise=0.018),
            Scene("04 night.jpg", NIGHT, (Placed(_NORTH, 0.74, 0.26, 0.36),), blur=1.0, noise=0.022),
            Scene(
                "05 snow.jpg",
                SNOW,
                (Placed(_M01, 0.76, 0.34, 0.09, posts=1), Placed(_E95, 0.76, 0.42, 0.09, posts=1)),
                motion=3,
            ),
            Scene("06 shop.jpg", OVERCAST, (Placed("ПРОДУКТИ", 0.80, 0.34, 0.33, turn=0.0, posts=0),)),
            Scene("07 fields.jpg", SUNNY, bend=-0.12),
            Scene("08 broken.jpg", OVERCAST, (Placed(_SOUTH, 0.75, 0.3, 0.25),), broken=True),
        ),
    ),
    Case(
        name="one-far-sign",
        lon=30.971,
        lat=52.068,
        about="The border post of Novi Yarylovychi. One far sign names Chernihiv; nothing tells how far it is.",
        answer="region",
        scenes=(
            Scene(
                "<b>photo & 'quotes'.jpg",
                OVERCAST,
                (Placed(_FAR, 0.67, 0.455, 0.088, turn=0.03),),
                blur=0.9,
                noise=0.015,
            ),
            Scene("convoy road.jpg", OVERCAST, bend=0.1),
        ),
    ),
)
"""The demonstration. The first case was routed: 38.4 km to the centre of Chernihiv, 176.8 to Kyiv, 73.8 to Gomel."""


def make_demo(folder: Path, seed: int = 0) -> None:
    """Make the demonstration's photographs and write the truth beside them.

    Parameters
    ----------
    folder
        Where to write; one folder per case is made in it, with photographs of 1600 x 1067 pixels and ``truth.json``.
    seed
        Source of all chance: the same seed makes the same files.
    """
    for number, case in enumerate(CASES):
        home = Path(folder) / case.name
        home.mkdir(parents=True, exist_ok=True)
        names = []
        for place, scene in enumerate(case.scenes):
            rng = np.random.default_rng([seed, number, place])
            names.append(_write(home, scene, encode(render(scene, rng), scene)))
        text = json.dumps(_truth(case, names), ensure_ascii=False, indent=1)
        (home / "truth.json").write_text(text + "\n", encoding="utf-8")


def _write(home: Path, scene: Scene, data: bytes) -> str:
    try:
        (home / scene.file).write_bytes(data)
        return scene.file
    except OSError:
        # Some file systems forbid such names, which are there to show that no name can do harm.
        plain = "".join(c if c.isalnum() or c in " ._-" else "_" for c in scene.file)
        (home / plain).write_bytes(data)
        return plain


def _truth(case: Case, names: Sequence[str]) -> dict[str, Any]:
    return {
        "case": case.name,
        "lon": case.lon,
        "lat": case.lat,
        "about": case.about,
        "answer": case.answer,
        "photos": [
            {"file": name, "readable": not scene.broken, "signs": [_describe(p.board) for p in scene.placed]}
            for name, scene in zip(names, case.scenes, strict=True)
        ],
    }


def _describe(board: Board | str) -> dict[str, Any]:
    if isinstance(board, str):
        return {"kind": "unknown", "colour": "unknown", "text": board, "entries": [], "routes": []}
    if board.kind == "route":
        return {"kind": "route", "colour": board.colour, "entries": [], "routes": [_plain(r.name) for r in board.rows]}
    entries = [{"name": row.name, "other": row.other, "km": row.km, "arrow": row.arrow} for row in board.rows]
    return {"kind": board.kind, "colour": board.colour, "entries": entries, "routes": []}


def _plain(route: str) -> str:
    return route.replace("М", "M").replace("Е", "E")


def render(scene: Scene, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw a scene as RGB bytes of shape (1067, 1600, 3)."""
    import cv2

    image = make_landscape(rng, scene.weather, bend=scene.bend)
    for placed in scene.placed:
        _put_up(image, placed, scene.weather, rng)
    image = np.asarray(cv2.GaussianBlur(image, (0, 0), scene.blur), dtype=np.float32)
    if scene.motion:
        shake = np.full((1, scene.motion), 1 / scene.motion, np.float32)
        image = np.asarray(cv2.filter2D(image, -1, shake), dtype=np.float32)
    x, y = np.linspace(-1, 1, WIDTH, dtype=np.float32), np.linspace(-1, 1, HEIGHT, dtype=np.float32)[:, None]
    image = image * (1 - 0.16 * (x**2 + y**2))[..., None]
    for shape, spread in ((image.shape, scene.noise), ((*image.shape[:2], 1), scene.noise / 2)):
        image += np.float32(spread) * rng.standard_normal(shape, dtype=np.float32)
    return np.asarray(np.clip(image * 255 + 0.5, 0, 255), dtype=np.uint8)


def encode(pixels: NDArray[np.uint8], scene: Scene) -> bytes:
    """Encode a photograph as JPEG that says who made it; a broken one ends in the middle of the picture."""
    from PIL import Image

    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0131] = "geoinfer", "demonstration, drawn", "geoinfer.demo"
    if scene.weather is SUNNY:
        exif[0x0132] = "2026:01:29 11:20:00"
    out = BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=88, exif=exif)
    data = out.getvalue()
    return data[: len(data) // 3] if scene.broken else data


def _corners(placed: Placed, flat: NDArray[np.uint8]) -> Corners:
    width = placed.width * WIDTH
    tall = width * flat.shape[0] / flat.shape[1]
    left, right, top = placed.x * WIDTH - width / 2, placed.x * WIDTH + width / 2, placed.y * HEIGHT
    short = tall * placed.turn / 2
    return (left, top + short), (right, top), (right, top + tall), (left, top + tall - short)


def _put_up(image: Floats, placed: Placed, weather: Weather, rng: np.random.Generator) -> None:
    """Warp a board onto its place, light it, and stand it on posts."""
    import cv2

    flat = draw_fascia(placed.board) if isinstance(placed.board, str) else draw_board(placed.board)
    corners = _corners(placed, flat)
    shrink = max(1.0, flat.shape[1] / (placed.width * WIDTH))
    soft = cv2.GaussianBlur(flat, (0, 0), 0.35 * shrink) if shrink > 1.2 else flat
    height, width = flat.shape[:2]
    source = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    matrix = cv2.getPerspectiveTransform(source, np.array(corners, np.float32))
    warped = cv2.warpPerspective(soft, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_AREA).astype(np.float32) / 255
    _stand_posts(image, placed, corners, weather)
    light = np.clip(float(np.mean(weather.horizon)) * 1.08, 0, 1)
    if weather is NIGHT:
        # Signs throw the headlights back: they are far brighter than what is around them.
        light = 0.78
        _shine(image, corners)
    dirt = 1 - 0.10 * rng.random() * _spots(rng)
    cover = warped[..., 3:]
    image[:] = image * (1 - cover) + warped[..., :3] * light * dirt * cover


def _spots(rng: np.random.Generator) -> Floats:
    import cv2

    coarse = rng.random((34, 50), dtype=np.float32)
    return np.asarray(cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)[..., None])


def _shine(image: Floats, corners: Corners) -> None:
    """Light the road ahead of the car and a halo round the sign."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    beam = np.exp(-(((x - 0.47 * WIDTH) / 420) ** 2) - ((y - 0.86 * HEIGHT) / 200) ** 2)
    middle = np.mean(corners, axis=0)
    halo = np.exp(-((x - middle[0]) ** 2 + (y - middle[1]) ** 2) / 330**2)
    image *= 1 + 2.6 * beam[..., None]
    image += (0.035 * halo)[..., None] * np.array([0.9, 0.95, 1.0])


def _stand_posts(image: Floats, placed: Placed, corners: Corners, weather: Weather) -> None:
    import cv2

    (left, _), (right, top), _, (_, bottom) = corners
    foot = min(HEIGHT - 40.0, max(bottom + (bottom - top) * 0.75, 0.66 * HEIGHT))
    thick = max(2, round(placed.width * WIDTH * 0.018)) if placed.posts > 1 else 5
    start = top + 0.4 * (bottom - top)
    metal = tuple(float(c) for c in np.asarray(weather.asphalt) * 1.15)
    for n in range(placed.posts):
        x = left + (right - left) * ((n + 0.5) / placed.posts if placed.posts == 1 else 0.15 + 0.7 * n)
        cv2.line(image, (round(x), round(start)), (round(x), round(foot)), metal, thick, cv2.LINE_AA)
        shade = tuple(c * 0.7 for c in metal)
        x += thick / 2
        cv2.line(image, (round(x), round(start)), (round(x), round(foot)), shade, max(1, thick // 3), cv2.LINE_AA)
