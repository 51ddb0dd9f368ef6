"""Measure how far the reader's probabilities can be trusted: ``python -m geoinfer.training.calibrate``.

Held-out names in held-out fonts are drawn and read by the shipped recogniser. Of its confidences the expected
calibration error is told: how far, on average over ten classes, the confidence is from the share of lines that are
right. Of its lattices is told how well they part a name from its nearest neighbours among all names, at several
temperatures, beside the edit distance from the text alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import click
import numpy as np
from numpy.typing import NDArray

from geoinfer.lattice import Lattice, fold
from geoinfer.recogniser import Recogniser, normalised
from geoinfer.training.corpus import load_names

Floats = NDArray[np.float64]

GROUPS = 1000
"""Groups of lines from this one on are drawn here: neither trained on nor checked with."""
RIVALS = 30
"""Names that a name is told from."""
TEMPERATURES = (1.0, 1.5, 2.0, 2.5, 3.0)


@dataclass(frozen=True)
class Seen:
    """What the recogniser made of one line."""

    text: str
    read: str
    confidence: float
    scores: NDArray[np.float32]


def calibration_error(confidences: Floats, right: NDArray[np.bool_], classes: int = 10) -> float:
    """Give the expected calibration error over classes of equal width.

    Examples
    --------
    >>> round(calibration_error(np.array([0.9, 0.9, 0.1]), np.array([True, False, False])), 3)
    0.3
    """
    place = np.minimum((confidences * classes).astype(int), classes - 1)
    gaps = [
        (place == i).sum() * abs(float(confidences[place == i].mean()) - float(right[place == i].mean()))
        for i in np.unique(place)
    ]
    return float(sum(gaps) / len(confidences))


def read_lines(seed: int, groups: int) -> list[Seen]:
    """Draw held-out lines and read them."""
    from geoinfer.training.stream import open_source

    source, reader = open_source(held_out=True), Recogniser(threads=1)
    seen = []
    for group in range(GROUPS, GROUPS + groups):
        for text, pixels in source.lines(seed, group):
            spelling = reader.read(pixels)
            seen.append(Seen(text, spelling.text, spelling.confidence, reader.scores(pixels)))
    return seen


@cache
def _names() -> dict[str, str]:
    names = load_names()
    return {fold(name): name for name in (*names.uk, *names.cyrillic, *names.latin) if len(fold(name)) > 2}


def rivals_of(text: str) -> list[str]:
    """Name the names that are nearest to a text that is one itself: it first, then the others, in classes."""
    from rapidfuzz import process

    own = fold(text)
    near = process.extract(own, _names().keys(), limit=RIVALS + 1)
    return [own, *(name for name, _, _ in near if name != own)][: RIVALS + 1]


def shares_of_names(likelihoods: Sequence[Floats]) -> tuple[float, float, float]:
    """Share of lines whose own name, given first, is the likeliest; mean log of its share; calibration error."""
    first, logs, tops, right = 0, 0.0, [], []
    for nats in likelihoods:
        shares = np.exp(nats - nats.max())
        shares /= shares.sum()
        best = int(shares.argmax())
        first += best == 0
        logs += float(np.log(max(shares[0], 1e-9)))
        tops.append(float(shares.max()))
        right.append(best == 0)
    count = max(len(likelihoods), 1)
    return first / count, logs / count, calibration_error(np.array(tops), np.array(right))


def by_text(seen: Seen, names: Sequence[str], nats: float = 2.5) -> Floats:
    """Log-likelihoods of names from the text alone: so many nats for every edit."""
    from rapidfuzz.distance import Levenshtein

    return np.array([-nats * Levenshtein.distance(fold(seen.read), name) for name in names])


@click.command()
@click.option("--seed", default=7, show_default=True)
@click.option("--groups", default=2, show_default=True, help="Groups of 384 lines.")
def main(seed: int, groups: int) -> None:
    """Draw held-out lines, read them and tell how well probabilities and lattices are calibrated."""
    seen = read_lines(seed, groups)
    confidences = np.array([one.confidence for one in seen])
    right = np.array([fold(one.read) == fold(one.text) for one in seen])
    click.echo(f"{len(seen)} lines, {right.mean():.3f} right, case, look-alikes and marks folded")
    for i in range(10):
        inside = np.minimum((confidences * 10).astype(int), 9) == i
        if inside.any():
            mean, share = confidences[inside].mean(), right[inside].mean()
            click.echo(f"  confidence from {i / 10:.1f}: {inside.sum():4d} lines, mean {mean:.2f}, right {share:.2f}")
    click.echo(f"expected calibration error {calibration_error(confidences, right):.3f}")
    named = [(one, rivals_of(one.text)) for one in seen if fold(one.text) in _names()]
    click.echo(f"{len(named)} of the lines are names, each told from the {RIVALS} nearest")
    alphabet = Recogniser(threads=1).card.alphabet
    rows = [("text alone", [by_text(one, names) for one, names in named])]
    for temperature in TEMPERATURES:
        lattices = [Lattice.of_scores(normalised(one.scores / temperature), alphabet) for one, _ in named]
        found = [lattice.log_likelihood(names) for lattice, (_, names) in zip(lattices, named, strict=True)]
        rows.append((f"lattice at temperature {temperature}", found))
    for label, likelihoods in rows:
        first, logs, error = shares_of_names(likelihoods)
        click.echo(f"  {label}: own name first {first:.3f}, mean log share {logs:.3f}, calibration error {error:.3f}")


if __name__ == "__main__":
    main()
