"""Names carried from one language to another: romanisation, and Ukrainian, Russian and Belarusian counterparts.

Romanisation follows stated standards. Counterparts are rules of thumb: no rule knows that Миколаївка is
Николаевка but Кам'янка is Каменка, so they only serve where no source gives the name, and a search treats what
they make as a little less certain.
"""

from __future__ import annotations

import re
from functools import lru_cache

_APOSTROPHE = re.compile(r"['’ʼ`]")
_CYRILLIC = "абвгґдеєёжзиіїйклмнопрстуўфхцчшщъыьэюя"


def _table(latin: str) -> dict[str, str]:
    """Pair `_CYRILLIC` with the words of a string; ``_`` stands for nothing."""
    words = ("" if word == "_" else word for word in latin.split())
    return dict(zip(_CYRILLIC, words, strict=True))


_UK = _table("a b v h g d e ie io zh z y i i i k l m n o p r s t u u f kh ts ch sh shch _ y _ e iu ia")
_UK_BGN = _table("a b v h g d e ye yo zh z y i yi y k l m n o p r s t u u f kh ts ch sh shch _ y _ e yu ya")
_DSTU_A = _table("a b v ğ g d e je jo ž z y i ï j k l m n o p r s t u u f x c č š ŝ _ y j e ju ja")
_DSTU_B = _table("a b v gh g d e je jo zh z y i ji j k l m n o p r s t u u f kh c ch sh shch _ y j e ju ja")
_RU = _table("a b v g g d e ye yo zh z i i i y k l m n o p r s t u u f kh ts ch sh shch _ y _ e yu ya")
_ISO9 = _table("a b v g g d e ê ë ž z i ì ï j k l m n o p r s t u ŭ f h c č š ŝ _ y _ è û â")
_SOVIET = _table("a b v g g d e e e ž z i i i j k l m n o p r s t u u f h c č š šč _ y _ e ju ja")
_SOVIET_ASCII = _table("a b v g g d e e jo zh z i i i jj k l m n o p r s t u u f kh c ch sh shh _ y _ eh ju ja")
_BE = _table("a b v h g d e e io zh z i i i i k l m n o p r s t u u f kh ts ch sh sch _ y _ e iu ia")
_BE_2007 = _table("a b v h g d je je jo ž z i i i j k l m n o p r s t u ŭ f ch c č š šč _ y _ e ju ja")
_BE_2000 = _table("a b v h g d ie ie io zh z i i i j k l m n o p r s t u u f kh ts ch sh shch _ y _ e iu ia")
_BE_2023 = _table("a b v h g d e e yo zh z i i i y k l m n o p r s t u w f kh ts ch sh shch _ y _ e yu ya")
_GERMAN = _table("a b w h g d e je jo sch s y i ji i k l m n o p r s t u w f ch z tsch sch schtsch _ y _ e ju ja")
_GERMAN_RU = {**_GERMAN, "г": "g", "и": "i"}
_POLISH = _table("a b w h g d e je jo ż z y i ji j k l m n o p r s t u w f ch c cz sz szcz _ y _ e ju ja")
_POLISH_RU = {**_POLISH, "г": "g", "и": "i"}
_SCHOLARLY = _table("a b v h g d e je jo ž z y i ji j k l m n o p r s t u ŭ f ch c č š šč _ y _ e ju ja")

_WORD_START = r"(?<![^\W_])"
_AFTER_VOWEL = r"(?:(?<![^\W_])|(?<=[аеёиоуыэюяіїєўъь]))"
_UK_INITIALS = ((r"зг", "zgh"), (_WORD_START + "є", "ye"), (_WORD_START + "ї", "yi"), (_WORD_START + "й", "y"),
                (_WORD_START + "ю", "yu"), (_WORD_START + "я", "ya"))  # fmt: skip
_RU_INITIALS = ((_AFTER_VOWEL + "е", "ye"),)
_BE_SOFT_VOWELS = ((r"(?<=[бвгґдзклмнпрстфхц])е", "ie"), (r"(?<=[бвгґдзклмнпрстфхц])ё", "io"),
                   (r"(?<=[бвгґдзклмнпрстфхц])ю", "iu"), (r"(?<=[бвгґдзклмнпрстфхц])я", "ia"))  # fmt: skip
_BE_SOFT_SIGNS = (("ль", "ĺ"), ("нь", "ń"), ("сь", "ś"), ("зь", "ź"), ("ць", "ć"))

System = tuple[dict[str, str], tuple[tuple[str, str], ...]]
_SYSTEMS: dict[str, System] = {
    "uk": (_UK, _UK_INITIALS), "uk_bgn": (_UK_BGN, ()), "dstu_a": (_DSTU_A, ()), "dstu_b": (_DSTU_B, ()),
    "ru": (_RU, _RU_INITIALS), "iso9": (_ISO9, ()), "soviet": (_SOVIET, ()), "soviet_ascii": (_SOVIET_ASCII, ()),
    "be": (_BE, ()), "be_2000": (_BE_2000, ()), "be_2007": (_BE_2007, (*_BE_SOFT_VOWELS, *_BE_SOFT_SIGNS)),
    "be_2023": (_BE_2023, _RU_INITIALS), "de": (_GERMAN, ()), "de_ru": (_GERMAN_RU, ()), "pl": (_POLISH, ()),
    "pl_ru": (_POLISH_RU, ()), "scholarly": (_SCHOLARLY, _BE_SOFT_SIGNS),
}  # fmt: skip

SYSTEMS = {
    "uk": ("uk", "uk_bgn", "dstu_a", "dstu_b", "soviet", "de", "pl", "scholarly"),
    "ru": ("ru", "iso9", "soviet", "soviet_ascii", "de_ru", "pl_ru"),
    "be": ("be", "be_2000", "be_2007", "be_2023", "de", "pl"),
}
"""The romanisations that signs, maps and the press use for a name in each language."""


def romanize_folded(text: str, system: str) -> str:
    r"""Write lower-case Cyrillic names in Latin letters; a text of many lines is carried over line by line.

    Raises
    ------
    KeyError
        The system is unknown.

    Examples
    --------
    >>> romanize_folded("щорс\nїжакевич", "uk").split()
    ['shchors', 'yizhakevych']
    """
    for pattern, latin in _SYSTEMS[system][1]:
        text = re.sub(pattern, latin, text)
    return text.translate(_translation(system))


@lru_cache
def _translation(system: str) -> dict[int, str]:
    return {ord(char): latin for char, latin in _SYSTEMS[system][0].items()}


def romanize(name: str, system: str = "uk") -> str:
    """Write a Cyrillic name in Latin letters.

    Parameters
    ----------
    name
        A name in Cyrillic letters; other characters pass through.
    system
        ``uk`` (resolution 55 of the Cabinet of Ministers of Ukraine, 27 January 2010), ``uk_bgn`` (BGN/PCGN 1965),
        ``dstu_a``, ``dstu_b`` (DSTU 9112:2021, systems A and B), ``ru`` (BGN/PCGN 1947 without its marks), ``iso9``
        (ISO 9:1995 without its primes), ``soviet`` (GOST 1983, UN 1987, without primes), ``soviet_ascii`` (GOST
        16876-71, table 2), ``be`` (by sound, without marks), ``be_2000``, ``be_2007``, ``be_2023`` (the instructions of
        those years; the last as the press describes it), ``de``, ``pl`` or ``scholarly`` (as those languages usually
        write Ukrainian and Belarusian names), ``de_ru``, ``pl_ru`` (Russian names).

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
    >>> romanize("Хмельницький", "dstu_a"), romanize("Гомель", "be_2007"), romanize("ЩОРС")
    ('Xmeljnycjkyj', 'Homieĺ', 'SHCHORS')
    """
    text = _APOSTROPHE.sub("", name)
    return re.sub(r"[^\W_]+", lambda word: _cased(word[0], romanize_folded(word[0].lower(), system)), text)


def _cased(model: str, latin: str) -> str:
    """Write a word as its model is written: all capitals, a capital first, or small."""
    if len(model) > 1 and model.isupper():
        return latin.upper()
    return latin[:1].upper() + latin[1:] if model[:1].isupper() else latin


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
    ("ые" + _END, "і"), ("ие" + _END, "і"), ("(?<=н)ий" + _END, "ій"), ("[иы]й" + _END, "ый"),
    ("(?<=[кгх])и" + _END, "ы"), ("ичи" + _END, "ычі"), ("овка" + _END, "івка"),
    ("евка" + _END, "івка"), ("(?<=[аеёиоуыэюя])и", "ї"), (_START + "и", "і"),
    # What stays и is ы until і is written.
    ("(?<=[жчшщцр])и(?![еяюо])", "ы"), ("(?<=[дтзс])и(?=[бвгджзклмнпрстфхцчшщ]|$)", "ы"),
    ("и", "і"), ("ы", "и"), ("(?<=[аеёиоуыэюяъь])е", "є"), (_START + "е", "є"), ("(?<=[бвмпф])ё", "йо"),
    ("(?<=[чшжщ])ё", "о"), ("ё", "ьо"), ("э", "е"), ("ъ", "’"),
)  # fmt: skip
_RU_TO_BE = _rules(
    ("щ", "шч"), ("(ск|цк)ий" + _END, r"\1і"), ("ий" + _END, "і"), ("ый" + _END, "ы"), ("ое" + _END, "ае"),
    ("ые" + _END, "ыя"), ("ие" + _END, "ія"), ("ово" + _END, "ова"), ("ево" + _END, "ева"), ("ов" + _END, "аў"),
    ("ев" + _END, "еў"), ("овка", "аўка"), ("евка", "еўка"), ("(?<=[жчшщцр])и", "ы"), ("(?<=[жчшщцр])е", "э"),
    ("(?<=[жчшщцр])я", "а"),
    ("(?<=[жчшщцр])ё", "о"), ("(?<=[жчшщцр])ь", ""), ("т(?=[еиёюяь])", "ц"), ("д(?=[еиёюяь])", "дз"),
    ("(?<=[аеёиоуыэюя])в(?=[^аеёиоуыэюя]|$)", "ў"), ("и", "і"), ("ъ", "’"),
)  # fmt: skip
_BE_TO_RU = _rules(
    ("шч", "щ"), ("(ск|цк)і" + _END, r"\1ий"), ("ыя" + _END, "ые"), ("ія" + _END, "ие"), ("ае" + _END, "ое"),
    ("аў" + _END, "ов"),
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
