"""A fitted surrogate as source code that stands alone: Python with numpy only, C without libraries, JavaScript.

What is written is the mean and its gradient, as sums of polynomial products (chaos expansions, trends of Gaussian
processes) and sums of kernels around the training rows (Gaussian processes), and mixtures of two such sums by a third
(`Switched`); see `uq.surrogates.polynomial_chaos.basis`, `uq.surrogates.gaussian_process.kernels` and
`uq.surrogates.composite` for the equations.  Each file also holds the names, units and trained ranges, and says when
a point leaves those ranges.  Names are data: whatever they hold is written as escaped strings.

The numbers are those of the surrogate to 1e-9 of an output's standard deviation; of chaos expansions, to 1e-12.  The
weights of a process almost without noise exceed 1e6 of its spread.  Then the last bits of its kernels, which differ
between libraries and compilers, show: by at most 16 of them for each weight, a hundredth of the standard deviation that
the process predicts for itself.

    to_python(surrogate)   evaluate(x), outside(x), INPUTS, OUTPUTS, LOW, HIGH
    to_c(surrogate)        int surrogate_evaluate(const double *x, double *y, double *dy)
    to_javascript(...)     surrogate.evaluate(x), surrogate.outside(x), surrogate.inputs, surrogate.outputs
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import Any

import numpy as np

from uq.core.array_types import FloatArray, IntArray
from uq.core.bounds import Box
from uq.surrogates.base import Surrogate
from uq.surrogates.composite import Composite, Switched, switch_error
from uq.surrogates.gaussian_process.conditioning import KernelSum
from uq.surrogates.gaussian_process.gaussian_process import GaussianProcess
from uq.surrogates.polynomial_chaos.basis import Basis, Expansion
from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos

_RESERVED = (
    "arguments|await|break|case|catch|class|const|continue|debugger|default|delete|do|else|enum|eval|export|extends|"
    "false|finally|for|function|if|implements|import|in|instanceof|interface|let|module|new|null|package|private|"
    "protected|public|return|static|super|switch|this|throw|true|try|typeof|undefined|var|void|while|with|yield|"
    "exports|require|Float64Array|Infinity|Math|NaN|RangeError"
)
"""Words of JavaScript, and what the script itself needs; names in C get an ending, so that none is a word of C."""


@dataclass(frozen=True)
class _Part:
    """Columns `first` .. that share a basis and terms, and for a Gaussian process its kernel."""

    first: int
    basis: Basis
    indices: IntArray
    coefficients: FloatArray
    kernel: KernelSum | None = None

    @property
    def outputs(self) -> range:
        return range(self.first, self.first + self.coefficients.shape[1])

    @property
    def degree(self) -> int:
        return max(1, int(self.indices.max(initial=0)))

    @property
    def order(self) -> int:
        return max(1, int((self.indices > 0).sum(axis=1).max(initial=0)))

    def recurrence(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """factor, offset and back (degree, d) of psi_{k+1} = (t factor_k + offset_k) psi_k - back_k psi_{k-1}; zero
        beyond the degrees of a discrete law."""
        basis, p = self.basis, self.degree
        root = np.sqrt(np.where(basis.b > 0.0, basis.b, 1.0)).T
        alive = np.arange(p)[:, None] < basis.limits
        factor = alive / root[1 : p + 1]
        offset = -basis.a[:, :p].T * factor
        return factor, offset, alive * root[:p] / root[1 : p + 1]


@dataclass(frozen=True)
class _Mix:
    """Columns `first` .. as p above + (1 - p) below, p = Phi(switch / error): columns from `above`, `below` on, and
    one of the switch."""

    first: int
    count: int
    switch: int
    above: int
    below: int
    error: float


@dataclass
class _Layout:
    """What fills the columns: the outputs, and behind them what mixtures are made of."""

    columns: int
    parts: list[_Part]
    mixes: list[_Mix]

    @classmethod
    def of(cls, surrogate: Surrogate) -> _Layout:
        found = cls(len(surrogate.problem.outputs), [], [])
        found.fill(surrogate, 0)
        return found

    def fill(self, surrogate: Surrogate, first: int) -> None:
        match surrogate:
            case PolynomialChaos():
                self.parts.append(_Part(first, surrogate.basis, surrogate.indices, surrogate.coefficients))
            case GaussianProcess():
                for k, (process, trend) in enumerate(zip(surrogate.processes, surrogate.trends, strict=True)):
                    weights = (process.spread * process.beta + process.center * ~trend.any(axis=1))[:, None]
                    kernel = process.around(surrogate.train)
                    self.parts.append(_Part(first + k, surrogate.basis, trend, weights, kernel))
            case Composite():
                for part in surrogate.parts:
                    self.fill(part, first)
                    first += len(part.problem.outputs)
            case Switched():
                count = len(surrogate.problem.outputs)
                above, below, switch = self.columns, self.columns + count, self.columns + 2 * count
                self.columns = switch + 1
                self.fill(surrogate.above, above)
                self.fill(surrogate.below, below)
                self.fill(surrogate.switch, switch)
                self.mixes.append(_Mix(first, count, switch, above, below, switch_error(surrogate.switch)))
            case _:
                raise TypeError(
                    f"{type(surrogate).__name__} has no form as source code; fit a chaos or a process"
                )


def to_python(surrogate: Surrogate) -> str:
    """The source of a Python module that needs numpy only (3.9 or later, numpy 1.20 or later).

    Parameters
    ----------
    surrogate : Surrogate
        A fitted one.

    Returns
    -------
    str

    Raises
    ------
    TypeError
        For a surrogate that has no such form, such as `uq.surrogates.derived_outputs.Exact`.
    """
    problem, box, layout = surrogate.problem, Box.of(surrogate.problem), _Layout.of(surrogate)
    records = ",\n    ".join(_python_record(part) for part in layout.parts)
    mixes = ",\n    ".join(_python(asdict(mix)) for mix in layout.mixes)
    data = "\n".join(
        [
            f"INPUTS = {list(problem.input_names)!a}",
            f"INPUT_UNITS = {[i.unit for i in problem.inputs]!a}",
            f"LOW = [{_numbers(box.low)}]",
            f"HIGH = [{_numbers(box.high)}]",
            f"OUTPUTS = {list(problem.output_names)!a}",
            f"OUTPUT_UNITS = {[o.unit for o in problem.outputs]!a}",
            f"MODEL_VERSION = {problem.version!a}",
            f"_RECORDS = [\n    {records},\n]",
            f"_COLUMNS = {layout.columns}",
            f"_MIXES = [{mixes}]",
        ]
    )
    return _filled("surrogate.py.txt", data=data)


def to_c(surrogate: Surrogate, name: str = "surrogate") -> str:
    """The source of a C99 file with the function ``<name>_evaluate``; link with -lm.

    The function returns 0, or 1 + the index of the first input outside the trained range (y is then an extrapolation).

    Parameters
    ----------
    surrogate : Surrogate
        A fitted one.
    name : str
        Prefix of the function.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        For a `name` that is no identifier.
    TypeError
        As `to_python`.
    """
    _check(name)
    problem, box, layout = surrogate.problem, Box.of(surrogate.problem), _Layout.of(surrogate)
    parts, none = layout.parts, _Mix(0, 0, 0, 0, 0, 1.0)
    mixes = (f"{{{', '.join(map(repr, asdict(mix).values()))}}}" for mix in layout.mixes or [none])
    data = [
        _c_strings(f"{name}_input_names", problem.input_names),
        _c_strings(f"{name}_input_units", [i.unit for i in problem.inputs]),
        _c_strings(f"{name}_output_names", problem.output_names),
        _c_strings(f"{name}_output_units", [o.unit for o in problem.outputs]),
        f"const double {name}_low[D] = {{{_numbers(box.low)}}};",
        f"const double {name}_high[D] = {{{_numbers(box.high)}}};",
        *[_c_part(k, part) for k, part in enumerate(parts)],
        f"static const Part parts[] = {{{', '.join(_c_entry(k, part) for k, part in enumerate(parts))}}};",
        f"static const Mix mixes[] = {{{', '.join(mixes)}}};",
    ]
    return _filled(
        "surrogate.c.txt",
        data="\n".join(data),
        name=name,
        inputs=str(problem.dimension),
        outputs=str(len(problem.outputs)),
        columns=str(layout.columns),
        degree=str(max(part.degree for part in parts)),
        order=str(max(part.order for part in parts)),
    )


def to_javascript(surrogate: Surrogate, name: str = "surrogate") -> str:
    """A script that defines the constant `name`, and exports it where there are modules of Node.js.

    Safe inside a ``<script>`` element.

    Parameters
    ----------
    surrogate : Surrogate
        A fitted one.
    name : str
        Of the constant.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        As `to_c`.
    """
    _check(name)
    problem, box, layout = surrogate.problem, Box.of(surrogate.problem), _Layout.of(surrogate)
    record = {
        "inputs": [
            {"name": i.name, "unit": i.unit, "low": float(low), "high": float(high)}
            for i, low, high in zip(problem.inputs, box.low, box.high, strict=True)
        ],
        "outputs": [{"name": o.name, "unit": o.unit} for o in problem.outputs],
        "version": problem.version,
        "columns": layout.columns,
        "parts": [_record(part) for part in layout.parts],
        "mixes": [asdict(mix) for mix in layout.mixes],
    }
    data = json.dumps(record, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    return _filled("surrogate.js.txt", data=data, name=name)


def plain(surrogate: Surrogate) -> list[dict[str, Any]]:
    """The numbers of the mean as plain data, one record for each group of outputs that share their terms.

    The recurrence psi_{k+1} = (t factor + offset) psi_k - back psi_{k-1}, each (degree, d) by rows, in t, an input or
    (`logarithmic`) its logarithm, less `shift` and over `scale`; terms as products of the `places` (degree d + input)
    between `start`s; `weights` (terms, outputs).

    Parameters
    ----------
    surrogate : Surrogate
        A fitted surrogate.

    Returns
    -------
    list of dict
        One record for each group of outputs.

    Raises
    ------
    TypeError
        As `to_python`, and for a mixture, which is more than its sums.
    """
    layout = _Layout.of(surrogate)
    if layout.mixes:
        raise TypeError("a mixture is not a plain sum; ask for its parts")
    return [_record(part) for part in layout.parts]


# -- what is exported -----------------------------------------------------------------------------------------------


def _sparse(part: _Part) -> tuple[list[int], list[int], list[int]]:
    """Where the factors of each term start, their places in the table of polynomials, and their inputs."""
    rows, inputs = np.nonzero(part.indices)
    degrees = part.indices[rows, inputs]
    starts = np.concatenate([[0], np.cumsum((part.indices > 0).sum(axis=1))])
    return starts.tolist(), (degrees * part.indices.shape[1] + inputs).tolist(), inputs.tolist()


def _record(part: _Part) -> dict[str, Any]:
    logarithmic, (start, places, _) = np.flatnonzero(part.basis.logarithmic), _sparse(part)
    basis = logarithmic, part.basis.shift, part.basis.scale, *part.recurrence()
    numbers: tuple[Any, ...] = (*basis, start, places, part.coefficients)
    names = ("logarithmic", "shift", "scale", "factor", "offset", "back", "start", "places", "weights")
    return {
        "first": part.first,
        "outputs": list(part.outputs),
        "degree": part.degree,
        "order": part.order,
        **{name: np.ravel(value).tolist() for name, value in zip(names, numbers, strict=True)},
        "kernel": part.kernel
        and {
            name: value if isinstance(value, str) else value.ravel().tolist()
            for name, value in vars(part.kernel).items()
        },
    }


def _python_record(part: _Part) -> str:
    """As `_record`, but with all terms of value and gradient side by side, for products of whole arrays."""
    mean = Expansion(part.basis, part.indices, part.coefficients)
    both = mean.joined_with(mean.gradient)
    d, order = part.basis.dimension, max(1, int((both.indices > 0).sum(axis=1).max(initial=0)))
    places = np.zeros((order, len(both.indices)), dtype=np.int64)  # place 0 holds the constant 1
    for term, alpha in enumerate(both.indices):
        used = np.flatnonzero(alpha)
        places[: len(used), term] = alpha[used] * d + used
    rows, columns = np.nonzero(both.coefficients)
    record = _record(part)
    for name in ("first", "start", "places"):
        del record[name]
    record["order"] = order
    record["terms"] = places.ravel().tolist()
    record["weights"] = [rows.tolist(), columns.tolist(), both.coefficients[rows, columns].tolist()]
    return _python(record)


# -- writing --------------------------------------------------------------------------------------------------------


def _filled(template: str, **parts: str) -> str:
    """The template with every @name@ of it replaced, once: what is put in is not looked at again."""
    text = files("uq.surrogates").joinpath("templates", template).read_text()
    return re.sub("@([a-z]+)@", lambda match: parts[match[1]], text)


def _check(name: str) -> None:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) or re.fullmatch(_RESERVED, name):
        raise ValueError(f"{name!r} cannot name a function in C or JavaScript; use letters, digits and _")


def _numbers(values: Iterable[float]) -> str:
    """Numbers that read back to the same bits, eight to a line."""
    digits = [repr(v) for v in np.asarray(list(values)).tolist()]
    return ",\n    ".join(", ".join(digits[i : i + 8]) for i in range(0, len(digits), 8))


def _python(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {_python(v)}" for key, v in value.items()) + "}"
    if isinstance(value, list):
        if value and isinstance(value[0], list):
            return "[" + ", ".join(_python(v) for v in value) + "]"
        return f"[{_numbers(value)}]"
    return ascii(value)


def _c_string(text: str) -> str:
    """A string literal: letters, digits and a few marks as they are, all other bytes of UTF-8 as octal digits."""
    plain = set(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _.,:;+-*/()[]^=")
    return '"' + "".join(chr(b) if b in plain else f"\\{b:03o}" for b in text.encode()) + '"'


def _c_strings(name: str, texts: Sequence[str]) -> str:
    return f"const char *const {name}[{len(texts)}] = {{{', '.join(map(_c_string, texts))}}};"


def _c_array(kind: str, name: str, values: Sequence[float]) -> str:
    return f"static const {kind} {name}[] = {{{_numbers(values) or '0'}}};"


def _c_part(k: int, part: _Part) -> str:
    record = _record(part)
    _, _, inputs = _sparse(part)
    lines = [_c_array("int", f"{name}_{k}", record[name]) for name in ("logarithmic", "start", "places")]
    lines.append(_c_array("int", f"inputs_{k}", inputs))
    lines += [
        _c_array("double", f"{name}_{k}", record[name])
        for name in ("shift", "scale", "factor", "offset", "back", "weights")
    ]
    kernel = record["kernel"]
    if kernel:
        names = ("rows", "lengths", "shares", "weights")
        lines += [_c_array("double", f"kernel_{name}_{k}", kernel[name]) for name in names]
        arrays = ", ".join(f"kernel_{name}_{k}" for name in names)
        lines.append(
            f'static const Kernel kernel_{k} = {{"{kernel["structure"]}", "{kernel["profile"]}", '
            f"{len(kernel['weights'])}, {arrays}}};"
        )
    return "\n".join(lines)


def _c_entry(k: int, part: _Part) -> str:
    names = ("start", "places", "inputs", "shift", "scale", "factor", "offset", "back", "weights")
    arrays = ", ".join(f"{name}_{k}" for name in names)
    counts = f"{len(part.outputs)}, {part.first}, {part.degree}, {len(part.indices)}"
    logarithms = int(part.basis.logarithmic.sum())
    kernel = f"&kernel_{k}" if part.kernel else "NULL"
    return f"{{{counts}, {logarithms}, logarithmic_{k}, {arrays}, {kernel}}}"
