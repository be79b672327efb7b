"""Problems with known fronts, and the sizing of a lander, for `python -m tests.benchmarks.fronts`.

Sources: Zitzler, Deb & Thiele (2000), doi:10.1162/106365600568202 (ZDT); Deb, Thiele, Laumanns & Zitzler (2002),
doi:10.1109/CEC.2002.1007032 (DTLZ2); Binh & Korn (1997), Osyczka & Kundu (1995), doi:10.1007/BF01743536, and Tanaka,
Watanabe, Furukawa & Tanino (1995), doi:10.1109/ICSMC.1995.537993 (BNH, OSY, TNK, as in Deb's book of 2001).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from models import quantity
from models.architectures import electric_pump
from studies.case import load
from uq import Discrete, Input, Limit, Output, Problem, Uniform
from uq.core.problem import Columns

KILONEWTON = 1e3
BAR = 1e5


@dataclass(frozen=True)
class FrontProblem:
    problem: Problem
    maximize: tuple[str, ...]
    minimize: tuple[str, ...]
    limits: tuple[Limit, ...] = ()
    reference: tuple[float, ...] | None = None
    """Corner of hypervolumes, all goals to be small; None: 1 % beyond the worst of the fronts that are compared."""
    max_runs: int = 20_000


def continuous(ranges: Sequence[tuple[float, float]]) -> tuple[Input, ...]:
    return tuple(Input(f"x{k}", "1", Uniform(a, b), role="design") for k, (a, b) in enumerate(ranges))


def standard(
    inputs: tuple[Input, ...],
    model: Callable[[list[np.ndarray]], tuple[np.ndarray, ...]],
    reference: tuple[float, ...],
    limits: Sequence[Limit] = (),
    max_runs: int = 6000,
) -> FrontProblem:
    """Goals f1 .. to be small, then what limits ask for."""
    goals = tuple(f"f{k + 1}" for k in range(len(reference)))
    outputs = (*goals, *(limit.output for limit in limits))

    def columns(c: Columns) -> Columns:
        return dict(zip(outputs, model([c[i.name] for i in inputs]), strict=True))

    problem = Problem(inputs, tuple(Output(name) for name in outputs), columns)
    return FrontProblem(problem, (), goals, tuple(limits), reference, max_runs)


def zdt(number: int) -> FrontProblem:
    def model(x: list[np.ndarray]) -> tuple[np.ndarray, ...]:
        first, g = x[0], 1.0 + 9.0 * np.mean(x[1:], axis=0)
        ratio = first / g
        bend = {
            1: 1.0 - np.sqrt(ratio),
            2: 1.0 - ratio**2,
            3: 1.0 - np.sqrt(ratio) - ratio * np.sin(10.0 * np.pi * first),
        }[number]
        return first, g * bend

    return standard(continuous([(0.0, 1.0)] * 30), model, (1.1, 1.1), max_runs=20_000)


def dtlz2() -> FrontProblem:
    def model(x: list[np.ndarray]) -> tuple[np.ndarray, ...]:
        r = 1.0 + sum((each - 0.5) ** 2 for each in x[2:])
        a, b = 0.5 * np.pi * x[0], 0.5 * np.pi * x[1]
        return r * np.cos(a) * np.cos(b), r * np.cos(a) * np.sin(b), r * np.sin(a)

    return standard(continuous([(0.0, 1.0)] * 12), model, (1.1, 1.1, 1.1), max_runs=12_000)


def bnh() -> FrontProblem:
    def model(x: list[np.ndarray]) -> tuple[np.ndarray, ...]:
        a, b = x
        return (
            4.0 * (a**2 + b**2),
            (a - 5.0) ** 2 + (b - 5.0) ** 2,
            (a - 5.0) ** 2 + b**2,
            (a - 8.0) ** 2 + (b + 3.0) ** 2,
        )

    limits = Limit("g1", high=25.0), Limit("g2", low=7.7)
    return standard(continuous([(0.0, 5.0), (0.0, 3.0)]), model, (140.0, 50.0), limits)


def osy() -> FrontProblem:
    def model(x: list[np.ndarray]) -> tuple[np.ndarray, ...]:
        a, b, c, d, e, f = x
        first = -(25.0 * (a - 2.0) ** 2 + (b - 2.0) ** 2 + (c - 1.0) ** 2 + (d - 4.0) ** 2 + (e - 1.0) ** 2)
        kept = a + b - 2.0, 6.0 - a - b, 2.0 - b + a, 2.0 - a + 3.0 * b
        return first, sum(each**2 for each in x), *kept, 4.0 - (c - 3.0) ** 2 - d, (e - 3.0) ** 2 + f - 4.0

    ranges = [(0.0, 10.0), (0.0, 10.0), (1.0, 5.0), (0.0, 6.0), (1.0, 5.0), (0.0, 10.0)]
    return standard(
        continuous(ranges), model, (0.0, 80.0), [Limit(f"g{k}", low=0.0) for k in range(1, 7)], 8000
    )


def tnk() -> FrontProblem:
    def model(x: list[np.ndarray]) -> tuple[np.ndarray, ...]:
        a, b = x
        return (
            a,
            b,
            a**2 + b**2 - 1.0 - 0.1 * np.cos(16.0 * np.arctan2(a, b)),
            (a - 0.5) ** 2 + (b - 0.5) ** 2,
        )

    limits = Limit("g1", low=0.0), Limit("g2", high=0.5)
    return standard(continuous([(0.0, np.pi)] * 2), model, (1.2, 1.2), limits)


def cantilevers() -> FrontProblem:
    """Mass against the logarithm of deflection of 1 to 4 cantilevers of steel, aluminium or carbon fibre, each material
    with a fixed cost in mass, strong enough for their load: 12 options, breadth and height of the section."""
    density, modulus, strength, fixed = (
        np.array(v)
        for v in ([7850.0, 2700.0, 1600.0], [210e9, 70e9, 120e9], [250e6, 150e6, 400e6], [0.0, 2.0, 10.0])
    )
    load_, length = 10.0 * KILONEWTON, 2.0

    def model(x: list[np.ndarray]) -> tuple[np.ndarray, ...]:
        count, kind, breadth, height = x
        m = kind.astype(int)
        mass = count * (density[m] * breadth * height * length + 0.5) + fixed[m]
        deflection = load_ * length**3 / (3.0 * modulus[m] * count * breadth * height**3 / 12.0)
        return mass, np.log(deflection), 6.0 * load_ * length / (count * breadth * height**2) / strength[m]

    inputs = (
        Input("count", "1", Discrete((1, 2, 3, 4), (0.25,) * 4), role="design"),
        Input("material", "1", Discrete((0, 1, 2), (0.4, 0.3, 0.3)), role="design"),
        Input("breadth", "m", Uniform(0.005, 0.1), role="design"),
        Input("height", "m", Uniform(0.02, 0.4), role="design"),
    )
    return standard(inputs, model, (2600.0, -4.0), [Limit("use", high=1.0)])


def lander(name: str) -> FrontProblem:
    """Payload against electric power of a case's electric pump, inputs at their medians: chamber pressure, area ratio,
    tank pressure, ullage (the same of both propellants) and thrust are free; a design without suction, or that cannot
    land, fails."""
    base = load(name).baseline()
    thrust = float(base.thrust)
    ranges = {
        "chamber_pressure": ("Pa", 6.5 * BAR, 60.0 * BAR),
        "area_ratio": ("1", 15.0, 400.0),
        "tank_pressure": ("Pa", 1.2 * BAR, 16.0 * BAR),
        "ullage_ratio": ("1", 1.0, 4.0),
        "thrust": ("N", 0.7 * thrust, 1.4 * thrust),
    }

    def model(c: Columns) -> Columns:
        spec = quantity.substitute(base, {"thrust": c["thrust"]})
        n = len(c["thrust"])
        with np.errstate(all="ignore"):
            design = (
                c["chamber_pressure"],
                c["area_ratio"],
                *[c["tank_pressure"]] * 2,
                *[c["ullage_ratio"]] * 2,
            )
            sizing = electric_pump.evaluate(spec, spec.launch_mass, *design)
        return {
            "payload": np.broadcast_to(sizing.payload, n).astype(float),
            "power": np.broadcast_to(sizing.electric_power, n).astype(float),
        }

    inputs = tuple(Input(k, unit, Uniform(a, b), role="design") for k, (unit, a, b) in ranges.items())
    problem = Problem(inputs, (Output("payload", "kg"), Output("power", "W")), model)
    return FrontProblem(problem, ("payload",), ("power",), max_runs=6000)


PROBLEMS: dict[str, Callable[[], FrontProblem]] = {
    "ZDT1, 30 variables": lambda: zdt(1),
    "ZDT2, 30 variables": lambda: zdt(2),
    "ZDT3, 30 variables": lambda: zdt(3),
    "DTLZ2, 12 variables, 3 goals": dtlz2,
    "BNH, 2 limits": bnh,
    "OSY, 6 limits": osy,
    "TNK, 2 limits": tnk,
    "cantilevers, 12 options, 1 limit": cantilevers,
    "lander small": lambda: lander("small"),
    "lander medium": lambda: lander("medium"),
    "lander series3": lambda: lander("series3"),
}
