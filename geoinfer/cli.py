"""The command line of geoinfer.

Exit codes: 0 done, 1 the ledger or a file is broken (`verify`) or a publication is refused, 2 wrong usage or input,
130 interrupted (what was read so far is saved).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from geoinfer import __version__

if TYPE_CHECKING:
    from geoinfer.case import Case
    from geoinfer.inference import Result

F = TypeVar("F", bound=Callable[..., Any])
ENGINES = ("signs", "tesseract", "both", "eslav")
INTERRUPTED = 130
NOTE_LIMIT = 1000
"""Characters of a verdict or note to show: they are our own sentences, though names of strangers stand in them."""


def shared_options(command: F) -> F:
    """Add the options that every inferring command has."""
    options = [
        click.option(
            "--near", multiple=True, metavar="CODE",
            help="Border the place is held to be near: ISO 3166 code such as BY or RU-BRY; repeat for more. "
            "[default: BY and RU-BRY; 'none' for no border]",
        ),
        click.option("--near-file", multiple=True, type=click.Path(exists=True, dir_okay=False),
                     help="GeoJSON polygon of your own to be near to, such as a front line."),
        click.option("--evidence", type=click.Path(exists=True, dir_okay=False),
                     help="TOML file with what you know beside the signs: areas, searches in vain, the sun, a model's "
                     "positions; see `geoinfer evidence`."),
        click.option("--afresh", is_flag=True,
                     help="Drop the corrections and the evidence that an earlier session kept in OUT."),
        click.option("--gazetteer", type=click.Path(exists=True, dir_okay=False),
                     help="File made by `gazetteer build`. [default: the one shipped]"),
        click.option("--tiles", default="none", show_default=True, metavar="none|osm|URL",
                     help="Map tiles. They tell a server where you look; 'none' asks nothing of the network."),
        click.option("--seed", type=int, default=0, show_default=True, help="Recorded; every step is deterministic."),
        click.option("-q", "--quiet", is_flag=True, help="Only errors."),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def reading_options(command: F) -> F:
    """Add the options of commands that read photos."""
    options = [
        click.option("--engine", type=click.Choice(ENGINES), default="signs", show_default=True, help="Reader."),
        click.option("--jobs", type=click.IntRange(1, 256), default=None, metavar="N",
                     help="Processes that read at the same time, each on one core. [default: one per core]"),
        click.option("--dask", metavar="ADDRESS",
                     help="Read on the workers of a Dask scheduler (tcp://HOST:8786) that see the same files."),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


class Commands(click.Group):
    """A group that turns the errors of geoinfer into one line, not a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        from gazetteer.errors import GazetteerError, UnknownBorderError
        from geoinfer.errors import ClueError, EngineError, LedgerError, OccupiedError, PublicationError
        from geoinfer.escape import visible

        try:
            return super().invoke(ctx)
        except (LedgerError, PublicationError) as error:
            click.echo(f"geoinfer: {visible(str(error))}", err=True)
            ctx.exit(1)
        except (ClueError, EngineError, GazetteerError, OccupiedError, UnknownBorderError) as error:
            click.echo(f"geoinfer: {visible(str(error))}", err=True)
            ctx.exit(2)
        except OSError as error:
            told = visible(str(error))
            click.echo(f"geoinfer: {told}; valid: files that can be read and a folder that can be written", err=True)
            ctx.exit(2)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="geoinfer")
def main() -> None:
    """Infer where photographs were taken from the place-name signs in them, and say how sure that is.

    \b
    Examples:
      geoinfer run photos/ -o out           folder of photos -> map, ranked list, report
      geoinfer infer clues.csv -o out       signs that you typed in, no photos
      geoinfer lookup Чернігів              what the gazetteer makes of a name
      geoinfer demo                         the whole job on photos that geoinfer makes itself
    """


@main.command()
@click.argument("photos", nargs=-1, required=True)
@click.option(
    "-o", "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder for the results."
)
@reading_options
@shared_options
def run(
    photos: tuple[str, ...],
    out: Path,
    engine: str,
    jobs: int | None,
    dask: str | None,
    near: tuple[str, ...],
    near_file: tuple[str, ...],
    evidence: str | None,
    afresh: bool,
    gazetteer: str | None,
    tiles: str,
    seed: int,
    quiet: bool,
) -> None:
    """Read PHOTOS, infer one place, and write map, tables, report and ledger to OUT.

    PHOTOS are folders, files, globs, zip and tar archives, videos (a frame a second), exports of Telegram channels, or
    URLs such as s3://bucket/folder. A broken file is listed under problems and never stops the run. Photos that show
    the same are read once. Ctrl-C ends the reading; what was read so far is inferred and saved, and the next run into
    the same OUT goes on from there: what was read is kept in OUT/.readings.sqlite. Corrections made in a notebook and
    saved to OUT (corrections.json) are applied again, unless --afresh is given.
    """
    from geoinfer.occupy import occupy
    from geoinfer.verify import drop_unvouched

    _check_tiles(tiles)
    out.mkdir(parents=True, exist_ok=True)
    with occupy(out), _termination_as_interrupt():
        drop_unvouched(out)
        case = _read(photos, engine, jobs or _cores(), dask, gazetteer, out, quiet)
        case.settings["seed"] = seed
        _take_up(case, out, evidence, afresh, quiet)
        if case.interrupted:
            if _photos_in_report(out) > len(case.photos):
                click.echo(f"interrupted: the fuller result in {out} stays; the same command goes on", err=True)
                sys.exit(INTERRUPTED)
            click.echo("interrupted: saving what was read so far; the same command goes on from there", err=True)
        result = case.infer(_codes(near), near_files=near_file)
        result.save(out, tiles=tiles)
    if not quiet:
        _tell(result, case, out)
    if case.interrupted:
        sys.exit(INTERRUPTED)


@main.command()
@click.argument("photos", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("-o", "--out", type=click.Path(file_okay=False, path_type=Path),
              help="Folder for a picture of every line that was read, in crops/.")  # fmt: skip
@reading_options
@click.option("-q", "--quiet", is_flag=True, help="No progress bar.")
def read(
    photos: tuple[str, ...],
    as_json: bool,
    out: Path | None,
    engine: str,
    jobs: int | None,
    dask: str | None,
    quiet: bool,
) -> None:
    """Read PHOTOS and print their signs; nothing is inferred, and nothing written but the crops if asked for."""
    from dataclasses import asdict

    from geoinfer.escape import plain, visible

    case = _read(photos, engine, jobs or _cores(), dask, None, None, quiet or as_json)
    crops = _save_crops(case, out) if out else {}
    if as_json:
        click.echo(
            json.dumps(
                {"photos": plain([asdict(p) for p in case.photos]), "problems": plain(case.problems)},
                ensure_ascii=False,
                indent=1,
            )
        )
        return
    for photo in case.photos:
        click.echo(visible(photo.file))
        for sign in photo.signs:
            click.echo(f"  {sign.kind} ({sign.colour}) {' '.join(visible(r) for r in sign.routes)}".rstrip())
            for reading in sign.readings:
                crop = f"  {crops[reading.id]}" if reading.id in crops else ""
                click.echo(f"    {reading.confidence:4.0%}  {visible(reading.text)}{crop}")
    _tell_problems(case)


def _save_crops(case: Case, out: Path) -> dict[str, Path]:
    """Write the pictures of the lines that were read; give their files by reading id."""
    from geoinfer.report import crop_file

    folder = out / "crops"
    if folder.is_symlink() or folder.is_file():
        raise click.UsageError(f"{folder} is a link or a file; valid: a folder that can be written, with -o")
    folder.mkdir(parents=True, exist_ok=True)
    files = {name: out / crop_file(name) for name in case.crops}
    for name, file in files.items():
        if file.is_symlink():
            file.unlink()  # never write through a link that somebody planted
        file.write_bytes(case.crops[name])
    return files


@main.command()
@click.argument("clues", type=click.Path(exists=True, dir_okay=False))
@click.option(
    "-o", "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder for the results."
)
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
    quiet: bool,
) -> None:
    """Infer a place from CLUES typed in by hand.

    CLUES is a CSV file with the columns sign_id,kind,name,km,road,country,note; one row per name; rows with one
    sign_id share a plate; all but name (or road) may be empty. Semicolons or tabs may stand for the commas.

    \b
    Kinds: direction distance settlement_begin settlement_end km_post route station border_strip unknown
    Example:
      sign_id,kind,name,km
      s1,distance,Чернігів,39
      s2,distance,Гомель,72
    """
    from geoinfer.case import Case

    _check_tiles(tiles)
    case = Case.from_clues(clues, gazetteer=gazetteer)
    case.settings["seed"] = seed
    _take_up(case, out, evidence, afresh, quiet)
    result = case.infer(_codes(near), near_files=near_file)
    result.save(out, tiles=tiles)
    if not quiet:
        _tell(result, case, out)


@main.command("evidence")
def evidence_help() -> None:
    """Explain the file for --evidence: what you know beside the signs."""
    import geoinfer.evidence

    click.echo(geoinfer.evidence.__doc__)


@main.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--gazetteer", type=click.Path(exists=True, dir_okay=False), help="File made by `gazetteer build`.")
@click.option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True, help="Most places to list.")
def lookup(name: str, as_json: bool, gazetteer: str | None, limit: int) -> None:
    """Say which places NAME may mean, as a distribution with "none of these"."""
    from gazetteer.cli import as_lines, as_plain
    from geoinfer.world import World

    found = World(gazetteer).gazetteer.search(name, limit=limit)
    click.echo(json.dumps(as_plain(found), ensure_ascii=False, indent=1) if as_json else as_lines(found))


@main.command()
@click.argument("out", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--head", metavar="HASH", help="Head of the ledger as you noted it when the run printed it.")
@click.option("--photos", type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="Folder of the source photos, if they were moved since.")  # fmt: skip
def verify(out: Path, head: str | None, photos: Path | None) -> None:
    """Check the ledger of OUT and every hash in it; exit 1 and the first fault where one is broken.

    Source photos are checked too, where they still are. Without --head a case that somebody wrote anew as a whole, with
    a new ledger, passes.
    """
    from geoinfer.escape import visible
    from geoinfer.verify import verify_case

    found = verify_case(out, head=head, photos=photos)
    away = f", {found.photos_away} are not there to be checked" if found.photos_away else ""
    click.echo(f"{visible(str(out))}: ledger and {found.files} files are as they were written")
    click.echo(f"{found.photos} source photos are as they were read{away}")
    click.echo(f"head of the ledger: {found.head}")


@main.command()
@click.argument("out", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "-o",
    "--public",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the public version.",
)
@click.option(
    "--embargo", metavar="DATE", help="Date (YYYY-MM-DD) before which nothing may be published; refused until then."
)
@click.option("--answer", "answers", multiple=True, metavar="QUESTION=TEXT",
              help="Answer to one of the four questions: harm, interest, alternatives, verification.")  # fmt: skip
@click.option("--crops", is_flag=True, help="Publish the lines that name places too, redrawn small and in two tones. "
              "They show what the signs say, which may tell more than the cells.")  # fmt: skip
def publish(out: Path, public: Path, embargo: str | None, answers: tuple[str, ...], crops: bool) -> None:
    """Make the public version of OUT: coarse cells, no crops unless asked for, no file names, no EXIF.

    An embargo once named is kept in the ledger of OUT: it holds though it is left out the next time.

    \b
    Four questions have to be answered, and the answers are recorded:
      harm           Could anybody be harmed by publishing?
      interest       Does it serve an investigative purpose and the public interest?
      alternatives   Are there alternatives that lower the harm?
      verification   Can it be verified?
    """
    from datetime import UTC, datetime

    from geoinfer.publish import publish_case

    given = dict(answer.partition("=")[::2] for answer in answers)
    publish_case(out, public, embargo=embargo, answers=given, now=datetime.now(UTC), crops=crops)
    click.echo(f"public version in {public}")


@main.command()
@click.option("-o", "--out", default="demo-out", show_default=True, type=click.Path(file_okay=False, path_type=Path),
              help="Folder for photos and results.")  # fmt: skip
@click.option(
    "--jobs", type=click.IntRange(1, 64), default=1, show_default=True, metavar="N", help="Processes that read."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the rendered photos.")
@click.option("-q", "--quiet", is_flag=True, help="Only errors.")
def demo(out: Path, jobs: int, seed: int, quiet: bool) -> None:
    """Do the whole job on photographs that geoinfer renders, and say how near the truth it came."""
    from geoinfer.demo.score import run_demo

    for line in run_demo(out, jobs=jobs, seed=seed, progress=not quiet):
        click.echo(line)


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


def _cores() -> int:
    import os

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


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


def _check_tiles(tiles: str) -> None:
    from geoinfer.map import tile_server

    try:
        tile_server(tiles)
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _codes(near: tuple[str, ...]) -> list[str] | None:
    if not near:
        return None
    codes = [code.strip().upper() for text in near for code in text.split(",") if code.strip()]
    return [] if codes == ["NONE"] else codes


def _read(
    photos: tuple[str, ...],
    engine: str,
    jobs: int,
    dask: str | None,
    gazetteer: str | None,
    cache: Path | None,
    quiet: bool,
) -> Case:
    from geoinfer.case import Case
    from geoinfer.escape import visible
    from geoinfer.progress import progress_line

    for path in photos:
        if not Path(path).exists() and not set("*?[") & set(path) and "://" not in path:
            raise click.UsageError(f"{visible(path)}: no such file or folder; valid: folders, files or globs of photos")
    with progress_line(quiet) as progress:
        case = Case.from_photos(
            *photos, engine=engine, gazetteer=gazetteer, jobs=jobs, cache=cache, dask=dask, progress=progress
        )
    if not case.photos and not case.problems:
        raise click.UsageError("no photos found; valid: folders, files or globs of JPEG, PNG, WebP, TIFF or HEIC")
    return case


def _tell(result: Result, case: Case, out: Path) -> None:
    from geoinfer.escape import visible
    from geoinfer.verdict import place_told

    click.echo(visible(result.verdict.text, NOTE_LIMIT))
    for place in result.findings.clusters[1:]:
        click.echo(visible(place_told(place), NOTE_LIMIT))
    for site in result.findings.sites[:10]:
        click.echo(f"{site.rank:3d}. {site.probability:6.1%}  {visible(site.name)} ({site.kind})")
    more = result.findings.sites[10:]
    if more:
        click.echo(f"     {sum(site.probability for site in more):6.1%}  {len(more)} more sites, see sites.csv")
    if result.findings.sites:
        click.echo(f"     {result.findings.elsewhere:6.1%}  elsewhere")
    for note in result.notes:
        click.echo(f"note: {visible(note, NOTE_LIMIT)}")
    _tell_problems(case)
    click.echo(
        f"written to {out}: map.html report.html report.json sites.csv sites.geojson sites.kml case.gpkg "
        "ledger.jsonl crops/"
    )
    click.echo(f"head of the ledger, to note elsewhere for `geoinfer verify --head`: {_head(out)}")


def _head(out: Path) -> str:
    from geoinfer.ledger import LEDGER_NAME, Ledger

    return Ledger.from_file(out / LEDGER_NAME).head


def _tell_problems(case: Case) -> None:
    from geoinfer.escape import visible

    for problem in case.problems:
        click.echo(f"problem: {visible(problem['file'])}: {visible(problem['error'])}", err=True)


if __name__ == "__main__":
    main()
