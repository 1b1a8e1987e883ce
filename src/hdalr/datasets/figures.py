"""What a data set looks like: samples of each class, and how many each class has (Fig. 1)."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hdalr.datasets.dataset import Dataset
from hdalr.errors import require_extra
from hdalr.images.batch import Images, Labels
from hdalr.storage import write_whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

N_SAMPLES = 10
SCALE = 2  # screen pixels a picture pixel
DPI = 100
TRAIN_COLOUR, TEST_COLOUR = "#0072B2", "#E69F00"  # Okabe, Ito (2008): safe for colour blindness


def contact_sheet(images: Images, labels: Labels, n_classes: int) -> Images:
    """Ten pictures of each class, spread evenly over the part, a row a class.

    Parameters
    ----------
    images, labels
        One part of a data set, shape (n_images, height, width) and (n_images,).
    n_classes
        How many rows the sheet has; a class with fewer pictures leaves places dark.

    Returns
    -------
    sheet
        uint8, shape (n_classes * height, 10 * width).
    """
    _, height, width = images.shape
    sheet = np.zeros((n_classes, N_SAMPLES, height, width), np.uint8)
    for label in range(n_classes):
        members = np.flatnonzero(labels == label)
        n = min(N_SAMPLES, len(members))
        chosen = members[np.linspace(0, len(members) - 1, n).astype(int)]
        sheet[label, :n] = images[chosen]
    return sheet.swapaxes(1, 2).reshape(n_classes * height, N_SAMPLES * width)


def plot_contact_sheet(dataset: Dataset) -> Figure:
    """Draw the contact sheet of the train part, each row with its class name at the left."""
    sheet = contact_sheet(dataset.train_images, dataset.train_labels, len(dataset.classes))
    height, width = sheet.shape
    figure, axes = _new_figure(SCALE * width / DPI, SCALE * height / DPI)
    axes.set_position((0, 0, 1, 1))  # so that one picture pixel is SCALE screen pixels
    axes.imshow(sheet, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    rows = (np.arange(len(dataset.classes)) + 0.5) * dataset.image_shape[0]
    axes.set_yticks(rows, drawable(dataset.classes))
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.set_title(f"{dataset.name}: {N_SAMPLES} train pictures a class", fontsize=9)
    return figure


def plot_class_distribution(dataset: Dataset) -> Figure:
    """Draw how many train and test pictures each class has: the paper's Fig. 1."""
    n_classes = len(dataset.classes)
    figure, axes = _new_figure(max(6.0, 0.22 * n_classes + 1.5), 4)
    position = np.arange(n_classes)
    for offset, part, labels, colour in (
        (-0.2, "train", dataset.train_labels, TRAIN_COLOUR),
        (0.2, "test", dataset.test_labels, TEST_COLOUR),
    ):
        counts = np.bincount(labels, minlength=n_classes)
        axes.bar(position + offset, counts, 0.4, label=f"{part} ({len(labels):,})", color=colour)
    names = drawable(dataset.classes)
    axes.set_xticks(position, names, rotation=90 if max(map(len, names)) > 2 else 0)
    axes.set(xlabel="class", ylabel="pictures")
    axes.set_title(dataset.name, loc="left")
    axes.margins(x=0.01)
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False)
    return figure


def drawable(names: tuple[str, ...]) -> list[str]:
    """The names as the figures' font can show them; others by their code points.

    Examples
    --------
    >>> drawable(("a", "क्ष"))
    ['a', 'U+0915 U+094D U+0937']
    """
    manager = require_extra("matplotlib.font_manager")
    known = manager.get_font(manager.findfont("DejaVu Sans")).get_charmap()
    return [
        name
        if all(ord(letter) in known for letter in name)
        else " ".join(f"U+{ord(letter):04X}" for letter in name)
        for name in names
    ]


def save_figure(figure: Figure, path: Path) -> Path:
    """Write the figure in the format of the path's suffix, the same bytes each time.

    Raises
    ------
    StorageError
        If it cannot be written.
    """
    rc_context = require_extra("matplotlib").rc_context
    kind = path.suffix.removeprefix(".")
    metadata = {"Date": None} if kind == "svg" else {}
    content = io.BytesIO()
    with rc_context({"svg.hashsalt": "hdalr"}):
        figure.savefig(content, format=kind, dpi=DPI, metadata=metadata, bbox_inches="tight")
    write_whole(path, content.getvalue())
    return path


def _new_figure(width: float, height: float) -> tuple[Figure, Axes]:
    figure = require_extra("matplotlib.figure").Figure((width, height))
    return figure, figure.add_subplot()
