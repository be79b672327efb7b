"""Where a surrogate may be trusted, and what it is worth: the domain that it was trained in, and its card.

A point lies outside the domain if any of three holds, with germs z = Phi^-1(u) of the point's independent
probabilities u (see `uq.core.problem`; of inputs held within their 1e-5 and 1 - 1e-5 quantiles), standard normal
under the laws::

    beyond    an input is outside its trained range (see `uq.core.bounds.trained_range`)
    far       z'z > R,  R the larger of the chi-square quantile of d degrees at 99.5 % and t^2 + d - 1, t = Phi^-1(1e-5)
    apart     n/(n+1) (z - m)' S^-1 (z - m) > T max(1, R / C),  T = (n^2 - 1) d / (n (n - d)) F quantile of (d, n - d)
              at 99.9 %, C the chi-square quantile at 99.9 %, m, S mean and covariance of the n training germs

R leaves a single input at the end of its range inside, be the others as usual.  The last rule sees training rows that
cover less than the laws do.  A fresh point of the problem is flagged with a probability of at most 2d 1e-5 + 0.005 +
0.001, below one in a hundred up to 200 inputs.

Source: Hotelling's T^2 of a new observation, Anderson (2003), *An Introduction to Multivariate Statistical Analysis*,
section 5.2.  The three levels: judgement.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg, special

from uq.core.bounds import trained_range
from uq.core.dataset import Dataset
from uq.core.model_version import model_version
from uq.core.problem import SMALLEST_PROBABILITY, Problem, units_of
from uq.core.table import as_lines, as_pretty
from uq.sampling.plans import sobol
from uq.surrogates.archive import load_card, load_surrogate
from uq.surrogates.base import Surrogate
from uq.surrogates.validation import Validation, measured

FloatArray = NDArray[np.float64]
Mask = NDArray[np.bool_]

_TAIL = 1e-5
_FAR = 0.995
_APART = 0.999
_WORST = 5
_FEWEST = 10
_STRAY = 0.02


@dataclass(frozen=True)
class Flags:
    """Which points lie outside, and by which rule: `beyond` (n, d) for each input, `far` (n,), `apart` (n,)."""

    beyond: Mask
    far: Mask
    apart: Mask

    @property
    def outside(self) -> Mask:
        """(n,): flagged by any rule."""
        return self.beyond.any(axis=1) | self.far | self.apart


@dataclass(frozen=True)
class Domain:
    """The domain of training rows x (n, d) of a problem: ranges `low`, `high` (d,), the largest germ radius squared,
    and the training germs' `centre` (d,), whitening matrix `inverse_root` (d, d) and largest distance squared (infinite
    where there are too few rows to tell)."""

    problem: Problem
    low: FloatArray
    high: FloatArray
    radius: float
    centre: FloatArray
    inverse_root: FloatArray
    distance: float

    @classmethod
    def of(cls, problem: Problem, x: ArrayLike) -> Self:
        """The domain of training rows x (n, d)."""
        z = _germs(problem, np.asarray(x, dtype=np.float64))
        n, d = z.shape
        low, high = np.array([trained_range(law) for law in problem.distributions]).T
        radius = max(float(special.chdtri(d, 1.0 - _FAR)), float(special.ndtri(_TAIL)) ** 2 + d - 1.0)
        centre, inverse_root, distance = z.mean(axis=0), np.eye(d), np.inf
        if n > 2 * d:
            root, failed = linalg.lapack.dpotrf(np.atleast_2d(np.cov(z, rowvar=False)), lower=1, clean=1)
            if not failed:
                inverse_root = linalg.solve_triangular(root, np.eye(d), lower=True)
                distance = float((n**2 - 1) * d / (n * (n - d)) * special.fdtri(d, n - d, _APART))
                distance *= max(1.0, radius / float(special.chdtri(d, 1.0 - _APART)))
        return cls(problem, low, high, radius, centre, inverse_root, distance)

    @classmethod
    def of_surrogate(cls, surrogate: Surrogate) -> Self:
        """The domain of a surrogate's training rows."""
        return cls.of(surrogate.problem, surrogate.x)

    def flags(self, x: ArrayLike) -> Flags:
        """Which of the points x (n, d) lie outside, and why.  A point that is not finite lies outside."""
        rows = np.asarray(x, dtype=np.float64)
        if rows.ndim != 2 or rows.shape[1] != self.problem.dimension:
            raise ValueError(f"expected points of shape (n, {self.problem.dimension}), got {rows.shape}")
        beyond = np.logical_not((rows >= self.low) & (rows <= self.high))
        within = np.where(np.isnan(rows), 0.5 * (self.low + self.high), np.clip(rows, self.low, self.high))
        z = _germs(self.problem, within)
        w = (z - self.centre) @ self.inverse_root.T
        far = np.greater(np.einsum("ij,ij->i", z, z), self.radius * (1.0 + 1e-9))  # an end itself lies inside
        apart = np.greater(np.einsum("ij,ij->i", w, w), self.distance)
        return Flags(beyond, far, apart)

    def outside(self, x: ArrayLike) -> Mask:
        """(n, d) -> (n,): whether a prediction at the point would be an extrapolation."""
        return self.flags(x).outside


def _germs(problem: Problem, x: FloatArray) -> FloatArray:
    """(n, d) physical inputs -> independent standard normal germs, of inputs no farther out than their 1e-5 quantiles;
    a discrete value gets the middle of its step."""
    ends = np.array(
        [law.ppf(np.array([_TAIL, 1.0 - _TAIL])) for law in problem.distributions], dtype=np.float64
    )
    x = np.clip(x, ends[:, 0], ends[:, 1])
    u = problem.unit(x)
    if problem.correlation is None:
        for j, law in enumerate(problem.distributions):
            below = law.cdf(np.nextafter(x[:, j], -np.inf))
            u[:, j] = np.where(u[:, j] - below > 1e-9, 0.5 * (u[:, j] + below), u[:, j])
    return special.ndtri(np.clip(u, SMALLEST_PROBABILITY, 1.0 - 2.0**-53))


# -- the card ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Card:
    """What a surrogate is worth: kind, model version, data, domain and measured errors, for each of `outputs`.

    `rows` learned from; `counts` by status name of the data judged on; trained `ranges` of the inputs; `worst` the rows
    of these data of largest error for each output, as (row, error in the output's unit).
    """

    kind: str
    version: str
    rows: int
    counts: Mapping[str, int]
    ranges: Mapping[str, tuple[float, float]]
    outputs: tuple[str, ...]
    q2: tuple[float, ...]
    rmse: tuple[float, ...]
    largest: tuple[float, ...]
    coverage: tuple[float, ...]
    worst: tuple[tuple[tuple[int, float], ...], ...]
    provenance: Mapping[str, Any]

    @classmethod
    def of(cls, surrogate: Surrogate, data: Dataset, validation: Validation) -> Self:
        """The card of a surrogate with the errors that `validate` (or `measured`) found on the feasible rows of `data`.

        Raises ValueError if they are errors of another number of rows.
        """
        judged = np.flatnonzero(data.feasible)
        if len(judged) != len(validation.residuals):
            raise ValueError(
                f"errors of {len(validation.residuals)} rows, but the data hold {len(judged)} feasible ones"
            )
        domain = Domain.of_surrogate(surrogate)
        names = surrogate.problem.input_names
        errors = np.abs(validation.residuals)
        worst = np.argsort(-errors, axis=0, kind="stable")[:_WORST]
        return cls(
            kind=type(surrogate).__name__,
            version=surrogate.problem.version,
            rows=len(surrogate.x),
            counts=data.counts(),
            ranges={n: (float(domain.low[j]), float(domain.high[j])) for j, n in enumerate(names)},
            outputs=validation.outputs,
            q2=tuple(validation.q2.tolist()),
            rmse=tuple(validation.rmse.tolist()),
            largest=tuple(validation.largest.tolist()),
            coverage=tuple(validation.coverage.tolist()),
            worst=tuple(
                tuple((int(judged[i]), float(errors[i, k])) for i in worst[:, k])
                for k in range(errors.shape[1])
            ),
            provenance=dict(data.provenance),
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for `save_surrogate(..., card=...)`."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Self:
        """The card that `to_dict` wrote.  Raises ValueError for a record that is not a card."""
        wanted = {field.name for field in dataclasses.fields(cls)}
        if set(record) != wanted:
            raise ValueError(f"a card holds {', '.join(sorted(wanted))}; got {', '.join(sorted(record))}")
        tuples = ("outputs", "q2", "rmse", "largest", "coverage")
        return cls(
            **{
                **record,
                **{name: tuple(record[name]) for name in tuples},
                "ranges": {name: (low, high) for name, (low, high) in record["ranges"].items()},
                "worst": tuple(tuple((int(i), float(e)) for i, e in rows) for rows in record["worst"]),
            }
        )

    def __str__(self) -> str:
        failed = ", ".join(f"{count} {name}" for name, count in self.counts.items())
        lines = [f"{self.kind} of {self.rows} rows ({failed}), model version {self.version or 'not stated'}"]
        lines += [
            f"  {name}: Q2 {self.q2[k]:.6f}, RMSE {self.rmse[k]:.3g}, largest {self.largest[k]:.3g}, "
            f"90 % intervals hold {100.0 * self.coverage[k]:.0f} %"
            for k, name in enumerate(self.outputs)
        ]
        return "\n".join(lines)

    _repr_pretty_, _repr_html_ = as_pretty, as_lines


def load_for(
    path: str | os.PathLike[str], problem: Problem, *, fresh: Dataset | None = None, tolerance: float = 1.5
) -> Surrogate:
    """The saved surrogate, if it stands for the model of `problem` as that model is now.

    A surrogate of another version of the model is refused, unless `fresh` runs of the present model show that its
    root mean square error is still at most `tolerance` times that of its card, for every output.
    Raises ValueError, with the reason, otherwise; so, too, for other inputs or units, for outputs that the problem does
    not give, and for laws of which more than 2 % lies outside of the domain that the surrogate was trained in.
    """
    surrogate = load_surrogate(path)
    if problem.model is None:
        raise ValueError("the problem has no model to stand for; use load_surrogate")
    wanted = model_version(problem.model, problem.version)
    try:
        require_same(surrogate.problem, problem)
    except ValueError as error:
        raise ValueError(f"{path}: {error}; fit it again") from None
    rows = problem.physical(sobol(2048, problem.dimension, seed=1).unit)
    stray = float(Domain.of_surrogate(surrogate).outside(rows).mean())
    if stray > _STRAY:
        raise ValueError(
            f"{path}: {stray:.1%} of what the problem's inputs may be lies outside of the domain that the surrogate "
            "was trained in; fit it again"
        )
    if surrogate.problem.version == wanted:
        return surrogate
    said = f"{path}: trained on version {surrogate.problem.version!r} of the model, which is now {wanted!r}"
    if fresh is None:
        raise ValueError(f"{said}; fit it again, or give fresh runs to test it on")
    found = errors_on(surrogate, fresh)
    card = Card.from_dict(load_card(path))
    for k, name in enumerate(card.outputs):
        allowed = tolerance * card.rmse[k]
        if not found.rmse[k] <= allowed:
            raise ValueError(
                f"{said}, and its error of {name!r} on {len(fresh)} fresh runs is {found.rmse[k]:.3g}, above "
                f"{allowed:.3g}; fit it again"
            )
    return surrogate


def errors_on(surrogate: Surrogate, fresh: Dataset) -> Validation:
    """The errors of a surrogate on fresh feasible runs.  Raises ValueError if there are fewer than ten of them, whose
    mean square would say little (*judgement*), or if they have other inputs, outputs or units."""
    require_same(surrogate.problem, fresh.problem)
    rows = fresh.where(np.flatnonzero(fresh.feasible))
    if len(rows) < _FEWEST:
        raise ValueError(f"{len(rows)} feasible fresh runs; at least {_FEWEST} are needed")
    names = surrogate.problem.output_names
    y = np.stack([rows[name] for name in names], axis=1)
    return measured(names, y, surrogate.predict(rows.x))


def require_same(ours: Problem, theirs: Problem) -> None:
    """Raise ValueError unless a model of `theirs` has a surrogate's inputs in their order, its outputs, its units."""
    if ours.input_names != theirs.input_names:
        raise ValueError(
            f"the surrogate has the inputs {ours.input_names}, the true model {theirs.input_names}"
        )
    units = units_of(theirs)
    for name, unit in units_of(ours).items():
        if name not in units:
            raise ValueError(f"the surrogate has the output {name!r}, which the true model does not give")
        if units[name] != unit:
            raise ValueError(f"the surrogate has {name!r} in {unit!r}, the true model in {units[name]!r}")
