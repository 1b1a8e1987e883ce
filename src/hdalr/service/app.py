"""The application: its parts put together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import numpy as np
from anyio import to_thread
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from hdalr import __version__
from hdalr.bundles import Bundle
from hdalr.errors import HdalrError
from hdalr.reading.alphabets import ALPHABETS
from hdalr.reading.reader import Reader
from hdalr.service import catalogue, feedback, health, reading
from hdalr.service.database import Store
from hdalr.service.desk import Desk
from hdalr.service.gate import Gate
from hdalr.service.meters import Metered, Meters
from hdalr.service.pages import add_pages
from hdalr.service.problems import answer_error
from hdalr.service.schema import ProblemShape
from hdalr.service.settings import Settings
from hdalr.service.work import Work

UVICORN = {  # how it is run
    "log_level": "warning",
    "access_log": False,
    "server_header": False,
    "timeout_graceful_shutdown": 8,  # seconds; Docker waits ten
}
DESCRIPTION = (
    "Reads pictures of handwriting: separate or touching characters, in fields and lines. "
    "Every answer says how sure it is; errors are problems (RFC 9457)."
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """Make the application that `hdalr serve` runs.

    Parameters
    ----------
    settings
        Default: the bundles that ship, no database, loopback only.

    Returns
    -------
    FastAPI
        The bundles are loaded and the database is opened here; nets are started with the
        application.

    Raises
    ------
    DataError, UnknownNameError
        If a bundle cannot be loaded.
    StorageError
        If the database cannot be opened.
    """
    settings = settings or Settings()
    reader = Reader(settings.models, together=True)
    bundles = reader.bundles
    store = None if settings.database is None else Store(settings.database)
    desk = Desk(settings.threads, settings.places)
    digests = {bundle.name: bundle.digest for bundle in bundles}
    work = Work(settings, reader, desk, Meters(desk), digests=digests)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await to_thread.run_sync(_start, reader, bundles)
        work.ready = True
        yield
        work.closing.set()
        desk.close()
        if store is not None:
            store.close()

    app = FastAPI(
        title="hdalr",
        version=__version__,
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,  # both pages would come from a foreign host
        redoc_url=None,
        middleware=[Middleware(Metered, meters=work.meters), Middleware(Gate, settings=settings)],
        exception_handlers={HTTPException: answer_error, HdalrError: answer_error},
    )
    app.include_router(reading.make_router(work))
    app.include_router(catalogue.make_router(work, bundles, store is not None))
    if store is not None:
        app.include_router(feedback.make_router(work, store))
    app.include_router(health.make_router(work, store))
    add_pages(app, settings.report)
    app.openapi = partial(_describe, app)  # type: ignore[method-assign]
    return app


def _start(reader: Reader, bundles: Sequence[Bundle]) -> None:
    """Start the nets and compile the usual requests: the first picture waits for nothing."""
    two = np.full((48, 96), 255, np.uint8)
    two[10:38, 20:26] = two[10:38, 60:66] = 0
    known = {label for bundle in bundles for label in bundle.labels}
    usual = ("digits", "alphanumeric", "devanagari")
    alphabets = [name for name in usual if known.issuperset(ALPHABETS[name])]
    for alphabet in (None, *alphabets):
        reader.read(two, alphabet=alphabet)
        reader.read(two, alphabet=alphabet, layout="character")


def _describe(app: FastAPI) -> dict[str, Any]:
    """The description of the interface, with problems as errors and the token as the way in."""
    if app.openapi_schema is None:
        content = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        shapes = content["components"]["schemas"]
        shapes.pop("HTTPValidationError", None)
        shapes.pop("ValidationError", None)
        shapes["ProblemShape"] = ProblemShape.model_json_schema()
        content["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        content["security"] = [{}, {"token": []}]
        for path in content["paths"].values():
            for method in path.values():
                if "HTTPValidationError" in str(method["responses"].get("422")):
                    del method["responses"]["422"]
        app.openapi_schema = content
    return app.openapi_schema
