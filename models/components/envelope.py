"""The room that a pump with its motor, and an inverter, take: what an interface allocates before anything is drawn.

Pump and motor stand on one shaft in a cylinder. Impeller and rotor follow from the laws of `pump` and `motor`; what
lies around them is judgement, in proportion to them, and no published case tests it.
"""

from __future__ import annotations

import numpy as np

from models.components.motor import Motor, rotor_radius
from models.quantity import FloatArray, Numeric

VOLUTE = 2.0
"""Outside of volute and flange bolts over the impeller's diameter, 1.7 to 2.2 (judgement)."""
PUMP_LENGTH = 1.5
"""Inlet flange to motor flange over the impeller's diameter, bearing and seal in it, 1.2 to 2 (judgement)."""
STATOR = 2.0
"""Outside of the stator over the rotor's diameter: slots and yoke of two or four poles, 1.7 to 2.2 (judgement)."""
HOUSING = 10e-3
"""m of radius around the stator, cooling passages and connector foot in it (judgement)."""
END_WINDINGS = 2.0
"""Both winding heads and the far bearing over the rotor's diameter, 1.5 to 2.5 (judgement)."""
PACKING = 1200.0
"""kg/m3 of an inverter with its housing, filters and connectors, 1,000 to 2,000 (judgement)."""


def diameter(impeller_diameter: Numeric, shaft_rating: Numeric, speed: Numeric, motor: Motor) -> FloatArray:
    """D = max(V d_2, 2 (S r + h)), m: the larger of the pump's volute and the motor's housing.

    Parameters
    ----------
    impeller_diameter : float or ndarray (n,)
        d_2, m.
    shaft_rating : float or ndarray (n,)
        W that the motor is built for.
    speed : float or ndarray (n,)
        Of the shaft, rad/s.
    motor : Motor
        For its rotor of radius r.

    Returns
    -------
    ndarray (n,)
        m.

    Examples
    --------
    >>> round(1e3 * float(diameter(0.035, 4.9e3, 4190.0, Motor())))  # mm
    70
    """
    rotor = rotor_radius(shaft_rating, speed, motor)
    return np.maximum(VOLUTE * np.asarray(impeller_diameter), 2.0 * (STATOR * rotor + HOUSING))


def length(impeller_diameter: Numeric, shaft_rating: Numeric, speed: Numeric, motor: Motor) -> FloatArray:
    """L = P d_2 + (2 lambda + 2 E) r, m: pump, active length of the rotor (slenderness lambda), winding heads.

    Parameters
    ----------
    impeller_diameter : float or ndarray (n,)
        d_2, m.
    shaft_rating : float or ndarray (n,)
        W that the motor is built for.
    speed : float or ndarray (n,)
        Of the shaft, rad/s.
    motor : Motor
        For its rotor of radius r.

    Returns
    -------
    ndarray (n,)
        m.

    Examples
    --------
    >>> round(1e3 * float(length(0.035, 4.9e3, 4190.0, Motor())))  # mm
    149
    """
    rotor = rotor_radius(shaft_rating, speed, motor)
    return np.asarray(PUMP_LENGTH * impeller_diameter + 2.0 * (motor.slenderness + END_WINDINGS) * rotor)


def inverter_volume(mass: Numeric) -> FloatArray:
    """V = m / rho_p, m3, of an inverter of `mass` (kg).

    Parameters
    ----------
    mass : float or ndarray (n,)
        kg, filters and connectors included.

    Returns
    -------
    ndarray (n,)
        m3.
    """
    return np.asarray(mass) / PACKING
