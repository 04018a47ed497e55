"""ONNX Runtime's and PyTorch's side of `cargo xtask bench step`: the same LSTM, a step at a time.

The network's sizes come as JSON in the first argument; a round is measured for every line on
standard input. Both engines have one thread, with floats and with dynamically quantised bytes.
"""

import json
import logging
import os
import sys
import tempfile
import time
import warnings

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
task = json.loads(sys.argv[1])
LAYERS, HIDDEN = task["layers"], task["hidden"]
EMBEDDING, SYMBOLS = task["embedding"], task["symbols"]
SWEEP, WARM, HOT = 96 << 20, 5, 11
random = np.random.default_rng(1)


def weights(name, *shape):
    values = (random.random(shape) * 2 - 1) / np.sqrt(HIDDEN)
    return numpy_helper.from_array(values.astype(np.float32), name)


def graph():
    """Layers of ONNX's LSTM for one step, with their states as inputs and outputs, and a head."""
    value = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
    nodes, constants = [], [numpy_helper.from_array(np.array([1]), "directions")]
    inputs, outputs, x = [value("x", [1, 1, EMBEDDING])], [value("logits", [1, 1, SYMBOLS])], "x"
    for k in range(LAYERS):
        reads = HIDDEN if k else EMBEDDING
        constants += [
            weights(f"W{k}", 1, 4 * HIDDEN, reads),
            weights(f"R{k}", 1, 4 * HIDDEN, HIDDEN),
            weights(f"B{k}", 1, 8 * HIDDEN),
        ]
        reads = [x, f"W{k}", f"R{k}", f"B{k}", "", f"h{k}", f"c{k}"]
        gives = [f"y{k}", f"h{k}_next", f"c{k}_next"]
        nodes.append(helper.make_node("LSTM", reads, gives, hidden_size=HIDDEN))
        nodes.append(helper.make_node("Squeeze", [f"y{k}", "directions"], [f"x{k}"]))
        inputs += [value(f"{s}{k}", [1, 1, HIDDEN]) for s in "hc"]
        outputs += [value(f"{s}{k}_next", [1, 1, HIDDEN]) for s in "hc"]
        x = f"x{k}"
    constants += [weights("head", HIDDEN, SYMBOLS), weights("bias", SYMBOLS)]
    nodes.append(helper.make_node("MatMul", [x, "head"], ["product"]))
    nodes.append(helper.make_node("Add", ["product", "bias"], ["logits"]))
    made = helper.make_graph(nodes, "step", inputs, outputs, constants)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    return model


def session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    made = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    binding = made.io_binding()
    for wanted in made.get_inputs():
        values = (random.random(wanted.shape) - 0.5).astype(np.float32)
        binding.bind_ortvalue_input(
            wanted.name, onnxruntime.OrtValue.ortvalue_from_numpy(values)
        )
    for given in made.get_outputs():
        binding.bind_output(given.name)
    return lambda: made.run_with_iobinding(binding)


def pytorch(layers, head):
    x = torch.randn(1, 1, EMBEDDING)
    state = (torch.zeros(LAYERS, 1, HIDDEN), torch.zeros(LAYERS, 1, HIDDEN))

    def step():
        with torch.inference_mode():
            y, _ = layers(x, state)
            head(y)

    return step


torch.set_num_threads(1)
modules = torch.nn.ModuleList([torch.nn.LSTM(EMBEDDING, HIDDEN, LAYERS), torch.nn.Linear(HIDDEN, SYMBOLS)])
kinds = {torch.nn.LSTM, torch.nn.Linear}
quantized = torch.ao.quantization.quantize_dynamic(modules, kinds, dtype=torch.qint8)
with tempfile.TemporaryDirectory() as folder:
    floats, whole = os.path.join(folder, "f32.onnx"), os.path.join(folder, "int8.onnx")
    onnx.save(graph(), floats)
    quantize_dynamic(floats, whole, weight_type=QuantType.QInt8)
    kinds = {node.op_type for node in onnx.load(whole).graph.node}
    assert "DynamicQuantizeLSTM" in kinds, kinds
    engines = {
        "onnxruntime_f32": session(floats),
        "onnxruntime_int8": session(whole),
        "pytorch_f32": pytorch(*modules),
        "pytorch_int8": pytorch(*quantized),
    }
print("ready", flush=True)

sweep = np.zeros(SWEEP, np.uint8)


def timed(step):
    started = time.perf_counter_ns()
    step()
    return time.perf_counter_ns() - started


for number, _ in enumerate(sys.stdin):
    measured = {}
    for name, step in engines.items():
        for _ in range(WARM):
            step()
        hot = [timed(step) for _ in range(HOT)]
        sweep.fill(number % 256)
        measured[name] = {"hot": hot, "cold": timed(step)}
    print(json.dumps(measured), flush=True)
