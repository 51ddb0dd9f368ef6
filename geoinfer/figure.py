"""The map as a still figure: an SVG drawing for print, from the same values as the map that moves.

It is drawn in Mercator's projection, as the map is, so that both look alike. Every text in the values has passed
`geoinfer.escape.visible`; here it is escaped as XML.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""

WIDTH, HEIGHT = 720.0, 500.0
MOST_BADGES = 12
_TOLERANCE = 0.35
_LAND, _INK, _SIGN, _ACCENT = "#f6f3ec", "#1d2433", "#1c5aa6", "#8a2b52"
_LINES = {
    # layer: colour, width, dashes
    "roads": ("#c6a36b", 0.7, ""),
    "admin1": ("#a39aab", 0.6, "2.5 3"),
    "frontiers": ("#5d4f66", 1.2, ""),
}
_CELL_GRID = 0.1
"""Corners that neighbours share are rounded alike, so that no seam is left between them."""
_CELL_OPACITY = (0.72, 0.66, 0.6, 0.5, 0.36, 0.2)
_STEPS_KM = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)
_EARTH_KM = 6371.0


class Frame:
    """Places longitudes and latitudes on a sheet that shows a view as large as it can.

    Parameters
    ----------
    view
        South-west and north-east corner, each latitude then longitude.
    """

    def __init__(self, view: Sequence[Sequence[float]]) -> None:
        (south, west), (north, east) = view
        bottom, top = _mercator(south), _mercator(north)
        self._scale = min(WIDTH / max(1e-6, east - west), HEIGHT / max(1e-6, top - bottom))
        self._x0 = (west + east) / 2 - WIDTH / 2 / self._scale
        self._y0 = (bottom + top) / 2 + HEIGHT / 2 / self._scale
        self._latitude = (south + north) / 2

    def at(self, lon: float, lat: float) -> Point:
        """Give the spot on the sheet."""
        return (lon - self._x0) * self._scale, (self._y0 - _mercator(lat)) * self._scale

    def shape(self, geometry: Mapping[str, Any] | None) -> BaseGeometry:
        """Give a GeoJSON geometry on the sheet, cut to it and simplified to what print can show."""
        import shapely

        if geometry is None:
            return shapely.Polygon()
        flat = shapely.transform(shapely.geometry.shape(geometry), self._placed)
        return shapely.clip_by_rect(flat.simplify(_TOLERANCE), -9, -9, WIDTH + 9, HEIGHT + 9)

    def _placed(self, lon_lat: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        lat = np.radians(np.clip(lon_lat[:, 1], -85.0, 85.0))
        north = np.degrees(np.log(np.tan(np.pi / 4 + lat / 2)))
        return np.column_stack([lon_lat[:, 0] - self._x0, self._y0 - north]) * self._scale

    @property
    def px_per_km(self) -> float:
        """Units of the sheet per kilometre on the ground, in the middle of the view."""
        return self._scale * math.degrees(1 / _EARTH_KM) / math.cos(math.radians(self._latitude))


def draw(data: Mapping[str, Any]) -> str:
    """Draw a case.

    Parameters
    ----------
    data
        What `geoinfer.map_data.case_data` gives.

    Returns
    -------
    str
        One ``svg`` element without scripts, styles or references.
    """
    frame = Frame(data["view"])
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" '
        f'aria-label="{escape("Map: " + data["verdict"]["text"])}">',
        f'<rect width="{WIDTH:g}" height="{HEIGHT:g}" fill="#eef0f0"/>',
        *_grounds(data, frame),
        *_answer(data, frame),
        *_names(data, frame),
        _scale_bar(frame),
        f'<rect width="{WIDTH:g}" height="{HEIGHT:g}" fill="none" stroke="#cfc8ba"/></svg>',
    ]
    return "\n".join(parts)


def _grounds(data: Mapping[str, Any], frame: Frame) -> Iterator[str]:
    base = data["base"]
    for feature in base.get("countries", {}).get("features", ()):
        yield _path(frame.shape(feature["geometry"]), f'fill="{_LAND}"')
    yield from _cells(data, frame)
    for layer, (colour, width, dashes) in _LINES.items():
        shapes = [frame.shape(feature["geometry"]) for feature in base.get(layer, {}).get("features", ())]
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        yield _path_of(shapes, f'fill="none" stroke="{colour}" stroke-width="{width}"{dashed}')
    hypothesis = data["hypothesis"]
    if hypothesis and hypothesis["geometry"]:
        style = 'fill="none" stroke="#6d7fa3" stroke-width="6" stroke-opacity=".38" stroke-linejoin="round"'
        yield _path(frame.shape(hypothesis["geometry"]), style)


def _cells(data: Mapping[str, Any], frame: Frame) -> Iterator[str]:
    """Draw the cells of one colour as one shape: thousands of small outlines make a page heavy."""
    import shapely

    colours = data["cells"]["colours"]
    for wanted in reversed(range(len(colours))):
        corners = [
            [frame.at(lon, lat) for lat, lon in outline]
            for outline, colour, _ in data["cells"]["items"]
            if colour == wanted
        ]
        # Cells beyond the sheet may be as large as it, or lie on both sides of the date line: they are left out.
        cells = [shapely.Polygon(cell) for cell in corners if _on_sheet(cell)]
        whole = shapely.union_all(shapely.set_precision(cells, _CELL_GRID))
        yield _path(
            shapely.clip_by_rect(whole, -9, -9, WIDTH + 9, HEIGHT + 9),
            f'fill="{colours[wanted]}" fill-opacity="{_CELL_OPACITY[wanted]}" fill-rule="evenodd"',
        )


def _on_sheet(corners: Sequence[Point]) -> bool:
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    wide = max(xs) - min(xs) > 4 * WIDTH or max(ys) - min(ys) > 4 * HEIGHT
    return not wide and _meet((min(xs), min(ys), max(xs), max(ys)), (0.0, 0.0, WIDTH, HEIGHT))


def _answer(data: Mapping[str, Any], frame: Frame) -> Iterator[str]:
    for clue in data["reach"]:
        for ring in clue["rings"]:
            yield _path(
                frame.shape(ring["edge"]), f'fill="none" stroke="{_SIGN}" stroke-width=".9" stroke-opacity=".8"'
            )
    for index, region in enumerate(data["regions"]):
        width = 1.7 if index == 0 and len(data["regions"]) > 1 else 0.75
        yield _path(frame.shape(region["geometry"]), f'fill="none" stroke="{_INK}" stroke-width="{width}"')


def _names(data: Mapping[str, Any], frame: Frame) -> Iterator[str]:
    """Draw the ranked places, those that signs name, and towns, none over another."""
    taken: list[Box] = [(WIDTH - 150, HEIGHT - 40, WIDTH, HEIGHT)]
    badges = []
    for site in reversed(data["sites"][:MOST_BADGES]):
        x, y = frame.at(site["lon"], site["lat"])
        if 0 < x < WIDTH and 0 < y < HEIGHT:
            badges.append(_badge(x, y, site["rank"]))
            taken.append((x - 11, y - 11, x + 11, y + 11))
    for one in data["named"]:
        x, y = frame.at(one["lon"], one["lat"])
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="#fff" stroke="{_SIGN}" stroke-width="2.4"/>'
        taken.append((x - 7, y - 7, x + 7, y + 7))
        yield from _label(one, (x, y), 13, f'font-weight="700" fill="{_SIGN}"', taken, 11)
    yield from badges
    for site in data["sites"][:5]:
        latin = next((name for language, name in site["others"] if language == "en"), "")
        spot = frame.at(site["lon"], site["lat"])
        yield from _label({**site, "latin": latin}, spot, 12.5, f'font-weight="600" fill="{_ACCENT}"', taken, 14)
    for town in data["towns"]:
        x, y = frame.at(town["lon"], town["lat"])
        if town["size"] < 2 or any(box[0] < x < box[2] and box[1] < y < box[3] for box in taken):
            continue
        label = list(_label(town, (x, y), 11, f'fill="{_INK}"', taken, 5))
        if label:
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="1.9" fill="#4b5162"/>'
            yield from label


def _badge(x: float, y: float, rank: int) -> str:
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="10" fill="{_ACCENT}" stroke="#fff" stroke-width="1.5"/>'
        f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle" font-size="11" font-weight="600" '
        f'fill="#fff">{rank}</text>'
    )


def _label(one: Mapping[str, Any], spot: Point, size: float, style: str, taken: list[Box], gap: float) -> Iterator[str]:
    """Write a name, and below it the Latin one, beside its spot where that is free."""
    x, y = spot
    lines = [(one["name"], one.get("lang", "")), (one["latin"], "en")] if one["latin"] else [(one["name"], "")]
    wide = max(len(text) * size * (0.62 if index == 0 else 0.52) for index, (text, _) in enumerate(lines))
    high = size * (1.05 + 0.95 * (len(lines) - 1))
    for anchor, left in (("start", x + gap), ("end", x - gap - wide)):
        box = (left, y - high / 2 - 1, left + wide, y + high / 2 + 1)
        inside = box[0] > 2 and box[1] > 2 and box[2] < WIDTH - 2 and box[3] < HEIGHT - 2
        if not inside or any(_meet(box, other) for other in taken):
            continue
        taken.append(box)
        at = left if anchor == "start" else left + wide
        for index, (text, language) in enumerate(lines):
            tag = f' xml:lang="{escape(language)}"' if language else ""
            smaller = size if index == 0 else 0.85 * size
            yield (
                f'<text x="{at:.1f}" y="{box[1] + size * (0.95 + 0.95 * index):.1f}" text-anchor="{anchor}" '
                f'font-size="{smaller:g}" paint-order="stroke" stroke="#fff" stroke-width="2.4" '
                f'stroke-opacity=".85" {style}{tag}>{escape(text)}</text>'
            )
        return


def _meet(a: Box, b: Box) -> bool:
    return not (a[2] < b[0] or a[0] > b[2] or a[3] < b[1] or a[1] > b[3])


def _scale_bar(frame: Frame) -> str:
    km = max((step for step in _STEPS_KM if step * frame.px_per_km <= 120), default=_STEPS_KM[0])
    right, y = WIDTH - 14, HEIGHT - 14
    left = right - km * frame.px_per_km
    return (
        f'<path d="M{left:.1f},{y - 4:g}V{y:g}H{right:g}V{y - 4:g}" fill="none" stroke="{_INK}"/>'
        f'<text x="{right:g}" y="{y - 7:g}" text-anchor="end" font-size="11.5" fill="{_INK}">{km} km</text>'
    )


def _path_of(shapes: Sequence[BaseGeometry], style: str) -> str:
    path = "".join(map(_outline, shapes))
    return f'<path d="{path}" {style}/>' if path else ""


def _path(shape: BaseGeometry, style: str) -> str:
    return _path_of([shape], style)


def _outline(shape: BaseGeometry) -> str:
    """Write the lines of a shape in SVG's path language."""
    import shapely

    if shape.is_empty:
        return ""
    kinds: dict[str, Callable[[Any], list[Any]]] = {
        "Polygon": lambda one: [one.exterior, *one.interiors],
        "LineString": lambda one: [one],
        "LinearRing": lambda one: [one],
    }
    parts = shapely.get_parts(shapely.get_parts(shape)) if hasattr(shape, "geoms") else [shape]
    lines = [line for part in parts for line in kinds.get(part.geom_type, lambda one: [])(part)]
    ends = {True: "Z", False: ""}
    return "".join(
        "M" + " ".join(f"{x:.1f},{y:.1f}" for x, y in line.coords) + ends[line.geom_type == "LinearRing"]
        for line in lines
    )


def _mercator(lat: float) -> float:
    """Mercator's ordinate in degrees."""
    return math.degrees(math.log(math.tan(math.pi / 4 + math.radians(max(-85.0, min(85.0, lat))) / 2)))
