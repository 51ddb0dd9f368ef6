"""The command ``gazetteer``: look up names, and build gazetteer files."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gazetteer.errors import GazetteerError

if TYPE_CHECKING:
    from gazetteer.places import Place, SearchResult


@click.group()
def main() -> None:
    """Names to places, with honest doubt."""


@main.command("build")
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The file to write."
)
@click.option("--only", is_flag=True, help="Leave the shipped places out.")
def build_command(sources: tuple[Path, ...], output: Path, only: bool) -> None:
    """Build a gazetteer file from GeoNames country dumps (zip or text)."""
    from gazetteer.build import build

    try:
        report = build(sources, output, only=only, progress=sys.stderr.isatty())
    except GazetteerError as error:
        raise click.ClickException(str(error)) from error
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(report.kinds.items(), key=lambda item: -item[1]))
    click.echo(f"{report.path}: {report.places:,} places ({kinds})")
    if report.bad:
        click.echo(f"{report.bad:,} bad rows were left out, the first:", err=True)
        for fault in report.faults[:5]:
            click.echo(f"  {fault}", err=True)


@main.command("lookup")
@click.argument("name")
@click.option("--other", default="", help="The same name in the sign's other script.")
@click.option("--country", default="", help="ISO code of the country that you vouch for, such as UA.")
@click.option("--gazetteer", "file", type=click.Path(path_type=Path), help="A file that `gazetteer build` wrote.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(0, 1000), help="Most places shown.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def lookup_command(name: str, other: str, country: str, file: Path | None, limit: int, as_json: bool) -> None:
    """Show which places NAME may mean, each with its probability."""
    from gazetteer.gazetteer import Gazetteer

    try:
        result = Gazetteer.open(file).search(name, other=other, country=country, limit=limit)
    except GazetteerError as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps(as_plain(result), ensure_ascii=False, indent=1) if as_json else as_lines(result))


def as_plain(result: SearchResult) -> dict[str, Any]:
    """Turn a search result into plain values for JSON."""
    matches = [
        {"name": match.name, "probability": match.probability, "place": _place(match.place)} for match in result.matches
    ]
    return {"query": result.query, "none": result.none, "matches": matches, "notes": dict(result.notes)}


def _place(place: Place) -> dict[str, Any]:
    return {
        name: dict(value) if name == "names" else value for name in place.__slots__ for value in [getattr(place, name)]
    }


def as_lines(result: SearchResult) -> str:
    """Turn a search result into lines for people, most probable first."""
    lines = [
        f"{match.probability:7.1%}  {match.place.name} ({match.place.names.get('en', match.name)}), "
        f"{match.place.kind}, {match.place.admin1_name or match.place.country}, "
        f"{match.place.lat:.4f} N {match.place.lon:.4f} E "
        f"± {match.place.uncertainty_km:g} km  [{match.place.id}]"
        for match in result.matches
        if match.probability >= 0.0005
    ]
    lines.append(f"{result.none:7.1%}  none of these")
    lines += [f"{what}: {note}" for what, note in result.notes.items()]
    return "\n".join(line if line.isprintable() else repr(line) for line in lines)


if __name__ == "__main__":
    main()
