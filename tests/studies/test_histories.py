"""Histories and flow sheets of a design: the numbers of the march, drawn."""

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from models.architectures import comparison, electric_pump, pressure_fed
from models.flight.mission import BURNS
from studies.case import load
from studies.presentation.drawings.histories import columns, history, history_figure, history_table
from studies.presentation.drawings.schematic import schematic

LANDER = load("large").baseline()


@pytest.fixture(scope="module", params=[electric_pump, pressure_fed], ids=["pump", "pressure"])
def best(request):
    return comparison.size(request.param, LANDER)


def test_histories_are_those_of_the_march_and_agree_with_the_sizing(best):
    timeline = history(best, best.lander)
    found = {name: values for (name, _), values in columns(best, best.lander, timeline).items()}
    assert found["thrust of all main engines"][1] == pytest.approx(float(best.sizing.thrust[0]) / 1e3)
    burnt = found["mass"][0, 0] - found["mass"][-1, -1]
    flow = found["oxidiser flow"] + found["fuel flow"]
    time = np.asarray(timeline.time).reshape(*np.shape(timeline.time)[:2], -1)[:, :, 0]
    main = np.trapezoid(flow, time, axis=1).sum()
    # thrusters and what leaves between the burns make the rest
    assert main < burnt < 1.2 * main
    if best.sizing.drives is None:
        assert "state of charge" not in found
    else:
        full = float(best.sizing.electric_power[0]) / 1e3
        assert found["electric power of the pumps"].max() == pytest.approx(full, rel=0.05)


def test_the_table_has_a_row_for_every_step_and_the_figure_says_what_it_shows(best):
    timeline = history(best, best.lander)
    table = history_table(best, best.lander, timeline)
    assert len(table.rows) == timeline.time.shape[0] * timeline.time.shape[1]
    assert [row[0] for row in table.rows[:: timeline.time.shape[1]]] == list(BURNS)
    figure = history_figure(best, best.lander, timeline)
    ElementTree.fromstring(figure.svg)
    assert "bottle pressure" in figure.alt
    # a limit says what it limits: inverters have none and share no panel with the battery's
    named = ("battery: highest allowed", "windings of both motors: highest allowed", "inverters (no limit")
    assert all((words in figure.svg) == (best.sizing.drives is not None) for words in named)


def test_a_flow_sheet_draws_an_engine_for_each_and_escapes_its_words(best):
    figure = schematic(best, name="sheet", title="Flow sheet")
    root = ElementTree.fromstring(figure.svg)
    text = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert any(words.startswith("3 engines of 5.00 kN") for words in text)
    assert ("motor" in text) == (best.sizing.drives is not None)
