"""OpenStreetMap extracts (.osm.pbf, .osm): places, stations, border posts, known signs and the road network.

Needs the package `osmium` (extra ``osm``). Extracts by country: https://download.geofabrik.de/ (ODbL 1.0). Read are

- nodes with ``place`` or ``railway=station|halt``, and ``barrier=border_control`` on nodes and ways;
- ways of the classes in `ROADS`: they become a road graph that `gazetteer.roads.Roads.from_gazetteer` opens;
- ``destination`` of ways, and ``traffic_sign`` nodes with a name or destination: signs whose place is known, for
  `gazetteer.known_signs`.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from gazetteer.errors import GazetteerError
from gazetteer.known_signs import KnownSign, packed_signs
from gazetteer.records import Name, Record, RowError, Source, names_in, position, settlement_kind, tidy, whole
from gazetteer.road_graph import Way, packed_roads
from gazetteer.tables import HISTORIC

LICENCE, URL = "ODbL 1.0, © OpenStreetMap contributors", "https://www.openstreetmap.org/copyright"

ROADS = frozenset(
    f"{name}{link}" for name in ("motorway", "trunk", "primary", "secondary", "tertiary") for link in ("", "_link")
)
"""Classes of road that make the graph: what signs give distances along."""

PLACES = {
    "city": "city", "town": "town", "village": "village", "hamlet": "village", "isolated_dwelling": "village",
    "suburb": "other", "quarter": "other", "neighbourhood": "other", "locality": "other", "farm": "village",
    "allotments": "other", "borough": "other",
}  # fmt: skip
STATIONS = frozenset({"station", "halt"})
LANGUAGES = ("uk", "ru", "be", "en", "pl", "de")
OLD = ("old_name", "was:name")


def read_osm(path: Path, source: Source, *, progress: bool = False) -> None:
    """Read an extract into a source.

    Raises
    ------
    GazetteerError
        The package `osmium` is missing, or the file is damaged.
    """
    try:
        version("osmium")
    except PackageNotFoundError as error:
        raise GazetteerError(f"{path}: to read OpenStreetMap install the extra: pip install 'geoinfer[osm]'") from error
    import osmium
    from tqdm import tqdm

    ways: list[Way] = []
    signs: list[KnownSign] = []
    try:
        with osmium.io.Reader(str(path)) as reader:
            source.version = str(reader.header().get("osmosis_replication_timestamp", ""))[:10] or source.version
            box = reader.header().box()
            bounds = (
                (box.bottom_left.lon, box.bottom_left.lat, box.top_right.lon, box.top_right.lat)
                if box.valid()
                else None
            )
        wanted = osmium.filter.KeyFilter("place", "highway", "barrier", "railway", "traffic_sign")
        found = osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY).with_locations().with_filter(wanted)
        for thing in tqdm(found, unit=" objects", desc=path.name, disable=not progress):
            tags = dict(thing.tags)
            try:
                if thing.is_node():
                    _take_node(thing.id, tags, thing.location.lon, thing.location.lat, source, signs)
                elif thing.is_way():
                    _take_way(thing, tags, source, ways, signs)
            except (RowError, osmium.InvalidLocationError) as fault:
                source.faults.add(f"{'node' if thing.is_node() else 'way'} {thing.id}", fault)
    except (RuntimeError, OSError, ValueError) as error:
        raise GazetteerError(f"{path} cannot be read: {error}; valid is an OpenStreetMap extract, .osm.pbf") from error
    if ways:
        source.extras["roads.npz"] = packed_roads(ways, bounds)
    if signs:
        source.extras["signs.tsv"] = packed_signs(signs)


def _take_node(
    id_: int, tags: Mapping[str, str], lon: float, lat: float, source: Source, signs: list[KnownSign]
) -> None:
    kind = PLACES.get(tags.get("place", "")) or ("station" if tags.get("railway") in STATIONS else "")
    if tags.get("barrier") == "border_control":
        kind = "crossing"
    if kind and _name_of(tags):
        source.records.append(_record(f"osm:n{id_}", kind, tags, lon, lat))
    if "traffic_sign" in tags and (text := tags.get("destination") or tags.get("name")):
        signs.append(KnownSign(*position(lon, lat), tidy(tags["traffic_sign"]), tidy(text), tags.get("ref", "")[:60]))


def _take_way(way: Any, tags: Mapping[str, str], source: Source, ways: list[Way], signs: list[KnownSign]) -> None:
    if tags.get("barrier") == "border_control" and _name_of(tags):
        middle = way.nodes[len(way.nodes) // 2]
        source.records.append(_record(f"osm:w{way.id}", "crossing", tags, middle.lon, middle.lat))
    if tags.get("highway") not in ROADS:
        return
    nodes = [node for node in way.nodes if node.location.valid()]
    if len(nodes) < 2:
        # Extracts end at a border, and the ways that cross it lose nodes there.
        return
    line = tuple((node.lon, node.lat) for node in nodes)
    ways.append(Way(tuple(node.ref for node in nodes), line, tags.get("ref", ""), tags.get("int_ref", "")))
    for key in ("destination", "destination:forward", "destination:backward"):
        if tags.get(key):
            lon, lat = line[-1] if key == "destination:backward" else line[0]
            signs.append(KnownSign(lon, lat, "destination", tidy(tags[key]), tags.get("destination:ref", "")[:60]))


def _name_of(tags: Mapping[str, str]) -> str:
    return tags.get("name", "") or tags.get("name:uk", "") or tags.get("name:ru", "") or tags.get("name:en", "")


def _record(id_: str, kind: str, tags: Mapping[str, str], lon: float, lat: float) -> Record:
    name = tidy(_name_of(tags))
    x, y = position(lon, lat)
    try:
        population = whole(tags.get("population"))
    except RowError:
        # "about 500", "1 200 (2001)": a place is none the worse for it.
        population = 0
    if kind in ("city", "town", "village") and population:
        kind = settlement_kind(population)
    names = [Name(text, language) for language in LANGUAGES for text in names_in(tags.get(f"name:{language}", ""), ";")]
    names += [
        Name(text) for key in ("alt_name", "int_name", "official_name") for text in names_in(tags.get(key, ""), ";")
    ]
    names += [Name(text, "", HISTORIC) for key in OLD for text in names_in(tags.get(key, ""), ";")]
    same = (f"katottg:{tags['katotth'][:19]}",) if tags.get("katotth") else ()
    country = tags.get("addr:country", "").upper()
    country = country if len(country) == 2 and country.isascii() and country.isalpha() else ""
    return Record(id_, name, tuple(names), kind, x, y, population, country, same_as=same)
