"""What an inference gives: verdict, regions, sites, and the evidence behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    from shapely.geometry.base import BaseGeometry

    from geoinfer.clues import Clue
    from geoinfer.corrections import Correction
    from geoinfer.photos import PhotoRecord


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer in one sentence.

    Attributes
    ----------
    kind
        ``site``, ``region`` or ``none``.
    text
        The sentence.
    """

    kind: str
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Region:
    """A highest-density region.

    Attributes
    ----------
    level
        The probability that it holds, such as 0.9.
    area_km2
        Its area on the ellipsoid.
    geometry
        Polygon or MultiPolygon, longitude and latitude in EPSG:4326.
    """

    level: float
    area_km2: float
    geometry: BaseGeometry

    def _repr_html_(self) -> str:
        told = f"<p>The smallest region that holds {self.level:.0%}: {self.area_km2:,.0f} km²</p>"
        return told + str(self.geometry._repr_svg_())


@dataclass(frozen=True, slots=True)
class Site:
    """A named candidate with the probability mass inside its catchment.

    Attributes
    ----------
    rank
        1 is the most probable.
    name
        The name to show, such as ``Сеньківка`` or ``M01, 4 km south of Ріпки``.
    names
        Language code to name, for those known.
    kind
        ``city``, ``town``, ``village``, ``crossing`` or ``road point``.
    lon, lat
        Degrees, EPSG:4326.
    uncertainty_km
        Uncertainty of that coordinate in kilometres.
    radius_km
        Radius of the catchment whose mass `probability` is.
    probability
        Mass of the belief inside the catchment.
    country, admin1
        ISO 3166-1 alpha-2 and ISO 3166-2 codes, empty where unknown.
    km_to
        Border code (as given to ``near``) to geodesic kilometres.
    reasons
        Sentences that say why, the weightiest first.
    """

    rank: int
    name: str
    names: Mapping[str, str]
    kind: str
    lon: float
    lat: float
    uncertainty_km: float
    radius_km: float
    probability: float
    country: str
    admin1: str
    km_to: Mapping[str, float]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cluster:
    """One of several places that the photos of a case were taken at, with an answer of its own.

    Attributes
    ----------
    number
        1 is the place that most signs speak for.
    clues
        Ids of its clues.
    photos
        File names of their photos; empty for typed clues.
    verdict
        The answer for this place.
    sites, elsewhere, regions, cells
        As in `Findings`, for this place alone.
    """

    number: int
    clues: tuple[str, ...]
    photos: tuple[str, ...]
    verdict: Verdict
    sites: tuple[Site, ...]
    elsewhere: float
    regions: Mapping[float, Region]
    cells: gpd.GeoDataFrame


@dataclass(frozen=True)
class Evidence:
    """What a case hands over beside its clues: it is reported, not inferred from."""

    photos: tuple[PhotoRecord, ...] = ()
    problems: tuple[Mapping[str, str], ...] = ()
    interrupted: bool = False
    settings: Mapping[str, Any] | None = None
    crops: Mapping[str, bytes] | None = None
    origins: Mapping[str, Path] | None = None
    corrections: tuple[Correction, ...] = ()
    missed: tuple[Correction, ...] = ()
    about: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Findings:
    """Everything that an inference found, for the writers of maps, tables and reports.

    Attributes
    ----------
    verdict
        The answer in one sentence.
    sites
        Ranked sites. Their probabilities and `elsewhere` sum to one.
    elsewhere
        Mass in nobody's catchment.
    regions
        Highest-density regions by level (0.5 and 0.9).
    cells
        GeoDataFrame of the belief on H3 cells in EPSG:4326: columns ``h3``, ``probability``, ``geometry``.
    clues
        The clues used.
    photos
        One record per photo that was read, with its signs.
    problems
        ``{"file": ..., "error": ...}`` for everything that could not be used.
    notes
        Sentences that qualify the answer: contradictions, ambiguity, what the border rules contributed in bits.
    settings
        All settings of the run, JSON-serialisable.
    sources
        Data sets used: name, version, licence.
    crops
        Reading id to the PNG bytes of its crop.
    areas
        Polygons that the researcher brought for the border hypothesis, by their code, in EPSG:4326.
    origins
        Where each photo was read, by its name in `photos`: for the ledger alone, never told in a report.
    clusters
        The places that the photos were taken at, if the clues split them; else empty. The verdict's sites, regions and
        cells are then those of the first.
    observations
        What the researcher knows beside the signs, as plain values.
    corrections
        What the researcher changed, in order, as plain values.
    about
        What the corrections are about: hashes of the photos and the name of the clue file.
    claims
        What photos say of their own position, compared with the answer; never an input.
    excluded
        What was not used: ``{"what": ..., "id": ..., "reason": ...}``.
    """

    verdict: Verdict
    sites: tuple[Site, ...]
    elsewhere: float
    regions: Mapping[float, Region]
    cells: gpd.GeoDataFrame
    clues: tuple[Clue, ...]
    photos: tuple[PhotoRecord, ...] = ()
    problems: tuple[Mapping[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    sources: tuple[Mapping[str, str], ...] = ()
    crops: Mapping[str, bytes] = field(default_factory=dict)
    areas: Mapping[str, BaseGeometry] = field(default_factory=dict)
    origins: Mapping[str, Path] = field(default_factory=dict)
    clusters: tuple[Cluster, ...] = ()
    observations: tuple[Mapping[str, Any], ...] = ()
    corrections: tuple[Mapping[str, Any], ...] = ()
    about: Mapping[str, Any] = field(default_factory=dict)
    claims: tuple[Mapping[str, Any], ...] = ()
    excluded: tuple[Mapping[str, str], ...] = ()
