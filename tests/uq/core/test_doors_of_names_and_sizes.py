"""What callers and strangers may give wrongly: labels, keys said twice, sizes, names, files that are none."""

from __future__ import annotations

import os
from importlib.util import find_spec

import numpy as np
import pandas
import pytest

import uq
from uq import Dataset, Input, Output, Plan, Problem, Uniform
from uq.campaign.runner import run
from uq.core.storage.atomic_files import StoreError
from uq.core.storage.reading import DamagedFile, read_record
from uq.io.tables import from_csv, from_parquet
from uq.requirements.specification.files import read_entries
from uq.sampling.pick_freeze import pick_freeze
from uq.sampling.plans import monte_carlo, sobol_sequence
from uq.surrogates.base import Prediction
from uq.surrogates.derived_outputs import Exact
from uq.surrogates.validation import measured

NAMES = ("a", "b", "c")
INPUTS = tuple(Input(name, "1", Uniform(0.0, 1.0)) for name in NAMES)


def add(columns):
    return {"y": columns["a"] + 10.0 * columns["b"] + 100.0 * columns["c"]}


PROBLEM = Problem(INPUTS, (Output("y"),), add, version="1")
MATRIX = np.array([[1.0, 0.1, 0.2], [0.1, 1.0, 0.3], [0.2, 0.3, 1.0]])


def test_a_labelled_correlation_is_read_by_its_names() -> None:
    reverse = list(NAMES[::-1])
    labelled = pandas.DataFrame(MATRIX[::-1, ::-1], index=reverse, columns=reverse)
    assert np.array_equal(Problem(INPUTS, (Output("y"),), correlation=labelled).correlation, MATRIX)
    plain = pandas.DataFrame(MATRIX)
    assert np.array_equal(Problem(INPUTS, (Output("y"),), correlation=plain).correlation, MATRIX)
    with pytest.raises(ValueError, match="expected the inputs"):
        Problem(INPUTS, (Output("y"),), correlation=labelled.rename(index={"a": "z"}))


def test_points_with_names_are_no_plan_of_positions() -> None:
    points = pandas.DataFrame([[0.1, 0.9]], columns=["b", "a"])
    with pytest.raises(ValueError, match="names are not read here"):
        Plan(points, "given", 1)
    assert Plan(points.to_numpy(), "given", 1).dimension == 2


def test_outcomes_are_compared_by_their_names() -> None:
    y = pandas.DataFrame({"z": [1.0, 2.0, 3.0], "y": [4.0, 6.0, 5.0]})
    said = Prediction(y[["y", "z"]].to_numpy(), np.ones((3, 2)))
    assert measured(["y", "z"], y, prediction=said).rmse.tolist() == [0.0, 0.0]
    with pytest.raises(ValueError, match="no column 'w'"):
        measured(["w", "y"], y, prediction=said)
    with pytest.raises(ValueError, match=r"shape \(3, 2\), the outcomes \(3, 1\)"):
        measured(["y"], y, prediction=said)


def test_a_store_of_the_same_inputs_in_another_order_is_that_of_another_campaign(tmp_path) -> None:
    plan = sobol_sequence(8, 2, seed=1)
    one, other = (
        Problem(inputs, (Output("y"),), version_free, version="1") for inputs in (INPUTS[:2], INPUTS[1::-1])
    )
    run(one, plan, store=tmp_path / "s")
    with pytest.raises(StoreError, match="inputs differ"):
        run(other, plan, store=tmp_path / "s")


def version_free(columns):
    return {"y": columns["a"] + 10.0 * columns["b"]}


def test_surrogates_read_the_units_of_a_dataset() -> None:
    x = sobol_sequence(32, 3, seed=1).unit
    data = Dataset.from_arrays(x, x.sum(axis=1), problem=PROBLEM)
    inputs = (Input("a", "mm", Uniform(0.0, 1.0)), *INPUTS[1:])
    other = Dataset.from_arrays(x, x.sum(axis=1), inputs=inputs)
    unstated = Dataset.from_arrays(pandas.DataFrame(x, columns=NAMES), x.sum(axis=1))
    surrogate = uq.PolynomialChaos.fit(data)
    for ask in (
        surrogate.predict,
        surrogate.mean,
        surrogate.gradient,
        uq.Domain.of_surrogate(surrogate).outside,
    ):
        ask(data)
        ask(unstated)
        with pytest.raises(ValueError, match="'a' of the dataset is in 'mm', expected '1'"):
            ask(other)


@pytest.mark.parametrize("store", ["", " ", "q\0"])
def test_what_names_no_folder_is_no_store(store) -> None:
    with pytest.raises(StoreError, match="names no folder"):
        run(PROBLEM, sobol_sequence(8, 3, seed=1), store=store)


@pytest.mark.parametrize("status", [[True, False], np.array([True, False]), pandas.Series([True, False])])
def test_a_mask_is_no_status(status) -> None:
    with pytest.raises(ValueError, match=r"np\.where\(mask, 0, 1\)"):
        Dataset.from_arrays(np.full((2, 3), 0.5), [1.0, 2.0], problem=PROBLEM, status=status)
    frame = pandas.DataFrame({"a": 0.5, "b": 0.5, "c": 0.5, "y": 1.0, "status": status})
    with pytest.raises(ValueError, match=r"np\.where\(mask, 0, 1\)"):
        uq.from_frame(PROBLEM, frame)


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        ({"": ["a"], "rest": ["b", "c"]}, "has no name"),
        ({"a": ["b"], "rest": ["a", "c"]}, "has the name of an input and holds b"),
    ],
)
def test_groups_have_names_of_their_own(groups, words) -> None:
    with pytest.raises(ValueError, match=words):
        uq.sobol_indices(Exact(PROBLEM), base=64, groups=groups)


@pytest.mark.parametrize(("name", "text"), [("o.json", '{"y": 1, "y": 2}'), ("o.csv", "y,y\n1,2\n")])
def test_a_program_that_says_an_output_twice_fails(name, text) -> None:
    program = uq.Program(("sh", "-c", f"printf '{text}' > {{outputs}}".replace("\n", "\\n")), outputs=name)
    with pytest.raises(ValueError, match="twice"):
        program.one({"a": 1.0})


def test_a_command_longer_than_a_name_of_a_file_is_a_command() -> None:
    program = uq.Program(("sh", "-c", ": " + "x" * 5000 + """; echo '{"y": 3}' > outputs.json"""))
    assert program.one({"a": 1.0}) == {"y": 3.0}
    assert program.version


def test_no_record_says_the_same_key_twice(tmp_path) -> None:
    path = tmp_path / "r.json"
    path.write_text('{"one": 1, "in": {"two": 1, "two": 2}}')
    with pytest.raises(DamagedFile, match="'two' stands twice"):
        read_record(path, "write it again")
    with pytest.raises(ValueError, match="'format' stands twice"):
        read_entries('{"format": 1, "format": 2, "entries": []}')


def test_only_regular_files_are_read(tmp_path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, words in ((tmp_path / "pipe", "no regular file"), (tmp_path, "is a folder")):
        for read in (from_csv, from_parquet) if find_spec("pyarrow") else (from_csv,):
            with pytest.raises(ValueError, match=words):
                read(PROBLEM, path)


def test_whole_numbers_that_no_float_holds_are_refused(tmp_path) -> None:
    huge = 10**400
    path = tmp_path / "s.csv"
    path.write_text(f"a,b,c,y\n{huge},0.5,0.5,1\n")
    for read in (
        lambda: Dataset.from_arrays([[huge, 0.5, 0.5]], [1.0], problem=PROBLEM),
        lambda: uq.from_frame(PROBLEM, pandas.DataFrame({"a": [huge], "b": 0.5, "c": 0.5, "y": 1.0})),
        lambda: uq.from_csv(PROBLEM, path),
    ):
        with pytest.raises(ValueError, match=r"beyond 1\.8e308"):
            read()


@pytest.mark.parametrize("seed", [1.5, -1, True, None])
def test_a_seed_is_a_whole_number_from_0(seed) -> None:
    for plan in (monte_carlo, sobol_sequence, pick_freeze):
        with pytest.raises(ValueError, match="the seed is a whole number from 0"):
            plan(8, 2, seed=seed)


def test_a_plan_that_memory_does_not_hold_says_so() -> None:
    with pytest.raises(ValueError, match="of memory; draw fewer"):
        monte_carlo(10**12, 2, seed=1)
