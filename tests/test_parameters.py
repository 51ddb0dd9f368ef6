from __future__ import annotations

import pytest

from geoinfer.parameters import number, parameters


@pytest.mark.parametrize("rule", sorted(parameters()))
def test_every_rule_says_where_its_numbers_are_from(rule: str) -> None:
    assert len(parameters()[rule]["source"]) > 20


def test_probabilities_of_an_unknown_kind_sum_to_one() -> None:
    shares = [number("unknown_kind", key) for key in ("settlement", "direction", "elsewhere")]
    assert sum(shares) == pytest.approx(1.0)


def test_numbers_are_floats() -> None:
    assert isinstance(number("search_area", "max_cells"), float)
