"""The thrust chamber: performance, throat and nozzle, mass, cooling; its injector belongs to the feed line.

One specification serves every architecture; chamber pressure and area ratio are the design's.  All functions
broadcast over floats and (n,) arrays and are twice continuously differentiable in chamber pressure, area ratio and
thrust, because a search for the best design runs over them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from models.properties import combustion
from models.properties.combustion import Delivered
from models.properties.propellants import Propellants
from models.quantity import FloatArray, Numeric, Specification, positive

LARGEST_AREA_RATIO = 375.0
"""Of a storable engine that flew: R-4D-15 HiPAT, 445 N.  The upper bound of every search."""


@dataclass(frozen=True)
class ThrustChamber(Specification):
    """A bipropellant thrust chamber with bell nozzle, radiation-cooled or, at higher pressure, regenerative."""

    efficiency: Annotated[Numeric, "-", (0.7, 1.0)] = 0.915
    """Delivered over equilibrium vacuum impulse at 0.9 MPa; normal, 0.915 and 0.0266, see `combustion.efficiency`."""
    efficiency_slope: Annotated[Numeric, "-", (-0.02, 0.05)] = 0.0065
    """Gain in efficiency per doubling of chamber pressure."""
    film_cooling_loss: Annotated[Numeric, "-", (-0.02, 0.05)] = 0.0
    """Loss of efficiency per doubling of chamber pressure above 1.3 MPa, see `combustion.efficiency`."""
    chamber_share: Annotated[Numeric, "-", (0.0, 1.0)] = 0.5
    """Part of ln(efficiency) lost in the chamber, not the nozzle; judgement."""
    throttle_loss: Annotated[Numeric, "-", (0.0, 0.1)] = 0.0252
    """Relative loss of impulse per halving of thrust: Apollo descent engine, 311 s to 285 s at 10 % thrust."""
    minimum_throttle: Annotated[Numeric, "-", (0.01, 1.0)] = 0.25
    """Least thrust over full thrust."""
    contraction_ratio: Annotated[Numeric, "-", (1.5, 12.0)] = 4.0
    """Chamber over throat area at the reference throat; smaller chambers are wider over their throats; judgement."""
    characteristic_length: Annotated[Numeric, "m", (0.3, 2.0)] = 0.75
    """Chamber volume over throat area; 0.6 to 0.9 m for hypergols (Huzel and Huang, NASA SP-125)."""
    nozzle_length_fraction: Annotated[Numeric, "-", (0.5, 1.2)] = 0.8
    """Nozzle length over that of a 15 degree cone of the same area ratio."""
    head_length: Annotated[Numeric, "m", (0.0, 0.5)] = 0.12
    """Injector and valves in front of the chamber, at the reference throat; judgement."""
    reference_throat: Annotated[Numeric, "m", (0.001, 1.0)] = 0.1
    """Throat diameter at which contraction ratio and head length are those given, see `geometry`."""
    fixed_mass: Annotated[Numeric, "kg", (0.0, 20.0)] = 2.0
    """Valves, brackets, heaters that do not scale; fitted, see `mass`."""
    mass_per_thrust: Annotated[Numeric, "kg/N", (0.0, 0.02)] = 2.3e-3
    """Injector, chamber and valves by thrust; fitted, see `mass`."""
    nozzle_areal_mass: Annotated[Numeric, "kg/m2", (1.0, 30.0)] = 8.0
    """Nozzle over its inner surface: 4 to 12, judgement (niobium 0.8 mm is 7, titanium 1 mm 4.5)."""
    regenerative_mass: Annotated[Numeric, "-", (0.0, 1.0)] = 0.22
    """What cooling channels add to the part by thrust; 0.15 to 0.30, judgement."""
    mass_scatter: Annotated[Numeric, "-", (0.3, 3.0)] = 1.0
    """Multiplier on the mass law: log-normal of median 1 and geometric standard deviation 1.28 over its engines."""
    radiation_limit: Annotated[Numeric, "Pa", (0.5e6, 5e6)] = 1.4e6
    """Highest pressure of a radiation-cooled chamber; AMBR ran at 1.38 MPa."""
    radiation_band: Annotated[Numeric, "Pa", (1e4, 1e6)] = 0.2e6
    """Below that limit, over which the regenerative chamber takes its place in mass and pressure drop; judgement, 0.1
    to 0.3 MPa.  Over that range the mean payload gain of the reference landers falls by 0.6 kg (small) to 4.6 kg
    (10 t): less than 0.1 % of its variance, hence a constant."""
    cooling_drop: Annotated[Numeric, "Pa", (0.0, 2e6)] = 0.1e6
    """Fuel pressure drop of the least regenerative jacket; judgement."""
    cooling_drop_slope: Annotated[Numeric, "-", (0.0, 2.0)] = 0.25
    """Rise of the jacket's drop with chamber pressure above the lower end of `radiation_band`; judgement."""
    regenerative_thrust: Annotated[Numeric, "N", (10.0, 1e5)] = 2000.0
    """Thrust below which a regenerative jacket hardly closes: too little fuel for the wall; judgement."""


@dataclass(frozen=True)
class Geometry:
    """Inner contour: throat, chamber, bell."""

    throat_area: FloatArray
    """m2."""
    throat_diameter: FloatArray
    """m."""
    exit_diameter: FloatArray
    """m."""
    chamber_length: FloatArray
    """m; injector face to throat."""
    nozzle_length: FloatArray
    """m; throat to exit."""
    nozzle_surface: FloatArray
    """m2; inner surface of the bell."""
    length: FloatArray
    """m; valves to exit."""


def performance(
    chamber: ThrustChamber,
    propellants: Propellants,
    chamber_pressure: Numeric,
    mixture_ratio: Numeric,
    area_ratio: Numeric,
) -> Delivered:
    """Delivered impulse (s), characteristic velocity (m/s) and thrust coefficient at full thrust.

    `combustion.delivered` with this chamber's efficiency; NaN outside the combustion table.

    Parameters
    ----------
    chamber : ThrustChamber
        Coefficients of engine mass, cooling and nozzle.
    propellants : Propellants
        Which pair, and its combustion table.
    chamber_pressure : float or ndarray (n,)
        Pa, at full thrust.
    mixture_ratio : float or ndarray (n,)
        Oxidiser over fuel, by mass.
    area_ratio : float or ndarray (n,)
        Nozzle exit over throat.

    Returns
    -------
    Delivered
    """
    return combustion.delivered(
        propellants,
        chamber_pressure,
        mixture_ratio,
        area_ratio,
        efficiency=combustion.efficiency(
            chamber_pressure,
            reference=chamber.efficiency,
            slope=chamber.efficiency_slope,
            film_cooling_loss=chamber.film_cooling_loss,
        ),
        chamber_share=chamber.chamber_share,
    )


def throat_area(thrust: Numeric, chamber_pressure: Numeric, thrust_coefficient: Numeric) -> FloatArray:
    """A_t = F / (C_F p_c) (m2), from vacuum thrust (N), chamber pressure (Pa) and delivered thrust coefficient.

    NaN where one is not positive.

    Parameters
    ----------
    thrust : float or ndarray (n,)
        N, in vacuum, of one engine.
    chamber_pressure : float or ndarray (n,)
        Pa, at full thrust.
    thrust_coefficient : float or ndarray (n,)
        C_F, delivered, in vacuum.

    Returns
    -------
    ndarray (n,)
        m2.
    """
    return positive(thrust) / positive(thrust_coefficient * np.asarray(chamber_pressure))


def geometry(
    chamber: ThrustChamber,
    thrust: Numeric,
    chamber_pressure: Numeric,
    thrust_coefficient: Numeric,
    area_ratio: Numeric,
) -> Geometry:
    """Dimensions of a chamber of vacuum `thrust` (N) at `chamber_pressure` (Pa).

        A_t = F / (C_F p_c),   d_e = d_t sqrt(eps)
        L_nozzle = f (sqrt(eps) - 1) r_t / tan 15 deg
        S_nozzle = (3.26 + 0.157 ln(eps / 5)) f / 0.8 (eps - 1) A_t
        L_chamber + L_head = (L* / contraction + L_head,ref) sqrt(d_t / d_ref)

    Chamber and head shrink with the root of the throat: at one characteristic length a smaller chamber has the larger
    contraction ratio.  Held to the seven flown engines of 0.46 to 47 kN whose length is public (what the nozzle leaves
    of it: 0.11 to 0.16 m at throats of 14 to 23 mm, 0.26 to 0.60 m at 115 to 216 mm).

    The surface is that of parabolic 80 % bells with Rao's wall angles, within 2 % for area ratios 5 to 400.
    Flown: exit of the Apollo descent engine 1.50 m (here 1.48), length 2.16 m (2.2); Aestus 1.32 m (1.25), 2.2 m
    (2.0); sources in the tests.

    Parameters
    ----------
    chamber : ThrustChamber
        Coefficients of engine mass, cooling and nozzle.
    thrust : float or ndarray (n,)
        N, in vacuum, of one engine.
    chamber_pressure : float or ndarray (n,)
        Pa, at full thrust.
    thrust_coefficient : float or ndarray (n,)
        C_F, delivered, in vacuum.
    area_ratio : float or ndarray (n,)
        Nozzle exit over throat.

    Returns
    -------
    Geometry
    """
    throat = throat_area(thrust, chamber_pressure, thrust_coefficient)
    ratio = positive(np.asarray(area_ratio) - 1.0) + 1.0
    radius = np.sqrt(throat / np.pi)
    nozzle = chamber.nozzle_length_fraction * (np.sqrt(ratio) - 1.0) * radius / np.tan(np.radians(15.0))
    surface = (3.26 + 0.157 * np.log(ratio / 5.0)) * chamber.nozzle_length_fraction / 0.8
    shrink = np.sqrt(2.0 * radius / chamber.reference_throat)
    barrel = chamber.characteristic_length / chamber.contraction_ratio * shrink
    return Geometry(
        throat_area=throat,
        throat_diameter=2.0 * radius,
        exit_diameter=2.0 * radius * np.sqrt(ratio),
        chamber_length=barrel,
        nozzle_length=nozzle,
        nozzle_surface=surface * (ratio - 1.0) * throat,
        length=chamber.head_length * shrink + barrel + nozzle,
    )


def smooth_step(x: Numeric) -> FloatArray:
    """0 below 0, 1 above 1, twice continuously differentiable between: 10 x^3 - 15 x^4 + 6 x^5.

    Parameters
    ----------
    x : float or ndarray (n,)
        Any real number.

    Returns
    -------
    ndarray (n,)
        0 to 1.
    """
    t = np.clip(np.asarray(x, dtype=np.float64), 0.0, 1.0)
    return t * t * t * (10.0 - t * (15.0 - 6.0 * t))


def regenerative_fraction(chamber: ThrustChamber, chamber_pressure: Numeric) -> FloatArray:
    """How far the chamber is regenerative: 0 below the `radiation_band`, 1 above `radiation_limit`, smooth between.

    Parameters
    ----------
    chamber : ThrustChamber
        Coefficients of engine mass, cooling and nozzle.
    chamber_pressure : float or ndarray (n,)
        Pa, at full thrust.

    Returns
    -------
    ndarray (n,)
        0 radiation-cooled to 1 regenerative.
    """
    return smooth_step(
        (np.asarray(chamber_pressure) - chamber.radiation_limit) / chamber.radiation_band + 1.0
    )


def jacket_closes(chamber: ThrustChamber, thrust: Numeric, chamber_pressure: Numeric) -> NDArray[np.bool_]:
    """Whether the jacket that a design needs closes, or it needs none: `regenerative_shortfall` below one half.

    Parameters
    ----------
    chamber : ThrustChamber
        The specification.
    thrust : float or ndarray (n,)
        N in vacuum, of one engine.
    chamber_pressure : float or ndarray (n,)
        Pa.

    Returns
    -------
    ndarray of bool (n,)

    Examples
    --------
    >>> [bool(jacket_closes(ThrustChamber(), thrust, 2e6)) for thrust in (1e3, 3e3)]
    [False, True]
    """
    return np.asarray(regenerative_shortfall(chamber, thrust, chamber_pressure) < 0.5)


def regenerative_shortfall(chamber: ThrustChamber, thrust: Numeric, chamber_pressure: Numeric) -> FloatArray:
    """How far the design needs a regenerative jacket that an engine so small can hardly close: 0 sound, 1 not.

    The regenerative fraction times 1 / (1 + (F / regenerative_thrust)^4); above 0.5 a caller should say so in its
    status.  Fuel flow falls with thrust F, wetted wall only with sqrt(F): judgement, no published case below 2 kN.

    Parameters
    ----------
    chamber : ThrustChamber
        Coefficients of engine mass, cooling and nozzle.
    thrust : float or ndarray (n,)
        N, in vacuum, of one engine.
    chamber_pressure : float or ndarray (n,)
        Pa, at full thrust.

    Returns
    -------
    ndarray (n,)
        0 to 1.
    """
    closes = 1.0 / (1.0 + (np.asarray(thrust) / chamber.regenerative_thrust) ** 4)
    return regenerative_fraction(chamber, chamber_pressure) * closes


def cooling_pressure_drop(chamber: ThrustChamber, chamber_pressure: Numeric) -> FloatArray:
    """Pressure drop (Pa) of the fuel in the jacket at full thrust.

        0 when radiation-cooled, else 0.1 MPa + 0.25 (p_c - 1.2 MPa), blended over 1.2 to 1.4 MPa

    with the defaults; judgement.  It goes with the square of flow at part thrust.

    Parameters
    ----------
    chamber : ThrustChamber
        Coefficients of engine mass, cooling and nozzle.
    chamber_pressure : float or ndarray (n,)
        Pa, at full thrust.

    Returns
    -------
    ndarray (n,)
        Pa.
    """
    above = np.asarray(chamber_pressure) - (chamber.radiation_limit - chamber.radiation_band)
    drop = chamber.cooling_drop + chamber.cooling_drop_slope * above
    return regenerative_fraction(chamber, chamber_pressure) * drop


def mass(
    chamber: ThrustChamber, thrust: Numeric, chamber_pressure: Numeric, nozzle_surface: Numeric
) -> FloatArray:
    """Mass (kg) of one engine with its valves.

        m = scatter [m_0 + k F (1 + r regenerative) + areal S_nozzle]

    m_0 and k fitted, with 8 kg/m2 of nozzle, to 19 pressure-fed storable engines of 0.42 to 47 kN and 0.7 to 1.4 MPa
    (RealismOverhaul's engine data, and Aestus): 25 % rms in ln(mass), 29 % where only 0.4 to 30 kN count.  The
    engines hold no information on chamber pressure.  The part by thrust is kept free of it: a pressure vessel of
    given characteristic length weighs as p_c A_t L*, that is as thrust.  Valves, injector, chamber and nozzle are
    in it; gimbals and actuators in part.

    Parameters
    ----------
    chamber : ThrustChamber
        Coefficients of engine mass, cooling and nozzle.
    thrust : float or ndarray (n,)
        N, in vacuum, of one engine.
    chamber_pressure : float or ndarray (n,)
        Pa, at full thrust.
    nozzle_surface : float or ndarray (n,)
        S_nozzle, m2, from `geometry`.

    Returns
    -------
    ndarray (n,)
        kg.
    """
    cooled = 1.0 + chamber.regenerative_mass * regenerative_fraction(chamber, chamber_pressure)
    by_thrust = chamber.mass_per_thrust * np.asarray(thrust) * cooled
    nozzle = chamber.nozzle_areal_mass * np.asarray(nozzle_surface)
    return chamber.mass_scatter * (chamber.fixed_mass + by_thrust + nozzle)
