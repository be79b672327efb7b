"""Engines and hardware that exist: figures that the model then has, and measurements that narrow what is uncertain."""

from pathlib import Path

import numpy as np
import pytest

from models.architectures import comparison, electric_pump, off_the_shelf, pressure_fed
from models.components import inverter
from models.lander import Lander
from models.quantity import substitute
from studies.analysis.one_lander import asked
from studies.case.case import Case, load
from studies.case.toml_file import CaseError
from uq.core.distributions import LogNormal

CASE = 'name = "mine"\ntitle = "Mine"\nextends = "series3.toml"\n'
ENGINE = """[engine]
chamber_pressure = "9.5 bar"
area_ratio = "165"
specific_impulse = "318 s"
mass = "16 kg"
inlet_pressure = "15 bar"
length = "1.1 m"
source = "the maker's data"
"""
PUMP = """[hardware.pump]
points = [
  { flow = "1.0 L/s", rise = "20 bar", speed = "30000 rpm", efficiency = "0.62" },
  { flow = "1.2 L/s", rise = "20 bar", speed = "30000 rpm", efficiency = "0.66" },
]
at = { flow = "1.1 L/s" }
mass = "1.5 kg"
uncertainty = "2 %"
source = "data sheet"
"""
SOLVED = 1e-4
"""Relative: slopes of efficiency and lines stay uncertain, and their medians differ from the model's defaults."""


def case_of(folder: Path, text: str) -> Case:
    path = folder / "mine.toml"
    path.write_text(CASE + text, encoding="utf-8")
    return load(path)


def test_an_engine_that_exists_has_its_figures_in_both_architectures(tmp_path: Path) -> None:
    case = case_of(tmp_path, ENGINE)
    for best in asked(case, {}).bests.values():
        s = best.sizing
        assert (float(s.chamber_pressure[0]), float(s.area_ratio[0])) == (9.5e5, 165.0)
        assert float(s.specific_impulse[0]) == pytest.approx(318.0, rel=SOLVED)
        assert float(s.masses["engines"][0]) == pytest.approx(3 * 16.0, rel=SOLVED)
        assert float(s.propulsion.engine_length[0]) == pytest.approx(1.1, rel=SOLVED)
    assert "thrust_chamber.efficiency" not in {i.name for i in case.inputs}
    columns = comparison.compare(case.baseline())
    assert columns["status"][0] == 0
    assert np.isfinite([values[0] for values in columns.values()]).all()
    assert columns["regenerative_advantage"][0] == 0.0


def test_a_ratio_may_be_a_plain_number_and_a_quantity_without_its_unit_is_refused_with_it(
    tmp_path: Path,
) -> None:
    plain = ENGINE.replace('"165"', "165") + "mixture_ratio = 1.7\n"
    lander = case_of(tmp_path, plain).lander
    assert (lander.engine.area_ratio, lander.mixture_ratio) == (165.0, 1.7)
    with pytest.raises(CaseError, match=r'engine\.mass: .16. has no unit; write "16 kg"'):
        case_of(tmp_path, ENGINE.replace('"16 kg"', "16"))
    with pytest.raises(CaseError, match=r"engine\.area_ratio: must be text in quotes"):
        case_of(tmp_path, ENGINE.replace('"165"', "true"))


def test_an_engine_of_one_architecture_leaves_the_other_its_own(tmp_path: Path) -> None:
    text = '[engine]\nchamber_pressure = "9.5 bar"\narea_ratio = "165"\nsource = "x"\n'
    text += 'architectures = ["pressure_fed"]\n'
    lander = case_of(tmp_path, text).baseline()
    assert comparison.given_engine(pressure_fed, lander) == {"chamber_pressure": 9.5e5, "area_ratio": 165.0}
    assert comparison.given_engine(electric_pump, lander) == {}
    assert off_the_shelf.point(lander)[:2] == (9.5e5, 165.0)
    assert off_the_shelf.point(Lander()) == (9e5, 150.0, 16e5)


def test_figures_of_an_engine_of_one_architecture_are_its_own_alone(tmp_path: Path) -> None:
    text = ENGINE + 'mixture_ratio = "1.7"\narchitectures = ["electric_pump"]\n'
    case, plain = case_of(tmp_path, text), load("series3")
    assert {i.name for i in case.inputs} == {
        i.name for i in plain.inputs
    }  # the other keeps what is uncertain
    pumped = comparison.size(electric_pump, case.baseline()).sizing
    assert float(pumped.specific_impulse[0]) == pytest.approx(318.0, rel=SOLVED)
    assert float(pumped.masses["engines"][0]) == pytest.approx(3 * 16.0, rel=SOLVED)
    fed = [comparison.size(pressure_fed, one.baseline()).sizing.payload[0] for one in (case, plain)]
    assert fed[0] == fed[1]


def test_each_pump_may_be_given_alone_and_leaves_the_other_as_predicted(tmp_path: Path) -> None:
    plain = load("series3")
    own, shared = "oxidiser_pump.efficiency_multiplier", "pump.efficiency_multiplier"
    case = case_of(tmp_path, PUMP.replace("hardware.pump", "hardware.oxidiser_pump"))
    laws = {i.name: i.distribution for i in case.inputs}
    assert laws[shared] == next(i.distribution for i in plain.inputs if i.name == shared)
    assert float(laws[own].ppf(0.5)) == pytest.approx(case.hardware[own].value)
    drives = [comparison.size(electric_pump, one.baseline()).sizing.drives.rated for one in (plain, case)]
    ratio = [each.pump.efficiency / each.pump.predicted_efficiency for each in drives[1]]
    assert ratio == pytest.approx([1.0, 1.0])
    for before, after, moves in zip(*drives, (True, False), strict=True):
        moved = abs(float(after.pump.efficiency[0] / before.pump.efficiency[0]) - 1.0)
        assert (moved > 0.01) == moves, moved
    both = PUMP.replace("hardware.pump", "hardware.oxidiser_pump") + PUMP.replace(
        "hardware.pump", "hardware.fuel_pump"
    )
    names = {i.name for i in case_of(tmp_path, both).inputs}
    assert {own, "fuel_pump.efficiency_multiplier"} <= names
    assert shared not in names


def test_the_given_engine_is_what_the_search_holds_fixed() -> None:
    engine = {"engine.chamber_pressure": 10e5, "engine.area_ratio": 100.0, "engine.in_electric_pump": 1.0}
    own = comparison.size(electric_pump, substitute(Lander(), engine)).sizing
    fixed = {"chamber_pressure": 10e5, "area_ratio": 100.0}
    held = comparison.size(electric_pump, Lander(), fixed=fixed).sizing
    assert own.payload[0] == held.payload[0]


def test_a_point_of_a_curve_replaces_the_prediction_at_its_own_duty(tmp_path: Path) -> None:
    plain, case = load("series3"), case_of(tmp_path, PUMP)
    found = case.hardware["pump.efficiency_multiplier"]
    ends = [
        case_of(tmp_path, PUMP.replace('at = { flow = "1.1 L/s" }', f'at = {{ flow = "{q} L/s" }}')).hardware[
            found.name
        ]
        for q in (1.0, 1.2)
    ]
    assert ends[0].value < found.value < ends[1].value
    before, after = (next(i.distribution for i in c.inputs if i.name == found.name) for c in (plain, case))
    assert float(after.ppf(0.5)) == pytest.approx(found.value, rel=0.01)
    width = [float(np.log(d.ppf(0.84) / d.ppf(0.16))) for d in (before, after)]
    assert width[1] < 0.25 * width[0]
    assert width[1] <= 2.0 * found.error


def test_a_pumps_mass_holds_its_installation_unless_the_sheet_is_of_the_bare_pump(tmp_path: Path) -> None:
    bare = PUMP.replace('mass = "1.5 kg"', 'mass = "1.0 kg"\ninstalled = false')  # 1.2 x 1.0 + 0.3 = 1.5 kg
    name = "pump.specific_power_multiplier"
    ratios = [case_of(tmp_path, text).hardware[name].value for text in (PUMP, bare)]
    assert ratios[0] == pytest.approx(ratios[1], rel=1e-12)


def test_an_inverter_as_predicted_has_multipliers_of_one(tmp_path: Path) -> None:
    kilowatts, own = 5e3, load("series3").lander.inverter
    text = (
        f'[hardware.inverter]\npoints = [{{ power = "5 kW", '
        f'efficiency = "{float(inverter.predicted_efficiency(kilowatts, own)):.9f}" }}]\n'
        f'mass = "{float(inverter.mass(kilowatts, own)):.9f} kg"\nuncertainty = "1 %"\nsource = "x"\n'
    )
    hardware = case_of(tmp_path, text).hardware
    assert [one.value for one in hardware.values()] == pytest.approx([1.0, 1.0], abs=1e-8)


def test_a_data_sheet_updates_the_laws_as_every_measurement_does(tmp_path: Path) -> None:
    text = PUMP.replace('mass = "1.5 kg"', 'mass = "0.8 kg"\ninstalled = false')
    plain, case = load("series3"), case_of(tmp_path, text)
    assert case.learned is not None
    assert case.before().inputs == plain.inputs
    name, t = "pump.specific_power_multiplier", 0.02
    prior, after = (next(i.distribution for i in c.inputs if i.name == name) for c in (plain, case))
    assert isinstance(prior, LogNormal)
    assert isinstance(after, LogNormal)
    variance, read = np.log(prior.factor) ** 2, np.log(case.hardware[name].value)
    gain = variance / (variance + t**2)
    assert np.log(after.median) == pytest.approx(gain * read, rel=1e-9)
    assert np.log(after.factor) ** 2 == pytest.approx((1.0 - gain) * variance, rel=1e-9)
    motor = next(i.distribution for i in case.inputs if i.name == "motor.specific_power_multiplier")
    spread = np.log(1.6)
    assert np.log(motor.median) == pytest.approx(
        0.5 * spread * np.sqrt(variance) * read / (variance + t**2), rel=1e-6
    )


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (ENGINE.replace('area_ratio = "165"\n', ""), ("engine.area_ratio", "is missing")),
        (
            ENGINE.replace("318 s", "400 s"),
            ("engine.specific_impulse", "outside what the model's engine can have"),
        ),
        (ENGINE.replace("9.5 bar", "9.5 kg"), ("engine.chamber_pressure", "cannot be converted")),
        (ENGINE + 'architectures = ["hybrid"]\n', ("engine.architectures",)),
        (ENGINE.replace("mass =", "masse ="), ("engine.masse", "did you mean 'mass'")),
        (ENGINE.replace("9.5 bar", "0 bar"), ("engine.chamber_pressure", "must be positive")),
        (ENGINE.replace('"165"', '"0"'), ("engine.area_ratio", "must be positive")),
        (PUMP.replace("1.2 L/s", "1.0 L/s"), ("hardware.pump.points[1]", "the duty of points[0]")),
        (PUMP.replace("30000 rpm", "1e30 rpm"), ("hardware.pump", "check its flow, rise")),
        (ENGINE + "x = " + "9" * 5000, ("more digits",)),
        (PUMP.replace("hardware.pump", "hardware.pmp"), ("hardware.pmp", "known: pump")),
        (
            PUMP + '[offered]\n"PUMP-LIFE-OX" = { value = "1 s" }\n',
            ("offered: belongs in an offer",),
        ),
        (
            PUMP.replace("hardware.pump", "hardware.fuel_pump") + 'propellant = "oxidiser"\n',
            ("hardware.fuel_pump.propellant", "leave it out"),
        ),
        (PUMP.replace(', speed = "30000 rpm"', ""), ("hardware.pump.points[0]", "lacks speed")),
        (PUMP.replace("1.5 kg", "0.2 kg"), ("hardware.pump.mass", "installed = false")),
        (
            '[hardware.inverter]\npoints = [{ power = "5 kW", efficiency = "0.9" }]\nuncertainty = "1 %"\n'
            'source = "x"\ninstalled = false\n',
            ("hardware.inverter.installed", "pumps alone"),
        ),
        (PUMP.replace('"0.62"', '"62"'), ("hardware.pump.points[0].efficiency", "below 1")),
        (PUMP.replace('"1.0 L/s"', '"-1.0 L/s"'), ("hardware.pump.points[0].flow", "positive")),
        (PUMP.replace("flow =", "head ="), ("hardware.pump.points[0].head", "it has flow")),
        (PUMP.replace('"2 %"', '"0 %"'), ("hardware.pump.uncertainty",)),
        (PUMP.replace('uncertainty = "2 %"\n', ""), ("hardware.pump.uncertainty", "is missing")),
        (
            PUMP.replace('at = { flow = "1.1 L/s" }', 'at = { flow = "9 L/s" }'),
            ("at.flow", "nothing was measured"),
        ),
        (PUMP.replace('"1.5 kg"', '"0 kg"'), ("hardware.pump.mass", "must be positive")),
        (PUMP.replace('"1.5 kg"', '"900 kg"'), ("hardware.pump", "check its flow, rise")),
        (
            "[hardware.battery]\npoints = [{}]\n" + 'uncertainty = "2 %"\nsource = "x"\n',
            ("points[0]", "is empty"),
        ),
    ],
)
def test_wrong_hardware_is_answered_with_file_key_and_remedy(
    tmp_path: Path, text: str, parts: tuple[str, ...]
) -> None:
    with pytest.raises(CaseError) as caught:
        case_of(tmp_path, text)
    message = str(caught.value)
    assert "\n" not in message
    for part in ("mine.toml", *parts):
        assert part in message, message
