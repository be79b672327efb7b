"""Gaussian processes and the choice of surrogate beside their peers: sections of a page (see `surrogates`)."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable

import numpy as np

from tests.benchmarks import cells, kriging_peers
from tests.benchmarks.cells import Cell, Key
from tests.benchmarks.functions import FUNCTIONS, Function
from uq.core.dataset import Dataset, evaluate
from uq.sampling.plans import monte_carlo
from uq.surrogates.domain import Domain
from uq.surrogates.gaussian_process.gaussian_process import GaussianProcess
from uq.surrogates.gaussian_process.kernels import ANOVA_RATIONAL, RATIONAL, Kernel
from uq.surrogates.validation import choose

OURS, CHOSEN = "our process", "our choice"
PEERS: dict[str, tuple[str, Callable[..., kriging_peers.Predict]]] = {
    "scikit-learn": ("scikit-learn", kriging_peers.scikit_learn),
    "GPy": ("GPy", kriging_peers.gpy),
    "SMT": ("smt", kriging_peers.smt),
    "OpenTURNS process": ("openturns", kriging_peers.openturns),
}


def _ours(function: Function, x: np.ndarray, y: np.ndarray) -> tuple[cells.Predict, str, float]:
    problem = function.problem
    surrogate = GaussianProcess.fit(Dataset.from_arrays(x, y[:, None], problem=problem))

    def predict(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        prediction = surrogate.predict(points)
        return prediction.mean[:, 0], prediction.std[:, 0]

    return predict, surrogate.processes[0].kernel.name, float(surrogate.error[0]) ** 2


def _chosen(function: Function, x: np.ndarray, y: np.ndarray) -> tuple[cells.Predict, str, float]:
    problem = function.problem
    found = choose(Dataset.from_arrays(x, y[:, None], problem=problem))

    def predict(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        prediction = found.surrogate.predict(points)
        return prediction.mean[:, 0], prediction.std[:, 0]

    return predict, found.chosen[0], float(found.surrogate.error[0]) ** 2


def _theirs(library: str, peer: Callable[..., kriging_peers.Predict]) -> cells.Fit:
    return lambda function, x, y: (peer(function, x, y), cells.version(library))


FITS: dict[str, cells.Fit] = {OURS: _ours, CHOSEN: _chosen} | {
    name: _theirs(library, peer) for name, (library, peer) in PEERS.items()
}

_BAR_SIZES = (50, 100, 200, 500, 1000)
BAR = {
    "Ishigami": (8.2e-3, 6e-12, 1e-12, 1e-12, 8.2e-12),
    "Sobol' G": (8.0e-2, 3.2e-2, 1.1e-2, 3.8e-3, 3.9e-3),
    "borehole": (2.7e-4, 2.1e-5, 2.9e-6, 6.4e-7, 8.9e-8),
    "OTL circuit": (1.0e-4, 2.4e-6, 1.3e-7, 6.7e-9, 1.2e-8),
    "piston": (6.1e-2, 1.3e-2, 5.8e-3, 8.2e-4, 5.0e-4),
    "wing weight": (4.2e-3, 4.7e-4, 2.3e-5, 1.3e-6, 3.5e-7),
    "Morris 20": (4.9e-1, 1.4e-1, 9.4e-2, 4.4e-2, 5.6e-2),
    "kink": (3.6e-2, 1.4e-2, 8.2e-3, 2.4e-3, 2.0e-3),
    "beam": (5.2e-2, 8.7e-3, 3.0e-3, 6.3e-4, 1.3e-4),
    "dependent beam": (8.9e-2, 2.2e-2, 4.5e-3, 9.4e-4, 3.1e-4),
}
"""1 - Q2 of the best of eight expert set-ups of chaos and nine of Gaussian processes (OpenTURNS 1.27, chaospy 4.3.21,
UQpy 4.2, PyApprox 2.0, pygpc, equadratures 10, SMT 2.15, GPy, scikit-learn 1.9) in each cell; two plans a cell, one
from n = 500 on.  OTL circuit, piston, wing weight and dependent beam: of chaos alone."""


def accuracy(known: dict[Key, Cell]) -> list[str]:
    """Errors, coverage and fitting times of Gaussian processes, peers beside."""
    return [*cells.table(known, OURS, list(PEERS)), "", f"*{cells.words(known, list(PEERS))}; one thread.*"]


def choice(known: dict[Key, Cell]) -> list[str]:
    """What `choose` reaches, over the best of all peers' chaos and Gaussian processes in each cell."""
    lines = [
        "Medians over plans; the best peer is that of smallest median, of the chaos expansions and processes measured",
        "here on at least three of the same plans and of seventeen expert set-ups measured before on two (marked *).",
        "",
        "| function | n | plans | chosen | 1 - Q2 | best peer | its 1 - Q2 | ratio |",
        "|---|---|---|---|---|---|---|---|",
    ]
    ratios = []
    for function in FUNCTIONS:
        for n in sorted({key.n for key in known if key.function == function and key.who == CHOSEN}):
            mine = [pair[0] for pair in cells.paired(known, function, n, CHOSEN, CHOSEN)]
            error = float(np.median([cell.error for cell in mine]))
            best = _best(known, function, n)
            if best is None:
                continue
            peer, theirs, ratio = best
            if not ratio:
                ratio = max(error, cells.FLOOR) / max(theirs, cells.FLOOR)
            ratios.append(ratio)
            words = ", ".join(dict.fromkeys(cell.word for cell in mine))
            lines.append(
                f"| {function} | {n} | {len(mine)} | {words} | {error:.1e} | {peer} | {theirs:.1e} | {ratio:.2f} |"
            )
    total = cells.geometric(ratios) if ratios else float("nan")
    return [*lines, "", f"Geometric mean of the ratios, errors below 1e-6 counted as 1e-6: {total:.3f}."]


def _best(known: dict[Key, Cell], function: str, n: int) -> tuple[str, float, float] | None:
    """The best peer of a cell, its median error, and the ratio of ours to it (0 if not of the same plans)."""
    found = []
    if function in BAR and n in _BAR_SIZES:
        found.append((BAR[function][_BAR_SIZES.index(n)], "*", 0.0))
    for peer in {key.who for key in known if not key.who.startswith("our ")}:
        pairs = cells.paired(known, function, n, CHOSEN, peer)
        if len(pairs) >= 3:
            found.append((float(np.median([pair[1].error for pair in pairs])), peer, cells.ratio(pairs)))
    if not found:
        return None
    error, peer, ratio = min(found)
    return peer, error, ratio


def coverage(known: dict[Key, Cell]) -> list[str]:
    """Share of fresh points within mean +- 1.645 std, which claims 90 %."""
    asked = [(who, n) for who in (OURS, CHOSEN) for n in (200, 500, 1000)]
    there = [(who, n) for who, n in asked if any(key.n == n and key.who == who for key in known)]
    return [line for who, n in there for line in [*cells.coverage(known, who, n), ""]]


def _seconds(call: Callable[[], object], repeat: int = 3) -> float:
    times = []
    for _ in range(repeat):
        started = time.process_time()
        call()
        times.append(time.process_time() - started)
    return min(times)


def speed(_: dict[Key, Cell]) -> list[str]:
    """Seconds of the fit and of predictions with 20 inputs (beam), which has no noise."""
    function, peers = FUNCTIONS["beam"], [OURS, *(["GPy"] if importlib.util.find_spec("GPy") else [])]
    fresh = cells.inside(function, 10_000)
    lines = ["| n | who | fit, s | mean and spread of 10^5 points, s |", "|---|---|---|---|"]
    for n in (500, 1000):
        x, y = cells.plan(function.name, n, 0)
        for p in peers:
            started = time.process_time()
            predict = FITS[p](function, x, y)[0]
            seconds = time.process_time() - started
            lines.append(f"| {n} | {p} | {seconds:.1f} | {10 * _seconds(lambda f=predict: f(fresh)):.1f} |")
            print(lines[-1], flush=True)
    lines += [
        "",
        "| n = 500, kernel | mean of 10^5 points, s | mean and spread, s | gradient, s |",
        "|---|---|---|---|",
    ]
    for kernel in (RATIONAL, ANOVA_RATIONAL):
        lines.append(_prediction(function, kernel, fresh))
        print(lines[-1], flush=True)
    return [*lines, "", cells.versions("numpy", "scipy", "GPy")]


def _prediction(function: Function, kernel: Kernel, fresh: np.ndarray) -> str:
    x, _ = cells.plan(function.name, 500, 0)
    surrogate = GaussianProcess.fit(evaluate(function.problem, x), kernels=[kernel], learning_rows=200)
    mean = 10 * _seconds(lambda: surrogate.mean(fresh))
    both = 10 * _seconds(lambda: surrogate.predict(fresh))
    gradient = 10 * _seconds(lambda: surrogate.gradient(fresh), repeat=1)
    return f"| {kernel.name} | {mean:.2f} | {both:.2f} | {gradient:.2f} |"


def guard(_: dict[Key, Cell]) -> list[str]:
    """Points outside that are flagged, and fresh points inside that are."""
    lines = ["200 training rows.", "", "| function | flagged of 1,000 outside | false alarms of 100,000 |"]
    lines.append("|---|---|---|")
    for function in FUNCTIONS.values():
        problem = function.problem
        domain = Domain.of(problem, cells.plan(function.name, 200, 0)[0])
        random = np.random.default_rng(5)
        outside = problem.physical(monte_carlo(1000, problem.dimension, seed=6).unit)
        for row in outside:
            j = int(random.integers(problem.dimension))
            beyond = (0.001 + random.random()) * (domain.high[j] - domain.low[j])
            row[j] = domain.high[j] + beyond if random.random() < 0.5 else domain.low[j] - beyond
        alarms = domain.outside(cells.inside(function, 100_000)).mean()
        lines.append(f"| {function.name} | {int(domain.outside(outside).sum())} | {alarms:.2%} |")
        print(lines[-1], flush=True)
    return lines


MEASURED = (accuracy, choice, coverage)
"""Sections made of the stored cells."""
TIMED = (speed, guard)
"""Sections measured when they are asked for."""
