"""Results as people meet them in notebooks and terminals."""

import html
import subprocess
import sys

import numpy as np
import pytest

from uq import Input, Normal, Output, Problem, Uniform, pick_freeze, propagate, sobol_indices
from uq.core.dataset import evaluate
from uq.core.table import Column, Table
from uq.optimization.decision import Decision
from uq.optimization.objectives import Goal, Mean
from uq.optimization.optimum import optimum
from uq.report.document import Brief, Figure, Report, Section, page
from uq.requirements import Lever, Limit, Question, Requirement, compliance, draw, margins, sweep, threshold
from uq.surrogates.gaussian_process.gaussian_process import GaussianProcess
from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos
from uq.surrogates.validation import validate

PROBLEM = Problem(
    (
        Input("load", "N", Normal(10.0, 1.0), "a <source> & more"),
        Input("width", "m", Uniform(1.0, 2.0)),
    ),
    (Output("stress", "Pa"),),
    lambda c: {"stress": c["load"] / c["width"]},
)
DATA = evaluate(PROBLEM, PROBLEM.physical(pick_freeze(64, 2, seed=1).unit))
SAMPLE = draw(PROBLEM, 256, seed=1)
LIMITS = (Limit("stress", high=9.0),)
CHAOS = PolynomialChaos.fit(DATA)

RESULTS = {
    "problem": PROBLEM,
    "dataset": DATA,
    "chaos": CHAOS,
    "process": GaussianProcess.fit(DATA.where(np.arange(24))),
    "validation": validate(PolynomialChaos.fit, DATA),
    "indices": sobol_indices(DATA)["stress"],
    "summary": propagate(DATA, above={"stress": [9.0]})["stress"],
    "verdict": compliance(Question(SAMPLE, LIMITS)),
    "levying": sweep(Question(SAMPLE, LIMITS), Lever("width"), values=[1.2, 1.5]),
    "loosest": threshold(Question(SAMPLE, LIMITS, wanted=0.8), Lever("width")),
    "margins": margins(Question(SAMPLE, LIMITS, wanted=0.8), [Requirement("width", low=1.4)]),
    "sample": SAMPLE,
    "question": Question(SAMPLE, LIMITS, given=[Requirement("width", low=1.4)]),
    "margin": margins(Question(SAMPLE, LIMITS, wanted=0.8), [Requirement("width", low=1.4)]).margins[0],
    "optimum": optimum(Decision.of(CHAOS, ["width"], samples=64), Goal(Mean("stress"))),
}


@pytest.mark.parametrize("name", RESULTS)
def test_every_result_shows_itself_in_a_notebook_with_all_that_its_text_says(name: str) -> None:
    result = RESULTS[name]
    shown = result._repr_html_()
    assert shown.count("<table") == shown.count("</table>")
    assert "<table" in shown or shown.startswith("<pre>")
    assert "stress" in shown or "width" in shown
    assert "array(" not in shown
    assert "array(" not in str(result)
    assert not set("<>") & set(str(result).replace("<=", "").replace(">=", "").replace("<source>", ""))


@pytest.mark.parametrize("name", RESULTS)
def test_ipython_shows_the_text_in_the_place_of_all_fields(name: str) -> None:
    class Printer:
        def text(self, said: str) -> None:
            self.said = said

    printer = Printer()
    RESULTS[name]._repr_pretty_(printer, False)
    assert printer.said == str(RESULTS[name])
    assert "array(" not in printer.said


def test_numbers_in_a_notebook_are_those_of_the_result() -> None:
    summary = RESULTS["summary"]
    low, high = summary.intervals["mean"]
    shown = summary._repr_html_()
    row = shown[shown.index(">mean</td>") :].split("</tr>")[0]
    assert f"{summary.mean:.2f}" in row
    assert f"[{low:.2f}, {high:.2f}]" in row


def test_a_report_is_shown_whole_in_a_frame_of_its_own() -> None:
    figure = Figure("f", "A line", "one line", "<svg xmlns='http://www.w3.org/2000/svg'/>")
    report = Report("s", 'The "title"', "Why?", Brief("Because."), (Section("One", (), (figure,)),))
    frame = report._repr_html_()
    inside = html.unescape(frame[frame.index('srcdoc="') + 8 : frame.rindex('"')])
    assert inside == page(report)
    assert frame.count('"') == 6  # title, style, srcdoc
    assert figure._repr_svg_() == figure.svg


def test_text_from_case_files_is_escaped() -> None:
    assert "a &lt;source&gt; &amp; more" in PROBLEM._repr_html_()
    table = Table("t", "<b>", (Column("<i>"),), (("<script>",),), ("<u>",))

    shown = table._repr_html_()
    assert not any(f"<{tag}>" in shown for tag in ("b", "i", "script", "u"))


def test_a_dataset_says_its_size_and_statuses_and_none_of_its_numbers() -> None:
    assert repr(DATA) == f"Dataset({len(DATA)} rows, 2 inputs, 1 outputs: {len(DATA)} good)"


def test_a_column_without_a_finite_value_is_shown_as_missing() -> None:
    failed = evaluate(PROBLEM.with_model(lambda c: {"stress": np.full(len(c["load"]), np.nan)}), DATA.x)
    assert [cell != cell for cell in failed.table().rows[-1][3:]] == [True] * 3


def test_displays_load_no_library_before_something_is_shown() -> None:
    heavy = ("jinja2", "rich", "matplotlib", "IPython")
    code = f"import sys, uq.requirements, uq.sensitivity; print([m for m in {heavy} if m in sys.modules])"
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert finished.stdout.strip() == "[]"


def test_a_column_shows_as_many_digits_as_it_says_and_integers_whole() -> None:
    column = Column("pressure", "bar", digits=3)
    assert [column.text(cell) for cell in (9.6053, 2803.53, 0.05, None, "none")] == [
        "9.61",
        "2804",
        "0.05",
        "",
        "none",
    ]
