"""Surrogates of the sizing model: learned from some of the samples, judged on all the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from studies.analysis.placement import Workers, placed
from uq.core.dataset import Dataset
from uq.report.terminal import Watch, silent
from uq.surrogates.archive import save_surrogate
from uq.surrogates.base import FitOutputs, Surrogate
from uq.surrogates.composite import Composite, Switched
from uq.surrogates.gaussian_process.gaussian_process import GaussianProcess
from uq.surrogates.gaussian_process.kernels import ANOVA_MATERN_5_2
from uq.surrogates.loading import Card
from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos
from uq.surrogates.validation import Validation, choose, measured

TRAINING_ROWS = 512
"""Samples that surrogates learn from; more cost more than they tell (the test rows say whether that holds)."""

CANDIDATES: Mapping[str, FitOutputs] = {
    "polynomial chaos": PolynomialChaos.fit,
    "gaussian process": partial(GaussianProcess.fit, kernels=(ANOVA_MATERN_5_2,), learning_rows=200),
}
"""In the order in which they are tried: the second of one kernel and few rows, so that trying it costs seconds."""

JUMPING = ("power_drive_mass", "electric_power", "electric_energy")
"""Outputs that jump where the radiation-cooled engine gives way to the regenerative one."""

SWITCH = "regenerative_advantage"
"""Above zero where the regenerative engine is the better."""
LEAST_REGIME = 40
"""Landers of either engine below which a regime is not learnt apart."""

ENOUGH = 0.02
"""Share of an output's variance that may stay unexplained before the next kind of surrogate is tried."""


@dataclass(frozen=True)
class Learned:
    """The surrogates of some outputs, how they were chosen, and their errors on `test` rows that none of them saw."""

    surrogate: Surrogate
    """All outputs side by side."""
    kinds: Mapping[str, str]
    """What was chosen for each output."""
    validation: Validation
    training: int
    test: Dataset
    expansions: Mapping[str, PolynomialChaos]
    """The chaos expansion of every output, also where another surrogate was chosen."""

    def save(self, folder: Path) -> None:
        """One file without pickle, with a card that says what it is worth."""
        card = Card.of(self.surrogate, self.test, self.validation)
        save_surrogate(self.surrogate, folder / "surrogates.bin", card=card.to_dict())


def learn(data: Dataset, outputs: Sequence[str], *, workers: Workers = 1, watch: Watch = silent) -> Learned:
    """For each output the surrogate of smallest left-out error, from the first `TRAINING_ROWS` feasible rows of the
    plan (at most half of them); judged on the other feasible rows.

    Parameters
    ----------
    data : Dataset
        The sized landers.
    outputs : sequence of str
        Names.
    workers : Workers, default 1
        Processes, or a placement of them.
    watch : Watch, default silent
        Gets the name of each stage, and the share of it that is done.

    Returns
    -------
    Learned
    """
    watch("learning surrogates", float("nan"))
    good = np.flatnonzero(data.feasible)
    training = int(min(TRAINING_ROWS, max(len(good) // 2, 1)))
    rows, test = data.where(good[:training]), data.where(good[training:])
    known: dict[tuple[tuple[str, ...], bytes], PolynomialChaos] = {}

    def expansion(some: Dataset, *, outputs: Sequence[str] | None = None) -> PolynomialChaos:
        """Learned once, whoever asks: outputs that jump at one place have one switch."""
        key = tuple(outputs or some.problem.output_names), some.x.tobytes()
        if key not in known:
            known[key] = PolynomialChaos.fit(some, outputs=outputs)
        return known[key]

    above = int((rows[SWITCH] > 0.0).sum())
    apart = JUMPING if min(above, training - above) >= LEAST_REGIME else ()
    smooth = {**CANDIDATES, "polynomial chaos": expansion}
    each = partial(Switched.fit, switch=SWITCH, fit=expansion)
    engines: dict[str, FitOutputs] = {"polynomial chaos": expansion, "chaos for each engine": each}
    kinds: dict[str, str] = {}
    parts = []
    for names, fits in (
        ([n for n in outputs if n not in apart], smooth),
        ([n for n in outputs if n in apart], engines),
    ):
        if names:
            choice = choose(
                rows,
                outputs=names,
                fits=fits,
                tolerance=ENOUGH,
                workers=placed(workers).processes,
            )
            kinds |= zip(names, choice.chosen, strict=True)
            parts.append(choice.surrogate)
    surrogate = parts[0] if len(parts) == 1 else Composite.of(parts)
    simulated = np.stack([test[name] for name in kinds], axis=1)
    found = measured(tuple(kinds), simulated, prediction=surrogate.predict(test.x))
    expansions = {name: known[(name,), rows.x.tobytes()] for name in kinds}
    return Learned(surrogate, kinds, found, training, test, expansions)
