"""Mixture ratio and window of charge as variables of the search: best between their bounds, alike in march and
flight."""

import dataclasses

import numpy as np
import pytest

from models import quantity
from models.architectures import comparison, electric_pump, off_the_shelf, pressure_fed
from models.components.given_engine import GivenEngine
from models.fixed_design import design, flight, timeline
from models.lander import Lander, Status
from models.properties.propellants import MON3_N2H4

SEARCH = 5e-3
"""kg; what the searches leave of the payload."""
ROOMY = Lander(least_mixture_ratio=1.5, most_mixture_ratio=2.2)
WINDOW = quantity.substitute(Lander(), {"battery.least_depth": 0.7, "battery.most_depth": 0.9})


def payloads(architecture, name, values):
    return comparison.size(architecture, quantity.substitute(Lander(), {name: values})).sizing.payload


@pytest.mark.parametrize("architecture", [pressure_fed, electric_pump])
def test_a_free_mixture_ratio_is_better_than_any_that_is_given(architecture):
    best = comparison.size(architecture, ROOMY)
    assert best.sizing.status.tolist() == [Status.GOOD]
    given = payloads(architecture, "mixture_ratio", np.linspace(1.5, 2.2, 15))
    assert best.sizing.payload[0] > given.max() - SEARCH
    assert best.sizing.payload[0] > given[3] + 5.0, "1.65 is not the best mixture of either"
    ratio = float(best.sizing.mixture_ratio[0])
    assert best.lander.mixture_ratio == pytest.approx(ratio)
    if architecture is pressure_fed:
        assert 1.9 < ratio < 2.1, "Aestus, pressure-fed, has 2.05"
    else:
        assert ratio == pytest.approx(2.2), "higher pressure keeps the gas nearer to equilibrium"
    assert best.sizing.propulsion.oxidiser[0] / best.sizing.propulsion.fuel[0] == pytest.approx(
        ratio, rel=1e-9
    )


def test_a_free_window_of_charge_is_not_worse_than_any_that_is_given_and_leaves_the_pressure_fed_lander_alone():
    best = comparison.size(electric_pump, WINDOW).sizing
    given = payloads(electric_pump, "battery.depth", np.linspace(0.7, 0.9, 9))
    assert best.payload[0] > given.max() - 0.05, (
        "a kink, where another limit rules the pack, stops the search near it"
    )
    assert 0.8 < best.drives.battery_depth[0] < 0.9
    alone, plain = (comparison.size(pressure_fed, lander).sizing.payload for lander in (WINDOW, Lander()))
    assert alone == plain


def test_a_row_of_free_mixture_ratio_does_not_depend_on_its_neighbours():
    rows = quantity.substitute(ROOMY, {"thrust": np.array([5e3, 6.6e3, 9e3])})
    together = comparison.size(electric_pump, rows).sizing
    alone = comparison.size(electric_pump, quantity.take(rows, np.array([1]))).sizing
    assert alone.payload[0] == together.payload[1]
    assert alone.mixture_ratio[0] == together.mixture_ratio[1]


def test_an_engine_that_exists_keeps_its_mixture_ratio():
    shelf = comparison.size(off_the_shelf, ROOMY).sizing
    engine = GivenEngine(chamber_pressure=9e5, area_ratio=150.0, in_electric_pump=1.0)
    pumped = comparison.size(electric_pump, dataclasses.replace(ROOMY, engine=engine)).sizing
    assert shelf.mixture_ratio[0] == pumped.mixture_ratio[0] == 1.65
    held = comparison.size(electric_pump, ROOMY, fixed={"chamber_pressure": 9e5, "area_ratio": 150.0}).sizing
    assert held.payload[0] > pumped.payload[0], "what is held alone leaves the mixture ratio to the search"


@pytest.mark.parametrize("lander", [ROOMY, WINDOW], ids=["mixture ratio", "window"])
def test_march_and_fixed_design_have_what_the_search_chose(lander):
    best = comparison.size(electric_pump, lander)
    history = timeline.march(lander, best.sizing)
    flow = history.oxidiser_flow[3, 0] / history.fuel_flow[3, 0]
    assert flow == pytest.approx(best.sizing.mixture_ratio[0])
    check = timeline.check(lander, best.sizing, history)
    assert abs(check.charge[0]) < 0.02, "the promised window is the one that was chosen"
    built = design.design(electric_pump, lander)
    assert built.mixture_ratio == pytest.approx(best.sizing.mixture_ratio[0], rel=1e-6)
    assert built.drives.depth == pytest.approx(best.sizing.drives.battery_depth[0], rel=1e-6)
    assert flight.fly(built, lander)["status"] == 0.0


def test_launch_mass_for_a_payload_goes_on_from_the_mixture_that_was_found():
    best = comparison.size(pressure_fed, ROOMY)
    closed = comparison.launch_mass_for(pressure_fed, best, np.array([310.0]))
    assert closed.sizing.payload == pytest.approx(310.0, abs=1e-6)
    assert closed.lander.mixture_ratio[0] == pytest.approx(best.lander.mixture_ratio[0], abs=0.01)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (
            {"least_mixture_ratio": 1.9, "most_mixture_ratio": 1.6},
            "most_mixture_ratio = 1.6 is below least_mix",
        ),
        (
            {"least_mixture_ratio": 1.1, "most_mixture_ratio": 1.6},
            "least_mixture_ratio = 1.1 is outside 1.3 to 2.4",
        ),
        (
            {"battery.least_depth": 0.9, "battery.most_depth": 0.7},
            "battery.most_depth = 0.7 is below battery.least",
        ),
    ],
)
def test_bounds_that_leave_no_design_are_refused_with_their_names(values, words):
    with pytest.raises(ValueError, match=words):
        quantity.substitute(Lander(), values)


def test_bounds_are_those_of_the_propellants():
    with pytest.raises(
        ValueError, match=r"most_mixture_ratio = 1.8 is outside 0.6 to 1.35, where MON-3/N2H4 is known"
    ):
        Lander(propellants=MON3_N2H4, mixture_ratio=1.0, least_mixture_ratio=0.8, most_mixture_ratio=1.8)


def test_sampled_bounds_are_refused():
    lander = quantity.substitute(ROOMY, {"most_mixture_ratio": np.array([1.8, 2.0])})
    with pytest.raises(ValueError, match="most_mixture_ratio holds 2 values"):
        comparison.size(pressure_fed, lander)
