"""What befalls a line between the plate and the reader: the cut, distance, lens, weather, sensor and file format."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geoinfer.training.faces import CAP
from geoinfer.training.letters import ROOM, Mask

Pixels = NDArray[np.uint8]
Picture = NDArray[np.float32]

HEIGHT = 48
"""Rows of a line, as the recogniser was made for."""
MAX_WIDTH = 720


def noise(shape: tuple[int, int], grain: int, rng: np.random.Generator) -> Picture:
    """Smooth noise in [-1, 1] whose spots are about `grain` pixels wide."""
    import cv2

    h, w = shape
    small = rng.uniform(-1, 1, (max(2, h // grain + 2), max(2, w // grain + 2))).astype(np.float32)
    return np.asarray(cv2.resize(small, (w, h), interpolation=cv2.INTER_CUBIC))


def cut_out(picture: Picture, mask: Mask, rng: np.random.Generator) -> Picture:
    """Cut the line out as a detector would: not quite level, not quite tight, not quite a rectangle."""
    import cv2

    ys, xs = np.nonzero(mask.max(axis=1) > 60)[0], np.nonzero(mask.max(axis=0) > 60)[0]
    if not len(ys) or not len(xs):
        ys, xs = np.array([ROOM, ROOM + CAP]), np.array([ROOM, ROOM + CAP])
    # Detectors box the band from cap line to baseline with some air, whether or not there are descenders.
    top = min(float(ys[0]), ROOM + rng.uniform(0, 0.3) * CAP) if rng.random() < 0.3 else float(ys[0])
    bottom, left, right = float(ys[-1]), float(xs[0]), float(xs[-1])
    tall = bottom - top + 1
    air = rng.uniform(-0.05, 0.35, 2) * tall if rng.random() < 0.85 else rng.uniform(0.3, 0.7, 2) * tall
    side = rng.uniform(-0.03, 0.5, 2) * tall
    corners = np.array(
        [
            [left - side[0], top - air[0]],
            [right + side[1], top - air[0]],
            [right + side[1], bottom + air[1]],
            [left - side[0], bottom + air[1]],
        ],
        np.float32,
    )
    shake = 0.06 * tall if rng.random() < 0.6 else 0.14 * tall
    corners += rng.uniform(-shake, shake, (4, 2)).astype(np.float32)
    if rng.random() < 0.25:
        corners[:2, 0] += float(rng.uniform(-0.4, 0.4)) * tall
    if rng.random() < 0.12:
        # A level box round a line that climbs, falls or shrinks into the distance.
        climb = float(rng.uniform(-0.5, 0.5)) * tall
        grown = abs(climb) / 2
        corners[[0, 1], 1] -= grown
        corners[[2, 3], 1] += grown
        corners[[0, 3], 1] += climb / 2
        corners[[1, 2], 1] -= climb / 2
    height = float(corners[2:, 1].mean() - corners[:2, 1].mean())
    width = float(corners[[1, 2], 0].mean() - corners[[0, 3], 0].mean())
    squeeze = float(np.exp(rng.normal(0, 0.12)))
    columns = int(np.clip(width / max(height, 1) * HEIGHT * squeeze, 16, MAX_WIDTH))
    target = np.array([[0, 0], [columns, 0], [columns, HEIGHT], [0, HEIGHT]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, target)
    line = cv2.warpPerspective(
        picture, matrix, (columns, HEIGHT), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
    )
    return _bent(np.asarray(line), float(rng.uniform(-7, 7))) if rng.random() < 0.08 else np.asarray(line)


def _bent(line: Picture, bend: float) -> Picture:
    """Lay letters on an arc or a sagging banner."""
    import cv2

    rows, columns = line.shape[:2]
    xx, yy = np.meshgrid(np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32))
    lifted = yy + bend * ((2 * xx / columns - 1) ** 2 - 0.5)
    return np.asarray(cv2.remap(line, xx, lifted, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def spoil(line: Picture, rng: np.random.Generator) -> Pixels:
    """Spoil a line: small, soft, dark, wet, noisy, sharpened, compressed; then enlarge it to `HEIGHT` rows again."""
    import cv2

    h, w = line.shape[:2]
    rows = h if rng.random() < 0.3 else int(np.exp(rng.uniform(np.log(7), np.log(h))))
    small = (max(4, round(w * rows / h)), rows)
    seen = np.asarray(cv2.resize(line, small, interpolation=cv2.INTER_AREA), np.float32)
    seen = _softened(seen, rng)
    if rng.random() < 0.6:
        seen = _weathered(seen, rng)
    if rng.random() < 0.5:
        # Noise in proportion to what there is to see: letters that nobody could read teach nothing.
        grain = rng.uniform(0.02, 0.3) * max(float(seen.std()), 5.0)
        seen = seen + rng.normal(0, grain, seen.shape).astype(np.float32)
    if rng.random() < 0.3:
        # Phones smooth the noise away and sharpen what is left: haloes.
        soft = cv2.GaussianBlur(seen, (0, 0), float(rng.uniform(0.6, 1.6)))
        seen = seen + (seen - soft) * float(rng.uniform(0.5, 2.5))
    image = np.clip(seen, 0, 255).astype(np.uint8)
    for _ in range(int(rng.choice([0, 1, 2], p=[0.4, 0.5, 0.1]))):
        done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 95))])
        if done:
            image = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8)
    if rng.random() < 0.1:
        image = np.repeat(image.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8)
    how = cv2.INTER_CUBIC if rng.random() < 0.75 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, (w, h), interpolation=how))


def _softened(seen: Picture, rng: np.random.Generator) -> Picture:
    """Blur of the lens and of motion, and light that spreads from bright letters."""
    import cv2

    rows = seen.shape[0]
    if rng.random() < 0.35:
        seen = np.asarray(cv2.GaussianBlur(seen, (0, 0), float(rng.uniform(0.3, 0.04 * rows + 0.5))))
    if rng.random() < 0.12:
        seen = np.asarray(cv2.filter2D(seen, -1, _motion(max(3, rows // 5), rng)))
    if rng.random() < 0.1:
        # Retro-reflective letters in the light of lamps, white ones in the sun.
        glow = cv2.GaussianBlur(np.maximum(seen - 150, 0), (0, 0), float(rng.uniform(0.03, 0.12)) * rows + 0.3)
        seen = seen + glow * float(rng.uniform(0.5, 2))
    return seen


def _motion(longest: int, rng: np.random.Generator) -> Picture:
    length = int(rng.integers(2, longest + 1))
    kernel = np.zeros((length, length), np.float32)
    angle = rng.uniform(0, np.pi)
    along = np.linspace(-0.5, 0.5, 4 * length) * length
    ys = np.clip(length / 2 + along * np.sin(angle), 0, length - 1).astype(int)
    xs = np.clip(length / 2 + along * np.cos(angle), 0, length - 1).astype(int)
    kernel[ys, xs] = 1
    return np.asarray(kernel / kernel.sum(), np.float32)


def _weathered(seen: Picture, rng: np.random.Generator) -> Picture:
    """Change light and contrast; lay glare, dirt, snow, leaves and rain over the line."""
    import cv2

    shape = (seen.shape[0], seen.shape[1])
    rows = shape[0]
    light = rng.random()
    if light < 0.5:
        middle = float(seen.mean())
        seen = middle + (seen - middle) * rng.uniform(0.3, 1.25) + rng.uniform(-70, 70)
    elif light < 0.58:
        # Dusk and night, backs of steles against the sky: little light, little contrast.
        seen = seen * rng.uniform(0.2, 0.5) + rng.uniform(0, 30)
    if rng.random() < 0.12:
        seen = seen + np.clip(noise(shape, max(4, rows), rng), 0, 1)[..., None] * rng.uniform(40, 160)
    if rng.random() < 0.12:
        spots = noise(shape, max(2, rows // int(rng.integers(3, 9))), rng)
        seen = np.where((spots > rng.uniform(0.62, 0.85))[..., None], rng.uniform(0, 255, 3), seen)
    if rng.random() < 0.06:
        # Twigs, wires, ropes, rain.
        seen = np.ascontiguousarray(seen, np.float32)
        for _ in range(int(rng.integers(1, 5))):
            ends = [(int(rng.integers(shape[1])), int(rng.integers(-rows, 2 * rows))) for _ in range(2)]
            tone = tuple(float(v) for v in rng.uniform(0, 255, 3))
            cv2.line(seen, ends[0], ends[1], tone, max(1, int(rng.uniform(0.02, 0.09) * rows)))
    return np.asarray(seen, np.float32)
