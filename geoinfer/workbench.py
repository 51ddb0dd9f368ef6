"""What a researcher does to a case: clues typed in, and corrections.

All of it goes into the case's record, in order, and is kept with its results.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from geoinfer.beside import Beside
from geoinfer.clue_rows import ClueRow, check_row
from geoinfer.corrections import Correction, row_facts
from geoinfer.errors import ClueError
from geoinfer.record import Record, check_one
from geoinfer.signs import KINDS
from geoinfer.world import World

if TYPE_CHECKING:
    from geoinfer.photos import PhotoRecord


class Workbench(Beside):
    """Clues, corrections and observations of one case; `geoinfer.case.Case` adds photos and inference.

    Parameters
    ----------
    world
        Where names are looked up.
    record
        What was read and typed so far.

    Examples
    --------
    A clue typed in, corrected, and what is known beside it:

    >>> from geoinfer import Case
    >>> case = Case()
    >>> plate = case.add_clue("Чернігів", km=39)
    >>> case.set_kind(plate, "distance")
    >>> case.pin(plate, "katottg:UA74100390010054825")
    >>> case.rows()[0].kind
    'distance'

    All of it is on record, and can be undone:

    >>> len(case.corrections)
    3
    >>> case.forget(3)
    >>> case.rows()[0].place
    ''

    A later session finds it in the folder of results:

    >>> Case().recall("out")
    ()

    Photos and what was read in them can be put aside:

    >>> from geoinfer.photos import PhotoRecord
    >>> from geoinfer.readings import Reading
    >>> from geoinfer.signs import find_signs
    >>> box = ((0, 0), (90, 0), (90, 20), (0, 20))
    >>> line = Reading("p/r1", box, "Ріпки 5", "mixed", 0.9, (("Ріпки 5", 0.9),), "signs")
    >>> read = PhotoRecord("a.jpg", "0" * 64, 800, 600, {}, find_signs([line], None, "p"))
    >>> bench = Workbench(case.world, Record((read,)))
    >>> bench.reject("p/r1")
    >>> bench.rows()
    []
    >>> bench.exclude("a.jpg")
    >>> bench.photos[0].signs
    ()
    """

    def __init__(self, world: World, record: Record) -> None:
        super().__init__(record)
        self.world = world

    @property
    def photos(self) -> tuple[PhotoRecord, ...]:
        """Photos with their signs as corrected; one that was excluded has none."""
        return self._record.current().photos

    @property
    def corrections(self) -> tuple[Correction, ...]:
        """Everything that the researcher changed or added, in order; `Result.save` keeps it."""
        return self._record.corrections

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
