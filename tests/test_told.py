from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geoinfer.geodesy import Floats
from geoinfer.hypothesis import Hypothesis
from geoinfer.positions import Disc, Positions
from geoinfer.told import Told
from geoinfer.world import World


@dataclass
class Northerly:
    """Tells the latitude, and counts for how many positions it was asked."""

    key: str = "north"
    asked: int = 0

    def extent(self) -> list[Disc] | None:
        return None

    def log_likelihood(self, positions: Positions) -> Floats:
        self.asked += len(positions)
        return positions.lat / 90


def telling(world: World, *observations: Northerly) -> Told:
    return Told((), observations, Hypothesis(near=()), world.borders, world, frozenset({"junctions"}))


def test_what_was_told_is_not_asked_for_again() -> None:
    world, north, east = World(), Northerly(), Northerly("other")
    near = world.points.take(world.points.near(Disc(31.0, 51.9, 30.0)))
    wide = world.points.take(world.points.near(Disc(31.0, 51.9, 60.0)))
    told = telling(world, north)
    assert np.array_equal(told.at_points(near)[0], near.lat / 90)
    assert np.array_equal(told.at_points(wide)[0], wide.lat / 90)
    assert north.asked == len(wide)
    assert np.array_equal(telling(world, north, east).at_points(near)[0], near.lat / 45)
    assert (north.asked, east.asked) == (len(wide), len(near)), "a second part asks for itself alone"
    world.forget()
    told.at_points(near)
    assert north.asked == len(wide) + len(near)


def test_all_points_are_told_where_most_are_asked_for() -> None:
    world, north = World(), Northerly()
    most = world.points.take(np.arange(len(world.points) * 3 // 4))
    assert np.array_equal(telling(world, north).at_points(most)[0], most.lat / 90)
    assert north.asked == len(world.points)


def test_cells_are_told_by_what_they_are_and_not_by_their_order() -> None:
    world, north = World(), Northerly()
    cells = world.cells.positions(np.unique(world.lateral.cells(np.arange(20))))
    told = telling(world, north)
    first = told.log_of_cells(cells)
    assert np.array_equal(told.log_of_cells(world.cells.positions(cells.cell_ids[::-1])), first[::-1])
    assert north.asked == len(cells)
    assert (told.weight_of_cells(cells) == 1).all()


def test_where_no_sign_speaks_junctions_weigh_no_more_than_other_points() -> None:
    world = World()
    told = Told((), (), Hypothesis(near=()), world.borders, world, frozenset())
    log, back = told.at_points(world.points)
    assert np.array_equal(log, back)
    assert np.allclose(back, -np.log(world.junction_times))
    assert back.min() < -1
