"""Merging places of several sources: the same place is near and has the same name.

What merges keeps every name with its source, and the better of the two coordinates. "Near" depends on how well both
coordinates are known; where that is worse than `SURE_KM`, the name must also be the only one of its division.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from gazetteer.codifier import flat_km
from gazetteer.names import keys_of, plain
from gazetteer.records import SETTLEMENTS, Name, Record, settlement_kind
from gazetteer.spellings import CODES, EN, usable
from gazetteer.tables import COLLOQUIAL, DERIVED, HISTORIC, MAIN, NO_PARENTS, Draft

NEAR_KM = 3.0
"""Two points of one name at this distance are one settlement: 99 % of GeoNames' and OpenStreetMap's differ by less."""

SURE_KM = 5.0
WIDEST_KM = 60.0
BETTER = 0.5
"""A coordinate replaces one whose radius is more than twice as large."""

ABROAD_KM = 15.0
"""A postal coordinate of its own this far from every place of its name is another one."""

_CODES = {**CODES, "en": EN}
_REACH_KM = {"station": 2.0, "crossing": 5.0, "other": 1.0, "district": 150.0, "oblast": 300.0, "country": 3000.0}


def keys_of_names(names: Sequence[str]) -> list[str]:
    """Give the search keys of many names at once."""
    return keys_of([plain(name) for name in names]) if names else []


class Merger:
    """Places that others are merged into.

    Parameters
    ----------
    drafts
        Places to begin with.
    countries
        The countries that others will lie in: the other places need not be compared. None for all.

    Attributes
    ----------
    drafts
        The places: those it began with, and after them what `add` found to be new.
    merged
        How many places were merged into others.
    """

    def __init__(self, drafts: Iterable[Draft] = (), countries: frozenset[str] | None = None) -> None:
        self.drafts: list[Draft] = []
        self.merged = 0
        self._at: dict[str, int] = {}
        self._by_key: dict[str, list[int]] = defaultdict(list)
        known = list(drafts)
        compared = [draft for draft in known if countries is None or {"", draft.country} & countries]
        self._append(compared, _keys(compared))
        apart = [draft for draft in known if not (countries is None or {"", draft.country} & countries)]
        self._append(apart, [set()] * len(apart))

    def _append(self, drafts: Sequence[Draft], keys: Sequence[set[str]]) -> None:
        for draft, own in zip(drafts, keys, strict=True):
            place = len(self.drafts)
            self.drafts.append(draft)
            self._at[draft.id] = place
            for key in own:
                self._by_key[key].append(place)

    def know_as(self, id_: str, other: str) -> None:
        """Let a place go by the id of another source too."""
        self._at[other] = self._at[id_]

    def find(self, id_: str) -> Draft | None:
        """Give the place that goes by an id."""
        place = self._at.get(id_)
        return None if place is None else self.drafts[place]

    def add(self, drafts: Sequence[Draft], same_as: Mapping[str, Sequence[str]], *, postal: bool = False) -> None:
        """Merge places in; those of one source never merge with each other.

        Parameters
        ----------
        drafts
            The places of one source.
        same_as
            Ids that other sources have for a place, by its id.
        postal
            Whether they are rows of postal codes, which make a new place only where the name is new there.
        """
        fresh: list[Draft] = []
        keys_of_fresh: list[set[str]] = []
        for draft, keys in zip(drafts, _keys(drafts), strict=True):
            known = next((self._at[id_] for id_ in (draft.id, *same_as.get(draft.id, ())) if id_ in self._at), None)
            place = self._nearest(draft, keys, postal) if known is None else known
            if place is None:
                fresh.append(draft)
                keys_of_fresh.append(keys)
            elif place >= 0:
                absorb(self.drafts[place], draft)
                self._at.setdefault(draft.id, place)
                self.merged += 1
        self._append(fresh, keys_of_fresh)
        for draft in fresh:
            for id_ in same_as.get(draft.id, ()):
                self._at.setdefault(id_, self._at[draft.id])

    def _nearest(self, draft: Draft, keys: Iterable[str], postal: bool) -> int | None:
        """Find the place that a draft is; None where it is new, -1 where it is best left out."""
        namesakes = {
            place for key in keys for place in self._by_key.get(key, ()) if comparable(self.drafts[place], draft)
        }
        best, nearest, closest, within = -1, 1.0, math.inf, 0
        for place in namesakes:
            other = self.drafts[place]
            away = flat_km(draft.lon, draft.lat, other.lon, other.lat)
            closest = min(closest, away)
            within += other.admin1[0] == draft.admin1[0]
            share = away / reach_km(other, draft)
            if share <= nearest:
                best, nearest = place, share
        if best >= 0:
            other = self.drafts[best]
            sure = flat_km(draft.lon, draft.lat, other.lon, other.lat) <= SURE_KM
            if sure or (within == 1 and other.admin1[0] == draft.admin1[0]) or draft.kind in ("oblast", "country"):
                return best
        if postal and namesakes and (closest < ABROAD_KM or draft.uncertainty_km > SURE_KM or draft.country == "UA"):
            return -1
        return None


def _keys(drafts: Sequence[Draft]) -> list[set[str]]:
    """Give the keys of every place's names, those that rules made left out."""
    names = [[name for name, flags in draft.names if not flags & DERIVED] for draft in drafts]
    keys = iter(keys_of_names([name for own in names for name in own]))
    return [{key for _ in own if (key := next(keys))} for own in names]


def comparable(one: Draft, other: Draft) -> bool:
    """Tell whether two drafts may be one place by their kinds and countries."""
    if one.country and other.country and one.country != other.country:
        return False
    kinds = {one.kind, other.kind}
    return one.kind == other.kind or kinds <= {*SETTLEMENTS, "other"}


def reach_km(one: Draft, other: Draft) -> float:
    """Give how far apart two drafts of one name may be and still be one place."""
    both = 2.0 * math.hypot(one.uncertainty_km, other.uncertainty_km)
    if one.kind in SETTLEMENTS and other.kind in SETTLEMENTS:
        return min(max(NEAR_KM, both), WIDEST_KM)
    return _REACH_KM[other.kind if one.kind in SETTLEMENTS else one.kind]


def absorb(place: Draft, other: Draft, *, move: bool | None = None) -> None:
    """Merge a draft into another: its names with their source, and its coordinate where that is the better one.

    Parameters
    ----------
    move
        Whether to take its coordinate; None to take it where its radius is less than `BETTER` times the other's.
    """
    mine = {name for name, _ in place.names}
    if move is None:
        move = other.uncertainty_km < BETTER * place.uncertainty_km
    if move:
        if other.source != place.source:
            for name, _ in place.names:
                place.name_sources.setdefault(name, place.source)
        place.lon, place.lat, place.uncertainty_km = other.lon, other.lat, other.uncertainty_km
        place.source = other.source
    place.names = _joined(place.names, other.names)
    given = {name for name, _ in place.names}
    for name, _ in other.names:
        origin = other.name_sources.get(name, other.source)
        if name in given - mine and origin != place.source:
            place.name_sources.setdefault(name, origin)
    place.name_sources = {name: origin for name, origin in place.name_sources.items() if name in given}
    if not place.population and other.population:
        place.population = other.population
        if place.kind in SETTLEMENTS and other.kind in SETTLEMENTS:
            place.kind = max(place.kind, settlement_kind(other.population), key=lambda kind: -SETTLEMENTS.index(kind))
    if place.parents == NO_PARENTS:
        place.parents = other.parents
    if not place.admin1[0]:
        place.admin1 = other.admin1
    place.country = place.country or other.country


def _joined(mine: Sequence[tuple[str, int]], theirs: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Join two lists of names; what a source has in a language stands before what a rule made."""
    real = {flags & 7 for _, flags in mine if flags & 7 and not flags & DERIVED}
    current = [(name, flags) for name, flags in theirs if not flags & (DERIVED | HISTORIC | COLLOQUIAL)]
    told = {flags & 7: name for name, flags in reversed(current) if flags & 7 and flags & 7 not in real}
    kept = [
        (name, flags)
        for name, flags in mine
        if not (flags & DERIVED and flags & 7 in told and not flags & MAIN and told[flags & 7] != name)
    ]
    kept = [(name, flags & ~DERIVED if told.get(flags & 7) == name else flags) for name, flags in kept]
    given = {(name, flags & 7) for name, flags in kept}
    spelled = {name for name, _ in kept}
    for name, flags in theirs:
        language = flags & 7
        if told.get(language) == name and (name, language) not in given:
            kept.append((name, flags & ~MAIN))
        elif name not in spelled and not flags & DERIVED:
            kept.append((name, flags & ~(MAIN | 7)))
        else:
            continue
        given.add((name, language))
        spelled.add(name)
    return kept


def name_further(place: Draft, names: Sequence[Name], source: str) -> None:
    """Give a place the names that a table of alternate names has for it, with their languages and marks."""
    usual = [name for name in names if usable(name.text, place.country)]
    marks = {name.text: name.flags for name in usual if name.flags}
    current = {name.text for name in usual if not name.flags}
    place.names = [
        (name, flags if flags & MAIN or name in current else flags | marks.get(name, 0)) for name, flags in place.names
    ]
    given = {name for name, _ in place.names}
    theirs = [(name.text, _CODES.get(name.language, 0) | name.flags) for name in usual]
    place.names = _joined(place.names, theirs)
    for name, _ in place.names:
        if name not in given and source != place.source:
            place.name_sources[name] = source


def draft_of(record: Record, source: str, admin1: tuple[str, str], *, bare: bool = False) -> Draft:
    """Make the draft of a record, with the spellings that rules add or, `bare`, without."""
    told = [(name.text, _CODES.get(name.language, 0)) for name in record.names] or [(record.name, 0)]
    return Draft(
        record.id,
        [(name, flags | (0 if at else MAIN)) for at, (name, flags) in enumerate(told)] if bare else record.spellings(),
        record.kind,
        record.lon,
        record.lat,
        record.radius_km,
        record.population,
        record.country,
        admin1,
        source,
        record.parents,
    )
