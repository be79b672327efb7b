"""The inputs under requirements: points of their laws moved to where the requirements hold, dependence included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from uq.core.array_types import FloatArray
from uq.core.dataset import strays
from uq.core.dependence import Steps, independent_germs, joined
from uq.core.problem import SMALLEST_PROBABILITY, Problem, units_of
from uq.requirements.types import Condition, Requirement, Verified

FIXED_MODES = "fixed", "frozen"
"""Words that claim a design which does not follow the samples."""

RAREST = 1e-9
"""Requirements that hold together with a smaller prior probability are taken to contradict each other."""


def conditioned(
    problem: Problem, unit: ArrayLike, conditions: Sequence[Condition]
) -> tuple[FloatArray, FloatArray]:
    """Points (n, d) of the unit cube -> points (n, d) of the unit cube under `conditions`, and weights (n,).

    With scores w = L z, L L' = correlation (by Rosenblatt's transform for another copula), inputs under a condition
    first: a verified input sets w_j = Phi^-1(F_j(value)), a required one, and one verified at a value that holds
    probability by itself, draws z_j from its truncated normal law given those before it.  The weight is the probability
    of each truncation given those before it (of a verified value, by its own), so that weighted points follow the prior
    law conditioned on all conditions, and the mean weight is the prior probability of the requirements.  Without
    dependence all weights are equal.  A measured value beyond the support of the prior law counts as its end here: what
    depends on it follows that (judgement), and the input itself is set to `scattered`.

    Parameters
    ----------
    problem : Problem
        Inputs with their laws, outputs and, where it has one, the model.
    unit : array_like (n, d)
        Points of the unit cube.
    conditions : sequence of Condition
        Requirements and verified values under which the sample is taken.

    Returns
    -------
    tuple of ndarray
        Points (n, d) of the unit cube under the conditions, and weights (n,)

    Raises
    ------
    ValueError
        For contradictory or impossible conditions.
    KeyError
        For unknown inputs.

    References
    ----------
    The GHK simulator: Geweke (1991), Hajivassiliou & McFadden (1998), doi:10.2307/2999576; Genz (1992),
    doi:10.1080/10618600.1992.10477010.
    """
    rows = np.clip(np.asarray(unit, dtype=np.float64), SMALLEST_PROBABILITY, 1.0 - 2.0**-53)
    set_to = {problem.index(v.input): v for v in conditions if isinstance(v, Verified)}
    bounds = germ_bounds(problem, conditions)
    order = [*set_to, *[j for j in bounds if j not in set_to]]
    order += [j for j in range(problem.dimension) if j not in order]
    z = special.ndtri(rows)[:, order]
    w = np.empty_like(z)
    steps = Steps(problem, order)
    weight = np.ones(len(rows))
    for k, j in enumerate(order):
        given = steps.given(k, z[:, :k], w[:, :k])
        step = None if j not in set_to or set_to[j].error else _step(problem, set_to[j])
        if j in set_to and step is not None:
            low, high = (given.germ(bound) for bound in special.ndtri(step))
            z[:, k], mass = _truncated(rows[:, j], low, high)
            weight *= mass / (step[1] - step[0])
            if j in bounds and not bounds[j][0] < 0.5 * sum(special.ndtri(step)) < bounds[j][1]:
                weight[:] = 0.0
        elif j in set_to:
            law = problem.inputs[j].distribution
            z[:, k] = given.germ(_germ_of(law.mid_cdf(scattered(set_to[j], rows[:, j]))))
            if j in bounds and not set_to[j].error:
                least, most = bounds[j]
                weight *= (given.score(z[:, k]) >= least) & (given.score(z[:, k]) <= most)
        elif j in bounds:
            low, high = (given.germ(bound) for bound in bounds[j])
            z[:, k], mass = _truncated(rows[:, j], low, high)
            weight *= mass
        w[:, k] = given.score(z[:, k])
    if not weight.mean() > RAREST:
        texts = "; ".join(condition.text(units_of(problem)) for condition in conditions)
        raise ValueError(
            f"the requirements contradict each other or the inputs' laws: {texts} hold together with a prior "
            f"probability of {weight.mean():.1g}; relax the most demanding one"
        )
    back = np.empty_like(w)
    back[:, order] = w
    return special.ndtr(independent_germs(problem, back)), weight


def _step(problem: Problem, verified: Verified) -> tuple[float, float] | None:
    """The probabilities between which a value lies that holds some by itself; None for any other."""
    step = problem.inputs[problem.index(verified.input)].distribution.step(verified.value)
    return None if step is None else (max(step[0], SMALLEST_PROBABILITY), min(step[1], 1.0 - 2.0**-53))


def scattered(verified: Verified, unit: FloatArray) -> FloatArray:
    """Values (n,) of a measured input, N(value, error), at points (n,) of its axis of the unit cube.

    Parameters
    ----------
    verified : Verified
        The measurement, N(value, error)
    unit : ndarray (n,)
        The input's axis of the unit cube.

    Returns
    -------
    ndarray (n,)
        In the input's unit.
    """
    return verified.value + verified.error * _germ_of(unit)


def _germ_of(probability: FloatArray) -> FloatArray:
    return special.ndtri(np.clip(probability, SMALLEST_PROBABILITY, 1.0 - 2.0**-53))


def germ_bounds(problem: Problem, conditions: Sequence[Condition]) -> dict[int, tuple[float, float]]:
    """Germ-space interval of every required input; several requirements on one input intersect.

    Parameters
    ----------
    problem : Problem
        Inputs with their laws, outputs and, where it has one, the model.
    conditions : sequence of Condition
        Requirements and verified values under which the sample is taken.

    Returns
    -------
    dict of int to tuple of float
        By the index of the input.

    Raises
    ------
    ValueError
        For requirements that exclude each other, on a design input, or on an input that is measured with an
        error: its law is then the measurement's, and not the prior law conditioned on an interval.
    """
    measured = {
        condition.input for condition in conditions if isinstance(condition, Verified) and condition.error
    }
    found: dict[int, tuple[float, float]] = {}
    for condition in conditions:
        j = problem.index(condition.input)
        if not isinstance(condition, Requirement):
            continue
        if problem.inputs[j].role == "design":
            raise ValueError(
                f"{condition.input!r} is a design input: it is chosen (give a Verified), not required"
            )
        if condition.input in measured:
            raise ValueError(
                f"{condition.input!r} is measured with an error, and {condition.text(units_of(problem))} is required "
                "too; give one of the two"
            )
        law = problem.inputs[j].distribution
        # just below low, so that a discrete law keeps the value itself
        low = (
            special.ndtri(law.cdf(np.nextafter(condition.low, -np.inf)))
            if np.isfinite(condition.low)
            else -np.inf
        )
        high = special.ndtri(law.cdf(condition.high)) if np.isfinite(condition.high) else np.inf
        before = found.get(j, (-np.inf, np.inf))
        found[j] = (max(before[0], float(low)), min(before[1], float(high)))
        if not found[j][0] < found[j][1]:
            raise ValueError(
                f"requirements on {condition.input!r} contradict each other or its law, which lies in "
                f"[{law.support[0]:.6g}, {law.support[1]:.6g}]: {condition.text(units_of(problem))} leaves nothing"
            )
    return found


def _truncated(u: FloatArray, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Standard normal truncated to [low, high], by inversion in the tail that keeps its digits, and its mass."""
    upper = low > 0.0
    a = np.where(upper, special.ndtr(-high), special.ndtr(low))
    b = np.where(upper, special.ndtr(-low), special.ndtr(high))
    p = np.where(upper, b - u * (b - a), a + u * (b - a))
    z = special.ndtri(np.clip(p, 1e-300, 1.0 - 2.0**-53))
    return np.clip(np.where(upper, -z, z), low, high), b - a


def satisfied(problem: Problem, x: FloatArray, conditions: Sequence[Condition]) -> FloatArray:
    """Ones where all requirements hold at x, zeros elsewhere.

    Parameters
    ----------
    problem : Problem
        Inputs with their laws, outputs and, where it has one, the model.
    x : ndarray (n, d)
        Points in physical units.
    conditions : sequence of Condition
        Requirements and verified values under which the sample is taken.

    Returns
    -------
    ndarray (n,)
        1 or 0.
    """
    hold = np.ones(len(x))
    for condition in conditions:
        if isinstance(condition, Requirement):
            value = x[:, problem.index(condition.input)]
            hold *= (value >= condition.low) & (value <= condition.high)
    return hold


def moved(
    problem: Problem,
    unit: FloatArray,
    x: FloatArray,
    design: Mapping[str, float],
    conditions: Sequence[Condition],
) -> tuple[FloatArray, FloatArray]:
    """Physical points x (n, d) of a unit plan, moved to where the conditions hold, and their weights (n,).

    Only inputs that are required, or tied to such by dependence, are mapped anew; design inputs stand at their
    chosen or required value, verified ones at N(value, error) whatever the support of their prior law.

    Parameters
    ----------
    problem : Problem
        Inputs with their laws, outputs and, where it has one, the model.
    unit : array_like (n, d)
        Points of the unit cube.
    x : ndarray (n, d)
        Their physical points without conditions.
    design : Mapping[str, float]
        Chosen values of design inputs by name.
    conditions : sequence of Condition
        Requirements and verified values under which the sample is taken.

    Returns
    -------
    tuple of ndarray
        x (n, d) and weights (n,)
    """
    tied = joined(problem, {problem.index(condition.input) for condition in conditions})
    at = x.copy()
    weight = np.ones(len(x))
    if tied:
        part = problem.part(tied)
        some, weight = conditioned(part, unit[:, tied], conditions)
        at[:, tied] = part.physical(some)
    for condition in conditions:
        if isinstance(condition, Verified):
            j = problem.index(condition.input)
            at[:, j] = scattered(condition, unit[:, j])
    for name, value in sized_at(design, conditions).items():
        at[:, problem.index(name)] = value
    return at, weight


def prior(problem: Problem, unit: FloatArray, conditions: Sequence[Condition]) -> float:
    """Chance, by today's knowledge, that all conditions hold: the mean weight of `conditioned`.

    Parameters
    ----------
    problem : Problem
        Inputs with their laws, outputs and, where it has one, the model.
    unit : array_like (n, d)
        Points of the unit cube.
    conditions : sequence of Condition
        Requirements and verified values under which the sample is taken.

    Returns
    -------
    float
        Probability.
    """
    tied = joined(problem, {problem.index(condition.input) for condition in conditions})
    return float(conditioned(problem.part(tied), unit[:, tied], conditions)[1].mean()) if tied else 1.0


def chosen_design(problem: Problem, design: Mapping[str, float] | None, mode: str = "") -> dict[str, float]:
    """Values of the design inputs: those given, and the medians of the others.

    Parameters
    ----------
    problem : Problem
        Inputs with their laws and roles.
    design : mapping of str to float, optional
        Values of design inputs, in their units.
    mode : str
        How the model is asked; a design that is "fixed" or "frozen" has every value given.

    Returns
    -------
    dict of str to float
        By the name of every design input.

    Raises
    ------
    ValueError
        For a value outside its input's law (as `require_within_laws`), for an input that is drawn and not chosen, and
        for a fixed design of which a value is not given, or that has no design inputs.
    KeyError
        For an unknown input.
    """
    medians = {i.name: float(i.distribution.ppf(0.5)) for i in problem.inputs if i.role == "design"}
    given = {name: float(value) for name, value in (design or {}).items()}
    for name, value in given.items():
        one = problem.inputs[problem.index(name)]
        if name not in medians:
            raise ValueError(
                f"design: {name!r} is drawn from its law, not chosen; give the input role='design', or ask under "
                f"Verified({name!r}, {value:g})"
            )
        stray, law = strays(one, np.array([value]))
        if stray.any() or not np.isfinite(value):
            raise ValueError(
                f"design: {name!r} is {value:g}, {law}; choose a value of its law, or give the input one that holds "
                "it (problem.replace)"
            )
    if mode in FIXED_MODES and not medians:
        raise ValueError(
            f"mode {mode!r}, but the problem has no design input: what is fixed is an Input(..., role='design')"
        )
    if mode in FIXED_MODES and (missing := {n: v for n, v in medians.items() if n not in given}):
        raise ValueError(
            f"mode {mode!r} needs every value of the design; give design={missing} (the medians) or others"
        )
    return medians | given


def sized_at(design: Mapping[str, float], conditions: Sequence[Condition]) -> dict[str, float]:
    """Values of the design inputs: as chosen, as the conditions require, or as a condition sets the design input
    itself.

    Parameters
    ----------
    design : Mapping[str, float]
        Chosen values of design inputs by name.
    conditions : sequence of Condition
        Requirements and verified values under which the sample is taken.

    Returns
    -------
    dict of str to float
        By name.
    """
    asked = {condition.design: condition.value for condition in conditions if condition.design}
    return {
        **design,
        **asked,
        **{condition.input: condition.value for condition in conditions if condition.input in design},
    }
