"""How far a conclusion hangs on the copula of the correlated inputs: other families, dependence as strong.

A correlation says how strongly inputs depend on each other, not whether they are extreme together. Each family here has
the Kendall's tau of the stated Gaussian copula, and the same points of the unit cube go through each, so that changes
are those of the copulas alone:

    Student of 4 degrees, both tails;   Clayton, low values together;   Clayton turned round, high values together

Sources: Demarta & McNeil (2005), doi:10.1111/j.1751-5823.2005.tb00254.x (tails of Student's); Embrechts, McNeil &
Straumann (2002), doi:10.1017/CBO9780511615337.008 (what correlation leaves open).
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import special
from scipy.sparse import csgraph

from uq.core.array_types import FloatArray
from uq.core.confidence_intervals import student
from uq.core.copulas import ClaytonCopula, Copula, ReflectedCopula, StudentCopula
from uq.core.estimate import CONFIDENCE, SEED, Estimate, require_confidence
from uq.core.problem import Problem
from uq.core.repeatable import one_thread
from uq.core.table import Table, Tabled, header
from uq.sampling.plans import scrambles
from uq.surrogates.base import Surrogate
from uq.surrogates.evaluate import require_surrogate

DEGREES = 4.0
"""Of freedom of Student's copula: two inputs of correlation 0.5 are then extreme together in a quarter of cases."""
POINTS = 8192
_REPLICATES = 8
_ALIKE = 1e-9


@dataclass(frozen=True)
class UnderCopula:
    """An output where the correlated inputs have another copula: values, and changes against the stated one."""

    copula: str
    """Name of the family."""
    mean: Estimate
    """Of the output, in its unit."""
    chance: Estimate
    """Of a value beyond the threshold, 0 to 1."""
    mean_change: Estimate
    """Against the stated copula, in the output's unit."""
    chance_change: Estimate
    """Against the stated copula."""


@dataclass(frozen=True)
class CopulaRobustness(Tabled):
    """An output under the stated correlations and under other copulas of the same strength."""

    output: str
    """Name of the output."""
    unit: str
    """Of the output."""
    threshold: float
    """In the output's unit."""
    mean: Estimate
    """Under the stated copula, in the output's unit."""
    chance: Estimate
    """Of a value beyond the threshold under the stated copula, 0 to 1."""
    others: tuple[UnderCopula, ...]
    """Under the other copulas."""
    kept: tuple[str, ...]
    """Inputs whose pairs no Clayton copula has at once, which keep their correlation under it."""

    def table(self) -> Table:
        """Each family with mean, chance and their changes."""
        unit = "" if self.unit == "1" else self.unit
        rows = [("as stated (Gaussian)", self.mean, self.chance, None, None)]
        rows += [(o.copula, o.mean, o.chance, o.mean_change, o.chance_change) for o in self.others]  # type: ignore[misc]
        notes = [
            "Same Kendall's tau and same points for all, through the surrogate; its error blurs each alike."
        ]
        if self.kept:
            notes.append(
                f"Under Clayton's {', '.join(self.kept)} keep their correlation: their pairs differ."
            )
        return Table(
            "other-copulas",
            f"{self.output} where correlated inputs have another copula",
            header(
                f"copula | mean [{unit}] | chance of more than {self.threshold:g} | change of mean [{unit}] | "
                "change of chance"
            ),
            tuple(rows),
            tuple(notes),
        )


def alternatives(problem: Problem) -> tuple[dict[str, Problem], tuple[str, ...]]:
    """The problem with other copulas in place of its correlation, by name, and what Clayton's cannot join.

    Parameters
    ----------
    problem : Problem
        With a correlation.

    Returns
    -------
    tuple of dict and tuple
        Problems by the name of the family, and inputs that keep their correlation under Clayton's.

    Raises
    ------
    ValueError
        For a problem without a correlation.
    """
    if problem.correlation is None:
        raise ValueError("no inputs are correlated; there is no copula to exchange: give a correlation")
    label = csgraph.connected_components(problem.correlation, directed=False)[1]
    groups = [g for g in (np.flatnonzero(label == c) for c in range(label.max() + 1)) if len(g) > 1]
    students: dict[tuple[str, ...], Copula] = {}
    low: dict[tuple[str, ...], Copula] = {}
    kept: list[str] = []
    for group in groups:
        names = tuple(problem.input_names[j] for j in group)
        matrix = problem.correlation[np.ix_(group, group)]
        students[names] = StudentCopula(matrix, DEGREES)
        clayton = _clayton(matrix)
        if clayton is None:
            kept += names
        else:
            low[names] = clayton
    found = {f"Student, {DEGREES:g} degrees of freedom": _with(problem, students)}
    if low:
        high = {names: _turned(copula) for names, copula in low.items()}
        found |= {
            "Clayton, low together": _with(problem, low),
            "Clayton, high together": _with(problem, high),
        }
    return found, tuple(kept)


@one_thread()
def other_copulas(
    surrogate: Surrogate,
    output: str,
    *,
    threshold: float = 0.0,
    confidence: float = CONFIDENCE,
    seed: int = SEED,
) -> CopulaRobustness:
    """Mean of an output, and the chance that it exceeds a threshold, had the correlated inputs another copula.

    The chance is the mean of Phi((prediction - threshold) / std): the surrogate's error counts as scatter. Intervals
    come from the spread of eight scrambles; changes are taken within each.

    Parameters
    ----------
    surrogate : Surrogate
        Of a problem with a correlation.
    output : str
        Its name.
    threshold : float, default 0
        Whose exceedance is asked for, in the output's unit.
    confidence : float
        Of every interval.
    seed : int
        Of the scrambles.

    Returns
    -------
    CopulaRobustness

    Raises
    ------
    ValueError
        For independent inputs.
    KeyError
        For an unknown output.

    References
    ----------
    Embrechts, McNeil & Straumann (2002), doi:10.1017/CBO9780511615337.008.

    Examples
    --------
    >>> import uq
    >>> from uq.surrogates.derived_outputs import Exact
    >>> inputs = tuple(uq.Input(n, "1", uq.Normal(0.0, 1.0)) for n in "ab")
    >>> both = uq.Problem(inputs, (uq.Output("y"),), lambda c: {"y": c["a"] + c["b"]}, [[1.0, 0.5], [0.5, 1.0]])
    >>> found = other_copulas(Exact(both), "y", threshold=4.0)
    >>> [round(one.chance.value / found.chance.value, 1) for one in found.others]
    [1.2, 0.4, 1.7]
    """
    require_surrogate(surrogate)
    require_confidence(confidence)
    problem = surrogate.problem
    column = problem.output_index(output)
    asked, kept = alternatives(problem)
    unit = scrambles(POINTS, problem.dimension, seed=seed, replicates=_REPLICATES).unit
    stated = _answers(surrogate, problem.physical(unit), column, threshold)
    found = []
    for name, other in asked.items():
        answers = _answers(surrogate, other.physical(unit), column, threshold)
        found.append(
            UnderCopula(
                name,
                _estimate(answers[0], confidence),
                _estimate(answers[1], confidence),
                _estimate(answers[0] - stated[0], confidence),
                _estimate(answers[1] - stated[1], confidence),
            )
        )
    return CopulaRobustness(
        output,
        problem.outputs[column].unit,
        threshold,
        _estimate(stated[0], confidence),
        _estimate(stated[1], confidence),
        tuple(found),
        kept,
    )


def _answers(
    surrogate: Surrogate, x: FloatArray, column: int, threshold: float
) -> tuple[FloatArray, FloatArray]:
    """Mean and chance (replicates,)."""
    said = surrogate.predict(x)
    mean, std = said.mean[:, column], said.std[:, column]
    with np.errstate(divide="ignore", invalid="ignore"):
        beyond = np.where(std > 0.0, special.ndtr((mean - threshold) / std), mean > threshold)
    by_replicate = [np.nanmean(part.reshape(_REPLICATES, -1), axis=1) for part in (mean, beyond)]
    return by_replicate[0], by_replicate[1]


def _estimate(values: FloatArray, confidence: float) -> Estimate:
    mean = float(values.mean())
    half = student(values - mean, confidence)
    return Estimate(mean, mean - half, mean + half, confidence)


def _with(problem: Problem, copulas: Mapping[tuple[str, ...], Copula]) -> Problem:
    """The problem with these in place of the correlation of their inputs."""
    assert problem.correlation is not None
    correlation = problem.correlation.copy()
    for names in copulas:
        at = [problem.index(name) for name in names]
        correlation[np.ix_(at, at)] = np.eye(len(at))
    given = {tuple(problem.input_names[j] for j in columns): copula for columns, copula in problem.copulas}
    return dataclasses.replace(problem, correlation=correlation, copula={**given, **copulas})


def _clayton(matrix: FloatArray) -> Copula | None:
    """Clayton's copula of the same tau, inputs turned round that fall with the first; None where pairs differ."""
    sign = np.where(matrix[0] < 0.0, -1.0, 1.0)
    pairs = [
        float(matrix[i, j] * sign[i] * sign[j]) for i, j in itertools.combinations(range(len(matrix)), 2)
    ]
    if max(pairs) - min(pairs) > _ALIKE or min(pairs) <= 0.0:
        return None
    tau = 2.0 / np.pi * np.arcsin(pairs[0])
    copula = ClaytonCopula(2.0 * tau / (1.0 - tau), len(matrix))
    turned = tuple(np.flatnonzero(sign < 0.0).tolist())
    return ReflectedCopula(copula, turned) if turned else copula


def _turned(copula: Copula) -> Copula:
    """With all inputs turned round."""
    every = set(range(copula.dimension))
    if isinstance(copula, ReflectedCopula):
        rest = tuple(sorted(every - set(copula.columns)))
        return ReflectedCopula(copula.copula, rest) if rest else copula.copula
    return ReflectedCopula(copula, tuple(sorted(every)))
