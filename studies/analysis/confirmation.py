"""Every compliance that the answer rests on, put to fresh runs, and the runs that are kept as evidence."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from models.fixed_design.design import Margins
from studies.analysis.fixed_problem import REQUIRED, knowing
from studies.analysis.requirement_set import Proposal
from studies.analysis.single_requirements import SingleRequirements
from studies.case.case import Taken
from uq.core.dataset import write_atomically
from uq.requirements import (
    Confirmation,
    Confirmations,
    Question,
    Requirement,
    Verdict,
    Verified,
    compliance,
    confirm,
)
from uq.requirements.conditioning import sized_at

EVIDENCE = "evidence.json"
"""Besides the evidence: what else it takes to find the same again."""


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What was asked of the study: with the case it makes every requirement."""

    samples: int
    """Realised landers."""
    seed: int
    confirmed: int | None
    """Fresh runs behind every claim; None where nobody asked for a number."""


@dataclass(frozen=True, kw_only=True)
class FreshRuns:
    """What fresh runs say of each claim."""

    claims: tuple[str, ...]
    """Names of what is confirmed, in the order of the confirmations."""
    confirmations: Confirmations

    def of(self, claim: str) -> Confirmation | None:
        """The fresh runs behind a claim, if it was put to them."""
        return self.confirmations.items[self.claims.index(claim)] if claim in self.claims else None

    def stands(self, claim: str) -> bool:
        """Whether the fresh runs do not contradict a claim."""
        return self.confirmations.stands(self.claims.index(claim))

    @property
    def evidence(self) -> tuple[int, ...]:
        """The batches of fresh runs that are kept: behind today's compliance and behind the proposed requirements."""
        kept = (self.of(claim) for claim in ("joint", "proposal"))
        return tuple(sorted({k for runs in kept if runs is not None for k in runs.evidence.batches}))

    def keep(self, folder: Path, margins: Margins, taken: Mapping[str, Taken], origin: Origin) -> None:
        """Write the evidence and what it takes to find the same again: margins, concepts that were taken, origin."""
        for k in self.evidence:
            self.confirmations.batches[k].save(folder / f"evidence-{k}")
        concepts = {name: one._asdict() for name, one in taken.items()}
        record = {"margins": vars(margins), "concepts": concepts, "origin": vars(origin)}
        text = json.dumps(record | {"batches": self.evidence}) + "\n"
        write_atomically(folder / EVIDENCE, lambda file: file.write(text.encode()))


def fresh_runs(
    question: Question,
    *,
    joint: Verdict,
    case_limits: Verdict | None,
    single: SingleRequirements,
    proposal: Proposal | None,
    runs: int,
    seed: int,
) -> FreshRuns:
    """Put today's compliance (`joint`, and by the case's own limits), each requirement alone, the tightest power limit,
    a line of the frontier and the proposal to `runs` fresh runs each.

    Parameters
    ----------
    question : Question
        Sample, limits, wanted probability, confidence and what is given.
    joint : Verdict
        Compliance with all limits today.
    case_limits : Verdict or None
        With the case's own limits; None where they are the same.
    single : SingleRequirements
        Each requirement alone.
    proposal : Proposal or None
        The proposed set, where there is one.
    runs : int
        Fresh runs of each claim.
    seed : int
        Of every random draw; the same seed gives the same result.

    Returns
    -------
    FreshRuns
    """
    claims = {"joint": joint}
    if case_limits is not None:
        claims["gain"] = case_limits
    given: dict[str, tuple[Requirement | Verified, ...]] = {}
    for name, threshold in single.thresholds.items():
        at = threshold.value.value if threshold.status == "found" else threshold.best_value
        if threshold.status != "met without it":
            given[f"alone {name}"] = (Requirement(name, low=float(at), design=REQUIRED + name),)
    if single.frontier is not None:
        line = single.confirmed_line
        given |= {f"frontier {a}": tuple(single.frontier.point(line, a)[1]) for a in single.on_line(line)}
    sample = question.sample
    sample = knowing(sample, [sized_at(sample.design, conditions) for conditions in given.values()])
    known = dataclasses.replace(question, sample=sample)
    under = {name: compliance(known.under(*conditions)) for name, conditions in given.items()}
    claims |= {name: verdict for name, verdict in under.items() if name.startswith("alone")}
    claims["power"] = single.power_limits[single.tightest_power]
    claims |= {name: verdict for name, verdict in under.items() if name.startswith("frontier")}
    if proposal is not None and proposal.requirements:
        claims["proposal"] = proposal.verdict
        sample = knowing(sample, [proposal.design])
    confirmations = confirm(
        sample.problem,
        list(claims.values()),
        rows=runs,
        seed=seed,
        design=sample.design,
        mode=sample.mode,
    )
    return FreshRuns(claims=tuple(claims), confirmations=confirmations)
