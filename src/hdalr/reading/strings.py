"""One line: the string net and the lattice of cuts, each judged by the other.

The string net reads first. Where it is not sure, it looks at the line again, slanted to either
side, the lattice offers texts of its own, each text is scored by all, and the sum decides. The
character net looks at each character that was found in any case: what the string net takes a
drawing for, it may know for none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hdalr.errors import ParameterError
from hdalr.images.crop import Box
from hdalr.images.line import slant
from hdalr.images.picture import Picture
from hdalr.reading.candidates import (
    FLOOR,
    Candidate,
    offer_frames,
    offer_pieces,
    posterior,
    weigh_all,
)
from hdalr.reading.characters import MOST_NONE, SLANTS, best_written, log_odds
from hdalr.reading.choices import Engine
from hdalr.reading.ctc import align_ctc
from hdalr.reading.finding import Finding
from hdalr.reading.frames import Frames, find_boxes, fit_of, label_evidence, run_line
from hdalr.reading.pieces import Opinion, judge_boxes, make_lattice
from hdalr.reading.plan import Net, Plan
from hdalr.reading.result import Character, Reason

SURE = 0.85  # probability from which on the string net is not asked again, nor the lattice
LEAST_FIT = 0.2  # probability that something that may stand is written; below, it is "pattern"

Floats = NDArray[np.float64]


class Part(NamedTuple):
    """A character that the picture shows: its symbol, its place, what its net says of it."""

    symbol: str
    box: Box
    labels: Floats


def read_string(
    ink: Picture, plan: Plan, ruled: Picture | None = None, *, again: bool = True
) -> Finding:
    """Read a line of ink.

    Parameters
    ----------
    ink
        uint8, shape (height, width): 0 for paper, 255 for ink, one line of writing.
    plan
        What may stand, and the nets.
    ruled
        The same ink with rules and boxes still there: the string net has learned to pass over
        them, and misses what goes with them when they are removed. None: there were none.
    again
        Whether the string net looks again, and the lattice is asked, where it is not sure.

    Returns
    -------
    Finding
        Boxes are in pixels of the ink. `Finding.features`: ``log_odds`` of the best text's
        share of the probability; ``fit``, how much less probable it is than the best text if
        anything may stand, as a logarithm; ``agreement`` and ``none``, see
        `hdalr.reading.pieces.Opinion`; ``lattice``, a character's mean log-probability in the
        lattice, 0 where the string net was sure; ``length`` in characters.

    Raises
    ------
    ParameterError
        If there is no net for the engine that was asked for.
    """
    engine = plan.request.engine
    if plan.lines is not None and engine is not Engine.lattice:
        return _read_frames(ink, ink if ruled is None else ruled, plan, plan.lines, again)
    if engine is Engine.ctc or plan.characters is None:
        raise ParameterError(f"engine {engine}: no net for it reads this alphabet; choose both")
    return _read_pieces(ink, plan, plan.characters)


def _read_frames(ink: Picture, ruled: Picture, plan: Plan, net: Net, again: bool) -> Finding:
    """The string net; where that is not sure, further views of the line and the lattice."""
    frames = run_line(ruled, net)
    candidates = offer_frames(frames, plan)
    if again and (not candidates or math.exp(candidates[0].ctc) < SURE):
        views = [frames, *(run_line(slant(ruled, lean), net) for lean in SLANTS)]
        judge = None if plan.request.engine is Engine.ctc else plan.characters
        lattice = None if judge is None else make_lattice(ink, judge)
        candidates = weigh_all(candidates, views, lattice, plan)
    models = _models(plan)
    if not candidates:
        return Finding(reason=Reason.pattern, models=models)
    if not candidates[0].text:
        return Finding(reason=Reason.not_a_character, models=models)
    parts = _parts_by_frames(ink, frames, candidates[0], plan)
    opinion = _second_opinion(ink, parts, plan)
    symbols = "".join(part.symbol for part in parts)
    fit = max(fit_of(frames, net, plan, symbols), -FLOOR)
    return _judged(candidates, parts, fit, opinion, plan, net)


def _read_pieces(ink: Picture, plan: Plan, net: Net) -> Finding:
    """The lattice alone."""
    lattice = make_lattice(ink, net)
    if lattice is None:
        return Finding(reason=Reason.low_quality, models=(net.bundle.name,))
    candidates = offer_pieces(lattice, plan)
    if not candidates or not candidates[0].text:
        return Finding(reason=Reason.pattern, models=(net.bundle.name,))
    best = candidates[0].hypothesis
    numbers = [lattice.find(start, end) for start, end in best.spans if end > start]
    parts = [
        Part(symbol, lattice.boxes[number], lattice.scores.labels[number])
        for number, symbol in zip(numbers, _symbols(candidates[0]), strict=True)
    ]
    spelled = net.spelling.spell(lattice.scores.labels[numbers])
    shares = spelled[:, : net.spelling.n_allowed].sum(axis=1) / spelled.sum(axis=1)
    none = float(lattice.scores.none[numbers].mean())
    opinion = Opinion(best.log_probability / len(numbers), none)
    fit = max(float(np.log(np.maximum(shares, 1e-12)).sum()), -FLOOR)
    return _judged(candidates, parts, fit, opinion, plan, net)


def _models(plan: Plan) -> tuple[str, ...]:
    nets = (plan.lines, None if plan.request.engine is Engine.ctc else plan.characters)
    return tuple(net.bundle.name for net in nets if net is not None)


def _parts_by_frames(ink: Picture, frames: Frames, candidate: Candidate, plan: Plan) -> list[Part]:
    symbols = _symbols(candidate)
    spans = align_ctc(frames.allowed, plan.symbols, "".join(symbols))
    boxes, labels = find_boxes(ink, frames, spans), label_evidence(frames, spans)
    return [Part(*part) for part in zip(symbols, boxes, labels, strict=True)]


def _second_opinion(ink: Picture, parts: Sequence[Part], plan: Plan) -> Opinion:
    if plan.characters is None or plan.request.engine is Engine.ctc:
        return Opinion(0.0, 0.0)
    boxes, symbols = [part.box for part in parts], [part.symbol for part in parts]
    return judge_boxes(ink, boxes, symbols, plan.characters)


def _judged(
    candidates: Sequence[Candidate],
    parts: Sequence[Part],
    fit: float,
    opinion: Opinion,
    plan: Plan,
    net: Net,
) -> Finding:
    """Put the finding together: its confidence, its characters, the other texts."""
    shares = posterior(candidates)
    fitting = 1.0 if fit == 0 else math.exp(fit) / (1 + math.exp(fit))
    misfit = fitting < LEAST_FIT  # the characters were looked for where others are
    features = {
        "log_odds": log_odds(shares[0] * fitting),
        "fit": fit,
        "agreement": opinion.agreement,
        "none": opinion.none,
        "lattice": candidates[0].lattice / max(len(parts), 1),
        "length": float(len(parts)),
    }
    confidence = shares[0] * fitting
    calibration = plan.calibration(net)
    if net is plan.lines and calibration.weights:
        confidence = calibration.text_probability(features)
    written = _write(candidates[0], parts, plan, net)
    alternatives = [("".join(written), confidence)]
    for candidate, share in zip(candidates[1:], shares[1:], strict=True):
        text = "".join(plan.write(candidate.hypothesis.parts, _any_case))
        alternatives.append((text, share * confidence / max(shares[0], 1e-12)))
    return Finding(
        "".join(written),
        confidence,
        _characters(candidates[0], written, parts, net),
        Reason.not_a_character if opinion.none > MOST_NONE and not misfit else None,
        Reason.pattern if misfit else Reason.ambiguous,
        plan.threshold(net),
        _models(plan) if net is plan.lines else (net.bundle.name,),
        tuple(alternatives[: plan.request.n_best]),
        features,
    )


def _write(candidate: Candidate, parts: Sequence[Part], plan: Plan, net: Net) -> tuple[str, ...]:
    """The parts of the text in the case that was asked for."""
    shown = dict(zip(_places(candidate), parts, strict=True))

    def evidence(place: int, way: str) -> float:
        return net.share(shown[place].labels, way) if place in shown else 1.0

    return plan.write(candidate.hypothesis.parts, evidence)


def _any_case(_place: int, _way: str) -> float:
    return 1.0


def _characters(
    candidate: Candidate, written: Sequence[str], parts: Sequence[Part], net: Net
) -> tuple[Character, ...]:
    characters = []
    for place, part in zip(_places(candidate), parts, strict=True):
        spelled = net.spelling.spell(part.labels)
        confidence = float(spelled[net.spelling.written.index(part.symbol)])
        others = best_written(net, spelled)
        characters.append(Character(written[place], part.box, confidence, others))
    return tuple(characters)


def _places(candidate: Candidate) -> list[int]:
    """Which parts of the text the picture shows: not the separators that are only written."""
    spans = candidate.hypothesis.spans
    return [place for place, (start, end) in enumerate(spans) if end > start]


def _symbols(candidate: Candidate) -> list[str]:
    return [candidate.hypothesis.parts[place] for place in _places(candidate)]
