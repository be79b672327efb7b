"""Errors on rows that were not seen, the choice between surrogates, and how many runs would do."""

from __future__ import annotations

import functools

import analytic
import numpy as np
import pytest
from surrogate_problems import WAVY, fresh, sampled

from uq.core.dataset import Dataset, evaluate
from uq.core.distributions import Normal, Uniform
from uq.core.problem import Input, Output, Problem
from uq.sampling.plans import latin_hypercube, monte_carlo
from uq.surrogates.base import Prediction
from uq.surrogates.composite import Composite
from uq.surrogates.gaussian_process.gaussian_process import GaussianProcess
from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos
from uq.surrogates.validation import choose, learning_curve, measured, more_candidates, validate

ROUGH = functools.partial(GaussianProcess.fit, nugget=1.0)
"""A bad candidate: half of what it sees it takes for noise."""


def test_measures_are_those_of_their_definitions():
    y = np.array([[0.0], [1.0], [2.0], [5.0]])
    found = measured(
        ["y"], y, prediction=Prediction(y + np.array([[1.0], [0.0], [0.0], [-2.0]]), np.ones((4, 1)))
    )
    assert found.q2[0] == pytest.approx(1.0 - 1.25 / 3.5)
    assert found.rmse[0] == pytest.approx(np.sqrt(1.25))
    assert found.largest[0] == 2.0
    assert found.coverage[0] == 0.75


def test_cross_validation_finds_the_error_on_fresh_rows():
    data, new = sampled(n=80), fresh()
    found = validate(GaussianProcess.fit, data)
    true = np.sqrt(((GaussianProcess.fit(data).mean(new.x) - new.y) ** 2).mean(axis=0))
    # four fifths of the rows make a surrogate somewhat worse than all of them
    assert (found.rmse > 0.5 * true).all()
    assert (found.rmse < 6.0 * true).all()
    assert found.outputs == ("wavy", "linear")
    assert found.residuals.shape == (80, 2)
    assert "wavy" in str(found)


def test_no_row_is_predicted_by_a_surrogate_that_saw_it():
    seen = []

    def spy(data):
        seen.append({tuple(row) for row in data.x})
        return PolynomialChaos.fit(data)

    data = sampled(n=40)
    validate(spy, data, folds=4)
    rows = {tuple(row) for row in data.x}
    assert [len(rows - s) for s in seen] == [10, 10, 10, 10]
    assert set.union(*(rows - s for s in seen)) == rows


def test_noise_is_not_explained():
    data = sampled(n=100)
    noise = np.random.default_rng(1).standard_normal((100, 2))
    found = validate(GaussianProcess.fit, Dataset.from_arrays(data.x, noise, problem=WAVY))
    assert (found.q2 < 0.1).all()
    # 4 standard errors of a share of 100 rows
    assert (np.abs(found.coverage - 0.9) < 4.0 * np.sqrt(0.09 / 100)).all()


@pytest.mark.parametrize("folds", [1, 61])
def test_a_number_of_folds_that_cannot_be_is_refused(folds):
    with pytest.raises(ValueError, match="folds"):
        validate(GaussianProcess.fit, sampled(), folds=folds)


def test_a_fitted_surrogate_is_refused_and_its_errors_on_fresh_rows_are_named():
    surrogate, new = PolynomialChaos.fit(sampled()), fresh(n=50)
    with pytest.raises(TypeError, match=r"give it what fits, such as PolynomialChaos\.fit"):
        validate(surrogate, new)
    errors = measured(new.problem.output_names, new.y, prediction=surrogate.predict(new))
    assert (errors.rmse == np.sqrt(((new.y - surrogate.mean(new.x)) ** 2).mean(axis=0))).all()


@pytest.mark.parametrize("folds", [None, 4])
def test_the_better_candidate_is_chosen(folds):
    offered = {"rough": ROUGH, "fine": GaussianProcess.fit}
    choice = choose(sampled(), fits=offered, folds=folds)
    assert choice.chosen == ("fine", "fine")
    assert (choice.unexplained[0] > choice.unexplained[1]).all()
    assert "fine" in str(choice)


def test_each_output_gets_its_own_surrogate():
    known = analytic.ishigami()
    kink = Problem(
        known.problem.inputs,
        (Output("smooth"), Output("rough")),
        lambda c: {
            "smooth": known.problem.model(c)["y"],
            "rough": np.exp(-2.0 * ((c["x1"] - 1.0) ** 2 + (c["x2"] - 1.0) ** 2)),
        },
    )
    data, new = sampled(kink, 150), fresh(kink)
    choice = choose(data)
    assert choice.chosen == ("polynomial chaos", "gaussian process")
    assert isinstance(choice.surrogate, Composite)
    error = ((choice.surrogate.mean(new.x) - new.y) ** 2).mean(axis=0) / new.y.var(axis=0)
    for k, candidate in enumerate((PolynomialChaos.fit, GaussianProcess.fit)):
        alone = candidate(data).mean(new.x)[:, k]
        assert error[k] == pytest.approx(((alone - new.y[:, k]) ** 2).mean() / new.y[:, k].var(), rel=1e-6)


def test_trends_and_pc_kriging_compete_on_folds():
    problem = Problem(WAVY.inputs, (Output("wavy", "m"),), WAVY.model)
    choice = choose(sampled(problem, 40), fits=more_candidates(), folds=3, tolerance=0.0)
    assert choice.candidates == ("polynomial chaos", "gaussian process", "linear trend", "pc-kriging")
    assert np.isfinite(choice.unexplained).all()
    assert choice.chosen == (choice.candidates[int(np.argmin(choice.unexplained[:, 0]))],)


def test_later_candidates_are_not_tried_where_an_earlier_one_is_enough():
    offered = {"first": GaussianProcess.fit, "second": ROUGH}
    choice = choose(sampled(), fits=offered, tolerance=0.5)
    assert np.isnan(choice.unexplained[1]).all()


def test_threads_do_not_change_the_choice():
    x = fresh(n=20).x
    one, two = (choose(sampled(), workers=w).surrogate.mean(x) for w in (1, 2))
    assert np.array_equal(one, two)


def test_some_of_the_outputs_can_be_asked_for():
    choice = choose(sampled(), outputs=["linear"], tolerance=1e-3)
    assert choice.surrogate.problem.output_names == ("linear",)


def test_no_candidate_is_refused():
    with pytest.raises(ValueError, match="candidate"):
        choose(sampled(), fits={})


def test_the_learning_curve_says_how_many_runs_are_needed():
    data, new = sampled(n=60), fresh()
    curve = learning_curve(GaussianProcess.fit, data)
    assert (curve.unexplained[0] > curve.unexplained[-1]).all()
    rows = curve.rows_for("wavy", 0.999)
    surrogate = GaussianProcess.fit(sampled(n=round(rows), seed=8))
    left = np.mean((surrogate.mean(new.x) - new.y)[:, 0] ** 2) / new.y[:, 0].var()
    assert 1e-5 < left < 1e-2


def test_a_curve_that_does_not_fall_asks_for_infinitely_many_runs():
    inputs = (Input("a", "1", Uniform(0.0, 1.0)), Input("b", "1", Uniform(0.0, 1.0)))
    problem = Problem(inputs, (Output("noise"),))
    random = np.random.default_rng(2)
    data = Dataset.from_arrays(random.random((100, 2)), random.standard_normal((100, 1)), problem=problem)
    curve = learning_curve(GaussianProcess.fit, data)
    assert curve.rows_for("noise", 0.99) > 1e4


@pytest.mark.parametrize("q2", [0.0, 1.0])
def test_a_q2_that_no_curve_reaches_is_refused(q2):
    curve = learning_curve(PolynomialChaos.fit, sampled())
    with pytest.raises(ValueError, match="q2"):
        curve.rows_for("wavy", q2)


# -- what a surrogate claims ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [PolynomialChaos, GaussianProcess])
def test_a_claimed_error_holds_in_tails_where_no_row_stands(kind):
    """A stiffness with a normal law in the denominator: left-out rows err by a tenth of what fresh ones do."""
    inputs = (Input("force", "N", Normal(1.0, 0.2)), Input("width", "m", Normal(1.0, 0.15)))
    problem = Problem(inputs, (Output("bending"),), lambda c: {"bending": c["force"] / c["width"] ** 3})
    fresh_rows = evaluate(problem, problem.physical(monte_carlo(20_000, 2, seed=7).unit))
    hidden = []
    for seed in range(3):
        surrogate = kind.fit(evaluate(problem, problem.physical(latin_hypercube(40, 2, seed=seed).unit)))
        real = np.sqrt(np.mean((surrogate.mean(fresh_rows.x) - fresh_rows.y) ** 2))
        assert real < 5.0 * surrogate.error[0]
        hidden.append(real / np.sqrt(np.mean(surrogate.residuals**2)))
    assert min(hidden) > 5.0


def test_a_claimed_error_is_not_far_above_the_real_one_where_rows_stand_everywhere():
    data = sampled(WAVY, 200)
    surrogate = PolynomialChaos.fit(data)
    points = fresh(WAVY)
    real = np.sqrt(np.mean((surrogate.mean(points.x) - points.y) ** 2, axis=0))
    assert (surrogate.error > 0.3 * real).all()
    assert (surrogate.error < 4.0 * real).all()


def test_rows_of_a_part_of_the_law_claim_for_themselves_alone():
    problem = Problem((Input("x", "1", Uniform(0.0, 1.0)),), (Output("y"),), lambda c: {"y": np.sin(c["x"])})
    data = evaluate(problem, np.linspace(0.1, 0.3, 60)[:, None])
    surrogate = GaussianProcess.fit(data)
    assert surrogate.error[0] == pytest.approx(np.sqrt(np.mean(surrogate.residuals**2)))


def test_shares_of_variance_do_not_depend_on_the_unit_of_an_output():
    data = sampled()
    small = Dataset.from_arrays(data.x, 1e-3 * data.y, problem=data.problem)
    one, two = (learning_curve(PolynomialChaos.fit, rows, shares=(0.5, 0.8)) for rows in (data, small))
    # shares of one: what fits round differs by the linear algebra
    assert two.unexplained == pytest.approx(one.unexplained, rel=1e-6, abs=1e-10)
    large = Dataset.from_arrays(data.x, 1e3 * data.y, problem=data.problem)
    enough = choose(large, fits={"first": GaussianProcess.fit, "second": ROUGH}, tolerance=0.5)
    assert np.isnan(enough.unexplained[1]).all()
