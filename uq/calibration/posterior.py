"""Inputs after measurements: a problem like any other, draws of it, and a table of what was learned."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from uq.calibration.measurement import Measurement
from uq.core.array_types import FloatArray
from uq.core.estimate import Estimate
from uq.core.problem import Problem
from uq.core.table import Cell, Table, Tabled, header


@dataclass(frozen=True)
class Convergence:
    """Why the draws of a chain can be believed."""

    r_hat: float
    """Split R-hat between ensembles; 1 where they agree."""
    autocorrelation_time: float
    """Steps after which a walker has forgotten where it was."""
    effective: float
    """Independent draws that the chains are worth."""
    acceptance: float
    """Share of proposals that were accepted."""
    steps: int
    """Of each walker."""


@dataclass(frozen=True)
class Posterior(Tabled):
    """What is known of the inputs after measurements."""

    prior: Problem
    """As the inputs were known before."""
    problem: Problem
    """The same with the laws and the dependence that they have now: every analysis takes it."""
    samples: FloatArray
    """(n, d) draws of all inputs, joint."""
    measurements: tuple[Measurement, ...]
    """What was measured."""
    predicted: FloatArray
    """(n, m) what the draws predict of each measurement, without error of reading."""
    changed: tuple[str, ...]
    """Inputs whose laws are others now."""
    exact: bool
    """Whether all of it is in closed form."""
    convergence: Convergence | None
    """Of the chains; None where none were needed."""
    confidence: float
    """Of the intervals."""

    def law_interval(self, name: str, *, before: bool = False) -> Estimate:
        """Mean of an input and the interval of its law at `confidence`.

        Parameters
        ----------
        name : str
            Of the input.
        before : bool
            Of the prior.

        Returns
        -------
        Estimate

        Raises
        ------
        KeyError
            For an unknown input.
        """
        problem = self.prior if before else self.problem
        law = problem.distributions[problem.index(name)]
        tail = 0.5 - 0.5 * self.confidence
        low, high = (float(law.ppf(p)) for p in (tail, 1.0 - tail))
        return Estimate(law.moments()[0], low, high, self.confidence)

    def shrinkage(self, name: str) -> float:
        """1 - var(after) / var(before) of an input: 0 where nothing was learned, 1 where it is known."""
        j = self.prior.index(name)
        before, after = (p.distributions[j].moments()[1] for p in (self.prior, self.problem))
        return 1.0 - (after / before) ** 2

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """Inputs before and after, and readings against what is predicted now."""
        return self.table(), self._readings()

    def table(self) -> Table:
        """Mean and interval of every input that changed, before and after."""
        units = {i.name: i.unit for i in self.prior.inputs}
        rows: list[tuple[Cell, ...]] = [
            (
                name,
                units[name],
                self.law_interval(name, before=True),
                self.law_interval(name),
                100.0 * self.shrinkage(name),
            )
            for name in self.changed
        ]
        share = f"{100 * self.confidence:.0f} %"
        notes = [
            f"Mean and {share} interval of the law; shrinkage is the share of its variance that was removed.",
            f"{self.prior.dimension - len(self.changed)} of {self.prior.dimension} inputs keep their laws.",
            self._method(),
        ]
        return Table(
            "posterior",
            f"{self.prior.dimension} inputs after {len(self.measurements)} measurements",
            header("input | unit | before | after | shrinkage [%]:0"),
            tuple(rows),
            tuple(notes),
        )

    def _method(self) -> str:
        if self.exact:
            return "In closed form."
        if self.convergence is None:
            return "By quadrature."
        c = self.convergence
        return (
            f"Chains: R-hat {c.r_hat:.3f}, autocorrelation time {c.autocorrelation_time:.1f} steps, "
            f"{c.effective:.0f} effective draws."
        )

    def _readings(self) -> Table:
        tail = 0.5 - 0.5 * self.confidence
        rows: list[tuple[Cell, ...]] = []
        for k, one in enumerate(self.measurements):
            mean = float(self.predicted[:, k].mean())
            low, high = np.quantile(self.predicted[:, k], [tail, 1.0 - tail])
            total = float(np.hypot(one.std, one.systematic))
            at = ", ".join(f"{name} {value:.4g}" for name, value in one.at.items())
            rows.append(
                (
                    one.quantity,
                    at,
                    one.value,
                    total,
                    Estimate(mean, float(low), float(high), self.confidence),
                    (one.value - mean) / total,
                )
            )
        return Table(
            "readings",
            "Readings against what is predicted now",
            header("quantity | at | reading | standard deviation | predicted | off by [std]:1"),
            tuple(rows),
        )
