"""Functions that the tests of surrogates learn, with plans of them."""

from __future__ import annotations

import numpy as np

from uq.core.dataset import Dataset, evaluate
from uq.core.distributions import Beta, Discrete, LogNormal, Normal, Triangular, Uniform
from uq.core.problem import Columns, Input, Output, Problem
from uq.sampling.plans import latin_hypercube, monte_carlo

EXACT = 1e-12
"""Relative rounding of a few hundred operations."""


def wavy(columns: Columns) -> Columns:
    """A smooth function with an interaction, and a linear one."""
    a, b, c = columns["a"], columns["b"], columns["c"]
    return {"wavy": np.sin(a) + 0.3 * a * b / c + 0.2 * b**2, "linear": 4.0 + a - 2.0 * b + 0.5 * np.log(c)}


WAVY = Problem(
    (
        Input("a", "m", Uniform(-2.0, 2.0)),
        Input("b", "s", Normal(1.0, 0.5)),
        Input("c", "kg", LogNormal(3.0, 1.2)),
    ),
    (Output("wavy", "m"), Output("linear", "s")),
    wavy,
    version="wavy 1",
)

CORRELATED = Problem(
    WAVY.inputs, WAVY.outputs, wavy, np.array([[1.0, 0.5, 0.0], [0.5, 1.0, -0.3], [0.0, -0.3, 1.0]]), "wavy 1"
)


def sampled(problem: Problem = WAVY, n: int = 60, seed: int = 1) -> Dataset:
    """n runs of the problem on a Latin hypercube."""
    return evaluate(problem, problem.physical(latin_hypercube(n, problem.dimension, seed=seed).unit))


def fresh(problem: Problem = WAVY, n: int = 2000, seed: int = 99) -> Dataset:
    """n runs of the problem on random points that no other test uses."""
    return evaluate(problem, problem.physical(monte_carlo(n, problem.dimension, seed=seed).unit))


def utilisation(columns: Columns) -> Columns:
    """Stress over strength of a beam of twelve uncertain properties: smooth, mildly interacting."""
    c = {name: np.asarray(value) for name, value in columns.items()}
    width, height = c["width"] - 2.0 * c["corrosion"], c["height"] - 2.0 * c["corrosion"]
    moment = c["load"] * c["span"] / 4.0 + c["weight"] * c["span"] ** 2 / 8.0
    bending = 6e-3 * c["concentration"] * moment / (width * height**2)
    thermal = c["restraint"] * c["modulus"] * c["expansion"] * c["heating"] * 1e-3
    return {"utilisation": (bending + thermal) / c["strength"] * c["model"]}


BEAM = Problem(
    tuple(
        Input(name, unit, law)
        for name, unit, law in (
            ("load", "kN", Normal(10.0, 0.8)),
            ("span", "m", Normal(2.0, 0.03)),
            ("modulus", "GPa", LogNormal(210.0, 1.05)),
            ("width", "m", Normal(0.1, 0.002)),
            ("height", "m", Normal(0.15, 0.003)),
            ("strength", "MPa", LogNormal(300.0, 1.08)),
            ("weight", "kN/m", Triangular(2.0, 3.0, 6.0)),
            ("heating", "K", Uniform(5.0, 55.0)),
            ("expansion", "1e-6/K", Uniform(11.0, 13.0)),
            ("corrosion", "m", Beta(2.0, 5.0, 0.0, 0.008)),
            ("restraint", "1", Beta(3.0, 3.0)),
            ("concentration", "1", Discrete((1.0, 1.2, 1.5), (0.5, 0.3, 0.2))),
            ("model", "1", LogNormal(1.0, 1.08)),
        )
    ),
    (Output("utilisation"),),
    utilisation,
    version="beam 1",
)
