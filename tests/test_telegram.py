from __future__ import annotations

import json
from pathlib import Path

import pytest

from geoinfer.telegram import posts


def export(folder: Path, content: object) -> Path:
    file = folder / "result.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return file


def test_photos_and_files_carry_date_and_number(tmp_path: Path) -> None:
    messages = [
        {"id": 5, "date": "2026-01-29T09:12:00", "photo": "photos/photo_1@29-01-2026.jpg", "text": ["…"]},
        {"id": 6, "date": "2026-01-29T09:13:00", "file": "video_files/v.mp4"},
        {"id": 7, "date": "2026-01-29T09:14:00", "file": "(File not included. Change data exporting settings)"},
    ]
    found = posts(export(tmp_path, {"name": "channel", "messages": messages}))
    assert found["photos/photo_1@29-01-2026.jpg"] == {"posted": "2026-01-29T09:12:00", "message": 5}
    assert found["video_files/v.mp4"]["message"] == 6


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", "[" * 100_000, {"messages": 1}, {"messages": [1, None, {"photo": 3}]}, {"chats": []}],
)
def test_what_is_no_export_says_nothing(tmp_path: Path, content: object) -> None:
    assert posts(export(tmp_path, content)) == {}


def test_a_hostile_export_names_nothing_outside(tmp_path: Path) -> None:
    messages = [{"id": 1, "date": "\u202e2026", "photo": name} for name in ("/etc/passwd", "../../x.jpg", "ok.jpg")]
    assert posts(export(tmp_path, {"messages": messages})) == {"ok.jpg": {"posted": "2026", "message": 1}}
