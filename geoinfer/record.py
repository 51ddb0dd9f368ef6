"""The record of a case: what was read and typed, every correction since, and the tables handed out to be edited."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoinfer import corrected
from geoinfer.corrected import Corrected, Step, lay_out
from geoinfer.corrections import FILE_NAME, Belonging, Correction, Facts, read_corrections
from geoinfer.errors import ClueError
from geoinfer.evidence import from_facts

if TYPE_CHECKING:
    import pandas as pd

    from geoinfer.clue_rows import ClueRow
    from geoinfer.photos import PhotoRecord


@dataclass(frozen=True)
class _Kind:
    """How one kind of table is made, what of it counts, and how edits of it are told."""

    frame: Callable[[Corrected], pd.DataFrame]
    content: Callable[[pd.DataFrame], Any]
    edits: Callable[[Any, Any], list[Step]]


def _column(name: str, value: str) -> Callable[[pd.DataFrame], dict[str, str]]:
    return lambda table: corrected.texts_by_id(table, name, value)


_TABLES: Mapping[str, _Kind] = {
    "readings": _Kind(corrected.readings_frame, _column("reading", "text"), corrected.edits_of_readings),
    "signs": _Kind(corrected.signs_frame, _column("sign_id", "kind"), corrected.edits_of_signs),
    "clues": _Kind(corrected.clues_frame, corrected.rows_of, corrected.edits_of_rows),
}


class Record:
    """What was read and typed, and the corrections since.

    Parameters
    ----------
    photos
        As they were read.
    typed
        Rows of a clue file.
    clue_file
        Name of that file, or an empty string.
    """

    def __init__(self, photos: Sequence[PhotoRecord] = (), typed: Sequence[ClueRow] = (), clue_file: str = "") -> None:
        self.photos, self._typed, self._clue_file = tuple(photos), tuple(typed), clue_file
        self._log: tuple[Correction, ...] = ()
        self._laid: Corrected | None = None
        # Every table that was handed out, and what counted of it then.
        self._handed: dict[str, tuple[pd.DataFrame, Any]] = {}

    @property
    def corrections(self) -> tuple[Correction, ...]:
        """All corrections, those made in tables among them."""
        self.current()
        return self._log

    def belonging(self) -> Belonging:
        """Say what the corrections are about."""
        return Belonging(tuple(sorted(photo.sha256 for photo in self.photos)), self._clue_file)

    def current(self) -> Corrected:
        """Apply all corrections; what was edited in tables that were handed out is noted first.

        Raises
        ------
        ClueError
            If a table was edited into something that is none.
        """
        for name, (table, content) in list(self._handed.items()):
            now = _TABLES[name].content(table)
            self._handed[name] = (table, now)
            self._extend(_TABLES[name].edits(content, now))
        if self._laid is None:
            self._laid = lay_out(self.photos, self._typed, self._log)
        return self._laid

    def table(self, name: str) -> pd.DataFrame:
        """Hand out a table; the same one as long as nothing else changed it."""
        try:
            fresh = _TABLES[name].frame(self.current())
        except ClueError:
            if name in self._handed:  # so that what is wrong in it can be mended
                return self._handed[name][0]
            raise
        content = _TABLES[name].content(fresh)
        if name not in self._handed or self._handed[name][1] != content:
            self._handed[name] = (fresh, content)
        return self._handed[name][0]

    def assign(self, name: str, table: pd.DataFrame) -> None:
        """Take a table back: what differs from the current one becomes corrections.

        Raises
        ------
        ClueError
            If the table is none of its kind.
        """
        now = _TABLES[name].content(table)
        self._handed.pop(name, None)
        before = _TABLES[name].content(_TABLES[name].frame(self.current()))
        self._extend(_TABLES[name].edits(before, now))
        self._handed[name] = (table, now)

    def note(self, what: str, facts: Facts) -> None:
        """Add a correction."""
        self.current()
        self._extend([(what, facts)])

    def observe(self, facts: Mapping[str, Any], origin: str = "") -> str:
        """Add an observation.

        Parameters
        ----------
        facts
            Its plain values without an id, see `geoinfer.evidence.from_facts`.
        origin
            Name of the file of evidence that it is from.

        Returns
        -------
        Its id. One that says the same as another is counted once.

        Raises
        ------
        ClueError
            If a value is out of bounds, or it is about a photo that is not in the case.
        """
        known = self.current().observations
        taken = {one.id for one in known}
        free = (f"{facts['what']}-{n}" for n in range(1, len(taken) + 2))
        made = from_facts({**facts, "id": next(name for name in free if name not in taken)})
        files = [photo.file for photo in self.photos]
        if made.photo and made.photo not in files:
            raise ClueError(f"{made.id}: no photo {made.photo[:60]!r} in the case; there are: {_some(files)}")
        same = next((one.id for one in known if one.key == made.key), None)
        if same is None:
            self._extend([("observe", {"observation": made.facts(), **({"from": origin} if origin else {})})])
        return same or made.id

    def forget_evidence(self) -> None:
        """Undo all observations that came from files of evidence."""
        self.current()
        self._set([one for one in self._log if not (one.what == "observe" and one.facts.get("from"))])

    def recall(self, out: Path) -> tuple[Correction, ...]:
        """Apply the corrections that were kept in a folder; give those that found what they correct.

        Raises
        ------
        ClueError
            If the file is not what geoinfer wrote, or is about another case.
        """
        path = out / FILE_NAME
        if not path.is_file():
            return ()
        found, about = read_corrections(path)
        if not found:
            return ()
        if not about.fits(self.belonging()):
            raise ClueError(
                f"{path}: is about other photos or clues; choose another folder, or start afresh (--afresh) to drop it"
            )
        self.current()
        first = len(self._log)
        self._extend([(one.what, one.facts) for one in found])
        missed = {one.order for one in self.current().missed}
        return tuple(one for one in self._log[first:] if one.order not in missed)

    def forget(self, order: int | None) -> None:
        """Undo one correction, or all.

        Raises
        ------
        ClueError
            If there is no correction of that order.
        """
        self.current()
        if order is not None and not 1 <= order <= len(self._log):
            raise ClueError(f"no correction {order}; there are {len(self._log)}")
        self._set([one for one in self._log if order is not None and one.order != order])

    def rows_of(self, clue: str) -> list[ClueRow]:
        """Give the rows of a plate, named by its clue (``clue-2``) or its sign.

        Raises
        ------
        ClueError
            If there is none; the message lists those there are.
        """
        plates: dict[tuple[str, str], list[ClueRow]] = {}
        for row in self.current().rows:
            plates.setdefault((row.photo, row.sign_id), []).append(row)
        by_name = {f"clue-{n}": rows for n, rows in enumerate(plates.values(), start=1)}
        by_name |= {rows[0].sign_id: rows for rows in plates.values()}
        check_one("clue", clue, list(by_name))
        return by_name[clue]

    def _extend(self, steps: Sequence[Step]) -> None:
        if steps:
            self._set([*self._log, *(Correction(0, what, facts) for what, facts in steps)])

    def _set(self, log: Sequence[Correction]) -> None:
        self._log = tuple(replace(one, order=n) for n, one in enumerate(log, start=1))
        self._laid = None


def check_one(what: str, name: str, known: Sequence[str]) -> None:
    """Check that something of that name is there.

    Raises
    ------
    ClueError
        If not; the message lists what there is.
    """
    if name not in known:
        raise ClueError(f"no {what} {name[:60]!r}; there are: {_some(known)}")


def _some(names: Sequence[str]) -> str:
    return f"{', '.join(names[:10])}{' …' if len(names) > 10 else ''}" if names else "none"
