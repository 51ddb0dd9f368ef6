"""One number of a rule at several values, on the same simulated cases.

    python -m geoinfer.lab.compare bearers.least_of_first 0.01 0.03 0.1 --cases 800 --seed 72 --jobs 2

Each value has processes of its own, so that nothing that was worked out with another one is used.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import click
import numpy as np

from geoinfer.lab.cases import Row, SimulatedCase, draw_case
from geoinfer.lab.ground import Ground
from geoinfer.lab.judge import NEAR, infer, judge, open_world
from geoinfer.lab.run import Job


@dataclass(frozen=True)
class Setting:
    """A number of a rule, as in ``rules.toml``, and the value it is given."""

    rule: str
    key: str
    value: float


class Bench:
    """What a process holds: the ground, and the world that cases are inferred in."""

    def __init__(self, setting: Setting) -> None:
        from geoinfer import parameters

        given = parameters.parameters()
        changed = {**given, setting.rule: {**given[setting.rule], setting.key: setting.value}}
        parameters.parameters = lambda: changed  # type: ignore[assignment]
        parameters.number.cache_clear()
        self.ground, self.world = Ground(), open_world(False)

    def score(self, job: Job) -> tuple[float, float, float] | None:
        """Give bits and depth at the truth, and the area of the 90 % region; None where there is no belief."""
        case = draw_case(self.ground, job.seed, job.number, job.misleading)
        found = infer(case.rows, NEAR[case.draw], self.world)
        self.world.forget()
        if found.belief is None:
            return None
        judged = judge(found.belief, {"ground": (case.spot.lon, case.spot.lat)})
        return judged["ground"]["bits"], judged["ground"]["depth"], judged["area90"]


_bench: list[Bench] = []


def _sit_down(setting: Setting) -> None:
    _bench.append(Bench(setting))


def _score(job: Job) -> tuple[float, float, float] | None:
    return _bench[0].score(job)


def scores(jobs: Sequence[Job], setting: Setting, workers: int) -> Iterator[tuple[float, float, float] | None]:
    """Score cases with a number of a rule set to a value."""
    with ProcessPoolExecutor(workers, get_context("spawn"), _sit_down, (setting,)) as pool:
        yield from pool.map(_score, jobs, chunksize=4)


def names_several(case: SimulatedCase) -> bool:
    """Whether a sign of unknown kind names more than one place, or the number of a road beside one."""
    plates: dict[str, list[Row]] = {}
    for row in case.rows:
        plates.setdefault(row.sign, []).append(row)
    return any(
        rows[0].kind == "unknown" and (len({row.name for row in rows if row.name}) > 1 or any(row.road for row in rows))
        for rows in plates.values()
    )


@click.command()
@click.argument("number")
@click.argument("values", nargs=-1, type=float, required=True)
@click.option("--cases", default=200, show_default=True, help="Cases to draw.")
@click.option("--seed", default=72, show_default=True)
@click.option("--misleading", default=0.0, show_default=True, help="Share of photos that mislead.")
@click.option("--several", is_flag=True, help="Only cases where a sign of unknown kind names several places or a road.")
@click.option("--jobs", default=1, show_default=True, help="Processes.")
def main(
    number: str, values: tuple[float, ...], cases: int, seed: int, misleading: float, several: bool, jobs: int
) -> None:
    """Compare VALUES of a NUMBER of a rule, such as bearers.least_of_first, on simulated cases."""
    from tqdm import tqdm

    from geoinfer.parameters import parameters

    rule, _, key = number.partition(".")
    if key not in parameters().get(rule, {}):
        raise click.BadParameter(f"{number!r} is in no rule; rules are {', '.join(parameters())}", param_hint="NUMBER")
    wanted = [Job(seed, n, misleading) for n in range(cases)]
    if several:
        ground = Ground()
        wanted = [job for job in tqdm(wanted) if names_several(draw_case(ground, seed, job.number, misleading))]
    found = [list(tqdm(scores(wanted, Setting(rule, key, value), jobs), total=len(wanted))) for value in values]
    judged = [of_case for of_case in zip(*found, strict=True) if None not in of_case]
    click.echo(f"{number}: {len(judged)} cases with a belief of {len(wanted)}, seed {seed}, {misleading:g} misleading")
    for value, of_value in zip(values, zip(*judged, strict=True), strict=True):
        bits, depth, area = np.array(of_value).T
        click.echo(f"{value:g}: {bits.mean():.3f} bits, 50 % covers {np.mean(depth < 0.5):.3f}, "
                   f"90 % {np.mean(depth < 0.9):.3f}, median area {np.median(area):.0f} km2")  # fmt: skip


if __name__ == "__main__":
    main()
