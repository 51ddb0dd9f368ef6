from __future__ import annotations

from pathlib import Path

import pytest

import geoinfer as gi
from geoinfer.demo.score import names_read, run_demo, score


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    out = tmp_path_factory.mktemp("demo")
    return "\n".join(run_demo(out, progress=False)), out


def test_the_demo_writes_a_map_per_case(told: tuple[str, Path]) -> None:
    text, out = told
    maps = sorted(path.parent.name for path in out.glob("*/map.html"))
    assert maps == ["one-far-sign", "road-m01"]
    assert "broken" in text


def test_the_demo_comes_near_the_truth_and_says_so(told: tuple[str, Path]) -> None:
    text, _ = told
    assert "site, and site is what the photographs allow" in text
    assert "region, and region is what the photographs allow" in text
    assert text.count("holds the truth") >= 3


def test_a_wrong_answer_is_told_as_wrong() -> None:
    case = gi.Case()
    case.add_clue("Ужгород", kind="settlement_begin")
    truth = {"lon": 31.085, "lat": 51.812, "answer": "region", "photos": []}
    lines = "\n".join(score(case.infer(near=[]), truth))
    assert "misses the truth" in lines


def test_names_that_were_not_read_are_counted() -> None:
    truth = {"photos": [{"file": "a.jpg", "readable": True, "signs": [{"entries": [{"name": "Ріпки"}]}]}]}
    assert names_read((), truth) == (set(), {"a.jpg: ріпки"})
