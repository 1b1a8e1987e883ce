"""The recipe: an unfitted model with its data set, protocol and source, as data."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hdalr.evaluation.records import PaperFigure
from hdalr.images.features import Features
from hdalr.models import MODELS
from hdalr.recipes.protocol import Protocol

NO_FIGURE: PaperFigure = {
    "accuracy": None,
    "split": "test",
    "dataset": "mnist",
    "where": "no figure is given",
}


@dataclass(frozen=True)
class Recipe:
    """All that is needed to train a model and to say where it comes from.

    Attributes
    ----------
    name, title, family
        E.g. ``"paper.knn"``, ``"k-nearest neighbours"``, ``"k-NN"``.
    model, parameters
        Name of the estimator in `hdalr.models.MODELS`, and what its constructor gets.
    dataset
        The set that the source trained on.
    protocol
        How a data set is cut.
    source
        Table, section and page of the paper.
    assumed
        What the source does not say, a sentence each.
    matched
        Settings that were chosen so that the source's figure comes out, a sentence each.
    paper
        The source's figure.
    difference
        Why our figure and the source's differ.
    demo
        Parameters that differ on the bundled set: fewer epochs where a demonstration would take
        too long, more where so small a set gives a net too few steps.
    """

    name: str
    title: str
    family: str
    model: str
    parameters: Mapping[str, Any]
    source: str
    dataset: str = "mnist"
    protocol: Protocol = field(default_factory=Protocol)
    assumed: tuple[str, ...] = ()
    matched: tuple[str, ...] = ()
    paper: PaperFigure = field(default_factory=lambda: NO_FIGURE)
    difference: str = ""
    demo: Mapping[str, Any] = field(default_factory=dict)

    def build(self, dataset: str = "", **settings: Any) -> Any:
        """Make the unfitted estimator.

        Parameters
        ----------
        dataset
            Name of the data set; on ``"digits"`` the `demo` parameters apply.
        **settings
            ``random_state``, ``device``, ``n_jobs``; those that the model does not have are
            left out.
        """
        module = importlib.import_module(MODELS[self.model])
        estimator = getattr(module, self.model)(**self.parameters_on(dataset))
        known = estimator.get_params(deep=False)
        return estimator.set_params(**{k: v for k, v in settings.items() if k in known})

    def parameters_on(self, dataset: str) -> dict[str, Any]:
        """The constructor's arguments on a data set: on ``"digits"`` with the demo ones."""
        return {**self.parameters, **(self.demo if dataset == "digits" else {})}

    def demo_on(self, dataset: str) -> dict[str, list[Any]]:
        """What the demo changes on a data set: name to [the demo's value, the source's]."""
        used = self.parameters_on(dataset)
        return {
            name: [value, self.parameters[name]]
            for name, value in used.items()
            if value != self.parameters[name]
        }

    def describe(self, dataset: str = "") -> dict[str, Any]:
        """What fixes the outcome, as plain JSON values; the fingerprint is made of it."""
        return {
            "recipe": self.name,
            "model": self.model,
            "parameters": plain(self.parameters_on(dataset)),
            "protocol": dataclasses.asdict(self.protocol),
        }


def plain(value: Any) -> Any:
    """Turn dataclasses, tuples and mappings into what JSON knows; features keep their name."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {one.name: plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
        return {type(value).__name__: fields} if isinstance(value, Features) else fields
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value
