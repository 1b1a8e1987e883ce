"""The fifteen corruptions of MNIST-C, made again: how much does a model lose on worse pictures?

Mu and Gilmer (2019), "MNIST-C: a robustness benchmark for computer vision", section 2, at the
strengths of the published set. A digit stays readable under each. Lengths are those of 28 x 28
pictures and grow with the shorter side of others. Where the libraries differ from the authors'
(their motion blur is ImageMagick's, their edges are scikit-image's), single pixels differ, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hdalr.images.batch import Images
from hdalr.images.corruptions.filters import canny_edges, glass_blur, motion_blur
from hdalr.images.corruptions.light import brightness, fog, impulse_noise, shot_noise
from hdalr.images.corruptions.marks import dotted_line, spatter, stripe, zigzag
from hdalr.images.corruptions.moves import rotate, scale, shear, translate

Corruption = Callable[[Images, int], Images]  # of a batch and a random state

CORRUPTIONS: Mapping[str, Corruption] = {
    "shot noise": shot_noise,
    "impulse noise": impulse_noise,
    "glass blur": glass_blur,
    "motion blur": motion_blur,
    "shear": shear,
    "scale": scale,
    "rotate": rotate,
    "brightness": brightness,
    "translate": translate,
    "stripe": stripe,
    "fog": fog,
    "spatter": spatter,
    "dotted line": dotted_line,
    "zigzag": zigzag,
    "canny edges": canny_edges,
}

__all__ = ["CORRUPTIONS", "Corruption"]
