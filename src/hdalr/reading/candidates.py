"""Texts that a line may say, each scored by the string net and by the lattice of cuts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from hdalr.reading.ctc import score_texts
from hdalr.reading.frames import Frames, decode_frames
from hdalr.reading.hypothesis import Hypothesis
from hdalr.reading.lattice import score_lattice
from hdalr.reading.pieces import Lattice, decode_pieces
from hdalr.reading.plan import Plan

N_CANDIDATES = 5  # texts that each way offers
MOST_CANDIDATES = 200  # where a check has to be passed: tried in steps of ten times as many
LATTICE_WEIGHT = 0.2  # of the lattice's log-probability beside the string net's
FLOOR = 20.0  # nats below the best, at most, for what one way does not read at all

Decode = Callable[[int], list[Hypothesis]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text with its log-probability in the string net and in the lattice; 0 if not asked."""

    hypothesis: Hypothesis
    ctc: float = 0.0
    lattice: float = 0.0

    @property
    def text(self) -> str:
        """The text."""
        return self.hypothesis.text

    @property
    def total(self) -> float:
        """What decides between candidates."""
        return self.ctc + LATTICE_WEIGHT * self.lattice


def offer_frames(frames: Frames, plan: Plan) -> list[Candidate]:
    """What the string net offers, best first."""
    found = _decode(lambda n: decode_frames(frames, plan, n), plan)
    return [Candidate(hypothesis, ctc=hypothesis.log_probability) for hypothesis in found]


def offer_pieces(lattice: Lattice, plan: Plan) -> list[Candidate]:
    """What the lattice offers, best first."""
    found = _decode(lambda n: decode_pieces(lattice, plan, n), plan)
    return [Candidate(hypothesis, lattice=hypothesis.log_probability) for hypothesis in found]


def weigh_all(
    known: Sequence[Candidate], views: Sequence[Frames], lattice: Lattice | None, plan: Plan
) -> list[Candidate]:
    """What any view of the line or the lattice offers, each text scored by all, best first.

    Parameters
    ----------
    known
        What the first view offers.
    views
        What the string net says of the line as it is, and of it changed a little; the mean of
        the log-probabilities counts. What it cannot write on the line as it is, is dropped.
    lattice
        None if there is none; then it counts nothing.
    """
    offers = [] if lattice is None else offer_pieces(lattice, plan)
    for view in reversed(views[1:]):
        offers += offer_frames(view, plan)
    offers += known
    hypotheses = {offer.text: offer.hypothesis for offer in offers}
    texts = list(hypotheses)
    if not texts:
        return []
    by_view = [score_texts(view.allowed, plan.symbols, texts) for view in views]
    ctc = np.mean([_floored(scores) for scores in by_view], axis=0).tolist()
    cut = [0.0] * len(texts) if lattice is None else _floored(_cut_scores(lattice, plan, texts))
    scored = zip(hypotheses.values(), ctc, cut, by_view[0], strict=True)
    both = [Candidate(text, a, b) for text, a, b, as_it_is in scored if as_it_is > -math.inf]
    return sorted(both, key=lambda candidate: (-candidate.total, candidate.text))


def _cut_scores(lattice: Lattice, plan: Plan, texts: Sequence[str]) -> list[float]:
    edges, n_nodes = lattice.edges, lattice.n_nodes
    return [score_lattice(edges, n_nodes, plan.symbols, text) for text in texts]


def _floored(scores: Sequence[float]) -> list[float]:
    """Scores that are not further below the best than `FLOOR`; one value where none is finite."""
    best = max(scores)
    floor = best - FLOOR if best > -math.inf else -FLOOR
    return [max(score, floor) for score in scores]


def posterior(candidates: Sequence[Candidate]) -> list[float]:
    """Probability of each candidate: its share among them, times what they have of all texts.

    Examples
    --------
    >>> sure, rare = Hypothesis("1", -0.5, ((0, 1),)), Hypothesis("7", -2.0, ((0, 1),))
    >>> offers = [Candidate(sure, ctc=-0.5), Candidate(rare, ctc=-2.0)]
    >>> [round(share, 3) for share in posterior(offers)]
    [0.607, 0.135]
    """
    if not candidates:
        return []
    best = max(candidate.total for candidate in candidates)
    if best == -math.inf:  # no way to read any of them
        return [0.0] * len(candidates)
    weights = [math.exp(candidate.total - best) for candidate in candidates]
    covered = sum(math.exp(candidate.ctc or candidate.lattice) for candidate in candidates)
    return [weight / sum(weights) * min(1.0, covered) for weight in weights]


def _decode(decode: Decode, plan: Plan) -> list[Hypothesis]:
    return decode_passing(decode, plan.passes, max(N_CANDIDATES, plan.request.n_best))


def decode_passing(decode: Decode, passes: Callable[[str], bool], n_asked: int) -> list[Hypothesis]:
    """Decode more and more texts until one passes the check, and give all that do.

    Parameters
    ----------
    decode
        From a number to so many texts, the best first.
    passes
        Whether a text passes.
    n_asked
        How many texts are asked for at first.
    """
    while True:
        found = decode(n_asked)
        passing = [hypothesis for hypothesis in found if passes(hypothesis.text)]
        if passing or len(found) < n_asked or n_asked >= MOST_CANDIDATES:
            return passing
        n_asked = min(10 * n_asked, MOST_CANDIDATES)
