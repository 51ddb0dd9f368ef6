"""Places and what a search makes of a name: the plain values that `gazetteer` gives away."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, overload

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

KINDS = ("city", "town", "village", "district", "oblast", "country", "station", "crossing", "other")
"""Kinds of place. `district`, `oblast` and `country` are areas: their coordinate is a centre, not a spot."""


@dataclass(frozen=True, slots=True)
class Place:
    """A named place.

    Attributes
    ----------
    id
        Source and key, such as ``geonames:710735`` or ``katottg:UA74100390010054825``.
    name
        The name to show: in the script of its country where that is known.
    names
        Language code (``uk``, ``ru``, ``be``, ``en``) to name, for those known.
    kind
        One of `KINDS`.
    lon, lat
        Degrees, EPSG:4326.
    uncertainty_km
        Radius in kilometres within which the true centre lies with about 68 % probability.
    population
        Inhabitants, 0 where unknown.
    country
        ISO 3166-1 alpha-2 code.
    admin1
        ISO 3166-2 code of the first-level division such as ``UA-74``, or an empty string.
    admin1_name
        Its name for people, such as ``Chernihiv Oblast``.
    source
        The data set that the coordinate is from.
    admin2, admin2_name
        The second-level division (a raion): its code, such as the KATOTTG code, and its name for people such as
        ``Chernihiv Raion``. Empty where unknown.
    community, community_name
        The third-level division (a hromada), likewise.
    """

    id: str
    name: str
    names: Mapping[str, str]
    kind: str
    lon: float
    lat: float
    uncertainty_km: float
    population: int
    country: str
    admin1: str
    admin1_name: str
    source: str
    admin2: str = ""
    admin2_name: str = ""
    community: str = ""
    community_name: str = ""


PARENT_FIELDS = ("admin2", "admin2_name", "community", "community_name")
"""The fields of a place that tell the divisions below its first-level one."""


@dataclass(frozen=True, slots=True)
class Match:
    """One place that a text may name, and how probable that is.

    Attributes
    ----------
    place
        The place.
    name
        The spelling in the gazetteer that fits the text.
    probability
        Posterior probability that the text names this place.
    """

    place: Place
    name: str
    probability: float


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search makes of a text: a distribution over places with "none of these".

    Attributes
    ----------
    query
        The text that was looked up.
    matches
        Most probable first. Their probabilities, `further` and `none` sum to one.
    none
        Probability that the text names no listed place.
    further
        Probability of all listed places together that are not among `matches`: further bearers of a frequent name.
    """

    query: str
    matches: tuple[Match, ...] = ()
    none: float = 1.0
    notes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    further: float = 0.0


@dataclass(frozen=True, eq=False)
class Listing(Sequence[Place]):
    """Many places as columns; a `Place` is made only of those that are asked for.

    Attributes
    ----------
    kind, lon, lat, uncertainty_km, population
        The fields of `Place`, one row a place.
    make
        Makes the place of a row.
    """

    kind: npt.NDArray[np.str_]
    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    uncertainty_km: npt.NDArray[np.float64]
    population: npt.NDArray[np.int64]
    make: Callable[[int], Place]

    def __len__(self) -> int:
        return len(self.lon)

    @overload
    def __getitem__(self, at: int) -> Place: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Place]: ...

    def __getitem__(self, at: Any) -> Any:
        rows = range(len(self))[at]
        return self.make(rows) if isinstance(rows, int) else [self.make(row) for row in rows]
