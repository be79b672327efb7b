"""Tables in and out, and what is refused on the way in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas
import pytest
from campaign_models import problem, smooth
from SALib.sample import sobol as salib_sobol

from uq.core.dataset import NOT_FINITE, Dataset, evaluate
from uq.core.distributions import Triangular, TruncatedNormal, Uniform
from uq.core.problem import Input, Output, Problem
from uq.io import tables
from uq.sampling.plans import sobol_sequence


@pytest.fixture(scope="module")
def data() -> Dataset:
    asked = problem(smooth)
    good = evaluate(asked, asked.physical(sobol_sequence(50, 5, seed=1).unit))
    y, status = good.y.copy(), good.status.copy()
    y[3], status[3] = np.nan, 7
    return Dataset(asked, good.x, y, status)


def same(a: Dataset, b: Dataset) -> bool:
    return (a.x.tobytes(), a.y.tobytes(), a.status.tobytes()) == (
        b.x.tobytes(),
        b.y.tobytes(),
        b.status.tobytes(),
    )


def test_csv_keeps_every_bit(data: Dataset, tmp_path: Path) -> None:
    tables.write_csv(data, tmp_path / "samples.csv")
    assert same(tables.from_csv(data.problem, tmp_path / "samples.csv"), data)


def test_parquet_keeps_every_bit(data: Dataset, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    tables.write_parquet(data, tmp_path / "samples.parquet")
    assert same(tables.from_parquet(data.problem, tmp_path / "samples.parquet"), data)


def test_sqlite_holds_a_table_of_samples(data: Dataset, tmp_path: Path) -> None:
    import sqlite3

    tables.write_sqlite(data, tmp_path / "samples.db")
    with sqlite3.connect(tmp_path / "samples.db") as connection:
        frame = pandas.read_sql("SELECT * FROM samples", connection)
    assert same(tables.from_frame(data.problem, frame), data)
    with pytest.raises(RuntimeError, match="exists"):
        tables.write_sqlite(data, tmp_path / "samples.db")


def test_units_in_headers_are_compared(data: Dataset) -> None:
    frame = tables.to_frame(data)
    assert same(tables.from_frame(data.problem, frame.rename(columns={"b": "b [kg]"})), data)
    with pytest.raises(ValueError, match="is in 'g', the problem expects 'kg'"):
        tables.from_frame(data.problem, frame.rename(columns={"b": "b [g]"}))


def test_rows_without_a_status_are_judged_by_their_outputs(data: Dataset) -> None:
    taken = tables.from_frame(data.problem, tables.to_frame(data).drop(columns="status"))
    assert np.array_equal(taken.status, np.where(np.arange(50) == 3, NOT_FINITE, 0))


def test_columns_beyond_the_problem_are_listed(data: Dataset) -> None:
    frame = tables.to_frame(data)
    frame["remark"] = "fine"
    assert tables.from_frame(data.problem, frame).provenance["ignored"] == ["remark"]


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda f: f.rename(columns={"x1": "x_1"}), "no column 'x1'; did you mean 'x_1'"),
        (lambda f: f.assign(x1=f["x1"].astype(object).where(f.index != 4, "high")), "holds 'high' in row 4"),
        (lambda f: f.assign(x0=f["x0"].where(f.index != 5, 99.0)), "outside its law"),
        (lambda f: f.assign(x0=f["x0"].where(f.index != 5)), "'x0' is nan in row 5"),
        (lambda f: f.assign(a=f["a"] * 1j), "complex"),
        (lambda f: f.assign(status=0.5), "whole numbers"),
        (lambda f: pandas.concat([f, f[["a"]]], axis=1), "twice"),
    ],
)
def test_bad_tables_are_refused_with_the_place(data: Dataset, spoil, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        tables.from_frame(data.problem, spoil(tables.to_frame(data)))


def test_a_repeated_header_in_a_file_is_refused(data: Dataset, tmp_path: Path) -> None:
    (tmp_path / "twice.csv").write_text("x0,x1,x0\n1,2,3\n")
    with pytest.raises(ValueError, match="'x0' twice"):
        tables.from_csv(data.problem, tmp_path / "twice.csv")


def test_names_with_commas_are_read_whole(tmp_path: Path) -> None:
    asked = Problem((Input("flow, cold", "1", Uniform(0.0, 1.0)),), (Output("flow, hot"),))
    (tmp_path / "commas.csv").write_text('"flow, cold","flow, hot"\n0.5,2\n')
    assert tables.from_csv(asked, tmp_path / "commas.csv")["flow, hot"].tolist() == [2.0]


SALIB = {
    "num_vars": 4,
    "names": ["a", "b", "c", "d"],
    "bounds": [[0.0, 2.0], [1.0, 3.0, 0.25], [0.0, 1.0, 0.4, 0.2], [0.0, 0.3]],
    "dists": ["unif", "triang", "truncnorm", "lognorm"],
}


@pytest.mark.parametrize("second_order", [False, True])
def test_salib_samples_come_in_with_their_laws_and_their_plan(second_order: bool) -> None:
    x = salib_sobol.sample(SALIB, 16, calc_second_order=second_order, seed=1)
    data = tables.from_salib(SALIB, x, x.sum(axis=1))
    assert data.provenance["scheme"] == "saltelli"
    assert data.provenance["details"] == {"base": 16, "second_order": second_order}
    assert data.problem.distributions[1:3] == (Triangular(1.0, 1.5, 3.0), TruncatedNormal(0.4, 0.2, 0.0, 1.0))
    # the same unit cube behind both: uniform marginals up to the error of 16 points
    assert np.allclose(np.sort(data.problem.unit(x)[:, 3])[[0, -1]], [0.0, 1.0], atol=0.1)


def test_shuffled_salib_samples_are_not_called_a_saltelli_plan() -> None:
    x = salib_sobol.sample(SALIB, 16, calc_second_order=False, seed=1)
    x = x[np.random.default_rng(1).permutation(len(x))]
    assert tables.from_salib(SALIB, x, x.sum(axis=1)).provenance["scheme"] == "given"


def test_salib_laws_without_an_equal_are_refused() -> None:
    with pytest.raises(ValueError, match="poisson"):
        tables.problem_from_salib({"names": ["a"], "bounds": [[1.0, 2.0]], "dists": ["poisson"]})
    with pytest.raises(ValueError, match="groups"):
        tables.problem_from_salib({"names": ["a"], "bounds": [[1.0, 2.0]], "groups": ["g"]})


def test_rows_of_text_are_as_they_stand_without_blanks(tmp_path: Path) -> None:
    path = tmp_path / "cells.csv"
    path.write_text("quantity, flow [L/s]\n\npump.mass , 0.80\n", encoding="utf-8")
    assert tables.rows_of_text(path) == [{"quantity": "pump.mass", "flow [L/s]": "0.80"}]


@pytest.mark.parametrize(
    ("text", "words"),
    [('a,b\n1,2\n3,"4\n', "no CSV: unexpected end"), (f"a,b\n1,{'4' * 200_000}\n", "no CSV: field larger")],
)
def test_open_quotes_and_endless_cells_are_refused_with_the_file(
    text: str, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "open.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=f"open.csv is {words}"):
        tables.rows_of_text(path)
