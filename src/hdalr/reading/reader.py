"""The reader: a picture of handwriting in, its text and how sure that is out."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Unpack

import numpy as np
from numpy.typing import NDArray

from hdalr.bundles.bundle import Bundle
from hdalr.errors import DataError, ParameterError
from hdalr.images.crop import Box
from hdalr.images.door import Source, open_pages
from hdalr.images.ink import ink_of
from hdalr.images.picture import Picture
from hdalr.images.rules import remove_rules
from hdalr.reading.characters import read_character, score_glyphs
from hdalr.reading.choices import Layout
from hdalr.reading.finding import Finding, decide, join_lines
from hdalr.reading.library import Library, Model
from hdalr.reading.page import Sheet, find_character, take_apart
from hdalr.reading.plan import Plan, make_plan
from hdalr.reading.request import Options, Request, make_request
from hdalr.reading.result import Reading, Reason
from hdalr.reading.strings import read_string

MOST_PLANS = 32  # compiled requests that are kept
MOST_LEXICON = 1_000_000  # characters of their lexicons, each of which takes 150 bytes
LEAST_HEIGHT_PX = 6  # of writing that can be judged
LONGEST = 150  # heights of a line that can be read
MOST_AGAIN = 30  # lines of a page: where there are more, unsure ones get no second look
MOST_LINES = 150  # on a page; what has more is speckled or printed, and would take minutes


class Reader:
    """Reads pictures of handwriting.

    Bundles are loaded when they are first needed, patterns are compiled once. One reader can be
    used from several threads at the same time.

    Parameters
    ----------
    model
        A bundle's name, its folder, a `hdalr.bundles.Bundle`, or several of them (one for
        characters, one for lines). None: the bundles that ship, chosen by the alphabet.
    together
        Whether the nets compute what several threads ask at the same time in one run: for
        servers.

    Raises
    ------
    DataError
        If a bundle is damaged.
    UnknownNameError
        If there is no such bundle.

    Examples
    --------
    >>> from hdalr import Reader
    >>> reader = Reader()
    """

    def __init__(
        self, model: Model | Sequence[Model] | None = None, *, together: bool = False
    ) -> None:
        if model is None:
            model = ()
        elif isinstance(model, str | Path | Bundle):
            model = (model,)
        self._library = Library(model, together=together)
        self._plans: OrderedDict[Request, Plan] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def bundles(self) -> tuple[Bundle, ...]:
        """What it reads with: the bundles that were named, or all that ship."""
        return self._library.bundles()

    def prepare(self, **options: Unpack[Options]) -> None:
        """Check options, compile them and load the bundles that they need, ahead of a reading.

        Raises
        ------
        DataError, ParameterError, UnknownNameError
            As `read`.
        """
        self._plan(options)

    def read(self, picture: Source, **options: Unpack[Options]) -> Reading:
        """Read a picture of one page.

        Parameters
        ----------
        picture
            A path, bytes, an open file, an array (see `hdalr.images.door.open_pages`) or a
            Pillow image.
        **options
            ``alphabet``
                A name of `hdalr.reading.alphabets.ALPHABETS`, or ``"chars:..."`` and the
                characters. Default: digits and letters, or what the model can read.
            ``pattern``
                A regular expression that the text fits as a whole, see
                `hdalr.reading.pattern`; of several lines, each.
            ``lexicon``
                Words, one of which the text is.
            ``check``
                A name of `hdalr.reading.checks.CHECKS`: what the text has to pass.
            ``max_error``
                Accept only from the confidence on that keeps the share of wrong readings
                below this. Default: accept from a confidence of 0.5 on.
            ``layout``
                ``"character"``, ``"line"`` or ``"lines"``. Default: found out.
            ``case``
                ``"keep"``, ``"upper"``, ``"lower"``; ``"fold"``: upper and lower case count
                together, and the one that fits, or is more probable, is written.
            ``merge``
                Whether small letters that look like their capitals are written as these
                (EMNIST's 47 merged labels).
            ``n_best``
                Number of texts under `Reading.alternatives`, if more than 1.
            ``engine``
                How strings are read: ``"ctc"``, ``"lattice"`` or ``"both"``.

        Returns
        -------
        Reading
            For a rejected one as well, with its reason.

        Raises
        ------
        DataError
            If it is no picture, is damaged, or has several pages.
        ParameterError, UnknownNameError
            If an option is not allowed, or no text fits the options.
        """
        readings = self.read_pages(picture, **options)
        reading = next(readings)
        if next(readings, None) is not None:
            raise DataError(f"{_name(picture)}: several pages; use Reader.read_pages for them")
        return reading

    def read_pages(self, source: Source, **options: Unpack[Options]) -> Iterator[Reading]:
        """Read the pages of a PDF, a TIFF or any other source, one at a time.

        Parameters
        ----------
        source, **options
            As for `read`.

        Yields
        ------
        Reading
            One a page.

        Raises
        ------
        DataError, ParameterError, UnknownNameError
            As `read`.
        """
        plan = self._plan(options)
        started = time.perf_counter()
        for page in open_pages(source):
            yield _read_page(page.picture, plan, started)
            started = time.perf_counter()

    def find(self, picture: Picture, **options: Unpack[Options]) -> Finding:
        """What is found on a grey picture, with the features that its confidence comes from.

        For calibration; `read` is what else is wanted.

        Parameters
        ----------
        picture
            uint8, shape (height, width).
        **options
            As for `read`.
        """
        return _find(picture, self._plan(options), _Clock(time.perf_counter()))

    def character_log_probs(
        self, inks: Sequence[Picture], alphabet: str | None = None
    ) -> tuple[NDArray[np.float64], tuple[str, ...]]:
        """What the character net says of pieces of ink, each with one character.

        Parameters
        ----------
        inks
            uint8 pictures (height, width), 0 for paper, 255 for ink.
        alphabet
            Chooses the net, as in `read`.

        Returns
        -------
        log_probs
            Shape (n, n_labels + 1): natural logarithms; the last column is "not a character",
            minus infinity where the net cannot tell.
        labels
            What the other columns stand for.

        Raises
        ------
        ParameterError
            If no net for characters reads the alphabet.
        """
        net = self._plan({"alphabet": alphabet}).characters
        if net is None:
            raise ParameterError("the model reads lines only; expected one for characters")
        scores = score_glyphs(net.bundle, inks)
        with np.errstate(divide="ignore"):
            joined = np.log(np.concatenate([scores.labels, scores.none[:, None]], axis=1))
        return joined, net.bundle.labels

    def _plan(self, options: Options) -> Plan:
        """The compiled request; of the last few, each is compiled once."""
        request = make_request(**options)
        with self._lock:
            plan = self._plans.get(request)
            if plan is not None:
                self._plans.move_to_end(request)
                return plan
        plan = make_plan(request, self._library)  # while others read on
        with self._lock:
            plan = self._plans.setdefault(request, plan)
            self._drop_oldest()
        return plan

    def _drop_oldest(self) -> None:
        sizes = [sum(map(len, request.lexicon or ())) for request in self._plans]
        while len(sizes) > MOST_PLANS or (len(sizes) > 1 and sum(sizes) > MOST_LEXICON):
            self._plans.popitem(last=False)
            del sizes[0]


def _read_page(picture: Picture, plan: Plan, started: float) -> Reading:
    """Step by step from a grey page to its reading, with the milliseconds of each step."""
    clock = _Clock(started)
    clock.stop("door")
    return _reading(_find(picture, plan, clock), clock.timings)


def _find(picture: Picture, plan: Plan, clock: _Clock) -> Finding:
    sheet = _find_sheet(picture, plan, clock)
    finding = _read_sheet(sheet, plan)
    clock.stop("read")
    return finding


def _find_sheet(picture: Picture, plan: Plan, clock: _Clock) -> Sheet:
    if plan.request.layout is Layout.character:
        sheet = find_character(picture)
        clock.stop("ink")
        return sheet
    ruled = ink_of(picture)
    clock.stop("ink")
    ink = remove_rules(ruled)
    clock.stop("rules")
    sheet = take_apart(ink, _expected(plan), ruled=ruled)
    clock.stop("layout")
    return sheet


def _name(source: Source) -> str:
    return str(source) if isinstance(source, str | Path) else type(source).__name__


def _expected(plan: Plan) -> Layout | None:
    """What the page holds, if it was said or follows from what may stand."""
    if plan.request.layout is None and not plan.takes_strings:
        return Layout.character
    return plan.request.layout


def _read_sheet(sheet: Sheet, plan: Plan) -> Finding:
    if sheet.layout is None:
        return Finding(reason=Reason.blank, models=_models(plan))
    if len(sheet.lines) > MOST_LINES:
        return Finding(reason=Reason.low_quality, models=_models(plan))
    findings = []
    for number in range(len(sheet.lines)):
        finding = _read_line(sheet, number, plan)
        placed = (replace(c, box=sheet.place(c.box, number)) for c in finding.characters)
        findings.append(replace(finding, characters=tuple(placed)))
    return join_lines(findings, plan.request.n_best)


def _read_line(sheet: Sheet, number: int, plan: Plan) -> Finding:
    ink = sheet.line(number)
    if ink.shape[1] > LONGEST * ink.shape[0]:
        return Finding(reason=Reason.low_quality, models=_models(plan))
    alone = sheet.layout is Layout.character and plan.characters is not None
    if alone and len(plan.singles):
        finding = read_character(ink, Box(0, ink.shape[0], 0, ink.shape[1]), plan)
    else:
        again = len(sheet.lines) <= MOST_AGAIN
        finding = read_string(ink, plan, sheet.ruled_line(number), again=again)
    if max(ink.shape) < LEAST_HEIGHT_PX and finding.reason is None:
        return replace(finding, reason=Reason.low_quality)
    return finding


def _models(plan: Plan) -> tuple[str, ...]:
    return tuple(net.bundle.name for net in (plan.lines, plan.characters) if net is not None)


def _reading(finding: Finding, timings: dict[str, float]) -> Reading:
    reason = decide(finding)
    return Reading(
        finding.text,
        reason is None,
        reason,
        min(max(finding.confidence, 0.0), 1.0),
        finding.characters,
        "+".join(finding.models),
        timings,
        finding.alternatives if len(finding.alternatives) > 1 else (),
    )


class _Clock:
    """Milliseconds from step to step."""

    def __init__(self, started: float) -> None:
        self._last = started
        self.timings: dict[str, float] = {}

    def stop(self, step: str) -> None:
        now = time.perf_counter()
        self.timings[step] = 1000 * (now - self._last)
        self._last = now
