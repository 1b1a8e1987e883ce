"""Whether the server lives, is ready, and how it fares."""

from __future__ import annotations

from anyio import to_thread
from fastapi import APIRouter
from starlette.responses import Response

from hdalr.errors import StorageError
from hdalr.service import schema
from hdalr.service.database import Store
from hdalr.service.meters import CONTENT_TYPE
from hdalr.service.problems import Problem
from hdalr.service.reading import answer_json
from hdalr.service.work import Work

STATUS = {"content": {"application/json": {"example": {"status": "ok"}}}, "description": "Yes."}
METRICS = {"content": {"text/plain": {}}, "description": "Prometheus's text format."}


def make_router(work: Work, store: Store | None) -> APIRouter:
    """``/healthz``, ``/readyz``, ``/metrics``."""
    router = APIRouter(tags=["running"])

    @router.get("/healthz", summary="Whether it lives", responses={200: STATUS})
    async def healthz() -> Response:
        return answer_json({"status": "ok"})

    @router.get(
        "/readyz",
        summary="Whether it can read, and keep corrections",
        responses={200: STATUS, **schema.problems(503)},
    )
    async def readyz() -> Response:
        if not work.ready:
            raise Problem(503, "the models are being loaded", {"retry-after": "1"})
        if store is not None:
            try:
                await to_thread.run_sync(store.check)
            except StorageError as error:
                raise Problem(503, str(error)) from error
        return answer_json({"status": "ok"})

    @router.get(
        "/metrics",
        summary="Counters",
        responses={200: METRICS, **schema.problems()},
        response_class=Response,
    )
    async def metrics() -> Response:
        return Response(work.meters.write(), headers={"content-type": CONTENT_TYPE})

    return router
