"""From stated correlations to those of the Gaussian copula, which `Problem.correlation` holds.

Experts and data state correlations of the values (Pearson), of their ranks (Spearman) or of their order (Kendall); the
copula wants those of the normal germs.  Each function checks that a matrix of germs exists and is positive definite.

Sources: Nataf (1962); Der Kiureghian & Liu (1986), doi:10.1061/(ASCE)0733-9399(1986)112:1(85); Lebrun & Dutfoy (2009),
doi:10.1016/j.probengmech.2008.08.001; Kruskal (1958), doi:10.1080/01621459.1958.10501481 (ranks and order).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from uq.core.array_types import FloatArray
from uq.core.distributions import Distribution
from uq.core.model import column_names, real_numbers, row_labels
from uq.core.text import one_line

_TERMS = 120
_CERTAIN = 1e-12
_GRID = np.linspace(-8.2, 8.2, 8201)


def check_correlation(matrix: Any, dimension: int) -> None:
    """Check that `matrix` is a (d, d) symmetric, positive definite correlation matrix.

    Parameters
    ----------
    matrix : Any
        What the user gave.
    dimension : int
        d, number of inputs.

    Raises
    ------
    ValueError
        Unless it is a (d, d) symmetric, positive definite correlation matrix.
    """
    try:
        m = real_numbers(matrix, "the correlation")
    except (TypeError, ValueError):
        raise ValueError(
            f"correlation is {one_line(matrix, 40)}, expected numbers in a matrix ({dimension}, {dimension}), in the "
            "order of the inputs"
        ) from None
    if m.shape != (dimension, dimension):
        raise ValueError(
            f"correlation has shape {m.shape}, expected ({dimension}, {dimension}): a row and a column for each input, "
            "in their order"
        )
    if (
        not np.all(np.isfinite(m))
        or not np.allclose(m, m.T, atol=_CERTAIN)
        or not np.allclose(np.diag(m), 1.0)
    ):
        raise ValueError("correlation must be symmetric, finite, with ones on its diagonal")
    smallest = float(np.linalg.eigvalsh(m)[0])
    if smallest <= _CERTAIN:
        raise ValueError(
            f"correlation is not positive definite (smallest eigenvalue {smallest:.3g}): "
            "the stated pairs contradict each other; weaken the strongest of them"
        )


def in_order(matrix: Any, names: Sequence[str]) -> Any:
    """A correlation in the order of the inputs: one that labels its rows and columns is read by these names.

    Parameters
    ----------
    matrix : Any
        (d, d), perhaps a data frame with names.
    names : sequence of str
        Of the inputs, in their order.

    Returns
    -------
    Any
        As it came where nothing is labelled, as a data frame without its names comes.

    Raises
    ------
    ValueError
        Unless both the rows and the columns of a labelled one are the inputs, each once.
    """
    rows, columns = row_labels(matrix), column_names(matrix)
    if rows is None or columns is None:
        return matrix
    if columns == list(rows) == list(range(len(names))):
        return matrix
    if sorted(map(str, rows)) != sorted(names) or sorted(map(str, columns)) != sorted(names):
        raise ValueError(
            f"the correlation has the rows {one_line(list(rows), 60)} and columns {one_line(columns, 60)}, expected "
            f"the inputs {one_line(list(names), 60)} in both"
        )
    return matrix.loc[list(names), list(names)].to_numpy()


def from_rank(matrix: ArrayLike) -> FloatArray:
    """Spearman's rank correlations (d, d) -> correlations of the germs, 2 sin(pi rho / 6), for continuous laws.

    Parameters
    ----------
    matrix : array_like (d, d)
        Symmetric, ones on its diagonal.

    Returns
    -------
    ndarray (d, d)
        Correlations of the standard normal germs.

    Raises
    ------
    ValueError
        For a matrix that is no correlation matrix, before or after.

    Examples
    --------
    >>> from_rank([[1.0, 0.5], [0.5, 1.0]]).round(4).tolist()
    [[1.0, 0.5176], [0.5176, 1.0]]
    """
    return _checked(2.0 * np.sin(np.pi / 6.0 * _stated(matrix)))


def from_kendall(matrix: ArrayLike) -> FloatArray:
    """Kendall's tau (d, d) -> correlations of the germs, sin(pi tau / 2), for continuous laws.

    Parameters
    ----------
    matrix : array_like (d, d)
        Symmetric, ones on its diagonal.

    Returns
    -------
    ndarray (d, d)
        Correlations of the standard normal germs.

    Raises
    ------
    ValueError
        For a matrix that is no correlation matrix, before or after.

    Examples
    --------
    >>> from_kendall([[1.0, 1 / 3], [1 / 3, 1.0]]).round(4).tolist()
    [[1.0, 0.5], [0.5, 1.0]]
    """
    return _checked(np.sin(np.pi / 2.0 * _stated(matrix)))


def from_linear(matrix: ArrayLike, laws: Sequence[Distribution]) -> FloatArray:
    """Pearson correlations (d, d) of values under the marginal `laws` -> correlations of the germs (Nataf).

    With x_i(z) = sum_k c_ik h_k(z) in orthonormal Hermite polynomials, Mehler's formula gives the Pearson
    correlation of a pair as sum_k c_ik c_jk r^k / (sigma_i sigma_j), k >= 1, which rises with the germs' r and is
    solved for it.

    Parameters
    ----------
    matrix : array_like (d, d)
        Symmetric, ones on its diagonal.
    laws : sequence of Distribution
        Marginal of each input.

    Returns
    -------
    ndarray (d, d)
        Correlations of the standard normal germs.

    Raises
    ------
    ValueError
        Where no r reaches a stated value (skewed laws cannot be fully correlated), with the attainable range,
        and for a matrix that is no correlation matrix, before or after.

    Examples
    --------
    >>> from uq.core.distributions import LogNormal, Uniform
    >>> laws = (LogNormal(1.0, float(np.exp(0.5))), LogNormal(1.0, float(np.exp(0.5))))
    >>> r = from_linear([[1.0, 0.4], [0.4, 1.0]], laws)[0, 1]
    >>> bool(np.isclose(r, np.log(1.0 + 0.4 * (np.exp(0.25) - 1.0)) / 0.25))  # closed form of two lognormals
    True
    """
    from scipy import optimize  # 0.2 s in every process to which a problem travels, few of which ask for this

    stated = _stated(matrix)
    if len(laws) != len(stated):
        raise ValueError(f"{len(laws)} laws for a correlation matrix of shape {stated.shape}")
    c = np.stack([_hermite_coefficients(law) for law in laws])
    result = np.eye(len(laws))
    for i, j in zip(*np.nonzero(np.triu(stated, 1)), strict=True):
        powers = np.concatenate([[0.0], c[i] * c[j]])
        series = np.polynomial.Polynomial(powers)
        low, high = float(series(-1.0)), float(series(1.0))
        target = float(stated[i, j])
        if not low < target < high:
            raise ValueError(
                f"a correlation of {target:g} between inputs {i} and {j} cannot be reached: under their laws it "
                f"lies between {low:.4f} and {high:.4f}"
            )
        result[i, j] = result[j, i] = optimize.brentq(
            lambda r, s=series, t=target: float(s(r)) - t, -1.0, 1.0, xtol=1e-15
        )
    return _checked(result)


def _hermite_coefficients(law: Distribution) -> FloatArray:
    """(K,) c_k / sigma, k = 1 .. K, by the trapezoidal rule, which is exact to rounding for smooth x(z) phi(z)."""
    weight = np.exp(-0.5 * _GRID**2)
    weight /= weight.sum()
    x = law.at_normal(_GRID)
    x = x - weight @ x
    x /= np.sqrt(weight @ x**2)
    before, now = np.zeros_like(_GRID), np.ones_like(_GRID)
    result = np.empty(_TERMS)
    for k in range(_TERMS):
        before, now = now, (_GRID * now - np.sqrt(k) * before) / np.sqrt(k + 1.0)
        result[k] = weight @ (x * now)
    return result


def _stated(matrix: ArrayLike) -> FloatArray:
    stated = real_numbers(matrix, "the correlation")
    check_correlation(stated, len(stated) if stated.ndim else 0)
    return stated


def _checked(germs: FloatArray) -> FloatArray:
    np.fill_diagonal(germs, 1.0)
    check_correlation(germs, len(germs))
    return germs
