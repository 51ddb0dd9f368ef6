"""Plates: what the signs at a spot carry, by the rules of the standards.

Ukraine DSTU 4100, Belarus STB 1140, Russia GOST R 52290, as far as their rules for names are known:

- a distance sign stands past a junction, names places further along the road with kilometres to their centres, the
  nearest first, at most three names a direction;
- an advance direction sign stands before a junction and names places in up to three directions, with or without
  kilometres;
- settlement signs stand at the edge of the settlement that they name;
- kilometre posts count from the start of the road; route plates carry its number;
- Ukraine writes Ukrainian and mostly Latin too, Belarus Belarusian or, in some districts, Russian, Russia Russian.

Which places a sign names is not written in the standards beyond that. Here: the next settlement on the road, more
probably a town; the next larger town; and a control city, the far place that draws most traffic. Those shares are
judgements.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from geoinfer.lab.ground import CENTRE, DETOUR, MAP_MEAN, MAP_SD, Floats, Ground, Ints, built_radius_km, straight_km
from geoinfer.lab.spots import Spot, anchors_of

MOST_NAMES = 3
MOST_DIRECTIONS = 3

LATIN = {"UA": 0.75, "BY": 0.35, "RU": 0.3}
"""Judgement: share of signs that carry a Latin line too (Ukraine: resolution 55 of 2010 and DSTU 2021; Belarus: being
removed since 2023; Russia: federal roads)."""

RUSSIAN_IN_BELARUS = 0.3
"""Judgement: mostly Belarusian, some districts Russian only."""

TO_THE_EDGE = 0.15
"""Judgement: kilometres that were measured to the edge of a town, not to its centre."""

KM_POST_MOVED = 0.15
"""Judgement: roads whose chainage was changed (2003, 2018, 2021) or begins elsewhere than the table says."""


@dataclass(frozen=True)
class Line:
    """One name on a plate.

    Attributes
    ----------
    name, latin
        The name in the sign's language, and the Latin line or an empty string.
    km
        Kilometres beside it.
    place
        Index into `Ground.places`, -1 for an area.
    """

    name: str
    latin: str = ""
    km: int | None = None
    place: int = -1


@dataclass(frozen=True)
class Plate:
    """A sign as it stands there.

    Attributes
    ----------
    kind
        One of `geoinfer.signs.KINDS`.
    lines
        Names, top to bottom.
    routes
        Route numbers.
    km
        Kilometres of a kilometre post.
    """

    kind: str
    lines: tuple[Line, ...] = ()
    routes: tuple[str, ...] = ()
    km: int | None = None


@dataclass(frozen=True)
class Ahead:
    """Places that can be reached from a spot.

    Attributes
    ----------
    place
        Index into `Ground.places`.
    km
        True road kilometres to the centre.
    way
        Direction that leads there: an edge beyond the junction, -1 for the way back; without a junction 0 or 1.
    gap_km
        Straight kilometres from the centre to the road.
    """

    place: Ints
    km: Floats
    way: Ints
    gap_km: Floats


def look_ahead(ground: Ground, spot: Spot, rng: np.random.Generator, exact: bool = False) -> Ahead:
    """List the places that a sign at a spot may name, with their true road kilometres.

    Parameters
    ----------
    ground, spot
        Where the sign stands.
    rng
        Source of every choice.
    exact
        Take the kilometres of the network for those of the ground.
    """
    if spot.edge < 0:
        at = np.union1d(np.flatnonzero(ground.population >= 2_000), spot.villages.place)
        lonlat = ground.lonlat[at].copy()
        own = np.searchsorted(at, spot.villages.place)
        lonlat[own] = spot.villages.lonlat
        straight = straight_km(spot.lon, spot.lat, lonlat[:, 0], lonlat[:, 1])
        near = np.flatnonzero(straight < 80.0)
        km = straight[near] * rng.uniform(*DETOUR, len(near))
        return Ahead(at[near], km, rng.integers(0, 2, len(near)), np.zeros(len(near)))
    anchors = anchors_of(ground, spot)
    sweep = ground.sweep(spot.edge, spot.offset_km)
    km, way = ground.anchored_km(sweep, anchors)
    if spot.node >= 0:
        forward = 0 if spot.node == ground.roads.a[spot.edge] else 1
        beyond = ground.ways_beyond(spot.node, sweep)
        rest = ground.roads.km[anchors.edge] - anchors.offset_km
        nearer_a = sweep.km[ground.roads.a[anchors.edge]] + anchors.offset_km
        nearer_b = sweep.km[ground.roads.b[anchors.edge]] + rest
        entry = np.where(nearer_a <= nearer_b, ground.roads.a[anchors.edge], ground.roads.b[anchors.edge])
        leg = np.where(entry == spot.node, anchors.edge, beyond[entry])
        way = np.where(way == forward, leg, -1)
    if not exact:
        # One part is the road's own and common to all names of the case, the other the way to each place.
        common, apart = rng.normal(MAP_MEAN, 0.7 * MAP_SD), rng.normal(0.0, 0.7 * MAP_SD, len(km))
        km = km * np.exp(common + apart)
    found = np.flatnonzero(np.isfinite(km))
    return Ahead(anchors.place[found], km[found], way[found], anchors.gap_km[found])


def destinations(ground: Ground, ahead: Ahead, way: int, rng: np.random.Generator) -> list[int]:
    """Choose what a sign names in one direction, as indices into `Ahead`, nearest first."""
    at = np.flatnonzero((ahead.way == way) & (ahead.km > 1.0))
    at = at[np.argsort(ahead.km[at], kind="stable")]
    if not len(at):
        return []
    people = ground.population[ahead.place[at]]
    chosen: list[int] = []
    near = at[ahead.km[at] < 40.0]
    for n in near[:12].tolist():
        if rng.random() < (0.7 if ground.population[ahead.place[n]] >= 3_000 else 0.15):
            chosen.append(n)
            break
    beyond = ahead.km[chosen[-1]] if chosen else 0.0
    larger = at[(people >= 15_000) & (ahead.km[at] > beyond + 3.0)]
    if len(larger) and rng.random() < 0.75:
        chosen.append(int(larger[0]))
    # The pull of a city falls with distance; only capitals and their like are signed from more than 300 km away.
    pull = people * np.exp(-ahead.km[at] / 120.0) * ((ahead.km[at] < 300.0) | (people >= 500_000))
    control = int(at[int(np.argmax(pull))])
    if not chosen or rng.random() < 0.7:
        chosen.append(control)
    names: dict[str, int] = {}
    for n in sorted(set(chosen), key=lambda n: ahead.km[n]):
        names.setdefault(ground.places[ahead.place[n]].name.casefold(), n)
    return list(names.values())[:MOST_NAMES]


def sign_language(country: str, rng: np.random.Generator) -> tuple[str, bool]:
    """Draw the language of the signs at a spot, and whether they carry a Latin line."""
    russian = country == "RU" or (country == "BY" and rng.random() < RUSSIAN_IN_BELARUS)
    return ("ru" if russian else {"UA": "uk", "BY": "be"}[country]), bool(rng.random() < LATIN[country])


def whole_km(ground: Ground, place: int, km: float, rng: np.random.Generator) -> int:
    """Write kilometres as a sign does: whole, to the centre or, on some, to the edge of the town.

    The centre is a post office or square that lies somewhere in the middle: a fifth of the built radius off.
    """
    radius = float(built_radius_km(float(ground.population[place])))
    offset = -radius if rng.random() < TO_THE_EDGE else float(rng.normal(0.0, 0.2 * radius))
    return max(1, round(km + offset))


def true_name(ground: Ground, place: int, language: str) -> str:
    """Give the name of a place in a language, as its signs write it."""
    names = ground.places[place].names
    known = _true_names().get((names.get("en", ""), language)) if ground.population[place] >= 10_000 else None
    return known or names.get(language) or ground.places[place].name


def name_line(ground: Ground, place: int, language: str, latin: bool, km: int | None = None) -> Line:
    """Write the name of a place in a language, with a Latin line if wanted."""
    english = ground.places[place].names.get("en", "")
    return Line(true_name(ground, place, language), english if latin else "", km, place)


@cache
def _true_names() -> dict[tuple[str, str], str]:
    """Names of cities as their signs write them, where the gazetteer's differ; by the English name and the language."""
    import csv
    from importlib.resources import files

    text = files("geoinfer.lab").joinpath("names.tsv").read_text(encoding="utf-8")
    return {(row["en"], row["language"]): row["name"] for row in csv.DictReader(text.splitlines(), delimiter="\t")}


def plates_at(ground: Ground, spot: Spot, rng: np.random.Generator) -> list[Plate]:
    """List the signs that stand at a spot; in an order drawn by chance, those that make it the spot it is first."""
    language, latin = sign_language(spot.country, rng)
    ahead = look_ahead(ground, spot, rng)
    ways = [way for way in np.unique(ahead.way).tolist() if way >= 0]
    refs = road_numbers(ground, spot)
    own: list[Plate] = []
    other: list[Plate] = []
    if spot.kind in ("edge", "minor"):
        kind = "settlement_begin" if rng.random() < 0.6 else "settlement_end"
        own.append(Plate(kind, (name_line(ground, spot.place, language, latin),)))
    elif spot.kind == "station":
        own.append(Plate("station", (name_line(ground, spot.place, language, False),)))
    elif spot.kind == "boundary":
        # Cities that are divisions of their own have town signs, not steles.
        known = [_divisions()[code][language] for code in spot.beyond if language in _divisions().get(code, {})]
        if known:
            own.append(Plate("unknown", (Line(known[int(rng.integers(len(known)))]),)))
    elif spot.kind == "junction":
        own.extend(filter(None, [direction_sign(ground, spot, ahead, ways, language, latin, rng)]))
    for way in ways:
        named = [n for n in destinations(ground, ahead, way, rng) if is_announced(ground, spot, ahead, n)]
        if named and (spot.kind != "minor" or rng.random() < 0.4):
            lines = [
                name_line(ground, int(ahead.place[n]), language, latin,
                          whole_km(ground, int(ahead.place[n]), float(ahead.km[n]), rng))
                for n in named
            ]  # fmt: skip
            lines.sort(key=lambda line: line.km or 0)
            (own if spot.kind in ("open", "junction") else other).append(Plate("distance", tuple(lines)))
    if refs:
        other.append(Plate("route", routes=refs[: 1 + int(rng.random() < 0.3)]))
        km = chainage_km(ground, spot, refs[0])
        if km is not None:
            moved = float(rng.uniform(-15, 15)) if rng.random() < KM_POST_MOVED else 0.0
            read = km * float(np.exp(rng.normal(MAP_MEAN, MAP_SD))) + moved
            post = Plate("km_post", routes=refs[:1], km=max(0, round(read)))
            (own if spot.kind == "open" else other).append(post)
    return [own[i] for i in rng.permutation(len(own))] + [other[i] for i in rng.permutation(len(other))]


def is_announced(ground: Ground, spot: Spot, ahead: Ahead, n: int) -> bool:
    """Whether a place is one that the spot is not already in: signs do not announce the town that they stand in."""
    place = int(ahead.place[n])
    return place != spot.place and ahead.km[n] > 0.8 * float(built_radius_km(float(ground.population[place])))


def direction_sign(
    ground: Ground,
    spot: Spot,
    ahead: Ahead,
    ways: list[int],
    language: str,
    latin: bool,
    rng: np.random.Generator,
) -> Plate | None:
    """Compose an advance direction sign: one or two names in each of up to three directions, all or none with km."""
    with_km = rng.random() < 0.35
    lines: list[Line] = []
    for way in ways[:MOST_DIRECTIONS]:
        named = [n for n in destinations(ground, ahead, way, rng) if is_announced(ground, spot, ahead, n)]
        for n in named[: 1 + int(rng.random() < 0.4)]:
            place = int(ahead.place[n])
            km = whole_km(ground, place, float(ahead.km[n]), rng) if with_km else None
            lines.append(name_line(ground, place, language, latin, km))
    return Plate("direction", tuple(lines)) if lines else None


def road_numbers(ground: Ground, spot: Spot) -> tuple[str, ...]:
    """Give the route numbers of the road at a spot, the national ones first."""
    if spot.edge < 0:
        return ()
    labels = (str(ground.roads.ref[spot.edge]), str(ground.roads.e_ref[spot.edge]))
    return tuple(ref for label in labels for ref in label.split(";") if ref)


def chainage_km(ground: Ground, spot: Spot, ref: str) -> float | None:
    """Kilometres from where a road starts to a spot on it, None where the start is not known."""
    start = _starts().get((spot.country, ref))
    if start is None:
        return None
    km = ground.roads.between_km(*start, spot.road_lon, spot.road_lat)
    return km if np.isfinite(km) else None


@cache
def _starts() -> dict[tuple[str, str], tuple[float, float]]:
    """Where roads start: the first waypoint of the route table, for roads that start at a named town."""
    import csv
    from importlib.resources import files

    text = files("gazetteer").joinpath("data/geo/routes.tsv").read_text(encoding="utf-8")
    starts = {}
    for row in csv.DictReader(text.splitlines(), delimiter="\t"):
        first, _, position = row["waypoints"].partition(";")[0].partition(":")
        if not first.startswith("border"):
            lon, lat = position.split(",")
            starts[row["country"], row["ref"]] = float(lon), float(lat)
    return starts


@cache
def _divisions() -> dict[str, dict[str, str]]:
    """Names of oblasts by ISO 3166-2 code and language."""
    from gazetteer import Gazetteer

    found = Gazetteer.open().places_within(*CENTRE, kinds=("oblast",))
    return {place.admin1: dict(place.names) for place in found}
