"""Fetching GeoNames dumps, from a server on this machine."""

from __future__ import annotations

import gc
import http.server
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from gazetteer import Gazetteer
from gazetteer.cli import main
from gazetteer.download import by_hand, fetch, urls
from gazetteer.errors import GazetteerError

pytest.importorskip("pooch")

# pooch leaves the answer of a server that says no open, and the garbage collector says so at some later time.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")

ROW = (
    "710735\tChernihiv\tChernihiv\tЧернігів\t51.50541\t31.28656\tP\tPPLA\tUA\t\t02\t\t\t\t282747\t\t\t"
    "Europe/Kyiv\t2026-01-01"
)


@pytest.fixture(autouse=True)
def _sockets_are_collected_here() -> Iterator[None]:
    yield
    gc.collect()


class Handler(http.server.SimpleHTTPRequestHandler):
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        super().do_GET()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, list[str]]]:
    folder = tmp_path / "served"
    folder.mkdir()
    with zipfile.ZipFile(folder / "UA.zip", "w") as archive:
        archive.writestr("readme.txt", "hello")
        archive.writestr("UA.txt", ROW)
    (folder / "BY.zip").write_text("<html>log in to the hotel's network</html>", encoding="utf-8")
    handler = type("Counting", (Handler,), {"asked": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder))) as http_server:
        threading.Thread(target=http_server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{http_server.server_port}/", handler.asked
        http_server.shutdown()


def test_a_dump_is_fetched_once_a_day(tmp_path: Path, server: tuple[str, list[str]]) -> None:
    address, asked = server
    (first,) = fetch(["ua"], server=address, folder=tmp_path / "kept")
    (again,) = fetch(["UA", "UA"], server=address, folder=tmp_path / "kept")
    assert first == again and first.name == "UA.zip"
    assert asked == ["/UA.zip"]


@pytest.mark.parametrize(("code", "reason"), [("RU", "cannot be fetched.*404"), ("BY", "is no zip file")])
def test_what_cannot_be_fetched_says_what_to_do_by_hand(
    tmp_path: Path, server: tuple[str, list[str]], code: str, reason: str
) -> None:
    with pytest.raises(
        GazetteerError, match=rf"{code}\.zip {reason}.*without a network, fetch .*{code}\.zip"
    ) as caught:
        fetch([code], server=server[0], folder=tmp_path / "kept")
    assert str(caught.value).endswith(f"run: gazetteer build {code}.zip -o FILE")
    assert not list((tmp_path / "kept").rglob("*.zip"))


def test_without_a_network_the_command_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("gazetteer.download.SERVER", "http://127.0.0.1:9/")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    run = CliRunner().invoke(main, ["build", "--download", "UA", "BY", "-o", str(tmp_path / "g.zip")])
    assert run.exit_code == 1
    assert "gazetteer build UA.zip BY.zip -o FILE" in run.output
    assert run.output.startswith("Error: http://127.0.0.1:9/UA.zip cannot be fetched")


def test_the_command_fetches_codes_and_takes_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: tuple[str, list[str]]
) -> None:
    monkeypatch.setattr("gazetteer.download.SERVER", server[0])
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    mine = tmp_path / "mine.csv"
    mine.write_text("lon,lat,name\n30.0,50.0,Гай\n", encoding="utf-8")
    target = tmp_path / "g.zip"
    run = CliRunner().invoke(main, ["build", "--download", "UA", str(mine), "--only", "-o", str(target)])
    assert run.exit_code == 0, run.output
    assert sorted(place.name for place in map(Gazetteer.open(target).place, ["geonames:710735", "mine:2"])) == [
        "Гай",
        "Чернігів",
    ]


@pytest.mark.parametrize("code", ["U", "../UA", "УА", "UA.zip"])
def test_what_is_no_country_is_not_asked_for(code: str) -> None:
    with pytest.raises(GazetteerError, match="no country code"):
        urls([code])


def test_the_way_by_hand_names_all_files() -> None:
    told = by_hand(urls(["UA", "BY"]))
    assert "https://download.geonames.org/export/dump/UA.zip https://download.geonames.org/export/dump/BY.zip" in told
    assert told.endswith("gazetteer build UA.zip BY.zip -o FILE")


@pytest.mark.parametrize("arguments", [["build", "-o", "g.zip", "--download"], ["build", "-o", "g.zip"]])
def test_nothing_to_build_from(arguments: list[str]) -> None:
    run = CliRunner().invoke(main, arguments)
    assert run.exit_code == 1 and "Error: " in run.output
