from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoinfer.clue_rows import ClueRow
from geoinfer.corrections import (
    FILE_NAME,
    Belonging,
    Correction,
    corrections_bytes,
    read_corrections,
    row_facts,
    row_from,
)
from geoinfer.errors import ClueError

SOME = (
    Correction(1, "exclude", {"photo": "b.jpg", "sha256": "00"}),
    Correction(2, "reject", {"reading": "photo-1/r3", "was": "STOP"}),
    Correction(3, "text", {"reading": "photo-1/r1", "text": "Чернігів 39", "was": "Чернігів 89"}),
    Correction(4, "kind", {"sign": "photo-1/s1", "kind": "distance", "was": "unknown"}),
    Correction(5, "pin", {"sign": "photo-1/s1", "name": "Городня", "place": "geonames:1"}),
    Correction(6, "add_clue", {"now": {"sign_id": "typed-1", "name": "Мена", "km": 5.0}}),
    Correction(7, "edit_clue", {"was": {"sign_id": "s1", "name": "A"}, "now": {"sign_id": "s1", "name": "B"}}),
    Correction(8, "drop_clue", {"was": {"sign_id": "s1", "road": "M01"}}),
    Correction(9, "drop_sign", {"sign": "photo-1/s2", "was": "unknown"}),
)


def written(folder: Path, corrections: tuple[Correction, ...] = SOME) -> Path:
    path = folder / FILE_NAME
    path.write_bytes(corrections_bytes([one.plain() for one in corrections], {"photos": ["00"], "clues": ""}))
    return path


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    found, about = read_corrections(written(tmp_path))
    assert tuple(found) == SOME
    assert about == Belonging(("00",), "")


def test_every_kind_is_told_in_words() -> None:
    assert [str(one) for one in SOME] == [
        "photo b.jpg left out",
        "reading photo-1/r3 (“STOP”) marked as wrong",
        "reading photo-1/r1 corrected from “Чернігів 89” to “Чернігів 39”",
        "sign photo-1/s1 is a distance, not unknown",
        "“Городня” on photo-1/s1 is geonames:1",
        "clue “Мена” 5 km typed in",
        "clue “A” changed to “B”",
        "clue “M01” left out",
        "sign photo-1/s2 left out",
    ]


@pytest.mark.parametrize(
    ("one", "other", "fits"),
    [
        (Belonging(("a", "b"), ""), Belonging(("b", "c"), ""), True),
        (Belonging(("a",), ""), Belonging(("c",), ""), False),
        (Belonging(("a",), ""), Belonging((), "clues.csv"), False),
        (Belonging((), "clues.csv"), Belonging((), "clues.csv"), True),
        (Belonging((), "clues.csv"), Belonging((), "other.csv"), False),
    ],
)
def test_corrections_stay_with_their_case(one: Belonging, other: Belonging, fits: bool) -> None:
    assert one.fits(other) is fits


@given(
    st.builds(
        ClueRow, sign_id=st.text(min_size=1), name=st.text(), km=st.none() | st.floats(0, 5000), road=st.text(),
        note=st.text(),
    )
)  # fmt: skip
@settings(max_examples=50)
def test_rows_survive_as_plain_values(row: ClueRow) -> None:
    assert row_from(row_facts(row)) == row


@pytest.mark.parametrize(
    "correction",
    [
        {"what": "moon"},
        {"what": "pin", "sign": "s1", "name": "A"},
        {"what": "text", "reading": "r1", "text": 7},
        {"what": "add_clue", "now": {"sign_id": "s1", "km": "far"}},
        {"what": "add_clue", "now": {"sign_id": "s1", "km": True}},
        {"what": "add_clue", "now": {"sign_id": "s1", "colour": "blue"}},
        {"what": "add_clue", "now": ["s1"]},
        {"what": "observe", "observation": {"what": "sun"}},
        ["pin"],
    ],
)
def test_a_file_that_geoinfer_did_not_write_is_refused(correction: object, tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    document = {"format": 1, "about": {"photos": [], "clues": ""}, "corrections": [correction]}
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(ClueError, match=r"corrections\.json"):
        read_corrections(path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 9}', "[" * 100_000, "\x00"])
def test_a_broken_file_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ClueError, match=r"corrections\.json"):
        read_corrections(path)
