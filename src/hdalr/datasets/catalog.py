"""From a name or a path to a data set."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Literal

from hdalr.datasets.csv_file import load_csv, load_csv_folder
from hdalr.datasets.dataset import Dataset
from hdalr.datasets.idx_folder import CODES, FILE_STEMS, is_idx_folder, load_idx_folder
from hdalr.datasets.npz_file import load_npz
from hdalr.datasets.picture_folder import is_picture_folder, load_picture_folder
from hdalr.datasets.places import cache_folder, data_folder, is_offline
from hdalr.datasets.sources import DATASETS, Source
from hdalr.errors import DataError, HdalrError, ParameterError, UnknownNameError

Place = Literal["bundled", "data folder", "cache"]
FORMS = (
    "a folder of IDX files named as MNIST's, a folder with train.csv and test.csv, a folder with "
    "one folder of pictures a class, a .csv or a .npz file"
)


def load_dataset(
    name_or_path: str | Path, *, data_dir: Path | None = None, cache_dir: Path | None = None
) -> Dataset:
    """Load a data set that is on this computer; nothing is downloaded.

    Parameters
    ----------
    name_or_path
        A name from `DATASETS`, or the path of a folder of IDX files, of CSV files or of pictures,
        or of a ``.csv`` or ``.npz`` file, or the name of a folder in `data_dir`. A known name wins
        over a folder of the same name; write ``./mnist`` for the folder.
    data_dir
        Folder with a folder of IDX files for each data set, looked at before the cache; default
        ``HDALR_DATA_DIR``.
    cache_dir
        Where downloads lie; default `cache_folder`.

    Raises
    ------
    ParameterError
        If it is empty.
    UnknownNameError
        If it is neither a known name nor a path.
    DataError
        If the known set is not here, or what is here cannot be read or is not what it should be.

    Examples
    --------
    >>> load_dataset("digits").train_images.shape
    (1437, 28, 28)
    """
    source, data_dir = DATASETS.get(str(name_or_path)), data_dir or data_folder()
    if source is None:
        return _load_path(_find_folder(name_or_path, data_dir))
    return _check_published(_load_source(source, data_dir, cache_dir or cache_folder()), source)


def fetch_dataset(name_or_path: str | Path, *, offline: bool = False) -> Dataset:
    """Load a data set as `load_dataset` does; download it first if it is a known one.

    Parameters
    ----------
    name_or_path
        As for `load_dataset`.
    offline
        Whether the network is forbidden; ``HDALR_OFFLINE=1`` forbids it, too.

    Raises
    ------
    DownloadError
        If a file is missing and cannot be fetched.
    """
    if source := DATASETS.get(str(name_or_path)):
        fetch_source(source, offline=offline)
    return load_dataset(name_or_path)


def fetch_source(source: Source, *, offline: bool = False) -> Place:
    """Download what is missing of a known data set, and say where it now is.

    Raises
    ------
    DownloadError
        If a file is missing and cannot be fetched.
    """
    place = find_source(source)
    if place in ("bundled", "data folder"):
        return place
    from hdalr.datasets.download import fetch_file

    folder = cache_folder() / source.folder
    with _readable(folder):
        for file in source.files:
            fetch_file(file, folder, offline=offline or is_offline())
    return "cache"


def find_source(source: Source) -> Place | None:
    """Where a known data set is on this computer; None if a file of it is missing.

    Looks where `load_dataset` looks by default.
    """
    if not source.files:
        return "bundled"
    if _in_data_folder(source, data_folder()):
        return "data folder"
    return "cache" if _in_cache(source, cache_folder()) else None


def _load_source(source: Source, data_dir: Path | None, cache_dir: Path) -> Dataset:
    if data_dir and _in_data_folder(source, data_dir):
        dataset = load_idx_folder(data_dir / source.name, name=source.name, classes=source.classes)
        return replace(
            dataset,
            origin=f"{source.origin}; IDX files in the data folder",
            test_part=source.test_part,
        )
    if not _in_cache(source, cache_dir):
        raise DataError(
            f"{source.name} is not on this computer; get it with: hdalr data fetch {source.name}, "
            f"or set HDALR_DATA_DIR to a folder that holds {source.name}/ with all four IDX files"
        )
    parts = source.loader(cache_dir / source.folder)
    return parts.named(source.name, source.classes, source.origin, source.test_part)


def _in_data_folder(source: Source, data_dir: Path | None) -> bool:
    if not source.files or data_dir is None:
        return False
    folder = data_dir / source.name
    with _readable(folder):
        names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    return all(
        fnmatch.filter(names, f"{stem}-{kind}[-.]{code}*")
        for stem in FILE_STEMS.values()
        for kind, code in CODES.items()
    )


def _in_cache(source: Source, cache_dir: Path) -> bool:
    folder = cache_dir / source.folder
    with _readable(folder):
        return all((folder / file.name).is_file() for file in source.files)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Name the path in the errors of the operating system."""
    try:
        yield
    except HdalrError:  # some of them derive from OSError
        raise
    except OSError as error:
        raise DataError(
            f"{path}: cannot be read: {error.strerror or error}; expected a file or folder that "
            "you may read"
        ) from error


def _find_folder(name_or_path: str | Path, data_dir: Path | None) -> str | Path:
    """The folder of that name in the data folder, unless there is one here or none there."""
    if data_dir is None or isinstance(name_or_path, Path) or name_or_path in ("", ".", ".."):
        return name_or_path
    if os.sep in name_or_path or Path(name_or_path).exists():
        return name_or_path
    folder = data_dir / name_or_path
    return folder if folder.is_dir() else name_or_path


def _load_path(name_or_path: str | Path) -> Dataset:
    if not str(name_or_path):
        raise ParameterError(
            f"the data set has an empty name; expected one of {', '.join(DATASETS)}, or a path "
            "('.' for the current folder)"
        )
    with _readable(Path(name_or_path)):
        return _load_file_or_folder(name_or_path)


def _load_file_or_folder(name_or_path: str | Path) -> Dataset:
    path = Path(name_or_path)
    if path.is_dir():
        return _load_folder(path)
    if not path.exists():
        if isinstance(name_or_path, Path) or os.sep in name_or_path or path.suffix:
            raise DataError(f"{path}: no such file or folder; expected {FORMS}")
        raise UnknownNameError("data set", name_or_path, DATASETS)
    if path.suffix.lower() == ".csv":
        return load_csv(path)
    if path.suffix.lower() == ".npz":
        return load_npz(path)
    raise DataError(f"{path}: a file of unknown kind; expected {FORMS}")


def _load_folder(folder: Path) -> Dataset:
    if is_idx_folder(folder):
        return load_idx_folder(folder)
    if (folder / "train.csv").is_file():
        return load_csv_folder(folder)
    if is_picture_folder(folder):
        return load_picture_folder(folder)
    raise DataError(f"{folder}: a folder of unknown kind; expected {FORMS}")


def _check_published(dataset: Dataset, source: Source) -> Dataset:
    found = len(dataset.train_images), len(dataset.test_images)
    if found != (source.n_train, source.n_test):
        raise DataError(
            f"{source.name}: {found[0]} train and {found[1]} test pictures; expected the published "
            f"{source.n_train} and {source.n_test} (give the folder's path to use another set)"
        )
    if dataset.classes != source.classes:
        raise DataError(
            f"{source.name}: mapping.txt names the classes {' '.join(dataset.classes[:60])}; "
            f"expected {' '.join(source.classes[:60])}"
        )
    return dataset
