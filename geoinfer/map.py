"""The map of a case: one HTML file with its evidence, that opens with the network off.

It is a Folium map, so it shows itself in a notebook and takes further Folium layers. Its own layers are drawn by
``static/map.js`` from data, not by Folium's templates, because those put names into the page as HTML.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from geoinfer.map_window import around

if TYPE_CHECKING:
    import folium

    from geoinfer.base_layers import Base
    from geoinfer.result import Findings

__all__ = ["OSM_TILES", "around", "build_map", "save_map", "tile_server"]

OSM_TILES = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"


def build_map(
    findings: Findings, *, tiles: str = "none", base: Base | None = None, report: Mapping[str, Any] | None = None
) -> folium.Map:
    """Build the map of a working case.

    Parameters
    ----------
    findings
        What an inference found.
    tiles
        ``none``: no request is ever made. ``osm`` or the URL template of a tile server: that server, and no other,
        is asked for the background and so learns where the map is looked at.
    base
        The drawn background; by default the gazetteer's.
    report
        The report of these findings where it has been built.

    Returns
    -------
    folium.Map
        Shows itself in a notebook; `save_map` writes it.

    Raises
    ------
    ValueError
        If `tiles` is none of these.
    """
    from geoinfer.map_data import case_data
    from geoinfer.map_window import window_of
    from geoinfer.page import CaseMap

    server = tile_server(tiles)
    window = window_of(findings)
    data = case_data(findings, base or base_of(findings), server, window, report)
    return CaseMap(data, server["origin"] if server else "")


def save_map(
    findings: Findings,
    path: Path,
    tiles: str = "none",
    base: Base | None = None,
    report: Mapping[str, Any] | None = None,
) -> None:
    """Write the map of a working case to one HTML file; the same findings give the same bytes."""
    page = build_map(findings, tiles=tiles, base=base, report=report)
    Path(path).write_bytes(page.get_root().render().encode("utf-8"))


def base_of(findings: Findings) -> Base:
    """Read the background of a case's map and of its figure."""
    from geoinfer.base_layers import open_base
    from geoinfer.map_window import view_of, window_of

    return open_base(window_of(findings), focus=around(view_of(findings)))


def tile_server(tiles: str) -> dict[str, str] | None:
    """Check the choice of tiles and say which server it asks.

    Returns
    -------
    dict or None
        ``url`` (template), ``host``, ``origin`` (as a Content-Security-Policy names it) and ``attribution``; None for
        ``none``.

    Raises
    ------
    ValueError
        If `tiles` is not ``none``, ``osm`` or a URL template.

    Examples
    --------
    >>> tile_server("https://{s}.tiles.example/{z}/{x}/{y}.png")["origin"]
    'https://*.tiles.example'
    """
    if tiles == "none":
        return None
    url = OSM_TILES if tiles == "osm" else tiles
    parts = urlsplit(url)
    host = parts.netloc.removeprefix("{s}.")
    valid = re.fullmatch(r"[A-Za-z0-9.-]+(:[0-9]+)?", host) and not re.search(r"[\s\"'<>;\\]", url)
    if parts.scheme not in ("http", "https") or not valid or not all(key in url for key in ("{z}", "{x}", "{y}")):
        raise ValueError(
            f"tiles: {tiles!r} is not valid; choose 'none', 'osm' "
            "or a URL such as 'https://tiles.example/{z}/{x}/{y}.png'"
        )
    origin = f"{parts.scheme}://{'*.' if parts.netloc != host else ''}{host}"
    credit = "© OpenStreetMap contributors" if tiles == "osm" else f"Tiles: {host}"
    return {"url": url, "host": host, "origin": origin, "attribution": credit}
