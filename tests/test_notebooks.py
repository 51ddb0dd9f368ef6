"""Notebooks: their cells run from top to bottom and show their objects; what is kept is small and tells no path."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb"))
MOST_BYTES = 250_000

ENDS = {
    "01_from_photos_to_map": "result.verdict.kind == 'site' and (home / 'out' / 'map.html').is_file()",
    "02_a_hard_case_by_hand": "result.verdict.kind == 'site' and bearers['after'].max() > 0.9",
    "03_how_sure_are_we": "lab['cases'] > 100 and misled['misleading'] > 0",
    "04_your_own_gazetteer_and_borders": "result.verdict.kind == 'region' and result.without_rules == set()",
}
"""What has to be true when a notebook has run."""


def code_of(path: Path) -> list[tuple[str, str]]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [(cell["id"], "".join(cell["source"])) for cell in cells if cell["cell_type"] == "code"]


def run_cell(source: str, name: str, space: dict[str, Any]) -> Any:
    """Run a cell as a notebook does: the value of its last expression is shown."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, name, "exec"), space)
    return None if last is None else eval(compile(ast.Expression(last.value), name, "eval"), space)


def test_every_notebook_has_an_end_to_be_held_to() -> None:
    assert sorted(ENDS) == [path.stem for path in NOTEBOOKS]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_shows_its_objects(path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    space: dict[str, Any] = {}
    for name, source in code_of(path):
        value = run_cell(source, f"{path.name}: {name}", space)
        if hasattr(value, "_repr_html_"):
            assert "<" in value._repr_html_()
    assert eval(ENDS[path.stem], space), ENDS[path.stem]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_a_notebook_keeps_is_small_and_tells_no_path(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.encode()) < MOST_BYTES
    assert not re.search(r"/(home|root|tmp|Users|work)/", text)
    cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    assert any(cell["outputs"] for cell in cells), "run `make notebooks`"
    assert not any(output.get("name") == "stderr" for cell in cells for output in cell["outputs"])
