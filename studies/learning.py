"""Surrogates of the sizing model: learned from some of the samples, judged on all the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from studies.placement import Workers, placed
from studies.wording import output_words, shown
from uq.dataset import Dataset
from uq.problem import Problem
from uq.report import figures
from uq.report.document import Cell, Column, Section, Table
from uq.report.terminal import Watch, silent
from uq.surrogates.archive import save_surrogate
from uq.surrogates.base import Surrogate
from uq.surrogates.gaussian_process import GaussianProcess
from uq.surrogates.kernels import ANOVA_MATERN_5_2
from uq.surrogates.polynomial_chaos import PolynomialChaos
from uq.surrogates.validation import Choice, Fit, Validation, choose, measured

TRAINING_ROWS = 512
"""Samples that surrogates learn from; more cost more than they tell (the test rows say whether that holds)."""

CANDIDATES: Mapping[str, Fit] = {
    "polynomial chaos": PolynomialChaos.fit,
    "gaussian process": partial(GaussianProcess.fit, kernels=(ANOVA_MATERN_5_2,), learning_rows=200),
}
"""In the order in which they are tried: the second of one kernel and few rows, so that trying it costs seconds."""

ENOUGH = 0.02
"""Share of an output's variance that may stay unexplained before the next kind of surrogate is tried."""


@dataclass(frozen=True)
class Learned:
    """The surrogates of some outputs, how they were chosen, and their errors on `test` rows that none of them saw."""

    choice: Choice
    validation: Validation
    training: int
    test: Dataset
    expansions: Mapping[str, PolynomialChaos]
    """The chaos expansion of every output, also where another surrogate was chosen."""

    @property
    def surrogate(self) -> Surrogate:
        """All outputs side by side."""
        return self.choice.surrogate

    def save(self, folder: Path) -> None:
        """One file without pickle, with a card that says what it is worth."""
        v = self.validation
        card = {
            name: {"kind": kind, "q2": float(q), "rmse": float(r), "coverage": float(c)}
            for name, kind, q, r, c in zip(
                v.outputs, self.choice.chosen, v.q2, v.rmse, v.coverage, strict=True
            )
        }
        save_surrogate(self.surrogate, folder / "surrogates.bin", card={"validation": card})


def learn(data: Dataset, outputs: Sequence[str], *, workers: Workers = 1, watch: Watch = silent) -> Learned:
    """For each output the surrogate of smallest left-out error, from the first `TRAINING_ROWS` feasible rows of the
    plan (at most half of them); judged on the other feasible rows."""
    watch("learning surrogates", float("nan"))
    good = np.flatnonzero(data.feasible)
    training = int(min(TRAINING_ROWS, max(len(good) // 2, 1)))
    rows, test = data.where(good[:training]), data.where(good[training:])
    expansions: dict[str, PolynomialChaos] = {}

    def expansion(some: Dataset, asked: Problem) -> PolynomialChaos:
        return expansions.setdefault(asked.output_names[0], PolynomialChaos.fit(some, asked))

    fits = {**CANDIDATES, "polynomial chaos": expansion}
    choice = choose(
        rows, data.problem, outputs=outputs, fits=fits, enough=ENOUGH, workers=placed(workers).processes
    )
    truth = np.stack([test[name] for name in outputs], axis=1)
    found = measured(outputs, truth, choice.surrogate.predict(test.x))
    return Learned(choice, found, training, test, expansions)


def section(learned: Learned) -> Section:
    """How far the surrogates can be trusted."""
    v = learned.validation
    rows: list[tuple[Cell, ...]] = []
    for k, name in enumerate(v.outputs):
        unit, size = shown(learned.surrogate.problem.outputs[k].unit)
        rows.append(
            (
                output_words(name),
                learned.choice.chosen[k],
                float(v.q2[k]),
                float(v.rmse[k]) / size,
                float(v.largest[k]) / size,
                unit,
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
            "Where less than 98 % of the variance is explained the output jumps: two engines compete, radiation-cooled "
            "below 14 bar and regenerative above. No figure of this report rests on a surrogate of such an output.",
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
