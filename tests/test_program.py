from importlib.metadata import version
from pathlib import Path

import pytest

from geoinfer import program


def test_the_release_is_that_of_the_installed_package() -> None:
    assert program.release() == version("geoinfer")


def test_every_file_of_code_and_data_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "some_package"
    (package / "__pycache__").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "data.tsv").write_text("1")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(program, "PACKAGES", ("some_package",))
    first = program.code_sha256.__wrapped__()
    (package / "__pycache__" / "x.pyc").write_bytes(b"compiled")
    assert program.code_sha256.__wrapped__() == first
    (package / "data.tsv").write_text("2")
    assert program.code_sha256.__wrapped__() != first
