"""The command of the lab: ``python -m geoinfer.lab --cases 2000 --seed 7``."""

from __future__ import annotations

import json
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import click

from geoinfer.lab.tasks import TASKS


@click.command()
@click.option("--cases", default=200, show_default=True, help="Cases to simulate.")
@click.option("--seed", default=7, show_default=True)
@click.option("--first", default=0, show_default=True, help="Number of the first case.")
@click.option("--misleading", default=0.0, show_default=True, help="Share of photos that mislead; 1 for all of them.")
@click.option("--jobs", default=1, show_default=True, help="Processes.")
@click.option("--task", type=click.Choice(TASKS), default=TASKS[0], show_default=True,
              help="Cases; cases without each rule; or a trial of one kind of evidence.")  # fmt: skip
@click.option("--exact", is_flag=True, help="For trials: signs and camera keep to the road network.")
@click.option("--sample", is_flag=True, help="Show the simulated cases and infer nothing.")
@click.option("--out", default=Path("lab-out"), show_default=True, type=click.Path(path_type=Path, file_okay=False),
              help="Folder for the cases (JSONL, to go on with) and the summary.")  # fmt: skip
def main(
    cases: int, seed: int, first: int, misleading: float, jobs: int, task: str, exact: bool, sample: bool, out: Path
) -> None:
    """Simulate cases whose truth is known, infer them, and say how honest the belief is.

    A run that was stopped goes on where it was; to test another version, take another folder.
    """
    from tqdm import tqdm

    from geoinfer.lab.cases import draw_case
    from geoinfer.lab.ground import Ground
    from geoinfer.lab.report import summarise_task, text
    from geoinfer.lab.run import Job, run_jobs

    if not 0 <= misleading <= 1:
        raise click.BadParameter(f"must lie between 0 and 1, not {misleading:g}", param_hint="--misleading")
    if sample:
        ground = Ground()
        for number in range(first, first + cases):
            click.echo(json.dumps(draw_case(ground, seed, number, misleading).as_dict(), ensure_ascii=False))
        return
    name = f"{task.replace(' ', '-')}{'-exact' * exact}-seed{seed}-misleading{misleading:g}"
    wanted = [Job(seed, number, misleading, task, exact) for number in range(first, first + cases)]
    with tqdm(total=cases, unit="case") as bar:
        lines = run_jobs(wanted, out / f"{name}.jsonl", jobs, bar.update)
        bar.update(cases - bar.n)
    rules = sha256(files("geoinfer").joinpath("data/rules.toml").read_bytes()).hexdigest()
    told = {"task": task, "exact": exact, "seed": seed, "first": first, "misleading": misleading, "rules_sha256": rules}
    summary = {**told, **summarise_task(task, lines)}
    click.echo(text(summary))
    (out / f"{name}.json").write_text(json.dumps(summary, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    click.echo(f"{out / name}.json")


if __name__ == "__main__":
    main()
