from pathlib import Path

import pytest

from hdalr.reading.sources import Sources, find_sources, identify_files


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


@pytest.mark.parametrize("given", [".", "./", "./."])
def test_the_folder_one_is_in_gives_names_alone(folder, monkeypatch, given):
    monkeypatch.chdir(folder)
    assert find_sources([given]).paths == ("a.JPG", "b.png", "c.pdf", "sub/d.tif")


def test_a_file_is_kept_whatever_its_suffix(folder):
    assert find_sources([str(folder / "notes.txt")]) == Sources((str(folder / "notes.txt"),), 0, {})


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


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ("", "'': the path is empty; expected a file, a folder, a glob or -"),
        ("no-such-*.png", "no-such-*.png: nothing matches this pattern"),
        (".", ".: no picture was found in it; expected files that end in .bmp, .gif"),
    ],
)
def test_what_stands_for_no_file_is_told(tmp_path, monkeypatch, given, fault):
    monkeypatch.chdir(tmp_path)
    sources = find_sources([given])
    assert sources.paths == (given,)
    assert sources.faults[given].startswith(fault)


def test_a_folder_without_pictures_among_those_of_a_glob_is_no_fault(folder):
    (folder / "empty").mkdir()
    sources = find_sources([str(folder / "*")])
    assert not sources.faults
    assert len(sources.paths) == 6


def test_a_file_is_the_same_under_all_its_names(folder):
    (folder / "hard.png").hardlink_to(folder / "b.png")
    (folder / "soft.png").symlink_to("b.png")
    found = [identify_files([str(folder / name)]) for name in ("b.png", "hard.png", "soft.png")]
    assert found[0].keys() == found[1].keys() == found[2].keys()
    assert not found[0].keys() & identify_files([str(folder / "c.pdf"), "a\0b"]).keys()


def test_links_to_folders_are_not_followed(folder):
    (folder / "sub" / "loop").symlink_to(folder)
    assert len(find_sources([str(folder)]).paths) == 4


def test_a_name_that_is_none_is_left_to_the_door():
    assert find_sources(["a\0b"]).paths == ("a\0b",)
