"""The README's first case with its real output: ``python docs/first_case.py --write`` renews the table and the picture.

Without ``--write`` the table is printed. The picture needs Playwright and Chromium and is left as it is without them.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from textwrap import fill

import geoinfer as gi
from geoinfer.result import Findings

ROOT = Path(__file__).resolve().parents[1]
BEGIN, END = "<!-- docs/first_case.py -->", "<!-- end -->"
MOST_SITES = 12


def infer_first_case() -> gi.Result:
    """Infer from the one sign that the photo of 29 January 2026 shows."""
    with tempfile.TemporaryDirectory() as folder:
        clues = Path(folder) / "clues.csv"
        clues.write_text("sign_id,kind,name\ns1,unknown,Chernihiv\n", encoding="utf-8")
        return gi.Case.from_clues(clues).infer()


def as_markdown(findings: Findings) -> str:
    """Write what the command answers: the verdict and the ranked sites."""
    rows = [
        f"| {site.rank} | {_named(site)} | {site.kind} | {site.probability:.1%} | "
        f"{site.km_to['BY']:.0f} | {site.km_to['RU-BRY']:.0f} |"
        for site in findings.sites[:MOST_SITES]
    ]
    more = findings.sites[MOST_SITES:]
    rows.append(f"| | {len(more)} more sites | | {sum(site.probability for site in more):.1%} | | |")
    rows.append(f"| | elsewhere in the region | | {findings.elsewhere:.1%} | | |")
    head = ["| rank | site | kind | probability | km to BY | km to RU-BRY |", "|---|---|---|---|---|---|"]
    return "\n".join(["```text", fill(findings.verdict.text, 130), "```", "", *head, *rows])


def _named(site: gi.Site) -> str:
    english = site.names.get("en", "")
    return site.name if english in ("", site.name) else f"{site.name} ({english})"


def take_picture(result: gi.Result, target: Path) -> None:
    """Photograph the map as it opens, with name resolution blocked."""
    from PIL import Image
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        result.save(Path(folder) / "out")
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND"]
        )
        page = browser.new_page(viewport={"width": 1400, "height": 987})
        page.goto((Path(folder) / "out" / "map.html").as_uri())
        page.wait_for_timeout(2000)
        page.screenshot(path=target)
        browser.close()
    with Image.open(target) as image:
        image.convert("RGB").quantize(128).save(target, optimize=True)


def main(arguments: list[str]) -> None:
    """Print the table, or write it and the picture."""
    result = infer_first_case()
    table = as_markdown(result.findings)
    if "--write" not in arguments:
        print(table)
        return
    readme = ROOT / "README.md"
    before, _, rest = readme.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    readme.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")
    try:
        take_picture(result, ROOT / "docs" / "map.png")
    except Exception as error:  # Playwright has errors of its own for a browser that is not there
        print(f"docs/map.png is as it was: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
