"""What the reader makes of names that it has not seen: pairs to fit the gazetteer's channel to.

``python -m geoinfer.training.confusions PAIRS.tsv`` renders names of the shipped gazetteer as training does, spoilt in
the same ways, reads them with the shipped head and writes one row per line: language, name, text read, confidence.
Only names that were held out of training are taken. ``python -m gazetteer.fit_channel PAIRS.tsv`` makes the table of
costs from such a file.
"""

from __future__ import annotations

import csv
from pathlib import Path

import click
import numpy as np

from gazetteer import Gazetteer
from geoinfer.recogniser import Recogniser
from geoinfer.training.corpus import ALPHABET, held_out
from geoinfer.training.faces import find_faces, pick_face, split_faces
from geoinfer.training.render import render_line

LANGUAGES = ("uk", "ru", "be", "en")
COUNTRIES = ("UA", "RU", "BY")


def unseen_names(rng: np.random.Generator, count: int) -> dict[str, list[str]]:
    """Draw names of settlements that the head was not trained on, as many in each language."""
    gazetteer = Gazetteer.open()
    found: dict[str, dict[str, None]] = {language: {} for language in LANGUAGES}
    for row in rng.permutation(len(gazetteer)).tolist():
        place = gazetteer.place(gazetteer.ids[row])
        if place.country not in COUNTRIES or place.kind not in ("city", "town", "village"):
            continue
        for language, names in found.items():
            name = place.names.get(language, "")
            if len(names) < count and name and held_out(name) and all(char in ALPHABET for char in name):
                names[name] = None
        if all(len(names) >= count for names in found.values()):
            break
    return {language: list(names) for language, names in found.items()}


@click.command()
@click.argument("output", type=click.Path(path_type=Path))
@click.option("--seed", default=11, show_default=True)
@click.option("--names", default=700, show_default=True, help="Names in each language.")
@click.option("--times", default=3, show_default=True, help="Renderings of each name.")
def main(output: Path, seed: int, names: int, times: int) -> None:
    """Render, read and write pairs of name and text to OUTPUT."""
    rng = np.random.default_rng(seed)
    _, faces = split_faces(find_faces())
    recogniser = Recogniser(threads=1)
    lines = [(language, name) for language, found in unseen_names(rng, names).items() for name in found] * times
    with output.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, delimiter="\t")
        table.writerow(("language", "name", "read", "confidence"))
        for at in rng.permutation(len(lines)).tolist():
            language, name = lines[at]
            painted = name.upper() if rng.random() < 0.5 else name
            spelling = recogniser.read(render_line(painted, pick_face(faces, rng), rng))
            table.writerow((language, painted, spelling.text, f"{spelling.confidence:.4f}"))


if __name__ == "__main__":
    main()
