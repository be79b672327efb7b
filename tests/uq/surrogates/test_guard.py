"""Points outside the domain are flagged, points inside are not; a card tells what a surrogate is worth."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from surrogate_problems import BEAM, CORRELATED, WAVY, fresh, sampled

from uq.core.bounds import Box, trained_range
from uq.core.dataset import Dataset
from uq.core.distributions import LogNormal, Normal, Triangular, Uniform
from uq.core.problem import Input, Output, Problem
from uq.sampling.plans import monte_carlo, sobol_sequence
from uq.surrogates.archive import load_card, save_surrogate
from uq.surrogates.domain import Domain
from uq.surrogates.gaussian_process.gaussian_process import GaussianProcess
from uq.surrogates.loading import Card, errors_on, load_for, load_surrogate
from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos
from uq.surrogates.validation import validate

each = pytest.mark.parametrize("problem", [WAVY, CORRELATED, BEAM], ids=["wavy", "correlated", "beam"])


def points(problem: Problem, n: int, seed: int = 7) -> np.ndarray:
    return problem.physical(monte_carlo(n, problem.dimension, seed=seed).unit)


@each
@pytest.mark.parametrize("rows", [30, 100, 1000])
def test_at_most_one_fresh_point_in_a_hundred_is_flagged(problem, rows):
    flagged = Domain.of(problem, sampled(problem, rows).x).outside(points(problem, 50_000))
    assert flagged.mean() < 0.01


@each
def test_a_thousand_points_beyond_an_input_are_all_flagged(problem):
    domain = Domain.of(problem, sampled(problem, 200).x)
    x, random = points(problem, 1000), np.random.default_rng(1)
    for row in x:
        j = int(random.integers(problem.dimension))
        low, high = domain.low[j], domain.high[j]
        beyond = (0.001 + random.random()) * (high - low)
        row[j] = high + beyond if random.random() < 0.5 else low - beyond
    assert domain.outside(x).sum() == 1000


@each
def test_a_thousand_unlikely_corners_are_all_flagged(problem):
    domain = Domain.of(problem, sampled(problem, 200).x)
    random = np.random.default_rng(2)
    # each input within its quantiles, all of them together far out
    tail = 10.0 ** random.uniform(-4.9, -4.0, (1000, problem.dimension))
    u = np.where(random.random(tail.shape) < 0.5, tail, 1.0 - tail)
    flags = domain.flags(problem.physical(u))
    assert flags.outside.sum() == 1000
    assert flags.far.sum() == 1000


@each
def test_points_that_training_never_came_near_are_flagged(problem):
    narrow = problem.physical(0.4 + 0.2 * monte_carlo(300, problem.dimension, seed=1).unit)
    flags = Domain.of(problem, narrow).flags(points(problem, 1000))
    assert flags.apart.mean() > 0.9


def test_points_against_the_correlation_are_flagged():
    against = np.array([[1.9, 1.0 - 0.5 * 2.6, 3.0]])  # a high, b low: each likely, together not
    tight = dataclasses.replace(WAVY, correlation=[[1.0, 0.95, 0.0], [0.95, 1.0, 0.0], [0.0, 0.0, 1.0]])
    assert not Domain.of(WAVY, sampled().x).outside(against)[0]
    assert Domain.of(tight, sampled(tight).x).outside(against)[0]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_points_that_are_not_finite_are_outside(bad):
    x = points(WAVY, 3)
    x[1, 2] = bad
    flags = Domain.of(WAVY, sampled().x).flags(x)
    assert flags.outside.tolist()[1]
    assert flags.beyond[1].tolist() == [False, False, True]


@pytest.mark.parametrize("law", [Uniform(0.0, 2.0), Triangular(1.0, 2.0, 4.0), LogNormal(3.0, 1.2)])
def test_the_domain_of_an_input_is_its_trained_range(law):
    """The one definition, that optimisers are held to as well."""
    problem = Problem((Input("a", "m", law),), (Output("y"),), version="1")
    domain, (low, high) = (
        Domain.of(problem, problem.physical(sobol_sequence(64, 1, seed=1).unit)),
        trained_range(law),
    )
    width = high - low
    assert (domain.low[0], domain.high[0]) == (low, high) == (Box.of(problem).low[0], Box.of(problem).high[0])
    assert not domain.outside([[low], [low + 1e-6 * width], [high - 1e-6 * width], [high]]).any()
    assert domain.outside([[low - 1e-6 * width], [high + 1e-6 * width]]).all()


@each
def test_a_single_input_at_the_end_of_its_range_lies_inside(problem):
    domain = Domain.of(problem, sampled(problem, 200).x)
    u = np.full((2 * problem.dimension, problem.dimension), 0.5)
    for j in range(problem.dimension):
        u[2 * j : 2 * j + 2, j] = 1.1e-5, 1.0 - 1.1e-5
    assert not domain.outside(problem.physical(u)).any()


def test_points_of_another_width_are_refused():
    with pytest.raises(ValueError, match=r"\(n, 3\)"):
        Domain.of(WAVY, sampled().x).outside(np.ones((2, 4)))


def test_few_rows_still_have_a_domain():
    domain = Domain.of(BEAM, sampled(BEAM, 15).x)
    assert domain.distance == np.inf
    assert domain.outside(points(BEAM, 10_000)).mean() < 0.01


@pytest.mark.parametrize("fit", [GaussianProcess.fit, PolynomialChaos.fit])
def test_a_surrogate_knows_its_domain(fit):
    domain = Domain.of_surrogate(fit(sampled()))
    assert np.array_equal(domain.outside([[0.0, 1.0, 3.0], [2.1, 1.0, 3.0]]), [False, True])


# -- the card -----------------------------------------------------------------------------------------------------


def carded(path, version="wavy 1"):
    problem = dataclasses.replace(WAVY, version=version)
    data = sampled(problem)
    surrogate = PolynomialChaos.fit(data)
    card = Card.of(surrogate, data, validate(PolynomialChaos.fit, data))
    save_surrogate(surrogate, path, card=card.to_dict())
    return card


def test_a_card_comes_back_from_its_file(tmp_path):
    card = carded(tmp_path / "s")
    again = Card.from_dict(load_card(tmp_path / "s"))
    assert again == card
    assert again.version == "wavy 1"
    assert again.rows == 60
    assert again.counts == {"good": 60}
    assert len(again.worst[0]) == 5
    assert "60 rows" in str(again)


def test_a_record_that_is_no_card_is_refused():
    with pytest.raises(ValueError, match="a card holds"):
        Card.from_dict({"rows": 3})


def test_a_surrogate_of_the_same_model_is_loaded(tmp_path):
    carded(tmp_path / "s")
    assert load_for(tmp_path / "s", WAVY).problem.version == "wavy 1"


def test_a_surrogate_of_another_version_is_refused_without_a_test(tmp_path):
    carded(tmp_path / "s")
    newer = dataclasses.replace(WAVY, version="wavy 2")
    with pytest.raises(ValueError, match="fresh runs"):
        load_for(tmp_path / "s", newer)


def test_a_surrogate_of_another_version_is_accepted_if_fresh_runs_agree(tmp_path):
    carded(tmp_path / "s")
    newer = dataclasses.replace(WAVY, version="wavy 2")
    surrogate = load_for(tmp_path / "s", newer, fresh=fresh(newer, 200))
    assert np.array_equal(surrogate.x, load_surrogate(tmp_path / "s").x)


def test_a_surrogate_of_another_version_is_refused_if_fresh_runs_do_not_agree(tmp_path):
    carded(tmp_path / "s")
    changed = dataclasses.replace(
        WAVY, version="wavy 2", model=lambda c: {k: 1.05 * v for k, v in WAVY.model(c).items()}
    )
    with pytest.raises(ValueError, match=r"'wavy'.*fit it again"):
        load_for(tmp_path / "s", changed, fresh=fresh(changed, 200))


def test_a_surrogate_of_other_inputs_is_refused(tmp_path):
    carded(tmp_path / "s")
    other = Problem((Input("z", "1", Normal(0.0, 1.0)),), (Output("wavy"),), WAVY.model, version="wavy 1")
    with pytest.raises(ValueError, match="has the inputs"):
        load_for(tmp_path / "s", other)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"inputs": (Input("a", "mm", Uniform(-2e3, 2e3)), *WAVY.inputs[1:])},
            "'a' in 'm', the true model in 'mm'",
        ),
        ({"outputs": (Output("wavy", "km"), WAVY.outputs[1])}, "'wavy' in 'm', the true model in 'km'"),
        ({"outputs": WAVY.outputs[:1]}, "'linear', which the true model does not give"),
        (
            {"inputs": (Input("a", "m", Uniform(-2.0, 3.0)), *WAVY.inputs[1:])},
            "% of what the problem's inputs may be",
        ),
        ({"inputs": (*WAVY.inputs[:2], Input("c", "kg", LogNormal(9.0, 1.2)))}, "fit it again"),
    ],
)
def test_a_surrogate_of_another_problem_is_refused(tmp_path, change, message):
    carded(tmp_path / "s")
    with pytest.raises(ValueError, match=message):
        load_for(tmp_path / "s", dataclasses.replace(WAVY, **change))


def test_a_surrogate_stands_for_a_part_of_the_laws_and_outputs_that_it_was_trained_on(tmp_path):
    carded(tmp_path / "s")
    more = dataclasses.replace(
        WAVY,
        inputs=(Input("a", "m", Uniform(-1.0, 2.0)), *WAVY.inputs[1:]),
        outputs=(*WAVY.outputs, Output("further")),
    )
    assert load_for(tmp_path / "s", more).problem.output_names == ("wavy", "linear")


def test_the_worst_rows_are_rows_of_the_data(tmp_path):
    data = sampled()
    status = np.zeros(60, dtype=int)
    status[:20] = 1
    some = Dataset.from_arrays(data.x, data.y, problem=WAVY, status=status)
    surrogate, found = PolynomialChaos.fit(some), validate(PolynomialChaos.fit, some)
    card = Card.of(surrogate, some, found)
    row, error = card.worst[0][0]
    assert row == 20 + int(np.argmax(np.abs(found.residuals[:, 0])))
    assert error == np.abs(found.residuals[:, 0]).max()
    with pytest.raises(ValueError, match="40 rows, but the data hold 60"):
        Card.of(surrogate, data, found)


def test_fresh_runs_must_be_feasible():
    data = fresh(n=5)
    with pytest.raises(ValueError, match="5 feasible fresh runs; at least 10"):
        errors_on(PolynomialChaos.fit(sampled()), data)
    failed = Dataset.from_arrays(data.x, data.y, problem=WAVY, status=np.ones(5))
    with pytest.raises(ValueError, match="0 feasible"):
        errors_on(PolynomialChaos.fit(sampled()), failed)


def test_a_model_without_a_stated_version_is_known_by_its_source():
    problem = dataclasses.replace(WAVY, version="")
    surrogate = PolynomialChaos.fit(sampled(problem))
    assert len(surrogate.problem.version) == 24
