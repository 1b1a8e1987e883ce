import dataclasses
import gzip
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hdalr.datasets import (
    DATASETS,
    catalog,
    download,
    fetch_dataset,
    fetch_source,
    find_source,
    load_dataset,
)
from hdalr.errors import DataError, DownloadError, ParameterError, UnknownNameError

real_data = pytest.mark.skipif("HDALR_DATA_DIR" not in os.environ, reason="needs HDALR_DATA_DIR")
REAL_DATA = os.environ.get("HDALR_DATA_DIR")  # read before the fixture hides it


@pytest.fixture
def small_mnist(monkeypatch, idx_folder):
    """MNIST as if it had been published with the twelve and six pictures of ``idx_folder``."""
    source = dataclasses.replace(
        DATASETS["mnist"], n_train=12, n_test=6, classes=("0", "1", "2"), folder=""
    )
    monkeypatch.setitem(DATASETS, "mnist", source)
    idx_folder.rename(idx_folder.parent / "mnist")
    return idx_folder.parent


def test_digits_are_bundled():
    dataset = load_dataset("digits")
    assert dataset.train_images.shape == (1437, 28, 28)
    assert dataset.test_images.shape == (360, 28, 28)
    assert dataset.classes == tuple("0123456789")
    assert dataset.test_part == "last 360 in file order"
    assert find_source(DATASETS["digits"]) == "bundled"


def test_digits_are_bright_ink_in_a_dark_frame_of_four():
    images = load_dataset("digits").train_images
    frame = np.ones((28, 28), bool)
    frame[4:24, 4:24] = False
    assert not images[:, frame].any()
    assert images.max() == 255
    assert 20 < images.mean() < 60


def test_digits_are_upright():
    digits = load_dataset("digits")
    sevens = digits.train_images[digits.train_labels == 7].mean(axis=0)
    assert sevens[4:10].sum() > sevens[18:24].sum()


def test_a_known_name_is_found_in_the_data_folder(small_mnist, monkeypatch):
    monkeypatch.setenv("HDALR_DATA_DIR", str(small_mnist))
    dataset = load_dataset("mnist")
    assert dataset.name == "mnist"
    assert dataset.test_part == "official test part"
    assert str(small_mnist) not in dataset.origin
    assert find_source(DATASETS["mnist"]) == "data folder"
    assert fetch_source(DATASETS["mnist"]) == "data folder"


def test_the_folder_can_be_given(small_mnist):
    assert load_dataset("mnist", data_dir=small_mnist).name == "mnist"


def test_another_folder_of_the_data_folder_has_its_name(idx_folder, monkeypatch):
    monkeypatch.setenv("HDALR_DATA_DIR", str(idx_folder.parent))
    dataset = load_dataset(idx_folder.name)
    assert (dataset.name, len(dataset.train_labels)) == (idx_folder.name, 12)
    with pytest.raises(UnknownNameError, match="unknown data set 'minee'"):
        load_dataset("minee")
    with pytest.raises(DataError, match="no such file or folder"):
        load_dataset(Path(idx_folder.name))


def test_a_folder_here_wins_over_one_of_the_data_folder(idx_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("HDALR_DATA_DIR", str(idx_folder.parent))
    (tmp_path / "here" / idx_folder.name).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(DataError, match="a folder of unknown kind"):
        load_dataset(idx_folder.name)


def test_a_known_name_is_found_in_the_cache(small_mnist):
    cache = small_mnist / "downloaded"
    cache.mkdir()
    for path in (small_mnist / "mnist").iterdir():
        content = path.read_bytes()
        name = path.name.replace(".idx", "-idx").removesuffix(".gz") + ".gz"
        (cache / name).write_bytes(content if path.suffix == ".gz" else gzip.compress(content))
    dataset = load_dataset("mnist", cache_dir=cache)
    assert dataset.origin == "MNIST, the official files"


def test_a_data_folder_that_lacks_a_file_is_passed_over(small_mnist, monkeypatch):
    monkeypatch.setenv("HDALR_DATA_DIR", str(small_mnist))
    (small_mnist / "mnist" / "train-images-idx3-ubyte").unlink()
    assert find_source(DATASETS["mnist"]) is None
    with pytest.raises(DataError, match=r"HDALR_DATA_DIR .* mnist/ with all four IDX files"):
        load_dataset("mnist")


def test_a_known_name_that_is_not_here_says_how_to_get_it():
    with pytest.raises(DataError, match=r"hdalr data fetch emnist-letters.*HDALR_DATA_DIR"):
        load_dataset("emnist-letters")
    assert find_source(DATASETS["emnist-letters"]) is None


def test_a_known_set_of_another_size_is_refused(idx_folder):
    idx_folder.rename(idx_folder.parent / "qmnist")
    with pytest.raises(DataError, match="12 train and 6 test pictures; expected the published"):
        load_dataset("qmnist", data_dir=idx_folder.parent)


def test_a_known_set_with_other_classes_is_refused(small_mnist):
    (small_mnist / "mnist" / "mapping.txt").write_text("0 65\n1 66\n2 67\n")
    with pytest.raises(DataError, match=r"names the classes A B C; expected 0 1 2"):
        load_dataset("mnist", data_dir=small_mnist)


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match="unknown data set 'mnits'; did you mean 'mnist'"):
        load_dataset("mnits")


@pytest.mark.parametrize("path", ["no/such", "nothing.csv", Path("nothing")])
def test_a_path_that_does_not_exist_says_so(path):
    with pytest.raises(DataError, match="no such file or folder; expected a folder of IDX files"):
        load_dataset(path)


def test_an_empty_name_is_not_the_current_folder():
    with pytest.raises(ParameterError, match=r"empty name; expected one of digits, .* or a path"):
        load_dataset("")


@pytest.fixture
def locked(monkeypatch):
    """Nothing can be looked at, as in a folder without permissions (which root may open)."""

    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_file", refuse)
    monkeypatch.setattr(Path, "iterdir", refuse)


def test_a_folder_that_cannot_be_read_is_named(locked, idx_folder, monkeypatch):
    said = "cannot be read: Permission denied; expected a file or folder that you may read"
    with pytest.raises(DataError, match=f"mine: {said}"):
        load_dataset(idx_folder)
    with pytest.raises(DataError, match=f"mnist: {said}"):
        fetch_dataset("mnist")
    monkeypatch.setenv("HDALR_DATA_DIR", str(idx_folder))
    (idx_folder / "mnist").mkdir()
    with pytest.raises(DataError, match=f"mine/mnist: {said}"):
        find_source(DATASETS["mnist"])


def test_a_path_is_recognised_by_what_it_is(idx_folder, tmp_path, images, labels):
    assert load_dataset(str(idx_folder)).name == "mine"
    np.savez(tmp_path / "archive.npz", images=images, labels=labels)
    assert load_dataset(tmp_path / "archive.npz").name == "archive"
    table = tmp_path / "table.csv"
    table.write_text("1,0,0,0,9\n2,0,0,9,0\n" * 3)
    assert load_dataset(table).name == "table"
    (tmp_path / "tables").mkdir()
    for name in ("train.csv", "test.csv"):
        (tmp_path / "tables" / name).write_bytes(table.read_bytes())
    assert load_dataset(tmp_path / "tables").test_part == "own test part"
    for number in range(2):
        (tmp_path / "pens" / "a").mkdir(parents=True, exist_ok=True)
        Image.fromarray(images[number]).save(tmp_path / "pens" / "a" / f"{number}.png")
    assert load_dataset(tmp_path / "pens").classes == ("a",)


def test_a_path_of_another_kind_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("1,2,3")
    for path in (tmp_path, tmp_path / "notes.txt"):
        with pytest.raises(DataError, match="of unknown kind; expected a folder of IDX files"):
            load_dataset(path)


def test_offline_forbids_the_network(monkeypatch, tmp_path):
    monkeypatch.setenv("HDALR_OFFLINE", "1")
    with pytest.raises(DownloadError) as error:
        fetch_dataset("mnist")
    message = str(error.value)
    assert "HDALR_OFFLINE" in message
    assert "https://ossci-datasets.s3.amazonaws.com/mnist/train-images-idx3-ubyte.gz" in message
    assert str(tmp_path / "cache" / "mnist" / "train-images-idx3-ubyte.gz") in message


def test_what_is_missing_is_fetched_into_the_cache_and_loaded(monkeypatch, small_mnist):
    fetched = []

    def fetch_file(file, folder, *, offline):
        part, kind, *_ = file.name.split("-")
        source = next((small_mnist / "mnist").glob(f"{part}-{kind}*"))
        folder.mkdir(parents=True, exist_ok=True)
        (folder / file.name).write_bytes(source.read_bytes())
        fetched.append(file.name)

    monkeypatch.setattr(download, "fetch_file", fetch_file)
    assert len(fetch_dataset("mnist").train_images) == 12
    assert fetched == [file.name for file in DATASETS["mnist"].files]
    assert find_source(DATASETS["mnist"]) == "cache"


def test_fetching_needs_no_network_for_what_is_here(monkeypatch, idx_folder):
    monkeypatch.setenv("HDALR_OFFLINE", "1")
    assert fetch_dataset("digits").name == "digits"
    assert fetch_dataset(idx_folder).name == "mine"


@real_data
@pytest.mark.parametrize("name", ["mnist", "devanagari"])
def test_the_real_sets_are_upright_with_bright_ink(name):
    dataset = load_dataset(name, data_dir=Path(REAL_DATA))
    assert np.median(dataset.train_images[:1000, 0]) == 0
    assert np.bincount(dataset.train_labels).min() > 1500
    assert catalog.find_source(DATASETS[name]) is None  # the fixture hides the data folder
