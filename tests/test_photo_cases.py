"""Cases of real photographs, from file to answer; they are not part of the project, and skipped where they are not."""

from __future__ import annotations

from pathlib import Path

import pytest
from shapely.geometry import Point

from geoinfer.case import Case

pytestmark = pytest.mark.photos


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder that keeps readings, so that each photo is read once."""
    return tmp_path_factory.mktemp("kept")


def case_of(shared: Path, kept: Path, *names: str) -> Case:
    return Case.from_photos(*(next(shared.glob(f"photos/**/{name}.*")) for name in names), cache=kept)


def test_kazan_thirty_kilometres(shared: Path, kept: Path) -> None:
    """A police post at Kazan 30, Naberezhnye Chelny 285; Ufa 572, Yekaterinburg 1077: on the M7 west of Kazan."""
    result = case_of(shared, kept, "c1_kazan_dps").infer(near=[])
    assert result.verdict.kind == "region"
    assert "Tatarstan" in result.verdict.text
    assert result.region(0.9).area_km2 < 7_000
    assert not result.region(0.9).geometry.covers(Point(49.11, 55.79))  # not in Kazan itself
    assert result.region(0.9).geometry.distance(Point(48.75, 55.83)) < 0.1  # the M7 near Sviiazhsk


def test_photos_of_kazan_and_berlin_are_two_places(shared: Path, kept: Path) -> None:
    result = case_of(shared, kept, "c1_kazan_dps", "c3_de_weissensee").infer(near=[])
    where = {cluster.photos[0].partition(".")[0]: cluster.verdict.text for cluster in result.findings.clusters}
    assert set(where) == {"c1_kazan_dps", "c3_de_weissensee"}
    assert "Tatarstan" in where["c1_kazan_dps"]
    assert "Berlin" in where["c3_de_weissensee"]


def test_an_excluded_photo_leaves_one_place(shared: Path, kept: Path) -> None:
    case = case_of(shared, kept, "c1_kazan_dps", "c3_de_weissensee")
    case.exclude("c3_de_weissensee.jpg")
    result = case.infer(near=[])
    assert result.clusters == ()
    assert "Tatarstan" in result.verdict.text


def test_distances_to_cities_of_another_country_claim_no_site(shared: Path, kept: Path) -> None:
    """Vidin 240, Varna 445, Yana 2: Yana near Sofia is in no list of towns, so no place may be named."""
    assert case_of(shared, kept, "c3_bg_vidin").infer(near=[]).verdict.kind != "site"


def test_a_sign_for_two_towns_puts_the_camera_in_neither(shared: Path, kept: Path) -> None:
    """Centar, 7 Bač. Palanka, 21 Ruma: these roads part at Novi Sad, some 30 km from either; its kind is not seen."""
    result = case_of(shared, kept, "c3_rs_ruma").infer(near=[])
    assert result.verdict.kind == "region"
    assert result.sites.probability.max() < 0.5
    assert result.region(0.9).geometry.covers(Point(19.80, 45.27))


def test_a_name_that_chance_brings_near_another_does_not_make_a_place_of_it(shared: Path, kept: Path) -> None:
    """Буинск points ahead on a half-seen plate of the police post near Kazan; a village Буда is hardly Буа, its other
    name."""
    names = "c1_kazan_dps", "c1_dps_tatarstan", "c1_chornobyl_alley_ua"
    assert case_of(shared, kept, *names).infer().verdict.kind == "region"
