"""The researcher's hypothesis about borders: which ones, how near, any or all. Data, not evidence from a photo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from geoinfer.geodesy import Floats
from geoinfer.parameters import number, parameters

if TYPE_CHECKING:
    from gazetteer.borders import Borders

MODES = ("any", "all")


@dataclass(frozen=True)
class Hypothesis:
    """Borders that the camera is held to stand near.

    Attributes
    ----------
    near
        Codes such as ``BY`` (a country) or ``RU-BRY`` (a first-level division), or the stem of a file of `files`.
    files
        GeoJSON files with polygons of the researcher's own, such as a front line; inside counts as near.
    decay_km
        Distance at which the weight has fallen by a factor of e, for every border.
    mode
        ``any``: near one of them; ``all``: near each of them.
    """

    near: tuple[str, ...] = field(default_factory=lambda: tuple(parameters()["border_proximity"]["default"]))
    files: tuple[str, ...] = ()
    decay_km: float = field(default_factory=lambda: number("border_proximity", "decay_km"))
    mode: str = field(default_factory=lambda: str(parameters()["border_proximity"]["mode"]))

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise ValueError(f"unknown mode {self.mode!r} for borders; valid: {', '.join(MODES)}")
        if not self.decay_km > 0:
            raise ValueError(f"decay_km must be a positive number of kilometres, not {self.decay_km!r}")

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
        }


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


def border_distances(codes: Sequence[str], borders: Borders, lon: Floats, lat: Floats) -> dict[str, Floats]:
    """Kilometres from every position to the frontier of every code."""
    return {code: np.asarray(borders.distance_km(code, lon, lat), dtype=float) for code in codes}


def proximity(hypothesis: Hypothesis, borders: Borders, lon: Floats, lat: Floats) -> Floats:
    """Weight of every position under the border hypothesis, between its floor and one.

    Exponential in the distance to the frontier; the floor keeps every place possible. A file's polygon counts as near
    inside.

    Parameters
    ----------
    hypothesis
        Which borders, which decay, any or all.
    borders
        Territories, with the hypothesis' own polygons among them (`territories`).
    lon, lat
        Positions, degrees, EPSG:4326.
    """
    if not hypothesis.codes:
        return np.ones(len(lon))
    weights = []
    own = {Path(file).stem for file in hypothesis.files}
    for code, away in border_distances(hypothesis.codes, borders, lon, lat).items():
        if code in own:
            import shapely

            away = np.where(shapely.contains_xy(borders.polygon(code), lon, lat), 0.0, away)
        weights.append(np.exp(-away / hypothesis.decay_km))
    together = np.max(weights, axis=0) if hypothesis.mode == "any" else np.min(weights, axis=0)
    floor = number("border_proximity", "floor")
    return np.asarray(floor + (1 - floor) * together)
