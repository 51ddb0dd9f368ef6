"""Merging places: what is one place, which coordinate wins, and where each name is from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazetteer.merge import Merger, absorb, name_further
from gazetteer.records import Name
from gazetteer.tables import COLLOQUIAL, DERIVED, HISTORIC, MAIN, Draft

CHERNIHIV_OBLAST, SUMY_OBLAST = ("UA-74", "Chernihiv Oblast"), ("UA-59", "Sumy Oblast")
UK, RU, BE, EN = 1, 2, 3, 4


def place(
    id_: str,
    name: str,
    lon: float = 31.0,
    lat: float = 51.5,
    *,
    km: float = 0.6,
    kind: str = "village",
    admin1: tuple[str, str] = CHERNIHIV_OBLAST,
    country: str = "UA",
    source: str = "one",
) -> Draft:
    return Draft(id_, [(name, UK | MAIN)], kind, lon, lat, km, 0, country, admin1, source)


NORTH = 1 / 111.2
"""Degrees of latitude in a kilometre."""


@pytest.mark.parametrize(
    ("what", "other", "merges"),
    [
        ("near, same name", place("b", "Луки", lat=51.5 + 2 * NORTH), True),
        ("near, another script", place("b", "Luky", lat=51.5 + 2 * NORTH), True),
        ("near, another name", place("b", "Гай", lat=51.5 + NORTH), False),
        ("same name, 10 km off", place("b", "Луки", lat=51.5 + 10 * NORTH), False),
        ("10 km off, and nobody knows better", place("b", "Луки", lat=51.5 + 10 * NORTH, km=13.5), True),
        ("10 km off in another oblast", place("b", "Луки", lat=51.5 + 10 * NORTH, km=13.5, admin1=SUMY_OBLAST), False),
        ("across a border", place("b", "Луки", country="BY", admin1=("BY-HO", "")), False),
        ("the station of the village", place("b", "Луки", kind="station"), False),
        ("a part of the village", place("b", "Луки", lat=51.5 + 0.5 * NORTH, kind="other"), True),
        ("a part 2 km off", place("b", "Луки", lat=51.5 + 2 * NORTH, kind="other"), False),
        ("the district of the name", place("b", "Луки", kind="district"), False),
    ],
)
def test_one_place_is_near_and_has_the_same_name(what: str, other: Draft, merges: bool) -> None:
    merger = Merger([place("a", "Луки")])
    merger.add([other], {})
    assert (len(merger.drafts) == 1) == merges, what
    assert merger.merged == merges


def test_an_uncertain_place_goes_to_no_one_of_several() -> None:
    namesakes = [place("a", "Луки"), place("b", "Луки", lat=51.5 + 20 * NORTH)]
    merger = Merger(namesakes)
    merger.add([place("c", "Луки", lat=51.5 + 9 * NORTH, km=13.5)], {})
    assert len(merger.drafts) == 3


@pytest.mark.parametrize(
    ("row", "kept"),
    [
        (place("postal:1", "Луки", lat=51.5 + 40 * NORTH, km=40.0), 2),  # the two that are there suffice
        (place("postal:1", "Луки", lat=51.5 + 40 * NORTH, km=1.0), 2),  # the codifier has every settlement of Ukraine
        (place("postal:1", "Гай", km=13.0), 3),
    ],
)
def test_postal_codes_make_new_places_only_for_new_names(row: Draft, kept: int) -> None:
    merger = Merger([place("a", "Луки"), place("b", "Луки", lat=51.5 + 20 * NORTH)])
    merger.add([row], {}, postal=True)
    assert len(merger.drafts) == kept


def test_ids_that_sources_share_are_one_place_wherever_it_is() -> None:
    merger = Merger([place("geonames:5", "Луки")])
    merger.add([place("wof:9", "Zusammen", lat=52.0, source="two")], {"wof:9": ("geonames:5",)})
    merger.add([place("osm:1", "Drittes", lat=53.0, source="three")], {"osm:1": ("wof:9",)})
    (only,) = merger.drafts
    assert merger.find("osm:1") is only and merger.find("nobody") is None
    assert only.name_sources == {"Zusammen": "two", "Drittes": "three"}


def test_places_of_one_source_stay_apart() -> None:
    merger = Merger()
    merger.add([place("a", "Луки"), place("b", "Луки")], {})
    assert len(merger.drafts) == 2


def test_every_name_keeps_its_source_when_the_coordinate_moves() -> None:
    uncertain, point = place("a", "Луки", km=13.5), place("b", "Luky", lat=51.52, source="two")
    point.population = 5200
    absorb(uncertain, point)
    assert (uncertain.lat, uncertain.uncertainty_km, uncertain.source) == (51.52, 0.6, "two")
    assert uncertain.name_sources == {"Луки": "one"}
    assert (uncertain.name, uncertain.population, uncertain.kind) == ("Луки", 5200, "town")


def test_a_coordinate_that_is_little_better_moves_nothing() -> None:
    first = place("a", "Луки", km=1.0)
    absorb(first, place("b", "Луки", lat=51.52, km=0.6, source="two"))
    assert (first.lat, first.source, first.name_sources) == (51.5, "one", {})


@pytest.mark.parametrize(
    ("mine", "theirs", "joined"),
    [
        # What a source has stands before what a rule made.
        ([("Б", UK | MAIN), ("В", RU | DERIVED)], [("Г", RU | MAIN)], [("Б", UK | MAIN), ("Г", RU)]),
        ([("Б", UK | MAIN), ("В", RU | DERIVED)], [("В", RU)], [("Б", UK | MAIN), ("В", RU)]),
        ([("Б", UK | MAIN), ("В", RU)], [("Г", RU)], [("Б", UK | MAIN), ("В", RU), ("Г", 0)]),
        ([("Б", UK | MAIN)], [("Б", RU), ("Б", UK | MAIN)], [("Б", UK | MAIN), ("Б", RU)]),
        ([("Б", UK | MAIN)], [("В", BE | DERIVED)], [("Б", UK | MAIN)]),
        ([("Б", UK | MAIN)], [("В", HISTORIC)], [("Б", UK | MAIN), ("В", HISTORIC)]),
    ],
)
def test_names_are_joined_by_language(
    mine: list[tuple[str, int]], theirs: list[tuple[str, int]], joined: list[tuple[str, int]]
) -> None:
    first, second = place("a", "x"), place("b", "x", source="two")
    first.names, second.names = mine, theirs
    absorb(first, second)
    assert first.names == joined


def test_alternate_names_bring_languages_and_marks() -> None:
    snovsk = place("geonames:1", "Сновськ", kind="town")
    snovsk.names += [("Snovsk", EN), ("Щорс", 0), ("Сновск", RU | DERIVED)]
    further = [
        Name("Щорс", "uk", HISTORIC),
        Name("Сновск", "ru"),
        Name("Сноўск", "be"),
        Name("Щорсик", "ru", COLLOQUIAL),
        Name("SNV", "en"),  # a code of three capitals is no name
        Name("Snovsk", "en"),
    ]
    name_further(snovsk, further, "alternates")
    assert snovsk.names == [
        ("Сновськ", UK | MAIN), ("Snovsk", EN), ("Щорс", HISTORIC), ("Сновск", RU), ("Сноўск", BE),
        ("Щорсик", COLLOQUIAL),
    ]  # fmt: skip
    assert snovsk.name_sources == {"Сноўск": "alternates", "Щорсик": "alternates"}


names = st.text("абвгд", min_size=1, max_size=3)


@given(st.lists(st.tuples(names, st.floats(51.4, 51.6), st.sampled_from([0.6, 13.5])), max_size=12), st.integers(0, 12))
def test_nothing_gets_lost(spots: list[tuple[str, float, float]], cut: int) -> None:
    drafts = [place(f"p:{at}", name, lat=lat, km=km) for at, (name, lat, km) in enumerate(spots)]
    merger = Merger(drafts[:cut])
    merger.add(drafts[cut:], {})
    assert len(merger.drafts) + merger.merged == len(drafts)
    assert {name for draft in merger.drafts for name, _ in draft.names} == {name for name, _, _ in spots}
    assert all(sum(bool(flags & MAIN) for _, flags in draft.names) == 1 for draft in merger.drafts)
