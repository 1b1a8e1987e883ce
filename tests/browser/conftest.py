"""A real server, a real Chromium, and pages that fail their test if anything goes wrong on them."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.browser.desk import Desk

TOKEN = "a-token-for-the-tests"
STARTED_SECONDS = 60.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all tests of this folder."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@dataclass(frozen=True)
class Server:
    """A running `hdalr serve`."""

    url: str
    database: str


@dataclass
class Watch:
    """What happens on a page, and which errors a test makes on purpose."""

    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    @property
    def unexpected(self) -> list[str]:
        return [e for e in self.errors if not any(words in e for words in self.expected)]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: pip install '.[dev]'"
    )
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("chromium is not in PATH: apt-get install chromium")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=path)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a database of its own."""
    with _serve(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="session")
def closed_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that wants a token."""
    with _serve(tmp_path_factory.mktemp("closed"), HDALR_TOKEN=TOKEN) as running:
        yield running


@pytest.fixture
def watch() -> Watch:
    """What the test's pages do."""
    return Watch()


@pytest.fixture
def open_desk(browser: Any, server: Server, watch: Watch) -> Iterator[Callable[..., Desk]]:
    """Opens the page in a context with the given properties; checks all at the end."""
    contexts = []

    def open_one(address: str = "", url: str = server.url, **properties: Any) -> Desk:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **properties})
        contexts.append(context)
        context.set_default_timeout(60_000)
        page = context.new_page()
        page.on("request", lambda request: watch.requests.append(request.url))
        page.on("pageerror", lambda error: watch.errors.append(f"error: {error}"))
        page.on(
            "console",
            lambda message: message.type == "error" and watch.errors.append(message.text),
        )
        page.goto(url + address)
        return Desk(page)

    yield open_one
    for context in contexts:
        context.close()
    own = ("http://127.0.0.1:", "data:", "blob:")
    assert [request for request in watch.requests if not request.startswith(own)] == []
    assert watch.unexpected == []


@pytest.fixture
def desk(open_desk: Callable[..., Desk]) -> Desk:
    """The page, reading digits."""
    return open_desk("#alphabet=digits")


@contextmanager
def _serve(folder: Path, **environment: str) -> Iterator[Server]:
    port, database = _free_port(), f"sqlite:///{folder / 'feedback.sqlite'}"
    program = [sys.executable, "-m", "hdalr", "serve"]
    log = (folder / "log.txt").open("wb")
    process = subprocess.Popen(
        [*program, "--port", str(port), "--database", database],
        cwd=folder,
        env={**os.environ, **environment},
        stderr=log,
    )
    try:
        url = f"http://127.0.0.1:{port}/"
        _await_ready(process, url, folder / "log.txt")
        yield Server(url, database)
    finally:
        process.terminate()
        process.wait(20)
        log.close()


def _await_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    until = time.monotonic() + STARTED_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}readyz", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"hdalr serve did not get ready: {log.read_text()[-2000:]}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
