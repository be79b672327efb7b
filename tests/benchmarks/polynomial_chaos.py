"""Chaos expansions beside OpenTURNS and chaospy: sections of a page (see `surrogates`)."""

from __future__ import annotations

import time
import timeit
from collections.abc import Callable

import numpy as np
from scipy import special, stats

from tests.benchmarks import cells, chaos_peers
from tests.benchmarks.cells import Cell, Key
from tests.benchmarks.functions import BEAM, CORRELATION, FUNCTIONS, Function
from uq.core.dataset import Dataset
from uq.core.distributions import Beta, LogNormal, Normal, Triangular, TruncatedNormal, Uniform
from uq.surrogates.polynomial_chaos.basis import Basis, Expansion
from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos
from uq.surrogates.polynomial_chaos.index_sets import hyperbolic

BUDGET = 20.0
"""Seconds after which a peer begins no further fit of its search."""
OURS = "our chaos"
PEERS: dict[str, tuple[str, Callable[..., chaos_peers.Predict]]] = {
    "OpenTURNS chaos": ("openturns", chaos_peers.openturns),
    "chaospy": ("chaospy", chaos_peers.chaospy),
}


def _ours(function: Function, x: np.ndarray, y: np.ndarray) -> tuple[cells.Predict, str, float]:
    problem = function.problem
    surrogate = PolynomialChaos.fit(Dataset.from_arrays(x, y[:, None], problem=problem))

    def predict(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        prediction = surrogate.predict(points)
        return prediction.mean[:, 0], prediction.std[:, 0]

    return predict, f"{len(surrogate.indices)} terms", float(surrogate.error[0]) ** 2


def _theirs(library: str, peer: Callable[..., chaos_peers.Predict]) -> cells.Fit:
    def fit(function: Function, x: np.ndarray, y: np.ndarray) -> tuple[cells.Predict, str, float]:
        mean = peer(function, x, y, BUDGET)
        return (lambda points: (mean(points), None)), cells.version(library)

    return fit


FITS: dict[str, cells.Fit] = {OURS: _ours} | {
    name: _theirs(library, peer) for name, (library, peer) in PEERS.items()
}


def accuracy(known: dict[Key, Cell]) -> list[str]:
    """Errors of the expansions and times of their fits, peers beside."""
    return [*cells.table(known, OURS, list(PEERS)), "", f"*{cells.words(known, list(PEERS))}; one thread.*"]


def coverage(known: dict[Key, Cell]) -> list[str]:
    """Share of fresh points within mean +- 1.645 std, which claims 90 %; of an expansion that errs by rounding alone
    (Ishigami), all."""
    sizes = [n for n in (200, 500, 1000) if any(key.n == n and key.who == OURS for key in known)]
    return [line for n in sizes for line in [*cells.coverage(known, OURS, n), ""]]


def _fastest(call: Callable[[], object], number: int = 1, repeat: int = 7) -> float:
    """Seconds of the process for a call, the least of several: neighbours on the machine only ever add."""
    return min(timeit.repeat(call, timer=time.process_time, number=number, repeat=repeat)) / number


def evaluation(_: dict[Key, Cell]) -> list[str]:
    """Points a second of an expansion of 150 terms in 20 inputs, degree 3, and of its gradient."""
    terms, d, rng = 150, 20, np.random.default_rng(0)
    every = hyperbolic(d, 3)
    order = (every > 0).sum(axis=1)
    single = np.flatnonzero(order == 1)
    pairs = rng.choice(np.flatnonzero(order == 2), terms - 1 - len(single), replace=False)
    indices = every[np.concatenate([[0], single, pairs])]
    coefficients = rng.normal(size=(terms, 1))
    expansion = Expansion(Basis.of([Uniform(-1.0, 1.0)] * d, 3), indices, coefficients)
    both = expansion.joined_with(expansion.gradient)
    x = rng.uniform(-1.0, 1.0, (1_000_000, d))
    value, slope = (
        _fastest(lambda: expansion.evaluate(x), repeat=3),
        _fastest(lambda: both.evaluate(x), repeat=3),
    )
    point = _fastest(lambda: both.evaluate(x[:1]), number=500)
    copy = _fastest(lambda: x.copy(), repeat=3)
    square = rng.normal(size=(1000, 1000))
    peak = 2e9 / _fastest(lambda: square @ square, repeat=5)
    flops = 5 * 3 * d + 3 * terms
    rows = [("ours", len(x) / value, len(x) / slope)]
    found = _chaospy_speed(indices, coefficients, x)
    if found:
        rows.append(("chaospy", *found))
    lines = ["| | million points/s | with gradient |", "|---|---|---|"]
    lines += [f"| {name} | {a / 1e6:.2f} | {b / 1e6:.3f} |" for name, a, b in rows]
    return [
        *lines,
        "",
        f"Gradient with prediction over prediction: {slope / value:.1f}. One point with its gradient: "
        f"{1e6 * point:.0f} microseconds.",
        f"The machine copies the points in {copy / value:.1%} of our time; the multiplications and additions of "
        f"building and summing {terms} terms would take {flops * len(x) / peak / value:.1%} of it at the speed of a "
        "matrix product.",
        "",
        cells.versions("numpy", "chaospy"),
    ]


def _chaospy_speed(
    indices: np.ndarray, coefficients: np.ndarray, x: np.ndarray
) -> tuple[float, float] | None:
    try:
        import chaospy as cp
    except ImportError:
        return None
    joint = cp.J(*[cp.Uniform(-1.0, 1.0) for _ in range(indices.shape[1])])
    every = cp.generate_expansion(3, joint, normed=True)
    leading = {
        tuple(row): k for k, row in enumerate(np.asarray(cp.glexindex(0, 4, indices.shape[1], graded=True)))
    }
    chosen = every[[leading[tuple(int(v) for v in row)] for row in indices]]
    polynomial = cp.sum(chosen * coefficients[:, 0])
    gradient = cp.gradient(polynomial)
    few, fewer = x[:100_000].T, x[:5000].T
    value = _fastest(lambda: polynomial(*few), repeat=3) / few.shape[1]
    slope = _fastest(lambda: gradient(*fewer), repeat=1) / fewer.shape[1]
    return 1.0 / value, 1.0 / (value + slope)


def transform(_: dict[Key, Cell]) -> list[str]:
    """2^20 rows of 20 mixed marginals, independent and with a Gaussian copula."""
    u = np.random.default_rng(1).random((2**20, 20))
    rows = []
    for name in ("beam", "dependent beam"):
        problem = FUNCTIONS[name].problem
        problem.physical(u[:10])
        rows.append((f"ours, {name}", _fastest(lambda p=problem: p.physical(u), repeat=2)))
    rows.append(("scipy, dependent beam", _fastest(lambda: _scipy_transform(u), repeat=1)))
    try:
        import openturns as ot
    except ImportError:
        pass
    else:
        laws = [chaos_peers.openturns_law(ot, law) for law in BEAM]
        copula = ot.NormalCopula(ot.CorrelationMatrix(20, CORRELATION.ravel().tolist()))
        inverse = ot.JointDistribution(laws, copula).getInverseIsoProbabilisticTransformation()
        z = ot.Sample(special.ndtri(u))
        rows.append(("OpenTURNS, dependent beam", _fastest(lambda: inverse(z), repeat=1)))
    lines = ["| | s |", "|---|---|", *(f"| {name} | {seconds:.2f} |" for name, seconds in rows)]
    return [*lines, "", cells.versions("numpy", "scipy", "openturns")]


def _scipy_transform(u: np.ndarray) -> np.ndarray:
    w = stats.norm.cdf(stats.norm.ppf(u) @ np.linalg.cholesky(CORRELATION).T)
    return np.stack([_scipy_law(law).ppf(w[:, j]) for j, law in enumerate(BEAM)], axis=1)


def _scipy_law(law):
    match law:
        case Uniform(low, high):
            return stats.uniform(low, high - low)
        case Normal(mean, std):
            return stats.norm(mean, std)
        case LogNormal(median, factor):
            return stats.lognorm(np.log(factor), scale=median)
        case Triangular(low, mode, high):
            return stats.triang((mode - low) / (high - low), low, high - low)
        case TruncatedNormal(mean, std, low, high):
            return stats.truncnorm((low - mean) / std, (high - mean) / std, mean, std)
        case Beta(a, b, low, high):
            return stats.beta(a, b, low, high - low)
    raise TypeError(law)


MEASURED = (accuracy, coverage)
"""Sections made of the stored cells."""
TIMED = (evaluation, transform)
"""Sections measured when they are asked for."""
