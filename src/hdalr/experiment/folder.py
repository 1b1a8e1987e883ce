"""The results folder: one run at a time writes to it, and nothing half written stays in it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hdalr.errors import ParameterError, StorageError
from hdalr.evaluation.records import SCHEMA

PARTS = ("records", "failures", "checkpoints", "ablation", "sizes")


@contextmanager
def claim(folder: Path) -> Iterator[None]:
    """Keep other runs out of the folder, and remove what a killed one had half written.

    The lock ends with the process, however it ends. Where the system has no such locks
    (Windows), nobody is kept out.

    Raises
    ------
    StorageError
        If another run is writing there, or the folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".lock").open("w")
    except OSError as error:
        raise StorageError(
            f"{folder}: cannot be written: {error.strerror or error}; choose another folder with -o"
        ) from error
    with lock:
        if not _lock(lock.fileno()):
            raise StorageError(
                f"{folder}: another run is writing there; wait for it, or choose another "
                "folder with -o"
            )
        for part in PARTS:
            for leftover in (folder / part).glob(".*"):
                leftover.unlink(missing_ok=True)
        yield


def load_kept(
    path: Path, key: str, required: Collection[str], dataset: str
) -> dict[str, Any] | None:
    """What an earlier run has left at ``path``: None where it is not whole or of other settings.

    Parameters
    ----------
    key
        The fingerprint that it must have.
    required
        Names that it must hold.
    dataset
        Name of the data set that it must be of.

    Raises
    ------
    ParameterError
        If it is of another data set: it may have taken hours, and is not written over.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(found, dict) or not found.keys() >= set(required):
        return None
    if found["dataset"] != dataset:
        raise ParameterError(
            f"{path}: is of {found['dataset']}, and {dataset} is asked for; choose another "
            "folder with -o, or move this one away"
        )
    return found if (found["schema"], found["fingerprint"]) == (SCHEMA, key) else None


def _lock(descriptor: int) -> bool:
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
