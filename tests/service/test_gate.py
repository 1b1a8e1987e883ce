"""Who and what comes in, and with which headers answers go out."""

from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from tests.service.conftest import Client, draw

from hdalr.service.pages import PAGE_POLICY

PICTURE = draw("5")
TOKEN = "a-token-of-the-test-0123456789"


def test_answers_carry_strict_headers(server: Client) -> None:
    for path in ("/", "/v1/models", "/no-such-place", "/static/no.js", "/healthz"):
        headers = server("GET", path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors" in headers["content-security-policy"]
        assert "server" not in headers
    assert server("GET", "/").headers["content-security-policy"] == PAGE_POLICY
    assert "unsafe" not in PAGE_POLICY


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "",
        "[::1",
        "a@b:c",
        "evil@127.0.0.1",
        "127.0.0.1/x",
    ],
)
def test_another_host_is_refused(server: Client, host: str) -> None:
    answer = server("GET", "/v1/models", headers={"Host": host})
    assert answer.status_code == 400


def test_two_hosts_are_refused(server: Client) -> None:
    place = urlsplit(server.base)
    with socket.create_connection((place.hostname, place.port), timeout=10) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil\r\n\r\n")
        assert b" 400 " in connection.recv(4096).splitlines()[0]


@pytest.mark.parametrize("host", ["localhost:1", "LOCALHOST", "127.0.0.1", "[::1]:8000"])
def test_the_own_names_are_let_in(server: Client, host: str) -> None:
    assert server("GET", "/v1/models", headers={"Host": host}).status_code == 200


def test_names_have_no_case(serve: Callable[..., Client]) -> None:
    client = serve(hosts=("Forms.Example",))
    assert client("GET", "/healthz", headers={"Host": "forms.EXAMPLE:80"}).status_code == 200


def test_further_names_are_let_in_if_said(serve: Callable[..., Client]) -> None:
    client = serve(hosts=("forms.example",))
    assert client("GET", "/healthz", headers={"Host": "forms.example"}).status_code == 200
    assert client("GET", "/healthz").status_code == 400
    assert serve(hosts=("*",))("GET", "/healthz", headers={"Host": "x"}).status_code == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:1", "file://127.0.0.1", ""]
)
def test_another_sites_page_cannot_post(server: Client, origin: str) -> None:
    files = {"file": ("a.png", PICTURE)}
    answer = server("POST", "/v1/read", files=files, headers={"Origin": origin})
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_own_page_can_post(server: Client) -> None:
    files = {"file": ("a.png", PICTURE)}
    answer = server("POST", "/v1/read", files=files, headers={"Origin": server.base})
    assert answer.status_code == 200


def test_a_token_is_needed_where_one_is_set(serve: Callable[..., Client]) -> None:
    client = serve(token=TOKEN)
    files = {"file": ("a.png", PICTURE)}
    for given in (None, "", "Bearer", "Bearer x", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer é"):
        headers = {} if given is None else {"Authorization": given.encode("latin-1")}
        answer = client("POST", "/v1/read", files=files, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
    for path in ("/metrics", "/v1/feedback/x", "/v1/read", "/anything"):
        assert client("GET", path).status_code == 401
    for path in ("/", "/healthz", "/readyz", "/v1/models", "/report", "/openapi.json"):
        assert client("GET", path).status_code == 200
    assert client("GET", "/static/../app.py").status_code in (401, 404)
    assert client("GET", "/v1/models").json()["token"] is True
    headers = {"Authorization": f"bearer {TOKEN}"}
    assert client("POST", "/v1/read", files=files, headers=headers).status_code == 200


def test_a_large_request_is_refused_before_it_came(serve: Callable[..., Client]) -> None:
    client = serve(max_bytes=5_000)
    assert client.read(b"x" * 4_000).status_code == 415
    answer = client.read(b"x" * 6_000)
    assert answer.status_code == 413
    assert "5000 bytes" in answer.json()["detail"]


def test_a_large_request_that_hides_its_length_is_refused_while_it_comes(
    serve: Callable[..., Client],
) -> None:
    client = serve(max_bytes=5_000)
    sent = []

    def body():
        yield b'--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(100):
            sent.append(1)
            yield b"x" * 1_000

    try:
        answer = client(
            "POST",
            "/v1/read",
            data=body(),
            headers={"content-type": "multipart/form-data; boundary=b"},
        )
    except OSError:  # the connection was closed while the client was still sending
        return
    assert answer.status_code == 413


def test_uploads_have_a_limit_together(serve: Callable[..., Client]) -> None:
    client = serve(max_held_bytes=20_000)
    port = urlsplit(client.base).port
    head = (
        b"POST /v1/read HTTP/1.1\r\nHost: localhost\r\nContent-Length: 30000\r\n"
        b"Content-Type: multipart/form-data; boundary=b\r\n\r\n"
    )
    begun = b'--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n'
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head + begun + b"x" * 15_000)
        wait_until(lambda: client.read(b"y" * 10_000).status_code == 429)
        answer = client.read(b"y" * 10_000)
        assert "come again later" in answer.json()["detail"]
        assert answer.headers["retry-after"] == "5"
    wait_until(lambda: client.read(b"y" * 10_000).status_code == 415)  # who has gone holds nothing


def test_who_goes_while_sending_is_no_fault_of_the_server(
    serve: Callable[..., Client], caplog: pytest.LogCaptureFixture
) -> None:
    client = serve(max_held_bytes=20_000)
    port = urlsplit(client.base).port
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(
                b"POST /v1/read HTTP/1.1\r\nHost: localhost\r\nContent-Length: 15000\r\n"
                b"Content-Type: multipart/form-data; boundary=b\r\n\r\n" + b"x" * 12_000
            )
    wait_until(lambda: client.read(b"y" * 19_000).status_code == 415)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_a_head_is_answered_as_a_get_without_its_body(server: Client) -> None:
    for path in ("/", "/healthz", "/v1/models", "/static/style.css"):
        head, got = server("HEAD", path), server("GET", path)
        assert head.status_code == got.status_code == 200
        assert head.content == b""
        assert head.headers["content-length"] == got.headers["content-length"]
    assert server("HEAD", "/v1/read").status_code == 405


def wait_until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_slow_body_is_not_waited_for(serve: Callable[..., Client]) -> None:
    client = serve(body_seconds=0.3)
    port = urlsplit(client.base).port
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(
            b"POST /v1/read HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n"
            b"Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n"
        )
        started = time.monotonic()
        answer = connection.recv(4096)
    assert b" 408 " in answer.splitlines()[0]
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("length", ["-1", "abc", "1" * 5000])
def test_a_lying_length_is_no_crash(server: Client, length: str) -> None:
    place = urlsplit(server.base)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=10)
    try:
        connection.request("POST", "/v1/read", headers={"Content-Length": length})
        assert connection.getresponse().status in (400, 413, 415)
    finally:
        connection.close()
    assert server("GET", "/healthz").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/static/..%2fapp.py",
        "/static/%2e%2e/app.py",
        "/static//etc/passwd",
        "/static/%00",
        "/static",
    ],
)
def test_no_other_file_is_served(server: Client, path: str) -> None:
    answer = server("GET", path, allow_redirects=False)
    assert answer.status_code in (307, 404)
    assert b"import" not in answer.content


def test_no_such_place_and_no_such_method_are_problems(server: Client) -> None:
    for method, path, status in (("GET", "/nix", 404), ("PUT", "/v1/read", 405)):
        answer = server(method, path)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == status
