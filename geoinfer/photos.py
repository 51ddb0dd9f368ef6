"""Photos: files in, upright pixels and EXIF claims out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geoinfer.signs import Sign


@dataclass(frozen=True, slots=True)
class PhotoRecord:
    """A photo that was read, without its pixels.

    Attributes
    ----------
    file
        Path as shown to people, relative to what the user named. Untrusted text.
    sha256
        Hash of the file's bytes, hexadecimal.
    width, height
        Size of the upright photo in pixels.
    exif
        Claims of the file about itself (``taken``, ``camera``, ``gps_lon``, ``gps_lat``). Untrusted; never used silently.
    signs
        The signs found in it.
    """

    file: str
    sha256: str
    width: int
    height: int
    exif: dict[str, str | float]
    signs: tuple[Sign, ...]
