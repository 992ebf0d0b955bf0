"""Writes a tiny transformer that attends to text of any length under a mask, and golden velocities, for specs of padding.

One head of joint attention: image positions ask, image positions and text tokens answer, softmax(q k^T / sqrt(width)) v (Vaswani et al.
2017, eq. 1), with the masked answers left out. The golden velocities leave them out by never having them: they are computed in
double precision from text without padding, so they know nothing of the graph's mask.

Run from this folder: /usr/bin/python3 masked_transformer.py (needs numpy and onnx), which writes masked-transformer.onnx and .json.
"""

import json

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

CHANNELS, TEXT_WIDTH, WIDTH = 4, 8, 16
random = np.random.default_rng(18)
WEIGHTS = {
    name: (random.standard_normal(shape) / np.sqrt(shape[0])).astype(np.float32)
    for name, shape in {
        "image_in": (CHANNELS, WIDTH),
        "text_in": (TEXT_WIDTH, WIDTH),
        "query": (WIDTH, WIDTH),
        "key": (WIDTH, WIDTH),
        "value": (WIDTH, WIDTH),
        "out": (WIDTH, CHANNELS),
    }.items()
}


def velocity(latents, timestep, text):
    """latents [channels, height, width], text [tokens, text width]; returns the latents' shape."""
    w = {name: value.astype(np.float64) for name, value in WEIGHTS.items()}
    positions = latents.reshape(CHANNELS, -1).T
    image = positions @ w["image_in"]
    joint = np.concatenate((image, text @ w["text_in"]))
    scores = (image @ w["query"]) @ (joint @ w["key"]).T / np.sqrt(WIDTH)
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    attended = weights / weights.sum(-1, keepdims=True) @ (joint @ w["value"])
    result = attended @ w["out"] * (1 + timestep / 1000) + 0.3 * positions
    return result.T.reshape(latents.shape)


def graph():
    constants = {
        **WEIGHTS,
        "tokens_shape": np.array([0, CHANNELS, -1], np.int64),
        "per_row": np.array([-1, 1, 1], np.int64),
        "second_axis": np.array([1], np.int64),
        "third_axis": np.array([2], np.int64),
        "scale": np.array(1 / np.sqrt(WIDTH), np.float32),
        "one": np.array(1, np.float32),
        "thousandth": np.array(0.001, np.float32),
        "third": np.array(0.3, np.float32),
        # Far below any score, yet finite: its exponential is exactly 0.
        "shut": np.array(-1e30, np.float32),
    }
    node = helper.make_node
    nodes = [
        node("Reshape", ["hidden_states", "tokens_shape"], ["channels_first"]),
        node("Transpose", ["channels_first"], ["positions"], perm=[0, 2, 1]),
        node("MatMul", ["positions", "image_in"], ["image"]),
        node("MatMul", ["encoder_hidden_states", "text_in"], ["text"]),
        node("Concat", ["image", "text"], ["joint"], axis=1),
        node("MatMul", ["image", "query"], ["q"]),
        node("MatMul", ["joint", "key"], ["k"]),
        node("MatMul", ["joint", "value"], ["v"]),
        node("Transpose", ["k"], ["k_transposed"], perm=[0, 2, 1]),
        node("MatMul", ["q", "k_transposed"], ["products"]),
        node("Mul", ["products", "scale"], ["scores"]),
        # Image positions are always open.
        node("ReduceSum", ["image", "third_axis"], ["sums"], keepdims=0),
        node("Sub", ["sums", "sums"], ["open_bias"]),
        node("Cast", ["encoder_attention_mask"], ["real"], to=TensorProto.FLOAT),
        node("Sub", ["one", "real"], ["unreal"]),
        node("Mul", ["unreal", "shut"], ["text_bias"]),
        node("Concat", ["open_bias", "text_bias"], ["bias"], axis=1),
        node("Unsqueeze", ["bias", "second_axis"], ["bias_per_row"]),
        node("Add", ["scores", "bias_per_row"], ["masked_scores"]),
        node("Softmax", ["masked_scores"], ["weights"], axis=-1),
        node("MatMul", ["weights", "v"], ["attended"]),
        node("MatMul", ["attended", "out"], ["projected"]),
        node("Reshape", ["timestep", "per_row"], ["timestep_per_row"]),
        node("Mul", ["timestep_per_row", "thousandth"], ["level"]),
        node("Add", ["level", "one"], ["gain"]),
        node("Mul", ["projected", "gain"], ["gained"]),
        node("Mul", ["positions", "third"], ["kept"]),
        node("Add", ["gained", "kept"], ["result"]),
        node("Transpose", ["result"], ["result_channels_first"], perm=[0, 2, 1]),
        node("Shape", ["hidden_states"], ["latent_shape"]),
        node("Reshape", ["result_channels_first", "latent_shape"], ["out_sample"]),
    ]
    value = helper.make_tensor_value_info
    latents = ["batch", CHANNELS, "height", "width"]
    return helper.make_graph(
        nodes,
        "masked_transformer",
        [
            value("hidden_states", TensorProto.FLOAT, latents),
            value("timestep", TensorProto.FLOAT, ["batch"]),
            value("encoder_hidden_states", TensorProto.FLOAT, ["batch", "sequence_length", TEXT_WIDTH]),
            value("encoder_attention_mask", TensorProto.INT64, ["batch", "sequence_length"]),
        ],
        [value("out_sample", TensorProto.FLOAT, latents)],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )


def rounded(values):
    return [round(float(x), 7) for x in np.ravel(values)]


def golden():
    cases = []
    for tokens in (1, 3, 8, 11):
        latents = np.array(rounded(random.standard_normal((CHANNELS, 2, 3)))).reshape(CHANNELS, 2, 3)
        text = np.array(rounded(random.standard_normal((tokens, TEXT_WIDTH)))).reshape(tokens, TEXT_WIDTH)
        timestep = 1000 - 50 * tokens
        velocities = velocity(latents, timestep, text)
        cases.append({"tokens": tokens, "timestep": timestep, "latents": rounded(latents), "text": rounded(text), "velocities": rounded(velocities)})
    return cases


model = helper.make_model(graph(), producer_name="darkroom golden", ir_version=8, opset_imports=[helper.make_opsetid("", 17)])
onnx.checker.check_model(model)
onnx.save(model, "masked-transformer.onnx")
with open("masked-transformer.json", "w", encoding="utf-8") as file:
    json.dump(golden(), file)
    file.write("\n")
