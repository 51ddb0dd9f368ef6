"""Crossings: one test per row of the hand-kept table."""

from __future__ import annotations

import math

import pytest

from gazetteer.borders import Borders
from gazetteer.crossings import MODES, QUALITIES, Crossing, Crossings
from gazetteer.roads import plain_ref

BORDERS = Borders.open()
ALL = Crossings.open().rows
PLACED = Crossings.open().table()


@pytest.mark.parametrize("row", ALL, ids=[row.id for row in ALL])
def test_every_row_is_complete(row: Crossing) -> None:
    assert row.name
    assert row.names["en"]
    assert row.mode in MODES
    assert row.quality in QUALITIES
    assert row.border in ("UA-BY", "UA-RU", "BY-RU")
    assert row.status
    assert row.status_source.startswith("http")
    assert [code[:2] for code in row.admin1] == [row.country_a, row.country_b][: len(row.admin1)]
    assert row.admin1
    assert all(plain_ref(ref) == ref for ref in row.roads)
    assert bool(row.source) == (row in PLACED)


@pytest.mark.parametrize("row", PLACED, ids=[row.id for row in PLACED])
def test_every_coordinate_lies_where_its_row_says(row: Crossing) -> None:
    to_line = max(float(BORDERS.distance_km(code, row.lon, row.lat)[0]) for code in (row.country_a, row.country_b))
    assert to_line == pytest.approx(row.km_to_frontier, abs=0.02)
    if row.mode != "rail":
        assert to_line < 2.2
    assert 0 < row.uncertainty_km <= 7
    if row.quality in ("doubtful", "approximate"):
        assert row.uncertainty_km >= 3
    assert math.isfinite(row.lat)
    # A post may stand on either side; its neighbours' name would be a slip in the table.
    assert BORDERS.country(row.lon, row.lat)[0] in (row.country_a, row.country_b)


@pytest.mark.parametrize("row", PLACED, ids=[row.id for row in PLACED])
def test_every_crossing_lies_on_the_stretch_of_its_divisions(row: Crossing) -> None:
    allowed = 40.0 if row.mode == "rail" else 6.0  # Natural Earth's inner lines are up to 4 km off
    for code in row.admin1:
        assert BORDERS.distance_km(code, row.lon, row.lat)[0] < allowed, code


def test_crossings_known_by_name_alone_are_kept_apart() -> None:
    unplaced = Crossings.open().unplaced()
    assert len(unplaced) + len(PLACED) == len(ALL)
    assert [row.id for row in unplaced] == ["UARU25"]
    assert all(math.isnan(row.lon) and math.isinf(row.uncertainty_km) and row.quality == "none" for row in unplaced)


def test_ids_are_unique() -> None:
    assert len({row.id for row in ALL}) == len(ALL) == 40


def test_the_crossing_on_the_m01() -> None:
    (row,) = [row for row in PLACED if "M01" in row.roads]
    assert row.name == "Нові Яриловичі – Новая Гута"
    assert dict(row.names) == {
        "uk": "Нові Яриловичі – Нова Гута",
        "ru": "Новые Яриловичи – Новая Гута",
        "be": "Новая Гута",
        "en": "Novi Yarylovychi – Novaya Guta",
    }
    assert BORDERS.distance_km("BY", row.lon, row.lat)[0] < 1


def test_the_crossings_of_a_division_are_found_from_either_side() -> None:
    bryansk = {row.id for row in PLACED if "RU-BRY" in row.admin1}
    assert {"BYRU01", "BYRU02", "UARU01", "UARU02", "UARU03", "UARU04", "UARU27"} <= bryansk
    assert "UABY01" not in bryansk
