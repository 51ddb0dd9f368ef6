"""A stream of batches to train on: lines are drawn, looked at by the fixed part of the network, and given repeatedly.

Every group of lines has its own seed, so a stream may be taken up at any group and gives the same batches as before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from geoinfer.recogniser import NECK, STAGE_MAPS, Eyes
from geoinfer.training.corpus import Corpus, Names, load_names
from geoinfer.training.faces import Face, find_faces, pick_face, split_faces
from geoinfer.training.render import render_line
from geoinfer.training.spoil import Pixels

GROUP, BATCH = 384, 32
"""Lines drawn at a time and sorted by width, and lines in a batch."""
BATCHES = GROUP // BATCH
TIMES, POOL = 4, 36
"""How often a batch is given, and how many wait to be given again: drawing takes longer than learning."""


@dataclass(frozen=True)
class Batch:
    """What the fixed part of the network sees of some lines, and their texts."""

    maps: torch.Tensor
    neck: torch.Tensor
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """Where lines come from.

    Attributes
    ----------
    corpus
        Texts.
    families
        Faces by family.
    part
        0 for training, 1 for checks; keeps the random choices of the two apart.
    size
        Lines of a group.
    """

    corpus: Corpus
    families: dict[str, list[Face]]
    part: int
    size: int = GROUP

    def lines(self, seed: int, group: int) -> list[tuple[str, Pixels]]:
        """Draw the lines of one group, from narrow to wide."""
        rng = np.random.default_rng([seed, group, self.part])
        drawn = []
        for _ in range(self.size):
            text, beside = self.corpus.line(rng), self.corpus.line(rng)
            drawn.append((text, render_line(text, pick_face(self.families, rng), rng, beside)))
        return sorted(drawn, key=lambda pair: pair[1].shape[1])

    def batches(self, eyes: Eyes, seed: int, group: int) -> list[Batch]:
        """Draw a group and look at it, in batches of lines of about one width, in random order."""
        drawn = self.lines(seed, group)
        made = [_look(eyes, drawn[i : i + BATCH]) for i in range(0, len(drawn), BATCH)]
        order = np.random.default_rng([seed, group, 9]).permutation(len(made))
        return [made[i] for i in order]


def open_source(held_out: bool, names: Names | None = None, faces: tuple[Face, ...] = ()) -> Source:
    """Texts and faces to train on, or those that are held out of training."""
    training, held = split_faces(faces or find_faces())
    return Source(Corpus(names or load_names(), held_out), held if held_out else training, int(held_out))


def _look(eyes: Eyes, lines: list[tuple[str, Pixels]]) -> Batch:
    """Make lines equally wide by repeating their right edge, as a plate goes on, and look at each."""
    widest = max(pixels.shape[1] for _, pixels in lines)
    maps: list[NDArray[np.float16]] = []
    necks: list[NDArray[np.float16]] = []
    for _, pixels in lines:
        padded = np.pad(pixels, ((0, 0), (0, widest - pixels.shape[1]), (0, 0)), mode="edge")
        seen, neck = eyes.look(padded)
        maps.append(seen[0].astype(np.float16))
        necks.append(neck[0].astype(np.float16))
    texts = tuple(text for text, _ in lines)
    return Batch(torch.from_numpy(np.stack(maps)), torch.from_numpy(np.stack(necks)), texts)


class Stream(IterableDataset[Batch]):
    """Endless batches from a group on; workers share the groups among them."""

    def __init__(self, seed: int, first: int = 0, source: Source | None = None):
        self._seed, self._first, self._source = seed, first, source

    def __iter__(self) -> Iterator[Batch]:
        """Draw group after group."""
        import cv2

        cv2.setNumThreads(1)
        worker: Any = get_worker_info()
        number, of = (worker.id, worker.num_workers) if worker else (0, 1)
        source, eyes = self._source or open_source(held_out=False), Eyes(1, (STAGE_MAPS, NECK))
        group = self._first + number
        while True:
            yield from source.batches(eyes, self._seed, group)
            group += of


def open_stream(seed: int, first: int, workers: int) -> Iterator[Batch]:
    """Batches from a group on, drawn in other processes; with one worker their order is always the same."""
    # Fresh processes: threads of onnxruntime and torch do not survive a fork.
    context = "spawn" if workers else None
    return iter(
        DataLoader(
            Stream(seed, first),
            batch_size=None,
            num_workers=workers,
            multiprocessing_context=context,
            prefetch_factor=24 if workers else None,
        )
    )


def again(stream: Iterator[Batch], seed: int) -> Iterator[Batch]:
    """Give every batch several times, among others, the first time as it comes."""
    rng, pool = np.random.default_rng(seed), list[Batch]()
    for batch in stream:
        yield batch
        pool += [batch] * (TIMES - 1)
        while len(pool) > POOL * (TIMES - 1):
            yield pool.pop(int(rng.integers(len(pool))))
