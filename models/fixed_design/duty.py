"""What each pump of a fixed design does in each burn: flow, rise, speed, powers, suction, and how often it turns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.architectures import electric_pump, shared
from models.components import feed_line, pump, pump_off_design, thrust_chamber
from models.fixed_design import drives
from models.fixed_design.design import FixedDesign
from models.fixed_design.flight import Simulated, simulate
from models.flight.mission import BURNS
from models.lander import Lander
from models.properties import propellants
from models.quantity import STANDARD_GRAVITY, Numeric


@dataclass(frozen=True)
class BurnDuty:
    """One pump of a running set in one burn, at which it runs at a constant point; SI units."""

    burn: str
    """Name of the burn."""
    duration: float
    """s."""
    running: float
    """Share of that time that the pump runs: below one where engines pulse or other sets take their turn."""
    throttle: float
    """Of a running engine."""
    engines: float
    """That the set feeds while it runs."""
    flow: float
    """m3/s."""
    rise: float
    """Pa of total pressure."""
    speed: float
    """rad/s."""
    efficiency: float
    """Of the pump."""
    shaft_power: float
    """W."""
    drive_power: float
    """W at the inverter's input, windings as warm as at the end of the burn."""
    winding_temperature: float
    """K at the end of the burn, from the inlet's temperature at its beginning."""
    inlet_temperature: float
    """K."""
    inlet_pressure: float
    """Pa."""
    available: float
    """m of net positive suction head."""
    required: float
    """m, helium-saturated, at 3 % head loss."""

    @property
    def energy(self) -> float:
        """J at the inverter's input."""
        return self.drive_power * self.duration * self.running

    @property
    def revolutions(self) -> float:
        """Of the shaft."""
        return self.speed / (2.0 * np.pi) * self.duration * self.running


@dataclass(frozen=True)
class _Pump:
    """One pump of a set as built, and the engines that it feeds."""

    design: FixedDesign
    lander: Lander
    simulated: Simulated
    k: int

    @property
    def full(self) -> float:
        """m3/s that all engines of the set burn at full thrust."""
        built = self.design.drives
        assert built is not None
        share = self.design.mixture_ratio / (1.0 + self.design.mixture_ratio)
        flow = self.simulated.engine.flow * self.engines * (share, 1.0 - share)[self.k]
        return _one(flow / self.liquid[0])

    @property
    def engines(self) -> float:
        """That a set feeds."""
        built = self.design.drives
        assert built is not None
        return self.design.engines / built.sets

    @property
    def liquid(self) -> tuple[float, float]:
        """kg/m3 and vapour pressure in Pa at the inlet."""
        lander = self.lander
        warm = shared.liquids(lander, shared.of_both(lander, _inlet(lander))[0])
        if self.k:
            return _one(warm.fuel_density), _one(warm.fuel_vapour_pressure)
        return _one(warm.oxidiser_density), _one(warm.oxidiser_vapour_pressure)

    def duty(
        self, burn: str, *, duration: float, running: float, throttle: float, engines: float
    ) -> BurnDuty:
        """At one throttle of so many of the set's engines."""
        design, lander, k = self.design, self.lander, self.k
        assert design.drives is not None
        line = design.drives.lines[k]
        inlet = shared.of_both(lander, _inlet(lander))[k]
        density, vapour = self.liquid
        flow = self.full * throttle * engines / self.engines
        jacket = thrust_chamber.cooling_pressure_drop(lander.thrust_chamber, design.chamber_pressure)
        rise = _one(
            drives.rise(
                design,
                lander,
                self.simulated.engine,
                tank_pressure=design.tank_pressures[k],
                throttle=throttle,
                cooling_drop=jacket * float(k),
            )
        )
        if throttle * engines < self.engines:
            rated = _one(line.work * density)
            rise = rated * _one(pump_off_design.throttled_head(rise / rated, flow / line.flow))
        run = drives.run_line(
            line,
            lander,
            (lander.oxidiser_pump, lander.fuel_pump)[k],
            flow=flow,
            rise=rise,
            density=density,
            viscosity=propellants.viscosity((lander.propellants.oxidiser, lander.propellants.fuel)[k], inlet),
            inlet=inlet,
            duration=duration,
        )
        part = _one(self.simulated.engine.flow) / design.flow
        pressure = design.tank_pressures[k] - _one(
            feed_line.suction_pressure_drop(lander.feed_line, throttle=part * throttle)
        )
        return BurnDuty(
            burn=burn,
            duration=duration,
            running=running,
            throttle=throttle,
            engines=engines,
            flow=flow,
            rise=rise,
            speed=_one(run.speed),
            efficiency=_one(run.efficiency),
            shaft_power=_one(run.shaft),
            drive_power=_one(run.bus),
            winding_temperature=_one(run.motor_temperature),
            inlet_temperature=_one(inlet),
            inlet_pressure=pressure,
            available=(pressure - vapour) / (density * STANDARD_GRAVITY),
            required=_one(pump.required_suction_energy(run.speed, flow, lander.pump)) / STANDARD_GRAVITY,
        )


def duties(design: FixedDesign, lander: Lander) -> tuple[tuple[BurnDuty, ...], tuple[BurnDuty, ...]]:
    """The duty of the oxidiser and the fuel pump of one set, burn by burn, where the realised lander is `lander`.

    The scalar lander of the required values gives the duty that the requirements belong to.  Burns without pumps (a
    landing on thrusters) have none.

    Parameters
    ----------
    design : FixedDesign
        An electric-pump design.
    lander : Lander
        The realised one, scalar.

    Returns
    -------
    tuple of two tuples of BurnDuty
        Of the oxidiser and the fuel pump, in the order of the burns.

    Raises
    ------
    ValueError
        For a pressure-fed design.

    Examples
    --------
    >>> from models.fixed_design.flight import FixedTrade
    >>> oxidiser, fuel = duties(FixedTrade(Lander()).electric_pump, Lander())
    >>> [duty.burn for duty in oxidiser], oxidiser[0].flow > oxidiser[-1].flow
    (['transfer', 'insertion', 'trim', 'braking', 'terminal'], True)
    """
    simulated, sets = _simulated(design, lander)
    flight = simulated.flight
    full = electric_pump.Duty(sets, 1.0, 1.0)
    late = [
        electric_pump.duty(flight, burn, pump_sets=sets, engines=design.engines)
        for burn in (len(BURNS) - 2, len(BURNS) - 1)
    ]
    braking = late[0] if float(np.ravel(lander.engines_out)[0]) > 0.0 else full
    both = (_Pump(design, lander, simulated, 0), _Pump(design, lander, simulated, 1))
    found: list[list[BurnDuty]] = [[], []]
    for burn, how in enumerate((full, full, full, braking, late[1])):
        running = _one(how.sets) / sets
        if not running > 0.0:
            continue
        for of, each in zip(found, both, strict=True):
            engines, throttle, share = _whole_engines(
                _one(how.flow / how.throttle) * each.engines, _one(how.throttle)
            )
            of.append(
                each.duty(
                    BURNS[burn],
                    duration=_one(flight.duration[burn]),
                    running=running * share,
                    throttle=throttle,
                    engines=engines,
                )
            )
    return tuple(found[0]), tuple(found[1])


def least_duties(design: FixedDesign, lander: Lander) -> tuple[BurnDuty, BurnDuty]:
    """The least that a pump of a running set is asked for: one engine of it at the engine's least throttle.

    No controller can ask for less, however it spreads the thrust over engines; the means of burns lie above.

    Parameters
    ----------
    design : FixedDesign
        An electric-pump design.
    lander : Lander
        The realised one, scalar.

    Returns
    -------
    tuple of two BurnDuty
        Of the oxidiser and the fuel pump, as long as the last burn.

    Raises
    ------
    ValueError
        For a pressure-fed design.

    Examples
    --------
    >>> from models.fixed_design.flight import FixedTrade
    >>> design = FixedTrade(Lander()).electric_pump
    >>> least, burns = least_duties(design, Lander())[0], duties(design, Lander())[0]
    >>> least.engines, all(least.flow <= burn.flow for burn in burns)
    (1.0, True)
    """
    simulated, _ = _simulated(design, lander)
    duration = _one(simulated.flight.duration[-1])
    least = _one(lander.thrust_chamber.minimum_throttle)
    oxidiser, fuel = (
        _Pump(design, lander, simulated, k).duty(
            "least", duration=duration, running=1.0, throttle=least, engines=1.0
        )
        for k in (0, 1)
    )
    return oxidiser, fuel


def _whole_engines(engines: float, throttle: float) -> tuple[float, float, float]:
    """Whole engines that give the thrust of `engines` at `throttle`, their throttle, and the share of time they run.

    A landing is sized with a continuous number of engines (`descent.hover`).  The next lower whole number is throttled
    less; where that is past full thrust, the next higher one pulses.
    """
    fewer = max(float(np.floor(engines + 1e-9)), 1.0)
    if (less := throttle * engines / fewer) <= 1.0:
        return fewer, less, 1.0
    more = float(np.ceil(engines))
    return more, throttle, engines / more


def _simulated(design: FixedDesign, lander: Lander) -> tuple[Simulated, float]:
    """The realised lander in flight, and the pump sets that run."""
    if design.drives is None:
        raise ValueError("duties: the design is pressure-fed and has no pumps")
    return simulate(design, lander), design.drives.sets


def _inlet(lander: Lander) -> Numeric:
    """K at the pumps' inlets, before the fuel's own difference."""
    return lander.propellant_temperature + lander.pump_inlet_heating


def _one(value: object) -> float:
    return float(np.ravel(np.asarray(value, dtype=np.float64))[0])
