"""Helium as a real gas, explicit in density and temperature, and the two limits of what a bottle can expel.

Residual Helmholtz energy, with x = rho / (100 kg/m3) and tau = 100 K / T:

    a_r / (R T) = sum_i x^i b_i(tau),   b_i = sum_k B_ik tau^(k/2),   i = 1 .. 5,  k = 0 .. 5

from which every property follows by differentiation, so that they agree with each other exactly:

    p   = rho R T (1 + sum_i i x^i b_i)
    u   = u_0 + R T (3/2 + sum_i x^i tau b_i')
    c_v = R (3/2 - sum_i x^i tau^2 b_i'')
    s   = s_0 + R (3/2 ln T - ln rho + sum_i x^i (tau b_i' - b_i))          T in K, rho in kg/m3

Fitted by ``models/properties/tables/fit_helium.py`` to CoolProp's reference equation over 85 to 420 K and 0.02 to 36
MPa, and 40 to 85 K up to 8 MPa (origins of energy and entropy are CoolProp's).  Largest residuals there: 0.010 % in
pressure, 0.0003 R T in internal energy, 0.0012 R in c_v.  Arguments are floats or arrays that broadcast; NaN outside
40 to 450 K, and for densities or pressures that are not positive.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.quantity import FloatArray, Numeric, positive

MOLAR_MASS = 4.002602e-3
"""kg/mol."""
GAS_CONSTANT = 8.314462618 / MOLAR_MASS
"""J/(kg K)."""

_COEFFICIENTS = np.array(
    [
        [0.0738775751, 0.753776245, -0.839276108, 0.41298021, -0.12602806, 0.0160496243],
        [-0.0522220926, 0.383612537, -0.736157697, 0.768860771, -0.397537897, 0.0795520274],
        [0.143086638, -0.964589343, 2.3134644, -2.51649611, 1.31230929, -0.264011552],
        [-0.105617364, 0.863986933, -2.25946633, 2.61749813, -1.42860514, 0.299431578],
        [0.0336779905, -0.308888828, 0.856183192, -1.03508485, 0.585205168, -0.126901509],
    ]
)
_ORDER = np.arange(1.0, 6.0)[:, None]
_HALF_POWER = np.arange(6.0) / 2.0
# Each property's own double polynomial in x and sqrt(tau): B_ik times what differentiation brings down.
_RESIDUAL = _COEFFICIENTS
_COMPRESSION = _ORDER * _COEFFICIENTS
_STIFFNESS = _ORDER * (_ORDER + 1.0) * _COEFFICIENTS
_ENERGY = _HALF_POWER * _COEFFICIENTS
_HEAT = _HALF_POWER * (_HALF_POWER - 1.0) * _COEFFICIENTS
_WARMING = _ORDER * _HALF_POWER * _COEFFICIENTS


def _stacked(*polynomials: FloatArray) -> FloatArray:
    """(order, polynomial, power), of those that are evaluated together."""
    return np.stack(polynomials, axis=1)


_PRESSURE = _stacked(_COMPRESSION)
_HEAT_CAPACITY = _stacked(_HEAT)
_INTERNAL = _stacked(_ENERGY)
_ENTHALPY = _stacked(_COMPRESSION, _ENERGY)
_ENTROPY = _stacked(_ENERGY, _RESIDUAL)
_DENSITY = _stacked(_COMPRESSION, _STIFFNESS)
_STATE = _stacked(_COMPRESSION, _ENERGY, _HEAT, _WARMING, _STIFFNESS)

_ENERGY_ORIGIN, _ENTROPY_ORIGIN = 5044.4315, 6434.5106
_LOW, _HIGH = 40.0, 450.0


def _inside(temperature: Numeric) -> FloatArray:
    kelvin = np.asarray(temperature, dtype=np.float64)
    return np.where((kelvin >= _LOW) & (kelvin <= _HIGH), kelvin, np.nan)


def _orders(stacked: FloatArray, kelvin: FloatArray) -> FloatArray:
    """(order, polynomial, *shape): sum_k C_ik tau^(k/2) of several polynomials at once, by Horner's rule."""
    columns = stacked.reshape(*stacked.shape, *(1 for _ in range(kelvin.ndim)))
    root = np.sqrt(100.0 / kelvin)
    result = columns[:, :, -1] * root
    for power in range(stacked.shape[2] - 2, 0, -1):
        # In place: fresh memory would cost more than the arithmetic.
        result += columns[:, :, power]
        result *= root
    result += columns[:, :, 0]
    return result


def _series(orders: FloatArray, density: FloatArray) -> FloatArray:
    """(polynomial, *shape): sum_i x^i b_i."""
    x = density / 100.0
    result = orders[-1] * x
    for order in orders[-2::-1]:
        result += order
        result *= x
    return result


def _evaluate(density: FloatArray, kelvin: FloatArray, stacked: FloatArray) -> FloatArray:
    return _series(_orders(stacked, _aligned(kelvin, density)), density)


def _aligned(kelvin: FloatArray, other: FloatArray) -> FloatArray:
    """Temperatures with as many axes as what they are evaluated with: one for all is one, not n alike."""
    return kelvin.reshape((1,) * (other.ndim - kelvin.ndim) + kelvin.shape)


@dataclass(frozen=True)
class State:
    """Helium of one density and temperature: all that a march through time asks for, evaluated together."""

    pressure: FloatArray
    """Pa."""
    internal_energy: FloatArray
    """J/kg."""
    cv: FloatArray
    """J/(kg K)."""
    warming: FloatArray
    """Pa/K; dp/dT at constant density."""
    stiffness: FloatArray
    """Pa m3/kg; dp/drho at constant temperature."""


def state(density: Numeric, temperature: Numeric) -> State:
    """Pressure, internal energy, c_v and both slopes of pressure at `density` (kg/m3) and `temperature` (K).

    The same numbers as the functions of single properties, at the cost of about two of them.

    Parameters
    ----------
    density : float or ndarray (n,)
        rho, kg/m3.
    temperature : float or ndarray (n,)
        K, 80 to 340.

    Returns
    -------
    State

    Examples
    --------
    >>> found = state(44.427, 293.15)
    >>> round(float(found.pressure) / 1e6, 2), round(float(found.cv))
    (31.0, 3188)
    """
    rho, kelvin = positive(density), _inside(temperature)
    compression, energy, heat, warming, stiffness = _evaluate(rho, kelvin, _STATE)
    scale = GAS_CONSTANT * kelvin
    return State(
        rho * scale * (1.0 + compression),
        _ENERGY_ORIGIN + scale * (1.5 + energy),
        GAS_CONSTANT * (1.5 - heat),
        rho * GAS_CONSTANT * (1.0 + compression - warming),
        scale * (1.0 + stiffness),
    )


def pressure(density: Numeric, temperature: Numeric) -> FloatArray:
    """Pressure (Pa) of helium of `density` (kg/m3) at `temperature` (K).

    Parameters
    ----------
    density : float or ndarray (n,)
        rho, kg/m3.
    temperature : float or ndarray (n,)
        K, 80 to 340.

    Returns
    -------
    ndarray (n,)
        Pa.
    """
    rho, kelvin = positive(density), _inside(temperature)
    (compression,) = _evaluate(rho, kelvin, _PRESSURE)
    return rho * GAS_CONSTANT * kelvin * (1.0 + compression)


def internal_energy(density: Numeric, temperature: Numeric) -> FloatArray:
    """Specific internal energy (J/kg), origin as in CoolProp.

    Parameters
    ----------
    density : float or ndarray (n,)
        rho, kg/m3.
    temperature : float or ndarray (n,)
        K, 80 to 340.

    Returns
    -------
    ndarray (n,)
        J/kg.
    """
    rho, kelvin = positive(density), _inside(temperature)
    (energy,) = _evaluate(rho, kelvin, _INTERNAL)
    return _ENERGY_ORIGIN + GAS_CONSTANT * kelvin * (1.5 + energy)


def enthalpy(density: Numeric, temperature: Numeric) -> FloatArray:
    """Specific enthalpy u + p / rho (J/kg).

    Parameters
    ----------
    density : float or ndarray (n,)
        rho, kg/m3.
    temperature : float or ndarray (n,)
        K, 80 to 340.

    Returns
    -------
    ndarray (n,)
        J/kg.
    """
    rho, kelvin = positive(density), _inside(temperature)
    compression, energy = _evaluate(rho, kelvin, _ENTHALPY)
    return _ENERGY_ORIGIN + GAS_CONSTANT * kelvin * (2.5 + energy + compression)


def entropy(density: Numeric, temperature: Numeric) -> FloatArray:
    """Specific entropy (J/(kg K)), origin as in CoolProp.

    Parameters
    ----------
    density : float or ndarray (n,)
        rho, kg/m3.
    temperature : float or ndarray (n,)
        K, 80 to 340.

    Returns
    -------
    ndarray (n,)
        J/(kg K)
    """
    rho, kelvin = positive(density), _inside(temperature)
    energy, residual = _evaluate(rho, kelvin, _ENTROPY)
    return _ENTROPY_ORIGIN + GAS_CONSTANT * (1.5 * np.log(kelvin) - np.log(rho) + energy - residual)


def cv(density: Numeric, temperature: Numeric) -> FloatArray:
    """Isochoric specific heat (J/(kg K)).

    Parameters
    ----------
    density : float or ndarray (n,)
        rho, kg/m3.
    temperature : float or ndarray (n,)
        K, 80 to 340.

    Returns
    -------
    ndarray (n,)
        J/(kg K)
    """
    (heat,) = _evaluate(positive(density), _inside(temperature), _HEAT_CAPACITY)
    return GAS_CONSTANT * (1.5 - heat)


def cp(density: Numeric, temperature: Numeric) -> FloatArray:
    """Isobaric specific heat c_v + T (dp/dT)^2 / (rho^2 dp/drho) (J/(kg K)).

    Parameters
    ----------
    density : float or ndarray (n,)
        rho, kg/m3.
    temperature : float or ndarray (n,)
        K, 80 to 340.

    Returns
    -------
    ndarray (n,)
        J/(kg K)
    """
    found = state(density, temperature)
    expansion = found.warming / positive(density)
    return found.cv + _inside(temperature) * expansion**2 / found.stiffness


def density(pressure: Numeric, temperature: Numeric) -> FloatArray:
    """Density (kg/m3) at `pressure` (Pa, up to 36 MPa) and `temperature` (K).

    Four Newton steps from the gas of two virial coefficients, ``2 rho_0 / (1 + (1 + 4 B rho_0)^(1/2))`` with rho_0 the
    ideal gas's: from 80 K on they end at the root to the last bits.

    Parameters
    ----------
    pressure : float or ndarray (n,)
        Pa, up to 36 MPa.
    temperature : float or ndarray (n,)
        K, 80 to 340.

    Returns
    -------
    ndarray (n,)
        kg/m3.

    Examples
    --------
    >>> round(float(density(30e6, 293.15)), 2)
    43.17
    """
    target, kelvin = positive(pressure), _inside(temperature)
    ideal = target / (GAS_CONSTANT * kelvin)
    orders = _orders(_DENSITY, _aligned(kelvin, ideal))
    rho = 2.0 * ideal / (1.0 + np.sqrt(1.0 + 4.0 * orders[0, 0] / 100.0 * ideal))
    for _ in range(4):
        compression, stiffness = _series(orders, rho)
        rho = rho - (rho * (1.0 + compression) - ideal) / (1.0 + stiffness)
    return rho


def temperature_isentropic(pressure: Numeric, entropy_: Numeric, guess: Numeric) -> FloatArray:
    """Temperature (K) at `pressure` (Pa) and specific entropy (J/(kg K)): eight Newton steps from `guess` (K).

    Parameters
    ----------
    pressure : float or ndarray (n,)
        Pa.
    entropy_ : float or ndarray (n,)
        Specific, J/(kg K), origin as in `entropy`.
    guess : float or ndarray (n,)
        K, where the Newton steps begin.

    Returns
    -------
    ndarray (n,)
        K.
    """
    kelvin = np.asarray(guess, dtype=np.float64) + 0.0 * np.asarray(pressure, dtype=np.float64)
    for _ in range(8):
        rho = density(pressure, kelvin)
        kelvin = kelvin * np.exp((entropy_ - entropy(rho, kelvin)) / cp(rho, kelvin))
    return kelvin


def temperature_isenthalpic(pressure: Numeric, enthalpy_: Numeric, guess: Numeric) -> FloatArray:
    """Temperature (K) at `pressure` (Pa) and specific enthalpy (J/kg): six Newton steps from `guess` (K).

    Parameters
    ----------
    pressure : float or ndarray (n,)
        Pa.
    enthalpy_ : float or ndarray (n,)
        Specific, J/kg, origin as in `enthalpy`.
    guess : float or ndarray (n,)
        K, where the Newton steps begin.

    Returns
    -------
    ndarray (n,)
        K.
    """
    kelvin = np.asarray(guess, dtype=np.float64) + 0.0 * np.asarray(pressure, dtype=np.float64)
    for _ in range(6):
        rho = density(pressure, kelvin)
        kelvin = kelvin + (enthalpy_ - enthalpy(rho, kelvin)) / cp(rho, kelvin)
    return kelvin


@dataclass(frozen=True)
class Expulsion:
    """A bottle that expels liquid: what it must hold, and the states it ends in."""

    bottle_volume: FloatArray
    """m3."""
    helium_mass: FloatArray
    """kg loaded, what remains in the bottle included."""
    bottle_temperature: FloatArray
    """K, at the end."""
    ullage_temperature: FloatArray
    """K, at the end."""


def expel_isothermal(
    volume: Numeric,
    pressure: Numeric,
    *,
    bottle_pressure: Numeric,
    end_pressure: Numeric,
    temperature: Numeric,
) -> Expulsion:
    """The least helium: bottle and ullage stay at `temperature`.

        V_B = rho(p, T) V / (rho(p_0, T) - rho(p_e, T)),      m = rho(p_0, T) V_B

    Parameters
    ----------
    volume : float or ndarray (n,)
        V of liquid expelled, m3.
    pressure : float or ndarray (n,)
        p in the tank, constant, Pa.
    bottle_pressure : float or ndarray (n,)
        p_0 at the start, Pa.
    end_pressure : float or ndarray (n,)
        p_e left in the bottle when the regulator drops out, Pa.
    temperature : float or ndarray (n,)
        T of bottle and ullage, K.

    Returns
    -------
    Expulsion

    Examples
    --------
    >>> found = expel_isothermal(1.0, 0.3e6, bottle_pressure=31e6, end_pressure=2.5e6, temperature=293.15)
    >>> round(float(found.bottle_volume) * 1e3, 2), round(float(found.helium_mass), 3)
    (12.19, 0.541)
    """
    pressures = np.stack(np.broadcast_arrays(bottle_pressure, pressure, end_pressure, temperature)[:3])
    full, ullage, left = density(pressures, temperature)
    bottle = ullage * volume / positive(full - left)
    kelvin = temperature + 0.0 * bottle
    return Expulsion(bottle, full * bottle, kelvin, kelvin)


def expel_adiabatic(
    volume: Numeric,
    pressure: Numeric,
    *,
    bottle_pressure: Numeric,
    end_pressure: Numeric,
    temperature: Numeric,
) -> Expulsion:
    """The most helium: neither bottle nor ullage exchanges heat with anything.

    The gas that stays in the bottle expands isentropically from (p_0, T) to p_e; the ullage holds what left, so its
    specific enthalpy at the tank's pressure is the mean that left:

        h_u = (rho_0 u_0 - rho_e u_e) / (rho_0 - rho_e),      V_B = rho(p, T_u) V / (rho_0 - rho_e)

    Parameters
    ----------
    volume : float or ndarray (n,)
        V of liquid expelled, m3.
    pressure : float or ndarray (n,)
        p in the tank, constant, Pa.
    bottle_pressure : float or ndarray (n,)
        p_0 at the start, Pa.
    end_pressure : float or ndarray (n,)
        p_e left in the bottle when the regulator drops out, Pa.
    temperature : float or ndarray (n,)
        T of everything at the start, K.

    Returns
    -------
    Expulsion
    """
    full = density(bottle_pressure, temperature)
    # The ideal monatomic gas is a close first guess of the real one.
    guess = temperature * (positive(end_pressure) / positive(bottle_pressure)) ** 0.4
    cold = temperature_isentropic(end_pressure, entropy(full, temperature), guess)
    left = density(end_pressure, cold)
    spent = positive(full - left)
    mean = (full * internal_energy(full, temperature) - left * internal_energy(left, cold)) / spent
    warm = temperature_isenthalpic(pressure, mean, 0.75 * np.asarray(temperature))
    bottle = density(pressure, warm) * volume / spent
    return Expulsion(bottle, full * bottle, cold, warm)
