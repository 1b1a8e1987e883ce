"""Write the tables in README.md and docs/*.md anew from the committed records.

usage: python docs/update_tables.py [--check]

A table stands between ``<!-- table: FOLDER -->`` and ``<!-- end of table -->``; FOLDER holds the
records of a comparison. ``<!-- table: KIND PATH -->`` is one of `record_tables.TABLES`. With
``--check`` nothing is written, and the exit code is 1 if a table is not that of its records.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from record_tables import TABLES

from hdalr.errors import HdalrError
from hdalr.evaluation.results import load_results
from hdalr.evaluation.tables import readme_table

ROOT = Path(__file__).parent.parent
TABLE = re.compile(r"(<!-- table: (?:(\w+) )?(\S+) -->\n).*?(<!-- end of table -->)", re.DOTALL)


def fill_tables(text: str) -> str:
    """The page with every table made anew."""
    return TABLE.sub(
        lambda found: found[1] + make_table(found[2], ROOT / found[3]) + found[4], text
    )


def make_table(kind: str | None, folder: Path) -> str:
    """The table of a kind; without one, that of a results folder, in the order it compares."""
    if kind is not None:
        return TABLES[kind](folder)
    results = load_results(folder)
    return readme_table(results.records, results.comparison.get("recipes", ()))


def main() -> int:
    """Update or check all pages; the number of pages that are out of date."""
    check = "--check" in sys.argv[1:]
    stale = 0
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        text = page.read_text(encoding="utf-8")
        if (filled := fill_tables(text)) == text:
            continue
        if check:
            stale += 1
            print(f"{page.relative_to(ROOT)}: a table is not that of its records", file=sys.stderr)
        else:
            page.write_text(filled, encoding="utf-8")
    return min(stale, 1)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except HdalrError as error:
        sys.exit(f"update_tables.py: {error}")
