"""What a server is started with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Settings:
    """Limits, secrets and places of a server.

    Attributes
    ----------
    models
        Names or folders of the bundles to read with; empty: those that ship.
    database
        URL of the corrections' database; None: no corrections are kept.
    token
        What a client has to send as ``Authorization: Bearer TOKEN``; None: nothing.
    hosts
        Names by which the server may be addressed (``Host``), without ports; ``"*"``: any.
    report
        HTML file that is shown as the comparison report.
    threads
        Pictures that are worked on at the same time.
    places
        Pictures that may wait or be worked on; who comes then is told to come later.
    max_bytes
        Of a request.
    max_held_bytes
        Of all requests that are being received or answered.
    max_pixels
        Of a page.
    max_pictures, max_pages, max_batch_pages
        Pictures of a batch, pages of each, pages of all.
    body_seconds
        In which a request's body has to come.
    """

    models: tuple[str, ...] = ()
    database: str | None = None
    token: str | None = None
    hosts: tuple[str, ...] = LOOPBACK
    report: Path | None = None
    threads: int = 4
    places: int = 64
    max_bytes: int = 20_000_000
    max_held_bytes: int = 400_000_000
    max_pixels: int = 20_000_000
    max_pictures: int = 32
    max_pages: int = 20
    max_batch_pages: int = 64
    body_seconds: float = 30.0
