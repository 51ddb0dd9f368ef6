"""Engines: the same photo through different readers, and clear words where one cannot be had."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from painted_lines import painted
from rapidfuzz import fuzz

from geoinfer.engines import NAMES, Engine, open_engine, raw_reading, vote
from geoinfer.errors import EngineError
from geoinfer.eslav import EslavReader
from geoinfer.recogniser import Spelling, wheel_model
from geoinfer.tesseract import prepared

SIGN = [("Чернігів  39", 30, 60, 30), ("Chernihiv", 30, 110, 22), ("Ріпки  74", 30, 180, 30)]
SIZE = (400, 220)


@pytest.fixture(scope="module")
def signs() -> Engine:
    return open_engine("signs", threads=1)


def test_the_default_engine_reads_a_sign(signs: Engine) -> None:
    texts = " ".join(r.text for r in signs.read(painted(SIGN, SIZE)))
    for word in ("Чернігів", "39", "Chernihiv", "Ріпки", "74"):
        assert word in texts
    assert "onnxruntime" in signs.version
    assert "rapidocr 3.10.0" in signs.version


def test_readings_are_whole_and_the_same_every_time(signs: Engine) -> None:
    photo = painted(SIGN, SIZE)
    readings = signs.read(photo)
    assert readings == signs.read(photo)
    for reading in readings:
        assert 0 < reading.confidence <= 1
        assert reading.alternatives[0] == (reading.text, reading.confidence)
        assert sum(p for _, p in reading.alternatives) <= 1.001
        assert len(reading.polygon) == 4


def test_text_that_runs_up_the_photo_is_read(signs: Engine) -> None:
    photo = np.ascontiguousarray(np.rot90(painted([("БОРИСПІЛЬ", 30, 60, 30)], size=(280, 100))))
    assert [r.text for r in signs.read(photo)] == ["БОРИСПІЛЬ"]


@pytest.mark.tesseract
@pytest.mark.parametrize("name", ["tesseract", "both"])
def test_tesseract_reads_the_same_lines(name: str) -> None:
    texts = [r.text for r in open_engine(name, threads=1).read(painted(SIGN[:1], SIZE))]
    assert max(fuzz.ratio("Чернігів 39", text) for text in texts) >= 80


def test_tesseract_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import pytesseract

    def missing() -> Any:
        raise pytesseract.TesseractNotFoundError

    monkeypatch.setattr(pytesseract, "get_tesseract_version", missing)
    with pytest.raises(EngineError, match=r"Tesseract is not installed.*--engine signs"):
        open_engine("tesseract")


def test_languages_that_are_not_there_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    import pytesseract

    monkeypatch.setattr(pytesseract, "get_tesseract_version", lambda: "5.3.0")
    monkeypatch.setattr(pytesseract, "get_languages", lambda: ["eng", "rus", "osd"])
    with pytest.raises(EngineError, match=r"lacks the languages ukr, bel: .*tesseract-ocr-ukr"):
        open_engine("both")


def test_an_unknown_engine_lists_the_valid_ones() -> None:
    with pytest.raises(EngineError, match="'magic': valid are signs, tesseract, both, eslav"):
        open_engine("magic")
    assert NAMES == ("signs", "tesseract", "both", "eslav")


def test_eslav_without_its_model_says_what_to_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("GEOINFER_ESLAV_MODEL", raising=False)
    monkeypatch.setattr("geoinfer.eslav._folder", lambda: tmp_path)
    with pytest.raises(EngineError, match=r"set GEOINFER_ESLAV_MODEL to the path of .*, or to 'download'"):
        open_engine("eslav")
    monkeypatch.setenv("GEOINFER_ESLAV_MODEL", str(tmp_path / "none.onnx"))
    with pytest.raises(EngineError, match=r"cannot read its model .*none\.onnx \(No such file"):
        open_engine("eslav")
    (tmp_path / "none.onnx").write_bytes(b"not a model")
    with pytest.raises(EngineError, match=r"none\.onnx is no recogniser of RapidOCR"):
        open_engine("eslav")


def test_eslav_downloads_only_when_told_to_and_says_when_it_cannot(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import requests

    def offline(*args: object, **named: object) -> Any:
        raise requests.ConnectionError("no route to host")

    monkeypatch.setattr(requests, "get", offline)
    monkeypatch.setattr("geoinfer.eslav._folder", lambda: tmp_path)
    monkeypatch.setenv("GEOINFER_ESLAV_MODEL", "download")
    with pytest.raises(
        EngineError, match=r"cannot be downloaded from https://www\.modelscope\.cn.*or use --engine signs"
    ):
        open_engine("eslav")
    assert list(tmp_path.iterdir()) == []


def test_eslav_keeps_no_download_that_is_not_the_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from rapidocr.utils.download_file import DownloadFile

    monkeypatch.setattr(DownloadFile, "run", lambda order: Path(order.save_path).write_bytes(b"a page that says no"))
    monkeypatch.setattr("geoinfer.eslav._folder", lambda: tmp_path)
    monkeypatch.setenv("GEOINFER_ESLAV_MODEL", "download")
    with pytest.raises(EngineError, match="is not the model of engine eslav"):
        open_engine("eslav")
    assert list(tmp_path.iterdir()) == []


def test_eslav_takes_any_recogniser_of_that_make(tmp_path: Path) -> None:
    # The wheel's own recogniser has the same form: characters inside, scores per step out.
    (tmp_path / "model.onnx").write_bytes(wheel_model("PP-OCRv6_rec_small.onnx"))
    engine = open_engine("eslav", threads=1, eslav_model=tmp_path / "model.onnx")
    assert isinstance(engine.reader, EslavReader)
    assert [r.text for r in engine.read(painted([("Chernihiv", 30, 60, 30)], size=(280, 100)))] == ["Chernihiv"]


def test_of_two_readers_the_surer_is_believed_and_the_other_kept() -> None:
    spelling = vote(Spelling((("Короп", 0.5), ("Коров", 0.2))), Spelling((("Кород", 0.7),)))
    assert spelling.text == "Кород"
    assert dict(spelling.texts)["Короп"] == pytest.approx(0.5 * 0.3)
    assert sum(p for _, p in spelling.texts) <= 1


def test_two_readers_that_agree_are_surer_than_each() -> None:
    spelling = vote(Spelling((("Короп", 0.5), ("Коров", 0.2))), Spelling((("КОРОП", 0.6),)))
    assert spelling.texts[0] == ("Короп", pytest.approx(0.8))
    assert sum(p for _, p in spelling.texts) <= 1


def test_probabilities_never_add_up_to_more_than_one() -> None:
    reading = raw_reading(((0, 0), (9, 0), (9, 3), (0, 3)), Spelling((("а", 0.9), ("б", 0.4))))
    assert sum(p for _, p in reading.alternatives) == pytest.approx(1, abs=1e-3)
    assert reading.confidence == pytest.approx(0.9 / 1.3, abs=1e-3)


def test_tesseract_gets_dark_letters_on_light() -> None:
    bright = prepared(painted([("А", 20, 60, 40)], size=(70, 80)))
    assert bright.shape[0] == 56 + 24
    assert np.median(bright) > 200
