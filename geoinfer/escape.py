"""Escaping of untrusted text, in one place.

Names on signs, file names, EXIF and notes come from strangers. Whatever leaves geoinfer passes through the function
here that belongs to its destination: a terminal, a CSV cell, XML, a script element of an HTML page, a file name.
Inside geoinfer text stays as it was read; it is escaped once, on the way out.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import unicodedata
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

SHOWN_LIMIT = 300
"""Characters of one untrusted text that are shown to people; the rest is in the report."""

# Control, format (bidirectional overrides, zero width), surrogate, line and paragraph, private use, unassigned.
_INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"}
_FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PLAIN_ID = re.compile(r"[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*")


def visible(text: str, limit: int = SHOWN_LIMIT) -> str:
    r"""Make a text safe to show on one line: what is invisible becomes an escape, what is too long is cut.

    Control characters, bidirectional overrides and lone surrogates can forge a terminal's or a page's output, so they
    are shown as ``\x1b`` or ``\u202e``. Line breaks and tabs become single spaces.

    Parameters
    ----------
    text
        Any text.
    limit
        The most characters of `text` to show; an ellipsis stands for the rest.

    Returns
    -------
    str
        Printable text without line breaks.

    Examples
    --------
    >>> print(visible("Чернігів\n\x1b[31m\u202egpj.exe"))
    Чернігів \x1b[31m\u202egpj.exe
    >>> visible("abcdef", limit=3)
    'abc…'
    """
    cut = text[:limit]
    shown = "".join(
        " " if char in "\n\r\t" else _escaped(char) if unicodedata.category(char) in _INVISIBLE else char
        for char in cut
    )
    shown = re.sub(" {2,}", " ", shown).strip()
    return shown + "…" if len(text) > limit else shown


def _escaped(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def whole(text: str) -> str:
    r"""Make a text encodable as UTF-8, losing nothing that can be kept.

    File names that are not UTF-8 reach Python with lone surrogates, which no encoder takes; they become escapes.

    Examples
    --------
    >>> print(whole("photo\udcff.jpg"))
    photo\udcff.jpg
    """
    try:
        if not text.isascii():
            text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode("utf-8")
    return text


def csv_cell(text: str) -> str:
    """Make a text safe as a spreadsheet cell: it can start no formula and holds no control characters.

    A leading ``=``, ``+``, ``-``, ``@``, tab or line break gets an apostrophe before it, which spreadsheets take as
    "this is text" (OWASP, "CSV Injection"). Numbers are not texts: do not pass them through here.

    Examples
    --------
    >>> csv_cell("=HYPERLINK(1)"), csv_cell("Ріпки")
    ("'=HYPERLINK(1)", 'Ріпки')
    """
    clean = "".join(" " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char for char in whole(text))
    return "'" + clean if text.startswith(("\t", "\r", "\n")) or clean.lstrip().startswith(_FORMULA_STARTS) else clean


def xml_text(text: str) -> str:
    r"""Drop the characters that XML 1.0 forbids even when escaped; the XML writer escapes the rest.

    Examples
    --------
    >>> xml_text("a\x00\x1bb")
    'ab'
    """
    return _NOT_XML.sub("", text)


def json_in_html(value: object) -> str:
    r"""Write JSON that cannot end or open an element when it stands in a ``script`` element of an HTML page.

    Examples
    --------
    >>> json_in_html({"name": "</script>&"})
    '{"name":"\\u003c/script\\u003e\\u0026"}'
    """
    text = json.dumps(plain(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def plain(value: Any) -> Any:
    """Copy a value into what JSON knows: text, whole and finite numbers, booleans, None, lists, objects.

    Paths become text, tuples and sets lists, NumPy numbers Python's; what is not finite becomes None, and any other
    object its text. Text is made encodable as UTF-8.

    Examples
    --------
    >>> plain({"near": ("BY",), 3: float("nan")})
    {'near': ['BY'], '3': None}
    """
    # Maps hold a hundred thousand pairs of numbers, ledgers as many texts: they come first.
    kind = type(value)
    if kind is float and math.isfinite(value):
        return value
    if kind is str:
        return whole(value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if kind is dict or isinstance(value, Mapping):
        return {whole(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((plain(item) for item in value), key=repr)
    if isinstance(value, PurePath):
        return whole(value.as_posix())
    if hasattr(value, "tolist"):  # NumPy scalars and arrays, without importing NumPy here
        return plain(value.tolist())
    return whole(str(value))


def safe_stem(identifier: str) -> str:
    """Make a file name stem from an id of the case, never from a name that a stranger gave.

    Ids such as ``photo-3/r2`` keep their look; anything else is replaced by a hash, so that no id can leave its folder,
    hide a file or fall together with another.

    Examples
    --------
    >>> safe_stem("photo-3/r2")
    'photo-3_r2'
    >>> safe_stem("../../etc/passwd")
    'id-3754d6cb3a38'
    """
    if _PLAIN_ID.fullmatch(identifier) and "_" not in identifier and ".." not in identifier and len(identifier) <= 80:
        return identifier.replace("/", "_")
    return "id-" + hashlib.sha256(identifier.encode("utf-8", "surrogatepass")).hexdigest()[:12]
