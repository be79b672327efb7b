"""Unit-bearing leaves: specification trees of frozen dataclasses, flattened to named columns and back.

A specification is a tree of frozen dataclasses.  Each numeric leaf is annotated with its SI unit and, where
it has one, the range outside which the value is nonsense::

    minimum_gauge: Annotated[Numeric, "m", (0.0, 0.01)] = 0.45e-3

A leaf holds a float or an array of shape (n,): the same functions size one lander or a million.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Annotated, Any, TypeVar, cast, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Numeric = float | FloatArray
Columns = Mapping[str, FloatArray]

BAR = 1e5
"""Pa in one bar."""
WATT_HOUR = 3600.0
"""J in one watt-hour."""
STANDARD_GRAVITY = 9.80665
"""m/s2; converts specific impulse in s to exhaust velocity in m/s."""
ZERO_CELSIUS = 273.15
"""K."""

S = TypeVar("S")


@dataclasses.dataclass(frozen=True, slots=True)
class Leaf:
    """What the type of a numeric field says: its SI unit and the closed range of values that make sense."""

    unit: str
    """SI."""
    low: float = -np.inf
    """Lowest value that makes sense."""
    high: float = np.inf
    """Highest value that makes sense."""


@cache
def _leaves(spec_type: Any) -> dict[str, Leaf]:
    found = {}
    for name, hint in get_type_hints(spec_type, include_extras=True).items():
        if get_origin(hint) is Annotated:
            unit, *limits = get_args(hint)[1:]
            found[name] = Leaf(unit, *(limits[0] if limits else ()))
    return found


def leaves(spec: Any) -> dict[str, Leaf]:
    """The numeric fields of a specification (not of the specifications inside it), by name.

    Parameters
    ----------
    spec : Any
        A frozen dataclass with annotated leaves, and such dataclasses inside it.

    Returns
    -------
    dict of str to Leaf
        Unit and range by the field's name.
    """
    return _leaves(cast(Any, type(spec)))


class Specification:
    """A frozen dataclass with annotated leaves, and such dataclasses inside it; a number out of its range is refused.

    Arrays are not checked here: a sampled value out of range is data, and gets a status of its own row
    (`out_of_range`).
    """

    def __post_init__(self) -> None:
        """Raise ValueError with the field, the value and the allowed range if a scalar leaf is nonsense."""
        for name, leaf in leaves(self).items():
            value = getattr(self, name)
            if isinstance(value, np.ndarray):
                continue
            if isinstance(value, bool) or not isinstance(value, int | float | np.number):
                raise ValueError(
                    f"{type(self).__name__}.{name}: expected a number in {leaf.unit}, got {value!r}"
                )
            if not leaf.low <= value <= leaf.high:
                unit = "" if leaf.unit == "-" else f" {leaf.unit}"
                raise ValueError(
                    f"{type(self).__name__}.{name} = {value:g}{unit} is outside [{leaf.low:g}, {leaf.high:g}]{unit}"
                )


@cache
def _fields(spec_type: Any) -> tuple[tuple[str, Leaf | None], ...] | None:
    """Fields of a specification with what a leaf's type says; None for a type that is no specification."""
    if not dataclasses.is_dataclass(spec_type):
        return None
    own = _leaves(cast(Any, spec_type))
    return tuple((field.name, own.get(field.name)) for field in dataclasses.fields(spec_type))


def _walk(spec: Any, prefix: str = "") -> Iterator[tuple[str, Any, Leaf]]:
    for name, leaf in _fields(cast(Any, type(spec))) or ():
        value = getattr(spec, name)
        if leaf is not None:
            yield prefix + name, value, leaf
        elif _fields(cast(Any, type(value))):
            yield from _walk(value, f"{prefix}{name}.")


def _arrays(spec: Any) -> Iterator[tuple[FloatArray, Leaf]]:
    """The leaves that are arrays: a search asks for them at every step, so without their names."""
    for name, leaf in _fields(cast(Any, type(spec))) or ():
        value = getattr(spec, name)
        if leaf is None:
            yield from _arrays(value)
        elif isinstance(value, np.ndarray):
            yield value, leaf


def flatten(spec: Any) -> dict[str, Numeric]:
    """Every numeric leaf of a specification tree by its dotted name.

    Parameters
    ----------
    spec : Any
        A frozen dataclass with annotated leaves, and such dataclasses inside it.

    Returns
    -------
    dict of str to float or ndarray (n,)
        In the order of the fields.

    Examples
    --------
    >>> @dataclasses.dataclass(frozen=True)
    ... class Cell:
    ...     voltage: Annotated[Numeric, "V", (0.0, 5.0)] = 3.7
    >>> flatten(Cell())
    {'voltage': 3.7}
    """
    return {name: value for name, value, _ in _walk(spec)}


def has_leaves(value: Any) -> bool:
    """Whether a value is a specification with a number in it, or in a specification inside it.

    Parameters
    ----------
    value : Any
        Of a field.

    Returns
    -------
    bool
    """
    return dataclasses.is_dataclass(value) and next(_walk(value), None) is not None


def stacked(specs: Sequence[S]) -> S:
    """One specification with an array (n,) for every leaf in which `specs`, all scalar, differ, or for the first leaf.

    Parameters
    ----------
    specs : sequence of S
        Specifications of one type.

    Returns
    -------
    S

    Examples
    --------
    >>> @dataclasses.dataclass(frozen=True)
    ... class Cell:
    ...     voltage: Annotated[Numeric, "V", (0.0, 5.0)] = 3.7
    >>> stacked([Cell(3.6), Cell(3.8)]).voltage
    array([3.6, 3.8])
    """
    leaves = [flatten(spec) for spec in specs]
    differ = [name for name, value in leaves[0].items() if any(one[name] != value for one in leaves[1:])]
    names = differ or [next(iter(leaves[0]))]
    return substitute(specs[0], {name: np.array([float(one[name]) for one in leaves]) for name in names})


def units(spec: Any) -> dict[str, Leaf]:
    """Unit and sensible range of every numeric leaf of a specification tree, by dotted name.

    Parameters
    ----------
    spec : Any
        A frozen dataclass with annotated leaves, and such dataclasses inside it.

    Returns
    -------
    dict of str to Leaf
        In the order of the fields.
    """
    return {name: leaf for name, _, leaf in _walk(spec)}


def unknown_name(name: str, known: Any, kind: str) -> KeyError:
    """The error for a name that does not exist, with the nearest one that does.

    Parameters
    ----------
    name : str
        The one that does not exist.
    known : iterable of str
        Those that do.
    kind : str
        What they are names of, for the message.

    Returns
    -------
    KeyError
    """
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return KeyError(f"no {kind} {name!r}{hint}")


def substitute(spec: S, values: Mapping[str, Numeric]) -> S:
    """`spec` with some leaves replaced, named by their dotted paths.

    Parameters
    ----------
    spec : S
        A frozen dataclass with annotated leaves, and such dataclasses inside it.
    values : Mapping[str, Numeric]
        By dotted path.

    Returns
    -------
    S
        A new specification; `spec` is untouched.

    Raises
    ------
    KeyError
        For a path that is not a leaf, with the nearest name.
    ValueError
        For a scalar out of its range.
    """
    own = leaves(spec)
    fields = {field.name for field in dataclasses.fields(spec)}  # type: ignore[arg-type]
    direct: dict[str, Any] = {}
    nested: dict[str, dict[str, Numeric]] = {}
    for path, value in values.items():
        head, _, rest = path.partition(".")
        if rest and head in fields and head not in own:
            nested.setdefault(head, {})[rest] = value
        elif not rest and head in own:
            direct[head] = value
        else:
            raise unknown_name(path, flatten(spec), "quantity")
    for head, inner in nested.items():
        try:
            direct[head] = substitute(getattr(spec, head), inner)
        except KeyError:
            wrong = next(p for p in (f"{head}.{rest}" for rest in inner) if p not in flatten(spec))
            raise unknown_name(wrong, flatten(spec), "quantity") from None
    return dataclasses.replace(spec, **direct)  # type: ignore[type-var]


def out_of_range(spec: Any, rows: int) -> NDArray[np.bool_]:
    """True where any array leaf lies outside its sensible range or is not finite.

    Parameters
    ----------
    spec : Any
        A frozen dataclass with annotated leaves, and such dataclasses inside it.
    rows : int
        n, samples in the tree.

    Returns
    -------
    ndarray of bool (n,)
        True where a leaf is outside.
    """
    bad = np.zeros(rows, dtype=bool)
    for value, leaf in _arrays(spec):
        bad |= ~((value >= leaf.low) & (value <= leaf.high))
    return bad


def first_value(value: object) -> float:
    """The one value of a lander's quantity, or the first of many landers'.

    Parameters
    ----------
    value : float or ndarray
        Of any shape.

    Returns
    -------
    float

    Examples
    --------
    >>> first_value([[2.0, 3.0]])
    2.0
    """
    return float(np.ravel(np.asarray(value, dtype=np.float64))[0])


def positive(value: Numeric) -> FloatArray:
    """A value that must be above zero; NaN where it is not.

    Parameters
    ----------
    value : float or ndarray (n,)
        Of any unit.

    Returns
    -------
    ndarray (n,)
        Of the same unit.

    Examples
    --------
    >>> positive(np.array([2.0, 0.0]))
    array([ 2., nan])
    """
    return np.where(np.asarray(value) > 0.0, value, np.nan)


def required_or_predicted(required: Numeric, predicted: Numeric) -> FloatArray:
    """The one way in which a requirement enters: its value where there is one (above zero), else the prediction.

    A quantity that can be required has a law, a multiplier (the residual on its prediction) and a required value, zero
    or NaN where there is none; a required value replaces prediction and residual together.

    Parameters
    ----------
    required : float or ndarray (n,)
        The required value; zero or NaN where there is none.
    predicted : float or ndarray (n,)
        Of the same unit.

    Returns
    -------
    ndarray (n,)
        Of the same unit.

    Examples
    --------
    >>> float(required_or_predicted(0.0, 0.45)), float(required_or_predicted(0.55, 0.45))
    (0.45, 0.55)
    """
    return np.where(np.asarray(required) > 0.0, required, predicted)


@dataclasses.dataclass(frozen=True)
class Columnar:
    """A function of a specification as a function of named columns: each column replaces one leaf.

    This is the Model that a campaign samples: ``columnar(comparison.compare, lander)(columns)``.  Plain data, so
    that it travels to worker processes.  `block` is how many rows a campaign gives it at once.
    """

    function: Callable[[Any], Mapping[str, Numeric]]
    """Of a specification to outputs by name."""
    spec: Any
    """The leaves that no column replaces."""
    block: int = 256

    def __call__(self, columns: Columns) -> Columns:
        """Columns (n,) of inputs by dotted name -> columns (n,) of outputs by name."""
        length = len(next(iter(columns.values())))
        result = self.function(
            substitute(self.spec, {k: np.asarray(v, dtype=np.float64) for k, v in columns.items()})
        )
        return {
            name: np.broadcast_to(np.asarray(y, dtype=np.float64), (length,)) for name, y in result.items()
        }


def columnar(function: Callable[[Any], Mapping[str, Numeric]], spec: Any, block: int = 256) -> Columnar:
    """`function` of a specification such as `spec`, as a Model of named columns.

    Parameters
    ----------
    function : Callable[[Any], Mapping[str, Numeric]]
        Of a specification to outputs by name.
    spec : Any
        The leaves that no column replaces stay as they are here.
    block : int, default 256
        Rows that a campaign gives it at once.

    Returns
    -------
    Columnar
        Picklable.
    """
    return Columnar(function, spec, block)


def take(spec: S, rows: NDArray[np.intp]) -> S:
    """The specification of some rows: every array leaf indexed by `rows`, scalars as they are.

    Parameters
    ----------
    spec : S
        A frozen dataclass with annotated leaves, and such dataclasses inside it.
    rows : ndarray of int (k,)
        Indices of the samples.

    Returns
    -------
    S
        With array leaves (k,)
    """
    taken: dict[str, Any] = {}
    for name, leaf in _fields(cast(Any, type(spec))) or ():
        value = getattr(spec, name)
        if leaf is None:
            inner = take(value, rows)
            if inner is not value:
                taken[name] = inner
        elif isinstance(value, np.ndarray):
            taken[name] = value[rows]
    if not taken:
        return spec
    # arrays are not checked and the scalars were at their birth: a search takes rows at every step of its way
    some = object.__new__(type(spec))
    some.__dict__.update(spec.__dict__, **taken)
    return some


def rows(spec: Any) -> int:
    """Number of samples that a specification tree holds: the length of its array leaves, 1 without any.

    Parameters
    ----------
    spec : Any
        A frozen dataclass with annotated leaves, and such dataclasses inside it.

    Returns
    -------
    int
        n.

    Raises
    ------
    ValueError
        If array leaves differ in length.
    """
    lengths = {len(value) for value, _ in _arrays(spec)}
    if len(lengths) > 1:
        raise ValueError(f"array leaves have different lengths: {sorted(lengths)}")
    return lengths.pop() if lengths else 1
