from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from geoinfer import videos
from geoinfer.errors import PhotoError
from geoinfer.videos import extract_frames, time_name


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds of 10 frames: two of a picture, one of another, three of a third."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 10, (160, 120))
    for seconds, seed in ((2, 1), (1, 2), (3, 3)):
        picture = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), dtype=np.uint8)
        frame = cv2.resize(picture, (160, 120), interpolation=cv2.INTER_NEAREST)
        for _ in range(10 * seconds):
            writer.write(frame)
    writer.release()
    return path


def test_a_frame_a_second_without_repetitions(clip: Path, tmp_path: Path) -> None:
    frames, more = extract_frames(clip, tmp_path)
    assert [second for second, _ in frames] == [0, 2, 3]
    assert not more
    assert all(file.read_bytes().startswith(b"\xff\xd8") for _, file in frames)


def test_a_long_video_is_looked_at_up_to_a_limit(clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(videos, "MOST_SECONDS", 2)
    frames, more = extract_frames(clip, tmp_path)
    assert [second for second, _ in frames] == [0] and more


@pytest.mark.parametrize("damage", ["text", "cut", "empty"])
def test_what_is_no_video_is_told(clip: Path, tmp_path: Path, damage: str) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes({"text": b"no video at all", "cut": clip.read_bytes()[:200], "empty": b""}[damage])
    with pytest.raises(PhotoError, match="no frame"):
        extract_frames(broken, tmp_path)


def test_times_read_like_clocks() -> None:
    assert time_name("a.mov", 59) == "a.mov at 0:00:59"
