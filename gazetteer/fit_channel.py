"""Fit what a reader of signs confuses: ``python -m gazetteer.fit_channel PAIRS.tsv`` writes ``data/confusions.tsv``.

PAIRS.tsv has the columns ``name`` (what was painted) and ``read`` (what was made of it); ``python -m
geoinfer.training.confusions`` makes such a file with the shipped reader, from renderings of names that it was not
trained on. Lines of which little is left say nothing of letters and are left out. Costs are fitted to three names in
four, chosen by a hash; what was read of the others is counted too, for the benchmark to make errors from.
"""

from __future__ import annotations

import csv
import math
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

from rapidfuzz.distance import Levenshtein

from gazetteer.names import one_script, plain
from gazetteer.shipped import data_path

WORST = 0.4
"""Lines with a larger share of wrong letters are left out."""

HELD_OUT_OF = 4
SMOOTHING = 6.0
"""How many times a letter is taken to have been read as any other of its script, all of them together."""

ERROR_RATE = 0.08
"""Share of wrong letters that costs are stated for: the middle of the rates that a search should bear, 0 to 20 %."""

LEAST_COUNT = 2


@dataclass(slots=True)
class Counts:
    """How often letters were read right, as others, not at all, and where there were none."""

    right: Counter[str] = field(default_factory=Counter)
    other: Counter[tuple[str, str]] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    added: Counter[str] = field(default_factory=Counter)


def held_out(name: str) -> bool:
    """Whether a name is kept for the benchmark."""
    return crc32(plain(name).encode()) % HELD_OUT_OF == 0


def read_pairs(path: Path) -> Iterator[tuple[str, str]]:
    """Give the folded pairs of a file that are near enough to tell letters from."""
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            name, read = plain(row["name"]), plain(row["read"])
            if name and read:
                read = min(one_script(read), key=lambda form: Levenshtein.distance(name, form))
                if Levenshtein.distance(name, read) <= WORST * len(name):
                    yield name, read


def count(pairs: Iterable[tuple[str, str]]) -> Counts:
    """Count edits along the shortest ways from name to text.

    Examples
    --------
    >>> count([("ліс", "піс"), ("ліс", "лс")]).other
    Counter({('л', 'п'): 1})
    """
    counts = Counts()
    for name, read in pairs:
        for step in Levenshtein.opcodes(name, read):
            painted, seen = name[step.src_start : step.src_end], read[step.dest_start : step.dest_end]
            if step.tag == "equal":
                counts.right.update(painted)
            elif step.tag == "replace":
                counts.other.update(pair for pair in zip(painted, seen, strict=True) if "".join(pair).isalnum())
            elif step.tag == "delete":
                counts.lost.update(painted)
            else:
                counts.added.update(seen)
    return counts


def costs(counts: Counts) -> list[tuple[str, str, float, int]]:
    """Turn counts into rows of the table: letter, what it was read as, nats beyond reading it right, times seen.

    An empty string stands for no letter; ``*`` for any letter that has no row of its own.
    """
    wrong = sum(counts.other.values()) + sum(counts.lost.values()) + sum(counts.added.values())
    scale = ERROR_RATE / (wrong / (wrong + sum(counts.right.values())))
    alphabets = {letter: _alphabet(letter, counts) for letter in counts.right}
    rows = []
    for letter, right in sorted(counts.right.items()):
        seen = right + sum(times for (name, _), times in counts.other.items() if name == letter) + counts.lost[letter]
        average = (wrong - sum(counts.added.values())) / (seen and sum(counts.right.values()) + wrong)
        for read in sorted({read for name, read in counts.other if name == letter}):
            times = counts.other[letter, read]
            if times >= LEAST_COUNT:
                share = (times + SMOOTHING * average / len(alphabets[letter])) / (seen + SMOOTHING)
                rows.append((letter, read, -math.log(min(0.9, scale * share)), times))
        if counts.lost[letter] >= LEAST_COUNT:
            share = (counts.lost[letter] + SMOOTHING * average / 5) / (seen + SMOOTHING)
            rows.append((letter, "", -math.log(min(0.9, scale * share)), counts.lost[letter]))
    total = sum(counts.right.values())
    rare = sum(times for times in counts.other.values() if times < LEAST_COUNT)
    rows.append(("*", "*", -math.log(scale * max(rare, 1) / total / 15), rare))
    rows.append(("*", "", -math.log(scale * sum(counts.lost.values()) / total), sum(counts.lost.values())))
    for read, times in sorted(counts.added.items()):
        if times >= LEAST_COUNT:
            rows.append(("", read, -math.log(scale * times / total), times))
    added = sum(counts.added.values())
    rows.append(("", "*", -math.log(scale * max(added, 1) / total / 20), added))
    return rows


def _alphabet(letter: str, counts: Counts) -> set[str]:
    """Give the letters of the same script."""
    latin = letter.isascii()
    return {other for other in counts.right if other.isascii() == latin and other.isalpha()} or {letter}


def main() -> None:
    """Write the table of costs."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m gazetteer.fit_channel PAIRS.tsv")
    pairs = list(read_pairs(Path(sys.argv[1])))
    fitted = costs(count(pair for pair in pairs if not held_out(pair[0])))
    others = _times(count(pair for pair in pairs if held_out(pair[0])))
    rows = {(letter, read): (f"{nats:.2f}", times) for letter, read, nats, times in fitted}
    with data_path("confusions.tsv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, delimiter="\t", lineterminator="\n")
        table.writerow(("name", "read", "nats", "times", "times_held_out"))
        for edit in sorted({*rows, *others}):
            table.writerow((*edit, *rows.get(edit, ("", 0)), others.get(edit, 0)))
    sys.stderr.write(f"{len(pairs)} pairs of name and reading\n")


def _times(counts: Counts) -> dict[tuple[str, str], int]:
    """Give how often each edit was seen."""
    times = dict(counts.other)
    times |= {(letter, ""): number for letter, number in counts.lost.items()}
    times |= {("", read): number for read, number in counts.added.items()}
    return times


if __name__ == "__main__":
    main()
