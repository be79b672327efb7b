"""Fits the priors of `studies/cases/technology.toml` that public hardware can speak about.

    python tests/reference/fit_priors.py

prints, for each input, the rows used, the figure and the residual; `docs/physics.md` states them and the tests hold the
case file to them.  The tables beside it carry the source of every row.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import least_squares

sys.path.append(str(Path(__file__).parents[2]))

from models.components import inverter, motor, thrust_chamber
from models.components.inverter import Inverter
from models.components.motor import Motor
from models.components.thrust_chamber import ThrustChamber

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Fit:
    """Parameters of a law fitted in the logarithm of the mass, their standard errors, and the residual."""

    rows: tuple[str, ...]
    parameters: Mapping[str, tuple[float, float]]
    """Value and standard error."""
    residual: float
    """Of ln(mass), root of the mean square."""
    extremes: tuple[float, float]
    """Least and largest ratio of data to law."""
    correlation: float
    """Of the first two parameters."""


def read(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _linear(
    rows: list[str],
    columns: np.ndarray,
    mass: np.ndarray,
    names: tuple[str, ...],
    *,
    known: np.ndarray | float = 0.0,
) -> Fit:
    """mass = columns @ parameters + known, least squares of ln(mass)."""
    scale = np.abs(columns).mean(axis=0)

    def misses(x: np.ndarray) -> np.ndarray:
        return np.log(np.maximum(columns / scale @ x + known, 1e-9) / mass)

    found = least_squares(misses, np.full(len(names), mass.mean() / len(names)))
    freedom = len(mass) - len(names)
    covariance = np.linalg.inv(found.jac.T @ found.jac) * 2.0 * found.cost / freedom
    error = np.sqrt(np.diag(covariance)) / scale
    ratio = np.exp(-misses(found.x))
    values = {n: (float(v), float(e)) for n, v, e in zip(names, found.x / scale, error, strict=True)}
    return Fit(
        tuple(rows),
        values,
        float(np.sqrt(2.0 * found.cost / len(mass))),
        (float(ratio.min()), float(ratio.max())),
        float(covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])),
    )


def tanks() -> Fit:
    """Titanium tanks: m = m_0 + k p V.  Left out: aluminium, the low-pressure steel bladder, rows marked as no data."""
    chosen = [
        row
        for row in read("hardware/tanks.csv")
        if row["use_in_fit"] == "1" and row["mass_kg"] and row["material"].startswith("Ti")
    ]
    litres, bar, mass = (
        np.array([float(row[key]) for row in chosen]) for key in ("volume_L", "MEOP_bar", "mass_kg")
    )
    energy = litres * 1e-3 * bar * 1e5
    columns = np.column_stack([np.ones_like(energy), energy])
    return _linear(
        [row["name"] for row in chosen], columns, mass, ("tank.fixed_mass", "tank.catalogue_slope")
    )


def bottles() -> Fit:
    """Helium bottles of one series at 310 bar: m = m_0 + k p V."""
    chosen = [
        row
        for row in read("hardware/bottles.csv")
        if row["name"].startswith("PVG") and "other" not in row["name"]
    ]
    litres, bar, mass = (
        np.array([float(row[key]) for row in chosen]) for key in ("volume_L", "MEOP_bar", "mass_kg")
    )
    energy = litres * 1e-3 * bar * 1e5
    columns = np.column_stack([np.ones_like(energy), energy])
    names = ("pressurant.bottle_fixed_mass", "pressurant.bottle_slope")
    return _linear([row["name"] for row in chosen], columns, mass, names)


REFERENCE, SLOPE = (0.9117, 0.0064), (0.0065, 0.0020)
"""Of the law of efficiency over equilibrium alone, with standard errors (`test_combustion.py`)."""


def film_cooling() -> dict[str, tuple[int, float, float]]:
    """Loss of efficiency per doubling above 1.3 MPa of pump-fed engines below 70 kN, over the law without it:
    by selection the number of engines, the loss and its standard error, that of the law's own figures in it."""
    found = {}
    engines = [row for row in read("storable_engines.csv") if row["eta"] and "BAR-5" not in row["name"]]
    for name, least, estimates in (
        ("70", 70.0, False),
        ("20", 20.0, False),
        ("20, estimates too", 20.0, True),
    ):
        chosen = [
            row
            for row in engines
            if float(row["Pc_MPa"]) > 1.9
            and float(row["F_kN"]) < 70.0
            and float(row["eps"]) >= least
            and (estimates or row["estimated_flag"] == "0")
        ]
        pressure = np.array([float(row["Pc_MPa"]) for row in chosen])
        above = np.log2(pressure / 0.9)
        excess = np.array([float(row["eta"]) for row in chosen]) - REFERENCE[0] - SLOPE[0] * above
        doublings = np.log2(pressure / 1.3)
        loss = -float(excess @ doublings / (doublings @ doublings))
        spread = np.sqrt(
            ((excess + loss * doublings) ** 2).sum() / (len(chosen) - 1) / (doublings @ doublings)
        )
        by_law = np.hypot(REFERENCE[1] * doublings.sum(), SLOPE[1] * (above @ doublings)) / (
            doublings @ doublings
        )
        found[name] = (len(chosen), loss, float(np.hypot(spread, by_law)))
    return found


def impulse_correlations(resamples: int = 500) -> tuple[float, float, float]:
    """Correlations of reference and slope, reference and film cooling loss, slope and loss, by a bootstrap of the rows.

    Reference of 14 pressure-fed engines (all but the two that stand in `test_combustion.py`), slope of 85,
    loss of the 26 pump-fed ones below 70 kN and of area ratio 20 and more, each over the other two."""
    rows = [row for row in read("storable_engines.csv") if row["eta"] and "BAR-5" not in row["name"]]
    pressure, thrust, area, eta = (
        np.array([float(row[key]) for row in rows]) for key in ("Pc_MPa", "F_kN", "eps", "eta")
    )
    estimated = np.array([row["estimated_flag"] != "0" for row in rows])
    above, doublings = np.log2(pressure / 0.9), np.log2(pressure / 1.3)
    wide = area >= 20.0
    low = wide & (pressure < 1.5) & (thrust < 100.0) & ~estimated
    pumped = wide & (pressure > 1.9) & (thrust < 70.0)
    columns = np.column_stack([np.ones(len(rows)), above, np.log2(thrust), np.log2(area)])
    rng, found = np.random.default_rng(1), []
    for _ in range(resamples):
        drawn = np.bincount(rng.integers(len(rows), size=len(rows)), minlength=len(rows)).astype(float)
        root = np.sqrt(drawn * wide)
        slope = np.linalg.lstsq(columns * root[:, None], eta * root, rcond=None)[0][1]
        left = eta - slope * above
        reference = np.average(left, weights=drawn * low)
        weights = drawn * pumped * doublings
        found.append((reference, slope, -(weights @ (left - reference)) / (weights @ doublings)))
    matrix = np.corrcoef(np.transpose(found))
    return float(matrix[0, 1]), float(matrix[0, 2]), float(matrix[1, 2])


def engines() -> Fit:
    """Pressure-fed storable engines below 1.5 MPa and 50 kN: m = m_0 + k F, beside 8 kg/m2 of nozzle (the model's).

    Left out: Model 8250, a unit with its tanks, and BAR-5, which never flew."""
    chosen = [
        row
        for row in read("storable_engines.csv")
        if row["mass_kg"]
        and float(row["Pc_MPa"]) < 1.5
        and float(row["F_kN"]) < 50.0
        and not row["name"].startswith(("BAR-5", "Model 8250"))
    ]
    thrust, pressure, ratio, impulse, mass = (
        np.array([float(row[key]) for row in chosen]) * scale
        for key, scale in (("F_kN", 1e3), ("Pc_MPa", 1e6), ("eps", 1.0), ("Isp_s", 9.80665), ("mass_kg", 1.0))
    )
    coefficient = impulse / CHARACTERISTIC_VELOCITY
    nozzle = thrust_chamber.geometry(ThrustChamber(), thrust, pressure, coefficient, ratio).nozzle_surface
    columns = np.column_stack([np.ones_like(thrust), thrust])
    names = ("thrust_chamber.fixed_mass", "thrust_chamber.mass_per_thrust")
    areal = float(ThrustChamber().nozzle_areal_mass)
    return _linear([row["name"] for row in chosen], columns, mass, names, known=areal * nozzle)


def engine_lengths() -> Fit:
    """Pressure-fed engines whose length, thrust and chamber pressure are public: L = f L_cone + k (d_t / d_ref)^(1/2).

    L_cone is a nozzle of 15 degrees to the area ratio, or to the exit where that is not public."""
    chosen = [
        row
        for row in read("hardware/engines.csv")
        if row["length_m"]
        and row["chamber_pressure_bar"]
        and (row["area_ratio"] or row["exit_diameter_m"])
        and not ("(pump)" in row["name"] or "nozzle" in row["name"])
    ]
    columns, length, model = [], [], ThrustChamber()
    for row in chosen:
        thrust, pressure = float(row["thrust_kN"]) * 1e3, float(row["chamber_pressure_bar"]) * 1e5
        coefficient = float(row["Isp_s"] or "305") * 9.80665 / CHARACTERISTIC_VELOCITY
        throat = np.sqrt(4.0 * thrust / (np.pi * coefficient * pressure))
        exit_ = (
            throat * np.sqrt(float(row["area_ratio"])) if row["area_ratio"] else float(row["exit_diameter_m"])
        )
        cone = 0.5 * (exit_ - throat) / np.tan(np.radians(15.0))
        columns.append((cone, np.sqrt(throat / float(model.reference_throat))))
        length.append(float(row["length_m"]))
    names = ("thrust_chamber.nozzle_length_fraction", "chamber and head at the reference throat")
    return _linear([row["name"] for row in chosen], np.array(columns), np.array(length), names)


CHARACTERISTIC_VELOCITY = 1660.0
"""m/s, delivered: nitrogen tetroxide with hydrazines; it moves the throat, by a few per cent among them."""


def over_law(name: str, law: Callable[[dict[str, str]], float], chosen: Callable[[str], bool]) -> np.ndarray:
    """Mass of every row of a table whose class (or type) is chosen, over what the model's law says."""
    found = []
    for row in read(f"hardware/{name}.csv"):
        if row["power_kW"] and row["mass_kg"] and chosen(row.get("class", "") + row.get("type", "")):
            try:
                found.append(float(row["mass_kg"]) / law(row))
            except ValueError:  # a speed that is not public
                continue
    return np.array(found)


def motors(*, hobby: bool) -> np.ndarray:
    """Dry motors over the law of dry motors."""

    def law(row: dict[str, str]) -> float:
        speed = float(row["speed_rpm"]) * np.pi / 30
        return float(motor.mass(float(row["power_kW"]) * 1e3, speed, Motor(canned=0.0)))

    return over_law("motors", law, lambda kind: ("hobby" in kind) is hobby)


def inverters(*, hobby: bool) -> np.ndarray:
    """Controllers and converters over the law of space boxes with filters."""

    def law(row: dict[str, str]) -> float:
        return float(inverter.mass(float(row["power_kW"]) * 1e3, Inverter()))

    return over_law("inverters", law, lambda kind: ("hobby" in kind) is hobby)


def packs() -> np.ndarray:
    """Specific energy of packs for space, Wh/kg: flown 18650 packs, and tested ones that stop a runaway."""
    return np.array(
        [float(row["Wh_per_kg"]) for row in read("hardware/packs.csv") if row["class"].startswith("space")]
    )


def main() -> None:
    fits = {"tanks": tanks, "bottles": bottles, "engines": engines, "engine lengths": engine_lengths}
    for name, fit in ((name, fitted()) for name, fitted in fits.items()):
        print(name, f"{len(fit.rows)} rows, residual {fit.residual:.3f}, data over law {fit.extremes}")
        for parameter, (value, error) in fit.parameters.items():
            print(f"  {parameter} = {value:.4g} +- {error:.2g}")
        print(f"  correlation {fit.correlation:.2f}")
    for name, (number, loss, error) in film_cooling().items():
        print(f"film cooling, area ratio {name}: {number} engines, {loss:+.4f} +- {error:.4f} a doubling")
    print("correlations of efficiency, slope and film cooling loss (12, 13, 23):", impulse_correlations())
    for name, found in (("motors", motors), ("inverters", inverters)):
        for hobby in (True, False):
            ratio = found(hobby=hobby)
            kind = "hobby" if hobby else "aviation"
            print(
                f"{name}, {kind}: {len(ratio)} rows, over law {np.median(ratio):.2f}",
                ratio.min(),
                ratio.max(),
            )
    print("packs for space, Wh/kg:", packs(), "mean", packs().mean())


if __name__ == "__main__":
    main()
