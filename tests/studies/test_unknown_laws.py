"""The line on laws that may be wrong: what the case marks as scatter, and what the report says of it."""

import dataclasses

import numpy as np
import pytest

from studies.analysis.accounts.unknown_laws import GAIN, UnknownLaws
from studies.case import load
from studies.case.schema import checked
from studies.case.toml_file import CaseError
from studies.presentation.accounts.unknown_laws import laws_section
from uq.core.copulas import ClaytonCopula
from uq.core.dataset import evaluate
from uq.core.estimate import Estimate
from uq.core.problem import Output, Problem
from uq.propagation.copula_robustness import other_copulas
from uq.propagation.law_robustness import perturbed
from uq.propagation.p_box import p_box
from uq.sampling.plans import sobol_sequence
from uq.surrogates.derived_outputs import Exact

GAUGE, RESIDUALS = "tank.minimum_gauge", "residuals.fraction"


@pytest.fixture(scope="module")
def case():
    whole = load("series3")
    kept = tuple(i for i in whole.inputs if i.name in (GAUGE, RESIDUALS))
    return dataclasses.replace(whole, inputs=kept, correlation=None)


def found(case, rows=1024):
    """A gain that rises with what is not known by 3 kg a standard deviation and with what scatters by 1 kg."""
    moments = {i.name: i.distribution.moments() for i in case.inputs}

    def gain(columns):
        z = {name: (columns[name] - mean) / std for name, (mean, std) in moments.items()}
        return {GAIN: 3.0 * z[GAUGE] + z[RESIDUALS]}

    asked = Problem(case.inputs, (Output(GAIN, "kg"),), gain)
    data = evaluate(asked, asked.physical(sobol_sequence(rows, 2, seed=1).unit))
    laws = perturbed(data, GAIN)
    box = p_box(asked, GAIN, epistemic=[n for n in asked.input_names if n not in case.scatter])
    return UnknownLaws(laws, box, (Estimate(0.0, 0.0, 0.1), Estimate(1.0, 0.9, 1.0)), 16)


def test_the_shipped_inputs_scatter_from_flight_to_flight_or_are_lack_of_knowledge():
    whole = load("series3")
    assert {RESIDUALS, "propellant_temperature", "tank.soak_rise"} <= whole.scatter
    assert GAUGE not in whole.scatter
    assert len(whole.scatter) == 7


def test_a_nature_that_is_none_is_refused_with_both():
    entry = {
        "distribution": {"law": "Uniform", "low": 0.0, "high": 1.0},
        "unit": "1",
        "source": "judgement",
        "nature": "unknown",
    }
    with pytest.raises(CaseError, match=r"must be 'lack of knowledge' .* or 'scatter'"):
        checked({"name": "a", "title": "a", "inputs": {GAUGE: entry}}, "a.toml")


def test_the_line_says_the_input_that_matters_most_and_the_range_over_lack_of_knowledge(case):
    section = laws_section(case, found(case))
    line = section.text[0]
    assert line.startswith(
        "If the laws were wrong: shifting the mean of minimum gauge of a tank by one standard"
    )
    assert "over all lack of knowledge the chance of a gain lies between 0%" in line
    assert "residuals of either feed. All others (1) are" in section.text[2]
    table = section.parts[0]
    assert [row[1] for row in table.rows] == ["lack of knowledge", "scatter"]
    lower, higher = table.rows[0][2], table.rows[0][4]
    assert lower.value < 0.3 < 0.7 < higher.value
    assert table.rows[0][5].value == pytest.approx(3.0, abs=0.2)


def test_runs_that_contradict_the_surrogate_are_said(case):
    fine = found(case)
    assert "relied upon" not in laws_section(case, fine).text[-1]
    other = dataclasses.replace(fine, confirmed=(None, Estimate(0.0, 0.0, 0.2)))
    said = laws_section(case, other).text[-1]
    assert "no design and 0% [0%, 20%], against the surrogate: its range is not to be relied upon" in said


def test_the_chance_under_other_copulas_is_one_more_line(case):
    tied = dataclasses.replace(case, correlation=np.array([[1.0, 0.5], [0.5, 1.0]]))
    total = Problem(tied.inputs, (Output(GAIN, "kg"),), lambda c: {GAIN: c[GAUGE]}, tied.correlation)
    said = laws_section(tied, dataclasses.replace(found(case), copulas=other_copulas(Exact(total), GAIN)))
    line = said.text[1]
    assert "(Student, 4 degrees of freedom; Clayton, low together; Clayton, high together)" in line
    assert "the chance of a gain would be" in line
    assert said.parts[1].rows[0][0] == "as stated (Gaussian)"
    assert len(said.parts[1].rows) == 4


def test_what_readings_leave_of_the_dependence_is_said(case):
    names = tuple(i.name for i in case.inputs)
    joined = dataclasses.replace(case, copula={names: ClaytonCopula(2.0)})
    assert (
        "joined otherwise than a correlation says: ClaytonCopula, theta 2"
        in laws_section(joined, found(case)).text[1]
    )
    assert joined.uncertain.dependent


def test_where_there_is_no_answer_a_sentence_stands_and_no_number(case):
    none = UnknownLaws("32 rows count as 13", "every input is lack of knowledge: there is no second layer")
    section = laws_section(case, none)
    assert section.parts == ()
    assert section.text == (
        "If the laws were wrong: no answer for a shifted mean (32 rows count as 13); no answer over lack of knowledge "
        "(every input is lack of knowledge: there is no second layer).",
    )
    assert not np.isfinite(perturbed_nothing(case))


def perturbed_nothing(case):
    """Of a law beyond its support there is no number next to one that is inside."""
    asked = Problem(case.inputs, (Output(GAIN, "kg"),), lambda c: {GAIN: c[GAUGE]})
    data = evaluate(asked, asked.physical(sobol_sequence(256, 2, seed=1).unit))
    return perturbed(data, GAIN, inputs=[GAUGE], shifts=[9.0, 0.5]).perturbations[0].chance.value
