"""The commands that infer: ``run`` from photos, ``infer`` from clues typed in by hand."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from geoinfer.commands.options import border_codes, out_option, reading_options, shared_options
from geoinfer.commands.reading import read_case
from geoinfer.commands.telling import answer_facts, tell_answer, tell_json

if TYPE_CHECKING:
    from geoinfer.case import Case
    from geoinfer.inference import Result

INTERRUPTED = 130


@click.command()
@click.argument("photos", nargs=-1, required=True)
@out_option
@reading_options
@shared_options
def run(
    photos: tuple[str, ...],
    out: Path,
    engine: str,
    jobs: int,
    dask: str | None,
    near: tuple[str, ...],
    near_file: tuple[str, ...],
    evidence: str | None,
    afresh: bool,
    gazetteer: str | None,
    tiles: str,
    seed: int,
    as_json: bool,
    quiet: bool,
) -> None:
    """Infer where PHOTOS were taken; write map and report to OUT.

    PHOTOS are folders, files, globs, zip and tar archives, videos (a frame a second), exports of Telegram channels, or
    URLs such as s3://bucket/folder. A broken file is listed under problems and never stops the run. Photos that show
    the same are read once. Ctrl-C ends the reading; what was read so far is inferred and saved, and the next run into
    the same OUT goes on from there: what was read is kept in OUT/.readings.sqlite. Corrections made in a notebook and
    saved to OUT (corrections.json) are applied again, unless --afresh is given.

    \b
    Examples:
      geoinfer run photos/ -o out
      geoinfer run archive.zip clip.mp4 -o out --near none
      geoinfer run photos/ -o out --near BY --near-file front.geojson
      geoinfer run photos/ -o out --json | jq .verdict.text
    """
    from geoinfer.occupy import occupy
    from geoinfer.verify import drop_unvouched

    out.mkdir(parents=True, exist_ok=True)
    with occupy(out), _termination_as_interrupt():
        drop_unvouched(out)
        case = read_case(photos, engine, jobs, dask, gazetteer, out, quiet)
        case.settings["seed"] = seed
        _take_up(case, out, evidence, afresh, quiet or as_json)
        if case.interrupted:
            if _photos_in_report(out) > len(case.photos):
                click.echo(f"interrupted: the fuller result in {out} stays; the same command goes on", err=True)
                sys.exit(INTERRUPTED)
            click.echo("interrupted: saving what was read so far; the same command goes on from there", err=True)
        result = case.infer(border_codes(near), near_files=near_file)
        result.save(out, tiles=tiles)
    _tell(result, case, out, as_json, quiet)
    if case.interrupted:
        sys.exit(INTERRUPTED)


@click.command()
@click.argument("clues", type=click.Path(exists=True))
@out_option
@shared_options
def infer(
    clues: str,
    out: Path,
    near: tuple[str, ...],
    near_file: tuple[str, ...],
    evidence: str | None,
    afresh: bool,
    gazetteer: str | None,
    tiles: str,
    seed: int,
    as_json: bool,
    quiet: bool,
) -> None:
    """Infer a place from CLUES typed in by hand.

    CLUES is a CSV file with the columns sign_id,kind,name,km,road,country,note; one row per name; rows with one
    sign_id share a plate; all but name (or road) may be empty. Semicolons or tabs may stand for the commas.

    \b
    Kinds: direction distance settlement_begin settlement_end km_post route station border_strip unknown
    Example of a file:
      sign_id,kind,name,km
      s1,distance,Чернігів,39
      s2,distance,Гомель,72

    \b
    Examples:
      geoinfer infer clues.csv -o out
      geoinfer infer clues.csv -o out --near none --evidence evidence.toml
    """
    from geoinfer.case import Case
    from geoinfer.escape import visible

    if Path(clues).is_dir():
        raise click.UsageError(f"CLUES is a CSV file, and {visible(clues)} is a folder; for photos: geoinfer run")
    case = Case.from_clues(clues, gazetteer=gazetteer)
    case.settings["seed"] = seed
    _take_up(case, out, evidence, afresh, quiet or as_json)
    result = case.infer(border_codes(near), near_files=near_file)
    result.save(out, tiles=tiles)
    _tell(result, case, out, as_json, quiet)


def _tell(result: Result, case: Case, out: Path, as_json: bool, quiet: bool) -> None:
    if as_json:
        tell_json(answer_facts(out))
    elif not quiet:
        tell_answer(result, case, out)


def _take_up(case: Case, out: Path, evidence: str | None, afresh: bool, quiet: bool) -> None:
    """Apply what an earlier session kept in OUT, then the file of evidence, and say so."""
    from geoinfer.escape import visible

    recalled = () if afresh else case.recall(out)
    added = case.add_evidence(evidence) if evidence else []
    if evidence:
        case.settings["evidence"] = Path(evidence).name
    if quiet:
        return
    for text in recalled:
        click.echo(f"kept from an earlier session (--afresh drops it): {visible(text)}")
    if added:
        click.echo(f"evidence: {', '.join(added)}")


def _photos_in_report(out: Path) -> int:
    try:
        return len(json.loads((out / "report.json").read_bytes())["photos"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return 0


@contextmanager
def _termination_as_interrupt() -> Iterator[None]:
    """Treat SIGTERM, which services and batch systems send, like Ctrl-C: keep what was read."""
    import signal

    def stop(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
