"""Trains HarmonAI's network with PyTorch, on one machine or on many.

    training export --data MUSIC --out exported
    torchrun --nproc-per-node 4 training/pytorch/train.py exported --out model.safetensors

Each process reads its own share of the tunes; gradients are averaged over all. See docs/pytorch.md.
"""

import argparse
import contextlib
import math
import os
from pathlib import Path

import torch
import torch.distributed as dist
from safetensors.torch import load_file
from torch import nn
from torch.nn.parallel import DistributedDataParallel

import harmonai


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="the folder that `training export` wrote")
    parser.add_argument("--out", type=Path, required=True, help="the model (.safetensors)")
    parser.add_argument(
        "--from", dest="base", type=Path, help="begin from this model, not from nothing"
    )
    parser.add_argument("--batch", type=int, default=32, help="streams side by side, each process")
    parser.add_argument("--seq-len", type=int, default=64, help="notes learnt from at once")
    parser.add_argument("--learning-rate", type=float, default=3e-3, help="the highest")
    parser.add_argument("--dropout", type=float, default=0.2, help="share of activations dropped")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    args = parser.parse_args()
    if not (args.data / "start.safetensors").is_file():
        raise SystemExit(f"{args.data} is no folder that `training export` wrote")
    if args.out.exists() and not args.out.is_file():
        raise SystemExit(f"--out {args.out} is no file; name one")
    return args


def begin(args):
    """The network, its header, which says what music it will have learnt, and how it reads that."""
    start = args.data / "start.safetensors"
    network, header = harmonai.load(args.base or start, args.dropout)
    _, music = harmonai.load(start)
    header["card"] = music["card"]
    read_there = harmonai.names(music["features"])
    missing = set(network.features) - set(read_there)
    if missing:
        raise SystemExit(f"{args.base} reads {', '.join(missing)}, which {args.data} does not hold")
    columns = [read_there.index(name) for name in network.features]
    predicted_there = harmonai.names(music["factors"])
    # The styles' numbers in the music, as the network has them; 0 is none.
    known = {name: number for number, name in enumerate(header["styles"], 1)}
    styles = torch.tensor([0] + [known.get(name, 0) for name in music["styles"]], dtype=torch.int16)

    def target(targets, name):
        if name in predicted_there:
            return targets[:, predicted_there.index(name)]
        return torch.full_like(targets[:, 0], -1)

    def read(path):
        steps = load_file(path)
        inputs, targets = steps["inputs"][:, columns], steps["targets"]
        if "style" in network.features:
            style = inputs[:, network.features.index("style")]
            style.copy_(styles[style.long()])
        if "velocity" in network.features and "velocity" not in network.factors:
            # It has never read one, and does not begin with it: the last symbol is for unknown.
            k = network.features.index("velocity")
            inputs[:, k] = header["features"][k]["symbols"] - 1
        targets = torch.stack([target(targets, name) for name in network.factors], 1)
        return steps | {"inputs": inputs, "targets": targets}

    return network, header, read


class Streams:
    """One epoch: the tunes laid end to end and cut into streams that are read side by side."""

    def __init__(self, steps, rows, rank=0, world=1):
        length = len(steps["starts"]) // (rows * world)
        if length == 0:
            raise SystemExit(f"too few notes for {rows * world} streams: choose a smaller --batch")

        def cut(name):
            values = steps[name][: length * rows * world]
            values = values.unflatten(0, (rows * world, length))
            return values[rank * rows : (rank + 1) * rows].transpose(0, 1).long()

        self.inputs, self.targets, self.starts = map(cut, ("inputs", "targets", "starts"))

    def batches(self, length, device):
        for first in range(0, len(self.starts), length):
            part = slice(first, first + length)
            yield tuple(
                values[part].to(device) for values in (self.inputs, self.targets, self.starts)
            )


def forget(state, starts):
    """The state without the rows in which a tune begins with the batch. PyTorch's layers cannot
    forget in the middle of one: there the network hears that a tune begins by what it reads."""
    if state is None:
        return None
    keep = (1 - starts[0]).view(1, -1, 1)
    parts = state if isinstance(state, tuple) else (state,)
    parts = tuple(part.detach() * keep for part in parts)
    return parts if isinstance(state, tuple) else parts[0]


def measure(network, steps, device):
    """Bits a note, tune by tune, each from an empty state."""
    network.eval()
    streams, nats, notes = Streams(steps, 1), 0.0, 0
    first = streams.starts[:, 0].nonzero().flatten().tolist()
    with torch.no_grad():
        for start, end in zip(first, first[1:] + [len(streams.starts)]):
            inputs = streams.inputs[start:end].to(device)
            targets = streams.targets[start:end].to(device)
            count = int(network.count(targets))
            loss, _ = network.loss(inputs, targets)
            nats, notes = nats + float(loss) * count, notes + count
    network.train()
    return nats / max(notes, 1) / math.log(2)


class Loss(nn.Module):
    """What is minimised, as a module of its own: its gradients are what is averaged."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, inputs, targets, state):
        return self.network.loss(inputs, targets, state)


def train(args, rank, world):
    torch.manual_seed(1 + rank)
    device = torch.device(args.device)
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0)))
        torch.cuda.set_device(device)
    network, header, read = begin(args)
    network.to(device)
    learner = Loss(network)
    if world > 1:
        learner = DistributedDataParallel(learner)
    epochs = sorted(args.data.glob("train-*.safetensors"))
    if not epochs:
        raise SystemExit(f"{args.data} has no train-*.safetensors: `training export` writes them")
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=args.learning_rate, betas=(0.9, 0.99), weight_decay=1e-2
    )
    first = Streams(read(epochs[0]), args.batch, rank, world)
    steps = len(epochs) * math.ceil(len(first.starts) / args.seq_len)
    warm_up = max(1, min(200, steps // 20))

    def rate(step):
        if step < warm_up:
            return (step + 1) / warm_up
        return 0.5 * (1 + math.cos(math.pi * min(1, (step - warm_up) / max(1, steps - warm_up))))

    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
    for number, path in enumerate(epochs, 1):
        state, last = None, math.nan
        streams = Streams(read(path), args.batch, rank, world)
        for inputs, targets, starts in streams.batches(args.seq_len, device):
            loss, state = learner(inputs, targets, forget(state, starts))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            last = float(loss.detach()) / math.log(2)
        if rank == 0:
            valid = args.data / "valid.safetensors"
            text = f"epoch {number}/{len(epochs)}  loss {last:.3f} bits a note"
            if valid.exists():
                bits = measure(network, read(valid), device)
                text += f", validation {bits:.3f}"
            print(text, flush=True)
            header["card"]["epochs"] = number
            header["card"]["command"] = f"PyTorch {torch.__version__}, {world} processes"
            part = args.out.with_suffix(".part")
            harmonai.save(part, network, header)
            part.replace(args.out)
    if rank == 0:
        print(f"written: {args.out}")


def main():
    args = arguments()
    world = int(os.environ.get("WORLD_SIZE", 1))
    with contextlib.ExitStack() as stack:
        if world > 1:
            dist.init_process_group("nccl" if args.device == "cuda" else "gloo")
            stack.callback(dist.destroy_process_group)
        train(args, int(os.environ.get("RANK", 0)), world)


if __name__ == "__main__":
    main()
