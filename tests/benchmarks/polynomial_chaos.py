"""Chaos expansions beside OpenTURNS and chaospy: ``python -m tests.benchmarks.polynomial_chaos [name ...]``.

Names: accuracy, large, coverage, evaluation, transform.  Each writes its table into the page beside this file; figures
are of one run on one machine and one thread, the times of a call those of its own process.
"""

from __future__ import annotations

import os

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OPENTURNS_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

import importlib.metadata
import importlib.util
import platform
import sys
import time
import timeit
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from scipy import special, stats

from tests.benchmarks import chaos_peers
from tests.benchmarks.functions import BEAM, CORRELATION, FUNCTIONS, Function
from uq.distributions import Beta, LogNormal, Normal, Triangular, TruncatedNormal, Uniform
from uq.sampling import latin_hypercube, monte_carlo
from uq.surrogates.basis import Basis, Expansion, hyperbolic
from uq.surrogates.polynomial_chaos import PolynomialChaos

PAGE = Path(__file__).with_suffix(".md")
BUDGET = 20.0
"""Seconds after which a peer begins no further fit of its search."""
FLOOR = 1e-6
"""Relative squared errors below this count as this."""


def ours(function: Function, x: np.ndarray, y: np.ndarray, budget: float) -> chaos_peers.Predict:
    problem = function.problem
    surrogate = PolynomialChaos.fit(problem.evaluate(x), problem)
    return lambda points: surrogate.mean(points)[:, 0]


PEERS: dict[str, Callable[..., chaos_peers.Predict]] = {
    "ours": ours,
    "OpenTURNS": chaos_peers.openturns,
    "chaospy": chaos_peers.chaospy,
}


def _cell(function: Function, n: int, seed: int, peer: str) -> tuple[float, float]:
    """Relative squared error on 20,000 fresh points, and seconds of the process for the fit."""
    problem = function.problem
    x = problem.physical(latin_hypercube(n, problem.dimension, seed=1000 * seed + n).unit)
    fresh = problem.physical(monte_carlo(20_000, problem.dimension, seed=99_991).unit)
    y, truth = function.value(x), function.value(fresh)
    started = time.process_time()
    predict = PEERS[peer](function, x, y, BUDGET)
    seconds = time.process_time() - started
    return float(np.mean((predict(fresh) - truth) ** 2) / truth.var()), seconds


def _table(sizes: Sequence[int], seeds: Sequence[int], peers: Sequence[str]) -> list[str]:
    lines = [
        f"Median of {len(seeds)} paired plans (Latin hypercubes); 1 - Q2 on 20,000 fresh points, seconds of a fit.",
        "",
        "| function (inputs) | n | " + " | ".join(f"{p}: 1 - Q2 | s" for p in peers) + " |",
        "|---|---|" + "---|---|" * len(peers),
    ]
    ratios: dict[str, dict[str, list[float]]] = {p: {} for p in peers}
    for function in FUNCTIONS.values():
        for n in sizes:
            cells = {p: np.median([_cell(function, n, seed, p) for seed in seeds], axis=0) for p in peers}
            for p in peers:
                ratio = max(cells["ours"][0], FLOOR) / max(cells[p][0], FLOOR)
                ratios[p].setdefault(function.name, []).append(ratio)
            row = " | ".join(f"{e:.1e} | {s:.2f}" for e, s in cells.values())
            lines.append(f"| {function.name} ({len(function.laws)}) | {n} | {row} |")
            print(lines[-1], flush=True)
    for p in peers[1:]:
        each = {name: float(np.exp(np.mean(np.log(r)))) for name, r in ratios[p].items()}
        total = float(np.exp(np.mean(np.log(list(each.values())))))
        worst = max(each, key=lambda name: each[name])
        lines += [
            "",
            f"Our error over that of {p}: geometric mean {total:.3f}; largest {each[worst]:.2f} ({worst}); "
            f"at most 1.1 on {sum(r <= 1.1 for r in each.values())} of {len(each)} functions.",
        ]
    return lines


def accuracy() -> list[str]:
    """Errors of the expansions and times of their fits, peers beside."""
    return _table((50, 100, 200), (0, 1), tuple(PEERS))


def large() -> list[str]:
    """Errors and times of our expansions for more runs (peers meet their guard)."""
    return _table((500, 1000), (0, 1), ("ours",))


def coverage() -> list[str]:
    """Share of fresh points within mean +- 1.645 std, which claims 90 %."""
    plans = 20
    lines = [
        f"n = 200, {plans} plans, 4,000 fresh points each.",
        "",
        "| function | covered | scatter of a plan |",
    ]
    lines.append("|---|---|---|")
    for function in FUNCTIONS.values():
        problem, shares = function.problem, []
        fresh = problem.physical(monte_carlo(4000, problem.dimension, seed=99_991).unit)
        truth = function.value(fresh)
        for seed in range(plans):
            x = problem.physical(latin_hypercube(200, problem.dimension, seed=seed).unit)
            prediction = PolynomialChaos.fit(problem.evaluate(x), problem).predict(fresh)
            shares.append(np.mean(np.abs(prediction.mean[:, 0] - truth) <= 1.645 * prediction.std[:, 0]))
        lines.append(f"| {function.name} | {np.mean(shares):.3f} | {np.std(shares):.3f} |")
        print(lines[-1], flush=True)
    return lines


def _fastest(call: Callable[[], object], number: int = 1, repeat: int = 7) -> float:
    """Seconds of the process for a call, the least of several: neighbours on the machine only ever add."""
    return min(timeit.repeat(call, timer=time.process_time, number=number, repeat=repeat)) / number


def evaluation() -> list[str]:
    """Points a second of an expansion of 150 terms in 20 inputs, degree 3, and of its gradient."""
    terms, d, rng = 150, 20, np.random.default_rng(0)
    every = hyperbolic(d, 3)
    order = (every > 0).sum(axis=1)
    single = np.flatnonzero(order == 1)
    pairs = rng.choice(np.flatnonzero(order == 2), terms - 1 - len(single), replace=False)
    indices = every[np.concatenate([[0], single, pairs])]
    coefficients = rng.normal(size=(terms, 1))
    expansion = Expansion(Basis.of([Uniform(-1.0, 1.0)] * d, 3), indices, coefficients)
    both = expansion.beside(expansion.gradient)
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


def transform() -> list[str]:
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
    return ["| | s |", "|---|---|", *(f"| {name} | {seconds:.2f} |" for name, seconds in rows)]


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


SECTIONS = {f.__name__: f for f in (accuracy, large, coverage, evaluation, transform)}


def main(names: Sequence[str]) -> None:
    sections = (
        dict(part.split("\n", 1) for part in PAGE.read_text().split("\n## ")[1:]) if PAGE.exists() else {}
    )
    versions = ", ".join(
        f"{name} {importlib.metadata.version(name)}"
        for name in ("numpy", "scipy", "openturns", "chaospy", "scikit-learn")
        if importlib.util.find_spec(name.replace("scikit-learn", "sklearn"))
    )
    for name in names or SECTIONS:
        body = [SECTIONS[name].__doc__ or "", "", *SECTIONS[name]()]
        made = f"{platform.machine()}, Python {platform.python_version()}, {versions}"
        sections[name] = "\n".join(["", *body, "", f"*{made}; one thread.*", ""])
        print(sections[name], flush=True)
        order = [s for s in SECTIONS if s in sections]
        head = "# Chaos expansions measured\n\n`python -m tests.benchmarks.polynomial_chaos` makes this page anew.\n"
        PAGE.write_text(head + "".join(f"\n## {s}\n{sections[s].rstrip()}\n" for s in order))


if __name__ == "__main__":
    main(sys.argv[1:])
