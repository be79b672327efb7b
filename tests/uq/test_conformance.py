"""One battery over every law, plan, surrogate and analysis that is public: each answer is right, refused in one
sentence, or wide enough to cover.  What is new is found by walking the packages, and joins without being named here.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib
import inspect
import pkgutil
import re
import traceback
import types
import typing
import warnings
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas
import pytest
from scipy import special
from threadpoolctl import threadpool_info, threadpool_limits

import uq.calibration
import uq.core.distributions
import uq.propagation
import uq.requirements
import uq.sampling
import uq.sensitivity
import uq.surrogates
from uq.calibration import Measurement, calibrate
from uq.core.confidence_intervals import clopper_pearson
from uq.core.dataset import Dataset, evaluate
from uq.core.distributions import Discrete, Distribution, Normal, Uniform
from uq.core.estimate import Estimate
from uq.core.problem import Input, Output, Problem
from uq.reliability.design_point import form
from uq.reliability.failure_probability import failure_probability
from uq.reliability.limit_state import LimitState
from uq.requirements import Axis, Lever, Limit, Question, Requirement, draw, threshold
from uq.requirements.sweep import comply
from uq.sampling.plans import Plan, monte_carlo
from uq.surrogates.base import HALF_WIDTH, Surrogate
from uq.surrogates.derived_outputs import Exact

ROWS = 256
WEIGHTS = (3.0, 1.0, 0.0)
"""Of the inputs in the sum that is the model; the last is inert."""

RIGHT = 1e-9
"""Of an output's standard deviation: predictions this near are right but for rounding, however sure they are."""

FITTED = (3, 4, 5)
"""Seeds of the rows that a surrogate is fitted to."""

COVERED = (0.75, 0.8)
"""Of new points lie at least so many in the 90 % intervals of any one fit of 60 rows, and of all together: four
standard deviations below 90 %, of the 3.9 % by which the quantile of 60 rows scatters, and of three times as many."""

# -- what there is ---------------------------------------------------------------------------------------------------


def public(package) -> dict[str, object]:
    """What the modules of a package define under names of their own, by module and name."""
    found = {}
    for _, name, _ in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        module = importlib.import_module(name)
        for key, value in vars(module).items():
            if not key.startswith("_") and getattr(value, "__module__", None) == name:
                found[f"{name.split('.', 2)[2]}.{key}"] = value
    return found


def required(function: Callable) -> list[str]:
    parameters = inspect.signature(function).parameters.values()
    return [
        p.name
        for p in parameters
        if p.default is p.empty and p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
    ]


def in_words(annotation: object) -> str:
    """An annotation as it is written, whether its module postpones annotations or not."""
    return annotation.__name__ if isinstance(annotation, type) else str(annotation)


def returns(function: Callable) -> str:
    return in_words(getattr(function, "__annotations__", {}).get("return", ""))


def takes(function: Callable) -> list[set[str]]:
    """Of each required argument what it may be, by its type, or by its name where none is stated."""
    named = {
        "data": "Dataset",
        "source": "Dataset | Surrogate",
        "surrogate": "Surrogate",
        "question": "Question",
    }
    stated = getattr(function, "__annotations__", {})
    words = [re.findall(r"\w+", in_words(stated.get(p, named.get(p, "")))) for p in required(function)]
    both = {"Dataset", "Surrogate"}
    one = {"Dataset", "Surrogate", "Question"}
    return [both if "Source" in w else one & set(w) if "Callable" not in w else set() for w in words]


def arguments(function: Callable, given: Mapping[str, object], first: int = 0) -> dict[str, object]:
    """What a function requires but for its `first` ones, of what is given by name."""
    unknown = [name for name in required(function)[first:] if name not in given]
    assert not unknown, (
        f"{function.__name__} requires {unknown}, which the battery does not know: give it a value here"
    )
    return {name: given[name] for name in required(function)[first:]}


def law_of(kind: type[Distribution]) -> Distribution:
    """Rising numbers suit every law of numbers; tuples by what their names say."""
    values = {
        "values": (1.0, 2.0, 4.0),
        "weights": (0.25, 0.25, 0.5),
        "family": "gamma",
        "shapes": (2.0,),
        "parts": (Uniform(1.0, 2.0), Normal(3.0, 0.5), Discrete((4.0, 5.0), (0.5, 0.5))),
    }
    fields = [f for f in dataclasses.fields(kind) if f.name not in values]
    return kind(
        **{f.name: float(k + 1) for k, f in enumerate(fields)}
        | {f.name: values[f.name] for f in dataclasses.fields(kind) if f.name in values}
    )


def concrete(kind: object, base: type) -> bool:
    return inspect.isclass(kind) and issubclass(kind, base) and not inspect.isabstract(kind)


LAWS = {
    name.rsplit(".", 1)[-1]: law_of(kind)
    for name, kind in public(uq.core.distributions).items()
    if concrete(kind, Distribution)
}


def plans(package) -> dict[str, Callable]:
    return {name: f for name, f in public(package).items() if inspect.isfunction(f) and returns(f) == "Plan"}


def of(functions: Mapping[str, Callable], what: str, *further: str) -> dict[str, Callable]:
    """Those that take a dataset, a surrogate or a question first and nothing else but `further`, all required."""
    return {
        name: f
        for name, f in functions.items()
        if what in set().union(*takes(f)[:1]) and set(required(f)[1:]) <= set(further)
    }


PLANS = plans(uq.sampling)
SURROGATES = {"Choice", "Surrogate"} | {
    name.rsplit(".", 1)[-1] for name, kind in public(uq.surrogates).items() if concrete(kind, Surrogate)
}
FITS = {
    name: kind.fit
    for name, kind in public(uq.surrogates).items()
    if concrete(kind, Surrogate) and hasattr(kind, "fit") and takes(kind.fit) == [{"Dataset"}]
} | {
    name: f
    for name, f in public(uq.surrogates).items()
    if inspect.isfunction(f) and takes(f) == [{"Dataset"}] and returns(f) in SURROGATES
}
_FUNCTIONS = {
    name: f
    for package in (uq.sensitivity, uq.propagation)
    for name, f in public(package).items()
    if inspect.isfunction(f) and "None" not in returns(f) and "tuple" not in returns(f)
}
OF_DATA = of(_FUNCTIONS, "Dataset", "output")
OF_SURROGATES = of(_FUNCTIONS, "Surrogate")
ELSEWHERE = {
    "other_copulas": "propagation/test_copula_robustness.py",
    "p_box": "propagation/test_law_robustness.py",
    "calibrate": "test_conformance.py",
    "rank_histograms": "calibration/test_calibration.py",
    "learning_curve": "surrogates/test_validation.py",
    "validate": "surrogates/test_validation.py",
    "project": "sampling/test_quadrature.py",
    "corrected": "propagation/test_propagation.py",
    "difference": "sensitivity/test_sensitivity.py",
    "meets": "core/test_doors.py",
    "complete": "sensitivity/test_sensitivity.py",
    "impute": "sensitivity/test_sensitivity.py",
    "as_failures": "sensitivity/test_sensitivity.py",
    "draw": "test_conformance.py",
    "failure_probability": "test_conformance.py",
    "system_failure_probability": "reliability/test_systems.py",
}
"""What takes data, a surrogate or a problem and is asked otherwise than here, and where."""

OF_QUESTIONS = {
    name: f
    for name, f in public(uq.requirements).items()
    if inspect.isfunction(f) and takes(f)[:1] == [{"Question"}]
}


def planned(function: Callable, n: int, dimension: int) -> Plan:
    """A plan of about n rows, by the names of what its function takes."""
    root = max(2, round(n ** (1.0 / dimension))) if dimension < 9 else 2
    given = {
        "n": max(n // (dimension + 2), 2) if function.__name__ in BASED else n,
        "dimension": dimension,
        "seed": 1,
        "levels": root,
        "points": root,
        "order": 3 if dimension < 9 else 1,
        "laws": [Uniform(0.0, 1.0)] * dimension,
        "plan": monte_carlo(8, dimension, seed=1),
        "score": lambda u: np.ones(len(u)),
    }
    options = {"replicates": 4} if function.__name__ == "search_curves" else {}
    if "second_order" in inspect.signature(function).parameters:
        options["second_order"] = True
    if function.__name__ in ("pick_freeze", "saltelli"):
        given["n"] = 64
    if function.__name__ == "search_curves":
        given["n"] = 65
    return function(**arguments(function, given), **options)


BASED = ("trajectories", "derivative_steps")


def slow(names: Mapping[str, object], others: Iterable[str], quick: tuple[str, ...] = ()) -> list[object]:
    """All pairs; of SALib's delta and PAWN, hundreds of densities and tests, and of the trend with kriging, whose
    expansion and process are fits of their own here, a few are asked each time and the others where slow ones are."""
    dear = (
        "salib_given_data.delta",
        "salib_given_data.pawn",
        "gaussian_process.gaussian_process.chaos_kriging",
    )
    return [
        pytest.param(name, other, marks=[pytest.mark.slow] if name in dear and other not in quick else [])
        for name in names
        for other in others
    ]


# -- what is asked ---------------------------------------------------------------------------------------------------


def model_of(scale: float, offset: float):
    def model(columns):
        names = list(columns)
        weights = [*WEIGHTS, *[0.0] * len(names)]
        return {"y": offset + scale * sum(w * columns[n] for n, w in zip(names, weights, strict=False))}

    return model


def problem_of(law: Distribution = Uniform(0.0, 1.0), dimension: int = 3, scale=1.0, offset=0.0) -> Problem:  # noqa: B008
    inputs = tuple(Input(f"x{j}", "1", law) for j in range(dimension))
    return Problem(inputs, (Output("y"),), model_of(scale, offset), version="1")


def sampled(plan: Plan, problem: Problem) -> Dataset:
    data = evaluate(problem, problem.physical(plan.unit))
    return dataclasses.replace(
        data, provenance={"scheme": plan.scheme, "seed": plan.seed, "details": plan.details}
    )


def rebuilt(data: Dataset, x, y=None, problem: Problem | None = None, status=None) -> Dataset:
    problem = problem or data.problem
    return Dataset.from_arrays(
        x, data.y if y is None else y, problem=problem, status=status, provenance=data.provenance
    )


def changed(kind: str, data: Dataset) -> Dataset:
    """The data of a plan in another guise; y is that of the model at the new x."""
    x, y, problem, random = data.x, data.y, data.problem, np.random.default_rng(1)
    n = len(x)
    if kind == "constant":
        return rebuilt(data, x, np.full_like(y, 192.53))  # its variance is rounding, and not 0
    if kind == "tied":
        return rebuilt(data, x, np.round(y))
    if kind == "discrete":
        law = Discrete((0.0, 1.0, 2.0), (0.2, 0.3, 0.5))
        return sampled(Plan(np.clip(x, 0.0, 1.0), "given", 1), problem_of(law))
    if kind in ("gridded", "hidden between levels"):
        return evaluate(problem, LEVELS[np.minimum(np.floor(4.0 * x), 3.0).astype(int)])
    if kind == "picked rows":  # they follow another law of the first input
        return data.where(x[:, 0] > 0.5)
    if kind == "near duplicates":
        n = len(x) // 3 * 3  # of a third of the rows three each, as runs are repeated with settings read anew
        x = np.clip(
            np.repeat(x[: n // 3], 3, axis=0) + 1e-7 * random.uniform(-1.0, 1.0, (n, x.shape[1])), 0.0, 1.0
        )
        return dataclasses.replace(evaluate(problem, random.permutation(x)), provenance=data.provenance)
    if kind == "jittered grid":
        levels = LEVELS[np.minimum(np.floor(4.0 * x), 3.0).astype(int)]
        return evaluate(problem, levels + 2e-3 * random.uniform(-1.0, 1.0, x.shape))
    if kind == "masked":
        hidden_cells = random.random(n) < 0.2
        values = np.ma.MaskedArray(np.where(hidden_cells, 1e6, y[:, 0]), hidden_cells)
        return rebuilt(data, np.ma.MaskedArray(x, np.zeros(x.shape, dtype=bool)), values)
    if kind == "duplicated":
        return rebuilt(data, np.repeat(x, 2, axis=0), np.repeat(y, 2, axis=0))
    if kind in SCALES:
        scale, offset = SCALES[kind]
        return rebuilt(data, x, offset + scale * y)
    if kind == "permuted rows":
        rows = random.permutation(n)
        return rebuilt(data, x[rows], y[rows])
    if kind == "permuted columns":
        turned = dataclasses.replace(problem, inputs=problem.inputs[::-1], model=None)
        return rebuilt(data, x[:, ::-1], y, turned)
    if kind == "integer":
        whole = Problem(
            tuple(Input(i.name, "1", Uniform(-0.5, 1000.5)) for i in problem.inputs),
            problem.outputs,
            problem.model,
        )
        return evaluate(whole, np.round(1000.0 * x).astype(np.int64))
    if kind == "float32":
        return evaluate(problem, x.astype(np.float32))
    if kind == "read-only":
        x, y = x.copy(), y.copy()
        x.setflags(write=False)
        y.setflags(write=False)
        return rebuilt(data, x, y)
    if kind == "non-contiguous":
        return rebuilt(data, np.asfortranarray(np.repeat(x, 2, axis=1))[:, ::2], np.repeat(y, 2, axis=0)[::2])
    if kind == "frame of other order":
        frame = pandas.DataFrame(x, columns=list(problem.input_names))[list(problem.input_names[::-1])]
        return rebuilt(data, frame, pandas.DataFrame({"y": y[:, 0]}))
    if kind == "one row":
        return rebuilt(data, x[:1], y[:1])
    if kind == "one input":
        one = problem_of(dimension=1)
        return dataclasses.replace(evaluate(one, x[:, :1]), provenance={})
    if kind == "60 inputs":
        many = problem_of(dimension=60)
        return evaluate(many, np.hstack([x, random.random((n, 57))]))
    assert kind == "20 % failed"
    status = np.where(random.random(n) < 0.2, 7, 0)
    return rebuilt(data, x, np.where(status[:, None] > 0, np.nan, y), status=status)


SCALES = {"offset by 1e12": (1.0, 1e12), "scaled by 1e-12": (1e-12, 0.0), "scaled by 1e12": (1e12, 0.0)}
LEVELS = (np.arange(4.0) + 0.5) / 4.0


def hidden(columns) -> np.ndarray:
    """What no row at the `LEVELS` of the first input shows."""
    return 8.0 * np.prod([columns["x0"] - level for level in LEVELS], axis=0)


SAME = ("read-only", "non-contiguous", "frame of other order")
LEARNED_ANEW = (
    "tied",
    "discrete",
    "gridded",
    "hidden between levels",
    "near duplicates",
    "jittered grid",
    "integer",
    "one input",
    "20 % failed",
)
"""Other functions or rows than the plain ones, so that their own fits say how well they cover."""
KINDS = (
    "constant",
    "tied",
    "discrete",
    "gridded",
    "hidden between levels",
    "picked rows",
    "duplicated",
    "near duplicates",
    "jittered grid",
    "masked",
    *SCALES,
    "permuted rows",
    "permuted columns",
    "integer",
    "float32",
    *SAME,
    "one row",
    "one input",
    "60 inputs",
    "20 % failed",
)

# -- what is answered --------------------------------------------------------------------------------------------------


WRONG = {
    "constant": r"constant|samples meet",
    "one row": r"\b1 (good |independent )?rows?|\bfew\b|at least",
    "20 % failed": r"failed",
    "masked": r"failed",
    "near duplicates": r"independent|blocks",
}
"""What a refusal says of data in such a guise; of any other it names an input, an output, rows or a plan."""

NAMED = r"'(x\d+|y)'|\b(rows?|inputs?|outputs?|samples|plan|trajector(y|ies)|law|steps|indices)\b"


def asked(analyse: Callable, data: object, kind: str = ""):
    """The answer, or None where it is refused in one sentence that says what is wrong; a warning is neither."""
    arguments = {"output": "y"} if "output" in required(analyse) else {}
    if analyse.__name__ == "regional":
        arguments["low"] = float(np.median(data["y"][data.feasible]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return analyse(data, **arguments)
        except (ValueError, TypeError) as error:
            refusal(error, kind)
            return None


def refusal(error: Exception, kind: str = "") -> None:
    """A refusal is a sentence of ours, not what a library says by chance, and tells what is wrong."""
    said = str(error)
    assert 10 < len(said) < 500, said
    assert "\n" not in said
    frame = traceback.extract_tb(error.__traceback__)[-1]
    assert (frame.line or "").startswith("raise "), (
        f"{frame.filename}:{frame.lineno} does not refuse, it fails: {said}"
    )
    assert type(error) in (ValueError, TypeError), f"{type(error).__name__}: {said}"
    assert re.search(WRONG.get(kind, NAMED), said), f"{kind or 'these data'}: {said}"


def parts(answer: object) -> list[object]:
    """The results in an answer: of each output one."""
    found = list(answer.values()) if isinstance(answer, Mapping) else [answer]
    return [part for part in found if dataclasses.is_dataclass(part)]


def numbers(answer: object) -> np.ndarray:
    """Every number that a result states."""
    found: list[float] = []
    for part in parts(answer):
        for field in dataclasses.fields(part):
            value = getattr(part, field.name)
            if isinstance(value, Mapping):
                found += [float(v) for row in value.values() for v in np.ravel(row)]
            elif isinstance(value, float | np.ndarray) and np.asarray(value).dtype.kind == "f":
                found += [float(v) for v in np.ravel(value)]
    return np.array(found)


def intervals(answer: object) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Estimates (d,) of every input with the ends of their intervals, by the name of the field."""
    found = {}
    for part in parts(answer):
        for field in dataclasses.fields(part):
            value = getattr(part, field.name)
            if (
                field.name.endswith("interval")
                and np.ndim(value) == 2
                and len(value) == len(getattr(part, "inputs", ()))
            ):
                own = {"first_interval": "first", "total_interval": "total"}.get(field.name)
                names = (own,) if own else ("value", "effects", "absolute", "bound", "first")
                centre = next((getattr(part, n) for n in names if hasattr(part, n)), None)
                if centre is not None:
                    found[field.name] = (np.asarray(centre), value[:, 0], value[:, 1])
    return found


def sound(answer: object) -> None:
    """No number is missing without a word, and no estimate lies outside of its interval."""
    assert not np.isnan(numbers(answer)).any(), answer
    for centre, low, high in intervals(answer).values():
        slack = 1e-9 * (1.0 + np.abs(centre))
        assert (low <= centre + slack).all(), answer
        assert (centre <= high + slack).all(), answer


@functools.lru_cache
def home(name: str) -> tuple[Dataset, object]:
    """Data of the first plan that an analysis accepts, and what it says of them."""
    tries = [("plans.monte_carlo", ROWS), ("plans.monte_carlo", 704), *((plan, 64) for plan in PLANS)]
    for plan, rows in tries:
        data = sampled(planned(PLANS[plan], rows, 3), problem_of())
        answer = asked(OF_DATA[name], data)
        if answer is not None:
            return data, answer
    raise AssertionError(f"no plan suits {name}")


def home_is_any(name: str) -> bool:
    """Whether an analysis takes any rows, so that only what is odd about them can be refused."""
    return home(name)[0].provenance["scheme"] == "monte_carlo"


def inert_is_inert(answer: object) -> None:
    """The last of three inputs does nothing: no interval that is not known to be biased may exclude that, unless the
    answer says that the inputs depend on each other in the rows."""
    if "depend on each other in these rows" in str(answer):
        return
    for part in parts(answer):
        null = getattr(part, "null", None)
        if isinstance(null, np.ndarray) and null.any():
            assert part.interval[2, 0] <= max(0.05, null[2]), answer
    for centre, low, _ in intervals(answer).values():
        assert low[2] <= 0.1 or np.isinf(centre[2]), answer


# -- the battery -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "kind"), slow(OF_DATA, KINDS, ("one row", "tied", "permuted rows")))
def test_an_analysis_of_data_is_right_or_refuses(name, kind):
    data, before = home(name)
    answer = asked(OF_DATA[name], changed(kind, data), kind if home_is_any(name) else "")
    if answer is None:
        assert kind not in SAME, "the same data were refused"
        return
    assert kind != "one row", "one row says nothing"
    sound(answer)
    old, new = numbers(before), numbers(answer)
    if kind in SAME:
        assert new == pytest.approx(old, rel=1e-12, abs=1e-15)
    elif kind in SCALES:
        scale, offset = SCALES[kind]
        tight = {"rel": 2e-3 if offset else 1e-6, "abs": 2e-3 * max(scale, 1.0) if offset else 1e-12 * scale}
        for a, b in zip(old, new, strict=True):
            candidates = (a, scale * a, scale * a + offset, scale**2 * a, a / scale if scale else a)
            assert any(b == pytest.approx(c, **tight) for c in candidates), (name, a, b)
    elif kind in ("20 % failed", "masked") and "failed" in str(answer):
        pass  # another question, which the answer says
    elif kind in ("permuted rows", "duplicated", "float32", "20 % failed", "masked"):
        for field, (_, low, high) in intervals(answer).items():
            _, low_before, high_before = intervals(before)[field]
            assert (low <= high_before + 0.02).all(), answer
            assert (low_before <= high + 0.02).all(), answer
    elif kind == "permuted columns":
        for field, (centre, _, _) in intervals(answer).items():
            _, low, high = intervals(before)[field]
            assert (centre[::-1] >= low - 0.02).all(), answer
            assert (centre[::-1] <= high + 0.02).all(), answer
    elif kind in (
        "tied",
        "discrete",
        "gridded",
        "hidden between levels",
        "near duplicates",
        "jittered grid",
        "picked rows",
        "integer",
    ):
        inert_is_inert(answer)
        if kind == "picked rows":
            assert not any(hasattr(part, "quantiles") for part in parts(answer)), "not those of the laws"


@pytest.mark.parametrize(("name", "plan"), slow(OF_DATA, PLANS, ("plans.saltelli",)))
def test_an_analysis_takes_a_plan_as_what_it_is_or_refuses_it(name, plan):
    drawn = planned(PLANS[plan], ROWS, 3)
    answer = asked(OF_DATA[name], sampled(drawn, problem_of()))
    if answer is None:
        return
    sound(answer)
    inert_is_inert(answer)
    rows = Plan(drawn.unit[np.random.default_rng(2).permutation(len(drawn))], "given", 1)
    again = asked(OF_DATA[name], sampled(rows, problem_of()))
    if again is not None:
        inert_is_inert(again)


@pytest.mark.parametrize(("name", "law"), slow(OF_DATA, LAWS, ("Discrete",)))
def test_an_analysis_takes_inputs_of_every_law_or_refuses_them(name, law):
    data, _ = home(name)
    plan = Plan(np.clip(data.x, 0.0, 1.0), data.provenance["scheme"], 1, dict(data.provenance["details"]))
    answer = asked(OF_DATA[name], sampled(plan, problem_of(LAWS[law])))
    if answer is not None:
        sound(answer)
        inert_is_inert(answer)


def covers(shares: list[float]) -> None:
    """Shares of new points inside the intervals of each fit suffice, and so does their mean."""
    assert min(shares) >= COVERED[0], shares
    assert len(shares) == 1 or np.mean(shares) >= COVERED[1], shares


@pytest.mark.parametrize(("name", "kind"), slow(FITS, KINDS, ("one row", "tied", "20 % failed", "one input")))
def test_a_surrogate_covers_fresh_rows_or_refuses(name, kind):
    seeds = FITTED if kind in LEARNED_ANEW else FITTED[:1]
    shares = [fresh_share(name, kind, seed) for seed in seeds]
    if None in shares:
        assert set(shares) == {None}
        assert kind in ("constant", "one row")
    else:
        covers(shares)


def fresh_share(name: str, kind: str, seed: int) -> float | None:
    """The share of new points in the intervals of one fit to data in the guise `kind`; None where it is refused."""
    data = changed(kind, sampled(monte_carlo(60, 3, seed=seed), problem_of()))
    if kind == "60 inputs" and "choose" in name:
        data = data.where(np.arange(30))
    fitted = asked(FITS[name], data, kind)
    if fitted is None:
        return None
    surrogate = getattr(fitted, "surrogate", fitted)
    scale, offset = SCALES.get(kind, (1.0, 0.0))
    fresh = data.problem.physical(monte_carlo(200, data.problem.dimension, seed=9).unit)
    by_name = dict(zip(data.problem.input_names, fresh.T, strict=True))
    order = {n: by_name[n] for n in sorted(by_name, key=lambda n: int(n[1:]))}
    true = model_of(scale, offset)(order)["y"]
    found = surrogate.predict(fresh)
    assert np.isfinite(found.mean).all()
    assert (found.std > 0.0).all()
    slack = 1e-12 * np.abs(true).max()
    if kind == "tied":
        true = np.round(true)
    if kind == "hidden between levels":
        true = true + hidden(order)
    turned = pandas.DataFrame(fresh, columns=list(data.problem.input_names)).iloc[:, ::-1]
    assert surrogate.predict(turned).mean.tolist() == found.mean.tolist()
    return float((np.abs(true - found.mean[:, 0]) <= HALF_WIDTH * found.std[:, 0] + slack).mean())


@pytest.mark.parametrize(("name", "law"), slow(FITS, LAWS, ("Normal", "Discrete", "Mixture")))
def test_a_surrogate_learns_inputs_of_every_law_or_refuses_them(name, law):
    problem, shares = problem_of(LAWS[law]), []
    fresh = evaluate(problem, problem.physical(monte_carlo(200, 3, seed=9).unit))
    for seed in FITTED:
        fitted = asked(FITS[name], sampled(monte_carlo(60, 3, seed=seed), problem))
        assert fitted is not None
        found = getattr(fitted, "surrogate", fitted).predict(fresh.x)
        slack = RIGHT * fresh.y.std()
        shares.append((np.abs(fresh.y - found.mean) <= HALF_WIDTH * found.std + slack).mean())
    covers(shares)


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("name", OF_SURROGATES)
def test_an_analysis_through_a_surrogate_takes_every_law_or_refuses_it(name, law):
    answer = asked(OF_SURROGATES[name], Exact(problem_of(LAWS[law])))
    if answer is not None:
        sound(answer)
        inert_is_inert(answer)


@pytest.mark.parametrize("scale", [(1.0, 1e12), (1e-12, 0.0), (1e12, 0.0)])
@pytest.mark.parametrize("dimension", [1, 3, 12])
@pytest.mark.parametrize("name", OF_SURROGATES)
def test_an_analysis_through_a_surrogate_takes_every_size_or_refuses_it(name, dimension, scale):
    answer = asked(
        OF_SURROGATES[name], Exact(problem_of(dimension=dimension, scale=scale[0], offset=scale[1]))
    )
    if answer is not None:
        sound(answer)
        if dimension == 3:
            inert_is_inert(answer)


@functools.lru_cache
def question_of(law: str, scale: float = 1.0, offset: float = 0.0) -> Question:
    """Whether the sum lies above what three of ten samples miss; every input may be required."""
    problem = problem_of(LAWS[law], scale=scale, offset=offset)
    inputs = tuple(dataclasses.replace(i, role="requirement") for i in problem.inputs)
    sample = draw(dataclasses.replace(problem, inputs=inputs))
    limit = Limit("y", low=float(np.quantile(sample.under(()).mean[:, 0], 0.3)))
    return Question(sample, [limit], wanted=0.9)


def of_question(name: str, question: Question):
    """The answer of an analysis of requirements, or None where it is refused in one sentence."""
    middle = float(question.sample.problem.inputs[0].distribution.ppf([0.5])[0])
    given = {
        "levers": [Lever("x0"), Lever("x2")],
        "lever": Lever("x0"),
        "first": Axis("x0"),
        "second": Axis("x1"),
        "output": "y",
        "input": "x0",
        "inputs": ["x0", "x2"],
        "drivers": ["x0", "x1", "x2"],
        "requirements": [Requirement("x0", low=middle)],
        "limit": question.limits[0],
    }
    function = OF_QUESTIONS[name]
    return asked(lambda q: function(q, **arguments(function, given, first=1)), question)


def stated(answer: object) -> list[Estimate]:
    """Every estimate in an answer, however deep."""
    if isinstance(answer, Estimate):
        return [answer]
    if isinstance(answer, Mapping):
        return [e for part in answer.values() for e in stated(part)]
    if isinstance(answer, tuple | list):
        return [e for part in answer for e in stated(part)]
    if dataclasses.is_dataclass(answer) and not isinstance(answer, Question | Problem):
        return [e for f in dataclasses.fields(answer) for e in stated(getattr(answer, f.name))]
    return []


def sound_estimates(answer: object) -> None:
    for estimate in stated(answer):
        if np.isnan([estimate.value, estimate.low, estimate.high]).all():
            continue  # none is found, which the answer says in its state
        slack = 1e-9 * (1.0 + abs(estimate.value))
        assert estimate.low <= estimate.value + slack, answer
        assert estimate.value <= estimate.high + slack, answer


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("name", OF_QUESTIONS)
def test_an_analysis_of_requirements_takes_inputs_of_every_law_or_refuses_them(name, law):
    sound_estimates(of_question(name, question_of(law)))


@pytest.mark.parametrize("kind", SCALES)
@pytest.mark.parametrize("name", OF_QUESTIONS)
def test_an_analysis_of_requirements_takes_outputs_of_every_size_or_refuses_them(name, kind):
    sound_estimates(of_question(name, question_of("Uniform", *SCALES[kind])))


@pytest.mark.parametrize("law", LAWS)
def test_compliance_and_its_thresholds_are_those_of_many_rows_of_every_law(law):
    question, limit = question_of(law), question_of(law).limits[0].low
    problem = problem_of(LAWS[law])
    x = problem.physical(monte_carlo(40_000, 3, seed=5).unit)
    y = model_of(1.0, 0.0)(dict(zip(problem.input_names, x.T, strict=True)))["y"]
    middle = float(LAWS[law].ppf([0.5])[0])

    def covered(found: Estimate, rows: np.ndarray) -> None:
        low, high = clopper_pearson(int((y[rows] >= limit).sum()), int(rows.sum()), 0.999)
        assert found.low <= high, (found, low, high)
        assert low <= found.high, (found, low, high)

    covered(comply(question), np.ones(len(x), dtype=bool))
    covered(comply(question.under(Requirement("x0", low=middle))), x[:, 0] >= middle)
    covered(comply(question.under(Requirement("x2", low=middle))), x[:, 2] >= middle)
    least = threshold(question, Lever("x0"))
    if least.status == "found" and np.isfinite(least.value.high):
        assert (y[x[:, 0] >= least.value.high] >= limit).mean() >= 0.9 - 0.02, least


@pytest.mark.parametrize("law", LAWS)
def test_a_failure_probability_of_inputs_of_every_law_covers_or_is_refused(law):
    problem = problem_of(LAWS[law])
    y = evaluate(problem, problem.physical(monte_carlo(40_000, 3, seed=5).unit))["y"]
    limit = float(np.quantile(y, 0.97))
    low, high = clopper_pearson(int((y >= limit).sum()), len(y), 0.999)
    found = failure_probability(problem, "y", above=limit, target=0.2, max_runs=4000)
    assert found.runs <= 4000
    assert found.interval[0] <= high, found
    assert low <= found.interval[1], found


@pytest.mark.parametrize(("scale", "offset"), [(1.0, 0.0), *SCALES.values()])
def test_form_of_a_sum_of_normal_inputs_is_exact_whatever_its_scale(scale, offset):
    problem = problem_of(Normal(0.0, 1.0), scale=scale, offset=offset)
    g = LimitState.of(problem, "y", above=offset + scale * 3.0 * np.sqrt(10.0))
    assert form(g).probability == pytest.approx(special.ndtr(-3.0), rel=1e-3 if offset else 1e-9)


@pytest.mark.parametrize("guilty", ["constant", "nan", "raises"])
def test_a_failure_probability_of_what_never_answers_is_refused_or_says_that_it_is_not_trusted(guilty):
    def model(columns):
        if guilty == "raises":
            raise RuntimeError("no")
        return {"y": np.full(len(columns["x0"]), np.nan if guilty == "nan" else 192.53)}

    problem = dataclasses.replace(problem_of(), model=model)
    refused = ""
    try:
        found = failure_probability(problem, "y", above=200.0, max_runs=2000)
    except (ValueError, RuntimeError) as error:
        refused = str(error)
    assert refused or not found.trusted or found.interval[0] == 0.0


@pytest.mark.parametrize("law", LAWS)
def test_an_input_of_every_law_is_calibrated_to_its_weighted_values(law):
    prior, u = LAWS[law], (np.arange(100_000) + 0.5) / 100_000
    spread = prior.moments()[1]
    reading, error = float(prior.ppf([0.7])[0]), 0.3 * spread
    asked_of = problem_of(prior, 1)
    after = calibrate(asked_of, [Measurement("y", 3.0 * reading, 3.0 * error)]).problem.inputs[0].distribution
    x = prior.ppf(u)
    weight = np.exp(-0.5 * ((x - reading) / error) ** 2)
    mean = np.average(x, weights=weight)
    std = np.sqrt(np.average((x - mean) ** 2, weights=weight))
    assert after.moments() == (pytest.approx(mean, abs=0.01 * spread), pytest.approx(std, abs=0.07 * spread))
    for value in prior.atoms:
        low, high = after.step(value) or (0.0, 0.0)
        assert high - low == pytest.approx(weight[x == value].sum() / weight.sum(), abs=0.01)


def threads() -> set[int]:
    return {library["num_threads"] for library in threadpool_info()}


@pytest.mark.parametrize("name", sorted({*OF_DATA, *OF_SURROGATES}))
def test_every_analysis_holds_linear_algebra_to_one_thread_whoever_calls(name, monkeypatch):
    seen = set()
    read = Dataset.__getitem__

    def watched(data, column):
        seen.update(threads())
        return read(data, column)

    def model(columns):
        seen.update(threads())
        return {"y": sum(columns.values())}

    if name in OF_DATA:
        function, given = OF_DATA[name], home(name)[0]
        monkeypatch.setattr(Dataset, "__getitem__", watched)
    else:
        function, given = OF_SURROGATES[name], Exact(dataclasses.replace(problem_of(), model=model))
    with threadpool_limits(2):
        arguments = {"output": "y"} if "output" in required(function) else {}
        if function.__name__ == "regional":
            arguments["low"] = 2.0
        function(given, **arguments)
    assert seen == {1}


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("plan", PLANS)
def test_a_plan_gives_values_within_every_law_and_they_give_the_plan_back(plan, law):
    drawn, problem = planned(PLANS[plan], 64, 2), problem_of(LAWS[law], 2)
    x = problem.physical(drawn.unit)
    assert np.isfinite(x).all()
    low, high = LAWS[law].support
    assert ((x >= low) & (x <= high)).all()
    spread = LAWS[law].moments()[1]
    assert problem.physical(problem.unit(x)) == pytest.approx(x, rel=1e-9, abs=1e-7 * spread)


@pytest.mark.parametrize("dimension", [1, 2, 3, 12, 60])
@pytest.mark.parametrize("plan", PLANS)
def test_a_plan_of_any_dimension_lies_in_the_cube_and_is_drawn_twice_alike_or_is_refused(plan, dimension):
    drawn = asked(lambda f: planned(f, 64, dimension), PLANS[plan])
    if drawn is None:
        return
    assert drawn.unit.shape == (len(drawn), dimension)
    assert ((drawn.unit >= 0.0) & (drawn.unit <= 1.0)).all()
    separate = max(len(drawn) / (dimension + 1), 1.0)  # rows of one base point count as one
    assert np.abs(drawn.unit.mean(axis=0) - 0.5).max() <= 4.0 / np.sqrt(12.0 * separate)
    assert not drawn.unit.flags.writeable
    assert np.array_equal(planned(PLANS[plan], 64, dimension).unit, drawn.unit)


GUISES: dict[str, Callable[[np.ndarray], typing.Any]] = {
    "read-only": lambda v: np.array(v)[()],
    "non-contiguous": lambda v: np.repeat(v, 2)[::2],
    "list": lambda v: v.tolist(),
    "series": lambda v: pandas.Series(v, index=range(100, 100 + len(v))),
    "two-dimensional": lambda v: v.reshape(-1, 1),
    "empty": lambda v: v[:0],
}


@pytest.mark.parametrize("guise", GUISES)
@pytest.mark.parametrize("method", ["ppf", "cdf", "mid_cdf", "pdf"])
@pytest.mark.parametrize("law", LAWS)
def test_a_law_says_the_same_of_the_same_numbers_in_every_guise(law, method, guise):
    function = getattr(LAWS[law], method)
    p = np.linspace(0.03, 0.97, 33)
    given = p if method == "ppf" else LAWS[law].ppf(p)
    plain = function(given)
    said = function(GUISES[guise](given))
    assert np.ravel(said).tolist() == plain[: np.size(said)].tolist()
    assert np.size(said) == (0 if guise == "empty" else len(p))


@pytest.mark.parametrize("method", ["ppf", "cdf", "mid_cdf", "pdf", "at_unit", "at_normal"])
@pytest.mark.parametrize("law", LAWS)
def test_what_is_no_number_has_no_probability_and_no_value(law, method):
    function = getattr(LAWS[law], method)
    among = np.array([np.nan, 0.5, np.nan] if method in ("ppf", "at_unit") else [np.nan, 1.1, np.nan])
    assert np.isnan(function(among)).tolist() == [True, False, True]
    assert np.isnan(function(np.array(np.nan)))
    if method in ("ppf", "at_unit"):
        assert np.isnan(function(np.array([-1e-9, 0.5, 1.2]))).tolist() == [True, False, True]


@pytest.mark.parametrize("law", LAWS)
def test_a_law_has_the_moments_of_its_values(law):
    u = (np.arange(200_000) + 0.5) / 200_000
    x = LAWS[law].ppf(u)
    mean, std = LAWS[law].moments()
    assert x.mean() == pytest.approx(mean, rel=2e-3, abs=2e-3 * std)
    assert x.std() == pytest.approx(std, rel=2e-2)


HELPERS = (
    "archive.",
    "evaluate.",
    "export.",
    "refinement.",
    "loading.",
    "given_data.independent_rows",
    "given_data.usable_values",
    "salib_given_data.require_independent_inputs",
    "drawn_rows.",
    "domain.",
    "base.training_rows",
    "composite.switch_error",
    "shared_sample.ask",
    "propagate.good_values",
    "streaming.streamed",
    "sobol.pick_freeze_runs",
    "morris_dgsm.elementary_steps",
    "derived_outputs.within",
    "confirmation.digest",
)
"""What analyses are made of, files, and plans that grow: nothing that answers a question about a model."""


def unasked(name: str, function: Callable) -> str:
    """Why a function of data, a surrogate or a question is asked neither here nor elsewhere; empty where it is."""
    if not set().union(*takes(function)) or name in {*OF_DATA, *OF_SURROGATES, *OF_QUESTIONS, *FITS}:
        return ""
    if name.startswith(HELPERS):
        return ""
    where = ELSEWHERE.get(function.__name__)
    if where is None:
        return (
            f"{name}({', '.join(required(function))}) is asked nowhere: it joins by itself where it requires "
            "one dataset, surrogate or question; else ELSEWHERE names the file of tests that asks it"
        )
    there = Path(__file__).parent / where
    found = re.search(rf"\b{function.__name__}\(", there.read_text())
    return "" if found else f"{name} is not asked in {there}"


def test_no_analysis_is_left_out():
    packages = (
        uq.sensitivity,
        uq.propagation,
        uq.surrogates,
        uq.requirements,
        uq.reliability,
        uq.calibration,
    )
    left_out = [
        unasked(name, function)
        for package in packages
        for name, function in public(package).items()
        if inspect.isfunction(function)
    ]
    assert not any(left_out), " ".join(filter(None, left_out))


STRANGERS = """
from uq.core.dataset import Dataset
from uq.sampling.plans import Plan

def drawn(n: int, dimension: int, *, seed: int) -> Plan: ...
def measure(rows: Dataset) -> dict[str, float]: ...
def two(data: Dataset, extra: float) -> float: ...
"""


@pytest.mark.parametrize("first_line", ["", "from __future__ import annotations"])
def test_plans_and_analyses_are_found_whatever_their_arguments_are_called(first_line, monkeypatch):
    module = types.ModuleType("uq.sampling.strange")
    exec(compile(first_line + STRANGERS, "strange", "exec", dont_inherit=True), vars(module))
    monkeypatch.setattr(pkgutil, "walk_packages", lambda *_: [(None, module.__name__, False)])
    monkeypatch.setattr(importlib, "import_module", lambda _: module)
    assert set(plans(uq.sampling)) == {"strange.drawn"}
    assert set(of(public(uq.sampling), "Dataset", "output")) == {"strange.measure"}
    assert unasked("strange.two", module.two).startswith("strange.two(data, extra) is asked nowhere")
    with pytest.raises(AssertionError, match=r"two requires \['extra'\]"):
        arguments(module.two, {}, first=1)


def raw():
    return np.linalg.solve(np.zeros((2, 2)), np.ones(2))


def shapes():
    return np.ones(2) @ np.ones(3)


def vague():
    raise ValueError("something went wrong here")


def other():
    raise ValueError("the 60 rows are too many")


@pytest.mark.parametrize(("fails", "kind"), [(raw, ""), (shapes, ""), (vague, ""), (other, "constant")])
def test_a_refusal_that_does_not_say_what_is_wrong_is_none(fails, kind):
    with pytest.raises(AssertionError):
        asked(lambda _: fails(), None, kind)


def test_the_battery_is_as_large_as_it_says():
    data, plans, laws, fits, through = map(len, (OF_DATA, PLANS, LAWS, FITS, OF_SURROGATES))
    count = data * (len(KINDS) + plans + laws) + fits * (len(KINDS) + laws) + through * (laws + 9)
    count += plans * (laws + 5) + laws * (4 * len(GUISES) + 6 + 1)
    count += len(OF_QUESTIONS) * (laws + len(SCALES)) + 2 * laws
    assert laws >= 12
    assert plans >= 12
    assert fits >= 4
    assert data >= 15
    assert count >= 1500
