"""What follows from a case: verdict, sites, regions, map and files, and the reasons for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoinfer.belief import Belief, bearers, infer_belief
from geoinfer.clues import Clue
from geoinfer.hypothesis import Hypothesis, territories
from geoinfer.regions import LEVELS, find_region
from geoinfer.result import Findings, Region, Site, Verdict
from geoinfer.sites import rank_sites
from geoinfer.verdict import give_notes, give_verdict, nothing, percent
from geoinfer.world import World

if TYPE_CHECKING:
    import folium
    import geopandas as gpd
    import pandas as pd

    from geoinfer.corrections import Correction
    from geoinfer.observations import Observation
    from geoinfer.photos import PhotoRecord

LEAST_CELL = 1e-6


@dataclass(frozen=True)
class Evidence:
    """What a case hands over beside its clues: it is reported, not inferred from."""

    photos: tuple[PhotoRecord, ...] = ()
    problems: tuple[Mapping[str, str], ...] = ()
    interrupted: bool = False
    settings: Mapping[str, Any] | None = None
    crops: Mapping[str, bytes] | None = None
    origins: Mapping[str, Path] | None = None
    corrections: tuple[Correction, ...] = ()
    missed: tuple[Correction, ...] = ()
    about: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Explanation:
    """Why a site stands where it does in the ranking."""

    site: Site
    evidence: pd.DataFrame

    def __str__(self) -> str:
        return "\n".join([f"{self.site.rank}. {self.site.name}: {self.site.probability:.1%}", *self.site.reasons])

    def _repr_html_(self) -> str:
        return str(self.evidence.to_html(escape=True, index=False))


class Result:
    """What follows from the clues of a case.

    Attributes
    ----------
    clues
        The clues that were used.
    hypothesis
        The border hypothesis.
    belief
        The belief over positions, or None where no clue names a possible place.
    """

    def __init__(
        self,
        world: World,
        clues: tuple[Clue, ...],
        hypothesis: Hypothesis,
        evidence: Evidence,
        observations: tuple[Observation, ...] = (),
    ) -> None:
        self._world, self._evidence, self.observations = world, evidence, observations
        self.clues, self.hypothesis = clues, hypothesis
        self._borders = territories(hypothesis, world.borders)
        self.belief: Belief | None = infer_belief(
            clues, hypothesis, self._borders, world, *((observations,) if observations else ())
        )

    @cached_property
    def findings(self) -> Findings:
        """Everything that was found, as `save` and `map` need it."""
        evidence, belief = self._evidence, self.belief
        if belief is None:
            verdict = nothing(self.clues)
            notes: tuple[str, ...] = ()
        else:
            verdict = give_verdict(belief, self._ranked[0], self._regions, self._borders)
            notes = self._notes(belief)
        if evidence.interrupted:
            notes = ("The reading of photos was interrupted: this is the answer of the photos read so far.", *notes)
        return Findings(
            verdict=verdict,
            sites=self._ranked[0] if verdict.kind != "none" else (),
            elsewhere=self._ranked[1] if verdict.kind != "none" else 1.0,
            regions=self._regions if verdict.kind != "none" else {},
            cells=self._cells(),
            clues=self.clues,
            photos=evidence.photos,
            problems=evidence.problems,
            notes=notes,
            settings={**(evidence.settings or {}), **self.hypothesis.settings()},
            sources=self._world.sources,
            crops=evidence.crops or {},
            areas=dict(self._borders.extra),
            origins=evidence.origins or {},
        )

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
        """Say what every clue and rule contributed to a site.

        Parameters
        ----------
        name
            Name of a site in any language, or its rank.

        Raises
        ------
        KeyError
            If no site has that name; the message lists the first ones.
        """
        wanted = str(name).casefold().strip()
        for site in self.findings.sites:
            known = {site.name, str(site.rank), *site.names.values()}
            if any(
                wanted in spelling.casefold() if len(wanted) > 3 else wanted == spelling.casefold()
                for spelling in known
            ):
                return Explanation(site, self._why(site))
        first = ", ".join(site.name for site in self.findings.sites[:8]) or "none"
        raise KeyError(f"no site is called {name!r}; the first sites: {first}")

    def without(self, clue: str) -> Result:
        """Infer again without one clue.

        Raises
        ------
        KeyError
            If there is no such clue; the message lists those there are.
        """
        if clue not in {c.id for c in self.clues}:
            raise KeyError(f"no clue {clue!r}; there are: {', '.join(c.id for c in self.clues) or 'none'}")
        kept = tuple(c for c in self.clues if c.id != clue)
        return Result(self._world, kept, self.hypothesis, self._evidence, self.observations)

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
        lines: list[dict[str, Any]] = []
        if self.belief is not None and clue in self.belief.plates:
            for mention, shares in zip(found.mentions, bearers(self.belief, found, self._world), strict=True):
                lines.extend(
                    {"name": mention.name, "place": match.place.name, "id": match.place.id, "lon": match.place.lon,
                     "lat": match.place.lat, "before": match.probability, "after": share}
                    for match, share in sorted(shares, key=lambda item: -item[1])
                )  # fmt: skip
        return frame(lines, ("name", "place", "id", "lon", "lat", "before", "after"))

    def map(self, *, tiles: str = "none") -> folium.Map:
        """Draw the map; ``tiles="none"`` asks nothing of the network."""
        from geoinfer.map import build_map

        return build_map(self.findings, tiles=tiles)

    def save(self, out: str | Path, *, tiles: str = "none") -> None:
        """Write the map, the report, the tables, the ledger and the crops into a folder."""
        from geoinfer.save import save_case

        save_case(self.findings, Path(out), tiles=tiles)

    def _repr_html_(self) -> str:
        from html import escape

        table = self.sites.drop(columns="geometry").head(10).to_html(escape=True, index=False)
        return f"<p><b>{escape(self.verdict.text)}</b></p>{table}"

    @cached_property
    def _ranked(self) -> tuple[tuple[Site, ...], float]:
        if self.belief is None:
            return (), 1.0
        return rank_sites(self.belief, self.clues, self.hypothesis, self._borders, self._world)

    @cached_property
    def _regions(self) -> Mapping[float, Region]:
        return {} if self.belief is None else {level: find_region(self.belief, level) for level in LEVELS}

    def _notes(self, belief: Belief) -> tuple[str, ...]:
        neutral = replace(belief, posterior=belief.neutral, weight=belief.weight**0)
        sites = rank_sites(neutral, self.clues, replace(self.hypothesis, near=()), self._borders, self._world)[0]
        first = f"{sites[0].name} ({percent(sites[0].probability)})" if sites else ""
        return give_notes(belief, self.clues, self.hypothesis, find_region(neutral, 0.9), self._regions[0.9], first)

    def _why(self, site: Site) -> pd.DataFrame:
        return frame([{"site": site.name, "reason": reason} for reason in site.reasons], ("site", "reason"))

    def _cells(self) -> gpd.GeoDataFrame:
        import geopandas as gpd
        import h3
        import shapely

        if self.belief is None:
            return gpd.GeoDataFrame({"h3": [], "probability": []}, geometry=[], crs="EPSG:4326")
        cells, mass = self.belief.positions.cells, self.belief.cell_mass(self.belief.posterior)
        kept = [i for i in range(len(cells)) if mass[i] >= LEAST_CELL]
        outlines = [[(lon, lat) for lat, lon in h3.cell_to_boundary(cells[i])] for i in kept]
        return gpd.GeoDataFrame(
            {"h3": [cells[i] for i in kept], "probability": mass[kept]},
            geometry=[shapely.Polygon(outline) for outline in outlines],
            crs="EPSG:4326",
        )


def frame(lines: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    """Make a table that keeps its columns when it has no rows."""
    import pandas as pd

    return pd.DataFrame(list(lines), columns=list(columns))
