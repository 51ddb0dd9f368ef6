from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from geoinfer.errors import OccupiedError
from geoinfer.occupy import LOCK, occupy

HOLD = """
import sys, time
from pathlib import Path
from geoinfer.occupy import occupy
with occupy(Path(sys.argv[1])):
    print("in", flush=True)
    time.sleep(60)
"""


def test_a_second_run_is_kept_out_until_the_first_one_dies(tmp_path: Path) -> None:
    other = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None and other.stdout.readline() == "in\n"
    with pytest.raises(OccupiedError, match="another run of geoinfer"), occupy(tmp_path):
        pass
    other.kill()
    other.wait()
    other.stdout.close()
    with occupy(tmp_path), occupy(tmp_path):  # one run may take it twice
        assert (tmp_path / LOCK).exists()


def test_termination_saves_what_was_read_and_the_next_run_goes_on(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(16):
        Image.effect_noise((320, 240), 20 + number).convert("RGB").save(photos / f"{number:02d}.png")
    out = tmp_path / "out"
    command = [sys.executable, "-m", "geoinfer", "run", str(photos), "-o", str(out), "--jobs", "1", "--near", "none"]
    first = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    deadline = time.monotonic() + 60
    while not (out / ".readings.sqlite").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(1.0)
    first.send_signal(signal.SIGTERM)
    _, told = first.communicate(timeout=120)
    assert first.returncode == 130
    assert "goes on from there" in told
    assert (out / "report.json").is_file()
    again = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert again.returncode == 0
    assert "interrupted" not in again.stdout + again.stderr
    whole = (out / "report.json").read_bytes()
    Image.effect_noise((320, 240), 90).convert("RGB").save(photos / "new.png")
    (out / ".readings.sqlite").unlink()
    third = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    while not (out / ".readings.sqlite").exists() and third.poll() is None:
        time.sleep(0.1)
    third.send_signal(signal.SIGTERM)
    _, told = third.communicate(timeout=120)
    # The signal may come before reading has begun.
    assert third.returncode == 130 and "the same command goes on" in told, told
    assert (out / "report.json").read_bytes() == whole
