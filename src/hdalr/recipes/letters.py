"""Nets for sets of letters: the better CNN taken further, and one of others trained as it is.

``hdalr compare --data emnist47 --recipes better.cnn,letters`` sets them beside each other. On two
cores `letters.vgg5` takes many hours; `letters.vgg5-brief` has the processor time of `better.cnn`.
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
ONE_EPOCH = dataclasses.replace(better.TWENTY_EPOCHS, epochs=1, average=0.99)
FIFTEEN_EPOCHS = dataclasses.replace(better.TWENTY_EPOCHS, epochs=15)


def _known(accuracy: float, where: str) -> PaperFigure:
    """The source's figure on the test part of EMNIST Balanced."""
    return {"accuracy": accuracy, "split": "test", "dataset": "emnist-balanced", "where": where}


CNN = dataclasses.replace(
    better.CNN,
    name="letters.cnn",
    title="CNN for letters, 15 epochs",
    parameters={
        **better.CNN.parameters,
        "layers": "48c5-p2-96c3-128c3-p2-192c3-d20",
        "training": FIFTEEN_EPOCHS,
        "even_prior": True,
    },
    dataset="emnist-balanced",
    paper=_known(0.9106, "the best figure known, WaveMix (Jeevan et al. 2022)"),
    assumed=("layers and epochs: our own, twice as wide as better.cnn",),
    difference="better.cnn with more kernels, dropout before the output, and answers as if all "
    "classes were as frequent, as they are in the test part and not in the train part",
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

VGG5_BRIEF = dataclasses.replace(
    VGG5,
    name="letters.vgg5-brief",
    title="VGG-5, one epoch",
    parameters={**VGG5.parameters, "training": ONE_EPOCH},
    difference="one epoch, which takes a processor as long as the 20 of better.cnn",
)

RECIPES: dict[str, Recipe] = {recipe.name: recipe for recipe in (CNN, VGG5, VGG5_BRIEF)}
