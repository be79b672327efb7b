"""Public limit states, each with a reference of its own: failure is ``margin <= 0``.

The set of the TNO black-box reliability challenge 2019 (https://rprepo.readthedocs.io) as otbenchmark keeps it
(https://github.com/openturns/otbenchmark), and problems of the literature on few runs.  No reference is taken from a
table: in two dimensions each row of a fine grid is cut where the margin changes sign; in others one or two inputs are
integrated in closed form and the rest by quadrature or by scrambled nets, whose standard error is below 0.3 %.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import integrate, optimize, special, stats
from scipy.stats import qmc

from tests.analytic import matrix, names
from uq.core.array_types import FloatArray
from uq.core.distributions import Distribution, Gumbel, LogNormal, Normal, Uniform, Weibull
from uq.core.problem import Input, Output, Problem

Margin = Callable[[FloatArray], FloatArray]
phi = special.ndtr
ROOT2 = math.sqrt(2.0)


@dataclass(frozen=True)
class LimitCase:
    """A margin of inputs x (n, d) with independent laws, and how to compute its failure probability."""

    name: str
    laws: tuple[Distribution, ...]
    margin: Margin
    reference: Callable[[], float]

    @property
    def problem(self) -> Problem:
        inputs = tuple(
            Input(name, "1", law) for name, law in zip(names(len(self.laws)), self.laws, strict=True)
        )
        outputs = (Output("margin"),)
        return Problem(inputs, outputs, lambda c: {"margin": self.margin(matrix(c))}, version="1")


def lognormal(mean: float, std: float) -> LogNormal:
    """The lognormal law of this mean and standard deviation."""
    s = math.sqrt(math.log1p((std / mean) ** 2))
    return LogNormal(mean * math.exp(-0.5 * s * s), math.exp(s))


def gumbel(mean: float, std: float) -> Gumbel:
    """The Gumbel law of this mean and standard deviation."""
    scale = std * math.sqrt(6.0) / math.pi
    return Gumbel(mean - float(np.euler_gamma) * scale, scale)


def planar(name: str, laws: Sequence[Distribution], margin: Margin) -> LimitCase:
    """A case of two inputs: along every row of a grid of germs, failure is cut out by bisection."""

    def reference(rows: int = 3001, reach: float = 9.0) -> float:
        u1 = (np.arange(rows) + 0.5) / rows * 2.0 * reach - reach
        u2 = np.linspace(-reach, reach, rows)

        def fails(a: FloatArray, b: FloatArray) -> np.ndarray:
            # turned by an angle that no edge has: an edge along a row would lie anywhere in its width
            one, two = 0.9 * a - math.sqrt(0.19) * b, math.sqrt(0.19) * a + 0.9 * b
            return margin(np.stack([laws[0].at_normal(one), laws[1].at_normal(two)], axis=1)) <= 0.0

        total = 0.0
        for block in np.array_split(u1, 60):
            a = np.repeat(block, rows)
            state = fails(a, np.tile(u2, len(block))).reshape(len(block), rows)
            inside = np.where(state[:, 0], phi(-reach), 0.0)
            i, j = np.nonzero(state[:, 1:] != state[:, :-1])
            low, high = u2[j], u2[j + 1]
            for _ in range(40):
                middle = 0.5 * (low + high)
                same = fails(block[i], middle) == state[i, j]
                low, high = np.where(same, middle, low), np.where(same, high, middle)
            # a failing piece from a to b holds Phi(b) - Phi(a); by the nearer tail, against cancellation
            edge = 0.5 * (low + high)
            np.add.at(inside, i, np.where(state[i, j], phi(edge), -phi(edge)) * (edge < 0.0))
            np.add.at(inside, i, np.where(state[i, j], -phi(-edge), phi(-edge)) * (edge >= 0.0))
            middle_fails = fails(block, np.zeros(len(block)))
            inside += middle_fails * 1.0
            total += float(np.sum(np.exp(-0.5 * block**2) * inside))
        return total * 2.0 * reach / rows / math.sqrt(2.0 * math.pi)

    return LimitCase(name, tuple(laws), margin, reference)


def by_quadrature(law: Distribution, given: Callable[[float], float]) -> float:
    """The mean of `given` (a probability at a value) over a law."""

    def integrand(z: float) -> float:
        return float(stats.norm.pdf(z)) * float(given(float(law.at_normal(np.array([z]))[0])))

    nodes = np.linspace(-9.0, 9.0, 37)
    return float(
        sum(
            integrate.quad(integrand, a, b, epsabs=0.0, epsrel=1e-9, limit=400)[0]
            for a, b in itertools.pairwise(nodes)
        )
    )


def by_net(laws: Sequence[Distribution], given: Callable[[FloatArray], FloatArray]) -> float:
    """The mean of `given` (probabilities (n,) at x (n, k)) over the laws, by 8 scrambled nets of 2^19 points, drawn
    around where its product with the density is largest, and weighted."""
    k, spread = len(laws), 1.25

    def physical(z: FloatArray) -> FloatArray:
        return np.stack([law.at_normal(z[:, j]) for j, law in enumerate(laws)], axis=1)

    def loss(z: FloatArray) -> float:
        return 0.5 * float(z @ z) - math.log(max(float(given(physical(z[None]))[0]), 1e-300))

    centre = optimize.minimize(loss, np.zeros(k), method="Nelder-Mead", options={"maxiter": 4000}).x
    means = []
    for seed in range(8):
        z = special.ndtri(np.clip(qmc.Sobol(k, rng=seed).random(2**19), 1e-12, 1.0 - 1e-12))
        there = centre + spread * z
        weight = spread**k * np.exp(0.5 * (z * z).sum(axis=1) - 0.5 * (there * there).sum(axis=1))
        means.append(float(np.mean(weight * given(physical(there)))))
    error = float(np.std(means, ddof=1)) / math.sqrt(8.0)
    if error > 3e-3 * float(np.mean(means)):
        raise ArithmeticError(f"the reference scatters by {error / np.mean(means):.1%}")
    return float(np.mean(means))


NORMAL = Normal(0.0, 1.0)
TWO = (NORMAL, NORMAL)


def rp8() -> LimitCase:
    laws = (*(lognormal(120.0, 12.0),) * 4, lognormal(50.0, 10.0), lognormal(40.0, 8.0))
    w = np.array([1.0, 2.0, 2.0, 1.0, -5.0, -5.0])

    def given(x: FloatArray) -> FloatArray:  # the fifth input fails above what the others leave
        limit = (x @ np.delete(w, 4)) / 5.0
        law = laws[4]
        return phi(-np.log(np.maximum(limit, 1e-300) / law.median) / math.log(law.factor))

    return LimitCase("RP8", laws, lambda x: x @ w, lambda: by_net(laws[:4] + laws[5:], given))


def rp14() -> LimitCase:
    laws = (
        Uniform(70.0, 80.0),
        Normal(39.0, 0.1),
        gumbel(1500.0, 350.0),
        Normal(400.0, 0.1),
        Normal(2.5e5, 3.5e4),
    )

    def stress(x: FloatArray) -> FloatArray:
        return 32.0 / (np.pi * x[:, 0] ** 3) * np.sqrt((x[:, 1] * x[:, 2]) ** 2 / 16.0 + x[:, 3] ** 2)

    def given(x: FloatArray) -> FloatArray:
        return np.clip((stress(x) - 70.0) / 10.0, 0.0, 1.0)

    return LimitCase("RP14", laws, lambda x: x[:, 0] - stress(x[:, 1:]), lambda: by_net(laws[1:], given))


def rp33() -> LimitCase:
    def margin(x: FloatArray) -> FloatArray:
        return np.minimum(3.0 * math.sqrt(3.0) - x.sum(axis=1), 3.0 - x[:, 2])

    r = 1.0 / math.sqrt(3.0)  # correlation of the two margins
    both = stats.multivariate_normal([0.0, 0.0], [[1.0, r], [r, 1.0]])
    return LimitCase(
        "RP33", (NORMAL,) * 3, margin, lambda: 2.0 * float(phi(-3.0)) - float(both.cdf([-3.0, -3.0]))
    )


def rp38() -> LimitCase:
    means = (350.0, 50.8, 3.81, 173.0, 9.38, 33.1, 0.036)
    laws = tuple(Normal(m, 0.1 * m) for m in means)

    def load(x: FloatArray) -> FloatArray:
        x2, x3, x4, x5, x6, x7 = x.T
        top = x4**2 - 4.0 * x5 * x6 * x7**2 + x4 * (x6 + 4.0 * x5 + 2.0 * x6 * x7)
        return x2**3 / (2.0 * x3**3) * top / (x4 * x5 * (x4 + x6 + 2.0 * x6 * x7))

    def given(x: FloatArray) -> FloatArray:
        return phi((350.0 - 15.59e4 / load(x)) / 35.0)

    return LimitCase(
        "RP38", laws, lambda x: 15.59e4 - x[:, 0] * load(x[:, 1:]), lambda: by_net(laws[1:], given)
    )


def rp54() -> LimitCase:
    laws = (Weibull(1.0, 1.0),) * 20
    return LimitCase(
        "RP54", laws, lambda x: x.sum(axis=1) - 8.951, lambda: float(special.gammainc(20.0, 8.951))
    )


def rp60() -> LimitCase:
    strength = tuple(lognormal(m, 0.1 * m) for m in (2200.0, 2100.0, 2300.0, 2000.0))
    load = lognormal(1200.0, 480.0)

    def margin(x: FloatArray) -> FloatArray:
        x1, x2, x3, x4, x5 = x.T
        g9 = np.maximum(x4 - x5, np.minimum(x2, x3) - x5)
        g10 = np.minimum(np.minimum(x2, x3), x4) - 0.5 * x5
        return np.minimum(x1 - x5, np.maximum(g10, g9))

    def given(x5: float) -> float:
        a1, *full = (1.0 - float(law.cdf(x5)) for law in strength)
        half = [1.0 - float(law.cdf(0.5 * x5)) for law in strength[1:]]
        whole = half[0] * half[1] * half[2]
        other = full[2] + full[0] * full[1] - full[0] * full[1] * full[2]
        common = half[0] * half[1] * full[2] + full[0] * full[1] * half[2] - full[0] * full[1] * full[2]
        return 1.0 - a1 * (whole + other - common)

    return LimitCase("RP60", (*strength, load), margin, lambda: by_quadrature(load, given))


def rp63() -> LimitCase:
    def margin(x: FloatArray) -> FloatArray:
        return 0.1 * (x[:, 1:] ** 2).sum(axis=1) - x[:, 0] - 4.5

    def reference() -> float:
        squares = stats.chi2(99)
        return float(
            integrate.quad(
                lambda q: squares.pdf(q) * phi(4.5 - 0.1 * q),
                20.0,
                250.0,
                epsabs=0.0,
                epsrel=1e-10,
                limit=400,
            )[0]
        )

    return LimitCase("RP63", (NORMAL,) * 100, margin, reference)


def rp77() -> LimitCase:
    laws = (Normal(10.0, 0.5), NORMAL, Normal(4.0, 1.0))

    def margin(x: FloatArray) -> FloatArray:
        return np.where(x[:, 2] <= 5.0, x[:, 0] - x[:, 1] - x[:, 2], x[:, 2] - x[:, 1])

    def given(x3: float) -> float:
        return float(phi(-(10.0 - x3) / math.sqrt(1.25))) if x3 <= 5.0 else float(phi(-x3))

    return LimitCase("RP77", laws, margin, lambda: by_quadrature(laws[2], given))


def rp91() -> LimitCase:
    laws = (
        Normal(0.07433, 0.005),
        Normal(0.1, 0.01),
        Normal(13.0, 60.0),
        Normal(4751.0, 48.0),
        Normal(-684.0, 11.0),
    )

    def first(x: FloatArray) -> FloatArray:
        x2, x3, x4, _ = x.T
        linear = 0.847 + 0.96 * x2 + 0.986 * x3 - 0.216 * x4
        squares = 0.077 * x2**2 + 0.11 * x3**2 + 7.0 / 378.0 * x4**2
        return linear + squares - x3 * x2 - 0.106 * x2 * x4 - 0.11 * x3 * x4

    def needed(x: FloatArray) -> FloatArray:  # of the first input
        _, x3, x4, x5 = x.T
        mises = np.sqrt(x3**2 + x4**2 - x3 * x4 + 3.0 * x5**2)
        return np.maximum(mises, np.abs(x4)) / 84000.0

    def margin(x: FloatArray) -> FloatArray:
        return np.minimum(first(x[:, 1:]), x[:, 0] / needed(x[:, 1:]) - 1.0)

    def given(x: FloatArray) -> FloatArray:
        return np.where(first(x) <= 0.0, 1.0, phi((needed(x) - 0.07433) / 0.005))

    return LimitCase("RP91", laws, margin, lambda: by_net(laws[1:], given))


def rp107() -> LimitCase:
    return LimitCase(
        "RP107",
        (NORMAL,) * 10,
        lambda x: 5.0 * math.sqrt(10.0) - x.sum(axis=1),
        lambda: float(phi(-5.0)),
    )


def four_branches(name: str, b: float) -> LimitCase:
    def margin(x: FloatArray) -> FloatArray:
        difference, total = x[:, 0] - x[:, 1], np.abs(x[:, 0] + x[:, 1]) / ROOT2
        return np.minimum(3.0 + 0.1 * difference**2 - total, b / ROOT2 - np.abs(difference))

    return planar(name, TWO, margin)


def planar_set() -> list[LimitCase]:
    """The problems of two inputs of the TNO set."""

    def rp57(x: FloatArray) -> FloatArray:
        a, b = x.T
        first = np.maximum(-(a**2) + b**3 + 3.0, 2.0 - a - 8.0 * b)
        return np.minimum(first, (a + 3.0) ** 2 + (b + 3.0) ** 2 - 4.0)

    def rp110(x: FloatArray) -> FloatArray:
        a, b = x.T
        first = np.where(a <= 3.5, 0.85 - 0.1 * a, 4.0 - a)
        return np.minimum(first, np.where(b <= 2.0, 2.3 - b, 0.5 - 0.1 * b))

    def rp55(x: FloatArray) -> FloatArray:
        d = x[:, 0] - x[:, 1]
        return np.minimum(0.2 + 0.6 * d**4 - np.abs(d) / ROOT2, 5.0 / ROOT2 - 2.2 - np.abs(d))

    def rp35(x: FloatArray) -> FloatArray:
        a, b = x.T
        return np.minimum(2.0 - b + np.exp(-0.1 * a**2) + (0.2 * a) ** 4, 4.5 - a * b)

    return [
        planar("R-S", (Normal(4.0, 1.0), Normal(2.0, 1.0)), lambda x: x[:, 0] - x[:, 1]),
        planar(
            "axially loaded bar",
            (lognormal(300.0, 30.0), Normal(75000.0, 5000.0)),
            lambda x: x[:, 0] - x[:, 1] / (100.0 * np.pi),
        ),
        four_branches("four branches", 7.0),
        planar("RP22", TWO, lambda x: 2.5 - x.sum(axis=1) / ROOT2 + 0.1 * (x[:, 0] - x[:, 1]) ** 2),
        planar(
            "RP24",
            (Normal(10.0, 3.0),) * 2,
            lambda x: 2.5 - 0.2357 * (x[:, 0] - x[:, 1]) + 0.00463 * (x[:, 0] + x[:, 1] - 20.0) ** 4,
        ),
        planar(
            "RP25",
            TWO,
            lambda x: np.maximum(x[:, 0] ** 2 - 8.0 * x[:, 1] + 16.0, -16.0 * x[:, 0] + x[:, 1] + 32.0),
        ),
        planar(
            "RP28", (Normal(78064.0, 11710.0), Normal(0.0104, 0.00156)), lambda x: x[:, 0] * x[:, 1] - 146.14
        ),
        planar("RP31", TWO, lambda x: 2.0 - x[:, 1] + 256.0 * x[:, 0] ** 4),
        planar("RP35", TWO, rp35),
        planar(
            "RP53",
            (Normal(1.5, 1.0), Normal(2.5, 1.0)),
            lambda x: np.sin(2.5 * x[:, 0]) + 2.0 - (x[:, 0] ** 2 + 4.0) * (x[:, 1] - 1.0) / 20.0,
        ),
        planar("RP55", (Uniform(-1.0, 1.0),) * 2, rp55),
        planar("RP57", TWO, rp57),
        planar("RP75", TWO, lambda x: 3.0 - x[:, 0] * x[:, 1]),
        planar(
            "RP89",
            TWO,
            lambda x: np.minimum(8.0 - x[:, 0] ** 2 - x[:, 1], 6.0 - 0.2 * x[:, 0] - x[:, 1]),
        ),
        planar("RP110", TWO, rp110),
        planar("RP111", TWO, lambda x: 12.5 - np.abs(x[:, 0] * x[:, 1])),
    ]


def tno() -> list[LimitCase]:
    """The TNO / otbenchmark set: RP8 to RP111, R-S, the bar, and Waarts' four branches."""
    others = [rp8(), rp14(), rp33(), rp38(), rp54(), rp60(), rp63(), rp77(), rp91(), rp107()]
    first = planar_set()
    return first[:3] + sorted(others + first[3:], key=lambda case: int(case.name[2:]))


def undamped_oscillator(force: float, spread: float) -> LimitCase:
    """Response to a rectangular pulse: 3 r - |2 F sin(w t / 2) / (m w^2)|, w^2 = (c1 + c2) / m.  Source: Echard,
    Gayton, Lemaire & Relun (2013), doi:10.1016/j.ress.2012.10.008, table 4."""
    rest = (Normal(1.0, 0.05), Normal(1.0, 0.1), Normal(0.1, 0.01), Normal(1.0, 0.2))
    laws = (*rest[:3], Normal(0.5, 0.05), Normal(force, spread), rest[3])

    def gain(m: FloatArray, c1: FloatArray, c2: FloatArray, t: FloatArray) -> FloatArray:
        w = np.sqrt((c1 + c2) / m)
        return np.abs(2.0 / (m * w**2) * np.sin(0.5 * w * t))

    def margin(x: FloatArray) -> FloatArray:
        m, c1, c2, r, f, t = x.T
        return 3.0 * r - gain(m, c1, c2, t) * np.abs(f)

    def given(x: FloatArray) -> FloatArray:  # r and F are normal and enter linearly
        a = gain(*x.T)
        return phi((a * force - 1.5) / np.hypot(0.15, a * spread)) + phi(
            (-a * force - 1.5) / np.hypot(0.15, a * spread)
        )

    return LimitCase(f"undamped oscillator, force {force:g}", laws, margin, lambda: by_net(rest, given))


def damped_oscillator(strength: float) -> LimitCase:
    """Force on the spring of a secondary system under white noise, peak factor 3.  Source: Der Kiureghian & De Stefano
    (1991), doi:10.1061/(ASCE)0733-9399(1991)117:12(2904)."""
    means = (1.5, 0.01, 1.0, 0.01, 0.05, 0.02, 100.0, strength)
    variations = (0.1, 0.1, 0.2, 0.2, 0.4, 0.5, 0.1, 0.1)
    laws = tuple(lognormal(m, v * m) for m, v in zip(means, variations, strict=True))

    def force(x: FloatArray) -> FloatArray:
        mp, ms, kp, ks, zp, zs = x[:, :6].T
        wp, ws = np.sqrt(kp / mp), np.sqrt(ks / ms)
        wa, za = 0.5 * (wp + ws), 0.5 * (zp + zs)
        ratio, tuning = ms / mp, (wp - ws) / wa
        square = np.pi / (4.0 * zs * ws**3)
        square *= za * zs / (zp * zs * (4.0 * za**2 + tuning**2) + ratio * za**2)
        square *= (zp * wp**3 + zs * ws**3) * wp / (4.0 * za * wa**4)
        return 3.0 * ks * np.sqrt(square)

    def margin(x: FloatArray) -> FloatArray:
        return x[:, 7] - force(x) * np.sqrt(x[:, 6])

    def given(x: FloatArray) -> FloatArray:  # the noise and the strength are lognormal and enter as a ratio
        s = math.hypot(0.5 * math.log(laws[6].factor), math.log(laws[7].factor))
        return phi(np.log(force(x) * math.sqrt(laws[6].median) / laws[7].median) / s)

    return LimitCase(
        f"damped oscillator, strength {strength:g}", laws, margin, lambda: by_net(laws[:6], given)
    )


def literature() -> list[LimitCase]:
    """Problems of the papers on active learning, with published counts of runs."""
    thickness, radius = 3.377e-2, 3.377e-1
    return [
        planar("hat", TWO, lambda x: 0.5 * (x[:, 0] - 2.0) ** 2 - 1.5 * (x[:, 1] - 5.0) ** 3 - 3.0),
        planar(
            "cantilever",
            (Normal(1000.0, 200.0), Normal(250.0, 37.5)),
            lambda x: 6000.0 / 325.0 - 1.5 * 6000.0**4 / 2.6e10 * x[:, 0] / x[:, 1] ** 3,
        ),
        planar(
            "pipe crack",
            (Normal(301.079, 14.78), Normal(0.503, 0.049)),
            lambda x: (
                4.0 * thickness * radius**2 * x[:, 0] * (np.cos(0.5 * x[:, 1]) - 0.5 * np.sin(x[:, 1])) - 3.0
            ),
        ),
        planar("hypersphere", (Normal(0.5, 0.2),) * 2, lambda x: 1.0 - (x**3).sum(axis=1)),
        planar("convex domain", TWO, lambda x: 0.1 * (x[:, 0] - x[:, 1]) ** 2 - x.sum(axis=1) / ROOT2 + 2.5),
        undamped_oscillator(0.6, 0.1),
        undamped_oscillator(0.45, 0.075),
        damped_oscillator(15.0),
        damped_oscillator(21.5),
        damped_oscillator(27.5),
    ]


@functools.cache
def reference(name: str) -> float:
    """The computed failure probability of a case by its name."""
    return next(case.reference() for case in tno() + literature() if case.name == name)
