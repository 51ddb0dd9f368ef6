"""The measures of reading: labelled photographs, whole-photo peers, and pairs to fit the gazetteer's channel to."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from painted_lines import painted
from PIL import Image

from geoinfer.bench import readers
from geoinfer.engines import Lines, RawReading
from geoinfer.recogniser import Spelling
from geoinfer.training import confusions, evaluate

BOX = ((10.0, 10.0), (90.0, 10.0), (90.0, 30.0), (10.0, 30.0))


class Fixed:
    """An engine that reads the same two lines in every photo."""

    name = version = "fixed"

    def read(self, pixels: np.ndarray) -> Lines:
        del pixels
        return Lines(
            RawReading(BOX, text, "cyrillic", sure, ((text, sure),))
            for text, sure in (("Чернігів", 0.9), ("Вода", 0.5))
        )


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    for name in ("c1_a", "c2_b"):
        Image.new("RGB", (120, 60), "white").save(tmp_path / f"{name}.png")
    (tmp_path / "labels.tsv").write_text(
        "id\ttext lines\nc1_a\tЧернігів | [...]\nc2_b\tЧеркаси\nc3_gone\tVarna\n", encoding="utf-8"
    )
    return tmp_path


def test_labelled_photographs_are_counted(photographs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate, "open_engine", lambda name, threads: Fixed())
    told = CliRunner().invoke(evaluate.main, [str(photographs), "--verbose"]).output
    assert "c1_a  ok  100.0  'Чернігів' <- 'Чернігів'" in told
    assert "c2_b  MISS" in told
    assert "c2_b  false 0.50 'Вода'" in told
    assert "c1 cyrillic  1/1 lines at" in told
    assert "c2: 1 photos, 2 readings, 2 false lines" in told
    assert "confidence 0.80-0.95: 1/2 similar to a labelled line" in told
    assert "c3" not in told


def test_only_the_photographs_asked_for_are_read(photographs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate, "open_engine", lambda name, threads: Fixed())
    told = CliRunner().invoke(evaluate.main, [str(photographs), "--only", "c2"]).output
    assert "c1" not in told


def test_names_that_the_head_was_not_trained_on_become_pairs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Forgetful:
        def __init__(self, threads: int) -> None:
            assert threads == 1

        def read(self, line: str) -> Spelling:
            return Spelling(((line[1:], 0.75),))

    monkeypatch.setattr(confusions, "Recogniser", Forgetful)
    monkeypatch.setattr(confusions, "find_faces", lambda: [])
    monkeypatch.setattr(confusions, "split_faces", lambda faces: (faces, faces))
    monkeypatch.setattr(confusions, "pick_face", lambda faces, rng: None)
    monkeypatch.setattr(confusions, "render_line", lambda text, face, rng: text)
    out = tmp_path / "pairs.tsv"
    result = CliRunner().invoke(confusions.main, [str(out), "--names", "3", "--times", "2"])
    assert result.exit_code == 0, result.output
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert len(rows) == 4 * 3 * 2
    assert all(row["read"] == row["name"][1:] and row["confidence"] == "0.7500" for row in rows)
    assert all(confusions.held_out(row["name"]) or confusions.held_out(row["name"].capitalize()) for row in rows)


@pytest.mark.parametrize("reader", ["signs", "rapidocr", pytest.param("pytesseract", marks=pytest.mark.tesseract)])
def test_every_peer_reads_a_painted_sign(reader: str) -> None:
    if reader == "pytesseract" and readers.available([reader])[1]:
        pytest.skip("Tesseract with ukr, rus, bel and eng is not installed")
    pixels = painted([("Chernihiv 39", 60, 200, 60)])
    line = ((55.0, 130.0), (560.0, 130.0), (560.0, 215.0), (55.0, 215.0))
    performance = readers._perform(reader, [readers.Task("a", pixels, line)])
    (outcome,) = performance.outcomes
    assert any("Chernihiv" in line.text for line in outcome.lines)
    assert outcome.seconds > 0
    assert performance.version
    assert (outcome.given is not None) == (reader == "signs")


def test_a_reader_that_cannot_be_opened_is_told_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    from geoinfer.errors import EngineError

    def refuse(name: str, threads: int) -> None:
        raise EngineError(f"{name} is missing")

    monkeypatch.setattr(readers, "open_engine", refuse)
    assert readers.available(["signs", "rapidocr"]) == (["rapidocr"], {"signs": "signs is missing"})


def test_words_of_one_line_are_gathered() -> None:
    told = {
        "text": ["Нові", "Яриловичі", " ", "25"], "block_num": [1] * 4, "par_num": [1] * 4, "line_num": [1, 1, 1, 2],
        "left": [10, 60, 0, 10], "top": [5, 4, 0, 40], "width": [40, 90, 9, 20], "height": [20, 22, 9, 20],
    }  # fmt: skip
    assert readers._by_line(told) == [((10, 4, 150, 26), ["Нові", "Яриловичі"]), ((10, 40, 30, 60), ["25"])]
