"""The work behind the routes, done in the desk's threads: pictures to plain values for JSON."""

from __future__ import annotations

import base64
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from threading import BoundedSemaphore, Event, Lock
from typing import Any

import cv2
import numpy as np

from hdalr.images.door import Page, open_pages
from hdalr.images.picture import Picture, shrink
from hdalr.reading.reader import Reader
from hdalr.reading.request import Options
from hdalr.reading.result import Reading
from hdalr.reading.seen import see
from hdalr.service.desk import Desk
from hdalr.service.meters import Meters
from hdalr.service.problems import Problem, describe_error
from hdalr.service.settings import Settings
from hdalr.service.uploads import Upload

Record = dict[str, Any]

PREVIEW_PX = 1600  # longer side of a page that is shown
LARGE_PX = 4_000_000  # a page takes some 20 bytes a pixel: one larger than this is read at a time


@dataclass(frozen=True)
class Extras:
    """What is told beside a reading: what the nets saw, and the page as it was read."""

    seen: bool = False
    preview: bool = False


class PageRoom:
    """How many pages a request may have, all of its files together."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._rooms = BoundedSemaphore(most)

    def take(self) -> None:
        """Count a page.

        Raises
        ------
        Problem
            422 if it is one too many.
        """
        if not self._rooms.acquire(blocking=False):
            raise Problem(422, f"more than {self.most} pages in one request; send several")


@dataclass
class Work:
    """A server's reader and what goes with it."""

    settings: Settings
    reader: Reader
    desk: Desk
    meters: Meters
    ready: bool = False
    closing: Event = field(default_factory=Event)  # set when no further page is begun
    digests: Mapping[str, str] = field(default_factory=dict)  # of the bundles, by name
    _one_large: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self._large_rooms = BoundedSemaphore(max(1, self.settings.threads // 2))

    def read(self, upload: Upload, options: Options, extras: Extras) -> Record:
        """Read a picture of one page.

        Raises
        ------
        Problem, HdalrError
            If it cannot be read.
        """
        pages = self._pages(upload.read())
        with closing(pages):
            page = next(pages)
            if next(pages, None) is not None:
                raise Problem(422, "file: several pages; send them to /v1/read/batch")
        return self._record(page, options, extras)

    def read_all(
        self, upload: Upload, options: Options, extras: Extras, room: PageRoom
    ) -> list[Record]:
        """Read each page of a file of a batch; what cannot be read has a record with the error."""
        records: list[Record] = []
        try:
            pages = self._pages(upload.read())
            with closing(pages):
                for page in pages:
                    self._check_number(page.number)
                    room.take()
                    if self.closing.is_set():
                        raise Problem(503, "the server is being stopped")
                    facts = {"file": upload.name, "page": page.number}
                    records.append({**facts, **self._record(page, options, extras)})
        except Exception as error:
            records.append({"file": upload.name, "error": describe_error(error).to_dict()})
        return records

    def picture_of(self, upload: Upload, number: int | None) -> bytes:
        """The picture that a correction is about: the file, or one page of it as PNG.

        Raises
        ------
        Problem, DataError
            If it cannot be decoded, has no such page, or has several and none is chosen.
        """
        content = upload.read()
        with closing(self._pages(content)) as pages:
            if number is None:
                next(pages)
                if next(pages, None) is not None:
                    raise Problem(422, "file: several pages; expected page, the number of one")
                return content
            self._check_number(number)
            for page in pages:
                if page.number == number:
                    return _png(page.picture)
        raise Problem(422, f"page={number} is not allowed; the file has {page.number}")

    def _check_number(self, page: int) -> None:
        if page > self.settings.max_pages:
            raise Problem(422, f"file: more than {self.settings.max_pages} pages")

    @contextmanager
    def _one_large_at_a_time(self) -> Iterator[None]:
        """Wait for the large page before; at most half of the threads do, so that others read."""
        if not self._large_rooms.acquire(blocking=False):
            raise Problem(
                429, "other large pages are being read; come again later", {"retry-after": "5"}
            )
        try:
            with self._one_large:
                yield
        finally:
            self._large_rooms.release()

    def _pages(self, content: bytes) -> Generator[Page, None, None]:
        return open_pages(content, "file", most_pixels=self.settings.max_pixels)

    def _record(self, page: Page, options: Options, extras: Extras) -> Record:
        with self._one_large_at_a_time() if page.picture.size > LARGE_PX else nullcontext():
            reading = self.reader.read(page.picture, **options)
            shown = _show(page.picture, reading, extras)
        self.meters.count_reading(reading)
        height, width = page.picture.shape
        return {**reading.to_dict(), "width": width, "height": height, **shown}


def _show(picture: Picture, reading: Reading, extras: Extras) -> Record:
    shown: Record = {}
    if extras.seen:
        inputs = see(picture, reading)
        shown["seen"] = {
            "line": None if inputs.line is None else _data_uri(inputs.line),
            "characters": [_data_uri(glyph) for glyph in inputs.characters],
        }
    if extras.preview:
        shown["preview"] = _data_uri(shrink(picture, PREVIEW_PX))
    return shown


def _data_uri(picture: Picture) -> str:
    return "data:image/png;base64," + base64.b64encode(_png(picture)).decode()


def _png(picture: Picture) -> bytes:
    _, png = cv2.imencode(".png", np.ascontiguousarray(picture))
    return png.tobytes()
