"""Moments, quantiles, exceedance and tolerance against exact laws; streams that stay small; intervals that cover."""

from __future__ import annotations

import dataclasses
import tracemalloc

import analytic
import numpy as np
import pytest
from scipy import special, stats

from uq import Dataset, Input, LogNormal, Normal, Output, Problem, propagate
from uq.campaign.runner import run
from uq.core.confidence_intervals import clopper_pearson
from uq.core.dataset import evaluate
from uq.core.results import above_name, quantile_name
from uq.propagation.control_variates import corrected
from uq.propagation.propagate import _at_rank
from uq.propagation.quantile_sketch import Sketch
from uq.propagation.tolerance import density, tolerance, wilks_runs
from uq.sampling.pick_freeze import pick_freeze
from uq.sampling.plans import Plan, monte_carlo, scrambles, sobol_sequence
from uq.sampling.trajectories import trajectories
from uq.surrogates.derived_outputs import Exact
from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos

LINEAR = analytic.linear_gaussian((1.0, 2.0, -0.5))
DEPENDENT = analytic.linear_gaussian(analytic.WEIGHTS, analytic.CORRELATED)
LOGNORMAL = analytic.lognormal_product((0.3, 0.5))
PROBABILITIES = (0.01, 0.05, 0.5, 0.95, 0.99)


def quantiles(known, p):
    """Exact quantiles: both families are normal, one after a logarithm."""
    z = special.ndtri(np.asarray(p))
    return known.std * z if known is not LOGNORMAL else np.exp(np.hypot(0.3, 0.5) * z)


def evaluated(problem: Problem, plan: Plan) -> Dataset:
    """The samples of a plan, without the care of a campaign."""
    data = evaluate(problem, problem.physical(plan.unit))
    return dataclasses.replace(data, provenance={"scheme": plan.scheme, "details": plan.details})


def inside(exact, interval, value, factor=3.0) -> bool:
    """Whether the truth lies within a 90 % interval stretched `factor` times: some five standard errors."""
    low, high = interval
    return value - factor * (value - low) <= exact <= value + factor * (high - value)


@pytest.mark.parametrize("known", [LINEAR, DEPENDENT, LOGNORMAL], ids=["linear", "dependent", "lognormal"])
@pytest.mark.parametrize("through", ["samples", "stream"])
def test_a_law_is_found_within_its_intervals(known, through):
    source = (
        Exact(known.problem)
        if through == "stream"
        else run(known.problem, monte_carlo(4096, known.problem.dimension, seed=5))
    )
    limit = float(quantiles(known, 0.98))
    found = propagate(source, quantiles=PROBABILITIES, above={"y": [limit]})["y"]
    assert inside(known.mean, found.intervals["mean"], found.mean)
    assert inside(known.std, found.intervals["std"], found.std)
    for p, exact in zip(PROBABILITIES, quantiles(known, PROBABILITIES), strict=True):
        assert inside(exact, found.intervals[quantile_name(p)], found.quantiles[p])
    assert inside(0.02, found.intervals[above_name(limit)], found.exceedance[limit])
    assert "quantile 0.99" in str(found)


def test_a_stream_is_the_same_for_any_number_of_workers():
    one, two = (propagate(Exact(LINEAR.problem), samples=2**15, workers=w)["y"] for w in (1, 3))
    assert one == two


def test_memory_does_not_grow_with_the_samples():
    peaks = []
    for samples in (2**18, 2**21):
        tracemalloc.start()
        propagate(Exact(LINEAR.problem), samples=samples, replicates=4)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]  # for eight times the samples
    assert peaks[1] < 100 * 2**20


@pytest.mark.slow
def test_ten_million_samples_of_25_inputs_and_10_outputs_fit_in_500_mib():
    """Seconds are measured by `tests.benchmarks.sensitivity stream`; here the memory, and that every sample counts."""
    inputs = tuple(Input(f"x{j}", "1", Normal(0.0, 1.0)) for j in range(25))
    weights = np.random.default_rng(0).normal(size=(25, 10))
    model = Problem(
        inputs,
        tuple(Output(f"y{k}") for k in range(10)),
        lambda c: {f"y{k}": v + 0.1 * v**2 for k, v in enumerate((analytic.matrix(c) @ weights).T)},
        version="1",
    )
    fitted = PolynomialChaos.fit(evaluate(model, model.physical(monte_carlo(400, 25, seed=1).unit)))
    tracemalloc.start()
    found = propagate(fitted, samples=10_000_000, workers=2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 500 * 2**20
    for k in range(10):
        law = found[f"y{k}"]
        square = float(weights[:, k] @ weights[:, k])
        assert law.samples == 10_000_000
        assert inside(0.1 * square, law.intervals["mean"], law.mean)
        assert inside(np.sqrt(square + 0.02 * square**2), law.intervals["std"], law.std)


@dataclasses.dataclass(frozen=True)
class Shifted(Exact):
    """A surrogate that is wrong by `bias` and claims an error of `error`."""

    bias: float = 0.0
    error: float = 0.0

    def predict(self, x):
        found = super().predict(x)
        return dataclasses.replace(
            found, mean=found.mean + self.bias, std=np.full_like(found.mean, self.error)
        )


def test_no_interval_is_narrower_than_the_error_of_the_surrogate():
    error = 0.1 * LINEAR.std
    limit = 2.0 * LINEAR.std
    found = propagate(Shifted(LINEAR.problem, bias=error, error=error), above={"y": [limit]})["y"]
    for name, exact in (
        ("mean", 0.0),
        ("quantile 0.05", quantiles(LINEAR, 0.05)),
        ("quantile 0.95", quantiles(LINEAR, 0.95)),
        (above_name(limit), special.ndtr(-2.0)),
    ):
        low, high = found.intervals[name]
        assert low <= exact <= high
    low, high = found.intervals["quantile 0.95"]
    assert high - low >= 2.0 * 1.64 * error
    assert "surrogate" in found.notes[0]


def test_a_rare_exceedance_gets_the_binomial_interval_also_when_it_never_happens():
    found = propagate(Exact(LINEAR.problem), above={"y": [100.0]}, samples=2**14)["y"]
    assert found.exceedance[100.0] == 0.0
    assert found.intervals["above 100"] == clopper_pearson(0, 2**14, 0.9)


def test_failed_rows_are_counted_and_the_answer_says_that_it_is_conditional():
    data = run(LINEAR.problem, monte_carlo(1000, 3, seed=1))
    y = data.y.copy()
    y[:100] = np.nan
    found = propagate(Dataset.from_arrays(data.x, y, problem=data.problem))["y"]
    assert (found.samples, found.failed) == (1000, 100)
    assert any("100 of 1000 rows failed" in note for note in found.notes)
    assert np.isfinite(found.mean)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e308])
@pytest.mark.parametrize("rate", [0.001, 0.01, 0.5, 1.0])
def test_bad_values_are_left_out_with_a_count_or_refused(value, rate):
    data = run(LINEAR.problem, monte_carlo(1000, 3, seed=1))
    y = data.y.copy()
    rows = int(1000 * rate)
    y[:rows] = value
    spoilt = Dataset.from_arrays(data.x, y, problem=data.problem)
    if np.isfinite(value) or rate == 1.0:
        with pytest.raises(ValueError, match=r"beyond|good rows"):
            propagate(spoilt)
    else:
        found = propagate(spoilt)["y"]
        assert found.failed == rows
        assert np.isfinite([found.mean, found.std, *found.quantiles.values()]).all()


def test_wrong_questions_are_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        propagate(Exact(LINEAR.problem), quantiles=[1.5])
    with pytest.raises(KeyError, match="no output 'z'"):
        propagate(Exact(LINEAR.problem), above={"z": [1.0]})
    with pytest.raises(ValueError, match="replicates"):
        propagate(Exact(LINEAR.problem), samples=8)


@pytest.mark.parametrize("through", ["samples", "stream"])
def test_a_tail_that_is_not_seen_yet_is_told(through):
    heavy = analytic.lognormal_product((2.0,)).problem
    light = LOGNORMAL.problem
    for problem, warned in ((heavy, True), (light, False)):
        d = problem.dimension
        source = Exact(problem) if through == "stream" else run(problem, monte_carlo(4096, d, seed=3))
        found = propagate(source, samples=2**13)["y"]
        assert any("unreliable tail" in note for note in found.notes) == warned
        assert ("unreliable tail" in str(found)) == warned


def test_a_constant_output_has_no_spread_and_breaks_nothing():
    flat = Problem(
        (Input("x1", "1", Normal(0.0, 1.0)),),
        (Output("y"),),
        lambda c: {"y": 0.0 * c["x1"] + 3.0},
        version="1",
    )
    for source in (Exact(flat), run(flat, monte_carlo(64, 1, seed=1))):
        found = propagate(source, samples=2**12)["y"]
        assert found.mean == pytest.approx(3.0, abs=1e-12)
        assert found.std == 0.0


# -- sketches ---------------------------------------------------------------------------------------------------


def test_sketches_merge_to_the_sketch_of_all_in_any_order():
    values = np.random.default_rng(1).standard_normal(10_000)
    parts = [Sketch.of(v, -5.0, 5.0) for v in np.split(values, 10)]
    whole, forward, backward = Sketch.of(values, -5.0, 5.0), parts[0], parts[-1]
    for part in parts[1:]:
        forward = forward + part
    for part in parts[-2::-1]:
        backward = backward + part
    assert np.array_equal(forward.counts, whole.counts)
    assert np.array_equal(backward.counts, whole.counts)
    assert forward.std == pytest.approx(values.std(), rel=1e-12)
    for p in (0.0, 0.001, 0.5, 0.999, 1.0):
        low, high = np.quantile(values, np.clip([p - 1e-4, p + 1e-4], 0.0, 1.0))  # the neighbouring samples
        assert low - whole.width <= whole.quantile(p) <= high + whole.width
    with pytest.raises(ValueError, match="different ranges"):
        whole + Sketch.of(values, -6.0, 6.0)


def test_a_sketch_keeps_what_lies_beyond_its_bins():
    sketch = Sketch.of(np.array([-10.0, 0.0, 10.0]), -1.0, 1.0)
    assert (sketch.quantile(0.0), sketch.quantile(1.0)) == (-10.0, 10.0)
    assert sketch.below(10.0) == 1.0


# -- tolerance and density --------------------------------------------------------------------------------------


def test_wilks_asks_for_59_and_93_runs():
    assert wilks_runs(0.95, 0.95) == 59
    assert wilks_runs(0.95, 0.95, dropped=2) == 93
    assert (
        wilks_runs(0.95, 0.95, dropped=3) == 124
    )  # Guba, Makai & Pal (2003), doi:10.1016/S0951-8320(03)00022-X
    assert wilks_runs(0.99, 0.95) == 299


def test_tolerance_bounds_hold_their_coverage_with_their_confidence():
    held = {"both": 0, "upper": 0}
    for seed in range(400):
        data = run(LINEAR.problem, monte_carlo(120, 3, seed=seed))
        for side in held:
            bound = tolerance(data, "y", side=side)
            share = stats.norm.cdf(bound.high / LINEAR.std) - stats.norm.cdf(bound.low / LINEAR.std)
            held[side] += share >= 0.95
    for count in held.values():
        assert count >= 0.95 * 400 - 4.0 * np.sqrt(400 * 0.05 * 0.95)
    with pytest.raises(ValueError, match="run 93"):
        tolerance(run(LINEAR.problem, monte_carlo(92, 3, seed=1)), "y")
    assert "both" not in str(bound)


def test_a_density_integrates_to_one_and_holds_the_true_one():
    data = run(LINEAR.problem, monte_carlo(5000, 3, seed=2))
    found = density(data, "y")
    assert np.sum(found.density * np.diff(found.edges)) == pytest.approx(1.0, abs=1e-12)
    exact = np.diff(special.ndtr(found.edges / LINEAR.std)) / np.diff(found.edges)
    covered = (found.interval[:, 0] <= exact) & (exact <= found.interval[:, 1])
    assert covered.mean() > 0.75


# -- few runs and many ------------------------------------------------------------------------------------------


def test_a_biased_surrogate_corrects_the_mean_of_few_runs_without_bias():
    problem = Problem(
        (Input("x1", "1", Normal(0.0, 1.0)), Input("x2", "1", LogNormal(1.0, 1.3))),
        (Output("y"),),
        lambda c: {"y": c["x1"] + c["x1"] ** 2 + c["x2"]},
        version="1",
    )
    stand_in = Exact(
        problem.with_model(lambda c: {"y": 5.0 + 0.8 * c["x1"] + 1.1 * c["x1"] ** 2}, version="2")
    )
    exact = 1.0 + np.exp(0.5 * np.log(1.3) ** 2)
    hits, errors, plain = 0, [], []
    for seed in range(200):
        data = run(problem, monte_carlo(40, 2, seed=seed))
        found = corrected(data, stand_in, seed=seed + 1000, samples=2**14)["y"]
        low, high = found.intervals["mean"]
        hits += low <= exact <= high
        errors.append(found.mean - exact)
        plain.append(data["y"].mean() - exact)
    assert np.std(errors) < 0.4 * np.std(plain)
    assert abs(np.mean(errors)) < 4.0 * np.std(errors) / np.sqrt(200)
    assert 0.84 * 200 < hits < 0.96 * 200


def test_a_corrected_probability_is_unbiased_too():
    stand_in = Shifted(LINEAR.problem, bias=0.3)
    limit = LINEAR.std
    errors = [
        corrected(
            run(LINEAR.problem, monte_carlo(200, 3, seed=s)),
            stand_in,
            above={"y": [limit]},
            samples=2**13,
            seed=s + 999,
        )["y"].exceedance[limit]
        - special.ndtr(-1.0)
        for s in range(100)
    ]
    assert abs(np.mean(errors)) < 4.0 * np.std(errors) / 10.0


@pytest.mark.parametrize("known", [LINEAR, LOGNORMAL], ids=["linear", "lognormal"])
@pytest.mark.parametrize(
    "plan", ["random", *(pytest.param(p, marks=pytest.mark.slow) for p in ("quasi-random", "stream"))]
)
def test_ninety_percent_intervals_cover_ninety_percent(plan, known):
    """Each cell within 87 to 93 % over 1,000 repeats, whose own standard error is 1 %: no allowance is made for it."""
    dimension = known.problem.dimension
    limit = float(quantiles(known, 0.9))
    exact_values = {
        "mean": known.mean,
        "std": known.std,
        "quantile 0.05": float(quantiles(known, 0.05)),
        "quantile 0.5": float(quantiles(known, 0.5)),
        "quantile 0.95": float(quantiles(known, 0.95)),
        above_name(limit): 0.1,
    }
    hits = dict.fromkeys(exact_values, 0)
    for seed in range(1000):
        if plan == "stream":
            source = Exact(known.problem)
        else:
            draw = monte_carlo if plan == "random" else scrambles
            source = evaluated(known.problem, draw(1024, dimension, seed=seed))
        found = propagate(
            source, quantiles=(0.05, 0.5, 0.95), above={"y": [limit]}, samples=2**12, seed=seed
        )["y"]
        for name, exact in exact_values.items():
            low, high = found.intervals[name]
            hits[name] += low <= exact <= high
    cells = np.array(list(hits.values())) / 1000.0
    assert cells.min() >= 0.87, hits
    assert cells.max() <= 0.93, hits


@pytest.mark.parametrize("through", ["samples", "stream"])
def test_a_median_of_one_input_whose_every_scramble_halves_exactly_still_has_an_interval(through):
    problem = Problem(
        (Input("x1", "1", Normal(0.0, 1.0)),), (Output("y"),), lambda c: {"y": 2.0 * c["x1"]}, version="1"
    )
    hits = 0
    for seed in range(200):
        source = Exact(problem) if through == "stream" else evaluated(problem, scrambles(1024, 1, seed=seed))
        low, high = propagate(source, quantiles=(0.5,), samples=2**12, seed=seed)["y"].intervals[
            "quantile 0.5"
        ]
        hits += low <= 0.0 <= high
    assert hits >= 0.87 * 200


@pytest.mark.parametrize("draw", [pick_freeze, scrambles])
def test_replicates_of_a_plan_give_intervals_that_know_how_good_it_is(draw):
    """Pick-freeze rows share columns, and are worth less than as many random ones; scrambles are worth more."""
    problem = LINEAR.problem
    plan = draw(1024, 3, seed=1, replicates=1024 if draw is pick_freeze else 32)
    data = evaluated(problem, plan)
    found = propagate(data)["y"]
    blind = 2.0 * special.ndtri(0.95) * found.std / np.sqrt(len(data))  # as of independent rows
    ratio = np.ptp(found.intervals["mean"]) / blind
    assert ratio > 1.4 if draw is pick_freeze else ratio < 0.2
    assert not any("as wide as of random rows" in note for note in found.notes)


def test_a_quasi_random_dataset_says_that_its_intervals_are_as_wide_as_of_random_rows():
    found = propagate(run(LINEAR.problem, sobol_sequence(256, 3, seed=1)))["y"]
    assert any("as wide as of random rows" in note for note in found.notes)


@pytest.mark.parametrize("draw", [pick_freeze, trajectories])
def test_few_events_among_rows_that_share_a_base_point_are_no_more_certain_than_their_number_of_base_points(
    draw,
):
    """x1 + 0 x2 + ... exceeds its limit in most rows of a base point together."""
    known = analytic.linear_gaussian((1.0, *[0.0] * 7))
    limit, hits = 1.0, 0
    exact = 0.25 if draw is trajectories else float(special.ndtr(-2.0))
    limit = 1.0 if draw is trajectories else 2.0
    for seed in range(200):
        n = 8 if draw is trajectories else 64
        data = evaluated(known.problem, draw(n, 8, seed=seed))
        low, high = propagate(data, above={"y": [limit]})["y"].intervals[above_name(limit)]
        hits += low <= exact <= high
    assert hits >= 0.87 * 200


@pytest.mark.parametrize("kept", ["all but one", "half"])
def test_rows_picked_from_a_plan_of_groups_are_not_taken_for_independent(kept):
    known = analytic.linear_gaussian((1.0, *[0.0] * 7))
    hits = 0
    for seed in range(200):
        data = evaluated(known.problem, pick_freeze(64, 8, seed=seed, replicates=64))
        rows = np.arange(1, len(data)) if kept == "all but one" else np.arange(len(data) // 2 + 8)
        found = propagate(data.where(rows))["y"]
        low, high = found.intervals["mean"]
        hits += low <= 0.0 <= high
    assert any("take 10 rows for one" in note for note in found.notes)
    assert not any("as wide as of random rows" in note for note in found.notes)
    assert hits >= 0.87 * 200


def test_rows_of_a_pick_freeze_plan_are_known_whatever_their_plan_is_called():
    known = analytic.linear_gaussian((1.0, *[0.0] * 7))
    plan = pick_freeze(64, 8, seed=1, replicates=64)
    data = evaluated(known.problem, plan)
    widths = {}
    for scheme in ("given", "monte_carlo", "latin_hypercube"):
        named = dataclasses.replace(data, provenance={"scheme": scheme})
        found = propagate(named)["y"]
        assert any("64 blocks" in note for note in found.notes)
        widths[scheme] = np.ptp(found.intervals["mean"])
    independent = np.ptp(
        propagate(evaluated(known.problem, monte_carlo(64, 8, seed=1)))["y"].intervals["mean"]
    )
    assert all(width > 0.7 * independent for width in widths.values())


@pytest.mark.parametrize(
    "ask",
    [lambda d: tolerance(d, "y"), lambda d: corrected(d, Exact(d.problem))],
    ids=["tolerance", "corrected"],
)
def test_what_counts_independent_rows_refuses_rows_that_share_inputs(ask):
    data = evaluated(LINEAR.problem, pick_freeze(64, 3, seed=1))
    with pytest.raises(ValueError, match=r"64 blocks .* one row of each block"):
        ask(dataclasses.replace(data, provenance={"scheme": "given"}))


def test_a_density_of_rows_that_share_inputs_is_no_more_certain_than_that_of_one_row_of_each_block():
    data = evaluated(LINEAR.problem, pick_freeze(64, 3, seed=1))
    all_rows, one_each = (
        density(d, "y", bins=8).interval[4] for d in (data, data.where(np.arange(0, 320, 5)))
    )
    assert np.ptp(all_rows) > 0.7 * np.ptp(one_each)


def test_one_replicate_left_is_not_certain():
    data = evaluated(LINEAR.problem, scrambles(64, 3, seed=1, replicates=2))
    data = dataclasses.replace(data, status=np.repeat([0, 1], 32))
    found = propagate(data, above={"y": [0.0]})["y"]
    assert np.ptp(found.intervals["mean"]) > 0.1
    assert any("one replicate only" in note for note in found.notes)


def test_a_corrected_probability_is_never_certain_nor_outside_zero_and_one():
    exact = float(special.ndtr(-3.0))
    limit, hits = 3.0 * LINEAR.std, 0
    for seed in range(100):
        data = evaluated(LINEAR.problem, monte_carlo(60, 3, seed=seed))
        source = Shifted(LINEAR.problem, bias=0.3)
        found = corrected(data, source, above={"y": [limit]}, samples=2**12, seed=seed + 999)["y"]
        low, high = found.intervals[above_name(limit)]
        assert 0.0 <= low <= found.exceedance[limit] <= high <= 1.0
        assert high - low > 1.0 / 60.0
        hits += low <= exact <= high
    assert hits >= 87


def test_the_first_and_the_last_rank_are_the_ends_of_the_sample_and_beyond_is_unknown():
    ordered = np.array([2.0, 3.0, 7.0])
    assert [_at_rank(ordered, rank) for rank in (0.9, 1.0, 2.5, 3.0, 3.1)] == [-np.inf, 2.0, 5.0, 7.0, np.inf]
