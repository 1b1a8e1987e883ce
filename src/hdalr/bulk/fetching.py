"""The bytes of pictures: of this machine, in an archive that stays open, from far ahead of time."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from functools import lru_cache, partial
from typing import Any

import fsspec

from hdalr.bulk.inputs import Input, local_path, open_storage, told
from hdalr.images.source import read_file, read_path

AHEAD = 16  # pictures from far on their way at once: that takes longer than reading them
MOST_AHEAD = 4_000_000  # bytes of one of them; a larger one is fetched when its turn comes


class Fetcher:
    """Gets the bytes of files, of this machine or behind a URL.

    An archive stays open for the next fetcher of the same thread, as long as it does not change;
    whether it has is asked once by each fetcher.
    """

    def __init__(self) -> None:
        self._versions: dict[str, str] = {}

    def __call__(self, path: str) -> bytes:
        """The bytes of a file.

        Raises
        ------
        DataError
            If it is not there, cannot be read or is too large.
        """
        local = local_path(path)
        if local is not None:
            return read_path(local)
        member, _, archive = path.partition("::")
        scheme, _, place = member.partition("://")
        with told(path):
            if archive and place:
                files = self._open(f"{scheme}://::{archive}", archive)
                with files.open(place, "rb") as file:
                    return read_file(file, path)
            with fsspec.open(path, "rb") as file:
                return read_file(file, path)

    def ahead(self, inputs: Iterable[Input]) -> Iterator[Callable[[], bytes]]:
        """For each input what gives its bytes, or raises as a call does; from far under way."""
        waiting: deque[Callable[[], bytes]] = deque()
        for one in inputs:
            far = not one.fault and _is_far(one.path)
            waiting.append(self._begin(one.path) if far else partial(self, one.path))
            if len(waiting) > AHEAD:
                yield waiting.popleft()
        yield from waiting

    def _begin(self, path: str) -> Callable[[], bytes]:
        """Fetch a file in a daemon thread: one that hangs keeps no process from its end."""
        future: Future[bytes | None] = Future()

        def run() -> None:
            try:
                future.set_result(_fetch_small(path))
            except BaseException as error:
                future.set_exception(error)

        def get() -> bytes:
            content = future.result()
            return self(path) if content is None else content

        threading.Thread(target=run, daemon=True).start()
        return get

    def _open(self, url: str, archive: str) -> Any:
        if url not in self._versions:
            files, place = open_storage(archive)
            self._versions[url] = str(files.info(place))
        return _open_archive(url, self._versions[url], threading.get_ident())


@lru_cache(maxsize=4)  # a large one takes seconds to open
def _open_archive(url: str, version: str, thread: int) -> Any:
    """The file system in an archive; ``version`` and ``thread`` tell those apart that differ."""
    return open_storage(url)[0]


def _is_far(path: str) -> bool:
    """Whether a file is in a storage of which one connection serves many threads: S3, HTTP."""
    scheme, _, rest = path.partition("://")
    if local_path(path) is not None or "::" in path or not rest:
        return False
    try:
        return bool(fsspec.get_filesystem_class(scheme).async_impl)
    except (ImportError, ValueError):  # told when it is fetched
        return False


def _fetch_small(path: str) -> bytes | None:
    """The bytes of a file; None if it is large, or nobody knows how large."""
    with told(path), fsspec.open(path, "rb") as file:
        size = getattr(file, "size", None)
        return read_file(file, path) if size is not None and size <= MOST_AHEAD else None
