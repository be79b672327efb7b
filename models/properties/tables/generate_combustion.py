"""Generate the combustion tables that `models.properties.combustion` reads, with NASA's `cea` (package `cea`, 3.3.4).

    python -m models.properties.tables.generate_combustion

For each pair of propellants: theoretical rocket performance with an infinite-area combustor (NASA RP-1311),
all products that the reactants' elements allow, storable reactants at 298.15 K, cryogenic ones at their normal
boiling point, MON-3 as pure N2O4, MON-25 as 25 % NO dissolved in it.  Written as one ``<table>.npz`` a pair:
coefficients of tensor-product cubic B-splines over uniform grids in ln(chamber pressure / Pa), mixture ratio and
ln(area ratio), interpolating at the nodes, with not-a-knot ends.  Also written: direct calls at random points, for the
tests (`--points`).
"""

from __future__ import annotations

import argparse
import csv
import warnings
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

EQUILIBRIUM, FROZEN_CHAMBER, FROZEN_THROAT = 0, 1, 2


HEAT_OF_SOLUTION = -30.21e3
"""J per mol of NO taken up by liquid N2O4: NO(g) + N2O4(l)/2 = N2O3(l), 50.29 - 90.25 + 19.50/2 kJ/mol by Wagman et al.
1982 (the NBS tables)."""
NITRIC_OXIDE = 30.0061e-3
"""kg/mol."""


@dataclass(frozen=True)
class Pair:
    """What is tabulated: reactants by their names in the thermodynamic library, and the uniform grid."""

    table: str
    oxidiser: str
    fuel: str
    temperatures: tuple[float, float]
    mixture_ratio: tuple[float, float, int]
    chamber_pressure: tuple[float, float, int] = (0.2e6, 12e6, 15)
    area_ratio: tuple[float, float, int] = (5.0, 400.0, 25)
    nitric_oxide: float = 0.0
    """Share of the oxidiser's mass, dissolved in it."""

    def axes(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Nodes in ln(chamber pressure / Pa), mixture ratio, ln(area ratio)."""
        low, high, count = self.chamber_pressure
        pressure = np.linspace(np.log(low), np.log(high), count)
        low, high, count = self.area_ratio
        return pressure, np.linspace(*self.mixture_ratio), np.linspace(np.log(low), np.log(high), count)


PAIRS = (
    # Below 1.3 carbon condenses in the nozzle, above 2.4 lies the kink of the stoichiometric mixture (2.50).
    Pair("mon3_mmh", "N2O4(L)", "CH6N2(L)", (298.15, 298.15), (1.3, 2.4, 23)),
    # With 25 % NO the stoichiometric mixture is 2.65, and carbon condenses below 1.38.
    Pair("mon25_mmh", "N2O4(L)", "CH6N2(L)", (298.15, 298.15), (1.4, 2.5, 23), nitric_oxide=0.25),
    # The stoichiometric mixture is 1.436.
    Pair("mon3_n2h4", "N2O4(L)", "N2H4(L)", (298.15, 298.15), (0.6, 1.35, 16)),
    # Below 2.4 carbon condenses, the stoichiometric mixture is 3.99.
    Pair("lox_lch4", "O2(L)", "CH4(L)", (90.17, 111.643), (2.4, 3.8, 21)),
)


class Equilibrium:
    """NASA's solver for one pair of reactants."""

    def __init__(self, pair: Pair) -> None:
        cea = self.cea = import_module("cea")
        cea.set_log_level(cea.LOG_NONE)
        names = ["NO", pair.oxidiser, pair.fuel] if pair.nitric_oxide else [pair.oxidiser, pair.fuel]
        mixed = [pair.nitric_oxide, 1.0 - pair.nitric_oxide] if pair.nitric_oxide else [1.0]
        self.oxidiser, self.fuel = np.array([*mixed, 0.0]), np.array([*(0.0 for _ in mixed), 1.0])
        self.dissolved = pair.nitric_oxide / NITRIC_OXIDE * HEAT_OF_SOLUTION
        self.reactants = cea.Mixture(names)
        self.solver = cea.RocketSolver(
            cea.Mixture(names, products_from_reactants=True), reactants=self.reactants
        )
        self.solution = cea.RocketSolution(self.solver)
        first, second = pair.temperatures
        self.temperatures = np.array([*(first for _ in mixed), second])

    def solve(
        self, chamber_pressure: float, mixture_ratio: float, area_ratios: FloatArray, composition: int
    ) -> tuple[FloatArray, float, float, float]:
        """Vacuum impulse (m/s) at each area ratio, characteristic velocity, temperature, gamma of the chamber."""
        weights = self.reactants.of_ratio_to_weights(self.oxidiser, self.fuel, float(mixture_ratio))
        enthalpy = self.reactants.calc_property(self.cea.ENTHALPY, weights, self.temperatures)
        enthalpy += mixture_ratio / (1.0 + mixture_ratio) * self.dissolved
        keywords = {"n_frz": composition} if composition else {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.solver.solve(
                self.solution,
                weights,
                float(chamber_pressure) / 1e5,
                [10.0],
                supar=[float(ratio) for ratio in area_ratios],
                hc=enthalpy / self.cea.R,
                iac=True,
                **keywords,
            )
        result = self.solution
        # Chamber, throat and one pressure ratio precede the area ratios.
        impulse = np.array(result.Isp_vacuum)[3 : 3 + len(area_ratios)]
        reached = np.array(result.ae_at)[3 : 3 + len(area_ratios)]
        if not np.allclose(reached, area_ratios, rtol=2e-4):
            impulse = np.full(len(area_ratios), np.nan)
        return impulse, float(result.c_star[0]), float(result.T[0]), float(result.gamma_s[0])


def coefficients(values: FloatArray, axis: int) -> FloatArray:
    """Cardinal cubic B-spline coefficients (two more than nodes) of the not-a-knot interpolant along `axis`.

    Parameters
    ----------
    values : ndarray
        On equidistant nodes along `axis`.
    axis : int
        Which to interpolate along.

    Returns
    -------
    ndarray
        Two longer along `axis`.
    """
    nodes = values.shape[axis]
    matrix = np.zeros((nodes + 2, nodes + 2))
    for node in range(nodes):
        matrix[node, node : node + 3] = np.array([1.0, 4.0, 1.0]) / 6.0
    # The third derivative is continuous at the last but one node of both ends.
    matrix[nodes, :5] = matrix[nodes + 1, -5:] = np.array([1.0, -4.0, 6.0, -4.0, 1.0])
    moved = np.moveaxis(values, axis, 0)
    right = np.concatenate([moved, np.zeros((2, *moved.shape[1:]))])
    solved = np.linalg.solve(matrix, right.reshape(nodes + 2, -1)).reshape(right.shape)
    return np.moveaxis(solved, 0, axis)


def generate(pair: Pair, folder: Path) -> None:
    """Tabulate one pair and write ``<folder>/<table>.npz``.

    Parameters
    ----------
    pair : Pair
        Fuel, oxidiser and the axes of the table.
    folder : Path
        Where the table is written.
    """
    pressures, ratios, areas = pair.axes()
    solver = Equilibrium(pair)
    impulse = np.empty((3, len(pressures), len(ratios), len(areas)))
    chamber = np.empty((3, len(pressures), len(ratios)))
    for i, pressure in enumerate(np.exp(pressures)):
        for j, ratio in enumerate(ratios):
            for composition in (EQUILIBRIUM, FROZEN_CHAMBER, FROZEN_THROAT):
                impulse[composition, i, j], *state = solver.solve(pressure, ratio, np.exp(areas), composition)
                if composition == EQUILIBRIUM:
                    chamber[:, i, j] = state
    holes = np.argwhere(~np.isfinite(impulse))
    if len(holes):
        raise RuntimeError(f"{pair.table}: no solution at {len(holes)} nodes, first {holes[0]}")
    for axis in (1, 2, 3):
        impulse = coefficients(impulse, axis)
    for axis in (1, 2):
        chamber = coefficients(chamber, axis)
    np.savez_compressed(
        folder / f"{pair.table}.npz",
        bounds=np.array([[axis[0], axis[-1]] for axis in (pressures, ratios, areas)]),
        # Quantity last: a sample reads them side by side. Single precision is 6e-8, the interpolation 1e-5.
        impulse=np.moveaxis(impulse, 0, -1).astype(np.float32),
        chamber=np.moveaxis(chamber, 0, -1).astype(np.float32),
    )


COLUMNS = (
    "table",
    "chamber_pressure_Pa",
    "mixture_ratio",
    "area_ratio",
    "impulse_equilibrium_m_s",
    "impulse_frozen_chamber_m_s",
    "impulse_frozen_throat_m_s",
    "characteristic_velocity_m_s",
    "chamber_temperature_K",
    "gamma",
)


def points(pair: Pair, count: int, seed: int) -> list[list[float]]:
    """Direct calls at `count` random points of the table's range: rows of COLUMNS without the first.

    Parameters
    ----------
    pair : Pair
        Fuel, oxidiser and the axes of the table.
    count : int
        Of rows.
    seed : int
        Of the random points.

    Returns
    -------
    list of list of float
        `COLUMNS` without the first.
    """
    axes = pair.axes()
    unit = np.random.default_rng(seed).random((count, 3))
    low, high = (np.array([axis[end] for axis in axes]) for end in (0, -1))
    log_pressure, ratio, log_area = (low + unit * (high - low)).T
    solver = Equilibrium(pair)
    rows = []
    for pressure, mixture, area in zip(np.exp(log_pressure), ratio, np.exp(log_area), strict=True):
        impulses = []
        for composition in (EQUILIBRIUM, FROZEN_CHAMBER, FROZEN_THROAT):
            impulse, *state = solver.solve(pressure, mixture, np.array([area]), composition)
            impulses.append(float(impulse[0]))
            if composition == EQUILIBRIUM:
                chamber = state
        rows.append([float(pressure), float(mixture), float(area), *impulses, *chamber])
    return rows


def main() -> None:
    """Write the tables, or with ``--points FILE`` a file of direct calls for the tests."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=Path, help="write 12 direct calls a pair to this CSV file instead")
    arguments = parser.parse_args()
    if arguments.points:
        with arguments.points.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for pair in PAIRS:
                writer.writerows([pair.table, *(f"{x:.9g}" for x in row)] for row in points(pair, 12, 20250))
    else:
        for pair in PAIRS:
            generate(pair, Path(__file__).parent)


if __name__ == "__main__":
    main()
