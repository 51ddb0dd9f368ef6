"""The command ``read``: what stands on the signs of photos, without any inference."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from geoinfer.commands.options import json_option, reading_options
from geoinfer.commands.telling import tell_json, tell_problems

if TYPE_CHECKING:
    from geoinfer.case import Case


@click.command()
@click.argument("photos", nargs=-1, required=True)
@json_option
@click.option("-o", "--out", type=click.Path(file_okay=False, path_type=Path),
              help="Folder for a picture of every line that was read, in crops/.")  # fmt: skip
@reading_options
@click.option("-q", "--quiet", is_flag=True, help="No progress bar.")
def read(
    photos: tuple[str, ...],
    as_json: bool,
    out: Path | None,
    engine: str,
    jobs: int,
    dask: str | None,
    quiet: bool,
) -> None:
    """Read the signs in PHOTOS and print them.

    Nothing is inferred, and nothing written but the crops if asked for.

    \b
    Examples:
      geoinfer read photos/
      geoinfer read photo.jpg --json | jq '.photos[].signs[].entries'
      geoinfer read photos/ -o lines --engine both
    """
    from dataclasses import asdict

    from geoinfer.escape import plain, visible

    case = read_case(photos, engine, jobs, dask, None, None, quiet or as_json)
    crops = _save_crops(case, out) if out else {}
    if as_json:
        tell_json({"photos": plain([asdict(photo) for photo in case.photos]), "problems": plain(case.problems)})
        return
    for photo in case.photos:
        click.secho(visible(photo.file), bold=True)
        for sign in photo.signs:
            click.echo(f"  {sign.kind} ({sign.colour}) {' '.join(visible(r) for r in sign.routes)}".rstrip())
            for reading in sign.readings:
                crop = f"  {crops[reading.id]}" if reading.id in crops else ""
                click.echo(f"    {reading.confidence:4.0%}  {visible(reading.text)}{crop}")
    tell_problems(case)


def read_case(
    photos: tuple[str, ...],
    engine: str,
    jobs: int,
    dask: str | None,
    gazetteer: str | None,
    cache: Path | None,
    quiet: bool,
) -> Case:
    """Read photos into a case, with a live line on a terminal.

    Raises
    ------
    click.UsageError
        If a path leads nowhere, or there is no photo.
    """
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
    if not case.photos and not case.problems and not case.interrupted:
        raise click.UsageError("no photos found; valid: folders, files or globs of JPEG, PNG, WebP, TIFF or HEIC")
    return case


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
