"""The table of what each family reaches, beside the best figure known for it."""

from __future__ import annotations

from pathlib import Path
from statistics import fmean, stdev
from typing import NamedTuple

from hdalr.evaluation.records import Record
from hdalr.evaluation.results import load_results
from hdalr.evaluation.summary import Row, finished, summarise
from hdalr.evaluation.wording import count, on_device, percent, seconds


class Target(NamedTuple):
    """What a recipe has to reach on MNIST's test part, and the best figure that others report.

    Where the recipe's nets have learned as members of a committee, ``members_of`` names it: the
    members' own accuracies count, since a member is a net of the recipe with another seed.
    """

    family: str
    recipe: str
    paper: str
    best: str
    target: float
    members_of: str = ""


TARGETS = (
    Target("naive Bayes", "better.naive-bayes", "80.6", "none known", 0.93),
    Target("Gaussian a class", "better.gaussian", "–",
           "96.7: PCA-40, quadratic (LeCun et al. 1998)", 0.982),
    Target("one tree, hard", "better.decision-tree", "85.2", "87.8: CART on pixels", 0.945),
    Target("one tree, soft", "better.soft-tree", "–",
           "96.76: distilled from a CNN (Frosst and Hinton 2017)", 0.97),
    Target("forest, boosting", "better.forest", "94.1",
           "99.26: deep forest with scanning (Zhou and Feng 2017)", 0.991),
    Target("k-NN", "better.knn", "96.9", "99.48: P2DHMDM (Keysers et al. 2007)", 0.9945),
    Target("SVM, linear, HOG", "better.svm-linear-hog", "91.3", "98.25: n-gram features", 0.99),
    Target("SVM, linear", "better.svm-linear", "91.3",
           "99.63: fixed convolutions, least squares (McDonnell 2015)", 0.995),
    Target("SVM, kernel", "better.svm-rbf", "94.4", "99.58: gradient features (Liu et al. 2003)",
           0.995),
    Target("MLP, small", "better.mlp-small", "–", "99.3: 800 hidden, elastic (Simard et al. 2003)",
           0.993),
    Target("MLP, large", "better.mlp", "–", "99.65: six layers, elastic (Ciresan et al. 2010)",
           0.996),
    Target("LSTM", "better.lstm", "97.6", "99.5: ReNet (Visin et al. 2015)", 0.995),
    Target("CNN, one net", "better.cnn", "99.05", "99.70 ± .03: M3, M5 (An et al. 2020)", 0.997,
           members_of="better.cnn-committee"),
    Target("CNN, committee", "better.cnn-committee", "–",
           "99.745 ± .02: 15 nets, not picked on test", 0.9979),
)  # fmt: skip


def targets_table(folder: Path) -> str:
    """Markdown: family, best known, target, what was reached at what cost."""
    results = load_results(folder)
    rows = {row.recipe: row for row in finished(summarise(results.records))}
    head = (
        "| family | paper, % | best known, % (source) | target, % | reached, % "
        "| ± over seeds, or 95 % interval | seeds | held | `--recipes` | fit | an image "
        "| parameters |\n|---|---:|---|---:|---:|---:|---:|---|---|---:|---:|---:|\n"
    )
    return head + "".join(
        _line(target, rows.get(target.members_of or target.recipe)) for target in TARGETS
    )


def _line(target: Target, row: Row | None) -> str:
    asked = (target.family, target.paper, target.best, percent(target.target))
    if row is None:
        return f"| {' | '.join((*asked, *'–––', 'not run', f'`{target.recipe}`', *'–––'))} |\n"
    accuracies = [accuracy for record in row.records for accuracy in _accuracies(target, record)]
    each = len(row.records) / len(accuracies)
    reached = (
        percent(fmean(accuracies)),
        f"± {percent(stdev(accuracies))}" if len(accuracies) > 1 else row.uncertainty,
        str(len(accuracies)),
        "yes" if fmean(accuracies) >= target.target else "no",
        f"`{target.recipe}`",
        on_device(seconds(row.cost("fit_seconds") * each), row.device),
        f"{row.cost('predict_microseconds_per_image') * each / 1000:.2f} ms",
        count(round(row.first["n_parameters"] * each)),
    )
    return f"| {' | '.join((*asked, *reached))} |\n"


def _accuracies(target: Target, record: Record) -> list[float]:
    return record["member_accuracies"] if target.members_of else [record["accuracy"]]
