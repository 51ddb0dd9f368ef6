"""Explanations: why a place stands where it does in the ranking, or does not, and what the answer hangs on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from geoinfer.catchment import Catchment
from geoinfer.parameters import number
from geoinfer.reasons import Part, Reasons, short
from geoinfer.shown import MOST_SENTENCE, table, text

if TYPE_CHECKING:
    import pandas as pd

    from gazetteer.places import Place
    from geoinfer.belief import Belief
    from geoinfer.result import Site

MOST_LISTED = 8
JOINT = " – "
"""What stands between the two names of a border crossing."""


@dataclass(frozen=True)
class Explanation:
    """Why a place is as probable as it is.

    Attributes
    ----------
    name
        The place.
    rank
        Its rank among the sites, or None if it is not one of them.
    probability
        Mass of the belief in its catchment.
    radius_km
        Radius of that catchment.
    parts
        What each clue, each observation and each rule says about it, the weightiest first.
    """

    name: str
    rank: int | None
    probability: float
    radius_km: float
    parts: tuple[Part, ...]

    @property
    def evidence(self) -> pd.DataFrame:
        """Table of the parts: ``part, kind, says, bits`` (against an average place), ``change`` (given all others)."""
        import pandas as pd

        rows = [(part.id, part.kind, part.says, round(part.bits, 2), part.change) for part in self.parts]
        return pd.DataFrame(rows, columns=["part", "kind", "says", "bits", "change"]).round({"change": 2})

    def __str__(self) -> str:
        rank = f"{self.rank}. " if self.rank else ""
        head = f"{rank}{self.name}: {self.probability:.1%} within {self.radius_km:g} km"
        head += "" if self.rank else " (not among the ranked sites)"
        lines = []
        for part in self.parts:
            change = "" if part.change is None else f"; {part.change:+.1f} bits given all the others"
            lines.append(f"{part}{change}")
        return "\n".join([head, *lines])

    def _repr_html_(self) -> str:
        rows = [
            [text(part.id), text(part.kind), text(part.says, MOST_SENTENCE), f"{part.bits:+.1f}",
             "" if part.change is None else f"{part.change:+.1f}"]
            for part in self.parts
        ]  # fmt: skip
        heads = ("part", "kind", "what it says", "bits against an average place", "bits given all the others")
        return f"<p><b>{text(str(self).splitlines()[0], MOST_SENTENCE)}</b></p>{table(heads, rows)}"


@dataclass(frozen=True)
class Swing:
    """How far the answer moves without one part.

    Attributes
    ----------
    part
        Id of the clue or observation, or ``borders``.
    moved
        Share of the belief that lies elsewhere without it (total variation distance).
    first, before, after
        The leading site, and what it holds with the part and without it.
    """

    part: str
    moved: float
    first: str
    before: float
    after: float

    def __str__(self) -> str:
        name = "the border hypothesis" if self.part == "borders" else self.part
        site = f"; {self.first} would hold {self.after:.0%}, not {self.before:.0%}" if self.first else ""
        return f"Without {name} {self.moved:.0%} of the belief would lie elsewhere{site}."


def find_site(name: str | int, sites: Sequence[Site]) -> Site | None:
    """Find a site by its rank, its name in any language, or one of the two names of a crossing.

    Returns
    -------
    The site, or None if none has exactly that name.

    Raises
    ------
    KeyError
        If several have it; the message lists their ranks.
    """
    wanted = str(name).casefold().strip()
    by_rank = [site for site in sites if str(site.rank) == wanted]
    whole = [site for site in sites if wanted in _names(site)]
    part = [site for site in sites if any(wanted in known.split(JOINT) for known in _names(site))]
    found = by_rank or whole or part
    if len(found) > 1:
        raise KeyError(f"several sites are called {str(name)[:60]!r}: {_listed(found)}; give the rank")
    return found[0] if found else None


def no_site(name: str | int, sites: Sequence[Site], places: Sequence[Place] = ()) -> KeyError:
    """Make the error for a name that no site has exactly: it lists what may have been meant."""
    wanted = str(name).casefold().strip()
    alike = [site for site in sites if len(wanted) > 2 and any(wanted in known for known in _names(site))]
    meant = f"; did you mean: {_listed(alike)}" if alike else ""
    others = [f"{one.id} ({short(one.name)}, {one.admin1_name or one.country})" for one in places[:MOST_LISTED]]
    listed = f"; places of that name: {', '.join(others)}" if others else ""
    return KeyError(f"no site is called {str(name)[:60]!r}{meant}{listed}; the first sites: {_listed(sites)}")


def _names(site: Site) -> set[str]:
    return {name.casefold() for name in (site.name, *site.names.values())}


def _listed(sites: Sequence[Site]) -> str:
    return ", ".join(f"{site.rank}. {short(site.name)} ({site.kind})" for site in sites[:MOST_LISTED]) or "none"


def explain_site(site: Site, reasons: Reasons) -> Explanation:
    """Explain a ranked site."""
    found = _explain(site.name, site.rank, site.lon, site.lat, site.radius_km, site.km_to, reasons)
    # What a site holds, it shares with no other: its own number leads.
    return replace(found, probability=site.probability)


def explain_place(place: Place, km_to: Mapping[str, float], reasons: Reasons) -> Explanation:
    """Explain a place of the gazetteer that is no ranked site: what speaks against it."""
    radius = max(number("sites", "town_km"), place.uncertainty_km)
    return _explain(place.name, None, place.lon, place.lat, radius, km_to, reasons)


def _explain(
    name: str, rank: int | None, lon: float, lat: float, radius: float, km_to: Mapping[str, float], reasons: Reasons
) -> Explanation:
    belief = reasons.belief
    catchment = Catchment(belief, lon, lat, radius)
    if not len(catchment.at):
        return Explanation(short(name), rank, 0.0, radius, ())
    inside, probability = catchment.mostly(), catchment.holds(belief.posterior)
    parts = (*reasons.at(lon, lat, inside, km_to), reasons.ground(inside, radius))
    return Explanation(short(name), rank, probability, radius, parts)


def swings(belief: Belief, sites: Sequence[Site], ids: Mapping[str, str]) -> tuple[Swing, ...]:
    """Say how far the answer moves without each part, the largest swing first.

    Parameters
    ----------
    belief
        The belief.
    sites
        Ranked sites; what the first one holds is compared.
    ids
        Part of the belief to the name that people know it by.
    """
    first = sites[0] if sites else None
    catchment = Catchment(belief, first.lon, first.lat, first.radius_km) if first else None
    found = []
    for key, left in belief.posteriors_without.items():
        moved = 0.5 * float(np.abs(left - belief.posterior).sum())
        before, after = (catchment.holds(mass) if catchment else 0.0 for mass in (belief.posterior, left))
        found.append(Swing(ids.get(key, key), moved, short(first.name) if first else "", before, after))
    return tuple(sorted(found, key=lambda swing: -swing.moved))
