"""Questions about requirements: error against exact answers, coverage of their intervals, and time through a
surrogate.

Run:  OMP_NUM_THREADS=1 python -m tests.benchmarks.requirements   (about two minutes; prints Markdown)
      OMP_NUM_THREADS=1 python -m tests.benchmarks.requirements small medium large   (the main study's compliances
      beside 20,000 fresh flights each; about two minutes a lander)
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy import special

from uq import sampling
from uq.core.dataset import evaluate
from uq.core.distributions import Normal, Triangular, Uniform
from uq.core.problem import Columns, Input, Output, Problem
from uq.requirements import (
    Axis,
    Lever,
    Limit,
    Question,
    Requirement,
    Sample,
    allocate,
    compliance,
    confirm,
    draw,
    exchange_rates,
    frontier,
    information,
    margins,
    sweep,
    threshold,
    variance_shares,
    waterfall,
)
from uq.surrogates.base import Surrogate

sys.path.insert(0, str(Path(__file__).parents[1]))
from requirement_problems import (
    Linear,
    Product,
    QuadraticMass,
    linear_allocation,
    linear_information,
    linear_shapley,
)

LINEAR, MASS = Linear(), QuadraticMass()
GAIN, HEAVY = Limit("y", low=18.0), Limit("mass", high=105.0)


def line(*cells: object) -> None:
    """One row of a Markdown table."""
    print("| " + " | ".join(str(c) for c in cells) + " |")


def exact() -> None:
    """Relative errors against closed forms, one draw of 2^14 points."""
    linear, mass = draw(LINEAR.problem, seed=7), draw(MASS.problem, seed=7)
    print("\n## Error against exact answers (2^14 points)\n")
    line("question", "exact", "found", "error")
    line("---", "---", "---", "---")

    def row(name: str, exact: float, value: float) -> None:
        line(name, f"{exact:.5g}", f"{value:.5g}", f"{abs(value / exact - 1.0):.2%}")

    row(
        "compliance",
        float(special.ndtr((LINEAR.mean - 18.0) / LINEAR.std)),
        compliance(Question(linear, [GAIN])).probability,
    )
    for j in (0, 1):
        value = threshold(Question(linear, [GAIN], wanted=0.9), Lever(f"x{j}")).value.value
        row(f"loosest x{j}, dependent", LINEAR.threshold(18.0, j, 0.9), value)
    row(
        "loosest efficiency, quadratic",
        MASS.threshold(105.0, 0.9),
        threshold(Question(mass, [HEAVY], wanted=0.9), Lever("efficiency")).value.value,
    )
    rates = exchange_rates(Question(linear), "y", inputs=["x0", "x1"])
    for j in (0, 1):
        row(f"exchange rate x{j}", LINEAR.rate(j), rates.nominal(f"x{j}").mean.value)
    row(
        "exchange rate, quadratic",
        MASS.rate(0.5),
        exchange_rates(Question(mass), "mass", inputs=["efficiency"]).nominal("efficiency").mean.value,
    )
    values, demand = linear_allocation(LINEAR, 18.0, (0, 1), 0.9)
    found = allocate(Question(linear, [GAIN], wanted=0.9), [Lever("x0"), Lever("x1")])
    row("allocation: demand", demand, found.demand)
    for j in (0, 1):
        row(f"allocation: x{j}", values[j], found.requirements[j].value.value)
    effects = variance_shares(Question(linear), "y", drivers=["x0", "x1", "x2"], rows=2**14, orders=64)
    for j, exact in enumerate(linear_shapley(LINEAR)):
        row(f"Shapley share x{j}", exact, effects[f"x{j}"].value)
    for test in information(Question(linear), "y", threshold=20.0).tests[:2]:
        std, wrong, gain = linear_information(LINEAR, 20.0, int(test.input[1]), 0.0)
        row(f"learning {test.input}: std", std, test.std.value)
        row(f"learning {test.input}: wrong choice", wrong, test.wrong.value)
        row(f"learning {test.input}: gain", gain, test.gain.value)


def coverage(repeats: int = 200, n: int = 1024) -> None:
    """Share of 95 % intervals that hold the exact answer, over seeds, on random and on quasi-random plans."""
    print(f"\n## Coverage of 95 % intervals ({repeats} seeds, n = {n})\n")
    line("question", "random plan", "Sobol' plan")
    line("---", "---", "---")
    exact = LINEAR.compliance(18.0, 0, 10.0)
    least = LINEAR.threshold(18.0, 0, 0.85)
    std, wrong, gain = linear_information(LINEAR, 20.0, 0, 0.0)
    shares = linear_shapley(LINEAR)
    quantile = LINEAR.mean - special.ndtri(0.95) * LINEAR.std

    def learned(s: Sample) -> list[bool]:
        test = information(Question(s, confidence=0.95), "y", threshold=20.0, inputs=["x0"]).tests[0]
        return [test.std.holds(std), test.wrong.holds(wrong), test.gain.holds(gain)]

    product = Product()

    def multiplied(k: int, scheme: Callable[..., sampling.Plan]) -> list[bool]:
        s = draw(product.problem, plan=scheme(n, 2, seed=k))
        rate = exchange_rates(Question(s, confidence=0.95), "y", inputs=["x0"], rows=n, steps=1).nominal("x0")
        return [rate.mean.holds(product.means[1]), rate.quantile.holds(product.quantile_rate(0.95))]

    def rated(s: Sample) -> list[bool]:
        rate = exchange_rates(
            Question(s, [GAIN], confidence=0.95), "y", inputs=["x0"], rows=n, steps=1
        ).nominal("x0")
        low, high = LINEAR.means[0] + special.ndtri(np.array([0.1587, 0.8413])) * LINEAR.stds[0]
        chord = (LINEAR.verified(18.0, 0, high, 0.0) - LINEAR.verified(18.0, 0, low, 0.0)) / (high - low)
        assert rate.compliance is not None
        return [rate.compliance.holds(chord)]

    questions: dict[str, Callable[[Sample, int], list[bool]]] = {
        "compliance under a requirement": lambda s, k: [
            compliance(
                Question(s, [GAIN], confidence=0.95, given=[Requirement("x0", low=10.0)])
            ).estimate.holds(exact)
        ],
        "loosest value": lambda s, k: [
            threshold(Question(s, [GAIN], wanted=0.85, confidence=0.95), Lever("x0")).value.holds(least)
        ],
        "exchange rate: compliance": lambda s, k: rated(s),
        "learning: std, wrong choice, gain": lambda s, k: learned(s),
        "waterfall: quantile": lambda s, k: [
            waterfall(Question(s, confidence=0.95), GAIN, drivers=["x0"], rows=256, orders=16).quantile.holds(
                quantile
            )
        ],
        "Shapley share of x0": lambda s, k: [
            variance_shares(Question(s, confidence=0.95), "y", drivers=["x0", "x1", "x2"], rows=1024, seed=k)[
                "x0"
            ].holds(shares[0])
        ],
    }
    for name, question in questions.items():
        cells = []
        for scheme in (sampling.monte_carlo, sampling.sobol_sequence):
            seen = [
                question(draw(LINEAR.problem, plan=scheme(n, 3, seed=k)), k) for k in range(1, repeats + 1)
            ]
            cells.append(", ".join(f"{c:.1%}" for c in np.mean(seen, axis=0)))
        line(name, *cells)
    cells = []
    for scheme in (sampling.monte_carlo, sampling.sobol_sequence):
        seen = [multiplied(k, scheme) for k in range(1, repeats + 1)]
        cells.append(", ".join(f"{c:.1%}" for c in np.mean(seen, axis=0)))
    line("exchange rate of a product: mean, quantile", *cells)


def surrogate_error(repeats: int = 12) -> None:
    """The error of compliance through a surrogate, as a share of what one standard error common to all rows
    does."""
    from uq.requirements.probability import passing
    from uq.surrogates.gaussian_process.gaussian_process import GaussianProcess
    from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos

    levels = (0.05, 0.2, 0.5, 0.8, 0.95)
    print("\n## Common share of a surrogate's standard error (see COMMON), for limits at several quantiles\n")
    line("surrogate", "runs", *levels)
    line(*["---"] * (2 + len(levels)))
    whole = lander_like()
    problem = Problem(whole.inputs, whole.outputs[:1], whole.model, whole.correlation, "1")
    sample = draw(problem, 2**13, seed=99)
    limits = [Limit("gain", high=float(q)) for q in np.quantile(sample.rows.mean[:, 0], levels)]
    exact = [sample.rows.weight @ passing(sample.rows, [limit], problem)[:, 0] for limit in limits]
    for kind in (PolynomialChaos, GaussianProcess):
        for n in (60, 120):
            errors = np.empty((repeats, len(levels), 2))
            for seed in range(repeats):
                plan = sampling.sobol_sequence(n, problem.dimension, seed=seed + 1)
                fit = kind.fit(evaluate(problem, problem.physical(plan.unit)))
                rows = draw(fit, plan=sampling.Plan(sample.unit, "common", 99)).rows
                for k, limit in enumerate(limits):
                    found = rows.weight @ passing(rows, [limit], problem)
                    errors[seed, k] = found[0] - exact[k], 0.5 * (found[2] - found[3])
            share = np.sqrt(np.mean(errors[..., 0] ** 2, axis=0) / np.mean(errors[..., 1] ** 2, axis=0))
            line(kind.__name__, n, *[f"{s:.2f}" for s in share])


def lander_like(d: int = 20) -> Problem:
    """Twenty inputs of three laws, three outputs of a mildly curved sizing-like model, two dependent inputs."""
    rng = np.random.default_rng(5)
    slope, bend = rng.normal(size=d) * np.geomspace(1.0, 0.05, d), 0.2 * rng.normal(size=(d, d)) / d
    laws = [Uniform(0.0, 1.0), Normal(0.5, 0.2), Triangular(0.0, 0.4, 1.0)]

    def model(columns: Columns) -> Columns:
        x = np.stack([columns[f"x{j}"] for j in range(d)], axis=1) - 0.5
        gain = 3.0 + 8.0 * (x @ slope + np.einsum("nj,jk,nk->n", x, bend, x)) + 2.0 * x[:, 0] * x[:, 1]
        return {
            "gain": gain,
            "power": 5.0 * np.exp(-0.8 * x[:, 0] + 0.5 * x[:, 2]),
            "mass": 90.0 - gain + 3.0 * x[:, 3],
        }

    correlation = np.eye(d)
    correlation[0, 1] = correlation[1, 0] = 0.4
    inputs = [
        Input(f"x{j}", "1", laws[j % 3], role="requirement" if j < 4 else "uncertain") for j in range(d)
    ]
    outputs = [Output("gain", "kg"), Output("power", "kW"), Output("mass", "kg")]
    return Problem(tuple(inputs), tuple(outputs), model, correlation, "1")


def times() -> None:
    """Seconds for each question to a fitted surrogate of twenty inputs and three outputs, and confirmation."""
    from uq.surrogates.gaussian_process.gaussian_process import GaussianProcess
    from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos

    problem = lander_like()
    data = evaluate(problem, problem.physical(sampling.sobol_sequence(512, problem.dimension, seed=1).unit))
    fits: dict[str, Surrogate] = {
        "chaos": PolynomialChaos.fit(data),
        "Gaussian process": GaussianProcess.fit(data.where(np.arange(256))),
    }
    limits = [Limit("gain", low=0.0), Limit("power", high=7.5)]
    asked = {"chaos": 2**14, "Gaussian process": 2**13}
    print("\n## Processor seconds for each question (20 inputs, 3 outputs)\n")
    line("question", *[f"{name}, {asked[name]} points" for name in fits])
    line("---", *["---"] * len(fits))
    found: dict[str, list[str]] = {}
    levers = [Lever("x0"), Lever("x1"), Lever("x2", "at most")]
    for name, fit in fits.items():
        start = time.process_time()
        sample = draw(fit, asked[name])
        found.setdefault("the common sample, once", []).append(f"{time.process_time() - start:.2f}")
        questions: dict[str, Callable[[], object]] = {
            "compliance": lambda s=sample: compliance(Question(s, limits)),
            "levying, 25 values": lambda s=sample: sweep(Question(s, limits), Lever("x0")),
            "loosest value": lambda s=sample: threshold(Question(s, limits, wanted=0.85), Lever("x0")),
            "exchange rates, one input": lambda s=sample: exchange_rates(
                Question(s, limits), "gain", inputs=["x0"]
            ),
            "frontier, 25 x 25": lambda s=sample: frontier(
                Question(s, limits),
                first=Axis("x0"),
                second=Axis("power", "at most", tuple(np.linspace(4.0, 8.0, 25))),
            ),
            "allocation, three inputs": lambda s=sample: allocate(Question(s, limits, wanted=0.85), levers),
            "margins, two requirements": lambda s=sample: margins(
                Question(s, limits, wanted=0.85), [Requirement("x0", low=0.5), Requirement("x1", low=0.4)]
            ),
            "waterfall, eight drivers": lambda s=sample: waterfall(
                Question(s), limits[0], drivers=[f"x{j}" for j in range(8)]
            ),
            "information, all inputs": lambda s=sample: information(
                Question(s), "gain", errors={"x0": [0.05]}
            ),
        }
        for question, ask in questions.items():
            start = time.process_time()
            ask()
            found.setdefault(question, []).append(f"{time.process_time() - start:.2f}")
    for question, cells in found.items():
        line(question, *cells)
    print("\n## Claims of the surrogates against 20,000 fresh true runs\n")
    for name, fit in fits.items():
        sample = draw(fit, asked[name])
        given = [(), (Requirement("x0", low=0.5),), (Requirement("x0", low=0.5), Requirement("x1", low=0.5))]
        claims = [compliance(Question(sample, limits, given=g)) for g in given]
        print(f"{name}:\n\n```\n{confirm(problem, claims, rows=20_000)}\n```\n")


def lander(name: str, runs: int = 20_000, samples: int = 4096, seed: int = 1) -> None:
    """Every compliance that the main study reports for a shipped lander, beside `runs` fresh true flights under the
    same requirements: whether they lie in its 90 % interval, and whether the claim stands."""
    from studies.analysis import sizing
    from studies.analysis.drivers import gather
    from studies.analysis.requirements import find
    from studies.case.case import load

    start = time.process_time()
    case = load(name)
    requirements = find(
        gather(case, samples=64, seed=seed),  # compliance of fixed designs does not depend on it
        sizing.budgets(case.baseline()),
        samples=samples,
        seed=seed,
        confirmed=runs,
    )
    fresh = requirements.fresh.confirmations
    inside = 0
    print(f"\n### {case.title}: {samples} flights reported, {runs} fresh ones behind each\n")
    line("claim", "reported, 90 %", "fresh, 90 %", "inside", "claim")
    line(*["---"] * 5)
    for k, (claim, item) in enumerate(zip(requirements.fresh.claims, fresh.items, strict=True)):
        said, true = item.claimed.estimate, item.fresh.estimate
        inside += said.holds(true.value)
        line(
            claim,
            said,
            true,
            "yes" if said.holds(true.value) else "no",
            "stands" if fresh.stands(k) else "falls",
        )
    spent = time.process_time() - start
    print(
        f"\n{inside} of {len(fresh.items)} inside; {fresh.runs} fresh flights; {spent:.0f} processor seconds in all."
    )


if __name__ == "__main__":
    if set(sys.argv[1:]) & {"small", "medium", "large", "check"}:
        for chosen in sys.argv[1:]:
            lander(chosen)
        raise SystemExit
    exact()
    times()
    surrogate_error()
    coverage(*(int(a) for a in sys.argv[1:2]))
