"""What the commands tell: answers and problems, for people in a terminal or as JSON for scripts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from geoinfer.case import Case
    from geoinfer.inference import Result

NOTE_LIMIT = 1000
"""Characters of a verdict or note to show: they are our own sentences, though names of strangers stand in them."""
MOST_SITES = 10
ANSWER = ("verdict", "regions", "sites", "elsewhere", "notes", "clusters", "problems")
"""What of ``report.json`` is the answer."""


def tell_json(value: Any) -> None:
    """Print plain values as JSON."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


def tell_answer(result: Result, case: Case, out: Path) -> None:
    """Tell people what was found, where it lies and what to do with it."""
    from geoinfer.escape import visible
    from geoinfer.verdict import place_told

    click.secho(visible(result.verdict.text, NOTE_LIMIT), bold=True)
    for place in result.findings.clusters[1:]:
        click.echo(visible(place_told(place), NOTE_LIMIT))
    sites = result.findings.sites
    for site in sites[:MOST_SITES]:
        click.echo(f"{site.rank:3d}. {site.probability:6.1%}  {visible(site.name)} ({site.kind})")
    more = sites[MOST_SITES:]
    if more:
        click.echo(f"     {sum(site.probability for site in more):6.1%}  {len(more)} more sites, see sites.csv")
    if sites:
        click.echo(f"     {result.findings.elsewhere:6.1%}  elsewhere")
    for note in result.notes:
        click.echo(f"{click.style('note:', fg='cyan')} {visible(note, NOTE_LIMIT)}")
    tell_problems(case)
    click.echo(
        f"written to {out}: map.html report.html report.json sites.csv sites.geojson sites.kml case.gpkg "
        "ledger.jsonl crops/"
    )
    click.echo(f"head of the ledger, to note elsewhere for `geoinfer verify --head`: {head_of(out)}")
    click.echo(f"{click.style('next:', fg='green')} {_next_step(result, out)}")


def _next_step(result: Result, out: Path) -> str:
    if result.verdict.kind == "none":
        return (
            "see what was read with `geoinfer read PHOTOS`, and type in by hand the names that you can make out "
            "(`geoinfer infer --help`)"
        )
    return f"open {out / 'map.html'} in a browser, no network is needed; `geoinfer publish --help` before you show it"


def answer_facts(out: Path) -> dict[str, Any]:
    """Give the answer as scripts want it: what ``report.json`` says of it, and where the rest lies."""
    report = json.loads((out / "report.json").read_bytes())
    return {**{name: report[name] for name in ANSWER}, "out": str(out), "head": head_of(out)}


def head_of(out: Path) -> str:
    """Give the head of a case's ledger."""
    from geoinfer.ledger import LEDGER_NAME, Ledger

    return Ledger.from_file(out / LEDGER_NAME).head


def tell_problems(case: Case) -> None:
    """List on standard error what could not be used."""
    from geoinfer.escape import visible

    for problem in case.problems:
        label = click.style("problem:", fg="yellow")
        click.echo(f"{label} {visible(problem['file'])}: {visible(problem['error'])}", err=True)
