"""The house rules that a machine can hold: which module may import which, how large they are, what is public."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

import gazetteer
import geoinfer

ROOT = Path(__file__).resolve().parents[1]
MOST_LINES = 400
MOST_PUBLIC_NAMES = 12


def stages() -> list[tuple[str, list[str]]]:
    """Read the table of docs/architecture.md: stages with their modules, in order."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\w+) \| ([\w\\ ]+) \|$", text, re.MULTILINE)
    return [(stage, modules.replace("\\", "").split()) for stage, modules in rows]


def modules_of(package: str) -> Iterator[Path]:
    yield from (path for path in sorted((ROOT / package).rglob("*.py")) if "__pycache__" not in path.parts)


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    """Hold every import that happens when the program runs, those inside functions too."""
    return grimp.build_graph("geoinfer", "gazetteer", exclude_type_checking_imports=True, cache_dir=None)


def test_every_module_has_one_place_in_the_way_of_the_data() -> None:
    placed = [module for _, modules in stages() for module in modules]
    there = {path.stem for path in (ROOT / "geoinfer").glob("*.py")} - {"__init__"}
    there |= {path.parent.name for path in (ROOT / "geoinfer").glob("*/__init__.py")}
    assert len(placed) == len(set(placed)), "a module stands in two rows of docs/architecture.md"
    assert set(placed) == there, "docs/architecture.md does not list the modules there are"


def test_nothing_flows_back(imports: grimp.ImportGraph) -> None:
    layer = {module: number for number, (_, modules) in enumerate(stages()) for module in modules}
    back = [
        f"{importer} imports {imported}"
        for importer in imports.modules
        for imported in imports.find_modules_directly_imported_by(importer)
        if importer.startswith("geoinfer.") and imported.startswith("geoinfer.")
        if layer.get(importer.split(".")[1], 99) < layer.get(imported.split(".")[1], 0)
    ]
    assert not back


def test_the_gazetteer_knows_nothing_of_photos() -> None:
    everything = grimp.build_graph("geoinfer", "gazetteer", cache_dir=None)
    assert not everything.find_illegal_dependencies_for_layers(layers=("geoinfer", "gazetteer"))


def test_there_is_no_circle_of_imports(imports: grimp.ImportGraph) -> None:
    circles = [
        " -> ".join((importer, *back))
        for importer in sorted(imports.modules)
        for imported in imports.find_modules_directly_imported_by(importer)
        if (back := imports.find_shortest_chain(imported, importer))
    ]
    assert not circles


@pytest.mark.parametrize("package", ["geoinfer", "gazetteer"])
def test_modules_are_short_and_say_what_they_are_for(package: str) -> None:
    for path in modules_of(package):
        text = path.read_text(encoding="utf-8")
        assert ast.get_docstring(ast.parse(text)), path
        assert text.count("\n") <= MOST_LINES, path


def test_errors_stand_in_one_place() -> None:
    """Every error that leaves a package is in its module of errors."""
    for package in ("geoinfer", "gazetteer"):
        for path in modules_of(package):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.ClassDef) or path.name in ("errors.py", "records.py"):
                    continue  # RowError of gazetteer.records never leaves the readers of sources
                bases = {ast.unparse(base) for base in node.bases}
                assert not any(base.endswith(("Error", "Exception")) for base in bases), f"{path}: {node.name}"


@pytest.mark.parametrize("package", [geoinfer, gazetteer], ids=lambda package: package.__name__)
def test_the_public_names_are_few_and_there(package: object) -> None:
    names = package.__all__  # type: ignore[attr-defined]
    assert len(names) <= MOST_PUBLIC_NAMES
    assert all(getattr(package, name).__doc__ for name in names)


PUBLIC = (geoinfer.Case, geoinfer.Result, gazetteer.Gazetteer)


@pytest.mark.parametrize("owner", PUBLIC, ids=lambda owner: owner.__name__)
def test_everything_that_users_call_is_described_and_shown(owner: type) -> None:
    """Each public member has a docstring, and an example that runs uses it."""
    members = {name: getattr(owner, name) for name in dir(owner) if not name.startswith("_")}
    assert all(inspect.getdoc(member) for member in members.values())
    docs = [inspect.getdoc(one) or "" for one in (*owner.__mro__, *members.values())]
    shown = "\n".join(line for doc in docs for line in doc.splitlines() if line.startswith((">>> ", "... ")))
    assert not [name for name in members if not re.search(rf"\.{name}\b", shown)]
