"""Where signs stand: direction and distance signs at junctions, settlement signs at the edge of what they name.

The base measure of road points weighs those beside junctions more, since that is where signs stand. Two things follow.
Kinds of signs differ in it (`favour`). And where no sign of a case is true, nothing is known of where signs stand:
the weight of junctions is taken back (`log_taken_back`), or a border hypothesis would collect the junctions of a city
that no sign speaks of.
"""

from __future__ import annotations

from collections.abc import Set
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geoinfer.geodesy import Floats
from geoinfer.parameters import number

if TYPE_CHECKING:
    from gazetteer.roads import RoadPoints, Roads
    from geoinfer.positions import Integers

KEYS = {
    "settlement_begin": "at_place",
    "settlement_end": "at_place",
    "station": "at_place",
    "km_post": "at_place",
    "direction": "direction",
    "distance": "distance",
    "route": "other",
    "unknown": "other",
}


def beside_junction(road: Integers, roads: Roads, points: RoadPoints) -> npt.NDArray[np.bool_]:
    """Tell which positions stand just beside a junction.

    Parameters
    ----------
    road
        Index of the road point that each position lies on, or -1.
    roads, points
        The network and the points along it.
    """
    meet = np.bincount(np.concatenate([roads.a, roads.b]), minlength=len(roads.lon)) >= 3
    edge, offset = points.edge[np.maximum(road, 0)], points.offset_km[np.maximum(road, 0)]
    reach = number("junctions", "reach_km")
    near = (meet[roads.a[edge]] & (offset <= reach)) | (meet[roads.b[edge]] & (roads.km[edge] - offset <= reach))
    return np.asarray(near & (road >= 0))


def favour(kind: str, times: Floats, without_rules: Set[str] = frozenset()) -> Floats:
    """Weigh positions by how often signs of a kind stand there, compared with signs of any kind.

    Parameters
    ----------
    kind
        Kind of the sign.
    times
        How many times as much every position weighs for standing beside a junction: one where it does not.
    without_rules
        ``junctions`` can be switched off.

    Examples
    --------
    >>> junction, elsewhere = favour("direction", np.array([8.0, 1.0]))
    >>> bool(junction > elsewhere)
    True
    """
    if "junctions" in without_rules or kind not in KEYS:
        return np.ones(len(times))
    ratio, share = number("junctions", KEYS[kind]), number("junctions", "share")
    return np.asarray(np.where(times > 1, ratio, 1.0) / (share * ratio + 1 - share))


def log_taken_back(log_said: Floats, log_wrong: float, times: Floats) -> Floats:
    """Take the weight of junctions back from the part of a belief in which every clue is wrong.

    Parameters
    ----------
    log_said
        Natural logarithm of what all clues together say at every position.
    log_wrong
        The same of the part in which all of them are wrong: it is the same everywhere.
    times
        How many times as much every position weighs for standing beside a junction.

    Returns
    -------
    What is to be added to `log_said`: nought where a clue is surely true, minus the logarithm of `times` where all are
    wrong.

    Examples
    --------
    >>> (log_taken_back(np.array([0.0, 20.0, 0.0]), 0.0, np.array([8.0, 8.0, 1.0])).round(2) + 0.0).tolist()
    [-2.08, 0.0, 0.0]
    """
    all_wrong = np.exp(np.minimum(log_wrong - log_said, 0.0))
    return np.asarray(np.log1p(-(1 - 1 / times) * all_wrong))
