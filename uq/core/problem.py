"""What is asked: inputs with their laws and dependence, outputs, and the model that joins them.

Points live in three spaces: the unit cube (rows of a `Plan`), the physical space, and, where inputs depend on
each other, independent standard normal germs in between (Gaussian copula)::

    unit u -> germ z = Phi^-1(u) -> dependent w = L z, L L' = correlation -> physical x_j = F_j^-1(Phi(w_j))

or dependent scores by the inverse of Rosenblatt's transform (any other copula, see `uq.core.copulas`)::

    unit u -> v_k = C^-1(u_k | v_1 ... v_k-1) -> physical x_j = F_j^-1(v_j)

Sources: Nataf (1962); Lebrun & Dutfoy (2009), "An innovating analysis of the Nataf transformation"; Rosenblatt (1952),
doi:10.1214/aoms/1177729394.
"""

from __future__ import annotations

import dataclasses
import inspect
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from uq.core.array_types import FloatArray
from uq.core.copulas.base import LARGEST, SMALLEST, Copula
from uq.core.copulas.groups import Groups, groups_of
from uq.core.distributions import Distribution, from_chaospy, from_scipy, is_chaospy, laws_of_salib
from uq.core.model import RESERVED, Columns, Model, nearest, rows_of
from uq.core.table import Table, Tabled, header
from uq.core.text import check_line, one_line

__all__ = ["Columns", "Input", "Model", "Output", "Problem", "Role", "nearest"]

Role = Literal["requirement", "uncertain", "design"]

SMALLEST_PROBABILITY = SMALLEST
"""Unit-cube coordinates are kept this far from 0 and 1, so that unbounded laws stay finite."""

_LARGEST_PROBABILITY = LARGEST
_FARTHEST = (float(special.ndtri(SMALLEST_PROBABILITY)), float(special.ndtri(_LARGEST_PROBABILITY)))
_ROWS = 4096
"""Rows at a time: the germs of a block then stay in the cache."""

_FEW = 6
"""Names that a message lists."""


@dataclass(frozen=True)
class Input:
    """One uncertain or free quantity.

    Parameters
    ----------
    name : str
        Whole words, dotted.
    unit : str
        SI.
    distribution : Distribution
        A law of `uq`, a frozen one of `scipy.stats`, or one of chaospy.
    source : str
        Where the law comes from.
    role : {"uncertain", "requirement", "design"}
        Whether physics, a supplier or the programme sets it.

    Raises
    ------
    TypeError
        For anything that is no law.
    ValueError
        For another role, and for text that is not one line.
    """

    name: str
    unit: str
    distribution: Distribution
    source: str = ""
    role: Role = "uncertain"

    def __post_init__(self) -> None:
        if not isinstance(self.distribution, Distribution):
            given: Any = self.distribution
            law = from_chaospy(given) if is_chaospy(given) else from_scipy(given)
            if law is None:
                raise TypeError(
                    f"input {self.name!r}: {given!r} is no law of uq, frozen law of scipy.stats or law of chaospy"
                )
            object.__setattr__(self, "distribution", law)
        for what, text in (("name", self.name), ("unit", self.unit), ("source", self.source)):
            check_line(text, f"the {what} of input {one_line(self.name, 60)!r}")
        if self.role not in ("requirement", "uncertain", "design"):
            raise ValueError(
                f"input {self.name!r}: role {self.role!r} is none of requirement, uncertain, design"
            )


@dataclass(frozen=True)
class Output:
    """One result of the model: name and SI unit."""

    name: str
    """Of its column."""
    unit: str = "1"
    """SI."""

    def __post_init__(self) -> None:
        for what, text in (("name", self.name), ("unit", self.unit)):
            check_line(text, f"the {what} of output {one_line(self.name, 60)!r}")


@dataclass(frozen=True)
class Problem(Tabled):
    """Inputs, outputs, the model between them and the dependence of the inputs.

    `correlation` (d, d) is that of the Gaussian copula, in normal space; None means independent.  `copula` joins inputs
    in another way: one copula of all inputs in their order, or several by the names of the inputs that each joins, such
    as ``{("a", "b"): ClaytonCopula(2.0)}``; inputs of different copulas are independent.
    `statuses` names the positive codes of the model's reserved output column ``status`` (0 is good).
    `version` identifies the model's formulas; empty means: the hash of its source (see `uq.campaign`).
    """

    inputs: tuple[Input, ...]
    """In the order of the columns of x."""
    outputs: tuple[Output, ...]
    """In the order of the columns of y."""
    model: Model | None = None
    """Columns to columns; None where only data or a surrogate answer."""
    correlation: FloatArray | None = None
    version: str = ""
    statuses: Mapping[int, str] = field(default_factory=dict)
    copula: Copula | Groups | None = None

    def __post_init__(self) -> None:
        for name, kind in (("inputs", Input), ("outputs", Output)):
            object.__setattr__(self, name, _columns(getattr(self, name), kind, name))
        if not self.inputs:
            raise ValueError("a problem needs at least one input")
        _check_model(self.model)
        for code, words in self.statuses.items():
            check_line(words, f"the name of status {code}", 200)
        _check_names(self.input_names, self.output_names)
        correlation, copulas = groups_of(self.input_names, self.correlation, self.copula)
        object.__setattr__(self, "correlation", correlation)
        object.__setattr__(self, "copula", copulas or None)

    @classmethod
    def of(
        cls,
        problem: Problem | Mapping[str, Any],
        model: Model | None = None,
        *,
        outputs: Sequence[str] = ("y",),
    ) -> Problem:
        """A problem as it is, or that of a SALib dictionary, with a model.

        Parameters
        ----------
        problem : Problem or mapping
            A SALib dictionary has ``names``, ``bounds`` and, unless all are uniform, ``dists``; units are "1".
        model : callable, optional
            Named columns -> named columns, each (n,).
        outputs : sequence of str
            Names of the outputs of a SALib problem, which does not name them.

        Returns
        -------
        Problem

        Raises
        ------
        ValueError
            For SALib's groups, laws without an equal here, and lists of different lengths.

        Examples
        --------
        >>> salib = {"num_vars": 1, "names": ["x"], "bounds": [[0.0, 2.0]]}
        >>> Problem.of(salib, lambda c: {"y": c["x"] ** 2}).inputs[0].distribution
        Uniform(low=0.0, high=2.0)
        """
        if isinstance(problem, Problem):
            return problem if model is None else dataclasses.replace(problem, model=model)
        inputs = (Input(name, "1", law, "SALib problem") for name, law in laws_of_salib(problem).items())
        return cls(tuple(inputs), tuple(Output(name) for name in outputs), model)

    @property
    def dimension(self) -> int:
        """Number of inputs d."""
        return len(self.inputs)

    @property
    def input_names(self) -> tuple[str, ...]:
        """Names of the inputs in the order of the columns of x."""
        return tuple(i.name for i in self.inputs)

    @property
    def output_names(self) -> tuple[str, ...]:
        """Names of the outputs in the order of the columns of y."""
        return tuple(o.name for o in self.outputs)

    @property
    def distributions(self) -> tuple[Distribution, ...]:
        """The marginal laws in the order of the inputs."""
        return tuple(i.distribution for i in self.inputs)

    @property
    def dependent(self) -> bool:
        """Whether any inputs depend on each other."""
        return self.correlation is not None or self.copula is not None

    @property
    def copulas(self) -> tuple[tuple[tuple[int, ...], Copula], ...]:
        """Columns of the inputs that a copula other than the Gaussian joins, and this copula; often none."""
        given = self.copula
        if given is None or isinstance(
            given, Copula
        ):  # a copula of all inputs stands by their names since birth
            return ()
        return tuple((tuple(map(self.index, names)), one) for names, one in given.items())

    def index(self, name: str) -> int:
        """Column of input `name`.  Raises KeyError with the nearest name."""
        if name not in self.input_names:
            raise KeyError(f"no input {name!r}{_instead(name, self.input_names)}")
        return self.input_names.index(name)

    def output_index(self, name: str) -> int:
        """Column of output `name`.  Raises KeyError with the nearest name."""
        if name not in self.output_names:
            raise KeyError(f"no output {name!r}{_instead(name, self.output_names)}")
        return self.output_names.index(name)

    def table(self) -> Table:
        """The inputs with their laws; the outputs, and whether inputs depend on each other, below."""
        notes = ["Outputs: " + ", ".join(f"{o.name} [{o.unit}]" for o in self.outputs) + "."]
        if self.correlation is not None:
            pairs = int(np.count_nonzero(np.triu(self.correlation, 1)))
            notes.append(
                f"{pairs} pair{'s' * (pairs != 1)} of inputs {'is' if pairs == 1 else 'are'} correlated."
            )
        notes += [
            f"{', '.join(self.input_names[j] for j in columns)}: joined by {one}."
            for columns, one in self.copulas
        ]
        return Table(
            "problem",
            f"{self.dimension} inputs, {len(self.outputs)} outputs",
            header("input | unit | law | role | source"),
            tuple((i.name, i.unit, str(i.distribution), i.role, i.source) for i in self.inputs),
            tuple(notes),
        )

    # -- the three spaces -------------------------------------------------------------------------------------

    def physical(self, unit: ArrayLike) -> FloatArray:
        """(n, d) points of the unit cube -> (n, d) physical inputs; each row the same whatever the other rows are."""
        rows = self._rows(unit)
        low, high = (rows.min(), rows.max()) if rows.size else (0.5, 0.5)
        if not (low >= 0.0 and high <= 1.0):
            raise ValueError("points of the unit cube lie outside [0, 1] or are not finite")
        at_an_end = low < SMALLEST_PROBABILITY or high > _LARGEST_PROBABILITY
        root = np.eye(self.dimension) if self.correlation is None else np.linalg.cholesky(self.correlation)
        linked = (root != 0.0).sum(axis=0) + (root != 0.0).sum(axis=1) > 2
        linked[[j for columns, _ in self.copulas for j in columns]] = False
        tied, free = np.flatnonzero(linked), np.flatnonzero(~linked)
        x = np.empty_like(rows)
        for start in range(0, len(rows), _ROWS):
            block = slice(start, start + _ROWS)
            u = rows[block].T.copy(order="C")
            if at_an_end:
                np.clip(u, SMALLEST_PROBABILITY, _LARGEST_PROBABILITY, out=u)
            for columns, copula in self.copulas:
                u[list(columns)] = copula.dependent(u[list(columns)].T).T
            for j in free:
                x[block, j] = self.distributions[j].at_unit(u[j])
            z = special.ndtri(u[tied])
            for i, j in enumerate(tied):
                x[block, j] = self.distributions[j].at_normal(_dependent(root[j, tied], i, z))
        return x

    def unit(self, x: ArrayLike) -> FloatArray:
        """(n, d) physical inputs -> (n, d) points of the unit cube (the inverse of `physical`).

        A value that holds probability by itself gets the middle of its step (`Distribution.mid_cdf`).
        """
        points = self._rows(x)
        u = np.empty_like(points)
        for j, distribution in enumerate(self.distributions):
            u[:, j] = distribution.mid_cdf(points[:, j])
        if self.correlation is not None:
            u = np.clip(u, SMALLEST_PROBABILITY, _LARGEST_PROBABILITY)
            inverse = np.linalg.inv(np.linalg.cholesky(self.correlation))
            joined = [j for columns, _ in self.copulas for j in columns]
            apart = u[:, joined]
            u = special.ndtr(special.ndtri(u) @ inverse.T)
            u[:, joined] = apart
        for columns, copula in self.copulas:
            u[:, columns] = copula.independent(u[:, columns])
        return u

    def _rows(self, points: ArrayLike) -> FloatArray:
        return rows_of(points, self.input_names)

    def columns(self, x: ArrayLike) -> dict[str, FloatArray]:
        """(n, d) physical inputs as named columns of their own: whoever writes into them changes no other's."""
        return dict(zip(self.input_names, np.array(self._rows(x).T, order="C"), strict=True))

    # -- derived problems -------------------------------------------------------------------------------------

    def with_model(self, model: Model, version: str = "") -> Problem:
        """The same question asked of another model (a surrogate, for example)."""
        return dataclasses.replace(self, model=model, version=version)

    def fix(self, values: Mapping[str, float]) -> Problem:
        """The problem with some inputs set to known values (an intervention: the others keep their laws)."""
        index = [self.index(name) for name in values]
        for name, value in values.items():
            if np.ma.is_masked(value) or np.isnan(value):
                raise ValueError(f"input {name!r} is fixed at no number; give one, or leave it to its law")
        keep = [j for j in range(self.dimension) if j not in index]
        if not keep:
            raise ValueError("fixing every input leaves nothing to sample")
        model = None if self.model is None else _Fixed(self.model, {k: float(v) for k, v in values.items()})
        version = f"{self.version}|fixed {sorted(values.items())}" if self.version else ""
        return dataclasses.replace(self.part(keep), model=model, version=version)

    def part(self, columns: Sequence[int]) -> Problem:
        """The problem of some of its inputs alone, in this order, with their dependence; the model is left out."""
        copulas: dict[tuple[str, ...], Copula] = {}
        for joined, copula in self.copulas:
            some = [j for j in columns if j in joined]
            left = copula.part([joined.index(j) for j in some]) if some else None
            if left is not None:
                copulas[tuple(self.input_names[j] for j in some)] = left
        correlation = (
            None if self.correlation is None else self.correlation[np.ix_(list(columns), list(columns))]
        )
        return dataclasses.replace(
            self,
            inputs=tuple(self.inputs[j] for j in columns),
            model=None,
            correlation=correlation,
            copula=copulas or None,
        )

    def without_dependence(self) -> Problem:
        """The problem with the same laws, its inputs independent."""
        return dataclasses.replace(self, correlation=None, copula=None)

    def replace(self, laws: Mapping[str, Distribution]) -> Problem:
        """The problem with some marginal laws exchanged."""
        index = {self.index(name): law for name, law in laws.items()}
        inputs = tuple(
            dataclasses.replace(i, distribution=index[j]) if j in index else i
            for j, i in enumerate(self.inputs)
        )
        return dataclasses.replace(self, inputs=inputs)


def units_of(problem: Problem) -> dict[str, str]:
    """The unit of every input and output by name.

    Parameters
    ----------
    problem : Problem
        Inputs with their laws, outputs and, where it has one, the model.

    Returns
    -------
    dict of str to str
        Unit by name.
    """
    return {i.name: i.unit for i in problem.inputs} | {o.name: o.unit for o in problem.outputs}


def _columns(given: Any, kind: type, what: str) -> tuple[Any, ...]:
    """Inputs or outputs as a tuple.  Raises TypeError, with the remedy, for anything else among them."""
    if isinstance(given, str | Mapping) or not isinstance(given, Iterable):
        raise TypeError(f"{what} is a {type(given).__name__}; give a tuple of uq.{kind.__name__}")
    found = tuple(given)
    for one in found:
        if not isinstance(one, kind):
            raise TypeError(
                f"{what} holds {one_line(repr(one), 60)}; give each as uq.{kind.__name__}(name, unit ...)"
            )
    return found


def _check_model(model: Any) -> None:
    """Raise TypeError, with the remedy, for what cannot be called with named columns."""
    if model is None:
        return
    if not callable(model):
        raise TypeError(
            f"the model is a {type(model).__name__}, expected a function from named columns to named columns; "
            "a program is wrapped by uq.Program, a function of one sample by uq.Single"
        )
    try:
        signature = inspect.signature(model)
    except (TypeError, ValueError):  # compiled functions may not say what they take
        return
    try:
        signature.bind({})
    except TypeError:
        raise TypeError(
            f"the model takes {signature}, expected one argument, the columns by name: a function of an argument for "
            "each input becomes a model by lambda columns: function(**columns)"
        ) from None


def _check_names(inputs: tuple[str, ...], outputs: tuple[str, ...]) -> None:
    """Raise ValueError unless all columns of a table of samples have names of their own: inputs, outputs, reserved.

    Names that only their encoding tells apart (an accent as a letter of its own, the micro sign and the Greek letter)
    look the same to whoever reads them, and to file systems that normalise.
    """
    for kind, names in (("input", inputs), ("output", outputs)):
        for name in names:
            if not isinstance(name, str) or not name or name != name.strip():
                raise ValueError(f"{kind} {name!r}: a name is text without blanks at its ends")
            if name in RESERVED:
                raise ValueError(
                    f"{kind} {name!r} has a name that is reserved for the columns {', '.join(RESERVED)}; rename it"
                )
            if names.count(name) > 1:
                raise ValueError(f"{kind} {name!r} is named twice")
    both = [name for name in outputs if name in inputs]
    if both:
        raise ValueError(f"{both[0]!r} names an input and an output; rename one of them")
    looks: dict[str, str] = {name: name for name in RESERVED}
    for name in (*inputs, *outputs):
        letters = (c if unicodedata.category(c) == "No" else unicodedata.normalize("NFKC", c) for c in name)
        look = unicodedata.normalize("NFC", "".join(letters))  # raised digits are no other digits
        if looks.setdefault(look, name) != name:
            raise ValueError(
                f"{looks[look]!a} and {name!a} are {looks[look]!r} and {name!r}: two names that look the "
                "same and differ in how their letters are encoded; rename one of them"
            )


def _dependent(row: FloatArray, j: int, z: FloatArray) -> FloatArray:
    """Germ j of those with dependence: sum_k row_k z_k for k <= j, term by term, so that no row feels its block."""
    others = np.flatnonzero(row[:j])
    if not len(others):
        return z[j]
    w = row[j] * z[j]
    for k in others:
        w += row[k] * z[k]
    return np.clip(w, *_FARTHEST, out=w)


@dataclass(frozen=True)
class _Fixed:
    model: Model
    values: Mapping[str, float]

    @property
    def block(self) -> int:
        """As many rows at once as the whole model wants; no attribute where that says nothing."""
        return self.model.block  # type: ignore[attr-defined]

    def __call__(self, columns: Columns) -> Columns:
        rows = len(next(iter(columns.values())))
        return self.model({**columns, **{k: np.full(rows, v) for k, v in self.values.items()}})


def _instead(name: str, known: Sequence[str]) -> str:
    """The nearest name, or the first few that there are."""
    few = ", ".join(known[:_FEW]) + (", ..." if len(known) > _FEW else "")
    return nearest(name, known) or f"; there is {few}"
