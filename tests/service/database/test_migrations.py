"""The tables as the steps leave them, however many open the database at once."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, create_engine, inspect

from hdalr.errors import StorageError
from hdalr.service.database import NewCorrection, Store
from hdalr.service.database.address import describe, parse_url
from hdalr.service.database.migrations import VERSION_TABLE, lock, make_config, upgrade
from hdalr.service.database.tables import corrections, metadata

SEVEN = NewCorrection(b"GIF89a", "7")
OPEN = """
import sys
from hdalr.service.database import NewCorrection, Store

sys.stdin.read(1)
with Store(sys.argv[1]) as store:
    store.add(NewCorrection(b"GIF89a", "7"))
"""


@pytest.fixture
def connection(url):
    """A connection to an empty database, in a transaction that is rolled back."""
    engine = create_engine(parse_url(url), connect_args=one_transaction(url))
    with engine.connect() as opened:
        yield opened
    engine.dispose()


def one_transaction(url: str) -> dict[str, None]:
    """For SQLite, the driver's mode in which a transaction also spans changes of tables."""
    return {"isolation_level": None} if url.startswith("sqlite") else {}


def compare(connection):
    context = MigrationContext.configure(
        connection, opts={"version_table": VERSION_TABLE, "compare_type": True}
    )
    return compare_metadata(context, metadata)


def test_the_steps_lead_to_the_tables_that_the_program_uses(connection):
    upgrade(connection, "it")
    assert compare(connection) == []
    found = inspect(connection).get_check_constraints("corrections")  # not among the compared
    expected = [one.name for one in corrections.constraints if isinstance(one, CheckConstraint)]
    assert [one["name"] for one in found] == expected == ["corrections_consent"]


def test_a_step_that_is_missing_would_be_found(connection):
    upgrade(connection, "it")
    connection.exec_driver_sql("ALTER TABLE corrections DROP COLUMN picture_sha256")
    assert [difference[0] for difference in compare(connection)] == ["add_column"]


def test_every_step_can_be_taken_back_and_again(connection):
    upgrade(connection, "it")
    config = make_config(connection)
    steps = [step.revision for step in ScriptDirectory.from_config(config).walk_revisions()]
    for _ in steps:
        command.downgrade(config, "-1")
    assert inspect(connection).get_table_names() == [VERSION_TABLE]
    for _ in steps:
        command.upgrade(config, "+1")
    assert compare(connection) == []


def test_there_is_one_newest_step(connection):
    heads = ScriptDirectory.from_config(make_config(connection)).get_heads()
    assert len(heads) == 1


def test_a_second_opening_changes_nothing(url):
    with Store(url) as store:
        kept = store.add(SEVEN)
    with Store(url) as store:
        assert list(store) == [kept]


def test_a_database_of_a_newer_program_is_refused_and_left_alone(url):
    with Store(url) as store:
        kept = store.add(SEVEN)
    set_step(url, "9999")
    with pytest.raises(StorageError, match=r"step 9999, which a newer hdalr made.*up to 0001") as e:
        Store(url)
    assert str(e.value).startswith(describe(parse_url(url)))
    set_step(url, "0001")
    with Store(url) as store:
        assert list(store) == [kept]


def set_step(url: str, step: str) -> None:
    engine = create_engine(parse_url(url))
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '{step}'")
    engine.dispose()


def test_an_upgrade_that_fails_halfway_leaves_nothing(connection, monkeypatch):
    def fail(*_):
        raise RuntimeError

    monkeypatch.setattr("alembic.op.create_index", fail)
    with pytest.raises(RuntimeError):
        upgrade(connection, "it")
    connection.rollback()
    assert inspect(connection).get_table_names() == []


def test_one_who_upgrades_waits_for_another(url):
    engine = create_engine(parse_url(url), connect_args=one_transaction(url))
    with engine.connect() as holder, ThreadPoolExecutor(1) as pool:
        lock(holder)
        opened = pool.submit(Store, url)
        with pytest.raises(TimeoutError):
            opened.result(timeout=0.5)
        holder.rollback()
        opened.result(timeout=60).close()
    engine.dispose()


def test_many_processes_may_open_a_new_database_at_once(url):
    command = [sys.executable, "-c", OPEN, url]
    pipes = {"stdin": subprocess.PIPE, "stderr": subprocess.PIPE}
    processes = [subprocess.Popen(command, **pipes) for _ in range(8)]
    for process in processes:
        process.stdin.write(b"\n")
        process.stdin.flush()
    said = [process.communicate(timeout=100)[1].decode() for process in processes]
    assert said == [""] * 8
    with Store(url) as store:
        assert store.count() == 8


def test_many_threads_may_open_a_new_database_at_once(url):
    with ThreadPoolExecutor(8) as pool:
        stores = list(pool.map(Store, [url] * 8))
    ids = [store.add(SEVEN).id for store in stores]
    assert [kept.id for kept in stores[0]] == ids
    for store in stores:
        store.close()


def test_many_threads_may_each_open_a_database_of_their_own(tmp_path):
    urls = [f"sqlite:///{tmp_path / str(n)}.sqlite" for n in range(24)]
    with ThreadPoolExecutor(8) as pool:
        for store in pool.map(Store, urls):
            store.add(SEVEN)
            assert store.count() == 1
            store.close()
