"""Three prices of the payload gain: what they cost, how they agree, and what several fidelities save.

    python -m tests.benchmarks.fidelities [lander]

Also the polynomial ensemble of Gorodetsky et al. (2020), beside PyApprox where it is installed (`pip install --no-deps
pyapprox`; the whole needs torch) and what MXMCPy of NASA publishes of it.  Processor time of each model over 256
samples; the variance of the mean payload
gain over that of plain Monte Carlo at equal cost, claimed and over repeats; MFMC's own formula; and the error of
surrogates of the dear model against those of its difference to the cheap one (co-Kriging with a factor of one).
"""

from __future__ import annotations

import os
import sys
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from models import quantity
from models.architectures import fidelities
from studies.case import load
from studies.case.case import problem
from uq import (
    Dataset,
    Fidelity,
    GaussianProcess,
    Output,
    PolynomialChaos,
    Problem,
    multifidelity_mean,
)
from uq.core.dataset import evaluate
from uq.propagation.run_allocation import allocate_runs

LABELS = ("searched, gas marched", "searched, gas by correlation", "one design for all")
ROWS = 256
REPEATS = 20


POWERS = np.array([5, 4, 3, 2, 1])
COSTS = 10.0 ** -np.arange(5)
COVARIANCE = 1.0 / (POWERS[:, None] + POWERS + 1.0) - 1.0 / np.outer(POWERS + 1.0, POWERS + 1.0)
"""Of x^5, x^4 ... x on the unit interval."""
BUDGET = 500.0
"""Runs of the dearest model: that of PyApprox's tutorial on allocation."""

PUBLISHED = {
    10: (3.143486550245232e-4, 8.670367465979126e-5),
    20: (1.483255846864706e-4, 4.335183732989563e-5),
    40: (7.416078894626138e-5, 2.167002742802428e-5),
    80: (3.656039557574939e-5, 1.0835000345383853e-5),
}
"""By budget: variances of MFMC and of the best approximate control variate (recursions and models chosen) on this
ensemble, whole runs only: `examples/results/monomial_output_54321.csv` of nasa/MXMCPy at commit e2b004f (Bomarito,
Warner, Leser, Leser & Morrill 2020, NASA/TM-2020-220585)."""


def polynomial_ensemble() -> None:
    """Variance over Monte Carlo's at equal cost, covariance known: ours, MFMC, limits in closed form, and PyApprox."""
    plain = COVARIANCE[0, 0] / BUDGET
    rho2 = np.append(COVARIANCE[0] ** 2 / (np.diag(COVARIANCE) * COVARIANCE[0, 0]), 0.0)
    rows = {
        "ours": allocate_runs(COVARIANCE, COSTS, BUDGET).variance / plain,
        "MFMC's formula": float(np.sqrt(COSTS * (rho2[:-1] - rho2[1:])).sum() ** 2),
    }
    try:
        rows |= _pyapprox(plain)
    except ImportError:
        rows["PyApprox, not installed"] = float("nan")
    print("\n| polynomial ensemble, budget 500 | variance over Monte Carlo's |\n|---|---|")
    for name, ratio in rows.items():
        print(f"| {name} | {ratio:.6f} |")
    print(
        "\n| budget | published, MFMC | published, best approximate control variate | ours |\n|---|---|---|---|"
    )
    for budget, published in PUBLISHED.items():
        ratios = (*published, allocate_runs(COVARIANCE, COSTS, float(budget)).variance)
        print(f"| {budget} | " + " | ".join(f"{v * budget / COVARIANCE[0, 0]:.6f}" for v in ratios) + " |")
    print("\n| control variates with known means | variance over Monte Carlo's, equal runs |\n|---|---|")
    for k in range(1, 5):
        others = COVARIANCE[0, 1 : k + 1]
        explained = others @ np.linalg.solve(COVARIANCE[1 : k + 1, 1 : k + 1], others) / COVARIANCE[0, 0]
        print(f"| {k} | {1.0 - explained:.2e} |")


def _pyapprox(plain: float) -> dict[str, float]:
    """PyApprox's group ACV over all 31 groups, by its recipe and converged, and its MFMC."""
    from pyapprox.optimization.minimize.scipy.slsqp import ScipySLSQPOptimizer
    from pyapprox.statest import MFMCEstimator
    from pyapprox.statest.groupacv import GroupACVAllocationOptimizer, GroupACVEstimatorIS, get_model_subsets
    from pyapprox.statest.groupacv.variable_space import AllocationProblemConfig
    from pyapprox.statest.statistics import MultiOutputMean
    from pyapprox.util.backends.numpy import NumpyBkd

    backend = NumpyBkd()
    mean = MultiOutputMean(1, backend)
    mean.set_pilot_quantities(COVARIANCE)
    groups = GroupACVEstimatorIS(mean, COSTS, model_subsets=get_model_subsets(5, backend))
    found = {}
    for label, tolerance in (("its tutorial's recipe, tolerance 1e-6", 1e-6), ("tolerance 1e-10", 1e-10)):
        config = AllocationProblemConfig(variable_scaling="log", budget_constraint_form="inequality")
        search = GroupACVAllocationOptimizer(
            groups, optimizer=ScipySLSQPOptimizer(maxiter=5000, ftol=tolerance), problem_config=config
        )
        samples = search.optimize(target_cost=BUDGET, round_nsamples=False).npartition_samples
        variance = float(groups._covariance_from_npartition_samples(samples)[0, 0])
        found[f"PyApprox, group ACV, {label}"] = variance / plain
    logarithm = MFMCEstimator(mean, COSTS)._allocate_samples_analytical(BUDGET)[1]
    return found | {"PyApprox, MFMC": float(np.exp(np.ravel(logarithm)[0])) / plain}


def main(name: str = "series3") -> None:
    polynomial_ensemble()
    case = load(name)
    whole = problem(case)
    functions = (fidelities.marched, fidelities.by_correlation, fidelities.OneDesign(case.baseline()))
    models = [
        Problem(
            whole.inputs,
            (Output("payload_gain", "kg"),),
            quantity.columnar(f, case.lander),
            correlation=whole.correlation,
        )
        for f in functions
    ]
    x = whole.physical(np.random.default_rng(0).random((ROWS, whole.dimension)))
    y, seconds = [], []
    for model in models:
        begin = time.process_time()
        y.append(evaluate(model, x).y[:, 0])
        seconds.append(time.process_time() - begin)
    good = np.isfinite(np.column_stack(y)).all(axis=1)
    correlation = np.corrcoef(np.column_stack(y)[good], rowvar=False)[0]
    print("| model | ms a sample | cost | correlation |\n|---|---|---|---|")
    for label, s, rho in zip(LABELS, seconds, correlation, strict=True):
        print(f"| {label} | {1e3 * s / ROWS:.3f} | {s / seconds[0]:.4f} | {rho:.6f} |")

    print(
        "\n| fidelities | variance over Monte Carlo's, claimed | over repeats | MFMC's formula |\n|---|---|---|---|"
    )
    for chosen in ((0, 2), (0, 1, 2)):
        some = [Fidelity(LABELS[k], models[k], fidelities.COSTS[k]) for k in chosen]
        found = [
            multifidelity_mean(some, "payload_gain", budget=500.0, pilot=32, seed=s) for s in range(REPEATS)
        ]
        means = np.array([f.estimate.value for f in found])
        plain = float(np.mean([f.monte_carlo_variance for f in found]))
        rho2 = np.append(correlation[list(chosen)] ** 2, 0.0)
        cost = np.array([fidelities.COSTS[k] for k in chosen])
        formula = float(np.sqrt(cost * (rho2[:-1] - rho2[1:])).sum() ** 2)
        print(
            f"| {', '.join(LABELS[k] for k in chosen)} | {np.mean([f.variance_ratio for f in found]):.3f} | "
            f"{means.var(ddof=1) / plain:.3f} | {formula:.3f} |"
        )

    train, test = evaluate(models[0], x[:128]), evaluate(models[0], x[128:])
    cheap = evaluate(models[2], x[:128])
    apart = Dataset.from_arrays(train.x, train.y - cheap.y, problem=models[0], status=train.status)
    print(
        "\n| surrogate, 128 landers | error of the gain itself | of cheap model and difference |\n|---|---|---|"
    )
    for label, fit in (("polynomial chaos", PolynomialChaos.fit), ("Gaussian process", GaussianProcess.fit)):
        ok = test.feasible
        direct = fit(train).mean(test.x)[:, 0]
        summed = evaluate(models[2], test.x).y[:, 0] + fit(apart).mean(test.x)[:, 0]
        of = [float(np.sqrt(np.mean((p - test.y[:, 0])[ok] ** 2))) for p in (direct, summed)]
        print(f"| {label} | {of[0]:.2f} kg | {of[1]:.2f} kg |")


if __name__ == "__main__":
    main(*sys.argv[1:])
