"""geoinfer infers where photographs were taken from the place-name signs in them, and says how sure it is.

Examples
--------
>>> import geoinfer as gi
>>> case = gi.Case()
>>> case.add_clue("Чернігів", km=39)
'typed-1'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geoinfer.case import Case
    from geoinfer.clues import Clue
    from geoinfer.errors import ClueError, EngineError, LedgerError, OccupiedError, PhotoError, PublicationError
    from geoinfer.inference import Result
    from geoinfer.result import Region, Site, Verdict

__version__ = "0.1.0"

__all__ = [
    "Case",
    "Clue",
    "ClueError",
    "EngineError",
    "LedgerError",
    "OccupiedError",
    "PhotoError",
    "PublicationError",
    "Region",
    "Result",
    "Site",
    "Verdict",
]

_HOMES = {
    "Case": "case",
    "Result": "inference",
    "Clue": "clues",
    "Region": "result",
    "Site": "result",
    "Verdict": "result",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'geoinfer' has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(f"geoinfer.{_HOMES.get(name, 'errors')}"), name)
