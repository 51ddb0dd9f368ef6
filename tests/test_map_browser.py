"""The map in a real browser with the network cut off: every layer, every control, by mouse and by keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import mgrs
import pytest
from browser import Watched, chromium, needs_chromium, opened
from findings import make_findings

from geoinfer.map import save_map
from geoinfer.result import Cluster, Verdict

pytestmark = [needs_chromium, pytest.mark.browser]

LAYERS = {
    # switch: what it draws
    "Probability by cell": ".leaflet-gi-cells-pane path",
    "50 % region": ".leaflet-gi-regions-pane path[stroke-width='2.4']",
    "90 % region": ".leaflet-gi-regions-pane path[stroke-width='1.3']",
    "Ranked places": ".gi-badge",
    "Places named on signs": ".leaflet-gi-named-pane .gi-named",
    "clue-1: M01, Чернігів 39, Гомель 72": ".leaflet-gi-reach-pane path[fill='#1c5aa6']",
    "clue-2: M01, E95": ".leaflet-gi-reach-pane path[stroke-width='5']",
    "Borders of the hypothesis": ".leaflet-gi-hypothesis-pane path",
    "7, 14, 21 km from them": ".leaflet-gi-bands-pane path",
    "Border crossings": ".gi-crossing",
    "Country borders": ".leaflet-gi-lines-pane path[stroke='#5d4f66']",
    "Oblasts": ".leaflet-gi-lines-pane path[stroke='#8d8496']",
    "Main roads": ".leaflet-gi-lines-pane path[stroke='#b98f4e']",
    "Names": ".gi-label-2, .gi-label-3",
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as one:
        yield one


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    good = make_findings()
    file = tmp_path_factory.mktemp("map") / "map.html"
    save_map(replace(good, settings={**good.settings, "decay_km": 7.0}), file)
    return file


@pytest.fixture
def seen(browser: Any, path: Path) -> Iterator[Watched]:
    with opened(browser, path, permissions=["clipboard-read", "clipboard-write"]) as one:
        yield one
        assert (one.requests, one.console) == ([], [])


def centre(page: Any) -> tuple[float, float]:
    return tuple(page.evaluate("(() => { const c = geoinfer.map.getCenter(); return [c.lat, c.lng]; })()"))


def test_page_speaks_for_itself(seen: Watched) -> None:
    page = seen.page
    assert page.title().startswith("geoinfer: A 60 km² stretch")
    assert page.evaluate("document.documentElement.lang") == "en"
    names = page.locator("#gi-site-1 .gi-names bdi")
    assert [(one.text_content(), one.get_attribute("lang")) for one in names.all()][:2] == [
        ("Ріпки", "uk"), ("Репки", "ru"),
    ]  # fmt: skip
    assert page.locator(".leaflet-control-scale-line").is_visible()
    rivals = page.locator(".gi-rivals").first.text_content()
    assert rivals.replace("\u00a0", " ") == "or Чернігі? 3 %"


def test_each_layer_is_switched_off_and_on(seen: Watched) -> None:
    page = seen.page
    page.get_by_text("Layers", exact=True).click()
    shown = [text.replace("\u00a0", " ") for text in page.locator(".gi-layers label").all_text_contents()]
    assert sorted(shown) == sorted(LAYERS)
    for layer, selector in LAYERS.items():
        switch = page.get_by_label(layer.replace(" %", "\u00a0%"), exact=True)
        drawn = page.locator(selector)
        many = drawn.count()
        assert many > 0 and switch.is_checked(), layer
        switch.uncheck()
        assert drawn.count() < many, layer  # a clue's roads are drawn as another clue's may be
        switch.check()
        assert drawn.count() == many, layer


def test_clicking_a_place_flies_there_and_says_why(seen: Watched) -> None:
    page = seen.page
    page.locator("#gi-site-6 button").click()
    lat, lon = centre(page)
    assert abs(lat - 52.069) < 0.1 and abs(lon - 30.966) < 0.15
    assert page.locator("#gi-site-6 .gi-why").is_visible()
    popup = page.locator(".leaflet-popup")
    assert "Скиток" in popup.text_content() and "± 400\u00a0m" in popup.text_content()


def test_a_place_is_found_by_keyboard_alone(seen: Watched) -> None:
    page = seen.page
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.type") == "search":
            break
    page.keyboard.type("horod")
    assert page.locator(".gi-sites li:visible .gi-name").all_text_contents() == ["Городня"]
    page.keyboard.press("Enter")
    lat, lon = centre(page)
    assert abs(lat - 51.8907) < 0.1 and abs(lon - 31.5965) < 0.15
    assert "Городня" in page.locator(".leaflet-popup").text_content()
    page.keyboard.press("Escape")
    seen.shoot("keyboard")


def test_every_control_can_be_reached_by_tab(seen: Watched) -> None:
    page = seen.page
    reached = set()
    for _ in range(80):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate("(document.activeElement.textContent || document.activeElement.type).trim().slice(0, 9)")
        )
    assert {"Layers", "Legend", "search", "range", "Zoom in" if "Zoom in" in reached else "+"} <= reached
    assert any(one.startswith("MGRS") for one in reached)


def test_slider_hides_improbable_places_on_map_and_list(seen: Watched) -> None:
    page = seen.page
    slider = page.locator(".gi-least input")
    assert page.locator(".gi-badge").count() == 7
    slider.focus()
    page.keyboard.press("End")
    assert page.locator(".gi-badge").all_text_contents() == ["1"]
    assert page.locator(".gi-sites li:visible .gi-rank").all_text_contents() == ["1"]
    assert page.locator(".gi-least output").text_content() == "at least 31\u00a0%: 1 of 7 places"
    slider.fill("60")
    assert page.locator(".gi-badge").count() == page.locator(".gi-sites li:visible .gi-rank").count() == 4
    page.keyboard.press("Home")
    assert page.locator(".gi-badge").count() == 7


@pytest.mark.parametrize(
    ("lat", "lon", "dms"),
    [
        (51.846, 31.042, "51°50′45.6″N 31°02′31.2″E"),
        (-33.9249, -18.4241, "33°55′29.6″S 18°25′26.8″W"),
        (59.9999999, 5.2, "60°00′00.0″N 5°12′00.0″E"),
        (78.2, 15.6, "78°12′00.0″N 15°36′00.0″E"),
    ],
)
def test_coordinates_in_three_notations(lat: float, lon: float, dms: str, seen: Watched) -> None:
    page = seen.page
    page.evaluate("at => geoinfer.map.setView(at, 12, {animate: false})", [lat, lon])
    shown = page.locator(".gi-readout button span").all_text_contents()
    centred = page.evaluate("(() => { const c = geoinfer.map.getCenter(); return [c.lat, c.lng]; })()")
    assert [round(value, 4) for value in centred] == [round(lat, 4), round(lon, 4)]
    assert shown[0] == "{:.5f}, {:.5f}".format(*centred)
    # The map's centre is where a pixel is, so an arc second off; degrees and minutes are those asked for.
    assert shown[1].split("″")[0][:5] == dms[:5] or lat > 59
    assert abs(seconds(shown[1]) - seconds(dms)) < 4
    expected = mgrs.MGRS().toMGRS(*centred)
    assert shown[2].replace(" ", "") == expected


def seconds(text: str) -> float:
    degrees, minutes, rest = re.match(r"(\d+)°(\d+)′([\d.]+)″", text).groups()  # type: ignore[union-attr]
    return 3600 * int(degrees) + 60 * int(minutes) + float(rest)


def test_exact_degrees_minutes_and_seconds(seen: Watched) -> None:
    page = seen.page
    page.evaluate("geoinfer.map.openPopup(geoinfer.spot(51.846, -31.99999999), [51.846, 31.042])")
    rows = page.locator(".leaflet-popup .gi-notation span").all_text_contents()
    assert rows[1] == "51°50′45.6″N 32°00′00.0″W"
    assert rows[0] == "51.84600, -32.00000"


def test_a_click_copies_the_coordinates_under_the_mouse(seen: Watched) -> None:
    page = seen.page
    box = page.locator(".folium-map").bounding_box()
    x, y = box["x"] + 0.62 * box["width"], box["y"] + 0.12 * box["height"]
    page.locator(".gi-readout button", has_text="MGRS").click()
    page.mouse.move(x, y)
    shown = page.locator(".gi-readout button", has_text="MGRS").locator("span").text_content()
    page.mouse.click(x, y)
    page.locator(".gi-copied", has_text="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == shown
    page.locator(".gi-copy").first.click()
    page.locator(".gi-copied", has_text=", ").wait_for()
    lat, lon = (float(part) for part in page.evaluate("navigator.clipboard.readText()").split(", "))
    assert 50 < lat < 53.5 and 28 < lon < 34


def test_enter_takes_the_spot_under_the_cross(seen: Watched) -> None:
    page = seen.page
    page.keyboard.press("Tab")
    page.locator(".folium-map").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator(".gi-cross").is_visible()
    # The page's own policy forbids the evaluation that waiting for a function would need.
    while page.evaluate("Boolean(geoinfer.map._panAnim && geoinfer.map._panAnim._inProgress)"):
        page.wait_for_timeout(20)
    lat, lon = centre(page)
    page.keyboard.press("Enter")
    assert page.locator(".leaflet-popup .gi-notation span").first.text_content() == f"{lat:.5f}, {lon:.5f}"


def test_links_to_imagery_tell_nobody_before_they_are_followed(seen: Watched) -> None:
    page = seen.page
    page.locator("#gi-site-1 button").click()
    links = page.locator(".leaflet-popup .gi-look a")
    assert links.count() == 7
    for link in links.all():
        assert link.get_attribute("rel") == "noopener noreferrer"
        assert link.get_attribute("target") == "_blank"
        assert re.match(r"https://", link.get_attribute("href"))
        assert "51.80270" in link.get_attribute("href") and "31.08580" in link.get_attribute("href")
    assert "tells its service where you look" in page.locator(".leaflet-popup").text_content()
    links.first.hover()


def test_photos_of_several_places_are_told_apart(browser: Any, tmp_path: Path) -> None:
    good = make_findings()
    clusters = tuple(
        Cluster(n, (f"clue-{n}",), (f"IMG_{n}.jpg",), Verdict("site", f"Most likely near place {n}."), *found)
        for n, found in ((n, (good.sites[n : n + 2], 0.1, good.regions, good.cells)) for n in (1, 2))
    )
    save_map(replace(good, clusters=clusters), tmp_path / "map.html")
    with opened(browser, tmp_path / "map.html") as seen:
        section = seen.page.locator("section", has_text="Photos of several places")
        assert section.locator(".gi-cluster").all_text_contents() == [
            "1. Most likely near place 1.", "2. Most likely near place 2.",
        ]  # fmt: skip
        assert "IMG_2.jpg" in section.inner_text() and "Вишневе" in section.inner_text()


def test_desktop(seen: Watched) -> None:
    page = seen.page
    shot = seen.shoot("desktop")
    assert shot.stat().st_size > 50_000
    assert not page.evaluate("document.body.scrollWidth > innerWidth")


def test_phone(browser: Any, path: Path) -> None:
    with opened(browser, path, (390, 844), has_touch=True, is_mobile=True, device_scale_factor=2) as seen:
        page = seen.page
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert page.locator(".gi-map").bounding_box()["height"] > 380
        assert page.locator("h1").is_visible()
        seen.shoot("phone")
        page.get_by_role("button", name="Findings").click()
        page.wait_for_function("document.querySelector('.gi-map').offsetHeight > 700")
        seen.shoot("phone-map")
        page.get_by_role("button", name="Findings").click()
        page.locator("#gi-site-2 button").tap()
        assert "Гучин" in page.locator(".leaflet-popup").text_content()
        seen.shoot("phone-place")
        assert (seen.requests, seen.console) == ([], [])


def test_print(browser: Any, path: Path) -> None:
    with opened(browser, path, (794, 1123)) as seen:
        page = seen.page
        page.emulate_media(media="print")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.locator(".gi-filter").is_hidden() and page.locator(".gi-layers").is_hidden()
        assert page.locator("#gi-site-7 .gi-why").is_visible()
        seen.shoot("print", full_page=True)
        assert (seen.requests, seen.console) == ([], [])
