"""What tests are worth before the concept is chosen, in words, a table and a figure."""

from __future__ import annotations

import numpy as np

from studies.analysis.accounts.value_of_tests import CONFIRMED, SAME, ValueOfTest, ValuesOfTests
from studies.presentation.concepts import title
from studies.presentation.names_and_units import input_words
from uq.core.table import Cell, Column, Table, header, words
from uq.report.bar_figures import intervals
from uq.report.document import Brief, Figure, Section

LEAST_WORTH = 0.05
"""kg below which a test changes nothing that can be weighed."""


def brief(found: ValuesOfTests) -> Brief:
    """The first page.

    Parameters
    ----------
    found : ValuesOfTests
        All tests, simulated.

    Returns
    -------
    Brief
    """
    first = found.tests[0]
    best = max(found.tests, key=lambda one: one.per_price)
    known = first.confirmed or first.value
    return Brief(
        verdict="test first"
        if known.low > 0.0
        else "choose without a test"
        if known.high < LEAST_WORTH
        else "undecided by these runs",
        headline=(
            f"a test of {first.test.title} is worth {words(first.value)} kg of payload by the choice that follows it; "
            f"it is right in {_percent(first.right.value)} of worlds, {_percent(found.right.value)} without."
        ),
        facts=(("Concept today", title(found.case, found.concepts[found.today])),),
        lines=(
            (
                "Most for its price",
                f"{best.test.title}: {best.per_price:.1f} kg a million euro (prices are judgement)",
            ),
            ("Knowing everything", f"{words(found.perfect)} kg"),
            ("Confirmed by true runs", _confirmed(first)),
        ),
        figures=(_figure(found),),
    )


def _confirmed(one: ValueOfTest) -> str:
    if one.confirmed is None:
        return "no true run"
    return f"{words(one.confirmed)} kg in the same worlds"


def tests_section(found: ValuesOfTests) -> Section:
    """Every test: accuracy and price, what it is worth, and what it changes.

    Parameters
    ----------
    found : ValuesOfTests
        All tests, simulated.

    Returns
    -------
    Section
    """
    outcomes = len(found.tests[0].chosen)
    text = (
        f"In each of {outcomes} worlds every test is read with its error, the laws are updated, and the concept of the "
        "largest mean payload under them is chosen; requirement and payload follow from the updated laws. Without a "
        f"test {title(found.case, found.concepts[found.today])} is chosen, {found.mean[found.today]:.0f} kg in "
        f"the mean and {found.low:.0f} kg in nine worlds of ten; it is right in "
        f"{_percent(found.right.value)}.",
    )
    return Section(
        "What each test is worth",
        text,
        (_worth(found), _changes(found), _requirements(found), _accuracy(found)),
        unfolded=True,
    )


def _worth(found: ValuesOfTests) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            one.test.title,
            one.test.price,
            one.value,
            one.per_price,
            one.right.scaled(100.0),
            one.confirmed,
        )
        for one in found.tests
    ]
    return Table(
        "worth-of-tests",
        "Value of each test before the concept is chosen",
        header(
            "test | price [million euro]:1 | value [kg] | value for the price [kg/million euro]:2 | "
            "right choice [%] | true runs say [kg]"
        ),
        tuple(rows),
        (
            "Value: mean payload of the concept chosen after the test less that of the best without it, both under the "
            "updated laws; brackets are 90 % intervals over the simulated outcomes.",
            f"True runs: the same choices in the same worlds, both concepts sized; the best {CONFIRMED} tests.",
            f"A choice is right where no concept of its world carries {SAME:.0f} kg more: without a test in "
            f"{words(found.right.scaled(100.0))} %. Knowing everything is worth "
            f"{words(found.perfect)} kg. Of differences between two of the "
            f"{len(found.concepts)} concepts surrogates miss at most {found.missed:.1f} kg (root mean square, "
            "fresh worlds).",
        ),
    )


def _changes(found: ValuesOfTests) -> Table:
    case = found.case
    rows: list[tuple[Cell, ...]] = [
        (one.test.title, one.changes.scaled(100.0), one.low, one.eased.scaled(100.0), one.found.scaled(100.0))
        for one in found.tests
    ]
    less = (
        "" if found.wanted == case.wanted_probability else f" ({case.wanted_probability:.0%} is out of reach)"
    )
    today = (
        "there is none within 1 to 99 %"
        if np.isnan(found.quantile)
        else f"its values are what {1.0 - found.quantile:.0%} of suppliers reach, one by one"
    )
    return Table(
        "changes-by-tests",
        "What each test is expected to change",
        header(
            "test | another concept is chosen [%] | payload in nine worlds of ten [kg] | "
            "requirements rise by [% of suppliers] | there is a set [%]"
        ),
        tuple(rows),
        (
            "Requirements: all at the same quantile of today's laws, the least demanding one at which the best pump "
            f"concept carries more than the best pressure-fed one in {found.wanted:.0%} of worlds{less}; today "
            f"{today}. They rise or fall where there is a set before and after; below zero, less is required. There is "
            "none where nothing has to be required, or nothing within 1 to 99 % is enough.",
            "Payload in nine worlds of ten: mean change of what the chosen concept reaches with 90 % by the knowledge "
            "after the test.",
        ),
    )


def _requirements(found: ValuesOfTests) -> Table:
    """How far each required value moves by each test."""
    case = found.case
    rows: list[tuple[Cell, ...]] = []
    for name, value in found.required.items():
        unit = case.unit(name)
        moves: list[Cell] = []
        for one in found.tests:
            moved = one.required.get(name)
            moves.append(None if moved is None else moved.scaled(unit.step(1.0)))
        label = f"{input_words(case, name)}, {unit.symbol}" if unit.symbol else input_words(case, name)
        rows.append((label, unit.shown(value) if np.isfinite(value) else None, *moves))
    return Table(
        "requirement-values-by-tests",
        "How far each required value is expected to move by a test",
        (
            Column("required of"),
            Column("value today"),
            *(Column(one.test.title) for one in found.tests),
        ),
        tuple(rows),
        (
            "Mean distance over the outcomes, up or down, with its 90 % interval. What a test reads is no longer "
            "required: it follows its updated law, and the others are required anew. Nothing is required of what moves "
            f"the mean gain by less than {SAME:.0f} kg.",
        ),
    )


def _accuracy(found: ValuesOfTests) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for one in found.tests:
        for read, std in one.test.readings.items():
            name = one.test.inputs[list(one.test.readings).index(read)]
            unit = found.case.unit(name)
            relative = name != read
            shown = f"{100 * std:.3g} %" if relative else f"{unit.step(std):.3g} {unit.symbol}".strip()
            law = next(i.distribution for i in found.case.inputs if i.name == name)
            today = law.moments()[1]
            own = float(np.log(law.ppf(0.8413447) / law.ppf(0.5))) if relative else today
            rows.append((one.test.title, input_words(found.case, name), shown, own / std, one.test.source))
    return Table(
        "accuracy-of-tests",
        "What each test reads, and how well",
        header("test | reads | standard deviation | today's, in those:1 | source of accuracy and price"),
        tuple(rows),
    )


def _figure(found: ValuesOfTests) -> Figure:
    return intervals(
        "worth-of-tests",
        "What each test is worth before the concept is chosen",
        {one.test.title: (one.value, one.right.scaled(100.0)) for one in found.tests},
        labels=("value, kg of payload", "right choice, % (dashed: without a test)"),
        thresholds=(0.0, 100.0 * found.right.value),
        alt="Tests in rows: the payload that each is worth by the choice that follows it, and the share of worlds in "
        "which that choice is the best one, each with its interval.",
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
