"""The network of `training speed` in PyTorch: embeddings, nn.LSTM, heads, AdamW.

Started by `cargo xtask bench training` with the task as JSON in its first argument; times a round
for every line on standard input. The memory of HarmonAI's network has no counterpart here.
"""

import json
import sys
import time

import torch
from torch import nn

task = json.loads(sys.argv[1])
device = torch.device(sys.argv[2])
if device.type == "cpu":
    torch.set_num_threads(task["threads"])
torch.manual_seed(1)
BATCHES = 20


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        width, hidden = task["embedding"], task["hidden"]
        self.embeddings = nn.ModuleList(nn.Embedding(n, width) for n in task["features"])
        cell = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}[task["cell"]]
        between = task["dropout"] if task["layers"] > 1 else 0.0
        self.recurrent = cell(width, hidden, task["layers"], dropout=between)
        self.dropout = nn.Dropout(task["dropout"])
        self.heads = nn.ModuleList(nn.Linear(hidden, head["symbols"]) for head in task["heads"])
        self.given = nn.ModuleList(
            nn.ModuleList(nn.Embedding(n, head["symbols"]) for n in head["given"])
            for head in task["heads"]
        )

    def forward(self, inputs, targets, state):
        x = self.embeddings[0](inputs[0])
        for embedding, symbols in zip(self.embeddings[1:], inputs[1:]):
            x = x + embedding(symbols)
        x, state = self.recurrent(self.dropout(x), state)
        x = self.dropout(x).flatten(0, 1)
        loss = 0.0
        for k, (head, given) in enumerate(zip(self.heads, self.given)):
            logits = head(x)
            for table, earlier in zip(given, targets):
                logits = logits + table(earlier)
            loss = loss + nn.functional.cross_entropy(logits, targets[k])
        return loss, state


def batches():
    shape = (task["sequence"], task["batch"])
    symbols = lambda n, shape: torch.randint(n, shape).to(device)
    return [
        (
            [symbols(n, shape) for n in task["features"]],
            [symbols(head["symbols"], shape).flatten() for head in task["heads"]],
        )
        for _ in range(BATCHES)
    ]


network = Network().to(device)
optimizer = torch.optim.AdamW(
    network.parameters(),
    lr=task["learning_rate"],
    betas=(0.9, 0.99),
    weight_decay=1e-2,
    fused=True,
)
music, state, step = batches(), None, 0


def learn():
    global state, step
    inputs, targets = music[step % BATCHES]
    step += 1
    loss, after = network(inputs, targets, state)
    # What is carried over is taken as given.
    state = tuple(part.detach() for part in after) if isinstance(after, tuple) else after.detach()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()
    return loss.detach()


print(json.dumps({"torch": torch.__version__, "device": str(device)}), flush=True)
for _ in sys.stdin:
    begun = time.perf_counter()
    for _ in range(task["batches"]):
        loss = learn()
    # Also waits for the card.
    loss = loss.item()
    seconds = time.perf_counter() - begun
    tokens = task["batches"] * task["batch"] * task["sequence"]
    print(json.dumps({"tokens": tokens, "seconds": seconds, "loss": loss}), flush=True)
