"""What kind of source a file is: told by its content, never by its name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from gazetteer import alternate_names, geonames, postal, wof
from gazetteer.delimited import columns_of, delimiter_of
from gazetteer.errors import GazetteerError
from gazetteer.opening import open_table

KINDS: Mapping[str, str] = {
    "geonames": "GeoNames country dump (UA.zip or UA.txt)",
    "alternates": "GeoNames alternate names with languages (alternateNamesV2.zip, or one country's)",
    "postal": "GeoNames postal codes (zip, txt or csv; one name a row)",
    "osm": "OpenStreetMap extract (.osm.pbf or .osm; needs the extra `osm`)",
    "wof": "Who's On First table (tsv with the columns wof_id, placetype, name, lat, lon)",
    "delimited": "CSV or other table with a header (lon, lat, name; more where it has it)",
    "geojson": "GeoJSON features with a name",
}
"""The kinds of source and what each is for people."""

VALID = "; ".join(KINDS.values())

_SAMPLE = 100_000
"""Characters that are looked at."""


def kind_of(path: Path) -> str:
    """Tell what kind of source a file is.

    Returns
    -------
    A key of `KINDS`.

    Raises
    ------
    GazetteerError
        The file cannot be read or is none of them.
    """
    try:
        with path.open("rb") as file:
            head = file.read(1024)
    except OSError as error:
        raise GazetteerError(f"{path} cannot be read: {error.strerror or error}; valid are: {VALID}") from error
    if not head:
        raise GazetteerError(f"{path} is empty; valid are: {VALID}")
    if b"OSMHeader" in head[:64] or (head.lstrip().startswith(b"<?xml") and b"<osm" in head):
        return "osm"
    with open_table(path, f"one of: {VALID}") as table:
        # By size and not by line: GeoJSON is often one line.
        sample = table.stream.read(_SAMPLE)
    lines = [line.rstrip("\r") for line in sample.split("\n") if line.strip()]
    kind = _kind_of_lines(lines) if lines else None
    if kind is None:
        raise GazetteerError(f"{path} is no source of places that is known; valid are: {VALID}")
    return kind


def _kind_of_lines(lines: list[str]) -> str | None:
    first = lines[0]
    if first.lstrip().startswith("{"):
        return "geojson"
    if set(first.split("\t")) >= wof.NEEDED:
        return "wof"
    if tuple(first.split(",")[:5]) == postal.HEADER:
        return "postal"
    votes = Counter(kind for line in lines if (kind := _kind_of_row(line.split("\t"))))
    if votes:
        return votes.most_common(1)[0][0]
    known = columns_of(first.split(delimiter_of(first)))
    # A heading or two by accident is no table of places, three of four are one with a fault worth naming.
    return "delimited" if len([column for column in ("lon", "lat", "name") if column in known]) >= 2 else None


def _kind_of_row(cells: list[str]) -> str | None:
    if len(cells) == geonames.COLUMNS and cells[0].isdigit():
        return "geonames"
    if len(cells) == postal.COLUMNS and len(cells[0]) == 2 and cells[0].isupper():
        return "postal"
    if len(cells) in alternate_names.COLUMNS and cells[0].isdigit() and cells[1].isdigit():
        return "alternates"
    return None
