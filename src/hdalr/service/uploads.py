"""Forms that come in: the picture and the options beside it, checked one by one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from hdalr.images.container import find_format
from hdalr.images.pdf import is_pdf
from hdalr.reading.request import Options
from hdalr.service.problems import Problem

TYPE = "multipart/form-data"
MAX_FIELDS = 16
MAX_FIELD_BYTES = 400_000  # a lexicon, a reading
MAX_WORDS, MAX_LEXICON = 10_000, 100_000  # the latter in characters: each costs 150 bytes
MAX_LENGTH = 1_000  # characters of any other option
OPTION_FIELDS = (
    *("alphabet", "pattern", "lexicon", "check", "max_error", "as", "case", "merge", "n_best"),
    "engine",
)


@dataclass(frozen=True)
class Upload:
    """A file as it came, in memory or on the disk; its name is only told back."""

    name: str
    file: BinaryIO

    def read(self) -> bytes:
        """The bytes, if they begin as a picture or a PDF does.

        Raises
        ------
        Problem
            415 if not.
        """
        content = self.file.read()
        if find_format(content) is None and not is_pdf(content):
            found = "no picture" if content else "empty, zero bytes"
            raise Problem(
                415, f"file: {found}; expected BMP, GIF, JPEG, PNG, PPM, TIFF, WebP or PDF"
            )
        return content


@asynccontextmanager
async def open_form(request: Request, n_files: int = 1) -> AsyncIterator[FormData]:
    """The request's form.

    Raises
    ------
    Problem
        415 if it is no form, 413 if a field is too large, 422 if it is broken or has too much.
    """
    given = request.headers.get("content-type", "")
    kind, parameters = parse_options_header(given)
    if kind.decode("latin-1") != TYPE:
        raise Problem(415, f"content type {given!r:.100}; expected {TYPE} with a field 'file'")
    charset = parameters.get(b"charset", b"utf-8").decode("latin-1")
    if charset.lower() not in ("utf-8", "utf8"):  # some codecs take minutes
        raise Problem(415, f"charset {charset!r:.100}; expected utf-8")
    parsed = request.form(max_files=n_files, max_fields=MAX_FIELDS, max_part_size=MAX_FIELD_BYTES)
    try:
        form = await parsed
    except Problem:
        raise
    except HTTPException as error:  # starlette's word on a broken form
        if "maximum size" in error.detail:
            raise Problem(413, f"a field is larger than {MAX_FIELD_BYTES} bytes") from error
        raise Problem(422, f"the form cannot be read: {error.detail}") from error
    except (ValueError, KeyError, LookupError) as error:  # a charset that there is not, e.g.
        raise Problem(422, f"the form cannot be read: {error}") from error
    try:
        yield form
    finally:
        await form.close()


def take_files(form: FormData, most: int = 1) -> list[Upload]:
    """The files under ``file``, to be read while the form is open.

    Raises
    ------
    Problem
        422 if there is none, or more than may be.
    """
    given = form.getlist("file")
    if not 1 <= len(given) <= most:
        wanted = "one picture" if most == 1 else f"1 to {most} pictures"
        raise Problem(422, f"{len(given)} fields 'file'; expected {wanted}")
    uploads = []
    for number, one in enumerate(given, start=1):
        if not isinstance(one, UploadFile):
            raise Problem(422, "the field 'file' is a text; expected a file with a filename")
        uploads.append(Upload(one.filename or f"file {number}", one.file))
    return uploads


def take_texts(form: FormData, allowed: Collection[str]) -> dict[str, str]:
    """The form's other fields; those left empty count as not given.

    Raises
    ------
    Problem
        422 if one is not among the allowed, comes twice, or is a file.
    """
    texts: dict[str, str] = {}
    for name, value in form.multi_items():
        if name == "file":
            continue
        if name not in allowed:
            raise Problem(422, f"unknown field {name!r:.100}; choices: file, {', '.join(allowed)}")
        if not isinstance(value, str):
            raise Problem(422, f"the field {name!r} is a file; expected a text")
        if name in texts:
            raise Problem(422, f"the field {name!r} comes twice; expected it once")
        texts[name] = value
    return {name: text for name, text in texts.items() if text}


def read_options(texts: Mapping[str, str]) -> Options:
    """The options of `hdalr.Reader.read` from fields of a form, or of a JSON object.

    Raises
    ------
    Problem
        422 if a number is none, or something is too long. What the reader itself does not allow
        is told when it reads.
    """
    options: dict[str, Any] = {}
    for name, text in texts.items():
        if name not in OPTION_FIELDS:
            continue
        if name == "lexicon":
            options[name] = _words(text)
            continue
        if len(text) > MAX_LENGTH:
            raise Problem(422, f"{name} has {len(text)} characters; expected at most {MAX_LENGTH}")
        options["layout" if name == "as" else name] = _CONVERT.get(name, _text)(name, text)
    return cast(Options, options)


def read_flag(name: str, text: str) -> bool:
    """``true`` or ``false``.

    Raises
    ------
    Problem
        422 if it is another word.
    """
    if text not in ("true", "false"):
        raise Problem(422, f"{name}={text!r:.80} is not allowed; expected true or false")
    return text == "true"


def read_count(name: str, text: str, least: int = 0) -> int:
    """A whole number.

    Raises
    ------
    Problem
        422 if it is none, or less than ``least``.
    """
    if not (text.isascii() and text.isdigit() and len(text) < 10) or int(text) < least:
        wanted = f"a whole number from {least}" if least else "a whole number"
        raise Problem(422, f"{name}={text!r:.80} is not allowed; expected {wanted}")
    return int(text)


def _words(text: str) -> tuple[str, ...]:
    words = tuple(line.strip() for line in text.splitlines() if line.strip())
    if len(words) > MAX_WORDS:
        raise Problem(422, f"lexicon has {len(words)} words; expected at most {MAX_WORDS}")
    length = sum(map(len, words))
    if length > MAX_LEXICON:
        raise Problem(422, f"lexicon has {length} characters; expected at most {MAX_LEXICON}")
    return words


def _text(_: str, text: str) -> str:
    return text


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise Problem(422, f"{name}={text!r:.80} is not allowed; expected a number") from None


_CONVERT = {"max_error": _number, "n_best": read_count, "merge": read_flag}
