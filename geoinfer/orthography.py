"""What the letters of a name say about the country that the sign stands in: orthography and romanisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geoinfer.geodesy import Floats
from geoinfer.parameters import number, parameters

if TYPE_CHECKING:
    from gazetteer.places import Place


def romanised(text: str, place: Place, countries: npt.NDArray[np.str_]) -> Floats:
    """Weigh the country of a sign that writes a Ukrainian place as Cabinet resolution 55 romanises it.

    A spelling that other romanisations share, such as Mena, follows it as well.
    """
    if not follows_resolution(text, place):
        return np.ones(len(countries))
    return np.where(countries == "UA", 1.0, number("romanisation", "abroad"))


def follows_resolution(text: str, place: Place) -> bool:
    """Say whether a Latin text is the name of a Ukrainian place as Cabinet resolution 55 romanises it."""
    return place.country == "UA" and text.isascii() and text.casefold() == place.names.get("en", "").casefold()


def spelling(text: str, countries: npt.NDArray[np.str_]) -> Floats:
    """Weigh the country that a sign stands in by the letters of a name on it.

    Examples
    --------
    >>> import numpy as np
    >>> spelling("Чернігів", np.array(["UA", "RU"])).tolist()
    [1.0, 0.05]
    >>> spelling("Гомель", np.array(["UA", "RU"])).tolist()
    [1.0, 1.0]
    """
    value = np.ones(len(countries))
    for weights in telling(text):
        # The other countries first, then those that have a weight of their own.
        part = np.full(len(countries), weights["other"])
        for country, weight in weights.items():
            if country != "other":
                part[countries == country] = weight
        value = np.minimum(value, part)
    return value


def telling(text: str) -> list[Mapping[str, float]]:
    """List the weights of countries for each group of telling letters in a text.

    Examples
    --------
    >>> len(telling("Київ")), len(telling("Гомель"))
    (1, 0)
    """
    letters: Mapping[str, Mapping[str, float]] = parameters()["orthography"]["letters"]
    return [weights for group, weights in letters.items() if set(text.lower()) & set(group)]
