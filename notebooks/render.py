"""Run the notebooks and keep their outputs, small and without paths: ``make notebooks``.

A map with all its scripts weighs half a megabyte: it is left out, and a line says so. Whoever runs a notebook
sees everything.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).resolve().parent
MOST_BYTES = 100_000
"""A single output larger than this is left out."""
LEFT_OUT = "(shown when the notebook runs: too large to be kept here)"


def main(names: list[str]) -> None:
    """Render the notebooks of these names, or all."""
    for path in sorted(HERE.glob("*.ipynb")):
        if names and path.name not in names:
            continue
        book = nbformat.read(path, as_version=4)
        with tempfile.TemporaryDirectory() as folder:
            NotebookClient(book, timeout=600, coalesce_streams=True, resources={"metadata": {"path": folder}}).execute()
        for cell in book.cells:
            if cell.cell_type == "code":
                cell.execution_count, cell.metadata = None, {}
                cell.outputs = [kept for output in cell.outputs if (kept := slim(output)) is not None]
        book.metadata.pop("widgets", None)
        book.metadata.language_info = {"name": "python"}
        nbformat.write(book, path)
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} KB")


def slim(output: Any) -> Any | None:
    """Keep what an output tells: neither what goes to standard error, nor huge pages, nor where folders lie."""
    if output.output_type == "stream":
        output.text = without_paths(output.text)
        return None if output.name == "stderr" else output
    data = output.data
    if len(data.get("text/html", "")) > MOST_BYTES:
        data["text/html"] = re.sub(r"<svg.*?</svg>", f"<p>{LEFT_OUT}</p>", data["text/html"], flags=re.DOTALL)
    if len(data.get("text/html", "")) > MOST_BYTES:
        data.pop("text/html")
        data["text/plain"] = LEFT_OUT
    if "text/html" in data or "image/svg+xml" in data:
        data.pop("text/plain", None)
    for kind, text in data.items():
        data[kind] = without_paths(text)
    output.metadata = {}
    if output.output_type == "execute_result":
        output.execution_count = None
    return output


def without_paths(text: str) -> str:
    """Take out the folders of this machine."""
    return re.sub(rf"(?:{re.escape(tempfile.gettempdir())}|{re.escape(str(Path.home()))})/[\w.-]+", "…", text)


if __name__ == "__main__":
    main(sys.argv[1:])
