"""What an answer rests on, as marks on its map: the places that signs name, and the borders of the hypothesis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geoinfer.escape import visible

if TYPE_CHECKING:
    from gazetteer.places import Match, Place
    from geoinfer.base_layers import Bounds
    from geoinfer.result import Findings

LEAST_PROBABILITY = 0.3
"""A name that probably means something else puts no place on the map."""
MAX_NAMED = 60
MAX_SAID = 6
_SETTLEMENTS = ("city", "town", "village")
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
            match = _settlement(mention.matches.matches)
            if match is None or (match.place.id not in found and len(found) == MAX_NAMED):
                continue
            known = found.get(match.place.id) or NamedPlace(match.place, 0.0, ())
            said = tuple(dict.fromkeys((*known.said, (mention.name, mention.km))))
            found[match.place.id] = NamedPlace(match.place, max(known.probability, match.probability), said)
    return tuple(found.values())


def _settlement(matches: tuple[Match, ...]) -> Match | None:
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


def hypothesis_data(findings: Findings, window: Bounds) -> dict[str, Any]:
    """Draw the borders that the camera was held to stand near.

    Parameters
    ----------
    findings
        What an inference found; its settings name the borders (``near``) and areas of the researcher's own
        (``near_files``), whose shapes findings do not hold.
    window
        West, south, east, north in degrees of what the map covers.

    Returns
    -------
    dict
        ``names`` of the territories whose borders are drawn, ``undrawn`` names of the others, ``geometry`` as GeoJSON
        or None.
    """
    import shapely

    from gazetteer.borders import Borders
    from gazetteer.errors import UnknownBorderError

    borders = Borders.open()
    names, undrawn, lines = [], [visible(str(file), 40) for file in findings.settings.get("near_files", ())], []
    for code in map(str, findings.settings.get("near", ())):
        try:
            line = borders.frontier(code)
        except UnknownBorderError:
            continue  # the stem of one of the files
        names.append(visible(borders.name(code), 40))
        lines.append(shapely.intersection(line, shapely.box(*window)))
    merged = shapely.union_all(lines).simplify((window[2] - window[0]) / _LINE_STEPS)
    geometry = None if merged.is_empty else shapely.geometry.mapping(shapely.set_precision(merged, 0.0001))
    return {"names": names, "undrawn": undrawn[:MAX_SAID], "geometry": geometry}
