"""What data can say about an uncertain input stands in the case files as the data say it."""

import sys
from pathlib import Path

import pytest

from models.components.pressurant import Pressurant
from models.components.tank import Tank
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
