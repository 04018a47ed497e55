"""HarmonAI's network as a PyTorch module, read from a checkpoint and written back.

    network, header = harmonai.load("model.safetensors")
    harmonai.save("other.safetensors", network, header)

Embeddings, recurrent layers and heads have the names and shapes that they have in the file. The
memory of what the player has played (tensors `memory.*`) is not computed here; its parameters are
kept as they came and written back. Needs torch and safetensors.
"""

import json

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn

CELLS = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
# What is read and what is predicted, in the order of the columns that `training export` writes.
FEATURES = [
    "pitch", "onset_interval", "duration", "velocity", "position", "bar", "metre", "style", "leap",
    "recalled_pitch", "recalled_leap", "recalled_interval", "clarity", "remaining",
]
# What is read of a note whose velocity nobody told.
NO_VELOCITY = 16
FACTORS = ["pitch", "onset_interval", "duration", "velocity"]


class Network(nn.Module):
    """From what is read at each step to the logits of each factor of the note that comes."""

    def __init__(self, header, tensors, dropout=0.0):
        super().__init__()
        hidden, width = header["hidden"], header["embedding"]
        size = lambda name: tensors[name].shape[0]
        self.embed = nn.ModuleDict(
            {name: nn.Embedding(size(f"embed.{name}.weight"), width) for name in FEATURES}
        )
        between = dropout if header["layers"] > 1 else 0.0
        self.rnn = CELLS[header["cell"]](width, hidden, header["layers"], dropout=between)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.ModuleDict(
            {name: nn.Linear(hidden, size(f"head.{name}.bias")) for name in FACTORS}
        )
        self.given = nn.ModuleDict(
            {
                name: nn.ModuleDict(
                    {
                        earlier: nn.Embedding(
                            size(f"given.{name}.{earlier}.weight"), size(f"head.{name}.bias")
                        )
                        for earlier in FACTORS[:k]
                    }
                )
                for k, name in enumerate(FACTORS)
            }
        )
        self.memory = {name: t for name, t in tensors.items() if name.startswith("memory.")}
        own = {name: t for name, t in tensors.items() if not name.startswith("memory.")}
        self.load_state_dict(own, strict=True)

    def forward(self, inputs, targets, state=None):
        """Logits by factor for `inputs` (time, row, feature), each given the factors before it in
        `targets` (time, row, factor; -1: none), and the state after the last step."""
        parts = [self.embed[name](inputs[..., k]) for k, name in enumerate(FEATURES)]
        x, state = self.rnn(self.dropout(torch.stack(parts).sum(0)), state)
        x, known, logits = self.dropout(x), targets.clamp(min=0), {}
        for name in FACTORS:
            value = self.head[name](x)
            for k, (_, table) in enumerate(self.given[name].items()):
                value = value + table(known[..., k])
            logits[name] = value
        return logits, state

    def loss(self, inputs, targets, state=None):
        """Nats a note, all factors added up, and the state after the last step."""
        logits, state = self(inputs, targets, state)
        notes = (targets[..., 0] >= 0).sum().clamp(min=1)
        loss = sum(
            nn.functional.cross_entropy(
                logits[name].flatten(0, 1),
                targets[..., k].flatten(),
                ignore_index=-1,
                reduction="sum",
            )
            for k, name in enumerate(FACTORS)
        )
        return loss / notes, state


def load(path, dropout=0.0):
    """The network in a checkpoint, and the checkpoint's header."""
    with safe_open(path, "pt") as file:
        metadata = file.metadata() or {}
        if "harmonai" not in metadata:
            raise ValueError(f"{path} is no HarmonAI model")
        header = json.loads(metadata["harmonai"])
        if header.get("representation", "notes") != "notes":
            raise ValueError(f"{path} does not read notes")
        tensors = {name: file.get_tensor(name) for name in file.keys()}
    # Weights in bytes are whole numbers and a scale a row; what is learnt on top is finer.
    for name in [name for name in tensors if name.endswith(".scale")]:
        steps = name.removesuffix(".scale")
        tensors[steps] = tensors[steps].float() * tensors.pop(name).unsqueeze(1)
    header.pop("weights", None)
    return Network(header, tensors, dropout), header


def save(path, network, header):
    """Writes the network as a checkpoint that HarmonAI plays."""
    tensors = {name: t.detach().cpu().contiguous() for name, t in network.state_dict().items()}
    save_file(tensors | network.memory, path, {"harmonai": json.dumps(header)})
