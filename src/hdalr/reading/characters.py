"""One character: its ink through the character net, judged before anything is masked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hdalr.bundles.bundle import Bundle
from hdalr.images.crop import Box
from hdalr.images.glyph import main_parts, normalise_glyphs
from hdalr.images.line import slant
from hdalr.images.picture import Picture
from hdalr.reading.finding import Finding
from hdalr.reading.lookalikes import merge_lookalikes
from hdalr.reading.plan import Net, Plan
from hdalr.reading.result import Alternatives, Character, Reason

N_ALTERNATIVES = 3
SURE = 0.93  # probability from which on the net is not asked again
SLANTS = (-0.15, 0.15)  # of further views of a picture, in widths a height
MOST_NONE = 0.5  # probability of "not a character" from which on that is the answer
LEAST_FIT = 0.5  # of what may stand: below it, something else is written
LEAST = 1e-9  # probability that is told from none

Floats = NDArray[np.float64]


class Scores(NamedTuple):
    """What a character net says about glyphs.

    Attributes
    ----------
    labels
        Probability of each of the net's labels, shape (n, n_labels).
    none
        Probability that it is not a character, shape (n,); 0 if the net cannot tell.
    """

    labels: Floats
    none: Floats


def score_glyphs(bundle: Bundle, inks: Sequence[Picture]) -> Scores:
    """Run a character net on pieces of ink.

    Parameters
    ----------
    bundle
        Of the kind "characters".
    inks
        uint8 pictures (height, width), 0 for paper, each with one character.
    """
    logits = bundle.run(normalise_glyphs(inks))
    probabilities = bundle.calibration.probabilities(logits)
    n_labels = len(bundle.labels)
    return Scores(probabilities[:, :n_labels], probabilities[:, n_labels:].sum(axis=1))


def score_again(bundle: Bundle, ink: Picture) -> Scores:
    """Run a character net on one piece of ink and, if it is not sure, on slanted views of it.

    Sure of look-alikes together is sure: 0 and O look alike in every view.

    Parameters
    ----------
    bundle, ink
        As for `score_glyphs`.

    Returns
    -------
    Scores
        Of one glyph: what the views say on average, as the mean of their logarithms.
    """
    scores = score_glyphs(bundle, [ink])
    together = np.bincount(_classes(bundle.labels), weights=scores.labels[0])
    if max(together.max(), scores.none[0]) >= SURE:
        return scores
    others = score_glyphs(bundle, [slant(ink, lean) for lean in SLANTS])
    views = [np.column_stack(one) for one in (scores, others)]
    logs = np.log(np.maximum(np.concatenate(views), LEAST)).mean(axis=0)
    shares = np.exp(logs - logs.max())
    shares /= shares.sum()
    return Scores(shares[None, :-1], shares[-1:])


@lru_cache
def _classes(labels: tuple[str, ...]) -> NDArray[np.intp]:
    """A number for each label, the same for look-alikes."""
    return np.unique([merge_lookalikes(label) for label in labels], return_inverse=True)[1]


def read_character(ink: Picture, box: Box, plan: Plan) -> Finding:
    """Read ink as one character.

    The confidence is the probability of the best character that may stand here among all that
    the net knows, "not a character" included: what may not stand keeps its share.

    Parameters
    ----------
    ink
        uint8, shape (height, width): 0 for paper, 255 for ink.
    box
        Where the character is; the rest of the ink is not looked at.
    plan
        What may stand, and the net for it; its `characters` is not None.

    Returns
    -------
    Finding
        Boxes are in pixels of the ink.
    """
    assert plan.characters is not None
    net = plan.characters
    piece = main_parts(box.cut(ink))
    scores = score_again(net.bundle, piece)
    labels, none = scores.labels[0], float(scores.none[0])
    spelled = net.spelling.spell(labels)
    ranked = rank_singles(plan, net, labels)
    if not ranked:
        return Finding(reason=Reason.pattern, models=(net.bundle.name,))
    text, confidence = ranked[0]
    fit = float(spelled[plan.singles].sum()) / max(1 - none, LEAST)
    features = character_features(spelled, none, confidence)
    calibration = plan.calibration(net)
    if calibration.weights:
        confidence = calibration.text_probability(features)
    return Finding(
        text,
        confidence,
        (Character(text, box, confidence, best_written(net, spelled)),),
        Reason.not_a_character if none > MOST_NONE else None,
        Reason.pattern if fit < LEAST_FIT else Reason.ambiguous,
        plan.threshold(net),
        (net.bundle.name,),
        ranked[: plan.request.n_best],
        features,
    )


def rank_singles(plan: Plan, net: Net, labels: Floats) -> Alternatives:
    """Texts of one symbol that may stand and pass the check, the most probable first."""
    spelled = net.spelling.spell(labels)[plan.singles]
    ranked: list[tuple[str, float]] = []
    for place in np.argsort(-spelled, kind="stable"):
        parts = plan.single_parts[place]
        text = "".join(plan.write(parts, lambda _, way: net.share(labels, way)))
        if plan.passes(text):
            ranked.append((text, float(spelled[place])))
            if len(ranked) >= plan.request.n_best:
                break
    return tuple(ranked)


def best_written(net: Net, spelled: Floats) -> Alternatives:
    """The three most probable characters, those that may not stand included."""
    order = np.argsort(-spelled, kind="stable")[:N_ALTERNATIVES]
    return tuple((net.spelling.written[column], float(spelled[column])) for column in order)


def character_features(spelled: Floats, none: float, confidence: float) -> dict[str, float]:
    """What a calibration may weigh, beyond the probability itself.

    ``log_odds`` of the confidence; ``margin`` of the best over the second, as a logarithm;
    ``entropy`` over all that the net knows, in nats; ``none``, the logarithm of the probability
    of "not a character".
    """
    first, second = np.sort(spelled)[-2:][::-1] if len(spelled) > 1 else (spelled[0], 0.0)
    kept = spelled[spelled > 0]
    return {
        "log_odds": log_odds(confidence),
        "margin": math.log(max(float(first), LEAST) / max(float(second), LEAST)),
        "entropy": float(-(kept * np.log(kept)).sum()),
        "none": math.log(max(none, LEAST)),
    }


def log_odds(probability: float) -> float:
    """ln(p / (1 - p)), with p kept from 1e-9 to 1 - 1e-9.

    Examples
    --------
    >>> log_odds(0.5), round(log_odds(1.0), 1)
    (0.0, 20.7)
    """
    kept = min(max(probability, LEAST), 1 - LEAST)
    return math.log(kept / (1 - kept))
