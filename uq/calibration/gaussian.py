"""The posterior in closed form: normal inputs, measured through a straight line, with normal errors.

With x ~ N(m, P) and y = A x + e, e ~ N(0, C)::

    K = P A' (A P A' + C)^-1,   m' = m + K (y - A m),   P' = (1 - K A) P (1 - K A)' + K C K'

The last form (Joseph's) stays symmetric and positive under rounding.
Source: Tarantola (2005), *Inverse Problem Theory*, section 3.2, doi:10.1137/1.9780898717921.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg

from uq.core.array_types import FloatArray
from uq.core.model import real_numbers
from uq.core.repeatable import one_thread


@one_thread()
def gaussian_posterior(
    mean: ArrayLike, covariance: ArrayLike, *, operator: ArrayLike, values: ArrayLike, errors: ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """Mean and covariance of normal inputs after measurements of linear functions of them.

    Parameters
    ----------
    mean : array_like (d,)
        m.
    covariance : array_like (d, d)
        P.
    operator : array_like (m, d)
        A.
    values : array_like (m,)
        y.
    errors : array_like (m, m)
        C, positive definite.

    Returns
    -------
    mean : ndarray (d,)
    covariance : ndarray (d, d)

    Raises
    ------
    ValueError
        For shapes that do not fit each other, and errors that are not positive definite.

    References
    ----------
    Tarantola (2005), Inverse Problem Theory, doi:10.1137/1.9780898717921.

    >>> m, p = gaussian_posterior([0.0], [[1.0]], operator=[[1.0]], values=[2.0], errors=[[1.0]])
    >>> m.tolist(), p.tolist()
    ([1.0], [[0.5]])
    """
    m, p = real_numbers(mean, "the mean"), real_numbers(covariance, "the covariance")
    a, y = real_numbers(operator, "the operator"), real_numbers(values, "the values")
    c = real_numbers(errors, "the errors")
    d = len(m)
    if p.shape != (d, d) or a.shape != (len(y), d) or c.shape != (len(y), len(y)):
        raise ValueError(
            f"mean {m.shape}, covariance {p.shape}, operator {a.shape}, values {y.shape} and errors {c.shape} "
            "do not fit"
        )
    try:
        np.linalg.cholesky(c)
    except np.linalg.LinAlgError:
        raise ValueError(
            "errors are not positive definite: every measurement needs an error of its own"
        ) from None
    gain = linalg.solve(a @ p @ a.T + c, a @ p, assume_a="pos").T
    left = np.eye(d) - gain @ a
    after = left @ p @ left.T + gain @ c @ gain.T
    return m + gain @ (y - a @ m), 0.5 * (after + after.T)
