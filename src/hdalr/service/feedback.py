"""``/v1/feedback``: corrections, kept with consent, shown and deleted again."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request
from starlette.responses import Response

from hdalr.service import schema
from hdalr.service.database import Correction, NewCorrection, Store
from hdalr.service.desk import first
from hdalr.service.problems import Problem
from hdalr.service.reading import answer_json
from hdalr.service.uploads import MAX_LENGTH, open_form, read_count, take_files, take_texts
from hdalr.service.work import Work

FIELDS = tuple(schema.FEEDBACK_FIELDS)
MAX_JSON = 300_000  # characters of a reading


def make_router(work: Work, store: Store) -> APIRouter:
    """The routes that keep corrections."""
    router = APIRouter(prefix="/v1/feedback", tags=["corrections"])

    @router.post(
        "",
        status_code=201,
        summary="Keep a correction",
        responses={
            201: {"model": schema.KeptShape},
            **schema.problems(403, 408, 413, 415, 422, 429, 503),
        },
        openapi_extra=schema.form(schema.FEEDBACK_FIELDS, ["text", "consent"]),
    )
    async def keep(request: Request) -> Response:
        async with open_form(request) as form:
            (upload,) = take_files(form)
            texts = take_texts(form, FIELDS)
            text = _take_text(texts)
            reading, options = (_take_object(name, texts) for name in ("reading", "options"))
            number = read_count("page", texts["page"], 1) if "page" in texts else None
            picture = first(await work.desk.do(partial(work.picture_of, upload, number)))
        new = NewCorrection(picture, text, reading, options or {}, dict(work.digests))
        kept = await to_thread.run_sync(store.add, new)
        work.meters.corrections.inc()
        return answer_json(_kept(kept), 201, location=f"{router.prefix}/{kept.id}")

    @router.get(
        "/{id}",
        summary="What is kept of a correction",
        responses={200: {"model": schema.CorrectionShape}, **schema.problems(404, 503)},
    )
    async def show(id: str) -> Response:
        correction = await to_thread.run_sync(store.get, id)
        if correction is None:
            raise _unknown(id)
        return answer_json(
            {
                **_kept(correction),
                "text": correction.text,
                "reading": correction.reading,
                "options": dict(correction.options),
                "models": dict(correction.models),
                "picture_bytes": len(correction.picture),
            }
        )

    @router.delete(
        "/{id}",
        status_code=204,
        response_class=Response,
        summary="Delete a correction",
        responses=schema.problems(403, 404, 503),
    )
    async def delete(id: str) -> Response:
        if not await to_thread.run_sync(store.delete, id):
            raise _unknown(id)
        return Response(status_code=204)

    return router


def _kept(correction: Correction) -> dict[str, Any]:
    return {"id": correction.id, "created": correction.created.isoformat()}


def _take_text(texts: dict[str, str]) -> str:
    if texts.get("consent") != "true":
        raise Problem(422, "nothing is kept without consent; expected consent=true")
    text = texts.get("text", "").replace("\r\n", "\n")  # forms are sent with CR LF
    if not text.strip():
        raise Problem(422, "text is missing; expected what the picture really says")
    if len(text) > MAX_LENGTH:
        raise Problem(422, f"text has {len(text)} characters; expected at most {MAX_LENGTH}")
    if any(not c.isprintable() and c not in "\n\u200c\u200d" for c in text):
        raise Problem(422, "text holds control characters; expected what can be written")
    return text


def _take_object(name: str, texts: dict[str, str]) -> dict[str, Any] | None:
    text = texts.get(name)
    if text is None:
        return None
    if len(text) > MAX_JSON:
        raise Problem(422, f"{name} has {len(text)} characters; expected at most {MAX_JSON}")
    try:
        content = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise Problem(422, f"{name} is no JSON: {error!s:.100}") from None
    if not isinstance(content, dict):
        raise Problem(422, f"{name} is a {type(content).__name__}; expected a JSON object")
    return content


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no JSON number")


def _unknown(id: str) -> Problem:
    return Problem(404, f"there is no correction {id!r:.80}")
