"""The settings by which the better nets are trained."""

from __future__ import annotations

from dataclasses import dataclass

from hdalr.models.distortion import Distortion


@dataclass(frozen=True)
class Annealing:
    """How a net learns: for how long, at what rate, from what pictures.

    Adam with decoupled weight decay (Loshchilov and Hutter 2019); the rate rises and then falls
    to 0 along a cosine (2017); what is kept is a running mean of the weights (Polyak and Juditsky
    1992) after the last epoch. No epoch is picked.

    Parameters
    ----------
    epochs, batch_size
        Passes over the training pictures, and pictures a step; an incomplete batch at the end of
        a pass is left out, other pictures in each.
    learning_rate, warmup
        Highest rate, and the share of the steps until it is reached.
    weight_decay
        On kernels only.
    label_smoothing
        Share of the label that is spread evenly over all classes (Szegedy et al. 2016).
    average
        Decay of the running mean a step, 0 to below 1; 0 keeps the last weights.
    distortion
        Of the training pictures, or None.

    Examples
    --------
    >>> Annealing(epochs=1, average=0.0).batch_size
    128
    """

    epochs: int = 10
    batch_size: int = 128
    learning_rate: float = 4e-3
    warmup: float = 0.1
    weight_decay: float = 0.02
    label_smoothing: float = 0.1
    average: float = 0.998
    distortion: Distortion | None = None
