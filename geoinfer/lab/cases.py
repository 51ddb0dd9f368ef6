"""Simulated cases: a spot, some photos of the signs there, and what the reader made of them.

A case is drawn from its seed and number alone, so that any of a run's cases can be drawn again.

A *misleading* photo is one whose names do not tell where the camera stood: an archive photo from somewhere else, or a
name on a truck, shop or poster. Every case keeps at least one photo that does not mislead: where all of them do, nobody
could answer. What happens then is a run of its own (`draw_case` with ``misleading=1``).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from geoinfer.lab.ground import Ground
from geoinfer.lab.plates import Line, Plate, name_line, plates_at, sign_language
from geoinfer.lab.reader import Noise
from geoinfer.lab.spots import DRAWS, Spot, draw_spot

PHOTOS = {1: 0.30, 2: 0.30, 3: 0.20, 4: 0.12, 5: 0.08}
"""Judgement: photos with a legible sign in a case."""

TWO_SIGNS = 0.25
"""Judgement: photos that show two signs."""

MOVED = 0.02
"""Judgement: signs that were moved from elsewhere, or put up as a joke (documented for 2022)."""

WRONG_KM = 0.02
"""Judgement: kilometres that are wrong on the sign itself: outdated, or of another line."""

LATIN_MISSPELT = 0.06
LATIN_KM_SWAPPED = 0.02
"""Judgements: faults of Latin lines that newspapers report of Ukrainian signs."""

KIND_LOST = {"settlement_begin": 0.4, "settlement_end": 0.4, "direction": 0.25, "station": 0.5}
"""Judgement: signs whose kind the reader does not tell: a plate without frame in the picture, an arrow not seen."""

KIND_WRONG = 0.02

SLIPS_OF_LATIN = (("h", "g"), ("kh", "h"), ("y", "i"), ("i", "y"), ("zh", "j"), ("iv", "ov"), ("'", ""), ("ts", "c"))


@dataclass(frozen=True)
class Row:
    """A name as it was read, in the columns of a clue file and the name in the plate's other script."""

    sign: str
    kind: str
    name: str = ""
    other: str = ""
    km: int | None = None
    road: str = ""


@dataclass(frozen=True)
class SimulatedCase:
    """A case whose truth is known.

    Attributes
    ----------
    number, seed
        What it was drawn from.
    draw
        One of `geoinfer.lab.spots.DRAWS`.
    spot
        The truth.
    photos
        Per photo: whether it misleads.
    plates
        What stood on the signs, per row's `sign`.
    rows
        What was read.
    """

    number: int
    seed: int
    draw: str
    spot: Spot
    photos: tuple[bool, ...]
    plates: dict[str, Plate]
    rows: tuple[Row, ...]

    def as_dict(self) -> dict[str, Any]:
        """Give the case as plain values, to show."""
        return {
            "number": self.number,
            "draw": self.draw,
            "spot": {key: getattr(self.spot, key) for key in ("kind", "lon", "lat", "country", "admin1")},
            "misleading": list(self.photos),
            "plates": {sign: asdict(plate) for sign, plate in self.plates.items()},
            "rows": [asdict(row) for row in self.rows],
        }


def draw_case(ground: Ground, seed: int, number: int, misleading: float = 0.0) -> SimulatedCase:
    """Draw a case; even numbers are drawn anywhere, odd ones in the borderland.

    Parameters
    ----------
    ground
        The ground.
    seed, number
        The case depends on nothing else.
    misleading
        Share of photos that mislead; one photo of a case never does, unless the share is 1.
    """
    rng = np.random.default_rng([seed, number, round(1000 * misleading)])
    draw = DRAWS[number % 2]
    noise = Noise.open()
    for _ in range(100):
        spot = draw_spot(ground, draw, rng)
        standing = plates_at(ground, spot, rng)
        if not standing:
            continue
        count = int(rng.choice(list(PHOTOS), p=list(PHOTOS.values())))
        wrong = rng.random(count) < misleading
        if misleading < 1 and wrong.all():
            wrong[int(rng.integers(count))] = False
        plates: dict[str, Plate] = {}
        rows: list[Row] = []
        at = 0
        for photo, misleads in enumerate(wrong.tolist(), start=1):
            for sign in range(1, 2 + int(rng.random() < TWO_SIGNS)):
                key = f"photo-{photo}/s{sign}"
                if misleads:
                    plate = mislead(ground, rng)
                elif rng.random() < MOVED:
                    plate = _elsewhere(ground, rng)
                else:
                    # Signs are photographed one after the other; when all are, some are photographed again.
                    plate = standing[at] if at < len(standing) else standing[int(rng.integers(len(standing)))]
                    at += 1
                plates[key] = plate
                rows.extend(read_plate(key, plate, noise, rng))
        if any(row.name or row.road for row in rows):
            return SimulatedCase(number, seed, draw, spot, tuple(wrong.tolist()), plates, tuple(rows))
    raise RuntimeError(f"no case was found for seed {seed}, number {number}")


def mislead(ground: Ground, rng: np.random.Generator) -> Plate:
    """Make a plate that says nothing of the spot: an archive photo's, or the name of a city on a truck or shop."""
    if rng.random() < 0.6:
        return _elsewhere(ground, rng)
    people = ground.population
    place = int(rng.choice(len(people), p=people / people.sum()))
    language, latin = sign_language(ground.places[place].country, rng)
    return Plate("unknown", (name_line(ground, place, language, latin),))


def _elsewhere(ground: Ground, rng: np.random.Generator) -> Plate:
    for _ in range(100):
        standing = plates_at(ground, draw_spot(ground, "anywhere", rng), rng)
        named = [plate for plate in standing if plate.lines]
        if named:
            return named[int(rng.integers(len(named)))]
    raise RuntimeError("no spot with a sign was found in 100 draws")


def read_plate(key: str, plate: Plate, noise: Noise, rng: np.random.Generator) -> list[Row]:
    """Read a plate: names, kilometres, route numbers and kind, each with the reader's errors."""
    kind = _read_kind(plate, rng)
    rows = []
    capitals = rng.random() < 0.35
    lines = [_flawed(line, rng) for line in plate.lines]
    for line, swapped in zip(lines, _swapped(lines, rng), strict=True):
        name = noise.read(line.name.upper() if capitals else line.name, "cyrillic", rng)
        latin = noise.read(line.latin, "latin", rng) if line.latin else None
        km = None if line.km is None else noise.number(line.km if name else swapped, rng)
        if name or latin:
            rows.append(Row(key, kind, name or latin or "", (latin or "") if name else "", km))
    if plate.kind == "km_post" and plate.km is not None:
        km, road = noise.number(plate.km, rng), noise.read(plate.routes[0], "latin", rng)
        if km is not None and road:
            rows.append(Row(key, kind, km=km, road=road))
    elif plate.routes:
        read = [noise.read(route, "latin", rng) for route in plate.routes]
        rows.extend(Row(key, kind, road=route) for route in read if route)
    return rows


def _read_kind(plate: Plate, rng: np.random.Generator) -> str:
    if rng.random() < KIND_WRONG and plate.lines:
        return str(rng.choice(["settlement_begin", "direction", "station"]))
    if plate.kind == "direction" and all(line.km is not None for line in plate.lines) and rng.random() < 0.5:
        # Arrows drawn as shapes are not read: a direction sign with kilometres then looks like a distance sign.
        return "distance"
    return "unknown" if rng.random() < KIND_LOST.get(plate.kind, 0.0) else plate.kind


def _flawed(line: Line, rng: np.random.Generator) -> Line:
    """Put the sign-maker's errors on a line."""
    if line.km is not None and rng.random() < WRONG_KM:
        line = replace(line, km=max(1, round(line.km * float(np.exp(rng.normal(0.0, 0.3))))))
    if line.latin and rng.random() < LATIN_MISSPELT:
        able = [(a, b) for a, b in SLIPS_OF_LATIN if a in line.latin.lower()]
        if able:
            a, b = able[int(rng.integers(len(able)))]
            at = line.latin.lower().index(a)
            line = replace(line, latin=line.latin[:at] + b + line.latin[at + len(a) :])
    return line


def _swapped(lines: list[Line], rng: np.random.Generator) -> list[int]:
    """Kilometres of the Latin panel: those of the lines, with two of them swapped on some signs."""
    km = [line.km or 0 for line in lines]
    if len(km) > 1 and rng.random() < LATIN_KM_SWAPPED:
        at = int(rng.integers(len(km) - 1))
        km[at], km[at + 1] = km[at + 1], km[at]
    return km
