"""Time an inference: 20 clues over 200,000 and some 290,000 positions, in a new process, on known ground and corrected.

    python benchmarks/inference_speed.py [--first | --spacing KM]

The positions are those of the shipped road network, with a point every 595 metres at most, or 400 as in every run.
Known ground means what no clue changes: roads, countries, kilometres to borders, and what lies round cities. Each run
has a case of its own, and what clues told is forgotten before it, so that nothing answers from memory. The peer is what
one would write first: great-circle kilometres from every position to every place that a name may mean, and a Gaussian.
Times are those of the processor, so that other work on the machine counts little, and of the clock.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import count
from tempfile import TemporaryDirectory

import numpy as np

import geoinfer.world
from geoinfer.belief import Belief, infer_belief
from geoinfer.clue_rows import ClueRow
from geoinfer.clues import Clue, build_clues
from geoinfer.geodesy import MEAN_RADIUS_KM, Floats, distance_km
from geoinfer.hypothesis import Hypothesis
from geoinfer.inference import Result
from geoinfer.plate_terms import likely
from geoinfer.positions import Positions
from geoinfer.result import Evidence
from geoinfer.world import World

TRUTH = (31.0909, 51.8205)  # on the M01 north of Ripky
AHEAD = ("Київ", "Мінськ", "Харків", "Москва", "Львів", "Одеса", "Дніпро", "Брянськ", "Житомир", "Суми")
MEASURED = ("Чернігів", "Гомель", "Ріпки", "Городня", "Славутич", "Козелець", "Ніжин", "Мена", "Бобровиця", "Остер")
MOVED_KM = 30.0
REPEATS = 7
SPACINGS = 0.595, 0.4
"""Kilometres between road points for 200,000 positions, and as shipped."""


def draw_clues(world: World, seed: int = 0) -> tuple[Clue, ...]:
    """Ten direction signs and ten distance signs as they stand at some road point near the truth, rounded."""
    points = world.road_points
    near = np.flatnonzero(distance_km(*TRUTH, points.lon, points.lat) < MOVED_KM)
    at = int(np.random.default_rng(seed).choice(near))
    lon, lat = (float(points.lon[at]), float(points.lat[at])) if seed else TRUTH
    rows = [ClueRow(f"a{n}", "direction", name) for n, name in enumerate(AHEAD)]
    for n, name in enumerate(MEASURED):
        place = world.gazetteer.search(name).matches[0].place
        km = world.roads.between_km(place.lon, place.lat, lon, lat)
        if not np.isfinite(km):
            km = 1.2 * float(distance_km(place.lon, place.lat, lon, lat))
        rows.append(ClueRow(f"m{n}", "distance", name, km=float(round(km))))
    return build_clues(rows, world.gazetteer)


def plainly(clues: tuple[Clue, ...], positions: Positions) -> Floats:
    """Sum a Gaussian on great-circle kilometres over what each name may mean, at every position: the peer."""
    lon, lat = np.radians(positions.lon), np.radians(positions.lat)
    total = np.zeros(len(positions))
    for clue in clues:
        for mention in clue.mentions:
            km = mention.km or 0.0
            said = np.full(len(positions), 0.01)
            for match in likely(mention):
                to_lon, to_lat = np.radians(match.place.lon), np.radians(match.place.lat)
                half = np.sin((lat - to_lat) / 2) ** 2 + np.cos(lat) * np.cos(to_lat) * np.sin((lon - to_lon) / 2) ** 2
                away = 2 * MEAN_RADIUS_KM * np.arcsin(np.sqrt(half))
                said += match.probability * np.exp(-0.5 * ((away - km) / (5 + 0.1 * km if km else 100)) ** 2)
            total += np.log(said)
    return total


def timed(what: str, run: Callable[[], object]) -> float:
    """Print the shortest and the median time of some runs; give the median of the processor's, in milliseconds."""
    processor, clock = [], []
    for _ in range(REPEATS):
        start = time.process_time(), time.perf_counter()
        run()
        processor.append(1000 * (time.process_time() - start[0]))
        clock.append(1000 * (time.perf_counter() - start[1]))
    median = float(np.median(processor))
    print(f"{what}: processor {min(processor):.0f} ms, median {median:.0f}; clock {min(clock):.0f}, "
          f"median {np.median(clock):.0f}")  # fmt: skip
    return median


def infer(clues: tuple[Clue, ...], world: World) -> Belief:
    """Infer with the default hypothesis."""
    belief = infer_belief(clues, Hypothesis(), world.borders, world)
    assert belief is not None
    return belief


def first() -> None:
    """Infer once in this process, and say what that took."""
    start = time.perf_counter()
    world = World()
    clues = draw_clues(world)
    opened = time.perf_counter()
    infer(clues, world)
    took = time.perf_counter() - opened
    print(f"new process: {opened - start:.2f} s to open the world and look up 20 names, {took:.2f} s for the first "
          "inference, which learns the ground", flush=True)  # fmt: skip


def main() -> None:
    """Run and print."""
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}",
          flush=True)  # fmt: skip
    with TemporaryDirectory() as cache:
        for _ in range(2):  # without what an earlier process kept of the ground, and with it
            subprocess.run(
                [sys.executable, __file__, "--first"], check=True, env={**os.environ, "GEOINFER_CACHE": cache}
            )
    for spacing in SPACINGS:
        subprocess.run([sys.executable, __file__, "--spacing", str(spacing)], check=True)


def known_ground(spacing_km: float) -> None:
    """Time what is asked of a world that is known, with road points so far apart."""
    geoinfer.world.ROAD_SPACING_KM = spacing_km
    world = World()
    cases = [draw_clues(world, seed) for seed in range(REPEATS)]
    beliefs = [infer(case, world) for case in cases]
    belief = beliefs[0]
    print(f"20 clues, {len(belief.positions):,} positions")
    turn = count()

    def afresh() -> Belief:
        world.forget()
        return infer(cases[next(turn) % REPEATS], world)

    new = timed("clues that are new, on known ground", afresh)
    kms = count(30)
    clues = cases[0]
    infer(clues, world)
    # Another kilometre each time, so that nothing of it is known; the name is looked up before.
    corrections = iter([build_clues([ClueRow("x", "distance", "Чернігів", km=float(next(kms)))], world.gazetteer)[0]
                        for _ in range(REPEATS)])  # fmt: skip
    again = timed("after one correction", lambda: infer((*clues[:10], next(corrections), *clues[11:]), world))
    timed("the same positions without one clue", lambda: belief.without("clue-3"))
    timed("everything that is found, belief known", lambda: Result(world, clues, Hypothesis(), Evidence()).findings)
    peer = timed("peer, plain NumPy at the same positions", lambda: plainly(clues, belief.positions))
    print(f"ratio to the peer: afresh {peer / new:.1f}, after a correction {peer / again:.1f} times as fast")


if __name__ == "__main__":
    if "--spacing" in sys.argv:
        known_ground(float(sys.argv[-1]))
    elif "--first" in sys.argv:
        first()
    else:
        main()
