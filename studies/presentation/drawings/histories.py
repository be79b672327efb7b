"""What a design does in time: thrust, flows, power, charge, temperatures and pressures over all burns."""

from __future__ import annotations

import numpy as np

from models.architectures.comparison import Best
from models.fixed_design.timeline import Timeline, march
from models.flight.mission import BURNS
from models.lander import Lander
from models.quantity import BAR, STANDARD_GRAVITY, ZERO_CELSIUS, FloatArray
from uq.core.table import Cell, Column, Table, header
from uq.report import design_figures
from uq.report.document import Figure

STEPS = 24
DECIMALS = {"kN": 2, "-": 2, "kg/s": 2, "kg": 0, "bar": 1, "degC": 0, "kW": 1, "kWh": 2, "V": 1}
"""On a page, by unit; the file has all."""


def history(best: Best, lander: Lander) -> Timeline:
    """The march of one best design.

    Parameters
    ----------
    best : Best
        The best design of one concept.
    lander : Lander
        The one that was sized.

    Returns
    -------
    Timeline
    """
    return march(lander, best.sizing, steps=STEPS)


def _of_one(values: FloatArray) -> FloatArray:
    """(burns, steps + 1) of the only lander."""
    return np.asarray(values).reshape(*np.shape(values)[:2], -1)[:, :, 0]


def columns(best: Best, lander: Lander, timeline: Timeline) -> dict[tuple[str, str], FloatArray]:
    """Every history by (name, unit), each (burns, steps + 1).

    Parameters
    ----------
    best : Best
        The best design of one concept.
    lander : Lander
        The specification, scalar.
    timeline : Timeline
        Histories over all burns.

    Returns
    -------
    dict of tuple to ndarray (burns, steps + 1)
        By name and unit.
    """
    flow = _of_one(timeline.oxidiser_flow) + _of_one(timeline.fuel_flow)
    impulse = float(np.asarray(best.sizing.specific_impulse).ravel()[0])
    found = {
        ("thrust of all main engines", "kN"): flow * impulse * STANDARD_GRAVITY / 1e3,
        ("throttle", "-"): _of_one(timeline.throttle),
        ("oxidiser flow", "kg/s"): _of_one(timeline.oxidiser_flow),
        ("fuel flow", "kg/s"): _of_one(timeline.fuel_flow),
        ("mass", "kg"): _of_one(timeline.mass),
        ("chamber pressure", "bar"): _of_one(timeline.chamber_pressure) / BAR,
        ("oxidiser tank pressure", "bar"): _of_one(timeline.oxidiser_tank_pressure) / BAR,
        ("fuel tank pressure", "bar"): _of_one(timeline.fuel_tank_pressure) / BAR,
        ("bottle pressure", "bar"): _of_one(timeline.bottle_pressure) / BAR,
        ("bottle gas", "degC"): _of_one(timeline.bottle_temperature) - ZERO_CELSIUS,
    }
    electric = timeline.electric
    if electric is not None:
        house = float(np.asarray(lander.bus.house_load).ravel()[0])
        found |= {
            ("electric power of the pumps", "kW"): _of_one(electric.power) / 1e3,
            ("electric power with the bus", "kW"): (_of_one(electric.power) + house) / 1e3,
            ("electric energy drawn", "kWh"): _of_one(electric.energy) / 3.6e6,
            ("state of charge", "-"): _of_one(electric.charge),
            ("pack voltage", "V"): _of_one(electric.voltage),
            ("battery", "degC"): _of_one(electric.battery_temperature) - ZERO_CELSIUS,
            ("oxidiser motor windings", "degC"): _of_one(electric.oxidiser_motor_temperature) - ZERO_CELSIUS,
            ("fuel motor windings", "degC"): _of_one(electric.fuel_motor_temperature) - ZERO_CELSIUS,
            ("inverters", "degC"): _of_one(electric.inverter_temperature) - ZERO_CELSIUS,
        }
    return found


def history_table(best: Best, lander: Lander, timeline: Timeline) -> Table:
    """Every history, a row for each step of each burn.

    Parameters
    ----------
    best : Best
        The best design of one concept.
    lander : Lander
        The specification, scalar.
    timeline : Timeline
        Histories over all burns.

    Returns
    -------
    Table
    """
    found = columns(best, lander, timeline)
    time = _of_one(timeline.time)
    rows: list[tuple[Cell, ...]] = [
        (burn, float(time[k, s]), *(float(values[k, s]) for values in found.values()))
        for k, burn in enumerate(BURNS)
        for s in range(time.shape[1])
    ]
    heads = header("burn | time from ignition [s]:1")
    return Table(
        "histories",
        "Histories of all burns",
        (*heads, *(Column(n, u, DECIMALS[u]) for n, u in found)),
        tuple(rows),
    )


def history_figure(best: Best, lander: Lander, timeline: Timeline) -> Figure:
    """All histories over one time axis; limits dashed, the worst moment of each panel marked.

    Parameters
    ----------
    best : Best
        The best design of one concept.
    lander : Lander
        The specification, scalar.
    timeline : Timeline
        Histories over all burns.

    Returns
    -------
    Figure
    """
    found = {name: values for (name, _), values in columns(best, lander, timeline).items()}
    panels: dict[str, dict[str, FloatArray]] = {
        "thrust, kN": {"all main engines": found["thrust of all main engines"]},
        "flow, kg/s": {"oxidiser": found["oxidiser flow"], "fuel": found["fuel flow"]},
    }
    limits: dict[str, dict[str, tuple[str, float]]] = {}
    worst: dict[str, str] = {}
    if timeline.electric is not None:
        panels |= {
            "power, kW": {
                "pumps": found["electric power of the pumps"],
                "with the bus": found["electric power with the bus"],
            },
            "state of charge": {"battery": found["state of charge"]},
            "pack voltage, V": {"pack": found["pack voltage"]},
            "battery, degC": {"battery": found["battery"]},
            "drives, degC": {
                "oxidiser windings": found["oxidiser motor windings"],
                "fuel windings": found["fuel motor windings"],
                "inverters (no limit in the model)": found["inverters"],
            },
        }
        depth = float(np.asarray(lander.battery.depth).ravel()[0])
        cells, windings = (
            float(np.asarray(part.maximum_temperature).ravel()[0]) - ZERO_CELSIUS
            for part in (lander.battery, lander.motor)
        )
        limits |= {
            "state of charge": {"battery": ("battery: deepest discharge allowed", 1.0 - depth)},
            "battery, degC": {"battery": ("battery: highest allowed", cells)},
            "drives, degC": {"fuel windings": ("windings of both motors: highest allowed", windings)},
        }
        worst |= {
            "power, kW": "most",
            "state of charge": "least",
            "pack voltage, V": "least",
            "battery, degC": "most",
            "drives, degC": "most",
        }
    panels |= {
        "pressure, bar": {
            "oxidiser tank": found["oxidiser tank pressure"],
            "fuel tank": found["fuel tank pressure"],
            "chamber": found["chamber pressure"],
        },
        "bottle, bar": {"bottle": found["bottle pressure"]},
    }
    worst["bottle, bar"] = "least"
    return design_figures.histories(
        "histories",
        "Histories of all burns, coasts cut out",
        panels,
        _of_one(timeline.time),
        BURNS,
        limits=limits,
        worst=worst,
        label="burn time, min (coasts cut out)",
        alt="Thrust, flows, "
        + ("electric power, charge, voltage, temperatures, " if timeline.electric is not None else "")
        + "tank, chamber and bottle pressure over the burns "
        + ", ".join(BURNS)
        + ".",
    )
