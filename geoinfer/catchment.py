"""Catchments: what of every candidate position lies within some kilometres of a place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geoinfer.geodesy import Floats, ecef_km
from geoinfer.positions import Integers

if TYPE_CHECKING:
    from geoinfer.belief import Belief


class Catchment:
    """A circle round a place, for beliefs at the same positions.

    A cell lies where its centre does; of one that was not worth refining, and so is larger than the circle, a part lies
    inside. A road point lies beside its straight line, as far as the road may truly run (`geoinfer.lateral`). So a
    catchment holds what the ranking of sites says of it.

    Parameters
    ----------
    belief
        A belief at the positions.
    lon, lat
        The place, degrees in EPSG:4326.
    radius_km
        Radius of the circle.

    Attributes
    ----------
    at
        The positions of which anything lies inside, in their order.
    share
        How much of each of them does, 0 to 1.
    """

    def __init__(self, belief: Belief, lon: float, lat: float, radius_km: float) -> None:
        where, lateral = belief.positions, belief.lateral
        away = where.km_from(lon, lat)
        inside = away <= radius_km
        if not inside.any():
            nearest = int(np.argmin(away))
            inside[nearest] = away[nearest] <= 2 * where.extent_km[nearest] + radius_km
        share, count = inside.astype(float), len(where.cell_ids)
        share[:count] *= np.minimum(1.0, (radius_km / np.maximum(where.extent_km[:count], 0.01)) ** 2)
        if lateral is not None:
            near = count + np.flatnonzero(away[count:] <= radius_km + lateral.reach_km(where.point[count:]))
            lons, lats = lateral.across(where.point[near])
            off = np.linalg.norm(ecef_km(lons.ravel(), lats.ravel()) - ecef_km(lon, lat), axis=1)
            share[near] = (off.reshape(lons.shape) <= radius_km).mean(axis=1)
        self.at: Integers = np.flatnonzero(share)
        self.share: Floats = share[self.at]

    def mostly(self) -> Integers:
        """List the positions of which most lies inside; where there is none, all that are touched."""
        inside = self.at[self.share > 0.5]
        return inside if len(inside) else self.at

    def holds(self, mass: Floats) -> float:
        """Give how much of the mass of all positions lies inside."""
        return float(mass[self.at] @ self.share)
