"""What a run of the lab says: figures of the cases, of groups of them, and of the baselines.

Examples
--------
>>> from geoinfer.lab import report
>>> summary = report.summarise([])
>>> summary["cases"]
0
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from geoinfer.lab.baselines import NAMES, area_km2, misfit_km
from geoinfer.lab.cases import PHOTOS
from geoinfer.lab.ground import COUNTRIES
from geoinfer.lab.spots import SHARES
from geoinfer.lab.tasks import ABLATION, CASE

Line = Mapping[str, Any]

LEVELS = (0.5, 0.9)
DEPTHS = tuple(round(0.05 * n, 2) for n in range(1, 20))
SITE_BINS = (0.0, 0.25, 0.5, 0.75, 0.9, 1.0)


def summarise(lines: Sequence[Line]) -> dict[str, Any]:
    """Summarise the lines of a run: see the keys of what it gives.

    Parameters
    ----------
    lines
        What `geoinfer.lab.run.run_jobs` gives.
    """
    answered = [line for line in lines if "ground" in line]
    summary: dict[str, Any] = {
        "cases": len(lines),
        "failed": sum("error" in line for line in lines),
        "no belief": sum("ground" not in line and "error" not in line for line in lines),
    }
    if not answered:
        return summary
    summary["groups"] = {name: group_of(chosen) for name, chosen in groups(answered).items() if chosen}
    summary["curve"] = {
        draw: {level: coverage(chosen, level) for level in DEPTHS}
        for draw in ("all", "anywhere", "borderland")
        if (chosen := [line for line in answered if draw in ("all", line["draw"])])
    }
    summary["sites"] = site_reliability(answered)
    summary["verdicts"] = verdicts(lines)
    told = [line["told 90"] for line in lines if "told 90" in line]
    summary["told"] = {
        "answers": len(told),
        "several places told of": _mean([line["clusters"] > 1 for line in lines if "clusters" in line]),
        "90 % region of the first place holds the truth": _mean([found["first"] for found in told]),
        "90 % region of one of the places holds the truth": _mean([found["any"] for found in told]),
    }
    summary["baselines"] = baselines(answered)
    return summary


def summarise_task(task: str, lines: Sequence[Line]) -> dict[str, Any]:
    """Summarise the lines of one task: see `summarise`, `ablation` and `trial`."""
    if task == CASE:
        return summarise(lines)
    if task == ABLATION:
        return {"cases": len(lines), "failed": sum("error" in line for line in lines), "ablation": ablation(lines)}
    return {"cases": len(lines), "failed": sum("error" in line for line in lines), "trial": trial(lines)}


def groups(lines: Sequence[Line]) -> dict[str, list[Line]]:
    """Sort lines into the rows of the table."""
    tests: dict[str, Callable[[Line], bool]] = {
        "all": lambda line: True,
        "drawn anywhere, inferred without hypothesis": partial(_has, "draw", "anywhere"),
        "drawn in the borderland, inferred with hypothesis": partial(_has, "draw", "borderland"),
        "a misleading photo among them": lambda line: bool(line["misled"]),
        **{f"spot: {kind}": partial(_has, "spot", kind) for kind in SHARES},
        **{f"{n} photo{'s' * (n > 1)}": partial(_has, "photos", n) for n in PHOTOS},
        "no distance read": partial(_has, "distances", 0),
        "1 distance read": partial(_has, "distances", 1),
        "2 or more distances read": lambda line: bool(line["distances"] >= 2),
        **{f"in {code}": partial(_has, "country", code) for code in COUNTRIES},
    }
    return {name: [line for line in lines if test(line)] for name, test in tests.items()}


def _has(key: str, value: Any, line: Line) -> bool:
    return bool(line[key] == value)


def group_of(lines: Sequence[Line]) -> dict[str, Any]:
    """Give the figures of one row of the table."""
    ranks = [line["rank"] for line in lines if "rank" in line]
    return {
        "cases": len(lines),
        **{f"covered {level}": coverage(lines, level) for level in LEVELS},
        **{f"covered {level}, on the network": coverage(lines, level, "road") for level in LEVELS},
        **{f"held {level}": _mean([line[f"held{round(100 * level)}"] for line in lines]) for level in LEVELS},
        "covered 0.9, hypothesis left out": coverage(lines, 0.9, "neutral"),
        "bits per km2": _mean([line["ground"]["bits"] for line in lines]),
        "outside": _mean([line["ground"]["depth"] >= 1 for line in lines]),
        "median area50": _median([line["area50"] for line in lines]),
        "median area90": _median([line["area90"] for line in lines]),
        "median km": _median([line["km"] for line in lines]),
        "rank 1": _mean([rank == 1 for rank in ranks]),
        "rank 1 to 5": _mean([rank is not None and rank <= 5 for rank in ranks]),
        "seconds": _median([line["seconds"] for line in lines]),
    }


def coverage(lines: Sequence[Line], level: float, truth: str = "ground") -> float | None:
    """Share of cases whose region of a level holds the truth."""
    return _mean([line[truth]["depth"] < level for line in lines])


def verdicts(lines: Sequence[Line]) -> dict[str, Any]:
    """Count the verdicts, and how often the first site was right under each."""
    judged = [line for line in lines if "verdict" in line]
    return {
        kind: {
            "cases": len(chosen),
            "share": round(len(chosen) / len(judged), 4) if judged else None,
            "first site right": _mean([line["site"]["hit"] for line in chosen if line["site"]]),
        }
        for kind in ("site", "region", "none")
        for chosen in [[line for line in judged if line["verdict"] == kind]]
    }


def site_reliability(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Say, for the first site by its stated probability, how often the truth was in its catchment."""
    sites = [line["site"] for line in lines if line.get("site")]
    table = []
    for low, high in pairwise(SITE_BINS):
        chosen = [site for site in sites if low < site["probability"] <= high]
        if chosen:
            table.append({"from": low, "to": high, "cases": len(chosen),
                          "stated": _mean([site["probability"] for site in chosen]),
                          "right": _mean([site["hit"] for site in chosen])})  # fmt: skip
    return table


def baselines(lines: Sequence[Line]) -> dict[str, Any]:
    """Compare areas at the coverage of the belief's 90 % region, over the cases in which a name was recognised."""
    chosen = [line for line in lines if line["named"]]
    if not chosen:
        return {}
    reached = coverage(chosen, 0.9) or 0.0
    table: dict[str, Any] = {
        "belief": {"covered": reached, "median area": _median([line["area90"] for line in chosen]),
                   "median km": _median([line["km"] for line in chosen])}
    }  # fmt: skip
    for name in NAMES:
        misfits = [float(misfit_km(name, line["named"], np.array([line["lon"]]), np.array([line["lat"]]))[0])
                   for line in chosen]  # fmt: skip
        width = float(np.quantile(misfits, reached, method="inverted_cdf"))
        areas = [area_km2(name, line["named"], width) for line in chosen]
        table[name] = {
            "covered": _mean([miss <= width for miss in misfits]),
            "median area": _median(areas),
            "width km": round(width, 1),
            "covered without widening": _mean([miss <= 0 for miss in misfits]),
        }
        if name == "nearest place":
            table[name]["median km"] = _median(misfits)
    return table


def ablation(lines: Sequence[Line]) -> dict[str, Any]:
    """Compare the belief with all rules with the belief without each, over the same cases.

    Returns
    -------
    Per belief: coverage of the 50 and 90 % regions, bits (and their mean change, with its standard error), median area.
    """
    chosen = [line["without"] for line in lines if "without" in line and all(line["without"].values())]
    if not chosen:
        return {}
    table = {}
    full = np.array([found["all rules"]["ground"]["bits"] for found in chosen])
    for name in chosen[0]:
        depths = np.array([found[name]["ground"]["depth"] for found in chosen])
        change = np.array([found[name]["ground"]["bits"] for found in chosen]) - full
        table[name] = {
            "cases": len(chosen),
            **{f"covered {level}": round(float((depths < level).mean()), 4) for level in LEVELS},
            "bits": round(float(full.mean() + change.mean()), 3),
            "change": round(float(change.mean()), 3),
            "error": round(float(change.std() / np.sqrt(len(change))), 3),
            "median area90": _median([found[name]["area90"] for found in chosen]),
        }
    return table


def trial(lines: Sequence[Line]) -> dict[str, Any]:
    """Summarise a trial: how near the most probable road point is, and whether the truth is kept."""
    judged = [line for line in lines if line.get("judged")]
    near = [line for line in judged if "road km" in line]
    return {
        "trials": len(lines),
        "judged": len(judged),
        "road point within 3 km, along the network": _mean([line["road km"] <= 3 for line in near]),
        "road point within 3 km, on the ground": _mean([line["ground km"] <= 3 for line in near]),
        "median km, along the network": _median([line["road km"] for line in near]),
        **{f"truth in the {level} region": _mean([line["judged"]["ground"]["depth"] < level for line in judged])
           for level in LEVELS},
        "truth on the network in the 0.9 region": _mean([line["judged"]["road"]["depth"] < 0.9 for line in judged]),
        "median area90": _median([line["judged"]["area90"] for line in judged]),
    }  # fmt: skip


def load(name: str = "calibration") -> dict[str, Any]:
    """Load a summary that comes with the package.

    Parameters
    ----------
    name
        Stem of a file in ``geoinfer/lab/results``.

    Raises
    ------
    FileNotFoundError
        If there is none; the message lists those there are.
    """
    folder = files("geoinfer.lab").joinpath("results")
    file = folder.joinpath(f"{name}.json")
    if not file.is_file():
        stems = sorted(Path(entry.name).stem for entry in folder.iterdir() if entry.name.endswith(".json"))
        raise FileNotFoundError(f"no result {name!r}; there are: {', '.join(stems) or 'none'}")
    return dict(json.loads(file.read_text(encoding="utf-8")))


def text(summary: Mapping[str, Any]) -> str:
    """Write a summary as plain text."""
    lines = [f"{summary['cases']} cases, {summary['failed']} failed, {summary.get('no belief', 0)} without a belief"]
    if "trial" in summary:
        return "\n".join([*lines, *(f"  {key:45} {_short(value)}" for key, value in summary["trial"].items())])
    if "ablation" in summary:
        rows = summary["ablation"].items()
        return "\n".join([*lines, *(f"  {name:30} " + "  ".join(f"{key} {_short(value)}" for key, value in row.items())
                                    for name, row in rows)])  # fmt: skip
    if "groups" not in summary:
        return lines[0]
    head = (
        "cases",
        "50 %",
        "90 %",
        "held 50",
        "held 90",
        "road 50",
        "road 90",
        "bits",
        "km2 50",
        "km2 90",
        "km",
        "rank 1",
        "1 to 5",
        "s",
    )
    keys = ("cases", "covered 0.5", "covered 0.9", "held 0.5", "held 0.9",
            "covered 0.5, on the network", "covered 0.9, on the network", "bits per km2",
            "median area50", "median area90", "median km", "rank 1", "rank 1 to 5", "seconds")  # fmt: skip
    lines.append(f"{'':50}" + "".join(f"{name:>9}" for name in head))
    for name, group in summary["groups"].items():
        lines.append(f"{name:50}" + "".join(f"{_short(group[key]):>9}" for key in keys))
    lines += ["", "level   " + "".join(f"{level:>6}" for level in DEPTHS)]
    for draw, curve in summary["curve"].items():
        lines.append(f"{draw:11}" + "".join(f"{share:>6.2f}" for share in curve.values()))
    lines += ["", "first site: stated probability, how often the truth is in its catchment"]
    for row in summary["sites"]:
        bounds = f"{row['from']:.2f}-{row['to']:.2f}  {row['cases']:5} cases"
        lines.append(f"  {bounds}  stated {row['stated']:.2f}  right {row['right']:.2f}")
    lines += ["", "verdicts"]
    for kind, row in summary["verdicts"].items():
        share = f"{row['cases']:5} cases, {_short(row['share'])}"
        lines.append(f"  {kind:8} {share}  first site right {_short(row['first site right'])}")
    lines += ["", "answers", *(f"  {key:50} {_short(value)}" for key, value in summary["told"].items())]
    lines += ["", "baselines, at the belief's coverage"]
    for name, row in summary["baselines"].items():
        lines.append(f"  {name:15} " + "  ".join(f"{key} {_short(value)}" for key, value in row.items()))
    return "\n".join(lines)


def _short(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, int):
        return str(value)
    return f"{value:.3f}" if abs(value) < 1 else f"{value:,.1f}" if abs(value) < 1000 else f"{value:,.0f}"


def _mean(values: Sequence[float | bool]) -> float | None:
    return round(math.fsum(values) / len(values), 4) if values else None


def _median(values: Sequence[float]) -> float | None:
    return round(float(np.median(values)), 2) if values else None
