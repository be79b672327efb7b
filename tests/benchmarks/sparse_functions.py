"""Models of the survey of sparse chaos expansions that `uqtestfuns` does not hold: a truss, a rod, a 100-d function.

Source: Luethen, Marelli & Sudret (2021), doi:10.1137/20M1315774, and what it cites: the truss of Blatman & Sudret
(2011), doi:10.1016/j.jcp.2010.12.021; the rod of Fajraoui, Marelli & Sudret (2017), doi:10.1137/16M1103488.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from tests.benchmarks.functions import FloatArray, Function
from uq.core.distributions import Distribution, Gumbel, LogNormal, Normal, Uniform

TERMS = 62
"""Of the random field of the rod: 99 % of its variance."""


def _lognormal(mean: float, variation: float) -> LogNormal:
    spread = float(np.sqrt(np.log1p(variation**2)))
    return LogNormal(mean * float(np.exp(-0.5 * spread**2)), float(np.exp(spread)))


def _gumbel(mean: float, deviation: float) -> Gumbel:
    scale = deviation * float(np.sqrt(6.0)) / np.pi
    return Gumbel(mean - np.euler_gamma * scale, scale)


@cache
def _bars() -> tuple[FloatArray, FloatArray, FloatArray]:
    """Forces (23, 6) of the bars by unit loads on the upper nodes, (23,) by one at midspan below, and lengths (23,).

    A span of 24 m in six bays, 2 m high: seven nodes below, six above between them; eleven chords, then twelve
    diagonals.  It is statically determinate: equilibrium alone gives the forces.
    """
    nodes = [(4.0 * i, 0.0) for i in range(7)] + [(4.0 * i + 2.0, 2.0) for i in range(6)]
    bars = [(i, i + 1) for i in range(6)] + [(i, i + 1) for i in range(7, 12)]
    bars += [pair for i in range(6) for pair in ((i, 7 + i), (7 + i, i + 1))]
    place, ends = np.array(nodes), np.array(bars)
    along = place[ends[:, 1]] - place[ends[:, 0]]
    lengths = np.linalg.norm(along, axis=1)
    balance = np.zeros((26, 26))
    for k, (i, j) in enumerate(bars):
        unit = along[k] / lengths[k]
        balance[2 * i : 2 * i + 2, k] = unit
        balance[2 * j : 2 * j + 2, k] = -unit
    for k, reaction in enumerate((0, 1, 13)):  # pinned at the first node, on a roller at the seventh
        balance[reaction, 23 + k] = 1.0
    loads = np.zeros((26, 7))
    for k in range(6):
        loads[2 * (7 + k) + 1, k] = 1.0  # downwards
    loads[2 * 3 + 1, 6] = 1.0
    forces = np.linalg.solve(balance, loads)[:23]
    return forces[:, :6], forces[:, 6], lengths


def truss(x: FloatArray) -> FloatArray:
    """Deflection (n,) of the lower chord at midspan, m, by unit-load work: E1, E2, A1, A2 and six loads (n, 10)."""
    by_loads, virtual, lengths = _bars()
    work = (x[:, 4:] @ by_loads.T) * (virtual * lengths)
    return np.asarray(
        work[:, :11].sum(axis=1) / (x[:, 0] * x[:, 2]) + work[:, 11:].sum(axis=1) / (x[:, 1] * x[:, 3])
    )


TRUSS: tuple[Distribution, ...] = (
    _lognormal(2.1e11, 0.1),
    _lognormal(2.1e11, 0.1),
    _lognormal(2e-3, 0.1),
    _lognormal(1e-3, 0.1),
    *(_gumbel(5e4, 7.5e3) for _ in range(6)),
)


@cache
def _field() -> tuple[FloatArray, FloatArray]:
    """Middles (400,) of elements of the unit rod, and the scaled modes (400, `TERMS`) of exp(-|x - x'| / (1/3))."""
    n = 400
    middle = (np.arange(n) + 0.5) / n
    values, modes = np.linalg.eigh(np.exp(-3.0 * np.abs(middle[:, None] - middle)) / n)
    order = np.argsort(values)[::-1][:TERMS]
    return middle, modes[:, order] * np.sqrt(n * values[order])


def rod(x: FloatArray) -> FloatArray:
    """Displacement (n,) of the end of a rod under an end force of 1 and 0.5 along it::

    (E u')' = -0.5,   u(0) = 0,   E u'(1) = 1,   E = exp(lambda + zeta g),   mean 10, standard deviation 3
    """
    middle, modes = _field()
    zeta = np.sqrt(np.log1p(0.3**2))
    stiffness = 10.0 * np.exp(-0.5 * zeta**2 + zeta * (x @ modes.T))
    return np.asarray(((1.0 + 0.5 * (1.0 - middle)) / stiffness).mean(axis=1))


def hundred(x: FloatArray) -> FloatArray:
    """The high-dimensional function of UQLab's example of sensitivity, x (n, 100)."""
    k = np.arange(1.0, 101.0)
    y = 3.0 - 0.05 * x @ k + 0.01 * x**3 @ k + np.log(x**2 + x**4) @ k / 300.0
    one, two, three, four, five = x.T[:5]
    return np.asarray(y + one * two**2 + two * four - three * five + x[:, 50] + x[:, 49] * x[:, 53] ** 2)


HUNDRED: tuple[Distribution, ...] = tuple(Uniform(1.0, 3.0 if j == 19 else 2.0) for j in range(100))

FUNCTIONS = {
    "truss": Function("truss", truss, TRUSS),
    "diffusion in a rod": Function("diffusion in a rod", rod, (Normal(0.0, 1.0),) * TERMS),
    "100 inputs": Function("100 inputs", hundred, HUNDRED),
}
