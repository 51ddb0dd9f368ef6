"""The map opens with no network, shows the case, and takes no stranger's text for anything but text."""

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import folium
import geopandas as gpd
import h3
import numpy as np
import pytest
import shapely
from browser import needs_chromium, visit
from findings import CHERNIHIV, CHERNIHIVKA, HOMIEL, HOSTILE, make_findings, make_hostile_findings, picture
from pyproj import Geod

import geoinfer.page
from gazetteer.places import Match, Place, SearchResult
from gazetteer.roads import Roads
from geoinfer.base_layers import Base, base_data, open_base
from geoinfer.clues import Clue, Mention
from geoinfer.map import around, build_map, save_map, tile_server
from geoinfer.map_clues import MAX_CLUES, MAX_RINGS, reach_data
from geoinfer.map_data import MAX_CELLS, cells_data
from geoinfer.map_grounds import hypothesis_data, named_places
from geoinfer.map_window import FAR_KM, LEAST_KM, view_of, window_of
from geoinfer.page import JQUERY, LEAFLET, SCRIPTS, asset, content_hashes
from geoinfer.result import Findings

STATIC = Path(geoinfer.page.__file__).parent / "static"
BASE = Base(towns=(CHERNIHIV,), attribution="© OpenStreetMap contributors")


class Page(HTMLParser):
    """The parts of a page that could ask for something or run."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.scripts: list[str] = []
        self.handlers: list[str] = []
        self.policy = ""
        self.lang: str | None = ""
        self._in_script = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.links += [str(value) for key, value in attrs if key in ("src", "href", "srcset", "action", "data")]
        self.handlers += [key for key, _ in attrs if key.startswith("on")]
        self._in_script = tag == "script" and "type" not in named
        self.scripts += [""] if self._in_script else []
        if named.get("http-equiv") == "Content-Security-Policy":
            self.policy = str(named["content"])
        if tag == "html":
            self.lang = named.get("lang")

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts[-1] += data

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False


def render(findings: Findings, tiles: str = "none", base: Base = BASE) -> str:
    return str(build_map(findings, tiles=tiles, base=base).get_root().render())


@pytest.fixture(scope="module")
def html() -> str:
    return render(make_findings())


def test_page_refers_to_nothing_outside_itself(html: str) -> None:
    page = Page(html)
    assert page.links == ["#gi-panel"]
    assert page.handlers == []
    assert page.lang == "en"
    assert "<title>geoinfer: A 60 km² stretch" in html
    assert not re.search(r"url\((?!data:|#)", re.sub(r"<script.*?</script>", "", html, flags=re.S))
    assert "sourceMappingURL" not in html


def test_policy_allows_exactly_the_scripts_of_the_page(html: str) -> None:
    page = Page(html)
    hashes = {base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in page.scripts}
    rules = dict(rule.split(" ", 1) for rule in page.policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert set(rules["script-src"].split()) == {f"'sha256-{one}'" for one in hashes}
    assert len(page.scripts) == 4
    assert rules["img-src"] == "data:"
    styles = re.findall(r"<style>(.*?)</style>", html, re.S)
    assert rules["style-src"] == content_hashes(tuple(styles))
    assert "unsafe" not in page.policy and "*" not in page.policy


def test_vendored_files_are_those_of_their_readme() -> None:
    rows = re.findall(r"^\| (\S+\.(?:js|css)) .*\| ([0-9a-f]{64}) \|$", (STATIC / "vendor/README.md").read_text(), re.M)
    assert len(rows) == len(list((STATIC / "vendor").rglob("*.js"))) == 1
    for name, digest in rows:
        assert hashlib.sha256((STATIC / "vendor" / name).read_bytes()).hexdigest() == digest


def test_leaflet_and_jquery_are_those_of_their_makers() -> None:
    known = {
        (LEAFLET, "leaflet.js"): "db49d009c841f5ca34a888c96511ae936fd9f5533e90d8b2c4d57596f4e5641a",
        (LEAFLET, "leaflet.css"): "a7837102824184820dfa198d1ebcd109ff6d0ff9a2672a074b9a1b4d147d04c6",
        (JQUERY, "jquery.min.js"): "fc9a93dd241f6b045cbff0481cf4e1901becd0e12fb45166a8f17f95823f0b1a",
    }
    for (package, name), digest in known.items():
        assert hashlib.sha256(asset(package, name)).hexdigest() == digest, name


def test_own_script_never_writes_html() -> None:
    own = sorted(STATIC.glob("*.js"))
    assert {path.name for path in own} == set(SCRIPTS)
    source = "\n".join(path.read_text("utf-8") for path in own)
    code = re.sub(r"/\*.*?\*/", "", source, flags=re.S)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|Function\(|\$\(", code)


def test_same_findings_same_bytes(html: str, tmp_path: Path) -> None:
    assert render(make_findings()) == html


def test_notebook_shows_the_map_and_takes_further_layers() -> None:
    case_map = build_map(make_findings(), base=BASE)
    assert isinstance(case_map, folium.Map)
    folium.Marker([51.8, 31.1], popup="mine").add_to(case_map)
    assert "srcdoc" in case_map._repr_html_()
    scripts = Page(case_map.get_root().render()).scripts
    assert "L.marker" in scripts[-1]


@pytest.mark.parametrize(
    ("tiles", "origin"),
    [
        ("osm", "https://tile.openstreetmap.org"),
        ("https://{s}.tiles.example/{z}/{x}/{y}.png", "https://*.tiles.example"),
        ("http://localhost:8080/{z}/{x}/{y}.png", "http://localhost:8080"),
    ],
)
def test_policy_allows_the_chosen_tile_host_alone(tiles: str, origin: str) -> None:
    page = Page(render(make_findings(), tiles))
    assert f"img-src data: {origin};" in page.policy


@pytest.mark.parametrize(
    "tiles",
    ["", "OSM", "https://tiles.example/", "ftp://a/{z}/{x}/{y}", "https://a.example; script-src */{z}/{x}/{y}",
     "https://user@host/{z}/{x}/{y}", "javascript:alert(1)//{z}{x}{y}", "https://a'b/{z}/{x}/{y}"],
)  # fmt: skip
def test_other_tiles_are_refused_with_the_choices(tiles: str) -> None:
    with pytest.raises(ValueError, match="choose 'none', 'osm' or a URL"):
        tile_server(tiles)


def test_hostile_text_stays_inside_its_json() -> None:
    html = render(make_hostile_findings())
    page = Page(html)
    assert len(page.scripts) == 4
    assert page.links == ["#gi-panel"]
    assert "<img" not in html.replace("\\u003cimg", "")
    assert "javascript:alert(3)" in html  # as data; map.js makes links of http and https only
    assert "svg onload" not in html  # a crop that is no PNG is not shown
    assert "\u202e" not in html and "\x1b" not in html


def test_long_texts_are_cut() -> None:
    good = make_findings()
    long = replace(good, notes=("x" * 10_000,), sites=(replace(good.sites[0], name="y" * 10_000),))
    html = render(long)
    assert "x" * 601 not in html and "y" * 301 not in html


def test_a_continent_of_cells_and_many_crops_stay_under_five_megabytes() -> None:
    good = make_findings()
    ids = sorted(h3.grid_disk(h3.latlng_to_cell(52, 31, 6), 110))
    mass = np.linspace(1, 2, len(ids))
    cells = gpd.GeoDataFrame({"h3": ids, "probability": mass / mass.sum()}, geometry=[None] * len(ids), crs="EPSG:4326")
    noise = np.random.default_rng(0).integers(0, 255, 50_000, dtype=np.uint8).tobytes()
    crops = {reading: picture("x") + noise for reading in good.crops}
    photos = tuple(replace(good.photos[0], file=f"{n}.jpg") for n in range(300))
    html = render(replace(good, cells=cells, crops=crops, photos=photos))
    assert len(html.encode()) < 5_000_000
    assert "in report.json" in html


def test_too_many_cells_are_joined_without_losing_probability() -> None:
    ids = sorted(h3.grid_disk(h3.latlng_to_cell(52, 31, 7), 60))
    cells = gpd.GeoDataFrame({"h3": ids, "probability": np.full(len(ids), 1 / len(ids))}, geometry=[None] * len(ids))
    drawn = cells_data(cells)
    assert len(ids) > MAX_CELLS >= len(drawn["items"])
    assert sum(share for _, _, share in drawn["items"]) == pytest.approx(1, abs=0.01)


def test_an_answer_without_any_place_is_still_a_map() -> None:
    bare = make_findings()
    empty = replace(bare, sites=(), regions={}, clues=(), photos=(), crops={}, cells=bare.cells.iloc[:0])
    assert view_of(empty)[0][0] < 0 < view_of(empty)[1][0]
    assert "gi-data" in render(empty)


def naming(name: str, *matches: tuple[Place, float], km: float | None = None) -> Clue:
    """A clue with one name that may mean these places."""
    found = tuple(Match(place, place.name, share) for place, share in matches)
    mention = Mention(name, "", km, SearchResult(name, found, 1 - sum(share for _, share in matches)))
    return Clue("clue-1", "s1", "", "unknown", (mention,))


@pytest.mark.parametrize(
    ("clue", "expected"),
    [
        (naming("Chernihiv", (CHERNIHIV, 0.9), (CHERNIHIVKA, 0.05)), ["Чернігів"]),
        (naming("Chernihiv", (CHERNIHIVKA, 0.4), (CHERNIHIV, 0.5)), ["Чернігів"]),
        (naming("Chernihiv", (CHERNIHIV, 0.29)), []),
        (naming("Чернігівщина", (replace(CHERNIHIV, kind="oblast"), 0.9)), []),
        (naming("Чернігів", (replace(CHERNIHIV, id="o", kind="oblast"), 0.5), (CHERNIHIV, 0.4)), ["Чернігів"]),
        (naming("???"), []),
    ],
)
def test_places_that_signs_name_are_the_likely_settlements(clue: Clue, expected: list[str]) -> None:
    assert [one.place.name for one in named_places(replace(make_findings(), clues=(clue,)))] == expected


def test_a_place_on_two_signs_is_drawn_once_with_what_both_say() -> None:
    clues = (naming("Чернігів", (CHERNIHIV, 0.9), km=39), naming("Chernihiv", (CHERNIHIV, 0.95)))
    (named,) = named_places(replace(make_findings(), clues=clues))
    assert named.said == (("Чернігів", 39), ("Chernihiv", None))
    assert named.probability == 0.95


def shows(view: list[list[float]], lon: float, lat: float) -> bool:
    (south, west), (north, east) = view
    return south <= lat <= north and west <= lon <= east


def test_first_view_shows_the_answer_and_what_it_rests_on_but_no_far_tail() -> None:
    good = make_findings()
    tail = replace(good.regions[0.9], geometry=good.regions[0.9].geometry.union(shapely.box(20, 55, 20.1, 55.1)))
    far = replace(good.sites[-1], rank=8, lon=22.0, probability=0.004)
    findings = replace(good, regions={**good.regions, 0.9: tail}, sites=(*good.sites, far))
    view = view_of(findings)
    assert shows(view, CHERNIHIV.lon, CHERNIHIV.lat) and shows(view, HOMIEL.lon, HOMIEL.lat)
    assert all(shows(view, site.lon, site.lat) for site in good.sites[:3])
    assert not shows(view, 20, 55) and not shows(view, 22.0, far.lat)
    west, _, _, north = window_of(findings)
    assert west < 20 and north > 55.1  # the background is there all the same


def test_places_named_far_away_do_not_widen_the_first_view() -> None:
    good = make_findings()
    away = replace(CHERNIHIV, lat=good.sites[0].lat + (FAR_KM + 60) / 111.2)
    near = view_of(replace(good, clues=()))
    assert view_of(replace(good, clues=(naming("Чернігів", (away, 0.9)),))) == near


def test_first_view_is_never_narrower_than_a_town_and_its_neighbours() -> None:
    good = make_findings()
    (south, west), (north, east) = view_of(replace(good, clues=(), regions={}, sites=good.sites[:1]))
    assert (north - south) * 111.2 == pytest.approx(LEAST_KM, rel=0.01)
    assert (east - west) * 111.2 * np.cos(np.radians(51.8)) == pytest.approx(LEAST_KM, rel=0.01)


def test_borders_of_the_hypothesis_are_drawn_inside_the_window_alone() -> None:
    window = (30.0, 51.0, 33.0, 53.0)
    drawn = hypothesis_data(make_findings(), window)
    assert drawn["names"] == ["Belarus", "Bryansk Oblast"]
    line = shapely.geometry.shape(drawn["geometry"])
    assert shapely.box(*window).buffer(1e-3).contains(line)
    assert line.distance(shapely.Point(30.97, 52.08)) < 0.02  # the crossing of the M01 into Belarus
    assert line.distance(shapely.Point(32.6, 52.3)) < 0.1  # Ukraine and Bryansk oblast


@pytest.mark.parametrize(
    "settings", [{}, {"near": []}, {"near": [HOSTILE]}, {"near": ["front"], "near_files": ["front.geojson"]}]
)
def test_without_known_borders_no_hypothesis_is_drawn(settings: dict[str, object]) -> None:
    drawn = hypothesis_data(replace(make_findings(), settings=settings), (30, 51, 33, 53))
    assert drawn["names"] == [] and drawn["geometry"] is None
    assert drawn["undrawn"] == settings.get("near_files", [])
    assert drawn["bands"] == []


def test_an_area_of_the_researcher_is_drawn_with_its_bands() -> None:
    area = shapely.box(30.9, 51.5, 31.1, 51.6)
    settings = {"near": [], "near_files": ["my front.geojson"], "decay_km": 5.0}
    drawn = hypothesis_data(replace(make_findings(), settings=settings, areas={"my front": area}), (30, 51, 33, 53))
    assert (drawn["names"], drawn["undrawn"]) == (["my front"], [])
    assert shapely.geometry.shape(drawn["geometry"]).equals(area.boundary)
    assert [band["km"] for band in drawn["bands"]] == [5, 10, 15]
    for band in drawn["bands"]:
        shape = shapely.geometry.shape(band["geometry"])
        assert shape.contains(area)
        reached = [
            Geod(ellps="WGS84").inv(31.0, 51.6, 31.0, max(y for _, y in shapely.get_coordinates(shape)))[2] / 1000
        ]
        assert reached == pytest.approx([band["km"]], rel=0.06)


def test_bands_of_a_border_follow_it() -> None:
    findings = replace(make_findings(), settings={"near": ["BY"], "decay_km": 7.0})
    window = (30.0, 51.0, 33.0, 53.0)
    drawn = hypothesis_data(findings, window)
    first, second, third = (shapely.geometry.shape(band["geometry"]) for band in drawn["bands"])
    assert first.area < second.area < third.area
    north, south = shapely.Point(31.04, 52.06), shapely.Point(31.0858, 51.8027)  # on the border; Ripky, 21 km from it
    assert first.contains(north) and not second.contains(south)


def test_a_border_with_a_decay_of_its_own_has_bands_of_its_own() -> None:
    settings = {"near": ["BY", "RU-BRY"], "decay_km": 7.0, "decays": {"BY": 2.0}}
    drawn = hypothesis_data(replace(make_findings(), settings=settings), (30.0, 51.0, 33.5, 53.0))
    assert [band["km"] for band in drawn["bands"]] == [2, 4, 6, 7, 14, 21]
    near_belarus, near_bryansk = shapely.Point(30.97, 52.03), shapely.Point(32.6, 52.27)
    third, last = (shapely.geometry.shape(drawn["bands"][index]["geometry"]) for index in (2, 5))
    assert third.contains(near_belarus) and not third.contains(near_bryansk)
    assert last.contains(near_bryansk)


def test_distances_of_a_clue_lead_along_roads_and_round_the_place() -> None:
    (first, second) = reach_data(make_findings(), (30.0, 51.0, 33.0, 53.0))
    assert (first["title"], second["title"]) == ("clue-1: M01, Чернігів 39, Гомель 72", "clue-2: M01, E95")
    assert [ring["text"] for ring in first["rings"]] == ["39 km from Чернігів", "72 km from Гомель"]
    assert (first["routes"], second["routes"], second["rings"]) == (["M01"], ["M01", "E95"], [])
    band = shapely.geometry.shape(first["rings"][0]["band"])
    around = Geod(ellps="WGS84").inv(CHERNIHIV.lon, CHERNIHIV.lat, *shapely.get_coordinates(band.exterior)[7])[2]
    assert around == pytest.approx(39_500, rel=1e-3)
    assert not band.contains(shapely.Point(CHERNIHIV.lon, CHERNIHIV.lat))
    spots = np.array(first["spots"])
    on_the_m01 = np.hypot((spots[:, 1] - 31.06) * 0.62, spots[:, 0] - 51.83) < 0.06
    assert on_the_m01.any()  # both lead to the stretch north of Ripky
    for lat, lon in first["spots"]:
        away = [
            Roads.open().between_km(place.lon, place.lat, lon, lat) - km
            for place, km in ((CHERNIHIV, 39), (HOMIEL, 72))
        ]
        assert min(map(abs, away)) < 1.2


def test_names_far_off_or_unlikely_lead_nowhere() -> None:
    unlikely, endless = naming("Чернігів", (CHERNIHIV, 0.2), km=39), naming("Чернігів", (CHERNIHIV, 0.9), km=4000)
    assert reach_data(replace(make_findings(), clues=(unlikely, endless)), (30.0, 51.0, 33.0, 53.0)) == []


def test_many_clues_share_the_last_switch() -> None:
    clues = tuple(replace(naming("Чернігів", (CHERNIHIV, 0.9), km=5.0 + n), id=f"clue-{n}") for n in range(40))
    drawn = reach_data(replace(make_findings(), clues=clues), (30.0, 51.0, 33.0, 53.0))
    assert (len(drawn), drawn[-1]["title"]) == (MAX_CLUES, f"{MAX_RINGS - MAX_CLUES + 1} more clues")
    assert sum(len(one["rings"]) for one in drawn) == MAX_RINGS


def test_shared_roads_carry_their_first_number_and_main_roads_come_first() -> None:
    def road(ref: str, lat: float) -> dict[str, object]:
        line = {"type": "LineString", "coordinates": [[31.0, lat], [31.4, lat]]}
        return {"type": "Feature", "properties": {"ref": ref, "e_ref": ""}, "geometry": line}

    roads = {"features": [road("P83", 51.0), road("M01;P83", 51.2), road("H28", 51.4), road("", 51.6)]}
    shields = base_data(Base(shapes={"roads": roads}))["shields"]
    assert [(one["name"], one["weight"]) for one in shields] == [("M01", 0), ("H28", 1), ("P83", 2)]
    assert len(shields[0]["spots"]) == 10
    assert all(lat == 51.2 and 31 < lon < 31.4 for lat, lon in shields[0]["spots"])


@pytest.fixture(scope="module")
def real_base() -> Base:
    return open_base(around(view_of(make_findings())))


def test_background_of_the_gazetteer_knows_the_area(real_base: Base) -> None:
    assert {"countries", "admin1", "roads"} <= set(real_base.shapes)
    assert "Chernihiv Oblast" in {one["name"] for one in real_base.areas}
    names = {place.names.get("en") for place in real_base.towns}
    assert "Chernihiv" in names
    assert "Novozavodskyi" not in names  # a district of Chernihiv, not a city beside it
    assert any("Яриловичі" in str(one["name"]) for one in real_base.crossings)


@needs_chromium
@pytest.mark.browser
def test_map_opens_offline_and_asks_for_nothing(tmp_path: Path) -> None:
    path = tmp_path / "map.html"
    save_map(make_findings(), path)
    seen = visit(path)
    assert seen.requests == []
    assert seen.console == []
    assert 'data-geoinfer="shown"' in seen.dom
    assert seen.dom.count('class="gi-pick"') == len(make_findings().sites)
    assert seen.dom.count('class="gi-badge') == len(make_findings().sites)
    assert len(re.findall(r'class="leaflet-pane leaflet-gi-[a-z]+-pane"[^>]*><svg', seen.dom)) == 6
    assert "leaflet-control-scale-line" in seen.dom
    assert "Crop of the photo that reads Чернігів" in seen.dom
    assert "makes no network request" in seen.dom
    assert "Ripky" in seen.dom and "Ріпки" in seen.dom
    assert len(re.findall(r'class="[^"]*gi-label-named', seen.dom)) == 2  # Chernihiv and Homyel, both in view
    assert "Places named on signs" in seen.dom and "hypothesis, not evidence" in seen.dom


@needs_chromium
@pytest.mark.browser
def test_nothing_is_shown_as_certain_or_impossible(tmp_path: Path) -> None:
    good = make_findings()
    sure = tuple(replace(one, probability=share) for one, share in zip(good.sites, (1.0, 0.9951, 0.004), strict=False))
    path = tmp_path / "map.html"
    path.write_text(render(replace(good, sites=sure, elsewhere=0.0)), "utf-8")
    seen = visit(path)
    shown = re.sub(r"<(script|style).*?</\1>", "", seen.dom, flags=re.S).replace("&nbsp;", " ").replace("\u00a0", " ")
    shares = re.findall(r'class="gi-share">([^<]*)<', shown)
    assert shares[:4] == ["&gt; 99 %", "&gt; 99 %", "&lt; 0.5 %", "&lt; 0.5 %"]
    assert not re.search(r"\b100 %|\b0 %", shown)


@needs_chromium
@pytest.mark.browser
def test_only_the_tile_host_is_asked_when_tiles_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "map.html"
    path.write_text(render(make_findings(), "https://tiles.example/{z}/{x}/{y}.png"), "utf-8")
    seen = visit(path)
    hosts = {url.split("/")[2] for url in seen.requests}
    assert hosts == {"tiles.example"}
    assert "come from tiles.example" in seen.dom


@needs_chromium
@pytest.mark.browser
def test_hostile_text_runs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "map.html"
    path.write_text(render(make_hostile_findings()), "utf-8")
    seen = visit(path)
    assert seen.requests == []
    assert seen.console == []
    assert 'data-geoinfer="shown"' in seen.dom
    shown = re.sub(r"<script.*?</script>", "", seen.dom, flags=re.S)
    assert "<img src=x" not in shown and " onerror=" not in shown.replace("&lt;img src=x onerror=", "")
    assert "&lt;img src=x onerror=" in seen.dom
    assert 'href="javascript:' not in seen.dom
