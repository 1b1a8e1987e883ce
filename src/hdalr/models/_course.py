"""The course of an annealed net's training: batches by their step, the loss, the learning curve."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from hdalr.models._stream import StreamProgress
from hdalr.models._training import Examples, Progress, evaluate

Batch = tuple[Tensor, Tensor]  # uint8 pictures (n, 1, height, width), class indices (n,)
Distort = Callable[[Tensor], Tensor]


class Course:
    """Batches of pictures that lie on the device, and what is noted while a net learns from them.

    A step's pictures, their distortion and the dropout are a function of the seed and the step,
    so that a run that goes on from a checkpoint ends like one that was never stopped.

    Parameters
    ----------
    examples, validation
        Pictures to learn from, and to judge on after each epoch or None.
    batch_size
        Pictures a step; all of them if there are fewer.
    random_state
        Seed.
    label_smoothing
        Share of the label that is spread over all classes.
    distort
        From a float batch to a distorted one of the same shape; None for no distortion.
    """

    def __init__(
        self,
        examples: Examples,
        validation: Examples | None,
        batch_size: int,
        random_state: int,
        label_smoothing: float = 0.0,
        distort: Distort | None = None,
    ) -> None:
        self.examples = examples
        self.validation = validation
        self.batch_size = min(batch_size, len(examples))
        self.steps_an_epoch = len(examples) // self.batch_size
        self.random_state = random_state
        self.label_smoothing = label_smoothing
        self.distort = distort
        self._order: tuple[int, Tensor] | None = None
        self._hits = torch.zeros((), device=examples.labels.device)

    def batch_of(self, step: int) -> Batch:
        """The step's pictures and their labels; sets what its distortion and dropout draw from."""
        epoch, place = divmod(step, self.steps_an_epoch)
        rows = self._order_of(epoch)[place * self.batch_size : (place + 1) * self.batch_size]
        _seed(rows.device, self.random_state * 1_000_003 + step + 1)
        return self.examples.images[rows], self.examples.labels[rows]

    def loss_of(self, net: nn.Module, batch: Batch) -> Tensor:
        """Cross-entropy with smoothed labels, of the pictures distorted."""
        pixels, labels = batch
        images = pixels.float() / 255
        if self.distort is not None:
            with torch.autocast(images.device.type, enabled=False):
                images = self.distort(images)
        logits = net(images.contiguous(memory_format=torch.channels_last)).float()
        self._hits += (logits.detach().argmax(1) == labels).float().mean()
        return cross_entropy(logits, labels, label_smoothing=self.label_smoothing)

    def judge(self, net: nn.Module) -> dict[str, Any]:
        """What the learning curve says beside the loss: accuracy on the way, and validation."""
        accuracy = float(self._hits) / self.steps_an_epoch
        self._hits.zero_()
        held_out = (None, None) if self.validation is None else evaluate(net, self.validation)
        return {
            "accuracy": accuracy,
            "validation_loss": held_out[0],
            "validation_accuracy": held_out[1],
        }

    def by_epoch(self, curve: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The learning curve as `hdalr.models._training.train` gives it."""
        begun = [0.0, *(entry["seconds"] for entry in curve)]
        return [
            {
                "epoch": number,
                **{name: value for name, value in entry.items() if name != "step"},
                "seconds": entry["seconds"] - begun[number - 1],
            }
            for number, entry in enumerate(curve, 1)
        ]

    def tell(
        self, epochs: int, on_progress: Callable[[Progress], None] | None
    ) -> Callable[[StreamProgress], None] | None:
        """What the stream calls, so that ``on_progress`` gets a `Progress`."""
        if on_progress is None:
            return None

        def report(now: StreamProgress) -> None:
            done = now.step / now.steps
            left = now.seconds / done * (1 - done)
            epoch = now.step // self.steps_an_epoch
            on_progress(Progress(epoch, epochs, done, now.loss, now.judged["accuracy"], left))

        return report

    def _order_of(self, epoch: int) -> Tensor:
        if self._order is None or self._order[0] != epoch:
            chance = torch.Generator().manual_seed(self.random_state * 1_000_003 + epoch)
            order = torch.randperm(len(self.examples), generator=chance)
            self._order = epoch, order.to(self.examples.labels.device)
        return self._order[1]


def _seed(device: torch.device, seed: int) -> None:
    """Seed what dropout and distortion draw from.

    `torch.manual_seed` does so on all devices, and keeps a stack trace for each that is not there.
    """
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        torch.cuda.manual_seed(seed)
