"""What cases and answers show of themselves in a notebook: plates with their crops, sites, a still map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geoinfer.shown import MOST_SENTENCE, picture, table, text

if TYPE_CHECKING:
    from geoinfer.clue_rows import ClueRow
    from geoinfer.clues import Clue, Mention
    from geoinfer.photos import PhotoRecord
    from geoinfer.result import Findings, Site

MOST_PLATES, MOST_LINES, MOST_SITES, MOST_BEARERS = 30, 4, 10, 3


class Clues(tuple["Clue", ...]):
    """The clues of a result; a notebook shows which places each name may mean."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        rows = []
        for clue in self:
            places = "<br>".join(_bearers(mention) for mention in clue.mentions)
            names = "<br>".join(text(_told(mention.name, mention.km)) for mention in clue.mentions)
            roads = ", ".join(clue.routes) if clue.post_km is None else f"{', '.join(clue.routes)} km {clue.post_km:g}"
            rows.append([text(clue.id), text(clue.photo or clue.sign), text(clue.kind), names, text(roads), places])
        return table(("clue", "from", "kind", "on it", "roads", "may mean, before other clues speak"), rows)


@dataclass(frozen=True)
class Sheet:
    """What a case shows of itself.

    Attributes
    ----------
    photos
        As corrected.
    rows
        Names on plates, in the order of the clues.
    crops
        PNG bytes by the id of a reading.
    problems
        Files that could not be used.
    """

    photos: Sequence[PhotoRecord]
    rows: Sequence[ClueRow]
    crops: Mapping[str, bytes]
    problems: Sequence[Mapping[str, str]]

    def html(self) -> str:
        """Write a table of plates: their pictures, what was read, and what it counts as."""
        plates: dict[tuple[str, str], list[ClueRow]] = {}
        for row in self.rows:
            plates.setdefault((row.photo, row.sign_id), []).append(row)
        texts = {r.id: f"{r.text} ({r.confidence:.0%})" for p in self.photos for s in p.signs for r in s.readings}
        lines = []
        for number, ((photo, sign), names) in enumerate(plates.items(), start=1):
            ids = list(dict.fromkeys(one for row in names for one in row.readings))[:MOST_LINES]
            pictures = "<br>".join(picture(self.crops[one], texts.get(one, "")) for one in ids if one in self.crops)
            read = "<br>".join(text(texts[one]) for one in ids if one in texts)
            said = "<br>".join(text(_told(row.name or row.road, row.km, row.other)) for row in names)
            lines.append([f"clue-{number}", text(photo or sign), pictures, read, text(names[0].kind), said])
        used = any(row.readings for row in self.rows)
        columns = [0, 1, 2, 3, 4, 5] if used else [0, 1, 4, 5]
        heads = ("clue", "from", "picture", "read as", "kind", "counts as")
        shown = [[line[column] for column in columns] for line in lines[:MOST_PLATES]]
        more = (
            f"<p>… and {len(lines) - MOST_PLATES} more: see <code>case.clues</code></p>" if lines[MOST_PLATES:] else ""
        )
        faults = "".join(f"<li>{text(_fault(one))}</li>" for one in self.problems[:MOST_SITES])
        problems = f"<p>Not used:</p><ul>{faults}</ul>" if faults else ""
        return f"<p>{self._counts()}</p>{table([heads[c] for c in columns], shown) if lines else ''}{more}{problems}"

    def _counts(self) -> str:
        signs = sum(len(photo.signs) for photo in self.photos)
        plates = len({(row.photo, row.sign_id) for row in self.rows})
        photos = f"{len(self.photos)} photos, {signs} signs; " if self.photos else ""
        return f"{photos}{plates} clues with {len(self.rows)} names or roads; problems: {len(self.problems)}"


def result_html(findings: Findings) -> str:
    """Write an answer: the verdict, the first sites, and where they lie on a still map."""
    from geoinfer.verdict import place_told

    parts = [f"<p><b>{text(findings.verdict.text, MOST_SENTENCE)}</b></p>"]
    parts += [f"<p>{text(place_told(one), MOST_SENTENCE)}</p>" for one in findings.clusters[1:]]
    if findings.sites:
        parts += [sites_table(findings.sites, findings.elsewhere), figure(findings)]
    return "".join(parts)


def sites_table(sites: Sequence[Site], elsewhere: float) -> str:
    """Write the first sites and what is left for all others."""
    codes = list(sites[0].km_to)
    rows = [
        [str(site.rank), _name(site), text(site.kind), f"{site.probability:.1%}",
         *(f"{site.km_to[code]:.0f}" for code in codes)]
        for site in sites[:MOST_SITES]
    ]  # fmt: skip
    empty = [""] * len(codes)
    more = sites[MOST_SITES:]
    if more:
        rows.append(["", f"{len(more)} more sites", "", f"{sum(site.probability for site in more):.1%}", *empty])
    rows.append(["", "elsewhere", "", f"{elsewhere:.1%}", *empty])
    return table(("", "site", "kind", "probability", *(f"km to {text(code)}" for code in codes)), rows)


def figure(findings: Findings) -> str:
    """Draw the still map of the one-page report."""
    from geoinfer.figure import draw
    from geoinfer.map import base_of
    from geoinfer.map_data import case_data
    from geoinfer.map_window import around, view_of

    data = case_data(findings, base_of(findings), None, around(view_of(findings)))
    return f'<div style="max-width:640px">{draw(data)}</div>'


def _fault(problem: Mapping[str, str]) -> str:
    file, error = problem["file"], problem["error"]
    return error if error.startswith(file) else f"{file}: {error}"


def _bearers(mention: Mention) -> str:
    found = mention.matches.matches[:MOST_BEARERS]
    told = [f"{one.place.name} ({one.place.admin1_name or one.place.country}) {one.probability:.0%}" for one in found]
    more = len(mention.matches.matches) - len(found)
    return text("; ".join([*told, *([f"{more} more"] if more else []), f"none of these {mention.matches.none:.0%}"]))


def _told(name: str, km: float | None, other: str = "") -> str:
    return f"{name}{f' / {other}' if other else ''}{'' if km is None else f' {km:g}'}"


def _name(site: Site) -> str:
    english = site.names.get("en", "")
    return text(site.name if not english or english in site.name else f"{site.name} ({english})")
