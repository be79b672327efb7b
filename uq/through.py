"""Many points through a surrogate, in pieces of bounded memory."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from uq.surrogates.base import Surrogate

FloatArray = NDArray[np.float64]

CHUNK = 65536
"""Rows evaluated at once."""

RESIDUAL_ROWS = 4096
"""Rows by which the mean squared prediction error is judged."""


def means(surrogate: Surrogate, x: FloatArray, index: Sequence[int]) -> FloatArray:
    """Predicted means (n, m) of the outputs `index` at physical points x (n, d)."""
    y = np.empty((len(x), len(index)))
    for start in range(0, len(x), CHUNK):
        y[start : start + CHUNK] = surrogate.mean(x[start : start + CHUNK])[:, list(index)]
    return y


def residual_squares(surrogate: Surrogate, x: FloatArray, index: Sequence[int]) -> FloatArray:
    """Mean squared prediction error (m,) at the first `RESIDUAL_ROWS` of the points."""
    std = surrogate.predict(x[:RESIDUAL_ROWS]).std[:, list(index)]
    return np.asarray(np.mean(std**2, axis=0))


def through_note(residual: FloatArray, learned_from: int) -> tuple[str, ...]:
    """What to say of intervals that a surrogate's error entered."""
    note = f"through a surrogate; its residual is taken as learned from {learned_from} rows"
    return (note,) if residual.any() else ()
