"""``/v1/read`` and ``/v1/read/batch``: pictures in, readings out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request
from starlette.responses import Response

from hdalr.service import schema
from hdalr.service.desk import first
from hdalr.service.problems import Problem
from hdalr.service.uploads import (
    OPTION_FIELDS,
    open_form,
    read_flag,
    read_options,
    take_files,
    take_texts,
)
from hdalr.service.work import Extras, PageRoom, Work

PROBLEMS = schema.problems(403, 408, 413, 415, 422, 429, 503)


def make_router(work: Work) -> APIRouter:
    """The routes that read."""
    router = APIRouter(prefix="/v1/read", tags=["reading"])
    most = min(work.settings.max_pictures, work.settings.places)

    @router.post(
        "",
        summary="Read a picture",
        responses={200: {"model": schema.ReadingShape}, **PROBLEMS},
        openapi_extra=schema.form({**schema.READ_FIELDS, **schema.SEEN}),
    )
    async def read(request: Request) -> Response:
        _check_ready(work)
        async with open_form(request) as form:
            (upload,) = take_files(form)
            texts = take_texts(form, (*OPTION_FIELDS, "seen"))
            options, extras = read_options(texts), _read_extras(texts)
            record = first(await work.desk.do(partial(work.read, upload, options, extras)))
        return answer_json(record)

    @router.post(
        "/batch",
        summary="Read several pictures, all of their pages",
        responses={200: {"model": schema.BatchShape}, **PROBLEMS},
        openapi_extra=schema.form(
            {**schema.READ_FIELDS, **schema.SEEN, **schema.PREVIEW}, n_files=most
        ),
    )
    async def read_batch(request: Request) -> Response:
        _check_ready(work)
        async with open_form(request, most) as form:
            uploads = take_files(form, most)
            texts = take_texts(form, (*OPTION_FIELDS, "seen", "preview"))
            options, extras = read_options(texts), _read_extras(texts)
            # An option that is not allowed is no file's own fault.
            await work.desk.do(partial(work.reader.prepare, **options))
            room = PageRoom(work.settings.max_batch_pages)
            jobs = (partial(work.read_all, upload, options, extras, room) for upload in uploads)
            lists = await work.desk.do(*jobs)
        content = {"results": [record for records in lists for record in records]}
        return await to_thread.run_sync(answer_json, content)  # previews are long

    return router


def answer_json(content: Any, status: int = 200, **headers: str) -> Response:
    """Plain values as JSON."""
    body = json.dumps(content, ensure_ascii=False, allow_nan=False).encode()
    return Response(body, status, headers, "application/json")


def _read_extras(texts: Mapping[str, str]) -> Extras:
    seen, preview = (read_flag(name, texts.get(name, "false")) for name in ("seen", "preview"))
    return Extras(seen, preview)


def _check_ready(work: Work) -> None:
    if not work.ready:
        raise Problem(503, "the models are being loaded", {"retry-after": "1"})
