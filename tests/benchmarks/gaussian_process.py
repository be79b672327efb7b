"""Gaussian processes and the choice of surrogate: ``python -m tests.benchmarks.gaussian_process [name ...]``.

Names: accuracy, choice, coverage, speed, guard.  Each writes its table into the page beside this file; figures are of
one run on one machine and one thread, times are those of the process.
"""

from __future__ import annotations

import os

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

import importlib.metadata
import importlib.util
import platform
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from tests.benchmarks import kriging_peers
from tests.benchmarks.functions import FUNCTIONS, Function
from uq.sampling import latin_hypercube, monte_carlo
from uq.surrogates.gaussian_process import GaussianProcess
from uq.surrogates.guard import Domain
from uq.surrogates.kernels import ANOVA_RATIONAL, RATIONAL, Kernel
from uq.surrogates.validation import choose

PAGE = Path(__file__).with_suffix(".md")
FLOOR = 1e-6
"""Relative squared errors below this count as this."""
FRESH = 5000


def ours(function: Function, x: np.ndarray, y: np.ndarray) -> kriging_peers.Predict:
    problem = function.problem
    surrogate = GaussianProcess.fit(problem.evaluate(x), problem)

    def predict(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        prediction = surrogate.predict(points)
        return prediction.mean[:, 0], prediction.std[:, 0]

    return predict


PEERS: dict[str, tuple[str, Callable[..., kriging_peers.Predict]]] = {
    "ours": ("numpy", ours),
    "scikit-learn": ("sklearn", kriging_peers.scikit_learn),
    "GPy": ("GPy", kriging_peers.gpy),
    "SMT": ("smt", kriging_peers.smt),
}

BAR = {
    "Ishigami": (8.2e-3, 6e-12, 1e-12, 1e-12),
    "Sobol' G": (8.0e-2, 3.2e-2, 1.1e-2, 3.8e-3),
    "borehole": (2.7e-4, 2.1e-5, 2.9e-6, 6.4e-7),
    "Morris 20": (4.9e-1, 1.4e-1, 9.4e-2, 4.4e-2),
    "kink": (3.6e-2, 1.4e-2, 8.2e-3, 2.4e-3),
    "beam": (5.2e-2, 8.7e-3, 3.0e-3, 6.3e-4),
}
"""1 - Q2 of the best of eight expert set-ups of chaos and nine of Gaussian processes (OpenTURNS 1.27, chaospy 4.3.21,
UQpy 4.2, PyApprox 2.0, pygpc, equadratures 10, SMT 2.15, GPy, scikit-learn 1.9) in each cell, at n = 50, 100, 200, 500;
two plans a cell, one at 500."""


def _plan(function: Function, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    problem = function.problem
    x = problem.physical(latin_hypercube(n, problem.dimension, seed=1000 * seed + n).unit)
    return x, function.value(x)


def _fresh(function: Function, n: int = FRESH) -> tuple[np.ndarray, np.ndarray]:
    problem = function.problem
    x = problem.physical(monte_carlo(n, problem.dimension, seed=99_991).unit)
    return x, function.value(x)


def _mean(ratios: Sequence[float]) -> float:
    return float(np.exp(np.mean(np.log(ratios))))


def _installed() -> list[str]:
    return [name for name, (module, _) in PEERS.items() if importlib.util.find_spec(module)]


def _cell(function: Function, n: int, seed: int, peer: str) -> tuple[float, float, float]:
    """Relative squared error and coverage of 90 % intervals on fresh points, and seconds of the fit."""
    (x, y), (fresh, truth) = _plan(function, n, seed), _fresh(function)
    started = time.process_time()
    predict = PEERS[peer][1](function, x, y)
    seconds = time.process_time() - started
    mean, std = predict(fresh)
    error = float(np.mean((mean - truth) ** 2) / truth.var())
    return error, float(np.mean(np.abs(mean - truth) <= 1.6449 * std)), seconds


def _table(sizes: Sequence[int], seeds: Sequence[int]) -> list[str]:
    peers = _installed()
    lines = [
        f"Median of {len(seeds)} paired plans (Latin hypercubes); 1 - Q2 and coverage of 90 % intervals on {FRESH} "
        "fresh points, seconds of a fit.",
        "",
        "| function (inputs) | n | " + " | ".join(f"{p}: 1 - Q2 | covered | s" for p in peers) + " |",
        "|---|---|" + "---|---|---|" * len(peers),
    ]
    ratios: dict[str, dict[str, list[float]]] = {p: {} for p in peers}
    for function in FUNCTIONS.values():
        for n in sizes:
            cells = {p: np.median([_cell(function, n, seed, p) for seed in seeds], axis=0) for p in peers}
            for p in peers:
                ratio = max(cells["ours"][0], FLOOR) / max(cells[p][0], FLOOR)
                ratios[p].setdefault(function.name, []).append(ratio)
            row = " | ".join(f"{e:.1e} | {c:.2f} | {s:.2f}" for e, c, s in cells.values())
            lines.append(f"| {function.name} ({len(function.laws)}) | {n} | {row} |")
            print(lines[-1], flush=True)
    for p in peers[1:]:
        each = {name: _mean(r) for name, r in ratios[p].items()}
        worst = max(each, key=lambda name: each[name])
        lines += [
            "",
            f"Our error over that of {p}: geometric mean {_mean(list(each.values())):.3f}; largest {each[worst]:.2f} "
            f"({worst}); at most 1.1 on {sum(r <= 1.1 for r in each.values())} of {len(each)} functions.",
        ]
    return lines


def accuracy() -> list[str]:
    """Errors, coverage and fitting times of Gaussian processes, peers beside."""
    return _table((100,), (0, 1))


def choice() -> list[str]:
    """What `choose` reaches, over the best of all peers' chaos and Gaussian processes in each cell."""
    sizes, seeds = (50, 100, 200, 500), (0, 1)
    lines = [
        f"Geometric mean of {len(seeds)} plans; 1 - Q2 on {FRESH} fresh points.",
        "",
        "| function | n | chosen | 1 - Q2 | best peer | ratio |",
        "|---|---|---|---|---|---|",
    ]
    ratios = []
    for name, bar in BAR.items():
        function = FUNCTIONS[name]
        fresh, truth = _fresh(function)
        for n, best in zip(sizes, bar, strict=True):
            errors, chosen = [], []
            for seed in seeds:
                x, _ = _plan(function, n, seed)
                found = choose(function.problem.evaluate(x), function.problem)
                errors.append(float(np.mean((found.surrogate.mean(fresh)[:, 0] - truth) ** 2) / truth.var()))
                chosen.append(found.chosen[0])
            error = _mean(np.maximum(errors, FLOOR).tolist())
            ratios.append(error / max(best, FLOOR))
            lines.append(
                f"| {name} | {n} | {', '.join(dict.fromkeys(chosen))} | {error:.1e} | {best:.1e} | {ratios[-1]:.2f} |"
            )
            print(lines[-1], flush=True)
    return [
        *lines,
        "",
        f"Geometric mean of the ratios, errors below 1e-6 counted as 1e-6: {_mean(ratios):.3f}.",
    ]


def coverage() -> list[str]:
    """Share of fresh points within mean +- 1.645 std, which claims 90 %."""
    plans = 8
    lines = [f"n = 200, {plans} plans, {FRESH} fresh points each.", ""]
    lines += ["| function | covered | scatter of a plan | standard error |", "|---|---|---|---|"]
    for function in FUNCTIONS.values():
        shares = [_cell(function, 200, seed, "ours")[1] for seed in range(plans)]
        error = np.std(shares) / np.sqrt(plans)
        lines.append(f"| {function.name} | {np.mean(shares):.3f} | {np.std(shares):.3f} | {error:.3f} |")
        print(lines[-1], flush=True)
    return lines


def _seconds(call: Callable[[], object], repeat: int = 3) -> float:
    times = []
    for _ in range(repeat):
        started = time.process_time()
        call()
        times.append(time.process_time() - started)
    return min(times)


def speed() -> list[str]:
    """Seconds of the fit and of predictions with 20 inputs (beam)."""
    function, peers = FUNCTIONS["beam"], [p for p in _installed() if p in ("ours", "GPy")]
    fresh, _ = _fresh(function, 10_000)
    lines = ["| n | who | fit, s | mean and spread of 10^5 points, s |", "|---|---|---|---|"]
    for n in (500, 1000):
        x, y = _plan(function, n, 0)
        for p in peers:
            started = time.process_time()
            predict = PEERS[p][1](function, x, y)
            seconds = time.process_time() - started
            lines.append(f"| {n} | {p} | {seconds:.1f} | {10 * _seconds(lambda f=predict: f(fresh)):.1f} |")
            print(lines[-1], flush=True)
    lines += ["", "| n = 500, kernel | mean of 10^5 points, s | gradient, s |", "|---|---|---|"]
    for kernel in (RATIONAL, ANOVA_RATIONAL):
        lines.append(_prediction(function, kernel, fresh))
        print(lines[-1], flush=True)
    return lines


def _prediction(function: Function, kernel: Kernel, fresh: np.ndarray) -> str:
    x, _ = _plan(function, 500, 0)
    surrogate = GaussianProcess.fit(
        function.problem.evaluate(x), function.problem, kernels=[kernel], learning_rows=200
    )
    mean = 10 * _seconds(lambda: surrogate.mean(fresh))
    gradient = 10 * _seconds(lambda: surrogate.gradient(fresh), repeat=1)
    return f"| {kernel.name} | {mean:.2f} | {gradient:.2f} |"


def guard() -> list[str]:
    """Points outside that are flagged, and fresh points inside that are."""
    lines = ["200 training rows.", "", "| function | flagged of 1,000 outside | false alarms of 100,000 |"]
    lines.append("|---|---|---|")
    for function in FUNCTIONS.values():
        problem = function.problem
        domain = Domain.of(problem, _plan(function, 200, 0)[0])
        random = np.random.default_rng(5)
        outside = problem.physical(monte_carlo(1000, problem.dimension, seed=6).unit)
        for row in outside:
            j = int(random.integers(problem.dimension))
            beyond = (0.001 + random.random()) * (domain.high[j] - domain.low[j])
            row[j] = domain.high[j] + beyond if random.random() < 0.5 else domain.low[j] - beyond
        alarms = domain.outside(_fresh(function, 100_000)[0]).mean()
        lines.append(f"| {function.name} | {int(domain.outside(outside).sum())} | {alarms:.2%} |")
        print(lines[-1], flush=True)
    return lines


SECTIONS = {f.__name__: f for f in (accuracy, choice, coverage, speed, guard)}


def main(names: Sequence[str]) -> None:
    sections = (
        dict(part.split("\n", 1) for part in PAGE.read_text().split("\n## ")[1:]) if PAGE.exists() else {}
    )
    versions = ", ".join(
        f"{name} {importlib.metadata.version(name)}"
        for name, module in (
            ("numpy", "numpy"),
            ("scipy", "scipy"),
            ("scikit-learn", "sklearn"),
            ("GPy", "GPy"),
            ("smt", "smt"),
        )
        if importlib.util.find_spec(module)
    )
    for name in names or SECTIONS:
        body = [SECTIONS[name].__doc__ or "", "", *SECTIONS[name]()]
        made = f"{platform.machine()}, Python {platform.python_version()}, {versions}"
        sections[name] = "\n".join(["", *body, "", f"*{made}; one thread.*", ""])
        order = [s for s in SECTIONS if s in sections]
        head = "# Gaussian processes measured\n\n`python -m tests.benchmarks.gaussian_process` makes this page anew.\n"
        PAGE.write_text(head + "".join(f"\n## {s}\n{sections[s].rstrip()}\n" for s in order))


if __name__ == "__main__":
    main(sys.argv[1:])
