"""An offer against a finished study: requirements met, missed or open, and the design simulated with the hardware."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from studies import cli
from studies.analysis.accounts.offer import of_another_model
from studies.running import exit_codes
from studies.running.offer import answer, explore, offer, record, tables
from studies.running.output_folder import FolderError
from uq.requirements import Statement, read, read_entries

WEAK = """[hardware.pump]
points = [{ flow = "0.75 L/s", rise = "14 bar", speed = "25000 rpm", efficiency = "0.9" }]
mass = "0.78 kg"
uncertainty = "1 %"
source = "data sheet"
"""


def sheets(items: dict[str, Any], *, efficiency: float, mass: float) -> str:
    """Data sheets of hardware at the duty that is required: its efficiency and masses."""
    value = {name: s.value for name, s in items.items()}
    text = ""
    for pump, end in (("oxidiser_pump", "OX"), ("fuel_pump", "FU")):
        low = items[f"PUMP-EFF-TERMINAL-{end}"].text
        flow, rise = re.findall(r"([\d.]+) (?:L/s|bar)", low)[:2]
        rated, most = value[f"PUMP-FLOW-{end}"], 1.01 * value[f"PUMP-RISE-{end}"]
        text += f"""[hardware.{pump}]
points = [
  {{ flow = "{flow} L/s", rise = "{rise} bar", speed = "20000 rpm", efficiency = "{0.9 * efficiency}" }},
  {{ flow = "{rated} L/s", rise = "{most} bar", speed = "45000 rpm", efficiency = "{efficiency}" }},
]
at = {{ flow = "{rated} L/s" }}
mass = "{mass} kg"
uncertainty = "1 %"
source = "data sheet"
"""
    for kind, part in (("motor", ', speed = "30000 rpm"'), ("inverter", "")):
        text += f"""[hardware.{kind}]
points = [{{ power = "3 kW"{part}, efficiency = "0.93" }}, {{ power = "9 kW"{part}, efficiency = "0.95" }}]
at = {{ power = "5 kW" }}
mass = "{mass} kg"
uncertainty = "1 %"
source = "data sheet"
"""
    return text


def written(folder: Path, text: str) -> Path:
    path = folder / "offer.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def items(finished) -> dict[str, Any]:
    text = (finished[0] / "requirements.json").read_text("utf-8")
    return {s.identifier: s for s in (*read(text), *read_entries(text))}


@pytest.fixture(scope="module")
def good(finished, items, tmp_path_factory):
    """The good offer, judged once, with some statements besides its data sheets."""
    text = sheets(items, efficiency=0.93, mass=0.6)
    text += """[offered]
"PUMP-LIFE-OX" = { value = "2 h" }
"PUMP-STARTS-OX" = { value = "3", basis = "measured" }
"PUMP-NPSH-OX" = { value = "1 m", uncertainty = "10 %" }
"PUMP-SEALING-OX" = { value = true }
"PUMP-LEAK-OX" = { value = "1e-6 scc/s of helium" }
"""
    return offer(written(tmp_path_factory.mktemp("good"), text), finished[0])


def test_better_hardware_meets_more_complies_more_often_and_carries_more(
    finished, good, items, tmp_path: Path
) -> None:
    poor = offer(written(tmp_path, sheets(items, efficiency=0.45, mass=9.0)), finished[0])
    assert {a.item.identifier for a in good.answers} == items.keys()
    assert good.today == poor.today
    assert good.offered.payload > good.today.payload > poor.offered.payload
    assert good.offered.compliance.low > poor.offered.compliance.high
    of_sheets = [f"PUMP-{what}-{end}" for what in ("EFF", "MASS", "EFF-TERMINAL") for end in ("OX", "FU")]
    standing = {
        which: {a.item.identifier: a.standing for a in one.answers}
        for which, one in (("good", good), ("poor", poor))
    }
    assert {standing["good"][name] for name in of_sheets} == {"met"}
    offered = {a.item.identifier: a.offered for a in good.answers}
    assert {offered[f"{part}-MASS-OX"] for part in ("PUMP", "MOTOR", "INVERTER")} == {"0.6 kg"}
    binding = [
        name for name in of_sheets if " shall " in items[name].text
    ]  # else another value may be agreed
    assert {standing["poor"][name] for name in binding} == {"missed"}
    for term in poor.terms:
        assert term.outcome.compliance.value >= poor.offered.compliance.value
    assert "requirements met" in answer(poor)
    assert len(tables(poor)[0].rows) == len(items)
    assert record(good)["offered"]["payload"] == good.offered.payload


def test_every_datum_of_an_offer_is_held_against_its_rows_and_an_open_one_says_what_it_lacks(good) -> None:
    found = {a.item.identifier: a for a in good.answers}
    for name in (
        "PUMP-FLOW",
        "PUMP-RISE",
        "PUMP-SPEED",
        "MOTOR-MASS",
        "INVERTER-RATING",
        "DRIVE-INPUT",
    ):
        assert {found[f"{name}-{end}"].standing for end in ("OX", "FU")} == {"met"}, name
    for end in ("OX", "FU"):  # the cable's current is the inverter's alone, however good the pump
        assert found[f"DRIVE-CURRENT-RATING-{end}"].chance == pytest.approx(
            found[f"INVERTER-EFF-{end}"].chance
        )
    assert found["PUMP-LIFE-OX"].standing == "met"
    assert found["PUMP-STARTS-OX"].standing == "missed"
    assert found["PUMP-NPSH-OX"].standing == "met"
    assert found["PUMP-SEALING-OX"].standing == "met"
    assert (found["PUMP-LEAK-OX"].standing, found["PUMP-LEAK-OX"].offered) == ("open", "1e-6 scc/s of helium")
    assert found["SYS-WORKS"].chance is not None
    assert found["SET-ENERGY"].standing == "met"  # in the design of the set, not in one for better pumps
    for a in good.answers:
        assert (a.standing == "open") == bool(a.missing), a
    assert "PUMP-MEOP-OX" in found["PUMP-MEOP-OX"].missing


def test_a_pump_of_another_duty_misses_flow_and_rise_and_meets_nothing_there(
    finished, tmp_path: Path
) -> None:
    weak = offer(written(tmp_path, WEAK), finished[0])
    assert "flow or rise are missed" in answer(weak)
    found = {a.item.identifier: a for a in weak.answers}
    for end in ("OX", "FU"):
        assert found[f"PUMP-FLOW-{end}"].standing == "missed"
        assert found[f"PUMP-RISE-{end}"].standing == "missed"
        for name in ("PUMP-EFF", "PUMP-MASS"):
            assert found[f"{name}-{end}"].standing == "open"
            assert "0.75" in found[f"{name}-{end}"].missing
        assert found[f"MOTOR-MASS-{end}"].missing == "no motor is offered"


def test_today_is_the_reports_and_the_offer_becomes_a_set_of_the_explorer(
    finished, good, tmp_path: Path
) -> None:
    folder, _, requirements = finished
    assert good.today.compliance == requirements.compliance.joint.estimate
    assert not good.another_model
    assert "another version of the model" in answer(replace(good, another_model=True))
    page = tmp_path / "with-offer.html"
    for _ in range(2):  # the second takes the place of the first
        explore(good, folder, page)
    text = page.read_text(encoding="utf-8")
    data = json.loads(text.partition('id="data">')[2].partition("</script>")[0])
    labels = [one["label"] for one in data["page"]["presets"]]
    assert labels == ["As designed", "The required set", "An offer"]
    last, c = data["page"]["presets"][-1], good.offered.compliance
    assert last["answers"]["complies"] == [c.value, c.low, c.high]
    assert "motor.specific_power_multiplier" in last["settings"]
    for name, (side, value) in last["settings"].items():
        assert (side, value) == ("exactly", good.values[name])
    (tmp_path / "none").mkdir()
    with pytest.raises(FolderError, match=r"explorer\.html"):
        explore(good, tmp_path / "none", page)


def test_runs_of_another_version_of_the_model_are_known_by_it(items) -> None:
    statements = [s for s in items.values() if isinstance(s, Statement)]
    version = statements[0].evidence[0].version
    assert not of_another_model(statements, version.partition("|")[0])
    assert of_another_model(statements, f"x{version}")


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "hardware: is missing"),
        ('[lander]\npayload = { value = "1 kg", source = "x" }\n', "lander: does not belong in an offer"),
        (WEAK.replace("rise =", "height ="), "hardware.pump.points[0].height"),
        (WEAK + '[offered]\n"PUMP-LIVE-OX" = { value = "1 s" }\n', "offered.PUMP-LIVE-OX: is no requirement"),
        (WEAK + '[offered]\n"PUMP-LIFE-OX" = { value = "1 kg" }\n', "offered.PUMP-LIFE-OX.value"),
    ],
)
def test_a_wrong_offer_is_one_line(finished, tmp_path: Path, capsys, text: str, part: str) -> None:
    path = written(tmp_path, text)
    code = cli._guarded(["offer", str(path), "--study", str(finished[0])])
    out, err = capsys.readouterr()
    assert (code, out, err.count("\n")) == (exit_codes.INVALID_CASE, "", 1)
    assert "offer.toml" in err
    assert part in err


def test_a_folder_without_requirements_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="finished pump-requirements"):
        offer(written(tmp_path, WEAK), tmp_path)
