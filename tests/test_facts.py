from __future__ import annotations

import numpy as np
import pytest

from geoinfer import facts, hexes
from geoinfer.facts import CellFacts, Facts
from geoinfer.geodesy import Floats


def test_a_fact_is_computed_once_and_only_where_asked_for() -> None:
    asked: list[int] = []

    def compute(lon: Floats, lat: Floats) -> Floats:
        asked.append(len(lon))
        return lon * 100 + lat

    table = Facts(np.arange(5.0), np.arange(5.0))
    assert table.get("f", np.array([1, 3, 3]), compute).tolist() == [101.0, 303.0, 303.0]
    assert table.get("f", np.array([3, 1]), compute).tolist() == [303.0, 101.0]
    assert table.get("f", np.array([3, 4]), compute).tolist() == [303.0, 404.0]
    table.extend(np.array([7.0]), np.array([1.0]))
    assert table.get("f", np.array([5, 0]), compute).tolist() == [701.0, 0.0]
    assert asked == [2, 1, 2]


def test_no_rows_give_no_facts_of_the_right_kind() -> None:
    table = Facts(np.arange(2.0), np.arange(2.0))
    assert table.get("c", np.empty(0, dtype=np.int64), lambda lon, lat: np.full(len(lon), "UA")).dtype.kind == "U"


def test_cells_keep_their_rows_when_others_come(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = CellFacts()
    near, far = (hexes.cells_of(np.array([x]), np.array([51.5]), 7) for x in (31.3, 20.0))
    row = cells.rows(near)
    both = cells.positions(np.sort(np.concatenate([near, far])))
    assert cells.rows(near).tolist() == row.tolist()
    assert sorted(both.lon.round().tolist()) == [20.0, 31.0]
    monkeypatch.setattr(facts, "MOST_CELLS", 2)
    other = hexes.cells_of(np.array([25.0]), np.array([50.0]), 7)
    assert cells.positions(other).lon.round().tolist() == [25.0]
    assert cells.positions(near).lon.round().tolist() == [31.0]
