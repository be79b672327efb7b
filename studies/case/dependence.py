"""What joins the inputs of a case: correlations of pairs, and copulas of those that a correlation cannot describe."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from studies.case.schema import CopulaEntry, Correlation
from uq.core.array_types import FloatArray
from uq.core.copulas import (
    ClaytonCopula,
    Copula,
    GumbelCopula,
    ReflectedCopula,
    StudentCopula,
    check_correlation,
)
from uq.core.problem import nearest


def correlation_of(
    pairs: Sequence[Correlation], names: Sequence[str], fixed: Collection[str]
) -> FloatArray | None:
    """The correlation of all inputs in normal space, from its pairs.

    Parameters
    ----------
    pairs : sequence of Correlation
        Of the case file.
    names : sequence of str
        Inputs of the case.
    fixed : collection of str
        Inputs that have become values; their pairs leave.

    Returns
    -------
    ndarray (d, d) or None
        None without pairs.

    Raises
    ------
    ValueError
        For inputs that the case does not have, pairs given twice, and values that are no correlation together.
    """
    if not pairs:
        return None
    correlation, given = np.eye(len(names)), set[frozenset[int]]()
    for pair in pairs:
        if set(fixed) & set(pair.between):
            continue
        for name in pair.between:
            if name not in names:
                raise ValueError(f"correlations: no input {name!r}{nearest(name, names)}")
        i, j = (names.index(name) for name in pair.between)
        if i == j:
            raise ValueError(f"correlations: {pair.between[0]!r} is correlated with itself")
        if frozenset((i, j)) in given:
            raise ValueError(f"correlations: {' and '.join(pair.between)} are given twice; keep one")
        given.add(frozenset((i, j)))
        correlation[i, j] = correlation[j, i] = pair.value
    check_correlation(correlation, len(names))
    return correlation


def copulas_of(
    entries: Sequence[CopulaEntry],
    names: Sequence[str],
    fixed: Collection[str],
    correlation: FloatArray | None,
) -> dict[tuple[str, ...], Copula] | None:
    """The copulas of a case file by the inputs that each joins.

    Parameters
    ----------
    entries : sequence of CopulaEntry
        Of the case file.
    names : sequence of str
        Inputs of the case.
    fixed : collection of str
        Inputs that have become values; what is left of their copula joins the others.
    correlation : ndarray (d, d) or None
        Of all inputs.

    Returns
    -------
    dict of tuple of str to Copula, or None
        None without copulas.

    Raises
    ------
    ValueError
        For inputs that the case does not have or that are joined twice, and parameters that the family does not have.
    """
    found: dict[tuple[str, ...], Copula] = {}
    seen: set[str] = set()
    for k, entry in enumerate(entries):
        where = f"copulas[{k}]"
        for name in entry.inputs:
            if name not in names and name not in fixed:
                raise ValueError(f"{where}: no input {name!r}{nearest(name, names)}")
            if name in seen or entry.inputs.count(name) > 1:
                raise ValueError(
                    f"{where}: {name!r} is joined twice; put all that depend on it into one copula"
                )
        seen |= set(entry.inputs)
        if strange := [name for name in entry.turned if name not in entry.inputs]:
            raise ValueError(f"{where}: turned names {strange[0]!r}, which is none of its inputs")
        try:
            copula = _family(entry)
        except ValueError as error:
            raise ValueError(f"{where}: {error}") from error
        at = [i for i, name in enumerate(entry.inputs) if name not in fixed]
        if len(at) < 2:
            continue
        left = copula if len(at) == len(entry.inputs) else copula.part(at)
        if left is None:
            continue
        joined = [names.index(entry.inputs[i]) for i in at]
        if correlation is not None and np.count_nonzero(correlation[joined]) > len(joined):
            raise ValueError(
                f"{where}: {' and '.join(entry.inputs)} have correlations too; say it once: part those pairs by "
                "[[correlations]] with value = 0.0"
            )
        found[tuple(entry.inputs[i] for i in at)] = left
    return found or None


def _family(entry: CopulaEntry) -> Copula:
    """The copula of all inputs of an entry."""
    d = len(entry.inputs)
    if (entry.family == "student") != (entry.correlation is not None):
        raise ValueError(
            "a student copula needs correlation (of every pair), its parameter being degrees of freedom"
            if entry.family == "student"
            else f"correlation belongs to a student copula; a {entry.family} copula has its parameter alone"
        )
    copula: Copula
    if entry.correlation is not None:
        matrix = np.full((d, d), entry.correlation)
        np.fill_diagonal(matrix, 1.0)
        copula = StudentCopula(matrix, entry.parameter)
    elif entry.family == "clayton":
        copula = ClaytonCopula(entry.parameter, d)
    elif d == 2:
        copula = GumbelCopula(entry.parameter)
    else:
        raise ValueError(
            f"a gumbel copula joins two inputs, got {d}; join more by a clayton or student copula"
        )
    turned = tuple(entry.inputs.index(name) for name in entry.turned)
    return ReflectedCopula(copula, turned) if turned else copula
