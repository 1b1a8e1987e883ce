"""Which figures a report shows, each with its place, its caption and its drawing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hdalr.evaluation import figures
from hdalr.evaluation.ablation import AblationRow
from hdalr.evaluation.figures.search import searched_parameters
from hdalr.evaluation.frontier import CostRow, weigh_costs
from hdalr.evaluation.growth import Growth
from hdalr.evaluation.records import Record
from hdalr.evaluation.summary import Row, judged_on, paper_class_accuracy
from hdalr.evaluation.wording import count


@dataclass(frozen=True)
class Illustration:
    """One figure.

    Attributes
    ----------
    slug
        Name of its file and prefix of its ids.
    caption
        What it shows: data set, part and number of images included.
    svg
        The drawing, one ``<svg>`` element.
    """

    slug: str
    caption: str
    svg: str


@dataclass(frozen=True)
class Illustrations:
    """All figures of a report; those of one row stand under its `row_key`."""

    accuracies: Illustration | None
    distributions: Sequence[Illustration]
    class_accuracies: Sequence[Illustration]
    trees: Sequence[Illustration]
    confusions: Mapping[str, Illustration]
    accuracy_curves: Mapping[str, Illustration]
    loss_curves: Mapping[str, Illustration]
    searches: Mapping[str, Illustration]
    reliabilities: Mapping[str, Illustration]
    ablation: Illustration | None
    costs: Sequence[Illustration] = ()
    growths: Sequence[Illustration] = ()

    def all(self) -> list[Illustration]:
        """Every figure, in the order of the report."""
        single = [one for one in (self.accuracies, self.ablation) if one]
        listed = [*self.costs, *self.distributions, *self.class_accuracies, *self.trees]
        listed += self.growths
        by_row = (
            self.confusions,
            self.accuracy_curves,
            self.loss_curves,
            self.searches,
            self.reliabilities,
        )
        return single + listed + [one for group in by_row for one in group.values()]


def illustrate(
    rows: Sequence[Row], ablation: Sequence[AblationRow], growths: Sequence[Growth] = ()
) -> Illustrations:
    """Draw every figure that the rows have the numbers for."""
    nets = [row for row in rows if row.first["learning_curve"]]
    searched = [row for row in rows if len(searched_parameters(row.first["search"])) == 2]
    return Illustrations(
        accuracies=draw_accuracies(rows) if rows else None,
        distributions=[draw_distribution(record) for record in largest_of_each_set(rows)],
        class_accuracies=[draw_class_accuracy(row) for row in worth_a_closer_look(rows)],
        trees=[draw_tree(row) for row in rows if row.first["tree"]],
        confusions={row_key(row): draw_confusion(row) for row in rows},
        accuracy_curves={row_key(row): draw_accuracy_curve(row) for row in nets},
        loss_curves={row_key(row): draw_loss_curve(row) for row in nets},
        searches={row_key(row): draw_search(row) for row in searched},
        reliabilities={row_key(row): draw_reliability(row) for row in rows},
        ablation=draw_ablation(ablation) if ablation else None,
        costs=draw_costs(weigh_costs(rows)) if len(rows) > 1 else (),
        growths=draw_growths(growths),
    )


def row_key(row: Row) -> str:
    """Letters, digits and hyphens that name this row and no other.

    Recipe, data set and limit, since a folder may hold one recipe on several of them.
    """
    limit = row.first["limit"]
    words = [row.recipe, row.first["dataset"], *([] if limit is None else [str(limit)])]
    return re.sub(r"[^a-z0-9]+", "-", "-".join(words).lower()).strip("-")


def after_the_paper(record: Record, numbers: str) -> str:
    """Say after which figure of the paper this one is made, if the record's source names it."""
    found = re.search(rf"Fig\. ({numbers})\b", record["source"])
    return f" After the paper's Fig. {found[1]}." if found else ""


def largest_of_each_set(rows: Iterable[Row]) -> list[Record]:
    """Of each data set the record that was trained on most images."""
    largest: dict[str, Record] = {}
    for row in rows:
        record = row.first
        known = largest.setdefault(record["dataset"], record)
        if record["n_train"] + record["n_validation"] > known["n_train"] + known["n_validation"]:
            largest[record["dataset"]] = record
    return list(largest.values())


def worth_a_closer_look(rows: Sequence[Row]) -> list[Row]:
    """Rows whose classes the paper gives as well, and the best row."""
    best = max(rows, key=lambda row: row.accuracy, default=None)
    return [row for row in rows if row is best or paper_class_accuracy(row.first)]


def draw_accuracies(rows: Sequence[Row]) -> Illustration:
    """All rows in one plot."""
    caption = (
        "Test accuracy of each row; the bar is the 95 % Wilson interval of one run, or the "
        "standard deviation over seeds."
    )
    return Illustration("accuracies", caption, figures.plot_accuracies(rows, "accuracies"))


def draw_distribution(record: Record) -> Illustration:
    """Fig. 1."""
    slug = "classes-" + re.sub(r"[^a-z0-9]+", "-", record["dataset"].lower())
    caption = f"Images of each class in {record['dataset']}. After the paper's Fig. 1."
    return Illustration(slug, caption, figures.plot_class_distribution(record, slug))


def draw_class_accuracy(row: Row) -> Illustration:
    """Table 1 as bars."""
    slug = f"class-accuracy-{row_key(row)}"
    paper = paper_class_accuracy(row.first)
    caption = f"{row.first['title']}: accuracy of each class ({judged_on(row.first)})."
    svg = figures.plot_class_accuracy(row.first, slug, paper)
    return Illustration(slug, caption, svg)


def draw_tree(row: Row) -> Illustration:
    """Fig. 2."""
    tree, slug = row.first["tree"], f"tree-{row_key(row)}"
    assert tree is not None  # the caller chose rows that have one
    caption = (
        f"{row.first['title']}: the top of the tree, learned from {count(row.first['n_train'])} "
        f"training images of {row.first['dataset']}. A box shows the pixel (row, column) and its "
        "threshold, the majority class with its share, and the images that reach it; images go "
        "left where the pixel is at most the threshold."
        f"{after_the_paper(row.first, '2')}"
    )
    return Illustration(slug, caption, figures.plot_tree(tree, slug, row.first["title"]))


def draw_confusion(row: Row) -> Illustration:
    """Fig. 6, 7, 8 and their like."""
    slug = f"confusion-{row_key(row)}"
    caption = (
        f"{row.first['title']}, seed {row.first['seed']}: true classes down, predicted across "
        f"({judged_on(row.first)}). Blue is right, vermillion wrong."
        f"{after_the_paper(row.first, '6|7|8')}"
    )
    return Illustration(slug, caption, figures.plot_confusion(row.first, slug))


def draw_accuracy_curve(row: Row) -> Illustration:
    """Fig. 9 and its like."""
    slug = f"accuracy-curve-{row_key(row)}"
    caption = f"{row.first['title']}: accuracy against epochs, {learned_from(row.first)}."
    return Illustration(slug, caption, figures.plot_accuracy_curve(row.first, slug))


def draw_loss_curve(row: Row) -> Illustration:
    """Fig. 10 and its like."""
    slug = f"loss-curve-{row_key(row)}"
    caption = f"{row.first['title']}: loss against epochs, {learned_from(row.first)}."
    return Illustration(slug, caption, figures.plot_loss_curve(row.first, slug))


def learned_from(record: Record) -> str:
    """Sizes of the parts that a learning curve shows."""
    return (
        f"{count(record['n_train'])} training and {count(record['n_validation'])} validation "
        f"images of {record['dataset']}, seed {record['seed']}"
    )


def draw_search(row: Row) -> Illustration:
    """The grid search as a heat map."""
    slug = f"search-{row_key(row)}"
    caption = (
        f"{row.first['title']}: mean accuracy in per cent over the folds of a cross-validation on "
        f"{count(row.first['n_train'])} training images of {row.first['dataset']}; the best is "
        "framed. Test images play no part."
    )
    svg = figures.plot_search(row.first["search"], slug, row.first["title"])
    return Illustration(slug, caption, svg)


def draw_reliability(row: Row) -> Illustration:
    """The reliability diagram."""
    slug = f"reliability-{row_key(row)}"
    caption = f"{row.first['title']} ({judged_on(row.first)})"
    return Illustration(slug, caption, figures.plot_reliability(row.first, slug))


def draw_ablation(rows: Sequence[AblationRow]) -> Illustration:
    """The ablation of preprocessing."""
    caption = "Change of test accuracy against no preprocessing, in percentage points."
    return Illustration("ablation", caption, figures.plot_ablation(rows, "ablation"))


def draw_costs(rows: Sequence[CostRow]) -> list[Illustration]:
    """Error against time to fit and against time to read an image."""
    said = (
        "Filled points, joined by steps, are the rows that no other one beats in both; the machine "
        "of each row stands below."
    )
    return [
        Illustration(
            "cost-fit",
            f"Test error against time to fit, both logarithmic. {said}",
            figures.plot_fit_cost(rows, "cost-fit"),
        ),
        Illustration(
            "cost-predict",
            f"Test error against time to read an image, both logarithmic. {said}",
            figures.plot_predict_cost(rows, "cost-predict"),
        ),
    ]


def draw_growths(curves: Sequence[Growth]) -> list[Illustration]:
    """Error against images to learn from, a figure for each data set."""
    groups: dict[tuple[str, int], list[Growth]] = {}
    for curve in curves:
        groups.setdefault((curve.dataset, curve.n_test), []).append(curve)
    drawn = []
    for number, ((dataset, n_test), members) in enumerate(groups.items(), 1):
        slug = "growth" if number == 1 else f"growth-{number}"
        caption = (
            f"Test error against images to learn from, both logarithmic ({dataset}, "
            f"{count(n_test)} test images, the same for all). Bars: standard deviation over "
            "seeds, each of which draws its own images."
        )
        drawn.append(Illustration(slug, caption, figures.plot_growth(members, slug)))
    return drawn
