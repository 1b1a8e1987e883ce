"""The store: one row for each page, however often it was stopped; nothing finished is lost."""

from __future__ import annotations

from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hdalr.bulk import parts
from hdalr.bulk import store as stores
from hdalr.bulk.parts import Parts
from hdalr.bulk.store import Store
from hdalr.bulk.work import Answer, failure, success
from hdalr.errors import ParameterError, StorageError

SETTINGS = {"alphabet": "digits"}


def read(path: str, text: str = "7", sha256: str = "0", pages: int = 1) -> Answer:
    rows = [{"path": path, "page": n + 1, "text": text, "sha256": sha256} for n in range(pages)]
    return success(path, sha256, rows)


def rows_in(folder: Path) -> list[tuple[str, int | None, str | None]]:
    rows = [
        row for part in sorted(folder.glob("*.parquet")) for row in pq.read_table(part).to_pylist()
    ]
    return sorted((row["path"], row["page"] or 0, row["text"]) for row in rows)


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "PART_ROWS", 3)


def test_rows_go_into_parts_that_parquet_readers_take_as_one_table(tmp_path: Path) -> None:
    with Store(str(tmp_path), SETTINGS) as store:
        store.add([read("a"), read("b", pages=2)])
        assert rows_in(tmp_path) == [("a", 1, "7"), ("b", 1, "7"), ("b", 2, "7")]
        store.add([failure("c", None, "c: broken")])
        store.finish()
    table = pq.read_table(tmp_path)
    assert table.num_rows == 4
    assert table.column("error").to_pylist() == [None, None, None, "c: broken"]


def test_what_was_committed_is_there_for_the_next_run(tmp_path: Path) -> None:
    with Store(str(tmp_path), SETTINGS) as store:
        store.add([read("a", sha256="1")])  # no part is written yet, and none is finished
    with Store(str(tmp_path), SETTINGS) as store:
        assert store.known(["a", "b"]) == {"a": "1"}
        assert store.add([Answer("a", "1"), read("b")]) == 0
        store.finish()
    assert rows_in(tmp_path) == [("a", 1, "7"), ("b", 1, "7")]


def test_a_changed_input_has_its_new_rows_alone(tmp_path: Path) -> None:
    with Store(str(tmp_path), SETTINGS) as store:
        store.add([read("a", "old", pages=2), read("b")])
        store.finish()
    with Store(str(tmp_path), SETTINGS) as store:
        store.add([read("a", "new", "1"), Answer("b", "0")])
        store.finish()
    assert rows_in(tmp_path) == [("a", 1, "new"), ("b", 1, "7")]


def test_rows_of_inputs_that_are_no_longer_given_are_removed(tmp_path: Path) -> None:
    with Store(str(tmp_path), SETTINGS) as store:
        store.add([read("a"), read("b"), read("c"), read("d")])
        store.finish()
    with Store(str(tmp_path), SETTINGS) as store:
        store.add([Answer("b", "0")])
        store.finish()
        assert len(rows_in(tmp_path)) == 4
        store.forget_others()
        store.finish()
    assert rows_in(tmp_path) == [("b", 1, "7")]


def test_what_is_given_twice_has_one_row(tmp_path: Path) -> None:
    with Store(str(tmp_path), SETTINGS) as store:
        store.add([read("a"), read("a")])
        store.add([read("a"), read("b"), read("c"), read("d")])
        store.add([read("a")])
        store.finish()
    assert rows_in(tmp_path) == [(path, 1, "7") for path in "abcd"]


def test_killed_between_a_part_and_its_entry_nothing_is_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(str(tmp_path), SETTINGS)
    store.add([read("a"), read("b"), read("c")])
    with monkeypatch.context() as patch:
        patch.setattr(store, "_put_fact", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            store.add([read("d"), read("e"), read("f")])
    store.close()
    assert len(rows_in(tmp_path)) == 6  # the part is there, the index does not know it
    with Store(str(tmp_path), SETTINGS) as store:
        store.add([Answer(path, "0") for path in "abcdef"])
        store.finish()
    assert rows_in(tmp_path) == [(path, 1, "7") for path in "abcdef"]


@pytest.mark.parametrize("lost", ["_index.sqlite", "part-000001.parquet"])
def test_index_and_parts_make_up_for_each_other(tmp_path: Path, lost: str) -> None:
    with Store(str(tmp_path), SETTINGS) as store:
        store.add([read("a"), read("b"), read("c")])
        store.add([failure("d", None, "d: broken"), read("e"), read("b", "new", "1")])
    (tmp_path / lost).unlink()
    with Store(str(tmp_path), SETTINGS) as store:
        if lost == "_index.sqlite":
            assert store.known(list("abcde")) == dict(
                zip("abcde", ["0", "1", "0", None, "0"], strict=True)
            )
        for path in "abcde":
            sha256 = store.known([path]).get(path)
            new = read(path, "new", "1") if path == "b" else read(path)
            store.add([new if sha256 is None else Answer(path, sha256)])
        store.finish()
    texts = {"b": "new"}
    assert rows_in(tmp_path) == [(path, 1, texts.get(path, "7")) for path in "abcde"]


@pytest.mark.parametrize("without_index", [False, True])
def test_rows_of_other_settings_are_not_mixed(tmp_path: Path, without_index: bool) -> None:
    with Store(str(tmp_path), SETTINGS) as store:
        store.add([read("a")])
        store.finish()
    if without_index:
        (tmp_path / "_index.sqlite").unlink()
    with pytest.raises(ParameterError, match=r"with alphabet 'digits', and 'upper' is asked for"):
        Store(str(tmp_path), {"alphabet": "upper"})
    assert rows_in(tmp_path) == [("a", 1, "7")]
    with Store(str(tmp_path), SETTINGS) as store:  # the refused run has changed nothing
        assert store.known(["a"]) == {"a": "0"}


def test_two_runs_do_not_write_to_one_folder(tmp_path: Path) -> None:
    with (
        Store(str(tmp_path), SETTINGS),
        pytest.raises(StorageError, match="another run is writing there"),
    ):
        Store(str(tmp_path), SETTINGS)


def test_a_folder_behind_a_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with Store("memory://bulk-store", SETTINGS) as store:
        store.add([read("a"), read("b"), read("c"), read("d")])
    with Store("memory://bulk-store", SETTINGS) as store:
        store.add([Answer(path, "0") for path in "bcd"])
        store.forget_others()
        store.finish()
    folder = Parts("memory://bulk-store", "")
    rows = [row["path"] for number in folder.numbers() for row in folder.read(number)]
    assert rows == ["b", "c", "d"]
    assert fsspec.filesystem("memory").exists("/bulk-store/part-000001.parquet")


@pytest.mark.parametrize("content", [b"", b"no index", b"SQLite format 3\x00" + bytes(200)])
def test_a_damaged_index_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "_index.sqlite").write_bytes(content)
    if not content:
        Store(str(tmp_path), SETTINGS).close()
        return
    with pytest.raises(StorageError, match=r"_index.sqlite: damaged .*; remove it"):
        Store(str(tmp_path), SETTINGS)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("none")
    with pytest.raises(StorageError, match="file/rows"):
        Store(str(tmp_path / "file" / "rows"), SETTINGS)


def test_an_index_that_another_machine_has_outrun_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def on(machine: str, *answers: Answer) -> Store:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / machine))
        store = Store("memory://bulk-machines", SETTINGS)
        store.add(answers)
        return store

    with on("here", *(read(path) for path in "abcd")) as store:
        store.finish()
    with on("there", *(Answer(path, "0") for path in "ab")) as store:
        store.forget_others()
        store.finish()
    with on("here") as store:
        assert store.known(list("abcd")) == {"a": "0", "b": "0"}


def test_two_machines_do_not_write_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "here"))
    with Store("memory://bulk-both", SETTINGS) as here:
        here.add([read("a")])
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "there"))
        with Store("memory://bulk-both", SETTINGS) as there:
            there.add([read("b")])
            with pytest.raises(StorageError, match="a run on another machine has begun to write"):
                here.finish()
            there.finish()


def test_rows_of_what_cannot_be_fetched_now_stay(tmp_path: Path) -> None:
    with Store(str(tmp_path), SETTINGS) as store:
        store.add([read("a"), failure("b", None, "b: gone"), failure("c", "1", "c: broken")])
        store.finish()
    before = rows_in(tmp_path)
    with Store(str(tmp_path), SETTINGS) as store:
        assert store.add([failure("a", None, "a: gone"), failure("c", None, "c: gone")]) == 2
        assert store.known(["a"]) == {"a": "0"}
        store.forget_others()
        store.finish()
    assert rows_in(tmp_path) == [row for row in before if row[0] != "b"]


def test_of_an_input_twice_in_a_chunk_the_row_that_was_read_stays(tmp_path: Path) -> None:
    with Store(str(tmp_path), SETTINGS) as store:
        assert store.add([read("a", "old"), read("a", "new", "1"), failure("a", None, "gone")]) == 1
        assert store.known(["a"]) == {"a": "1"}
        store.finish()
    assert rows_in(tmp_path) == [("a", 1, "new")]


def test_many_inputs_are_looked_up_at_once(tmp_path: Path) -> None:
    paths = [f"{number}.png" for number in range(1200)]
    with Store(str(tmp_path), SETTINGS) as store:
        assert store.known(paths) == {}
        store.add(read(path, sha256=path) for path in paths)
        assert store.known(paths) == {path: path for path in paths}


@pytest.mark.parametrize("text", ['क्ष "7"\\\n\x00', "😀", "12.5", "null", "", "7" * 3_000_000])
def test_texts_come_out_as_they_went_in(tmp_path: Path, text: str) -> None:
    with Store(str(tmp_path), SETTINGS) as store:
        store.add([read(text[:50], text, pages=2), read("other")])
        store.finish()
    rows = [(text[:50], 1, text), (text[:50], 2, text), ("other", 1, "7")]
    assert rows_in(tmp_path) == sorted(rows)


def test_rows_become_tables_by_their_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "GROUP_CHARACTERS", 1000)
    with Store(str(tmp_path), SETTINGS) as store:
        store.add([read("a", "7" * 3000), *(read(path) for path in "bcdefg")])
        store.finish()
    assert rows_in(tmp_path) == [("a", 1, "7" * 3000), *((path, 1, "7") for path in "bcdefg")]
    (file,) = tmp_path.glob("*.parquet")
    assert pq.ParquetFile(file).num_row_groups == 2


def test_errors_that_are_no_unicode_are_kept(tmp_path: Path) -> None:
    with Store(str(tmp_path), SETTINGS) as store:
        store.add([failure("a", None, "a: \udce4")])
        store.finish()
    assert pq.read_table(tmp_path).column("error").to_pylist() == ["a: \\udce4"]


def test_rows_that_are_none_are_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="JSON parse error"):
        Parts(str(tmp_path), "").write(1, ['{"path": "a", "word": "7"}'])
    assert not list(tmp_path.iterdir())


def test_a_part_without_rows_is_none(tmp_path: Path) -> None:
    with Store(str(tmp_path), SETTINGS) as store:
        store.add([read("a")])
    with Store(str(tmp_path), SETTINGS) as store:
        store.forget_others()
        store.finish()
        store.add([read("b")])
        store.finish()
    assert [file.name for file in tmp_path.glob("*.parquet")] == ["part-000001.parquet"]


def test_large_rows_do_not_wait_for_ten_thousand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "PART_BYTES", 5000)
    with Store(str(tmp_path), SETTINGS) as store:
        store.add([read("a", "7" * 3000)])
        assert not list(tmp_path.glob("*.parquet"))
        store.add([read("b", "7" * 3000)])
        assert len(list(tmp_path.glob("*.parquet"))) == 1


def test_parts_of_others_are_not_taken_for_ours(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": [1]}), tmp_path / "part-00000-abc.parquet")  # as Spark does
    with Store(str(tmp_path), SETTINGS) as store:
        store.add([read("a")])
        store.finish()
    other = tmp_path / "other"
    other.mkdir()
    pq.write_table(pa.table({"x": [1]}), other / "part-000001.parquet")
    with pytest.raises(StorageError, match=r"part-000001.parquet was not written by hdalr"):
        Store(str(other), SETTINGS)
    (other / "part-000001.parquet").write_bytes(b"PAR1")
    with pytest.raises(StorageError, match=r"other: part-000001.parquet: "):
        Store(str(other), SETTINGS)
