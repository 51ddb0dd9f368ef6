"""Which spelling out of a bag is the Ukrainian, the Russian, the Belarusian one.

Sources such as GeoNames give a place's spellings without languages, among them old, dialect and neighbours' ones:
Москва stands beside Москова, Москъва and Масква. A spelling is taken for a language by three things together: how near
it is to what rules make of a name already known, what it has that the language never writes (`faults`), and whether a
spelling dictionary of the language has it, where one is at hand.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from gazetteer.languages import counterpart, romanize
from gazetteer.names import ALPHABETS, base, plain, script

Dictionaries = Mapping[str, Collection[str]]
"""Words of each language, in small letters."""

FAULT, UNKNOWN, UNKNOWN_BESIDE_LATIN, MADE = 2.0, 1.5, 0.75, 2.25
"""What a letter group that the language does not write, a word that its dictionary does not have (less beside a Latin
name, which says more than a rule), and a spelling that a rule made and the bag does not have cost, in letters of
difference. Judgements; what they lead to was counted over names whose languages are known (the README of the data)."""

FULL_VOWEL = 0.5
"""How much an о speaks for Russian or Ukrainian where Belarusian has а: Солигорск, not Салигорск."""

_END = r"(?=$|[ \-])"
_START = r"(?:(?<=^)|(?<=[ \-]))"
_VOWELS = "аеёєиіїоуыэюя"

_NEVER = {
    "uk": re.compile(
        rf"{_START}[иы]|[гкхжшчщ]ы|[иы][аеоуюяєіїи]|[аеоуюяєї]и|[сц]к(?={_END}|ий|а{_END}|е{_END})|(?<=[аеєиіоуюяї][вн])ец{_END}|(?:ый|ой|ичи|ого)"
        + _END
    ),
    "ru": re.compile(
        rf"ъ(?![еёюя])|шч|тс(?![ктср])|[жшчщ][ыяю]|ьо|[бвгджзклмнпрстфхцчшщ]йо|[бпвфм]ь(?=[бвгджзклмнпрстфхцчшщ])|"
        rf"нь(?=ск)|сьс|[сзц]ьк(?=[иі]й|ая|ое|е?{_END})|[гкх]ы|[бвжзлмпрсцчш]э|ц[ьи]{_END}"
    ),
    "be": re.compile(
        rf"[рж][еёюяіь]|[шч][еёюяіь]|[дт][еёюяіь]|в(?={_END}|[бвгджзклмнпрстфхцчш])|[гкх]ы|[сз]ь(?=[цнлвмпбк])|"
        rf"нь(?=[сц])|{_START}[ие]і|ў(?=[{_VOWELS}ў])|(?<=[бвгджзклмнпрстфхцчш])ў|(?<=..)(?<!сял)о{_END}|(?:ое|[ыі]й){_END}|[сзц]ьк|(?:піль|ець){_END}"
    ),
}
"""Groups of letters that a language does not write, or next to never."""

_STRESSLESS = str.maketrans("оеєёяэиії", "ааааааыыы", "ь’")
"""Belarusian writes а and я where there is no stress, Russian and Ukrainian о and е, and a rule does not know where."""

_SAME = str.maketrans("ёґє", "еге")
_LONG_ENDING = re.compile(r"(?:yy|iy|ij|yj)(?= |$)")
"""Грозный is Grozny, not Groznyy, on many maps."""

_OWN_LETTERS = {"uk": "іїєґ", "ru": "ыэё", "be": "ўіэ"}


def without_stress(name: str) -> str:
    """Take the marks of stress off a Cyrillic name.

    Examples
    --------
    >>> without_stress("Назра́нь"), without_stress("Йосипівка")
    ('Назрань', 'Йосипівка')
    """
    if "\u0301" not in name and "\u0300" not in name:
        return name
    return unicodedata.normalize("NFC", name.replace("\u0301", "").replace("\u0300", ""))


@lru_cache(maxsize=65536)
def faults(folded: str, language: str) -> int:
    """Count what a name has that a language does not write.

    Parameters
    ----------
    folded
        A name in the form of `gazetteer.names.plain`, in the letters of the language.
    language
        ``uk``, ``ru`` or ``be``.

    Examples
    --------
    >>> faults("смоленск", "ru"), faults("смоленьск", "ru"), faults("омьскъ", "ru"), faults("краснояр", "ru")
    (0, 1, 2, 0)
    >>> faults("брэст", "be"), faults("брест", "be"), faults("волгоград", "be"), faults("иваново", "uk")
    (0, 1, 1, 1)
    """
    found = len(_NEVER[language].findall(folded))
    if language == "be":
        # One о a word, that under the stress.
        found += sum(max(0, word.count("о") + word.count("ё") - 1) for word in re.split(r"[ \-]", folded))
    return found


def closest(
    names: Sequence[str],
    language: str,
    model: str,
    dictionaries: Dictionaries | None = None,
    *,
    extra: str = "",
    stressless: bool = False,
) -> str:
    """Pick the Cyrillic spelling that is the likeliest to be in a language.

    Parameters
    ----------
    names
        Spellings of one place.
    language
        ``uk``, ``ru`` or ``be``.
    model
        What the name would be by rule: Cyrillic, or Latin to compare with the romanised spellings.
    dictionaries
        Words of the languages; without them letters alone decide.
    extra
        A spelling that a rule made, to be taken where none of `names` is better.
    stressless
        Whether vowels that languages write by the stress are not to be told apart.

    Returns
    -------
    One of `names` or `extra`, or an empty string where none is near.

    Examples
    --------
    >>> closest(["Москова", "Москва", "Масква"], "ru", "Moscow", {"ru": {"москва"}})
    'Москва'
    >>> closest(["Смоленьск", "Смоленск"], "ru", "Smolensk"), closest(["Брест", "Брэст"], "be", "Брэст")
    ('Смоленск', 'Брэст')
    """
    alphabet = ALPHABETS[language]
    latin = script(model) == "latin"
    fold = _STRESSLESS if stressless else _SAME
    wanted = _LONG_ENDING.sub("y", base(plain(model))) if latin else plain(model).translate(fold)
    most = max(2, len(wanted) // 3) + latin
    words = (dictionaries or {}).get(language, ())
    best: tuple[float, int, int, int, int, str] | None = None
    for name in (*names, extra):
        folded = plain(name)
        if script(folded) != "cyrillic" or not all(char in alphabet for char in folded if char.isalpha()):
            continue
        away = _away(folded, language, wanted) if latin else Levenshtein.distance(folded.translate(fold), wanted)
        if away > most:
            continue
        cost = away + FAULT * faults(folded, language)
        if words and not all(_known(word, words) for word in re.split(r"[ \-]", folded) if word):
            cost += UNKNOWN_BESIDE_LATIN if latin and language == "ru" else UNKNOWN
        if extra and name == extra and name not in names:
            cost += MADE
        if stressless and language != "be":
            cost -= FULL_VOWEL * sum(map(folded.count, "оё"))
        # Between equally near spellings: the nearer to the very letters of the rule; one with a letter of that
        # language's own; the one with its hyphens; the longer one, for Казань and Казан are romanised alike.
        exact = 0 if latin else Levenshtein.distance(folded, plain(model))
        own = -sum(map(folded.count, _OWN_LETTERS[language]))
        found = (cost, exact, own, -name.count("-"), -len(name), name)
        if best is None or found < best:
            best = found
    return best[-1] if best else ""


def _known(word: str, words: Collection[str]) -> bool:
    return word in words or word.replace("ё", "е") in words


def _away(folded: str, language: str, wanted: str) -> float:
    """Give the letters in which a spelling's romanisation differs from a Latin name, which may be by way of Russian."""
    ways = {romanize(folded, language), romanize(folded.replace("ё", "е"), language)}
    if language != "ru":
        ways.add(romanize(counterpart(folded, language, "ru"), "ru"))
    return min(Levenshtein.distance(_LONG_ENDING.sub("y", base(plain(way))), wanted) for way in ways)
