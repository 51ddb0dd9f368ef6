"""Cities and towns of many inhabitants: those near a point, and all that are larger than some."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from geoinfer.geodesy import Floats, ecef_km

if TYPE_CHECKING:
    from gazetteer.places import Place


class Cities:
    """Cities and towns, the largest first.

    Parameters
    ----------
    places
        Places of any kind.

    Examples
    --------
    >>> from geoinfer.world import World
    >>> cities = World().cities
    >>> [city.name for city in cities.near(ecef_km(31.28, 51.5), 20.0)], len(cities.above(2_000_000)) > 5
    (['Чернігів'], True)
    """

    def __init__(self, places: Sequence[Place]) -> None:
        found = [place for place in places if place.kind in ("city", "town")]
        self._places = sorted(found, key=lambda place: (-place.population, place.id))
        self._earth = ecef_km([place.lon for place in self._places], [place.lat for place in self._places])
        self._people = np.array([place.population for place in self._places])

    def near(self, earth: Floats, km: float) -> list[Place]:
        """List those within some kilometres of a point in Earth-centred coordinates."""
        return [self._places[i] for i in np.flatnonzero(np.linalg.norm(self._earth - earth, axis=-1) <= km)]

    def above(self, people: float) -> Floats:
        """Earth-centred coordinates of those of at least so many inhabitants, shape (n, 3)."""
        return np.asarray(self._earth[: np.searchsorted(-self._people, -people, side="right")])
