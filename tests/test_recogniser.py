"""The recogniser spells out Cyrillic, Latin and digits, and refuses models that are not those it was made for."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from painted_lines import painted

from geoinfer import recogniser
from geoinfer.errors import EngineError
from geoinfer.recogniser import MIXED, Recogniser, Spelling, line_tensor, read_card, spelled
from geoinfer.script_choice import choose


@pytest.fixture(scope="module")
def reader() -> Recogniser:
    return Recogniser(threads=1)


def line(text: str, height: int = 40, **colours: tuple[int, int, int]) -> np.ndarray:
    photo = painted(
        [(text, height, 2 * height, height)], size=(max(200, height * (len(text) + 2)), 3 * height), **colours
    )
    ink = np.abs(photo.astype(int) - np.median(photo, axis=(0, 1))).sum(axis=2) > 120
    ys, xs = np.nonzero(ink)
    pad = height // 5
    return photo[ys.min() - pad : ys.max() + pad, xs.min() - pad : xs.max() + pad]


@pytest.mark.parametrize(
    "text",
    ["Чернігів", "ЧЕРНІГІВ", "Київ", "Сеньківка", "ГОМЕЛЬ", "Брянск", "Городня", "Chernihiv", "Nizhyn", "39", "140 км"],
)
def test_clean_lines_are_read_as_they_are_written(reader: Recogniser, text: str) -> None:
    spelling = reader.read(line(text))
    assert spelling.text == text
    assert spelling.confidence > 0.5
    assert sum(p for _, p in spelling.texts) <= 1 + 1e-6


def test_dark_letters_on_white_and_small_letters_are_read_too(reader: Recogniser) -> None:
    assert reader.read(line("Ріпки", plate=(245, 245, 245), ink=(20, 20, 20))).text == "Ріпки"
    assert reader.read(line("СЛАВУТИЧ", height=14)).text == "СЛАВУТИЧ"


def test_the_same_line_is_read_the_same_way_every_time(reader: Recogniser) -> None:
    picture = line("Новгород-Сіверський")
    once, again, elsewhere = reader.read(picture), reader.read(picture), Recogniser(threads=1).read(picture)
    assert once.texts == again.texts == elsewhere.texts
    assert once.lattice == again.lattice == elsewhere.lattice


def test_latin_letters_with_marks_come_from_the_networks_own_layer(reader: Recogniser) -> None:
    assert reader.read(line("Gdańsk")).text == "Gdańsk"


@pytest.mark.parametrize("shape", [(1, 1, 3), (2, 900, 3), (300, 4, 3)])
def test_odd_shapes_are_read_as_next_to_nothing(reader: Recogniser, shape: tuple[int, int, int]) -> None:
    spelling = reader.read(np.full(shape, 90, np.uint8))
    assert spelling.text == "" or spelling.confidence < 0.3


def test_a_line_becomes_a_tensor_of_whole_steps() -> None:
    tensor = line_tensor(np.full((24, 101, 3), (255, 0, 0), np.uint8))
    assert tensor.shape == (1, 3, 48, 200)
    assert tensor[0, :, 0, 0].tolist() == [-1, -1, 1]  # red is the last of the planes: blue, green, red


def steps(*rows: dict[str, float], alphabet: str) -> np.ndarray:
    """Log-probabilities of letters at each step, with a step of nothing after each."""
    shares = np.full((2 * len(rows), len(alphabet) + 1), 1e-9)
    shares[1::2, 0] = 1.0
    for step, row in zip(shares[::2], rows, strict=True):
        for char, probability in row.items():
            step[alphabet.index(char) + 1] = probability
    return np.log(shares).astype(np.float32)


def test_a_word_of_two_scripts_is_spelt_in_the_script_that_all_its_letters_allow() -> None:
    alphabet = "KNRгкирвИ"
    logs = steps({"K": 0.6, "к": 0.3}, {"N": 0.5, "И": 0.4}, {"г": 0.9, "R": 0.1}, alphabet=alphabet)
    (text, probability), *rest = spelled(logs, alphabet)
    assert (text, round(probability, 3)) == ("КИг", 0.216)
    assert ("KNR", pytest.approx(0.03, abs=1e-4)) in rest
    assert ("KNг", pytest.approx(0.27 * MIXED, abs=1e-4)) in rest


def test_what_was_seen_goes_with_the_reading_unless_the_other_layer_read_something_else(reader: Recogniser) -> None:
    read = reader.read(line("Ріпки 39"))
    assert read.lattice is not None
    whole, part = read.lattice, read.lattice.part(read.text, "Ріпки")
    assert part.log_likelihood(["РІПКИ"])[0] > part.log_likelihood(["Рінки"])[0] + 2
    assert part.log_likelihood(["РІПКИ"])[0] > whole.log_likelihood(["Ріпки"])[0] + 2
    assert reader.read(line("Gdańsk")).lattice is not None
    seen = Spelling((("РІККІЇ", 0.5),), lambda: whole)
    assert choose(seen, Spelling((("PIIKKIÖ", 0.9),))).lattice is None


def test_another_version_of_the_wheel_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    recogniser.wheel_model.cache_clear()
    monkeypatch.setattr(recogniser.metadata, "version", lambda name: "3.9.1")
    with pytest.raises(EngineError, match=r"rapidocr 3\.9\.1 is installed.*install rapidocr==3\.10\.0"):
        recogniser.wheel_model("PP-OCRv6_rec_small.onnx")
    recogniser.wheel_model.cache_clear()


def test_a_model_with_another_hash_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    recogniser.wheel_model.cache_clear()
    monkeypatch.setitem(recogniser.WHEEL_MODELS, "PP-OCRv6_rec_small.onnx", "0" * 64)
    with pytest.raises(EngineError, match=r"PP-OCRv6_rec_small\.onnx has SHA-256 6f327246b50388f3\.\.\., not 0000"):
        recogniser.wheel_model("PP-OCRv6_rec_small.onnx")
    recogniser.wheel_model.cache_clear()


def test_a_broken_card_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "card.json").write_text(json.dumps({"alphabet": "аб"}))
    with pytest.raises(EngineError, match=r"card\.json"):
        read_card(tmp_path / "card.json")
    (tmp_path / "card.json").write_text(
        json.dumps({"alphabet": "аб", "sha256": "0", "temperature": 1, "begins_at": "Add.1"})
    )
    with pytest.raises(EngineError, match=r"card\.json .*'Add\.1'; valid: Add\.155, Add\.123"):
        read_card(tmp_path / "card.json")
