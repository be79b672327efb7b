"""The requirements as a pump maker reads them: numbers that agree, one quantity a sentence, one design everywhere."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_study import content

from models.components import harness
from models.quantity import STANDARD_GRAVITY
from studies.analysis.accounts.steps import MASS_STEP, SUPPLIED
from studies.analysis.single_requirements import EFFICIENCY
from studies.analysis.specified_design import SpecifiedDesign, specified_design
from studies.presentation.brief import quantities
from studies.presentation.specification import section, workbook
from studies.presentation.specification.document import specification
from studies.presentation.specification.scope import propellant_table, scope_table
from uq.core.estimate import Estimate
from uq.core.table import Table, words
from uq.requirements import Entry, Statement, acceptance, read, read_entries
from uq.requirements.specification.entries import as_written
from uq.requirements.specification.tables import accepted, accepted_words

PRINTED = 1e-3
"""Relative: the numbers of a page have four digits."""


@pytest.fixture(scope="module")
def requirements(finished: Any) -> Any:
    return content(finished[2])


@pytest.fixture(scope="module")
def items(requirements: Any) -> dict[str, Statement | Entry]:
    return {s.identifier: s for s in specification(requirements)}


@pytest.fixture(scope="module")
def specified(requirements: Any) -> SpecifiedDesign:
    found = specified_design(requirements)
    assert found is not None
    return found


def printed(items: dict[str, Statement | Entry], name: str) -> float:
    """A value as a reader finds it in the sentence: the first number before its unit."""
    s = items[name]
    assert f"{as_written(s.value):.10g}" in s.text.replace(",", " "), s.text
    return as_written(s.value)


@pytest.mark.parametrize("pump", ["OX", "FU"])
def test_a_reviewer_who_multiplies_finds_the_numbers_in_agreement(
    items: dict[str, Statement | Entry], pump: str
) -> None:
    def value(name: str) -> float:
        return printed(items, f"{name}-{pump}")

    shaft = value("PUMP-FLOW") * value("PUMP-RISE") / value("PUMP-EFF") / 10.0  # L/s bar is 0.1 kW
    assert f"at a shaft power of {shaft:.3g}"[:-1] in items[f"PUMP-EFF-{pump}"].rationale
    terminal = shaft / value("MOTOR-EFF")
    assert terminal / value("INVERTER-EFF") == pytest.approx(value("DRIVE-INPUT"), rel=PRINTED)
    assert value("MOTOR-RATING") > shaft
    assert value("INVERTER-RATING") > terminal
    assert value("PUMP-SPEED-LEAST") < value("PUMP-SPEED")
    assert value("PUMP-FLOW-LEAST") < value("PUMP-FLOW")
    current = value("DRIVE-CURRENT") * items["SET-VOLTAGE-LEAST"].value / 1e3
    assert current == pytest.approx(value("DRIVE-INPUT"), rel=PRINTED)
    for_cables = value("DRIVE-CURRENT-RATING") * items["SET-VOLTAGE-LEAST"].value / 1e3
    assert for_cables == pytest.approx(value("INVERTER-RATING") / value("INVERTER-EFF"), rel=PRINTED)
    assert for_cables > 1.3 * value("DRIVE-INPUT")  # the rating holds the design's margin
    assert 50.0 < value("PUMP-ENVELOPE-DIAMETER") < value("PUMP-ENVELOPE-LENGTH") < 400.0
    assert value("PUMP-PROOF") == pytest.approx(1.5 * value("PUMP-MEOP"), rel=PRINTED)


def test_each_point_named_in_any_sentence_gives_the_power_that_its_rationale_names(
    items: dict[str, Statement | Entry],
) -> None:
    found = 0
    for s in items.values():
        point = re.search(r"\(([\d.]+) L/s, ([\d.]+) bar", s.text)
        power = re.search(r"([\d.]+) kW at the shaft and an efficiency of ([\d.]+)", s.rationale)
        if point and power and s.identifier.startswith("PUMP-EFF-TERMINAL"):
            expected = float(point[1]) * float(point[2]) / float(power[2]) / 10.0
            assert (
                0.0 <= float(power[2]) - s.value < 0.01
            )  # the digits of its test, and no more than is needed
            assert s.value == pytest.approx(round(s.value, 2), abs=1e-12)
            assert float(power[1]) == pytest.approx(expected, rel=PRINTED)
            found += 1
        if point and "rated point" in s.text:
            pump = s.identifier[-2:]
            assert float(point[1]) == printed(items, f"PUMP-FLOW-{pump}")
            assert float(point[2]) == printed(items, f"PUMP-RISE-{pump}")
    assert found == 2


def test_the_set_is_allowed_the_power_of_its_drives(
    items: dict[str, Statement | Entry], specified: SpecifiedDesign
) -> None:
    built = specified.design.drives
    assert built is not None
    together = built.sets * 1e3 * sum(items[f"DRIVE-INPUT-{p}"].value for p in ("OX", "FU"))
    drawn = float(
        np.ravel(together + harness.loss(together, built.power_rating, specified.lander.harness))[0]
    )
    assert drawn == pytest.approx(1e3 * printed(items, "SET-DRAW"), rel=PRINTED)
    assert drawn < 1e3 * items["SET-POWER"].value < 1.6 * drawn


def test_tolerances_of_flow_and_rise_contradict_no_power(items: dict[str, Statement | Entry]) -> None:
    for s in items.values():
        assert not s.identifier.startswith("PUMP-SHAFT"), "flow times rise over PUMP-EFF, said once"
        if s.identifier.startswith(("DRIVE-INPUT", "SET-DRAW")):
            assert "nominal flow and rise" in s.text


def test_the_battery_is_a_pack_of_one_energy_mass_and_power(
    items: dict[str, Statement | Entry], specified: SpecifiedDesign
) -> None:
    mass = printed(items, "BATTERY-MASS")
    assert mass == pytest.approx(specified.masses["battery"], rel=PRINTED)
    asked = items.get("BATTERY-ENERGY")
    specific = specified.lander.battery.specific_energy / 3600.0 if asked is None else asked.value
    assert printed(items, "BATTERY-STORED") == pytest.approx(mass * specific, rel=PRINTED)
    current = re.search(r"([\d.]+) A at that voltage", items["BATTERY-DRAW"].rationale)
    assert current
    power = float(current[1]) * items["SET-VOLTAGE-LEAST"].value / 1e3
    assert power == pytest.approx(printed(items, "BATTERY-DRAW"), rel=PRINTED)
    assert specified.column("battery_power_shortfall") <= 0.0
    share = float(specified.lander.battery.bus_share)
    assert (share > 0.0) == ("BATTERY-LENT" in items) == ("BATTERY-LENT" in items["BATTERY-DRAW"].text)


def test_a_new_unit_wears_and_what_is_not_analysed_is_asked_for(
    items: dict[str, Statement | Entry], specified: SpecifiedDesign
) -> None:
    each = ("PUMP-WEAR", "MOTOR-INSULATION", "MOTOR-CRITICAL-SPEED")
    of_all = ("SET-TEST-MEDIUM", "SET-CLEANLINESS", "SET-MOUNTING", "SET-BASE-PLATE")
    for name in (*of_all, *(f"{name}-{end}" for name in each for end in ("OX", "FU"))):
        assert items[name].attributes.status == "TBD", name
    for end in ("OX", "FU"):
        output = float(re.findall(r"([\d.]+) kW", items[f"INVERTER-EFF-{end}"].text)[0])
        heat = output * (1.0 / items[f"INVERTER-EFF-{end}"].value - 1.0)
        assert items[f"INVERTER-HEAT-{end}"].value == pytest.approx(
            1e3 * heat, rel=3e-3
        )  # a small difference


def test_the_payload_of_the_rationales_is_explained_once(
    items: dict[str, Statement | Entry], specified: SpecifiedDesign
) -> None:
    said = items["SYS-PAYLOAD-GAIN"].rationale
    assert f"The payload in the rationales, {specified.column('payload'):.0f} kg" in said
    assert re.search(r"the pressure-fed lander with the same margins carries \d+ kg", said)


def test_no_sentence_binds_a_supplier_to_the_speed_of_this_design(
    items: dict[str, Statement | Entry],
) -> None:
    for s in items.values():
        if " shall " in s.text and "1/min" in s.text and not s.identifier.startswith("PUMP-SPEED"):
            assert "the offered rated speed (" in s.text, s.text


def test_what_the_case_asks_is_confirmed_by_the_fresh_runs_that_confirm_its_set(
    requirements: Any, items: dict[str, Statement | Entry]
) -> None:
    wanted = f"with a probability of at least {requirements.case.wanted_probability:.2f}"
    system = [s for s in items.values() if s.identifier.startswith("SYS-")]
    assert all(wanted in accepted_words(s) for s in system if s.identifier != "SYS-WORKS")
    of_the_set = {s.attributes.status for s in items.values() if isinstance(s, Statement)}
    reaches = requirements.proposal.goal >= requirements.case.wanted_probability
    assert {s.attributes.status for s in system} == (of_the_set if reaches else {"TBC"})


def test_ratings_follow_from_the_numbers_that_their_rationales_name(
    items: dict[str, Statement | Entry],
) -> None:
    for name in (
        "MOTOR-RATING-OX",
        "MOTOR-RATING-FU",
        "INVERTER-RATING-OX",
        "INVERTER-RATING-FU",
        "SET-POWER",
    ):
        found = re.search(r"([\d.]+) kW, with a margin of ([\d.]+) %", items[name].rationale)
        assert found, items[name].rationale
        demanded = float(found[1]) * (1.0 + float(found[2]) / 100.0)
        rounded_up = items[name].value - demanded
        assert -PRINTED * demanded <= rounded_up <= (0.01 if name == "SET-POWER" else PRINTED * demanded)


def test_the_energy_of_the_design_is_the_sum_of_its_duty_and_its_starts(specified: SpecifiedDesign) -> None:
    built, lander = specified.design.drives, specified.lander
    assert built is not None
    burns = [
        sum(duty) for duty in zip(*([b.drive_power for b in of] for of in specified.duties), strict=True)
    ]
    running = [b.duration * b.running for b in specified.duties[0]]
    starts = float(np.ravel(lander.residuals.starts)[0]) * float(
        np.ravel(lander.residuals.spin_up_duration)[0]
    )
    powers = built.sets * np.array([*burns, burns[0]])
    drawn = powers + np.ravel(harness.loss(powers, built.power_rating, lander.harness))
    energies = drawn * np.array([*running, starts])  # starts: full power, warm windings
    landing = float(energies[len(running) - 1])
    rest = float(energies.sum()) - landing
    # whole engines land at a higher throttle, and so a higher rise, than the mean number that the energy counts
    assert rest < specified.column("electric_energy") < rest + landing
    assert landing < 0.03 * rest  # so that the two ends hold it closely


def test_the_masses_of_the_budget_are_those_required_of_pumps_motors_and_inverters(
    items: dict[str, Statement | Entry], specified: SpecifiedDesign
) -> None:
    built = specified.design.drives
    assert built is not None
    for part, item in (("PUMP", "pumps"), ("MOTOR", "motors"), ("INVERTER", "inverters")):
        required = built.sets * sum(printed(items, f"{part}-MASS-{p}") for p in ("OX", "FU"))
        assert required == pytest.approx(specified.masses[item], rel=PRINTED)


def test_head_density_and_rise_of_the_propellants_agree(specified: SpecifiedDesign) -> None:
    for row in propellant_table(specified).rows:
        density, head, rise = row[3], row[6], row[7]
        assert density * STANDARD_GRAVITY * head / 1e5 == pytest.approx(rise, rel=1e-9)  # type: ignore[operator]
    rated = [row for row in propellant_table(specified).rows if row[1] == "rated point"]
    for row, pump in zip(rated, specified.pumps, strict=True):
        assert row[7] == pytest.approx(pump.rise / 1e5, rel=1e-9)


def test_every_open_point_has_an_owner_and_a_review_and_no_closed_one_has(
    items: dict[str, Statement | Entry],
) -> None:
    for s in items.values():
        a = s.attributes
        assert (a.status == "confirmed") == (not a.owner) == (not a.due), s.identifier
        assert a.level
        assert a.stage


def test_a_speed_is_the_same_in_every_sentence(items: dict[str, Statement | Entry]) -> None:
    for pump in ("OX", "FU"):
        speed = f"{as_written(items[f'PUMP-SPEED-{pump}'].value):.0f} 1/min"
        named = [s.text for s in items.values() if s.identifier.endswith(pump) and "1/min" in s.text]
        named = [text for text in named if "down to" not in text and "TBD 1/min" not in text]
        assert len(named) >= 4
        assert all(speed in text for text in named)


def test_words_of_a_canned_motor_are_not_said_of_a_dry_one(
    items: dict[str, Statement | Entry], specified: SpecifiedDesign
) -> None:
    canned = float(np.ravel(specified.lander.motor.canned)[0]) > 0.5
    wet = r"\bcan\b|hermetic|drag in the propellant|without other lubricant"
    said = [s for s in items.values() if re.search(wet, f"{s.text} {s.rationale}")]
    assert bool(said) == canned, [s.text for s in said]


def test_no_number_is_printed_to_more_digits_than_an_interval_beside_it_leaves(finished: Any) -> None:
    def places(text: str) -> int:
        mantissa, _, power = text.partition(" ")[0].partition("e")
        return len(mantissa.partition(".")[2]) - int(power or 0)

    compared, wrong = 0, set()
    for table in finished[1].tables:
        for row in table.rows:
            estimates = [
                (words(cell), column.unit)
                for cell, column in zip(row, table.columns, strict=True)
                if isinstance(cell, Estimate) and cell.high > cell.low
            ]
            for cell, column in zip(row, table.columns, strict=True):
                if not isinstance(cell, float):
                    continue
                for text, unit in estimates:
                    if unit == column.unit:
                        compared += 1
                        shown = words(cell, column.decimals, column.digits)
                        two_digits = len(shown.partition("e")[0].replace(".", "").strip("-0")) <= 2
                        if not two_digits and places(shown) > places(text) + 1:
                            wrong.add((table.name, column.name, shown, text))
    assert compared > 50
    assert not wrong


def test_a_sentence_holds_one_quantity_of_one_item_and_no_ratio(items: dict[str, Statement | Entry]) -> None:
    statements = [s for s in items.values() if isinstance(s, Statement)]
    assert statements
    for s in items.values():
        assert len(re.findall(r"\b(?:shall|should)\b", s.text)) == 1, s.text
        assert len(re.findall(r"at least|at most", s.text)) <= 1, s.text
        assert s.text.count("TBD") + (not np.isnan(s.value)) <= 1, s.text
        assert "predicted" not in s.text
        assert "oxidiser" not in s.text or "fuel" not in s.text
        assert s.attributes.item
        assert s.attributes.methods
        assert s.rationale
        assert s.attributes.parent in items or s.identifier.startswith("SYS-")
    assert len({s.rationale for s in statements}) >= len({s.input for s in statements})
    for s in statements:
        assert " shall " in s.text
        assert f"{as_written(s.value):.10g}" in s.text
        assert s.attributes.status in ("confirmed", "TBC")
        low, high = acceptance(s.value, s.side, accuracy=s.attributes.accuracy)
        assert low > s.value or high < s.value


def test_what_this_analysis_does_not_give_is_a_template_that_says_so(
    items: dict[str, Statement | Entry],
) -> None:
    templates = [s for s in items.values() if s.attributes.status == "TBD"]
    assert len(templates) > 10
    for s in templates:
        assert np.isnan(s.value)
        assert "TBD" in s.text
        assert s.attributes.origin == "not from this analysis"
    for s in items.values():
        assert ("TBD" in s.text) == (s.attributes.status == "TBD"), s.text


def test_absolute_values_are_those_of_the_design_that_the_sheets_show(
    items: dict[str, Statement | Entry], specified: SpecifiedDesign, requirements: Any
) -> None:
    assert specified.required
    for p, ending in zip(specified.pumps, ("OX", "FU"), strict=True):
        for name, value in (
            ("PUMP-EFF", p.efficiency),
            ("PUMP-MASS", p.pump_mass),
            ("MOTOR-MASS", p.motor_mass),
            ("INVERTER-MASS", p.inverter_mass),
            ("PUMP-NPSH", p.suction),
        ):
            assert items[f"{name}-{ending}"].value == pytest.approx(value, rel=PRINTED)
    for part in section.sections(requirements):
        for table in part.parts:
            assert isinstance(table, Table)
            for row in table.rows:
                named = [cell for cell in row if isinstance(cell, str) and cell in items]
                values = [cell for cell in row if isinstance(cell, float)]
                if named and values:
                    assert values[0] == pytest.approx(items[named[0]].value, rel=PRINTED)


def test_the_folder_holds_the_specification_for_people_and_tools(finished: Any, items: Any) -> None:
    folder: Path = finished[0]
    text = (folder / "requirements.json").read_text()
    back = (*read(text), *read_entries(text))
    assert {s.identifier for s in back} == items.keys()
    assert {f"requirements.{end}" for end in ("json", "csv", "md", "xlsx", "reqif", "sysml")} <= {
        p.name for p in folder.iterdir()
    }


def test_the_reqif_file_follows_the_schema_and_is_read_back(finished: Any, items: Any) -> None:
    reqif = pytest.importorskip("reqif")
    xmlschema = pytest.importorskip("xmlschema")
    from reqif.parser import ReqIFParser

    path = finished[0] / "requirements.reqif"
    schema = xmlschema.XMLSchema(str(Path(reqif.__file__).parent / "reqif_schema" / "reqif.xsd"))
    schema.validate(str(path))
    content_of = ReqIFParser.parse(str(path)).core_content.req_if_content
    texts = {a.value for one in content_of.spec_objects for a in one.attributes}
    assert len(content_of.spec_objects) == len(items)
    for s in items.values():
        assert s.identifier in texts
        assert s.text in texts


def test_the_workbook_holds_numbers_formulas_that_give_them_and_no_text_that_runs(
    finished: Any, items: Any
) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    path = finished[0] / "requirements.xlsx"
    formulas = openpyxl.load_workbook(path)
    values = openpyxl.load_workbook(path, data_only=True)
    sheets = {"scope", "requirements", "verification control", "parameters", "propellants"}
    assert sheets <= set(formulas.sheetnames)
    count = 0
    for sheet in formulas:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    count += 1
                    now = values[sheet.title][cell.coordinate].value
                    assert _worked_out(values[sheet.title], cell.value) == pytest.approx(
                        now, rel=1e-9, abs=1e-9
                    )
    assert count > 60
    required = {row[0].value: row for row in values["requirements"].iter_rows(min_row=4)}
    heads = [cell.value for cell in values["requirements"][3]]
    for s in items.values():
        cell = required[s.identifier][heads.index("value")].value
        assert (cell is None) == np.isnan(s.value)
        assert cell is None or cell == as_written(s.value)


def _worked_out(sheet: Any, formula: str) -> float:
    """A formula of this workbook: sums of a range, or arithmetic of cells."""
    if total := re.fullmatch(r"=SUM\((\w+):(\w+)\)", formula):
        return sum(cell.value or 0.0 for row in sheet[f"{total[1]}:{total[2]}"] for cell in row)
    assert re.fullmatch(r"=[A-Z0-9+\-*/]+", formula)
    arithmetic = re.sub(r"[A-Z]+\d+", lambda m: repr(float(sheet[m[0]].value)), formula[1:])
    return float(eval(arithmetic, {"__builtins__": {}}))


def test_the_mass_budget_adds_up_to_the_launch_mass_and_the_payload(specified: SpecifiedDesign) -> None:
    from studies.presentation.specification.lander_tables import mass_budget

    rows = {row[0]: row for row in mass_budget(specified).table.rows}
    assert rows["payload that is left"][4] == pytest.approx(specified.column("payload"), rel=1e-9)
    assert rows["loaded propulsion system"][4] == pytest.approx(specified.column("propulsion_mass"), rel=1e-9)


def test_without_a_set_that_stands_the_sheets_show_todays_design_and_bind_nobody_to_it(finished: Any) -> None:
    import dataclasses

    bare = dataclasses.replace(finished[2], proposal=None)
    found = specification(bare)
    assert not any(isinstance(s, Statement) for s in found)
    specified = specified_design(bare)
    assert specified is not None
    assert not specified.required
    by_name = {s.identifier: s for s in found}
    assert " should " in by_name["PUMP-EFF-OX"].text
    assert by_name["PUMP-EFF-OX"].attributes.status == "TBC"
    book = workbook.requirements_workbook(bare, found)
    assert len(io.BytesIO(book).getvalue()) > 1000


def test_a_rationale_names_what_a_step_costs_and_a_limit_that_the_set_does_not_make(
    items: dict[str, Statement | Entry], specified: SpecifiedDesign
) -> None:
    for s in items.values():
        if s.attributes.status != "TBD" and s.attributes.parent:
            assert re.search(r"\bstep\b", s.rationale), (s.identifier, s.rationale)
    energy = f"{specified.column('electric_energy') / 3.6e6:.3g} kWh"
    of_the_set = [f"{items[name].value:.4g} k" for name in ("SET-POWER", "SET-ENERGY")]
    named = {"efficiency": energy, "mass": f"{specified.column('payload'):.0f} kg"}
    for s in (s for s in items.values() if isinstance(s, Statement)):
        kind = "efficiency" if "-EFF-" in s.identifier else "mass" if "-MASS-" in s.identifier else ""
        assert named.get(kind, "Protects") in s.rationale, s.rationale
        if kind:
            assert not any(one in s.rationale for one in of_the_set)


def test_a_step_costs_its_mass_with_growth_and_none_makes_landers_comply_more_often(
    requirements: Any, specified: SpecifiedDesign
) -> None:
    steps = requirements.steps
    drives = specified.design.drives
    assert drives is not None
    sets = drives.sets * (1.0 + drives.spares_per_set)
    for item in ("pumps", "motors", "inverters"):
        expected = -MASS_STEP * sets * (1.0 + specified.growth(item))
        assert steps[f"mass of {item}"].payload == pytest.approx(expected, rel=1e-12)
    for step in steps.values():
        assert step.payload < 0.0
        assert step.compliance.value <= 0.0
        assert step.limit is None or step.limit.output not in ("electric_power", "electric_energy")
    assert steps[SUPPLIED[0]].payload != steps[SUPPLIED[1]].payload


def test_each_pump_has_its_own_rationale(items: dict[str, Statement | Entry]) -> None:
    for s in items.values():
        if isinstance(s, Statement) and s.identifier.endswith("-OX"):
            assert s.rationale != items[s.identifier.removesuffix("OX") + "FU"].rationale


def test_part_load_is_required_where_a_burn_runs(
    items: dict[str, Statement | Entry], specified: SpecifiedDesign
) -> None:
    for pump, duty in zip(("OX", "FU"), specified.duties, strict=True):
        landing = duty[-1]
        s = items[f"PUMP-EFF-TERMINAL-{pump}"]
        assert landing.flow < 0.5 * specified.pumps[0].flow
        assert 0.0 <= landing.efficiency - s.value < 0.01  # to the digits of its test
        assert f"{1e3 * landing.flow:.4g} L/s" in s.text
    assert not any(re.search(r"% thrust", s.text) for s in items.values())


def test_every_value_has_a_reading_at_which_it_is_accepted(items: dict[str, Statement | Entry]) -> None:
    for s in items.values():
        if not np.isnan(s.value):
            low, high = accepted(s)
            assert low is not None or high is not None, s.identifier
    low, high = accepted(items["PUMP-FLOW-OX"])
    flow = as_written(items["PUMP-FLOW-OX"].value)
    assert (low, high) == pytest.approx((0.99 * flow, 1.01 * flow), rel=5e-3)
    assert accepted(items["PUMP-STARTS-OX"])[0] == items["PUMP-STARTS-OX"].value


def test_heritage_follows_from_what_is_known_of_an_item(items: dict[str, Statement | Entry]) -> None:
    of = {name: items[f"{name}-MASS-OX"].attributes for name in ("PUMP", "MOTOR", "INVERTER")}
    assert [a.category for a in of.values()] == ["D", "C", "C"]
    assert len({a.heritage for a in of.values()}) == 3
    for s in items.values():
        assert bool(s.attributes.category) == bool(s.attributes.heritage)


def test_a_number_without_unit_is_written_in_one_way(
    items: dict[str, Statement | Entry], specified: SpecifiedDesign
) -> None:
    from studies.presentation.specification.lander_tables import lander_table

    units = {s.unit for s in items.values() if not np.isnan(s.value)}
    units |= {str(row[2]) for row in lander_table(specified).rows}
    assert "-" in units
    assert not units & {"", "1"}


def test_suction_heads_stand_side_by_side_at_the_rated_point_and_in_every_burn(
    items: dict[str, Statement | Entry], specified: SpecifiedDesign
) -> None:
    from studies.presentation.specification.sheets import duty_table

    for k, pump in enumerate(("OX", "FU")):
        table = duty_table(specified, k)
        names = [c.name for c in table.columns]
        available, needed = names.index("suction head available"), names.index("needed")
        assert len(table.rows) == 1 + len(specified.duties[k])
        for row in table.rows:
            assert row[available] > row[needed] > 0.0
        assert table.rows[0][available] == pytest.approx(items[f"PUMP-NPSH-GIVEN-{pump}"].value, rel=PRINTED)


def test_all_helium_loaded_is_that_of_the_mass_budget(specified: SpecifiedDesign) -> None:
    from studies.presentation.specification.lander_tables import lander_table, mass_budget

    loaded = {row[0]: row[1] for row in lander_table(specified).rows if "helium" in str(row[0])}
    budget = next(row[1] for row in mass_budget(specified).table.rows if row[0] == "helium")
    assert float(str(loaded["helium loaded, all tanks"])) == pytest.approx(float(str(budget)), abs=0.006)
    assert "helium loaded, for the main tanks" in loaded


def test_a_pack_has_whole_cells(specified: SpecifiedDesign) -> None:
    from studies.presentation.specification.lander_tables import lander_table

    cells = [row[1] for row in lander_table(specified).rows if "battery" in str(row[0])]
    assert len(cells) == 2
    assert all(float(str(number)).is_integer() for number in cells)


def test_probabilities_are_written_to_the_digits_of_their_interval(
    finished: Any, items: dict[str, Statement | Entry]
) -> None:
    text = (finished[0] / "requirements.md").read_text()
    found = re.findall(r"(0\.\d+) \[0\.\d+, [01]\.\d+\] \(\d+ runs\)", text)
    assert found
    assert all(len(number) <= 5 for number in found)


def test_flow_sheet_and_histories_are_those_of_the_design_of_the_requirements(
    requirements: Any, items: dict[str, Statement | Entry], specified: SpecifiedDesign
) -> None:
    from studies.presentation.drawings.whole_design import specified_section

    chapter = specified_section(requirements)
    assert chapter is not None
    sheet = chapter.parts[0].svg
    for pump in ("OX", "FU"):
        flow, rise = items[f"PUMP-FLOW-{pump}"].value, items[f"PUMP-RISE-{pump}"].value
        assert f"{rise:.0f} bar, {flow:.2f} L/s" in sheet
    assert f"{specified.design.chamber_pressure / 1e5:.1f} bar, area ratio" in sheet
    assert any("histor" in part.name for part in chapter.parts)


def test_parameters_hold_power_and_energy_of_all_drives(
    requirements: Any, items: dict[str, Statement | Entry]
) -> None:
    table = workbook.parameters(requirements, list(items.values())).table
    rows = {row[0]: row for row in table.rows}
    assert {s.identifier for s in items.values() if isinstance(s, Statement)} == rows.keys()
    brief = {row[0]: row for row in quantities(requirements).rows}
    first_page = str(brief["electric power at both points"][1])
    for name, shown in (("SET-POWER", first_page), ("SET-ENERGY", "")):
        low, best, high, required = rows[name][2:6]
        assert (low, high) == (None, None)
        assert 0.0 < best < required == as_written(items[name].value)
        assert best == as_written(items[name].attributes.predicted)
        assert f"{best:.1f} kW" == shown or not shown


def test_each_number_that_is_a_probability_is_named_as_what_it_is(
    requirements: Any, items: dict[str, Statement | Entry], specified: SpecifiedDesign
) -> None:
    rows = dict(scope_table(requirements, specified, list(items.values())).rows)
    one = next(s for s in items.values() if isinstance(s, Statement))
    said = str(rows["what stands behind it"])
    assert f"Compliance under all requirements of the set: {one.probability:.2f}" in said
    assert f"wanted of the set {one.wanted:.2f}" in said
    assert "confidence of 0.9" in said
    for s in items.values():  # per cent is left to shares of flows, powers and energies
        assert not re.search(r"\b90 %", f"{s.text} {s.rationale}"), s.identifier
    for word in ("Compliance", "Wanted probability", "Confidence", "Probability of delivery", "Quantiles"):
        assert f"{word}:" in str(rows["probabilities"])


def test_margin_left_to_the_least_demanding_efficiency_is_that_of_the_margins(requirements: Any) -> None:
    """Both are ratios to the prediction, whatever today's estimate of it is."""
    row = next(r for r in quantities(requirements).rows if "efficiency at" in str(r[0]))
    chosen = {r.input: r.value for r in requirements.proposal.requirements}
    found = next(m for m in requirements.proposal.margins.margins if m.input == EFFICIENCY)
    share = 1.0 - found.threshold.value.value / chosen[EFFICIENCY]
    # where the frontier finds no least demanding value, nothing is left to it
    assert row[4] == ("" if np.isnan(share) else f"{round(100 * share)} %")
