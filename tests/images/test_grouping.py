from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hdalr.images.components import find_components
from hdalr.images.grouping import group_lines, middles_of

MASKS = arrays(np.bool_, st.tuples(st.integers(1, 40), st.integers(1, 40)))


@given(MASKS)
def test_each_component_is_in_one_line_and_lines_run_downward(mask: np.ndarray) -> None:
    parts = find_components(mask)
    groups = group_lines(parts)
    members = sorted(int(part) for group in groups for part in group)
    assert members == list(range(len(parts.areas)))
    rows = [middles_of(parts.boxes[group]).mean() for group in groups]
    assert rows == sorted(rows)


def test_ascenders_and_descenders_do_not_tie_lines_together() -> None:
    mask = np.zeros((120, 300), bool)
    for line in range(2):
        base = 50 + 45 * line
        for number, x in enumerate(range(10, 290, 14)):
            top, bottom = [(-20, 0), (-36, 0), (-20, 14)][number % 3]
            mask[base + top : base + bottom, x : x + 3] = True
    groups = group_lines(find_components(mask))
    assert [len(group) for group in groups] == [20, 20]
