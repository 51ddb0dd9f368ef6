"""The files that come with the package."""

from __future__ import annotations

import csv
from importlib import resources
from pathlib import Path


def data_path(name: str) -> Path:
    """Give the path of a data file that comes with the package."""
    return Path(str(resources.files("gazetteer").joinpath("data", name)))


def common_words() -> dict[str, str]:
    """Read the words that signs and shops carry, with the reason why each is no evidence of a place."""
    with data_path("common_words.tsv").open(encoding="utf-8", newline="") as lines:
        return {row["word"]: row["reason"] for row in csv.DictReader(lines, delimiter="\t")}
