"""What is looked up when it is first asked for: a search gives many places, and few of them are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gazetteer.places import Match, Place
from gazetteer.tables import DERIVED, LANGUAGES


class LazyMatch(Match):
    """A match whose place is made when it is first read; then it is a `Match` like any other."""

    __slots__ = ("_source",)

    _source: tuple[Callable[[int], Place], int]

    @classmethod
    def later(cls, make: Callable[[int], Place], row: int, name: str, probability: float) -> LazyMatch:
        """Give a match that makes its place, that of a row, when it is asked for it."""
        match = cls.__new__(cls)
        _set(match, "_source", (make, row))
        _set(match, "name", name)
        _set(match, "probability", probability)
        return match

    def __getattr__(self, attribute: str) -> Any:
        # Python only asks here for what is not set.
        if attribute != "place":
            raise AttributeError(f"a match has no {attribute!r}; it has place, name and probability")
        make, row = self._source
        place = make(row)
        _set(self, "place", place)
        return place

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Match):
            return NotImplemented
        return (self.place, self.name, self.probability) == (other.place, other.name, other.probability)

    __hash__ = Match.__hash__

    def __repr__(self) -> str:
        return repr(Match(self.place, self.name, self.probability))

    def __reduce__(self) -> tuple[type[Match], tuple[Place, str, float]]:
        return Match, (self.place, self.name, self.probability)


_set = object.__setattr__
"""Matches are frozen for everyone else."""


class LocalNames(Mapping[str, str]):
    """A place's names by language.

    Parameters
    ----------
    spellings
        Gives the spellings of a row with their flags.
    row
        Row of the place.
    """

    def __init__(self, spellings: Callable[[int], list[tuple[str, int]]], row: int) -> None:
        self._source: tuple[Callable[[int], list[tuple[str, int]]], int] | None = (spellings, row)
        self._names: dict[str, str] = {}

    def _loaded(self) -> dict[str, str]:
        if self._source is not None:
            spellings, row = self._source
            found: dict[str, str] = {}
            # What a source gives stands before what a rule made.
            for name, flags in sorted(spellings(row), key=lambda pair: pair[1] & DERIVED):
                if flags & 7:
                    found.setdefault(LANGUAGES[flags & 7], name)
            self._names = {language: found[language] for language in LANGUAGES if language in found}
            self._source = None
        return self._names

    def __getitem__(self, language: str) -> str:
        return self._loaded()[language]

    def __iter__(self) -> Iterator[str]:
        return iter(self._loaded())

    def __len__(self) -> int:
        return len(self._loaded())

    def __repr__(self) -> str:
        return repr(self._loaded())

    def __reduce__(self) -> tuple[type[dict[str, str]], tuple[dict[str, str]]]:
        return dict, (self._loaded(),)
