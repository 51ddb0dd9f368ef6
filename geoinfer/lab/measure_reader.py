"""Measure what the shipped recogniser makes of lines: ``python -m geoinfer.lab.measure_reader``.

Lines of names, distances and both are rendered in fonts that training never saw, in every weather, and read. The table
that comes out, ``reader_table.json``, is what `geoinfer.lab.reader` draws its noise from. Needs the extra ``train`` and
the font packages that ``geoinfer/training/README.md`` lists.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from geoinfer.lab.reader import TABLE, states_of

if TYPE_CHECKING:
    from gazetteer.places import Place

SCRIPTS = ("cyrillic", "latin", "digits")
WINDOW = (31.0, 51.5, 700.0)
"""Names are drawn around Chernihiv: longitude, latitude, kilometres."""


def draw_lines(places: Sequence[Place], number: int, rng: np.random.Generator) -> list[tuple[str, str]]:
    """Draw lines to render, each with its script; a third of the lines in each script.

    Parameters
    ----------
    places
        Places whose names are written.
    number
        How many lines.
    rng
        Source of every choice.
    """
    lines = []
    for n in range(number):
        script = SCRIPTS[n % len(SCRIPTS)]
        if script == "digits":
            lines.append((script, str(int(np.exp(rng.uniform(0.7, 6.4))))))
            continue
        place = places[int(rng.integers(len(places)))]
        local = {"UA": "uk", "BY": "be" if rng.random() < 0.7 else "ru", "RU": "ru"}[place.country]
        name = place.names.get("en" if script == "latin" else local, place.name)
        lines.append((script, name.upper() if rng.random() < 0.35 else name))
    return lines


def count_events(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Count what characters were read as, from pairs of the true and the read text.

    Returns
    -------
    ``read``: true character to read character (empty where it was lost) to how often; ``added``: character to how often
    it was read where there is none; ``gaps``: how many places there were to add one.

    Examples
    --------
    >>> count_events([("Мена", "Мсна"), ("Мена", "Мен")])["read"]["е"]
    {'с': 1, 'е': 1}
    """
    from rapidfuzz.distance import Levenshtein

    read: dict[str, Counter[str]] = defaultdict(Counter)
    added: Counter[str] = Counter()
    gaps = 0
    for true, text in pairs:
        gaps += len(true) + 1
        for step in Levenshtein.opcodes(true, text):
            was, became = true[step.src_start : step.src_end], text[step.dest_start : step.dest_end]
            if step.tag == "insert":
                added.update(became)
            else:
                for i, character in enumerate(was):
                    read[character][became[i] if i < len(became) else ""] += 1
    return {"read": {c: dict(n) for c, n in sorted(read.items())}, "added": dict(added), "gaps": gaps}


@click.command()
@click.option("--lines", default=2400, show_default=True, help="Lines to render and read.")
@click.option("--seed", default=7, show_default=True)
def main(lines: int, seed: int) -> None:
    """Render lines, read them, and write the table."""
    from tqdm import tqdm

    from gazetteer import Gazetteer
    from geoinfer.recogniser import Recogniser
    from geoinfer.training.faces import find_faces, pick_face, split_faces
    from geoinfer.training.render import render_line

    rng = np.random.default_rng(seed)
    places = [
        place
        for place in Gazetteer.open().places_within(*WINDOW, kinds=("city", "town", "village"))
        if place.country in ("UA", "BY", "RU")
    ]
    families = split_faces(find_faces())[1]
    reader = Recogniser(threads=1)
    pairs: dict[str, list[tuple[str, str]]] = {script: [] for script in SCRIPTS}
    for script, text in tqdm(draw_lines(places, lines, rng), unit="line"):
        picture = render_line(text, pick_face(families, rng), rng)
        pairs[script].append((text, reader.read(picture).text))
    table: dict[str, Any] = {
        "about": f"{lines} lines, seed {seed}, fonts held out of training: {', '.join(sorted(families))}",
        "model_sha256": reader.card.sha256,
    }
    for script in SCRIPTS:
        grouped = states_of(pairs[script])
        total = len(pairs[script])
        table[script] = {
            "lines": total,
            "share": {state: round(len(found) / total, 4) for state, found in grouped.items()},
            "slips": count_events(grouped["slips"]),
            "garbled": count_events(grouped["garbled"]),
        }
    Path(str(TABLE)).write_text(json.dumps(table, ensure_ascii=False, indent=None) + "\n", encoding="utf-8")
    click.echo(json.dumps({script: table[script]["share"] for script in SCRIPTS}))


if __name__ == "__main__":
    main()
