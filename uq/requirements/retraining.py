"""Claims through a surrogate, put to fresh runs and made anew with these learned, until they stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from uq.core.dataset import Dataset
from uq.core.problem import Problem
from uq.core.repeatable import one_thread
from uq.core.table import Readable
from uq.requirements.confirmation import Confirmations, Run, confirm, in_process
from uq.requirements.shared_sample import Sample, draw
from uq.requirements.types import Verdict
from uq.sampling.plans import Plan
from uq.surrogates.base import Surrogate

Claims = Callable[[Sample], Sequence[Verdict]]
"""The analysis: from a sample of a model to the verdicts that will be reported."""

Retrain = Callable[[Sequence[Dataset]], Surrogate]
"""All true runs made so far for confirmation -> a surrogate that has learned from them too."""


@dataclass(frozen=True)
class AgreedClaims(Readable):
    """The last confirmations, the sample that the claims came from, and how many rounds it took."""

    confirmations: Confirmations
    """The last ones."""
    sample: Sample
    """That the claims came from."""
    rounds: int
    """That it took."""

    @property
    def agrees(self) -> bool:
        """Whether every claim stands."""
        return self.confirmations.agrees

    def __str__(self) -> str:
        return f"{self.confirmations}\nafter {self.rounds} round{'s' if self.rounds > 1 else ''}"


@one_thread()
def confirm_and_retrain(
    true_model: Problem,
    sample: Sample,
    *,
    claims: Claims,
    retrain: Retrain,
    rows: int = 600,
    max_rounds: int = 3,
    seed: int = 1001,
    run: Run = in_process,
) -> AgreedClaims:
    """Claim, confirm by fresh true runs, and where a claim falls, learn from those runs and ask again.

    Every round draws new runs (a run that was learned from confirms nothing).  Stops when all claims stand or after
    `max_rounds`; `AgreedClaims.agrees` says which.

    Parameters
    ----------
    true_model : Problem
        The model itself, not a surrogate.
    sample : Sample
        The surrogate's, that the claims come from.
    claims : callable
        Sample -> verdicts that will be reported.
    retrain : callable
        All true runs so far -> a surrogate that has learned from them too.
    rows : int
        Fresh runs behind each claim, at least.
    max_rounds : int
        Rounds of claim and confirmation, at most.
    seed : int
        Of every random choice.
    run : callable
        How the model is run at given points.

    Returns
    -------
    AgreedClaims

    Raises
    ------
    ValueError
        For `max_rounds` below 1.
    """
    if max_rounds < 1:
        raise ValueError(f"max_rounds is {max_rounds}; at least one round is needed")
    seen: list[Dataset] = []
    for number in range(1, max_rounds + 1):
        found = confirm(
            true_model,
            claims(sample),
            rows=rows,
            seed=seed + 100_003 * number,
            design=sample.design,
            run=run,
            mode=sample.mode,
        )
        if found.agrees or number == max_rounds:
            break
        seen.extend(found.batches)
        sample = draw(
            retrain(seen),
            design=sample.design,
            feasibility=sample.feasibility,
            mode=sample.mode,
            plan=Plan(sample.unit, "repeated", seed),
        )
    return AgreedClaims(found, sample, number)
