"""How fast is the sizing model, and how exact: complete comparisons a second against a per-sample reference.

    python tests/benchmarks/sizing.py          # makes sizing.md anew, some three minutes

One run measures (a) the batched model, `trade.compare` on the studies' blocks, on one core with one thread; (b) a
reference that sizes one lander at a time; (c) the batched model in two processes; (d) where the time of (a) goes.

The reference searches each design by `scipy.optimize.minimize` (L-BFGS-B, from the same starts, radiation-cooled and
regenerative) and each launch mass by `root_scalar`, searching the design anew at every trial mass.  At every design
found, the helium is integrated by `solve_ivp` with a relative tolerance of 1e-10 and the bottle found by `brentq`, and
braking is integrated the same way and its steering found by shooting, both in plain Python floats
(`tests/integrated.py`): no table, no correlation, no fixed steps are left in the masses compared.  Inside its search it
uses the correlation and the table as the model does, and it leaves out the unchanged engine: both make it faster than
it could be.  It shares with the model the components' algebra, evaluated for one lander, which no integrator enters.
"""

from __future__ import annotations

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import cProfile
import platform
import pstats
import sys
import time
from collections import defaultdict
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from unittest import mock

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parents[1]), str(HERE.parent)]

import integrated
import numpy as np
from scipy.optimize import minimize, root_scalar

from models import quantity
from models.architectures import comparison, electric_pump, pressure_fed
from models.components import pressurisation
from models.components.pressurisation import Burn, Ullage
from models.flight import descent
from studies.case import case
from uq import sampling
from uq.core.dataset import evaluate

BLOCK = case.BLOCK
REFERENCE_SAMPLES = 5
REPEATS = 3
BLOCKS_OF_TWO = 4
WANTED, WANTED_RATIO = 400.0, 30.0
SEARCH = {"ftol": 1e-13, "gtol": 1e-7}


def batched(seed: int, rows: int = BLOCK) -> float:
    """Seconds of CPU for one block of complete comparisons."""
    problem = case.problem(case.load("medium"))
    x = problem.physical(sampling.sobol_sequence(rows, problem.dimension, seed=seed).unit)
    begin = time.process_time()
    evaluate(problem, x)
    return time.process_time() - begin


def number(value) -> float:
    return float(np.asarray(value).reshape(-1)[0])


def exact_braking(thrust_to_weight, exhaust_velocity, *, perilune=15e3, apolune=100e3) -> descent.Braking:
    """`descent.braking` of one lander, integrated from its descent orbit."""
    ratio, exhaust = number(thrust_to_weight), number(exhaust_velocity)
    velocity = integrated.braking_velocity(ratio, exhaust, number(perilune), number(apolune))
    left = float(np.exp(-velocity / exhaust))
    return descent.Braking(velocity, exhaust / (descent.LUNAR_GRAVITY * ratio) * (1.0 - left), left)


def integrated_budget(architecture, lander, launch_mass: float, x):
    """Lander with the integrated helium at the design of logarithms `x`, and its budget with integrated braking."""
    with mock.patch.object(descent, "braking", exact_braking):
        storage = architecture.evaluate(lander, launch_mass, *np.exp(x)).storage
        burns = [Burn(number(burn.duration), number(burn.volume), burn.coast) for burn in storage.burns]
        tanks = Ullage(*(number(value) for value in vars(storage.ullage).values()))
        bottles, start = lander.pressurant, float(lander.propellant_temperature)
        estimate = pressurisation.supply_estimated(burns, tanks, bottles, temperature=start)
        near = number(estimate.bottle_volume) / bottles.helium_multiplier
        found = integrated.bottle_volume(near, burns, tanks, bottles, start)
        multiplier = bottles.helium_multiplier * bottles.helium_multiplier * found
        multiplier /= number(estimate.bottle_volume)
        lander = quantity.substitute(lander, {"pressurant.helium_multiplier": multiplier})
        return lander, architecture.evaluate(lander, launch_mass, *np.exp(x))


def search(architecture, lander, launch_mass: float, start, region):
    """Best design (logarithms) in one branch, and its payload."""

    def loss(x) -> float:
        payload = float(architecture.evaluate(lander, launch_mass, *np.exp(x)).payload)
        return -payload if np.isfinite(payload) else 1e6

    bounds = list(zip(np.log(region.lower), np.log(region.upper), strict=True))
    found = minimize(loss, start, method="L-BFGS-B", bounds=bounds, options=SEARCH)
    return found.x, -float(found.fun)


def reference(lander) -> dict[str, float]:
    """One complete comparison of one lander of floats."""
    result = {}
    for name, architecture in (("pressure_fed", pressure_fed), ("electric_pump", electric_pump)):
        mass = float(lander.launch_mass)
        tried = [
            (region, *search(architecture, lander, mass, np.log(region.start), region))
            for region in architecture.BRANCHES
        ]
        region, x, _ = max(tried, key=lambda each: each[2])
        with_helium, sizing = integrated_budget(architecture, lander, mass, x)
        result[f"{name}.payload"] = float(sizing.payload)

        def miss(
            trial: float, architecture=architecture, lander=lander, near=with_helium, x=x, region=region
        ) -> float:
            best, _ = search(architecture, near, trial, x, region)
            return float(integrated_budget(architecture, lander, trial, best)[1].payload) - float(
                lander.payload
            )

        result[f"{name}.wet_mass"] = root_scalar(miss, x0=mass, x1=1.01 * mass, xtol=1e-6).root
    result["mass_saved"] = result["pressure_fed.wet_mass"] - result["electric_pump.wet_mass"]
    return result


def against_reference() -> tuple[list[float], dict[str, float]]:
    """Comparisons a second of the reference, of each sample; largest deviations, of what is allowed."""
    chosen = case.load("medium")
    problem = case.problem(chosen)
    x = problem.physical(sampling.sobol_sequence(64, problem.dimension, seed=7).unit)[:REFERENCE_SAMPLES]
    ours = problem.model(problem.columns(x))
    rates, worst = (
        [],
        {"mass, of the wet mass": 0.0, "mass saved, kg": 0.0, "mass saved, of what is allowed": 0.0},
    )
    for row in range(REFERENCE_SAMPLES):
        values = {name: float(x[row, j]) for j, name in enumerate(problem.input_names)}
        lander = quantity.substitute(chosen.lander, values)
        begin = time.process_time()
        with np.errstate(all="ignore"):
            theirs = reference(lander)
        rates.append(1.0 / (time.process_time() - begin))
        wet = theirs["pressure_fed.wet_mass"]
        for name, value in theirs.items():
            error = abs(ours[name][row] - value)
            if not np.isfinite(error):
                raise SystemExit(f"{name}: {ours[name][row]} against {value}: nothing is compared")
            if name == "mass_saved":
                worst["mass saved, kg"] = max(worst["mass saved, kg"], error)
                share = error / max(0.05, 2e-5 * wet)
                worst["mass saved, of what is allowed"] = max(worst["mass saved, of what is allowed"], share)
            else:
                worst["mass, of the wet mass"] = max(worst["mass, of the wet mass"], error / wet)
    return rates, worst


@contextmanager
def counted():
    """Calls and landers of every evaluation of a budget while it lasts."""
    counts = {"calls": 0, "budgets": 0}
    plain = comparison.evaluate

    def evaluate(architecture, lander, launch_mass, design):
        counts["calls"] += 1
        counts["budgets"] += len(design)
        return plain(architecture, lander, launch_mass, design)

    with mock.patch.object(comparison, "evaluate", evaluate):
        yield counts


def shares() -> list[tuple[str, float]]:
    """Own time of each module of the models over the whole, numpy's functions counted to who called them."""
    watch = cProfile.Profile()
    watch.enable()
    batched(3)
    watch.disable()
    stats = pstats.Stats(watch).stats  # type: ignore[attr-defined]
    root = str(HERE.parents[1] / "models")
    seconds: dict[str, float] = defaultdict(float)

    def charge(function, own: float, depth: int) -> None:
        """Give `own` seconds of a function to its module, or to its callers' by their shares of its time."""
        if function[0].startswith(root):
            path = Path(function[0])
            seconds[path.stem if path.parent.name == "components" else f"{path.stem} (models)"] += own
            return
        callers = stats[function][4]
        total = sum(entry[3] for entry in callers.values())
        if not callers or total <= 0.0 or depth == 0:
            seconds["all else"] += own
            return
        for caller, entry in callers.items():
            charge(caller, own * entry[3] / total, depth - 1)

    for function, (_, _, own, _, _) in stats.items():
        charge(function, own, 6)
    whole = sum(seconds.values())
    return sorted(((name, own / whole) for name, own in seconds.items()), key=lambda pair: -pair[1])


def two_processes() -> tuple[float, float]:
    """Comparisons a second of two processes: by their processor time, and by the clock with whatever else ran."""
    begin = time.perf_counter()
    with get_context("fork").Pool(2) as pool:
        seconds = pool.map(batched, range(10, 10 + BLOCKS_OF_TWO), chunksize=1)
    landers = BLOCKS_OF_TWO * BLOCK
    return 2.0 * landers / sum(seconds), landers / (time.perf_counter() - begin)


def page() -> str:
    load = os.getloadavg()[1]
    batched(0, 8)
    with counted() as counts:
        times = [batched(1)]
    times += [batched(seed) for seed in range(2, 1 + REPEATS)]
    few = min(batched(seed, 8) for seed in (1, 2))
    fast = BLOCK / np.array(times)
    both = two_processes()
    profile = shares()
    rates, worst = against_reference()
    slow = np.array(rates)
    ratio = fast.mean() / slow.mean()
    budgets = counts["budgets"] / BLOCK
    each = (min(times) - few) / (BLOCK - 8)
    rows = [
        (
            "complete comparisons a second, one core",
            "",
            f"{fast.mean():.0f} ({fast.min():.0f} to {fast.max():.0f})",
        ),
        ("the same in two processes, by their processor time", f"{WANTED:.0f}", f"{both[0]:.0f}"),
        ("the same by the clock, beside all else that ran", "", f"{both[1]:.0f}"),
        ("reference, a second, one core", "", f"{slow.mean():.3f} ({slow.min():.3f} to {slow.max():.3f})"),
        (
            "throughput a core over the reference's",
            f"{WANTED_RATIO:.0f}",
            f"{ratio:.0f} ({fast.min() / slow.max():.0f} to {fast.max() / slow.min():.0f})",
        ),
        (
            "payloads and wet masses against the reference, of the wet mass",
            "1e-6",
            f"{worst['mass, of the wet mass']:.1e}",
        ),
        (
            "mass saved against the reference, kg",
            "0.05 or 2e-5 of the wet mass",
            f"{worst['mass saved, kg']:.4f}, {worst['mass saved, of what is allowed']:.0%} of what is allowed",
        ),
    ]
    return "\n".join(
        [
            "# How fast and how exact the sizing is",
            "",
            "`python tests/benchmarks/sizing.py` makes this page anew; what the reference integrates, and what it",
            "shares with the model, stands at the head of that file. The medium lander, blocks of "
            f"{BLOCK} samples, {len(rates)} samples for the reference.",
            f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, numpy "
            f"{np.__version__}; load before the run {load:.1f}.",
            "",
            "| figure | wanted | reached |",
            "|---|---|---|",
            *(f"| {a} | {b} | {c} |" for a, b, c in rows),
            "",
            "## Where the time goes",
            "",
            f"A comparison evaluates {budgets:.0f} whole budgets, stencils and trials of its searches, in "
            f"{counts['calls']} calls a block: {1e6 * min(times) / BLOCK / budgets:.1f} us each.",
            f"A block costs {few - 8 * each:.2f} s however few landers it holds (what numpy takes for a call), and",
            f"{1e3 * each:.2f} ms a lander on top, which is arithmetic.",
            "",
            "| module | share of the time |",
            "|---|---|",
            *(f"| {name} | {share:.1%} |" for name, share in profile if share >= 0.01),
            "",
            f"At this number of budgets the floor is the arithmetic: {1.0 / each:.0f} a second on one core, which",
            "larger blocks approach. Only a search of fewer budgets leads below it. A sweep takes 10 with three",
            "design variables, 15 with four: gradients and Hessians of payload and power by differences.",
            "",
        ]
    )


def main() -> None:
    """Measure everything and write the page."""
    text = page()
    (HERE / "sizing.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
