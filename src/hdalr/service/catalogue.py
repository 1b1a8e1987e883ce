"""``/v1/models``: what this server can do."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter
from starlette.responses import Response

from hdalr.bundles import Bundle
from hdalr.reading.alphabets import ALPHABETS
from hdalr.reading.checks import CHECKS
from hdalr.service import schema
from hdalr.service.reading import answer_json
from hdalr.service.work import Work


def make_router(work: Work, bundles: Sequence[Bundle], feedback: bool) -> APIRouter:
    """The route that tells it."""
    router = APIRouter(prefix="/v1", tags=["reading"])
    known = {label for bundle in bundles for label in bundle.labels}
    content = {
        "models": [_describe(bundle) for bundle in bundles],
        "alphabets": {
            name: "".join(labels) for name, labels in ALPHABETS.items() if known.issuperset(labels)
        },
        "checks": list(CHECKS),
        "feedback": feedback,
        "token": work.settings.token is not None,
    }

    @router.get(
        "/models",
        summary="Models, alphabets, checks",
        responses={200: {"model": schema.ModelsShape}, **schema.problems()},
    )
    async def models() -> Response:
        return answer_json(content)

    return router


def _describe(bundle: Bundle) -> dict[str, object]:
    return {
        "name": bundle.name,
        "kind": bundle.kind,
        "labels": list(bundle.labels),
        "digest": bundle.digest,
        "licence": bundle.manifest.licence,
        "limits": list(bundle.manifest.limits),
    }
