"""Copulas against closed forms, against OpenTURNS, and as the dependence of a problem."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, special, stats

import uq
from uq import ClaytonCopula, Copula, GaussianCopula, GumbelCopula, Input, Output, Problem, StudentCopula
from uq.core.copulas import ReflectedCopula, from_dict
from uq.core.copulas.fitting import DECISIVE, pseudo_scores
from uq.core.distributions import LogNormal, Normal, Uniform
from uq.surrogates.browser_numbers import browser_numbers
from uq.surrogates.derived_outputs import Exact

ROUND_TRIP = 1e-10
QUADRATURE = 1e-6
STATISTICAL = 4.0
PAIR = np.array([[1.0, 0.6], [0.6, 1.0]])
THREE = np.array([[1.0, 0.5, -0.2], [0.5, 1.0, 0.3], [-0.2, 0.3, 1.0]])
COPULAS = {
    "Gaussian": GaussianCopula(PAIR),
    "Student of 4": StudentCopula(PAIR, 4.0),
    "Student of 1.5, three inputs": StudentCopula(THREE, 1.5),
    "Clayton": ClaytonCopula(2.0),
    "Clayton, weak": ClaytonCopula(1e-3),
    "Clayton, strong, four inputs": ClaytonCopula(12.0, 4),
    "Gumbel": GumbelCopula(1.7),
    "Gumbel, weak": GumbelCopula(1.0 + 1e-9),
    "Gumbel, strong": GumbelCopula(9.0),
    "Clayton, both turned round": ReflectedCopula(ClaytonCopula(2.0), (0, 1)),
    "Clayton, one turned round": ReflectedCopula(ClaytonCopula(2.0), (1,)),
    "Student, one turned round": ReflectedCopula(StudentCopula(PAIR, 3.0), (0,)),
}
ROWS = uq.sampling.sobol_sequence(4096, 4, seed=1).unit


def unit(copula: Copula) -> np.ndarray:
    return ROWS[:, : copula.dimension]


def test_no_copula_is_left_out() -> None:
    assert {type(copula) for copula in COPULAS.values()} | {uq.VineCopula} == set(Copula.__subclasses__())


@pytest.mark.parametrize("copula", COPULAS.values(), ids=COPULAS)
def test_rosenblatts_transform_and_its_inverse_undo_each_other(copula: Copula) -> None:
    scores = copula.dependent(unit(copula))
    assert ((scores > 0.0) & (scores < 1.0)).all()
    np.testing.assert_allclose(copula.independent(scores), unit(copula), rtol=0.0, atol=ROUND_TRIP)


@pytest.mark.parametrize("copula", COPULAS.values(), ids=COPULAS)
def test_every_margin_is_uniform(copula: Copula) -> None:
    for column in copula.dependent(unit(copula)).T:
        assert stats.kstest(column, "uniform").statistic < 0.01  # of random points: 0.02


@pytest.mark.parametrize("copula", COPULAS.values(), ids=COPULAS)
def test_kendalls_tau_of_rows_is_that_of_the_closed_form(copula: Copula) -> None:
    scores = copula.dependent(unit(copula))
    for i in range(copula.dimension):
        for j in range(i):
            assert stats.kendalltau(scores[:, i], scores[:, j]).statistic == pytest.approx(
                copula.kendall(i, j), abs=0.01
            )


@pytest.mark.parametrize("copula", [c for c in COPULAS.values() if c.dimension == 2])
def test_the_density_integrates_to_the_conditional_law(copula: Copula) -> None:
    first, second = 0.3, 0.45

    def density(v: float) -> float:
        return float(np.exp(copula.log_density([[first, v]])[0]))

    area = integrate.quad(density, 0.0, second, epsabs=1e-9, limit=200, points=[0.29, 0.31])[0]
    assert area == pytest.approx(copula.conditional([[first, second]])[0], abs=QUADRATURE)


@pytest.mark.parametrize(
    ("copula", "tolerance"),
    [
        (StudentCopula(PAIR, 4.0), 1e-3),
        (ClaytonCopula(2.0), 1e-7),
        (GumbelCopula(1.7), 1e-3),
        (ReflectedCopula(ClaytonCopula(2.0), (0, 1)), 1e-3),
        (ReflectedCopula(StudentCopula(PAIR, 4.0), (1,)), 1e-3),
    ],
)
def test_tails_depend_on_each_other_as_the_closed_form_says(copula: Copula, tolerance: float) -> None:
    near = 1e-9  # of an exchangeable pair the limit is that of P(one beyond | other at q) + P(other | one)
    for upper in ((False, False), (True, True), (True, False), (False, True)):
        at = [1.0 - near if up else near for up in upper]
        beyond = 0.0
        for order in ([0, 1], [1, 0]):
            part = copula.part(order)
            assert part is not None
            below = part.conditional([[at[order[0]], at[order[1]]]])[0]
            beyond += 1.0 - below if upper[order[1]] else below
        assert beyond == pytest.approx(copula.tail_dependence(0, 1, upper), abs=tolerance)


def test_many_degrees_of_freedom_make_students_copula_gaussian() -> None:
    student, gaussian = StudentCopula(THREE, 1e8), GaussianCopula(THREE)
    np.testing.assert_allclose(student.dependent(ROWS[:, :3]), gaussian.dependent(ROWS[:, :3]), atol=1e-6)


def test_densities_and_conditional_laws_are_those_of_openturns() -> None:
    ot = pytest.importorskip("openturns")
    matrix = ot.CorrelationMatrix(3, THREE.ravel().tolist())
    pairs = [
        (StudentCopula(THREE, 4.0), ot.StudentCopula(4.0, matrix)),
        (ClaytonCopula(2.0), ot.ClaytonCopula(2.0)),
        (GumbelCopula(1.7), ot.GumbelCopula(1.7)),
    ]
    for own, other in pairs:
        at = own.dependent(ROWS[:200, : own.dimension])
        peer = np.ravel(other.computeLogPDF(ot.Sample(at.tolist())))
        np.testing.assert_allclose(own.log_density(at), peer, rtol=1e-7, atol=1e-7)
        law = [other.computeConditionalCDF(float(row[-1]), row[:-1].tolist()) for row in at[:20]]
        np.testing.assert_allclose(own.conditional(at[:20]), law, atol=1e-6)


@pytest.mark.parametrize("copula", COPULAS.values(), ids=COPULAS)
def test_a_part_is_the_same_law_of_its_inputs(copula: Copula) -> None:
    d = copula.dimension
    order = list(range(d))[::-1]
    turned = copula.part(order)
    assert turned is not None
    at = copula.dependent(unit(copula)[:100])
    np.testing.assert_allclose(turned.log_density(at[:, order]), copula.log_density(at), rtol=1e-9, atol=1e-9)
    assert copula.part([0]) is None


@pytest.mark.parametrize("copula", COPULAS.values(), ids=COPULAS)
def test_a_copula_is_read_from_what_it_wrote(copula: Copula) -> None:
    again = from_dict(copula.to_dict())
    assert again.to_dict() == copula.to_dict()
    np.testing.assert_array_equal(again.dependent(unit(copula)[:50]), copula.dependent(unit(copula)[:50]))


# -- a problem --------------------------------------------------------------------------------------------------------

INPUTS = (
    Input("a", "1", Uniform(0.0, 1.0)),
    Input("b", "1", Normal(1.0, 2.0)),
    Input("c", "1", LogNormal(1.0, 1.5)),
)


def total(c: uq.Columns) -> uq.Columns:
    return {"y": c["a"] + 0.5 * c["b"] + c["c"]}


def problem(copula: object = None, correlation: object = None) -> Problem:
    return Problem(INPUTS, (Output("y"),), total, correlation=correlation, copula=copula)  # type: ignore[arg-type]


def test_a_problem_joins_the_inputs_that_its_copula_names() -> None:
    asked = problem({("c", "a"): ClaytonCopula(3.0)})
    x = asked.physical(ROWS[:, :3])
    np.testing.assert_allclose(asked.unit(x), ROWS[:, :3], atol=ROUND_TRIP)
    assert stats.kendalltau(x[:, 0], x[:, 2]).statistic == pytest.approx(0.6, abs=0.01)
    assert abs(stats.kendalltau(x[:, 0], x[:, 1]).statistic) < 0.01
    assert "joined by ClaytonCopula, theta 3" in str(asked)


def test_correlation_and_copula_stand_side_by_side_for_different_inputs() -> None:
    inputs = (*INPUTS, Input("d", "1", Normal(0.0, 1.0)))
    matrix = np.eye(4)
    matrix[0, 1] = matrix[1, 0] = 0.5
    asked = Problem(inputs, (Output("y"),), total, matrix, copula={("c", "d"): GumbelCopula(2.0)})
    x = asked.physical(ROWS)
    np.testing.assert_allclose(asked.unit(x), ROWS, atol=ROUND_TRIP)
    tau = [stats.kendalltau(x[:, i], x[:, j]).statistic for i, j in ((0, 1), (2, 3), (0, 2))]
    np.testing.assert_allclose(tau, [1.0 / 3.0, 0.5, 0.0], atol=0.01)


def test_a_gaussian_copula_is_a_correlation() -> None:
    asked = problem({("a", "c"): GaussianCopula(PAIR)})
    assert asked.copula is None
    assert asked.correlation is not None
    assert asked.correlation[0, 2] == 0.6


def test_what_a_problem_is_split_into_keeps_its_dependence() -> None:
    asked = problem(StudentCopula(THREE, 4.0))
    rest = asked.fix({"b": 1.0})
    assert rest.input_names == ("a", "c")
    ((columns, copula),) = rest.copulas
    assert columns == (0, 1)
    assert copula.kendall(0, 1) == pytest.approx(2.0 / np.pi * np.arcsin(-0.2))
    assert not asked.without_dependence().dependent
    assert not problem({("a", "b"): ClaytonCopula(1.0)}).fix({"a": 0.5}).dependent


def test_a_dataset_keeps_the_copula_of_its_problem(tmp_path) -> None:
    asked = problem({("a", "b"): ReflectedCopula(ClaytonCopula(3.0), (0,))})
    data = uq.evaluate(asked, asked.physical(ROWS[:32, :3]))
    data.save(tmp_path / "rows.npz")
    again = uq.Dataset.load(tmp_path / "rows.npz").problem
    assert again.copulas[0][1].to_dict() == asked.copulas[0][1].to_dict()
    np.testing.assert_array_equal(again.physical(ROWS[:32, :3]), data.x)


@pytest.mark.parametrize(
    ("copula", "correlation", "says"),
    [
        ({("a", "z"): ClaytonCopula(2.0)}, None, "no input 'z'"),
        ({("a", "b", "c"): ClaytonCopula(2.0)}, None, "name as many"),
        ({"a": ClaytonCopula(2.0)}, None, "name as many"),
        ({("a", "b"): ClaytonCopula(2.0), ("b", "c"): GumbelCopula(2.0)}, None, "'b' is joined twice"),
        (
            {("a", "b"): ClaytonCopula(2.0)},
            [[1.0, 0.0, 0.0], [0.0, 1.0, 0.5], [0.0, 0.5, 1.0]],
            "say it once",
        ),
        ({("a", "b"): 0.5}, None, "give each as uq.StudentCopula"),
        (ClaytonCopula(2.0), None, "name as many"),
    ],
)
def test_a_copula_that_fits_no_inputs_is_refused(copula, correlation, says) -> None:
    with pytest.raises((ValueError, TypeError), match=says):
        problem(copula, correlation)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: ClaytonCopula(-0.5), "turn one round"),
        (lambda: GumbelCopula(0.9), "1 or more"),
        (lambda: StudentCopula(PAIR, 0.0), "above 0"),
        (lambda: StudentCopula([[1.0, 2.0], [2.0, 1.0]], 4.0), "positive definite"),
        (lambda: ClaytonCopula(1.0, 1), "two inputs or more"),
        (lambda: ReflectedCopula(ClaytonCopula(1.0), (2,)), "name one or more of the 2 inputs"),
        (lambda: ClaytonCopula(1.0).dependent([[1.5, 0.5]]), r"lie in \[0, 1\]"),
        (lambda: uq.copula_from_data(np.ones((30, 2))), "constant"),
        (lambda: uq.copula_from_data(ROWS[:5, :2]), "20 finite rows"),
        (lambda: uq.copula_from_data(np.round(ROWS[:, :2])), "different values in .* rows; ranks need 20"),
        (lambda: uq.copula_from_data(ROWS[:, [0, 0]]), "one follows from the other"),
        (lambda: uq.copula_from_data(ROWS[:, [0, 0]] * [1.0, -1.0]), "one follows from the other"),
        (lambda: uq.copula_from_data(ROWS[:, :2], worth=-3.0), "worth -3 independent ones"),
        (lambda: uq.copula_from_data(ROWS[:, :2], resamples=-1), "resamples is -1"),
        (lambda: from_dict({"family": "Frank"}), "no copula"),
    ],
)
def test_impossible_copulas_are_refused_in_a_sentence(make, says) -> None:
    with pytest.raises(ValueError, match=says):
        make()


# -- analyses under a copula ------------------------------------------------------------------------------------------


def pair(copula: Copula) -> Problem:
    inputs = (Input("a", "1", Uniform(0.0, 1.0)), Input("b", "1", Uniform(0.0, 1.0)))
    return Problem(inputs, (Output("y"),), lambda c: {"y": c["a"] + 2.0 * c["b"]}, copula=copula)


def first_order(copula: Copula) -> float:
    """Var E[a + 2 b | a] / Var(a + 2 b), by quadrature of the conditional law."""
    nodes, weights = np.polynomial.legendre.leggauss(60)
    nodes, weights = 0.5 * (nodes + 1.0), 0.5 * weights
    v, p = np.meshgrid(nodes, nodes, indexing="ij")
    b = copula.conditional_quantile(v.reshape(-1, 1), p.ravel()).reshape(v.shape)
    mean = nodes + 2.0 * (b @ weights)
    whole = weights @ ((v + 2.0 * b) ** 2 @ weights) - (weights @ mean) ** 2
    return float((weights @ mean**2 - (weights @ mean) ** 2) / whole)


@pytest.mark.parametrize("copula", [StudentCopula(PAIR, 3.0), ClaytonCopula(2.0), GumbelCopula(2.0)])
def test_indices_of_dependent_inputs_are_those_of_the_conditional_laws(copula: Copula) -> None:
    exact = Exact(pair(copula))
    found = uq.kucherenko_indices(exact)["y"]
    assert found.first[0] == pytest.approx(first_order(copula), abs=0.01)
    # of two inputs the effects are halves: S_1 + T_1, T_1 = 1 - S_2
    shares = uq.shapley_effects(exact)["y"]
    second = found.first[1]
    assert shares.effects[0] == pytest.approx(0.5 * (first_order(copula) + 1.0 - second), abs=0.01)
    assert shares.effects.sum() == pytest.approx(1.0)


def test_effects_along_random_orders_know_the_copula_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from uq.sensitivity import shapley_kucherenko

    exact = Exact(problem({("c", "a"): ClaytonCopula(3.0)}))
    all_orders = uq.shapley_effects(exact)["y"].effects
    monkeypatch.setattr(shapley_kucherenko, "ALL_SUBSETS", 1)
    np.testing.assert_allclose(uq.shapley_effects(exact)["y"].effects, all_orders, atol=0.01)


@pytest.mark.parametrize("copula", [StudentCopula(PAIR, 3.0), ClaytonCopula(2.0), GumbelCopula(2.0)])
def test_inputs_under_a_requirement_follow_the_conditional_law(copula: Copula) -> None:
    asked = pair(copula)
    given = [uq.Requirement("b", low=0.7)]
    points, weight = uq.requirements.conditioning.conditioned(asked, ROWS[:, :2], given)
    x = asked.physical(points)
    assert (x[:, 1] >= 0.7 - ROUND_TRIP).all()
    assert weight.mean() == pytest.approx(0.3, abs=1e-9)
    free = asked.physical(uq.sampling.sobol_sequence(2**16, 2, seed=3).unit)
    kept = free[free[:, 1] >= 0.7]
    np.testing.assert_allclose(
        np.average(x, axis=0, weights=weight), kept.mean(axis=0), atol=STATISTICAL * 0.3 / np.sqrt(len(kept))
    )


def test_a_verified_input_moves_what_its_copula_ties_to_it() -> None:
    asked = pair(ClaytonCopula(2.0))
    points, weight = uq.requirements.conditioning.conditioned(asked, ROWS[:, :2], [uq.Verified("b", 0.1)])
    x = asked.physical(points)
    np.testing.assert_allclose(x[:, 1], 0.1, atol=1e-9)
    law = ClaytonCopula(2.0).conditional_quantile(np.full((4096, 1), 0.1), ROWS[:, 0])
    np.testing.assert_allclose(np.sort(x[:, 0]), np.sort(law), atol=1e-9)
    assert weight.mean() == pytest.approx(1.0)


def test_a_rare_event_under_a_copula_is_that_of_its_conditional_law() -> None:
    inputs = (Input("a", "1", Normal(0.0, 1.0)), Input("b", "1", Normal(0.0, 1.0)))
    copula = ReflectedCopula(ClaytonCopula(2.0), (0, 1))
    asked = Problem(inputs, (Output("y"),), lambda c: {"y": c["a"] + c["b"]}, copula=copula)
    a = special.ndtri((np.arange(20_000) + 0.5) / 20_000)
    exact = 1.0 - copula.conditional(np.column_stack([special.ndtr(a), special.ndtr(6.0 - a)])).mean()
    found = uq.failure_probability(asked, "y", above=6.0)
    assert found.probability == pytest.approx(exact, rel=0.15)  # a coefficient of variation of 4 %


def test_a_reading_of_one_input_moves_the_other_through_the_copula() -> None:
    inputs = (Input("a", "1", Normal(0.0, 1.0)), Input("b", "1", Normal(0.0, 1.0)))
    prior = Problem(inputs, (Output("y"),), lambda c: {"y": c["a"] + c["b"]}, copula=ClaytonCopula(3.0))
    after = uq.calibrate(prior, [uq.Measurement("a", -1.5, 0.5)])
    x = prior.physical(uq.sampling.sobol_sequence(2**15, 2, seed=2).unit)
    likelihood = np.exp(-0.5 * ((x[:, 0] + 1.5) / 0.5) ** 2)
    mean = np.average(x, axis=0, weights=likelihood)
    std = np.sqrt(np.average((x - mean) ** 2, axis=0, weights=likelihood))
    np.testing.assert_allclose(after.samples.mean(axis=0), mean, atol=0.03)
    np.testing.assert_allclose(after.samples.std(axis=0), std, atol=0.03)
    again = after.problem.physical(ROWS[:, :2])
    np.testing.assert_allclose(again.std(axis=0), std, atol=0.03)
    assert again.sum(axis=1).std() == pytest.approx(after.samples.sum(axis=1).std(), abs=0.03)


def test_a_posterior_gets_the_copula_that_its_draws_ask_for() -> None:
    """The difference of two positive numbers is read: both are high together, more closely than they are low."""
    inputs = (Input("a", "1", LogNormal(1.0, 2.0)), Input("b", "1", LogNormal(1.0, 2.0)))
    prior = Problem(inputs, (Output("y"),), lambda c: {"y": c["a"] - c["b"]})
    after = uq.calibrate(prior, [uq.Measurement("y", 0.0, 0.2)], seed=3)
    ((_, copula),) = after.problem.copulas
    assert str(copula).startswith("ClaytonCopula")
    assert copula.tail_dependence(0, 1, (True, True)) > 0.5
    gaussian = np.corrcoef(special.ndtri(pseudo_scores(after.samples)), rowvar=False)
    by_correlation = Problem(after.problem.inputs, (Output("y"),), None, gaussian)
    exact = np.diff(after.samples).std()
    kept = np.diff(after.problem.physical(ROWS[:, :2])).std()
    assert abs(kept - exact) < 0.3 * abs(np.diff(by_correlation.physical(ROWS[:, :2])).std() - exact)


def test_the_explorers_page_refuses_what_it_cannot_draw() -> None:
    asked = problem({("a", "b"): ClaytonCopula(2.0)})
    learned = uq.PolynomialChaos.fit(uq.evaluate(asked, asked.physical(ROWS[:64, :3])))
    with pytest.raises(ValueError, match="Gaussian copula"):
        browser_numbers([learned], ["y"])


# -- fitting ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "copula",
    [
        GaussianCopula(PAIR),
        StudentCopula(PAIR, 2.0),
        ClaytonCopula(2.0),
        GumbelCopula(2.0),
        ReflectedCopula(ClaytonCopula(2.0), (0, 1)),
        ReflectedCopula(ClaytonCopula(2.0), (0,)),
        ReflectedCopula(GumbelCopula(2.0), (1,)),
    ],
    ids=str,
)
def test_rows_ask_for_the_copula_that_they_come_from(copula: Copula) -> None:
    rows = copula.dependent(np.random.default_rng(9).random((1000, 2)))
    found = uq.copula_from_data(np.exp(3.0 * rows), resamples=0)
    assert found.copula is not None
    kind = type(copula.copula if isinstance(copula, ReflectedCopula) else copula)
    assert type(found.copula.copula if isinstance(found.copula, ReflectedCopula) else found.copula) is kind
    assert found.copula.kendall(0, 1) == pytest.approx(copula.kendall(0, 1), abs=0.06)


def test_independent_rows_ask_for_nothing() -> None:
    found = uq.copula_from_data(np.random.default_rng(6).random((300, 3)), resamples=0)
    assert found.copula is None
    assert all(one.aic >= -DECISIVE for one in found.candidates)
    numbers = {one.family: round(0.5 * one.aic + one.log_likelihood, 9) for one in found.candidates}
    assert numbers["Gaussian"] == 3.0  # correlations of three pairs
    assert numbers["Student"] == 4.0  # and degrees of freedom


@pytest.mark.slow
def test_intervals_hold_the_parameter_as_often_as_they_say() -> None:
    random = np.random.default_rng(7)
    held = 0
    for k in range(20):
        rows = ClaytonCopula(2.0).dependent(random.random((100, 2)))
        found = uq.copula_from_data(rows, resamples=40, seed=k + 1)
        held += "theta" in found.parameters and found.parameters["theta"].holds(2.0)
    assert 14 <= held <= 20  # 90 % of 20 less three standard deviations, and two wrong families


def test_a_copula_that_does_not_fit_is_noticed() -> None:
    random = np.random.default_rng(8)
    rising = ClaytonCopula(4.0).dependent(random.random((150, 2)))
    cross = np.vstack([rising, rising * [1.0, -1.0] + [0.0, 1.0]])  # no family rises and falls
    assert uq.copula_from_data(cross, resamples=50).goodness < 0.05
    assert uq.copula_from_data(rising, resamples=50).goodness > 0.05


def test_a_vine_is_learned_kept_and_used() -> None:
    pytest.importorskip("pyvinecopulib")
    student = StudentCopula(THREE, 4.0)
    vine = uq.VineCopula.fit(student.dependent(ROWS[:1000, :3]))
    scores = vine.dependent(ROWS[:, :3])
    np.testing.assert_allclose(vine.independent(scores), ROWS[:, :3], atol=ROUND_TRIP)
    for i, j in ((0, 1), (0, 2), (1, 2)):
        assert stats.kendalltau(scores[:, i], scores[:, j]).statistic == pytest.approx(
            student.kendall(i, j), abs=0.05
        )
    again = from_dict(vine.to_dict())
    np.testing.assert_array_equal(again.dependent(ROWS[:50, :3]), vine.dependent(ROWS[:50, :3]))
    asked = problem(vine)
    np.testing.assert_allclose(asked.unit(asked.physical(ROWS[:, :3])), ROWS[:, :3], atol=1e-8)
    with pytest.raises(ValueError, match="its own order alone"):
        uq.kucherenko_indices(Exact(asked), base=64, replicates=2)


def test_a_vine_without_its_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyvinecopulib", None)
    with pytest.raises(ImportError, match=r"lander-uq\[vines\]"):
        uq.VineCopula.fit(ROWS[:50, :3])
