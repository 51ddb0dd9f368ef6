"""A case: readings, signs and clues that can be corrected, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoinfer.belief import Belief, bearers, infer_belief
from geoinfer.clues import Clue, ClueRow, build_clues, check_row, read_clue_file, rows_from_photos
from geoinfer.errors import ClueError
from geoinfer.hypothesis import Hypothesis, territories
from geoinfer.regions import LEVELS, find_region
from geoinfer.result import Findings, Region, Site, Verdict
from geoinfer.sites import rank_sites
from geoinfer.verdict import give_notes, give_verdict, nothing
from geoinfer.world import World

if TYPE_CHECKING:
    import folium
    import geopandas as gpd
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
        case.settings["engine"] = engine
        case._crops = {key: png for photo in harvest.photos for key, png in photo.crops.items()}
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
            ISO 3166-1 alpha-2 code that you vouch for.
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
            self._corrected["readings"] = _frame(
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
            self._corrected["signs"] = _frame(
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
            self._corrected["clues"] = _frame([asdict(row) for row in self._rows], CLUE_COLUMNS)
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
            chosen["near"] = tuple(near)
        if decay_km is not None:
            chosen["decay_km"] = decay_km
        if mode is not None:
            chosen["mode"] = mode
        hypothesis = Hypothesis(**chosen)
        alternatives = {r.id: r.alternatives for p in self.photos for s in p.signs for r in s.readings}
        clues = build_clues(self.rows(), self.world.gazetteer, alternatives)
        return Result(self, clues, hypothesis)

    def _repr_html_(self) -> str:
        return str(self.clues.to_html(max_rows=30, escape=True))


@dataclass(frozen=True)
class Explanation:
    """Why a site stands where it does in the ranking."""

    site: Site
    evidence: pd.DataFrame

    def __str__(self) -> str:
        return "\n".join([f"{self.site.rank}. {self.site.name}: {self.site.probability:.1%}", *self.site.reasons])

    def _repr_html_(self) -> str:
        return str(self.evidence.to_html(escape=True, index=False))


class Result:
    """What follows from the clues of a case.

    Attributes
    ----------
    clues
        The clues that were used.
    hypothesis
        The border hypothesis.
    belief
        The belief over positions, or None where no clue names a possible place.
    """

    def __init__(self, case: Case, clues: tuple[Clue, ...], hypothesis: Hypothesis) -> None:
        self._case, self.clues, self.hypothesis = case, clues, hypothesis
        self._borders = territories(hypothesis, case.world.borders)
        self.belief: Belief | None = infer_belief(clues, hypothesis, self._borders, case.world)

    @cached_property
    def findings(self) -> Findings:
        """Everything that was found, as `save` and `map` need it."""
        case, belief = self._case, self.belief
        if belief is None:
            verdict = nothing(self.clues)
            notes: tuple[str, ...] = ()
        else:
            verdict = give_verdict(belief, self._ranked[0], self._regions, self._borders)
            notes = self._notes(belief)
        if case.interrupted:
            notes = ("The reading of photos was interrupted: this is the answer of the photos read so far.", *notes)
        return Findings(
            verdict=verdict,
            sites=self._ranked[0] if verdict.kind != "none" else (),
            elsewhere=self._ranked[1] if verdict.kind != "none" else 1.0,
            regions=self._regions if verdict.kind != "none" else {},
            cells=self._cells(),
            clues=self.clues,
            photos=case.photos,
            problems=tuple(case.problems),
            notes=notes,
            settings={**case.settings, **self.hypothesis.settings()},
            sources=tuple(case.world.gazetteer.sources),
            crops=case._crops,
        )

    @property
    def verdict(self) -> Verdict:
        """The answer in one sentence."""
        return self.findings.verdict

    @property
    def sites(self) -> gpd.GeoDataFrame:
        """Ranked sites, EPSG:4326."""
        from geoinfer.tables import sites_frame

        return sites_frame(self.findings)

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences that qualify the verdict."""
        return self.findings.notes

    def region(self, level: float) -> Region:
        """Give the smallest region that holds `level` of the belief.

        Raises
        ------
        ValueError
            If `level` is not in (0, 1], or nothing was inferred.
        """
        if self.belief is None:
            raise ValueError("there is no region: no clue names a possible place")
        return self._regions.get(level) or find_region(self.belief, level)

    def explain(self, name: str) -> Explanation:
        """Say what every clue and rule contributed to a site.

        Parameters
        ----------
        name
            Name of a site in any language, or its rank.

        Raises
        ------
        KeyError
            If no site has that name; the message lists the first ones.
        """
        wanted = name.casefold().strip()
        for site in self.findings.sites:
            known = {site.name, str(site.rank), *site.names.values()}
            if any(
                wanted in spelling.casefold() if len(wanted) > 3 else wanted == spelling.casefold()
                for spelling in known
            ):
                return Explanation(site, self._evidence(site))
        first = ", ".join(site.name for site in self.findings.sites[:8]) or "none"
        raise KeyError(f"no site is called {name!r}; the first sites: {first}")

    def without(self, clue: str) -> Result:
        """Infer again without one clue.

        Raises
        ------
        KeyError
            If there is no such clue; the message lists those there are.
        """
        if clue not in {c.id for c in self.clues}:
            raise KeyError(f"no clue {clue!r}; there are: {', '.join(c.id for c in self.clues) or 'none'}")
        return Result(self._case, tuple(c for c in self.clues if c.id != clue), self.hypothesis)

    def bearers(self, clue: str) -> pd.DataFrame:
        """Say which places the names of a clue mean, after all clues have spoken.

        Raises
        ------
        KeyError
            If there is no such clue.
        """
        found = next((c for c in self.clues if c.id == clue), None)
        if found is None:
            raise KeyError(f"no clue {clue!r}; there are: {', '.join(c.id for c in self.clues) or 'none'}")
        lines: list[dict[str, Any]] = []
        if self.belief is not None and clue in self.belief.plates:
            for mention, shares in zip(found.mentions, bearers(self.belief, found, self._case.world), strict=True):
                lines.extend(
                    {"name": mention.name, "place": match.place.name, "id": match.place.id, "lon": match.place.lon,
                     "lat": match.place.lat, "before": match.probability, "after": share}
                    for match, share in sorted(shares, key=lambda item: -item[1])
                )  # fmt: skip
        return _frame(lines, ("name", "place", "id", "lon", "lat", "before", "after"))

    def map(self, *, tiles: str = "none") -> folium.Map:
        """Draw the map; ``tiles="none"`` asks nothing of the network."""
        from geoinfer.map import build_map

        return build_map(self.findings, tiles=tiles)

    def save(self, out: str | Path, *, tiles: str = "none") -> None:
        """Write the map, the report, the tables, the ledger and the crops into a folder."""
        from geoinfer.save import save_case

        save_case(self.findings, Path(out), tiles=tiles)

    def _repr_html_(self) -> str:
        from html import escape

        table = self.sites.drop(columns="geometry").head(10).to_html(escape=True, index=False)
        return f"<p><b>{escape(self.verdict.text)}</b></p>{table}"

    @cached_property
    def _ranked(self) -> tuple[tuple[Site, ...], float]:
        if self.belief is None:
            return (), 1.0
        return rank_sites(self.belief, self.clues, self.hypothesis, self._borders, self._case.world)

    @cached_property
    def _regions(self) -> Mapping[float, Region]:
        return {} if self.belief is None else {level: find_region(self.belief, level) for level in LEVELS}

    def _notes(self, belief: Belief) -> tuple[str, ...]:
        neutral = replace(belief, posterior=belief.neutral, weight=belief.weight**0)
        sites = rank_sites(neutral, self.clues, replace(self.hypothesis, near=()), self._borders, self._case.world)[0]
        first = f"{sites[0].name} ({sites[0].probability:.0%})" if sites else ""
        return give_notes(belief, self.clues, self.hypothesis, find_region(neutral, 0.9), self._regions[0.9], first)

    def _evidence(self, site: Site) -> pd.DataFrame:
        return _frame([{"site": site.name, "reason": reason} for reason in site.reasons], ("site", "reason"))

    def _cells(self) -> gpd.GeoDataFrame:
        import geopandas as gpd
        import h3
        from shapely.geometry import shape

        if self.belief is None:
            return gpd.GeoDataFrame({"h3": [], "probability": []}, geometry=[], crs="EPSG:4326")
        cells, mass = self.belief.positions.cells, self.belief.cell_mass(self.belief.posterior)
        kept = [i for i in range(len(cells)) if mass[i] >= 1e-6]
        return gpd.GeoDataFrame(
            {"h3": [cells[i] for i in kept], "probability": [float(mass[i]) for i in kept]},
            geometry=[shape(h3.cells_to_geo([cells[i]])) for i in kept],
            crs="EPSG:4326",
        )


def _frame(lines: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(list(lines), columns=list(columns))


def _with_row(table: pd.DataFrame, row: ClueRow) -> pd.DataFrame:
    return _frame([*table.to_dict("records"), asdict(row)], CLUE_COLUMNS)


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
