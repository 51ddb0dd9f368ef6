"""The report on one page: HTML that prints on one sheet of A4, for the file that an editor keeps.

It holds the answer, a still map, the ranking, the evidence, what qualifies it, how it was found, the limits, sources
with their licences, and the hashes of the photos. It has no script, loads nothing and holds no date: the same findings
give the same bytes. What does not fit on a page is counted and stands in ``report.json``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, StrictUndefined

from geoinfer import __version__
from geoinfer.escape import visible
from geoinfer.figure import draw
from geoinfer.page import content_hashes

if TYPE_CHECKING:
    from geoinfer.base_layers import Base
    from geoinfer.result import Findings

MOST = {"sites": 9, "signs": 3, "lines": 3, "notes": 3, "photos": 3, "sources": 9, "problems": 2, "clusters": 3}
"""So many fit on the page."""

METHOD = (
    "Lines of text were found and read in each photo and joined into signs. Each name was looked up in a gazetteer, "
    "with “none of these” as a possible outcome. For every position round the places named, the probability of seeing "
    "these signs there was worked out: by kind of sign, kilometres, road numbers and distances along roads, each sign "
    "with a share of doubt. Together with the stated hypothesis they give the probability of each cell."
)
LIMITS = (
    "Signs may be misread, moved, falsified or out of date, and a photo may be older than it is said to be. The "
    "hypothesis about borders is an assumption, not evidence from the photos. Probabilities hold under the rules and "
    "data named here; roads and villages that these lack cannot be ranked. A ranked place is a lead to verify, not "
    "proof. Coordinates are those of the places, as uncertain as stated, not of the camera."
)


def one_page(findings: Findings, base: Base | None = None, report: Mapping[str, Any] | None = None) -> str:
    """Write the report of a working case on one page.

    Parameters
    ----------
    findings
        What an inference found.
    base
        The drawn background; by default the gazetteer's.
    report
        The report of these findings where it has been built.

    Returns
    -------
    str
        An HTML document.
    """
    from geoinfer.map import base_of
    from geoinfer.map_data import case_data
    from geoinfer.map_window import around, view_of

    window = around(view_of(findings))
    data = case_data(findings, base or base_of(findings), None, window, report)
    css = _text("one_page.css")
    page: str = (
        Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        .from_string(_text("one_page.html"))
        .render(
            data=data,
            css=css,
            style_hash=content_hashes((css,)),
            figure=draw(data),
            signs=_signs(data),
            clusters=_clusters(findings),
            most=MOST,
            method=METHOD,
            limits=LIMITS,
            version=__version__,
            percent=percent,
            area=area,
            metres=metres,
            latin=_latin,
        )
    )
    return page


def percent(share: float | None) -> str:
    r"""Say a probability in whole percents, never as certain or impossible.

    >>> percent(0.9961), percent(0.0131), percent(0.001)
    ('> 99\xa0%', '1\xa0%', '< 0.5\xa0%')
    """
    if share is None:
        return ""
    bounds = "> 99" if share >= 0.995 else "< 0.5" if share < 0.005 else f"{100 * share:.0f}"
    return f"{bounds}\N{NO-BREAK SPACE}%"


def area(km2: float) -> str:
    r"""Say an area with three digits.

    >>> area(13246.2), area(9.44)
    ('13,200\xa0km²', '9.4\xa0km²')
    """
    value = float(f"{km2:.3g}")
    return f"{value:,.0f}\N{NO-BREAK SPACE}km²" if value >= 10 else f"{km2:.2g}\N{NO-BREAK SPACE}km²"


def metres(value: int) -> str:
    r"""Say an uncertainty in metres.

    >>> metres(13000)
    '±\xa013,000\xa0m'
    """
    return f"±\N{NO-BREAK SPACE}{value:,}\N{NO-BREAK SPACE}m"


def _latin(one: Mapping[str, Any]) -> str:
    return next((name for language, name in one["others"] if language == "en"), "")


def _signs(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Put the signs of photos and typed clues into one list: those whose names were matched come first."""
    read = [
        {**sign, "where": photo["file"], "what": _said(sign["colour"], sign["kind"], "sign"), "note": ""}
        for photo in data["photos"]
        for sign in photo["signs"]
    ]
    typed = [
        {**clue, "where": "typed in", "what": _said(clue["kind"]) or "unknown", "lines": []} for clue in data["clues"]
    ]
    return sorted([*read, *typed], key=lambda sign: -max((_best(entry) for entry in sign["entries"]), default=-1.0))


def _said(*words: str) -> str:
    return " ".join(word for word in words if word != "unknown")


def _best(entry: Mapping[str, Any]) -> float:
    return max((float(match["probability"]) for match in entry["matches"]), default=0.0)


def _clusters(findings: Findings) -> list[dict[str, str]]:
    return [
        {"number": str(one.number), "text": visible(one.verdict.text, 300),
         "photos": visible(", ".join(one.photos or one.clues), 120)}
        for one in findings.clusters
    ]  # fmt: skip


@cache
def _text(name: str) -> str:
    return (files("geoinfer") / "static" / name).read_text(encoding="utf-8")
