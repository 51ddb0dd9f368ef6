from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoinfer.detours import density_after_detour


@pytest.mark.parametrize("straight", [5.0, 40.0, 300.0])
def test_it_is_a_density_of_the_number_on_the_sign(straight: float) -> None:
    numbers = np.linspace(0.5 * straight, 4 * straight, 4_000)
    found = [float(density_after_detour(km, 0.03 * straight, np.array([straight]), np.zeros(1))[0]) for km in numbers]
    assert sum(found) * (numbers[1] - numbers[0]) == pytest.approx(1.0, abs=0.03)


@given(km=st.floats(1.0, 400.0), error=st.floats(0.5, 20.0), times=st.sampled_from([2.0, 4.0, 8.0]))
def test_a_sign_of_more_kilometres_that_errs_as_much_more_is_wider_alike(km: float, error: float, times: float) -> None:
    away, extent = np.linspace(0.0, km, 50), np.linspace(0.0, error, 50)
    one = density_after_detour(km, error, away, extent)
    other = density_after_detour(times * km, times * error, times * away, times * extent)
    assert other * times == pytest.approx(one, rel=1e-6, abs=1e-12)


@given(
    km=st.floats(0.0, 5000.0),
    error=st.floats(0.3, 60.0),
    away=st.lists(st.floats(0.0, 6000.0), max_size=30),
    extent=st.floats(0.0, 80.0),
)
def test_whatever_stands_on_a_sign_is_weighed(km: float, error: float, away: list[float], extent: float) -> None:
    found = density_after_detour(km, error, np.array(away), np.linspace(0.0, extent, len(away)))
    assert len(found) == len(away)
    assert np.isfinite(found).all() and (found >= 0).all()


def test_a_position_that_stands_for_much_is_as_blurred() -> None:
    away = np.array([60.0, 60.0, 60.0])
    point, village, district = density_after_detour(39.0, 1.5, away, np.array([0.0, 10.0, 40.0]))
    assert point < village < district
