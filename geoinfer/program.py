"""The program: which release it is, and a hash of the very code and data that ran."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from geoinfer.ledger import file_hash

PACKAGES = ("geoinfer", "gazetteer")


def release() -> str:
    """Give the installed release."""
    try:
        return version("geoinfer")
    except PackageNotFoundError:  # run from a folder, not installed
        return "unknown"


@cache
def code_sha256() -> str:
    """Hash all files of the two packages, code and shipped data: a release's number does not tell what was changed."""
    whole = hashlib.sha256()
    for package in PACKAGES:
        spec = find_spec(package)
        for folder in sorted((spec.submodule_search_locations or ()) if spec else ()):
            for file in sorted(file for file in Path(folder).rglob("*") if file.is_file()):
                name = file.relative_to(folder).as_posix()
                if "__pycache__" not in name:
                    whole.update(f"{package}/{name} {file_hash(file)}\n".encode())
    return whole.hexdigest()
