"""What joins the inputs after the measurements: the copula of the draws, exact where all is Gaussian."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csgraph

from uq.calibration.blocks import Gaussian, Sampled, normal_scores
from uq.calibration.discrete import Block, Summed
from uq.core.array_types import BoolArray, FloatArray, IntArray
from uq.core.copulas import Copula, GaussianCopula, VineCopula
from uq.core.copulas.fitting import copula_from_data
from uq.core.problem import Problem

JUDGED = 2000.0
"""Draws at most that count where copulas are compared: of more, every law asks for a finer family than there is."""


def posterior_dependence(
    prior: Problem,
    order: IntArray,
    root: FloatArray,
    linked: BoolArray,
    blocks: Sequence[tuple[IntArray, Block]],
    w: FloatArray,
) -> tuple[FloatArray | None, dict[tuple[str, ...], Copula]]:
    """Correlation of the Gaussian copula after the measurements, and copulas of inputs whose draws ask for another.

    Exact where all blocks are Gaussian; by the draws' normal scores for pairs that a block joins which is not, and for
    inputs that the prior joins by another copula.

    Parameters
    ----------
    prior : Problem
        The inputs as known before.
    order : ndarray (d,)
        Of the germs.
    root : ndarray (d, d)
        Scores from germs of a Gaussian copula, in this order.
    linked : ndarray (d, d)
        Which germs each score follows from.
    blocks : sequence of tuple
        Germs and their posterior.
    w : ndarray (n, d)
        Draws of the scores, in the problem's order.

    Returns
    -------
    tuple of ndarray and dict
        As `Problem` takes them.
    """
    d = prior.dimension
    covariance, curved = np.eye(d), np.zeros((d, d), dtype=bool)
    moved = np.zeros(d, dtype=bool)
    for rows, block in blocks:
        moved[rows] = True
        if isinstance(block, Gaussian):
            covariance[np.ix_(rows, rows)] = block.covariance
        else:
            curved[np.ix_(rows, rows)] = True
    joint = root @ covariance @ root.T
    scale = np.sqrt(np.diag(joint))
    found = joint / np.outer(scale, scale)
    kept: dict[tuple[str, ...], Copula] = {}
    by_draws = linked.astype(float) @ curved @ linked.T.astype(float) > 0.0
    place = np.argsort(order)
    for columns, copula in prior.copulas:
        at = place[list(columns)]
        if linked[at][:, moved].any():
            by_draws[np.ix_(at, at)] = True
        else:
            kept[tuple(prior.input_names[j] for j in columns)] = copula
    if by_draws.any():
        scores = w[:, order]
        found = np.where(by_draws, np.corrcoef(normal_scores(scores), rowvar=False).reshape(d, d), found)
        smallest = float(np.linalg.eigvalsh(found)[0])
        if smallest < 1e-9:  # entries from draws and entries by formula need not fit to the last digit
            found = (found - (smallest - 1e-9) * np.eye(d)) / (1.0 - smallest + 1e-9)
    np.fill_diagonal(found, 1.0)
    result = np.eye(d)
    result[np.ix_(order, order)] = 0.5 * (found + found.T)
    for some in _joined(by_draws, found, order):
        asked = _asked(prior, some, w[:, some], _worth(len(w), blocks))
        if asked is not None:
            result[some] = result[:, some] = 0.0
            result[some, some] = 1.0
            kept[tuple(prior.input_names[j] for j in some)] = asked
    return (None if np.array_equal(result, np.eye(d)) else result), kept


def _joined(by_draws: BoolArray, found: FloatArray, order: IntArray) -> list[list[int]]:
    """Inputs that hang together, of two or more, among which a pair is known by draws alone."""
    label = csgraph.connected_components(by_draws | (found != 0.0), directed=False)[1]
    groups = [np.flatnonzero(label == c) for c in range(label.max() + 1)]
    apart = by_draws & ~np.eye(len(found), dtype=bool)
    return [sorted(order[g].tolist()) for g in groups if apart[np.ix_(g, g)].any()]


def _worth(draws: int, blocks: Sequence[tuple[IntArray, Block]]) -> float:
    """Independent rows that the draws are worth: no more than the chains have, or than tell families apart."""
    walked = [block.rest if isinstance(block, Summed) else block for _, block in blocks]
    return min([float(draws), JUDGED, *(one.chains.effective for one in walked if isinstance(one, Sampled))])


def _asked(prior: Problem, some: list[int], drawn: FloatArray, worth: float) -> Copula | None:
    """The copula that draws of these inputs ask for; None for the Gaussian and for independence."""
    if any(isinstance(copula, VineCopula) and set(columns) & set(some) for columns, copula in prior.copulas):
        return VineCopula.fit(drawn)
    if (np.ptp(drawn, axis=0) == 0.0).any():
        return None
    copula = copula_from_data(drawn, worth=worth, resamples=0).copula
    return None if isinstance(copula, GaussianCopula) else copula
