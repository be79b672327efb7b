"""A divert as distance and height turned into velocity."""

import dataclasses

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from models import quantity
from models.architectures import comparison, pressure_fed
from models.flight import descent
from models.flight.mission import Mission, divert_velocity
from models.lander import Lander


def test_the_tilted_thrust_flies_the_distance_in_the_time_of_the_descent():
    distance, height = 400.0, 600.0
    time = 2.0 * np.sqrt(height / descent.LUNAR_GRAVITY)
    sideways = 4.0 * distance / time**2
    flown = solve_ivp(
        lambda t, y: [y[1], sideways if t < time / 2 else -sideways],
        (0.0, time),
        [0.0, 0.0],
        rtol=1e-8,
        max_step=time / 400,
    ).y[:, -1]
    assert flown[0] == pytest.approx(distance, rel=1e-2)
    assert flown[1] == pytest.approx(0.0, abs=0.02 * sideways * time)
    spent = np.hypot(sideways, descent.LUNAR_GRAVITY) * time
    assert divert_velocity(distance, height) == pytest.approx(spent - descent.LUNAR_GRAVITY * time, rel=1e-12)


def test_a_divert_is_dearer_the_farther_and_the_lower_it_begins_and_nothing_costs_nothing():
    assert divert_velocity(0.0, 300.0) == 0.0
    assert np.all(np.diff(divert_velocity(np.linspace(0.0, 2e3, 50), 400.0)) > 0.0)
    assert np.all(np.diff(divert_velocity(300.0, np.linspace(50.0, 2e3, 50))) < 0.0)


def test_a_lander_pays_for_its_divert_and_for_a_higher_orbit():
    lander = Lander()
    plain, diverted, high = (
        comparison.size(pressure_fed, each).sizing.payload[0]
        for each in (
            lander,
            quantity.substitute(lander, {"mission.divert_distance": 500.0}),
            quantity.substitute(lander, {"mission.apolune": 500e3}),
        )
    )
    assert diverted < plain - 1.0
    assert high < plain - 10.0


def test_an_apolune_below_the_perilune_is_refused_with_the_remedy():
    with pytest.raises(ValueError, match=r"mission.apolune = 12000 m lies below .* raise the apolune"):
        dataclasses.replace(Mission(), apolune=12e3)
