"""Figures of the report, each drawn from records alone as an SVG that works light and dark."""

from hdalr.evaluation.figures.ablation import plot_ablation
from hdalr.evaluation.figures.bars import plot_class_accuracy, plot_class_distribution
from hdalr.evaluation.figures.confusion import plot_confusion
from hdalr.evaluation.figures.cost import plot_fit_cost, plot_predict_cost
from hdalr.evaluation.figures.curves import plot_accuracy_curve, plot_loss_curve
from hdalr.evaluation.figures.dots import plot_accuracies
from hdalr.evaluation.figures.growth import plot_growth
from hdalr.evaluation.figures.reliability import plot_reliability
from hdalr.evaluation.figures.search import plot_search
from hdalr.evaluation.figures.tree import plot_tree

__all__ = [
    "plot_ablation",
    "plot_accuracies",
    "plot_accuracy_curve",
    "plot_class_accuracy",
    "plot_class_distribution",
    "plot_confusion",
    "plot_fit_cost",
    "plot_growth",
    "plot_loss_curve",
    "plot_predict_cost",
    "plot_reliability",
    "plot_search",
    "plot_tree",
]
