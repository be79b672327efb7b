"""Readings of tests and data sheets: measurements of the case's uncertain inputs, and what these are afterwards.

A reading of an efficiency is one of the multiplier on the prediction at the same duty, for efficiency is proportional
to it; away from the rated point the prediction follows the pump's map.  A mass is inversely proportional to the
multiplier of specific power, so that its logarithm is read, as that of a data sheet's figures is, whose error is
relative.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models import quantity
from models.components import pump_off_design
from models.lander import Lander
from models.quantity import first_value
from studies.case.hardware import PREDICTED, UNITS, Measured
from studies.case.schema import MeasurementEntry, TestEntry
from studies.case.units import to_si
from uq.calibration import Measurement, Posterior, calibrate
from uq.core.distributions import LogNormal
from uq.core.problem import Columns, Input, Output, Problem, nearest

LOGARITHM = "logarithm of "
"""Before the name of an input whose logarithm was read."""
RATED = {"rated_flow": "flow", "rated_rise": "rise", "rated_speed": "speed"}
"""The duty that a pump was designed for, where it was read at another."""


def of_hardware(one: Measured) -> Measurement:
    """The reading of a quantity from a data sheet.

    Parameters
    ----------
    one : Measured
        The quantity, its value, and the standard deviation of its logarithm.

    Returns
    -------
    Measurement
        Of the logarithm.
    """
    return Measurement(LOGARITHM + one.name, float(np.log(one.value)), one.error)


def reading(entry: MeasurementEntry, k: int, lander: Lander, inputs: Sequence[Input]) -> Measurement:
    """The measurement of an input that an entry of ``[[measurements]]`` is.

    Parameters
    ----------
    entry : MeasurementEntry
        As the case file has it.
    k : int
        Its number.
    lander : Lander
        Whose model predicts what was read.
    inputs : sequence of Input
        The uncertain inputs of the case.

    Returns
    -------
    Measurement
        Of an input, or of its logarithm.

    Raises
    ------
    ValueError
        With the key, for an unknown quantity, a duty that lacks a column, and uncertainties or values that make no
        sense.
    """
    where = f"measurements[{k}]"
    kind, _, what = entry.quantity.partition(".")
    units = {i.name: i.unit for i in inputs}
    if kind in PREDICTED and what in ("efficiency", "mass"):
        unit = "-" if what == "efficiency" else "kg"
    elif entry.quantity in units:
        unit = units[entry.quantity]
        if entry.at:
            raise ValueError(f"{where}.at: {entry.quantity} is an input of the case; it is read at no duty")
    else:
        known = [*units, *(f"{kind}.{what}" for kind in PREDICTED for what in ("efficiency", "mass"))]
        raise ValueError(
            f"{where}.quantity: no uncertain input or test quantity {entry.quantity!r}{nearest(entry.quantity, known)}"
        )
    value = to_si(entry.value, unit, f"{where}.value")
    step = to_si(entry.standard_deviation, unit, f"{where}.standard_deviation")
    if not step > 0.0:
        raise ValueError(f"{where}.standard_deviation: {entry.standard_deviation!r} must be positive")
    shared = 0.0 if entry.systematic is None else to_si(entry.systematic, unit, f"{where}.systematic")
    if shared < 0.0:
        raise ValueError(f"{where}.systematic: {entry.systematic!r} must not be negative")
    group = f"{entry.report} {kind}"
    if entry.quantity in units:
        return Measurement(entry.quantity, value, step, systematic=shared, group=group)
    if not value > 0.0 or (what == "efficiency" and value >= 1.0):
        raise ValueError(f"{where}.value: {entry.value!r} must be positive, and an efficiency below 1")
    name = f"{kind}.{'efficiency' if what == 'efficiency' else 'specific_power'}_multiplier"
    if name not in units:
        raise ValueError(f"{where}.quantity: the case fixes {name}, so that no reading can change it")
    efficiency, mass = _predicted(entry, kind, lander, where)
    ratio = value / efficiency if what == "efficiency" else mass / value
    leaf = quantity.units(lander)[name]
    if not leaf.low <= ratio <= leaf.high:
        raise ValueError(
            f"{where}: its reading makes {name} {ratio:.3g}, outside [{leaf.low:g}, {leaf.high:g}]: the model predicts "
            "nothing like it there; check duty and units"
        )
    if what == "efficiency":
        return Measurement(name, ratio, step / efficiency, systematic=shared / efficiency, group=group)
    return Measurement(
        LOGARITHM + name, float(np.log(ratio)), step / value, systematic=shared / value, group=group
    )


def _predicted(entry: MeasurementEntry, kind: str, lander: Lander, where: str) -> tuple[float, float]:
    """Efficiency and mass that the model predicts where a reading was taken."""
    units = {name: unit for name, unit in UNITS[kind].items() if name != "efficiency"}
    for name in entry.at:
        if name not in units and not (kind == "pump" and name in RATED):
            raise ValueError(f"{where}.at.{name}: is no column of a {kind}{nearest(name, units)}")
    missing = [name for name in units if name not in entry.at]
    if missing:
        raise ValueError(
            f"{where}.at: lacks {', '.join(missing)}; a reading of a {kind} has {', '.join(units)}"
        )
    at = {
        name: to_si(text, UNITS[kind][RATED.get(name, name)], f"{where}.at.{name}")
        for name, text in entry.at.items()
    }
    for name, value in at.items():
        if not value > 0.0:
            raise ValueError(f"{where}.at.{name}: {entry.at[name]!r} must be positive")
    rated = {name: at.get(f"rated_{name}", at[name]) for name in units}
    with np.errstate(all="ignore"):  # at duties beyond all measure, which are refused below
        efficiency = PREDICTED[kind]({**rated, "efficiency": 0.5}, lander, entry.propellant)[0]
        mass = PREDICTED[kind]({**rated, "efficiency": efficiency}, lander, entry.propellant)[1]
        if kind == "pump":
            shares = (at["flow"] / rated["flow"], at["rise"] / rated["rise"])
            efficiency *= first_value(pump_off_design.efficiency_ratio(*shares))
    if not (np.isfinite(efficiency) and efficiency > 0.0):
        raise ValueError(
            f"{where}: the model predicts nothing at this duty; check flow, rise, speed and units"
        )
    return efficiency, mass


def learned(prior: Problem, readings: Sequence[Measurement]) -> Posterior | None:
    """The inputs after all readings.

    Parameters
    ----------
    prior : Problem
        The inputs as known before.
    readings : sequence of Measurement
        Of inputs or their logarithms.

    Returns
    -------
    Posterior or None
        None without readings.

    Raises
    ------
    ValueError
        Where the laws of the inputs exclude the readings.
    """
    if not readings:
        return None
    names = [q.removeprefix(LOGARITHM) for q in (one.quantity for one in readings) if q.startswith(LOGARITHM)]
    return calibrate(as_problem(prior, tuple(dict.fromkeys(names))), readings)


def _logarithms(columns: Columns) -> Mapping[str, np.ndarray]:
    with np.errstate(divide="ignore", invalid="ignore"):
        return {LOGARITHM + name: np.log(values) for name, values in columns.items()}


@dataclass(frozen=True)
class PossibleTest:
    """A test that could be bought: what it reads, how well, and for how much."""

    title: str
    readings: Mapping[str, float]
    """What is read, an input or its logarithm, and the standard deviation of the reading."""
    price: float
    """Million euro."""
    source: str

    @property
    def inputs(self) -> tuple[str, ...]:
        """The inputs that are read."""
        return tuple(name.removeprefix(LOGARITHM) for name in self.readings)

    def measurements(self, world: Mapping[str, float], noise: np.ndarray) -> list[Measurement]:
        """What would be read in a world, with errors of `noise` (r,) standard deviations."""
        found = []
        for (read, std), e in zip(self.readings.items(), noise, strict=True):
            name = read.removeprefix(LOGARITHM)
            value = world[name] if name == read else float(np.log(world[name]))
            found.append(Measurement(read, value + float(e) * std, std))
        return found


def possible_test(entry: TestEntry, name: str, inputs: Sequence[Input]) -> PossibleTest:
    """The test of an entry of ``[tests]``.

    Parameters
    ----------
    entry : TestEntry
        As the case file has it.
    name : str
        Of the test.
    inputs : sequence of Input
        The uncertain inputs of the case.

    Returns
    -------
    PossibleTest

    Raises
    ------
    ValueError
        With the key, for an input that the case does not have, and an accuracy that is not positive.
    """
    units = {i.name: i for i in inputs}
    found = {}
    for k, one in enumerate(entry.readings):
        where = f"tests.{name}.readings[{k}]"
        if one.input not in units:
            raise ValueError(f"{where}.input: no uncertain input {one.input!r}{nearest(one.input, units)}")
        relative = isinstance(units[one.input].distribution, LogNormal)
        std = to_si(one.accuracy, "-" if relative else units[one.input].unit, f"{where}.accuracy")
        if not std > 0.0:
            raise ValueError(f"{where}.accuracy: {one.accuracy!r} must be positive")
        key = LOGARITHM + one.input if relative else one.input
        if key in found:
            raise ValueError(f"{where}.input: {one.input} is read twice; give its accuracy once")
        found[key] = std
    return PossibleTest(entry.title, found, entry.price, entry.source)


def as_problem(prior: Problem, logarithms: Sequence[str] = ()) -> Problem:
    """The inputs with the logarithms of some as outputs: what readings are read of.

    Parameters
    ----------
    prior : Problem
        The inputs of the case.
    logarithms : sequence of str
        Inputs whose logarithm is read.

    Returns
    -------
    Problem
    """
    outputs = tuple(Output(LOGARITHM + name) for name in logarithms)
    return dataclasses.replace(prior, outputs=outputs, model=_logarithms)
