"""The commands that help: ``lookup`` a name, explain ``evidence``, ``demo`` the whole job, shell ``completion``."""

from __future__ import annotations

from pathlib import Path

import click

from geoinfer.commands.options import gazetteer_option, json_option, quiet_option
from geoinfer.commands.telling import tell_json


@click.command()
@click.argument("name")
@json_option
@gazetteer_option
@click.option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True, help="Most places to list.")
def lookup(name: str, as_json: bool, gazetteer: str | None, limit: int) -> None:
    """Say which places NAME may mean, and how probably.

    \b
    Examples:
      geoinfer lookup Чернiгов
      geoinfer lookup Михайлівка --limit 40 --json
    """
    from gazetteer.cli import as_lines, as_plain
    from geoinfer.world import World

    found = World(gazetteer).gazetteer.search(name, limit=limit)
    if as_json:
        tell_json(as_plain(found))
    else:
        click.echo(as_lines(found))


@click.command()
def evidence() -> None:
    """Explain the file for --evidence."""
    import geoinfer.evidence

    click.echo(geoinfer.evidence.__doc__)


@click.command()
@click.option("-o", "--out", default="demo-out", show_default=True, type=click.Path(file_okay=False, path_type=Path),
              help="Folder for photos and results.")  # fmt: skip
@click.option(
    "--jobs", type=click.IntRange(1, 64), default=1, show_default=True, metavar="N", help="Processes that read."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the rendered photos.")
@quiet_option
def demo(out: Path, jobs: int, seed: int, quiet: bool) -> None:
    """Do the whole job on photos that geoinfer makes itself.

    Then say how near the truth it came.
    """
    from geoinfer.demo.score import run_demo

    for line in run_demo(out, jobs=jobs, seed=seed, progress=not quiet):
        click.echo(line)


@click.command()
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
def completion(shell: str) -> None:
    """Print what makes SHELL complete commands and options.

    Both of `geoinfer` and of `gazetteer`.

    \b
    Once for all, in the file that your shell reads when it starts:
      bash   eval "$(geoinfer completion bash)"        in ~/.bashrc
      zsh    eval "$(geoinfer completion zsh)"         in ~/.zshrc, after compinit
      fish   geoinfer completion fish | source         in ~/.config/fish/config.fish
    """
    from click.shell_completion import get_completion_class

    from gazetteer.cli import main as gazetteer

    here = click.get_current_context().find_root().command
    kind = get_completion_class(shell)
    assert kind is not None
    for program, command in (("geoinfer", here), ("gazetteer", gazetteer)):
        click.echo(kind(command, {}, program, f"_{program.upper()}_COMPLETE").source())
