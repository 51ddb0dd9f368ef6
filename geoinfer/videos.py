"""Videos: one frame a second, without those that show what the one before showed, as photos with a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from geoinfer.errors import PhotoError
from geoinfer.looks import Look, look_of, same_picture

if TYPE_CHECKING:
    from geoinfer.rectify import Pixels

VIDEOS = (".mp4", ".mov", ".m4v", ".avi", ".mkv", ".webm", ".3gp", ".mpg", ".mpeg")
MOST_SECONDS = 1800
"""Of a longer video the rest is left, and said so."""
MOST_PIXELS = 50_000_000
JPEG_QUALITY = 95


def extract_frames(video: Path, folder: Path) -> tuple[tuple[tuple[int, Path], ...], bool]:
    """Write the frames of a video that are worth reading into a folder.

    Parameters
    ----------
    video
        The file.
    folder
        Where to write them, as JPEG; made where it is missing.

    Returns
    -------
    Second and file of each frame kept, and whether the video goes on beyond the limit.

    Raises
    ------
    PhotoError
        If no frame can be decoded.
    """
    import cv2

    folder.mkdir(parents=True, exist_ok=True)
    kept: list[tuple[int, Path]] = []
    last: Look | None = None
    more = False
    for second, pixels in _frames(video):
        if second >= MOST_SECONDS:
            more = True
            break
        look = look_of(pixels, "")
        if last is None or not same_picture(last, look):
            last = look
            file = folder / f"{second:05d}.jpg"
            fine, jpeg = cv2.imencode(".jpg", pixels[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
            if fine:
                file.write_bytes(jpeg.tobytes())
                kept.append((second, file))
    if not kept:
        raise PhotoError("no frame of the video can be decoded; valid: what FFmpeg reads, such as MP4 with H.264")
    return tuple(kept), more


def time_name(video: str, second: int) -> str:
    """Name a frame by its video and the time in it.

    Examples
    --------
    >>> time_name("clip.mp4", 3725)
    'clip.mp4 at 1:02:05'
    """
    return f"{video} at {second // 3600}:{second // 60 % 60:02d}:{second % 60:02d}"


def _frames(video: Path) -> Iterator[tuple[int, Pixels]]:
    """Give the first frame of every second, upright RGB."""
    # FFmpeg would tell the terminal about every fault of a stranger's file.
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    import cv2
    import numpy as np

    cv2.setNumThreads(1)
    capture = cv2.VideoCapture(str(video), cv2.CAP_FFMPEG)
    try:
        rate = capture.get(cv2.CAP_PROP_FPS)
        rate = rate if np.isfinite(rate) and 0.1 <= rate <= 1000 else 25.0
        if capture.get(cv2.CAP_PROP_FRAME_WIDTH) * capture.get(cv2.CAP_PROP_FRAME_HEIGHT) > MOST_PIXELS:
            raise PhotoError(f"the video has frames of more than {MOST_PIXELS / 1e6:.0f} million pixels")
        number, wanted = 0, 0
        # Frames are counted, not sought by time: seeking lands on other frames in videos without an index.
        while capture.grab():
            if number >= round(wanted * rate):
                fine, frame = capture.retrieve()
                if fine and frame is not None:
                    yield wanted, np.ascontiguousarray(frame[:, :, ::-1])
                wanted += 1
            number += 1
    finally:
        capture.release()
