"""The documentation: its examples run, its links lead somewhere, and what the README shows is what comes out."""

from __future__ import annotations

import ast
import doctest
import re
import runpy
import shlex
from pathlib import Path

import pytest

import geoinfer as gi
from geoinfer.cli import main

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted((ROOT / "docs").glob("*.md"))
WITH_EXAMPLES = [page for page in PAGES if ">>> " in page.read_text(encoding="utf-8")]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=lambda page: page.stem)
def test_the_examples_of_a_page_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    examples = "\n".join(blocks(page.read_text(encoding="utf-8"), "python"))
    test = doctest.DocTestParser().get_doctest(examples, {}, page.name, str(page), 0)
    told: list[str] = []
    assert doctest.DocTestRunner().run(test, out=told.append).failed == 0, "".join(told)
    assert test.examples


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.stem)
def test_links_lead_to_files(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_every_guide_has_a_worked_example() -> None:
    assert {"inference", "adding-a-rule", "adding-a-source", "adding-an-engine"} <= {
        page.stem for page in WITH_EXAMPLES
    }


def test_the_readme_s_python_names_what_there_is() -> None:
    """What it calls on a case and on a result exists, with the keywords that it gives."""
    import inspect

    owners = {"case": gi.Case, "result": gi.Result}
    called = set()
    for block in blocks(README, "python"):
        for node in ast.walk(ast.parse(block)):
            target = node.func if isinstance(node, ast.Call) else node
            if not (isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name)):
                continue
            if target.value.id not in owners:
                continue
            member = getattr(owners[target.value.id], target.attr, None)
            known = member is not None or target.attr in ("clusters", "clues", "belief")
            assert known, f"{target.value.id}.{target.attr}"
            called.add(target.attr)
            if isinstance(node, ast.Call):
                assert {word.arg for word in node.keywords} <= set(inspect.signature(member).parameters), target.attr
    assert {"infer", "explain", "without", "save"} <= called


@pytest.mark.parametrize("line", re.findall(r"^geoinfer .*$", "\n".join(blocks(README, "sh")), re.MULTILINE))
def test_the_readme_s_commands_exist_with_their_options(line: str) -> None:
    words = shlex.split(line.split("#")[0])
    command = main.commands[words[1]]
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words[2:] if word.startswith("-")} <= known


def test_the_first_case_is_what_comes_out() -> None:
    """The table in the README may lag a little behind the rules; `python docs/first_case.py --write` renews it."""
    script = runpy.run_path(str(ROOT / "docs" / "first_case.py"))
    findings = script["infer_first_case"]().findings
    told = dict(re.findall(r"^\| \d+ \| (.+?) \| \w+ \| ([\d.]+)% \|", README, re.MULTILINE))
    found = dict(re.findall(r"^\| \d+ \| (.+?) \| \w+ \| ([\d.]+)% \|", script["as_markdown"](findings), re.MULTILINE))
    assert findings.verdict.kind == "region"
    assert next(iter(told)) == next(iter(found))
    assert all(abs(float(told[name]) - float(found[name])) < 2 for name in told.keys() & found.keys())
    assert len(told.keys() & found.keys()) >= 0.6 * len(told)
    (elsewhere,) = re.findall(r"elsewhere in the region \| \| ([\d.]+)%", README)
    assert abs(float(elsewhere) - 100 * findings.elsewhere) < 6
