"""Clues: what one sign says about the camera's position, from a photo or typed in by hand.

Both ways meet in `geoinfer.clue_rows.ClueRow`, one row per name. `build_clues` groups the rows of one plate and asks
the gazetteer what their names may mean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gazetteer.places import Match, SearchResult
from geoinfer.clue_rows import ClueRow, check_row, route_number
from geoinfer.errors import ClueError

if TYPE_CHECKING:
    from gazetteer import Gazetteer
    from geoinfer.lattice import Lattice


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
    km_other
        Kilometres that the line in the other script gives, where they differ.
    """

    name: str
    other: str
    km: float | None
    matches: SearchResult
    readings: tuple[str, ...] = ()
    km_other: float | None = None


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
        ISO 3166-1 alpha-2 code of the country that the sign stands in, as the researcher vouches, or an empty string.
        The places it names may lie in another.
    note
        Free text.
    post_km
        Number on a kilometre post that names no place.
    abridged
        Whether names of other places, or numbers of roads, were left out of it as other clues tell them already
        (`geoinfer.repeats`).
    """

    id: str
    sign: str
    photo: str
    kind: str
    mentions: tuple[Mention, ...]
    routes: tuple[str, ...] = ()
    country: str = ""
    note: str = ""
    post_km: float | None = None
    abridged: bool = False


def build_clues(
    rows: Sequence[ClueRow],
    gazetteer: Gazetteer,
    alternatives: Mapping[str, tuple[tuple[str, float], ...]] | None = None,
    lattices: Mapping[str, tuple[str, Lattice]] | None = None,
) -> tuple[Clue, ...]:
    """Group rows into plates and ask the gazetteer what each name may mean.

    Parameters
    ----------
    rows
        Rows; those with one photo and one `sign_id` share a plate.
    gazetteer
        Names to places.
    alternatives
        Reading id to the reader's alternatives, which say how else a name might read.
    lattices
        Reading id to its text and to what the reader saw, which says more: it tells how likely any name is.

    Returns
    -------
    Clues, numbered ``clue-1``, ``clue-2`` ... in the order of their first rows.

    Raises
    ------
    ClueError
        If a row has a fault; the message lists all of them.
    """
    faults = [f"{row.sign_id}: {fault}" for row in rows for fault in check_row(row)]
    if faults:
        raise ClueError("; ".join(faults))
    plates: dict[tuple[str, str], list[ClueRow]] = {}
    for row in rows:
        plates.setdefault((row.photo, row.sign_id), []).append(row)
    return tuple(
        _clue(f"clue-{n}", plate, gazetteer, alternatives or {}, lattices or {})
        for n, plate in enumerate(plates.values(), start=1)
    )


def _clue(
    identity: str,
    rows: Sequence[ClueRow],
    gazetteer: Gazetteer,
    alternatives: Mapping[str, tuple[tuple[str, float], ...]],
    lattices: Mapping[str, tuple[str, Lattice]],
) -> Clue:
    first = rows[0]
    country = next((row.country for row in rows if row.country), "")
    mentions = tuple(
        Mention(
            row.name,
            row.other,
            row.km,
            _matches(row, gazetteer, alternatives, lattices),
            row.readings,
            row.km_other,
        )
        for row in rows
        if row.name.strip()
    )
    routes = tuple(dict.fromkeys(route_number(row.road) for row in rows if row.road.strip()))
    note = "; ".join(dict.fromkeys(row.note for row in rows if row.note))
    kind = next((row.kind for row in rows if row.kind != "unknown"), "unknown")
    post_km = next((row.km for row in rows if not row.name.strip() and row.km is not None), None)
    return Clue(
        identity,
        first.sign_id,
        first.photo,
        kind,
        mentions,
        routes,
        country,
        note,
        post_km if kind == "km_post" else None,
    )


def _matches(
    row: ClueRow,
    gazetteer: Gazetteer,
    alternatives: Mapping[str, tuple[tuple[str, float], ...]],
    lattices: Mapping[str, tuple[str, Lattice]],
) -> SearchResult:
    """Ask the gazetteer what a name may mean, unless the researcher has said which place it is."""
    if not row.place:
        lattice = _lattice(row, lattices)
        return gazetteer.search(
            row.name,
            alternatives=() if lattice else _alternatives(row, alternatives),
            other=row.other,
            score=lattice.log_likelihood if lattice else None,
        )
    try:
        place = gazetteer.place(row.place)
    except KeyError:
        raise ClueError(
            f"{row.sign_id}: no place in the gazetteer has the id {row.place[:60]!r}; `geoinfer lookup NAME --json` "
            "lists ids"
        ) from None
    return SearchResult(row.name, (Match(place, place.name, 1.0),), 0.0)


def _lattice(row: ClueRow, lattices: Mapping[str, tuple[str, Lattice]]) -> Lattice | None:
    """Give what the reader saw where the name stands, from the reading that it was taken out of as it was read."""
    from geoinfer.lattice import fold

    for reading in row.readings:
        text, lattice = lattices.get(reading, ("", None))
        if lattice and fold(row.name) and fold(row.name) in fold(text):
            return lattice.part(text, row.name)
    return None


def _alternatives(
    row: ClueRow, alternatives: Mapping[str, tuple[tuple[str, float], ...]]
) -> tuple[tuple[str, float], ...]:
    """Alternatives of the one reading whose text is the name itself; a name cut out of a longer line has none."""
    for reading in row.readings:
        texts = alternatives.get(reading, ())
        if texts and texts[0][0].strip() == row.name.strip():
            return texts
    return ()
