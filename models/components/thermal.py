"""Where the heat of the drives goes: into the fuel, and what is left into a sink."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from models import quantity
from models.quantity import FloatArray, Numeric


@dataclass(frozen=True)
class Thermal:
    """Cooling of motors and inverters.  Heat is 15 to 35 % of the electric power (the drives' losses)."""

    fuel_share: Annotated[Numeric, "-", (0.0, 1.0)] = 0.8
    """Of the drives' heat; flooded motors give it all, inverters through a cold plate (judgement)."""
    fuel_temperature_limit: Annotated[Numeric, "K", (0.0, 100.0)] = 15.0
    """Rise of the fuel that drives may cause: beyond, it nears cavitation (judgement)."""
    sink_specific_heat: Annotated[Numeric, "J/kg", (1e3, 1e6)] = 17.5e3
    """Aluminium, 15 to 20 kJ/kg: a rise of 17 to 22 K."""
    phase_change_heat: Annotated[Numeric, "J/kg", (1e3, 1e6)] = 175e3
    """Paraffin, 150 to 200 kJ/kg."""
    phase_change_share: Annotated[Numeric, "-", (0.0, 1.0)] = 0.5
    """Of the sink."""
    container_factor: Annotated[Numeric, "-", (1.0, 3.0)] = 1.3
    """Filled container over filling (judgement)."""
    fixed_mass: Annotated[Numeric, "kg", (0.0, 20.0)] = 0.5
    """Straps and plates (judgement)."""

    def __post_init__(self) -> None:
        quantity.check(self)


def fuel_temperature_rise(
    heat_rate: Numeric, flow: Numeric, specific_heat: Numeric, thermal: Thermal
) -> FloatArray:
    """dT = share Q / (m_dot c_p), K: 1 to 3 K at the rated point; heat_rate W, flow kg/s, specific heat
    J/(kg K).

    NaN above the limit (hot fuel cavitates and decomposes) or without flow.

    >>> round(float(fuel_temperature_rise(1200.0, 0.29, 2930.0, Thermal())), 2)
    1.13
    """
    rise = thermal.fuel_share * heat_rate / (np.where(np.asarray(flow) > 0.0, flow, np.nan) * specific_heat)
    return np.where(rise <= thermal.fuel_temperature_limit, rise, np.nan)


def sink_mass_aluminium(energy: Numeric, thermal: Thermal) -> Numeric:
    """m = Q / q, kg, q = 15 to 20 kJ/kg: aluminium warmed by 17 to 22 K; energy in J."""
    return energy / thermal.sink_specific_heat


def sink_mass_phase_change(energy: Numeric, thermal: Thermal) -> Numeric:
    """m = k Q / h, kg, h = 150 to 200 kJ/kg (paraffin) and container k = 1.3 (judgement); energy in J."""
    return thermal.container_factor * energy / thermal.phase_change_heat


def mass(energy: Numeric, thermal: Thermal) -> Numeric:
    """Straps and plates plus the sink for what the fuel does not take, kg; energy J is the drives' heat of
    one burn sequence.

    All aluminium, half and half, all phase change; 1 to 6 kg is usual:

    >>> [round(float(mass(500e3, Thermal(phase_change_share=share))), 2) for share in (0.0, 0.5, 1.0)]
    [6.21, 3.73, 1.24]
    """
    rest = (1.0 - thermal.fuel_share) * energy
    share = thermal.phase_change_share
    return (
        thermal.fixed_mass
        + (1.0 - share) * sink_mass_aluminium(rest, thermal)
        + share * sink_mass_phase_change(rest, thermal)
    )
