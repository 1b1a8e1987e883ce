"""What the fitted models lose on corrupted images and on sets that others made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from hdalr.evaluation.records import Transferred
from hdalr.evaluation.summary import Row
from hdalr.evaluation.wording import interval, percent


@dataclass(frozen=True)
class RobustRow:
    """One row's errors on the same images as they are and under each corruption.

    Means over the seeds that were judged so; fractions of ``n`` images each.
    """

    recipe: str
    title: str
    n: int
    n_seeds: int
    clean: float
    errors: dict[str, float]

    @property
    def mean(self) -> float:
        """Mean error over the corruptions."""
        return fmean(self.errors.values())


def judge_robustness(rows: Iterable[Row]) -> list[RobustRow]:
    """The rows that were judged on corrupted images, the smallest mean error first."""
    judged = []
    for row in rows:
        seen = [one["corruptions"] for one in row.records if "corruptions" in one]
        if seen:
            errors = {
                name: 1 - fmean(one["accuracies"][name] for one in seen)
                for name in seen[0]["accuracies"]
            }
            clean = 1 - fmean(one["clean"] for one in seen)
            title = row.first["title"]
            judged.append(RobustRow(row.recipe, title, seen[0]["n"], len(seen), clean, errors))
    return sorted(judged, key=lambda row: row.mean)


@dataclass(frozen=True)
class TransferRow:
    """One row's accuracy on its own test part and on each development set.

    ``others`` holds, by the name of the set, its images, the accuracy and its interval or
    spread in words.
    """

    recipe: str
    title: str
    own: float
    others: dict[str, tuple[int, float, str]]


def judge_transfers(rows: Iterable[Row]) -> list[TransferRow]:
    """The rows that were judged on other sets, in the order of the table."""
    judged = []
    for row in rows:
        sets: dict[str, list[Transferred]] = {}
        for record in row.records:
            for one in record.get("transfer", ()):
                sets.setdefault(one["dataset"], []).append(one)
        if sets:
            others = {name: summarise_set(seen) for name, seen in sets.items()}
            judged.append(TransferRow(row.recipe, row.first["title"], row.accuracy, others))
    return judged


def summarise_set(seen: Sequence[Transferred]) -> tuple[int, float, str]:
    """Images, mean accuracy over seeds, and how sure that is, in per cent."""
    accuracies = [one["accuracy"] for one in seen]
    first = seen[0]
    if len(seen) == 1:
        return first["n"], accuracies[0], interval(first["interval"])
    return first["n"], fmean(accuracies), f"± {percent(stdev(accuracies))}"
