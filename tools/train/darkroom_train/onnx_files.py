"""Writes torch modules as ONNX graphs with half-precision weights and single-precision arithmetic."""

import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

OPSET = 16
# Small tensors stay in single precision: they cost little, and some of them are shapes and tables.
HALF_FROM_ELEMENTS = 2048


def store_weights_in_half(model: onnx.ModelProto) -> None:
    """Replaces large float weights by half-precision ones and a Cast back, which halves the file."""
    graph = model.graph
    casts = []
    for initializer in graph.initializer:
        if initializer.data_type != TensorProto.FLOAT or np.prod(initializer.dims) < HALF_FROM_ELEMENTS:
            continue
        name = initializer.name
        half = numpy_helper.from_array(numpy_helper.to_array(initializer).astype(np.float16), name + "_half")
        initializer.CopyFrom(half)
        casts.append(helper.make_node("Cast", [name + "_half"], [name], to=TensorProto.FLOAT))
    for cast in reversed(casts):
        graph.node.insert(0, cast)


def export_onnx(module: nn.Module, path: Path, inputs: dict, outputs: list, dynamic_axes: dict) -> None:
    """Traces a module on example inputs {name: tensor} and writes one ONNX file.

    Constants are not folded, so that each weight keeps its name and shape and `train.py restore` finds it; ONNX Runtime folds them
    when it loads the graph.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    module.eval()
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module, tuple(inputs.values()), str(path), input_names=list(inputs), output_names=outputs,
            dynamic_axes=dynamic_axes, opset_version=OPSET, do_constant_folding=False,
        )
    model = onnx.load(str(path))
    store_weights_in_half(model)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
