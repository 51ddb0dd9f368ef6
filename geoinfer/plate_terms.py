"""What one plate says at every position: its names jointly, its numbers, its letters, and the part that may be wrong.

L(plate | x) = (1 - error) * joint(x) + error

joint is the product over the names, and of what the list as a whole and the route numbers tell. Each name is the sum
over the places that it may mean, plus the part in which it means none of them. All is scaled so that what says nothing
is one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial, reduce
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geoinfer.area_rules import AREAS, STRIP_FRONTIERS, area_code, in_border_strip, round_area
from geoinfer.geodesy import Floats
from geoinfer.junctions import KEYS, favour
from geoinfer.kernels import Kernel, Mixture
from geoinfer.list_rules import in_order, misread_share, unnamed_city
from geoinfer.orthography import follows_resolution, romanised, spelling, telling
from geoinfer.parameters import number
from geoinfer.positions import Disc, Integers, Positions
from geoinfer.repeats import bearers, without_repeats
from geoinfer.road_rules import at_post, on_route
from geoinfer.sighting import AT_PLACE, Sighting, mixture, search_disc, sight
from geoinfer.spread import Spread, union

if TYPE_CHECKING:
    from gazetteer.places import Match
    from geoinfer.clues import Clue, Mention
    from geoinfer.world import World

LEAST_ERROR = 1e-6
ROUTE_STEP = 50
ROUTE_DISC_KM = 30.0


@dataclass(frozen=True, eq=False)
class PlateTerms:
    """What one plate says.

    Attributes
    ----------
    spread
        L(plate | x), scaled so that a plate which says nothing is one everywhere.
    wrong
        The part of it in which none of its names is a real place that the sign truly names, nor its road the true one:
        the same everywhere.
    """

    spread: Spread
    wrong: float

    @property
    def true_share(self) -> Floats:
        """Share of the likelihood in which the plate is true, at the positions of `spread.at`; elsewhere nought."""
        return np.asarray(np.maximum(self.spread.value - self.wrong, 0.0) / self.spread.value)

    @property
    def likelihood(self) -> Floats:
        """L(plate | x) at every position."""
        return self.spread.dense()

    @property
    def log_likelihood(self) -> Floats:
        """Natural logarithm of L(plate | x) at every position."""
        log = np.full(self.spread.n, np.log(self.spread.rest))
        log[self.spread.at] = np.log(self.spread.value)
        return log

    @property
    def explained(self) -> Floats:
        """The part of the likelihood in which the plate is true, at every position."""
        return Spread(self.spread.n, self.spread.at, self.true_share * self.spread.value, 0.0).dense()


def sightings(mention: Mention, kind: str, misread: float = 0.03) -> list[tuple[float, Sighting]]:
    """List the places that a mention may mean, with their probabilities, the most probable first."""
    return [
        (match.probability, Sighting(match.place, kind, mention.km, mention.km_other, misread))
        for match in likely(mention)
    ]


def likely(mention: Mention) -> list[Match]:
    """Keep the matches of a name that can change an answer."""
    matches = bearers(mention)
    if not matches:
        return []
    least = max(number("bearers", "least"), number("bearers", "least_of_first") * matches[0].probability)
    return [match for match in matches if match.probability >= least]


def usable(clues: Sequence[Clue]) -> list[Clue]:
    """Keep clues that name a possible place or road, and of them what no other clue says already.

    The same plate in two photos is one piece of evidence, not two (`geoinfer.repeats`). Where no name at all is more
    likely a place than not, nothing is kept: a border hypothesis must not make evidence out of misread words.
    """
    known = number("verdict", "explained")
    if not any(_needs_no_name(clue) or any(1 - m.matches.none >= known for m in clue.mentions) for clue in clues):
        return []
    informing = [clue for clue in clues if _needs_no_name(clue) or any(likely(m) for m in clue.mentions)]
    return without_repeats(informing)


def _needs_no_name(clue: Clue) -> bool:
    return bool(clue.routes) or clue.kind == "border_strip"


def content(clue: Clue) -> Hashable:
    """Give what a clue's likelihood depends on, so that it can be kept; not its id, photo or note."""
    names = tuple(
        (m.name, m.km, m.km_other, bool(m.readings), tuple((match.place.id, match.probability) for match in likely(m)))
        for m in clue.mentions
    )
    return clue.kind, names, clue.routes, clue.abridged, clue.country, clue.post_km


def reach(clue: Clue, world: World) -> tuple[list[Disc], list[str]]:
    """Say where the camera may have stood if a clue is true: discs, and codes of countries and divisions."""
    discs: list[Disc] = []
    codes: list[str] = []
    for mention in clue.mentions:
        for _, sighting in sightings(mention, clue.kind):
            if sighting.place.kind not in AREAS:
                discs.append(search_disc(sighting))
            elif code := area_code(sighting.place, world):
                codes.append(code)
            else:
                discs.append(round_area(sighting.place))
    if clue.routes:
        points, carrying = world.road_points, np.flatnonzero(world.carrying(clue.routes))[::ROUTE_STEP]
        discs.extend(
            Disc(float(x), float(y), ROUTE_DISC_KM)
            for x, y in zip(points.lon[carrying], points.lat[carrying], strict=True)
        )
    if clue.kind == "border_strip":
        codes.extend([clue.country] if clue.country in STRIP_FRONTIERS else STRIP_FRONTIERS)
    return discs, codes


@dataclass(frozen=True, eq=False)
class Name:
    """What a name on a plate may mean.

    Attributes
    ----------
    nothing
        The part in which it names no place that is known.
    mixtures
        The part of each place that it may mean, and what its sighting tells.
    others
        The same of areas, and of places whose country tells by the letters of the name: with what tells it at
        positions, and how those letters weigh every country, or None.
    """

    nothing: float
    mixtures: Sequence[tuple[float, Mixture]]
    others: Sequence[tuple[float, Callable[[Positions], Spread], Floats | None]]

    def tell(self, positions: Positions, world: World) -> tuple[float, Spread]:
        """Add up what all of them tell; give with them the part in which it names none."""
        return self.of_parts([(share, one.tell(positions, world)) for share, one in self.mixtures], positions, world)

    def of_parts(self, parts: list[tuple[float, Spread]], positions: Positions, world: World) -> tuple[float, Spread]:
        """Give the same from what the mixtures tell."""
        for share, tell, letters in self.others:
            part = tell(positions)
            if letters is not None:
                weight = letters[world.country_numbers(positions, part.at)]
                part = Spread(part.n, part.at, part.value * weight, part.rest)
            parts.append((share, part))
        total = Spread.mixed(len(positions), parts)
        if total.rest == 0:
            return self.nothing, total
        # What a bearer says everywhere alike belongs to the part that names no place.
        return self.nothing + total.rest, Spread(total.n, total.at, total.value - total.rest, 0.0)


class Plate:
    """What one plate tells, wherever it is asked.

    Parameters
    ----------
    clue
        The plate.
    world
        Gazetteer, borders and roads.
    without_rules
        Names of `geoinfer.rules.RULES` that are switched off.
    """

    def __init__(self, clue: Clue, world: World, without_rules: Set[str] = frozenset()) -> None:
        self._clue, self._world, self._off = clue, world, without_rules
        named = [mention for mention in clue.mentions if likely(mention)]
        kms = [m.km for m in clue.mentions] if "list_order" not in without_rules else []
        self.names = [self._name(mention, kms, _left_at_place(mention, clue)) for mention in named]
        stands = "km_post" if clue.post_km is not None else clue.kind
        self._asks_for_strata = stands in KEYS or _asks_for_country(clue)
        # What a true sign of its kind weighs in every stratum, and what the letters of each name do; the letters of a
        # single name are part of the former.
        self._true = np.tile(favour(stands, np.array([1.0, np.inf]), without_rules), len(world.country_codes))
        self._sides = [np.repeat(_side(mention, clue, world.country_codes, without_rules), 2) for mention in named]
        if len(named) == 1:
            self._true = self._true * self._sides[0]
        listed = [mention for mention in named if _is_ahead(mention, clue)]
        ordered = len(listed) > 1 and "list_order" not in without_rules and all(m.km is None for m in listed)
        self._leading = [likely(mention)[0].place for mention in listed] if ordered else []
        cities = clue.kind == "distance" and listed and "absence" not in without_rules
        self._listed = [match.place for mention in named for match in likely(mention)] if cities else []

    def kernels(self) -> Iterator[Kernel]:
        """List the kernels round all places that its names may mean."""
        for name in self.names:
            for _, one in name.mixtures:
                yield from (kernel for _, kernel in one.kernels)

    def terms(self, positions: Positions, told: Sequence[tuple[float, Spread]] | None = None) -> PlateTerms:
        """Say what the plate tells at every position; `told` is what its names tell there, where that is at hand."""
        n, error, world = len(positions), _error("plate", self._off), self._world
        parts = told or [name.tell(positions, world) for name in self.names]
        others = _other_parts(self._clue, positions, world, self._off)
        at = union([part.at for _, part in parts] + [part.at for _, part in others], n)
        names = [(nothing, part.on(at)) for nothing, part in parts]
        # What says nothing is left as it is.
        excess, unexplained = self._names_jointly(names, positions, at) if names else (np.zeros(len(at)), 1.0)
        rest = unexplained
        for elsewhere, part in others:
            joint = (unexplained + excess) * part.on(at)
            unexplained, rest = unexplained * elsewhere, rest * part.rest
            excess = joint - unexplained
        wrong = (1 - error) * unexplained + error
        value = excess * self._by_stratum((1 - error) * self._true, positions, at)
        value += wrong
        return PlateTerms(Spread(n, at, value, (1 - error) * rest + error), wrong)

    def _names_jointly(
        self, names: Sequence[tuple[float, Floats]], positions: Positions, at: Integers
    ) -> tuple[Floats, float]:
        """Give the likelihood of a plate's names beyond that of no name's truth, and the latter.

        Each name comes with the part in which it names no known place, and with what it says at the positions `at`.
        """
        if len(names) == 1:
            unexplained, excess = names[0]
        else:
            values = [
                value * self._by_stratum(side, positions, at) + nothing
                for (nothing, value), side in zip(names, self._sides, strict=True)
            ]
            nothings = [nothing for nothing, _ in names]
            if len(names) > number("scheme", "most_names"):
                unexplained = float(np.mean(nothings))
                return np.mean(values, axis=0) - unexplained, unexplained
            unexplained = float(np.prod(nothings))
            excess = reduce(np.multiply, values) - unexplained
        if self._leading:
            excess = excess * in_order([positions.km_from(place.lon, place.lat, at) for place in self._leading])
        if self._listed:
            excess = excess * unnamed_city(self._listed, positions, at, self._world)
        return excess, unexplained

    def _by_stratum(self, table: Floats, positions: Positions, at: Integers) -> npt.NDArray[np.float32] | float:
        """Give what a table holds for the stratum of each position; a number where it holds but one."""
        return self._world.by_stratum(table, positions, at) if self._asks_for_strata else float(table[0])

    def _name(self, mention: Mention, kms: Sequence[float | None], at_place: float) -> Name:
        """Say what a name may mean on this plate, which has these kilometres, and may stand at the place or not."""
        clue, off = self._clue, self._off
        error = _error("entry", off)
        misread = LEAST_ERROR if "sign_error" in off else misread_share(kms, clue.kind, bool(mention.readings))
        known = sightings(mention, clue.kind, misread)
        mixtures: list[tuple[float, Mixture]] = []
        others: list[tuple[float, Callable[[Positions], Spread], Floats | None]] = []
        for probability, sighting in known:
            sighting = replace(sighting, at_place=at_place)
            latin = "romanisation" not in off and follows_resolution(mention.name, sighting.place)
            letters = romanised(mention.name, sighting.place, self._world.country_codes) if latin else None
            share = (1 - error) * probability
            if sighting.place.kind in AREAS:
                others.append((share, partial(sight, sighting, world=self._world, without_rules=off), letters))
            elif letters is not None:
                others.append((share, partial(mixture(sighting, self._world, off).tell, world=self._world), letters))
            else:
                mixtures.append((share, mixture(sighting, self._world, off)))
        nothing = error + (1 - error) * (1 - sum(probability for probability, _ in known))
        return Name(nothing, mixtures, others)


def _left_at_place(mention: Mention, clue: Clue) -> float:
    """Say how much is left of the share in which a sign of unknown kind stands at the place that it names."""
    if clue.kind != "unknown":
        return 1.0
    own = {match.place.id for match in likely(mention)}

    def names_another(other: Mention) -> float:
        places = ((match.probability, match.place) for match in likely(other))
        return sum(share for share, place in places if place.id not in own and place.kind not in AREAS)

    several = 1.0 if clue.routes or clue.abridged else max(names_another(other) for other in clue.mentions)
    return 1 - (1 - number("unknown_kind", "of_several")) * several


def _is_ahead(mention: Mention, clue: Clue) -> bool:
    return clue.kind not in AT_PLACE and likely(mention)[0].place.kind not in AREAS


def _side(mention: Mention, clue: Clue, countries: np.ndarray, without_rules: Set[str]) -> Floats:
    """Weigh the country of the sign by the letters of a name and by what the researcher vouches for."""
    side = np.ones(len(countries))
    if "orthography" not in without_rules and telling(mention.name):
        side = spelling(mention.name, countries)
    if clue.country and "vouched_country" not in without_rules:
        side = side * np.where(countries == clue.country, 1.0, number("country", "outside"))
    return side


def _asks_for_country(clue: Clue) -> bool:
    return bool(clue.country) or any(telling(mention.name) for mention in clue.mentions)


def _other_parts(clue: Clue, positions: Positions, world: World, without_rules: Set[str]) -> list[tuple[float, Spread]]:
    """Give what a plate says beside its names, each with the part of it that holds where it is not true."""
    parts = []
    if clue.kind == "border_strip" and "border_strip" not in without_rules:
        parts.append((0.0, in_border_strip(clue.country, positions, world)))
    if clue.routes and clue.post_km is not None and "km_post" not in without_rules:
        post = at_post(clue.post_km, clue.routes, positions, world)
        # A part whose rest is one says nothing; one that says nothing of these positions still doubts them.
        if post.rest < 1:
            return [*parts, (post.rest, post)]
    if clue.routes and "route" not in without_rules:
        route = on_route(clue.routes, positions, world)
        if route.rest < 1:
            parts.append((route.rest, route))
    return parts


def _error(key: str, without_rules: Set[str]) -> float:
    return LEAST_ERROR if "sign_error" in without_rules else number("sign_error", key)
