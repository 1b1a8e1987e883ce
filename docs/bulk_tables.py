"""The tables and the plot of reading in bulk, from the record of ``benchmarks/bulk.py``."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median
from typing import Any

N_PLANNED = 1_000_000_000
Record = dict[str, Any]
Rows = list[tuple[str, ...]]


def rates(measured: Record) -> tuple[tuple[str, ...], str, Rows]:
    """Head, sides and rows: pictures a second in this process, with one worker, with two."""
    rows: Rows = []
    for one in measured["rates"]:
        found = [median(one["rates"][name]) for name in ("alone", "one", "two")]
        rounds = ", ".join(f"{ratio:.2f}" for ratio in one["two_against_one_rounds"])
        rows.append((one["what"], f"{one['n']:,}", *(f"{rate:,.0f}" for rate in found),
                     f"{one['two_against_one']:.2f}", rounds))  # fmt: skip
    head = ("picture", "n", "this process, a second", "one worker", "two workers",
            "two against one", "rounds")  # fmt: skip
    return head, "l r r r r r l", rows


def plan(measured: Record) -> tuple[tuple[str, ...], str, Rows]:
    """Head, sides and rows: what 10^9 pictures take, at the measured rate of one worker."""
    rows: Rows = []
    for one in measured["rates"]:
        rate, size = median(one["rates"]["one"]), one["bytes_a_picture"]
        core_hours = N_PLANNED / rate / 3600
        terabytes = [size[name] * N_PLANNED / 1e12 for name in ("file", "parquet")]
        rows.append((one["what"], f"{rate:,.0f}", f"{core_hours:,.0f}",
                     f"{core_hours / 1000:,.1f}",
                     *(f"{amount:,.2f}" for amount in terabytes),
                     f"{size['answer'] * rate / 1e6:,.2f}"))  # fmt: skip
    head = ("picture", "a second and core", "core hours", "hours on 1,000 cores",
            "pictures fetched, TB", "Parquet, TB", "a worker sends, MB/s")  # fmt: skip
    return head, "l r r r r r r", rows


def long_run(measured: Record) -> str:
    """A sentence on the long run, the cost of a task, and the same answers."""
    memory, same = measured["memory"], measured["same"]
    first, last = memory["samples"][0], memory["samples"][-1]
    growth = memory["growth_after_10000"]
    ways = [same["two_workers"], same["killed_and_resumed"]]
    others = sum(way["other_texts"] + way["other_decisions"] for way in ways)
    apart = max(way["largest_difference"] for way in ways)
    return (
        f"{memory['n']:,} pictures with two workers took {memory['seconds']:,.0f} s "
        f"({memory['rate']:,.0f} a second). The command, which holds the scheduler too, had "
        f"{first[1]:,.0f} MiB after the first {first[0]:,} and {last[1]:,.0f} at the end; its "
        f"peak after 10,000 pictures lies {100 * growth['client']:.1f} % above the peak before, "
        f"that of the larger worker {100 * growth['worker']:.1f} %. A task costs "
        f"{measured['overhead']['ms_a_task']:.1f} ms beyond its work. {same['n']:,} pictures in "
        f"one process, on two workers and after a kill -9: "
        f"{others} other texts or decisions, "
        f"{f'probabilities at most {apart:.0e} apart' if apart else 'the same probabilities'}.\n"
    )


def draw_memory(measured: Record, picture: Path) -> None:
    """Memory against pictures, as SVG."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "hdalr"
    import matplotlib.pyplot as plt

    samples = measured["memory"]["samples"]
    done = [sample[0] for sample in samples]
    figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
    for column, name in ((1, "the command, with its scheduler"), (2, "the larger of two workers")):
        axes.plot(done, [sample[column] for sample in samples], label=name)
    axes.axvline(10_000, color="0.6", linewidth=0.8, linestyle=":")
    axes.set(xlabel="pictures read", ylabel="resident memory, MiB", ylim=(0, None))
    axes.legend(frameon=False, loc="lower right")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(picture, metadata={"Date": None})
    plt.close(figure)


if __name__ == "__main__":
    here = Path(__file__).parent
    record = (here / "results/bulk.json").read_text(encoding="utf-8")
    draw_memory(json.loads(record), here / "bulk-memory.svg")
