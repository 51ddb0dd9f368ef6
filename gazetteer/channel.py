"""How probable a text is, given the name that was meant: weighted edits, in nats.

Costs are negative log-probabilities relative to reading every letter right. They stand for what readers of signs
confuse, for letters that three languages write differently, and for spellings carried over from another script.
"""

from __future__ import annotations

from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from gazetteer.languages import romanize
from gazetteer.names import base, key, script

OTHER_LETTER = 6.0
"""A letter read as an unrelated one: a reader with 5 % of letters wrong has e**-6.4 for each wrong letter out of 30."""

LOST_LETTER = 5.5
HOPELESS = 18.0
"""Costs beyond this are not told apart."""

_MARK = 0.7
_ROMANIZED, _CYRILLIZED = 0.7, 3.0
"""A Latin text for a Cyrillic name, as on every bilingual sign; and the rarer Cyrillic text for a Latin one."""

_DERIVED = 0.7
_KEY_ONLY, _KEY_ONLY_OTHER = 3.0, 6.0

_MOST_EDITS = 4

_LONGER_SPELLING = 2.5
"""How many times as long a spelling may be in another language: Schtschors is Щорс."""

_CONFUSED = 3.0
_CONFUSIONS = (
    "ип ин пн нк шщ шп цщ цп цш зэ сэ ое ос ос ес аэ вз бв бь вь ьы гт гп тг чу дл дп лп жк мш фо юо яа кх ук рф пл мн "
    "ії її іт il 1i 1l ij lt tl ft nm uv vy ce co eo ao gq bh hn kh mn ae 0о 0o 3з 6б 8в 5s 8b 1і 4ч 9я ѕs сg"
)
_LANGUAGE = 1.5
_LANGUAGE_PAIRS = "иі иы іы ії еє еэ эє єё гґ хг уў вў шщ цт зж"
_STRESSLESS = 4.0
_STRESSLESS_PAIRS = "оа еа яе еи ыэ ao eo"
_SPELT = 2.5
_SPELT_PAIRS = "ey iy ei gh kg hk kc zs wv jy ji cs cz qk uw"
_UNMARKED_YO = 0.1
_VOWELS = frozenset("аеєэёиіїыоуюяaeiouyөүә")
_VOWEL = 4.5


def _pairs() -> dict[tuple[str, str], float]:
    costs: dict[tuple[str, str], float] = {}
    for cost, pairs in (
        (_CONFUSED, _CONFUSIONS),
        (_STRESSLESS, _STRESSLESS_PAIRS),
        (_SPELT, _SPELT_PAIRS),
        (_LANGUAGE, _LANGUAGE_PAIRS),
    ):
        for pair in pairs.split():
            costs[pair[0], pair[1]] = costs[pair[1], pair[0]] = cost
    costs["е", "ё"] = costs["ё", "е"] = _UNMARKED_YO
    return costs


_COSTS = _pairs()
_CHEAP_LOSS = {" ": 1.0, "ь": 1.5, "ъ": 1.5, "’": 0.2}


@lru_cache(maxsize=32768)
def _substitution(first: str, second: str) -> float:
    if first == second:
        return 0.0
    confused = _COSTS.get((first, second))
    if confused is not None:
        return confused
    if base(first) == base(second):
        return _MARK
    if first in _VOWELS and second in _VOWELS:
        return _VOWEL
    return OTHER_LETTER


def _loss(text: str, position: int) -> float:
    """Cost of a letter that stands in one text only; a doubled letter is lost more easily."""
    char = text[position]
    if position and text[position - 1] == char:
        return 2.5
    return _CHEAP_LOSS.get(char, LOST_LETTER)


def edit_cost(text: str, name: str) -> float:
    """Sum the cheapest edits that lead from a name to a text in the same script.

    Parameters
    ----------
    text, name
        Strings in the form of `gazetteer.names.plain`.

    Returns
    -------
    Nats, at most `HOPELESS`.

    Examples
    --------
    >>> edit_cost("чернігів", "чернігів"), edit_cost("braila", "brăila"), edit_cost("димер", "димерка")
    (0.0, 0.7, 11.0)
    """
    if text == name:
        return 0.0
    if Levenshtein.distance(text, name, score_cutoff=_MOST_EDITS) > _MOST_EDITS:
        return HOPELESS
    losses = [_loss(name, column) for column in range(len(name))]
    above = [0.0]
    for name_loss in losses:
        above.append(above[-1] + name_loss)
    for row, char in enumerate(text):
        loss = _loss(text, row)
        current = [above[0] + loss]
        for column, other in enumerate(name):
            kept = above[column] if char == other else above[column] + _substitution(char, other)
            current.append(min(kept, above[column + 1] + loss, current[-1] + losses[column]))
        if min(current) >= HOPELESS:
            return HOPELESS
        above = current
    return min(HOPELESS, round(above[-1], 6))


_SYSTEMS = ("uk", "ru", "be", "de", "pl", "scholarly")


@lru_cache(maxsize=4096)
def _romanized(name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(base(romanize(name, system)) for system in _SYSTEMS))


def name_cost(text: str, name: str, *, derived: bool = False) -> float:
    """Give the cost of reading a text where a name was meant, over scripts too.

    Parameters
    ----------
    text, name
        Strings in the form of `gazetteer.names.plain`, each in one script.
    derived
        Whether the name was made by rule and stands in no source.

    Returns
    -------
    Nats, at most `HOPELESS`.

    Examples
    --------
    >>> name_cost("tschernihiw", "чернігів") < 1 < name_cost("чернігів", "kernigov")
    True
    """
    extra = _DERIVED if derived else 0.0
    text_script, name_script = script(text), script(name)
    if text_script == name_script:
        cost = edit_cost(text, name)
    elif {text_script, name_script} == {"cyrillic", "latin"}:
        cyrillic, latin = (text, name) if text_script == "cyrillic" else (name, text)
        plain_latin = base(latin)
        spelling = min(_romanized(cyrillic), key=lambda one: Levenshtein.distance(plain_latin, one))
        cost = edit_cost(plain_latin, spelling) + (_ROMANIZED if text is latin else _CYRILLIZED)
    else:
        return HOPELESS
    known = _KEY_ONLY if text_script == "latin" and name_script == "cyrillic" else _KEY_ONLY_OTHER
    alike = max(len(text), len(name)) <= _LONGER_SPELLING * min(len(text), len(name))
    if cost > known and alike and "latin" in (text_script, name_script) and key(text) == key(name):
        # Two spellings of one sound, such as Czernihów: the keys agree where no single standard does.
        cost = known
    return min(HOPELESS, cost + extra)
