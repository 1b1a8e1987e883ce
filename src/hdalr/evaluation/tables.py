"""The results as tables for other programs and for the README."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from hdalr.evaluation.records import Record
from hdalr.evaluation.summary import Row, finished, paper_text, summarise
from hdalr.evaluation.wording import count, markdown, percent

COLUMNS = (
    "recipe",
    "title",
    "family",
    "dataset",
    "seed",
    "limit",
    "n_train",
    "n_validation",
    "n_test",
    "test_part",
    "test_digest",
    "accuracy",
    "precision_macro",
    "recall_macro",
    "f1_macro",
    "top3_accuracy",
    "log_loss",
    "calibration_error",
    "fit_seconds",
    "predict_seconds",
    "predict_microseconds_per_image",
    "n_parameters",
    "model_bytes",
    "peak_memory_bytes",
    "finished",
)


def results_csv(records: Iterable[Record]) -> str:
    """One line a record: its scalars, named as in the record, and what needs unpacking.

    Accuracies are fractions of the test part. ``paper_accuracy`` is empty where the paper's
    figure is from another data set.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        [*COLUMNS, "interval_low", "interval_high", "paper_accuracy", "paper_split", "demo"]
    )
    for record in records:
        row = Row((record,))
        paper = (row.paper["accuracy"], row.paper["split"]) if row.paper else (None, None)
        scalars = [record[name] for name in COLUMNS]  # type: ignore[literal-required]
        writer.writerow([*scalars, *record["accuracy_interval"], *paper, bool(record["demo"])])
    return text.getvalue()


def readme_table(records: Iterable[Record], order: Sequence[str] = ()) -> str:
    """The Markdown table that the README shows, a line a recipe.

    Parameters
    ----------
    records
        Finished runs, any number of seeds a recipe.
    order
        Names of recipes as the table shall list them; see `summarise`.
    """
    rows = finished(summarise(records, order=order))
    source = "paper" if all(row.recipe.startswith("paper.") for row in rows) else "source"
    head = (
        f"| row | {source}, % (split) | ours, % (test) | 95 % interval, or ± over seeds "
        "| test images | seeds | fit | parameters |\n"
        "|---|---:|---:|---:|---:|---:|---:|---:|\n"
    )
    return head + "".join(map(readme_line, rows))


def readme_line(row: Row) -> str:
    """One line of the README's table; what must be known to read it stands behind the title."""
    first = row.first
    words = [note for note in row.notes if not note.startswith("matched")]
    words += ["matched"] if first["matched"] else []  # what was matched stands in the report
    notes = f" ({'; '.join(words)})" if words else ""
    cells = (
        markdown(first["title"] + notes),
        paper_text(row),
        percent(row.accuracy),
        row.uncertainty,
        count(first["n_test"]),
        str(len(row.records)),
        row.fit_time,
        count(first["n_parameters"]),
    )
    return f"| {' | '.join(cells)} |\n"
