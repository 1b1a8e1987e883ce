from pathlib import Path

import pytest

from hdalr.reading.sources import Sources, find_sources


@pytest.fixture
def folder(tmp_path):
    for name in ("b.png", "a.JPG", "c.pdf", "notes.txt", ".hidden.png", "labels.csv"):
        (tmp_path / name).touch()
    for name in ("sub/d.tif", ".cache/e.png"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    return tmp_path


def names(sources, folder):
    return [str(Path(path).relative_to(folder)) for path in sources.paths]


def test_a_folder_gives_its_pictures_in_order_and_counts_the_others(folder):
    sources = find_sources([str(folder)])
    assert names(sources, folder) == ["a.JPG", "b.png", "c.pdf", "sub/d.tif"]
    assert sources.n_others == 2


def test_a_file_is_kept_whatever_its_suffix(folder):
    assert find_sources([str(folder / "notes.txt")]) == Sources((str(folder / "notes.txt"),), 0)


def test_a_glob_is_spelled_out_unless_a_file_has_that_name(folder):
    assert names(find_sources([str(folder / "*.png")]), folder) == ["b.png"]
    assert names(find_sources([str(folder / "**" / "*.tif")]), folder) == ["sub/d.tif"]
    (folder / "x[1].png").touch()
    assert names(find_sources([str(folder / "x[1].png")]), folder) == ["x[1].png"]


def test_each_file_comes_once_in_the_order_given(folder):
    given = [str(folder / "b.png"), "-", str(folder), "-", "missing.png", "no-such-*.png"]
    paths = find_sources(given).paths
    assert paths[:2] == (str(folder / "b.png"), "-")
    assert paths[-2:] == ("missing.png", "no-such-*.png")
    assert len(paths) == len(set(paths)) == 7


def test_links_to_folders_are_not_followed(folder):
    (folder / "sub" / "loop").symlink_to(folder)
    assert len(find_sources([str(folder)]).paths) == 4


def test_a_name_that_is_none_is_left_to_the_door():
    assert find_sources(["a\0b"]).paths == ("a\0b",)
