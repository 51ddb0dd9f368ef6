from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoinfer.spread import NOWHERE, Spread, union

parts = st.lists(st.lists(st.integers(0, 49), unique=True).map(sorted), max_size=4)


def spread(at: list[int], value: float, rest: float) -> Spread:
    return Spread(50, np.array(at, dtype=np.int64), np.full(len(at), value), rest)


@given(parts)
def test_a_union_holds_each_index_once_in_order(lists: list[list[int]]) -> None:
    found = union([np.array(one, dtype=np.int64) for one in lists], 50)
    assert found.tolist() == sorted({i for one in lists for i in one})


@given(parts, st.floats(0.1, 3), st.floats(0, 2))
def test_a_mixture_is_the_weighted_sum_everywhere(lists: list[list[int]], value: float, rest: float) -> None:
    found = [(0.3 + n, spread(at, value + n, rest)) for n, at in enumerate(lists)]
    mixed = Spread.mixed(50, found)
    expected = sum((weight * one.dense() for weight, one in found), np.zeros(50))
    assert mixed.dense() == pytest.approx(expected)


def test_values_are_given_on_a_wider_support() -> None:
    one = spread([3, 7], 5.0, 0.5)
    assert one.on(np.array([1, 3, 7, 9])).tolist() == [0.5, 5.0, 5.0, 0.5]
    assert one.on(np.array([3, 7])).tolist() == [5.0, 5.0]


def test_nothing_is_one_everywhere() -> None:
    assert Spread.nothing(3).dense().tolist() == [1.0, 1.0, 1.0]
    assert not len(NOWHERE)
