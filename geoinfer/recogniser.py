"""The recogniser's eyes: features of a text line from PP-OCRv6, and two heads that spell them out.

PP-OCRv6's recogniser (in the ``rapidocr`` wheel) has no Cyrillic letter in its alphabet, but its features tell
Cyrillic letters apart. This module cuts its graph in memory, before the last layers, and sets a CTC head of our own on
the features (``models/cyrillic_head.onnx``; `geoinfer.training` says how it was made). The network's own last layer is
kept beside it: it reads Latin with diacritics better than ours, and it knows Chinese characters for what they are.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoinfer.decode import CYRILLIC_OF, LATIN_OF, best_path, ctc_beam, one_script, script_of
from geoinfer.errors import EngineError
from geoinfer.lattice import Lattice
from geoinfer.rectify import planes
from geoinfer.script_choice import choose, has_no_twin
from geoinfer.weights import without_denormals

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

HEIGHT = 48
"""Rows of a line, as the network was made for."""
MAX_WIDTH = 1600

PHOTO_TEMPERATURE = 1.3
"""Photographs are harder than rendered lines, so the head is trusted less on them. On real photographs readings with a
confidence of 0.60 to 0.80 were then right in 24 of 30 cases, of 0.80 to 0.95 in 41 of 46; without it in 11 of 24 and 24
of 29."""

LATTICE_TEMPERATURE = 2.5
"""Steps of one line go wrong together, so their scores, multiplied, part names too sharply. Between a held-out name and
its 30 nearest neighbours the reader chose best at temperatures from 2 to 3 (`geoinfer.training.calibrate`)."""

MIXED = 0.05
"""What words of two scripts count for: signs have none. A judgement."""
MOST_TEXTS = 5
"""Texts kept of one line."""
ILLEGIBLE = 0.15
"""Where the likeliest way alone is less probable per character, other ways are not looked for. So it was in 43 of 100
pictures of lines in 37 photographs, and all ways together made none of them more probable than 0.25, far below what is
kept."""

RAPIDOCR_VERSION = "3.10.0"
WHEEL_MODELS = {
    "PP-OCRv6_det_small.onnx": "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
    "PP-OCRv6_rec_small.onnx": "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
}
"""SHA-256 of the model files in that wheel: the features are those that our head was trained on, or reading is
refused."""

STAGES = {"Add.155": "384 channels x 3 rows", "Add.123": "192 channels x 6 rows"}
"""What a head may begin at, one column per 4 pixels: the end of the backbone, or the input of its last stage."""
NECK = "p2o.pd_op.transpose.8.0"
"""Output of the attention layers after it: 120 numbers per 8 pixels, the input of the network's own last layer."""
STAGE_MAPS = "Add.123"
"""Where the heads begin that `geoinfer.training` makes now: they bring a last stage of their own."""
OWN_SCORES = "fetch_name_0"


@cache
def wheel_model(name: str) -> bytes:
    """Read a model out of the ``rapidocr`` wheel and check that it is the one this release was made for.

    Raises
    ------
    EngineError
        Where the wheel is missing, has another version, or the file another hash.
    """
    wanted = f"install rapidocr=={RAPIDOCR_VERSION}"
    spec = find_spec("rapidocr")
    if spec is None or not spec.submodule_search_locations:
        raise EngineError(f"the package rapidocr, whose models read the signs, is not installed: {wanted}")
    version = metadata.version("rapidocr")
    if version != RAPIDOCR_VERSION:
        raise EngineError(
            f"rapidocr {version} is installed, but the reading head was trained on {RAPIDOCR_VERSION}: {wanted}"
        )
    path = Path(next(iter(spec.submodule_search_locations))) / "models" / name
    try:
        data = path.read_bytes()
    except OSError as error:
        raise EngineError(f"cannot read the model {path} ({error.strerror}): {wanted} again") from error
    return checked(data, path, WHEEL_MODELS[name], wanted)


def checked(data: bytes, path: Path, sha256: str, remedy: str) -> bytes:
    """Give back the bytes of a model whose hash is right.

    Raises
    ------
    EngineError
        Where it is not.
    """
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise EngineError(
            f"the model {path} has SHA-256 {found[:16]}..., not {sha256[:16]}... as expected: {remedy} again"
        )
    return data


def cut_graph(model: bytes, outputs: tuple[str, ...], inputs: tuple[str, ...] = ()) -> bytes:
    """Cut an ONNX graph down to what the named tensors need, and make them its outputs.

    With `inputs` the graph begins at those tensors instead of at the picture.
    """
    import onnx

    net = onnx.load_model_from_string(model)
    needed, kept = set(outputs), []
    for node in reversed(net.graph.node):
        if needed.intersection(node.output) and not set(inputs).intersection(node.output):
            kept.append(node)
            needed.update(node.input)
    weights = [w for w in net.graph.initializer if w.name in needed]
    del net.graph.node[:], net.graph.initializer[:], net.graph.output[:]
    net.graph.node.extend(reversed(kept))
    net.graph.initializer.extend(weights)
    number = onnx.TensorProto.FLOAT
    net.graph.output.extend(onnx.helper.make_tensor_value_info(name, number, None) for name in outputs)
    if inputs:
        del net.graph.input[:]
        net.graph.input.extend(onnx.helper.make_tensor_value_info(name, number, None) for name in inputs)
    return bytes(net.SerializeToString())


def open_session(model: bytes, threads: int = 0) -> Any:
    """Open an ONNX model on the CPU; `threads` 0 leaves their number to onnxruntime."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Threads that wait for work would otherwise keep a processor busy that others need.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.enable_mem_pattern = False  # a plan for every size of picture: 180 MB more for 4 % less time
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(without_denormals(model), options, providers=["CPUExecutionProvider"])


def line_tensor(line: Pixels) -> Floats:
    """Scale a rectified RGB line to `HEIGHT` rows and whole steps, as the network wants it."""
    import cv2

    rows, columns = line.shape[:2]
    width = int(np.clip(round(columns * HEIGHT / max(rows, 1) / 8) * 8, 16, MAX_WIDTH))
    how = cv2.INTER_AREA if rows > HEIGHT else cv2.INTER_CUBIC
    scaled = cv2.resize(line, (width, HEIGHT), interpolation=how) if (rows, columns) != (HEIGHT, width) else line
    return planes(np.asarray(scaled, dtype=np.uint8))


@dataclass(frozen=True, slots=True)
class Spelling:
    """What a line may say.

    Attributes
    ----------
    texts
        Texts with probabilities, most probable first, never empty.
    seen
        Makes the lattice, which only lines that stay need; none where another reader than the trained head decided.
    """

    texts: tuple[tuple[str, float], ...]
    seen: Callable[[], Lattice] | None = field(default=None, compare=False)

    @property
    def lattice(self) -> Lattice | None:
        """What was seen step by step."""
        return self.seen() if self.seen else None

    @property
    def text(self) -> str:
        """The most probable text."""
        return self.texts[0][0]

    @property
    def confidence(self) -> float:
        """Probability of the most probable text."""
        return self.texts[0][1]


class Eyes:
    """The network up to its features.

    Parameters
    ----------
    threads
        Threads of onnxruntime; 0 leaves it the choice.
    outputs
        Tensors of the network to give.
    """

    def __init__(self, threads: int, outputs: tuple[str, ...]):
        self._outputs = outputs
        self._session = open_session(cut_graph(wheel_model("PP-OCRv6_rec_small.onnx"), self._outputs), threads)

    def look(self, line: Pixels) -> list[Floats]:
        """Give the tensors of a rectified RGB line."""
        found: list[Floats] = self._session.run(list(self._outputs), {"x": line_tensor(line)})
        return found


MODELS = Path(__file__).resolve().parent / "models"


@dataclass(frozen=True)
class Card:
    """What is known of the trained head: see ``models/README.md``."""

    alphabet: str
    sha256: str
    temperature: float
    begins_at: str


def read_card(path: Path = MODELS / "cyrillic_head.json") -> Card:
    """Read the card of the head.

    Raises
    ------
    EngineError
        Where it is missing or not a card.
    """
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
        if card["begins_at"] not in STAGES:
            raise ValueError(f"begins_at is {card['begins_at']!r}; valid: {', '.join(STAGES)}")
        return Card(card["alphabet"], card["sha256"], float(card["temperature"]), card["begins_at"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EngineError(f"cannot read the model card {path} ({error}): install geoinfer again") from error


class Recogniser:
    """Reads single lines: Cyrillic, Latin and digits.

    Parameters
    ----------
    threads
        Threads of onnxruntime; 0 leaves it the choice.

    Raises
    ------
    EngineError
        Where a model is missing or not the one this release was made for.
    """

    def __init__(self, threads: int = 0):
        card, path = read_card(), MODELS / "cyrillic_head.onnx"
        try:
            head = path.read_bytes()
        except OSError as error:
            raise EngineError(f"cannot read the model {path} ({error.strerror}): install geoinfer again") from error
        self.card = card
        self._head = open_session(checked(head, path, card.sha256, "install geoinfer"), threads)
        self._eyes = Eyes(threads, (card.begins_at, NECK))
        self._own = open_session(cut_graph(wheel_model("PP-OCRv6_rec_small.onnx"), (OWN_SCORES,), (NECK,)), threads)
        self._own_alphabet = own_alphabet()

    def read(self, line: Pixels) -> Spelling:
        """Read one rectified line.

        The trained head decides. Where it sees no Cyrillic letter, the network's own last layer is heard too, and the
        surer of the two wins; where that layer is sure of a character that is neither Latin, Cyrillic nor a digit
        (Chinese, say), so it is.

        Parameters
        ----------
        line
            Rows x columns x RGB, text from left to right.
        """
        scores, neck = self._look(line)
        logs = normalised(scores / (self.card.temperature * PHOTO_TEMPERATURE))
        ours = Spelling(spelled(logs, self.card.alphabet), partial(_lattice, scores, self.card.alphabet))
        # The network's own layer is as wide as all of Chinese: it is asked only where its answer can count.
        return ours if has_no_twin(ours.text) else choose(ours, self._own_reading(neck))

    def scores(self, line: Pixels) -> Floats:
        """Give the head's log-probabilities of a rectified line as they come: steps x (blank + alphabet)."""
        return self._look(line)[0]

    def _look(self, line: Pixels) -> tuple[Floats, Floats]:
        """Scores of the trained head, and what the network's own last layer begins with."""
        maps, neck = self._eyes.look(line)
        return self._head.run(None, {"maps": maps, "neck": neck})[0][0], neck

    def _own_reading(self, neck: Floats) -> Spelling:
        """Greedy reading of the network's own layer: its probability is that of the best way alone, a lower bound."""
        return Spelling((best_path(self._own.run(None, {NECK: neck})[0][0], self._own_alphabet),))


def _lattice(scores: Floats, alphabet: str) -> Lattice:
    return Lattice.of_scores(normalised(scores / LATTICE_TEMPERATURE), alphabet)


def normalised(scores: Floats) -> Floats:
    """Log-probabilities that sum to one at every step, after a temperature was applied."""
    top = scores.max(axis=1, keepdims=True)
    return np.asarray(scores - top - np.log(np.exp(scores - top).sum(axis=1, keepdims=True)), dtype=np.float32)


def spelled(logs: Floats, alphabet: str) -> tuple[tuple[str, float], ...]:
    """Spell out log-probabilities per step, words in one script if letters of one look allow it.

    Where the likeliest text mixes scripts within a word, which no sign does, all of it is also spelt in Cyrillic and
    in Latin, each time with the probabilities of both twins of a letter taken together.
    """
    text, probability = best_path(np.exp(logs), alphabet)
    if probability ** (1 / max(len(text), 1)) < ILLEGIBLE:
        return ((one_script(text), probability),)
    texts = _tidied(ctc_beam(logs, alphabet))
    top = max(texts, key=lambda text: (texts[text], text), default="")
    if any(script_of(word) == "mixed" for word in top.split(" ")):
        for merge in _merges(alphabet):
            with np.errstate(divide="ignore"):
                alone = _tidied(ctc_beam(np.log(np.exp(logs) @ merge), alphabet))
            texts |= {text: max(share, texts.get(text, 0.0)) for text, share in alone.items()}
        mixed = {text for text in texts if any(script_of(word) == "mixed" for word in text.split(" "))}
        texts = {text: share * (MIXED if text in mixed else 1) for text, share in texts.items()}
    return tuple(sorted(texts.items(), key=lambda item: (-item[1], item[0])))[:MOST_TEXTS] or (("", 0.0),)


def _tidied(texts: list[tuple[str, float]]) -> dict[str, float]:
    tidied: dict[str, float] = {}
    for text, probability in texts:
        tidied[one_script(text)] = tidied.get(one_script(text), 0.0) + probability
    return tidied


@cache
def _merges(alphabet: str) -> tuple[Floats, Floats]:
    """Matrices that move the probability of letters to their twins in Cyrillic, or in Latin, and drop those without."""
    place = {char: column for column, char in enumerate(alphabet, start=1)}
    merges = []
    for script, twin_of in (("latin", CYRILLIC_OF), ("cyrillic", LATIN_OF)):
        merge = np.zeros((len(alphabet) + 1, len(alphabet) + 1), np.float32)
        merge[0, 0] = 1
        for char, column in place.items():
            kept = twin_of.get(char) if script_of(char) == script else char
            if kept in place:
                merge[column, place[kept]] = 1
        merges.append(merge)
    return merges[0], merges[1]


@cache
def own_alphabet() -> tuple[str, ...]:
    """Characters of the network's own last layer, as its file lists them, and the space after them."""
    import onnx

    model = onnx.load_model_from_string(wheel_model("PP-OCRv6_rec_small.onnx"))
    [listed] = [entry.value for entry in model.metadata_props if entry.key == "character"]
    return (*listed.split("\n"), " ")
