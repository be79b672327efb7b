"""How far the surrogates can be trusted, in a table and a figure."""

from __future__ import annotations

from studies.analysis.surrogates import Learned
from studies.presentation.wording import output_unit, output_words
from uq.core.table import Cell, Column, Table
from uq.report import figures
from uq.report.document import Section


def section(learned: Learned) -> Section:
    """How far the surrogates can be trusted."""
    v = learned.validation
    rows: list[tuple[Cell, ...]] = []
    for k, name in enumerate(v.outputs):
        unit = output_unit(learned.surrogate.problem.outputs[k].unit)
        rows.append(
            (
                output_words(name),
                learned.kinds[name],
                float(v.q2[k]),
                unit.step(float(v.rmse[k])),
                unit.step(float(v.largest[k])),
                unit.symbol,
                float(v.coverage[k]),
            )
        )
    table = Table(
        "surrogates",
        f"Surrogates, learned from {learned.training} landers, judged on {len(learned.test)} others",
        (
            Column("output"),
            Column("surrogate"),
            Column("share of variance explained"),
            Column("root mean square error"),
            Column("largest error"),
            Column("unit"),
            Column("share inside 90 % interval", decimals=3),
        ),
        tuple(rows),
        (
            "Power and what it weighs jump where the radiation-cooled engine (up to 13.5 bar) gives way to the "
            "regenerative one: each engine has its own expansion, and a third says which of them is the better.",
        ),
    )
    gain = learned.test["payload_gain"]
    k = v.outputs.index("payload_gain")
    drawn = figures.parity(
        "surrogate-payload-gain",
        "Payload gain: surrogate against sizing, on landers that it did not learn from",
        {"payload gain": (gain, gain - v.residuals[:, k])},
        labels=("sized, kg", "predicted, kg"),
        alt=f"Points along the diagonal; the surrogate explains {v.q2[k]:.2%} of the variance of payload gain.",
    )
    return Section(
        "How far the surrogates can be trusted",
        (
            "Surrogates serve the sensitivity indices only. Means, quantiles, probabilities and requirements come from "
            "runs of the sizing model itself.",
        ),
        (table, drawn),
    )
