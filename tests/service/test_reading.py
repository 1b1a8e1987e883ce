"""Pictures to readings over HTTP."""

from __future__ import annotations

import base64
import io
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from PIL import Image
from tests.service.conftest import Client, draw, draw_tiff

from hdalr import Reader
from hdalr.bundles import load_bundle
from hdalr.images.door import open_pages
from hdalr.service import work

PICTURE = draw("2763")
PROBLEM = "application/problem+json"


def test_a_reading_is_the_readers_own(server: Client) -> None:
    answer = server.read(PICTURE, alphabet="digits")
    assert answer.status_code == 200
    content = answer.json()
    own = Reader().read(PICTURE, alphabet="digits").to_dict()
    for name in ("text", "accepted", "reason", "confidence", "characters", "model"):
        assert content[name] == own[name]
    assert content["text"] == "2763"
    height, width = cv2.imdecode(np.frombuffer(PICTURE, np.uint8), 0).shape
    assert (content["width"], content["height"]) == (width, height)
    assert "seen" not in content
    assert "alternatives" not in content


def test_what_the_nets_saw_is_shown_if_asked_for(server: Client) -> None:
    seen = server.read(PICTURE, seen="true").json()["seen"]
    pictures = [_decoded(uri) for uri in (seen["line"], *seen["characters"])]
    assert pictures[0].shape[0] == 32
    assert [picture.shape for picture in pictures[1:]] == [(28, 28)] * 4
    assert all(picture.max() > 128 > np.median(picture) for picture in pictures)
    alone = server.read(draw("7"), seen="true", **{"as": "character"}).json()["seen"]
    assert alone["line"] is None
    assert len(alone["characters"]) == 1


def _decoded(uri: str) -> np.ndarray:
    start, _, data = uri.partition(",")
    assert start == "data:image/png;base64"
    return cv2.imdecode(np.frombuffer(base64.b64decode(data), np.uint8), cv2.IMREAD_GRAYSCALE)


def test_every_option_reaches_the_reader(server: Client) -> None:
    fields = {
        "alphabet": "digits",
        "pattern": r"\d{4}",
        "lexicon": "2763\n2768\n",
        "max_error": "0.05",
        "as": "line",
        "case": "upper",
        "merge": "true",
        "n_best": "2",
        "engine": "lattice",
    }
    content = server.read(PICTURE, **fields).json()
    own = Reader().read(
        PICTURE,
        alphabet="digits",
        pattern=r"\d{4}",
        lexicon=("2763", "2768"),
        max_error=0.05,
        layout="line",
        case="upper",
        merge=True,
        n_best=2,
        engine="lattice",
    )
    assert content["alternatives"] == own.to_dict()["alternatives"]
    assert len(content["alternatives"]) == 2
    assert server.read(draw("79927398713"), check="luhn").json()["text"] == "79927398713"


def test_empty_fields_count_as_not_given(server: Client) -> None:
    content = server.read(PICTURE, pattern="", alphabet="", max_error="").json()
    assert content["text"] == "2763"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"pattern": "["}, "a class that is not closed"),
        ({"pattern": "(a*)*" * 300}, "1500 characters; expected at most 1000"),
        ({"alphabet": "klingon"}, "unknown alphabet 'klingon'"),
        ({"max_error": "much"}, "max_error='much' is not allowed; expected a number"),
        ({"max_error": "nan"}, "max_error=nan is not allowed"),
        ({"max_error": "7"}, "max_error=7.0 is not allowed"),
        ({"n_best": "0"}, "n_best=0 is not allowed"),
        ({"n_best": "1e3"}, "expected a whole number"),
        ({"n_best": "９"}, "expected a whole number"),
        ({"merge": "yes"}, "expected true or false"),
        ({"seen": "1"}, "expected true or false"),
        ({"as": "page"}, "unknown layout 'page'"),
        ({"case": "Upper"}, "unknown case 'Upper'"),
        ({"engine": "best"}, "unknown engine 'best'"),
        ({"check": "sum"}, "unknown check 'sum'"),
        ({"colour": "red"}, "unknown field 'colour'; choices: file, alphabet"),
        ({"lexicon": "a\n" * 10_001}, "10001 words; expected at most 10000"),
        ({"lexicon": f"{'a' * 50_001}\n{'b' * 50_000}"}, "100001 characters; expected at most"),
        ({"preview": "true"}, "unknown field 'preview'"),
        ({"alphabet": "digits", "pattern": "[A-Z]+"}, "pattern"),
    ],
)
def test_a_bad_option_is_named(server: Client, fields: dict[str, str], said: str) -> None:
    answer = server.read(PICTURE, **fields)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == PROBLEM
    problem = answer.json()
    assert problem["status"] == 422
    assert problem["title"] == "Unprocessable Entity"
    assert said in problem["detail"]


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (b"", 415, "empty, zero bytes"),
        (b"Dear Sirs", 415, "no picture"),
        (b"<svg onload=alert(1)>", 415, "no picture"),
        (PICTURE[: len(PICTURE) // 2], 422, "damaged or cut short"),
        (b"%PDF-1.7 nothing", 422, "file: "),
        (b"P5 50000 50000 255\n", 422, "50000 x 50000 pixels; expected at most"),
    ],
)
def test_a_bad_picture_is_refused(server: Client, content: bytes, status: int, said: str) -> None:
    answer = server.read(content)
    assert answer.status_code == status
    assert answer.headers["content-type"] == PROBLEM
    assert said in answer.json()["detail"]


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        ({"data": {"file": "text"}}, 415, "content type 'application/x-www-form-urlencoded'"),
        ({"json": {"file": "x"}}, 415, "expected multipart/form-data"),
        ({"files": {"picture": ("a.png", PICTURE)}}, 422, "0 fields 'file'"),
        ({"files": {"file": (None, "a text")}}, 422, "the field 'file' is a text"),
        ({"files": [("file", ("a.png", PICTURE))] * 2}, 422, "form cannot be read"),
        (
            {"files": {"file": ("a.png", PICTURE), "pattern": ("b.png", b"x")}},
            422,
            "form cannot be read",
        ),
        (
            {
                "files": [
                    ("file", ("a", PICTURE)),
                    ("case", (None, "keep")),
                    ("case", (None, "keep")),
                ]
            },
            422,
            "the field 'case' comes twice",
        ),
        ({"headers": {"content-type": "multipart/form-data"}, "data": b"x"}, 422, "cannot be read"),
        (
            {"headers": {"content-type": "multipart/form-data; boundary=a"}, "data": b"--b\r\n"},
            422,
            "",
        ),
        (
            {
                "headers": {"content-type": "multipart/form-data; boundary=a; charset=no-such"},
                "data": b'--a\r\ncontent-disposition: form-data; name="case"\r\n\r\nx\r\n--a--\r\n',
            },
            415,
            "charset 'no-such'; expected utf-8",
        ),
        (
            {"files": {"file": ("a", PICTURE), "lexicon": (None, "x" * 400_001)}},
            413,
            "400000 bytes",
        ),
    ],
)
def test_a_bad_form_is_refused(
    server: Client, given: dict[str, object], status: int, said: str
) -> None:
    answer = server("POST", "/v1/read", **given)
    assert answer.status_code == status
    assert answer.headers["content-type"] == PROBLEM
    assert said in answer.json()["detail"]


def test_a_batch_has_a_record_a_page_and_one_for_what_fails(server: Client) -> None:
    tiff = draw_tiff("31", "48")
    files = [
        ("file", ("one.png", PICTURE)),
        ("file", ("bad.png", b"no")),
        ("file", ("two.tif", tiff)),
    ]
    answer = server("POST", "/v1/read/batch", files=files, data={"alphabet": "digits"})
    results = answer.json()["results"]
    said = [(r["file"], r.get("page"), r.get("text")) for r in results]
    assert said == [
        ("one.png", 1, "2763"),
        ("bad.png", None, None),
        ("two.tif", 1, "31"),
        ("two.tif", 2, "48"),
    ]
    assert results[1]["error"]["status"] == 415
    several = server.read(tiff)
    assert several.status_code == 422
    assert "/v1/read/batch" in several.json()["detail"]


def test_a_batch_shows_its_pages_if_asked_for(server: Client) -> None:
    content = draw_tiff("31", "4" * 60)
    plain = server.read(content, "/v1/read/batch", alphabet="digits").json()["results"]
    assert not any(key in page for page in plain for key in ("seen", "preview"))
    asked = {"alphabet": "digits", "seen": "true", "preview": "true"}
    first, wide = server.read(content, "/v1/read/batch", **asked).json()["results"]
    pages = list(open_pages(content))
    assert (_decoded(first["preview"]) == pages[0].picture).all()
    assert len(first["seen"]["characters"]) == 2
    assert wide["width"] == pages[1].picture.shape[1] > 1600
    assert _decoded(wide["preview"]).shape[1] == 1600


def test_a_bad_option_of_a_batch_is_the_requests_own(server: Client) -> None:
    answer = server.read(PICTURE, "/v1/read/batch", pattern="[")
    assert answer.status_code == 422


def test_a_batch_has_so_many_pictures(serve: Callable[..., Client]) -> None:
    client = serve(max_pictures=3)
    files = [("file", (f"{i}.png", PICTURE)) for i in range(4)]
    assert client("POST", "/v1/read/batch", files=files[:3]).status_code == 200
    assert client("POST", "/v1/read/batch", files=files).status_code == 422


def test_pages_have_a_limit(serve: Callable[..., Client]) -> None:
    client = serve(max_pages=2, max_pixels=20_000)
    pages = [Image.new("L", (60, 40), 255) for _ in range(3)]
    tiff = io.BytesIO()
    pages[0].save(tiff, "TIFF", save_all=True, append_images=pages[1:])
    results = client.read(tiff.getvalue(), "/v1/read/batch").json()["results"]
    assert [record.get("page") for record in results] == [1, 2, None]
    assert "more than 2 pages" in results[2]["error"]["detail"]
    large = io.BytesIO()
    Image.new("L", (200, 101), 255).save(large, "PNG")
    answer = client.read(large.getvalue())
    assert answer.status_code == 422
    assert "200 x 101 pixels; expected at most 20000" in answer.json()["detail"]


def test_pages_of_a_whole_batch_have_a_limit(serve: Callable[..., Client]) -> None:
    client = serve(max_batch_pages=3)
    files = [("file", (f"{i}.tif", draw_tiff("1", "2"))) for i in range(2)]
    results = client("POST", "/v1/read/batch", files=files).json()["results"]
    assert sum("text" in record for record in results) == 3
    (refused,) = [record["error"] for record in results if "error" in record]
    assert "more than 3 pages in one request" in refused["detail"]


def test_a_batch_is_never_larger_than_the_queue(serve: Callable[..., Client]) -> None:
    client = serve(places=2)
    files = [("file", (f"{i}.png", PICTURE)) for i in range(3)]
    assert client("POST", "/v1/read/batch", files=files).status_code == 422
    assert client("POST", "/v1/read/batch", files=files[:2]).status_code == 200


@pytest.mark.parametrize("charset", ["punycode", "utf-7", "nix"])
def test_a_form_is_utf_8(server: Client, charset: str) -> None:
    kind = f"multipart/form-data; boundary=b; charset={charset}"
    answer = server("POST", "/v1/read", data=b"--b--", headers={"content-type": kind})
    assert answer.status_code == 415
    assert "expected utf-8" in answer.json()["detail"]


def test_many_at_once_get_their_own_answers(server: Client) -> None:
    texts = [f"{n:03}" for n in range(100, 148)]
    pictures = {text: draw(text) for text in texts}
    alone = {text: server.read(pictures[text], alphabet="digits").json()["text"] for text in texts}

    def ask(text: str) -> str:
        return str(Client(server.base).read(pictures[text], alphabet="digits").json()["text"])

    with ThreadPoolExecutor(12) as pool:
        together = dict(zip(texts, pool.map(ask, texts), strict=True))
    assert together == alone
    assert sum(text == said for text, said in alone.items()) > 40


def test_large_pages_leave_threads_to_others(
    serve: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "LARGE_PX", 50_000)
    gate, read = threading.Event(), Reader.read

    def slowly(reader: Reader, picture: np.ndarray, **options: str):
        if picture.size > work.LARGE_PX:
            gate.wait(20)
        return read(reader, picture, **options)

    monkeypatch.setattr(Reader, "read", slowly)
    client = serve(threads=4)
    large, small = draw("90210", scale=4), draw("7", scale=1)
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(Client(client.base).read, large) for _ in range(4)]
        while sum(future.done() for future in asked) < 2:
            time.sleep(0.01)
        assert client.read(small).status_code == 200
        gate.set()
        statuses = sorted(future.result().status_code for future in asked)
    assert statuses == [200, 200, 429, 429]
    assert client.read(large).status_code == 200


def test_models_are_told(server: Client) -> None:
    content = server("GET", "/v1/models").json()
    models = {model["name"]: model for model in content["models"]}
    assert set(models) == {"digits", "characters", "devanagari", "strings"}
    assert models["digits"]["digest"] == load_bundle("digits").digest
    assert content["alphabets"]["digits"] == "0123456789"
    assert "luhn" in content["checks"]
    assert content["feedback"] is True
    assert content["token"] is False


def test_a_named_model_is_the_one_that_reads(serve: Callable[..., Client]) -> None:
    client = serve(models=("digits",))
    content = client("GET", "/v1/models").json()
    assert [model["name"] for model in content["models"]] == ["digits"]
    assert set(content["alphabets"]) == {"digits"}
    assert client.read(draw("7"), **{"as": "character"}).json()["model"] == "digits"
    assert client.read(PICTURE, alphabet="letters").status_code == 422
