"""Corrections over HTTP."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.service.conftest import Client, draw, draw_tiff

from hdalr.bundles import load_bundle
from hdalr.images.door import open_pages
from hdalr.service.database import Store

PICTURE = draw("2763")


def send(client: Client, picture: bytes = PICTURE, **changes: object):
    fields = {"text": "2768", "consent": "true", **changes}
    kept = {name: value for name, value in fields.items() if value is not None}
    return client("POST", "/v1/feedback", files={"file": ("a.png", picture)}, data=kept)


def test_a_correction_is_kept_shown_and_deleted(
    serve: Callable[..., Client], tmp_path: Path
) -> None:
    client = serve()
    reading = client.read(PICTURE, alphabet="digits").text
    answer = send(client, reading=reading, options='{"alphabet": "digits"}')
    assert answer.status_code == 201
    kept = answer.json()
    place = answer.headers["location"]
    assert place == f"/v1/feedback/{kept['id']}"
    with Store(f"sqlite:///{tmp_path / 'kept.sqlite'}") as store:
        correction = store.get(kept["id"])
        assert correction is not None
        assert correction.picture == PICTURE
        assert correction.text == "2768"
        assert correction.reading == json.loads(reading)
        assert correction.options == {"alphabet": "digits"}
        assert correction.models["digits"] == load_bundle("digits").digest
        assert correction.created.isoformat() == kept["created"]
    shown = client("GET", place).json()
    assert shown["text"] == "2768"
    assert shown["picture_bytes"] == len(PICTURE)
    assert client("DELETE", place).status_code == 204
    assert client("DELETE", place).status_code == 404
    assert client("GET", place).status_code == 404


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"consent": None}, "nothing is kept without consent"),
        ({"consent": "false"}, "nothing is kept without consent"),
        ({"text": None}, "text is missing"),
        ({"text": "  "}, "text is missing"),
        ({"text": "x" * 1001}, "1001 characters; expected at most 1000"),
        ({"text": "a\x00b"}, "control characters"),
        ({"text": "a\x1bb"}, "control characters"),
        ({"reading": "{"}, "reading is no JSON"),
        ({"reading": "[1]"}, "reading is a list; expected a JSON object"),
        ({"reading": '{"a": NaN}'}, "NaN is no JSON number"),
        ({"reading": "[" * 100_000}, "reading is no JSON"),
        ({"reading": " " * 300_001}, "300001 characters"),
        ({"options": "7"}, "options is a int"),
        ({"reading": '{"text": "\\ud800"}'}, "reading: "),
        ({"options": '{"\\ud800": 1}'}, "options: "),
        ({"page": "0"}, "page='0' is not allowed; expected a whole number from 1"),
        ({"page": "2"}, "page=2 is not allowed; the file has 1"),
        ({"page": "21"}, "more than 20 pages"),
        ({"colour": "red"}, "unknown field 'colour'"),
    ],
)
def test_what_cannot_be_kept_is_refused(
    server: Client, changes: dict[str, object], said: str
) -> None:
    answer = send(server, **changes)
    assert answer.status_code == 422
    assert said in answer.json()["detail"]


def test_of_several_pages_the_one_that_is_meant_is_kept(
    serve: Callable[..., Client], tmp_path: Path
) -> None:
    client, content = serve(), draw_tiff("31", "48")
    refused = send(client, content)
    assert refused.status_code == 422
    assert "expected page, the number of one" in refused.json()["detail"]
    kept = send(client, content, page="2", text="48").json()["id"]
    with Store(f"sqlite:///{tmp_path / 'kept.sqlite'}") as store:
        correction = store.get(kept)
    assert correction is not None
    (page,) = open_pages(correction.picture)
    assert (page.picture == list(open_pages(content))[1].picture).all()


def test_lines_are_kept_as_browsers_send_them(server: Client) -> None:
    kept = send(server, text="27\r\n68").json()["id"]
    assert server("GET", f"/v1/feedback/{kept}").json()["text"] == "27\n68"


def test_only_pictures_are_kept(server: Client) -> None:
    for content, status in ((b"no picture", 415), (PICTURE[:200], 422)):
        files = {"file": ("a.png", content)}
        answer = server("POST", "/v1/feedback", files=files, data={"text": "1", "consent": "true"})
        assert answer.status_code == status


@pytest.mark.parametrize("id", ["x", "0" * 32, "1' OR '1'='1", "%00", "../x", "é" * 40])
def test_an_unknown_correction_is_a_404(server: Client, id: str) -> None:
    assert server("GET", f"/v1/feedback/{id}").status_code == 404
    assert server("DELETE", f"/v1/feedback/{id}").status_code == 404


def test_without_a_database_nothing_is_offered(serve: Callable[..., Client]) -> None:
    client = serve(database=None)
    assert client("GET", "/v1/models").json()["feedback"] is False
    assert send(client).status_code == 404
    assert client("GET", "/readyz").status_code == 200


def test_many_corrections_at_once_are_all_there(
    serve: Callable[..., Client], tmp_path: Path
) -> None:
    client = serve()

    def one(n: int) -> str:
        answer = send(Client(client.base), text=f"{n}")
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(one, range(60)))
    with Store(f"sqlite:///{tmp_path / 'kept.sqlite'}") as store:
        assert {c.id for c in store} == set(ids)


def test_a_lost_database_is_a_503_and_reading_goes_on(
    serve: Callable[..., Client], tmp_path: Path
) -> None:
    client = serve()
    with sqlite3.connect(tmp_path / "kept.sqlite") as database:
        for (table,) in database.execute("select name from sqlite_master where type='table'"):
            if table != "sqlite_sequence":
                database.execute(f"alter table {table} rename to {table}_gone")
    database.close()
    assert client("GET", "/readyz").status_code == 503
    answer = send(client)
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert client.read(PICTURE).status_code == 200


KILLED = """
import sys, threading, time, os, signal
sys.path.insert(0, {root!r})
from tests.service.conftest import run_server
from hdalr.service.settings import Settings
with run_server(Settings(database={url!r})) as client:
    print(client.base, flush=True)
    time.sleep(600)
"""


def test_killed_in_the_middle_every_acknowledged_correction_is_there(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'kept.sqlite'}"
    root = str(Path(__file__).parents[2])
    acknowledged: list[str] = []
    for target in (37, 111):
        child = subprocess.Popen(
            [sys.executable, "-c", KILLED.format(root=root, url=url)],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert child.stdout is not None
            base = child.stdout.readline().strip()

            def ask(_: int) -> None:
                try:
                    answer = send(Client(base))  # noqa: B023
                except OSError:
                    return
                if answer.status_code == 201:
                    acknowledged.append(answer.json()["id"])
                if len(acknowledged) >= target:  # noqa: B023
                    child.kill()  # noqa: B023

            with ThreadPoolExecutor(4) as pool:
                list(pool.map(ask, range(400)))
        finally:
            child.kill()
            child.wait()
            child.stdout.close()
        with Store(url) as store:
            kept = {correction.id: correction for correction in store}
        assert set(acknowledged) <= set(kept)
        assert all(correction.picture == PICTURE for correction in kept.values())
    assert len(acknowledged) >= 111
