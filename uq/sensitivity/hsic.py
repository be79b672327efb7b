"""Which inputs an output depends on in any way at all, by kernels: the Hilbert-Schmidt independence criterion.

With Gaussian kernels k, l whose lengths are the standard deviations, and (X', Y'), (X'', Y'') copies of (X, Y)::

    HSIC(X, Y) = E[k(X, X') l(Y, Y')] + E[k(X, X')] E[l(Y, Y')] - 2 E[k(X, X') l(Y, Y'')]
    share      = HSIC(X, Y) / sqrt(HSIC(X, X) HSIC(Y, Y))

is zero if and only if X and Y are independent, and one if Y is X in other units.  Any samples serve, of dependent
inputs too; the share of an input that travels with others counts what those do.
Source: Gretton et al. (2005), doi:10.1007/11564089_7; as a sensitivity: Da Veiga (2015),
doi:10.1080/00949655.2014.945932.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import special

from uq.core.array_types import FloatArray
from uq.core.dataset import Dataset
from uq.core.estimate import CONFIDENCE, require_confidence
from uq.core.repeatable import one_thread
from uq.sensitivity.given_data import Measure, independent_rows, usable_values

ROWS = 2048
"""So many rows, drawn at random, are used: work and memory grow with their square."""

LEAST = 64


@one_thread()
def hsic(
    data: Dataset, *, outputs: Sequence[str] | None = None, confidence: float = CONFIDENCE
) -> dict[str, Measure]:
    """Normalised Hilbert-Schmidt independence criterion of each input with each output, dimensionless, in [0, 1].

    Intervals are normal, from the first-order influence of each row on the ratio; they reach down by what the finite
    sample adds where there is no dependence. The null is the gamma law of Gretton et al. (2008, *A kernel
    statistical test of independence*) at 5 %.

    Parameters
    ----------
    data : Dataset
        Evaluated rows; failed ones are left out.
    outputs : sequence of str, optional
        Names of the outputs to look at; all of them where none are given.
    confidence : float, default CONFIDENCE
        Of the interval, between 0 and 1.

    Returns
    -------
    dict of str to Measure
        By output.

    Raises
    ------
    ValueError
        For failed rows, fewer than `LEAST`, or outputs of which no share of variance can be taken.

    References
    ----------
    Gretton et al. (2008), *A kernel statistical test of independence*.
    """
    require_confidence(confidence)
    data, shared = independent_rows(data)
    if len(data) < LEAST:
        raise ValueError(f"{len(data)} rows are too few; at least {LEAST} are needed")
    problem, z = data.problem, float(special.ndtri(0.5 + 0.5 * confidence))
    n = min(ROWS, len(data))
    rows = data.where(np.random.default_rng(1).permutation(len(data))[:n]) if n < len(data) else data
    usable = {
        output: usable_values(rows, output, LEAST)
        for output in (outputs if outputs is not None else problem.output_names)
    }
    kernels = [_centred(rows[name], name) for name in problem.input_names]
    results = {}
    for output, (y, odd) in usable.items():
        notes = odd + shared
        if n < len(data):
            notes += (f"{n} of {len(data)} rows, drawn at random",)
        target = _centred(y, output)
        own = _pairing(target, target)
        found = [_share(kernel, target, own) for kernel in kernels]
        value = np.array([share for share, _ in found])
        half = z * np.array([influence.std() for _, influence in found]) / np.sqrt(n)
        chance = np.array([_without_dependence(kernel, target, own) for kernel in kernels])
        interval = np.stack(
            [np.maximum(value - chance[:, 0] - half, 0.0), np.minimum(value + half, 1.0)], axis=1
        )
        results[output] = Measure(
            "kernel dependence",
            output,
            problem.input_names,
            value,
            interval,
            chance[:, 1],
            confidence,
            n,
            notes,
        )
    return results


def _centred(values: FloatArray, name: str) -> tuple[FloatArray, float]:
    """The kernel matrix (n, n) of a column, centred both ways, and its mean off the diagonal before that."""
    spread = values.std()
    if not spread > 0.0:
        raise ValueError(f"{name!r} has one value in all rows: nothing can depend on it")
    kernel = np.exp(-0.5 * ((values[:, None] - values) / spread) ** 2)
    n, means = len(values), kernel.mean(axis=0)
    outside = (kernel.sum() - n) / (n * (n - 1.0))
    return kernel - means - means[:, None] + means.mean(), float(outside)


def _pairing(one: tuple[FloatArray, float], two: tuple[FloatArray, float]) -> FloatArray:
    """(n,) the part of each row in HSIC, which is their mean."""
    return np.einsum("ij,ij->i", one[0], two[0]) / len(one[0])


def _share(
    kernel: tuple[FloatArray, float], target: tuple[FloatArray, float], own: FloatArray
) -> tuple[float, FloatArray]:
    """The normalised criterion, and the influence (n,) of each row on it."""
    both, self = _pairing(kernel, target), _pairing(kernel, kernel)
    value = float(both.mean() / np.sqrt(self.mean() * own.mean()))
    influence = 2.0 * both / both.mean() - self / self.mean() - own / own.mean()
    return value, value * influence


def _without_dependence(
    kernel: tuple[FloatArray, float], target: tuple[FloatArray, float], own: FloatArray
) -> tuple[float, float]:
    """Mean and 95 % quantile of the normalised criterion if the input and the output were independent."""
    (k, p), (l, q), n = kernel, target, len(own)
    mean = (1.0 + p * q - p - q) / n
    squares = (k * l) ** 2
    outside = (squares.sum() - np.trace(squares)) / (n * (n - 1.0))
    variance = 2.0 * (n - 4.0) * (n - 5.0) / (n * (n - 1.0) * (n - 2.0) * (n - 3.0)) * outside
    level = float(special.gammaincinv(mean**2 / variance, 0.95)) * variance / mean
    size = float(np.sqrt(_pairing(kernel, kernel).mean() * own.mean()))
    return mean / size, level / size
