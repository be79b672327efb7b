"""Tables of inverse distribution functions, exact to a few units of rounding, for laws whose inverse is an iteration.

x(z) = F^-1(Phi(z)) is smooth in the standard normal germ z even where F^-1 is not, so polynomials of degree 7 on short
cells of z give it to near rounding.  A table is made once for each law and trusted only after it has been compared with
the law itself between its nodes.

Source: Trefethen, *Approximation Theory and Approximation Practice*, 2013, chapters 2 and 8 (Chebyshev points).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from uq.core.array_types import FloatArray

REACH = 8.5
"""Germs beyond this have a probability below 1e-17."""

_CELLS = 17 * 16
_DEGREE = 7
_TRUSTED = 2e-14
"""Largest deviation from the law, relative to the range of the table, at which a table may be used."""


@dataclass(frozen=True)
class Table:
    """`coefficients` (degree + 1, cells) of x in the place t in [-1, 1) within each of the equal cells of [-8.5, 8.5].

    >>> table = Table.of(np.tanh)
    >>> z = np.linspace(-8.4, 8.4, 1001)
    >>> bool(np.abs(table(z) - np.tanh(z)).max() < 1e-14)
    True
    """

    coefficients: FloatArray

    @classmethod
    def of(cls, function: Callable[[FloatArray], FloatArray]) -> Table | None:
        """The table of a function of the germ, or None where it would not be exact (a kink, a jump)."""
        nodes = np.cos(np.pi * (np.arange(_DEGREE + 1) + 0.5) / (_DEGREE + 1))
        edges = np.linspace(-REACH, REACH, _CELLS + 1)
        half = REACH / _CELLS
        centres = 0.5 * (edges[1:] + edges[:-1])
        values = function((centres[:, None] + half * nodes).ravel()).reshape(_CELLS, -1)
        coefficients = np.linalg.solve(np.vander(nodes, increasing=True), values.T)
        table = cls(np.ascontiguousarray(coefficients))
        between = (centres[:, None] + half * np.array([-0.97, -0.31, 0.07, 0.52, 0.99])).ravel()
        exact = function(between)
        deviation = float(np.abs(table(between) - exact).max())
        return table if deviation <= _TRUSTED * float(np.ptp(exact)) else None

    def __call__(self, z: FloatArray) -> FloatArray:
        """Values at germs z (n,); germs further out count as those at the ends."""
        place = np.clip((z + REACH) * (_CELLS / (2.0 * REACH)), 0.0, _CELLS * (1.0 - 1e-16))
        cell = np.fmax(place, 0.0).astype(np.int64)  # NaN has none, and stays NaN below
        t = 2.0 * (place - cell) - 1.0
        result = self.coefficients[-1].take(cell)
        for row in self.coefficients[-2::-1]:
            result *= t
            result += row.take(cell)
        return result
