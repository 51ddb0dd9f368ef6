"""The desk reads doubtful lines in more than one way, and no photo without end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from painted_lines import painted

from geoinfer.candidates import Candidate, strongest
from geoinfer.desk import BARREN_ROWS, MOST_READS, Desk, likelier
from geoinfer.detector import Box, Detector, Finding
from geoinfer.letters import Row
from geoinfer.recogniser import Recogniser, Spelling

BLANK = np.full((400, 400, 3), 128, np.uint8)
COLD = np.zeros((40, 40), np.float32)


def flat(x: float, y: float, w: float, h: float = 20) -> tuple[tuple[float, float], ...]:
    return ((x, y), (x + w, y), (x + w, y + h), (x, y + h))


class Reader:
    """A reader that says the same of every line, and remembers how large the lines were."""

    def __init__(self, *texts: tuple[str, float]):
        self.texts, self.seen = texts, []

    def read(self, line: np.ndarray) -> Spelling:
        self.seen.append(line.shape[:2])
        return Spelling(self.texts)


def test_a_clear_line_is_read_once_and_a_doubtful_one_in_other_cuts() -> None:
    finding = Finding((Box(flat(10, 10, 100), 0.9),), COLD)
    for confidence, times in ((0.99, 1), (0.2, 3), (0.001, 1)):  # the last is no line
        reader = Reader(("Ріпки", confidence))
        Desk(BLANK, reader).read(finding)
        assert len(reader.seen) == times


def test_a_box_drawn_twice_is_one_line() -> None:
    reader = Reader(("Ріпки", 0.99))
    Desk(BLANK, reader).read(Finding((Box(flat(10, 10, 100), 0.9), Box(flat(11, 10, 100), 0.5)), COLD))
    assert len(reader.seen) == 1


def test_a_line_that_stands_is_tried_in_more_cuts_than_one_that_lies() -> None:
    cuts = [Box(flat(10 + 0.1 * n, 10, 200), 0.9) for n in range(8)]
    standing = [Box(flat(10, 10 + 0.1 * n, 20, 200), 0.9) for n in range(8)]
    read = []
    for boxes in (cuts, standing):
        reader = Reader(("Ріпки", 0.2))
        Desk(BLANK, reader).read(Finding(tuple(boxes), COLD))
        read.append(len(reader.seen))
    # Each way of a standing line is read as it lies and turned twice.
    assert read == [5, 3 * 8]


def test_a_reader_that_is_slow_reads_every_line_once() -> None:
    reader = Reader(("Ріпки", 0.2))
    Desk(BLANK, reader, thorough=False).read(Finding((Box(flat(10, 10, 100), 0.9),), COLD))
    assert len(reader.seen) == 1


def test_the_work_on_a_photo_is_bounded_and_what_is_left_is_counted() -> None:
    boxes = tuple(Box(flat(10 + 30 * (i % 12), 10 + 25 * (i // 12), 25), 0.9) for i in range(120))
    reader = Reader(("Ріпки", 0.99))
    desk = Desk(BLANK, reader, left=50)
    desk.read(Finding(boxes, COLD))
    assert (len(reader.seen), desk.unread) == (50, 70)


def test_what_is_read_does_not_depend_on_how_many_threads_read(recogniser: Recogniser) -> None:
    detector = Detector(threads=1)
    names = ["ЧЕРНІГІВ 39", "Ріпки 4", "КИЇВ", "Славутич 27", "ГОМЕЛЬ 78", "Городня"]
    lines = [(name, 40 + 330 * (i % 2), 30 + 70 * (i // 2), 30) for i, name in enumerate(names)]
    spaced = [(letter, 40 + 62 * i, 260, 24) for i, letter in enumerate("ВОКЗАЛЬНА")]
    photo = painted([*lines, *spaced], size=(760, 320), plate=(170, 170, 165), ink=(30, 30, 35))
    finding = detector.find(photo)
    desks = [Desk(photo, recogniser, threads=threads) for threads in (1, 4)]
    alone, together = (desk.read(finding) for desk in desks)
    assert [(c.polygon, c.spelling) for c in alone] == [(c.polygon, c.spelling) for c in together]
    assert len(alone) >= len(names)
    assert desks[0].left == desks[1].left < MOST_READS


def test_a_row_within_one_read_clearly_beside_it_is_left_out() -> None:
    whole, part = (Row(flat(10, 10, w), ((0.0, 0.4), (0.6, 1.0)), False, p) for w, p in ((100, 1.0), (60, 0.5)))
    with ThreadPoolExecutor(2) as pool:
        for confidence, times in ((0.99, 1), (0.2, 2)):
            assert len(Desk(BLANK, Reader(("Ріпки", confidence)))._read_rows([whole, part], [], pool)) == times


@pytest.mark.parametrize(("confidence", "times"), [(0.8, 20), (0.01, BARREN_ROWS)])
def test_rows_are_read_until_too_many_in_turn_say_nothing(confidence: float, times: int) -> None:
    rows = [Row(flat(10, 10 + 18 * n, 100, 15), ((0.0, 0.4), (0.6, 1.0)), False, 1.0) for n in range(20)]
    with ThreadPoolExecutor(2) as pool:
        assert len(Desk(BLANK, Reader(("Ріпки", confidence)))._read_rows(rows, [], pool)) == times


def test_of_two_cuts_of_a_line_the_more_probable_reading_wins_and_nothing_is_no_reading() -> None:
    long, short = (
        Candidate(flat(0, 0, 90), Spelling((("OPLLIA", 0.1),))),
        Candidate(flat(0, 0, 90), Spelling((("ОРША", 0.4),))),
    )
    assert likelier(long, short) is short
    assert likelier(Candidate(flat(0, 0, 90), Spelling((("", 0.99),))), short) is short


def test_names_far_apart_are_better_two_lines_than_one() -> None:
    def says(text: str, confidence: float, x: float, w: float) -> Candidate:
        return Candidate(flat(x, 0, w), Spelling(((text, confidence),)))

    apart = [says("КРУПКИ ТОЛОЧИН", 0.5, 0, 250), says("КРУПКИ", 0.8, 0, 100), says("ТОЛОЧИН", 0.7, 140, 110)]
    assert [c.spelling.text for c in strongest(apart)] == ["КРУПКИ", "ТОЛОЧИН"]
    together = [says("НОВІ ЯРИЛОВИЧІ", 0.5, 0, 250), says("НОВІ", 0.8, 0, 70), says("ЯРИЛОВИЧІ", 0.7, 78, 172)]
    assert [c.spelling.text for c in strongest(together)] == ["НОВІ ЯРИЛОВИЧІ"]


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return Recogniser(threads=1)


def test_letters_far_apart_and_letters_in_a_stack_are_read(recogniser: Recogniser) -> None:
    detector = Detector(threads=1)
    spaced = [(letter, 40 + 62 * i, 100, 24) for i, letter in enumerate("ВОКЗАЛЬНА")]
    stacked = [(letter, 660, 60 + 42 * i, 28) for i, letter in enumerate("ВОЛГА")]
    photo = painted([*spaced, *stacked], size=(760, 320), plate=(170, 170, 165), ink=(30, 30, 35))
    texts = [c.spelling.text.upper() for c in Desk(photo, recogniser).read(detector.find(photo))]
    assert "ВОКЗАЛЬНА" in texts
    assert "ВОЛГА" in texts
