"""Train the Cyrillic head: ``python -m geoinfer.training --seed 7``.

Lines are drawn while the head learns (`stream`), each to be seen a few times. The rate of learning rises, stays and
falls to nothing at the end; what is kept is a running mean of the weights. A checkpoint in the work folder lets the
same command go on where it was stopped. At the end the temperature is fitted on lines held out, and head and card are
written.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import torch
from torch import nn
from torch.optim import swa_utils

from geoinfer.recogniser import NECK, STAGE_MAPS, Eyes
from geoinfer.training.corpus import ALPHABET
from geoinfer.training.network import Head, export
from geoinfer.training.stream import BATCH, BATCHES, GROUP, TIMES, Batch, again, open_source, open_stream

MODELS = Path(__file__).resolve().parent.parent / "models"
CODES = {char: i + 1 for i, char in enumerate(ALPHABET)}

RATE = {"stage": 2e-4, "head": 5e-4}
"""Highest rates of learning: the stage already knows much."""
WARM, COOL = 0.03, 0.64
"""Shares of the training in which the rate rises and falls."""
MEAN_OF = 120
"""Steps over which the running mean of the weights reaches back."""
ema: Any = swa_utils.get_ema_multi_avg_fn
TEMPERATURES = tuple(round(0.7 + 0.1 * i, 1) for i in range(14))


class Trainer:
    """A head that learns, with all that is needed to go on later.

    Parameters
    ----------
    head
        The head.
    total
        Steps of the whole training.
    """

    def __init__(self, head: Head, total: int):
        self.head, self.total, self.step = head, total, 0
        stage = {id(p) for p in head.stage.parameters()}
        groups = [
            {"params": list(head.stage.parameters()), "peak": RATE["stage"]},
            {"params": [p for p in head.parameters() if id(p) not in stage], "peak": RATE["head"]},
        ]
        self.optimiser = torch.optim.AdamW(groups, lr=1e-3, weight_decay=1e-3)
        self.mean = swa_utils.AveragedModel(head, multi_avg_fn=ema(1 - 1 / MEAN_OF), use_buffers=True)

    def learn(self, batch: Batch) -> float:
        """Take one step and give the loss."""
        for group in self.optimiser.param_groups:
            group["lr"] = group["peak"] * rate_at(self.step / self.total)
        self.head.train()
        loss: Any = ctc_loss(forward(self.head, batch).transpose(0, 1), batch.texts)
        self.optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.head.parameters(), 5.0)
        self.optimiser.step()
        if self.step == MEAN_OF:
            self.mean.n_averaged.zero_()  # begin the mean anew: the first steps are far from everything
        self.mean.update_parameters(self.head)
        self.step += 1
        return float(loss.detach())

    def save(self, path: Path) -> None:
        """Write a checkpoint, whole or not at all."""
        state = {
            "step": self.step,
            "head": self.head.state_dict(),
            "mean": self.mean.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }
        partial = path.with_suffix(".partial")
        torch.save(state, partial)
        partial.replace(path)

    def load(self, path: Path) -> None:
        """Take up a checkpoint."""
        state = torch.load(path, weights_only=True)
        self.step = int(state["step"])
        self.head.load_state_dict(state["head"])
        self.mean.load_state_dict(state["mean"])
        self.optimiser.load_state_dict(state["optimiser"])
        for group, peak in zip(self.optimiser.param_groups, RATE.values(), strict=True):
            group["peak"] = peak

    @property
    def best(self) -> Head:
        """The head with the running mean of its weights."""
        head = self.mean.module
        assert isinstance(head, Head)
        head.eval()
        return head


def rate_at(done: float) -> float:
    """Share of the highest rate of learning after a share of the training.

    Examples
    --------
    >>> [round(rate_at(x), 2) for x in (0.0, 0.03, 0.5, 1.0)]
    [0.0, 1.0, 0.89, 0.0]
    """
    return min(1.0, done / WARM, 0.5 - 0.5 * math.cos(math.pi * min(1.0, max(0.0, 1 - done) / COOL)))


def forward(head: Head, batch: Batch) -> torch.Tensor:
    """Log-probabilities, computed in bfloat16 where the processor is made for it."""
    with torch.autocast("cpu", torch.bfloat16, enabled=torch.ops.mkldnn._is_mkldnn_bf16_supported()):
        scores: torch.Tensor = head(batch.maps.float().contiguous(memory_format=torch.channels_last), batch.neck)
    return scores


def ctc_loss(scores: torch.Tensor, texts: Sequence[str]) -> torch.Tensor:
    """CTC loss of scores (T, B, characters + 1), per character."""
    labels = torch.tensor([CODES[c] for text in texts for c in text])
    lengths = torch.full((scores.shape[1],), scores.shape[0])
    sizes = torch.tensor([len(text) for text in texts])
    return nn.functional.ctc_loss(scores, labels, lengths, sizes, zero_infinity=True)


def spell(scores: torch.Tensor) -> str:
    """Best way through the scores (T, characters + 1) of one line."""
    codes = torch.unique_consecutive(scores.argmax(dim=1)).tolist()
    return "".join(ALPHABET[c - 1] for c in codes if c).strip()


def check(head: Head, batches: Sequence[Batch]) -> dict[str, float]:
    """Character error rate and share of lines exactly right, as written and with case folded."""
    from rapidfuzz.distance import Levenshtein

    wrong = letters = right = folded = lines = 0
    with torch.no_grad():
        for batch in batches:
            for scores, text in zip(forward(head.eval(), batch), batch.texts, strict=True):
                found = spell(scores)
                wrong += Levenshtein.distance(found, text)
                letters += len(text)
                right += found == text
                folded += found.lower() == text.lower()
                lines += 1
    return {
        "lines": lines,
        "cer": round(wrong / letters, 4),
        "exact": round(right / lines, 4),
        "exact, case folded": round(folded / lines, 4),
    }


def fit_temperature(head: Head, batches: Sequence[Batch]) -> float:
    """Find the temperature at which the head's probabilities fit held-out lines best (least CTC loss)."""
    losses = dict.fromkeys(TEMPERATURES, 0.0)
    with torch.no_grad():
        for batch in batches:
            scores = forward(head.eval(), batch).transpose(0, 1)
            for t in losses:
                losses[t] += float(ctc_loss(torch.log_softmax(scores / t, dim=2), batch.texts))
    return min(losses, key=lambda t: losses[t])


def fit(
    trainer: Trainer, stream: Iterator[Batch], checks: Sequence[Batch], work: Path, every: int = 10 * BATCHES
) -> None:
    """Train to the end; tell how it goes and keep a checkpoint every so many steps."""
    started, first, losses = time.monotonic(), trainer.step, []
    while trainer.step < trainer.total:
        losses.append(trainer.learn(next(stream)))
        if trainer.step % every == 0 or trainer.step == trainer.total:
            trainer.save(work / "checkpoint.pt")
            figures = check(trainer.best, checks)
            seconds = time.monotonic() - started
            click.echo(
                f"{seconds:6.0f} s  step {trainer.step}/{trainer.total}  "
                f"{1000 * seconds / ((trainer.step - first) * BATCH):.1f} ms a line  "
                f"loss {sum(losses) / len(losses):.3f}  CER {figures['cer']:.4f}  "
                f"exact {figures['exact']:.3f}, case folded {figures['exact, case folded']:.3f}"
            )
            losses.clear()


def finish(trainer: Trainer, checks: Sequence[Batch], seed: int, out: Path) -> dict[str, Any]:
    """Fit the temperature and write the head with its card."""
    head = trainer.best
    card = {
        "seed": seed,
        "lines": trainer.step * BATCH // TIMES,
        "temperature": fit_temperature(head, checks),
        "parameters": sum(p.numel() for p in head.parameters()),
        "check": check(head, checks),
    }
    export(head, card, out)
    return card


@click.command()
@click.option("--seed", default=7, show_default=True, help="Seed of every random choice.")
@click.option("--lines", default=90_000, show_default=True, help=f"Lines to learn from, each {TIMES} times.")
@click.option("--checks", default=2, show_default=True, help=f"Groups of {GROUP} held-out lines to check with.")
@click.option("--threads", default=1, show_default=True, help="Threads that train.")
@click.option("--workers", default=1, show_default=True, help="Processes that draw; the order is kept with one only.")
@click.option("--start", type=click.Path(exists=True, path_type=Path), help="Weights of a head to begin with.")
@click.option(
    "--work",
    type=click.Path(path_type=Path),
    default=Path("build/training"),
    show_default=True,
    help="Folder for the checkpoint; the same command goes on from it.",
)
@click.option("--out", type=click.Path(path_type=Path), default=MODELS, help="Folder for the model and its card.")
def main(
    seed: int, lines: int, checks: int, threads: int, workers: int, start: Path | None, work: Path, out: Path
) -> None:
    """Draw lines, train the Cyrillic head on them and write it with its card."""
    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    # Numbers next to nothing, of which a trained LSTM makes many, slow a processor down tenfold.
    torch.set_flush_denormal(True)
    work.mkdir(parents=True, exist_ok=True)
    held, eyes = open_source(held_out=True), Eyes(1, (STAGE_MAPS, NECK))
    unseen = [batch for group in range(checks) for batch in held.batches(eyes, seed, group)]
    head = Head()
    if start:
        head.load_state_dict(torch.load(start, weights_only=True))
    trainer = Trainer(head, math.ceil(TIMES * lines / BATCH))
    if (work / "checkpoint.pt").exists():
        trainer.load(work / "checkpoint.pt")
        click.echo(f"going on from step {trainer.step}")
    fresh = open_stream(seed, trainer.step // TIMES // BATCHES, workers)
    fit(trainer, again(fresh, seed), unseen, work)
    click.echo(json.dumps(finish(trainer, unseen, seed, out), ensure_ascii=False))
