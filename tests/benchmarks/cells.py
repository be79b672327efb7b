"""Measured cells of the comparisons of surrogates, kept beside the pages that show them.

A cell is one method on one plan of one function: a line of JSON in ``cells.jsonl``.  Measuring takes hours and may stop
at any time; what is there is not measured again, and pages are made from what is there.
"""

from __future__ import annotations

import dataclasses
import json
import platform
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks import published_functions, sparse_functions
from tests.benchmarks.functions import FUNCTIONS, Function
from uq.sampling.plans import latin_hypercube, monte_carlo

FloatArray = NDArray[np.float64]

STORE = Path(__file__).with_suffix(".jsonl")
FLOOR = 1e-6
"""Relative squared errors below this count as this."""
FRESH = 5000


class Key(NamedTuple):
    function: str
    n: int
    seed: int
    who: str


@dataclass(frozen=True)
class Cell:
    """Relative squared error 1 - Q2 and coverage of 90 % intervals (None without intervals) on 5,000 fresh points,
    seconds of the process for the fit, and a word: the library and its version, or what was chosen; `claimed` the
    relative squared error that the surrogate claims, where it claims one."""

    error: float
    covered: float | None
    seconds: float
    word: str
    claimed: float | None = None


Predict = Callable[[FloatArray], tuple[FloatArray, FloatArray | None]]


class Fitted(NamedTuple):
    """What a method makes of a plan: its predictions, a word, and the mean square error that it claims."""

    predict: Predict
    word: str
    claimed: float | None = None


Fit = Callable[[Function, FloatArray, FloatArray], tuple[Any, ...]]
"""Fields of a `Fitted`."""


@lru_cache(maxsize=8)
def plan(name: str, n: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """A Latin hypercube of n runs of a function, the same for every method, less those that have no value."""
    function = named(name)
    problem = function.problem
    return _valued(
        function, problem.physical(latin_hypercube(n, problem.dimension, seed=1000 * seed + n).unit)
    )


@lru_cache
def fresh(name: str) -> tuple[FloatArray, FloatArray]:
    """Points that no method has seen, and what the function says of them."""
    return _valued(named(name), inside(named(name), FRESH))


def named(name: str) -> Function:
    """A function of our own table, of the survey of sparse expansions or of the published ones."""
    own = FUNCTIONS | sparse_functions.FUNCTIONS
    return own[name] if name in own else published_functions.function(name)


def _valued(function: Function, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    y = function.value(x)
    there = np.isfinite(y)
    return x[there], y[there]


def inside(function: Function, n: int) -> FloatArray:
    """Random points (n, d) of the function's inputs."""
    problem = function.problem
    return problem.physical(monte_carlo(n, problem.dimension, seed=99_991).unit)


def measure(key: Key, fit: Fit) -> Cell:
    """One cell, measured now."""
    function = named(key.function)
    (x, y), (points, exact) = plan(key.function, key.n, key.seed), fresh(key.function)
    started = time.process_time()
    predict, word, claimed = Fitted(*fit(function, x, y))
    seconds = time.process_time() - started
    mean, std = predict(points)
    error = float(np.mean((mean - exact) ** 2) / exact.var())
    covered = None if std is None else float(np.mean(np.abs(mean - exact) <= 1.6449 * std))
    relative = None if claimed is None else float(claimed / exact.var())
    return Cell(error, covered, round(seconds, 3), word, relative)


def load() -> dict[Key, Cell]:
    """All cells measured so far; of cells measured twice, the later."""
    if not STORE.exists():
        return {}
    lines = (json.loads(line) for line in STORE.read_text().splitlines())
    return {Key(*line["key"]): Cell(**line["cell"]) for line in lines}


def keep(key: Key, cell: Cell) -> None:
    """Add a cell to the store."""
    with STORE.open("a") as file:
        file.write(json.dumps({"key": key, "cell": dataclasses.asdict(cell)}) + "\n")


def forget(who: str) -> None:
    """Drop a method's cells, so that they are measured again."""
    lines = [line for line in STORE.read_text().splitlines() if json.loads(line)["key"][3] != who]
    STORE.write_text("".join(f"{line}\n" for line in lines))


def fill(wanted: Iterable[Key], fits: dict[str, Fit], seconds: float) -> None:
    """Measure the cells that are missing, in order, until `seconds` have passed."""
    until, known = time.monotonic() + seconds, load()
    for key in wanted:
        if time.monotonic() > until:
            return
        if key not in known:
            try:
                cell = measure(key, fits[key.who])
            except (RuntimeError, ValueError, TypeError, np.linalg.LinAlgError) as error:
                print(*key, f"failed: {error!r:.120}", flush=True)
                continue
            keep(key, cell)
            print(*key, f"{cell.error:.2e} {cell.covered} {cell.seconds:.2f} {cell.word}", flush=True)


def version(library: str) -> str:
    """Name and version of an installed library."""
    return f"{library} {metadata.version(library)}"


def versions(*libraries: str) -> str:
    """A line of those of the libraries that are installed."""
    found = []
    for library in libraries:
        try:
            found.append(version(library))
        except metadata.PackageNotFoundError:
            continue
    return f"*{', '.join((platform.machine(), *found))}; one thread, seconds of the process.*"


# -- tables ---------------------------------------------------------------------------------------------------------


def paired(cells: dict[Key, Cell], function: str, n: int, ours: str, other: str) -> list[tuple[Cell, Cell]]:
    """Cells of two methods on the same plans."""
    mine = {key.seed: cell for key, cell in cells.items() if key[:2] == (function, n) and key.who == ours}
    theirs = {key.seed: cell for key, cell in cells.items() if key[:2] == (function, n) and key.who == other}
    return [(mine[seed], theirs[seed]) for seed in sorted(mine.keys() & theirs.keys())]


def _shown(found: Sequence[Cell]) -> str:
    errors, seconds = np.median([c.error for c in found]), np.median([c.seconds for c in found])
    shares = [c.covered for c in found if c.covered is not None]
    covered = f"{np.mean(shares):.2f}" if shares else ""
    return f"{errors:.1e} ({len(found)}) | {covered} | {seconds:.2f}"


def geometric(ratios: Sequence[float]) -> float:
    """The geometric mean."""
    return float(np.exp(np.mean(np.log(ratios))))


def ratio(pairs: Sequence[tuple[Cell, Cell]]) -> float:
    """The ratio of median errors, those below 1e-6 counted as 1e-6."""
    mine, theirs = (max(float(np.median([pair[i].error for pair in pairs])), FLOOR) for i in (0, 1))
    return mine / theirs


def table(cells: dict[Key, Cell], ours: str, peers: Sequence[str]) -> list[str]:
    """Medians of paired plans beside each other, and our errors over those of each peer."""
    own = {(key.function, key.n) for key in cells if key.who == ours and key.function in FUNCTIONS}
    known = sorted(own, key=_order)
    lines = [
        "Medians over plans (Latin hypercubes; how many in brackets): 1 - Q2 and coverage of 90 % intervals on "
        f"{FRESH:,} fresh points, seconds of a fit.  A peer's figures, and ours over them, are of those of our plans "
        "on which it was run.",
        "",
        "| function | n | " + " | ".join(f"{p}: 1 - Q2 | covered | s" for p in (ours, *peers)) + " |",
        "|---|---|" + "---|---|---|" * (1 + len(peers)),
    ]
    shared: dict[str, dict[tuple[str, int], list[tuple[Cell, Cell]]]] = {peer: {} for peer in peers}
    for function, n in known:
        row = [_shown([pair[0] for pair in paired(cells, function, n, ours, ours)])]
        for peer in peers:
            pairs = paired(cells, function, n, ours, peer)
            row.append(_shown([pair[1] for pair in pairs]) if pairs else "- | - | -")
            if pairs:
                shared[peer][function, n] = pairs
        lines.append(f"| {function} | {n} | {' | '.join(row)} |")
    return lines + [line for peer in peers if shared[peer] for line in ("", _sentence(peer, shared[peer]))]


def _order(cell: tuple[str, int]) -> tuple[int, int]:
    return list(FUNCTIONS).index(cell[0]), cell[1]


def _sentence(peer: str, shared: dict[tuple[str, int], list[tuple[Cell, Cell]]]) -> str:
    ratios = {cell: ratio(pairs) for cell, pairs in shared.items()}
    functions = dict.fromkeys(name for name, _ in ratios)
    each = {name: geometric([r for cell, r in ratios.items() if cell[0] == name]) for name in functions}
    worst, cell = max(each, key=lambda name: each[name]), max(ratios, key=lambda cell: ratios[cell])
    close = [pairs for cell, pairs in shared.items() if ratios[cell] > 1.0 / 1.5]
    faster = sum(
        bool(np.median([mine.seconds - theirs.seconds for mine, theirs in pairs]) < 0.0) for pairs in close
    )
    return (
        f"Our error over that of {peer}: geometric mean {geometric(list(each.values())):.3f}; "
        f"at most 1.1 on {sum(r <= 1.1 for r in each.values())} of {len(each)} functions; "
        f"largest of a function, over its sizes, {each[worst]:.2f} ({worst}), of a cell {ratios[cell]:.2f} "
        f"({cell[0]}, n = {cell[1]}).  "
        f"It errs less than 1.5 times as much as we do in {len(close)} of {len(shared)} cells; in {faster} of these "
        "our fit is faster."
    )


def coverage(cells: dict[Key, Cell], ours: str, n: int) -> list[str]:
    """Share of fresh points within mean +- 1.645 std over all plans of n runs, which claims 90 %."""
    lines = ["| function | plans | covered | scatter of a plan | standard error |", "|---|---|---|---|---|"]
    for name in FUNCTIONS:
        mine = [pair[0].covered for pair in paired(cells, name, n, ours, ours)]
        shares = [share for share in mine if share is not None]
        if shares:
            scatter = float(np.std(shares))
            error = scatter / len(shares) ** 0.5
            lines.append(f"| {name} | {len(shares)} | {np.mean(shares):.3f} | {scatter:.3f} | {error:.3f} |")
    return [f"{ours.capitalize()}, n = {n}, {FRESH:,} fresh points for each plan.", "", *lines]


def words(cells: dict[Key, Cell], whos: Sequence[str]) -> str:
    """The libraries and versions of the methods, as they were when measured."""
    return ", ".join(dict.fromkeys(cell.word for key, cell in cells.items() if key.who in whos))
