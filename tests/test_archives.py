from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from geoinfer import archives
from geoinfer.archives import unpack

JPG = (".jpg",)


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz", "a.tgz", "a.tar.bz2", "a.tar.xz"])
def test_tar_of_every_kind(tmp_path: Path, name: str) -> None:
    mode = {"tar": "w", "gz": "w:gz", "tgz": "w:gz", "bz2": "w:bz2", "xz": "w:xz"}[name.rsplit(".", 1)[1]]
    with tarfile.open(tmp_path / name, mode) as archive:
        info = tarfile.TarInfo("deep/p.jpg")
        info.size = 3
        archive.addfile(info, io.BytesIO(b"abc"))
    unpacked = unpack(tmp_path / name, name, tmp_path / "to", JPG)
    assert [(inside, path.read_bytes()) for inside, path in unpacked.files] == [("deep/p.jpg", b"abc")]
    assert unpacked.problems == ()


def test_no_member_chooses_where_it_is_written(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"../../evil.jpg": b"x", "/etc/evil.jpg": b"x", "C:\\evil.jpg": b"x"})
    unpacked = unpack(path, "a.zip", tmp_path / "to", JPG)
    assert [name for name, _ in unpacked.files] == ["C:/evil.jpg", "etc/evil.jpg", "evil.jpg"]
    assert all(file.parent == tmp_path / "to" for _, file in unpacked.files)
    assert not list(tmp_path.parent.glob("evil.jpg"))


def test_links_and_devices_in_a_tar_are_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for name, kind in (("l.jpg", tarfile.SYMTYPE), ("h.jpg", tarfile.LNKTYPE), ("d.jpg", tarfile.CHRTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    unpacked = unpack(tmp_path / "a.tar", "a.tar", tmp_path / "to", JPG)
    assert unpacked.files == ()
    assert [problem["file"] for problem in unpacked.problems] == ["a.tar/l.jpg", "a.tar/h.jpg", "a.tar/d.jpg"]


def test_a_bomb_is_refused_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"bomb.jpg": bytes(30_000_000), "fine.jpg": b"x"})
    unpacked = unpack(path, "a.zip", tmp_path / "to", JPG)
    assert [name for name, _ in unpacked.files] == ["fine.jpg"]
    assert "expands" in unpacked.problems[0]["error"]


def test_an_archive_expands_to_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_EXPANDED", 10)
    path = zipped(tmp_path / "a.zip", {"a.jpg": b"123456", "b.jpg": b"123456"})
    unpacked = unpack(path, "a.zip", tmp_path / "to", JPG)
    assert len(unpacked.files) == 1 and "expands beyond" in unpacked.problems[0]["error"]


def test_a_broken_archive_gives_what_came_before_the_fault(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        for name in ("a.jpg", "b.jpg"):
            info = tarfile.TarInfo(name)
            info.size = 2000
            archive.addfile(info, io.BytesIO(bytes(2000)))
    path.write_bytes(path.read_bytes()[:4000])
    unpacked = unpack(path, "a.tar", tmp_path / "to", JPG)
    assert "a.jpg" in [name for name, _ in unpacked.files]
    assert unpacked.problems
    (tmp_path / "b.zip").write_bytes(b"no archive")
    assert "broken archive" in unpack(tmp_path / "b.zip", "b.zip", tmp_path / "too", JPG).problems[0]["error"]


def test_an_encrypted_member_is_told(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a.jpg": b"x"})
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x03\x04") + 6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    unpacked = unpack(path, "a.zip", tmp_path / "to", JPG)
    assert unpacked.files == () and "encrypted" in unpacked.problems[0]["error"]
