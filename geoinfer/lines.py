"""Lines: the text of one reading, taken apart into names, kilometres, arrow and route numbers.

Distances stand to the right of their names or carry a unit; phone numbers, number plates, times, prices, years and
speed limits are none. A bare number before a name is the number of a road. Words of the vocabulary are no names.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from geoinfer.vocabulary import VOIDING, fold_shape, load_vocabulary

MAX_LENGTH = 160
"""Letters of one reading that are looked at: no line on a sign is longer."""
MAX_KM, MOST_KM = 1500.0, 5000.0
"""Largest number taken for kilometres, bare and with its unit: above lie years, and misread digits."""
_ARROWS = {
    "left": "←⇐⬅↖↙↰⟵◀◄",
    "right": "→⇒➔➜➡↗↘↱⟶▶►",
    "ahead": "↑⇑⬆⇧▲",
}
_ARROW_OF = {sign: way for way, signs in _ARROWS.items() for sign in signs}
_ASCII_ARROW = re.compile(r"^(?:(<[-=]{1,2}|<)|([-=]{1,2}>|>))(?=\s|$)|(?<=\s)(?:(<[-=]{1,2}|<)|([-=]{1,2}>|>))$")

# A line that holds one of these is an address, an advertisement or a plate of a vehicle, and names no place.
_NOTICE = re.compile(
    r"""https?:|www\.|@|\b[\w-]+\.(?:com|ua|by|ru|net|org|info)\b
      | \(\d{2,5}\)\s*\d | (?<!\d)\+\d{2,} | \b\d{2,3}(?:[\s-]\d{2,3}){2,}\b | \b(?:тел|tel|моб)\b
      | [₴$€₽£%№#] | \b\d+[.,]?\d*\s*(?:грн|руб|коп|uah|usd|eur)\b
      | \b\d{1,2}:\d{2}\b | \b24/7\b | \b\d{1,2}\.\d{1,2}\.\d{2,4}\b
      | \b\d+\s*(?:кг|kg|га|мин|хв|min)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_NUMBER_PLATE = re.compile(
    r"""^\s*(?:[^\W\d_]{1,3}[\s-]?\d{3,4}[\s-]?[^\W\d_]{1,3}(?:[\s-]?\d{1,3})?   # AB 0680 EA, A123BC 77
          | \d{4}[\s-]?[^\W\d_]{2}(?:-?\d)? | \d{5}[\s-]?[^\W\d_]{2}               # 1234 AB-7, 6808 XO
          | [^\W\d_]{1,3}[\s-]?\d{2,3}[\s-]\d?[^\W\d_]{2,3} | [^\W\d_]{2}\d{2}\s?[^\W\d_]{3})\s*$""",
    re.VERBOSE,
)
_LIMIT = re.compile(r"\b\d+[.,]?\d*\s*[тмtm]\b\.?")
_KM = r"(?:[кk][мmт])"
_POST = re.compile(rf"(?:{_KM}\s*)?\b(\d{{1,4}})\s*\+\s*(\d{{3}})\b|\b{_KM}\s*(\d{{1,4}})\b(?!\s*{_KM})", re.IGNORECASE)
_WITH_UNIT = re.compile(rf"\b(\d{{1,4}}(?:[.,]\d)?)(\s*[-–]\s*(?:й|ий|го|м|му|ому))?\s*{_KM}\b\.?", re.IGNORECASE)
DASHES = ("-", "–", "—")
ROUND_NAMES = ' ,;:|/\\_*•·«»"“”„()[]<>=+!?~^'
"""What stands before and after names, but in none of them."""
_GLUED = re.compile(r"(?<=[^\W\d_]{4})(?=\d{1,3}$)")
"""Where a number follows a name without the space that a reader lost."""
_BARE_NUMBER = re.compile(r"^[1-9]\d{0,3}(?:[.,]\d)?$|^0[.,]\d$")
_MISREAD_DIGITS = str.maketrans("OОoоЗзlI|бS", "00003311165")
_ROUTE = re.compile(
    r"(?<![\w'’.-])([ABCDEHKMNOPRSTАВЕМНРТСКО])(?:\s?[-–]\s?|\s?)(\d{1,4})(?:[-–](\d{2}))?(?![\w])(?![.,]\d)(?!\s*[-–]\s*\w)"
)
_ROUTE_LETTERS = str.maketrans("АВЕМНРТСКО", "ABEMHPTCKO")
_LOOKALIKES = frozenset("АВЕКМНОРСТУХІЈЅаеорсухіјѕABEKMHOPCTYXIJSaeopcyxijs")
# Small letters that look like their capitals: a reader that is unsure of the size may give either.
_SAME_SMALL = frozenset("акосвхуржзшщцфмтпнлиіїcosvwxzukp")


@dataclass(frozen=True, slots=True)
class Line:
    """One reading taken apart.

    Attributes
    ----------
    names
        Names with their kilometres, in reading order.
    number
        The kilometres (or other number) of a line that holds no name.
    has_unit
        Whether `number` carries the unit.
    arrow, routes, station, post_km
        As in `Entry` and `Contents`.
    street
        Whether it names a street.
    shop
        Whether it is a shop's.
    bare
        Whether nothing but `number` stands in it.
    road
        Whether it announces a road whose ends are named elsewhere.
    """

    names: tuple[tuple[str, float | None], ...] = ()
    number: float | None = None
    has_unit: bool = False
    arrow: str | None = None
    routes: tuple[str, ...] = ()
    station: bool = False
    street: bool = False
    shop: bool = False
    bare: bool = False
    road: bool = False
    post_km: float | None = None


def read_line(text: str, *, on_road: bool = False) -> Line:
    """Take one line of text apart.

    Parameters
    ----------
    text
        The line as read; anything may stand in it.
    on_road
        Whether the line before said that the names of a road's two ends follow.

    Examples
    --------
    >>> read_line("Видин Vidin 240").names
    (('Видин', None), ('Vidin', 240.0))
    >>> read_line("М01 E95").routes
    ('M01', 'E95')
    >>> read_line("вул. Шевченка, 5").names
    ()
    """
    text = _clean(text)
    if _NOTICE.search(text) or _NUMBER_PLATE.match(text):
        return Line()
    arrow, text = _take_arrow(text)
    post_km, text = _take_post(text)
    routes, text = _take_routes(text)
    ordinal = _WITH_UNIT.search(text)
    on_road = on_road or bool(routes) or bool(ordinal and ordinal.group(2))
    text = _LIMIT.sub(" ", _WITH_UNIT.sub(lambda found: f" {found.group(1).replace(',', '.')}km ", text))
    tokens = _GLUED.sub(" ", text).replace("|", " ").split()
    effects = {load_vocabulary().effect(token) for token in tokens}
    on_road = on_road or "road" in effects
    names, numbers, leading = _split_names(tokens, on_road=on_road)
    if leading and not on_road and leading[0] in "123456789":
        routes = (*routes, leading)
    number = numbers[0] if len(numbers) == 1 and not names else None
    return Line(
        names=names,
        number=number[0] if number else None,
        has_unit=bool(number and number[1]),
        arrow=arrow,
        routes=routes,
        station="station" in effects,
        street="street" in effects,
        shop="shop" in effects,
        bare=bool(number and len(tokens) == 1),
        road="road" in effects and not names,
        post_km=post_km,
    )


def names_nothing(text: str) -> bool:
    """Whether a word of the vocabulary says that a line names no place.

    Examples
    --------
    >>> names_nothing("Продукти"), names_nothing("Прилуки")
    (True, False)
    """
    vocabulary = load_vocabulary()
    return any(vocabulary.effect(word) in VOIDING for word in _clean(text).split())


def _clean(text: str) -> str:
    """Drop what no sign carries: control and format characters, odd spaces, endless lines."""
    visible = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text[:MAX_LENGTH])
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", visible)).strip()


def _take_arrow(text: str) -> tuple[str | None, str]:
    arrow = next((_ARROW_OF[c] for c in text if c in _ARROW_OF), None)
    text = "".join(" " if c in _ARROW_OF else c for c in text).strip()
    found = _ASCII_ARROW.search(text)
    if found:
        arrow = arrow or ("left" if found.group(1) or found.group(3) else "right")
        text = _ASCII_ARROW.sub(" ", text).strip()
    return arrow, text


def _take_post(text: str) -> tuple[float | None, str]:
    found = _POST.search(text)
    if not found:
        return None, text
    km = float(found.group(1) or found.group(3)) + float(found.group(2) or 0) / 1000
    return km, text[: found.start()] + " " + text[found.end() :]


def _take_routes(text: str) -> tuple[tuple[str, ...], str]:
    """Find route numbers; a letter alone on its line with one digit, such as М1, is one too."""
    routes = tuple(
        found.group(1).translate(_ROUTE_LETTERS) + found.group(2) + (found.group(3) or "")
        for found in _ROUTE.finditer(text)
    )
    return routes, _ROUTE.sub(" ", text)


def _as_number(token: str, *, after_name: bool) -> tuple[float, bool] | None:
    """Read kilometres and whether they carry the unit; a letter read for a digit is put right where digits prevail."""
    has_unit = token.endswith("km") and token[:1].isdigit()
    digits = token.removesuffix("km") if has_unit else token
    digits = digits.strip(".,;:()")
    real = sum(c in "0123456789" for c in digits)
    if real * 2 > len(digits) or (after_name and len(digits) == 2 and real):
        digits = digits.translate(_MISREAD_DIGITS)
    if not _BARE_NUMBER.match(digits):
        return None
    value = float(digits.replace(",", "."))
    return (value, has_unit) if value <= (MOST_KM if has_unit else MAX_KM) else None


def _split_names(
    tokens: Sequence[str], *, on_road: bool
) -> tuple[tuple[tuple[str, float | None], ...], list[tuple[float, bool]], str]:
    """Part tokens into names with kilometres, numbers, and a bare number that stood before the first name."""
    names: list[tuple[str, float | None]] = []
    numbers: list[tuple[float, bool]] = []
    leading, ahead_km = "", None
    words: list[str] = []
    for token in [*tokens, ""]:
        number = _as_number(token, after_name=bool(words)) if token else None
        if token and number is None:
            words.append(token)
            continue
        found = _names_in(words, on_road=on_road) if words else []
        if found:
            km = number[0] if number and not ahead_km else ahead_km
            if number and ahead_km:
                numbers.append(number)
            first, rest = found[:-1], found[-1:]
            if on_road:
                # Kilometres of a road named by its ends are counted from the first of them.
                names += [(found[0], km), *((name, None) for name in found[1:])]
            else:
                names += [(name, None) for name in first] + [(name, km) for name in rest]
            ahead_km = None
        elif number:
            numbers.append(number)
            if number[1] and not words:
                ahead_km = number[0]
            elif not words and not names and token.isdigit() and len(token) <= 3:
                leading = token
        words = []
    return tuple(names), numbers, leading if names else ""


def _names_in(words: Sequence[str], *, on_road: bool) -> list[str]:
    """Find the names in words that no number parts: runs of one script without the words that are none."""
    vocabulary = load_vocabulary()
    if on_road:
        parts = [part for part in re.split(r"\s*[-–—]\s*", " ".join(words)) if part]
        return [name for part in parts for name in _names_in(part.split(), on_road=False)]
    effects = [vocabulary.effect(word) for word in words]
    if not VOIDING.isdisjoint(effects) or len(words) > 7:
        return []
    if len(words) == 1 and vocabulary.is_cut(words[0]):
        return []
    cut = any(not e and vocabulary.completes(word) for word, e in zip(words, effects, strict=True))
    if cut and "word" in effects:
        return []
    kept = [word for word, effect in zip(words, effects, strict=True) if effect in ("", "area", "first")]
    kept = [word for word in kept if word in DASHES or word.strip("-–—.,;:/\\")]
    if all(effect == "area" for word, effect in zip(words, effects, strict=True) if word in kept):
        # ОБЛАСТЬ alone waits for the name in the line above.
        return [" ".join(kept)] if kept else []
    names: list[str] = []
    run: list[str] = []
    script = ""
    for word in kept:
        own = script_of(word)
        if run and own and script and own != script:
            names.append(" ".join(run))
            run, script = [], ""
        run.append(word)
        script = script or own
    names.append(" ".join(run))
    dashed = [part for name in names for part in re.split(r"\s[-–—]+\s", name)]
    return [name for part in dashed if (name := _tidy(part)) and _may_be_name(name)]


def _tidy(name: str) -> str:
    return name.lstrip(ROUND_NAMES + ".-–—'’").rstrip(ROUND_NAMES + "'’")


def _may_be_name(name: str) -> bool:
    letters = [c for c in name if c.isalpha()]
    if any(c.isdigit() for c in name):
        return False  # Digits within a word are of number plates, products and flats.
    solid = [c for c in name if not c.isspace()]
    if len(letters) < 3 or len(letters) < 0.6 * len(solid) or len(set(fold_shape(name))) < 2:
        return False
    first = letters[0]
    # Running text goes on in small letters; names and the prefixes с. м. смт г. д. do not.
    prefix = re.match(r"^(?:смт|сел|пос|пгт|аг|[смгдхп])\.?\s*[A-ZА-ЯҐЄІЇЎЁ]", name)
    return (
        first.isupper()
        or not first.islower()
        or bool(prefix)
        or (first in _SAME_SMALL and name[1:] != name[1:].lower())
    )


def script_of(word: str) -> str:
    """Name the script by the letters that look like none of another: ``cyrillic``, ``latin``, ``other`` or empty."""
    telling = [unicodedata.name(c, "") for c in word if c.isalpha() and c not in _LOOKALIKES]
    if telling:
        cyrillic = sum(name.startswith("CYRILLIC") for name in telling)
        latin = sum(name.startswith("LATIN") for name in telling)
        return "other" if cyrillic + latin < len(telling) / 2 else "cyrillic" if cyrillic >= latin else "latin"
    letters = [unicodedata.name(c, "") for c in word if c.isalpha()]
    # All letters exist in both: the code points decide where there are enough of them to trust.
    if len(letters) < 3:
        return ""
    return "cyrillic" if sum(name.startswith("CYRILLIC") for name in letters) * 2 >= len(letters) else "latin"
