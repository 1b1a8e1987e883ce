from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from hdalr.models._stream import StreamPlan, StreamProgress, train_on_stream


def batch_of(step: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(step)
    x = torch.randn(16, 4, generator=generator)
    return x, (x[:, :1] - x[:, 1:2] > 0).long().squeeze(1)


def loss_of(net: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
    return nn.functional.cross_entropy(net(batch[0]).float(), batch[1])


def plan(steps: int = 60, **changes: object) -> StreamPlan[tuple[Tensor, Tensor]]:
    return StreamPlan(batch_of, loss_of, steps, 0.05, report_steps=10, **changes)  # type: ignore[arg-type]


def net() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2))


class Killed(Exception):
    pass


def test_the_loss_falls() -> None:
    trained = net()
    curve = train_on_stream(trained, plan(200))
    assert curve[-1]["loss"] < 0.5 * curve[0]["loss"]
    assert not trained.training


def test_batches_made_by_workers_are_the_same(tmp_path: Path) -> None:
    alone, helped = net(), net()
    train_on_stream(alone, plan(14))
    options = {"checkpoint": tmp_path / "c.safetensors", "key": "a", "checkpoint_steps": 6}

    def kill(progress: StreamProgress) -> None:
        raise Killed

    with pytest.raises(Killed):
        train_on_stream(helped, plan(14, **options, workers=2, on_progress=kill))
    helped = net()
    train_on_stream(helped, plan(14, **options, workers=2))  # from step 6 on, within a group
    for name, value in alone.state_dict().items():
        assert torch.equal(value, helped.state_dict()[name]), name


def test_a_killed_training_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    whole, resumed = net(), net()
    train_on_stream(whole, plan())

    def kill(progress: StreamProgress) -> None:
        if progress.step == 40:
            raise Killed

    options = {"checkpoint": tmp_path / "c.safetensors", "key": "a", "checkpoint_steps": 20}
    with pytest.raises(Killed):
        train_on_stream(resumed, plan(**options, on_progress=kill))
    torch.manual_seed(9)
    resumed = net()
    seen: list[int] = []
    train_on_stream(resumed, plan(**options, on_progress=lambda p: seen.append(p.step)))
    assert seen == [30, 40, 50, 60]
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name


def test_a_checkpoint_of_something_else_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "c.safetensors"
    train_on_stream(net(), plan(checkpoint=path, key="a", checkpoint_steps=20))
    seen: list[int] = []
    train_on_stream(
        net(), plan(checkpoint=path, key="b", on_progress=lambda p: seen.append(p.step))
    )
    assert seen[0] == 10


def test_the_rate_rises_and_falls_to_nothing() -> None:
    rates = [plan(100).rate(step) for step in range(100)]
    assert max(rates) == pytest.approx(0.05, rel=0.01)
    assert rates[0] == pytest.approx(0.01)
    assert rates[-1] == pytest.approx(0, abs=1e-4)
