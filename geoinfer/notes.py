"""Notes: sentences that qualify the verdict, each worked out from the case at hand."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geoinfer.belief import Belief, usable
from geoinfer.list_rules import conflicting_km
from geoinfer.reasons import mention_words, short
from geoinfer.verdict import LIKELY, area_text, percent, shares

if TYPE_CHECKING:
    from geoinfer.clues import Clue
    from geoinfer.corrections import Correction
    from geoinfer.explain import Swing
    from geoinfer.hypothesis import Hypothesis
    from geoinfer.observations import Observation
    from geoinfer.result import Region
    from geoinfer.world import World

MOST_LISTED = 8
LEAST_SWING = 0.2
TAKEN_OUT = "taken out by the researcher"
SETTLEMENTS = ("city", "town", "village")


@dataclass(frozen=True)
class Neutral:
    """What would follow without the border hypothesis: the area of the 90 % region, and the leading site."""

    area_km2: float
    first: str


def hypothesis_note(belief: Belief, hypothesis: Hypothesis, region: Region, neutral: Neutral) -> str:
    """Own up to the border hypothesis: what it adds, and the answer without it."""
    wide, narrow = area_text(neutral.area_km2), area_text(region.area_km2)
    return (
        f"The border hypothesis ({hypothesis.mode} of {', '.join(map(short, hypothesis.codes))}) is not evidence from "
        f"a photo; it adds {belief.hypothesis_bits():.1f} bits. Without it the 90 % region covers {wide}, not "
        f"{narrow}, and the leading site would be {neutral.first or 'none'}. Where borders are not your question: "
        "--near none."
    )


def contradiction_note(belief: Belief, clues: Sequence[Clue]) -> str:
    """Name the clues that the answer does not explain."""
    used = [clue for clue in clues if clue.id in belief.plates]
    doubted = [clue for clue in used if belief.explained(clue.id) < LIKELY]
    if len(used) < 2 or not doubted:
        return ""
    told = [f"{clue.id} ({_names(clue)}: true with {percent(belief.explained(clue.id))})" for clue in doubted]
    more = f" and {len(told) - MOST_LISTED} more" if len(told) > MOST_LISTED else ""
    return f"Not explained by this answer, so contradicting it or misread: {', '.join(told[:MOST_LISTED])}{more}."


def kilometres_note(clues: Sequence[Clue]) -> str:
    """Name the plates whose two scripts carry different kilometres."""
    told = [
        f"{clue.id}: “{short(name)}” {leading:g} km and {other:g} km"
        for clue in clues
        for name, leading, other in conflicting_km(clue)
    ]
    if not told:
        return ""
    return (
        f"The two scripts of a sign give different kilometres ({'; '.join(told[:MOST_LISTED])}): both are kept, and "
        "those of the Cyrillic line weigh more."
    )


def coverage_note(belief: Belief, clues: Sequence[Clue], world: World) -> str:
    """Say what an answer that rests on one name rests on: that the gazetteer lists the place."""
    used = [clue for clue in clues if clue.id in belief.plates]
    placed = [mention for clue in used for mention in clue.mentions if 1 - mention.matches.none >= LIKELY]
    if len(placed) != 1:
        return ""
    held = shares(world.countries(belief.positions), belief.posterior)[:2]
    told = []
    for code, share in held:
        listed = world.gazetteer.coverage(code)
        settlements = sum(listed.get(kind, 0) for kind in SETTLEMENTS)
        each = f", one in {area_text(world.area_km2(code) / settlements)}" if settlements else ""
        told.append(f"{settlements:,} settlements of {world.borders.name(code)} ({percent(share)} of the answer){each}")
    return (
        f"Everything rests on one name, “{short(placed[0].name)}”. A place of that name that the gazetteer does not "
        f"list would not be seen: it lists {' and '.join(told) or 'nothing there'}."
    )


def swing_note(swings: Sequence[Swing]) -> str:
    """Name the clue that the answer hangs on most, if it hangs on one."""
    largest = next((swing for swing in swings if swing.part != "borders"), None)
    if len([swing for swing in swings if swing.part != "borders"]) < 2 or largest is None:
        return ""
    return f"Largest swing: {str(largest)[0].lower()}{str(largest)[1:]}" if largest.moved >= LEAST_SWING else ""


def corrections_note(corrections: Sequence[Correction], missed: Sequence[Correction]) -> str:
    """Say what the researcher corrected, and what found nothing to correct."""
    lost = {one.order for one in missed}
    done = [one for one in corrections if one.order not in lost and one.what not in ("observe", "add_clue")]
    parts = []
    if done:
        parts.append(f"Corrected by the researcher: {_listed([str(one) for one in done])}.")
    if missed:
        parts.append(f"Not applied, as nothing it names is there any more: {_listed([str(one) for one in missed])}.")
    return " ".join(parts)


def observations_note(observations: Sequence[Observation]) -> str:
    """Name what the researcher added beside the signs: like the hypothesis, it is not read in a photo."""
    if not observations:
        return ""
    told = []
    for one in observations:
        facts = one.facts()
        about = short(str(facts.get("note") or facts.get("file") or facts["what"]))
        told.append(f"{one.id} ({about})")
    return f"The answer takes in what the researcher added beside the signs: {_listed(told)}."


def excluded(
    clues: Sequence[Clue], used: Collection[str], split: bool, corrections: Sequence[Correction]
) -> tuple[dict[str, str], ...]:
    """List what was not used, each with the reason.

    Parameters
    ----------
    clues
        All clues.
    used
        Ids of those that were used.
    split
        Whether the clues speak for several places.
    corrections
        What the researcher took out.
    """
    found: list[dict[str, str]] = []
    first: dict[Hashable, str] = {}
    informing = {clue.id for clue in clues if usable([clue])}
    for clue in clues:
        content = (clue.kind, tuple((m.name.casefold(), m.km) for m in clue.mentions), clue.routes)
        if clue.id not in used:
            same = first.get(content)
            reason = f"says the same as {same}" if same else _why_unused(clue, clue.id in informing, split)
            found.append({"what": "clue", "id": clue.id, "text": _names(clue), "reason": reason})
        first.setdefault(content, clue.id)
    words = {"exclude": "photo", "reject": "reading", "drop_sign": "sign", "drop_clue": "clue"}
    for one in corrections:
        if one.what in words:
            about = next((str(one.facts[key]) for key in ("photo", "reading", "sign") if key in one.facts), "")
            found.append(
                {"what": words[one.what], "id": about, "text": str(one), "reason": "taken out by the researcher"}
            )
    return tuple(found)


def _why_unused(clue: Clue, informs: bool, split: bool) -> str:
    if not clue.mentions and not clue.routes:
        return "no name and no route number was read on it"
    if informs and split:
        return "agrees with none of the places that the others speak for"
    if informs:
        return "no clue of the case names a place that is known well enough"
    doubt = min((mention.matches.none for mention in clue.mentions), default=1.0)
    return f"no known place: with {percent(doubt)} what was read names none"


def excluded_note(rows: Sequence[Mapping[str, str]]) -> str:
    """Say how many clues were not used, and why."""
    reasons: dict[str, int] = {}
    for row in rows:
        if row["what"] == "clue" and row["reason"] != TAKEN_OUT:
            kind = "says the same as another" if row["reason"].startswith("says the same") else row["reason"]
            kind = "names no known place" if kind.startswith("no known place") else kind
            reasons[kind] = reasons.get(kind, 0) + 1
    if not reasons:
        return ""
    told = ", ".join(f"{count} ({reason})" for reason, count in sorted(reasons.items(), key=lambda item: -item[1]))
    return f"Clues that were not used: {told}."


def _names(clue: Clue) -> str:
    names = [mention_words(mention) for mention in clue.mentions[:4]] + [short(route) for route in clue.routes[:2]]
    return ", ".join(names) + (" …" if len(clue.mentions) > 4 else "")


def _listed(told: Sequence[str]) -> str:
    more = f" and {len(told) - MOST_LISTED} more" if len(told) > MOST_LISTED else ""
    return "; ".join(told[:MOST_LISTED]) + more
