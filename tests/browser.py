"""Opens a page in Chromium with name resolution blocked, and says what it did.

`visit` starts Chromium by itself and reads its network log, which knows what scripts cannot see; `Watched` lets a test
use the page through Playwright, as a reader would.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")

ARTEFACTS = Path(__file__).parent / "artefacts"
"""Screenshots for people to look at; git ignores the folder."""
OFFLINE = ("--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND")


@dataclass
class Watched:
    """A page that a test uses, with all that it wrote to the console and asked the network for."""

    page: Any
    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def shoot(self, name: str, **options: Any) -> Path:
        """Keep a screenshot among the artefacts."""
        ARTEFACTS.mkdir(exist_ok=True)
        path = ARTEFACTS / f"{name}.png"
        self.page.screenshot(path=path, **options)
        return path


@contextmanager
def chromium() -> Iterator[Any]:
    """Start Chromium; it can resolve no name."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(OFFLINE))
        yield browser
        browser.close()


@contextmanager
def opened(browser: Any, path: Path, size: tuple[int, int] = (1440, 900), **options: Any) -> Iterator[Watched]:
    """Open a file in a window of its own."""
    settings = {"viewport": {"width": size[0], "height": size[1]}, "reduced_motion": "reduce", "locale": "en-GB"}
    context = browser.new_context(**settings, **options)
    watched = Watched(context.new_page())
    watched.page.on("console", lambda message: watched.console.append(f"{message.type}: {message.text}"))
    watched.page.on("pageerror", lambda error: watched.console.append(f"error: {error}"))
    watched.page.on("request", lambda request: watched.requests.append(request.url))
    context.on("page", lambda new: watched.requests.append(f"window: {new.url}"))
    watched.page.goto(path.as_uri())
    watched.requests = [url for url in watched.requests if url != path.as_uri() and not url.startswith("data:")]
    yield watched
    context.close()


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
