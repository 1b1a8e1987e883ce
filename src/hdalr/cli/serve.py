"""`hdalr serve`: the reader behind HTTP, with a page to write on."""

from __future__ import annotations

import os
import socket
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from hdalr.service.settings import Settings

TOKEN = "HDALR_TOKEN"  # name of a variable
SHORTEST_TOKEN = 16
MOST_TOKEN_BYTES = 4096


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any that is free.")] = 8000,
    database: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Of the corrections: sqlite:///FILE or postgresql://... Default: "
            "HDALR_DATABASE_URL, or a file in the user's data folder.",
        ),
    ] = None,
    feedback: Annotated[
        bool, typer.Option("--feedback/--no-feedback", help="Whether corrections can be kept.")
    ] = True,
    token_file: Annotated[
        Path | None,
        typer.Option(metavar="F", help=f"File with the token that clients send; or {TOKEN}."),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Further name that the server is addressed by, as behind a proxy; '*': any.",
        ),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(metavar="BUNDLE", help="Name or folder of a bundle; several times for more."),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Comparison to show. Default: the newest results/*/report.html."
        ),
    ] = None,
    threads: Annotated[
        int, typer.Option(min=1, max=256, help="Pictures worked on at the same time.")
    ] = 4,
    queue: Annotated[
        int, typer.Option(min=1, max=100_000, help="Pictures that may be at work or wait.")
    ] = 64,
    max_bytes: Annotated[
        int, typer.Option(min=1000, max=200_000_000, help="Of a request.")
    ] = 20_000_000,
    max_pixels: Annotated[
        int, typer.Option(min=1000, max=50_000_000, help="Of a page.")
    ] = 20_000_000,
) -> None:
    """Serve a page to write on, and an interface for programs, until Ctrl-C.

    GET /openapi.json describes the interface.
    """
    from hdalr.errors import require_extra

    uvicorn = require_extra("uvicorn")
    for module in ("fastapi", "python_multipart", "prometheus_client", "sqlalchemy", "alembic"):
        require_extra(module)
    from hdalr.service.settings import LOOPBACK, Settings

    settings = Settings(
        models=tuple(model or ()),
        database=_database(database) if feedback else None,
        token=_token(token_file),
        hosts=(*LOOPBACK, host, *(allow_host or ())),
        report=report or _newest_report(),
        threads=threads,
        places=queue,
        max_bytes=max_bytes,
        max_pixels=max_pixels,
    )
    _check(settings, host, report)
    import cv2

    from hdalr.service.app import UVICORN, create_app

    cv2.setNumThreads(1)  # the pictures are what is spread over the cores
    warnings.filterwarnings("ignore", module="PIL")  # of damaged pictures: the client is told
    with _listen(host, port) as listening:
        app = create_app(settings)
        name = f"[{host}]" if ":" in host else host
        typer.echo(f"http://{name}:{listening.getsockname()[1]}/  (Ctrl-C ends it)", err=True)
        uvicorn.Server(uvicorn.Config(app, **UVICORN)).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    """A socket that listens, made before the models are loaded: a taken port is told at once."""
    from hdalr.errors import ParameterError

    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.create_server(address[:2], family=family, backlog=2048)
    except OSError as error:
        raise ParameterError(
            f"cannot listen on {host}, port {port}: {error.strerror or error}; choose another "
            "--host or --port"
        ) from error
    listening.set_inheritable(True)
    return listening


def _database(url: str | None) -> str:
    from hdalr.service.database import default_url

    return url or default_url()


def _token(path: Path | None) -> str | None:
    """The token from its file or the environment, without the line's end."""
    from hdalr.errors import DataError, ParameterError

    if path is None:
        given, where = os.environ.get(TOKEN), TOKEN
        if given is None:
            return None
    else:
        from hdalr.storage import read_limited

        where = str(path)
        try:
            given = read_limited(path, MOST_TOKEN_BYTES, "a token").decode("ascii")
        except UnicodeDecodeError as error:
            raise DataError(f"{path}: no ASCII text; expected a token") from error
    token = given.strip()
    if len(token) < SHORTEST_TOKEN or not token.isascii() or " " in token:
        raise ParameterError(
            f"{where}: the token has {len(token)} characters; expected at least "
            f"{SHORTEST_TOKEN} of ASCII without blanks, e.g. from: openssl rand -hex 32"
        )
    return token


def _newest_report() -> Path | None:
    reports = sorted(Path("results").glob("*/report.html"), key=lambda path: path.stat().st_mtime)
    return reports[-1] if reports else None


def _check(settings: Settings, host: str, report: Path | None) -> None:
    from hdalr.errors import ParameterError
    from hdalr.service.settings import LOOPBACK

    if report is not None and not report.is_file():
        raise ParameterError(f"--report {report}: no such file; hdalr compare writes one")
    if host not in LOOPBACK and settings.token is None:
        typer.echo(
            f"warning: whoever reaches {host} can use this server; set --token-file", err=True
        )
