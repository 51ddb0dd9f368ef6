"""A case: readings, signs and clues that can be corrected, and what follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoinfer.clue_rows import read_clue_file
from geoinfer.clues import build_clues
from geoinfer.hypothesis import Hypothesis
from geoinfer.inference import Result
from geoinfer.record import Record
from geoinfer.result import Evidence
from geoinfer.workbench import Workbench
from geoinfer.world import World

if TYPE_CHECKING:
    import pandas as pd

    from geoinfer.pipeline import Progress


class Case(Workbench):
    r"""Photos and typed clues that are held to come from one place, unless they say otherwise.

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

    Tables are corrected in place, and the case infers anew:

    >>> case.clues.loc[1, "km"] = 74
    >>> len(case.clues), len(case.signs), len(case.readings), case.crops
    (2, 0, 0, {})

    A file that cannot be read is a problem on a list, not an error:

    >>> Case.from_photos("no-such-photo.jpg").problems[0]["file"]
    'no-such-photo.jpg'

    Clues in a file:

    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> file = Path(mkdtemp()) / "clues.csv"
    >>> _ = file.write_text("name,km\nЧернігів,39\n", encoding="utf-8")
    >>> Case.from_clues(file).clues["km"].tolist()
    [39.0]
    """

    def __init__(self, *, gazetteer: str | Path | None = None) -> None:
        super().__init__(_world(gazetteer), Record())
        self.problems: list[dict[str, str]] = []
        self.interrupted = False
        self.settings: dict[str, Any] = {"gazetteer": Path(gazetteer).name if gazetteer else "default"}
        self._crops: dict[str, bytes] = {}
        self._origins: dict[str, Path] = {}

    @classmethod
    def from_photos(
        cls,
        *paths: str | Path,
        engine: str = "signs",
        gazetteer: str | Path | None = None,
        jobs: int = 0,
        cache: str | Path | None = None,
        dask: str | None = None,
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
            Processes that read at the same time, in which a hostile file harms nothing else; 0 reads in this process.
        cache
            Folder in which readings are kept, so that an interrupted run goes on.
        dask
            Address of a Dask scheduler whose workers read.
        progress
            Called with a `geoinfer.pipeline.Step` after every file.

        Raises
        ------
        EngineError
            If the engine or the scheduler cannot be opened.
        OccupiedError
            If another run uses the cache folder.
        """
        from geoinfer.pipeline import read_photos

        case = cls(gazetteer=gazetteer)
        kept = Path(cache) if cache else None
        harvest = read_photos(paths, engine, jobs=jobs, cache=kept, dask=dask, progress=progress)
        case._record = Record(harvest.photos)
        case.problems = harvest.problems
        case.interrupted = harvest.interrupted
        case.settings |= {"engine": engine, "engine_version": harvest.engine}
        case.settings["photos"] = [_told_path(path) for path in paths]
        case._crops = dict(harvest.crops)
        case._origins = harvest.origins
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
        case._record = Record(typed=read_clue_file(path), clue_file=Path(path).name)
        case.settings["clues"] = Path(path).name
        return case

    @property
    def readings(self) -> pd.DataFrame:
        """Lines of text, one per row. Edit texts or drop rows, then assign the table back and infer again."""
        return self._record.table("readings")

    @readings.setter
    def readings(self, table: pd.DataFrame) -> None:
        self._record.assign("readings", table)

    @property
    def crops(self) -> dict[str, bytes]:
        """Pictures of the lines that were read, PNG bytes by the id of the reading."""
        return dict(self._crops)

    @property
    def signs(self) -> pd.DataFrame:
        """Signs, one per row. Edit `kind` or drop rows, then assign the table back and infer again."""
        return self._record.table("signs")

    @signs.setter
    def signs(self, table: pd.DataFrame) -> None:
        self._record.assign("signs", table)

    @property
    def clues(self) -> pd.DataFrame:
        """Clues, one row per name on a plate. Edit, add or drop rows, then assign the table back and infer again."""
        return self._record.table("clues")

    @clues.setter
    def clues(self, table: pd.DataFrame) -> None:
        self._record.assign("clues", table)

    def infer(
        self,
        near: Sequence[str] | None = None,
        *,
        near_files: Sequence[str | Path] = (),
        decay_km: float | None = None,
        mode: str | None = None,
        without_rules: Iterable[str] = (),
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
        without_rules
            Rules of `geoinfer.rules.RULES` to switch off.

        Raises
        ------
        ClueError
            If a clue has a fault.
        ValueError
            If a rule does not exist.
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
        corrected = self._record.current()
        readings = [r for p in corrected.photos for s in p.signs for r in s.readings]
        clues = build_clues(
            corrected.rows,
            self.world.gazetteer,
            {r.id: r.alternatives for r in readings},
            {r.id: (r.text, r.lattice) for r in readings if r.lattice},
        )
        belonging = self._record.belonging()
        evidence = Evidence(
            photos=corrected.photos,
            problems=tuple(self.problems),
            interrupted=self.interrupted,
            settings=dict(self.settings),
            crops={r.id: self._crops[r.id] for r in readings if r.id in self._crops},
            origins=self._origins,
            corrections=self._record.corrections,
            missed=corrected.missed,
            about={"photos": list(belonging.photos), "clues": belonging.clues},
        )
        return Result(
            self.world, clues, Hypothesis(**chosen), evidence, corrected.observations, without_rules=without_rules
        )

    def _repr_html_(self) -> str:
        from geoinfer.display import Sheet

        return Sheet(self.photos, self.rows(), self._crops, self.problems).html()


def _world(gazetteer: str | Path | None) -> World:
    """Open a world, or give the one that an earlier case with the same gazetteer has warmed up."""
    if gazetteer is None:
        return _open_world(None, 0)
    path = Path(gazetteer)
    return _open_world(str(path), path.stat().st_mtime_ns if path.is_file() else 0)


@lru_cache(maxsize=2)
def _open_world(path: str | None, changed_ns: int) -> World:
    return World(path)


def _told_path(path: str | Path) -> str:
    """Shorten a path to what may be told: where a folder lies on the researcher's machine is nobody's business.

    Examples
    --------
    >>> _told_path("/home/olena/case-7/photos"), _told_path("photos/a.jpg")
    ('photos', 'photos/a.jpg')
    """
    return Path(path).name if Path(path).is_absolute() or str(path).startswith("~") else str(path)
