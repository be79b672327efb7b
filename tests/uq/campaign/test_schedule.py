"""Whatever becomes of its tasks, a schedule finishes every sample once, and each with its own results."""

from __future__ import annotations

import dataclasses
import random

import campaign_models as models
import numpy as np
import pytest

from uq import campaign
from uq.campaign import schedule, worker
from uq.campaign.bookkeeping import Ledger
from uq.campaign.external_programs import Single
from uq.campaign.worker import Outcome, Work, work_on
from uq.core.dataset import evaluate
from uq.core.model import NamedModel
from uq.sampling.plans import sobol_sequence


class Fickle:
    """Workers whose tasks end in any order, after any time, and are lost before, or at, any of their blocks."""

    def __init__(self, named: NamedModel, seed: int, losses: float) -> None:
        self.named, self.losses = named, losses
        self.chance = random.Random(seed)
        self.count = self.chance.choice([1, 2, 3])
        self.held: list[Work] = []

    @property
    def free(self) -> int:
        return self.count - len(self.held)

    def submit(self, work: Work) -> None:
        self.held.append(work)

    def finished(self) -> list[tuple[Work, Outcome]]:
        if not self.held:
            return []
        work = self.held.pop(self.chance.randrange(len(self.held)))
        if not work.probing and self.chance.random() < self.losses:
            return [(work, Outcome("lost", call=self.chance.randrange(-1, len(work.tag))))]
        # a part of a task comes back where it lasts longer than was expected
        begun = self.chance.choice([len(work.tag), (len(work.tag) + 1) // 2])
        outcome = work_on(self.named, dataclasses.replace(work, x=work.x[:begun], active=work.active[:begun]))
        return [
            (work, dataclasses.replace(outcome, seconds=self.chance.choice([0.05, 0.1, 0.3, 1.0]) * begun))
        ]

    def close(self) -> None:
        pass


@pytest.mark.parametrize("block", [1, 7])
def test_lost_and_shortened_tasks_lose_no_sample_and_mix_up_none(block: int) -> None:
    problem = models.problem(models.smooth)
    named = NamedModel(models.smooth, problem.input_names, problem.output_names)
    for seed in range(20):
        plan = sobol_sequence(random.Random(seed).randrange(20, 120) * block - block // 2, 5, seed=1)
        ledger = Ledger(problem, plan, block, None, "", None, 1.0)
        ledger.begin()
        schedule.drive(ledger, Fickle(named, seed, losses=0.15), retries=50)
        assert ledger.done.all()
        assert (ledger.finished, ledger.failed) == (len(plan), 0)
        assert np.array_equal(ledger.x, problem.physical(plan.unit))
        expected = evaluate(problem.with_model(models.smooth), ledger.x)
        assert np.allclose(ledger.y, expected.y, rtol=1e-12)


@pytest.mark.parametrize("model", [models.One(models.smooth), Single(models.one)])
def test_a_task_that_lasts_too_long_hands_back_what_it_has_not_begun(model, monkeypatch) -> None:
    monkeypatch.setattr(schedule, "TASK_SECONDS", 1e9)  # tasks grow to all that is left
    problem, plan = models.problem(model), sobol_sequence(40, 5, seed=1)
    expected = campaign.run(problem, plan)
    monkeypatch.setattr(worker, "_LONGEST", 0.0)
    counts: list[int] = []
    data = campaign.run(problem, plan, progress=lambda p: counts.append(p.done))
    assert counts == list(range(41))
    assert data.y.tobytes() == expected.y.tobytes()
