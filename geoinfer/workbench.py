"""What a researcher does to a case: clues typed in, corrections, and what is known beside the signs.

All of it goes into the case's record, in order, and is kept with its results.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoinfer.clues import ClueRow, check_row
from geoinfer.corrections import Correction, row_facts
from geoinfer.errors import ClueError
from geoinfer.evidence import read_evidence
from geoinfer.observations import Observation, read_shape
from geoinfer.record import Record, check_one
from geoinfer.signs import KINDS
from geoinfer.world import World

if TYPE_CHECKING:
    import pandas as pd
    from shapely.geometry.base import BaseGeometry

    from geoinfer.photos import PhotoRecord


class Workbench:
    """Clues, corrections and observations of one case; `geoinfer.case.Case` adds photos and inference.

    Parameters
    ----------
    world
        Where names are looked up.
    record
        What was read and typed so far.
    """

    def __init__(self, world: World, record: Record) -> None:
        self.world = world
        self._record = record

    @property
    def photos(self) -> tuple[PhotoRecord, ...]:
        """Photos with their signs as corrected; one that was excluded has none."""
        return self._record.current().photos

    @property
    def corrections(self) -> tuple[Correction, ...]:
        """Everything that the researcher changed or added, in order; `Result.save` keeps it."""
        return self._record.corrections

    @property
    def observations(self) -> tuple[Observation, ...]:
        """What is known beside the signs."""
        return self._record.current().observations

    def add_clue(
        self,
        name: str = "",
        *,
        km: float | None = None,
        kind: str = "unknown",
        road: str = "",
        country: str = "",
        other: str = "",
        sign: str = "",
        note: str = "",
    ) -> str:
        """Add a clue by hand; it counts as much as one that was read.

        Parameters
        ----------
        name
            The name on the sign. Empty if `road` is given.
        km
            Kilometres beside it. A sign of unknown kind with kilometres is a distance sign.
        kind
            One of `geoinfer.signs.KINDS`.
        road
            Route number.
        country
            ISO 3166-1 alpha-2 code of the country that the sign stands in, if you vouch for it.
        other
            The same name in the sign's other script.
        sign
            Name of the plate; clues with one name share it. By default a plate of its own.
        note
            Free text.

        Returns
        -------
        Name of the plate.

        Raises
        ------
        ClueError
            If a value is not valid; the message says what would be.
        """
        plates = {row.sign_id for row in self.rows()}
        free = (f"typed-{n}" for n in range(1, len(plates) + 2))
        plate = sign or next(one for one in free if one not in plates)
        row = ClueRow(plate, kind, name, other, None if km is None else float(km), road, country, note)
        faults = check_row(row)
        if faults:
            raise ClueError("; ".join(faults))
        self._record.note("add_clue", {"now": row_facts(row)})
        return row.sign_id

    def pin(self, clue: str, place_id: str, *, name: str = "") -> None:
        """Say which place a name means.

        Parameters
        ----------
        clue
            Id of a clue (``clue-2``) or of its sign.
        place_id
            Id of a place in the gazetteer, as ``geoinfer lookup NAME --json`` and `Result.bearers` give it.
        name
            Which name, where the sign carries several.

        Raises
        ------
        ClueError
            If there is no such clue, name or place; the message lists those there are.
        """
        rows = self._record.rows_of(clue)
        names = list(dict.fromkeys(row.name for row in rows if row.name))
        chosen = [one for one in names if one == name or not name]
        if len(chosen) != 1:
            raise ClueError(f"{clue}: say which name to pin; it carries: {', '.join(names) or 'none'}")
        try:
            self.world.gazetteer.place(place_id)
        except KeyError:
            found = self.world.gazetteer.search(chosen[0], limit=5).matches
            listed = ", ".join(
                f"{m.place.id} ({m.place.name}, {m.place.admin1_name or m.place.country})" for m in found
            )
            raise ClueError(f"no place has the id {place_id[:60]!r}; of that name: {listed or 'none'}") from None
        self._record.note("pin", {"sign": rows[0].sign_id, "name": chosen[0], "place": place_id})

    def reject(self, reading: str) -> None:
        """Mark a reading as wrong: what rests on it is read anew without it.

        Raises
        ------
        ClueError
            If there is no such reading.
        """
        texts = {r.id: r.text for p in self.photos for s in p.signs for r in s.readings}
        check_one("reading", reading, list(texts))
        self._record.note("reject", {"reading": reading, "was": texts[reading]})

    def set_kind(self, sign: str, kind: str) -> None:
        """Set the kind of a sign.

        Parameters
        ----------
        sign
            Id of a sign, or of its clue.
        kind
            One of `geoinfer.signs.KINDS`.

        Raises
        ------
        ClueError
            If there is no such sign or kind.
        """
        if kind not in KINDS:
            raise ClueError(f"unknown kind {kind[:40]!r}; valid: {', '.join(KINDS)}")
        kinds = {s.id: s.kind for p in self.photos for s in p.signs}
        if sign not in kinds:
            row = self._record.rows_of(sign)[0]
            sign, kinds = row.sign_id, {**kinds, row.sign_id: row.kind}
        self._record.note("kind", {"sign": sign, "kind": kind, "was": kinds[sign]})

    def exclude(self, photo: str) -> None:
        """Leave a photo out, with all that was read in it and all that is known of it alone.

        Raises
        ------
        ClueError
            If there is no such photo.
        """
        shas = {p.file: p.sha256 for p in self._record.photos}
        check_one("photo", photo, list(shas))
        self._record.note("exclude", {"photo": photo, "sha256": shas[photo]})

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

    def recall(self, out: str | Path) -> tuple[str, ...]:
        """Apply the corrections that an earlier session kept in a folder of results.

        Parameters
        ----------
        out
            Folder that `Result.save` wrote. Without corrections in it nothing happens.

        Returns
        -------
        What was applied, in words.

        Raises
        ------
        ClueError
            If the file is not what geoinfer wrote, or is about another case.
        """
        return tuple(str(one) for one in self._record.recall(Path(out)))

    def forget(self, order: int | None = None) -> None:
        """Undo one correction by its order, or all of them.

        Raises
        ------
        ClueError
            If there is no correction of that order.
        """
        self._record.forget(order)

    def rows(self) -> list[ClueRow]:
        """Clue rows with all corrections applied."""
        return list(self._record.current().rows)


def _shape(area: str | Path | BaseGeometry) -> dict[str, Any]:
    if isinstance(area, str | Path):
        return {"shape": read_shape(area), "file": Path(area).name}
    return {"shape": area}
