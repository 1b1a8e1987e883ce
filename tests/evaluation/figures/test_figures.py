import re
from itertools import combinations, pairwise
from xml.etree import ElementTree

import numpy as np
import pytest

from hdalr.evaluation import figures
from hdalr.evaluation.ablation import compare_preprocessing
from hdalr.evaluation.figures.canvas import INK, drawing, standalone, to_svg
from hdalr.evaluation.figures.confusion import cell_colours
from hdalr.evaluation.figures.labels import around, name_points, shared_area
from hdalr.evaluation.figures.search import searched_parameters
from hdalr.evaluation.figures.tree import place, walk
from hdalr.evaluation.frontier import CostRow, weigh_costs
from hdalr.evaluation.growth import follow_growth
from hdalr.evaluation.summary import summarise

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = ["<script>", "&amp;", '"', "$x^2$", "क", "a b", "]]>", "\\", "#id", "'"]


def ablation_rows():
    keys = {"title": "Tree", "recipe": "tree", "n_test": 10}
    return compare_preprocessing(
        [
            {**keys, "preprocessing": step, "noise": noise, "accuracy": accuracy}
            for noise in ("clean", "noisy")
            for step, accuracy in (("none", 0.5), ("all", 0.6))
        ]
    )


def growth_curves(invented):
    return follow_growth(
        invented.make_sized(row, size, seed)
        for row in invented.ROWS[:2]
        for size in (100, 1000)
        for seed in (0, 1)
    )


@pytest.fixture(scope="module", params=["plain", "hostile"])
def drawings(request):
    """Every figure once, with plain and with hostile class names."""
    from importlib.util import module_from_spec, spec_from_file_location
    from pathlib import Path

    path = Path(__file__).parents[1] / "conftest.py"
    spec = spec_from_file_location("invented_results", path)
    invented = module_from_spec(spec)
    spec.loader.exec_module(invented)
    classes = invented.DIGITS if request.param == "plain" else HOSTILE
    tree, net, search = (
        invented.make_record(invented.ROWS[place], classes=classes) for place in (0, 9, 6)
    )
    return {
        "accuracies": figures.plot_accuracies(summarise([tree, net]), "accuracies"),
        "distribution": figures.plot_class_distribution(tree, "distribution"),
        "classes": figures.plot_class_accuracy(tree, "classes", dict.fromkeys(classes, 0.5)),
        "confusion": figures.plot_confusion(tree, "confusion"),
        "accuracy": figures.plot_accuracy_curve(net, "accuracy"),
        "loss": figures.plot_loss_curve(net, "loss"),
        "tree": figures.plot_tree(tree["tree"], "tree", tree["title"]),
        "reliability": figures.plot_reliability(tree, "reliability"),
        "search": figures.plot_search(search["search"], "search", search["title"]),
        "ablation": figures.plot_ablation(ablation_rows(), "ablation"),
        "fit": figures.plot_fit_cost(weigh_costs(summarise([tree, net])), "fit"),
        "predict": figures.plot_predict_cost(weigh_costs(summarise([tree, net])), "predict"),
        "growth": figures.plot_growth(growth_curves(invented), "growth"),
    }


def test_every_figure_is_xml_with_an_alternative_text(drawings):
    for slug, svg in drawings.items():
        root = ElementTree.fromstring(svg)
        assert root.get("role") == "img"
        assert root.get("aria-labelledby") == f"{slug}-title {slug}-description"
        assert root.find(f"{SVG}title").text
        assert root.find(f"{SVG}desc").text


def test_text_and_axes_take_the_pages_colour_and_font(drawings):
    for svg in drawings.values():
        assert "currentColor" in svg
        assert INK not in svg
        assert "DejaVu" not in svg
        assert "#000000" not in svg


def test_every_id_carries_the_figures_own_prefix_and_every_reference_has_one(drawings):
    for slug, svg in drawings.items():
        ids = re.findall(r'\bid="([^"]+)"', svg)
        assert all(one.startswith(f"{slug}-") for one in ids)
        assert len(ids) == len(set(ids))
        assert set(re.findall(r'(?:href="|url\()#([^")]+)', svg)) <= set(ids)


def test_no_figure_holds_a_date_or_a_foreign_address(drawings):
    for svg in drawings.values():
        assert "<metadata" not in svg
        assert re.findall(r"https?://[^\"'\s]+", svg) == ["http://www.w3.org/2000/svg"]


def test_the_same_record_gives_the_same_bytes(new_record, rows):
    record = new_record(rows[9], n_test=50)
    first, second = (figures.plot_loss_curve(record, "loss") for _ in range(2))
    assert first == second


def test_a_file_of_its_own_brings_font_and_colours():
    with drawing(1, 1) as figure:
        figure.text(0.5, 0.5, "ink")
        svg = standalone(to_svg(figure, "ink", "Ink & paper", "A word."))
    root = ElementTree.fromstring(svg)
    assert "prefers-color-scheme:dark" in root.find(f"{SVG}style").text
    assert root.find(f"{SVG}title").text == "Ink & paper"


def test_many_classes_are_drawn_without_numbers_but_with_every_name(new_record, balanced_classes):
    svg = figures.plot_confusion(new_record(classes=balanced_classes, n_test=500), "many")
    texts = [text.text for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]
    assert sorted(texts) == sorted([*balanced_classes * 2, "predicted", "true"])


def test_the_worst_error_has_the_strongest_colour():
    colours = cell_colours(np.array([[8, 2, 0], [1, 9, 0], [0, 0, 0]]))
    errors = colours[..., 3] * (1 - np.eye(3))
    assert errors.argmax() == 1
    assert np.isfinite(colours).all()
    assert errors[0, 2] == 0


def test_a_curve_without_validation_says_so(new_record, rows):
    curve = new_record(rows[9], n_test=50)["learning_curve"][:1]
    curve[0] |= {"validation_accuracy": None, "validation_loss": None}
    record = new_record(rows[9], n_test=50, learning_curve=curve)
    svg = figures.plot_accuracy_curve(record, "one")
    assert "validation not measured" in svg
    assert ">validation<" not in svg


def leaf(label="7"):
    return {
        "row": None,
        "column": None,
        "threshold": None,
        "n_images": 5,
        "label": label,
        "share": 1.0,
        "children": [],
    }


def split(*children):
    return {**leaf(), "row": 3, "column": 4, "threshold": 0.5, "children": list(children)}


def test_a_tree_is_cut_below_four_levels():
    tree = leaf()
    for _ in range(6):
        tree = split(tree, leaf())
    root, n_leaves = place(tree, 0, 0)
    assert max(box.level for box in walk(root)) == 3
    assert n_leaves == 4


def test_a_parent_stands_above_the_middle_of_its_children():
    root, n_leaves = place(split(split(leaf(), leaf()), leaf()), 0, 0)
    assert n_leaves == 3
    assert [child.across for child in root.children] == [0.5, 2]
    assert root.across == 1.25


def test_a_tree_of_one_leaf_is_drawn():
    assert "A single leaf: 7." in figures.plot_tree(leaf(), "leaf", "Stump")


def test_a_split_between_a_pair_of_classes_is_named_by_them():
    tree = {**split(leaf("4"), leaf("9")), "row": None, "column": None, "pair": ["4", "9"]}
    svg = figures.plot_tree(tree, "pairs", "Tree")
    assert "log odds 4 : 9 ≤ 0.5" in svg
    assert "whether the log odds of 4 against 9 are at most 0.5" in svg


def test_parameters_that_stay_the_same_are_not_searched(new_record, rows):
    assert searched_parameters(new_record(rows[6])["search"]) == ["C", "gamma"]
    assert searched_parameters([]) == []


def cost_row(name, error, seconds, best=False):
    return CostRow(name, name, error, 1000, seconds, seconds, best, best)


def test_every_row_is_named_beside_its_point():
    places = [(0.002 * 1.3**n, 3.0 * (n % 5 + 1)) for n in range(15)]
    rows = [cost_row(f"better.row-{n}", *place, n == 0) for n, place in enumerate(places)]
    svg = figures.plot_fit_cost(rows, "many")
    texts = [text.text for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]
    assert {row.recipe for row in rows} <= set(texts)
    assert texts.count("better.row-3") == 1


def test_no_error_at_all_and_no_time_at_all_are_drawn():
    svg = figures.plot_fit_cost(
        [cost_row("perfect", 0.0, 0.0, True), cost_row("b", 0.1, 1)], "cost"
    )
    texts = [text.text for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]
    assert {"perfect", "b"} <= set(texts)


def test_names_cover_neither_points_nor_each_other():
    with drawing(3.5, 2.5) as figure:
        axes = figure.add_subplot()
        points = [(x / 10, y / 10) for x in range(4) for y in range(4)]
        axes.plot(*zip(*points, strict=True), "o")
        axes.margins(0.2)
        name_points(figure, axes, points, [f"better.row-{n}" for n in range(16)])
        boxes = [text.get_window_extent() for text in axes.texts]
        marks = [axes.transData.transform(point) for point in points]
    assert all(shared_area(a, b) < 1 for a, b in combinations(boxes, 2))
    assert not any(box.contains(*mark) for box in boxes for mark in marks)


def test_names_keep_off_the_line():
    with drawing(6, 4) as figure:
        axes = figure.add_subplot()
        corners = [(0, 1), (1, 1), (1, 0)]  # falls, so that its second part ends below its start
        axes.plot(*zip(*corners, strict=True))
        axes.margins(0.3)
        name_points(figure, axes, [(0, 1), (0.93, 0.5), (1, 0)], ["one", "two", "three"], corners)
        boxes = [text.get_window_extent() for text in axes.texts]
        places = [axes.transData.transform(corner) for corner in corners]
    for one, other in pairwise(places):
        line = around(*(one + other) / 2, *abs(one - other) / 2 + 0.5)
        assert not any(shared_area(box, line) for box in boxes)
