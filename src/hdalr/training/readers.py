"""A reader recipe and its characters to a trained net."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from torch import nn

from hdalr.bundles import Bundle, load_net
from hdalr.errors import NotApplicableError
from hdalr.images.glyph import normalise_glyphs
from hdalr.images.synthetic.lines import GlyphStore
from hdalr.models._stream import StreamPlan, StreamProgress, train_on_stream
from hdalr.models.character_net import (
    CharacterBatch,
    build_character_net,
    character_loss,
)
from hdalr.models.line_net import build_line_net, line_loss
from hdalr.models.torch_classifier import choose_device
from hdalr.recipes.readers import ReaderRecipe
from hdalr.training.characters import CharacterStream
from hdalr.training.feedback import Corrections
from hdalr.training.lines import LineStream
from hdalr.training.sources import Sources
from hdalr.training.tuning import tune

SHARES = ("nothing", "drawn", "widened")  # parameters of the stream of characters
PRIOR_STEP, N_PRIOR_BATCHES = 10_000_000, 50  # batches on which outputs are counted


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
    workers: int = 0,
    start: Bundle | None = None,
    corrections: Corrections | None = None,
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
    workers
        Processes that make the batches beside the one that trains. Same outcome.
    start
        Bundle whose weights the training begins with, instead of random ones.
    corrections
        What the net of ``start`` is to learn beside what it can read.
    on_progress
        Called every hundred steps.
    **changes
        Parameters that differ from the recipe's: ``steps=...``.

    Raises
    ------
    NotApplicableError
        If the bundle to start from holds another net than the recipe's.
    """
    parameters = {**recipe.parameters, **changes}
    place = choose_device(device)
    with torch.random.fork_rng([place] if place.type == "cuda" else []):
        torch.manual_seed(random_state)
        net, batch_of, loss_of = _prepared(recipe, sources, parameters, random_state)
        if start is not None:
            _begin_with(net, start, recipe)
            if corrections is not None:
                batch_of, loss_of = tune(
                    net, corrections, recipe, (batch_of, loss_of), parameters, random_state
                )
        net = net.to(place)
        net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        plan: StreamPlan[Any] = StreamPlan(
            batch_of,
            loss_of,
            parameters["steps"],
            parameters["learning_rate"],
            checkpoint=checkpoint,
            checkpoint_steps=500 if corrections is None else 50,
            workers=workers,
            key=_key(recipe, sources, parameters, random_state, start, corrections),
            on_progress=on_progress,
        )
        curve = train_on_stream(net, plan)
    net = net.cpu().eval()
    if recipe.kind == "characters" and corrections is None:
        even_out_priors(net, batch_of, len(recipe.labels))
    return Trained(net, curve)


@torch.inference_mode()
def even_out_priors(
    net: nn.Module, batch_of: Callable[[int], CharacterBatch], n_labels: int
) -> None:
    """Shift the last layer's biases so that no character is expected before another.

    The training data hold a hundred times more digits than some letters; who reads a single
    character on a form has no such expectation. The share of each output over the training
    distribution is what the net itself gives on average (Saerens, Latinne, Decaestecker 2002,
    equation 4, for a new prior that is even).

    Parameters
    ----------
    net
        Sequential, its last layer linear with n_labels + 1 outputs; changed in place. The output
        for no character keeps its share.
    batch_of
        From a step to its pictures; steps beyond those of the training are asked for.
    n_labels
        Number of characters.
    """
    batches = (batch_of(PRIOR_STEP + step) for step in range(N_PRIOR_BATCHES))
    shares = torch.cat([net(b.pictures.float() / 255).softmax(1).double() for b in batches]).mean(0)
    characters = shares[:n_labels] / shares[:n_labels].sum()
    last = cast(nn.Linear, cast(nn.Sequential, net)[-1])
    last.bias[:n_labels] -= torch.log(characters * n_labels).to(last.bias.dtype)


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
        **{name: value for name, value in parameters.items() if name in SHARES},
    )
    return build_character_net(n_labels, width), characters.batch, character_loss


def _begin_with(net: nn.Module, start: Bundle, recipe: ReaderRecipe) -> None:
    theirs, own = load_net(start).state_dict(), net.state_dict()
    same = {k: v.shape for k, v in theirs.items()} == {k: v.shape for k, v in own.items()}
    if not same or start.labels != recipe.labels:
        raise NotApplicableError(
            f"the net of bundle {start.name!r} is not the one of {recipe.name}; start from a "
            f"bundle that {recipe.name} made"
        )
    net.load_state_dict(theirs)


def _key(
    recipe: ReaderRecipe,
    sources: Sources,
    parameters: dict[str, Any],
    random_state: int,
    start: Bundle | None,
    corrections: Corrections | None,
) -> str:
    facts = {
        **recipe.describe(),
        "parameters": parameters,
        "n_train": len(sources.train.images),
        "random_state": random_state,
        **({} if start is None else {"start": start.digest}),
        **({} if corrections is None else {"corrections": corrections.digest}),
    }
    return json.dumps(facts, sort_keys=True)
