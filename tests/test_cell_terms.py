from __future__ import annotations

import numpy as np
import pytest

from geoinfer import hexes
from geoinfer.cell_terms import tell_names
from geoinfer.clue_rows import ClueRow
from geoinfer.clues import build_clues
from geoinfer.plate_terms import Plate
from geoinfer.positions import Disc, Positions
from geoinfer.search_area import search_cells
from geoinfer.world import World

ROWS = [
    ClueRow("1", "direction", "Чернігів"),
    ClueRow("2", "distance", "Городня", km=30.0),
    ClueRow("3", "distance", "Чернігів", "Chernihiv", km=39.0, km_other=93.0),
    ClueRow("4", "unknown", "Вишневе"),
    ClueRow("5", "settlement_begin", "Седнів", km=4.0),
    ClueRow("6", "station", "Ніжин"),
    ClueRow("7", "direction", "Chernihiv"),
    ClueRow("8", "settlement_begin", "Чернігівська область"),
    ClueRow("9", "route", road="M01"),
]


@pytest.fixture(scope="module")
def cells(world: World) -> Positions:
    coarse = search_cells([Disc(31.3, 51.5, 60.0)])
    return world.cells.positions(np.unique(np.concatenate([coarse[1:], hexes.children(coarse[:1])])))


@pytest.mark.parametrize("off", [frozenset(), frozenset({"direction_sign", "distance_sign"})])
def test_names_tell_the_same_together_and_one_by_one(cells: Positions, world: World, off: frozenset[str]) -> None:
    plates = [Plate(clue, world, off) for clue in build_clues(ROWS, world.gazetteer)]
    names = [name for plate in plates for name in plate.names]
    for name, (nothing, told) in zip(names, tell_names(names, cells, world), strict=True):
        alone_nothing, alone = name.tell(cells, world)
        assert nothing == pytest.approx(alone_nothing)
        assert told.dense() == pytest.approx(alone.dense(), rel=1e-6)


def test_what_a_name_tells_does_not_depend_on_the_others(cells: Positions, world: World) -> None:
    names = [name for clue in build_clues(ROWS, world.gazetteer) for name in Plate(clue, world).names]
    together = [told.dense().tolist() for _, told in tell_names(names, cells, world)]
    assert [tell_names([name], cells, world)[0][1].dense().tolist() for name in names] == together
    assert [told.dense().tolist() for _, told in tell_names(names[::-1], cells, world)] == together[::-1]


def test_no_names_tell_nothing(cells: Positions, world: World) -> None:
    assert tell_names([], cells, world) == []


@pytest.mark.parametrize("count", [40, 3_000])
def test_positions_around_places_are_those_in_each_disc(count: int, world: World) -> None:
    some = world.points.take(np.arange(0, count * 60, 60))
    discs = [Disc(31.3, 51.5, 200.0), Disc(-100.0, 40.0, 5.0), Disc(30.5, 50.4, 900.0)]
    which, at, away = some.around(discs)
    for number, disc in enumerate(discs):
        where, km = some.within(disc)
        assert at[which == number].tolist() == where.tolist()
        assert away[which == number] == pytest.approx(km)
