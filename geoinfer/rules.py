"""The rules by name: what each says, so that it can be switched off, explained and measured without it."""

from __future__ import annotations

from collections.abc import Iterable

RULES = {
    "border_proximity": "the place is near the borders of the hypothesis",
    "near_crossing": "on those borders, crossings are more probable than the rest",
    "main_roads": "photographs of signs are mostly taken on main roads",
    "junctions": "direction and distance signs stand just before and past junctions",
    "settlement_sign": "a settlement's plate stands at its edge",
    "direction_sign": "direction signs for a place thin out with the distance, later for large places",
    "distance_sign": "kilometres on a sign are road kilometres to the centre",
    "list_order": "a list names the nearest place first",
    "absence": "a large city nearby would be on the list",
    "route": "a route number stands on or beside that road",
    "km_post": "a kilometre post counts from the beginning of its road",
    "border_strip": "signs of the border strip stand near the frontier",
    "country_sign": "a country's name stands at its border or in it",
    "area_sign": "the name of an oblast or a district stands at its edge or in it",
    "orthography": "letters tell the country of a sign",
    "romanisation": "Ukrainian signs romanise names as Cabinet resolution 55 does",
    "vouched_country": "the researcher vouches for the country",
    "sign_error": "any sign, name or number may be wrong",
    "photo_error": "a photo may mislead with all its signs",
    "case_error": "all clues may mislead together",
}


def check_rules(names: Iterable[str]) -> frozenset[str]:
    """Check that rules of these names exist.

    Raises
    ------
    ValueError
        If one does not; the message lists those that do.

    Examples
    --------
    >>> sorted(check_rules(["route"]))
    ['route']
    """
    wanted = frozenset(names)
    unknown = sorted(wanted - set(RULES))
    if unknown:
        raise ValueError(f"no rule is called {', '.join(unknown)}; there are: {', '.join(RULES)}")
    return wanted
