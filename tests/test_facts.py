from __future__ import annotations

import numpy as np
import pytest

from geoinfer import facts, hexes
from geoinfer.facts import CellFacts, Column, Facts
from geoinfer.geodesy import Floats
from geoinfer.positions import Integers


def test_a_fact_is_computed_once_and_only_where_asked_for() -> None:
    asked: list[int] = []

    def compute(lon: Floats, lat: Floats) -> Floats:
        asked.append(len(lon))
        return lon * 100 + lat

    table = Facts(np.arange(5.0), np.arange(5.0))
    assert table.get("f", np.array([1, 3]), compute).tolist() == [101.0, 303.0]
    assert table.get("f", np.array([3, 1]), compute).tolist() == [303.0, 101.0]
    assert table.get("f", np.array([3, 4]), compute).tolist() == [303.0, 404.0]
    table.extend(np.array([7.0]), np.array([1.0]))
    assert table.get("f", np.array([5, 0]), compute).tolist() == [701.0, 0.0]
    assert asked == [2, 1, 2]


def test_a_column_is_filled_row_by_row_and_grows() -> None:
    asked: list[list[int]] = []
    column = Column()

    def doubled(rows: list[int]) -> Floats:
        def compute(at: Integers) -> Floats:
            asked.append(at.tolist())
            return np.array(rows)[at] * 2.0

        return column.get(np.array(rows), compute)

    assert doubled([3, 1]).tolist() == [6.0, 2.0]
    assert doubled([1, 900, 3]).tolist() == [2.0, 1800.0, 6.0]
    assert asked == [[0, 1], [1]]
    assert column.all(5, lambda at: at * 2.0).tolist() == [0.0, 2.0, 4.0, 6.0, 8.0]
    assert column.all(5, lambda at: at * 0.0).tolist() == [0.0, 2.0, 4.0, 6.0, 8.0]


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
