"""GeoNames' alternate names (alternateNamesV2): the language of each name, and which are historic or colloquial.

A country dump lists alternate names without languages; this table has them, for all countries or for one. The columns
are those of the readme of https://download.geonames.org/export/dump/ (CC BY 4.0). The table has no places of its own:
its names go to the GeoNames places of the other sources and of the shipped gazetteer. A settlement of Ukraine's
codifier goes by its GeoNames id only where the dump of Ukraine is among the sources.
"""

from __future__ import annotations

import re

from gazetteer.opening import Table
from gazetteer.records import Name, RowError, Source
from gazetteer.tables import COLLOQUIAL, HISTORIC

COLUMNS = (8, 10)
"""Without and with the columns from and to, which say when a name was in use."""

_NO_NAMES = frozenset({
    "link", "post", "iata", "icao", "faac", "tcid", "unlc", "wkdt", "abbr", "phon", "piny", "lauc", "fr_1793",
})  # fmt: skip
"""Pseudo-languages of links, post and airport codes, phonetics and pinyin; ``fr_1793`` is of the French Revolution."""

_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]+)*\Z")


def read_alternates(table: Table, source: Source, wanted: frozenset[str] | None = None) -> None:
    """Read alternate names into a source.

    Parameters
    ----------
    wanted
        Ids such as ``geonames:710735`` of the places whose names are kept; None for all.
    """
    # The whole table has 18 million rows: most must cost no more than a look.
    numbers = (
        None if wanted is None else {id_.removeprefix("geonames:") for id_ in wanted if id_.startswith("geonames:")}
    )
    for number, line in table.lines():
        if line is None:
            source.faults.add(f"line {number}", "longer than any row of alternate names")
            continue
        head = line.split("\t", 2)
        if not line.strip() or (
            numbers is not None and len(head) == 3 and head[1].isdigit() and head[1] not in numbers
        ):
            continue
        try:
            found = parse(line)
        except RowError as fault:
            source.faults.add(f"line {number}", fault)
        else:
            if found is not None:
                source.alternates.setdefault(found[0], []).append(found[1])


def parse(line: str) -> tuple[str, Name] | None:
    r"""Parse one row of alternate names.

    Returns
    -------
    The id of the place and the name; None where it is a link, a code or no spelling that a sign carries.

    Raises
    ------
    RowError
        The line is no row of alternate names.

    Examples
    --------
    >>> parse("1594561\t696050\tru\tЩорс\t\t\t\t1\t1935\t2016")
    ('geonames:696050', Name(text='Щорс', language='ru', flags=32))
    >>> parse("2920393\t710735\tlink\thttps://en.wikipedia.org/wiki/Chernihiv\t\t\t\t\t\t") is None
    True
    """
    cells = line.rstrip("\r\n").split("\t")
    if len(cells) not in COLUMNS:
        raise RowError(f"{len(cells)} columns instead of {COLUMNS[1]}")
    if not (cells[1].isdigit() and cells[1].isascii() and len(cells[1]) < 13):
        raise RowError(f"geonameid {cells[1][:20]!r} is no number")
    language, text = cells[2].strip().lower(), " ".join(cells[3].split())
    if language and not _LANGUAGE.match(language) and language not in _NO_NAMES:
        raise RowError(f"language {cells[2][:20]!r} is no language code")
    if language in _NO_NAMES or not text or not text.isprintable() or len(text) > 200:
        return None
    flags = (HISTORIC if cells[7].strip() == "1" else 0) | (COLLOQUIAL if cells[6].strip() == "1" else 0)
    return f"geonames:{cells[1]}", Name(text, language.split("-")[0], flags)
