import itertools

import numpy as np
import pytest

from hdalr.reading.alignment import find_spans, sum_paths


def collapsed(path):
    """What a path of frames writes: equal neighbours once, without blanks."""
    once = [label for place, label in enumerate(path) if not place or path[place - 1] != label]
    return tuple(label - 1 for label in once if label)


def random_frames(seed, n_frames, n_labels):
    shares = np.random.default_rng(seed).dirichlet(np.ones(1 + n_labels), n_frames)
    return np.log(shares).reshape(n_frames, 1 + n_labels)


def by_enumeration(frames):
    """The sum, and the best path, of every row of labels."""
    sums, best = {}, {}
    for path in itertools.product(range(frames.shape[1]), repeat=len(frames)):
        score = sum(frames[number, label] for number, label in enumerate(path))
        row = collapsed(path)
        sums[row] = np.logaddexp(sums.get(row, -np.inf), score)
        best[row] = max(best.get(row, (-np.inf, ())), (score, path))
    return sums, best


@pytest.mark.parametrize(
    ("seed", "n_frames", "n_labels"), [(0, 5, 2), (1, 4, 3), (2, 1, 2), (3, 6, 1)]
)
def test_the_sum_is_that_of_all_paths(seed, n_frames, n_labels):
    frames = random_frames(seed, n_frames, n_labels)
    sums, _ = by_enumeration(frames)
    rows = sorted(sums)
    np.testing.assert_allclose(sum_paths(frames, rows), [sums[row] for row in rows], atol=1e-12)
    assert np.logaddexp.reduce(sum_paths(frames, rows)) == pytest.approx(0)


@pytest.mark.parametrize(("seed", "n_frames", "n_labels"), [(0, 5, 2), (1, 4, 3), (2, 6, 1)])
def test_spans_are_those_of_the_best_path(seed, n_frames, n_labels):
    frames = random_frames(seed, n_frames, n_labels)
    _, best = by_enumeration(frames)
    rows = sorted(best)
    for row, spans in zip(rows, find_spans(frames, rows), strict=True):
        path = np.zeros(n_frames, int)
        for label, (start, end) in zip(row, spans, strict=True):
            assert 0 <= start < end <= n_frames
            path[start:end] = label + 1
        score = frames[np.arange(n_frames), path].sum()
        assert score == pytest.approx(best[row][0])


def test_rows_that_need_more_frames_are_impossible():
    frames = random_frames(0, 3, 2)
    assert sum_paths(frames, [(0, 0, 1), (0, 1, 0)]).tolist()[0] == -np.inf
    assert find_spans(frames, [(0, 0, 1), (0, 1, 0)])[0] is None
    assert find_spans(frames, [(0, 0), (0, 1, 0)]) == [[(0, 1), (2, 3)], [(0, 1), (1, 2), (2, 3)]]


def test_no_frames_write_the_empty_row_only():
    frames = np.zeros((0, 3))
    assert sum_paths(frames, [(), (0,)]).tolist() == [0.0, -np.inf]
    assert find_spans(frames, [(), (0,)]) == [[], None]
    assert sum_paths(frames, []).tolist() == find_spans(frames, []) == []


def test_many_rows_give_what_each_gives_alone():
    frames = random_frames(5, 9, 4)
    rows = [(), (0,), (1, 1), (2, 3, 0, 1), (3,) * 5]
    together = sum_paths(frames, rows)
    assert together.tolist() == [sum_paths(frames, [row])[0] for row in rows]
    assert find_spans(frames, rows) == [find_spans(frames, [row])[0] for row in rows]
