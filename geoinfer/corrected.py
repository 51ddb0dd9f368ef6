"""Corrected readings, signs and clues: what was read and typed, with all corrections applied.

Nothing is changed in place: all of it follows from the photos, or a clue file, and the list of corrections. What is
edited in a table is told apart from what was handed out, and becomes corrections too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from geoinfer.clue_rows import ClueRow, rows_from_photos
from geoinfer.corrections import Correction, Facts, row_facts, row_from
from geoinfer.errors import ClueError
from geoinfer.evidence import from_facts

if TYPE_CHECKING:
    import pandas as pd

    from geoinfer.observations import Observation
    from geoinfer.photos import PhotoRecord
    from geoinfer.readings import Reading
    from geoinfer.signs import Sign

RESEARCHER = "researcher"
"""What stands as the engine of a reading whose text a researcher corrected."""
CLUE_COLUMNS = tuple(field.name for field in fields(ClueRow))
SAME_NAME = ("photo", "sign_id", "name", "other", "km", "road")
"""What makes two rows the same name on the same plate."""

Step = tuple[str, Facts]
"""What was done, and the facts of it: a correction before it has its place in the order."""


@dataclass(frozen=True)
class Corrected:
    """Everything read and typed, with the corrections applied.

    Attributes
    ----------
    photos
        Photos with the signs that are left.
    rows
        Clues, one row per name.
    observations
        What is known beside the signs.
    missed
        Corrections that found nothing to correct.
    """

    photos: tuple[PhotoRecord, ...]
    rows: tuple[ClueRow, ...]
    observations: tuple[Observation, ...]
    missed: tuple[Correction, ...]


def lay_out(photos: Sequence[PhotoRecord], typed: Sequence[ClueRow], corrections: Sequence[Correction]) -> Corrected:
    """Apply corrections to what was read and typed.

    Parameters
    ----------
    photos
        As they were read.
    typed
        Rows of a clue file.
    corrections
        In their order. Those of photos and readings come before those of clues.
    """
    used: set[int] = set()
    left = tuple(_corrected_photo(photo, corrections, used) for photo in photos)
    rows: list[ClueRow] = [*rows_from_photos(left), *typed]
    observations: list[Observation] = []
    excluded = {photo.file for photo in photos if _is_excluded(photo, corrections)}
    for one in corrections:
        if one.what == "observe":
            observation = from_facts(one.facts["observation"])
            if observation.photo not in excluded:
                observations.append(observation)
            used.add(one.order)
        elif one.what in _ROW_STEPS and _ROW_STEPS[one.what](rows, one.facts):
            used.add(one.order)
    return Corrected(left, tuple(rows), tuple(observations), tuple(one for one in corrections if one.order not in used))


def _is_excluded(photo: PhotoRecord, corrections: Iterable[Correction]) -> bool:
    return any(one.what == "exclude" and _names(one.facts, photo) for one in corrections)


def _names(facts: Facts, photo: PhotoRecord) -> bool:
    sha = facts.get("sha256")
    return bool(sha == photo.sha256 if sha else facts["photo"] == photo.file)


def _corrected_photo(photo: PhotoRecord, corrections: Sequence[Correction], used: set[int]) -> PhotoRecord:
    excluding = [one for one in corrections if one.what == "exclude" and _names(one.facts, photo)]
    used.update(one.order for one in excluding)
    if excluding:
        return replace(photo, signs=())
    signs = (_corrected_sign(sign, corrections, used) for sign in photo.signs)
    return replace(photo, signs=tuple(sign for sign in signs if sign is not None))


def _corrected_sign(sign: Sign, corrections: Sequence[Correction], used: set[int]) -> Sign | None:
    """Apply what was said of a sign and its readings; None where nothing is left of it."""
    own = {reading.id for reading in sign.readings}
    texts: dict[str, str | None] = {}
    dropped, kind = False, sign.kind
    for one in corrections:
        if one.what in ("reject", "text") and one.facts["reading"] in own:
            texts[one.facts["reading"]] = one.facts["text"] if one.what == "text" else None
        elif one.what == "drop_sign" and one.facts["sign"] == sign.id:
            dropped = True
        elif one.what == "kind" and one.facts["sign"] == sign.id:
            kind = one.facts["kind"]
        else:
            continue
        used.add(one.order)
    if dropped:
        return None
    if texts:
        from geoinfer.entries import read_entries

        readings = tuple(_corrected_reading(r, texts.get(r.id, r.text)) for r in sign.readings)
        kept = tuple(reading for reading in readings if reading is not None)
        if not kept:
            return None
        contents = read_entries(kept)
        sign = replace(sign, readings=kept, entries=contents.entries, routes=contents.routes)
    return replace(sign, kind=kind)


def _corrected_reading(reading: Reading, text: str | None) -> Reading | None:
    if text is None or text == reading.text:
        return reading if text is not None else None
    from geoinfer.decode import script_of

    return replace(
        reading,
        text=text,
        script=script_of(text),
        confidence=1.0,
        alternatives=((text, 1.0),),
        engine=RESEARCHER,
        lattice=None,
    )


def _kind_of_rows(rows: list[ClueRow], facts: Facts) -> bool:
    at = [i for i, row in enumerate(rows) if row.sign_id == facts["sign"]]
    for i in at:
        rows[i] = replace(rows[i], kind=facts["kind"])
    return bool(at)


def _pin(rows: list[ClueRow], facts: Facts) -> bool:
    at = [i for i, row in enumerate(rows) if row.sign_id == facts["sign"] and row.name == facts["name"]]
    for i in at:
        rows[i] = replace(rows[i], place=facts["place"])
    return bool(at)


def _add(rows: list[ClueRow], facts: Facts) -> bool:
    rows.append(row_from(facts["now"]))
    return True


def _edit(rows: list[ClueRow], facts: Facts) -> bool:
    at = _find(rows, facts["was"])
    if at is not None:
        rows[at] = replace(row_from(facts["now"]), readings=rows[at].readings)
    return at is not None


def _drop(rows: list[ClueRow], facts: Facts) -> bool:
    at = _find(rows, facts["was"])
    if at is not None:
        del rows[at]
    return at is not None


_ROW_STEPS: Mapping[str, Callable[[list[ClueRow], Facts], bool]] = {
    "kind": _kind_of_rows,
    "pin": _pin,
    "add_clue": _add,
    "edit_clue": _edit,
    "drop_clue": _drop,
}


def _find(rows: Sequence[ClueRow], was: Facts) -> int | None:
    wanted = row_from(was)
    same = [i for i, row in enumerate(rows) if all(getattr(row, name) == getattr(wanted, name) for name in SAME_NAME)]
    return same[0] if same else None


def edits_of_readings(before: Mapping[str, str], after: Mapping[str, str]) -> list[Step]:
    """Tell what was done to a table of readings: texts by their ids.

    Raises
    ------
    ClueError
        If a reading was added.
    """
    return _edits_of_texts("reading", "text", ("reject", "text"), before, after)


def edits_of_signs(before: Mapping[str, str], after: Mapping[str, str]) -> list[Step]:
    """Tell what was done to a table of signs: kinds by their ids.

    Raises
    ------
    ClueError
        If a sign was added.
    """
    return _edits_of_texts("sign", "kind", ("drop_sign", "kind"), before, after)


def _edits_of_texts(
    what: str, field: str, steps: tuple[str, str], before: Mapping[str, str], after: Mapping[str, str]
) -> list[Step]:
    """Tell what was dropped and what was changed; `steps` names the two."""
    added = [one for one in after if one not in before]
    if added:
        raise ClueError(f"no {what} {added[0][:60]!r} was read; what you know beside the photos is a clue: add_clue()")
    dropped, changed = steps
    edits: list[Step] = []
    for one, was in before.items():
        if one not in after:
            edits.append((dropped, {what: one, "was": was}))
        elif after[one] != was:
            edits.append((changed, {what: one, field: after[one], "was": was}))
    return edits


def edits_of_rows(before: Sequence[ClueRow], after: Sequence[ClueRow]) -> list[Step]:
    """Tell what was done to a table of clues; in which order its rows stand does not count.

    Examples
    --------
    >>> edits_of_rows([ClueRow("s1", name="Мена")], [ClueRow("s1", name="Мена", km=5.0)])[0][0]
    'edit_clue'
    """
    old, new = list(before), []
    for row in after:
        if row in old:
            old.remove(row)
        else:
            new.append(row)
    steps: list[Step] = []
    for row in new:
        # An edited row is one that went from the same plate, best the one that stood in its place.
        plate = [one for one in old if (one.photo, one.sign_id) == (row.photo, row.sign_id)]
        was = next((one for one in plate if before.index(one) == after.index(row)), plate[0] if plate else None)
        if was is None:
            steps.append(("add_clue", {"now": row_facts(row)}))
        else:
            old.remove(was)
            steps.append(("edit_clue", {"was": row_facts(was), "now": row_facts(row)}))
    return [*steps, *(("drop_clue", {"was": row_facts(row)}) for row in old)]


def readings_frame(corrected: Corrected) -> pd.DataFrame:
    """Table of the lines of text, one per row."""
    rows = [
        (reading.id, photo.file, reading.text, reading.script, reading.confidence, reading.engine, sign.id)
        for photo in corrected.photos
        for sign in photo.signs
        for reading in sign.readings
    ]
    return _frame(rows, ("reading", "photo", "text", "script", "confidence", "engine", "sign"))


def signs_frame(corrected: Corrected) -> pd.DataFrame:
    """Table of the signs, one per row."""
    rows = [
        (sign.id, photo.file, sign.kind, sign.colour, " | ".join(e.name for e in sign.entries), " ".join(sign.routes))
        for photo in corrected.photos
        for sign in photo.signs
    ]
    return _frame(rows, ("sign_id", "photo", "kind", "colour", "names", "routes"))


def clues_frame(corrected: Corrected) -> pd.DataFrame:
    """Table of the clues, one row per name on a plate."""
    return _frame([tuple(getattr(row, name) for name in CLUE_COLUMNS) for row in corrected.rows], CLUE_COLUMNS)


def _frame(rows: Sequence[tuple[Any, ...]], columns: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(rows, columns=list(columns))


def texts_by_id(table: pd.DataFrame, name: str, value: str) -> dict[str, str]:
    """Take two columns of a table that a notebook may have changed.

    Raises
    ------
    ClueError
        If one is missing.
    """
    missing = [column for column in (name, value) if column not in table.columns]
    if missing:
        raise ClueError(f"the table has no column {missing[0]!r}; keep {name!r} and {value!r}")
    texts = table[value].where(table[value].notna(), "")
    return {str(key): str(text) for key, text in zip(table[name], texts, strict=True)}


def rows_of(table: pd.DataFrame) -> list[ClueRow]:
    """Take the rows of a table of clues, in which a notebook may have left gaps.

    A row without ``sign_id`` is a plate of its own, as in a clue file.

    Raises
    ------
    ClueError
        If a value is of the wrong kind.
    """
    return [_row(line, f"row-{n}") for n, line in enumerate(table.to_dict("records"), start=1)]


def _row(line: Mapping[Any, Any], plate: str) -> ClueRow:
    import pandas as pd

    values: dict[str, Any] = {"sign_id": plate}
    for key in CLUE_COLUMNS:
        value = line.get(key)
        if key == "readings":
            values[key] = tuple(value) if isinstance(value, list | tuple) else ()
        elif value is not None and not pd.isna(value) and value != "":
            values[key] = _number(value, plate) if key in ("km", "km_other") else str(value)
    return ClueRow(**values)


def _number(value: Any, plate: str) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ClueError(f"{plate}: km must be a number, not {str(value)[:40]!r}") from None
