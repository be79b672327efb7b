"""Bug reports of comparable software, each tried here with the input that stands for it; the report is named."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from collections import OrderedDict
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest
from SALib.util import scale_samples
from scipy import special

from uq import campaign
from uq.core.confidence_intervals import clopper_pearson
from uq.core.dataset import Dataset, evaluate
from uq.core.distributions import (
    Beta,
    LogNormal,
    Mixture,
    Normal,
    Triangular,
    TruncatedGumbel,
    TruncatedNormal,
    Uniform,
    Weibull,
)
from uq.core.distributions.base import Distribution
from uq.core.distributions.salib_laws import laws_of_salib
from uq.core.model import Columns, Model
from uq.core.model_version import model_version
from uq.core.problem import Input, Output, Problem
from uq.io.tables import from_csv, from_frame
from uq.reliability.design_point import form
from uq.reliability.failure_probability import failure_probability
from uq.reliability.limit_state import LimitState
from uq.reliability.sorm import sorm
from uq.sampling.plans import monte_carlo, saltelli, sobol_sequence
from uq.sampling.trajectories import trajectories
from uq.sensitivity import salib_own_plans
from uq.sensitivity.given_data import rank_dependence
from uq.sensitivity.morris_dgsm import morris
from uq.sensitivity.salib_given_data import delta, rbd_fast
from uq.sensitivity.sobol import sobol_indices
from uq.surrogates.base import HALF_WIDTH
from uq.surrogates.export import to_python
from uq.surrogates.gaussian_process.gaussian_process import GaussianProcess
from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos

ROOT = str(Path(__file__).parents[3])


UNIT = Uniform(0.0, 1.0)


def problem(
    model: Model | None,
    dimension: int = 1,
    law: Distribution = UNIT,
    outputs: tuple[str, ...] = ("y",),
) -> Problem:
    inputs = tuple(Input(f"x{j}", "1", law) for j in range(dimension))
    return Problem(inputs, tuple(Output(o) for o in outputs), model, version="1")


def ishigami(c: Columns) -> Columns:
    x, y, z = c.values()
    return {"y": np.sin(x) + 7.0 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x)}


# -- SALib -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("analyse", [morris, salib_own_plans.morris])
@pytest.mark.parametrize("levels", [4, 64])
def test_an_input_that_repeats_with_the_step_of_a_trajectory_is_not_called_inert(analyse, levels):
    """SALib issue 312: mu* of Ishigami's second input, 44 % of the variance, is 0."""
    asked = problem(ishigami, 3, Uniform(-np.pi, np.pi))
    found = analyse(campaign.run(asked, trajectories(20, 3, seed=1, levels=levels)))["y"]
    assert found.absolute[1] == pytest.approx(0.0, abs=1e-9)
    assert any("no step of half the range moves the output: x1;" in note for note in found.notes)
    assert any("x1; inert, or" in line for line in str(found).splitlines())


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
@pytest.mark.parametrize("base", [64, 256, 1024])
def test_shares_of_a_rare_event_cover_or_say_that_few_rows_make_them(base, seed):
    """SALib issue 619: of outputs that are nearly always zero, intervals of any size."""
    event = Problem(
        tuple(Input(f"x{j}", "1", Uniform(0.0, 1.0)) for j in range(5)),
        (Output("y"),),
        lambda c: {"y": np.where((c["x0"] > 0.9) & (c["x1"] > 0.9), 1.0, 0.0)},
    )
    data = campaign.run(event, saltelli(base, 5, seed=seed))
    if not data["y"].sum() > 1.0:
        return  # refused: see what one row makes
    found = sobol_indices(data)["y"]
    first = 0.1 * 0.09 * 0.1 / (0.01 * 0.99)  # of x0 and of x1: Var(E[y | x0]) / Var(y)
    covered = all(
        low <= value <= high
        for value, ends in ((first, found.first_interval[:2]), (1.0 - first, found.total_interval[:2]))
        for low, high in ends
    )
    assert covered or any("rare event" in note or "unreliable tail" in note for note in found.notes)


def test_levels_of_trajectories_come_equally_often():
    """SALib issue 248: more than 4 levels were drawn unevenly."""
    counts = np.unique(trajectories(2000, 3, seed=1, levels=8).unit, return_counts=True)[1]
    assert len(counts) == 8
    assert counts == pytest.approx(counts.mean(), rel=0.1)


SALIB_LAWS = {
    "unif": [1.0, 3.0],
    "logunif": [1.0, 10.0],
    "norm": [5.0, 2.0],
    "lognorm": [0.0, 0.5],
    "truncnorm": [-1.0, 1.5, 0.0, 1.0],
    "triang": [1.0, 3.0, 0.25],
    "weibull": [1.5, 2.0, 3.0],
}


def one_of_salib(kind: str, bounds: list[float]) -> dict[str, Any]:
    return {"num_vars": 1, "names": ["a"], "bounds": [bounds], "dists": [kind]}


@pytest.mark.parametrize("kind", SALIB_LAWS)
def test_laws_of_salib_have_the_quantiles_that_salib_draws(kind):
    law, u = laws_of_salib(one_of_salib(kind, SALIB_LAWS[kind]))["a"], (np.arange(50) + 0.5) / 50
    drawn = u[:, None].copy()
    drawn = scale_samples(drawn, one_of_salib(kind, SALIB_LAWS[kind]))
    assert law.ppf(u) == pytest.approx(drawn[:, 0], rel=1e-9)


@pytest.mark.parametrize(
    ("kind", "bounds", "said"),
    [
        ("logunif", [0.0, 1.0], "loguniform"),
        ("logunif", [-1.0, 1.0], "loguniform"),
        ("norm", [0.0, 1.0, 2.0], "'norm' of SALib has 2 numbers"),
        ("truncnorm", [0.0, 1.0], "'truncnorm' of SALib has 4 numbers"),
        ("unif", [1.0], "'unif' of SALib has 2 numbers"),
        ("poisson", [1.0], "'poisson' of SALib has no equal"),
    ],
)
def test_laws_of_salib_without_a_meaning_are_refused(kind, bounds, said):
    """SALib issue 675: samples of a log-uniform law from zero were NaN, without a word."""
    with pytest.raises(ValueError, match=said):
        laws_of_salib(one_of_salib(kind, bounds))


# -- OpenTURNS -------------------------------------------------------------------------------------------------------


def test_an_intersection_of_two_limits_has_its_own_probability():
    """OpenTURNS issue 1672: 0.30 or 0.40, by the starting point, instead of 0.05."""
    two = problem(
        lambda c: {"y": np.minimum(0.2 * c["x0"] + c["x1"], 0.2 * c["x0"] - c["x1"])}, 2, Uniform(-1.0, 1.0)
    )
    found = [failure_probability(two, "y", above=0.0, seed=seed) for seed in range(1, 6)]
    assert sum(f.interval[0] <= 0.05 <= f.interval[1] for f in found) >= 4  # intervals of 90 %
    assert [f.probability for f in found] == pytest.approx([0.05] * 5, rel=0.1)


def test_form_of_a_median_that_fails_is_more_than_a_half():
    """OpenTURNS issue 1767: the origin lies in the domain of failure."""
    g = LimitState.of(
        problem(lambda c: {"y": c["x0"] + c["x1"]}, 2, Normal(0.0, 1.0)), "y", below=3.0, above=None
    )
    expected = special.ndtr(3.0 / np.sqrt(2.0))
    assert form(g).probability == pytest.approx(expected, rel=1e-6)
    assert sorm(g).probability == pytest.approx(expected, rel=1e-4)


def test_a_thin_domain_of_failure_is_met():
    """OpenTURNS issue 3065: a band of 0.02 standard deviations was underestimated."""
    found = failure_probability(
        problem(lambda c: {"y": np.abs(c["x0"] - 2.0)}, 2, Normal(0.0, 1.0)), "y", below=0.01
    )
    assert found.interval[0] <= special.ndtr(2.01) - special.ndtr(1.99) <= found.interval[1]


@pytest.mark.parametrize("law", [Normal(0.0, 1.0), LogNormal(1.0, 2.0), Weibull(2.0, 1.0), Uniform(0.0, 1.0)])
def test_quantiles_rise_up_to_the_very_ends(law):
    """OpenTURNS issue 2513: the quantile of 1 - 2**-53 lay above that of 1."""
    p = np.array([0.0, 1e-300, 1e-17, 1e-9, 0.5, 1.0 - 1e-9, 1.0 - 2.0**-53, 1.0])
    x = law.ppf(p)
    assert (np.diff(x) > 0.0).all()
    assert (x[0], x[-1]) == law.support
    assert law.cdf(x) == pytest.approx(p, rel=1e-12)


# -- scikit-learn ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_normal_law_far_in_its_tail_has_its_density_or_is_refused(sign):
    """OpenTURNS issues 2058 and 3024: no such law, or an infinite density."""
    law = TruncatedNormal(0.0, 1.0, *sorted((7.0 * sign, 39.0 * sign)))
    x = law.ppf([0.01, 0.5, 0.99])
    assert law.cdf(x) == pytest.approx([0.01, 0.5, 0.99], rel=1e-6)
    assert law.moments()[0] == pytest.approx(7.1375456 * sign)
    grid = np.linspace(*law.ppf([1e-9, 1.0 - 1e-9]), 100_001)
    assert np.trapezoid(law.pdf(grid), grid) == pytest.approx(1.0, rel=1e-3)
    with pytest.raises(ValueError, match="holds less than"):
        TruncatedNormal(50.0, 1.0, 3.0, 4.0)


def test_a_process_of_nearly_linear_rows_has_no_standard_deviation_of_zero():
    """scikit-learn issue 19936: variances below zero were cut to zero."""
    asked = problem(lambda c: {"y": 3.0 * c["x0"] + 1e-6 * np.sin(9.0 * c["x0"]) + c["x1"]}, 2)
    surrogate = GaussianProcess.fit(evaluate(asked, monte_carlo(60, 2, seed=1).unit))
    fresh = evaluate(asked, monte_carlo(500, 2, seed=2).unit)
    found = surrogate.predict(fresh.x)
    assert (found.std > 0.0).all()
    assert np.mean(np.abs(fresh.y - found.mean) <= 1.645 * found.std) >= 0.85


def test_standard_deviations_follow_the_scale_of_each_output():
    """scikit-learn issues 15612 and 17394: standard deviations between 0 and 1, of several outputs none."""
    asked = problem(
        lambda c: {"a": np.sin(6.0 * c["x0"]), "b": -50_000.0 * np.sin(6.0 * c["x0"])}, 1, outputs=("a", "b")
    )
    found = GaussianProcess.fit(evaluate(asked, monte_carlo(8, 1, seed=1).unit)).predict([[0.31], [0.77]])
    assert found.std[:, 1] == pytest.approx(50_000.0 * found.std[:, 0], rel=1e-3)


# -- joblib ----------------------------------------------------------------------------------------------------------


class Held:
    def __init__(self, value: Any) -> None:
        self.value = value

    def __call__(self, columns: Columns) -> Columns:
        return columns


def test_values_behind_keys_that_are_objects_count():
    """joblib pull request 568: two ordered dictionaries of other values had one hash."""
    made = [model_version(Held(OrderedDict([(Held("a"), 1), (Held("b"), last)]))) for last in (2, 4, 2)]
    assert made[0] == made[2] != made[1]


def test_keys_that_cannot_be_ordered_are_read():
    """joblib issue 1847: a dictionary with the key NaN could not be hashed."""
    made = [model_version(Held({Decimal("NaN"): value, Decimal(0): 2})) for value in (1, 3, 1)]
    assert made[0] == made[2] != made[1]


def test_sets_have_one_version_whatever_the_order_of_their_hashes():
    """joblib's hashes of sets once followed PYTHONHASHSEED."""
    code = (
        "import uq.core.model_version as v\nclass M:\n def __init__(s, t): s.t = t\n def __call__(s, c): return c\n"
        "print(v.model_version(M({'a', 'b', 'c', 'dd', 3})))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONPATH": ROOT, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in range(3)
    }
    assert len(found) == 1


def test_long_names_are_kept_in_a_store(tmp_path):
    """joblib issue 482: names of files beyond 255 bytes broke the cache in silence."""
    name = "x" * 300
    long = Problem(
        (Input(name, "1", Uniform(0.0, 1.0)),), (Output("y" * 400),), lambda c: {"y" * 400: c[name]}
    )
    first = campaign.run(long, sobol_sequence(8, 1, seed=1), store=tmp_path)
    assert np.array_equal(Dataset.load(tmp_path).y, first.y)
    with pytest.raises(campaign.StoreError, match="File name too long"):
        campaign.run(long, sobol_sequence(8, 1, seed=1), store=tmp_path / ("s" * 300))


# -- pandas ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("0.00000000000001953", 1.953e-14),  # pandas issue 39514
        (
            "1111111111111111111",
            1111111111111111168.0,
        ),  # issue 5697: the nearest number of 64 bits, and no other
        ("True\n0.5,", 1.0),  # issue 34120: empty cells after a word became 1
    ],
)
def test_cells_are_the_nearest_numbers_and_empty_ones_are_missing(cell, value, tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(f"x0,y\n0.5,{cell}\n")
    data = from_csv(problem(None), path)
    assert data["y"][0] == value
    assert np.isnan(data["y"][1:]).all()


@pytest.mark.parametrize(
    "cell", ["0x10", "1_000", "5%", '"1,000"', "1D3", "1+2j", "2026-01-01", "\uff11\uff12"]
)
def test_cells_that_are_no_numbers_are_refused_with_their_place(cell, tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(f"x0,y\n0.5,{cell}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"column 'y' holds .* in row 0, expected a number"):
        from_csv(problem(None), path)


def test_rows_with_a_missing_input_are_not_good():
    """pandas issues 32453 and 55232 (nullable integers): a missing cell became a number, or wrapped around."""
    x = pandas.DataFrame({"x0": pandas.array([1, None, 0], dtype="Int64")})
    data = Dataset.from_arrays(x, [1.0, 2.0, 3.0], problem=problem(None))
    assert data.counts() == {"good": 2, "not finite": 1}
    assert np.isnan(data.x[1, 0])
    stated = Dataset.from_arrays(x, [1.0, 2.0, 3.0], problem=problem(None), status=[0, 0, 4])
    assert stated.status.tolist() == [0, -1, 4]
    assert evaluate(problem(lambda c: {"y": np.ones(2)}), [[0.5], [np.nan]]).status.tolist() == [0, -1]


def test_an_empty_file_is_refused_by_its_name(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("")
    with pytest.raises(ValueError, match=r"table\.csv is empty"):
        from_csv(problem(None), path)


@pytest.mark.parametrize(
    "times", [pandas.to_timedelta([1, 2], unit="s"), pandas.to_datetime(["2026-01-01"] * 2)]
)
def test_times_are_no_numbers(times):
    """`pandas.to_numeric` gives 1 s as a million (microseconds) or a thousand million (nanoseconds)."""
    with pytest.raises(ValueError, match="column 'y' holds times"):
        from_frame(problem(None), pandas.DataFrame({"x0": [0.1, 0.2], "y": times}))


@pytest.mark.parametrize("second", ["x0", " x0", "x0 [1]"])
def test_a_column_that_comes_twice_is_refused(second):
    """pandas issue 12344: the columns of one name, after `strip`, were mixed up."""
    frame = pandas.DataFrame([[0.1, 0.2, 0.3]], columns=["x0", second, "y"])
    with pytest.raises(ValueError, match="the column 'x0' twice"):
        from_frame(problem(None), frame)


def test_rows_of_two_tables_that_are_labelled_otherwise_are_not_paired():
    """pandas aligns by label, numpy by position: rows of a sorted table went to the inputs of others."""
    x, y = pandas.DataFrame({"x0": [0.1, 0.2, 0.3]}), pandas.DataFrame({"y": [1.0, 2.0, 3.0]})
    assert Dataset.from_arrays(x, y, problem=problem(None)).y.ravel().tolist() == [1.0, 2.0, 3.0]
    for other in (y.iloc[::-1], y.iloc[::-1]["y"]):
        with pytest.raises(ValueError, match="different labels"):
            Dataset.from_arrays(x, other, problem=problem(None))


def test_a_model_that_returns_its_rows_sorted_is_told_so():
    def sorting(c: Columns) -> Columns:
        table = pandas.DataFrame(dict(c)).sort_values("x0")
        return {"y": 2.0 * table["x0"]}  # type: ignore[dict-item]

    asked = problem(sorting)
    data = campaign.run(asked, monte_carlo(5, 1, seed=1))
    assert not data.feasible.any()
    with pytest.raises(ValueError, match=r"in another order than the inputs; return column\.sort_index\(\)"):
        evaluate(asked, monte_carlo(5, 1, seed=1).unit)
    back = problem(lambda c: {"y": sorting(c)["y"].sort_index()})  # type: ignore[attr-defined]
    assert np.array_equal(evaluate(back, [[0.3], [0.1]]).y, [[0.6], [0.2]])


def test_a_narrow_interval_of_a_wide_law_has_the_moments_and_quantiles_of_a_uniform_one():
    """OpenTURNS issue 1870: quantiles of a uniform law of 1e12, truncated to 1.75, lay outside of the interval.  Here
    the standard deviation was NaN from a ratio of 1e8, without a word."""
    for scale in (1e4, 1e6, 1e8, 1e10):
        for law in (TruncatedNormal(0.0, scale, 0.25, 2.0), TruncatedGumbel(0.0, scale, 0.25, 2.0)):
            flat = (
                1.75 / scale + 1e-16 * scale
            )  # of a density that is not flat, and of differences of probabilities
            assert law.moments() == (pytest.approx(1.125, abs=flat), pytest.approx(1.75 / 12**0.5, abs=flat))
            assert law.ppf([0.0, 0.25, 1.0]) == pytest.approx([0.25, 0.6875, 2.0], abs=3.0 * flat)
            assert ((law.ppf(np.linspace(0.0, 1.0, 99)) >= 0.25) & (law.ppf(0.5) <= 2.0)).all()
    for kind in (TruncatedNormal, TruncatedGumbel):
        with pytest.raises(ValueError, match="holds less than 1e-12"):
            kind(0.0, 1e14, 0.25, 2.0)


@pytest.mark.parametrize("law", [Uniform(0.0, 1.0), Triangular(0.0, 0.25, 1.0), Beta(2.0, 3.0, 0.0, 1.0)])
def test_a_law_far_from_zero_has_the_spread_that_it_has_near_it(law):
    """A sibling of the report above: the standard deviation of a triangular law at 1e9 was zero."""
    far = dataclasses.replace(
        law, **{f.name: getattr(law, f.name) + 2.0**30 for f in dataclasses.fields(law) if len(f.name) > 1}
    )
    assert far.moments()[1] == pytest.approx(law.moments()[1], rel=1e-12)
    assert far.moments()[0] - 2.0**30 == pytest.approx(law.moments()[0], abs=1e-6)


@pytest.mark.parametrize("measure", [delta, rank_dependence, rbd_fast])
def test_one_row_of_a_thousand_times_the_spread_is_refused_where_shares_are_asked(measure):
    """SALib issue 315: delta of one outlier among 10,000 rows was 8852."""
    data = evaluate(problem(lambda c: {"y": np.sin(c["x0"])}), monte_carlo(200, 1, seed=1).unit)
    y = data.y.copy()
    y[50] = 1e10
    with pytest.raises(ValueError, match="one row makes more than half of the variance of output 'y'"):
        measure(Dataset.from_arrays(data.x, y, problem=data.problem))


def test_a_process_has_no_negative_variance_and_no_value_between_parts_has_the_middle():
    """scikit-learn issue 11663: variances far below zero, set to zero.  OpenTURNS issue 2541: the quantile of a
    mixture with a hole was its middle, which has no probability."""
    x = np.random.RandomState(4).uniform(0.0, 5.0, 10)
    process = GaussianProcess.fit(Dataset.from_arrays(x[:, None], np.sin((x - 2.5) ** 2)))
    at = np.linspace(x.min(), x.max(), 100)
    found = process.predict(at[:, None])
    assert found.std.min() > 0.0
    error = np.abs(found.mean[:, 0] - np.sin((at - 2.5) ** 2))
    assert (error <= HALF_WIDTH * found.std[:, 0]).mean() >= 0.9
    with_hole = Mixture((Uniform(0.0, 1.0), Uniform(2.0, 3.0)), (0.5, 0.5))
    assert with_hole.ppf([0.5, 0.5 + 1e-9]) == pytest.approx([1.0, 2.0], abs=1e-8)


@pytest.mark.parametrize(("count", "n"), [(0, 1000), (1, 1000), (1000, 1000), (10, 100_000), (0, 500)])
@pytest.mark.parametrize("alpha", [1e-11, 1e-7])
def test_intervals_of_few_events_hold_their_tails_at_any_confidence(count, n, alpha):
    """statsmodels issues 7008, 9141 and 9549: (0, 0.99999986) of 0 events in 1000, where 0.0167 is right."""
    low, high = clopper_pearson(count, n, 1.0 - alpha)
    if count < n:
        assert special.bdtr(count, n, high) == pytest.approx(0.5 * alpha, rel=1e-4)
    if count:
        assert special.bdtrc(count - 1, n, low) == pytest.approx(0.5 * alpha, rel=1e-4)
    assert (low == 0.0) == (count == 0)
    assert (high == 1.0) == (count == n)


# -- rows of our own list ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fit", [PolynomialChaos.fit, GaussianProcess.fit])
@pytest.mark.parametrize("workers", [1, 2])
def test_the_namespace_of_an_exported_surrogate_is_a_model(fit, workers, tmp_path):
    surrogate = fit(evaluate(problem(lambda c: {"y": np.sin(c["x0"])}), monte_carlo(20, 1, seed=1).unit))
    space: dict[str, Any] = {}
    exec(to_python(surrogate), space)
    stand_in = Problem(
        (Input("x0", "1", Uniform(0.0, 1.0)),),
        (Output("y"),),
        lambda c: {"y": space["evaluate"](np.column_stack(list(c.values())))[0][:, 0]},
    )
    data = campaign.run(stand_in, sobol_sequence(8, 1, seed=1), store=tmp_path, workers=workers)
    assert data["y"] == pytest.approx(surrogate.predict(data.x).mean[:, 0], rel=1e-9)
