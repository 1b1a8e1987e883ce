from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hdalr.images.cut_paths import find_cut_paths

LINES = arrays(
    np.float32,
    st.tuples(st.integers(1, 20), st.integers(1, 40)),
    elements=st.sampled_from([0, 0.5, 1]),
)


@given(LINES)
def test_paths_are_whole_and_do_not_cross(line: np.ndarray) -> None:
    paths = find_cut_paths(line)
    assert paths.shape[1] == line.shape[0]
    assert (np.diff(paths, axis=0) >= 0).all()


def test_a_path_bends_around_the_ink() -> None:
    line = np.zeros((40, 60), np.float32)
    line[2:38, 15:18] = line[2:38, 40:43] = 1
    line[10:13, 18:30] = 1  # two arms that leave a crooked gap
    line[24:27, 27:40] = 1
    free = [path for path in find_cut_paths(line) if not line[np.arange(40), path].any()]
    assert len(free) == 1
    assert free[0][11] >= 30
    assert free[0][25] < 27


def test_one_stroke_is_not_cut() -> None:
    line = np.zeros((40, 30), np.float32)
    line[2:38, 14:17] = 1
    assert len(find_cut_paths(line)) == 0
