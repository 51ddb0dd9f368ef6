"""The command line of geoinfer: its commands, and what becomes of errors, exit codes and colours."""

from __future__ import annotations

import gc
import os
from typing import Any

import click

from geoinfer import __version__
from geoinfer.commands.handing_over import publish, verify
from geoinfer.commands.helping import completion, demo, evidence, lookup
from geoinfer.commands.inferring import INTERRUPTED, infer, run
from geoinfer.commands.reading import read

REFUSED, WRONG_INPUT = 1, 2
GARBAGE = 200_000
"""Values that are made before any are looked through for circles."""


class Commands(click.Group):
    """A group that turns the errors of geoinfer into one line, not a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List commands in the order that they were added: what people need first comes first."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        from gazetteer.errors import GazetteerError, UnknownBorderError
        from geoinfer.errors import ClueError, EngineError, LedgerError, OccupiedError, PublicationError

        # A case of ten thousand photos is millions of small values and hardly a circle: to seek circles took a tenth of
        # the time of a second run.
        gc.set_threshold(GARBAGE, 50, 100)
        if os.environ.get("NO_COLOR"):  # see no-color.org; off a terminal there is no colour anyway
            ctx.color = False
        try:
            return super().invoke(ctx)
        except (LedgerError, PublicationError) as error:
            _tell_fault(str(error))
            ctx.exit(REFUSED)
        except (ClueError, EngineError, GazetteerError, OccupiedError, UnknownBorderError) as error:
            _tell_fault(str(error))
            ctx.exit(WRONG_INPUT)
        except BrokenPipeError:
            raise  # click ends quietly where `head` has read enough
        except KeyboardInterrupt:
            # Before the first photo or after the last one: what was read is kept, and no file is half written.
            _tell_fault("interrupted; the same command goes on from what was read")
            ctx.exit(INTERRUPTED)
        except OSError as error:
            _tell_fault(f"{error}; valid: files that can be read and a folder that can be written")
            ctx.exit(WRONG_INPUT)


def _tell_fault(text: str) -> None:
    from geoinfer.escape import visible

    click.echo(f"{click.style('geoinfer:', fg='red')} {visible(text)}", err=True)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="geoinfer")
def main() -> None:
    """Infer where photographs were taken from the place-name signs in them, and say how sure that is.

    \b
    Examples:
      geoinfer demo                         the whole job on photos that geoinfer makes itself
      geoinfer run photos/ -o out           folder of photos -> map, ranked list, report
      geoinfer infer clues.csv -o out       signs that you typed in, no photos
      geoinfer lookup Чернігів              what the gazetteer makes of a name
      geoinfer COMMAND --help               options and examples of a command

    \b
    Exit codes:
      0    done, though some files may be listed under problems
      1    `verify` found a fault, or `publish` refused
      2    wrong usage or input; the message says what would be valid
      130  interrupted: what was read so far is saved, and the same command goes on
    """


for _command in (run, read, infer, lookup, evidence, verify, publish, demo, completion):
    main.add_command(_command)

if __name__ == "__main__":
    main()
