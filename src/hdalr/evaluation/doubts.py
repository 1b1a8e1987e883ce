"""Labels in doubt: test images that all good rows call otherwise than their label."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hdalr.evaluation.pictures import png_address
from hdalr.evaluation.records import Record
from hdalr.evaluation.summary import Row, judged_on
from hdalr.images.batch import Images

GOOD = 2.0  # a good row makes at most so many times the errors of the best one
FEWEST_ROWS = 3
MOST_SHOWN = 60


@dataclass(frozen=True)
class Doubt:
    """One test image.

    Attributes
    ----------
    index
        Its position in the test part, from 0.
    label, said
        Names of the class that it is labelled with and of the class that most good rows say.
    n_agree
        How many of them say that.
    source
        Address of its PNG; empty where the pictures are not at hand.
    """

    index: int
    label: str
    said: str
    n_agree: int
    source: str = ""


@dataclass(frozen=True)
class DoubtTable:
    """The doubts of one test part.

    ``titles`` are the good rows, ``n_found`` how many images there are, of which ``doubts``
    holds at most 60: those on which most rows agree first.
    """

    judged_on: str
    titles: tuple[str, ...]
    n_found: int
    doubts: tuple[Doubt, ...]


def doubt_labels(rows: Sequence[Row], pictures: Mapping[str, Images]) -> list[DoubtTable]:
    """One table for each test part that at least three good rows share; the first seed of each.

    A row is good if it makes at most twice the errors of the best one on these images.

    Parameters
    ----------
    rows
        Finished rows.
    pictures
        Test images, uint8, shape (n_images, height, width), by their ``test_digest``.
    """
    groups: dict[tuple[str, ...], list[Record]] = defaultdict(list)
    for row in rows:
        groups[row.first["test_digest"], *row.first["classes"]].append(row.first)
    tables = []
    for (digest, *_), records in groups.items():
        good = good_records(records)
        if len(good) >= FEWEST_ROWS:
            tables.append(tabulate(good, pictures.get(digest)))
    return [table for table in tables if table.doubts]


def good_records(records: Sequence[Record]) -> list[Record]:
    """The records with at most twice the errors of the best one."""
    fewest = 1 - max(record["accuracy"] for record in records)
    return [record for record in records if 1 - record["accuracy"] <= GOOD * fewest + 1e-9]


def tabulate(records: Sequence[Record], images: Images | None) -> DoubtTable:
    """The images that none of the records reads as their label says."""
    first = records[0]
    labels, classes = np.array(first["test_labels"]), first["classes"]
    answers = np.array([record["predictions"] for record in records])
    found = []
    for index in np.flatnonzero((answers != labels).all(axis=0)).tolist():
        said, n_agree = Counter(answers[:, index].tolist()).most_common(1)[0]
        found.append(Doubt(index, classes[labels[index]], classes[said], n_agree))
    found.sort(key=lambda doubt: (-doubt.n_agree, doubt.index))
    titles = tuple(record["title"] for record in records)
    shown = tuple(found[:MOST_SHOWN])
    if images is not None:
        shown = tuple(
            Doubt(one.index, one.label, one.said, one.n_agree, png_address(images[one.index]))
            for one in shown
        )
    return DoubtTable(judged_on(first), titles, len(found), shown)
