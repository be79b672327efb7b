"""Chaos expansions as numbers for a page that computes in a browser (`uq.report.explorer`).

Expansions as `uq.surrogates.export` states them, the germs of the draws, quantile tables of the laws and the trained
domain; a record says where each array lies in one string of bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from uq import sampling
from uq.core.distributions import Discrete, Distribution
from uq.core.estimate import SEED
from uq.core.problem import SMALLEST_PROBABILITY
from uq.surrogates.base import Surrogate
from uq.surrogates.composite import Switched, switch_error
from uq.surrogates.domain import Domain
from uq.surrogates.evaluate import COMMON
from uq.surrogates.export import plain
from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos

DRAWS = 2**12
MOST_OUTPUTS = 12
_RECURRENCE = ("shift", "scale", "factor", "offset", "back")
"""What the polynomials of a basis are computed from (`uq.surrogates.export.plain`)."""

SPAN = 6.0
"""Germs lie in [-SPAN, SPAN]; beyond lies a probability of 2e-9."""
NODES = 385
"""Of each quantile table, in equal steps of the germ: a thirty-second."""
LEVELS = (0.05, 0.5, 0.95)
"""Quantiles that are shown."""


def browser_numbers(
    expansions: Sequence[PolynomialChaos | Switched],
    outputs: Sequence[str],
    *,
    draws: int = DRAWS,
    seed: int = SEED,
) -> tuple[dict[str, Any], bytes]:
    """What the page's worker computes with: a record, and the bytes of the arrays that it names.

    Parameters
    ----------
    expansions : Sequence[PolynomialChaos | Switched]
        Chaos expansions of one problem's inputs.
    outputs : sequence of str
        In the order of the page.
    draws : int, default DRAWS
        Points of a scrambled Sobol' plan behind every number.
    seed : int, default SEED
        Of every random choice; the same seed gives the same result.

    Returns
    -------
    tuple of dict and bytes
        The record, and the arrays that it names.

    Raises
    ------
    ValueError
        For no, too many or unlike expansions.
    TypeError
        For a surrogate that is no chaos expansion.
    """
    _check(expansions, outputs)
    store = _Store()
    problem = expansions[0].problem
    d = problem.dimension
    domain = Domain.of(problem, expansions[0].x)
    correlation = np.eye(d) if problem.correlation is None else problem.correlation
    components: list[PolynomialChaos] = []
    for learned in expansions:
        components += [
            one for one in _components(learned) if not any(_same(one, other) for other in components)
        ]
    first = dict(zip(map(id, components), _firsts(components), strict=True))

    def place(part: Surrogate, output: str) -> int:
        same = next(one for one in components if _same(one, part))
        return first[id(same)] + same.problem.output_index(output)

    made: dict[str, dict[str, Any]] = {}
    for learned in expansions:
        for name in learned.problem.output_names:
            if isinstance(learned, PolynomialChaos):
                made[name] = {"plain": place(learned, name)}
                continue
            (gate,) = learned.switch.problem.output_names
            made[name] = {
                "plain": None,
                "switch": place(learned.switch, gate),
                "error": switch_error(learned.switch),
                "above": place(learned.above, name),
                "below": place(learned.below, name),
            }
    bases: list[dict[str, Any]] = []
    parts = []
    for one in components:
        (record,) = plain(one)
        basis = {key: record[key] for key in ("degree", "logarithmic", *_RECURRENCE)}
        if basis not in bases:
            bases.append(basis)
        m = len(one.problem.outputs)
        parts.append(
            {
                "basis": bases.index(basis),
                "columns": list(range(first[id(one)], first[id(one)] + m)),
                "start": store.add(record["start"], "i4"),
                "places": store.add(record["places"], "i4"),
                "weights": store.add(record["weights"], "f8"),
                "directions": one.uncertainty.shape[1],
                "uncertainty": store.add(one.uncertainty.reshape(-1, one.uncertainty.shape[1] * m), "f4"),
                "floor": one.floor.tolist(),
            }
        )
    record = {
        "seed": seed,
        "rows": draws,
        "span": SPAN,
        "levels": list(LEVELS),
        "common": COMMON,
        "germs": store.add(germs(d, draws, seed=seed).T, "u2"),
        "correlation": store.add(correlation, "f8"),
        "factor": store.add(np.linalg.cholesky(correlation), "f8"),
        "inputs": [
            {
                "low": float(low),
                "high": float(high),
                **_table(one.distribution, store),
            }
            for one, low, high in zip(problem.inputs, domain.low, domain.high, strict=True)
        ],
        "domain": {
            "radius": domain.radius,
            "distance": domain.distance if np.isfinite(domain.distance) else None,
            "centre": store.add(domain.centre, "f8"),
            "root": store.add(domain.inverse_root, "f8"),
        },
        "bases": [
            {
                "degree": basis["degree"],
                "logarithmic": [int(j in basis["logarithmic"]) for j in range(d)],
                **{key: store.add(basis[key], "f8") for key in _RECURRENCE},
            }
            for basis in bases
        ],
        "parts": parts,
        "outputs": [
            {"span": list(span), **made[name]}
            for name, span in zip(outputs, _spans(expansions, outputs, draws, seed), strict=True)
        ],
    }
    return record, bytes(store.bytes)


def _check(expansions: Sequence[PolynomialChaos | Switched], outputs: Sequence[str]) -> None:
    if not expansions:
        raise ValueError("an explorer needs at least one chaos expansion")
    for one in expansions:
        _components(one)
        if one.problem.copula is not None:
            raise ValueError(
                "the explorer's page draws dependent inputs by a Gaussian copula alone; give their correlation instead"
            )
        if one.problem.inputs != expansions[0].problem.inputs:
            raise ValueError("the expansions have different inputs; fit them to the same problem")
    known = [name for one in expansions for name in one.problem.output_names]
    if len(known) > MOST_OUTPUTS:
        raise ValueError(f"{len(known)} outputs; an explorer shows at most {MOST_OUTPUTS}: choose some")
    if sorted(known) != sorted(outputs):
        raise ValueError("the outputs in words are not those of the expansions")


def germs(dimension: int, draws: int = DRAWS, *, seed: int = SEED) -> NDArray[np.uint16]:
    """Standard normal germs of a scrambled Sobol' plan, as the page holds them: z = code 2 SPAN / 65535 - SPAN.

    Parameters
    ----------
    dimension : int
        d, number of inputs.
    draws : int, default DRAWS
        Points of a scrambled Sobol' plan.
    seed : int, default SEED
        Of every random choice; the same seed gives the same result.

    Returns
    -------
    ndarray of uint16 (draws, d)
        Codes.
    """
    unit = np.clip(
        sampling.sobol_sequence(draws, dimension, seed=seed).unit, SMALLEST_PROBABILITY, 1.0 - 2.0**-53
    )
    return np.clip(np.round((special.ndtri(unit) + SPAN) * (65535 / (2.0 * SPAN))), 0, 65535).astype(
        np.uint16
    )


class _Store:
    """Arrays one behind the other, each at a multiple of eight bytes."""

    def __init__(self) -> None:
        self.bytes = bytearray()

    def add(self, values: Any, kind: str) -> dict[str, Any]:
        """Where the array is found."""
        array = np.ascontiguousarray(values, dtype="<" + kind).ravel()
        self.bytes += bytes(-len(self.bytes) % 8)
        place = {"bytes": len(self.bytes), "size": len(array), "kind": kind}
        self.bytes += array.tobytes()
        return place


def _table(law: Distribution, store: _Store) -> dict[str, Any]:
    """Quantiles at equal steps of the germ, or the values of a discrete law and the germs between them."""
    if isinstance(law, Discrete):
        edges = np.clip(special.ndtri(np.cumsum(law.weights)[:-1]), -SPAN, SPAN)
        return {"table": store.add(law.values, "f8"), "edges": store.add(edges, "f8")}
    return {"table": store.add(law.at_normal(np.linspace(-SPAN, SPAN, NODES)), "f8"), "edges": None}


def _components(learned: Surrogate) -> tuple[PolynomialChaos, ...]:
    """The expansions that a surrogate is made of.  Raises TypeError for one that is made of others."""
    match learned:
        case PolynomialChaos():
            return (learned,)
        case Switched():
            return tuple(
                one for part in (learned.switch, learned.below, learned.above) for one in _components(part)
            )
    raise TypeError(f"{type(learned).__name__} is too slow for a page; give the explorer chaos expansions")


def _same(one: Surrogate, other: Surrogate) -> bool:
    """Whether two expansions are one, as the switch of several outputs is."""
    if one is other:
        return True
    assert isinstance(one, PolynomialChaos)
    assert isinstance(other, PolynomialChaos)
    return (
        one.problem.output_names == other.problem.output_names
        and np.array_equal(one.indices, other.indices)
        and np.array_equal(one.coefficients, other.coefficients)
    )


def _firsts(components: Sequence[PolynomialChaos]) -> list[int]:
    return np.cumsum([0, *(len(one.problem.outputs) for one in components[:-1])]).tolist()


def _spans(
    expansions: Sequence[Surrogate], outputs: Sequence[str], draws: int, seed: int
) -> list[tuple[float, float]]:
    """Where the histogram of each output begins and ends: its quantiles when nothing is required, and some room."""
    unit = special.ndtr(
        germs(expansions[0].problem.dimension, min(draws, 2048), seed=seed) * (2.0 * SPAN / 65535) - SPAN
    )
    x = expansions[0].problem.physical(unit)
    found = {}
    for one in expansions:
        for name, values in zip(one.problem.output_names, one.mean(x).T, strict=True):
            low, high = np.quantile(values, [0.001, 0.999])
            found[name] = (float(low - 0.1 * (high - low)), float(high + 0.1 * (high - low)))
    return [found[name] for name in outputs]
