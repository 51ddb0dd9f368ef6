"""The commands for handing a case over: ``verify`` that it is as it was written, ``publish`` what may be shown."""

from __future__ import annotations

from pathlib import Path

import click

from geoinfer.commands.options import json_option, quiet_option
from geoinfer.commands.telling import tell_json


@click.command()
@click.argument("out", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--head", metavar="HASH", help="Head of the ledger as you noted it when the run printed it.")
@click.option("--photos", type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="Folder of the source photos, if they were moved since.")  # fmt: skip
@json_option
@click.option("-q", "--quiet", is_flag=True, help="Say nothing where all is in order; the exit code tells.")
def verify(out: Path, head: str | None, photos: Path | None, as_json: bool, quiet: bool) -> None:
    """Check that OUT is as it was written.

    The ledger and every hash in it are checked; exit 1 and the first fault where one is broken. Source photos are
    checked too, where they still are. Without --head a case that somebody wrote anew as a whole, with a new ledger,
    passes.

    \b
    Examples:
      geoinfer verify out
      geoinfer verify out --head HASH --photos /media/stick/photos
      geoinfer verify out --quiet && echo as it was written
    """
    from dataclasses import asdict

    from geoinfer.escape import visible
    from geoinfer.verify import verify_case

    found = verify_case(out, head=head, photos=photos)
    if as_json:
        tell_json(asdict(found))
    if as_json or quiet:
        return
    away = f", {found.photos_away} are not there to be checked" if found.photos_away else ""
    click.echo(f"{visible(str(out))}: ledger and {found.files} files are as they were written")
    click.echo(f"{found.photos} source photos are as they were read{away}")
    click.echo(f"head of the ledger: {found.head}")
    if head is None:
        click.echo(
            f"{click.style('next:', fg='green')} compare that head with the one you noted, or give it with --head"
        )


@click.command()
@click.argument("out", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("-o", "--public", required=True, type=click.Path(file_okay=False, path_type=Path),
              help="Folder for the public version.")  # fmt: skip
@click.option(
    "--embargo", metavar="DATE", help="Date (YYYY-MM-DD) before which nothing may be published; refused until then."
)
@click.option("--answer", "answers", multiple=True, metavar="QUESTION=TEXT",
              help="Answer to one of the four questions: harm, interest, alternatives, verification.")  # fmt: skip
@click.option("--crops", is_flag=True, help="Publish the lines that name places too, redrawn small and in two tones. "
              "They show what the signs say, which may tell more than the cells.")  # fmt: skip
@quiet_option
def publish(out: Path, public: Path, embargo: str | None, answers: tuple[str, ...], crops: bool, quiet: bool) -> None:
    """Make the public version of OUT, which may be shown.

    It has coarse cells, no crops unless asked for, no file names and no EXIF. An embargo once named is kept in the
    ledger of OUT: it holds though it is left out the next time.

    \b
    Four questions have to be answered, and the answers are recorded:
      harm           Could anybody be harmed by publishing?
      interest       Does it serve an investigative purpose and the public interest?
      alternatives   Are there alternatives that lower the harm?
      verification   Can it be verified?

    \b
    Example:
      geoinfer publish out -o public --embargo 2026-12-01 \\
        --answer harm='no: the place is public' --answer interest='...' \\
        --answer alternatives='...' --answer verification='...'
    """
    from datetime import UTC, datetime

    from geoinfer.publish import publish_case

    given = dict(answer.partition("=")[::2] for answer in answers)
    publish_case(out, public, embargo=embargo, answers=given, now=datetime.now(UTC), crops=crops)
    if not quiet:
        click.echo(f"public version in {public}")
        click.echo(f"{click.style('next:', fg='green')} look at all of it before anybody else does")
