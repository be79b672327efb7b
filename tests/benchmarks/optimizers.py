"""What a surrogate costs an optimiser, and what an optimum under uncertainty costs in true sizings.

    python tests/benchmarks/optimizers.py [calls | optimum | lander]
    python tests/benchmarks/optimizers.py smt     with an interpreter that has SMT

*calls*: value and gradient at one point of 20 inputs and 150 terms, by this library, by its exported Python, C and
JavaScript, and by OpenMDAO's own surrogates of the same rows.  *optimum*: the least mass of a strut under uncertainty.
*lander*: the electric pump's best design for the 5 % quantile and the mean of payload, and the front of payload against
electric power, on the sizing model of the medium lander.
"""

from __future__ import annotations

import os

from uq.core.dataset import evaluate

os.environ.setdefault("OMP_NUM_THREADS", "1")

import ctypes
import dataclasses
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "uq")]

D, TERMS, ROWS = 20, 150, 400

LOOP = """
#include <stdio.h>
#include <time.h>
int surrogate_evaluate(const double *x, double *y, double *dy);
int main(void) {
    double x[20], y[1], dy[20], sum = 0.0;
    int i, j, n = 200000;
    for (j = 0; j < 20; ++j) x[j] = 1.5;
    clock_t start = clock();
    for (i = 0; i < n; ++i) {
        x[i % 20] = 1.0 + (i % 97) / 97.0;
        surrogate_evaluate(x, y, dy);
        sum += y[0] + dy[i % 20];
    }
    printf("%.4f %g\\n", 1e6 * (double)(clock() - start) / CLOCKS_PER_SEC / n, sum);
    return 0;
}
"""

IN_NODE = """
const s = require("./surrogate.js"); const x = new Array(20).fill(1.5); let sum = 0;
for (let i = 0; i < 20000; i++) { x[i % 20] = 1 + (i % 97) / 97; sum += s.evaluate(x).value[0]; }
const t = process.cpuUsage(), n = 100000;
for (let i = 0; i < n; i++) { x[i % 20] = 1 + (i % 97) / 97; sum += s.evaluate(x).value[0]; }
console.log(process.cpuUsage(t).user / n);
"""


def rows() -> tuple[np.ndarray, np.ndarray]:
    """A smooth function of 20 inputs in [1, 2] at 400 rows."""
    x = 1.0 + np.random.default_rng(1).random((ROWS, D))
    y = (
        np.exp(0.1 * x[:, :8] @ np.arange(1.0, 9.0) / 8.0) / x[:, 9]
        + x[:, 3] * x[:, 1] * x[:, 5]
        + np.sin(x).sum(axis=1)
    )
    return x, y


def microseconds(function: Callable[[], object], calls: int = 300) -> float:
    """Processor time of the fastest of several batches: what the arithmetic costs when nobody else computes."""
    function()
    best = np.inf
    for _ in range(15):
        start = time.process_time()
        for _ in range(calls):
            function()
        best = min(best, (time.process_time() - start) / calls)
    return 1e6 * best


def calls() -> None:
    from uq import Dataset, Input, Output, Problem, Uniform
    from uq.surrogates.export import to_c, to_javascript, to_python
    from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos

    x, y = rows()
    problem = Problem(
        tuple(Input(f"x{j}", "m", Uniform(1.0, 2.0)) for j in range(D)),
        (Output("y", "kg"),),
        version="smooth",
    )
    fitted = PolynomialChaos.fit(Dataset.from_arrays(x, y, problem=problem), degree=4)
    first = np.argsort(-np.abs(fitted.coefficients[:, 0]), kind="stable")[:TERMS]
    chaos = dataclasses.replace(
        fitted,
        indices=fitted.indices[first],
        coefficients=fitted.coefficients[first],
        folds=fitted.folds[:, first],
        uncertainty=fitted.uncertainty[first],
    )
    one = x[:1]
    print(
        f"value and gradient at one point, {D} inputs, {len(chaos.indices)} terms of degree <= {chaos.indices.max()}"
    )
    print(f"  this library            {microseconds(lambda: chaos.mean_and_gradient(one)):9.1f} us")
    space: dict = {}
    exec(to_python(chaos), space)
    print(f"  exported Python (numpy) {microseconds(lambda: space['evaluate'](one[0])):9.1f} us")
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        (where / "surrogate.c").write_text(to_c(chaos))
        (where / "loop.c").write_text(LOOP)
        build = ["cc", "-O2", "-o", "loop", "loop.c", "surrogate.c", "-lm"]
        subprocess.run(build, cwd=where, check=True)
        found = min(float(subprocess.check_output([where / "loop"]).split()[0]) for _ in range(5))
        print(f"  exported C              {found:9.2f} us")
        subprocess.run(
            ["cc", "-O2", "-fPIC", "-shared", "-o", "s.so", "surrogate.c", "-lm"], cwd=where, check=True
        )
        function = ctypes.CDLL(str(where / "s.so")).surrogate_evaluate
        point, value, slopes = (np.ascontiguousarray(a) for a in (one[0], np.zeros(1), np.zeros(D)))
        pointers = [a.ctypes.data_as(ctypes.POINTER(ctypes.c_double)) for a in (point, value, slopes)]
        print(f"  exported C by ctypes    {microseconds(lambda: function(*pointers)):9.2f} us")
        (where / "surrogate.js").write_text(to_javascript(chaos))
        print(
            f"  exported JavaScript     {float(subprocess.check_output(['node', '-e', IN_NODE], cwd=where)):9.2f} us"
        )
    import openmdao.api as om

    for surrogate in (
        om.KrigingSurrogate(),
        om.ResponseSurface(),
        om.NearestNeighbor(interpolant_type="rbf"),
    ):
        surrogate.train(x, y[:, None])
        both = microseconds(lambda s=surrogate: (s.predict(one[0]), s.linearize(one[0])), calls=20)
        print(f"  OpenMDAO {type(surrogate).__name__:<18}{both:6.0f} us  (value and linearize, {ROWS} rows)")


def smt() -> None:
    """Only predictions are timed, so the kernels keep the lengths they are given."""
    from smt.surrogate_models import KRG, RBF

    x, y = rows()
    for kind in (KRG, RBF):
        surrogate = kind(
            print_global=False, **({} if kind is RBF else {"theta0": [0.05], "hyper_opt": "NoOp"})
        )
        surrogate.set_training_values(x, y)
        surrogate.train()

        def both(s: object = surrogate) -> None:
            s.predict_values(x[:1])
            for j in range(D):
                s.predict_derivatives(x[:1], j)

        print(
            f"  SMT {kind.__name__:<23}{microseconds(both, calls=5):6.0f} us  (value and {D} derivatives, {ROWS} rows)"
        )


def optimum() -> None:
    import test_trust_region as strut

    from uq.optimization.decision import Decision
    from uq.optimization.trust_region import confirmed_optimum

    for seed in (1, 2, 3):
        found = confirmed_optimum(
            strut.STRUT, strut.GOAL, start=128, batch=48, checks=32, max_runs=1000, samples=1024, seed=seed
        )
        x = Decision.of(found.surrogate, samples=1024, seed=seed).x
        exact, direct = strut.directly(x)
        mass, use = strut.statistics(np.array(list(found.optimum.design.values())), x)
        print(
            f"  strut, seed {seed}: mass off by {mass / exact - 1.0:+.1e}, bound by {use / 0.5 - 1.0:+.1e}; "
            f"{found.runs} true sizings against {direct}: {direct / found.runs:.0f} times fewer"
        )


def lander() -> None:
    from scipy import optimize

    from models import quantity
    from models.architectures import electric_pump
    from studies.case.case import load
    from uq import Input, Output, Problem, Uniform
    from uq.optimization.decision import Decision
    from uq.optimization.objectives import Goal, Mean, Quantile
    from uq.optimization.optimum import optimum as optimum_of
    from uq.optimization.pymoo import front
    from uq.optimization.trust_region import confirmed_optimum
    from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos

    case = load("medium")
    base = case.lander
    designs = ("chamber_pressure", "area_ratio", "tank_pressure")
    # below 4.5 bar the suction of some samples runs out and their pumps grow without bound
    low, high = np.array([14e5, 150.0, 4.5e5]), np.array([30e5, 400.0, 10e5])

    def model(columns):
        spec = quantity.substitute(base, {k: v for k, v in columns.items() if k not in designs})
        sizing = electric_pump.evaluate(
            spec, spec.launch_mass, *[columns[n] for n in designs], columns["tank_pressure"], 1.5, 1.5
        )
        return {
            "payload": np.asarray(sizing.payload, dtype=float),
            "power": np.asarray(sizing.electric_power),
        }

    units = ("Pa", "1", "Pa")
    choices = tuple(
        Input(n, u, Uniform(a, b), role="design")
        for n, u, a, b in zip(designs, units, low, high, strict=True)
    )
    others = tuple(dataclasses.replace(i, role="uncertain") for i in case.inputs)
    problem = Problem(
        (*choices, *others), (Output("payload", "kg"), Output("power", "W")), model, version="medium"
    )
    samples, statistic = 1024, Quantile("payload", 0.05)
    results = []
    for seed in (1, 2, 3, 4):
        goal, start = Goal(statistic, "maximize"), time.perf_counter()
        found = confirmed_optimum(
            problem, goal, start=400, batch=96, checks=32, samples=samples, tolerance=1e-3, seed=seed
        )
        results.append(found)
        print(f"seed {seed}, {time.perf_counter() - start:.0f} s\n{found}", flush=True)
    found = results[0]
    chaos = PolynomialChaos.fit(found.data)
    decision = Decision.of(chaos, samples=256)
    print(optimum_of(decision, Goal(Mean("payload"), "maximize")))
    print(
        front(
            decision,
            (Goal(Mean("payload"), "maximize"), Goal(Quantile("power", 0.95))),
            population=16,
            generations=25,
        )
    )
    x = Decision.of(found.surrogate, samples=samples, seed=1).x
    sizings = 0

    def directly(t: np.ndarray) -> float:
        nonlocal sizings
        sizings += len(x)
        sample = x.copy()
        sample[:, :3] = low + np.clip(t, 0.0, 1.0) * (high - low)
        return -statistic.of(problem, evaluate(problem, sample).y)[0]

    options = {"ftol": 1e-9, "eps": 1e-4}
    runs = [
        optimize.minimize(directly, np.array(t), method="SLSQP", bounds=[(0, 1)] * 3, options=options)
        for t in ([0.5] * 3, [0.2, 0.7, 0.3])
    ]
    best = min(runs, key=lambda r: r.fun)
    spent = sizings
    print(f"  directly: {-best.fun:.6g} kg at {low + best.x * (high - low)}, {spent} sizings")
    for seed, found in enumerate(results, 1):
        design = np.array(list(found.optimum.design.values()))
        ours = -directly((design - low) / (high - low))
        print(
            f"  seed {seed}, {'converged' if found.converged else 'not converged'}: {ours:.6g} kg by the true model, "
            f"off by {ours / -best.fun - 1.0:+.1e}; {found.runs} sizings: {spent / found.runs:.0f} times fewer"
        )


if __name__ == "__main__":
    for name in sys.argv[1:] or ("calls", "optimum", "lander"):
        print(name)
        {"calls": calls, "smt": smt, "optimum": optimum, "lander": lander}[name]()
