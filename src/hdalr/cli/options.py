"""Options that several commands take, worded once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Device(StrEnum):
    """Where nets are trained."""

    auto = "auto"
    cpu = "cpu"
    cuda = "cuda"


Data = Annotated[str, typer.Option(metavar="NAME|PATH", help="Data set: see hdalr data list.")]
Recipes = Annotated[
    str, typer.Option(metavar="GROUP|NAME,...", help="Recipes, or a group of them.")
]
Seeds = Annotated[int, typer.Option(min=1, help="Runs of each recipe.")]
Limit = Annotated[
    int | None, typer.Option(min=1, help="At most so many pictures to train and to test.")
]
Where = Annotated[Device, typer.Option(help="Where nets are trained.")]
Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", metavar="DIR", help="Default: results/<data set>."),
]
Cluster = Annotated[
    str | None,
    typer.Option(metavar="tcp://...", help="A Dask scheduler, on whose workers to run."),
]
