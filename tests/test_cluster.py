"""Reading on a real Dask scheduler with real worker processes, one of which is killed."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from geoinfer.errors import EngineError
from geoinfer.pipeline import Harvest, Step, read_photos

distributed = pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
pytestmark = pytest.mark.filterwarnings("default")  # Dask warns of its own threads and sockets as it closes


@pytest.fixture(scope="module")
def cluster() -> Iterator[object]:
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    for number in range(24):
        Image.effect_noise((120 + number, 90), 20 + 3 * number).convert("RGB").save(folder / f"{number:02d}.png")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    return folder


def plain(harvest: Harvest) -> tuple[object, ...]:
    return harvest.photos, harvest.problems, dict(harvest.crops), harvest.interrupted


def test_a_cluster_reads_what_this_machine_reads(cluster: object, photos: Path) -> None:
    address = cluster.scheduler_address  # type: ignore[attr-defined]
    assert plain(read_photos([photos], dask=address)) == plain(read_photos([photos]))


def test_the_photos_of_a_lost_worker_are_read_by_another(cluster: object, photos: Path) -> None:
    killed = threading.Event()

    def kill_one(step: Step) -> None:
        if step.stage == "reading" and step.done == 3 and not killed.is_set():
            killed.set()
            worker = next(iter(cluster.workers.values()))  # type: ignore[attr-defined]
            worker.process.process._process.kill()
            time.sleep(0.5)

    address = cluster.scheduler_address  # type: ignore[attr-defined]
    harvest = read_photos([photos], dask=address, progress=kill_one)
    assert killed.is_set()
    assert plain(harvest) == plain(read_photos([photos]))


def test_urls_are_fetched_by_the_workers(cluster: object, photos: Path) -> None:
    pytest.importorskip("fsspec")
    address = cluster.scheduler_address  # type: ignore[attr-defined]
    harvest = read_photos([f"file://{photos}"], dask=address)
    assert len(harvest.photos) == 24
    assert harvest.origins == {}


def test_a_scheduler_that_is_not_there_is_told(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from geoinfer import cluster

    monkeypatch.setattr(cluster, "PATIENCE_SECONDS", 1)
    with pytest.raises(EngineError, match="no Dask scheduler"):
        read_photos([photos], dask="tcp://127.0.0.1:9")
