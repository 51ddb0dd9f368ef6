"""Names to places: a gazetteer for place names on signs, with borders and roads.

It knows nothing of photos. Everything heavy is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gazetteer.gazetteer import Gazetteer as Gazetteer
    from gazetteer.places import Match as Match
    from gazetteer.places import Place as Place
    from gazetteer.places import SearchResult as SearchResult

_HOMES = {
    "Gazetteer": "gazetteer.gazetteer",
    "Match": "gazetteer.places",
    "Place": "gazetteer.places",
    "SearchResult": "gazetteer.places",
}
__all__ = ["Gazetteer", "Match", "Place", "SearchResult"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'gazetteer' has no attribute {name!r}; it has {', '.join(_HOMES)}")
    return getattr(import_module(_HOMES[name]), name)
