"""A page on which the inputs of chaos expansions are moved and everything else answers at once, without a server.

    point        mean and 90 % interval of every output, as `PolynomialChaos.predict`
    Monte Carlo  10,000 draws of the inputs under what is levied on them, as `uq.requirements.conditioning`;
                 compliance as `uq.requirements.probability`
    sensitivity  Var E[y | x_j] / Var y over those draws: what is gained by learning x_j
    surface      numbers over two inputs that were found elsewhere, with the point upon it

One file: the numbers of the expansions, germs drawn here by a seed, the arithmetic as the source of a worker.  What
comes from case files is data: JSON in a script block with every ``<`` escaped, set as text only; a content security
policy admits the page's own script and its worker, and nothing else.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from uq import sampling
from uq.core.distributions import Discrete, Distribution
from uq.core.estimate import Estimate
from uq.core.problem import SMALLEST_PROBABILITY, Problem
from uq.report.rendering import digest, filled, template
from uq.requirements.probability import COMMON
from uq.surrogates.base import Surrogate
from uq.surrogates.composite import Switched, switch_error
from uq.surrogates.domain import Domain
from uq.surrogates.export import plain
from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos

FloatArray = NDArray[np.float64]

DRAWS = 10_000
MOST_OUTPUTS = 12
_RECURRENCE = ("shift", "scale", "factor", "offset", "back")
"""What the polynomials of a basis are computed from (`uq.surrogates.export.plain`)."""

SPAN = 6.0
"""Germs lie in [-SPAN, SPAN]; beyond lies a probability of 2e-9."""
NODES = 385
"""Of each quantile table, in equal steps of the germ: a thirty-second."""
LEVELS = (0.05, 0.5, 0.95)
"""Quantiles that are shown."""


@dataclass(frozen=True)
class Curve:
    """A number that was found elsewhere at some values (SI, rising) of a control, read off between them."""

    label: str
    unit: str
    at: tuple[float, ...]
    found: tuple[Estimate, ...]


@dataclass(frozen=True)
class Control:
    """A slider.  `low`, `high`, `value` are in the input's own unit; shown is (value - offset) / slope in `unit`.

    `side` is what a requirement on it means.  A "chosen" one is no input of the expansions: it moves the surface and
    the limits that name it.
    """

    name: str
    label: str
    group: str
    unit: str
    low: float
    high: float
    value: float
    slope: float = 1.0
    offset: float = 0.0
    side: Literal["at least", "at most", "chosen"] = "at least"
    logarithmic: bool = False
    source: str = ""
    curves: tuple[Curve, ...] = ()


@dataclass(frozen=True)
class Told:
    """An output in words, the unit that is shown and its size in the output's own; what its expansion is worth on rows
    that it never saw (`q2`, `rmse` in the output's unit); what the runs themselves say: `reference` ("mean" and
    "quantile 0.05" ...), and the `shares` of its variance by input, of which `shares_label` says what they are."""

    name: str
    label: str
    unit: str
    size: float
    q2: float
    rmse: float
    reference: Mapping[str, Estimate] = field(default_factory=dict)
    shares: Mapping[str, Estimate] = field(default_factory=dict)
    shares_label: str = ""


@dataclass(frozen=True)
class Sum:
    """constant + sum of weights times outputs + sum of weights times inputs, in their own units."""

    constant: float = 0.0
    outputs: Mapping[str, float] = field(default_factory=dict)
    inputs: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Budget:
    """Rows of sums under `heads`, all in one unit; None where a column has nothing to say."""

    title: str
    unit: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Sum | None, ...]], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Watched:
    """A limit on an output, in its unit.  `control`: the slider that moves its upper bound.  Only limits that count
    enter the joint compliance."""

    label: str
    output: str
    low: float = -np.inf
    high: float = np.inf
    control: str = ""
    counts: bool = True


@dataclass(frozen=True)
class Surface:
    """A probability (a, b) over the values of two controls (rising, in their own units), with its interval, and the
    curves on which it has certain values: second by first value, NaN where there is none."""

    title: str
    label: str
    first: str
    second: str
    at_first: FloatArray
    at_second: FloatArray
    value: FloatArray
    low: FloatArray
    high: FloatArray
    reachable: NDArray[np.bool_]
    lines: Mapping[str, FloatArray] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Explorer:
    """All that the page needs.  `labels`: inputs in words; `brief`: outputs that stand above all; `enough`: expansions
    of a smaller Q2 are marked as not to be relied upon."""

    title: str
    question: str
    introduction: tuple[str, ...]
    expansions: tuple[PolynomialChaos | Switched, ...]
    controls: tuple[Control, ...]
    outputs: tuple[Told, ...]
    labels: Mapping[str, str]
    brief: tuple[str, ...]
    limits: tuple[Watched, ...] = ()
    budget: Budget | None = None
    surface: Surface | None = None
    enough: float = 0.98
    provenance: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for one in self.expansions:
            _components(one)
        if not self.expansions:
            raise ValueError("an explorer needs at least one chaos expansion")
        first = self.problem
        for other in self.expansions:
            if other.problem.inputs != first.inputs:
                raise ValueError("the expansions have different inputs; fit them to the same problem")
        known = [name for one in self.expansions for name in one.problem.output_names]
        if len(known) > MOST_OUTPUTS:
            raise ValueError(f"{len(known)} outputs; an explorer shows at most {MOST_OUTPUTS}: choose some")
        if sorted(known) != sorted(told.name for told in self.outputs):
            raise ValueError("the outputs in words are not those of the expansions")

    @property
    def problem(self) -> Problem:
        """The inputs with their laws and dependence."""
        return self.expansions[0].problem


def explorer(what: Explorer, *, draws: int = DRAWS, seed: int = 1) -> str:
    """The page as one HTML file.  `draws` points of a scrambled Sobol' plan of `seed` stand behind every number."""
    store = _Store()
    arithmetic = template("arithmetic.js")
    data = {"page": _page(what), "model": _model(what, store, draws, seed), "seed": seed}
    script, style = template("explorer.js"), template("explorer.css")
    return filled(
        "explorer.html",
        title=what.title,
        question=what.question,
        style=style,
        style_hash=digest(style),
        script=script,
        script_hash=digest(script),
        arithmetic=escaped(arithmetic),
        data=escaped(data),
        bytes=base64.b64encode(bytes(store.bytes)).decode(),
    )


def escaped(value: Any) -> str:
    """JSON that ends no script block, whatever its strings hold.

    >>> escaped({"title": "</script>"})
    '{"title":"\\\\u003c/script>"}'
    """
    return json.dumps(value, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")


def germs(dimension: int, draws: int = DRAWS, *, seed: int = 1) -> NDArray[np.uint16]:
    """(draws, dimension) standard normal germs of a scrambled Sobol' plan, as the page holds them: z = code 2 SPAN /
    65535 - SPAN."""
    unit = np.clip(sampling.sobol(draws, dimension, seed=seed).unit, SMALLEST_PROBABILITY, 1.0 - 2.0**-53)
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


def _model(what: Explorer, store: _Store, draws: int, seed: int) -> dict[str, Any]:
    """What the worker computes with."""
    problem, d = what.problem, what.problem.dimension
    names = [told.name for told in what.outputs]
    domain = Domain.of(problem, what.expansions[0].x)
    correlation = np.eye(d) if problem.correlation is None else problem.correlation
    components: list[PolynomialChaos] = []
    for learned in what.expansions:
        components += [
            one for one in _components(learned) if not any(_same(one, other) for other in components)
        ]
    first = dict(zip(map(id, components), _firsts(components), strict=True))

    def place(part: Surrogate, output: str) -> int:
        same = next(one for one in components if _same(one, part))
        return first[id(same)] + same.problem.output_index(output)

    made: dict[str, dict[str, Any]] = {}
    for learned in what.expansions:
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
                "directions": one.doubt.shape[1],
                "doubt": store.add(one.doubt.reshape(-1, one.doubt.shape[1] * m), "f4"),
                "floor": one.floor.tolist(),
            }
        )
    return {
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
            {"rmse": told.rmse, "span": list(span), **made[told.name]}
            for told, span in zip(what.outputs, _spans(what, draws, seed), strict=True)
        ],
        "sums": [
            {
                "constant": total.constant,
                "outputs": [[names.index(name), weight] for name, weight in total.outputs.items()],
                "inputs": [[problem.index(name), weight] for name, weight in total.inputs.items()],
            }
            for total in _sums(what.budget)
        ],
    }


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


def _sums(budget: Budget | None) -> list[Sum]:
    """Every different sum once."""
    found: list[Sum] = []
    for _, cells in budget.rows if budget else ():
        found += [cell for cell in cells if cell is not None and cell not in found]
    return found


def _spans(what: Explorer, draws: int, seed: int) -> list[tuple[float, float]]:
    """Where the histogram of each output begins and ends: its quantiles when nothing is levied, and some room."""
    unit = special.ndtr(
        germs(what.problem.dimension, min(draws, 2048), seed=seed) * (2.0 * SPAN / 65535) - SPAN
    )
    x = what.problem.physical(unit)
    found = {}
    for one in what.expansions:
        for name, values in zip(one.problem.output_names, one.mean(x).T, strict=True):
            low, high = np.quantile(values, [0.001, 0.999])
            found[name] = (float(low - 0.1 * (high - low)), float(high + 0.1 * (high - low)))
    return [found[told.name] for told in what.outputs]


def _page(what: Explorer) -> dict[str, Any]:
    """What is shown, in words and shown units."""
    problem = what.problem
    names = [told.name for told in what.outputs]
    sums = _sums(what.budget)
    medians = [float(one.distribution.ppf(0.5)) for one in problem.inputs]
    return {
        "title": what.title,
        "introduction": list(what.introduction),
        "enough": what.enough,
        "brief": [names.index(name) for name in what.brief],
        "inputs": [
            {
                "name": one.name,
                "unit": one.unit,
                "label": what.labels.get(one.name, one.name),
                "median": median,
            }
            for one, median in zip(problem.inputs, medians, strict=True)
        ],
        "controls": [_control(problem, one) for one in what.controls],
        "outputs": [
            {
                "name": told.name,
                "label": told.label,
                "unit": told.unit,
                "size": told.size,
                "q2": _number(told.q2),
                "reference": {key: _estimate(one) for key, one in told.reference.items()},
                "shares": {str(problem.index(key)): _estimate(one) for key, one in told.shares.items()},
                "sharesLabel": told.shares_label,
            }
            for told in what.outputs
        ],
        "limits": [
            {
                "label": limit.label,
                "output": names.index(limit.output),
                "low": _number(limit.low),
                "high": _number(limit.high),
                "control": limit.control,
                "counts": limit.counts,
            }
            for limit in what.limits
        ],
        "budget": None
        if what.budget is None
        else {
            "title": what.budget.title,
            "unit": what.budget.unit,
            "heads": list(what.budget.heads),
            "notes": list(what.budget.notes),
            "rows": [
                {"label": label, "cells": [None if cell is None else sums.index(cell) for cell in cells]}
                for label, cells in what.budget.rows
            ],
        },
        "surface": None if what.surface is None else _surface(what.surface),
        "provenance": dict(what.provenance),
    }


def _control(problem: Problem, one: Control) -> dict[str, Any]:
    chosen = one.side == "chosen"
    return {
        "name": one.name,
        "label": one.label,
        "group": one.group,
        "unit": one.unit,
        "low": one.low,
        "high": one.high,
        "value": one.value,
        "slope": one.slope,
        "offset": one.offset,
        "side": {"at least": "least", "at most": "most", "chosen": "chosen"}[one.side],
        "logarithmic": one.logarithmic,
        "source": one.source,
        "input": None if chosen else problem.index(one.name),
        "curves": [
            {
                "label": curve.label,
                "unit": curve.unit,
                "at": list(curve.at),
                "found": [_estimate(found) for found in curve.found],
            }
            for curve in one.curves
        ],
    }


def _surface(surface: Surface) -> dict[str, Any]:
    return {
        "title": surface.title,
        "label": surface.label,
        "first": surface.first,
        "second": surface.second,
        "atFirst": surface.at_first.tolist(),
        "atSecond": surface.at_second.tolist(),
        "value": _rows(surface.value),
        "low": _rows(surface.low),
        "high": _rows(surface.high),
        "reachable": surface.reachable.tolist(),
        "lines": [
            {"label": label, "at": [_number(v) for v in line]} for label, line in surface.lines.items()
        ],
        "notes": list(surface.notes),
    }


def _rows(values: FloatArray) -> list[list[float | None]]:
    return [[_number(v) for v in row] for row in values]


def _number(value: float) -> float | None:
    """JSON knows neither infinite numbers nor none."""
    return float(value) if np.isfinite(value) else None


def _estimate(estimate: Estimate) -> list[float | None]:
    return [_number(v) for v in (estimate.value, estimate.low, estimate.high)]


def controls_of(problem: Problem, names: Sequence[str]) -> dict[str, tuple[float, float, float, bool]]:
    """Lowest and highest value, median, and whether to move in logarithms, for sliders of the inputs `names`: the
    0.1 % and 99.9 % quantiles and a tenth of their distance beyond, so that the trained domain can be left."""
    found = {}
    for name in names:
        law = problem.inputs[problem.index(name)].distribution
        low, middle, high = (float(v) for v in law.ppf(np.array([0.001, 0.5, 0.999])))
        if law.logarithmic and low > 0.0:
            room = (high / low) ** 0.1
            found[name] = (low / room, high * room, middle, True)
        else:
            room = 0.1 * (high - low)
            found[name] = (low - room, high + room, middle, False)
    return found
