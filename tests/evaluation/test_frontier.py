import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdalr.evaluation.frontier import frontier, weigh_costs
from hdalr.evaluation.summary import summarise

POINTS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=12)


@given(POINTS)
def test_every_point_is_on_the_frontier_or_beaten_by_one_that_is(points):
    best = frontier(*zip(*points, strict=True))
    front = [point for point, is_best in zip(points, best, strict=True) if is_best]
    assert front
    for point, is_best in zip(points, best, strict=True):
        beaten = [
            one for one in front if one != point and one[0] <= point[0] and one[1] <= point[1]
        ]
        assert bool(beaten) != is_best


def test_equal_points_are_both_on_the_frontier():
    assert frontier([0.1, 0.1, 0.1], [2, 2, 3]) == [True, True, False]


def test_fit_and_predict_have_their_own_frontiers(new_record, rows):
    records = [
        new_record(rows[0], fit_seconds=1.0, predict_microseconds_per_image=9.0),
        new_record(rows[9], fit_seconds=5.0, predict_microseconds_per_image=2.0),
    ]
    best, other = weigh_costs(summarise(records))
    assert best.error < other.error
    assert (best.recipe, best.fit_seconds, best.predict_microseconds) == (rows[9][0], 5.0, 2.0)
    assert (best.best_for_fit, best.best_for_predict) == (True, True)
    assert (other.best_for_fit, other.best_for_predict) == (True, False)


def test_costs_are_means_over_seeds(new_record, rows):
    records = [new_record(rows[0], seed=seed, fit_seconds=1.0 + 2 * seed) for seed in (0, 1)]
    (row,) = weigh_costs(summarise(records))
    assert row.fit_seconds == 2.0
    assert row.error == pytest.approx(1 - sum(one["accuracy"] for one in records) / 2)


def test_no_error_is_drawn_as_half_an_image(new_record, rows):
    perfect = (*rows[0][:3], 1.0, *rows[0][4:])
    (row,) = weigh_costs(summarise([new_record(perfect, n_test=100)]))
    assert (row.error, row.drawn_error) == (0.0, 0.005)


H200 = {"device": "NVIDIA H200"}


def test_times_of_different_devices_are_not_set_beside_each_other(new_record, rows):
    records = [
        new_record(rows[0], fit_seconds=1.0),
        new_record(rows[9], fit_seconds=5.0),
        new_record(rows[4], fit_seconds=0.1, hardware=H200),
    ]
    assert {row.recipe for row in weigh_costs(summarise(records))} == {rows[0][0], rows[9][0]}


def test_a_time_is_the_mean_over_seeds_on_the_device_of_the_first(new_record, rows):
    seconds = (4.0, 0.5, 6.0)
    records = [new_record(rows[0], seed=seed, fit_seconds=one) for seed, one in enumerate(seconds)]
    records[1]["hardware"] = H200
    (row,) = summarise(records)
    assert (row.fit_time, row.device) == ("5.0 s", "cpu")
    assert row.mean("fit_seconds") == 3.5
    (row,) = summarise(records[1:])
    assert row.fit_time == "0.500 s (NVIDIA H200)"
    assert row.predict_time.endswith("(NVIDIA H200)")
