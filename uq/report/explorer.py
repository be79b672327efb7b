"""A page on which the inputs of chaos expansions are moved and everything else answers at once, without a server.

    point        mean and 90 % interval of every output, as `PolynomialChaos.predict`
    Monte Carlo  4,096 draws of the inputs under what is required of them, as `uq.requirements.conditioning`;
                 compliance as `uq.requirements.probability`
    sensitivity  Var E[y | x_j] / Var y over those draws: what is gained by learning x_j
    sets         fixed designs under a set of requirements: true runs of those with names, a Gaussian process between
    surface      numbers over two inputs that were found elsewhere, with the point upon it

One file: the numbers of the expansions and germs drawn by a seed (`uq.surrogates.browser_numbers`), the arithmetic as
the source of a worker.  What comes from case files is data: JSON in a script block with every ``<`` escaped, set as
text only; a content security policy admits the page's own script and its worker, and nothing else.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from uq.core.array_types import BoolArray, FloatArray
from uq.core.estimate import Estimate
from uq.core.problem import Problem
from uq.core.text import json_of
from uq.report.rendering import digest, filled, template

UNRELIABLE = 0.9
"""Surrogates of a smaller Q2 are marked as not to be relied upon."""


DATA = '<script type="application/json" id="data">'
SCRIPTS = (
    "explorer_numbers.js",
    "explorer_state.js",
    "explorer_sliders.js",
    "explorer_answers.js",
    "explorer_drawings.js",
    "explorer.js",
)
"""In this order: each uses what those before it name."""
SIDES = {"at least": "least", "at most": "most", "exactly": "exactly", "chosen": "chosen"}
"""In the page's script, and in its links."""


@dataclass(frozen=True)
class Curve:
    """A number that was found elsewhere at some values (SI, rising) of a control, read off between them."""

    label: str
    """In words."""
    unit: str
    """That is shown."""
    at: tuple[float, ...]
    """Values of the control, rising, SI."""
    found: tuple[Estimate, ...]
    """The number at each."""


@dataclass(frozen=True)
class Control:
    """A slider.  `low`, `high`, `value` are in the input's own unit; shown is (value - offset) / slope in `unit`.

    `side` is what a requirement on it means.  A "chosen" one is no input of the expansions: it moves the surface and
    the limits that name it.  Where it is below what the output `caps` would take, that output stands at it, and of the
    others only those that it `leaves` alone are known.  `marks`: values with a word under the slider.
    """

    name: str
    """Of the input."""
    label: str
    """In words."""
    group: str
    """Heading under which it stands."""
    unit: str
    low: float
    high: float
    value: float
    slope: float = 1.0
    """Input's unit for one of the shown unit."""
    offset: float = 0.0
    """Value of the input where zero is shown."""
    side: Literal["at least", "at most", "chosen"] = "at least"
    logarithmic: bool = False
    """Whether the slider is."""
    source: str = ""
    """Of the law."""
    curves: tuple[Curve, ...] = ()
    """Numbers found elsewhere along this slider."""
    marks: tuple[tuple[str, float], ...] = ()
    caps: str = ""
    leaves: tuple[str, ...] = ()


@dataclass(frozen=True)
class DisplayedOutput:
    """An output in words, the unit that is shown and its size in the output's own; what its expansion is worth on rows
    that it never saw (`q2`, `rmse` in the output's unit); what the runs themselves say: `reference` ("mean" and
    "quantile 0.05" ...), and the `shares` of its variance by input, of which `shares_label` says what they are."""

    name: str
    """Of the output of the problem."""
    label: str
    """In words."""
    unit: str
    """That is shown."""
    size: float
    """Of the shown unit, in the output's own."""
    q2: float
    rmse: float
    reference: Mapping[str, Estimate] = field(default_factory=dict)
    shares: Mapping[str, Estimate] = field(default_factory=dict)
    shares_label: str = ""


@dataclass(frozen=True)
class Sum:
    """constant + sum of weights times outputs + sum of weights times inputs, in their own units."""

    constant: float = 0.0
    """In the unit of the sum."""
    outputs: Mapping[str, float] = field(default_factory=dict)
    """Weight by output."""
    inputs: Mapping[str, float] = field(default_factory=dict)
    """Weight by input."""


@dataclass(frozen=True)
class Budget:
    """Rows of sums under `heads`, all in one unit; None where a column has nothing to say."""

    title: str
    """Above the table."""
    unit: str
    """Of all rows."""
    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Sum | None, ...]], ...]
    """Label, and a sum for each head."""
    notes: tuple[str, ...] = ()
    """Below the table."""


@dataclass(frozen=True)
class Watched:
    """A limit on an output, in its unit.  `control`: the slider that moves its upper bound.  Only limits that count
    enter the joint compliance; one with words for the `headline` stands above all.  `reference`: what the runs
    themselves say where nothing is required."""

    label: str
    """In words."""
    output: str
    """Name of the output."""
    low: float = -np.inf
    """Lower bound; minus infinity for none."""
    high: float = np.inf
    """Upper bound; infinity for none."""
    control: str = ""
    counts: bool = True
    """Whether a sample that breaks it does not comply."""
    headline: str = ""
    reference: Estimate | None = None


@dataclass(frozen=True)
class SetOutput:
    """What a fixed design does under a set of requirements; `numbers` as `uq.surrogates.browser_process` makes them of
    its surrogate (None: not learned), whose `q2` was found on sets that were left out."""

    name: str
    """Of the output."""
    label: str
    """In words."""
    unit: str
    """That is shown."""
    probability: bool
    """Whether it is one, predicted through its normal score."""
    q2: float
    numbers: Mapping[str, Any] | None


@dataclass(frozen=True)
class Sets:
    """Fixed designs under sets of requirements.  `inputs` can be required, within quantiles of the `germs`; `control`
    limits the design, over a `reference`, within `shares`.  The first of `outputs` stands in the headline."""

    title: str
    """Above the numbers."""
    outputs: tuple[SetOutput, ...]
    inputs: tuple[str, ...]
    germs: tuple[float, float]
    control: str
    reference: float
    shares: tuple[float, float]
    notes: tuple[str, ...] = ()
    """Below them."""


@dataclass(frozen=True)
class Preset:
    """A set by its name: `settings` of controls (side and value; all others as at the start), and by name of
    `Sets.outputs` what true runs said, of which `words` say which."""

    label: str
    """Of the button."""
    words: str
    settings: Mapping[str, tuple[Literal["at least", "at most", "exactly"], float]]
    answers: Mapping[str, Estimate]
    """By the name of the output."""
    detail: str = ""
    """In words, below the label."""


@dataclass(frozen=True)
class Surface:
    """A probability (a, b) over the values of two controls (rising, in their own units), with its interval, and the
    curves on which it has certain values: second by first value, NaN where there is none."""

    title: str
    """Above the drawing."""
    label: str
    """Of the probability."""
    first: str
    """Name of the control along the first axis."""
    second: str
    """Name of the control along the second axis."""
    at_first: FloatArray
    """(a,) values of `first`."""
    at_second: FloatArray
    """(b,) values of `second`."""
    value: FloatArray
    """(a, b) probability, 0 to 1."""
    low: FloatArray
    """(a, b) end of the interval."""
    high: FloatArray
    """(a, b) end of the interval."""
    reachable: BoolArray
    """(a, b) whether physics goes there."""
    lines: Mapping[str, FloatArray] = field(default_factory=dict)
    """(a,) second values by the label of the curve."""
    notes: tuple[str, ...] = ()
    """Below the drawing."""


@dataclass(frozen=True)
class Explorer:
    """What the page shows.  `problem`: the inputs with their laws and dependence; `labels`: inputs in words; `brief`:
    outputs that stand above all, the first by its mean over what is `drawn`, in words; `min_q2`: expansions of a
    smaller Q2 are marked as rough, and as not to be relied upon below `UNRELIABLE`."""

    title: str
    """Of the page."""
    question: str
    """That the page answers."""
    introduction: tuple[str, ...]
    """Paragraphs above all controls."""
    problem: Problem
    controls: tuple[Control, ...]
    """Sliders, in their order."""
    outputs: tuple[DisplayedOutput, ...]
    """What is shown of the model."""
    labels: Mapping[str, str]
    brief: tuple[str, ...]
    limits: tuple[Watched, ...] = ()
    """That samples must hold."""
    budget: Budget | None = None
    """Where there is one."""
    surface: Surface | None = None
    """Where there is one."""
    sets: Sets | None = None
    """Fixed designs, where there are any."""
    presets: tuple[Preset, ...] = ()
    """Sets by name."""
    drawn: str = ""
    min_q2: float = 0.98
    provenance: Mapping[str, str] = field(default_factory=dict)
    """What the page was made from, by its name."""


def explorer(what: Explorer, model: Mapping[str, Any], numbers: bytes) -> str:
    """The page as one HTML file.

    Parameters
    ----------
    what : Explorer
        Title, sliders, outputs and limits.
    model : mapping
        The record of `uq.surrogates.browser_numbers`, its outputs in the order of ``what.outputs``.
    numbers : bytes
        The bytes of its arrays.

    Returns
    -------
    str
        HTML.
    """
    arithmetic = template("arithmetic.js") + template("sets.js")
    outputs = [{"rmse": shown.rmse, **one} for shown, one in zip(what.outputs, model["outputs"], strict=True)]
    worker = {
        **model,
        "outputs": outputs,
        "sums": [_sum(what, total) for total in _sums(what.budget)],
        "sets": None if what.sets is None else _set_numbers(what.problem, what.sets),
    }
    data = {"page": _page(what), "model": worker, "seed": model["seed"]}
    # one script of several files, which share what the first ones name; texts are set as text, never as markup
    parts = "".join(template(name) for name in SCRIPTS)
    script, style = f'"use strict";\n(function () {{\n{parts}}})();\n', template("explorer.css")
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
        bytes=base64.b64encode(numbers).decode(),
    )


def with_preset(page: str, preset: Preset) -> str:
    """A page that `explorer` made, with one more preset; one of the same label goes.

    Parameters
    ----------
    page : str
        HTML.
    preset : Preset
        Settings of what has no control are left out.

    Returns
    -------
    str
        HTML.

    Raises
    ------
    ValueError
        For another page.
    """
    before, mark, rest = page.partition(DATA)
    text, end, after = rest.partition("</script>")
    try:
        data = json_of(text)
        known = {one["name"] for one in data["page"]["controls"]}
        others = [one for one in data["page"]["presets"] if one["label"] != preset.label]
    except (ValueError, KeyError, TypeError):
        raise ValueError("the page is no explorer of this version; run the study again") from None
    settings = {name: one for name, one in preset.settings.items() if name in known}
    data["page"]["presets"] = [*others, _preset(dataclasses.replace(preset, settings=settings))]
    return before + mark + escaped(data) + end + after


def escaped(value: Any) -> str:
    """JSON that ends no script block, whatever its strings hold.

    Parameters
    ----------
    value : Any
        Plain data without NaN.

    Returns
    -------
    str
        JSON.

    Examples
    --------
    >>> escaped({"title": "</script>"})
    '{"title":"\\\\u003c/script>"}'
    """
    return json.dumps(value, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")


def _sums(budget: Budget | None) -> list[Sum]:
    """Every different sum once."""
    found: list[Sum] = []
    for _, cells in budget.rows if budget else ():
        found += [cell for cell in cells if cell is not None and cell not in found]
    return found


def _sum(what: Explorer, total: Sum) -> dict[str, Any]:
    names = [shown.name for shown in what.outputs]
    return {
        "constant": total.constant,
        "outputs": [[names.index(name), weight] for name, weight in total.outputs.items()],
        "inputs": [[what.problem.index(name), weight] for name, weight in total.inputs.items()],
    }


def _page(what: Explorer) -> dict[str, Any]:
    """What the page says and draws, by the names of the data above; quantities that the scripts count by index."""
    problem = what.problem
    names = [shown.name for shown in what.outputs]
    sums = _sums(what.budget)
    return {
        "title": what.title,
        "introduction": what.introduction,
        "min_q2": what.min_q2,
        "brief": [names.index(name) for name in what.brief],
        "inputs": [
            {
                "name": one.name,
                "unit": one.unit,
                "label": what.labels.get(one.name, one.name),
                "median": float(one.distribution.ppf(0.5)),
            }
            for one in problem.inputs
        ],
        "controls": [
            _plain(one, side=SIDES[one.side], input=None if one.side == "chosen" else problem.index(one.name))
            for one in what.controls
        ],
        "outputs": [
            _plain(shown, shares={str(problem.index(key)): _plain(one) for key, one in shown.shares.items()})
            for shown in what.outputs
        ],
        "limits": [_plain(limit, output=names.index(limit.output)) for limit in what.limits],
        "budget": what.budget
        and _plain(
            what.budget,
            rows=[
                {"label": label, "cells": [None if cell is None else sums.index(cell) for cell in cells]}
                for label, cells in what.budget.rows
            ],
        ),
        "surface": what.surface
        and _plain(
            what.surface,
            lines=[{"label": label, "at": _plain(line)} for label, line in what.surface.lines.items()],
        ),
        "sets": what.sets
        and _plain(what.sets, outputs=[_plain(one, numbers=None) for one in what.sets.outputs]),
        "presets": [_preset(one) for one in what.presets],
        "unreliable": UNRELIABLE,
        "drawn": what.drawn,
        "provenance": dict(what.provenance),
    }


def _set_numbers(problem: Problem, sets: Sets) -> dict[str, Any]:
    return {
        "inputs": [problem.index(name) for name in sets.inputs],
        "germs": sets.germs,
        "shares": sets.shares,
        "outputs": [{"probability": one.probability, "numbers": one.numbers} for one in sets.outputs],
    }


def _preset(preset: Preset) -> dict[str, Any]:
    return _plain(
        preset, settings={name: [SIDES[side], value] for name, (side, value) in preset.settings.items()}
    )


def _plain(value: Any, **instead: Any) -> Any:
    """A value as the scripts read it: data by their fields, in their spelling (`sharesLabel`) and some `instead`, an
    estimate as three numbers, a number that is none as null."""
    if isinstance(value, Estimate):
        return [_plain(v) for v in (value.value, value.low, value.high)]
    if dataclasses.is_dataclass(value):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)} | instead
        return {re.sub("_(.)", lambda m: m[1].upper(), name): _plain(one) for name, one in fields.items()}
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, tuple | list | np.ndarray):
        return [_plain(one) for one in (value.tolist() if isinstance(value, np.ndarray) else value)]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def controls_of(problem: Problem, names: Sequence[str]) -> dict[str, tuple[float, float, float, bool]]:
    """Lowest and highest value, median, and whether to move in logarithms, for sliders of the inputs `names`: the
    0.1 % and 99.9 % quantiles and a tenth of their distance beyond, so that the trained domain can be left.

    Parameters
    ----------
    problem : Problem
        Inputs with their laws, outputs and, where it has one, the model.
    names : sequence of str
        Of inputs.

    Returns
    -------
    dict of str to tuple
        Lowest, highest, median, and whether logarithmic.
    """
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
