"""Histories as outputs: a field of known components, its indices and its bands."""

from __future__ import annotations

import numpy as np
import pandas
import pytest

import uq
from uq import FieldSurrogate, measured_field
from uq.surrogates.derived_outputs import at_instants

TIMES = np.linspace(0.0, 2.0 * np.pi, 40, endpoint=False)
"""Whole period, so that sine and cosine are orthogonal over the instants."""
EXACT = 1e-8
STATISTICAL = 4.0


def _data(x):
    inputs = [uq.Input(f"x{j}", "1", uq.Uniform(0.0, 1.0)) for j in range(x.shape[1])]
    return uq.Dataset.from_arrays(x, x[:, 0], inputs=inputs)


def _waves(x):
    """a(x) sin t + b(x) cos t with a = 4 x0 and b = x1 + x0 x1."""
    return 4.0 * x[:, :1] * np.sin(TIMES) + x[:, 1:2] * (1.0 + x[:, :1]) * np.cos(TIMES)


@pytest.fixture(scope="module")
def waves():
    x = uq.sampling.sobol_sequence(256, 2, seed=1).unit
    return FieldSurrogate.fit(_data(x), _waves(x), times=TIMES)


def test_two_waves_have_two_components_and_are_predicted_exactly(waves):
    assert len(waves.modes) == 2
    np.testing.assert_allclose(waves.modes @ waves.modes.T, np.eye(2), atol=EXACT)
    x = uq.sampling.monte_carlo(50, 2, seed=2).unit
    np.testing.assert_allclose(waves.predict(x).mean, _waves(x), atol=1e-6)


def test_indices_of_two_waves_are_those_of_the_closed_form(waves):
    # variances on U(0, 1): a = 4 x0; b = x1 (1 + x0) = (y + 1/2)(z + 3/2), y and z centred with variance 1/12
    v = 1.0 / 12.0
    a = 16.0 * v
    b_first = np.array([0.25 * v, 2.25 * v])
    b = b_first.sum() + v * v
    first = np.array([a + b_first[0], b_first[1]]) / (a + b)
    total = np.array([a + b_first[0] + v * v, b_first[1] + v * v]) / (a + b)
    indices = waves.sobol_indices()
    np.testing.assert_allclose(indices.first, first, atol=1e-6)
    np.testing.assert_allclose(indices.total, total, atol=1e-6)
    # over time with the cross term of sine and cosine: x0 moves both
    s, c = np.sin(TIMES), np.cos(TIMES)
    alone = v * (4.0 * s + 0.5 * c) ** 2
    variance = alone + c**2 * (b_first[1] + v * v)
    np.testing.assert_allclose(indices.first_over_time[0], alone / variance, atol=1e-6)
    np.testing.assert_allclose(indices.total_over_time[1], c**2 * (b_first[1] + v * v) / variance, atol=1e-6)


def test_indices_of_the_field_are_the_scores_weighted_by_their_variance(waves):
    indices, names = waves.sobol_indices(), waves.scores.problem.output_names
    variances = np.array([waves.scores.moments(name)[1] ** 2 for name in names])
    totals = np.stack([waves.scores.sobol_indices(name).total for name in names])
    np.testing.assert_allclose(indices.total, variances @ totals / variances.sum(), atol=EXACT)
    np.testing.assert_allclose(waves.aggregated(totals), indices.total, atol=0.01)  # variances of 256 rows


def _noisy(x, seed):
    """The waves with a part that no input explains, of a size that grows with time."""
    noise = np.random.default_rng(seed).normal(size=(len(x), 2))
    return _waves(x) + 0.3 * noise[:, :1] * np.sin(TIMES) + 0.1 * noise[:, 1:] * np.cos(2.0 * TIMES)


def test_bands_hold_the_share_of_unseen_points_and_of_whole_histories():
    first, second, third = (
        uq.sampling.monte_carlo(n, 2, seed=k).unit for k, n in enumerate((200, 1000, 1000), 3)
    )
    field = FieldSurrogate.fit(_data(first), _noisy(first, 1), times=TIMES).calibrated(
        second, _noisy(second, 2)
    )
    found = measured_field(field, third, histories=_noisy(third, 3))
    assert 0.87 <= found.coverage <= 0.93
    error = np.sqrt(2.0 * 0.9 * 0.1 / 1000.0)
    assert abs(found.joint_coverage - 0.9) <= STATISTICAL * error
    assert field.joint_factor() > field.factor()


def test_bands_from_rows_left_out_hold_no_less_than_asked_for_with_either_surrogate():
    x, fresh = uq.sampling.monte_carlo(120, 2, seed=8).unit, uq.sampling.monte_carlo(500, 2, seed=9).unit
    for fit in (uq.PolynomialChaos.fit, uq.GaussianProcess.fit):
        field = FieldSurrogate.fit(_data(x), _noisy(x, 4), times=TIMES, fit=fit)
        found = measured_field(field, fresh, histories=_noisy(fresh, 5))
        assert 0.85 <= found.coverage <= 0.97
        assert field.factor() < 3.0


@pytest.mark.parametrize("fit", [uq.PolynomialChaos.fit, uq.GaussianProcess.fit])
@pytest.mark.parametrize("levels", [3, 4, 5])
def test_what_vanishes_at_the_values_of_a_grid_is_within_the_bands(levels, fit):
    at = np.linspace(0.0, 1.0, levels)
    t = np.linspace(0.0, 1.0, 20)

    def histories(x):
        hidden = np.prod(x[:, :1] - at, axis=1, keepdims=True)
        return (0.2 + x[:, 1:]) * (t < 0.5) + 4.0 * hidden * (t >= 0.5)

    x = np.stack(np.meshgrid(at, at), axis=-1).reshape(-1, 2)
    field = FieldSurrogate.fit(_data(x), histories(x), times=t, fit=fit)
    fresh = uq.sampling.monte_carlo(500, 2, seed=2).unit
    assert measured_field(field, fresh, histories=histories(fresh)).coverage >= 0.9


def test_what_the_modes_leave_out_is_in_the_standard_deviation():
    x = uq.sampling.sobol_sequence(128, 2, seed=1).unit
    one = FieldSurrogate.fit(_data(x), _waves(x), times=TIMES, share=1e-6)
    assert len(one.modes) == 1
    missed = _waves(x) - one.predict(x).mean
    np.testing.assert_allclose(np.mean(missed**2, axis=0), one.remainder, rtol=0.05, atol=1e-6)
    assert (one.predict(x).std ** 2 >= one.remainder * (1.0 - EXACT)).all()


def test_an_instant_at_which_histories_hardly_differ_gets_its_mode_too():
    x = uq.sampling.sobol_sequence(128, 2, seed=1).unit
    small = _waves(x)
    small[:, 0] = 1e-4 * x[:, 0] * x[:, 1] ** 3  # 1e-8 of the variance of all instants
    field = FieldSurrogate.fit(_data(x), small, times=TIMES)
    assert measured_field(field, x, histories=small).q2.min() > 0.98


def test_failed_rows_are_left_out():
    x = uq.sampling.sobol_sequence(128, 2, seed=1).unit
    histories, status = _waves(x), np.zeros(128, dtype=int)
    histories[5], status[5] = np.nan, 3
    problem = _data(x).problem
    data = uq.Dataset.from_arrays(x, x[:, :1], problem=problem, status=status)
    field = FieldSurrogate.fit(data, histories, times=TIMES)
    assert len(field.scores.x) == 127
    with pytest.raises(ValueError, match="no unseen history is given"):
        field.calibrated(x[:0], histories[:0])
    none = uq.Dataset.from_arrays(x, x[:, :1], problem=problem, status=np.ones(128, dtype=int))
    with pytest.raises(ValueError, match="none of the 128 rows of data is feasible"):
        FieldSurrogate.fit(none, histories, times=TIMES)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda h: [*h[:-1], h[-1][:-1]], "unequal lengths, 39 to 40 instants; interpolate"),
        (lambda h: np.where(np.arange(40) == 7, np.nan, h), "32 of 32 histories hold NaN"),
        (lambda h: h[:, :-1], "expected a row of 40 instants for each of 32 rows"),
        (lambda h: h[:-1], "expected a row of 40 instants for each of 32 rows"),
        (lambda h: np.broadcast_to(h[:1], h.shape), "all the same"),
        (lambda h: 3.0, "histories are 3.0, expected a row of 40 instants"),
    ],
)
def test_bad_histories_are_refused_in_one_sentence(change, sentence):
    x = uq.sampling.sobol_sequence(32, 2, seed=1).unit
    with pytest.raises(ValueError, match=sentence):
        FieldSurrogate.fit(_data(x), change(_waves(x)), times=TIMES)


def test_instants_must_increase():
    x = uq.sampling.sobol_sequence(32, 2, seed=1).unit
    with pytest.raises(ValueError, match="increase"):
        FieldSurrogate.fit(_data(x), _waves(x), times=TIMES[::-1])


def test_indices_without_coefficients_are_refused():
    x = uq.sampling.sobol_sequence(40, 2, seed=1).unit
    field = FieldSurrogate.fit(_data(x), _waves(x), times=TIMES, fit=uq.GaussianProcess.fit)
    with pytest.raises(TypeError, match=r"fit=PolynomialChaos\.fit"):
        field.sobol_indices()


@pytest.mark.parametrize("fit", [uq.PolynomialChaos.fit, uq.GaussianProcess.fit], ids=["chaos", "process"])
def test_a_saved_field_predicts_the_same_bits(tmp_path, fit):
    x = uq.sampling.sobol_sequence(64, 2, seed=1).unit
    field = FieldSurrogate.fit(_data(x), _noisy(x, 6), times=TIMES, fit=fit)
    field.save(tmp_path / "field.bin")
    again = FieldSurrogate.load(tmp_path / "field.bin")
    before, after = field.predict(x[:5]), again.predict(x[:5])
    np.testing.assert_array_equal(before.mean, after.mean)
    np.testing.assert_array_equal(before.std, after.std)
    assert again.joint_factor() == field.joint_factor()


def test_fields_and_surrogates_are_not_taken_for_each_other(tmp_path, waves):
    waves.save(tmp_path / "field.bin")
    waves.scores.save(tmp_path / "scores.bin")
    with pytest.raises(ValueError, match="FieldSurrogate"):
        uq.load_surrogate(tmp_path / "field.bin")
    with pytest.raises(ValueError, match=r"holds a PolynomialChaos, no field; use uq\.load_surrogate"):
        FieldSurrogate.load(tmp_path / "scores.bin")


def test_indices_of_dependent_inputs_are_refused_and_effects_aggregated_instead():
    problem = uq.Problem(
        _data(np.eye(2)).problem.inputs, (uq.Output("y"),), correlation=[[1.0, 0.6], [0.6, 1.0]]
    )
    x = problem.physical(uq.sampling.sobol_sequence(128, 2, seed=1).unit)
    field = FieldSurrogate.fit(uq.Dataset.from_arrays(x, x[:, 0], problem=problem), _waves(x), times=TIMES)
    with pytest.raises(ValueError, match=r"uq\.shapley_effects"):
        field.sobol_indices()
    effects = uq.shapley_effects(field.scores, base=256)
    whole = field.aggregated([effects[name].effects for name in field.problem.output_names])
    assert whole.sum() == pytest.approx(1.0)


def test_indices_at_instants_are_those_of_the_field_over_time():
    x = uq.sampling.sobol_sequence(128, 2, seed=1).unit
    field = FieldSurrogate.fit(_data(x), _waves(x), times=TIMES)
    places = [1, len(TIMES) // 2, len(TIMES) - 1]
    asked = at_instants(field, places)
    np.testing.assert_allclose(asked.mean(x), field.predict(x).mean[:, places], rtol=EXACT, atol=EXACT)
    found = uq.sobol_indices(asked, base=1024)
    for name, place in zip(asked.problem.output_names, places, strict=True):
        np.testing.assert_allclose(
            found[name].total, field.sobol_indices().total_over_time[:, place], atol=0.02
        )
    step = np.array([[1e-5, 0.0]])
    slope = (asked.mean(x[:1] + step) - asked.mean(x[:1] - step)) / 2e-5
    np.testing.assert_allclose(asked.gradient(x[:1])[:, :, 0], slope, rtol=1e-6)


@pytest.mark.parametrize("places", [[], [0, 0], [999], [-1]])
def test_instants_that_a_field_does_not_have_are_refused(places):
    x = uq.sampling.sobol_sequence(64, 2, seed=1).unit
    with pytest.raises(ValueError, match="different places from 0 to"):
        at_instants(FieldSurrogate.fit(_data(x), _waves(x), times=TIMES), places)


def labelled(**labels: object) -> pandas.DataFrame:
    x = uq.sobol_sequence(32, 2, seed=1).unit
    return pandas.DataFrame(x[:, :1] * np.sin(TIMES) + x[:, 1:], **labels)


@pytest.mark.parametrize("labels", [{"columns": TIMES[::-1]}, {"index": range(31, -1, -1)}])
def test_labels_of_histories_win_over_positions(labels: dict[str, object]) -> None:
    x = uq.sobol_sequence(32, 2, seed=1).unit
    data = uq.Dataset.from_arrays(x, x[:, 0])
    field = FieldSurrogate.fit(data, labelled(columns=TIMES), times=TIMES)
    with pytest.raises(ValueError, match="labelled otherwise"):
        FieldSurrogate.fit(data, labelled(**labels), times=TIMES)
    with pytest.raises(ValueError, match="labelled otherwise"):
        field.calibrated(x, labelled(**labels))


def test_a_field_is_no_view_of_what_it_was_made_from() -> None:
    x, times = uq.sobol_sequence(32, 2, seed=1).unit, TIMES.copy()
    field = FieldSurrogate.fit(uq.Dataset.from_arrays(x, x[:, 0]), labelled(), times=times)
    times[:] = 0.0
    assert np.array_equal(field.times, TIMES)
    with pytest.raises(ValueError, match="read-only"):
        field.centre[:] = 0.0


def test_three_unseen_rows_hold_no_band_of_ninety_nine_percent() -> None:
    x = uq.sobol_sequence(32, 2, seed=1).unit
    field = FieldSurrogate.fit(uq.Dataset.from_arrays(x, x[:, 0]), labelled(), times=TIMES)
    few = field.calibrated(x[:3], labelled().to_numpy()[:3])
    with pytest.raises(ValueError, match=r"3 rows hold no band of 0\.99; give 99 or more"):
        few.joint_factor(0.99)
    assert np.isfinite(few.factor(0.5))


@pytest.mark.parametrize("change", [lambda h: h + 1j, lambda h: h.astype(str), lambda h: h * 1e200])
def test_histories_that_are_no_numbers_of_use_are_refused(change: object) -> None:
    x = uq.sobol_sequence(32, 2, seed=1).unit
    with pytest.raises(ValueError, match=r"real numbers|overflow"):
        FieldSurrogate.fit(uq.Dataset.from_arrays(x, x[:, 0]), change(labelled().to_numpy()), times=TIMES)
