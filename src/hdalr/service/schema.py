"""The shapes of what comes in and goes out, for the description of the interface (OpenAPI 3.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from hdalr.reading.alphabets import ALPHABETS
from hdalr.reading.checks import CHECKS
from hdalr.reading.choices import Case, Engine, Layout
from hdalr.reading.result import Reason
from hdalr.service.problems import MEDIA_TYPE
from hdalr.service.uploads import MAX_LENGTH, TYPE


class Shape(BaseModel):
    """A JSON object with these fields and no others."""

    model_config = ConfigDict(extra="forbid")


class ProblemShape(Shape):
    """What is wrong (RFC 9457)."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Unsupported Media Type"])
    status: int = Field(examples=[415])
    detail: str = Field(examples=["file: no picture; expected BMP, GIF, JPEG, PNG or PDF"])


class CharacterShape(Shape):
    """One character of a reading."""

    text: str = Field(examples=["7"])
    box: list[int] = Field(
        min_length=4,
        max_length=4,
        description="left, top, right, bottom",
        examples=[[4, 2, 20, 30]],
    )
    confidence: float = Field(ge=0, le=1, examples=[0.98])
    alternatives: list[tuple[str, float]] = Field(examples=[[["7", 0.98], ["1", 0.01]]])


class SeenShape(Shape):
    """What the nets saw: PNG pictures as data URIs."""

    line: str | None
    characters: list[str]


class ReadingShape(Shape):
    """What one picture says."""

    text: str = Field(examples=["90210"])
    accepted: bool = Field(examples=[True])
    reason: Reason | None = Field(description="why it is not accepted", examples=[None])
    confidence: float = Field(ge=0, le=1, examples=[0.97])
    characters: list[CharacterShape]
    model: str = Field(examples=["strings+digits"])
    timings: dict[str, float] = Field(description="milliseconds a step", examples=[{"ink": 0.4}])
    alternatives: list[tuple[str, float]] | None = Field(
        None, description="whole texts, if n_best is above 1"
    )
    width: int = Field(description="of the picture, in pixels", examples=[320])
    height: int = Field(examples=[64])
    seen: SeenShape | None = Field(None, description="if it was asked for")


class PageShape(ReadingShape):
    """What one page of a batch says."""

    file: str
    page: int
    preview: str | None = Field(
        None, description="if it was asked for: the page, a PNG picture as a data URI"
    )


class FailureShape(Shape):
    """A file of a batch that could not be read."""

    file: str
    error: ProblemShape


class BatchShape(Shape):
    """A record a page, in the order of the files."""

    results: list[PageShape | FailureShape]


class ModelShape(Shape):
    """A bundle that reads."""

    name: str
    kind: Literal["characters", "lines"]
    labels: list[str]
    digest: str = Field(description="SHA-256")
    licence: str
    limits: list[str]


class ModelsShape(Shape):
    """What this server can do."""

    models: list[ModelShape]
    alphabets: dict[str, str] = Field(description="name to its characters")
    checks: list[str]
    feedback: bool = Field(description="whether corrections can be kept")
    token: bool = Field(description="whether one is needed")


class KeptShape(Shape):
    """A correction that is kept."""

    id: str
    created: str = Field(description="ISO 8601, UTC")


class CorrectionShape(KeptShape):
    """What is kept of a correction, without the picture's bytes."""

    text: str
    reading: dict[str, Any] | None
    options: dict[str, Any]
    models: dict[str, str]
    picture_bytes: int


FILE = {"type": "string", "format": "binary", "description": "PNG, JPEG, TIFF, BMP, WebP, PDF ..."}
FLAG = {"type": "string", "enum": ["true", "false"]}
READ_FIELDS: dict[str, Any] = {
    "alphabet": {
        "type": "string",
        "maxLength": MAX_LENGTH,
        "description": f"{', '.join(ALPHABETS)}, or chars: and the characters",
        "examples": ["digits"],
    },
    "pattern": {
        "type": "string",
        "maxLength": MAX_LENGTH,
        "description": "a regular expression that the whole text fits",
        "examples": [r"\d{5}(-\d{4})?"],
    },
    "lexicon": {"type": "string", "description": "words, one a line, one of which the text is"},
    "check": {"type": "string", "enum": list(CHECKS)},
    "max_error": {
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": 1,
        "description": "accept only what keeps the share of wrong readings below this",
    },
    "as": {"type": "string", "enum": [layout.value for layout in Layout]},
    "case": {"type": "string", "enum": [case.value for case in Case]},
    "merge": FLAG,
    "n_best": {"type": "integer", "minimum": 1, "maximum": 1000},
    "engine": {"type": "string", "enum": [engine.value for engine in Engine]},
}
SEEN = {"seen": {**FLAG, "description": "whether to show what the nets saw"}}
PREVIEW = {"preview": {**FLAG, "description": "whether to show each page as it was read"}}
FEEDBACK_FIELDS: dict[str, Any] = {
    "text": {"type": "string", "minLength": 1, "description": "what the picture really says"},
    "consent": {"type": "string", "enum": ["true"], "description": "that picture and text be kept"},
    "reading": {"type": "string", "description": "the JSON that /v1/read gave"},
    "options": {"type": "string", "description": "the options of the reading, a JSON object"},
    "page": {
        "type": "integer",
        "minimum": 1,
        "description": "which page of the file: it is kept, as a PNG picture, and not the file",
    },
}


def form(
    fields: Mapping[str, Any], required: Sequence[str] = (), n_files: int = 1
) -> dict[str, Any]:
    """The description of a form with one file or up to ``n_files``, for ``openapi_extra``."""
    files = FILE if n_files == 1 else {"type": "array", "items": FILE, "maxItems": n_files}
    schema = {
        "type": "object",
        "properties": {"file": files, **fields},
        "required": ["file", *required],
        "additionalProperties": False,
    }
    return {"requestBody": {"required": True, "content": {TYPE: {"schema": schema}}}}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The description of answers that are problems, for ``responses``."""
    schema = {"$ref": "#/components/schemas/ProblemShape"}
    return {
        status: {"description": _SAID[status], "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in (400, 401, *statuses)
    }


_SAID = {
    400: "The host is not served here.",
    401: "A token is needed, or another one.",
    403: "The request comes from another site.",
    404: "There is no such thing.",
    408: "The body did not come in time.",
    413: "The request is too large.",
    415: "Not a form, or the file is no picture.",
    422: "The picture cannot be decoded, or an option is not allowed.",
    429: "Too many pictures wait; Retry-After says when to come again.",
    500: "The server failed.",
    503: "Not ready, or the database does not answer.",
}
