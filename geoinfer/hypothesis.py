"""The researcher's hypothesis about borders: which ones, how near, any or all. Data, not evidence from a photo."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from geoinfer.area_rules import fall_off
from geoinfer.geodesy import Floats, ecef_km
from geoinfer.parameters import number, parameters
from geoinfer.positions import CELL, Positions

if TYPE_CHECKING:
    from gazetteer.borders import Borders
    from geoinfer.world import World

MODES = ("any", "all")
SIDES = ("both", "inside", "outside")
CROSSING_REACH = 8.0
SMALL_KM = 20.0
NOTHING_LEFT = 25.0
"""Decays from a border at which its weight is so small beside the floor that it need not be known: 1e-8 of it."""


@dataclass(frozen=True)
class Hypothesis:
    """Borders that the camera is held to stand near.

    Attributes
    ----------
    near
        Codes such as ``BY`` (a country) or ``RU-BRY`` (a first-level division), or the stem of a file of `files`. A
        code may carry its own decay and side: ``BY=12``, ``RU-BRY=25:outside``, ``UA:inside``.
    files
        GeoJSON files with polygons of the researcher's own, such as a front line; inside counts as near.
    decay_km
        Distance at which the weight has fallen by a factor of e, for borders without a decay of their own.
    mode
        ``any``: near one of them; ``all``: near each of them.
    decays
        Code to a decay of its own, as pairs.
    sides
        Code to the side of the border that counts, as pairs: ``inside`` the named territory, ``outside`` it; both
        sides for codes that are not listed.

    Examples
    --------
    >>> hypothesis = Hypothesis(near=("BY=12", "RU-BRY:outside"))
    >>> hypothesis.near, hypothesis.decay_of("BY"), hypothesis.side_of("RU-BRY")
    (('BY', 'RU-BRY'), 12.0, 'outside')
    """

    near: tuple[str, ...] = field(default_factory=lambda: tuple(parameters()["border_proximity"]["default"]))
    files: tuple[str, ...] = ()
    decay_km: float = field(default_factory=lambda: number("border_proximity", "decay_km"))
    mode: str = field(default_factory=lambda: str(parameters()["border_proximity"]["mode"]))
    decays: tuple[tuple[str, float], ...] = ()
    sides: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise ValueError(f"unknown mode {self.mode!r} for borders; valid: {', '.join(MODES)}")
        if not self.decay_km > 0:
            raise ValueError(f"decay_km must be a positive number of kilometres, not {self.decay_km!r}")
        parsed = [parse_border(text) for text in self.near]
        object.__setattr__(self, "near", tuple(dict.fromkeys(code for code, _, _ in parsed)))
        decays = dict(self.decays) | {code: km for code, km, _ in parsed if km is not None}
        sides = dict(self.sides) | {code: side for code, _, side in parsed if side}
        for code, km in decays.items():
            if not 0 < km < float("inf"):
                raise ValueError(f"the decay of {code} must be a positive number of kilometres, not {km!r}")
        for code, side in sides.items():
            if side not in SIDES:
                raise ValueError(f"unknown side {side!r} of {code}; valid: {', '.join(SIDES)}")
        object.__setattr__(self, "decays", tuple(sorted(decays.items())))
        object.__setattr__(self, "sides", tuple(sorted(sides.items())))

    def decay_of(self, code: str) -> float:
        """Give the decay of a border in kilometres."""
        return dict(self.decays).get(code, self.decay_km)

    def side_of(self, code: str) -> str:
        """Give the side of a border that counts: one of `SIDES`."""
        return dict(self.sides).get(code, "both")

    @property
    def codes(self) -> tuple[str, ...]:
        """All codes: those named and those of the files."""
        return (*self.near, *(Path(file).stem for file in self.files))

    def settings(self) -> dict[str, Any]:
        """Give the hypothesis as plain values for a report."""
        return {
            "near": list(self.near),
            "near_files": [Path(file).name for file in self.files],
            "decay_km": self.decay_km,
            "mode": self.mode,
            "floor": number("border_proximity", "floor"),
            "decays": dict(self.decays),
            "sides": dict(self.sides),
        }


def parse_border(text: str) -> tuple[str, float | None, str]:
    """Take a border as a user writes it apart: code, decay in kilometres if any, side or an empty string.

    Raises
    ------
    ValueError
        If the decay is no number.

    Examples
    --------
    >>> parse_border("RU-BRY=25:outside"), parse_border("BY")
    (('RU-BRY', 25.0, 'outside'), ('BY', None, ''))
    """
    rest, _, side = text.partition(":")
    code, _, km = rest.partition("=")
    try:
        return code.strip(), float(km) if km.strip() else None, side.strip()
    except ValueError:
        raise ValueError(f"{text!r}: the decay must be kilometres, as in BY=12 or RU-BRY=25:outside") from None


def territories(hypothesis: Hypothesis, borders: Borders) -> Borders:
    """Add the polygons of the hypothesis' files to the known territories, and check that every code is known.

    Raises
    ------
    gazetteer.errors.UnknownBorderError
        If a code is neither known nor the stem of a file.
    """
    for file in hypothesis.files:
        brought = borders.from_file(file)
        borders = borders.with_territory(brought.code, brought.geometry)
    for code in hypothesis.near:
        borders.frontier(code)
    return borders


def _sided(hypothesis: Hypothesis) -> tuple[str, ...]:
    """List the codes for which it matters on which side of the border a position lies."""
    own = {Path(file).stem for file in hypothesis.files}
    return tuple(code for code in hypothesis.codes if code in own or hypothesis.side_of(code) != "both")


def combined(
    hypothesis: Hypothesis, away: Mapping[str, Floats], inside: Mapping[str, npt.NDArray[np.bool_]], extent_km: Floats
) -> Floats:
    """Weigh kilometres to borders: exponential in the distance, any or all; the floor keeps every place possible.

    Parameters
    ----------
    hypothesis
        Which decay, which side, any or all. A file's polygon counts as near inside.
    away
        Code to kilometres from every position.
    inside
        Code to whether a position lies in that territory, for codes with a polygon or a side of their own.
    extent_km
        Half the size of what each position stands for: what is larger than the decay is averaged over its size.
    """
    if not away:
        return np.ones(len(extent_km))
    own = {Path(file).stem for file in hypothesis.files}
    weights = []
    for code, km in away.items():
        side = hypothesis.side_of(code)
        if code in own and side != "outside":
            km = np.where(inside[code], 0.0, km)
        weight = fall_off(km, extent_km, hypothesis.decay_of(code))
        if side != "both":
            weight = np.where(inside[code] == (side == "inside"), weight, 0.0)
        weights.append(weight)
    together = np.max(weights, axis=0) if hypothesis.mode == "any" else np.min(weights, axis=0)
    floor = number("border_proximity", "floor")
    return np.asarray(floor + (1 - floor) * together)


def near_crossing(hypothesis: Hypothesis, world: World, positions: Positions) -> Floats:
    """Weigh nearness to a crossing on a border of the hypothesis: one far from all, more at them."""
    from scipy.spatial import cKDTree

    numbers = world.crossings_on(hypothesis.near)
    if not numbers:
        return np.ones(len(positions))
    times, decay = number("near_crossing", "times"), number("near_crossing", "decay_km")
    places = [world.crossings[i] for i in numbers]
    tree = cKDTree(ecef_km([c.lon for c in places], [c.lat for c in places]))
    away = tree.query(
        positions.earth, distance_upper_bound=CROSSING_REACH * decay + 2 * number("crossings", "reach_km")
    )[0]
    return np.asarray(1 + times * np.exp(-away / decay))


def weigh(
    hypothesis: Hypothesis,
    borders: Borders,
    world: World,
    positions: Positions,
    without_rules: AbstractSet[str] = frozenset(),
) -> Floats:
    """Weight of positions under the border hypothesis: nearness to its borders, and to crossings on them.

    Parameters
    ----------
    hypothesis
        Which borders, which decay, which side, any or all.
    borders
        Territories, with the hypothesis' own polygons among them (`territories`).
    world
        Crossings, and distances to borders that are known already.
    positions
        Candidate positions.
    without_rules
        ``border_proximity`` and ``near_crossing`` can be switched off.
    """
    if not hypothesis.codes or "border_proximity" in without_rules:
        return np.ones(len(positions))
    extent = np.where(positions.kind == CELL, positions.extent_km, 0.0)
    away = {}
    for code in hypothesis.codes:
        # Large cells are few, and some part of them may be near.
        most = NOTHING_LEFT * hypothesis.decay_of(code) + SMALL_KM if extent.max(initial=0.0) <= SMALL_KM else np.inf
        away[code] = world.border_km(borders, code, positions, most)
    inside = {code: borders.inside(code, positions.lon, positions.lat) for code in _sided(hypothesis)}
    weight = combined(hypothesis, away, inside, extent)
    if "near_crossing" in without_rules:
        return weight
    return weight * near_crossing(hypothesis, world, positions)
