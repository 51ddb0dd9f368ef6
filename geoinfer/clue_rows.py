"""Rows of clues: one name or route number on a plate, typed into a file or taken from the signs of photos.

A notebook corrects them; `geoinfer.clues.build_clues` makes clues of them.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from geoinfer.errors import ClueError
from geoinfer.lines import MOST_KM
from geoinfer.signs import KINDS

if TYPE_CHECKING:
    from geoinfer.photos import PhotoRecord

COLUMNS = ("sign_id", "kind", "name", "km", "road", "country", "note")
LOOK_ALIKES = str.maketrans("АВЕКМНОРСТХР", "ABEKMHOPCTXP")


@dataclass(frozen=True, slots=True)
class ClueRow:
    """One name (or one route number) on a plate; rows with one `sign_id` share the plate.

    Attributes
    ----------
    sign_id
        Name of the plate.
    kind
        One of `geoinfer.signs.KINDS`.
    name, other
        The name, and the same name in the plate's other script.
    km
        Kilometres beside it.
    road
        Route number.
    country
        ISO 3166-1 alpha-2 code of the country that the sign stands in, as the researcher vouches.
    note
        Free text.
    photo
        File name of the photo, empty for a typed clue.
    readings
        Ids of the readings behind the name.
    place
        Id of the place in the gazetteer that the researcher vouches for; empty for all that the name may mean.
    km_other
        Kilometres that the line in the other script gives, where they differ.
    """

    sign_id: str
    kind: str = "unknown"
    name: str = ""
    other: str = ""
    km: float | None = None
    road: str = ""
    country: str = ""
    note: str = ""
    photo: str = ""
    readings: tuple[str, ...] = ()
    place: str = ""
    km_other: float | None = None


def route_number(text: str) -> str:
    """Bring a route number to one form: Latin capitals without spaces or hyphens.

    Examples
    --------
    >>> route_number("М-01"), route_number("e 95")
    ('M01', 'E95')
    """
    return "".join(c for c in text.upper().translate(LOOK_ALIKES) if c.isalnum())


def check_row(row: ClueRow) -> list[str]:
    """List the faults of a row; none means that it can be used.

    Examples
    --------
    >>> check_row(ClueRow("s1", name="Чернігів", km=-3))
    ['km must lie between 0 and 5000, not -3']
    """
    faults = []
    if not row.name.strip() and not row.road.strip() and row.kind != "border_strip":
        faults.append("name and road are both empty; one is needed")
    if row.kind not in KINDS:
        faults.append(f"unknown kind {row.kind[:40]!r}; valid: {', '.join(KINDS)}")
    if row.km is not None and not 0 <= row.km <= MOST_KM:
        faults.append(f"km must lie between 0 and {MOST_KM:g}, not {row.km:g}")
    if row.country and row.country not in _countries():
        faults.append(f"unknown country {row.country[:40]!r}; {_codes_like(row.country)}")
    return faults


@cache
def _countries() -> Mapping[str, str]:
    """Two-letter codes of the countries that have borders here, with their English names."""
    from gazetteer.borders import Borders

    borders = Borders.open()
    return {code: borders.name(code) for code in borders.countries}


def _codes_like(text: str) -> str:
    """Say which codes somebody may have meant."""
    from difflib import get_close_matches

    names = {name.casefold(): code for code, name in _countries().items()}
    named = [names[name] for name in get_close_matches(text.casefold()[:60], names, n=3, cutoff=0.7)]
    alike = named or [code for code in _countries() if code[:1] == text[:1].upper()][:12]
    return f"valid: a two-letter ISO 3166-1 code such as {', '.join(alike or ['UA', 'BY', 'RU'])}"


def read_clue_file(path: str | Path) -> list[ClueRow]:
    """Read clues that were typed in by hand.

    Parameters
    ----------
    path
        CSV, UTF-8, with a header in any case; columns ``sign_id,kind,name,km,road,country,note``, of which only
        ``name`` (or ``road``) must be filled. Cells are separated by commas, semicolons or tabs, as the header shows.

    Returns
    -------
    Rows in the order of the file. A row without ``sign_id`` is a plate of its own.

    Raises
    ------
    ClueError
        If the file cannot be read as such a table; the message lists every fault with its line.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
        separator = max(",;\t", key=text.partition("\n")[0].count)
        reader = csv.DictReader(io.StringIO(text, newline=""), skipinitialspace=True, delimiter=separator)
        lines = [(reader.line_num, line) for line in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ClueError(f"{path}: cannot be read as a CSV file in UTF-8: {error}") from error
    header = [name.strip().lower() for name in reader.fieldnames or ()]
    unknown = [name for name in header if name not in COLUMNS]
    if unknown or not {"name", "road"} & set(header):
        found = ", ".join(header)[:200] or "nothing"
        raise ClueError(
            f"{path}: the first line must name columns out of {','.join(COLUMNS)}, with name or road; found: {found}"
        )
    rows, faults = [], []
    for number, line in lines:
        values = {
            (key or "").strip().lower(): (value or "").strip()
            for key, value in line.items()
            if isinstance(value, str | None)
        }
        if line.get(None):
            faults.append(f"line {number}: more cells than columns; put a decimal comma in quotes")
            continue
        try:
            row = _row(values, f"line-{number}")
        except ClueError as error:
            faults.append(f"line {number}: {error}")
            continue
        faults.extend(f"line {number}: {fault}" for fault in check_row(row))
        rows.append(row)
    if faults:
        raise ClueError(f"{path}: " + "; ".join(faults))
    if not rows:
        raise ClueError(f"{path}: no rows; write one name per row under {','.join(COLUMNS)}")
    return rows


def _row(values: Mapping[str, str], plate: str) -> ClueRow:
    km = values.get("km", "").replace(",", ".")
    try:
        distance = float(km) if km else None
    except ValueError:
        raise ClueError(f"km must be a number, not {km[:40]!r}") from None
    if distance is not None and not math.isfinite(distance):
        raise ClueError(f"km must be a finite number, not {km[:40]!r}")
    return ClueRow(
        sign_id=values.get("sign_id") or plate,
        kind=values.get("kind") or "unknown",
        name=values.get("name", ""),
        km=distance,
        road=values.get("road", ""),
        country=values.get("country", "").upper(),
        note=values.get("note", ""),
    )


def rows_from_photos(photos: Iterable[PhotoRecord]) -> list[ClueRow]:
    """Turn the signs of photos into rows, one per name and one per route number."""
    rows: list[ClueRow] = []
    for photo in photos:
        for sign in photo.signs:
            plate = ClueRow(sign.id, sign.kind, photo=photo.file)
            rows.extend(
                replace(
                    plate,
                    name=entry.name,
                    other=entry.other,
                    km=entry.km,
                    readings=entry.readings,
                    km_other=entry.km_other,
                )
                for entry in sign.entries
            )
            post = sign.post_km if sign.kind == "km_post" and not sign.entries else None
            rows.extend(replace(plate, road=route, km=post) for route in sign.routes)
    return rows
