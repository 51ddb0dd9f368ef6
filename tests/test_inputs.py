from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from geoinfer.inputs import Source, find_inputs, shown_names


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return folder


def names(found: tuple[Source, ...]) -> list[str]:
    return [source.name for source in found]


def test_a_folder_gives_its_photos_and_videos_sorted_and_nothing_hidden(tmp_path: Path) -> None:
    folder = touch(tmp_path / "in", "b.jpg", "a.PNG", ".hidden.jpg", "notes.txt", "deep/c.heic", ".git/d.jpg", "v.MP4")
    found = find_inputs([folder], tmp_path / "unpacked")
    assert names(found.sources) == ["a.PNG", "b.jpg", "v.MP4", "deep/c.heic"]
    assert [source.is_video for source in found.sources] == [False, False, True, False]
    assert found.problems == ()


def test_links_that_lead_out_of_the_folder_are_not_followed_and_told(tmp_path: Path) -> None:
    secret = touch(tmp_path / "secret", "private.jpg")
    folder = touch(tmp_path / "photos", "own.jpg")
    (folder / "out.jpg").symlink_to(secret / "private.jpg")
    (folder / "outside").symlink_to(secret, target_is_directory=True)
    (folder / "loop.jpg").symlink_to(folder / "loop.jpg")
    found = find_inputs([folder], tmp_path / "unpacked")
    assert names(found.sources) == ["loop.jpg", "own.jpg"]
    assert {problem["file"] for problem in found.problems} == {"out.jpg", "outside"}
    assert all("not followed" in problem["error"] for problem in found.problems)
    assert names(find_inputs([str(folder / "*")], tmp_path / "unpacked").sources) == ["loop.jpg", "own.jpg"]
    # A link that is named outright is what the user wants.
    assert names(find_inputs([folder / "out.jpg"], tmp_path / "unpacked").sources) == ["out.jpg"]


def test_globs_files_and_folders_mix_and_no_file_comes_twice(tmp_path: Path) -> None:
    touch(tmp_path, "1.jpg", "2.jpg", "scan.dat")
    found = find_inputs([tmp_path / "scan.dat", str(tmp_path / "*.jpg"), tmp_path], tmp_path / ".unpacked")
    assert names(found.sources) == ["scan.dat", "1.jpg", "2.jpg"]


def test_a_missing_file_is_listed_so_that_reading_can_complain(tmp_path: Path) -> None:
    (source,) = find_inputs([tmp_path / "gone.jpg"], tmp_path / "unpacked").sources
    assert source.place == str(tmp_path / "gone.jpg")


def test_names_tell_no_path() -> None:
    assert shown_names([Path("/secret/x/a.jpg")]) == ["a.jpg"]
    assert shown_names([]) == []


def test_crops_of_an_earlier_case_are_no_photos(tmp_path: Path) -> None:
    touch(tmp_path, "a.png", "out/crops/r1.png", "out/ledger.jsonl", "out/report.json")
    assert names(find_inputs([tmp_path], tmp_path / ".unpacked").sources) == ["a.png"]


def test_an_archive_gives_its_photos_with_what_the_channel_says_of_them(tmp_path: Path) -> None:
    said = {"messages": [{"id": 7, "date": "2026-01-29T10:00:00", "photo": "photos/p1.jpg"}, {"id": 8, "text": "…"}]}
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.writestr("chat/result.json", json.dumps(said))
        archive.writestr("chat/photos/p1.jpg", b"one")
        archive.writestr("chat/photos/p2.jpg", b"two")
        archive.writestr("chat/style.css", b"no photo")
    found = find_inputs([tmp_path], tmp_path / ".unpacked")
    assert names(found.sources) == ["export.zip/chat/photos/p1.jpg", "export.zip/chat/photos/p2.jpg"]
    first, second = found.sources
    assert first.origin == {"archive": "export.zip", "posted": "2026-01-29T10:00:00", "message": 7}
    assert second.origin == {"archive": "export.zip"}
    assert Path(first.place).read_bytes() == b"one" and not first.kept


def test_a_folder_with_a_channel_export_dates_its_photos(tmp_path: Path) -> None:
    touch(tmp_path, "photos/p1.jpg", "video_files/v.mp4")
    messages = [{"id": 1, "date": "2026-01-29T10:00:00", "file": "video_files/v.mp4"}]
    (tmp_path / "result.json").write_text(json.dumps({"chats": {"list": [{"messages": messages}]}}))
    found = find_inputs([tmp_path], tmp_path / ".unpacked")
    assert [source.origin for source in found.sources] == [{}, {"posted": "2026-01-29T10:00:00", "message": 1}]


def test_urls_are_listed_by_their_file_system(tmp_path: Path) -> None:
    pytest.importorskip("fsspec")
    import fsspec

    memory = fsspec.filesystem("memory")
    for name in ("a.jpg", "b.txt", "c.png"):
        memory.pipe(f"/channel/{name}", b"x")
    found = find_inputs(["memory://channel"], tmp_path)
    assert names(found.sources) == ["a.jpg", "c.png"]
    assert all(source.is_remote for source in found.sources)
    nowhere = find_inputs(["nosuch://user:secret@host/x"], tmp_path)
    assert nowhere.sources == () and "secret" not in nowhere.problems[0]["file"]
