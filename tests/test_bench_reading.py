"""The benchmark of readers: what it counts, on readings made up and on one scene truly rendered and read."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from geoinfer.bench.reading import _sampled
from geoinfer.bench.score import Line, false_lines, found, joined, score_lines


def line(text: str, x: float = 0, y: float = 0, w: float = 100, h: float = 20) -> Line:
    return Line(((x, y), (x + w, y), (x + w, y + h), (x, y + h)), text)


@pytest.mark.parametrize(
    ("label", "lines", "similarity", "cer"),
    [
        ("ЧЕРНІГІВ", [line("Чернігів")], 100, 0),
        ("ЧЕРНIГIB", [line("ЧЕРНІГІВ")], 100, 0),
        ("УФА 572", [line("УФА")], 100, 0),
        ("ВОКЗАЛЬНА", [line("В О К З А Л Ь Н А")], 100, 0),
        ("КОРОП", [line("Кород"), line("шо", y=300)], 80, 0.2),
        ("КОРОП", [], 0, 1),
        ("АКАДЕМ МІСТЕЧКО", [line("АКАДЕМ"), line("МІСТЕЧКО", y=30)], 100, 0),
        ("АКАДЕМ МІСТЕЧКО", [line("АКАДЕМ"), line("МІСТЕЧКО", y=300)], 72.7, 0.429),
    ],
)
def test_a_line_is_scored_by_its_best_reading_or_neighbours_joined(
    label: str, lines: list[Line], similarity: float, cer: float
) -> None:
    [score] = score_lines([label], lines)
    assert (score.similarity, score.cer) == (similarity, cer)


def test_labels_of_less_than_three_letters_do_not_count() -> None:
    assert score_lines(["М1", "90", "8152"], [line("М1")]) == []


def test_readings_of_nothing_are_false_and_parts_of_labels_are_not() -> None:
    lines = [line("ЕКАТЕРИНБ"), line("ШАЦИЛЛ"), line("12")]
    assert false_lines(["ЕКАТЕРИНБУРГ 1077"], lines) == ["ШАЦИЛЛ"]


def test_at_most_three_neighbours_are_joined() -> None:
    texts = set(joined([line(c, x=110.0 * i) for i, c in enumerate("абвг")]))
    assert {"а", "а б", "а б в"} <= texts
    assert max(len(text.split()) for text in texts) == 3


def test_a_box_finds_a_line_that_it_holds_but_not_one_in_a_corner_of_it() -> None:
    polygon = line("", 10, 10, 80, 18).polygon
    assert found(polygon, [line("", 5, 5, 90, 28).polygon])
    assert not found(polygon, [line("", 0, 0, 400, 400).polygon, line("", 10, 10, 30, 18).polygon])


def test_a_sample_takes_the_same_number_of_every_group() -> None:
    labels = {f"c{group}_{n}": ["x"] for group in (1, 2, 4) for n in range(5)}
    assert [name[:2] for name in _sampled(labels, 2)] == ["c1", "c1", "c2", "c2", "c4", "c4"]
    assert _sampled(labels, None) == labels


def test_scenes_show_held_out_names_in_held_out_fonts() -> None:
    pytest.importorskip("fontTools")
    from geoinfer.bench.scenes import held_out_faces, held_out_names, make_scenes
    from geoinfer.training.corpus import held_out

    try:
        held_out_faces()
    except FileNotFoundError as error:
        pytest.skip(str(error))
    assert len(held_out_names()) > 1000
    one, same = (next(make_scenes(1, (24,), seed=3)) for _ in range(2))
    assert held_out(one.name)
    assert np.array_equal(one.pixels, same.pixels)
    ys = [y for _, y in one.polygon]
    assert 20 < max(ys) - min(ys) < 60


def test_the_benchmark_writes_what_it_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner
    from painted_lines import painted
    from PIL import Image

    from geoinfer.bench import reading
    from geoinfer.bench.readers import Outcome, Performance, Task

    Image.fromarray(painted([("РІПКИ", 30, 60, 30)], (200, 100))).save(tmp_path / "c1_a.png")
    Image.new("RGB", (200, 100)).save(tmp_path / "c4_b.png")
    (tmp_path / "labels.tsv").write_text("id\ttext lines\nc1_a\tРІПКИ\nc4_b\t\n", encoding="utf-8")

    def perform(reader: str, tasks: list[Task]) -> Performance:
        seconds = 4.0 if reader == "pytesseract" else 1.0
        texts = {"c1_a": "РІПКИ", "c4_b": "Чернігів"} if reader == "pytesseract" else {"c1_a": "РІПКЙ"}
        outcomes = (Outcome(t.id, (line(texts[t.id]),) if t.id in texts else (), seconds, (100, 200)) for t in tasks)
        return Performance(reader, "1", tuple(outcomes), 100.0)

    monkeypatch.setattr(reading, "perform", perform)
    monkeypatch.setattr(reading, "available", lambda readers: (["signs", "pytesseract"], {"eslav": "no model"}))
    out = tmp_path / "figures.json"
    told = CliRunner().invoke(reading.main, ["--photos", str(tmp_path), "--scenes", "0", "-o", str(out)])
    assert told.exit_code == 0, told.output
    figures = json.loads(out.read_text(encoding="utf-8"))
    assert figures["signs"]["times_faster_than_whole_photo_tesseract"]["photographs"] == 4
    assert figures["signs"]["photos"]["c1"]["lines"]["cyrillic"] == {"lines": 1, "read": 1, "exact": 0, "cer": 0.2}
    assert figures["signs"]["false_place_names_per_c4_photo"] == 0
    assert figures["pytesseract"]["false_place_names_per_c4_photo"] == 1
    assert "| signs | cyrillic | 1/1 | 100% | 0% | 0.200 |" in told.output
    assert "left out: eslav: no model" in told.output
