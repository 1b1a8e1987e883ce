"""What the records of the benchmarks have in common: how they were made, times, shares."""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import resource
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hdalr.bundles.bundle import list_bundles, load_bundle
from hdalr.datasets.places import data_folder
from hdalr.errors import HdalrError
from hdalr.evaluation.intervals import wilson_interval
from hdalr.evaluation.machine import describe_hardware, describe_versions
from hdalr.evaluation.records import write_json


def run_main(main: Callable[[], None]) -> None:
    """Run a benchmark; an error of ours ends it with its message alone."""
    try:
        main()
    except HdalrError as error:
        sys.exit(f"{Path(sys.argv[0]).name}: {error}")


def make_parser(description: str | None) -> argparse.ArgumentParser:
    """A parser with the options that all have: seed, bundles, and where the record goes."""
    parser = argparse.ArgumentParser(description=(description or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=0, help="of all chance (default: 0)")
    parser.add_argument("--model", action="append", help="bundles (default: those that ship)")
    parser.add_argument("-o", "--output", type=Path, help="where the record goes")
    return parser


def describe_run(command: str, options: argparse.Namespace) -> dict[str, Any]:
    """The command, and what it was run with.

    Parameters
    ----------
    command
        Without the options of `make_parser`; these are put behind it, folders by their names.
    options
        As the parser gives them.

    Returns
    -------
    dict
        ``command``, ``seed``; ``bundles``, each name with its digest; ``versions``; ``hardware``;
        ``load_average``, how many processes wanted a core during the last minute: if they are
        more than the cores, the times are too long.
    """
    models = "".join(f" --model {Path(model).name}" for model in options.model or ())
    bundles = [load_bundle(model) for model in options.model or list_bundles()]
    return {
        "command": f"python benchmarks/{command} --seed {options.seed}{models}",
        "seed": options.seed,
        "bundles": {bundle.name: bundle.digest for bundle in bundles},
        "versions": describe_versions()
        | {"onnxruntime": importlib.metadata.version("onnxruntime")},
        "hardware": describe_hardware(),
        "load_average": round(os.getloadavg()[0], 2),
    }


def require_data(wanted: str) -> Path:
    """The data folder; without one the benchmark ends, and says what it should hold."""
    folder = data_folder()
    if folder is None:
        sys.exit(f"HDALR_DATA_DIR is not set; expected the folder with {wanted}")
    return folder


def put_record(record: dict[str, Any], output: Path | None) -> None:
    """Write a record to its file, or to stdout."""
    if output is not None:
        write_json(output, record)
    else:
        print(json.dumps(record, ensure_ascii=False, indent=1))


def processor_seconds() -> float:
    """Seconds that processors have worked for this process and for its children that have ended."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def describe_times(seconds: Sequence[float], cpu_seconds: Sequence[float]) -> dict[str, Any]:
    """How many times were taken; their median and 90th percentile, in milliseconds.

    Beside those on the clock, ``cpu_p50_ms`` is the median of the processor's time, which other
    users of a shared machine disturb less.
    """
    median, late = np.percentile(seconds, [50, 90]) * 1000
    return {
        "n": len(seconds),
        "p50_ms": round(float(median), 3),
        "p90_ms": round(float(late), 3),
        "cpu_p50_ms": round(1000 * float(np.median(cpu_seconds)), 3),
    }


def share(name: str, flags: Sequence[bool]) -> dict[str, Any]:
    """A fraction and its 95 % Wilson interval; None where there is nothing to divide by."""
    if not flags:
        return {name: None, f"{name}_interval": None}
    n_true = sum(flags)
    interval = wilson_interval(n_true, len(flags))
    return {name: n_true / len(flags), f"{name}_interval": list(interval)}


def in_percent(row: dict[str, Any], name: str) -> str:
    """What `share` has put into a row, for a table: ``97.3 % (96.4 to 98.0)``."""
    if row[name] is None:
        return "-"
    low, high = row[f"{name}_interval"]
    return f"{100 * row[name]:.1f} % ({100 * low:.1f} to {100 * high:.1f})"
