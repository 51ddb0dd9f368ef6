"""Crops that may be shown: the letters of signs, with everything else in them made unrecognisable.

A crop is a strip of a stranger's photograph, and a face or a number plate may stand behind its letters. Detectors of
faces and plates miss some, so none is trusted here. Only lines that a place was recognised in are taken, none that is
written like a number plate, and each is redrawn small and in two tones: letters stay legible, while a face of that
height keeps neither its shades nor its features. That this suffices is a judgement, on the safe side of a blur. Nothing
of the file itself is copied, so no EXIF, colour profile or text chunk of it can pass.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

HEIGHT = 32
"""Pixels from the top of a shown crop to its bottom: letters of some 20 pixels."""
MOST_WIDTH = 1600
LEAST_PROBABILITY = 0.3
"""A line whose likeliest place is less probable is not known to be a sign's."""
MOST_CROPS = 40
_PLATE = re.compile(r"(?=(?:.*\d){3})(?=.*[^\W\d_])[\w\s.·-]{5,12}")


def shown_crops(report: Mapping[str, Any], out: Path) -> list[bytes]:
    """Redraw the crops of a case that may be shown.

    Parameters
    ----------
    report
        The case's ``report.json``.
    out
        Its folder, whose ledger has been checked.

    Returns
    -------
    list of bytes
        PNG files, in the order of the report; a crop that cannot be read is left out.
    """
    redrawn = (redraw((out / name).read_bytes()) for name in _of_places(report))
    return [png for png in redrawn if png is not None][:MOST_CROPS]


def is_like_a_plate(text: str) -> bool:
    """Tell whether a line is written as number plates are: three digits or more with letters, and short.

    >>> is_like_a_plate("AA 1234 BB"), is_like_a_plate("а123вс 77"), is_like_a_plate("Чернігів 139")
    (True, True, True)
    >>> is_like_a_plate("Чернігів 39"), is_like_a_plate("Новгород-Сіверський")
    (False, False)
    """
    return _PLATE.fullmatch(text.strip()) is not None


def redraw(png: bytes) -> bytes | None:
    """Redraw a crop small and in two tones; None if it is no readable image.

    The threshold is Otsu's (IEEE Trans. SMC 9, 1979): the one that parts the shades into the two most even groups.
    """
    import cv2
    import numpy as np

    grey = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE) if png else None
    if grey is None or min(grey.shape[:2]) < 2:
        return None
    width = max(1, min(MOST_WIDTH, round(grey.shape[1] * HEIGHT / grey.shape[0])))
    small = cv2.resize(grey, (width, HEIGHT), interpolation=cv2.INTER_AREA)
    _, two_tones = cv2.threshold(small, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return _written(np.asarray(two_tones, np.uint8))


def _written(pixels: NDArray[np.uint8]) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(pixels).convert("1", dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def _of_places(report: Mapping[str, Any]) -> Iterator[str]:
    """Name the files of the crops of lines in which a place was recognised."""
    for photo in report["photos"]:
        for sign in photo["signs"]:
            known = [
                str(entry[key]).casefold()
                for entry in sign["entries"]
                if any(match["probability"] >= LEAST_PROBABILITY for match in entry["matches"])
                for key in ("name", "other")
                if entry[key]
            ]
            for reading in sign["readings"]:
                text = reading["text"]
                named = any(name in text.casefold() for name in known)
                if reading["crop"] and named and not is_like_a_plate(text):
                    yield reading["crop"]
