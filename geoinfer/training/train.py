"""Train the Cyrillic head: ``python -m geoinfer.training.train --seed 7``.

Three steps: render lines and keep the network's features of them (half precision, the maps projected on their main
axes); train a small CTC head on them; export head and projection as one ONNX file with a model card. Features are kept
in a work folder, so that a second run with the same seed and folder goes straight to training.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from geoinfer.recogniser import Eyes
from geoinfer.training.corpus import ALPHABET, Corpus, load_names
from geoinfer.training.render import find_faces, pick_face, render_line, split_faces

Half = NDArray[np.float16]
AXES = 256
"""Main axes of the maps that the head sees, out of 3 x 384."""
CHUNK = 1000
"""Lines per file of features."""
MODELS = Path(__file__).resolve().parent.parent / "models"


@dataclass(frozen=True)
class Projection:
    """Main axes of the maps: what is kept of 1,152 numbers per step."""

    mean: NDArray[np.float32]
    axes: NDArray[np.float32]

    def __call__(self, maps: NDArray[np.float32]) -> Half:
        """Project maps (1, 384, 3, T) to (T, AXES)."""
        flat = maps[0].reshape(-1, maps.shape[3]).T
        return np.asarray((flat - self.mean) @ self.axes, dtype=np.float16)


def fit_projection(seed: int, lines: int = 400) -> Projection:
    """Find the main axes, each scaled to unit variance, on lines rendered for it alone."""
    corpus, families, eyes, rng = (
        Corpus(),
        split_faces(find_faces())[0],
        Eyes(threads=1),
        np.random.default_rng([seed, 999_999]),
    )
    steps = [eyes.look(render_line(corpus.line(rng), pick_face(families, rng), rng))[0][0] for _ in range(lines)]
    flat = np.concatenate([maps.reshape(-1, maps.shape[2]).T for maps in steps]).astype(np.float64)
    mean = flat.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov((flat - mean).T))
    order = np.argsort(values)[::-1][:AXES]
    return Projection(mean.astype(np.float32), (vectors[:, order] / np.sqrt(values[order])).astype(np.float32))


_worker: dict[str, Any] = {}


def _start_worker(projection: Projection) -> None:
    import cv2

    cv2.setNumThreads(1)
    names, (training, held) = load_names(), split_faces(find_faces())
    _worker.update(
        eyes=Eyes(threads=1),
        projection=projection,
        train=(Corpus(names), training),
        check=(Corpus(names, held_out_names=True), held),
    )


def _extract_chunk(job: tuple[str, int, int, str]) -> None:
    part, index, seed, target = job
    corpus, families = _worker[part]
    rng = np.random.default_rng([seed, index, part == "check"])
    maps: list[Half] = []
    necks: list[Half] = []
    texts: list[str] = []
    while len(texts) < CHUNK:
        text = corpus.line(rng)
        found = _worker["eyes"].look(render_line(text, pick_face(families, rng), rng))
        maps.append(_worker["projection"](found[0]))
        necks.append(found[1][0].astype(np.float16))
        texts.append(text)
    partial = Path(target).with_name("partial-" + Path(target).name)
    np.savez(
        partial, maps=np.concatenate(maps), necks=np.concatenate(necks), steps=[len(n) for n in necks], texts=texts
    )
    partial.rename(target)


def extract(work: Path, lines: int, seed: int, jobs: int) -> Projection:
    """Render lines and write the features of those that are not in the work folder yet."""
    work.mkdir(parents=True, exist_ok=True)
    kept = work / "projection.npz"
    if not kept.exists():
        projection = fit_projection(seed)
        np.savez(kept, mean=projection.mean, axes=projection.axes)
    with np.load(kept) as stored:
        projection = Projection(stored["mean"], stored["axes"])
    wanted = [("check", i) for i in range(2)] + [("train", i) for i in range(lines // CHUNK)]
    todo = [(part, i, seed, str(target)) for part, i in wanted if not (target := work / f"{part}-{i:04d}.npz").exists()]
    # Fresh processes: threads of onnxruntime and torch do not survive a fork.
    with ProcessPoolExecutor(jobs, get_context("spawn"), initializer=_start_worker, initargs=(projection,)) as pool:
        for _ in pool.map(_extract_chunk, todo):
            pass
    return projection


@dataclass(frozen=True)
class Example:
    """Features and text of one line."""

    maps: Half
    neck: Half
    text: str


def load_examples(work: Path, part: str) -> list[Example]:
    """Read the features of all chunks of a part (``train`` or ``check``)."""
    examples = []
    for path in sorted(work.glob(f"{part}-*.npz")):
        with np.load(path) as stored:
            ends = np.cumsum(stored["steps"])
            maps, necks = stored["maps"], stored["necks"]
            for text, end, n in zip(stored["texts"], ends, stored["steps"], strict=True):
                examples.append(Example(maps[2 * (end - n) : 2 * end], necks[end - n : end], str(text)))
    return examples


class Head(nn.Module):
    """Features to log-probabilities of characters, 4 pixels a step: two convolutions and a two-way LSTM.

    Parameters
    ----------
    width
        Channels inside.
    sources
        What it looks at: ``maps``, ``neck`` or ``both``.
    """

    def __init__(self, width: int = 192, sources: str = "both"):
        super().__init__()
        self.sources = sources
        size = {"maps": AXES, "neck": 120, "both": AXES + 120}[sources]
        self.enter = nn.Linear(size, width)
        self.convs = nn.ModuleList(nn.Conv1d(width, width, 3, padding=1) for _ in range(2))
        self.norms = nn.ModuleList(nn.BatchNorm1d(width) for _ in range(2))
        self.drop = nn.Dropout(0.15)
        self.memory = nn.LSTM(width, 144, bidirectional=True, batch_first=True)
        self.leave = nn.Linear(288, len(ALPHABET) + 1)

    def forward(self, maps: torch.Tensor, neck: torch.Tensor) -> torch.Tensor:
        """Map (B, T, AXES) and (B, T/2, 120) to log-probabilities (B, T, characters + 1)."""
        fine = neck.repeat_interleave(2, dim=1)
        seen = {"maps": maps, "neck": fine, "both": torch.cat([maps, fine], dim=2) if self.sources == "both" else maps}[
            self.sources
        ]
        x = torch.relu(self.enter(seen)).transpose(1, 2)
        for conv, norm in zip(self.convs, self.norms, strict=True):
            x = x + torch.relu(norm(conv(self.drop(x))))
        x, _ = self.memory(self.drop(x.transpose(1, 2)))
        return torch.log_softmax(self.leave(self.drop(x)), dim=2)


def _batches(examples: list[Example], size: int, rng: np.random.Generator) -> Iterator[list[Example]]:
    """Batches of lines of about the same length, in random order."""
    order = sorted(range(len(examples)), key=lambda i: len(examples[i].neck) + rng.uniform(-3, 3))
    starts = list(range(0, len(order), size))
    rng.shuffle(starts)
    for start in starts:
        yield [examples[i] for i in order[start : start + size]]


def _pack(batch: list[Example]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    longest = max(len(e.neck) for e in batch)
    maps = np.zeros((len(batch), 2 * longest, AXES), np.float32)
    neck = np.zeros((len(batch), longest, 120), np.float32)
    for i, example in enumerate(batch):
        maps[i, : len(example.maps)], neck[i, : len(example.neck)] = example.maps, example.neck
    return torch.from_numpy(maps), torch.from_numpy(neck), torch.tensor([len(e.maps) for e in batch])


def check(head: Head, examples: list[Example]) -> tuple[float, float]:
    """Character error rate and share of lines exactly right, as written."""
    from rapidfuzz.distance import Levenshtein

    head.eval()
    wrong = letters = right = 0
    with torch.no_grad():
        for batch in _batches(examples, 64, np.random.default_rng(0)):
            maps, neck, lengths = _pack(batch)
            best = head(maps, neck).argmax(dim=2)
            for example, row, n in zip(batch, best, lengths, strict=True):
                codes = torch.unique_consecutive(row[:n]).tolist()
                text = "".join(ALPHABET[c - 1] for c in codes if c)
                wrong += Levenshtein.distance(text, example.text)
                letters += len(example.text)
                right += text == example.text
    head.train()
    return wrong / letters, right / len(examples)


def fit(
    head: Head, examples: list[Example], checks: list[Example], epochs: float, seed: int, budget: float = 1e9
) -> dict[str, float]:
    """Train with AdamW, a one-cycle rate and CTC loss; stop at the epochs or, for trials, at a budget of seconds."""
    torch.manual_seed(seed)
    rng, size = np.random.default_rng(seed), 64
    codes = {char: i + 1 for i, char in enumerate(ALPHABET)}
    total = int(epochs * len(examples) / size) + 1
    optimiser = torch.optim.AdamW(head.parameters(), lr=2e-3, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=3e-3, total_steps=total + 1, pct_start=0.15)
    loss_of = nn.CTCLoss(zero_infinity=True)
    started, step, figures = time.monotonic(), 0, {"cer": 1.0, "exact": 0.0}
    while step < total and time.monotonic() - started < budget:
        for batch in _batches(examples, size, rng):
            maps, neck, lengths = _pack(batch)
            labels = torch.tensor([codes[c] for e in batch for c in e.text])
            loss = loss_of(
                head(maps, neck).transpose(0, 1), labels, lengths, torch.tensor([len(e.text) for e in batch])
            )
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(head.parameters(), 5.0)
            optimiser.step()
            schedule.step()
            step += 1
            if step % 250 == 0 or step == total:
                cer, exact = check(head, checks)
                figures = {"cer": round(cer, 4), "exact": round(exact, 4)}
                click.echo(
                    f"{time.monotonic() - started:6.0f} s  step {step}/{total}  "
                    f"loss {loss.item():.3f}  CER {cer:.4f}  exact {exact:.3f}"
                )
            if step >= total or time.monotonic() - started > budget:
                break
    return figures


class Whole(nn.Module):
    """Projection and head in one, on the network's raw features: what is exported."""

    def __init__(self, head: Head, projection: Projection):
        super().__init__()
        self.head = head
        self.mean = nn.Parameter(torch.from_numpy(projection.mean), requires_grad=False)
        self.axes = nn.Parameter(torch.from_numpy(projection.axes), requires_grad=False)

    def forward(self, maps: torch.Tensor, neck: torch.Tensor) -> torch.Tensor:
        """Map (B, 384, 3, T) and (B, T/2, 120) to log-probabilities (B, T, characters + 1)."""
        flat = maps.permute(0, 3, 1, 2).flatten(2)
        result: torch.Tensor = self.head((flat - self.mean) @ self.axes, neck)
        return result


def fit_temperature(head: Head, examples: list[Example]) -> float:
    """Find the temperature at which the head's probabilities fit held-out lines best (least CTC loss)."""
    head.eval()
    codes = {char: i + 1 for i, char in enumerate(ALPHABET)}
    losses = dict.fromkeys((1.0, 1.15, 1.3, 1.5, 1.75, 2.0), 0.0)
    with torch.no_grad():
        for batch in _batches(examples, 64, np.random.default_rng(0)):
            maps, neck, lengths = _pack(batch)
            labels = torch.tensor([codes[c] for e in batch for c in e.text])
            scores = head(maps, neck).transpose(0, 1)
            for t in losses:
                cooled = torch.log_softmax(scores / t, dim=2)
                sizes = torch.tensor([len(e.text) for e in batch])
                losses[t] += float(
                    nn.functional.ctc_loss(cooled, labels, lengths, sizes, reduction="sum", zero_infinity=True)
                )
    return min(losses, key=lambda t: losses[t])


def export(head: Head, projection: Projection, card: dict[str, Any], folder: Path) -> None:
    """Write ``cyrillic_head.onnx`` and its card ``cyrillic_head.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "cyrillic_head.onnx"
    example = (torch.zeros(1, 384, 3, 80), torch.zeros(1, 40, 120))
    torch.onnx.export(
        Whole(head.eval(), projection),
        example,
        str(target),
        input_names=["maps", "neck"],
        output_names=["scores"],
        dynamic_axes={"maps": {3: "steps"}, "neck": {1: "half_steps"}, "scores": {1: "steps"}},
        opset_version=17,
        dynamo=False,
    )
    _store_half(target)
    card = {**card, "alphabet": ALPHABET, "sha256": hashlib.sha256(target.read_bytes()).hexdigest()}
    (folder / "cyrillic_head.json").write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _store_half(path: Path) -> None:
    """Store the large weights of an ONNX file in half precision; they are widened again when the file is opened."""
    import onnx
    from onnx import helper, numpy_helper

    net = onnx.load(path)
    casts = []
    for i, weight in enumerate(net.graph.initializer):
        values = numpy_helper.to_array(weight)
        if values.dtype == np.float32 and values.size > 1024:
            small = weight.name + ".half"
            casts.append(helper.make_node("Cast", [small], [weight.name], to=onnx.TensorProto.FLOAT))
            net.graph.initializer[i].CopyFrom(numpy_helper.from_array(values.astype(np.float16), small))
    nodes = [*casts, *net.graph.node]
    del net.graph.node[:]
    net.graph.node.extend(nodes)
    onnx.checker.check_model(net)
    onnx.save(net, path)


@click.command()
@click.option("--seed", default=7, show_default=True, help="Seed of every random choice.")
@click.option("--lines", default=64_000, show_default=True, help="Rendered lines to train on.")
@click.option("--epochs", default=5.0, show_default=True, help="Passes over the lines.")
@click.option("--threads", default=1, show_default=True, help="Threads that train.")
@click.option("--jobs", default=2, show_default=True, help="Processes that render and look.")
@click.option(
    "--sources", default="both", type=click.Choice(["maps", "neck", "both"]), help="Features the head looks at."
)
@click.option(
    "--work",
    type=click.Path(path_type=Path),
    default=Path("build/features"),
    show_default=True,
    help="Folder for features.",
)
@click.option("--out", type=click.Path(path_type=Path), default=MODELS, help="Folder for the model and its card.")
def main(seed: int, lines: int, epochs: float, jobs: int, threads: int, sources: str, work: Path, out: Path) -> None:
    """Render lines, train the Cyrillic head on them and write it with its card."""
    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    # Numbers next to nothing, of which a trained LSTM makes many, slow a processor down tenfold.
    torch.set_flush_denormal(True)
    projection = extract(work, lines, seed, jobs)
    examples, checks = load_examples(work, "train")[:lines], load_examples(work, "check")
    head = Head(sources=sources)
    figures = fit(head, examples, checks, epochs, seed)
    card = {
        "seed": seed,
        "lines": len(examples),
        "epochs": epochs,
        "sources": sources,
        "temperature": fit_temperature(head, checks),
        "parameters": sum(p.numel() for p in head.parameters()),
        "check": {"lines": len(checks), **figures},
    }
    export(head, projection, card, out)
    click.echo(json.dumps(card, ensure_ascii=False))


if __name__ == "__main__":
    main()
