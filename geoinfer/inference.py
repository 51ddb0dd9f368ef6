"""What follows from a case: verdict, sites, regions, map and files, and the reasons for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from geoinfer.ambiguity import Ambiguity, find_ambiguity
from geoinfer.belief import Belief, infer_belief
from geoinfer.cells import cells_frame
from geoinfer.claims import claim_words, compare_claims
from geoinfer.clues import Clue
from geoinfer.clusters import split_clues
from geoinfer.display import Clues, result_html
from geoinfer.explain import Explanation, Swing, explain_place, explain_site, find_site, no_site, swings
from geoinfer.hypothesis import Hypothesis, territories
from geoinfer.notes import (
    Neutral,
    contradiction_note,
    corrections_note,
    coverage_note,
    excluded,
    excluded_note,
    hypothesis_note,
    kilometres_note,
    observations_note,
    swing_note,
)
from geoinfer.reasons import Reasons, short
from geoinfer.regions import LEVELS, find_region, region_km2
from geoinfer.result import Cluster, Evidence, Findings, Region, Site, Verdict
from geoinfer.rules import RULES, check_rules
from geoinfer.shown import Told
from geoinfer.sites import leading_site, rank_sites, settlements_where_mass_is
from geoinfer.verdict import give_verdict, nothing, percent, places_apart
from geoinfer.weighings import weigh_bearers, weigh_rules
from geoinfer.world import World

if TYPE_CHECKING:
    import folium
    import geopandas as gpd
    import pandas as pd

    from geoinfer.observations import Observation


class Result:
    """What follows from the clues of a case.

    Where the clues speak for several places, `clusters` holds one result for each, and sites, regions, belief and map
    are those of the first: answers for different places are never averaged.

    Attributes
    ----------
    clues
        All clues of the case.
    hypothesis
        The border hypothesis.
    observations
        What the researcher knows beside the signs.
    without_rules
        Rules that were switched off.
    belief
        The belief over positions, or None where nothing says where to look.
    clusters
        Results for the places that the clues speak for, the best supported first; empty if it is one place.

    Examples
    --------
    >>> from geoinfer import Case
    >>> case = Case()
    >>> plate = case.add_clue("Ріпки", kind="settlement_begin", country="UA")
    >>> result = case.infer(near=[])
    >>> result.verdict.kind
    'region'
    >>> len(result.sites) == len(result.findings.sites)
    True
    >>> result.region(0.5).area_km2 < result.region(0.9).area_km2
    True

    Why, and what the answer hangs on:

    >>> result.explain(1).parts[0].id
    'clue-1'
    >>> result.without("main_roads").region(0.9).area_km2 > 0
    True
    >>> result.largest_swing == result.swings[0]
    True
    >>> sorted(result.rules().columns)
    ['area_km2', 'held', 'rule', 'says']
    >>> sorted(result.bearers("clue-1")["place"])[0]
    'Ріпки'
    >>> len(result.ambiguity.areas) > 1, len(result.notes) > 0
    (True, True)

    What was not used, and what photos claim of themselves:

    >>> result.excluded, result.claims
    ((), ())

    To show and to keep:

    >>> type(result.map()).__mro__[1].__name__
    'Map'
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> result.save(Path(mkdtemp()) / "out")
    """

    def __init__(
        self,
        world: World,
        clues: tuple[Clue, ...],
        hypothesis: Hypothesis,
        evidence: Evidence,
        observations: tuple[Observation, ...] = (),
        *,
        without_rules: Iterable[str] = (),
        one_place: bool = False,
    ) -> None:
        self._world, self._evidence = world, evidence
        self.without_rules = check_rules(without_rules)
        self.clues, self.hypothesis, self.observations = Clues(clues), hypothesis, observations
        self._borders = territories(hypothesis, world.borders)
        belief = infer_belief(clues, hypothesis, self._borders, world, observations, self.without_rules)
        groups = () if one_place or belief is None else split_clues(belief, clues)
        self.clusters = tuple(self._of_one_place(group) for group in groups) if len(groups) > 1 else ()
        self.belief: Belief | None = self.clusters[0].belief if self.clusters else belief

    def _of_one_place(self, group: Sequence[str]) -> Result:
        """Infer from some of the clues, and from what is known of their photos or of the whole case."""
        own = tuple(clue for clue in self.clues if clue.id in set(group))
        photos = {clue.photo for clue in own} | {""}
        observations = tuple(one for one in self.observations if one.photo in photos)
        evidence = replace(self._evidence, photos=tuple(p for p in self._evidence.photos if p.file in photos))
        off = self.without_rules
        return Result(self._world, own, self.hypothesis, evidence, observations, without_rules=off, one_place=True)

    @cached_property
    def findings(self) -> Findings:
        """Everything that was found, as `save` and `map` need it."""
        evidence, verdict = self._evidence, self._verdict
        answered = verdict.kind != "none"
        return Findings(
            verdict=verdict,
            sites=self._ranked[0] if answered else (),
            elsewhere=self._ranked[1] if answered else 1.0,
            regions=self._regions if answered else {},
            cells=cells_frame(self.belief),
            clues=self.clues,
            photos=evidence.photos,
            problems=evidence.problems,
            notes=Told(note for note in self._notes() if note),
            settings={
                **(evidence.settings or {}),
                **self.hypothesis.settings(),
                **({"without_rules": sorted(self.without_rules)} if self.without_rules else {}),
            },
            sources=self._world.sources,
            crops=evidence.crops or {},
            areas=dict(self._borders.extra),
            origins=evidence.origins or {},
            clusters=tuple(one._as_cluster(number) for number, one in enumerate(self.clusters, start=1)),
            observations=tuple(one.facts() for one in self.observations),
            corrections=tuple(one.plain() for one in evidence.corrections),
            about=evidence.about or {},
            claims=self.claims,
            excluded=self.excluded,
        )

    def _as_cluster(self, number: int) -> Cluster:
        findings = self.findings
        photos = tuple(dict.fromkeys(clue.photo for clue in self.clues if clue.photo))
        ids = tuple(clue.id for clue in self.clues)
        return Cluster(
            number, ids, photos, findings.verdict, findings.sites, findings.elsewhere, findings.regions, findings.cells
        )

    @cached_property
    def _verdict(self) -> Verdict:
        if self.belief is None:
            return nothing(self.clues)
        if self.clusters:
            return places_apart([one._as_cluster(number) for number, one in enumerate(self.clusters, start=1)])
        return give_verdict(self.belief, self._ranked[0], self._regions, self._world)

    @property
    def verdict(self) -> Verdict:
        """The answer in one sentence."""
        return self.findings.verdict

    @property
    def sites(self) -> gpd.GeoDataFrame:
        """Ranked sites, EPSG:4326."""
        from geoinfer.tables import sites_frame

        return sites_frame(self.findings)

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences that qualify the verdict."""
        return self.findings.notes

    def region(self, level: float) -> Region:
        """Give the smallest region that holds `level` of the belief.

        Raises
        ------
        ValueError
            If `level` is not in (0, 1], or nothing was inferred.
        """
        if self.belief is None:
            raise ValueError("there is no region: no clue names a possible place")
        return self._regions.get(level) or find_region(self.belief, level)

    def explain(self, name: str | int) -> Explanation:
        """Say what every clue, observation and rule contributed to a site, or to any place of the gazetteer.

        Parameters
        ----------
        name
            Name of a site in any language, its rank, or the id of a place in the gazetteer: a place that is not among
            the sites is explained too.

        Raises
        ------
        KeyError
            If no site has exactly that name, or several do; the message lists what may have been meant.
        ValueError
            If nothing was inferred.
        """
        if self.belief is None:
            raise ValueError("there is nothing to explain: no clue names a possible place")
        sites = self.findings.sites
        site = find_site(name, sites)
        if site is not None:
            return explain_site(site, self._reasons)
        try:
            place = self._world.gazetteer.place(str(name))
        except KeyError:
            known = [match.place for match in self._world.gazetteer.search(str(name)[:200], limit=4).matches]
            raise no_site(name, sites, known) from None
        lon, lat = np.array([place.lon]), np.array([place.lat])
        km_to = {code: float(self._borders.distance_km(code, lon, lat)[0]) for code in self.hypothesis.codes}
        return explain_place(place, km_to, self._reasons)

    def without(self, part: str) -> Result:
        """Infer again without one part.

        Parameters
        ----------
        part
            Id of a clue or an observation, ``borders`` for the hypothesis, or a rule of `geoinfer.rules.RULES`.

        Raises
        ------
        KeyError
            If there is no such part; the message lists those there are.
        """
        clues = tuple(clue for clue in self.clues if clue.id != part)
        observations = tuple(one for one in self.observations if one.id != part)
        hypothesis = replace(self.hypothesis, near=(), files=()) if part == "borders" else self.hypothesis
        off = self.without_rules | ({part} if part in RULES else set())
        if (clues, observations, hypothesis, off) == (
            self.clues,
            self.observations,
            self.hypothesis,
            self.without_rules,
        ):
            known = [*(clue.id for clue in self.clues), *(one.id for one in self.observations), "borders", *RULES]
            raise KeyError(f"no clue {part!r}; there are: {', '.join(known)}")
        return Result(self._world, clues, hypothesis, self._evidence, observations, without_rules=off)

    def rules(self) -> pd.DataFrame:
        """Say what the answer would be without each rule: it is inferred once for each, so this takes a while.

        Returns
        -------
        One row per rule: ``rule``, ``says``, ``area_km2`` of the 90 % region without it, and ``held``: what the
        leading site of the answer would then hold. The first row is the answer as it is.

        Raises
        ------
        ValueError
            If nothing was inferred.
        """
        first = next(iter(self._ranked[0]), None) if self.belief is not None else None
        return weigh_rules(self.belief, self.without_rules, first, lambda rule: self.without(rule).belief)

    @cached_property
    def swings(self) -> tuple[Swing, ...]:
        """How far the answer moves without each clue, each observation and the hypothesis, the largest first."""
        if self.belief is None:
            return ()
        return Told(swings(self.belief, self._ranked[0], {one.key: one.id for one in self.observations}))

    @property
    def largest_swing(self) -> Swing | None:
        """The part that the answer hangs on most, or None without an answer."""
        return next(iter(self.swings), None)

    @cached_property
    def ambiguity(self) -> Ambiguity | None:
        """The areas that fit and what would decide between them, or None without an answer."""
        if self.belief is None:
            return None
        settlements = settlements_where_mass_is(self.belief, self._world)
        return find_ambiguity(self.belief, self.clues, self._ranked[0], settlements, self._world)

    @cached_property
    def claims(self) -> tuple[Mapping[str, Any], ...]:
        """Positions that photos claim in EXIF, compared with the answer; they are never an input."""
        answered = self._verdict.kind != "none"
        regions, sites = (self._regions, self._ranked[0]) if answered else ({}, ())
        return compare_claims(self._evidence.photos, self.belief, regions, sites)

    @cached_property
    def excluded(self) -> tuple[Mapping[str, str], ...]:
        """What was not used, each with the reason."""
        used = {key for one in (self.clusters or (self,)) if one.belief for key in one.belief.plates}
        return excluded(self.clues, used, bool(self.clusters), self._evidence.corrections)

    def bearers(self, clue: str) -> pd.DataFrame:
        """Say which places the names of a clue mean, after all clues have spoken.

        Raises
        ------
        KeyError
            If there is no such clue.
        """
        found = next((c for c in self.clues if c.id == clue), None)
        if found is None:
            raise KeyError(f"no clue {clue!r}; there are: {', '.join(c.id for c in self.clues) or 'none'}")
        return weigh_bearers(self.belief, found, self._world)

    def map(self, *, tiles: str = "none") -> folium.Map:
        """Draw the map; ``tiles="none"`` asks nothing of the network."""
        from geoinfer.map import build_map

        return build_map(self.findings, tiles=tiles)

    def save(self, out: str | Path, *, tiles: str = "none") -> None:
        """Write the map, the report, the tables, the ledger and the crops into a folder."""
        from geoinfer.save import save_case

        save_case(self.findings, Path(out), tiles=tiles)

    def _repr_html_(self) -> str:
        return result_html(self.findings)

    @cached_property
    def _ranked(self) -> tuple[tuple[Site, ...], float]:
        if self.belief is None:
            return (), 1.0
        return rank_sites(self.belief, self.clues, self.hypothesis, self._borders, self._world, self.observations)

    @cached_property
    def _regions(self) -> Mapping[float, Region]:
        return {} if self.belief is None else {level: find_region(self.belief, level) for level in LEVELS}

    @cached_property
    def _reasons(self) -> Reasons:
        assert self.belief is not None
        return Reasons(self.belief, self.clues, self.observations, self._world)

    def _notes(self) -> list[str]:
        evidence, belief = self._evidence, self.belief
        notes = []
        if evidence.interrupted:
            notes.append("The reading of photos was interrupted: this is the answer of the photos read so far.")
        if self.without_rules:
            notes.append(f"Inferred without the rules {', '.join(sorted(self.without_rules))}.")
        notes.append(corrections_note(evidence.corrections, evidence.missed))
        if belief is not None:
            notes.append(observations_note(self.observations))
            if self.hypothesis.codes:
                notes.append(hypothesis_note(belief, self.hypothesis, self._regions[0.9], self._neutral(belief)))
            notes.append(contradiction_note(belief, self.clues))
            notes.append(kilometres_note(self.clues))
        notes.append(excluded_note(self.excluded))
        if belief is not None and self._verdict.kind != "none":
            notes.append(coverage_note(belief, self.clues, self._world))
            notes.append(str(self.ambiguity))
            notes.append(swing_note(self.swings))
        notes.extend(claim_words(claim) for claim in self.claims)
        return notes

    def _neutral(self, belief: Belief) -> Neutral:
        """Find the answer without the border hypothesis."""
        neutral, hypothesis = belief.without("borders"), replace(self.hypothesis, near=(), files=())
        first = leading_site(neutral, self.clues, hypothesis, self._world)
        return Neutral(region_km2(neutral, 0.9), f"{short(first[0])} ({percent(first[1])})" if first else "")
