"""A corpus of hostile texts through the whole run: shown as text everywhere, in every file that leaves."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from itertools import cycle
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pyogrio
import pytest
from browser import chromium, needs_chromium, opened
from click.testing import CliRunner
from findings import CHERNIHIV, make_findings
from hostile import CORPUS
from PIL import Image

from gazetteer.places import Match, SearchResult
from geoinfer.case import Case
from geoinfer.cli import main
from geoinfer.clues import Clue, Mention
from geoinfer.publish import publish_case
from geoinfer.result import Findings, Verdict
from geoinfer.save import save_case
from geoinfer.signs import Sign
from geoinfer.verify import verify_case

NOW = datetime(2026, 2, 10, tzinfo=UTC)
FILES = (
    "map.html", "report.html", "report.json", "sites.csv", "sites.geojson", "sites.kml", "case.gpkg", "ledger.jsonl",
)  # fmt: skip
CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff"
"""What moves a terminal's cursor, or is no text."""
UNSEEN = "\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff"
"""What reorders or hides text."""
OWN_TAGS = {
    "html", "head", "meta", "title", "style", "script", "body", "a", "div", "main", "aside", "noscript", "p", "header",
    "h1", "h2", "code", "figure", "figcaption", "section", "ol", "ul", "li", "b", "bdi", "span", "small", "br", "img",
    "svg", "rect", "path", "circle", "text",
}  # fmt: skip


def test_the_corpus_is_large_enough() -> None:
    assert len(set(CORPUS)) >= 100


def everywhere() -> Findings:
    """A case with each text of the corpus as a site's name, a reason, a reading, an entry, a file, EXIF and a note."""
    good = make_findings()
    texts = cycle(CORPUS)
    photo, sign = good.photos[0], good.photos[0].signs[0]

    def hostile_sign(index: int) -> Sign:
        readings = tuple(
            replace(one, id=f"photo-{index}/r{n}", text=next(texts), alternatives=((next(texts), 0.4),))
            for n, one in enumerate(sign.readings, start=1)
        )
        entries = tuple(replace(one, name=next(texts), other=next(texts), readings=()) for one in sign.entries)
        return replace(sign, id=f"photo-{index}/s1", readings=readings, entries=entries, routes=(next(texts),))

    def found(text: str) -> SearchResult:
        place = replace(CHERNIHIV, id=text, name=text, names={"uk": text, text: text}, admin1_name=text)
        return SearchResult(text, (Match(place, text, 0.9),), 0.1)

    photos = tuple(
        replace(photo, file=text, exif={text: next(texts), "camera": text}, signs=(hostile_sign(index),))
        for index, text in enumerate(CORPUS, start=1)
    )
    clues = tuple(
        Clue(f"clue-{n}", text, text, "unknown", (Mention(text, text, 39.0, found(text), ()),), (text,), "", text)
        for n, text in enumerate(CORPUS)
    )
    sites = tuple(
        replace(good.sites[n % 7], rank=n + 1, name=text, names={"uk": text, text: text}, reasons=(text, text),
                kind=text, country=text, admin1=text, km_to={text: 1.0})
        for n, text in enumerate(CORPUS)
    )  # fmt: skip
    facts = ("name", "version", "licence", "url", "attribution")
    return replace(
        good, verdict=Verdict("region", "".join(text[:40] for text in CORPUS[:30])), sites=sites, clues=clues,
        photos=photos, notes=CORPUS, problems=tuple({"file": text, "error": text} for text in CORPUS),
        settings={"near": list(CORPUS), "near_files": list(CORPUS), **dict.fromkeys(CORPUS, CORPUS[5])},
        sources=tuple(dict.fromkeys(facts, text) for text in CORPUS),
        corrections=tuple({"order": n, "what": text, "reading": text} for n, text in enumerate(CORPUS)),
    )  # fmt: skip


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The case with hostile text in each of its fields, saved."""
    folder = tmp_path_factory.mktemp("everywhere") / "out"
    save_case(everywhere(), folder)
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole run: files with hostile names, some of them photos with hostile EXIF, and clues with hostile text."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "photos").mkdir()
    for number, text in enumerate(CORPUS):
        name = text.replace("/", "∕").replace("\x00", "").replace("\ud800", "")[:60]  # what no file can be called
        path = folder / "photos" / f"{name}.jpg"
        if number % 36:
            path.write_bytes(b"no photo")
            continue
        image = Image.effect_noise((64, 48), 10 + number).convert("RGB")  # no two look the same
        exif = Image.Exif()
        for tag in (0x010E, 0x010F, 0x0110, 0x0131, 0x013B, 0x0132):  # description, make, model, program, artist, time
            exif[tag] = text[:2000].encode("utf-8", "replace").decode("utf-8").replace("\x00", "")
        image.save(path, exif=exif)
    case = Case.from_photos(folder / "photos")
    for text in CORPUS[::15]:
        case.add_clue("Чернігів", km=39, note=text, sign="plate")
    for text in CORPUS[::60]:  # few, for a name that may be any place on earth takes long
        case.add_clue(text, note=text)
    case.infer().save(folder / "out")
    return folder


class Page(HTMLParser):
    """Tags and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(key, value or "") for key, value in attrs]


@pytest.fixture(params=["everywhere", "run"])
def folder(request: pytest.FixtureRequest) -> Path:
    saved: Path = request.getfixturevalue("out" if request.param == "everywhere" else "run")
    return saved if request.param == "everywhere" else saved / "out"


def test_every_file_is_there_and_vouched_for(folder: Path) -> None:
    verify_case(folder)
    assert {path.name for path in folder.iterdir()} == {*FILES, "crops", "corrections.json"}


def test_all_json_parses(folder: Path) -> None:
    def refuse(word: str) -> None:
        raise AssertionError(word)

    for name in ("report.json", "sites.geojson", "corrections.json"):
        json.loads((folder / name).read_text("utf-8"), parse_constant=refuse)
    for line in (folder / "ledger.jsonl").read_text("utf-8").split("\n")[:-1]:
        json.loads(line, parse_constant=refuse)
    (data,) = re.findall(r'id="gi-data">(.*?)</script>', (folder / "map.html").read_text("utf-8"))
    json.loads(data, parse_constant=refuse)


def test_all_xml_parses_and_refers_to_nothing(folder: Path) -> None:
    kml = ElementTree.parse(folder / "sites.kml")
    assert not {node.tag.rpartition("}")[2] for node in kml.iter()} & {"href", "NetworkLink", "Link", "script"}
    for description in kml.iter("{http://www.opengis.net/kml/2.2}description"):
        assert not re.search(r"<(?!br>|b>|/b>)", description.text or "")
    for style in pyogrio.read_dataframe(folder / "case.gpkg", layer="layer_styles")["styleQML"]:
        ElementTree.fromstring(style)


def test_no_formula_stays_live(folder: Path) -> None:
    with (folder / "sites.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.reader(stream):
            for cell in row:
                number = re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", cell)
                assert number or not cell.strip().startswith(tuple("=+-@＝＋－＠")), cell[:40]


@pytest.mark.parametrize("name", ["map.html", "report.html"])
def test_pages_show_what_is_invisible(name: str, folder: Path) -> None:
    text = re.sub(r"<script>.*?</script>", "", (folder / name).read_text("utf-8"), flags=re.S)
    assert set(re.findall(f"[{CONTROLS}{UNSEEN}]", text)) == set()


def test_tables_hold_no_control_characters(folder: Path) -> None:
    assert set(re.findall(f"[{CONTROLS}]", (folder / "sites.csv").read_text("utf-8"))) == set()
    # XML 1.0 allows those of ISO 8859 though nobody writes them.
    assert set(re.findall(f"[{CONTROLS}]", (folder / "sites.kml").read_text("utf-8"))) <= {*map(chr, range(0x7F, 0xA0))}


@pytest.mark.parametrize("name", ["map.html", "report.html"])
def test_pages_hold_our_own_elements_alone(name: str, folder: Path) -> None:
    page = Page((folder / name).read_text("utf-8"))
    assert page.tags <= OWN_TAGS
    assert not [key for key, _ in page.attributes if key.startswith("on") or key in ("style", "srcdoc", "formaction")]
    targets = [value for key, value in page.attributes if key in ("src", "href", "action", "data")]
    assert all(value == "#gi-panel" or value.startswith("data:image/png;base64,") for value in targets)


def test_tables_are_read_back(folder: Path) -> None:
    report = json.loads((folder / "report.json").read_bytes())
    assert len(pyogrio.read_dataframe(folder / "case.gpkg", layer="sites")) == len(report["sites"])
    if report["sites"]:
        assert len(pyogrio.read_dataframe(folder / "sites.geojson")) == len(report["sites"])


def test_file_names_exif_and_clues_came_through_the_run(run: Path) -> None:
    report = json.loads((run / "out/report.json").read_bytes())
    assert len(report["photos"]) + len(report["problems"]) >= 150
    assert any("<script>" in str(photo["exif"]) for photo in report["photos"])
    assert len(report["clues"]) == 1 + len(CORPUS[::60])
    kept = json.loads((run / "out/corrections.json").read_bytes())["corrections"]
    assert {one["now"]["note"] for one in kept} >= {
        text for text in CORPUS[::60] if text.isascii() and text.isprintable()
    }


def test_a_terminal_shows_it_as_text(run: Path) -> None:
    for command in (["read", str(run / "photos"), "-q"], ["verify", str(run / "out")]):
        told = CliRunner().invoke(main, command)
        assert told.exit_code == 0
        assert not re.search(f"[{CONTROLS}{UNSEEN}]", told.output), command


def test_the_public_version_holds_none_of_it(out: Path, tmp_path: Path) -> None:
    answers = dict.fromkeys(("harm", "interest", "alternatives", "verification"), CORPUS[0])
    publish_case(out, tmp_path / "public", embargo=None, answers=answers, now=NOW)
    for path in (tmp_path / "public").iterdir():
        text = path.read_text("utf-8")
        assert "pwned" not in text and "tracker.example" not in text


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as one:
        yield one


@needs_chromium
@pytest.mark.browser
@pytest.mark.parametrize("name", ["map.html", "report.html"])
def test_no_script_runs(name: str, folder: Path, browser: Any) -> None:
    with opened(browser, folder / name) as seen:
        page = seen.page
        page.on("dialog", lambda dialog: seen.console.append(f"dialog: {dialog.message}"))
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        if name == "map.html":
            assert page.evaluate("document.documentElement.dataset.geoinfer") == "shown"
            # Popups and tooltips, as if the marks had been clicked and hovered over.
            for kind in ("Popup", "Tooltip"):
                page.evaluate(
                    f"""() => {{ const found = [];
                    geoinfer.map.eachLayer(one => one.get{kind} && one.get{kind}() && found.push(one));
                    found.slice(0, 25).forEach(one => one.open{kind}()); }}"""
                )
        page.wait_for_timeout(300)
        assert page.evaluate("window.pwned") is None
        assert page.evaluate("({}).pwned") is None
        assert (seen.requests, seen.console) == ([], [])
        assert page.locator("iframe, object, embed, form, link, base, script[src]").count() == 0
        links = page.locator("a").evaluate_all("all => all.map(one => one.protocol)")
        assert set(links) <= {"https:", "http:", "file:"}
        seen.shoot(f"hostile-{name.split('.')[0]}-{folder.parent.name[:4]}")
