"""Experiments: recipes on a data set, from seeds to records, resumed where they were stopped."""

from hdalr.experiment.ablation import FAMILIES, ablate
from hdalr.experiment.comparison import Comparison, Outcome, compare
from hdalr.experiment.pictures import find_test_pictures
from hdalr.experiment.sizes import Point, grow

__all__ = [
    "FAMILIES",
    "Comparison",
    "Outcome",
    "Point",
    "ablate",
    "compare",
    "find_test_pictures",
    "grow",
]
