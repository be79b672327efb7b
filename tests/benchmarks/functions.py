"""Functions on which surrogates are compared: formulas, input laws and, where known, exact total indices.

Sources: Ishigami & Homma (1990); Sobol' (1993); Morris et al. (1993) and Surjanovic & Bingham, *Virtual Library of
Simulation Experiments* (borehole); Ben-Ari & Steinberg (2007) (OTL circuit); Kenett & Zacks (1998) (piston); Forrester
et al. (2008) (wing weight); Morris (1991) (screening function, 20 inputs).  Kink and corroded beam: *judgement*.
"Lander" is our own sizing model: the payload that the electric pump gains on the large lander, over its 40 inputs.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studies.case import case
from uq.core.dataset import evaluate
from uq.core.distributions import Beta, Distribution, LogNormal, Normal, Triangular, TruncatedNormal, Uniform
from uq.core.problem import Input, Output, Problem

FloatArray = NDArray[np.float64]


def ishigami(x: FloatArray) -> FloatArray:
    return np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


SOBOL_G = np.array([0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0])


def sobol_g(x: FloatArray) -> FloatArray:
    return np.prod((np.abs(4.0 * x - 2.0) + SOBOL_G) / (1.0 + SOBOL_G), axis=1)


def borehole(x: FloatArray) -> FloatArray:
    radius, influence, t_upper, h_upper, t_lower, h_lower, length, conductivity = x.T
    log = np.log(influence / radius)
    leak = 2.0 * length * t_upper / (log * radius**2 * conductivity)
    return 2.0 * np.pi * t_upper * (h_upper - h_lower) / (log * (1.0 + leak + t_upper / t_lower))


def otl_circuit(x: FloatArray) -> FloatArray:
    b1, b2, f, c1, c2, gain = x.T
    base = 12.0 * b2 / (b1 + b2)
    load = gain * (c2 + 9.0)
    return (base + 0.74) * load / (load + f) + 11.35 * f / (load + f) + 0.74 * f * load / ((load + f) * c1)


def piston(x: FloatArray) -> FloatArray:
    mass, area, volume, spring, pressure, ambient, filling = x.T
    a = pressure * area + 19.62 * mass - spring * volume / area
    gas = pressure * volume / filling * ambient
    v = area / (2.0 * spring) * (np.sqrt(a**2 + 4.0 * spring * gas) - a)
    return 2.0 * np.pi * np.sqrt(mass / (spring + area**2 * gas / v**2))


def wing_weight(x: FloatArray) -> FloatArray:
    area, fuel, aspect, sweep, q, taper, thickness, load, gross, paint = x.T
    cosine = np.cos(np.deg2rad(sweep))
    weight = 0.036 * area**0.758 * fuel**0.0035 * (aspect / cosine**2) ** 0.6 * q**0.006 * taper**0.04
    return weight * (100.0 * thickness / cosine) ** -0.3 * (load * gross) ** 0.49 + area * paint


def morris_20(x: FloatArray) -> FloatArray:
    w = 2.0 * (x - 0.5)
    for i in (2, 4, 6):
        w[:, i] = 2.0 * (1.1 * x[:, i] / (x[:, i] + 0.1) - 0.5)
    first = np.array([20.0] * 10 + [(-1.0) ** (i + 1) for i in range(10, 20)])
    second = np.triu(
        [[-15.0 if max(i, j) < 6 else (-1.0) ** (i + j) for j in range(20)] for i in range(20)], 1
    )
    y = w @ first + np.einsum("ni,ij,nj->n", w, second, w, optimize=True)
    y -= 10.0 * sum(w[:, list(c)].prod(axis=1) for c in itertools.combinations(range(5), 3))
    return y + 5.0 * sum(w[:, list(c)].prod(axis=1) for c in itertools.combinations(range(4), 4))


def kink(x: FloatArray) -> FloatArray:
    ridge = np.maximum(x[:, 0] + 2.0 * x[:, 1] - 1.2, 0.5 - x[:, 2])
    return ridge + np.abs(x[:, 3] - 0.3 - 0.4 * x[:, 4]) + 0.25 * x[:, 0] * x[:, 3]


def beam(x: FloatArray) -> FloatArray:
    """Stress over strength of a corroded, heated, shaken steel beam (kN, m, GPa, MPa as the laws are stated)."""
    (point, length, modulus, width, height, strength, spread, heat, expansion, corrosion) = x[:, :10].T
    (support, notch, damping, frequency, axial, restraint, residual, on_moment, on_strength, wind) = x[
        :, 10:
    ].T
    b, h = width - 2.0 * corrosion, height - 2.0 * corrosion
    dynamic = 1.0 / np.sqrt((1.0 - frequency**2) ** 2 + (2.0 * damping * frequency) ** 2)
    moment = point * length / 4.0 * dynamic + spread * length**2 / 8.0 + 0.1 * wind * length**2 / 8.0
    moment = moment * (1.6 - 0.6 * support) * on_moment
    stress = notch * moment / (b * h**2 / 6.0) * 1e-3 + restraint * modulus * expansion * heat * 1e-3
    stress = stress + axial / (b * h) * 1e-3 + residual * np.tanh(2.0 * corrosion / 0.004)
    euler = np.pi**2 * modulus * 1e6 * b * h**3 / 12.0 / (1.2 * length) ** 2
    return stress / (1.0 - np.minimum(np.abs(axial) / euler, 0.5)) / (strength * on_strength)


def lognormal(mean: float, std: float) -> LogNormal:
    """The lognormal law of given mean and standard deviation."""
    variance = np.log1p((std / mean) ** 2)
    return LogNormal(float(mean * np.exp(-0.5 * variance)), float(np.exp(np.sqrt(variance))))


BEAM: tuple[Distribution, ...] = (
    Normal(10.0, 0.8),
    Normal(2.0, 0.03),
    lognormal(210.0, 10.0),
    Normal(0.10, 0.002),
    Normal(0.15, 0.003),
    lognormal(300.0, 24.0),
    Triangular(2.0, 3.0, 6.0),
    TruncatedNormal(30.0, 15.0, 0.0, 80.0),
    Uniform(11.0, 13.0),
    Beta(2.0, 5.0, 0.0, 0.008),
    Uniform(0.5, 1.0),
    Triangular(1.0, 1.1, 1.5),
    lognormal(0.05, 0.015),
    TruncatedNormal(0.4, 0.12, 0.1, 0.7),
    Normal(60.0, 12.0),
    Beta(3.0, 3.0, 0.0, 1.0),
    Normal(20.0, 8.0),
    lognormal(1.0, 0.08),
    lognormal(1.0, 0.06),
    Beta(1.5, 4.0, 0.0, 10.0),
)
PAIRS = {(0, 6): 0.4, (3, 4): 0.6, (2, 5): 0.3, (7, 8): -0.3, (7, 15): 0.35, (9, 16): 0.5, (12, 13): -0.4}
PAIRS |= {(0, 14): 0.5, (6, 14): 0.3, (17, 18): -0.3}
CORRELATION = np.eye(20)
for (_i, _j), _r in PAIRS.items():
    CORRELATION[_i, _j] = CORRELATION[_j, _i] = _r


@dataclass(frozen=True)
class Function:
    """A function of rows (n, d), the laws of its inputs, their copula's correlation."""

    name: str
    value: Callable[[FloatArray], FloatArray]
    laws: Sequence[Distribution]
    correlation: FloatArray | None = None

    @property
    def problem(self) -> Problem:
        inputs = tuple(Input(f"x{j}", "1", law) for j, law in enumerate(self.laws))

        def model(columns):
            return {"y": self.value(np.stack([columns[i.name] for i in inputs], axis=1))}

        return Problem(inputs, (Output("y"),), model, self.correlation, version="benchmark")


def _lander() -> Function:
    sized = case.problem(case.load("large"))
    return Function(
        "lander", lambda x: evaluate(sized, x)["payload_gain"], sized.distributions, sized.correlation
    )


def _uniform(*bounds: tuple[float, float]) -> tuple[Uniform, ...]:
    return tuple(Uniform(low, high) for low, high in bounds)


_WELL = (
    (0.05, 0.15),
    (100, 50000),
    (63070, 115600),
    (990, 1110),
    (63.1, 116),
    (700, 820),
    (1120, 1680),
    (9855, 12045),
)
_OTL = (50, 150), (25, 70), (0.5, 3), (1.2, 2.5), (0.25, 1.2), (50, 300)
_PISTON = (30, 60), (0.005, 0.02), (0.002, 0.01), (1000, 5000), (90000, 110000), (290, 296), (340, 360)
_WING = (150, 200), (220, 300), (6, 10), (-10, 10), (16, 45), (0.5, 1), (0.08, 0.18), (2.5, 6), (1700, 2500)

FUNCTIONS = {
    f.name: f
    for f in (
        Function("Ishigami", ishigami, _uniform(*[(-np.pi, np.pi)] * 3)),
        Function("Sobol' G", sobol_g, _uniform(*[(0, 1)] * 8)),
        Function("borehole", borehole, _uniform(*_WELL)),
        Function("OTL circuit", otl_circuit, _uniform(*_OTL)),
        Function("piston", piston, _uniform(*_PISTON)),
        Function("wing weight", wing_weight, _uniform(*_WING, (0.025, 0.08))),
        Function("Morris 20", morris_20, _uniform(*[(0, 1)] * 20)),
        Function("kink", kink, _uniform(*[(0, 1)] * 5)),
        Function("beam", beam, BEAM),
        Function("dependent beam", beam, BEAM, CORRELATION),
        _lander(),
    )
}
