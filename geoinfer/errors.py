"""The errors of geoinfer: few, under built-ins, and each message lists what would be valid."""

from __future__ import annotations


class PhotoError(ValueError):
    """A file cannot be read as a photograph; the run goes on and lists it under problems."""


class ClueError(ValueError):
    """A typed clue or a clue file is malformed."""


class EngineError(RuntimeError):
    """A reading engine is missing or its model is not the one this release was made for."""


class LedgerError(RuntimeError):
    """A ledger or a file that it vouches for is not what was written."""


class PublicationError(RuntimeError):
    """A case may not be published in this way."""


class OccupiedError(RuntimeError):
    """Another run is writing to the same folder."""
