"""Means from several fidelities: the variance that was allocated, no bias, and intervals that cover."""

from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import minimize

import uq
from uq.propagation.run_allocation import allocate_runs

POWERS = np.array([5, 4, 3, 2, 1])
COSTS = 10.0 ** -np.arange(5)
COVARIANCE = 1.0 / (POWERS[:, None] + POWERS + 1.0) - 1.0 / np.outer(POWERS + 1.0, POWERS + 1.0)
"""Of x^5, x^4, ... x on the unit interval: the polynomial ensemble of Gorodetsky et al. (2020)."""


def power(k: int, output: str = "y") -> uq.Problem:
    return uq.Problem(
        (uq.Input("x", "1", uq.Uniform(0.0, 1.0)),),
        (uq.Output(output, "1"),),
        lambda columns: {output: columns["x"] ** k},
    )


def ensemble(models: int) -> list[uq.Fidelity]:
    return [uq.Fidelity(f"x^{k}", power(k), c) for k, c in zip(POWERS[:models], COSTS, strict=False)]


def mfmc(covariance: np.ndarray, costs: np.ndarray) -> float:
    """Variance over Monte Carlo's of the best nested selection: theorem 3.4 of Peherstorfer et al. (2016)."""
    rho = covariance[0] / np.sqrt(np.diag(covariance) * covariance[0, 0])
    found = []
    for size in range(len(costs)):
        for some in combinations(range(1, len(costs)), size):
            chosen = [0, *sorted(some, key=lambda k: -rho[k])]
            squares = np.append(rho[chosen] ** 2, 0.0)
            steps, price = squares[:-1] - squares[1:], costs[chosen]
            if (price[:-1] * steps[1:] > price[1:] * steps[:-1]).all():
                found.append(np.sqrt(price * steps).sum() ** 2)
    return float(min(found))


PYAPPROX = {"groups": 0.004303, "MFMC": 0.046140}
"""Variance over Monte Carlo's by PyApprox 2.0.0 on this ensemble, budget 500 (`tests/benchmarks/fidelities.md`)."""
PRINTED = 5e-7
MXMCPY = {"MFMC": 0.046329, "best approximate control variate": 0.013730}
"""The same for a budget of 80 as NASA's MXMCPy publishes it, all runs whole (`tests/benchmarks/fidelities.md`)."""
WHOLE_RUNS = 0.005
"""Relative: published allocations round every number of runs."""


def test_two_models_reach_what_mfmc_reaches():
    pair = COVARIANCE[:2, :2]
    plan = allocate_runs(pair, COSTS[:2], 1e6)
    assert plan.variance / (pair[0, 0] / 1e6) == pytest.approx(mfmc(pair, COSTS[:2]), rel=1e-3)


def test_no_nested_selection_of_the_polynomial_ensemble_is_better():
    plan = allocate_runs(COVARIANCE, COSTS, 1e6)
    ratio = plan.variance / (COVARIANCE[0, 0] / 1e6)
    others = COVARIANCE[0, 1:]
    floor = 1.0 - others @ np.linalg.solve(COVARIANCE[1:, 1:], others) / COVARIANCE[0, 0]
    assert floor < ratio < 0.1 * mfmc(COVARIANCE, COSTS)


def test_the_polynomial_ensemble_is_reduced_as_by_pyapprox():
    assert mfmc(COVARIANCE, COSTS) == pytest.approx(PYAPPROX["MFMC"], abs=PRINTED)
    ratio = allocate_runs(COVARIANCE, COSTS, 500.0).variance / (COVARIANCE[0, 0] / 500.0)
    assert ratio == pytest.approx(PYAPPROX["groups"], abs=PRINTED)


def best_weights(runs: np.ndarray) -> float:
    """Variance of the best unbiased weights of nested samples, the k-th of what is cheaper than model k."""
    information = np.zeros((5, 5))
    for k, own in enumerate(np.diff(runs, prepend=0.0)):
        information[k:, k:] += own * np.linalg.inv(COVARIANCE[k:, k:])
    return float(np.linalg.inv(information)[0, 0])


def test_the_polynomial_ensemble_is_reduced_as_published_for_approximate_control_variates():
    plain = COVARIANCE[0, 0] / 80.0
    assert mfmc(COVARIANCE, COSTS) == pytest.approx(MXMCPY["MFMC"], rel=WHOLE_RUNS)

    def variance(logarithms: np.ndarray) -> float:  # ACV-MF: every model corrects x^5, samples nested
        ratio = 1.0 + np.exp(logarithms)
        least = np.minimum(ratio[:, None], ratio)
        share = (least - 1.0) / least
        some = np.diag(share) * COVARIANCE[0, 1:]
        explained = some @ np.linalg.solve(COVARIANCE[1:, 1:] * share, some)
        return float((COVARIANCE[0, 0] - explained) * (1.0 + ratio @ COSTS[1:]) / 80.0)

    begin = np.log([1e-6, 100.0, 100.0, 1000.0])
    found = minimize(lambda x: np.log(variance(x)), begin, method="Nelder-Mead", options={"maxfev": 2000})
    published = MXMCPY["best approximate control variate"]
    assert variance(found.x) / plain == pytest.approx(published, rel=0.1)
    ratio = np.append(1.0, np.sort(1.0 + np.exp(found.x)))
    assert best_weights(ratio * 80.0 / (ratio @ COSTS)) / plain == pytest.approx(published, rel=0.1)
    assert allocate_runs(COVARIANCE, COSTS, 80.0).variance / plain < 0.5 * published


def test_at_mfmcs_own_runs_the_best_weights_leave_less_than_mfmc():
    rho2 = np.append(COVARIANCE[0] ** 2 / (np.diag(COVARIANCE) * COVARIANCE[0, 0]), 0.0)
    steps = rho2[:-1] - rho2[1:]
    runs = np.sqrt(COSTS[0] * steps / (COSTS * steps[0]))
    runs *= 500.0 / (COSTS @ runs)
    ratio = best_weights(runs) / (COVARIANCE[0, 0] / 500.0)
    assert PYAPPROX["groups"] < ratio < 0.25 * PYAPPROX["MFMC"]


def test_the_allocation_is_the_best_of_its_neighbours():
    plan = allocate_runs(COVARIANCE[:3, :3], COSTS[:3], 1e7)
    dual = np.zeros(3)
    for weight, group in zip(plan.weights, plan.groups, strict=True):
        inverse = COVARIANCE[np.ix_(group, group)] @ weight
        dual[list(group)] = inverse
    spread = []
    for size in (1, 2, 3):
        for group in combinations(range(3), size):
            some = dual[list(group)]
            gain = some @ np.linalg.solve(COVARIANCE[np.ix_(group, group)], some)
            spread.append(gain / COSTS[list(group)].sum())
    assert max(spread) == pytest.approx(
        plan.variance / plan.cost, rel=1e-3
    )  # none buys more variance for its cost


def test_weights_of_all_groups_add_up_to_the_mean_of_the_first_model():
    plan = allocate_runs(COVARIANCE, COSTS, 1000.0)
    total = np.zeros(5)
    for group, runs, weight in zip(plan.groups, plan.runs, plan.weights, strict=True):
        total[list(group)] += runs * weight
    assert total == pytest.approx(np.eye(5)[0], abs=1e-6)
    assert plan.cost <= 1000.0


def test_intervals_cover_without_bias_at_the_variance_that_is_claimed():
    found = [uq.multifidelity_mean(ensemble(3), "y", budget=400.0, pilot=32, seed=s) for s in range(150)]
    errors = np.array([f.estimate.value for f in found]) - 1.0 / 6.0
    assert 0.83 <= np.mean([f.estimate.holds(1.0 / 6.0) for f in found]) <= 0.96
    assert abs(errors.mean()) < 3.0 * errors.std() / np.sqrt(150)
    assert errors.var() == pytest.approx(np.mean([f.variance for f in found]), rel=0.4)
    assert np.mean([f.variance_ratio for f in found]) < 0.06


def test_a_useless_model_costs_its_pilot_and_no_more():
    noise = uq.Problem(
        (uq.Input("x", "1", uq.Uniform(0.0, 1.0)),),
        (uq.Output("y", "1"),),
        lambda columns: {"y": np.sin(1e5 * columns["x"])},
    )
    found = uq.multifidelity_mean(
        [uq.Fidelity("model", power(5), 1.0), uq.Fidelity("noise", noise, 0.5)], "y", budget=1000.0, pilot=20
    )
    assert found.variance_ratio < 1.15


def test_a_surrogate_is_a_fidelity():
    problem = uq.Problem(
        (uq.Input("a", "1", uq.Normal(1.0, 0.2)), uq.Input("b", "1", uq.Uniform(0.0, 1.0))),
        (uq.Output("y", "kg"),),
        lambda columns: {"y": np.exp(columns["a"]) + columns["b"] ** 2},
    )
    cheap = uq.PolynomialChaos.fit(uq.campaign.run(problem, uq.sobol_sequence(64, problem.dimension, seed=1)))
    found = uq.multifidelity_mean(
        [uq.Fidelity("model", problem, 1.0), uq.Fidelity("surrogate", cheap, 1e-4)],
        "y",
        budget=200.0,
        pilot=16,
    )
    assert found.variance_ratio < 0.05
    assert found.estimate.holds(np.exp(1.02) + 1.0 / 3.0)


@pytest.mark.parametrize(
    ("fidelities", "options", "words"),
    [
        ([], {}, "no fidelity"),
        (ensemble(1) * 2, {}, "one name"),
        ([*ensemble(1), uq.Fidelity("other", power(4, "z"), 0.1)], {}, "'other' has no output 'y'"),
        (ensemble(2), {"pilot": 4}, "16 or more"),
        (ensemble(2), {"budget": 10.0}, "does not pay for 64 pilot runs"),
        (ensemble(2), {"budget": np.inf}, "must be positive and finite"),
        (ensemble(2), {"budget": 1e15}, "pays for more than"),
        ([*ensemble(1), uq.Fidelity("constant", power(0), 0.1)], {}, "does not vary"),
    ],
)
def test_fidelities_that_cannot_be_combined_are_refused(fidelities, options, words):
    with pytest.raises(ValueError, match=words):
        uq.multifidelity_mean(fidelities, "y", **{"budget": 1000.0, **options})


@pytest.mark.parametrize(("name", "cost"), [("free", 0.0), ("unknown", np.nan), ("two\nlines", 1.0)])
def test_a_fidelity_has_a_name_of_one_line_and_a_cost(name, cost):
    with pytest.raises(ValueError, match=r"positive and finite|does not print"):
        uq.Fidelity(name, power(5), cost)


def test_an_input_that_the_first_model_does_not_have_is_named():
    other = uq.Problem(
        (uq.Input("z", "1", uq.Uniform(0.0, 1.0)),), (uq.Output("y", "1"),), lambda c: {"y": c["z"]}
    )
    with pytest.raises(ValueError, match="needs the input 'z'"):
        uq.multifidelity_mean([*ensemble(1), uq.Fidelity("other", other, 0.1)], "y", budget=1000.0)


def test_many_failed_points_are_refused_and_few_are_counted():
    def broken(share: float) -> uq.Problem:
        return power(5).with_model(lambda c: {"y": np.where(c["x"] < share, np.nan, c["x"] ** 5)})

    with pytest.raises(ValueError, match="failed, most of them by 'broken'"):
        uq.multifidelity_mean([uq.Fidelity("broken", broken(0.2), 1.0)], "y", budget=500.0)
    found = uq.multifidelity_mean([uq.Fidelity("broken", broken(0.001), 1.0)], "y", budget=5000.0)
    assert found.failed
    assert "left out" in str(found)


@pytest.mark.parametrize("budget", [-1e3, 0.0, np.nan, np.inf])
def test_a_budget_is_positive_and_finite(budget):
    with pytest.raises(ValueError, match="must be positive and finite"):
        allocate_runs(np.array([[1.0, 0.9], [0.9, 1.0]]), [1.0, 0.1], budget)


@pytest.mark.parametrize("log_spread", [1.5, 3.0])
def test_intervals_of_a_heavy_tail_hold_or_say_that_the_tail_is_not_seen(log_spread):
    def lognormal(s):
        inputs = (uq.Input("z", "1", uq.Normal(0.0, 1.0)),)
        return uq.Problem(inputs, (uq.Output("y", "1"),), lambda c: {"y": np.exp(s * c["z"])})

    dear, cheap = (
        uq.Fidelity(n, lognormal(s), c) for n, s, c in (("a", log_spread, 1.0), ("b", 0.9 * log_spread, 0.05))
    )
    honest = 0
    for seed in range(40):
        found = uq.multifidelity_mean([dear, cheap], "y", budget=1000.0, seed=seed)
        honest += found.estimate.holds(np.exp(log_spread**2 / 2.0)) or "unreliable tail" in str(found)
    assert honest >= 36 - 2.0 * np.sqrt(40 * 0.09)


@pytest.mark.parametrize("cheap", [lambda z: z, lambda z: z + 0.01 * z**2])
def test_models_that_agree_to_the_last_digits_have_no_bias_far_from_zero(cheap):
    def shifted(f):
        inputs = (uq.Input("z", "1", uq.Normal(0.0, 1.0)),)
        return uq.Problem(inputs, (uq.Output("y", "1"),), lambda c: {"y": 1e12 + f(c["z"])})

    models = [uq.Fidelity("a", shifted(lambda z: z), 1.0), uq.Fidelity("b", shifted(cheap), 0.01)]
    found = uq.multifidelity_mean(models, "y", budget=1000.0).estimate
    assert abs(found.value - 1e12) < 4.0 * (found.high - found.low)
    assert found.high - found.low < 0.1


@pytest.mark.parametrize(
    ("covariance", "costs", "budget", "words"),
    [
        ([[1.0, 2.0], [2.0, 1.0]], [1.0, 0.1], 100.0, "belongs to no outputs"),
        ([[1.0, 0.9], [0.9, 1.0]], [1.0, 0.1], 1e18, "past counting"),
        ([[1.0, 0.9], [0.9, 1.0]], ["1", "0.1"], 100.0, "expected real numbers"),
        ([[1.0, 0.9j], [-0.9j, 1.0]], [1.0, 0.1], 100.0, "expected real numbers"),
        ([[1.0]], 1.0, 100.0, "one for each model"),
    ],
)
def test_covariances_costs_and_budgets_that_mean_nothing_are_refused(covariance, costs, budget, words):
    with pytest.raises(ValueError, match=words):
        allocate_runs(np.array(covariance), costs, budget)


@pytest.mark.parametrize("others", [[1.0], [1.0, 0.1]])
def test_a_model_that_rounding_leaves_without_runs_beside_the_first_gets_none(others):
    costs = np.array([1.0, *others])
    plan = allocate_runs(np.ones((len(costs), len(costs))), costs, 1000.0)
    assert plan.runs_of(1) == 0
    assert plan.variance <= 1.01 / 1000.0


def test_a_group_of_which_one_run_worked_has_no_interval_and_is_refused():
    """Of two runs of the dear model one fails: a hundredth of many may, and one of few."""
    failing = power(5).with_model(lambda c: {"y": np.where(c["x"] < 0.006, np.nan, c["x"] ** 5)})
    models = [uq.Fidelity("dear", failing, 1.0), uq.Fidelity("cheap", power(4), 0.01)]
    with pytest.raises(ValueError, match="1 of 2 runs of 'dear' and 'cheap' worked"):
        uq.multifidelity_mean(models, "y", budget=18.5, pilot=16, seed=87)


def test_fidelities_that_take_an_input_in_other_units_are_refused():
    other = uq.Problem(
        (uq.Input("x", "m", uq.Uniform(0.0, 1.0)),), (uq.Output("y", "1"),), lambda c: {"y": c["x"]}
    )
    with pytest.raises(ValueError, match=r"takes 'x' in 'm', 'x\^5' in '1'"):
        uq.multifidelity_mean([*ensemble(1), uq.Fidelity("other", other, 0.1)], "y", budget=1000.0)
