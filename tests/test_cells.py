from __future__ import annotations

import h3
import pytest

from geoinfer.belief import Belief
from geoinfer.case import Case
from geoinfer.cells import cells_frame


@pytest.fixture(scope="module")
def belief() -> Belief:
    case = Case()
    case.add_clue("Чернігів", km=39)
    found = case.infer(near=[]).belief
    assert found is not None
    return found


def test_the_table_holds_the_belief(belief: Belief) -> None:
    table = cells_frame(belief)
    assert float(table["probability"].sum()) == pytest.approx(1.0, abs=0.02)
    assert table["h3"].is_unique


def test_every_outline_is_that_of_its_cell(belief: Belief) -> None:
    table = cells_frame(belief)
    for cell, outline in zip(table["h3"][::50], table.geometry[::50], strict=True):
        lat, lon = h3.cell_to_latlng(cell)
        assert outline.is_valid
        assert outline.centroid.x == pytest.approx(lon, abs=0.05)
        assert outline.centroid.y == pytest.approx(lat, abs=0.05)
    assert len(set(map(len, (outline.exterior.coords for outline in table.geometry)))) <= 3


def test_no_belief_is_an_empty_table() -> None:
    table = cells_frame(None)
    assert list(table.columns) == ["h3", "probability", "geometry"]
    assert len(table) == 0
