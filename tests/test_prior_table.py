from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from placed import place_positions

from geoinfer.errors import ClueError
from geoinfer.geodesy import ecef_km
from geoinfer.positions import Disc, Positions
from geoinfer.prior_table import PriorTable, read_table
from geoinfer.search_area import search_cells


@pytest.fixture(scope="module")
def positions() -> Positions:
    return place_positions(search_cells([Disc(31.0, 52.0, 200.0)]), None, ())


def table(weight: float = 0.5, spread_km: float = 20.0) -> PriorTable:
    return PriorTable(
        "prior-1", np.array([31.3, 30.5]), np.array([51.5, 50.45]), np.array([3.0, 1.0]), weight, spread_km
    )


def test_mass_gathers_round_the_rows_in_proportion(positions: Positions) -> None:
    mass = (np.exp(table(0.5).log_likelihood(positions)) - 0.5) * positions.area_km2
    mass = mass / mass.sum()
    first = float(mass[positions.km_from(31.3, 51.5) < 60].sum())
    second = float(mass[positions.km_from(30.5, 50.45) < 60].sum())
    assert first / second == pytest.approx(3, rel=0.25)
    assert first + second > 0.9


def test_what_is_not_trusted_says_nothing(positions: Positions) -> None:
    likelihood = np.exp(table(0.25).log_likelihood(positions))
    assert likelihood.min() == pytest.approx(0.75)
    assert likelihood.max() == pytest.approx(1.0, abs=0.02)


def test_a_position_weighs_the_same_whatever_others_are_looked_at(positions: Positions) -> None:
    some = np.arange(0, len(positions), 7)
    assert np.allclose(table().log_likelihood(positions)[some], table().log_likelihood(positions.take(some)))


def test_many_rows_are_gathered_without_changing_what_they_say(positions: Positions) -> None:
    """A cloud of rows says what its density does, to a tenth of a bit or so."""
    rng = np.random.default_rng(7)
    lon, lat = rng.normal(31.0, 0.8, 2_000), rng.normal(52.0, 0.5, 2_000)
    cloud = PriorTable("prior-1", lon, lat, np.ones(2_000), 0.9)
    apart = np.linalg.norm(positions.earth[:, None, :] - ecef_km(lon, lat)[None, :, :], axis=-1)
    width = np.hypot(25.0, positions.extent_km / 2)[:, None]
    density = (np.exp(-0.5 * (apart / width) ** 2) / width**2).sum(axis=1)
    direct = np.log(0.9 * density / density.max() + 0.1)
    assert np.abs(cloud.log_likelihood(positions) - direct).max() < 0.12


def test_rows_beyond_the_positions_say_nothing(positions: Positions) -> None:
    far = PriorTable("prior-1", np.array([-100.0]), np.array([40.0]), np.array([1.0]), 0.9)
    assert np.ptp(far.log_likelihood(positions)) == 0


def test_the_search_goes_to_the_rows() -> None:
    extent = table().extent()
    assert extent is not None
    assert [(disc.lon, disc.lat, disc.radius_km) for disc in extent] == [(31.3, 51.5, 60.0), (30.5, 50.45, 60.0)]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_tables_are_read_whatever_separates_them(separator: str, tmp_path: Path) -> None:
    path = tmp_path / "model.csv"
    path.write_text(
        separator.join(["Lon", "LAT", "p"]) + "\n" + separator.join(["31.3", "51.5", "0.7"]) + "\n", encoding="utf-8"
    )
    lon, lat, p = read_table(path)
    assert (lon[0], lat[0], p[0]) == (31.3, 51.5, 0.7)


@pytest.mark.parametrize(
    ("content", "told"), [("a,b\n1,2\n", "needs the columns lon, lat and p; found: a, b"), ("", "CSV")]
)
def test_a_file_that_is_no_table_is_told(content: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "model.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ClueError, match=told):
        read_table(path)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"weight": 1.0}, "at most 0.99"),
        ({"p": np.array([-1.0])}, "not negative"),
        ({"p": np.array([np.nan])}, "finite"),
        ({"lat": np.array([95.0])}, "degrees"),
        ({"spread_km": 0.0}, "spread_km"),
        ({"p": np.array([])}, "rows"),
    ],
)
def test_faults_are_told(fields: dict[str, object], told: str) -> None:
    good: dict[str, object] = {"lon": np.array([31.0]), "lat": np.array([51.0]), "p": np.array([1.0]), "weight": 0.5}
    with pytest.raises(ClueError, match=told):
        PriorTable("prior-1", **{**good, **fields})  # type: ignore[arg-type]
