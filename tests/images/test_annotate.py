import os

import numpy as np
import pytest
from PIL import Image

from hdalr.errors import DataError, StorageError
from hdalr.images.annotate import GREEN, MAX_ROWS, RED, ROW_PX, annotate, save_png
from hdalr.images.crop import Box

TOP = MAX_ROWS * ROW_PX  # of the picture below its labels
PAPER = np.full((60, 80), 230, np.uint8)
BOX = Box(10, 50, 10, 50)


def coloured(picture, colour):
    return (picture == np.array(colour, np.uint8)).all(axis=2)


def test_the_picture_stays_below_its_labels():
    picture = np.random.default_rng(0).integers(0, 256, (60, 80), np.uint8)
    annotated = annotate(picture, [], [], [])
    assert annotated.dtype == np.uint8
    np.testing.assert_array_equal(annotated[TOP:], np.stack([picture] * 3, axis=2))
    assert (annotated[:TOP] == 255).all()


def test_an_accepted_box_is_green_and_whole():
    green = coloured(annotate(PAPER, [BOX], [""], [True]), GREEN)[TOP:]
    assert green[10, 10:50].all()
    assert green[49, 10:50].all()
    assert green[10:50, 10].all()
    assert green[10:50, 49].all()
    assert not green[:, :10].any()
    assert not green[14:46, 14:46].any()


def test_a_rejected_box_is_red_and_dashed():
    annotated = annotate(PAPER, [BOX], [""], [False])
    edge = coloured(annotated, RED)[TOP + 10, 10:50]
    assert 0.4 < edge.mean() < 0.7
    assert np.abs(np.diff(edge.astype(int))).sum() >= 6
    assert not coloured(annotated, GREEN).any()


def test_a_text_stands_above_its_box():
    annotated = annotate(PAPER, [Box(40, 60, 30, 60)], ["W"], [True])
    rows, columns = np.nonzero(coloured(annotated, GREEN)[: 2 * (TOP + 40) - TOP])
    assert rows.size > 20
    assert columns.min() >= 60
    label = coloured(annotate(PAPER, [BOX], ["W"], [True]), GREEN)[: TOP + 10]
    assert label[TOP - ROW_PX + 10 :].any()
    assert not label[: TOP - ROW_PX + 10].any()


def test_small_boxes_are_enlarged_to_be_readable():
    small = np.zeros((8, 8), np.uint8)
    small[3, 3] = 255
    annotated = annotate(small, [Box(0, 8, 0, 8)], [""], [True])
    assert annotated.shape == (TOP + 32, 32, 3)
    assert (annotated[TOP + 12 : TOP + 16, 12:16] == 255).all()
    assert annotate(small, [Box(3, 4, 3, 4)], [""], [True]).shape == (TOP + 64, 64, 3)


def test_labels_of_narrow_boxes_do_not_cover_each_other():
    boxes = [Box(0, 50, left, left + 10) for left in (10, 20, 30)]
    rows = label_ink(annotate(PAPER, boxes, ["अ", "क", "ख"], [True] * 3)).any(axis=1)
    assert (np.diff(rows.astype(int)) == 1).sum() == 2


def test_a_character_without_a_glyph_is_told_by_its_code_point():
    box = Box(0, 50, 10, 50)
    one, other, latin = (
        label_ink(annotate(PAPER, [box], [text], [True])) for text in ("क", "ख", "k")
    )
    assert (one != other).any()
    assert np.ptp(np.flatnonzero(one.any(axis=0))) > 30
    assert np.ptp(np.flatnonzero(latin.any(axis=0))) < 15


def label_ink(annotated):
    """Where the margin above the picture, which is white, is not."""
    return annotated[:TOP].min(axis=2) < 150


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "\0", "\u202e7", "🙂", "क" * 100, "x" * 10_000_000]
)
def test_any_text_can_be_drawn(text):
    annotated = annotate(PAPER, [BOX], [text], [False])
    assert annotated.shape[0] == TOP + 60
    assert annotated.shape[1] < 5000


def test_nothing_is_changed_and_the_same_comes_again():
    picture, boxes = PAPER.copy(), [BOX]
    first = annotate(picture, boxes, ["7"], [True])
    np.testing.assert_array_equal(first, annotate(picture, boxes, ["7"], [True]))
    np.testing.assert_array_equal(picture, PAPER)


@pytest.mark.parametrize(
    "box", [Box(0, 61, 0, 5), Box(0, 5, 0, 81), Box(-1, 5, 0, 5), Box(5, 5, 0, 5), Box(9, 5, 0, 5)]
)
def test_a_box_outside_the_picture_is_refused(box):
    with pytest.raises(DataError, match="does not lie in a picture of 80 x 60 pixels"):
        annotate(PAPER, [box], ["7"], [True])


def test_unequal_lengths_and_other_arrays_are_refused():
    with pytest.raises(DataError, match="1 boxes, 2 texts, 1 decisions"):
        annotate(PAPER, [BOX], ["7", "8"], [True])
    for picture in (PAPER / 255, PAPER[None], PAPER[:0]):
        with pytest.raises(DataError, match="expected a non-empty uint8"):
            annotate(picture, [], [], [])


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 3)])
def test_a_png_holds_what_was_saved(tmp_path, shape):
    array = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    path = tmp_path / "new" / "a.png"
    save_png(path, array)
    save_png(path, array)
    with Image.open(path) as image:
        np.testing.assert_array_equal(np.asarray(image), array)
    assert path.stat().st_mode & 0o777 == 0o644
    assert [file.name for file in path.parent.iterdir()] == ["a.png"]


@pytest.mark.parametrize(
    "array", [np.zeros((4, 5)), np.zeros((4, 5, 4), "u1"), np.zeros((0, 5), "u1")]
)
def test_other_arrays_are_not_saved(tmp_path, array):
    with pytest.raises(DataError, match="expected uint8"):
        save_png(tmp_path / "a.png", array)
    assert not any(tmp_path.iterdir())


def test_a_failed_write_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    save_png(path, PAPER)
    before = path.read_bytes()

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StorageError, match=r"a\.png: could not be written: No space left"):
        save_png(path, np.zeros((4, 5), np.uint8))
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["a.png"]


def test_a_folder_that_is_a_file_is_a_storage_error(tmp_path):
    (tmp_path / "a").write_bytes(b"")
    with pytest.raises(StorageError, match="could not be written"):
        save_png(tmp_path / "a" / "b.png", PAPER)
