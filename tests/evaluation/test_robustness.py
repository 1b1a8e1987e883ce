import pytest

from hdalr.evaluation.robustness import judge_robustness, judge_transfers
from hdalr.evaluation.summary import summarise


def corrupted(clean, **accuracies):
    return {"n": 50, "clean": clean, "accuracies": accuracies}


def test_errors_are_means_over_corruptions_and_seeds(new_record, rows):
    records = [
        new_record(rows[0], seed=0, corruptions=corrupted(0.9, fog=0.5, zigzag=0.7)),
        new_record(rows[0], seed=1, corruptions=corrupted(0.8, fog=0.3, zigzag=0.7)),
    ]
    (row,) = judge_robustness(summarise(records))
    assert row.clean == pytest.approx(0.15)
    assert row.errors == pytest.approx({"fog": 0.6, "zigzag": 0.3})
    assert row.mean == pytest.approx(0.45)
    assert (row.n, row.n_seeds) == (50, 2)


def test_the_most_robust_row_comes_first_and_rows_without_are_left_out(new_record, rows):
    records = [
        new_record(rows[0], corruptions=corrupted(0.9, fog=0.2)),
        new_record(rows[1]),
        new_record(rows[2], corruptions=corrupted(0.8, fog=0.6)),
    ]
    assert [row.recipe for row in judge_robustness(summarise(records))] == [rows[2][0], rows[0][0]]


def other(accuracy):
    return [{"dataset": "semeion", "n": 20, "accuracy": accuracy, "interval": [0.2, 0.75]}]


def test_one_seed_has_the_sets_interval_and_several_a_spread(new_record, rows):
    one, two = judge_transfers(
        summarise(
            [
                new_record(rows[0], transfer=other(0.5)),
                new_record(rows[1], seed=0, transfer=other(0.5)),
                new_record(rows[1], seed=1, transfer=other(0.6)),
            ],
            order=[rows[0][0], rows[1][0]],
        )
    )
    assert one.others == {"semeion": (20, 0.5, "20.00–75.00")}
    assert two.others["semeion"] == (20, pytest.approx(0.55), "± 7.07")
