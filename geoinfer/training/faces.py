"""Faces: the font files that lines are drawn in, and which of them training never sees."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules

import numpy as np
from PIL import ImageFont

from geoinfer.training.corpus import CYRILLIC, DIGITS, LATIN

CAP = 40
"""Rows of a capital letter on the canvas, before anything is spoilt."""

SYSTEM_FONTS = Path("/usr/share/fonts")
HELD_OUT_FAMILIES = ("Play", "Carlito", "Jura", "Old Standard", "Open Sans", "osifont", "Exo 2", "Sofia Sans")
"""Families that training never sees, so that validation meets new letter shapes."""
_TRAINED_ALL_THE_SAME = ("Playfair",)
"""Families whose names begin like one that is held out."""

_BOOKISH = (
    "Serif",
    "Mono",
    "Typewriter",
    "Libertine",
    "Code",
    "Smallcaps",
    "Tinos",
    "Garamond",
    "Classical",
    "Vollkorn",
    "Charis",
    "Concrete",
    "Cousine",
    "Playfair",
    "Bitter",
    "Press Start",
)


@dataclass(frozen=True)
class Face:
    """A font file that holds every letter and digit of the alphabet."""

    path: Path
    family: str


def font_folders() -> tuple[Path, ...]:
    """Folders of fonts: the system's, and those of the installed ``fontpkg-*`` packages."""
    names = sorted(module.name for module in iter_modules() if module.name.startswith("fontpkg_"))
    places = [spec.submodule_search_locations for name in names if (spec := find_spec(name))]
    return (SYSTEM_FONTS, *(Path(place) for found in places for place in found or ()))


def find_faces(*roots: Path) -> tuple[Face, ...]:
    """All faces below some folders that hold the Cyrillic and Latin alphabets and the digits, sorted by file.

    Parameters
    ----------
    roots
        Folders; `font_folders` where none is given.

    Raises
    ------
    FileNotFoundError
        Where there is none; the README beside this module lists the font packages.
    """
    roots = roots or font_folders()
    faces = [face for root in roots for path in _font_files(root) if (face := _face(path))]
    if not faces:
        places = ", ".join(str(root) for root in roots)
        raise FileNotFoundError(
            f"no font below {places} holds {CYRILLIC!r}: install the packages listed in training/README.md"
        )
    return tuple(faces)


def _font_files(root: Path) -> Iterable[Path]:
    return sorted(p for p in root.rglob("*") if p.suffix.lower() in {".ttf", ".otf"})


def _face(path: Path) -> Face | None:
    from fontTools.ttLib import TTFont, TTLibError

    needed = {ord(c) for c in CYRILLIC + LATIN + DIGITS}
    try:
        with path.open("rb") as file, TTFont(file, lazy=True) as font:
            # Fonts made of bitmaps alone cannot be drawn at another size.
            drawable = ("glyf" in font or "CFF " in font) and "EBDT" not in font and "CBDT" not in font
            if drawable and not path.name.lower().startswith("unifont") and needed <= set(font.getBestCmap() or ()):
                return Face(path, str(font["name"].getBestFamilyName()))
    except (TTLibError, OSError, KeyError, AssertionError):
        pass  # a broken or foreign font file is no reason to stop
    return None


def split_faces(faces: Sequence[Face]) -> tuple[dict[str, list[Face]], dict[str, list[Face]]]:
    """Faces by family: those to train on, and those held out."""
    training: dict[str, list[Face]] = {}
    held: dict[str, list[Face]] = {}
    for face in faces:
        apart = face.family.startswith(HELD_OUT_FAMILIES) and not face.family.startswith(_TRAINED_ALL_THE_SAME)
        # Noto's width and weight variants count as one family, or they would be half of all lines.
        family = "Noto" if face.family.startswith("Noto") and "Condensed" not in face.path.stem else face.family
        (held if apart else training).setdefault(family, []).append(face)
    return training, held


def pick_face(families: dict[str, list[Face]], rng: np.random.Generator) -> Face:
    """Draw a family, those without serifs three times as often as the others, then a face of it."""
    names = sorted(families)
    weights = np.array([1.0 if any(word in name for word in _BOOKISH) else 3.0 for name in names])
    family = names[int(rng.choice(len(names), p=weights / weights.sum()))]
    return families[family][int(rng.integers(len(families[family])))]


@cache
def styles(path: Path) -> tuple[str, ...]:
    """Name the styles of a variable font; none for other fonts."""
    try:
        names = ImageFont.truetype(path, 20).get_variation_names()
    except OSError:
        return ()
    return tuple(dict.fromkeys(name.decode("utf-8", "replace") for name in names))


@cache
def load_font(path: Path, style: str = "") -> ImageFont.FreeTypeFont:
    """Open a font in the size whose capitals are `CAP` rows high."""

    def opened(size: int) -> ImageFont.FreeTypeFont:
        font = ImageFont.truetype(path, size)
        if style:
            font.set_variation_by_name(style)
        return font

    _, top, _, bottom = opened(100).getbbox("Н")
    return opened(round(100 * CAP / max(bottom - top, 20)))
