"""The columns that a gazetteer file holds, and how they are packed, written and read.

A file is a zip archive: numpy arrays without pickles, text columns as UTF-8 lines, and ``about.json`` with the
format's version, the counts and the sources. Names are kept in the order of their search keys, so that they
compress well and a key's names lie side by side. The spelling of a file can be checked with any zip tool.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from gazetteer.archive import Archive, Array, write_archive
from gazetteer.errors import GazetteerError
from gazetteer.names import keys_of as keys_of_plain
from gazetteer.names import plain
from gazetteer.places import KINDS

FORMAT = 2
"""Version of the file format. Files of version 1, which know no parents and no sources of names, are read as well."""

DEGREE = 100_000
"""Coordinates are kept as whole hundred-thousandths of a degree: 1.1 m of latitude."""

LANGUAGES = ("", "uk", "ru", "be", "en")
MAIN, DERIVED, HISTORIC, COLLOQUIAL = 8, 16, 32, 128
"""Flags of a name beside the index of its language: the place's own name; made by rule and in no source; no longer
official; of everyday speech. The bit 64 is taken by `gazetteer.lexicon`."""

Parents = tuple[str, str, str, str]
"""Code and name of the second-level division of a place, code and name of its third-level one."""

NO_PARENTS: Parents = ("", "", "", "")


@dataclass(slots=True)
class Draft:
    """A place on its way into a table.

    Attributes
    ----------
    names
        Pairs of name and flags: an index into `LANGUAGES`, plus `MAIN` or `DERIVED`.
    admin1
        ISO 3166-2 code and name for people.
    parents
        The divisions below that.
    name_sources
        Where names are from that are not from the place's own source.
    """

    id: str
    names: list[tuple[str, int]]
    kind: str
    lon: float
    lat: float
    uncertainty_km: float
    population: int
    country: str
    admin1: tuple[str, str]
    source: str
    parents: Parents = NO_PARENTS
    name_sources: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name to show."""
        return next((name for name, flags in self.names if flags & MAIN), self.names[0][0])


@dataclass(slots=True, eq=False)
class Tables:
    """A gazetteer's columns: one value per place, one per name, and one per search key."""

    ids: list[str]
    lon: Array
    lat: Array
    uncertainty_km: Array
    population: Array
    kind: Array
    country: Array
    admin1: Array
    source: Array
    parent: Array
    names: bytes
    name_place: Array
    name_flags: Array
    name_source: Array
    keys: bytes
    key_names: Array
    countries: list[str] = field(default_factory=list)
    admin1s: list[tuple[str, str]] = field(default_factory=list)
    sources: list[dict[str, str]] = field(default_factory=list)
    parents: list[Parents] = field(default_factory=list)


_ARRAYS = {
    "lon": "<i4", "lat": "<i4", "uncertainty_km": "<f2", "population": "<u4", "kind": "u1", "country": "<u2",
    "admin1": "<u2", "source": "u1", "parent": "<u2", "name_place": "<u4", "name_flags": "u1", "name_source": "u1",
    "key_names": "<u2",
}  # fmt: skip
_PLACE_ARRAYS = ("lon", "lat", "uncertainty_km", "population", "kind", "country", "admin1", "source", "parent")
_SINCE_2 = ("parent", "name_source")
MOST_SOURCES = 255
_TEXTS = ("ids", "names", "keys")


def _positions(values: Iterable[Any]) -> dict[Any, int]:
    return {value: position for position, value in enumerate(sorted(set(values)))}


def pack(
    drafts: Sequence[Draft], sources: Sequence[Mapping[str, str]], keys_of: Mapping[str, str] = MappingProxyType({})
) -> Tables:
    """Turn drafts into columns.

    Parameters
    ----------
    drafts
        Places; those of one source should come sorted, which makes the file smaller.
    sources
        Name, version, licence and url of every source that a draft names.
    keys_of
        Search keys of names, where they are at hand: to compute them is most of the work.

    Raises
    ------
    GazetteerError
        Two drafts share an id, or a draft names an unknown kind or source.
    """
    source_at = {source["name"]: position for position, source in enumerate(sources)}
    _check_drafts(drafts, source_at)
    countries, admin1s = _positions(d.country for d in drafts), _positions(d.admin1 for d in drafts)
    parents = _positions([NO_PARENTS, *(d.parents for d in drafts)])
    names = sorted({name for draft in drafts for name, _ in draft.names} - keys_of.keys())
    coded_names = {name: coded.encode() for name, coded in keys_of.items()}
    if names:
        made = keys_of_plain([plain(name) for name in names])
        coded_names |= {name: coded.encode() for name, coded in zip(names, made, strict=True)}
    entries = sorted(
        (len(coded), coded, name, place, flags, source_at[draft.name_sources.get(name, draft.source)])
        for place, draft in enumerate(drafts)
        for name, flags in draft.names
        if (coded := coded_names[name])
    )
    keys: list[bytes] = []
    counts: list[int] = []
    for _, coded, *_ in entries:
        if keys and keys[-1] == coded:
            counts[-1] += 1
        else:
            keys.append(coded)
            counts.append(1)
    columns: dict[str, list[Any]] = {
        "lon": [round(d.lon * DEGREE) for d in drafts],
        "lat": [round(d.lat * DEGREE) for d in drafts],
        "uncertainty_km": [d.uncertainty_km for d in drafts],
        "population": [d.population for d in drafts],
        "kind": [KINDS.index(d.kind) for d in drafts],
        "country": [countries[d.country] for d in drafts],
        "admin1": [admin1s[d.admin1] for d in drafts],
        "source": [source_at[d.source] for d in drafts],
        "parent": [parents[d.parents] for d in drafts],
        "name_place": [entry[3] for entry in entries],
        "name_flags": [entry[4] for entry in entries],
        "name_source": [entry[5] for entry in entries],
        "key_names": counts,
    }
    return Tables(
        ids=[d.id for d in drafts],
        names="\n".join(entry[2] for entry in entries).encode(),
        keys=b"\n".join(keys),
        countries=list(countries),
        admin1s=list(admin1s),
        sources=[dict(source) for source in sources],
        parents=list(parents),
        **{name: np.array(values, dtype=_ARRAYS[name]) for name, values in columns.items()},
    )


def _check_drafts(drafts: Sequence[Draft], source_at: Mapping[str, int]) -> None:
    seen: set[str] = set()
    for draft in drafts:
        if draft.id in seen:
            raise GazetteerError(f"two places share the id {draft.id}")
        if draft.kind not in KINDS:
            raise GazetteerError(f"{draft.id}: kind {draft.kind!r} is none of {', '.join(KINDS)}")
        for source in (draft.source, *draft.name_sources.values()):
            if source not in source_at:
                raise GazetteerError(f"{draft.id}: source {source!r} is none of {', '.join(source_at)}")
        seen.add(draft.id)
    if len(source_at) > MOST_SOURCES:
        raise GazetteerError(f"{len(source_at)} sources are too many for one file; it takes {MOST_SOURCES}")


def unpack(tables: Tables) -> list[Draft]:
    """Turn columns back into drafts, the reverse of `pack`."""
    names: list[list[tuple[str, int]]] = [[] for _ in tables.ids]
    others: list[dict[str, str]] = [{} for _ in tables.ids]
    titles, own = [source["name"] for source in tables.sources], tables.source.tolist()
    columns = (tables.name_place.tolist(), tables.name_flags.tolist(), tables.name_source.tolist())
    for name, place, flags, source in zip(tables.names.decode().split("\n"), *columns, strict=True):
        names[place].append((name, flags))
        if source != own[place]:
            others[place][name] = titles[source]
    return [
        Draft(
            id=id_,
            names=names[row],
            kind=KINDS[tables.kind[row]],
            lon=int(tables.lon[row]) / DEGREE,
            lat=int(tables.lat[row]) / DEGREE,
            uncertainty_km=round(float(tables.uncertainty_km[row]), 2),
            population=int(tables.population[row]),
            country=tables.countries[tables.country[row]],
            admin1=tables.admin1s[tables.admin1[row]],
            source=titles[own[row]],
            parents=tables.parents[tables.parent[row]],
            name_sources=others[row],
        )
        for row, id_ in enumerate(tables.ids)
    ]


def keys_by_name(tables: Tables) -> dict[str, str]:
    """Give the search key of every name."""
    keys = tables.keys.decode().split("\n")
    names = iter(tables.names.decode().split("\n"))
    counted = zip(keys, tables.key_names.tolist(), strict=True)
    return {name: coded for coded, count in counted for name in islice(names, count)}


def write(tables: Tables, path: Path, index: Mapping[str, bytes | Array] | None = None) -> None:
    """Write a gazetteer file whole or not at all.

    Parameters
    ----------
    index
        Members that make a search fast (`gazetteer.indexing`). With them the file is laid out for mapping, without them
        it is packed small.

    Raises
    ------
    OSError
        The folder cannot be written to.
    """
    about = {
        "format": FORMAT,
        "places": len(tables.ids),
        "names": len(tables.name_place),
        "keys": len(tables.key_names),
        "countries": tables.countries,
        "admin1s": tables.admin1s,
        "sources": tables.sources,
        "parents": tables.parents,
    }
    members: dict[str, bytes | Array] = {"about.json": json.dumps(about, ensure_ascii=False, indent=1).encode()}
    members |= {name: getattr(tables, name) for name in _ARRAYS}
    members |= {"ids.txt": "\n".join(tables.ids).encode(), "names.txt": tables.names, "keys.txt": tables.keys}
    write_archive(path, members | dict(index or {}), mapped=index is not None)


def read(path: Path) -> Tables:
    """Read a gazetteer file and check that its columns fit each other.

    Raises
    ------
    GazetteerError
        The file is absent, is no gazetteer file, or is damaged.
    """
    try:
        with Archive(path) as archive:
            about = json.loads(archive.bytes("about.json"))
            if about.get("format") not in (1, FORMAT):
                raise ValueError(f"its format is {about.get('format')!r}, this version reads 1 and {FORMAT}")
            stored = [name for name in _ARRAYS if about["format"] == FORMAT or name not in _SINCE_2]
            arrays = {name: archive.array(name, _ARRAYS[name]) for name in stored}
            texts = {name: archive.bytes(f"{name}.txt") for name in _TEXTS}
        if about["format"] == 1:
            arrays["parent"] = np.zeros(len(arrays["lon"]), "<u2")
            arrays["name_source"] = arrays["source"][arrays["name_place"]]
            about["parents"] = [NO_PARENTS]
        tables = Tables(
            ids=texts["ids"].decode().split("\n"),
            names=texts["names"],
            keys=texts["keys"],
            countries=[str(code) for code in about["countries"]],
            admin1s=[(str(code), str(name)) for code, name in about["admin1s"]],
            sources=[{str(k): str(v) for k, v in source.items()} for source in about["sources"]],
            parents=[(str(a), str(b), str(c), str(d)) for a, b, c, d in about["parents"]],
            **arrays,
        )
        _check(tables)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, NotImplementedError, RuntimeError,
            IndexError, zipfile.BadZipFile) as error:  # fmt: skip
        raise GazetteerError(
            f"{path} is not a usable gazetteer file: {error or type(error).__name__}; "
            "valid is a file that `gazetteer build SOURCE... -o FILE` wrote"
        ) from error
    return tables


def _check(tables: Tables) -> None:
    """Raise ValueError where a column points beyond another one's end."""
    places, names = len(tables.ids), len(tables.name_place)
    faults = {
        "places": any(len(getattr(tables, name)) != places for name in _PLACE_ARRAYS) or not places,
        "names": tables.names.count(b"\n") + 1 != names
        or len(tables.name_flags) != names
        or len(tables.name_source) != names,
        "keys": tables.keys.count(b"\n") + 1 != len(tables.key_names) or int(tables.key_names.sum()) != names,
    }
    if not any(faults.values()):
        faults = {
            "name_place": int(tables.name_place.max()) >= places,
            "name_flags": int((tables.name_flags & 7).max()) >= len(LANGUAGES),
            "kind": int(tables.kind.max()) >= len(KINDS),
            "country": int(tables.country.max()) >= len(tables.countries),
            "admin1": int(tables.admin1.max()) >= len(tables.admin1s),
            "source": max(int(tables.source.max()), int(tables.name_source.max())) >= len(tables.sources),
            "parent": int(tables.parent.max()) >= len(tables.parents),
            "lon": int(np.abs(tables.lon).max()) > 180 * DEGREE,
            "lat": int(np.abs(tables.lat).max()) > 90 * DEGREE,
        }
    if any(faults.values()):
        raise ValueError("its columns do not fit: " + ", ".join(name for name, fault in faults.items() if fault))
