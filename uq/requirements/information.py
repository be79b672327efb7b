"""What to measure next: what learning an input, or a test of given accuracy, is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from uq.core.array_types import BoolArray, FloatArray, IntArray
from uq.core.estimate import SEED, Estimate
from uq.core.repeatable import one_thread
from uq.core.table import Table, Tabled
from uq.requirements.probability import proportion
from uq.requirements.question import Question
from uq.requirements.types import asked, check_kind, suffix, tabled
from uq.surrogates.evaluate import COMMON

FOLDS = 8
DEGREE = 6


@dataclass(frozen=True)
class Learning:
    """What one test shows: input, its measurement error (0: exact), and with it the expected standard deviation of
    the output, the chance of choosing the wrong side of the threshold, and the expected gain from choosing after
    the test."""

    input: str
    """Name of the input."""
    unit: str
    """Of the input."""
    error: float
    """Standard deviation of the measurement, in the input's unit; 0 is exact."""
    std: Estimate
    """Of the output after the test."""
    wrong: Estimate
    """Chance of choosing the wrong side after the test, 0 to 1."""
    gain: Estimate
    """In the output's unit."""


@dataclass(frozen=True)
class Information(Tabled):
    """Value of information about an output whose side of `threshold` decides between two options.

    `std`, `wrong` are today's; a test lowers them.  `gain`, in the output's unit: how much more the chosen option
    yields on average, when the choice may wait for the test.
    """

    output: str
    """Name of the output."""
    unit: str
    """Of the output."""
    threshold: float
    std: Estimate
    wrong: Estimate
    tests: tuple[Learning, ...]
    """One for each input and error."""
    confidence: float
    """Of the intervals, between 0 and 1."""
    mode: str = ""
    """How the design answers a sample: fixed, or optimised anew."""

    def table(self) -> Table:
        """The result as a table."""
        rows = [["nothing more", "", str(self.std), str(self.wrong), "0"]]
        ranked = sorted(self.tests, key=lambda t: t.std.value)
        rows += [
            [
                t.input,
                f"+-{t.error:.3g}{suffix(t.unit)}" if t.error else "exactly",
                str(t.std),
                str(t.wrong),
                str(t.gain),
            ]
            for t in ranked
        ]
        unit = suffix(self.unit)
        header = ["learn", "how well", f"expected std{unit}", "wrong choice", f"expected gain{unit}"]
        title = f"What to measure next for {self.output} against {self.threshold:g}{unit}{asked(self.mode)}"
        return tabled(title, header, rows)


@one_thread()
def information(
    question: Question,
    output: str,
    *,
    inputs: Sequence[str] | None = None,
    errors: Mapping[str, Sequence[float]] | None = None,
    threshold: float = 0.0,
    seed: int = SEED,
) -> Information:
    """Expected reduction of the uncertainty of an output and of the chance of a wrong choice, for each input
    learned.

    The choice is made for the likelier side of `threshold`, d(m) = [P(Y > threshold | m) > 1/2], m = X_j + N(0,
    error):

        std after   sqrt(E Var(Y | m))           wrong choice   P(d(m) differs from [Y > threshold])
        gain        E[(Y - threshold) a(m)] - max(E[Y - threshold], 0),   a(m) = [E[Y | m] > threshold]

    E[Y | m] and P(Y > threshold | m) are regressed on Hermite polynomials of the normal score of m (means of
    groups for inputs with few values) and always judged on rows that they were not fitted to: the rules so found
    are never flattered, at worst slightly
    poor; a test that seems to harm is ignored.  Failed rows count as below the threshold and leave the standard
    deviation.  Intervals: Wilson and normal, widened by the surrogate's common error. Needs no further run of the
    model.

    Parameters
    ----------
    question : Question
        Sample, confidence, and what is given; its limits have no part in this.
    output : str
        Y.
    inputs : sequence of str, optional
        What may be learned; by default all inputs that no programme chooses.
    errors : mapping of str to sequence of float, optional
        Standard deviations of the tests of each input, in its unit; learning it exactly is always reported.
    threshold : float
        Value of Y, in its unit, whose side decides.
    seed : int
        Of the errors of the tests and of the folds.

    Returns
    -------
    Information
        Today's uncertainty, and what each test leaves of it.

    Raises
    ------
    KeyError
        For unknown names.
    ValueError
        Where no sample is feasible.

    References
    ----------
    Raiffa & Schlaifer (1961), Applied Statistical Decision Theory.
    Strong, Oakley & Brennan (2014), doi:10.1177/0272989X13505910 (regression).
    """
    check_kind(question, Question, "a Question(sample, limits)")
    sample, confidence = question.sample, question.confidence
    rows = question.rows
    column = sample.problem.output_index(output)
    kept = rows.weight > 0.0
    weight = rows.weight[kept]
    raw, spread = rows.mean[kept, column], rows.std[kept, column]
    good = (rows.feasible[kept] > 0.5) & np.isfinite(raw)
    floor = np.min(raw[good]) if good.any() else np.nan
    if not good.any():
        raise ValueError(f"no sample of {output!r} is feasible; nothing can be learned about it")
    y = np.where(good, raw, min(float(floor), threshold)) - threshold
    above = (y > 0.0) & good
    error = COMMON * float(weight[good] @ spread[good] / weight[good].sum())
    n = 1.0 / float(np.sum(weight**2))
    z = float(special.ndtri(0.5 * (1.0 + confidence)))
    moved = float(weight @ (np.abs(y) < COMMON * spread))  # rows that the common error would move across
    chance = float(weight @ above)
    today = _deviation(y, np.full(len(y), float(weight @ y)), weight, good, n, confidence)
    tests = []
    rng = np.random.default_rng(seed)
    names = inputs if inputs is not None else [i.name for i in sample.problem.inputs if i.role != "design"]
    fold = (
        rng.permutation(len(y)) % FOLDS
    )  # not by position: every eighth point of a Sobol' plan shares an octant
    for name in names:
        x = rows.x[kept, sample.problem.index(name)]
        for accuracy in (0.0, *(errors or {}).get(name, ())):
            basis = _basis(x + accuracy * rng.standard_normal(len(x)))
            expected, likely = (
                _regressed(basis, target, weight, fold) for target in (y, above.astype(np.float64))
            )
            wrong = float(weight @ ((likely > 0.5) != above))
            wrong = min(wrong, min(chance, 1.0 - chance))  # the test may be ignored
            earned = y * (expected > 0.0)
            base = y * (float(weight @ y) > 0.0)
            gain = float(weight @ (earned - base))
            scatter = float(np.sqrt(weight @ ((earned - base) - gain) ** 2 / n))
            scatter = max(scatter, today.value / n)  # where no row changes sides, the next one may
            half = z * float(np.hypot(scatter, error * float(weight @ (np.abs(expected) < error))))
            tests.append(
                Learning(
                    input=name,
                    unit=sample.units[name],
                    error=float(accuracy),
                    std=_deviation(y, expected, weight, good, n, confidence),
                    wrong=proportion(wrong, n, (0.5 * moved) ** 2, confidence),
                    gain=Estimate(max(gain, 0.0), max(gain - half, 0.0), max(gain, 0.0) + half, confidence),
                )
            )
    return Information(
        output=output,
        unit=sample.units[output],
        threshold=threshold,
        std=today,
        wrong=proportion(min(chance, 1.0 - chance), n, (0.5 * moved) ** 2, confidence),
        tests=tuple(tests),
        confidence=confidence,
        mode=sample.mode,
    )


def _basis(m: FloatArray) -> FloatArray:
    """(n, p) orthonormal Hermite polynomials of the normal scores of m, or indicators where m has few values."""
    values, group = np.unique(m, return_inverse=True)
    if len(values) <= 20:
        return np.eye(len(values))[group]
    rank = np.empty(len(m))
    rank[np.argsort(m, kind="stable")] = np.arange(len(m))
    score = special.ndtri((rank + 0.5) / len(m))
    columns = [np.ones_like(score), score]
    for k in range(2, DEGREE + 1):
        columns.append((score * columns[-1] - np.sqrt(k - 1.0) * columns[-2]) / np.sqrt(k))
    return np.stack(columns, axis=1)


def _regressed(basis: FloatArray, target: FloatArray, weight: FloatArray, fold: IntArray) -> FloatArray:
    """Weighted least squares, each row predicted from the folds that it is not in."""
    weighted = basis * weight[:, None]
    grams = [weighted[fold == k].T @ basis[fold == k] for k in range(FOLDS)]
    sides = [weighted[fold == k].T @ target[fold == k] for k in range(FOLDS)]
    gram, side = np.sum(grams, axis=0), np.sum(sides, axis=0)
    ridge = 1e-12 * np.eye(basis.shape[1])
    predicted = np.empty(len(target))
    for k in range(FOLDS):
        predicted[fold == k] = basis[fold == k] @ np.linalg.solve(gram - grams[k] + ridge, side - sides[k])
    return predicted


def _deviation(
    y: FloatArray, expected: FloatArray, weight: FloatArray, good: BoolArray, n: float, confidence: float
) -> Estimate:
    """sqrt(E (Y - E[Y | m])^2) over the feasible rows, with the delta method's interval."""
    w = weight[good] / weight[good].sum()
    squares = (y[good] - expected[good]) ** 2
    variance = float(w @ squares)
    z = float(special.ndtri(0.5 * (1.0 + confidence)))
    half = z * float(np.sqrt(w @ (squares - variance) ** 2 / n)) / (2.0 * np.sqrt(max(variance, 1e-300)))
    std = float(np.sqrt(variance))
    return Estimate(std, max(std - half, 0.0), std + half, confidence)
