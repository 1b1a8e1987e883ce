"""The ablation: what noise reduction, resizing and cropping are worth to each family.

The paper's conclusion credits them and shows no figure (section 5). Here each recipe is trained
and judged on the same pictures, without preprocessing, with each step and with all of them,
once on clean pictures and once on pictures to which noise was added, in both parts.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from typing import Any, cast

from hdalr.datasets.dataset import Dataset
from hdalr.errors import NotApplicableError
from hdalr.evaluation.ablation import NOISES
from hdalr.evaluation.records import Ablation, Record, write_json
from hdalr.experiment.comparison import Comparison, name_command
from hdalr.experiment.folder import claim, load_kept
from hdalr.experiment.row import Row, fingerprint, run_row
from hdalr.images.noise import add_noise
from hdalr.models.preprocessing import STEPS, Preprocessing
from hdalr.recipes.recipe import Recipe

VARIANTS: dict[str, tuple[str, ...]] = {"none": (), **{s: (s,) for s in STEPS}, "all": (*STEPS,)}
FAMILIES = (
    "paper.naive-bayes,paper.decision-tree,paper.random-forest,paper.knn,paper.svm-linear,"
    "paper.svm-rbf-default,paper.ann,paper.lstm,paper.cnn"
)
CARRIED_OVER = Ablation.__required_keys__ - {"preprocessing", "noise"}


def ablate(
    plan: Comparison, on_progress: Callable[[str, Any], None] | None = None
) -> Iterator[tuple[Ablation, bool]]:
    """Run every recipe on every variant of the pictures; nets with the demo's epochs.

    Parameters
    ----------
    plan
        As for `compare`; results go to ``folder/ablation``. ``jobs`` is not used.
    on_progress
        Called with the recipe's name and a progress while a net trains.

    Yields
    ------
    tuple of Ablation and bool
        A result, and whether an earlier run had made it. A recipe that cannot run on the data
        set is passed over.

    Raises
    ------
    ParameterError
        If the folder holds results of another data set.
    StorageError
        If a result cannot be written.
    """
    with claim(plan.folder):
        yield from _ablate(plan, on_progress)


def _ablate(
    plan: Comparison, on_progress: Callable[[str, Any], None] | None
) -> Iterator[tuple[Ablation, bool]]:
    for noise, preprocessing, dataset in variants(plan.dataset.limited(plan.limit)):
        digest = dataset.digest()
        for recipe, seed in product(map(with_demo, plan.recipes), range(plan.seeds)):
            stem = f"{recipe.name}-{preprocessing}-{noise}-seed{seed}"
            path = plan.folder / "ablation" / f"{stem}.json"
            key = fingerprint(recipe, dataset, digest, seed, plan.limit)
            found = load_kept(path, key, Ablation.__required_keys__, dataset.name)
            result = cast(Ablation | None, found)
            kept = result is not None
            if result is None:
                tell = None if on_progress is None else partial(on_progress, stem)
                record = _run(plan, recipe, seed, dataset, key, tell)
                if record is None:
                    continue
                result = _extract(record, preprocessing, noise)
                write_json(path, result)
            yield result, kept


def variants(dataset: Dataset) -> Iterator[tuple[str, str, Dataset]]:
    """Noise, name of the preprocessing, and the data set with both; one at a time in memory."""
    for noise in NOISES:
        noisy = add_noise_to(dataset) if noise == "noisy" else dataset
        for name, steps in VARIANTS.items():
            yield noise, name, preprocess(noisy, steps)


def add_noise_to(dataset: Dataset) -> Dataset:
    """The data set with Gaussian and salt-and-pepper noise in both parts, always the same."""
    return dataclasses.replace(
        dataset,
        train_images=add_noise(dataset.train_images, random_state=0),
        test_images=add_noise(dataset.test_images, random_state=1),
    )


def preprocess(dataset: Dataset, steps: tuple[str, ...]) -> Dataset:
    """The data set with the steps applied to both parts."""
    apply = Preprocessing(steps).transform
    return dataclasses.replace(
        dataset,
        train_images=apply(dataset.train_images),
        test_images=apply(dataset.test_images),
    )


def with_demo(recipe: Recipe) -> Recipe:
    """The recipe with its demo parameters, which nets on few pictures need, on any data set."""
    return dataclasses.replace(recipe, parameters={**recipe.parameters, **recipe.demo})


def _run(
    plan: Comparison,
    recipe: Recipe,
    seed: int,
    dataset: Dataset,
    key: str,
    on_progress: Callable[[Any], None] | None,
) -> Record | None:
    command = name_command(plan, [recipe.name], seed + 1, "ablate")
    row = Row(recipe, seed, plan.limit, plan.device, command)
    try:
        return run_row(row, dataset, key, on_progress)
    except NotApplicableError:
        return None


def _extract(record: Record, preprocessing: str, noise: str) -> Ablation:
    facts = {name: record[name] for name in CARRIED_OVER}  # type: ignore[literal-required]
    return cast(Ablation, facts | {"preprocessing": preprocessing, "noise": noise})
