"""A whole study in one call, against closed forms."""

import numpy as np
import pytest
from scipy import stats

import uq


def linear(columns):
    return {"y": 3.0 * columns["a"] + 4.0 * columns["b"]}


INPUTS = [
    uq.Input("a", "kg", uq.Normal(0.0, 1.0), role="requirement"),
    uq.Input("b", "kg", uq.Normal(0.0, 1.0)),
]


@pytest.fixture(scope="module")
def found() -> uq.Study:
    return uq.study(linear, INPUTS, limits={"y": (0.0, np.inf)}, samples=128, wanted=0.7)


def test_shares_spread_and_compliance_are_the_closed_forms(found):
    indices = found.indices["y"]
    np.testing.assert_allclose(indices.total, [9 / 25, 16 / 25], atol=0.01)
    assert found.summaries["y"].std == pytest.approx(5.0, rel=0.02)
    assert found.verdict.estimate.holds(0.5)
    assert found.verdict.answer == "not met"


def test_the_least_demanding_requirement_is_the_closed_form(found):
    # P(3 a + 4 b >= 0 | a >= r) = 0.7
    def chance(r):
        a = stats.norm.ppf(stats.norm.cdf(r) + (1 - stats.norm.cdf(r)) * (np.arange(20000) + 0.5) / 20000)
        return stats.norm.cdf(0.75 * a).mean()

    threshold = found.thresholds["a"]
    assert threshold.side == "at least"
    assert chance(threshold.value.value) == pytest.approx(0.7, abs=0.01)


def test_it_shows_itself_as_tables(found):
    text = str(found)
    for words in ("128 samples", "a >=", "total"):
        assert words in text
    assert "<table" in found._repr_html_()


def test_laws_of_others_and_no_limits_are_enough():
    found = uq.study(linear, {"a": stats.norm(0, 1), "b": stats.uniform(-1, 2)}, samples=64)
    assert found.verdict is None
    assert found.problem.output_names == ("y",)
    assert found.unexplained["y"] < 1e-6


@pytest.mark.parametrize(
    ("options", "message"), [({"samples": 8}, "16 or more"), ({"wanted": 90}, "wanted is a probability")]
)
def test_wrong_use_is_said(options, message):
    with pytest.raises(ValueError, match=message):
        uq.study(linear, INPUTS, **options)


def test_a_problem_is_studied_as_its_model_and_inputs_are():
    problem = uq.Problem(INPUTS, [uq.Output("y")], linear)
    assert (
        uq.study(problem, samples=64).summaries["y"].mean
        == uq.study(linear, INPUTS, samples=64).summaries["y"].mean
    )
    with pytest.raises(
        ValueError, match=r"a Problem has its inputs and outputs; give study\(problem, limits="
    ):
        uq.study(problem, {"y": (0.0, np.inf)})
    with pytest.raises(ValueError, match=r"give the inputs with their laws: study\(model, inputs\)"):
        uq.study(linear)


def test_a_model_without_columns_is_refused():
    with pytest.raises(ValueError, match="no columns at the medians"):
        uq.study(lambda c: {}, INPUTS)
