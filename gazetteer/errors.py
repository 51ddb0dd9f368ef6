"""The errors of gazetteer: few, under built-ins, and each message lists what would be valid."""

from __future__ import annotations


class GazetteerError(ValueError):
    """A gazetteer file or a source for one cannot be used."""


class UnknownBorderError(KeyError):
    """No border of that code is known."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""
