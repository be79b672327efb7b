"""How fast is the sizing model, and how exact: complete comparisons a second against a per-sample reference.

    python tests/benchmarks/sizing.py

One run measures, on one core with one thread: (a) the batched model, `trade.compare` on the studies' blocks;
(b) a reference that treats one sample at a time with scalar floats, `scipy.optimize.minimize` (L-BFGS-B from the same
starts, each radiation-cooled and regenerative) for the design, `scipy.optimize.root_scalar` for the wet mass and
`brentq` for the bottle, whose gas it marches in 200 steps a burn; (c) the same batched model in two processes.
It prints ratios with their spread, and how far the masses of both agree.
"""

from __future__ import annotations

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import sys
import time
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
from scipy.optimize import brentq, minimize, root_scalar

from models import electric_pump, pressure_fed, quantity
from models.components import pressurisation
from studies import case
from uq import sampling

BLOCK = case.BLOCK
REFERENCE_SAMPLES = 3
REPEATS = 3


def batched(seed: int) -> float:
    """Seconds of CPU for one block of complete comparisons."""
    problem = case.problem(case.load("medium"))
    x = problem.physical(sampling.sobol(BLOCK, problem.dimension, seed=seed).unit)
    begin = time.process_time()
    problem.evaluate(x)
    return time.process_time() - begin


def reference_helium(lander, storage) -> float:
    """Bottle volume at which a march of 200 steps a burn ends at the end pressure, over the correlation's."""
    pressurant, tanks, start = lander.pressurant, storage.ullage, float(lander.propellant_temperature)

    def miss(logarithm: float) -> float:
        volume = np.exp(logarithm)
        history = pressurisation.march(volume, storage.burns, tanks, pressurant, temperature=start, steps=200)
        pressure = float(history.bottle_pressure[-1, -1])
        return np.log(pressure / pressurant.end_pressure) if np.isfinite(pressure) else -1.0

    estimate = pressurisation.supply_estimated(storage.burns, tanks, pressurant, temperature=start)
    centre = float(np.log(estimate.bottle_volume / pressurant.helium_multiplier))
    found = np.exp(brentq(miss, centre - 0.1, centre + 0.2, xtol=1e-10))
    return float(found * pressurant.helium_multiplier / estimate.bottle_volume)


def reference_best(architecture, lander, launch_mass: float):
    """Best design by L-BFGS-B in each branch, helium by the fine march, budget at that design."""
    best = None
    for region in architecture.BRANCHES:
        bounds = list(zip(np.log(region.lower), np.log(region.upper), strict=True))

        def loss(x) -> float:
            with np.errstate(all="ignore"):
                payload = float(architecture.evaluate(lander, launch_mass, *np.exp(x)).payload)
            return -payload if np.isfinite(payload) else 1e6

        found = minimize(
            loss,
            np.log(region.start),
            method="L-BFGS-B",
            bounds=bounds,
            options={"ftol": 1e-13, "gtol": 1e-7},
        )
        if best is None or found.fun < best.fun:
            best = found
    sizing = architecture.evaluate(lander, launch_mass, *np.exp(best.x))
    correction = reference_helium(lander, sizing.storage)
    final = quantity.substitute(
        lander, {"pressurant.helium_multiplier": lander.pressurant.helium_multiplier * correction}
    )
    return best.x, architecture.evaluate(final, launch_mass, *np.exp(best.x)), final


def reference(lander) -> dict[str, float]:
    """One complete comparison of one lander of floats."""
    result = {}
    for name, architecture in (("pressure_fed", pressure_fed), ("electric_pump", electric_pump)):
        x, sizing, final = reference_best(architecture, lander, float(lander.launch_mass))
        result[f"{name}.payload"] = float(sizing.payload)

        def miss(mass: float, architecture=architecture, x=x, final=final) -> float:
            region = min(
                architecture.BRANCHES,
                key=lambda r: sum(
                    max(a - b, 0) + max(b - c, 0)
                    for a, b, c in zip(np.log(r.lower), x, np.log(r.upper), strict=True)
                ),
            )
            bounds = list(zip(np.log(region.lower), np.log(region.upper), strict=True))

            def loss(z) -> float:
                payload = float(architecture.evaluate(final, mass, *np.exp(z)).payload)
                return -payload if np.isfinite(payload) else 1e6

            found = minimize(
                loss,
                x,
                method="L-BFGS-B",
                bounds=bounds,
                options={"ftol": 1e-13, "gtol": 1e-7},
            )
            return -found.fun - float(lander.payload)

        with np.errstate(all="ignore"):
            first = float(lander.launch_mass)
            result[f"{name}.wet_mass"] = root_scalar(miss, x0=first, x1=1.01 * first, xtol=1e-9).root
    result["mass_saved"] = result["pressure_fed.wet_mass"] - result["electric_pump.wet_mass"]
    return result


def main() -> None:
    batched(0)
    fast = np.array([BLOCK / batched(seed) for seed in range(1, 1 + REPEATS)])
    print(
        f"batched, one core: {fast.mean():.0f} comparisons a second (spread {fast.min():.0f} to {fast.max():.0f})"
    )

    chosen = case.load("medium")
    problem = case.problem(chosen)
    x = problem.physical(sampling.sobol(64, problem.dimension, seed=7).unit)[:REFERENCE_SAMPLES]
    ours = problem.model(problem.columns(x))
    slow, worst, saved = [], 0.0, 0.0
    for row in range(REFERENCE_SAMPLES):
        values = {name: float(x[row, j]) for j, name in enumerate(problem.input_names)}
        lander = quantity.substitute(chosen.lander, values)
        begin = time.process_time()
        theirs = reference(lander)
        slow.append(1.0 / (time.process_time() - begin))
        for name, value in theirs.items():
            error = abs(ours[name][row] - value)
            assert np.isfinite(error), f"{name}: {ours[name][row]} against {value}: nothing is compared"
            if name == "mass_saved":
                saved = max(saved, error / max(0.05, 2e-5 * theirs["pressure_fed.wet_mass"]))
            elif name.endswith("wet_mass"):
                worst = max(worst, error / value)
            else:
                worst = max(worst, error / lander.launch_mass)
    slow = np.array(slow)
    print(
        f"reference, one core: {slow.mean():.2f} a second; ratio {fast.mean() / slow.mean():.0f} "
        f"({fast.min() / slow.max():.0f} to {fast.max() / slow.min():.0f})"
    )
    print(
        f"agreement: masses within {worst:.1e} of the wet mass; mass saved within {saved:.2f} of what is allowed"
    )

    begin = time.perf_counter()
    with get_context("fork").Pool(2) as pool:
        pool.map(batched, range(10, 18))
    print(f"two processes: {8 * BLOCK / (time.perf_counter() - begin):.0f} comparisons a second (wall clock)")


if __name__ == "__main__":
    main()
