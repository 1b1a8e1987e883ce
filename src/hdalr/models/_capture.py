"""A training step as a CUDA graph: recorded once, then replayed without Python between kernels.

A step of a small net is many short kernels, and a processor needs longer to launch one than the
GPU to run it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import torch
from torch import Tensor

WARM_UP = 3  # steps until the optimizer's state and the libraries' workspaces are there


class CapturedStep:
    """Calls a step for its first batches as it is, then replays it for each that follows.

    Parameters
    ----------
    step
        From a batch of CUDA tensors to the loss; it changes the net in place, reads nothing back
        from the GPU, and draws from torch's default generator alone, which may be seeded between
        steps. Batches have the same shapes. No other thread may use the GPU while it is recorded.
    """

    def __init__(self, step: Callable[[tuple[Tensor, ...]], Tensor]) -> None:
        self._step = step
        self._steps_done = 0
        self._stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        self._graph: torch.cuda.CUDAGraph | None = None
        self._batch: tuple[Tensor, ...] = ()  # where the graph reads its batch
        self._loss = torch.empty(())  # and where it leaves the loss

    def __call__(self, batch: tuple[Tensor, ...]) -> Tensor:
        """Do one step; the loss as a tensor of its own."""
        self._steps_done += 1
        if self._steps_done <= WARM_UP:
            return self._run_aside(batch)
        if self._graph is None:
            self._capture(batch)
        assert self._graph is not None
        for place, values in zip(self._batch, batch, strict=True):
            place.copy_(values)
        self._graph.replay()
        return self._loss.clone()

    def _run_aside(self, batch: tuple[Tensor, ...]) -> Tensor:
        """A step on a stream of its own; what libraries set up there does not hang on the main."""
        main = torch.cuda.current_stream()
        self._stream.wait_stream(main)
        with torch.cuda.stream(self._stream), warnings.catch_warnings():
            warnings.filterwarnings("ignore", "This instance was constructed with capturable=True")
            loss = self._step(batch)
        main.wait_stream(self._stream)
        return loss

    def _capture(self, batch: tuple[Tensor, ...]) -> None:
        self._batch = tuple(values.clone() for values in batch)
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph):  # nothing is computed here
            self._loss = self._step(self._batch)
