"""Every concept of a case under limits on electric power and energy, all inputs at their medians, and the fronts.

A design under a limit is the best continuous design there (`models.architectures.concepts`).  Limits on power reach
from a share of what the best concept would take to that, and those on energy likewise; the last level is no limit.  The
fronts of payload and, at the case's payload, of launch mass are what no other design beats at as little power, and at
as little energy.  The loaded propulsion system is launch mass less platform less payload, so that its front is the
same: each point has it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from models import quantity
from models.architectures.comparison import Best, launch_mass_for, size
from models.architectures.concepts import MODULES, Concept, SizedConcepts, size_concepts
from models.lander import Status
from studies.analysis.concepts.least_violated import least_violated
from studies.analysis.placement import Workers, placed
from studies.case.case import Case
from uq.campaign.processes import spread
from uq.campaign.runner import CampaignError
from uq.core.array_types import FloatArray
from uq.optimization.dominance import knee, nondominated
from uq.report.terminal import Watch, silent

LEVELS = 12
"""Limits on electric power, the last of which is none."""
ENERGY_LEVELS = 8
"""Limits on electric energy besides."""
LEAST_SHARE = 0.2
"""Of the power and energy of the concept of most payload, at the lowest level."""
SAME = 1e-3
"""Powers, or energies, this near to each other, as a share of the largest, are one point of a front."""
SAME_MASS = 0.05
"""kg that one point of a front must gain on the one before."""
MOST_CONCEPTS = 240
"""Concepts that are sized at every level, where there are more."""
MOST_CLOSED = 48
"""Of these, those whose launch mass at the case's payload is found: a front of payload has few concepts."""
NO_PRICE = float("nan")
"""Of the last point of a front, which has no next."""
ROUGH = 0.02
"""kg; predicted gain at which the search of all concepts stops, where those that compete differ by kilograms."""


@dataclass(frozen=True)
class Point:
    """One point of a front: a concept under limits, at its best design with every input at its median."""

    concept: Concept
    power_limit: float
    energy_limit: float
    payload: float
    launch_mass: float
    power: float
    energy: float
    propulsion_mass: float
    price: float = float("nan")
    """kg of the front's goal that the next W, or J, buys on the way to the next point; NaN of the last."""


@dataclass(frozen=True)
class Front:
    """Of the pump's concepts, by rising power or energy: what no other design beats for as little of it."""

    goal: str
    """``payload``, to be large at the case's launch mass, or ``launch_mass``, to be small at its payload."""
    resource: str
    """``power`` or ``energy``."""
    points: tuple[Point, ...]
    knee: int
    """Row of `points`."""
    pressure: Point
    """The best pressure-fed concept, without electric power."""

    @property
    def resources(self) -> FloatArray:
        """Power in W, or energy in J, of every point."""
        return np.array([getattr(p, self.resource) for p in self.points])

    def gain(self, point: Point) -> float:
        """What a point is better than the pressure-fed optimum.

        Parameters
        ----------
        point : Point
            Of this front.

        Returns
        -------
        float
            kg, positive where it is better.
        """
        more = getattr(point, self.goal) - getattr(self.pressure, self.goal)
        return float(more if self.goal == "payload" else -more)

    def slope(self, first: int) -> float:
        """What a W, or a J, buys between a point and the next one.

        Parameters
        ----------
        first : int
            Row of the point.

        Returns
        -------
        float
            kg; 0 beyond the ends.
        """
        if not 0 <= first < len(self.points) - 1:
            return 0.0
        gains = [self.gain(p) for p in self.points[first : first + 2]]
        return float((gains[1] - gains[0]) / np.diff(self.resources[first : first + 2])[0])


@dataclass(frozen=True)
class Screen:
    """All concepts with every input at its median."""

    free: SizedConcepts
    """Every concept of the pump, without limits."""
    pump: SizedConcepts
    """Those that compete, at the case's launch mass."""
    closed: SizedConcepts
    """The best of them, each at the launch mass that lands the case's payload."""
    pressure: SizedConcepts
    fronts: Mapping[tuple[str, str], Front]
    """By goal and resource."""

    @property
    def front(self) -> Front:
        """Of payload over electric power."""
        return self.fronts["payload", "power"]

    def closing_mass(self, point: Point) -> float | None:
        """kg of launch mass at which the concept of a point lands the case's payload under the same limits.

        Parameters
        ----------
        point : Point
            Of a front, or the pressure-fed optimum.

        Returns
        -------
        float or None
            None where it was not asked.
        """
        of_pressure = self.fronts["launch_mass", "power"].pressure
        if point.concept == of_pressure.concept:
            return of_pressure.launch_mass
        if point.concept not in self.closed.concepts:
            return None
        same = (self.closed.power_limits == point.power_limit) & (
            self.closed.energy_limits == point.energy_limit
        )
        row = self.closed.concepts.index(point.concept)
        return float(self.closed["launch_mass"][row, int(np.argmax(same)), 0])


def medians(case: Case) -> dict[str, FloatArray]:
    """The one sample in which every input is at its median.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.

    Returns
    -------
    dict of str to ndarray (1,)
        By input.
    """
    return {i.name: np.array([float(i.distribution.ppf(0.5))]) for i in case.inputs}


def screened(
    case: Case,
    *,
    chosen: Mapping[str, str] | None = None,
    levels: int = LEVELS,
    workers: Workers = 1,
    watch: Watch = silent,
) -> Screen:
    """Size every concept of both architectures in which the `chosen` decisions are taken, the pump's at every level.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    chosen : Mapping[str, str], optional
        Options that are taken, by decision.
    levels : int, default LEVELS
        Limits on power at which the pump's concepts are sized, the one without limit among them.
    workers : Workers, default 1
        Processes, or a placement of them.
    watch : Watch, default silent
        Gets the name of each stage, and the share of it that is done.

    Returns
    -------
    Screen

    Raises
    ------
    CaseError
        If decisions leave no concept.
    CampaignError
        If no concept of an architecture has a design.
    """
    each = partial(spread, workers=placed(workers).processes)
    sample = medians(case)
    watch("sizing concepts", 0.0)
    own = {a: case.decisions.chosen_of(a, chosen or {}) for a in MODULES}
    without = case.decisions.concepts("pressure_fed", own["pressure_fed"])
    concepts = case.decisions.concepts("electric_pump", own["electric_pump"])
    pressure = size_concepts(without, samples=sample, each=each)
    free = size_concepts(concepts, samples=sample, each=each, tolerance=ROUGH)
    require_designs(case, "pressure-fed", pressure)
    require_designs(case, "electric-pump", free)
    watch("sizing concepts", 0.4)
    levels_of = partial(size_concepts, samples=sample, each=each)
    power, energy = limits(free, levels)
    few = [concepts[c] for c in _competing(concepts, free, partial(levels_of, power_limits=power[:1]))]
    watch("sizing concepts", 0.6)
    pump = levels_of(few, power_limits=power, energy_limits=energy)
    watch("sizing concepts", 0.9)
    half = MOST_CLOSED // 2
    fewer = sorted({*_ranked(pump, -1)[:half], *_ranked(pump, 0)[:half]})
    closed = levels_of(
        [few[c] for c in fewer],
        power_limits=power,
        energy_limits=energy,
        payload=float(case.lander.payload),
    )
    best = _point(pressure, int(np.nanargmax(pressure["payload"][:, 0, 0])), 0)
    closing = launch_mass_for(
        best.concept.search["architecture"],
        designed(case, [best])[0],
        np.array([float(case.lander.payload)]),
        fixed=best.concept.search.get("fixed"),
    ).sizing
    at_payload = Point(
        best.concept,
        np.inf,
        np.inf,
        float(closing.payload[0]),
        float(closing.launch_mass[0]),
        0.0,
        0.0,
        float(closing.propulsion_mass[0]),
    )
    fronts = {
        (goal, resource): _front(sized, goal, resource, reference)
        for goal, sized, reference in (("payload", pump, best), ("launch_mass", closed, at_payload))
        for resource in ("power", "energy")
    }
    watch("sizing concepts", 1.0)
    return Screen(free, pump, closed, pressure, fronts)


def require_designs(case: Case, title: str, sized: SizedConcepts) -> None:
    """Raise CampaignError where no concept has a design: the reasons, and which concept misses what by least.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    title : str
        What the concepts are.
    sized : SizedConcepts
        All of them.

    Raises
    ------
    CampaignError
        Where none has a design.
    """
    if np.isfinite(sized["payload"]).any():
        return
    codes, counts = np.unique(sized.status, return_counts=True)
    order = np.argsort(-counts)
    reasons = ", ".join(f"{counts[k]} {Status(int(codes[k])).name.lower().replace('_', ' ')}" for k in order)
    nearest = least_violated(case, sized)
    raise CampaignError(
        f"no {title} concept of case {case.name!r} has a design ({reasons}); the least violated one, "
        f"{case.decisions.title(nearest.concept)}: {nearest.words}; look at it with `lander-uq size --concept "
        f"{','.join(f'{name}={option}' for name, option in nearest.concept.options.items())}`"
    )


def limits(free: SizedConcepts, levels: int) -> tuple[list[float], list[float]]:
    """Limits on power (W) and on energy (J), level by level: even ratios up to what the concept of most payload takes
    of either, the other free, and at last none.

    Parameters
    ----------
    free : SizedConcepts
        Every concept without limits.
    levels : int
        How many on power, the one without limit among them.

    Returns
    -------
    tuple of list
        W and J, infinite where there is no limit.
    """
    row = int(np.nanargmax(free["payload"][:, -1, 0]))
    top, most = (float(free[name][row, -1, 0]) for name in ("electric_power", "electric_energy"))
    power = (top * np.geomspace(LEAST_SHARE, 1.0, levels)[:-1]).tolist()
    energy = (most * np.geomspace(LEAST_SHARE, 1.0, ENERGY_LEVELS + 1)[:-1]).tolist()
    none = [float("inf")]
    return [*power, *(none * len(energy)), *none], [*(none * len(power)), *energy, *none]


def _ranked(sized: SizedConcepts, level: int) -> list[int]:
    """Concepts with a design at a level, that of most payload first."""
    payload = sized["payload"][:, level, 0]
    order = np.argsort(-np.nan_to_num(payload, nan=-np.inf), kind="stable")
    return [int(c) for c in order if np.isfinite(payload[c])]


def _competing(
    concepts: Sequence[Concept], free: SizedConcepts, least: Callable[[list[Concept]], SizedConcepts]
) -> list[int]:
    """Concepts among the `MOST_CONCEPTS` of most payload, half without limit and half at the lowest power, which
    `least` sizes.  A limit only costs payload: whoever carries less without one than another there needs no look."""
    ranked, half = _ranked(free, -1), MOST_CONCEPTS // 2
    first = least([concepts[c] for c in ranked[:half]])["payload"]
    bound = np.max(first, initial=-np.inf, where=np.isfinite(first)) - ROUGH
    able = [c for c in ranked if free["payload"][c, 0, 0] > bound]
    if len(able) <= MOST_CONCEPTS:
        return sorted(ranked[:MOST_CONCEPTS])
    weak = _ranked(least([concepts[c] for c in able]), -1)[:half]
    return sorted({*ranked[:half], *(able[k] for k in weak)})


def _point(sized: SizedConcepts, concept: int, level: int, price: float = float("nan")) -> Point:
    def one(name: str) -> float:
        return float(sized[name][concept, level, 0])

    return Point(
        sized.concepts[concept],
        float(sized.power_limits[level]),
        float(sized.energy_limits[level]),
        payload=one("payload"),
        launch_mass=one("launch_mass"),
        power=one("electric_power"),
        energy=one("electric_energy"),
        propulsion_mass=one("propulsion_mass"),
        price=price,
    )


def _front(sized: SizedConcepts, goal: str, resource: str, pressure: Point) -> Front:
    sign = -1.0 if goal == "payload" else 1.0
    # a limit on power is best met at least power, not at least energy: each front has the levels of its own
    other = sized.energy_limits if resource == "power" else sized.power_limits
    own = np.flatnonzero(np.isposinf(other))
    first, used = sign * sized[goal][:, own, 0], sized[f"electric_{resource}"][:, own, 0]
    goals = np.column_stack([first.ravel(), used.ravel()])
    beyond = np.flatnonzero(nondominated(goals))
    beyond = beyond[np.argsort(goals[beyond, 1], kind="stable")]
    # A limit is kept within the tolerance of the search: nearer than that, two powers are one, and so are two masses.
    step = SAME * float(np.nanmax(used))
    rows: list[int] = []
    for row in beyond.tolist():
        if rows and goals[row, 1] - goals[rows[-1], 1] < step:
            rows[-1] = row
        elif not rows or goals[rows[-1], 0] - goals[row, 0] > SAME_MASS:
            rows.append(row)
    exact = goals[rows]
    ahead = [*(-np.diff(exact[:, 0]) / np.diff(exact[:, 1])).tolist(), NO_PRICE]
    where = zip(*np.unravel_index(rows, first.shape), strict=True)
    points = tuple(_point(sized, int(c), int(own[k]), p) for (c, k), p in zip(where, ahead, strict=True))
    return Front(goal, resource, points, knee(exact), pressure)


def unlimited(concept: Concept) -> Point:
    """A point to design: the concept without limits.

    Parameters
    ----------
    concept : Concept
        A choice of options, and its architecture.

    Returns
    -------
    Point
    """
    nan = float("nan")
    return Point(concept, np.inf, np.inf, nan, nan, nan, nan, nan)


def designed(case: Case, points: Sequence[Point], *, payload: float | None = None) -> list[Best]:
    """The whole design of each point, inputs at their medians.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    points : sequence of Point
        Concept and limits.
    payload : float, optional
        kg; then the launch mass is the least that lands it, instead of the payload the most at the launch mass.

    Returns
    -------
    list of Best
        In the order of the points.
    """
    middle = {name: float(column[0]) for name, column in medians(case).items()}
    found = []
    for point in points:
        concept = point.concept
        free = {name: value for name, value in middle.items() if name not in concept.decided}
        ceilings = {
            name: min(getattr(point, name), float(getattr(concept.lander, name)))
            for name in ("power_limit", "energy_limit")
        }
        best = size(lander=quantity.substitute(concept.lander, {**free, **ceilings}), **concept.search)
        if payload is not None:
            search = concept.search
            best = launch_mass_for(
                search["architecture"], best, np.array([payload]), fixed=search.get("fixed")
            )
        found.append(best)
    return found
