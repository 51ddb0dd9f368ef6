"""How likely a place is meant before the letters of the text are looked at: its size, its kind, where it lies.

Signs name a place the more often the larger it is, write the script of its country, and name what lies in the country
or region that the researcher vouches for.
"""

from __future__ import annotations

import math

import numpy as np

from gazetteer.archive import Array
from gazetteer.names import script
from gazetteer.places import KINDS
from gazetteer.region import Region, log_weights
from gazetteer.tables import DEGREE, Tables

OTHER_COUNTRY = 0.01
"""Weight of places outside the country that the researcher vouches for."""

FOREIGN_SCRIPT, SECOND_SCRIPT = 0.05, 0.5
"""Weight of a place whose country does not write signs in the text's script, or writes them in it beside its own."""

CYRILLIC_COUNTRIES = frozenset([
    "UA", "BY", "RU", "BG", "RS", "MK", "ME", "BA", "XK", "KZ", "KG", "MN", "TJ", "UZ", "MD",
])  # fmt: skip

_POPULATION_POWER = 0.5
_LEAST_POPULATION = {
    "village": 300, "town": 3000, "city": 50_000, "district": 50_000, "oblast": 1_000_000, "country": 5_000_000,
    "station": 150, "crossing": 300, "other": 150,
}  # fmt: skip
_MOST_POPULATION = 20_000_000
_OTHER_WEIGHT = 0.2
"""Parts of cities and abandoned settlements stand on fewer signs than their inhabitants suggest."""


class Prior:
    """Weights of the places of one gazetteer.

    Attributes
    ----------
    size
        Logarithm of each place's weight by inhabitants and kind; the weights sum to one.
    home
        Whether each place's country writes Cyrillic letters.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self.size = _log_sizes(tables)
        self.home: Array = np.array([code in CYRILLIC_COUNTRIES for code in tables.countries])[tables.country]
        self._area = tables.kind == KINDS.index("country")

    def context(self, places: Array, text: str, country: str, region: Region | None) -> Array:
        """Give the log-weights of places by their country's script, the country vouched for and the region."""
        tables, written = self._tables, script(text)
        weights = np.zeros(len(places))
        if written == "cyrillic":
            weights += np.where(self.home[places] | self._area[places], 0.0, math.log(FOREIGN_SCRIPT))
        elif written == "latin":
            weights += np.where(self.home[places], math.log(SECOND_SCRIPT), 0.0)
        if country:
            code = country.upper()
            at = tables.countries.index(code) if code in tables.countries else -1
            weights += np.where(tables.country[places] == at, 0.0, math.log(OTHER_COUNTRY))
        if region is not None:
            weights += log_weights(region, tables.lon[places] / DEGREE, tables.lat[places] / DEGREE)
        return weights


def _log_sizes(tables: Tables) -> Array:
    least = np.array([_LEAST_POPULATION[kind] for kind in KINDS], dtype=float)[tables.kind]
    weight = np.clip(tables.population, least, _MOST_POPULATION) ** _POPULATION_POWER
    weight[tables.kind == KINDS.index("other")] *= _OTHER_WEIGHT
    result: Array = np.log(weight / weight.sum())
    return result
