"""What one writes by mistake is answered at once with what to write."""

from __future__ import annotations

import numpy as np
import pytest

import uq
from uq import requirements


@pytest.fixture(scope="module")
def question() -> uq.Question:
    problem = uq.Problem(
        [uq.Input("efficiency", "1", uq.Normal(0.7, 0.05)), uq.Input("mass", "kg", uq.Uniform(1.0, 2.0))],
        [uq.Output("power", "kW")],
        lambda columns: {"power": columns["mass"] / columns["efficiency"]},
    )
    return uq.Question(requirements.draw(problem, 64), [uq.Limit("power", high=2.5)])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda q: requirements.threshold(q.sample, uq.Lever("efficiency")),
            r"a Question\(sample, limits\), not a Sample",
        ),
        (lambda q: requirements.threshold(q, "efficiency"), r"a Lever\(input\), not a str"),
        (lambda q: requirements.sweep(q, "efficiency"), r"a Lever\(input\), not a str"),
        (lambda q: requirements.allocate(q, ["efficiency"]), r"Lever\(input\), not a str"),
        (lambda q: requirements.margins(q, [0.8]), r"Requirement\(input, low=.*\), not a float"),
        (lambda q: requirements.compliance(q.limits), r"a Question\(sample, limits\), not a tuple"),
        (lambda q: uq.Question(np.ones((3, 2)), q.limits), r"a Sample first.*not a ndarray"),
        (lambda q: uq.Question(q.sample, 2.5), r"a list of Limit\(output, low=.*\), not a float"),
        (lambda q: uq.Question(q.sample, "power"), r"a list of Limit\(output, low=.*\), not a str"),
        (lambda q: uq.Question(q.sample, q.limits, given=["efficiency"]), r"Requirement or Verified"),
    ],
)
def test_another_kind_of_argument_is_answered_with_the_one_to_give(question, call, words) -> None:
    with pytest.raises(TypeError, match=words):
        call(question)


def test_an_unknown_name_is_answered_with_the_names_that_there_are(question) -> None:
    with pytest.raises(KeyError, match="no input 'x'; there is efficiency, mass"):
        requirements.threshold(question, uq.Lever("x"))
    with pytest.raises(KeyError, match="did you mean 'efficiency'"):
        requirements.threshold(question, uq.Lever("eficiency"))


def test_one_alone_is_a_list_of_one(question) -> None:
    limit, lever = question.limits[0], uq.Lever("efficiency")
    assert uq.Question(question.sample, limit).limits == (limit,)
    assert (
        requirements.allocate(question, lever).requirements
        == requirements.allocate(question, [lever]).requirements
    )


def test_margins_refuse_a_requirement_that_compliance_refuses() -> None:
    problem = uq.Problem(
        [uq.Input("efficiency", "1", uq.Uniform(0.55, 0.75))],
        [uq.Output("power", "kW")],
        lambda columns: {"power": 1.0 / columns["efficiency"]},
    )
    asked = uq.Question(requirements.draw(problem, 64), [uq.Limit("power", high=1.6)])
    impossible = uq.Requirement("efficiency", low=0.9)
    for judge in (
        lambda: requirements.compliance(asked.under(impossible)),
        lambda: requirements.margins(asked, [impossible]),
    ):
        with pytest.raises(ValueError, match=r"\[0.55, 0.75\]: efficiency >= 0.9 leaves nothing"):
            judge()


@pytest.mark.parametrize(("option", "value"), [("allowances", 0.05), ("reachable", (0.5, 0.8))])
def test_an_allowance_or_a_range_of_what_is_not_required_is_refused(question, option, value) -> None:
    required = [uq.Requirement("efficiency", low=0.6)]
    with pytest.raises(KeyError, match="nothing is required of 'efficency'; did you mean 'efficiency'"):
        requirements.margins(question, required, **{option: {"efficency": value}})
    with pytest.raises(KeyError, match="nothing is required of 'mass'; required are efficiency"):
        requirements.margins(question, required, **{option: {"mass": value}})


def test_a_bound_says_on_which_side_it_bounds() -> None:
    for kind in (uq.Limit, uq.Requirement):
        with pytest.raises(TypeError, match="positional"):
            kind("mass", 3.0)


SIZED = uq.Problem(
    [
        uq.Input("efficiency", "1", uq.Uniform(0.5, 0.8)),
        uq.Input("required.efficiency", "1", uq.Uniform(0.5, 0.8), role="design"),
    ],
    [uq.Output("shortfall", "1")],
    lambda columns: {"shortfall": columns["required.efficiency"] - columns["efficiency"]},
)


@pytest.mark.parametrize(
    ("design", "words"),
    [
        ({"required.efficiency": 6.2}, r"'required.efficiency' is 6.2, outside its law on \[0.5, 0.8\]"),
        ({"required.efficiency": np.inf}, "'required.efficiency' is inf"),
        (
            {"efficiency": 0.6},
            r"'efficiency' is drawn from its law, not chosen.*Verified\('efficiency', 0.6\)",
        ),
        ({}, r"needs every value of the design; give design=\{'required.efficiency': 0.65\} \(the medians\)"),
    ],
)
def test_a_design_that_cannot_be_is_refused_where_it_is_chosen(design, words) -> None:
    claim = requirements.compliance(
        uq.Question(requirements.draw(SIZED, 64), uq.Limit("shortfall", high=0.1))
    )
    with pytest.raises(ValueError, match=words):
        requirements.draw(SIZED, 64, design=design, mode="frozen")
    with pytest.raises(ValueError, match=words):
        requirements.confirm(SIZED, [claim], design=design, mode="frozen")


def test_a_fixed_design_has_design_inputs(question) -> None:
    for mode in ("fixed", "frozen"):
        with pytest.raises(ValueError, match=f"mode '{mode}', but the problem has no design input"):
            requirements.draw(question.sample.problem, 64, mode=mode)


def _branches(columns):
    return {"power": 2.0 if columns["mass"] > 1.5 else 1.0}


def _converts(columns):
    return {"power": float(columns["mass"])}


@pytest.mark.parametrize(("model", "line"), [(_branches, "if columns"), (_converts, "float")])
def test_a_function_of_one_sample_is_answered_with_its_line_and_the_wrapper(model, line) -> None:
    inputs = [uq.Input("mass", "kg", uq.Uniform(1.0, 2.0))]
    problem = uq.Problem(inputs, [uq.Output("power", "kW")], model)
    with pytest.raises((TypeError, ValueError), match=rf"test_wrong_arguments.py:\d+, .*{line}.*uq.Single"):
        requirements.draw(problem, 64)
    assert len(requirements.draw(problem.with_model(uq.Single(model)), 64)) == 64


@pytest.mark.parametrize(("wrong", "right"), [("at most", "at least"), ("at least", "at most")])
def test_a_lever_on_the_wrong_side_is_answered_with_the_other(wrong, right) -> None:
    sense = 1.0 if right == "at least" else -1.0
    problem = uq.Problem(
        [uq.Input("a", "1", uq.Uniform(0.0, 1.0)), uq.Input("b", "1", uq.Uniform(0.0, 1.0))],
        [uq.Output("y", "1")],
        lambda columns: {"y": sense * (2.0 * columns["a"]) + columns["b"]},
    )
    asked = uq.Question(requirements.draw(problem, 1024), uq.Limit("y", low=0.5 if sense > 0 else -1.0))
    assert f"is '{right}' the side?" in str(requirements.threshold(asked, uq.Lever("a", wrong)))
    found = requirements.threshold(asked, uq.Lever("a", right))
    assert found.status == "found"
    assert "the side?" not in str(found)
