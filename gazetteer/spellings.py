"""The spellings of one place: which to keep, which language each is in, and what to add by rule.

Sources give alternate names as a bag without languages. What is kept is what a sign or a reader may show: Latin and
Cyrillic spellings, and the script of the place's own country.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from rapidfuzz.distance import Levenshtein

from gazetteer.languages import counterpart, romanize
from gazetteer.mother_tongue import Dictionaries, closest, without_stress
from gazetteer.names import ALPHABETS, base, key, plain, script
from gazetteer.tables import DERIVED, LANGUAGES, MAIN

UK, RU, BE, EN = (LANGUAGES.index(language) for language in ("uk", "ru", "be", "en"))
CODES = {"uk": UK, "ru": RU, "be": BE}

OWN_LANGUAGE = {"UA": "uk", "RU": "ru", "BY": "be"}
"""The three countries whose names are given in all three languages."""

CYRILLIC_NATIVE = frozenset(["UA", "RU", "BY", "BG", "RS", "MK", "KZ", "KG", "MN", "TJ"])
"""Countries whose places are shown under a Cyrillic name."""

_ARABIC = (
    "AE", "AF", "BH", "DZ", "EG", "IQ", "IR", "JO", "KW", "LB", "LY", "MA", "OM", "PK", "PS", "QA", "SA", "SD",
    "SY", "TN", "YE",
)  # fmt: skip
_OWN_SCRIPTS = {
    "GR": "GREEK", "CY": "GREEK", "GE": "GEORGIAN", "AM": "ARMENIAN", "IL": "HEBREW", "KR": "HANGUL",
    "KP": "HANGUL", "CN": "CJK", "TW": "CJK", "HK": "CJK", "MO": "CJK", "JP": "CJK HIRAGANA KATAKANA", "TH": "THAI",
    "ET": "ETHIOPIC", "IN": "DEVANAGARI BENGALI GUJARATI GURMUKHI TAMIL TELUGU KANNADA MALAYALAM ORIYA",
    "NP": "DEVANAGARI", "BD": "BENGALI", "LK": "SINHALA TAMIL", "KH": "KHMER", "LA": "LAO", "MM": "MYANMAR",
    **dict.fromkeys(_ARABIC, "ARABIC"),
}  # fmt: skip

_LONGEST = 60
_KIND_WORDS = (
    "Horad", "Горад", "Город", "Місто", "Село", "Селище", "Деревня", "Вёска", "Посёлок", "Поселок",
    "Рабочий Посёлок", "Пасёлак", "г\\.", "gorod", "Gorod", "Selo", "Stancija", "Станция", "Станція",
)  # fmt: skip
_KIND_WORD = re.compile(rf"^(?:{'|'.join(_KIND_WORDS)}) (?=[A-ZА-ЯІЇЄҐЎЁ])")
"""The word for its kind that some alternate names begin with."""


def usable(name: str, country: str) -> bool:
    """Whether a spelling may stand on a sign: no code, no link, no machine's transliteration, no foreign script.

    Examples
    --------
    >>> usable("Czernihów", "UA"), usable("CEJ", "UA"), usable("cheleunihiu", "UA"), usable("Ἀθῆναι", "UA")
    (True, False, False, False)
    """
    if not 1 < len(name) <= _LONGEST or "/" in name or "(" in name or not name.isprintable():
        return False
    kind = script(name)
    if kind == "latin":
        # Airport and rail codes are capitals only; transliterations from other scripts are small letters only.
        return not (name.isascii() and name.isupper() and len(name) <= 5) and name != name.lower()
    if kind == "cyrillic":
        return True
    if kind == "none":
        return False
    first = next(char for char in name if char.isalpha())
    return unicodedata.name(first, " ").split()[0].rstrip("-") in _OWN_SCRIPTS.get(country, "").split()


def distinct(names: Iterable[str]) -> list[str]:
    """Drop spellings that differ from an earlier one in case, punctuation or, in Latin letters, in marks only.

    Examples
    --------
    >>> distinct(["Černihiv", "Cernihiv", "Чернігів", "Чернїгів", "ЧЕРНІГІВ"])
    ['Černihiv', 'Чернігів', 'Чернїгів']
    """
    seen: set[str] = set()
    kept = []
    for name in names:
        folded = plain(name)
        folded = base(folded) if script(folded) == "latin" else folded
        if folded and folded not in seen:
            seen.add(folded)
            kept.append(name)
    return kept


def own_names(main: str, alternates: Iterable[str]) -> tuple[str, ...]:
    """Pick the Cyrillic spellings that the main, Latin name is a romanisation of, out of former and foreign names.

    Examples
    --------
    >>> own_names("Donetsk", ["Донецьк", "Донецьке", "Сталіно", "Юзівка"])
    ('Донецьк',)
    """
    wanted = key(main)
    cyrillic = [name for name in alternates if script(name) == "cyrillic"]
    exact = tuple(name for name in cyrillic if key(name) == wanted)
    return exact or tuple(name for name in cyrillic if Levenshtein.distance(key(name), wanted) <= 1)


def assemble(
    main: str,
    alternates: Iterable[str],
    country: str,
    own: str = "",
    dictionaries: Dictionaries | None = None,
    told: Mapping[str, str] | None = None,
) -> list[tuple[str, int]]:
    """Make the list of a place's spellings with their languages.

    Parameters
    ----------
    main
        The source's main name, Latin in GeoNames.
    alternates
        Its other spellings.
    country
        ISO 3166-1 alpha-2 code.
    own
        The official name in the country's own language where another source gives it.
    dictionaries
        Words of the three languages, to tell which spelling is in which.
    told
        Names whose language is known, by ``uk``, ``ru`` and ``be``.

    Returns
    -------
    Pairs of name and flags as in `gazetteer.tables`; exactly one is the main name.

    Examples
    --------
    >>> from gazetteer.tables import LANGUAGES
    >>> made = assemble("Ripky", ["Репки", "Ріпки", "Ripki", "RPK"], "UA")
    >>> [(name, LANGUAGES[flags & 7]) for name, flags in made][:3]
    [('Ріпки', 'uk'), ('Репки', 'ru'), ('Рэпкі', 'be')]
    """
    main = without_kind(main)
    # Of spellings that differ in marks only, the one with its marks is kept: București, not Bucuresti.
    kept = sorted((without_stress(without_kind(n)) for n in alternates if usable(n, country)), key=str.isascii)
    cyrillic = [name for name in kept if script(name) == "cyrillic"]
    flagged: list[tuple[str, int]] = []
    language = OWN_LANGUAGE.get(country)
    if language:
        spoken = dict(told or {}) | ({language: own} if own else {})
        flagged = _three_languages(main, cyrillic, language, spoken, dictionaries)
    elif country in CYRILLIC_NATIVE:
        native = min(cyrillic, key=lambda name: (_romanized_distance(name, main), name), default="")
        flagged = [(native, 0)] if native else []
    else:
        flagged = [(name, CODES[code]) for code in CODES if (name := _marked(cyrillic, code))]
    if main:
        flagged.append((main, EN if script(main) == "latin" else 0))
    if not flagged:
        return []
    shown = flagged[0][0] if language or country in CYRILLIC_NATIVE else main
    flagged = [(name, flags | (MAIN if name == shown else 0)) for name, flags in flagged]
    if not any(flags & MAIN for _, flags in flagged):
        flagged[0] = (flagged[0][0], flagged[0][1] | MAIN)
    first_main = next(at for at, (_, flags) in enumerate(flagged) if flags & MAIN)
    flagged = [(name, flags if at == first_main else flags & ~MAIN) for at, (name, flags) in enumerate(flagged)]
    given = {name for name, _ in flagged}
    known = len(flagged)
    others = distinct([name for name, _ in flagged] + kept)
    return flagged[:known] + [(name, 0) for name in others if name not in given]


def without_kind(name: str) -> str:
    """Take the word for its kind off a name, and white space.

    Examples
    --------
    >>> without_kind("Горад  Тэрэспаль"), without_kind("Городня")
    ('Тэрэспаль', 'Городня')
    """
    return _KIND_WORD.sub("", " ".join(name.split()))


def _three_languages(
    main: str, cyrillic: Sequence[str], language: str, told: Mapping[str, str], dictionaries: Dictionaries | None
) -> list[tuple[str, int]]:
    """Name a Ukrainian, Russian or Belarusian place in all three languages, by rule where no spelling fits."""
    own = told.get(language) or closest(cyrillic, language, main, dictionaries)
    if not own:
        return []
    names = {language: own}
    bag = list(dict.fromkeys([*cyrillic, *told.values(), own]))
    for other in ("ru", "uk", "be"):
        if other not in names:
            # Russian, once found, leads on: its rules to both others are the better ones.
            start = "ru" if "ru" in names else language
            rule = counterpart(names[start], start, other)
            stressless = "be" in (start, other)
            found = closest(bag, other, rule, dictionaries, extra=rule, stressless=stressless)
            names[other] = told.get(other) or found or rule
    order = sorted(CODES, key=lambda code: code != language)
    return [(names[code], CODES[code] if names[code] in bag else CODES[code] | DERIVED) for code in order]


def _marked(cyrillic: Sequence[str], language: str) -> str:
    """Give the only spelling that has letters of one language and of no other, or an empty string."""
    letters = {"uk": "їєґ", "ru": "ыэё", "be": "ў"}[language]
    found = [
        name
        for name in cyrillic
        if any(char in letters for char in name.lower())
        and all(char in ALPHABETS[language] for char in plain(name) if char.isalpha())
    ]
    return found[0] if len(found) == 1 else ""


def _romanized_distance(name: str, main: str) -> int:
    wanted = base(plain(main))
    return min(
        Levenshtein.distance(base(plain(romanize(name, system))), wanted) for system in ("ru", "uk", "scholarly")
    )
