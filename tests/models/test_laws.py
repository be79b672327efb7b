"""Laws of every component, found by themselves: a batch is its rows, a row has no neighbours, units may change.

Every public function of `models.components` is called with values drawn by the names of its parameters (`ARGUMENTS`)
and of its specification's fields, so a new component is under these laws as soon as its parameters have a range here.
"""

import dataclasses
import importlib
import inspect
import pkgutil
import re
import typing
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import models.components
from models import quantity
from models.components import drive, inverter, motor, pump
from models.properties.propellants import MON3_MMH, Propellants

ROWS = 5
ROUNDING = 1e-12
"""Relative; powers and roots of numpy round rows of different length differently in the last digit."""

ARGUMENTS: Mapping[str, tuple[str, float, float]] = {
    "acceleration": ("m/s2", 1.0, 8.0),
    "area_ratio": ("-", 20.0, 300.0),
    "bottle_volume": ("m3", 0.06, 0.12),
    "bus_mass": ("kg", 1.0, 10.0),
    "bus_voltage": ("V", 28.0, 100.0),
    "cells": ("-", 100.0, 400.0),
    "chamber_pressure": ("Pa", 0.7e6, 6e6),
    "charge": ("-", 0.2, 1.0),
    "charger": ("W", 100.0, 500.0),
    "coast": ("s", 1e3, 1e5),
    "impeller_diameter": ("m", 0.02, 0.06),
    "cooling_drop": ("Pa", 0.0, 0.3e6),
    "depth": ("-", 0.3, 0.9),
    "density": ("kg/m3", 800.0, 1450.0),
    "density_ratio": ("-", 0.9, 1.1),
    "dimensionless": ("-", 0.1, 1.0),
    "duration": ("s", 100.0, 1200.0),
    "end_power": ("W", 500.0, 1e3),
    "end_pressure": ("Pa", 2e6, 4e6),
    "energy": ("J", 5e5, 3e6),
    "energy_efficiency": ("-", 0.8, 0.95),
    "engine_length": ("m", 0.7, 1.5),
    "exhaust_velocity": ("m/s", 2e3, 3e3),
    "engines": ("-", 3.0, 5.0),
    "exponent": ("-", 1.0, 2.0),
    "factor": ("-", 1.0, 1.5),
    "first": ("kg", 1.0, 10.0),
    "flow": ("m3/s", 1e-4, 2e-3),
    "flow_ratio": ("-", 0.4, 1.0),
    "gas_constant": ("J/(kg K)", 2000.0, 2100.0),
    "head": ("m", 0.3, 1.5),
    "head_ratio": ("-", 0.5, 1.0),
    "heat_rate": ("W", 100.0, 1e3),
    "heat_ratio": ("-", 1.3, 1.67),
    "helium_pressure": ("Pa", 0.3e6, 1.5e6),
    "hot_ullage": ("-", 0.03, 0.1),
    "hydrostatic": ("Pa", 0.0, 2e4),
    "inverters": ("kg", 1.0, 3.0),
    "launch_mass": ("kg", 1e3, 1e4),
    "landed": ("kg", 500.0, 3e3),
    "liquid_density": ("kg/m3", 800.0, 1450.0),
    "loaded": ("kg", 500.0, 4e3),
    "loss": ("W", 50.0, 500.0),
    "main_propellant": ("kg", 500.0, 4e3),
    "mass": ("kg", 10.0, 40.0),
    "mass_flow": ("kg/s", 0.2, 1.5),
    "maximum_pressure": ("Pa", 0.3e6, 2.5e6),
    "mean_power": ("W", 1e3, 2e3),
    "mixture_ratio": ("-", 1.4, 2.2),
    "needed": ("-", 0.3, 1.0),
    "nozzle_surface": ("m2", 0.05, 0.6),
    "operating_pressure": ("Pa", 0.3e6, 1.8e6),
    "output": ("W", 500.0, 3e3),
    "pack_factor": ("-", 1.1, 1.4),
    "peak_power": ("W", 1e3, 3e3),
    "power": ("W", 500.0, 3e3),
    "pressure": ("Pa", 0.4e6, 1e6),
    "pressure_rise": ("Pa", 0.8e6, 4e6),
    "pressurised_volume": ("m3", 0.3, 1.5),
    "pressurised_pressure": ("Pa", 0.4e6, 1.9e6),
    "propellant": ("kg", 20.0, 200.0),
    "propellant_mass": ("kg", 200.0, 2e3),
    "propellant_share": ("-", 0.02, 0.3),
    "propellant_temperature": ("K", 285.0, 305.0),
    "pump_sets": ("-", 1.0, 3.0),
    "rated": ("W", 3e3, 6e3),
    "rated_drop": ("Pa", 1e5, 5e5),
    "resistance": ("V/A", 5e-3, 20e-3),
    "seals": ("-", 2.0, 6.0),
    "second": ("kg", 1.0, 10.0),
    "shaft_power": ("W", 500.0, 8e3),
    "shaft_rating": ("W", 500.0, 8e3),
    "soak_density": ("kg/m3", 820.0, 845.0),
    "soak_pressure": ("Pa", 1.5e6, 2.5e6),
    "soak_temperature": ("K", 310.0, 320.0),
    "soak_vapour_pressure": ("Pa", 1e4, 3e5),
    "spares": ("-", 0.0, 1.0),
    "specific_energy": ("J/kg", 3e3, 6e5),
    "specific_heat": ("J/(kg K)", 800.0, 3000.0),
    "specific_impulse": ("s", 290.0, 330.0),
    "specific_power": ("W/kg", 500.0, 2e4),
    "specific_work": ("J/kg", 800.0, 4e3),
    "speed": ("rad/s", 1500.0, 4000.0),
    "speed_fraction": ("-", 0.8, 1.0),
    "speed_ratio": ("-", 0.5, 1.0),
    "stress": ("Pa", 2e8, 9e8),
    "suction_energy": ("J/kg", 100.0, 500.0),
    "suction_pressure": ("Pa", 1e5, 5e5),
    "tanks": ("-", 2.0, 8.0),
    "tank_pressure": ("Pa", 0.35e6, 1.8e6),
    "temperature": ("K", 285.0, 305.0),
    "temperature_rise": ("K", 10.0, 40.0),
    "throttle": ("-", 0.3, 1.0),
    "thrust": ("N", 500.0, 1e4),
    "thrust_coefficient": ("-", 1.6, 1.9),
    "torque": ("N m", 0.1, 3.0),
    "torque_ratio": ("-", 0.3, 1.0),
    "ullage_factor": ("-", 1.05, 1.2),
    "ullage_fraction": ("-", 0.08, 0.15),
    "units": ("-", 2.0, 8.0),
    "vapour_pressure": ("Pa", 1e3, 1e5),
    "viscosity": ("Pa s", 3e-4, 1e-3),
    "voltage": ("V", 3.0, 4.2),
    "volume": ("m3", 0.1, 0.6),
}
"""Unit and range of every parameter, by its name."""

OWN_ARGUMENTS: Mapping[str, Mapping[str, tuple[str, float, float]]] = {
    "feed_line.chamber_pressure": {"tank_pressure": ("Pa", 0.9e6, 1.8e6)},
    "kwak_2018.helium_mass": {"pressure": ("Pa", 24e6, 33e6), "temperature": ("K", 90.0, 300.0)},
    "tank.hydrostatic_pressure": {"head": ("m", 0.3, 1.5)},
    "pump_alternatives.rivals": {"flow": ("m3/s", 4e-5, 7e-5), "pressure_rise": ("Pa", 2e6, 3e6)},
    "tank.soak_pressure": {"density": ("kg/m3", 850.0, 880.0)},
    "tank.soak_ullage": {"density": ("kg/m3", 850.0, 880.0)},
    "tank.loaded_ullage": {"density": ("kg/m3", 850.0, 880.0)},
    "residuals.start_losses": {"flow": ("kg/s", 0.5, 6.0)},
    "feed_line.pump_plumbing_mass": {"flow": ("kg/s", 0.5, 6.0)},
    "thermal.capacity": {"inverters": ("kg", 1.0, 10.0), "sink_energy": ("J", 1e4, 1e6)},
    "thermal.fuel_temperature_rise": {"flow": ("kg/s", 0.1, 1.0)},
    "thermal.temperature_rate": {
        "heat_rate": ("W", 100.0, 1000.0),
        "rise": ("K", 1.0, 40.0),
        "rated_heat": ("W", 300.0, 1000.0),
        "capacity": ("J/K", 1e3, 1e5),
    },
    "thrust_chamber.smooth_step": {"x": ("-", -0.5, 1.5)},
    "battery.current": {"power": ("W", 10.0, 100.0)},
    "battery.mass_kwak": {"specific_energy": ("J/kg", 4e5, 9e5)},
}
"""Where a name means something else."""

DUTY = (
    "mass_flow",
    "pressure_rise",
    "density",
    "viscosity",
    "suction_pressure",
    "temperature",
)
"""Of a drive."""

FLAGS = {"pumped": True}

NOT_OVER_ROWS = {
    "battery.rounded_pack": "whole cells, to be printed",
    "battery.stored_energy": "its first axis is the burns; see the tests of batteries",
    "structure.allowance": "a table of words",
    "structure.growth_fraction": "a table of words",
    "bus.charger_power": "of one lander's bus",
    "bus.stored_energy": "of one lander's bus",
    "pump.of_propellant": "no number is computed",
    "reaction_control.effect": "no number is computed",
    "reaction_control.assisting_mass": "no argument but the specification",
    "reaction_control.own_tanks": "a choice, no number",
}

FITTED_IN_SI = {
    "battery.mass_kwak": "the published efficiency takes the logarithm of seconds",
    "battery.energy_efficiency_kwak": "the published efficiency takes the logarithm of seconds",
    "pressurant.supply_quasi_steady": "helium's equation of state is in SI",
    "pressurant.isothermal_limit": "helium's equation of state is in SI",
    "pressurant.adiabatic_limit": "helium's equation of state is in SI",
    "blow_down.march": "helium's gas constant is in SI",
    "envelope.diameter": "the housing's thickness is in SI",
    "envelope.inverter_volume": "the density of a packed inverter is in SI",
    "pressurisation.march": "helium's equation of state is in SI",
    "pressurisation.supply": "helium's equation of state is in SI",
    "pressurisation.supply_estimated": "helium's equation of state is in SI",
    "pressurisation.real_share": "helium's equation of state is in SI",
    "thrust_chamber.performance": "the tables of combustion are in SI",
    "pump.head": "metres of head on Earth",
    "pump.specific_speed_metric": "the unit of the trade",
    "pump_alternatives.rivals": "metric specific speed, the unit of the trade",
}
"""Where a change of units does not apply, and why."""

OUTPUTS: Mapping[str, str] = {
    "battery.open_circuit_voltage": "V",
    "battery.resistance": "V/A",
    "battery.current": "A",
    "battery.heat_capacity": "J/K",
    "battery.window_voltage": "V",
    "battery.window_resistance": "-",
    "battery.cells": "-",
    "battery.pack": "-",
    "battery.dedicated_mass": "kg",
    "bus.recharged_energy": "J",
    "drive.part_load_power": "W",
    "envelope.length": "m",
    "feed_line.pump_plumbing_mass": "kg",
    "harness.loss": "W",
    "inverter.loss": "W",
    "kwak_2018.sphere_radius": "m",
    "kwak_2018.liquid_height": "m",
    "kwak_2018.coolant_flow": "kg/s",
    "motor.cooling": "W/K",
    "motor.loss": "W",
    "motor.rotor_radius": "m",
    "motor.steady_temperature": "K",
    "motor.temperature_rate": "K/s",
    "battery_as_built.cell_energy": "J",
    "battery_as_built.charge_left": "-",
    "battery_as_built.power_shortfall": "W",
    "pump.suction_limited_speed": "rad/s",
    "pump.best_speed": "rad/s",
    "pump_off_design.throttled_head": "-",
    "pump.required_suction_energy": "J/kg",
    "reaction_control.charging_energy": "J",
    "residuals.start_losses": "kg",
    "residuals.sumps": "kg",
    "shaft_seal.leaked": "kg",
    "shaft_seal.purge": "kg",
    "pressurant.bottle_number": "-",
    "pressurant.hardware": "kg",
    "tank.volume": "m3",
    "tank.soak_ullage": "-",
    "tank.loaded_ullage": "-",
    "tank.burnt_ullage": "-",
    "tank.wall": "m",
    "thermal.capacity": "J/K",
    "thermal.excess": "J",
    "thermal.fuel_temperature_rise": "K",
    "thermal.temperature_rate": "K/s",
    "thrust_chamber.jacket_closes": "-",
    "thrust_chamber.throat_area": "m2",
}
"""Unit of what a function returns, where neither its name's ending nor a field's name says it."""

ENDINGS = {
    "mass": "kg",
    "mass_kwak": "kg",
    "mass_gear": "kg",
    "mass_aluminium": "kg",
    "mass_phase_change": "kg",
    "pressure": "Pa",
    "drop": "Pa",
    "rise": "Pa",
    "efficiency": "-",
    "efficiency_barske": "-",
    "efficiency_gear": "-",
    "speed": "-",
    "ratio": "-",
    "fraction": "-",
    "shortfall": "-",
    "step": "-",
    "stiffness": "-",
}

FIELDS = {
    "area": "m2",
    "bus_power": "W",
    "by_energy": "kg",
    "by_power": "kg",
    "by_sag": "kg",
    "by_string": "kg",
    "by_temperature": "kg",
    "can": "-",
    "chamber_length": "m",
    "charge_rate": "1/s",
    "copper": "-",
    "current": "A",
    "density": "kg/m3",
    "diameter": "m",
    "disc_friction": "-",
    "efficiency": "-",
    "electric_power": "W",
    "energy": "J",
    "exit_diameter": "m",
    "heat": "W",
    "flow": "m3/s",
    "hydraulic_efficiency": "-",
    "inverter_heat": "W",
    "iron": "-",
    "leakage": "-",
    "length": "m",
    "mass": "kg",
    "mechanical": "-",
    "nozzle_length": "m",
    "nozzle_surface": "m2",
    "predicted_efficiency": "-",
    "required_suction_energy": "J/kg",
    "rise": "Pa",
    "shaft_power": "W",
    "specific_speed": "-",
    "speed": "rad/s",
    "suction_pressure": "Pa",
    "temperature": "K",
    "temperature_rate": "K/s",
    "temperature_rise": "K",
    "throat_area": "m2",
    "throat_diameter": "m",
    "tip_speed": "m/s",
    "torque": "N m",
    "usable_factor": "-",
    "viscosity": "Pa s",
    "voltage": "V",
    "voltage_efficiency": "-",
    "windage": "-",
    "winding_temperature": "K",
}

DIMENSIONS = {  # powers of kilogram, metre, second
    "-": (0, 0, 0), "1": (0, 0, 0), "K": (0, 0, 0), "A": (0, 0, 0), "rad": (0, 0, 0),
    "kg": (1, 0, 0), "m": (0, 1, 0), "m2": (0, 2, 0), "m3": (0, 3, 0), "s": (0, 0, 1), "s2": (0, 0, 2),
    "N": (1, 1, -2), "Pa": (1, -1, -2), "J": (1, 2, -2), "W": (1, 2, -3), "V": (1, 2, -3), "ohm": (1, 2, -3),
}  # fmt: skip
SCALES = (3.0, 0.7, 1.9)
"""New units: so many of them in a kilogram, a metre, a second."""


def factor(unit: str) -> float:
    """How many of the new units one of the old is: "W/(m2 K)" and the like."""
    above, _, below = unit.partition("/")
    total = np.zeros(3)
    for text, sign in ((above, 1), (below, -1)):
        for symbol in re.findall(r"[A-Za-z]+\d*|-|1", text):
            total += sign * np.array(DIMENSIONS[symbol])
    return float(np.prod(np.array(SCALES) ** total))


def _functions() -> dict[str, Callable[..., Any]]:
    found = {}
    for info in pkgutil.iter_modules(models.components.__path__):
        module = importlib.import_module(f"models.components.{info.name}")
        for name, function in vars(module).items():
            if inspect.isfunction(function) and function.__module__ == module.__name__ and name[0] != "_":
                found[f"{info.name}.{name}"] = function
    return found


FUNCTIONS = _functions()
MARCHED = {name for name in FUNCTIONS if name.startswith(("pressurisation.", "blow_down."))}
OVER_ROWS = sorted(set(FUNCTIONS) - set(NOT_OVER_ROWS) - MARCHED)
DIMENSIONAL = sorted(set(OVER_ROWS) - set(FITTED_IN_SI))


def _specification(annotation: Any, rng: np.random.Generator) -> Any:
    """A specification whose leaves, arrays (ROWS,), lie within 3 % of their defaults (and of their ranges)."""
    spec = annotation()
    values = {}
    for name, leaf in quantity.units(spec).items():
        default = quantity.flatten(spec)[name]
        drawn = default * rng.uniform(0.97, 1.03, ROWS)
        values[name] = np.clip(drawn, leaf.low, leaf.high)
    return quantity.substitute(spec, values)


def drawn(name: str, seed: int) -> dict[str, Any]:
    """Arguments for a function, every number an array (ROWS,)."""
    rng = np.random.default_rng(seed)
    function = FUNCTIONS[name]
    hints = typing.get_type_hints(function)
    result: dict[str, Any] = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name in FLAGS:
            result[parameter.name] = FLAGS[parameter.name]
        elif parameter.name == "width" or parameter.default is None:
            continue
        elif hints[parameter.name] is motor.Design:
            result["motor"] = _specification(motor.Motor, rng)
            duty = (rng.uniform(500, 8e3, ROWS), rng.uniform(2e3, 4e3, ROWS), 1000.0, 1e-3)
            result[parameter.name] = motor.design(*duty, result["motor"])
        elif hints[parameter.name] is drive.Drive:
            result["motor_of"], result["inverter_of"] = (
                _specification(of, rng) for of in (motor.Motor, inverter.Inverter)
            )
            duty = {n: rng.uniform(*_argument("drive.design", n)[1:], ROWS) for n in DUTY}
            result[parameter.name] = drive.design(
                _specification(pump.Pump, rng), result["motor_of"], result["inverter_of"], **duty
            )
        elif hints[parameter.name] is Propellants:
            result[parameter.name] = MON3_MMH
        elif dataclasses.is_dataclass(hints[parameter.name]):
            result.setdefault(parameter.name, _specification(hints[parameter.name], rng))
        else:
            _, low, high = _argument(name, parameter.name)
            result[parameter.name] = rng.uniform(low, high, ROWS)
    return result


def _argument(name: str, parameter: str) -> tuple[str, float, float]:
    own = OWN_ARGUMENTS.get(name, {})
    assert parameter in own or parameter in ARGUMENTS, f"{name}: no range for its parameter {parameter!r}"
    return own.get(parameter) or ARGUMENTS[parameter]


def call(name: str, arguments: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """What the function returns, each number an array (ROWS,), fields of a dataclass flattened by name."""
    with np.errstate(all="ignore"):
        return dict(_numbers("", FUNCTIONS[name](**arguments)))


def _numbers(label: str, value: Any) -> list[tuple[str, np.ndarray]]:
    if dataclasses.is_dataclass(value):
        return [pair for f in dataclasses.fields(value) for pair in _numbers(f.name, getattr(value, f.name))]
    if isinstance(value, tuple):
        return [(f"{label}{k}", np.asarray(v)) for k, v in enumerate(value)]
    return [(label, np.asarray(value))]


def _row(row: int, leaf: np.ndarray, _: str) -> float:
    return float(np.broadcast_to(leaf, (ROWS,))[row])


def each_leaf(value: Any, change: Callable[[np.ndarray, str], Any], unit: str = "") -> Any:
    """`value` with `change(leaf, unit)` for every array in it: plain, in a specification, in a design."""
    if isinstance(value, np.ndarray):
        return change(value, unit)
    if dataclasses.is_dataclass(value) and not isinstance(value, Propellants | type):
        units = {name: leaf.unit for name, leaf in quantity.leaves(value).items()}
        changed = {
            field.name: each_leaf(
                getattr(value, field.name), change, units.get(field.name) or FIELDS.get(field.name, "")
            )
            for field in dataclasses.fields(value)
        }
        return dataclasses.replace(value, **changed)
    return value


@pytest.mark.parametrize("name", OVER_ROWS)
@given(seed=st.integers(0, 10_000))
@settings(max_examples=8)
def test_a_batch_is_its_rows(name: str, seed: int) -> None:
    arguments = drawn(name, seed)
    whole = call(name, arguments)
    for row in range(ROWS):
        one = {key: each_leaf(value, partial(_row, row)) for key, value in arguments.items()}
        for label, value in call(name, one).items():
            expected = np.broadcast_to(whole[label], (ROWS,))[row]
            assert np.isfinite(expected), f"{name} {label}: nothing is compared"
            assert float(value) == pytest.approx(float(expected), rel=ROUNDING, abs=0.0), f"{name} {label}"


@pytest.mark.parametrize("name", OVER_ROWS)
@pytest.mark.parametrize("stranger", [np.nan, 0.0, -1.0, 1e9])
def test_a_row_has_no_neighbours(name: str, stranger: float) -> None:
    """Whatever the other rows hold, nonsense too, a row keeps its numbers, and nothing is raised."""
    arguments = drawn(name, 1)
    whole = call(name, arguments)
    for row in (0, ROWS - 1):
        mine = np.arange(ROWS) == row
        other = {
            key: np.where(mine, value, stranger) if isinstance(value, np.ndarray) else value
            for key, value in arguments.items()
        }
        for label, value in call(name, other).items():
            here, alone = (np.broadcast_to(v, (ROWS,))[row] for v in (value, whole[label]))
            assert here == pytest.approx(alone, rel=ROUNDING, abs=0.0), f"{name} {label}"


@pytest.mark.parametrize("name", DIMENSIONAL)
@given(seed=st.integers(0, 10_000))
@settings(max_examples=4)
def test_outputs_follow_a_change_of_units(name: str, seed: int) -> None:
    """Kilogram, metre and second replaced by others: every output follows its unit, so no formula hides a number."""
    arguments = drawn(name, seed)
    renamed = {}
    for key, value in arguments.items():
        unit = _argument(name, key)[0] if isinstance(value, np.ndarray) else ""
        renamed[key] = each_leaf(value, lambda leaf, of: leaf * factor(of), unit)
    here, there = call(name, arguments), call(name, renamed)
    for label, value in here.items():
        scale = factor(output_unit(name, label))
        assert there[label] == pytest.approx(value * scale, rel=1e-9), f"{name} {label}"


def output_unit(name: str, label: str) -> str:
    """Unit of an output: of its field, of the function, or of what the function's name ends with."""
    if label in FIELDS:
        return FIELDS[label]
    if name in OUTPUTS:
        return OUTPUTS[name]
    ending = next((e for e in ENDINGS if name.endswith(e)), None)
    assert ending, f"{name} {label}: no unit for its result"
    return ENDINGS[ending]


def test_every_exception_exists():
    for exceptions in (NOT_OVER_ROWS, FITTED_IN_SI, OWN_ARGUMENTS, OUTPUTS):
        assert set(exceptions) <= set(FUNCTIONS)
