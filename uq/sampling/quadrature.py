"""Quadrature plans: points with weights, for the coefficients of an expansion by integration.  [chaospy]

    E[g(X)] = int g(x(u)) du  ~  sum_i w_i g(x(u_i)),    sum_i w_i = 1

The weights stand in the plan's details, so that a Dataset that was run on it brings them along.

Source: Xiu & Hesthaven (2005), doi:10.1137/040615201 (sparse grids); Golub & Welsch (1969),
doi:10.1090/S0025-5718-69-99647-1 (Gauss); Feinberg & Langtangen (2015), doi:10.1016/j.jocs.2015.08.008 (chaospy).
"""

from __future__ import annotations

import itertools
import logging
import math
from collections.abc import Sequence
from types import ModuleType

import numpy as np

from uq.core.array_types import FloatArray
from uq.core.distributions import Discrete, Distribution
from uq.core.distributions.orthogonal import recurrence
from uq.sampling.plans import Plan

MOST_POINTS = 100_000
"""More points than this are refused: a mistyped order makes millions."""


def gauss(laws: Sequence[Distribution], points: int) -> Plan:
    """All combinations of the Gauss points of independent laws: exact for polynomials of degree 2 `points` - 1 in each.

    Polynomials are those of the germ (the value, or its logarithm where the law is lognormal), orthogonal under the law
    itself, of a classical family or not; inputs far from zero lose no digits, for germs are standardised first.

    Parameters
    ----------
    laws : sequence of Distribution
        Of the d inputs, ``problem.distributions``; a discrete law takes all its values.
    points : int
        Points in each input of a continuous law; the plan has ``points**d`` rows.

    Returns
    -------
    Plan
        Of scheme "gauss", with `details` "weights", "points".

    Raises
    ------
    ValueError
        For no points, more than `MOST_POINTS` rows, or a law that does not take the values of its Gauss points.
    """
    if points < 1 or not laws:
        raise ValueError(
            f"needs laws and at least one point in each, got {len(laws)} laws and {points} points"
        )
    _require_few(points ** len(laws))
    library = _chaospy()
    nodes, weights = [], []
    for law in laws:
        if isinstance(law, Discrete):
            weight = np.array(law.weights) / np.sum(law.weights)
            nodes.append(np.cumsum(weight) - 0.5 * weight)
        else:
            shift, scale, a, b = recurrence(law, points)
            (t,), (w,) = library.coefficients_to_quadrature([np.stack([a[:points], b[:points]])])
            x, weight = shift + scale * np.asarray(t), np.asarray(w) / np.sum(w)
            x = np.exp(x) if law.logarithmic else x
            nodes.append(law.cdf(x))
            if not np.allclose(law.ppf(nodes[-1]), x, rtol=1e-6, atol=1e-6 * scale):
                raise ValueError(
                    f"{law} does not take the values of its Gauss points; use a plan of the unit cube"
                )
        weights.append(weight)
    unit = np.array(list(itertools.product(*nodes)))
    weight = np.array([math.prod(row) for row in itertools.product(*weights)])
    return _plan(unit, weight, "gauss", {"points": points})


def clenshaw_curtis(order: int, dimension: int) -> Plan:
    """All combinations of `order` + 1 Clenshaw-Curtis points of the unit cube, ends included.

    Nested: that of order 2 k holds that of order k. Exact for polynomials of degree `order` in each coordinate of
    the unit cube, so for uniform laws; for others `gauss` needs fewer points.

    Parameters
    ----------
    order : int
        Of the rule.
    dimension : int
        d, number of inputs.

    Returns
    -------
    Plan
        (order + 1)^d points with weights.

    Raises
    ------
    ValueError
        As `gauss`.
    """
    _check(order, dimension)
    return _clenshaw_curtis(order, dimension, (order + 1) ** dimension, "clenshaw_curtis")


def sparse(order: int, dimension: int) -> Plan:
    """Smolyak's sum of nested Clenshaw-Curtis rules of the unit cube up to level `order`: exact for polynomials of
    total degree 2 `order` + 1 of uniform inputs, with far fewer points than all combinations; weights may be negative.

    Parameters
    ----------
    order : int
        Of the rule.
    dimension : int
        d, number of inputs.

    Returns
    -------
    Plan
        Points with weights that may be negative.

    Raises
    ------
    ValueError
        As `gauss`.
    """
    _check(order, dimension)
    rows = 2**order * math.comb(dimension + order, order) // 4
    return _clenshaw_curtis(order, dimension, rows, "sparse_clenshaw_curtis", sparse=True, growth=True)


def _clenshaw_curtis(order: int, dimension: int, rows: int, scheme: str, **options: bool) -> Plan:
    _require_few(rows)
    cube = _chaospy().Iid(_chaospy().Uniform(0.0, 1.0), dimension)
    unit, weight = _chaospy().generate_quadrature(order, cube, rule="clenshaw_curtis", **options)
    return _plan(unit.T, weight, scheme, {"order": order})


def _plan(unit: FloatArray, weight: FloatArray, scheme: str, details: dict[str, int]) -> Plan:
    points = np.clip(np.asarray(unit, dtype=np.float64), 0.0, 1.0)
    return Plan(points, scheme, 1, {**details, "weights": np.asarray(weight).tolist()})


def _check(order: int, dimension: int) -> None:
    if order < 1 or dimension < 1:
        raise ValueError(f"order and dimension must be positive, got {order} and {dimension}")


def _require_few(rows: int) -> None:
    if rows > MOST_POINTS:
        raise ValueError(
            f"about {rows:,} points, more than {MOST_POINTS:,}; take a lower order, a sparse plan, or fewer inputs "
            "(fix those that hardly matter), or fit an expansion to a sample"
        )


def _chaospy() -> ModuleType:
    """chaospy; its import sets the root logger to DEBUG with a handler of its own, which is undone."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    try:
        import chaospy
    finally:
        root.setLevel(level)
        root.handlers[:] = handlers
    return chaospy
