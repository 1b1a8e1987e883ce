"""A real server in a thread, and pictures drawn for the purpose."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import requests
from PIL import Image

uvicorn = pytest.importorskip("uvicorn", reason="needs the extra serve")

from hdalr.service.app import UVICORN, create_app  # noqa: E402
from hdalr.service.settings import Settings  # noqa: E402


class Client:
    """Calls a server by its base URL."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.session = requests.Session()

    def __call__(self, method: str, path: str, **given: object) -> requests.Response:
        return self.session.request(method, self.base + path, timeout=30, **given)

    def read(self, picture: bytes, path: str = "/v1/read", **fields: str) -> requests.Response:
        return self("POST", path, files={"file": ("a.png", picture)}, data=fields)


@contextmanager
def run_server(settings: Settings) -> Iterator[Client]:
    """Serve on a free port of this machine until the end."""
    config = uvicorn.Config(create_app(settings), port=0, **UVICORN)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        client = Client(f"http://127.0.0.1:{port}")
        yield client
        client.session.close()
    finally:
        server.should_exit = True
        thread.join(20)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """One server for many tests, with a database."""
    folder = tmp_path_factory.mktemp("server")
    with run_server(Settings(database=f"sqlite:///{folder / 'kept.sqlite'}")) as client:
        yield client


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Client]]:
    """Start a server with other settings."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        url = f"sqlite:///{tmp_path / 'kept.sqlite'}"

        def start(**changes: object) -> Client:
            settings = replace(Settings(database=url), **changes)  # type: ignore[arg-type]
            return stack.enter_context(run_server(settings))

        yield start


def draw(text: str, kind: str = ".png", scale: float = 1.8) -> bytes:
    """A picture file with a text in OpenCV's plain strokes."""
    (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, 4)
    page = np.full((height + 40, width + 40), 255, np.uint8)
    cv2.putText(page, text, (20, height + 20), cv2.FONT_HERSHEY_SIMPLEX, scale, 0, 4, cv2.LINE_AA)
    return cv2.imencode(kind, page)[1].tobytes()


def draw_tiff(*texts: str) -> bytes:
    """A TIFF with a page a text."""
    file = io.BytesIO()
    first, *others = (Image.open(io.BytesIO(draw(text))) for text in texts)
    first.save(file, "TIFF", save_all=True, append_images=others)
    return file.getvalue()
