"""Required values in a case: their short names, and the residuals that they replace with the prediction."""

from __future__ import annotations

from collections.abc import Collection

ALIASES = {
    "pump.efficiency": ("oxidiser_pump.required_efficiency", "fuel_pump.required_efficiency"),
    "oxidiser_pump.efficiency": ("oxidiser_pump.required_efficiency",),
    "fuel_pump.efficiency": ("fuel_pump.required_efficiency",),
    "pump.specific_power": ("pump.required_specific_power",),
    "motor.efficiency": ("motor.required_efficiency",),
    "inverter.efficiency": ("inverter.required_efficiency",),
    "battery.energy_density": ("battery.specific_energy",),
}
"""Shorter names that people try first, on the command line; the pumps of both propellants may be named together."""

RESIDUALS = {
    "pump.efficiency_multiplier": ALIASES["pump.efficiency"],
    "pump.specific_power_multiplier": ("pump.required_specific_power",),
    "motor.efficiency_multiplier": ("motor.required_efficiency",),
    "motor.specific_power_multiplier": ("motor.required_specific_power",),
    "inverter.efficiency_multiplier": ("inverter.required_efficiency",),
    "inverter.specific_power_multiplier": ("inverter.required_specific_power",),
}
"""Residual of a prediction, and the required values that replace it."""


def replaced(required: Collection[str]) -> set[str]:
    """Residuals that move nothing any more, because a required value stands in place of each prediction.

    Parameters
    ----------
    required : collection of str
        Quantities that have a required value, or a distribution of it.

    Returns
    -------
    set of str
        Names of inputs.

    Examples
    --------
    >>> replaced(["motor.required_efficiency", "fuel_pump.required_efficiency"])
    {'motor.efficiency_multiplier'}
    """
    return {residual for residual, by in RESIDUALS.items() if set(by) <= set(required)}
