"""Build a gazetteer file from what a researcher has: ``gazetteer build SOURCE... -o FILE``.

The order of work: every source is read; sources are merged with each other, those named first leading and postal codes
last; the settlements of the Ukrainian codifier are put anew at the points that the sources have; what is left is merged
into the shipped places. A GeoNames country dump replaces what the shipped tables have of that country from GeoNames.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gazetteer.alternate_names import read_alternates
from gazetteer.codifier import Point, Settlement, place_settlements
from gazetteer.delimited import read_delimited
from gazetteer.detect import KINDS, VALID, kind_of
from gazetteer.errors import GazetteerError
from gazetteer.geojson import read_geojson
from gazetteer.geonames import LICENCE, URL, read_dump
from gazetteer.merge import Merger, absorb, draft_of, name_further
from gazetteer.names import script
from gazetteer.opening import open_table
from gazetteer.osm import LICENCE as OSM_LICENCE
from gazetteer.osm import URL as OSM_URL
from gazetteer.osm import read_osm
from gazetteer.postal import URL as POSTAL_URL
from gazetteer.postal import read_postal
from gazetteer.records import SETTLEMENTS, Record, Source, divisions
from gazetteer.shipped import data_path
from gazetteer.spellings import own_names
from gazetteer.tables import DERIVED, MAIN, Draft, Tables, keys_by_name, pack, read, unpack, write
from gazetteer.wof import LICENCE as WOF_LICENCE
from gazetteer.wof import URL as WOF_URL
from gazetteer.wof import read_wof

UNKNOWN_LICENCE = "not stated: ask who made it"
_ABOUT = {
    "geonames": ("GeoNames", LICENCE, URL),
    "alternates": ("GeoNames alternate names", LICENCE, URL),
    "postal": ("GeoNames postal codes", LICENCE, POSTAL_URL),
    "osm": ("OpenStreetMap", OSM_LICENCE, OSM_URL),
    "wof": ("Who's On First", WOF_LICENCE, WOF_URL),
    "delimited": ("table", UNKNOWN_LICENCE, ""),
    "geojson": ("GeoJSON", UNKNOWN_LICENCE, ""),
}
_READERS = {"geonames": read_dump, "postal": read_postal, "wof": read_wof, "delimited": read_delimited,
            "geojson": read_geojson}  # fmt: skip

SHIPPED = data_path("places.zip")
"""The gazetteer that sources are merged into."""

POINT_KM = 2.0
"""A coordinate with a larger radius is no point to put a settlement of the codifier at."""


@dataclass(frozen=True, slots=True)
class Read:
    """What became of one source.

    Attributes
    ----------
    kind
        What it was taken for: a key of `gazetteer.detect.KINDS`.
    records
        Places or names in it.
    bad
        Rows that cannot be used.
    faults
        The first of them, with their place in the file and what is wrong.
    """

    path: Path
    kind: str
    records: int
    bad: int
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What a build made of its sources.

    Attributes
    ----------
    places
        Places in the file.
    kinds
        Places by kind.
    merged
        Places of sources that were in another source or in the shipped tables already.
    reads
        What became of each source.
    extras
        What the file holds beside places: ``roads.npz``, ``signs.tsv``.
    """

    path: Path
    places: int
    kinds: dict[str, int]
    merged: int
    reads: tuple[Read, ...]
    extras: tuple[str, ...] = ()

    @property
    def bad(self) -> int:
        """Bad rows of all sources."""
        return sum(read.bad for read in self.reads)

    @property
    def faults(self) -> tuple[str, ...]:
        """The first bad rows of every source, each with its file."""
        return tuple(f"{read.path.name}, {fault}" for read in self.reads for fault in read.faults)


def build(
    sources: Sequence[Path],
    output: Path,
    *,
    only: bool = False,
    progress: bool = False,
    licences: Mapping[str, str] | None = None,
) -> Report:
    """Build a gazetteer file; it is written whole or not at all.

    Parameters
    ----------
    sources
        Files of the kinds in `gazetteer.detect.KINDS`; what each is, its content tells.
    output
        The file to write.
    only
        Leave the shipped tables out.
    progress
        Whether to show progress on standard error.
    licences
        Licence of a source by its file name, where the file cannot say.

    Raises
    ------
    GazetteerError
        A source cannot be used, or the output cannot be written.
    """
    if not sources:
        raise GazetteerError(f"no source given; valid are: {VALID}")
    if not output.parent.is_dir():
        raise GazetteerError(f"{output} cannot be written: no such folder; give a file in a folder you may write to")
    shipped = None if only else read(SHIPPED)
    found = _read_all(sources, shipped, licences or {}, progress)
    _distinct_titles(found)
    _locate(found)
    fresh, same_as = _together(found)
    merger, shipped_sources, keys_of = _shipped(found, fresh, same_as, shipped)
    _add_alternates(found, merger)
    _spell_postal(found, merger)
    about = shipped_sources + [source.about() for source in found]
    tables = pack([draft for draft in merger.drafts if draft.names], about, keys_of)
    extras = {name: content for source in found for name, content in source.extras.items()}
    try:
        from gazetteer.indexing import members

        write(tables, output, {**members(tables), **extras})
    except OSError as error:
        raise GazetteerError(
            f"{output} cannot be written: {error.strerror or error}; give a file in a folder you may write to"
        ) from error
    reads = tuple(
        Read(
            s.path, s.kind, len(s.records) + sum(map(len, s.alternates.values())), s.faults.count, tuple(s.faults.first)
        )
        for s in found
    )
    counts = dict(Counter(draft.kind for draft in merger.drafts if draft.names))
    return Report(output, len(tables.ids), counts, merger.merged, reads, tuple(extras))


def _read_all(
    sources: Sequence[Path], shipped: Tables | None, licences: Mapping[str, str], progress: bool
) -> list[Source]:
    """Read all sources; alternate names last, as only those of known places are kept."""
    kinds = [kind_of(path) for path in sources]
    found = [
        _read(path, kind, licences, progress) for path, kind in zip(sources, kinds, strict=True) if kind != "alternates"
    ]
    wanted = frozenset(
        id_ for source in found for record in source.records for id_ in (record.id, *record.same_as)
    ) | frozenset(shipped.ids if shipped else ())
    found += [
        _read(path, kind, licences, progress, wanted)
        for path, kind in zip(sources, kinds, strict=True)
        if kind == "alternates"
    ]
    if not any(source.records or source.alternates or source.extras for source in found):
        first = next((f"{s.path.name}, {fault}" for s in found for fault in s.faults.first), "they are empty")
        raise GazetteerError(f"{', '.join(path.name for path in sources)}: no usable row ({first}); valid are: {VALID}")
    return found


def _read(
    path: Path, kind: str, licences: Mapping[str, str], progress: bool, wanted: frozenset[str] | None = None
) -> Source:
    """Read one source of a kind; of alternate names those of the wanted ids."""
    title, licence, url = _ABOUT[kind]
    source = Source(path, kind, f"{title} {path.name}", "", licences.get(path.name, licence), url)
    if kind == "osm":
        read_osm(path, source, progress=progress)
        return source
    with open_table(path, KINDS[kind]) as table:
        source.version = table.date
        table.show_progress(progress)
        if kind == "alternates":
            read_alternates(table, source, wanted)
        else:
            _READERS[kind](table, source)
    return source


def _distinct_titles(found: Sequence[Source]) -> None:
    """Tell sources apart that would have one title: files of one name out of several folders."""
    seen: Counter[str] = Counter()
    for source in found:
        seen[source.title] += 1
        if seen[source.title] > 1:
            source.title += f" ({seen[source.title]})"


def _locate(found: Sequence[Source]) -> None:
    """Tell the country and first-level division of records that say neither, by the borders they lie in."""
    from gazetteer.borders import Borders

    borders = Borders.open()
    for source in found:
        lost = [
            at
            for at, record in enumerate(source.records)
            if record.kind not in ("country", "oblast") and not (record.country and record.admin1)
        ]
        if not lost:
            continue
        lon = [source.records[at].lon for at in lost]
        lat = [source.records[at].lat for at in lost]
        for at, country, admin1 in zip(lost, borders.country(lon, lat), borders.admin1(lon, lat), strict=True):
            record = source.records[at]
            told = record.country or str(country)
            division = record.admin1 or (str(admin1) if str(admin1)[:2] == told else "")
            source.records[at] = replace(record, country=told, admin1=division)


def _drafts(source: Source) -> list[Draft]:
    """Make drafts of a source's records; of rows with one id the last counts."""
    by_iso = {iso: (iso, name) for iso, name, _ in divisions().values()}
    records: dict[str, Record] = {record.id: record for record in source.records}
    # Most rows of postal codes are merged into other places: what is left of them is spelled in the end.
    bare = source.kind == "postal"
    made = (
        draft_of(record, source.title, by_iso.get(record.admin1, ("", "")), bare=bare) for record in records.values()
    )
    return [draft for draft in made if draft.names]


def _together(found: Sequence[Source]) -> tuple[Merger, dict[str, tuple[str, ...]]]:
    """Merge the sources with each other; of places with one id in several sources the last source's counts."""
    same_as = {record.id: record.same_as for source in found for record in source.records if record.same_as}
    drafts = [(source, _drafts(source)) for source in found]
    last = {draft.id: at for at, (_, own) in enumerate(drafts) for draft in own}
    together = Merger()
    for postal in (False, True):
        for at, (source, own) in enumerate(drafts):
            if (source.kind == "postal") == postal:
                together.add([draft for draft in own if last[draft.id] == at], same_as, postal=postal)
    return together, same_as


def _shipped(
    found: Sequence[Source], fresh: Merger, same_as: Mapping[str, tuple[str, ...]], shipped: Tables | None
) -> tuple[Merger, list[dict[str, str]], dict[str, str]]:
    """Merge what the sources have into the shipped places.

    Returns
    -------
    The places, the sources of the shipped ones, and their search keys.
    """
    if shipped is None:
        return fresh, [], {}
    replaced = {record.country for source in found if source.kind == "geonames" for record in source.records}
    kept = [d for d in unpack(shipped) if not (d.id.startswith("geonames:") and d.country in replaced)]
    used = _place_anew(kept, fresh.drafts)
    # Only now do the settlements have all the names that others are compared with.
    merger = Merger(kept, frozenset(draft.country for draft in fresh.drafts))
    merger.merged = fresh.merged + len(used)
    for point, settlement in used.items():
        merger.know_as(settlement, point)
    # The shipped areas of Ukraine, Belarus and Russia have names in three languages; a source's would double them.
    have = {draft.country for draft in kept if draft.kind == "oblast"}
    rest = [
        draft
        for draft in fresh.drafts
        if draft.id not in used
        and not (draft.country in have and draft.kind in ("oblast", "district") and draft.id.startswith("geonames:"))
    ]
    postal = [draft for draft in rest if draft.id.startswith("postal:")]
    merger.add([draft for draft in rest if not draft.id.startswith("postal:")], same_as)
    merger.add(postal, same_as, postal=True)
    return merger, shipped.sources, keys_by_name(shipped)


def _place_anew(kept: Sequence[Draft], fresh: Sequence[Draft]) -> dict[str, str]:
    """Put the codifier's settlements at the points that the sources have; changes `kept`.

    Returns
    -------
    The ids of the drafts that were used, and of the settlements that they are.
    """
    digits = {iso: katottg for iso, _, katottg in divisions().values() if katottg}
    points = {
        draft.id: draft
        for draft in fresh
        if draft.country == "UA"
        and draft.kind in SETTLEMENTS
        and draft.admin1[0] in digits
        and draft.uncertainty_km <= POINT_KM
    }
    if not points:
        return {}
    codified = [draft for draft in kept if draft.id.startswith("katottg:") and draft.kind != "district"]
    older = former_names()
    settlements = []
    for draft in codified:
        code, category = draft.id.removeprefix("katottg:"), "C" if draft.kind == "village" else "M"
        settlements.append(Settlement(code, draft.name, category, older.get(code, ())))
    spots = place_settlements(settlements, [_point(draft, digits) for draft in points.values()])
    used: dict[str, str] = {}
    for draft in codified:
        spot = spots.get(draft.id.removeprefix("katottg:"))
        if spot is not None and spot.point is not None:
            point = points[spot.point.id]
            # A shipped point may be the better one: a village placed by hand at its border post, for one.
            absorb(draft, point, move=point.uncertainty_km <= draft.uncertainty_km)
            draft.uncertainty_km = max(draft.uncertainty_km, spot.uncertainty_km)
            used[point.id] = draft.id
    return used


def _point(draft: Draft, digits: Mapping[str, str]) -> Point:
    """Give a draft as a point that a settlement of the codifier can be put at."""
    names = [name for name, flags in draft.names if not flags & DERIVED]
    main = next((name for name in names if name.isascii()), names[0])
    own = own_names(main, names) or tuple(names[:1])
    others = tuple(name for name in names if script(name) == "cyrillic")
    return Point(draft.id, own, digits[draft.admin1[0]], draft.lon, draft.lat, draft.population, others)


def _add_alternates(found: Sequence[Source], merger: Merger) -> None:
    """Give places the names that tables of alternate names have for them."""
    for source in found:
        for id_, names in source.alternates.items():
            place = merger.find(id_)
            if place is not None:
                name_further(place, names, source.title)


def _spell_postal(found: Sequence[Source], merger: Merger) -> None:
    """Add the spellings that rules make to places that only rows of postal codes have."""
    records = {record.id: record for source in found if source.kind == "postal" for record in source.records}
    for draft in merger.drafts:
        record = records.get(draft.id)
        if record is not None:
            given = {name for name, _ in draft.names}
            spoken = {flags & 7 for _, flags in draft.names}
            draft.names += [
                (name, flags & ~MAIN)
                for name, flags in record.spellings()
                if name not in given and not (flags & 7 and flags & 7 in spoken)
            ]


def former_names() -> dict[str, tuple[str, ...]]:
    """Give the former names of settlements in the hand-kept table, by their code in the codifier."""
    import csv

    found: dict[str, tuple[str, ...]] = {}
    with data_path("renames.tsv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            if row["katottg"]:
                found[row["katottg"]] = (*found.get(row["katottg"], ()), row["old"])
    return found
