"""Which terms of a basis explain the data: least angle regression, scored by corrected leave-one-out error.

The path grows a support one term at a time and refits it by least squares through an updated QR factorisation, so
that each step costs two passes over the n x P matrix of terms.  The support of smallest

    n / (n - k) (1 + tr (A'A)^-1) mean (e_i / (1 - h_i))^2,    e residuals, h leverages, k terms,

is taken.  That error is too small after so many comparisons: use it to choose, never to report.

Sources: Efron et al. (2004), doi:10.1214/009053604000000067 (least angles); Blatman & Sudret (2011),
doi:10.1016/j.jcp.2010.12.021 (hybrid of least angles and least squares); Chapelle et al. (2002),
doi:10.1023/A:1013943418833 (the correction).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from uq.core.array_types import BoolArray, FloatArray, IntArray

_DEPENDENT = 1e-7
"""A column whose part outside the support is this small adds nothing that the data could tell."""

_EXACT = 1e-26


@dataclass(frozen=True)
class Selection:
    """Least squares on the chosen `terms` (k,) among P: all `coefficients` (P,), zero elsewhere; leave-one-out
    `residuals` (n,); the corrected `error`; `q` (n, k) an orthonormal basis of the chosen columns."""

    terms: IntArray
    coefficients: FloatArray
    residuals: FloatArray
    error: float
    q: FloatArray

    def without(self, rows: BoolArray) -> FloatArray:
        """Residuals of `rows` when they are left out together, on the same support: the smallest, where the other
        rows do not determine it."""
        leverage = np.einsum("ij,ij->i", self.q, self.q)
        q, right = self.q[rows], self.residuals[rows] * (1.0 - leverage[rows])
        try:
            return np.linalg.solve(np.eye(len(q)) - q @ q.T, right)
        except np.linalg.LinAlgError:
            return np.linalg.lstsq(np.eye(len(q)) - q @ q.T, right)[0]


class _Growing:
    """Least squares on a growing support: residual, leverages and the trace of the inverse normal matrix."""

    def __init__(self, y: FloatArray, max_terms: int) -> None:
        self.q = np.empty((max_terms, len(y)))
        self.inverse = np.zeros((max_terms, max_terms))
        self.residual = y.copy()
        self.leverage = np.zeros(len(y))
        self.trace = 0.0
        self.size = 0

    def add(self, column: FloatArray) -> bool:
        """Append a term; False if the support already spans it."""
        k = self.size
        q = self.q[:k]
        r = q @ column
        v = column - r @ q
        again = q @ v
        v -= again @ q
        r += again
        norm = float(np.linalg.norm(v))
        if norm <= _DEPENDENT * float(np.linalg.norm(column)):
            return False
        v /= norm
        self.inverse[:k, k] = self.inverse[:k, :k] @ r / -norm
        self.inverse[k, k] = 1.0 / norm
        self.trace += float(self.inverse[: k + 1, k] @ self.inverse[: k + 1, k])
        self.q[k] = v
        self.residual -= v * (v @ self.residual)
        self.leverage += v * v
        self.size = k + 1
        return True

    def error(self) -> float:
        """The corrected leave-one-out error of the support."""
        n, k = len(self.residual), self.size
        free = 1.0 - self.leverage
        if k >= n or free.min() < 1e-9:
            return np.inf
        return n / (n - k) * (1.0 + self.trace) * float(np.mean((self.residual / free) ** 2))


def _finished(errors: list[float]) -> bool:
    """Whether the error has risen for so long that the path will not come back."""
    best = int(np.argmin(errors))
    return len(errors) - best > 15 + best // 3 or errors[best] < _EXACT


def least_angles(matrix: FloatArray, y: FloatArray, max_terms: int) -> Selection:
    """The best support along the least-angle path.

    Parameters
    ----------
    matrix : ndarray (n, P)
        Terms at the rows, the constant in the first column.
    y : ndarray (n,)
        The output, of standard deviation 1.
    max_terms : int
        At most so many.

    Returns
    -------
    Selection

    References
    ----------
    Efron, Hastie, Johnstone & Tibshirani (2004), doi:10.1214/009053604000000067.
    """
    centred = matrix - matrix.mean(axis=0)
    norms = np.sqrt(np.einsum("ij,ij->j", centred, centred))
    waiting = norms > 1e-10 * np.sqrt(len(y))
    waiting[0] = False
    centred /= np.where(waiting, norms, np.inf)
    support, terms = _Growing(y, max_terms), [0]
    support.add(matrix[:, 0])
    errors = [support.error()]
    path = _Growing(y - y.mean(), max_terms)
    correlation = y @ centred
    while support.size < max_terms and waiting.any() and not _finished(errors):
        j = int(np.argmax(np.where(waiting, np.abs(correlation), -1.0)))
        level = abs(float(correlation[j]))
        if level <= 1e-15 * float(np.linalg.norm(y)):
            break
        waiting[j] = False
        if not path.add(centred[:, j]):
            continue
        if not support.add(matrix[:, j]):
            break  # at the edge of rounding, where the two no longer tell the same terms apart
        terms.append(j)
        errors.append(support.error())
        half = path.inverse[: path.size, : path.size].T @ np.sign(correlation[terms[1:]])
        angle = 1.0 / float(np.linalg.norm(half))
        slope = (angle * half @ path.q[: path.size]) @ centred
        with np.errstate(divide="ignore", invalid="ignore"):
            steps = np.stack(
                [(level - correlation) / (angle - slope), (level + correlation) / (angle + slope)]
            )
        steps[:, ~waiting] = np.inf
        steps[~(steps > 1e-14 * level)] = np.inf
        correlation -= float(min(steps.min(), level / angle)) * slope
    k = int(np.argmin(errors)) + 1
    return least_squares(matrix, y, np.array(terms[:k]), errors[k - 1])


def least_squares(matrix: FloatArray, y: FloatArray, terms: IntArray, error: float) -> Selection:
    """Least squares on given terms through QR.

    Parameters
    ----------
    matrix : ndarray (n, P)
        Terms at the rows, the constant in the first column.
    y : ndarray (n,)
        The output, of standard deviation 1.
    terms : ndarray of int (k,)
        Columns of the matrix.
    error : float
        The left-out error that belongs to the selection.

    Returns
    -------
    Selection
    """
    q, r = linalg.qr(matrix[:, terms], mode="economic", check_finite=False)
    projected = q.T @ y
    coefficients = np.zeros(matrix.shape[1])
    coefficients[terms] = linalg.solve_triangular(r, projected, check_finite=False)
    free = 1.0 - np.einsum("ij,ij->i", q, q)
    residuals = np.asarray((y - q @ projected) / free, dtype=np.float64)
    return Selection(terms, coefficients, residuals, error, np.asarray(q, dtype=np.float64))
