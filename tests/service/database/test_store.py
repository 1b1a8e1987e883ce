"""What a store keeps, gives back and deletes."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, insert, select
from sqlalchemy.exc import IntegrityError

from hdalr.errors import ParameterError
from hdalr.service.database import NewCorrection, Store
from hdalr.service.database import store as store_module
from hdalr.service.database.address import parse_url
from hdalr.service.database.tables import corrections

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
SEVEN = NewCorrection(
    PICTURE,
    "7",
    reading={"text": "1", "confidence": 0.625, "alternatives": [["1", 0.625], ["7", 0.375]]},
    options={"alphabet": "digits", "n_best": 2},
    models={"digits": "0" * 64},
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)  # fmt: skip
OBJECTS = st.dictionaries(st.text(max_size=10), JSON, max_size=4)
over_both = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def test_what_is_added_comes_back(store):
    before = datetime.now(UTC)
    kept = store.add(SEVEN)
    assert store.get(kept.id) == kept
    assert (kept.picture, kept.text, kept.reading) == (PICTURE, "7", SEVEN.reading)
    assert (kept.options, kept.models) == (SEVEN.options, SEVEN.models)
    assert before <= kept.created <= datetime.now(UTC)
    assert kept.created.tzinfo is UTC
    assert len(kept.id) == 32


def test_what_was_kept_can_be_sent_again(store):
    kept = store.add(SEVEN)
    again = store.add(kept)
    assert again.id != kept.id
    assert again.picture == kept.picture


def test_little_is_enough(store):
    kept = store.add(NewCorrection(PICTURE, ""))
    assert store.get(kept.id) == kept
    assert (kept.reading, kept.options, kept.models) == (None, {}, {})


@over_both
@given(text=TEXTS, picture=st.binary(min_size=1), reading=st.none() | OBJECTS, options=OBJECTS)
def test_any_text_any_bytes_and_any_json_come_back(store, text, picture, reading, options):
    kept = store.add(NewCorrection(picture, text, reading, options))
    back = store.get(kept.id)
    assert back == kept
    assert (back.picture, back.text, back.reading, back.options) == (
        picture, text, reading, options,
    )  # fmt: skip


def test_the_longest_text_and_a_large_picture_come_back(store):
    large = NewCorrection(PICTURE * 40_000, "\U0001f600" * 5000)
    assert len(large.picture) > 10_000_000
    assert store.get(store.add(large).id).picture == large.picture


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (NewCorrection(b"", "7"), "picture is empty"),
        (NewCorrection(PICTURE, "a\0b"), r"holds U\+0000"),
        (NewCorrection(PICTURE, "a\udcffb"), r"holds U\+DCFF"),
        (NewCorrection(PICTURE, "7" * 5001), "5001 characters; expected at most 5000"),
        (NewCorrection(PICTURE, "7", reading={"confidence": float("nan")}), "reading: .*JSON"),
        (NewCorrection(PICTURE, "7", options={"file": PICTURE}), "options: .*JSON"),
    ],
)
def test_what_no_database_can_keep_is_refused_by_both(store, wrong, message):
    with pytest.raises(ParameterError, match=message):
        store.add(wrong)
    assert store.count() == 0


@pytest.mark.parametrize(("depth", "kept"), [(49, 1), (50, 0), (980, 0), (100_000, 0)])
def test_too_deep_a_reading_is_refused(store, depth, kept):
    deep = None
    for _ in range(depth):
        deep = [deep]
    with pytest.raises(ParameterError, match=r"^reading: ") if not kept else nullcontext():
        store.add(NewCorrection(PICTURE, "7", {"deep": deep}))
    assert store.count() == kept


def test_the_hash_of_the_picture_is_kept(store, url):
    kept = store.add(SEVEN)
    expected = hashlib.sha256(PICTURE).hexdigest()
    assert kept.picture_sha256 == kept.to_dict()["picture_sha256"] == expected
    engine = create_engine(parse_url(url))
    with engine.connect() as connection:
        assert connection.scalars(select(corrections.c.picture_sha256)).all() == [expected]
    engine.dispose()


@pytest.mark.parametrize("consent", [False, None])
def test_the_schema_refuses_what_nobody_agreed_to(store, url, consent):
    store.add(SEVEN)
    engine = create_engine(parse_url(url))
    with engine.connect() as connection:
        row = dict(connection.execute(select(corrections)).mappings().one())
        assert row["consent"] is True
        with pytest.raises(IntegrityError):
            connection.execute(insert(corrections), {**row, "id": "0" * 32, "consent": consent})
    engine.dispose()


def test_what_is_deleted_is_gone(store):
    first, second = store.add(SEVEN), store.add(SEVEN)
    assert store.delete(first.id)
    assert store.get(first.id) is None
    assert not store.delete(first.id)
    assert [kept.id for kept in store] == [second.id]


@pytest.mark.parametrize(
    "id", ["", "0" * 32, "0" * 31, "x" * 32, "a\0b", "\ud800", "' OR 1=1 --", "%", "\u0660" * 32]
)
def test_an_unknown_identifier_stands_for_nothing(store, id):
    store.add(SEVEN)
    assert store.get(id) is None
    assert store.delete(id) is False
    assert store.count() == 1


def test_all_can_be_deleted(store):
    for _ in range(3):
        store.add(SEVEN)
    assert store.delete_all() == 3
    assert (store.count(), list(store), store.delete_all()) == (0, [], 0)


def test_no_file_holds_a_deleted_picture(tmp_path):
    with Store(f"sqlite:///{tmp_path / 'feedback.sqlite'}") as store:
        secret = b"GIF89a" + b"a picture that nobody may see" * 1000
        kept = store.add(NewCorrection(secret, "secret words"))
        held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
        assert b"nobody may see" in held
        assert b"secret words" in held
        store.delete(kept.id)
        held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"nobody may see" not in held
    assert b"secret words" not in held


def test_all_come_in_the_order_of_time_over_many_pages(store, monkeypatch):
    monkeypatch.setattr(store_module, "PAGE", 4)
    ids = [store.add(SEVEN).id for _ in range(11)]
    assert [kept.id for kept in store] == ids
    assert store.count() == 11


def test_those_of_one_moment_all_come(store, monkeypatch):
    class Stopped(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(2026, 1, 31, 12, tzinfo=tz)

    monkeypatch.setattr(store_module, "datetime", Stopped)
    monkeypatch.setattr(store_module, "PAGE", 2)
    ids = {store.add(SEVEN).id for _ in range(7)}
    assert sorted(kept.id for kept in store) == sorted(ids)


def test_those_since_a_time_come_with_it(store):
    kept = [store.add(SEVEN) for _ in range(3)]
    assert list(store.since(kept[1].created)) == kept[1:]
    assert list(store.since(kept[1].created.astimezone(timezone(timedelta(hours=5))))) == kept[1:]
    assert list(store.since(kept[2].created + timedelta(microseconds=1))) == []


def test_one_picture_at_a_time_is_taken_from_the_database(store, monkeypatch):
    for _ in range(3):
        store.add(SEVEN)
    taken = []
    get = store.get
    monkeypatch.setattr(store, "get", lambda id: taken.append(id) or get(id))
    iterator = iter(store)
    next(iterator)
    assert len(taken) == 1


def test_changes_while_all_are_listed_do_no_harm(store, monkeypatch):
    monkeypatch.setattr(store_module, "PAGE", 2)
    ids = [store.add(SEVEN).id for _ in range(5)]
    seen = []
    for kept in store:
        seen.append(kept.id)
        if len(seen) == 1:
            store.delete(ids[1])
            ids.append(store.add(SEVEN).id)
    assert seen == [ids[0], *ids[2:]]


def test_eight_threads_add_at_once(store):
    texts = [f"text {n}" for n in range(80)]
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda text: store.add(NewCorrection(PICTURE, text)).id, texts))
    assert store.count() == 80
    assert [store.get(id).text for id in ids] == texts


def test_some_add_while_others_read_and_delete(store):
    ids = [store.add(SEVEN).id for _ in range(40)]
    start = threading.Barrier(4)

    def run(task):
        start.wait(10)
        return task()

    tasks = [
        lambda: [store.add(SEVEN).id for _ in range(40)],
        lambda: [store.delete(id) for id in ids[:20]],
        lambda: [store.delete(id) for id in ids[20:]],
        lambda: [len(list(store)) for _ in range(5)],
    ]
    with ThreadPoolExecutor(4) as pool:
        added, *deleted, _ = pool.map(run, tasks)
    assert all(map(all, deleted))
    assert [kept.id for kept in store] == added


def test_a_closed_store_leaves_a_database_that_opens_again(url):
    with Store(url) as first:
        kept = first.add(SEVEN)
    with Store(url) as second:
        assert second.get(kept.id) == kept


def test_two_stores_see_the_same(url):
    with Store(url) as one, Store(url) as other:
        kept = one.add(SEVEN)
        assert other.get(kept.id) == kept
        assert other.delete(kept.id)
        assert one.count() == 0


def test_the_picture_is_left_out_of_what_is_printed():
    assert "PNG" not in repr(SEVEN)
