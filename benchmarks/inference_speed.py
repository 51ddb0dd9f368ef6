"""Time an inference: 20 clues over some 200,000 positions, afresh, known, and after one correction.

    python benchmarks/inference_speed.py

Known ground means what no clue changes: roads, countries, kilometres to borders and the weight of the hypothesis, and
what lies round cities. What clues told is forgotten before each run of new clues. The peer is the same arithmetic
without what the project keeps: every clue at every position, no memory.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable

import numpy as np

from geoinfer.belief import Belief, infer_belief
from geoinfer.clue_rows import ClueRow
from geoinfer.clues import Clue, build_clues
from geoinfer.geodesy import distance_km
from geoinfer.hypothesis import Hypothesis
from geoinfer.plate_terms import plate_terms
from geoinfer.world import World

TRUTH = (31.0909, 51.8205)  # on the M01 north of Ripky
AHEAD = ("Київ", "Мінськ", "Харків", "Москва", "Львів", "Одеса", "Дніпро", "Брянськ", "Житомир", "Суми")
MEASURED = ("Чернігів", "Гомель", "Ріпки", "Городня", "Славутич", "Козелець", "Ніжин", "Мена", "Бобровиця", "Остер")
REPEATS = 7


def draw_clues(world: World) -> tuple[Clue, ...]:
    """Ten direction signs and ten distance signs whose kilometres are those of the network, rounded."""
    rows = [ClueRow(f"a{n}", "direction", name) for n, name in enumerate(AHEAD)]
    for n, name in enumerate(MEASURED):
        place = world.gazetteer.search(name).matches[0].place
        km = world.roads.between_km(place.lon, place.lat, *TRUTH)
        if not np.isfinite(km):
            km = 1.2 * float(distance_km(place.lon, place.lat, *TRUTH))
        rows.append(ClueRow(f"m{n}", "distance", name, km=float(round(km))))
    return build_clues(rows, world.gazetteer)


def best_ms(run: Callable[[], object]) -> tuple[float, float]:
    """Give the shortest and the median time of some runs, in milliseconds."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        run()
        times.append(1000 * (time.perf_counter() - start))
    return min(times), float(np.median(times))


def main() -> None:
    """Run and print."""
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}")
    start = time.perf_counter()
    world = World()
    hypothesis = Hypothesis()
    clues = draw_clues(world)
    print(f"opening the world and looking up 20 names: {time.perf_counter() - start:.2f} s")

    def infer(some: tuple[Clue, ...]) -> Belief:
        belief = infer_belief(some, hypothesis, world.borders, world)
        assert belief is not None
        return belief

    start = time.perf_counter()
    belief = infer(clues)
    took = time.perf_counter() - start
    print(f"first inference, which learns the ground: {took:.2f} s, {len(belief.positions):,} positions")

    def forgetful() -> Belief:
        world.forget()
        return infer(clues)

    afresh = best_ms(forgetful)
    print(f"20 clues that are new, on known ground: {afresh[0]:.0f} ms, median {afresh[1]:.0f}")
    number = iter(range(10**6))

    def corrected() -> Belief:
        # Another kilometre each time, so that nothing of it is known.
        km = 30.0 + next(number)
        rows = [ClueRow("x", "distance", "Чернігів", km=km)]
        fresh = build_clues(rows, world.gazetteer)[0]
        return infer((*clues[:10], fresh, *clues[11:]))

    again = best_ms(corrected)
    print(f"after one correction: {again[0]:.0f} ms, median {again[1]:.0f} (with the look-up of the name)")
    less = best_ms(lambda: belief.without("clue-3"))
    print(f"the same positions without one clue: {less[0]:.0f} ms, median {less[1]:.0f}")
    start = time.perf_counter()
    for clue in clues:
        world.forget()
        plate_terms(clue, belief.positions, world).spread.dense()
    peer = 1000 * (time.perf_counter() - start)
    print(f"peer, every clue at every final position once, nothing kept: {peer:.0f} ms")
    print(f"ratio: afresh {peer / afresh[0]:.1f}, after a correction {peer / again[0]:.1f} times as fast")


if __name__ == "__main__":
    main()
