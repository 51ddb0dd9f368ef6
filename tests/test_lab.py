"""The calibration lab: its simulator keeps the standards' rules, and its judge measures what it says."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import geoinfer.lab
from geoinfer.lab import baselines, figures, report
from geoinfer.lab.cases import Row, SimulatedCase, draw_case, read_plate
from geoinfer.lab.ground import Ground, straight_km
from geoinfer.lab.judge import answer, cell_areas, cell_of, depth_of, infer, judge, judge_answer, open_world, region_of
from geoinfer.lab.known import known_cases, tell
from geoinfer.lab.plates import Line, Plate, look_ahead, plates_at
from geoinfer.lab.reader import Noise, states_of
from geoinfer.lab.run import Job, read_lines, run_jobs
from geoinfer.lab.spots import draw_spot
from geoinfer.lab.tasks import TRIALS
from geoinfer.lab.trials import draw_trial

TESTED = {"likelihoods", "belief", "positions", "hypothesis", "parameters", "regions", "sites", "verdict", "geodesy"}
SIMULATOR = ("ground", "spots", "plates", "reader", "cases", "baselines")


@pytest.fixture(scope="module")
def ground() -> Ground:
    return Ground()


@pytest.fixture(scope="module")
def cases(ground: Ground) -> list[SimulatedCase]:
    return [draw_case(ground, 11, number, 0.2) for number in range(40)]


@pytest.mark.parametrize("module", SIMULATOR)
def test_the_simulator_shares_no_code_with_what_it_tests(module: str) -> None:
    tree = ast.parse((Path(geoinfer.lab.__path__[0]) / f"{module}.py").read_text(encoding="utf-8"))
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    ours = {name for name in imported if name.startswith("geoinfer") and not name.startswith("geoinfer.lab")}
    assert not ours, f"{module} imports {ours}"


def test_a_case_depends_on_its_seed_and_number_alone(ground: Ground, cases: list[SimulatedCase]) -> None:
    assert draw_case(ground, 11, 17, 0.2).as_dict() == cases[17].as_dict()
    assert draw_case(ground, 12, 17, 0.2).as_dict() != cases[17].as_dict()


def test_signs_keep_the_rules_of_the_standards(cases: list[SimulatedCase]) -> None:
    plates = [plate for case in cases for plate in case.plates.values()]
    lists = [plate for plate in plates if plate.kind == "distance"]
    assert len(lists) > 15
    for plate in lists:
        km = [line.km for line in plate.lines if line.km is not None]
        assert len(km) == len(plate.lines) <= 3
        assert km == sorted(km), "the nearest place stands first"
        assert len({line.name for line in plate.lines}) == len(plate.lines)
    for plate in plates:
        if plate.kind in ("settlement_begin", "settlement_end"):
            assert len(plate.lines) == 1
            assert plate.lines[0].km is None


def test_no_sign_gives_fewer_kilometres_than_the_straight_line_to_the_edge_of_the_town(ground: Ground) -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        spot = draw_spot(ground, "anywhere", rng)
        ahead = look_ahead(ground, spot, rng, exact=True)
        far = ahead.km > 30
        lonlat = ground.lonlat[ahead.place[far]]
        straight = straight_km(spot.road_lon, spot.road_lat, lonlat[:, 0], lonlat[:, 1])
        # Places that are only roughly placed were put down elsewhere, up to some tens of kilometres away.
        known = ground.uncertainty_km[ahead.place[far]] < 1
        assert np.all(ahead.km[far][known] > 0.93 * straight[known] - 3)


def test_languages_follow_the_country(cases: list[SimulatedCase]) -> None:
    names = {"UA": "", "BY": "", "RU": ""}
    for case in cases:
        true = [plate for key, plate in case.plates.items() if not case.photos[int(key[6 : key.index("/")]) - 1]]
        names[case.spot.country] += "".join(line.name for plate in true for line in plate.lines)
    assert sum(names["UA"].count(letter) for letter in "ії") > sum(names["UA"].count(letter) for letter in "ыэё")
    assert names["RU"].count("і") <= 2  # two signs in a hundred were moved


def test_half_of_the_cases_lie_in_the_borderland(ground: Ground, cases: list[SimulatedCase]) -> None:
    def away(draw: str) -> float:
        spots = [case.spot for case in cases if case.draw == draw]
        found = [ground.borders.distance_km(code, [s.lon for s in spots], [s.lat for s in spots])
                 for code in ("BY", "RU-BRY")]  # fmt: skip
        return float(np.median(np.min(found, axis=0)))

    assert sum(case.draw == "borderland" for case in cases) == 20
    assert away("borderland") < 20 < 80 < away("anywhere")


def test_every_case_keeps_a_photo_that_does_not_mislead(cases: list[SimulatedCase]) -> None:
    assert all(not all(case.photos) for case in cases)
    misled = [wrong for case in cases for wrong in case.photos]
    assert 0.05 < np.mean(misled) < 0.25


def test_the_reader_reads_most_lines_and_misreads_some() -> None:
    noise, rng = Noise.open(), np.random.default_rng(0)
    read = [noise.read("Новгород-Сіверський", "cyrillic", rng) for _ in range(400)]
    states = states_of(("Новгород-Сіверський", text or "") for text in read)
    measured = noise.table["cyrillic"]["share"]
    assert abs(len(states["right"]) / 400 - 0.88 * measured["right"]) < 0.08
    assert len(states["slips"]) > 20
    numbers = [noise.number(72, rng) for _ in range(400)]
    assert numbers.count(72) > 200
    assert any(number not in (72, None) for number in numbers)
    large = [noise.number(1400, rng) for _ in range(400)]
    assert max(number for number in large if number is not None) <= 1500, "larger ones are years"


def test_a_latin_line_stands_in_where_the_cyrillic_one_was_not_read() -> None:
    plate = Plate("distance", (Line("Гомель", "Homyel", 72),))
    rng = np.random.default_rng(1)
    rows = [row for _ in range(300) for row in read_plate("s", plate, Noise.open(), rng)]
    assert any(row.name == "Гомель" and row.other == "Homyel" and row.km == 72 for row in rows)
    assert any(row.name == "Homyel" and not row.other for row in rows)
    assert any(row.km is None for row in rows)


def test_the_depth_of_the_truth_says_which_regions_hold_it() -> None:
    world, rows = open_world(), [Row("s1", "distance", "Чернігів", km=39), Row("s2", "distance", "Гомель", km=72)]
    inferred = infer(rows, [], world, read=False)
    belief, result = inferred.belief, answer(inferred, world)
    assert belief is not None and inferred.seconds > 0
    for lon, lat in ((31.07, 51.82), (31.2, 51.6), (30.5, 50.45)):
        found = depth_of(belief, belief.posterior, lon, lat)
        for level in (0.5, 0.9):
            inside = cell_of(belief, lon, lat) >= 0 and found.depth < level
            assert inside == bool(result.region(level).geometry.covers(_point(lon, lat)))
    assert region_of(belief, belief.posterior, 0.9)[0] == pytest.approx(result.region(0.9).area_km2, rel=1e-6)
    assert cell_areas(belief).min() > 0
    outside = depth_of(belief, belief.posterior, -60.0, -30.0)
    assert (outside.depth, outside.own) == (1.0, 0.0)
    told = judge(belief, {"ground": (31.07, 51.82), "road": (31.07, 51.82)})
    assert told["area50"] < told["area90"] < 20_000 and told["ground"] == told["road"]
    told = judge_answer(result, 31.07, 51.82)
    assert told["rank"] == 1 and told["site"]["hit"] and told["told 90"] == {"first": True, "any": True}


def _point(lon: float, lat: float) -> Any:
    import shapely

    return shapely.Point(lon, lat)


def test_rings_of_two_distances_meet_where_the_camera_is() -> None:
    mentions = [
        {"kind": "distance", "km": 39, "lon": 31.29, "lat": 51.49},
        {"kind": "distance", "km": 72, "lon": 31.0, "lat": 52.43},
    ]
    at = np.array([31.07]), np.array([51.82])
    assert baselines.misfit_km("rings, all", mentions, *at)[0] < 5
    assert baselines.misfit_km("rings, all", mentions, np.array([30.5]), np.array([50.45]))[0] > 60
    small, large = (baselines.area_km2("rings, all", mentions, km) for km in (5.0, 15.0))
    assert 0 < small < large < 20_000
    assert baselines.area_km2("nearest place", mentions, 10.0) == pytest.approx(314, abs=1)


def test_a_summary_counts_what_regions_cover() -> None:
    lines = [
        _line(depth, draw)
        for depth, draw in ((0.1, "anywhere"), (0.7, "anywhere"), (0.95, "borderland"), (0.2, "borderland"))
    ]
    summary = report.summarise([*lines, {"verdict": "none", "site": None}, {"error": "x"}])
    assert summary["cases"] == 6 and summary["failed"] == 1 and summary["no belief"] == 1
    assert summary["groups"]["all"]["covered 0.5"] == 0.5
    assert summary["groups"]["all"]["covered 0.9"] == 0.75
    assert "rings, all" in summary["baselines"]
    assert figures.group_table(summary).loc["all", "cases"] == 4
    assert figures.site_table(summary)["right"].tolist() == [0.75]
    assert figures.baseline_table(summary).loc["belief", "median area"] == 50
    assert figures.draw_curve(summary).count("<polyline") == 1 + 3
    assert report.text(summary).startswith("6 cases, 1 failed")


def _line(depth: float, draw: str) -> dict[str, object]:
    found = {"depth": depth, "own": 0.1, "bits": -5.0}
    return {"ground": found, "road": found, "neutral": found, "draw": draw, "misled": 0, "spot": "open", "photos": 1,
            "distances": 1, "country": "UA", "rank": 1, "area50": 5.0, "area90": 50.0, "held50": 0.55, "held90": 0.9,
            "km": 2.0, "seconds": 1.0, "lon": 31.0, "lat": 51.0, "verdict": "site",
            "site": {"probability": 0.8, "hit": depth < 0.9},
            "named": [{"kind": "distance", "km": 40, "lon": 31.3, "lat": 51.3}]}  # fmt: skip


def test_a_run_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    file = tmp_path / "run.jsonl"
    done = {"seed": 7, "number": 0, "misleading": 0.0, "task": "case", "exact": False, "mark": "kept"}
    file.write_text(json.dumps(done) + "\n" + '{"seed": 7, "num', encoding="utf-8")
    assert run_jobs([Job(7, 0, 0.0)], file) == [done]
    assert len(read_lines(file)) == 1


def test_plates_stand_at_every_spot_of_a_road(ground: Ground) -> None:
    rng = np.random.default_rng(5)
    spots = [draw_spot(ground, "anywhere", rng) for _ in range(15)]
    assert sum(bool(plates_at(ground, spot, rng)) for spot in spots) >= 13


@pytest.mark.parametrize("trial", TRIALS)
def test_trials_give_signs_that_fit_the_network(ground: Ground, trial: str) -> None:
    spot, rows = draw_trial(ground, trial, 3, 0, exact=True)
    assert (spot.lon, spot.lat) == (spot.road_lon, spot.road_lat)
    assert len(rows) == 2 and all(row.kind == "distance" and row.km for row in rows)
    assert len({row.sign for row in rows}) == (2 if trial == "two distances" else 1)
    for row in rows:
        place = next(p for p in ground.places if row.name in (p.name, *p.names.values()) and p.population >= 5000)
        assert ground.roads.between_km(spot.road_lon, spot.road_lat, place.lon, place.lat) == pytest.approx(
            row.km, abs=4
        )


def test_an_ablation_compares_the_same_cases() -> None:
    def found(depth: float, bits: float) -> dict[str, Any]:
        return {"ground": {"depth": depth, "own": 0.1, "bits": bits}, "area90": 10.0}

    lines = [{"without": {"all rules": found(0.4, -5), "without route": found(0.95, -7)}}, {"error": "x"}]
    table = report.ablation(lines)
    assert figures.ablation_table({"ablation": table}).index[0] == "without route"
    assert table["without route"]["change"] == -2
    assert table["all rules"]["covered 0.9"] == 1 and table["without route"]["covered 0.9"] == 0


def test_known_signs_name_their_places_and_say_how_they_are_known() -> None:
    cases = known_cases()
    assert len({case.name for case in cases}) == len(cases) >= 4
    for case in cases:
        assert case.known_from and case.within_km > 0 and case.rows
        assert all(row.km for row in case.rows)
    world = open_world()
    told = list(tell(answer(infer(cases[2].rows, (), world, read=False), world), cases[2]))
    assert "Ріпки" in told[0] and any("holds the true place" in line for line in told)


def test_trials_on_the_network_are_judged_by_a_belief_that_takes_it_at_its_word() -> None:
    rows = [Row("s1", "distance", "Чернігів", km=39), Row("s2", "distance", "Гомель", km=72)]
    areas = {}
    for exact in (False, True):
        world = open_world(exact)
        belief = infer(rows, (), world, read=False).belief
        areas[world.network] = judge(belief, {"ground": (31.09, 51.82)})["area90"]
    assert areas["network_with_bends"] < areas["network_without_bends"] / 2


def test_results_that_come_with_the_package_can_be_shown_and_others_are_listed() -> None:
    summary = report.load("calibration")
    assert summary["cases"] > 0 and len(summary["rules_sha256"]) == 64
    assert figures.draw_curve(summary).startswith("<svg")
    assert not figures.group_table(summary).empty
    with pytest.raises(FileNotFoundError, match=r"there are: .*calibration"):
        report.load("nothing")
