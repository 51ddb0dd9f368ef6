"""What a researcher knows beside the signs: areas, searches in vain, the sun, positions from a model."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoinfer.evidence import read_evidence
from geoinfer.observations import Observation, read_shape
from geoinfer.record import Record

if TYPE_CHECKING:
    import pandas as pd
    from shapely.geometry.base import BaseGeometry


class Beside:
    r"""Observations of one case; `geoinfer.workbench.Workbench` adds clues and corrections.

    Parameters
    ----------
    record
        Where they are kept, in order.

    Examples
    --------
    >>> import pandas, shapely
    >>> case = Beside(Record())
    >>> case.add_area(shapely.box(30.9, 51.7, 31.2, 51.9), 5, note="a wide river")
    'area-1'
    >>> case.add_search(shapely.box(31.0, 51.8, 31.1, 51.9), 0.8)
    'search-1'
    >>> case.add_sun("2026-01-29T11:20:00+02:00", ratio=0.35)
    'sun-1'
    >>> case.add_prior(pandas.DataFrame({"lon": [31.0], "lat": [51.8], "p": [1.0]}), 0.3)
    'prior-1'
    >>> [one.id for one in case.observations]
    ['area-1', 'search-1', 'sun-1', 'prior-1']

    A file of evidence says the same without a notebook:

    >>> from tempfile import mkdtemp
    >>> file = Path(mkdtemp()) / "evidence.toml"
    >>> _ = file.write_text("[[sun]]\ntime = 2026-01-29T11:20:00+02:00\nratio = 0.3\n")
    >>> Beside(Record()).add_evidence(file)
    ['sun-1']
    """

    def __init__(self, record: Record) -> None:
        self._record = record

    @property
    def observations(self) -> tuple[Observation, ...]:
        """What is known beside the signs."""
        return self._record.current().observations

    def add_area(
        self,
        area: str | Path | BaseGeometry,
        ratio: float,
        *,
        within_km: float = 0.0,
        note: str = "",
        photo: str = "",
    ) -> str:
        """Add an area that the photos speak for, or against.

        Parameters
        ----------
        area
            GeoJSON, KML or GeoPackage file, or a geometry in EPSG:4326 (longitude, latitude).
        ratio
            How many times more likely the photo is inside than outside, 0.01 to 100.
        within_km
            Kilometres round the geometry that count as inside.
        note
            Why, such as "a wide river behind the trucks".
        photo
            File name of the photo that shows it, if it is about one photo.

        Returns
        -------
        Its id, such as ``area-1``.

        Raises
        ------
        ClueError
            If a value is out of bounds or the file cannot be used.
        """
        facts = {"what": "area", "ratio": ratio, "within_km": within_km, "note": note, "photo": photo}
        return self._record.observe(facts | _shape(area))

    def add_search(
        self,
        area: str | Path | BaseGeometry,
        detection: float,
        *,
        within_km: float = 0.0,
        note: str = "",
        photo: str = "",
    ) -> str:
        """Add an area that was searched in vain, such as on satellite imagery.

        Parameters
        ----------
        area, within_km, note, photo
            See `add_area`.
        detection
            Probability that the place would have been found if it were there; above 0 and at most 0.99.

        Returns
        -------
        Its id, such as ``search-1``.

        Raises
        ------
        ClueError
            If a value is out of bounds or the file cannot be used.
        """
        facts = {"what": "search", "detection": detection, "within_km": within_km, "note": note, "photo": photo}
        return self._record.observe(facts | _shape(area))

    def add_sun(
        self,
        time: str | datetime,
        *,
        minutes: float = 10.0,
        ratio: float | None = None,
        ratio_error: float = 0.1,
        azimuth: float | None = None,
        azimuth_error: float = 10.0,
        note: str = "",
        photo: str = "",
    ) -> str:
        """Add a shadow: the date, the time, and how high the sun stood or where the shadow fell.

        Parameters
        ----------
        time
            With its offset from UTC, such as ``2026-01-29T11:20:00+02:00``.
        minutes
            Standard error of the time.
        ratio, ratio_error
            Height of an object divided by the length of its shadow, and its relative standard error.
        azimuth, azimuth_error
            Direction in which the shadow falls, degrees clockwise from true north, and its standard error.
        note, photo
            See `add_area`.

        Returns
        -------
        Its id, such as ``sun-1``.

        Raises
        ------
        ClueError
            If a value is out of bounds, or pvlib is not installed.
        """
        when = time.isoformat() if isinstance(time, datetime) else time
        shadow = {"ratio": ratio, "ratio_error": ratio_error, "azimuth": azimuth, "azimuth_error": azimuth_error}
        facts = {"what": "sun", "time": when, "minutes": minutes, "note": note, "photo": photo}
        return self._record.observe(facts | shadow)

    def add_prior(
        self,
        table: str | Path | pd.DataFrame,
        weight: float,
        *,
        spread_km: float = 25.0,
        note: str = "",
        photo: str = "",
    ) -> str:
        """Add positions with probabilities, as an image-to-GPS model gives them.

        Parameters
        ----------
        table
            CSV file or table with the columns ``lon``, ``lat`` (degrees, EPSG:4326) and ``p``.
        weight
            How far it is trusted; above 0 and at most 0.99.
        spread_km
            Width of the Gaussian that every row is smoothed with.
        note, photo
            See `add_area`.

        Returns
        -------
        Its id, such as ``prior-1``.

        Raises
        ------
        ClueError
            If a value is out of bounds or the file cannot be used.
        """
        from geoinfer.prior_table import columns_of, read_table

        columns = read_table(table) if isinstance(table, str | Path) else columns_of(table)
        facts = {"what": "prior", "weight": weight, "spread_km": spread_km, "note": note, "photo": photo}
        file = Path(table).name if isinstance(table, str | Path) else ""
        rows = list(zip(*(column.tolist() for column in columns), strict=True))
        return self._record.observe(facts | {"rows": rows, "file": file})

    def add_evidence(self, path: str | Path) -> list[str]:
        """Add the observations of a file; those of a file that was added before are replaced.

        Returns
        -------
        Their ids.

        Raises
        ------
        ClueError
            If the file has faults; see `geoinfer.evidence` for its form.
        """
        found = read_evidence(path)
        self._record.forget_evidence()
        return [self._record.observe(one.facts(), Path(path).name) for one in found]


def _shape(area: str | Path | BaseGeometry) -> dict[str, Any]:
    if isinstance(area, str | Path):
        return {"shape": read_shape(area), "file": Path(area).name}
    return {"shape": area}
