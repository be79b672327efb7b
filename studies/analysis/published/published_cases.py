"""Published cases, run through the component functions: what was printed, what we compute, and the tolerance.

No case here tests low-pressure tanks, small pumps, the ullage of nitrogen tetroxide, or throttling.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from models.architectures import comparison, pressure_fed
from models.architectures.budget import CONSUMABLES
from models.components import battery, inverter, kwak_2018, motor, pump, tank, thrust_chamber
from models.components.tank import Tank
from models.components.thrust_chamber import ThrustChamber
from models.flight import descent, mission
from models.flight.mission import Mission
from models.properties import combustion, helium
from models.properties.propellants import MON3_MMH, MON3_N2H4
from models.quantity import BAR, STANDARD_GRAVITY, WATT_HOUR
from studies.analysis.published import lee_2021
from studies.case import load


@dataclass(frozen=True)
class Line:
    """One printed number and ours, in `unit`; `tolerance` as a share, or in the unit if `absolute`."""

    case: str
    source: str
    quantity: str
    unit: str
    published: float
    computed: float
    tolerance: float
    absolute: bool = False

    @property
    def deviation(self) -> float:
        """Computed less published, as a share, or in the unit if the tolerance is."""
        difference = self.computed - self.published
        return difference if self.absolute else difference / self.published

    @property
    def met(self) -> bool:
        """Within the tolerance."""
        return abs(self.deviation) <= self.tolerance


KWAK = "Kwak, Kwon and Choi (2018), Aerospace Sci. Technol., table of the LOX/kerosene cycle at 100 kN and 10 MPa"
KWAK_TABLE: Mapping[float, Mapping[str, float]] = {
    300.0: {"propellant": 8350, "battery": 415, "feed": 151, "tanks": 207, "helium": 33, "total": 9156},
    1200.0: {"propellant": 33402, "battery": 1373, "feed": 143, "tanks": 878, "helium": 134, "total": 35930},
}


def kwak_budget(duration: float) -> dict[str, float]:
    """The electric-pump cycle of Kwak, Kwon and Choi for one burn time in s: masses in kg, pump power in W.

    Parameters
    ----------
    duration : float
        s of the burn.

    Returns
    -------
    dict of str to float
        kg and W by name.

    References
    ----------
    Kwak, Kwon and Choi (2018), doi:10.1016/j.ast.2018.02.033.
    """
    chamber_pressure, mixture_ratio, thrust = 10e6, 2.45, 100e3
    density = np.array([1126.1, 804.2])
    tank_pressure = np.array([0.40e6, 0.25e6])
    discharge = np.array([1.15, 1.55]) * chamber_pressure
    flow = thrust / (370.01 * STANDARD_GRAVITY)
    flows = flow * np.array([mixture_ratio, 1.0]) / (1.0 + mixture_ratio)
    loaded = 1.01 * flows * duration
    volume = 1.08 * loaded / density

    # The battery's coolant is fuel that its pump moves in a circle, so pump power and coolant need each other.
    work = (discharge - tank_pressure) / (density * np.array([0.66, 0.61]))
    discharge_efficiency = float(battery.energy_efficiency_kwak(duration))
    coolant = 0.0
    for _ in range(60):
        power = work * (flows + np.array([0.0, coolant]))
        coolant = float(kwak_2018.coolant_flow(power.sum(), discharge_efficiency, 2009.0, 40.0))
    feed = (
        np.sum(pump.mass_kwak(power, np.array([20e3, 15e3])))
        + motor.mass_kwak(power.sum(), 5.3e3)
        + inverter.mass_kwak(power.sum() / 0.95, 60e3)
    )
    pack = battery.mass_kwak(power.sum() / (0.95 * 0.85), duration, 6.95e3, 198 * WATT_HOUR, 1.2)
    gas = 8.314462618 / 3.99733779e-3
    expelled = float((tank_pressure * volume).sum())
    helium_mass = kwak_2018.helium_mass(
        expelled, 27e6, 5e6, 100.0, gas_constant=gas, heat_ratio=1.667, factor=1.1
    )
    bottle = helium_mass * gas * 100.0 / 27e6  # a sphere in the oxygen tank
    tank_volume = volume + np.array([bottle, 0.0])
    design = kwak_2018.tank_pressure(
        tank_pressure, density, 4.5 * STANDARD_GRAVITY, tank_volume, tank_volume / (loaded / density)
    )
    tanks = np.sum(kwak_2018.sphere_mass(tank_volume, design, 2850.0, 250e6, 2.5))
    parts = {
        "propellant": float(loaded.sum()),
        "battery": float(pack),
        "feed": float(feed),
        "tanks": float(tanks + kwak_2018.sphere_mass(bottle, 27e6, 4430.0, 1100e6, 1.2)),
        "helium": float(helium_mass),
    }
    return {**parts, "total": sum(parts.values()), "power": float(power.sum())}


CATALOGUE = np.array(
    [
        (165, 20.0, 10.8),
        (198, 18.6, 18),
        (282, 18.6, 21),
        (331, 18.6, 27),
        (235, 22.0, 16),
        (235, 19.5, 16),
        (516, 19.5, 29),
        (700, 19.5, 36),
        (1108, 19.5, 49),
        (176.5, 24.63, 13.5),
    ]
)
"""ArianeGroup and MT Aerospace, Ti-6Al-4V with propellant management device: litres, bar, kg."""

AEROZINE = {"LM descent engine": (335.9, 0.9472), "LM ascent engine": (335.5, 0.9492)}
"""s, and frozen over equilibrium; impulse of NASA's CEA for engines on Aerozine 50, a fuel for which we ship no
table."""
ENGINES = (
    ("LM descent engine", MON3_MMH, 0.71e6, 1.60, 47.5, 305.0),
    ("LM ascent engine", MON3_MMH, 0.83e6, 1.60, 45.6, 311.0),
    ("OMS AJ10-190", MON3_MMH, 0.86e6, 1.65, 55.0, 316.0),
    ("R-42DM", MON3_N2H4, 0.96e6, 1.00, 200.0, 327.0),
    ("LEROS-2b", MON3_MMH, 1.03e6, 1.65, 150.0, 319.5),
    ("AJ23-153 Transtar", MON3_MMH, 2.41e6, 1.80, 136.0, 328.0),
    ("Aestus II", MON3_MMH, 6.0e6, 1.90, 300.0, 340.0),
)
"""Flown storable engines (public engine configurations with their own sources): Pa, mixture ratio, area ratio, s."""


def lines() -> Iterator[Line]:
    """Every line of every case, V1 to V14.

    Returns
    -------
    iterator of Line
        In the order of the cases.
    """
    for duration, table in KWAK_TABLE.items():
        budget = kwak_budget(duration)
        for name, printed in table.items():
            one = name == "helium"
            yield Line(
                f"V1 electric-pump cycle, {duration:.0f} s", KWAK, name, "kg", printed, budget[name],
                0.5 if one else 0.005, one,
            )  # fmt: skip
    yield from _helium()
    yield from _equilibrium()
    yield from _descent()
    volume, pressure, mass = CATALOGUE.T
    ratio = tank.mass(volume * 1e-3, pressure * BAR, Tank()) / mass
    for what, value, tolerance in (
        ("mean of model over catalogue", float(np.mean(ratio)), 0.10),
        ("1 + root mean square deviation", 1.0 + float(np.sqrt(np.mean((ratio - 1.0) ** 2))), 0.20),
    ):
        yield Line(
            "V5 titanium tanks", "ArianeGroup and MT Aerospace catalogue", what, "", 1.0, value, tolerance
        )
    case, source = "V6 delivered specific impulse", "flown storable engines (public engine configurations)"
    shares = []
    for engine, pair, at, mixture, area, printed in ENGINES:
        own = combustion.efficiency(at)
        if engine in AEROZINE:
            ideal, frozen = AEROZINE[engine]
            left = 1.0 - combustion.kinetic_loss(at, area, frozen)
            computed = _first(own * ideal * left / (1.0 - combustion.reference_kinetic_loss(pair, at)))
        else:
            computed = _first(combustion.delivered(pair, at, mixture, area, efficiency=own).specific_impulse)
        shares.append(computed / printed)
        yield Line(case, source, engine, "s", printed, computed, 0.03)
    yield Line(case, source, "mean of model over flown", "", 1.0, float(np.mean(shares)), 0.03)
    tenth = _first(311.0 * combustion.throttled(0.1))
    yield Line(case, source, "LM descent engine at 10 % thrust", "s", 285.0, tenth, 0.03)
    case, source = "V7 cell at constant power", "closed form"
    for power, amperes, printed in ((50.0, 14.348, 0.9418), (100.0, 30.897, 0.8747)):
        current = _first(battery.current(power, 3.7, 15e-3))
        yield Line(case, source, f"current at {power:.0f} W", "A", amperes, current, 1e-4)
        share = power / (3.7 * current)
        yield Line(case, source, f"efficiency at {power:.0f} W", "", printed, share, 1e-4)
    yield from _pumps()
    yield from _vehicle()
    yield from _similarity()
    yield from _lee()
    yield from _geometry()
    yield from _shares()
    yield from _soft_landing()


SLIM_WET, SLIM_DRY, SLIM_IMPULSE = 715.0, 200.0, 315.0
"""kg at launch, kg after its 515 kg of propellant, s: the middle of what engines of its class deliver (310 to 320)."""


def slim_landed(velocity: float) -> float:
    """kg that a lander like SLIM (two engines of 500 N) lands after burns of `velocity` (m/s) together: braking,
    diverts and hover, the rest orbit insertion.

    Parameters
    ----------
    velocity : float
        m/s of all burns.

    Returns
    -------
    float
        kg.
    """
    low, high = 100.0, 2000.0
    for _ in range(60):
        insertion = 0.5 * (low + high)
        flight = mission.fly(
            Mission(transfer=500.0, insertion=insertion, trim=20.0, reserve_factor=1.0),
            launch_mass=SLIM_WET,
            thrust=1000.0,
            specific_impulse=SLIM_IMPULSE,
            thruster_share=0.0,
            thruster_specific_impulse=SLIM_IMPULSE,
            minimum_throttle=0.3,
            engines=2.0,
            throttling_loss=0.0252,
        )
        enough = float(flight.delta_velocity.sum()) > velocity
        low, high = (low, insertion) if enough else (insertion, high)
    return float(flight.landed_mass)


def _vehicle() -> Iterator[Line]:
    source = "SLIM, JAXA/ISAS: 715 kg at launch with 515 kg of propellant"
    landed = slim_landed(SLIM_IMPULSE * STANDARD_GRAVITY * float(np.log(SLIM_WET / SLIM_DRY)))
    yield Line("V9 vehicle closure", source, "landed after burns of 3935 m/s", "kg", SLIM_DRY, landed, 0.05)
    source = "budget of a two-stage lander with 5 % reserve (PMC7385728, table 4)"
    braking = _first(descent.braking(2.0, 310.0 * STANDARD_GRAVITY).delta_velocity)
    landing = _first(Mission().divert + descent.hover_delta_velocity(Mission().hover))
    nominal = _first(descent.descent_orbit_insertion(100e3, 15e3)) + braking + landing
    what = "low orbit to surface with diverts, hover and reserve"
    yield Line("V9 velocity budget", source, what, "m/s", 2180.0, 1.05 * nominal, 0.05)


def _first(value: Any) -> float:
    return float(np.ravel(value)[0])


def _helium() -> Iterator[Line]:
    case, source = "V2 helium as a real gas", "CoolProp 8 (reference equation of state)"
    for pressure, temperature, printed in (
        (30e6, 293.15, 43.166),
        (31e6, 293.15, 44.427),
        (27.6e6, 300.0, 39.296),
    ):
        found = _first(helium.density(pressure, temperature))
        what = f"density at {pressure / 1e6:g} MPa, {temperature:g} K"
        yield Line(case, source, what, "kg/m3", printed, found, 1e-3)
    entropy = helium.entropy(helium.density(31e6, 293.15), 293.15)
    cold = _first(helium.temperature_isentropic(10e6, entropy, 200.0))
    yield Line(case, source, "isentropic from 31 to 10 MPa", "K", 187.38, cold, 2e-3)
    bottle = {"bottle_pressure": 31e6, "end_pressure": 2.5e6, "temperature": 293.15}
    slow = helium.expel_isothermal(1.0, 0.3e6, **bottle)
    fast = helium.expel_adiabatic(1.0, 0.3e6, **bottle)
    enthalpy = helium.enthalpy(helium.density(24e6, 293.15), 293.15)
    warm = _first(helium.temperature_isenthalpic(2e6, enthalpy, 300.0))
    yield Line(case, source, "isenthalpic from 24 to 2 MPa", "K", 306.7, warm, 0.3, True)
    for name, end, mass, litres, tolerance in (
        ("isothermal", slow, 0.541, 12.19, 5e-3),
        ("adiabatic", fast, 0.890, 20.02, 1e-2),
    ):
        what = f"1 m3 at 0.3 MPa, {name}"
        yield Line(case, source, what, "kg", mass, _first(end.helium_mass), tolerance)
        yield Line(case, source, f"{what}, bottle", "L", litres, 1e3 * _first(end.bottle_volume), tolerance)
    yield Line(case, source, "adiabatic bottle at its end", "K", 107.9, _first(fast.bottle_temperature), 1e-2)
    yield Line(case, source, "adiabatic ullage at its end", "K", 214.0, _first(fast.ullage_temperature), 1e-2)


def _equilibrium() -> Iterator[Line]:
    source = "NASA CEA 3.3.4, area ratio 150"
    for pair, name, ratio, at, shifting, chamber, throat, velocity, flame in (
        (MON3_MMH, "N2O4/MMH", 1.65, 0.7e6, 345.17, 326.52, 332.90, 1738.2, 3032.0),
        (MON3_MMH, "N2O4/MMH", 1.65, 1.0e6, 345.27, 328.03, 334.03, 1741.8, 3059.0),
        (MON3_MMH, "N2O4/MMH", 1.65, 2.0e6, 345.45, 330.75, 336.00, 1747.9, 3110.0),
        (MON3_MMH, "N2O4/MMH", 1.65, 5.0e6, 345.63, 333.91, 338.15, 1754.1, 3170.0),
        (MON3_N2H4, "N2O4/N2H4", 1.00, 1.0e6, 347.02, 335.45, 340.67, 1777.7, 2950.0),
    ):
        found = combustion.ideal(pair, at, ratio, 150.0)
        for what, unit, printed, computed in (
            ("equilibrium", "s", shifting, found.specific_impulse),
            ("frozen from the chamber", "s", chamber, found.specific_impulse_frozen_chamber),
            ("frozen from the throat", "s", throat, found.specific_impulse_frozen_throat),
            ("characteristic velocity", "m/s", velocity, found.characteristic_velocity),
            ("chamber temperature", "K", flame, found.chamber_temperature),
        ):
            label = f"{name} at {at / 1e6:g} MPa, {what}"
            yield Line("V3 combustion", source, label, unit, printed, _first(computed), 1.5e-3)


def _descent() -> Iterator[Line]:
    case, source = "V4 powered descent", "direct collocation, optimal"
    for ratio, impulse, printed in (
        (1.2, 320.0, 1878.4),
        (2.0, 320.0, 1770.7),
        (3.0, 320.0, 1745.4),
        (2.0, 280.0, 1764.8),
        (2.0, 340.0, 1773.3),
    ):
        found = _first(descent.braking(ratio, impulse * STANDARD_GRAVITY).delta_velocity)
        what = f"braking at {ratio:g} lunar weights, {impulse:g} s"
        yield Line(case, source, what, "m/s", printed, found, 3e-3)
    for ratio, seconds, left in ((1.2, 725.2, 0.550), (2.0, 416.6, 0.5688), (3.0, 274.7, 0.573)):
        phase = descent.braking(ratio, 320.0 * STANDARD_GRAVITY)
        what = f"braking at {ratio:g} lunar weights"
        yield Line(case, source, f"{what}, duration", "s", seconds, _first(phase.duration), 3e-3)
        yield Line(case, source, f"{what}, mass left", "", left, _first(phase.mass_ratio), 3e-3)


def _pumps() -> Iterator[Line]:
    for name, mixture, impulse, densities, printed in (
        ("MON-3/MMH", 1.65, 320.0, np.array([1434.5, 879.8]), 0.2750),
        ("N2O4/N2H4", 1.00, 327.0, np.array([1441.5, 1010.1]), 0.2625),
        ("LOX/CH4", 3.20, 355.0, np.array([1140.5, 422.5]), 0.3530),
    ):
        flow = np.array([mixture, 1.0]) / (1.0 + mixture) / (impulse * STANDARD_GRAVITY)
        ideal = pump.SuppliedPump(required_efficiency=np.array([1.0, 1.0]))
        pumps = pump.design(flow / densities, 1e6, densities, 1e-3, 1e6, pump.Pump(), supplied=ideal)
        found, what = float(np.sum(pumps.shaft_power)), f"{name}, 1 N and 1 MPa"
        yield Line("V8 ideal pump power", "closed form", what, "W", printed, found, 5e-3)


def _similarity() -> Iterator[Line]:
    for rpm, litres, density, printed in ((40_000, 4.10, 879.8, 0.0890), (30_000, 4.149, 1434.5, 0.0969)):
        number = _first(pump.specific_speed(rpm * np.pi / 30, litres / 60e3, 2.5e6 / density))
        what = f"specific speed at {rpm} 1/min, {litres:g} L/min"
        yield Line("V10 pump similarity", "closed form", what, "", printed, number, 5e-3)


LEE = "Lee et al. (2021): engine of 500 N on LOX/RP-1 at 2 MPa and 340 s, burnt for 600 s, pumps of 829 W together"


def _lee() -> Iterator[Line]:
    """Both readings of the paper's power unit, the power of its pumps, and our own laws at that size."""
    case, printed, unit = "V11 electric pumps of a 500 N engine", 829.0, lee_2021.Unit()
    flow = 500.0 / (340.0 * STANDARD_GRAVITY)
    rise, densities = 2.0 * (2.0e6 - 0.33e6), (1141.0, 806.0)

    def pumps(margin: float) -> float:
        return lee_2021.pump_power(flow, 2.6, rise, densities, unit, margin=margin)

    slow, fast = "inverters of 0.65 kW/kg", "inverters of 60 kW/kg"
    stored, discharge = (
        lee_2021.battery_by_energy(printed, 600.0, unit),
        battery.energy_efficiency_kwak(600.0),
    )
    for what, symbol, published, computed, tolerance in (
        ("propellant flow", "kg/s", 0.150, flow, PRINTED_FLOW),
        ("propellant with 10 % of margin", "kg", 99.0, 1.1 * 600.0 * flow, 5e-3),
        ("pumps' power, flow with the same margin", "W", printed, pumps(0.1), DENSITIES),
        ("motors by their specific power", "kg", 0.95, lee_2021.motors(printed, unit), PRINTED_MASS),
        (slow, "kg", 1.47, lee_2021.inverters(printed, 650.0, unit), PRINTED_MASS),
        (f"battery by power, {slow}", "kg", 2.44, lee_2021.battery_by_power(printed, unit), PRINTED_MASS),
        (f"battery by energy, {slow}", "kg", 0.88, stored, PRINTED_MASS),
        (f"power unit, {fast}", "kg", 2.585, lee_2021.power_unit(printed, unit), 2e-4),
        ("discharge efficiency over 600 s", "", 0.925, _first(discharge), 1e-3),
    ):
        yield Line(case, LEE, what, symbol, published, computed, tolerance)
    # Ours, two drives of half the power; tolerances are the factors of the priors on these laws.
    half, speed = 0.5 * printed, 57_940 * np.pi / 30
    own = half / _first(motor.mass(half, speed, motor.Motor()))
    yield Line(case, LEE, "specific power of motors, our law", "W/kg", 875.0, own, 0.6)
    output = half / unit.motor_efficiency
    own = output / _first(inverter.mass(output, inverter.Inverter()))
    yield Line(case, LEE, "specific power of inverters, our law", "W/kg", 650.0, own, 0.8)


PRINTED_FLOW = 1e-3
PRINTED_MASS = 6e-3
"""Half of the last digit of 0.95 and 0.88 kg, as a share."""
DENSITIES = 0.02
"""Oxygen of 1126 to 1141 and kerosene of 800 to 810 kg/m3: the paper prints none.  Without the margin in the flow the
pumps would need 742 W, 10 % less than it says."""

FLOWN_GEOMETRY: tuple[tuple[str, float, float, float, float, float], ...] = (
    ("LM descent engine, to Apollo 14", 46.7e3, 0.71e6, 47.5, 2.16, 1.50),
    ("LM descent engine, Apollo 15 on", 46.7e3, 0.71e6, 53.6, 2.54, 1.60),
    ("LM ascent engine", 15.6e3, 0.83e6, 45.6, 1.346, 0.826),
    ("Aestus", 29.6e3, 1.1e6, 84.0, 2.2, 1.32),
    ("R-4D", 490.0, 0.693e6, 45.0, 0.305, 0.152),
    ("Surveyor TD-339", 462.0, 1.72e6, 85.0, 0.337, 0.133),
    ("R-42", 890.0, 0.72e6, 160.0, 0.79, 0.39),
)
"""Engine, N, Pa, area ratio, length m, exit diameter m."""
LENGTH_SCATTER = 2 * 0.083
"""Twice the residual of engine lengths about their own fit (`tests/reference/fit_priors.py`)."""


def _geometry() -> Iterator[Line]:
    case = "V12 engine geometry"
    source = "Smithsonian and Wikipedia pages (tests/reference/hardware/engines.csv)"
    chamber = ThrustChamber()
    for name, thrust, pressure, ratio, length, diameter in FLOWN_GEOMETRY:
        coefficient = thrust_chamber.performance(chamber, MON3_MMH, pressure, 1.65, ratio).thrust_coefficient
        shape = thrust_chamber.geometry(chamber, thrust, pressure, coefficient, ratio)
        yield Line(case, source, f"{name}, length", "m", length, _first(shape.length), LENGTH_SCATTER)
        yield Line(case, source, f"{name}, exit diameter", "m", diameter, _first(shape.exit_diameter), 0.07)


@cache
def _propellant_share(name: str) -> float:
    """Of the pressure-fed lander of a shipped case, every input at its median: all propellant over launch mass."""
    sizing = comparison.size(pressure_fed, load(name).baseline()).sizing
    return sum(_first(sizing.masses[item]) for item in CONSUMABLES - {"helium"}) / _first(sizing.launch_mass)


def _shares() -> Iterator[Line]:
    case = "V13 propellant share"
    for lander, name, printed in (("HAKUTO-R M1", "small", 0.66), ("ispace Series 3", "series3", 0.71)):
        what = f"{lander}, propellant over wet mass (case {name})"
        yield Line(
            case, "ispace, public wet and dry mass", what, "", printed, _propellant_share(name), 0.05, True
        )


def _soft_landing() -> Iterator[Line]:
    """Meditch: from height 1 at speed 0.783 downwards, thrust 0 or 1.227, exhaust velocity 2.349, gravity 1."""
    case = "V14 soft landing of least propellant"
    source = (
        "Meditch (1964), IEEE Trans. Automatic Control 9, 477: fall, then full thrust; figures by integrating his "
        "equations to 1e-12 and seeking the switch, mass left confirmed by 40 free throttles"
    )
    height = 1e3
    speed, time = (descent.LUNAR_GRAVITY * height) ** 0.5, (height / descent.LUNAR_GRAVITY) ** 0.5
    found = descent.soft_landing(height, 0.783 * speed, 1.227, 2.349 * speed)
    velocity = 0.783 * speed + descent.hover_delta_velocity(found.fall + found.burn)
    for what, printed, computed in (
        ("fall, over the root of height over gravity", 0.23926, found.fall / time),
        ("full thrust, over the root of height over gravity", 1.15755, found.burn / time),
        ("mass left", 0.39535, found.mass_ratio),
        (
            "mass left, by the velocity increment of terminal descents",
            0.39535,
            np.exp(-velocity / 2.349 / speed),
        ),
    ):
        yield Line(case, source, what, "", printed, _first(computed), 5e-5)
