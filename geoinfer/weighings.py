"""Tables about an answer: what it would be without each rule, and which places the names of a clue mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from geoinfer.belief import Belief, bearers
from geoinfer.catchment import Catchment
from geoinfer.regions import region_km2
from geoinfer.rules import RULES

if TYPE_CHECKING:
    import pandas as pd

    from geoinfer.clues import Clue
    from geoinfer.result import Site
    from geoinfer.world import World


def weigh_rules(
    belief: Belief | None, off: frozenset[str], first: Site | None, without: Callable[[str], Belief | None]
) -> pd.DataFrame:
    """Say what an answer would be without each rule.

    Parameters
    ----------
    belief
        The belief as it is.
    off
        Rules that are switched off in it already.
    first
        Its leading site.
    without
        Gives the belief without a rule.

    Returns
    -------
    One row per rule, after one for the answer as it is: ``rule``, ``says``, ``area_km2``, ``held``.

    Raises
    ------
    ValueError
        If there is no belief.
    """
    lines = []
    for rule in ("", *(one for one in RULES if one not in off)):
        left = without(rule) if rule else belief
        if left is None:
            raise ValueError("there are no rules to weigh: no clue names a possible place")
        held = Catchment(left, first.lon, first.lat, first.radius_km).holds(left.posterior) if first else None
        says = RULES.get(rule, "the answer as it is")
        lines.append({"rule": rule, "says": says, "area_km2": round(region_km2(left, 0.9), 1), "held": held})
    return _frame(lines, ("rule", "says", "area_km2", "held"))


def weigh_bearers(belief: Belief | None, clue: Clue, world: World) -> pd.DataFrame:
    """Say which places the names of a clue mean: before the other clues spoke, and after.

    Returns
    -------
    One row per place: ``name``, ``place``, ``id``, ``lon``, ``lat``, ``before``, ``after``; none where the clue was not
    used.
    """
    lines: list[dict[str, Any]] = []
    if belief is not None and clue.id in belief.plates:
        for mention, shares in zip(clue.mentions, bearers(belief, clue, world), strict=True):
            lines.extend(
                {"name": mention.name, "place": match.place.name, "id": match.place.id, "lon": match.place.lon,
                 "lat": match.place.lat, "before": match.probability, "after": share}
                for match, share in sorted(shares, key=lambda item: -item[1])
            )  # fmt: skip
    return _frame(lines, ("name", "place", "id", "lon", "lat", "before", "after"))


def _frame(lines: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    """Make a table that keeps its columns when it has no rows."""
    import pandas as pd

    return pd.DataFrame(list(lines), columns=list(columns))
