"""The training loop of the reading nets: a set number of steps on batches made as they are needed.

A batch is a function of the seed and the step, so that a killed run goes on from its checkpoint
with the very batches it would have had.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from hdalr.models._capture import CapturedStep
from hdalr.models._checkpoint import load_checkpoint, save_checkpoint

Batch = TypeVar("Batch")

GROUP = 4  # steps whose batches one worker makes together


@dataclass(frozen=True)
class StreamProgress:
    """Where a training stands: steps done of all, mean loss since the last report, the judge."""

    step: int
    steps: int
    loss: float
    seconds: float
    judged: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class StreamPlan(Generic[Batch]):
    """What to train on and how.

    Attributes
    ----------
    batch_of
        From the step to its batch.
    loss_of
        From the net and a batch to the loss.
    steps
        Number of optimiser steps.
    learning_rate
        Highest rate, reached after ``warmup`` of the steps and then lowered to 0 along a cosine
        (Loshchilov and Hutter 2017).
    weight_decay
        Decoupled (Loshchilov and Hutter 2019), on kernels only.
    capture
        Whether a step may be replayed as a CUDA graph, see `CapturedStep`.
    workers
        Processes that make the batches ahead of the training; 0: it makes them itself. Then
        ``batch_of`` is pickled. The batches are the same.
    average
        Decay of the running mean of the weights, which is what is kept at the end.
    checkpoint, key, checkpoint_steps
        File to go on from, what it belongs to, and how often it is written.
    report_steps, judge
        How often the curve gets an entry, and what else goes into it: called with the net that
        has the mean of the weights.
    on_progress
        Called with each entry of the curve.
    """

    batch_of: Callable[[int], Batch]
    loss_of: Callable[[nn.Module, Batch], Tensor]
    steps: int
    learning_rate: float
    warmup: float = 0.05
    weight_decay: float = 0.02
    capture: bool = False
    workers: int = 0
    average: float = 0.9995
    clip: float = 5.0
    checkpoint: Path | None = None
    key: str = ""
    checkpoint_steps: int = 500
    report_steps: int = 100
    judge: Callable[[nn.Module], dict[str, Any]] | None = None
    on_progress: Callable[[StreamProgress], None] | None = None

    def rate(self, step: int) -> float:
        """Learning rate at a step."""
        done = (step + 1) / self.steps
        if done < self.warmup:
            return self.learning_rate * done / self.warmup
        left = (1 - done) / (1 - self.warmup)
        return self.learning_rate * 0.5 * (1 - math.cos(math.pi * left))


def train_on_stream(net: nn.Module, plan: StreamPlan[Any]) -> list[dict[str, Any]]:
    """Train the net; afterwards it holds the mean of its weights, in evaluation mode.

    Returns
    -------
    curve
        One dict a report: step, loss, seconds, and what ``judge`` says.
    """
    device = next(net.parameters()).device
    capture = plan.capture and device.type == "cuda"
    rate = plan.learning_rate
    optimizer = torch.optim.AdamW(
        _groups(net, plan.weight_decay),
        lr=torch.tensor(rate, device=device) if capture else rate,
        capturable=capture,
        fused=True,
    )
    learn = _step_of(net, optimizer, plan, device)
    if capture:
        learn = CapturedStep(learn)
    mean = {name: value.detach().clone() for name, value in net.state_dict().items()}
    first, curve = _resume(net, optimizer, mean, plan, device)
    state = net.state_dict()  # changed in place by each step
    losses: list[Tensor] = []
    began = time.perf_counter() - (curve[-1]["seconds"] if curve else 0.0)
    net.train()
    for step, batch in enumerate(_batches(plan, first), first):
        _set_rate(optimizer, plan.rate(step))
        losses.append(learn(batch))
        _average(mean, state, min(plan.average, (step + 1) / (step + 10)))
        done = step + 1
        if done % plan.report_steps == 0 or done == plan.steps:
            loss_so_far, losses = float(torch.stack(losses).mean()), []
            judged = _judge(net, mean, plan)
            seconds = time.perf_counter() - began
            progress = StreamProgress(done, plan.steps, loss_so_far, seconds, judged)
            curve.append({"step": done, "loss": loss_so_far, "seconds": seconds, **judged})
            if plan.on_progress:
                plan.on_progress(progress)
        if plan.checkpoint and (done % plan.checkpoint_steps == 0 or done == plan.steps):
            _save(net, optimizer, mean, plan, done, curve)
    optimizer.zero_grad(set_to_none=True)
    net.load_state_dict(mean)
    net.eval()
    return curve


def _step_of(
    net: nn.Module, optimizer: torch.optim.Optimizer, plan: StreamPlan[Batch], device: torch.device
) -> Callable[[Batch], Tensor]:
    """One step: from a batch to its loss, once the weights are changed."""

    def learn(batch: Batch) -> Tensor:
        with half_precision(device):
            loss = plan.loss_of(net, batch)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(net.parameters(), plan.clip)
        optimizer.step()
        return loss.detach()

    return learn


def _set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    for group in optimizer.param_groups:
        if isinstance(group["lr"], Tensor):
            group["lr"].fill_(rate)  # where a captured step reads it
        else:
            group["lr"] = rate


def _judge(net: nn.Module, mean: dict[str, Tensor], plan: StreamPlan[Any]) -> dict[str, Any]:
    if plan.judge is None:
        return {}
    averaged = copy.deepcopy(net)
    averaged.load_state_dict(mean)
    return plan.judge(averaged)


class _Groups(Dataset[list[Batch]]):
    """The batches of `GROUP` steps that follow each other, as one item."""

    def __init__(self, plan: StreamPlan[Batch]) -> None:
        self.batch_of, self.steps = plan.batch_of, plan.steps

    def __getitem__(self, number: int) -> list[Batch]:
        last = min((number + 1) * GROUP, self.steps)
        return [self.batch_of(step) for step in range(number * GROUP, last)]


def _batches(plan: StreamPlan[Batch], first: int) -> Iterator[Batch]:
    """The batches from step ``first`` on."""
    if not plan.workers:
        yield from (plan.batch_of(step) for step in range(first, plan.steps))
        return
    groups: DataLoader[list[Batch]] = DataLoader(
        _Groups(plan),
        batch_size=None,
        sampler=range(first // GROUP, -(-plan.steps // GROUP)),
        num_workers=plan.workers,
        multiprocessing_context="spawn",
    )
    skipped = first % GROUP
    for group in groups:
        yield from group[skipped:]
        skipped = 0


def half_precision(device: torch.device) -> torch.autocast:
    """Compute in bfloat16 where the hardware can: twice as fast on such a CPU."""
    able = device.type == "cuda" or (device.type == "cpu" and torch.cpu._is_avx512_bf16_supported())
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=able)


def _groups(net: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    kernels = [p for p in net.parameters() if p.ndim > 1]
    others = [p for p in net.parameters() if p.ndim <= 1]
    return [
        {"params": kernels, "weight_decay": weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]


def _average(mean: dict[str, Tensor], state: dict[str, Tensor], decay: float) -> None:
    numbers = [name for name, value in state.items() if value.is_floating_point()]
    with torch.no_grad():
        torch._foreach_lerp_(
            [mean[name] for name in numbers], [state[name] for name in numbers], 1 - decay
        )
        for name in state.keys() - numbers:
            mean[name].copy_(state[name])


def _save(
    net: nn.Module,
    optimizer: torch.optim.Optimizer,
    mean: dict[str, Tensor],
    plan: StreamPlan[Any],
    step: int,
    curve: list[dict[str, Any]],
) -> None:
    assert plan.checkpoint is not None
    tensors = {f"net/{name}": value for name, value in net.state_dict().items()}
    tensors |= {f"mean/{name}": value for name, value in mean.items()}
    for i, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer/{i}/{name}": value for name, value in state.items()}
    save_checkpoint(plan.checkpoint, tensors, {"key": plan.key, "step": step, "curve": curve})


def _resume(
    net: nn.Module,
    optimizer: torch.optim.Optimizer,
    mean: dict[str, Tensor],
    plan: StreamPlan[Any],
    device: torch.device,
) -> tuple[int, list[dict[str, Any]]]:
    """Put back what a checkpoint with the same key holds: the steps done and the curve so far."""
    kept = load_checkpoint(plan.checkpoint, device) if plan.checkpoint else None
    if kept is None or kept[1].get("key") != plan.key:
        return 0, []
    tensors, facts = kept
    net.load_state_dict(_under(tensors, "net/"))
    for name, value in _under(tensors, "mean/").items():
        mean[name].copy_(value)
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in _under(tensors, "optimizer/").items():
        number, _, key = name.partition("/")
        state.setdefault(int(number), {})[key] = value
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
    for weights, slots in optimizer.state.items():
        for slot, value in slots.items():
            if value.shape == weights.shape:  # the fused step goes by place in memory
                slots[slot] = torch.empty_like(weights).copy_(value)
    return int(facts["step"]), list(facts["curve"])


def _under(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
