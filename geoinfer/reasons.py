"""Reasons: what each clue, each observation and each rule of the case says about one place, in words and bits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from geoinfer.area_rules import AREAS
from geoinfer.belief import BORDERS, Belief, sightings
from geoinfer.geodesy import Floats, distance_km, ecef_km
from geoinfer.parameters import number
from geoinfer.photos import printable
from geoinfer.positions import Integers
from geoinfer.spread import dot

if TYPE_CHECKING:
    from gazetteer.places import Place
    from geoinfer.clues import Clue, Mention
    from geoinfer.observations import Observation
    from geoinfer.world import World

MOST_NAME = 60
"""Characters of a name that a sentence carries: a name from a photo may be of any length."""
GROUND = "roads"
KIND_WORDS = {
    "direction": "direction sign",
    "distance": "distance sign",
    "settlement_begin": "sign where a settlement begins",
    "settlement_end": "sign where a settlement ends",
    "km_post": "kilometre post",
    "border_strip": "sign of the border strip",
    "route": "route plate",
    "station": "station",
    "unknown": "sign of unknown kind",
}


def short(name: str) -> str:
    """Cut a name to what a sentence can carry.

    Examples
    --------
    >>> len(short("Ч" * 10_000))
    60
    """
    return printable(name, MOST_NAME)


@dataclass(frozen=True)
class Part:
    """What one part of the case says about a place.

    Attributes
    ----------
    id
        Id of a clue or an observation, ``borders`` for the hypothesis, ``roads`` for what positions weigh beforehand.
    kind
        ``clue``, ``observation`` or ``rule``.
    says
        In words.
    bits
        Against an average place: plus one bit makes it twice as probable.
    change
        Bits by which the place is more probable with this part than without it, given all the others; None for
        ``roads``, which no answer can do without.
    """

    id: str
    kind: str
    says: str
    bits: float
    change: float | None

    def __str__(self) -> str:
        name = "hypothesis" if self.id == BORDERS else self.id
        return f"{name}: {self.says} ({self.bits:+.1f} bits)"


class Reasons:
    """Gives the reasons for places under one belief; what all places share is worked out once.

    Parameters
    ----------
    belief
        The belief.
    clues, observations
        What went into it.
    world
        Roads and places.
    """

    def __init__(
        self, belief: Belief, clues: Sequence[Clue], observations: Iterable[Observation], world: World
    ) -> None:
        self.belief, self.world = belief, world
        self._swept: dict[str, Floats] = {}
        self._clues = {clue.id: clue for clue in clues if clue.id in belief.plates}
        self._observations = {one.key: one for one in observations if one.key in belief.observations}

    @cached_property
    def _bits(self) -> Mapping[str, Floats]:
        """What every part says at every position, in bits against an average place."""
        bits = {key: said / np.log(2) for key, said in self.belief.contributions().items()}
        for key in (BORDERS, *self._observations):
            # A plate is scaled against a fixed area already; these are against what is believed without the borders.
            bits[key] = bits[key] - np.log2(dot(self.belief.neutral, np.exp2(bits[key])))
        return bits

    def at(self, lon: float, lat: float, inside: Integers, km_to: Mapping[str, float]) -> tuple[Part, ...]:
        """Say what each part says about a place, the weightiest first.

        Parameters
        ----------
        lon, lat
            Its point, degrees in EPSG:4326.
        inside
            Positions in its catchment.
        km_to
            Kilometres to the borders of the hypothesis.
        """
        held = self.belief.posterior[inside]
        share = held / held.sum()
        parts = []
        for key, bits in self._bits.items():
            if key == BORDERS and not km_to:
                continue
            change = float(np.log2(held.sum() / self.belief.posteriors_without[key][inside].sum()))
            name, kind, says = self._words(key, lon, lat, km_to)
            parts.append(Part(name, kind, says, float(share @ bits[inside]), change))
        return tuple(sorted(parts, key=lambda part: -abs(part.bits)))

    def ground(self, inside: Integers, radius_km: float) -> Part:
        """Say what a place weighs before any clue: main roads and crossings weigh more than open land."""
        weight = float(self.belief.positions.area_km2[inside].sum()) / (np.pi * radius_km**2)
        times = f"{weight:.1f}".removesuffix(".0")
        says = f"with its main roads and crossings it weighs {times} times as much as open land of its size"
        return Part(GROUND, "rule", says, float(np.log2(weight)), None)

    def _words(self, key: str, lon: float, lat: float, km_to: Mapping[str, float]) -> tuple[str, str, str]:
        if key == BORDERS:
            code, away = min(km_to.items(), key=lambda item: item[1])
            return BORDERS, "rule", f"{away:.0f} km from the border of {short(code)}"
        if key in self._observations:
            observation = self._observations[key]
            return observation.id, "observation", observation.says(lon, lat)
        clue = self._clues[key]
        said = [self._mention(mention, clue.kind, lon, lat) for mention in clue.mentions]
        if clue.routes:
            said.append(f"route number {short(', '.join(clue.routes))}")
        return clue.id, "clue", "; ".join(said[:6]) or f"{KIND_WORDS.get(clue.kind, clue.kind)} without a known name"

    def _mention(self, mention: Mention, kind: str, lon: float, lat: float) -> str:
        sign = mention_words(mention)
        known = [(p, s.place) for p, s in sightings(mention, kind) if s.place.kind not in AREAS]
        words = KIND_WORDS.get(kind, kind)
        if not known:
            return f"{sign} on a {words}"

        def unlikely(item: tuple[float, Place]) -> float:
            return float(distance_km(item[1].lon, item[1].lat, lon, lat)) / item[0]

        _, place = min(known, key=unlikely)
        away = float(distance_km(place.lon, place.lat, lon, lat))
        road = self._road_km(place, lon, lat)
        by_road = f", {road:.0f} km by road" if road is not None else ""
        return f"{sign} on a {words}; {short(place.name)} is {away:.0f} km away in a straight line{by_road}"

    def _road_km(self, place: Place, lon: float, lat: float) -> float | None:
        """Routed kilometres between a place and a point on the network, None where the network does not reach."""
        beside, nearest = self._roads.query(ecef_km(lon, lat))
        if beside > number("crossings", "reach_km"):
            return None
        if place.id not in self._swept:
            self._swept[place.id] = self.world.road_km(place.lon, place.lat)
        road = float(self._swept[place.id][int(nearest)])
        return road if np.isfinite(road) else None

    @cached_property
    def _roads(self) -> Any:
        from scipy.spatial import cKDTree

        points = self.world.road_points
        return self.world.remember("tree of road points", lambda: cKDTree(ecef_km(points.lon, points.lat)))


def mention_words(mention: Mention) -> str:
    """Write a name with its kilometres as the sign carries them."""
    return f"“{short(mention.name)}”" + (f" {mention.km:g} km" if mention.km is not None else "")
