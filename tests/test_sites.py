from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from geoinfer.belief import Belief, infer_belief
from geoinfer.clue_rows import ClueRow
from geoinfer.clues import Clue, build_clues
from geoinfer.geodesy import ecef_km
from geoinfer.hypothesis import Hypothesis
from geoinfer.lateral import spots_of
from geoinfer.result import Site
from geoinfer.sites import leading_site, rank_sites
from geoinfer.world import World

NO_BORDERS = Hypothesis(near=())


def ranked(
    world: World, *rows: ClueRow, hypothesis: Hypothesis = NO_BORDERS
) -> tuple[Belief, tuple[Clue, ...], tuple[Site, ...], float]:
    clues = build_clues(rows, world.gazetteer)
    belief = infer_belief(clues, hypothesis, world.borders, world)
    assert belief is not None
    return belief, clues, *rank_sites(belief, clues, hypothesis, world.borders, world)


def test_sites_and_elsewhere_make_one_and_are_in_order(world: World) -> None:
    _, _, sites, elsewhere = ranked(world, ClueRow("s1", "direction", "Чернігів"))
    assert sum(s.probability for s in sites) + elsewhere == pytest.approx(1.0)
    assert [s.probability for s in sites] == sorted((s.probability for s in sites), reverse=True)
    assert [s.rank for s in sites] == list(range(1, len(sites) + 1))


def test_a_site_has_the_mass_of_its_catchment_and_no_more(world: World) -> None:
    belief, _, sites, _ = ranked(world, ClueRow("s1", "settlement_begin", "Ріпки"))
    spots = spots_of(belief.positions, belief.posterior, belief.lateral)
    for site in sites[:5]:
        inside = np.linalg.norm(spots.earth - ecef_km(site.lon, site.lat), axis=1) <= site.radius_km
        held = float(spots.mass[inside].sum())
        assert site.probability == pytest.approx(held) if site.rank == 1 else site.probability <= held + 1e-9


def test_what_a_road_point_holds_beside_its_line_is_no_mass_of_a_site_on_the_line(world: World) -> None:
    belief, clues, sites, _ = ranked(
        world, ClueRow("s1", "distance", "Чернігів", km=39), ClueRow("s2", "distance", "Гомель", km=72)
    )
    straight = replace(belief, lateral=None)
    on_the_line, _ = rank_sites(straight, clues, NO_BORDERS, world.borders, world)
    assert sites[0].probability < on_the_line[0].probability - 0.005


def test_a_settlement_sign_names_its_settlement_first(world: World) -> None:
    _, _, sites, _ = ranked(world, ClueRow("s1", "settlement_begin", "Чернігів"))
    assert sites[0].names["en"] == "Chernihiv"
    assert sites[0].country == "UA"
    assert sites[0].admin1 == "UA-74"


def test_road_points_appear_only_when_a_clue_speaks_of_roads(world: World) -> None:
    _, _, without_km, _ = ranked(world, ClueRow("s1", "direction", "Чернігів"))
    _, _, with_km, _ = ranked(world, ClueRow("s1", "distance", "Чернігів", km=39))
    assert "road point" not in {s.kind for s in without_km}
    assert "road point" in {s.kind for s in with_km}


def test_a_road_point_is_named_by_its_road_and_a_place(world: World) -> None:
    rows = (ClueRow("s1", "distance", "Чернігів", km=39), ClueRow("s2", "distance", "Гомель", km=72))
    _, _, sites, _ = ranked(world, *rows)
    assert sites[0].kind == "road point"
    assert "M01" in sites[0].name
    assert "Ріпки" in sites[0].name


def test_reasons_come_in_bits_and_name_clues_and_borders(world: World) -> None:
    _, _, sites, _ = ranked(world, ClueRow("s1", "unknown", "Чернігів"), hypothesis=Hypothesis())
    reasons = " ".join(sites[0].reasons)
    assert "clue-1" in reasons
    assert "bits" in reasons
    assert "border of" in reasons
    assert set(sites[0].km_to) == {"BY", "RU-BRY"}


def test_a_roughly_placed_village_is_a_site_only_if_named(world: World) -> None:
    _, _, sites, _ = ranked(world, ClueRow("s1", "direction", "Чернігів"))
    assert all(s.uncertainty_km <= 3 or s.kind == "crossing" for s in sites)


def test_the_leading_site_is_the_first_of_the_ranking(world: World) -> None:
    clues = build_clues([ClueRow("s1", "distance", "Чернігів", km=39)], world.gazetteer)
    belief = infer_belief(clues, Hypothesis(), world.borders, world)
    assert belief is not None
    sites, _ = rank_sites(belief, clues, Hypothesis(), world.borders, world)
    assert leading_site(belief, clues, Hypothesis(), world) == (sites[0].name, sites[0].probability)
