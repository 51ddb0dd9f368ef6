"""Evidence of the researcher's own: from a file that people can write, and back from what a case has kept.

A file of evidence is TOML, with a table for every observation; paths in it are relative to the file::

    [[area]]                      # an area that the photo speaks for, or against
    file = "river.geojson"        # polygon, line or point; GeoJSON, KML or GeoPackage
    within_km = 1                 # kilometres round it
    ratio = 5                     # so many times more likely inside than outside
    note = "a wide river behind the trucks"

    [[search]]                    # searched, and not found
    file = "searched.geojson"
    detection = 0.8               # probability that it would have been found there

    [[sun]]
    time = 2026-01-29T11:20:00+02:00
    minutes = 20                  # how far the time may be off
    ratio = 0.3                   # height of an object : length of its shadow
    azimuth = 20                  # direction in which the shadow falls, degrees from north

    [[prior]]                     # lon,lat,p from a model
    file = "model.csv"
    weight = 0.5                  # how far it is trusted
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from numbers import Real
from pathlib import Path
from typing import Any

from geoinfer.errors import ClueError
from geoinfer.observations import Area, Observation, Search, Shape, check_globe, read_shape

FIELDS: Mapping[str, tuple[str, ...]] = {
    "area": ("file", "within_km", "ratio", "note", "photo"),
    "search": ("file", "within_km", "detection", "note", "photo"),
    "sun": ("time", "minutes", "ratio", "ratio_error", "azimuth", "azimuth_error", "note", "photo"),
    "prior": ("file", "weight", "spread_km", "note", "photo"),
}
"""Kinds of observation and the fields that a file may give them."""
NEEDED: Mapping[str, tuple[str, ...]] = {
    "area": ("file", "ratio"),
    "search": ("file", "detection"),
    "sun": ("time",),
    "prior": ("file", "weight"),
}
MOST_TEXT = 300


def read_evidence(path: str | Path) -> list[Observation]:
    """Read a file of evidence.

    Parameters
    ----------
    path
        TOML as this module describes it.

    Returns
    -------
    Observations, named ``area-1``, ``sun-1`` and so on in the order of the file.

    Raises
    ------
    ClueError
        If the file has faults; the message lists all of them.
    """
    path = Path(path)
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise ClueError(f"{path.name}: cannot be read as TOML: {fault}") from fault
    found: list[Observation] = []
    faults = []
    for what, tables in document.items():
        if what not in FIELDS or not isinstance(tables, list):
            faults.append(f"unknown table {what[:40]!r}; valid: {', '.join(f'[[{one}]]' for one in FIELDS)}")
            continue
        for number, table in enumerate(tables, start=1):
            try:
                found.append(_observation(what, f"{what}-{number}", table, path.parent))
            except ClueError as fault:
                faults.append(str(fault))
    if not document:
        faults.append(f"holds nothing; valid: {', '.join(f'[[{one}]]' for one in FIELDS)}")
    if faults:
        raise ClueError(f"{path.name}: " + "; ".join(faults))
    return found


def _observation(what: str, name: str, table: Any, folder: Path) -> Observation:
    if not isinstance(table, Mapping):
        raise ClueError(f"{name}: must be a table")
    unknown, missing = sorted(set(table) - set(FIELDS[what])), [one for one in NEEDED[what] if one not in table]
    if unknown or missing:
        said = [f"unknown field {one[:40]!r}" for one in unknown] + [f"{one} is missing" for one in missing]
        raise ClueError(f"{name}: {', '.join(said)}; valid: {', '.join(FIELDS[what])}")
    facts: dict[str, Any] = {"what": what, "id": name, **table}
    if "file" in table:
        if not isinstance(table["file"], str):
            raise ClueError(f"{name}: file must be text")
        file = folder / table["file"]
        facts["file"] = file.name
        if what == "prior":
            from geoinfer.prior_table import read_table

            facts["rows"] = list(zip(*read_table(file), strict=True))
        else:
            facts["shape"] = read_shape(file)
    return from_facts(facts)


def from_facts(facts: Mapping[str, Any]) -> Observation:
    """Make an observation of the plain values that its `facts` gave.

    Raises
    ------
    ClueError
        If they are not such values.
    """
    makers: dict[str, Callable[[Mapping[str, Any]], Observation]] = {
        "area": _area,
        "search": _search,
        "sun": _sun,
        "prior": _prior,
    }
    name = str(facts.get("id", "?"))[:40]
    maker = makers.get(str(facts.get("what")))
    if maker is None:
        raise ClueError(f"{name}: unknown kind of observation; valid: {', '.join(makers)}")
    try:
        return maker(facts)
    except ClueError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as fault:
        raise ClueError(f"{name}: a field is missing or no number ({fault})"[:300]) from fault


def _texts(facts: Mapping[str, Any], *names: str) -> dict[str, str]:
    return {name: str(facts.get(name, ""))[:MOST_TEXT] for name in names}


def _shape(facts: Mapping[str, Any]) -> Shape:
    from shapely.errors import ShapelyError
    from shapely.geometry import shape

    geometry = facts.get("shape")
    if geometry is None:
        try:
            geometry = shape(facts["geometry"])
        except (ShapelyError, IndexError) as fault:
            raise ClueError(f"{facts.get('id')}: its geometry is no GeoJSON") from fault
    check_globe(geometry, str(facts.get("id")))
    return Shape(geometry, _number(facts, "within_km", 0.0))


def _number(facts: Mapping[str, Any], name: str, otherwise: float | None = None) -> float:
    value = facts.get(name, otherwise)
    if isinstance(value, bool) or not isinstance(value, Real):
        raise ClueError(f"{facts.get('id')}: {name} must be a number, not {str(value)[:40]!r}")
    return float(value)


def _area(facts: Mapping[str, Any]) -> Area:
    return Area(str(facts["id"]), _shape(facts), _number(facts, "ratio"), **_texts(facts, "file", "note", "photo"))


def _search(facts: Mapping[str, Any]) -> Search:
    made = partial(Search, str(facts["id"]), _shape(facts), _number(facts, "detection"))
    return made(**_texts(facts, "file", "note", "photo"))


def _sun(facts: Mapping[str, Any]) -> Observation:
    from geoinfer.sun import Sun

    time = facts["time"]
    if not isinstance(time, datetime):
        try:
            time = datetime.fromisoformat(str(time))
        except ValueError:
            raise ClueError(
                f"{facts['id']}: time must be a date and time such as 2026-01-29T11:20:00+02:00, not {str(time)[:40]!r}"
            ) from None
    given = ("minutes", "ratio", "ratio_error", "azimuth", "azimuth_error")
    fields: dict[str, Any] = dict(_texts(facts, "note", "photo"))
    fields |= {name: _number(facts, name) for name in given if facts.get(name) is not None}
    return Sun(str(facts["id"]), time, **fields)


def _prior(facts: Mapping[str, Any]) -> Observation:
    import numpy as np

    from geoinfer.prior_table import PriorTable

    rows = np.asarray(facts["rows"], dtype=float).reshape(-1, 3)
    fields: dict[str, Any] = dict(_texts(facts, "file", "note", "photo"))
    if facts.get("spread_km") is not None:
        fields["spread_km"] = _number(facts, "spread_km")
    return PriorTable(str(facts["id"]), rows[:, 0], rows[:, 1], rows[:, 2], _number(facts, "weight"), **fields)
