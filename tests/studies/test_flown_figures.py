"""Flown figures are those of the tables, and a design outside them is said to be."""

import csv
import dataclasses
from pathlib import Path

import pytest

from models.architectures import comparison, pressure_fed
from studies.analysis.published import flown_figures
from studies.analysis.published.flown_figures import against_flown
from studies.case import load

HARDWARE = Path(__file__).parents[1] / "reference" / "hardware"


def rows(name: str) -> list[dict[str, str]]:
    with (HARDWARE / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def close(text: str, value: float) -> bool:
    return bool(text) and float(text) == pytest.approx(value, rel=5e-3)


def test_every_engine_is_a_row_of_the_table() -> None:
    table = rows("engines")
    for name, thrust, ratio, impulse in flown_figures.ENGINES:
        assert any(
            close(row["thrust_kN"], thrust)
            and close(row["area_ratio"], ratio)
            and close(row["Isp_s"], impulse)
            for row in table
        ), name
    for name, thrust, impulse in flown_figures.IMPULSES:
        assert any(close(row["thrust_kN"], thrust) and close(row["Isp_s"], impulse) for row in table), name
    for name, thrust, length, diameter in flown_figures.LENGTHS:
        assert any(
            close(row["length_m"], length)
            and close(row["exit_diameter_m"], diameter)
            and close(row["thrust_kN"], thrust)
            for row in table
        ), name


def test_every_tank_and_lander_is_a_row_of_its_table() -> None:
    for name, volume, mass in flown_figures.TANKS:
        assert any(close(row["volume_L"], volume) and close(row["mass_kg"], mass) for row in rows("tanks")), (
            name
        )
    shares = [
        float(row["dry_kg"]) / float(row["wet_kg"])
        for row in rows("landers")
        if row["dry_kg"] and row["wet_kg"]
    ]
    for name, share in flown_figures.DRY_SHARES:
        assert any(share == pytest.approx(one, rel=5e-3) for one in shares), name


def test_every_helium_share_is_a_row_of_its_table() -> None:
    shares = [float(row["helium_lb"]) / float(row["propellant_lb"]) for row in rows("helium")]
    assert [share for _, share in flown_figures.HELIUM_SHARES] == pytest.approx(shares, rel=1e-12)


def test_a_design_is_inside_or_outside_and_says_of_what() -> None:
    lander = load("series3").baseline()
    sizing = comparison.size(pressure_fed, lander).sizing
    found = {figure.name: figure for figure in against_flown(lander, sizing)}
    assert found["specific impulse"].verdict == "inside"
    assert found["area ratio"].verdict == "inside"
    assert found["dry share"].verdict == "inside"
    assert "SLIM" in found["dry share"].rows
    assert (
        found["helium over propellant"].verdict == "outside"
    )  # 11 bar and coasts between burns: less than Apollo's
    assert "Apollo LM descent stage" in found["helium over propellant"].rows
    poor = dataclasses.replace(sizing, specific_impulse=sizing.specific_impulse - 60.0)
    assert next(iter(against_flown(lander, poor))).verdict == "outside"


@pytest.mark.parametrize("name", ["large", "check"])
def test_the_largest_pressure_fed_optima_have_impulse_and_area_ratio_of_flown_engines_of_their_class(name):
    """Nearest to the edge; the approved report of validation holds all five."""
    lander = load(name).baseline()
    found = {f.name: f for f in against_flown(lander, comparison.size(pressure_fed, lander).sizing)}
    for figure in ("specific impulse", "area ratio", "engine length over root of thrust"):
        assert found[figure].verdict == "inside", figure
