"""What the plates of one photo tell together: a photo that misleads, misleads with all of them.

L(photo | x) = (1 - m) * P(x) / Z + m,    P(x) = product over its plates of L(plate | x)

Z is the mean of P over the reference area. A photo from somewhere else shows real signs, whose names agree with each
other as well as those of a photo from here do: that they agree must not make it the more credible. Divided by Z, a
photo of three names that fit together is as likely to mislead as one of a single name. A typed clue is its own photo.
Where one photo is all that speaks, there is no other place to be away from: the answer is where it was taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from geoinfer.geodesy import Floats, pieces
from geoinfer.plate_terms import LEAST_ERROR
from geoinfer.spread import dot, reference_km2

MOST = 1e250
"""Likelihoods are held below this: those of many plates, multiplied, would pass what a number can hold."""
ROOM = 1e7
"""How far from the least and the largest number that can be held products are kept."""


@dataclass(frozen=True)
class Photo:
    """The plates of one photo.

    Attributes
    ----------
    plates
        Ids of the clues.
    mean
        Z.
    misleading
        Probability that the photo misleads.

    Examples
    --------
    >>> photo = Photo(("clue-1", "clue-2"), mean=40.0, misleading=0.05)
    >>> photo.told(np.array([40.0, 400.0, 0.0025])).round(2).tolist()
    [1.0, 9.55, 0.05]
    """

    plates: tuple[str, ...]
    mean: float
    misleading: float

    def told(self, of_plates: Floats) -> Floats:
        """Give L(photo | x) from P(x)."""
        told = (1 - self.misleading) / self.mean * of_plates
        told += self.misleading
        return told

    def log_told(self, of_plates: float) -> float:
        """Give the natural logarithm of L(photo | x) where P(x) is this."""
        return float(np.log(self.told(np.array([of_plates]))[0]))

    def true_share(self, of_plates: Floats) -> Floats:
        """Give the share of L(photo | x) in which the photo does not mislead, from P(x)."""
        return np.asarray(1 - self.misleading / self.told(of_plates))


def alone(photos: Sequence[Photo]) -> tuple[Photo, ...]:
    """Trust a photo that is the only one.

    Examples
    --------
    >>> photo = Photo(("clue-1",), mean=1.0, misleading=0.05)
    >>> [one.misleading for one in alone([photo])], [one.misleading for one in alone([photo, photo])]
    ([1e-06], [0.05, 0.05])
    """
    if len(photos) == 1:
        return (replace(photos[0], misleading=min(photos[0].misleading, LEAST_ERROR)),)
    return tuple(photos)


def product(of_plates: Iterable[Floats]) -> Floats:
    """Multiply what the plates of one photo, of which there is at least one, tell at every position.

    Examples
    --------
    >>> small, large = product([np.array([2.0, 1e200]), np.array([3.0, 1e200])])
    >>> bool(small == 6 and np.isclose(large, MOST))
    True
    """
    first, *others = of_plates
    for other in others:
        # Single precision would hold less.
        other = other.astype(float, copy=False)
        first = np.minimum(first, MOST / np.maximum(other, 1.0)) * other
    return first


def product_of_photos(photos: Sequence[Photo], of_plates: Sequence[Floats]) -> Floats:
    """Give what a few photos tell together, from P(x) of each: in the precision of the first, if that holds it.

    Examples
    --------
    >>> photo = Photo(("clue-1",), mean=2.0, misleading=0.5)
    >>> product_of_photos([photo, photo], [np.array([2.0]), np.array([6.0])]).tolist()
    [2.0]
    """
    together = np.empty_like(of_plates[0])
    with np.errstate(over="ignore", under="ignore"):
        for piece in pieces(len(together)):
            here = together[piece]
            here[:] = photos[0].told(of_plates[0][piece])
            for photo, values in zip(photos[1:], of_plates[1:], strict=True):
                here *= photo.told(values[piece])
    limits = np.finfo(together.dtype)
    if together.dtype == float or (together.min(initial=1) > limits.tiny and together.max(initial=1) < limits.max):
        return together
    return product_of_photos(photos, [of_plates[0].astype(float), *of_plates[1:]])


def log_of_product(factors: Sequence[Floats], count: int) -> Floats:
    """Give the natural logarithm of a product of so many numbers each, whose factors are positive.

    A logarithm takes longer than many a product: one is taken whenever the next factor might pass what a number can
    hold. Factors in single precision are multiplied in it, which takes a third of the time.

    Examples
    --------
    >>> log_of_product([np.array([1e200, 1.0]), np.array([1e200, 1e-200])], 2).round(1).tolist()
    [921.0, -460.5]
    """
    total, least, most = np.zeros(count), 1.0, 1.0
    groups: list[list[Floats]] = []
    for factor in factors:
        low, high = float(factor.min(initial=1.0)), float(factor.max(initial=1.0))
        held = np.finfo(factor.dtype)
        if not groups or least * low < held.tiny * ROOM or most * high > held.max / ROOM:
            groups.append([])
            least, most = 1.0, 1.0
        groups[-1].append(factor)
        least, most = least * low, most * high
    for piece in pieces(count):
        for first, *others in groups:
            together = first[piece]
            for other in others:
                together = together * other[piece]
            total[piece] += np.log(together, dtype=float)
    return total


def excess(told: Floats, beyond: float, area_km2: npt.NDArray[np.floating[Any]], whole_km2: float) -> float:
    """Give the part of `mean` that some positions make.

    What is likelier somewhere than beyond counts there; a sign that is wrong counts once, however wide the search.

    Parameters
    ----------
    told
        What clues tell together at every position.
    beyond
        What they tell beyond all that they speak of.
    area_km2, whole_km2
        Base measure of the positions, and of all of them together.
    """
    if told.min(initial=np.inf) >= beyond * (1 - np.finfo(told.dtype).eps):
        return (dot(area_km2, told) - beyond * whole_km2) / reference_km2()
    total = 0.0
    for piece in pieces(len(told)):
        more = np.maximum(told[piece], beyond)
        more -= beyond
        total += dot(area_km2[piece], more)
    return total / reference_km2()


def mean(told: Floats, beyond: float, area_km2: Floats) -> float:
    """Give the mean over the reference area of what clues tell together; parameters as in `excess`.

    Examples
    --------
    >>> mean(np.array([3.0, 0.5]), 1.0, np.array([reference_km2() / 2, 7.0]))
    2.0
    """
    return beyond + excess(told, beyond, area_km2, float(area_km2.sum()))
