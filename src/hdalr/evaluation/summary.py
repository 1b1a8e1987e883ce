"""The rows of the comparison table: records by recipe, seeds averaged, failures in their place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

from hdalr.evaluation.records import Failure, PaperFigure, Record
from hdalr.evaluation.wording import (
    DASH,
    count,
    interval,
    microseconds,
    on_device,
    percent,
    seconds,
)

# Where a figure of the paper may stand beside ours: its data set, then ours.
COMPARABLE = {"mnist": ("mnist",), "emnist-balanced": ("emnist-balanced", "emnist47")}
NEAR_KIN = {"emnist47": "emnist47 is close in kind to the paper's EMNIST Balanced, but another set"}
# The paper's Table 1: Naive Bayes on MNIST.
PAPER_CLASS_ACCURACY = dict(
    zip(
        "0123456789",
        (0.9145, 0.9666, 0.8701, 0.7798, 0.6670, 0.6864, 0.9172, 0.8314, 0.7544, 0.8790),
        strict=True,
    )
)


@dataclass(frozen=True)
class Row:
    """One recipe on one data set, over all its seeds.

    Attributes
    ----------
    records
        At least one, seeds rising, all on the same data set with the same limit.
    missing_seeds
        Runs of the same recipe that did not finish.
    """

    records: tuple[Record, ...]
    missing_seeds: tuple[Failure, ...] = ()

    @property
    def first(self) -> Record:
        """The record of the lowest seed: its matrix, curves and predictions are shown."""
        return self.records[0]

    @property
    def recipe(self) -> str:
        """Name of the recipe."""
        return self.first["recipe"]

    @property
    def accuracy(self) -> float:
        """Test accuracy; with several seeds their mean."""
        return self.mean("accuracy")

    @property
    def spread(self) -> float | None:
        """Standard deviation of the accuracy over seeds (n - 1); None with one seed."""
        accuracies = [record["accuracy"] for record in self.records]
        return stdev(accuracies) if len(accuracies) > 1 else None

    @property
    def uncertainty(self) -> str:
        """Wilson interval of one run, or the spread over several, in per cent."""
        if self.spread is None:
            return interval(self.first["accuracy_interval"])
        return f"± {percent(self.spread)}"

    @property
    def paper(self) -> PaperFigure | None:
        """The paper's figure, or None where it may not stand beside ours."""
        figure = self.first["paper"]
        sets = COMPARABLE.get(figure["dataset"], ())
        if figure["accuracy"] is None or self.first["dataset"] not in sets:
            return None
        return figure

    @property
    def notes(self) -> list[str]:
        """What a reader must know before he takes the figures at face value."""
        first = self.first
        notes = []
        if first["demo"]:
            notes.append("demo: " + demo_text(first["demo"]))
        if first["limit"] is not None:
            notes.append(f"at most {count(first['limit'])} images a part")
        notes += [f"matched: {setting}" for setting in first["matched"]]
        if self.paper and first["dataset"] in NEAR_KIN:
            notes.append(NEAR_KIN[first["dataset"]])
        notes += [f"seed {one['seed']} failed: {one['reason']}" for one in self.missing_seeds]
        return notes

    def mean(self, name: str) -> float:
        """Mean over seeds of one number that each record holds."""
        return _mean(self.records, name)

    @property
    def device(self) -> str:
        """What the first seed was trained on: ``"cpu"``, or the name of a GPU."""
        return str(self.first["hardware"]["device"])

    def cost(self, name: str) -> float:
        """Mean of a time over the seeds that ran on the device of the first."""
        alike = [one for one in self.records if one["hardware"]["device"] == self.device]
        return _mean(alike, name)

    @property
    def fit_time(self) -> str:
        """The time to fit in words; on a GPU with its name."""
        return on_device(seconds(self.cost("fit_seconds")), self.device)

    @property
    def predict_time(self) -> str:
        """The microseconds to read an image in words; on a GPU with its name."""
        each = self.cost("predict_microseconds_per_image")
        return on_device(microseconds(each), self.device)


def _mean(records: Sequence[Record], name: str) -> float:
    return fmean(record[name] for record in records)  # type: ignore[literal-required]


@dataclass(frozen=True)
class FailedRow:
    """A recipe of which no run finished."""

    failure: Failure

    @property
    def recipe(self) -> str:
        """Name of the recipe."""
        return self.failure["recipe"]

    @property
    def status(self) -> str:
        """``failed`` or ``not applicable``."""
        return self.failure["status"]


def summarise(
    records: Iterable[Record], failures: Iterable[Failure] = (), order: Sequence[str] = ()
) -> list[Row | FailedRow]:
    """Group runs by recipe.

    Parameters
    ----------
    order
        Names of recipes as the table shall list them; those it lacks follow, the most accurate
        first, then those that failed.

    Returns
    -------
    list of Row or FailedRow
        Runs of one recipe on different data sets, or with different limits, are different rows:
        a mean over them would mean nothing.
    """
    unfinished: dict[str, list[Failure]] = defaultdict(list)
    for failure in failures:
        unfinished[failure["recipe"]].append(failure)
    groups: dict[tuple[Any, ...], list[Record]] = defaultdict(list)
    for record in records:
        groups[record["recipe"], record["dataset"], record["limit"]].append(record)
    rows: list[Row | FailedRow] = [
        Row(
            tuple(sorted(group, key=lambda one: one["seed"])),
            tuple(unfinished.pop(recipe, ())),
        )
        for (recipe, *_), group in groups.items()
    ]
    rows += [FailedRow(runs[0]) for runs in unfinished.values()]
    places = {recipe: place for place, recipe in enumerate(order)}
    return sorted(rows, key=lambda row: sort_key(row, places))


def sort_key(row: Row | FailedRow, places: Mapping[str, int]) -> tuple[int, float, str]:
    """By place in the table, then by accuracy; failures last."""
    accuracy = row.accuracy if isinstance(row, Row) else -1.0
    return places.get(row.recipe, len(places)), -accuracy, row.recipe


def finished(rows: Iterable[Row | FailedRow]) -> list[Row]:
    """The rows that have a figure."""
    return [row for row in rows if isinstance(row, Row)]


def demo_text(demo: Mapping[str, Any]) -> str:
    """Parameters changed for the bundled set, in words; each value is [used, the source's].

    Examples
    --------
    >>> demo_text({"epochs": [8, 30]})
    'epochs 8 instead of 30'
    """
    return ", ".join(f"{name} {used} instead of {full}" for name, (used, full) in demo.items())


def paper_text(row: Row) -> str:
    """The paper's figure and its split, as in ``96.90 (test)``; a dash where there is none."""
    figure = row.paper
    if figure is None or figure["accuracy"] is None:
        return DASH
    return f"{percent(figure['accuracy'])} ({figure['split']})"


def judged_on(record: Record) -> str:
    """Data set, part and number of test images, for captions."""
    return f"{record['dataset']}, {record['test_part']}, {count(record['n_test'])} test images"


def paper_class_accuracy(record: Record) -> dict[str, float]:
    """The paper's Table 1 if it may stand beside this record, else nothing."""
    comparable = record["family"] == "Naive Bayes" and record["dataset"] == "mnist"
    return PAPER_CLASS_ACCURACY if comparable else {}


def frequent_confusions(record: Record, n_most: int = 10) -> list[tuple[str, str, int, float]]:
    """The most frequent confusions of a row.

    Returns
    -------
    list of (true class, predicted class, images, share of the true class)
        Most frequent first, ties in class order; shorter where there are fewer.
    """
    classes, matrix = record["classes"], record["confusion_matrix"]
    found = [
        (true, predicted, n, n / sum(matrix[row]))
        for row, true in enumerate(classes)
        for column, predicted in enumerate(classes)
        if row != column and (n := matrix[row][column])
    ]
    return sorted(found, key=lambda one: -one[2])[:n_most]
