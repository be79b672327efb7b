"""Which copula joins which inputs of a problem: what the user gives, brought to one form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from uq.core.array_types import FloatArray
from uq.core.copulas.base import Copula
from uq.core.copulas.elliptical import GaussianCopula
from uq.core.correlations import check_correlation, in_order
from uq.core.model import real_numbers
from uq.core.text import one_line

Groups = Mapping[tuple[str, ...], Copula]


def groups_of(
    names: Sequence[str], correlation: Any, copula: Copula | Groups | None
) -> tuple[FloatArray | None, dict[tuple[str, ...], Copula]]:
    """The correlation of all inputs, and the copulas that are not Gaussian by the names that they join.

    Parameters
    ----------
    names : sequence of str
        All inputs, in their order.
    correlation : array_like (d, d) or None
        Of the Gaussian copula.
    copula : Copula, mapping of tuple of str to Copula, or None
        Of all inputs in their order, or of those that each key names.

    Returns
    -------
    tuple of ndarray and dict
        None instead of a correlation where nothing is joined by a Gaussian copula.

    Raises
    ------
    TypeError
        For what is no copula.
    ValueError
        For a correlation that is none, names that are no inputs, an input joined twice, and copulas of another number
        of inputs than they are given.
    """
    d = len(names)
    matrix = np.eye(d)
    if correlation is not None:
        correlation = in_order(correlation, names)
        check_correlation(correlation, d)
        matrix = real_numbers(correlation, "the correlation").copy()
    given = {tuple(names): copula} if isinstance(copula, Copula) else dict(copula or {})
    kept: dict[tuple[str, ...], Copula] = {}
    joined: set[str] = set()
    for some, one in given.items():
        if not isinstance(one, Copula):
            raise TypeError(
                f"copula holds {one_line(one, 60)}; give each as uq.StudentCopula(...) or one of its kind"
            )
        if isinstance(some, str) or len(some) != one.dimension:
            raise ValueError(
                f"a {type(one).__name__} of {one.dimension} inputs cannot join {one_line(some, 80)}; name as many, "
                "such as {('a', 'b'): uq.ClaytonCopula(2.0)}"
            )
        for name in some:
            if name not in names:
                raise ValueError(f"copula: no input {name!r}; there is {', '.join(names)}")
            if name in joined or some.count(name) > 1:
                raise ValueError(
                    f"copula: {name!r} is joined twice; put all that depend on it into one copula"
                )
        joined |= set(some)
        at = [names.index(name) for name in some]
        if np.count_nonzero(matrix[at]) > len(at):
            raise ValueError(
                f"copula and correlation both join {', '.join(map(repr, some))}; say it once, in the copula"
            )
        if isinstance(one, GaussianCopula):
            matrix[np.ix_(at, at)] = one.correlation
        else:
            kept[tuple(some)] = one
    matrix.setflags(write=False)
    return (None if np.array_equal(matrix, np.eye(d)) else matrix), kept
