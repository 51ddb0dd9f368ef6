"""Readers that are compared: this project's engines, Tesseract on the whole photo, and RapidOCR as it comes.

Each runs in a process of its own, so that its memory can be told.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from geoinfer.bench.score import Line, found
from geoinfer.engines import NAMES, PhotoEngine, open_engine
from geoinfer.errors import EngineError
from geoinfer.rectify import Pixels, Polygon, rectify, widen

WHOLE, STOCK = "pytesseract", "rapidocr"
"""Tesseract on the whole photo (ukr+rus+bel+eng, sparse text), and RapidOCR with its own recogniser."""
READERS = (*NAMES, WHOLE, STOCK)
MARGIN = 0.15
"""Air round a line whose place is known, in line heights."""

Read = Callable[[Pixels], list[Line]]


@dataclass(frozen=True)
class Task:
    """A picture to be read: a file, or pixels with the place of their one line."""

    id: str
    source: Path | Pixels
    polygon: Polygon | None = None


@dataclass(frozen=True)
class Outcome:
    """What a reader made of a picture.

    Attributes
    ----------
    id
        The task's.
    lines
        What was read.
    seconds
        Wall time.
    size
        Rows and columns of the picture.
    found
        Whether the line was found, where its place is known and the reader tells what it finds.
    given
        What the reader reads in that place.
    """

    id: str
    lines: tuple[Line, ...]
    seconds: float
    size: tuple[int, int]
    found: bool | None = None
    given: str | None = None


@dataclass(frozen=True)
class Performance:
    """What a reader made of all pictures: outcomes in order, and its peak memory in megabytes."""

    reader: str
    version: str
    outcomes: tuple[Outcome, ...]
    megabytes: float


def perform(reader: str, tasks: Sequence[Task]) -> Performance:
    """Let a reader read all pictures, in a process of its own.

    Raises
    ------
    EngineError
        Where something that the reader needs is missing.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_perform, reader, list(tasks)).result()


def _perform(reader: str, tasks: list[Task]) -> Performance:
    from geoinfer.photos import load_photo

    version, read, engine = _open(reader)
    read(np.full((64, 64, 3), 127, np.uint8))  # what is loaded on first use is not the first picture's time
    outcomes = []
    for task in tasks:
        pixels = load_photo(task.source).pixels if isinstance(task.source, Path) else task.source
        started = time.perf_counter()
        lines = tuple(read(pixels))
        seconds = time.perf_counter() - started
        seen = given = None
        if engine is not None and task.polygon is not None:
            seen = found(task.polygon, [box.polygon for box in engine.detector.find(pixels).boxes])
            given = engine.reader.read(rectify(pixels, widen(task.polygon, MARGIN))).text
        outcomes.append(Outcome(task.id, lines, seconds, (pixels.shape[0], pixels.shape[1]), seen, given))
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return Performance(reader, version, tuple(outcomes), peak / (1e6 if sys.platform == "darwin" else 1e3))


def _open(reader: str) -> tuple[str, Read, PhotoEngine | None]:
    if reader in NAMES:
        engine = open_engine(reader)
        assert isinstance(engine, PhotoEngine)

        def read(pixels: Pixels) -> list[Line]:
            return [Line(raw.polygon, raw.text) for raw in engine.read(pixels)]

        return engine.version, read, engine
    return (*(_whole_photo() if reader == WHOLE else _stock()), None)


def _whole_photo() -> tuple[str, Read]:
    import pytesseract

    from geoinfer.tesseract import LANGUAGES, TesseractReader

    version = TesseractReader().version  # says what is missing

    def read(pixels: Pixels) -> list[Line]:
        from PIL import Image

        told = pytesseract.image_to_data(
            Image.fromarray(pixels), lang="+".join(LANGUAGES), config="--psm 11", output_type=pytesseract.Output.DICT
        )
        return [Line(_square(*map(float, box)), " ".join(words)) for box, words in _by_line(told)]

    return f"{version}, sparse text, whole photo", read


def _by_line(told: dict[str, list[Any]]) -> list[tuple[tuple[int, int, int, int], list[str]]]:
    """Gather Tesseract's words by line, with the line's box (left, top, right, bottom)."""
    lines: dict[tuple[int, ...], tuple[tuple[int, int, int, int], list[str]]] = {}
    for i, word in enumerate(told["text"]):
        if not word.strip():
            continue
        key = tuple(told[k][i] for k in ("block_num", "par_num", "line_num"))
        x, y, w, h = (told[k][i] for k in ("left", "top", "width", "height"))
        (left, top, right, bottom), words = lines.get(key, ((x, y, x + w, y + h), []))
        box = min(left, x), min(top, y), max(right, x + w), max(bottom, y + h)
        lines[key] = box, [*words, word.strip()]
    return list(lines.values())


def _stock() -> tuple[str, Read]:
    from importlib import metadata

    from rapidocr import RapidOCR

    ocr = RapidOCR(params={"Global.log_level": "error"})

    def read(pixels: Pixels) -> list[Line]:
        told: Any = ocr(np.ascontiguousarray(pixels[:, :, ::-1]))
        if told.boxes is None:
            return []
        boxes = (tuple((float(x), float(y)) for x, y in box) for box in told.boxes)
        return [Line(box, text) for box, text in zip(boxes, told.txts, strict=True)]

    return f"rapidocr {metadata.version('rapidocr')} as it comes", read


def _square(left: float, top: float, right: float, bottom: float) -> Polygon:
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def available(readers: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Tell which of the readers can be opened here, and why the others cannot."""
    able, missing = [], {}
    for reader in readers:
        try:
            if reader in NAMES:
                open_engine(reader, threads=1)
            elif reader == WHOLE:
                _whole_photo()
            able.append(reader)
        except EngineError as error:
            missing[reader] = str(error)
    return able, missing
