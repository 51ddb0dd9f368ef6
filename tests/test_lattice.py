"""A lattice tells how likely a line is under any name: it agrees with counting every way to spell."""

from __future__ import annotations

import base64
import dataclasses
import itertools
import json
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoinfer.lattice import FLOOR, LEAST, Lattice, class_of, fold
from geoinfer.readings import Reading
from geoinfer.readings_cache import reading_from_json

LETTERS = "аБв-7"


def scores_of(rows: list[list[float]]) -> np.ndarray:
    scores = np.array(rows, np.float64)
    return scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))


def clear(text: str, alphabet: str, sure: float = 0.9) -> np.ndarray:
    """Scores of a line that spells a text, every letter for one step and a blank after each."""
    codes = [code for char in text for code in (alphabet.index(char) + 1, 0)]
    rest = (1 - sure) / len(alphabet)
    return np.log(np.full((len(codes), len(alphabet) + 1), rest) + (sure - rest) * np.eye(len(alphabet) + 1)[codes])


def every_way(scores: np.ndarray, wanted: str) -> float:
    """Sum the probability of every path that spells a text, case folded and marks left out."""
    classes = ["", *map(class_of, LETTERS)]
    total = 0.0
    for path in itertools.product(range(scores.shape[1]), repeat=len(scores)):
        spelled = "".join(name for name, _ in itertools.groupby(classes[code] for code in path))
        if spelled == wanted:
            total += float(np.exp(sum(scores[i, code] for i, code in enumerate(path))))
    return total


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.floats(-2, 2), min_size=6, max_size=6), min_size=1, max_size=5))
def test_a_name_is_as_likely_as_all_ways_to_spell_it(rows: list[list[float]]) -> None:
    scores = scores_of(rows)
    names = ["а", "Аб", "вв", "АБВ", "б-7", "В АБ", ""]
    found = np.exp(Lattice.of_scores(scores, LETTERS).log_likelihood(names))
    # Costs are stored in sixteenths of a nat, so a step may be off by a thirty-second.
    for name, probability in zip(names, found, strict=True):
        assert probability == pytest.approx(every_way(scores, fold(name)), rel=0.04 * len(rows), abs=0.01)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Чернігів", "ЧЕРНIГIВ"),  # Latin I
        ("Новгород-Сіверський", "НОВГОРОД СІВЕРСЬКИЙ"),
        ("Короп’є", "Коропє"),
        ("Берёза", "БЕРЕЗА"),
        ("Brăila", "BRAILA"),
        ("МОСКВА", "MOCKBA"),
        ("смт. Ріпки", "СМТ РІПКИ"),
        ("3-й", "З Й"),
    ],
)
def test_case_look_alikes_and_marks_make_no_difference(one: str, two: str) -> None:
    assert fold(one) == fold(two)


@pytest.mark.parametrize(
    ("one", "two"), [("Короп", "Короп’є"), ("Димер", "Димерка"), ("Київ", "Кіїв"), ("Йосипівка", "Иосипівка")]
)
def test_different_names_stay_different(one: str, two: str) -> None:
    assert fold(one) != fold(two)


def test_a_clear_line_is_its_own_name_and_little_else() -> None:
    alphabet = "абвгдежзийклмнопрстуфхцчшщїіє"
    own, near, far = Lattice.of_scores(clear("чернігів", alphabet), alphabet).log_likelihood(
        ["ЧЕРНІГІВ", "Черніїв", "Полтава"]
    )
    assert own > -2
    assert own - near > 3
    assert near - far > 10


def test_a_letter_that_could_be_either_leaves_both_names() -> None:
    alphabet = "абвгдежзийклмнопрстуфхцчшщїіє"
    scores = np.exp(clear("орша", alphabet))
    at = [alphabet.index(c) + 1 for c in "шц"]
    scores[4, at] = 0.4, 0.5
    orsha, ortsa, other = Lattice.of_scores(
        np.log(scores / scores.sum(axis=1, keepdims=True)), alphabet
    ).log_likelihood(["Орша", "Орца", "Орда"])
    assert abs(orsha - ortsa) < 0.3
    assert orsha - other > 2


def test_no_letter_is_ruled_out_for_good() -> None:
    alphabet = "абвгд"
    own, wrong = Lattice.of_scores(clear("абв", alphabet, sure=0.999999), alphabet).log_likelihood(["абв", "агв"])
    assert own == pytest.approx(0, abs=0.01)
    assert np.log(FLOOR) * 2 - 0.5 < wrong < -4


def test_letters_that_the_reader_does_not_know_are_unlikely_and_no_error() -> None:
    lattice = Lattice.of_scores(clear("аб", "аб"), "аб")
    assert np.isfinite(lattice.log_likelihood(["愚园路", "ab", "аb7"])).all()
    assert lattice.log_likelihood([]).shape == (0,)


def test_a_longer_name_than_the_line_has_steps_is_impossible() -> None:
    assert Lattice.of_scores(clear("аб", "аб"), "аб").log_likelihood(["абабаб"])[0] == LEAST


def test_blank_stretches_take_no_room() -> None:
    quiet = np.log(np.array([[0.998, 0.001, 0.001]] * 50))
    spelled = clear("аб", "аб")
    long = Lattice.of_scores(np.concatenate([quiet, spelled, quiet]), "аб")
    assert len(long) <= len(spelled) + 2
    assert long.log_likelihood(["аб"]) == pytest.approx(
        Lattice.of_scores(spelled, "аб").log_likelihood(["аб"]), abs=0.1
    )


def test_a_part_of_a_line_is_judged_without_the_rest() -> None:
    alphabet = "казнь 30"
    lattice = Lattice.of_scores(clear("казань 30", alphabet), alphabet)
    assert lattice.log_likelihood(["Казань"])[0] < -8
    assert lattice.part("казань 30", "Казань").log_likelihood(["Казань"])[0] > -1.5
    assert lattice.part("казань 30", "30").log_likelihood(["30"])[0] > -1
    assert lattice.part("казань 30", "Москва") == lattice
    assert lattice.part("казань 30", "казань 30") == lattice


def test_a_lattice_comes_back_from_the_readings_cache() -> None:
    lattice = Lattice.of_scores(clear("мена", "амен"), "амен")
    reading = Reading(
        "p/r1", ((0, 0), (9, 0), (9, 3), (0, 3)), "мена", "cyrillic", 0.9, (("мена", 0.9),), "signs", lattice
    )
    stored = json.dumps(dataclasses.asdict(reading))
    assert reading_from_json(json.loads(stored)) == reading
    assert lattice.packed.isascii()
    assert len(lattice.packed) < 200


@pytest.mark.parametrize("packed", ["", "nonsense", "cXXX", "Чернігів"])
def test_what_is_no_lattice_is_refused(packed: str) -> None:
    with pytest.raises(ValueError, match="is no lattice of a reading"):
        Lattice(packed).log_likelihood(["Мена"])
    with pytest.raises(ValueError, match="is no lattice of a reading"):
        Lattice.unpacked(packed)


def test_a_planted_lattice_takes_no_memory() -> None:
    bomb = base64.b85encode(zlib.compress(b"a\n" + bytes(50_000_001), 9)).decode("ascii")
    with pytest.raises(ValueError, match="is no lattice of a reading"):
        Lattice.unpacked(bomb)
