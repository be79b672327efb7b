"""Laws that were written down for chaospy, taken in as they are; SALib's come in through `uq.io.tables`.

A law is recognised by what it answers, not by what it is called: its quantiles, density and moments give the parameters
of each law of `uq.core.distributions` in closed form, and the law whose quantiles are the same to 1e-9 is it.
Where none is, the quantiles themselves are kept.  chaospy itself is not imported: its objects bring all that is asked.

Source: Feinberg & Langtangen (2015), doi:10.1016/j.jocs.2015.08.008 (chaospy).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from scipy import special

from uq.core.array_types import FloatArray
from uq.core.distributions import (
    Beta,
    Discrete,
    Distribution,
    Empirical,
    Gumbel,
    LogNormal,
    Normal,
    Triangular,
    TruncatedNormal,
    Uniform,
    Weibull,
)
from uq.core.problem import Input, Output, Problem

Quantiles = Callable[[FloatArray], FloatArray]

_SAME = 1e-9
"""Largest difference of quantiles, relative to the range from the 2 % to the 98 % quantile."""
_PROBABILITIES = np.array([1e-4, 1e-3, 0.02, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 0.98, 0.999, 0.9999])
_TABLE = 2049
_STEP = 1e-4
_REMEDY = "give the marginals and a correlation of the germs (see uq.core.copula), or samples"


class ChaospyLaw(Protocol):
    """What is asked of a chaospy distribution."""

    interpret_as_integer: bool
    stochastic_dependent: bool
    lower: FloatArray
    upper: FloatArray

    def __len__(self) -> int: ...
    def __getitem__(self, index: int) -> Any: ...
    def inv(self, q_data: Any, max_iterations: int = ..., tollerance: float = ...) -> Any: ...
    def pdf(self, x_data: Any) -> Any: ...
    def mom(self, K: Any) -> Any: ...


def from_chaospy(law: ChaospyLaw) -> Distribution:
    """The law of `uq.core.distributions` that a chaospy distribution of one input is.

    Laws without an equal here (gamma, logistic, shifted lognormal, kernel densities ...) become `Empirical` laws of
    2,049 quantiles at equal steps of probability: exact between the 0.05 % and 99.95 % quantiles to 1e-4 of the spread,
    and cut at chaospy's own ends.  Raises ValueError for a law of several inputs, see `problem_from_chaospy`.
    """
    if not hasattr(law, "inv"):
        raise TypeError(f"{law!r} is not a distribution of chaospy")
    if len(law) != 1:
        raise ValueError(f"{law} is a law of {len(law)} inputs; use problem_from_chaospy")
    if law.interpret_as_integer:
        values = np.arange(np.ceil(float(law.lower[0])), np.floor(float(law.upper[0])) + 1.0) + 0.0  # no -0.0
        weights = np.ravel(law.pdf(values))
        kept = weights > 0.0
        return Discrete(tuple(values[kept]), tuple(weights[kept] / weights.sum()))

    def quantiles(u: FloatArray) -> FloatArray:
        with np.errstate(divide="ignore"):
            return np.ravel(law.inv(u)).astype(np.float64)

    return _recognised(quantiles, lambda x: np.ravel(law.pdf(x)), lambda k: float(np.ravel(law.mom(k))[0]))


def problem_from_chaospy(
    joint: ChaospyLaw,
    inputs: Sequence[tuple[str, str]],
    outputs: Sequence[Output] = (Output("y"),),
) -> Problem:
    """The problem of a joint chaospy distribution; `inputs` give the name and unit of each of its variables.

    Independent joints and those with a Gaussian copula (MvNormal, Nataf ...) have an equal here.  The copula is found
    from the inverse Rosenblatt transformation x(z) of standard normal z: variable j depends on row_j . z alone,
    so that the gradient of x_j by z at 0 is along row_j, the rows' products are the correlations, and x_j along row_j
    gives the marginal.  It is then held against x(z) at other points.  Raises ValueError for another copula, with the
    remedy, and for names that do not match.
    """
    d = len(joint)
    if len(inputs) != d:
        raise ValueError(f"{d} variables need as many names and units, got {len(inputs)}")
    text = f"chaospy {joint}"
    if not joint.stochastic_dependent:
        laws = [from_chaospy(joint[j] if d > 1 else joint) for j in range(d)]
        correlation = None
    else:
        laws, correlation = _of_copula(joint)
    described = tuple(Input(n, u, law, text) for (n, u), law in zip(inputs, laws, strict=True))
    return Problem(described, tuple(outputs), correlation=correlation)


def _of_copula(joint: ChaospyLaw) -> tuple[list[Distribution], FloatArray]:
    d = len(joint)

    def at(z: FloatArray) -> FloatArray:
        """(k, d) germs -> (k, d) values."""
        return np.asarray(joint.inv(special.ndtr(z.T)), dtype=np.float64).T

    ends = at(_STEP * np.vstack([np.eye(d), -np.eye(d)]))
    rows = (ends[:d] - ends[d:]).T
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    if not (norms > 0.0).all():  # chaospy 4.3: MvLogNormal of three inputs or more
        raise ValueError(
            f"chaospy's own transformation of {joint} leaves a variable without effect; {_REMEDY}"
        )
    rows /= norms
    laws = []
    for j, row in enumerate(rows):

        def quantiles(u: FloatArray, j: int = j, row: FloatArray = row) -> FloatArray:
            return at(special.ndtri(np.clip(u, 2.0**-53, 1.0 - 2.0**-53))[:, None] * row)[:, j]

        laws.append(_recognised(quantiles, None, None, same=1e-6))
    germs = np.random.default_rng(1).standard_normal((64, d))
    mapped = np.stack([law.at_normal(germs @ row) for law, row in zip(laws, rows, strict=True)], axis=1)
    expected = at(germs)
    if (np.abs(mapped - expected) > 1e-3 * expected.std(axis=0)).any():
        raise ValueError(f"{joint} is not joined by a Gaussian copula; {_REMEDY}")
    correlation = np.round(rows @ rows.T, 7)
    np.fill_diagonal(correlation, 1.0)
    return laws, correlation


def _recognised(
    quantiles: Quantiles,
    density: Callable[[FloatArray], FloatArray] | None,
    moment: Callable[[int], float] | None,
    same: float = _SAME,
) -> Distribution:
    expected = quantiles(_PROBABILITIES)
    spread = expected[-3] - expected[2]
    for candidate in (_normal, _uniform, _lognormal, _triangular, _weibull, _gumbel, _beta, _truncated):
        try:
            with np.errstate(all="ignore"):
                law = candidate(quantiles, density, moment)
        except (ValueError, ZeroDivisionError):
            continue
        if law is not None and (np.abs(law.ppf(_PROBABILITIES) - expected) <= same * spread).all():
            return law
    values = quantiles(np.linspace(0.0, 1.0, _TABLE))
    return Empirical(tuple(np.unique(values)))


Density = Callable[[FloatArray], FloatArray] | None
Moment = Callable[[int], float] | None


def _ends(q: Quantiles) -> tuple[float, float]:
    low, high = (float(v) for v in q(np.array([0.0, 1.0])))
    return _clean(low, high - low), _clean(high, high - low)


def _two(q: Quantiles, p: float) -> tuple[float, float]:
    low, high = q(np.array([p, 1.0 - p]))
    return float(low), float(high)


def _normal(q: Quantiles, density: Density, moment: Moment) -> Distribution | None:
    low, high = _two(q, 0.1)
    return Normal(_clean(0.5 * (low + high)), _clean(0.5 * (high - low) / float(special.ndtri(0.9))))


def _lognormal(q: Quantiles, density: Density, moment: Moment) -> Distribution | None:
    low, high = _two(q, 0.1)
    if low <= 0.0:
        return None
    sigma = 0.5 * np.log(high / low) / float(special.ndtri(0.9))
    return LogNormal(_clean(float(np.sqrt(low * high))), _clean(float(np.exp(sigma))))


def _uniform(q: Quantiles, density: Density, moment: Moment) -> Distribution | None:
    return Uniform(*_ends(q))


def _triangular(q: Quantiles, density: Density, moment: Moment) -> Distribution | None:
    (low, high), middle = _ends(q), float(q(np.array([0.5]))[0])
    half = 0.5 * (high - low)
    right = low + (middle - low) ** 2 / half
    mode = right if right >= middle else high - (high - middle) ** 2 / half
    return Triangular(low, min(max(_clean(mode), low), high), high)


def _weibull(q: Quantiles, density: Density, moment: Moment) -> Distribution | None:
    low = float(q(np.array([0.0]))[0])
    few, many = q(np.array([0.1, 0.9])) - low
    shape = float(np.log(np.log(0.1) / np.log(0.9)) / np.log(many / few))
    return Weibull(_clean(float(many / (-np.log(0.1)) ** (1.0 / shape))), _clean(shape), low)


def _gumbel(q: Quantiles, density: Density, moment: Moment) -> Distribution | None:
    few, many = q(np.array([0.1, 0.9]))
    first, last = -np.log(-np.log([0.1, 0.9]))
    scale = float((many - few) / (last - first))
    return Gumbel(_clean(float(few - scale * first)), _clean(scale))


def _beta(q: Quantiles, density: Density, moment: Moment) -> Distribution | None:
    if moment is None:
        return None
    low, high = _ends(q)
    mean = (moment(1) - low) / (high - low)
    variance = (moment(2) - moment(1) ** 2) / (high - low) ** 2
    total = mean * (1.0 - mean) / variance - 1.0
    return Beta(_clean(mean * total), _clean((1.0 - mean) * total), low, high)


def _truncated(q: Quantiles, density: Density, moment: Moment) -> Distribution | None:
    if density is None:
        return None
    low, high = _ends(q)
    x = np.array([0.75 * low + 0.25 * high, 0.5 * (low + high), 0.25 * low + 0.75 * high])
    a, b, c = np.log(density(x))
    step = x[1] - x[0]
    variance = -(step**2) / (a - 2.0 * b + c)
    location = x[1] + 0.5 * (c - a) / step * variance
    return TruncatedNormal(_clean(float(location), high - low), _clean(float(np.sqrt(variance))), low, high)


def _clean(value: float, size: float = 0.0) -> float:
    """The number of eleven digits (zero, for what is nothing beside `size`) next to one that rounding moved."""
    if abs(value) < 1e-14 * size:
        return 0.0
    near = float(f"{value:.11g}")
    return near if abs(near - value) <= 1e-14 * max(abs(value), size) else value
