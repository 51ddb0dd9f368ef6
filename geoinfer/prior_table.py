"""A table of positions with probabilities, as image-to-GPS models give it, taken as a prior with a stated weight.

Such models are often sure and wrong. So a table is smoothed, only its proportions count, and it is mixed with a part
that says nothing: its weight bounds what it can do.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from geoinfer import hexes
from geoinfer.errors import ClueError
from geoinfer.geodesy import Floats, ecef_km
from geoinfer.observations import content_key
from geoinfer.positions import Disc, Integers, Positions

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 20_000
FEW_ROWS = 500
FINEST = 7
MOST_BYTES = 50_000_000
MOST_DISCS = 300
MOST_WEIGHT = 0.99
KEPT = 0.999
"""Rows are searched round, the most probable first, until they hold this much."""
REACH = 3.0
"""Kernels are looked at out to this many of their widths."""


@dataclass(frozen=True, eq=False)
class PriorTable:
    """Positions with probabilities.

    Attributes
    ----------
    id
        Name for people.
    lon, lat
        Degrees, EPSG:4326.
    p
        Probabilities; they are scaled to a sum of one.
    weight
        How far the table is trusted, above 0 and at most 0.99. Where the table is densest a place weighs
        1 / (1 - weight) times what one weighs that the table does not name: 0.5 doubles it, 0.9 makes it ten times.
    spread_km
        Width (standard deviation) of the Gaussian that every row is smoothed with.
    file, note, photo
        As for `geoinfer.observations.Area`.

    Raises
    ------
    ClueError
        If a number is out of bounds.
    """

    id: str
    lon: Floats
    lat: Floats
    p: Floats
    weight: float
    spread_km: float = 25.0
    file: str = ""
    note: str = ""
    photo: str = ""

    def __post_init__(self) -> None:
        faults = []
        if not 0 < self.weight <= MOST_WEIGHT:
            faults.append(f"weight must lie above 0 and be at most {MOST_WEIGHT:g}, not {self.weight:g}")
        if not 0.5 <= self.spread_km <= 2000:
            faults.append(f"spread_km must lie between 0.5 and 2000 kilometres, not {self.spread_km:g}")
        if not (len(self.lon) == len(self.lat) == len(self.p)) or not 0 < len(self.p) <= MOST_ROWS:
            faults.append(f"the table needs 1 to {MOST_ROWS:,} rows of lon, lat, p")
        elif not (np.isfinite(self.p).all() and (self.p >= 0).all() and self.p.sum() > 0):
            faults.append("p must hold probabilities: finite, not negative, not all zero")
        elif not ((np.abs(self.lon) <= 180).all() and (np.abs(self.lat) <= 90).all()):
            faults.append("lon and lat must be degrees within -180 to 180 and -90 to 90")
        if faults:
            raise ClueError(f"{self.id}: " + "; ".join(faults))

    @cached_property
    def key(self) -> str:
        """What stands for its content."""
        return content_key(self.facts())

    @cached_property
    def _heavy(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Rows that hold nearly all of the probability, the most probable first."""
        order = np.argsort(-self.p, kind="stable")
        held = np.cumsum(self.p[order]) / self.p.sum()
        return order[: int(np.searchsorted(held, KEPT)) + 1]

    def extent(self) -> list[Disc] | None:
        """Discs round the most probable rows."""
        reach = REACH * self.spread_km
        return [Disc(float(self.lon[i]), float(self.lat[i]), reach) for i in self._heavy[:MOST_DISCS]]

    def log_likelihood(self, positions: Positions) -> Floats:
        """Logarithm of the smoothed density over its peak, mixed with one: between 1 - weight and one."""
        # Kernel widths differ between sizes of cells only.
        step = np.round(4 * np.log2(np.hypot(self.spread_km, positions.extent_km / 2))) / 4
        density = np.zeros(len(positions))
        for size in np.unique(step):
            at = np.flatnonzero(step == size)
            earth, which = self._gathered(positions, at)
            density[at] = self._density(earth, float(2**size))[which]
        return np.asarray(np.log(self.weight * np.minimum(density / self._peak, 1.0) + 1 - self.weight))

    @cached_property
    def _points(self) -> tuple[Floats, Floats]:
        """Points that stand for the rows, earth-centred in kilometres, and what each holds.

        Many rows are gathered in H3 cells that are small beside the width they are smoothed with.
        """
        lon, lat, p = self.lon[self._heavy], self.lat[self._heavy], self.p[self._heavy]
        if len(p) > FEW_ROWS:
            cells, which = np.unique(hexes.cells_of(lon, lat, _level(self.spread_km / 3)), return_inverse=True)
            (lon, lat), p = hexes.centres(cells), np.bincount(which, weights=p)
        return ecef_km(lon, lat), p

    def _gathered(self, positions: Positions, at: Integers) -> tuple[Floats, Integers]:
        """Give the points to look at, and which position each is for; with a long table neighbours share one."""
        if len(self._heavy) <= FEW_ROWS:
            return positions.earth[at], np.arange(len(at))
        cells = hexes.cells_of(positions.lon[at], positions.lat[at], _level(self.spread_km / 6))
        unique, which = np.unique(cells, return_inverse=True)
        return ecef_km(*hexes.centres(unique)), which

    @cached_property
    def _peak(self) -> float:
        return float(self._density(self._points[0], self.spread_km).max())

    def _density(self, earth: Floats, kernel_km: float) -> Floats:
        """Smoothed density of the table at points, up to a constant."""
        from scipy.spatial import cKDTree

        points, p = self._points
        apart = cKDTree(earth).sparse_distance_matrix(cKDTree(points), REACH * kernel_km, output_type="coo_matrix")
        height = p[apart.col] * np.exp(-0.5 * (apart.data / kernel_km) ** 2) / kernel_km**2
        return np.bincount(apart.row, weights=height, minlength=len(earth)).astype(float)

    def says(self, lon: float, lat: float) -> str:
        """Say how much of the table lies near a point."""
        from geoinfer.geodesy import distance_km

        near = distance_km(lon, lat, self.lon, self.lat) <= 2 * self.spread_km
        held = float(self.p[near].sum() / self.p.sum())
        return f"{held:.0%} of {self.note or self.file or self.id} lie within {2 * self.spread_km:g} km"

    def facts(self) -> dict[str, Any]:
        """Give it as plain values, its rows among them."""
        rows = [
            [round(float(x), 5), round(float(y), 5), float(f"{p:.6g}")]
            for x, y, p in zip(self.lon, self.lat, self.p, strict=True)
        ]
        return {
            "what": "prior",
            "id": self.id,
            "weight": self.weight,
            "spread_km": self.spread_km,
            "file": self.file,
            "note": self.note,
            "photo": self.photo,
            "rows": rows,
        }


def _level(edge_km: float) -> int:
    """Find the coarsest H3 resolution whose cells have edges no longer than this."""
    import h3

    edges = [h3.average_hexagon_edge_length(level, unit="km") for level in range(FINEST + 1)]
    return next((level for level, edge in enumerate(edges) if edge <= edge_km), FINEST)


def read_table(path: str | Path) -> tuple[Floats, Floats, Floats]:
    """Read a CSV file with the columns lon, lat and p.

    Raises
    ------
    ClueError
        If the file cannot be read as such a table.
    """
    import pandas as pd

    path = Path(path)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ClueError(f"{path.name}: larger than {MOST_BYTES // 1_000_000} MB; keep its most probable rows")
        table = pd.read_csv(path, sep=None, engine="python", encoding="utf-8-sig")
        return columns_of(table)
    except OSError as fault:
        raise ClueError(f"{path.name}: cannot be read ({fault.strerror})") from fault
    except ClueError:
        raise
    except Exception as fault:  # pandas raises many kinds for a file that is no table
        raise ClueError(f"{path.name}: cannot be read as a CSV table ({type(fault).__name__})") from fault


def columns_of(table: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
    """Take longitude, latitude (degrees, EPSG:4326) and probability from a table, whatever the case of its header.

    Raises
    ------
    ClueError
        If a column is missing or holds no numbers.
    """
    names = {str(name).strip().lower(): name for name in table.columns}
    if not {"lon", "lat", "p"} <= set(names):
        raise ClueError(f"a prior needs the columns lon, lat and p; found: {', '.join(map(str, names))[:200]}")
    try:
        lon, lat, p = (table[names[name]].to_numpy(float) for name in ("lon", "lat", "p"))
    except (TypeError, ValueError) as fault:
        raise ClueError("a prior needs numbers in the columns lon, lat and p") from fault
    return lon, lat, p
