from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import h3
import pytest
from browser import chromium, needs_chromium, opened
from findings import HOSTILE, make_findings, make_hostile_findings, picture

import geoinfer as gi
from geoinfer import display, figure, shown
from geoinfer.clue_rows import ClueRow
from geoinfer.map import base_of
from geoinfer.map_data import case_data
from geoinfer.map_window import around, view_of

TABLE = {"table", "thead", "tbody", "tr", "th", "td"}
DRAWING = {"rect", "path", "circle", "text"}


class Seen(HTMLParser):
    """What a browser would make elements of."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.sources: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.sources += [value or "" for name, value in attrs if name == "src"]


def test_an_answer_shows_its_sites_and_a_still_map() -> None:
    findings = make_findings()
    html = display.result_html(findings)
    assert findings.verdict.text in html
    assert html.count("<svg") == 1
    assert f"{findings.elsewhere:.1%}" in html
    assert "km to BY" in html


def test_what_strangers_wrote_stays_text() -> None:
    html = display.result_html(make_hostile_findings())
    rows = [ClueRow("s1", name=HOSTILE, note=HOSTILE, photo=HOSTILE)]
    html += display.Sheet((), rows, {}, [{"file": HOSTILE, "error": HOSTILE}]).html()
    html += shown.Told([HOSTILE])._repr_html_() + shown.picture(picture("a"), HOSTILE)
    seen = Seen()
    seen.feed(html)
    assert seen.tags <= {"p", "b", "br", "code", "div", "img", "li", "ol", "ul", "svg"} | TABLE | DRAWING
    assert not {name for name in seen.attributes if name.startswith("on") or name in ("href", "xlink:href")}
    assert all(source.startswith("data:image/jpeg;base64,") for source in seen.sources)


@pytest.mark.parametrize("png", [b"", b"no picture", picture("a")[:40]])
def test_a_crop_that_is_no_picture_is_left_out(png: bytes) -> None:
    assert shown.picture(png, "a") == ""


def test_a_crop_is_shown_small() -> None:
    html = shown.picture(picture("Чернігів", (2200, 480)), "Чернігів")
    assert html.startswith("<img")
    assert len(html) < 6000


def test_a_case_typed_in_shows_its_clues_without_empty_columns() -> None:
    case = gi.Case()
    case.add_clue("Чернігів", km=39)
    case.add_clue(road="M01")
    html = case._repr_html_()
    assert "2 clues with 2 names or roads" in html
    assert "Чернігів 39" in html
    assert "M01" in html
    assert "picture" not in html


def test_a_case_of_photos_shows_crops_and_what_was_not_used() -> None:
    from geoinfer.photos import PhotoRecord
    from geoinfer.readings import Reading
    from geoinfer.signs import find_signs

    box = ((0.0, 0.0), (90.0, 0.0), (90.0, 20.0), (0.0, 20.0))
    line = Reading("p/r1", box, "Чернігів 39", "mixed", 0.9, (("Чернігів 39", 0.9),), "signs")
    photo = PhotoRecord("a.jpg", "a" * 64, 800, 600, {}, find_signs([line], None, "p"))
    rows = [ClueRow("p/s1", "distance", "Чернігів", km=39.0, photo="a.jpg", readings=("p/r1",))]
    many = [ClueRow(f"p/s{n}", name="Ріпки", photo="a.jpg") for n in range(2, 40)]
    sheet = display.Sheet((photo,), rows + many, {"p/r1": picture("a")}, [{"file": "b.jpg", "error": "b.jpg: empty"}])
    html = sheet.html()
    assert html.count("data:image/jpeg") == 1
    assert "Чернігів 39 (90%)" in html
    assert "and 9 more" in html
    assert "<li>b.jpg: empty</li>" in html


@pytest.fixture(scope="module")
def result() -> gi.Result:
    case = gi.Case()
    case.add_clue("Чернігів", km=39)
    case.add_clue("Гомель", km=72)
    return case.infer()


def test_parts_of_an_answer_show_themselves(result: gi.Result) -> None:
    assert "Ріпки" in result._repr_html_()
    assert "<svg" in result.region(0.9)._repr_html_()
    assert "bits against an average place" in result.explain(1)._repr_html_()
    assert result.swings._repr_html_().count("<li>") == len(result.swings)
    assert result.ambiguity is not None
    assert "area that fits" in result.ambiguity._repr_html_()
    assert str(result.verdict) == result.verdict.text


def test_clues_show_which_places_they_may_mean(result: gi.Result) -> None:
    html = result.clues._repr_html_()
    assert "Гомель 72" in html
    assert "none of these" in html


def test_cells_far_beyond_the_sheet_and_across_the_date_line_spoil_no_figure() -> None:
    """Photos of many countries in one case: cells are coarse and far apart, and the view is a few kilometres wide."""
    findings = make_findings()
    data = case_data(findings, base_of(findings), None, around(view_of(findings)))
    plain = figure.draw(data)
    lon, lat = findings.sites[0].lon, findings.sites[0].lat
    for spot in ((179.9, 65.0), (-179.9, -16.0), (100.0, 89.9), (lon, lat), (37.6, 55.7), (0.0, -85.0)):
        for resolution in (0, 2, 4):
            cell = h3.latlng_to_cell(spot[1], spot[0], resolution)
            outline = [[round(y, 5), round(x, 5)] for y, x in h3.cell_to_boundary(cell)]
            data["cells"]["items"].append([outline, 0, 0.01])
    drawn = figure.draw(data)
    assert drawn.count("<path") == plain.count("<path")
    assert "nan" not in drawn


@needs_chromium
@pytest.mark.browser
def test_a_map_shows_itself_in_a_cell_and_asks_nothing_of_the_network(result: gi.Result, tmp_path: Path) -> None:
    cell = tmp_path / "cell.html"
    cell.write_text(f"<!doctype html><div style='width:900px'>{result.map()._repr_html_()}</div>", encoding="utf-8")
    with chromium() as browser, opened(browser, cell) as watched:
        inner = watched.page.frames[1]
        inner.locator("html[data-geoinfer=shown]").wait_for(state="attached", timeout=20_000)
        assert "Ріпки" in inner.locator("body").inner_text()
        assert not [request for request in watched.requests if not request.startswith(("file:", "data:", "about:"))]
        assert watched.console == []
