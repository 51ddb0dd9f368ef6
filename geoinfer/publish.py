"""The public version of a case: where, roughly, and nothing that leads to the exact place or to the photographer.

A working case is exact and private. Its public version holds probabilities by coarse H3 cell and by oblast, in whole
percents, and no file name, hash, EXIF, reading, site, reason, or coordinate of more than two digits (1 km); crops only
if they are asked for, redrawn by `geoinfer.public_crops`, and then they say what the signs say. It is built from the
cells alone and from lists of what may pass, never by striking things out; even the window of its map follows from the
coarse cells. Before it is written the publisher answers four questions and the embargo must be over. Answers, time and
hashes of what was published go into the private ledger, not into the public files.

Sources: the questions follow Bellingcat's principles for data collection
(https://www.bellingcat.com/about/principles-for-data-collection/); an embargo, the Ukrainian media's joint rule of
April 2022 (12 hours for military objects, 3 for civilian ones,
https://bazilik.media/v-ukraini-ukhvalyly-novi-pravyla-vysvitlennia-podij-u-rajonakh-bojovykh-dij-ta-obstriliv).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from geoinfer.errors import PublicationError
from geoinfer.escape import visible
from geoinfer.ledger import EARLIER, LEDGER_NAME, Ledger, file_hash
from geoinfer.public_crops import shown_crops
from geoinfer.report import report_bytes
from geoinfer.save import write_whole
from geoinfer.verify import verify_case

QUESTIONS: Mapping[str, str] = {
    "harm": "Could anybody be harmed by publishing this?",
    "interest": "How does it serve an investigation and the public interest?",
    "alternatives": "Is there another way to publish that harms less?",
    "verification": "Can others verify it?",
}
"""What the publisher has to answer, by the word that `answers` uses for it."""

RESOLUTION = 4
"""H3 resolution of the public cells, about 1,770 km² each; coarser where a cell would hold too few places."""
MIN_PLACES = 5
"""A public cell holds at least so many known settlements: one that holds a single village would name it."""
MAX_UNCERTAINTY_KM = 20.0
"""Settlements that may well lie outside the cell that their coordinate is in do not count."""
MIN_SHARE = 0.01
"""Cells and areas below this are not listed one by one."""
MIN_CITY = 100_000
"""Inhabitants of the cities that the public map labels for orientation, whether or not the case speaks of them."""
FILES = ("map.html", "report.json")
CROPS = "crops"


@dataclass(frozen=True, slots=True)
class CoarseBelief:
    """The part of a belief that may be public.

    Attributes
    ----------
    resolution
        H3 resolution of the finest cell.
    cells
        H3 cell to probability in whole percents, most probable first.
    areas
        Name of an oblast or country to its probability in whole percents, most probable first.
    regions
        Level (0.5, 0.9) to the area in square kilometres of the coarse cells that hold it.
    """

    resolution: int
    cells: Mapping[str, int]
    areas: Mapping[str, int]
    regions: Mapping[float, float]


def publish_case(
    out: Path, public: Path, *, embargo: str | None, answers: Mapping[str, str], now: datetime, crops: bool = False
) -> None:
    """Write the public version of a saved case: ``map.html`` and ``report.json``.

    An embargo is kept in the private ledger from the first time that it is named: leaving it out later, or naming an
    earlier date, does not lift it.

    Parameters
    ----------
    out
        Folder of the working case; its ledger must be sound.
    public
        Folder for the public version: outside `out`, and holding nothing but an earlier public version.
    embargo
        Date or time in ISO 8601 before which nothing may be published, or None. UTC where it names no time zone; a date
        means the start of that day.
    answers
        Answers to `QUESTIONS` by their keys, all four.
    now
        The present time.
    crops
        Publish crops too, redrawn: they show the words of signs, which may say more than the cells do.

    Raises
    ------
    LedgerError
        If the case is not what was written.
    PublicationError
        If a question is not answered, the embargo is not over, or `public` is no fit folder; every fault is listed.
    """
    out, public = Path(out), Path(public)
    ledger = Ledger.from_file(out / LEDGER_NAME)
    embargo = _longest([*_kept_embargoes(ledger), *([] if embargo is None else [embargo])])
    _keep_embargo(ledger, embargo, out)
    faults = [*_answer_faults(answers), *_embargo_faults(embargo, now), *_folder_faults(out, public)]
    if faults:
        raise PublicationError("not published: " + "; ".join(faults))
    verify_case(out)
    report = json.loads((out / "report.json").read_bytes())
    belief = coarse_belief(_cells_of(out / "case.gpkg"))
    verdict = coarse_verdict(report["verdict"]["kind"], belief.areas)
    facts = _public_report(report, belief, verdict, embargo, now)
    redrawn = shown_crops(report, out) if crops else []
    contents = {f"{CROPS}/crop-{number}.png": png for number, png in enumerate(redrawn, start=1)}
    facts["crops"] = list(contents)
    contents |= {"map.html": _map_bytes(belief, facts), "report.json": report_bytes(facts)}
    public.mkdir(parents=True, exist_ok=True)
    for old in (public / CROPS).glob("crop-*.png"):
        old.unlink()
    if redrawn:
        (public / CROPS).mkdir(exist_ok=True)
    for name, content in contents.items():
        write_whole(public / name, content)
    ledger.append(
        "publication",
        time=now.astimezone(UTC).isoformat(timespec="seconds"),
        answers={key: answers[key] for key in QUESTIONS},
        embargo=embargo,
        resolution=belief.resolution,
        files={name: file_hash(public / name) for name in sorted(contents)},
    )
    write_whole(out / LEDGER_NAME, ledger.to_bytes())


def coarse_belief(cells: Mapping[str, float], resolution: int = RESOLUTION) -> CoarseBelief:
    """Blur a belief until no cell in it points at a place.

    Parameters
    ----------
    cells
        H3 cell to probability.
    resolution
        Finest resolution to publish; it is lowered until each listed cell holds `MIN_PLACES` settlements.
    """
    import h3
    import numpy as np

    from gazetteer.borders import Borders

    total = sum(cells.values()) or 1.0
    mass = {cell: share / total for cell, share in cells.items() if share > 0}
    while True:
        parents = {cell: h3.cell_to_parent(cell, min(resolution, h3.get_resolution(cell))) for cell in mass}
        coarse = _summed(parents, mass)
        listed = {cell: share for cell, share in coarse.items() if share >= MIN_SHARE}
        if resolution == 0 or all(_places_in(cell) >= MIN_PLACES for cell in listed):
            break
        resolution -= 1
    lat, lon = np.array([h3.cell_to_latlng(cell) for cell in mass]).reshape(-1, 2).T
    borders = Borders.open()
    names = {}
    for cell, code, country in zip(mass, borders.admin1(lon, lat), borders.country(lon, lat), strict=True):
        names[cell] = borders.name(str(code)) if code else str(country) or "the high seas"
    areas = _summed(names, mass)
    regions = {level: _area_holding(coarse, level) for level in (0.5, 0.9)} if coarse else {}
    return CoarseBelief(
        min(resolution, max((h3.get_resolution(cell) for cell in mass), default=resolution)),
        {cell: _percent(share) for cell, share in listed.items()},
        {name: _percent(share) for name, share in areas.items() if share >= MIN_SHARE},
        regions,
    )


def coarse_verdict(kind: str, areas: Mapping[str, int]) -> dict[str, str]:
    r"""Word the answer at the level of oblasts.

    Examples
    --------
    >>> coarse_verdict("site", {"Chernihiv Oblast": 97, "Gomel Region": 3})["text"]
    'The photographs were probably taken in Chernihiv Oblast (97\xa0%).'
    """
    if kind == "none" or not areas:
        return {"kind": "none", "text": "The evidence does not say where the photographs were taken."}
    first, *rest = areas.items()
    if first[1] >= 80:
        text = f"The photographs were probably taken in {first[0]} ({first[1]}\N{NO-BREAK SPACE}%)."
    else:
        some = ", ".join(f"{name} ({share}\N{NO-BREAK SPACE}%)" for name, share in (first, *rest[:3]))
        text = f"The evidence does not settle on one area: {some}."
    return {"kind": "region", "text": text}


def _percent(share: float) -> int:
    # Never 100: what was rounded away is not known to be impossible.
    return min(99, round(100 * share))


def _summed(groups: Mapping[str, str], mass: Mapping[str, float]) -> dict[str, float]:
    sums: dict[str, float] = {}
    for cell, group in groups.items():
        sums[group] = sums.get(group, 0.0) + mass[cell]
    return dict(sorted(sums.items(), key=lambda item: (-item[1], item[0])))


def _places_in(cell: str) -> int:
    import h3

    from gazetteer import Gazetteer

    lat, lon = h3.cell_to_latlng(cell)
    radius = max(h3.great_circle_distance((lat, lon), corner) for corner in h3.cell_to_boundary(cell))
    near = Gazetteer.open().places_within(lon, lat, radius, kinds=("city", "town", "village"))
    resolution = h3.get_resolution(cell)
    placed = [place for place in near if place.uncertainty_km <= MAX_UNCERTAINTY_KM]
    return sum(h3.latlng_to_cell(place.lat, place.lon, resolution) == cell for place in placed)


def _area_holding(coarse: Mapping[str, float], level: float) -> float:
    import h3

    held = area = 0.0
    for cell, share in coarse.items():
        if held >= level:
            break
        held += share
        area += h3.cell_area(cell, "km^2")
    return float(f"{area:.3g}")


def _cells_of(path: Path) -> dict[str, float]:
    import pyogrio

    table = pyogrio.read_dataframe(path, layer="cells", read_geometry=False)
    return dict(zip(map(str, table["h3"]), map(float, table["probability"]), strict=True))


def _public_report(
    report: Mapping[str, Any], belief: CoarseBelief, verdict: Mapping[str, str], embargo: str | None, now: datetime
) -> dict[str, Any]:
    return {
        "verdict": dict(verdict),
        "regions": {f"{level * 100:g}": {"area_km2": area} for level, area in belief.regions.items()},
        "cells": [{"h3": cell, "probability": share / 100} for cell, share in belief.cells.items()],
        "areas": [{"name": name, "probability": share / 100} for name, share in belief.areas.items()],
        "sites": [],
        "photos": [],
        "problems": [],
        "settings": {"public": True, "resolution": belief.resolution, "near": _known_borders(report["settings"])},
        "sources": _shipped_sources(report["sources"]),
        "published": now.astimezone(UTC).date().isoformat(),
        "embargo": embargo,
        "questions_answered": list(QUESTIONS),
    }


def _known_borders(settings: Mapping[str, Any]) -> list[str]:
    """Keep the codes that anybody knows: the name of a file that the researcher brought stays private."""
    from gazetteer.borders import Borders

    known = set(Borders.open().codes())
    near = settings.get("near")
    return [code for code in near if code in known] if isinstance(near, list) else []


def _shipped_sources(sources: list[Mapping[str, Any]]) -> list[dict[str, str]]:
    from gazetteer import Gazetteer

    used = {str(source.get("name")) for source in sources}
    shipped = [one for one in Gazetteer.open().sources if str(one["name"]) in used]
    return [{key: str(one.get(key, "")) for key in ("name", "version", "licence", "url")} for one in shipped]


def _map_bytes(belief: CoarseBelief, facts: Mapping[str, Any]) -> bytes:
    from geoinfer.base_layers import open_base
    from geoinfer.map import around
    from geoinfer.map_data import public_data
    from geoinfer.page import CaseMap

    base = open_base(around(public_data(belief, facts)["view"]), min_population=MIN_CITY)
    page: str = CaseMap(public_data(belief, facts, base)).get_root().render()
    return page.encode("utf-8")


def _kept_embargoes(ledger: Ledger) -> list[str]:
    """Return the embargoes that a case's ledger, or that of an earlier run into its folder, remembers."""
    facts = [one["facts"] for one in ledger.records if one["step"] == "embargo"]
    earlier = [one["facts"].get("record") for one in ledger.records if one["step"] == EARLIER]
    facts += [one["facts"] for one in earlier if isinstance(one, dict) and one.get("step") == "embargo"]
    return [str(one["until"]) for one in facts if isinstance(one, dict) and "until" in one]


def _longest(embargoes: list[str]) -> str | None:
    """Choose the embargo that ends last; one that is no date is chosen first, to be told."""
    moments = [(_moment(one), one) for one in embargoes]
    unclear = [one for moment, one in moments if moment is None]
    return unclear[0] if unclear else max(moments, default=(None, None))[1]


def _keep_embargo(ledger: Ledger, embargo: str | None, out: Path) -> None:
    if embargo is not None and _moment(embargo) is not None and embargo not in _kept_embargoes(ledger):
        ledger.append("embargo", until=embargo)
        write_whole(out / LEDGER_NAME, ledger.to_bytes())


def _moment(embargo: str) -> datetime | None:
    try:
        until = datetime.fromisoformat(embargo)
    except ValueError:
        return None
    return until if until.tzinfo else until.replace(tzinfo=UTC)


def _answer_faults(answers: Mapping[str, str]) -> list[str]:
    missing = [key for key in QUESTIONS if not answers.get(key, "").strip()]
    unknown = [visible(key, 40) for key in answers if key not in QUESTIONS]
    faults = [f"{key} is not answered ({QUESTIONS[key]})" for key in missing]
    return faults + [f"{key!r} is no question; they are {', '.join(QUESTIONS)}" for key in unknown]


def _embargo_faults(embargo: str | None, now: datetime) -> list[str]:
    if embargo is None:
        return []
    until = _moment(embargo)
    if until is None:
        return [f"embargo {visible(embargo, 40)!r} is no date; write it as 2026-02-01 or 2026-02-01T12:00+02:00"]
    if until > now:
        return [f"the embargo lasts until {until.isoformat()}, and it is {now.isoformat(timespec='minutes')}"]
    return []


def _folder_faults(out: Path, public: Path) -> list[str]:
    inner, outer = public.resolve(), out.resolve()
    if inner == outer or outer in inner.parents or inner in outer.parents:
        return [f"{public} and {out} lie in one another; keep the public version apart from the private case"]
    if public.exists() and not public.is_dir():
        return [f"{public} is a file; name a folder"]
    linked = [name for name in (*FILES, CROPS) if (public / name).is_symlink()]
    if linked:
        return [f"{public / linked[0]} is a link: nothing is written through it"]
    found = sorted(public.rglob("*")) if public.is_dir() else []
    own = re.compile(rf"{'|'.join(FILES)}|{CROPS}(/crop-[0-9]+\.png)?")
    others = [name for one in found if not own.fullmatch(name := one.relative_to(public).as_posix())]
    if others:
        return [f"{public} holds other files ({visible(others[0], 60)}); name an empty folder"]
    return []
