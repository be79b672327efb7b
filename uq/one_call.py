"""A whole study of any model in one call: samples, surrogate, indices, propagation, verdicts and thresholds.

Nothing here computes: each part is the function of the same name that a longer script would call, in the order of the
flow, with one seed and one confidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from uq.campaign.runner import run
from uq.core.dataset import Dataset
from uq.core.distributions import is_salib, laws_of_salib
from uq.core.estimate import CONFIDENCE, SEED, check_probability
from uq.core.model import Model, answered
from uq.core.problem import Input, Output, Problem
from uq.core.results import Indices, Summary
from uq.core.table import Cell, Readable, Table, header, to_html, to_text
from uq.propagation.propagate import propagate
from uq.requirements.compliance import compliance
from uq.requirements.question import Question
from uq.requirements.shared_sample import Sample, draw
from uq.requirements.sweep import levels
from uq.requirements.threshold import Threshold, threshold
from uq.requirements.types import Lever, Limit, Verdict
from uq.sampling.plans import sobol_sequence
from uq.sensitivity.shapley_kucherenko import Effects, shapley_effects
from uq.sensitivity.sobol import sobol_indices
from uq.surrogates.base import Surrogate
from uq.surrogates.validation import choose

SAMPLES = 512
"""Runs of the model: enough for a smooth one of ten inputs, and to see that it is not."""


@dataclass(frozen=True)
class Study(Readable):
    """Everything that one set of samples says, each part a result of its own that can be asked further."""

    data: Dataset
    """The samples."""
    surrogate: Surrogate
    """Learned from them."""
    unexplained: Mapping[str, float]
    """Share of each output's variance that the surrogate misses on left-out rows."""
    summaries: Mapping[str, Summary]
    """Of the samples themselves."""
    indices: Mapping[str, Indices | Effects]
    """Sobol' indices through the surrogate; Shapley effects where inputs depend on each other."""
    sample: Sample | None
    """What compliance is judged on, through the surrogate; None without limits."""
    verdict: Verdict | None
    """Whether all limits hold as the inputs are."""
    thresholds: Mapping[str, Threshold]
    """Least demanding value of each input of the role *requirement*."""

    @property
    def problem(self) -> Problem:
        """Inputs, outputs and model."""
        return self.data.problem

    def tables(self) -> tuple[Table, ...]:
        """Outputs with their spread, inputs with their share of it, and what must be required."""
        found = [self._outputs()]
        found += [one.table() for one in self.indices.values()]
        if self.verdict is not None:
            found.append(self.verdict.table())
        if self.thresholds:
            found.append(self._thresholds())
        return tuple(found)

    def _outputs(self) -> Table:
        units = {o.name: o.unit for o in self.problem.outputs}
        rows: tuple[tuple[Cell, ...], ...] = tuple(
            (
                name,
                units[name],
                *(summary.estimates[key] for key in ("mean", "std", "quantile 0.05", "quantile 0.95")),
                f"{1.0 - self.unexplained[name]:.4f}",
            )
            for name, summary in self.summaries.items()
        )
        columns = header(
            "output | unit | mean | standard deviation | 5 % quantile | 95 % quantile | Q2 of the surrogate"
        )
        failed = len(self.data) - int(self.data.feasible.sum())
        return Table("outputs", f"{len(self.data)} samples, {failed} of them failed", columns, rows)

    def _thresholds(self) -> Table:
        return Table(
            "thresholds",
            "Least demanding value of each requirement alone",
            header("input | answer"),
            tuple((name, one.answer) for name, one in self.thresholds.items()),
        )

    def __str__(self) -> str:
        return "\n\n".join(to_text(table) for table in self.tables())

    def _repr_html_(self) -> str:
        return to_html(*self.tables())


def study(
    model: Model | Problem,
    inputs: Mapping[str, Any] | Sequence[Input] | None = None,
    limits: Mapping[str, tuple[float, float]] | Sequence[Limit] = (),
    *,
    outputs: Sequence[Output | str] | None = None,
    samples: int = SAMPLES,
    wanted: float = 0.9,
    confidence: float = CONFIDENCE,
    seed: int = SEED,
    workers: int = 1,
) -> Study:
    """Sample a model, learn it, and say what drives it and what must be required of its inputs.

    Parameters
    ----------
    model : callable or Problem
        Named columns in, named columns out, each (n,); a problem brings its inputs and outputs.
    inputs : mapping of str to law, sequence of Input, or SALib problem; none with a Problem
        Laws of this package, of chaospy, or frozen ones of scipy.stats; an `Input` adds unit, source and role.
    limits : mapping of str to (low, high), or sequence of Limit
        What outputs must keep; an end may be infinite.
    outputs : sequence of Output or str, optional
        What to look at; by default every column that the model returns at the inputs' medians.
    samples : int
        Runs of the model, a power of two.
    wanted : float
        Probability with which all limits shall hold.
    confidence : float
        Of every interval.
    seed : int
        Of every random draw.
    workers : int
        Processes that run the model.

    Returns
    -------
    Study
        Prints as tables; its parts are results of their own.

    Raises
    ------
    ValueError
        For inputs missing, or given together with a problem, for a model that returns nothing, fewer than 16 samples,
        and whatever the parts refuse.

    Examples
    --------
    >>> import scipy.stats
    >>> beam = lambda c: {"deflection": 4 * c["load"] * c["length"] ** 3}
    >>> inputs = {"load": scipy.stats.norm(100.0, 5.0), "length": scipy.stats.uniform(0.9, 0.2)}
    >>> found = study(beam, inputs, limits={"deflection": (0.0, 600.0)}, samples=128)
    >>> found.indices["deflection"].inputs, found.verdict.answer
    (('load', 'length'), 'met')
    """
    check_probability("wanted", wanted)
    if samples < 16:
        raise ValueError(f"{samples} samples teach nothing; give 16 or more")
    problem = _problem(model, inputs, outputs)
    asked = _limits(limits)
    data = run(problem, sobol_sequence(samples, problem.dimension, seed=seed), workers=workers)
    chosen = choose(data, seed=seed)
    surrogate = chosen.surrogate
    effects: dict[str, Indices | Effects] = (
        dict(sobol_indices(surrogate, confidence=confidence, seed=seed))
        if not problem.dependent
        else dict(shapley_effects(surrogate, confidence=confidence, seed=seed))
    )
    sample = draw(surrogate, seed=seed) if asked else None
    verdict = None
    thresholds: dict[str, Threshold] = {}
    if sample is not None:
        question = Question(sample, asked, wanted=wanted, confidence=confidence)
        verdict = compliance(question)
        for i in problem.inputs:
            if i.role == "requirement":
                thresholds[i.name] = threshold(question, _lever(question, i.name))
    residuals = surrogate.residuals
    spread = data.where(data.feasible).y.var(axis=0)
    missed = (residuals**2).mean(axis=0) / np.where(spread > 0.0, spread, np.nan)
    return Study(
        data,
        surrogate,
        dict(zip(problem.output_names, missed.tolist(), strict=True)),
        propagate(data, confidence=confidence),
        effects,
        sample,
        verdict,
        thresholds,
    )


def _problem(
    model: Model | Problem,
    inputs: Mapping[str, Any] | Sequence[Input] | None,
    outputs: Sequence[Output | str] | None,
) -> Problem:
    if isinstance(model, Problem):
        if inputs is not None or outputs is not None:
            raise ValueError("a Problem has its inputs and outputs; give study(problem, limits=...)")
        return model
    if inputs is None:
        raise ValueError("give the inputs with their laws: study(model, inputs), or study(problem)")
    if is_salib(inputs):
        inputs = laws_of_salib(inputs)  # type: ignore[arg-type]
    given = (
        tuple(Input(name, "1", law) for name, law in inputs.items())
        if isinstance(inputs, Mapping)
        else tuple(inputs)
    )
    if outputs is None:
        at = {i.name: np.array([float(i.distribution.ppf(0.5))]) for i in given}
        outputs = [name for name in answered(model, at) if name != "status"]
        if not outputs:
            raise ValueError("the model returned no columns at the medians of its inputs")
    named = tuple(o if isinstance(o, Output) else Output(o) for o in outputs)
    return Problem(given, named, model)


def _limits(limits: Mapping[str, tuple[float, float]] | Sequence[Limit]) -> tuple[Limit, ...]:
    if isinstance(limits, Mapping):
        return tuple(Limit(output, low=low, high=high) for output, (low, high) in limits.items())
    return tuple(limits)


def _lever(question: Question, name: str) -> Lever:
    """The input on the side on which the middle of its range, required, lets more of the limits hold."""
    ends = (Lever(name, "at least"), Lever(name, "at most"))
    chances = []
    for lever in ends:
        tried = levels(question.sample, lever)
        required = lever.at(float(tried[len(tried) // 2]))
        chances.append(compliance(question.under(required)).probability)
    return ends[int(np.argmax(chances))]
