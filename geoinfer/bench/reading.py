"""How well and how fast signs are read: ``python -m geoinfer.bench.reading``, or ``make bench-reading``.

Rendered scenes by letter height, and real photographs with ``labels.tsv`` where a folder of them is at hand; every
reader in the same run. Prints tables, with the time of Tesseract on the whole photo over each reader's, and writes
JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import fmean, median
from typing import Any

import click

from geoinfer.bench.readers import READERS, WHOLE, Outcome, Performance, Task, available, perform
from geoinfer.bench.scenes import HEIGHTS, Scene, make_scenes
from geoinfer.bench.score import SIMILAR, Line, false_lines, score_lines
from geoinfer.training.evaluate import load_labels

GROUPS = {"c1": "road signs, Cyrillic", "c2": "other Cyrillic", "c3": "other countries", "c4": "no place name"}
LARGE_PIXELS = (4000, 3000)
"""Columns and rows of the 12-megapixel photo that memory is measured on."""
CERTAIN = 0.5
"""A name counts as one of a place where the gazetteer gives "none of these" less."""


@click.command()
@click.option("--photos", type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="Folder of photographs with labels.tsv. [default: ../shared/photos, where it is]")  # fmt: skip
@click.option("--reader", "readers", multiple=True, type=click.Choice(READERS), help="Only these; repeat for more.")
@click.option("--scenes", default=25, show_default=True, help="Rendered scenes for each letter height.")
@click.option("--sample", type=click.IntRange(1), help="At most so many photographs of each group.")
@click.option("--seed", default=11, show_default=True, help="Seed of the rendered scenes.")
@click.option("-o", "--out", default="bench-reading.json", show_default=True, type=click.Path(dir_okay=False),
              help="Where to write the figures.")  # fmt: skip
def main(photos: Path | None, readers: tuple[str, ...], scenes: int, sample: int | None, seed: int, out: str) -> None:
    """Measure readers on rendered scenes and on real photographs."""
    shared = Path("../shared/photos")
    folder = photos or (shared if (shared / "labels.tsv").is_file() else None)
    able, missing = available(readers or READERS)
    for reader, why in missing.items():
        click.echo(f"left out: {reader}: {why}")
    made = list(make_scenes(scenes, seed=seed)) if scenes else []
    tasks = [Task(f"scene-{n}", scene.pixels, scene.polygon) for n, scene in enumerate(made)]
    large = _large(made[-1].pixels) if made else None
    labels = _sampled(load_labels(folder / "labels.tsv"), sample) if folder else {}
    files = {name: next(iter(sorted(folder.glob(f"{name}.*")))) for name in labels} if folder else {}
    tasks += [Task(name, file) for name, file in files.items()] + ([large] if large else [])
    click.echo(f"{len(made)} scenes, {len(files)} photographs, {len(able)} readers")
    done = []
    for reader in able:
        done.append(perform(reader, tasks))
        click.echo(f"{reader}: {sum(o.seconds for o in done[-1].outcomes):.0f} s ({done[-1].version})")
    peer = next((p for p in done if p.reader == WHOLE), None)
    figures: dict[str, Any] = {"sample": sample, "scenes_per_height": scenes, "seed": seed, "missing": missing}
    for performance in done:
        by_id = {outcome.id: outcome for outcome in performance.outcomes}
        figures[performance.reader] = {
            "version": performance.version,
            "scenes": _by_height(made, by_id),
            "photos": {
                group: _photo_figures({n: by_id[n] for n in files if n.startswith(group)}, labels)
                for group in GROUPS
                if any(n.startswith(group) for n in files)
            },
            "false_place_names_per_c4_photo": _false_places({n: by_id[n] for n in files if n.startswith("c4")}, files),
            "seconds": median(outcome.seconds for outcome in performance.outcomes),
            "times_faster_than_whole_photo_tesseract": {
                "photographs": _speed(performance, peer, set(files)),
                "scenes": _speed(performance, peer, {task.id for task in tasks if task.polygon is not None}),
            },
            "large_photo_seconds": by_id[large.id].seconds if large else None,
            "peak_megabytes": performance.megabytes,
        }  # fmt: skip
    Path(out).write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    for table in _tables(figures, able):
        click.echo("\n" + table)
    click.echo(f"\nwritten to {out}")


def _by_height(scenes: Sequence[Scene], outcomes: dict[str, Outcome]) -> dict[str, dict[str, float | None]]:
    by_height: dict[str, list[tuple[str, Outcome]]] = {}
    for number, scene in enumerate(scenes):
        by_height.setdefault(str(scene.height), []).append((scene.name, outcomes[f"scene-{number}"]))
    return {height: _scene_figures(read) for height, read in by_height.items()}


def _large(pixels: Any) -> Task:
    import cv2

    return Task("12 megapixels", cv2.resize(pixels, LARGE_PIXELS, interpolation=cv2.INTER_CUBIC))


def _sampled(labels: dict[str, list[str]], most: int | None) -> dict[str, list[str]]:
    """Take the same number of photographs of each group, evenly spread over its list."""
    kept = {}
    for group in GROUPS:
        names = [name for name in labels if name.startswith(group)]
        step = max(1, len(names) // most) if most else 1
        kept.update({name: labels[name] for name in names[::step][:most]})
    return kept


def _scene_figures(read: Iterable[tuple[str, Outcome]]) -> dict[str, float | None]:
    """Shares of names read, of names found, and of names read where their place is given."""
    scores, seen, given = [], [], []
    for name, outcome in read:
        scores += score_lines([name], outcome.lines)
        if outcome.given is not None:
            seen.append(bool(outcome.found))
            given += score_lines([name], [Line(((0, 0), (1, 0), (1, 1), (0, 1)), outcome.given)])
    return {
        "read": fmean(s.similarity >= SIMILAR for s in scores),
        "exact": fmean(s.similarity == 100 for s in scores),
        "cer": fmean(s.cer for s in scores),
        "found": fmean(seen) if seen else None,
        "read_where_given": fmean(s.similarity >= SIMILAR for s in given) if given else None,
    }


def _photo_figures(outcomes: dict[str, Outcome], labels: dict[str, list[str]]) -> dict[str, Any]:
    """Count lines read by script, and readings of nothing."""
    by_script: dict[str, list[Any]] = {}
    false = 0
    for name, outcome in outcomes.items():
        false += len(false_lines(labels[name], outcome.lines))
        for score in score_lines(labels[name], outcome.lines):
            by_script.setdefault(score.script, []).append(score)
    return {
        "photos": len(outcomes),
        "false_lines_per_photo": false / len(outcomes),
        "seconds": median(outcome.seconds for outcome in outcomes.values()),
        "lines": {
            script: {
                "lines": len(scores),
                "read": sum(s.similarity >= SIMILAR for s in scores),
                "exact": sum(s.similarity == 100 for s in scores),
                "cer": fmean(s.cer for s in scores),
            }
            for script, scores in sorted(by_script.items())
        },
    }


def _false_places(outcomes: dict[str, Outcome], files: dict[str, Path]) -> float | None:
    """Count the names that the gazetteer takes for a place's, per photo without a place name."""
    from gazetteer import Gazetteer
    from geoinfer.decode import script_of
    from geoinfer.photos import load_photo
    from geoinfer.readings import Reading
    from geoinfer.signs import find_signs

    if not outcomes:
        return None
    places, taken = Gazetteer.open(), 0
    for name, outcome in outcomes.items():
        readings = [
            Reading(f"{name}/r{n}", line.polygon, line.text, script_of(line.text), 1.0, ((line.text, 1.0),), "bench")
            for n, line in enumerate(outcome.lines)
        ]
        signs = find_signs(readings, load_photo(files[name]).pixels, name)
        taken += sum(places.search(entry.name).none < CERTAIN for sign in signs for entry in sign.entries)
    return taken / len(outcomes)


def _speed(performance: Performance, peer: Performance | None, ids: set[str]) -> float | None:
    """Median over some of the pictures of the time of Tesseract on the whole photo over this reader's."""
    if peer is None or not ids:
        return None
    pairs = zip(peer.outcomes, performance.outcomes, strict=True)
    return median(slow.seconds / max(fast.seconds, 1e-6) for slow, fast in pairs if fast.id in ids)


def _tables(figures: dict[str, Any], readers: Sequence[str]) -> Iterable[str]:
    """Lay the figures out as tables in Markdown."""
    if any(figures[r]["scenes"] for r in readers):
        rows = [
            [r, key, *(_share(figures[r]["scenes"][str(height)][key]) for height in HEIGHTS)]
            for r in readers
            for key in ("read", "exact", "found", "read_where_given")
            if figures[r]["scenes"]["6"][key] is not None
        ]
        yield _table(["names on rendered scenes, by letter height", "", *(f"{h} px" for h in HEIGHTS)], rows)
    for group, about in GROUPS.items():
        rows = []
        for r in readers:
            for script, lines in figures[r]["photos"].get(group, {}).get("lines", {}).items():
                read, total = lines["read"], lines["lines"]
                rows.append([r, script, f"{read}/{total}", _share(read / total), _share(lines["exact"] / total),
                             f"{lines['cer']:.3f}"])  # fmt: skip
        if rows:
            yield _table([f"{group}: {about}", "script", "lines", "read", "exact", "CER"], rows)
    rows = []
    for r in readers:
        c4 = figures[r]["photos"].get("c4", {})
        rows.append([
            r, _number(c4.get("false_lines_per_photo")), _number(figures[r]["false_place_names_per_c4_photo"]),
            _number(figures[r]["seconds"]),
            *map(_number, figures[r]["times_faster_than_whole_photo_tesseract"].values()),
            _number(figures[r]["large_photo_seconds"]), f"{figures[r]['peak_megabytes']:.0f}",
        ])  # fmt: skip
    yield _table(["all", "false lines per c4 photo", "false places per c4 photo", "median s a picture",
                  "times faster than pytesseract: photographs", "scenes", "s for 12 megapixels", "peak MB"],
                 rows)  # fmt: skip


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(cells) + " |" for cells in (head, ["---"] * len(head), *rows)]
    return "\n".join(lines)


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.0%}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


if __name__ == "__main__":
    main()
