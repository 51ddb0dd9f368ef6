"""The verdict: one sentence that claims no more than the belief holds, and the notes that qualify it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from geoinfer.belief import Belief, usable
from geoinfer.geodesy import Floats, distance_km
from geoinfer.hypothesis import Hypothesis
from geoinfer.parameters import number
from geoinfer.result import Region, Site, Verdict

if TYPE_CHECKING:
    from gazetteer.borders import Borders
    from geoinfer.clues import Clue

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
    said = f"{', '.join(names[:5])}{' …' if len(names) > 5 else ''}"
    return Verdict("none", f"No evidence: what was read ({said}) is more likely no place name than one that is known.")


def give_verdict(belief: Belief, sites: Sequence[Site], regions: Mapping[float, Region], borders: Borders) -> Verdict:
    """Decide between a site, a region and no evidence.

    A site needs a small region and more than half of the belief, with the border hypothesis and without it: a
    hypothesis alone names no site. No evidence means that chance explains the clues as well.
    """
    explained = belief.any_explained()
    if explained < number("verdict", "explained"):
        return Verdict(
            "none",
            f"No evidence: with {percent(1 - explained)} probability no name that was read is that of a place nearby.",
        )
    wide = regions[0.9].area_km2
    where = _where(belief, belief.posterior, borders)
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
        where = f"the signs do not agree on one place, and most of them are not explained; those that agree lie {where}"
    best = (
        f"no single place holds more than {percent(sites[0].probability)} ({sites[0].name} leads)"
        if sites
        else "no named place lies in it"
    )
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


def _where(belief: Belief, mass: Floats, borders: Borders) -> str:
    """Name the first-level divisions or countries that hold most of the belief."""
    positions = belief.positions
    heavy = np.argsort(-mass, kind="stable")
    heavy = heavy[: int(np.searchsorted(np.cumsum(mass[heavy]), 0.97)) + 1]
    lon, lat = positions.lon[heavy], positions.lat[heavy]
    codes = np.where(borders.admin1(lon, lat) != "", borders.admin1(lon, lat), borders.country(lon, lat))
    shares: dict[str, float] = {}
    for code, part in zip(codes, mass[heavy], strict=True):
        if code:
            shares[str(code)] = shares.get(str(code), 0.0) + float(part)
    named, held = [], 0.0
    for code, share in sorted(shares.items(), key=lambda item: -item[1]):
        named.append(f"{borders.name(code)} ({percent(share)})")
        held += share
        if held >= NAMED_SHARE or len(named) == 4:
            break
    return "in " + ", ".join(named) if named else "outside every known territory"


def give_notes(
    belief: Belief,
    clues: Sequence[Clue],
    hypothesis: Hypothesis,
    without_region: Region,
    with_region: Region,
    first: str,
) -> tuple[str, ...]:
    """Qualify the verdict: the border hypothesis in bits, clues that do not fit, and what would decide."""
    notes = []
    if hypothesis.codes:
        wide, narrow = area_text(without_region.area_km2), area_text(with_region.area_km2)
        notes.append(
            f"The border hypothesis ({hypothesis.mode} of {', '.join(hypothesis.codes)}) is not evidence from a photo; "
            f"it adds {belief.hypothesis_bits():.1f} bits. Without it the 90 % region covers {wide}, not {narrow}, "
            f"and the leading site would be {first or 'none'}. Where borders are not your question: --near none."
        )
    used = usable(clues)
    doubted = [clue for clue in used if belief.explained(clue.id) < LIKELY]
    if len(used) > 1 and doubted:
        names = ", ".join(f"{clue.id} ({', '.join(m.name for m in clue.mentions)})" for clue in doubted)
        notes.append(f"Not explained by this answer, so contradicting it or misread: {names}.")
    repeated = len([c for c in clues if c.mentions or c.routes]) - len(used)
    if repeated:
        notes.append(f"{repeated} clue(s) were not used: no known place, or the same plate as another clue.")
    placed = [m for clue in used for m in clue.mentions if 1 - m.matches.none >= LIKELY]
    if len(placed) == 1:
        notes.append(
            f"Everything rests on one name, “{placed[0].name}”. A place of that name that the gazetteer does not list "
            "would not be seen: it lists every settlement of Ukraine, but elsewhere towns only."
        )
    if not any(m.km is not None for clue in used for m in clue.mentions) and not any(clue.routes for clue in used):
        notes.append("No distance and no route number was read: either would narrow the answer most.")
    return tuple(notes)
