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


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Names to places, with honest doubt.

    \b
    Examples:
      gazetteer lookup Чернiгов                              which places a name may mean
      gazetteer build --download UA BY -o full.zip           GeoNames dumps, fetched and built
      gazetteer build map.osm.pbf towns.csv -o full.zip      what you have, merged into the shipped places

    \b
    Exit codes:
      0  done, though some rows may be listed as bad
      1  a source or a gazetteer file cannot be used
      2  wrong usage
    """


class _BuildCommand(click.Command):
    """The command `build`, whose help lists the kinds of source."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from gazetteer.detect import KINDS

        with formatter.section("Sources, told apart by their content"):
            for what in KINDS.values():
                formatter.write_text(f"- {what}")


@main.command("build", cls=_BuildCommand)
@click.argument("sources", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The file to write."
)
@click.option("--only", is_flag=True, help="Leave the shipped places out.")
@click.option(
    "--download",
    is_flag=True,
    help="SOURCES are country codes such as UA BY RU (or files): fetch their GeoNames dumps.",
)
@click.option(
    "--licence", "licences", multiple=True, metavar="FILE=TEXT", help="Licence of a source that does not say it."
)
def build_command(
    sources: tuple[Path, ...], output: Path, only: bool, download: bool, licences: tuple[str, ...]
) -> None:
    """Build a gazetteer file out of SOURCES.

    Several sources are merged: the same place is near and has the same name, and keeps every name with its source. The
    coordinates of sources that are named first lead.
    """
    from gazetteer.build import build

    progress = sys.stderr.isatty()
    try:
        stated = dict(_licence(text) for text in licences)
        if download:
            sources = _downloaded(sources, progress)
        report = build(sources, output, only=only, progress=progress, licences=stated)
    except GazetteerError as error:
        raise click.ClickException(str(error)) from error
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(report.kinds.items(), key=lambda item: -item[1]))
    click.echo(f"{report.path}: {report.places:,} places ({kinds})")
    for read in report.reads:
        bad = f", {read.bad:,} bad rows left out" if read.bad else ""
        click.echo(f"  {_printable(read.path.name)}: {KINDS_TOLD[read.kind]}, {read.records:,} rows used{bad}")
    if report.merged:
        click.echo(f"  {report.merged:,} rows were of places that another source or the shipped gazetteer has")
    for name in report.extras:
        click.echo(f"  with {'a road network' if name == 'roads.npz' else 'signs whose place is known'}")
    for read in report.reads:
        for fault in read.faults[:5]:
            click.echo(f"bad row: {_printable(read.path.name)}, {fault}", err=True)


KINDS_TOLD = {
    "geonames": "GeoNames dump", "alternates": "GeoNames alternate names", "postal": "GeoNames postal codes",
    "osm": "OpenStreetMap", "wof": "Who's On First", "delimited": "table with a header", "geojson": "GeoJSON",
}  # fmt: skip


def _licence(text: str) -> tuple[str, str]:
    name, sign, licence = text.partition("=")
    if not (name and sign and licence.strip()):
        raise GazetteerError(
            f"--licence {text!r}: valid is the name of a source and its licence, such as towns.csv=CC0"
        )
    return name, licence.strip()


def _downloaded(sources: tuple[Path, ...], progress: bool) -> tuple[Path, ...]:
    """Fetch the dumps of the sources that are country codes and no files; keep the files."""
    from gazetteer.download import fetch

    codes = [str(source) for source in sources if not source.exists()]
    if not codes:
        raise GazetteerError("--download needs country codes, such as: gazetteer build --download UA BY RU -o FILE")
    return (*fetch(codes, progress=progress), *(s for s in sources if s.exists()))


def _printable(text: str) -> str:
    return text if text.isprintable() else ascii(text)


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
    masses = {"none": result.none, "further": result.further}
    return {"query": result.query, **masses, "matches": matches, "notes": dict(result.notes)}


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
    if result.further >= 0.0005:
        lines.append(f"{result.further:7.1%}  further bearers, not shown")
    lines.append(f"{result.none:7.1%}  none of these")
    lines += [f"{what}: {note}" for what, note in result.notes.items()]
    return "\n".join(line if line.isprintable() else repr(line) for line in lines)


if __name__ == "__main__":
    main()
