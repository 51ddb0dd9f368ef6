"""The verdict: one sentence that claims no more than the belief holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geoinfer.belief import Belief
from geoinfer.geodesy import Floats, distance_km
from geoinfer.parameters import number
from geoinfer.reasons import short
from geoinfer.result import Cluster, Region, Site, Verdict

if TYPE_CHECKING:
    from geoinfer.clues import Clue
    from geoinfer.world import World

NAMED_SHARE = 0.8
LIKELY = 0.5
APART = 0.03


def area_text(km2: float) -> str:
    """Write an area with two significant digits.

    Examples
    --------
    >>> area_text(4321.0), area_text(37.2)
    ('4,300 km²', '37 km²')
    """
    digits = max(0, int(np.floor(np.log10(max(km2, 1)))) - 1)
    return f"{round(km2 / 10**digits) * 10**digits:,.0f} km²"


def percent(share: float) -> str:
    """Write a share as whole percents, never as certainty.

    Examples
    --------
    >>> percent(0.5), percent(0.999), percent(0.001)
    ('50 %', '99 %', '1 %')
    """
    return f"{min(max(round(100 * share), 1), 99)} %"


def nothing(clues: Sequence[Clue]) -> Verdict:
    """Give the verdict when no clue names a possible place."""
    if not clues:
        return Verdict("none", "No evidence: no place name was read on a sign.")
    names = [m.name for clue in clues for m in clue.mentions]
    if not names:
        return Verdict("none", "No evidence: text was read on signs, but no name and no known road.")
    said = f"{', '.join(short(name) for name in names[:5])}{' …' if len(names) > 5 else ''}"
    return Verdict("none", f"No evidence: what was read ({said}) is more likely no place name than one that is known.")


def give_verdict(belief: Belief, sites: Sequence[Site], regions: Mapping[float, Region], world: World) -> Verdict:
    """Decide between a site, a region and no evidence.

    A site needs a small region and more than half of the belief, with the border hypothesis and without it: a
    hypothesis alone names no site. No evidence means that chance explains the clues as well.
    """
    explained = belief.any_explained()
    if belief.plates and explained < number("verdict", "explained"):
        return Verdict(
            "none",
            f"No evidence: with {percent(1 - explained)} probability no name that was read is that of a place nearby.",
        )
    wide = regions[0.9].area_km2
    where = _where(belief, world)
    if wide > number("verdict", "widest_km2"):
        return Verdict("none", f"Too little evidence to narrow it down: {where}; 90 % lie within {area_text(wide)}.")
    if sites and wide <= number("verdict", "site_area_km2") and _holds(belief, sites[0]) and not _disagree(belief):
        site = sites[0]
        return Verdict(
            "site",
            f"Most likely within {site.radius_km:g} km of {site.name} ({percent(site.probability)}), {where}; "
            f"the region that holds 90 % covers {area_text(wide)}.",
        )
    if _disagree(belief):
        where += ", though most of the signs contradict it or were misread"
    best = (
        f"no single place holds more than {percent(sites[0].probability)} ({sites[0].name} leads)"
        if sites
        else "no named place lies in it"
    )
    if not belief.plates:
        where = f"no sign speaks for it, only what the researcher added; it lies {where}"
    apart = _road_points_apart(sites)
    return Verdict("region", f"A region, not a place: {where}; 90 % lie within {area_text(wide)}; {apart or best}.")


def _disagree(belief: Belief) -> bool:
    """Say whether most of at least three plates are not explained by the belief."""
    doubted = [clue for clue in belief.plates if belief.explained(clue) < LIKELY]
    return len(belief.plates) > 2 and len(doubted) > len(belief.plates) / 2


def _holds(belief: Belief, site: Site) -> bool:
    """Say whether a site holds more than half of the belief with and without the border hypothesis."""
    positions, least = belief.positions, number("verdict", "site_probability")
    inside = distance_km(site.lon, site.lat, positions.lon, positions.lat) <= site.radius_km
    return site.probability >= least and float(belief.neutral[inside].sum()) >= least


def _road_points_apart(sites: Sequence[Site]) -> str:
    points = [site for site in sites if site.kind == "road point" and site.probability >= APART]
    if len(points) < 2:
        return ""
    listed = ", ".join(f"{point.name} ({percent(point.probability)})" for point in points[:6])
    return f"{len(points)} road points fit and are kept apart: {listed}"


def shares(names: npt.NDArray[np.str_], mass: Floats) -> list[tuple[str, float]]:
    """Add up the mass of every name but the empty one, the weightiest first.

    Examples
    --------
    >>> shares(np.array(["UA", "", "BY", "UA"]), np.array([0.25, 0.25, 0.25, 0.25]))
    [('UA', 0.5), ('BY', 0.25)]
    """
    known, which = np.unique(names, return_inverse=True)
    held = np.bincount(which, weights=mass)
    ranked = sorted(zip(known.tolist(), held.tolist(), strict=True), key=lambda item: -item[1])
    return [(name, share) for name, share in ranked if name]


def _where(belief: Belief, world: World) -> str:
    """Name the first-level divisions or countries that hold most of the belief."""
    heavy = np.argsort(-belief.posterior, kind="stable")
    heavy = heavy[: int(np.searchsorted(np.cumsum(belief.posterior[heavy]), 0.97)) + 1]
    positions = belief.positions.take(heavy)
    divisions = world.divisions(positions)
    codes = np.where(divisions != "", divisions, world.countries(positions))
    named, held = [], 0.0
    for code, share in shares(codes, belief.posterior[heavy]):
        named.append(f"{world.borders.name(code)} ({percent(share)})")
        held += share
        if held >= NAMED_SHARE or len(named) == 4:
            break
    return "in " + ", ".join(named) if named else "outside every known territory"


def places_apart(clusters: Sequence[Cluster]) -> Verdict:
    """Give the verdict where the clues speak for several places: that of the first, as none is averaged."""
    first = clusters[0]
    return Verdict(
        first.verdict.kind,
        f"The clues speak for {len(clusters)} places, not one, and each has an answer of its own. "
        f"{place_told(first)} Sites and regions are those of place 1.",
    )


def place_told(cluster: Cluster) -> str:
    """Tell the answer for one of several places, and what it rests on."""
    whose = ", ".join(short(photo) for photo in cluster.photos[:4]) or "typed in"
    more = f" and {len(cluster.photos) - 4} more photos" if len(cluster.photos) > 4 else ""
    ids = ", ".join(cluster.clues[:6]) + (" …" if len(cluster.clues) > 6 else "")
    return f"Place {cluster.number} ({ids}; {whose}{more}): {cluster.verdict.text}"
