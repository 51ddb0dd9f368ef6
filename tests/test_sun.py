from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from placed import place_positions

from geoinfer.errors import ClueError
from geoinfer.positions import Disc, Positions
from geoinfer.search_area import search_cells
from geoinfer.sun import Sun, sun_position

KYIV_TIME = timezone(timedelta(hours=2))
NOON = datetime(2026, 1, 29, 12, 0, tzinfo=KYIV_TIME)


@pytest.fixture(scope="module")
def europe() -> Positions:
    return place_positions(search_cells([Disc(30.0, 52.0, 1500.0)]), None, ())


@pytest.mark.parametrize(
    ("time", "lon", "lat", "elevation", "azimuth"),
    [
        # The example of Reda and Andreas (2004), table A5.1: zenith 50.11162 with refraction, azimuth 194.34024.
        (datetime(2003, 10, 17, 19, 30, 30, tzinfo=UTC), -105.1786, 39.742476, 39.872, 194.340),
        # Equinox at noon on the equator at Greenwich: overhead but for the equation of time (7.5 minutes).
        (datetime(2025, 3, 20, 12, 7, 30, tzinfo=UTC), 0.0, 0.0, 90.0, None),
    ],
)
def test_the_sun_stands_where_the_almanac_has_it(
    time: datetime, lon: float, lat: float, elevation: float, azimuth: float | None
) -> None:
    up, round_ = sun_position(time, np.array([lon]), np.array([lat]))
    assert up[0] == pytest.approx(elevation, abs=0.08)
    if azimuth is not None:
        assert round_[0] == pytest.approx(azimuth, abs=0.01)


def test_it_agrees_with_the_whole_algorithm_everywhere() -> None:
    from pvlib import spa

    lon, lat = np.meshgrid(np.linspace(-170, 170, 9), np.linspace(-80, 80, 9))
    lon, lat = lon.ravel(), lat.ravel()
    up, round_ = sun_position(NOON, lon, lat)
    stamp = np.array([NOON.timestamp()])
    for i in range(len(lon)):
        whole = spa.solar_position_numpy(stamp, lat[i], lon[i], 0.0, 0.0, 12.0, 69.0, 0.5667, 1)
        assert up[i] == pytest.approx(whole[3][0], abs=0.01)
        assert (round_[i] - whole[4][0] + 180) % 360 - 180 == pytest.approx(0, abs=0.05)


def best(sun: Sun, positions: Positions) -> tuple[float, float]:
    i = int(np.argmax(sun.log_likelihood(positions)))
    return float(positions.lon[i]), float(positions.lat[i])


@pytest.mark.parametrize(("lon", "lat"), [(31.3, 51.5), (24.0, 56.9), (37.6, 55.7)])
def test_a_shadow_measured_somewhere_finds_that_place(lon: float, lat: float, europe: Positions) -> None:
    (up,), (round_,) = sun_position(NOON, np.array([lon]), np.array([lat]))
    sun = Sun(
        "sun-1", NOON, minutes=1.0, ratio=float(np.tan(np.radians(up))), ratio_error=0.02,
        azimuth=float((round_ + 180) % 360), azimuth_error=1.0,
    )  # fmt: skip
    east, north = best(sun, europe)
    assert abs(north - lat) < 1.5
    assert abs(east - lon) < 4


def test_the_error_of_the_time_widens_the_answer(europe: Positions) -> None:
    """Four minutes are one degree of longitude."""

    def spread(minutes: float) -> float:
        sun = Sun("sun-1", NOON, minutes=minutes, azimuth=10.0, azimuth_error=1.0)
        mass = np.exp(sun.log_likelihood(europe)) * europe.area_km2
        mass = mass / mass.sum()
        return float(np.sqrt(mass @ (europe.lon - mass @ europe.lon) ** 2))

    assert spread(60.0) > 1.3 * spread(1.0)


def test_a_shadow_rules_nothing_out(europe: Positions) -> None:
    midnight = NOON - timedelta(hours=12)
    said = Sun("sun-1", midnight, ratio=0.5).log_likelihood(europe)
    assert np.isfinite(said).all()
    assert "below the horizon" in Sun("sun-1", midnight, ratio=0.5).says(31.3, 51.5)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"time": datetime(2026, 1, 29, 12, 0), "ratio": 0.3}, "offset from UTC"),
        ({"time": NOON}, "ratio .* azimuth"),
        ({"time": NOON, "ratio": -1.0}, "between 0.01 and 50"),
        ({"time": NOON, "azimuth": 400.0}, "between 0 and 360"),
        ({"time": NOON, "azimuth": 4.0, "minutes": 0.0}, "minutes"),
        ({"time": NOON, "azimuth": float("nan")}, "nan"),
    ],
)
def test_faults_are_told(fields: dict[str, object], told: str) -> None:
    with pytest.raises(ClueError, match=told):
        Sun("sun-1", **fields)  # type: ignore[arg-type]
