"""What was seen twice counts once: the same plate in two photos, the same name on two boards of one place.

A second board at the same spot names the same places, and a second photo of a board is read with errors of its own:
neither is evidence that the first did not give. So a name counts once in a case for each number beside it.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace
from typing import TYPE_CHECKING

from geoinfer.area_rules import AREAS
from geoinfer.parameters import number
from geoinfer.sighting import AT_PLACE

if TYPE_CHECKING:
    from gazetteer.places import Match
    from geoinfer.clues import Clue, Mention


def without_repeats(clues: Sequence[Clue]) -> list[Clue]:
    """Leave out of each clue what an earlier one says already, and clues of which nothing is left.

    A name without kilometres repeats one with kilometres, wherever that stands. Kilometres that differ by little are
    the same number, read or measured otherwise; those that differ by more are two signs. A doubtful name tells nothing
    of places that another one in its photo names clearly: it may be a second reading of that one.
    """
    clear: dict[tuple[str, bool], set[str]] = {}
    for clue in clues:
        for mention in filter(_means, clue.mentions if clue.photo else ()):
            places = clear.setdefault((clue.photo, _at_place(mention, clue)), set())
            places.update(match.place.id for match in bearers(mention))
    measured = {place for clue in clues for m in clue.mentions if m.km is not None and (place := _means(m))}
    told: dict[tuple[str, bool], list[float | None]] = {}
    roads: set[tuple[str, float | None]] = set()
    kept = []
    for clue in clues:
        mentions, told_already = [], set()
        for mention in clue.mentions:
            place, at_place = _means(mention), _at_place(mention, clue)
            before = told.setdefault((place, at_place), [])
            km = mention.km
            if place and (_repeats(km, before) or (km is None and not at_place and _elsewhere(place, clue, measured))):
                if mention.matches.matches[0].place.kind not in AREAS:
                    told_already.add(place)
                continue
            if place:
                before.append(km)
            elif km is None:
                mention = _without_places(mention, clear.get((clue.photo, at_place), set()))
            mentions.append(mention)
        fresh = tuple(route for route in clue.routes if (route, clue.post_km) not in roads)
        roads.update((route, km) for route in clue.routes for km in (clue.post_km, None))
        if mentions or fresh or (not clue.mentions and not clue.routes):
            abridged = fresh != clue.routes or bool(told_already - {_means(mention) for mention in mentions})
            kept.append(replace(clue, mentions=tuple(mentions), routes=fresh, abridged=abridged))
    return kept


def _means(mention: Mention) -> str:
    """Give the id of the place that a name most probably means, or an empty string."""
    matches = mention.matches.matches
    return matches[0].place.id if matches and matches[0].probability > mention.matches.none else ""


def _at_place(mention: Mention, clue: Clue) -> bool:
    """Whether a name stands, by the kind of its sign, at the place itself."""
    return clue.kind in AT_PLACE and mention.km is None


def bearers(mention: Mention) -> Sequence[Match]:
    """List as many places that a name may mean as count at most, the most probable first."""
    return mention.matches.matches[: int(number("bearers", "most"))]


def _without_places(mention: Mention, told: Set[str]) -> Mention:
    """Take from a name what it tells of some places, as if it named none there."""
    found = mention.matches
    kept = tuple(match for match in bearers(mention) if match.place.id not in told)
    none = 1 - found.further - sum(match.probability for match in kept)
    return replace(mention, matches=replace(found, matches=kept, none=none))


def _elsewhere(place: str, clue: Clue, measured: set[str]) -> bool:
    own = {_means(mention) for mention in clue.mentions if mention.km is not None}
    return place in measured - own


def _repeats(km: float | None, before: Sequence[float | None]) -> bool:
    if km is None:
        return bool(before)
    slack = number("repeats", "km") + number("repeats", "share") * km
    return any(other is not None and abs(other - km) <= slack for other in before)
