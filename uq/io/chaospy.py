"""Problems that were written down for chaospy, taken in as they are; SALib's come in through `uq.io.tables`.

Laws of one input are read in `uq.core.distributions.chaospy_laws`, so that an `Input` takes them too.  chaospy is not
imported: its objects bring all that is asked.

Source: Feinberg & Langtangen (2015), doi:10.1016/j.jocs.2015.08.008 (chaospy).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from scipy import special

from uq.core.array_types import FloatArray
from uq.core.distributions import Distribution
from uq.core.distributions.chaospy_laws import from_chaospy, normal_or_lognormal
from uq.core.problem import Input, Output, Problem

__all__ = ["ChaospyLaw", "from_chaospy", "problem_from_chaospy"]

_STEP = 1e-4
_REMEDY = "give the marginals and a correlation of the germs (see uq.core.correlations), a copula, or samples"


class ChaospyLaw(Protocol):
    """What is asked of a chaospy distribution."""

    interpret_as_integer: bool
    stochastic_dependent: bool
    lower: FloatArray
    upper: FloatArray

    def __len__(self) -> int: ...
    def __getitem__(self, index: int) -> Any: ...
    def inv(self, q_data: Any, max_iterations: int = ..., tollerance: float = ...) -> Any: ...
    def pdf(self, x_data: Any) -> Any: ...
    def mom(self, K: Any) -> Any: ...


def problem_from_chaospy(
    joint: ChaospyLaw, inputs: Sequence[tuple[str, str]], *, outputs: Sequence[Output] = (Output("y"),)
) -> Problem:
    """The problem of a joint chaospy distribution.

    Independent joints and those with a Gaussian copula (MvNormal, Nataf ...) have an equal here.  The copula is found
    from the inverse Rosenblatt transformation x(z) of standard normal z: variable j depends on row_j . z alone,
    so that the gradient of x_j by z at 0 is along row_j, the rows' products are the correlations, and x_j along row_j
    gives the marginal.  It is then held against x(z) at other points.

    Parameters
    ----------
    joint : chaospy.Distribution
        Of d variables.
    inputs : sequence of (str, str)
        Name and unit of each variable.
    outputs : sequence of Output
        Of the model.

    Returns
    -------
    Problem
        Without a model.

    Raises
    ------
    ValueError
        For another copula, with the remedy, and for names that do not match.
    """
    d = len(joint)
    if len(inputs) != d:
        raise ValueError(f"{d} variables need as many names and units, got {len(inputs)}")
    text = f"chaospy {joint}"
    if not joint.stochastic_dependent:
        laws = [from_chaospy(joint[j] if d > 1 else joint) for j in range(d)]
        correlation = None
    else:
        laws, correlation = _of_copula(joint)
    described = tuple(Input(n, u, law, text) for (n, u), law in zip(inputs, laws, strict=True))
    return Problem(described, tuple(outputs), correlation=correlation)


def _of_copula(joint: ChaospyLaw) -> tuple[list[Distribution], FloatArray]:
    d = len(joint)

    def at(z: FloatArray) -> FloatArray:
        """(k, d) germs -> (k, d) values."""
        return np.asarray(joint.inv(special.ndtr(z.T)), dtype=np.float64).T

    ends = at(_STEP * np.vstack([np.eye(d), -np.eye(d)]))
    rows = (ends[:d] - ends[d:]).T
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    if not (norms > 0.0).all():  # chaospy 4.3: MvLogNormal of three inputs or more
        raise ValueError(
            f"chaospy's own transformation of {joint} leaves a variable without effect; {_REMEDY}"
        )
    rows /= norms
    laws = _marginals(joint, rows, at)
    germs = np.random.default_rng(1).standard_normal((64, d))
    mapped = np.stack([law.at_normal(germs @ row) for law, row in zip(laws, rows, strict=True)], axis=1)
    expected = at(germs)
    if (np.abs(mapped - expected) > 1e-3 * expected.std(axis=0)).any():
        raise ValueError(f"{joint} is not joined by a Gaussian copula; {_REMEDY}")
    correlation = np.round(rows @ rows.T, 7)
    np.fill_diagonal(correlation, 1.0)
    return laws, correlation


def _marginals(
    joint: ChaospyLaw, rows: FloatArray, at: Callable[[FloatArray], FloatArray]
) -> list[Distribution]:
    """By class where the joint keeps its marginals (Nataf), else through the quantiles along each row."""
    kept = getattr(joint, "_parameters", {}).get("dist")
    if type(joint).__name__ == "Nataf" and kept is not None:
        return [from_chaospy(kept[j]) for j in range(len(joint))]

    def quantiles(j: int) -> Callable[[FloatArray], FloatArray]:
        return lambda u: at(special.ndtri(np.clip(u, 2.0**-53, 1.0 - 2.0**-53))[:, None] * rows[j])[:, j]

    return [normal_or_lognormal(quantiles(j)) for j in range(len(joint))]
