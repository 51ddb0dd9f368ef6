"""The parameters of the rules, read from `data/rules.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any


@cache
def parameters() -> Mapping[str, Mapping[str, Any]]:
    """Give every rule's parameters by the rule's name.

    Examples
    --------
    >>> sorted(parameters()["border_proximity"])
    ['decay_km', 'default', 'floor', 'mode', 'source']
    """
    text = resources.files("geoinfer").joinpath("data/rules.toml").read_text(encoding="utf-8")
    return MappingProxyType({name: MappingProxyType(table) for name, table in tomllib.loads(text).items()})


@cache
def number(rule: str, key: str) -> float:
    """Give one numeric parameter.

    Examples
    --------
    >>> number("main_roads", "area_km2_per_km")
    50.0
    """
    return float(parameters()[rule][key])
