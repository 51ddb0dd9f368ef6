"""Places for the settlements of the Ukrainian codifier (KATOTTG), which has names and no coordinates.

A settlement takes the coordinates of a point of the same name in the same oblast. Where the name is borne by several,
the community (hromada) and the district (raion), which the code itself tells, decide which is which, or nothing does.
A settlement without a point stands at the centre of its community, or failing that of its district, with a radius that
says so.

The code: ``UA`` + oblast (2 digits) + raion (2) + hromada (3) + settlement (3) + city district (2) + 5 more.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from gazetteer.names import plain

COMMUNITY_KM, DISTRICT_KM, OBLAST_KM = 13.5, 44.5, 80.0
"""Radii within which 68 % of settlements lie from the centre of their community, district and oblast.

Measured on the settlements that a full GeoNames dump of Ukraine of 2026-07-29 has a point for: 13.4 km (median 10.3,
90 %: 19.9; 19,127 settlements) and 44.2 km (median 34.1, 90 %: 62.9; 899 settlements). None needed its oblast's.
"""

_STRAY_COMMUNITY_KM, _STRAY_DISTRICT_KM = 40.0, 85.0
"""Beyond 99 % of the distances measured above (30.6 and 77.7 km)."""

VILLAGE_POPULATION = 15_000
"""No village of the codifier has as many inhabitants: a point with more is a town or a part of a city."""

TOWN_POPULATION = 5_000
"""Where one city bears a name in an oblast, it is the largest point of that name, if that has as many inhabitants."""

_FAR_KM = 60.0
"""A point farther than this from its community's known settlements is another place of that name."""

LIKELY_KM = 30.0
"""A homonym is put at the nearest point of its name that is this near to its community, though others are not much
farther: of 23 such pairs out of GeoNames' larger places that a full dump could check, 20 were right."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """A settlement of the codifier.

    Attributes
    ----------
    code
        KATOTTG code, 19 characters.
    name
        Ukrainian name.
    category
        ``M`` city, ``T`` or ``X`` settlement, ``C`` village, ``K`` city with special status.
    older
        Former names.
    """

    code: str
    name: str
    category: str
    older: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Point:
    """A populated place with coordinates.

    Attributes
    ----------
    names
        Its own names.
    oblast
        The two digits that KATOTTG has for its oblast.
    others
        What else it is called: former names, and names in other languages.
    """

    id: str
    names: tuple[str, ...]
    oblast: str
    lon: float
    lat: float
    population: int
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a settlement is put: at a point of its name, or at a centre (`point` is None)."""

    lon: float
    lat: float
    uncertainty_km: float
    point: Point | None = None


def oblast_of(code: str) -> str:
    """Give the two digits of a KATOTTG code that stand for the oblast."""
    return code[2:4]


def district_of(code: str) -> str:
    """Give the part of a KATOTTG code that tells the oblast and raion."""
    return code[2:6]


def community_of(code: str) -> str:
    """Give the part of a KATOTTG code that tells the oblast, raion and hromada."""
    return code[2:9]


def flat_km(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Give a distance within one oblast in kilometres, on a plane that touches the Earth there (error under 0.5 %).

    Examples
    --------
    >>> round(flat_km(31.0, 51.0, 31.0, 52.0), 1)
    111.2
    """
    east = (lon - other_lon) * math.cos(math.radians((lat + other_lat) / 2))
    return math.hypot(east, lat - other_lat) * 111.195


def _centre(spots: Iterable[tuple[float, float]]) -> tuple[float, float]:
    lons, lats = zip(*spots, strict=True)
    return median(lons), median(lats)


def _centres(placed: Mapping[str, Point], part: slice, least: int = 1) -> dict[str, tuple[float, float]]:
    """Give the median position of the placed settlements of every part (oblast, raion, hromada) of the codes.

    Parts with fewer than `least` placed settlements are left out.
    """
    groups: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for code, point in placed.items():
        groups[code[part]].append((point.lon, point.lat))
    return {group: _centre(spots) for group, spots in groups.items() if len(spots) >= least}


_OBLAST, _DISTRICT, _COMMUNITY = slice(2, 4), slice(2, 6), slice(2, 9)


def place_settlements(settlements: Sequence[Settlement], points: Sequence[Point]) -> dict[str, Spot]:
    """Put every settlement somewhere.

    Parameters
    ----------
    settlements
        The codifier's settlements.
    points
        Populated places with coordinates.

    Returns
    -------
    A spot for each code; codes of an oblast in which nothing could be placed are missing.
    """
    placed = _place_by_name(settlements, points)
    communities, districts, oblasts = (_centres(placed, part) for part in (_COMMUNITY, _DISTRICT, _OBLAST))
    spots: dict[str, Spot] = {}
    for settlement in settlements:
        code = settlement.code
        point = placed.get(code)
        if point is not None:
            spots[code] = Spot(point.lon, point.lat, point_radius(point.population), point)
        elif code[_COMMUNITY] in communities:
            spots[code] = Spot(*communities[code[_COMMUNITY]], COMMUNITY_KM)
        elif code[_DISTRICT] in districts:
            spots[code] = Spot(*districts[code[_DISTRICT]], DISTRICT_KM)
        elif code[_OBLAST] in oblasts:
            spots[code] = Spot(*oblasts[code[_OBLAST]], OBLAST_KM)
    return spots


def point_radius(population: int) -> float:
    """Give the radius in kilometres for a settlement whose coordinates a source gives.

    GeoNames and OpenStreetMap differ by a median 264 m over 75 places of Chernihiv oblast, and by 1.9 km at worst seen.
    What counts as the centre of a large city differs more.
    """
    return 1.5 if population >= 100_000 else 0.6


def _place_by_name(settlements: Sequence[Settlement], points: Sequence[Point]) -> dict[str, Point]:
    bearers: dict[tuple[str, str], list[Settlement]] = defaultdict(list)
    for settlement in settlements:
        for name in {plain(settlement.name), *map(plain, settlement.older)}:
            bearers[oblast_of(settlement.code), name].append(settlement)
    named: dict[tuple[str, str], list[Point]] = defaultdict(list)
    for point in points:
        for name in {plain(name) for name in point.names}:
            if (point.oblast, name) in bearers:
                named[point.oblast, name].append(point)
    placed: dict[str, Point] = {}
    for spot, candidates in named.items():
        if len(candidates) == 1 and len(bearers[spot]) == 1 and _may_be(bearers[spot][0], candidates[0]):
            placed.setdefault(bearers[spot][0].code, candidates[0])
    placed = _drop_strays(placed)
    for spot, candidates in named.items():
        towns = [bearer for bearer in bearers[spot] if bearer.category in "KM"]
        largest = max(candidates, key=lambda point: point.population)
        if len(towns) == 1 and largest.population >= TOWN_POPULATION:
            placed[towns[0].code] = largest
    for _ in range(2):
        _place_homonyms(bearers, named, placed)
    _place_by_other_names(bearers, points, placed)
    _place_homonyms(bearers, named, placed, far_km=LIKELY_KM, times=1.2, plus=0.0)
    return placed


def _may_be(settlement: Settlement, point: Point) -> bool:
    return settlement.category != "C" or point.population < VILLAGE_POPULATION


def _drop_strays(placed: Mapping[str, Point]) -> dict[str, Point]:
    """Drop points that lie far from the rest of their community or district: other places of the name."""
    communities, districts = _centres(placed, _COMMUNITY, least=4), _centres(placed, _DISTRICT)
    return {
        code: point
        for code, point in placed.items()
        if flat_km(point.lon, point.lat, *districts[code[_DISTRICT]]) <= _STRAY_DISTRICT_KM
        and (
            code[_COMMUNITY] not in communities
            or flat_km(point.lon, point.lat, *communities[code[_COMMUNITY]]) <= _STRAY_COMMUNITY_KM
        )
    }


def _place_by_other_names(
    bearers: Mapping[tuple[str, str], Sequence[Settlement]], points: Sequence[Point], placed: dict[str, Point]
) -> None:
    """Place what is left where one settlement and one point of an oblast share any name; changes `placed`.

    Sources keep names of before 2016 or in Russian as the main one, Crimea's above all.
    """
    used = {point.id for point in placed.values()}
    matches: dict[str, set[str]] = defaultdict(set)
    offers: dict[str, set[str]] = defaultdict(set)
    free = {point.id: point for point in points if point.id not in used}
    for point in free.values():
        for name in {plain(name) for name in (*point.names, *point.others)}:
            for bearer in bearers.get((point.oblast, name), ()):
                if bearer.code not in placed and _may_be(bearer, point):
                    matches[point.id].add(bearer.code)
                    offers[bearer.code].add(point.id)
    pairs = {
        next(iter(codes)): free[id_]
        for id_, codes in matches.items()
        if len(codes) == 1 and len(offers[next(iter(codes))]) == 1
    }
    kept = _drop_strays({**placed, **pairs})
    placed.update({code: point for code, point in pairs.items() if code in kept})


def _place_homonyms(
    bearers: Mapping[tuple[str, str], Sequence[Settlement]],
    named: Mapping[tuple[str, str], Sequence[Point]],
    placed: dict[str, Point],
    far_km: float = _FAR_KM,
    times: float = 1.5,
    plus: float = 3.0,
) -> None:
    """Pair bearers of one name with points of that name where the nearest pairing is clear; changes `placed`.

    Clear is a pair no farther apart than `far_km` whose rivals are all more than `times` that plus `plus` apart.
    """
    communities, districts = _centres(placed, _COMMUNITY), _centres(placed, _DISTRICT)
    used = {point.id for point in placed.values()}
    for spot, points in named.items():
        open_bearers = [bearer for bearer in bearers[spot] if bearer.code not in placed]
        free = [point for point in points if point.id not in used]
        away = {
            (bearer.code, point.id): flat_km(point.lon, point.lat, *anchor)
            for bearer in open_bearers
            if (anchor := communities.get(bearer.code[_COMMUNITY]) or districts.get(bearer.code[_DISTRICT]))
            for point in free
            if _may_be(bearer, point)
        }
        by_id = {point.id: point for point in free}
        for (code, point_id), km in sorted(away.items(), key=lambda item: item[1]):
            rivals = [
                other for (rival, p), other in away.items() if p == point_id and rival != code and rival not in placed
            ]
            rivals += [other for (c, p), other in away.items() if c == code and p != point_id and p not in used]
            clear = km <= far_km and all(other > times * km + plus for other in rivals)
            if clear and code not in placed and point_id not in used:
                placed[code] = by_id[point_id]
                used.add(point_id)
