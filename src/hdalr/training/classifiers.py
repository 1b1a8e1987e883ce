"""A net of the comparison and a data set, to a trained net for a bundle of characters."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from hdalr.bundles.architecture import describe_net
from hdalr.datasets.dataset import Dataset, stratified_sample
from hdalr.errors import NotApplicableError
from hdalr.images.batch import Images, Labels
from hdalr.images.glyph import SIDE_PX, normalise_glyphs
from hdalr.models._training import Progress
from hdalr.recipes.recipe import Recipe
from hdalr.training.judging import Judged

HELD_SHARE = 0.1  # of the train part, where the recipe keeps nothing back itself


@dataclass(frozen=True, eq=False)
class Classifier:
    """A trained net on the CPU, its labels, and the pictures to calibrate and to judge it on."""

    net: nn.Module
    labels: tuple[str, ...]
    held: Judged
    test: Judged
    n_train: int


def train_classifier(
    recipe: Recipe,
    dataset: Dataset,
    *,
    random_state: int = 0,
    device: str = "auto",
    checkpoint: Path | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Classifier:
    """Train a recipe of the comparison on pictures that are made as the reader makes them.

    Parameters
    ----------
    recipe
        One whose model is a net.
    dataset
        The data; each picture goes through `normalise_glyphs`.
    random_state, device
        As the estimator takes them.
    checkpoint
        File from which a killed training goes on; one of another recipe, seed or data is not
        used.
    on_progress
        Called after each step.

    Raises
    ------
    NotApplicableError
        If the model is no net, or one that a bundle cannot hold.
    """
    check_exportable(recipe)
    estimator = recipe.build(dataset.name, random_state=random_state, device=device)
    split = recipe.protocol.cut(dataset)
    train, held = split.train, split.validation
    if held is None:
        train, held = _keep_back(*train)
    glyphs = normalise_glyphs(list(train[0]))
    held_glyphs = normalise_glyphs(list(held[0]))
    estimator.fit(
        glyphs,
        train[1],
        validation=(held_glyphs, held[1]),
        checkpoint=checkpoint,
        key=_key(recipe, dataset, random_state),
        on_progress=on_progress,
    )
    classes = estimator.classes_
    test_glyphs = normalise_glyphs(list(split.test[0]))
    return Classifier(
        trim_outputs(estimator.net_, len(classes)),
        tuple(dataset.classes[label] for label in classes),
        _judged(held_glyphs, held[1], classes, "kept-back pictures of the train part"),
        _judged(test_glyphs, split.test[1], classes, split.test_part),
        len(glyphs),
    )


def check_exportable(recipe: Recipe) -> None:
    """Raise NotApplicableError, before anything is trained, if no bundle can hold the model."""
    estimator = recipe.build()
    if not estimator.trains_in_epochs:
        raise NotApplicableError(
            f"{recipe.name}: {recipe.title} is no net, and a bundle holds a net; train a recipe "
            "of the families ANN or CNN, or one of readers.*"
        )
    try:
        describe_net(estimator.build((SIDE_PX, SIDE_PX), n_outputs=2))
    except NotApplicableError as error:
        raise NotApplicableError(f"{recipe.name}: {error}") from error


def trim_outputs(net: nn.Module, n_outputs: int) -> nn.Module:
    """A copy on the CPU with the first outputs alone: the paper's nets have 47 for ten digits."""
    net = copy.deepcopy(net).cpu().eval()
    assert isinstance(net, nn.Sequential)
    last = net[-1]
    assert isinstance(last, nn.Linear)
    with torch.no_grad():
        last.weight = nn.Parameter(last.weight[:n_outputs].clone())
        last.bias = nn.Parameter(last.bias[:n_outputs].clone())
    last.out_features = n_outputs
    return net


def _keep_back(
    images: Images, labels: Labels
) -> tuple[tuple[Images, Labels], tuple[Images, Labels]]:
    size = max(1, round(HELD_SHARE * len(labels)))
    held = stratified_sample(labels, size, random_state=0)
    rest = np.setdiff1d(np.arange(len(labels)), held)
    return (images[rest], labels[rest]), (images[held], labels[held])


def _judged(images: Images, labels: Labels, classes: Labels, data: str) -> Judged:
    return Judged(torch.from_numpy(images).unsqueeze(1), labels[:, None] == classes[None], data)


def _key(recipe: Recipe, dataset: Dataset, random_state: int) -> str:
    facts: dict[str, Any] = recipe.describe(dataset.name)
    facts |= {"data": dataset.digest(), "random_state": random_state, "for": "bundle"}
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]
