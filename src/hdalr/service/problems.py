"""Errors as clients get them: RFC 9457, ``application/problem+json``."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from hdalr.errors import DataError, HdalrError, ParameterError, StorageError, UnknownNameError

MEDIA_TYPE = "application/problem+json"
LONGEST = 500  # characters of a detail
log = logging.getLogger(__name__)

# The first class that fits, from the top.
STATUS_OF: Mapping[type[HdalrError], int] = {
    DataError: 422,
    ParameterError: 422,
    UnknownNameError: 422,
    StorageError: 503,
}


class Problem(HTTPException):
    """What is wrong with a request, in words for who sent it."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, detail[:LONGEST], dict(headers or {}))

    def to_dict(self) -> dict[str, Any]:
        """The fields of RFC 9457, section 3.1.

        Examples
        --------
        >>> Problem(415, "file: no picture").to_dict()["title"]
        'Unsupported Media Type'
        """
        return {
            "type": "about:blank",
            "title": HTTPStatus(self.status_code).phrase,
            "status": self.status_code,
            "detail": self.detail,
        }

    def response(self) -> Response:
        """The answer to the request."""
        body = json.dumps(self.to_dict(), ensure_ascii=False).encode()
        return Response(body, self.status_code, self.headers, MEDIA_TYPE)


def describe_error(error: Exception) -> Problem:
    """What to answer for an error; of one that nobody foresaw, nothing is given away."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, HTTPException):  # of the framework: no such place, no such method
        return Problem(error.status_code, str(error.detail), error.headers)
    for kind, status in STATUS_OF.items():
        if isinstance(error, kind):
            return Problem(status, str(error))
    log.error("a request failed", exc_info=error)
    return Problem(500, "the server failed; its log says more")


async def answer_error(_: Request, error: Exception) -> Response:
    """The handler of all errors."""
    return describe_error(error).response()
