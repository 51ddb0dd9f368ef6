"""The East Slavic PP-OCRv5 recogniser as RapidOCR distributes it: an ONNX file that lists its own characters.

It is not shipped. Its file is named by the user, found where RapidOCR has put it, or, where the user says so,
downloaded by RapidOCR.
"""

from __future__ import annotations

import hashlib
import logging
import os
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from geoinfer.decode import ctc_beam, one_script
from geoinfer.errors import EngineError
from geoinfer.recogniser import Spelling, line_tensor, open_session
from geoinfer.rectify import Pixels

VARIABLE = "GEOINFER_ESLAV_MODEL"
DOWNLOAD = "download"
"""Value of `VARIABLE` that lets RapidOCR download the model."""
FILE = "eslav_PP-OCRv5_rec_mobile.onnx"
ADDRESS = f"https://www.modelscope.cn/models/RapidAI/RapidOCR/resolve/v3.10.0/onnx/PP-OCRv5/rec/{FILE}"
SHA256 = "08705d6721849b1347d26187f15a5e362c431963a2a62bfff4feac578c489aab"
"""Address and hash as ``default_models.yaml`` of rapidocr 3.10.0 gives them."""
_REMEDY = (
    f"set {VARIABLE} to the path of {FILE}, or to '{DOWNLOAD}' to let RapidOCR fetch it from www.modelscope.cn, "
    "or use --engine signs"
)


class EslavReader:
    """Reads lines with the East Slavic PP-OCRv5 recogniser.

    Parameters
    ----------
    path
        Its file; see `eslav_model` where not given.
    threads
        Threads of onnxruntime; 0 leaves it the choice.

    Raises
    ------
    EngineError
        Where there is no such file or it is no such model.
    """

    def __init__(self, path: str | Path | None = None, threads: int = 0):
        path = eslav_model(path)
        try:
            self._session = open_session(read_model(path), threads)
            listed = self._session.get_modelmeta().custom_metadata_map["character"]
        except EngineError:
            raise
        except Exception as error:  # onnxruntime has no public base class for the errors of loading
            raise EngineError(f"{path} is no recogniser of RapidOCR with its characters inside: {_REMEDY}") from error
        self._alphabet = (*listed.split("\n"), " ")
        self._input = self._session.get_inputs()[0].name

    def read(self, line: Pixels) -> Spelling:
        """Read an RGB line whose text runs from left to right."""
        scores = self._session.run(None, {self._input: line_tensor(line)})[0][0]
        texts = ctc_beam(np.log(np.maximum(scores, 1e-12)), self._alphabet)
        return Spelling(tuple((one_script(text), p) for text, p in texts))


def eslav_model(path: str | Path | None = None) -> Path:
    """Find the model: the path given, the one in ``GEOINFER_ESLAV_MODEL``, or the file that RapidOCR has downloaded.

    Raises
    ------
    EngineError
        Where none of these is there, or the download fails.
    """
    named = path or os.environ.get(VARIABLE) or None
    if named is not None and str(named) != DOWNLOAD:
        return Path(named)
    kept = _folder() / FILE
    if not kept.is_file() or _hash(kept) != SHA256:
        if named is None:
            raise EngineError(f"engine eslav needs a model file that is not shipped: {_REMEDY}")
        _download(kept)
    return kept


def read_model(path: Path) -> bytes:
    """Read the bytes of the model.

    Raises
    ------
    EngineError
        Where the file cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise EngineError(f"engine eslav cannot read its model {path} ({error.strerror}): {_REMEDY}") from error


def _folder() -> Path:
    """Give the folder where RapidOCR keeps its models."""
    spec = find_spec("rapidocr")
    if spec is None or not spec.submodule_search_locations:
        raise EngineError(f"the package rapidocr, which knows the model of engine eslav, is not installed: {_REMEDY}")
    return Path(next(iter(spec.submodule_search_locations))) / "models"


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _download(path: Path) -> None:
    from rapidocr.utils.download_file import DownloadFile, DownloadFileException, DownloadFileInput

    log = logging.getLogger("geoinfer.eslav")
    log.propagate = False  # what went wrong is told below, once
    log.addHandler(logging.NullHandler())
    try:
        DownloadFile.run(DownloadFileInput(ADDRESS, path, log, SHA256, verbose=False))
    except (DownloadFileException, OSError) as error:
        raise EngineError(
            f"the model of engine eslav cannot be downloaded from {ADDRESS} ({error}): {_REMEDY}"
        ) from error
    if _hash(path) != SHA256:
        path.unlink()
        raise EngineError(f"what was downloaded from {ADDRESS} is not the model of engine eslav: {_REMEDY}")
