"""Clues: what one sign says about the camera's position, from a photo or typed in by hand."""

from __future__ import annotations

from dataclasses import dataclass

from gazetteer.places import SearchResult


@dataclass(frozen=True, slots=True)
class Mention:
    """One name on a clue's plate, with the places it may mean.

    Attributes
    ----------
    name
        The name as read or typed.
    other
        The same name in the plate's other script, or an empty string.
    km
        Kilometres beside it, if any.
    matches
        The gazetteer's distribution over places.
    readings
        Ids of the readings behind it, empty for a typed clue.
    """

    name: str
    other: str
    km: float | None
    matches: SearchResult
    readings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Clue:
    """What one sign says about where the camera stood.

    Attributes
    ----------
    id
        Unique in the case, such as ``clue-2``.
    sign
        Id of the sign, from a photo or from the column ``sign_id``.
    photo
        File name of the photo, or an empty string for a typed clue.
    kind
        One of `geoinfer.signs.KINDS`.
    mentions
        The names on it, top to bottom.
    routes
        Route numbers on it.
    country
        ISO 3166-1 alpha-2 code that the researcher vouches for, or an empty string.
    note
        Free text.
    """

    id: str
    sign: str
    photo: str
    kind: str
    mentions: tuple[Mention, ...]
    routes: tuple[str, ...] = ()
    country: str = ""
    note: str = ""
