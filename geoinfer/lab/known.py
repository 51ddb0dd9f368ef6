"""Known signs: ``python -m geoinfer.lab.known [PHOTOS...]`` says where the camera stood, and how sure that is.

Runs the cases of ``known.tsv``, real signs whose place is known roughly and from elsewhere, and, where photographs are
given, each of them as a case of its own, as read.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

from geoinfer.lab.cases import Row
from geoinfer.lab.ground import straight_km

if TYPE_CHECKING:
    from geoinfer.inference import Result


@dataclass(frozen=True)
class Known:
    """A real sign whose place is known.

    Attributes
    ----------
    name
        What the case is called.
    rows
        What stands on the sign.
    lon, lat, within_km
        Where the camera stood, and to how many kilometres that is known.
    known_from
        How that is known.
    """

    name: str
    rows: tuple[Row, ...]
    lon: float
    lat: float
    within_km: float
    known_from: str


def known_cases() -> list[Known]:
    """Read the table of known signs.

    Examples
    --------
    >>> [case.name for case in known_cases()][:1]
    ['Kazan 30, Ufa 572']
    """
    text = files("geoinfer.lab").joinpath("known.tsv").read_text(encoding="utf-8")
    lines = list(csv.DictReader(text.splitlines(), delimiter="\t"))
    cases = []
    for name in dict.fromkeys(line["case"] for line in lines):
        own = [line for line in lines if line["case"] == name]
        first = own[0]
        rows = tuple(Row(line["sign"], line["kind"], line["name"], km=int(line["km"])) for line in own)
        where = float(first["lon"]), float(first["lat"]), float(first["within_km"])
        cases.append(Known(name, rows, *where, first["known_from"]))
    return cases


def tell(result: Result, known: Known | None = None) -> Iterator[str]:
    """Say where the camera is held to be and, if that is known, how far from there it was."""
    yield f"  verdict   {result.verdict.text}"
    if result.belief is None:
        return
    for site in list(result.findings.sites)[:3]:
        where = f"{site.name} ({site.kind}) {site.probability:.0%}, {site.lat:.3f} N {site.lon:.3f} E"
        if known:
            away = float(straight_km(known.lon, known.lat, np.array(site.lon), np.array(site.lat)))
            where += f", {away:.0f} km from the true place (known to {known.within_km:g} km)"
        yield f"  site      {where}"
    for level in (0.5, 0.9):
        region = result.region(level)
        held = ""
        if known:
            import shapely.ops

            nearest = shapely.ops.nearest_points(region.geometry, shapely.Point(known.lon, known.lat))[0]
            away = float(straight_km(known.lon, known.lat, np.array(nearest.x), np.array(nearest.y)))
            held = f", {'holds the true place' if away == 0 else f'{away:.1f} km from the true place'}"
        yield f"  region    {level:.0%}: {region.area_km2:,.0f} km2{held}"


@click.command()
@click.argument("photos", nargs=-1, type=click.Path(path_type=Path, exists=True))
def main(photos: tuple[Path, ...]) -> None:
    """Say where real signs stand, and how sure that is."""
    from geoinfer import Case
    from geoinfer.lab.judge import answer, infer, open_world

    world = open_world()
    for known in known_cases():
        click.echo(f"{known.name}\n  truth     {known.known_from}")
        click.echo("\n".join(tell(answer(infer(known.rows, (), world, read=False), world), known)))
    for photo in photos:
        case = Case.from_photos(photo)
        click.echo(photo.name)
        click.echo("  read      " + "; ".join(f"{row.name} {row.km or ''}".strip() for row in case.rows()))
        click.echo("\n".join(tell(case.infer(near=[]))))


if __name__ == "__main__":
    main()
