"""Distances on the sphere, for what need not be exact to the metre; `gazetteer.borders` measures on the ellipsoid."""

from __future__ import annotations

import numpy as np

from gazetteer.archive import Array

EARTH_KM = 6371.0088
"""Mean radius of the Earth (IUGG 1980), in kilometres."""


def great_circle_km(lon: float, lat: float, lons: Array, lats: Array) -> Array:
    """Give the great-circle distances from a point to many, in kilometres, by the haversine formula.

    Examples
    --------
    >>> great_circle_km(31.2866, 51.5054, np.array([30.5238]), np.array([50.4547])).round(0)
    array([128.])
    """
    east, north = np.radians(lons - lon), np.radians(lats - lat)
    half = np.sin(north / 2) ** 2 + np.cos(np.radians(lat)) * np.cos(np.radians(lats)) * np.sin(east / 2) ** 2
    result: Array = 2 * EARTH_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
    return result


def unit_vectors(lons: Array, lats: Array) -> Array:
    """Give points on the unit sphere, shape (n, 3): their straight distances order as great circles do.

    Examples
    --------
    >>> unit_vectors(np.array([0.0, 90.0]), np.array([0.0, 0.0])).round(9) + 0.0
    array([[1., 0., 0.],
           [0., 1., 0.]])
    """
    east, north = np.radians(lons), np.radians(lats)
    return np.stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)], axis=1)
