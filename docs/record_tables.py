"""The tables of the documentation, each from the records that it names."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import bulk_tables
from target_table import targets_table

from hdalr.evaluation.results import load_results
from hdalr.evaluation.tables import readme_table
from hdalr.evaluation.wording import on_device, seconds
from hdalr.recipes import RECIPES

Record = dict[str, Any]


class Row(NamedTuple):
    """A measurement by `hdalr evaluate`: its record, what was measured, and the command."""

    record: str
    title: str
    measure: str
    command: str


ROWS = (
    Row("cheque_amounts", "bank cheque amounts, whole string", "exact",
        "cheque_amounts --alphabet digits --as line --max-error 0.01"),
    Row("cheque_amounts-pattern", "the same, 3 to 6 digits by pattern", "exact",
        r"cheque_amounts --alphabet digits --as line --pattern '\d{3,6}'"),
    Row("paper62", "photos of single characters, paper62, 62 labels", "exact",
        "paper62 --as character"),
    Row("paper62", "the same, case folded", "exact_folded", "paper62 --as character"),
    Row("paper62", "the same, look-alikes counted as one", "exact_lookalikes",
        "paper62 --as character"),
    Row("tablet62", "drawn characters, tablet62, 62 labels", "exact", "tablet62 --as character"),
    Row("tablet62", "the same, case folded", "exact_folded", "tablet62 --as character"),
)  # fmt: skip
ACCEPTED = (  # record, what was measured, ending of the measures' names
    ("cheque_amounts", "bank cheque amounts", ""),
    ("paper62-folded", "paper62, `--case upper`", "_folded"),
    ("tablet62-folded", "tablet62, `--case upper`", "_folded"),
)
WAYS = {"even": "even_prior", "with_views": "shifted_views"}  # of a choice, and who answers so
FIELD_NAMES = {
    "alphabet": "alphabet only",
    "pattern": "pattern",
    "check": "pattern and check digit or date",
    "lexicon": "lexicon of 1,000 codes",
}
NO_CHARACTERS = {
    "devanagari": "Devanagari characters, test part of DHCD",
    "blots": "blots",
    "dashes": "dashes, one or two",
    "drawings": "drawings",
    "paper, 60 x 60": "paper without writing, 60 x 60",
    "paper, 64 x 220": "paper without writing, 64 x 220",
    "box": "form box left blank",
    "comb": "comb of cells left blank",
}
SPEED = {
    "bare": "bare ONNX Runtime call of the character net",
    "character": 'a character, `layout="character"`',
    "character, found out": "a character, layout found out",
    "field, digits": "a field of digits",
    "field, pattern": "a field of digits with a pattern",
    "field, digits, found out": "a field of digits, layout found out",
}


def development_table(folder: Path) -> str:
    """What is read right on the development sets."""
    rows = []
    for row in ROWS:
        record = _load(folder / f"{row.record}.json")
        rows.append((row.title, f"{record['n']:,}", *_share(record, row.measure),
                     f"`hdalr evaluate SETS/{row.command}`"))  # fmt: skip
    return _table(("set", "n", "right, %", "95 % interval", "command"), "l r r r l", rows)


def accepted_table(folder: Path) -> str:
    """What ``--max-error 0.01`` accepts, and how much of that is wrong."""
    rows = []
    for name, title, ending in ACCEPTED:
        record = _load(folder / f"{name}.json")
        error = _share(record, f"accepted_error{ending}")
        gap = record[f"expected_calibration_error{ending}"]
        rows.append((title, f"{record['n']:,}", *_share(record, "coverage"), *error, f"{gap:.3f}"))
    head = ("set", "n", "accepted, %", "95 % interval", "of these wrong, %", "95 % interval",
            "calibration error")  # fmt: skip
    return _table(head, "l r r r r r r", rows)


def patterns_table(record: Path) -> str:
    """What patterns, checks and lexicons gain."""
    rows = []
    for field, ways in _load(record)["fields"].items():
        for way, row in ways.items():
            rows.append((field, FIELD_NAMES[way], f"{row['n']:,}", *_share(row, "exact"),
                         _share(row, "coverage")[0], _share(row, "accepted_error")[0]))  # fmt: skip
    head = ("field", "what may stand", "n", "right, %", "95 % interval", "accepted, %",
            "of these wrong, %")  # fmt: skip
    return _table(head, "l l r r r r r", rows)


def forms_table(record: Path) -> str:
    """Fields of forms by their kind."""
    rows = []
    for kind, row in _load(record)["fields"].items():
        low, high = row["interval"]
        rows.append((kind, f"{row['n']:,}", f"{100 * row['right']:.1f}",
                     f"{100 * low:.1f} to {100 * high:.1f}"))  # fmt: skip
    return _table(("field", "n", "right, %", "95 % interval"), "l r r r", rows)


def rejection_table(record: Path) -> str:
    """How much of what is no character is declined, and how much of what is read right is kept."""
    measured = _load(record)
    rows = []
    for kind, layouts in measured["declined"].items():
        for layout, row in layouts.items():
            declined, interval = _share(row, "rejected")
            rows.append((NO_CHARACTERS[kind], layout, f"{row['n']:,}", declined, "", interval,
                         _reasons(row)))  # fmt: skip
    for layout, row in measured["kept"].items():
        rows.append(("paper62, what is read right", layout, f"{row['n']:,}", "",
                     *_share(row, "kept"), _reasons(row)))  # fmt: skip
    head = ("picture", "layout", "n", "declined, %", "accepted, %", "95 % interval", "reasons")
    return _table(head, "l l r r r r l", rows)


def digit_sets_table(record: Path) -> str:
    """Single digits of sets that others made."""
    rows = []
    for name, row in _load(record)["sets"].items():
        shares = (
            cell for part in ("right", "accepted", "accepted_error") for cell in _share(row, part)
        )
        rows.append((name, f"{row['n']:,}", *shares, f"{row['calibration_error']:.3f}"))
    head = ("set", "n", "right, %", "95 % interval", "accepted, %", "95 % interval",
            "of these wrong, %", "95 % interval", "calibration error")  # fmt: skip
    return _table(head, "l r r r r r r r r", rows)


def feedback_table(record: Path) -> str:
    """What a bundle learned from corrections, and what it forgot."""
    rows = []
    for run in _load(record)["runs"]:
        row = [str(run["seed"]), str(run["n_train"])]
        for part in (run["held"], run["old_test"]):
            row.append(f"{part['n']:,}")
            row += [f"{100 * part[when]:.2f}" for when in ("before", "after")]
        rows.append(tuple(row))
    head = ("seed", "learned from", "held out", "before, %", "after, %", "old test set")
    return _table((*head, *head[3:5]), "r r r r r r r r", rows)


def tesseract_table(record: Path) -> str:
    """Ours beside Tesseract on the same pictures."""
    rows = []
    for one in _load(record)["sets"]:
        for program in ("hdalr", "tesseract"):
            row = one[program]
            rows.append((one["set"], program, f"{row['n']:,}", *_share(row, "exact"),
                         _share(row, "exact_folded")[0], f"{100 * row['character_error']:.1f}",
                         f"{row['p50_ms']:.1f}", f"{row['p90_ms']:.1f}"))  # fmt: skip
        row = one["tesseract_start"]
        rows.append((one["set"], "tesseract, blank picture", f"{row['n']:,}", "", "", "", "",
                     f"{row['p50_ms']:.1f}", f"{row['p90_ms']:.1f}"))  # fmt: skip
    head = ("set", "program", "n", "right, %", "95 % interval", "case folded, %",
            "character error, %", "median, ms", "90 %, ms")  # fmt: skip
    return _table(head, "l l r r r r r r r", rows)


def speed_table(record: Path) -> str:
    """Milliseconds of a warm reader."""
    measured = _load(record)
    rows = []
    for name, row in (measured["character"] | measured["field"]).items():
        ratio = f"{row['ratio_paired']:.2f}" if "ratio_paired" in row else ""
        rows.append((SPEED[name], f"{row['n']:,}", f"{row['p50_ms']:.2f}", f"{row['p90_ms']:.2f}",
                     f"{row['cpu_p50_ms']:.2f}", ratio))  # fmt: skip
    head = ("what", "n", "median, ms", "90 %, ms", "processor, ms", "times the bare call")
    return _table(head, "l r r r r r", rows)


def serving_table(record: Path) -> str:
    """Pictures a second of a server, beside a reader in a loop."""
    rows = [
        (f"a {row['picture']}", str(row["clients"]), f"{row['n']:,}", f"{row['rate']:.0f}",
         f"{row['share']:.2f}", f"{row['p50_ms']:.1f}", f"{row['p99_ms']:.1f}")
        for row in _load(record)["rates"]
    ]  # fmt: skip
    head = ("picture", "clients", "n", "a second", "against a reader alone", "median, ms",
            "99 %, ms")  # fmt: skip
    return _table(head, "l r r r r r r", rows)


def fast_table(record: Path) -> str:
    """How soon a net is trained, beside the paper's CNN."""
    measured = _load(record)
    paper = ("`paper.cnn`", "–", "–", f"{measured['paper_seconds_extrapolated']:,.0f}", "1", "–")
    rows = [
        (f"`{row['recipe']}`", str(row["n_seeds"]),
         f"{100 * row['accuracy']:.2f} ± {100 * row['accuracy_spread']:.2f}",
         _spread(row["seconds"], row["seconds_spread"]), f"1/{row['times_faster']:.0f}",
         f"{100 * row['target_accuracy']:.1f} in 1/{row['target_times_faster']}")
        for row in measured["rows"]
    ]  # fmt: skip
    head = ("recipe", "seeds", "right, %", "fit, s", "share of the paper's time", "target")
    return _table(head, "l r r r r r", [paper, *rows])


def _spread(mean: float, spread: float) -> str:
    digits = 1 if mean >= 1 else 2
    return f"{mean:.{digits}f} ± {spread:.{digits}f}"


def paper_rows_table(folder: Path) -> str:
    """The paper's rows of a comparison, without others that stand in the same folder."""
    results = load_results(folder)
    records = [record for record in results.records if record["recipe"].startswith("paper.")]
    return readme_table(records, results.comparison.get("recipes", ()))


def choices_table(folder: Path) -> str:
    """What was judged on pictures of the train part before a recipe was settled."""
    rows = []
    for record in map(_load, sorted(folder.glob("*.json"))):
        changed = ", ".join(f"`{name}` {value}" for name, value in record["settings"].items())
        moved = record.get("with_views")
        used = RECIPES[record["recipe"]].parameters_on(record["dataset"]) | record["settings"]
        ways = [way for way, setting in WAYS.items() if used.get(setting) and way in record]
        answer = record[ways[0] if ways else "as_is"]
        rows.append((record["dataset"], f"`{record['recipe']}`", changed or "–",
                     str(record["seed"]), f"{record['n_validation']:,}",
                     str(record["as_is"]["errors"]), str(moved["errors"]) if moved else "–",
                     f"{100 * answer['accuracy']:.2f}",
                     f"{100 * answer['mean_of_classes']:.2f}" if "mean_of_classes" in answer
                     else "–",
                     on_device(seconds(record["fit_seconds"]), record["hardware"]["device"]),
                     f"{record['n_parameters']:,}"))  # fmt: skip
    head = ("set", "recipe", "changed", "seed", "n", "wrong", "wrong, five views",
            "right as it answers, %", "mean of classes, %", "fit", "parameters")  # fmt: skip
    return _table(head, "l l l r r r r r r r r", rows)


TABLES = {
    "bulk_rates": lambda record: _table(*bulk_tables.rates(_load(record))),
    "bulk_plan": lambda record: _table(*bulk_tables.plan(_load(record))),
    "bulk_long": lambda record: bulk_tables.long_run(_load(record)),
    "choices": choices_table,
    "paper": paper_rows_table,
    "development": development_table,
    "accepted": accepted_table,
    "patterns": patterns_table,
    "forms": forms_table,
    "rejection": rejection_table,
    "feedback": feedback_table,
    "digit_sets": digit_sets_table,
    "tesseract": tesseract_table,
    "speed": speed_table,
    "serving": serving_table,
    "fast": fast_table,
    "targets": targets_table,
}


def _load(path: Path) -> Record:
    record: Record = json.loads(path.read_text(encoding="utf-8"))
    return record


def _share(record: Record, name: str) -> tuple[str, str]:
    """A share in percent, and its interval; dashes where nothing was accepted."""
    if record[name] is None:
        return "–", "–"
    low, high = record[f"{name}_interval"]
    return f"{100 * record[name]:.1f}", f"{100 * low:.1f} to {100 * high:.1f}"


def _reasons(record: Record) -> str:
    """How often each reason was given: ``12 blank, 3 ambiguous``."""
    return ", ".join(f"{n:,} {reason}" for reason, n in record["reasons"].items())


def _table(head: Sequence[str], sides: str, rows: Sequence[Sequence[str]]) -> str:
    def lines() -> Iterator[str]:
        yield _line(head)
        yield "|" + "|".join("---:" if side == "r" else "---" for side in sides.split()) + "|"
        yield from map(_line, rows)

    return "".join(f"{line}\n" for line in lines())


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"
