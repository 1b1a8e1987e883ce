"""A drawn decision tree (the paper's Fig. 2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.colors import to_rgba

from hdalr.evaluation.figures.canvas import BLUE, INK, drawing, to_svg
from hdalr.evaluation.records import TreeNode
from hdalr.evaluation.wording import count

MOST_LEVELS = 4  # eight boxes side by side can still be read
WIDTH_INCHES, LEVEL_INCHES = 1.12, 0.95
HALF_BOX = 0.32  # half a box's height, in levels


@dataclass(frozen=True)
class Box:
    """Where a node is drawn; across in boxes, down in levels."""

    node: TreeNode
    across: float
    level: int
    children: tuple[Box, ...]


def plot_tree(tree: TreeNode, slug: str, title: str) -> str:
    """The first four levels: pixel, threshold, majority class and its share in each node.

    A pixel is (row, column), counted from 0 at the top left. Images go left where the pixel's
    value is at most the threshold.
    """
    root, n_leaves = place(tree, 0, 0)
    boxes = list(walk(root))
    n_levels = 1 + max(box.level for box in boxes)
    with drawing(max(3.0, n_leaves * WIDTH_INCHES), n_levels * LEVEL_INCHES) as figure:
        axes = figure.add_subplot()
        axes.set_axis_off()
        axes.set_xlim(-0.55, n_leaves - 0.45)
        axes.set_ylim(n_levels - 0.55, -0.45)
        for box in boxes:
            draw_box(axes, box)
        return to_svg(figure, slug, f"Decision tree: {title}", describe(tree, n_levels))


def place(node: TreeNode, level: int, first: float) -> tuple[Box, int]:
    """Give each node its place, parents above the middle of their children.

    Returns
    -------
    Box, int
        The placed node and the number of boxes that stand side by side below it.
    """
    if not node["children"] or level == MOST_LEVELS - 1:
        return Box(node, first, level, ()), 1
    children, n_leaves = [], 0
    for child in node["children"]:
        box, width = place(child, level + 1, first + n_leaves)
        children.append(box)
        n_leaves += width
    middle = (children[0].across + children[-1].across) / 2
    return Box(node, middle, level, tuple(children)), n_leaves


def walk(box: Box) -> Iterator[Box]:
    """The box and all below it."""
    yield box
    for child in box.children:
        yield from walk(child)


def draw_box(axes: Axes, box: Box) -> None:
    """Draw one node and the lines to its children."""
    for child in box.children:
        # From edge to edge: the boxes are tinted glass and would show a line behind them.
        axes.plot(
            [box.across, child.across],
            [box.level + HALF_BOX, child.level - HALF_BOX],
            color=INK,
            lw=0.7,
            alpha=0.5,
        )
    axes.text(
        box.across,
        box.level,
        box_text(box.node),
        ha="center",
        va="center",
        fontsize=7.5,
        linespacing=1.35,
        bbox={
            "boxstyle": "round,pad=0.35",
            "facecolor": to_rgba(BLUE, 0.08 + 0.4 * box.node["share"]),
            "edgecolor": to_rgba(BLUE, 0.9),
            "linewidth": 0.7,
        },
    )


def box_text(node: TreeNode) -> str:
    """What stands in a node."""
    answer = f"{node['label']}: {100 * node['share']:.0f} %\n{count(node['n_images'])} images"
    if node["threshold"] is None:
        return answer
    pair = node.get("pair")
    asked = f"log odds {pair[0]} : {pair[1]}" if pair else f"({node['row']}, {node['column']})"
    return f"{asked} ≤ {node['threshold']:.3g}\n{answer}"


def describe(tree: TreeNode, n_levels: int) -> str:
    """The tree's root, in words."""
    if tree["threshold"] is None:
        return f"A single leaf: {tree['label']}."
    pair = tree.get("pair")
    asked = (
        f"the log odds of {pair[0]} against {pair[1]} are"
        if pair
        else f"the pixel in row {tree['row']}, column {tree['column']} is"
    )
    return (
        f"The first {n_levels} levels. The root asks whether {asked} "
        f"at most {tree['threshold']:.3g}."
    )
