"""Rare events beside their peers: ``python -m tests.benchmarks.reliability [seeds]``.  Writes `reliability.md`.

One call, not told which method to use, on eight problems of known probability.  Peers (OpenTURNS, where it can be
imported) are told: the method that is best on each problem by an earlier comparison of ten.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import importlib.util
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests import analytic
from uq import failure_probability
from uq.reliability.limit_state import LimitState

PAGE = Path(__file__).with_suffix(".md")
PROBLEMS: dict[str, tuple[Callable[[float], analytic.Rare], str]] = {
    "four branches": (analytic.four_branch, "NAIS"),
    "R - S": (analytic.resistance_and_load, "FORM + importance sampling"),
    "linear, 100 inputs": (analytic.linear, "FORM + importance sampling"),
    "lognormal sum, 100 inputs": (analytic.lognormal_sum, "FORM + importance sampling"),
}


def by_openturns(rare: analytic.Rare, method: str, seed: int) -> tuple[float, int]:
    """Probability and model runs of OpenTURNS in germ space, stopping at a variation of 10 %."""
    import openturns as ot

    ot.Log.Show(ot.Log.NONE)
    ot.RandomGenerator.SetSeed(seed)
    g = LimitState.of(rare.problem, "margin", below=0.0)
    d = g.dimension
    counted = ot.PythonFunction(
        d, 1, func=lambda u: [float(g(np.array(u)[None])[0])], func_sample=lambda u: g(np.array(u))[:, None]
    )
    normal = ot.RandomVector(ot.Normal(d))
    event = ot.ThresholdEvent(ot.CompositeRandomVector(counted, normal), ot.Less(), 0.0)
    if method == "NAIS":
        simulation = ot.NAIS(event, 0.1)
        simulation.setBlockSize(1000)
        simulation.setMaximumOuterSampling(1)
    else:
        search = ot.AbdoRackwitz()
        search.setStartingPoint([0.1] * d)
        search.setMaximumIterationNumber(300)
        first = ot.FORM(search, event)
        first.run()
        simulation = ot.PostAnalyticalImportanceSampling(first.getResult())
        simulation.setBlockSize(50)
        simulation.setMaximumOuterSampling(400)
        simulation.setMaximumCoefficientOfVariation(0.1)
    simulation.run()
    return simulation.getResult().getProbabilityEstimate(), g.runs


def main() -> None:
    warnings.simplefilter("ignore")
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    peers = importlib.util.find_spec("openturns") is not None
    lines = [
        "# Rare events measured",
        "",
        "`python -m tests.benchmarks.reliability` makes this anew.",
        "",
        f"Relative root mean square error and mean model runs over {seeds} seeds; in brackets, runs scaled to an error",
        "of 10 % by the square law.",
        "",
        "| problem | p | ours: error | runs | method | intervals that hold p | s | OpenTURNS: error | runs | method |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, (make, method) in PROBLEMS.items():
        for p in (1e-3, 1e-5):
            rare, start = make(p), time.process_time()
            found = [
                failure_probability(rare.problem, "margin", below=0.0, seed=s) for s in range(1, seeds + 1)
            ]
            seconds = (time.process_time() - start) / seeds
            error = np.sqrt(np.mean([(f.probability / rare.probability - 1.0) ** 2 for f in found]))
            runs = np.mean([f.runs for f in found])
            held = np.mean([f.interval[0] <= rare.probability <= f.interval[1] for f in found])
            used = Counter(f.method for f in found).most_common(1)[0][0]
            row = f"| {name} | {p:g} | {error:.1%} | {runs:.0f} | {used} | {held:.0%} | {seconds:.2f} |"
            if peers:
                theirs = np.array([by_openturns(rare, method, s) for s in range(1, seeds + 1)])
                wrong = np.sqrt(np.mean((theirs[:, 0] / rare.probability - 1.0) ** 2))
                calls = theirs[:, 1].mean()
                row += f" {wrong:.1%} | {calls:.0f} ({calls * (wrong / 0.1) ** 2:.0f}) | {method} |"
            else:
                row += " - | - | - |"
            lines.append(row)
            print(row, flush=True)
            PAGE.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
