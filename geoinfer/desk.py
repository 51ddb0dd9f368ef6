"""The desk: where a photo's boxes and rows of letters are read, doubtful ones in more than one way.

Which cut of a line is right shows only when it is read, so doubtful lines are cut out more and less tightly, standing
ones are turned and unstacked, spaced letters moved together, and the likeliest reading stays. The work on one photo is
bounded: a page of a newspaper must not hold up a thousand photographs. What is read does not depend on how many threads
read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from typing import Protocol, TypeVar

from geoinfer.candidates import LEAST_LEGIBILITY, Candidate, chains, covered, same_line, strongest
from geoinfer.decode import script_of
from geoinfer.detector import Box, Finding
from geoinfer.letters import Row, closed_up, find_rows
from geoinfer.recogniser import Spelling
from geoinfer.rectify import Pixels, Polygon, rectify, sides, turn, widen
from geoinfer.stacks import side_by_side

MOST_READS = 300
"""Pictures of lines that are read in one photo at most."""
CLEAR = 0.9
"""A line read with this probability per character needs no other cut."""
HOPELESS = 0.35
"""A line that reads worse than this is none, and needs no other cut either: with some 430 more cuts of such lines no
more is read of 73 photographs. Of 300 rendered scenes two more names of 6 pixels were (26 of 40 instead of 24), and
none of 8 to 24 pixels, with 6,100 more readings."""
MARGINS = (-0.12, 0.12)
"""Other cuts of a doubtful line: tighter and looser, in line heights."""
MORE_CUTS, MORE_STANDING = 3, 6
"""Cuts that the detector made of one line, and of one that stands, which are tried at most: how a stack of letters is
cut decides whether it falls into letters."""
UPRIGHT = 1.4
"""Boxes higher than this times their width are also read as lines that run up or down, and as stacks of letters."""
MOST_ROWS = 25
"""Rows of letters that are read in one photo at most, where no line was read clearly."""
FEW_ROWS, PROMISING = 5, -2.0
"""More rows than these few are read only if they promise so much: of 1,297 rows read in 73 photographs and 80 rendered
scenes 37 of 100 promised less, of the 175 that were read right 9 of 100, mostly the best of their photo."""
BARREN_ROWS = 6
"""After so many illegible rows in turn the less promising ones are not read: of 73 photographs they were 140, and no
name was among them."""
READ_ALREADY = 0.7
"""A row that lies so far within a clear line needs no reading."""
BOXES_AT_ONCE, ROWS_AT_ONCE = 8, 4
"""Boxes that share what may still be read, and rows that are read before it is asked which of them were needed: however
many threads there are, no more are read at a time."""


Item = TypeVar("Item")


class LineReader(Protocol):
    """What reads one rectified line."""

    def read(self, line: Pixels) -> Spelling:
        """Read an RGB line whose text runs from left to right."""


@dataclass
class Desk:
    """A photo on its way through a reader.

    Attributes
    ----------
    pixels
        The photo, rows x columns x RGB.
    reader
        What reads its lines.
    thorough
        Whether doubtful lines are read in more than one way, and rows of letters that are no lines to the detector.
    threads
        How many lines are read at a time.
    left
        Pictures of lines that may still be read.
    unread
        Boxes that were left out because there were too many.
    """

    pixels: Pixels
    reader: LineReader
    thorough: bool = True
    threads: int = 1
    left: int = MOST_READS
    unread: int = 0

    def read(self, finding: Finding) -> list[Candidate]:
        """Read what the detector found and what it may have missed, in reading order."""
        with ThreadPoolExecutor(self.threads) as pool:
            rows = pool.submit(find_rows, self.pixels, finding.heat) if self.thorough else None
            found = [c for c in self._read_boxes(_distinct(finding.boxes), pool) if c is not None]
            links = chains(found)
            for chain, whole in zip(links, self._read_boxes([[chain.box] for chain in links], pool), strict=True):
                if whole is not None and chain.outdone_by(whole):
                    found = [c for c in found if c not in chain.pieces] + [whole]
            if rows is not None:
                found += self._read_rows(rows.result(), found, pool)
        return strongest([c for c in found if script_of(c.spelling.text) != "other"])

    def _read_boxes(self, boxes: Sequence[Sequence[Box]], pool: Executor) -> list[Candidate | None]:
        """Read the lines that were cut out so, in turn, and none any more where too many were read."""
        read: list[Candidate | None] = []
        while len(read) < len(boxes) and self.left:
            some = boxes[len(read) : len(read) + min(BOXES_AT_ONCE, self.left)]
            read += self._together(Attempt.read_box, some, pool)
        unread = len(boxes) - len(read)
        self.unread += unread
        return read + [None] * unread

    def _read_rows(self, rows: Sequence[Row], found: Sequence[Candidate], pool: Executor) -> list[Candidate]:
        """Read the most promising rows of letters that do not lie in lines read clearly."""
        clear = [c for c in found if c.legibility >= CLEAR and c.value > 1]
        read: list[Candidate] = []

        def needed(row: Row) -> bool:
            most = MOST_ROWS if row.promise > PROMISING else FEW_ROWS
            lately = [c.legibility for c in read[-BARREN_ROWS:]]
            barren = len(lately) == BARREN_ROWS and max(lately) < LEAST_LEGIBILITY
            read_already = any(covered(row.polygon, c.polygon) > READ_ALREADY for c in clear)
            return len(read) < most and not barren and not read_already

        waiting = filter(needed, rows)
        while self.left and (some := list(islice(waiting, ROWS_AT_ONCE))):
            for row, best in zip(some, self._together(Attempt.read_row, some, pool), strict=True):
                if needed(row):  # and not read by one of those beside it
                    read.append(best)
                    if best.legibility >= CLEAR and best.value > 1:
                        clear.append(best)
        return read

    def _together(
        self, way: Callable[[Attempt, Item], Candidate], some: Sequence[Item], pool: Executor
    ) -> list[Candidate]:
        """Read some boxes or rows at a time; what may still be read is shared out among them."""
        tries = [Attempt(self.pixels, self.reader, self.thorough, self.left // len(some)) for _ in some]
        read = list(pool.map(way, tries, some))
        self.left = max(0, self.left - sum(attempt.reads for attempt in tries))
        return read


@dataclass
class Attempt:
    """The reading of one box or row.

    Attributes
    ----------
    pixels, reader, thorough
        As in `Desk`.
    most
        Pictures of lines after which no other cut is tried.
    reads
        Pictures of lines that were read.
    """

    pixels: Pixels
    reader: LineReader
    thorough: bool
    most: int
    reads: int = 0

    def read_box(self, cuts: Sequence[Box]) -> Candidate:
        """Read a line in the ways that it was cut out, and where that is in doubt in some more."""
        best = self._best_way(cuts[0].polygon)
        most = MORE_STANDING if _stands(cuts[0].polygon) else MORE_CUTS
        for polygon in (*(box.polygon for box in cuts[1:most]), *(widen(best.polygon, margin) for margin in MARGINS)):
            settled = best.legibility >= CLEAR or best.legibility < HOPELESS
            if settled or self.reads >= self.most or not self.thorough:
                break
            best = likelier(best, self._best_way(polygon))
        return best

    def read_row(self, row: Row) -> Candidate:
        """Read a row of letters, as it is and, where they stand far apart, moved together."""
        line = rectify(self.pixels, row.polygon)
        best = self._read_line(row.polygon, line)
        if row.spaced:
            best = worthier(best, replace(self._read_line(row.polygon, closed_up(line, row)), spaced=True))
        return best

    def _best_way(self, polygon: Polygon) -> Candidate:
        """Read a box as it lies and, where it stands, also with its text running down, up and letter below letter."""
        level = rectify(self.pixels, polygon)
        best = self._read_line(polygon, level)
        if _stands(polygon):
            for way in (turn(polygon, 1), turn(polygon, 3)):
                best = worthier(best, self._read_line(way, rectify(self.pixels, way)))
            line = side_by_side(level)
            if line is not None:
                best = worthier(best, self._read_line(polygon, line))
        return best

    def _read_line(self, polygon: Polygon, line: Pixels) -> Candidate:
        self.reads += 1
        spelling = self.reader.read(line)
        texts: dict[str, float] = {}
        for text, probability in spelling.texts:
            texts[closed(text)] = texts.get(closed(text), 0.0) + probability
        return Candidate(polygon, replace(spelling, texts=tuple(texts.items())))


def _stands(polygon: Polygon) -> bool:
    """Whether a box is high enough for a line that runs up or down."""
    width, height = sides(polygon)
    return height > UPRIGHT * width


def closed(text: str) -> str:
    """Write letters that stand apart as the word that they make.

    Examples
    --------
    >>> closed("В О К З А Л Ь НА"), closed("ВОКЗАЛ А Б")
    ('ВОКЗАЛЬНА', 'ВОКЗАЛ А Б')
    """
    words = text.split(" ")
    single = sum(len(word) == 1 and word.isalpha() for word in words)
    return "".join(words) if single >= 3 and single > 0.6 * len(words) else text


def _distinct(boxes: Sequence[Box]) -> list[list[Box]]:
    """Group boxes that were drawn round the same line."""
    groups: list[list[Box]] = []
    for box in boxes:
        group = next((g for g in groups if same_line(g[0].polygon, box.polygon)), None)
        if group is None:
            groups.append([box])
        else:
            group.append(box)
    return groups


def likelier(one: Candidate, two: Candidate) -> Candidate:
    """Of two readings of one line the more probable; one without a letter or digit is none."""
    return max(one, two, key=lambda c: c.spelling.confidence * any(x.isalnum() for x in c.spelling.text))


def worthier(one: Candidate, two: Candidate) -> Candidate:
    """Of two readings of a spot in different directions the one that is worth more."""
    return max(one, two, key=lambda c: c.value)
