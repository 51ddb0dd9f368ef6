"""Cyrillic or Latin: whether a line is what the trained head reads, or what the network's own last layer does.

The own layer knows Latin with all its marks and no Cyrillic letter, and is as sure of Чернігів as of Braila. What tells
is letters that only one of the two scripts has, and what Cyrillic words look like to who takes them for Latin.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

from geoinfer.decode import LATIN_OF, script_of
from geoinfer.lattice import fold

if TYPE_CHECKING:
    from geoinfer.recogniser import Spelling

_PATCHED = re.compile(r"[^\W\d_][0-9]+[^\W\d_]|[a-zà-ÿ][A-ZÀ-Þ]|[a-zà-ÿ]ß[a-z]|[^\W\d_]III[^\W\d_]")
"""Digits between letters, capitals after small ones, ß for в in -івка, III for П in capitals: no Latin word has them
often."""
MAYBE_CYRILLIC = 0.1
"""Share of our readings that must have a Cyrillic letter for such a text to be taken for Cyrillic."""


def choose(ours: Spelling, own: Spelling) -> Spelling:
    """Choose between the trained head and the network's own layer.

    Examples
    --------
    >>> from geoinfer.recogniser import Spelling
    >>> choose(Spelling((("Braila", 0.3),)), Spelling((("Brăila", 0.9),))).text
    'Brăila'
    >>> choose(Spelling((("Чернігів", 0.7),)), Spelling((("YephiriB", 0.8),))).text
    'Чернігів'
    """
    if own.confidence <= ours.confidence or not own.text or _cyrillic_for_sure(ours, own.text):
        return ours
    rest = tuple((text, p * (1 - own.confidence)) for text, p in ours.texts if text != own.text)
    # Marks on Latin letters (ă, ö) are beyond the trained head; the letters themselves it may have seen all the same.
    seen = ours.seen if fold(own.text) == fold(ours.text) else None
    return replace(ours, texts=((own.text, own.confidence), *rest), seen=seen)


def _cyrillic_for_sure(ours: Spelling, own: str) -> bool:
    """Whether a line is Cyrillic whatever the network's own layer, which knows no Cyrillic, makes of it.

    It is where one letter of our text has no Latin twin; where the other text is the same letters' Latin twins, marks
    aside; and where Cyrillic letters are among what we may have read and the other text has what Cyrillic letters that
    were taken for others leave behind.
    """
    if has_no_twin(ours.text):
        return True
    if _PATCHED.search(own):
        total = sum(share for _, share in ours.texts)
        return sum(share for text, share in ours.texts if _has_cyrillic_letter(text)) > MAYBE_CYRILLIC * total
    return script_of(ours.text) == "cyrillic" and _bare(ours.text) == _bare(own)


def _has_cyrillic_letter(text: str) -> bool:
    """Whether a text has a letter that is Cyrillic and like no Latin one."""
    return any(script_of(char) == "cyrillic" and char not in LATIN_OF for char in text)


def has_no_twin(text: str) -> bool:
    """Whether a text is Cyrillic and has a letter that no Latin one looks like."""
    return script_of(text) == "cyrillic" and script_of("".join(LATIN_OF.get(c, c) for c in text)) != "latin"


def _bare(text: str) -> str:
    """Latin twins of the letters, small, without marks."""
    twins = unicodedata.normalize("NFD", "".join(LATIN_OF.get(c, c) for c in text).lower())
    return "".join(c for c in twins if not unicodedata.combining(c))
