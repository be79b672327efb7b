"""Many points through a surrogate, in pieces of bounded memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from uq.core.array_types import FloatArray
from uq.core.dataset import Dataset
from uq.core.model import LARGEST
from uq.surrogates.base import Surrogate

CHUNK = 65536
"""Rows evaluated at once."""

UNKNOWN = 100
"""Training rows of a surrogate that does not know its own: few, so that intervals are wide rather than narrow."""

RESIDUAL_ROWS = 4096
"""Rows by which the mean squared prediction error is judged."""

COMMON = 0.5
"""The share of a surrogate's standard error that all rows have in common; the rest changes sign from row to row and
cancels.  Judgement, from Borehole, a kinked function of 6 and a smooth one of 20 inputs, chaos and Gaussian
processes of 30 to 150 runs: 0.03 to 0.45 of the median limit's shift, to 0.9 in a tail that few runs had
reached."""


def require_surrogate(source: object) -> None:
    """Refuse what is no Surrogate.

    Parameters
    ----------
    source : object
        What the caller gave.

    Raises
    ------
    TypeError
        With the remedy.
    """
    if isinstance(source, Dataset):
        raise TypeError(
            "this analysis needs new points: fit a surrogate to the data (uq.PolynomialChaos.fit) and pass it"
        )
    if not isinstance(source, Surrogate):
        raise TypeError(
            f"a {type(source).__name__} is no surrogate: fit one to its runs (uq.PolynomialChaos.fit), or pass a cheap "
            "model as uq.surrogates.derived_outputs.Exact(problem)"
        )


def means(surrogate: Surrogate, x: FloatArray, index: Sequence[int]) -> FloatArray:
    """Predicted means (n, m) of the outputs `index` at physical points x (n, d).

    Parameters
    ----------
    surrogate : Surrogate
        A fitted surrogate.
    x : ndarray (n, d)
        Points in physical units.
    index : sequence of int
        Columns of outputs.

    Returns
    -------
    ndarray (n, m)
        Of the m outputs.

    Raises
    ------
    ValueError
        For predictions that are not finite or beyond 1e150: they would turn into silent indices.
    """
    y = np.empty((len(x), len(index)))
    for start in range(0, len(x), CHUNK):
        y[start : start + CHUNK] = surrogate.mean(x[start : start + CHUNK])[:, list(index)]
    bad = ~(np.abs(y) <= LARGEST).all(axis=1)
    if bad.any():
        where = ", ".join(f"{v:.4g}" for v in x[bad][0])
        raise ValueError(
            f"the surrogate predicts values that are not finite or beyond {LARGEST:g} at {bad.sum()} of {len(x)} "
            f"points, first at ({where})"
        )
    return y


def residual_squares(surrogate: Surrogate, x: FloatArray, index: Sequence[int]) -> FloatArray:
    """Mean squared prediction error (m,) at the first `RESIDUAL_ROWS` of the points.

    Parameters
    ----------
    surrogate : Surrogate
        A fitted surrogate.
    x : ndarray (n, d)
        Points in physical units.
    index : sequence of int
        Columns of outputs.

    Returns
    -------
    ndarray (m,)
        In the squares of the outputs' units.

    Raises
    ------
    ValueError
        For deviations that are not finite.
    """
    std = surrogate.predict(x[:RESIDUAL_ROWS]).std[:, list(index)]
    if not np.isfinite(std).all():
        raise ValueError("the surrogate predicts errors that are not finite")
    return np.asarray(np.mean(std**2, axis=0))


def rows_learned_from(surrogate: Surrogate, stated: int | None) -> int:
    """How many rows a surrogate was fitted to: as `stated`, else as it knows itself, else `UNKNOWN`.

    Parameters
    ----------
    surrogate : Surrogate
        A fitted surrogate.
    stated : int, optional
        Rows as the caller says; as the surrogate knows where it is not given.

    Returns
    -------
    int
        Number of rows.

    Raises
    ------
    ValueError
        For a stated number below one.
    """
    if stated is not None:
        if not stated >= 1:
            raise ValueError(f"learned_from is how many rows the surrogate was fitted to, got {stated}")
        return stated
    return UNKNOWN if _own_rows(surrogate) is None else len(_own_rows(surrogate))


def through_note(residual: FloatArray, surrogate: Surrogate, stated: int | None) -> tuple[str, ...]:
    """What to say of intervals that the error of a surrogate entered, fitted to as many rows as `rows_learned_from`.

    Parameters
    ----------
    residual : ndarray (m,)
        Mean squared prediction error over the variance.
    surrogate : Surrogate
        A fitted surrogate.
    stated : int, optional
        Rows as the caller says; as the surrogate knows where it is not given.

    Returns
    -------
    tuple of str
        Notes.
    """
    rows = rows_learned_from(surrogate, stated)
    silent = stated is None and _own_rows(surrogate) is None
    fitted = f"taken as fitted to {rows} rows (it does not tell)" if silent else f"fitted to {rows} rows"
    note = f"through a surrogate {fitted}: intervals include its prediction error"
    return (note,) if residual.any() else ()


def _own_rows(surrogate: Surrogate) -> Any:
    return getattr(surrogate, "x", None)
