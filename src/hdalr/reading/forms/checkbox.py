"""Check boxes: crossed, ticked or left alone."""

from __future__ import annotations

import numpy as np

from hdalr.images.picture import Picture
from hdalr.reading.forms.template import Field
from hdalr.reading.forms.writing import FAINTEST, pixels, zone_of
from hdalr.reading.result import Reading, Reason

EDGE_SHARE = 0.03  # of the box that is inked where true and false are equally probable
STEEPNESS = 4.0  # a share twice as large makes true 16 times as probable
BLACKENED = 0.75  # from which on a box may have been crossed out
SURE = 0.8  # probability from which on the answer is accepted
RIM_MM = 0.4  # inside the frame, where what is left of the line may be


def read_check(writing: Picture, field: Field) -> Reading:
    """Tell whether a check box is crossed or ticked.

    Parameters
    ----------
    writing
        The field's zone, from `hdalr.reading.forms.writing.writing_in`.
    field
        Of the style check.

    Returns
    -------
    Reading
        ``"true"`` or ``"false"``; ambiguous for a speck or a box that is blackened all over.
    """
    share = _inked(writing, field)
    true = 1 / (1 + (EDGE_SHARE / max(share, 1e-6)) ** STEEPNESS)
    confidence = max(true, 1 - true)
    if share > BLACKENED:
        confidence = min(confidence, 0.5)
    accepted = confidence >= SURE
    return Reading(
        "true" if true >= 0.5 else "false",
        accepted,
        None if accepted else Reason.ambiguous,
        confidence,
        (),
        "",
    )


def _inked(writing: Picture, field: Field) -> float:
    """Share of the box, its rim left out, that is inked."""
    left, top, _, _ = pixels(zone_of(field))
    box_left, box_top, box_right, box_bottom = pixels(field.box.grown(-RIM_MM))
    inner = writing[box_top - top : box_bottom - top, box_left - left : box_right - left]
    return float(np.mean(inner >= FAINTEST)) if inner.size else 0.0
