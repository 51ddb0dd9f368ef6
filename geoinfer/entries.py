"""Entries: the lines on one plate, brought together into names with kilometres, arrows and route numbers.

A name in two scripts is one entry whose Cyrillic leads, as misspelt Latin lines and swapped Latin kilometres are
common on real signs. A name cut in two is joined only where the plate gives a reason to: a hyphen at the end, an
adjective that begins names of two words, a word such as ОБЛАСТЬ alone on its line, two words side by side. It is never
listed both whole and in parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from gazetteer.names import key
from geoinfer.frames import enclosing_frame
from geoinfer.lines import Line, names_nothing, read_line, script_of
from geoinfer.readings import Reading
from geoinfer.vocabulary import load_vocabulary

SAME_NAME = 64.0
"""Least similarity of two names' keys, out of 100, to be one name in two scripts.

Measured on 4,000 Ukrainian names and their romanisations: with one letter misread in each line 94 % of the pairs reach
it, and 2 % of pairs of different names do.
"""


SURE_ROUTE = 0.4
"""Least confidence of a reading whose route numbers count: one letter and digits are easily seen in anything."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One name on a sign with what stands beside it.

    Attributes
    ----------
    name
        The name as read; Cyrillic leads where a sign carries two scripts.
    other
        The same name in the sign's other script, or an empty string.
    km
        Kilometres beside the name, if any.
    arrow
        ``left``, ``right``, ``ahead`` or None.
    readings
        Ids of the readings that it was made from.
    km_other
        Kilometres that the other script gives where they are not `km`, so that the conflict can be seen.
    """

    name: str
    other: str = ""
    km: float | None = None
    arrow: str | None = None
    readings: tuple[str, ...] = ()
    km_other: float | None = None


@dataclass(frozen=True, slots=True)
class Contents:
    """What stands on one plate.

    Attributes
    ----------
    entries
        Names from top to bottom.
    routes
        Route numbers in Latin letters without hyphens, such as ``M01``.
    station
        Whether a word on the plate says that it names a station.
    post_km
        Kilometre along a road that the plate marks, if it is a kilometre post.
    """

    entries: tuple[Entry, ...]
    routes: tuple[str, ...] = ()
    station: bool = False
    post_km: float | None = None


@dataclass(frozen=True, slots=True)
class _Box:
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    def joined(self, other: _Box) -> _Box:
        return _Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


@dataclass(frozen=True, slots=True)
class _Item:
    """An entry in the making, with its place on the plate; `letter` is the height of one line."""

    entry: Entry
    box: _Box
    letter: float


def read_entries(readings: Sequence[Reading]) -> Contents:
    """Take the readings of one plate apart.

    Parameters
    ----------
    readings
        All readings of one plate.

    Returns
    -------
    Contents
        Its entries from top to bottom, its route numbers, and what else it says of its own kind.
    """
    if not readings:
        return Contents(())
    frame = enclosing_frame([reading.polygon for reading in readings])
    boxes = []
    for reading in readings:
        corners = [frame.offset(x, y) for x, y in reading.polygon]
        boxes.append(
            _Box(
                min(x for x, _ in corners),
                min(y for _, y in corners),
                max(x for x, _ in corners),
                max(y for _, y in corners),
            )
        )
    lines = _read_lines(readings, boxes)
    items: list[_Item] = []
    for reading, line, box in zip(readings, lines, boxes, strict=True):
        voided = any(_voids(other, beside, box) for other, beside in zip(lines, boxes, strict=True))
        if not voided and not _as_likely_nothing(reading):
            items += _items_of(reading, line, box)
    routes = [
        route
        for reading, line in zip(readings, lines, strict=True)
        for route in line.routes
        if reading.confidence >= SURE_ROUTE
    ]
    items = _join_rows(_join_stacks(sorted(items, key=_place)))
    items = _pair_scripts(items)
    items, more_routes = _attach_numbers(items, lines, boxes, readings)
    items = _attach_arrows(items, lines, boxes, readings)
    posts = [line.post_km for line in lines if line.post_km is not None]
    if not items and not posts and not routes:
        # A plate with nothing on it but one number may be a post; its colour has to say so.
        posts = [line.number for line in lines if line.number is not None and line.number == int(line.number)]
        posts = posts if len(lines) == 1 and lines[0].bare else []
    return Contents(
        entries=tuple(item.entry for item in sorted(items, key=_place)),
        routes=tuple(dict.fromkeys([*routes, *more_routes])),
        station=any(line.station for line in lines),
        post_km=posts[0] if posts else None,
    )


def _read_lines(readings: Sequence[Reading], boxes: Sequence[_Box]) -> list[Line]:
    """Read each line; below "7-й км автодороги" stand the road's ends, and the first of them has the kilometres."""
    lines = [read_line(reading.text) for reading in readings]
    for i, (line, box) in enumerate(zip(lines, boxes, strict=True)):
        below = [
            j for j, other in enumerate(boxes) if 0 < other.middle - box.middle < 2.2 * box.height and lines[j].names
        ]
        if line.road and below:
            j = min(below, key=lambda j: boxes[j].top)
            ends = read_line(readings[j].text, on_road=True)
            first = (ends.names[0][0], line.number) if ends.names[0][1] is None else ends.names[0]
            lines[i] = replace(line, number=None)
            lines[j] = replace(ends, names=(first, *ends.names[1:]), post_km=line.number)
    return lines


def _voids(other: Line, beside: _Box, box: _Box) -> bool:
    """Whether a neighbour says that a line names no place: a street word on its row, a shop's word next to it."""
    if other.street or other.shop:
        near = abs(beside.middle - box.middle) < 1.8 * max(beside.height, box.height)
        return _same_row(box, beside) or (other.shop and near)
    return False


def _as_likely_nothing(reading: Reading) -> bool:
    """Whether the reader thinks a word of shops half as likely as what it read, or more (ГАЗЕПЬ, ГАЗЕЛЬ)."""
    return any(share >= 0.5 * reading.confidence and names_nothing(text) for text, share in reading.alternatives[1:])


def _items_of(reading: Reading, line: Line, box: _Box) -> list[_Item]:
    """Make one item of each name, with the part of the reading's box that its letters take up."""
    total = max(len(reading.text), 1)
    items, at = [], 0
    for name, km in line.names:
        start = max(reading.text.find(name, at), at)
        at = start + len(name)
        width = box.right - box.left
        part = _Box(box.left + width * start / total, box.top, box.left + width * min(at, total) / total, box.bottom)
        items.append(_Item(Entry(name, km=km, arrow=line.arrow, readings=(reading.id,)), part, box.height))
    return items


def _place(item: _Item) -> tuple[float, float]:
    return item.box.top, item.box.left


def _same_row(a: _Box, b: _Box) -> bool:
    return min(a.bottom, b.bottom) - max(a.top, b.top) > 0.5 * min(a.height, b.height)


def _merge(a: _Item, b: _Item, name: str) -> _Item:
    """Join the parts of a name; the kilometres may stand by either."""
    km = a.entry.km if a.entry.km is not None else b.entry.km
    readings = tuple(dict.fromkeys((*a.entry.readings, *b.entry.readings)))
    entry = Entry(name, km=km, arrow=a.entry.arrow or b.entry.arrow, readings=readings)
    return _Item(entry, a.box.joined(b.box), max(a.letter, b.letter))


def _stack_name(a: _Item, b: _Item) -> str:
    """Give the whole name if `b` goes on with what `a` begins in the line above, else an empty string."""
    upper, lower = a.entry.name, b.entry.name
    if max(a.letter, b.letter) > 1.35 * min(a.letter, b.letter) or a.entry.km is not None:
        return ""
    gap = b.box.top - a.box.bottom
    overlap = min(a.box.right, b.box.right) - max(a.box.left, b.box.left)
    if not -0.5 * a.letter < gap < 0.9 * a.letter or overlap <= 0 or script_of(upper) != script_of(lower):
        return ""
    vocabulary = load_vocabulary()
    if upper.endswith(("-", "–")):
        return upper[:-1] + "-" + lower
    begins = [vocabulary.effect(word) for word in upper.split()] == ["first"]
    areas = [vocabulary.effect(word) for word in lower.split()]
    if begins or (areas and set(areas) == {"area"}):
        return f"{upper} {lower}"
    return ""


def _join_stacks(items: list[_Item]) -> list[_Item]:
    """Join names that go on in the line below; what is left of area words is no name."""
    rest, joined = list(items), []
    while rest:
        head = rest.pop(0)
        follower = next((item for item in rest if _stack_name(head, item)), None)
        if follower is not None:
            rest.remove(follower)
            rest.insert(0, _merge(head, follower, _stack_name(head, follower)))
            continue
        joined.append(head)
    vocabulary = load_vocabulary()
    return [item for item in joined if any(vocabulary.effect(word) != "area" for word in item.entry.name.split())]


def _join_rows(items: list[_Item]) -> list[_Item]:
    """Join words of one script and size that stand side by side no further apart than words of one name do."""
    joined: list[_Item] = []
    for item in sorted(items, key=lambda item: item.box.left):
        for at, left in enumerate(joined):
            gap = item.box.left - left.box.right
            alike = max(left.letter, item.letter) < 1.35 * min(left.letter, item.letter)
            apart = set(left.entry.readings).isdisjoint(item.entry.readings)
            if (
                apart
                and alike
                and left.entry.km is None
                and _same_row(left.box, item.box)
                and -0.3 * item.letter < gap < 0.8 * item.letter
                and script_of(left.entry.name) == script_of(item.entry.name)
            ):
                joined[at] = _merge(left, item, f"{left.entry.name} {item.entry.name}")
                break
        else:
            joined.append(item)
    return sorted(joined, key=_place)


def _pair_scripts(items: list[_Item]) -> list[_Item]:
    """Make one entry of a name's two scripts where they stand beside or right below each other and sound alike."""
    cyrillic = [item for item in items if script_of(item.entry.name) == "cyrillic"]
    latin = [item for item in items if script_of(item.entry.name) == "latin"]
    scored = []
    for a in cyrillic:
        for b in latin:
            letter = max(a.letter, b.letter)
            away = abs(a.box.middle - b.box.middle) / letter
            likeness = fuzz.ratio(key(a.entry.name), key(b.entry.name))
            if likeness >= SAME_NAME and away < 2.6:
                scored.append((likeness - 4 * away, items.index(a), items.index(b)))
    taken: dict[int, _Item | None] = {}
    for _, a_at, b_at in sorted(scored, reverse=True):
        if a_at not in taken and b_at not in taken:
            taken[a_at], taken[b_at] = _bilingual(items[a_at], items[b_at]), None
    paired = [taken.get(at, item) for at, item in enumerate(items)]
    return [item for item in paired if item is not None]


def _bilingual(lead: _Item, other: _Item) -> _Item:
    km = lead.entry.km if lead.entry.km is not None else other.entry.km
    conflict = other.entry.km if lead.entry.km is not None and other.entry.km != lead.entry.km else None
    merged = _merge(lead, other, lead.entry.name)
    entry = replace(merged.entry, other=other.entry.name, km=km, km_other=conflict)
    return _Item(entry, merged.box, max(lead.letter, other.letter))


def _attach_numbers(
    items: list[_Item], lines: Sequence[Line], boxes: Sequence[_Box], readings: Sequence[Reading]
) -> tuple[list[_Item], list[str]]:
    """Give numbers that stand alone to the names on their row: right of it kilometres, left of it a road's number."""
    choices = []
    for n, (line, box) in enumerate(zip(lines, boxes, strict=True)):
        if line.number is None or line.names:
            continue
        for i, item in enumerate(items):
            off = _off_row(item, box)
            right = box.left >= item.box.left + 0.5 * (item.box.right - item.box.left)
            below = line.has_unit and 0 < box.top - item.box.bottom + 0.5 * item.letter < 2.5 * item.letter
            beneath = below and min(box.right, item.box.right) > max(box.left, item.box.left)
            if item.entry.km is None and (off < 0.45 and (right or line.has_unit)):
                choices.append((abs(box.middle - item.box.middle) / item.letter + off, n, i))
            elif item.entry.km is None and beneath:
                choices.append((3 + off, n, i))
    used: set[str] = set()
    given: set[int] = set()
    items = list(items)
    for _, n, i in sorted(choices):
        if readings[n].id in used or i in given:
            continue
        used.add(readings[n].id)
        given.add(i)
        entry = items[i].entry
        items[i] = replace(
            items[i], entry=replace(entry, km=lines[n].number, readings=(*entry.readings, readings[n].id))
        )
    routes = []
    for n, (line, box) in enumerate(zip(lines, boxes, strict=True)):
        whole = line.number is not None and line.number == int(line.number) and line.number < 1000
        if whole and not line.has_unit and readings[n].id not in used and line.number is not None:
            left_of = [
                item for item in items if _off_row(item, box) < 0.45 and box.right <= item.box.left + 0.3 * item.letter
            ]
            routes += [str(int(line.number))] if left_of and box.height < 2 * left_of[0].letter else []
    return items, routes


def _off_row(item: _Item, box: _Box) -> float:
    """How far the middle of `box` lies outside the rows of an item, in letter heights; 0 inside."""
    outside = max(item.box.top - box.middle, box.middle - item.box.bottom, 0.0)
    return outside / item.letter


def _attach_arrows(
    items: list[_Item], lines: Sequence[Line], boxes: Sequence[_Box], readings: Sequence[Reading]
) -> list[_Item]:
    """Give an arrow that stands alone to the names it stands beside, or to all where it stands beside none."""
    alone = [(line.arrow, box) for line, box in zip(lines, boxes, strict=True) if line.arrow and not line.names]
    out = list(items)
    for arrow, box in alone:
        beside = [
            i for i, item in enumerate(out) if _off_row(item, box) < 0.3 or box.top <= item.box.middle <= box.bottom
        ]
        if not beside and len(alone) == 1:
            beside = list(range(len(out)))
        for i in beside:
            if out[i].entry.arrow is None:
                out[i] = replace(out[i], entry=replace(out[i].entry, arrow=arrow))
    return out
