"""A realistic Findings for tests: a camera on the M01 north of Chernihiv, and the same with hostile text everywhere."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import h3
import numpy as np
import shapely
from PIL import Image, ImageDraw

from gazetteer.places import Match, Place, SearchResult
from geoinfer.clues import Clue, Mention
from geoinfer.entries import Entry
from geoinfer.photos import PhotoRecord
from geoinfer.readings import Reading
from geoinfer.result import Findings, Region, Site, Verdict
from geoinfer.signs import Sign

if TYPE_CHECKING:
    from collections.abc import Sequence

HOSTILE = (
    "</script><script>alert(1)</script><img src=x onerror=alert(2)> \u202egpj.exe \x1b[31m \x00 \u2028 "
    "'\"&`${7*7}{{7*7}}{% raw %}"
)
"""Text that tries to leave HTML, a script, a template, a terminal and XML at once."""

SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
TRUE_POINT = (31.042, 51.846)
CHERNIHIV = Place(
    "geonames:710735", "Чернігів", {"uk": "Чернігів", "ru": "Чернигов", "be": "Чарнігаў", "en": "Chernihiv"}, "city",
    31.2849, 51.5055, 0.5, 282747, "UA", "UA-74", "Chernihiv Oblast", "GeoNames",
)  # fmt: skip
HOMIEL = Place(
    "geonames:627907", "Гомель", {"uk": "Гомель", "ru": "Гомель", "be": "Гомель", "en": "Homyel"}, "city",
    30.9754, 52.4345, 0.5, 501193, "BY", "BY-HO", "Gomel Region", "GeoNames",
)  # fmt: skip
CHERNIHIVKA = Place(
    "geonames:710726", "Чернігівка", {"uk": "Чернігівка", "ru": "Черниговка", "en": "Chernihivka"}, "town",
    36.2052, 47.1965, 1.0, 6188, "UA", "UA-23", "Zaporizhzhia Oblast", "GeoNames",
)  # fmt: skip

_SITES = (
    # name, names, kind, lon, lat, country, admin1, road km to the true point
    ("Ріпки", {"uk": "Ріпки", "ru": "Репки", "be": "Рэпкі", "en": "Ripky"}, "town", 31.0858, 51.8027, "UA", "UA-74"),
    ("Гучин", {"uk": "Гучин", "ru": "Гучин", "en": "Huchyn"}, "village", 31.0453, 51.8397, "UA", "UA-74"),
    ("Вишневе", {"uk": "Вишневе", "ru": "Вишнёвое", "en": "Vyshneve"}, "village", 31.0208, 51.8794, "UA", "UA-74"),
    ("Олешня", {"uk": "Олешня", "ru": "Олешня", "en": "Oleshnia"}, "village", 31.0906, 51.9003, "UA", "UA-74"),
    ("Нові Яриловичі – Новая Гута",
     {"uk": "Нові Яриловичі", "ru": "Новые Яриловичи", "be": "Новая Гута", "en": "Novi Yarylovychi"},
     "crossing", 30.9699, 52.0747, "UA", "UA-74"),
    ("Скиток", {"uk": "Скиток", "ru": "Скиток", "en": "Skytok"}, "village", 30.966, 52.069, "UA", "UA-74"),
    ("Городня", {"uk": "Городня", "ru": "Городня", "en": "Horodnia"}, "town", 31.5965, 51.8907, "UA", "UA-74"),
)  # fmt: skip


def picture(text: str, size: tuple[int, int] = (220, 48)) -> bytes:
    """A small PNG, as the crop of a line of text would be."""
    image = Image.new("RGB", size, (24, 78, 150))
    ImageDraw.Draw(image).text((12, 12), text, fill="white", font_size=22)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def belief_cells(resolution: int = 7, rings: int = 14) -> gpd.GeoDataFrame:
    """H3 cells whose probability falls off round the true point, stretched along the road."""
    lon0, lat0 = TRUE_POINT
    ids = sorted(h3.grid_disk(h3.latlng_to_cell(lat0, lon0, resolution), rings))
    lat, lon = np.array([h3.cell_to_latlng(cell) for cell in ids]).T
    north = (lat - lat0) * 111.2
    east = (lon - lon0) * 111.2 * np.cos(np.radians(lat0)) + 0.35 * north
    mass = np.exp(-0.5 * ((east / 3) ** 2 + (north / 7) ** 2)) + 2e-5
    outlines = [shapely.Polygon([(x, y) for y, x in h3.cell_to_boundary(cell)]) for cell in ids]
    return gpd.GeoDataFrame({"h3": ids, "probability": mass / mass.sum()}, geometry=outlines, crs="EPSG:4326")


def highest_density(cells: gpd.GeoDataFrame, level: float) -> Region:
    """The smallest set of cells that holds `level`."""
    ranked = cells.sort_values("probability", ascending=False)
    within = ranked[ranked["probability"].cumsum() <= level]
    area = sum(h3.cell_area(cell, "km^2") for cell in within["h3"])
    return Region(level, area, shapely.union_all(within.geometry.to_numpy()))


def make_findings(*, resolution: int = 7) -> Findings:
    """Everything an inference gives, for two signs in one photo, one photo without text and one broken file."""
    cells = belief_cells(resolution)
    distance = (
        _reading("photo-1/r1", "Чернігів", "cyrillic", 0.97), _reading("photo-1/r2", "Chernihiv", "latin", 0.94),
        _reading("photo-1/r3", "39", "digits", 0.91), _reading("photo-1/r4", "Гомель", "cyrillic", 0.88),
        _reading("photo-1/r5", "72", "digits", 0.9), _reading("photo-1/r6", "M01", "latin", 0.83),
    )  # fmt: skip
    signs = (
        Sign(
            "photo-1/s1", "distance", "blue", ((100, 80), (700, 80), (700, 400), (100, 400)),
            (Entry("Чернігів", "Chernihiv", 39.0, None, ("photo-1/r1", "photo-1/r2", "photo-1/r3")),
             Entry("Гомель", "", 72.0, None, ("photo-1/r4", "photo-1/r5"))),
            ("M01",), distance,
        ),
    )  # fmt: skip
    clues = (
        Clue("clue-1", "photo-1/s1", "М01/IMG_0042.jpg", "distance", (
            Mention("Чернігів", "Chernihiv", 39.0, SearchResult("Чернігів", (
                Match(CHERNIHIV, "Чернігів", 0.962), Match(CHERNIHIVKA, "Чернігівка", 0.011)), 0.027),
                ("photo-1/r1", "photo-1/r2", "photo-1/r3")),
            Mention("Гомель", "", 72.0, SearchResult("Гомель", (Match(HOMIEL, "Гомель", 0.955),), 0.045),
                ("photo-1/r4", "photo-1/r5")),
        ), ("M01",)),
        Clue("clue-2", "typed-1", "", "route", (), ("M01", "E95"), "UA", "Caption of the published photo"),
    )  # fmt: skip
    return Findings(
        verdict=Verdict("region", "A 60 km² stretch of the M01 about 39 km north of Chernihiv, between Ripky and "
                        "Oleshnia, holds half of the probability; no single village is certain."),
        sites=_sites(), elsewhere=0.174,
        regions={0.5: highest_density(cells, 0.5), 0.9: highest_density(cells, 0.9)},
        cells=cells, clues=clues,
        photos=(
            PhotoRecord("М01/IMG_0042.jpg", SHA, 1600, 1067, {
                "taken": "2026-01-29T11:20:00", "camera": "NIKON Z 6", "gps_lon": 30.5, "gps_lat": 50.4}, signs),
            PhotoRecord("М01/IMG_0043.jpg", SHA[::-1], 1600, 1067, {}, ()),
        ),
        problems=({"file": "М01/broken.jpg", "error": "not a photograph: the file ends after 120 bytes"},),
        notes=("The border rules (BY, RU-BRY) contributed 0.8 bits; without them the 90 % region has 410 km².",
               "The photo's EXIF claims a position 158 km away; it was not used."),
        settings={"near": ["BY", "RU-BRY"], "engine": "signs", "seed": 0, "tiles": "none"},
        sources=({"name": "GeoNames", "version": "2026-07", "licence": "CC BY 4.0", "url": "https://www.geonames.org"},
                 {"name": "OpenStreetMap borders and roads", "version": "2026", "licence": "ODbL 1.0",
                  "attribution": "© OpenStreetMap contributors"}),
        crops={reading.id: picture(reading.text) for reading in distance},
    )  # fmt: skip


def make_hostile_findings() -> Findings:
    """The same case with hostile text wherever a stranger's text can stand."""
    good = make_findings()
    photo = good.photos[0]
    readings = tuple(replace(one, text=HOSTILE, alternatives=((HOSTILE, 1.0),)) for one in photo.signs[0].readings)
    entries = tuple(replace(one, name=HOSTILE, other=HOSTILE) for one in photo.signs[0].entries)
    sign = replace(photo.signs[0], readings=readings, entries=entries, routes=(HOSTILE,))
    place = replace(CHERNIHIV, name=HOSTILE, names={"uk": HOSTILE, "en": HOSTILE}, admin1_name=HOSTILE)
    found = SearchResult(HOSTILE, (Match(place, HOSTILE, 0.9),), 0.1)
    mention = Mention(HOSTILE, HOSTILE, 39.0, found, ("photo-1/r1",))
    return replace(
        good,
        verdict=Verdict("region", HOSTILE),
        sites=tuple(replace(one, name="=" + HOSTILE, names={"uk": HOSTILE}, reasons=(HOSTILE,)) for one in good.sites),
        clues=(replace(good.clues[0], photo=HOSTILE, mentions=(mention,), routes=(HOSTILE,), note="@" + HOSTILE),),
        photos=(replace(photo, file=HOSTILE, exif={"camera": HOSTILE, "note\x1b": HOSTILE * 60}, signs=(sign,)),),
        problems=({"file": "../../" + HOSTILE + "\udcff", "error": HOSTILE},),
        notes=(HOSTILE, "long " * 2000),
        settings={"near": [HOSTILE], HOSTILE: "x"},
        sources=({"name": HOSTILE, "version": "1", "licence": HOSTILE, "url": "javascript:alert(3)"},),
        crops={"../../evil": picture("x"), "photo-1/r1": picture("x"), "photo-1/r2": b"<svg onload=alert(4)>"},
    )


def _sites() -> tuple[Site, ...]:
    shares: Sequence[float] = (0.31, 0.24, 0.13, 0.07, 0.04, 0.03, 0.006)
    return tuple(
        Site(
            rank, name, names, kind, lon, lat, 0.4, 3.0, share, country, admin1,
            {"BY": round(8 + 4.1 * rank, 1), "RU-BRY": round(54.2 - rank, 1)},
            (f"39 km by road from Чернігів, as sign photo-1/s1 says (off by {0.4 * rank:.1f} km)",
             "72 km by road from Гомель", "on the M01, the sign's road number"),
        )
        for rank, (share, (name, names, kind, lon, lat, country, admin1)) in enumerate(
            zip(shares, _SITES, strict=True), start=1
        )
    )  # fmt: skip


def _reading(identifier: str, text: str, script: str, confidence: float) -> Reading:
    top = 100 + 40 * int(identifier[-1])
    box = ((120.0, top), (320.5, top), (320.5, top + 34.0), (120.0, top + 34.0))
    rest = round(1 - confidence, 2)
    return Reading(identifier, box, text, script, confidence, ((text, confidence), (text[:-1] + "?", rest)), "signs")
