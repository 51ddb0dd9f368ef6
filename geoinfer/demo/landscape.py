"""Landscape: sky, fields, trees and a road in perspective, as the ground that a scene's signs stand on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
WIDTH, HEIGHT = 1600, 1067


@dataclass(frozen=True, slots=True)
class Weather:
    """How a scene is lit.

    Attributes
    ----------
    zenith, horizon
        Colours of the sky, RGB in [0, 1].
    grass, trees, asphalt
        Colours of the ground, RGB in [0, 1].
    clouds
        How much of the sky is cloud, 0 to 1.
    """

    zenith: tuple[float, float, float]
    horizon: tuple[float, float, float]
    grass: tuple[float, float, float]
    trees: tuple[float, float, float]
    asphalt: tuple[float, float, float]
    clouds: float


SUNNY = Weather(
    (0.28, 0.50, 0.80), (0.80, 0.88, 0.94), (0.42, 0.49, 0.22), (0.16, 0.25, 0.12), (0.42, 0.42, 0.43), 0.45
)
OVERCAST = Weather(
    (0.62, 0.65, 0.69), (0.80, 0.82, 0.83), (0.45, 0.43, 0.30), (0.22, 0.25, 0.20), (0.36, 0.37, 0.39), 0.9
)
SNOW = Weather((0.66, 0.70, 0.76), (0.86, 0.88, 0.90), (0.86, 0.88, 0.91), (0.24, 0.26, 0.25), (0.48, 0.49, 0.52), 0.8)
NIGHT = Weather(
    (0.010, 0.012, 0.025), (0.03, 0.03, 0.05), (0.045, 0.045, 0.035), (0.012, 0.016, 0.012), (0.07, 0.07, 0.075), 0.0
)


def clouds(rng: np.random.Generator, height: int, width: int, octaves: int = 6) -> Floats:
    """Make soft noise in [0, 1] by summing octaves of smoothly enlarged random grids."""
    import cv2

    total = np.zeros((height, width), np.float32)
    for octave in range(octaves):
        cells = 2 ** (octave + 1)
        grid = rng.random((cells + 1, cells * 2 + 1), dtype=np.float32)
        total += cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC) / 2**octave
    low, high = np.percentile(total[::4, ::4], (2, 98))
    return np.asarray(np.clip((total - low) / (high - low), 0, 1), dtype=np.float32)


def make_landscape(rng: np.random.Generator, weather: Weather, horizon: float = 0.56, bend: float = 0.0) -> Floats:
    """Make a landscape.

    Parameters
    ----------
    rng
        Source of all chance in it.
    weather
        How it is lit.
    horizon
        Height of the horizon as a share of the photo, from the top.
    bend
        How far the road turns to the right at the horizon, as a share of the photo's width.

    Returns
    -------
    numpy.ndarray
        RGB in [0, 1], shape (1067, 1600, 3).
    """
    sky_end = round(HEIGHT * horizon)
    image = np.empty((HEIGHT, WIDTH, 3), np.float32)
    image[:sky_end] = _sky(rng, weather, sky_end)
    image[sky_end:] = _field(rng, weather, HEIGHT - sky_end)
    _lay_road(image, rng, weather, sky_end, bend)
    for depth in (0.0, 0.5, 1.0):
        _plant_trees(image, rng, weather, sky_end, depth)
    return image


def _sky(rng: np.random.Generator, weather: Weather, height: int) -> Floats:
    fade = np.linspace(0, 1, height)[:, None, None] ** 1.4
    sky = np.asarray(weather.zenith) * (1 - fade) + np.asarray(weather.horizon) * fade
    cover = clouds(rng, height, WIDTH)[..., None]
    cover = np.clip((cover - (1 - weather.clouds)) / max(weather.clouds, 0.1), 0, 1) * min(1.0, weather.clouds + 0.2)
    bright = np.asarray(weather.horizon) * 0.4 + 0.58 - 0.22 * clouds(rng, height, WIDTH)[..., None]
    return np.asarray(sky * (1 - cover * 0.85) + bright * cover * 0.85)


def _field(rng: np.random.Generator, weather: Weather, height: int) -> Floats:
    near = np.linspace(0, 1, height)[:, None, None]
    grass = np.asarray(weather.grass) * (0.75 + 0.35 * near)
    haze = (1 - near) ** 4 * 0.35
    patches = 0.85 + 0.3 * clouds(rng, height, WIDTH, 4)[..., None]
    blades = 1 + 0.14 * near * rng.standard_normal((height, WIDTH, 1), dtype=np.float32)
    return np.asarray(np.clip(grass * patches * blades, 0, 1) * (1 - haze) + np.asarray(weather.horizon) * haze)


def _lay_road(image: Floats, rng: np.random.Generator, weather: Weather, sky_end: int, bend: float) -> None:
    """Paint the road, its edge lines and its dashes row by row: width and dash length grow with nearness."""
    rows = np.arange(sky_end, HEIGHT)
    near = (rows - sky_end + 1) / (HEIGHT - sky_end)
    middle = WIDTH * (0.47 + bend * (1 - near) ** 2 - 0.05 * near)
    half = WIDTH * (0.006 + 0.40 * near)
    x = np.arange(WIDTH)[None, :]
    across = (x - middle[:, None]) / half[:, None]
    grain = (
        1
        + 0.05 * rng.standard_normal((len(rows), WIDTH), dtype=np.float32)
        + 0.08 * (clouds(rng, len(rows), WIDTH, 5) - 0.5)
    )
    asphalt = np.asarray(weather.asphalt) * grain[..., None] * (0.85 + 0.25 * (1 - near))[:, None, None]
    gravel = np.asarray(weather.grass) * 0.5 + np.asarray(weather.asphalt) * 0.6
    ground = image[sky_end:]
    verge = (np.abs(across) < 1.13)[..., None]
    ground[:] = np.where(verge, gravel * grain[..., None], ground)
    ground[:] = np.where((np.abs(across) < 1)[..., None], asphalt, ground)
    paint = np.clip(np.asarray(weather.asphalt) * 1.9 + 0.1, 0, 0.92)
    edges = np.abs(np.abs(across) - 0.92) < 0.014
    # Dashes are even along the road, so they follow the inverse of nearness in the photo.
    dashes = (np.abs(across) < 0.013) & ((np.mod(3.2 / near, 1) < 0.4)[:, None])
    worn = rng.random((len(rows), WIDTH), dtype=np.float32) < 0.92
    ground[:] = np.where(((edges | dashes) & worn)[..., None], paint, ground)


def _plant_trees(image: Floats, rng: np.random.Generator, weather: Weather, sky_end: int, depth: float) -> None:
    """Put a row of crowns on the horizon (depth 0) or ever nearer at the sides (depth 1)."""
    import cv2

    layer = np.zeros((HEIGHT, WIDTH), np.float32)
    gap = 0.0 if depth == 0 else 0.10 + 0.30 * depth
    size = 16 + 95 * depth**1.5
    foot = sky_end + 6 + 90 * depth**1.5
    for x in rng.uniform(-60, WIDTH + 60, round(330 * (1 - depth) ** 2 + 45)):
        if abs(x / WIDTH - 0.47) < gap:
            continue
        tall = size * rng.uniform(0.8, 1.7)
        pine = rng.random() < 0.45
        for _ in range(26):
            level = rng.random()
            spread = tall * (0.42 * (1.05 - level) if pine else 0.36 * np.sin(np.pi * (0.15 + 0.8 * level)))
            centre = (round(x + rng.normal(0, spread * 0.55)), round(foot - tall * (0.15 + level * 1.2)))
            cv2.circle(layer, centre, max(1, round(tall * 0.11)), float(rng.uniform(0.55, 1.0)), -1)
        cv2.line(layer, (round(x), round(foot)), (round(x), round(foot - tall)), 0.5, max(1, round(tall * 0.05)))
    band = slice(max(0, round(foot - 2.6 * size)), min(HEIGHT, round(foot + 0.2 * size) + 4))
    shade = cv2.GaussianBlur(layer[band], (0, 0), 0.8 + depth)[..., None]
    cover = np.clip(shade * 2.2, 0, 1)
    leaf = 0.62 + 0.55 * shade + 0.10 * (0.3 + depth) * rng.standard_normal(shade.shape, dtype=np.float32)
    haze = 0.45 * (1 - depth) ** 2 * (0.25 if weather is NIGHT else 1)
    tree = np.clip(np.asarray(weather.trees) * leaf, 0, 1) * (1 - haze) + np.asarray(weather.horizon) * haze
    image[band] = image[band] * (1 - cover) + tree * cover
