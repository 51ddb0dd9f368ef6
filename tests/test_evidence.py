from __future__ import annotations

import json
from pathlib import Path

import pytest

from geoinfer.errors import ClueError
from geoinfer.evidence import from_facts, read_evidence

LINE = '{"type": "LineString", "coordinates": [[31.2, 51.3], [31.3, 51.6]]}'
BOX = '{"type": "Polygon", "coordinates": [[[31, 51], [32, 51], [32, 52], [31, 52], [31, 51]]]}'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "river.geojson").write_text(LINE, encoding="utf-8")
    (tmp_path / "searched.geojson").write_text(BOX, encoding="utf-8")
    (tmp_path / "model.csv").write_text("lon,lat,p\n31.3,51.5,0.7\n30.5,50.4,0.3\n", encoding="utf-8")
    return tmp_path


def written(folder: Path, text: str) -> Path:
    path = folder / "evidence.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_of_every_kind_of_evidence(folder: Path) -> None:
    path = written(
        folder,
        """
        [[area]]
        file = "river.geojson"
        within_km = 1
        ratio = 5
        note = "a wide river behind the trucks"
        [[search]]
        file = "searched.geojson"
        detection = 0.8
        [[sun]]
        time = 2026-01-29T11:20:00+02:00
        minutes = 20
        ratio = 0.3
        [[sun]]
        time = "2026-01-29T11:20+02:00"
        azimuth = 20
        photo = "a.jpg"
        [[prior]]
        file = "model.csv"
        weight = 0.5
        """,
    )
    found = read_evidence(path)
    assert [one.id for one in found] == ["area-1", "search-1", "sun-1", "sun-2", "prior-1"]
    assert found[3].photo == "a.jpg"
    assert found[0].facts()["file"] == "river.geojson"
    again = [from_facts(json.loads(json.dumps(one.facts()))) for one in found]
    assert [one.key for one in again] == [one.key for one in found]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "holds nothing"),
        ("[[moon]]\n", r"unknown table 'moon'; valid: \[\[area\]\]"),
        ("area = 3\n", "unknown table 'area'"),
        ("[[area]]\nfile = 'river.geojson'\n", "area-1: ratio is missing"),
        ("[[area]]\nfile = 'river.geojson'\nratio = 5\nodds = 3\n", "unknown field 'odds'"),
        ("[[area]]\nfile = 'river.geojson'\nratio = '5'\nwithin_km = 1\n", "ratio must be a number"),
        ("[[area]]\nfile = 'nowhere.geojson'\nratio = 5\n", "nowhere.geojson: cannot be read"),
        ("[[search]]\nfile = 'searched.geojson'\ndetection = 1\n", "no search finds everything"),
        ("[[sun]]\ntime = 'noon'\nratio = 1\n", "date and time such as"),
        ("[[sun]]\ntime = 2026-01-29T11:20:00\nratio = 1\n", "offset from UTC"),
        ("[[prior]]\nfile = 'model.csv'\nweight = 7\n", "weight must lie above 0"),
        ("no toml", "cannot be read as TOML"),
    ],
)
def test_faults_are_told(text: str, told: str, folder: Path) -> None:
    with pytest.raises(ClueError, match=told):
        read_evidence(written(folder, text))


def test_all_faults_are_told_at_once(folder: Path) -> None:
    with pytest.raises(ClueError, match=r"area-1: .*area-2: .*sun-1: "):
        read_evidence(
            written(folder, "[[area]]\nratio = 5\n[[area]]\nfile = 'river.geojson'\nratio = 900\n[[sun]]\nratio = 1\n")
        )


@pytest.mark.parametrize(
    "facts",
    [{}, {"what": "area", "id": "a"}, {"what": "sun", "id": "s", "time": "2026-01-29T11:20+02:00", "ratio": []},
     {"what": "area", "id": "a", "ratio": 5, "geometry": {"type": "Polygon", "coordinates": "x"}},
     {"what": "prior", "id": "p", "weight": 0.5, "rows": [["x", 1, 2]]}],
)  # fmt: skip
def test_what_was_kept_and_is_no_observation_is_told(facts: dict[str, object]) -> None:
    with pytest.raises(ClueError):
        from_facts(facts)
