"""Which copula rows ask for, by maximum pseudo-likelihood of their ranks.

Marginal laws play no part: a column of n values becomes scores rank / (n + 1).  Of a family with density c, the
parameter maximises ``sum_i ln c(v_i)``; correlations of Student's copula come from Kendall's tau, its degrees by
likelihood.  The default, independence and then the Gaussian copula, stands unless another has an AIC smaller by
`DECISIVE`.  Interval and goodness of fit are by parametric bootstrap: rows drawn from the fitted copula, ranked and
fitted again; the distance is Cramer and von Mises' between the Rosenblatt transforms and independent uniform numbers.

Sources: Genest, Ghoudi & Rivest (1995), doi:10.1093/biomet/82.3.543 (pseudo-likelihood); Demarta & McNeil (2005),
doi:10.1111/j.1751-5823.2005.tb00254.x (Student); Genest, Remillard & Beaudoin (2009),
doi:10.1016/j.insmatheco.2007.10.005 (S_n^(B)); Burnham & Anderson (2002), *Model Selection*, 2.6 (differences of AIC).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from uq.core.array_types import FloatArray
from uq.core.copulas.archimedean import ClaytonCopula, GumbelCopula
from uq.core.copulas.base import Copula, ReflectedCopula
from uq.core.copulas.elliptical import GaussianCopula, StudentCopula
from uq.core.estimate import CONFIDENCE, SEED, Estimate, check_probability
from uq.core.model import real_numbers
from uq.core.table import Cell, Table, Tabled, header

DECISIVE = 6.0
"""Smaller AIC than the default's that makes another family stand: differences of 4 to 7 leave the worse one
considerably less support (Burnham & Anderson). Of samples from a Gaussian copula
3 to 8 % are then called otherwise at 50 rows, 2 % at 300."""
FEWEST_ROWS = 20
RESAMPLES = 200
_COMPARED = 500
"""Rows of the distance, which takes their square."""
_DEGREES = (1.0, 100.0)
_THETA = (1e-3, 40.0)
_LARGEST_CORRELATION = 0.9999

Family = Callable[[FloatArray], Copula | None]


@dataclass(frozen=True)
class Candidate:
    """One family at its best parameters; no copula means independence."""

    family: str
    """Name of the family."""
    copula: Copula | None
    """At its best parameters; None is independence."""
    log_likelihood: float
    """Logarithm of the likelihood of all rows."""
    aic: float
    """Akaike's criterion, twice the parameters less twice the log likelihood: the smallest is best."""


@dataclass(frozen=True)
class CopulaFit(Tabled):
    """The copula that rows ask for, with what else was tried.

    `copula` is None where the columns may be independent; `parameters` holds an interval of each number of it;
    `goodness` is the chance of a distance as large were the copula right (NaN without resamples).
    """

    copula: Copula | None
    candidates: tuple[Candidate, ...]
    """Families that were tried, the best first."""
    parameters: dict[str, Estimate]
    goodness: float
    rows: int
    """Rows that they were fitted to."""

    def table(self) -> Table:
        """Families, the smallest AIC first, and the choice."""
        rows: list[tuple[Cell, ...]] = [
            (one.family, one.log_likelihood, one.aic, "chosen" if one.copula is self.copula else "")
            for one in sorted(self.candidates, key=lambda one: one.aic)
        ]
        shown = [f"{name} {e.value:.3g} [{e.low:.3g}, {e.high:.3g}]" for name, e in self.parameters.items()]
        notes = [
            f"{', '.join(shown)} ({e.confidence:.0%} intervals)." for e in list(self.parameters.values())[:1]
        ]
        if np.isfinite(self.goodness):
            notes.append(f"Goodness of fit: p = {self.goodness:.2f}.")
        return Table(
            "copulas",
            f"Copulas of {self.rows} rows",
            header("family | log-likelihood:2 | AIC:2 | "),
            tuple(rows),
            tuple(notes),
        )


def copula_from_data(
    x: ArrayLike,
    *,
    worth: float | None = None,
    resamples: int = RESAMPLES,
    confidence: float = CONFIDENCE,
    seed: int = SEED,
) -> CopulaFit:
    """The copula that rows of data ask for: none, Gaussian, or one with dependent tails.

    Pairs may have Clayton's and Gumbel's copula with either tail, and either sign; more columns Student's, and
    Clayton's where all pairs rise together.  What joins each pair in its own way is learned by `VineCopula.fit`.

    Parameters
    ----------
    x : array_like (n, d)
        Rows of values; only their ranks count.
    worth : float, optional
        Independent rows that these are worth, such as draws of a chain; as many as there are by default.
    resamples : int, default RESAMPLES
        Of the parametric bootstrap; 0 for no interval and no goodness of fit.
    confidence : float, default CONFIDENCE
        Of the intervals.
    seed : int, default SEED
        Of the resamples.

    Returns
    -------
    CopulaFit

    Raises
    ------
    ValueError
        For fewer than 20 rows or two columns, values that are not finite, columns of fewer than 20 different values
        (ranks that many rows share look like dependent tails), and pairs that rise or fall together without exception.

    References
    ----------
    Genest, Ghoudi & Rivest (1995), doi:10.1093/biomet/82.3.543.

    Examples
    --------
    >>> import uq
    >>> rows = uq.ClaytonCopula(2.0).dependent(uq.sampling.sobol_sequence(256, 2, seed=1).unit)
    >>> found = copula_from_data(rows, resamples=0)
    >>> type(found.copula).__name__, round(found.parameters["theta"].value)
    ('ClaytonCopula', 2)
    """
    check_probability("confidence", confidence)
    given = real_numbers(x, "points")
    if given.ndim != 2 or given.shape[1] < 2 or len(given) < FEWEST_ROWS or not np.isfinite(given).all():
        raise ValueError(
            f"a copula is fitted to {FEWEST_ROWS} finite rows or more of two columns or more, got shape {given.shape}"
            + ("" if given.ndim != 2 or np.isfinite(given).all() else " with values that are not finite")
        )
    if worth is not None and not 0.0 < worth < np.inf:
        raise ValueError(
            f"rows are worth {worth:g} independent ones; give a positive number, or leave it out"
        )
    if resamples < 0:
        raise ValueError(f"resamples is {resamples}; give a positive number, or 0 for no interval")
    _require_ranks(given)
    v = pseudo_scores(given)
    families = _families(v)
    tried = {name: _candidate(name, fit, v, worth or len(v)) for name, fit in families.items()}
    default = tried["Gaussian"]
    if tried["independent"].aic <= default.aic + DECISIVE:
        default = tried["independent"]
    best = min(tried.values(), key=lambda one: one.aic)
    chosen = best if best.aic < default.aic - DECISIVE else default
    point = _numbers(chosen.copula)
    parameters = {name: Estimate(value, np.nan, np.nan, confidence) for name, value in point.items()}
    goodness = np.nan
    if resamples:
        parameters, goodness = _resampled(chosen, families[chosen.family], v, resamples, confidence, seed)
    return CopulaFit(chosen.copula, tuple(tried.values()), parameters, goodness, len(v))


def _require_ranks(x: FloatArray) -> None:
    """Raise ValueError for columns whose ranks tell no copula."""
    order = np.argsort(x, axis=0, kind="stable")
    for j, column in enumerate(x.T):
        different = len(np.unique(column))
        if different == 1:
            raise ValueError(f"column {j} is constant; leave it out")
        if different < FEWEST_ROWS:
            raise ValueError(
                f"column {j} has {different} different values in {len(x)} rows; ranks need {FEWEST_ROWS} or more: give "
                "the values before they were rounded, or leave it out"
            )
        for k in range(j):
            steps = np.diff(x[order[:, j], k])
            if (steps >= 0.0).all() or (steps <= 0.0).all():
                raise ValueError(
                    f"columns {k} and {j} rise or fall together in all rows: one follows from the other; leave one out"
                )


def pseudo_scores(x: FloatArray) -> FloatArray:
    """Ranks over n + 1 of each column (n, d); equal values share their mean rank.

    Parameters
    ----------
    x : ndarray (n, d)
        Values.

    Returns
    -------
    ndarray (n, d)
    """
    from scipy import stats

    return np.asarray(stats.rankdata(x, axis=0) / (len(x) + 1.0))


def kendall(v: FloatArray) -> FloatArray:
    """Kendall's tau-b (d, d) of rows (n, d).

    Parameters
    ----------
    v : ndarray (n, d)
        Values or ranks.

    Returns
    -------
    ndarray (d, d)
    """
    from scipy import stats

    found = np.eye(v.shape[1])
    for i, j in itertools.combinations(range(v.shape[1]), 2):
        found[i, j] = found[j, i] = stats.kendalltau(v[:, i], v[:, j]).statistic
    return found


def _families(v: FloatArray) -> dict[str, Family]:
    """Fits by name; tails and signs as the rows' own Kendall's tau allows."""
    d = v.shape[1]
    tau = kendall(v)[np.triu_indices(d, 1)]
    found: dict[str, Family] = {"independent": lambda _: None, "Gaussian": _gaussian, "Student": _student}
    if d == 2:
        rising = {(): "low with low", (0, 1): "high with high"}
        ways = rising if tau[0] > 0.0 else {(0,): "high with low", (1,): "low with high"}
    else:
        ways = {(): "low with low", tuple(range(d)): "high with high"} if (tau > 0.0).all() else {}
    for turned, words in ways.items():
        found[f"Clayton, {words}"] = _one_number(lambda theta: ClaytonCopula(theta, d), turned)
    # Gumbel's joins high values: turned round, low ones
    opposite = {(): (0, 1), (0, 1): (), (0,): (1,), (1,): (0,)}
    for turned, words in ways.items() if d == 2 else ():
        found[f"Gumbel, {words}"] = _one_number(lambda theta: GumbelCopula(1.0 + theta), opposite[turned])
    return found


def _candidate(name: str, fit: Family, v: FloatArray, worth: float) -> Candidate:
    copula = fit(v)
    if copula is None:
        return Candidate(name, None, 0.0, 0.0)
    likelihood = float(copula.log_density(v).mean()) * worth
    d = v.shape[1]
    count = 1 if name.startswith(("Clayton", "Gumbel")) else d * (d - 1) // 2 + (name == "Student")
    return Candidate(name, copula, likelihood, 2.0 * count - 2.0 * likelihood)


def _gaussian(v: FloatArray) -> GaussianCopula:
    """Of the normal scores; of a pair, whose scores have a little less than unit variance, by likelihood."""
    found = _definite(np.corrcoef(special.ndtri(v), rowvar=False))
    if v.shape[1] > 2:
        return GaussianCopula(found)
    w = special.ndtri(v)
    square, product = float((w**2).sum()), float((w[:, 0] * w[:, 1]).sum())

    def missed(rho: float) -> float:
        return 0.5 * len(v) * np.log1p(-(rho**2)) + 0.5 * (square - 2.0 * rho * product) / (1.0 - rho**2)

    ends = (-_LARGEST_CORRELATION, _LARGEST_CORRELATION)
    rho = float(optimize.minimize_scalar(missed, bounds=ends, method="bounded", options={"xatol": 1e-6}).x)
    return GaussianCopula(np.array([[1.0, rho], [rho, 1.0]]))


def _student(v: FloatArray) -> StudentCopula:
    correlation = _definite(np.sin(0.5 * np.pi * kendall(v)))

    def missed(log_degrees: float) -> float:
        return -float(StudentCopula(correlation, np.exp(log_degrees)).log_density(v).sum())

    found = optimize.minimize_scalar(
        missed, bounds=np.log(_DEGREES), method="bounded", options={"xatol": 1e-3}
    )
    return StudentCopula(correlation, float(np.exp(found.x)))


def _one_number(family: Callable[[float], Copula], turned: tuple[int, ...]) -> Family:
    def of(log_theta: float) -> Copula:
        copula = family(float(np.exp(log_theta)))
        return ReflectedCopula(copula, turned) if turned else copula

    def fit(v: FloatArray) -> Copula:
        def missed(log_theta: float) -> float:
            return -float(of(log_theta).log_density(v).sum())

        found = optimize.minimize_scalar(
            missed, bounds=np.log(_THETA), method="bounded", options={"xatol": 1e-4}
        )
        return of(float(found.x))

    return fit


def _definite(matrix: FloatArray) -> FloatArray:
    """The matrix, weakened where pairs taken one by one contradict each other or are all but exact."""
    off = np.clip(matrix, -_LARGEST_CORRELATION, _LARGEST_CORRELATION)
    np.fill_diagonal(off, 1.0)
    smallest = float(np.linalg.eigvalsh(off)[0])
    if smallest < 1e-6:
        off = (off + (1e-6 - smallest) * np.eye(len(off))) / (1.0 + 1e-6 - smallest)
    return np.asarray(0.5 * (off + off.T))


def _numbers(copula: Copula | None) -> dict[str, float]:
    """Parameters of a copula that are numbers, and the correlation of a pair."""
    if isinstance(copula, ReflectedCopula):
        return _numbers(copula.copula)
    if isinstance(copula, ClaytonCopula | GumbelCopula):
        return {"theta": copula.theta}
    if isinstance(copula, GaussianCopula | StudentCopula):
        found = {"correlation": float(copula.correlation[0, 1])} if copula.dimension == 2 else {}
        return found | ({"degrees": copula.degrees} if isinstance(copula, StudentCopula) else {})
    return {}


def _distance(copula: Copula | None, v: FloatArray) -> float:
    """Cramer and von Mises' distance of Rosenblatt transforms from independence, the mean square over the rows."""
    e = (v if copula is None else copula.independent(v))[:_COMPARED]
    below = (e[:, None, :] <= e[None, :, :]).all(axis=2).mean(axis=0)
    return float(((below - e.prod(axis=1)) ** 2).sum())


def _resampled(
    chosen: Candidate, fit: Family, v: FloatArray, resamples: int, confidence: float, seed: int
) -> tuple[dict[str, Estimate], float]:
    """Intervals of the parameters and the chance of a larger distance, from rows of the chosen copula."""
    random = np.random.default_rng(seed)
    own = _distance(chosen.copula, v)
    point = _numbers(chosen.copula)
    again: dict[str, list[float]] = {name: [] for name in point}
    larger = 0
    for _ in range(resamples):
        unit = random.random(v.shape)
        drawn = pseudo_scores(unit if chosen.copula is None else chosen.copula.dependent(unit))
        copula = fit(drawn)
        larger += int(_distance(copula, drawn) >= own)
        for name, value in _numbers(copula).items():
            again[name].append(value)
    ends = 0.5 - 0.5 * confidence, 0.5 + 0.5 * confidence
    found = {}
    for name, value in point.items():
        low, high = map(float, np.quantile(again[name], ends))
        found[name] = Estimate(value, low, high, confidence)
    return found, (larger + 0.5) / (resamples + 1.0)
