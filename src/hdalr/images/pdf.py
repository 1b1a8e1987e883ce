"""PDF: its pages, drawn one at a time."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import numpy as np

from hdalr.errors import DataError, ParameterError
from hdalr.images.grey import Grey
from hdalr.images.pdf_renderer import END, HEADER, PAGE, REFUSED
from hdalr.images.picture import MAX_PIXELS

RESOLUTION = 200  # pixels an inch
MAX_RESOLUTION = 2400
MAX_SECONDS = 30  # a page
START = 1024  # bytes in which a PDF's signature may stand (PDF 1.7, appendix H, note 13)


def is_pdf(content: bytes) -> bool:
    """Whether a file begins as a PDF does.

    Examples
    --------
    >>> is_pdf(b"%PDF-1.7 ..."), is_pdf(b"Dear Sirs")
    (True, False)
    """
    return b"%PDF-" in content[:START]


def pdf_pages(
    content: bytes, where: str, resolution: int = RESOLUTION, most_pixels: int = MAX_PIXELS
) -> Iterator[Grey]:
    """Draw the pages of a PDF with PDFium, as they are asked for.

    PDFium runs in a process of its own, with 30 seconds a page and 2 GiB of memory where the
    system can limit them. That ends with the last page, or when the iterator is closed.

    Parameters
    ----------
    content
        A PDF file.
    where
        What the messages call it.
    resolution
        Pixels an inch, 1 to 2,400.
    most_pixels
        A page that would have more is drawn smaller, so that it has not.

    Yields
    ------
    grey
        uint8, shape (height, width).

    Raises
    ------
    DataError
        If the file is damaged, asks for a password, has no page or more than 1,000, or a page
        takes too much time or memory.
    ParameterError
        If `resolution` is out of its range.
    """
    if not 1 <= resolution <= MAX_RESOLUTION:
        raise ParameterError(
            f"resolution={resolution!r} is not allowed; choose an integer from 1 to "
            f"{MAX_RESOLUTION}, pixels an inch"
        )
    renderer = _start_renderer(resolution, most_pixels, where)
    try:
        _give(renderer, content)
        while (page := _next_page(renderer, where)) is not None:
            yield page
    finally:
        _end(renderer)


def _start_renderer(resolution: int, most_pixels: int, where: str) -> subprocess.Popen[bytes]:
    limits = [str(int(resolution)), str(most_pixels), str(MAX_SECONDS)]
    try:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "hdalr.images.pdf_renderer", *limits],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # The same packages, wherever this process found them; no secrets of a server.
            env={name: value for name, value in os.environ.items() if not name.startswith("HDALR_")}
            | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
    except OSError as error:
        raise DataError(f"{where}: no process can be started to draw a PDF: {error}") from error


def _give(renderer: subprocess.Popen[bytes], content: bytes) -> None:
    assert renderer.stdin is not None
    with contextlib.suppress(BrokenPipeError), renderer.stdin:
        renderer.stdin.write(content)


def _next_page(renderer: subprocess.Popen[bytes], where: str) -> Grey | None:
    assert renderer.stdout is not None
    header = renderer.stdout.read(HEADER.size)
    kind, height, width, row_bytes = (
        HEADER.unpack(header) if len(header) == HEADER.size else (b"", 0, 0, 0)
    )
    if kind == END:
        return None
    if kind == REFUSED:
        raise DataError(f"{where}: {renderer.stdout.read(height).decode()}")
    rows = renderer.stdout.read(height * row_bytes) if kind == PAGE else b""
    if not rows or len(rows) < height * row_bytes:
        raise DataError(f"{where}: {_why_it_ended(renderer)}")
    return np.frombuffer(rows, np.uint8).reshape(height, row_bytes)[:, :width].copy()


def _why_it_ended(renderer: subprocess.Popen[bytes]) -> str:
    if -renderer.wait() == getattr(signal, "SIGALRM", None):
        return f"a page takes more than {MAX_SECONDS} seconds to draw"
    return "a page cannot be drawn: PDFium failed, or ran out of memory"


def _end(renderer: subprocess.Popen[bytes]) -> None:
    renderer.kill()
    renderer.wait()
    for pipe in (renderer.stdin, renderer.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
