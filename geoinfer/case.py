"""A case: readings, signs and clues that can be corrected, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoinfer.clues import ClueRow, build_clues, check_row, read_clue_file, rows_from_photos
from geoinfer.errors import ClueError
from geoinfer.hypothesis import Hypothesis
from geoinfer.inference import Evidence, Result, frame
from geoinfer.world import World

if TYPE_CHECKING:
    import pandas as pd

    from geoinfer.photos import PhotoRecord
    from geoinfer.pipeline import Progress

CLUE_COLUMNS = tuple(f.name for f in fields(ClueRow))


class Case:
    """Photos and typed clues that are held to come from one place.

    Parameters
    ----------
    gazetteer
        A file made by ``gazetteer build``, or None for the shipped default.

    Examples
    --------
    >>> case = Case()
    >>> case.add_clue("Чернігів", km=39)
    'typed-1'
    >>> case.add_clue("Гомель", km=72)
    'typed-2'
    >>> case.infer(near=[]).verdict.kind in ("site", "region")
    True
    """

    def __init__(self, *, gazetteer: str | Path | None = None) -> None:
        self.world = World(gazetteer)
        self.photos: tuple[PhotoRecord, ...] = ()
        self.problems: list[dict[str, str]] = []
        self.interrupted = False
        self.settings: dict[str, Any] = {"gazetteer": Path(gazetteer).name if gazetteer else "default"}
        self._crops: dict[str, bytes] = {}
        self._origins: dict[str, Path] = {}
        self._rows: list[ClueRow] = []
        self._typed = 0
        self._corrected: dict[str, pd.DataFrame] = {}

    @classmethod
    def from_photos(
        cls,
        *paths: str | Path,
        engine: str = "signs",
        gazetteer: str | Path | None = None,
        jobs: int = 1,
        cache: str | Path | None = None,
        progress: Progress | None = None,
    ) -> Case:
        """Read photos into a case.

        Parameters
        ----------
        *paths
            Files, folders and globs.
        engine
            ``signs``, ``tesseract``, ``both`` or ``eslav``.
        gazetteer
            See `Case`.
        jobs
            Processes that read at the same time.
        cache
            Folder in which readings are kept, so that an interrupted run goes on.
        progress
            Called with (done, total, file name) after every photo.

        Raises
        ------
        EngineError
            If the engine cannot be opened.
        """
        from geoinfer.pipeline import read_photos

        case = cls(gazetteer=gazetteer)
        harvest = read_photos(paths, engine, jobs=jobs, cache=Path(cache) if cache else None, progress=progress)
        case.photos = tuple(photo.record for photo in harvest.photos)
        case.problems = harvest.problems
        case.interrupted = harvest.interrupted
        case.settings |= {"engine": engine, "engine_version": harvest.engine}
        case.settings["photos"] = [str(path) for path in paths]
        case._crops = {key: png for photo in harvest.photos for key, png in photo.crops.items()}
        case._origins = harvest.origins
        case._rows = rows_from_photos(case.photos)
        return case

    @classmethod
    def from_clues(cls, path: str | Path, *, gazetteer: str | Path | None = None) -> Case:
        """Read a file of typed clues into a case.

        Raises
        ------
        ClueError
            If the file has faults; the message lists all of them.
        """
        case = cls(gazetteer=gazetteer)
        case._rows = read_clue_file(path)
        case.settings["clues"] = Path(path).name
        return case

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
        self._typed += 1
        row = ClueRow(sign or f"typed-{self._typed}", kind, name, other, km, road, country, note)
        faults = check_row(row)
        if faults:
            raise ClueError("; ".join(faults))
        self._corrected["clues"] = _with_row(self.clues, row)
        return row.sign_id

    @property
    def readings(self) -> pd.DataFrame:
        """Lines of text, one per row. Edit texts or drop rows, then assign the table back and infer again."""
        if "readings" not in self._corrected:
            self._corrected["readings"] = frame(
                [
                    {"reading": r.id, "photo": p.file, "text": r.text, "script": r.script, "confidence": r.confidence,
                     "engine": r.engine, "sign": s.id}
                    for p in self.photos for s in p.signs for r in s.readings
                ],
                ("reading", "photo", "text", "script", "confidence", "engine", "sign"),
            )  # fmt: skip
        return self._corrected["readings"]

    @readings.setter
    def readings(self, table: pd.DataFrame) -> None:
        self._corrected["readings"] = table

    @property
    def signs(self) -> pd.DataFrame:
        """Signs, one per row. Edit `kind` or drop rows, then assign the table back and infer again."""
        if "signs" not in self._corrected:
            self._corrected["signs"] = frame(
                [
                    {"sign_id": s.id, "photo": p.file, "kind": s.kind, "colour": s.colour,
                     "names": " | ".join(e.name for e in s.entries), "routes": " ".join(s.routes)}
                    for p in self.photos for s in p.signs
                ],
                ("sign_id", "photo", "kind", "colour", "names", "routes"),
            )  # fmt: skip
        return self._corrected["signs"]

    @signs.setter
    def signs(self, table: pd.DataFrame) -> None:
        self._corrected["signs"] = table

    @property
    def clues(self) -> pd.DataFrame:
        """Clues, one row per name on a plate. Edit, add or drop rows, then assign the table back and infer again."""
        if "clues" not in self._corrected:
            self._corrected["clues"] = frame([asdict(row) for row in self._rows], CLUE_COLUMNS)
        return self._corrected["clues"]

    @clues.setter
    def clues(self, table: pd.DataFrame) -> None:
        self._corrected["clues"] = table

    def rows(self) -> list[ClueRow]:
        """Clue rows with the corrections of all three tables applied.

        A dropped sign drops its clues, an edited kind goes to them; a dropped reading drops the names that rest on it
        alone, and an edited one renames them.
        """
        texts = dict(zip(self.readings["reading"], self.readings["text"], strict=True))
        kinds = dict(zip(self.signs["sign_id"], self.signs["kind"], strict=True))
        read = {r.id: r.text for p in self.photos for s in p.signs for r in s.readings}
        found = {s.id: s.kind for p in self.photos for s in p.signs}
        rows = []
        for row in (_row(line) for line in self.clues.to_dict("records")):
            if row.sign_id in found:
                if row.sign_id not in kinds:
                    continue
                if kinds[row.sign_id] != found[row.sign_id]:
                    row = replace(row, kind=str(kinds[row.sign_id]))
            if row.readings and not any(r in texts for r in row.readings):
                continue
            for reading in row.readings:
                if (
                    reading in texts
                    and texts[reading] != read.get(reading, texts[reading])
                    and row.name in read[reading]
                ):
                    row = replace(row, name=str(texts[reading]), other="")
            rows.append(row)
        return rows

    def infer(
        self,
        near: Sequence[str] | None = None,
        *,
        near_files: Sequence[str | Path] = (),
        decay_km: float | None = None,
        mode: str | None = None,
    ) -> Result:
        """Infer where the camera stood.

        Parameters
        ----------
        near
            Codes of borders that the place is held to be near, such as ``["BY", "RU-BRY"]`` (the default); ``[]`` for
            none.
        near_files
            GeoJSON files with polygons of your own.
        decay_km
            Distance at which the weight of a border has fallen by a factor of e.
        mode
            ``any`` or ``all`` of the borders.

        Raises
        ------
        ClueError
            If a clue has a fault.
        gazetteer.errors.UnknownBorderError
            If a border code is not known.
        """
        chosen: dict[str, Any] = {"files": tuple(str(file) for file in near_files)}
        if near is not None:
            chosen["near"] = (near,) if isinstance(near, str) else tuple(near)
        if decay_km is not None:
            chosen["decay_km"] = decay_km
        if mode is not None:
            chosen["mode"] = mode
        hypothesis = Hypothesis(**chosen)
        alternatives = {r.id: r.alternatives for p in self.photos for s in p.signs for r in s.readings}
        clues = build_clues(self.rows(), self.world.gazetteer, alternatives)
        evidence = Evidence(
            self.photos, tuple(self.problems), self.interrupted, dict(self.settings), self._crops, self._origins
        )
        return Result(self.world, clues, hypothesis, evidence)

    def _repr_html_(self) -> str:
        return str(self.clues.to_html(max_rows=30, escape=True))


def _with_row(table: pd.DataFrame, row: ClueRow) -> pd.DataFrame:
    return frame([*table.to_dict("records"), asdict(row)], CLUE_COLUMNS)


def _row(line: Mapping[str, Any]) -> ClueRow:
    """Take a row of the clue table, in which a notebook may have left gaps."""
    import pandas as pd

    values: dict[str, Any] = {}
    for key in CLUE_COLUMNS:
        value = line.get(key)
        if key == "readings":
            values[key] = tuple(value) if isinstance(value, list | tuple) else ()
        elif value is not None and not pd.isna(value) and value != "":
            values[key] = float(value) if key == "km" else str(value)
    values.setdefault("sign_id", "typed")
    return ClueRow(**values)
