"""The divisions that every shipped place lies in, and names of before."""

from __future__ import annotations

from collections import Counter

import pytest

from gazetteer import Gazetteer
from gazetteer.codifier import community_of, district_of
from gazetteer.shipped import data_path
from gazetteer.tables import HISTORIC, NO_PARENTS, Draft, read, unpack

WITHOUT = {"Прип’ять", "Чорнобиль", "Київ", "Севастополь"}
"""Settlements of no hromada: the zone of Chornobyl and the two cities that are oblasts of their own."""


@pytest.fixture(scope="module")
def drafts() -> list[Draft]:
    return unpack(read(data_path("places.zip")))


def test_every_settlement_of_the_codifier_has_its_oblast_raion_and_hromada(drafts: list[Draft]) -> None:
    settlements = [d for d in drafts if d.id.startswith("katottg:") and d.kind != "district"]
    assert len(settlements) == 29_703
    assert {d.name for d in settlements if d.parents == NO_PARENTS} == WITHOUT
    for draft in settlements:
        if draft.parents == NO_PARENTS:
            continue
        code, (raion, raion_name, hromada, hromada_name) = draft.id.removeprefix("katottg:"), draft.parents
        assert district_of(raion) == district_of(code) and set(raion[6:14]) == {"0"}, draft.id
        assert community_of(hromada) == community_of(code), draft.id
        assert raion_name.endswith(" Raion") and hromada_name.endswith(" Hromada"), draft.id


def test_every_place_has_a_country_and_one_of_three_countries_its_division(drafts: list[Draft]) -> None:
    for draft in drafts:
        assert len(draft.country) == 2, draft.id
        if draft.country in ("UA", "BY", "RU") and draft.kind != "country":
            assert draft.admin1[0].startswith(f"{draft.country}-") and draft.admin1[1], draft.id


def test_every_parent_is_a_place_or_lacks_a_settled_point(drafts: list[Draft]) -> None:
    ids = {draft.id for draft in drafts}
    raions = {f"katottg:{draft.parents[0]}" for draft in drafts if draft.parents[0]}
    hromadas = {f"katottg:{draft.parents[2]}" for draft in drafts if draft.parents[2]}
    assert len(raions) == 136 and raions <= ids
    assert len(hromadas) == 1772 and len(hromadas - ids) < 150


def test_a_place_shows_its_parents() -> None:
    senkivka = Gazetteer.open().place("katottg:UA74100050450091513")
    assert (senkivka.admin1_name, senkivka.admin2_name, senkivka.community_name) == (
        "Chernihiv Oblast",
        "Chernihivskyi Raion",
        "Horodnianska Hromada",
    )
    assert Gazetteer.open().place(f"katottg:{senkivka.admin2}").name == "Чернігівський район"


def test_former_names_are_marked_and_shared_where_nobody_knows_whose_they_were(drafts: list[Draft]) -> None:
    old = Counter(
        (name, draft.admin1[0]) for draft in drafts for name, flags in dict.fromkeys(draft.names) if flags & HISTORIC
    )
    assert old["Щорс", "UA-74"] == 1
    assert old["Питомник", "UA-59"] == 3  # one of the three places called Садове there
    assert max(old.values()) <= 12


def test_few_points_of_ukraine_are_beside_the_codifier(drafts: list[Draft]) -> None:
    """What GeoNames has beside the codifier: parts of cities, and points that fit no settlement or several."""
    beside = Counter(draft.kind for draft in drafts if draft.country == "UA" and draft.id.startswith("geonames:"))
    assert beside["other"] > 200
    assert beside.total() - beside["other"] < 400
