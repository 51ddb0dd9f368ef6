"""The report on one page holds what an editor needs, prints on one sheet and takes no text for markup."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from browser import ARTEFACTS, chromium, needs_chromium, opened
from findings import CHERNIHIV, SHA, make_findings, make_hostile_findings

from geoinfer.base_layers import Base
from geoinfer.figure import HEIGHT, WIDTH, Frame, draw
from geoinfer.map_data import case_data
from geoinfer.map_window import view_of
from geoinfer.one_page import LIMITS, METHOD, area, one_page, percent
from geoinfer.page import content_hashes
from geoinfer.result import Cluster, Findings, Verdict

BASE = Base(towns=(CHERNIHIV,), attribution="© OpenStreetMap contributors")


class Texts(HTMLParser):
    """The text of a page, and the elements that could ask for something or run."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text, self.tags, self.attributes = "", set[str](), list[tuple[str, str | None]]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def page() -> str:
    return one_page(make_findings(), BASE)


@pytest.mark.parametrize(
    "needed",
    [
        "A 60 km² stretch of the M01", "Ріпки", "Ripky", "31\u00a0%", "51.80270, 31.08580 ±\u00a0400\u00a0m", SHA,
        "Чернігів, Chernihiv Oblast 96\u00a0%", "“Чернігів” 39\u00a0km", METHOD, LIMITS, "ODbL 1.0",
        "Caption of the published photo",
        "GeoNames 2026-07 (CC BY 4.0)", "50\u00a0% region, 89\u00a0km²", "near: BY, RU-BRY", "not a photograph",
        "elsewhere, near none of these places: 17\u00a0%",
        "The border rules (BY, RU-BRY) contributed 0.8 bits",
    ],
)  # fmt: skip
def test_the_page_holds(needed: str, page: str) -> None:
    assert needed in re.sub(r"\s*\n\s*", " ", Texts(page).text)


def test_the_page_loads_nothing_and_has_no_script(page: str) -> None:
    read = Texts(page)
    assert not read.tags & {"script", "link", "iframe", "object", "form", "base"}
    links = [
        value for key, value in read.attributes if key in ("src", "href", "srcset", "action", "data", "xlink:href")
    ]
    assert all(str(link).startswith("data:image/png;base64,") for link in links)
    assert not [key for key, _ in read.attributes if key.startswith("on") or key == "style"]
    css = re.findall(r"<style>(.*?)</style>", page, re.S)
    policy = next(str(value) for key, value in read.attributes if str(value).startswith("default-src"))
    assert f"style-src {content_hashes(tuple(css))};" in policy and "script-src" not in policy


def test_same_findings_same_page(page: str) -> None:
    assert one_page(make_findings(), BASE) == page


def test_hostile_text_stays_text() -> None:
    page = one_page(make_hostile_findings(), BASE)
    read = Texts(page)
    assert not read.tags & {"script", "img"} or "alert" not in "".join(
        str(value) for key, value in read.attributes if key == "src"
    )
    assert not [key for key, _ in read.attributes if key.startswith("on")]
    assert "<script>alert(1)</script>" in read.text
    assert "\u202e" not in page and "\x1b" not in page and "{{7*7}}" in read.text


def test_the_figure_is_xml_and_stays_on_its_sheet() -> None:
    findings = make_findings()
    drawing = ElementTree.fromstring(draw(case_data(findings, BASE, None, (30, 51, 33, 53))))
    texts = ["".join(node.itertext()) for node in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert {"1", "2", "Ріпки", "Чернігів", "20 km"} <= set(texts)
    badges = [node for node in drawing.iter("{http://www.w3.org/2000/svg}circle") if node.get("fill") == "#8a2b52"]
    assert len(badges) == len(findings.sites)
    for node in badges:
        assert 0 < float(str(node.get("cx"))) < WIDTH and 0 < float(str(node.get("cy"))) < HEIGHT
    ElementTree.fromstring(draw(case_data(make_hostile_findings(), BASE, None, (30, 51, 33, 53))))


def test_a_frame_shows_the_view_and_knows_its_scale() -> None:
    view = view_of(make_findings())
    frame = Frame(view)
    left, bottom = frame.at(view[0][1], view[0][0])
    right, top = frame.at(view[1][1], view[1][0])
    assert -1e-6 < left < right < WIDTH + 1e-6 and -1e-6 < top < bottom < HEIGHT + 1e-6
    assert left == pytest.approx(0, abs=1e-6) or top == pytest.approx(0, abs=1e-6)
    drawn = frame.shape({"type": "Point", "coordinates": [31.04, 51.85]})
    assert (drawn.x, drawn.y) == pytest.approx(frame.at(31.04, 51.85))
    km = (view[1][0] - view[0][0]) * 111.2
    assert bottom - top == pytest.approx(km * frame.px_per_km, rel=0.01)


def test_several_places_are_told() -> None:
    good = make_findings()
    clusters = tuple(
        Cluster(
            n, (f"clue-{n}",), (f"photo{n}.jpg",), Verdict("region", f"Place {n}."), (), 1.0, {}, good.cells.iloc[:0]
        )
        for n in (1, 2)
    )
    text = Texts(one_page(replace(good, clusters=clusters), BASE)).text
    assert "Several places" in text and "Place 2. (photo2.jpg)" in text


def test_no_answer_is_a_page_too() -> None:
    bare = make_findings()
    empty = Findings(replace(bare.verdict, kind="none"), (), 1.0, {}, bare.cells.iloc[:0], ())
    text = Texts(one_page(empty, BASE)).text
    assert "No answer" in text and "No place is ranked." in text and "No sign was read" in text


@pytest.mark.parametrize(("share", "said"), [(1.0, "> 99 %"), (0.0, "< 0.5 %"), (0.5, "50 %"), (None, "")])
def test_nothing_is_said_to_be_certain(share: float | None, said: str) -> None:
    assert percent(share).replace("\u00a0", " ") == said


def test_areas_have_three_digits() -> None:
    assert area(999.6).replace("\u00a0", " ") == "1,000 km²"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as one:
        yield one


def crowded(good: Findings) -> Findings:
    """A case with far more of everything than fits on a page."""
    sites = tuple(replace(good.sites[n % 7], rank=n + 1, name=f"{good.sites[n % 7].name} {n}") for n in range(200))
    photos = tuple(replace(good.photos[0], file=f"a folder/and a long name of a photo {n}.jpg") for n in range(100))
    long = "A sentence that qualifies the answer at some length and goes on for a while, as notes do. " * 6
    return replace(
        good, sites=sites, photos=photos, notes=(long,) * 30, problems=good.problems * 40, sources=good.sources * 20,
        verdict=replace(good.verdict, text="Most likely within 3 km of a road. " * 15),
    )  # fmt: skip


@needs_chromium
@pytest.mark.browser
@pytest.mark.parametrize("case", ["usual", "crowded", "hostile"])
def test_the_report_prints_on_one_sheet(case: str, browser: Any, tmp_path: Path) -> None:
    good = make_findings()
    findings = {"usual": good, "crowded": crowded(good), "hostile": make_hostile_findings()}[case]
    path = tmp_path / "report.html"
    path.write_text(one_page(findings), "utf-8")
    with opened(browser, path) as seen:
        ARTEFACTS.mkdir(exist_ok=True)
        sheet = seen.page.pdf(path=ARTEFACTS / f"report-{case}.pdf", prefer_css_page_size=True, print_background=True)
        seen.shoot(f"report-{case}", full_page=True)
        assert (seen.requests, seen.console) == ([], [])
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", sheet)) == 1


@needs_chromium
@pytest.mark.browser
def test_the_report_reads_on_a_phone(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(one_page(make_findings(), BASE), "utf-8")
    with opened(browser, path, (390, 844), is_mobile=True) as seen:
        assert seen.page.evaluate("document.documentElement.scrollWidth") == 390
        seen.shoot("report-phone", full_page=True)
