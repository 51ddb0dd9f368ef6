"""The trained part of the reader: the last stage of PP-OCRv6's backbone, retrained, and a head that spells.

The stage (one block that halves the rows and doubles the channels, two more blocks) begins with the weights that the
network came with. What it sees is the stage before it (`geoinfer.recogniser.STAGE_MAPS`), which stays as it is, as do
the network's attention layers (`geoinfer.recogniser.NECK`).
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from geoinfer.recogniser import STAGE_MAPS, wheel_model
from geoinfer.training.corpus import ALPHABET

CHANNELS, ROWS = 192, 6
"""Shape of what the retrained stage sees, per step of 4 pixels."""
ATTENTION = 120
"""Numbers of the neck, per step of 8 pixels."""
_ATTENTIVE = (False, True, False)
"""Which blocks of the stage weigh their channels."""
_END = "p2o.pd_op.pool2d.1.0"


class Block(nn.Module):
    """A block of the backbone: depthwise convolution, weighing of channels, two pointwise convolutions.

    Parameters
    ----------
    enter, leave
        Channels; where they differ, rows are halved and nothing is added to what the block makes.
    attentive
        Weigh the channels by what the whole line shows (squeeze and excitation).
    """

    def __init__(self, enter: int, leave: int, attentive: bool):
        super().__init__()
        self.same = enter == leave
        middle = 2 * enter
        self.around = nn.Conv2d(enter, enter, 3, stride=1 if self.same else (2, 1), padding=1, groups=enter)
        self.squeeze = nn.Conv2d(enter, enter // 4, 1) if attentive else None
        self.excite = nn.Conv2d(enter // 4, enter, 1) if attentive else None
        self.widen = nn.Conv2d(enter, middle, 1)
        self.narrow = nn.Conv2d(middle, leave, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (B, enter, H, T) to (B, leave, H or H/2, T)."""
        x = self.around(x)
        if self.squeeze is not None and self.excite is not None:
            weights = self.excite(torch.relu(self.squeeze(x.mean((2, 3), keepdim=True))))
            x = x * functional.hardsigmoid(weights)
        made: torch.Tensor = self.narrow(functional.gelu(self.widen(x)))
        return x + made if self.same else made


class Stage(nn.Sequential):
    """The last stage of the backbone, with the weights that the network came with."""

    def __init__(self) -> None:
        super().__init__(*(Block(CHANNELS if i == 0 else 384, 384, a) for i, a in enumerate(_ATTENTIVE)))
        convolutions = [m for block in self for m in _in_order(block)]
        for convolution, (weight, bias) in zip(convolutions, stage_weights(), strict=True):
            convolution.weight.data = torch.from_numpy(weight.copy())
            convolution.bias.data = torch.from_numpy(bias.copy())


def _in_order(block: nn.Module) -> list[Any]:
    """List the convolutions of a block in the order in which they compute."""
    parts = (block.around, block.squeeze, block.excite, block.widen, block.narrow)
    return [part for part in parts if part is not None]


def stage_weights() -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Weights and biases of the convolutions between `STAGE_MAPS` and the attention layers, in order."""
    import onnx
    from onnx import numpy_helper

    net = onnx.load_model_from_string(wheel_model("PP-OCRv6_rec_small.onnx"))
    values = {w.name: numpy_helper.to_array(w) for w in net.graph.initializer}
    found, inside = [], False
    for node, following in zip(net.graph.node, list(net.graph.node)[1:], strict=False):
        if node.output[0] == _END:
            break
        if inside and node.op_type == "Conv":
            [bias] = [values[name] for name in following.input if name in values]
            found.append((values[node.input[1]], bias.reshape(-1)))
        inside = inside or node.output[0] == STAGE_MAPS
    return found


class Head(nn.Module):
    """The retrained stage, two convolutions and a two-way LSTM: log-probabilities of characters, 4 pixels a step.

    Beside the stage it sees what the network's own attention layers (`NECK`) make of the line.

    Parameters
    ----------
    width
        Channels between stage and LSTM.
    memory
        Numbers that the LSTM keeps, each way.
    """

    def __init__(self, width: int = 192, memory: int = 144):
        super().__init__()
        self.stage = Stage()
        self.enter = nn.Linear(384 * ROWS // 2 + ATTENTION, width)
        self.convs = nn.ModuleList(nn.Conv1d(width, width, 3, padding=1) for _ in range(2))
        self.drop = nn.Dropout(0.1)
        self.memory = nn.LSTM(width, memory, bidirectional=True, batch_first=True)
        self.leave = nn.Linear(2 * memory, len(ALPHABET) + 1)

    def forward(self, maps: torch.Tensor, neck: torch.Tensor) -> torch.Tensor:
        """Map (B, CHANNELS, ROWS, T) and (B, T/2, ATTENTION) to log-probabilities (B, T, characters + 1)."""
        seen = self.stage(maps).permute(0, 3, 1, 2).flatten(2)
        with torch.autocast("cpu", enabled=False):
            # In full precision: the features are large, and small differences between them tell letters apart.
            seen = torch.cat([seen.float(), neck.float().repeat_interleave(2, dim=1)], dim=2)
            x = torch.relu(self.enter(seen)).transpose(1, 2)
        for conv in self.convs:
            x = x + torch.relu(conv(self.drop(x)))
        x, _ = self.memory(self.drop(x.transpose(1, 2)).float())
        return torch.log_softmax(self.leave(self.drop(x)).float(), dim=2)


def export(head: Head, card: dict[str, Any], folder: Path) -> None:
    """Write ``cyrillic_head.onnx`` and its card ``cyrillic_head.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "cyrillic_head.onnx"
    torch.onnx.export(
        head.eval(),
        (torch.zeros(1, CHANNELS, ROWS, 80), torch.zeros(1, 40, ATTENTION)),
        str(target),
        input_names=["maps", "neck"],
        output_names=["scores"],
        dynamic_axes={"maps": {3: "steps"}, "neck": {1: "half_steps"}, "scores": {1: "steps"}},
        opset_version=17,
        dynamo=False,
    )
    _store_half(target)
    card = {
        "begins_at": STAGE_MAPS,
        **card,
        "alphabet": ALPHABET,
        "sha256": hashlib.sha256(target.read_bytes()).hexdigest(),
    }
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
