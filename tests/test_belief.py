from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from geoinfer.belief import Belief, _posteriors, bearers, infer_belief, usable
from geoinfer.clue_rows import ClueRow
from geoinfer.clues import Clue, build_clues
from geoinfer.geodesy import Floats, distance_km
from geoinfer.hypothesis import Hypothesis
from geoinfer.positions import ROAD, Disc, Positions, cell_positions
from geoinfer.spread import reference_km2
from geoinfer.world import World

NO_BORDERS = Hypothesis(near=())


def clues_of(world: World, *rows: ClueRow) -> tuple[Clue, ...]:
    return build_clues(rows, world.gazetteer)


def believe(world: World, *rows: ClueRow, hypothesis: Hypothesis = NO_BORDERS) -> Belief:
    belief = infer_belief(clues_of(world, *rows), hypothesis, world.borders, world)
    assert belief is not None
    return belief


def mass_within(belief: Belief, lon: float, lat: float, km: float) -> float:
    return float(belief.posterior[distance_km(lon, lat, belief.positions.lon, belief.positions.lat) <= km].sum())


def test_a_belief_is_a_distribution(world: World) -> None:
    belief = believe(world, ClueRow("s1", name="Чернігів"))
    assert belief.posterior.sum() == pytest.approx(1.0)
    assert belief.posterior.min() >= 0
    assert belief.cell_mass(belief.posterior).sum() == pytest.approx(1.0)


def test_a_settlement_sign_is_believed_near_the_place(world: World) -> None:
    belief = believe(world, ClueRow("s1", "settlement_begin", "Чернігів"))
    assert mass_within(belief, 31.2849, 51.5055, 15) > 0.8


def test_two_distances_meet_on_the_road(world: World) -> None:
    belief = believe(world, ClueRow("s1", "distance", "Чернігів", km=39), ClueRow("s2", "distance", "Гомель", km=72))
    assert mass_within(belief, 31.09, 51.82, 8) > 0.7


def test_namesakes_all_stay(world: World) -> None:
    """Городня is a town in Chernihiv oblast and the name of villages elsewhere."""
    (clue,) = clues_of(world, ClueRow("s1", "settlement_begin", "Городня"))
    belief = infer_belief([clue], NO_BORDERS, world.borders, world)
    assert belief is not None
    (shares,) = bearers(belief, clue, world)
    assert len([share for _, share in shares if share > 0.003]) >= 3
    assert sum(share for _, share in shares) <= 1.0


def test_a_second_name_decides_between_namesakes(world: World) -> None:
    rows = (ClueRow("s1", "distance", "Городня", km=20), ClueRow("s1", "distance", "Чернігів", km=75))
    (clue,) = clues_of(world, *rows)
    belief = infer_belief([clue], NO_BORDERS, world.borders, world)
    assert belief is not None
    match, share = max(bearers(belief, clue, world)[0], key=lambda item: item[1])
    assert (round(match.place.lat, 1), round(match.place.lon, 1)) == (51.9, 31.6)
    assert share > 0.9


def test_a_wrong_clue_is_outvoted_and_called_so(world: World) -> None:
    belief = believe(
        world,
        ClueRow("s1", "distance", "Чернігів", km=39),
        ClueRow("s2", "distance", "Гомель", km=72),
        ClueRow("s3", "settlement_begin", "Ужгород"),
    )
    assert mass_within(belief, 31.09, 51.82, 8) > 0.6
    assert belief.explained("clue-3") < 0.2 < 0.8 < belief.explained("clue-1")


def test_the_same_plate_in_two_photos_counts_once(world: World) -> None:
    rows = [ClueRow("s1", name="Чернігів", km=39, photo=name) for name in ("a.jpg", "b.jpg")]
    assert len(usable(clues_of(world, *rows))) == 1


def test_names_of_nothing_give_no_belief(world: World) -> None:
    assert infer_belief(clues_of(world, ClueRow("s1", name="qqqxyzzy")), Hypothesis(), world.borders, world) is None
    assert infer_belief((), Hypothesis(), world.borders, world) is None


def test_a_route_number_keeps_to_its_road(world: World) -> None:
    rows = (ClueRow("s1", name="Чернігів", kind="direction"), ClueRow("s2", kind="route", road="M01"))
    belief = believe(world, *rows)
    refs = world.road_points.ref[np.maximum(belief.positions.road, 0)]
    on_m01 = (belief.positions.kind == 1) & (refs == "M01")
    alone = believe(world, rows[0])
    refs_alone = world.road_points.ref[np.maximum(alone.positions.road, 0)]
    before = alone.posterior[(alone.positions.kind == 1) & (refs_alone == "M01")].sum()
    assert belief.posterior[on_m01].sum() > 3 * before


def test_the_border_hypothesis_is_measured_in_bits(world: World) -> None:
    plain = believe(world, ClueRow("s1", name="Чернігів"))
    held = believe(world, ClueRow("s1", name="Чернігів"), hypothesis=Hypothesis())
    assert plain.hypothesis_bits() == pytest.approx(0.0)
    assert 0.5 < held.hypothesis_bits() < 8


def test_kazan_is_placed_at_kazan_under_any_hypothesis(world: World) -> None:
    belief = believe(world, ClueRow("s1", "distance", "КАЗАНЬ", km=30), hypothesis=Hypothesis())
    assert mass_within(belief, 49.12, 55.79, 33) > 0.8


def test_a_country_the_researcher_vouches_for_weighs(world: World) -> None:
    row = ClueRow("s1", "direction", "Гомель")
    free, vouched = believe(world, row), believe(world, replace(row, country="UA"))
    in_ukraine = [float(b.posterior[world.countries(b.positions) == "UA"].sum()) for b in (free, vouched)]
    assert in_ukraine[1] > in_ukraine[0] + 0.2


def test_the_same_clues_give_the_same_belief(world: World) -> None:
    one, two = (believe(world, ClueRow("s1", name="Ріпки")) for _ in range(2))
    assert np.array_equal(one.posterior, two.posterior)


def test_what_is_known_of_other_cases_changes_nothing() -> None:
    """A world remembers places and positions; a fresh one gives the same belief.

    Only kilometres to borders beyond 15 km are told more or less roughly, by how many positions are asked for at once.
    """
    world = World()
    believe(world, ClueRow("s1", "distance", "Гомель", km=72), hypothesis=Hypothesis())
    rows = (ClueRow("s1", "distance", "Чернігів", km=39), ClueRow("s2", "route", road="M01"))
    fresh = World()
    one, two = (believe(w, *rows, hypothesis=Hypothesis()) for w in (world, fresh))
    assert np.array_equal(one.positions.cell_ids, two.positions.cell_ids)
    assert np.array_equal(one.log_total, two.log_total)
    assert np.array_equal(one.neutral, two.neutral)
    assert one.posterior == pytest.approx(two.posterior, rel=0.05)


def test_what_was_told_of_all_points_is_told_of_some_nearly_alike() -> None:
    """Where a wide search asks for all points, signs that lead far are looked up in a table of kilometres."""
    world, fresh, clue = World(), World(), ClueRow("s1", "distance", "Чернігів", km=39)
    believe(world, ClueRow("s2", "direction", "Київ"), clue)
    one, two = believe(world, clue), believe(fresh, clue)
    assert np.array_equal(one.positions.cell_ids, two.positions.cell_ids)
    assert one.posterior == pytest.approx(two.posterior, rel=0.02)


def test_contributions_add_up(world: World) -> None:
    rows = (ClueRow("s1", "distance", "Чернігів", km=39), ClueRow("s2", "route", road="M01"))
    belief = believe(world, *rows, hypothesis=Hypothesis())
    parts = belief.contributions()
    assert list(parts) == ["clue-1", "clue-2", "borders"]
    log = np.log(belief.positions.area_km2) + sum(parts.values()) + belief.taken_back
    expected = np.exp(log - log.max())
    prior = belief.positions.area_km2 / belief.times * belief.weight
    mixed = (1 - belief.case_error) * expected / expected.sum() + belief.case_error * prior / prior.sum()
    assert belief.posterior == pytest.approx(mixed)


def test_a_belief_without_a_part_is_the_one_without_it(world: World) -> None:
    rows = (ClueRow("s1", "distance", "Чернігів", km=39), ClueRow("s2", "distance", "Гомель", km=72))
    both = believe(world, *rows, hypothesis=Hypothesis())
    less = both.without("clue-2")
    afresh = believe(world, rows[0], hypothesis=Hypothesis())
    assert list(less.plates) == ["clue-1"]
    for point in ((31.09, 51.82), (30.97, 52.07), (31.28, 51.5)):
        assert mass_within(less, *point, 10) == pytest.approx(mass_within(afresh, *point, 10), abs=0.05)
    assert np.array_equal(both.without("borders").posterior, both.neutral)
    with pytest.raises(KeyError, match="clue-1, clue-2, borders"):
        both.without("clue-7")


@dataclass(frozen=True)
class Eastward:
    """An observation that favours the east and widens the search."""

    key: str = "observation-1"

    def extent(self) -> list[Disc] | None:
        return [Disc(33.0, 51.5, 30.0)]

    def log_likelihood(self, positions: Positions) -> Floats:
        return np.where(positions.lon > 31.3, np.log(20.0), 0.0)


def test_an_observation_weighs_and_widens_the_search(world: World) -> None:
    clues = clues_of(world, ClueRow("s1", "settlement_begin", "Чернігів"))
    plain = infer_belief(clues, NO_BORDERS, world.borders, world)
    held = infer_belief(clues, NO_BORDERS, world.borders, world, [Eastward()])
    assert plain is not None
    assert held is not None
    east = [float(b.posterior[b.positions.lon > 31.3].sum()) for b in (plain, held)]
    assert east[1] > east[0] + 0.2
    assert held.positions.lon.max() > 33 > plain.positions.lon.max()
    assert held.parts() == ("clue-1", "observation-1", "borders")
    assert held.without("observation-1").posterior.sum() == pytest.approx(1.0)
    alone = infer_belief((), NO_BORDERS, world.borders, world, [Eastward()])
    assert alone is not None


def test_rules_can_be_switched_off_by_name(world: World) -> None:
    clues = clues_of(world, ClueRow("s1", "distance", "Чернігів", km=39))
    usual = infer_belief(clues, Hypothesis(), world.borders, world)
    assert usual is not None
    for rule in (
        "border_proximity",
        "near_crossing",
        "main_roads",
        "junctions",
        "distance_sign",
        "case_error",
        "sign_error",
    ):
        belief = infer_belief(clues, Hypothesis(), world.borders, world, without_rules={rule})
        assert belief is not None
        assert belief.posterior.sum() == pytest.approx(1.0), rule
        same = len(belief.posterior) == len(usual.posterior)
        assert not (same and np.allclose(belief.posterior, usual.posterior)), rule
    with pytest.raises(ValueError, match="no rule is called nonsense; there are: border_proximity"):
        infer_belief(clues, Hypothesis(), world.borders, world, without_rules={"nonsense"})


def test_both_scripts_kilometres_are_kept(world: World) -> None:
    """The Latin panel of a sign says 93 for 39: the Cyrillic place leads, the other stays possible."""
    row = ClueRow("s1", "distance", "Чернігів", other="Chernihiv", km=39, km_other=93)
    belief = believe(world, row, ClueRow("s2", "route", road="M01"))
    routed = world.road_km(31.2849, 51.5055)[np.maximum(belief.positions.road, 0)]
    on_road = belief.positions.kind == ROAD
    at_39, at_93 = (float(belief.posterior[on_road & (np.abs(routed - km) < 8)].sum()) for km in (39, 93))
    assert at_39 > 2 * at_93 > 0.05


def test_distances_that_run_through_each_other_keep_every_road(world: World) -> None:
    rows = (ClueRow("s1", "distance", "Чернігів", km=39), ClueRow("s1", "distance", "Київ", km=179))
    belief = believe(world, *rows)
    roads = world.road_points.ref[np.maximum(belief.positions.road, 0)]
    for ref in ("M01", "H28"):
        assert belief.posterior[(belief.positions.kind == ROAD) & (roads == ref)].sum() > 0.03, ref


@pytest.mark.parametrize("count", [20, 100, 400])
def test_a_wider_search_area_makes_wrong_clues_no_more_probable(count: int) -> None:
    """One position that a clue speaks of, with an error of 5 %, among many that it does not speak of."""
    area, wrong = np.full(count, 1e5), 0.05
    positions = cell_positions(np.arange(count, dtype=np.uint64), np.zeros(count), np.zeros(count), area)
    said = np.full(count, wrong)
    said[0] += (1 - wrong) * reference_km2() / area[0]
    ones = np.ones(count)
    for belief in _posteriors(positions, ones, np.log(said), ones, float(np.log(wrong)), 0.0):
        assert belief.sum() == pytest.approx(1.0)
        assert belief[1:].sum() == pytest.approx(wrong * (count - 1) / count)
