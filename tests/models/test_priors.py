"""What data can say about an uncertain input stands in the case files as the data say it."""

import sys
from pathlib import Path

import numpy as np
import pytest

from models.components import inverter
from models.components.pressurant import Pressurant
from models.components.tank import Tank
from models.components.thrust_chamber import ThrustChamber
from studies.analysis.published.published_cases import LENGTH_SCATTER
from studies.case import load

sys.path.append(str(Path(__file__).parents[1] / "reference"))
import fit_priors

CASE = load("series3")
INPUTS = {each.name: each.distribution for each in CASE.inputs}


def test_a_tank_is_what_nineteen_titanium_tanks_say():
    fit = fit_priors.tanks()
    assert len(fit.rows) == 19
    for leaf in ("fixed_mass", "catalogue_slope"):
        value, error = fit.parameters[f"tank.{leaf}"]
        assert abs(getattr(Tank(), leaf) - value) < error
    fixed, error = fit.parameters["tank.fixed_mass"]
    law = INPUTS["tank.fixed_mass"]
    assert abs(law.ppf(0.5) - fixed) < error
    assert law.ppf(0.84) - law.ppf(0.5) > error  # wider: no catalogue holds low-pressure tanks
    names = [each.name for each in CASE.inputs]
    drawn = CASE.correlation[names.index("tank.fixed_mass"), names.index("tank.catalogue_slope")]
    assert drawn == pytest.approx(fit.correlation, abs=0.02)  # one fit's two figures are not drawn apart
    factor = INPUTS["tank.mass_multiplier"].ppf(0.8413447)
    assert factor == pytest.approx(1.0 + fit.residual, abs=0.02)


def test_a_bottle_is_what_one_series_says():
    fit = fit_priors.bottles()
    for leaf in ("bottle_fixed_mass", "bottle_slope"):
        value, error = fit.parameters[f"pressurant.{leaf}"]
        assert abs(getattr(Pressurant(), leaf) - value) < error
    law = INPUTS["pressurant.bottle_mass_multiplier"]
    assert law.ppf(0.0) < fit.extremes[0]
    assert law.ppf(1.0) > fit.extremes[1]


def test_pump_fed_engines_show_no_film_cooling_that_the_prior_does_not_hold():
    law = INPUTS["thrust_chamber.film_cooling_loss"]
    for _, loss, error in fit_priors.film_cooling().values():
        assert law.ppf(0.0) < loss < law.ppf(1.0)
        assert abs(law.ppf(0.5) - loss) < 2.0 * error


def test_no_small_pump_of_the_table_was_measured_so_that_its_efficiency_is_judgement():
    rows = fit_priors.read("hardware/pumps.csv")
    assert rows
    assert not [r["name"] for r in rows if r["efficiency"] and not r["kind"].startswith("paper")]


def test_slope_and_film_cooling_loss_hang_together_so_little_that_they_are_drawn_apart():
    """Figures of docs/physics.md; in the law, widened to twice the slope's error, half of the last is left."""
    found = fit_priors.impulse_correlations(resamples=300)
    assert found == pytest.approx((-0.42, 0.66, 0.18), abs=0.12)
    names = [each.name for each in CASE.inputs]
    at = [names.index(f"thrust_chamber.{leaf}") for leaf in ("efficiency_slope", "film_cooling_loss")]
    assert CASE.correlation[at[0], at[1]] == 0.0


def test_an_engine_weighs_what_seventeen_pressure_fed_ones_say():
    fit = fit_priors.engines()
    assert len(fit.rows) == 17
    for leaf in ("fixed_mass", "mass_per_thrust"):
        value, error = fit.parameters[f"thrust_chamber.{leaf}"]
        assert abs(getattr(ThrustChamber(), leaf) - value) < 0.5 * error
    spread = np.log(INPUTS["thrust_chamber.mass_scatter"].ppf(0.8413447))
    assert spread == pytest.approx(fit.residual, abs=0.02)


def test_an_engine_is_as_long_as_nine_pressure_fed_ones_say():
    """A bell of 80 % of a cone, chamber and head by the root of the throat: the fit's two figures hang together."""
    fit = fit_priors.engine_lengths()
    assert len(fit.rows) == 9
    model = ThrustChamber()
    law = (
        model.nozzle_length_fraction,
        model.head_length + model.characteristic_length / model.contraction_ratio,
    )
    for own, (value, error) in zip(law, fit.parameters.values(), strict=True):
        assert abs(own - value) < 1.5 * error
    assert pytest.approx(2.0 * fit.residual, abs=1e-3) == LENGTH_SCATTER, "what V12 allows of a length"


def test_packs_for_space_span_the_prior_of_specific_energy():
    law = INPUTS["battery.specific_energy"]
    found = fit_priors.packs() * 3600.0
    assert law.ppf(0.0) == pytest.approx(found.min(), rel=1e-9)
    assert found.max() < law.ppf(1.0) < 1.05 * found.max()  # the mode makes their mean that of the law
    mean = np.mean(law.ppf((np.arange(2000) + 0.5) / 2000))
    assert mean == pytest.approx(found.mean(), rel=5e-3)


def test_bare_motors_and_controllers_are_lighter_than_the_laws_and_bound_the_upside_of_their_priors():
    """No housing, can, filter or radiation hardness in any row: what they are lighter by is the most to hope for."""
    for law, ratio in (
        (INPUTS["motor.specific_power_multiplier"], fit_priors.motors(hobby=True)),
        (INPUTS["motor.specific_power_multiplier"], fit_priors.motors(hobby=False)),
        (INPUTS["inverter.specific_power_multiplier"], fit_priors.inverters(hobby=False)),
    ):
        assert (ratio < 1.0).all()
        assert law.ppf(0.5) < 1.0 / np.median(ratio) < law.ppf(0.995)
    assert 1.0 / np.median(fit_priors.inverters(hobby=True)) > law.ppf(0.9999)  # no space box can be one


def test_an_inverter_has_the_mass_of_the_one_published_box():
    """Lee et al. 2021: 0.65 kW/kg at half of 829 W of pumps behind motors of 0.87."""
    output = 0.5 * 829.0 / 0.87
    assert output / inverter.mass(output, inverter.Inverter()) == pytest.approx(650.0, rel=0.01)


def test_residuals_begin_where_a_flown_lander_left_least():
    shares = {
        row["name"]: float(row["unused_lb"]) / float(row["propellant_lb"])
        for row in fit_priors.read("hardware/residuals.csv")
    }
    law = INPUTS["residuals.fraction"]
    assert law.ppf(0.0) == pytest.approx(min(shares.values()), abs=5e-4)
    assert law.ppf(0.0) < shares["Apollo 11 service module"] < law.ppf(1.0)


def test_growth_is_that_of_the_history_of_inert_masses():
    history = next(
        row for row in fit_priors.read("hardware/growth.csv") if row["item"].startswith("inert mass")
    )
    law = INPUTS["growth.drive"]
    drawn = law.ppf((np.arange(2000) + 0.5) / 2000)
    assert np.mean(drawn) == pytest.approx(float(history["growth_share"]), abs=0.02)
    assert np.mean(drawn > 0.325) == pytest.approx(0.30, abs=0.02)
