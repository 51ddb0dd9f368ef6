"""A region of interest: how much likelier places there are meant than places elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from gazetteer.archive import Array
from gazetteer.sphere import great_circle_km

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

Region: TypeAlias = "BaseGeometry | tuple[float, float, float] | Callable[[Array, Array], Array]"

ELSEWHERE = 0.01
"""Weight of places outside a region: it is what the researcher expects, and no proof."""


def log_weights(region: Region, lon: Array, lat: Array) -> Array:
    """Give the logarithms of the weights of positions.

    Parameters
    ----------
    region
        A shapely polygon in longitude and latitude; or longitude, latitude and a radius in kilometres, beyond which the
        weight falls off as a Gaussian of a half of that radius; or a function of longitudes and latitudes that gives
        weights of zero or more, of which the largest counts as one.
    lon, lat
        Degrees, EPSG:4326.

    Returns
    -------
    Between ``log(ELSEWHERE)`` and 0.

    Raises
    ------
    ValueError
        The region is none of these, or a function gives no weights.

    Examples
    --------
    >>> log_weights((31.3, 51.5, 50.0), np.array([31.3, 2.35]), np.array([51.6, 48.86])).round(1).tolist()
    [0.0, -4.6]
    """
    if callable(region):
        weights: Array = np.asarray(region(lon, lat), dtype=float)
        if weights.shape != lon.shape or not np.isfinite(weights).all() or (weights < 0).any():
            raise ValueError("the region's function must give one weight of zero or more for every position")
        weights = weights / max(float(weights.max(initial=0.0)), 1e-300)
    elif isinstance(region, tuple):
        weights = _round(region, lon, lat)
    else:
        import shapely

        if not isinstance(region, shapely.Geometry) or region.area == 0 or not region.is_valid:
            raise ValueError("a region is a valid polygon, (lon, lat, km), or a function of longitudes and latitudes")
        weights = shapely.contains_xy(region, lon, lat).astype(float)
    logs: Array = np.log(np.maximum(weights, ELSEWHERE))
    return logs


def _round(region: tuple[float, float, float], lon: Array, lat: Array) -> Array:
    if len(region) != 3 or not all(isinstance(value, int | float) for value in region):
        raise ValueError(f"{region!r} is no longitude, latitude and radius in kilometres")
    east, north, km = region
    if not (-180 <= east <= 180 and -90 <= north <= 90 and 0 < km < 1e5):
        raise ValueError(f"{region!r} is no longitude and latitude in degrees and radius in kilometres")
    beyond = np.maximum(great_circle_km(east, north, lon, lat) - km, 0.0)
    result: Array = np.exp(-0.5 * (beyond / (km / 2)) ** 2)
    return result
