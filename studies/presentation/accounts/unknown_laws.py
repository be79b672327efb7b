"""What if the laws of the inputs were wrong: a line, and a table of the chance of a gain under other laws."""

from __future__ import annotations

import numpy as np

from studies.analysis.accounts.unknown_laws import UnknownLaws
from studies.case.case import Case
from studies.presentation.names_and_units import input_words
from uq.core.estimate import Estimate
from uq.core.table import Cell, Table, header
from uq.propagation.copula_robustness import CopulaRobustness
from uq.propagation.law_robustness import LawRobustness, Perturbation
from uq.propagation.p_box import DECIDED, PBox
from uq.report.document import Section

SHOWN = 8


def laws_section(case: Case, found: UnknownLaws) -> Section:
    """The chance of a gain were the laws others, and over all lack of knowledge.

    Parameters
    ----------
    case : Case
        The lander, its inputs, limits and decisions.
    found : UnknownLaws
        Weighted landers, and the two layers.

    Returns
    -------
    Section
    """
    tables = () if isinstance(found.laws, str) else (_table(case, found.laws),)
    if not isinstance(found.copulas, str):
        tables = (*tables, _copulas(case, found.copulas))
    return Section(
        "If the laws were wrong",
        (
            f"If the laws were wrong: {_shift(case, found.laws)}; {_range(found)}.",
            *_dependence(case, found.copulas),
            *_layers(case, found),
        ),
        tables,
    )


def _shift(case: Case, laws: LawRobustness | str) -> str:
    if isinstance(laws, str):
        return f"no answer for a shifted mean ({laws})"
    most = laws.foremost().input
    ends = [p for p in laws.perturbations if p.input == most and not p.reason]
    moved = " or ".join(
        f"to {_percent(p.chance)} ({'less' if '-' in p.change else 'more'} of it)" for p in ends
    )
    return (
        f"shifting the mean of {input_words(case, most)} by one standard deviation changes the chance of a gain from "
        f"{_percent(laws.chance)} {moved}"
    )


def _range(found: UnknownLaws) -> str:
    box = found.box
    if isinstance(box, str):
        return f"no answer over lack of knowledge ({box})"
    low, high = np.quantile(box.chances, (0.05, 0.95))
    return (
        f"over all lack of knowledge the chance of a gain lies between {_percent(box.chance[0])} and "
        f"{_percent(box.chance[1])}, in nine of ten states of it between {low:.0%} and {high:.0%}"
    )


def _dependence(case: Case, copulas: CopulaRobustness | str) -> tuple[str, ...]:
    """The chance under other copulas, and what readings have left of the dependence."""
    said = []
    if not isinstance(copulas, str):
        chances = [one.chance for one in copulas.others]
        low, high = (f(chances, key=lambda chance: chance.value) for f in (min, max))
        names = "; ".join(one.copula for one in copulas.others)
        said.append(
            f"If correlated inputs were joined otherwise, as strongly ({names}), the chance of a gain would be "
            f"{_fine(low)} to {_fine(high)}; as stated it is {_fine(copulas.chance)}, at the same points through the "
            "surrogate."
        )
    for columns, copula in case.uncertain.copulas:
        joined = ", ".join(input_words(case, case.inputs[j].name) for j in columns)
        said.append(
            f"Readings leave {joined} joined otherwise than a correlation says: {copula}. The explorer, which draws by "
            "correlations, is left out."
        )
    return tuple(said)


def _fine(chance: Estimate) -> str:
    return f"{chance.value:.1%}"


def _copulas(case: Case, copulas: CopulaRobustness) -> Table:
    """Mean gain and chance of one under each copula."""
    rows: list[tuple[Cell, ...]] = [("as stated (Gaussian)", copulas.chance, copulas.mean, None, None)]
    rows += [(one.copula, one.chance, one.mean, one.chance_change, one.mean_change) for one in copulas.others]
    kept = ", ".join(input_words(case, name) for name in copulas.kept)
    return Table(
        "other-copulas",
        "Payload gain where correlated inputs have another copula of the same Kendall's tau",
        header("copula | chance of a gain | mean gain [kg] | change of chance | change of mean [kg]"),
        tuple(rows),
        (
            "The same points of the unit cube for all, through the surrogate; intervals are those of eight scrambles.",
            *(
                (f"Under Clayton's copula {kept} keep their correlation: their pairs differ.",)
                if kept
                else ()
            ),
        ),
    )


def _layers(case: Case, found: UnknownLaws) -> tuple[str, ...]:
    box = found.box
    if isinstance(box, str):
        return ()
    gain, none, undecided = box.shares()
    names = ", ".join(input_words(case, name) for name in box.aleatory)
    by_runs = " and ".join("no design" if c is None else _percent(c) for c in found.confirmed)
    return (
        f"In {gain:.0%} of the states of knowledge the chance of a gain is {DECIDED:.0%} or more, in {none:.0%} "
        f"{1.0 - DECIDED:.0%} or less, in {undecided:.0%} scatter decides; on average it is {box.average:.0%}.",
        f"What scatters from flight to flight: {names}. All others ({len(box.epistemic)}) are lack of knowledge "
        f"(nature in the case file), each over the central {box.coverage:.0%} of its law: {len(box.chances)} states "
        "and two corners, through the surrogate, whose error the brackets hold.",
        f"At the least and at the largest chance {found.runs} landers each, sized by the model, gain with a chance "
        f"of {by_runs}{_contradiction(box, found.confirmed)}.",
    )


def _contradiction(box: PBox, confirmed: tuple[Estimate | None, Estimate | None]) -> str:
    """What follows where the sizing model and the surrogate exclude each other."""
    known = [(said, run) for said, run in zip(box.chance, confirmed, strict=True) if run is not None]
    if all(said.low <= run.high and run.low <= said.high for said, run in known):
        return ""
    return ", against the surrogate: its range is not to be relied upon, size more landers"


def _table(case: Case, laws: LawRobustness) -> Table:
    """One row an input, the one that moves the chance furthest first."""
    by_input: dict[str, list[Perturbation]] = {}
    for p in laws.perturbations:
        by_input.setdefault(p.input, []).append(p)

    def moved(name: str) -> float:
        known = [abs(p.chance_change.value) for p in by_input[name] if not p.reason]
        return max(known, default=0.0)

    rows: list[tuple[Cell, ...]] = []
    for name in sorted(by_input, key=moved, reverse=True):
        low, high = by_input[name]
        cells = [None if p.reason else c for p in (low, high) for c in (p.chance, p.mean)]
        effective = float(round(min(low.effective, high.effective)))
        few = "too few effective landers"
        remark = "; ".join(sorted({few if p.effective else p.reason for p in (low, high) if p.reason}))
        nature = "scatter" if name in case.scatter else "lack of knowledge"
        rows.append((input_words(case, name), nature, *cells, effective, remark))
    return Table(
        "other-laws",
        "Payload gain where the mean of one input lies a standard deviation lower, or higher",
        header(
            "input | nature | chance of a gain, lower | mean gain, lower [kg] | "
            "chance of a gain, higher | mean gain, higher [kg] | effective landers | remark"
        ),
        tuple(rows),
        (
            f"As the laws are stated: chance {_percent(laws.chance)}, mean {laws.mean.value:.3g} kg.",
            f"The {laws.rows} sized landers with a design, weighted to the nearest law with that mean "
            "(Kullback-Leibler divergence; of an unbounded law, that of its normal germ). Correlated inputs follow.",
        ),
        shown=SHOWN,
        rest="inputs move the chance less",
    )


def _percent(chance: Estimate) -> str:
    """A chance with its interval, in whole percent."""
    return f"{chance.value:.0%} [{chance.low:.0%}, {chance.high:.0%}]"
