"""A recipe with some settings changed, and how that is written in Python."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Mapping, Sequence
from typing import Any

from hdalr.errors import UnknownNameError
from hdalr.recipes.recipe import Recipe
from hdalr.recipes.spaces import has_fields


def settings_of(recipe: Recipe, names: list[str], dataset: str = "") -> dict[str, Any]:
    """What a recipe sets, or leaves at the model's default, on a data set.

    Parameters
    ----------
    recipe
        A recipe whose model's library is installed.
    names
        Parameters of the model; dotted, a field of one.
    dataset
        Name of the data set; on ``"digits"`` the demo parameters apply.

    Raises
    ------
    UnknownNameError
        If there is no such parameter or field.

    Examples
    --------
    >>> from hdalr.recipes import RECIPES
    >>> settings_of(RECIPES["paper.cnn-text"], ["l2", "augmentation.zoom"])
    {'l2': 0.0001, 'augmentation.zoom': 0.1}
    """
    used = recipe.build(dataset).get_params(deep=False)
    return {name: _read(used, name, recipe) for name in names}


def vary(recipe: Recipe, settings: Mapping[str, Any], dataset: str = "") -> Recipe:
    """The recipe as it runs on a data set, with some settings changed.

    Parameters
    ----------
    recipe
        The recipe to start from; it is not changed.
    settings
        Parameter, or field of one (dotted), to its new value.
    dataset
        On ``"digits"`` the recipe's demo parameters apply, but for those that are changed.

    Examples
    --------
    >>> from hdalr.recipes import RECIPES
    >>> vary(RECIPES["paper.knn"], {"n_neighbors": 5}).parameters
    {'n_neighbors': 5}
    """
    used = recipe.parameters_on(dataset)
    return dataclasses.replace(recipe, parameters=used | _changes(used, settings), demo={})


def write_difference(recipe: Recipe, settings: Mapping[str, Any], dataset: str = "") -> str:
    """The changed recipe as Python for `hdalr.recipes.better`, made from the one it differs from.

    What the demo sets on ``"digits"`` is changed in the demo, all else in the parameters.

    Examples
    --------
    >>> from hdalr.recipes import RECIPES
    >>> print(write_difference(RECIPES["paper.knn"], {"n_neighbors": 5}))
    dataclasses.replace(
        paper.KNN,
        parameters={
            **paper.KNN.parameters,
            "n_neighbors": 5,
        },
    )
    """
    base = _place(recipe)
    changes = _changes(recipe.parameters_on(dataset), settings)
    demo = {n: v for n, v in changes.items() if dataset == "digits" and n in recipe.demo}
    blocks = {"parameters": {n: v for n, v in changes.items() if n not in demo}, "demo": demo}
    lines = ["dataclasses.replace(", f"    {base},"]
    for name, block in blocks.items():
        if block:
            lines += [f"    {name}={{", f"        **{base}.{name},"]
            lines += [f'        "{key}": {value!r},' for key, value in block.items()]
            lines.append("    },")
    return "\n".join([*lines, ")"])


def _changes(used: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """New values of whole parameters: fields are set in the objects that hold them."""
    changes: dict[str, Any] = {}
    for name, value in settings.items():
        owner, *fields = name.split(".")
        changes[owner] = _set(changes.get(owner, used.get(owner)), fields, value)
    return changes


def _set(holder: Any, fields: Sequence[str], value: Any) -> Any:
    if not fields:
        return value
    first, *rest = fields
    return dataclasses.replace(holder, **{first: _set(getattr(holder, first), rest, value)})


def _place(recipe: Recipe) -> str:
    """How `hdalr.recipes.better` speaks of a recipe: by its constant, if it has one."""
    group = recipe.name.partition(".")[0]
    held = vars(importlib.import_module(f"hdalr.recipes.{group}"))
    constant = next((name for name, value in held.items() if value is recipe), None)
    if constant is None:
        return f'{group}.RECIPES["{recipe.name}"]'
    return constant if group == "better" else f"{group}.{constant}"


def _read(used: Mapping[str, Any], name: str, recipe: Recipe) -> Any:
    owner, *fields = name.split(".")
    if owner not in used:
        raise UnknownNameError(f"setting of {recipe.model}", name, used)
    value = used[owner]
    for depth, field in enumerate(fields):
        if not has_fields(value, [field]):
            known = dataclasses.fields(value) if dataclasses.is_dataclass(value) else ()
            above = ".".join([owner, *fields[:depth]])
            raise UnknownNameError(
                f"setting of {recipe.name}", name, [f"{above}.{f.name}" for f in known] or [above]
            )
        value = getattr(value, field)
    return value
