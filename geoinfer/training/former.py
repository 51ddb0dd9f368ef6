"""Begin with what the head of release 0.1 knew: ``python -m geoinfer.training.former OLD.onnx start.pt``.

That head (commit ``9e152b7``; ``git show b53b5c8:geoinfer/models/cyrillic_head.onnx``) saw the network one stage later,
through a fixed projection. Its weights are laid into the shape of `network.Head`, whose stage begins with the weights
that the network came with, and the two are compared on a picture before anything is written.
"""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper

from geoinfer.recogniser import NECK, STAGE_MAPS, Eyes, open_session
from geoinfer.training.network import Head

FORMER_MAPS = "Add.155"
"""What the former head saw of the network, beside its neck."""
PROJECTED = 256
"""Numbers that the projection leaves of every step."""
MOST_APART = 0.02
"""Largest difference of two probabilities that half precision explains."""
Floats = NDArray[np.float32]


def weights_of(path: Path) -> dict[str, torch.Tensor]:
    """Read the weights of the former head in the names and shapes of `network.Head`, without those of the stage."""
    net = onnx.load(path)
    value = {
        w.name.removesuffix(".half"): numpy_helper.to_array(w).astype(np.float32).copy() for w in net.graph.initializer
    }
    enter = value["onnx::MatMul_225"]
    maps = value["axes"] @ enter[:PROJECTED]
    found = {
        "enter.weight": np.concatenate([maps, enter[PROJECTED:]]).T.copy(),
        "enter.bias": value["head.enter.bias"] - value["mean"] @ maps,
        "leave.weight": value["onnx::MatMul_271"].T.copy(),
        "leave.bias": value["head.leave.bias"],
    }
    for k, (weight, bias) in enumerate((("220", "221"), ("223", "224"))):
        found |= {f"convs.{k}.weight": value[f"onnx::Conv_{weight}"], f"convs.{k}.bias": value[f"onnx::Conv_{bias}"]}
    for way, suffix in enumerate(("", "_reverse")):
        biases = np.split(value["onnx::LSTM_268"][way], 2)
        found |= {
            f"memory.weight_ih_l0{suffix}": _gates(value["onnx::LSTM_269"][way]),
            f"memory.weight_hh_l0{suffix}": _gates(value["onnx::LSTM_270"][way]),
            f"memory.bias_ih_l0{suffix}": _gates(biases[0]),
            f"memory.bias_hh_l0{suffix}": _gates(biases[1]),
        }
    return {name: torch.from_numpy(one) for name, one in found.items()}


def _gates(weights: Floats) -> Floats:
    """Order the gates as torch does (input, forget, cell, output); ONNX has the output second."""
    enter, leave, forget, cell = np.split(weights, 4, axis=0)
    return np.concatenate([enter, forget, cell, leave])


def apart(old: Path, head: Head) -> float:
    """Largest difference between the probabilities of the former head and of this one on a blurred picture."""
    import cv2

    noise = (np.random.default_rng(0).random((48, 400, 3)) * 255).astype(np.uint8)
    picture = np.asarray(cv2.GaussianBlur(noise, (0, 0), 3), dtype=np.uint8)
    stage, maps, neck = Eyes(1, (STAGE_MAPS, FORMER_MAPS, NECK)).look(picture)
    before = open_session(old.read_bytes(), 1).run(None, {"maps": maps, "neck": neck})[0]
    with torch.no_grad():
        after = head.eval()(torch.from_numpy(stage), torch.from_numpy(neck)).numpy()
    return float(np.abs(np.exp(after) - np.exp(before)).max())


@click.command()
@click.argument("old", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("start", type=click.Path(dir_okay=False, path_type=Path))
def main(old: Path, start: Path) -> None:
    """Write the weights of the former head OLD to START, for ``python -m geoinfer.training --start START``."""
    head = Head()
    head.load_state_dict(head.state_dict() | weights_of(old))
    difference = apart(old, head)
    if difference > MOST_APART:
        raise click.ClickException(f"{old}: probabilities differ by {difference:.3f}, at most {MOST_APART} is rounding")
    torch.save(head.state_dict(), start)
    click.echo(f"{start}: probabilities differ by {difference:.4f} at most")


if __name__ == "__main__":
    main()
