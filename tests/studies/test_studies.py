"""Every study answers its question twice with the same words, figures and tables."""

import dataclasses
import io
import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from first_screen import MOST_NUMBERS, MOST_WORDS, counted
from small_study import content

from studies import cli
from studies.analysis.concepts.fronts import ROUGH
from studies.case.case import Case
from tests.golden import reports
from tests.golden.reports import HOSTILE
from uq.report.document import Report, page
from uq.report.terminal import answer
from uq.requirements import read
from uq.surrogates.loading import load_for, load_surrogate

SAMPLES = reports.SAMPLES["pump-requirements"]

FIRST_MONTE_CARLO = 300.0
"""ms, of a page that is just open: its draws and their outputs were made before it was asked."""
DEAR = ("break-even", "resource-optimization")
"""A second run of these costs a tenth of the suite; what they run is sized by the same calls as in the others."""


@pytest.mark.parametrize("name", cli.studies())
def test_a_study_gives_the_approved_report(name: str, finished) -> None:
    report = finished[1] if name == "pump-requirements" else reported(name)
    assert not reports.unapproved(name, report)
    assert report.study == name
    assert report.answer
    text = page(report)
    for line in report.answer:
        assert line
    assert text.startswith("<!doctype html>")
    assert all(figure.alt for figure in report.figures)
    assert len({t.name for t in report.tables}) == len(report.tables)
    assert len({f.name for f in report.figures}) == len(report.figures)


@cache
def reported(name: str) -> Report:
    """The report of a study that keeps nothing."""
    return reports.run(name)


def test_break_even_at_the_landers_own_size_is_the_gain_of_the_main_study(finished) -> None:
    from uq.core.dataset import Dataset

    of_study = Dataset.load(finished[0] / "samples")["payload_gain"][: reports.SAMPLES["break-even"]]
    table = next(t for t in reported("break-even").tables if t.name == "size")
    row = next(r for r in table.rows if r[0] == "3.5 t")
    assert row[2].value == pytest.approx(of_study.mean(), abs=2.0 * ROUGH)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name in DEAR else [])
        for name in cli.studies()
        if name != "pump-requirements"  # that one resumes, below
    ],
)
def test_a_study_gives_the_same_report_twice_whatever_the_workers_and_the_folder(name: str, tmp_path) -> None:
    again = reports.run(name, workers=2, output=tmp_path / "out")
    assert repr(again) == repr(reported(name))  # as text, in which a value that nobody knows equals itself


def test_the_main_study_resumes_from_its_folder_with_other_workers_and_leaves_data_and_surrogates(
    case: Case, finished, tmp_path, capsys
) -> None:
    import shutil

    from studies import pump_requirements
    from uq.core.dataset import Dataset

    folder, first, _ = finished
    folder = Path(shutil.copytree(folder, tmp_path / "copy"))  # what it leaves is for the other tests
    seen: list[str] = []
    again = pump_requirements.run(
        case,
        samples=SAMPLES,
        seed=reports.SEED,
        workers=2,
        output=folder,
        watch=lambda stage, done: seen.append(stage),
    )
    assert again == first
    data = Dataset.load(folder / "samples")
    assert len(data) == SAMPLES
    surrogate = load_surrogate(folder / "surrogates.bin")
    assert "payload_gain" in surrogate.problem.output_names
    good = np.flatnonzero(data.feasible)
    unseen = data.where(good[len(good) // 2 :])  # the study learns from the first half
    now = dataclasses.replace(data.problem, model=lambda c: {}, version="the model of tomorrow")
    again_loaded = load_for(folder / "surrogates.bin", now, fresh=unseen)
    assert again_loaded.problem.output_names == surrogate.problem.output_names
    assert capsys.readouterr().out == ""
    assert json.dumps(list(first.answer))


def test_the_main_study_leaves_its_explorer_and_links_to_it(finished) -> None:
    folder, report, _ = finished
    text = (folder / "explorer.html").read_text(encoding="utf-8")
    assert len(text.encode()) < 3e6
    assert HOSTILE not in text
    assert HOSTILE not in page(report)
    assert '<a href="explorer.html">' in (folder / "report.html").read_text(encoding="utf-8")
    assert "(explorer.html)" in (folder / "report.md").read_text(encoding="utf-8")


def test_the_explorers_sets_are_the_reports_and_what_the_sentences_bound(finished) -> None:
    folder, _, requirements = finished
    text = (folder / "explorer.html").read_text(encoding="utf-8")
    data = json.loads(text.partition('id="data">')[2].partition("</script>")[0])
    today, required = data["page"]["presets"]
    joint, fresh = requirements.compliance.joint, requirements.confirmed("proposal").fresh
    assert today["settings"] == {}
    assert today["answers"]["complies"] == [joint.probability, *joint.interval]
    assert required["answers"]["complies"] == [fresh.probability, *fresh.interval]
    bounds = {s.input: s.bound for s in read((folder / "requirements.json").read_text("utf-8"))}
    assert required["settings"]
    for name, (side, value) in required["settings"].items():
        assert side == "least"
        assert value == pytest.approx(bounds[name], rel=1e-12)


def test_the_first_monte_carlo_of_the_explorer_takes_less_than_300_ms(finished, tmp_path) -> None:
    import browser as chromium
    from test_explorer import record, settled

    def first(program: chromium.Browser) -> float:
        with chromium.opened(program, (finished[0] / "explorer.html").as_uri()) as tab:
            settled(tab)
            return float(record(tab)["times"]["sample"])

    with chromium.started(tmp_path) as program:
        # one of three openings: what else the machine does is no part of the page
        assert any(first(program) < FIRST_MONTE_CARLO for _ in range(3))


@pytest.mark.parametrize("width", [390, 1400])
def test_the_main_studys_explorer_predicts_what_its_surrogates_do(finished, width: int, tmp_path) -> None:
    import browser as chromium
    from test_explorer import ROUNDING, record, settled, slid

    from uq.surrogates.composite import Switched
    from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos

    folder, _, _ = finished
    surrogate = load_surrogate(folder / "surrogates.bin")
    parts = {o.name: p for p in getattr(surrogate, "parts", [surrogate]) for o in p.problem.outputs}
    address = (folder / "explorer.html").as_uri()
    checked = 0
    with chromium.started(tmp_path) as program, chromium.opened(program, address, width=width) as tab:
        settled(tab)
        assert tab.run("document.title").endswith(HOSTILE)
        assert tab.run("window.hurt") is None
        assert tab.run("document.documentElement.scrollWidth") <= width
        slid(tab, "pump.efficiency_multiplier", 800)
        slid(tab, "battery.specific_energy", 250)
        told = record(tab)
        assert list(told["inputs"]) == list(surrogate.problem.input_names)
        x = np.array([[one["value"] for one in told["inputs"].values()]])
        for output, point in told["point"].items():
            part = parts[output]
            if not isinstance(part, PolynomialChaos | Switched):
                continue  # a Gaussian process was chosen; the page shows the expansion that was not
            checked += 1
            scale = float(np.std((part.below if isinstance(part, Switched) else part).y))
            k = part.problem.output_index(output)
            assert point["mean"] == pytest.approx(part.mean(x)[0, k], rel=0.0, abs=ROUNDING * scale)
        assert tab.complaints() == []
    assert checked


def test_the_terminals_answer_is_the_first_page_in_at_most_120_words_and_40_numbers(finished) -> None:
    report, stream = finished[1], io.StringIO()
    answer(report, stream)
    words, numbers = counted(stream.getvalue().replace(HOSTILE, ""))
    assert 60 < words <= MOST_WORDS
    assert 20 < numbers <= MOST_NUMBERS
    for sentence in report.brief.sentences[1:]:
        assert sentence.partition(": ")[2][:30] in stream.getvalue()


def test_every_reported_compliance_has_fresh_runs_beside_it(finished) -> None:
    _, _, requirements = finished
    assert {"joint", "gain", "power", "proposal"} <= set(requirements.fresh.claims)
    assert {f"alone {name}" for name in requirements.single.thresholds} <= set(requirements.fresh.claims)
    assert all(item.runs >= 600 for item in requirements.fresh.confirmations.items)


def test_the_proposed_set_complies_and_is_no_more_than_suppliers_reach(finished) -> None:
    from studies.analysis.requirement_set import lever

    _, _, requirements = finished
    proposal = requirements.proposal
    assert proposal.requirements
    assert proposal.verdict.probability >= proposal.allocation.wanted >= proposal.goal
    assert all(r.value <= lever(requirements.design.sample, r.input).end for r in proposal.requirements)
    assert {m.input for m in proposal.margins.margins} == {r.input for r in proposal.requirements}


@pytest.mark.parametrize("runs", [600, 1024, 4096])
def test_a_set_is_searched_for_what_fresh_runs_confirm_in_nineteen_of_twenty(runs: int) -> None:
    from scipy.stats import binom

    from studies.analysis.requirement_set import confirmable
    from uq.core.confidence_intervals import clopper_pearson

    met = np.arange(runs + 1)
    confirmed = np.array([clopper_pearson(k, runs, 0.9)[0] >= 0.9 for k in met])
    chance = {p: float(binom.pmf(met, runs, p) @ confirmed) for p in (0.9, confirmable(0.9, runs, 0.9))}
    assert [round(c, 2) for c in chance.values()] == pytest.approx([0.05, 0.95], abs=0.03)


def test_the_waterfall_of_every_limit_adds_up(finished) -> None:
    _, _, requirements = finished
    assert [s.limit for s in requirements.margins.waterfalls] == list(requirements.design.limits.fixed)
    for steps in requirements.margins.waterfalls:
        told = steps.nominal + steps.growth.value + sum(s.amount.value for s in steps.shares)
        assert told == pytest.approx(steps.quantile.value)


def test_requirements_have_value_unit_operating_point_and_a_trace(finished, monkeypatch) -> None:
    from studies.running.output_folder import FolderError
    from studies.running.trace import trace

    folder, _, requirements = finished
    monkeypatch.setattr("studies.running.trace.requirements_of", lambda case, **origin: content(requirements))
    found = trace(folder)
    assert {t.statement.identifier for t in found} >= {"SET-POWER", "SET-ENERGY"}
    for one in found:
        assert one.holds, one.lines
        assert one.differ == 0
        assert one.rerun > 0
        assert f"{one.statement.value:.4g}" in one.statement.text
        assert one.statement.runs >= 600
        assert one.statement.interval[0] <= one.statement.probability <= one.statement.interval[1]
    with pytest.raises(FolderError, match="SET-POWER"):
        trace(folder, "SET-POWR")


def test_a_set_whose_fresh_runs_fall_short_of_its_goal_makes_no_sentence() -> None:
    from types import SimpleNamespace

    from studies.analysis.requirements import Requirements
    from studies.presentation.specification import requirement_wording, section
    from uq.requirements import Limit, Verdict

    fresh = Verdict((Limit("y", low=0.0),), (), 0.862, (0.838, 0.884), 0.9)
    confirmation = SimpleNamespace(fresh=fresh, runs=600)
    found = SimpleNamespace(
        proposal=SimpleNamespace(goal=0.9, requirements=("one",)),
        compliance=SimpleNamespace(joint=fresh),
        confirmed=lambda claim: confirmation,
        fresh=SimpleNamespace(stands=lambda claim: True),
    )
    found.stands = Requirements.stands.fget(found)  # type: ignore[attr-defined]
    assert requirement_wording.sentences(found) == ()
    said = section.none_required(found)
    assert "86 % (84 to 88 %) of 600 fresh runs comply, short of 90 %: nothing is required" in said


def test_runs_that_were_changed_do_not_hold_the_requirement(finished, tmp_path, monkeypatch) -> None:
    import shutil

    from studies.running.trace import trace
    from uq.core.dataset import Dataset

    folder, _, requirements = finished
    monkeypatch.setattr("studies.running.trace.requirements_of", lambda case, **origin: content(requirements))
    shutil.copytree(folder, tmp_path / "copy")
    for place in (tmp_path / "copy").glob("evidence-*"):
        data = Dataset.load(place)
        shutil.rmtree(place)
        dataclasses.replace(data, y=data.y + 1.0).save(place)
    one = trace(tmp_path / "copy", "SET-POWER")[0]
    assert not one.holds
    assert one.differ == one.rerun >= 600


def test_landers_stand_side_by_side_with_their_frontiers(finished) -> None:
    _, report, requirements = finished
    whole = reports.all_landers(report, requirements)
    assert not reports.unapproved("pump-requirements-all", whole)
    assert whole.brief.table is not None
    assert whole.brief.table.rows[0][1] == report.brief.verdict
    assert [f.name for f in whole.figures] == ["frontiers"]
    assert whole.companions == {"series3/report.html": f"{report.title}: the whole report"}
    assert page(whole).startswith("<!doctype html>")


def test_a_limit_that_no_fixed_design_can_be_judged_by_stands_apart_and_is_not_dropped(case: Case) -> None:
    from studies.analysis import sizing
    from studies.analysis.drivers import gather
    from studies.analysis.requirements import find
    from studies.presentation import compliance, margins

    other = dataclasses.replace(case, limits={"mass_saved": (20.0, np.inf)})
    found = find(
        gather(other, samples=SAMPLES), sizing.budgets(other.baseline()), samples=SAMPLES, confirmed=64
    )
    assert found.design.limits.fixed == ()
    assert [limit.output for limit in found.compliance.reoptimised.limits] == ["mass_saved"]
    told = compliance.compliance_section(found)
    assert "re-optimised-compliance" in [part.name for part in told.parts]
    assert "No limit of the case can be judged on a fixed design" in " ".join(told.text)
    assert found.margins.waterfalls == ()
    assert "none to share out" in " ".join(margins.margins_section(found).text)


def test_limits_are_sorted_by_how_they_can_be_judged_and_none_is_lost(case: Case) -> None:
    from models.architectures.comparison import OUTPUTS
    from studies.analysis.fixed_problem import limits
    from studies.case.toml_file import CaseError

    every = dataclasses.replace(case, limits=dict.fromkeys(OUTPUTS, (-1e9, np.inf)))
    asked = limits(every)
    assert {limit.output for limit in (*asked.fixed, *asked.reoptimised)} == set(OUTPUTS)
    assert {limit.output for limit in asked.fixed} >= {"payload_gain", "electric_pump.wet_mass"}
    assert {limit.output for limit in asked.reoptimised} >= {"mass_saved", "payload_gain_over_shelf"}
    with pytest.raises(CaseError, match="payload_gain"):
        limits(dataclasses.replace(case, limits={"payload_gain": (5.0, 5.0)}))
    with pytest.raises(CaseError, match="short of something"):
        limits(dataclasses.replace(case, limits={"electric_pump.charge_shortfall": (1e3, np.inf)}))


def test_the_published_cases_are_met_line_by_line() -> None:
    from studies.analysis.published.published_cases import lines

    for line in lines():
        assert line.met, line


def test_a_lander_without_drives_need_not_be_designed_again_when_only_drives_differ(case: Case) -> None:
    from models import quantity
    from models.fixed_design.flight import FixedTrade
    from studies.analysis.fixed_problem import FREE, REQUIRED, problem

    truth, best = problem(case, case.margins)
    asked = {**best, REQUIRED + "pump.efficiency_multiplier": 1.1, "power_limit": 12e3}
    short_cut = truth.model.trade(asked)
    leaves = {name.removeprefix(REQUIRED): value for name, value in asked.items()}
    in_full = FixedTrade(quantity.substitute(case.baseline(), leaves), case.margins)
    assert short_cut.pressure_fed == in_full.pressure_fed
    assert short_cut.electric_pump == in_full.electric_pump
    columns = {i.name: np.full(3, float(i.distribution.ppf(0.5))) for i in case.inputs}
    one, other = short_cut(columns), in_full(columns)
    assert all(np.array_equal(one[name], other[name], equal_nan=True) for name in other)
    assert best["power_limit"] == FREE


def test_indices_stand_beside_an_independent_estimate_from_the_landers_themselves(case: Case) -> None:
    from studies.analysis.drivers import gather
    from studies.presentation.sized_landers import drivers_section

    found = gather(case, samples=128)
    table = next(part for part in drivers_section(found).parts if getattr(part, "name", "") == "drivers")
    heads = [column.name for column in table.columns]
    ours, theirs = (heads.index(h) for h in heads if h.startswith("first-order index"))
    assert "RBD-FAST" in heads[theirs]
    assert any("SALib" in note for note in table.notes)
    held = [row[theirs].holds(row[ours].value) for row in table.rows]
    assert np.mean(held) > 0.8, "two ways to the same index that share no line of code"
    few = dataclasses.replace(found, reference=None)
    assert len(drivers_section(few).parts[-1].columns) == len(heads) - 1


@pytest.mark.slow
def test_a_study_leaves_the_same_bytes_whatever_the_shell_says_of_threads(tmp_path) -> None:
    import os
    import subprocess
    import sys

    for number in ("1", "2"):
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        subprocess.run(
            [
                sys.executable,
                "-c",
                "from studies.cli import main; main()",
                "run",
                "surrogate-accuracy",
                "-q",
                "--case",
                "check",
                "--samples",
                "64",
                "--output",
                str(tmp_path / number),
            ],
            env={**os.environ, **dict.fromkeys(names, number)},
            check=True,
            capture_output=True,
        )
    left = [
        {p.relative_to(tmp_path / n): p.read_bytes() for p in (tmp_path / n).rglob("*") if p.is_file()}
        for n in ("1", "2")
    ]
    for files in left:
        for name in ("manifest.json", "samples/lock"):  # when it ran, and in which process
            del files[Path(name)]
    assert left[0] == left[1]
    assert len(left[0]) > 6
