"""Names carried from one language to another: romanisation, and Ukrainian, Russian and Belarusian counterparts.

Romanisation follows stated standards. Counterparts are rules of thumb: no rule knows that Миколаївка is
Николаевка but Кам'янка is Каменка, so they only serve where no source gives the name, and a search treats what
they make as a little less certain.
"""

from __future__ import annotations

import re
from functools import lru_cache

_APOSTROPHE = re.compile(r"['’ʼ`]")

_UK_START = {"є": "ye", "ї": "yi", "й": "y", "ю": "yu", "я": "ya"}
_UK = dict(zip(
    "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
    "a b v h g d e ie zh z y i i i k l m n o p r s t u f kh ts ch sh shch _ iu ia".replace("_", "").split(" "),
    strict=True,
))  # fmt: skip
_RU = dict(zip(
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "a b v g d e yo zh z i y k l m n o p r s t u f kh ts ch sh shch _ y _ e yu ya".replace("_", "").split(" "),
    strict=True,
))  # fmt: skip
_BE = dict(zip(
    "абвгдеёжзійклмнопрстуўфхцчшыьэюя",
    "a b v h d e io zh z i i k l m n o p r s t u u f kh ts ch sh y _ e iu ia".replace("_", "").split(" "),
    strict=True,
))  # fmt: skip
_GERMAN = {
    **_RU, "в": "w", "ж": "sch", "з": "s", "й": "i", "х": "ch", "ц": "z", "ч": "tsch", "ш": "sch", "щ": "schtsch",
    "ю": "ju", "я": "ja", "ё": "jo", "є": "je", "г": "h", "и": "y", "і": "i", "ї": "ji", "ґ": "g", "ў": "w",
}  # fmt: skip
_POLISH = {
    **_RU, "в": "w", "ж": "ż", "й": "j", "х": "ch", "ц": "c", "ч": "cz", "ш": "sz", "щ": "szcz", "ю": "ju",
    "я": "ja", "ё": "jo", "є": "je", "г": "h", "и": "y", "і": "i", "ї": "ji", "ґ": "g", "ў": "w",
}  # fmt: skip
_SCHOLARLY = {
    **_RU, "ж": "ž", "й": "j", "х": "ch", "ц": "c", "ч": "č", "ш": "š", "щ": "šč", "ю": "ju", "я": "ja", "ё": "jo",
    "є": "je", "г": "h", "и": "y", "і": "i", "ї": "ji", "ґ": "g", "ў": "ŭ",
}  # fmt: skip
_TABLES = {"uk": _UK, "ru": _RU, "be": _BE, "de": _GERMAN, "pl": _POLISH, "scholarly": _SCHOLARLY}


def romanize(name: str, system: str = "uk") -> str:
    """Write a Cyrillic name in Latin letters.

    Parameters
    ----------
    name
        A name in Cyrillic letters; other characters pass through.
    system
        ``uk`` (resolution 55 of the Cabinet of Ministers of Ukraine, 27 January 2010), ``ru`` (BGN/PCGN 1947 without
        its marks), ``be`` (by sound, without marks), ``de``, ``pl`` or ``scholarly`` (as those languages usually
        write Ukrainian names).

    Raises
    ------
    KeyError
        The system is none of these.

    Examples
    --------
    >>> romanize("Чернігів"), romanize("Згурівка"), romanize("Їжакевич"), romanize("Сеньківка")
    ('Chernihiv', 'Zghurivka', 'Yizhakevych', 'Senkivka')
    >>> romanize("Чернігів", "de"), romanize("Чернігів", "pl"), romanize("Чернігів", "scholarly")
    ('Tschernihiw', 'Czernihiw', 'Černihiv')
    """
    table = _TABLES[system]
    text = _APOSTROPHE.sub("", name)
    pieces: list[str] = []
    for position, char in enumerate(text):
        lower = char.lower()
        start = position == 0 or not text[position - 1].isalpha()
        if system == "uk" and lower == "г" and position and text[position - 1].lower() == "з":
            latin = "gh"
        elif system == "uk" and start and lower in _UK_START:
            latin = _UK_START[lower]
        elif system == "ru" and lower == "е" and (start or text[position - 1].lower() in "аеёиоуыэюяъь"):
            latin = "ye"
        else:
            latin = table.get(lower, char)
        pieces.append(latin.capitalize() if char.isupper() and latin != char else latin)
    return "".join(pieces)


Rules = tuple[tuple[re.Pattern[str], str], ...]


def _rules(*pairs: tuple[str, str]) -> Rules:
    return tuple((re.compile(pattern), replacement) for pattern, replacement in pairs)


_END = r"(?=$|[ \-])"
_START = r"(?:(?<=^)|(?<=[ \-]))"
_AFTER_IV = r"(?=$|[ \-]|к|ц|щ|с)"
_UK_TO_RU = _rules(
    (_START + "(ново|старо|мало|велико)?микола", r"\1никола"), (_START + "(ново|старо)?олекс", r"\1алекс"),
    (_START + "олен", "елен"), (_START + "катерин", "екатерин"), (_START + "йосип", "иосиф"),
    ("костянтин", "константин"), ("володимир", "владимир"), ("дніпр", "днепр"),
    ("(андр|серг|матв|мак|алекс|авд|тимоф|єлис)іїв", r"\1еев"), ("благовіщ", "благовещ"),
    (_START + "червон", "красн"), (_START + "жовтнев", "октябрьск"), (_START + "перша" + _END, "первая"),
    (_START + "друга" + _END, "вторая"), ("кам['’ʼ]?ян", "камен"), ("п['’ʼ]ят", "пят"), ("['’ʼ](?=[яюєї])", "ь"),
    ("(?<!а)біл", "бел"), ("ліс(?=к|н|о|ів|$|и)", "лес"), (_START + "річ", "реч"), (_START + "ріп", "реп"),
    ("хліб", "хлеб"), (_START + "міс", "мес"), (_START + "вільх", "ольх"), (_START + "вільш", "ольш"),
    ("вовч", "волч"), ("мовч", "молч"), (_START + "вівс", "овс"), (_START + "під", "под"), (_START + "між", "меж"),
    (_START + "чорн", "черн"), (_START + "жовт", "желт"), ("сніг", "снег"), ("стріл", "стрел"),
    (_START + "кінськ", "конск"), ("піщан", "песчан"), (_START + "піск", "песк"), ("глибок", "глубок"),
    ("висок", "высок"), ("гір(?=к|н|$)", "гор"), ("бір" + _END, "бор"), ("піль" + _END, "поль"),
    ("піль(?=с|н)", "поль"), ("пілля" + _END, "полье"), ("(?<=[оаеи])сілк", "селк"), ("міст" + _END, "мост"),
    ("віль(?=н)", "воль"), ("кіль" + _END, "коль"), ("(?<=[за])річ", "реч"), ("івці" + _END, "овцы"),
    ("івец", "овец"), ("їв" + _AFTER_IV, "ев"), ("(?<=[жчшщц])ів" + _AFTER_IV, "ев"), ("ів" + _AFTER_IV, "ов"),
    ("([лнчтжшз])\\1я" + _END, r"\1ье"), ("ця" + _END, "ца"), ("ць" + _END, "ц"), ("ці" + _END, "цы"),
    ("ськ", "ск"), ("цьк", "цк"), ("зьк", "зк"), ("ий" + _END, "ый"), ("(?<=[кгхжчшщ])ый" + _END, "ий"),
    (_START + "(нов|стар|мал|велик|зелен|вишнев|лугов|степов|садов|лісов|красн|бел|черн)е" + _END, r"\1ое"),
    ("(ов|ев|ин)е" + _END, r"\1о"), ("(?<=[нрлтдбпск])е" + _END, "ое"), ("нє" + _END, "нее"), ("є" + _END, "ье"),
    ("(ск|цк|зк)і" + _END, r"\1ие"), (_START + "(нов|стар|мал|бел|черн|красн|добр)і" + _END, r"\1ые"),
    (_START + "велик(?:і|и)" + _END, "великие"), ("(?<=[кгхжчшщ])і" + _END, "и"), ("(ск|цк)а" + _END, r"\1ая"),
    ("(?<=[нвлркт])а(?= )", "ая"),
    (_START + "(нов|стар|велик|мал|бел|черн|красн|верхн|нижн|зелен|добр|широк|глубок|сух|желт)а" + _END, r"\1ая"),
    ("(верхн|нижн|средн)ая", r"\1яя"), ("и" + _END, "ы"), ("(?<=[кгхжчшщ])ы" + _END, "и"), ("йо", "ё"), ("ьо", "ё"),
    ("є", "е"), ("ї", "и"), ("і", "и"), ("ґ", "г"), ("['’ʼ]", "ъ"),
)  # fmt: skip
_RU_TO_UK = _rules(
    (_START + "никола", "микола"), (_START + "алексеев", "олексіїв"), (_START + "александр", "олександр"),
    (_START + "алекс", "олекс"), (_START + "андреев", "андріїв"), (_START + "сергеев", "сергіїв"),
    ("(ск|цк)ая" + _END, r"\1а"), ("(ск|цк)ое" + _END, r"\1е"), ("(ск|цк)ие" + _END, r"\1і"), ("ск", "ськ"),
    ("цк", "цьк"), ("ая" + _END, "а"), ("яя" + _END, "я"), ("ое" + _END, "е"), ("ее" + _END, "є"),
    ("ые" + _END, "і"), ("ие" + _END, "і"), ("[иы]й" + _END, "ий"), ("овка" + _END, "івка"),
    ("евка" + _END, "івка"), ("(?<=[аеёиоуыэюя])и", "ї"), (_START + "и", "і"), ("(?<=[жчшщцгкхдтсзр])и", "и"),
    ("и", "і"), ("ы", "и"), ("(?<=[аеёиоуыэюяъь])е", "є"), (_START + "е", "є"), ("(?<=[бвмпф])ё", "йо"),
    ("(?<=[чшжщ])ё", "о"), ("ё", "ьо"), ("э", "е"), ("ъ", "’"),
)  # fmt: skip
_RU_TO_BE = _rules(
    ("щ", "шч"), ("(ск|цк)ий" + _END, r"\1і"), ("ий" + _END, "і"), ("ый" + _END, "ы"), ("ое" + _END, "ае"),
    ("ые" + _END, "ыя"), ("ие" + _END, "ія"), ("ово" + _END, "ова"), ("ево" + _END, "ева"), ("ов" + _END, "аў"),
    ("ев" + _END, "еў"), ("овка", "аўка"), ("евка", "еўка"), ("(?<=[жчшщцр])и", "ы"), ("(?<=[жчшщцр])е", "э"),
    ("(?<=[жчшщцр])[ья]", "а"), ("т(?=[еиёюяь])", "ц"), ("д(?=[еиёюяь])", "дз"),
    ("(?<=[аеёиоуыэюя])в(?=[^аеёиоуыэюя]|$)", "ў"), ("и", "і"), ("ъ", "’"),
)  # fmt: skip
_BE_TO_RU = _rules(
    ("шч", "щ"), ("(ск|цк)і" + _END, r"\1ий"), ("ыя" + _END, "ые"), ("ія" + _END, "ие"), ("аў" + _END, "ов"),
    ("еў" + _END, "ев"), ("аўка", "овка"), ("еўка", "евка"), ("ова" + _END, "ово"), ("ева" + _END, "ево"),
    ("дз(?=[еёіюяь])", "д"), ("ц(?=[еёіюяь])", "т"), ("ў", "в"), ("(?<=[жчшщц])ы", "и"), ("(?<=[жчшщцр])э", "е"),
    ("і", "и"), ("’", "ъ"),
)  # fmt: skip
_STEPS: dict[tuple[str, str], tuple[Rules, ...]] = {
    ("uk", "ru"): (_UK_TO_RU,),
    ("ru", "uk"): (_RU_TO_UK,),
    ("ru", "be"): (_RU_TO_BE,),
    ("be", "ru"): (_BE_TO_RU,),
    ("uk", "be"): (_UK_TO_RU, _RU_TO_BE),
    ("be", "uk"): (_BE_TO_RU, _RU_TO_UK),
}


@lru_cache(maxsize=4096)
def counterpart(name: str, source: str, target: str) -> str:
    """Guess how a name is written in a neighbouring language.

    Parameters
    ----------
    name
        A Cyrillic name in the language `source`.
    source, target
        ``uk``, ``ru`` or ``be``.

    Raises
    ------
    KeyError
        No rules lead from `source` to `target`.

    Examples
    --------
    >>> counterpart("Миколаївка", "uk", "ru"), counterpart("Ріпки", "uk", "ru"), counterpart("Вишневе", "uk", "ru")
    ('Николаевка', 'Репки', 'Вишневое')
    >>> counterpart("Барысаў", "be", "ru"), counterpart("Добрянка", "ru", "be")
    ('Барысов', 'Добранка')
    """
    text = name.lower()
    for rules in _STEPS[source, target]:
        for pattern, replacement in rules:
            text = pattern.sub(replacement, text)
    return _like_title(name, text)


def _like_title(model: str, text: str) -> str:
    """Capitalise the words of `text` whose partner in `model` is capitalised."""
    parts, model_parts = re.split(r"([ \-])", text), re.split(r"([ \-])", model)
    if len(parts) != len(model_parts):
        return text[:1].upper() + text[1:]
    return "".join(
        part[:1].upper() + part[1:] if model_part[:1].isupper() else part
        for part, model_part in zip(parts, model_parts, strict=True)
    )
