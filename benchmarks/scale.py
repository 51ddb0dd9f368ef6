"""Ten thousand photos: throughput, memory, second run, resume and pulled plugs. `make bench-scale`.

Photos are rendered (seeded; most are thumbnails, some of messenger sizes, one in 200 of 12 megapixels), then read in
fresh processes with one job, two jobs and two Dask workers. Every figure is printed with the machine it was measured
on; none of them decides a test.

    python benchmarks/scale.py --photos 10000 --compare 1000 --kills 20 --folder /tmp/scale
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import random
import shutil
import signal
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PIL import Image, ImageDraw, ImageFont

SIZES = (((160, 120), 0.80), ((320, 240), 0.17), ((1280, 960), 0.025), ((4000, 3000), 0.005))
NAMES = ("Чернігів", "Ріпки", "Городня", "Гомель", "Семенівка", "Любеч", "Мена", "Сновськ")
SAMPLE = 300
"""Photos of which the shares in kernels are measured."""
LOOK_SECONDS = 3.0
"""Seconds between looks at the memory."""
SIGNED = 0.02
"""Share of photos with a plate."""
FILES = ("report.json", "sites.csv", "sites.geojson", "map.html", "ledger.jsonl")


def render(folder: Path, count: int, seed: int) -> None:
    """Render photos that are all different, sizes mixed."""
    folder.mkdir(parents=True, exist_ok=True)
    font_file = Path(__file__).parents[1] / "geoinfer/demo/fonts/Roboto-Medium.ttf"
    for number in range(count):
        file = folder / f"{number // 1000:02d}" / f"p{number:05d}.jpg"
        if file.exists():
            continue
        file.parent.mkdir(exist_ok=True)
        draw_from = random.Random(seed * 1_000_003 + number)
        size = draw_from.choices([size for size, _ in SIZES], [share for _, share in SIZES])[0]
        noise = np.random.default_rng(seed * 1_000_003 + number)
        ground = noise.integers(0, 255, (9, 12, 3), dtype=np.uint8)
        image = Image.fromarray(ground).resize(size, Image.Resampling.BICUBIC)
        if draw_from.random() < SIGNED and size[0] >= 320:
            draw = ImageDraw.Draw(image)
            width, height = size[0] // 2, size[1] // 5
            left, top = draw_from.randrange(size[0] - width), draw_from.randrange(size[1] - height)
            draw.rectangle((left, top, left + width, top + height), fill="white", outline="black", width=2)
            font = ImageFont.truetype(str(font_file), height // 2)
            where = (left + width / 2, top + height / 2)
            draw.text(where, draw_from.choice(NAMES), font=font, fill="black", anchor="mm")
        image.save(file, quality=85)


@dataclass(frozen=True)
class Taken:
    """What a run took: seconds, and the memory of it and its children, in bytes, second by second."""

    seconds: float
    memory: tuple[int, ...]


def job(photos: Path, out: Path, *options: str) -> subprocess.Popen[bytes]:
    """Start the job in a process of its own, which can be killed with its children."""
    command = [sys.executable, "-m", "geoinfer", "run", str(photos), "-o", str(out), "--near", "none", "-q", *options]
    # Compiled modules are kept, as they are where geoinfer is installed.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, env=kept
    )


def run(photos: Path, out: Path, *options: str) -> Taken:
    """Run the job to its end."""
    begun = time.monotonic()
    process = job(photos, out, *options)
    seen = []
    try:
        while process.poll() is None:
            seen.append(memory(process.pid))
            # To look takes time from the processes looked at.
            with suppress(subprocess.TimeoutExpired):
                process.wait(LOOK_SECONDS)
    finally:
        if process.poll() is None:
            kill(process, 0.0)
    if process.returncode:
        raise SystemExit(f"geoinfer run ended with {process.returncode}")
    return Taken(time.monotonic() - begun, tuple(seen))


def kill(process: subprocess.Popen[bytes], after: float) -> None:
    """Kill a job and its children after so many seconds."""
    time.sleep(after)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def memory(pid: int) -> int:
    """Sum the proportional memory of a process and its children: pages that they share count once."""
    total = 0
    try:
        for one in (parent := psutil.Process(pid), *parent.children(recursive=True)):
            total += one.memory_full_info().pss
    except psutil.Error:
        pass
    return total


@contextmanager
def dask_cluster(workers: int) -> Iterator[str]:
    """Start a scheduler and workers of one thread each."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None, silence_logs=50) as cluster:
        yield cluster.scheduler_address


def kernel_shares(photos: Path) -> dict[str, float]:
    """Shares of the reading time spent inside onnxruntime, and there for the detector alone, with one thread.

    The detector's own inference is the floor: nothing that looks at every photo can take less.
    """
    import cv2
    import onnxruntime

    from geoinfer.engines import open_engine
    from geoinfer.inputs import Source
    from geoinfer.tasks import read_photo_file

    spent: dict[object, float] = defaultdict(float)
    plain = onnxruntime.InferenceSession.run

    def timed(self: object, *args: object, **kwargs: object) -> object:
        begun = time.thread_time()
        try:
            return plain(self, *args, **kwargs)
        finally:
            spent[self] += time.thread_time() - begun

    onnxruntime.InferenceSession.run = timed
    cv2.setNumThreads(1)
    try:
        engine = open_engine("signs", threads=1)
        files = sorted(photos.rglob("*.jpg"))
        for file in files[:10]:  # what is loaded once counts for nothing over thousands of photos
            read_photo_file(file.read_bytes(), Source(file.name, str(file)), engine)
        spent.clear()
        begun = time.thread_time()
        for file in files[:SAMPLE]:
            read_photo_file(file.read_bytes(), Source(file.name, str(file)), engine)
        whole = time.thread_time() - begun
        detecting = spent[engine.detector._session]
        return {"share in kernels": sum(spent.values()) / whole, "share of the detector's kernel": detecting / whole}
    finally:
        onnxruntime.InferenceSession.run = plain


def digest(out: Path) -> str:
    """Hash the files of a finished case."""
    return hashlib.sha256(b"".join((out / name).read_bytes() for name in FILES)).hexdigest()


def pull_the_plug(photos: Path, folder: Path, times: int, seconds: float, seed: int) -> int:
    """Kill runs at random moments, let the next one finish, and count the final reports that differ."""
    draw = random.Random(seed)
    whole = folder / "whole"
    shutil.rmtree(whole, ignore_errors=True)
    run(photos, whole, "--jobs", "2")
    wrong = 0
    for number in range(times):
        out = folder / "killed"
        shutil.rmtree(out, ignore_errors=True)
        kill(job(photos, out, "--jobs", "2"), draw.uniform(0.2, seconds))
        run(photos, out, "--jobs", "2")
        same = digest(out) == digest(whole)
        wrong += not same
        print(f"  kill {number + 1:2d}: report {'equal' if same else 'DIFFERS'}", flush=True)
    return wrong


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=10_000)
    parser.add_argument("--compare", type=int, default=1_000, help="photos for the comparison of workers")
    parser.add_argument("--rounds", type=int, default=3, help="how often one and two jobs take turns")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--folder", type=Path, default=Path("/tmp/geoinfer-scale"))
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    figures: dict[str, Any] = {"machine": platform.processor() or platform.machine(), "cores": os.cpu_count()}
    few, many = asked.folder / "few", asked.folder / "many"
    render(few, asked.compare, asked.seed)
    render(many, asked.photos, asked.seed + 1)
    # Machines change their speed from minute to minute: one and two jobs take turns.
    ratios = []
    for _ in range(asked.rounds):
        for name, options in (("1 job", ("--jobs", "1")), ("2 jobs", ("--jobs", "2"))):
            out = asked.folder / "out" / name.replace(" ", "-")
            shutil.rmtree(out, ignore_errors=True)
            figures[name] = told(name, asked.compare, run(few, out, *options))
        ratios.append(figures["1 job"]["seconds"] / figures["2 jobs"]["seconds"])
    figures["2 jobs over 1 job"] = {"median": statistics.median(ratios), "rounds": ratios}
    with dask_cluster(2) as address:
        out = asked.folder / "out" / "dask"
        shutil.rmtree(out, ignore_errors=True)
        figures["dask, 2 workers"] = told("dask, 2 workers", asked.compare, run(few, out, "--dask", address))
    figures["dask over 1 job"] = figures["1 job"]["seconds"] / figures["dask, 2 workers"]["seconds"]
    figures["same report"] = len({digest(asked.folder / "out" / n) for n in ("1-job", "2-jobs", "dask")}) == 1
    figures |= resumed(few, asked.folder / "out" / "resumed", figures["2 jobs"]["seconds"])
    figures["same report after a kill"] = digest(asked.folder / "out" / "resumed") == digest(
        asked.folder / "out" / "2-jobs"
    )
    figures |= kernel_shares(few)
    out = asked.folder / "out" / "many"
    shutil.rmtree(out, ignore_errors=True)
    figures["first run"] = told("first run", asked.photos, run(many, out))
    figures["second run"] = told("second run", asked.photos, run(many, out))
    small = asked.folder / "kills"
    render(small, 150, asked.seed + 2)
    figures["kills"] = asked.kills
    figures["reports that differ"] = pull_the_plug(small, asked.folder, asked.kills, 12.0, asked.seed)
    print(json.dumps(figures, indent=1))


def resumed(photos: Path, out: Path, whole: float) -> dict[str, float]:
    """Kill a run of two jobs half way and let it go on; give what that cost over the run that was not disturbed."""
    shutil.rmtree(out, ignore_errors=True)
    kill(job(photos, out, "--jobs", "2"), whole / 2)
    rest = run(photos, out, "--jobs", "2").seconds
    print(f"resumed at {whole / 2:.1f} s: {rest:.1f} s more, {rest - whole / 2:.1f} s lost", flush=True)
    return {"resumed, seconds": rest, "resumed, seconds lost": rest - whole / 2}


def told(name: str, photos: int, taken: Taken) -> dict[str, Any]:
    """Print and keep one measurement."""
    seconds, peak = taken.seconds, max(taken.memory)
    course = [max(part) for part in np.array_split(taken.memory, min(10, len(taken.memory)))]
    print(f"{name}: {seconds:.1f} s, {photos / seconds:.1f} photos/s, peak {peak / 1e9:.2f} GB; in tenths of the time "
          f"{' '.join(f'{part / 1e9:.2f}' for part in course)}", flush=True)  # fmt: skip
    return {"seconds": seconds, "photos_per_second": photos / seconds, "peak_bytes": peak,
            "peak_bytes_by_tenths": [int(part) for part in course]}  # fmt: skip


if __name__ == "__main__":
    main()
