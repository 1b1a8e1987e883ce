"""One trial of a search: settings are judged on pictures of the train part, within a deadline."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from hdalr.datasets.dataset import Dataset
from hdalr.errors import StorageError, in_words
from hdalr.images.batch import Images, Labels
from hdalr.recipes.difference import vary
from hdalr.recipes.protocol import Protocol
from hdalr.recipes.recipe import Recipe

State = Literal["finished", "worse", "out of time", "failed"]
Part = tuple[Images, Labels]
EPOCH_END = 1e-9  # rounding of a fraction of epochs


@dataclass(frozen=True)
class Task:
    """What to judge: a recipe with some settings changed, and until when.

    Attributes
    ----------
    recipe, settings
        See `hdalr.recipes.difference.vary`; no settings for the recipe as it is.
    seed, device
        What the model gets.
    folds
        Parts of a cross-validation, or 0 for one validation part.
    deadline
        In seconds, as `time.time` counts them.
    """

    recipe: Recipe
    settings: dict[str, Any]
    seed: int
    folds: int
    deadline: float
    device: str = "auto"


@dataclass(frozen=True)
class Verdict:
    """What became of a trial.

    Attributes
    ----------
    state
        ``"finished"``; ``"worse"``: a net stopped for being behind others of its age;
        ``"out of time"``: stopped by the deadline; ``"failed"``: it cannot run.
    seconds
        What it took to fit and to predict.
    n_right, n_images
        Pictures read right, and judged.
    fold_accuracies
        One a part of the cross-validation; one alone without.
    fraction
        How far it came, 0 to 1.
    reason
        Why it failed.
    """

    state: State
    seconds: float
    n_right: int = 0
    n_images: int = 0
    fold_accuracies: tuple[float, ...] = ()
    fraction: float = 1.0
    reason: str = ""

    @property
    def accuracy(self) -> float:
        """Share of the pictures read right."""
        return self.n_right / self.n_images


class _StoppedError(Exception):
    def __init__(self, state: State, fraction: float) -> None:
        self.state, self.fraction = state, fraction


def without_test_part(dataset: Dataset) -> Dataset:
    """The data set with its first train picture in the place of the test part, which is not read.

    What works on this cannot see a test picture, whatever it does.
    """
    return dataclasses.replace(
        dataset,
        test_images=dataset.train_images[:1],
        test_labels=dataset.train_labels[:1],
        test_part="none: cut away",
    )


def choice_protocol(protocol: Protocol, folds: int) -> Protocol:
    """How a search cuts the pictures that a recipe learns from.

    For a cross-validation they stay whole; else the recipe's own validation share is kept back,
    and a sixth where it has none.
    """
    share = 0.0 if folds else protocol.validation or 1 / 6
    return dataclasses.replace(protocol, validation=share)


def judge(
    task: Task,
    dataset: Dataset,
    on_progress: Callable[[Any], None] | None = None,
    is_worse: Callable[[int, float], bool] | None = None,
) -> Verdict:
    """Fit the task's recipe and count what it reads right of the pictures kept back.

    Parameters
    ----------
    task
        What to judge.
    dataset
        As `without_test_part` gives it.
    on_progress
        Called with a `hdalr.models._training.Progress` while a net trains.
    is_worse
        Called with the number of an epoch, from 1, and the accuracy on the pictures kept back;
        true stops the net.

    Raises
    ------
    StorageError
        If the disk is full. All else that goes wrong is in the verdict.
    """
    started = time.perf_counter()
    try:
        recipe = vary(task.recipe, task.settings, dataset.name)
        right = [
            _judge_part(task, recipe, index, parts, on_progress, is_worse)
            for index, parts in enumerate(cut_parts(dataset, task.recipe.protocol, task.folds))
        ]
    except _StoppedError as stopped:
        return Verdict(stopped.state, time.perf_counter() - started, fraction=stopped.fraction)
    except StorageError:
        raise
    except Exception as error:  # the other settings shall be tried whatever these do
        return Verdict("failed", time.perf_counter() - started, reason=in_words(error))
    return Verdict(
        "finished",
        time.perf_counter() - started,
        sum(n_right for n_right, _ in right),
        sum(n_images for _, n_images in right),
        tuple(n_right / n_images for n_right, n_images in right),
    )


def cut_parts(dataset: Dataset, protocol: Protocol, folds: int) -> Iterator[tuple[Part, Part]]:
    """Pictures to learn from and pictures kept back, once or once a fold; always the same.

    Raises
    ------
    DataError
        If a class has fewer pictures than there are folds.
    """
    split = choice_protocol(protocol, folds).cut(dataset)
    if split.validation is not None:
        yield split.train, split.validation
        return
    from sklearn.model_selection import StratifiedKFold

    from hdalr.models.support_vector import check_class_sizes

    images, labels = split.train
    classes, indices = np.unique(labels, return_inverse=True)
    check_class_sizes(indices, classes, folds)
    cutter = StratifiedKFold(folds, shuffle=True, random_state=0)
    for kept, left_out in cutter.split(images, labels):
        yield (images[kept], labels[kept]), (images[left_out], labels[left_out])


def _judge_part(
    task: Task,
    recipe: Recipe,
    index: int,
    parts: tuple[Part, Part],
    on_progress: Callable[[Any], None] | None,
    is_worse: Callable[[int, float], bool] | None,
) -> tuple[int, int]:
    """Pictures read right, and judged, of one part."""
    n_parts = max(task.folds, 1)
    _check_time(task, index / n_parts)
    learn, (images, labels) = parts
    estimator = recipe.build(random_state=task.seed, device=task.device)

    def watch(progress: Any) -> None:
        if on_progress is not None:
            on_progress(progress)
        if progress.fraction < 1:
            _check_time(task, (index + progress.fraction) / n_parts)
            if is_worse is not None and _ends_epoch(progress) and hasattr(estimator, "net_"):
                _check_rank(estimator, (images, labels), progress, is_worse)

    extras = {"on_progress": watch} if estimator.trains_in_epochs else {}
    estimator.fit(*learn, **extras)
    return int((estimator.predict(images) == labels).sum()), len(labels)


def _check_time(task: Task, fraction: float) -> None:
    if time.time() > task.deadline:
        raise _StoppedError("out of time", fraction)


def _ends_epoch(progress: Any) -> bool:
    return bool(progress.fraction * progress.epochs > progress.epoch - EPOCH_END)


def _check_rank(
    estimator: Any, held: Part, progress: Any, is_worse: Callable[[int, float], bool]
) -> None:
    """Judge a net in the midst of its training, and leave its mode as it was."""
    mode = estimator.net_.training
    accuracy = float((estimator.predict(held[0]) == held[1]).mean())
    estimator.net_.train(mode)
    if is_worse(progress.epoch, accuracy):
        raise _StoppedError("worse", progress.fraction)
