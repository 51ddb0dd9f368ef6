"""Matches whose place is made when it is first read are matches like any other."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, asdict, replace

import pytest

from gazetteer import Gazetteer
from gazetteer.lazy import LazyMatch
from gazetteer.places import Match, Place

GAZ = Gazetteer.open()
MENA = GAZ.search("Мена").matches[0].place


def counted() -> tuple[LazyMatch, list[int]]:
    """Give a match of row 7 and the list of rows that were asked for."""
    asked: list[int] = []

    def make(row: int) -> Place:
        asked.append(row)
        return MENA

    return LazyMatch.later(make, 7, "Мена", 0.5), asked


def test_a_place_is_made_once_and_only_when_it_is_read() -> None:
    match, asked = counted()
    assert (match.name, match.probability, asked) == ("Мена", 0.5, [])
    assert match.place is match.place is MENA
    assert asked == [7]


def test_it_equals_a_match_of_the_same_values() -> None:
    match, plain = counted()[0], Match(MENA, "Мена", 0.5)
    assert match == plain
    assert plain == match
    assert match != replace(plain, probability=0.4)
    assert match != "Мена"
    assert repr(match) == repr(plain)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda match: pickle.loads(pickle.dumps(match))])
def test_copies_hold_the_place(copied) -> None:  # type: ignore[no-untyped-def]
    match = copied(counted()[0])
    assert type(match) is Match
    assert match.place.id == MENA.id


def test_it_serves_dataclass_functions_and_patterns() -> None:
    match = GAZ.search("Чернігів").matches[0]
    assert replace(match, probability=0.5) == Match(match.place, match.name, 0.5)
    assert asdict(match)["place"]["id"] == match.place.id
    match match:
        case Match(place, name, probability):
            assert (place.name, name) == ("Чернігів", "Чернігів")
            assert 0 < probability < 1


def test_it_cannot_be_changed_and_names_what_it_has() -> None:
    match = counted()[0]
    with pytest.raises(FrozenInstanceError):
        match.probability = 1.0  # type: ignore[misc]
    with pytest.raises(AttributeError, match="place, name and probability"):
        match.score  # type: ignore[attr-defined]  # noqa: B018
