"""Saved surrogates, back again; and only if they still stand for the model that is asked."""

from __future__ import annotations

import os

import numpy as np

from uq.core.dataset import Dataset, undescribe
from uq.core.model_version import model_version
from uq.core.problem import Problem
from uq.core.storage.reading import read_whole
from uq.sampling.plans import sobol_sequence
from uq.surrogates.archive import LARGEST_ARCHIVE, load_card, opened
from uq.surrogates.base import Surrogate
from uq.surrogates.card import Card
from uq.surrogates.composite import surrogate_class
from uq.surrogates.domain import Domain, require_same
from uq.surrogates.validation import Validation, measured

_FEWEST = 10
_STRAY = 0.02


def load_surrogate(path: str | os.PathLike[str], *, version: str | None = None) -> Surrogate:
    """The surrogate that `save_surrogate` wrote; its predictions are the same to the last bit on one kind of machine.

    With `version`, a surrogate trained on another version of the model is refused.

    Parameters
    ----------
    path : path
        Of the file.
    version : str, optional
        Version of the model that must be the same.

    Returns
    -------
    Surrogate

    Raises
    ------
    ValueError
        With the reason, for a file that is truncated, altered, foreign, or of a newer format.
    """
    surrogate = unpack(read_whole(path, largest=LARGEST_ARCHIVE), str(path))
    trained = surrogate.problem.version
    if version is not None and trained != version:
        raise ValueError(
            f"{path}: trained on version {trained!r} of the model, asked for {version!r}; fit it again, or load it "
            "without a version and test it on fresh runs (see uq.surrogates.loading)"
        )
    return surrogate


def unpack(body: bytes, source: str = "the file") -> Surrogate:
    """The surrogate in the bytes of a file.

    Parameters
    ----------
    body : bytes
        A whole file.
    source : str, default 'the file'
        Where the bytes come from, for messages.

    Returns
    -------
    Surrogate
        Of the class that was saved.

    Raises
    ------
    ValueError
        For anything that `pack` did not write.
    """
    header, arrays = opened(body, source)
    try:
        return surrogate_class(header["surrogate"]).from_arrays(
            undescribe(header["problem"]), header["record"], arrays
        )
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError) as error:
        raise ValueError(f"{source}: its parts do not make a {header['surrogate']}: {error}") from error


def load_for(
    path: str | os.PathLike[str], problem: Problem, *, fresh: Dataset | None = None, tolerance: float = 1.5
) -> Surrogate:
    """The saved surrogate, if it stands for the model of `problem` as that model is now.

    A surrogate of another version of the model is refused, unless `fresh` runs of the present model show that its
    root mean square error is still at most `tolerance` times that of its card, for every output.

    Parameters
    ----------
    path : str | os.PathLike[str]
        Of the file.
    problem : Problem
        Inputs with their laws, outputs and, where it has one, the model.
    fresh : Dataset, optional
        Runs of the present model.
    tolerance : float, default 1.5
        Root mean square error on `fresh` over that of the card, at most.

    Returns
    -------
    Surrogate

    Raises
    ------
    ValueError
        For another version of the model, other inputs or units, outputs that the problem does not give, and
        laws of which more than 2 % lies outside of the domain that the surrogate was trained in.
    """
    surrogate = load_surrogate(path)
    if problem.model is None:
        raise ValueError("the problem has no model to stand for; use load_surrogate")
    wanted = model_version(problem.model, problem.version)
    try:
        require_same(surrogate.problem, problem)
    except ValueError as error:
        raise ValueError(f"{path}: {error}; fit it again") from None
    rows = problem.physical(sobol_sequence(2048, problem.dimension, seed=1).unit)
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
    """The errors of a surrogate on fresh feasible runs.

    Parameters
    ----------
    surrogate : Surrogate
        A fitted surrogate.
    fresh : Dataset
        Runs of the present model.

    Returns
    -------
    Validation

    Raises
    ------
    ValueError
        If there are fewer than ten of them, whose mean square would say little (*judgement*), or if they have
        other inputs, outputs or units.
    """
    require_same(surrogate.problem, fresh.problem)
    rows = fresh.where(np.flatnonzero(fresh.feasible))
    if len(rows) < _FEWEST:
        raise ValueError(f"{len(rows)} feasible fresh runs; at least {_FEWEST} are needed")
    names = surrogate.problem.output_names
    y = np.stack([rows[name] for name in names], axis=1)
    return measured(names, y, prediction=surrogate.predict(rows.x))
