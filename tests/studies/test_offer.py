"""An offer against a finished study: requirements met, missed or open, and the design simulated with the hardware."""

import json
from pathlib import Path

import pytest

from studies import cli
from studies.running import exit_codes
from studies.running.offer import answer, explore, offer, record, tables
from studies.running.output_folder import FolderError
from uq.requirements import read

GOOD = """[hardware.inverter]
points = [{ power = "5 kW", efficiency = "0.96" }]
mass = "0.2 kg"
uncertainty = "1 %"
source = "data sheet"
[hardware.motor]
points = [{ power = "5 kW", speed = "30000 rpm", efficiency = "0.90" }]
mass = "0.4 kg"
uncertainty = "1 %"
source = "data sheet"
[hardware.pump]
points = [{ flow = "1.1 L/s", rise = "22 bar", speed = "30000 rpm", efficiency = "0.93" }]
mass = "0.4 kg"
uncertainty = "1 %"
source = "data sheet"
"""
POOR = GOOD.replace('"0.2 kg"', '"9 kg"').replace('"0.4 kg"', '"9 kg"').replace('"0.93"', '"0.45"')


def written(folder: Path, text: str) -> Path:
    path = folder / "offer.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def good(finished, tmp_path_factory):
    """The good offer, judged once."""
    return offer(written(tmp_path_factory.mktemp("good"), GOOD), finished[0])


def test_better_hardware_meets_more_complies_more_often_and_carries_more(
    finished, good, tmp_path: Path
) -> None:
    folder = finished[0]
    poor = offer(written(tmp_path, POOR), folder)
    statements = read((folder / "requirements.json").read_text("utf-8"))
    assert [a.statement.identifier for a in good.answers] == [s.identifier for s in statements]
    assert good.today == poor.today
    assert good.offered.payload > good.today.payload > poor.offered.payload
    assert good.offered.compliance.low > poor.offered.compliance.high
    asked = {a.statement.input for a in good.answers} & {
        f"{kind}.{what}_multiplier"
        for kind, what in (
            ("pump", "efficiency"),
            ("inverter", "specific_power"),
            ("motor", "specific_power"),
        )
    }
    standing = {
        one: {a.statement.input: a.standing for a in one_offer.answers}
        for one, one_offer in (("good", good), ("poor", poor))
    }
    assert {standing["good"][name] for name in asked} <= {"met"}
    assert {standing["poor"][name] for name in asked} <= {"missed"}
    for term in poor.terms:
        assert term.outcome.compliance.value >= poor.offered.compliance.value
    assert "requirements met" in answer(poor)
    assert len(tables(poor)[0].rows) == len(statements)
    assert record(good)["offered"]["payload"] == good.offered.payload


def test_today_is_the_reports_and_the_offer_becomes_a_set_of_the_explorer(
    finished, good, tmp_path: Path
) -> None:
    folder, _, requirements = finished
    assert good.today.compliance == requirements.compliance.joint.estimate
    page = tmp_path / "with-offer.html"
    for _ in range(2):  # the second takes the place of the first
        explore(good, folder, page)
    text = page.read_text(encoding="utf-8")
    data = json.loads(text.partition('id="data">')[2].partition("</script>")[0])
    labels = [one["label"] for one in data["page"]["presets"]]
    assert labels == ["As designed", "The required set", "An offer"]
    last, c = data["page"]["presets"][-1], good.offered.compliance
    assert last["answers"]["complies"] == [c.value, c.low, c.high]
    assert {"pump.efficiency_multiplier", "motor.specific_power_multiplier"} <= last["settings"].keys()
    for name, (side, value) in last["settings"].items():
        assert (side, value) == ("exactly", good.values[name])
    (tmp_path / "none").mkdir()
    with pytest.raises(FolderError, match=r"explorer\.html"):
        explore(good, tmp_path / "none", page)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "hardware: is missing"),
        ('[lander]\npayload = { value = "1 kg", source = "x" }\n', "lander: does not belong in an offer"),
        (GOOD.replace("power =", "watts ="), "hardware.inverter.points[0].watts"),
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
        offer(written(tmp_path, GOOD), tmp_path)
