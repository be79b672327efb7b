"""Laws that are wrong: weighted rows against closed forms, and the box of what is not known and what scatters."""

import numpy as np
import pytest
from scipy import special, stats

import uq
from uq.core.dataset import Dataset, evaluate
from uq.core.distributions import Discrete, LogNormal, Normal, Triangular, TruncatedNormal, Uniform
from uq.core.problem import Input, Output, Problem
from uq.propagation.law_robustness import LEAST_EFFECTIVE, perturbed
from uq.propagation.p_box import p_box
from uq.sampling import saltelli
from uq.sampling.plans import monte_carlo, sobol_sequence
from uq.sampling.trajectories import trajectories
from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos

QUASI_RANDOM = 0.02
"""Error of a weighted mean of 2^15 quasi-random rows, in standard deviations of the output."""
NESTED = 0.01
"""Error of a chance over 1024 quasi-random rows of one input."""


def problem(*laws, coefficients=(1.0, 1.0), correlation=None):
    inputs = tuple(Input(f"x{j}", "1", law) for j, law in enumerate(laws))

    def model(columns):
        return {"y": sum(a * columns[f"x{j}"] for j, a in zip(range(len(laws)), coefficients, strict=True))}

    return Problem(inputs, (Output("y", "kg"),), model, correlation)


def rows(asked: Problem, n: int = 2**15) -> Dataset:
    return evaluate(asked, asked.physical(sobol_sequence(n, asked.dimension, seed=1).unit))


def test_a_linear_model_of_normal_inputs_has_the_tilted_mean_and_chance_of_algebra():
    asked = problem(Normal(1.0, 2.0), Normal(0.0, 1.0), coefficients=(3.0, 4.0))
    found = perturbed(rows(asked), "y", threshold=5.0, inputs=["x0"], shifts=[-1.0, 1.0], factors=[0.7])
    std = np.hypot(6.0, 4.0)
    down, up, narrow = found.perturbations
    for one, mean in ((down, -3.0), (up, 9.0)):
        assert one.mean.value == pytest.approx(mean, abs=QUASI_RANDOM * std)
        assert one.mean_change.value == pytest.approx(mean - 3.0, abs=QUASI_RANDOM * std)
        assert one.chance.value == pytest.approx(stats.norm.sf(5.0, mean, std), abs=QUASI_RANDOM)
        assert one.chance.holds(stats.norm.sf(5.0, mean, std))
        assert one.effective == pytest.approx(2**15 * np.exp(-1.0), rel=0.1)
    assert narrow.mean.value == pytest.approx(3.0, abs=QUASI_RANDOM * std)
    assert narrow.chance.value == pytest.approx(
        stats.norm.sf(5.0, 3.0, np.hypot(0.7 * 6.0, 4.0)), abs=QUASI_RANDOM
    )
    assert "effective rows" in str(found)


def test_a_bounded_law_keeps_its_support_and_gets_the_moments_that_were_asked_for():
    for law in (
        Uniform(2.0, 6.0),
        Triangular(0.5, 1.0, 1.3),
        Triangular(0.904, 1.0, 1.043),
        TruncatedNormal(2.25e-5, 2.5e-6, 1.5e-5, 3e-5),
    ):
        mean, std = law.moments()
        asked = problem(law, Normal(0.0, 1.0), coefficients=(1.0, 0.0))
        shifted, narrow = perturbed(
            rows(asked), "y", inputs=["x0"], shifts=[0.8], factors=[0.6]
        ).perturbations
        assert shifted.mean.value == pytest.approx(mean + 0.8 * std, abs=QUASI_RANDOM * std)
        assert narrow.mean.value == pytest.approx(mean, abs=QUASI_RANDOM * std)
        square = problem(law, Normal(0.0, 1.0), coefficients=(1.0, 0.0)).with_model(
            lambda c, m=mean: {"y": (c["x0"] - m) ** 2}
        )
        spread = perturbed(rows(square), "y", inputs=["x0"], shifts=(), factors=[0.6]).perturbations[0]
        assert spread.mean.value == pytest.approx((0.6 * std) ** 2, rel=QUASI_RANDOM)


def test_the_tilt_of_a_uniform_law_is_the_truncated_exponential():
    shift = (
        0.5  # standard deviations: mean of a exp(a t) / (exp(a) - 1) on [0, 1] is 1 / (1 - exp(-a)) - 1 / a
    )
    low, high = 0.1, 10.0
    for _ in range(100):
        a = 0.5 * (low + high)
        low, high = (a, high) if 1 / (1 - np.exp(-a)) - 1 / a < 0.5 + shift / np.sqrt(12.0) else (low, a)
    found = perturbed(
        rows(problem(Uniform(0.0, 1.0), Normal(0.0, 1.0), coefficients=(1.0, 0.0))),
        "y",
        threshold=0.7,
        inputs=["x0"],
        shifts=[shift],
    )
    exact = (np.exp(a) - np.exp(0.7 * a)) / (np.exp(a) - 1.0)
    assert found.perturbations[0].chance.value == pytest.approx(exact, abs=1e-3)


def test_a_lognormal_law_is_shifted_in_its_logarithm_where_a_tilt_exists():
    asked = problem(LogNormal(2.0, 1.5), Normal(0.0, 1.0), coefficients=(1.0, 0.0))
    sigma = float(np.log(LogNormal(2.0, 1.5).at_normal(np.array([1.0]))[0] / 2.0))
    found = perturbed(rows(asked), "y", inputs=["x0"], shifts=[1.0]).perturbations[0]
    assert found.mean.value == pytest.approx(2.0 * np.exp(sigma + 0.5 * sigma**2), rel=QUASI_RANDOM)


def test_inputs_that_depend_on_the_shifted_one_follow_it():
    asked = problem(
        Normal(0.0, 1.0),
        Normal(0.0, 1.0),
        coefficients=(0.0, 1.0),
        correlation=np.array([[1.0, 0.6], [0.6, 1.0]]),
    )
    found = perturbed(rows(asked), "y", inputs=["x0"], shifts=[1.0]).perturbations[0]
    assert found.mean.value == pytest.approx(0.6, abs=QUASI_RANDOM)


def test_intervals_of_weighted_rows_cover_as_often_as_they_say():
    asked = problem(Normal(0.0, 1.0), Uniform(-1.0, 1.0), coefficients=(1.0, 1.0))
    exact_mean = 1.0
    u = np.linspace(-1.0, 1.0, 2001)
    exact_chance = float(np.mean(special.ndtr(u + 1.0)))
    held = np.zeros(3)
    repeats = 300
    for seed in range(1, repeats + 1):
        data = evaluate(asked, asked.physical(monte_carlo(200, 2, seed=seed).unit))
        one = perturbed(data, "y", inputs=["x0"], shifts=[1.0]).perturbations[0]
        held += [
            one.mean.holds(exact_mean),
            one.chance.holds(exact_chance),
            one.mean_change.holds(exact_mean),
        ]
    within = 4.0 * np.sqrt(0.9 * 0.1 / repeats)
    assert (np.abs(held / repeats - 0.9) < within).all(), held / repeats


def test_a_law_perturbed_beyond_its_support_gives_a_sentence_and_no_number():
    data = rows(problem(Uniform(0.0, 1.0), Normal(0.0, 1.0)), 1024)
    with pytest.raises(ValueError, match=r"its mean would be 1\.077, outside the support of the law, 0 to 1"):
        perturbed(data, "y", inputs=["x0"], shifts=[2.0])
    with pytest.raises(ValueError, match="no law between 0 and 1 has this mean and 2 times"):
        perturbed(data, "y", inputs=["x0"], shifts=(), factors=[2.0])
    both = perturbed(data, "y", shifts=[2.0, 0.5])
    beyond = both.perturbations[0]
    assert np.isnan([beyond.mean.value, beyond.chance.value, beyond.mean.low]).all()
    assert both.table().rows[1][2:6] == (None, None, None, None)
    assert "outside the support" in both.table().rows[1][-1]
    assert not both.perturbations[1].reason


def test_too_few_effective_rows_are_refused_with_the_remedy():
    data = rows(problem(Normal(0.0, 1.0), Normal(0.0, 1.0)), 64)
    with pytest.raises(
        ValueError, match=f"fewer than {LEAST_EFFECTIVE:.0f}; give more rows, or change the law less"
    ):
        perturbed(data, "y", shifts=[1.5])
    with pytest.raises(ValueError, match=r"64 rows reach .* of this law; give more rows"):
        perturbed(data, "y", shifts=(), factors=[50.0])
    with pytest.raises(ValueError, match="no change of a law"):
        perturbed(data, "y", shifts=())
    with pytest.raises(KeyError, match="no input 'x9'"):
        perturbed(data, "y", inputs=["x9"])
    with pytest.raises(ValueError, match="no input is named"):
        perturbed(data, "y", inputs=[])


def test_the_box_of_a_range_and_a_scatter_is_the_exact_one():
    asked = problem(Uniform(-1.0, 3.0), Normal(0.0, 2.0))
    box = p_box(asked, "y", epistemic=["x0"], threshold=1.5, coverage=0.8, points=16, samples=1024)
    low, high = -0.6, 2.6
    for found, mean in zip(box.mean, (low, high), strict=True):
        assert found.value == pytest.approx(mean, abs=0.01)
    for found, mean in zip(box.chance, (low, high), strict=True):
        assert found.value == pytest.approx(stats.norm.sf(1.5, mean, 2.0), abs=NESTED)
    assert box.lower == pytest.approx(stats.norm.cdf(box.values, high, 2.0), abs=NESTED)
    assert box.upper == pytest.approx(stats.norm.cdf(box.values, low, 2.0), abs=NESTED)
    assert sum(box.shares()) == pytest.approx(1.0)
    assert box.average == pytest.approx(
        np.mean(stats.norm.sf(1.5, np.linspace(low, high, 2001), 2.0)), abs=NESTED
    )
    assert "central 80 %" in str(box)


def test_the_corners_of_many_inputs_are_found_in_either_direction():
    laws = [Uniform(0.0, 1.0)] * 6
    asked = problem(*laws, Normal(0.0, 0.1), coefficients=(1.0, -2.0, 3.0, -1.0, 0.5, -0.5, 1.0))
    box = p_box(asked, "y", epistemic=[f"x{j}" for j in range(6)], points=32, samples=64)
    # each input over 0.05 to 0.95: the sums of the negative and of the positive coefficients at the ends
    assert box.mean[0].value == pytest.approx(0.05 * 4.5 - 0.95 * 3.5, abs=0.01)
    assert box.mean[1].value == pytest.approx(0.95 * 4.5 - 0.05 * 3.5, abs=0.01)
    assert box.at[1] == pytest.approx(
        {"x0": 0.95, "x1": 0.05, "x2": 0.95, "x3": 0.05, "x4": 0.95, "x5": 0.05}
    )


def test_the_error_of_a_surrogate_widens_the_box():
    asked = problem(Uniform(-1.0, 1.0), Normal(0.0, 1.0))
    noisy = asked.with_model(lambda c: {"y": c["x0"] + c["x1"] + 0.3 * np.sin(40.0 * c["x0"] * c["x1"])})
    surrogate = PolynomialChaos.fit(rows(noisy, 256), degree=1)
    direct = p_box(asked, "y", epistemic=["x0"], threshold=0.5)
    through = p_box(surrogate, "y", epistemic=["x0"], threshold=0.5)
    assert through.chance[0].high - through.chance[0].low > 2.0 * (
        direct.chance[0].high - direct.chance[0].low
    )
    assert through.mean[0].low < direct.mean[0].low


def test_two_layers_are_needed_and_do_not_depend_on_each_other():
    tied = problem(Normal(0.0, 1.0), Normal(0.0, 1.0), correlation=np.array([[1.0, 0.5], [0.5, 1.0]]))
    with pytest.raises(ValueError, match="depend on each other; put both on one side"):
        p_box(tied, "y", epistemic=["x0"])
    for names in ([], ["x0", "x1"]):
        with pytest.raises(ValueError, match="there is no second layer"):
            p_box(tied, "y", epistemic=names)
    with pytest.raises(ValueError, match="coverage is a probability"):
        p_box(problem(Normal(0.0, 1.0), Normal(0.0, 1.0)), "y", epistemic=["x0"], coverage=1.0)


def test_runs_that_fail_are_left_out_and_counted():
    asked = problem(Uniform(-1.0, 1.0), Uniform(0.0, 1.0)).with_model(
        lambda c: {"y": np.where(c["x1"] > 0.5, np.nan, c["x0"]), "status": (c["x1"] > 0.5).astype(np.int64)}
    )
    box = uq.p_box(asked, "y", epistemic=["x0"], points=8, samples=64)
    assert box.failed == 10 * 32
    assert box.mean[1].value == pytest.approx(0.9)


@pytest.mark.parametrize("plan", [saltelli(64, 2, seed=1), trajectories(64, 2, seed=1)])
def test_rows_that_share_inputs_are_not_weighted(plan):
    asked = problem(Normal(0.0, 1.0), Normal(0.0, 1.0))
    with pytest.raises(ValueError, match="share inputs"):
        perturbed(uq.campaign.run(asked, plan), "y")


def test_rows_of_another_law_are_not_weighted():
    asked = problem(Normal(0.0, 1.0), Normal(0.0, 1.0))
    with pytest.raises(ValueError, match="do not follow the law of 'x0'"):
        perturbed(evaluate(asked, 0.5 + asked.physical(sobol_sequence(512, 2, seed=1).unit)), "y")


def test_a_shift_so_far_that_no_weight_is_left_has_a_reason():
    found = perturbed(
        rows(problem(Normal(0.0, 1.0), coefficients=(1.0,)), 512), "y", shifts=[0.5, 60.0]
    ).perturbations[1]
    assert "under this law, fewer than 30" in found.reason


def test_a_mean_of_a_discrete_law_is_shifted_whatever_becomes_of_its_spread():
    law = Discrete((1.0, 2.0, 3.0), (0.2, 0.3, 0.5))
    found = perturbed(rows(problem(law, coefficients=(1.0,)), 4096), "y", shifts=[0.5]).perturbations[0]
    assert found.mean.value == pytest.approx(2.3 + 0.5 * np.sqrt(0.61), abs=QUASI_RANDOM)


@pytest.mark.parametrize(
    ("change", "words"),
    [({"threshold": np.nan}, "give a finite number"), ({"points": 2**20, "samples": 2**20}, "give fewer")],
)
def test_a_box_of_no_threshold_or_of_too_many_runs_is_refused(change, words):
    with pytest.raises(ValueError, match=words):
        p_box(problem(Normal(0.0, 1.0), Normal(0.0, 1.0)), "y", epistemic=["x0"], **change)
