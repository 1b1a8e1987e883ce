"""A reader recipe and its characters to a trained net."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from hdalr.images.glyph import normalise_glyphs
from hdalr.images.synthetic.lines import GlyphStore
from hdalr.models._stream import StreamPlan, StreamProgress, train_on_stream
from hdalr.models.character_net import build_character_net, character_loss
from hdalr.models.line_net import build_line_net, line_loss
from hdalr.models.neural import choose_device
from hdalr.recipes.readers import ReaderRecipe
from hdalr.training.characters import CharacterStream
from hdalr.training.lines import LineStream
from hdalr.training.sources import Sources


@dataclass(frozen=True, eq=False)
class Trained:
    """A net on the CPU, in evaluation mode, and how its loss fell."""

    net: nn.Module
    curve: list[dict[str, float]]


def train_reader(
    recipe: ReaderRecipe,
    sources: Sources,
    *,
    random_state: int = 0,
    device: str = "auto",
    checkpoint: Path | None = None,
    on_progress: Callable[[StreamProgress], None] | None = None,
    **changes: Any,
) -> Trained:
    """Train the net of a recipe.

    Parameters
    ----------
    recipe
        What to train.
    sources
        What `hdalr.training.sources.gather` gave for it.
    random_state
        Seed of the weights and of every batch.
    device
        ``"auto"``, ``"cpu"`` or ``"cuda"``.
    checkpoint
        File from which a killed training goes on; one of another recipe, seed or data is not
        used.
    on_progress
        Called every hundred steps.
    **changes
        Parameters that differ from the recipe's: ``steps=...``.
    """
    parameters = {**recipe.parameters, **changes}
    place = choose_device(device)
    with torch.random.fork_rng([place] if place.type == "cuda" else []):
        torch.manual_seed(random_state)
        net, batch_of, loss_of = _prepared(recipe, sources, parameters, random_state)
        net = net.to(place)
        net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        plan: StreamPlan[Any] = StreamPlan(
            batch_of,
            loss_of,
            parameters["steps"],
            parameters["learning_rate"],
            checkpoint=checkpoint,
            key=_key(recipe, sources, parameters, random_state),
            on_progress=on_progress,
        )
        curve = train_on_stream(net, plan)
    return Trained(net.cpu().eval(), curve)


def _prepared(
    recipe: ReaderRecipe, sources: Sources, parameters: dict[str, Any], random_state: int
) -> tuple[nn.Module, Callable[[int], Any], Callable[..., torch.Tensor]]:
    """Untrained net, where its batches come from, and its loss."""
    n_labels, width = len(recipe.labels), parameters["width"]
    batch_size = parameters["batch_size"]
    if recipe.kind == "lines":
        images, labels = sources.train.known()
        store = GlyphStore(normalise_glyphs(list(images)), labels, recipe.labels)
        lines = LineStream(
            store,
            batch_size=batch_size,
            digits_only=parameters["digits_only"],
            random_state=random_state,
        )
        return build_line_net(n_labels, width), lines.batch, line_loss
    characters = CharacterStream(
        sources.train,
        sources.foreign,
        batch_size=batch_size,
        random_state=random_state,
        **{name: parameters[name] for name in ("nothing", "drawn") if name in parameters},
    )
    return build_character_net(n_labels, width), characters.batch, character_loss


def _key(
    recipe: ReaderRecipe, sources: Sources, parameters: dict[str, Any], random_state: int
) -> str:
    facts = {
        **recipe.describe(),
        "parameters": parameters,
        "n_train": len(sources.train.images),
        "random_state": random_state,
    }
    return json.dumps(facts, sort_keys=True)
