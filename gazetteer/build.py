"""Build a gazetteer file from what a researcher has: ``gazetteer build SOURCE... -o FILE``.

A country dump replaces what the shipped tables have of that country from GeoNames. The settlements of the Ukrainian
codifier stay, and are put anew: a full dump has a point for most of them.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gazetteer.codifier import Point, Settlement, place_settlements, point_radius
from gazetteer.errors import GazetteerError
from gazetteer.gazetteer import data_path
from gazetteer.geonames import Dump, Row, read_dump
from gazetteer.spellings import assemble, own_names
from gazetteer.tables import Draft, keys_by_name, pack, read, unpack, write

Divisions = dict[tuple[str, str], tuple[str, str, str]]
SETTLEMENTS = ("city", "town", "village")

STATION_KM = 0.3
"""Radius for a station, whose point lies within its tracks."""

_AREA_KM = {"oblast": 70.0, "district": 25.0}
"""Radii for oblasts and districts, whose extent a dump does not tell: about those of Ukraine."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a build made of its sources.

    Attributes
    ----------
    places
        Places in the file.
    kinds
        Places by kind.
    faults
        Bad rows: how many, and the first of each source, with file, line and reason.
    """

    path: Path
    places: int
    kinds: dict[str, int]
    bad: int
    faults: tuple[str, ...]


def build(sources: Sequence[Path], output: Path, *, only: bool = False, progress: bool = False) -> Report:
    """Build a gazetteer file; it is written whole or not at all.

    Parameters
    ----------
    sources
        GeoNames country dumps, zip or text.
    output
        The file to write.
    only
        Leave the shipped tables out.
    progress
        Whether to show a progress bar on standard error.

    Raises
    ------
    GazetteerError
        A source cannot be used, or the output cannot be written.
    """
    if not sources:
        raise GazetteerError("no source given; valid are GeoNames country dumps such as UA.zip, zip or text")
    dumps = [read_dump(path, progress=progress) for path in sources]
    described = [_describe(dump) for dump in dumps]
    rows = {row.id: row for dump in dumps for row in dump.rows}
    origin = {row.id: about["name"] for dump, about in zip(dumps, described, strict=True) for row in dump.rows}
    divisions = _divisions()
    drafts: list[Draft] = []
    keys_of: dict[str, str] = {}
    if not only:
        shipped = read(data_path("places.zip"))
        kept, codified = _kept(unpack(shipped), {row.country for row in rows.values()})
        for used in _place_anew(codified, rows, divisions, origin):
            del rows[used]
        drafts = kept + codified
        described = shipped.sources + described
        keys_of = keys_by_name(shipped)
        # The shipped areas of a country have names in three languages; a dump's would double them.
        have = {draft.country for draft in kept if draft.kind == "oblast"}
        rows = {id_: row for id_, row in rows.items() if row.kind not in _AREA_KM or row.country not in have}
    known = {draft.id for draft in drafts}
    fresh = (_draft(row, divisions, origin[row.id]) for row in rows.values())
    drafts += [draft for draft in fresh if draft.names and draft.id not in known]
    try:
        write(pack(drafts, described, keys_of), output)
    except OSError as error:
        raise GazetteerError(
            f"{output} cannot be written: {error.strerror or error}; give a file in a folder you may write to"
        ) from error
    faults = tuple(f"{dump.path.name}, {fault}" for dump in dumps for fault in dump.faults)
    return Report(
        output, len(drafts), dict(Counter(draft.kind for draft in drafts)), sum(dump.bad for dump in dumps), faults
    )


def _describe(dump: Dump) -> dict[str, str]:
    return {
        "name": f"GeoNames {dump.path.name}",
        "version": dump.version,
        "licence": "CC BY 4.0",
        "url": "https://download.geonames.org/export/dump/",
    }


def _divisions() -> Divisions:
    """Give the ISO code, the name and the codifier's digits of first-level divisions by country and GeoNames code."""
    with data_path("admin1.tsv").open(encoding="utf-8", newline="") as lines:
        return {
            (row["country"], row["geonames"]): (row["iso"], row["name_en"], row["katottg"])
            for row in csv.DictReader(lines, delimiter="\t")
        }


def _kept(shipped: Sequence[Draft], replaced: set[str]) -> tuple[list[Draft], list[Draft]]:
    """Take the shipped places that no dump replaces, and those of the codifier if a dump of Ukraine is there."""
    kept, codified = [], []
    for draft in shipped:
        if draft.country == "UA" and "UA" in replaced and draft.id.startswith("katottg:") and draft.kind != "district":
            codified.append(draft)
        elif not (draft.id.startswith("geonames:") and draft.country in replaced):
            kept.append(draft)
    return kept, codified


def _place_anew(
    codified: Sequence[Draft], rows: Mapping[int, Row], divisions: Divisions, origin: Mapping[int, str]
) -> set[int]:
    """Put the codifier's settlements at the points of a dump; changes `codified`.

    Returns
    -------
    The ids of the rows that were used.
    """
    points = [
        Point(str(row.id), own_names(row.name, row.alternates), division[2], row.lon, row.lat, row.population)
        for row in rows.values()
        if row.country == "UA" and row.kind in SETTLEMENTS and (division := divisions.get(("UA", row.admin1)))
    ]
    older = former_names()
    settlements = []
    for draft in codified:
        code, category = draft.id.removeprefix("katottg:"), "C" if draft.kind == "village" else "M"
        settlements.append(Settlement(code, draft.name, category, older.get(code, ())))
    spots = place_settlements(settlements, points)
    used = set()
    for draft in codified:
        spot = spots.get(draft.id.removeprefix("katottg:"))
        if spot is None or spot.point is None:
            continue
        row = rows[int(spot.point.id)]
        used.add(row.id)
        draft.lon, draft.lat, draft.uncertainty_km = row.lon, row.lat, spot.uncertainty_km
        draft.population, draft.source = row.population or draft.population, origin[row.id]
        given = {name for name, _ in draft.names}
        draft.names += [(name, 0) for name, _ in assemble(row.name, row.alternates, "UA") if name not in given]
    return used


def former_names() -> dict[str, tuple[str, ...]]:
    """Give the former names of settlements in the hand-kept table, by their code in the codifier."""
    found: dict[str, tuple[str, ...]] = {}
    with data_path("renames.tsv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            if row["katottg"]:
                found[row["katottg"]] = (*found.get(row["katottg"], ()), row["old"])
    return found


def _draft(row: Row, divisions: Divisions, source: str) -> Draft:
    iso, name, _ = divisions.get((row.country, row.admin1), ("", "", ""))
    radius = STATION_KM if row.kind == "station" else _AREA_KM.get(row.kind) or point_radius(row.population)
    # Dumps also list oblasts and districts under the bare name of their centre: that names the town.
    alternates = [name for name in row.alternates if row.kind not in _AREA_KM or " " in name]
    names = assemble(row.name, alternates, row.country)
    return Draft(
        f"geonames:{row.id}",
        names,
        row.kind,
        row.lon,
        row.lat,
        radius,
        row.population,
        row.country,
        (iso, name),
        source,
    )
