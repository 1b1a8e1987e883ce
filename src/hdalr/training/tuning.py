"""Fine-tuning on corrections: what is learned, what is kept, and what came of it.

At each step some corrections are learned, and on pictures such as the net once learned from it is
held to what it said before (Li and Hoiem 2017, "Learning without forgetting", there with the new
pictures; with old ones as Buzzega et al. 2020, "Dark experience for general continual learning").
What nobody can tell, 0 from O or 1 from l, so keeps its probabilities, while labels would push it
to and fro.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from hdalr.evaluation.intervals import wilson_interval
from hdalr.evaluation.significance import mcnemar
from hdalr.images.glyph import SIDE_PX, normalise_glyphs
from hdalr.images.ink import ink_of
from hdalr.images.line import HEIGHT_PX, normalise_line, slant
from hdalr.images.picture import Picture
from hdalr.images.synthetic.characters import distort
from hdalr.images.synthetic.paper import photograph
from hdalr.models.character_net import CharacterBatch
from hdalr.models.line_net import LineBatch
from hdalr.recipes.readers import ReaderRecipe
from hdalr.training.feedback import Corrections, Example
from hdalr.training.judging import Judged, characters_right, lines_right

MOST_FORGOTTEN = 0.001  # of the accuracy on the old test set, without a warning
FEWEST_HELD = 20  # held-out corrections that say something

Flags = NDArray[np.bool_]
Test = Judged | Sequence[tuple[Picture, str]]  # characters, or lines with their texts
Nets = tuple[nn.Module, nn.Module]  # before and after
Batch = CharacterBatch | LineBatch
Learning = tuple[Callable[[int], Any], Callable[[nn.Module, Any], Tensor]]  # batches, loss


@dataclass(frozen=True)
class Tuning:
    """How a net is fine-tuned.

    Attributes
    ----------
    steps, learning_rate
        As for any training, unless others are asked for.
    share
        Of a batch, at most, that are corrections.
    repeats
        How often a correction is shown, at most: a handful would else be learned by heart.
    hold
        How much more than the loss on a correction the distance from what was said of another
        picture counts: without it, what is ambiguous drifts.
    """

    steps: int
    learning_rate: float
    share: float
    repeats: int
    hold: float

    def count(self, n_learned: int, batch_size: int, steps: int) -> int:
        """How many corrections are added to each batch.

        Examples
        --------
        >>> tuning = Tuning(500, 1e-3, share=0.25, repeats=100, hold=30)
        >>> tuning.count(10, 96, 500), tuning.count(1000, 96, 500)
        (2, 32)
        """
        most = round(batch_size * self.share / (1 - self.share))
        return max(1, min(most, round(n_learned * self.repeats / steps)))


TUNINGS: Mapping[str, Tuning] = {
    "characters": Tuning(steps=400, learning_rate=1e-3, share=0.25, repeats=100, hold=30),
    "lines": Tuning(steps=400, learning_rate=1e-3, share=0.25, repeats=100, hold=30),
}


def tune(
    net: nn.Module,
    corrections: Corrections,
    recipe: ReaderRecipe,
    learning: Learning,
    parameters: Mapping[str, Any],
    random_state: int,
) -> Learning:
    """Batches and loss of a fine-tuning.

    Parameters
    ----------
    net
        With the weights that it starts from.
    corrections
        What to learn.
    recipe, parameters
        Of the net, and of this training.
    learning
        Batches and loss of a training of the recipe.
    random_state
        Seed of the corrections' choice and distortion.
    """
    batch_of, loss_of = learning
    tuning = TUNINGS[recipe.kind]
    n = tuning.count(len(corrections.learned), parameters["batch_size"], parameters["steps"])
    stream = TuningStream(batch_of, corrections.learned, recipe, n, random_state)
    return stream.batch, TuningLoss(copy.deepcopy(net).eval(), loss_of, tuning.hold)


@dataclass(frozen=True, eq=False)
class TuningStream:
    """A recipe's own pictures, and corrections beside them.

    Attributes
    ----------
    own
        From a step to a batch of the recipe's.
    learned
        Corrections; ``n`` of them are drawn for a step.
    recipe
        Whose labels they have.
    random_state
        Seed.
    """

    own: Callable[[int], Batch]
    learned: Sequence[Example]
    recipe: ReaderRecipe
    n: int
    random_state: int

    def batch(self, step: int) -> tuple[Batch, Batch]:
        """The recipe's own pictures of a step, and its corrections, varied anew."""
        rng = np.random.default_rng((self.random_state, step, 1))
        chosen = [self.learned[row] for row in rng.integers(len(self.learned), size=self.n)]
        vary = _vary_characters if self.recipe.kind == "characters" else _vary_lines
        return self.own(step), vary(chosen, self.recipe.labels, rng)


@dataclass(frozen=True, eq=False)
class TuningLoss:
    """The loss on corrections, and the distance from what the net said before on all else.

    Attributes
    ----------
    before
        The net as it was.
    loss_of
        The recipe's loss, of a character on average, as the distance is.
    hold
        Weight of the distance.
    """

    before: nn.Module
    loss_of: Callable[[nn.Module, Any], Tensor]
    hold: float

    def __call__(self, net: nn.Module, batch: tuple[Batch, Batch]) -> Tensor:
        """Both, each weighted by its share of the pictures."""
        own, added = batch
        net.eval()  # as it reads: no dropout, and the statistics of all that it learned from
        n, m = len(own.pictures), len(added.pictures)
        held = self.hold * self._distance(net, own)
        return (m * self.loss_of(net, added) + n * held) / (n + m)

    def _distance(self, net: nn.Module, own: Batch) -> Tensor:
        """Kullback-Leibler divergence from what was said before, of a character on average."""
        device = next(net.parameters()).device
        pictures = own.pictures.to(device, torch.float32) / 255
        if device.type == "cpu":
            pictures = pictures.contiguous(memory_format=torch.channels_last)
        with torch.no_grad():
            said = self.before.to(device)(pictures).float().log_softmax(1)
        says = net(pictures).float().log_softmax(1)
        n = len(pictures) if isinstance(own, CharacterBatch) else int(own.n_targets.sum())
        divergence: Tensor = (said.exp() * (said - says)).sum() / n
        return divergence


def vary_line(line: Picture, rng: np.random.Generator) -> Picture:
    """A line as the net sees it, as if it had been written and photographed again.

    Parameters
    ----------
    line
        uint8, shape (32, width), ink bright on dark.
    rng
        Source of chance.
    """
    width = round(line.shape[1] * 2 * float(np.exp(rng.normal(0, 0.12))))
    grown = cv2.resize(line, (width, 2 * HEIGHT_PX), interpolation=cv2.INTER_CUBIC)
    leaning = slant(np.asarray(grown, np.uint8), rng.normal(0, 0.1))
    if rng.random() < 0.5:
        again = ink_of(photograph(leaning, rng))
        leaning = again if again.any() else leaning
    return normalise_line(leaning)


def judge_tuning(
    nets: Nets, corrections: Corrections, old_test: Test, recipe: ReaderRecipe
) -> dict[str, Any]:
    """What a fine-tuning has brought, and what was forgotten.

    Parameters
    ----------
    nets
        Before and after.
    corrections
        Those that are held out are judged on.
    old_test
        Pictures of what the net could read before; there may be none.
    recipe
        Of the nets.

    Returns
    -------
    dict
        For JSON: ``n_train``, ``n_held``, ``left_out``; ``held`` and ``old_test`` as `compare`
        gives them; ``forgot``, by how much the accuracy on the old test set fell, below 0 where
        it rose, None where nothing was compared.
    """
    held: Test = corrections.held
    if recipe.kind == "characters":
        held = _judged(corrections.held, recipe.labels)
    on_held, on_old = (
        compare(*(_right(net, test, recipe.labels) for net in nets)) for test in (held, old_test)
    )
    return {
        "n_train": len(corrections.learned),
        "n_held": len(corrections.held),
        "left_out": dict(corrections.left_out),
        "held": on_held,
        "old_test": on_old,
        "forgot": (on_old["lost"] - on_old["gained"]) / on_old["n"] if on_old["n"] else None,
    }


def compare(before: Flags, after: Flags) -> dict[str, Any]:
    """Two nets on the same pictures: what each has right, and whether they differ by chance.

    Parameters
    ----------
    before, after
        Which pictures each net reads right, shape (n,); n may be 0.

    Returns
    -------
    dict
        For JSON: ``n``; ``before`` and ``after``, the share that is right, each with its 95 %
        interval; ``lost`` and ``gained``, pictures that only the one net reads right; ``p``, of
        the exact McNemar test.

    Examples
    --------
    >>> found = compare(np.array([True, False, False]), np.array([True, True, True]))
    >>> found["lost"], found["gained"], found["p"]
    (0, 2, 0.5)
    """
    n = len(before)
    if not n:
        return {"n": 0}
    lost, gained = int((before & ~after).sum()), int((after & ~before).sum())
    return {
        "n": n,
        "before": float(before.mean()),
        "before_interval": list(wilson_interval(int(before.sum()), n)),
        "after": float(after.mean()),
        "after_interval": list(wilson_interval(int(after.sum()), n)),
        "lost": lost,
        "gained": gained,
        "p": mcnemar(lost, gained),
    }


def _vary_characters(
    examples: Sequence[Example], labels: Sequence[str], rng: np.random.Generator
) -> CharacterBatch:
    """Distorted as a recipe's own characters are."""
    allowed = np.zeros((len(examples), len(labels) + 1), bool)
    for row, one in zip(allowed, examples, strict=True):
        row[labels.index(one.text)] = True
    pictures = normalise_glyphs([distort(one.picture, rng) for one in examples])
    return CharacterBatch.of(pictures, allowed)


def _vary_lines(
    examples: Sequence[Example], labels: Sequence[str], rng: np.random.Generator
) -> LineBatch:
    texts = [[labels.index(character) + 1 for character in one.text] for one in examples]
    return LineBatch.of([vary_line(one.picture, rng) for one in examples], texts)


def _judged(examples: Sequence[Example], labels: Sequence[str]) -> Judged:
    pictures = np.zeros((len(examples), 1, SIDE_PX, SIDE_PX), np.uint8)
    allowed = np.zeros((len(examples), len(labels)), bool)
    for row, one in enumerate(examples):
        pictures[row, 0] = one.picture
        allowed[row, labels.index(one.text)] = True
    return Judged(torch.from_numpy(pictures), allowed, "corrections held out")


def _right(net: nn.Module, test: Test, labels: Sequence[str]) -> Flags:
    if isinstance(test, Judged):
        return characters_right(net, test, len(labels))
    return lines_right(net, test, labels)
