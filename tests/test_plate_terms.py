from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from geoinfer.clue_rows import ClueRow
from geoinfer.clues import Clue, build_clues
from geoinfer.plate_terms import Plate, content, usable
from geoinfer.positions import Disc, Positions
from geoinfer.rules import RULES
from geoinfer.world import World


@pytest.fixture(scope="module")
def around(world: World) -> Positions:
    return world.points.take(world.points.near(Disc(31.2849, 51.5055, 150.0)))


def clue_of(world: World, *rows: ClueRow) -> Clue:
    (clue,) = build_clues(rows, world.gazetteer)
    return clue


def test_the_names_of_one_plate_are_joint(around: Positions, world: World) -> None:
    """Each distance alone leaves many places; both on one plate leave those where both fit."""
    one = Plate(clue_of(world, ClueRow("s1", "distance", "Чернігів", km=39)), world).terms(around).likelihood
    other = Plate(clue_of(world, ClueRow("s1", "distance", "Гомель", km=72)), world).terms(around).likelihood
    rows = (ClueRow("s1", "distance", "Чернігів", km=39), ClueRow("s1", "distance", "Гомель", km=72))
    both = Plate(clue_of(world, *rows), world).terms(around).likelihood
    best = int(np.argmax(both))
    assert around.km_from(31.09, 51.82)[best] < 5
    assert both[best] > 5 * max(one[best], other[best])


def test_a_plate_may_always_be_wrong(around: Positions, world: World) -> None:
    terms = Plate(clue_of(world, ClueRow("s1", "settlement_begin", "Ужгород")), world).terms(around)
    assert 0 < terms.likelihood.min() == terms.likelihood.max() < 0.5
    assert terms.explained.max() == 0.0


def test_true_shares_are_shares(around: Positions, world: World) -> None:
    terms = Plate(clue_of(world, ClueRow("s1", "distance", "Чернігів", km=39)), world).terms(around)
    assert 0 <= terms.true_share.min() <= terms.true_share.max() <= 1
    assert terms.true_share.max() > 0.95
    assert np.all(terms.explained <= terms.likelihood)


def test_letters_and_the_researcher_tell_the_country(world: World) -> None:
    points = world.points.take(world.points.near(Disc(31.0, 52.1, 40.0)))
    countries = world.countries(points)
    row = ClueRow("s1", "direction", "Гомель")
    free = Plate(clue_of(world, row), world).terms(points).likelihood
    vouched = Plate(clue_of(world, replace(row, country="UA")), world).terms(points).likelihood
    ukrainian = Plate(clue_of(world, replace(row, name="Київ")), world).terms(points).likelihood
    off = {"orthography", "vouched_country"}
    assert free[countries == "BY"].mean() > 0.5 * free[countries == "UA"].mean()
    assert vouched[countries == "UA"].mean() > 10 * vouched[countries == "BY"].mean()
    assert ukrainian[countries == "UA"].mean() > 3 * ukrainian[countries == "BY"].mean()
    without = Plate(clue_of(world, replace(row, country="UA")), world, off).terms(points).likelihood
    assert without == pytest.approx(free)


def test_a_post_without_a_name_is_a_clue_with_its_road(world: World) -> None:
    clue = clue_of(world, ClueRow("s1", "km_post", road="М-01", km=175))
    assert (clue.post_km, clue.routes, clue.mentions) == (175, ("M01",), ())
    points = world.points
    value = Plate(clue, world).terms(points).likelihood
    assert points.km_from(31.0858, 51.8017)[int(np.argmax(value))] < 12
    road = Plate(clue, world, {"km_post"}).terms(points).likelihood
    assert road.max() < 0.3 * value.max(), "without the rule only the road counts"


def test_a_sign_of_the_border_strip_needs_no_name(world: World) -> None:
    clue = clue_of(world, ClueRow("s1", "border_strip", country="UA"))
    assert usable([clue]) == [clue]
    value = Plate(clue, world).terms(world.points).likelihood
    near = world.border_km(world.borders, "UA", world.points) < 2
    assert value[near].mean() > 20 * value[~near].mean()


def test_more_names_than_a_direction_carries_are_averaged(around: Positions, world: World) -> None:
    names = ("Чернігів", "Київ", "Гомель", "Суми", "Мінськ", "Брянськ", "Житомир")
    scheme = Plate(clue_of(world, *(ClueRow("s1", "unknown", name) for name in names)), world).terms(around)
    short = Plate(clue_of(world, *(ClueRow("s1", "unknown", name) for name in names[:3])), world).terms(around)
    assert scheme.likelihood.max() < short.likelihood.max()


def test_a_sign_of_unknown_kind_that_names_two_places_or_a_road_seldom_stands_in_one(world: World) -> None:
    near = world.points.take(world.points.near(Disc(31.0909, 51.8005, 40.0)))
    away = near.km_from(31.0909, 51.8005)

    def nearness(*rows: ClueRow) -> float:
        value = Plate(clue_of(world, *(replace(row, sign_id="s1") for row in rows)), world).terms(near).likelihood
        return float(value[away < 4].mean() / value[away > 15].mean())

    alone = nearness(ClueRow("s1", name="Ріпки"))
    assert nearness(ClueRow("s1", name="Ріпки"), ClueRow("s1", name="Суми")) < alone / 2
    assert nearness(ClueRow("s1", name="Ріпки", road="М-01")) < nearness(ClueRow("s1", road="М-01")) * alone / 2
    assert nearness(ClueRow("s1", name="Ріпки"), ClueRow("s1", name="Ripky")) > alone / 1.5
    oblast = ClueRow("s1", name="Чернігівська область")
    assert nearness(ClueRow("s1", name="Ріпки"), oblast) > nearness(oblast) * alone / 1.5
    rest = replace(clue_of(world, ClueRow("s1", name="Ріпки")), abridged=True)
    value = Plate(rest, world).terms(near).likelihood
    assert value[away < 4].mean() / value[away > 15].mean() < alone / 2, "what was left out was on it all the same"
    stands = ClueRow("s1", "settlement_begin", "Ріпки"), ClueRow("s1", "settlement_begin", "Суми")
    assert nearness(*stands) > alone, "a kind that was seen counts more than what else is on the sign"


@pytest.mark.parametrize(
    "rule",
    sorted(set(RULES) - {"border_proximity", "near_crossing", "main_roads", "junctions", "photo_error", "case_error"}),
)
def test_every_rule_of_plates_changes_something_when_switched_off(rule: str, world: World) -> None:
    """A plate for each rule that it speaks to; without the rule the likelihood is another one."""
    rows = {
        "settlement_sign": (ClueRow("s1", "settlement_begin", "Ріпки"),),
        "direction_sign": (ClueRow("s1", "direction", "Чернігів"),),
        "list_order": (ClueRow("s1", "direction", "Чернігів"), ClueRow("s1", "direction", "Київ")),
        "absence": (ClueRow("s1", "distance", "Ріпки", km=30),),
        "route": (ClueRow("s1", "route", road="M01"),),
        "km_post": (ClueRow("s1", "km_post", road="M01", km=175),),
        "border_strip": (ClueRow("s1", "border_strip"),),
        "country_sign": (ClueRow("s1", "unknown", "БЕЛАРУСЬ"),),
        "area_sign": (ClueRow("s1", "unknown", "Чернігівська область"),),
        "romanisation": (ClueRow("s1", "direction", "Chernihiv"),),
        "vouched_country": (ClueRow("s1", "direction", "Гомель", country="UA"),),
    }
    clue = clue_of(world, *rows.get(rule, (ClueRow("s1", "distance", "Чернігів", km=39),)))
    with_rule = Plate(clue, world).terms(world.points).likelihood
    without = Plate(clue, world, {rule}).terms(world.points).likelihood
    assert np.isfinite(without).all()
    assert without.min() > 0
    assert np.abs(np.log(with_rule / without)).max() > 0.05


def test_content_is_all_that_a_likelihood_depends_on(world: World) -> None:
    clue = clue_of(world, ClueRow("s1", "distance", "Чернігів", km=39))
    assert content(clue) == content(replace(clue, id="clue-9", photo="b.jpg", note="seen again"))
    assert content(clue) != content(replace(clue, kind="direction"))
    assert hash(content(clue)) == hash(content(replace(clue, sign="s7")))
