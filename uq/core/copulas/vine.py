"""Vines: pairs of inputs joined by copulas of their own, one tree upon the other, through the library vinecopulib.

Sources: Bedford & Cooke (2002), doi:10.1214/aos/1031689016; Aas, Czado, Frigessi & Bakken (2009),
doi:10.1016/j.insmatheco.2007.02.001; Dissmann et al. (2013), doi:10.1016/j.csda.2012.08.010 (selection).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from uq.core.array_types import FloatArray
from uq.core.copulas.base import LARGEST, SMALLEST, Copula, rows
from uq.core.model import real_numbers

_FAMILIES = ("indep", "gaussian", "student", "clayton", "gumbel", "frank", "joe")


@dataclass(frozen=True)
class VineCopula(Copula):
    """Many inputs, each pair joined by a family of its own; learned from rows by `VineCopula.fit`.

    Needs the extra ``vines``.

    Parameters
    ----------
    structure : str
        As vinecopulib writes it in JSON.

    Raises
    ------
    ImportError
        Without vinecopulib, with the remedy.
    ValueError
        For text that describes no vine.

    Examples
    --------
    >>> import uq
    >>> three = uq.StudentCopula([[1.0, 0.5, 0.2], [0.5, 1.0, 0.5], [0.2, 0.5, 1.0]], 4.0)
    >>> vine = VineCopula.fit(three.dependent(uq.sampling.sobol_sequence(512, 3, seed=1).unit))
    >>> vine.dimension
    3
    """

    structure: str

    def __post_init__(self) -> None:
        _vine(self.structure)

    @classmethod
    def fit(cls, x: ArrayLike) -> VineCopula:
        """Trees and families by AIC, from the ranks of rows (n, d).

        Parameters
        ----------
        x : array_like (n, d)
            Rows of values or of scores.

        Returns
        -------
        VineCopula

        Raises
        ------
        ImportError
            Without vinecopulib, with the remedy.
        ValueError
            For fewer than two columns or ten rows, and values that are not finite.
        """
        library = _library()
        given = real_numbers(x, "points")
        if given.ndim != 2 or given.shape[1] < 2 or len(given) < 10 or not np.isfinite(given).all():
            raise ValueError(
                f"a vine is learned from ten finite rows or more of two columns or more, got shape {given.shape}"
            )
        families = [getattr(library.BicopFamily, name) for name in _FAMILIES]
        controls = library.FitControlsVinecop(family_set=families, selection_criterion="aic", num_threads=1)
        ranks = library.to_pseudo_obs(np.asfortranarray(given))
        return cls(library.Vinecop.from_data(ranks, controls=controls).to_json())

    @property
    def dimension(self) -> int:
        """Number of inputs that it joins."""
        return int(_vine(self.structure).dim)

    def dependent(self, unit: ArrayLike) -> FloatArray:
        return np.clip(_vine(self.structure).inverse_rosenblatt(rows(unit), num_threads=1), SMALLEST, LARGEST)

    def independent(self, scores: ArrayLike) -> FloatArray:
        return np.clip(_vine(self.structure).rosenblatt(rows(scores), num_threads=1), SMALLEST, LARGEST)

    def log_density(self, scores: ArrayLike) -> FloatArray:
        return np.log(np.maximum(_vine(self.structure).pdf(rows(scores), num_threads=1), 1e-300))

    def part(self, columns: Sequence[int]) -> Copula | None:
        if len(columns) < 2:
            return None
        if list(columns) != list(range(self.dimension)):
            raise ValueError(
                "a vine has conditional laws in its own order alone: take all its inputs together (as one group, "
                "none required or fixed by itself), or join them by a uq.StudentCopula"
            )
        return self

    def kendall(self, one: int, other: int) -> float:
        raise ValueError("a vine has no closed form of Kendall's tau; take it from rows of `dependent`")

    def tail_dependence(self, one: int, other: int, upper: tuple[bool, bool] = (False, False)) -> float:
        raise ValueError("a vine has no closed form of its tails; take them from rows of `dependent`")


def _library() -> Any:
    try:
        import pyvinecopulib
    except ImportError as error:
        raise ImportError(
            "a vine needs pyvinecopulib: pip install 'lander-uq[vines]', or join the inputs by uq.StudentCopula"
        ) from error
    return pyvinecopulib


@lru_cache(maxsize=32)
def _vine(structure: str) -> Any:
    library = _library()
    try:
        return library.Vinecop.from_json(structure)
    except (RuntimeError, ValueError, TypeError) as error:
        raise ValueError(f"the text describes no vine: {error}") from error
