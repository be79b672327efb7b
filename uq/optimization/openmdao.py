"""Surrogates and sizing models inside OpenMDAO: two components, and surrogates for its own meta-models.  [openmdao]

    SurrogateComponent    a fitted surrogate with analytic partials, in the place of the model
    ModelComponent        the model of a problem itself, with partials by differences or complex step
    ChaosSurrogate        OpenMDAO's `SurrogateModel`, learned from the training data of `MetaModelUnStructuredComp`
    ProcessSurrogate      the same with a Gaussian process

Names and units are those of the problem, in OpenMDAO's spelling: ``tank.pressure`` in ``kg/m2`` becomes
``tank:pressure`` in ``kg/m**2``, dimensionless quantities have no unit.

Source: Gray et al. (2019), "OpenMDAO: an open-source framework for multidisciplinary design, analysis, and
optimization", doi:10.1007/s00158-019-02211-z.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from uq.core.array_types import FloatArray
from uq.core.bounds import Box
from uq.core.dataset import Dataset
from uq.core.distributions import Uniform
from uq.core.model import real_numbers
from uq.core.problem import Input, Output, Problem
from uq.surrogates.base import Surrogate
from uq.surrogates.gaussian_process.gaussian_process import GaussianProcess
from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos

try:
    import openmdao.api as om
    from openmdao.utils.units import valid_units
except ImportError as error:
    raise ImportError("OpenMDAO is not installed: pip install '.[openmdao]' in the clone") from error


EXCESS = "domain_excess"
"""Output of a `SurrogateComponent`: 0 in the trained ranges, sum of squared shares of a range beyond."""


_UNIT = re.compile(r"(1(?=/))?([A-Za-z_]+|\*\*-?\d(?!\d)|\*(?!\*)|[/()])+")
"""OpenMDAO evaluates units as Python: nothing but names and their powers comes there from a file."""


def name_in_openmdao(name: str) -> str:
    """A name without the marks that OpenMDAO keeps for itself.

    Parameters
    ----------
    name : str
        Of an input or output.

    Returns
    -------
    str
        Without dots, blanks and brackets.

    Examples
    --------
    >>> name_in_openmdao("battery.specific_energy")
    'battery:specific_energy'
    """
    return re.sub(r"[*?!\[\]\s]", "_", name.strip().replace(".", ":"))


def unit_in_openmdao(unit: str) -> str | None:
    """A unit in OpenMDAO's grammar, None for dimensionless.

    Parameters
    ----------
    unit : str
        As in the problem.

    Returns
    -------
    str or None
        None for dimensionless.

    Raises
    ------
    ValueError
        For a unit that OpenMDAO has not.

    Examples
    --------
    >>> unit_in_openmdao("J/(kg K)"), unit_in_openmdao("kg/m3"), unit_in_openmdao("-")
    ('J/(kg*degK)', 'kg/m**3', None)
    """
    if unit.strip() in ("", "1", "-"):
        return None
    text = re.sub(r"(?<=[A-Za-z])\^?(-?\d)", r"**\1", unit.strip())
    text = re.sub(r"[ ·]+", "*", text)
    text = re.sub(r"\bK\b", "degK", text)
    text = text.replace("%", "percent")
    try:
        known = _UNIT.fullmatch(text) is not None and valid_units(text)
    except (SyntaxError, TypeError):
        known = False
    if not known:
        raise ValueError(f"OpenMDAO knows no unit {unit!r}; state the problem in SI units")
    return text


class _Component(om.ExplicitComponent):  # type: ignore[misc]
    """Inputs and outputs of a problem, and partials of each point by itself."""

    def initialize(self) -> None:
        """Declare the option that both have; OpenMDAO calls it."""
        self.options.declare("points", default=1, lower=1, types=int, desc="points evaluated at once")

    def _declare(self, problem: Problem, *further: str) -> None:
        names = [name_in_openmdao(n) for n in (*problem.input_names, *problem.output_names)]
        twice = {n for n in names if names.count(n) > 1 or n == EXCESS}
        if twice:
            raise ValueError(f"two quantities would be called {sorted(twice)[0]!r} in OpenMDAO; rename one")
        points = self.options["points"]
        for i in problem.inputs:
            value, unit = np.full(points, float(i.distribution.ppf(0.5))), unit_in_openmdao(i.unit)
            self.add_input(name_in_openmdao(i.name), val=value, units=unit, desc=i.source)
        for o in problem.outputs:
            self.add_output(name_in_openmdao(o.name), shape=(points,), units=unit_in_openmdao(o.unit))
        for name in further:
            self.add_output(name, shape=(points,), desc="beyond the trained ranges where positive")
        rows = np.arange(points)
        self.declare_partials("*", "*", rows=rows, cols=rows)

    @staticmethod
    def _give(problem: Problem, outputs: Any, values: NDArray[Any]) -> None:
        for name, column in zip(problem.output_names, values.T, strict=True):
            outputs[name_in_openmdao(name)] = column

    @staticmethod
    def _give_slopes(problem: Problem, partials: Any, slopes: NDArray[Any]) -> None:
        """Slopes (n, m, d)."""
        for j, name in enumerate(map(name_in_openmdao, problem.input_names)):
            for k, output in enumerate(map(name_in_openmdao, problem.output_names)):
                partials[output, name] = slopes[:, k, j]


class SurrogateComponent(_Component):
    """The means of a fitted surrogate at `points` points, with its exact gradient as partials.

    Inputs and outputs are those of ``surrogate.problem``, each of shape (points,), starting at the medians.  Outside of
    the trained ranges the surrogate is asked at the nearest point within 2 % of them (see `uq.core.bounds`),
    smoothly, and the output ``domain_excess`` rises from 0: bound it by 0 from above, or the inputs by their ranges
    (`add_design`).

    >>> from uq.core.distributions import Uniform
    >>> from uq.core.dataset import evaluate
    >>> from uq.core.problem import Input, Output, Problem
    >>> from uq.sampling import sobol_sequence
    >>> problem = Problem(
    ...     (Input("a.width", "m", Uniform(1, 2)), Input("a.depth", "m", Uniform(1, 2))),
    ...     (Output("area", "m2"),),
    ...     lambda c: {"area": c["a.width"] * c["a.depth"]},
    ... )
    >>> data = evaluate(problem, problem.physical(sobol_sequence(64, 2, seed=1).unit))
    >>> system = om.Problem()
    >>> _ = system.model.add_subsystem(
    ...     "sizing", SurrogateComponent(surrogate=PolynomialChaos.fit(data)), promotes=["*"]
    ... )
    >>> system.setup()  # doctest: +ELLIPSIS
    <openmdao...>
    >>> system.set_val("a:width", 150.0, units="cm")
    >>> system.run_model()
    >>> round(float(system.get_val("area", units="cm**2")[0]))
    22500
    """

    def initialize(self) -> None:
        """Declare the options."""
        super().initialize()
        self.options.declare("surrogate", types=Surrogate, desc="a fitted surrogate", recordable=False)

    def setup(self) -> None:
        """Declare inputs, outputs and partials."""
        problem = self.options["surrogate"].problem
        self._box = Box.of(problem)
        self._declare(problem, EXCESS)

    def compute(self, inputs: Any, outputs: Any) -> None:
        """The surrogate's means; of complex inputs x + i h, under complex step, mean(x) + i gradient(x) h."""
        surrogate = self.options["surrogate"]
        x = _points(surrogate.problem, inputs)
        held, slope = self._box.held(x)
        mean, (excess, outwards) = surrogate.mean(held), self._box.penalty(x)
        if self.under_complex_step:  # surrogates are real: their exact gradient carries the step
            step = _points(surrogate.problem, inputs, np.imag)
            mean = mean + 1j * np.einsum("nmd,nd->nm", surrogate.gradient(held), slope * step)
            excess = excess + 1j * np.sum(outwards * step, axis=1)
        self._give(surrogate.problem, outputs, mean)
        outputs[EXCESS] = excess

    def compute_partials(self, inputs: Any, partials: Any) -> None:
        """Their derivatives."""
        surrogate = self.options["surrogate"]
        x = _points(surrogate.problem, inputs)
        held, slope = self._box.held(x)
        self._give_slopes(surrogate.problem, partials, surrogate.gradient(held) * slope[:, None, :])
        for name, outwards in zip(surrogate.problem.input_names, self._box.penalty(x)[1].T, strict=True):
            partials[EXCESS, name_in_openmdao(name)] = outwards


class ModelComponent(_Component):
    """The model of a problem itself, at `points` points.

    Its partials are approximated in one call of the vectorised model for all inputs and points together: `partials` is
    "fd" (central differences of `step` standard deviations of the input's law: for models that search inside, take the
    step well above their tolerance) or "cs" (complex step, for models that carry complex numbers through).  A point
    that the model calls infeasible raises ``openmdao.api.AnalysisError`` with its status, which drivers treat as a
    failed point.
    """

    def initialize(self) -> None:
        """Declare the options."""
        super().initialize()
        self.options.declare("problem", types=Problem, desc="a problem with a model", recordable=False)
        self.options.declare(
            "partials", default="fd", values=("fd", "cs"), desc="how partials are approximated"
        )
        self.options.declare(
            "step", default=1e-3, lower=0.0, desc="step of differences, in standard deviations"
        )

    def setup(self) -> None:
        """Declare inputs, outputs and partials."""
        problem = self.options["problem"]
        if problem.model is None:
            raise ValueError("the problem has no model; use problem.with_model")
        self._declare(problem)

    def compute(self, inputs: Any, outputs: Any) -> None:
        """One call of the model."""
        problem = self.options["problem"]
        self._give(problem, outputs, _run(problem, _points(problem, inputs, np.asarray)))

    def compute_partials(self, inputs: Any, partials: Any) -> None:
        """One more call, of 2 d (differences) or d (complex step) rows a point."""
        problem = self.options["problem"]
        x = _points(problem, inputs, np.asarray)
        n, d = x.shape
        if self.options["partials"] == "cs":
            step = np.full(d, 1e-30)
            rows = (x + 1j * np.diag(step)[:, None, :]).reshape(-1, d)
            slopes = _run(problem, rows).imag.reshape(d, n, -1) / step[:, None, None]
        else:
            step = self.options["step"] * np.array([law.moments()[1] for law in problem.distributions])
            moved = np.stack([x + np.diag(step)[:, None, :], x - np.diag(step)[:, None, :]])
            ends = _run(problem, moved.reshape(-1, d)).reshape(2, d, n, -1)
            slopes = (ends[0] - ends[1]) / (2.0 * step[:, None, None])
        self._give_slopes(problem, partials, slopes.transpose(1, 2, 0))


def _run(problem: Problem, x: NDArray[Any]) -> NDArray[Any]:
    """The model's outputs (n, m) of points (n, d), real or complex.  Raises AnalysisError for a failed one."""
    assert problem.model is not None
    result = problem.model(dict(zip(problem.input_names, np.array(x.T, order="C"), strict=True)))
    status = np.broadcast_to(np.real(result.get("status", np.zeros(1))), (len(x),))
    if status.any():
        code = int(status[np.argmax(status != 0)])
        raise om.AnalysisError(f"the model calls this point {problem.statuses.get(code, f'status {code}')!r}")
    for name in problem.output_names:
        if not np.isfinite(result[name]).all():
            raise om.AnalysisError(f"the model gives no finite {name!r} at this point")
    return np.stack([np.broadcast_to(result[name], (len(x),)) for name in problem.output_names], axis=1)


def add_design(model: Any, surrogate: Surrogate, names: list[str] | None = None) -> None:
    """Declare inputs of a promoted `SurrogateComponent` as design variables within their trained ranges.

    Parameters
    ----------
    model : openmdao.api.Group
        The group that promotes the component's inputs.
    surrogate : Surrogate
        A fitted surrogate.
    names : list of str, optional
        Of inputs, as in the problem; those of role "design" where none are given.

    Raises
    ------
    ValueError
        Where there is none.
    """
    problem = surrogate.problem
    chosen = names if names is not None else [i.name for i in problem.inputs if i.role == "design"]
    if not chosen:
        raise ValueError("nothing to choose: give an input the role 'design', or name the inputs to choose")
    box = Box.of(problem, chosen)
    for name, low, high in zip(chosen, box.low, box.high, strict=True):
        unit = unit_in_openmdao(problem.inputs[problem.index(name)].unit)
        model.add_design_var(name_in_openmdao(name), lower=low, upper=high, ref0=low, ref=high, units=unit)


def _points(problem: Problem, inputs: Any, part: Callable[[ArrayLike], Any] = np.real) -> FloatArray:
    """The real (or imaginary) part (points, d) of the inputs."""
    return np.stack([part(inputs[name_in_openmdao(n)]) for n in problem.input_names], axis=1)


class _Learned(om.SurrogateModel):  # type: ignore[misc]
    """What both surrogates of meta-models share; inputs are uniform over the range of their training data."""

    kind: type[PolynomialChaos] | type[GaussianProcess]

    def train(self, x: ArrayLike, y: ArrayLike) -> None:
        """Learn from inputs (n, d) and outputs (n, m).  Raises ValueError, with the remedy, for data that say too
        little (see `uq.surrogates.base.training_rows`)."""
        super().train(x, y)
        rows, values = real_numbers(x, "inputs"), real_numbers(y, "outputs")
        values = values.reshape(len(rows), -1)
        low, high = rows.min(axis=0), rows.max(axis=0)
        constant = np.flatnonzero(low == high)
        if len(constant):
            raise ValueError(f"input {int(constant[0])} has one value in all training rows; leave it out")
        problem = Problem(
            tuple(
                Input(f"input {j}", "1", Uniform(a, b))
                for j, (a, b) in enumerate(zip(low, high, strict=True))
            ),
            tuple(Output(f"output {k}") for k in range(values.shape[1])),
            version="training data",
        )
        self.surrogate: Surrogate = self.kind.fit(Dataset.from_arrays(rows, values, problem=problem))

    def predict(self, x: ArrayLike) -> FloatArray:
        """Means (m,) at one point (d,), or (n, m) at points (n, d)."""
        super().predict(x)
        point = np.asarray(x, dtype=np.float64)
        mean = self.surrogate.mean(np.atleast_2d(point))
        return mean if point.ndim == 2 else mean[0]

    def linearize(self, x: ArrayLike) -> FloatArray:
        """Derivatives (m, d) of the means at one point."""
        return self.surrogate.gradient(np.asarray(x, dtype=np.float64).reshape(1, -1))[0]


class ChaosSurrogate(_Learned):
    """Polynomial chaos for `MetaModelUnStructuredComp`: ``default_surrogate=ChaosSurrogate()``."""

    kind = PolynomialChaos


class ProcessSurrogate(_Learned):
    """A Gaussian process for `MetaModelUnStructuredComp`, with a kernel chosen by the data."""

    kind = GaussianProcess
