"""Noise of the reader: what becomes of a line of a sign on its way through detector and recogniser.

What becomes of letters is in ``reader_table.json``, which `geoinfer.lab.measure_reader` measured with the shipped
recogniser. A line is read right, with slips, or garbled; slips and garbled lines have confusions of their own. A
garbled line is lost with probability `GARBLED_LOST`, as the later steps drop most of what is hardly legible.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

TABLE = files("geoinfer.lab").joinpath("reader_table.json")
STATES = ("right", "slips", "garbled")

MOST_SLIPS = 0.34
"""Share of wrong characters above which a line counts as garbled: no name of three letters survives it."""

GARBLED_LOST = 0.7
"""Judgement: of garbled lines this many give no name at all (too little confidence, or no letters)."""

LINE_MISSED = {"cyrillic": 0.12, "latin": 0.12, "digits": 0.10}
"""Lines that the detector does not find. On whole rendered scenes it found 60 to 100 % of names between 10 and 60
pixels of letter height; 0.1 stands for legible signs of 18 to 24 pixels (92 to 100 %) and some worse: a judgement."""

LARGEST = 1500
"""Bare numbers above are taken for years, not for kilometres."""


def states_of(pairs: Iterable[tuple[str, str]]) -> dict[str, list[tuple[str, str]]]:
    """Sort pairs of true and read text into lines read right, with slips, and garbled; letter case is no slip.

    A number with a slip is another number: a number that is no longer one is garbled.

    Examples
    --------
    >>> {state: len(found) for state, found in states_of([("Мена", "МЕНА"), ("Мена", "Мсна"), ("Мена", "")]).items()}
    {'right': 1, 'slips': 1, 'garbled': 1}
    """
    from rapidfuzz.distance import Levenshtein

    found: dict[str, list[tuple[str, str]]] = {state: [] for state in STATES}
    for true, text in pairs:
        true, text = true.casefold(), text.casefold()
        wrong = Levenshtein.distance(true, text) / max(len(true), 1)
        slips = text.isdigit() if true.isdigit() else wrong <= MOST_SLIPS
        found["right" if wrong == 0 else "slips" if slips else "garbled"].append((true, text))
    return found


@dataclass(frozen=True)
class Noise:
    """What the reader does to lines. Make one with `Noise.open`.

    Attributes
    ----------
    table
        The measured table: script to shares of states and counts of confusions.
    """

    table: Mapping[str, Any]

    @classmethod
    def open(cls) -> Noise:
        """Return the noise of the shipped recogniser; it is read once."""
        return _shipped()

    def read(self, text: str, script: str, rng: np.random.Generator) -> str | None:
        """Read a line: None where it is not found or gives no name.

        Parameters
        ----------
        text
            What stands on the sign.
        script
            ``cyrillic``, ``latin`` or ``digits``.
        rng
            Source of every choice.
        """
        if rng.random() < LINE_MISSED[script]:
            return None
        shares = self.table[script]["share"]
        state = STATES[int(rng.choice(len(STATES), p=_normalised([shares[state] for state in STATES])))]
        if state == "right":
            return text
        if state == "garbled" and rng.random() < GARBLED_LOST:
            return None
        read = self._garble(text, script, state, rng).strip()
        return read or None

    def number(self, km: int, rng: np.random.Generator) -> int | None:
        """Read a number: None where no digits come out."""
        read = self.read(str(km), "digits", rng)
        return int(read) if read and read.isascii() and read.isdigit() and int(read) <= LARGEST else None

    def _garble(self, text: str, script: str, state: str, rng: np.random.Generator) -> str:
        """Misread characters one by one, until at least one is wrong: a line in this state is not read right."""
        events = self.table[script][state]
        for _ in range(50):
            out = []
            for character in text:
                if rng.random() < sum(events["added"].values()) / max(events["gaps"], 1):
                    out.append(_draw(events["added"], rng))
                counts = events["read"].get(character.casefold())
                became = _draw(counts, rng) if counts else character
                out.append(became.upper() if character.isupper() and len(became) == 1 else became)
            read = "".join(out)
            if read.casefold() != text.casefold() and (state == "garbled" or read.isdigit() == text.isdigit()):
                return read
        return text


def _draw(counts: Mapping[str, int], rng: np.random.Generator) -> str:
    keys = list(counts)
    return keys[int(rng.choice(len(keys), p=_normalised([counts[key] for key in keys])))]


def _normalised(weights: list[float] | list[int]) -> np.ndarray[Any, np.dtype[np.float64]]:
    values = np.asarray(weights, dtype=np.float64)
    return np.asarray(values / values.sum())


@cache
def _shipped() -> Noise:
    return Noise(json.loads(TABLE.read_text(encoding="utf-8")))
