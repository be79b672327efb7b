"""Motor controllers: conduction and switching losses, efficiency over load, mass with filters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from models import quantity
from models.quantity import FloatArray, Numeric, required_or_predicted


@dataclass(frozen=True)
class Inverter(quantity.Specification):
    """One inverter for one motor.  Required values above zero replace the predictions; zero means that
    there is none.

    Losses are shares of the rated output: control and gate drive (standing), switching (linear), conduction
    (quadratic).
    """

    efficiency_multiplier: Annotated[Numeric, "-", (0.5, 1.5)] = 1.0
    """On the prediction."""
    required_efficiency: Annotated[Numeric, "-", (0.0, 0.995)] = 0.0
    """At rated output, as required; zero if none."""
    specific_power_multiplier: Annotated[Numeric, "-", (0.05, 20.0)] = 1.0
    """On the prediction."""
    required_specific_power: Annotated[Numeric, "W/kg", (0.0, 1e6)] = 0.0
    """Rated output over mass, filters included, as required; zero if none."""
    standing_loss: Annotated[Numeric, "-", (0.0, 0.2)] = 0.008
    """Share of rated output (judgement)."""
    standing_power: Annotated[Numeric, "W", (0.0, 1e3)] = 10.0
    """Control electronics, whatever the rating (judgement)."""
    switching_loss: Annotated[Numeric, "-", (0.0, 0.2)] = 0.025
    """Share of rated output, linear in load (judgement)."""
    conduction_loss: Annotated[Numeric, "-", (0.0, 0.2)] = 0.022
    """Share of rated output, quadratic in load (judgement)."""
    specific_power: Annotated[Numeric, "W/kg", (100.0, 1e5)] = 4e3
    """Without filters (judgement)."""
    control_mass: Annotated[Numeric, "kg", (0.0, 10.0)] = 0.37
    """Control electronics and housing of one drive, whatever the rating; fitted to a published box, see `mass`."""
    filter_mass: Annotated[Numeric, "kg", (0.0, 10.0)] = 0.35
    """Isolation and electromagnetic filter of `filter_power`; others by the root of theirs (judgement)."""
    filter_power: Annotated[Numeric, "W", (1.0, 1e6)] = 1e3
    """Of that mass."""


def loss(output: Numeric, rated: Numeric, inverter: Inverter) -> FloatArray:
    """P_loss = P_0 + P_r (a + b x + c x^2), W, at x = output over rated output P_r, both W.

    a + b x + c x^2: Volke and Hornkamp, IGBT Modules (switching goes with current, conduction with its
    square at fixed resistance; at fixed bus voltage current goes with power).  The coefficients give 0.94
    at 5 kW (published 0.90 to 0.98; Kwak and Lee 0.85 at hundreds of kW, pessimistic); judgement. A
    required or multiplied efficiency at rated output scales all terms.

    Parameters
    ----------
    output : float or ndarray (n,)
        P to the motor at this moment, W.
    rated : float or ndarray (n,)
        P_r, output at full thrust, W.
    inverter : Inverter
        Coefficients, requirements and multipliers of the inverter.

    Returns
    -------
    ndarray (n,)
        W.
    """
    rated = np.where(np.asarray(rated) > 0.0, rated, np.nan)
    x = output / rated
    standing = inverter.standing_loss + inverter.standing_power / rated
    shape = standing + x * (inverter.switching_loss + x * inverter.conduction_loss)
    full = standing + inverter.switching_loss + inverter.conduction_loss
    return np.asarray(rated * (1.0 / rated_efficiency(rated, inverter) - 1.0) * shape / full)


def predicted_efficiency(rated: Numeric, inverter: Inverter) -> FloatArray:
    """eta at rated output in W: multiplier / (1 + a + P_0/P_r + b + c); NaN at one or above.

    Parameters
    ----------
    rated : float or ndarray (n,)
        P_r, output at full thrust, W.
    inverter : Inverter
        Coefficients, requirements and multipliers of the inverter.

    Returns
    -------
    ndarray (n,)
        Output over input at rated output.
    """
    full = (
        inverter.standing_loss
        + inverter.standing_power / np.where(np.asarray(rated) > 0.0, rated, np.nan)
        + inverter.switching_loss
        + inverter.conduction_loss
    )
    predicted = inverter.efficiency_multiplier / (1.0 + full)
    return np.where(predicted < 1.0, predicted, np.nan)


def rated_efficiency(rated: Numeric, inverter: Inverter) -> FloatArray:
    """The required efficiency where there is one, else the predicted one.

    Parameters
    ----------
    rated : float or ndarray (n,)
        P_r, output at full thrust, W.
    inverter : Inverter
        Coefficients, requirements and multipliers of the inverter.

    Returns
    -------
    ndarray (n,)
        Output over input at rated output.

    Examples
    --------
    >>> demanding = Inverter(required_efficiency=0.97)
    >>> round(float(rated_efficiency(5e3, Inverter())), 3), float(rated_efficiency(5e3, demanding))
    (0.946, 0.97)
    """
    return required_or_predicted(inverter.required_efficiency, predicted_efficiency(rated, inverter))


def efficiency(output: Numeric, rated: Numeric, inverter: Inverter) -> FloatArray:
    """eta(x) = output / (output + loss); zero at no output.

    Parameters
    ----------
    output : float or ndarray (n,)
        P to the motor at this moment, W.
    rated : float or ndarray (n,)
        P_r, output at full thrust, W.
    inverter : Inverter
        Coefficients, requirements and multipliers of the inverter.

    Returns
    -------
    ndarray (n,)
        Output over input.
    """
    return np.asarray(output / (output + loss(output, rated, inverter)))


def mass(rated: Numeric, inverter: Inverter) -> FloatArray:
    """m = m_control + m_filter sqrt(P_r/P_1) + P_r/delta, kg, over the multiplier; a required specific power (all
    included) replaces it.

    Space boxes of 1 to 10 kW, radiation-hard and conduction-cooled: 2 to 6 kW/kg, and 0.5 to 1.5 kg of
    filters a unit (judgement).  500 N engine: 0.65 kW/kg at 0.5 kW (Lee et al. 2021), to which m_control is fitted;
    control weighs less in a larger box, 2.1 kW/kg at 5 kW.  Kwak, Kwon and Choi 2018: 60 kW/kg; hobby controllers 20 to
    40 kW/kg: neither is a space box.

    Parameters
    ----------
    rated : float or ndarray (n,)
        P_r, output at full thrust, W.
    inverter : Inverter
        Coefficients, requirements and multipliers of the inverter.

    Returns
    -------
    ndarray (n,)
        kg.

    Examples
    --------
    >>> round(float(mass(5e3, Inverter())), 2)
    2.4
    """
    law = (
        inverter.control_mass
        + inverter.filter_mass * np.sqrt(rated / inverter.filter_power)
        + rated / inverter.specific_power
    ) / inverter.specific_power_multiplier
    specific = np.asarray(inverter.required_specific_power)
    return required_or_predicted(rated / np.where(specific > 0.0, specific, np.nan), law)


def mass_kwak(output: Numeric, specific_power: Numeric) -> Numeric:
    """m = P/delta_i, kg, of the inverter's output (the motor's electric power); 60 kW/kg (Kwak, Kwon and
    Choi 2018).

    Parameters
    ----------
    output : float or ndarray (n,)
        P, the motor's electric power, W.
    specific_power : float or ndarray (n,)
        delta_i, W/kg.

    Returns
    -------
    float or ndarray (n,)
        kg.
    """
    return output / specific_power
