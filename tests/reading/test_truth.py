import pytest

from hdalr.errors import DataError
from hdalr.reading.truth import find_unlabelled, read_truth


@pytest.fixture
def folder(tmp_path):
    for name in ("a.png", "b.png", "c.png"):
        (tmp_path / name).touch()
    return tmp_path


def write(folder, content, encoding="utf-8"):
    (folder / "labels.csv").write_bytes(content.encode(encoding))


def test_texts_are_kept_as_they_are_written(folder):
    write(folder, 'file,text\na.png,"1,234.50"\nb.png,\nc.png,०१\n')
    assert read_truth(folder).texts == {"a.png": "1,234.50", "b.png": "", "c.png": "०१"}


def test_a_byte_order_mark_and_windows_lines_are_fine(folder):
    write(folder, "file,text\r\na.png,7\r\n\r\n", encoding="utf-8-sig")
    assert read_truth(folder).texts == {"a.png": "7"}


def test_rows_that_cannot_be_used_are_named_with_their_line(folder):
    rows = [
        "a.png,1",
        "a.png,2",
        "missing.png,3",
        "../x.png,4",
        "/x.png,5",
        "b.png",
        ",6",
        "c.png,7",
        "x" * 5000 + ".png,8",
    ]
    write(folder, "file,text\n" + "\n".join(rows))
    truth = read_truth(folder)
    assert truth.texts == {"a.png": "1", "c.png": "7"}
    found = "\n".join(truth.errors)
    for line, words in {
        3: "twice",
        4: "not in the folder",
        5: "out of the folder",
        6: "out of the folder",
        7: "1 columns",
        8: "no file's name",
        10: "not in the folder",
    }.items():
        assert f"labels.csv, line {line}: " in found
        assert words in found
    assert len(truth.errors) == 7


def test_blanks_before_a_cell_do_not_count(folder):
    write(folder, 'file, text\n a.png, 902104433\nb.png, " 7"\n')
    assert read_truth(folder).texts == {"a.png": "902104433", "b.png": " 7"}


def test_pictures_without_a_usable_row_are_found(folder):
    (folder / "sub").mkdir()
    (folder / "sub" / "d.png").touch()
    (folder / "notes.txt").touch()
    write(folder, "file,text\n./a.png,1\nb.png\n")
    assert find_unlabelled(folder) == ["b.png", "c.png", "sub/d.png"]


def test_a_text_without_end_is_named(folder):
    write(folder, "file,text\na.png," + "7" * 6000 + "\nb.png,1\n")
    assert "6000 characters" in read_truth(folder).errors[0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "header ''; expected file,text"),
        ("name,label\na.png,1\n", "header 'name,label'; expected file,text"),
        ("file,text\n", "no row names a picture"),
        ("file,text\nnone.png,1\n", "the first: labels.csv, line 2"),
        ('file,text\na.png,"7\n', "no CSV in UTF-8"),
        ("file,text\na.png," + "7" * 200_000, "no CSV in UTF-8"),
    ],
)
def test_a_file_that_is_no_truth_is_refused(folder, content, message):
    write(folder, content)
    with pytest.raises(DataError, match=message):
        read_truth(folder)


def test_another_encoding_is_refused(folder):
    write(folder, "file,text\na.png,é\n", encoding="latin-1")
    with pytest.raises(DataError, match="no CSV in UTF-8"):
        read_truth(folder)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"labels\.csv: cannot be read"):
        read_truth(tmp_path / "none")
