"""The exceptions that hdalr raises on purpose.

::

    HdalrError
    ├── DataError(ValueError)            a file or an array is not what it should be
    ├── UnknownNameError(LookupError)    no such data set, recipe, option ...; lists the choices
    ├── ParameterError(ValueError)       an argument is out of its range
    ├── NotApplicableError(ValueError)   a recipe cannot run on this data set
    ├── MissingExtraError(ImportError)   an optional library is not installed
    ├── ClusterError(OSError)            a cluster cannot be reached, or was lost
    │   └── WorkerLostError              work has cost its workers, again and again
    ├── DownloadError(OSError)           a file could not be fetched, or is not the published one
    └── StorageError(OSError)            a result could not be written

Each message says what was wrong, what was given and what would be right. Each class also
derives from the matching built-in, so that ``except ValueError`` works as one expects.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Iterable
from types import ModuleType


class HdalrError(Exception):
    """Base of all errors that hdalr raises on purpose."""


class DataError(HdalrError, ValueError):
    """A file or an array does not hold what it should."""


class ParameterError(HdalrError, ValueError):
    """An argument lies outside what is allowed."""


class NotApplicableError(HdalrError, ValueError):
    """A recipe cannot run on the data set that was given."""


class DownloadError(HdalrError, OSError):
    """A file could not be fetched, or what came is not what was published."""


class StorageError(HdalrError, OSError):
    """A result could not be written."""


class UnknownNameError(HdalrError, LookupError):
    """A name is not in its table.

    Parameters
    ----------
    kind
        What the name should have been, e.g. ``"data set"``.
    name
        What was given.
    choices
        The names that exist.

    Examples
    --------
    >>> str(UnknownNameError("data set", "mnits", ["digits", "mnist"]))
    "unknown data set 'mnits'; did you mean 'mnist'? choices: digits, mnist"
    """

    def __init__(self, kind: str, name: str, choices: Iterable[str]) -> None:
        names = sorted(choices)
        near = difflib.get_close_matches(name.lower(), names, n=1, cutoff=0.5)
        hint = f"; did you mean {near[0]!r}?" if near else ";"
        super().__init__(f"unknown {kind} {name!r}{hint} choices: {', '.join(names)}")


class ClusterError(HdalrError, OSError):
    """A cluster cannot be reached, or was lost on the way."""


class WorkerLostError(ClusterError):
    """The workers that were given this work ended, again and again."""


class MissingExtraError(HdalrError, ImportError):
    """A library of an optional extra is not installed."""


EXTRAS = {
    "alembic": "serve",
    "dask": "cluster",
    "distributed": "cluster",
    "fastapi": "serve",
    "fsspec": "cluster",
    "jinja2": "train",
    "lightgbm": "train",
    "matplotlib": "train",
    "numba": "train",
    "optuna": "train",
    "prometheus_client": "serve",
    "psycopg": "serve",
    "pyarrow": "cluster",
    "pydantic": "serve",
    "python_multipart": "serve",
    "safetensors": "train",
    "scipy": "train",
    "sklearn": "train",
    "sqlalchemy": "serve",
    "torch": "train",
    "uvicorn": "serve",
}  # module: the extra that brings it


def require_extra(module: str) -> ModuleType:
    """Import a ``module`` of the table `EXTRAS`, or say which extra brings it.

    Raises
    ------
    MissingExtraError
        If the module is not installed; the message names the install command.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise name_extra(error) from error


def name_extra(error: ModuleNotFoundError) -> ImportError:
    """Turn the error of an import into one that names the extra to install.

    An error about a module that no extra brings is given back as it is.

    Examples
    --------
    >>> print(name_extra(ModuleNotFoundError(name="torch")))
    torch is not installed; it comes with: pip install 'hdalr[train]'
    """
    module = (error.name or "").split(".")[0]
    if module not in EXTRAS:
        return error
    return MissingExtraError(
        f"{module} is not installed; it comes with: pip install 'hdalr[{EXTRAS[module]}]'"
    )


def in_words(error: Exception) -> str:
    """What to tell of an error of any kind, in one line.

    Examples
    --------
    >>> in_words(DataError("labels: found none"))
    'labels: found none'
    >>> in_words(ZeroDivisionError("division by zero"))
    'ZeroDivisionError: division by zero'
    """
    if isinstance(error, HdalrError):
        return str(error)
    if isinstance(error, ModuleNotFoundError):
        return str(name_extra(error))
    return f"{type(error).__name__}: {error}"
