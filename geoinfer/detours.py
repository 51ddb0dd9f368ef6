"""What the number on a distance sign says where no road network is asked: the straight line times a detour."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from geoinfer.geodesy import Floats
from geoinfer.parameters import parameters

DETOUR_NODES = 40
DETOUR_GRID = 600
LEAST_IN_ERRORS = 0.03
"""Kilometres that are fewer than this share of their error are as good as none, of which nothing is a multiple."""


def density_after_detour(km: Floats | float, error_km: Floats | float, away: Floats, extent_km: Floats) -> Floats:
    """Weigh positions by the straight line to a place, times a detour of 1 + Gamma, which is never shorter.

    Parameters
    ----------
    km
        Kilometres on the sign.
    error_km
        Spread of that number about the road kilometres.
    away
        Straight kilometres from the place to each position.
    extent_km
        Half the size of what each position stands for.

    Returns
    -------
    Probability density of the number, per kilometre.

    Examples
    --------
    >>> near, usual, beyond = density_after_detour(39.0, 1.5, np.array([20.0, 33.0, 48.0]), np.zeros(3))
    >>> bool(usual > 10 * near and usual > 1000 * beyond)
    True
    """
    if not len(away):
        return np.empty(0)
    km = np.maximum(km, LEAST_IN_ERRORS * error_km)
    # Errors are told apart in steps of 19 %, as shares of the kilometres on the sign.
    step = np.round(2 * np.log2((error_km**2 + extent_km**2 / 4) / km**2)).astype(np.int64)
    first = int(step.min())
    tables, nodes_per_ratio = _tables(first, int(step.max()))
    step -= first
    # Between the nodes of its table to either side; beyond the last, which is nought, lies nought.
    node = away * (nodes_per_ratio[step] / km)
    np.minimum(node, DETOUR_GRID - 1, out=node)
    before = node.astype(np.int64)
    node -= before
    before += step * (DETOUR_GRID + 1)
    density: Floats = tables[before]
    density += node * (tables[before + 1] - density)
    density /= km
    return density


def _error(step: int) -> float:
    """Give the error that a step stands for, as a share of the kilometres on the sign."""
    return float(2 ** (step / 4))


def _widest_ratio(step: int) -> float:
    """Give the ratio of straight to signed kilometres beyond which the number is off by more than six errors."""
    return 1 + 6 * _error(step)


@lru_cache(maxsize=64)
def _tables(first: int, last: int) -> tuple[Floats, Floats]:
    """Give the tables of a range of steps one after another, and how many nodes each has for a ratio of one."""
    steps = range(first, last + 1)
    nodes = [(DETOUR_GRID - 1) / _widest_ratio(step) for step in steps]
    return np.concatenate([_table(step) for step in steps]), np.array(nodes)


@lru_cache(maxsize=256)
def _table(step: int) -> Floats:
    """Give the density of a number that is one and errs by a step, at ratios from nought to the widest, then nought.

    It is the same for all signs: a sign of twice the kilometres that errs twice as much has it twice as wide.
    """
    detours, slices = _detours()
    error = _error(step)
    ratios = np.linspace(0.0, _widest_ratio(step), DETOUR_GRID)
    # A node stands for a slice of detours, so its width adds to the error of the number.
    narrow = 1 / np.sqrt(error**2 + (slices[:, None] * ratios) ** 2)
    density = np.exp(-0.5 * ((1 - ratios * detours[:, None]) * narrow) ** 2) * narrow
    # Six errors out hardly anything is left.
    density[:, -1] = 0.0
    return np.append(density.mean(axis=0) / math.sqrt(2 * math.pi), 0.0)


@lru_cache(maxsize=1)
def _detours() -> tuple[Floats, Floats]:
    """Equally probable detours, and half the slice that each stands for."""
    from scipy.special import gammaincinv

    rule = parameters()["distance"]
    quantiles = (np.arange(DETOUR_NODES) + 0.5) / DETOUR_NODES
    detours = 1 + gammaincinv(float(rule["detour_shape"]), quantiles) * float(rule["detour_scale"])
    return np.asarray(detours), np.asarray(np.gradient(detours) / 2)
