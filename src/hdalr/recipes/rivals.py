"""Nets of others, trained as ours are: what is due to the net, and what to its training.

``hdalr compare --data emnist47 --recipes better.cnn,rivals.vgg5`` sets one beside ours. On two
cores `rivals.vgg5` takes many hours; `rivals.vgg5-brief` has the processor time of `better.cnn`.
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
SPINAL: PaperFigure = {
    "accuracy": 0.9105,
    "split": "test",
    "dataset": "emnist-balanced",
    "where": "Kabir et al. 2020, about 91.05 %, picked by test accuracy",
}

VGG5 = Recipe(
    name="rivals.vgg5",
    title="VGG-5, 20 epochs",
    family="CNN",
    model="ConvolutionStack",
    parameters={
        "layers": VGG5_LAYERS,
        "training": better.TWENTY_EPOCHS,
        "shifted_views": True,
    },
    source="Kabir et al. 2020, SpinalNet: the VGG-5 that they set theirs beside",
    dataset="emnist-balanced",
    paper=SPINAL,
    assumed=("the layers: two pairs and two triples of convolutions, from their code",),
    difference="trained and judged as better.cnn; the source trains for 200 epochs",
    demo={"training": better.CNN.demo["training"]},
)

VGG5_BRIEF = dataclasses.replace(
    VGG5,
    name="rivals.vgg5-brief",
    title="VGG-5, one epoch",
    parameters={
        **VGG5.parameters,
        "training": dataclasses.replace(better.TWENTY_EPOCHS, epochs=1, average=0.99),
    },
    difference="one epoch, which takes a processor as long as the 20 of better.cnn",
)

RECIPES: dict[str, Recipe] = {recipe.name: recipe for recipe in (VGG5, VGG5_BRIEF)}
