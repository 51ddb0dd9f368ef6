"""Catchments: what of every candidate position lies within some kilometres of a place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geoinfer.geodesy import Floats, ecef_km
from geoinfer.positions import Disc, Integers

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
        near = where.near(Disc(lon, lat, radius_km + (lateral.widest_km if lateral else 0.0)))
        away, extent = where.km_from(lon, lat, near), where.extent_km[near]
        inside = away <= radius_km
        if len(near) and not inside.any():
            nearest = int(np.argmin(away))
            inside[nearest] = away[nearest] <= 2 * extent[nearest] + radius_km
        share, cells = inside.astype(float), near < len(where.cell_ids)
        share[cells] *= np.minimum(1.0, (radius_km / np.maximum(extent[cells], 0.01)) ** 2)
        if lateral is not None:
            points = np.flatnonzero(~cells)
            points = points[away[points] <= radius_km + lateral.reach_km(where.point[near[points]])]
            lons, lats = lateral.across(where.point[near[points]])
            off = np.linalg.norm(ecef_km(lons.ravel(), lats.ravel()) - ecef_km(lon, lat), axis=1)
            share[points] = (off.reshape(lons.shape) <= radius_km).mean(axis=1)
        touched = np.flatnonzero(share)
        self.at: Integers = near[touched]
        self.share: Floats = share[touched]

    def mostly(self) -> Integers:
        """List the positions of which most lies inside; where there is none, all that are touched."""
        inside = self.at[self.share > 0.5]
        return inside if len(inside) else self.at

    def holds(self, mass: Floats) -> float:
        """Give how much of the mass of all positions lies inside."""
        return float(mass[self.at] @ self.share)
