"""Weights that slow a network down are replaced, and nothing else changes."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime

from geoinfer.recogniser import wheel_model
from geoinfer.weights import without_denormals


def network(weights: np.ndarray) -> bytes:
    node = onnx.helper.make_node("MatMul", ["x", "w"], ["y"])
    graph = onnx.helper.make_graph(
        [node],
        "one layer",
        [onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1, len(weights)])],
        [onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)],
        [onnx.numpy_helper.from_array(weights, "w")],
    )
    return bytes(onnx.helper.make_model(graph).SerializeToString())


def kept(model: bytes) -> np.ndarray:
    [weight] = onnx.load_model_from_string(model).graph.initializer
    return onnx.numpy_helper.to_array(weight)


def test_denormal_weights_become_zeros_and_the_others_stay() -> None:
    weights = np.array([[0.5], [1e-41], [-3e-39], [-1e-20]], np.float32)
    assert kept(without_denormals(network(weights))).ravel().tolist() == [0.5, 0.0, 0.0, np.float32(-1e-20)]


def test_a_model_without_them_and_what_is_no_model_stay_as_they_are() -> None:
    healthy = network(np.array([[0.5], [0.0]], np.float32))
    assert without_denormals(healthy) is healthy
    assert without_denormals(b"no model") == b"no model"


def test_the_detector_sees_the_same_without_them() -> None:
    model = wheel_model("PP-OCRv6_det_small.onnx")
    faster = without_denormals(model)
    assert faster != model
    x = np.random.default_rng(3).uniform(-1, 1, (1, 3, 64, 96)).astype(np.float32)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    seen = [
        onnxruntime.InferenceSession(m, options, providers=["CPUExecutionProvider"]).run(None, {"x": x})[0]
        for m in (model, faster)
    ]
    assert np.array_equal(*seen)
