from __future__ import annotations

import numpy as np
import pytest
import torch

from hdalr.datasets import load_dataset
from hdalr.datasets.emnist_union import PartlyLabelled, from_dataset
from hdalr.errors import DataError, NotApplicableError
from hdalr.images.synthetic.lines import GlyphStore
from hdalr.models.character_net import CharacterBatch
from hdalr.recipes.readers import RECIPES, ReaderRecipe
from hdalr.training.characters import CharacterStream
from hdalr.training.lines import WIDEST_PX, LineStream
from hdalr.training.readers import even_out_priors, train_reader
from hdalr.training.sources import Sources, gather, joined

DIGITS = load_dataset("digits")


def lines(seed: int = 0) -> LineStream:
    store = GlyphStore(DIGITS.train_images, DIGITS.train_labels, DIGITS.classes)
    return LineStream(store, batch_size=4, digits_only=1.0, random_state=seed)


def test_a_step_has_the_same_lines_in_any_order_of_asking() -> None:
    first, second = lines(), lines()
    late = first.batch(9)
    for step in range(9):
        second.batch(step)
    assert torch.equal(late.pictures, second.batch(9).pictures)
    assert torch.equal(late.targets, second.batch(9).targets)
    assert not torch.equal(late.targets, lines(seed=1).batch(9).targets)


def test_lines_are_labelled_with_what_they_say_without_marks() -> None:
    line, text = lines().draw(np.random.default_rng(0))
    assert text.isdigit()
    assert line.shape[0] == 32
    assert line.shape[1] <= WIDEST_PX


def test_characters_carry_their_labels_and_nothing_its_own() -> None:
    source, _ = from_dataset(DIGITS)
    stream = CharacterStream(source, batch_size=400, nothing=0.25)
    allowed = stream.batch(0).allowed.numpy()
    assert (allowed.sum(axis=1) == 1).all()
    assert 0.17 < allowed[:, -1].mean() < 0.33
    assert allowed[:, :-1].sum(axis=0).min() > 10


def test_the_same_step_has_the_same_characters() -> None:
    source, _ = from_dataset(DIGITS)
    first, second = (
        CharacterStream(source, [DIGITS.test_images], batch_size=20).batch(3) for _ in range(2)
    )
    assert torch.equal(first.pictures, second.pictures)
    assert torch.equal(first.allowed, second.allowed)


def some(characters: tuple[str, ...], allowed: list[list[int]], size: int = 28) -> PartlyLabelled:
    images = np.zeros((len(allowed), size, size), np.uint8)
    return PartlyLabelled(images, np.array(allowed, bool), characters)


def test_sets_are_joined_under_one_list_of_labels() -> None:
    both = joined([some(("b", "x"), [[1, 0], [0, 1]]), some(("a",), [[1]])], ("a", "b"))
    assert both.allowed.tolist() == [[False, True], [True, False]]


def test_a_picture_that_may_be_something_else_is_left_out() -> None:
    both = joined([some(("C", "c"), [[1, 1], [1, 0]])], ("C",))
    assert len(both.images) == 1


def test_sets_of_different_sizes_are_not_joined() -> None:
    with pytest.raises(DataError, match="expected one size"):
        joined([some(("a",), [[1]]), some(("a",), [[1]], size=32)], ("a",))


def test_held_back_pictures_are_not_learned_from() -> None:
    recipe = RECIPES["readers.digits"]
    own = gather(_without_foreign(recipe), ["digits"])
    assert len(own.train.images) + len(own.held.images) == len(DIGITS.train_images)
    assert len(own.held.images) > 10
    assert own.test.images.shape == DIGITS.test_images.shape


def test_data_without_any_of_the_labels_is_refused() -> None:
    with pytest.raises(NotApplicableError, match="none of these is in digits"):
        gather(_without_foreign(RECIPES["readers.devanagari"]), ["digits"])


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_every_recipe_trains_on_a_handful_of_pictures(name: str) -> None:
    recipe = RECIPES[name]
    rng = np.random.default_rng(0)
    images = DIGITS.train_images[:92]
    allowed = np.eye(len(recipe.labels), dtype=bool)[rng.integers(0, len(recipe.labels), 92)]
    allowed[: len(recipe.labels)] = np.eye(len(recipe.labels), dtype=bool)
    part = PartlyLabelled(images, allowed, recipe.labels)
    sources = Sources(part, part, part, (DIGITS.test_images[:9],) if recipe.foreign else ())
    trained = train_reader(recipe, sources, device="cpu", steps=2, batch_size=4, width=12)
    assert len(trained.curve) == 1
    assert not trained.net.training


def _without_foreign(recipe: ReaderRecipe) -> ReaderRecipe:
    import dataclasses

    return dataclasses.replace(recipe, foreign=())


def test_a_net_that_expects_one_label_is_evened_out() -> None:
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(784, 4))
    with torch.no_grad():
        net[1].weight.zero_()
        net[1].bias.copy_(torch.log(torch.tensor([0.6, 0.2, 0.1, 0.1])))
    batch = CharacterBatch.of(np.zeros((5, 28, 28), np.uint8), np.ones((5, 4), bool))
    even_out_priors(net, lambda step: batch, n_labels=3)
    shares = net(torch.zeros(1, 1, 28, 28)).softmax(1)[0]
    assert torch.allclose(shares, torch.tensor([0.3, 0.3, 0.3, 0.1]), atol=1e-6)
