import cv2
import numpy as np
import pytest
from PIL import Image

from hdalr.datasets import Dataset
from hdalr.datasets.figures import (
    contact_sheet,
    drawable,
    plot_class_distribution,
    plot_contact_sheet,
    save_figure,
)
from hdalr.errors import StorageError


@pytest.fixture
def dataset(images, labels):
    classes = ("a", "क्ष", "long name")
    return Dataset("mine", images, labels.astype(int), images[:6], labels[:6].astype(int), classes)


def test_a_sheet_has_a_row_a_class_and_dark_places_for_missing_pictures():
    images = np.full((13, 2, 3), 255, np.uint8)
    labels = np.array([0] * 12 + [1])
    sheet = contact_sheet(images, labels, 3)
    assert sheet.shape == (6, 30)
    assert sheet[:2].all()
    assert sheet[2:4, :3].all()
    assert not sheet[2:4, 3:].any()
    assert not sheet[4:].any()


def test_names_that_the_font_cannot_show_are_code_points():
    assert drawable(("Z", "ß", "क")) == ["Z", "ß", "U+0915"]


def test_the_contact_sheet_shows_each_picture_pixel_as_four(dataset, tmp_path):
    path = save_figure(plot_contact_sheet(dataset), tmp_path / "sheet.png")
    drawn = np.asarray(Image.open(path).convert("L"))
    sheet = contact_sheet(dataset.train_images, dataset.train_labels, 3)
    enlarged = np.kron(sheet, np.ones((2, 2), np.uint8))
    inner = enlarged[2:-2, 2:-2]  # a frame is drawn around the sheet
    squares = cv2.matchTemplate(drawn, inner, cv2.TM_SQDIFF)
    assert squares.min() / inner.size < 1  # a grey level may be one off


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_the_distribution_is_the_same_file_each_time(dataset, tmp_path, suffix):
    first, second = (
        save_figure(plot_class_distribution(dataset), tmp_path / f"{n}.{suffix}").read_bytes()
        for n in range(2)
    )
    assert first == second


def test_the_distribution_counts_each_part(dataset):
    axes = plot_class_distribution(dataset).axes[0]
    assert [bar.get_height() for bar in axes.patches] == [4, 4, 4, 2, 2, 2]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["train (12)", "test (6)"]


def test_a_folder_that_cannot_be_made_is_a_storage_error(dataset, tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(StorageError, match="choose another folder"):
        save_figure(plot_class_distribution(dataset), tmp_path / "taken" / "a.png")
