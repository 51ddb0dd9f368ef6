"""Opens a page in Chromium with name resolution blocked, and says what it did."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


@dataclass(frozen=True)
class Visit:
    """What a page became, what it wrote to the console, and what it asked the network for."""

    dom: str
    console: list[str]
    requests: list[str]


def visit(page: Path, size: tuple[int, int] = (1400, 900)) -> Visit:
    """Open a page and wait until it has come to rest."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        log = Path(folder) / "net.json"
        switches = (
            "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={folder}/profile", f"--window-size={size[0]},{size[1]}", "--virtual-time-budget=4000",
            "--enable-logging=stderr", f"--log-net-log={log}", "--dump-dom",
        )  # fmt: skip
        command = [str(CHROMIUM), *switches, page.as_uri()]
        done = subprocess.run(command, check=True, capture_output=True, timeout=60)
        console = [line for line in done.stderr.decode("utf-8", "replace").splitlines() if "CONSOLE" in line]
        return Visit(done.stdout.decode("utf-8", "replace"), console, _requests(log.read_text("utf-8")))


def _requests(text: str) -> list[str]:
    """URLs that the page asked for; what the browser does for itself has no origin as its initiator."""
    log = json.loads(text if text.rstrip().endswith("}") else re.sub(r",?\s*$", "]}", text))
    asked = (event.get("params") or {} for event in log["events"])
    return [one["url"] for one in asked if "url" in one and one.get("initiator", "not an origin") != "not an origin"]
