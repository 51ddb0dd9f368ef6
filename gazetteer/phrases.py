"""What stands round a name on signs and in running text: prefixes, abbreviations, units, prepositions, case endings.

`readings` gives the ways a line may be read as a name. None of them is certain, so each has a cost in nats.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from gazetteer.names import MAX_LENGTH, plain

AREAS = frozenset({"district", "oblast"})


@dataclass(frozen=True, slots=True)
class Phrase:
    """One way to read a line as a name.

    Attributes
    ----------
    text
        The name, in the form of `gazetteer.names.plain`.
    cost
        Nats that this way of reading costs.
    note
        What was done to the line, for people; empty where nothing was.
    kinds
        Kinds of place it can mean, empty for any.
    hint
        Kind of place that the word in front of the name stands for, or an empty string.
    exact
        Whether only names with the same key are meant: guesses are not to be stretched further.
    abbreviated
        For a name whose first word is cut short: the letters of that word, else an empty string; then `text` is
        the rest.
    """

    text: str
    cost: float = 0.0
    note: str = ""
    kinds: frozenset[str] = frozenset()
    hint: str = ""
    exact: bool = False
    abbreviated: str = ""


_UNITS = re.compile(r"(?i)^\s*\d[\d\s.,+]*(?:km|км|m|м)?\b\s*(?=\D{2})|[\s\-–]*\b\d[\d.,+]*\s*(?:km|км|м|m)?\.?\s*$")
_SPLIT_DOT = re.compile(r"\.(?=[\s\-]*[^\W\d_])\s*-?\s*")

_KINDS_OF_PREFIX = {
    "с": "village", "село": "village", "сел": "village", "смт": "town", "селище": "town", "м": "city",
    "місто": "city", "г": "city", "гор": "city", "город": "city", "горад": "city", "д": "village", "дер": "village",
    "деревня": "village", "вёска": "village", "вёс": "village", "аг": "village", "агрогородок": "village",
    "пос": "town", "посёлок": "town", "поселок": "town", "пасёлак": "town", "п": "town", "гп": "town",
    "пгт": "town", "рп": "town", "х": "village", "хутір": "village", "хутор": "village", "ст": "station",
    "станція": "station", "станция": "station", "станцыя": "station", "ж/д": "station", "town of": "town",
    "city of": "city", "village of": "village",
}  # fmt: skip
_GREETINGS = (
    "welcome to", "ласкаво просимо до", "ласкаво просимо в", "добро пожаловать в", "добро пожаловать во",
    "сардэчна запрашаем у", "witamy w", "willkommen in",
)  # fmt: skip
_PREPOSITIONS = frozenset([
    "із", "з", "зі", "до", "на", "у", "в", "біля", "під", "від", "через", "из", "с", "со", "к", "от", "во", "под",
    "около", "возле", "са", "ад", "каля", "да", "праз", "from", "to", "near",
])  # fmt: skip
_SUFFIX_KIND = ("jn", "junction", "station", "вокзал")
_ALSO_ABBREVIATION = frozenset(["м", "г", "в", "п", "ст"])
UNDOTTED_SHORT = {
    "st": ("saint", "sankt", "sint", "szent", "sfantu"), "ste": ("sainte",), "св": ("свят",), "sv": ("svet", "sveti"),
    "mt": ("mount",), "ft": ("fort",),
}  # fmt: skip
"""Words cut short without a dot, and how the full word begins."""

_AREA_WORDS = {
    "обл": "область", "область": "область", "вобл": "вобласць", "вобласць": "вобласць", "области": "область",
    "області": "область", "oblast": "oblast", "р н": "район", "рн": "район", "район": "район", "раён": "раён",
    "району": "район", "района": "район", "raion": "raion", "громада": "громада", "region": "region", "край": "край",
}  # fmt: skip
_PREFIX_COST, _GREETING_COST, _PREPOSITION_COST, _SUFFIX_COST = 0.1, 0.3, 0.4, 0.4
_UNDOTTED_COST = 0.7
_ABBREVIATION_COST, _RARE_ABBREVIATION_COST = 1.2, 4.0
_CASE_COST, _CASE_AFTER_PREPOSITION_COST = 2.5, 0.3

# Endings of the oblique cases, and what the name ends with when it stands alone.
_CASES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("єва", ("їв",)), ("єві", ("їв",)), ("єву", ("їв",)), ("ова", ("ів", "ов", "ово", "ове", "аў")),
    ("ову", ("ів", "ов")), ("ові", ("ів", "ове")), ("ове", ("ов", "ово")), ("евом", ("ев",)),
    ("овом", ("ів", "ов", "ово")), ("ева", ("ів", "ев", "ево", "еве", "еў")), ("еву", ("ів", "ев")),
    ("ого", ("ий", "ый", "е", "ое")), ("ому", ("ий", "ый", "е", "ое")), ("ому", ("е",)), ("ой", ("а", "ая")),
    ("ої", ("а",)), ("ій", ("а",)), ("ці", ("ка",)), ("ки", ("ка",)), ("ку", ("ка", "ок", "к")),
    ("ке", ("ка", "к")), ("ьої", ("я",)), ("ських", ("ські",)), ("ських", ("ськи",)), ("ок", ("ки",)),
    ("их", ("і", "ы", "ые", "ие")), ("а", ("", "о", "е")), ("я", ("ь", "й", "е", "є")), ("у", ("а", "", "о", "е")),
    ("ю", ("я", "ь", "й")), ("і", ("а", "я", "", "ь", "о", "е")), ("и", ("а", "я", "ь")), ("ы", ("а", "")),
    ("е", ("", "а", "о")), ("ом", ("", "о", "е")), ("ем", ("ь", "е", "")), ("ою", ("а",)), ("ею", ("я",)),
    ("ам", ("и", "ы")), ("ами", ("и", "ы")), ("ах", ("и", "ы")), ("ях", ("і", "и")),
)  # fmt: skip


def lemmas(word: str) -> tuple[str, ...]:
    """Guess what the last word of a name is when it is not declined.

    Examples
    --------
    >>> "чернігів" in lemmas("чернігова"), "гомель" in lemmas("гомеля"), "київ" in lemmas("києва")
    (True, True, True)
    """
    found = []
    for ending, bases in _CASES:
        stem = word.removesuffix(ending)
        if (stem != word and len(stem) >= 3) or (stem != word and len(stem) == 2 and len(ending) >= 3):
            found += [stem + other for other in bases]
    return tuple(dict.fromkeys(found))


def _strip_start(text: str, dotted: bool) -> list[Phrase]:
    """Read a text without the word for its kind, a greeting or a preposition in front of it."""
    found = [
        Phrase(text.removeprefix(greeting + " "), _GREETING_COST, f"without “{greeting}”")
        for greeting in _GREETINGS
        if text.startswith(greeting + " ")
    ]
    head, _, rest = text.partition(" ")
    two, _, after_two = text.removeprefix(head + " ").partition(" ")
    if f"{head} {two}" in _KINDS_OF_PREFIX and after_two:
        found.append(Phrase(after_two, _PREFIX_COST, f"without “{head} {two}”"))
    if rest and head in _KINDS_OF_PREFIX:
        cost = _PREFIX_COST if dotted or len(head) > 3 else _UNDOTTED_COST
        kind = _KINDS_OF_PREFIX[head]
        found.append(Phrase(rest, cost, f"without “{head}” ({kind})", hint=kind))
    if rest and head in _PREPOSITIONS and not dotted:
        found.append(Phrase(rest, _PREPOSITION_COST, f"without “{head}”"))
    return found


def _declined(phrase: Phrase, after_preposition: bool) -> list[Phrase]:
    head, space, last = phrase.text.rpartition(" ")
    cost = phrase.cost + (_CASE_AFTER_PREPOSITION_COST if after_preposition else _CASE_COST)
    note = _both(phrase.note, "case ending undone") if phrase.note else "case ending undone"
    return [Phrase(head + space + lemma, cost, note, phrase.kinds, exact=True) for lemma in lemmas(last)]


def _area(text: str) -> Phrase | None:
    """Read a text as the name of an oblast or district where it has the word for one, in full or cut short."""
    for word in sorted(_AREA_WORDS, key=len, reverse=True):
        if text.endswith(" " + word):
            full = text.removesuffix(" " + word) + " " + _AREA_WORDS[word]
            return Phrase(full, 0.0, "" if full == text else f"“{word}” for “{_AREA_WORDS[word]}”", AREAS)
    return None


def without_units(text: str) -> str:
    """Take the kilometres off a line.

    Examples
    --------
    >>> without_units("КАЗАНЬ 30 км"), without_units("7 Бач. Паланка")
    ('КАЗАНЬ', 'Бач. Паланка')
    """
    return _UNITS.sub("", text[: 2 * MAX_LENGTH]).strip() or text[: 2 * MAX_LENGTH]


def readings(text: str) -> list[Phrase]:
    """Give the ways a line may be read as a name, the likeliest first.

    Parameters
    ----------
    text
        A line as it was read; anything a stranger may have written.

    Examples
    --------
    >>> readings("с. Андріївка")[0].text
    'андріївка'
    >>> readings("Ковельський р-н")[0].text
    'ковельський район'
    >>> [(p.abbreviated, p.text) for p in readings("НАБ.ЧЕЛНЫ") if p.abbreviated]
    [('наб', 'челны')]
    """
    line = without_units(text.replace("ж/д", "станция"))
    whole = plain(line)
    if not whole:
        return []
    area = _area(whole)
    if area is not None:
        return [area]
    found = [Phrase(whole)]
    dot = _SPLIT_DOT.search(line)
    head, rest = (plain(line[: dot.start()]), line[dot.end() :]) if dot else ("", "")
    if dot and head in _KINDS_OF_PREFIX:
        # "с. Андріївка" names Андріївка; that the dot cuts another word short is possible, and less likely.
        note = f"without “{head}” ({_KINDS_OF_PREFIX[head]})"
        kind = _KINDS_OF_PREFIX[head]
        inner = [
            replace(phrase, cost=phrase.cost + _PREFIX_COST, note=_both(note, phrase.note), hint=kind)
            for phrase in readings(rest)
            if not phrase.exact
        ]
        found = [*inner, Phrase(whole, 2.0)]
    if dot and head.isalpha() and 0 < len(head) <= 5 and len(plain(rest)) >= 3:
        cost = (
            _RARE_ABBREVIATION_COST
            if head in _KINDS_OF_PREFIX and head not in _ALSO_ABBREVIATION
            else _ABBREVIATION_COST
        )
        found.append(Phrase(plain(rest), cost, f"“{head}.” for a longer word", abbreviated=head))
    before, _, name = line.partition(" ")
    if dot and before.casefold() in _PREPOSITIONS:
        found += [replace(phrase, cost=phrase.cost + _PREPOSITION_COST) for phrase in readings(name)]
    first, _, after = whole.partition(" ")
    if first in UNDOTTED_SHORT and after:
        found.append(Phrase(after, _PREFIX_COST, f"“{first}” for a longer word", abbreviated=first))
    for suffix in _SUFFIX_KIND:
        if whole.endswith(" " + suffix):
            found.append(Phrase(whole.removesuffix(" " + suffix), _SUFFIX_COST, f"without “{suffix}”"))
    for phrase in _strip_start(whole, dotted=False) if not dot else []:
        found.append(phrase)
        if phrase.cost == _PREPOSITION_COST:
            found += [replace(p, cost=p.cost + phrase.cost) for p in _strip_start(phrase.text, dotted=True)]
            found += _declined(phrase, after_preposition=True)
    found += _declined(Phrase(whole), after_preposition=False)
    best: dict[tuple[str, str], Phrase] = {}
    for phrase in found:
        spot = (phrase.text, phrase.abbreviated)
        if phrase.text and (spot not in best or phrase.cost < best[spot].cost):
            best[spot] = phrase
    return sorted(best.values(), key=lambda phrase: phrase.cost)


def _both(first: str, second: str) -> str:
    return f"{first}, {second}" if second else first
