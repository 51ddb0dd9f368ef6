"""Corrections: what a researcher changed, in order, so that it is on record and can be applied again.

The list is kept in ``corrections.json`` in the folder of a case, and a new run into that folder applies it; see
`geoinfer.corrected` for how.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from geoinfer.clue_rows import ClueRow
from geoinfer.errors import ClueError
from geoinfer.evidence import from_facts
from geoinfer.photos import printable

FILE_NAME = "corrections.json"
FORMAT = 1
MOST_BYTES = 100_000_000
NEEDS: Mapping[str, tuple[str, ...]] = {
    "exclude": ("photo",),
    "reject": ("reading",),
    "text": ("reading", "text"),
    "drop_sign": ("sign",),
    "kind": ("sign", "kind"),
    "pin": ("sign", "name", "place"),
    "add_clue": ("now",),
    "edit_clue": ("was", "now"),
    "drop_clue": ("was",),
    "observe": ("observation",),
}
"""Kinds of correction, and the facts that each needs."""

NUMBERS = ("km", "km_other")
"""Fields of a row that hold numbers; all others hold text."""

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Correction:
    """One thing that a researcher did.

    Attributes
    ----------
    order
        1 is the first; later ones apply to what earlier ones left.
    what
        One of `NEEDS`.
    facts
        Plain values: what it is about, and what stood there before.
    """

    order: int
    what: str
    facts: Facts

    def plain(self) -> dict[str, Any]:
        """Give it as plain values for reports, ledgers and `read_corrections`."""
        return {"order": self.order, "what": self.what, **self.facts}

    def __str__(self) -> str:
        facts = {name: printable(str(value), 80) for name, value in self.facts.items()}
        return _WORDS[self.what](facts, self.facts)


def _row_words(row: Any) -> str:
    row = row if isinstance(row, Mapping) else {}
    km = f" {row['km']:g} km" if isinstance(row.get("km"), int | float) else ""
    return f"“{printable(str(row.get('name') or row.get('road') or ''), 60)}”{km}"


def _observation_words(facts: Facts) -> str:
    about = str(facts.get("note") or facts.get("file") or facts.get("what"))
    return f"observation {printable(str(facts.get('id')), 40)} ({printable(about, 60)}) added"


_WORDS: Mapping[str, Callable[[Mapping[str, str], Facts], str]] = {
    "exclude": lambda text, _: f"photo {text['photo']} left out",
    "reject": lambda text, _: f"reading {text['reading']} (“{text.get('was', '')}”) marked as wrong",
    "text": lambda text, _: f"reading {text['reading']} corrected from “{text.get('was', '')}” to “{text['text']}”",
    "drop_sign": lambda text, _: f"sign {text['sign']} left out",
    "kind": lambda text, _: f"sign {text['sign']} is a {text['kind']}, not {text.get('was', 'what was seen')}",
    "pin": lambda text, _: f"“{text['name']}” on {text['sign']} is {text['place']}",
    "add_clue": lambda _, facts: f"clue {_row_words(facts['now'])} typed in",
    "edit_clue": lambda _, facts: f"clue {_row_words(facts['was'])} changed to {_row_words(facts['now'])}",
    "drop_clue": lambda _, facts: f"clue {_row_words(facts['was'])} left out",
    "observe": lambda _, facts: _observation_words(facts["observation"]),
}


def row_facts(row: ClueRow) -> dict[str, Any]:
    """Give a row as plain values, without those that are empty."""
    return {name: value for name, value in asdict(row).items() if value not in ("", None, ()) and name != "readings"}


def row_from(facts: Facts) -> ClueRow:
    """Take back what `row_facts` gave."""
    return ClueRow(**facts)


@dataclass(frozen=True)
class Belonging:
    """What the corrections of a folder are about, so that no other case takes them.

    Attributes
    ----------
    photos
        SHA-256 of the photos of the case.
    clues
        Name of the clue file, or an empty string.
    """

    photos: tuple[str, ...]
    clues: str

    def fits(self, other: Belonging) -> bool:
        """Tell whether two cases are one: they share a photo, or have none and the same clue file."""
        if self.photos or other.photos:
            return bool(set(self.photos) & set(other.photos))
        return self.clues == other.clues


def corrections_bytes(corrections: Iterable[Facts], about: Mapping[str, Any]) -> bytes:
    """Write ``corrections.json``, the same bytes for the same corrections."""
    document = {"format": FORMAT, "about": dict(about), "corrections": [dict(one) for one in corrections]}
    return (json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode("utf-8")


def read_corrections(path: Path) -> tuple[list[Correction], Belonging]:
    """Read ``corrections.json``.

    Raises
    ------
    ClueError
        If the file is not what `corrections_bytes` writes.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ClueError(f"{path}: larger than {MOST_BYTES // 1_000_000} MB")
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["format"] != FORMAT:
            raise ClueError(f"{path}: format {str(document['format'])[:20]}; valid: {FORMAT}")
        about = Belonging(tuple(map(str, document["about"]["photos"])), str(document["about"]["clues"]))
        found = [_correction(order, facts) for order, facts in enumerate(document["corrections"], start=1)]
    except OSError as fault:
        raise ClueError(f"{path}: cannot be read ({fault.strerror})") from fault
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as fault:
        if isinstance(fault, ClueError) and str(path) in str(fault):
            raise
        raise ClueError(
            f"{path}: not corrections as geoinfer writes them ({printable(str(fault), 120)}); mend the file, or start "
            "afresh without it"
        ) from fault
    return found, about


def _correction(order: int, facts: Any) -> Correction:
    what = facts["what"]
    if what not in NEEDS:
        raise ClueError(f"correction {order}: unknown kind {str(what)[:40]!r}; valid: {', '.join(NEEDS)}")
    kept = {str(name): value for name, value in facts.items() if name not in ("order", "what")}
    texts = [name for name in NEEDS[what] if name not in ("was", "now", "observation")]
    if not all(isinstance(kept[name], str) for name in texts):
        raise ClueError(f"correction {order}: {', '.join(texts)} must be text")
    for name in ("was", "now"):
        if what.endswith("_clue") and name in kept:
            _check_row_facts(order, kept[name])
    if what == "observe":
        from_facts(kept["observation"])
    return Correction(order, what, kept)


def _check_row_facts(order: int, row: Any) -> None:
    numbers = [value for name, value in row.items() if name in NUMBERS]
    texts = [value for name, value in row.items() if name not in NUMBERS]
    numeric = all(isinstance(value, int | float) and not isinstance(value, bool) for value in numbers)
    if not numeric or not all(isinstance(value, str) for value in texts) or "sign_id" not in row:
        raise ClueError(f"correction {order}: a clue has sign_id and other texts, and km as a number")
    row_from(row)
