"""What an answer rests on, as marks on its map: the places that signs name, and the borders of the hypothesis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from geoinfer.escape import visible

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from gazetteer.places import Match, Place
    from geoinfer.base_layers import Bounds
    from geoinfer.result import Findings

LEAST_PROBABILITY = 0.3
"""A name that probably means something else puts no place on the map."""
MAX_NAMED = 60
MAX_SAID = 6
_SETTLEMENTS = ("city", "town", "village")
BANDS = 3
"""At 1, 2, 3 decay lengths the weight of the hypothesis has fallen to 37, 14 and 5 %."""
MAX_WINDOW = 30.0
"""Degrees of longitude; on a wider map a band is thinner than its line."""
_BAND_PLAY = 0.04
_LINE_STEPS = 3000
"""Lines are simplified to this share of the window's width: a third of a screen's pixel."""


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """A settlement that signs name.

    Attributes
    ----------
    place
        The settlement.
    probability
        Probability that the name means it, the highest of all signs.
    said
        Name as read or typed, and the kilometres beside it if any, once for each sign that differs.
    """

    place: Place
    probability: float
    said: tuple[tuple[str, float | None], ...]


def named_places(findings: Findings) -> tuple[NamedPlace, ...]:
    """Collect the settlements that the clues name, each once, in the clues' order.

    Each name gives its most probable settlement, if that is at least `LEAST_PROBABILITY`; at most `MAX_NAMED` in all.
    """
    found: dict[str, NamedPlace] = {}
    for clue in findings.clues:
        for mention in clue.mentions:
            match = likely_settlement(mention.matches.matches)
            if match is None or (match.place.id not in found and len(found) == MAX_NAMED):
                continue
            known = found.get(match.place.id) or NamedPlace(match.place, 0.0, ())
            said = tuple(dict.fromkeys((*known.said, (mention.name, mention.km))))
            found[match.place.id] = NamedPlace(match.place, max(known.probability, match.probability), said)
    return tuple(found.values())


def likely_settlement(matches: tuple[Match, ...]) -> Match | None:
    """Pick the most probable settlement, if it has at least `LEAST_PROBABILITY`."""
    likely = [one for one in matches if one.probability >= LEAST_PROBABILITY and one.place.kind in _SETTLEMENTS]
    return max(likely, key=lambda one: one.probability, default=None)


def named_data(one: NamedPlace) -> dict[str, Any]:
    """Put a named place into the page's form."""
    english = one.place.names.get("en", "")
    return {
        "name": visible(one.place.name, 60),
        "latin": visible(english, 60) if english != one.place.name else "",
        "lon": round(one.place.lon, 5),
        "lat": round(one.place.lat, 5),
        "probability": round(one.probability, 6),
        "said": [[visible(name, 80), km] for name, km in one.said[:MAX_SAID]],
    }


def hypothesis_data(findings: Findings, window: Bounds, focus: Bounds | None = None) -> dict[str, Any]:
    """Draw the borders that the camera was held to stand near.

    Parameters
    ----------
    findings
        What an inference found; its settings name the borders (``near``) and areas of the researcher's own
        (``near_files``), whose shapes findings do not hold.
    window
        West, south, east, north in degrees of what the map covers.
    focus
        The part of it that the map opens with, by default all: bands are drawn there.

    Returns
    -------
    dict
        ``names`` of the territories whose borders are drawn, ``undrawn`` names of the others, ``geometry`` as GeoJSON
        or None, ``bands`` with ``km`` and ``geometry``: what lies within 1 to `BANDS`
        decay lengths of each.
    """
    import shapely

    from gazetteer.borders import Borders
    from gazetteer.errors import UnknownBorderError

    borders = Borders.open()
    frame = shapely.box(*window)
    names, lines, drawn = [], [], []
    for code in map(str, findings.settings.get("near", ())):
        try:
            line = borders.frontier(code)
        except UnknownBorderError:
            continue  # the stem of one of the files
        names.append(visible(borders.name(code), 40))
        lines.append(shapely.intersection(line, frame))
        drawn.append(code)
    files = [str(file) for file in findings.settings.get("near_files", ())]
    undrawn = [visible(file, 40) for file in files if PurePath(file).stem not in findings.areas]
    areas = [shapely.intersection(area, frame) for area in findings.areas.values()]
    names += [visible(code, 40) for code in findings.areas]
    tolerance = (window[2] - window[0]) / _LINE_STEPS
    merged = shapely.union_all([*lines, *(area.boundary for area in areas)]).simplify(tolerance)
    geometry = None if merged.is_empty else shapely.geometry.mapping(shapely.set_precision(merged, 0.0001))
    frontiers = dict(zip(drawn, lines, strict=True)) | dict(zip(findings.areas, areas, strict=True))
    return {
        "names": names,
        "undrawn": undrawn[:MAX_SAID],
        "geometry": geometry,
        "bands": [
            band
            for decay, near in _by_decay(findings.settings, frontiers).items()
            for band in _bands(shapely.intersection(near, shapely.box(*(focus or window))), decay, focus or window)
        ],
    }


def _by_decay(settings: Mapping[str, Any], frontiers: Mapping[str, BaseGeometry]) -> dict[float, BaseGeometry]:
    """Join the borders that have one decay length, in kilometres; a hypothesis may give some a length of their own."""
    import shapely

    own = settings.get("decays")
    groups: dict[float, list[BaseGeometry]] = {}
    for code, frontier in frontiers.items():
        decay = own.get(code, settings.get("decay_km")) if isinstance(own, Mapping) else settings.get("decay_km")
        if isinstance(decay, int | float) and decay > 0:
            groups.setdefault(float(decay), []).append(_joined(frontier))
    return {decay: shapely.union_all(group) for decay, group in sorted(groups.items())}


def _joined(lines: BaseGeometry) -> BaseGeometry:
    """Make long lines of short ones, which could not be simplified."""
    import shapely

    return shapely.line_merge(lines) if lines.geom_type == "MultiLineString" else lines


def _bands(near: BaseGeometry, decay_km: float, window: Bounds) -> list[dict[str, Any]]:
    """Draw what lies within 1 to `BANDS` times a distance of borders and areas, to some percent of it.

    Lengths are true along every line through the window's centre, and 1 % too long at most across it 1,500 km away
    from it (azimuthal equidistant projection).
    """
    import numpy as np
    import shapely
    from pyproj import Transformer

    west, south, east, north = window
    if near.is_empty or east - west > MAX_WINDOW:
        return []
    flat = f"+proj=aeqd +lon_0={(west + east) / 2} +lat_0={(south + north) / 2} +units=km +ellps=WGS84"
    there = Transformer.from_crs("EPSG:4326", flat, always_xy=True)

    def moved(shape: BaseGeometry, direction: str) -> BaseGeometry:
        return shapely.transform(
            shape, lambda xy: np.column_stack(there.transform(xy[:, 0], xy[:, 1], direction=direction))
        )

    # A border is far more winding than its band; buffering every bend would take minutes.
    reached = moved(_joined(near), "FORWARD").simplify(_BAND_PLAY * decay_km)
    bands = []
    for times in range(1, BANDS + 1):
        reached = reached.buffer(decay_km, quad_segs=6).simplify(_BAND_PLAY * decay_km)
        band = shapely.intersection(moved(reached, "INVERSE"), shapely.box(*window))
        shown = shapely.geometry.mapping(shapely.set_precision(band, 0.0005))
        bands.append({"km": float(f"{times * decay_km:.3g}"), "geometry": shown})
    return bands
