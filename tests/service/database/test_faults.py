"""Databases that cannot be used: what is said of them, and what is not."""

from __future__ import annotations

import multiprocessing
import os
import resource
import socket
import sqlite3
import stat
import traceback

import psycopg
import pytest
from sqlalchemy import create_engine, text
from tests.service.database.cluster import PASSWORD

from hdalr.errors import EXTRAS, MissingExtraError, StorageError
from hdalr.service.database import NewCorrection, Store, engine
from hdalr.service.database.address import parse_url

SEVEN = NewCorrection(b"GIF89a" + b"7" * 3000, "7")
NOBODY = 65534


def refusal(url: str) -> str:
    """What is said where a database cannot be opened; the password is in none of it."""
    with pytest.raises(StorageError) as caught:
        Store(url)
    for secret in (PASSWORD, "geheim"):
        assert secret not in "".join(traceback.format_exception(caught.value))
    return str(caught.value)


def as_nobody(task, *arguments):
    """Run a task as a user who is not root, and give what it returns."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)

    def run():
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        sender.send(task(*arguments))

    process = context.Process(target=run)
    process.start()
    assert receiver.poll(60)
    process.join(60)
    return receiver.recv()


def said_on(action, *arguments):
    try:
        action(*arguments)
    except StorageError as error:
        return str(error)
    return "nothing"


@pytest.fixture
def open_folder(tmp_path):
    """A folder that every user may enter and write, as may the folders above it."""
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o777)
    return tmp_path


def test_a_new_file_is_its_owners_alone(tmp_path):
    path = tmp_path / "made" / "feedback.sqlite"
    with Store(f"sqlite:///{path}") as store:
        store.add(SEVEN)
        files = list(path.parent.iterdir())
        assert len(files) == 3
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_sqlite_is_durable(tmp_path):
    with (
        Store(f"sqlite:///{tmp_path / 'feedback.sqlite'}") as store,
        store._engine.connect() as connection,
    ):
        names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")
        values = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]
    assert values == ["wal", 2, 1, 1, 30_000]


def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path):
    path = tmp_path / "letter.txt"
    path.write_text("Dear Sirs, " * 100)
    assert refusal(f"sqlite:///{path}") == (
        f"{path}: file is not a database; give the path of a SQLite database, or one where no "
        "file is"
    )
    assert path.read_text() == "Dear Sirs, " * 100


def test_a_folder_is_no_database(tmp_path):
    assert "unable to open database file; expected a file" in refusal(f"sqlite:///{tmp_path}")


def test_a_file_in_the_way_of_the_folder_is_named(tmp_path):
    (tmp_path / "file").touch()
    assert "could not be written: " in refusal(f"sqlite:///{tmp_path / 'file' / 'a.sqlite'}")


def test_a_path_with_nul_is_no_path():
    assert "is no path" in refusal("sqlite:////tmp/a%00b")


def test_a_file_that_this_user_may_not_write_is_refused_at_once(open_folder):
    path = open_folder / "feedback.sqlite"
    Store(f"sqlite:///{path}").close()
    path.chmod(0o444)
    said = as_nobody(said_on, Store, f"sqlite:///{path}")
    assert said == (
        f"{path}: attempt to write a readonly database; let this user write the file and its folder"
    )


def test_a_folder_that_this_user_may_not_write_is_refused(open_folder):
    open_folder.chmod(0o555)
    said = as_nobody(said_on, Store, f"sqlite:///{open_folder / 'new' / 'feedback.sqlite'}")
    assert "could not be written: Permission denied" in said


def test_a_full_disk_is_told_and_what_was_kept_is_there(tmp_path):
    path = tmp_path / "feedback.sqlite"

    def fill():
        with Store(f"sqlite:///{path}") as store:
            kept = [store.add(SEVEN).id for _ in range(3)]
            resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
            said = said_on(store.add, NewCorrection(b"GIF89a" * 100_000, "too large"))
            resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
        return kept, said

    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=lambda: sender.send(fill()))
    process.start()
    assert receiver.poll(60)
    kept, said = receiver.recv()
    process.join(60)
    assert said.startswith(f"{path}: ")
    with Store(f"sqlite:///{path}") as store:
        assert [one.id for one in store] == kept
        store.add(SEVEN)


def test_a_database_that_another_program_holds_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "LOCKED_SECONDS", 0.2)
    path = tmp_path / "feedback.sqlite"
    with Store(f"sqlite:///{path}") as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match=r"database is locked; another program holds it"):
            store.add(SEVEN)
        assert store.count() == 0  # reading goes on
        other.execute("ROLLBACK")
        other.close()
        store.add(SEVEN)


def test_tables_that_are_gone_are_told(store, url):
    change(url, "ALTER TABLE corrections RENAME TO elsewhere")
    for action in (store.check, store.count, lambda: store.add(SEVEN), lambda: list(store)):
        with pytest.raises(StorageError, match=r"corrections.*; (restore|create) "):
            action()


def test_a_table_of_another_program_is_left_alone(url):
    change(url, "CREATE TABLE corrections (mine INTEGER)")
    assert "already exists; it belongs to another program" in refusal(url)
    change(url, "INSERT INTO corrections (mine) VALUES (1)")


def change(url: str, statement: str) -> None:
    other = create_engine(parse_url(url))
    with other.begin() as connection:
        connection.execute(text(statement))
    other.dispose()


def test_a_server_that_is_not_there_is_told():
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        said = refusal(f"postgresql://ada:geheim@127.0.0.1:{port}/feedback")
    assert said.startswith(f"postgresql://127.0.0.1:{port}/feedback: connection failed")
    assert said.endswith("see whether it runs and whether its URL is right")


def test_a_server_that_never_answers_is_told_in_time():
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        said = refusal(f"postgresql://ada:geheim@127.0.0.1:{port}/feedback?connect_timeout=2")
    assert "timeout" in said


def test_a_host_that_has_no_address_is_told():
    assert "see whether it runs" in refusal("postgresql://ada:geheim@nowhere.invalid/feedback")


def test_a_wrong_password_is_told_but_not_repeated(cluster):
    said = refusal(cluster.url("postgres", password="geheim"))
    assert said.endswith("see to user and password in its URL")


def test_a_wrong_option_is_told_but_not_repeated(cluster):
    assert "invalid" in refusal(cluster.url("postgres") + "?passwort=geheim")


def test_a_database_that_is_not_there_is_told(cluster):
    assert '"missing" does not exist; create it, or' in refusal(cluster.url("missing"))


def test_a_user_who_may_not_make_tables_is_told(cluster):
    url = cluster.make_database()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE ROLE guest LOGIN PASSWORD 'geheim'")
    guest = url.replace(f"postgres:{PASSWORD}", "guest:geheim")
    assert "permission denied" in refusal(guest)
    assert "let this user create and use tables" in refusal(guest)


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_that_cannot_hold_every_text_is_refused(cluster, encoding):
    url = cluster.make_database(encoding=encoding)
    assert f"has the encoding {encoding}; expected one made with UTF8" in refusal(url)


def test_a_read_only_server_is_refused(cluster):
    url = cluster.make_schema()
    Store(url).close()
    said = refusal(url.replace("options=", "options=-cdefault_transaction_read_only%3Don%20"))
    assert "read-only transaction; expected a database that can be written" in said


def test_a_server_that_stops_and_comes_back_is_told_and_used_again(cluster):
    with Store(cluster.make_schema()) as store:
        kept = store.add(SEVEN)
        cluster.stop()
        try:
            for action in (store.check, lambda: store.add(SEVEN), lambda: store.get(kept.id)):
                with pytest.raises(StorageError, match=r"postgresql://127\.0\.0\.1"):
                    action()
        finally:
            cluster.start()
        store.check()
        store.add(SEVEN)
        assert store.count() == 2


def test_a_server_that_was_started_again_goes_unnoticed(cluster):
    with Store(cluster.make_schema()) as store:
        store.add(SEVEN)
        cluster.stop()
        cluster.start()
        store.add(SEVEN)
        assert store.count() == 2


def test_a_failed_write_tells_nothing_of_what_should_have_been_kept(store, url):
    secret = NewCorrection(b"GIF89a of Ada", "Ada was here", {"text": "Ada"})
    change(url, "ALTER TABLE corrections RENAME TO elsewhere")
    with pytest.raises(StorageError) as caught:
        store.add(secret)
    assert "Ada" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("module", ["alembic", "psycopg", "sqlalchemy"])
def test_libraries_of_the_database_are_of_the_extra_serve(module):
    assert EXTRAS[module] == "serve"


def test_a_missing_driver_names_the_extra(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    with pytest.raises(MissingExtraError, match=r"hdalr\[serve\]"):
        Store("postgresql://db.example/feedback")
