"""Engines: everything between the pixels of a photo and its lines of text.

All engines share the detector and the rectifier; they differ in who reads the lines. ``signs`` is this project's own
head on PP-OCRv6's features and the default; ``tesseract`` needs the program; ``both`` hears the two and keeps the
surer; ``eslav`` is the East Slavic PP-OCRv5 recogniser from a file that the user has.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Protocol

import numpy as np

from geoinfer.candidates import Candidate, chains, strongest
from geoinfer.decode import ctc_beam, one_script, script_of
from geoinfer.detector import Box, Detector
from geoinfer.errors import EngineError
from geoinfer.lattice import Lattice
from geoinfer.recogniser import RAPIDOCR_VERSION, Recogniser, Spelling, line_tensor, open_session, read_card
from geoinfer.rectify import Pixels, Polygon, rectify, sides, turn

NAMES = ("signs", "tesseract", "both", "eslav")
"""Engines by name."""
ESLAV_VARIABLE = "GEOINFER_ESLAV_MODEL"
UPRIGHT = 1.4
"""Boxes higher than this times their width are also read as lines that run up or down."""


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


class LineReader(Protocol):
    """What reads one rectified line."""

    def read(self, line: Pixels) -> Spelling:
        """Read an RGB line whose text runs from left to right."""


@dataclass(frozen=True)
class PhotoEngine:
    """The shared detector with a reader of lines."""

    name: str
    version: str
    detector: Detector
    reader: LineReader

    def read(self, pixels: Pixels) -> list[RawReading]:
        """Read all lines of an upright RGB photo, in reading order."""
        candidates = [self._best_way(pixels, box) for box in self.detector.find(pixels)]
        for chain in chains(candidates):
            whole = self._best_way(pixels, chain.box)
            if chain.outdone_by(whole):
                candidates = [c for c in candidates if c not in chain.pieces] + [whole]
        readable = [c for c in candidates if script_of(c.spelling.text) != "other"]
        return [raw_reading(c.polygon, c.spelling) for c in strongest(readable)]

    def _best_way(self, pixels: Pixels, box: Box) -> Candidate:
        """Read a box as it lies and, where it stands, also with its text running down and up."""
        width, height = sides(box.polygon)
        ways = [box.polygon]
        if height > UPRIGHT * width:
            ways += [turn(box.polygon, 1), turn(box.polygon, 3)]
        return max((Candidate(way, self.reader.read(rectify(pixels, way))) for way in ways), key=lambda c: c.value)


def raw_reading(polygon: Polygon, spelling: Spelling) -> RawReading:
    """Make a reading of a polygon and its spelling, with probabilities that add up to no more than one."""
    total = max(1.0, sum(p for _, p in spelling.texts))
    texts = tuple((text, float(f"{p / total:.4g}")) for text, p in spelling.texts)
    rounded: Polygon = tuple((round(x, 1), round(y, 1)) for x, y in polygon)
    return RawReading(rounded, texts[0][0], script_of(texts[0][0]), texts[0][1], texts, spelling.lattice)


@dataclass(frozen=True)
class Surer:
    """Two readers of lines, of whom the surer is believed; where they agree, both count."""

    first: LineReader
    second: LineReader

    def read(self, line: Pixels) -> Spelling:
        """Read a line with both readers."""
        one, two = self.first.read(line), self.second.read(line)
        if one.text.lower() == two.text.lower():
            agreed = 1 - (1 - one.confidence) * (1 - two.confidence)
            return Spelling(((one.text, agreed), *((t, p * (1 - agreed)) for t, p in one.texts[1:])), one.lattice)
        better, other = (one, two) if one.confidence >= two.confidence else (two, one)
        left = 1 - better.confidence
        rest = [(t, p * left) for t, p in (*better.texts[1:], *other.texts) if t != better.text]
        texts = (better.texts[0], *sorted(dict(rest).items(), key=lambda item: (-item[1], item[0]))[:4])
        return Spelling(texts, better.lattice)


class EslavReader:
    """The East Slavic PP-OCRv5 recogniser as RapidOCR distributes it: an ONNX file that lists its own characters.

    Parameters
    ----------
    path
        The file; the environment variable ``GEOINFER_ESLAV_MODEL`` where not given.
    threads
        Threads of onnxruntime; 0 leaves it the choice.

    Raises
    ------
    EngineError
        Where there is no such file or it is no such model.
    """

    def __init__(self, path: str | Path | None = None, threads: int = 0):
        model = _eslav_bytes(path)
        try:
            self._session = open_session(model, threads)
            listed = self._session.get_modelmeta().custom_metadata_map["character"]
        except Exception as error:  # onnxruntime has no public base class for the errors of loading
            raise EngineError(
                "the model of engine eslav is no recogniser of RapidOCR with its characters inside: set "
                f"{ESLAV_VARIABLE} to one"
            ) from error
        self._alphabet = (*listed.split("\n"), " ")
        self._input = self._session.get_inputs()[0].name

    def read(self, line: Pixels) -> Spelling:
        """Read an RGB line whose text runs from left to right."""
        scores = self._session.run(None, {self._input: line_tensor(line)})[0][0]
        texts = ctc_beam(np.log(np.maximum(scores, 1e-12)), self._alphabet)
        return Spelling(tuple((one_script(text), p) for text, p in texts))


def open_engine(name: str = "signs", *, threads: int = 0, eslav_model: str | Path | None = None) -> Engine:
    """Open an engine by name.

    Parameters
    ----------
    name
        One of `NAMES`.
    threads
        Threads of onnxruntime, for pools of processes; 0 leaves it the choice.
    eslav_model
        Model file of the engine ``eslav``.

    Raises
    ------
    EngineError
        Where the engine is unknown, or something it needs is missing or not what this release was made for.
    """
    version = engine_version(name, eslav_model=eslav_model)
    if name == "eslav":
        return PhotoEngine(name, version, Detector(threads), EslavReader(eslav_model, threads))
    if name == "signs":
        return PhotoEngine(name, version, Detector(threads), Recogniser(threads))
    from geoinfer.tesseract import TesseractReader

    if name == "tesseract":
        return PhotoEngine(name, version, Detector(threads), TesseractReader())
    return PhotoEngine(name, version, Detector(threads), Surer(Recogniser(threads), TesseractReader()))


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
        return f"eslav recogniser {hashlib.sha256(_eslav_bytes(eslav_model)).hexdigest()[:12]}; {base}"
    head = f"cyrillic head {read_card().sha256[:12]}"
    if name == "signs":
        return f"{head}; {base}"
    from geoinfer.tesseract import TesseractReader

    tesseract = TesseractReader().version
    return f"{tesseract}; {base}" if name == "tesseract" else f"{head}; {tesseract}; {base}"


def _eslav_bytes(path: str | Path | None) -> bytes:
    path = path or os.environ.get(ESLAV_VARIABLE) or None
    if path is None:
        raise EngineError(
            f"engine eslav needs the model file eslav_PP-OCRv5_rec_mobile.onnx, which RapidOCR downloads: "
            f"set {ESLAV_VARIABLE} to its path, or use --engine signs"
        )
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise EngineError(
            f"engine eslav cannot read its model {path} ({error.strerror}): set {ESLAV_VARIABLE} to an ONNX file"
        ) from error
