"""Surrogates and models in real OpenMDAO groups: names, units, partials, drivers and meta-models."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import tomllib
import warnings
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("openmdao", reason="needs the extra: pip install '.[openmdao]'")

import openmdao.api as om

from uq.core.dataset import evaluate
from uq.core.distributions import LogNormal, Uniform
from uq.core.problem import Columns, Input, Output, Problem
from uq.optimization.decision import Decision
from uq.optimization.objectives import Goal, Mean
from uq.optimization.openmdao import (
    EXCESS,
    ChaosSurrogate,
    ModelComponent,
    ProcessSurrogate,
    SurrogateComponent,
    add_design,
    unit_in_openmdao,
)
from uq.optimization.optimum import optimum
from uq.sampling.plans import latin_hypercube
from uq.surrogates.gaussian_process.gaussian_process import GaussianProcess
from uq.surrogates.polynomial_chaos.expansion import PolynomialChaos


def vessel(c: Columns) -> Columns:
    """A thin sphere of given pressure, radius and density: mass, and stress at a wall that is chosen."""
    p, r, t, rho = c["tank.pressure"], c["tank.radius"], c["tank.wall"], c["tank.density"]
    return {"tank.mass": 4.0 * np.pi * r**2 * t * rho, "tank.stress": p * r / (2.0 * t)}


PROBLEM = Problem(
    (
        Input("tank.pressure", "Pa", Uniform(1e6, 3e6), "judgement"),
        Input("tank.radius", "m", Uniform(0.3, 0.6), role="design"),
        Input("tank.wall", "m", Uniform(1e-3, 3e-3), role="design"),
        Input("tank.density", "kg/m3", LogNormal(4430.0, 1.05)),
    ),
    (Output("tank.mass", "kg"), Output("tank.stress", "Pa")),
    vessel,
    version="vessel",
)
DATA = evaluate(PROBLEM, PROBLEM.physical(latin_hypercube(150, 4, seed=1).unit))
CHAOS = PolynomialChaos.fit(DATA)


def system(component: object) -> object:
    problem = om.Problem()
    problem.model.add_subsystem("sizing", component, promotes=["*"])
    problem.setup(force_alloc_complex=True)
    problem.set_solver_print(-1)
    return problem


def worst_partial(problem: object, **options: object) -> float:
    """The largest difference from OpenMDAO's own approximation, per output value and input value."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", om.DerivativesWarning)  # of partials that vanish here
        data = problem.check_partials(out_stream=None, **options)  # type: ignore[attr-defined]
    worst = 0.0
    for pairs in data.values():
        for (of, wrt), entry in pairs.items():
            y, x = (np.abs(problem.get_val(name)).max() for name in (of, wrt))  # type: ignore[attr-defined]
            worst = max(worst, float(np.abs(entry["J_fwd"] - entry["J_fd"]).max() * x / max(y, 1e-3)))
    return worst


@pytest.mark.parametrize("points", [1, 3])
@pytest.mark.parametrize("kind", ["chaos", "process"])
def test_partials_of_a_surrogate_pass_openmdaos_own_check(kind: str, points: int) -> None:
    surrogate = CHAOS if kind == "chaos" else GaussianProcess.fit(DATA, nugget=1e-6)
    problem = system(SurrogateComponent(surrogate=surrogate, points=points))
    inputs = PROBLEM.physical(latin_hypercube(points, 4, seed=3).unit)
    for j, name in enumerate(("pressure", "radius", "wall", "density")):
        problem.set_val(f"tank:{name}", inputs[:, j])  # type: ignore[attr-defined]
    problem.run_model()  # type: ignore[attr-defined]
    assert problem.get_val("tank:mass") == pytest.approx(surrogate.mean(inputs)[:, 0])  # type: ignore[attr-defined]
    assert worst_partial(problem, method="fd", form="central", step=1e-4, step_calc="rel") < 1e-5


def test_partials_hold_beyond_the_trained_ranges_too() -> None:
    problem = system(SurrogateComponent(surrogate=CHAOS))
    problem.set_val("tank:radius", 0.602)  # type: ignore[attr-defined]
    problem.set_val("tank:wall", 0.0009)  # type: ignore[attr-defined]
    problem.run_model()  # type: ignore[attr-defined]
    assert problem.get_val(EXCESS)[0] == pytest.approx((0.002 / 0.3) ** 2 + 0.05**2)  # type: ignore[attr-defined]
    assert worst_partial(problem, method="fd", form="central", step=1e-6, step_calc="rel") < 1e-5


@pytest.mark.parametrize("wall", [2e-3, 0.95e-3])
def test_complex_steps_of_a_whole_group_pass_through_a_surrogate(wall: float) -> None:
    """Beyond the range of the wall, too, where the surrogate is held and the excess rises."""
    totals_found = []
    for approximated in (False, True):
        problem = om.Problem(reports=False)
        problem.model.add_subsystem("sizing", SurrogateComponent(surrogate=CHAOS, points=2), promotes=["*"])
        if approximated:
            problem.model.approx_totals(method="cs")
        problem.setup(force_alloc_complex=True)
        problem.set_val("tank:wall", [wall, 1.5e-3])
        problem.run_model()
        totals = problem.compute_totals(["tank:mass", "tank:stress", EXCESS], ["tank:wall", "tank:radius"])
        totals_found.append(totals)
    for key, exact in totals_found[0].items():
        assert totals_found[1][key] == pytest.approx(exact, rel=1e-12)
    assert abs(totals_found[1]["tank:mass", "tank:radius"][0, 0]) > 1.0


def test_a_surrogate_takes_the_place_of_the_model_in_other_units() -> None:
    """The same group, once with the model and once with its surrogate, fed in bar and centimetres."""
    totals_found = []
    for component in (ModelComponent(problem=PROBLEM), SurrogateComponent(surrogate=CHAOS)):
        problem = system(component)
        problem.set_val("tank:pressure", 20.0, units="bar")  # type: ignore[attr-defined]
        problem.set_val("tank:radius", 45.0, units="cm")  # type: ignore[attr-defined]
        problem.set_val("tank:density", 4.43, units="g/cm**3")  # type: ignore[attr-defined]
        problem.run_model()  # type: ignore[attr-defined]
        totals_found.append(
            [problem.get_val("tank:mass", units="g")[0], problem.get_val("tank:stress", units="MPa")[0]]
        )  # type: ignore[attr-defined]
    assert totals_found[0] == pytest.approx([4.0 * np.pi * 0.45**2 * 2e-3 * 4.43e6, 2.0 * 0.45 / 4e-3])
    assert totals_found[1] == pytest.approx(totals_found[0], rel=1e-3)


@pytest.mark.parametrize(("partials", "tolerance"), [("fd", 1e-6), ("cs", 1e-12)])
@pytest.mark.parametrize("points", [1, 4])
def test_the_model_itself_has_the_partials_it_declares(partials: str, tolerance: float, points: int) -> None:
    problem = system(ModelComponent(problem=PROBLEM, partials=partials, points=points))
    problem.run_model()  # type: ignore[attr-defined]
    of = problem.compute_totals(["tank:mass"], ["tank:radius"])  # type: ignore[attr-defined]
    r, t, rho = (problem.get_val(f"tank:{n}")[0] for n in ("radius", "wall", "density"))  # type: ignore[attr-defined]
    expected = 8.0 * np.pi * r * t * rho * np.eye(points)
    assert of["tank:mass", "tank:radius"] == pytest.approx(expected, rel=tolerance, abs=tolerance)


def test_the_lander_itself_is_a_component() -> None:
    """Every unit of the shipped case is OpenMDAO's; gains are those of the model; a heavier battery gains less."""
    from studies.case import case

    lander = case.problem(case.load("series3"))  # whose pack energy rules
    few = dataclasses.replace(lander, outputs=lander.outputs[:1], inputs=lander.inputs)
    problem = system(ModelComponent(problem=few, step=0.05))
    problem.set_val("battery:specific_energy", 150.0, units="W*h/kg")  # type: ignore[attr-defined]
    problem.run_model()  # type: ignore[attr-defined]
    x = np.array([[float(i.distribution.ppf(0.5)) for i in lander.inputs]])
    x[0, lander.index("battery.specific_energy")] = 150.0 * 3600.0
    assert problem.get_val("payload_gain")[0] == pytest.approx(evaluate(lander, x)["payload_gain"][0])  # type: ignore[attr-defined]
    slope = problem.compute_totals(["payload_gain"], ["battery:specific_energy"])  # type: ignore[attr-defined]
    assert slope["payload_gain", "battery:specific_energy"][0, 0] > 0.0


def test_a_point_that_the_model_refuses_is_a_failed_analysis() -> None:
    def bursts(c: Columns) -> Columns:
        result = dict(vessel(c))
        return {**result, "status": np.where(result["tank.stress"] > 1e8, 3, 0)}

    problem = system(
        ModelComponent(problem=Problem(PROBLEM.inputs, PROBLEM.outputs, bursts, statuses={3: "bursts"}))
    )
    with pytest.raises(om.AnalysisError, match="bursts"):
        problem.run_model()  # type: ignore[attr-defined]


def test_a_driver_finds_the_same_optimum_as_ours() -> None:
    """Least mass with the stress at most 500 MPa, at the medians of pressure and density."""
    from uq.optimization.objectives import Bound

    problem = om.Problem()
    problem.model.add_subsystem("sizing", SurrogateComponent(surrogate=CHAOS), promotes=["*"])
    problem.driver = om.ScipyOptimizeDriver(optimizer="SLSQP", tol=1e-10, disp=False)
    add_design(problem.model, CHAOS)
    problem.model.add_objective("tank:mass", ref=10.0)
    problem.model.add_constraint("tank:stress", upper=500.0, units="MPa", ref=500.0)
    problem.setup()
    problem.run_driver()
    medians = {
        n: float(PROBLEM.inputs[PROBLEM.index(n)].distribution.ppf(0.5))
        for n in ("tank.pressure", "tank.density")
    }
    known = PROBLEM.fix(medians)
    rows = evaluate(known, known.physical(latin_hypercube(60, 2, seed=1).unit))
    decision = Decision.of(PolynomialChaos.fit(rows))
    found = optimum(decision, Goal(Mean("tank.mass"), bounds=(Bound(Mean("tank.stress"), high=5e8),)))
    assert problem.get_val("tank:mass")[0] == pytest.approx(found.value, rel=1e-3)
    assert problem.get_val("tank:radius")[0] == pytest.approx(found.design["tank.radius"], rel=1e-3)


@pytest.mark.parametrize("surrogate", [ChaosSurrogate, ProcessSurrogate])
def test_openmdaos_meta_model_learns_with_our_surrogates(surrogate: type) -> None:
    meta = om.MetaModelUnStructuredComp(default_surrogate=surrogate())
    meta.add_input("radius", 0.4, training_data=DATA["tank.radius"], units="m")
    meta.add_input("wall", 2e-3, training_data=DATA["tank.wall"], units="m")
    meta.add_output("volume", training_data=4.0 * np.pi * DATA["tank.radius"] ** 2 * DATA["tank.wall"])
    problem = system(meta)
    problem.run_model()  # type: ignore[attr-defined]
    assert problem.get_val("volume")[0] == pytest.approx(4.0 * np.pi * 0.16 * 2e-3, rel=1e-4)  # type: ignore[attr-defined]
    assert worst_partial(problem, method="fd", form="central", step=1e-6, step_calc="rel") < 1e-4


def test_both_are_registered_where_openmdao_looks_for_surrogates() -> None:
    """The group is that of OpenMDAO's own entry points."""
    from openmdao.utils.entry_points import _epgroup_bases

    group = {name: base for base, name in _epgroup_bases.items()}["openmdao_surrogate_model"]
    record = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())
    registered = record["project"]["entry-points"]["openmdao_surrogate_model"]
    assert len(registered) == 2
    for place in registered.values():
        module, name = place.split(":")
        assert issubclass(getattr(import_module(module), name), group)


def test_openmdaos_command_line_lists_both(tmp_path: Path) -> None:
    """As installed: a distribution that holds the entry points of the project's own settings."""
    root = Path(__file__).parents[3]
    record = tomllib.loads((root / "pyproject.toml").read_text())["project"]["entry-points"]
    about = tmp_path / "lander_uq-0.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: lander-uq\nVersion: 0.0\n")
    lines = [f"{k} = {v}" for k, v in record["openmdao_surrogate_model"].items()]
    (about / "entry_points.txt").write_text("\n".join(["[openmdao_surrogate_model]", *lines]))
    command = (
        "from openmdao.utils.om import openmdao_cmd; import sys; sys.argv[0] = 'openmdao'; openmdao_cmd()"
    )
    done = subprocess.run(
        [sys.executable, "-c", command, "list_installed", "surrogate_model"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(root)])},
        capture_output=True,
        text=True,
    )
    assert "ChaosSurrogate" in done.stdout, done.stderr
    assert "ProcessSurrogate" in done.stdout


def test_units_are_those_of_openmdao() -> None:
    from openmdao.utils.units import valid_units

    for unit in (
        "kg",
        "Pa",
        "m2",
        "kg/m3",
        "J/kg",
        "J/(kg K)",
        "W/kg",
        "rad/s",
        "N m",
        "K",
        "m/s2",
        "W/(m2 K)",
        "V",
    ):
        assert valid_units(unit_in_openmdao(unit)), unit
    assert unit_in_openmdao("1") is None
    for unit in (
        "furlong",
        "\u00b0C",
        "m*(9**9**9>1)",
        "m**99999999",
        "().__class__",
        "m;n",
        "m/",
        "m(s)",
        "m**0.5",
    ):
        with pytest.raises(ValueError, match="knows no unit"):
            unit_in_openmdao(unit)


def test_names_that_would_collide_are_refused() -> None:
    inputs = (Input("a.b", "m", Uniform(1, 2)), Input("a:b", "m", Uniform(1, 2)))
    twins = Problem(inputs, (Output("y"),), lambda c: {"y": c["a.b"] + c["a:b"]})
    with pytest.raises(ValueError, match="'a:b'"):
        system(ModelComponent(problem=twins))


def test_a_missing_library_is_said_in_one_line() -> None:
    script = "import sys; sys.modules['openmdao'] = None; import uq.optimization.openmdao"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=Path(__file__).parents[3]
    )
    assert done.stderr.strip().splitlines()[-1] == (
        "ImportError: OpenMDAO is not installed: pip install '.[openmdao]' in the clone"
    )
