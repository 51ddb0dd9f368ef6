"""Signs: readings that share a plate, split into entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gazetteer.names import script
from geoinfer.entries import Contents, Entry, read_entries
from geoinfer.plates import Pixels, Plate, find_plates
from geoinfer.readings import Point, Reading

KINDS = (
    "direction",
    "distance",
    "settlement_begin",
    "settlement_end",
    "km_post",
    "route",
    "station",
    "border_strip",
    "unknown",
)
"""Kinds of sign, as the column `kind` of a clue file names them."""

COLOURS = ("white", "blue", "green", "yellow", "red", "brown", "black", "unknown")
"""Background colours of a plate."""


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
    post_km
        Kilometre along a road that it marks, if it is a kilometre post.
    """

    id: str
    kind: str
    colour: str
    polygon: tuple[Point, ...]
    entries: tuple[Entry, ...]
    routes: tuple[str, ...]
    readings: tuple[Reading, ...]
    post_km: float | None = None


SURE_NAME = 0.3
"""Least confidence of the name on a plate that is called a settlement's."""
MOST_NAMES = 9
"""More names than a direction sign carries (three directions of three, DSTU 4100): a scheme or a list."""


def find_signs(readings: Sequence[Reading], pixels: Pixels | None, prefix: str) -> tuple[Sign, ...]:
    """Group the readings of a photo into signs.

    Parameters
    ----------
    readings
        Readings of one photo.
    pixels
        The upright photo, RGB bytes of shape (height, width, 3). None where it is not at hand: colours and most kinds
        are then unknown.
    prefix
        What ids begin with, such as ``photo-3``.

    Returns
    -------
    tuple of Sign
        From top to bottom. Every reading is on exactly one of them; a sign without a name has no entries.

    Examples
    --------
    >>> box = ((0, 0), (90, 0), (90, 20), (0, 20))
    >>> line = Reading("photo-1/r1", box, "Чернігів 39", "mixed", 0.9, (("Чернігів 39", 0.9),), "signs")
    >>> sign = find_signs([line], None, "photo-1")[0]
    >>> sign.id, sign.kind, sign.entries[0].name, sign.entries[0].km
    ('photo-1/s1', 'distance', 'Чернігів', 39.0)
    """
    signs = []
    for number, plate in enumerate(find_plates(readings, pixels), start=1):
        contents = read_entries(plate.readings)
        signs.append(
            Sign(
                id=f"{prefix}/s{number}",
                kind=tell_kind(contents, plate),
                colour=plate.colour,
                polygon=convex_hull([point for reading in plate.readings for point in reading.polygon]),
                entries=contents.entries,
                routes=contents.routes,
                readings=plate.readings,
                post_km=contents.post_km,
            )
        )
    return tuple(signs)


def tell_kind(contents: Contents, plate: Plate) -> str:
    """Tell the kind of a sign from what stands on it and how it looks.

    The rules follow the road signs of Ukraine (DSTU 4100), Belarus (STB 1140) and Russia (GOST R 52290). Where
    several kinds look alike, such as a blue plate with one name, the kind stays unknown: a wrong kind misplaces the
    camera, an unknown one only leaves the answer wider.

    Parameters
    ----------
    contents
        What stands on the plate.
    plate
        How it looks.

    Returns
    -------
    str
        One of `KINDS`.
    """
    entries = contents.entries
    if not entries:
        return _nameless_kind(contents, plate)
    if contents.post_km is not None:
        return "km_post"
    if len(entries) > MOST_NAMES:
        return "unknown"
    if any(entry.arrow for entry in entries):
        return "direction"
    if all(entry.km is not None for entry in entries):
        return "distance"
    if any(entry.km is not None for entry in entries):
        return "direction"
    if contents.station:
        return "station"
    if len(entries) == 1:
        return _settlement_kind(contents, plate)
    painted = plate.colour in ("blue", "green") and plate.dark_text is False
    return "direction" if painted and plate.has_edges else "unknown"


def _nameless_kind(contents: Contents, plate: Plate) -> str:
    if contents.station:
        return "station"
    if contents.routes:
        return "route" if len(plate.readings) <= len(contents.routes) + 1 else "unknown"
    if contents.post_km is None:
        return "unknown"
    if contents.post_km != int(contents.post_km):
        return "km_post"
    # Numbers in red rings are speed limits, other numbers on blue are those of houses and roads: a kilometre sign is
    # blue and hardly larger than its digits.
    tight = plate.has_edges and max(plate.margins) < 0.8 and sum(plate.margins) > 0.3
    return "km_post" if plate.colour == "blue" and plate.dark_text is False and tight else "unknown"


def _settlement_kind(contents: Contents, plate: Plate) -> str:
    """Tell a settlement's plate by its edges: a fascia on a white wall goes on beyond its letters.

    Such plates carry nothing but the name, without a prefix, in Cyrillic first: elsewhere they look otherwise.
    """
    entry = contents.entries[0]
    more = set(entry.readings) != {reading.id for reading in plate.readings}
    if (
        contents.routes
        or more
        or not plate.has_edges
        or script(entry.name) != "cyrillic"
        or not entry.name[:1].isupper()
    ):
        return "unknown"
    if max(reading.confidence for reading in plate.readings) < SURE_NAME:
        return "unknown"
    if plate.struck:
        return "settlement_end"
    left, top, right, bottom = plate.margins
    centred = abs(left - right) < 1.0 and abs(top - bottom) < 0.8
    framed = sum(plate.margins) > 0.3 and max(left, right) < 2.2 and max(top, bottom) < 1.6
    return "settlement_begin" if plate.colour == "white" and plate.dark_text and centred and framed else "unknown"


def convex_hull(points: Sequence[Point]) -> tuple[Point, ...]:
    """Find the convex hull of points by Andrew's monotone chain.

    Examples
    --------
    >>> convex_hull([(0, 0), (2, 0), (1, 1), (2, 2), (0, 2)])
    ((0, 0), (2, 0), (2, 2), (0, 2))
    """
    ordered = sorted(set(points))
    if len(ordered) < 3:
        return tuple(ordered)

    def chain(run: Sequence[Point]) -> list[Point]:
        hull: list[Point] = []
        for point in run:
            while len(hull) > 1 and _turn(hull[-2], hull[-1], point) <= 0:
                hull.pop()
            hull.append(point)
        return hull[:-1]

    return tuple(chain(ordered) + chain(ordered[::-1]))


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
