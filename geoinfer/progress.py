"""The live line of a run: what is done, how fast, what was found, how long it will take."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geoinfer.pipeline import Progress, Step


@contextmanager
def progress_line(quiet: bool) -> Iterator[Progress]:
    """Show a line that follows a run, on a terminal only.

    Parameters
    ----------
    quiet
        Show nothing.
    """
    from tqdm import tqdm

    with tqdm(unit="file", disable=quiet or None, dynamic_ncols=True) as bar:
        stage = ""

        def tell(step: Step) -> None:
            nonlocal stage
            if step.stage != stage:
                stage = step.stage
                bar.reset(step.total)
                bar.set_description(step.stage, refresh=False)
            bar.set_postfix({"signs": step.signs, "problems": step.problems}, refresh=False)
            bar.update(step.done - bar.n)

        yield tell
