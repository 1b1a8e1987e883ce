"""Recipes: what to train, on what, how, and who says so."""

from hdalr.errors import UnknownNameError
from hdalr.recipes import better, explain, letters, paper
from hdalr.recipes.protocol import Protocol, Split
from hdalr.recipes.recipe import Recipe

__all__ = ["GROUPS", "RECIPES", "Protocol", "Recipe", "Split", "choose_recipes"]

GROUPS: dict[str, dict[str, Recipe]] = {
    "paper": paper.RECIPES,
    "better": better.RECIPES,
    "explain": explain.RECIPES,
    "letters": letters.RECIPES,
}
RECIPES: dict[str, Recipe] = {
    name: recipe for group in GROUPS.values() for name, recipe in group.items()
}


def choose_recipes(names: str) -> list[Recipe]:
    """The recipes that a comma-separated list of names and groups asks for, each once.

    Raises
    ------
    UnknownNameError
        If a name is neither a recipe nor a group.

    Examples
    --------
    >>> [recipe.title for recipe in choose_recipes("paper.knn,paper.lstm")]
    ['k-nearest neighbours', 'LSTM, as listed']
    """
    chosen: dict[str, Recipe] = {}
    for name in filter(None, (part.strip() for part in names.split(","))):
        if name in GROUPS:
            chosen |= GROUPS[name]
        elif name in RECIPES:
            chosen[name] = RECIPES[name]
        else:
            raise UnknownNameError("recipe", name, [*GROUPS, *RECIPES])
    if not chosen:
        raise UnknownNameError("recipe", names, [*GROUPS, *RECIPES])
    return list(chosen.values())
