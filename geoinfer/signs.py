"""Signs: readings that share a plate, split into entries."""

from __future__ import annotations

from dataclasses import dataclass

from geoinfer.readings import Point, Reading

KINDS = ("direction", "distance", "settlement_begin", "settlement_end", "km_post", "route", "station", "unknown")
"""Kinds of sign, as the column `kind` of a clue file names them."""

COLOURS = ("white", "blue", "green", "yellow", "red", "brown", "black", "unknown")
"""Background colours of a plate."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One name on a sign with what stands beside it.

    Attributes
    ----------
    name
        The name as read; Cyrillic leads where a sign carries two scripts.
    other
        The same name in the sign's other script, or an empty string.
    km
        Kilometres beside the name, if any.
    arrow
        ``left``, ``right``, ``ahead`` or None.
    readings
        Ids of the readings that it was made from.
    """

    name: str
    other: str = ""
    km: float | None = None
    arrow: str | None = None
    readings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sign:
    """Readings that share a plate.

    Attributes
    ----------
    id
        Unique in the case, such as ``photo-3/s1``.
    kind
        One of `KINDS`.
    colour
        One of `COLOURS`.
    polygon
        Convex hull of the readings, in pixels of the upright photo.
    entries
        Names, from top to bottom.
    routes
        Route numbers such as ``M01`` or ``E95``.
    readings
        All readings on the plate.
    """

    id: str
    kind: str
    colour: str
    polygon: tuple[Point, ...]
    entries: tuple[Entry, ...]
    routes: tuple[str, ...]
    readings: tuple[Reading, ...]
