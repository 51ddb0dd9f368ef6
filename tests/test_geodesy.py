from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pyproj import Geod

from geoinfer.geodesy import compass, distance_km

LON, LAT = st.floats(-179, 179), st.floats(-80, 80)


@given(LON, LAT, LON, LAT)
def test_distance_is_the_geodesic_within_a_few_thousandths(lon: float, lat: float, lon2: float, lat2: float) -> None:
    true = Geod(ellps="WGS84").inv(lon, lat, lon2, lat2)[2] / 1000
    assume(true < 5000)
    assert float(distance_km(lon, lat, lon2, lat2)) == pytest.approx(true, rel=0.005, abs=0.01)


@given(LON, LAT, LON, LAT)
def test_distance_is_symmetric(lon: float, lat: float, lon2: float, lat2: float) -> None:
    assert float(distance_km(lon, lat, lon2, lat2)) == pytest.approx(float(distance_km(lon2, lat2, lon, lat)), abs=1e-6)


def test_many_positions_at_once() -> None:
    away = distance_km(31.2849, 51.5055, np.array([30.52, 30.98]), np.array([50.45, 52.43]))
    assert away.round().tolist() == [129, 105]  # Kyiv, Gomel


@pytest.mark.parametrize(
    ("to", "direction"),
    [((31, 52), "north"), ((32, 51), "east"), ((31, 50), "south"), ((30, 51), "west"), ((32, 51.63), "north-east")],
)
def test_compass(to: tuple[float, float], direction: str) -> None:
    assert compass(31, 51, *to) == direction
