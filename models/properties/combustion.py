"""Theoretical performance of the propellants, from tables of chemical equilibrium, and what engines deliver of it.

**Ideal.**  The tables hold vacuum specific impulse for three compositions of the expanding gas (equilibrium, frozen
from the throat, frozen from the chamber), characteristic velocity, temperature and isentropic exponent of the
chamber, over chamber pressure 0.2 to 12 MPa, the pair's mixture ratios and area ratios 5 to 400.  Source: NASA's
``cea`` 3.3.4 (Gordon and McBride, NASA RP-1311), infinite-area combustor, storables at 298.15 K, cryogenics at their
boiling points, MON-3 as pure N2O4, MON-25 as 25 % NO dissolved in it.  They are tensor-product cubic B-splines in
ln(pressure), mixture ratio and ln(area ratio), so twice continuously differentiable; within 0.003 % of direct calls.
``models/properties/tables/generate_combustion.py`` makes them.

**Delivered.**  One efficiency, delivered over *equilibrium* vacuum impulse, for every architecture (`efficiency`), and
what finite reaction rates do where nozzle and mixture are not those of the engines that it is fitted to (`freezing`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from models.properties.propellants import Propellants
from models.quantity import STANDARD_GRAVITY, FloatArray, Numeric

REFERENCE_PRESSURE = 0.9e6
"""Pa; the chamber pressure at which an engine's efficiency is quoted: the middle of the pressure-fed engines."""
FILM_COOLING_PRESSURE = 1.3e6
"""Pa; above it a chamber needs film cooling beyond the radiation-cooled engines' own (AMBR 1.38 MPa, judgement)."""


@dataclass(frozen=True)
class Ideal:
    """Theoretical performance; each of the broadcast shape of the arguments, NaN outside the table."""

    specific_impulse: FloatArray
    """s; vacuum, shifting equilibrium."""
    specific_impulse_frozen_throat: FloatArray
    """s; vacuum, equilibrium to the throat, frozen behind it."""
    specific_impulse_frozen_chamber: FloatArray
    """s; vacuum, composition of the chamber throughout."""
    characteristic_velocity: FloatArray
    """m/s; equilibrium."""
    chamber_temperature: FloatArray
    """K; adiabatic flame."""
    gamma: FloatArray
    """Isentropic exponent of the equilibrium gas in the chamber."""


@dataclass(frozen=True)
class _Table:
    """Coefficients laid out for reading: one row holds all quantities of four neighbours along the last axis."""

    origin: FloatArray
    step: FloatArray
    cells: tuple[int, int, int]
    impulse: FloatArray
    chamber: FloatArray


@cache
def _table(name: str) -> _Table:
    with (
        resources.files("models.properties.tables").joinpath(f"{name}.npz").open("rb") as file,
        np.load(file, allow_pickle=False) as stored,
    ):
        bounds, impulse, chamber = (
            stored[key].astype(np.float64) for key in ("bounds", "impulse", "chamber")
        )
    cells = tuple(size - 3 for size in impulse.shape[:3])
    window = np.lib.stride_tricks.sliding_window_view
    return _Table(
        bounds[:, 0],
        (bounds[:, 1] - bounds[:, 0]) / np.array(cells),
        (cells[0], cells[1], cells[2]),
        # (rows, quantity * neighbour)
        window(impulse, 4, axis=2).reshape(-1, 4 * impulse.shape[-1]),
        window(chamber, 4, axis=1).reshape(-1, 4 * chamber.shape[-1]),
    )


def _basis(t: FloatArray) -> FloatArray:
    """(n, 4): the cardinal cubic B-splines that live on a cell, at its local coordinate t in [0, 1]."""
    s = 1.0 - t
    tt, ss = t * t, s * s
    return np.stack(
        [ss * s / 6.0, 2.0 / 3.0 - tt * (1.0 - 0.5 * t), 2.0 / 3.0 - ss * (1.0 - 0.5 * s), tt * t / 6.0],
        axis=-1,
    )


def ideal(
    propellants: Propellants, chamber_pressure: Numeric, mixture_ratio: Numeric, area_ratio: Numeric
) -> Ideal:
    """Theoretical performance of `propellants` at chamber pressure (Pa), mixture ratio and nozzle area ratio.

    Arguments broadcast to one shape. Valid for 0.2 to 12 MPa, ``propellants.mixture_ratio``, area ratios 5 to 400; NaN
    elsewhere.

    Parameters
    ----------
    propellants : Propellants
        The pair, and its combustion table.
    chamber_pressure : float or ndarray (n,)
        Pa, 0.2 to 12 MPa.
    mixture_ratio : float or ndarray (n,)
        Oxidiser over fuel, by mass.
    area_ratio : float or ndarray (n,)
        Nozzle exit over throat, 5 to 400.

    Returns
    -------
    Ideal

    Examples
    --------
    >>> from models.properties.propellants import MON3_MMH
    >>> round(float(ideal(MON3_MMH, 1e6, 1.65, 150.0).specific_impulse), 2)
    345.27
    """
    table = _table(propellants.table)
    pressure, ratio, area = np.broadcast_arrays(
        *(np.asarray(x, dtype=np.float64) for x in (chamber_pressure, mixture_ratio, area_ratio))
    )
    shape = pressure.shape
    positive = (pressure > 0.0) & (area > 0.0)
    place = np.stack(
        [np.log(np.where(positive, pressure, 1.0)), ratio, np.log(np.where(positive, area, 1.0))], axis=-1
    ).reshape(-1, 3)
    place = (place - table.origin) / table.step
    edge = 1e-9
    inside = np.all((place >= -edge) & (place <= np.array(table.cells) + edge), axis=1)
    inside &= positive.reshape(-1)
    place = np.where(inside[:, None], place, 0.0)
    cell = np.clip(place.astype(np.intp), 0, np.array(table.cells) - 1)
    weight = _basis(place - cell)
    impulse, chamber = _evaluate(table, cell, weight)
    rows = np.concatenate([impulse / STANDARD_GRAVITY, chamber])
    rows[:, ~inside] = np.nan
    equilibrium, frozen_chamber, frozen_throat, *state = (row.reshape(shape)[()] for row in rows)
    return Ideal(equilibrium, frozen_throat, frozen_chamber, *state)


def _evaluate(table: _Table, cell: NDArray[np.intp], weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(quantities, n) of impulses (m/s) and of chamber states: the sum over the 4 x 4 x 4 neighbours."""
    count = len(cell)
    neighbour = np.arange(4)
    _, ratios, areas = table.cells
    pressure_row = cell[:, :1] + neighbour
    row = (pressure_row[:, :, None] * (ratios + 3) + (cell[:, 1:2] + neighbour)[:, None, :]) * areas
    row = row.reshape(count, 16) + cell[:, 2:]
    outer = (weight[:, 0, :, None] * weight[:, 1, None, :]).reshape(count, 1, 16)
    impulse = (outer @ table.impulse.take(row, axis=0)).reshape(count, -1, 4)
    impulse = np.einsum("nqk,nk->qn", impulse, weight[:, 2])
    row = pressure_row * ratios + cell[:, 1:2]
    chamber = (weight[:, 0, None, :] @ table.chamber.take(row, axis=0)).reshape(count, -1, 4)
    return impulse, np.einsum("nqk,nk->qn", chamber, weight[:, 1])


def smooth_positive(x: Numeric, width: float) -> FloatArray:
    """max(x, 0) rounded over about +-2 `width` (same unit as x): width ln(1 + exp(x / width)), never below either.

    Parameters
    ----------
    x : float or ndarray (n,)
        Any unit.
    width : float
        Of the same unit, above zero.

    Returns
    -------
    ndarray (n,)
        Of the same unit.
    """
    scaled = np.asarray(x, dtype=np.float64) / width
    # Written so that nothing overflows, and NaN passes in silence (numpy's logaddexp warns of it).
    return width * (np.maximum(scaled, 0.0) + np.log1p(np.exp(-np.abs(scaled))))


def efficiency(
    chamber_pressure: Numeric,
    *,
    reference: Numeric = 0.915,
    slope: Numeric = 0.0065,
    film_cooling_loss: Numeric = 0.0,
) -> FloatArray:
    """Delivered over equilibrium vacuum specific impulse at full thrust.

        eta = reference + slope d(p / 0.9 MPa) - film_cooling_loss [d(p / 1.3 MPa)]+,   d = log2

    Of an engine of the reference mixture and area ratio; `freezing` has the rest. The same law serves every
    architecture. Data: 106 storable engines (RealismOverhaul's engine data over impulse by chemical equilibrium).
    The reference is the mean of the sixteen that are like a lander's, each over its own `freezing`: below 1.5 MPa and
    100 kN, area ratio 20 and more, data not estimated, with S5.80 and Aestus, which that collection lacks (0.9149 +-
    0.0064). Without `freezing` it is 0.9117. The choice matters less than the error of the mean does: 0.9153 without
    Juno 6K, which never flew, 0.9128 with the five estimates. Of area ratio 40 and more alone it would be 0.922; that
    leaves out R-40A, whose twin R-40B of 60 delivers the same. With thrust and area ratio controlled the slope is
    0.0065 +- 0.0020 over the 85 of area ratio 20 and more, but 0.0020 +- 0.0025 over the 60 whose data are not
    estimates (0.0066 +- 0.0016 without controls; over `freezing` 0.0055 +- 0.0020); reference and slope refitted
    without one family of engines predict those 60 within 2.2 % rms. BAR-5-NMF, which never flew, is left out
    everywhere. Over the 85 thrust has no effect (+0.0008 +- 0.0010 per doubling), so there is no term for small
    engines. Only three of the engines lie below 10 kN and above 1.5 MPa: for landers the slope is ignorance rather than
    data.

    Parameters
    ----------
    chamber_pressure : float or ndarray (n,)
        Pa, at full thrust.
    reference : float or ndarray (n,), default 0.915
        Efficiency at 0.9 MPa; standard deviation 0.0266: the spread of the sixteen, 0.0258, with the error of their
        mean.
    slope : float or ndarray (n,), default 0.0065
        Gain per doubling of chamber pressure; standard deviation 0.004 for landers.
    film_cooling_loss : float or ndarray (n,), default 0.0
        Loss per doubling above 1.3 MPa (onset rounded), of chambers whose jackets leave work to a film.
        Pump-fed storable engines below 70 kN show none: -0.0038 +- 0.0041 over the seven of area ratio 70 and
        more whose data are not estimates, -0.0007 over the ten of 20 and more, -0.0027 over all 26.  None of
        them is below 3 kN, so what small chambers need is judgement: -0.005 to 0.010.

    Returns
    -------
    ndarray (n,)
        Delivered over equilibrium specific impulse; NaN without pressure.
    """
    pressure = np.asarray(chamber_pressure, dtype=np.float64)
    doublings = np.log2(np.where((pressure > 0.0) & np.isfinite(pressure), pressure, np.nan))
    above = smooth_positive(doublings - np.log2(FILM_COOLING_PRESSURE), 0.15)
    return reference + slope * (doublings - np.log2(REFERENCE_PRESSURE)) - film_cooling_loss * above


REFERENCE_AREA_RATIO = 75.0
"""At which, and at `Propellants.reference_mixture_ratio`, efficiencies are quoted."""


def equilibrium_share(chamber_pressure: Numeric, area_ratio: Numeric) -> FloatArray:
    """Of the impulse that recombination can give, what the expanding gas gets: 0 frozen in the chamber, 1 equilibrium.

        f = 0.47 + 0.094 ln(p / 0.9 MPa) - 0.038 ln(eps / 75)

    Least squares over 600 points (N2O4 with MMH, 0.65 to 9 MPa, area ratio 30 to 375, 0.5 to 20 kN) of RocketIsp
    0.1.13's network, which was trained on runs of the one-dimensional kinetics code of the JANNAF standard (ODK);
    mixture and thrust, which the fit leaves out, move it by 0.07 in standard deviation.  Impulse by it is within 0.35 %
    (standard deviation) of the network's over those points; what `freezing` makes of it, a ratio, within 0.2 %.

    Parameters
    ----------
    chamber_pressure : float or ndarray (n,)
        Pa.
    area_ratio : float or ndarray (n,)
        Nozzle exit over throat.

    Returns
    -------
    ndarray (n,)
        NaN without pressure or area.
    """
    area = np.asarray(area_ratio, dtype=np.float64) / REFERENCE_AREA_RATIO
    larger = np.log(np.where(area > 0.0, area, np.nan))
    return np.asarray(0.47 + 0.094 * _over_reference(chamber_pressure) - 0.038 * larger)


def _over_reference(chamber_pressure: Numeric) -> FloatArray:
    """ln(p / 0.9 MPa); NaN without a pressure."""
    pressure = np.asarray(chamber_pressure, dtype=np.float64)
    known = (pressure > 0.0) & np.isfinite(pressure)
    return np.log(np.where(known, pressure, np.nan) / REFERENCE_PRESSURE)


def kinetic_loss(
    chamber_pressure: Numeric, area_ratio: Numeric, frozen_over_equilibrium: Numeric
) -> FloatArray:
    """Share of equilibrium impulse that is lost where the gas falls behind its equilibrium.

        x = (1 - f) (1 - Isp_frozen / Isp_eq),   f by `equilibrium_share`, frozen from the chamber

    Parameters
    ----------
    chamber_pressure : float or ndarray (n,)
        Pa.
    area_ratio : float or ndarray (n,)
        Nozzle exit over throat.
    frozen_over_equilibrium : float or ndarray (n,)
        Vacuum impulse with the chamber's composition throughout over that of shifting equilibrium.

    Returns
    -------
    ndarray (n,)
    """
    share = equilibrium_share(chamber_pressure, area_ratio)
    return np.asarray((1.0 - share) * (1.0 - frozen_over_equilibrium))


@cache
def _reference_loss(propellants: Propellants) -> tuple[float, ...]:
    pressure = np.geomspace(0.2e6, 12e6, 60)
    best = ideal(propellants, pressure, propellants.reference_mixture_ratio, REFERENCE_AREA_RATIO)
    frozen = best.specific_impulse_frozen_chamber / best.specific_impulse
    loss = kinetic_loss(pressure, REFERENCE_AREA_RATIO, frozen)
    return tuple(np.polynomial.polynomial.polyfit(np.log(pressure / REFERENCE_PRESSURE), loss, 4))


def reference_kinetic_loss(propellants: Propellants, chamber_pressure: Numeric) -> FloatArray:
    """`kinetic_loss` at the pair's reference mixture and `REFERENCE_AREA_RATIO`: a polynomial of ln(p), within 1e-5.

    Parameters
    ----------
    propellants : Propellants
        The pair.
    chamber_pressure : float or ndarray (n,)
        Pa; 0.2 to 12 MPa.

    Returns
    -------
    ndarray (n,)
    """
    over = _over_reference(chamber_pressure)
    loss = np.zeros_like(over)
    for coefficient in reversed(_reference_loss(propellants)):
        loss = loss * over + coefficient
    return loss


def freezing(
    propellants: Propellants, best: Ideal, chamber_pressure: Numeric, area_ratio: Numeric
) -> FloatArray:
    """What finite reaction rates leave of the impulse, over what they leave of the reference engine's.

        k = (1 - x) / (1 - x_0),   x by `kinetic_loss`,   x_0 at the same pressure, by `reference_kinetic_loss`

    What pressure does to flown engines is in the slope of `efficiency` (0.0065 a doubling; 0.007 by x_0 alone).  A
    larger nozzle gains less than equilibrium says, 0.26 % a doubling, and so does a leaner mixture, whose hotter gas is
    further dissociated: the best mixture of MON-3 and MMH at 0.9 MPa is 1.9, where equilibrium has it above 2.4.  Of
    the engines that burn Aerozine 50 those of mixture ratio 2.0 deliver 1.8 % less of equilibrium than those of 1.6.

    Parameters
    ----------
    propellants : Propellants
        The pair.
    best : Ideal
        Its theoretical performance there.
    chamber_pressure : float or ndarray (n,)
        Pa.
    area_ratio : float or ndarray (n,)
        Nozzle exit over throat.

    Returns
    -------
    ndarray (n,)
    """
    frozen = best.specific_impulse_frozen_chamber / best.specific_impulse
    left = 1.0 - kinetic_loss(chamber_pressure, area_ratio, frozen)
    return np.asarray(left / (1.0 - reference_kinetic_loss(propellants, chamber_pressure)))


@dataclass(frozen=True)
class Delivered:
    """What an engine delivers at full thrust; each of the broadcast shape of the arguments, NaN outside the table."""

    specific_impulse: FloatArray
    """s; vacuum."""
    characteristic_velocity: FloatArray
    """m/s."""
    thrust_coefficient: FloatArray
    """Vacuum thrust over chamber pressure and throat area."""


def delivered(
    propellants: Propellants,
    chamber_pressure: Numeric,
    mixture_ratio: Numeric,
    area_ratio: Numeric,
    *,
    efficiency: Numeric,
    chamber_share: Numeric = 0.5,
) -> Delivered:
    """Ideal equilibrium performance times `efficiency` (of specific impulse, from the function of that name) and
    `freezing`.

        Isp = eta k Isp_eq,   c* = eta^share c*_eq,   C_F = Isp g0 / c*

    Validity as `ideal`.

    Parameters
    ----------
    propellants : Propellants
        The pair, and its combustion table.
    chamber_pressure : float or ndarray (n,)
        Pa, at full thrust.
    mixture_ratio : float or ndarray (n,)
        Oxidiser over fuel, by mass.
    area_ratio : float or ndarray (n,)
        Nozzle exit over throat.
    efficiency : float or ndarray (n,)
        eta of specific impulse, from the function of that name.
    chamber_share : float or ndarray (n,), default 0.5
        Part of ln(eta) lost in the chamber (mixing, film cooling), the rest in the nozzle (divergence, boundary
        layer, kinetics): 0.3 to 0.7, judgement; it moves the throat, not the impulse.

    Returns
    -------
    Delivered
    """
    best = ideal(propellants, chamber_pressure, mixture_ratio, area_ratio)
    impulse = efficiency * freezing(propellants, best, chamber_pressure, area_ratio) * best.specific_impulse
    velocity = np.asarray(efficiency) ** chamber_share * best.characteristic_velocity
    return Delivered(impulse, velocity, impulse * STANDARD_GRAVITY / velocity)


def throttled(throttle: Numeric, *, loss: Numeric = 0.0252) -> FloatArray:
    """Specific impulse at `throttle` (thrust over full thrust, 0 < throttle <= 1) over that at full thrust.

        factor = 1 + loss log2(throttle)

    One point fixes the loss per halving: the Apollo lunar module descent engine, 311 s at full and 285 s at 10 %
    thrust, a pintle with variable injection area.  It contains the fall of chamber pressure.

    Parameters
    ----------
    throttle : float or ndarray (n,)
        Thrust over full thrust, above 0 to 1.
    loss : float or ndarray (n,), default 0.0252
        Of specific impulse for each halving of thrust.

    Returns
    -------
    ndarray (n,)
        Over the specific impulse at full thrust.
    """
    part = np.asarray(throttle, dtype=np.float64)
    return 1.0 + loss * np.log2(np.where(part > 0.0, part, np.nan))
