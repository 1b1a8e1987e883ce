"""Judge a recipe with some settings changed on pictures of the train part alone.

Usage::

    python benchmarks/choices.py better.cnn --data mnist --set training.epochs=40 -o FILE.json

What is chosen in `hdalr.recipes.better` was chosen so: learned from five sixths of the train part,
judged on the last sixth (`CHOICE`), the same pictures for all. The test part is cut away before.
A net is judged as it is, with the shifted views, and with an even prior as well; killed, it goes on
from its last epoch. The mean of classes is what counts where a test part has as many of each.
`hdalr tune` searches on its own; this judges what one has in mind, and keeps the figure.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from recording import put_record, run_main

from hdalr.datasets import load_dataset
from hdalr.errors import ParameterError
from hdalr.evaluation.intervals import wilson_interval
from hdalr.evaluation.machine import describe_versions
from hdalr.experiment.row import trained_on
from hdalr.experiment.trial import without_test_part
from hdalr.images.batch import Images, Labels
from hdalr.recipes import choose_recipes
from hdalr.recipes.better import CHOICE
from hdalr.recipes.difference import vary

WAYS: dict[str, tuple[bool, bool]] = {  # of answering, by the same net: views, even prior
    "as_is": (False, False),
    "with_views": (True, False),
    "even": (True, True),
}
CHECKPOINTS = Path("results/choices")  # ignored by git


def main() -> None:
    """Judge one recipe with one set of settings and write the record."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("recipe")
    parser.add_argument("--data", default="mnist", help="data set (default: mnist)")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a setting, dotted for a field of one; the value as in YAML",
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-o", "--output", type=Path, help="where the record goes")
    options = parser.parse_args()
    settings = dict(_parse(text) for text in options.set)
    put_record(judge(options.recipe, options.data, settings, options.seed), options.output)


def judge(name: str, data: str, settings: dict[str, Any], seed: int) -> dict[str, Any]:
    """The record: how many of the pictures kept back were read right, after how long."""
    (recipe,) = choose_recipes(name)
    dataset = without_test_part(load_dataset(data))
    split = CHOICE.cut(dataset)
    assert split.validation is not None
    model = vary(recipe, settings, dataset.name).build(dataset.name, random_state=seed)
    words = [f" --set {name}={json.dumps(value)}" for name, value in settings.items()]
    command = f"python benchmarks/choices.py {name} --data {data}{''.join(words)} --seed {seed}"
    digest = hashlib.sha256(command.encode()).hexdigest()[:16]
    checkpoint = CHECKPOINTS / f"{digest}.safetensors"
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    resumable = {"checkpoint": checkpoint, "key": digest, "on_progress": _tell}
    began = time.perf_counter()
    model.fit(*split.train, **(resumable if model.trains_in_epochs else {}))
    seconds = time.perf_counter() - began + getattr(model, "resumed_seconds_", 0.0)
    record = {
        "command": command,
        "recipe": name,
        "dataset": dataset.name,
        "settings": settings,
        "seed": seed,
        "n_train": len(split.train[1]),
        "n_validation": len(split.validation[1]),
        "fit_seconds": round(seconds, 1),
        "n_parameters": model.n_parameters_,
    }
    known = model.get_params(deep=False)
    for way, settings_of_way in WAYS.items():
        changes = dict(zip(("shifted_views", "even_prior"), settings_of_way, strict=True))
        if way == "as_is" or {name for name, on in changes.items() if on} <= known.keys():
            changes = {name: on for name, on in changes.items() if name in known}
            record[way] = _judge(model.set_params(**changes), *split.validation)
    checkpoint.unlink(missing_ok=True)
    return record | {"versions": describe_versions(), "hardware": trained_on(model)}


def _judge(model: Any, images: Images, labels: Labels) -> dict[str, Any]:
    right = model.predict(images) == labels
    n_right = int(right.sum())
    return {
        "errors": len(labels) - n_right,
        "accuracy": n_right / len(labels),
        "interval": list(wilson_interval(n_right, len(labels))),
        "mean_of_classes": float(np.mean([right[labels == one].mean() for one in set(labels)])),
    }


def _parse(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ParameterError(f"--set {text}: expected NAME=VALUE, such as training.epochs=40")
    return name, yaml.safe_load(value)


def _tell(progress: Any) -> None:
    print(
        f"epoch {progress.epoch} of {progress.epochs}, loss {progress.loss:.4f}, "
        f"{progress.seconds_left:.0f} s left",
        file=sys.stderr,
    )


if __name__ == "__main__":
    run_main(main)
