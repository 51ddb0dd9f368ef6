"""Measure an engine on real photographs: ``python -m geoinfer.training.evaluate FOLDER``.

The folder holds photographs and ``labels.tsv``, whose columns ``id`` and ``text lines`` give each photo's text as seen
by eye, lines joined by `` | ``. A labelled line of three or more letters counts as read where some reading is at least
80 % similar to it (Levenshtein ratio, case and look-alike letters folded). Readings that are similar to no labelled
line are counted as false.
"""

from __future__ import annotations

import csv
import re
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from geoinfer.decode import LATIN_OF, script_of
from geoinfer.engines import NAMES, open_engine
from geoinfer.photos import load_photo
from geoinfer.readings import Reading, read_photo

SIMILAR = 80


def fold(text: str) -> str:
    """Upper case, Latin letters for Cyrillic ones of the same shape, letters and digits only, no words of digits alone.

    Distances beside a name are lines of their own to some detectors and not to others, so they are left out.

    Examples
    --------
    >>> fold("с. Буда 7") == fold("C. БУДА")
    True
    """
    upper = "".join(LATIN_OF.get(c, c) for c in text.upper())
    words = re.sub(r"[^\w]+", " ", upper).split()
    return " ".join(word for word in words if not word.isdigit())


def split_line(line: str) -> list[str]:
    """Split a labelled line of two scripts into its parts.

    Examples
    --------
    >>> split_line("ТАРАГТ Taragt"), split_line("УФА 572")
    (['ТАРАГТ', 'Taragt'], ['УФА 572'])
    """
    parts: list[list[str]] = [[]]
    for word in line.split():
        before, script = script_of(" ".join(parts[-1])), script_of(word)
        if {before, script} == {"cyrillic", "latin"}:
            parts.append([])
        parts[-1].append(word)
    return [" ".join(part) for part in parts]


@dataclass(frozen=True)
class Score:
    """What an engine made of one photo.

    Attributes
    ----------
    photo
        Its id.
    lines
        Labelled lines of three or more letters: text, script, similarity of the most similar reading, that reading.
    readings
        All readings.
    false
        Readings of three or more letters similar to no labelled line.
    seconds
        Time to read.
    """

    photo: str
    lines: tuple[tuple[str, str, float, str], ...]
    readings: tuple[Reading, ...]
    false: tuple[Reading, ...]
    seconds: float


def score_photo(name: str, labels: Sequence[str], readings: tuple[Reading, ...], seconds: float) -> Score:
    """Compare readings with labels."""
    from rapidfuzz import fuzz

    folded = [fold(r.text) for r in readings]
    lines = []
    for label in labels:
        if sum(c.isalpha() for c in label) < 3:
            continue
        best, similarity = "", 0.0
        for reading, text in zip(readings, folded, strict=True):
            ratio = fuzz.ratio(fold(label), text)
            if ratio > similarity:
                best, similarity = reading.text, ratio
        lines.append((label, script_of(label), similarity, best))
    wanted = [fold(label) for label in labels]
    false = tuple(
        r
        for r, text in zip(readings, folded, strict=True)
        if sum(c.isalpha() for c in text) >= 3 and max((fuzz.partial_ratio(text, w) for w in wanted), default=0) < 70
    )
    return Score(name, tuple(lines), readings, false, seconds)


def load_labels(path: Path) -> dict[str, list[str]]:
    """Photo id to labelled lines; photos whose text is ``none`` or not transcribed have no lines."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    labels = {}
    for row in rows:
        text = "" if row["text lines"].startswith("see ") else row["text lines"]
        lines = [re.sub(r"[\[\]]", "", line).strip() for line in text.split("|")]
        labels[row["id"]] = [part for line in lines if line and line != "..." for part in split_line(line)]
    return labels


@click.command()
@click.argument("folder", type=click.Path(exists=True, path_type=Path))
@click.option("--engine", default="signs", type=click.Choice(NAMES))
@click.option("--only", default="", help="Ids that begin with this.")
@click.option("--verbose", is_flag=True, help="List every labelled line and false reading.")
@click.option("--threads", default=0, help="Threads that read one photo; 0 for all there are.")
def main(folder: Path, engine: str, only: str, verbose: bool, threads: int) -> None:
    """Read the photographs of FOLDER and count what was read right."""
    opened = open_engine(engine, threads=threads)
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    confidences: list[tuple[float, bool]] = []
    totals: dict[str, list[float]] = defaultdict(lambda: [0, 0, 0, 0])
    for name, labels in load_labels(folder / "labels.tsv").items():
        path = next(iter(sorted(folder.glob(f"{name}.*"))), None)
        if path is None or not name.startswith(only):
            continue
        photo = load_photo(path)
        started = time.perf_counter()
        readings = read_photo(photo, opened, name)
        score = score_photo(name, labels, readings, time.perf_counter() - started)
        part = name[:2]
        for label, script, similarity, best in score.lines:
            found[part, script].append(similarity)
            if verbose:
                click.echo(
                    f"{name}  {'ok ' if similarity >= SIMILAR else 'MISS'} {similarity:5.1f}  {label!r} <- {best!r}"
                )
        if part in ("c1", "c2", "c3"):
            confidences += [
                (r.confidence, r not in score.false) for r in readings if sum(c.isalpha() for c in r.text) >= 3
            ]
        if verbose:
            for reading in score.false:
                click.echo(f"{name}  false {reading.confidence:.2f} {reading.text!r}")
        total = totals[part]
        total[0] += 1
        total[1] += len(score.readings)
        total[2] += len(score.false)
        total[3] += score.seconds
    for (part, script), similarities in sorted(found.items()):
        right = sum(s >= SIMILAR for s in similarities)
        click.echo(
            f"{part} {script:9} {right}/{len(similarities)} lines at {SIMILAR} or better, "
            f"{sum(s == 100 for s in similarities)} exactly"
        )
    for part, (photos, readings_, false, seconds) in sorted(totals.items()):
        click.echo(
            f"{part}: {photos:.0f} photos, {readings_:.0f} readings, {false:.0f} false lines, "
            f"{seconds / photos:.2f} s a photo"
        )
    for low, high in ((0.0, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 0.95), (0.95, 1.01)):
        inside = [right for confidence, right in confidences if low <= confidence < high]
        if inside:
            click.echo(
                f"confidence {low:.2f}-{min(high, 1):.2f}: {sum(inside)}/{len(inside)} similar to a labelled line"
            )


if __name__ == "__main__":
    main()
