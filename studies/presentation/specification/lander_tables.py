"""The whole lander that the requirements belong to, and its mass budget with growth allowance."""

from __future__ import annotations

from models.quantity import BAR, ZERO_CELSIUS, first_value
from studies.analysis.specified_design import SpecifiedDesign
from studies.presentation.specification.drive import RPM
from uq.core.table import Cell, Table, header
from uq.report.spreadsheet import Formula, Sheet, address
from uq.requirements.specification.entries import as_written


def lander_table(specified: SpecifiedDesign) -> Table:
    """The design in one table.

    Parameters
    ----------
    specified : SpecifiedDesign
        The fixed design that the requirements belong to.

    Returns
    -------
    Table
    """
    d = specified.design
    drives = d.drives
    assert drives is not None
    rows: list[tuple[Cell, ...]] = [
        ("launch mass", d.launch_mass, "kg"),
        ("payload", specified.column("payload"), "kg"),
        ("loaded propulsion system", specified.column("propulsion_mass"), "kg"),
        ("propulsion dry mass", specified.column("dry_mass"), "kg"),
        ("power drive mass, without growth", specified.column("power_drive_mass"), "kg"),
        ("engines", d.engines, "-"),
        ("thrust of all engines", d.thrust / 1e3, "kN"),
        ("rated chamber pressure", d.chamber_pressure / BAR, "bar"),
        ("nozzle area ratio", d.area_ratio, "-"),
        ("specific impulse", specified.column("specific_impulse"), "s"),
        ("mixture ratio", d.mixture_ratio, "-"),
        ("tanks of each propellant", d.tank_number, "-"),
        ("oxidiser tank volume, each", 1e3 * d.tank_volumes[0], "L"),
        ("fuel tank volume, each", 1e3 * d.tank_volumes[1], "L"),
        ("oxidiser tank pressure, regulated", d.tank_pressures[0] / BAR, "bar"),
        ("fuel tank pressure, regulated", d.tank_pressures[1] / BAR, "bar"),
        ("oxidiser tank, highest pressure", d.maximum_pressures[0] / BAR, "bar"),
        ("fuel tank, highest pressure", d.maximum_pressures[1] / BAR, "bar"),
        ("oxidiser loaded", d.loads[0], "kg"),
        ("fuel loaded", d.loads[1], "kg"),
        ("helium loaded, for the main tanks", d.helium, "kg"),
        ("helium loaded, all tanks", first_value(specified.simulated.sizing.masses["helium"]), "kg"),
        ("pump sets that run", drives.sets, "-"),
        ("spare sets for each", drives.spares_per_set, "-"),
        ("pumps' battery, cells in series", float(specified.pack[0]), "-"),
        ("pumps' battery, strings in parallel", float(specified.pack[1]), "-"),
        ("electric power, full thrust", specified.column("electric_power") / 1e3, "kW"),
        ("electric power, rating with margin", drives.power_rating / 1e3, "kW"),
        ("electric energy, all burns and starts", specified.column("electric_energy") / 3.6e6, "kWh"),
    ]
    for p in specified.pumps:
        rows += [
            (f"{p.liquid} pump, flow of the rated point", 1e3 * p.flow, "L/s"),
            (f"{p.liquid} pump, rise", p.rise / BAR, "bar"),
            (f"{p.liquid} pump, efficiency", p.efficiency, "-"),
            (f"{p.liquid} pump, speed", as_written(p.speed * RPM), "1/min"),
            (f"{p.liquid} pump, hottest inlet", p.hottest_inlet - ZERO_CELSIUS, "degC"),
        ]
    where = "the set of requirements" if specified.required else "today's best estimates"
    return Table(
        "specified-design",
        "The design that the requirements belong to",
        header("quantity | value | unit"),
        tuple(rows),
        (
            f"Fixed at {where}, with the margins of a fixed design; payload, power and energy as it flies "
            "at those values "
            "and best estimates else. The table of best designs above holds others: without margins.",
        ),
    )


def mass_budget(specified: SpecifiedDesign) -> Sheet:
    """The mass budget with its growth allowance, sums and products as formulas.

    Parameters
    ----------
    specified : SpecifiedDesign
        The fixed design that the requirements belong to.

    Returns
    -------
    Sheet
    """
    masses = {name: mass for name, mass in specified.masses.items() if name != "growth"}
    rows: list[tuple[Cell, ...]] = []
    formulas: dict[tuple[int, int], Formula] = {}
    for i, (name, mass) in enumerate(masses.items()):
        share = specified.growth(name)
        rows.append((name, mass, 100.0 * share, mass * share, mass * (1.0 + share)))
        basic, percent, growth = (address(i, column) for column in (1, 2, 3))
        formulas[i, 3] = Formula(f"={basic}*{percent}/100", mass * share)
        formulas[i, 4] = Formula(f"={basic}+{growth}", mass * (1.0 + share))
    n = len(rows)
    basic_sum = sum(masses.values())
    growth_sum = sum(mass * specified.growth(name) for name, mass in masses.items())
    sums = (basic_sum, growth_sum, basic_sum + growth_sum)
    rows.append(("loaded propulsion system", sums[0], None, sums[1], sums[2]))
    for column, value in zip((1, 3, 4), sums, strict=True):
        formulas[n, column] = Formula(f"=SUM({address(0, column)}:{address(n - 1, column)})", value)
    platform = float(specified.lander.platform_mass)
    launch = specified.design.launch_mass
    rows += [
        ("platform", None, None, None, platform),
        ("launch mass", None, None, None, launch),
        ("payload that is left", None, None, None, launch - platform - sums[2]),
    ]
    total, own, top = (address(n + k, 4) for k in range(3))
    formulas[n + 3, 4] = Formula(f"={top}-{own}-{total}", launch - platform - sums[2])
    table = Table(
        "required-design-mass-budget",
        "Mass budget of the design that the requirements belong to",
        header("item | basic mass [kg]:2 | growth allowance [%]:1 | growth [kg]:2 | predicted mass [kg]:2"),
        tuple(rows),
        (
            "Growth allowances by item and maturity: ANSI/AIAA S-120A. Change a basic mass or an "
            "allowance and the sums follow.",
        ),
    )
    return Sheet(table, formulas)
