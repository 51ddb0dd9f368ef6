"""Values of one number of a rule are compared on the same simulated cases."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from click.testing import CliRunner

from geoinfer.lab.cases import Row, SimulatedCase, draw_case
from geoinfer.lab.compare import main, names_several
from geoinfer.lab.ground import Ground


def test_two_values_score_differently_on_the_same_cases() -> None:
    result = CliRunner().invoke(main, ["sign_error.entry", "0.05", "0.9", "--cases", "2"])
    assert result.exit_code == 0, result.output
    bits = re.findall(r"^0\.\d+: (-?[\d.]+) bits", result.output, re.MULTILINE)
    assert len(bits) == len(set(bits)) == 2


def test_a_number_that_is_in_no_rule_is_told_with_the_rules() -> None:
    result = CliRunner().invoke(main, ["bearers.fewest", "1"])
    assert result.exit_code == 2
    assert "bearers" in result.output and "unknown_kind" in result.output


@pytest.fixture(scope="module")
def case() -> SimulatedCase:
    return draw_case(Ground(), 7, 0, 0.0)


@pytest.mark.parametrize(
    ("rows", "several"),
    [
        ([Row("s1", "unknown", "Мена"), Row("s1", "unknown", "Короп")], True),
        ([Row("s1", "unknown", "Мена"), Row("s1", "unknown", road="M02")], True),
        ([Row("s1", "unknown", "Мена"), Row("s2", "unknown", "Короп")], False),
        ([Row("s1", "direction", "Мена"), Row("s1", "direction", "Короп")], False),
    ],
)
def test_cases_whose_signs_name_several_places_are_picked_out(
    case: SimulatedCase, rows: list[Row], several: bool
) -> None:
    assert names_several(replace(case, rows=tuple(rows))) is several
