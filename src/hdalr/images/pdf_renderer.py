"""A program of its own that draws the pages of one PDF: PDF on stdin, pages on stdout.

A PDF is a program, too: some hundred bytes can ask for more marks than a computer draws in a
year, and no call of PDFium's can be ended from outside. So it runs here, where the clock and the
memory are limited, and where PDFium, which knows no threads, serves one file. `hdalr.images.pdf`
starts it and reads what it writes: for each page, a `HEADER` and its rows.

Limits need a POSIX system; on others a hostile file can take longer.
"""

from __future__ import annotations

import contextlib
import math
import signal
import struct
import sys
from collections.abc import Iterator
from typing import Any, NoReturn

# Kind of message, then (height, width, bytes a row) of a page, or (bytes, 0, 0) of a message.
HEADER = struct.Struct("<cIII")
PAGE, REFUSED, END = b"P", b"R", b"."
POINTS_PER_INCH = 72
MAX_PAGES = 1000
MAX_MEMORY_BYTES = 2 * 2**30
MAX_SIDE_PX = 65_500


def find_scale(width: float, height: float, resolution: int, max_pixels: int) -> float:
    """Pixels a point: what the resolution asks for, or less if the page would be too large.

    Examples
    --------
    >>> round(find_scale(72, 72, resolution=200, max_pixels=50_000_000) * 72)
    200
    >>> round(find_scale(14_400, 14_400, resolution=200, max_pixels=50_000_000) * 14_400)
    7062
    """
    room = max_pixels - 2 * MAX_SIDE_PX  # sides are rounded up
    area, longer = max(width * height, 1e-9), max(width, height, 1e-9)
    scale = min(resolution / POINTS_PER_INCH, math.sqrt(room / area), MAX_SIDE_PX / longer)
    return scale * (1 - 1e-6)  # or 30.000001 pixels become 31


def main() -> None:
    """Draw the PDF on stdin; arguments: resolution, and pixels and seconds a page at most."""
    resolution, max_pixels, max_seconds = map(int, sys.argv[1:])
    _limit_memory()
    content = sys.stdin.buffer.read()
    _limit_time(max_seconds)
    from pypdfium2 import PdfDocument, PdfiumError

    try:
        for header, rows in _draw(PdfDocument(content), resolution, max_pixels):
            _send(header, rows)
            _limit_time(max_seconds)
    except PdfiumError as error:
        _refuse(_reason(str(error)))
    except MemoryError:
        _refuse("a page takes too much memory to draw")
    _send(HEADER.pack(END, 0, 0, 0))


def _draw(document: Any, resolution: int, max_pixels: int) -> Iterator[tuple[bytes, Any]]:
    n_pages = len(document)
    if not 1 <= n_pages <= MAX_PAGES:
        _refuse(f"{n_pages} pages; expected 1 to {MAX_PAGES}")
    for number in range(n_pages):
        page = document[number]
        width, height = page.get_size()
        scale = find_scale(width, height, resolution, max_pixels)
        bitmap = page.render(scale=scale, grayscale=True)
        yield HEADER.pack(PAGE, bitmap.height, bitmap.width, bitmap.stride), bitmap.buffer
        bitmap.close()
        page.close()


def _reason(message: str) -> str:
    if "password" in message.lower():
        return "protected by a password; expected a PDF that opens without one"
    return f"no PDF, or a damaged one: {message}"


def _refuse(reason: str) -> NoReturn:
    content = reason.encode()
    _send(HEADER.pack(REFUSED, len(content), 0, 0), content)
    sys.exit(0)


def _send(header: bytes, content: Any = b"") -> None:
    _limit_time(0)  # whoever reads may take as long as it takes
    sys.stdout.buffer.write(header)
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def _limit_time(seconds: int) -> None:
    """Let the system end this program after so many seconds, even within PDFium; 0: never."""
    if hasattr(signal, "alarm"):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(seconds)


def _limit_memory() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, hard))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):  # whoever read has had enough
        main()
