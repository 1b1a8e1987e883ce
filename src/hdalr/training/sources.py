"""The characters that a reader learns from: data sets joined under one list of labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hdalr.datasets import fetch_dataset
from hdalr.datasets.emnist_union import PartlyLabelled, from_dataset, load_union
from hdalr.datasets.places import data_folder
from hdalr.errors import DataError, DownloadError, NotApplicableError
from hdalr.images.batch import Images
from hdalr.recipes.readers import ReaderRecipe

UNION = "emnist-union"
HELD_SHARE = 0.03  # of the train part: for calibration, never learned from


@dataclass(frozen=True, eq=False)
class Sources:
    """Characters to learn from, to calibrate on and to judge on; no picture is in two of them.

    ``foreign`` are pictures of other scripts, an array a data set, as examples of what is no
    character; ``missing`` are those data sets of them that could not be had.
    """

    train: PartlyLabelled
    held: PartlyLabelled
    test: PartlyLabelled
    foreign: tuple[Images, ...]
    missing: tuple[str, ...] = ()


def gather(
    recipe: ReaderRecipe,
    data: Sequence[str] = (),
    limit: int | None = None,
    *,
    foreign_needed: bool = True,
) -> Sources:
    """Load and join what a recipe learns from.

    Parameters
    ----------
    recipe
        Its labels, data sets and foreign scripts.
    data
        Data sets that take the place of the recipe's own.
    limit
        At most so many pictures of each data set.
    foreign_needed
        Whether all of the recipe's other scripts must be there.

    Raises
    ------
    NotApplicableError
        If no picture has one of the recipe's labels.
    DataError, UnknownNameError, DownloadError
        If a data set cannot be had.
    """
    parts = [load_parts(name, limit) for name in data or recipe.data]
    train = joined([part[0] for part in parts], recipe.labels)
    if recipe.judged_on and not data:
        judged = [load_parts(name, limit) for name in recipe.judged_on]
    else:
        judged = parts
    test = joined([part[1] for part in judged], recipe.labels)
    if recipe.kind == "lines":  # what is written must be known
        train, test = train.certain(), test.certain()
    if not len(train.images):
        raise NotApplicableError(
            f"{recipe.name} reads {''.join(recipe.labels)[:80]}; none of these is in "
            f"{', '.join(data or recipe.data)}"
        )
    held = np.random.default_rng(0).random(len(train.images)) < HELD_SHARE
    foreign, missing = _gather_foreign(recipe, limit, foreign_needed)
    return Sources(
        train.take(np.flatnonzero(~held)), train.take(np.flatnonzero(held)), test, foreign, missing
    )


def gather_to_rehearse(
    recipe: ReaderRecipe, data: Sequence[str] = (), limit: int | None = None
) -> Sources:
    """As `gather`, for a net that is not to forget what it can read.

    Where ``data`` takes the place of the recipe's own data sets, examples of other scripts are
    rehearsed as far as they are there.

    Raises
    ------
    NotApplicableError, UnknownNameError
        As `gather`.
    DataError
        If a data set cannot be had.
    """
    try:
        return gather(recipe, data, limit, foreign_needed=not data)
    except (DataError, DownloadError) as error:
        names = data or dict.fromkeys((*recipe.data, *recipe.foreign))
        raise DataError(
            f"{recipe.name} rehearses what it has learned from ({', '.join(names)}) lest "
            f"corrections make it forget: {error}; other characters can be given with --data"
        ) from error


def load_parts(name: str, limit: int | None = None) -> tuple[PartlyLabelled, PartlyLabelled]:
    """Train and test part of a data set by name or path; ``emnist-union`` is a known name.

    Raises
    ------
    DataError
        If the union is asked for and is not in the data folder.
    """
    if name == UNION or name.endswith(f"{UNION}.npz"):
        train, test = load_union(_union_path() if name == UNION else Path(name))
        return _limited(train, limit), _limited(test, limit)
    return from_dataset(fetch_dataset(name).limited(limit))


def _union_path() -> Path:
    folder = data_folder()
    if folder is None:
        raise DataError(
            f"{UNION} lies in the data folder; set HDALR_DATA_DIR to the one that holds "
            f"emnist/{UNION}.npz, or learn from --data emnist-byclass,mnist"
        )
    return folder / "emnist" / f"{UNION}.npz"


def joined(parts: Sequence[PartlyLabelled], labels: Sequence[str]) -> PartlyLabelled:
    """One set under these labels; pictures that have none of them are left out.

    Raises
    ------
    DataError
        If pictures are of different sizes.
    """
    shapes = {part.images.shape[1:] for part in parts}
    if len(shapes) > 1:
        raise DataError(f"the data sets have pictures of {sorted(shapes)}; expected one size")
    allowed = []
    for part in parts:
        columns = np.zeros((len(part.images), len(labels)), bool)
        for i, label in enumerate(labels):
            if label in part.characters:
                columns[:, i] = part.allowed[:, part.characters.index(label)]
        # A picture that may also be a label which is not ours says nothing certain.
        columns[columns.sum(axis=1) < part.allowed.sum(axis=1)] = False
        allowed.append(columns)
    everything = PartlyLabelled(
        np.concatenate([part.images for part in parts]), np.concatenate(allowed), tuple(labels)
    )
    return everything.take(np.flatnonzero(everything.allowed.any(axis=1)))


def _gather_foreign(
    recipe: ReaderRecipe, limit: int | None, needed: bool
) -> tuple[tuple[Images, ...], tuple[str, ...]]:
    found, missing = [], []
    for name in recipe.foreign:
        try:
            found.append(_foreign(recipe, load_parts(name, limit)[0]))
        except (DataError, DownloadError):
            if needed:
                raise
            missing.append(name)
    return tuple(found), tuple(missing)


def _foreign(recipe: ReaderRecipe, train: PartlyLabelled) -> Images:
    """Pictures of the train part that have no label of ours and look like none."""
    ours = [c in recipe.labels or c in recipe.look_alikes for c in train.characters]
    return train.images[~train.allowed[:, ours].any(axis=1)]


def _limited(part: PartlyLabelled, limit: int | None) -> PartlyLabelled:
    n = len(part.images)
    if limit is None or n <= limit:
        return part
    return part.take(np.sort(np.random.default_rng(0).choice(n, limit, replace=False)))
