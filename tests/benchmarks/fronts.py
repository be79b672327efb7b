"""Fronts: ours against NSGA-II with ten times the runs, and that of the study against 10^5 designs.

    python -m tests.benchmarks.fronts > tests/benchmarks/fronts.md     regenerates the page
    python -m tests.benchmarks.fronts nsga | designs | study           one of its sections

*nsga*: `uq.pareto_front` and pymoo's NSGA-II (Deb et al. 2002, doi:10.1109/4235.996017) on the true model, hypervolumes
of both with one corner.  *designs*: the fronts of `resource-optimization` against 10^5 quasi-random designs of the
sizing model.  *study*: time and memory of that study.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping

import numpy as np

from models import quantity
from models.architectures import comparison, electric_pump, free_leaves, shared
from models.architectures.concepts import Concept
from models.lander import Status, own_lander
from studies.analysis.concepts.fronts import Front, designed, medians, screened
from studies.case import load
from studies.case.case import Case
from tests.benchmarks.front_problems import PROBLEMS, FrontProblem
from uq import sampling
from uq.core.bounds import trained_range
from uq.core.dataset import evaluate
from uq.core.distributions.composite import Discrete
from uq.optimization.dominance import hypervolume
from uq.optimization.pareto_front import pareto_front

SEEDS = (1, 2, 3)
POINTS = 40
TIMES = 10
DESIGNS = 100_000
CONCEPTS = 800
"""Drawn from all, for the half of the designs that covers whole ranges."""
MARCHED = 3.0
"""kg below a front within which the gas of a design is marched, as that of the study's points is."""
AROUND = 0.15
"""Share of each variable by which half of the designs lie around the points of the front."""


def nsga2(given: FrontProblem, runs: int, population: int, seed: int) -> np.ndarray:
    """Goals (p, g) of NSGA-II's last front, all to be small; a failed row misses a limit by much."""
    from pymoo.algorithms.moo.nsga2 import NSGA2
    from pymoo.core.problem import Problem as Peer
    from pymoo.optimize import minimize

    problem, names = given.problem, given.problem.output_names
    goals = [names.index(n) for n in (*given.maximize, *given.minimize)]
    signs = np.array([-1.0] * len(given.maximize) + [1.0] * len(given.minimize))
    values = [i.distribution.values if isinstance(i.distribution, Discrete) else None for i in problem.inputs]
    ends = [
        trained_range(i.distribution) if v is None else (0.0, len(v) - 1e-9)
        for i, v in zip(problem.inputs, values, strict=True)
    ]
    sides = [
        (names.index(limit.output), sign, end)
        for limit in given.limits
        for sign, end in ((1.0, limit.high), (-1.0, limit.low))
        if np.isfinite(end)
    ]

    class Same(Peer):
        def _evaluate(self, x, out, *args, **kwargs):
            columns = [
                c if v is None else np.asarray(v, float)[np.floor(c).astype(int)]
                for c, v in zip(x.T, values, strict=True)
            ]
            data = evaluate(problem, np.column_stack(columns))
            y = np.where(data.feasible[:, None], data.y, np.nan)
            failed = ~np.isfinite(y).all(axis=1)
            missed = [sign * (y[:, k] - end) for k, sign, end in sides]
            out["F"] = np.where(failed[:, None], 1e9, y[:, goals] * signs)
            out["G"] = np.where(failed[:, None], 1e9, np.column_stack([*missed, np.zeros(len(y))]))

    low, high = np.array(ends).T
    peer = Same(n_var=len(low), n_obj=len(goals), n_ieq_constr=len(sides) + 1, xl=low, xu=high)
    found = minimize(
        peer, NSGA2(pop_size=population), ("n_gen", runs // population), seed=seed, verbose=False
    )
    return np.empty((0, len(goals))) if found.F is None else np.atleast_2d(found.F)


def nsga() -> None:
    print(
        "\n## against NSGA-II\n\n"
        f"Hypervolume of `pareto_front` over that of pymoo's NSGA-II with {TIMES} times its runs, over "
        f"{len(SEEDS)} seeds\nof both. NSGA-II's population is as large as our front, and at least {POINTS}. On the "
        "landers the corner lies 1 % beyond the\nworst point of both fronts.\n"
    )
    print(
        "| problem | points | runs | runs of NSGA-II | ratio, least | mean | most |\n|---|---|---|---|---|---|---|"
    )
    for label, make in PROBLEMS.items():
        given = make()
        ratios, runs, points = [], [], []
        for seed in SEEDS:
            front = pareto_front(
                given.problem,
                maximize=given.maximize,
                minimize=given.minimize,
                limits=given.limits,
                points=POINTS,
                max_runs=given.max_runs,
                seed=seed,
            )
            peer = nsga2(given, TIMES * front.runs, max(POINTS, len(front)), seed)
            both = np.vstack([front.signed, peer])
            corner = both.max(axis=0) + 0.01 * np.ptp(both, axis=0)
            corner = corner if given.reference is None else np.array(given.reference)
            theirs = hypervolume(peer, corner) if len(peer) else 0.0
            ratios.append(hypervolume(front.signed, corner) / theirs if theirs else np.inf)
            runs.append(front.runs)
            points.append(len(front))
        print(
            f"| {label} | {min(points)} to {max(points)} | {np.mean(runs):,.0f} | {TIMES * np.mean(runs):,.0f} | "
            f"{min(ratios):.4f} | {np.mean(ratios):.4f} | {max(ratios):.4f} |",
            flush=True,
        )


def ranges_of(concept: Concept, lander: quantity.Any) -> dict[str, tuple[float, float]]:
    """Bounds of all that the search of a concept may choose, by leaf or design variable."""
    search = concept.search
    held = {**comparison.given_engine(electric_pump, lander), **(search.get("fixed") or {})}
    rooms = free_leaves.rooms(lander, pumped=True, given_mixture="chamber_pressure" in held)
    found = {room.leaf: (float(room.low), float(room.high)) for room in rooms}
    branch = search.get("only_branch")
    regions = electric_pump.BRANCHES if branch is None else electric_pump.BRANCHES[branch : branch + 1]
    for k, name in enumerate(electric_pump.DESIGN):
        if name in held:
            found[name] = (float(held[name]), float(held[name]))
        else:
            found[name] = (min(r.lower[k] for r in regions), max(r.upper[k] for r in regions))
    return found


def sized(
    concept: Concept, case: Case, x: Mapping[str, np.ndarray], needed: Callable
) -> dict[str, np.ndarray]:
    """Payload, power and energy of designs x of one concept; those that are `needed` with their gas marched."""
    middle = {n: float(v[0]) for n, v in medians(case).items() if n not in concept.decided}
    lander = own_lander(quantity.substitute(concept.lander, middle), pumped=True)

    def at(rows: np.ndarray, helium: np.ndarray | float) -> tuple:
        leaves = {n: v[rows] for n, v in x.items() if n not in electric_pump.DESIGN}
        multiplier = lander.pressurant.helium_multiplier * helium
        one = quantity.substitute(lander, {**leaves, "pressurant.helium_multiplier": multiplier})
        design = np.column_stack([x[n][rows] for n in electric_pump.DESIGN])
        with np.errstate(all="ignore"):
            sizing = comparison.evaluate(electric_pump, one, one.launch_mass, design)
            sizing = comparison._with_status(one, sizing, np.ones(len(rows), dtype=bool), len(rows))
            correction = shared.helium_correction(one, sizing.storage) if np.ndim(helium) == 0 else helium
        good = sizing.status == int(Status.GOOD)
        values = {
            name: np.where(good, np.broadcast_to(getattr(sizing, name), len(rows)), np.nan)
            for name in ("payload", "electric_power", "electric_energy")
        }
        return values, np.broadcast_to(correction, len(rows))

    everyone = np.arange(len(next(iter(x.values()))))
    values, correction = at(everyone, 1.0)
    near = np.flatnonzero(needed(values))
    if near.size:
        marched, _ = at(near, np.where(np.isfinite(correction), correction, 1.0)[near])
        for name, value in marched.items():
            values[name][near] = value
    return values


def excess(front: Front, values: Mapping[str, np.ndarray]) -> np.ndarray:
    """kg by which each design carries more than the best point of the front that takes at least as much."""
    own = np.array([p.payload for p in front.points])
    used = values[f"electric_{front.resource}"]
    # a design dominates a point if it carries more for no more of the resource
    able = used[:, None] <= front.resources * (1.0 + 1e-6)
    more = np.where(able, values["payload"][:, None] - own, -np.inf).max(axis=1)
    return np.nan_to_num(more, nan=-np.inf)


def designs(name: str = "series3") -> None:
    case = load(name)
    screen = screened(case, workers=2)
    against(case, [screen.fronts["payload", resource] for resource in ("power", "energy")])


def against(case: Case, fronts: list[Front]) -> None:
    every = case.decisions.concepts("electric_pump")
    picked = np.random.default_rng(1).choice(len(every), size=min(CONCEPTS, len(every)), replace=False)
    concepts = [every[k] for k in picked]
    points = [p for front in fronts for p in front.points]

    def needed(values: Mapping[str, np.ndarray]) -> np.ndarray:
        return np.any([excess(front, values) > -MARCHED for front in fronts], axis=0)

    jobs: list[tuple[Concept, dict[str, tuple[float, float]]]] = []
    middle = {n: float(v[0]) for n, v in medians(case).items()}
    for concept in concepts:
        free = {n: v for n, v in middle.items() if n not in concept.decided}
        jobs.append((concept, ranges_of(concept, quantity.substitute(concept.lander, free))))
    for point, best in zip(points, designed(case, points), strict=True):
        concept = point.concept
        free = {n: v for n, v in middle.items() if n not in concept.decided}
        whole = ranges_of(concept, quantity.substitute(concept.lander, free))
        values = best.sizing
        own = {
            "thrust": values.thrust,
            "mixture_ratio": best.lander.mixture_ratio,
            "battery.depth": best.lander.battery.depth,
            **{n: getattr(values, n) for n in electric_pump.DESIGN[:4]},
            **dict(zip(electric_pump.DESIGN[4:], np.exp(best.design[:, -2:]).T, strict=True)),
        }
        near = {}
        for n, (a, b) in whole.items():
            v = float(np.ravel(own[n])[0])
            near[n] = (max(a, v * (1.0 - AROUND)), min(b, v * (1.0 + AROUND)))
        jobs.append((concept, near))
    parts = [-(-DESIGNS // 2 // len(concepts))] * len(concepts) + [-(-DESIGNS // 2 // len(points))] * len(
        points
    )
    most = {front.resource: -np.inf for front in fronts}
    good = total = 0
    begin = time.perf_counter()
    for seed, ((concept, ranges), count) in enumerate(zip(jobs, parts, strict=True), 1):
        unit = sampling.sobol_sequence(count, len(ranges), seed=seed).unit
        x = {n: a * (b / a) ** column for (n, (a, b)), column in zip(ranges.items(), unit.T, strict=True)}
        values = sized(concept, case, x, needed)
        total += count
        good += int(np.isfinite(values["payload"]).sum())
        for front in fronts:
            most[front.resource] = max(most[front.resource], float(excess(front, values).max()))
    print(
        f"\n## against {DESIGNS:,} designs\n\n"
        f"The fronts of payload of `resource-optimization` on {case.name}, against {total:,} quasi-random designs "
        f"of the\nsizing model: half over {len(concepts)} of the {len(every):,} concepts of the pump and the whole "
        f"ranges of what each may choose,\nhalf within {AROUND:.0%} of the choices of each point of the fronts. "
        f"{good:,} of them have a design; {time.perf_counter() - begin:.0f} s. At most\n0.1 kg was asked.\n"
    )
    print("| front of payload over | points | most by which a design beats a point, kg |\n|---|---|---|")
    for front in fronts:
        print(f"| {front.resource} | {len(front.points)} | {most[front.resource]:+.3f} |", flush=True)


def study() -> None:
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        subprocess.run(
            ["lander-uq", "run", "resource-optimization", "--workers", "2", "--output", f"{folder}/out"],
            check=True,
            capture_output=True,
        )
        wall = time.perf_counter() - begin
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print("\n## the study\n\n`lander-uq run resource-optimization` on the default lander, two workers.\n")
    print("| | reached | asked |\n|---|---|---|")
    print(f"| time | {wall:.0f} s | 120 s |")
    print(f"| processor time | {used.ru_utime + used.ru_stime:.0f} s | |")
    print(f"| memory of the largest process | {used.ru_maxrss / 1024:.0f} MiB | 1,024 MiB |", flush=True)


SECTIONS = {"nsga": nsga, "designs": designs, "study": study}

if __name__ == "__main__":
    if not sys.argv[1:]:
        print("# Fronts\n\n`python -m tests.benchmarks.fronts` writes this page anew.")
    for section in sys.argv[1:] or SECTIONS:
        SECTIONS[section]()
