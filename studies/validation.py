"""Does the sizing model reproduce what others published, and what has nobody published that it could be held to?

Component functions against printed tables, reference equations of state, catalogues and flown engines.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.architectures import comparison, electric_pump, pressure_fed
from models.architectures.budget import CONSUMABLES
from models.components import tank
from models.components.tank import Tank
from models.lander import Status
from models.quantity import BAR, first_value
from studies.analysis.placement import Workers
from studies.analysis.published.flown_figures import against_flown
from studies.analysis.published.published_cases import CATALOGUE, lines
from studies.case.case import Case, load, shipped
from studies.presentation.provenance import provenance
from uq.core.table import Cell, Column, Table, header
from uq.report import curve_figures
from uq.report.document import Brief, Report, Section
from uq.report.terminal import Watch, silent

UNTESTED = (
    "tanks below 10 bar, where minimum gauge and fixed mass rule",
    "pumps of a few hundred watts on hypergolic propellants: losses of small pumps are laws for large ones, extended",
    "the ullage of nitrogen tetroxide: vapour, and helium in solution",
    "throttled engines with pumps, and packs at their temperature limit",
    "the mass of a whole electric-pump lander: none has published its budget, so closure rests on its parts",
)


HELIUM = frozenset({"helium"})


def _landers() -> Section:
    """Every shipped lander, all inputs at their medians, against the public figures of its class."""
    rows: list[tuple[Cell, ...]] = []
    existing: list[tuple[Cell, ...]] = []
    for name in shipped():
        case = load(name)
        lander = case.baseline()
        fed, pumped = (comparison.size(each, lander).sizing for each in (pressure_fed, electric_pump))
        if not (fed.status == Status.GOOD).all() or not (pumped.status == Status.GOOD).all():
            raise ValueError(f"case {name!r} has no design with every input at its median")
        existing += [
            (
                case.title,
                each.name,
                each.unit,
                each.value,
                each.low,
                each.high,
                each.rows,
                each.verdict if each.verdict != "outside" else "OUTSIDE",
            )
            for each in against_flown(lander, fed)
        ]
        propellant = sum(float(fed.masses[item][0]) for item in CONSUMABLES - HELIUM)
        rows.append(
            (
                case.title,
                case.sources["launch_mass"],
                case.sources["payload"],
                first_value(lander.payload),
                float(fed.payload[0]),
                float(pumped.payload[0]),
                propellant / float(fed.launch_mass[0]),
                first_value(fed.propulsion.flight.thrust_to_weight),
            )
        )
    heads = header(
        "case | launch mass is that of | payload is that of | payload asked [kg] | "
        "payload, pressure-fed [kg] | payload, electric pump [kg] | propellant over launch mass | "
        "thrust over weight at descent"
    )
    return Section(
        "The landers of the case files",
        (
            "No public budget is broken down far enough to hold a lander's dry masses to it, so the platform of each "
            "case is judged such that its pressure-fed lander carries its payload: the closure of payloads is by "
            "construction. What is computed and can be compared is the share of propellant: SLIM took 515 of 715 kg, "
            "72 %, for 3.9 km/s (JAXA/ISAS); Chang'e 3 landed 1200 of 3780 kg, 68 % burnt (CNSA).",
            "Every pressure-fed optimum is held against what has flown, engines within a factor of four of its thrust. "
            "Outside is no error but a question. Tanks are lighter for what they hold than "
            "the catalogue's, for they stand 12 bar, not 20. Helium is less than Apollo's stages carried, which "
            "emptied in one burn or a few: bottles warm up in the coasts between ours.",
        ),
        (
            Table("landers", "Every input at its median", heads, tuple(rows)),
            Table(
                "flown",
                "Pressure-fed optima against what has flown",
                tuple(
                    Column(head)
                    for head in ("case", "figure", "unit", "value", "from", "to", "rows", "verdict")
                ),
                tuple(existing),
            ),
        ),
    )


def run(
    case: Case,
    *,
    samples: int = 1,
    seed: int = 1,
    workers: Workers = 1,
    output: Path | None = None,
    watch: Watch = silent,
) -> Report:
    """Every published case against the component functions, and the landers of all shipped cases against the public
    figures of their classes.

    Parameters
    ----------
    case, samples, seed, workers : Case, int, int, Workers
        Change nothing.
    output : Path, optional
        Folder that keeps samples (a run continues there) and surrogates; nothing is kept without one.
    watch : Watch, default silent
        Gets the name of each stage, and the share of it that is done.

    Returns
    -------
    Report
        Brief, chapters and tables.
    """
    watch("published cases", float("nan"))
    found = list(lines())
    met = [line for line in found if line.met]
    rows: list[tuple[Cell, ...]] = [
        (
            line.case,
            line.quantity,
            line.unit,
            line.published,
            line.computed,
            f"{line.deviation:+.3g}" if line.absolute else f"{line.deviation:+.2%}",
            f"{line.tolerance:g} {line.unit}".strip() if line.absolute else f"{line.tolerance:.2%}",
            "met" if line.met else "NOT MET",
        )
        for line in found
    ]
    heads = ("case", "quantity", "unit", "published", "computed", "deviation", "tolerance", "verdict")
    table = Table("cases", "Published cases, line by line", tuple(Column(h) for h in heads), tuple(rows))
    sources = Table(
        "sources",
        "Where the published numbers stand",
        header("case | source"),
        tuple({line.case: (line.case, line.source) for line in found}.values()),
    )
    volume, pressure, mass = CATALOGUE.T
    model = np.asarray(tank.mass(volume * 1e-3, pressure * BAR, Tank()))
    pairs = {
        "every line": (
            np.array([abs(line.published) for line in found]),
            np.array([abs(line.computed) for line in found]),
        ),
    }
    drawn = curve_figures.parity(
        "published",
        "Computed against published, every line of every case",
        pairs,
        labels=("published", "computed"),
        logarithmic=True,
        alt="Points along the diagonal over seven decades.",
    )
    tanks = curve_figures.parity(
        "tanks",
        "Titanium tanks: model against catalogue, dashed 20 %",
        {"mass of a tank": (mass, model)},
        labels=("catalogue, kg", "model, kg"),
        bands=(0.2,),
        alt="Ten tanks of 11 to 49 kg along the diagonal, within the dashed lines.",
    )
    missed = "; ".join(f"{m.case}, {m.quantity}" for m in found if not m.met)
    return Report(
        study="validation",
        title="Validation: published cases",
        question="Does the sizing model reproduce what others published?",
        brief=Brief(
            f"{len(met)} of {len(found)} printed numbers are met within their tolerances.",
            facts=(
                *([("Not met", missed)] if missed else []),
                ("No published case tests", "; ".join(UNTESTED)),
            ),
        ),
        sections=(
            Section("Line by line", (), (table, sources, drawn, tanks)),
            _landers(),
            Section("What no case tests", tuple(f"{text[0].upper()}{text[1:]}." for text in UNTESTED)),
        ),
        provenance=provenance(case, None, samples=samples, seed=seed),
    )
