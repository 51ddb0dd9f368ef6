"""HTML that objects show of themselves in a notebook: tables, lists of sentences, small pictures.

Every text passes `text`: names, file names and notes come from strangers.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Sequence
from html import escape
from typing import TypeVar

from geoinfer.escape import visible

CROP_HEIGHT = 32
MOST_ASPECT = 16
"""A crop is shown no wider than this times its height."""
MOST_NAME, MOST_SENTENCE = 200, 1000
"""Characters of a name, and of our own sentences, in which names stand."""
_LEFT = ' style="text-align:left"'

T = TypeVar("T")


class Told(tuple[T, ...]):
    """Things that are told in sentences; a notebook lists them.

    Examples
    --------
    >>> Told(["near <Ripky>"])._repr_html_()
    '<ol><li>near &lt;Ripky&gt;</li></ol>'
    """

    __slots__ = ()

    def _repr_html_(self) -> str:
        return f"<ol>{''.join(f'<li>{text(one, MOST_SENTENCE)}</li>' for one in self)}</ol>"


def table(heads: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table of cells that are HTML already.

    Examples
    --------
    >>> table([], [["Ripky"]])
    '<table><thead><tr></tr></thead><tbody><tr><td style="text-align:left">Ripky</td></tr></tbody></table>'
    """
    head = "".join(f"<th{_LEFT}>{name}</th>" for name in heads)
    body = "".join(f"<tr>{''.join(f'<td{_LEFT}>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def picture(png: bytes, told: str) -> str:
    """Embed the picture of a line, small; nothing if it is none."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
            shown = image.convert("RGB")
    except (OSError, ValueError, Image.DecompressionBombError):
        return ""
    shown.thumbnail((CROP_HEIGHT * MOST_ASPECT, CROP_HEIGHT))
    out = io.BytesIO()
    shown.save(out, "JPEG", quality=80)
    data = base64.b64encode(out.getvalue()).decode("ascii")
    return f'<img style="margin:1px 0" alt="{text(told)}" src="data:image/jpeg;base64,{data}">'


def text(value: object, limit: int = MOST_NAME) -> str:
    """Make a text of strangers safe to show.

    Examples
    --------
    >>> text("<b>Ripky")
    '&lt;b&gt;Ripky'
    """
    return escape(visible(str(value), limit))
