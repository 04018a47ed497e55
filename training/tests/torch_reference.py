"""Makes fixtures/torch.json: what PyTorch computes for three small networks of known weights.

    python training/tests/torch_reference.py > training/tests/fixtures/torch.json

The networks are torch.nn.Embedding, LSTM | GRU | RNN and Linear, loaded under the names that a
HarmonAI checkpoint uses. Weights follow from a formula that the test knows too, so that the
fixture holds only what is read and what comes out. Needs torch and nothing else.
"""

import json
import sys

import torch

FEATURES = {
    "pitch": 130, "onset_interval": 225, "duration": 225, "velocity": 17,
    "position": 192, "bar": 16, "metre": 18, "style": 3, "leap": 50, "recalled_pitch": 129,
    "recalled_leap": 50, "recalled_interval": 225, "clarity": 9, "remaining": 50,
}
# The memory's tables and trust: part of the checkpoint, silent here, where nothing has been before.
MEMORY = {"agreement": (119,), "age": (10,), "lag": (14,)}
FACTORS = {"pitch": 129, "onset_interval": 224, "duration": 224, "velocity": 16}
LAYERS, HIDDEN, EMBEDDING, STEPS = 2, 16, 8, 24
CELLS = {"lstm": (torch.nn.LSTM, 4), "gru": (torch.nn.GRU, 3), "rnn": (torch.nn.RNN, 1)}


def formula(number, count):
    """Weights of tensor `number`: spread evenly over -1 to 1, in a scrambled order."""
    values = [((i * 7919 + number * 104729) % 2003) / 2003 * 2 - 1 for i in range(count)]
    return torch.tensor(values, dtype=torch.float64).to(torch.float32)


def tensors(gates):
    """Every tensor of a checkpoint by name, in its order."""
    shapes = {f"embed.{name}.weight": (size, EMBEDDING) for name, size in FEATURES.items()}
    for layer in range(LAYERS):
        width = EMBEDDING if layer == 0 else HIDDEN
        shapes[f"rnn.weight_ih_l{layer}"] = (gates * HIDDEN, width)
        shapes[f"rnn.weight_hh_l{layer}"] = (gates * HIDDEN, HIDDEN)
        shapes[f"rnn.bias_ih_l{layer}"] = (gates * HIDDEN,)
        shapes[f"rnn.bias_hh_l{layer}"] = (gates * HIDDEN,)
    for k, (name, size) in enumerate(FACTORS.items()):
        shapes[f"head.{name}.weight"] = (size, HIDDEN)
        shapes[f"head.{name}.bias"] = (size,)
        for earlier in list(FACTORS)[:k]:
            shapes[f"given.{name}.{earlier}.weight"] = (FACTORS[earlier], size)
        for table, shape in MEMORY.items():
            shapes[f"memory.{name}.{table}.weight"] = shape
        shapes[f"memory.{name}.trust.weight"] = (1, HIDDEN)
        shapes[f"memory.{name}.trust.bias"] = (1,)
    out = {}
    for number, (name, shape) in enumerate(shapes.items()):
        scale = 0.5 if name.startswith(("embed", "rnn")) else 1.0
        count = torch.Size(shape).numel()
        out[name] = formula(number, count).reshape(shape) * scale
    return out


def part(weights, prefix):
    return {n.removeprefix(prefix): t for n, t in weights.items() if n.startswith(prefix)}


@torch.no_grad()
def run(cell):
    kind, gates = CELLS[cell]
    weights = tensors(gates)
    inputs = [[(s * 31 + f * 17 + s * s) % size for f, size in enumerate(FEATURES.values())]
              for s in range(STEPS)]
    targets = [[(s * 13 + f * 5 + s * s * 3) % size for f, size in enumerate(FACTORS.values())]
               for s in range(STEPS)]
    x = torch.zeros(STEPS, 1, EMBEDDING)
    for f, (name, size) in enumerate(FEATURES.items()):
        embedding = torch.nn.Embedding(size, EMBEDDING)
        embedding.load_state_dict(part(weights, f"embed.{name}."))
        x[:, 0] += embedding(torch.tensor([step[f] for step in inputs]))
    rnn = kind(EMBEDDING, HIDDEN, LAYERS)
    rnn.load_state_dict(part(weights, "rnn."))
    top = rnn(x)[0][:, 0]
    factors = {}
    for k, (name, size) in enumerate(FACTORS.items()):
        head = torch.nn.Linear(HIDDEN, size)
        head.load_state_dict(part(weights, f"head.{name}."))
        logits = head(top)
        for e, earlier in enumerate(list(FACTORS)[:k]):
            given = torch.nn.Embedding(FACTORS[earlier], size)
            given.load_state_dict(part(weights, f"given.{name}.{earlier}."))
            logits = logits + given(torch.tensor([step[e] for step in targets]))
        probabilities = torch.softmax(logits, -1)
        chosen = [round(float(probabilities[s, step[k]]), 9) for s, step in enumerate(targets)]
        last = [round(float(value), 9) for value in probabilities[-1]]
        factors[name] = {"of_targets": chosen, "last_step": last}
    return {"cell": cell, "inputs": inputs, "targets": targets, "probabilities": factors}


if __name__ == "__main__":
    cells = [run(cell) for cell in CELLS]
    network = {"layers": LAYERS, "hidden": HIDDEN, "embedding": EMBEDDING}
    json.dump({"torch": torch.__version__, **network, "cells": cells}, sys.stdout)
    print()
