"""Looks: what a photo looks like in a kilobyte, by which near-duplicates are known before anything is read.

Two files show the same picture when their difference hashes are nearly equal and their thumbnails are, too: copies in
other sizes, thumbnails, copies that a messenger compressed again. A difference hash (D. Krawetz, 2013, "Kind of like
that") compares neighbouring pixels of a tiny grey copy. What changed in a few pixels only, such as another word on a
far sign, is beyond it: the report says which file was taken for which.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from geoinfer.rectify import Pixels

SIDE = 16
THUMBNAIL = 32
MOST_BITS = 7
"""Bits of 256 in which the hashes of one picture may differ. Eight bands find all such pairs."""
MOST_MEAN, MOST_LOCAL = 3.0, 24.0
"""Grey levels by which thumbnails may differ: on average, and in any one pixel."""
LEAST_CONTRAST = 6.0
"""Below this standard deviation a thumbnail tells too little: walls, fog and night all look the same."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a photo looks like.

    Attributes
    ----------
    sha256
        Hash of the file's bytes.
    width, height
        Pixels of the upright photo.
    bits
        Difference hash, 32 bytes.
    thumbnail
        Grey levels of 32 x 32 pixels, 1024 bytes.
    """

    sha256: str
    width: int
    height: int
    bits: bytes
    thumbnail: bytes


def look_of(pixels: Pixels, sha256: str, size: tuple[int, int] | None = None) -> Look:
    """Take the look of an RGB picture.

    Parameters
    ----------
    pixels
        The picture, at any scale.
    sha256
        Hash of its file.
    size
        Width and height of the photo where `pixels` is a smaller copy of it.

    Examples
    --------
    >>> grey = np.full((40, 60, 3), 128, np.uint8)
    >>> look_of(grey, "").bits == bytes(32)
    True
    """
    import cv2

    grey = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY)
    tiny = cv2.resize(grey, (SIDE + 1, SIDE), interpolation=cv2.INTER_AREA).astype(np.int16)
    bits = np.packbits(tiny[:, 1:] > tiny[:, :-1]).tobytes()
    thumbnail = cv2.resize(grey, (THUMBNAIL, THUMBNAIL), interpolation=cv2.INTER_AREA).tobytes()
    width, height = size or (int(pixels.shape[1]), int(pixels.shape[0]))
    return Look(sha256, width, height, bits, thumbnail)


def same_picture(one: Look, other: Look) -> bool:
    """Tell whether two looks are of one picture."""
    apart = np.bitwise_count(np.frombuffer(one.bits, np.uint8) ^ np.frombuffer(other.bits, np.uint8)).sum()
    if apart > MOST_BITS or abs(one.width / one.height / (other.width / other.height) - 1) > 0.03:
        return False
    a, b = (np.frombuffer(look.thumbnail, np.uint8).astype(np.int16) for look in (one, other))
    if min(a.std(), b.std()) < LEAST_CONTRAST:
        return False
    away = np.abs(a - b)
    return bool(away.mean() <= MOST_MEAN and away.max() <= MOST_LOCAL)


def _contrasts(looks: Sequence[Look], together: int = 1000) -> list[float]:
    """Give the standard deviation of every thumbnail."""
    found: list[float] = []
    for start in range(0, len(looks), together):
        grey = np.frombuffer(b"".join(look.thumbnail for look in looks[start : start + together]), np.uint8)
        found += grey.reshape(-1, THUMBNAIL * THUMBNAIL).std(axis=1).tolist()
    return found


def near_duplicates(looks: Sequence[Look]) -> dict[int, int]:
    """Find the photos that show what a larger one shows.

    Parameters
    ----------
    looks
        Looks in the order of the photos.

    Returns
    -------
    Index of each near-duplicate to the index of the photo that is read in its place: the one with the most pixels,
    the first of equals.
    """
    contrasts = _contrasts(looks)
    order = sorted(range(len(looks)), key=lambda i: (-looks[i].width * looks[i].height, i))
    bands: dict[tuple[int, bytes], list[int]] = defaultdict(list)
    stands_for: dict[int, int] = {}
    for i in order:
        keys = [(band, looks[i].bits[4 * band : 4 * band + 4]) for band in range(8)]
        near = sorted({j for key in keys for j in bands[key] if same_picture(looks[i], looks[j])})
        if near:
            stands_for[i] = max(near, key=lambda j: (looks[j].width * looks[j].height, -j))
        elif contrasts[i] >= LEAST_CONTRAST:
            for key in keys:
                bands[key].append(i)
    return stands_for
