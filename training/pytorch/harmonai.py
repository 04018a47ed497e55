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
# What a file reads and predicts that does not list it, with the sizes of the alphabets; that of
# styles has a symbol more for each.
FIRST_FEATURES = {
    "pitch": 130, "onset_interval": 225, "duration": 225, "velocity": 17, "position": 192, "bar": 16,
    "metre": 18, "style": 1, "leap": 50, "recalled_pitch": 129, "recalled_leap": 50,
    "recalled_interval": 225, "clarity": 9, "remaining": 50,
}
FIRST_FACTORS = {"pitch": 129, "onset_interval": 224, "duration": 224, "velocity": 16}


def complete(header):
    """Spells out the lists of a header from before there were any."""
    if "features" in header:
        return
    if header.get("vocabulary") != 2 or header.get("representation", "notes") != "notes":
        raise ValueError("it is of another vocabulary: train it again")
    learnt = header.pop("velocity", False)
    sizes = FIRST_FEATURES | {"style": 1 + len(header["styles"])}
    header["features"] = [{"name": name, "symbols": size} for name, size in sizes.items()]
    header["factors"] = [
        {"name": name, "symbols": size}
        for name, size in FIRST_FACTORS.items()
        if learnt or name != "velocity"
    ]
    del header["vocabulary"]


def names(listed):
    """The names of a header's list, in its order: that of the columns that `training export` writes."""
    return [entry["name"] for entry in listed]


class Network(nn.Module):
    """From what is read at each step to the logits of each factor of the note that comes."""

    def __init__(self, header, tensors, dropout=0.0):
        super().__init__()
        hidden, width = header["hidden"], header["embedding"]
        self.features = names(header["features"])
        factors = {entry["name"]: entry["symbols"] for entry in header["factors"]}
        self.factors = list(factors)
        self.embed = nn.ModuleDict(
            {it["name"]: nn.Embedding(it["symbols"], width) for it in header["features"]}
        )
        between = dropout if header["layers"] > 1 else 0.0
        self.rnn = CELLS[header["cell"]](width, hidden, header["layers"], dropout=between)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.ModuleDict(
            {name: nn.Linear(hidden, symbols) for name, symbols in factors.items()}
        )
        self.given = nn.ModuleDict(
            {
                name: nn.ModuleDict(
                    {
                        earlier: nn.Embedding(factors[earlier], symbols)
                        for earlier in self.factors[:k]
                    }
                )
                for k, (name, symbols) in enumerate(factors.items())
            }
        )
        self.memory = {
            name: tensor
            for name, tensor in tensors.items()
            if name.startswith("memory.") and name.split(".")[1] in factors
        }
        self.load_state_dict({name: tensors[name] for name in self.state_dict()})

    def forward(self, inputs, targets, state=None):
        """Logits by factor for `inputs` (time, row, feature), each given the factors before it in
        `targets` (time, row, factor; -1: none), and the state after the last step."""
        parts = [self.embed[name](inputs[..., k]) for k, name in enumerate(self.features)]
        x, state = self.rnn(self.dropout(torch.stack(parts).sum(0)), state)
        x, logits = self.dropout(x), {}
        known = (targets >= 0).unsqueeze(-1)
        for name in self.factors:
            value = self.head[name](x)
            for k, table in enumerate(self.given[name].values()):
                value = value + table(targets[..., k].clamp(min=0)) * known[..., k, :]
            logits[name] = value
        return logits, state

    def loss(self, inputs, targets, state=None):
        """Nats a note, all factors added up, and the state after the last step."""
        logits, state = self(inputs, targets, state)
        notes = self.count(targets).clamp(min=1)
        loss = sum(
            nn.functional.cross_entropy(
                logits[name].flatten(0, 1),
                targets[..., k].flatten(),
                ignore_index=-1,
                reduction="sum",
            )
            for k, name in enumerate(self.factors)
        )
        return loss / notes, state

    def count(self, targets):
        """Steps with a pitch to predict."""
        return (targets[..., self.factors.index("pitch")] >= 0).sum()


def load(path, dropout=0.0):
    """The network in a checkpoint, and the checkpoint's header."""
    with safe_open(path, "pt") as file:
        metadata = file.metadata() or {}
        if "harmonai" not in metadata:
            raise ValueError(f"{path} is no HarmonAI model")
        header = json.loads(metadata["harmonai"])
        complete(header)
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
