"""Engines: everything between the pixels of a photo and its lines of text.

All engines share the detector and the rectifier; they differ in who reads the lines. ``signs`` is this project's own
head on PP-OCRv6's features and the default; ``tesseract`` needs the program; ``both`` lets the two vote on every line
that ``signs`` reads; ``eslav`` is the East Slavic PP-OCRv5 recogniser from a file that the user has.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Protocol

from geoinfer.decode import script_of
from geoinfer.desk import Desk, LineReader
from geoinfer.detector import Detector
from geoinfer.errors import EngineError
from geoinfer.eslav import EslavReader, eslav_model, read_model
from geoinfer.lattice import Lattice
from geoinfer.recogniser import RAPIDOCR_VERSION, Recogniser, Spelling, read_card
from geoinfer.rectify import Pixels, Polygon, rectify

NAMES = ("signs", "tesseract", "both", "eslav")
"""Engines by name."""


@dataclass(frozen=True, slots=True)
class RawReading:
    """One line of text in a photo, before it has an id.

    Attributes
    ----------
    polygon
        Four corners (x, y) in pixels, clockwise from the text's top left.
    text
        The most probable text.
    script
        ``cyrillic``, ``latin``, ``digits``, ``mixed`` or ``other``.
    confidence
        Probability that `text` is right, in [0, 1].
    alternatives
        Texts with probabilities, most probable first; the first one is `text`.
    lattice
        What the reader saw step by step; none of some readers.
    """

    polygon: Polygon
    text: str
    script: str
    confidence: float
    alternatives: tuple[tuple[str, float], ...]
    lattice: Lattice | None = None


class Lines(list[RawReading]):
    """The lines of a photo, and the number of boxes left unread because a photo's work is bounded.

    Parameters
    ----------
    lines
        What was read.
    unread
        Boxes that were not.
    """

    def __init__(self, lines: Iterable[RawReading] = (), unread: int = 0):
        super().__init__(lines)
        self.unread = unread


class Engine(Protocol):
    """What reads a photo."""

    @property
    def name(self) -> str:
        """One of `NAMES`."""

    @property
    def version(self) -> str:
        """Programs, packages and model hashes that decide what is read."""

    def read(self, pixels: Pixels) -> list[RawReading]:
        """Read all lines of an upright RGB photo, in reading order."""


@dataclass(frozen=True)
class PhotoEngine:
    """The shared detector with a reader of lines.

    Attributes
    ----------
    name, version
        As in `Engine`.
    detector
        What finds the lines.
    reader
        What reads them.
    second
        What reads the lines that `reader` could read once more, to vote on them.
    thorough
        Whether doubtful lines are read in several ways; too slow for a program that is started for every line.
    threads
        How many lines are read at a time.
    """

    name: str
    version: str
    detector: Detector
    reader: LineReader
    second: LineReader | None = None
    thorough: bool = True
    threads: int = 1

    def read(self, pixels: Pixels) -> Lines:
        """Read the lines of an upright RGB photo, in reading order; of very many the clearest."""
        desk = Desk(pixels, self.reader, self.thorough, self.threads)
        lines = desk.read(self.detector.find(pixels))
        spellings = [line.spelling for line in lines]
        if self.second is not None:
            second = [self.second.read(rectify(pixels, line.polygon)) for line in lines]
            spellings = [vote(one, two) for one, two in zip(spellings, second, strict=True)]
        pairs = zip(lines, spellings, strict=True)
        return Lines((raw_reading(line.polygon, spelling) for line, spelling in pairs), desk.unread)


def raw_reading(polygon: Polygon, spelling: Spelling) -> RawReading:
    """Make a reading of a polygon and its spelling, with probabilities that add up to no more than one."""
    total = max(1.0, sum(p for _, p in spelling.texts))
    texts = tuple((text, float(f"{p / total:.4g}")) for text, p in spelling.texts)
    rounded: Polygon = tuple((round(x, 1), round(y, 1)) for x, y in polygon)
    return RawReading(rounded, texts[0][0], script_of(texts[0][0]), texts[0][1], texts, spelling.lattice)


def vote(one: Spelling, two: Spelling) -> Spelling:
    """Let two readers of a line vote: the surer is believed, and where they agree both count.

    Examples
    --------
    >>> [(text, round(p, 2)) for text, p in vote(Spelling((("Короп", 0.5),)), Spelling((("Кород", 0.7),))).texts]
    [('Кород', 0.7), ('Короп', 0.15)]
    """
    if one.text.lower() == two.text.lower():
        agreed = 1 - (1 - one.confidence) * (1 - two.confidence)
        return Spelling(((one.text, agreed), *((t, p * (1 - agreed)) for t, p in one.texts[1:])), one.seen)
    better, other = (one, two) if one.confidence >= two.confidence else (two, one)
    left = 1 - better.confidence
    rest = [(t, p * left) for t, p in (*better.texts[1:], *other.texts) if t != better.text]
    texts = (better.texts[0], *sorted(dict(rest).items(), key=lambda item: (-item[1], item[0]))[:4])
    return Spelling(texts, better.seen)


def open_engine(name: str = "signs", *, threads: int = 0, eslav_model: str | Path | None = None) -> Engine:
    """Open an engine by name.

    Parameters
    ----------
    name
        One of `NAMES`.
    threads
        Threads that read one photo: one where several processes read, 0 for all there are.
    eslav_model
        Model file of the engine ``eslav``.

    Raises
    ------
    EngineError
        Where the engine is unknown, or something it needs is missing or not what this release was made for.
    """
    version = engine_version(name, eslav_model=eslav_model)
    detector = Detector(threads)
    # A line is so little work that two lines at a time are read sooner than each by two threads.
    at_once = threads or os.cpu_count() or 1
    if name == "eslav":
        return PhotoEngine(name, version, detector, EslavReader(eslav_model, threads=1), threads=at_once)
    if name == "signs":
        return PhotoEngine(name, version, detector, Recogniser(threads=1), threads=at_once)
    from geoinfer.tesseract import TesseractReader

    if name == "tesseract":
        return PhotoEngine(name, version, detector, TesseractReader(), thorough=False, threads=at_once)
    return PhotoEngine(name, version, detector, Recogniser(threads=1), TesseractReader(), threads=at_once)


def engine_version(name: str = "signs", *, eslav_model: str | Path | None = None) -> str:
    """Say which programs, packages and models decide what an engine reads, without opening it.

    Raises
    ------
    EngineError
        Where the engine is unknown or a file of it is missing.

    Examples
    --------
    >>> engine_version("signs").startswith("cyrillic head ")
    True
    """
    if name not in NAMES:
        raise EngineError(f"unknown engine {name!r}: valid are {', '.join(NAMES)}")
    base = f"PP-OCRv6 small of rapidocr {RAPIDOCR_VERSION} on onnxruntime {metadata.version('onnxruntime')}"
    if name == "eslav":
        return f"eslav recogniser {_eslav_hash(eslav_model)[:12]}; {base}"
    head = f"cyrillic head {read_card().sha256[:12]}"
    if name == "signs":
        return f"{head}; {base}"
    from geoinfer.tesseract import TesseractReader

    tesseract = TesseractReader().version
    return f"{tesseract}; {base}" if name == "tesseract" else f"{head}; {tesseract}; {base}"


def _eslav_hash(path: str | Path | None) -> str:
    return hashlib.sha256(read_model(eslav_model(path))).hexdigest()
