"""Confirmation by fresh true runs, retraining where a claim falls, and requirements that lead back to their
runs."""

from __future__ import annotations

import csv
import dataclasses
import io

import numpy as np
import pytest
from requirement_problems import Linear, Shifted

from uq.core.dataset import Dataset
from uq.requirements import (
    Limit,
    Question,
    Requirement,
    Shown,
    Verified,
    check,
    compliance,
    confirm,
    confirm_and_retrain,
    draw,
    read,
    statement,
    to_csv,
    to_json,
    to_markdown,
    write,
)

LINEAR = Linear()
GAIN = Limit("y", low=18.0)
AT = Requirement("x0", low=9.5)
BOTH = (AT, Requirement("x1", low=4.0))


def claims(sample):
    given = [(), (AT,), BOTH, (Verified("x1", 6.0, 0.5),)]
    return [compliance(Question(sample, [GAIN], wanted=0.85, given=conditions)) for conditions in given]


@pytest.fixture(scope="module")
def confirmed():
    return confirm(LINEAR.problem, claims(draw(LINEAR.problem)), rows=800, shared=1000)


def test_fresh_runs_confirm_true_claims_and_are_shared(confirmed):
    assert confirmed.agrees
    assert max(item.distance for item in confirmed.items) < 1.3
    assert all(item.runs >= 800 for item in confirmed.items)
    assert confirmed.runs < sum(item.runs for item in confirmed.items)
    assert confirmed.items[1].fresh.estimate.holds(LINEAR.compliance(18.0, 0, 9.5))
    assert confirmed.items[3].fresh.estimate.holds(LINEAR.verified(18.0, 1, 6.0, 0.5))


def test_confirmation_under_dependent_requirements_is_unbiased():
    claim = compliance(Question(draw(LINEAR.problem, 2**16), [GAIN], given=BOTH))
    found = confirm(LINEAR.problem, [claim], rows=40_000)
    assert found.items[0].fresh.probability == pytest.approx(
        claim.probability, abs=4 * np.sqrt(0.25 / 40_000)
    )


def test_confirmation_is_the_same_twice(confirmed):
    again = confirm(LINEAR.problem, claims(draw(LINEAR.problem)), rows=800, shared=1000)
    assert [i.fresh for i in again.items] == [i.fresh for i in confirmed.items]


def test_a_false_claim_falls_and_retraining_settles_it():
    wrong = draw(Shifted.of(LINEAR, 2.0, 0.01))

    def retrain(batches):
        seen = np.concatenate([b["y"] for b in batches])
        guess = np.concatenate([Shifted.of(LINEAR, 2.0, 0.01).predict(b.x).mean[:, 0] for b in batches])
        return Shifted.of(LINEAR, 2.0 - float(np.mean(guess - seen)), 0.01)

    agreed = confirm_and_retrain(LINEAR.problem, wrong, claims=claims, retrain=retrain)
    assert agreed.agrees
    assert agreed.rounds == 2
    stubborn = confirm_and_retrain(
        LINEAR.problem, wrong, claims=claims, retrain=lambda _: wrong.model, max_rounds=1
    )
    assert not stubborn.agrees
    assert "DOES NOT STAND" in str(stubborn)


def test_a_sized_design_is_confirmed_at_its_required_value():
    from uq.core.distributions import Uniform
    from uq.core.problem import Input, Output, Problem

    problem = Problem(
        (
            Input("truth", "1", Uniform(0.0, 1.0), role="requirement"),
            Input("sized", "1", Uniform(0.0, 1.0), role="design"),
        ),
        (Output("shortfall"),),
        lambda c: {"shortfall": c["sized"] - c["truth"]},
        version="1",
    )
    conditions = Requirement("truth", low=0.8, design="sized")
    sample, limits = draw(problem, 4096), [Limit("shortfall", high=-0.1)]
    chosen = compliance(Question(sample, limits, given=[Verified("sized", 0.3)]))
    assert chosen.probability == pytest.approx(0.6, abs=0.01)
    claim = compliance(Question(sample, limits, wanted=0.45, given=[conditions]))
    found = confirm(problem, [claim, chosen], rows=2000)
    assert found.items[0].fresh.probability == pytest.approx(0.5, abs=0.05)
    assert found.agrees
    about = {"identifier": "P", "margin": 0.0, "rationale": "", "datasets": ["a", "b"]}
    one = statement(found, 0, text="It shall be at least {value}.", requirement=conditions, **about)
    batches = dict(zip(["a", "b"], found.batches, strict=True))
    assert check([one], batches.__getitem__).holds
    other = dataclasses.replace(one, conditions=({**one.conditions[0], "low": 0.7},))
    assert not check([other], batches.__getitem__).holds


@pytest.fixture
def written(confirmed, tmp_path):
    names = []
    for k, batch in enumerate(confirmed.batches):
        batch.save(tmp_path / f"batch{k}")
        names.append(f"batch{k}")
    one = statement(
        confirmed,
        1,
        identifier="PUMP-001",
        text="The pump shall have x0 of at least {value} {unit} at rated flow.",
        requirement=AT,
        margin=0.3,
        rationale="cheapest | first",
        datasets=names,
    )
    return one, tmp_path


def load_from(folder):
    return lambda name: Dataset.load(folder / name)


def test_requirements_survive_the_way_out_and_back(written):
    one, folder = written
    assert read(to_json([one])) == (one,)
    assert "shall have x0 of at least 9.5 kg" in to_markdown([one])
    assert "cheapest \\| first" in to_markdown([one])
    assert to_markdown([]) == "Nothing is required.\n"
    assert to_csv([one]).count("\n") == 2
    row = next(
        csv.DictReader(io.StringIO(to_csv([dataclasses.replace(one, rationale="-1+cmd|'!A0", mode="")])))
    )
    assert (row["scenario"], row["rationale"], row["margin"]) == ("", "'-1+cmd|'!A0", "0.3")
    write([one], folder)
    assert {p.name for p in folder.glob("requirements.*")} == {
        "requirements.csv",
        "requirements.json",
        "requirements.md",
    }


def test_a_limit_of_the_claim_makes_a_sentence_in_its_own_unit(confirmed):
    limit = confirmed.items[1].claimed.limits[0]
    one = statement(
        confirmed,
        1,
        identifier="GAIN",
        text="The gain shall be at least {value} {unit} over the profile.",
        requirement=limit,
        margin=np.nan,
        rationale="",
        datasets=[f"batch{k}" for k in range(len(confirmed.batches))],
        shown=Shown("g", 1e-3),
    )
    assert (one.input, one.side, one.unit) == (limit.output, "at least", "g")
    assert one.value == pytest.approx(1e3 * limit.low)
    back = read(to_json([one]))[0]
    assert np.isnan(back.margin)
    assert dataclasses.replace(back, margin=0.0) == dataclasses.replace(one, margin=0.0)
    batches = {f"batch{k}": batch for k, batch in enumerate(confirmed.batches)}
    assert check([one], batches.__getitem__).holds


def test_a_requirement_is_traced_back_to_its_rows_seed_and_version(written):
    one, folder = written
    found = check([one], load_from(folder), version="1")
    assert found.holds
    assert found.items[0].probability == pytest.approx(one.probability, abs=1e-12)
    assert "seed" in str(found)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"probability": 0.99}, "is stated"),
        ({"runs": 7}, "7 are stated"),
        ({"value": 9.7}, "does not name its value"),
        (
            {"conditions": ({"name": "x0", "low": 11.0, "high": None, "design": ""},)},
            "outside of what is required",
        ),
        ({"limits": ({"name": "y", "low": 25.0, "high": None},)}, "the runs give"),
    ],
)
def test_a_changed_requirement_is_found_out(written, change, fault):
    one, folder = written
    found = check([dataclasses.replace(one, **change)], load_from(folder))
    assert not found.holds
    assert fault in str(found)


def test_changed_or_lost_runs_and_another_version_are_found_out(written):
    one, folder = written
    assert "today's is 2" in str(check([one], load_from(folder), version="2"))
    assert "cannot be read" in str(check([one], load_from(folder / "nowhere")))

    def forged(name):
        data = Dataset.load(folder / name)
        return Dataset.from_arrays(data.x, data.y + 1.0, problem=data.problem, status=data.status)

    assert "other hash" in str(check([one], forged))


def test_no_statement_is_made_of_a_claim_that_falls(confirmed):
    lie = dataclasses.replace(confirmed.items[1].claimed, probability=0.999, interval=(0.998, 0.9995))
    found = confirm(LINEAR.problem, [lie], rows=600)
    assert not found.agrees
    about = {"identifier": "P", "requirement": AT, "margin": 0.0, "rationale": "", "datasets": ["a"]}
    with pytest.raises(ValueError, match="does not stand"):
        statement(found, 0, text="It shall be {value}.", **about)
    with pytest.raises(ValueError, match="'shall'"):
        statement(
            confirmed,
            1,
            text="x0 is {value} {unit}.",
            **{**about, "datasets": ["b"] * len(confirmed.batches)},
        )
    with pytest.raises(ValueError, match=r"without its unit, kg; write '\{value\} \{unit\}'"):
        statement(
            confirmed,
            1,
            text="It shall be at least {value}.",
            **{**about, "datasets": ["b"] * len(confirmed.batches)},
        )
    with pytest.raises(ValueError, match="format 1 of the requirements is not 5"):
        read('{"format": 1}')
    with pytest.raises(ValueError, match="not requirements"):
        read('{"format": 5}')


def short_of(wanted, confirmed, item=1):
    """The confirmations as if `wanted` had been asked for."""
    one = confirmed.items[item]
    claimed, fresh = (dataclasses.replace(verdict, wanted=wanted) for verdict in (one.claimed, one.fresh))
    return dataclasses.replace(confirmed, items=(dataclasses.replace(one, claimed=claimed, fresh=fresh),))


def test_no_statement_is_made_where_fresh_runs_fall_short_though_the_claim_stands(confirmed):
    fresh = confirmed.items[1].fresh
    about = {
        "identifier": "P",
        "text": "It shall be {value} {unit}.",
        "requirement": AT,
        "margin": 0.0,
        "datasets": ["b"] * len(confirmed.batches),
    }
    low, high = fresh.interval
    for wanted, said in ((low - 1e-6, "show that"), (0.5 * (low + high), "leave open whether")):
        one = statement(short_of(wanted, confirmed), 0, rationale="Least.", **about)
        assert one.rationale == (
            f"Least. Fresh runs {said} the compliance that is wanted of the whole set, {wanted:g}, is reached."
        )
    missed = short_of(high + 1e-6, confirmed)
    assert missed.stands(0)
    with pytest.raises(ValueError, match="short of the wanted"):
        statement(missed, 0, rationale="Least.", **about)
