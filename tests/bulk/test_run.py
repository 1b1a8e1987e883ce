"""Bulk readings on real processes: each input has its row, whoever is killed on the way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pyarrow.parquet as pq
import pytest
from tests.bulk.conftest import write_pictures
from tests.dask_cluster import Cluster, wait_for

from hdalr import Reader
from hdalr.bulk import Bulk, BulkProgress, read_in_bulk, run
from hdalr.bulk.inputs import Input
from hdalr.bulk.work import Setup, answer_all, failure
from hdalr.cluster import Threads
from hdalr.errors import ClusterError, DataError, ParameterError
from hdalr.reading.request import Options

DIGIT = Options(layout="character", alphabet="digits")


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "CHUNK", 4)


def rows_in(folder: Path) -> dict[str, dict[str, Any]]:
    """Rows by path; each path must stand there once."""
    rows = pq.read_table(folder).to_pylist()
    assert len({row["path"] for row in rows}) == len(rows)
    return {row["path"]: row for row in rows}


def test_the_last_chunks_are_small_so_that_workers_end_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run, "CHUNK", 100)
    monkeypatch.setattr(Threads, "count", lambda _: 2)
    count = run._Count([])
    pace = run._Pace(count)
    pace.threads = Threads(cast(Any, None))
    inputs = iter([Input(f"{number}.png") for number in range(1000)])
    first = pace.take(inputs)
    assert len(first) == 10
    pace.note([failure(one.path, None, "none") for one in first], 0.05)  # 200 a second
    assert len(pace.take(inputs)) == 100  # as long as it is not known how many are left
    count.n_all = 1000
    sizes = list(iter(lambda: len(pace.take(inputs)), 0))
    assert sum(sizes) == 890
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == 100
    assert sizes[-4:-1] == [25, 25, 25]


def test_rows_hold_what_the_reader_says(pictures: Path, tmp_path: Path) -> None:
    seen: list[BulkProgress] = []
    done = read_in_bulk(Bulk([str(pictures)], str(tmp_path / "out"), options=DIGIT), seen.append)
    rows = rows_in(tmp_path / "out")
    reader = Reader()
    for path in pictures.iterdir():
        reading, row = reader.read(path, **DIGIT), rows.pop(str(path))
        assert (row["text"], row["accepted"]) == (reading.text, reading.accepted)
        assert row["confidence"] == pytest.approx(reading.confidence, abs=1e-6)
        assert [one["text"] for one in row["characters"]] == [c.text for c in reading.characters]
        assert (row["page"], row["error"]) == (1, None)
    assert not rows
    assert (done.n_done, done.n_failed, done.n_kept) == (30, 0, 0)
    assert [one.n_done for one in seen] == [*range(4, 29, 4), 30]


def test_what_cannot_be_read_is_a_row_with_its_error(pictures: Path, tmp_path: Path) -> None:
    (pictures / "broken.png").write_bytes(b"none")
    (pictures / "empty.png").write_bytes(b"")
    os.mkfifo(pictures / "pipe.png")
    told: list[str] = []
    plan = Bulk([str(pictures), str(tmp_path / "no.png")], str(tmp_path / "out"), options=DIGIT)
    done = read_in_bulk(plan, on_failure=told.append)
    rows = rows_in(tmp_path / "out")
    failed = {path: row["error"] for path, row in rows.items() if row["error"]}
    assert sorted(Path(path).name for path in failed) == [
        "broken.png", "empty.png", "no.png", "pipe.png",
    ]  # fmt: skip
    assert all(error.startswith(path) for path, error in failed.items())
    assert sorted(told) == sorted(failed.values())
    assert (done.n_done, done.n_failed) == (34, 4)


def test_only_what_has_changed_is_read_again(pictures: Path, tmp_path: Path) -> None:
    plan = Bulk([str(pictures)], str(tmp_path / "out"), options=DIGIT)
    read_in_bulk(plan)
    before = rows_in(tmp_path / "out")
    (pictures / "00001.png").write_bytes((pictures / "00002.png").read_bytes())
    (pictures / "00003.png").unlink()
    (pictures / "00004.png").write_bytes(b"broken now")
    done = read_in_bulk(plan)
    after = rows_in(tmp_path / "out")
    assert (done.n_done, done.n_kept, done.n_failed) == (29, 27, 1)
    assert read_in_bulk(plan).n_failed == 1  # as it was, without being read again
    texts = [row["text"] for path, row in sorted(after.items())]
    assert texts[1] == texts[2]
    assert str(pictures / "00003.png") not in after
    same = [path for path in after if Path(path).name not in {"00001.png", "00004.png"}]
    assert all(after[path] == before[path] for path in same)


@pytest.mark.parametrize("fault", ["unmounted", "manifest gone", "broken line"])
def test_what_cannot_be_listed_costs_no_rows(pictures: Path, tmp_path: Path, fault: str) -> None:
    manifest = tmp_path / "all.jsonl"
    manifest.write_text(f'{{"path": "{pictures}/00001.png"}}\n{{"path": "{pictures}/00002.png"}}\n')
    folder = tmp_path / "more"
    write_pictures(folder, 3)
    plan = Bulk([str(manifest), str(folder)], str(tmp_path / "out"), options=DIGIT)
    read_in_bulk(plan)
    before = rows_in(tmp_path / "out")
    assert len(before) == 5
    text = manifest.read_text()
    if fault == "unmounted":
        folder.rename(tmp_path / "away")
    elif fault == "manifest gone":
        manifest.unlink()
    else:
        manifest.write_text(text[:-12])
    done = read_in_bulk(plan)
    after = rows_in(tmp_path / "out")
    assert done.n_failed == 1
    assert {path: after[path] for path in before} == before
    assert len(after) == len(before) + 1
    if fault == "unmounted":
        (tmp_path / "away").rename(folder)
    else:
        manifest.write_text(text)
    read_in_bulk(plan)
    assert rows_in(tmp_path / "out") == before


def test_rows_stay_while_what_a_manifest_names_is_out_of_sight(
    pictures: Path, tmp_path: Path
) -> None:
    manifest = tmp_path / "all.jsonl"
    paths = sorted(pictures.iterdir())
    manifest.write_text("".join(f'{{"path": "{path}"}}\n' for path in paths))
    plan = Bulk([str(manifest)], str(tmp_path / "out"), options=DIGIT)
    read_in_bulk(plan)
    before = rows_in(tmp_path / "out")
    pictures.rename(tmp_path / "away")
    assert read_in_bulk(plan).n_failed == 30
    assert rows_in(tmp_path / "out") == before
    (tmp_path / "away").rename(pictures)
    done = read_in_bulk(plan)
    assert (done.n_failed, done.n_kept) == (0, 30)


def test_what_failed_for_a_moment_is_tried_again(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = Bulk([str(pictures)], str(tmp_path / "out"), options=DIGIT)
    with monkeypatch.context() as patch:
        patch.setattr(Reader, "read_pages", lambda *_, **__: (_ for _ in ()).throw(MemoryError()))
        assert read_in_bulk(plan).n_failed == 30
    done = read_in_bulk(plan)
    assert (done.n_failed, done.n_kept) == (0, 0)


def test_a_worker_that_reads_otherwise_is_told(pictures: Path, tmp_path: Path) -> None:
    setup = Setup((), DIGIT, "0.0.1", ("digits 0",))
    with pytest.raises(ClusterError, match=r"a worker reads with hdalr .*; expected 0.0.1; digits"):
        answer_all(setup, ())


def test_nothing_to_read_and_wrong_options_leave_no_rows(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("\n")
    with pytest.raises(DataError, match="no picture was found"):
        read_in_bulk(Bulk([str(tmp_path / "empty.jsonl")], str(tmp_path / "out")))
    with pytest.raises(ParameterError, match="pattern"):
        read_in_bulk(Bulk(["a.png"], str(tmp_path / "new"), options=Options(pattern="(")))
    assert not (tmp_path / "new").exists()
    with pytest.raises(ClusterError, match="no scheduler answers there"):
        read_in_bulk(Bulk(["a.png"], str(tmp_path / "out"), cluster="tcp://127.0.0.1:9"))


def test_the_time_left_is_of_the_recent_rate() -> None:
    now = BulkProgress(n_done=900, n_failed=0, n_kept=800, n_all=1000, seconds=10, recent_rate=20)
    assert now.rate == 90
    assert now.seconds_left == 5
    assert BulkProgress(0, 0, 0, None, 0.0).seconds_left is None


@pytest.mark.slow
def test_ctrl_c_ends_quietly(tmp_path: Path) -> None:
    write_pictures(tmp_path / "scans", 600)
    command = [*COMMAND, str(tmp_path / "scans"), "--jobs", "2", "-o", f"{tmp_path}/out/"]
    client = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    wait_for(lambda: _grown(tmp_path / "out" / "_index.sqlite-wal"))
    os.killpg(client.pid, signal.SIGINT)
    _, told = client.communicate(timeout=60)
    assert client.returncode == 130, told
    assert "Traceback" not in told


@pytest.mark.slow
def test_two_workers_read_the_same(pictures: Path, tmp_path: Path) -> None:
    (pictures / "broken.png").write_bytes(b"none")
    alone = read_in_bulk(Bulk([str(pictures)], str(tmp_path / "one"), options=DIGIT))
    both = read_in_bulk(Bulk([str(pictures)], str(tmp_path / "two"), options=DIGIT, jobs=2))
    assert (alone.n_done, alone.n_failed) == (both.n_done, both.n_failed) == (31, 1)
    assert rows_in(tmp_path / "one") == rows_in(tmp_path / "two")


COMMAND = [sys.executable, "-m", "hdalr", "read", "--as", "character", "--alphabet", "digits"]


@pytest.mark.slow
@pytest.mark.parametrize("victim", ["worker", "scheduler", "client"])
def test_whoever_is_killed_each_input_has_its_row(
    cluster: Cluster, tmp_path: Path, victim: str
) -> None:
    paths = write_pictures(tmp_path / "scans", 1200)
    manifest = tmp_path / "all.jsonl"
    manifest.write_text("".join(json.dumps({"path": str(path)}) + "\n" for path in paths))
    first = cluster.add_worker()
    cluster.add_worker()
    out = tmp_path / "out"
    command = [*COMMAND, str(manifest), "--cluster", cluster.address, "-o", f"{out}/"]
    client = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    wait_for(lambda: _grown(out / "_index.sqlite-wal"))
    killed = {"worker": first, "scheduler": cluster.scheduler, "client": client}[victim]
    killed.send_signal(signal.SIGKILL)
    _, told = client.communicate(timeout=120)
    if victim == "worker":
        assert client.returncode == 0, told
    else:
        if victim == "scheduler":
            assert client.returncode == 1, told
            assert "the scheduler was lost; what is finished is kept; start again" in told
            cluster.end()
            cluster.start_scheduler("127.0.0.1:0")
            cluster.add_worker()
            command[command.index("--cluster") + 1] = cluster.address
        again = subprocess.run(command, capture_output=True, text=True, check=False, timeout=200)
        assert again.returncode == 0, again.stderr
        assert " were read before" in again.stderr
    rows = rows_in(out)
    assert rows.keys() == {str(path) for path in paths}
    texts = [rows[str(path)]["text"] for path in paths]
    assert texts == [texts[number % 300] for number in range(len(paths))]
    assert not any(row["error"] for row in rows.values())


def _grown(path: Path) -> bool:
    """Whether some chunks were committed."""
    return path.exists() and path.stat().st_size > 250_000


@pytest.mark.slow
def test_a_picture_that_ends_its_workers_is_told_and_the_others_are_read(
    pictures: Path, tmp_path: Path, cluster: Cluster
) -> None:
    deadly = pictures / "00007.png"
    plugin = tmp_path / "plugin"
    plugin.mkdir()
    (plugin / "deadly.py").write_text(
        "import os\n"
        "import hdalr.bulk.work as work\n"
        "class Deadly(work.Fetcher):\n"
        "    def __call__(self, path):\n"
        f"        return os._exit(9) if path == {str(deadly)!r} else super().__call__(path)\n"
        "work.Fetcher = Deadly\n"
    )
    for _ in range(2):
        cluster.add_worker("--preload", str(plugin / "deadly.py"), again=True)
    plan = Bulk([str(pictures)], str(tmp_path / "out"), options=DIGIT, cluster=cluster.address)
    done = read_in_bulk(plan)
    rows = rows_in(tmp_path / "out")
    errors = {path: row["error"] for path, row in rows.items() if row["error"]}
    assert errors == {
        str(deadly): f"{deadly}: its worker was ended several times; start again to go on"
    }
    assert (done.n_done, done.n_failed) == (30, 1)
