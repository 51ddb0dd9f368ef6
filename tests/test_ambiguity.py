from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from geoinfer.ambiguity import Ambiguity, expected_best, information_bits
from geoinfer.case import Case

GIVEN = arrays(float, (5, 4), elements=st.floats(0.01, 1)).map(lambda a: a / a.sum(axis=1, keepdims=True))
MASS = arrays(float, 5, elements=st.floats(0.01, 1)).map(lambda a: a / a.sum())


@given(GIVEN, MASS)
def test_information_lies_between_nothing_and_what_is_not_known(given: np.ndarray, mass: np.ndarray) -> None:
    bits = information_bits(given, mass)
    assert -1e-9 <= bits <= -(mass @ np.log2(mass)) + 1e-9


@given(GIVEN, MASS)
def test_an_answer_never_makes_the_right_area_harder_to_tell(given: np.ndarray, mass: np.ndarray) -> None:
    area = np.array([0, 0, 1, 1, 2])
    before = max(mass[area == number].sum() for number in range(3))
    assert before - 1e-9 <= expected_best(given, mass, area) <= 1 + 1e-9


def test_the_same_answer_everywhere_tells_nothing() -> None:
    assert information_bits(np.ones((4, 1)), np.full(4, 0.25)) == 0


def ambiguity_of(*clues: dict[str, object]) -> Ambiguity:
    case = Case()
    for clue in clues:
        case.add_clue(**clue)  # type: ignore[arg-type]
    found = case.infer(near=[]).ambiguity
    assert found is not None
    return found


@pytest.fixture(scope="module")
def through_one_another() -> Ambiguity:
    """Two distances that run through one another fit on several roads."""
    plate: dict[str, object] = {"kind": "distance", "sign": "s1"}
    return ambiguity_of({"name": "Чернігів", "km": 39, **plate}, {"name": "Київ", "km": 179, **plate})


def test_areas_that_fit_are_counted_and_named(through_one_another: Ambiguity) -> None:
    assert len(through_one_another.areas) >= 2
    shares = [share for _, share in through_one_another.areas]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) <= 1
    assert f"{len(shares)} separate areas fit" in str(through_one_another)


def test_what_would_decide_follows_from_the_case(through_one_another: Ambiguity) -> None:
    asked = {question.what: question for question in through_one_another.questions}
    assert "a second distance to Гомель" in asked
    assert not any("Чернігів" in what or "Київ" in what for what in asked)  # they have been read
    assert asked["a second distance to Гомель"].bits > asked["the country, by letters or number plates"].bits
    assert "would decide" in str(through_one_another)


def test_a_route_number_that_was_read_is_not_asked_for() -> None:
    found = ambiguity_of({"name": "Чернігів", "km": 39, "sign": "s1"}, {"road": "M01", "sign": "s1"})
    assert "a route number" not in {question.what for question in found.questions}


def test_without_an_answer_there_is_no_ambiguity() -> None:
    assert Case().infer().ambiguity is None
