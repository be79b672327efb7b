"""What a test changed: inputs, answer, requirements and concept before and after it, and why."""

from __future__ import annotations

import numpy as np

from studies.analysis.accounts.measured import Known, moved_by
from studies.case.case import Case
from studies.case.readings import LOGARITHM
from studies.presentation.brief import quantities
from studies.presentation.concepts import title
from studies.presentation.names_and_units import input_words
from uq.core.estimate import Estimate
from uq.core.table import Cell, Column, Table, header, words
from uq.report.document import Section

TITLE = "What the test changed"
LEAST = 0.05
"""kg below which an input moved nothing worth a word."""
FAR = 2.0
"""Standard deviations from which on a reading is said to disagree."""


def changed_section(before: Known, after: Known, case: Case) -> Section:
    """The chapter: what was read, what it says of the inputs, and what changed by it.

    Parameters
    ----------
    before, after : Known
        The study on the inputs before the readings and after them.
    case : Case
        After them.

    Returns
    -------
    Section
    """
    return Section(
        TITLE,
        (
            *_inputs_words(case),
            _gain_words(before, after, case),
            *_set_words(before, after),
            _concept_words(before, after),
        ),
        (
            _inputs(case),
            _readings(case),
            _answer(before, after),
            _quantities(before, after),
            _values(before, after),
        ),
        unfolded=True,
    )


def changed_line(before: Known, after: Known) -> str:
    """One line for the first page.

    Parameters
    ----------
    before, after : Known
        The study on the inputs before the readings and after them.

    Returns
    -------
    str
    """
    chance = before.drivers.summaries["payload_gain"].estimates["above 0"].value
    return f"{100 * chance:.0f} % gained before"


def _inputs_words(case: Case) -> list[str]:
    learned = case.learned
    assert learned is not None
    read = {name for one in learned.measurements for name in learned.changed if one.quantity.endswith(name)}
    found = []
    for name in learned.changed:
        unit = case.unit(name)
        ends = [words(unit.estimate(learned.law_interval(name, before=b))) for b in (True, False)]
        why = (
            f"{100 * learned.shrinkage(name):.0f} % of its variance is gone"
            if name in read
            else "it was not read, and follows what it correlates with"
        )
        label = input_words(case, name)
        found.append(
            f"{label[0].upper()}{label[1:]}: {ends[0]} before, {ends[1]} after {unit.symbol}".rstrip()
            + f"; {why}."
        )
    return found


def _gain_words(before: Known, after: Known, case: Case) -> str:
    old, new = (one.drivers.summaries["payload_gain"].estimates for one in (before, after))
    causes = [(n, v) for n, v in moved_by(before.drivers, case).items() if abs(v) >= LEAST]
    listed = ", ".join(f"{input_words(case, n)} {v:+.1f} kg" for n, v in causes)
    return (
        f"The mean payload gain goes from {words(old['mean'])} to {words(new['mean'])} kg, the chance that the pump "
        f"gains from {_percent(old['above 0'])} to {_percent(new['above 0'])}. "
        + (
            f"Each new law alone moves the mean: {listed}."
            if listed
            else "No new law moves the mean by itself."
        )
    )


def _set_words(before: Known, after: Known) -> list[str]:
    found = []
    goals = []
    for one in (before, after):
        proposal = one.requirements.proposal
        goals.append(
            "no set"
            if proposal is None or not proposal.requirements
            else f"a set for {100 * proposal.goal:.0f} %"
        )
    proposal = after.requirements.proposal
    if proposal is not None and not proposal.requirements and proposal.hardest is not None:
        goals[1] += f", for even the most that suppliers reach gives {_percent(proposal.hardest.estimate)}"
    today = [_percent(one.requirements.compliance.joint.estimate) for one in (before, after)]
    found.append(
        f"Of the fixed design {today[0]} complied at the best estimates before, {today[1]} do now; proposed was "
        f"{goals[0]}, now {goals[1]}."
    )
    case = after.requirements.case
    for name in after.requirements.single.thresholds:
        old, new = (_chosen(one, name) for one in (before, after))
        if old == new:
            continue
        laws = [
            next(i.distribution for i in one.requirements.case.inputs if i.name == name)
            for one in (before, after)
        ]
        unit, label = case.unit(name), input_words(case, name)
        shown = ["nothing" if v is None else f"at least {unit.words(v)}" for v in (old, new)]
        chances = [None if new is None else 1.0 - float(law.cdf(new)) for law in laws]
        medians = [float(law.ppf(0.5)) for law in laws]
        why = (
            f"its best estimate went from {unit.words(medians[0])} to {unit.words(medians[1])}"
            if medians[0] != medians[1]
            else "its law is the same, and the others leave it another part"
        )
        if new is None:
            why = f"no value of it is worth requiring now, for {why}"
        chance = (
            ""
            if None in chances
            else f"; the chance that it is met was {100 * chances[0]:.0f} %, is {100 * chances[1]:.0f} %"  # type: ignore[operator]
        )
        found.append(f"Of {label} {shown[0]} was required, now {shown[1]}: {why}{chance}.")
    return found


def _chosen(one: Known, name: str) -> float | None:
    proposal = one.requirements.proposal
    chosen = {} if proposal is None else {r.input: r.value for r in proposal.requirements}
    return chosen.get(name)


def _best(one: Known) -> tuple[str, float]:
    """The concept of most payload in words, and its payload in kg."""
    found = [
        (float(sized["payload"][row, 0, 0]), title(one.requirements.case, sized.concepts[row]))
        for sized, row in one.best.values()
    ]
    payload, name = max(found)
    return name, payload


def _concept_words(before: Known, after: Known) -> str:
    (old, first), (new, now) = _best(before), _best(after)
    if old == new:
        return (
            f"The recommended concept stays: {new}, {first:.0f} kg before, {now:.0f} kg now, at the medians."
        )
    return (
        f"The recommended concept was {old} ({first:.0f} kg), and is {new} ({now:.0f} kg): at the new medians it "
        "carries the most."
    )


def _inputs(case: Case) -> Table:
    learned = case.learned
    assert learned is not None
    rows: list[tuple[Cell, ...]] = []
    for name in learned.changed:
        unit = case.unit(name)
        rows.append(
            (
                input_words(case, name),
                unit.symbol,
                unit.estimate(learned.law_interval(name, before=True)),
                unit.estimate(learned.law_interval(name)),
                100.0 * learned.shrinkage(name),
            )
        )
    own = learned.table()
    return Table(
        "inputs-before-after",
        "Inputs before and after the test",
        own.columns,
        tuple(rows),
        own.notes,
    )


def _readings(case: Case) -> Table:
    learned = case.learned
    assert learned is not None
    rows: list[tuple[Cell, ...]] = []
    for one, cells in zip(learned.measurements, learned.tables[1].rows, strict=True):
        name = one.quantity.removeprefix(LOGARITHM)
        unit, logarithm = case.unit(name), name != one.quantity
        value, std = (float(cells[k]) for k in (2, 3))  # type: ignore[arg-type]
        predicted = cells[4]
        assert isinstance(predicted, Estimate)
        if logarithm:
            value, std = float(np.exp(value)), float(np.exp(value)) * std
            ends = np.exp([predicted.value, predicted.low, predicted.high])
            predicted = Estimate(float(ends[0]), float(ends[1]), float(ends[2]), predicted.confidence)
        rows.append(
            (
                input_words(case, name),
                unit.symbol,
                unit.shown(value),
                unit.step(std),
                unit.estimate(predicted),
                cells[5],
            )
        )
    far = sum(abs(float(row[-1])) > FAR for row in rows)  # type: ignore[arg-type]
    note = (
        "Every reading lies within two of its standard deviations of what is predicted now."
        if not far
        else f"{far} of {len(rows)} readings lie more than two standard deviations off: look at them first."
    )
    return Table(
        "readings",
        "Readings against what is predicted now",
        header("read | unit | reading | standard deviation | predicted now | off by [std]:1"),
        tuple(rows),
        (note, "Efficiencies and masses are read as ratios to the prediction at the duty of the reading."),
    )


def _answer(before: Known, after: Known) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for label, unit, name, output, factor in (
        ("mean payload gain", "kg", "mean", "payload_gain", 1.0),
        ("chance that the pump gains", "%", "above 0", "payload_gain", 100.0),
        ("mean payload, electric pump", "kg", "mean", "electric_pump.payload", 1.0),
        ("mean electric power", "kW", "mean", "electric_power", 1e-3),
    ):
        found = [one.drivers.summaries[output].estimates[name].scaled(factor) for one in (before, after)]
        rows.append((label, unit, *found))
    joint = [one.requirements.compliance.joint.estimate.scaled(100.0) for one in (before, after)]
    rows.append(("compliance at the best estimates", "%", *joint))
    for label, of in (("compliance as required", "verdict"), ("chance that suppliers meet the set", "prior")):
        cells: list[Cell] = []
        for one in (before, after):
            proposal = one.requirements.proposal
            if proposal is None or not proposal.requirements:
                cells.append("no set")
            else:
                cells.append(
                    proposal.verdict.estimate.scaled(100.0)
                    if of == "verdict"
                    else f"{100.0 * proposal.allocation.prior:.0f}"
                )
        rows.append((label, "%", *cells))
    rows.append(("recommended concept at the medians", "", _best(before)[0], _best(after)[0]))
    return Table(
        "answer-before-after",
        "The answer before and after the test",
        header("quantity | unit | before | after"),
        tuple(rows),
        ("Both from the same draws, so that they differ by the test.",),
    )


def _quantities(before: Known, after: Known) -> Table:
    """The first page's quantities, which are absolute: today's estimate and what is required, with their duty."""
    found: dict[str, list[tuple[str, str]]] = {}
    for k, one in enumerate((before, after)):
        for row in quantities(one.requirements).rows:
            name, _, duty = str(row[0]).partition(" at ")
            at = f" ({duty})" if duty else ""
            cells = found.setdefault(name, [("", ""), ("", "")])
            cells[k] = f"{row[1]}{at}", str(row[2])
    heads = ("estimate before", "estimate after", "required before", "required after")
    return Table(
        "quantities-before-after",
        "Quantities that matter, before and after the test",
        (Column("quantity"), *(Column(h) for h in heads)),
        tuple((name, a[0], b[0], a[1], b[1]) for name, (a, b) in found.items()),
        ("Each on the design for its own required values; duties in brackets.",),
    )


def _values(before: Known, after: Known) -> Table:
    """Each requirement: alone the least that suffices, and in the set."""
    case = after.requirements.case
    states = {"met without it": "none needed", "unreachable": "none in reach suffices"}
    rows: list[tuple[Cell, ...]] = []
    for name in after.requirements.single.thresholds:
        unit, cells = case.unit(name), []
        for one in (before, after):
            least = one.requirements.single.thresholds[name]
            alone: Cell = states.get(least.status) or unit.estimate(least.value)
            chosen = _chosen(one, name)
            cells.append((alone, "none" if chosen is None else unit.words(chosen)))
        rows.append(
            (input_words(case, name), unit.symbol, cells[0][0], cells[1][0], cells[0][1], cells[1][1])
        )
    heads = ("alone suffices, before", "alone suffices, after", "in the set, before", "in the set, after")
    return Table(
        "requirements-before-after",
        "Requirement values before and after the test",
        (Column("requirement on"), Column("unit"), *(Column(h) for h in heads)),
        tuple(rows),
    )


def _percent(estimate: Estimate) -> str:
    return f"{100 * estimate.value:.0f} %"
