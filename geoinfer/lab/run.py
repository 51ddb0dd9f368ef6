"""Run cases, in several processes and across interruptions: every job is one line of a JSONL file.

A line that is there is not computed again, so a run that was stopped goes on where it was. To run another version of
the belief or the simulator, take another file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from geoinfer.lab.cases import SimulatedCase, draw_case
from geoinfer.lab.ground import Ground
from geoinfer.lab.judge import (
    NEAR,
    answer,
    infer,
    infer_without,
    judge,
    judge_answer,
    judge_road,
    named,
    open_world,
    rules,
)
from geoinfer.lab.tasks import ABLATION, CASE, TRIALS
from geoinfer.lab.trials import draw_trial

ANSWER_OF = (2, 20)
"""Verdict and ranking are judged for so many cases of so many, as to name sites with their reasons takes the longest;
and wherever all photos mislead."""


@dataclass(frozen=True)
class Job:
    """One line to compute.

    Attributes
    ----------
    seed, number, misleading
        See `geoinfer.lab.cases.draw_case`.
    task
        One of `geoinfer.lab.tasks.TASKS`.
    exact
        For trials: signs and camera keep to the network.
    """

    seed: int
    number: int
    misleading: float = 0.0
    task: str = CASE
    exact: bool = False

    @property
    def key(self) -> tuple[Any, ...]:
        """What the line is told by."""
        return tuple(asdict(self).values())


@cache
def _ground() -> Ground:
    return Ground()


@cache
def _world(exact: bool) -> Any:
    return open_world(exact)


def run_job(job: Job) -> dict[str, Any]:
    """Draw, infer and judge; a failure is a finding and is told as such."""
    line: dict[str, Any] = asdict(job)
    try:
        if job.task in TRIALS:
            return line | _trial(job)
        case = draw_case(_ground(), job.seed, job.number, job.misleading)
        line |= _about(case)
        return line | (_ablation(case) if job.task == ABLATION else _case(case))
    except Exception as error:
        # One case that cannot be inferred must not end a run of hours; the summary counts it.
        return line | {"error": f"{type(error).__name__}: {error}"}
    finally:
        # What the clues of one case said is of no use to the next, and would fill the memory.
        _world(job.exact).forget()


def _about(case: SimulatedCase) -> dict[str, Any]:
    spot = case.spot
    return {
        "draw": case.draw,
        "spot": spot.kind,
        "country": spot.country,
        "photos": len(case.photos),
        "misled": sum(case.photos),
        "distances": sum(row.km is not None and bool(row.name) for row in case.rows),
        "lon": round(spot.lon, 5),
        "lat": round(spot.lat, 5),
    }


def _case(case: SimulatedCase) -> dict[str, Any]:
    spot = case.spot
    found = infer(case.rows, NEAR[case.draw], _world(False))
    line = {"seconds": round(found.seconds, 3), "named": named(found.clues)}
    line |= judge(found.belief, {"ground": (spot.lon, spot.lat), "road": (spot.road_lon, spot.road_lat)})
    if all(case.photos) or case.number % ANSWER_OF[1] < ANSWER_OF[0]:
        line |= judge_answer(answer(found, _world(False)), spot.lon, spot.lat)
    return line


def _ablation(case: SimulatedCase) -> dict[str, Any]:
    """Judge the belief with all rules and without each of them."""
    spot = case.spot
    truth = {"ground": (spot.lon, spot.lat)}
    found = infer(case.rows, NEAR[case.draw], _world(False))
    beliefs = {"all rules": found.belief}
    for rule in rules():
        beliefs[f"without {rule}"] = infer_without(found, _world(False), rule)
    return {"without": {name: judge(belief, truth) for name, belief in beliefs.items()}}


def _trial(job: Job) -> dict[str, Any]:
    spot, rows = draw_trial(_ground(), job.task, job.seed, job.number, job.exact)
    found = infer(rows, (), _world(job.exact), read=False)
    line: dict[str, Any] = {"seconds": round(found.seconds, 3), "km": [row.km for row in rows]}
    truths = {"ground": (spot.lon, spot.lat), "road": (spot.road_lon, spot.road_lat)}
    return line | {"judged": judge(found.belief, truths)} | judge_road(found.belief, truths)


def run_jobs(
    jobs: Iterable[Job], path: Path, workers: int = 1, progress: Callable[[int], Any] | None = None
) -> list[dict[str, Any]]:
    """Run the jobs that a file does not hold yet, and give the lines of all.

    Parameters
    ----------
    jobs
        What to run.
    path
        JSONL file; it is appended to.
    workers
        Processes.
    progress
        Called with 1 after every job.
    """
    wanted = list(jobs)
    done = {_key(line): line for line in read_lines(path)}
    missing = [job for job in wanted if job.key not in done]
    path.parent.mkdir(parents=True, exist_ok=True)
    cut_short = path.exists() and not path.read_bytes().endswith(b"\n")
    with path.open("a", encoding="utf-8") as file:
        file.write("\n" * cut_short)
        for line in _results(missing, workers):
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            file.flush()
            done[_key(line)] = line
            if progress:
                progress(1)
    return [done[job.key] for job in wanted]


def _key(line: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(line[name] for name in ("seed", "number", "misleading", "task", "exact"))


def _results(jobs: list[Job], workers: int) -> Iterator[dict[str, Any]]:
    if workers <= 1:
        yield from map(run_job, jobs)
        return
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(run_job, jobs, chunksize=2)


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Read what a run has written; a line cut short by an interruption is left out."""
    if not path.exists():
        return []
    lines = []
    for text in path.read_text(encoding="utf-8").splitlines():
        try:
            lines.append(json.loads(text))
        except json.JSONDecodeError:
            continue
    return lines
