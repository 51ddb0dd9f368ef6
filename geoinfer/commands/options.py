"""Options that several commands have, and what their values mean."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

F = TypeVar("F", bound=Callable[..., Any])
ENGINES = ("signs", "tesseract", "both", "eslav")
"""As `geoinfer.engines.NAMES`, which takes too long to import for a help text; a test holds them equal."""

out_option = click.option(
    "-o", "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder for the results."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
quiet_option = click.option("-q", "--quiet", is_flag=True, help="Only errors.")
gazetteer_option = click.option(
    "--gazetteer", type=click.Path(exists=True, dir_okay=False),
    help="File made by `gazetteer build`. [default: the one shipped]",
)  # fmt: skip


def complete_border(context: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """List the codes of borders that begin with what was typed, for the shell."""
    del context, parameter
    from gazetteer.borders import Borders

    borders = Borders.open()
    codes = [code for code in borders.codes() if code.startswith(typed.upper())]
    return [CompletionItem(code, help=borders.name(code)) for code in codes]


def shared_options(command: F) -> F:
    """Add the options that every inferring command has."""
    options = [
        click.option(
            "--near", multiple=True, metavar="CODE", shell_complete=complete_border,
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
        gazetteer_option,
        click.option("--tiles", default="none", show_default=True, metavar="none|osm|URL", callback=check_tiles,
                     help="Map tiles. They tell a server where you look; 'none' asks nothing of the network."),
        click.option("--seed", type=int, default=0, show_default=True, help="Recorded; every step is deterministic."),
        json_option,
        quiet_option,
    ]  # fmt: skip
    return _with(options, command)


def reading_options(command: F) -> F:
    """Add the options of commands that read photos."""
    options = [
        click.option("--engine", type=click.Choice(ENGINES), default="signs", show_default=True, help="Reader."),
        click.option("--jobs", type=click.IntRange(1, 256), default=cores, metavar="N",
                     help="Processes that read at the same time, each on one core. [default: one per core]"),
        click.option("--dask", metavar="ADDRESS",
                     help="Read on the workers of a Dask scheduler (tcp://HOST:8786) that see the same files."),
    ]  # fmt: skip
    return _with(options, command)


def _with(options: Sequence[Callable[[F], F]], command: F) -> F:
    for option in reversed(options):
        command = option(command)
    return command


def check_tiles(context: click.Context, parameter: click.Parameter, tiles: str) -> str:
    """Refuse a tile server that is none before anything is read."""
    del context, parameter
    from geoinfer.map import tile_server

    try:
        tile_server(tiles)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    return tiles


def border_codes(near: tuple[str, ...]) -> list[str] | None:
    """Give the border codes of ``--near``; None where the default holds, no code for ``none``.

    Examples
    --------
    >>> border_codes(("by,ru-bry",)), border_codes(("none",)), border_codes(())
    (['BY', 'RU-BRY'], [], None)
    """
    if not near:
        return None
    codes = [code.strip().upper() for text in near for code in text.split(",") if code.strip()]
    return [] if codes == ["NONE"] else codes


def cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
