"""Measure how soon a net is trained to 99.0 and to 99.5 %, beside the paper's CNN.

Usage::

    python benchmarks/fast_training.py -o docs/results/fast-training.json

In three rounds, an epoch of the paper's CNN (paper.cnn: 43,200 pictures) takes turns with a third
of the seeds of better.cnn-fast and better.cnn-fast995, which learn from the whole train part of
MNIST and are judged on its test part. The paper's net trains for 30 epochs: its time is ten times
that of the three epochs, an extrapolation. Times are of `fit` alone, on the clock. Needs MNIST.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from recording import put_record, run_main

from hdalr.datasets import load_dataset
from hdalr.datasets.dataset import Dataset
from hdalr.evaluation.machine import describe_hardware, describe_versions
from hdalr.models.torch_classifier import choose_device
from hdalr.recipes import RECIPES
from hdalr.recipes.protocol import Split

ROUNDS = 3
PAPER_EPOCHS = 30
GOALS = {"better.cnn-fast": (0.990, 150), "better.cnn-fast995": (0.995, 20)}


def main() -> None:
    """Train all nets in turn and write the record."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--seeds",
        type=_at_least_two,
        nargs=2,
        default=(10, 5),
        help="of the two fast nets, 2 at least",
    )
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    parser.add_argument("-o", "--output", type=Path, help="where the record goes")
    options = parser.parse_args()
    dataset = load_dataset("mnist")
    put_record(measure(dataset, dict(zip(GOALS, options.seeds, strict=True)), options.device),
               options.output)  # fmt: skip


def _at_least_two(text: str) -> int:
    if not text.isdecimal() or int(text) < 2:
        raise argparse.ArgumentTypeError(f"{text!r}: a spread needs 2 seeds or more")
    return int(text)


def measure(dataset: Dataset, seeds: Mapping[str, int], device: str) -> dict[str, Any]:
    """The record: seconds and accuracies of all runs, in turn."""
    splits = {name: RECIPES[name].protocol.cut(dataset) for name in ("paper.cnn", *GOALS)}
    paper_seconds: list[float] = []
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in GOALS}
    for number in range(ROUNDS):
        paper_seconds.append(_time("paper.cnn", splits["paper.cnn"], 0, device, epochs=1)[0])
        for name in GOALS:
            for seed in range(number, seeds[name], ROUNDS):
                runs[name].append(_time(name, splits[name], seed, device))
    whole = sum(paper_seconds) / ROUNDS * PAPER_EPOCHS
    counts = " ".join(str(count) for count in seeds.values())
    return {
        "command": f"python benchmarks/fast_training.py --seeds {counts} --device {device}",
        "dataset": dataset.name,
        "n_train": len(splits["better.cnn-fast"].train[1]),
        "n_test": len(dataset.test_labels),
        "paper_epoch_seconds": [round(seconds, 2) for seconds in paper_seconds],
        "paper_seconds_extrapolated": round(whole, 1),
        "rows": [_sum_up(name, runs[name], whole) for name in GOALS],
        "versions": describe_versions(),
        "hardware": describe_hardware(_name_device(device)) | {"threads": torch.get_num_threads()},
    }


def _time(name: str, split: Split, seed: int, device: str, **changes: Any) -> tuple[float, float]:
    """Seconds of `fit`, and accuracy on the test part."""
    model = RECIPES[name].build("mnist", random_state=seed, device=device).set_params(**changes)
    began = time.perf_counter()
    model.fit(*split.train)
    if choose_device(device).type == "cuda":
        torch.cuda.synchronize()
    seconds = time.perf_counter() - began
    accuracy = float(model.score(*split.test))
    print(f"{name} seed {seed}: {seconds:.2f} s, {accuracy:.2%}", file=sys.stderr)
    return seconds, accuracy


def _sum_up(name: str, runs: Sequence[tuple[float, float]], paper_seconds: float) -> dict[str, Any]:
    seconds, accuracies = (np.array(values) for values in zip(*runs, strict=True))
    goal, share = GOALS[name]
    return {
        "recipe": name,
        "n_seeds": len(runs),
        "accuracy": float(accuracies.mean()),
        "accuracy_spread": float(accuracies.std(ddof=1)),
        "accuracies": accuracies.tolist(),
        "target_accuracy": goal,
        "seconds": float(seconds.mean()),
        "seconds_spread": float(seconds.std(ddof=1)),
        "times_faster": float(paper_seconds / seconds.mean()),
        "target_times_faster": share,
    }


def _name_device(device: str) -> str:
    found = choose_device(device)
    return torch.cuda.get_device_name(found) if found.type == "cuda" else "cpu"


if __name__ == "__main__":
    run_main(main)
