"""Numbers in groups come out as they would list by list."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoinfer.groups import Groups

lists = st.lists(st.lists(st.floats(-100, 100, width=32), max_size=7), min_size=1, max_size=8)


@given(lists)
def test_each_group_is_measured_by_itself(groups: list[list[float]]) -> None:
    made = Groups(np.array([len(group) for group in groups]))
    values = np.array([value for group in groups for value in group])
    for k, group in enumerate(groups):
        assert made.sum(values)[k] == pytest.approx(sum(group), abs=1e-6)
        assert made.mean(values)[k] == pytest.approx(np.mean(group) if group else 0, abs=1e-6)
        assert made.std(values)[k] == pytest.approx(np.std(group) if group else 0, abs=1e-4)
        assert made.median(values)[k] == pytest.approx(np.median(group) if group else 0, abs=1e-6)


@given(lists.map(lambda groups: [group or [0.0] for group in groups]))
def test_extremes_are_those_of_each_group(groups: list[list[float]]) -> None:
    made = Groups(np.array([len(group) for group in groups]))
    values = np.array([value for group in groups for value in group])
    assert made.least(values).tolist() == [min(group) for group in groups]
    assert made.most(values).tolist() == [max(group) for group in groups]


def test_groups_are_made_of_lists() -> None:
    assert Groups.of([np.array([4, 2]), np.array([7])]).owner.tolist() == [0, 0, 1]
