"""Run cases, in several processes and across interruptions: every case is one line of a JSONL file.

A line that is there is not computed again, so a run that was stopped goes on where it was. A line is told by its seed,
number and share of misleading photos; to run another version of the belief or the simulator, take another file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from geoinfer.lab.cases import draw_case
from geoinfer.lab.ground import Ground
from geoinfer.lab.judge import NEAR, infer, judge, named, open_world


@dataclass(frozen=True)
class Job:
    """One case to run.

    Attributes
    ----------
    seed, number, misleading
        See `geoinfer.lab.cases.draw_case`.
    """

    seed: int
    number: int
    misleading: float


@cache
def _ground() -> Ground:
    return Ground()


@cache
def _world() -> Any:
    return open_world()


def run_case(job: Job) -> dict[str, Any]:
    """Draw a case, infer, judge; a failure is a finding and is told as such."""
    case = draw_case(_ground(), job.seed, job.number, job.misleading)
    spot = case.spot
    line: dict[str, Any] = {
        **asdict(job),
        "draw": case.draw,
        "spot": spot.kind,
        "country": spot.country,
        "photos": len(case.photos),
        "misled": sum(case.photos),
        "rows": len(case.rows),
        "distances": sum(row.km is not None and bool(row.name) for row in case.rows),
        "lon": round(spot.lon, 5),
        "lat": round(spot.lat, 5),
    }
    try:
        result, seconds = infer(case.rows, NEAR[case.draw], _world())
        line["seconds"] = round(seconds, 3)
        line["named"] = named(result.clues)
        line |= judge(result, {"ground": (spot.lon, spot.lat), "road": (spot.road_lon, spot.road_lat)})
    except Exception as error:
        line["error"] = f"{type(error).__name__}: {error}"
    return line


def run_jobs(
    jobs: Iterable[Job], path: Path, workers: int = 1, progress: Callable[[int], None] | None = None
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
        Called with 1 after every case.
    """
    wanted = list(jobs)
    done = {(line["seed"], line["number"], line["misleading"]): line for line in read_lines(path)}
    missing = [job for job in wanted if (job.seed, job.number, job.misleading) not in done]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        for line in _results(missing, workers):
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            file.flush()
            done[line["seed"], line["number"], line["misleading"]] = line
            if progress:
                progress(1)
    return [done[job.seed, job.number, job.misleading] for job in wanted]


def _results(jobs: list[Job], workers: int) -> Iterator[dict[str, Any]]:
    if workers <= 1:
        yield from map(run_case, jobs)
        return
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(run_case, jobs, chunksize=4)


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
