import pytest

from hdalr.evaluation.growth import all_sizes, follow_growth


def test_seeds_are_averaged_and_sizes_rise(new_sized, rows):
    runs = [new_sized(rows[0], size, seed) for size in (1000, 100) for seed in (0, 1)]
    (curve,) = follow_growth(runs)
    assert [point.size for point in curve.points] == [100, 1000]
    first, second = (1 - runs[place]["accuracy"] for place in (2, 3))
    assert curve.points[0].error == pytest.approx((first + second) / 2)
    assert curve.points[0].spread == pytest.approx(abs(first - second) / 2**0.5)
    assert curve.n_seeds == 2


def test_one_seed_has_no_spread(new_sized, rows):
    (curve,) = follow_growth([new_sized(rows[0], 100)])
    assert curve.points[0].spread is None


def test_other_test_images_are_another_curve(new_sized, rows):
    runs = [new_sized(rows[0], 100), {**new_sized(rows[0], 100), "test_digest": "other"}]
    assert len(follow_growth(runs)) == 2


def test_a_size_that_one_recipe_lacks_is_a_gap(new_sized, rows):
    runs = [new_sized(rows[0], 100), new_sized(rows[0], 300), new_sized(rows[1], 300)]
    whole, part = follow_growth(runs)
    assert all_sizes([whole, part]) == [100, 300]
    assert part.at(100) is None
    assert part.at(300).n_seeds == 1
