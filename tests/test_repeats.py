from __future__ import annotations

from dataclasses import replace

import pytest

from gazetteer.places import Match, Place, SearchResult
from geoinfer.clues import Clue, Mention
from geoinfer.repeats import without_repeats

PLACE = Place("t:0", "", {}, "town", 31.0, 51.0, 0.3, 5_000, "UA", "UA-74", "", "test")


def mention(name: str, km: float | None = None, probability: float = 0.9) -> Mention:
    match = Match(replace(PLACE, id=f"t:{name}", name=name), name, probability)
    return Mention(name, "", km, SearchResult(name, (match,), 1 - probability))


def plate(n: int, kind: str, *mentions: Mention, routes: tuple[str, ...] = ()) -> Clue:
    return Clue(f"clue-{n}", f"s{n}", "", kind, mentions, routes)


def left(*clues: Clue) -> list[tuple[str, list[tuple[str, float | None]]]]:
    return [(clue.id, [(m.name, m.km) for m in clue.mentions]) for clue in without_repeats(clues)]


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        (("distance", "Мена", 20.0), ("distance", "Мена", 20.0), 1),
        (("distance", "Мена", 20.0), ("distance", "Мена", 21.0), 1),
        (("distance", "Мена", 20.0), ("distance", "Мена", 200.0), 2),
        (("distance", "Мена", 20.0), ("direction", "Мена", None), 1),
        (("direction", "Мена", None), ("direction", "Мена", None), 1),
        (("direction", "Мена", None), ("direction", "Короп", None), 2),
        (("settlement_begin", "Мена", None), ("direction", "Мена", None), 2),
        (("settlement_begin", "Мена", None), ("settlement_end", "Мена", None), 1),
        (("distance", "Мена", 20.0), ("station", "Мена", 20.0), 1),
    ],
)
def test_what_was_seen_twice_counts_once(
    first: tuple[str, str, float | None], second: tuple[str, str, float | None], kept: int
) -> None:
    clues = [plate(n, kind, mention(name, km)) for n, (kind, name, km) in enumerate((first, second))]
    assert len(without_repeats(clues)) == kept


def test_a_name_with_kilometres_is_kept_wherever_it_stands() -> None:
    assert left(plate(1, "direction", mention("Мена")), plate(2, "distance", mention("Мена", 20.0))) == [
        ("clue-2", [("Мена", 20.0)])
    ]


def test_only_the_repeated_name_is_left_out_of_a_plate() -> None:
    first = plate(1, "distance", mention("Мена", 20.0))
    second = plate(2, "distance", mention("Мена", 20.0), mention("Київ", 180.0), routes=("M02",))
    assert left(first, second) == [("clue-1", [("Мена", 20.0)]), ("clue-2", [("Київ", 180.0)])]
    assert [clue.abridged for clue in without_repeats([first, second])] == [False, True]


def test_a_plate_is_abridged_where_it_named_more_than_is_left() -> None:
    first = plate(1, "unknown", mention("Мена"), routes=("M02",))
    numbered = plate(2, "unknown", mention("Короп"), routes=("M02",))
    twice = plate(2, "unknown", mention("Короп"), mention("Короп"))
    for second, abridged in ((numbered, True), (twice, False), (plate(2, "unknown", mention("Короп")), False)):
        assert [clue.abridged for clue in without_repeats([first, second])] == [False, abridged]


def test_a_doubtful_name_tells_nothing_of_a_place_that_another_in_its_photo_names_clearly() -> None:
    mena, korop = (mention(name).matches.matches[0] for name in ("Мена", "Короп"))
    either = (replace(mena, probability=0.3), replace(korop, probability=0.1))
    doubtful = Mention("Мнна", "", None, SearchResult("Мнна", either, 0.6))

    def told(*clues: Clue) -> dict[str, float]:
        [found] = [m.matches for clue in without_repeats(clues) for m in clue.mentions if m.name == "Мнна"]
        assert found.none + found.further + sum(match.probability for match in found.matches) == pytest.approx(1)
        return {match.place.name: match.probability for match in found.matches}

    def seen(clue: Clue, photo: str = "a.jpg") -> Clue:
        return replace(clue, photo=photo)

    clear, unclear = seen(plate(1, "direction", mention("Мена"))), seen(plate(2, "unknown", doubtful))
    assert told(clear, unclear) == told(unclear, clear) == {"Короп": 0.1}
    both = {"Мена": 0.3, "Короп": 0.1}
    assert told(unclear) == told(clear, seen(unclear, "b.jpg")) == told(seen(clear, ""), seen(unclear, "")) == both
    assert told(seen(plate(1, "settlement_begin", mention("Мена"))), unclear) == both, "stands there, and points there"
    numbered = replace(doubtful, km=12.0)
    assert told(clear, seen(plate(2, "distance", numbered))) == both


def test_names_that_are_hardly_places_and_routes() -> None:
    doubtful = mention("Мена", probability=0.2)
    assert len(without_repeats([plate(1, "direction", doubtful), plate(2, "direction", doubtful)])) == 2
    assert len(without_repeats([plate(1, "route", routes=("M01",)), plate(2, "route", routes=("M01",))])) == 1
    posts = [replace(plate(n, "km_post", routes=("M01",)), post_km=km) for n, km in enumerate((120.0, 120.0, 121.0))]
    assert [clue.post_km for clue in without_repeats(posts)] == [120.0, 121.0]
    assert len(without_repeats([posts[0], plate(9, "route", routes=("M01",))])) == 1
