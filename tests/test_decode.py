"""Decoding agrees with counting every way to spell; scripts are told by letters that have no twin."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoinfer.decode import ctc_beam, one_script, script_of
from geoinfer.recogniser import normalised


def every_way(scores: np.ndarray, letters: str) -> dict[str, float]:
    """Sum the probability of every path through the steps, by the text that it spells."""
    texts: dict[str, float] = {}
    for path in itertools.product(range(scores.shape[1]), repeat=len(scores)):
        spelled = "".join(letters[code - 1] for code, _ in itertools.groupby(path) if code)
        texts[spelled] = texts.get(spelled, 0.0) + float(np.exp(sum(scores[i, c] for i, c in enumerate(path))))
    return texts


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.floats(-3, 3), min_size=4, max_size=4), min_size=1, max_size=5))
def test_a_wide_beam_finds_what_counting_every_way_finds(rows: list[list[float]]) -> None:
    scores = normalised(np.array(rows, np.float32))
    counted = sorted(every_way(scores, "абв").values(), reverse=True)
    found = ctc_beam(scores, "абв", beam=400, keep=5)
    assert [p for _, p in found] == pytest.approx(counted[:5], abs=2e-3)


@settings(deadline=None)
@given(st.integers(1, 12), st.integers(0, 10_000))
def test_a_narrow_beam_gives_probabilities_most_probable_first(steps: int, seed: int) -> None:
    scores = normalised(np.random.default_rng(seed).normal(0, 3, (steps, 9)).astype(np.float32))
    found = [p for _, p in ctc_beam(scores, "абвгґдеє")]
    assert found == sorted(found, reverse=True)
    assert 0 < sum(found) <= 1 + 1e-6


@given(st.text(alphabet="АВЕIКМНОРСТУХавеікмABEKMнор Ґї'", max_size=20))
def test_one_script_changes_neither_length_nor_looks(text: str) -> None:
    tidy = one_script(text)
    assert len(tidy) == len(text)
    assert one_script(tidy) == tidy
    assert all(
        script_of(t) == script_of(w)
        for t, w in zip(tidy.split(" "), text.split(" "), strict=True)
        if script_of(w) != "mixed"
    )


@pytest.mark.parametrize(
    ("mixed", "tidy"),
    [
        ("ЧEPHIГIB", "ЧЕРНІГІВ"),  # Latin E, P, H, I, B
        ("Кyiv", "Kyiv"),  # Cyrillic К
        ("МOCКВA 30", "МОСКВА 30"),
        ("M-06", "M-06"),
        ("Київ Kyiv", "Київ Kyiv"),
        ("ДОM", "ДОМ"),
        ("ЖZ", "ЖZ"),  # neither script has both
        ("", ""),
    ],
)
def test_words_are_written_in_one_script_where_twins_allow_it(mixed: str, tidy: str) -> None:
    assert one_script(mixed) == tidy


def test_a_line_of_nothing_reads_as_nothing() -> None:
    assert ctc_beam(np.log([[0.98, 0.01, 0.01]] * 4), "аб")[0][0] == ""
    assert ctc_beam(np.zeros((0, 3)), "аб") == [("", 1.0)]
