"""The map beside stock Folium: what each weighs, asks the network for, and takes to paint.

Both show one case: cells, regions, ranked places with popups, and crops. Folium's page is opened twice: with the
network off, and with its files handed to it at once from memory, which is faster than any network. geoinfer's page is
opened with the network off alone, once as usual and once with 200 places and 100 photos.

    python benchmarks/map.py [--repeats 5] [--json]
"""

from __future__ import annotations

import argparse
import base64
import json
import platform
import re
import statistics
import sys
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import folium
from browser import chromium
from findings import make_findings, picture

from geoinfer.map import save_map
from geoinfer.page import JQUERY, LEAFLET, asset
from geoinfer.result import Findings

DRAWN = "() => window.L && document.querySelectorAll('.leaflet-marker-icon, .leaflet-interactive').length > 6"
PAINTED = "() => (performance.getEntriesByName('first-contentful-paint')[0] || {startTime: null}).startTime"


@dataclass(frozen=True)
class Measured:
    """What a page did: medians over the repeats, milliseconds."""

    page: str
    bytes: int
    requests: int
    errors: int
    first_paint_ms: float | None
    drawn_ms: float | None


def stock_folium(findings: Findings, path: Path) -> None:
    """Draw the case as the manual of Folium would."""
    west, south, east, north = findings.regions[0.9].geometry.bounds
    drawn = folium.Map(location=[(south + north) / 2, (west + east) / 2], zoom_start=9, tiles=None)
    peak = float(findings.cells["probability"].max())
    folium.GeoJson(
        findings.cells[["probability", "geometry"]].to_json(),
        style_function=lambda one: {"stroke": False, "fillOpacity": one["properties"]["probability"] / peak},
    ).add_to(drawn)
    for region in findings.regions.values():
        folium.GeoJson(region.geometry.__geo_interface__).add_to(drawn)
    for site in findings.sites:
        text = f"{site.rank}. {site.name}: {site.probability:.1%}<br>" + "<br>".join(site.reasons)
        folium.Marker([site.lat, site.lon], popup=folium.Popup(text)).add_to(drawn)
    for png in findings.crops.values():
        image = f'<img src="data:image/png;base64,{base64.b64encode(png).decode()}">'
        drawn.get_root().html.add_child(folium.Element(image))
    folium.LayerControl().add_to(drawn)
    drawn.save(str(path))


def large(good: Findings) -> Findings:
    """Enlarge the case to 200 places and 100 photos, each with six crops."""
    sites = tuple(
        replace(good.sites[n % 7], rank=n + 1, probability=0.8 / 200, lon=30.2 + n % 20 / 9, lat=51.2 + n // 20 / 9)
        for n in range(200)
    )
    photo, sign = good.photos[0], good.photos[0].signs[0]
    photos, crops = [], {}
    for n in range(100):
        readings = tuple(replace(one, id=f"photo-{n}/r{k}") for k, one in enumerate(sign.readings))
        photos.append(replace(photo, file=f"IMG_{n:04}.jpg", signs=(replace(sign, readings=readings),)))
        crops |= {one.id: picture(one.text) for one in readings}
    return replace(good, sites=sites, photos=tuple(photos), crops=crops)


def measure(browser: Any, name: str, path: Path, repeats: int, serve: bool) -> Measured:
    """Open a page some times, each in a window of its own."""
    paints, draws, requests, errors = [], [], [], []
    for _ in range(repeats):
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        asked: list[str] = []
        failed: list[str] = []
        page.on("request", lambda one, asked=asked: asked.append(one.url))
        page.on("pageerror", lambda one, failed=failed: failed.append(str(one)))
        if serve:
            page.route(re.compile("^https?://"), _from_memory)
        page.goto(path.as_uri())
        try:
            drawn = page.wait_for_function(f"() => ({DRAWN})() && performance.now()", timeout=8000).json_value()
            draws.append(float(drawn))
        except Exception as error:
            if "Timeout" not in str(error):
                raise
        page.wait_for_timeout(150)
        painted = page.evaluate(PAINTED)
        paints += [] if painted is None else [float(painted)]
        requests.append(len([url for url in asked if url.startswith("http")]))
        errors.append(len(failed))
        context.close()
    size = path.stat().st_size
    return Measured(name, size, max(requests), max(errors), _median(paints), _median(draws))


def _median(values: list[float]) -> float | None:
    return round(statistics.median(values)) if values else None


def _from_memory(route: Any) -> None:
    """Hand over Leaflet and jQuery; the other files of Folium are answered with nothing in them."""
    name = route.request.url.rsplit("/", 1)[-1]
    known = {"leaflet.js": (LEAFLET, "leaflet.js"), "leaflet.css": (LEAFLET, "leaflet.css")}
    if name.startswith("jquery"):
        known[name] = (JQUERY, "jquery.min.js")
    kind = "text/css" if name.endswith("css") else "text/javascript"
    route.fulfill(body=asset(*known[name]) if name in known else b"", content_type=kind)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    good = make_findings()
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        paths = {name: Path(folder) / f"{name}.html" for name in ("folium", "geoinfer", "large")}
        stock_folium(good, paths["folium"])
        save_map(good, paths["geoinfer"])
        save_map(large(good), paths["large"])
        rows = [
            measure(browser, "stock Folium, network off", paths["folium"], min(2, chosen.repeats), serve=False),
            measure(browser, "stock Folium, files from memory", paths["folium"], chosen.repeats, serve=True),
            measure(browser, "geoinfer, network off", paths["geoinfer"], chosen.repeats, serve=False),
            measure(browser, "geoinfer, 200 places, 100 photos", paths["large"], chosen.repeats, serve=False),
        ]
        where = f"{platform.processor() or platform.machine()}, Chromium {browser.version}, Folium {folium.__version__}"
    if chosen.json:
        print(json.dumps({"where": where, "pages": [asdict(row) for row in rows]}, indent=1))
        return
    print(f"{where}; medians of {chosen.repeats}; milliseconds from the start of navigation")
    print(f"{'':34}{'bytes':>10}{'requests':>10}{'errors':>8}{'first paint':>13}{'drawn':>9}")
    for row in rows:
        paint, drawn = ("never" if value is None else f"{value:.0f}" for value in (row.first_paint_ms, row.drawn_ms))
        print(f"{row.page:34}{row.bytes:>10,}{row.requests:>10}{row.errors:>8}{paint:>13}{drawn:>9}")
    stock, ours = rows[1], rows[2]
    print(f"geoinfer / stock from memory: bytes {ours.bytes / stock.bytes:.2f}, "
          f"drawn {(ours.drawn_ms or 0) / (stock.drawn_ms or 1):.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
