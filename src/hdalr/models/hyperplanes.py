"""Hyperplanes with the squared hinge loss: one a class, all found together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve_triangular
from scipy.optimize import minimize

from hdalr.images.batch import Floats, Labels

Planes = Floats  # (n_features + 1, n_classes): the normals, and below them the offsets
Factor = NDArray[np.float64]  # (n_features + 1, n_features + 1), lower triangular

CHUNK = 4096  # rows at once
SAMPLE = 60_000  # rows that the curvature is measured on, at most
WITHIN_MARGIN = 0.05  # share of the rows that the loss is assumed to bend at


def fit_planes(
    vectors: Floats,
    indices: Labels,
    C: float,
    factor: Factor,
    tolerance: float,
    start: Planes,
) -> Planes:
    """Minimise |w|² / 2 + C Σ max(0, 1 - t w·x)², summed over all classes, by L-BFGS.

    Parameters
    ----------
    vectors
        float32, shape (n_vectors, n_features + 1); the last column is 1, so that the last row of
        the planes is their offsets, whose size costs nothing.
    indices
        Class of each vector, shape (n_vectors,): t is 1 for its plane and -1 for the others.
    C
        Price of a vector inside the margin, above 0.
    factor
        From `factor_curvature`. It changes the way to the minimum, not the minimum.
    tolerance
        It ends where a step lowers the loss by less than this fraction, above 0.
    start
        Where to begin, shape (n_features + 1, n_classes).

    Returns
    -------
    Planes
        float32, shape (n_features + 1, n_classes).

    Examples
    --------
    Two points, 1 and -1, one plane each: ``w² / 2 + 2 C (1 - w)²`` is least at ``4 C / (1 + 4 C)``.

    >>> points = np.array([[1, 1], [-1, 1]], np.float32)
    >>> factor = factor_curvature(points, C=0.25)
    >>> fit_planes(points, np.array([0, 1]), 0.25, factor, 1e-9, np.zeros((2, 2))).round(3)[0]
    array([ 0.5, -0.5], dtype=float32)
    """

    def loss_and_slope(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        loss, slope = squared_hinge(vectors, indices, unwind(flat), C)
        return loss, solve_triangular(factor, slope, lower=True, check_finite=False).ravel()

    def unwind(flat: NDArray[np.float64]) -> Planes:
        even = flat.reshape(start.shape)
        planes = solve_triangular(factor, even, lower=True, trans="T", check_finite=False)
        return planes.astype(np.float32)

    first = (factor.T @ start.astype(np.float64)).ravel()
    found = minimize(
        loss_and_slope, first, jac=True, method="L-BFGS-B", options={"ftol": tolerance}
    )
    return unwind(found.x)


def squared_hinge(
    vectors: Floats, indices: Labels, planes: Planes, C: float
) -> tuple[float, NDArray[np.float64]]:
    """Value of the loss and its slope, shape (n_features + 1, n_classes)."""
    slope = planes.astype(np.float64)
    slope[-1] = 0
    loss = 0.5 * float((slope**2).sum())
    classes = np.arange(planes.shape[1])
    for rows in _chunks(len(vectors)):
        signs = np.where(indices[rows, None] == classes, np.float32(1), np.float32(-1))
        missing = np.maximum(1 - signs * (vectors[rows] @ planes), 0)
        loss += C * float((missing.astype(np.float64) ** 2).sum())
        slope -= 2 * C * (vectors[rows].T @ (signs * missing))
    return loss, slope


def factor_curvature(vectors: Floats, C: float) -> Factor:
    """Cholesky factor of about the loss's second derivative, the same for all planes.

    In coordinates that it evens out, a minimiser that assumes an even curvature needs some
    thirty steps, where it would need hundreds on features that go together.

    Parameters
    ----------
    vectors
        float32, shape (n_vectors, n_features + 1), the last column 1. At most `SAMPLE` of them,
        evenly spaced, are looked at.
    C
        Price of a vector inside the margin, above 0.
    """
    n_values = vectors.shape[1]
    step = -(-len(vectors) // SAMPLE)
    scatter = np.zeros((n_values, n_values), np.float32)
    looked_at = vectors[::step]
    for rows in _chunks(len(looked_at)):
        part = np.ascontiguousarray(looked_at[rows])
        scatter += part.T @ part
    curvature = (2 * C * WITHIN_MARGIN * step) * scatter.astype(np.float64)
    curvature[np.diag_indices(n_values)] += 1
    factor: Factor = cholesky(curvature, lower=True, overwrite_a=True, check_finite=False)
    return factor


def _chunks(n_rows: int) -> Iterator[slice]:
    return (slice(start, start + CHUNK) for start in range(0, n_rows, CHUNK))
