"""Distances and bearings on the WGS 84 ellipsoid, for many positions at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

EQUATOR_M = 6_378_137.0
FLATTENING = 1 / 298.257223563
MEAN_RADIUS_KM = 6_371.0088
PIECE = 32_768
POINTS_OF_THE_COMPASS = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")


def ecef_km(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Floats:
    """Earth-centred coordinates of points on the ellipsoid.

    Parameters
    ----------
    lon, lat
        Degrees, EPSG:4326, arrays of one shape.

    Returns
    -------
    Array of shape (..., 3), kilometres.
    """
    lam, phi = np.radians(np.asarray(lon, dtype=float)), np.radians(np.asarray(lat, dtype=float))
    squared = FLATTENING * (2 - FLATTENING)
    normal = EQUATOR_M / 1000 / np.sqrt(1 - squared * np.sin(phi) ** 2)
    return np.stack(
        [normal * np.cos(phi) * np.cos(lam), normal * np.cos(phi) * np.sin(lam), normal * (1 - squared) * np.sin(phi)],
        axis=-1,
    )


def distance_km(lon: float, lat: float, lons: npt.ArrayLike, lats: npt.ArrayLike) -> Floats:
    """Kilometres from one point to many.

    The chord between points on the ellipsoid, bent back to an arc of the mean radius: within 0.5 % of the
    geodesic up to 5,000 km.

    Examples
    --------
    Chernihiv to Gomel:

    >>> round(float(distance_km(31.2849, 51.5055, 30.9842, 52.4345)))
    105
    """
    return arc_km(np.linalg.norm(ecef_km(lons, lats) - ecef_km(lon, lat), axis=-1))


def arc_km(chord_km: npt.ArrayLike) -> Floats:
    """Bend chords through the earth back to arcs of the mean radius.

    Examples
    --------
    >>> arc_km([0.0, 100.0]).round(3).tolist()
    [0.0, 100.001]
    """
    share = np.asarray(chord_km, dtype=float) / (2 * MEAN_RADIUS_KM)
    return np.asarray(2 * MEAN_RADIUS_KM * np.arcsin(np.minimum(1.0, share)))


def nearest_km(earth: Floats, lon: Floats, lat: Floats) -> Floats:
    """Kilometres from positions to the nearest of some points in Earth-centred coordinates, infinite without any.

    Examples
    --------
    >>> nearest_km(ecef_km([31.0, 32.0], [51.0, 51.0]), np.array([31.0]), np.array([51.0])).tolist()
    [0.0]
    """
    from scipy.spatial import cKDTree

    return arc_km(cKDTree(earth).query(ecef_km(lon, lat))[0]) if len(earth) else np.full(len(lon), np.inf)


def in_pieces(make: Callable[[Floats], Floats], values: Floats) -> Floats:
    """Make numbers of numbers one by one, a piece at a time that fits into a processor's cache: twice as fast.

    Examples
    --------
    >>> in_pieces(np.sqrt, np.array([4.0, 9.0])).tolist()
    [2.0, 3.0]
    """
    if len(values) <= PIECE:
        return make(values)
    made = np.empty(len(values))
    for piece in pieces(len(values)):
        made[piece] = make(values[piece])
    return made


def pieces(count: int) -> Iterator[slice]:
    """Cut a count of numbers into pieces that fit into a processor's cache with a few others of their size.

    Examples
    --------
    >>> list(pieces(0)), list(pieces(5))
    ([], [slice(0, 5, None)])
    """
    for start in range(0, count, PIECE):
        yield slice(start, min(start + PIECE, count))


def compass(lon: float, lat: float, to_lon: float, to_lat: float) -> str:
    """Name the direction in which one point lies from another.

    Examples
    --------
    >>> compass(31.0, 51.0, 31.0, 52.0)
    'north'
    """
    east = (to_lon - lon) * np.cos(np.radians((lat + to_lat) / 2))
    angle = np.degrees(np.arctan2(east, to_lat - lat)) % 360
    return POINTS_OF_THE_COMPASS[round(angle / 45) % 8]
