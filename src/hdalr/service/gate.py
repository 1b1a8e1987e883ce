"""What every request passes: host, origin, token, size and time; and the headers of each answer.

Pure ASGI, so that a body that is too large is refused while it comes.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hdalr.service.problems import Problem, describe_error
from hdalr.service.settings import Settings

OPEN = frozenset(("/", "/healthz", "/readyz", "/report", "/openapi.json", "/v1/models"))
OPEN_FOLDER = "/static/"
SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))
HEADERS = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}  # unless the answer has its own


class Gate:
    """Lets through what may come in, and puts the headers on what goes out.

    Parameters
    ----------
    app
        What is behind it.
    settings
        Hosts, token, and limits of a request's body.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings
        self._token = None if settings.token is None else _digest(settings.token)
        self._held = _Held(settings.max_held_bytes)
        self._hosts = {name.lower() for name in settings.hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        begun = False

        async def send_with_headers(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        body = _Body(receive, self.settings, self._held)
        if scope["method"] == "HEAD":  # answered as GET; what sends it leaves the body away
            scope = {**scope, "method": "GET"}
        try:
            self._check(scope)
            await self.app(scope, body, send_with_headers)
        except ClientDisconnect:
            return  # nobody is there to be told
        except Exception as error:
            if begun:
                raise
            await describe_error(error).response()(scope, receive, send_with_headers)
        finally:
            body.let_go()

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        host = hosts[0] if len(hosts) == 1 else ""
        if not self._is_own(host):
            raise Problem(
                400,
                f"host {host!r:.100} is not served here; start the server with --allow-host for it",
            )
        origin = headers.get("origin")
        if origin is not None and scope["method"] not in SAFE_METHODS and not _same(origin, host):
            raise Problem(403, f"origin {origin!r:.100} is another site than {host!r:.100}")
        if not self._knows_token(scope["path"], headers.get("authorization", "")):
            raise Problem(
                401,
                "a token is needed: Authorization: Bearer TOKEN",
                {"www-authenticate": "Bearer"},
            )
        length = headers.get("content-length", "0")
        if length.isascii() and length.isdigit() and int(length) > self.settings.max_bytes:
            raise _too_large(self.settings)

    def _is_own(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname
        except ValueError:
            return False
        if "@" in host or "/" in host:
            return False
        return "*" in self._hosts or name in self._hosts

    def _knows_token(self, path: str, given: str) -> bool:
        if self._token is None or path in OPEN or path.startswith(OPEN_FOLDER):
            return True
        scheme, _, token = given.partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(_digest(token), self._token)


@dataclass
class _Held:
    """Bytes of all requests that are being received or answered."""

    most: int
    n_bytes: int = 0


class _Body:
    """A request's body as it comes, refused once it is too large or too slow."""

    def __init__(self, receive: Receive, settings: Settings, held: _Held) -> None:
        self._receive = receive
        self._settings = settings
        self._held = held
        self._left = settings.max_bytes
        self._until: float | None = None
        self._whole = False

    async def __call__(self) -> Message:
        if self._whole:  # what still comes is the end of the connection
            return await self._receive()
        now = asyncio.get_running_loop().time()
        if self._until is None:
            self._until = now + self._settings.body_seconds
        try:
            async with asyncio.timeout(max(0.0, self._until - now)):
                message = await self._receive()
        except TimeoutError:
            raise Problem(
                408, f"the body did not come in {self._settings.body_seconds:g} seconds"
            ) from None
        self._take(len(message.get("body", b"")))
        self._whole = not message.get("more_body", False)
        return message

    def let_go(self) -> None:
        """The request is answered: nothing of it is held any more."""
        self._held.n_bytes -= self._settings.max_bytes - self._left

    def _take(self, n_bytes: int) -> None:
        self._left -= n_bytes
        self._held.n_bytes += n_bytes
        if self._left < 0:
            raise _too_large(self._settings)
        if self._held.n_bytes > self._held.most:
            raise Problem(429, "too much is being uploaded; come again later", {"retry-after": "5"})


def _too_large(settings: Settings) -> Problem:
    return Problem(413, f"the request is larger than {settings.max_bytes} bytes")


def _digest(token: str) -> bytes:
    """Of equal length whatever is sent, so that comparing takes the same time."""
    return hashlib.sha256(token.encode("utf-8", errors="surrogateescape")).digest()


def _same(origin: str, host: str) -> bool:
    """Whether a page's origin is the host that it calls.

    Examples
    --------
    >>> _same("http://localhost:8000", "localhost:8000"), _same("null", "localhost:8000")
    (True, False)
    """
    scheme, _, there = origin.partition("://")
    return scheme in ("http", "https") and there.lower() == host.lower()
