"""How far surrogates of whole histories can be trusted: a table, what drives them, and one unseen lander."""

from __future__ import annotations

import numpy as np

from models.flight.mission import BURNS
from models.quantity import FloatArray
from studies.analysis import histories
from studies.analysis.histories import HISTORIES, Learned, Marches
from studies.case.case import Case
from studies.presentation.names_and_units import input_words
from uq.core.estimate import CONFIDENCE
from uq.core.table import Cell, Column, Table, header
from uq.report import design_figures
from uq.report.document import Figure, Section
from uq.sensitivity.shapley_kucherenko import shapley_effects
from uq.surrogates.derived_outputs import at_instants

TITLE = "Histories over all burns"
BASE = 512
"""Rows of the plan by which the effects on a score are found: the first drivers to one or two per cent."""
FOREMOST = 6
EVERY = 4
"""Of the instants of a burn one in so many is asked what moves it."""


def histories_section(case: Case, found: Marches, learned: dict[str, Learned]) -> Section:
    """Histories of electric power and state of charge: how well they are predicted, and what moves them.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    found : Marches
        Marched landers.
    learned : dict of str to Learned
        By the names of `histories.HISTORIES`.

    Returns
    -------
    Section
    """
    rows: list[tuple[Cell, ...]] = []
    for name, one in learned.items():
        judged = one.validation
        rows.append(
            (
                name,
                float(len(one.field.modes)),
                judged.pooled,
                float(np.nanmin(judged.q2)),
                judged.coverage,
                judged.joint_coverage,
                one.field.joint_factor() / one.field.factor(),
            )
        )
    first = next(iter(learned.values()))
    table = Table(
        "histories",
        f"Histories predicted, learned from {len(first.field.scores.x)} landers and judged on {first.tested} others",
        header(
            "history | components | share of variance explained, all instants | the least, one instant | "
            "points inside the 90 % band | whole histories inside the joint 90 % band | "
            "joint band over band of points:2"
        ),
        tuple(rows),
        (
            "The instants are 25 equal fractions of each of "
            f"{len(BURNS)} burns. Either band is made from {len(first.field.standardised)} landers more.",
        ),
    )
    return Section(
        TITLE,
        (
            "The electric-pump lander marched through its burns, its design that of the median lander and the pack "
            f"bought once ({found.pack:.1f} kg, what {histories.NEEDED:.0%} of the landers need); drives are sized for "
            "each. A history is the mean one and a few components, whose scores are what the surrogates predict.",
        ),
        (_figure(learned), table, _drivers(case, learned), *_over_time(case, learned)),
    )


def _drivers(case: Case, learned: dict[str, Learned]) -> Table:
    """Shapley effects on the scores, weighted by the scores' variances."""
    shares: dict[str, FloatArray] = {}
    for name, one in learned.items():
        effects = shapley_effects(one.field.scores, base=BASE)
        shares[name] = one.field.aggregated(
            [effects[n].effects for n in one.field.scores.problem.output_names]
        )
    order = np.argsort(-np.max(list(shares.values()), axis=0), kind="stable")[:FOREMOST]
    names = [i.name for i in case.inputs]
    return Table(
        "history-drivers",
        "What moves whole histories: share of the variance over all instants (Shapley effects)",
        (Column("input"), *(Column(name, "", 2) for name in shares)),
        tuple((input_words(case, names[j]), *(float(s[j]) for s in shares.values())) for j in order),
        ("Instants weighted by their variance: the effects on each component, weighted by the component's.",),
    )


def _over_time(case: Case, learned: dict[str, Learned]) -> tuple[Figure, Table]:
    """Shapley effects at instants of each burn, as areas, and as numbers with their intervals."""
    burns = len(BURNS)
    columns = []
    for history, one in learned.items():
        steps = one.field.times.size // burns
        places = (np.arange(burns)[:, None] * steps + np.arange(0, steps, EVERY)).ravel()
        asked = at_instants(one.field, places)
        effects = shapley_effects(asked, base=BASE)
        columns += [(history, k, effects[name]) for k, name in enumerate(asked.problem.output_names)]
    mean = {h: np.mean([e.effects for of, _, e in columns if of == h], axis=0) for h in learned}
    foremost = np.argsort(-np.max(list(mean.values()), axis=0), kind="stable")[:FOREMOST]
    names = [input_words(case, case.inputs[j].name) for j in foremost]
    width = len(columns) // len(learned) // burns
    panels = {}
    rows: list[tuple[Cell, ...]] = []
    for history in learned:
        of = [e for h, _, e in columns if h == history]
        shares = np.maximum([[e.effects[j] for j in foremost] for e in of], 0.0).T.reshape(
            len(names), burns, width
        )
        panels[history] = dict(zip(names, shares, strict=True))
        for k, e in enumerate(of):
            estimates = tuple(e.estimates.values())
            fraction = k % width / (width - 1)
            rows.append((history, BURNS[k // width], fraction, *(estimates[j] for j in foremost)))
    figure = design_figures.stacked_shares(
        "history-drivers-over-time",
        "What moves the histories, burn by burn: share of the variance at each instant (Shapley effects)",
        {f"{history},\nshare": shares for history, shares in panels.items()},
        np.linspace(0.0, 1.0, width),
        BURNS,
        label="burns, each stretched to the same width; white: all other inputs",
        alt=f"Areas one upon the other over the burns {', '.join(BURNS)}: the shares of {', '.join(names)} in the "
        f"variance of {' and of '.join(learned)}.",
    )
    table = Table(
        "history-drivers-over-time",
        "The same in numbers: share of the variance at an instant, with 90 % intervals",
        (*header("history | burn | fraction of the burn:2"), *(Column(n, "", 2) for n in names)),
        tuple(rows),
        (
            "An instant's share says nothing of how large its variance is; the table above weighs instants by theirs.",
        ),
        shown=2 * width,
        rest="instants",
    )
    return figure, table


def _figure(learned: dict[str, Learned]) -> Figure:
    """One lander that nothing was learned from: march and prediction with its joint band."""
    panels: dict[str, dict[str, FloatArray]] = {}
    bands: dict[str, tuple[FloatArray, FloatArray]] = {}
    labels = {
        "electric power": ("power, kW", 1e3, "power missed, W", 1.0),
        "state of charge": ("state of charge", 1.0, "charge missed, %", 0.01),
    }
    shape = len(BURNS), -1
    for name, one in learned.items():
        label, scale, error, fine = labels[name]
        said = one.field.predict(one.unseen[None])
        half = (one.field.joint_factor(CONFIDENCE) * said.std[0] / fine).reshape(shape)
        missed = ((one.marched - said.mean[0]) / fine).reshape(shape)
        panels[label] = {
            "predicted": (said.mean[0] / scale).reshape(shape),
            "marched": (one.marched / scale).reshape(shape),
        }
        panels[error] = {"march less prediction": missed}
        bands[error] = -half, half
    steps = next(iter(learned.values())).field.times.size // len(BURNS)
    fraction = np.broadcast_to(np.linspace(0.0, 60.0, steps), (len(BURNS), steps))
    return design_figures.histories(
        "history-bands",
        "One lander that nothing was learned from: march, prediction, and what lies between in the joint 90 % band",
        panels,
        fraction,
        BURNS,
        limits={},
        worst={},
        bands=bands,
        label="burns, each stretched to the same width",
        alt=f"{' and '.join(HISTORIES).capitalize()} over the burns {', '.join(BURNS)}; march and "
        "prediction lie on each other, below each what lies between them, in a narrow band about zero.",
    )
