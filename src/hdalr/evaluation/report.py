"""The report: a folder of records, told to a colleague as one page, one Markdown file, one CSV."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hdalr.errors import require_extra
from hdalr.evaluation import summary, wording
from hdalr.evaluation.ablation import STEPS, compare_preprocessing
from hdalr.evaluation.doubts import doubt_labels
from hdalr.evaluation.frontier import weigh_costs
from hdalr.evaluation.growth import all_sizes, follow_growth
from hdalr.evaluation.overviews import (
    class_tables,
    headline,
    protocol_text,
    shared,
    significance_tables,
)
from hdalr.evaluation.pictures import worst_errors
from hdalr.evaluation.records import write_text
from hdalr.evaluation.results import Results, load_results
from hdalr.evaluation.robustness import judge_robustness, judge_transfers
from hdalr.evaluation.significance import compare_rows
from hdalr.evaluation.summary import FailedRow
from hdalr.evaluation.tables import results_csv
from hdalr.images.batch import Images


def write_report(folder: Path, pictures: Mapping[str, Images] | None = None) -> list[Path]:
    """Make ``report.html``, ``report.md`` with its ``figures/`` and ``results.csv``.

    The same records give the same bytes. Each file is written whole or not at all.

    Parameters
    ----------
    folder
        Holds ``records/`` and, where there are any, ``failures/``, ``ablation/``, ``sizes/`` and
        ``comparison.json``.
    pictures
        Test images by ``test_digest``, for the sheets of the worst errors and of labels in
        doubt in ``report.html``; None leaves them out, for data that must not be passed on.

    Returns
    -------
    list of Path
        The files written, ``report.html`` first.

    Raises
    ------
    DataError
        If the folder holds no record, or a broken one.
    MissingExtraError
        If matplotlib or jinja2 is not installed.
    StorageError
        If a file cannot be written.
    """
    for module in ("jinja2", "matplotlib"):
        require_extra(module)
    results = load_results(folder)
    content = tell(results, pictures or {})
    from hdalr.evaluation.figures.canvas import standalone

    texts = {
        "report.html": render("report.html.jinja", content),
        "report.md": render("report.md.jinja", content),
        "results.csv": results_csv(results.records),
        **{f"figures/{one.slug}.svg": standalone(one.svg) for one in content["figures"].all()},
    }
    for name, text in texts.items():
        write_text(folder / name, text)
    return [folder / name for name in texts]


def tell(results: Results, pictures: Mapping[str, Images]) -> dict[str, Any]:
    """Everything that the templates show, by the name they use."""
    from hdalr.evaluation.illustrations import illustrate, row_key

    table = summary.summarise(
        results.records, results.failures, results.comparison.get("recipes", ())
    )
    rows = summary.finished(table)
    pairs = compare_rows(results.records)
    places = {row.recipe: place for place, row in enumerate(table)}
    ablation = compare_preprocessing(
        sorted(results.ablation, key=lambda one: places.get(one["recipe"], len(places)))
    )
    growths = follow_growth(
        sorted(
            results.sizes, key=lambda one: (places.get(one["recipe"], len(places)), one["recipe"])
        )
    )
    costs = weigh_costs(rows)
    return {
        "comparison": results.comparison,
        "table": table,
        "rows": rows,
        "key": row_key,
        "best": max(rows, key=lambda row: row.accuracy, default=None),
        "headline": headline(rows, pairs),
        "with_paper": any(row.paper for row in rows),
        "class_tables": class_tables(rows),
        "significance": significance_tables(rows, pairs),
        "protocols": shared(rows, protocol_text),
        "machines": shared(rows, lambda record: wording.facts(record["hardware"])),
        "versions": shared(rows, lambda record: wording.facts(record["versions"])),
        "tiles": {row_key(row): worst_errors(row.first, pictures) for row in rows},
        "ablation": ablation,
        "steps": STEPS,
        "n_elsewhere": len(rows) - len(costs),
        "costs": [row for row in costs if row.best_for_fit or row.best_for_predict],
        "growths": growths,
        "sizes": all_sizes(growths),
        "robust": judge_robustness(rows),
        "transfers": judge_transfers(rows),
        "doubts": doubt_labels(rows, pictures),
        "figures": illustrate(rows, ablation, growths),
    }


def render(template: str, content: Mapping[str, Any]) -> str:
    """Fill one of the templates; what goes into HTML is escaped."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=jinja2.select_autoescape(["html.jinja"], default=False),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    for function in (
        wording.count,
        wording.interval,
        wording.markdown,
        wording.microseconds,
        wording.p_value,
        wording.percent,
        wording.points,
        wording.seconds,
        wording.settings,
        wording.size,
        summary.frequent_confusions,
        summary.paper_text,
    ):
        environment.filters[function.__name__] = function
    environment.tests["failed"] = lambda row: isinstance(row, FailedRow)
    return environment.get_template(template).render(content)
