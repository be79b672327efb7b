"""The one door of SALib, its samples and its analyses: the unit cube goes in, finite numbers come out, global state is
as before.  [SALib]"""

from __future__ import annotations

import importlib
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from uq.core.array_types import FloatArray
from uq.core.repeatable import one_thread

_KNOWN = r"FAST confidence intervals|Potential Bias Notice|will be retired"
"""Warnings that the analyses answer: other intervals are used, ranks are balanced."""


def cube(dimension: int) -> dict[str, Any]:
    """Only the unit cube: names that SALib reads nothing into, and none of its conventions for laws.

    Parameters
    ----------
    dimension : int
        d, number of inputs.

    Returns
    -------
    dict
        A problem as SALib takes it.
    """
    names = [f"u{j}" for j in range(dimension)]
    return {"num_vars": dimension, "names": names, "bounds": [[0.0, 1.0]] * dimension}


@one_thread()
def call(analysis: str, seed: int, *arguments: Any, **options: Any) -> tuple[Any, tuple[str, ...]]:
    """SALib's result, and what it warned of; global state is as before.

    Parameters
    ----------
    analysis : str
        Name of SALib's module.
    seed : int
        Of every random choice; the same seed gives the same result.
    *arguments, **options : Any
        As its `analyze` takes them.

    Returns
    -------
    tuple
        The result, and the texts of the warnings.
    """
    analyze = importlib.import_module(f"SALib.analyze.{analysis}").analyze
    with _kept_state(), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = analyze(*arguments, seed=seed, print_to_console=False, **options)
    said = dict.fromkeys(f"SALib: {w.message}" for w in caught if not re.search(_KNOWN, str(w.message)))
    return found, tuple(said)


@contextmanager
def _kept_state() -> Iterator[None]:
    """SALib seeds numpy's global generator and replaces the format of warnings."""
    generator, form = np.random.get_state(), warnings.formatwarning  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(generator)  # noqa: NPY002
        warnings.formatwarning = form


def curves(points: int, count: int, *, harmonics: int, rng: np.random.Generator) -> FloatArray:
    """Points along the search curves of FAST, a curve for each input.

    Parameters
    ----------
    points : int
        Of one curve.
    count : int
        Number of inputs, and of curves.
    harmonics : int
        Harmonics of a frequency that are counted as its own.
    rng : numpy.random.Generator
        Draws the phases.

    Returns
    -------
    ndarray (count * points, count)
        Coordinates in the unit cube.
    """
    from SALib.sample import fast_sampler

    return np.asarray(fast_sampler.sample(cube(count), points, M=harmonics, seed=rng), dtype=np.float64)


def finite(values: Any) -> FloatArray:
    """Numbers as SALib gave them.

    Parameters
    ----------
    values : Any
        Anything that numpy takes as an array.

    Returns
    -------
    ndarray
        In the shape they came in.

    Raises
    ------
    ValueError
        If any is not finite, with the remedy.
    """
    out = np.asarray(values, dtype=np.float64)
    if not np.isfinite(out).all():
        raise ValueError(
            "SALib gives no finite answer for these data: too few rows, or too many equal outputs; "
            "draw more, or use uq.sensitivity.given_data"
        )
    return out


def require_seed(seed: int) -> None:
    """Refuse a seed that SALib would not take for one.

    Parameters
    ----------
    seed : int
        A positive number.

    Raises
    ------
    ValueError
        For zero and below.
    """
    if seed < 1:
        raise ValueError(f"give a positive seed, got {seed}: SALib takes 0 for no seed")
