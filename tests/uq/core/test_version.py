"""A model's version changes with everything that can change its results, and with nothing else."""

from __future__ import annotations

import decimal
import enum
import functools
import gc
import importlib
import os
import pickle
import re
import subprocess
import sys
import threading
import time
from collections import defaultdict, deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from os import environ
from pathlib import Path
from typing import Any

import campaign_models as models
import numpy as np
import pandas as pd
import pytest
from joblib.externals.loky.backend.reduction import dumps
from scipy import interpolate, sparse, stats
from sklearn.linear_model import LinearRegression
from sklearn.tree import DecisionTreeRegressor

from uq import Input, Output, Problem, Uniform, campaign
from uq.campaign.external_programs import Program, Single
from uq.core import model_source
from uq.core.array_types import FloatArray
from uq.core.model_version import differing, model_parts, model_version
from uq.sampling.plans import sobol_sequence

ROOT = str(Path(__file__).parents[3])

FORMULA = '''"""A formula."""
import numpy as np
from . import helpers
def size(columns):
    return {"y": columns["x"] * helpers.FACTOR + np.load(helpers.TABLE)}
'''


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of two modules and a table, importable in this process and others."""
    home = tmp_path / "sizing_of_tests"
    (home / "tables").mkdir(parents=True)
    (home / "__init__.py").write_text("")
    (home / "formula.py").write_text(FORMULA)
    (home / "helpers.py").write_text("FACTOR = 2.0\nTABLE = 'table.npy'\n")
    (home / "unused.py").write_text("")
    np.save(home / "tables" / "table.npy", np.ones(3))
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [n for n in sys.modules if n.partition(".")[0] == home.name]:
        monkeypatch.delitem(sys.modules, name)
    return home


def fresh(package: Path) -> str:
    """The version as a new process sees it."""
    code = (
        "from sizing_of_tests.formula import size\n"
        "from uq.core.model_version import model_version\nprint(model_version(size))"
    )
    environment = {"PYTHONPATH": f"{package.parent}:{ROOT}"}
    # no compiled files: one of the same second and the same length would be taken for the edited source
    run = subprocess.run(
        [sys.executable, "-B", "-c", code], env=environment, check=True, capture_output=True, text=True
    )
    return run.stdout.strip()


def test_source_imports_and_tables_count_and_other_files_do_not(package: Path) -> None:
    first = fresh(package)
    assert fresh(package) == first
    (package / "unused.py").write_text("1\n")
    assert fresh(package) == first
    seen = {first}
    for name, text in (
        ("formula.py", FORMULA.replace("+ ", "- ")),
        ("helpers.py", "FACTOR = 3.0\nTABLE = 't'\n"),
    ):
        (package / name).write_text(text)
        seen.add(fresh(package))
    np.save(package / "tables" / "table.npy", np.zeros(3))
    seen.add(fresh(package))
    assert len(seen) == 4


def test_a_module_edited_after_its_import_has_a_version_of_its_own(package: Path) -> None:
    """Old code under new source, or the reverse: what neither process finds again."""
    formula = importlib.import_module("sizing_of_tests.formula")
    before = model_version(formula.size)
    # of another length: Python takes a file of the same second and size for the one it compiled
    (package / "formula.py").write_text(FORMULA.replace("* helpers", "/  helpers"))
    assert model_version(formula.size) not in (before, fresh(package))


def test_a_module_that_a_function_imports_counts_as_it_runs_too(package: Path) -> None:
    (package / "lazy.py").write_text(
        "def size(columns):\n    from .helpers import FACTOR\n    return {'y': FACTOR}\n"
    )
    importlib.invalidate_caches()
    lazy = importlib.import_module("sizing_of_tests.lazy")
    helpers = importlib.import_module("sizing_of_tests.helpers")
    before = model_version(lazy.size)
    helpers.FACTOR = 3.0
    assert model_version(lazy.size) != before


def test_globals_of_modules_count_by_their_values(package: Path) -> None:
    formula = importlib.import_module("sizing_of_tests.formula")
    helpers = importlib.import_module("sizing_of_tests.helpers")
    before = model_version(formula.size)
    helpers.FACTOR = 2.5
    assert model_version(formula.size) != before


def test_values_that_a_model_carries_count() -> None:
    def closing(factor):
        return lambda columns: {"y": columns["x"] * factor}

    variants = [
        models.Slow(0.0),
        models.Slow(1.0),
        models.At((1.0,), "kill"),
        models.At((1.0 + 1e-15,), "kill"),
        functools.partial(closing, 1),
        functools.partial(closing, 2),
        closing(1.0),
        closing(2.0),
        closing(np.arange(3)),
        closing(np.arange(3.0)),
        closing({"a": 1}),
        Single(models.one),
        Single(models.one_of_many_fates),
        models.smooth,
    ]
    versions = [model_version(v) for v in variants]
    assert len(set(versions)) == len(versions)
    assert [model_version(v) for v in variants] == versions


def test_what_a_script_defines_counts_by_its_code() -> None:
    script = """
import threading
from uq.core.model_version import differing, model_parts, model_version
LOCK = threading.Lock()
def helper(x):
    return x {operator} FACTOR
FACTOR = {factor}
def model(columns):
    with LOCK:
        return {{"y": helper(columns["x"])}}
print(model_version(model))
"""
    seen = []
    for operator, factor in (("+", 1), ("+", 1), ("-", 1), ("+", 2)):
        code = script.format(operator=operator, factor=factor)
        run = subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONPATH": ROOT}, check=True, capture_output=True, text=True
        )
        seen.append(run.stdout)
    assert seen[0] == seen[1]
    assert len(set(seen)) == 3


def test_a_script_s_model_has_the_same_version_in_another_process() -> None:
    """Attributes may bear the names of globals, which do not travel with the model."""
    script = """
from dataclasses import dataclass
from pickle import loads
from joblib.externals.loky.backend.reduction import dumps
from uq.core.model_version import differing, model_parts, model_version
def exponent():
    return "not that of the model"
@dataclass(frozen=True)
class Model:
    exponent: float
    def __call__(self, columns):
        return {"y": columns["x"] ** self.exponent}
sent, here = bytes(dumps(Model(2.0))), model_version(Model(2.0))
del Model, exponent
print(model_version(loads(sent)) == here)
"""
    command = [sys.executable, "-c", script]
    run = subprocess.run(command, env={"PYTHONPATH": ROOT}, check=True, capture_output=True, text=True)
    assert run.stdout == "True\n"


def test_a_lock_in_a_closure_is_no_obstacle() -> None:
    lock = threading.Lock()
    assert model_version(lambda columns: columns if lock else {}) != ""


def test_a_stated_version_is_the_version() -> None:
    assert model_version(models.smooth, "1.2") == "1.2"
    program = Program((sys.executable, "{inputs}"), stated_version="7")
    assert model_version(program) == "7"


def test_a_program_counts_by_its_command_and_files(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("1")
    first = model_version(Program((sys.executable, str(script))))
    script.write_text("2")
    second = model_version(Program((sys.executable, str(script))))
    third = model_version(Program((sys.executable, str(script), "--fast")))
    assert len({first, second, third}) == 3


# -- what holds a number, and how it is changed -----------------------------------------------------------------------


class Slotted:
    __slots__ = ("value",)

    def __init__(self, value: float) -> None:
        self.value = value


class Below(Slotted):
    """An instance has a dictionary and the slot of its base."""

    def __init__(self, value: float) -> None:
        super().__init__(value)
        self.name = "below"


class Named(dict[str, float]):
    pass


class Annotated(Named):
    def __init__(self, value: float) -> None:
        super().__init__(a=1.0)
        self.value = value


@dataclass(frozen=True)
class Frozen:
    a: float = 1.0


@dataclass(frozen=True)
class Late(Frozen):
    """A late attribute is no field."""

    def __init__(self, value: float) -> None:
        super().__init__()
        object.__setattr__(self, "late", value)


def made_by_exec(value: float) -> Any:
    space: dict[str, Any] = {}
    exec(f"def made(columns):\n    return columns['x'] * {value}", space)
    return space["made"]


def made_with_globals(value: float) -> Any:
    space = {"FACTOR": value}
    exec("def made(columns):\n    return columns['x'] * FACTOR", space)
    return space["made"]


def kind_with_member(value: float) -> Any:
    space: dict[str, Any] = {"__name__": "__main__"}
    exec("class Model:\n    factor = 1.0\n    def __call__(self, c):\n        return self.factor", space)
    space["Model"].factor = value
    return space["Model"]()


def with_attribute(value: float) -> Any:
    def model(columns: Any) -> Any:
        return columns

    model.table = value  # type: ignore[attr-defined]
    return model


def with_default(value: float) -> Any:
    def model(columns: Any, *, factor: Any = pd.Series([1.0, value])) -> Any:  # noqa: B008
        return factor

    return model


HOLDERS = {
    "a DataFrame": lambda v: pd.DataFrame({"head": [1.0, v], "flow": [0.0, 1.0]}),
    "a Series": lambda v: pd.Series([1.0, v]),
    "a spline": lambda v: interpolate.CubicSpline([0.0, 1.0, 2.0], [0.0, 1.0, v]),
    "a monotone spline": lambda v: interpolate.PchipInterpolator([0.0, 1.0, 2.0], [0.0, 1.0, v]),
    "a spline of polynomials": lambda v: interpolate.make_interp_spline([0.0, 1.0, 2.0], [0.0, 1.0, v], k=2),
    "a table on a grid": lambda v: interpolate.RegularGridInterpolator(([0.0, 1.0],), np.array([0.0, v])),
    "a masked array": lambda v: np.ma.masked_array([1.0, 2.0], mask=[False, v > 1.0]),
    "an array of objects": lambda v: np.array([1.0, {"a": v}], dtype=object),
    "a structured array": lambda v: np.array([(1.0, v)], dtype=[("a", float), ("b", float)]),
    "an array in Fortran order": lambda v: np.asfortranarray([[1.0, v], [2.0, 3.0]]),
    "a slot": Slotted,
    "a slot of a base class": Below,
    "an attribute of a mapping of a class of its own": Annotated,
    "an attribute that is no field": Late,
    "a frozen law": lambda v: stats.norm(0.0, v),
    "a bound method of a builtin": lambda v: {"a": v}.get,
    "a bound method of an extension object": lambda v: interpolate.CubicSpline([0.0, 1.0], [0.0, v]).__call__,
    "a vectorised function": lambda v: np.vectorize(lambda x: x * v),
    "a cached function": lambda v: functools.lru_cache(lambda x: x * v),
    "a queue": lambda v: deque([1.0, v]),
    "a mapping with a default": lambda v: defaultdict(float, a=v),
    "a date": lambda v: datetime(2026, 1, int(v)),
    "a pattern": lambda v: re.compile(f"a{v}"),
    "a generator": lambda v: np.random.default_rng(int(v)),
    "a fraction": lambda v: Fraction(v),
    "a file": lambda v: Path(__file__).with_name("test_version.py" if v > 1.0 else "test_store.py"),
    "made code": made_by_exec,
    "made code and its globals": made_with_globals,
    "a member of a class": kind_with_member,
    "an attribute of a function": with_attribute,
    "a default by name": with_default,
    "a sparse matrix": lambda v: sparse.csr_matrix([[0.0, v]]),
    "a regression": lambda v: LinearRegression().fit([[0.0], [1.0]], [0.0, v]),
    "a tree": lambda v: DecisionTreeRegressor(random_state=1).fit([[0.0], [1.0]], [0.0, v]),
}


@dataclass
class Field:
    table: Any

    def __call__(self, columns: Any) -> Any:
        return columns


PLACES = {
    "field": Field,
    "closure": lambda held: lambda columns: held,
    "default": lambda held: lambda columns, table=held: table,
    "partial": lambda held: functools.partial(models.smooth, held),
    "list": lambda held: Field([1, {"a": (held,)}]),
}


@pytest.mark.parametrize(
    ("holder", "place"), [*((h, "field") for h in HOLDERS), *(("a DataFrame", p) for p in PLACES)]
)
def test_a_changed_number_changes_the_version_wherever_it_stands(holder: str, place: str) -> None:
    make, put = HOLDERS[holder], PLACES[place]
    versions = [model_version(put(make(v))) for v in (1.0, 2.0, 1.0)]
    assert versions[0] == versions[2] != versions[1]


@pytest.mark.parametrize("holder", sorted(HOLDERS.keys() - {"a cached function"}))
def test_a_model_that_was_sent_has_the_version_of_the_one_at_home(holder: str) -> None:
    model = Field(HOLDERS[holder](2.0))
    assert model_version(pickle.loads(bytes(dumps(model)))) == model_version(model)


@pytest.mark.parametrize(
    "held",
    [
        sys.__stdout__,
        (k for k in ()),
        memoryview(b"a"),
        np.frompyfunc(lambda x: x, 1, 1),
        threading.local(),
    ],
    ids=["file", "generator", "view of memory", "function of elements", "thread's own"],
)
def test_what_cannot_be_read_is_refused_by_name_with_the_way_out(held: Any) -> None:
    with pytest.raises(
        ValueError, match=r"Field\.table .* cannot be read.*Problem\(version=\.\.\.\).*__getstate__"
    ):
        model_version(Field(held))
    assert model_version(Field(held), "1") == "1"


def test_a_library_s_function_that_a_script_imports_is_known_by_its_library() -> None:
    script = """
from scipy.stats import norm
from uq.core.model_version import differing, model_parts, model_version
law = norm(0, 2)
def model(columns):
    return {"y": norm.cdf(columns["x"]) + law.ppf(columns["x"])}
import numpy as np
first = model_version(model)
norm.rvs(size=3)
np.random.random(5)
print(model_version(model) == first)
"""
    run = subprocess.run(
        [sys.executable, "-c", script], env={"PYTHONPATH": ROOT}, check=True, capture_output=True, text=True
    )
    assert run.stdout == "True\n"


class Lazy:
    calls = 0

    @functools.cached_property
    def table(self) -> FloatArray:
        return np.arange(3.0)

    def __call__(self, columns: Any) -> Any:
        return {"y": columns["a"] * self.table[2]}


class Counting(Lazy):
    def __call__(self, columns: Any) -> Any:
        self.calls += 1
        return super().__call__(columns)


class Discreet(Counting):
    def __getstate__(self) -> dict[str, Any]:
        return {k: v for k, v in self.__dict__.items() if k != "calls"}


def counted(model: Any) -> Problem:
    return Problem((Input("a", "m", Uniform(0.0, 1.0)),), (Output("y", "m"),), model)


@pytest.mark.parametrize("model", [Lazy(), Discreet()])
def test_a_table_loaded_late_and_a_counter_kept_out_of_the_state_do_not_count(
    model: Any, tmp_path: Path
) -> None:
    campaign.run(counted(model), sobol_sequence(8, 1, seed=1), store=tmp_path)
    assert len(campaign.run(counted(model), sobol_sequence(16, 1, seed=1), store=tmp_path)) == 16


def test_what_changes_while_a_model_is_called_is_named_with_the_way_out(tmp_path: Path) -> None:
    model = Counting()
    campaign.run(counted(model), sobol_sequence(8, 1, seed=1), store=tmp_path)
    with pytest.raises(campaign.StoreError, match=r"Counting\.calls is not as it was.*__getstate__.*version"):
        campaign.run(counted(model), sobol_sequence(16, 1, seed=1), store=tmp_path)


def test_a_changed_pump_curve_runs_every_row_again(tmp_path: Path) -> None:
    def model(curve: Any) -> Problem:
        return counted(lambda c: {"y": np.interp(c["a"], curve["flow"], curve["head"])})

    curve = pd.DataFrame({"flow": [0.0, 0.5, 1.0], "head": [3.0, 3.0, 3.0]})
    plan = sobol_sequence(256, 1, seed=1)
    assert campaign.run(model(curve), plan, store=tmp_path)["y"].mean() == 3.0
    curve.loc[1, "head"] = 4.5
    with pytest.raises(campaign.StoreError, match=r"curve\S* is not as it was"):
        campaign.run(model(curve), plan, store=tmp_path)
    again = campaign.run(model(curve), plan, store=tmp_path / "another")
    assert again["y"].mean() == pytest.approx(3.75, abs=1e-2)


def test_a_class_defined_inside_a_function_of_a_script_goes_to_workers(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        """
import numpy as np
from dataclasses import dataclass
from uq import Input, Output, Problem, Uniform, campaign
from uq.sampling.plans import sobol_sequence
FACTOR = 2.0
def main():
    @dataclass
    class Model:
        a: float = 3.0
        def __call__(self, c):
            return {"y": c["x"] * FACTOR * self.a}
    class Plain:
        scale = np.arange(3.0)
        def __init__(self):
            self.table = {"a": 1.0}
        @property
        def factor(self):
            return self.scale[2]
        @staticmethod
        def other():
            return Model()
        def __call__(self, c):
            return {"y": super().__hash__() * 0.0 + c["x"] * self.factor}
    for kind in (Model, Plain):
        square = Problem((Input("x", "1", Uniform(0, 1)),), (Output("y"),), kind())
        print(campaign.run(square, sobol_sequence(64, 1, seed=1), workers=2).counts())
if __name__ == "__main__":
    main()
"""
    )
    run = subprocess.run(
        [sys.executable, str(script)], env={"PYTHONPATH": ROOT}, capture_output=True, text=True
    )
    assert run.stdout == "{'good': 64}\n" * 2, run.stderr


@pytest.mark.parametrize("made", ["lambda c: {'y': c['x'] * k}", "functools.partial(scaled, k)"])
def test_what_a_function_of_a_module_makes_goes_to_workers(made: str, tmp_path: Path) -> None:
    """It travels by its code, so that the workers do not load its module for it."""
    (tmp_path / "own_model.py").write_text(
        "import functools\nimport numpy as np\nfrom uq import Input, Output, Problem, Uniform\n"
        "def scaled(k, c):\n    return {'y': c['x'] * k}\n"
        f"def made(k):\n    model = {made}\n"
        "    return Problem((Input('x', '1', Uniform(0, 1)),), (Output('y'),), model)\n"
    )
    script = tmp_path / "study.py"
    script.write_text(
        "import own_model\nfrom uq import campaign, monte_carlo\n"
        "if __name__ == '__main__':\n"
        "    data = campaign.run(own_model.made(2.0), monte_carlo(4, 1, seed=1), workers=2)\n"
        "    print((data.y == 2.0 * data.x).all())\n"
    )
    run = subprocess.run(
        [sys.executable, str(script)], env={"PYTHONPATH": ROOT}, capture_output=True, text=True, check=False
    )
    assert run.stdout == "True\n", run.stderr


def test_threads_may_ask_for_versions_at_once() -> None:
    """Collections of garbage that let another thread run amid a syntax tree, as those that pytest plug-ins watch do."""
    source = b"x = [1, (2, 3)]\nimport os\n" * 300
    often = gc.get_threshold()
    gc.callbacks.append(lambda *_: time.sleep(1e-4))
    gc.set_threshold(100)
    try:
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda _: model_source._imports(source, "uq"), range(32)))
    finally:
        gc.set_threshold(*often)
        gc.callbacks.pop()
    assert found == [["os"] * 300] * 32


class Curve(np.ndarray):
    """A table that knows its scale."""

    scale: float


class Kept(np.ma.MaskedArray):  # type: ignore[type-arg]
    scale: float


class Metal(enum.Enum):
    STEEL = 1


class Scaled(type):
    scale: float


class Part(metaclass=Scaled):
    pass


def on_an_array(scale: float) -> Any:
    held = np.ones(2).view(Curve)
    held.scale = scale
    return lambda c: {"y": held.scale * c["x"]}


def on_a_masked_array(scale: float) -> Any:
    held = np.ma.array([1.0, 2.0], mask=[0, 1]).view(Kept)
    held.scale = scale
    return lambda c: {"y": held.scale * c["x"]}


def on_a_member(scale: float) -> Any:
    Metal.STEEL.scale = scale  # type: ignore[attr-defined]
    return lambda c: {"y": Metal.STEEL.scale * c["x"]}  # type: ignore[attr-defined]


def on_a_metaclass(scale: float) -> Any:
    Scaled.scale = scale
    return lambda c: {"y": Part.scale * c["x"]}


def on_a_type_of_numbers(scale: float) -> Any:
    held = np.ones(1, dtype=np.dtype(np.float64, metadata={"scale": scale}))
    return lambda c: {"y": held.dtype.metadata["scale"] * c["x"]}  # type: ignore[index]


@pytest.mark.parametrize(
    "holding", [on_an_array, on_a_masked_array, on_a_member, on_a_metaclass, on_a_type_of_numbers]
)
def test_attributes_that_no_pickle_holds_count(holding: Any) -> None:
    assert model_version(holding(1.0)) == model_version(holding(1.0))
    assert model_version(holding(1.0)) != model_version(holding(2.0))


def test_a_file_of_numbers_is_no_other_model_than_its_numbers_make(tmp_path: Path) -> None:
    """Where an array lies in a file, the file's name is no attribute that counts."""
    found = set()
    for name in ("a.npy", "b.npy"):
        np.save(tmp_path / name, np.arange(3.0))
        held = np.load(tmp_path / name, mmap_mode="r")
        found.add(model_version(lambda c, table=held: {"y": table[0] * c["x"]}))
    assert len(found) == 1


def test_the_environment_counts_by_the_variables_that_the_code_names(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(c: Any) -> Any:
        return {"y": float(os.environ["GAIN_OF_TESTS"]) * c["x"]}

    def got(c: Any) -> Any:
        return {"y": float(os.getenv("GAIN_OF_TESTS", "1")) * c["x"]}

    def imported(c: Any) -> Any:
        return {"y": float(environ["GAIN_OF_TESTS"]) * c["x"]}

    held = os.environ

    def aliased(c: Any) -> Any:
        return {"y": float(held["GAIN_OF_TESTS"]) * c["x"]}

    for model in (read, got, imported, aliased):
        monkeypatch.setenv("GAIN_OF_TESTS", "1")
        first = model_parts(model)
        monkeypatch.setenv("ANOTHER_OF_TESTS", "1")
        assert model_parts(model) == first
        monkeypatch.setenv("GAIN_OF_TESTS", "2")
        assert differing(first, model_parts(model)) == "the environment variable GAIN_OF_TESTS"
        monkeypatch.delenv("ANOTHER_OF_TESTS")


def test_the_context_of_decimal_and_errors_that_numpy_raises_count_where_they_can_matter() -> None:
    def third(c: Any) -> Any:
        return {"y": float(decimal.Decimal(1) / 3) * c["x"]}

    def plain(c: Any) -> Any:
        return {"y": 1.0 / c["x"]}

    of_third, of_plain = model_parts(third), model_parts(plain)
    third({"x": 1.0})  # raises flags of the context, which change no result
    assert model_parts(third) == of_third
    with decimal.localcontext() as context:
        context.prec = 3
        assert differing(of_third, model_parts(third)) == "the context of decimal"
        assert model_parts(plain) == of_plain
    with np.errstate(all="ignore"):
        assert model_parts(plain) == of_plain
    with np.errstate(divide="raise"):
        assert differing(of_plain, model_parts(plain)) == "numpy.errstate"


def test_globals_that_nobody_can_tell_are_refused_with_the_way_out() -> None:
    def hidden(c: Any) -> Any:
        return {"y": globals()["ROOT"] * c["x"]}

    def by_name(c: Any) -> Any:
        return {"y": getattr(models, "OFFSET_OF_TESTS") * c["x"]}  # noqa: B009

    with pytest.raises(ValueError, match=r"hidden calls globals\(\).*Problem\(version=\.\.\.\)"):
        model_version(hidden)
    assert model_version(hidden, "2") == "2"
    models.OFFSET_OF_TESTS = 1.0  # type: ignore[attr-defined]
    first = model_version(by_name)
    models.OFFSET_OF_TESTS = 2.0  # type: ignore[attr-defined]
    assert model_version(by_name) != first
    del models.OFFSET_OF_TESTS  # type: ignore[attr-defined]
