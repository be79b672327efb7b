"""Rare events beside their peers: ``python -m tests.benchmarks.reliability [known|tno|literature ...] [seeds]``.

Makes the named sections of `reliability.md` anew (all three, if none is named) and keeps the others.  Ours is one call
that is not told which method to use.  Peers (OpenTURNS, where it can be imported) are told.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import importlib.util
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from tests import analytic
from tests.benchmarks import cells, limit_states
from uq import Problem, failure_probability
from uq.reliability.limit_state import LimitState

PAGE = Path(__file__).with_suffix(".md")
PEERS = importlib.util.find_spec("openturns") is not None

KNOWN: dict[str, tuple[Callable[[float], analytic.Rare], str]] = {
    "four branches": (analytic.four_branch, "NAIS"),
    "R - S": (analytic.resistance_and_load, "FORM + importance sampling"),
    "linear, 100 inputs": (analytic.linear, "FORM + importance sampling"),
    "lognormal sum, 100 inputs": (analytic.lognormal_sum, "FORM + importance sampling"),
}
"""With the method of OpenTURNS that was best on each by an earlier comparison of ten."""

BRUTE_FORCE = {
    "R-S": 0.078643,
    "axially loaded bar": 0.029199,
    "four branches": 0.0022250,
    "RP8": 7.9082e-4,
    "RP14": 7.7089e-4,
    "RP22": 0.0042074,
    "RP24": 0.0028608,
    "RP25": 4.1759e-5,
    "RP28": 1.3157e-7,
    "RP31": 0.0032276,
    "RP33": 0.0025748,
    "RP35": 0.0034790,
    "RP38": 0.0080593,
    "RP53": 0.031320,
    "RP54": 9.9275e-4,
    "RP55": 0.56003,
    "RP57": 0.028228,
    "RP60": 0.044836,
    "RP63": 3.7720e-4,
    "RP75": 0.0098184,
    "RP77": 2.7119e-7,
    "RP89": 0.0054698,
    "RP91": 6.9982e-4,
    "RP107": 2.7549e-7,
    "RP110": 3.1836e-5,
    "RP111": 7.8510e-7,
}
"""Monte Carlo of otbenchmark with 5e7 to 1.8e9 runs (doc/examples/reliability_compute_reference_proba.csv)."""

PUBLISHED = {
    "hat": "AK-IS 26 (Echard 2013)",
    "cantilever": "SSRM 18, FORM 27 (Li 2018)",
    "pipe crack": "SSRM 7, FORM 9 (Li 2018)",
    "hypersphere": "SSRM 12, FORM 15 and 44 % low (Li 2018)",
    "convex domain": "FORM 8 and 45 % high (Waarts 2000)",
    "undamped oscillator, force 0.6": "AK-IS 67, IS 10,029 (Echard 2013)",
    "undamped oscillator, force 0.45": "AK-IS 67, IS 10,029 (Echard 2013)",
    "damped oscillator, strength 15": "Meta-IS 1,064 (Dubourg 2011), SVM + subset 1,719 (Bourinet 2011)",
    "damped oscillator, strength 21.5": "Meta-IS 736, SVM + subset 2,865",
    "damped oscillator, strength 27.5": "Meta-IS 680, SVM + subset 4,011",
}
"""Published model runs, as collected by uqtestfuns (docs/test-functions)."""


def by_openturns(problem: Problem, method: str, seed: int) -> tuple[float, int]:
    """Probability and model runs of OpenTURNS in germ space, stopping at a variation of 10 %; NaN where it gives up."""
    import openturns as ot

    ot.Log.Show(ot.Log.NONE)
    ot.RandomGenerator.SetSeed(seed)
    g = LimitState.of(problem, "margin", below=0.0)
    d = g.dimension
    counted = ot.PythonFunction(
        d, 1, func=lambda u: [float(g(np.array(u)[None])[0])], func_sample=lambda u: g(np.array(u))[:, None]
    )
    event = ot.ThresholdEvent(
        ot.CompositeRandomVector(counted, ot.RandomVector(ot.Normal(d))), ot.LessOrEqual(), 0.0
    )
    try:
        if method == "NAIS":
            simulation = ot.NAIS(event, 0.1)
            simulation.setBlockSize(1000)
            simulation.setMaximumOuterSampling(1)
        elif method == "subset":
            simulation = ot.SubsetSampling(event)
            simulation.setBlockSize(1000)
            simulation.setMaximumOuterSampling(10)
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
    except (RuntimeError, TypeError):
        return np.nan, g.runs
    return float(simulation.getResult().getProbabilityEstimate()), g.runs


def ours(problem: Problem, reference: float, seeds: int) -> str:
    """Cells: error, runs, most runs, method, share that says it is to be trusted, share of intervals, seconds."""
    start = time.process_time()
    found = [failure_probability(problem, "margin", below=0.0, seed=s) for s in range(1, seeds + 1)]
    seconds = (time.process_time() - start) / seeds
    error = np.sqrt(np.mean([(f.probability / reference - 1.0) ** 2 for f in found]))
    runs = [f.runs for f in found]
    held = np.mean([f.interval[0] <= reference <= f.interval[1] for f in found])
    used = Counter(f.method for f in found).most_common(1)[0][0]
    trusted = np.mean([f.trusted for f in found])
    return f"{error:.1%} | {np.mean(runs):.0f} | {max(runs)} | {used} | {trusted:.0%} | {held:.0%} | {seconds:.1f} |"


def peer(problem: Problem, reference: float, method: str, seeds: int) -> str:
    """Cells: error, and runs with those that an error of 10 % would take by the square law."""
    if not PEERS:
        return " - | - |"
    theirs = np.array([by_openturns(problem, method, s) for s in range(1, seeds + 1)])
    if np.isnan(theirs[:, 0]).any():
        return f" fails | {theirs[:, 1].mean():.0f} |"
    wrong = float(np.sqrt(np.mean((theirs[:, 0] / reference - 1.0) ** 2)))
    calls = float(theirs[:, 1].mean())
    return f" {wrong:.1%} | {calls:.0f} ({calls * (wrong / 0.1) ** 2:.0f}) |"


OURS = "ours: error | runs | most | method | trusted | intervals that hold p | s |"
RULE = "|---" * 7


def known(seeds: int) -> Iterator[str]:
    """Four problems at two probabilities."""
    yield f"Mean over {seeds} seeds; in brackets, runs scaled to an error of 10 % by the square law."
    yield ""
    yield f"| problem | p | {OURS} OpenTURNS: error | runs | method |"
    yield f"|---|---{RULE}|---|---|---|"
    for name, (make, method) in KNOWN.items():
        for p in (1e-3, 1e-5):
            rare = make(p)
            row = f"| {name} | {p:g} | " + ours(rare.problem, rare.probability, seeds)
            yield row + peer(rare.problem, rare.probability, method, seeds) + f" {method} |"


def tno(seeds: int) -> Iterator[str]:
    """The set of the TNO challenge as otbenchmark keeps it."""
    yield "The problems of the TNO black-box reliability challenge 2019 (https://rprepo.readthedocs.io) in"
    yield "otbenchmark (https://github.com/openturns/otbenchmark), with R - S, the bar and the four branches.  p is"
    yield "our reference, by quadrature (`tests/benchmarks/limit_states.py`); beside it otbenchmark's own Monte Carlo,"
    yield "5e7 to 1.8e9 runs.  Older tables misprint RP14, RP25, RP31, and give 2.87e-7 for RP77.  OpenTURNS: measured"
    yield f"in the same run.  Mean over {seeds} seeds; in brackets, runs scaled to an error of 10 % by the square law."
    yield ""
    yield (
        f"| problem | inputs | p | otbenchmark | {OURS} OpenTURNS FORM + importance sampling: error | runs | "
        "subset: error | runs |"
    )
    yield f"|---|---|---|---{RULE}|---|---|---|---|"
    for case in limit_states.tno():
        p = limit_states.reference(case.name)
        row = f"| {case.name} | {len(case.laws)} | {p:.4g} | {BRUTE_FORCE[case.name]:.4g} | "
        row += ours(case.problem, p, seeds) + peer(case.problem, p, "FORM + importance sampling", seeds)
        yield row + peer(case.problem, p, "subset", seeds)
    yield ""
    yield "Above 10 %: RP63 (the limit bends in 99 directions: only subset simulation is left) and RP77 (a jump: met by"
    yield "samples, and said not to be trusted)."


def literature(seeds: int) -> Iterator[str]:
    """Problems on which papers count runs."""
    yield "p is our reference, by quadrature.  Published counts as uqtestfuns collects them: of one run,"
    yield f"or the median of many, and no search for other regions is in them.  Ours: mean over {seeds} seeds."
    yield ""
    yield f"| problem | inputs | p | {OURS} published runs | OpenTURNS FORM + importance sampling: error | runs |"
    yield f"|---|---|---{RULE}|---|---|---|"
    for case in limit_states.literature():
        p = limit_states.reference(case.name)
        row = f"| {case.name} | {len(case.laws)} | {p:.4g} | " + ours(case.problem, p, seeds)
        yield row + f" {PUBLISHED[case.name]} |" + peer(case.problem, p, "FORM + importance sampling", seeds)
    yield ""
    yield "The first five are within 1.5 times the published counts (39, 27, 10.5, 18, 12), and a ring of 4 runs and 4"
    yield "to 17 draws look for other regions: what is published is the cost of the limit alone, two of them 44 % low"
    yield "and 45 % high.  Their answers come from models that predict the value of each run from all others."


SECTIONS: dict[str, tuple[str, Callable[[int], Iterator[str]]]] = {
    "known": ("Known probabilities", known),
    "tno": ("The TNO / otbenchmark set", tno),
    "literature": ("Limit states of the literature", literature),
}


def written(title: str, lines: list[str]) -> None:
    """The page with one section made anew."""
    old = PAGE.read_text().split("\n## ")[1:] if PAGE.exists() else []
    parts = {part.split("\n", 1)[0]: part.split("\n", 1)[1].strip("\n") for part in old}
    parts[title] = "\n" + "\n".join(lines)
    head = (
        "# Rare events measured\n\n`python -m tests.benchmarks.reliability` makes this anew, or one section with "
        "`known`, `tno`, `literature`."
    )
    order = [name for name, _ in SECTIONS.values() if name in parts]
    PAGE.write_text(head + "".join(f"\n\n## {name}\n{parts[name]}" for name in order) + "\n")


def main() -> None:
    warnings.simplefilter("ignore")
    words = sys.argv[1:]
    seeds = next((int(word) for word in words if word.isdigit()), 10)
    for key in [word for word in words if word in SECTIONS] or list(SECTIONS):
        title, rows = SECTIONS[key]
        lines: list[str] = []
        for line in rows(seeds):
            lines.append(line)
            print(line, flush=True)
        written(title, [*lines, "", cells.versions("numpy", "scipy", "openturns")])


if __name__ == "__main__":
    main()
