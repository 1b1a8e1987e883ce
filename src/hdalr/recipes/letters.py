"""Nets for sets of letters: the better CNN taken further, and one of others trained as it is.

``hdalr compare --data emnist47 --recipes better.cnn,letters`` sets them beside each other. They
are for a GPU, where one takes a minute or two; two cores need many hours.
"""

from __future__ import annotations

import dataclasses

from hdalr.evaluation.records import PaperFigure
from hdalr.recipes import better
from hdalr.recipes.recipe import Recipe

VGG5_LAYERS = (
    "64c3s1-64c3s1-p2-128c3s1-128c3s1-p2-256c3s1-256c3s1-256c3s1-p2-256c3s1-256c3s1-256c3s1-p2-"
    "d50-512f-d50-512f-d50"
)


def _known(accuracy: float, where: str) -> PaperFigure:
    """The source's figure on the test part of EMNIST Balanced."""
    return {"accuracy": accuracy, "split": "test", "dataset": "emnist-balanced", "where": where}


CNN = dataclasses.replace(
    better.CNN,
    name="letters.cnn",
    title="CNN for letters, 20 epochs",
    parameters={
        **better.CNN.parameters,
        "layers": "64c3-64c3-p2-128c3s1-128c3s1-p2-256c3s1-256c3-d50-512f-d50",
        "even_prior": True,
    },
    dataset="emnist-balanced",
    paper=_known(0.9106, "the best figure known, WaveMix (Jeevan et al. 2022)"),
    assumed=("layers: our own, chosen on validation pictures",),
    difference="better.cnn with three pairs of convolutions and a dense layer, dropout, and "
    "answers as if all classes were as frequent, as they are in the test part and not in the "
    "train part",
    demo={"training": better.CNN.demo["training"]},
)

VGG5 = Recipe(
    name="letters.vgg5",
    title="VGG-5, 20 epochs",
    family="CNN",
    model="ConvolutionStack",
    parameters={
        "layers": VGG5_LAYERS,
        "training": better.TWENTY_EPOCHS,
        "shifted_views": True,
        "even_prior": True,
    },
    source="Kabir et al. 2020, SpinalNet: the VGG-5 that they set theirs beside",
    dataset="emnist-balanced",
    paper=_known(0.9105, "about 91.05 %, picked by test accuracy"),
    assumed=("the layers: two pairs and two triples of convolutions, from their code",),
    difference="trained and judged as letters.cnn; the source trains for 200 epochs",
    demo={"training": better.CNN.demo["training"]},
)

RECIPES: dict[str, Recipe] = {recipe.name: recipe for recipe in (CNN, VGG5)}
