"""Figures and tables of a run, for notebooks: how often regions hold the truth, and how often sites are right.

Examples
--------
>>> svg = draw_curve({"curve": {"all": {"0.5": 0.48, "0.9": 0.91}}})
>>> svg.startswith("<svg") and "all" in svg
True
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

SIZE, MARGIN = 360, 46
INKS = {"all": "#111111", "anywhere": "#1f6fb4", "borderland": "#c8501e"}
MEANINGS = {
    "all": "all cases",
    "anywhere": "drawn anywhere, no hypothesis",
    "borderland": "drawn in the borderland, with hypothesis",
}


class Drawing(str):
    """SVG that a notebook shows."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return str(self)


def draw_curve(summary: Mapping[str, Any]) -> Drawing:
    """Draw how often the region of each level holds the truth, as SVG; honest regions lie on the diagonal.

    Parameters
    ----------
    summary
        What `geoinfer.lab.report.load` or `geoinfer.lab.report.summarise` gives.
    """
    span = SIZE - 2 * MARGIN

    def at(level: float, share: float) -> str:
        return f"{MARGIN + span * level:.1f},{SIZE - MARGIN - span * share:.1f}"

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE + 60}" width="{SIZE}" role="img" '
        'font-family="sans-serif" font-size="11"><title>Coverage of regions by level</title>',
        f'<rect x="{MARGIN}" y="{MARGIN}" width="{span}" height="{span}" fill="none" stroke="#999"/>',
        f'<polyline points="{at(0, 0)} {at(1, 1)}" fill="none" stroke="#999" stroke-dasharray="4 4"/>',
    ]
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = at(tick, 0).split(",")
        parts.append(f'<text x="{x}" y="{float(y) + 16:.1f}" text-anchor="middle">{tick:.0%}</text>')
        x, y = at(0, tick).split(",")
        parts.append(f'<text x="{float(x) - 6:.1f}" y="{float(y) + 4:.1f}" text-anchor="end">{tick:.0%}</text>')
    middle = SIZE / 2
    parts.append(f'<text x="{middle}" y="{SIZE - 12}" text-anchor="middle">level of the region</text>')
    parts.append(f'<text x="{middle}" y="{MARGIN - 14}" text-anchor="middle">cases whose truth it holds</text>')
    for row, (name, curve) in enumerate(summary["curve"].items()):
        ink = INKS.get(name, "#777777")
        points = " ".join(at(float(level), share) for level, share in curve.items())
        parts.append(f'<polyline points="{points}" fill="none" stroke="{ink}" stroke-width="2"/>')
        below = SIZE + 8 + 16 * row
        line = f'x1="{MARGIN}" x2="{MARGIN + 24}" y1="{below}" y2="{below}"'
        parts.append(f'<line {line} stroke="{ink}" stroke-width="2"/>')
        parts.append(f'<text x="{MARGIN + 30}" y="{below + 4}">{escape(MEANINGS.get(name, name))}</text>')
    return Drawing("".join([*parts, "</svg>"]))


def group_table(summary: Mapping[str, Any]) -> pd.DataFrame:
    """Give the groups of cases, one row each: coverage, areas, ranks."""
    return _table(summary["groups"])


def site_table(summary: Mapping[str, Any]) -> pd.DataFrame:
    """Give how often the first site was right, by the probability that it was given."""
    import pandas as pd

    return pd.DataFrame(summary["sites"])


def baseline_table(summary: Mapping[str, Any]) -> pd.DataFrame:
    """Give the baselines beside the belief, at the same coverage."""
    return _table(summary["baselines"])


def ablation_table(summary: Mapping[str, Any]) -> pd.DataFrame:
    """Give the belief without each rule, the rule that is missed most first."""
    return _table(summary["ablation"]).sort_values("change")


def _table(rows: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame.from_dict(rows, orient="index")
